"""Accounts in somebody's own name: whether they are listed, who sees them, and how they are taken out again."""

from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from lists import Import

from registry import audit, jobs
from registry.accounts import actions, queries
from registry.accounts.models import Account, Standing, State, Visibility
from registry.accounts.naming import asking
from registry.db import db, now
from registry.guidelines.models import Obligation
from registry.outbox import Message
from registry.people.models import Person, PersonState

ADDRESS = "https://x.com/BronwenRees"
FORM = {
    "address": ADDRESS, "platform": "", "title": "Bronwen Rees", "purpose": "Nursing, mostly.",
    "standing": "personal-with-role", "owner": "bronwen.rees", "deputy": "nia.okafor",
}  # fmt: skip


def entered(client: Browser) -> int:
    """The ward sister's own account as comms have entered it, with a deputy; its id."""
    cast.ward_sister(), cast.library_officer()
    answer = client.as_(cast.comms_officer()).post("/accounts/new", data=FORM)
    account_id = db.session.scalars(sa.select(Account.id)).one()
    assert answer.location == f"/accounts/{account_id}"
    return account_id


def kept(account_id: int) -> Account:
    """The account as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Account, account_id, populate_existing=True)


def mails() -> list[tuple[str, str]]:
    """To whom mail was posted, and about what."""
    return [(mail.to, mail.subject) for mail in db.session.scalars(sa.select(Message).order_by(Message.id))]


def told(account_id: int) -> list[str]:
    """The sentences of an account's history, the first first."""
    sentences = [event.sentence for event in reversed(audit.history("account", account_id))]
    db.session.rollback()
    return sentences


def test_comms_can_only_propose_somebodys_own_account(client: Browser) -> None:
    cast.a_document()
    account_id = entered(client)
    account = kept(account_id)
    assert (account.state, account.visibility, account.consented_at, account.deputy_id) == (
        State.PROPOSED, Visibility.COMMS, None, None,
    )  # fmt: skip
    assert mails() == [("bronwen.rees@dunmore.example", "May we list Bronwen Rees on X")]
    assert told(account_id) == [
        "Tomasz Bryk registered Bronwen Rees",
        "Tomasz Bryk asked Bronwen Rees whether Bronwen Rees may be in the register",
    ]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Obligation)) == 0
    page = client.get(f"/accounts/{account_id}")
    assert "Bronwen Rees was asked on" in page.text
    assert page.all("form", action=f"/accounts/{account_id}/approve") == []
    assert "No proposals wait." in client.get("/").text
    client.post(f"/accounts/{account_id}/approve")
    assert kept(account_id).state is State.PROPOSED
    change = {**FORM, "language": "en", "topics": "", "state": ""}
    client.post(f"/accounts/{account_id}/change", data=change)
    assert (kept(account_id).deputy_id, len(mails())) == (None, 1)
    assert client.as_(cast.library_officer()).get(f"/accounts/{account_id}").status_code == 404


@pytest.mark.parametrize("visibility", ["comms", "colleagues", "everyone"])
def test_whom_it_belongs_to_agrees_and_chooses_who_sees_it(client: Browser, visibility: str) -> None:
    account_id = entered(client)
    sister = client.as_(cast.ward_sister())
    assert "May Bronwen Rees be listed?" in sister.get("/").text
    page = sister.get(f"/accounts/{account_id}/consent")
    assert page.heading == "May @BronwenRees be listed?"
    assert sister.post(f"/accounts/{account_id}/consent", data={}).errors == {"visibility": "Choose who may see it."}
    sister.post(f"/accounts/{account_id}/consent", data={"visibility": visibility})
    account = kept(account_id)
    assert (account.state, account.visibility.value, account.consented_at is not None) == (State.LIVE, visibility, True)
    assert account.review_on is not None
    status = client.as_(cast.stranger()).get(f"/accounts/{account_id}").status_code
    assert status == (404 if visibility == "comms" else 200)
    assert len(told(account_id)) == 3
    client.as_(cast.ward_sister()).post(f"/accounts/{account_id}/consent", data={"visibility": "everyone"})
    assert kept(account_id).visibility.value == visibility


