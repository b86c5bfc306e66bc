"""What becomes of a sighting: asked about, claimed, not ours, a fake, closed, registered."""

from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.models import Account, Alias
from registry.accounts.naming.models import FormerName
from registry.accounts.queries import visible_to
from registry.audit import Somebody
from registry.db import db, now
from registry.discovery import letters
from registry.discovery.models import WAITING, Claim, ClaimAnswer, Glimpse, How, Sighting, SightingState, SpoofStep
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

ASKED: Final = audit.declare("sighting.asked", "{actor} asked {person} whether {subject} is theirs", "person")
DECIDED: Final = audit.declare("sighting.decided", "{actor} decided about {subject}: {state}", "state", "reason")
ANSWERED: Final = audit.declare("sighting.answered", "{actor} answered whether {subject} is theirs: {answer}", "answer")
STEP: Final = audit.declare("sighting.reported", "{actor} did something about the fake {subject}", "what")
FOUND: Final = audit.declare("sighting.registered", "{subject} was registered")


class AskedAlready(Exception):
    """They were asked about this account before, and are not asked twice."""


class Settled(Exception):
    """It is settled what the sighting is: nobody is asked about it any more, and what is registered stays so."""


def ask(*, sighting: Sighting, person: Person, actor: Somebody | None) -> Claim:
    """Ask somebody whether an account is theirs, by mail and on their home page.

    Raises ``AskedAlready``, and ``Settled`` where it is settled.
    """
    if sighting.state not in WAITING:
        raise Settled
    if claim_of(sighting.id, person.id) is not None:
        raise AskedAlready
    claim = Claim(sighting_id=sighting.id, person_id=person.id, asked_by_id=actor.id if actor else None)
    db.session.add(claim)
    sighting.state = SightingState.ASKED
    db.session.flush()
    audit.record(
        ASKED, actor=actor, subject_kind="sighting", subject_id=sighting.id, subject_name=sighting.url,
        person=person.name,
    )  # fmt: skip
    letters.is_this_yours(sighting, person)
    return claim


def claim_of(sighting_id: int, person_id: int) -> Claim | None:
    """The question to somebody about an account."""
    return db.session.scalar(sa.select(Claim).where(Claim.sighting_id == sighting_id, Claim.person_id == person_id))


def answer(*, claim: Claim, sighting: Sighting, person: Person, answer: ClaimAnswer, colleague: Person | None) -> bool:
    """Keep what somebody says to it; the first answer counts. Whether a colleague whom they named was asked.

    A yes leaves the sighting with them until it is registered. A no brings it back to comms where nobody else is
    asked. A colleague is asked in turn, unless they were before.
    """
    claim.answer, claim.answered_at = answer, now()
    db.session.flush()
    audit.record(
        ANSWERED, actor=person, subject_kind="sighting", subject_id=sighting.id, subject_name=sighting.url,
        answer=answer.value,
    )  # fmt: skip
    if sighting.state not in WAITING:
        return False
    if answer is ClaimAnswer.YES:
        sighting.state = SightingState.ASKED
    if answer is ClaimAnswer.COLLEAGUE and colleague is not None and claim_of(sighting.id, colleague.id) is None:
        ask(sighting=sighting, person=colleague, actor=person)
        return True
    open_ones = sa.exists().where(
        Claim.sighting_id == sighting.id, sa.or_(Claim.answer.is_(None), Claim.answer == ClaimAnswer.YES)
    )
    if sighting.state is SightingState.ASKED and not db.session.scalar(sa.select(open_ones)):
        sighting.state = SightingState.NEW
    return False


def decide(*, sighting: Sighting, state: SightingState, reason: str, actor: Somebody) -> None:
    """Say what it is: comms look after it, not ours, a fake, closed, or open again (``NEW``); it is remembered.

    Raises ``Settled`` where it has been registered meanwhile.
    """
    if sighting.state is SightingState.REGISTERED:
        raise Settled
    sighting.state, sighting.reason = state, reason
    sighting.decided_at = None if state is SightingState.NEW else now()
    sighting.decided_by_id = None if state is SightingState.NEW else actor.id
    audit.record(
        DECIDED, actor=actor, subject_kind="sighting", subject_id=sighting.id, subject_name=sighting.url,
        state=state.value, reason=reason,
    )  # fmt: skip


def add_step(*, sighting: Sighting, what: str, actor: Somebody) -> SpoofStep:
    """Write down what was done about a fake: reported to the platform, say."""
    step = SpoofStep(sighting_id=sighting.id, what=what, by_id=actor.id)
    db.session.add(step)
    audit.record(
        STEP, actor=actor, subject_kind="sighting", subject_id=sighting.id, subject_name=sighting.url, what=what
    )
    return step


def settle_registered() -> int:
    """Note which sightings have been registered since; thank whoever saw them and may see it. How many."""
    settled = 0
    for sighting, account_id in _registered():
        sighting.state, sighting.account_id, sighting.decided_at = SightingState.REGISTERED, account_id, now()
        audit.record(FOUND, actor=None, subject_kind="sighting", subject_id=sighting.id, subject_name=sighting.url)
        for person in _who_told(sighting.id):
            if db.session.scalar(sa.select(Account.id).where(Account.id == account_id, visible_to(person, ()))):
                letters.is_registered(sighting, person, account_id)
        settled += 1
    return settled


def _registered() -> list[tuple[Sighting, int]]:
    """Sightings that wait and whose account is registered, by this name or another; with what it was merged into."""

    def named(account_id: Any, table: Any, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
        same = table.platform == Sighting.platform, table.kind == Sighting.kind, table.key == Sighting.key
        return sa.select(Sighting.id.label("of"), account_id.label("account_id")).join(
            table, sa.and_(*same, *conditions)
        )

    other = sa.select(Sighting.id, Alias.account_id).join(Alias, Alias.url == Sighting.url)
    former = named(FormerName.account_id, FormerName, FormerName.released_on.is_(None))
    ways = sa.union(
        *(way.where(Sighting.state.in_(WAITING)) for way in (named(Account.id, Account), former, other))
    ).subquery()
    account = sa.func.min(sa.func.coalesce(Account.merged_into_id, Account.id))
    found = sa.select(Sighting, account).join(ways, ways.c.of == Sighting.id)
    found = found.join(Account, Account.id == ways.c.account_id).group_by(Sighting.id).order_by(Sighting.id)
    return [(sighting, account_id) for sighting, account_id in db.session.execute(found)]


def take_back_from_leavers() -> int:
    """Bring back to comms what only people who have left, or are forgotten, were asked about. How many."""
    waits = sa.or_(Claim.answer.is_(None), Claim.answer == ClaimAnswer.YES)
    here = sa.exists().where(
        Claim.sighting_id == Sighting.id, waits, Person.id == Claim.person_id, Person.state.in_(IN_OFFICE)
    )
    left = sa.select(Sighting).where(Sighting.state == SightingState.ASKED, ~here).order_by(Sighting.id)
    sightings = db.session.scalars(left).all()
    for sighting in sightings:
        sighting.state = SightingState.NEW
    return len(sightings)


def _who_told(sighting_id: int) -> list[Person]:
    told = sa.select(Glimpse.by_id).where(Glimpse.sighting_id == sighting_id, Glimpse.how == How.PERSON)
    return list(db.session.scalars(sa.select(Person).where(Person.id.in_(told)).order_by(Person.id)))
