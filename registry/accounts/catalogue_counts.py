"""The numbers of the catalogue: how many accounts there are, and how many under each choice of a facet."""

from array import array
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa

from registry import audit, search
from registry.accounts.models import OPEN, OWN_NAME, Account, State, account_topic
from registry.accounts.queries import Filters, Sight, has_no_deputy, owes, runs_alone, unsigned
from registry.db import db, is_sqlite, today
from registry.people.models import Team

#: The facets that are counted together: an index holds them in this order.
TOGETHER: Final = ("platform", "standing", "state")
#: Topics and places that the facets offer, those of most accounts first.
MOST: Final = 24


@dataclass(frozen=True, slots=True)
class Counts:
    """How many accounts pass the filters, and how many there would be under each choice of a facet."""

    total: int
    #: There are more than ``total``.
    more: bool = False
    #: The words find so many accounts that they are neither counted by facet nor ordered but by name.
    many: bool = False
    #: And so many that words are better read from each account than looked up.
    reads: bool = False
    platform: dict[str, int] = field(default_factory=dict)
    standing: dict[str, int] = field(default_factory=dict)
    state: dict[str, int] = field(default_factory=dict)
    #: Each team with those within it.
    team: dict[int, int] = field(default_factory=dict)
    topic: dict[int, int] = field(default_factory=dict)
    place: dict[str, int] = field(default_factory=dict)
    signed: dict[str, int] = field(default_factory=dict)
    sole: int = 0
    late: int = 0
    #: The ids of all of them by title, where they were read anyway.
    ids: Sequence[int] | None = None


def counts(filters: Filters) -> Counts:
    """Total and facets in a few queries, however many accounts there are; counted anew after each event.

    A facet counts what there would be if its own choice were taken away: that is what its links lead to.
    """
    return audit.remembered(("accounts", filters, today()), lambda: _counted(filters))


def _counted(filters: Filters) -> Counts:
    if not search.words(filters.q):
        return _of_all(filters)
    hits = search.count_hits(Account, filters.q)
    if hits > search.MANY:
        return _of_many(filters, hits)
    if not hits:
        return Counts(total=0, ids=())
    return _of_few(filters) if _is_plain(filters) else _of_all(filters)


# --- All accounts, or those that choices narrow to ----------------------------------------------------------


def _of_all(filters: Filters) -> Counts:
    return Counts(**_together(filters), team=_by_team(filters), topic=_by_topic(filters), place=_by_place(filters))


def _together(filters: Filters) -> dict[str, Any]:
    """The total, the facets of an index and what is a matter of yes or no, in one query.

    What hangs on state and standing is looked at here, group by group, where it costs nothing.
    """
    columns = [getattr(Account, name) for name in TOGETHER]
    owned = sa.func.count(Account.owner_id)
    late = sa.func.count().filter(Account.review_on < today())
    marks = owned, owned.filter(has_no_deputy()), late, owned.filter(owes())
    grouped = sa.select(*columns, sa.func.count(), *marks).where(*filters.conditions(*TOGETHER)).group_by(*columns)
    tally = _Tally(filters)
    _trust_indexes()
    for row in db.session.execute(grouped):
        tally.add(tuple(row[:3]), *row[3:])
    return tally.told()


def _trust_indexes() -> None:
    """Say that what follows in this transaction counts rows whose columns are all in one index.

    PostgreSQL takes a page of an index for four times as dear as one of the table, as on disks that turned, and then
    goes through the table, whose rows are ten times as wide.
    """
    if not is_sqlite():
        db.session.execute(sa.text("SET LOCAL random_page_cost = 1.1"))


class _Tally:
    """Adds up groups of accounts that are alike in platform, standing and state."""

    def __init__(self, filters: Filters) -> None:
        self.chosen = [getattr(filters, name) for name in TOGETHER]
        self.signed = filters.signed
        self.total = self.sole = self.late = self.owned = self.lacking = 0
        self.facets: dict[str, dict[str, int]] = {name: {} for name in TOGETHER}

    def add(self, group: tuple[str, ...], *numbers: int) -> None:
        """How many are in a group, and of those: with an owner, and nobody else; overdue; with somebody to sign."""
        count, owned, alone, late, lacking = numbers
        passes = [not some or value in some for some, value in zip(self.chosen, group, strict=True)]
        for place, (name, value) in enumerate(zip(TOGETHER, group, strict=True)):
            if all(passes[:place] + passes[place + 1 :]):
                self.facets[name][str(value)] = self.facets[name].get(str(value), 0) + count
        if all(passes):
            self.total += count
            self.late += late if group[2] == State.LIVE else 0
            if group[2] in OPEN:
                self.lacking += lacking
                self.owned += owned - lacking
                self.sole += alone if group[1] not in OWN_NAME else 0

    def passes(self, group: Sequence[str]) -> bool:
        """Whether what is in a group passes all that is chosen."""
        return all(not some or value in some for some, value in zip(self.chosen, group, strict=True))

    def told(self) -> dict[str, Any]:
        """As ``Counts`` takes it; where something is chosen of sign-offs, only that is offered."""
        signed = {"yes": self.owned, "no": self.lacking}
        offered = {name: number for name, number in signed.items() if self.signed in ("", name)}
        return {"total": self.total, **self.facets, "signed": offered, "sole": self.sole, "late": self.late}


