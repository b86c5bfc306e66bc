"""Asking a line manager to nod, their answer, and the clocks that nobody's silence stops."""

from datetime import date
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.accounts.clocks import nod_by
from registry.accounts.models import OWN_NAME, Account, Standing, State
from registry.accounts.queries import WAITS_FOR_COMMS
from registry.accounts.registering import letters
from registry.accounts.registering.models import Nod, NodAnswer
from registry.audit import Somebody
from registry.db import db, now, today
from registry.people.models import Person
from registry.people.queries import IN_OFFICE, holders
from registry.roles import Role
from registry.workdays import is_working_day

ASKED: Final = audit.declare("nod.asked", "{manager} was asked to nod at {subject}", "manager")
NODDED: Final = audit.declare("nod.given", "{actor}, the line manager, nodded at {subject}")
REFUSED: Final = audit.declare("nod.refused", "{actor}, the line manager, spoke against {subject}: {reason}", "reason")
LAPSED: Final = audit.declare("nod.lapsed", "{manager} did not answer about {subject} in time", "manager")

#: Comms are told of proposals that wait too long on the first working day after, and twice more, a week apart.
TOLD_AGAIN_AFTER_DAYS: Final = 7
TOLD_AT_MOST: Final = 3


class Answered(Exception):
    """The nod does not wait any more: it was answered, the time is over, or comms have decided."""


def ask(account: Account, owner: Person, *, actor: Somebody) -> Nod | None:
    """Ask the owner's line manager to nod, where there is one to ask; what was asked.

    An account in somebody's own name is their own affair, and nobody nods at what they registered themselves.
    """
    due_on, manager = nod_by(), _manager_of(owner)
    if account.standing is Standing.PERSONAL or due_on is None or manager is None or manager.id == actor.id:
        return None
    nod = Nod(
        account_id=account.id, manager_id=manager.id, asked_at=now(), due_on=due_on, answer=NodAnswer.WAITING, reason=""
    )
    db.session.add(nod)
    db.session.flush()
    _record(ASKED, account, None, manager=manager.name)
    letters.please_nod(account, owner, manager, due_on=due_on)
    return nod


def _manager_of(person: Person) -> Person | None:
    if person.manager_id is None or person.manager_id == person.id:
        return None
    here = sa.select(Person).where(Person.id == person.manager_id, Person.state.in_(IN_OFFICE))
    return db.session.scalar(here)


def say_yes(*, nod: Nod, account: Account, actor: Somebody) -> None:
    """The line manager nods. Raises ``Answered``."""
    _answer(nod, account, NodAnswer.YES)
    _record(NODDED, account, actor)


def say_no(*, nod: Nod, account: Account, reason: str, actor: Somebody) -> None:
    """The line manager speaks against it; comms decide knowing that. Raises ``Answered``."""
    _answer(nod, account, NodAnswer.NO)
    nod.reason = reason
    _record(REFUSED, account, actor, reason=reason)


def _answer(nod: Nod, account: Account, answer: NodAnswer) -> None:
    held = db.session.scalar(sa.select(Nod.answer).where(Nod.id == nod.id).with_for_update())
    if held is not NodAnswer.WAITING or not is_open(account):
        raise Answered
    nod.answer, nod.answered_at = answer, now()


def is_open(account: Account) -> bool:
    """Whether it is for a line manager to nod at: comms have not decided, and it is in nobody's own name."""
    return account.state is State.PROPOSED and account.standing not in OWN_NAME


def lapse_the_due() -> int:
    """Stop waiting for nods whose day is over, and for those at what was decided meanwhile; how many."""
    over = sa.or_(Nod.due_on < today(), Account.state != State.PROPOSED)
    waiting = (
        sa.select(Nod)
        .join(Account, Account.id == Nod.account_id)
        .where(Nod.answer == NodAnswer.WAITING, over)
        .options(joinedload(Nod.account), joinedload(Nod.manager))
        .order_by(Nod.id)
    )
    nods = db.session.scalars(waiting).all()
    for nod in nods:
        nod.answer, nod.answered_at = NodAnswer.LAPSED, now()
    audit.append(
        [
            audit.event(
                LAPSED, actor=None, subject_kind="account", subject_id=nod.account.id, subject_name=nod.account.title,
                manager=nod.manager.name,
            )
            for nod in nods
            if nod.account.state is State.PROPOSED
        ]
    )  # fmt: skip
    return len(nods)


def tell_comms(day: date | None = None) -> int:
    """Write to comms about proposals whose time to be decided is over, all in one letter each; how many proposals.

    On working days only, and about each proposal three times at most: its page and the home page go on saying it.
    """
    day = day or today()
    if not is_working_day(day):
        return 0
    late = sa.select(Account).where(*WAITS_FOR_COMMS, Account.decide_by_on < day, Account.comms_told < TOLD_AT_MOST)
    due = [
        account
        for account in db.session.scalars(late.order_by(Account.decide_by_on, Account.id))
        if account.decide_by_on and (day - account.decide_by_on).days > account.comms_told * TOLD_AGAIN_AFTER_DAYS
    ]
    if due:
        for officer in holders(Role.COMMS):
            letters.waits_too_long(due, officer)
    for account in due:
        account.comms_told += 1
    return len(due)


def _record(name: str, account: Account, actor: Somebody | None, **fields: str) -> None:
    audit.record(name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields)
