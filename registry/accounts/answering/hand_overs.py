"""Handing an account over: somebody is asked, accepts or declines, and nothing changes before that."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final, TypeGuard

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import joinedload
from sqlalchemy.sql.base import ExecutableOption

from registry import audit
from registry.accounts.actions import next_review, search_text
from registry.accounts.answering import following, letters
from registry.accounts.answering.models import Because, HandOver, OfferState
from registry.accounts.models import Account, Contributor, Standing, State, Visibility
from registry.accounts.signing import ask_to_sign
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person
from registry.people.queries import IN_OFFICE, holders
from registry.roles import Role
from registry.web import day

OFFERED: Final = audit.declare("account.hand-over-offered", "{actor} asked {taker} to take {subject} over", "taker")
DECLINED: Final = audit.declare("account.hand-over-declined", "{actor} declined to take {subject} over")
TAKEN_BACK: Final = audit.declare(
    "account.hand-over-withdrawn", "{actor} withdrew the question whether {taker} takes {subject} over", "taker"
)
HANDED_OVER: Final = audit.declare(
    "account.handed-over", "{after} took {subject} over from {before}", "before", "after"
)
TAKEN_OVER: Final = audit.declare(
    "account.taken-over", "{after} took {subject} over, for which nobody answered", "after"
)  # fmt: skip
REMINDED: Final = audit.declare(
    "account.hand-over-reminded", "{actor} reminded {taker} that {subject} waits for their answer", "taker"
)
#: Days after which the taker is reminded. With the last of them comms are told, and nobody is written to again.
REMIND_AFTER: Final = (7, 14)
LEFT: Final = "they have left"


class CannotHandOver(Exception):
    """This account cannot be offered to that person; the message says why, and what to do."""


class AlreadyOffered(Exception):
    """The account waits for somebody's answer already; ``taker`` is their name."""

    def __init__(self, taker: str) -> None:
        super().__init__(taker)
        self.taker = taker


class Settled(Exception):
    """The hand-over does not wait any more: somebody was quicker, or the account has changed hands otherwise."""


def waiting(account_id: int) -> HandOver | None:
    """The hand-over of an account that waits for an answer, with its people."""
    return db.session.scalar(
        sa.select(HandOver)
        .where(HandOver.account_id == account_id, HandOver.state == OfferState.WAITING)
        .options(*_people())
    )


def _people() -> tuple[ExecutableOption, ...]:
    return joinedload(HandOver.giver), joinedload(HandOver.taker), joinedload(HandOver.offered_by)


def why_not(account: Account, taker: Person) -> str:
    """Why ``account`` cannot be offered to ``taker``, in a sentence; empty where it can."""
    if account.standing is Standing.PERSONAL:
        return "This account is somebody’s own and goes where they go. Change its standing first, if it is not."
    if account.state in (State.CLOSED, State.PROPOSED):
        return f"This account is {account.state.value}: there is nothing to hand over yet."
    if taker.state not in IN_OFFICE:
        return f"{taker.name} does not work here now. Choose somebody who does."
    if taker.id == account.owner_id and account.state is not State.ORPHANED:
        return f"{taker.name} answers for it already. Choose somebody else."
    return ""


