"""Two accounts made one: what becomes of all that was noted beside them."""

from datetime import timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask

from registry import audit
from registry.accounts.answering import actions as answering
from registry.accounts.answering import hand_overs, queries, withdrawing
from registry.accounts.answering.models import (
    AccessFacts,
    Because,
    Custody,
    HandOver,
    Kept,
    Loss,
    OfferState,
    Recovery,
    TwoStep,
    Withdrawal,
)
from registry.accounts.expectations import actions as expectations
from registry.accounts.expectations.models import Carried, Expectation, Reply, Words
from registry.accounts.models import Account, Contributor, Standing, State, Visibility
from registry.accounts.naming import asking, consent, merging
from registry.accounts.registering import queries as registering
from registry.accounts.registering.models import Nod, NodAnswer
from registry.accounts.reviewing.models import Stage, Watch
from registry.db import db, now, today
from registry.outbox import Message
from registry.people.models import Person, PersonState

LIBRARY, AGAIN = "https://x.com/DunmoreLibrary", "https://x.com/Dunmore_Library"


@pytest.fixture
def kept(app: Flask) -> Account:
    """Nia's account, which stays."""
    return cast.an_account(LIBRARY, title="Dunmore Library")


@pytest.fixture
def gone(app: Flask) -> Account:
    """The same once more, of the stranger."""
    return cast.an_account(AGAIN, title="Library again", owner=cast.stranger())


def merge(kept: Account, gone: Account) -> None:
    db.session.flush()
    merging.merge(gone=gone, kept=kept, actor=cast.comms_officer())
    db.session.flush()


def told(account: Account) -> list[str]:
    """The history of an account as its page tells it, the oldest first."""
    some = sa.select(audit.Event).where(audit.Event.subject_kind == "account").order_by(audit.Event.id)
    return [one.sentence for one in db.session.scalars(some.where(audit.Event.subject_id == account.id))]


def describe(account: Account, place: str) -> None:
    answering.describe_access(
        account=account, kept=Kept.VAULT, place=place, two_step=TwoStep.ON, recovery=Recovery.CORPORATE, tools="",
        actor=cast.comms_officer(),
    )  # fmt: skip


def offer(account: Account, taker: Person) -> HandOver:
    return hand_overs.offer(account=account, taker=taker, note="", stays_on=False, actor=cast.comms_officer())


# --- Hand-overs -------------------------------------------------------------------------------------------


def test_offer_of_the_other_is_withdrawn_and_told(client: Browser, kept: Account, gone: Account) -> None:
    asked = offer(gone, cast.ward_sister())
    own = offer(kept, cast.organiser())
    merge(kept, gone)
    waits = hand_overs.waiting(kept.id)
    assert waits is not None
    assert (waits.id, asked.state, asked.account_id) == (own.id, OfferState.WITHDRAWN, kept.id)
    db.session.commit()
    page = client.as_(cast.library_officer()).get(f"/accounts/{kept.id}")
    sentence = "The question whether Bronwen Rees takes over Library again is settled: it was merged with another"
    assert sentence in page.text


def test_who_was_asked_hears_that_nobody_waits_for_them(kept: Account, gone: Account) -> None:
    offer(gone, cast.ward_sister())
    merge(kept, gone)
    mails = sa.select(Message.to, Message.subject).where(Message.subject.startswith("No longer needed"))
    assert db.session.execute(mails).all() == [
        ("bronwen.rees@dunmore.example", "No longer needed: Dunmore Library on X")
    ]


def test_offer_of_the_same_owner_goes_on(client: Browser, kept: Account) -> None:
    gone = cast.an_account(AGAIN)
    asked = offer(gone, cast.ward_sister())
    merge(kept, gone)
    waits = hand_overs.waiting(kept.id)
    assert waits is not None
    assert (waits.id, waits.giver_id) == (asked.id, kept.owner_id)
    db.session.commit()
    client.as_(cast.ward_sister()).post(f"/accounts/{kept.id}/hand-over/accept")
    db.session.expire_all()
    assert kept.owner_id == cast.ward_sister().id


