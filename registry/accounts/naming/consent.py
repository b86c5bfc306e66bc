"""Accounts in somebody's own name: only they say whether one is in the register, and who sees it.

Comms may enter such an account; then it is a question to whom it belongs to, and nobody else sees it until they agree.
Whoever takes their account out leaves no more than that there was one, kept so that nobody asks them again.
"""

from datetime import timedelta
from typing import Final

import sqlalchemy as sa

from registry import audit
from registry.accounts import actions as accounts
from registry.accounts.answering import following
from registry.accounts.answering.models import AccessFacts
from registry.accounts.expectations import actions as expectations
from registry.accounts.models import OWN_NAME, Account, Contributor, State, Visibility, account_topic
from registry.accounts.naming.asking import NotAsked
from registry.accounts.queries import FOR_COLLEAGUES
from registry.accounts.signing import ask_to_sign
from registry.accounts.wording import title_from
from registry.audit import Somebody
from registry.db import db, now, today
from registry.people.models import Person, PersonState

CONSENTED: Final = audit.declare(
    "account.consented", "{actor} agreed that {subject} is in the register, to be seen by {seen_by}", "seen_by"
)
REFUSED: Final = audit.declare("account.consent-refused", "{actor} did not want {subject} in the register")
TAKEN_OUT: Final = audit.declare("account.taken-out", "{actor} took {subject} out of the register")
SHOWN_TO: Final = audit.declare(
    "account.shown-to", "{actor} chose who sees {subject}: {after}, no longer {before}", "before", "after"
)
HIDDEN: Final = audit.declare(
    "account.leaver-hidden", "{subject} is seen by comms only, no longer by {before}: whom it belongs to has left",
    "before",
)  # fmt: skip
#: What the history calls those who see an account.
SEEN_BY: Final = {
    Visibility.NOBODY: "nobody", Visibility.COMMS: "comms and its own people",
    Visibility.COLLEAGUES: "colleagues", Visibility.EVERYONE: "everyone",
}  # fmt: skip
#: When somebody who has agreed is asked whether all is still right.
NEXT_REVIEW: Final = timedelta(days=365)
#: What stands on the page instead of the name of an account that was taken out.
NO_NAME: Final = "An account that was taken out"


class NotTheirs(Exception):
    """The account is in somebody else's own name: only they may decide on it."""


def agree(*, account: Account, visibility: Visibility, actor: Somebody) -> None:
    """Whom it belongs to agrees, for the first time or after having taken it out.

    It is live, as comms have asked for it or approved it before; what they have never decided on is proposed again.
    Raises ``NotTheirs`` and ``NotAsked``.
    """
    _must_be_own(account, actor)
    if not account.awaits_consent and not account.is_taken_out:
        raise NotAsked
    decided = account.awaits_consent or account.approved_at is not None
    account.consented_at, account.visibility = now(), visibility
    account.closed_at, account.sent_back_reason = None, ""
    if decided:
        account.state, account.approved_at = State.LIVE, account.approved_at or now()
        account.review_on = today() + NEXT_REVIEW
    else:
        account.state = State.PROPOSED
        accounts.start_clock(account)
    if account.title == NO_NAME:
        account.title = title_from(account.handle)[:120] or account.handle[:120]
    db.session.flush()
    accounts.index(account)
    ask_to_sign({account.owner_id})
    _record(CONSENTED, account, actor, seen_by=SEEN_BY[visibility])


def take_out(*, account: Account, actor: Somebody) -> None:
    """Whom it belongs to says no, or no longer yes: nobody sees it from now on.

    Its words, topics, deputy and contributors are deleted; its address stays where nobody sees it, so that it is not
    asked for again, and so does what its history says, as evidence. Raises ``NotTheirs`` and ``NotAsked``.
    """
    _must_be_own(account, actor)
    if account.is_taken_out:
        raise NotAsked
    people = (account.owner_id, account.deputy_id)
    following.turned_own(account, actor=actor)
    following.state_changed([account.id])
    name = REFUSED if account.awaits_consent else TAKEN_OUT
    _record(name, account, actor)
    account.visibility, account.consented_at = Visibility.NOBODY, None
    account.consent_asked_at = account.consent_reminded_at = account.consent_reminded_again_at = None
    account.state, account.closed_at, account.review_on = State.CLOSED, now(), None
    account.title, account.purpose, account.place, account.mailbox = NO_NAME, "", "", ""
    account.deputy_id = account.owner_moved_at = None
    account.sent_back_reason = account.search_text = ""
    db.session.execute(sa.delete(account_topic).where(account_topic.c.account_id == account.id))
    db.session.execute(sa.delete(Contributor).where(Contributor.account_id == account.id))
    db.session.execute(sa.delete(AccessFacts).where(AccessFacts.account_id == account.id))
    expectations.forget(account)
    ask_to_sign({*people})


def show_to(*, account: Account, visibility: Visibility, actor: Somebody) -> bool:
    """Choose who sees an account; ``False`` where that is so already.

    Of an account in somebody's own name only they may choose; of others, whoever may change them for comms.
    Raises ``NotTheirs`` and, where they have not agreed to it at all, ``NotAsked``.
    """
    if account.standing in OWN_NAME:
        _must_be_own(account, actor)
    if account.awaits_consent or account.visibility is Visibility.NOBODY:
        raise NotAsked
    if account.visibility is visibility:
        return False
    _record(SHOWN_TO, account, actor, before=SEEN_BY[account.visibility], after=SEEN_BY[visibility])
    account.visibility = visibility
    return True


def hide_the_left() -> int:
    """Let accounts in the name of people who have left be seen by no more than comms and their own people; how many.

    They agreed as people who work here. Whoever comes back chooses anew. Doing it twice does no harm.
    """
    found = db.session.scalars(
        sa.select(Account)
        .join(Person, Person.id == Account.owner_id)
        .where(Account.standing.in_(OWN_NAME), Account.visibility.in_(FOR_COLLEAGUES), Person.state == PersonState.LEFT)
        .order_by(Account.id)
    ).all()
    for account in found:
        _record(HIDDEN, account, None, before=SEEN_BY[account.visibility])
        account.visibility = Visibility.COMMS
    return len(found)


def _must_be_own(account: Account, actor: Somebody) -> None:
    if account.standing not in OWN_NAME or account.owner_id != actor.id:
        raise NotTheirs


def _record(name: str, account: Account, actor: Somebody | None, **fields: str) -> None:
    audit.record(name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields)
