"""When meetups are: rules of series, clocks that change, and what people enter."""

from datetime import UTC, date, datetime, time, timedelta

import cast
import occasions
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from registry import clock
from registry.audit import Event
from registry.db import LONDON, db, today
from registry.meetups import actions, planning
from registry.meetups.models import Kind, Meetup, MeetupState, Series

FORM = {
    "title": "Lunch", "kind": "meetup", "day": "2026-12-03", "at": "12:30", "minutes": "60", "place": "Room 4",
    "online_link": "", "capacity": "", "about": "", "page": "", "leader": "",
}  # fmt: skip
SERIES = {
    "title": "Account holders’ lunch", "kind": "meetup", "nth": "1", "weekday": "3", "every_months": "2", "at": "12:30",
    "from_on": "2026-12-01", "minutes": "60", "place": "Room 4", "online_link": "", "capacity": "20", "about": "",
    "leaders": "",
}  # fmt: skip
NOVEMBER = datetime(2026, 11, 26, 9, tzinfo=UTC)
#: Before both changes of the clocks of 2026.
JANUARY = datetime(2026, 1, 12, 9, tzinfo=UTC)


def plan(client: Browser, **changes: str) -> Answer:
    """Send the form of a new meetup, as the organiser."""
    answer: Answer = client.as_(cast.organiser()).post("/meetups/new", data={**FORM, **changes})
    return answer


