"""Drop-in slots: made in London time, booked by one, cancelled by either; of two at once one gets it."""

import threading
from datetime import UTC, datetime, timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from flask import Flask
from ical.calendar_stream import IcsCalendarStream
from icalendar import Calendar

from registry.audit import Event
from registry.db import db, now
from registry.network import drop_ins
from registry.network.models import DropIn
from registry.outbox import Message, MessageState
from registry.people.models import Person, PersonState

SLOTS = {"first": "12:00", "slots": "3", "minutes": "20", "place": "Room 2", "which": ""}


def make(browser: Browser, **changes: str) -> Answer:
    """Comms offer slots; what the page says."""
    day = f"{(now() + timedelta(days=3)).date()}"
    answer: Answer = browser.post("/people/drop-ins/new", data={"day": day, **SLOTS, **changes})
    return answer


def moments() -> list[str]:
    """When the slots are, in UTC."""
    return [f"{one:%Y-%m-%d %H:%M}" for one in db.session.scalars(sa.select(DropIn.starts_at).order_by(DropIn.id))]


def mails() -> list[tuple[str, str]]:
    """To whom, and how the subject begins, in order; reminders, which wait for their day, are left out."""
    told = sa.select(Message).where(Message.subject.like("%rop-in%"), Message.subject.not_like("Reminder%"))
    every = db.session.scalars(told.order_by(Message.id))
    return [(one.to.partition("@")[0], one.subject.partition(",")[0].partition(" on ")[0]) for one in every]


@pytest.fixture
def slot(app: Flask) -> int:
    """A free slot in two days; committed."""
    comms = cast.comms_officer()
    (made, *_) = drop_ins.make(
        host=comms, first=now() + timedelta(days=2), minutes=15, slots=2, place="Room 2", actor=comms
    )
    cast.library_officer()
    cast.ward_sister()
    db.session.commit()
    return made.id


def book(browser: Browser, slot: int, about: str = "Alt text.") -> str:
    """Book it; what is said then, on the page that it leads to."""
    answer = browser.post(f"/people/drop-ins/{slot}", data={"about": about})
    return browser.get(answer.location).words("p", class_="reg-flash__text")[0]


# Making slots.


@time_machine.travel("2026-09-01T09:00:00Z", tick=True)
def test_slots_follow_one_another_in_london_time(client: Browser) -> None:
    comms = client.as_(cast.comms_officer())
    assert make(comms, day="01/10/2026").location == "/people/drop-ins"
    assert moments() == ["2026-10-01 11:00", "2026-10-01 11:20", "2026-10-01 11:40"]
    page = comms.get("/people/drop-ins")
    assert page.words("h2", class_="govuk-heading-m") == ["Thursday, 1 October 2026"]
    assert page.words("p", class_="reg-slot__time") == ["12:00", "12:20", "12:40"]


@time_machine.travel("2026-09-01T09:00:00Z", tick=True)
def test_half_past_one_on_the_night_that_has_two_asks_which(client: Browser) -> None:
    comms = client.as_(cast.comms_officer())
    night = {"day": "25/10/2026", "first": "01:30"}
    asked = make(comms, **night)
    assert asked.errors == {
        "first": "There are two times 01:30 on 25 October 2026: the clocks go back that night. Say which, below."
    }
    assert [one.get("value") for one in asked.all("input", name="which")] == ["first", "second"]
    assert moments() == []
    make(comms, **night, which="second", slots="1")
    make(comms, **night, which="first", slots="3")
    assert moments() == ["2026-10-25 01:30", "2026-10-25 00:30", "2026-10-25 00:50", "2026-10-25 01:10"]


