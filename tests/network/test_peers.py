"""The peer network: opting in and out, and finding colleagues who do the same work."""

import csv
import io
import threading
from typing import Any
from urllib.parse import urlencode

import cast
import openpyxl
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask
from markup import words

from registry.accounts import actions as accounts
from registry.accounts.models import Account, Contributor, State, Topic, Visibility, account_topic
from registry.audit import Event
from registry.db import db, now
from registry.network import actions, helping, introducing, queries, voices
from registry.network.forms import COMMON
from registry.network.models import Interest, Profile
from registry.people import queries as people
from registry.people.models import Person, PersonState

PROFILE = {
    "about": "I run the libraries’ accounts.",
    "topics": "Libraries, Reading",
    "offers": "Photography",
    "asks": "Video",
}


def save(client: Browser, **changes: str) -> Answer:
    """Send the form of one's own profile."""
    answer: Answer = client.post("/people/me/profile", data={**PROFILE, **changes})
    return answer


def joined(person: Person, *, topics: str = "", offers: str = "", asks: str = "") -> Person:
    """``person``, after they have opted in."""
    actions.keep(
        profile=None, person=person, about="", topics=topics.split(), offers=offers.split(), asks=asks.split()
    )  # fmt: skip
    db.session.commit()
    return person


def found(client: Browser, **query: Any) -> list[str]:
    """Whom the list of people shows, by name, on its first page."""
    page = client.get("/people?" + urlencode(query))
    return [words(link) for link in page.all("a", class_="reg-peer__name")]


def topic(name: str) -> int:
    """The id of a topic."""
    number = db.session.scalar(sa.select(Topic.id).where(Topic.key == name))
    assert number is not None, name
    return number


def about(account: Account, name: str) -> None:
    """Say what an account is about."""
    (named,) = accounts.topics_named([name])
    db.session.execute(sa.insert(account_topic).values(account_id=account.id, topic_id=named.id))
    db.session.commit()


# One's own profile.


def test_profile_is_made_changed_and_shown_to_colleagues(client: Browser) -> None:
    nia_id = cast.library_officer().id
    officer = client.as_(cast.library_officer())
    assert save(officer).location == f"/people/{nia_id}"
    page = client.as_(cast.stranger()).get(f"/people/{nia_id}")
    assert page.words("p", class_="reg-purpose") == ["I run the libraries’ accounts."]
    shown = [
        word for part in page.all("ul") if "reg-words" in part.get("class", "") for word in map(words, part.iter("li"))
    ]
    assert shown == ["Libraries", "Reading", "Photography", "Video"]
    save(client.as_(cast.library_officer()), topics="reading; libraries", offers="", asks="Video,Video, VIDEO")
    profile = queries.profile(nia_id)
    assert profile is not None
    assert sorted((one.relation.value, one.topic.name) for one in profile.interests) == [
        ("ask", "Video"), ("topic", "Libraries"), ("topic", "Reading"),
    ]  # fmt: skip
    told = [
        event.sentence
        for event in db.session.scalars(sa.select(Event).where(Event.name.like("profile.%")).order_by(Event.id))
    ]
    assert told == ["Nia Okafor joined the peer network", "Nia Okafor changed their profile"]


def test_form_begins_with_what_was_said(client: Browser) -> None:
    officer = client.as_(cast.library_officer())
    save(officer)
    page = officer.get("/people/me/profile")
    said = {name: str(page.all("input", name=name)[0].get("value")) for name in ("topics", "offers", "asks")}
    assert said == {"topics": "Libraries, Reading", "offers": "", "asks": "Video"}
    # What many offer is ticked, however it was typed.
    ticked = [str(box.get("value")) for box in page.all("input", name="common") if box.get("checked") is not None]
    assert ticked == ["photography"]
    save(officer, **said, common=ticked[0])
    assert db.session.scalar(sa.select(sa.func.count(Interest.id))) == 4


def test_opting_out_keeps_nothing(client: Browser) -> None:
    account = cast.an_account()
    about(account, "Reading")
    joined(cast.stranger(), offers="Photography")
    officer = client.as_(cast.library_officer())
    save(officer, topics="Reading, My allotment")
    assert officer.post("/people/me/profile/remove").location == f"/people/{cast.library_officer().id}"
    assert db.session.scalars(sa.select(Profile.person_id)).all() == [cast.stranger().id]
    # Others still use these two; what only she had named is gone.
    assert db.session.scalars(sa.select(Topic.name).order_by(Topic.key)).all() == ["Photography", "Reading"]
    assert "allotment" not in " ".join(str(event.fields) for event in db.session.scalars(sa.select(Event)))
    assert officer.post("/people/me/profile/remove").status_code == 302  # A second time there is nothing to do.
    assert save(officer).status_code == 302