def test_no_leaves_nothing_but_that_nobody_asks_again(client: Browser) -> None:
    account_id = entered(client)
    client.as_(cast.ward_sister()).post(f"/accounts/{account_id}/consent", data={"answer": "no"})
    account = kept(account_id)
    assert (account.state, account.visibility, account.title, account.purpose) == (
        State.CLOSED, Visibility.NOBODY, "An account that was taken out", "",
    )  # fmt: skip
    assert told(account_id)[-1] == "Bronwen Rees did not want Bronwen Rees in the register"
    comms = client.as_(cast.comms_officer())
    assert comms.get(f"/accounts/{account_id}").status_code == 404
    assert comms.get("/accounts").words("h2", class_="reg-bar__count") == ["0 accounts"]
    page = comms.get("/accounts/new", query_string={"address": ADDRESS})
    assert page.words("h2")[0] == "Whom it belongs to took it out"
    assert "Bronwen" not in page.text
    assert comms.post("/accounts/new", data=FORM).location.startswith("/accounts/new?address=")
    assert (db.session.scalar(sa.select(sa.func.count(Account.id))), len(mails())) == (1, 1)


def test_own_account_is_taken_out_with_one_button_and_put_back(client: Browser) -> None:
    account = cast.an_account(ADDRESS, owner=cast.ward_sister(), standing=Standing.PERSONAL, deputy=cast.organiser())
    account_id = account.id
    sister = client.as_(cast.ward_sister())
    assert "Take it out of the register" in sister.get(f"/accounts/{account_id}/visibility").text
    assert sister.post(f"/accounts/{account_id}/take-out").location == "/"
    assert (kept(account_id).visibility, kept(account_id).deputy_id) == (Visibility.NOBODY, None)
    assert "@BronwenRees" not in sister.get("/").text
    for player in (cast.organiser, cast.stranger, cast.comms_officer, cast.auditor):
        signed_in = client.as_(player())
        assert signed_in.get(f"/accounts/{account_id}").status_code == 404
        assert signed_in.get(f"/accounts/{account_id}/consent").status_code == 404
        assert signed_in.post(f"/accounts/{account_id}/consent", data={"visibility": "everyone"}).status_code == 404
        assert "BronwenRees" not in signed_in.get("/search?q=bronwenrees").words("main").__repr__()
    sister = client.as_(cast.ward_sister())
    page = sister.get("/accounts/new", query_string={"address": ADDRESS})
    assert [one.get("href") for one in page.all("a", class_="govuk-button")] == [f"/accounts/{account_id}/consent"]
    sister.post(f"/accounts/{account_id}/consent", data={"visibility": "colleagues"})
    account = kept(account_id)
    assert (account.state, account.visibility, account.title) == (State.LIVE, Visibility.COLLEAGUES, "Bronwen Rees")
    assert "Bronwen Rees" in sister.get("/search?q=bronwenrees").text


def test_nobody_else_decides_on_somebodys_own_account(client: Browser) -> None:
    account = cast.an_account(ADDRESS, owner=cast.ward_sister(), standing=Standing.PERSONAL, deputy=cast.organiser())
    account_id = account.id
    for player in (cast.organiser, cast.stranger, cast.comms_officer, cast.admin):
        signed_in = client.as_(player())
        signed_in.post(f"/accounts/{account_id}/visibility", data={"visibility": "everyone"})
        signed_in.post(f"/accounts/{account_id}/take-out")
        signed_in.post(f"/accounts/{account_id}/consent", data={"answer": "no"})
        signed_in.post(f"/accounts/{account_id}/ask", data={"colleague": "nia.okafor"})
        assert (kept(account_id).visibility, kept(account_id).owner_id) == (
            Visibility.COLLEAGUES, cast.ward_sister().id,
        ), player  # fmt: skip
    comms = client.as_(cast.comms_officer())
    form = {**FORM, "deputy": "", "language": "en", "topics": "", "state": "live", "standing": "official"}
    assert list(comms.post(f"/accounts/{account_id}/change", data=form).errors) == ["standing"]
    assert kept(account_id).standing is Standing.PERSONAL


@pytest.mark.parametrize(
    ("player", "after"), [(cast.comms_officer, Visibility.COMMS), (cast.library_officer, Visibility.EVERYONE)]
)
def test_comms_hold_back_what_is_in_nobodys_own_name(
    client: Browser, player: Callable[[], Person], after: Visibility
) -> None:
    account_id = cast.an_account(ADDRESS).id
    client.as_(player()).post(f"/accounts/{account_id}/visibility", data={"visibility": "comms"})
    assert kept(account_id).visibility is after
    form = {**FORM, "owner": "nia.okafor", "deputy": "", "standing": "official", "language": "en", "topics": ""}
    assert client.post(f"/accounts/{account_id}/change", data={**form, "state": ""}).status_code == 302
    assert (kept(account_id).standing, kept(account_id).visibility) == (Standing.OFFICIAL, after)


