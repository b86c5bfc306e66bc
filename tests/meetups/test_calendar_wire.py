"""What a mail server is given: the calendar file beside the text, and no header that somebody has smuggled in."""

import email.policy
import socket
from collections.abc import Iterator
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any

import cast
import icalendar
import occasions
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from flask import Flask
from ical.calendar_stream import IcsCalendarStream

from registry import outbox
from registry.config import Settings, load
from registry.db import db
from registry.meetups import reminding
from registry.meetups.calendars import letters, telling
from registry.meetups.models import Answer, Meetup
from registry.people.models import Person

#: What would be more than one header, one way or another.
TRICKS = (
    "=?utf-8?q?A=0D=0ABcc:_all@dunmore.example=0D=0A=0D=0AHello?=",
    "=?utf-8?b?QQ0KQmNjOiBhbGxAZHVubW9yZS5leGFtcGxlDQo=?=",
    "A\r\nBcc: all@dunmore.example", "A\nBcc: all@dunmore.example", "A\rBcc: all@dunmore.example",
    "A\u2028Bcc: all@dunmore.example", "A\u2029Bcc: all@dunmore.example", "A\x85Bcc: all@dunmore.example",
    "A\x0b\x0c\x1c\x1d\x1eBcc: all@dunmore.example", "A\r\n\r\nBcc: all@dunmore.example\r\n", "A\x00\r\n Bcc: x",
    "=?utf-8?q?A?=\r\n\tBcc: all@dunmore.example", "END:VEVENT\r\nMETHOD:CANCEL\r\n",
    'A"; x="y', "A" * 3000, "🦊" * 300,
)  # fmt: skip
#: All that a mail of ours has in its head.
HEADS = {
    "Content-Type", "MIME-Version", "Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
    "Content-Transfer-Encoding",
}  # fmt: skip


class Postman:
    """Takes every mail, as it comes over the wire."""

    def __init__(self) -> None:
        self.received: list[bytes] = []
        self.recipients: list[str] = []

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:
        self.received.append(bytes(envelope.original_content or b""))
        self.recipients += envelope.rcpt_tos
        return "250 OK"


@pytest.fixture
def postman() -> Iterator[tuple[Postman, int]]:
    """A mail server on a free port of this machine."""
    hands = Postman()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(hands, hostname="127.0.0.1", port=port)
    controller.start()
    yield hands, port
    controller.stop()


@pytest.fixture
def settings(instance: Path, database_url: str, postman: tuple[Postman, int]) -> Settings:
    """Mail goes to that server."""
    smtp: Any = {"host": "127.0.0.1", "port": postman[1], "sender": "Dunmore <registry@dunmore.example>"}
    return load(instance=instance, database_url=database_url, smtp=smtp)


def delivered(postman: tuple[Postman, int]) -> EmailMessage:
    """The one mail that arrives."""
    db.session.commit()
    assert outbox.deliver() == {"sent": 1}
    (content,) = postman[0].received
    parsed = BytesParser(policy=email.policy.default).parsebytes(content)
    assert isinstance(parsed, EmailMessage)
    return parsed


def parts(mail: EmailMessage) -> dict[str, EmailMessage]:
    return {part.get_content_type(): part for part in mail.walk()}  # type: ignore[misc]


