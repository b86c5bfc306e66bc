"""What the form that changes an account does not do by itself: new owners are asked, some states ask one thing more."""

from typing import Final

from registry.accounts.answering import hand_overs
from registry.accounts.answering.models import Custody
from registry.accounts.models import Account, Standing, State
from registry.db import db
from registry.people.models import Person
from registry.web import Viewer

#: The page that leads to each of these states, as more than a word follows from them.
LED: Final = {
    State.ORPHANED: "answering.custody", State.LOST: "answering.lost", State.CLOSED: "answering.closing",
}  # fmt: skip


def to_ask(account: Account, named: Person | None, standing: str | None, viewer: Viewer) -> Person | None:
    """Whom to ask whether they take it over, where somebody named them as the owner.

    Nobody for a proposal, which comms decide on, nor for whoever names themself; an account in somebody's own name
    has rules of its own.
    """
    if named is None or named.id in (account.owner_id, viewer.id):
        return None
    return None if account.state is State.PROPOSED or standing == Standing.PERSONAL else named


def refusal(account: Account, named: Person | None, asked: Person | None, *, comms: bool, viewer: Viewer) -> str:
    """Why the owner cannot be named so, in a sentence; empty where they can."""
    if asked is not None:
        if waits := hand_overs.waiting(account.id):
            return f"{waits.taker.name} is asked already whether they take it over. Withdraw that first."
        if not comms and account.state is State.ORPHANED and db.session.get(Custody, account.id) is not None:
            return "The communications team holds this account. Tell them who should have it."
        # A standing of its own is changed by the same form.
        return "" if account.standing is Standing.PERSONAL else hand_overs.why_not(account, asked)
    takes = named is not None and named.id == viewer.id != account.owner_id
    if takes and not comms and account.owner is not None and account.owner.is_active:
        return f"{account.owner.name} answers for it. Ask them, or comms, to hand it over to you."
    return ""
