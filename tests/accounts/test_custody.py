"""What becomes of an account when its people go: tick lists, custody, an account that is lost, one that is closed."""

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry import audit, jobs
from registry.accounts import actions as accounts
from registry.accounts.answering import actions, withdrawing
from registry.accounts.answering.models import Closing, Custody, Loss, NameFate, Outcome, Withdrawal
from registry.accounts.models import Account, Contributor, Standing, State
from registry.accounts.queries import account as whole_account
from registry.db import db, now
from registry.outbox import Message
from registry.people.models import Person, PersonState
from registry.roles import Role


@pytest.fixture
def account_id(app: Flask) -> int:
    """Nia's account on Facebook, alone."""
    account = cast.an_account("https://facebook.com/dunmorelibrary", title="Dunmore Library")
    db.session.commit()
    return account.id


def leave(*people: Person) -> None:
    """Make leavers of some people, and tell the accounts."""
    for person in people:
        person.state, person.left_at = PersonState.LEFT, now()
    db.session.commit()
    jobs.hand_on()


def kept(account_id: int) -> Account:
    """The account as the database has it now."""
    db.session.rollback()
    found = whole_account(account_id, sa.true())
    assert found is not None
    return found


def lists() -> list[tuple[str, str, str, str]]:
    """Whose access is to be withdrawn or was: person, way in, why, and what became of it."""
    db.session.rollback()
    rows = db.session.execute(
        sa.select(Person.name, Withdrawal).join(Withdrawal.person).order_by(Person.name, Withdrawal.id)
    )
    return [(name, row.way.value, row.because.value, row.outcome.value if row.outcome else "") for name, row in rows]


def told(kind: str, account_id: int) -> list[str]:
    """The sentences of a history, in order."""
    sentences = [one.sentence for one in reversed(audit.history(kind, account_id))]
    db.session.rollback()
    return sentences


def post(client: Browser, account_id: int, what: str, **data: object) -> Answer:
    """Send a form of the account."""
    answer: Answer = client.post(f"/accounts/{account_id}/{what}", data=data)
    return answer


LEFT = "they have left"
BOTH_OF_FACEBOOK = ("roles", "tools")


# Leavers.


def test_leaver_leaves_a_tick_list_and_it_is_made_once(app: Flask, account_id: int) -> None:
    leave(cast.library_officer())
    jobs.hand_on()
    assert lists() == [("Nia Okafor", way, LEFT, "") for way in BOTH_OF_FACEBOOK]
    assert kept(account_id).state is State.ORPHANED
    assert told("access", account_id) == [
        "The access of Nia Okafor to Dunmore Library is to be withdrawn: they have left"
    ]


def test_deputies_and_contributors_leave_lists_too_and_the_owner_is_told(app: Flask) -> None:
    deputy, poster = cast.ward_sister(), cast.stranger()
    account = cast.an_account("https://bsky.app/profile/dunmore.example", deputy=deputy, title="Dunmore Library")
    actions.add_contributor(account=account, person=poster, actor=cast.library_officer())
    before = db.session.scalar(sa.select(sa.func.count(Message.id))) or 0
    leave(deputy, poster)
    ways = ("password", "sessions", "tools", "recovery", "2-step")
    assert lists() == [(one.name, way, LEFT, "") for one in (deputy, poster) for way in ways]
    assert kept(account.id).state is State.LIVE
    posted = db.session.scalars(sa.select(Message).order_by(Message.id)).all()[before:]
    subject = "Access to withdraw: Dunmore Library on Bluesky"
    assert [(one.to, one.subject) for one in posted] == [("nia.okafor@dunmore.example", subject)] * 2


@pytest.mark.parametrize(("standing", "number"), [(Standing.OFFICIAL, 6), (Standing.PERSONAL, 0)])
def test_account_in_their_own_name_goes_with_them(app: Flask, standing: Standing, number: int) -> None:
    cast.an_account("https://x.com/nia", standing=standing)
    leave(cast.library_officer())
    assert len(lists()) == number


