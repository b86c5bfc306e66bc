"""Who comes: answers to a meetup, its places, and the list of those who wait for one.

What somebody answers is theirs to change, and goes when they are forgotten, so the history does not keep it.
"""

from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import contains_eager

from registry.audit import Somebody
from registry.db import db, is_sqlite, now
from registry.meetups.models import Answer, Meetup, Reply, Way
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

#: How long after a meetup it is kept what somebody needs there.
NEEDS_KEPT: Final = timedelta(days=7)


class NotOpen(Exception):
    """The meetup is over, or does not take place: nobody can answer any more."""


def hold(meetup_id: int) -> Meetup | None:
    """The meetup as it stands, held until this transaction has ended: whoever else answers waits for it.

    On SQLite every transaction that may write has begun so. Without it, PostgreSQL would still give no seat twice, but
    would refuse one of two answers instead of putting it on the list.
    """
    asked = sa.select(Meetup).where(Meetup.id == meetup_id).execution_options(populate_existing=True)
    return db.session.scalar(asked if is_sqlite() else asked.with_for_update(of=Meetup))


def answer(
    *, meetup: Meetup, person: Somebody, answer: Answer, way: Way, needs: str | None = None,
    shown: bool | None = None,
) -> tuple[Reply, list[Reply]]:  # fmt: skip
    """Keep what somebody answers to a meetup that ``hold`` gave; the last answer counts.

    A yes takes a place in the room, or the end of the list where there is none. ``needs`` and ``shown`` stay as they
    are where they are ``None``. Returns the answer, and those of whoever moves up because of it. Raises ``NotOpen``.
    """
    if not meetup.is_open:
        raise NotOpen
    at = now()
    reply = of(meetup.id, person.id)
    if reply is None:
        reply = Reply(meetup_id=meetup.id, person_id=person.id, answer=answer, replied_at=at, way=way)
        db.session.add(reply)
    was = reply.answer if reply.id else None
    reply.way = way
    if needs is not None:
        reply.needs = needs
    if shown is not None:
        reply.shown = shown
    if was is not answer:
        _place(meetup, reply, answer, at)
        reply.replied_at = at
    db.session.flush()
    return reply, fill(meetup)


def _place(meetup: Meetup, reply: Reply, answer: Answer, at: datetime) -> None:
    """Give a new yes its seat or its place on the list; whoever comes no more gives theirs back."""
    reply.answer, reply.seat, reply.queued_at = answer, None, None
    if answer is not Answer.YES or meetup.capacity is None:
        return
    seats = _free_seats(meetup)
    if seats and not _waits_anybody(meetup.id):
        reply.seat = seats[0]
    else:
        reply.queued_at = at


def fill(meetup: Meetup) -> list[Reply]:
    """Give free places to those who wait and work here still, the longest first; who moved up, with their people."""
    if not meetup.is_open:
        return []
    waiting = (
        sa.select(Reply)
        .join(Reply.person)
        .where(Reply.meetup_id == meetup.id, Reply.queued_at.is_not(None), Person.state.in_(IN_OFFICE))
        .order_by(Reply.queued_at, Reply.id)
        .options(contains_eager(Reply.person))
    )
    if meetup.capacity is None:
        moved = list(db.session.scalars(waiting))
        seats: list[int | None] = [None] * len(moved)
    else:
        seats = [*_free_seats(meetup)]
        moved = list(db.session.scalars(waiting.limit(len(seats)))) if seats else []
    for reply, seat in zip(moved, seats, strict=False):
        reply.seat, reply.queued_at = seat, None
    db.session.flush()
    return moved


def _free_seats(meetup: Meetup) -> list[int]:
    """The numbers of the places that nobody has, the lowest first; none where the room has no limit."""
    taken = set(db.session.scalars(sa.select(Reply.seat).where(Reply.meetup_id == meetup.id, Reply.seat.is_not(None))))
    return [number for number in range(1, (meetup.capacity or 0) + 1) if number not in taken]


def _waits_anybody(meetup_id: int) -> bool:
    waits = sa.exists().where(Reply.meetup_id == meetup_id, Reply.queued_at.is_not(None))
    return bool(db.session.scalar(sa.select(waits)))


def of(meetup_id: int, person_id: int) -> Reply | None:
    """What somebody has answered to a meetup."""
    return db.session.scalar(sa.select(Reply).where(Reply.meetup_id == meetup_id, Reply.person_id == person_id))


def forget_needs() -> int:
    """Delete what people have said that they need, a week after a meetup: it is about their health, and served its end.

    How many. In the caller's transaction.
    """
    over = sa.select(Meetup.id).where(Meetup.ends_at < now() - NEEDS_KEPT)
    theirs = sa.update(Reply).where(Reply.needs != "", Reply.meetup_id.in_(over)).values(needs="")
    changed: Any = db.session.execute(theirs, execution_options={"synchronize_session": False})
    return int(changed.rowcount)


def seats_taken(meetup_id: int) -> int:
    """How many come into the room."""
    comes = sa.select(sa.func.count(Reply.id)).where(
        Reply.meetup_id == meetup_id, Reply.answer == Answer.YES, Reply.queued_at.is_(None)
    )
    return db.session.scalar(comes) or 0
