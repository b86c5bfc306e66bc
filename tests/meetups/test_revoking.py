"""Revoking the link with which somebody answers: for organisers alone, once, with another where they choose so."""

import cast
import occasions
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from ical.calendar_stream import IcsCalendarStream

from registry.audit import Event
from registry.db import db, now
from registry.meetups.by_link import links
from registry.meetups.models import Answer, Invitation, Meetup, Way
from registry.outbox import Message
from registry.people.models import PersonState


@pytest.fixture
def meetup(app: Flask) -> Meetup:
    """Nia is invited, and somebody has answered for her by her link; Oluwaseun is invited, too."""
    meetup = occasions.a_meetup()
    occasions.invite(meetup, cast.library_officer())
    occasions.invite(meetup, cast.stranger())
    occasions.say(meetup, cast.library_officer(), Answer.NO, Way.LINK)
    db.session.commit()
    return meetup


def invitation() -> Invitation:
    """Nia's, as it is now."""
    db.session.expire_all()
    mine = Invitation.person_id == cast.library_officer().id
    return db.session.scalars(sa.select(Invitation).where(mine)).one()


def here(meetup: Meetup) -> str:
    return f"/meetups/{meetup.id}/link-of/{cast.library_officer().id}"


def press(client: Browser, meetup: Meetup, **data: str) -> str:
    """Open the page as the organiser, and press its button; where that leads."""
    page = client.as_(cast.organiser()).get(here(meetup))
    (state,) = page.all("input", name="state")
    return str(client.post(here(meetup), data={"state": state.attrib["value"], **data}).location)


def opens(client: Browser, token: str) -> int:
    return client.anonymous().get(f"/answer/{token}").status_code


def test_an_organiser_revokes_the_link_of_one_person_from_the_page_of_answers(client: Browser, meetup: Meetup) -> None:
    answers = client.as_(cast.organiser()).get(f"/meetups/{meetup.id}/answers")
    assert [one.attrib["href"] for one in answers.all("a") if "Revoke their link: Nia" in "".join(one.itertext())] == [
        here(meetup)
    ]
    page = client.get(here(meetup))
    assert page.heading == "Revoke the link of Nia Okafor?"
    assert "Nia’s answer is “I cannot come”, given by the link" in page.text
    old, others = links.token_of(invitation()), links.token_of(occasions.invite(occasions.a_meetup(), cast.stranger()))
    assert press(client, meetup) == f"/meetups/{meetup.id}/answers"
    assert [opens(client, one) for one in (old, links.token_of(invitation()), others)] == [404, 404, 200]
    assert db.session.scalars(sa.select(Message)).all() == []
    event = db.session.scalars(sa.select(Event).where(Event.name == "meetup.link-revoked")).one()
    assert event.fields == {"person": "Nia Okafor", "fresh": ""}


def test_another_link_is_sent_where_they_choose_so_and_works(client: Browser, meetup: Meetup) -> None:
    old = links.token_of(invitation())
    occasions.say(meetup, cast.library_officer(), Answer.MAYBE)
    press(client, meetup, fresh="y")
    (mail,) = db.session.scalars(sa.select(Message)).all()
    address = links.address_of(invitation())
    assert (mail.to, address in mail.text) == ("nia.okafor@dunmore.example", True)
    (event,) = IcsCalendarStream.calendar_from_ics(mail.calendar).events
    assert (event.uid, address in (event.description or "")) == (meetup.uid, True)
    assert [opens(client, one) for one in (old, links.token_of(invitation()))] == [404, 200]


def test_a_second_press_sends_no_second_mail_and_spoils_no_link(client: Browser, meetup: Meetup) -> None:
    page = client.as_(cast.organiser()).get(here(meetup))
    data = {"state": page.all("input", name="state")[0].attrib["value"], "fresh": "y"}
    client.post(here(meetup), data=data)
    token = links.token_of(invitation())
    client.post(here(meetup), data=data)
    assert (links.token_of(invitation()), db.session.scalar(sa.select(sa.func.count(Message.id)))) == (token, 1)


def test_who_has_no_link_any_more_is_sent_one_later(client: Browser, meetup: Meetup) -> None:
    press(client, meetup)
    assert client.get(here(meetup)).heading == "Nia Okafor has no link"
    press(client, meetup, fresh="y")
    assert opens(client, links.token_of(invitation())) == 200


def test_nothing_is_sent_to_who_has_left_or_has_no_address(client: Browser, meetup: Meetup) -> None:
    nia = cast.library_officer()
    nia.state, nia.left_at = PersonState.LEFT, now()
    db.session.commit()
    press(client, meetup, fresh="y")
    assert (invitation().revoked_at is None, db.session.scalars(sa.select(Message)).all()) == (False, [])


def test_only_organisers_and_comms_revoke_and_only_what_can_be_answered(client: Browser, meetup: Meetup) -> None:
    meetup.leader_id = cast.ward_sister().id
    people = (cast.library_officer(), cast.ward_sister(), cast.auditor(), cast.admin())
    for person in people:
        assert client.as_(person).get(here(meetup)).status_code == 404
        assert client.post(here(meetup), data={"state": links.state_of(invitation())}).status_code == 404
    assert client.as_(cast.comms_officer()).get(here(meetup)).status_code == 200
    assert client.get(f"/meetups/{meetup.id}/link-of/{cast.auditor().id}").status_code == 404
    occasions.call_off(meetup)
    db.session.commit()
    assert client.get(here(meetup)).status_code == 404
    assert invitation().revoked_at is None


def test_the_file_of_answers_names_those_who_have_not_answered(client: Browser, meetup: Meetup) -> None:
    page = client.as_(cast.organiser()).get(f"/meetups/{meetup.id}/answers")
    lines = client.get(f"/meetups/{meetup.id}/answers?format=csv").text.splitlines()
    assert [(line.split(",")[0], line.split(",")[4]) for line in lines[1:]] == [
        ("Nia Okafor", "no"), ("Oluwaseun Adé", "none yet"),
    ]  # fmt: skip
    assert "Oluwaseun Adé" in page.text