def test_single_sign_on_leaves_no_password_to_change(app: Flask) -> None:
    account = cast.an_account("https://x.com/dunmore")
    actions.describe_access(
        account=account, kept=actions.Kept.SSO, place="", two_step=actions.TwoStep.ON,
        recovery=actions.Recovery.CORPORATE, tools="", actor=cast.library_officer(),
    )  # fmt: skip
    leave(cast.library_officer())
    assert [way for _, way, _, _ in lists()] == ["roles", "tools"]


def test_somebody_who_is_back_and_runs_it_still_is_spared(app: Flask, account_id: int) -> None:
    nia = cast.library_officer()
    leave(nia)
    withdrawing.settle(
        account=kept(account_id), ids=db.session.scalars(sa.select(Withdrawal.id)).all()[:1], outcome=Outcome.DONE,
        actor=cast.comms_officer(),
    )  # fmt: skip
    nia.state, nia.left_at = PersonState.ACTIVE, None
    db.session.commit()
    jobs.hand_on()
    assert lists() == [("Nia Okafor", "roles", LEFT, "done")]
    assert told("access", account_id)[-1] == "Nia Okafor may keep their access to Dunmore Library: they are back"
    leave(nia)  # A second time: the list is made again.
    assert [(way, outcome) for _, way, _, outcome in lists()] == [("roles", "done"), ("roles", ""), ("tools", "")]


def test_deputy_who_is_replaced_is_to_lose_their_ways_in(app: Flask) -> None:
    deputy = cast.ward_sister()
    account = cast.an_account("https://facebook.com/dunmoremuseum", deputy=deputy)
    accounts.change(account=account, values={"deputy_id": None}, topics=None, actor=cast.library_officer())
    db.session.commit()
    assert lists() == [("Bronwen Rees", way, "they do not run it any more", "") for way in BOTH_OF_FACEBOOK]
    accounts.change(account=account, values={"deputy_id": deputy.id}, topics=None, actor=cast.library_officer())
    db.session.commit()
    assert lists() == []


# Ticking.


def test_ticks_say_who_and_when_and_can_be_taken_back(client: Browser, account_id: int) -> None:
    leave(cast.library_officer())
    one, other = db.session.scalars(sa.select(Withdrawal.id).order_by(Withdrawal.id)).all()
    client.as_(cast.comms_officer())
    assert post(client, account_id, "withdraw").location == f"/accounts/{account_id}/withdraw"  # Nothing ticked.
    post(client, account_id, "withdraw", item=str(one))
    post(client, account_id, "withdraw", item=str(other), outcome="not needed")
    assert [outcome for *_, outcome in lists()] == ["done", "not needed"]
    page = client.get(f"/accounts/{account_id}/withdraw")
    assert page.all("input", type="checkbox") == []
    assert [item.partition(", 2")[0] for item in page.words("li") if ", Tomasz Bryk, 2" in item] == [
        "Take them out of those who manage it: done, Tomasz Bryk",
        "Revoke connected tools: not needed, Tomasz Bryk",
    ]
    post(client, account_id, "withdraw/reopen", item=str(one))
    assert [outcome for *_, outcome in lists()] == ["", "not needed"]
    assert told("access", account_id)[1:] == [
        "Tomasz Bryk ticked for Nia Okafor at Dunmore Library: take them out of those who manage it (done)",
        "Tomasz Bryk ticked for Nia Okafor at Dunmore Library: revoke connected tools (not needed)",
        "Tomasz Bryk took a tick back for Nia Okafor at Dunmore Library: take them out of those who manage it",
    ]


def test_tick_of_a_colleague_stays_theirs(client: Browser, account_id: int) -> None:
    leave(cast.library_officer())
    one = db.session.scalars(sa.select(Withdrawal.id).order_by(Withdrawal.id)).first()
    first = cast.comms_officer()
    second = cast.a_person("second.officer", name="Second Officer", roles=(Role.COMMS,))
    for officer in (first, second):
        post(client.as_(officer), account_id, "withdraw", item=str(one))
    db.session.rollback()
    assert db.session.get_one(Withdrawal, one).settled_by_id == first.id


