"""Who posts there, the team's mailbox, how an account is got at; and taking it into custody, losing and closing it."""

from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.accounts.actions import start_clock
from registry.accounts.answering import following, letters, withdrawing
from registry.accounts.answering.models import (
    AccessFacts,
    Because,
    Closing,
    Custody,
    Kept,
    Loss,
    NameFate,
    Outcome,
    Recovery,
    TwoStep,
    Withdrawal,
)
from registry.accounts.models import OPEN, Account, Contributor, Standing, State
from registry.accounts.signing import ask_to_sign
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

ADDED: Final = audit.declare("account.contributor-added", "{actor} added {person}, who posts for {subject}", "person")
REMOVED: Final = audit.declare(
    "account.contributor-removed", "{actor} took {person} out of those who post for {subject}", "person"
)
MAILBOX: Final = audit.declare(
    "account.mailbox-changed", "{actor} changed the team mailbox of {subject}", "before", "after"
)
DESCRIBED: Final = audit.declare("access.described", "{actor} said how {subject} is got at")
CUSTODY: Final = audit.declare("account.custody-taken", "{actor} took {subject} into the custody of comms")
LOST: Final = audit.declare("account.lost", "{actor} reported that nobody gets into {subject} any more")
RECOVERED: Final = audit.declare("account.recovered", "{actor} reported that {subject} is back")
CLOSED: Final = audit.declare(
    "account.closed", "{actor} closed {subject}: {reason} (its name is {fate})", "reason", "fate"
)


class RunsItAlready(Exception):
    """The person is the owner, the deputy or a contributor already; the message says which."""


class NotPossible(Exception):
    """The account is not in a state for this; the message says why, and what to do instead."""


# --- Who posts there --------------------------------------------------------------------------------------


def add_contributor(*, account: Account, person: Person, actor: Somebody) -> bool:
    """Let somebody post there; whether they are written to. Raises ``RunsItAlready``, and ``NotPossible``."""
    if account.state is State.CLOSED:
        raise NotPossible("This account is closed: nobody posts there.")
    if account.awaits_consent and account.owner_id != actor.id:
        raise NotPossible(
            "Nobody else hears of this account before whom it belongs to has agreed. Wait for their answer."
        )
    if person.id in (account.owner_id, account.deputy_id):
        part = "answers for" if person.id == account.owner_id else "is the deputy of"
        raise RunsItAlready(f"{person.name} {part} this account, and so posts there anyway.")
    try:
        with db.session.begin_nested():
            db.session.add(Contributor(account_id=account.id, person_id=person.id, since_at=now()))
    except IntegrityError:
        raise RunsItAlready(f"{person.name} is among those who post there already.") from None
    withdrawing.spare(account, [person.id], withdrawing.BACK, actor=actor)
    _record(ADDED, account, actor, person=person.name)
    ask_to_sign({person.id})
    return person.id != actor.id and letters.contributor(account, person, by=actor.name) is not None


def remove_contributor(*, account: Account, person: Person, actor: Somebody) -> bool:
    """Somebody posts there no longer, and their access is to be withdrawn; ``False`` where they did not."""
    known = db.session.get(Contributor, (account.id, person.id))
    if known is None:
        return False
    db.session.delete(known)
    db.session.flush()
    _record(REMOVED, account, actor, person=person.name)
    ask_to_sign({person.id})
    if person.state in IN_OFFICE:  # The list of somebody who has left was made when they did.
        if account.state not in withdrawing.UNTOUCHED:
            withdrawing.ask(account, person, Because.NO_LONGER, actor=actor)
        if person.id != actor.id:
            letters.no_contributor(account, person, by=actor.name)
    return True


def set_mailbox(*, account: Account, mailbox: str, actor: Somebody) -> bool:
    """Write down the team's mailbox, or that there is none; ``False`` where it is the same."""
    if mailbox == account.mailbox:
        return False
    _record(MAILBOX, account, actor, before=account.mailbox or "none", after=mailbox or "none")
    account.mailbox = mailbox
    return True