def test_standing_brings_consent_and_takes_it_away(client: Browser) -> None:
    account_id = cast.an_account(ADDRESS, owner=cast.ward_sister(), live=False).id
    sister = client.as_(cast.ward_sister())
    form = {**FORM, "deputy": "", "language": "en", "topics": "", "state": ""}
    sister.post(f"/accounts/{account_id}/change", data=form)
    assert (kept(account_id).visibility, kept(account_id).consented_at is None) == (Visibility.COLLEAGUES, False)
    sister.post(f"/accounts/{account_id}/change", data={**form, "standing": "semi-official"})
    assert (kept(account_id).visibility, kept(account_id).consented_at) == (Visibility.COLLEAGUES, None)


def test_comms_ask_again_or_somebody_else(client: Browser) -> None:
    account_id = entered(client)
    comms = client.as_(cast.comms_officer())
    assert "Ask again" in comms.get("/accounts/alike").text
    comms.post(f"/accounts/{account_id}/ask", data={"colleague": "nia.okafor"})
    assert kept(account_id).owner_id == cast.library_officer().id
    assert [to for to, _ in mails()] == ["bronwen.rees@dunmore.example", "nia.okafor@dunmore.example"]
    assert client.as_(cast.ward_sister()).get(f"/accounts/{account_id}").status_code == 404
    assert client.as_(cast.library_officer()).get(f"/accounts/{account_id}/consent").status_code == 200


# --- Leavers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [Visibility.COLLEAGUES, Visibility.EVERYONE])
def test_account_of_a_leaver_is_seen_by_comms_only(client: Browser, chosen: Visibility) -> None:
    account = cast.an_account(ADDRESS, owner=cast.ward_sister(), standing=Standing.PERSONAL, title="Bronwen")
    account.deputy_id, account.visibility = cast.library_officer().id, chosen
    other = cast.an_account(owner=cast.ward_sister(), deputy=cast.library_officer())
    other_id, account_id = other.id, account.id
    public = sa.select(Account.id).where(queries.public_accounts(), Account.id == account_id)
    assert db.session.scalars(public).all() == ([account_id] if chosen is Visibility.EVERYONE else [])
    sister = cast.ward_sister()
    sister.state, sister.left_at = PersonState.LEFT, now()
    db.session.commit()
    assert db.session.scalars(public).all() == []  # Before anything has handed it on.
    jobs.hand_on()
    jobs.hand_on()
    account = kept(account_id)
    assert (account.state, account.visibility) == (State.ORPHANED, Visibility.COMMS)
    assert (kept(other_id).state, kept(other_id).visibility) == (State.LIVE, Visibility.EVERYONE)
    before = {Visibility.COLLEAGUES: "colleagues", Visibility.EVERYONE: "everyone"}[chosen]
    assert told(account_id)[-2:] == [
        "Bronwen has nobody to answer for it: its people have left",
        f"Bronwen is seen by comms only, no longer by {before}: whom it belongs to has left",
    ]
    assert client.as_(cast.stranger()).get(f"/accounts/{account_id}").status_code == 404
    page = client.as_(cast.comms_officer()).get(f"/accounts/{account_id}")
    assert "They have left, so nobody else sees it." in page.text


# --- Reminders --------------------------------------------------------------------------------------------

#: Asked on a Thursday: five working days later, and five after those over Christmas and the New Year.
ASKED, FIRST, LAST = (
    datetime.fromisoformat(f"{day}T10:00+00:00") for day in ("2026-12-10", "2026-12-17", "2026-12-24")
)


def remind(at: datetime, days: int = 5) -> int:
    """What the worker does at a moment."""
    with time_machine.travel(at, tick=False):
        reminded = asking.remind(days)
        db.session.commit()
    return reminded


@pytest.fixture
def asked(client: Browser) -> int:
    """The ward sister was asked on a Thursday before Christmas; the account's id."""
    with time_machine.travel(ASKED, tick=False):
        return entered(client)