def test_ids_of_another_account_tick_nothing(client: Browser, account_id: int) -> None:
    other = cast.an_account("https://facebook.com/dunmoremuseum", owner=cast.stranger())
    leave(cast.library_officer())
    one = db.session.scalars(sa.select(Withdrawal.id)).first()
    post(client.as_(cast.stranger()), other.id, "withdraw", item=str(one))
    post(client, other.id, "withdraw/reopen", item=str(one))
    assert {outcome for *_, outcome in lists()} == {""}
    assert post(client, account_id, "withdraw", item=str(one)).status_code == 404


def test_public_history_of_an_account_does_not_tell_who_still_gets_in(client: Browser, account_id: int) -> None:
    leave(cast.library_officer())
    page = client.as_(cast.stranger()).get(f"/accounts/{account_id}")
    assert "withdraw" not in page.text
    for path in ("withdraw", "access", "people", "custody", "lost", "close", "hand-over"):
        assert client.get(f"/accounts/{account_id}/{path}").status_code == 404, path


# Custody.


def test_custody_leads_from_a_leaver_to_a_new_owner(client: Browser, account_id: int) -> None:
    taker = cast.stranger()
    leave(cast.library_officer())
    client.as_(cast.comms_officer())
    assert "Take it into custody" in client.get(f"/accounts/{account_id}").text
    assert post(client, account_id, "custody", reason="").location == f"/accounts/{account_id}/withdraw"
    account = kept(account_id)
    assert (account.state, db.session.get_one(Custody, account_id).taken_by_id) == (
        State.ORPHANED, cast.comms_officer().id,
    )  # fmt: skip
    assert post(client, account_id, "custody", reason="").errors == {
        "reason": "Tomasz Bryk has taken it for the communications team already."
    }
    post(client, account_id, "hand-over", colleague="oluwaseun.ade", note="")
    assert kept(account_id).state is State.ORPHANED
    post(client.as_(taker), account_id, "hand-over/accept")
    account = kept(account_id)
    assert (account.state, account.owner_id, account.review_on is not None) == (State.LIVE, taker.id, True)
    assert db.session.scalars(sa.select(Custody)).all() == []
    assert len(lists()) == 2  # The list of the leaver stays until it is ticked.


def test_custody_of_an_account_whose_owner_is_here_needs_a_reason_that_they_are_told(
    client: Browser, account_id: int
) -> None:
    client.as_(cast.comms_officer())
    assert post(client, account_id, "custody", reason="").errors == {
        "reason": "Say why: its owner works here, and is told in your words."
    }
    post(client, account_id, "custody", reason="You are on leave until May.")
    account = kept(account_id)
    assert (account.state, account.owner_id) == (State.ORPHANED, cast.library_officer().id)
    last = db.session.scalars(sa.select(Message).order_by(Message.id.desc())).first()
    assert last is not None
    assert (last.to, "You are on leave until May." in last.text) == ("nia.okafor@dunmore.example", True)
    assert lists() == []  # She may need her access still.


def test_state_that_is_chosen_in_the_form_leads_to_the_page_that_asks_the_rest(
    client: Browser, account_id: int
) -> None:
    form = {
        "title": "Dunmore Library", "purpose": "News.", "standing": "semi-official", "owner": "nia.okafor",
        "deputy": "", "language": "en", "topics": "",
    }  # fmt: skip
    client.as_(cast.comms_officer())
    led = {
        state: post(client, account_id, "change", **form, state=state).location
        for state in ("orphaned", "lost", "closed", "dormant", "live")
    }
    start = f"/accounts/{account_id}"
    assert led == {
        "orphaned": f"{start}/custody", "lost": f"{start}/lost", "closed": f"{start}/close", "dormant": start,
        "live": start,
    }  # fmt: skip
    assert kept(account_id).state is State.LIVE


def test_state_that_is_set_otherwise_ends_custody(app: Flask, account_id: int) -> None:
    leave(cast.library_officer())
    actions.take_custody(account=kept(account_id), reason="", actor=cast.comms_officer())
    db.session.commit()
    accounts.change(account=kept(account_id), values={"state": State.LIVE}, topics=None, actor=cast.comms_officer())
    assert db.session.scalars(sa.select(Custody)).all() == []


