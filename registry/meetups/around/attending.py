"""Who was there: ticked by an organiser, or said at the door with a code; and thanks to them afterwards."""

import base64
import hmac
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit, outbox
from registry.audit import Somebody
from registry.db import db, now
from registry.meetups.models import Answer, Meetup, MeetupState, Reply, Way
from registry.outbox import Mail
from registry.people.models import Person
from registry.people.queries import IN_OFFICE
from registry.seals import seal_of

THANKED: Final = audit.declare("meetup.thanked", "{actor} thanked {count} who came to “{subject}”", "count")
#: From when to when the code at the door counts, before the beginning and after the end.
DOORS_OPEN: Final = timedelta(minutes=45)
DOORS_CLOSE: Final = timedelta(hours=2)


class DoorsClosed(Exception):
    """It is too early or too late to say that one is there."""


def code_of(meetup: Meetup) -> str:
    """What the sign at the door says: eight letters and digits that nobody can guess from the address."""
    return base64.b32encode(bytes.fromhex(seal_of(f"door {meetup.uid}")))[:8].decode()


def is_code_of(meetup: Meetup, code: str) -> bool:
    """Whether ``code`` is what the sign says; compared in constant time."""
    return hmac.compare_digest(code_of(meetup).encode(), code.upper().encode())


def doors_are_open(meetup: Meetup) -> bool:
    """Whether people may say now that they are there."""
    if meetup.state is not MeetupState.PLANNED:
        return False
    return meetup.begins_at - DOORS_OPEN <= now() <= meetup.ends_at + DOORS_CLOSE


def came(*, meetup: Meetup, person: Somebody, way: Way) -> Reply:
    """Note that somebody is there, invited or not; whoever said nothing, or no, came all the same. ``meetup`` is held.

    Raises ``DoorsClosed`` where it is too early, and where they say so themselves and it is too late.
    """
    if now() < meetup.begins_at - DOORS_OPEN or (way is not Way.ORGANISER and not doors_are_open(meetup)):
        raise DoorsClosed
    reply = db.session.scalar(sa.select(Reply).where(Reply.meetup_id == meetup.id, Reply.person_id == person.id))
    if reply is None:
        reply = Reply(meetup_id=meetup.id, person_id=person.id, answer=Answer.MAYBE, replied_at=now(), way=way)
        db.session.add(reply)
    if reply.attended_at is None:
        reply.attended_at, reply.attended_way = now(), way
    db.session.flush()
    return reply


def did_not_come(*, meetup: Meetup, person_id: int) -> None:
    """Take the tick back."""
    db.session.execute(
        sa.update(Reply)
        .where(Reply.meetup_id == meetup.id, Reply.person_id == person_id)
        .values(attended_at=None, attended_way=None)
    )


def thank(*, meetup: Meetup, actor: Somebody, what_next: str, coming: Meetup | None) -> int:
    """Write to all who came, once: thank you, and what next. How many mails; nothing where it was done before."""
    if meetup.thanked_at is not None:
        return 0
    meetup.thanked_at, meetup.what_next = now(), what_next
    people = db.session.scalars(
        sa.select(Person)
        .join(Reply, Reply.person_id == Person.id)
        .where(Reply.meetup_id == meetup.id, Reply.attended_at.is_not(None), Person.state.in_(IN_OFFICE))
        .order_by(Person.name, Person.id)
    ).all()
    mails = [_thanks(meetup, one, what_next, coming) for one in people if one.mail]
    outbox.post_many(mails)
    audit.record(
        THANKED, actor=actor, subject_kind="meetup", subject_id=meetup.id, subject_name=meetup.title, count=len(people)
    )  # fmt: skip
    return len(mails)


def _thanks(meetup: Meetup, person: Person, what_next: str, coming: Meetup | None) -> Mail:
    after = (
        f"\n\nThe next one: {coming.title}, {coming.when}.\n{outbox.link(f'/meetups/{coming.id}')}" if coming else ""
    )
    return Mail(
        to=person.mail or "", person_id=person.id, subject=f"Thank you for coming: {meetup.title}",
        text=f"Hello {person.given_name or person.name},\n\nthank you for coming to “{meetup.title}”."
        f"{chr(10) * 2 + what_next if what_next else ''}\n\nSlides, links and what was answered are here:\n"
        f"{outbox.link(f'/meetups/{meetup.id}')}{after}\n",
    )  # fmt: skip


def there(meetup_id: int) -> int:
    """How many were noted as being there."""
    count = sa.select(sa.func.count(Reply.id)).where(Reply.meetup_id == meetup_id, Reply.attended_at.is_not(None))
    return db.session.scalar(count) or 0


def may_be_there(meetup_id: int) -> list[Reply]:
    """Whom to look for at the door: who said that they come, online or maybe, or is there already, by name."""
    return list(
        db.session.scalars(
            sa.select(Reply)
            .join(Reply.person)
            .where(Reply.meetup_id == meetup_id, sa.or_(Reply.answer != Answer.NO, Reply.attended_at.is_not(None)))
            .options(joinedload(Reply.person).joinedload(Person.team))
            .order_by(Person.name, Person.id)
        )
    )
