"""The rows of the catalogue: which accounts, in which order, and what a list or a file tells of each."""

from array import array
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from registry import audit, search
from registry.accounts.catalogue_counts import Counts
from registry.accounts.models import Account, Topic, account_topic
from registry.accounts.queries import Filters, Owner, signed, unsigned
from registry.db import db, is_sqlite, one_of, today
from registry.guidelines.models import Principle
from registry.people.models import Person, Team
from registry.web import PAGE_SIZE

SORTS: Final = {
    "title": Account.title, "owner": Owner.name, "team": Team.path, "platform": Account.platform,
    "state": Account.state, "review": Account.review_on, "place": sa.func.nullif(Account.place, ""),
    "registered": Account.proposed_at,
}  # fmt: skip
#: What every list tells of an account; a page with other columns and a file ask for more of ``MORE``.
USUAL: Final = (
    "id", "platform", "handle", "title", "standing", "state", "review_on", "owner_id", "owner", "deputy", "team_name",
)  # fmt: skip
MORE: Final = ("url", "team", "purpose", "language", "place", "proposed_at", "principle")
#: Accounts of an order that are remembered: twenty pages.
REMEMBERED: Final = search.MANY
#: Rows that a file is read in at a time.
AT_ONCE: Final = 500


def page(
    filters: Filters, counted: Counts, *, sort: str, descending: bool, limit: int, offset: int,
    more: tuple[str, ...] = (),
) -> Sequence[Any]:  # fmt: skip
    """A page of the accounts that pass ``filters``; ``counted`` is what ``counts`` gave, ``more`` is of ``MORE``."""
    if counted.ids is not None and (sort, descending) == ("title", False):
        return rows(counted.ids[offset : offset + limit], more)
    size = PAGE_SIZE if counted.many else REMEMBERED
    start = offset - offset % size
    order = audit.remembered(
        ("order", filters, sort, descending, start, today()),
        lambda: array("i", _ids(filters, sort, descending, counted.reads, size, start)),
    )
    return rows(order[offset - start : offset - start + limit], more)


def first(filters: Filters, most: int) -> Sequence[Any]:
    """The first accounts by name that pass ``filters``, for a box that shows a few."""
    order = audit.remembered(
        ("first", filters, most, today()),
        lambda: array("i", _ids(filters, "title", False, search.count_hits(Account, filters.q) > search.MOST, most)),
    )
    return rows(order)


def everything(filters: Filters, *, sort: str, descending: bool) -> Iterator[Sequence[Any]]:
    """All accounts that pass ``filters``, in order and with all that is told of them, some hundred at a time."""
    ids = iter(_ids(filters, sort, descending, False, None))
    while some := list(islice(ids, AT_ONCE)):
        yield rows(some, MORE)


def ids(filters: Filters, *, most: int) -> Sequence[int]:
    """The ids of the accounts that pass ``filters``, by title."""
    return _ids(filters, "title", False, False, most)


def _ids(
    filters: Filters, sort: str, descending: bool, reads: bool, limit: int | None, offset: int = 0
) -> Sequence[int]:
    some = sa.select(Account.id).where(*filters.conditions(reads=reads))
    if sort == "owner":
        some = some.outerjoin(Owner, Owner.id == Account.owner_id)
    elif sort == "team":
        some = some.outerjoin(Team, Team.id == Account.team_id)
    return db.session.scalars(some.order_by(*_order(sort, descending)).limit(limit).offset(offset)).all()


def _order(sort: str, descending: bool) -> list[Any]:
    column = SORTS[sort]
    if sort == "title":  # Never empty, and an index has this very order.
        return [column.desc(), Account.id.desc()] if descending else [column, Account.id]
    return [column.desc().nulls_last() if descending else column.asc().nulls_last(), Account.title, Account.id]


@lru_cache(maxsize=64)
def _told(more: tuple[str, ...], _sqlite: bool) -> sa.Select[Any]:
    """The statement that reads rows: made once, since making it takes longer than asking it."""
    account: Any = Account.__table__.c
    owner, deputy = Person.__table__.alias("owner"), Person.__table__.alias("deputy")
    team, principle = Team.__table__.c, Principle.__table__.c
    # Asked for each: joined, PostgreSQL reads all teams there are for the fifty rows of a page.
    of_team = sa.select(team.name).where(team.id == account.team_id)
    elsewhere = {
        "owner": owner.c.name.label("owner"), "deputy": deputy.c.name.label("deputy"),
        "team": of_team.with_only_columns(team.path).label("team"), "team_name": of_team.label("team_name"),
        "principle": principle.name.label("principle"),
        "standing": sa.type_coerce(account.standing, sa.String).label("standing"),
        "state": sa.type_coerce(account.state, sa.String).label("state"),
    }  # fmt: skip
    told = (
        sa.select(*(elsewhere.get(name, account.get(name)) for name in USUAL + more))
        .select_from(Account.__table__)
        .outerjoin(owner, owner.c.id == account.owner_id)
        .outerjoin(deputy, deputy.c.id == account.deputy_id)
        .where(one_of(account.id, "ids"))
    )
    return told.outerjoin(Principle.__table__, principle.id == account.principle_id) if "principle" in more else told


def rows(account_ids: Sequence[int], more: tuple[str, ...] = ()) -> Sequence[Any]:
    """What is told of some accounts, in the order of their ids as given."""
    if not account_ids:
        return []
    found = {row[0]: row for row in db.session.execute(_told(more, is_sqlite()), {"ids": list(account_ids)}).all()}
    return [found[one] for one in account_ids if one in found]


def topics_of(account_ids: Sequence[int]) -> dict[int, list[str]]:
    """The names of the topics of some accounts, by account."""
    about = (
        sa.select(account_topic.c.account_id, Topic.name)
        .join(Topic, Topic.id == account_topic.c.topic_id)
        .where(account_topic.c.account_id.in_(account_ids))
        .order_by(Topic.key)
    )
    found: dict[int, list[str]] = {}
    for account_id, name in db.session.execute(about):
        found.setdefault(account_id, []).append(name)
    return found


def sign_offs_of(account_ids: Sequence[int]) -> dict[int, str]:
    """Of some accounts, ``yes`` where nobody still has to sign the guidelines, ``no`` where somebody has to."""
    told = sa.case((unsigned(), "no"), (signed(), "yes"), else_="")
    answers = sa.select(Account.id, told).where(Account.id.in_(account_ids))
    return {account_id: answer for account_id, answer in db.session.execute(answers)}
