"""Access to withdraw: a tick list for each person who should not get into an account any more.

It comes into being by itself when somebody leaves, hands over or is replaced, and stays until each way in is ticked.
What it says is not for everybody: its events are about the access, and stand on no account's public history.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.answering import letters
from registry.accounts.answering.advice import TO_DO, ways_into
from registry.accounts.answering.models import AccessFacts, Because, Outcome, Withdrawal
from registry.accounts.models import Account, Contributor, Standing, State
from registry.accounts.platforms import PLATFORMS
from registry.audit import Event, Somebody
from registry.db import db, now
from registry.people.models import Person, PersonState
from registry.people.queries import IN_OFFICE

#: What these events are about: the access to an account, which fewer people may read of than of the account.
ACCESS: Final = "access"
ASKED: Final = audit.declare(
    "access.to-withdraw", "The access of {person} to {subject} is to be withdrawn: {why}", "person", "why"
)
TICKED: Final = audit.declare(
    "access.withdrawn", "{actor} ticked for {person} at {subject}: {what} ({outcome})", "person", "what", "outcome"
)
REOPENED: Final = audit.declare(
    "access.reopened", "{actor} took a tick back for {person} at {subject}: {what}", "person", "what"
)
SPARED: Final = audit.declare(
    "access.spared", "{person} may keep their access to {subject}: {why}", "person", "why"
)  # fmt: skip
BACK: Final = "they run it again"
RETURNED: Final = "they are back"
OPEN_AGAIN: Final = "it is not closed any more"
AT_ONCE: Final = 200
#: States in which an account is no longer got at, or not yet ours to look after.
UNTOUCHED: Final = (State.PROPOSED, State.CLOSED)


def ask(account: Account, person: Person, because: Because, *, actor: Somebody | None) -> int:
    """Make the list of one person for one account; how many ways in were added to what is open already.

    None where the account is theirs in their own name: it goes with them.
    """
    return ask_several([(account, person, because)], actor=actor)


def ask_several(asked: Sequence[tuple[Account, Person, Because]], *, actor: Somebody | None) -> int:
    """The same of several people and accounts, in a few queries for all of them; how many ways in that makes."""
    asked = [one for one in asked if one[0].standing is not Standing.PERSONAL]
    if not asked:
        return 0
    ids = {account.id for account, _, _ in asked}
    facts = sa.select(AccessFacts.account_id, AccessFacts.kept).where(AccessFacts.account_id.in_(ids))
    kept = {account_id: where for account_id, where in db.session.execute(facts)}
    still_open = sa.select(Withdrawal.account_id, Withdrawal.person_id, Withdrawal.way).where(
        Withdrawal.account_id.in_(ids), Withdrawal.settled_at.is_(None)
    )
    known = {tuple(row) for row in db.session.execute(still_open)}
    at, rows, events = now(), [], []
    for account, person, because in asked:
        ways = [
            way
            for way in ways_into(account.platform, kept.get(account.id))
            if (account.id, person.id, way) not in known
        ]
        rows += [
            {"account_id": account.id, "person_id": person.id, "way": way, "because": because, "asked_at": at}
            for way in ways
        ]
        if ways:
            events.append(_event(ASKED, account, actor, person=person.name, why=because.value))
    if rows:
        db.session.execute(sa.insert(Withdrawal), rows)
        audit.append(events)
    return len(rows)


def settle(*, account: Account, ids: Collection[int], outcome: Outcome, actor: Somebody) -> int:
    """Tick some ways in; how many were still open. What a colleague has ticked meanwhile stays theirs."""
    some = _of(account, ids).where(Withdrawal.settled_at.is_(None)).with_for_update()
    found = db.session.execute(some).all()
    for row, person in found:
        row.settled_at, row.settled_by_id, row.outcome = now(), actor.id, outcome
        _record(TICKED, account, actor, person=person, what=TO_DO[row.way].lower(), outcome=outcome.value)
    return len(found)


def reopen(*, account: Account, withdrawal_id: int, actor: Somebody) -> bool:
    """Take a tick back; ``False`` where there is none, or the same is asked again already."""
    row = db.session.execute(_of(account, [withdrawal_id]).where(Withdrawal.settled_at.is_not(None))).first()
    if row is None:
        return False
    item, person = row
    again = sa.select(Withdrawal.id).where(
        Withdrawal.account_id == account.id, Withdrawal.person_id == item.person_id, Withdrawal.way == item.way,
        Withdrawal.settled_at.is_(None),
    )  # fmt: skip
    if db.session.scalar(again) is not None:
        return False
    item.settled_at = item.settled_by_id = item.outcome = None
    _record(REOPENED, account, actor, person=person, what=TO_DO[item.way].lower())
    return True


def _of(account: Account, ids: Collection[int]) -> sa.Select[Withdrawal, str]:
    mine = sa.select(Withdrawal, Person.name).join(Person, Person.id == Withdrawal.person_id)
    return mine.where(Withdrawal.account_id == account.id, Withdrawal.id.in_(ids)).order_by(Withdrawal.id)


def spare(account: Account, person_ids: Iterable[int], why: str, *, actor: Somebody | None) -> int:
    """Take back what is still open against some people; how many of them that was."""
    theirs = sa.and_(
        Withdrawal.account_id == account.id, Withdrawal.person_id.in_(list(person_ids)), Withdrawal.settled_at.is_(None)
    )
    people = db.session.execute(
        sa.select(Person.id, Person.name)
        .where(Person.id.in_(sa.select(Withdrawal.person_id).where(theirs)))
        .order_by(Person.id)
    ).all()
    if people:
        db.session.execute(sa.delete(Withdrawal).where(theirs))
    for _, name in people:
        _record(SPARED, account, actor, person=name, why=why)
    return len(people)


# --- Leavers, and those who come back ---------------------------------------------------------------------


def note_leavers(account: Account | None = None) -> int:
    """Make some of the lists of those who have left, of one account or of all, each once; how many.

    Whoever else runs the account and is here is told.

    Call it again, after a commit, until there are none: the first time there may be thousands.
    """
    noted = 0
    for theirs, person in _leavers(account):
        if ask(theirs, person, Because.LEFT, actor=None):
            noted += 1
            _tell_the_others(theirs, person)
    return noted


def _leavers(account: Account | None) -> Sequence[Any]:
    """Open accounts of leavers with each leaver, but for those whose list was made since they left or is open."""
    parts: sa.CompoundSelect[Any] = sa.union(
        sa.select(Account.id.label("account_id"), Account.owner_id.label("person_id")),
        sa.select(Account.id, Account.deputy_id),
        sa.select(Contributor.account_id, Contributor.person_id),
    )
    part = parts.subquery("part")
    since = sa.or_(Person.left_at.is_(None), Withdrawal.asked_at >= Person.left_at, Withdrawal.settled_at.is_(None))
    noted = sa.exists().where(Withdrawal.account_id == Account.id, Withdrawal.person_id == Person.id, since)
    nowhere = [slug for slug in PLATFORMS if not ways_into(slug)]
    return db.session.execute(
        sa.select(Account, Person)
        .join(part, part.c.account_id == Account.id)
        .join(Person, Person.id == part.c.person_id)
        .where(Person.state == PersonState.LEFT, Account.state.not_in(UNTOUCHED))
        .where(Account.standing != Standing.PERSONAL, Account.platform.not_in(nowhere), ~noted)
        .where(sa.true() if account is None else Account.id == account.id)
        .order_by(Account.id, Person.id)
        .limit(AT_ONCE)
    ).all()


def _tell_the_others(account: Account, gone: Person) -> None:
    ids = [one for one in (account.owner_id, account.deputy_id) if one not in (None, gone.id)]
    here = sa.select(Person).where(Person.id.in_(ids), Person.state.in_(IN_OFFICE)).order_by(Person.id)
    for reader in db.session.scalars(here):
        letters.withdraw_access(account, reader, person=gone.name, why=Because.LEFT.value)


def spare_the_returned() -> int:
    """Take back what is open against those who had left and are here again, where they still run the account."""
    runs = sa.or_(
        Account.owner_id == Person.id,
        Account.deputy_id == Person.id,
        sa.exists().where(Contributor.account_id == Account.id, Contributor.person_id == Person.id),
    )
    rows = db.session.execute(
        sa.select(Account, Person.id)
        .join(Withdrawal, Withdrawal.account_id == Account.id)
        .join(Person, Person.id == Withdrawal.person_id)
        .where(Withdrawal.settled_at.is_(None), Withdrawal.because == Because.LEFT, Person.state.in_(IN_OFFICE), runs)
        .distinct()
        .order_by(Account.id, Person.id)
    ).all()
    return sum(spare(account, [person_id], RETURNED, actor=None) for account, person_id in rows)


def _event(name: str, account: Account, actor: Somebody | None, **fields: Any) -> Event:
    return audit.event(
        name, actor=actor, subject_kind=ACCESS, subject_id=account.id, subject_name=account.title, **fields
    )


def _record(name: str, account: Account, actor: Somebody | None, **fields: Any) -> None:
    audit.append([_event(name, account, actor, **fields)])
