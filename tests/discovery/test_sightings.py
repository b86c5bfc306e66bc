"""Accounts that were seen: telling of them, asking whose they are, deciding, and nobody asked twice."""

import threading

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask

from registry import jobs
from registry.accounts.models import Visibility
from registry.accounts.platforms import Resolved, resolve
from registry.db import db
from registry.discovery import noting, queries, telling
from registry.discovery.models import Claim, Glimpse, How, Sighting, SightingState
from registry.outbox import Message


def tell(client: Browser, text: str, platform: str = "") -> list[str]:
    """Tell of an account; what the page says of each."""
    answer = client.post("/discover/tell", data={"seen": text, "platform": platform})
    return answer.words("p", class_="reg-tile-card__note")


def sightings() -> dict[str, tuple[str, int]]:
    """Each account that was seen: its state, and how often it was seen."""
    db.session.rollback()
    every = queries.sightings(tuple(SightingState))
    return {one.sighting.handle: (one.sighting.state.value, one.times) for one in every}


def number_of(handle: str) -> int:
    """The id of a sighting."""
    db.session.rollback()
    return db.session.scalars(sa.select(Sighting.id).where(Sighting.handle == handle)).one()


def mails() -> list[tuple[str, str]]:
    """Who was written to, and about what."""
    db.session.rollback()
    told = db.session.scalars(sa.select(Message).order_by(Message.id))
    return [(one.to.partition("@")[0], one.subject) for one in told if "@DunmoreGritter" in one.subject]


def seen(client: Browser, text: str = "saw @DunmoreGritter tweeting") -> int:
    """A colleague tells of an account; the id of the sighting."""
    client.as_(cast.stranger())
    tell(client, text)
    return number_of("@DunmoreGritter")


@pytest.mark.parametrize(
    ("text", "platform", "found", "bare"),
    [
        ("saw @DunmoreGritter tweeting about the gritters", "", ["x/dunmoregritter"], ()),
        ("our insta is @dunmore.pools.", "", ["instagram/dunmore.pools"], ()),
        ("(facebook.com/dunmorelibrary)", "", ["facebook/dunmorelibrary"], ()),
        ("https://x.com/Dunmore and https://x.com/dunmore?lang=en", "", ["x/dunmore"], ()),
        ("@nia@mastodon.social", "", ["mastodon/nia@mastodon.social"], ()),
        ("@dunmore", "tiktok", ["tiktok/dunmore"], ()),
        ("@dunmore, twice: @dunmore", "", [], ("@dunmore",)),
        ("they tweet, and post on insta as @dunmore", "", ["instagram/dunmore"], ()),
        ("https://x.com/DunmoreCEO/status/123 is good", "", ["x/dunmoreceo"], ()),
        ("mail nia@dunmore.example", "", [], ()),
        ("https://www.dunmore.example/news", "", [], ()),
        ("nothing here", "", [], ()),
    ],
)
def test_what_a_sentence_means(text: str, platform: str, found: list[str], bare: tuple[str, ...]) -> None:
    understood = telling.read(text, platform)
    assert ([f"{one.platform}/{one.key}" for one in understood.accounts], understood.bare) == (found, bare)


def test_new_one_is_noted_and_seen_again_is_the_same(client: Browser) -> None:
    client.as_(cast.stranger())
    assert tell(client, "saw @DunmoreGritter tweeting") == [
        "Nobody had told of it. Comms look at it, and you hear when it is registered."
    ]
    known = ["Comms know of it. Whoever runs it is invited once, and kindly."]
    assert tell(client, "https://x.com/DunmoreGritter") == known
    client.as_(cast.library_officer())
    assert tell(client, "@dunmoregritter", "x") == known
    assert sightings() == {"@DunmoreGritter": ("new", 2)}


def test_registered_one_is_shown_and_a_hidden_one_is_not(client: Browser) -> None:
    account = cast.an_account("https://x.com/dunmorelibrary", title="Dunmore Library")
    client.as_(cast.stranger())
    assert tell(client, "@dunmorelibrary", "x") == ["It is registered: Nia Okafor answers for it."]
    account.visibility = Visibility.COMMS
    assert tell(client, "@dunmorelibrary", "x") == ["Comms know of it. Whoever runs it is invited once, and kindly."]
    assert sightings() == {}


def test_a_handle_without_a_platform_is_asked_about(client: Browser) -> None:
    answer = client.as_(cast.stranger()).post("/discover/tell", data={"seen": "@dunmore is ours", "platform": ""})
    assert answer.errors == {"platform": "On which platform is @dunmore? Choose it."}
    assert sightings() == {}


def test_likely_owner_is_asked_once_and_a_yes_leads_to_the_form(client: Browser) -> None:
    number = seen(client)
    cast.library_officer()
    client.as_(cast.comms_officer())
    for _ in range(2):
        answer = client.post(f"/discover/{number}/ask", data={"colleague": "nia.okafor"})
    assert answer.errors == {"colleague": "Nia Okafor was asked before, and nobody is asked twice. Ask somebody else."}
    assert mails() == [("nia.okafor", "Is @DunmoreGritter on X yours?")]
    client.as_(cast.library_officer())
    assert "Is @DunmoreGritter on X yours?" in client.get("/").words("p", class_="reg-task__text")
    answer = client.post(f"/discover/yours/{number}", data={"answer": "yes", "colleague": ""})
    assert answer.location == "/accounts/new?address=https%3A%2F%2Fx.com%2FDunmoreGritter"
    assert client.get(answer.location).status_code == 200
    assert sightings() == {"@DunmoreGritter": ("asked", 1)}


