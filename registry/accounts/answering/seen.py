"""An account as one person sees it on the pages of who answers; whoever may not see it finds no page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask import abort

from registry.accounts import queries as accounts
from registry.accounts.answering import queries
from registry.accounts.answering.queries import Situation
from registry.accounts.answering.rights import Rights, rights_of
from registry.accounts.models import Account, Visibility
from registry.accounts.platforms import PLATFORMS
from registry.people.models import Person
from registry.web import Viewer, found, viewer


@dataclass(frozen=True, slots=True)
class Seen:
    """An account, its situation, and what the viewer may do about it."""

    account: Account
    situation: Situation
    rights: Rights

    @property
    def is_asked(self) -> bool:
        """Whether the viewer is asked to take it over."""
        return self.situation.hand_over is not None and self.situation.hand_over.taker_id == viewer().id

    def is_waiting_for(self, taker: Person, note: str, asker: Viewer) -> bool:
        """Whether ``asker`` has asked just them already, in the same words."""
        waits = self.situation.hand_over
        asked = waits and (waits.taker_id, waits.note, waits.offered_by_id)
        return asked == (taker.id, note, asker.id)

    @property
    def gaps(self) -> list[str]:
        """What may go wrong one day. It is shown wherever it helps, and blocks nothing."""
        lonely = queries.alone(self.account)
        facts = self.situation.facts if self.rights.sees_access else None
        return [*([lonely] if lonely else []), *queries.weak_points(facts)]

    def told(self) -> dict[str, Any]:
        """What every page of it shows."""
        return {
            "account": self.account, "situation": self.situation, "rights": self.rights, "is_asked": self.is_asked,
            "platform": PLATFORMS.get(self.account.platform), "gaps": self.gaps,
        }  # fmt: skip


def beside(account: Account) -> Seen:
    """All about who answers for an account that is loaded with its people."""
    situation = queries.situation(account)
    held = situation.custody is not None
    return Seen(account, situation, rights_of(viewer(), account, situation.contributor_ids, held=held))


def see(account_id: int, may: Callable[[Seen], bool]) -> Seen:
    """The account for a viewer for whom ``may`` holds; for all others, and where there is none, no page."""
    # Whoever is asked to take over what is kept to comms must see what they are asked for.
    seen = beside(found(accounts.account(account_id, Account.visibility != Visibility.NOBODY)))
    if not may(seen):
        abort(404)
    return seen


def shown(account: Account) -> dict[str, Any]:
    """What the page of an account shows about who answers: the viewer's rights, what waits, what may go wrong."""
    seen = beside(account)
    facts = seen.situation.facts if seen.rights.sees_access else None
    return {
        "situation": seen.situation, "rights": seen.rights, "is_asked": seen.is_asked,
        "facts": facts, "alone": queries.alone(account), "weak_points": queries.weak_points(facts),
    }  # fmt: skip
