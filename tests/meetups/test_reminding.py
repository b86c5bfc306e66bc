"""Reminders: each to whom it concerns, in its hours, once; never at night, late, or of what is called off."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import cast
import occasions
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from registry import jobs
from registry.db import LONDON, db, now
from registry.job_runs import LEAPT
from registry.meetups import reminding, rounds
from registry.meetups.models import Answer, Meetup
from registry.outbox import Message
from registry.people.models import PersonState
from registry.workdays import ClosurePeriod

#: Two weeks before the Thursday of ``occasions``, at noon.
LONG_BEFORE = occasions.THURSDAY - timedelta(days=14)


def at(day: int, clock: str) -> datetime:
    """A day of June 2027, or of May where it is above 20, and a time of London's clock."""
    hour, minute = map(int, clock.split(":"))
    return datetime(2027, 5 if day > 20 else 6, day, hour, minute, tzinfo=LONDON).astimezone(UTC)


@pytest.fixture
def meetup(app: Flask) -> Iterator[Meetup]:
    """On Thursday 3 June 2027 at 12:30: one says nothing, four answer, one waits, one has left; two weeks before."""
    with time_machine.travel(LONG_BEFORE, tick=False):
        meetup = occasions.a_meetup(capacity=1, online_link="https://meet.dunmore.example/7")
        occasions.invite(meetup, cast.a_person("silent"))
        for answer in Answer:
            person = cast.a_person(f"says.{answer.value}")
            occasions.invite(meetup, person)
            occasions.say(meetup, person, answer)
        occasions.say(meetup, cast.a_person("waits"), Answer.YES)
        gone = cast.a_person("gone")
        occasions.say(meetup, gone, Answer.REMOTE)
        gone.state, gone.left_at = PersonState.LEFT, now()
        occasions.invite(meetup, cast.a_person("gone.silent", state=PersonState.LEFT, left_at=now()))
        occasions.invite(meetup, cast.a_person("no.mail", mail=None))
        db.session.commit()
    yield meetup


def sent() -> list[tuple[str, str]]:
    """Who was written to, and what of."""
    rows = db.session.scalars(sa.select(Message).order_by(Message.id))
    return [(one.to.partition("@")[0], one.subject.partition(":")[0]) for one in rows]


def through(first: datetime, last: datetime) -> list[tuple[datetime, str, str]]:
    """Let the worker look each half hour; when who was written to what of."""
    told, moment = [], first
    while moment <= last:
        before = len(sent())
        with time_machine.travel(moment, tick=False):
            reminding.run()
        told += [(moment, *row) for row in sent()[before:]]
        moment += timedelta(minutes=30)
    return told


def test_each_hears_of_it_in_time_and_once(meetup: Meetup) -> None:
    assert through(at(21, "00:00"), at(4, "00:00")) == [
        (at(27, "08:00"), "silent", "Can you come? Photographs that people stop at, Thursday 3 June 2027, 12"),
        (at(1, "08:00"), "says.maybe", "Can you come? Photographs that people stop at, Thursday 3 June 2027, 12"),
        (at(2, "08:00"), "says.yes", "Soon"),
        (at(2, "08:00"), "says.remote", "Soon"),
        (at(3, "11:30"), "says.remote", "Within the hour"),
    ]


def test_the_way_in_comes_within_the_hour_for_those_who_join_from_afar(meetup: Meetup) -> None:
    through(at(3, "11:30"), at(3, "11:30"))
    mail = db.session.scalars(sa.select(Message)).one()
    assert "Join here:\nhttps://meet.dunmore.example/7" in mail.text


@pytest.mark.parametrize(
    ("moment", "who"),
    [
        (at(2, "07:59"), []), (at(2, "17:59"), ["says.yes", "says.remote"]), (at(2, "18:00"), []),
        (at(3, "11:29"), []), (at(3, "12:24"), ["says.remote"]), (at(3, "12:25"), []), (at(3, "12:31"), []),
        (at(3, "08:30"), []), (at(27, "18:00"), []), (at(28, "09:00"), []),
    ],
)  # fmt: skip
def test_a_worker_that_was_off_sends_nothing_late(meetup: Meetup, moment: datetime, who: list[str]) -> None:
    assert [name for _, name, _ in through(moment, moment)] == who


def test_what_is_called_off_reminds_nobody(meetup: Meetup) -> None:
    occasions.call_off(meetup)
    db.session.commit()
    assert through(at(26, "00:00"), at(4, "00:00")) == []


def test_another_day_reminds_anew(meetup: Meetup) -> None:
    through(at(2, "09:00"), at(2, "09:00"))
    with time_machine.travel(at(2, "10:00"), tick=False):
        occasions.change(meetup, begins_at=at(10, "12:30"), ends_at=at(10, "13:30"))
        db.session.commit()
    told = through(at(2, "10:30"), at(11, "00:00"))
    assert [(moment, who) for moment, who, _ in told] == [
        # A week before is the third, as late as that is: the invitation was not answered.
        (at(3, "08:00"), "silent"), (at(8, "08:00"), "says.maybe"), (at(9, "08:00"), "says.yes"),
        (at(9, "08:00"), "says.remote"), (at(10, "11:30"), "says.remote"),
    ]  # fmt: skip