def test_who_does_not_answer_is_reminded_twice_and_then_left_in_peace(client: Browser, asked: int) -> None:
    days = [ASKED.date() + timedelta(days=number) for number in range(60)]
    reminded = [day for day in days if remind(datetime.combine(day, time(10), UTC))]
    assert reminded == [FIRST.date(), LAST.date()]
    about = ("bronwen.rees@dunmore.example", "May we list Bronwen Rees?")
    assert mails()[1:] == [about, about]
    texts = db.session.scalars(sa.select(Message.text).order_by(Message.id)).all()[1:]
    assert ["We do not write about it again." in text for text in texts] == [False, True]
    assert all(f"/accounts/{asked}/consent" in text for text in texts)
    assert told(asked)[-1] == "The register reminded Bronwen Rees that Bronwen Rees waits for their word"
    account = kept(asked)
    assert (account.state, account.visibility) == (State.PROPOSED, Visibility.COMMS)
    on = "Bronwen Rees was asked on 10 December 2026 whether it may be listed, and reminded on 17 December 2026 and on"
    assert (
        f"{on} 24 December 2026. We do not write to them again."
        in client.as_(cast.comms_officer()).get(f"/accounts/{asked}").text
    )
    assert "You were asked on 10 December 2026" in client.as_(cast.ward_sister()).get(f"/accounts/{asked}").text


def test_reminder_waits_for_a_working_day(asked: int) -> None:
    assert remind(FIRST - timedelta(days=1)) == 0
    assert remind(datetime.fromisoformat("2026-12-19T10:00+00:00")) == 0
    assert remind(datetime.fromisoformat("2026-12-21T10:00+00:00")) == 1
    assert remind(datetime.fromisoformat("2026-12-21T11:00+00:00")) == 0
    assert remind(datetime.fromisoformat("2026-12-31T10:00+00:00")) == 1  # Five days at work after the first.


@pytest.mark.parametrize("answer", ["yes", "no"])
def test_answer_stops_the_reminders_at_once(client: Browser, asked: int, answer: str) -> None:
    remind(FIRST)
    client.as_(cast.ward_sister()).post(
        f"/accounts/{asked}/consent", data={"answer": answer, "visibility": "colleagues"}
    )
    assert (remind(LAST), len(mails())) == (0, 2)


def test_whoever_is_asked_anew_is_reminded_anew(client: Browser, asked: int) -> None:
    remind(FIRST)
    remind(LAST)
    with time_machine.travel(LAST, tick=False):
        client.as_(cast.comms_officer()).post(f"/accounts/{asked}/ask", data={"colleague": "nia.okafor"})
    account = kept(asked)
    assert (account.consent_reminded_at, account.consent_reminded_again_at) == (None, None)
    assert [to for to, _ in mails()[3:]] == ["nia.okafor@dunmore.example"]
    assert remind(datetime.fromisoformat("2027-01-05T10:00+00:00")) == 1
    assert mails()[-1][0] == "nia.okafor@dunmore.example"


def test_one_letter_reminds_of_all_accounts_of_somebody(imported: Import) -> None:
    cast.ward_sister()
    rows = [["url", "standing", "owner"]]
    rows += [[f"https://x.com/Bronwen{number}", "personal-with-role", "bronwen.rees"] for number in range(3)]
    with time_machine.travel(ASKED, tick=False):
        imported(rows)
    before = len(mails())
    assert remind(FIRST) == 1
    assert mails()[before:] == [("bronwen.rees@dunmore.example", "May we list 3 accounts of yours?")]


def test_leavers_and_people_without_an_address_are_not_reminded(asked: int) -> None:
    sister = cast.ward_sister()
    sister.mail = ""
    assert remind(FIRST) == 0
    assert kept(asked).consent_reminded_at is None
    sister = cast.ward_sister()
    sister.mail, sister.state = "bronwen.rees@dunmore.example", PersonState.LEFT
    assert remind(FIRST) == 0


def test_reminders_can_be_switched_off_and_are_the_workers(app: Flask, asked: int) -> None:
    assert remind(LAST, days=0) == 0
    with time_machine.travel(FIRST, tick=False):
        assert jobs.watch_proposals(app.config["SETTINGS"]).endswith("1 reminded of their own accounts")


