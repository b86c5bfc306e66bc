"""What stands beside an account in other tables, where two accounts are made one: what the one that is kept says itself
counts, what it lacks it takes from the other, and what waits for an answer about the other waits no more.
"""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.actions import CHANGED
from registry.accounts.answering import following, hand_overs, letters, withdrawing
from registry.accounts.answering.models import AccessFacts, Closing, Custody, Loss
from registry.accounts.expectations import actions as expectations
from registry.accounts.expectations.models import Carried, Expectation
from registry.accounts.expectations.queries import FIELDS
from registry.accounts.models import Account, Contributor, State
from registry.accounts.registering.models import Nod, NodAnswer
from registry.accounts.reviewing.models import Watch
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

LEFT_OUT: Final = audit.declare(
    "account.merged-left-out", "{actor} left out what was noted of {gone}, as {subject} says so itself: {what}", "gone",
    "what",
)  # fmt: skip
MERGED: Final = "it was merged with another that was registered too"
#: The table that goes with each state, and what the history calls a row of it.
BESIDE: Final = (
    (State.ORPHANED, Custody, "who holds it"), (State.LOST, Loss, "how it was lost"),
    (State.CLOSED, Closing, "why it was closed"),
)  # fmt: skip
_IN_USE: Final = (State.LIVE, State.DORMANT)


def answer_for(kept: Account, gone: Account, *, actor: Somebody) -> None:
    """Let the other's people answer for the one that is kept, where its own have left; and let it be in use, where the
    other is, and this one only waits for a decision or for somebody to answer.
    """
    if gone.state not in _IN_USE or not _here(gone.owner_id):
        return
    if kept.state is State.ORPHANED and not _here(kept.owner_id):
        changes: dict[str, Any] = {"owner_id": gone.owner_id, "deputy_id": gone.deputy_id, "team_id": gone.team_id}
    elif kept.state is State.PROPOSED and (gone.consented_at or not kept.awaits_consent):
        changes = {"sent_back_reason": ""}
    else:
        return
    before, stood = (kept.owner_id, kept.deputy_id), kept.state
    for name, value in (changes | {"state": gone.state}).items():
        setattr(kept, name, value)
    db.session.flush()
    following.changed(kept, before, stood, actor=actor)
    audit.record(
        CHANGED, actor=actor, subject_kind="account", subject_id=kept.id, subject_name=kept.title, what="the state",
        before=stood.value, after=kept.state.value,
    )  # fmt: skip


def _here(person_id: int | None) -> bool:
    person = db.session.get(Person, person_id) if person_id else None
    return person is not None and person.state in IN_OFFICE


def settle(kept: Account, gone: Account, *, actor: Somebody) -> None:
    """Settle what may not be moved from the one to the other, before all else is."""
    _withdraw_offer(kept, gone, actor)
    _spare_who_runs_it(kept, gone, actor)
    _lapse_nods(gone, kept)
    left = [*_beside(kept, gone), *_expect(kept, gone, actor), *_twice(kept, gone)]
    # The days that were counted are those until the day of review that counts.
    watched = sa.delete(Watch).where(Watch.account_id == gone.id)
    db.session.execute(watched.where(Watch.review_on != kept.review_on) if kept.review_on else watched)
    if left:
        audit.record(
            LEFT_OUT, actor=actor, subject_kind="account", subject_id=kept.id, subject_name=kept.title,
            gone=gone.title, what=", ".join(left),
        )  # fmt: skip


def _withdraw_offer(kept: Account, gone: Account, actor: Somebody) -> None:
    """A hand-over that waits goes on only where it would give away what its giver has still."""
    waits = hand_overs.waiting(gone.id)
    if waits is None:
        return
    goes_on = waits.giver_id == kept.owner_id and hand_overs.waiting(kept.id) is None
    if not goes_on or hand_overs.why_not(kept, waits.taker):
        following.overtake(gone, MERGED)
        if waits.taker_id != actor.id:
            letters.taken_back(kept, waits.taker, by=actor.name)


def _spare_who_runs_it(kept: Account, gone: Account, actor: Somebody) -> None:
    """Whoever runs the one that is kept gets in by right."""
    if kept.state in withdrawing.UNTOUCHED:
        return
    posts = sa.select(Contributor.person_id).where(Contributor.account_id.in_((kept.id, gone.id)))
    runs = sa.or_(Person.id.in_([one for one in (kept.owner_id, kept.deputy_id) if one]), Person.id.in_(posts))
    here = db.session.scalars(sa.select(Person.id).where(runs, Person.state.in_(IN_OFFICE)))
    withdrawing.spare(gone, here, withdrawing.BACK, actor=actor)


def _lapse_nods(gone: Account, kept: Account) -> None:
    """Nobody has to nod where it was decided, or where the same is asked already."""
    asked = sa.exists().where(Nod.account_id == kept.id, Nod.answer == NodAnswer.WAITING)
    if kept.state is State.PROPOSED and not db.session.scalar(sa.select(asked)):
        return
    waiting = sa.update(Nod).where(Nod.account_id == gone.id, Nod.answer == NodAnswer.WAITING)
    db.session.execute(waiting.values(answer=NodAnswer.LAPSED, answered_at=now()))


def _beside(kept: Account, gone: Account) -> Sequence[str]:
    """Drop what goes with a state that the one that is kept is not in, or of which it says the same itself."""
    left: list[str] = []
    for state, model, words in BESIDE:
        row = db.session.get(model, gone.id)
        if row is not None and (kept.state is not state or db.session.get(model, kept.id) is not None):
            db.session.delete(row)
            left.append(words)
    db.session.flush()
    return left


def _expect(kept: Account, gone: Account, actor: Somebody) -> Sequence[str]:
    """Let the one that is kept say what the other did, field by field."""
    theirs = db.session.scalar(sa.select(Expectation).where(Expectation.account_id == gone.id))
    if theirs is None:
        return []
    own = db.session.scalar(sa.select(Expectation).where(Expectation.account_id == kept.id))
    left, place = [], expectations.Place("", account=kept)
    for name in FIELDS:
        said, value = getattr(own, name, None), getattr(theirs, name)
        if value is not None and said is None:
            expectations.say(place=place, field=name, value=value, actor=actor)
        elif value is not None and said != value:
            left.append(expectations.LABELS[name])
    db.session.delete(theirs)
    db.session.flush()
    return left


def _twice(kept: Account, gone: Account) -> Sequence[str]:
    """What both say, of which that of the one that is kept stays when the rows are moved."""
    facts = [db.session.get(AccessFacts, one.id) for one in (kept, gone)]
    ticks = sa.select(Carried.what).where(Carried.account_id.in_((kept.id, gone.id))).order_by(Carried.what)
    twice = db.session.scalars(ticks.group_by(Carried.what).having(sa.func.count() > 1))
    return [
        *(["how it is got at"] if all(facts) else []),
        *(f"the tick for {expectations.TEXTS[what].removeprefix('the ')}" for what in twice),
    ]
