"""Who sees which part of a profile: on its page, in lists, by searching, in files and on the card."""

import csv
import io
from typing import Any
from urllib.parse import quote

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from markup import words

from registry.accounts.models import Topic
from registry.db import db
from registry.network import actions, queries
from registry.network.models import Audience, Profile
from registry.people.models import Person
from registry.roles import Role

#: Each part with a word of its own, and who sees it in these tests.
PARTS = {
    "about": "kettle", "place": "Sandbank", "reach": "pigeon", "topics": "heron", "offers": "juggling", "asks": "knots",
}  # fmt: skip
SEEN_BY = {
    "about": Audience.COLLEAGUES, "place": Audience.PEERS, "reach": Audience.ORGANISERS, "topics": Audience.PEERS,
    "offers": Audience.ORGANISERS, "asks": Audience.COLLEAGUES,
}  # fmt: skip
#: Who looks, and what they may see.
LOOKERS = {
    "colleague": {"kettle", "knots"},
    "peer": {"kettle", "knots", "Sandbank", "heron"},
    "organiser": set(PARTS.values()),
    "comms": set(PARTS.values()),
    "auditor": {"kettle", "knots"},
    "admin": {"kettle", "knots"},
    "oneself": set(PARTS.values()),
}


def keep(person: Person, **audiences: Audience) -> Profile:
    """A profile with a word in each part."""
    made = actions.keep(
        profile=queries.profile(person.id), person=person, about=f"At the {PARTS['about']}.", place=PARTS["place"],
        reach=f"By {PARTS['reach']}", topics=[PARTS["topics"]], offers=[PARTS["offers"]], asks=[PARTS["asks"]],
        audiences=audiences,
    )  # fmt: skip
    db.session.commit()
    return made


@pytest.fixture
def nia(app: Flask) -> Person:
    """Nia, each part of whose profile is for somebody else."""
    keep(cast.library_officer(), **SEEN_BY)
    return cast.library_officer()


def looker(who: str) -> Person:
    """Who looks."""
    if who == "peer":
        peer = cast.ward_sister()
        actions.keep(profile=None, person=peer, about="", topics=[], offers=[], asks=[])
        db.session.commit()
        return peer
    return {
        "colleague": cast.stranger, "organiser": cast.organiser, "comms": cast.comms_officer, "auditor": cast.auditor,
        "admin": cast.admin, "oneself": cast.library_officer,
    }[who]()  # fmt: skip


def told(text: str) -> set[str]:
    """Which of the words stand in a text."""
    return {word for word in PARTS.values() if word in text}


@pytest.mark.parametrize("who", LOOKERS)
def test_page_and_card_tell_what_is_for_who_looks(client: Browser, nia: Person, who: str) -> None:
    browser = client.as_(looker(who))
    assert told(browser.get(f"/people/{nia.id}").text) == LOOKERS[who]
    assert told(browser.get(f"/people/{nia.id}/card.vcf").text) == LOOKERS[who]


@pytest.mark.parametrize("who", [who for who in LOOKERS if who != "oneself"])
def test_nobody_is_found_by_what_is_not_for_who_looks(client: Browser, nia: Person, who: str) -> None:
    browser = client.as_(looker(who))

    def finds(query: str) -> bool:
        page = browser.get(f"/people?{query}")
        return "Nia Okafor" in [words(link) for link in page.all("a", class_="reg-peer__name")]

    assert {word for word in PARTS.values() if finds(f"q={word}")} == LOOKERS[who]
    numbers = {name: db.session.scalars(sa.select(Topic.id).where(Topic.key == name)).one() for name in
               ("heron", "juggling", "knots")}  # fmt: skip
    by_facet = {"heron": "topic", "juggling": "offer", "knots": "ask"}
    assert {word for word, name in by_facet.items() if finds(f"{name}={numbers[word]}")} == (
        LOOKERS[who] & by_facet.keys()
    )
    assert finds("place=Sandbank") is ("Sandbank" in LOOKERS[who])


