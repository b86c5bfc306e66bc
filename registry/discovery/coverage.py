"""Coverage: which teams were asked, who answered, who runs accounts; the trend, and what to do next."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts.models import OPEN, Account
from registry.accounts.queries import Sight
from registry.db import LONDON, day_of, db, today
from registry.discovery.campaign_models import Asked, Campaign, Readiness, Use
from registry.discovery.models import Sighting, SightingState
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Covered:
    """A team with those within it: people, accounts, and what was said to the question."""

    team_id: int
    path: str
    people: int = 0
    accounts: int = 0
    asked: int = 0
    answered: int = 0
    use: int = 0
    willing: int = 0

    @property
    def depth(self) -> int:
        return self.path.count(" / ")

    @property
    def name(self) -> str:
        return self.path.rpartition(" / ")[2]

    @property
    def next_step(self) -> str:
        """What to do there, in a few words."""
        if not self.asked:
            return "Ask them" if self.people else ""
        if self.willing:
            return f"{self.willing} willing: invite them to register"
        if self.use > self.accounts:
            return "Some post and have registered nothing"
        return "" if self.answered * 2 >= self.asked else "Most have not answered yet"


def teams() -> list[Covered]:
    """Every team in which somebody works, with those within it added up, by path."""
    rows = db.session.execute(sa.select(Team.id, Team.path).order_by(Team.path)).all()
    own: dict[int, dict[str, int]] = {team_id: {} for team_id, _ in rows}
    for name, asked in _counts():
        for team_id, count in db.session.execute(asked):
            own.setdefault(team_id, {})[name] = count
    found = {path: Covered(team_id, path, **own[team_id]) for team_id, path in rows}
    for path in sorted(found, key=lambda one: -one.count(" / ")):  # The deepest first: each is whole when it is added.
        above = path.rpartition(" / ")[0]
        if above in found:
            found[above] = _sum(found[above], found[path])
    return [one for one in found.values() if one.people or one.accounts]


def _sum(one: Covered, other: Covered) -> Covered:
    names = ("people", "accounts", "asked", "answered", "use", "willing")
    return replace(one, **{name: getattr(one, name) + getattr(other, name) for name in names})


def _counts() -> Iterator[tuple[str, Any]]:
    """What is counted of each team itself, a question each."""
    number = sa.func.count(sa.distinct(Person.id))
    here = sa.select(Person.team_id, number).where(Person.state.in_(IN_OFFICE), Person.team_id.is_not(None))
    by_team = here.group_by(Person.team_id)
    asked = by_team.join(Asked, Asked.person_id == Person.id)
    yield "people", by_team
    yield "asked", asked
    yield "answered", asked.where(Asked.answered_at.is_not(None))
    yield "use", asked.where(Asked.use.in_((Use.YES, Use.SOMETIMES)))
    runs = sa.exists().where(
        sa.or_(Account.owner_id == Person.id, Account.deputy_id == Person.id), Account.state.in_(OPEN)
    )
    yield "willing", asked.where(Asked.readiness == Readiness.WILLING, ~runs)
    seen = Sight(comms=True).condition
    yield (
        "accounts",
        (
            sa.select(Account.team_id, sa.func.count(Account.id))
            .where(Account.state.in_(OPEN), Account.team_id.is_not(None), seen)
            .group_by(Account.team_id)
        ),
    )


@dataclass(frozen=True, slots=True)
class Month:
    """A month: how many accounts were seen, and how many of all were registered."""

    first: date
    seen: int
    registered: int


def trend() -> list[Month]:
    """The last twelve months, the first one first."""
    first = _months_before(today().replace(day=1), MONTHS - 1)
    months = [_months_after(first, number) for number in range(MONTHS)]
    seen, registered = dict.fromkeys(months, 0), dict.fromkeys(months, 0)
    since = datetime.combine(first, time.min, LONDON)
    told = sa.select(Sighting.seen_at, Sighting.state, Sighting.decided_at)
    rows = db.session.execute(told.where(sa.or_(Sighting.seen_at >= since, Sighting.decided_at >= since)))
    for seen_at, state, decided_at in rows:
        if (month := day_of(seen_at).replace(day=1)) in seen:
            seen[month] += 1
        if state is SightingState.REGISTERED and decided_at:
            month = day_of(decided_at).replace(day=1)
            if month in registered:
                registered[month] += 1
    return [Month(one, seen[one], registered[one]) for one in months]


def _months_before(first: date, count: int) -> date:
    return _months_after(first, -count)


def _months_after(first: date, count: int) -> date:
    months = first.year * 12 + first.month - 1 + count
    return date(months // 12, months % 12 + 1, 1)


def campaigns() -> Sequence[Campaign]:
    """Every campaign with its team, the newest first."""
    return db.session.scalars(
        sa.select(Campaign)
        .options(joinedload(Campaign.team), joinedload(Campaign.made_by))
        .order_by(Campaign.made_at.desc(), Campaign.id.desc())
    ).all()


def campaign(campaign_id: int) -> Campaign | None:
    """One campaign, with its team."""
    return db.session.scalar(
        sa.select(Campaign)
        .where(Campaign.id == campaign_id)
        .options(joinedload(Campaign.team), joinedload(Campaign.made_by))
    )


def answers(campaign_id: int) -> dict[str, int]:
    """How many were asked, have answered, and said what."""
    rows: Any = db.session.execute(
        sa.select(Asked.use, Asked.readiness, sa.func.count())
        .where(Asked.campaign_id == campaign_id)
        .group_by(Asked.use, Asked.readiness)
    )
    found: dict[str, int] = {"asked": 0, "answered": 0}
    for use, readiness, count in rows:
        found["asked"] += count
        if use is not None:
            found["answered"] += count
            found[use.value] = found.get(use.value, 0) + count
        if readiness is not None:
            found[readiness.value] = found.get(readiness.value, 0) + count
    return found


def said(campaign_id: int, *, limit: int | None, offset: int = 0) -> Sequence[Asked]:
    """Who answered and uses social media or knows of an account, the willing first, each with person and team."""
    order = sa.case((Asked.readiness == Readiness.WILLING, 0), (Asked.readiness == Readiness.CURIOUS, 1), else_=2)
    return db.session.scalars(
        sa.select(Asked)
        .join(Asked.person)
        .where(Asked.campaign_id == campaign_id, Asked.use.is_not(None), Asked.use != Use.NO)
        .options(joinedload(Asked.person).joinedload(Person.team))
        .order_by(order, Person.name, Person.id)
        .limit(limit)
        .offset(offset)
    ).all()
