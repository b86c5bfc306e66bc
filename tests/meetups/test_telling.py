"""What people are told when a meetup changes: everybody concerned, once, whatever happens to the worker meanwhile."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import cast
import killable_telling
import occasions
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from ical.calendar_stream import IcsCalendarStream

from registry.config import Settings
from registry.db import LONDON, db, now
from registry.meetups import reminding, replying, rounds
from registry.meetups.by_link import links
from registry.meetups.calendars import telling
from registry.meetups.models import Answer, Meetup, Reply, Way
from registry.outbox import Message
from registry.people.models import PersonState


@pytest.fixture
def meetup(app: Flask) -> Meetup:
    """Six are concerned: one says nothing, four answer, one has left since."""
    meetup = occasions.a_meetup(online_link="https://meet.dunmore.example/7")
    occasions.invite(meetup, cast.a_person("silent"))
    for answer in Answer:
        person = cast.a_person(f"says.{answer.value}")
        occasions.invite(meetup, person)
        occasions.say(meetup, person, answer)
    gone = cast.a_person("gone")
    occasions.say(meetup, gone, Answer.YES)
    gone.state, gone.left_at = PersonState.LEFT, now()
    occasions.invite(meetup, cast.a_person("no.mail", mail=None))
    db.session.commit()
    return meetup


def mails() -> list[Message]:
    return list(db.session.scalars(sa.select(Message).order_by(Message.id)))


def told() -> dict[str, str]:
    """Who was written to, and the first word of the subject."""
    found = [(one.to.partition("@")[0], one.subject.partition(":")[0]) for one in mails()]
    assert len(found) == len(dict(found))
    return dict(found)


def event_in(message: Message) -> Any:
    (event,) = IcsCalendarStream.calendar_from_ics(message.calendar).events
    return event


def change(meetup: Meetup, **changes: Any) -> None:
    """Change it as its page does, and commit."""
    began = meetup.begins_at
    telling.changed(meetup, occasions.change(meetup, **changes), began=began)
    db.session.commit()


ALL_BUT_NO = ["says.maybe", "says.remote", "says.yes", "silent"]


def test_a_change_is_told_to_those_concerned_but_not_to_those_who_said_no(meetup: Meetup) -> None:
    change(meetup, place="Room 3, County Hall")
    assert mails() == []
    assert telling.tell() == 4
    assert sorted(told().items()) == [(name, "Changed") for name in ALL_BUT_NO]
    assert {event_in(one).location for one in mails()} == {"Room 3, County Hall"}
    assert {(event_in(one).uid, event_in(one).sequence) for one in mails()} == {(meetup.uid, 100)}
    states = {one.to.partition("@")[0]: str(event_in(one).attendees[0].status) for one in mails()}
    assert states == {
        "silent": "NEEDS-ACTION", "says.yes": "ACCEPTED", "says.remote": "ACCEPTED", "says.maybe": "TENTATIVE",
    }  # fmt: skip
    assert telling.tell() == 0


def test_another_day_is_told_to_those_who_said_no_too(meetup: Meetup) -> None:
    later = timedelta(days=7)
    change(meetup, begins_at=meetup.begins_at + later, ends_at=meetup.ends_at + later)
    assert telling.tell() == 5
    assert sorted(told().items()) == [(name, "New time") for name in sorted([*ALL_BUT_NO, "says.no"])]
    (to_no,) = [one for one in mails() if one.to.startswith("says.no")]
    assert "That was the time before: can you come now?" in to_no.text


def test_what_calendars_do_not_show_is_told_to_nobody(meetup: Meetup) -> None:
    change(meetup, capacity=30)
    assert not telling.is_anything_to_tell()


def test_what_is_called_off_is_taken_out_of_the_calendars_of_those_who_might_come(meetup: Meetup) -> None:
    occasions.call_off(meetup)
    telling.called_off(meetup)
    db.session.commit()
    assert telling.tell() == 4
    assert sorted(told().items()) == [(name, "Called off") for name in ALL_BUT_NO]
    assert {("METHOD:CANCEL\r\n" in one.calendar, event_in(one).sequence) for one in mails()} == {(True, 100)}
    assert {"Why: The room is flooded." in one.text for one in mails()} == {True}


def test_each_is_given_a_link_of_their_own(meetup: Meetup) -> None:
    change(meetup, title="Photographs")
    telling.tell()
    found = {line for one in mails() for line in one.text.splitlines() if "/answer/" in line}
    assert len(found) == 4
    for line in found:
        invitation = links.opened_by(line.rpartition("/")[2])
        assert invitation is not None
        assert invitation.meetup_id == meetup.id


def test_whose_link_was_revoked_is_told_all_the_same_and_given_none(app: Flask) -> None:
    meetup, nia = occasions.a_meetup(), cast.library_officer()
    dead = links.address_of(occasions.invite(meetup, nia, revoked_at=now()))
    change(meetup, place="Room 3")
    assert telling.tell() == 1
    (mail,) = mails()
    assert f"To answer, or to change your answer:\nhttp://127.0.0.1:5000/meetups/{meetup.id}" in mail.text
    assert dead not in mail.text + mail.calendar.replace("\r\n ", "")


def test_a_second_change_before_the_first_is_told_is_told_once(meetup: Meetup) -> None:
    later = timedelta(hours=1)
    change(meetup, begins_at=meetup.begins_at + later, ends_at=meetup.ends_at + later)
    change(meetup, place="Room 9")
    assert telling.tell() == 5
    assert {one.subject.partition(":")[0] for one in mails()} == {"New time"}
    assert {event_in(one).sequence for one in mails()} == {200}


def test_a_change_in_the_middle_of_telling_reaches_everybody_as_it_is_then(
    meetup: Meetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "PORTION", 2)
    change(meetup, place="Room 3")
    telling._tell_some(meetup.id)
    db.session.commit()
    first = len(mails())
    change(meetup, place="Room 4")
    telling.tell()
    last = [one for one in mails() if event_in(one).sequence == 200]
    assert (first > 0, sorted(one.to.partition("@")[0] for one in last)) == (True, ALL_BUT_NO)


@pytest.mark.parametrize("portion", [1, 2, 3, 100])
def test_a_worker_that_dies_between_or_within_portions_leaves_nobody_out_and_tells_nobody_twice(
    meetup: Meetup, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    monkeypatch.setattr(telling, "PORTION", portion)
    change(meetup, place="Room 3")
    while telling.is_anything_to_tell():
        telling._tell_some(meetup.id)
        db.session.rollback()  # It dies before the commit,
        telling._tell_some(meetup.id)
        db.session.commit()  # and after it.
    assert sorted(told()) == ALL_BUT_NO


def test_several_workers_at_once_tell_each_once(app: Flask, meetup: Meetup, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "PORTION", 1)
    change(meetup, place="Room 3")

    def work(_number: int) -> int:
        with app.app_context():
            return telling.tell()

    with ThreadPoolExecutor(4) as workers:
        assert sum(workers.map(work, range(4))) == 4
    assert sorted(told()) == ALL_BUT_NO


def test_what_is_over_is_told_to_nobody(meetup: Meetup) -> None:
    change(meetup, place="Room 3")
    with time_machine.travel(meetup.ends_at + timedelta(minutes=1)):
        assert telling.tell() == 0
    assert not telling.is_anything_to_tell()


def test_the_worker_notes_only_what_it_has_told(app: Flask, meetup: Meetup) -> None:
    settings = app.config["SETTINGS"]
    assert rounds.tell_news(settings) == ""
    change(meetup, place="Room 3")
    assert rounds.tell_news(settings) == "4 told"


def test_thousands_are_told_in_a_few_statements_a_portion(app: Flask, count_queries: Any) -> None:
    meetup = occasions.a_meetup()
    for _ in range(telling.PORTION + 5):
        occasions.invite(meetup, cast.a_person())
    change(meetup, place="Room 3")
    with count_queries() as ran:
        assert telling.tell() == telling.PORTION + 5
    assert len(ran) < 20, ran


# --- One by one ---------------------------------------------------------------------------------------------


def answer(meetup: Meetup, name: str, said: Answer, way: Way = Way.APP) -> Reply:
    """Somebody answers as on a page."""
    held, person = replying.hold(meetup.id), cast.play(cast.Part(name, name.title(), "Officer", ("Roads",)))
    assert held is not None
    reply, moved_up = replying.answer(meetup=held, person=person, answer=said, way=way)
    telling.moved_up(moved_up)
    telling.answered(reply)
    db.session.commit()
    return reply


def subjects() -> list[tuple[str, str]]:
    return [(one.to.partition("@")[0], one.subject.partition(":")[0]) for one in mails()]


def test_an_answer_is_confirmed_once_and_not_on_each_press(app: Flask) -> None:
    meetup = occasions.a_meetup()
    for _ in range(3):
        answer(meetup, "nia", Answer.YES)
    assert subjects() == [("nia", "You come")]
    assert event_in(mails()[0]).attendees[0].status == "ACCEPTED"


def test_another_answer_is_confirmed_too_six_times_at_most(app: Flask) -> None:
    meetup = occasions.a_meetup()
    for said in (Answer.MAYBE, Answer.NO, Answer.YES, Answer.REMOTE) * 4:
        answer(meetup, "nia", said)
    assert [subject for _, subject in subjects()] == [
        "You may come", "You do not come", "You come", "You join online", "You may come", "You do not come",
    ]  # fmt: skip
    assert ["METHOD:CANCEL\r\n" in one.calendar for one in mails()] == [False, True, False, False, False, True]


def test_a_no_that_calendars_know_nothing_of_brings_no_mail(app: Flask) -> None:
    answer(occasions.a_meetup(), "nia", Answer.NO)
    assert mails() == []


def test_a_calendar_that_answered_is_not_told_what_it_said_but_that_there_is_no_place(app: Flask) -> None:
    meetup = occasions.a_meetup(capacity=1)
    answer(meetup, "nia", Answer.YES, Way.CALENDAR)
    answer(meetup, "tomasz", Answer.YES, Way.CALENDAR)
    assert subjects() == [("tomasz", "You are on the list")]
    answer(meetup, "nia", Answer.NO, Way.CALENDAR)
    assert subjects()[1:] == [("tomasz", "You have a place")]
    assert event_in(mails()[1]).attendees[0].status == "ACCEPTED"


def test_more_room_is_told_to_each_who_moves_up(app: Flask) -> None:
    meetup = occasions.a_meetup(capacity=1)
    for name in ("nia", "tomasz", "farida", "aoife"):
        answer(meetup, name, Answer.YES)
    change(meetup, capacity=3)
    assert subjects()[4:] == [("tomasz", "You have a place"), ("farida", "You have a place")]


def test_nobody_who_has_left_is_given_a_place(app: Flask) -> None:
    meetup = occasions.a_meetup(capacity=1)
    answer(meetup, "nia", Answer.YES)
    waits = answer(meetup, "tomasz", Answer.YES)
    person = cast.play(cast.Part("tomasz", "", "", ()))
    person.state, person.left_at = PersonState.LEFT, now()
    answer(meetup, "nia", Answer.NO)
    assert (waits.waits, [name for name, _ in subjects()]) == (True, ["nia", "tomasz", "nia"])


def test_a_worker_that_is_killed_at_each_of_its_statements_tells_and_reminds_each_once(
    settings: Settings, meetup: Meetup
) -> None:
    """What is told and what reminds are two mails; those who join online, and who said nothing, get both."""
    for number in range(9):
        occasions.invite(meetup, cast.a_person(f"more{number}"))
        occasions.say(meetup, cast.a_person(f"online{number}"), Answer.REMOTE)
    soon = now() + timedelta(minutes=50)
    change(meetup, begins_at=soon, ends_at=soon + timedelta(hours=1))
    long_ago = now() - timedelta(days=9)
    db.session.execute(sa.update(Reply).values(replied_at=long_ago))
    db.session.commit()
    db.session.remove()
    killed = killable_telling.work(str(settings.instance), settings.database_url.get_secret_value())
    found = [(one.subject.partition(":")[0], one.to.partition("@")[0]) for one in mails()]
    online = ["says.remote", *(f"online{number}" for number in range(9))]
    reminded = online if reminding.AWAKE[0] <= now().astimezone(LONDON).time() < reminding.AWAKE[1] else []
    names = [*ALL_BUT_NO, "says.no", *(f"more{number}" for number in range(9)), *online[1:]]
    assert sorted(found) == sorted(
        [("New time", name) for name in names] + [("Within the hour", one) for one in reminded]
    )
    assert killed > 9
