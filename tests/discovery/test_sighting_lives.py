"""What becomes of sightings when people leave, accounts are hidden or renamed, and forms are pressed late."""

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask

from registry import jobs
from registry.accounts.models import Alias, Visibility
from registry.accounts.platforms import Resolved, resolve
from registry.db import db, now
from registry.discovery import actions, campaigning, noting
from registry.discovery.models import ClaimAnswer, How, Sighting, SightingState
from registry.outbox import Message
from registry.people.models import Person, PersonKind, PersonState

ADDRESS = "https://x.com/DunmoreGritter"


def seen(address: str = ADDRESS) -> Sighting:
    """A stranger saw an account; committed."""
    resolved = resolve(address)
    assert isinstance(resolved, Resolved)
    sighting = noting.note(resolved, how=How.PERSON, by=cast.stranger()).sighting
    assert sighting is not None
    db.session.commit()
    return sighting


def asked(*people: cast.Person) -> Sighting:
    """The same, and these were asked whether it is theirs; committed."""
    sighting = seen()
    for person in people:
        actions.ask(sighting=sighting, person=person, actor=cast.comms_officer())
    db.session.commit()
    return sighting


def settled(app: Flask, sighting: Sighting) -> SightingState:
    """What became of it once the worker has looked."""
    db.session.commit()
    jobs.run(app, jobs.SIGHTINGS)
    db.session.rollback()
    return db.session.get_one(Sighting, sighting.id).state


@pytest.mark.parametrize("visibility", [Visibility.COMMS, Visibility.NOBODY])
def test_nobody_is_written_to_about_an_account_that_they_may_not_see(app: Flask, visibility: Visibility) -> None:
    sighting = seen()
    cast.an_account(ADDRESS, owner=cast.library_officer()).visibility = visibility
    assert settled(app, sighting) is SightingState.REGISTERED
    told = sa.select(Message.subject).where(Message.person_id == cast.stranger().id)
    assert db.session.scalars(told).all() == []


def test_an_account_that_was_taken_out_is_not_named_on_the_page_of_its_sighting(client: Browser) -> None:
    sighting = seen()
    cast.an_account(ADDRESS, title="Ann’s own").visibility = Visibility.NOBODY
    db.session.commit()
    page = client.as_(cast.comms_officer()).get(f"/discover/{sighting.id}")
    assert ("Ann’s own" in page.text, "taken out of the register" in page.text) == (False, True)


def test_who_has_left_is_waited_for_no_longer(app: Flask) -> None:
    nia, bronwen = cast.library_officer(), cast.ward_sister()
    sighting = asked(nia, bronwen)
    nia.state = PersonState.LEFT
    assert settled(app, sighting) is SightingState.ASKED
    claim = actions.claim_of(sighting.id, bronwen.id)
    assert claim is not None
    actions.answer(claim=claim, sighting=sighting, person=bronwen, answer=ClaimAnswer.NO, colleague=None)
    assert settled(app, sighting) is SightingState.NEW


def test_a_yes_of_somebody_who_left_before_registering_goes_back_to_comms(app: Flask) -> None:
    nia = cast.library_officer()
    sighting = asked(nia)
    claim = actions.claim_of(sighting.id, nia.id)
    assert claim is not None
    actions.answer(claim=claim, sighting=sighting, person=nia, answer=ClaimAnswer.YES, colleague=None)
    assert settled(app, sighting) is SightingState.ASKED
    nia.state = PersonState.LEFT
    assert settled(app, sighting) is SightingState.NEW


def test_a_question_that_is_settled_is_asked_no_more(client: Browser) -> None:
    nia = cast.library_officer()
    sighting = asked(nia)
    actions.decide(sighting=sighting, state=SightingState.NOT_OURS, reason="A namesake.", actor=cast.comms_officer())
    db.session.commit()
    page = client.as_(nia).get(f"/discover/yours/{sighting.id}")
    assert (page.all("form", class_="reg-form"), "This is settled." in page.text) == ([], True)
    answer = client.post(f"/discover/yours/{sighting.id}", data={"answer": "no", "colleague": ""})
    claim = actions.claim_of(sighting.id, nia.id)
    assert (answer.status_code, claim and claim.answer) == (302, None)


def test_what_was_registered_meanwhile_stays_so_when_a_form_is_pressed_late(client: Browser, app: Flask) -> None:
    sighting = seen()
    cast.an_account(ADDRESS)
    assert settled(app, sighting) is SightingState.REGISTERED
    client.as_(cast.comms_officer())
    for how in ("closed", "claim", "reopen"):
        client.post(f"/discover/{sighting.id}/{how}")
    for how in ("not-ours", "fake"):
        client.post(f"/discover/{sighting.id}/{how}", data={"reason": "Late."})
    assert settled(app, sighting) is SightingState.REGISTERED
    told = sa.select(sa.func.count(Message.id)).where(Message.person_id == cast.stranger().id)
    assert db.session.scalar(told) == 1


def test_an_account_that_is_registered_by_another_of_its_names_is_registered(client: Browser, app: Flask) -> None:
    sighting = seen("https://www.facebook.com/DunmoreGritters")
    account = cast.an_account("https://www.facebook.com/dunmoreroads", title="Roads")
    db.session.add(Alias(account_id=account.id, url=sighting.url, seen_at=now()))
    assert settled(app, sighting) is SightingState.REGISTERED
    assert "Roads" in client.as_(cast.comms_officer()).get(f"/discover/{sighting.id}").text


def test_the_emergency_administrator_is_asked_nothing(app: Flask) -> None:
    cast.stranger()
    campaign = campaigning.make(actor=cast.comms_officer(), title="Do you post?", text="Kindly.", team=None)
    before = campaigning.how_many(campaign)
    db.session.add(
        Person(kind=PersonKind.EMERGENCY, username="emergency", name="E", joined_at=now(), digest=b"", search_text="")
    )
    assert campaigning.how_many(campaign) == before
