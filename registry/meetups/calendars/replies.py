"""Answers that calendars send by mail (METHOD:REPLY, RFC 5546, 3.2.3): what each says, and whether it counts.

Whoever can write to the mailbox can write in anybody's name, as everywhere in mail: the mail server in front of it must
refuse what is forged. Here an answer counts only where its sender is whom it answers for.
"""

import re
from dataclasses import dataclass
from datetime import datetime
from email.message import Message as Mail
from email.parser import BytesParser
from typing import Final

import sqlalchemy as sa

from registry.db import db, now
from registry.meetups import replying
from registry.meetups.calendars import ical, telling
from registry.meetups.calendars.models import MailFate, Telling
from registry.meetups.models import Answer, Invitation, Meetup, Reply, Way
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

#: Bytes of a calendar file in a mail, and parts of a mail, that are looked at, at most.
LARGEST: Final = 256 * 1024
MOST_PARTS: Final = 30
_ADDRESS: Final = r"[^\s<>()@,;:\"\\]+@[^\s<>()@,;:\"\\]+"
_FROM: Final = re.compile(rf"(?P<bare>{_ADDRESS})|[^<>@,;:\"\\]*<(?P<bracketed>{_ADDRESS})>")
_QUOTED: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
ANSWERS: Final = {"ACCEPTED": Answer.YES, "DECLINED": Answer.NO, "TENTATIVE": Answer.MAYBE}


@dataclass(frozen=True, slots=True)
class Told:
    """What a calendar says: who answers what to which meetup, as it was at ``sequence``, and when they said so."""

    sender: str
    address: str
    uid: str
    answer: Answer
    sequence: int
    at: datetime


def handle(content: bytes) -> MailFate:
    """Keep the answer that is in a mail, as it came, in the caller's transaction; says what became of it."""
    told = read(content)
    if told is None:
        return MailFate.OTHER
    if told.sender != told.address:
        return MailFate.REFUSED
    meetup_id = db.session.scalar(sa.select(Meetup.id).where(Meetup.uid == told.uid))
    meetup = replying.hold(meetup_id) if meetup_id is not None else None
    person = _asked(meetup.id, told.address) if meetup else None
    if meetup is None or person is None:
        return MailFate.UNKNOWN
    return _keep(meetup, person, told)


def _keep(meetup: Meetup, person: Person, told: Told) -> MailFate:
    before, telling_of_it = replying.of(meetup.id, person.id), db.session.get(Telling, meetup.id)
    of_another_day = telling_of_it is not None and told.sequence // ical.EDITIONS < telling_of_it.dated
    if of_another_day or (before is not None and told.at <= before.replied_at):
        return MailFate.STALE
    said, answer = before.answer if before else None, _meant(meetup, before, told.answer)
    try:
        reply, moved_up = replying.answer(meetup=meetup, person=person, answer=answer, way=Way.CALENDAR)
    except replying.NotOpen:
        return MailFate.CLOSED
    if answer is not said:
        reply.replied_at = min(told.at, now())
    telling.moved_up(moved_up)
    telling.answered(reply)
    return MailFate.ANSWERED


def _meant(meetup: Meetup, before: Reply | None, answer: Answer) -> Answer:
    """A calendar knows no "online": its yes means that where it was said before, or where there is no room."""
    from_afar = (before is not None and before.answer is Answer.REMOTE) or bool(meetup.online_link and not meetup.place)
    return Answer.REMOTE if answer is Answer.YES and from_afar else answer


def _asked(meetup_id: int, address: str) -> Person | None:
    """Who has that address, of those who are invited to a meetup or have answered; ``None`` where two have it."""
    invited = sa.select(Invitation.person_id).where(Invitation.meetup_id == meetup_id)
    some = sa.union(invited, sa.select(Reply.person_id).where(Reply.meetup_id == meetup_id))
    asked = sa.select(Person).where(
        Person.id.in_(some.scalar_subquery()), sa.func.lower(Person.mail) == address, Person.state.in_(IN_OFFICE)
    )
    people = db.session.scalars(asked.order_by(Person.id).limit(2)).all()
    return people[0] if len(people) == 1 else None


# --- What a mail says ---------------------------------------------------------------------------------------


def read(content: bytes) -> Told | None:
    """The one answer in a mail; ``None`` where it is a mail of another kind, or cannot be understood."""
    mail = BytesParser().parsebytes(content)
    senders = mail.get_all("From") or []
    said = _in_calendar(mail)
    if said is None or len(senders) != 1 or said.partstat not in ANSWERS:
        return None
    return Told(_sender(str(senders[0])), said.address, said.uid, ANSWERS[said.partstat], said.sequence, said.at)


def _sender(header: str) -> str:
    """The one address in a From header, in lower case; empty where there may be two ways to read it.

    Python itself takes what is before the brackets of ``one@here <other@there>`` for the address (CVE-2023-27043).
    """
    plain = _QUOTED.sub("", " ".join(header.split()))
    found = _FROM.fullmatch(plain)
    return (found["bare"] or found["bracketed"]).lower() if found else ""


def _in_calendar(mail: Mail) -> ical.Answered | None:
    """What the calendar file in a mail answers; ``None`` where there is none that does."""
    for number, part in enumerate(mail.walk()):
        if number >= MOST_PARTS:
            break
        if part.get_content_type() in ("text/calendar", "application/ics"):
            payload = part.get_payload(decode=True)
            if isinstance(payload, bytes) and len(payload) <= LARGEST:
                said = ical.answer_in(payload.decode("utf-8", "replace"))
                if said is not None:
                    return said
    return None
