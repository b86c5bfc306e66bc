"""Making lists of whom to follow, ordering them, sharing them."""

import re
from itertools import chain, count
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.accounts.models import Account
from registry.audit import Somebody
from registry.db import db, now
from registry.lists.models import Audience, FollowEntry, FollowList
from registry.lists.queries import MOST
from registry.search import plain

MADE: Final = audit.declare("list.made", "{actor} began the list “{subject}”")
CHANGED: Final = audit.declare("list.changed", "{actor} changed {what} of the list “{subject}”", "what")
SHARED: Final = audit.declare("list.shared", "{actor} shared the list “{subject}” with {audience}", "audience")
ADDED: Final = audit.declare("list.account-added", "{actor} put {account} on the list “{subject}”", "account")
TAKEN_OFF: Final = audit.declare("list.account-removed", "{actor} took {account} off the list “{subject}”", "account")
DELETED: Final = audit.declare("list.deleted", "{actor} deleted the list “{subject}”")

#: Words that an address of this slice uses for itself.
RESERVED: Final = ("new",)
#: What a history page calls the fields that people change.
LABELS: Final = {"title": "the title", "topic": "the topic", "about": "the introduction"}
AUDIENCES: Final = {
    Audience.MAKER: "nobody but its maker and comms",
    Audience.COLLEAGUES: "all colleagues",
    Audience.EVERYONE: "everyone",
}


class ListIsFull(Exception):
    """There are thirty accounts on it: nobody follows more at once."""


class AlreadyOnTheList(Exception):
    """The account is on this list."""


def make(*, title: str, topic: str, about: str, audience: Audience, actor: Somebody) -> FollowList:
    """Begin a list; there is nothing on it yet. Who presses the button twice is given the one that they began."""
    words = {"title": title, "topic": topic, "about": about}
    if (begun := _begun(words, audience, actor)) is not None:
        return begun
    try:
        with db.session.begin_nested():
            made = _new(words, audience, actor)
    except IntegrityError:  # A colleague has made one with that word in its address this very moment.
        made = _new(words, audience, actor)
    _record(MADE, made, actor)
    if audience is not Audience.MAKER:
        _record(SHARED, made, actor, audience=AUDIENCES[audience])
    return made


def _begun(words: dict[str, str], audience: Audience, actor: Somebody) -> FollowList | None:
    """The same list, as long as nothing is on it."""
    on_it = sa.exists().where(FollowEntry.list_id == FollowList.id)
    same = sa.select(FollowList).filter_by(**words, audience=audience, maker_id=actor.id).where(~on_it)
    return db.session.scalar(same.order_by(FollowList.id).limit(1))


def _new(words: dict[str, str], audience: Audience, actor: Somebody) -> FollowList:
    at = now()
    made = FollowList(
        slug=_free_slug(words["title"]), **words, audience=audience, maker_id=actor.id, made_at=at, changed_at=at
    )
    db.session.add(made)
    db.session.flush()
    return made


def _free_slug(title: str) -> str:
    """A word for the address that no other list has; a title in another script gives none of its own."""
    stem = re.sub(r"[^a-z0-9]+", "-", plain(title)).strip("-")[:60].rstrip("-") or "list"
    taken = set(db.session.scalars(sa.select(FollowList.slug).where(FollowList.slug.startswith(stem)))) | set(RESERVED)
    return next(slug for slug in chain((stem,), (f"{stem}-{number}" for number in count(2))) if slug not in taken)


def change(*, follow_list: FollowList, values: dict[str, str], audience: Audience, actor: Somebody) -> None:
    """Change the words of a list (see ``LABELS``) and whom it is for. Its address stays."""
    for name, value in values.items():
        if getattr(follow_list, name) != value:
            setattr(follow_list, name, value)
            _record(CHANGED, follow_list, actor, what=LABELS[name])
    if audience is not follow_list.audience:
        follow_list.audience = audience
        _record(SHARED, follow_list, actor, audience=AUDIENCES[audience])


def add(*, follow_list: FollowList, account: Account, why: str, actor: Somebody) -> FollowEntry:
    """Put an account at the end of a list. Raises ``AlreadyOnTheList`` and ``ListIsFull``."""
    on_it = _ordered(follow_list)
    if any(one.account_id == account.id for one in on_it):
        raise AlreadyOnTheList
    if len(on_it) >= MOST:
        raise ListIsFull
    last = on_it[-1].place if on_it else 0
    entry = FollowEntry(list_id=follow_list.id, account_id=account.id, place=last + 1, why=why, added_at=now())
    try:
        with db.session.begin_nested():
            db.session.add(entry)
    except IntegrityError:  # Outside a request, two may do so at once.
        raise AlreadyOnTheList from None
    _record(ADDED, follow_list, actor, account=account.title)
    return entry


def reword(*, follow_list: FollowList, entry: FollowEntry, why: str, actor: Somebody) -> None:
    """Say otherwise why to follow an account."""
    if entry.why != why:
        entry.why = why
        _record(CHANGED, follow_list, actor, what=f"the words on {entry.account.title}")


def take_off(*, follow_list: FollowList, entry: FollowEntry, actor: Somebody) -> None:
    """Take an account off a list."""
    title = entry.account.title
    db.session.delete(entry)
    db.session.flush()
    _record(TAKEN_OFF, follow_list, actor, account=title)


def move(*, follow_list: FollowList, entry: FollowEntry, up: bool, actor: Somebody) -> bool:
    """Move an account one place up or down; whether it could be."""
    order = _ordered(follow_list)
    here = next(number for number, one in enumerate(order) if one.id == entry.id)
    there = here - 1 if up else here + 1
    if not 0 <= there < len(order):
        return False
    order.insert(there, order.pop(here))
    for place, one in enumerate(order, 1):
        one.place = place
    _record(CHANGED, follow_list, actor, what="the order")
    return True


def delete(*, follow_list: FollowList, actor: Somebody) -> None:
    """Delete a list. The accounts on it stay what they are."""
    _record(DELETED, follow_list, actor)
    db.session.delete(follow_list)
    db.session.flush()


def _ordered(follow_list: FollowList) -> list[FollowEntry]:
    """What is on a list, held so that of two who change it at once one waits for the other."""
    db.session.execute(sa.select(FollowList.id).where(FollowList.id == follow_list.id).with_for_update())
    on_it = sa.select(FollowEntry).where(FollowEntry.list_id == follow_list.id)
    return list(db.session.scalars(on_it.order_by(FollowEntry.place, FollowEntry.id)))


def _record(name: str, follow_list: FollowList, actor: Somebody, **fields: Any) -> None:
    follow_list.changed_at = now()
    audit.record(
        name, actor=actor, subject_kind="list", subject_id=follow_list.id, subject_name=follow_list.title, **fields
    )