def test_hand_overs_of_before_are_told_together(kept: Account, gone: Account) -> None:
    for account in (kept, gone):
        offer(account, cast.ward_sister())
        hand_overs.decline(account=account, taker=cast.ward_sister(), reason="Too much")
    merge(kept, gone)
    assert [one.state for one in queries.hand_overs(kept.id)] == [OfferState.DECLINED] * 2


# --- Who answers, and the state ---------------------------------------------------------------------------


def leave(person: Person) -> None:
    person.state, person.left_at = PersonState.LEFT, now()
    db.session.flush()


def test_people_of_the_other_answer_where_nobody_else_does(kept: Account, gone: Account) -> None:
    leave(cast.library_officer())
    answering.take_custody(account=kept, reason="", actor=cast.comms_officer())
    merge(kept, gone)
    assert (kept.state, kept.owner_id, kept.team_id) == (State.LIVE, cast.stranger().id, cast.stranger().team_id)
    assert db.session.scalars(sa.select(Custody)).all() == []
    assert {one.name for one in people_against(kept)} == {"Nia Okafor"}
    assert "Tomasz Bryk changed the state of Dunmore Library" in told(kept)


def people_against(account: Account) -> list[Person]:
    theirs = sa.select(Withdrawal.person_id).where(Withdrawal.account_id == account.id, Withdrawal.settled_at.is_(None))
    return list(db.session.scalars(sa.select(Person).where(Person.id.in_(theirs)).order_by(Person.id)))


def test_what_was_approved_once_is_not_approved_again(gone: Account) -> None:
    kept = cast.an_account(LIBRARY, title="Dunmore Library", live=False)
    gone.review_on = today() + timedelta(days=9)
    merge(kept, gone)
    assert (kept.state, kept.review_on, kept.owner_id) == (
        State.LIVE, today() + timedelta(days=9), cast.library_officer().id,
    )  # fmt: skip
    assert kept.approved_by_id == cast.comms_officer().id


def test_consent_that_was_given_once_is_not_asked_again(app: Flask) -> None:
    own = {"standing": Standing.PERSONAL, "purpose": "Mine."}
    gone = cast.an_account(AGAIN, **own)
    kept = cast.an_account(LIBRARY, **own, live=False)
    kept.consented_at, kept.visibility = None, Visibility.COMMS
    db.session.flush()
    asking.ask(account=kept, person=cast.library_officer(), actor=cast.comms_officer())
    merge(kept, gone)
    assert (kept.state, kept.awaits_consent, kept.visibility) == (State.LIVE, False, Visibility.COMMS)
    assert consent.show_to(account=kept, visibility=Visibility.EVERYONE, actor=cast.library_officer())


def test_state_of_the_one_that_stays_counts_and_brings_its_own_words(kept: Account, gone: Account) -> None:
    answering.report_lost(account=gone, tried="Every browser", actor=cast.stranger())
    merge(kept, gone)
    assert (kept.state, db.session.scalars(sa.select(Loss)).all()) == (State.LIVE, [])
    sentence = (
        "Tomasz Bryk left out what was noted of Library again, as Dunmore Library says so itself: how it was lost"
    )
    assert sentence in told(kept)
    answering.report_lost(account=kept, tried="A letter", actor=cast.library_officer())
    assert [(one.account_id, one.tried) for one in db.session.scalars(sa.select(Loss))] == [(kept.id, "A letter")]


def test_both_lost_tell_how_the_one_that_stays_was(kept: Account, gone: Account) -> None:
    for account, tried in ((kept, "A letter"), (gone, "Every browser")):
        answering.report_lost(account=account, tried=tried, actor=cast.stranger())
    merge(kept, gone)
    assert [(one.account_id, one.tried) for one in db.session.scalars(sa.select(Loss))] == [(kept.id, "A letter")]


def test_who_must_give_up_one_and_runs_the_other_keeps_access(kept: Account, gone: Account) -> None:
    for person in (cast.library_officer(), cast.organiser()):
        withdrawing.ask(gone, person, Because.NO_LONGER, actor=cast.comms_officer())
    merge(kept, gone)
    assert people_against(kept) == [cast.organiser()]
    posts = sa.select(Contributor.person_id).where(Contributor.account_id == kept.id)
    assert db.session.scalars(posts).all() == [cast.stranger().id]