# Lost and closed.


def test_lost_account_keeps_what_was_tried_and_comes_back(client: Browser, account_id: int) -> None:
    client.as_(cast.library_officer())
    page = client.get(f"/accounts/{account_id}/lost")
    assert page.heading == "Nobody gets into Dunmore Library?"
    assert page.all("a", href="https://www.facebook.com/hacked") != []
    post(client, account_id, "lost", tried="Reset by mail: no mail came.")
    assert (kept(account_id).state, db.session.get_one(Loss, account_id).before) == (State.LOST, State.LIVE)
    post(client, account_id, "lost", tried="Wrote to them on Monday.")
    assert db.session.get_one(Loss, account_id).tried == "Wrote to them on Monday."
    assert "Wrote to them" not in client.as_(cast.stranger()).get(f"/accounts/{account_id}").text
    post(client.as_(cast.comms_officer()), account_id, "lost/back")
    assert kept(account_id).state is State.LIVE
    assert db.session.scalars(sa.select(Loss)).all() == []
    assert told("account", account_id)[-2:] == [
        "Nia Okafor reported that nobody gets into Dunmore Library any more",
        "Tomasz Bryk reported that Dunmore Library is back",
    ]
    assert post(client, account_id, "lost/back").location == f"/accounts/{account_id}"


def test_lost_account_of_a_leaver_comes_back_orphaned(client: Browser, account_id: int) -> None:
    post(client.as_(cast.library_officer()), account_id, "lost", tried="All of it.")
    leave(cast.library_officer())
    assert [why for *_, why, _ in lists()] == [LEFT, LEFT]
    post(client.as_(cast.comms_officer()), account_id, "lost/back")
    assert kept(account_id).state is State.ORPHANED


@pytest.mark.parametrize(
    ("name", "location", "asked"), [("kept", "/withdraw", ["it is closed"] * 4), ("released", "", [])]
)
def test_closing_says_why_and_asks_for_access_where_the_name_is_kept(
    client: Browser, account_id: int, name: str, location: str, asked: list[str]
) -> None:
    db.session.add(Contributor(account_id=account_id, person_id=cast.ward_sister().id, since_at=now()))
    client.as_(cast.library_officer())
    assert set(post(client, account_id, "close").errors) == {"reason", "name"}
    answer = post(client, account_id, "close", reason="The branch has moved.", name=name)
    assert answer.location == f"/accounts/{account_id}{location}"
    account = kept(account_id)
    assert (account.state, account.closed_at is not None) == (State.CLOSED, True)
    assert [why for *_, why, _ in lists()] == asked
    page = client.as_(cast.stranger()).get(f"/accounts/{account_id}")
    assert "The branch has moved." in page.text
    post(client.as_(cast.comms_officer()), account_id, "close", reason="It moved in May.", name=name)
    assert db.session.scalars(sa.select(Closing.reason)).all() == ["It moved in May."]
    assert len(lists()) == len(asked)


def test_who_ran_what_is_kept_after_all_is_asked_for(client: Browser, account_id: int) -> None:
    poster = cast.stranger().id
    post(client.as_(cast.library_officer()), account_id, "contributors", colleague="oluwaseun.ade")
    post(client, account_id, f"contributors/{poster}/remove")
    for name in ("released", "kept", "kept"):
        post(client, account_id, "close", reason="Over.", name=name)
    asked = {(name, outcome) for name, _, why, outcome in lists() if why == "it is closed"}
    assert asked == {("Nia Okafor", ""), ("Oluwaseun Adé", "")}
    assert [one.rpartition("(")[2] for one in told("account", account_id) if " closed " in one] == [
        "its name is released)", "its name is kept)",
    ]  # fmt: skip


def test_closing_a_proposal_asks_for_nobodys_access(client: Browser) -> None:
    account = cast.an_account(live=False)
    answer = post(client.as_(cast.library_officer()), account.id, "close", reason="Not needed.", name="kept")
    assert (answer.location, lists()) == (f"/accounts/{account.id}", [])


