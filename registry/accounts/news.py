"""What becomes of accounts when their people move, leave or turn out to be one, and when a team gets another name.

The directory is read below, in people; ``jobs.hand_on`` brings the news here. All of it may be told twice.
"""

from collections.abc import Sequence
from itertools import groupby
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.accounts import letters
from registry.accounts.actions import search_text
from registry.accounts.models import OPEN, OWN_NAME, Account
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person, Team

OWNER_MOVED: Final = audit.declare(
    "account.owner-moved", "{owner}, who answers for {subject}, has moved: is it still theirs?", "owner"
)
STILL_OWNED: Final = audit.declare("account.still-owned", "{actor} said that {subject} is still theirs")
AT_ONCE: Final = 500


def ask_movers(person_ids: Sequence[int]) -> int:
    """Ask those who went to another team or manager whether their accounts are still theirs; how many accounts.

    What is in their own name goes where they go. Each gets one letter.
    """
    asked = 0
    for start in range(0, len(person_ids), AT_ONCE):
        theirs = (
            sa.select(Account)
            .where(Account.owner_id.in_(person_ids[start : start + AT_ONCE]), Account.state.in_(OPEN))
            .where(Account.owner_moved_at.is_(None), Account.standing.not_in(OWN_NAME))
            .options(joinedload(Account.owner, innerjoin=True))
            .order_by(Account.owner_id, Account.id)
        )
        for owner, some in groupby(db.session.scalars(theirs).all(), key=lambda account: account.owner):
            if owner is not None:  # An account without one is not among these.
                asked += _ask(owner, list(some))
    return asked


def _ask(owner: Person, accounts: Sequence[Account]) -> int:
    for account in accounts:
        account.owner_moved_at = now()
    audit.append(
        [
            audit.event(
                OWNER_MOVED, actor=None, subject_kind="account", subject_id=one.id, subject_name=one.title,
                owner=owner.name,
            )
            for one in accounts
        ]
    )  # fmt: skip
    letters.still_yours(owner, accounts)
    return len(accounts)


def still_owned(*, account: Account, actor: Somebody) -> bool:
    """The owner says that it is still theirs; ``False`` where nobody had asked."""
    if account.owner_moved_at is None:
        return False
    account.owner_moved_at = None
    audit.record(STILL_OWNED, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title)
    return True


def index_again(team_ids: Sequence[int]) -> None:
    """Make the accounts of renamed teams found by the new name."""
    theirs = (
        sa.select(Account, Team.path)
        .join(Team, Team.id == Account.team_id)
        .where(Account.team_id.in_(team_ids))
        .options(joinedload(Account.topics))
        .order_by(Account.id)
    )
    for account, path in db.session.execute(theirs).unique():
        account.search_text = search_text(account, team=path, topics=[topic.name for topic in account.topics])