def test_looking_at_the_form_opts_nobody_in(client: Browser) -> None:
    officer = client.as_(cast.library_officer())
    officer.get("/people/me/profile")
    assert officer.get("/people/me/profile/remove").status_code == 405
    assert db.session.scalars(sa.select(Profile)).all() == []


def test_too_much_is_refused_beside_the_field(client: Browser) -> None:
    answer = save(client.as_(cast.library_officer()), about="a" * 601, topics="b" * 501)
    assert (answer.status_code, answer.errors) == (422, {
        "about": "Shorten this to 600 characters or fewer. It has 601.",
        "topics": "Shorten this to 500 characters or fewer. It has 501.",
    })  # fmt: skip


@pytest.mark.parametrize("round_", range(2))
def test_opting_in_twice_at_once_makes_one_profile(app: Flask, round_: int) -> None:
    browsers = [Browser(app).as_(cast.library_officer()) for _ in range(2)]
    answers = at_once(app, *((lambda i=i: save(browsers[i])) for i in (0, 1)))
    assert sorted(answers) == [302, 302]
    assert db.session.scalar(sa.select(sa.func.count(Profile.person_id))) == 1
    assert db.session.scalar(sa.select(sa.func.count(Interest.id))) == 4


@pytest.mark.parametrize("round_", range(2))
def test_two_who_name_a_new_topic_at_once_share_it(app: Flask, round_: int) -> None:
    browsers = [Browser(app).as_(one) for one in (cast.library_officer(), cast.ward_sister())]
    answers = at_once(app, *((lambda i=i: save(browsers[i])) for i in (0, 1)))
    assert answers == [302, 302]
    assert db.session.scalars(sa.select(Topic.name).order_by(Topic.key)).all() == [
        "Libraries",
        "Photography",
        "Reading",
        "Video",
    ]
    assert db.session.scalar(sa.select(sa.func.count(Interest.id))) == 8


def at_once(app: Flask, *calls: Any) -> list[int]:
    """How several requests are answered that begin at the same moment."""
    db.session.commit()
    gate, answers = threading.Barrier(len(calls)), [0] * len(calls)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            answers[number] = calls[number]().status_code
            db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


# Finding colleagues.


@pytest.fixture
def peers(client: Browser) -> Browser:
    """Three who are in the network or run something, one who left, two who have nothing to do with it."""
    joined(cast.library_officer(), topics="reading", offers="photography", asks="video")
    joined(cast.ward_sister(), offers="video", asks="photography")
    joined(cast.leaver(), topics="reading", offers="video photography", asks="video")
    cast.an_account("https://x.com/DunmoreParking", owner=cast.stranger(), deputy=cast.ward_sister())
    cast.an_account("https://x.com/DunmoreYouth", owner=cast.leaver())
    cast.an_account("https://www.instagram.com/dunmorelibraries", owner=cast.library_officer())
    cast.organiser()
    cast.auditor()
    return client.as_(cast.comms_officer())


def test_list_shows_who_posts_and_with_all_everybody_who_works_here(peers: Browser) -> None:
    assert found(peers) == ["Bronwen Rees", "Nia Okafor", "Oluwaseun Adé"]
    assert found(peers, who="all") == [
        "Aoife Ní Bhriain", "Bronwen Rees", "Farida Begum ফরিদা", "Nia Okafor", "Oluwaseun Adé", "Tomasz Bryk",
    ]  # fmt: skip


def test_people_are_found_by_each_thing_and_leavers_by_none(peers: Browser) -> None:
    team = cast.ward_sister().team_id
    for query, names in (
        ({"q": "nia"}, ["Nia Okafor"]),
        ({"q": "ADE oluwa"}, ["Oluwaseun Adé"]),
        ({"q": "sister"}, ["Bronwen Rees"]),
        ({"q": "gareth"}, []),
        ({"q": "gareth", "who": "all"}, []),
        ({"topic": topic("reading")}, ["Nia Okafor"]),
        ({"offer": topic("video")}, ["Bronwen Rees"]),
        ({"ask": topic("video")}, ["Nia Okafor"]),
        ({"offer": topic("photography"), "ask": topic("video")}, ["Nia Okafor"]),
        ({"offer": topic("photography"), "ask": topic("photography")}, []),
        ({"platform": "x"}, ["Bronwen Rees", "Oluwaseun Adé"]),
        ({"platform": "instagram"}, ["Nia Okafor"]),
        ({"platform": "nothing"}, []),
        ({"team": team}, ["Bronwen Rees"]),
        ({"team": 999999}, []),
        ({"team": "x", "topic": "", "q": ""}, ["Bronwen Rees", "Nia Okafor", "Oluwaseun Adé"]),
    ):
        assert found(peers, **query) == names, query