# --- How it is got at, what the public may expect, reviews, nods ------------------------------------------


@pytest.mark.parametrize("both", [True, False])
def test_access_of_the_one_that_stays_counts(kept: Account, gone: Account, both: bool) -> None:
    describe(gone, "Vault, entry 2")
    if both:
        describe(kept, "Vault, entry 1")
    merge(kept, gone)
    facts = db.session.scalars(sa.select(AccessFacts)).all()
    assert [(one.account_id, one.place) for one in facts] == [(kept.id, f"Vault, entry {1 if both else 2}")]
    assert any("left out" in one and one.endswith(": how it is got at") for one in told(kept)) is both


def say(account: Account, **values: Any) -> None:
    for field, value in values.items():
        place = expectations.Place("", account=account)
        expectations.say(place=place, field=field, value=value, actor=cast.comms_officer())


def test_what_the_public_may_expect_adds_up_field_by_field(kept: Account, gone: Account) -> None:
    say(kept, reply=Reply.ONE_DAY)
    say(gone, reply=Reply.NEVER, not_for="emergencies: ring 999")
    merge(kept, gone)
    rows = db.session.scalars(sa.select(Expectation)).all()
    assert [(one.account_id, one.reply, one.not_for) for one in rows] == [
        (kept.id, Reply.ONE_DAY, "emergencies: ring 999")
    ]
    assert told(kept)[-2:] == [
        "Tomasz Bryk left out what was noted of Library again, as Dunmore Library says so itself: the reply promise",
        "Tomasz Bryk merged Library again into Dunmore Library: the same account, registered twice",
    ]
    assert "Tomasz Bryk set the not-for statement of Dunmore Library: emergencies: ring 999" in told(kept)


def test_ticks_of_the_one_that_stays_count(kept: Account, gone: Account) -> None:
    officer = cast.comms_officer()
    for account, what in ((kept, Words.BIO), (gone, Words.BIO), (gone, Words.PINNED)):
        expectations.tick(account=account, what=what, text=account.title, shown=account.title, actor=officer)
    merge(kept, gone)
    rows = db.session.scalars(sa.select(Carried).order_by(Carried.what)).all()
    assert [(one.account_id, one.what, one.text) for one in rows] == [
        (kept.id, Words.BIO, "Dunmore Library"), (kept.id, Words.PINNED, "Library again"),
    ]  # fmt: skip


@pytest.mark.parametrize("dated", [True, False])
def test_days_that_were_counted_are_those_of_the_day_of_review_that_counts(
    kept: Account, gone: Account, dated: bool
) -> None:
    gone.review_on = today() - timedelta(days=8)
    kept.review_on = today() + timedelta(days=80) if dated else None
    watch = Watch(account_id=gone.id, review_on=gone.review_on, stage=Stage.AGAIN, waited=3, counted_on=today())
    db.session.add(watch)
    merge(kept, gone)
    left = [(one.account_id, one.stage, one.waited) for one in db.session.scalars(sa.select(Watch))]
    assert left == ([] if dated else [(kept.id, Stage.AGAIN, 3)])


def nod(account: Account, manager: Person, answer: NodAnswer) -> Nod:
    row = Nod(account_id=account.id, manager_id=manager.id, asked_at=now(), due_on=today(), answer=answer, reason="")
    db.session.add(row)
    return row


def test_nod_of_the_one_that_stays_counts(app: Flask) -> None:
    kept = cast.an_account(LIBRARY, live=False)
    gone = cast.an_account(AGAIN, owner=cast.stranger(), live=False)
    own = nod(kept, cast.organiser(), NodAnswer.WAITING)
    other = nod(gone, cast.auditor(), NodAnswer.WAITING)
    merge(kept, gone)
    counts = registering.nod_of(kept.id)
    assert counts is not None
    assert (counts.id, other.answer, other.account_id) == (own.id, NodAnswer.LAPSED, kept.id)
    assert registering.nods_waiting_for(cast.auditor().id) == []
