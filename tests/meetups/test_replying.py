"""Who comes: answers, places, and the list of those who wait for one."""

import threading
from collections.abc import Callable
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy.exc import IntegrityError

from registry.db import db, now
from registry.meetups import actions, queries, replying, rounds
from registry.meetups.models import Answer, Kind, Meetup, Reply, Way
from registry.people.models import Person


def a_meetup(*, capacity: int | None = None, in_days: int = 7, online: bool = True) -> Meetup:
    """A meetup that the organiser plans; committed."""
    begins_at = (now() + timedelta(days=in_days)).replace(microsecond=0)
    meetup = actions.plan(
        actor=cast.organiser(),
        what=actions.Plan(
            kind=Kind.MEETUP, title="Lunch", begins_at=begins_at, ends_at=begins_at + timedelta(hours=1),
            place="Room 4", capacity=capacity, online_link="https://meet.example/lunch" if online else "",
        ),
    )  # fmt: skip
    db.session.commit()
    return meetup


def says(meetup: Meetup, person: Person, answer: Answer) -> list[str]:
    """Somebody answers; who moves up by it."""
    held = replying.hold(meetup.id)
    assert held is not None
    _, moved_up = replying.answer(meetup=held, person=person, answer=answer, way=Way.APP)
    names = [one.person.name for one in moved_up]
    db.session.commit()
    return names


def stand(meetup_id: int) -> dict[str, str]:
    """What is kept of everybody: their answer, with their seat, or their place in line."""
    db.session.rollback()
    found = {}
    for reply in queries.replies(meetup_id):
        place = f" {reply.seat}" if reply.seat else f" waits {queries.place_in_line(reply)}" if reply.waits else ""
        found[reply.person.username] = f"{reply.answer.value}{place}"
    return found


def people(count: int) -> list[Person]:
    """So many colleagues, committed."""
    found = [cast.a_person() for _ in range(count)]
    db.session.commit()
    return found


def test_a_place_each_and_then_the_list_in_order(app: Flask) -> None:
    meetup, (one, two, three, four) = a_meetup(capacity=2), people(4)
    for person in (one, two, three, four):
        says(meetup, person, Answer.YES)
    names = [person.username for person in (one, two, three, four)]
    assert [stand(meetup.id)[name] for name in names] == ["yes 1", "yes 2", "yes waits 1", "yes waits 2"]
    assert says(meetup, one, Answer.NO) == [three.name]
    assert [stand(meetup.id)[name] for name in names] == ["no", "yes 2", "yes 1", "yes waits 1"]
    says(meetup, one, Answer.YES)
    assert [stand(meetup.id)[name] for name in names] == ["yes waits 2", "yes 2", "yes 1", "yes waits 1"]


def test_saying_yes_again_keeps_the_place_in_line(app: Flask) -> None:
    meetup, (one, two, three) = a_meetup(capacity=1), people(3)
    for person in (one, two, three, two):
        says(meetup, person, Answer.YES)
    assert stand(meetup.id)[two.username] == "yes waits 1"


def test_online_and_maybe_take_no_place(app: Flask) -> None:
    meetup, (one, two, three) = a_meetup(capacity=1), people(3)
    says(meetup, one, Answer.REMOTE)
    says(meetup, two, Answer.MAYBE)
    says(meetup, three, Answer.YES)
    assert stand(meetup.id)[three.username] == "yes 1"
    assert says(meetup, three, Answer.REMOTE) == []
    assert replying.seats_taken(meetup.id) == 0


