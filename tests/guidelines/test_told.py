"""What pages and lists say of who has signed, declined or is asked anew is so, whoever looks and whatever they type."""

from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask

from registry.accounts.signing import keep_up
from registry.audit import Event
from registry.db import db, now
from registry.guidelines import declining, renewing, writing
from registry.guidelines.models import Decline, Document, Obligation
from registry.people.models import PersonState

PAGE = "/guidelines/social-media"


@pytest.fixture
def document(app: Flask) -> Document:
    """Guidelines that Nia and her deputy owe, and sign each year."""
    made = cast.a_document("Social media")
    made.again_months = 12
    cast.an_account(deputy=cast.ward_sister())
    cast.comms_officer()
    db.session.commit()
    return made


def test_what_was_declined_waits_for_comms_and_not_for_the_person(client: Browser, document: Document) -> None:
    sister = client.as_(cast.ward_sister())
    assert "Read and sign" in sister.get("/").text
    cast.a_document("Photographs")
    cast.decline(document, cast.ward_sister())
    db.session.commit()
    assert sister.get("/").words("p", class_="reg-task__text") == ["Read and sign “Photographs”"]
    states = client.as_(cast.ward_sister()).get("/guidelines").words("p", class_="reg-document__state")
    assert [state.partition(" B")[0].partition(" You told")[0] for state in states] == ["To sign", "You cannot sign"]


def test_who_has_left_waits_for_no_answer_until_they_are_back(client: Browser, document: Document) -> None:
    cast.decline(document, cast.ward_sister())
    for state, waiting in ((PersonState.LEFT, 0), (PersonState.ACTIVE, 1)):
        cast.ward_sister().state = state
        keep_up()
        db.session.commit()
        assert (declining.open_count(), len(declining.open_declines())) == (waiting, waiting)


def test_other_words_take_the_place_of_the_first_though_they_are_part_of_them(
    client: Browser, document: Document
) -> None:
    sister = client.as_(cast.ward_sister())
    for reason in ("I have no time, and the rule is wrong.", "the rule is wrong."):
        version = sister.get(PAGE).all("input", name="version")[0].get("value")
        sister.post(f"{PAGE}/decline", data={"version": version, "reason": reason})
        cast.a_version(document, text=f"Not: {reason}", material=False)
        db.session.commit()
    rows = db.session.execute(sa.select(Decline.reason, Decline.version_id)).all()
    assert [tuple(row) for row in rows] == [("the rule is wrong.", 2)]


def test_who_is_asked_anew_after_a_year_is_told_why_and_never_that_they_have_not_signed(
    client: Browser, document: Document
) -> None:
    sister = client.as_(cast.ward_sister())
    version = sister.get(PAGE).all("input", name="version")[0].get("value")
    sister.post(PAGE, data={"version": version, "agreed": "y"})
    thanks = "We ask again only when something important changes, and after 12 months."
    assert thanks in sister.get(PAGE).text
    cast.a_version(document, text="Clearer", material=False)
    db.session.commit()
    with time_machine.travel(now() + timedelta(days=370)):
        renewing.ask_again()
        db.session.commit()
        page = client.as_(cast.ward_sister()).get(f"{PAGE}")
        assert "That is a while ago, so please read and sign again." in page.text
        names = client.as_(cast.comms_officer()).get(f"{PAGE}/sign-offs?q=bronwen")
        assert [one for one in names.words("td", data_label="Signed")] == ["Not yet"]


def test_days_on_which_nobody_had_to_sign_are_not_counted_each_night_anew(app: Flask) -> None:
    cast.a_document("Social media")
    db.session.commit()
    with time_machine.travel(now() + timedelta(days=9)):
        assert [renewing.count_days() for _ in range(2)] == [0, 0]
    assert db.session.scalars(sa.select(Event).where(Event.name == renewing.COUNTED)).all() == []


def test_team_that_there_is_not_and_a_word_of_today_narrow_nothing(client: Browser, document: Document) -> None:
    with time_machine.travel(now() - timedelta(days=5)):
        db.session.execute(sa.update(Obligation).values(since_at=now(), manager_told_on=None))
        db.session.execute(sa.text("UPDATE version SET published_at = :then"), {"then": now()})
        db.session.commit()
    comms = client.as_(cast.comms_officer())
    yesterday = (now() - timedelta(days=1)).date().isoformat()
    for query in ("team=99999", f"as_of={yesterday}&told=manager"):
        shown = comms.get(f"{PAGE}/sign-offs?{query}")
        assert [one.partition("\n")[0] for one in shown.words("th", scope="row")][-2:] == ["Bronwen Rees", "Nia Okafor"]
        assert shown.all("ul", class_="reg-chips") == []


def test_rules_of_what_is_retired_ask_nobody_and_say_so(client: Browser, document: Document) -> None:
    writing.retire(document=document, reason="They are in the handbook now.", actor=cast.comms_officer())
    db.session.commit()
    comms = client.as_(cast.comms_officer())
    form = {"whom": "everyone", "grace_days": "14", "again_months": "", "standing": "", "platform": "", "team": ""}
    seen = comms.post(f"{PAGE}/who", data=form).all("input", name="seen")[0].get("value")
    comms.post(f"{PAGE}/who", data={**form, "seen": seen})
    assert "Nobody is asked while they are retired." in comms.get(f"{PAGE}/who").text
