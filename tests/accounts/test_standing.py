"""What follows when an account becomes somebody's own, or the organisation's: who decides on it, who sees it."""

from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from flask import Flask

from registry import audit, jobs
from registry.accounts import actions
from registry.accounts.answering import hand_overs
from registry.accounts.answering import queries as answering
from registry.accounts.answering.models import HandOver, OfferState, Withdrawal
from registry.accounts.models import Account, Standing, State, Visibility
from registry.accounts.registering.models import Nod, NodAnswer
from registry.config import Settings
from registry.db import db, now
from registry.outbox import Message
from registry.people.models import PersonState

ADDRESS = "https://x.com/DunmoreReads"
FORM = {
    "title": "Dunmore Reads", "purpose": "What we read.", "owner": "nia.okafor", "deputy": "", "language": "en",
    "topics": "", "state": "",
}  # fmt: skip


def own(**more: object) -> int:
    """The library officer's own account, live; its id."""
    return cast.an_account(ADDRESS, title=FORM["title"], standing=Standing.PERSONAL, **more).id  # type: ignore[arg-type]


def kept(account_id: int) -> Account:
    """The account as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Account, account_id, populate_existing=True)


def save(client: Browser, account_id: int, standing: str, **more: str) -> Answer:
    """Send the form that changes it."""
    answer: Answer = client.post(f"/accounts/{account_id}/change", data={**FORM, "standing": standing, **more})
    return answer


def waits_for(account_id: int) -> tuple[int, int]:
    """How many hand-overs of it wait, and how many ways in are to be withdrawn."""
    db.session.rollback()
    count = sa.select(sa.func.count())
    waiting = count.where(HandOver.account_id == account_id, HandOver.state == OfferState.WAITING)
    ways = count.where(Withdrawal.account_id == account_id, Withdrawal.settled_at.is_(None))
    return db.session.scalar(waiting) or 0, db.session.scalar(ways) or 0


def told(account_id: int) -> list[str]:
    """The sentences of its history, the first first."""
    sentences = [event.sentence for event in reversed(audit.history("account", account_id))]
    db.session.rollback()
    return sentences


def test_own_account_that_was_never_decided_on_is_put_back_as_a_proposal(client: Browser) -> None:
    account_id = own(live=False)
    officer = client.as_(cast.library_officer())
    officer.post(f"/accounts/{account_id}/take-out")
    officer.post(f"/accounts/{account_id}/consent", data={"visibility": "everyone"})
    account = kept(account_id)
    assert (account.state, account.approved_at, account.visibility) == (State.PROPOSED, None, Visibility.EVERYONE)
    assert account.decide_by_on is not None
    assert "The communications team look at it first" in officer.get(f"/accounts/{account_id}").text
    client.as_(cast.comms_officer()).post(f"/accounts/{account_id}/approve")
    assert kept(account_id).state is State.LIVE


def test_own_account_that_becomes_the_organisations_waits_for_comms(client: Browser) -> None:
    officer = cast.library_officer()
    officer.manager_id = cast.stranger().id
    account_id = own()
    page = client.as_(officer).get(save(client, account_id, "official").location)
    account = kept(account_id)
    assert (account.state, account.approved_at, account.approved_by_id) == (State.PROPOSED, None, None)
    assert (account.visibility, account.consented_at) == (Visibility.COLLEAGUES, None)
    assert "The communications team decide on it by" in page.text
    assert told(account_id)[-3:] == [
        "Nia Okafor changed the standing of Dunmore Reads", "Nia Okafor changed the state of Dunmore Reads",
        "Oluwaseun Adé was asked to nod at Dunmore Reads",
    ]  # fmt: skip
    comms = client.as_(cast.comms_officer())
    assert "Dunmore Reads" in comms.get("/").text
    comms.post(f"/accounts/{account_id}/approve")
    assert "Seen by: colleagues. You can change that below." in comms.get(f"/accounts/{account_id}").text
    assert (kept(account_id).state, kept(account_id).visibility) == (State.LIVE, Visibility.COLLEAGUES)


def test_comms_who_give_their_own_account_have_decided(client: Browser) -> None:
    officer = cast.comms_officer()
    account_id = own(owner=officer)
    save(client.as_(officer), account_id, "official", owner=officer.username)
    assert (kept(account_id).state, kept(account_id).standing) == (State.LIVE, Standing.OFFICIAL)


def test_lost_account_that_was_given_comes_back_as_a_proposal(client: Browser) -> None:
    account_id = own()
    officer = client.as_(cast.library_officer())
    officer.post(f"/accounts/{account_id}/lost", data={"tried": "Every browser we have."})
    save(officer, account_id, "official")
    assert kept(account_id).state is State.LOST
    officer.post(f"/accounts/{account_id}/lost/back")
    assert kept(account_id).state is State.PROPOSED


def test_what_comms_hold_back_stays_so_whatever_its_standing(client: Browser) -> None:
    account_id = cast.an_account(ADDRESS, standing=Standing.OFFICIAL, live=False).id
    client.as_(cast.comms_officer()).post(f"/accounts/{account_id}/visibility", data={"visibility": "comms"})
    officer = client.as_(cast.library_officer())
    seen = []
    for standing in ("personal-with-role", "official"):
        save(officer, account_id, standing)
        seen.append(kept(account_id).visibility)
    assert seen == [Visibility.COMMS, Visibility.COMMS]
    assert kept(account_id).state is State.PROPOSED


@pytest.mark.parametrize("standing", [Standing.OFFICIAL, Standing.SEMI_OFFICIAL, Standing.PARTNER])
def test_what_speaks_for_the_organisation_is_not_made_ones_own_without_comms(
    client: Browser, standing: Standing
) -> None:  # fmt: skip
    account_id = cast.an_account(ADDRESS, title=FORM["title"], standing=standing).id
    officer = client.as_(cast.library_officer())
    answer = save(officer, account_id, "personal-with-role")
    assert (answer.status_code, answer.errors["standing"]) == (
        422, "It speaks for the organisation, so the communications team must agree first. Ask them to choose this"
        " here: then you are asked, and you decide who sees it.",
    )  # fmt: skip
    officer.post(f"/accounts/{account_id}/take-out")
    account = kept(account_id)
    assert (account.standing, account.state, account.visibility) == (standing, State.LIVE, Visibility.EVERYONE)


def test_comms_say_that_an_account_is_its_owners_and_the_owner_is_asked(client: Browser) -> None:
    account_id = cast.an_account(ADDRESS, title=FORM["title"], standing=Standing.OFFICIAL).id
    comms = client.as_(cast.comms_officer())
    page = comms.get(save(comms, account_id, "personal-with-role", state="live").location)
    account = kept(account_id)
    assert (account.standing, account.state, account.consented_at) == (Standing.PERSONAL, State.PROPOSED, None)
    assert (account.visibility, account.owner_id) == (Visibility.COMMS, cast.library_officer().id)
    assert "We have asked its owner. Until they answer, only they and the communications team see it." in page.text
    assert told(account_id)[-1] == "Tomasz Bryk asked Nia Okafor whether Dunmore Reads may be in the register"
    letters = db.session.scalars(sa.select(Message.subject).where(Message.to.startswith("nia.okafor"))).all()
    assert letters[-1] == "May we list Dunmore Reads on X"
    db.session.rollback()
    client.as_(cast.library_officer()).post(f"/accounts/{account_id}/consent", data={"visibility": "colleagues"})
    account = kept(account_id)
    assert (account.state, account.visibility, account.awaits_consent) == (State.LIVE, Visibility.COLLEAGUES, False)


def test_comms_cannot_give_an_account_to_somebody_who_has_left(client: Browser) -> None:
    account_id = cast.an_account(ADDRESS, title=FORM["title"], standing=Standing.OFFICIAL).id
    cast.library_officer().state = PersonState.LEFT
    db.session.commit()
    answer = save(client.as_(cast.comms_officer()), account_id, "personal-with-role", owner="")
    assert (answer.status_code, kept(account_id).standing) == (422, Standing.OFFICIAL)


def test_new_name_and_standing_are_saved_together(client: Browser) -> None:
    account_id = own()
    answer = save(client.as_(cast.library_officer()), account_id, "semi-official", title="Reads", purpose="Books.")
    account = kept(account_id)
    assert (answer.status_code, account.title, account.standing) == (302, "Reads", Standing.SEMI_OFFICIAL)
    assert (account.purpose, account.consented_at) == ("Books.", None)


@pytest.mark.parametrize("standing", ["semi-official", "official"])
def test_nobody_is_their_own_deputy(app: Flask, standing: str) -> None:
    account = cast.an_account(deputy=cast.ward_sister())
    values = {"owner_id": cast.ward_sister().id, "standing": Standing(standing)}
    actions.change(account=account, values=values, topics=None, actor=cast.comms_officer())
    assert (account.owner_id, account.deputy_id) == (cast.ward_sister().id, None)


def test_only_its_own_people_send_a_proposal_to_comms_again(client: Browser) -> None:
    account_id = cast.an_account(ADDRESS, title=FORM["title"], purpose=FORM["purpose"], live=False).id
    comms = client.as_(cast.comms_officer())
    comms.post(f"/accounts/{account_id}/send-back", data={"reason": "Put our logo there."})
    save(comms, account_id, "semi-official", purpose="What all of us read.")
    assert kept(account_id).sent_back_reason == "Put our logo there."
    page = comms.get(f"/accounts/{account_id}")
    assert (page.words("button").count("Approve"), "Mend it" in page.text) == (1, False)
    officer = client.as_(cast.library_officer())
    assert "Put our logo there." in officer.get("/").text
    page = officer.get(save(officer, account_id, "semi-official", purpose="What all of us read.").location)
    assert kept(account_id).sent_back_reason == ""
    assert "The communications team decide on it by" in page.text
    assert told(account_id)[-2:] == [
        "Tomasz Bryk changed the purpose of Dunmore Reads",
        "Nia Okafor mended Dunmore Reads for comms to look at again",
    ]


def test_what_waits_is_settled_when_an_account_becomes_somebodys_own(client: Browser) -> None:
    officer, manager = cast.library_officer(), cast.stranger()
    officer.manager_id = manager.id
    client.as_(officer).post(
        "/accounts/new", data={**FORM, "address": ADDRESS, "platform": "", "standing": "semi-official"}
    )
    account_id = db.session.scalars(sa.select(Account.id)).one()
    save(client, account_id, "personal-with-role")
    assert db.session.scalars(sa.select(Nod.answer)).all() == [NodAnswer.LAPSED]
    client.post(f"/accounts/{account_id}/visibility", data={"visibility": "comms"})
    assert "Nod at" not in client.as_(manager).get("/").text
    page = client.get(f"/accounts/{account_id}/nod")
    assert (page.status_code, "DunmoreReads" in page.text) == (404, False)
    client.as_(officer).post(f"/accounts/{account_id}/take-out")
    assert client.as_(cast.comms_officer()).get(f"/accounts/{account_id}/nod").status_code == 404


def test_manager_sees_what_comms_hold_back_until_it_is_decided(client: Browser) -> None:
    officer, manager = cast.library_officer(), cast.stranger()
    officer.manager_id = manager.id
    client.as_(officer).post("/accounts/new", data={**FORM, "address": ADDRESS, "platform": "", "standing": "official"})
    account_id = db.session.scalars(sa.select(Account.id)).one()
    comms = client.as_(cast.comms_officer())
    comms.post(f"/accounts/{account_id}/visibility", data={"visibility": "comms"})
    assert client.as_(manager).get(f"/accounts/{account_id}/nod").status_code == 200
    client.as_(cast.comms_officer()).post(f"/accounts/{account_id}/approve")
    assert client.as_(manager).get(f"/accounts/{account_id}/nod").status_code == 404


def test_account_that_becomes_somebodys_own_is_offered_to_nobody_and_lists_nobodys_access(client: Browser) -> None:
    deputy, taker = cast.ward_sister(), cast.stranger()
    account_id = cast.an_account(ADDRESS, title=FORM["title"], standing=Standing.OFFICIAL, deputy=deputy).id
    officer = client.as_(cast.library_officer())
    save(officer, account_id, "official")  # Without a deputy: her access is to be withdrawn.
    officer.post(f"/accounts/{account_id}/hand-over", data={"colleague": taker.username, "note": ""})
    assert "Dunmore Reads" in client.as_(cast.auditor()).get("/accounts/answering?format=csv").text
    save(client.as_(cast.comms_officer()), account_id, "personal-with-role")
    assert waits_for(account_id) == (0, 0)
    assert "Dunmore Reads" not in client.as_(cast.auditor()).get("/accounts/answering?format=csv").text
    assert "Dunmore Reads" not in client.as_(taker).get("/").text
    assert told(account_id)[-2] == (
        "The question whether Oluwaseun Adé takes over Dunmore Reads is settled: it is in somebody’s own name now"
    )


def test_account_that_was_taken_out_waits_for_nobody(client: Browser, settings: Settings) -> None:
    """As one could be that was taken out before hand-overs and lists were settled with it."""
    deputy, taker = cast.ward_sister(), cast.stranger()
    account = cast.an_account(ADDRESS, title=FORM["title"], standing=Standing.OFFICIAL, deputy=deputy)
    officer = client.as_(cast.library_officer())
    save(officer, account.id, "official")
    with time_machine.travel(now() - timedelta(days=8)):
        hand_overs.offer(account=kept(account.id), taker=taker, note="", stays_on=False, actor=cast.comms_officer())
        db.session.commit()
    values = {"visibility": Visibility.NOBODY, "state": State.CLOSED, "standing": Standing.PERSONAL}
    db.session.execute(sa.update(Account).values(values | {"consented_at": now()}))
    db.session.commit()
    letters = db.session.scalar(sa.select(sa.func.count(Message.id)))
    assert jobs.remind_of_hand_overs(settings) == "0 reminded, 0 settled"
    assert db.session.scalar(sa.select(sa.func.count(Message.id))) == letters
    for player, path in (
        (cast.auditor(), "/accounts/answering?format=csv"),
        (taker, "/"),
        (cast.library_officer(), "/"),
    ):
        assert "Dunmore Reads" not in client.as_(player).get(path).text, path
    assert answering.waiting_for_comms() == answering.ForComms(orphaned=0, withdraw=0, hand_overs=0, lost=0)
    officer = client.as_(cast.library_officer())
    officer.post(f"/accounts/{account.id}/consent", data={"visibility": "comms"})
    officer.post(f"/accounts/{account.id}/take-out")
    assert waits_for(account.id) == (0, 0)
