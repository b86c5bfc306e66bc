"""Rounds of invitations whose meetup is another one meanwhile: called off, moved, or with a link revoked."""

from datetime import timedelta

import cast
import occasions
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from inviting_world import a_draft, a_meetup, a_runner, fates, invited, send, the_round

from registry.db import db, now
from registry.meetups import queries
from registry.meetups.by_link import links
from registry.meetups.calendars import telling
from registry.meetups.inviting import actions
from registry.meetups.inviting.models import Listed, Round, RoundState
from registry.meetups.models import Invitation
from registry.outbox import Message, MessageState
from registry.people.models import Person


@pytest.fixture
def ada(app: Flask) -> Person:
    """She runs an account on Facebook."""
    return a_runner("ada", "https://facebook.com/ada", name="Ada")


@pytest.fixture
def round_(ada: Person) -> Round:
    """Ada and Ben were invited; Ada's mail has left, Ben's waits in the outbox."""
    a_runner("ben", "https://facebook.com/ben", name="Ben")
    made = send(a_draft(a_meetup()))
    mail(ada).state = MessageState.SENT
    db.session.commit()
    return the_round(made.id)


def mail(person: Person) -> Message:
    """Somebody's invitation."""
    mine = sa.select(Message).join(Listed, Listed.message_id == Message.id).where(Listed.person_id == person.id)
    return db.session.scalars(mine.execution_options(populate_existing=True)).one()


def test_what_has_not_left_when_a_meetup_is_called_off_does_not_leave(client: Browser, round_: Round) -> None:
    where = f"/meetups/{round_.meetup_id}/call-off"
    client.as_(cast.organiser()).post(where, data={"reason": "Snow."})
    assert (fates(round_), invited(round_.meetup)) == ({"ada": "invited", "ben": "withdrawn"}, ["ada"])
    assert the_round(round_.id).state is RoundState.STOPPED
    telling.tell()
    told = sa.select(Message.to).where(Message.subject.startswith("Called off"))
    assert db.session.scalars(told).all() == ["ada@dunmore.example"]


def test_what_is_sent_once_more_tells_of_the_meetup_as_it_is_then(round_: Round, ada: Person) -> None:
    mail(ada).state = MessageState.UNSURE
    number, later = mail(ada).message_id, timedelta(days=7)
    old = links.token_of(_invitation(ada))
    meetup = round_.meetup
    occasions.change(meetup, begins_at=meetup.begins_at + later, ends_at=meetup.ends_at + later)
    _invitation(ada).nonce = "another"
    db.session.commit()
    actions.again(round_=the_round(round_.id), person_id=ada.id, actor=cast.organiser())
    db.session.commit()
    found, now_so = mail(ada), queries.meetup(round_.meetup_id)
    assert now_so is not None
    assert (found.state, found.message_id) == (MessageState.WAITING, number)
    assert now_so.when in found.text
    assert "SEQUENCE:100\r\n" in found.calendar
    assert (old in found.text, links.address_of(_invitation(ada)) in found.text) == (False, True)


def test_what_is_sent_once_more_to_who_has_no_link_leads_to_the_page(round_: Round, ada: Person) -> None:
    mail(ada).state = MessageState.FAILED
    _invitation(ada).revoked_at = now()
    db.session.commit()
    actions.again(round_=the_round(round_.id), person_id=ada.id, actor=cast.organiser())
    assert f"Say whether you come:\nhttp://127.0.0.1:5000/meetups/{round_.meetup_id}\n" in mail(ada).text
    assert "/answer/" not in mail(ada).text + mail(ada).calendar


def _invitation(person: Person) -> Invitation:
    return db.session.scalars(sa.select(Invitation).where(Invitation.person_id == person.id)).one()