def test_no_goes_back_to_comms_and_a_colleague_is_asked_in_turn(client: Browser) -> None:
    number = seen(client)
    cast.library_officer(), cast.ward_sister()
    client.as_(cast.comms_officer()).post(f"/discover/{number}/ask", data={"colleague": "nia.okafor"})
    client.as_(cast.library_officer())
    answer = client.post(f"/discover/yours/{number}", data={"answer": "colleague", "colleague": ""})
    assert answer.errors == {"colleague": "Enter which colleague runs it."}
    client.post(f"/discover/yours/{number}", data={"answer": "colleague", "colleague": "bronwen.rees"})
    assert sightings() == {"@DunmoreGritter": ("asked", 1)}
    client.as_(cast.ward_sister())
    client.post(f"/discover/yours/{number}", data={"answer": "colleague", "colleague": "nia.okafor"})
    assert [name for name, _ in mails()] == ["nia.okafor", "bronwen.rees"]
    assert sightings() == {"@DunmoreGritter": ("new", 1)}


def test_only_who_was_asked_sees_the_question(client: Browser) -> None:
    number = seen(client)
    for who in (cast.stranger(), cast.comms_officer()):
        assert client.as_(who).get(f"/discover/yours/{number}").status_code == 404
    assert client.as_(cast.stranger()).get(f"/discover/{number}").status_code == 404
    assert client.get("/discover").status_code == 404


def test_what_is_not_ours_is_remembered_and_told_to_the_next(client: Browser) -> None:
    number = seen(client)
    client.as_(cast.comms_officer())
    assert client.post(f"/discover/{number}/not-ours", data={"reason": ""}).errors != {}
    client.post(f"/discover/{number}/not-ours", data={"reason": "A resident’s own."})
    assert client.get("/discover").words("a", class_="reg-tile-card__name") == []
    client.as_(cast.library_officer())
    assert tell(client, "@DunmoreGritter", "x") == ["It is not ours: A resident’s own."]
    client.as_(cast.comms_officer()).post(f"/discover/{number}/ask", data={"colleague": "nia.okafor"})
    assert mails() == []
    client.post(f"/discover/{number}/reopen")
    assert sightings() == {"@DunmoreGritter": ("new", 2)}


def test_a_fake_keeps_what_was_done_about_it(client: Browser) -> None:
    number = seen(client)
    client.as_(cast.comms_officer())
    assert client.post(f"/discover/{number}/steps", data={"what": "Reported."}).status_code == 404
    client.post(f"/discover/{number}/fake", data={"reason": "It asks for bank details."})
    client.post(f"/discover/{number}/steps", data={"what": "Reported, number 4711."})
    page = client.get(f"/discover/{number}")
    assert page.words("p", class_="reg-timeline__text")[0] == "Reported, number 4711."
    assert sightings() == {"@DunmoreGritter": ("spoof", 1)}


def test_when_it_is_registered_whoever_told_is_thanked_once(client: Browser, app: Flask) -> None:
    number = seen(client)
    cast.an_account("https://x.com/DunmoreGritter", title="Gritters", owner=cast.library_officer())
    client.as_(cast.comms_officer())
    assert client.get("/discover").words("a", class_="reg-tile-card__name") == []
    for _ in range(2):
        jobs.run(app, jobs.SIGHTINGS)
    assert mails() == [("oluwaseun.ade", "Thank you: @DunmoreGritter is in the register now")]
    assert sightings() == {"@DunmoreGritter": ("registered", 1)}
    assert "Gritters" in client.get(f"/discover/{number}").text


def test_two_who_tell_at_once_make_one_sighting(app: Flask) -> None:
    resolved = resolve("https://x.com/DunmoreGritter")
    assert isinstance(resolved, Resolved)
    people = [cast.a_person().id for _ in range(6)]
    db.session.commit()
    gate, problems = threading.Barrier(len(people)), []

    def run(person_id: int) -> None:
        with app.app_context():
            gate.wait()
            try:
                noting.note(resolved, how=How.PERSON, by=db.session.get(cast.Person, person_id))
                db.session.commit()
            except Exception as error:
                problems.append(repr(error))
            db.session.remove()

    threads = [threading.Thread(target=run, args=(one,)) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (problems, sightings()) == ([], {"@DunmoreGritter": ("new", 6)})


def test_who_is_forgotten_leaves_what_they_saw_without_their_words(app: Flask) -> None:
    lead = {column.name: column.info["person"] for column in Glimpse.__table__.columns if "person" in column.info}
    assert lead["by_id"].clears == ("quote",)
    assert Claim.__table__.columns["person_id"].info["person"].fate.value == "deleted"