def test_a_larger_room_takes_those_who_wait_and_a_smaller_one_sends_nobody_away(client: Browser) -> None:
    meetup, (one, two, three) = a_meetup(capacity=1), people(3)
    for person in (one, two, three):
        says(meetup, person, Answer.YES)
    form = {
        "title": "Lunch", "kind": "meetup", "day": f"{meetup.begins_at:%Y-%m-%d}", "at": "12:30", "minutes": "60",
        "place": "Room 4", "online_link": "", "about": "", "page": "", "leader": "",
    }  # fmt: skip
    client.as_(cast.organiser()).post(f"/meetups/{meetup.id}/change", data={**form, "capacity": "2"})
    assert [stand(meetup.id)[one.username] for one in (one, two, three)] == ["yes 1", "yes 2", "yes waits 1"]
    answer = client.post(f"/meetups/{meetup.id}/change", data={**form, "capacity": "1"})
    assert answer.errors == {"capacity": "2 come already. Enter at least that many, or ask some to join online."}
    client.post(f"/meetups/{meetup.id}/change", data={**form, "capacity": ""})
    assert [stand(meetup.id)[one.username] for one in (one, two, three)] == ["yes", "yes", "yes"]
    client.post(f"/meetups/{meetup.id}/change", data={**form, "capacity": "3"})
    assert [stand(meetup.id)[one.username] for one in (one, two, three)] == ["yes 1", "yes 2", "yes 3"]


def test_the_database_itself_gives_a_seat_once(app: Flask) -> None:
    meetup, (one, two) = a_meetup(capacity=1), people(2)
    says(meetup, one, Answer.YES)
    db.session.add(
        Reply(meetup_id=meetup.id, person_id=two.id, answer=Answer.YES, seat=1, replied_at=now(), way=Way.APP)
    )
    with pytest.raises(IntegrityError):
        db.session.flush()
    db.session.rollback()


def test_nobody_answers_when_it_is_over_or_called_off(client: Browser) -> None:
    over, off = a_meetup(), a_meetup()
    actions.cancel(actor=cast.organiser(), meetup=off, reason="Snow.")
    client.as_(cast.stranger()).post(f"/meetups/{off.id}/answer", data={"answer": "yes"})
    with time_machine.travel(now() + timedelta(days=8), tick=False):
        client.as_(cast.stranger()).post(f"/meetups/{over.id}/answer", data={"answer": "yes"})
    assert (stand(over.id), stand(off.id)) == ({}, {})


def test_answering_on_the_page_tells_what_it_means(client: Browser) -> None:
    meetup = a_meetup(capacity=1)
    client.as_(cast.library_officer()).post(
        f"/meetups/{meetup.id}/answer", data={"answer": "yes", "shown": "y", "needs": "A seat by the door."}
    )
    page = client.get(f"/meetups/{meetup.id}")
    assert page.words("p", class_="reg-flash__text") == ["You come. A place is yours until you say otherwise."]
    client.as_(cast.ward_sister()).post(f"/meetups/{meetup.id}/answer", data={"answer": "yes"})
    page = client.get(f"/meetups/{meetup.id}")
    assert page.words("p", class_="reg-flash__text") == [
        "The room is full. You are number 1 on the waiting list, and hear as soon as a place is free."
    ]
    assert "Nia Okafor" in page.text
    assert "A seat by the door." not in page.text
    assert "A seat by the door." in client.as_(cast.organiser()).get(f"/meetups/{meetup.id}/answers").text


def test_nobody_is_shown_to_colleagues_unless_they_tick_it(client: Browser) -> None:
    meetup = a_meetup()
    (tick,) = client.as_(cast.library_officer()).get(f"/meetups/{meetup.id}").all("input", name="shown")
    assert "checked" not in tick.attrib


def test_what_somebody_needs_is_deleted_a_week_after(app: Flask) -> None:
    meetup, later = a_meetup(), a_meetup(in_days=9)
    for one in (meetup, later):
        replying.answer(meetup=one, person=cast.library_officer(), answer=Answer.YES, way=Way.APP, needs="A ramp.")
    db.session.commit()
    kept = []
    for day in (6, 8):
        with time_machine.travel((meetup.ends_at + timedelta(days=day)).replace(hour=4), tick=False):
            rounds.plan_series(app.config["SETTINGS"])
        kept.append([one.needs for one in db.session.scalars(sa.select(Reply).order_by(Reply.meetup_id))])
        db.session.expire_all()
    assert kept == [["A ramp.", "A ramp."], ["", "A ramp."]]


