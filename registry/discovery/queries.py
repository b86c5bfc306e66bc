"""Reads of sightings."""

from collections.abc import Sequence

import sqlalchemy as sa

from registry.db import db
from registry.discovery.models import Glimpse, Sighting, SightingState


def sightings(*states: SightingState, limit: int | None = None, offset: int = 0) -> Sequence[Sighting]:
    """Sightings in these states, the last seen first."""
    return db.session.scalars(
        sa.select(Sighting)
        .where(Sighting.state.in_(states))
        .order_by(Sighting.seen_at.desc(), Sighting.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def sighting(sighting_id: int) -> Sighting | None:
    """One sighting."""
    return db.session.get(Sighting, sighting_id)


def glimpses(sighting_id: int) -> Sequence[Glimpse]:
    """Each time that an account was seen, the first one first."""
    return db.session.scalars(
        sa.select(Glimpse).where(Glimpse.sighting_id == sighting_id).order_by(Glimpse.at, Glimpse.id)
    ).all()