def _by_topic(filters: Filters) -> dict[int, int]:
    number = sa.func.count()
    grouped = (
        sa.select(account_topic.c.topic_id, number)
        .join(Account, Account.id == account_topic.c.account_id)
        .where(*_narrowed(filters, "topic"))
        .group_by(account_topic.c.topic_id)
        .order_by(number.desc(), account_topic.c.topic_id)
    )
    return _pairs(grouped.limit(MOST))


def _by_place(filters: Filters) -> dict[str, int]:
    number = sa.func.count()
    grouped = sa.select(Account.place, number).where(*_narrowed(filters, "place"), Account.place > "")
    return _pairs(grouped.group_by(Account.place).order_by(number.desc(), Account.place).limit(MOST))


def _by_team(filters: Filters) -> dict[int, int]:
    grouped = sa.select(Account.team_id, sa.func.count()).where(*_narrowed(filters, "team"))
    return _with_those_above(_pairs(grouped.where(Account.team_id.is_not(None)).group_by(Account.team_id)))


def _narrowed(filters: Filters, facet: str) -> list[sa.ColumnElement[bool]]:
    """The conditions under which ``facet`` is counted.

    States are said so that SQLite leaves their index alone, as that of the facet answers by itself. PostgreSQL knows.
    """
    if not filters.state or not is_sqlite():
        return filters.conditions(facet)
    others = [state for state in State if state.value not in filters.state]
    return [*filters.conditions(facet, "state"), Account.state.not_in(others)]


def _pairs(grouped: Any) -> dict[Any, int]:
    return {value: count for value, count in db.session.execute(grouped)}


# --- Few accounts, found by words ---------------------------------------------------------------------------


def _is_plain(filters: Filters) -> bool:
    """Whether they narrow by nothing but words and the facets that are counted together."""
    return replace(filters, platform=(), standing=(), state=()) == Filters(filters.sight, filters.q)


def _of_few(filters: Filters) -> Counts:
    """The same as ``_of_all``, where words find so few that one query reads them, in order, and they are counted here.

    Looked up in the index for each facet, a thousand of them would take three times as long.
    """
    asked = {"asked": search.asked(filters.q), "today": today()}
    rows = db.session.execute(_few(filters.sight, is_sqlite()), asked).all()
    tally = _Tally(filters)
    for (*group, owned, alone, late, lacking), count in Counter(map(itemgetter(*range(1, 8)), rows)).items():
        tally.add(tuple(group), count, count * owned, count * alone, count * late, count * lacking)
    if any(tally.chosen):
        rows = [row for row in rows if tally.passes(row[1:4])]
    teams, places = (Counter(map(itemgetter(place), rows)) for place in (8, 9))
    topics = Counter(int(topic) for row in rows if row[10] for topic in row[10].split(","))
    del teams[None], places[""]
    return Counts(
        **tally.told(), team=_with_those_above(teams), topic=_most(topics), place=_most(places),
        ids=array("i", map(itemgetter(0), rows)),
    )  # fmt: skip


@lru_cache(maxsize=64)
def _few(sight: Sight, _sqlite: bool) -> sa.Select[Any]:
    """The statement, made once for all who see the same: making it takes longer than asking it."""
    together = sa.func.aggregate_strings(sa.cast(account_topic.c.topic_id, sa.Text), ",")
    topics = sa.select(together).where(account_topic.c.account_id == Account.id).correlate(Account).scalar_subquery()
    late = Account.review_on < sa.bindparam("today", type_=sa.Date)
    counted = (Account.owner_id.is_not(None), runs_alone(), late, unsigned())
    marks = (sa.case((mark, 1), else_=0) for mark in counted)
    words = (sa.type_coerce(getattr(Account, name), sa.String) for name in TOGETHER)
    columns = (Account.id, *words, *marks, Account.team_id, Account.place, topics)
    found = sa.select(*columns).where(sight.condition, search.found(Account))
    return found.order_by(Account.title, Account.id)


def _most(numbers: Counter[Any]) -> dict[Any, int]:
    """Those of most accounts first."""
    return dict(sorted(numbers.items(), key=lambda one: (-one[1], one[0]))[:MOST])


# --- Teams --------------------------------------------------------------------------------------------------


def teams() -> dict[int, tuple[str, int | None]]:
    """Every team by its id: its name, and the team that it is within."""
    every = sa.select(Team.id, Team.name, Team.parent_id).order_by(Team.path)
    return audit.remembered("teams", lambda: {row[0]: (row[1], row[2]) for row in db.session.execute(every).all()})


def _with_those_above(numbers: dict[int, int]) -> dict[int, int]:
    """The numbers of teams, each added to those of the teams that it is within."""
    found, known = dict[int, int](), teams()
    for team_id, count in numbers.items():
        above: int | None = team_id
        while above is not None:
            found[above] = found.get(above, 0) + count
            above = known[above][1] if above in known else None
    return found


# --- Accounts with some words -------------------------------------------------------------------------------


def _of_many(filters: Filters, hits: int) -> Counts:
    """Only the total, and no more of that than a thousand."""
    reads = hits > search.MOST
    if filters == Filters(filters.sight, filters.q):
        joined, condition = search.walk(Account, filters.q)
        some = sa.select(sa.literal(1)).select_from(joined).where(condition, *Filters(filters.sight).conditions())
    else:
        some = sa.select(sa.literal(1)).select_from(Account).where(*filters.conditions(reads=reads))
    number = db.session.scalar(sa.select(sa.func.count()).select_from(some.limit(search.MANY + 1).subquery())) or 0
    return Counts(total=min(number, search.MANY), more=number > search.MANY, many=True, reads=reads)
