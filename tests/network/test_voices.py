"""Credible voices: nobody is one without their own yes, and a no is a no."""

import csv
import io

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from markup import words

from registry.audit import Event
from registry.db import db
from registry.network import actions, queries, voices
from registry.network.models import Voice, VoiceState
from registry.outbox import Message

ASK = {"colleague": "nia.okafor", "subject": "Why libraries are full.", "topics": "libraries, reading"}


@pytest.fixture
def nia_is_asked(client: Browser) -> Browser:
    """Comms have asked Nia; the browser is hers."""
    nia = cast.library_officer()
    db.session.commit()
    assert client.as_(cast.comms_officer()).post("/people/voices/new", data=ASK).location == "/people/voices"
    return client.as_(nia)


def listed(browser: Browser, query: str = "") -> list[str]:
    """Whom the list of voices shows."""
    return [words(link) for link in browser.get(f"/people/voices{query}").all("a", class_="reg-peer__name")]


def mails() -> list[tuple[str, str]]:
    """To whom, and about what, in order."""
    return [
        (one.to.partition("@")[0], one.subject) for one in db.session.scalars(sa.select(Message).order_by(Message.id))
    ]


def test_nobody_is_listed_or_tagged_before_their_own_yes(nia_is_asked: Browser) -> None:
    nia_id = cast.library_officer().id
    assert mails() == [("nia.okafor", "May we ask you when somebody needs an expert?")]
    for browser, path in (
        (nia_is_asked.as_(cast.stranger()), f"/people/{nia_id}"), (nia_is_asked, "/people?only=voices"),
        (nia_is_asked, "/people/voices?format=csv"), (nia_is_asked, "/people/voices"),
    ):  # fmt: skip
        text = browser.get(path).text
        assert "Why libraries are full." not in text
        assert "Credible voice<" not in text
    assert listed(nia_is_asked) == []


def test_yes_in_ones_own_words_lists_and_tags(nia_is_asked: Browser) -> None:
    home = nia_is_asked.get("/")
    assert "Would you be a credible voice?" in home.words("p", class_="reg-task__text")
    page = nia_is_asked.get("/people/me/voice")
    assert page.all("input", name="subject")[0].get("value") == "Why libraries are full."
    assert nia_is_asked.get("/people/me/voice/no").status_code == 405  # A link decides nothing.
    said = {"subject": "Story time in two languages.", "topics": "reading"}
    assert nia_is_asked.post("/people/me/voice", data=said).location == "/people/me/voice"
    assert mails()[1:] == [("tomasz.bryk", "Nia Okafor is a credible voice now")]
    browser = nia_is_asked.as_(cast.stranger())
    assert listed(browser) == ["Nia Okafor"]
    page = browser.get(f"/people/{cast.library_officer().id}")
    assert "Credible voice" in page.words("span", class_="reg-tag")
    assert "Story time in two languages." in page.text
    found = [words(link) for link in browser.get("/people?only=voices").all("a", class_="reg-peer__name")]
    assert found == ["Nia Okafor"]


def test_no_takes_all_away_and_nobody_asks_again(nia_is_asked: Browser) -> None:
    assert nia_is_asked.post("/people/me/voice/no").location == "/people/me/voice"
    voice = voices.of(cast.library_officer().id)
    assert voice is not None
    assert (voice.state, voice.subject, voice.topics) == (VoiceState.NO, "", [])
    db.session.commit()
    answer = nia_is_asked.as_(cast.comms_officer()).post("/people/voices/new", data=ASK)
    assert answer.errors == {"colleague": "Nia Okafor would rather not. They can still offer it themselves."}
    assert len(mails()) == 1
    nia_is_asked.as_(cast.library_officer()).post("/people/me/voice", data={"subject": "Books after all."})
    assert listed(nia_is_asked) == ["Nia Okafor"]


def test_asked_twice_is_told_beside_the_field(nia_is_asked: Browser) -> None:
    answer = nia_is_asked.as_(cast.comms_officer()).post("/people/voices/new", data=ASK)
    assert answer.errors == {"colleague": "Nia Okafor was asked before, or is on the list."}