@pytest.mark.parametrize(("cancelled", "method"), [(False, "REQUEST"), (True, "CANCEL")])
def test_the_calendar_file_stands_beside_the_text_as_mail_programs_look_for_it(
    app: Flask, postman: tuple[Postman, int], cancelled: bool, method: str
) -> None:
    meetup = occasions.a_meetup(title="Photographs, “good” ones; 🦊", about="METHOD:CANCEL\nis a word. " + "Łódź " * 90)
    nia = cast.library_officer()
    invitation = occasions.invite(meetup, nia)
    if cancelled:
        occasions.call_off(meetup)
    news = letters.called_off(meetup, nia) if cancelled else letters.changed(meetup, nia, invitation, None, moved=False)
    outbox.post_many([news])
    mail = delivered(postman)
    assert [part.get_content_type() for part in mail.walk()] == ["multipart/alternative", "text/plain", "text/calendar"]
    part = parts(mail)["text/calendar"]
    assert (part.get_param("method"), part.get_param("charset")) == (method, "utf-8")
    text = part.get_payload(decode=True)
    assert isinstance(text, bytes)
    assert text.decode() == news.calendar
    assert b"\n" not in text.replace(b"\r\n", b"")
    (event,) = IcsCalendarStream.calendar_from_ics(text.decode()).events
    assert event.summary == meetup.title
    assert max(map(len, postman[0].received[0].split(b"\r\n"))) <= 998


@pytest.mark.parametrize("trick", TRICKS)
@pytest.mark.parametrize("where", ["title", "name", "place", "reason", "organisation"])
def test_no_name_title_or_place_adds_a_header_or_a_line_to_the_file(
    app: Flask, postman: tuple[Postman, int], where: str, trick: str
) -> None:
    nia, meetup = _smuggle(app, where, trick)
    news = (
        letters.called_off(meetup, nia) if where == "reason" else letters.changed(meetup, nia, None, None, moved=True)
    )
    outbox.post_many([news])
    mail = delivered(postman)
    assert set(mail.keys()) - HEADS == set()
    assert len(mail.keys()) == len(set(mail.keys()))
    assert postman[0].recipients == ["nia.okafor@dunmore.example"]
    (text,) = (part for part in mail.walk() if part.get_content_type() == "text/calendar")
    calendar = icalendar.Calendar.from_ical(text.get_payload(decode=True))
    (event,) = calendar.walk("VEVENT")
    assert (str(calendar["method"]), str(event["uid"])) == ("CANCEL" if where == "reason" else "REQUEST", meetup.uid)
    assert set(event) - {
        "UID", "SEQUENCE", "LAST-MODIFIED", "DTSTART", "DTEND", "SUMMARY", "DESCRIPTION", "LOCATION", "URL", "CLASS",
        "DTSTAMP", "STATUS", "ORGANIZER", "ATTENDEE",
    } == set()  # fmt: skip
    assert isinstance(event["attendee"], icalendar.vCalAddress)


def _smuggle(app: Flask, where: str, trick: str) -> tuple[Person, Meetup]:
    """A person and a meetup, one of whose words is a trick."""
    nia = cast.library_officer()
    meetup = occasions.a_meetup()
    if where == "name":
        nia.name = nia.given_name = trick.replace("\x00", "")
    elif where == "organisation":
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"organisation": trick})
    elif where == "reason":
        meetup.cancelled_reason = trick.replace("\x00", "")
        occasions.call_off(meetup, meetup.cancelled_reason)
    else:
        setattr(meetup, where, trick.replace("\x00", "")[:120])
    db.session.flush()
    return nia, meetup


def test_a_reminder_arrives_as_text_alone(app: Flask, postman: tuple[Postman, int]) -> None:
    meetup = occasions.a_meetup()
    reply = occasions.say(meetup, cast.library_officer(), Answer.YES)
    outbox.post_many([letters.coming(meetup, cast.library_officer(), None, reply)])
    mail = delivered(postman)
    assert mail.get_content_type() == "text/plain"
    assert mail["Subject"] == ("Soon: Photographs that people stop at, Thursday 3 June 2027, 12:30 to 13:30")


def test_who_is_told_of_a_change_gets_it_over_the_wire(app: Flask, postman: tuple[Postman, int]) -> None:
    meetup = occasions.a_meetup()
    occasions.invite(meetup, cast.library_officer())
    began = meetup.begins_at
    occasions.change(meetup, place="Room 3")
    telling.changed(meetup, began=began)
    db.session.commit()
    assert (telling.tell(), reminding.run()) == (1, 0)
    assert delivered(postman)["Subject"].startswith("Changed: Photographs")
