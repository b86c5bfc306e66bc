"""What follows when an account gets other people or another state, by whatever way that came about.

``accounts.actions`` calls it; so this imports nothing that writes accounts.
"""

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.answering import withdrawing
from registry.accounts.answering.models import Because, Closing, Custody, HandOver, Loss, OfferState, Withdrawal
from registry.accounts.models import Account, Contributor, State
from registry.accounts.registering.models import Nod, NodAnswer
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person

OVERTAKEN: Final = audit.declare(
    "account.hand-over-overtaken", "The question whether {taker} takes over {subject} is settled: {why}", "taker", "why"
)
OTHERWISE: Final = "it was given to somebody otherwise"
CLOSED: Final = "it was closed"
OWN: Final = "it is in somebody’s own name now"


def lock(account: Account) -> None:
    """Read again who runs it and how it stands, and hold the row: of two who decide at once one comes second."""
    db.session.refresh(account, ["state", "standing", "owner_id", "deputy_id"], with_for_update=True)


@dataclass(frozen=True, slots=True)
class Before:
    """How an account stood before something changed it."""

    account: Account
    #: The owner and the deputy.
    people: tuple[int | None, int | None]
    state: State

    @property
    def runners(self) -> tuple[set[int], set[int]]:
        """Owner and deputy of before, and those of now."""
        after = (self.account.owner_id, self.account.deputy_id)
        return {one for one in self.people if one is not None}, {one for one in after if one is not None}

    @property
    def differs(self) -> bool:
        return (self.account.owner_id, self.account.deputy_id, self.account.state) != (*self.people, self.state)

    @property
    def is_closed_by_it(self) -> bool:
        return self.account.state is State.CLOSED and self.state not in withdrawing.UNTOUCHED

    @property
    def is_opened_by_it(self) -> bool:
        return self.state is State.CLOSED and self.account.state is not State.CLOSED


def changed(account: Account, people: tuple[int | None, int | None], state: State, *, actor: Somebody | None) -> None:
    """A change that may be of people and state, after it was flushed; ``people`` and ``state`` are those of before."""
    several_changed([Before(account, people, state)], actor=actor)


def people_changed(
    account: Account, before: tuple[int | None, int | None], because: Because, *, actor: Somebody | None
) -> None:
    """Owner or deputy changed: ask for the access of who is gone, spare who came; ``before`` is who they were.

    A hand-over that waits is settled where the owner is another one than it was offered by.
    """
    several_changed([Before(account, before, account.state)], because, actor=actor)


def several_changed(
    some: Sequence[Before], because: Because = Because.NO_LONGER, *, actor: Somebody | None, asking: bool = True
) -> None:
    """The same of many accounts at once, after they were flushed, in a few queries for all of them.

    Where one is closed, all who ran it are asked for, as it may still be there on its platform; where it is open
    again, they are spared. ``asking``: whether anybody is asked for at all.
    """
    some = [one for one in some if one.differs]
    if not some:
        return
    state_changed([one.account.id for one in some if one.account.state is not one.state])
    posts = _contributors([one.account.id for one in some])
    _spare(some, actor)
    if asking:
        _ask(some, posts, because, actor)
    for one in some:
        came = one.runners[1] - one.runners[0]
        if came & posts[one.account.id]:  # Owner and deputy post there anyway.
            posted = sa.and_(Contributor.account_id == one.account.id, Contributor.person_id.in_(came))
            db.session.execute(sa.delete(Contributor).where(posted))
    given = {one.account.id for one in some if one.account.owner_id != one.people[0]}
    if given:  # Comms held it while it was lost: now somebody answers for it.
        lost = sa.select(Account.id).where(Account.id.in_(given), Account.state == State.LOST)
        db.session.execute(sa.delete(Custody).where(Custody.account_id.in_(lost)))
    _overtake(given, OTHERWISE)
    _overtake({one.account.id for one in some if one.is_closed_by_it} - given, CLOSED)


def _contributors(account_ids: Sequence[int]) -> Mapping[int, set[int]]:
    """Those who post for accounts, by account."""
    found: dict[int, set[int]] = defaultdict(set)
    pairs = sa.select(Contributor.account_id, Contributor.person_id).where(Contributor.account_id.in_(account_ids))
    for account_id, person_id in db.session.execute(pairs):
        found[account_id].add(person_id)
    return found


