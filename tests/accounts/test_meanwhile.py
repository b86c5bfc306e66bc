"""Forms that two people have open at once: the second reads what the first has saved, and loses nothing typed."""

import threading
from typing import Any

import cast
import pytest
from browser import Answer, Browser
from flask import Flask

from registry.accounts.answering.models import AccessFacts, Closing, Loss
from registry.accounts.expectations import queries
from registry.accounts.expectations.models import Reply
from registry.accounts.models import Account
from registry.db import db

OFFICE = {"mon": "9-5", "tue": "9-5", "wed": "9-5", "thu": "9-5", "fri": "9-5", "sat": "", "sun": ""}
ACCESS = {
    "kept": "password manager", "place": "Entry “Dunmore”", "two_step": "on", "recovery": "corporate", "tools": "",
}  # fmt: skip
AGAIN = "press the button again where yours is right."


@pytest.fixture
def account_id(app: Flask) -> int:
    """A live account of the libraries: Nia's, with Bronwen as the deputy."""
    account = cast.an_account("https://x.com/DunmoreLibrary", title="Dunmore Library", deputy=cast.ward_sister())
    db.session.commit()
    return account.id


@pytest.fixture
def nia(app: Flask, account_id: int) -> Browser:
    """The browser of the owner."""
    return Browser(app).as_(cast.library_officer())


@pytest.fixture
def bronwen(app: Flask, account_id: int) -> Browser:
    """The browser of the deputy."""
    return Browser(app).as_(cast.ward_sister())


def stamp(page: Answer) -> dict[str, str]:
    """What the form of a page carries without showing it."""
    return {"stamp": page.all("input", name="stamp")[0].attrib["value"]}


def in_turn(first: Browser, second: Browser, page: str, *data: dict[str, str], to: str = "") -> tuple[Answer, Answer]:
    """Both open a page; the first saves, then the second does, and once more what they are asked about."""
    opened = [stamp(one.get(page)) for one in (first, second)]
    assert first.post(to or page, data=data[0] | opened[0]).status_code == 302
    late = second.post(to or page, data=data[1] | opened[1])
    return late, second.post(to or page, data=data[1] | stamp(late)) if late.status_code == 409 else late


def level(name: str, account_id: int) -> str:
    """Where a level says what it says."""
    account = db.session.get_one(Account, account_id)
    return {
        "organisation": "/accounts/expectations", "team": f"/accounts/expectations/teams/{account.team_id}",
        "account": f"/accounts/{account_id}/expectations",
    }[name]  # fmt: skip


@pytest.mark.parametrize("name", ["organisation", "team", "account"])
def test_expectation_that_was_set_meanwhile_is_told_before_it_is_replaced(
    app: Flask, bronwen: Browser, account_id: int, name: str
) -> None:
    first, second = (Browser(app).as_(cast.comms_officer()) for _ in range(2))
    if name == "account":
        second = bronwen
    page = f"{level(name, account_id)}/reply"
    late, again = in_turn(first, second, page, {"answer": "hour"}, {"answer": "five-days"})
    who = "Tomasz Bryk has" if name == "account" else "You have"
    there = "“Within an hour, while somebody is there”"
    assert late.errors == {"answer": f"{who} changed this meanwhile. It is {there} now: {AGAIN}"}
    assert [one.attrib["value"] for one in late.all("input", type="radio") if "checked" in one.attrib] == ["five-days"]
    assert again.status_code == 302
    assert queries.of_account(db.session.get_one(Account, account_id)).reply is Reply.FIVE_DAYS


def test_only_the_days_that_differ_are_told(nia: Browser, bronwen: Browser, account_id: int) -> None:
    page = f"/accounts/{account_id}/expectations/hours"
    late, again = in_turn(nia, bronwen, page, OFFICE | {"wed": "9-12"}, OFFICE | {"sat": "10-4"})
    assert late.errors == {
        "wed": f"Wednesday: Nia Okafor has changed this meanwhile. It is “9am to midday” now: {AGAIN}",
        "sat": f"Saturday: Nia Okafor has changed this meanwhile. It is empty now: {AGAIN}",
    }
    assert again.status_code == 302


@pytest.mark.parametrize("answer", ["hour", "one-day"])
def test_what_a_team_says_meanwhile_is_told_to_whoever_says_otherwise(
    app: Flask, nia: Browser, account_id: int, answer: str
) -> None:
    page, team = (f"{level(name, account_id)}/reply" for name in ("account", "team"))
    opened = stamp(nia.get(page))
    Browser(app).as_(cast.comms_officer()).post(team, data={"answer": "hour"})
    late = nia.post(page, data={"answer": answer} | opened)
    assert late.status_code == (302 if answer == "hour" else 409)  # What is the same takes nothing away.


