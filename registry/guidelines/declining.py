"""Somebody will not sign, and says why: comms talk with them, until they sign after all or it is settled."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.audit import Somebody
from registry.db import db, now
from registry.guidelines import letters
from registry.guidelines.asking import ask_anew
from registry.guidelines.models import Decline, Document, Version
from registry.guidelines.queries import current, owed_by
from registry.guidelines.taking_back import put_right
from registry.people.merging import BEFORE_MERGING
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

# What people wrote is told to comms and kept in the row: the history, which is for good, says only that they did.
DECLINED: Final = audit.declare(
    "guidelines.declined", "{actor} said why they do not sign version {number} of “{subject}”", "number"
)
SETTLED: Final = audit.declare(
    "guidelines.decline-settled", "{actor} answered {person} about not signing “{subject}”", "person", "person_id"
)
ASKED_AGAIN: Final = audit.declare(
    "guidelines.decline-answered", "{actor} answered {person} and asked them to sign “{subject}” again", "person",
    "person_id",
)  # fmt: skip
_UNSETTLED: Final = Decline.settled_at.is_(None)
#: Nobody talks with those who have left; when they are back, it waits again.
_OPEN: Final = sa.and_(_UNSETTLED, Decline.person_id.in_(sa.select(Person.id).where(Person.state.in_(IN_OFFICE))))


class NothingToDecline(Exception):
    """They owe no signature here, or the version that they saw is no longer the one to sign."""


class SettledAlready(Exception):
    """A colleague was quicker, or the person has signed."""


def decline_of(*, document_id: int, person_id: int) -> Decline | None:
    """What somebody said of a document and comms have not settled yet."""
    mine = sa.and_(Decline.document_id == document_id, Decline.person_id == person_id, _UNSETTLED)
    return db.session.scalar(sa.select(Decline).where(mine))


def open_declines() -> Sequence[Decline]:
    """All that waits for comms from those who work here, with person, team, document and version, the oldest first."""
    return db.session.scalars(_whole().where(_OPEN).order_by(Decline.declined_at, Decline.id)).all()


def with_all(decline_id: int) -> Decline | None:
    """One of them, settled or not."""
    one: Decline | None = db.session.scalar(_whole().where(Decline.id == decline_id))
    return one


def _whole() -> sa.Select[Any]:
    team = joinedload(Decline.person).joinedload(Person.team)
    return sa.select(Decline).options(team, joinedload(Decline.document), joinedload(Decline.version))


def open_count() -> int:
    """How many wait for comms."""
    return db.session.scalar(sa.select(sa.func.count(Decline.id)).where(_OPEN)) or 0


def declines_of(person_id: int) -> Sequence[Decline]:
    """What somebody has said and is not settled yet, with the documents."""
    mine = sa.select(Decline).where(_UNSETTLED, Decline.person_id == person_id)
    return db.session.scalars(mine.options(joinedload(Decline.document)).order_by(Decline.id)).all()


def decline(*, version: Version, document: Document, person: Person, reason: str) -> Decline:
    """``person`` will not sign ``version``, and says why; comms are written to.

    Saying the same again changes nothing; other words take the place of the first. Raises ``NothingToDecline``.
    """
    in_force = current(document.id)
    owed = any(one.id == document.id for one in owed_by(person.id))
    if in_force is None or in_force.id != version.id or not owed:
        raise NothingToDecline
    said = decline_of(document_id=document.id, person_id=person.id)
    if said is None:
        said = Decline(document_id=document.id, person_id=person.id, declined_at=now(), reason="")
        db.session.add(said)
    elif reason == said.reason or (said.sign_off_id and reason in said.reason):
        return said
    said.version_id = version.id
    # That they did not sign what was entered for them stays said, whatever else they say.
    said.reason = f"{said.reason}\n\n{reason}" if said.sign_off_id else reason
    db.session.flush()
    _record(DECLINED, document, person, number=version.number)
    put_right(person.id)
    letters.was_declined(said, document, person)
    return said


def settle(*, decline: Decline, answer: str, again: bool, actor: Somebody) -> None:
    """Comms answer somebody, who is written to; ``again``: and ask them anew, with the whole time to sign.

    ``decline`` comes with its person and document. Raises ``SettledAlready``.
    """
    held = sa.select(Decline.settled_at).where(Decline.id == decline.id).with_for_update()
    if db.session.execute(held).scalar_one() is not None:
        raise SettledAlready
    decline.settled_at, decline.answer, decline.settled_by_id = now(), answer, actor.id
    if again:
        ask_anew(document=decline.document, person_id=decline.person_id)
    told = {"person": decline.person.name, "person_id": decline.person_id}
    _record(ASKED_AGAIN if again else SETTLED, decline.document, actor, **told)
    letters.was_answered(decline, again=again)


def settle_by_signing(*, document: Document, person: Person) -> None:
    """Whoever signs after all has settled what they said before."""
    if said := decline_of(document_id=document.id, person_id=person.id):
        said.settled_at, said.settled_by_id = now(), person.id


def _end_what_both_said(gone_id: int, kept_id: int) -> None:
    """Where two rows of one human being have both said something, it is settled once; each row of it stays."""
    said = sa.select(Decline).where(_UNSETTLED, Decline.person_id == gone_id).order_by(Decline.id)
    for one in db.session.scalars(said).all():
        if theirs := decline_of(document_id=one.document_id, person_id=kept_id):
            one.settled_at = now()
            if one.reason not in theirs.reason:
                theirs.reason = f"{theirs.reason}\n\n{one.reason}"
    db.session.flush()


BEFORE_MERGING.append(_end_what_both_said)


def _record(name: str, document: Document, actor: Somebody, **fields: object) -> None:
    audit.record(
        name, actor=actor, subject_kind="document", subject_id=document.id, subject_name=document.title, **fields
    )