@pytest.mark.parametrize("who", [who for who in LOOKERS if who != "oneself"])
def test_lists_choices_and_files_hold_what_is_for_who_looks(client: Browser, nia: Person, who: str) -> None:
    browser = client.as_(looker(who))
    shown = LOOKERS[who] & {"heron", "juggling", "knots", "Sandbank"}
    page = browser.get("/people")
    assert {words(one) for one in page.all("option")} & set(PARTS.values()) == shown
    assert told(page.text) - {"Sandbank"} == shown - {"Sandbank"}
    rows = list(csv.reader(io.StringIO(browser.get("/people?format=csv").get_data().decode("utf-8-sig"))))
    row = next(row for row in rows if row[0] == "Nia Okafor")
    assert told(" ".join(row)) == shown - {"Sandbank"}


def test_counts_kept_for_one_are_not_shown_to_another(client: Browser, nia: Person) -> None:
    for who, found in (("organiser", "1 person"), ("colleague", "0 people"), ("organiser", "1 person")):
        page = client.as_(looker(who)).get("/people?q=juggling")
        assert page.words("h2", class_="reg-bar__count") == [found]


def test_words_of_directory_and_profile_are_found_together(client: Browser, nia: Person) -> None:
    browser = client.as_(cast.stranger())
    for query, count in (
        ("nia kettle", "1 person"), ("libraries knots", "1 person"), ("nia okafor library", "1 person"),
        ("bronwen kettle", "0 people"), ("KÉTTLE", "1 person"), ("kett", "1 person"), ("ettle", "0 people"),
    ):  # fmt: skip
        page = browser.get("/people?who=all&q=" + quote(query))
        assert page.words("h2", class_="reg-bar__count") == [count], query


def test_whoever_left_is_found_by_no_word_of_theirs(client: Browser) -> None:
    keep(cast.leaver())
    assert client.as_(cast.comms_officer()).get("/people?who=all&q=kettle").words("h2", class_="reg-bar__count") == [
        "0 people"
    ]


def test_colleagues_to_ask_and_their_offers_are_for_who_asks(app: Flask, nia: Person) -> None:
    bronwen = cast.ward_sister()
    actions.keep(profile=None, person=bronwen, about="", topics=[], offers=[], asks=[PARTS["offers"]])
    db.session.commit()

    def to_ask(audiences: Any) -> list[str]:
        return [one.name for one in queries.could_help(bronwen.id, sa.true(), audiences=audiences)]

    assert to_ask(queries.audiences_of(bronwen.id, (Role.STAFF,))) == []
    assert to_ask(queries.audiences_of(bronwen.id, (Role.STAFF, Role.ORGANISER))) == ["Nia Okafor"]


def test_form_asks_who_sees_each_part_and_keeps_the_answers(client: Browser) -> None:
    nia = client.as_(cast.library_officer())
    page = nia.get("/people/me/profile")
    first = {one.get("name"): next(option.get("value") for option in one.iter("option") if option.get("selected")
             is not None) for one in page.all("select")}  # fmt: skip
    assert first == {f"{name}_for": audience.value for name, audience in actions.AT_FIRST.items()}
    data = {"about": "Books.", "reach": "Ring.", "offers": "Cake", "common": ["video", "analytics"],
            "about_for": "peers", "offers_for": "organisers"}  # fmt: skip
    assert nia.post("/people/me/profile", data=data).status_code == 302
    profile = queries.profile(cast.library_officer().id)
    assert profile is not None
    assert (profile.about_for, profile.offers_for, profile.asks_for, profile.reach_for) == (
        Audience.PEERS, Audience.ORGANISERS, Audience.COLLEAGUES, Audience.PEERS,
    )  # fmt: skip
    assert sorted(profile.told(tuple(Audience)).offers) == ["Cake", "analytics", "video"]
    page = nia.get("/people/me/profile")
    ticked = [box.get("value") for box in page.all("input", type="checkbox") if box.get("checked") is not None]
    assert ticked == ["video", "analytics"]
    assert page.all("input", name="offers")[0].get("value") == "Cake"


def test_an_audience_that_is_none_is_refused_beside_the_field(client: Browser) -> None:
    answer = client.as_(cast.library_officer()).post("/people/me/profile", data={"about_for": "everybody"})
    assert (answer.status_code, list(answer.errors)) == (422, ["about_for"])


def test_hiding_a_part_takes_effect_at_once(client: Browser, nia: Person) -> None:
    browser = client.as_(cast.stranger())
    assert "1 person" in browser.get("/people?q=knots").text
    keep(cast.library_officer(), asks=Audience.ORGANISERS)
    assert "0 people" in browser.get("/people?q=knots").text
