"""Registering accounts, approving them, keeping them right."""

from collections.abc import Collection, Iterable, Mapping
from datetime import date, timedelta
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased

from registry import audit, search
from registry.accounts import letters
from registry.accounts.answering import following
from registry.accounts.clocks import decide_by
from registry.accounts.differing import differences, in_words
from registry.accounts.models import (
    BEFORE_OTHER_NAMES,
    BEFORE_TEAM,
    OPEN,
    OWN_NAME,
    Account,
    Alias,
    Contributor,
    Standing,
    State,
    Topic,
    account_topic,
    topic_names,
)
from registry.accounts.naming import asking
from registry.accounts.naming.queries import known
from registry.accounts.platforms import LONGEST_KEY, PLATFORMS, Resolved, resolve
from registry.accounts.signing import ask_to_sign
from registry.accounts.turning import OwnConsentNeeded, asks_owner, turn
from registry.audit import Somebody
from registry.db import db, now, today
from registry.people.merging import BEFORE_MERGING
from registry.people.models import Person, PersonMerge, PersonState, Team

PROPOSED: Final = audit.declare("account.proposed", "{actor} registered {subject}", "url", "standing")
APPROVED: Final = audit.declare("account.approved", "{actor} approved {subject}")
SENT_BACK: Final = audit.declare("account.sent-back", "{actor} sent {subject} back: {reason}", "reason")
RESUBMITTED: Final = audit.declare("account.resubmitted", "{actor} mended {subject} for comms to look at again")
ORPHANED: Final = audit.declare("account.orphaned", "{subject} has nobody to answer for it: its people have left")
CHANGED: Final = audit.declare("account.changed", "{actor} changed {what} of {subject}", "what", "before", "after")
REVIEWED: Final = audit.declare("account.reviewed", "{actor} confirmed that {subject} is still right", "review_on")

#: Days until somebody is asked whether all is still right.
REVIEW_AFTER: Final = {
    Standing.OFFICIAL: 365,
    Standing.SEMI_OFFICIAL: 180,
    Standing.PERSONAL: 365,
    Standing.PARTNER: 180,
}
#: What a history page calls the fields that people change.
LABELS: Final = {
    "title": "the name", "purpose": "the purpose", "standing": "the standing", "state": "the state",
    "owner_id": "the owner", "deputy_id": "the deputy", "team_id": "the team", "language": "the language",
    "principle_id": "the principle", "place": "the place",
}  # fmt: skip
MOST_TOPICS: Final = 12


class AlreadyRegistered(Exception):
    """There is an account with this identity already; ``account`` is it."""

    def __init__(self, account: Account) -> None:
        super().__init__(account.title)
        self.account = account


class DeputyIsOwner(Exception):
    """One person cannot be both; the message says what to do."""

    def __init__(self, name: str) -> None:
        super().__init__(f"{name} answers for it already. Name somebody else as the deputy, or nobody yet.")


class NotWaiting(Exception):
    """The account does not wait for approval: a colleague was quicker."""


class NothingToReview(Exception):
    """The account is not in use: its state says what has to happen first."""


def propose(
    *, resolved: Resolved, typed: str, title: str, purpose: str, standing: Standing, owner: Person,
    deputy: Person | None, actor: Somebody, for_comms: bool = False,
) -> Account:  # fmt: skip
    """Register an account; it waits for comms.

    ``typed`` is the address as it was typed, kept as an alias. Raises ``AlreadyRegistered``, ``DeputyIsOwner`` and
    ``OwnConsentNeeded``: only comms (``for_comms``) may enter what is in somebody else's own name. That one is asked,
    and until they agree nobody else sees it, nor is named as their deputy.
    """
    asks = standing in OWN_NAME and owner.id != actor.id
    if asks and not for_comms:
        raise OwnConsentNeeded
    if deputy and deputy.id == owner.id:
        raise DeputyIsOwner(owner.name)
    if same := known(resolved, typed):
        raise AlreadyRegistered(same.account)
    account = Account(
        platform=resolved.platform, kind=resolved.kind, key=resolved.key, url=resolved.url, handle=resolved.handle,
        platform_id=resolved.platform_id, title=title, purpose=purpose, standing=standing, state=State.PROPOSED,
        team_id=owner.team_id, owner_id=owner.id, deputy_id=deputy.id if deputy and not asks else None,
        proposed_at=now(), proposed_by_id=actor.id, consented_at=now() if standing in OWN_NAME and not asks else None,
    )  # fmt: skip
    account.search_text = search_text(account, team=owner.team.path if owner.team else "", topics=())
    start_clock(account)
    try:
        with db.session.begin_nested():
            db.session.add(account)
    except IntegrityError:
        raise AlreadyRegistered(_same(resolved, typed)) from None
    if typed != resolved.url and isinstance(resolve(typed), Resolved):
        add_alias(account, typed)  # A bare handle is none: on another platform it is another account.
    _record(PROPOSED, account, actor, url=account.url, standing=standing.value)
    if asks:
        asking.ask(account=account, person=owner, actor=actor)
    else:
        _tell_people(account, (None, None), actor)
    ask_to_sign({account.owner_id, account.deputy_id})
    return account


