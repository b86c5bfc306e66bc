"""How people stand with each document: the numbers, the teams, the names, and the days of the chart."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import lru_cache
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry import audit, search
from registry.db import db, today
from registry.guidelines.models import DayCount, Document, Obligation
from registry.guidelines.standing import State, standing, told
from registry.people.models import Person, Team

#: People of an order that are remembered: twenty pages.
REMEMBERED: Final = 1_000
#: Rows that a file is read in at a time.
AT_ONCE: Final = 500
#: Teams that the page names; all of them have a page of their own.
MOST_TEAMS: Final = 10
#: How many days the chart goes back.
CHART_DAYS: Final = 90
MANAGER, COMMS = "manager", "comms"
SORTS: Final = ("name", "due", "team")


@dataclass(frozen=True, slots=True)
class Filters:
    """Which people of a document are listed; an empty field narrows nothing."""

    document_id: int
    #: The day of the past at whose end it is told; ``None`` for now.
    on: date | None = None
    state: State | None = None
    #: A team with those within it; 0 for whoever is in none.
    team: int | None = None
    #: Only those of whom their manager, or comms, were told.
    told: str = ""
    q: str = ""

    @property
    def narrowed(self) -> bool:
        """Whether it names fewer than all."""
        return self != Filters(self.document_id, self.on)


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people a document concerns, and how many of them stand how."""

    people: int = 0
    signed: int = 0
    owed: int = 0
    overdue: int = 0
    declined: int = 0

    @property
    def rate(self) -> int:
        """How many of a hundred have signed, rounded down: 100 only where all have."""
        return 100 * self.signed // self.people if self.people else 0

    @property
    def unsigned(self) -> int:
        return self.people - self.signed


def _numbers(then: Any) -> list[Any]:
    """The columns that ``Counts`` is made of."""
    of_state = (sa.func.coalesce(sa.func.sum(sa.case((then.c.state == one.value, 1), else_=0)), 0) for one in State)
    return [sa.func.count(), *of_state]


def _listed(filters: Filters, then: Any, *columns: Any) -> sa.Select[Any]:
    """``columns`` of those who pass the filters."""
    rows = sa.select(*columns).select_from(then).join(Person, Person.id == then.c.person_id)
    rows = rows.where(then.c.document_id == filters.document_id)
    if filters.state:
        rows = rows.where(then.c.state == filters.state.value)
    if filters.team is not None:
        rows = rows.where(Person.team_id.in_(_within(filters.team)) if filters.team else Person.team_id.is_(None))
    if filters.told:
        of_whom = {MANAGER: Obligation.manager_told_on, COMMS: Obligation.comms_told_on}[filters.told]
        rows = rows.join(Obligation, Obligation.id == then.c.id).where(of_whom.is_not(None))
    hits = search.matches(Person, filters.q)
    return rows if hits is None else rows.where(hits)


def _within(team_id: int) -> sa.Select[Any]:
    """The ids of a team and all those within it."""
    top, some = aliased(Team), aliased(Team)
    below = sa.func.substr(some.path, 1, sa.func.length(top.path) + 3) == top.path + " / "
    return sa.select(some.id).join(top, sa.or_(some.id == top.id, below)).where(top.id == team_id)


def counts(filters: Filters) -> Counts:
    """How those stand who pass the filters but for the state; counted anew after each event."""
    every = replace(filters, state=None)
    return audit.remembered(("sign-offs", every, today()), lambda: _count(every))


def _count(filters: Filters) -> Counts:
    then = standing(filters.on)
    return Counts(*db.session.execute(_listed(filters, then, *_numbers(then))).one())


def by_document(on: date | None = None) -> list[tuple[Document, Counts]]:
    """How everybody stands with each document that somebody must sign, by title."""

    def counted() -> dict[int, Counts]:
        then = standing(on)
        rows = sa.select(then.c.document_id, *_numbers(then)).group_by(then.c.document_id)
        return {document_id: Counts(*numbers) for document_id, *numbers in db.session.execute(rows)}

    of_each = audit.remembered(("sign-offs of all", on, today()), counted)
    found = db.session.scalars(
        sa.select(Document).where(Document.id.in_(of_each)).order_by(Document.title, Document.id)
    )
    return [(document, of_each[document.id]) for document in found]


@dataclass(frozen=True, slots=True)
class TeamCounts:
    """How the people of one team stand, without those of teams within it."""

    team_id: int
    path: str
    counts: Counts


def worst_teams(document_id: int, on: date | None) -> tuple[TeamCounts, ...]:
    """The teams in which most people have not signed."""
    key = ("sign-offs by team", document_id, on, today())
    return audit.remembered(key, lambda: tuple(by_team(document_id, on, most=MOST_TEAMS)))


