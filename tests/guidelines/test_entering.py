"""On paper or on behalf: entered in two steps, told to the person, who says with one button that it is not so."""

from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from flask import Flask

from registry.audit import Event
from registry.db import LONDON, db, now, today
from registry.guidelines import queries, standing
from registry.guidelines.asking import OPEN
from registry.guidelines.evidence import verify
from registry.guidelines.models import Decline, Document, Obligation, SignOff, Why
from registry.outbox import Message

ENTER = "/guidelines/social-media/enter"


@pytest.fixture
def document(app: Flask) -> Document:
    """Guidelines that were published ten days ago, and that Nia and her deputy owe."""
    with time_machine.travel(now() - timedelta(days=10)):
        made = cast.a_document("Social media")
        db.session.commit()
    cast.an_account(deputy=cast.ward_sister())
    db.session.commit()
    return made


def at(day: date) -> AbstractContextManager[Any]:
    """Noon of a day in London."""
    noon: AbstractContextManager[Any] = time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=LONDON))
    return noon


def first_step(client: Browser, **more: str) -> Answer:
    """Fill the first form in for the ward sister."""
    day = (today() - timedelta(days=2)).isoformat()
    data = {"colleague": "bronwen.rees", "version": "1", "day": day, "method": "on paper", "consent": "Sheet 7, black"}
    answer: Answer = client.post(ENTER, data={**data, **more})
    return answer


def second_step(client: Browser, first: Answer, **more: str) -> Answer:
    """Send on what the first step has shown, with the tick."""
    hidden = {str(one.get("name")): str(one.get("value")) for one in first.all("input", type="hidden")}
    carried = {name: value for name, value in hidden.items() if name != "csrf_token"}
    answer: Answer = client.post(f"{ENTER}/sure", data={**carried, "sure": "y", **more})
    return answer