# --- How it is got at -------------------------------------------------------------------------------------


def describe_access(
    *, account: Account, kept: Kept, place: str, two_step: TwoStep, recovery: Recovery, tools: str, actor: Somebody
) -> AccessFacts:
    """Say where the keys are, and how safe the door is. The history tells that it was said, not what."""
    facts = db.session.get(AccessFacts, account.id)
    values: dict[str, Any] = {"kept": kept, "place": place, "two_step": two_step, "recovery": recovery, "tools": tools}
    if facts is None:
        facts = AccessFacts(account_id=account.id, told_at=now(), told_by_id=actor.id, **values)
        db.session.add(facts)
    for name, value in values.items():
        setattr(facts, name, value)
    facts.told_at, facts.told_by_id = now(), actor.id
    audit.record(
        DESCRIBED, actor=actor, subject_kind=withdrawing.ACCESS, subject_id=account.id, subject_name=account.title
    )
    return facts


# --- Custody ----------------------------------------------------------------------------------------------


def take_custody(*, account: Account, reason: str, actor: Somebody) -> None:
    """Comms hold the account until somebody answers for it. Where its owner is here they are told ``reason``.

    Raises ``NotPossible``.
    """
    following.lock(account)
    if account.standing is Standing.PERSONAL:
        raise NotPossible("This account is somebody’s own: nobody else holds it. Close its entry where they have left.")
    if account.state in (State.CLOSED, State.PROPOSED):
        raise NotPossible(f"This account is {account.state.value}: there is nothing to hold.")
    if account.state is State.LOST:
        raise NotPossible("Nobody gets into this account just now. Get it back first, or close it.")
    held = db.session.scalar(
        sa.select(Person.name).join(Custody, Custody.taken_by_id == Person.id).where(Custody.account_id == account.id)
    )
    if held and account.state is State.ORPHANED:
        raise NotPossible(f"{held} has taken it for the communications team already.")
    _turn(account, State.ORPHANED)
    db.session.add(Custody(account_id=account.id, since_at=now(), taken_by_id=actor.id, reason=reason))
    _record(CUSTODY, account, actor)
    withdrawing.note_leavers(account)
    owner = db.session.get(Person, account.owner_id) if account.owner_id else None
    if owner and owner.state in IN_OFFICE and owner.id != actor.id:
        letters.in_custody(account, owner, by=actor.name, reason=reason)


# --- Lost and found ---------------------------------------------------------------------------------------


def report_lost(*, account: Account, tried: str, actor: Somebody) -> None:
    """Nobody gets in any more, or what was tried since. Raises ``NotPossible``.

    What comms hold, they hold again when it is back.
    """
    following.lock(account)
    if account.state is State.CLOSED:
        raise NotPossible("This account is closed. Nobody has to get into it.")
    if account.state is State.LOST:
        loss = db.session.get(Loss, account.id)
        if loss is not None:
            loss.tried, loss.told_by_id = tried, actor.id
            return
    before = State.LIVE if account.state is State.LOST else account.state
    if account.state is not State.LOST:
        _turn(account, State.LOST, keeps_custody=True)
    db.session.add(Loss(account_id=account.id, since_at=now(), told_by_id=actor.id, tried=tried, before=before))
    _record(LOST, account, actor)


def recover(*, account: Account, actor: Somebody) -> State:
    """It is back; returns the state in which it is now. Raises ``NotPossible`` where it is not lost."""
    following.lock(account)
    if account.state is not State.LOST:
        raise NotPossible("This account is not lost any more.")
    loss, undecided = db.session.get(Loss, account.id), account.approved_at is None
    before = loss.before if loss and loss.before in OPEN else State.LIVE
    if undecided and before is not State.PROPOSED:
        start_clock(account)  # What it is now, comms have never decided on.
    back = State.PROPOSED if undecided else _with_whoever_answers(account, before)
    _turn(account, back, keeps_custody=back is State.ORPHANED)
    _record(RECOVERED, account, actor)
    return account.state