@time_machine.travel("2026-01-05T09:00:00Z", tick=True)
def test_half_past_one_on_the_night_that_has_none_says_so(client: Browser) -> None:
    refused = make(client.as_(cast.comms_officer()), day="29/03/2026", first="01:30", which="first")
    assert refused.errors == {
        "first": "There is no 01:30 on 29 March 2026: the clocks go forward that night. Choose another time."
    }
    assert moments() == []


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("first", "", "Enter when the first slot begins."),
        ("first", "noon", "Enter a time, for example 12:30."),
        ("first", "24:00", "Enter a time between 00:00 and 23:59."),
        ("day", "01/01/2020", "Enter a day from today on, at most a year from now."),
        ("day", "01/01/2199", "Enter a day from today on, at most a year from now."),
        ("place", " ", "Enter a room or the address of an online meeting."),
    ],
)
def test_what_makes_no_slot_is_said_beside_the_field(client: Browser, field: str, value: str, said: str) -> None:
    refused = make(client.as_(cast.comms_officer()), **{field: value})
    assert (refused.errors, moments()) == ({field: said}, [])


def test_time_that_is_over_today_makes_no_slot(client: Browser) -> None:
    with time_machine.travel("2026-11-26T15:00:00Z", tick=True):
        refused = make(client.as_(cast.comms_officer()), day="26/11/2026", first="14:59")
    assert refused.errors == {"first": "That is over. Choose a time to come."}


def test_pressing_the_button_twice_makes_no_second_row_of_slots(client: Browser) -> None:
    comms = client.as_(cast.comms_officer())
    make(comms)
    again = make(comms, first="12:30")
    assert again.errors == {"first": "You have a slot at that time already."}
    assert len(moments()) == 3
    assert make(comms, first="13:00").status_code == 302


def test_only_comms_offer_slots(client: Browser) -> None:
    for part in (cast.STRANGER, cast.ORGANISER, cast.AUDITOR, cast.ADMIN):
        assert make(client.as_(cast.play(part))).status_code == 404


# Booking and cancelling.


def test_one_sentence_books_a_slot_and_both_get_a_mail(client: Browser, slot: int) -> None:
    nia = client.as_(cast.library_officer())
    assert book(nia, slot).startswith("Yours: ")
    assert mails() == [("tomasz.bryk", "Drop-in with Nia Okafor"), ("nia.okafor", "Drop-in with Tomasz Bryk")]
    texts = db.session.scalars(sa.select(Message.text).order_by(Message.id).limit(2)).all()
    assert ["Alt text." in text for text in texts] == [True, False]
    assert "Drop-in with Tomasz Bryk" in nia.get("/").words("p", class_="reg-task__text")
    assert "Drop-in with Nia Okafor" in client.as_(cast.comms_officer()).get("/").words("p", class_="reg-task__text")


def test_colleagues_do_not_see_who_booked_what(client: Browser, slot: int) -> None:
    book(client.as_(cast.library_officer()), slot)
    sister = client.as_(cast.ward_sister())
    page = sister.get("/people/drop-ins")
    assert ("Nia Okafor" in page.text, "Alt text." in page.text, len(page.words("p", class_="reg-slot__time"))) == (
        False, False, 1,
    )  # fmt: skip
    assert sister.post(f"/people/drop-ins/{slot}/cancel").status_code == 404
    assert sister.get(f"/people/drop-ins/{slot}.ics").status_code == 404
    # Neither the button of a page that is a while old, nor a sentence that is missing, leads nowhere.
    assert sister.get(f"/people/drop-ins/{slot}").location == "/people/drop-ins"
    for sentence in ("", "Video."):
        assert sister.post(f"/people/drop-ins/{slot}", data={"about": sentence}).location == "/people/drop-ins"
    said = sister.get("/people/drop-ins").words("p", class_="reg-flash__text")
    assert set(said) == {"A colleague was quicker, or it is over. Choose another slot."}


def test_a_sentence_is_needed_and_one_slot_each_is_enough(client: Browser, slot: int) -> None:
    nia = client.as_(cast.library_officer())
    refused = nia.post(f"/people/drop-ins/{slot}", data={"about": " "})
    assert refused.errors == {"about": "Say in a sentence what you would like to talk about."}
    book(nia, slot)
    assert book(nia, slot + 1).startswith("You have a slot already.")
    assert len(mails()) == 2


