"""Reads of meetups: what is coming, what has been, one with all about it."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from registry.db import db, now
from registry.meetups.models import AgendaItem, Meetup, MeetupState


def coming(*, limit: int | None = None) -> Sequence[Meetup]:
    """The meetups that are not over, those called off too, the next one first."""
    return db.session.scalars(
        sa.select(Meetup).where(Meetup.ends_at > now()).order_by(Meetup.begins_at, Meetup.id).limit(limit)
    ).all()


def next_one() -> Meetup | None:
    """The next meetup that takes place and has not begun."""
    return db.session.scalar(
        sa.select(Meetup)
        .where(Meetup.begins_at > now(), Meetup.state == MeetupState.PLANNED)
        .order_by(Meetup.begins_at, Meetup.id)
        .limit(1)
    )


def meetup(meetup_id: int) -> Meetup | None:
    """A meetup with its series, its people and its agenda."""
    return db.session.scalar(
        sa.select(Meetup)
        .where(Meetup.id == meetup_id)
        .options(
            joinedload(Meetup.series), joinedload(Meetup.organiser), joinedload(Meetup.leader),
            selectinload(Meetup.agenda).joinedload(AgendaItem.speaker),
        )
    )  # fmt: skip
