"""From a draft to guidelines that count: a second pair of eyes, then at once or on a day; and the end of a document."""

from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa

from registry import audit, outbox, web
from registry.audit import Somebody
from registry.db import db, exclusively, hold_back_forms, now, today
from registry.guidelines import principles
from registry.guidelines.actions import ON_PUBLISHING, publish, record
from registry.guidelines.asking import OPEN
from registry.guidelines.models import Decline, Document, Ending, Obligation, SigningRule, Version, VersionState
from registry.guidelines.spells import changed_at, note
from registry.guidelines.taking_back import take_back
from registry.people.mail import write_to
from registry.people.models import Person
from registry.people.queries import holders
from registry.roles import Role

ASKED: Final = audit.declare(
    "guidelines.asked", "{actor} asked for a second look at version {number} of “{subject}”", "number"
)
LOOKED: Final = audit.declare(
    "guidelines.looked", "{actor} looked at version {number} of “{subject}” and found it right", "number", "sha256"
)
SENT_BACK: Final = audit.declare(
    "guidelines.sent-back", "{actor} sent version {number} of “{subject}” back: {reason}", "number", "reason"
)
UNSEEN: Final = audit.declare(
    "guidelines.unseen", "{actor} went without a second look at version {number} of “{subject}”: {reason}",
    "number", "sha256", "reason",
)  # fmt: skip
SCHEDULED: Final = audit.declare(
    "guidelines.scheduled", "{actor} set version {number} of “{subject}” to count from {from_on}",
    "number", "sha256", "from_on",
)  # fmt: skip
CALLED_BACK: Final = audit.declare(
    "guidelines.called-back", "{actor} called version {number} of “{subject}” back before its day", "number"
)
RETIRED: Final = audit.declare("guidelines.retired", "{actor} retired “{subject}”: {reason}", "reason")
BROUGHT_BACK: Final = audit.declare("guidelines.brought-back", "{actor} brought “{subject}” back")
THROWN_AWAY: Final = audit.declare(
    "guidelines.thrown-away", "{actor} threw the draft of version {number} of “{subject}” away", "number"
)
#: Who writes guidelines, and looks at what others have written.
WRITERS: Final = (Role.COMMS, Role.ADMIN)


class NotADraft(Exception):
    """It counts already, waits for its day, or belongs to a document that does not hold any more."""


class ChangedSince(Exception):
    """The draft is not the one that was looked at."""


class OwnWork(Exception):
    """Who wrote on it last is no second pair of eyes."""


class NotLookedAt(Exception):
    """Nobody else has found it right, and no reason says why that must do."""


class DueTooSoon(Exception):
    """People would have to sign by a day that is over when they are asked."""


class DayIsOver(Exception):
    """It cannot count from a day that has come already."""


class NotYours(Exception):
    """Comms throw any draft away, an administrator one that they have written on."""


def other_writers(person_id: int) -> list[Person]:
    """Who else could look at a draft, by name."""
    found = {one.id: one for role in WRITERS for one in holders(role) if one.id != person_id}
    return sorted(found.values(), key=lambda one: (one.name, one.id))


def ask_for_look(*, version: Version, document: Document, stamp: str, actor: Somebody) -> int:
    """Ask the other writers to look at the draft; how many are written to. Raises ``NotADraft``, ``ChangedSince``."""
    _make_sure(version, document, stamp)
    version.asked_at, version.sent_back_reason = now(), ""
    record(ASKED, document, actor, number=version.number)
    text = (
        f"{actor.name} would like a second pair of eyes on version {version.number} of “{version.title}”.\n\nRead it:"
        " one button says that it looks right, another sends it back with your words. Whoever comes first is enough."
    )
    subject = f"Would you look at “{version.title}”?"
    asked = [one for one in other_writers(actor.id) if one.id != version.changed_by_id]
    return sum(_write(one, subject, text, document) for one in asked)