def test_a_meetup_that_is_online_only_has_no_room_to_come_into(client: Browser) -> None:
    meetup = a_meetup()
    meetup.place = ""
    page = client.as_(cast.library_officer()).get(f"/meetups/{meetup.id}")
    assert [one.attrib["value"] for one in page.all("button", name="answer")] == ["remote", "maybe", "no"]


def test_whoever_does_not_want_to_be_seen_is_not(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.library_officer()).post(f"/meetups/{meetup.id}/answer", data={"answer": "yes"})
    page = client.as_(cast.stranger()).get(f"/meetups/{meetup.id}")
    assert "Nia Okafor" not in page.text
    assert client.get(f"/meetups/{meetup.id}/answers").status_code == 404


def test_an_answer_that_is_none_is_refused(client: Browser) -> None:
    meetup = a_meetup()
    answer = client.as_(cast.stranger()).post(f"/meetups/{meetup.id}/answer", data={"answer": "perhaps"})
    assert (answer.status_code, stand(meetup.id)) == (422, {})


@pytest.mark.parametrize("capacity", [1, 3])
def test_answers_at_the_same_moment_never_fill_more_than_there_is(app: Flask, capacity: int) -> None:
    ids = [a_meetup(capacity=capacity).id for _ in range(4)]
    crowd = [one.id for one in people(16)]
    db.session.rollback()  # Nobody waits for the test itself.
    problems = at_once(app, [lambda number=number: everywhere(number, ids) for number in crowd])
    assert problems == []
    for meetup_id in ids:
        db.session.rollback()
        replies = db.session.scalars(sa.select(Reply).where(Reply.meetup_id == meetup_id)).all()
        assert sorted(one.seat for one in replies if one.seat) == list(range(1, capacity + 1))
        assert len([one for one in replies if one.waits]) == 16 - capacity


def everywhere(person_id: int, meetup_ids: list[int]) -> None:
    """Somebody says yes to each of these meetups, then no, then yes."""
    for meetup_id in meetup_ids:
        for answer in (Answer.YES, Answer.NO, Answer.YES):
            says(db.session.get_one(Meetup, meetup_id), db.session.get_one(Person, person_id), answer)


def at_once(app: Flask, calls: list[Callable[[], None]]) -> list[str]:
    """Make all calls at the same moment, each in a thread of its own; what went wrong."""
    gate, problems = threading.Barrier(len(calls)), []

    def run(call: Callable[[], None]) -> None:
        with app.app_context():
            gate.wait()
            try:
                call()
            except Exception as error:
                problems.append(f"{type(error).__name__}: {error}")
            db.session.remove()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return problems


STEPS = st.lists(st.tuples(st.integers(0, 4), st.sampled_from(list(Answer))), max_size=25)


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS, capacity=st.integers(1, 3))
def test_whatever_is_answered_the_room_is_right(app: Flask, steps: list[tuple[int, Answer]], capacity: int) -> None:
    meetup, crowd = a_meetup(capacity=capacity), people(5)
    seated: list[int] = []
    waiting: list[int] = []
    last: dict[int, Answer] = {}
    for number, answer in steps:
        says(meetup, crowd[number], answer)
        if last.get(number) is answer:
            continue
        last[number] = answer
        seated, waiting = ([one for one in line if one != number] for line in (seated, waiting))
        if answer is Answer.YES:
            waiting.append(number)
        while waiting and len(seated) < capacity:
            seated.append(waiting.pop(0))
    db.session.rollback()
    replies = queries.replies(meetup.id)
    names = {person.id: number for number, person in enumerate(crowd)}
    assert sorted(names[one.person_id] for one in replies if one.seat) == sorted(seated)
    assert [names[one.person_id] for one in replies if one.waits] == waiting