def test_file_proposes_somebodys_own_account_and_asks(imported: Import) -> None:
    cast.ward_sister(), cast.library_officer()
    header = ["url", "standing", "owner", "deputy", "state"]
    rows = [
        [ADDRESS, "personal", "bronwen.rees", "nia.okafor", "live"],
        ["https://x.com/nobodys", "personal", "", "", "live"], ["https://x.com/gone", "personal", "who.knows", "", ""],
    ]  # fmt: skip
    report = imported([header, *rows])
    assert [row.fate.value for row in report.rows] == ["added", "refused", "refused"]
    account = db.session.scalars(sa.select(Account)).one()
    assert (account.state, account.visibility, account.deputy_id, account.approved_at) == (
        State.PROPOSED, Visibility.COMMS, None, None,
    )  # fmt: skip
    assert mails() == [("bronwen.rees@dunmore.example", "May we list Bronwen Rees on X")]
    db.session.commit()
    again = imported([header, *rows])
    assert [row.fate.value for row in again.rows] == ["unchanged", "refused", "refused"]
    assert (kept(account.id).state, len(mails())) == (State.PROPOSED, 1)


def test_file_changes_nothing_of_what_was_taken_out_or_is_somebodys_own(client: Browser, imported: Import) -> None:
    own = cast.an_account("https://x.com/Nia", standing=Standing.PERSONAL)
    office = cast.an_account("https://x.com/Library")
    out = cast.an_account(ADDRESS, owner=cast.ward_sister(), standing=Standing.PERSONAL)
    client.as_(cast.ward_sister()).post(f"/accounts/{out.id}/take-out")
    numbers = own.id, office.id, out.id
    report = imported([
        ["url", "standing", "owner", "title"], ["https://x.com/Nia", "official", "bronwen.rees", ""],
        ["https://x.com/Library", "personal", "", ""], [ADDRESS, "personal", "bronwen.rees", "Back again"],
    ])  # fmt: skip
    assert [row.fate.value for row in report.rows] == ["unchanged"] * 3
    standings = [kept(number).standing for number in numbers]
    assert standings == [Standing.PERSONAL, Standing.SEMI_OFFICIAL, Standing.PERSONAL]
    assert kept(out.id).title == "An account that was taken out"
    assert sorted(row.key for row in queries.export_rows()) == ["library", "nia"]


def test_address_of_what_is_kept_close_tells_nobody_whose_it_is(client: Browser) -> None:
    account = cast.an_account(ADDRESS, title="Bronwen at night", owner=cast.ward_sister(), standing=Standing.PERSONAL)
    account.visibility = Visibility.COMMS
    signed_in = client.as_(cast.stranger())
    for answer in (
        signed_in.get("/accounts/new", query_string={"address": ADDRESS}),
        signed_in.get(signed_in.post("/accounts/new", data={**FORM, "owner": "oluwaseun.ade", "deputy": ""}).location),
    ):
        assert answer.words("h2")[0] == "The communications team knows this address"
        main = answer.words("main")[0]
        assert ("Bronwen at night" in main, "Rees" in main.replace(ADDRESS, "")) == (False, False)
    cast.comms_officer()
    signed_in.post("/accounts/ask-comms", data={"address": ADDRESS, "words": "Is this ours?"})
    assert mails()[-1:] == [("tomasz.bryk@dunmore.example", "A question from Oluwaseun Adé")]
    mine = client.as_(cast.ward_sister()).get("/accounts/new", query_string={"address": ADDRESS})
    assert mine.words("h2")[0] == "This account is in the register"


def test_nobody_proposes_somebodys_account_past_the_form(app: object) -> None:
    account = cast.an_account(ADDRESS, owner=cast.ward_sister(), standing=Standing.PERSONAL, live=False)
    account.consented_at, account.visibility = None, Visibility.COMMS
    with pytest.raises(actions.NotWaiting):
        actions.approve(account=account, owner=None, actor=cast.comms_officer())


def test_words_say_how_to_choose(client: Browser) -> None:
    page = client.as_(cast.stranger()).get("/accounts/words")
    assert page.heading == "Standing, state, and who sees it"
    rows = [len(one) for one in ([row for row in table.iter("tr")] for table in page.all("table"))]
    assert rows == [1 + len(Standing), 1 + len(State), 1 + len(Visibility) - 1]


def test_nobody_is_told_that_they_post_there_before_whom_it_belongs_to_has_agreed(client: Browser) -> None:
    account_id, person, before = entered(client), cast.library_officer(), mails()
    path = f"/accounts/{account_id}/contributors"
    assert client.post(path, data={"colleague": person.username}).errors == {
        "colleague": "Nobody else hears of this account before whom it belongs to has agreed. Wait for their answer."
    }
    assert (mails(), client.as_(person).get(f"/accounts/{account_id}").status_code) == (before, 404)
    assert client.as_(cast.ward_sister()).post(path, data={"colleague": person.username}).status_code == 302