def test_what_comms_hold_they_hold_again_when_it_is_back(client: Browser, account_id: int) -> None:
    comms = client.as_(cast.comms_officer())
    post(comms, account_id, "custody", reason="She is away.")
    for what in ("lost", "lost/back"):
        post(comms, account_id, what, tried="All of it.")
    assert (kept(account_id).state, db.session.get_one(Custody, account_id).reason) == (State.ORPHANED, "She is away.")
    post(comms, account_id, "lost", tried="All of it.")
    accounts.change(
        account=kept(account_id), values={"owner_id": cast.ward_sister().id}, topics=None, actor=cast.comms_officer()
    )
    post(comms, account_id, "lost/back")
    assert (kept(account_id).state, db.session.get(Custody, account_id)) == (State.LIVE, None)


def test_whose_account_comms_have_taken_does_not_give_it_back_to_themself(client: Browser, account_id: int) -> None:
    cast.stranger()
    post(client.as_(cast.comms_officer()), account_id, "custody", reason="She is away.")
    nia = client.as_(cast.library_officer())
    told = "The communications team holds it and can give it back, or to somebody else. Tell them."
    assert told in nia.get(f"/accounts/{account_id}/hand-over").text
    for who in ("nia.okafor", "oluwaseun.ade"):
        assert post(nia, account_id, "hand-over", colleague=who, note="").status_code == 404
    assert post(nia, account_id, "close", reason="Mine.", name="kept").status_code == 404
    form = {"title": "Dunmore", "purpose": "Books.", "standing": "semi-official", "language": "en", "deputy": ""}
    named = post(nia, account_id, "change", owner="oluwaseun.ade", topics="", state="", **form)
    assert named.errors == {"owner": "The communications team holds this account. Tell them who should have it."}


def test_what_nobody_gets_into_is_held_by_nobody(client: Browser, account_id: int) -> None:
    post(client.as_(cast.library_officer()), account_id, "lost", tried="All of it.")
    refused = post(client.as_(cast.comms_officer()), account_id, "custody", reason="She is away.")
    assert refused.errors == {"reason": "Nobody gets into this account just now. Get it back first, or close it."}
    assert db.session.get_one(Loss, account_id).tried == "All of it."


def test_account_that_is_opened_again_is_got_at_by_right(app: Flask, account_id: int) -> None:
    comms = cast.comms_officer()
    actions.close(account=kept(account_id), reason="Gone.", name=NameFate.KEPT, actor=comms)
    db.session.commit()
    assert len(lists()) == 2
    accounts.change(account=kept(account_id), values={"state": State.LIVE}, topics=None, actor=comms)
    db.session.commit()
    assert (lists(), db.session.scalars(sa.select(Closing)).all()) == ([], [])


def test_contributor_who_becomes_the_deputy_is_named_once(app: Flask, account_id: int) -> None:
    poster, account = cast.stranger(), db.session.get_one(Account, account_id)
    actions.add_contributor(account=account, person=poster, actor=cast.library_officer())
    db.session.commit()
    accounts.change(
        account=kept(account_id), values={"deputy_id": poster.id}, topics=None, actor=cast.library_officer()
    )
    assert db.session.scalars(sa.select(Contributor)).all() == []


def test_account_that_was_deleted_there_needs_no_withdrawing(app: Flask, account_id: int) -> None:
    leave(cast.library_officer())
    actions.close(account=kept(account_id), reason="Gone.", name=NameFate.RELEASED, actor=cast.comms_officer())
    db.session.commit()
    assert {outcome for *_, outcome in lists()} == {"not needed"}


def test_people_of_a_closed_account_owe_no_signature_for_it(app: Flask, account_id: int) -> None:
    from registry.guidelines.queries import owed_by

    cast.a_document()
    nia = cast.library_officer()
    assert len(owed_by(nia.id)) == 1
    actions.close(account=kept(account_id), reason="Gone.", name=NameFate.RELEASED, actor=cast.comms_officer())
    assert len(owed_by(nia.id)) == 0