def test_taken_back_is_off_the_list_at_once(nia_is_asked: Browser) -> None:
    nia_is_asked.post("/people/me/voice", data={"subject": "Books."})
    nia_is_asked.post("/people/me/voice/no")
    assert listed(nia_is_asked) == []
    told = db.session.scalars(sa.select(Event).where(Event.name.like("voice.%")).order_by(Event.id))
    assert [event.sentence for event in told] == [
        "Tomasz Bryk asked Nia Okafor to be a credible voice", "Nia Okafor agreed to be a credible voice",
        "Nia Okafor is a credible voice no more",
    ]  # fmt: skip


def test_list_is_narrowed_by_topic_and_training_and_taken_along(app: Flask, client: Browser) -> None:
    comms = cast.comms_officer()
    for person, topic in ((cast.library_officer(), "reading"), (cast.ward_sister(), "health")):
        voices.offer(person=person, subject=f"All about {topic}.", about=[topic, "people"])
    gone = cast.a_person(name="Gone Since")
    voices.offer(person=gone, subject="Of old.", about=["reading"])
    db.session.commit()
    number = dict((name, number) for number, name in voices.topics())
    assert sorted(number) == ["health", "people", "reading"]
    browser = client.as_(comms)
    assert listed(browser) == ["Bronwen Rees", "Gone Since", "Nia Okafor"]
    gone.state = cast.LEAVER.state
    db.session.commit()
    assert listed(browser, f"?topic={number['reading']}") == ["Nia Okafor"]
    assert listed(browser, "?trained=yes") == []
    bronwen_id = cast.ward_sister().id
    assert browser.post(f"/people/voices/{bronwen_id}", data={"day": "31/03/2026"}).location == "/people/voices"
    assert listed(browser, "?trained=yes") == ["Bronwen Rees"]
    text = browser.get("/people/voices?format=csv").get_data().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "title", "team", "mail", "phone", "subject", "topics", "media_trained"],
        ["Bronwen Rees", "Ward sister", "Health / Community hospital", "bronwen.rees@dunmore.example", "",
         "All about health.", "health, people", "2026-03-31"],
        ["Nia Okafor", "Library officer", "Communities / Libraries", "nia.okafor@dunmore.example", "",
         "All about reading.", "people, reading", ""],
    ]  # fmt: skip


def test_training_is_noted_by_comms_only_and_not_for_days_to_come(client: Browser) -> None:
    nia = cast.library_officer()
    voices.offer(person=nia, subject="Books.", about=[])
    db.session.commit()
    path = f"/people/voices/{nia.id}"
    assert client.as_(cast.library_officer()).post(path, data={"day": "31/03/2026"}).status_code == 404
    answer = client.as_(cast.comms_officer()).post(path, data={"day": "31/03/2199"})
    assert answer.errors == {"day": "Enter a day that is over, or leave this empty."}
    assert client.post(path, data={"day": "2026-03-31"}).status_code == 302
    assert "Media training 31 March 2026" in client.get("/people/voices").words("span", class_="reg-tag")
    assert client.post(path, data={"day": ""}).status_code == 302
    assert "No media training noted" in client.get("/people/voices").words("span", class_="reg-tag")


def test_comms_take_the_tag_away_and_may_ask_again(nia_is_asked: Browser) -> None:
    nia_is_asked.post("/people/me/voice", data={"subject": "Books."})
    nia_id = cast.library_officer().id
    comms = nia_is_asked.as_(cast.comms_officer())
    assert comms.post(f"/people/voices/{nia_id}/end").location == "/people/voices"
    assert db.session.scalars(sa.select(Voice)).all() == []
    db.session.commit()
    assert comms.post("/people/voices/new", data=ASK).status_code == 302
    # What somebody has said no to stays theirs to change.
    nia_is_asked.as_(cast.library_officer()).post("/people/me/voice/no")
    nia_is_asked.as_(cast.comms_officer()).post(f"/people/voices/{nia_id}/end")
    assert db.session.scalars(sa.select(Voice.state)).all() == [VoiceState.NO]


def test_topics_of_a_voice_outlive_the_profile_that_named_them_too(app: Flask) -> None:
    nia = cast.library_officer()
    actions.keep(profile=None, person=nia, about="", topics=["reading", "allotments"], offers=[], asks=[])
    voices.offer(person=nia, subject="Books.", about=["reading"])
    db.session.commit()
    profile = queries.profile(nia.id)
    assert profile is not None
    actions.opt_out(profile=profile, person=nia)
    db.session.commit()
    voice = voices.of(nia.id)
    assert voice is not None
    assert [topic.name for topic in voice.topics] == ["reading"]
