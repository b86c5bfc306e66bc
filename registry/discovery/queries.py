"""Reads of sightings and of who was asked about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry.accounts.models import Account
from registry.accounts.naming.queries import known
from registry.accounts.platforms import Resolved
from registry.db import db
from registry.discovery.models import Claim, Glimpse, Sighting, SightingState, SpoofStep
from registry.people.models import Person


@dataclass(frozen=True, slots=True)
class Seen:
    """A sighting with how often it was seen, where and in which words the last time."""

    sighting: Sighting
    times: int
    last: Glimpse | None


def _unregistered() -> sa.ColumnElement[bool]:
    """Nobody has registered it in the meantime."""
    return ~sa.exists().where(
        Account.platform == Sighting.platform, Account.kind == Sighting.kind, Account.key == Sighting.key
    )


def _in(states: Sequence[SightingState]) -> tuple[sa.ColumnElement[bool], ...]:
    settled = SightingState.REGISTERED in states
    return (Sighting.state.in_(states), *(() if settled else (_unregistered(),)))


def sightings(states: Sequence[SightingState], *, limit: int | None = None, offset: int = 0) -> list[Seen]:
    """Sightings in these states, the last seen first, each with the last time it was seen."""
    other = aliased(Glimpse)
    of_it = sa.select(sa.func.count(other.id)).where(other.sighting_id == Sighting.id)
    times = of_it.correlate(Sighting).scalar_subquery()
    newest = sa.select(sa.func.max(other.id)).where(other.sighting_id == Sighting.id)
    last = newest.correlate(Sighting).scalar_subquery()
    rows: Any = db.session.execute(
        sa.select(Sighting, times, Glimpse)
        .outerjoin(Glimpse, Glimpse.id == last)
        .where(*_in(states))
        .options(joinedload(Glimpse.by), joinedload(Sighting.account), joinedload(Sighting.decided_by))
        .order_by(Sighting.seen_at.desc(), Sighting.id.desc())
        .limit(limit)
        .offset(offset)
    )
    return [Seen(*row) for row in rows]


def counts() -> dict[SightingState, int]:
    """How many sightings are in each state; what has been registered meanwhile counts for nothing else."""
    rows: Any = db.session.execute(
        sa.select(Sighting.state, sa.func.count(Sighting.id))
        .where(sa.or_(Sighting.state == SightingState.REGISTERED, _unregistered()))
        .group_by(Sighting.state)
    )
    return {state: count for state, count in rows}


def new_count() -> int:
    """How many accounts were seen at which nobody has looked yet."""
    asked = sa.select(sa.func.count(Sighting.id)).where(*_in((SightingState.NEW,)))
    return db.session.scalar(asked) or 0


def sighting(sighting_id: int) -> Sighting | None:
    """One sighting."""
    return db.session.scalar(
        sa.select(Sighting)
        .where(Sighting.id == sighting_id)
        .options(joinedload(Sighting.account), joinedload(Sighting.decided_by))
    )


def registered_as(sighting: Sighting) -> Account | None:
    """The account that it was registered as, meanwhile or long ago, by this name or another."""
    if sighting.account is not None:
        return sighting.account
    same = known(
        Resolved(platform=sighting.platform, kind=sighting.kind, key=sighting.key, url=sighting.url,
                 handle=sighting.handle)
    )  # fmt: skip
    return same.account if same else None


def glimpses(sighting_id: int) -> Sequence[Glimpse]:
    """Each time that an account was seen, with who saw it, the first one first."""
    return db.session.scalars(
        sa.select(Glimpse)
        .where(Glimpse.sighting_id == sighting_id)
        .options(joinedload(Glimpse.by))
        .order_by(Glimpse.at, Glimpse.id)
    ).all()


def claims(sighting_id: int) -> Sequence[Claim]:
    """Who was asked whether it is theirs, with what they answered, in order."""
    return db.session.scalars(
        sa.select(Claim)
        .where(Claim.sighting_id == sighting_id)
        .options(joinedload(Claim.person).joinedload(Person.team))
        .order_by(Claim.asked_at, Claim.id)
    ).all()


def claims_waiting_for(person_id: int) -> Sequence[Claim]:
    """What somebody was asked and has not answered, each with its sighting."""
    return db.session.scalars(
        sa.select(Claim)
        .join(Claim.sighting)
        .where(
            Claim.person_id == person_id, Claim.answer.is_(None), Sighting.state == SightingState.ASKED, _unregistered()
        )
        .options(joinedload(Claim.sighting))
        .order_by(Claim.asked_at, Claim.id)
    ).all()  # fmt: skip


def steps(sighting_id: int) -> Sequence[SpoofStep]:
    """What was done about a fake, in order, with who did it."""
    return db.session.scalars(
        sa.select(SpoofStep)
        .where(SpoofStep.sighting_id == sighting_id)
        .options(joinedload(SpoofStep.by))
        .order_by(SpoofStep.at, SpoofStep.id)
    ).all()
