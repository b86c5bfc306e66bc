"""One account was registered twice: comms look at both and make one of them.

The row that goes stays, closed, and its page leads to the one that is kept, since the history names its number. Which
tables point at an account is read from the database's own description, so that later parts are moved too.
"""

from typing import Any, Final
from urllib.parse import urlsplit

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from registry import audit
from registry.accounts import letters
from registry.accounts.models import OWN_NAME, Account, Contributor, State, Visibility
from registry.accounts.naming import joining
from registry.accounts.naming.actions import index_names
from registry.accounts.naming.models import ToldApart
from registry.accounts.signing import ask_to_sign
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person
from registry.people.queries import IN_OFFICE
from registry.rows import columns_to, move

MERGED: Final = audit.declare(
    "account.merged", "{actor} merged {gone} into {subject}: the same account, registered twice", "gone", "gone_id",
    "gone_url",
)  # fmt: skip
MERGED_AWAY: Final = audit.declare("account.merged-away", "{actor} merged {subject} into {kept}", "kept", "kept_id")
#: What the one that is kept takes from the other where it has none itself.
FILLED: Final = (
    "purpose", "owner_id", "deputy_id", "team_id", "place", "mailbox", "platform_id", "review_on", "approved_at",
    "approved_by_id", "consented_at", "consent_asked_at", "consent_reminded_at",
    "consent_reminded_again_at",
)  # fmt: skip


class CannotMergeAccounts(Exception):
    """These two cannot be merged; the message says why, and what to do instead."""


def account_to_merge(account_id: int, seen: sa.ColumnElement[bool]) -> Account | None:
    """One account with all that a page compares."""
    related = (Account.owner, Account.deputy, Account.team, Account.topics, Account.aliases, Account.contributors)
    return db.session.scalar(
        sa.select(Account).where(Account.id == account_id, seen).options(*(selectinload(one) for one in related))
    )


def why_not(gone: Account, kept: Account) -> str:
    """Why two accounts cannot be merged, in a sentence that says what to do; empty where they can."""
    if gone.id == kept.id:
        return "This is one account. Choose another to compare it with."
    if gone.platform != kept.platform and _host(gone) != _host(kept):
        return "They are on two platforms, so they are two accounts. Say so, and nobody is asked again."
    own = [one.standing in OWN_NAME for one in (gone, kept)]
    if any(own) and not all(own):
        return "One of them is in somebody’s own name. Ask them to change its standing first, or to take it out."
    if all(own) and gone.owner_id != kept.owner_id:
        return "They are in the names of two people. Ask which of the two it belongs to; the other takes theirs out."
    return ""


def _host(account: Account) -> str:
    return urlsplit(account.url).hostname or f"of account {account.id}"


def merge(*, gone: Account, kept: Account, actor: Somebody) -> None:
    """Make one account of two: all that is ``gone``'s is ``kept``'s, and what ``kept`` says itself, counts.

    Raises ``CannotMergeAccounts``.
    """
    if reason := why_not(gone, kept):
        raise CannotMergeAccounts(reason)
    before = (gone.owner_id, gone.deputy_id)
    title, url = gone.title, gone.url
    joining.answer_for(kept, gone, actor=actor)
    _fill(kept, gone)
    _let_them_post(kept, before)
    db.session.flush()
    joining.settle(kept, gone, actor=actor)
    _move_all(gone.id, kept.id)
    _bury(gone, kept)
    index_names(kept)
    ask_to_sign({*before, kept.owner_id, kept.deputy_id})
    _record(MERGED, kept, actor, gone=title, gone_id=gone.id, gone_url=url)
    _record(MERGED_AWAY, gone, actor, kept=kept.title, kept_id=kept.id)
    for person_id in {*before, kept.owner_id, kept.deputy_id} - {None, actor.id}:
        if person := db.session.get(Person, person_id):
            letters.merged(kept, person, gone=title, by=actor.name)


def _fill(kept: Account, gone: Account) -> None:
    for name in FILLED:
        if getattr(kept, name) in (None, ""):
            setattr(kept, name, getattr(gone, name))
    if kept.deputy_id == kept.owner_id:
        kept.deputy_id = None
    # Nobody comes to see it by way of the other one.
    openness = list(Visibility)
    kept.visibility = min(kept.visibility, gone.visibility, key=openness.index)


def _let_them_post(kept: Account, people: tuple[int | None, int | None]) -> None:
    """Whoever ran the row that goes and is here, posts there still."""
    known = set(db.session.scalars(sa.select(Contributor.person_id).where(Contributor.account_id == kept.id)))
    others = {*people} - {None, kept.owner_id, kept.deputy_id} - known
    here = sa.select(Person.id).where(Person.id.in_(others), Person.state.in_(IN_OFFICE)).order_by(Person.id)
    for person_id in db.session.scalars(here).all():
        db.session.add(Contributor(account_id=kept.id, person_id=person_id, since_at=now()))


def _move_all(gone_id: int, kept_id: int) -> None:
    """Let everything that points at the one account point at the other."""
    table: Any = Account.__table__
    for column in columns_to(table):
        if column.table.name != ToldApart.__tablename__:
            move(column, gone_id, kept_id)
    _move_pairs(gone_id, kept_id)
    runs = sa.select(Account.owner_id, Account.deputy_id).where(Account.id == kept_id)
    owner_id, deputy_id = db.session.execute(runs).one()
    mine = sa.delete(Contributor).where(Contributor.account_id == kept_id)
    db.session.execute(mine.where(Contributor.person_id.in_([one for one in (owner_id, deputy_id) if one])))
    db.session.expire_all()


def _move_pairs(gone_id: int, kept_id: int) -> None:
    """What was told apart from the row that goes, is told apart from the one that is kept."""
    theirs = sa.or_(ToldApart.one_id == gone_id, ToldApart.other_id == gone_id)
    for pair in db.session.scalars(sa.select(ToldApart).where(theirs)).all():
        other = pair.other_id if pair.one_id == gone_id else pair.one_id
        first, second = sorted((other, kept_id))
        if first != second and db.session.get(ToldApart, (first, second)) is None:
            db.session.add(ToldApart(one_id=first, other_id=second, told_at=pair.told_at, told_by_id=pair.told_by_id))
        db.session.delete(pair)
    db.session.flush()


def _bury(gone: Account, kept: Account) -> None:
    """Leave of a row no more than what it was called, and where it leads."""
    gone.merged_into_id, gone.visibility = kept.id, Visibility.NOBODY
    gone.state, gone.closed_at = State.CLOSED, now()
    gone.owner_id = gone.deputy_id = gone.team_id = gone.review_on = gone.owner_moved_at = None
    gone.sent_back_reason = gone.search_text = gone.skeleton = ""
    db.session.flush()


def _record(name: str, account: Account, actor: Somebody, **fields: Any) -> None:
    audit.record(name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields)