def start_clock(account: Account) -> None:
    """Say by when comms decide on a proposal."""
    account.decide_by_on, account.comms_told = decide_by(), 0


def _same(resolved: Resolved, typed: str) -> Account:
    same = known(resolved, typed)
    assert same is not None  # noqa: S101 - the database has just said so
    return same.account


def add_alias(account: Account, url: str) -> None:
    """Keep another address of ``account``; one that is known stays where it is, and an overlong one is not kept."""
    if len(url.encode()) > LONGEST_KEY:
        return
    known = db.session.scalar(sa.select(Alias.id).where(Alias.url == url))
    if known is None:
        db.session.add(Alias(account_id=account.id, url=url, seen_at=now()))


def approve(*, account: Account, owner: Person | None, actor: Somebody) -> bool:
    """Put a proposed account live; whether its owner is written to.

    Raises ``NotWaiting`` where it is not proposed, or waits for the consent of whom it belongs to.
    """
    _take_from(account, State.PROPOSED)
    if account.awaits_consent:
        raise NotWaiting
    account.state, account.approved_at, account.approved_by_id = State.LIVE, now(), actor.id
    account.sent_back_reason = ""
    account.review_on = next_review(account.standing)
    _record(APPROVED, account, actor)
    return owner is not None and letters.approved(account, owner) is not None


def send_back(*, account: Account, owner: Person | None, reason: str, actor: Somebody) -> bool:
    """Ask the owner of a proposed account to mend something; whether they are written to. Raises ``NotWaiting``."""
    _take_from(account, State.PROPOSED)
    account.sent_back_reason = reason
    _record(SENT_BACK, account, actor, reason=reason)
    return owner is not None and letters.sent_back(account, owner, reason=reason, by=actor.name) is not None


def _take_from(account: Account, state: State) -> None:
    """Lock the row and make sure of its state, so that of two who decide at once only one does."""
    held = db.session.scalar(sa.select(Account.state).where(Account.id == account.id).with_for_update())
    if held is not state:
        raise NotWaiting


def change(
    *, account: Account, values: dict[str, Any], topics: Iterable[str] | None, actor: Somebody, for_comms: bool = False
) -> list[str]:  # fmt: skip
    """Change some of the fields that ``LABELS`` names; returns the labels of those that differ.

    ``for_comms``: whether ``actor`` decides as one of comms. A proposal that was sent back waits for comms again as
    soon as its own people save it, even as it is: what was asked for may have been done on the platform. What would
    be in somebody's own name is a question to them where comms say so. Raises ``OwnConsentNeeded`` where it is one and
    would cease to be, or nobody could be asked, and ``CommsMustAgree``.
    """
    before, stood, was_own = (account.owner_id, account.deputy_id), account.state, account.standing in OWN_NAME
    asks = asks_owner(account, values, actor, for_comms)
    told = differences(account, {**values, **_follows(account, values, actor, for_comms, asks)})
    # All of it before anything is recorded: the database takes no half of what belongs together.
    for one in told:
        setattr(account, one.name, one.value)
    if was_own != (account.standing in OWN_NAME):
        turn(account, for_comms, asks)
    for one in told:
        _record(CHANGED, account, actor, what=LABELS[one.name], before=one.before, after=one.after)
    if topics is not None:
        _set_topics(account, topics_named(topics), actor)
    if account.state is State.PROPOSED:
        _wait_for_comms(account, stood, actor, theirs=not for_comms or actor.id in before)
    changed = [one.name for one in told]
    _set_dates(account, changed)
    db.session.flush()
    following.changed(account, before, stood, actor=actor)
    if account.standing in OWN_NAME and not was_own:
        following.turned_own(account, actor=actor)
    if asks is not None:
        asking.ask(account=account, person=asks, actor=actor)
    index(account)
    ask_to_sign({*before, account.owner_id, account.deputy_id})
    _tell_people(account, before, actor)
    return [LABELS[name] for name in changed]


