"""An account's own page: who sees it, who may change it, and what its people are asked."""

from collections.abc import Callable
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask
from test_registering import at_once

from registry import audit
from registry.accounts.models import Account, Standing, State
from registry.audit import Event
from registry.db import db, today
from registry.guidelines.models import Obligation
from registry.people.models import Person, PersonState

FORM = {
    "title": "Dunmore Library", "purpose": "What is on in our libraries.", "standing": "semi-official",
    "owner": "nia.okafor", "deputy": "bronwen.rees", "language": "en", "topics": "",
}  # fmt: skip
ADDRESS = "https://x.com/DunmoreLibrary"


@pytest.fixture
def account_id(app: object) -> int:
    """A live account: Nia's, with Bronwen as the deputy."""
    account = cast.an_account(ADDRESS, title="Dunmore Library", deputy=cast.ward_sister())
    db.session.commit()
    return account.id


def kept(account_id: int) -> Account:
    """The account as the database has it now."""
    db.session.rollback()
    found = db.session.get(Account, account_id)
    assert found is not None
    return found


def save(client: Browser, account_id: int, **changes: str) -> Answer:
    """Send the form that changes an account."""
    answer: Answer = client.post(f"/accounts/{account_id}/change", data={**FORM, **changes})
    return answer


def changes_told(account_id: int) -> list[str]:
    """The sentences of its changes, in order."""
    told = [
        event.sentence for event in reversed(audit.history("account", account_id)) if event.name == "account.changed"
    ]
    db.session.rollback()
    return told


def test_page_tells_everybody_who_answers(client: Browser, account_id: int) -> None:
    page = client.as_(cast.stranger()).get(f"/accounts/{account_id}")
    assert page.heading == "Dunmore Library"
    people = [link.get("href") for link in page.all("a") if (link.get("href") or "").startswith("/people/")]
    mine = {f"/people/{cast.library_officer().id}", f"/people/{cast.ward_sister().id}"}
    assert mine <= set(people)
    assert page.all("a", href=f"/accounts/{account_id}/change") == []
    assert page.words("h2").count("Words to paste") == 0


def test_page_says_of_the_guidelines_what_the_list_says(client: Browser, account_id: int) -> None:
    def said() -> list[bool]:
        page = client.as_(cast.stranger()).get(f"/accounts/{account_id}").text
        return [words in page for words in ("Guidelines signed", "Guidelines not signed", "not signed the guidelines")]

    assert said() == [False, False, False]  # There are none.
    document = cast.a_document()
    assert said() == [False, True, True]
    for person in (cast.library_officer(), cast.ward_sister()):
        cast.sign(document, person)
    assert said() == [True, False, False]
    cast.a_version(document, text="# Be kinder")
    kept(account_id).state = State.CLOSED
    db.session.commit()
    assert said() == [False, False, False]  # Nobody has to sign for what is closed.
    assert "No account fits" in client.get("/accounts?signed=no").text


@pytest.mark.parametrize("player", [cast.library_officer, cast.ward_sister, cast.comms_officer])
def test_owner_deputy_and_comms_may_change_it(client: Browser, account_id: int, player: Callable[[], Person]) -> None:
    signed_in = client.as_(player())
    assert signed_in.get(f"/accounts/{account_id}/change").status_code == 200
    assert save(signed_in, account_id, purpose="News.").location == f"/accounts/{account_id}"
    assert kept(account_id).purpose == "News."
    assert changes_told(account_id) == [f"{player().name} changed the purpose of Dunmore Library"]


@pytest.mark.parametrize("player", [cast.stranger, cast.organiser, cast.auditor, cast.admin])
def test_nobody_else_finds_the_form(client: Browser, account_id: int, player: Callable[[], Person]) -> None:
    signed_in = client.as_(player())
    assert signed_in.get(f"/accounts/{account_id}/change").status_code == 404
    assert save(signed_in, account_id, purpose="Mine.").status_code == 404
    assert signed_in.post(f"/accounts/{account_id}/review").status_code == 404
    assert kept(account_id).purpose == "What is on in our libraries."


def test_deputy_who_was_replaced_is_out_at_once(client: Browser, account_id: int) -> None:
    save(client.as_(cast.library_officer()), account_id, deputy="")
    assert client.as_(cast.ward_sister()).get(f"/accounts/{account_id}/change").status_code == 404