def offer(*, account: Account, taker: Person, note: str, stays_on: bool, actor: Somebody) -> HandOver:
    """Ask ``taker`` to answer for ``account``. Raises ``CannotHandOver`` and ``AlreadyOffered``."""
    if reason := why_not(account, taker):
        raise CannotHandOver(reason)
    giver = db.session.get(Person, account.owner_id) if account.owner_id else None
    made = HandOver(
        account_id=account.id, giver_id=account.owner_id, taker_id=taker.id, offered_by_id=actor.id, offered_at=now(),
        note=note, stays_on=stays_on,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(made)
    except IntegrityError:
        known = waiting(account.id)
        raise AlreadyOffered(known.taker.name if known else "somebody") from None
    _record(OFFERED, account, actor, taker=taker.name)
    letters.offered(account, taker, giver=giver.name if _here(giver) else "", by=actor.name, note=note)
    if _here(giver) and giver.id not in (actor.id, taker.id):
        letters.about_offer(account, giver, taker=taker.name, by=actor.name)
    return made


def _here(person: Person | None) -> TypeGuard[Person]:
    return person is not None and person.state in IN_OFFICE


def _take(account: Account) -> HandOver:
    """Lock the account and what waits for it, so that of two who decide at once only one does."""
    following.lock(account)
    hand_over = waiting(account.id)
    if hand_over is None or hand_over.giver_id != account.owner_id:
        raise Settled
    return hand_over


def accept(*, account: Account, taker: Person) -> HandOver:
    """``taker``, who was asked and is loaded with their team, answers for it from now on.

    ``account`` has its topics loaded. Raises ``Settled``, and ``CannotHandOver`` where it cannot be theirs any more.
    """
    hand_over = _take(account)
    if hand_over.taker_id != taker.id:
        raise Settled
    if reason := why_not(account, taker):
        raise CannotHandOver(reason)
    _complete(hand_over, account, taker)
    return hand_over


def take_over(*, account: Account, taker: Person) -> HandOver:
    """The deputy of somebody who is gone takes over by their own hand; the arguments as for ``accept``.

    A hand-over that waits for somebody else is settled by it. Raises ``Settled`` where they are not the deputy any
    more, or the owner is back, and ``CannotHandOver``.
    """
    following.lock(account)
    giver = db.session.get(Person, account.owner_id) if account.owner_id else None
    if account.deputy_id != taker.id or _here(giver):
        raise Settled
    if reason := why_not(account, taker):
        raise CannotHandOver(reason)
    following.overtake(account, following.OTHERWISE)
    made = HandOver(
        account_id=account.id, giver_id=account.owner_id, taker_id=taker.id, offered_by_id=taker.id, offered_at=now()
    )
    db.session.add(made)
    db.session.flush()
    made = _take(account)
    _complete(made, account, taker)
    return made


def _complete(hand_over: HandOver, account: Account, taker: Person) -> None:
    giver, before = hand_over.giver, (account.owner_id, account.deputy_id)
    _settle(hand_over, OfferState.ACCEPTED)
    _give(account, taker)
    if hand_over.stays_on and _here(giver) and giver.id != taker.id:
        _stay_on(account, giver)
    db.session.flush()
    following.people_changed(account, before, Because.HANDED_OVER, actor=taker)
    account.search_text = search_text(
        account, team=taker.team.path if taker.team else "", topics=[topic.name for topic in account.topics]
    )
    ask_to_sign({*before, account.owner_id, account.deputy_id})
    if giver and giver.id != taker.id:
        _record(HANDED_OVER, account, taker, before=giver.name, after=taker.name)
    else:
        _record(TAKEN_OVER, account, taker, after=taker.name)
    letters.yours(account, taker, giver=giver.name if _here(giver) else "")
    for reader in _others(hand_over):
        withdraw_theirs = giver is reader and not hand_over.stays_on
        letters.accepted_by(account, reader, taker=taker.name, withdraw=withdraw_theirs)


def _give(account: Account, taker: Person) -> None:
    account.owner_id, account.team_id, account.owner_moved_at = taker.id, taker.team_id, None
    if account.deputy_id == taker.id:
        account.deputy_id = None  # Nobody deputises for themself.
    if account.state is State.ORPHANED:
        account.state = State.LIVE
        following.state_changed([account.id])
        account.review_on = next_review(account.standing)


def _stay_on(account: Account, giver: Person) -> None:
    known = db.session.get(Contributor, (account.id, giver.id))
    if known is None and giver.id != account.deputy_id:
        db.session.add(Contributor(account_id=account.id, person_id=giver.id, since_at=now()))


def decline(*, account: Account, taker: Somebody, reason: str) -> None:
    """``taker`` does not want it, and says why. Raises ``Settled``."""
    hand_over = _take(account)
    if hand_over.taker_id != taker.id:
        raise Settled
    _settle(hand_over, OfferState.DECLINED, reason)
    _record(DECLINED, account, taker)
    for reader in _others(hand_over):
        letters.declined_by(account, reader, taker=taker.name, reason=reason)


def withdraw(*, account: Account, actor: Somebody) -> str:
    """Take the question back, whoever answers for the account by now; the name of who was asked. Raises ``Settled``."""
    following.lock(account)
    hand_over = waiting(account.id)
    if hand_over is None:
        raise Settled
    _settle(hand_over, OfferState.WITHDRAWN)
    _record(TAKEN_BACK, account, actor, taker=hand_over.taker.name)
    if hand_over.taker_id != actor.id:
        letters.taken_back(account, hand_over.taker, by=actor.name)
    return hand_over.taker.name


def _settle(hand_over: HandOver, state: OfferState, reason: str = "") -> None:
    hand_over.state, hand_over.settled_at, hand_over.reason = state, now(), reason


def _others(hand_over: HandOver) -> Sequence[Person]:
    """Those who gave or offered it and are here, each once, but not the taker."""
    some = {one.id: one for one in (hand_over.giver, hand_over.offered_by) if one and _here(one)}
    return [one for one in some.values() if one.id != hand_over.taker_id]


# --- Reminders --------------------------------------------------------------------------------------------


def remind() -> tuple[int, int]:
    """Write to those who have not answered; settle what leads nowhere. How many of each.

    Once after each of ``REMIND_AFTER``; with the last, comms are told, too. Doing it twice does no harm: what was
    sent is counted with the hand-over, in the same transaction.
    """
    reminded = settled = 0
    due = (
        sa.select(HandOver)
        .join(Account, Account.id == HandOver.account_id)
        .where(HandOver.state == OfferState.WAITING, Account.visibility != Visibility.NOBODY)
        .options(*_people(), joinedload(HandOver.account))
        .order_by(HandOver.id)
    )
    for hand_over in db.session.scalars(due.with_for_update(of=HandOver, skip_locked=True)).all():
        if not _here(hand_over.taker):
            following.overtake(hand_over.account, LEFT)
            for reader in _others(hand_over):
                letters.lapsed(hand_over.account, reader, taker=hand_over.taker.name)
            settled += 1
        elif hand_over.giver_id != hand_over.account.owner_id:
            following.overtake(hand_over.account, following.OTHERWISE)
            settled += 1
        elif (stage := _stage(hand_over)) > hand_over.reminders:
            hand_over.reminders = stage
            _remind(hand_over, last=stage == len(REMIND_AFTER))
            reminded += 1
    return reminded, settled


def _stage(hand_over: HandOver) -> int:
    return sum(hand_over.offered_at <= now() - timedelta(days=days) for days in REMIND_AFTER)


def _remind(hand_over: HandOver, *, last: bool) -> None:
    account, taker, since = hand_over.account, hand_over.taker, day(hand_over.offered_at)
    letters.reminder(account, taker, by=hand_over.offered_by.name, since=since)
    _record(REMINDED, account, None, taker=taker.name)
    if last:
        for reader in holders(Role.COMMS):
            letters.unanswered(account, reader, taker=taker.name, since=since)


def _record(name: str, account: Account, actor: Somebody | None, **fields: str) -> None:
    audit.record(name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields)
