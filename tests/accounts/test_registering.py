"""Registering an account: from an address that somebody pastes to an account that comms put live."""

import threading
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry.accounts.models import Account, Alias, Standing, State
from registry.accounts.views import OWNER_IS_NOT_TOLD
from registry.audit import Event
from registry.db import db, today
from registry.outbox import Message
from registry.people.models import Person, PersonState

ADDRESS = "https://x.com/DunmoreLibrary?s=20"
FORM = {
    "address": ADDRESS, "platform": "", "title": "Dunmore Library", "purpose": "What is on in our libraries.",
    "standing": "semi-official", "owner": "nia.okafor", "deputy": "",
}  # fmt: skip


def register(client: Browser, **changes: str) -> Answer:
    """Send the form, as the library officer would but for ``changes``."""
    answer: Answer = client.post("/accounts/new", data={**FORM, **changes})
    return answer


def accounts() -> list[Account]:
    """All accounts, as the database has them now."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(Account).order_by(Account.id)))


def mails() -> list[tuple[str, str]]:
    """To whom mail was posted, and about what."""
    found = [(mail.to, mail.subject) for mail in db.session.scalars(sa.select(Message).order_by(Message.id))]
    db.session.rollback()
    return found


def happened(kind: str = "account") -> list[str]:
    """The sentences of the events about accounts, in order."""
    told = db.session.scalars(sa.select(Event).where(Event.subject_kind == kind).order_by(Event.id))
    sentences = [event.sentence for event in told]
    db.session.rollback()
    return sentences


# The address.


def test_new_address_leads_to_the_form_with_what_is_known(client: Browser) -> None:
    page = client.as_(cast.library_officer()).get("/accounts/new", query_string={"address": ADDRESS})
    assert page.heading == "Tell us about it"
    values = {name: page.all("input", name=name)[0].get("value") for name in ("address", "title", "owner", "deputy")}
    assert values == {"address": ADDRESS, "title": "Dunmore Library", "owner": "nia.okafor", "deputy": ""}


def test_known_address_leads_to_the_account_however_it_is_spelled(client: Browser) -> None:
    account = cast.an_account("https://x.com/DunmoreLibrary", title="Dunmore Library")
    for spelling in (
        "https://twitter.com/dunmorelibrary/",
        "x.com/DUNMORELIBRARY",
        "http://mobile.twitter.com/DunmoreLibrary?lang=cy",
    ):
        page = client.as_(cast.stranger()).get("/accounts/new", query_string={"address": spelling})
        assert page.words("h2")[0] == "This account is in the register", spelling
        assert [link.get("href") for link in page.all("a", class_="govuk-button")] == [f"/accounts/{account.id}"]


@pytest.mark.parametrize("address", ["hello", "https://x.com/a/status/1", "https://x.com/", "javascript:alert(1)"])
def test_what_is_no_account_is_refused_with_a_reason(client: Browser, address: str) -> None:
    signed_in = client.as_(cast.library_officer())
    page = signed_in.get("/accounts/new", query_string={"address": address})
    assert list(page.errors) == ["address"]
    assert page.heading == "Register an account"
    sent = register(signed_in, address=address)
    assert (sent.status_code, list(sent.errors)) == (422, ["address"])
    assert accounts() == []


def test_handle_with_its_platform_is_enough(client: Browser) -> None:
    signed_in = client.as_(cast.library_officer())
    page = signed_in.get("/accounts/new", query_string={"address": "@DunmoreLibrary", "platform": "instagram"})
    assert page.heading == "Tell us about it"
    assert register(signed_in, address="@DunmoreLibrary", platform="instagram").status_code == 302
    (account,) = accounts()
    assert (account.platform, account.key, account.url) == (
        "instagram", "dunmorelibrary", "https://www.instagram.com/DunmoreLibrary",
    )  # fmt: skip


# The form.


def test_registered_account_waits_with_all_that_was_said(client: Browser) -> None:
    officer, sister = cast.library_officer(), cast.ward_sister()
    answer = register(client.as_(officer), deputy="Bronwen Rees")
    (account,) = accounts()
    assert (answer.status_code, answer.location) == (302, f"/accounts/{account.id}/registered")
    assert (account.platform, account.kind, account.key, account.handle) == (
        "x",
        "profile",
        "dunmorelibrary",
        "@DunmoreLibrary",
    )
    assert (account.title, account.purpose) == ("Dunmore Library", "What is on in our libraries.")
    assert (account.standing, account.state) == (Standing.SEMI_OFFICIAL, State.PROPOSED)
    assert (account.owner_id, account.deputy_id, account.proposed_by_id) == (officer.id, sister.id, officer.id)
    assert (account.team_id, account.review_on) == (officer.team_id, None)
    assert [alias.url for alias in db.session.scalars(sa.select(Alias))] == [ADDRESS]
    assert happened() == ["Nia Okafor registered Dunmore Library"]
    assert mails() == [("bronwen.rees@dunmore.example", "You are the deputy for Dunmore Library on X")]
    page = client.get(answer.location)
    assert page.status_code == 200
    assert "What is on in our libraries." in page.text


def test_empty_form_is_answered_beside_each_field(client: Browser) -> None:
    answer = register(client.as_(cast.library_officer()), title=" ", purpose="", standing="", owner="")
    assert (answer.status_code, answer.errors) == (422, {
        "title": "Give the account a name that colleagues would know it by.",
        "purpose": "Say in a sentence what the account is for.",
        "standing": "Choose who it speaks for.",
        "owner": "Enter who answers for it.",
    })  # fmt: skip
    assert accounts() == []


@pytest.mark.parametrize(
    ("typed", "who"),
    [("bronwen.rees", "bronwen.rees"), ("Bronwen Rees", "bronwen.rees"),
     ("BRONWEN.REES@dunmore.example", "bronwen.rees"),
     ("rees bron", "bronwen.rees"), ("Begum", "farida.begum"), ("ফরিদা", "farida.begum"), ("ade", "oluwaseun.ade"),
     ("soren", "søren.lund")],
)  # fmt: skip
def test_deputy_is_found_by_username_mail_or_name(client: Browser, typed: str, who: str) -> None:
    for part in cast.EVERYBODY:
        cast.play(part)
    assert register(client.as_(cast.library_officer()), deputy=typed).status_code == 302
    deputy = db.session.get(Person, accounts()[0].deputy_id)
    assert deputy is not None
    assert deputy.username == who


def test_several_of_that_name_are_told_apart(client: Browser) -> None:
    for number in (1, 2):
        cast.a_person(f"sian.evans{number}", name="Siân Evans")
    signed_in = client.as_(cast.library_officer())
    assert register(signed_in, deputy="sian evans").errors == {
        "deputy": "Which of these colleagues? Enter the name in brackets: Siân Evans (sian.evans1), Siân Evans"
        " (sian.evans2)."
    }  # fmt: skip
    assert register(signed_in, deputy="sian.evans2").status_code == 302


def test_unknown_deputy_and_leaver_are_nobody(client: Browser) -> None:
    cast.leaver()
    signed_in = client.as_(cast.library_officer())
    nobody = {"deputy": "Nobody of that name works here. Enter a username, a work email address or a name."}
    for typed in (
        "gareth.left",
        "Gareth Left",
        "gareth.left@dunmore.example",
        "nobody",
        "%",
        "_",
        "*",
        "'",
        '"',
        "((",
        "🚢",
    ):
        assert register(signed_in, deputy=typed).errors == nobody, typed


def test_owner_is_no_deputy_of_their_own(client: Browser) -> None:
    assert register(client.as_(cast.library_officer()), deputy="Nia Okafor").errors == {
        "deputy": "The deputy must be somebody other than the owner. Leave it empty if there is nobody yet."
    }


def test_account_in_ones_own_name_is_registered_by_nobody_else(client: Browser) -> None:
    cast.ward_sister()  # What comms may do, and whom it asks, is in test_consent.
    answer = register(client.as_(cast.library_officer()), standing="personal-with-role", owner="bronwen.rees")
    assert (answer.status_code, list(answer.errors)) == (422, ["standing"])
    assert accounts() == []
    assert register(client.as_(cast.library_officer()), standing="personal-with-role").status_code == 302


def test_colleague_can_be_named_as_owner(client: Browser) -> None:
    sister = cast.ward_sister()
    assert register(client.as_(cast.library_officer()), owner="bronwen.rees").status_code == 302
    (account,) = accounts()
    assert (account.owner_id, account.team_id) == (sister.id, sister.team_id)
    assert account.proposed_by_id == cast.library_officer().id
    assert mails()[0] == ("bronwen.rees@dunmore.example", f"You answer for {account.title} on X")


def test_account_registered_meanwhile_leads_to_it(client: Browser) -> None:
    account = cast.an_account("https://x.com/DunmoreLibrary", owner=cast.ward_sister())
    answer = register(client.as_(cast.library_officer()), title="Another name")
    assert (answer.status_code, answer.location) == (302, f"/accounts/{account.id}")
    assert len(accounts()) == 1
    told = "A colleague has registered this account meanwhile. Bronwen Rees answers for it."
    assert told in client.get(answer.location).text


def test_address_on_a_server_of_our_own_is_known_without_its_platform(client: Browser) -> None:
    nia = client.as_(cast.library_officer())
    address = "https://photos.dunmore.example/archives"
    register(nia, address=address, platform="pixelfed")
    (account,) = accounts()
    assert account.platform == "pixelfed"
    assert "This account is in the register" in nia.get(f"/accounts/new?address={address}").text
    register(client.as_(cast.ward_sister()), address=address, owner="bronwen.rees")
    assert len(accounts()) == 1


def test_button_pressed_twice_registers_once_and_goes_on(client: Browser) -> None:
    answers = [register(client.as_(cast.library_officer())) for _ in range(2)]
    (account,) = accounts()
    assert [answer.location for answer in answers] == [f"/accounts/{account.id}/registered"] * 2
    assert "A colleague" not in client.get(answers[1].location).text


@pytest.mark.parametrize("round_", range(3))
def test_two_who_register_the_same_at_once_make_one(app: Flask, round_: int) -> None:
    browsers = [Browser(app).as_(cast.library_officer()), Browser(app).as_(cast.ward_sister())]
    bodies = [
        {**FORM, "owner": "nia.okafor"},
        {**FORM, "owner": "bronwen.rees", "address": "https://twitter.com/dunmorelibrary"},
    ]
    answers = at_once(app, *((lambda i=i: browsers[i].post("/accounts/new", data=bodies[i])) for i in (0, 1)))
    (account,) = accounts()
    locations = sorted(str(answer.location) for answer in answers)
    assert locations == [f"/accounts/{account.id}", f"/accounts/{account.id}/registered"]
    assert len(happened()) == 1


def at_once(app: Flask, *calls: Any) -> list[Answer]:
    """What several calls give that begin at the same moment, each in a thread with a context of its own."""
    db.session.commit()
    gate, answers = threading.Barrier(len(calls)), [None] * len(calls)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            answers[number] = calls[number]()
            db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(calls))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers  # type: ignore[return-value]


# What comms decide.


def test_approved_account_is_live_and_its_owner_is_told(client: Browser) -> None:
    account = cast.an_account(title="Dunmore Library", live=False)
    answer = client.as_(cast.comms_officer()).post(f"/accounts/{account.id}/approve")
    assert answer.location == f"/accounts/{account.id}"
    (kept,) = accounts()
    assert (kept.state, kept.approved_by_id, kept.approved_at is not None) == (
        State.LIVE,
        cast.comms_officer().id,
        True,
    )
    assert kept.review_on is not None
    assert (kept.review_on - today()).days == 180
    assert mails() == [("nia.okafor@dunmore.example", "Approved: Dunmore Library on Facebook")]
    assert happened() == ["Nia Okafor registered Dunmore Library", "Tomasz Bryk approved Dunmore Library"]


def test_second_approval_changes_nothing(client: Browser) -> None:
    account = cast.an_account(live=False)
    comms = client.as_(cast.comms_officer())
    comms.post(f"/accounts/{account.id}/approve")
    comms.get("/")
    comms.post(f"/accounts/{account.id}/approve")
    assert "This account no longer waits: a colleague has decided." in comms.get(f"/accounts/{account.id}").text
    assert (len(happened()), len(mails())) == (2, 1)


@pytest.mark.parametrize("second", ["approve", "send-back"])
def test_two_who_decide_at_once_decide_once(app: Flask, second: str) -> None:
    account_id = cast.an_account(live=False).id
    other = cast.a_person("other.comms", roles=cast.COMMS_OFFICER.roles)
    browsers = [Browser(app).as_(cast.comms_officer()), Browser(app).as_(other)]
    at_once(
        app, lambda: browsers[0].post(f"/accounts/{account_id}/approve"),
        lambda: browsers[1].post(f"/accounts/{account_id}/{second}", data={"reason": "Which library?"}),
    )  # fmt: skip
    decided = [sentence for sentence in happened() if "approved" in sentence]
    # Approval ends it; a question that came first does not, and both are then told.
    sent_back = [sentence for sentence in happened() if "back" in sentence]
    assert len(decided) == 1
    assert len(mails()) == len(decided) + len(sent_back)
    if second == "approve":
        assert sent_back == []


def test_account_sent_back_is_mended_and_waits_again(client: Browser) -> None:
    account_id = cast.an_account(title="Dunmore Library", live=False).id
    comms = client.as_(cast.comms_officer())
    assert comms.post(f"/accounts/{account_id}/send-back", data={"reason": " "}).errors == {
        "reason": "Say what should change, so that they can mend it."
    }
    assert "Dunmore Library" in comms.get("/").text
    comms.post(f"/accounts/{account_id}/send-back", data={"reason": "Which library?\n\n<b>Say</b> it."})
    assert mails() == [("nia.okafor@dunmore.example", "One question about Dunmore Library on Facebook")]
    assert "Which library?\n\n<b>Say</b> it." in db.session.scalars(sa.select(Message.text)).one()
    assert [one.get("href") for one in comms.get("/").all("a", href=f"/accounts/{account_id}")] == []
    officer = client.as_(cast.library_officer())
    assert "Mend Dunmore Library" in officer.get("/").text
    page = officer.get(f"/accounts/{account_id}/change")
    assert "<b>Say</b>" not in page.text
    officer.post(
        f"/accounts/{account_id}/change", data={**FORM, "language": "en", "purpose": "The library at Dunmore."}
    )
    (account,) = accounts()
    assert (account.state, account.sent_back_reason, account.purpose) == (State.PROPOSED, "", "The library at Dunmore.")
    assert "Mend" not in client.get("/").text
    assert len(client.as_(cast.comms_officer()).get("/").all("a", href=f"/accounts/{account_id}")) > 0


def test_nobody_but_comms_decides(client: Browser) -> None:
    account_id = cast.an_account(live=False).id
    for player in (cast.library_officer, cast.stranger, cast.organiser, cast.auditor, cast.admin):
        signed_in = client.as_(player())
        assert signed_in.post(f"/accounts/{account_id}/approve").status_code == 404
        assert signed_in.get(f"/accounts/{account_id}/send-back").status_code == 404
        assert signed_in.post(f"/accounts/{account_id}/send-back", data={"reason": "No"}).status_code == 404
    assert accounts()[0].state is State.PROPOSED
    assert client.anonymous().post(f"/accounts/{account_id}/approve").status_code == 401


def test_owner_without_mail_is_written_to_by_nobody(client: Browser) -> None:
    account = cast.an_account(owner=cast.a_person("no.mail", mail=None), live=False)
    client.as_(cast.comms_officer()).post(f"/accounts/{account.id}/approve")
    assert (accounts()[0].state, mails()) == (State.LIVE, [])


def test_owner_who_left_meanwhile_does_not_stop_the_approval(client: Browser) -> None:
    account = cast.an_account(live=False)
    cast.library_officer().state = PersonState.LEFT
    answer = client.as_(cast.comms_officer()).post(f"/accounts/{account.id}/approve")
    assert (answer.status_code, accounts()[0].state, mails()) == (302, State.LIVE, [])
    assert client.get("/accounts").words("p", class_="reg-flash__text")[0].endswith(OWNER_IS_NOT_TOLD)


def test_handle_alone_is_no_other_address_of_an_account(client: Browser) -> None:
    """The same handle on another platform is another account."""
    signed_in = client.as_(cast.library_officer())
    register(signed_in, address="@DunmoreLibrary", platform="x")
    assert db.session.scalars(sa.select(Alias.url)).all() == []


def test_address_too_long_for_an_index_is_refused_and_not_kept_as_an_alias(client: Browser) -> None:
    letters = "".join(chr(0x4E00 + 7919 * number % 20_000) for number in range(1_500))
    signed_in = client.as_(cast.library_officer())
    answer = signed_in.post("/accounts/new", data={**FORM, "address": f"https://blog.example/{letters}"})
    assert (answer.status_code, "too long" in answer.text, accounts()) == (422, True, [])
    long_way = f"https://www.facebook.com/dunmorelong?way={letters}"
    assert signed_in.post("/accounts/new", data={**FORM, "address": long_way, "platform": ""}).status_code == 302
    assert db.session.scalars(sa.select(Alias)).all() == []
