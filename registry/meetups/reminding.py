"""Reminding people of meetups, by day and relative to when they begin.

Who comes hears of it on the working day before, in the morning; who joins online once more within the hour, with the
way in; who may come two days before; who has not answered an invitation once, a week before. Each has hours in which it
is sent, and what was not sent in them is not sent any more: nobody is told of yesterday. It may be done again at any
time, and killed anywhere: a mark is kept in one transaction with the mail, and says until when nobody is written to.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa

from registry import outbox
from registry.db import LONDON, day_of, db, exclusively, now
from registry.meetups import leading, replying
from registry.meetups.calendars import letters
from registry.meetups.models import Answer, Invitation, Meetup, MeetupState, Reply
from registry.outbox import Mail
from registry.people.models import Person
from registry.people.queries import IN_OFFICE
from registry.workdays import is_working_day

#: The hours of a day in London, from and until, in which people are reminded; and those of what is within the hour.
BY_DAY: Final = (time(8), time(18))
AWAKE: Final = (time(7), time(21))
#: How long before it begins those hear of it who join online, at most and at least.
SOON: Final = (timedelta(hours=1), timedelta(minutes=5))
#: Who was invited later than this before they would be reminded has had little time to answer.
TIME_TO_ANSWER: Final = timedelta(days=3)
#: The longest that any of it comes before a meetup, with days off before.
LONGEST: Final = timedelta(days=21)
#: People who are reminded in one transaction.
PORTION: Final = 100

Window = tuple[datetime, datetime]
Letter = Callable[[Meetup, Person, Invitation | None, Any], Mail]


@dataclass(frozen=True, slots=True)
class Reminder:
    """One of the ways in which people are reminded: whom, when and with which letter."""

    #: From when until when, given a meetup.
    window: Callable[[Meetup], Window]
    answers: tuple[Answer, ...]
    letter: Letter


def run() -> int:
    """Send what is due; how many mails. Commits a portion at a time; nothing where another worker does it."""
    with exclusively("reminders") as free:
        sent = 0
        if free:
            for meetup_id in _near():
                for reminder in REMINDERS:
                    while portion := _remind(meetup_id, reminder):
                        sent += portion
                sent += _remind_the_stage(meetup_id)
        db.session.rollback()
    return sent


def _near() -> Sequence[int]:
    """The meetups that take place and begin before long."""
    at = now()
    soon = sa.select(Meetup.id).where(
        Meetup.state == MeetupState.PLANNED, Meetup.begins_at > at, Meetup.begins_at < at + LONGEST
    )
    found = db.session.scalars(soon.order_by(Meetup.begins_at, Meetup.id)).all()
    db.session.rollback()
    return found


def _remind(meetup_id: int, reminder: Reminder) -> int:
    """Write to the next portion of those whom one reminder concerns, and mark them; commits. How many.

    The meetup is held: nobody calls it off, moves it or answers in between.
    """
    meetup, at, sent = replying.hold(meetup_id), now(), 0
    if meetup is not None and meetup.state is MeetupState.PLANNED:
        since, until = reminder.window(meetup)
        if since <= at < until:
            rows = db.session.execute(_whom(meetup, reminder, since).limit(PORTION)).all()
            outbox.post_many([reminder.letter(meetup, person, invited, reply) for person, invited, reply in rows])
            for _, invited, reply in rows:
                if heard := reply or invited:
                    heard.reminded_at = at
            sent = len(rows)
    db.session.commit()
    return sent


def _remind_the_stage(meetup_id: int) -> int:
    """Remind those who lead or speak and have not said that they come, when the others are; commits. How many."""
    meetup, sent = replying.hold(meetup_id), 0
    if meetup is not None and meetup.state is MeetupState.PLANNED:
        since, until = the_day_before(meetup)
        sent = leading.remind(meetup, since) if since <= now() < until else 0
    db.session.commit()
    return sent


def _whom(meetup: Meetup, reminder: Reminder, since: datetime) -> sa.Select[Person, Invitation | None, Reply | None]:
    """Those whom a reminder concerns and who have heard nothing of the meetup since ``since``."""
    invited = sa.and_(Invitation.person_id == Person.id, Invitation.meetup_id == meetup.id)
    replied = sa.and_(Reply.person_id == Person.id, Reply.meetup_id == meetup.id)
    some = sa.select(Person, Invitation, Reply).where(Person.state.in_(IN_OFFICE), Person.mail.is_not(None))
    if reminder.answers:
        some = some.join(Reply, replied).outerjoin(Invitation, invited)
        some = some.where(
            Reply.answer.in_(reminder.answers), Reply.queued_at.is_(None), Reply.replied_at < since,
            sa.or_(Reply.reminded_at.is_(None), Reply.reminded_at < since),
        )  # fmt: skip
    else:
        some = some.join(Invitation, invited).outerjoin(Reply, replied)
        some = some.where(
            Reply.id.is_(None), Invitation.reminded_at.is_(None), Invitation.invited_at < since - TIME_TO_ANSWER,
        )  # fmt: skip
    return some.order_by(Person.id)


# --- When ---------------------------------------------------------------------------------------------------


def _at_work(day: date) -> date:
    """``day``, or the last day before it on which people are at work."""
    while not is_working_day(day):
        day -= timedelta(days=1)
    return day


def _hours(day: date, hours: tuple[time, time]) -> Window:
    since, until = (datetime.combine(day, hour, LONDON) for hour in hours)
    return since, until


def the_day_before(meetup: Meetup) -> Window:
    """The last working day before it."""
    return _hours(_at_work(day_of(meetup.begins_at) - timedelta(days=1)), BY_DAY)


def two_days_before(meetup: Meetup) -> Window:
    """The last working day that is two days before it, or more."""
    return _hours(_at_work(day_of(meetup.begins_at) - timedelta(days=2)), BY_DAY)


def a_week_before(meetup: Meetup) -> Window:
    """The last working day that is a week before it, or more."""
    return _hours(_at_work(day_of(meetup.begins_at) - timedelta(days=7)), BY_DAY)


def within_the_hour(meetup: Meetup) -> Window:
    """The hour before it begins, as far as people are awake."""
    from_at, until_at = _hours(day_of(meetup.begins_at), AWAKE)
    return max(meetup.begins_at - SOON[0], from_at), min(meetup.begins_at - SOON[1], until_at)


REMINDERS: Final = (
    Reminder(the_day_before, (Answer.YES, Answer.REMOTE), letters.coming),
    Reminder(within_the_hour, (Answer.REMOTE,), letters.begins),
    Reminder(two_days_before, (Answer.MAYBE,), letters.still_maybe),
    Reminder(a_week_before, (), letters.no_answer_yet),
)
