"""An account becomes somebody's own, or ceases to be: who has to agree, and who sees it from then on."""

from typing import Any

from registry.accounts.models import OWN_NAME, VISIBLE_AT_FIRST, Account, Standing, Visibility
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person
from registry.people.queries import IN_OFFICE


class CommsMustAgree(Exception):
    """It speaks for the organisation: that it is its owner's own from now on is for comms to say first."""


class OwnConsentNeeded(Exception):
    """An account in somebody's own name can be registered by nobody but them."""


def asks_owner(account: Account, values: dict[str, Any], actor: Somebody, for_comms: bool) -> Person | None:
    """Who is asked whether they agree that it is in their own name from now on; ``None`` where nobody has to be.

    What speaks for the organisation is not taken from it by one person alone: where comms have approved it, they say
    that it is its owner's, and its owner agrees. Raises ``OwnConsentNeeded`` and ``CommsMustAgree``.
    """
    turns = account.standing not in OWN_NAME and values.get("standing", account.standing) in OWN_NAME
    if turns and account.approved_at is not None and not for_comms:
        raise CommsMustAgree
    if not needs_consent(account, values, actor):
        return None
    owner = db.session.get(Person, account.owner_id) if account.owner_id else None
    stays = values.get("owner_id", account.owner_id) == account.owner_id
    if turns and for_comms and stays and owner is not None and owner.state in IN_OFFICE:
        return owner
    raise OwnConsentNeeded


def turn(account: Account, for_comms: bool, asks: Person | None) -> None:
    """It has become an account in somebody's own name, or has ceased to be one: nobody sees it who did not before.

    Whoever says that an account is their own agrees that it is in the register. What they say of one that they give
    to the organisation has not been approved by anybody yet.
    """
    own = account.standing in OWN_NAME
    account.consented_at = now() if own and asks is None else None
    most = VISIBLE_AT_FIRST[account.standing] if asks is None else Visibility.COMMS
    account.visibility = min(account.visibility, most, key=lambda one: one.openness)
    if not own and not for_comms:
        account.approved_at = account.approved_by_id = None


def needs_consent(account: Account, values: dict[str, Any], actor: Somebody) -> bool:
    """Whether ``values`` would make it an account in somebody else's own name, or take it from them."""
    named = (account.standing, account.owner_id)
    asked = (values.get("standing", named[0]), values.get("owner_id", named[1]))
    return asked != named and Standing.PERSONAL in (asked[0], named[0]) and not _is_own(actor, named[1], asked[1])


def _is_own(actor: Somebody, *owner_ids: int | None) -> bool:
    """Whether an account in somebody's own name was and stays that of ``actor``; one that nobody answers for is."""
    return {one for one in owner_ids if one is not None} <= {actor.id}
