"""Lists of whom to follow: who may read which, and what is on them for whom."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from registry.accounts.models import Account, State, Topic, account_topic, topic_key
from registry.accounts.queries import Sight, own_words, public_accounts
from registry.db import db
from registry.lists.models import Audience, FollowEntry, FollowList

#: How long a list is at its best, and at most.
FEWEST: Final = 20
MOST: Final = 30
#: States in which there is something to follow.
FOLLOWABLE: Final = (State.LIVE, State.DORMANT)


@dataclass(frozen=True, slots=True)
class Entry:
    """An account on a list, as somebody sees it there."""

    id: int
    place: int
    why: str
    account_id: int
    platform: str
    platform_id: str | None
    url: str
    handle: str
    title: str
    state: State
    closed_at: datetime | None
    #: Whether the readers of the list see it: it can be followed, and they may know of it.
    shown: bool
    #: Whether whoever asks may know of it; without that, nothing of the account is told but that there was one.
    known: bool


def seen_by(audience: Audience) -> sa.ColumnElement[bool]:
    """The accounts that the readers of a list for ``audience`` may see on it."""
    if audience is Audience.EVERYONE:
        return public_accounts()
    return sa.and_(Sight().condition, Account.state.in_(FOLLOWABLE), Account.url != "")


def entries(
    list_id: int, *, readers: sa.ColumnElement[bool], asker: sa.ColumnElement[bool] | None = None
) -> list[Entry]:
    """What is on a list, in its order.

    ``readers`` says which accounts its readers see there. Whoever looks after the list sees the others too, as far as
    ``asker`` lets them; without it they are left out.
    """
    known = sa.true() if asker is None else asker
    rows = db.session.execute(
        sa.select(
            FollowEntry.id, FollowEntry.place, FollowEntry.why, Account.id.label("account_id"), Account.platform,
            Account.platform_id, Account.url, Account.handle, Account.title, Account.state, Account.closed_at,
            readers.label("shown"), known.label("known"),
        )
        .join(Account, Account.id == FollowEntry.account_id)
        .where(FollowEntry.list_id == list_id, readers if asker is None else sa.true())
        .order_by(FollowEntry.place, FollowEntry.id)
    ).all()  # fmt: skip
    return [Entry(**row._mapping) for row in rows]


def by_slug(slug: str) -> FollowList | None:
    """A list by the word in its address, with its maker."""
    one = sa.select(FollowList).where(FollowList.slug == slug).options(joinedload(FollowList.maker))
    return db.session.scalar(one)


def _with_counts(which: sa.ColumnElement[bool]) -> Any:
    """Lists with how many accounts the readers of each see on it, by title."""
    outside = FollowList.audience == Audience.EVERYONE
    seen = sa.case((outside, seen_by(Audience.EVERYONE)), else_=seen_by(Audience.COLLEAGUES))
    accounts = sa.func.count(sa.case((seen, Account.id)))
    lists: Any = sa.select(FollowList, accounts.label("accounts"))
    return (
        lists.outerjoin(FollowEntry, FollowEntry.list_id == FollowList.id)
        .outerjoin(Account, Account.id == FollowEntry.account_id)
        .where(which)
        .group_by(FollowList.id)
        .order_by(FollowList.title, FollowList.id)
    )


def for_person(person_id: int, *, all_of_them: bool) -> Sequence[tuple[FollowList, int]]:
    """The lists that somebody may read, each with how many accounts are on it; with ``all_of_them`` every list."""
    mine = sa.or_(FollowList.audience != Audience.MAKER, FollowList.maker_id == person_id)
    lists = _with_counts(sa.true() if all_of_them else mine).options(selectinload(FollowList.maker))
    return [(row[0], row[1]) for row in db.session.execute(lists)]


def is_for(follow_list: FollowList, audience: Audience) -> bool:
    """Whether ``audience`` may read a list; what is for everyone, colleagues may read too."""
    return follow_list.audience in (audience, Audience.EVERYONE)


def for_audience(audience: Audience) -> Sequence[tuple[FollowList, int]]:
    """The lists that ``audience`` may read, each with how many accounts they see on it."""
    lists = _with_counts(FollowList.audience.in_((audience, Audience.EVERYONE)))
    return [(row[0], row[1]) for row in db.session.execute(lists)]


def any_for_everyone() -> bool:
    """Whether there is a list that anybody may read."""
    return db.session.scalar(sa.select(sa.exists().where(FollowList.audience == Audience.EVERYONE))) or False


def entry(list_id: int, entry_id: int) -> FollowEntry | None:
    """One account on a list."""
    return db.session.scalar(
        sa.select(FollowEntry)
        .where(FollowEntry.id == entry_id, FollowEntry.list_id == list_id)
        .options(joinedload(FollowEntry.account))
    )


def to_add(follow_list: FollowList, q: str, *, most: int = 12) -> Sequence[Any]:
    """Accounts that could go on a list: those found by the words of ``q``, else those about its topic."""
    on_it = sa.select(FollowEntry.account_id).where(FollowEntry.list_id == follow_list.id)
    hits = own_words(q)
    if not hits:
        key = topic_key(follow_list.topic)
        about = sa.select(account_topic.c.account_id).join(Topic, Topic.id == account_topic.c.topic_id)
        hits = [Account.id.in_(about.where(Topic.key == key))]
    return db.session.execute(
        sa.select(Account.id, Account.platform, Account.handle, Account.title, Account.purpose)
        .where(*hits, seen_by(follow_list.audience), Account.id.not_in(on_it))
        .order_by(Account.title, Account.id)
        .limit(most)
    ).all()


def addable(follow_list: FollowList, account_id: int) -> Account | None:
    """The account with this id, where the readers of the list may see it."""
    return db.session.scalar(sa.select(Account).where(Account.id == account_id, seen_by(follow_list.audience)))


def topics(seen: sa.ColumnElement[bool]) -> Sequence[str]:
    """The topics that accounts are about, for whoever names that of a list.

    ``seen`` is what ``accounts.queries.visible_to`` says of the asker: what only others are about is not told.
    """
    used = sa.select(account_topic.c.topic_id).join(Account, Account.id == account_topic.c.account_id).where(seen)
    return db.session.scalars(sa.select(Topic.name).where(Topic.id.in_(used)).order_by(Topic.key)).all()
