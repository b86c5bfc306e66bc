"""Answers that calendars send: which of them count, from the mail as it comes to what the register keeps."""

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from typing import Any

import cast
import occasions
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from hypothesis import HealthCheck, given
from hypothesis import settings as trials
from hypothesis import strategies as st

from registry.db import db, now
from registry.meetups import replying
from registry.meetups.calendars import ical, replies, telling
from registry.meetups.calendars.models import MailFate
from registry.meetups.models import Answer, Meetup, Reply, Way
from registry.outbox import Message
from registry.people.models import PersonState

NIA = "nia.okafor@dunmore.example"


@pytest.fixture
def meetup(app: Flask) -> Meetup:
    """The library officer is invited to it."""
    meetup = occasions.a_meetup(online_link="https://meet.dunmore.example/7")
    occasions.invite(meetup, cast.library_officer(), invited_at=now() - timedelta(days=2))
    db.session.commit()
    return meetup


def file(meetup: Meetup, **changes: Any) -> str:
    """A calendar file with an answer, as programs write them; ``changes`` are other values in it."""
    told = {
        "uid": meetup.uid, "partstat": "ACCEPTED", "attendee": f"mailto:{NIA}",
        "sequence": meetup.sequence * ical.EDITIONS, "at": now(), "method": "REPLY", "more": "",
    } | changes  # fmt: skip
    lines = (
        "BEGIN:VCALENDAR", "PRODID:-//Some program//EN", "VERSION:2.0", f"METHOD:{told['method']}", "BEGIN:VEVENT",
        f"UID:{told['uid']}", f"DTSTAMP:{told['at'].astimezone(UTC):%Y%m%dT%H%M%SZ}", f"SEQUENCE:{told['sequence']}",
        f"ATTENDEE;PARTSTAT={told['partstat']};CN=Nia:{told['attendee']}", *filter(None, [told["more"]]),
        "ORGANIZER:mailto:meetups@dunmore.example", "DTSTART:20270603T113000Z", "END:VEVENT", "END:VCALENDAR", "",
    )  # fmt: skip
    return "\r\n".join(lines)


def mail(text: str, *, sender: str = f"Nia Okafor <{NIA}>", method: str = "REPLY") -> bytes:
    """A mail that brings such a file."""
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = sender, "meetups@dunmore.example", "Accepted: Photographs"
    message["Message-ID"] = f"<{abs(hash(text))}@mail.dunmore.example>"
    message.set_content("Nia Okafor has accepted.")
    message.add_alternative(text.encode(), maintype="text", subtype="calendar", params={"method": method})
    return message.as_bytes()


def handle(content: bytes) -> MailFate:
    fate = replies.handle(content)
    db.session.commit()
    return fate


def kept() -> list[tuple[str, str, Way]]:
    """Who said what, and how."""
    rows = db.session.execute(sa.select(Reply).order_by(Reply.id)).scalars()
    return [(str(one.person_id), one.answer.value, one.way) for one in rows]


@pytest.mark.parametrize(
    ("partstat", "answer"), [("ACCEPTED", "yes"), ("DECLINED", "no"), ("TENTATIVE", "maybe"), ("accepted", "yes")]
)
def test_an_answer_counts(meetup: Meetup, partstat: str, answer: str) -> None:
    assert handle(mail(file(meetup, partstat=partstat))) is MailFate.ANSWERED
    assert kept() == [(str(cast.library_officer().id), answer, Way.CALENDAR)]
    assert db.session.scalars(sa.select(Message)).all() == []


def test_an_answer_in_other_spellings_counts_too(meetup: Meetup) -> None:
    text = file(meetup, attendee="MAILTO:Nia.Okafor@DUNMORE.example", more="COMMENT:Looking forward\\, all!")
    assert handle(mail(text, sender="NIA.OKAFOR@dunmore.EXAMPLE")) is MailFate.ANSWERED


