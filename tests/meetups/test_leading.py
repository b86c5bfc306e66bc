"""Those who lead and speak: told when they are named, when it changes, and the day before; leavers have no turn."""

from datetime import date, datetime, time, timedelta

import cast
import occasions
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask

from registry.db import LONDON, db, now
from registry.meetups import actions, queries, reminding, speaking
from registry.meetups.calendars import telling
from registry.meetups.models import AgendaItem, Answer, Kind, Meetup, Series
from registry.outbox import Message

DAY_BEFORE = datetime(2027, 6, 2, 9, tzinfo=LONDON)


@pytest.fixture
def meetup(app: Flask) -> Meetup:
    """Bronwen leads it, Nia speaks there; neither was invited, and neither has answered."""
    found = queries.meetup(occasions.a_meetup(leader_id=cast.ward_sister().id).id)
    assert found is not None
    speaking.add(meetup=found, title="Our cat", minutes=10, is_talk=True, speaker=cast.library_officer())
    db.session.commit()
    return found


def subjects() -> list[tuple[str, str]]:
    """Who was written to, and the first words of what."""
    rows = db.session.execute(sa.select(Message.to, Message.subject).order_by(Message.id))
    return [(to.partition(".")[0], subject.partition(":")[0]) for to, subject in rows]


def test_who_leads_and_who_speaks_is_told_of_a_change_and_that_it_falls_out(meetup: Meetup) -> None:
    began, later = meetup.begins_at, timedelta(hours=1)
    occasions.say(meetup, cast.library_officer(), Answer.NO)
    occasions.change(meetup, begins_at=began + later, ends_at=meetup.ends_at + later)
    telling.changed(meetup, began=began)
    assert telling.tell() == 2
    words = [mail.text for mail in db.session.scalars(sa.select(Message).order_by(Message.to))]
    assert ["You lead it." in words[0], "You speak there. You said that you do not come." in words[1]] == [True, True]
    occasions.call_off(meetup)
    telling.called_off(meetup)
    assert telling.tell() == 2
    assert sorted(subjects()) == [
        ("bronwen", "Called off"), ("bronwen", "New time"), ("nia", "Called off"), ("nia", "New time"),
    ]  # fmt: skip


def test_they_are_reminded_the_day_before_once_and_only_where_no_other_reminder_reaches_them(meetup: Meetup) -> None:
    with time_machine.travel(DAY_BEFORE - timedelta(days=9)):
        occasions.say(meetup, cast.library_officer(), Answer.YES)
    for hour in (-2, 0, 1, 12):
        with time_machine.travel(DAY_BEFORE + timedelta(hours=hour), tick=False):
            reminding.run()
    assert sorted(subjects()) == [("bronwen", "Soon"), ("nia", "Soon")]
    (mail,) = db.session.scalars(sa.select(Message).where(Message.to.startswith("bronwen")))
    assert "You lead it." in mail.text


def test_an_organiser_who_puts_somebody_on_the_agenda_tells_them_and_so_off_it(client: Browser) -> None:
    meetup = occasions.a_meetup()
    db.session.commit()
    where = f"/meetups/{meetup.id}/agenda"
    client.as_(cast.organiser())
    for who in (cast.library_officer(), cast.organiser()):
        client.post(where, data={"title": "Our cat", "minutes": "10", "speaker": who.username})
    assert subjects() == [("nia", "You speak there")]
    for item in db.session.scalars(sa.select(AgendaItem.id).order_by(AgendaItem.id)).all():
        client.post(f"{where}/{item}/off")
    assert subjects()[1:] == [("nia", "Not on the agenda any more")]


def test_who_is_to_lead_is_told_and_who_led_before(client: Browser) -> None:
    form = {
        "title": "Lunch", "kind": "meetup", "day": (now() + timedelta(days=9)).date().isoformat(), "at": "12:30",
        "minutes": "60", "place": "Room 4",
    }  # fmt: skip
    people = cast.library_officer(), cast.ward_sister()
    assert [one.username for one in people] == ["nia.okafor", "bronwen.rees"]
    client.as_(cast.organiser()).post("/meetups/new", data=form | {"leader": "bronwen.rees"})
    meetup = db.session.scalars(sa.select(Meetup)).one()
    client.post(f"/meetups/{meetup.id}/change", data=form | {"leader": "nia.okafor"})
    client.post(f"/meetups/{meetup.id}/change", data=form | {"leader": "nia.okafor"})
    assert subjects() == [
        ("bronwen", "You lead it"), ("nia", "You lead it"), ("bronwen", "Somebody else leads it"),
    ]  # fmt: skip


def a_series() -> Series:
    return Series(
        kind=Kind.TRAINING, title="Noon", every_months=1, nth=1, weekday=3, at=time(12), minutes=60,
        from_on=date(2026, 1, 1),
    )  # fmt: skip


def test_who_has_left_is_passed_over_in_turn(app: Flask) -> None:
    nia, bronwen = cast.library_officer(), cast.ward_sister()
    leaders = [nia.id, cast.leaver().id, bronwen.id]
    with time_machine.travel("2026-01-10"):
        made = actions.begin_series(actor=cast.organiser(), series=a_series(), leaders=leaders)
    assert [one.leader_id for one in made] == [nia.id, bronwen.id] * 3
    alone = actions.begin_series(actor=cast.organiser(), series=a_series(), leaders=[cast.leaver().id])
    assert {one.leader_id for one in alone} == {None}


def test_whose_turn_it_is_hears_of_all_their_turns_in_one_mail(client: Browser) -> None:
    data = {
        "title": "Noon", "kind": "training", "nth": "1", "weekday": "3", "every_months": "1", "at": "12:00",
        "from_on": now().date().isoformat(), "minutes": "60", "leaders": "nia.okafor, bronwen.rees, farida.begum",
    }  # fmt: skip
    nia, _bronwen = cast.library_officer(), cast.ward_sister()
    client.as_(cast.organiser()).post("/meetups/series/new", data=data)
    assert subjects() == [("nia", "Your turn to lead"), ("bronwen", "Your turn to lead")]
    mail = db.session.scalars(sa.select(Message).order_by(Message.id)).first()
    assert mail is not None
    mine = db.session.scalars(sa.select(Meetup).where(Meetup.leader_id == nia.id)).all()
    assert [one.when for one in mine if one.when not in mail.text] == []
    assert len(mine) > 1