def test_saving_what_is_there_changes_nothing(client: Browser, account_id: int) -> None:
    before = db.session.scalar(sa.select(sa.func.count(Event.id)))
    page = client.as_(cast.library_officer()).get(f"/accounts/{account_id}/change")
    fields = {field.get("name"): field.get("value", "") for field in page.all("input") if field.get("type") != "radio"}
    assert {name: fields[name] for name in ("title", "owner", "deputy", "topics")} == {
        name: FORM[name] for name in ("title", "owner", "deputy", "topics")
    }
    save(client, account_id)
    assert changes_told(account_id) == []
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Event.id))) == before


def test_new_owner_brings_their_team_and_owes_the_guidelines(client: Browser, account_id: int) -> None:
    cast.a_document()
    stranger = cast.comms_officer()
    save(client.as_(stranger), account_id, owner="tomasz.bryk")  # Anybody else would be asked first.
    account = kept(account_id)
    assert (account.owner_id, account.team_id) == (stranger.id, stranger.team_id)
    assert changes_told(account_id) == [
        "Tomasz Bryk changed the owner of Dunmore Library", "Tomasz Bryk changed the team of Dunmore Library",
    ]  # fmt: skip
    owed = db.session.scalars(sa.select(Obligation.person_id).where(Obligation.ended_at.is_(None)))
    assert sorted(owed) == sorted([stranger.id, cast.ward_sister().id])


def test_name_is_mended_though_nobody_answers(client: Browser, account_id: int) -> None:
    comms = client.as_(cast.comms_officer())
    cast.library_officer().state = PersonState.LEFT
    assert save(comms, account_id, title="Dunmore Libraries", owner="").status_code == 302
    assert (kept(account_id).title, kept(account_id).owner_id) == ("Dunmore Libraries", cast.library_officer().id)
    kept(account_id).owner_id = None
    assert save(comms, account_id, title="Dunmore Library", owner="").status_code == 302
    assert (kept(account_id).title, kept(account_id).owner_id) == ("Dunmore Library", None)
    assert changes_told(account_id) == [
        "Tomasz Bryk changed the name of Dunmore Libraries", "Tomasz Bryk changed the name of Dunmore Library",
    ]  # fmt: skip
    assert save(comms, account_id, owner="tomasz.bryk").status_code == 302
    assert save(comms, account_id, owner="").errors == {"owner": "Enter who answers for it."}


def test_login_used_again_does_not_inherit_an_account(client: Browser, account_id: int) -> None:
    old = cast.library_officer()
    old.state = PersonState.LEFT
    old.directory_id = "00000000-0000-4000-8000-000000000001"
    new = cast.a_person("nia.okafor", name="Nia Okafor the younger", dn_key="")
    page = client.as_(cast.ward_sister()).get(f"/accounts/{account_id}/change")
    assert page.all("input", name="owner")[0].get("value") == ""
    assert f"/accounts/{account_id}" not in client.as_(new).get("/").text
    assert client.get(f"/accounts/{account_id}/change").status_code == 404


def test_account_in_somebodys_name_takes_their_own_hand(client: Browser, account_id: int) -> None:
    for player in (cast.library_officer, cast.ward_sister):
        answer = save(client.as_(player()), account_id, standing="personal-with-role")
        assert (answer.status_code, list(answer.errors)) == (422, ["standing"])
    assert kept(account_id).standing is Standing.SEMI_OFFICIAL
    assert save(client.as_(cast.comms_officer()), account_id, standing="personal-with-role").status_code == 302
    client.as_(cast.library_officer()).post(f"/accounts/{account_id}/consent", data={"visibility": "colleagues"})
    # Others may still mend the rest of it, but not give it to somebody else.
    assert (
        save(client.as_(cast.ward_sister()), account_id, standing="personal-with-role", purpose="Mine.").status_code
        == 302
    )
    answer = save(
        client.as_(cast.comms_officer()), account_id, standing="personal-with-role", owner="bronwen.rees", deputy=""
    )
    assert (answer.status_code, list(answer.errors)) == (422, ["standing"])