def test_account_about_a_topic_counts_for_its_owner(peers: Browser) -> None:
    account = db.session.scalars(sa.select(Account).where(Account.owner_id == cast.stranger().id)).one()
    about(account, "reading")
    assert found(peers, topic=topic("reading")) == ["Nia Okafor", "Oluwaseun Adé"]


def test_closed_account_makes_nobody_a_peer(peers: Browser) -> None:
    db.session.execute(sa.update(Account).values(state=State.CLOSED))
    db.session.commit()
    assert found(peers) == ["Bronwen Rees", "Nia Okafor"]
    assert found(peers, platform="x") == []


def test_pages_hold_each_peer_once(client: Browser) -> None:
    for number in range(65):
        joined(cast.a_person(f"peer{number}", name=f"Peer {number % 3}"))
    signed_in = client.as_(cast.comms_officer())
    links = [
        str(link.get("href"))
        for page in (1, 2, 3)
        for link in signed_in.get(f"/people?page={page}").all("a", class_="reg-peer__name")
    ]
    assert (len(links), len(set(links))) == (65, 65)


def test_the_team_that_was_chosen_stays_chosen(peers: Browser) -> None:
    page = peers.get("/people")
    offered = {one.get("value"): words(one) for one in page.all("select", id="team")[0].iter("option")}
    assert len(offered) > 2
    for team_id in offered:
        page = peers.get(f"/people?team={team_id}")
        options = list(page.all("select", id="team")[0].iter("option"))
        assert {one.get("value"): words(one) for one in options} == offered
        assert [one.get("value") for one in options if one.get("selected") is not None] == (
            [team_id] if team_id else []
        )


def test_colleagues_to_ask_are_those_who_offer_then_those_on_the_same_platform(peers: Browser) -> None:
    joined(cast.stranger())
    nia, bronwen = cast.library_officer(), cast.ward_sister()
    cast.an_account("https://x.com/DunmoreReads", owner=nia)
    db.session.commit()
    assert [one.name for one in queries.could_help(nia.id, sa.true())] == ["Bronwen Rees", "Oluwaseun Adé"]
    assert [one.name for one in queries.could_help(bronwen.id, sa.true())] == ["Nia Okafor", "Oluwaseun Adé"]
    assert [one.name for one in queries.could_help(cast.auditor().id, sa.true())] == []
    assert [one.name for one in queries.could_help(nia.id, sa.true(), most=1)] == ["Bronwen Rees"]


def test_file_holds_who_is_shown(peers: Browser) -> None:
    wanted = [
        ["Bronwen Rees", "Ward sister", "Health / Community hospital", "x", "", "video", "photography"],
        ["Nia Okafor", "Library officer", "Communities / Libraries", "instagram", "reading", "photography", "video"],
        ["Oluwaseun Adé", "Parking warden", "Environment / Parking", "x", "", "", ""],
    ]
    text = peers.get("/people?format=csv").get_data().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "title", "team", "platforms", "topics", "offers", "asks"],
        *wanted,
    ]
    sheet = openpyxl.load_workbook(io.BytesIO(peers.get("/people?format=xlsx&q=nia").get_data())).active
    assert sheet is not None
    assert [[cell.value or "" for cell in row] for row in sheet.rows][1:] == [wanted[1]]


def test_leavers_page_says_so_and_does_not_offer_to_write_to_them(client: Browser) -> None:
    page = client.as_(cast.stranger()).get(f"/people/{cast.leaver().id}")
    assert "Gareth Left no longer works here" in page.text
    assert [link for link in page.all("a") if (link.get("href") or "").startswith("mailto:")] == []


def test_whoever_posts_on_an_account_is_a_peer_too(client: Browser) -> None:
    account, poster = cast.an_account("https://www.facebook.com/dunmorereads"), cast.a_person(name="Pat Poster")
    db.session.add(Contributor(account_id=account.id, person_id=poster.id, since_at=now()))
    db.session.commit()
    sister = client.as_(cast.ward_sister())
    for address in ("/people", "/people?platform=facebook"):
        page = sister.get(address)
        assert page.words("a", class_="reg-peer__name") == ["Nia Okafor", "Pat Poster"]
    rows = sister.get("/people?format=csv").get_data().decode("utf-8-sig").splitlines()
    assert [row.split(",")[3] for row in rows] == ["platforms", "facebook", "facebook"]