def _with_whoever_answers(account: Account, state: State) -> State:
    """The state of an account that is back, which was in ``state``: orphaned where nobody answers, or comms hold it."""
    owner = db.session.get(Person, account.owner_id) if account.owner_id else None
    answers = owner is not None and owner.state in IN_OFFICE and db.session.get(Custody, account.id) is None
    return state if answers or state is State.PROPOSED else State.ORPHANED


# --- Closing ----------------------------------------------------------------------------------------------


def close(*, account: Account, reason: str, name: NameFate, actor: Somebody) -> int:
    """Close an account, or say of a closed one why; how many people's access is to be withdrawn.

    A name that is kept keeps an account behind it, and those who ran it keep their ways in: they are asked for. Where
    it was deleted on the platform there is nothing left to get into.
    """
    following.lock(account)
    at, first, told = now(), account.state is not State.CLOSED, db.session.get(Closing, account.id)
    if not first and told is not None and (told.reason, told.name) == (reason, name):
        return 0
    people = _who_gets_in(account, told) if name is NameFate.KEPT else []
    asked = sum(withdrawing.ask(account, one, Because.CLOSED, actor=actor) > 0 for one in people)
    if name is NameFate.RELEASED:
        still_open = sa.select(Withdrawal.id).where(
            Withdrawal.account_id == account.id, Withdrawal.settled_at.is_(None)
        )
        ids = db.session.scalars(still_open).all()
        withdrawing.settle(account=account, ids=ids, outcome=Outcome.NOT_NEEDED, actor=actor)
    if first:
        _turn(account, State.CLOSED)
        account.closed_at, account.sent_back_reason, account.owner_moved_at = at, "", None
        following.overtake(account, following.CLOSED)
    else:
        following.state_changed([account.id])
    db.session.add(Closing(account_id=account.id, closed_by_id=actor.id, reason=reason, name=name))
    _record(CLOSED, account, actor, reason=reason, fate=name.value)
    return asked


def _who_gets_in(account: Account, told: Closing | None) -> list[Person]:
    """Who may still get into an account that is kept, and is not asked for already; ``told`` is what was said of it."""
    if account.state is not State.CLOSED:
        return [] if account.state in withdrawing.UNTOUCHED else _everybody(account)
    if told is None or told.name is NameFate.KEPT:
        return []
    # It was said to be gone, and so nobody's access was asked for any more.
    spared = sa.select(Withdrawal.person_id).where(
        Withdrawal.account_id == account.id, Withdrawal.outcome == Outcome.NOT_NEEDED,
        Withdrawal.settled_at >= account.closed_at,
    )  # fmt: skip
    return _everybody(account, spared)


def _everybody(account: Account, also: sa.Select[int] | None = None) -> list[Person]:
    """Owner, deputy and those who post there, and whose ids ``also`` finds."""
    posts = sa.select(Contributor.person_id).where(Contributor.account_id == account.id)
    named = [one for one in (account.owner_id, account.deputy_id) if one is not None]
    some = [Person.id.in_(named), Person.id.in_(posts), *([] if also is None else [Person.id.in_(also)])]
    return list(db.session.scalars(sa.select(Person).where(sa.or_(*some)).order_by(Person.id)))


def _turn(account: Account, state: State, *, keeps_custody: bool = False) -> None:
    """Put the account into another state, with all that follows for whoever runs it."""
    was_open = account.state in OPEN
    account.state = state
    db.session.flush()
    following.state_changed([account.id], keeps_custody=keeps_custody)
    if was_open != (state in OPEN):
        ask_to_sign({one.id for one in _everybody(account)})


def _record(name: str, account: Account, actor: Somebody, **fields: str) -> None:
    audit.record(name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields)
