"""Places that nobody takes any more: of who has left, was forgotten, or was two rows; they go to those who wait.

Nobody answers a meetup when that happens, so nothing would move: the worker looks each minute.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from registry.db import db, now
from registry.meetups import replying
from registry.meetups.calendars import telling
from registry.meetups.models import Answer, Meetup, MeetupState, Reply
from registry.people.models import Person
from registry.people.queries import IN_OFFICE


def give_on() -> int:
    """Let the places of who does not work here go to those who wait; how many have one now. Commits by meetup."""
    moved = 0
    for meetup_id in _concerned():
        meetup = replying.hold(meetup_id)
        if meetup is not None and meetup.is_open:
            moved_up = _let_go(meetup)
            telling.moved_up(moved_up)
            moved += len(moved_up)
        db.session.commit()
    db.session.rollback()
    return moved


def _concerned() -> Sequence[int]:
    """The meetups to come with somebody who is gone, or with places for somebody who waits."""
    gone = sa.exists().where(Reply.meetup_id == Meetup.id, Reply.person_id == Person.id, *_GONE)
    waits = sa.exists().where(
        Reply.meetup_id == Meetup.id, Reply.queued_at.is_not(None), Reply.person_id == Person.id,
        Person.state.in_(IN_OFFICE),
    )  # fmt: skip
    taken = sa.select(sa.func.count(Reply.seat)).where(Reply.meetup_id == Meetup.id).scalar_subquery()
    free = sa.or_(Meetup.capacity.is_(None), taken < Meetup.capacity)
    to_come = sa.select(Meetup.id).where(Meetup.state == MeetupState.PLANNED, Meetup.ends_at > now())
    return db.session.scalars(to_come.where(sa.or_(gone, sa.and_(waits, free))).order_by(Meetup.id)).all()


_GONE = Reply.answer != Answer.NO, Reply.attended_at.is_(None), Person.state.not_in(IN_OFFICE)


def _let_go(meetup: Meetup) -> list[Reply]:
    """Who is gone does not come; who moves up. Should they return, they say anew that they come."""
    theirs = sa.select(Reply).join(Reply.person).where(Reply.meetup_id == meetup.id, *_GONE)
    for reply in db.session.scalars(theirs.order_by(Reply.id)).all():
        reply.answer, reply.seat, reply.queued_at, reply.replied_at = Answer.NO, None, None, now()
    db.session.flush()
    return replying.fill(meetup)