def test_what_a_leaver_told_is_shown_no_more(client: Browser) -> None:
    gone = cast.ward_sister()
    actions.keep(profile=None, person=gone, about="I was here.", topics=["wards"], offers=["tea"], asks=[])
    voices.offer(person=gone, subject="Nights", about=["sleep"])
    gone.state, gone.left_at = PersonState.LEFT, now()
    db.session.commit()
    nia = client.as_(cast.library_officer())
    page = nia.get(f"/people/{gone.id}")
    assert [words in page.text for words in ("I was here.", "wards", "tea", "Nights")] == [False] * 4
    assert ">wards<" not in nia.get("/people").text


def test_a_topic_that_nobody_names_any_more_is_gone(client: Browser) -> None:
    sister = client.as_(cast.ward_sister())
    db.session.commit()
    data = {"about": "", "topics": "night shifts, libraries", "offers": "", "asks": "", "place": "", "reach": ""}
    sister.post("/people/me/profile", data=data)
    actions.keep(profile=None, person=cast.library_officer(), about="", topics=["libraries"], offers=[], asks=[])
    db.session.commit()
    sister.post("/people/me/profile", data={**data, "topics": ""})
    sister.post("/people/me/voice", data={"subject": "Sleep.", "topics": "sleep"})
    assert db.session.scalars(sa.select(Topic.name).order_by(Topic.name)).all() == ["libraries", "sleep"]
    db.session.rollback()
    sister.post("/people/me/voice/no")
    assert db.session.scalars(sa.select(Topic.name)).all() == ["libraries"]


def test_nothing_that_somebody_says_is_left_out_or_cut_in_silence(client: Browser) -> None:
    sister = client.as_(cast.ward_sister())
    db.session.commit()
    data = {"about": "", "topics": "x" * 61, "asks": "", "place": "", "reach": "", "common": list(COMMON)}
    refused = sister.post("/people/me/profile", data={**data, "offers": "baking, tweets, reels"})
    assert refused.errors == {
        "topics": "“xxxxxxxxxxxxxxxxxxxx…” is too long: use at most 60 characters for each.",
        "offers": "These are 13. Choose the 12 that matter most.",
    }
    assert sister.post("/people/me/profile", data={**data, "topics": "", "offers": "baking, tweets"}).status_code == 302


def test_topics_of_accounts_can_be_chosen_by_whoever_may_see_these(client: Browser) -> None:
    for place, name, visibility in (("reads", "reading", "colleagues"), ("hush", "secrets", "comms")):
        account = cast.an_account(f"https://www.facebook.com/dunmore{place}", owner=cast.library_officer())
        account.visibility = Visibility(visibility)
        (topic,) = accounts.topics_named([name])
        db.session.execute(sa.insert(account_topic).values(account_id=account.id, topic_id=topic.id))
    cast.comms_officer()
    db.session.commit()

    def offered(person: Person) -> list[str]:
        (choice,) = client.as_(person).get("/people").all("select", name="topic")
        return [words(option) for option in choice.iter("option")]

    assert offered(cast.ward_sister()) == ["Any", "reading"]
    assert offered(cast.comms_officer()) == ["Any", "reading", "secrets"]
    reading = db.session.scalars(sa.select(Topic.id).where(Topic.name == "reading")).one()
    page = client.as_(cast.ward_sister()).get(f"/people?topic={reading}")
    assert page.words("a", class_="reg-peer__name") == ["Nia Okafor"]


def test_nobody_is_sent_to_colleagues_who_have_left(client: Browser) -> None:
    sister, nia = people.person(cast.ward_sister().id), people.person(cast.library_officer().id)
    assert sister is not None
    assert nia is not None
    introducing.introduce(alone=sister, buddy=nia, actor=cast.organiser())
    call = helping.ask(asker=sister, text="How?", platform="", topic=None, helpers=[helping.Helper(nia, "she knows")])
    db.session.commit()
    client.as_(cast.library_officer()).post(f"/people/help/{call.id}/answer", data={"answer": "can"})

    def waits() -> list[str]:
        return client.as_(cast.ward_sister()).get("/").words("p", class_="reg-task__text")

    told = {"You were introduced to Nia Okafor", "Nia Okafor can help you"}
    assert told <= set(waits())
    gone = cast.library_officer()
    gone.state, gone.left_at = PersonState.LEFT, now()
    db.session.commit()
    assert not told & set(waits())
