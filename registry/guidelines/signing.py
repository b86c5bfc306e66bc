"""Signing a version: by one's own hand, or entered by comms for somebody, who is told and can say that it is not so.

The history tells of every sign-off with its number and seal, so that one chain shows what was done to the other.
"""

from collections.abc import Sequence
from datetime import date, datetime
from datetime import time as clock
from typing import Any, Final

import sqlalchemy as sa

from registry import audit, web
from registry.audit import Somebody
from registry.db import LONDON, db, now, today
from registry.guidelines import letters
from registry.guidelines.asking import OPEN, recount
from registry.guidelines.declining import decline_of, settle_by_signing
from registry.guidelines.models import (
    DISOWNED,
    Decline,
    Document,
    Method,
    Obligation,
    SignOff,
    Version,
    Why,
)  # fmt: skip
from registry.guidelines.queries import of_person
from registry.guidelines.taking_back import put_right
from registry.people.models import Person

SIGNED: Final = audit.declare(
    "guidelines.signed", "{actor} signed version {number} of “{subject}”", "number", "sha256", "sign_off", "seal"
)
ENTERED: Final = audit.declare(
    "guidelines.entered", "{actor} entered that {person} signed version {number} of “{subject}” {method}",
    "number", "sha256", "sign_off", "seal", "person", "person_id", "method",
)  # fmt: skip
DISOWNED_IT: Final = audit.declare(
    "guidelines.disowned", "{actor} said that they did not sign version {number} of “{subject}”", "number", "sign_off"
)
#: The events that hold the number and the seal of a sign-off.
TELLING: Final = (SIGNED, ENTERED)
WORDING: Final = "I have read these guidelines and I will work by them when I use social media for the organisation."
NOT_MINE: Final = "I did not sign this."


class NotTheCurrentVersion(Exception):
    """The version that was shown is no longer the one to sign."""


class CannotBeEntered(Exception):
    """This sign-off cannot be entered; ``str()`` says why, and what to do instead."""


class NotTheirs(Exception):
    """This sign-off was not entered for that person by somebody else."""


def sign(
    *,
    version: Version,
    document: Document,
    current: Version | None,
    person: Person,
    checked: int = 0,
    at: datetime | None = None,
) -> SignOff:
    """Sign ``version`` as ``person``; the same version a second time gives back the first sign-off.

    ``current`` is the version in force; ``checked`` is how many check questions they answered; ``at`` backdates, for a
    history that is brought in. Where the person is asked anew, as each year, the sign-off of before does not count and
    there is another one. Raises ``NotTheCurrentVersion`` where ``version`` is another, or the document is retired.
    """
    if current is None or version.id != current.id or document.retired_at:
        raise NotTheCurrentVersion
    asked_at = _asked_anew_at(person.id, document.id)
    kept, times = _kept(person.id, version.id, asked_at)
    if kept:
        recount(among=[person.id])  # Whatever kept it from counting: whoever presses the button again has signed.
        return kept
    sign_off = made(version, document, person, signed_at=at or _not_before(version, asked_at), method=Method.ONLINE)
    sign_off.occasion, sign_off.checked = times, checked
    keep([sign_off])
    settle_by_signing(document=document, person=person)
    put_right(person.id)
    return sign_off


def made(version: Version, document: Document, person: Person, *, signed_at: datetime, method: Method) -> SignOff:
    """A sign-off with who they are and what it says, not yet kept; see ``keep``."""
    return SignOff(
        signed_at=signed_at, person_id=person.id, person_name=person.name, person_username=person.username,
        person_team=person.team.path if person.team else "", document_id=document.id, document_title=document.title,
        version_id=version.id, version_number=version.number, sha256=version.sha256, wording=WORDING, method=method,
        occasion=0, checked=0, consent="", entered_by_name="",
    )  # fmt: skip


def keep(sign_offs: Sequence[SignOff], *, at: bool = False) -> None:
    """Seal sign-offs and tell the history of each; ``at``: as of when they were signed, for what is brought in."""
    audit.append(sign_offs)
    events = [_event(one) for one in sign_offs]
    for event, sign_off in zip(events, sign_offs, strict=True):
        event.at = sign_off.signed_at if at else event.at
    audit.append(events)
    recount(among={one.person_id for one in sign_offs})


def _event(one: SignOff) -> audit.Event:
    fields: dict[str, Any] = {"number": one.version_number, "sha256": one.sha256, "sign_off": one.id, "seal": one.seal}
    if one.entered_by_id is None:
        return _tell(SIGNED, one, one.person_id, one.person_name, **fields)
    fields |= {"person": one.person_name, "person_id": one.person_id, "method": one.method.value}
    return _tell(ENTERED, one, one.entered_by_id, one.entered_by_name, **fields)


def _tell(name: str, one: SignOff, actor_id: int, actor_name: str, **fields: Any) -> audit.Event:
    event = audit.event(
        name, actor=None, subject_kind="document", subject_id=one.document_id, subject_name=one.document_title, **fields
    )
    event.actor_id, event.actor_name = actor_id, actor_name
    return event