def test_topics_are_kept_once_each_in_a_known_spelling(client: Browser, account_id: int) -> None:
    save(client.as_(cast.library_officer()), account_id, topics="Libraries, libraries;  Café , ,CAFE, Łódź")
    page = client.get(f"/accounts/{account_id}")
    assert [item for item in page.words("li") if item in ("Libraries", "libraries", "Café", "CAFE", "Łódź")] == [
        "Café", "Libraries", "Łódź",
    ]  # fmt: skip
    assert changes_told(account_id) == ["Nia Okafor changed the topics of Dunmore Library"]
    save(client, account_id, topics="Café, Libraries, Łódź")
    assert len(changes_told(account_id)) == 1


def test_place_is_said_by_its_people_shown_and_found(client: Browser, account_id: int) -> None:
    nia = client.as_(cast.library_officer())
    save(nia, account_id, place="  Harbour side ")
    assert [one.get("value") for one in nia.get(f"/accounts/{account_id}/change").all("input", name="place")] == [
        "Harbour side"
    ]
    (link,) = nia.get(f"/accounts/{account_id}").all("a", href="/accounts?place=Harbour+side")
    assert nia.get(link.attrib["href"]).words("h2", class_="reg-bar__count") == ["1 account"]
    assert nia.get("/accounts?q=harbour").words("h2", class_="reg-bar__count") == ["1 account"]
    save(nia, account_id)  # Of a form without the field, as one that was open before, it stays.
    assert kept(account_id).place == "Harbour side"
    save(nia, account_id, place="")
    assert changes_told(account_id) == [
        "Nia Okafor changed the place of Dunmore Library", "Nia Okafor changed the place of Dunmore Library",
    ]  # fmt: skip


def test_topic_is_counted_as_soon_as_it_is_found(client: Browser, account_id: int) -> None:
    signed_in = client.as_(cast.library_officer())
    assert signed_in.get("/accounts?q=storytime").words("h2", class_="reg-bar__count") == ["0 accounts"]
    save(signed_in, account_id, topics="Storytime")
    assert signed_in.get("/accounts?q=storytime").words("h2", class_="reg-bar__count") == ["1 account"]


def test_comms_decide_on_the_state_and_nobody_else(client: Browser, account_id: int) -> None:
    save(client.as_(cast.library_officer()), account_id, state="closed")
    assert kept(account_id).state is State.LIVE
    leads = save(client.as_(cast.comms_officer()), account_id, state="closed").location
    assert (leads, kept(account_id).state) == (f"/accounts/{account_id}/close", State.LIVE)
    client.post(leads, data={"reason": "It is over.", "name": "kept"})
    account = kept(account_id)
    assert (account.state, account.closed_at is not None) == (State.CLOSED, True)
    save(client, account_id, state="dormant")
    account = kept(account_id)
    assert (account.state, account.closed_at) == (State.DORMANT, None)
    save(client, account_id, state="proposed")
    assert kept(account_id).state is State.DORMANT


def test_proposal_is_not_approved_by_choosing_a_word(client: Browser) -> None:
    account_id = cast.an_account(ADDRESS, live=False, deputy=cast.ward_sister()).id
    save(client.as_(cast.comms_officer()), account_id, state="live")
    assert kept(account_id).state is State.PROPOSED


def test_review_asks_again_after_its_time(client: Browser, account_id: int) -> None:
    db.session.execute(sa.update(Account).values(review_on=today() - timedelta(days=1)))
    officer = client.as_(cast.library_officer())
    assert "Is Dunmore Library still right?" in officer.get("/").text
    assert "Is this still right?" in officer.get(f"/accounts/{account_id}").text
    officer.post(f"/accounts/{account_id}/review")
    next_on = today() + timedelta(days=180)
    assert kept(account_id).review_on == next_on
    assert "Is Dunmore Library still right?" not in officer.get("/").text
    told = [event.sentence for event in audit.history("account", account_id) if event.name == "account.reviewed"]
    assert told == ["Nia Okafor confirmed that Dunmore Library is still right"]


def test_look_at_an_account_changes_nothing(client: Browser, account_id: int) -> None:
    comms = client.as_(cast.comms_officer())
    before = db.session.scalar(sa.select(sa.func.count(Event.id)))
    for path in ("", "/change", "/registered", "/send-back", "/approve", "/review"):
        comms.get(f"/accounts/{account_id}{path}")
    assert db.session.scalar(sa.select(sa.func.count(Event.id))) == before