def test_days_off_are_passed_over(meetup: Meetup) -> None:
    db.session.add(ClosurePeriod(from_on=at(31, "09:00").date(), to_on=at(2, "09:00").date(), words="Repairs"))
    db.session.commit()
    told = through(at(21, "00:00"), at(3, "12:00"))
    # Monday to Wednesday is closed, before it is a weekend: so the Friday.
    assert [(moment, who) for moment, who, _ in told] == [
        (at(27, "08:00"), "silent"), (at(28, "08:00"), "says.yes"), (at(28, "08:00"), "says.remote"),
        (at(28, "08:00"), "says.maybe"), (at(3, "11:30"), "says.remote"),
    ]  # fmt: skip


def test_who_has_just_answered_or_was_just_invited_is_left_alone(meetup: Meetup) -> None:
    with time_machine.travel(at(25, "12:00"), tick=False):
        occasions.invite(meetup, cast.a_person("late.invited"))
    with time_machine.travel(at(2, "08:10"), tick=False):
        occasions.say(meetup, cast.a_person("late.answer"), Answer.REMOTE)
    db.session.commit()
    told = through(at(26, "00:00"), at(3, "12:30"))
    assert [(who, moment) for moment, who, _ in told if who.startswith("late")] == [("late.answer", at(3, "11:30"))]


@pytest.mark.parametrize("begins", ["06:30", "23:30"])
def test_nobody_is_woken_within_the_hour(app: Flask, begins: str) -> None:
    with time_machine.travel(LONG_BEFORE, tick=False):
        meetup = occasions.a_meetup(at(3, begins))
        occasions.say(meetup, cast.library_officer(), Answer.REMOTE)
    told = through(at(3, "00:00"), at(3, "23:45"))
    assert told == []


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
def test_the_hours_are_london_s_on_the_days_on_which_the_clocks_change(app: Flask, day: str) -> None:
    begins = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=LONDON).astimezone(UTC)
    with time_machine.travel(begins - timedelta(days=10), tick=False):
        meetup = occasions.a_meetup(begins)
    windows = [reminder.window(meetup) for reminder in reminding.REMINDERS]
    shown = [(since.astimezone(LONDON).strftime("%a %H:%M"), until.astimezone(LONDON).strftime("%H:%M"))
             for since, until in windows]  # fmt: skip
    assert shown == [
        ("Fri 08:00", "18:00"), ("Sun 11:00", "11:55"), ("Fri 08:00", "18:00"), ("Fri 08:00", "18:00"),
    ]  # fmt: skip


def test_many_are_written_to_in_portions_and_a_death_between_them_leaves_nobody_out(
    meetup: Meetup, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(LONG_BEFORE, tick=False):
        for number in range(7):
            occasions.say(meetup, cast.a_person(f"more{number}"), Answer.REMOTE)
        db.session.commit()
    monkeypatch.setattr(reminding, "PORTION", 2)
    with time_machine.travel(at(2, "09:00"), tick=False):
        reminding._remind(meetup.id, reminding.REMINDERS[0])  # Then it dies.
        reminding.run()
        reminding.run()
    assert sorted(name for name, _ in sent()) == sorted(["says.yes", "says.remote", *(f"more{n}" for n in range(7))])


def test_a_clock_that_leapt_reminds_nobody_for_half_a_day(app: Flask, meetup: Meetup) -> None:
    with time_machine.travel(LONG_BEFORE, tick=False):
        jobs.run(app, rounds.REMINDERS)
    outcomes = []
    for moment in (at(2, "08:00"), at(2, "08:15"), at(2, "17:45"), at(2, "20:15"), at(3, "11:30")):
        with time_machine.travel(moment, tick=False):
            jobs.run(app, rounds.REMINDERS)
            outcomes.append(db.session.get_one(jobs.JobRun, rounds.REMINDERS).outcome)
            db.session.rollback()
    assert outcomes == [LEAPT, LEAPT, LEAPT, "0 reminded", "1 reminded"]
    assert [name for name, _ in sent()] == ["says.remote"]


def test_no_two_windows_of_one_person_touch(app: Flask) -> None:
    """One mark for each person is enough, as long as what they hear of by day ends before the next begins."""
    meetup = occasions.a_meetup()
    by_day, soon = (reminding.REMINDERS[number].window(meetup) for number in (0, 1))
    assert all(first[1] < second[0] for first, second in pairwise((by_day, soon)))


def test_the_series_are_planned_again_the_night_after_the_worker_was_off_for_long(app: Flask) -> None:
    outcomes = []
    for moment in (at(21, "03:40"), at(1, "03:40"), at(1, "04:40"), at(2, "03:40")):
        with time_machine.travel(moment, tick=False):
            jobs.run(app, rounds.SERIES)
            outcomes.append(db.session.get_one(jobs.JobRun, rounds.SERIES).outcome)
            db.session.rollback()
    assert outcomes == ["0 planned", LEAPT, LEAPT, "0 planned"]
