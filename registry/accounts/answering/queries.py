"""What pages ask about who answers: one account with all that waits for it, and what waits for somebody."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry import audit
from registry.accounts.answering.advice import TO_DO, ways_into, where
from registry.accounts.answering.models import (
    AccessFacts,
    Closing,
    Custody,
    HandOver,
    Kept,
    Loss,
    OfferState,
    Recovery,
    TwoStep,
    Withdrawal,
)
from registry.accounts.models import OPEN, Account, Contributor, Standing, State, Visibility
from registry.db import db
from registry.people.models import Person
from registry.people.queries import IN_OFFICE, away

WAITS: Final = HandOver.state == OfferState.WAITING
#: Merged, or taken out: nothing about such an account waits for anybody.
THERE: Final = Account.visibility != Visibility.NOBODY


@dataclass(frozen=True, slots=True)
class Situation:
    """All about who answers for one account."""

    hand_over: HandOver | None
    custody: Custody | None
    loss: Loss | None
    closing: Closing | None
    facts: AccessFacts | None
    contributors: Sequence[Person]
    #: How many ways in are still to be withdrawn.
    to_withdraw: int

    @property
    def contributor_ids(self) -> frozenset[int]:
        return frozenset(one.id for one in self.contributors)


def situation(account: Account) -> Situation:
    """The situation of an account, in two queries."""
    open_ways = sa.select(sa.func.count(Withdrawal.id)).where(
        Withdrawal.account_id == account.id, Withdrawal.settled_at.is_(None)
    )

    def beside(state: State, model: type[Custody | Loss | Closing]) -> sa.ColumnElement[bool]:
        return sa.and_(model.account_id == Account.id, Account.state == state)

    row = db.session.execute(
        sa.select(HandOver, Custody, Loss, Closing, AccessFacts, open_ways.scalar_subquery())
        .select_from(Account)
        .outerjoin(HandOver, sa.and_(HandOver.account_id == Account.id, WAITS))
        .outerjoin(Custody, beside(State.ORPHANED, Custody))
        .outerjoin(Loss, beside(State.LOST, Loss))
        .outerjoin(Closing, beside(State.CLOSED, Closing))
        .outerjoin(AccessFacts, AccessFacts.account_id == Account.id)
        .where(Account.id == account.id)
        .options(
            joinedload(HandOver.giver), joinedload(HandOver.taker), joinedload(HandOver.offered_by),
            joinedload(Custody.taken_by), joinedload(Loss.told_by), joinedload(Closing.closed_by),
            joinedload(AccessFacts.told_by),
        )
    ).one()  # fmt: skip
    hand_over, custody, loss, closing, facts, to_withdraw = row
    return Situation(hand_over, custody, loss, closing, facts, contributors(account.id), to_withdraw)


def contributors(account_id: int) -> Sequence[Person]:
    """Those who post there, by name; leavers too, until somebody takes them out."""
    theirs = sa.select(Person).join(Contributor, Contributor.person_id == Person.id)
    return db.session.scalars(
        theirs.where(Contributor.account_id == account_id)
        .options(joinedload(Person.team))
        .order_by(Person.name, Person.id)
    ).all()


def hand_overs(account_id: int, most: int = 10) -> Sequence[HandOver]:
    """How an account changed hands, or did not: the settled hand-overs, the newest first."""
    mine = sa.select(HandOver).where(HandOver.account_id == account_id, HandOver.state != OfferState.WAITING)
    return db.session.scalars(
        mine.options(joinedload(HandOver.giver), joinedload(HandOver.taker), joinedload(HandOver.offered_by))
        .order_by(HandOver.settled_at.desc(), HandOver.id.desc())
        .limit(most)
    ).all()


def took_part(account_id: int, person_id: int) -> bool:
    """Whether somebody was ever asked to take an account over, asked another, or answered for it then."""
    parts = (HandOver.taker_id, HandOver.offered_by_id, HandOver.giver_id)
    mine = sa.exists().where(HandOver.account_id == account_id, sa.or_(*(part == person_id for part in parts)))
    return bool(db.session.scalar(sa.select(mine)))


# --- Gaps -------------------------------------------------------------------------------------------------


def alone(account: Account) -> str:
    """That nobody can take over, and why, in a sentence; empty where somebody can, or nobody has to.

    The account's people must be loaded.
    """
    if account.state not in OPEN or account.owner_id is None or account.standing is Standing.PERSONAL:
        return ""
    owner, deputy = account.owner, account.deputy
    if owner and owner.state not in IN_OFFICE and (deputy is None or deputy.state not in IN_OFFICE):
        also = "there is no deputy" if deputy is None else f"{deputy.name}, the deputy, {away(deputy.state)}"
        return f"{owner.name}, who answers for it, {away(owner.state)}, and {also}: nobody can answer."
    if deputy is None:
        return "One person alone answers: when they are away, nobody can."
    if deputy.state not in IN_OFFICE:
        return f"{deputy.name}, the deputy, {away(deputy.state)}: when the owner is away, nobody can answer."
    return ""


def weak_points(facts: AccessFacts | None) -> list[str]:
    """What may go wrong one day with how an account is got at, a sentence each."""
    found = []
    if facts and facts.kept is Kept.OWNER:
        found.append("Only the owner has the credentials. Put them where a second person can get at them.")
    if facts and facts.recovery is Recovery.PERSONAL:
        found.append("A forgotten password is mailed to somebody’s own mailbox. Make it one of ours.")
    if facts and facts.two_step is TwoStep.OFF:
        found.append("A password alone lets anybody in. Switch 2-step verification on.")
    return found


# --- Access to withdraw -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Item:
    """One line of a tick list."""

    row: Withdrawal
    what: str
    where: str


@dataclass(frozen=True, slots=True)
class TickList:
    """What is to be withdrawn from one person."""

    person: Person
    why: str
    left: Sequence[Item]
    ticked: Sequence[Item]


def tick_lists(account: Account) -> list[TickList]:
    """The lists of an account, those with something open first, each with its ways in in the order of the work."""
    rows = db.session.scalars(
        sa.select(Withdrawal)
        .where(Withdrawal.account_id == account.id)
        .options(joinedload(Withdrawal.person), joinedload(Withdrawal.settled_by))
        .order_by(Withdrawal.person_id, Withdrawal.id)
    ).all()
    order = {way: place for place, way in enumerate(TO_DO)}
    found = []
    for _, some in groupby(rows, key=lambda row: row.person_id):
        mine = sorted(some, key=lambda row: (order[row.way], row.id))
        items = [Item(row, TO_DO[row.way], where(account.platform, row.way)) for row in mine]
        left = [item for item in items if item.row.settled_at is None]
        ticked = [item for item in items if item.row.settled_at is not None]
        found.append(TickList(mine[0].person, (left or items)[-1].row.because.value, left, ticked))
    return sorted(found, key=lambda one: (not one.left, one.person.name, one.person.id))


def ways_of(account: Account, facts: AccessFacts | None) -> list[str]:
    """What a list for this account would hold, in words."""
    return [TO_DO[way] for way in ways_into(account.platform, facts.kept if facts else None)]


# --- What waits for somebody ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Waiting:
    """Something about who answers that waits for one person."""

    account_id: int
    title: str
    #: ``accept``: a hand-over to answer; ``withdraw``: access to withdraw.
    kind: str
    #: Who asks, or how many ways in there are.
    detail: str


def waiting_for(person_id: int) -> list[Waiting]:
    """The hand-overs that somebody is asked to accept, and the access to withdraw from accounts they run.

    One query for both.
    """
    asker = aliased(Person)
    accept = (
        sa.select(Account.id, Account.title, sa.literal("accept"), asker.name, HandOver.offered_at)
        .join(HandOver, HandOver.account_id == Account.id)
        .join(asker, asker.id == HandOver.offered_by_id)
        .where(HandOver.taker_id == person_id, WAITS, THERE)
    )
    number = sa.cast(sa.func.count(Withdrawal.id), sa.Text)
    runs = sa.or_(Account.owner_id == person_id, Account.deputy_id == person_id)
    withdraw = (
        sa.select(Account.id, Account.title, sa.literal("withdraw"), number, sa.func.min(Withdrawal.asked_at))
        .join(Withdrawal, Withdrawal.account_id == Account.id)
        .where(runs, Withdrawal.settled_at.is_(None), THERE)
        .group_by(Account.id, Account.title)
    )
    both = sa.union_all(accept, withdraw).subquery("waiting")
    rows = db.session.execute(sa.select(both).order_by(both.c[2], both.c[4], both.c.id))
    return [Waiting(*row[:4]) for row in rows]


@dataclass(frozen=True, slots=True)
class ForComms:
    """How much about who answers waits for comms."""

    #: Orphaned, and not in custody.
    orphaned: int
    #: Accounts with access to withdraw.
    withdraw: int
    hand_overs: int
    lost: int

    @property
    def any(self) -> bool:
        """Whether there is anything at all."""
        return bool(self.orphaned or self.withdraw or self.hand_overs or self.lost)


def waiting_for_comms() -> ForComms:
    """What waits for comms, counted in one query."""
    held = sa.exists().where(Custody.account_id == Account.id)

    def accounts(*conditions: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        return sa.select(sa.func.count(Account.id)).where(*conditions, THERE).scalar_subquery()

    def beside(count: sa.ColumnElement[int], table: Any, condition: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
        there = sa.select(count).join(Account, Account.id == table.account_id)
        return there.where(condition, THERE).scalar_subquery()

    counted = sa.select(
        accounts(Account.state == State.ORPHANED, ~held),
        beside(sa.func.count(sa.distinct(Withdrawal.account_id)), Withdrawal, Withdrawal.settled_at.is_(None)),
        beside(sa.func.count(HandOver.id), HandOver, WAITS),
        accounts(Account.state == State.LOST),
    )
    return audit.remembered("answering waits for comms", lambda: ForComms(*db.session.execute(counted).one()))
