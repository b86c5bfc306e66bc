"""Asking whom an account belongs to whether it may be listed: what comms or a file enter in somebody's own name.

Whoever does not answer is reminded twice, and then left in peace: the account stays with comms, and their home page
goes on asking.
"""

from collections import defaultdict
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.accounts import letters
from registry.accounts.models import Account, State
from registry.audit import Somebody
from registry.db import day_of, db, now, today
from registry.outbox import Message
from registry.people.models import Person
from registry.people.queries import IN_OFFICE
from registry.workdays import is_working_day, working_days_before

ASKED: Final = audit.declare(
    "account.consent-asked", "{actor} asked {owner} whether {subject} may be in the register", "owner"
)
REMINDED: Final = audit.declare(
    "account.consent-reminded", "{actor} reminded {owner} that {subject} waits for their word", "owner"
)


class NotAsked(Exception):
    """There is no such question: it was answered already, or the account is in nobody's own name."""


def ask(*, account: Account, person: Person, actor: Somebody | None) -> Message | None:
    """Ask whom an account belongs to whether it may be listed; again, or somebody else, where it was asked before.

    Nothing is posted, and ``None`` comes back, where they have no address: their home page asks, too.
    Raises ``NotAsked`` where nothing is open.
    """
    if not account.awaits_consent or account.state is not State.PROPOSED:
        raise NotAsked
    account.owner_id, account.team_id, account.consent_asked_at = person.id, person.team_id, now()
    account.consent_reminded_at = account.consent_reminded_again_at = None
    _record(ASKED, account, person, actor)
    return letters.may_we_list(account, person, by=actor.name if actor else "the communications team")


def remind(days: int) -> int:
    """Remind those who have not answered ``days`` working days after they were asked, and once more; how many.

    On working days only, one letter each however many accounts it is about, and never more than two; with 0 days
    nobody is.
    """
    if days == 0 or not is_working_day(today()):
        return 0
    asked_by = working_days_before(today(), days)
    waiting = (
        sa.select(Account)
        .join(Person, Person.id == Account.owner_id)
        .where(Account.awaits_consent, Account.state == State.PROPOSED, Account.consent_asked_at.is_not(None))
        .where(Account.consent_reminded_again_at.is_(None), Person.state.in_(IN_OFFICE))
        .options(joinedload(Account.owner))
        .order_by(Account.id)
        .with_for_update(of=Account, skip_locked=True)
    )
    due: dict[int, list[Account]] = defaultdict(list)
    for account in db.session.scalars(waiting):
        since = account.consent_reminded_at or account.consent_asked_at
        if since is not None and account.owner is not None and day_of(since) <= asked_by:
            due[account.owner.id].append(account)
    return sum(_remind(accounts) for accounts in due.values())


def _remind(accounts: list[Account]) -> bool:
    """Write to the owner of some accounts; ``False`` where they have no address."""
    person = accounts[0].owner
    if person is None or letters.may_we_still(accounts, person) is None:
        return False
    for account in accounts:
        if account.consent_reminded_at is None:
            account.consent_reminded_at = now()
        else:
            account.consent_reminded_again_at = now()
        _record(REMINDED, account, person, None)
    return True


def _record(name: str, account: Account, owner: Person, actor: Somebody | None) -> None:
    audit.record(
        name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, owner=owner.name
    )