def _asked_anew_at(person_id: int, document_id: int) -> datetime | None:
    """Since when only a new sign-off counts for somebody; ``None`` where any does."""
    mine = sa.select(Obligation.since_at).where(
        Obligation.document_id == document_id, Obligation.person_id == person_id, OPEN, Obligation.why != Why.RULE
    )
    return db.session.scalar(mine)


def _kept(person_id: int, version_id: int, asked_at: datetime | None) -> tuple[SignOff | None, int]:
    """The sign-off of a version that counts for somebody now, and how many there are of theirs, whatever they count."""
    mine = sa.select(SignOff).where(of_person(person_id), SignOff.version_id == version_id)
    every = db.session.scalars(mine.order_by(SignOff.occasion, SignOff.id)).all()
    disowned = set(db.session.scalars(DISOWNED.where(Decline.sign_off_id.in_([one.id for one in every]))))
    good = [one for one in every if one.id not in disowned and (asked_at is None or one.signed_at >= asked_at)]
    return (good[-1] if good else None), len(every)


def _not_before(version: Version, asked_at: datetime | None) -> datetime:
    """This moment. Where the clock was set back meanwhile, the last moment that is known to have passed already.

    A sign-off of before its version or its question would count for nothing, and be asked for again and again.
    """
    return max(one for one in (now(), version.published_at, asked_at) if one is not None)


# --- Entered by comms -------------------------------------------------------------------------------------


def enter(
    *, version: Version, document: Document, person: Person, method: Method, day: date, consent: str, actor: Somebody
) -> SignOff:
    """Enter that ``person`` signed ``version`` on ``day``, and write to them.

    ``consent`` says how they gave it. Whoever enters it must have been asked twice, with both names. Raises
    ``CannotBeEntered``.
    """
    if reason := why_not(version=version, document=document, person=person, day=day, actor=actor):
        raise CannotBeEntered(reason)
    asked_at = _asked_anew_at(person.id, document.id)
    noon = min(datetime.combine(day, clock(12), LONDON), now())
    signed_at = max(one for one in (noon, version.published_at, asked_at) if one is not None)
    sign_off = made(version, document, person, signed_at=signed_at, method=method)
    sign_off.occasion = _kept(person.id, version.id, None)[1]
    sign_off.consent, sign_off.entered_at = consent, now()
    sign_off.entered_by_id, sign_off.entered_by_name = actor.id, actor.name
    keep([sign_off])
    settle_by_signing(document=document, person=person)
    put_right(person.id)
    letters.was_entered(sign_off, person)
    return sign_off


def why_not(*, version: Version, document: Document, person: Person, day: date, actor: Somebody) -> str:
    """Why a sign-off cannot be entered, in a sentence that says what to do; empty where it can."""
    return wrong_person(version=version, person=person, actor=actor) or wrong_day(
        version=version, document=document, person=person, day=day
    )


def wrong_person(*, version: Version, person: Person, actor: Somebody) -> str:
    """The same as far as it lies with whom it is entered for."""
    if person.id == actor.id:
        return "This is you. Sign on the page of the guidelines, as everybody does."
    if not person.is_active:
        return f"{person.name} does not work here any more, and owes nothing."
    kept, _ = _kept(person.id, version.id, _asked_anew_at(person.id, version.document_id))
    return f"{person.name} has signed version {version.number} already, on {web.day(kept.signed_at)}." if kept else ""


def wrong_day(*, version: Version, document: Document, person: Person, day: date) -> str:
    """The same as far as it lies with the day."""
    if version.published_at is None or version.document_id != document.id:
        return "Choose a version that was published."
    published_on, asked_at = version.published_at.astimezone(LONDON).date(), _asked_anew_at(person.id, document.id)
    if day > today():
        return "Choose a day that has come."
    if day < published_on:
        return f"Version {version.number} was published on {web.day(published_on)}. Choose that day or a later one."
    if asked_at and day < asked_at.astimezone(LONDON).date():
        return f"{person.name} was asked anew on {web.day(asked_at)}: only what they signed since then counts."
    return ""


def disown(*, sign_off: SignOff, document: Document, person: Person) -> Decline:
    """``person`` says that they did not sign what was entered for them: it stays as evidence, and counts no more.

    Comms are told. Doing it twice changes nothing. Raises ``NotTheirs`` where they signed it themselves.
    """
    if sign_off.entered_by_id is None:
        raise NotTheirs
    said = db.session.scalar(sa.select(Decline).where(Decline.sign_off_id == sign_off.id))
    if said:
        return said
    reason = NOT_MINE
    if before := decline_of(document_id=document.id, person_id=person.id):
        # A row of its own: what they said before was said on another day, perhaps of another sign-off.
        before.settled_at, before.settled_by_id = now(), person.id
        reason = before.reason if NOT_MINE in before.reason else f"{before.reason}\n\n{NOT_MINE}"
        db.session.flush()
    decline = Decline(
        document_id=document.id, version_id=sign_off.version_id, person_id=person.id, declined_at=now(),
        reason=reason, sign_off_id=sign_off.id,
    )  # fmt: skip
    db.session.add(decline)
    db.session.flush()
    recount(among=[person.id])
    event = _tell(
        DISOWNED_IT, sign_off, person.id, person.name, number=sign_off.version_number, sign_off=sign_off.id
    )  # fmt: skip
    audit.append([event])
    letters.was_disowned(sign_off, person)
    return decline