def _set_dates(account: Account, changed: Collection[str]) -> None:
    """What follows for its days from what was ``changed``; nobody is asked later than others of the new standing."""
    if "owner_id" in changed:
        account.owner_moved_at = None
    if "standing" in changed and account.review_on:
        account.review_on = min(account.review_on, next_review(account.standing))
    if "state" in changed:
        account.closed_at = now() if account.state is State.CLOSED else None


def _follows(
    account: Account, values: dict[str, Any], actor: Somebody, for_comms: bool, asks: Person | None
) -> dict[str, Any]:
    """What ``values`` bring with them for other fields."""
    more: dict[str, Any] = {} if asks is None else {"state": State.PROPOSED}
    owner_id, deputy_id = (values.get(name, getattr(account, name)) for name in ("owner_id", "deputy_id"))
    if account.awaits_consent and account.owner_id != actor.id:
        more["deputy_id"] = None  # Nobody hears of it before whom it belongs to has agreed.
    elif deputy_id is not None and deputy_id == owner_id:
        more["deputy_id"] = None  # Nobody deputises for themself.
    leaves = account.standing in OWN_NAME and values.get("standing", account.standing) not in OWN_NAME
    if leaves and not for_comms and account.state in (State.LIVE, State.DORMANT, State.ORPHANED):
        more["state"] = State.PROPOSED  # It speaks for the organisation now, and comms have not looked at that yet.
    return more


def _wait_for_comms(account: Account, stood: State, actor: Somebody, *, theirs: bool) -> None:
    """Begin the time of a proposal that is new, or that its own people (``theirs``) have saved after it came back."""
    mended = account.sent_back_reason != "" and theirs
    if mended:
        account.sent_back_reason = ""
        _record(RESUBMITTED, account, actor)
    if mended or stood is not State.PROPOSED:
        start_clock(account)


def _set_topics(account: Account, topics: list[Topic], actor: Somebody) -> None:
    told = [", ".join(sorted(topic.name for topic in some)) or "nothing" for some in (account.topics, topics)]
    if told[0] != told[1]:
        account.topics = topics
        _record(CHANGED, account, actor, what="the topics", before=told[0], after=told[1])


def review(*, account: Account, actor: Somebody) -> date:
    """Confirm that all is still right; returns the day of the next review. Raises ``NothingToReview``."""
    if account.state not in (State.LIVE, State.DORMANT):
        raise NothingToReview
    account.review_on = next_review(account.standing)
    _record(REVIEWED, account, actor, review_on=account.review_on.isoformat())
    return account.review_on


def orphan_the_left() -> int:
    """Mark the open accounts whose owner has left and whose deputy, if any, has too; returns how many.

    An account in somebody's own name is nobody else's to answer for, whoever deputised.
    """
    deputy = aliased(Person)
    own = Account.standing.in_(OWN_NAME)
    left = sa.or_(Account.deputy_id.is_(None), deputy.state == PersonState.LEFT, own)
    found = db.session.scalars(
        sa.select(Account)
        .join(Person, Person.id == Account.owner_id)
        .outerjoin(deputy, deputy.id == Account.deputy_id)
        .where(Account.state.in_((State.LIVE, State.DORMANT)), Person.state == PersonState.LEFT, left)
        .order_by(Account.id)
    ).all()
    following.state_changed([account.id for account in found])
    for account in found:
        account.state = State.ORPHANED
    told: dict[str, Any] = {"actor": None, "subject_kind": "account"}
    audit.append([audit.event(ORPHANED, **told, subject_id=one.id, subject_name=one.title) for one in found])
    return len(found)