@pytest.mark.parametrize(
    ("changes", "sender", "fate"),
    [
        ({}, "oluwaseun.ade@dunmore.example", MailFate.REFUSED),
        ({}, f"{NIA} <oluwaseun.ade@dunmore.example>", MailFate.REFUSED),
        ({"attendee": "mailto:oluwaseun.ade@dunmore.example"}, NIA, MailFate.REFUSED),
        ({"attendee": "mailto:stranger@dunmore.example"}, "stranger@dunmore.example", MailFate.UNKNOWN),
        ({"uid": "nonsense"}, NIA, MailFate.UNKNOWN),
        ({"partstat": "DELEGATED"}, NIA, MailFate.OTHER),
        ({"partstat": "NEEDS-ACTION"}, NIA, MailFate.OTHER),
        ({"method": "REQUEST"}, NIA, MailFate.OTHER),
        ({"method": "CANCEL"}, NIA, MailFate.OTHER),
        ({"more": "ATTENDEE;PARTSTAT=ACCEPTED:mailto:b@c.example"}, NIA, MailFate.OTHER),
        ({"sequence": "many"}, NIA, MailFate.OTHER),
        ({}, "", MailFate.OTHER),
    ],
)  # fmt: skip
def test_what_is_not_right_changes_nothing(
    meetup: Meetup, changes: dict[str, Any], sender: str, fate: MailFate
) -> None:
    content = mail(file(meetup, **changes), sender=sender or "x@y.example")
    if not sender:
        content = content.replace(b"From: x@y.example\n", f"From: {NIA}\nFrom: x@y.example\n".encode())
    assert handle(content) is fate
    assert kept() == []


def test_who_is_not_invited_cannot_answer_by_calendar(meetup: Meetup) -> None:
    stranger = cast.stranger()
    text = file(meetup, attendee=f"mailto:{stranger.mail}")
    assert handle(mail(text, sender=str(stranger.mail))) is MailFate.UNKNOWN


def test_a_leaver_does_not_answer(meetup: Meetup) -> None:
    nia = cast.library_officer()
    nia.state, nia.left_at = PersonState.LEFT, now()
    assert handle(mail(file(meetup))) is MailFate.UNKNOWN


def test_an_address_that_two_have_answers_for_neither(meetup: Meetup) -> None:
    occasions.invite(meetup, cast.a_person(mail=NIA))
    assert handle(mail(file(meetup))) is MailFate.UNKNOWN


def test_of_two_answers_the_later_one_counts_in_whatever_order_they_arrive(meetup: Meetup) -> None:
    first = mail(file(meetup, partstat="ACCEPTED", at=now() - timedelta(minutes=9)))
    second = mail(file(meetup, partstat="DECLINED", at=now() - timedelta(minutes=4)))
    assert [handle(one) for one in (first, second, first)] == [MailFate.ANSWERED, MailFate.ANSWERED, MailFate.STALE]
    assert [answer for _, answer, _ in kept()] == ["no"]


def test_an_answer_on_the_page_counts_more_than_an_earlier_one_of_the_calendar(meetup: Meetup) -> None:
    occasions.say(meetup, cast.library_officer(), Answer.NO)
    assert handle(mail(file(meetup, at=now() - timedelta(minutes=1)))) is MailFate.STALE
    assert handle(mail(file(meetup, at=now() + timedelta(minutes=1)))) is MailFate.ANSWERED
    assert kept()[0][1:] == ("yes", Way.CALENDAR)
    assert db.session.scalars(sa.select(Reply.replied_at)).one() <= now()


def test_an_answer_to_the_day_before_it_moved_counts_no_more(meetup: Meetup) -> None:
    early, began = mail(file(meetup)), meetup.begins_at
    occasions.change(meetup, place="Room 3")
    telling.changed(meetup, began=began)
    assert handle(early) is MailFate.ANSWERED
    another = mail(file(meetup, at=now() + timedelta(seconds=5)))
    later = timedelta(days=7)
    occasions.change(meetup, begins_at=began + later, ends_at=meetup.ends_at + later)
    telling.changed(meetup, began=began)
    assert handle(another) is MailFate.STALE
    assert handle(mail(file(meetup, at=now() + timedelta(seconds=9)))) is MailFate.ANSWERED


def test_a_calendar_s_yes_means_from_afar_where_it_must(meetup: Meetup) -> None:
    occasions.say(meetup, cast.library_officer(), Answer.REMOTE)
    assert handle(mail(file(meetup, at=now() + timedelta(seconds=5)))) is MailFate.ANSWERED
    online = occasions.a_meetup(place="", online_link="https://meet.dunmore.example/8")
    occasions.invite(online, cast.library_officer())
    assert handle(mail(file(online))) is MailFate.ANSWERED
    assert [answer for _, answer, _ in kept()] == ["remote", "remote"]