def by_team(document_id: int, on: date | None, *, most: int | None = None, offset: int = 0) -> list[TeamCounts]:
    """The teams that a document concerns; those first in which most people have not signed, then by path."""
    then = standing(on)
    path, signed = sa.func.coalesce(Team.path, "No team"), sa.case((then.c.state == State.SIGNED.value, 0), else_=1)
    rows = (
        sa.select(sa.func.coalesce(Team.id, 0), path, *_numbers(then))
        .select_from(then)
        .join(Person, Person.id == then.c.person_id)
        .outerjoin(Team, Team.id == Person.team_id)
        .where(then.c.document_id == document_id)
        .group_by(Team.id, path)
        .order_by(sa.func.sum(signed).desc(), path, Team.id)
        .limit(most)
        .offset(offset)
    )
    return [TeamCounts(team_id, name, Counts(*numbers)) for team_id, name, *numbers in db.session.execute(rows)]


def team(team_id: int | None) -> Team | None:
    """The team that a list is narrowed to."""
    return db.session.get(Team, team_id) if team_id else None


# --- Names ------------------------------------------------------------------------------------------------


def page(filters: Filters, *, sort: str, descending: bool, limit: int, offset: int) -> list[Any]:
    """A page of those who pass the filters; which ones is remembered until the next event."""
    start = offset - offset % REMEMBERED
    order = audit.remembered(
        ("sign-offs in order", filters, sort, descending, start, today()),
        lambda: array("i", _ids(filters, sort, descending, REMEMBERED, start)),
    )
    return rows(order[offset - start : offset - start + limit], filters.on)


def everybody(filters: Filters, *, sort: str, descending: bool) -> Iterator[Any]:
    """All who pass the filters, in order."""
    ids = iter(_ids(filters, sort, descending, None, 0))
    while some := list(islice(ids, AT_ONCE)):
        yield from rows(some, filters.on)


def _ids(filters: Filters, sort: str, descending: bool, limit: int | None, offset: int) -> Sequence[int]:
    then = standing(filters.on)
    some = _listed(filters, then, then.c.id)
    if sort == "team":
        some = some.outerjoin(Team, Team.id == Person.team_id)
    column = {"name": Person.name, "due": then.c.due, "team": sa.func.coalesce(Team.path, "")}[sort]
    order = (column.desc() if descending else column.asc(), Person.name, Person.id)
    return db.session.scalars(some.order_by(*order).limit(limit).offset(offset)).all()


def rows(obligation_ids: Sequence[int], on: date | None) -> list[Any]:
    """What is told of some obligations, in the order of their ids as given."""
    if not obligation_ids:
        return []
    found = {row[0]: row for row in db.session.execute(_told(on, today()), {"ids": list(obligation_ids)})}
    return [found[one] for one in obligation_ids if one in found]


@lru_cache(maxsize=8)
def _told(on: date | None, _day: date) -> sa.Select[Any]:
    """The statement that reads rows: made once a day, since making it takes longer than asking it."""
    rows = told(on, Obligation.id.in_(sa.bindparam("ids", expanding=True))).outerjoin(Team, Team.id == Person.team_id)
    return rows.add_columns(
        Person.name, Person.username, Person.mail, Team.path.label("team"), Team.name.label("team_name"),
        Obligation.mails, Obligation.mailed_on, Obligation.manager_told_on, Obligation.comms_told_on,
    )  # fmt: skip


def to_remind(filters: Filters, chosen: Sequence[int] | None) -> Sequence[int]:
    """Those who pass the filters and have neither signed nor declined; only of the ``chosen`` if those are given."""
    then = standing(None)
    waiting = then.c.state.in_((State.OWED.value, State.OVERDUE.value))
    some = _listed(replace(filters, on=None), then, Person.id).where(waiting).order_by(Person.id)
    return db.session.scalars(some if chosen is None else some.where(Person.id.in_(chosen))).all()


COLUMNS: Final = (
    "name", "username", "team", "state", "due_on", "asked_at", "needed", "version", "signed_at", "mails", "mailed_on",
    "manager_told_on", "comms_told_on",
)  # fmt: skip


def cells(row: Any, on: date | None) -> tuple[Any, ...]:
    """A row as ``COLUMNS`` names it; who was written to since is not told of a day of the past."""
    told = (row.mails, row.mailed_on, row.manager_told_on, row.comms_told_on) if on is None else (None,) * 4
    return (
        row.name, row.username, row.team, row.state, row.due, row.since, row.needed, row.version, row.signed_at, *told,
    )  # fmt: skip


# --- The chart --------------------------------------------------------------------------------------------


def days(document_id: int) -> Sequence[DayCount]:
    """How a document stood at the end of each of the last days that were counted, the oldest first."""
    since = DayCount.on >= today() - timedelta(CHART_DAYS)
    mine = sa.select(DayCount).where(DayCount.document_id == document_id, since)
    return db.session.scalars(mine.order_by(DayCount.on)).all()