def meetups() -> list[Meetup]:
    """Every meetup that there is, the next one first."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(Meetup).order_by(Meetup.begins_at, Meetup.id)))


def a_series(**more: object) -> Series:
    """The first Thursday of every second month at 12:30, from December 2026 on."""
    values: dict[str, object] = {
        "kind": Kind.MEETUP, "title": "Lunch", "about": "", "every_months": 2, "nth": 1, "weekday": 3,
        "at": time(12, 30), "minutes": 60, "place": "", "online_link": "", "capacity": None,
        "from_on": date(2026, 12, 1), **more,
    }  # fmt: skip
    return Series(**values)


@pytest.mark.parametrize(
    ("day", "at", "moments"),
    [
        (date(2026, 3, 29), time(0, 59), ["00:59"]),
        (date(2026, 3, 29), time(1, 0), []),
        (date(2026, 3, 29), time(1, 59), []),
        (date(2026, 3, 29), time(2, 0), ["01:00"]),
        (date(2026, 10, 25), time(0, 59), ["23:59"]),
        (date(2026, 10, 25), time(1, 0), ["00:00", "01:00"]),
        (date(2026, 10, 25), time(1, 59), ["00:59", "01:59"]),
        (date(2026, 10, 25), time(2, 0), ["02:00"]),
    ],
)
def test_a_time_on_the_wall_is_one_moment_or_none_or_two(day: date, at: time, moments: list[str]) -> None:
    assert [f"{one:%H:%M}" for one in clock.moments_of(day, at)] == moments


@given(st.dates(date(1990, 1, 1), date(2037, 12, 31)), st.times())
def test_every_moment_of_a_time_shows_it(day: date, at: time) -> None:
    moments = clock.moments_of(day, at)
    assert [(one.astimezone(LONDON).date(), one.astimezone(LONDON).time().replace(fold=0)) for one in moments] == [
        (day, at)
    ] * len(moments)
    assert moments == sorted(set(moments))


def test_first_thursday_of_every_second_month() -> None:
    days = list(planning.days_of(a_series(), date(2026, 11, 26), date(2027, 7, 1)))
    assert days == [date(2026, 12, 3), date(2027, 2, 4), date(2027, 4, 1), date(2027, 6, 3)]


def test_last_friday_of_the_month_and_a_day_that_is_not_begun() -> None:
    series = a_series(nth=-1, weekday=4, every_months=1, from_on=date(2026, 12, 26))
    assert list(planning.days_of(series, date(2026, 11, 1), date(2027, 2, 28))) == [
        date(2027, 1, 29),
        date(2027, 2, 26),
    ]
    assert planning.rule_in_words(series) == "The last Friday of every month at 12:30"


@time_machine.travel(NOVEMBER, tick=False)
def test_series_keeps_its_time_on_the_wall_over_the_change_of_the_clocks(app: Flask) -> None:
    made = actions.begin_series(actor=cast.organiser(), series=a_series(), leaders=[])
    db.session.commit()
    assert [one.begins_at.isoformat() for one in made] == [
        "2026-12-03T12:30:00+00:00", "2027-02-04T12:30:00+00:00", "2027-04-01T11:30:00+00:00",
        "2027-06-03T11:30:00+00:00",
    ]  # fmt: skip


@time_machine.travel(JANUARY, tick=False)
def test_series_in_the_hour_that_is_left_out_or_comes_twice(app: Flask) -> None:
    night = a_series(nth=-1, weekday=6, every_months=1, at=time(1, 30), from_on=date(2026, 3, 1))
    actions.begin_series(actor=cast.organiser(), series=night, leaders=[])
    db.session.commit()
    begins = {one.slot_on: f"{one.begins_at:%H:%M}" for one in meetups()}
    assert (begins[date(2026, 3, 29)], begins[date(2026, 4, 26)]) == ("01:30", "00:30")
    with time_machine.travel(datetime(2026, 9, 1, tzinfo=UTC), tick=False):
        actions.plan_all_ahead()
    begins = {one.slot_on: f"{one.begins_at:%H:%M}" for one in meetups()}
    assert (begins[date(2026, 9, 27)], begins[date(2026, 10, 25)]) == ("00:30", "00:30")


@time_machine.travel(NOVEMBER, tick=False)
def test_planning_ahead_again_makes_nothing_twice_and_takes_turns(app: Flask) -> None:
    leaders = [cast.organiser().id, cast.library_officer().id]
    made = actions.begin_series(actor=cast.organiser(), series=a_series(), leaders=leaders)
    db.session.commit()
    assert [one.leader_id for one in made] == leaders * 2
    assert actions.plan_all_ahead() == 0
    with time_machine.travel(NOVEMBER + timedelta(days=120), tick=False):
        assert actions.plan_all_ahead() == 1
        assert actions.plan_all_ahead() == 0
    assert [one.leader_id for one in meetups()] == [*leaders * 2, leaders[0]]


@pytest.mark.parametrize(("hour", "first"), [(9, "2026-12-03"), (13, "2027-02-04")])
def test_a_series_begins_today_where_there_is_time(app: Flask, hour: int, first: str) -> None:
    with time_machine.travel(datetime(2026, 12, 3, hour, tzinfo=UTC), tick=False):
        made = actions.begin_series(actor=cast.organiser(), series=a_series(from_on=date(2026, 12, 3)), leaders=[])
    assert str(made[0].slot_on) == first


@time_machine.travel(NOVEMBER, tick=False)
def test_one_of_a_series_moves_or_falls_out_alone(client: Browser) -> None:
    client.as_(cast.organiser()).post("/meetups/series/new", data=SERIES)
    first, second, third, fourth = meetups()
    moved = {**FORM, "day": "2026-12-10", "at": "13:00", "capacity": "20"}
    assert client.post(f"/meetups/{first.id}/change", data=moved).location == f"/meetups/{first.id}"
    client.post(f"/meetups/{second.id}/call-off", data={"reason": "The boiler is broken."})
    actions.plan_all_ahead()
    assert [(one.slot_on, one.begins_at.date(), one.state.value, one.sequence) for one in meetups()] == [
        (date(2026, 12, 3), date(2026, 12, 10), "planned", 1),
        (date(2027, 2, 4), date(2027, 2, 4), "cancelled", 1),
        (date(2027, 4, 1), date(2027, 4, 1), "planned", 0),
        (date(2027, 6, 3), date(2027, 6, 3), "planned", 0),
    ]
    page = client.get(f"/meetups/series/{first.series_id}")
    assert page.words("div", class_="reg-tile-card__end") == ["Moved", "Called off", "", ""]
    assert (third.title, fourth.capacity) == ("Account holders’ lunch", 20)


@time_machine.travel(NOVEMBER, tick=False)
def test_a_series_is_changed_for_what_is_planned_from_then_on(client: Browser) -> None:
    first, second = cast.library_officer().username, cast.ward_sister().username
    client.as_(cast.organiser()).post("/meetups/series/new", data={**SERIES, "leaders": f"{first}, {second}"})
    (number,) = {one.series_id for one in meetups()}
    where = f"/meetups/series/{number}/change"
    assert [one.attrib["value"] for one in client.get(where).all("input", name="leaders")] == [f"{first}, {second}"]
    kept = {name: SERIES[name] for name in ("title", "kind", "minutes", "capacity", "about")}
    for leaders in (f"{second}, {first}", second):
        answer = client.post(where, data={**kept, "place": "Room 9", "leaders": leaders})
        assert answer.location == f"/meetups/series/{number}"
    assert client.post(where, data={**kept, "leaders": "no.one"}).errors["leaders"].startswith("Nobody here")
    with time_machine.travel(NOVEMBER + timedelta(days=120), tick=False):
        actions.plan_all_ahead()
    assert [one.place for one in meetups()] == ["Room 4"] * 4 + ["Room 9"]
    assert meetups()[-1].leader_id == cast.ward_sister().id
    events = db.session.scalars(sa.select(Event).where(Event.name == "series.changed").order_by(Event.id)).all()
    assert [one.fields["changes"] for one in events] == [["leaders", "place"], ["leaders"]]
    client.as_(cast.organiser()).post(f"/meetups/series/{number}/end")
    assert client.get(where).status_code == 404


@time_machine.travel(NOVEMBER, tick=False)
def test_ended_series_gives_nothing_more_and_keeps_what_is_planned(client: Browser) -> None:
    client.as_(cast.organiser()).post("/meetups/series/new", data=SERIES)
    (number,) = {one.series_id for one in meetups()}
    client.post(f"/meetups/series/{number}/end")
    with time_machine.travel(NOVEMBER + timedelta(days=200), tick=False):
        assert actions.plan_all_ahead() == 0
    assert len(meetups()) == 4
    assert [one.name for one in db.session.scalars(sa.select(Event).where(Event.subject_kind == "series"))] == [
        "series.begun", "series.ended",
    ]  # fmt: skip


@time_machine.travel(JANUARY, tick=False)
def test_the_hour_that_comes_twice_is_asked_for(client: Browser) -> None:
    answer = plan(client, day="2026-10-25", at="01:30")
    assert (answer.status_code, answer.errors) == (
        422, {"at": "The clocks show that time twice on that day. Say which is meant."},
    )  # fmt: skip
    assert answer.words("label", for_="which-0") == ["01:30 BST, the first, before the clocks go back"]
    assert answer.words("label", for_="which-1") == ["01:30 GMT, the second, after they have gone back"]
    assert meetups() == []
    plan(client, day="2026-10-25", at="01:30", which="0")
    plan(client, day="2026-10-25", at="01:30", which="1")
    first, second = meetups()
    assert (f"{first.begins_at:%H:%M}", f"{second.begins_at:%H:%M}") == ("00:30", "01:30")
    assert first.when == "Sunday 25 October 2026, 01:30 BST to 01:30 GMT"
    page = client.get(f"/meetups/{second.id}/change")
    (chosen,) = [one.attrib["value"] for one in page.all("input", name="which") if "checked" in one.attrib]
    assert chosen == "1"


@time_machine.travel(JANUARY, tick=False)
def test_the_hour_that_is_left_out_is_refused(client: Browser) -> None:
    answer = plan(client, day="2026-03-29", at="01:30")
    assert answer.errors == {
        "at": "There is no such time on that day: the clocks go forward from 01:00 to 02:00. Choose an earlier or a"
        " later one."
    }
    assert meetups() == []
    assert plan(client, day="2026-03-29", at="02:00").status_code == 302
    assert [f"{one.begins_at:%H:%M}" for one in meetups()] == ["01:00"]


@time_machine.travel(NOVEMBER, tick=False)
@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"title": ""}, {"title": "Give it a name."}),
        ({"day": "yesterday"}, {"day": "Enter a day, for example 31/03/2027."}),
        ({"day": "2026-11-25"}, {"day": "This day is over. Enter one that is to come."}),
        ({"day": "2036-11-25"}, {"day": "Enter a day in the next two years."}),
        ({"at": "25:00"}, {"at": "Enter a time, for example 12:30."}),
        ({"minutes": "an hour"}, {"minutes": "Enter a whole number, for example 60."}),
        ({"minutes": ""}, {"minutes": "Enter how long it lasts, in minutes."}),
        ({"minutes": "0"}, {"minutes": "Enter from 5 minutes to 720, which are twelve hours."}),
        ({"minutes": "721"}, {"minutes": "Enter from 5 minutes to 720, which are twelve hours."}),
        ({"capacity": "-1"}, {"capacity": "Enter a whole number, for example 60."}),
        ({"capacity": "0"}, {"capacity": "Enter from 1 to 100,000, or leave it empty."}),
        ({"online_link": "javascript:alert(1)"}, {"online_link": "Enter the whole address, with https:// in front."}),
        ({"page": "ftp://x"}, {"page": "Enter the whole address, with https:// in front."}),
        ({"leader": "nobody.here"}, {"leader": "Nobody of that name works here. Enter a username, a work email address"
                                               " or a name."}),
    ],
)  # fmt: skip
def test_wrong_input_is_said_beside_its_field(client: Browser, changes: dict[str, str], errors: dict[str, str]) -> None:
    answer = plan(client, **changes)
    assert (answer.status_code, answer.errors) == (422, errors)
    assert meetups() == []


@time_machine.travel(NOVEMBER, tick=False)
@pytest.mark.parametrize("typed", ["12:30", "12.30", "12:30pm", "12.30 PM", "12:30:00"])
def test_times_may_be_typed_as_people_do(client: Browser, typed: str) -> None:
    plan(client, at=typed)
    assert [f"{one.begins_at:%H:%M}" for one in meetups()] == ["12:30"]


def test_unknown_leaders_are_named(client: Browser) -> None:
    answer = client.as_(cast.organiser()).post(
        "/meetups/series/new",
        data={**SERIES, "from_on": today().isoformat(), "leaders": "nia.okafor, nobody.here; no.one"},
    )
    cast.library_officer()
    assert answer.errors["leaders"].startswith("Nobody here has the username ")


@time_machine.travel(NOVEMBER, tick=False)
def test_what_is_over_or_called_off_cannot_be_changed(client: Browser) -> None:
    plan(client)
    (meetup,) = meetups()
    client.post(f"/meetups/{meetup.id}/call-off", data={"reason": "Snow."})
    assert client.get(f"/meetups/{meetup.id}/change").status_code == 404
    assert client.post(f"/meetups/{meetup.id}/call-off", data={"reason": "Again."}).status_code == 404
    assert [(one.state, one.cancelled_reason) for one in meetups()] == [(MeetupState.CANCELLED, "Snow.")]
    page = client.get(f"/meetups/{meetup.id}")
    assert "Snow." in page.text
    assert page.all("button", name="answer") == []


@time_machine.travel(NOVEMBER, tick=False)
def test_a_form_that_a_colleague_has_overtaken_says_so_before_it_undoes_what_they_did(client: Browser) -> None:
    ours = {**FORM, "leader": cast.library_officer().username}
    plan(client, **ours)
    (meetup,) = meetups()
    where = f"/meetups/{meetup.id}/change"
    (seen,) = (one.attrib["value"] for one in client.get(where).all("input", name="seen"))
    occasions.change(
        meetup, begins_at=meetup.begins_at + timedelta(minutes=90), ends_at=meetup.ends_at + timedelta(minutes=90)
    )
    meetup.changed_at = NOVEMBER + timedelta(seconds=5)
    db.session.commit()
    late = {**ours, "place": "Room 5", "seen": seen}
    answer = client.post(where, data=late)
    is_now = "Thursday 3 December 2026, 14:00 to 15:00"
    says = (
        "A colleague has changed this meetup meanwhile. This is “{}” now: press the button again where yours is right."
    )
    assert answer.errors == {"at": says.format(is_now), "place": says.format("Room 4")}
    assert [(one.place, one.begins_at.hour) for one in meetups()] == [("Room 4", 14)]
    (fresh,) = (one.attrib["value"] for one in answer.all("input", name="seen"))
    client.post(where, data={**late, "at": "14:00", "seen": fresh})
    assert [(one.place, one.begins_at.hour) for one in meetups()] == [("Room 5", 14)]


@time_machine.travel(NOVEMBER, tick=False)
def test_what_would_be_over_by_now_is_not_planned(client: Browser) -> None:
    told = {"at": "It would be over by now. Enter a later time."}
    assert plan(client, day="2026-11-26", at="08:00").errors == told
    assert plan(client, day="2026-11-26", at="08:01").status_code == 302


@time_machine.travel(NOVEMBER, tick=False)
def test_what_has_begun_the_day_before_can_still_be_changed(client: Browser) -> None:
    plan(client, day="2026-11-26", at="20:00", minutes="720")
    (meetup,) = meetups()
    with time_machine.travel(NOVEMBER + timedelta(hours=16), tick=False):
        client.as_(cast.organiser())
        moved = {**FORM, "day": "2026-11-26", "at": "20:00", "minutes": "720", "place": "Room 5"}
        assert client.post(f"/meetups/{meetup.id}/change", data=moved).status_code == 302
    assert [one.place for one in meetups()] == ["Room 5"]


@time_machine.travel(NOVEMBER, tick=False)
def test_whoever_calls_a_meetup_off_is_told_how_many_hear_of_it(client: Browser) -> None:
    plan(client)
    (meetup,) = meetups()
    where = f"/meetups/{meetup.id}/call-off"
    assert "Nobody has said yet that they come." in client.get(where).text
    occasions.invite(meetup, cast.library_officer())
    assert "1 was invited and has not answered: each of them is told" in client.get(where).text


def test_colleagues_plan_nothing(client: Browser) -> None:
    client.as_(cast.stranger())
    for path in ("/meetups/new", "/meetups/series/new"):
        assert client.get(path).status_code == 404
        assert client.post(path, data=FORM).status_code == 404
    assert meetups() == []