def look(*, version: Version, document: Document, stamp: str, actor: Somebody) -> None:
    """Say that the draft is right. Raises ``NotADraft``, ``ChangedSince``, and ``OwnWork`` for who changed it last."""
    _make_sure(version, document, stamp, actor)
    version.looked_at, version.looked_by_id, version.sent_back_reason = now(), actor.id, ""
    record(LOOKED, document, actor, number=version.number, sha256=version.sha256)
    _tell_writer(
        version, document, actor, f"“{version.title}” looks right",
        f"{actor.name} has looked at version {version.number} of “{version.title}”, and it looks right to them.\n\n"
        "You can publish it now, or on a day.",
    )  # fmt: skip


def send_back(*, version: Version, document: Document, stamp: str, reason: str, actor: Somebody) -> None:
    """Ask for something to be changed first; raises as ``look`` does."""
    _make_sure(version, document, stamp, actor)
    version.asked_at = version.looked_at = version.looked_by_id = None
    version.sent_back_reason = reason
    record(SENT_BACK, document, actor, number=version.number, reason=reason)
    _tell_writer(
        version, document, actor, f"A question about “{version.title}”",
        f"{actor.name} has looked at version {version.number} of “{version.title}” and asks:\n\n{reason}\n\n"
        "Change what you agree with, then ask for another look.",
    )  # fmt: skip


def release(
    *, version: Version, document: Document, stamp: str, actor: Somebody, unseen_reason: str = "",
    from_on: date | None = None,
) -> None:  # fmt: skip
    """Publish the draft now, or have it count ``from_on`` a day to come.

    Raises ``NotADraft`` and ``ChangedSince``; ``NotLookedAt`` where nobody else has found it right and no
    ``unseen_reason`` says why that must do; ``DayIsOver``; and ``DueTooSoon``.
    """
    _make_sure(version, document, stamp)
    if version.looked_at is None and not unseen_reason:
        raise NotLookedAt
    if from_on is not None and from_on <= today():
        raise DayIsOver
    if version.due_on and version.due_on <= (from_on or today()):
        raise DueTooSoon
    version.unseen_reason = "" if version.looked_at else unseen_reason
    if version.unseen_reason:
        record(UNSEEN, document, actor, number=version.number, sha256=version.sha256, reason=unseen_reason)
    if from_on is None:
        publish(version=version, document=document, actor=actor)
        return
    version.state, version.from_on, version.published_by_id = VersionState.SCHEDULED, from_on, actor.id
    record(
        SCHEDULED, document, actor, number=version.number, sha256=version.sha256,
        from_on=web.day(from_on),
    )  # fmt: skip


def call_back(*, version: Version, document: Document, actor: Somebody) -> None:
    """Make a draft again of what waits for its day. Raises ``NotADraft`` where it does not, or not any more."""
    held = db.session.scalar(sa.select(Version.state).where(Version.id == version.id).with_for_update())
    if held is not VersionState.SCHEDULED:
        raise NotADraft
    version.state, version.from_on, version.published_by_id = VersionState.DRAFT, None, None
    version.unseen_reason = ""
    record(CALLED_BACK, document, actor, number=version.number)


def may_throw_away(version: Version, *, actor: Somebody, comms: bool) -> bool:
    """Whether somebody may throw this draft away: comms, and whoever began it or wrote on it last."""
    return version.state is VersionState.DRAFT and (comms or actor.id in (version.drafted_by_id, version.changed_by_id))


def throw_away(*, version: Version, document: Document, stamp: str, actor: Somebody, comms: bool) -> None:
    """Delete a draft that nobody wants any more, with its document where nothing of it was ever published.

    Raises ``NotADraft``, ``ChangedSince`` and ``NotYours``.
    """
    if version.state is not VersionState.DRAFT:
        raise NotADraft
    if version.stamp != stamp:
        raise ChangedSince
    if not may_throw_away(version, actor=actor, comms=comms):
        raise NotYours
    record(THROWN_AWAY, document, actor, number=version.number)
    db.session.execute(sa.delete(Version).where(Version.id == version.id))
    if db.session.scalar(sa.select(Version.id).where(Version.document_id == document.id).limit(1)) is None:
        db.session.execute(sa.delete(SigningRule).where(SigningRule.document_id == document.id))
        db.session.execute(sa.delete(Document).where(Document.id == document.id))