def test_a_slot_that_is_over_is_neither_booked_nor_cancelled(client: Browser, slot: int) -> None:
    nia = client.as_(cast.library_officer())
    book(nia, slot)
    for one in db.session.scalars(sa.select(DropIn)):
        one.starts_at = one.starts_at - timedelta(days=2, minutes=40)
    db.session.commit()
    said = book(client.as_(cast.ward_sister()), slot + 1)
    assert said == "A colleague was quicker, or it is over. Choose another slot."
    nia = client.as_(cast.library_officer())
    nia.post(f"/people/drop-ins/{slot}/cancel")
    assert db.session.get_one(DropIn, slot).booked_by_id == cast.library_officer().id
    assert len(mails()) == 2


@pytest.mark.parametrize("who", [cast.LIBRARY_OFFICER, cast.COMMS_OFFICER])
def test_either_cancels_and_both_calendars_are_told(client: Browser, slot: int, who: cast.Part) -> None:
    book(client.as_(cast.library_officer()), slot)
    canceller = client.as_(cast.play(who))
    assert canceller.post(f"/people/drop-ins/{slot}/cancel").location == "/people/drop-ins"
    assert mails()[2:] == [("tomasz.bryk", "Cancelled: drop-in"), ("nia.okafor", "Cancelled: drop-in")]
    texts = db.session.scalars(sa.select(Message.text).where(Message.subject.like("Cancelled%"))).all()
    assert ["You have cancelled it." in text for text in texts] == [
        who is cast.COMMS_OFFICER,
        who is cast.LIBRARY_OFFICER,
    ]
    kept = db.session.get_one(DropIn, slot)
    assert (kept.booked_by_id, kept.booked_at, kept.about) == (None, None, "")
    db.session.rollback()
    assert book(client.as_(cast.ward_sister()), slot).startswith("Yours: ")


def test_comms_take_a_slot_back_and_whoever_booked_it_is_told(client: Browser, slot: int) -> None:
    nia = client.as_(cast.library_officer())
    book(nia, slot)
    nia.post(f"/people/drop-ins/{slot}/cancel", data={"slot": "withdraw"})
    assert db.session.get_one(DropIn, slot).booked_by_id is not None
    db.session.rollback()
    client.as_(cast.comms_officer()).post(f"/people/drop-ins/{slot}/cancel", data={"slot": "withdraw"})
    assert mails()[2:] == [("tomasz.bryk", "Cancelled: drop-in"), ("nia.okafor", "Cancelled: drop-in")]
    assert db.session.scalars(sa.select(DropIn.id)).all() == [slot + 1]