def test_nobody_answers_what_is_over_or_called_off(meetup: Meetup) -> None:
    with time_machine.travel(occasions.THURSDAY + timedelta(days=1)):
        assert handle(mail(file(meetup))) is MailFate.CLOSED
    occasions.call_off(meetup)
    assert handle(mail(file(meetup))) is MailFate.CLOSED


def test_a_place_that_is_given_back_goes_to_who_waits(app: Flask) -> None:
    meetup = occasions.a_meetup(capacity=1)
    nia, stranger = cast.library_officer(), cast.stranger()
    for one in (nia, stranger):
        occasions.invite(meetup, one)
        occasions.say(meetup, one, Answer.YES)
    assert handle(mail(file(meetup, partstat="DECLINED", at=now() + timedelta(seconds=5)))) is MailFate.ANSWERED
    reply = replying.of(meetup.id, stranger.id)
    assert reply is not None
    assert (reply.waits, reply.seat) == (False, 1)
    # Nia's calendar has a place no more, and knows it; the stranger has one now.
    assert [one.to for one in db.session.scalars(sa.select(Message))] == [stranger.mail]


@pytest.mark.parametrize(
    ("header", "address"),
    [
        (NIA, NIA), (f"<{NIA}>", NIA), (f"Nia Okafor <{NIA}>", NIA), (f'"Okafor, Nia" <{NIA}>', NIA),
        (f"Nia (Libraries) <{NIA}>", NIA), (f"=?utf-8?q?Nia_=C5=81?= <{NIA}>", NIA), (f"Nia\n <{NIA}>", NIA),
        (f'"a@b \\" <x@y>" <{NIA}>', NIA), (f"x@y <{NIA}>", ""), (f"{NIA}, x@y", ""), (f"x@y, <{NIA}>", ""),
        (f"<x@y> <{NIA}>", ""), (f"{NIA} <x@y>", ""), (f"{NIA}(x@y)", ""), (f"Nia <{NIA}> x", ""), ("", ""),
        (f"list: {NIA};", ""), ("nobody", ""), (f"{NIA}@x.example", ""), (f'"{NIA}" <x@y>', "x@y"),
    ],
)  # fmt: skip
def test_the_sender_is_the_one_address_or_nobody(header: str, address: str) -> None:
    assert replies._sender(header) == address


# --- Mails that are something else ----------------------------------------------------------------------------


def test_a_file_that_is_too_large_and_one_behind_too_many_parts_are_left_alone(meetup: Meetup) -> None:
    large = file(meetup, more="COMMENT:" + "x" * replies.LARGEST)
    assert handle(mail(large)) is MailFate.OTHER
    message = EmailMessage()
    message["From"] = NIA
    for _ in range(replies.MOST_PARTS):
        message.add_attachment("x")
    message.add_attachment(file(meetup).encode(), maintype="text", subtype="calendar")
    assert handle(message.as_bytes()) is MailFate.OTHER


def test_a_reply_as_an_attachment_counts(meetup: Meetup) -> None:
    message = EmailMessage()
    message["From"] = NIA
    message.set_content("See the file.")
    message.add_attachment(file(meetup).encode(), maintype="application", subtype="ics", filename="reply.ics")
    assert handle(message.as_bytes()) is MailFate.ANSWERED


@given(st.binary(max_size=400) | st.text(max_size=400).map(lambda text: text.encode("utf-8", "replace")))
def test_nothing_that_is_no_mail_is_read_as_an_answer(content: bytes) -> None:
    assert replies.read(content) is None


@given(st.data())
@trials(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=300)
def test_a_damaged_mail_is_read_or_left_alone_and_breaks_nothing(app: Flask, data: st.DataObject) -> None:
    class Stand:
        uid, sequence = "7@social-account-registry", 0

    whole = mail(file(Stand(), at=datetime(2026, 6, 1, tzinfo=UTC)))  # type: ignore[arg-type]
    first = data.draw(st.integers(0, len(whole)))
    last = data.draw(st.integers(first, min(first + 40, len(whole))))
    damaged = whole[:first] + data.draw(st.binary(max_size=20)) + whole[last:]
    told = replies.read(damaged)
    assert told is None or isinstance(told, replies.Told)
