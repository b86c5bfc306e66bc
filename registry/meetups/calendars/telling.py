"""Telling those concerned what has become of a meetup, with a file that puts their calendar right.

What concerns thousands is only marked here, in the transaction of the change, and told by the worker in portions.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa

from registry import outbox
from registry.db import db, exclusively, now
from registry.meetups import leading, replying
from registry.meetups.calendars import letters
from registry.meetups.calendars.models import Telling
from registry.meetups.models import AgendaItem, Answer, Invitation, Meetup, MeetupState, Reply, Way
from registry.outbox import Mail
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

#: People who are told in one transaction.
PORTION: Final = 100
#: Mails that say what somebody said, at most: who changes their mind more often reads it on the page.
MOST_MAILS: Final = 6


def changed(meetup: Meetup, moved_up_too: Sequence[Reply] = (), *, began: datetime | None = None) -> None:
    """Have everybody concerned told that a meetup has changed, where their calendars show what has; see ``tell``.

    ``meetup`` is held, and as it is now; ``moved_up_too`` are the answers of those who have a place because of it;
    ``began`` is when it would have begun before: where that was another time, those who said no are told too.
    """
    _mark(meetup, moved=began is not None and began != meetup.begins_at)
    moved_up(moved_up_too)


def called_off(meetup: Meetup) -> None:
    """Have everybody who might come told that a meetup, which is held, does not take place; see ``tell``."""
    _mark(meetup, moved=False)


def _mark(meetup: Meetup, *, moved: bool) -> None:
    telling = db.session.get(Telling, meetup.id)
    if meetup.sequence <= (telling.sequence if telling else 0):
        return
    if telling is None:
        telling = Telling(meetup_id=meetup.id, dated=0, moved=False)
        db.session.add(telling)
    telling.moved = moved or (telling.moved and telling.done_at is None)
    if moved:
        telling.dated = meetup.sequence
    telling.sequence, telling.told_up_to, telling.done_at = meetup.sequence, 0, None
    db.session.flush()


def moved_up(replies: Sequence[Reply]) -> None:
    """Write to those who have waited and have a place now; the answers are of one meetup, which is held."""
    if not replies:
        return
    meetup = db.session.get_one(Meetup, replies[0].meetup_id)
    mails = []
    for person, invitation, reply in _concerned(meetup, [one.person_id for one in replies]):
        if reply is not None and person.mail:
            reply.told, reply.mails = reply.said, reply.mails + 1
            mails.append(letters.moved_up(meetup, person, invitation, reply))
    outbox.post_many(mails)


def answered(reply: Reply) -> None:
    """Write to somebody what they said, with what their calendar should hold: once for each other thing they say."""
    meetup = db.session.get_one(Meetup, reply.meetup_id)
    before, reply.told = reply.told, reply.said
    if reply.told == before or not meetup.is_open or reply.mails >= MOST_MAILS:
        return
    # A no takes out of a calendar what a mail has put there; a calendar that has said it knows it already.
    knows = (reply.said == "no" and before == "") or (reply.way is Way.CALENDAR and not reply.waits)
    if knows:
        return
    for person, invitation, _ in _concerned(meetup, [reply.person_id]):
        if person.mail:
            reply.mails += 1
            outbox.post_many([letters.confirmed(meetup, person, invitation, reply)])


# --- By the worker ------------------------------------------------------------------------------------------


def tell() -> int:
    """Tell those concerned what ``changed`` and ``called_off`` have marked, in portions; how many. Commits."""
    with exclusively("telling") as free:
        told = 0
        while free and (meetup_id := _due()) is not None:
            told += _tell_some(meetup_id)
            db.session.commit()
        db.session.rollback()
    return told


def is_anything_to_tell() -> bool:
    """Whether ``tell`` would find something to do."""
    return _due() is not None


def _due() -> int | None:
    return db.session.scalar(
        sa.select(Telling.meetup_id).where(Telling.done_at.is_(None)).order_by(Telling.meetup_id).limit(1)
    )


def _tell_some(meetup_id: int) -> int:
    """Write to the next portion of people, and remember how far that went; in the caller's transaction."""
    meetup = replying.hold(meetup_id)
    telling = db.session.get_one(Telling, meetup_id, populate_existing=True)
    if meetup is None or meetup.is_over:
        telling.done_at = now()
        return 0
    ids = db.session.scalars(_everybody(meetup, telling.told_up_to).limit(PORTION)).all()
    parts = leading.parts(meetup)
    mails = [mail for row in _concerned(meetup, ids) if (mail := _news(meetup, telling, parts, *row))]
    outbox.post_many(mails)
    if len(ids) < PORTION:
        telling.done_at = now()
    else:
        telling.told_up_to = ids[-1]
    return len(mails)


def _news(
    meetup: Meetup, telling: Telling, parts: dict[int, str], person: Person, invitation: Invitation | None,
    reply: Reply | None,
) -> Mail | None:  # fmt: skip
    """What somebody is told; ``None`` where it does not concern them, or they have no address.

    ``parts`` is what those do who lead it or speak there (see ``leading``): they are told whatever they have said.
    """
    part = parts.get(person.id, "")
    declined = reply is not None and reply.answer is Answer.NO and not part
    if not person.mail:
        return None
    if meetup.state is MeetupState.CANCELLED:
        return None if declined else letters.called_off(meetup, person, reply)
    if declined and not telling.moved:
        return None
    return letters.changed(meetup, person, invitation, reply, moved=telling.moved, part=part)


def _everybody(meetup: Meetup, after: int) -> sa.Select[int]:
    """The ids of those who are invited, have answered, lead or speak, from ``after`` on."""
    columns = (Invitation.person_id, Reply.person_id, AgendaItem.speaker_id)
    some = [sa.select(one.label("person_id")).where(one.class_.meetup_id == meetup.id, one > after) for one in columns]
    leads = sa.select(Person.id).where(Person.id == meetup.leader_id, Person.id > after)
    every = sa.union(*some, leads).subquery()
    return sa.select(every.c.person_id).order_by(every.c.person_id)


def _concerned(
    meetup: Meetup, ids: Iterable[int]
) -> list[tuple[Person, Invitation | None, Reply | None]]:  # fmt: skip
    """Of some people those who work here still, each with their invitation to a meetup and their answer, if any."""
    invited = sa.and_(Invitation.person_id == Person.id, Invitation.meetup_id == meetup.id)
    replied = sa.and_(Reply.person_id == Person.id, Reply.meetup_id == meetup.id)
    some = sa.select(Person, Invitation, Reply).outerjoin(Invitation, invited).outerjoin(Reply, replied)
    some = some.where(Person.id.in_(list(ids)), Person.state.in_(IN_OFFICE)).order_by(Person.id)
    return [(person, invitation, reply) for person, invitation, reply in db.session.execute(some)]
