"""What follows when an account gets other people or another state, by whatever way that came about.

``accounts.actions`` calls it; so this imports nothing that writes accounts.
"""

from collections.abc import Collection
from typing import Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.answering import withdrawing
from registry.accounts.answering.models import Because, Closing, Custody, HandOver, Loss, OfferState
from registry.accounts.models import Account, Contributor, State
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person

OVERTAKEN: Final = audit.declare(
    "account.hand-over-overtaken", "The question whether {taker} takes over {subject} is settled: {why}", "taker", "why"
)
OTHERWISE: Final = "it was given to somebody otherwise"


def lock(account: Account) -> None:
    """Read again who runs it and how it stands, and hold the row: of two who decide at once one comes second."""
    db.session.refresh(account, ["state", "standing", "owner_id", "deputy_id"], with_for_update=True)


def changed(account: Account, people: tuple[int | None, int | None], state: State, *, actor: Somebody | None) -> None:
    """A change that may be of people and state, after it was flushed; ``people`` and ``state`` are those of before."""
    if account.state is not state:
        state_changed([account.id])
        if state is State.CLOSED:  # Who runs it now gets in by right.
            withdrawing.spare(account, _runners(account), withdrawing.BACK, actor=actor)
    if (account.owner_id, account.deputy_id) != people:
        people_changed(account, people, Because.NO_LONGER, actor=actor)


def _runners(account: Account) -> set[int]:
    posts = sa.select(Contributor.person_id).where(Contributor.account_id == account.id)
    return {one for one in (account.owner_id, account.deputy_id) if one is not None} | set(db.session.scalars(posts))


def people_changed(
    account: Account, before: tuple[int | None, int | None], because: Because, *, actor: Somebody | None
) -> None:
    """Owner or deputy changed: ask for the access of who is gone, spare who came; ``before`` is who they were.

    A hand-over that waits is settled where the owner is another one than it was offered by.
    """
    after = {one for one in (account.owner_id, account.deputy_id) if one is not None}
    gone = sorted({one for one in before if one is not None} - _runners(account))
    if gone and account.state not in withdrawing.UNTOUCHED:
        for person in db.session.scalars(sa.select(Person).where(Person.id.in_(gone)).order_by(Person.id)):
            withdrawing.ask(account, person, because, actor=actor)
    if came := after - set(before):
        withdrawing.spare(account, came, withdrawing.BACK, actor=actor)
        posted = sa.and_(Contributor.account_id == account.id, Contributor.person_id.in_(came))
        db.session.execute(sa.delete(Contributor).where(posted))  # Owner and deputy post there anyway.
    if account.owner_id != before[0]:
        overtake(account, OTHERWISE)


def overtake(account: Account, why: str) -> None:
    """Settle a hand-over that waits, since it leads nowhere any more."""
    waiting = sa.select(HandOver, Person.name).join(Person, Person.id == HandOver.taker_id)
    mine = waiting.where(HandOver.account_id == account.id, HandOver.state == OfferState.WAITING)
    for hand_over, taker in db.session.execute(mine).all():
        hand_over.state, hand_over.settled_at, hand_over.reason = OfferState.WITHDRAWN, now(), why
        audit.record(
            OVERTAKEN, actor=None, subject_kind="account", subject_id=account.id, subject_name=account.title,
            taker=taker, why=why,
        )  # fmt: skip


def state_changed(account_ids: Collection[int]) -> None:
    """Take away what belongs to a state that some accounts are no longer in."""
    if account_ids:
        for model in (Custody, Loss, Closing):
            db.session.execute(sa.delete(model).where(model.account_id.in_(account_ids)))