def _due() -> sa.Select[int]:
    # The day in London, whatever the hour is called there: no change of the clock comes before its time or is missed.
    waits = Version.state == VersionState.SCHEDULED, Version.from_on <= today()
    return sa.select(Version.id).where(*waits).order_by(Version.from_on, Version.id)


def publish_due() -> int:
    """Publish the versions whose day has come, each in a transaction of its own; how many. Commits.

    A worker that was down makes up for it; of two at once one finds nothing left to do.
    """
    done = 0
    with exclusively("publishing") as free:
        for version_id in db.session.scalars(_due()).all() if free else ():
            db.session.rollback()
            hold_back_forms()
            version = db.session.scalar(sa.select(Version).where(Version.id == version_id).with_for_update())
            if version is None or version.state is not VersionState.SCHEDULED:
                continue  # It was called back meanwhile.
            document = db.session.get_one(Document, version.document_id)
            if version.due_on and version.due_on <= today():
                version.due_on = today() + timedelta(document.grace_days)  # It was to count long ago.
            publish(version=version, document=document, actor=None)
            db.session.commit()
            done += 1
    db.session.rollback()
    return done


def retire(*, document: Document, reason: str, actor: Somebody) -> None:
    """Have nobody asked for ``document`` any more: the duties end, all that was signed stays, a date is called off."""
    waiting = sa.select(Version).where(Version.document_id == document.id, Version.state == VersionState.SCHEDULED)
    for version in db.session.scalars(waiting):
        call_back(version=version, document=document, actor=actor)
    document.retired_at, document.retired_reason = now(), reason
    principles.retire(document.id)
    ended = sa.update(Obligation).where(Obligation.document_id == document.id, OPEN)
    declined = sa.update(Decline).where(Decline.document_id == document.id, Decline.settled_at.is_(None))
    for change in (
        ended.values(ended_at=document.retired_at, ending=Ending.RETIRED),
        declined.values(
            settled_at=document.retired_at, settled_by_id=actor.id, answer="These guidelines do not hold any more."
        ),
    ):
        db.session.execute(change.execution_options(synchronize_session=False))
    note(Obligation.document_id == document.id, changed_at(document.retired_at))
    take_back()
    record(RETIRED, document, actor, reason=reason)


def bring_back(*, document: Document, actor: Somebody) -> None:
    """Have a retired document hold again: whoever must sign it, and has not signed its last version, is asked."""
    document.retired_at, document.retired_reason = None, ""
    mine = sa.select(Version).where(Version.document_id == document.id, Version.state == VersionState.PUBLISHED)
    if last := db.session.scalar(mine.order_by(Version.number.desc()).limit(1)):
        principles.keep(last)
    record(BROUGHT_BACK, document, actor)
    for ask in ON_PUBLISHING:
        ask()


def _make_sure(version: Version, document: Document, stamp: str, looks: Somebody | None = None) -> None:
    """Make sure that this is the draft that somebody saw, and, where it ``looks``, that it is another pair of eyes."""
    if version.state is not VersionState.DRAFT or document.retired_at:
        raise NotADraft
    if version.stamp != stamp:
        raise ChangedSince
    if looks is not None and version.changed_by_id == looks.id:
        raise OwnWork


def _tell_writer(version: Version, document: Document, actor: Somebody, subject: str, text: str) -> None:
    writer = db.session.get(Person, version.changed_by_id) if version.changed_by_id else None
    if writer is not None and writer.is_active and writer.id != actor.id:
        _write(writer, subject, text, document)


def _write(person: Person, subject: str, text: str, document: Document) -> bool:
    where = outbox.link(f"/guidelines/{document.slug}/preview")
    text = f"Hello {person.given_name or person.name},\n\n{text}\n\n{where}\n"
    return write_to(person, subject=subject, text=text) is not None
