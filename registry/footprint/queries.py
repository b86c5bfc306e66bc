"""Where we are, by platform; how the register grows; where it has gaps."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import pairwise
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts.models import OPEN, Account, State
from registry.accounts.platforms import name_of
from registry.accounts.queries import runs_alone
from registry.db import LONDON, db, today
from registry.footprint.models import Answer, PlatformRequest, PlatformUse, Use
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE

MONTHS: Final = 12
#: What stands between the names in the path of a team.
BELOW: Final = " / "
HERE: Final = (State.LIVE, State.DORMANT, State.ORPHANED)


@dataclass(frozen=True, slots=True)
class Place:
    """A platform, how many accounts we have there, and what was decided about it."""

    slug: str
    name: str
    accounts: int
    use: Use | None
    purpose: str
    trial_until: date | None

    @property
    def undecided(self) -> bool:
        """We are there, and nobody has said what for."""
        return self.use is None or (self.use in (Use.NOT_USED, Use.GIVEN_UP) and self.accounts > 0)

    @property
    def trial_is_over(self) -> bool:
        return self.trial_until is not None and self.trial_until < today()


def places(seen: sa.ColumnElement[bool]) -> list[Place]:
    """The platforms on which we are, or on which was decided, the most used first.

    ``seen`` is what ``accounts.queries.visible_to`` says of the asker: what they may not see is not counted.
    """
    counted = sa.select(Account.platform, sa.func.count()).where(Account.state.in_(HERE), seen)
    accounts: dict[str, int] = {slug: count for slug, count in db.session.execute(counted.group_by(Account.platform))}
    decided = {one.platform: one for one in db.session.scalars(sa.select(PlatformUse))}
    found = [
        Place(
            slug, name_of(slug), accounts.get(slug, 0),
            one.use if (one := decided.get(slug)) else None, one.purpose if one else "",
            one.trial_until if one else None,
        )
        for slug in accounts.keys() | decided.keys()
    ]  # fmt: skip
    return sorted(found, key=lambda place: (-place.accounts, place.name, place.slug))


def use_of(slug: str) -> PlatformUse | None:
    """What was decided about a platform."""
    return db.session.get(PlatformUse, slug)


def requests(*, waiting: bool = False, most: int = 100) -> Sequence[PlatformRequest]:
    """Who asked for a platform, those that wait first, then the newest."""
    waits = PlatformRequest.answer == Answer.WAITING
    found = sa.select(PlatformRequest).options(joinedload(PlatformRequest.asked_by))
    if waiting:
        found = found.where(waits)
    order = (sa.case((waits, 0), else_=1), PlatformRequest.asked_at.desc(), PlatformRequest.id.desc())
    return db.session.scalars(found.order_by(*order).limit(most)).all()


def request(number: int) -> PlatformRequest | None:
    """One request, with who asked."""
    mine = sa.select(PlatformRequest).where(PlatformRequest.id == number)
    return db.session.scalar(mine.options(joinedload(PlatformRequest.asked_by)))


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for comms: colleagues who ask, and trials whose last day is over."""

    requests: int
    trials: int


def waiting() -> Waiting:
    """How much waits for comms."""
    asked = sa.select(sa.func.count(PlatformRequest.id)).where(PlatformRequest.answer == Answer.WAITING)
    over = sa.select(sa.func.count(PlatformUse.platform)).where(PlatformUse.trial_until < today())
    return Waiting(*db.session.execute(sa.select(asked.scalar_subquery(), over.scalar_subquery())).one())


# --- How the register stands ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Month:
    """What one month brought."""

    first: date
    new: int
    closed: int


def months(seen: sa.ColumnElement[bool]) -> list[Month]:
    """The accounts that were approved and closed in each of the last twelve months in London, the oldest first.

    ``seen`` as for ``places``.
    """
    firsts = _firsts(today())
    new, closed = (_by_month(column, firsts, seen) for column in (Account.approved_at, Account.closed_at))
    return [Month(*one) for one in zip(firsts[:MONTHS], new, closed, strict=True)]


def _firsts(day: date) -> list[date]:
    """The first days of the last twelve months, that of ``day`` included, and of the next."""
    last = day.year * 12 + day.month - 1
    return [date(number // 12, number % 12 + 1, 1) for number in range(last - MONTHS + 1, last + 2)]


def _by_month(column: Any, firsts: Sequence[date], seen: sa.ColumnElement[bool]) -> list[int]:
    begins = [datetime.combine(first, time(), LONDON) for first in firsts]
    within = (sa.and_(column >= begin, column < end) for begin, end in pairwise(begins))
    counted = sa.select(*(sa.func.count(sa.case((one, Account.id))) for one in within))
    return list(db.session.execute(counted.where(seen, column >= begins[0])).one())


@dataclass(frozen=True, slots=True)
class TeamRow:
    """A team with all below it: its people, its accounts, and those of them that nobody could take over."""

    team_id: int
    path: str
    people: int
    accounts: int
    alone: int

    @property
    def name(self) -> str:
        return self.path.rpartition(BELOW)[2]


def teams(seen: sa.ColumnElement[bool]) -> list[TeamRow]:
    """Every team with people in it or below it, by path, counted with all that is below it; ``seen`` as for ``places``.

    A team with accounts that the asker may not see is told to them as one without.
    """
    paths = {row.id: row.path for row in db.session.execute(sa.select(Team.id, Team.path).order_by(Team.path))}
    people = _by_team(Person.team_id, Person.state.in_(IN_OFFICE))
    accounts = _by_team(Account.team_id, Account.state.in_(OPEN), seen)
    alone = _by_team(Account.team_id, runs_alone(), seen)
    sums: dict[str, list[int]] = {path: [0, 0, 0] for path in paths.values()}
    for place, counts in enumerate((people, accounts, alone)):
        for team_id, count in counts.items():
            for path in _upwards(paths.get(team_id, "")):
                if path in sums:
                    sums[path][place] += count
    return [TeamRow(team_id, path, *sums[path]) for team_id, path in paths.items() if sums[path][0]]


def _by_team(column: Any, *where: sa.ColumnElement[bool]) -> dict[int, int]:
    counted = sa.select(column, sa.func.count()).where(column.is_not(None), *where).group_by(column)
    return {team_id: count for team_id, count in db.session.execute(counted)}


def _upwards(path: str) -> list[str]:
    """A path and those above it: ``A / B`` gives itself and ``A``."""
    names = path.split(BELOW)
    return [BELOW.join(names[:length]) for length in range(len(names), 0, -1)]


def without_accounts(rows: Sequence[TeamRow]) -> list[TeamRow]:
    """The teams of which nobody runs an account, without those that lie below one of them."""
    empty = {row.path: row for row in rows if not row.accounts}
    return [row for path, row in empty.items() if not any(above in empty for above in _upwards(path)[1:])]