def _ask(
    some: Sequence[Before], posts: Mapping[int, set[int]], because: Because, actor: Somebody | None
) -> None:  # fmt: skip
    asked: list[tuple[Account, int, Because]] = []
    for one in some:
        before, after = one.runners
        runs = after | posts[one.account.id]
        if one.is_closed_by_it or one.account.state not in withdrawing.UNTOUCHED:
            asked += [(one.account, person_id, because) for person_id in sorted(before - runs)]
        if one.is_closed_by_it:
            asked += [(one.account, person_id, Because.CLOSED) for person_id in sorted(runs)]
    ids = {person_id for _, person_id, _ in asked}
    people = {one.id: one for one in db.session.scalars(sa.select(Person).where(Person.id.in_(ids)))} if ids else {}
    withdrawing.ask_several([(account, people[one], why) for account, one, why in asked], actor=actor)


def _spare(some: Sequence[Before], actor: Somebody | None) -> None:
    """Take back what is open against those who run an account again, or since it was closed where it no longer is."""
    waiting = (
        sa.select(Withdrawal.account_id, Withdrawal.person_id, Withdrawal.because)
        .where(Withdrawal.account_id.in_([one.account.id for one in some]), Withdrawal.settled_at.is_(None))
        .distinct()
    )
    against: dict[int, list[tuple[int, Because]]] = defaultdict(list)
    for account_id, person_id, why in db.session.execute(waiting):
        against[account_id].append((person_id, why))
    for one in some:
        before, after = one.runners
        theirs = against[one.account.id]
        came = {number for number, _ in theirs if number in after - before and not one.is_closed_by_it}
        closed = {number for number, why in theirs if why is Because.CLOSED and one.is_opened_by_it}
        for people, words in ((came, withdrawing.BACK), (closed - came, withdrawing.OPEN_AGAIN)):
            if people:
                withdrawing.spare(one.account, people, words, actor=actor)


def turned_own(account: Account, *, actor: Somebody | None) -> None:
    """It is somebody's own account now: it goes where they go, and who else gets in is for them to say.

    So it is offered to nobody, no manager has to nod at it, and nobody's access is on a list any more.
    """
    overtake(account, OWN)
    open_ways = sa.select(Withdrawal.person_id).where(
        Withdrawal.account_id == account.id, Withdrawal.settled_at.is_(None)
    )
    withdrawing.spare(account, db.session.scalars(open_ways.distinct()), OWN, actor=actor)
    waiting = sa.and_(Nod.account_id == account.id, Nod.answer == NodAnswer.WAITING)
    db.session.execute(sa.update(Nod).where(waiting).values(answer=NodAnswer.LAPSED, answered_at=now()))


def overtake(account: Account, why: str) -> None:
    """Settle a hand-over that waits, since it leads nowhere any more."""
    _overtake({account.id}, why)


def _overtake(account_ids: Collection[int], why: str) -> None:
    if not account_ids:
        return
    waiting = (
        sa.select(HandOver, Person.name, Account.title)
        .join(Person, Person.id == HandOver.taker_id)
        .join(Account, Account.id == HandOver.account_id)
        .where(HandOver.account_id.in_(account_ids), HandOver.state == OfferState.WAITING)
        .order_by(HandOver.id)
    )
    for hand_over, taker, title in db.session.execute(waiting).all():
        hand_over.state, hand_over.settled_at, hand_over.reason = OfferState.WITHDRAWN, now(), why
        audit.record(
            OVERTAKEN, actor=None, subject_kind="account", subject_id=hand_over.account_id, subject_name=title,
            taker=taker, why=why,
        )  # fmt: skip


def state_changed(account_ids: Collection[int], *, keeps_custody: bool = False) -> None:
    """Take away what belongs to a state that some accounts are no longer in."""
    if account_ids:
        for model in (Loss, Closing) if keeps_custody else (Custody, Loss, Closing):
            db.session.execute(sa.delete(model).where(model.account_id.in_(account_ids)))