def test_what_was_changed_meanwhile_is_not_taken_away(nia: Browser, bronwen: Browser, account_id: int) -> None:
    page = f"/accounts/{account_id}/expectations"
    nia.post(f"{page}/reply", data={"answer": "hour"})
    opened = stamp(bronwen.get(page))
    nia.post(f"{page}/reply", data={"answer": "one-day"})
    kept = bronwen.get(bronwen.post(f"{page}/reply/inherit", data=opened).location)
    assert "Nia Okafor has changed this meanwhile. Reply promise: Within one working day. It stays." in kept.text
    account = db.session.get_one(Account, account_id)
    assert queries.of_account(account).reply is Reply.ONE_DAY
    bronwen.post(f"{page}/reply/inherit", data=stamp(kept))
    db.session.rollback()
    assert queries.of_account(account).reply is None


def test_of_two_who_press_at_the_same_moment_one_is_told(
    app: Flask, nia: Browser, bronwen: Browser, account_id: int
) -> None:
    page, together, answers = f"/accounts/{account_id}/access", threading.Barrier(2), []
    opened = stamp(nia.get(page))
    bronwen.csrf_token()
    db.session.rollback()

    def press(browser: Browser, place: str) -> None:
        with app.app_context():
            together.wait()
            answers.append(browser.post(page, data=ACCESS | {"place": place} | opened).status_code)

    threads = [threading.Thread(target=press, args=one) for one in ((nia, "Entry 1"), (bronwen, "Entry 2"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]


def test_form_without_a_stamp_and_one_that_is_sent_twice_are_taken(nia: Browser, account_id: int) -> None:
    page = f"/accounts/{account_id}/expectations/not-for"
    opened = stamp(nia.get(page))
    told = [nia.post(page, data={"answer": "emergencies"} | opened).status_code for _ in range(2)]
    assert [*told, nia.post(page, data={"answer": "complaints"}).status_code] == [302] * 3


@pytest.mark.parametrize(
    ("path", "to", "first", "second", "errors", "kept"),
    [
        (
            "access", "", ACCESS, ACCESS | {"two_step": "off", "place": ""},
            {"place": "“Entry “Dunmore””", "two_step": "“Yes”"},
            lambda one: db.session.get_one(AccessFacts, one).two_step.value == "off",
        ),
        (
            "people", "mailbox", {"mailbox": "libraries@dunmore.example"}, {"mailbox": "reading@dunmore.example"},
            {"mailbox": "“libraries@dunmore.example”"},
            lambda one: db.session.get_one(Account, one).mailbox == "reading@dunmore.example",
        ),
        (
            "lost", "", {"tried": "The reset link. It went to Gareth."}, {"tried": "Rang them."},
            {"tried": "“The reset link. It went to Gareth.”"},
            lambda one: db.session.get_one(Loss, one).tried == "Rang them.",
        ),
    ],
)  # fmt: skip
def test_facts_that_were_told_meanwhile_are_not_replaced_unseen(
    nia: Browser, bronwen: Browser, account_id: int, path: str, to: str, first: Any, second: Any, errors: Any, kept: Any
) -> None:  # fmt: skip
    at = f"/accounts/{account_id}"
    late, again = in_turn(nia, bronwen, f"{at}/{path}", first, second, to=f"{at}/{to or path}")
    who = "A colleague has" if path == "people" else "Nia Okafor has"
    assert late.errors == {
        name: f"{who} changed this meanwhile. It is {told} now: {AGAIN}" for name, told in errors.items()
    }
    assert (again.status_code, kept(account_id)) == (302, True)


def test_reason_for_closing_that_was_told_meanwhile_is_not_replaced_unseen(
    app: Flask, nia: Browser, account_id: int
) -> None:
    comms, page = Browser(app).as_(cast.comms_officer()), f"/accounts/{account_id}/close"
    theirs, mine = ({"reason": reason, "name": "kept"} for reason in ("It was a trial.", "Nobody reads it."))
    late, again = in_turn(nia, comms, page, theirs, mine)
    told = f"Nia Okafor has changed this meanwhile. It is “It was a trial.” now: {AGAIN}"
    assert (late.status_code, late.errors) == (409, {"reason": told})
    assert (again.status_code, db.session.get_one(Closing, account_id).reason) == (302, "Nobody reads it.")
