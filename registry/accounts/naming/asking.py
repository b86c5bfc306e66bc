"""Asking whom an account belongs to whether it may be listed: what comms or a file enter in somebody's own name."""

from typing import Final

from registry import audit
from registry.accounts import letters
from registry.accounts.models import Account, State
from registry.audit import Somebody
from registry.db import now
from registry.outbox import Message
from registry.people.models import Person

ASKED: Final = audit.declare(
    "account.consent-asked", "{actor} asked {owner} whether {subject} may be in the register", "owner"
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
    audit.record(
        ASKED, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title,
        owner=person.name,
    )  # fmt: skip
    return letters.may_we_list(account, person, by=actor.name if actor else "the communications team")