@pytest.mark.parametrize(
    "number", ["0", "999999", "2147483647", "2147483648", "99999999999999999999", "-1", "1.5", "١"]
)
def test_account_that_is_not_there_is_not_found(client: Browser, number: str) -> None:
    signed_in = client.as_(cast.comms_officer())
    for path in ("", "/change", "/registered", "/send-back"):
        assert signed_in.get(f"/accounts/{number}{path}").status_code == 404


def test_last_who_saves_wins_and_both_are_told(client: Browser, account_id: int) -> None:
    save(client.as_(cast.library_officer()), account_id, purpose="First.")
    save(client.as_(cast.ward_sister()), account_id, purpose="Second.")
    assert kept(account_id).purpose == "Second."
    told = [event.fields for event in reversed(audit.history("account", account_id)) if event.name == "account.changed"]
    assert [(fields["before"], fields["after"]) for fields in told] == [
        ("What is on in our libraries.", "First."), ("First.", "Second."),
    ]  # fmt: skip


def opened(client: Browser, account_id: int) -> dict[str, str]:
    """What the form that changes an account would send as it is opened."""
    page = client.get(f"/accounts/{account_id}/change")
    (stamp,) = page.all("input", name="stamp")
    return {"stamp": stamp.attrib["value"]}


def test_what_somebody_else_saved_meanwhile_is_not_lost(client: Browser, account_id: int) -> None:
    comms, officer = cast.comms_officer(), cast.library_officer()
    stamp = opened(client.as_(comms), account_id)
    assert save(client.as_(officer), account_id, title="Dunmore Reads").status_code == 302
    late = save(client.as_(comms), account_id, purpose="News.", topics="Books", **stamp)
    assert late.status_code == 409
    assert late.words("li", class_="reg-break") == [
        "The name: there is “Dunmore Reads”, and you have “Dunmore Library”.",
        "The purpose: there is “What is on in our libraries.”, and you have “News.”.",
        "The topics: there is “nothing”, and you have “Books”.",
    ]
    account = kept(account_id)
    assert (account.title, account.purpose) == ("Dunmore Reads", "What is on in our libraries.")
    # What they typed stands there still, and whoever has looked at it may save it.
    assert [one.text for one in late.all("textarea", name="purpose")] == ["News."]
    (again,) = late.all("input", name="stamp")
    mended = {"title": "Dunmore Reads", "purpose": "News.", "topics": "Books", "stamp": again.attrib["value"]}
    assert save(client, account_id, **mended).status_code == 302
    assert (kept(account_id).title, kept(account_id).purpose) == ("Dunmore Reads", "News.")


@pytest.mark.parametrize("path", ["review", "visibility"])
def test_what_the_form_does_not_show_may_change_meanwhile(client: Browser, account_id: int, path: str) -> None:
    comms = client.as_(cast.comms_officer())
    stamp = opened(comms, account_id)
    comms.post(f"/accounts/{account_id}/{path}", data={"visibility": "colleagues"})
    assert save(comms, account_id, purpose="News.", **stamp).status_code == 302


def test_of_two_who_save_the_same_form_at_once_one_looks_again(app: Flask, account_id: int) -> None:
    browsers = [Browser(app).as_(cast.library_officer()), Browser(app).as_(cast.ward_sister())]
    stamp = opened(browsers[0], account_id)
    answers = at_once(app, *(
        (lambda browser=browser, title=title: save(browser, account_id, title=title, **stamp))
        for browser, title in zip(browsers, ("Reads", "Books"), strict=True)
    ))  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [302, 409]
    assert len(changes_told(account_id)) == 1


def test_form_says_that_saving_takes_a_deputy_off_who_has_left(client: Browser) -> None:
    account = cast.an_account(deputy=cast.ward_sister())
    db.session.commit()
    client.as_(cast.library_officer())
    words = "Saving leaves the account without a deputy, unless you name somebody who works here."
    told = []
    for state in (PersonState.ACTIVE, PersonState.LEFT):
        cast.ward_sister().state = state
        db.session.commit()
        page = client.get(f"/accounts/{account.id}/change").text
        told.append((words in page, f"{cast.ward_sister().name}, its deputy, has left" in page))
    assert told == [(False, False), (True, True)]