@pytest.mark.parametrize("round_", range(3))
def test_of_many_who_book_at_once_one_gets_it(app: Flask, slot: int, round_: int) -> None:
    people = [cast.a_person() for _ in range(6)]
    db.session.commit()
    browsers = [Browser(app).as_(one) for one in people]
    db.session.commit()
    gate, said = threading.Barrier(len(browsers)), [""] * len(browsers)

    def press(number: int) -> None:
        with app.app_context():
            gate.wait()
            said[number] = browsers[number].post(f"/people/drop-ins/{slot}", data={"about": "Me."}).location
            db.session.remove()

    threads = [threading.Thread(target=press, args=(number,)) for number in range(len(browsers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(said) == ["/people/drop-ins"] * 5 + [f"/people/drop-ins/{slot}"]
    winner = people[said.index(f"/people/drop-ins/{slot}")].id
    assert db.session.get_one(DropIn, slot).booked_by_id == winner
    assert len(mails()) == 2


def test_the_database_itself_keeps_slots_apart_and_whole(app: Flask, slot: int) -> None:
    comms, at = cast.comms_officer(), datetime(2027, 1, 1, 12, tzinfo=UTC)
    for wrong in (
        {"minutes": 0}, {"minutes": 999}, {"booked_by_id": comms.id},
        {"starts_at": db.session.get_one(DropIn, slot).starts_at},
    ):  # fmt: skip
        values = {"host_id": comms.id, "starts_at": at, "minutes": 15, "place": "Room 2", **wrong}
        with pytest.raises(sa.exc.IntegrityError), db.session.begin_nested():
            db.session.add(DropIn(**values))


# Calendars and reminders.


def read(text: str) -> tuple[str, str, int, datetime, datetime, str, str]:
    """What one parser makes of a file, and that another makes the same of its times and texts."""
    other = IcsCalendarStream.calendar_from_ics(text.replace("\r\n", "\n"))
    calendar = Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    told = str(event["summary"]), str(event["location"])
    assert (other.events[0].summary, other.events[0].location) == told
    assert (other.events[0].dtstart, other.events[0].dtend) == (event["dtstart"].dt, event["dtend"].dt)
    method = str(calendar["method"])
    return method, str(event["uid"]), int(event["sequence"]), event["dtstart"].dt, event["dtend"].dt, *told


def files_to(name: str) -> list[str]:
    """The calendar files that somebody was sent, in order."""
    theirs = sa.select(Message.calendar).where(Message.to.startswith(name), Message.calendar != "")
    return list(db.session.scalars(theirs.order_by(Message.id)))


def test_both_calendars_keep_a_slot_and_lose_it_again(client: Browser, slot: int) -> None:
    kept = db.session.get_one(DropIn, slot)
    kept.place = "Room 2; left, \\N “stairs”"
    db.session.commit()
    nia = client.as_(cast.library_officer())
    book(nia, slot)
    begins = db.session.get_one(DropIn, slot).starts_at
    times = begins.replace(microsecond=0), (begins + timedelta(minutes=15)).replace(microsecond=0)
    by_hand = read(nia.get(f"/people/drop-ins/{slot}.ics").text)
    assert by_hand[0] == "PUBLISH"
    db.session.rollback()
    nia.post(f"/people/drop-ins/{slot}/cancel")
    for name, other in (("nia.okafor", "Tomasz Bryk"), ("tomasz.bryk", "Nia Okafor")):
        asked, ended = (read(file) for file in files_to(name))
        assert asked[0:1] + asked[2:] == ("REQUEST", 0, *times, f"Drop-in with {other}", "Room 2; left, \\N “stairs”")
        assert (ended[0], ended[1], ended[2]) == ("CANCEL", asked[1], 1)
        assert asked[1] == by_hand[1]
    db.session.rollback()
    book(client.as_(cast.ward_sister()), slot)
    assert read(files_to("bronwen.rees")[0])[1] != by_hand[1]


def test_file_is_for_its_two_people(client: Browser, slot: int) -> None:
    nia = client.as_(cast.library_officer())
    assert nia.get(f"/people/drop-ins/{slot}.ics").status_code == 404  # Nobody has booked it.
    book(nia, slot)
    for who, status in ((cast.ORGANISER, 404), (cast.COMMS_CLERK, 404), (cast.COMMS_OFFICER, 200)):
        person = cast.play(who)
        db.session.commit()
        assert client.as_(person).get(f"/people/drop-ins/{slot}.ics").status_code == status


def reminders() -> list[tuple[str, str, MessageState]]:
    """To whom, when in UTC, and how far the reminder has come."""
    every = sa.select(Message).where(Message.subject.like("Reminder: drop-in with%")).order_by(Message.id)
    found = db.session.scalars(every.execution_options(populate_existing=True))
    return [(one.to.partition("@")[0], f"{one.due_at:%Y-%m-%d %H:%M}", one.state) for one in found]


def test_both_are_reminded_on_the_working_day_before_but_not_of_what_fell_out(client: Browser, slot: int) -> None:
    with time_machine.travel(datetime(2026, 10, 22, 12, tzinfo=UTC), tick=False):
        db.session.execute(
            sa.update(DropIn).where(DropIn.id == slot).values(starts_at=datetime(2026, 10, 26, 9, tzinfo=UTC))
        )
        db.session.commit()
        book(client.as_(cast.library_officer()), slot)
        waits = MessageState.WAITING  # On Friday at eight, which is summer time still.
        assert reminders() == [("tomasz.bryk", "2026-10-23 07:00", waits), ("nia.okafor", "2026-10-23 07:00", waits)]
        client.post(f"/people/drop-ins/{slot}/cancel")
        db.session.rollback()
        assert {state for _, _, state in reminders()} == {MessageState.WITHDRAWN}
    with time_machine.travel(datetime(2026, 10, 23, 12, tzinfo=UTC), tick=False):
        book(client.as_(cast.ward_sister()), slot)
    assert len(reminders()) == 2  # It is too late for one.


# Those who leave, and pages that are a while old.


def leaves(person: Person) -> None:
    """The directory says that somebody has left."""
    person.state, person.left_at = PersonState.LEFT, now()
    db.session.commit()


def test_slots_of_a_leaver_are_not_offered_and_go_within_the_hour(app: Flask, client: Browser, slot: int) -> None:
    book(client.as_(cast.library_officer()), slot)
    leaves(cast.comms_officer())
    sister = client.as_(cast.ward_sister())
    assert sister.get("/people/drop-ins").words("p", class_="reg-slot__time") == []
    assert book(sister, slot + 1) == "A colleague was quicker, or it is over. Choose another slot."
    assert drop_ins.settle_the_left() == 2
    db.session.commit()
    assert mails()[2:] == [("nia.okafor", "Cancelled: drop-in")]
    assert db.session.scalars(sa.select(DropIn)).all() == []
    assert {state for _, _, state in reminders()} <= {MessageState.WITHDRAWN}
    said = db.session.scalars(sa.select(Message.text).where(Message.subject.like("Cancelled%"))).one()
    assert "Tomasz Bryk does not work here any more." in said


def test_slot_that_a_leaver_had_booked_is_free_again_and_the_host_is_told(client: Browser, slot: int) -> None:
    book(client.as_(cast.library_officer()), slot)
    leaves(cast.library_officer())
    assert drop_ins.settle_the_left() == 1
    db.session.commit()
    assert mails()[2:] == [("tomasz.bryk", "Cancelled: drop-in")]
    assert db.session.get_one(DropIn, slot).booked_by_id is None
    told = db.session.scalars(sa.select(Event).where(Event.name == drop_ins.FELL_OUT)).one()
    assert (told.actor_id, told.sentence) == (
        None, "A drop-in with Tomasz Bryk fell out, as one of the two has left",
    )  # fmt: skip


def test_nobody_books_a_slot_with_themself(client: Browser, slot: int) -> None:
    book(client.as_(cast.comms_officer()), slot)
    assert (mails(), db.session.get_one(DropIn, slot).booked_by_id) == ([], None)


def test_a_page_that_is_a_while_old_cancels_nothing_of_somebody_else(client: Browser, slot: int) -> None:
    book(client.as_(cast.ward_sister()), slot)
    db.session.rollback()
    comms = client.as_(cast.comms_officer())
    old = {"slot": "free", "of": str(cast.library_officer().id)}
    assert comms.post(f"/people/drop-ins/{slot}/cancel", data=old).location == f"/people/drop-ins/{slot}"
    page = comms.get(f"/people/drop-ins/{slot}")
    assert page.words("p", class_="reg-flash__text") == [
        "Nothing was cancelled: it has changed since you looked. See below."
    ]
    assert {one.get("value") for one in page.all("input", name="of")} == {str(cast.ward_sister().id)}
    assert len(mails()) == 2


def test_pressing_twice_books_once_and_says_nothing_else(client: Browser, slot: int) -> None:
    nia = client.as_(cast.library_officer())
    book(nia, slot)
    again = nia.post(f"/people/drop-ins/{slot}", data={"about": "Alt text."})
    assert again.location == f"/people/drop-ins/{slot}"
    assert nia.get(again.location).words("p", class_="reg-flash__text") == []
    assert len(mails()) == 2


def test_one_slot_is_one(client: Browser) -> None:
    comms = client.as_(cast.comms_officer())
    said = comms.get(make(comms, slots="1").location).words("p", class_="reg-flash__text")[0]
    assert said.startswith("One slot is offered, on ")