def kept() -> list[SignOff]:
    """The sign-offs there are."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(SignOff).order_by(SignOff.id)))


def owing(document: Document) -> list[str]:
    """Who owes, by username."""
    db.session.rollback()
    return cast.unsigned(document)


def letters(to: str) -> list[str]:
    """What somebody was written to about what was entered."""
    theirs = sa.select(Message.text).where(Message.to.startswith(to), Message.text.contains("entered that"))
    return list(db.session.scalars(theirs.order_by(Message.id)))


def test_nothing_is_kept_before_both_names_were_seen_and_ticked(client: Browser, document: Document) -> None:
    comms = client.as_(cast.comms_officer())
    first = first_step(comms)
    assert (first.status_code, first.heading) == (200, "Did Bronwen Rees sign?")
    assert "I, Tomasz Bryk, enter this for Bronwen Rees." in first.words("label")
    assert kept() == []
    unsure = second_step(comms, first, sure="")
    assert (unsure.status_code, unsure.errors) == (422, {"sure": "Tick the box if you are sure."})
    assert kept() == []
    assert second_step(comms, unsure).location == ENTER
    (one,) = kept()
    assert (one.person_name, one.method.value, one.consent, one.entered_by_name, one.version_number) == (
        "Bronwen Rees", "on paper", "Sheet 7, black", "Tomasz Bryk", 1,
    )  # fmt: skip
    assert (one.signed_at.date(), one.entered_at is not None) == (today() - timedelta(days=2), True)
    assert owing(document) == ["nia.okafor"]
    event = db.session.scalars(sa.select(Event).order_by(Event.id.desc())).first()
    assert event is not None
    assert event.sentence == "Tomasz Bryk entered that Bronwen Rees signed version 1 of “Social media” on paper"
    assert verify().well


def test_sending_it_twice_keeps_it_once(client: Browser, document: Document) -> None:
    comms = client.as_(cast.comms_officer())
    first = first_step(comms)
    for _ in range(3):
        second_step(comms, first)
    assert len(kept()) == 1
    assert len(letters("bronwen")) == 1


def test_what_cannot_be_is_said_beside_the_field(client: Browser, document: Document) -> None:
    comms, day = client.as_(cast.comms_officer()), today() - timedelta(days=10)
    assert first_step(comms, colleague="tomasz.bryk").errors == {
        "colleague": "This is you. Sign on the page of the guidelines, as everybody does."
    }
    assert first_step(comms, day=(today() + timedelta(days=1)).isoformat()).errors == {
        "day": "Choose a day that has come."
    }
    assert first_step(comms, day="2020-01-01").errors == {
        "day": f"Version 1 was published on {day:%-d %B %Y}. Choose that day or a later one."
    }
    assert first_step(comms, colleague="nobody.here", consent="").errors == {
        "colleague": "Nobody of that name works here. Enter a username, a work email address or a name.",
        "consent": "Say how they agreed.",
    }
    second_step(comms, first_step(comms))
    on = today() - timedelta(days=2)
    assert first_step(comms).errors == {"colleague": f"Bronwen Rees has signed version 1 already, on {on:%-d %B %Y}."}
    assert len(kept()) == 1


def test_second_step_alone_enters_nothing_for_oneself_or_for_nobody(client: Browser, document: Document) -> None:
    comms = client.as_(cast.comms_officer())
    first = first_step(comms)
    for nonsense in ({"whom": str(cast.comms_officer().id)}, {"whom": "999999"}, {"day": "2020-01-01"}, {"day": "x"},
                     {"version": "9"}, {"method": "online"}, {"consent": "  "}):  # fmt: skip
        assert second_step(comms, first, **nonsense).location == ENTER
    assert kept() == []
    for who in (cast.library_officer, cast.auditor, cast.admin):
        assert second_step(client.as_(who()), first).status_code == 404
    assert kept() == []


def test_person_says_with_one_button_that_it_is_not_so(client: Browser, document: Document) -> None:
    second_step(client.as_(cast.comms_officer()), first_step(client))
    (text,) = letters("bronwen")
    link = text.rstrip().rpartition("\n")[2]
    page = link[link.index("/guidelines") :]
    sister = client.as_(cast.ward_sister())
    shown = sister.get(page)
    assert (shown.heading, shown.words("button")[-1]) == ("Entered for you", "I did not sign this")
    assert (len(kept()), owing(document)) == (1, ["nia.okafor"])  # Opening it changes nothing.
    for _ in range(2):
        assert sister.post(page, data={}).status_code == 302
    assert (len(kept()), owing(document)) == (1, ["bronwen.rees", "nia.okafor"])
    (said,) = db.session.scalars(sa.select(Decline)).all()
    assert (said.reason, said.sign_off_id) == ("I did not sign this.", kept()[0].id)
    assert queries.up_to_date([cast.ward_sister().id]) == set()
    (told,) = letters("tomasz")
    assert "Bronwen Rees signed version 1 of “Social media” on paper" in told
    assert "Did not sign what was entered" in client.as_(cast.comms_officer()).get("/guidelines/declines").text
    assert verify().well
    # They can sign themselves, and comms can enter it anew.
    version = client.as_(cast.ward_sister()).get("/guidelines/social-media").all("input", name="version")[0]
    client.post("/guidelines/social-media", data={"version": version.get("value"), "agreed": "y"})
    assert [(one.method.value, one.occasion) for one in kept()] == [("on paper", 0), ("online", 1)]
    assert owing(document) == ["nia.okafor"]
    assert verify().well


def test_each_of_two_that_are_not_theirs_counts_no_more_from_its_own_day_on(
    client: Browser, document: Document
) -> None:
    sister, days = cast.ward_sister().id, [today() + timedelta(number) for number in (1, 2, 3)]
    with at(days[0]):
        first = cast.enter(document, cast.ward_sister())
        cast.a_version(document, text="Stricter")
        second = cast.enter(document, cast.ward_sister())
        cast.a_version(document, text="Stricter still")
        cast.decline(document, cast.ward_sister(), reason="It is too strict.")
        db.session.commit()
    for day, one in zip(days[1:], (second, first), strict=True):
        with at(day):
            client.as_(cast.ward_sister()).post(f"/guidelines/register/{one.id}/not-mine", data={})
    db.session.rollback()
    rows = db.session.execute(
        sa.select(Decline.sign_off_id, Decline.reason, Decline.settled_at.is_not(None)).order_by(Decline.id)
    )
    words = "It is too strict.\n\nI did not sign this."
    assert [tuple(row) for row in rows] == [
        (None, "It is too strict.", True), (second.id, words, True), (first.id, words, False),
    ]  # fmt: skip
    with at(days[2]):
        counted = [
            db.session.execute(standing.standing_at_end_of(day, Obligation.person_id == sister)).one().version
            for day in days
        ]
    assert counted == [2, 1, None]
    assert verify().well


def test_nobody_disowns_what_is_anothers_or_was_signed_by_oneself(client: Browser, document: Document) -> None:
    cast.sign(document, cast.library_officer())
    second_step(client.as_(cast.comms_officer()), first_step(client))
    for who, number in ((cast.library_officer, 1), (cast.library_officer, 2), (cast.stranger, 2)):
        assert client.as_(who()).post(f"/guidelines/register/{number}/not-mine", data={}).status_code == 404
        assert client.get(f"/guidelines/register/{number}/not-mine").status_code == 404
    assert db.session.scalars(sa.select(Decline)).all() == []


def test_paper_of_before_does_not_count_for_who_was_asked_anew(client: Browser, document: Document) -> None:
    since = now() - timedelta(days=1)
    db.session.execute(sa.update(Obligation).where(OPEN).values(why=Why.AGAIN, since_at=since))
    comms = client.as_(cast.comms_officer())
    assert first_step(comms).errors == {
        "day": f"Bronwen Rees was asked anew on {since:%-d %B %Y}: only what they signed since then counts."
    }
    second_step(comms, first_step(comms, day=today().isoformat()))
    assert (len(kept()), owing(document)) == (1, ["nia.okafor"])


def test_version_of_a_summer_midnight_is_offered_with_its_day_in_london(client: Browser, document: Document) -> None:
    version = queries.current(document.id)
    assert version is not None
    version.published_at = datetime(2026, 6, 30, 23, tzinfo=UTC)  # The first moment of 1 July, in London.
    form = client.as_(cast.comms_officer()).get(f"/guidelines/{document.slug}/enter")
    assert form.words("option") == ["Version 1, from 1 July 2026"]


def test_second_step_takes_no_more_words_than_the_first(client: Browser, document: Document) -> None:
    comms = client.as_(cast.comms_officer())
    first = first_step(comms, consent="x" * 600)
    assert second_step(comms, first, consent="x" * 601).location == ENTER
    assert kept() == []
    assert second_step(comms, first).location == ENTER
    assert [len(one.consent) for one in kept()] == [600]