def next_review(standing: Standing) -> date:
    """The day on which somebody is asked again whether all is right, counted from today by the standing."""
    return today() + timedelta(days=REVIEW_AFTER[standing])


def topics_named(names: Iterable[str]) -> list[Topic]:
    """The topics with these names, made where they are new; each once, at most twelve."""
    wanted = dict(islice(topic_names(names).items(), MOST_TOPICS))
    known = {topic.key: topic for topic in db.session.scalars(sa.select(Topic).where(Topic.key.in_(wanted)))}
    return [known.get(key) or _new_topic(key, name) for key, name in wanted.items()]


def _new_topic(key: str, name: str) -> Topic:
    try:
        with db.session.begin_nested():
            db.session.add(topic := Topic(name=name, key=key))
    except IntegrityError:  # A colleague has named it this very moment.
        return db.session.scalars(sa.select(Topic).where(Topic.key == key)).one()
    return topic


#: The columns by which an account is found.
SEARCHED: Final = ("title", "handle", "key", "platform", "purpose", "place", "other_names")


def search_text(account: Account, *, team: str, topics: Iterable[str]) -> str:
    """What an account is found by; its people are found through their own names."""
    return search_text_of({name: getattr(account, name) for name in SEARCHED}, team=team, topics=topics)


def search_text_of(values: Mapping[str, Any], *, team: str, topics: Iterable[str]) -> str:
    """The same of the values of ``SEARCHED``, of which some may be missing: for rows that become no accounts first.

    What is told to whoever sees the account at all stands first: people outside search no further (``shown_words``).
    """
    title, handle, key, slug, purpose, place, other_names = (values.get(name) for name in SEARCHED)
    platform = PLATFORMS.get(slug or "")
    shown = (title, handle, key, platform.name if platform else slug, purpose, place, *topics)
    return search.fold_apart(shown, BEFORE_TEAM, (team,), BEFORE_OTHER_NAMES, (other_names,))


def index(account: Account) -> None:
    """Make an account found by what it says now."""
    team = db.session.scalar(sa.select(Team.path).where(Team.id == account.team_id)) if account.team_id else ""
    names = sa.select(Topic.name).join(account_topic).where(account_topic.c.account_id == account.id)
    topics = db.session.scalars(names.order_by(Topic.key)).all()
    account.search_text = search_text(account, team=team or "", topics=topics)


def settle_merges() -> int:
    """Have whoever was given accounts when two rows of one human being were made one sign; returns how many that is.

    Doing it twice does no harm.
    """
    runs = sa.or_(
        Account.owner_id == PersonMerge.kept_id,
        Account.deputy_id == PersonMerge.kept_id,
        sa.exists().where(Contributor.account_id == Account.id, Contributor.person_id == PersonMerge.kept_id),
    )
    here = sa.select(PersonMerge.kept_id).join(Account, sa.and_(runs, Account.state.in_(OPEN))).distinct()
    return ask_to_sign(db.session.scalars(here).all())


def _part_owner_from_deputy(gone_id: int, kept_id: int) -> None:
    """Two rows of one human being become one: who would deputise for themself does not any more."""
    both = (gone_id, kept_id)
    twice = sa.select(Account).where(Account.owner_id.in_(both), Account.deputy_id.in_(both)).order_by(Account.id)
    for account in db.session.scalars(twice):
        before = in_words("deputy_id", account.deputy_id)
        _record(CHANGED, account, None, what=LABELS["deputy_id"], before=before, after="nobody")
        account.deputy_id = None
    db.session.flush()


BEFORE_MERGING.append(_part_owner_from_deputy)


def _tell_people(account: Account, before: tuple[int | None, int | None], actor: Somebody) -> None:
    """Write to those who have come to answer for an account, or have gone, by somebody else's hand."""
    owner, deputy = before
    told = (
        (letters.named_owner, account.owner_id, owner), (letters.no_longer_owner, owner, account.owner_id),
        (letters.named_deputy, account.deputy_id, deputy),
    )  # fmt: skip
    for letter, person_id, other_id in told:
        if person_id not in (None, other_id, actor.id) and (person := db.session.get(Person, person_id)):
            letter(account, person, by=actor.name)


def _record(name: str, account: Account, actor: Somebody | None, **fields: Any) -> None:
    audit.record(name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields)
