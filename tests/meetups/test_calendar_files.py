"""Calendar files: two parsers that know nothing of each other, and of ours, read what the register holds."""

import io
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

import cast
import icalendar
import occasions
import pytest
import sqlalchemy as sa
from dateutil.tz import tzical
from flask import Flask
from hypothesis import HealthCheck, example, given
from hypothesis import settings as trials
from hypothesis import strategies as st
from ical.calendar_stream import IcsCalendarStream

from registry.calendar_files import line, plain
from registry.config import Settings
from registry.db import LONDON, db, now
from registry.meetups.by_link import links
from registry.meetups.calendars import ical, telling
from registry.meetups.models import Answer, Kind, Meetup, MeetupState, Reply, Way
from registry.outbox import Message
from registry.people.models import Person, PersonState


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Answers of calendars are read."""
    told = {"reply_address": "meetups@dunmore.example", "reply_mailbox": "/var/mail/meetups"}
    return settings.model_copy(update=told | {"organisation": "Dunmore, “the” Council; 🏴"})


class Read(NamedTuple):
    """What a parser makes of the one event of a file."""

    method: str
    uid: str
    sequence: int
    begins: datetime
    ends: datetime
    title: str
    place: str
    about: str
    status: str
    attendee: tuple[str, str, str, bool]
    organiser: tuple[str, str]


def by_icalendar(text: str) -> Read:
    """As the package ``icalendar`` reads it."""
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    asked, asks = event["attendee"], event["organizer"]
    return Read(
        str(calendar["method"]), str(event["uid"]), int(event["sequence"]), event["dtstart"].dt.astimezone(UTC),
        event["dtend"].dt.astimezone(UTC), str(event["summary"]), str(event.get("location", "")),
        str(event["description"]), str(event.get("status", "")),
        (str(asked), asked.params["CN"], asked.params["PARTSTAT"], asked.params["RSVP"] == "TRUE"),
        (str(asks), asks.params["CN"]),
    )  # fmt: skip


def by_ical(text: str) -> Read:
    """As the package ``ical`` reads it, which shares no code with the other."""
    calendar = IcsCalendarStream.calendar_from_ics(text)
    (event,) = calendar.events
    (asked,), asks = event.attendees, event.organizer
    assert asks is not None
    return Read(
        calendar.method or "", event.uid, event.sequence or 0, moment(event.dtstart), moment(event.dtend),
        event.summary or "", event.location or "", event.description or "", event.status.value if event.status else "",
        (str(asked.uri), asked.common_name or "", str(asked.status), bool(asked.rsvp)),
        (str(asks.uri), asks.common_name or ""),
    )  # fmt: skip


def moment(value: Any) -> datetime:
    assert isinstance(value, datetime)
    return value.astimezone(UTC)


def wall(shown: str) -> datetime:
    """What a clock on the wall shows, of no zone."""
    return datetime.fromisoformat(shown)


def lines(text: str) -> list[str]:
    """The lines of a file, put together where they were folded."""
    return text.replace("\r\n ", "").split("\r\n")


def a_meetup_of(title: str, place: str, about: str, **more: Any) -> Meetup:
    """A meetup that no database has seen."""
    values = {
        "id": 7, "kind": Kind.MEETUP, "title": title, "place": place, "about": about, "online_link": "", "page": "",
        "cancelled_reason": "", "begins_at": occasions.THURSDAY, "ends_at": occasions.THURSDAY + timedelta(hours=1),
        "state": MeetupState.PLANNED, "uid": "7@social-account-registry", "sequence": 3, "changed_at": now(),
    }  # fmt: skip
    return Meetup(**(values | more))


def a_person_of(name: str) -> Person:
    """Somebody whom no database has seen."""
    return Person(name=name, mail="nia.okafor@dunmore.example", state=PersonState.ACTIVE)


NASTY = (
    'One, two; three: “four”\\n \\, \\; \\\\ 🦊👩‍👩‍👧 "five" ^n ^\' six\r\n'
    "seven\rBcc: all@dunmore.example\n\nEND:VEVENT\t\x00\x0b\u2028x"
)
TEXTS = st.text(max_size=300) | st.text('a ,;:\\nN"^\r\n\u2028\x85\t🦊é', max_size=200)


@example(title=NASTY, place=NASTY, about=NASTY, name=NASTY)
@example(title="é" * 400, place="🦊" * 100, about="x" * 5000, name="Ł" * 200)
@example(title="", place="", about="", name="")
@example(title=" x ", place="\n", about="\\", name="'")
@given(title=TEXTS, place=TEXTS, about=TEXTS, name=TEXTS)
@trials(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_two_parsers_read_back_what_is_in_every_field(
    app: Flask, title: str, place: str, about: str, name: str
) -> None:
    meetup, person = a_meetup_of(title, place, about), a_person_of(name)
    text = ical.request(meetup, person)
    rest = f"All about it: http://127.0.0.1:5000/meetups/{meetup.id}"
    expected = Read(
        "REQUEST", meetup.uid, 300, meetup.begins_at, meetup.ends_at, plain(title), plain(place),
        plain(about) + "\n\n" + rest if about else rest, "CONFIRMED",
        ("mailto:nia.okafor@dunmore.example", line(name), "NEEDS-ACTION", True),
        ("mailto:meetups@dunmore.example", "Dunmore, “the” Council; 🏴"),
    )  # fmt: skip
    assert by_icalendar(text) == expected
    assert by_ical(text) == expected
    assert [one for one in text.encode().split(b"\r\n") if len(one) > 75] == []
    assert text.replace("\r\n", "").isprintable() or "\t" in text or not (title + place + about + name).isprintable()
    assert "\n" not in text.replace("\r\n", "")
    assert "\r" not in text.replace("\r\n", "")


@pytest.mark.parametrize("title", ["N:\\News", "n:\\news", "\\\\N", "a\\;b\\,c\\"])
def test_a_backslash_stays_one_whatever_comes_after_it(app: Flask, title: str) -> None:
    """The package that writes the files takes one before a capital N for a line end, if it is left to it."""
    text = ical.request(a_meetup_of(title, title, title), a_person_of("Nia"))
    assert [(read.title, read.place) for read in (by_icalendar(text), by_ical(text))] == [(title, title)] * 2


@pytest.mark.parametrize(
    ("begins", "minutes"),
    [
        ("2026-03-29T00:30:00+00:00", 60),  # Half an hour before the clocks go forward, until half an hour after.
        ("2026-03-29T01:00:00+00:00", 30),
        ("2026-03-28T12:30:00+00:00", 24 * 60),
        ("2026-10-24T23:30:00+00:00", 120),  # From 00:30 of summer to 01:30 of winter: the second half past one.
        ("2026-10-25T00:30:00+00:00", 15),  # The first half past one,
        ("2026-10-25T01:30:00+00:00", 15),  # and the second.
        ("2026-10-25T00:45:00+00:00", 60),
        ("2026-10-25T02:00:00+00:00", 60),
        ("2026-10-24T11:30:00+00:00", 26 * 60),
        ("2026-07-02T11:30:00+00:00", 60),
        ("2026-12-03T12:30:00+00:00", 60),
    ],
)
def test_both_read_the_moment_that_is_meant_over_both_changes_of_the_clock(
    app: Flask, begins: str, minutes: int
) -> None:
    begins_at = datetime.fromisoformat(begins)
    ends_at = begins_at + timedelta(minutes=minutes)
    text = ical.request(a_meetup_of("T", "", "", begins_at=begins_at, ends_at=ends_at), a_person_of("Nia"))
    for read in (by_icalendar(text), by_ical(text)):
        assert (read.begins, read.ends) == (begins_at, ends_at)


def test_the_rules_of_the_time_zone_are_london_s_each_hour_from_1997_to_2037(app: Flask) -> None:
    text = ical.request(a_meetup_of("T", "", ""), a_person_of("Nia"))
    begin, end = text.index("BEGIN:VTIMEZONE"), text.index("END:VTIMEZONE") + len("END:VTIMEZONE")
    zone = tzical(io.StringIO(text[begin:end])).get("Europe/London")
    hours = [wall("1997-01-01") + timedelta(hours=hour) for hour in range(0, 40 * 365 * 24, 13)]
    changes = [wall(day) + timedelta(minutes=15 * n) for day in ("2026-03-29", "2026-10-25") for n in range(16)]
    differing = [
        local for local in (*hours, *changes)
        # The hour that comes twice has two answers, and the one that is left out has none.
        if LONDON.utcoffset(local) == LONDON.utcoffset(local.replace(fold=1))
        and zone.utcoffset(local) != LONDON.utcoffset(local)
    ]  # fmt: skip
    assert differing == []
    assert zone.utcoffset(wall("2026-10-25T01:30")) == timedelta(hours=1)


def test_an_invitation_says_who_asks_whom_and_how_to_answer_without_signing_in(app: Flask) -> None:
    nia, meetup = cast.library_officer(), occasions.a_meetup(online_link="https://meet.dunmore.example/7")
    invitation = occasions.invite(meetup, nia)
    text = ical.request(meetup, nia, invitation=invitation)
    read = by_icalendar(text)
    assert read.about.split("\n") == [
        "Join online: https://meet.dunmore.example/7", "",
        f"Answer, or change your answer: {links.address_of(invitation)}",
        "This link is yours alone. Keep it to yourself.", "",
        f"All about it: http://127.0.0.1:5000/meetups/{meetup.id}",
    ]  # fmt: skip
    assert [one for one in lines(text) if one.startswith(("ATTENDEE", "CLASS", "TRIGGER", "ACTION"))] == [
        'ATTENDEE;CN="Nia Okafor";CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;ROLE=REQ-PARTICIPANT;RSVP=TRUE'
        ":mailto:nia.okafor@dunmore.example",
        "CLASS:PRIVATE", "ACTION:DISPLAY", "TRIGGER:-PT30M",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "told"),
    [(Answer.YES, "ACCEPTED"), (Answer.REMOTE, "ACCEPTED"), (Answer.MAYBE, "TENTATIVE"), (Answer.NO, "DECLINED")],
)
def test_a_calendar_shows_what_they_said(app: Flask, answer: Answer, told: str) -> None:
    nia, meetup = cast.library_officer(), occasions.a_meetup()
    reply = occasions.say(meetup, nia, answer)
    for read in (by_icalendar, by_ical):
        assert read(ical.request(meetup, nia, reply=reply)).attendee[2:] == (told, False)


def test_who_waits_for_a_place_is_not_told_that_they_have_one(app: Flask) -> None:
    meetup = occasions.a_meetup(capacity=1)
    occasions.say(meetup, cast.library_officer(), Answer.YES)
    reply = occasions.say(meetup, cast.ward_sister(), Answer.YES)
    assert by_ical(ical.request(meetup, cast.ward_sister(), reply=reply)).attendee[2] == "TENTATIVE"


def test_a_change_has_the_same_uid_and_a_higher_sequence(app: Flask) -> None:
    meetup, nia = occasions.a_meetup(), cast.library_officer()
    first = by_ical(ical.request(meetup, nia))
    occasions.change(
        meetup, begins_at=meetup.begins_at + timedelta(hours=1), ends_at=meetup.ends_at + timedelta(hours=1)
    )
    second = by_ical(ical.request(meetup, nia))
    occasions.call_off(meetup)
    third = by_ical(ical.cancel(meetup, nia))
    assert [one.uid for one in (first, second, third)] == [meetup.uid] * 3
    assert [one.sequence for one in (first, second, third)] == [0, 100, 200]
    assert [one.method for one in (first, second, third)] == ["REQUEST", "REQUEST", "CANCEL"]
    assert second.begins - first.begins == timedelta(hours=1)
    assert (third.status, third.about.split("\n")[0]) == ("CANCELLED", "Called off: The room is flooded.")


def test_each_file_outdoes_the_one_before_and_a_no_of_one_person_cancels_nothing_for_others(app: Flask) -> None:
    meetup, nia = occasions.a_meetup(), cast.library_officer()
    for answer in (Answer.YES, Answer.NO, Answer.YES):
        telling.answered(occasions.say(meetup, nia, answer))
    occasions.change(meetup, place="Room 3")
    telling.changed(meetup, began=meetup.begins_at)
    telling.tell()
    files = db.session.scalars(sa.select(Message.calendar).order_by(Message.id)).all()
    for read in (by_icalendar, by_ical):
        told = [read(one) for one in files]
        assert [(one.method, one.sequence, one.status) for one in told] == [
            ("REQUEST", 1, "CONFIRMED"), ("CANCEL", 2, ""), ("REQUEST", 3, "CONFIRMED"), ("REQUEST", 103, "CONFIRMED"),
        ]  # fmt: skip
        assert {one.uid for one in told} == {meetup.uid}


def test_what_is_published_says_who_asks_and_names_nobody_who_is_asked(app: Flask) -> None:
    (event,) = icalendar.Calendar.from_ical(ical.published([occasions.a_meetup()])).walk("VEVENT")
    assert (str(event["organizer"]), "attendee" in event) == ("mailto:meetups@dunmore.example", False)


def test_no_answer_is_asked_of_a_calendar_where_nobody_reads_them(app: Flask) -> None:
    quiet = Settings(**(app.config["SETTINGS"].model_dump() | {"reply_mailbox": "", "reply_address": ""}))
    app.config["SETTINGS"] = quiet
    read = by_ical(ical.request(a_meetup_of("T", "", ""), a_person_of("Nia")))
    assert (read.attendee[3], read.organiser[0]) == (False, "mailto:registry@localhost")


def test_a_published_file_is_the_same_as_long_as_nothing_changes(app: Flask) -> None:
    meetup = occasions.a_meetup()
    other = occasions.a_meetup(title="Called off")
    occasions.call_off(other)
    one = ical.published([meetup, other], name="Meetups, mine", said={meetup.id: "maybe"})
    assert ical.published([meetup, other], name="Meetups, mine", said={meetup.id: "maybe"}) == one
    calendar = IcsCalendarStream.calendar_from_ics(one)
    assert [(event.summary, event.status and event.status.value, event.transparency) for event in calendar.events] == [
        (meetup.title, "TENTATIVE", "TRANSPARENT"), ("Called off", "CANCELLED", "TRANSPARENT"),
    ]  # fmt: skip
    assert [name for name in ("X-WR-CALNAME:Meetups\\, mine", "METHOD:PUBLISH", "REFRESH-INTERVAL;VALUE=DURATION:PT1H")
            if name not in lines(one)] == []  # fmt: skip


def test_a_reply_of_an_organiser_counts_as_any_other(app: Flask) -> None:
    reply = Reply(answer=Answer.YES, way=Way.ORGANISER, mails=0)
    assert by_ical(ical.request(a_meetup_of("T", "", ""), a_person_of("Nia"), reply=reply)).attendee[2] == "ACCEPTED"
