"""How people stand with what they must sign: signed, to sign, overdue or declined; now, and at the end of any day.

Now is told by ``Obligation.signed_number``, which is quick. The past is worked out from the spells, the versions and
the evidence alone, as they were; at the end of today both say the same.
"""

import enum
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.db import LONDON, db, go_through_many, today
from registry.guidelines.asking import OPEN
from registry.guidelines.models import DISOWNED, Decline, Document, Obligation, SignOff, Version, VersionState, Why
from registry.guidelines.queries import needed
from registry.people.models import Person, PersonMerge
from registry.people.queries import IN_OFFICE


class State(enum.StrEnum):
    """How somebody stands with a document."""

    SIGNED = "signed"
    #: They have time left.
    OWED = "owed"
    OVERDUE = "overdue"
    DECLINED = "declined"


def end_of(on: date) -> datetime:
    """The moment at which a day is over in London: the first one that is not of it."""
    return datetime.combine(on + timedelta(days=1), time(), LONDON)


def due_on(must: Any) -> sa.ColumnElement[date]:
    """By when an obligation is to be met; ``must`` is the version that is needed, beside it."""
    return sa.case((must.c.due_on > Obligation.due_on, must.c.due_on), else_=Obligation.due_on)


def _state(signed: Any, number: Any, declined: Any, due: Any, on: date) -> sa.Label[str]:
    return sa.case(
        (signed >= number, State.SIGNED.value),
        (declined.is_not(None), State.DECLINED.value),
        (due < sa.literal(on, sa.Date), State.OVERDUE.value),
        else_=State.OWED.value,
    ).label("state")


def _declined(*when: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return sa.and_(Decline.document_id == Obligation.document_id, Decline.person_id == Obligation.person_id, *when)


#: What each obligation is told with, whatever the day: see the two functions below.
TOLD: Final = ("id", "document_id", "person_id", "since", "needed", "due", "state", "version", "signed_at", "sign_off")


def now_standing(*some: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """What everybody must sign who works here, with how they stand now: the columns of ``TOLD``, in no order.

    Only ``some`` obligations, where conditions are given that find few; those are then looked up by nothing else, and
    belong to people who work here. Others may be joined to ``Obligation`` and ``Person``.
    """
    must = needed()
    due = due_on(must)
    return (
        sa.select(
            Obligation.id, Obligation.document_id, Obligation.person_id, Obligation.since_at.label("since"),
            must.c.number.label("needed"), due.label("due"),
            _state(Obligation.signed_number, must.c.number, Decline.id, due, today()),
            sa.func.nullif(Obligation.signed_number, 0).label("version"), Obligation.signed_at,
            sa.null().label("sign_off"),
        )
        .select_from(Obligation)
        .join(must, must.c.document_id == (Obligation.document_id + 0 if some else Obligation.document_id))
        .join(Person, Person.id == Obligation.person_id)
        .outerjoin(Decline, _declined(Decline.settled_at.is_(None)))
        .where(OPEN, *(some or (Person.state.in_(IN_OFFICE),)))
    )  # fmt: skip


def standing_at_end_of(on: date, *some: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The same of a day of the past, in London: who was asked by its end, and which sign-off of theirs counted."""
    end = sa.literal(end_of(on), Obligation.since_at.type)
    must, counted = _needed_at(end), _counting(end, *some)
    due, signed = due_on(must), SignOff.version_number
    declined_by = Decline.declined_at < end, sa.or_(Decline.settled_at.is_(None), Decline.settled_at >= end)
    # Somebody declines, it is settled, and they decline again: one of the two at most is open at any moment.
    return (
        sa.select(
            Obligation.id, Obligation.document_id, Obligation.person_id, Obligation.since_at.label("since"),
            must.c.number.label("needed"), due.label("due"),
            _state(sa.func.coalesce(signed, 0), must.c.number, Decline.id, due, on),
            signed.label("version"), SignOff.signed_at, SignOff.id.label("sign_off"),
        )
        .select_from(Obligation)
        .join(must, must.c.document_id == (Obligation.document_id + 0 if some else Obligation.document_id))
        .join(Person, Person.id == Obligation.person_id)
        .outerjoin(counted, sa.and_(counted.c.obligation_id == Obligation.id, counted.c.place == 1))
        .outerjoin(SignOff, SignOff.id == counted.c.sign_off_id)
        .outerjoin(Decline, _declined(*declined_by))
        .where(*_asked_at(end), _only_one(end), *some)
    )  # fmt: skip


def _asked_at(end: Any, spell: Any = Obligation) -> tuple[sa.ColumnElement[bool], ...]:
    return spell.since_at < end, sa.or_(spell.ended_at.is_(None), spell.ended_at >= end)


def _only_one(end: Any) -> sa.ColumnElement[bool]:
    """Two rows that were merged into one person may each have been asked: the later spell is told."""
    other = aliased(Obligation)
    same = other.document_id == Obligation.document_id, other.person_id == Obligation.person_id
    return ~sa.exists().where(*same, other.id > Obligation.id, *_asked_at(end, other))


def _needed_at(end: Any) -> sa.Subquery:
    """The last material version of each document that held at a moment, and by when it was to be signed."""
    here = sa.or_(Document.retired_at.is_(None), Document.retired_at >= end)
    last = (
        sa.select(Version.document_id, sa.func.max(Version.number).label("number"))
        .join(Document, Document.id == Version.document_id)
        .where(Version.state == VersionState.PUBLISHED, Version.material, Version.published_at < end, here)
        .group_by(Version.document_id)
        .subquery()
    )
    same = sa.and_(Version.document_id == last.c.document_id, Version.number == last.c.number)
    return sa.select(last, Version.due_on).join(Version, same).subquery("needed_then")


def _counting(end: Any, *some: sa.ColumnElement[bool]) -> sa.Subquery:
    """The sign-offs that counted for each spell at a moment, those of merged rows too; the best has place 1."""
    told = (SignOff.document_id, SignOff.id, SignOff.version_number, SignOff.signed_at)
    before = SignOff.signed_at < end, SignOff.id.not_in(DISOWNED.where(Decline.declined_at < end))
    own = sa.select(SignOff.person_id.label("person_id"), *told).where(*before)
    merged = sa.select(PersonMerge.kept_id, *told).join(PersonMerge, PersonMerge.gone_id == SignOff.person_id)
    # Not all of both, which SQLite would go through for each spell, but a set of its own, which it makes an index of.
    theirs = sa.union(own, merged.where(*before)).subquery("theirs")
    # Added to nought, the document's own index is left alone: SQLite would go through all its sign-offs for each row.
    of_document = theirs.c.document_id + 0 == Obligation.document_id
    of_this = sa.and_(theirs.c.person_id == Obligation.person_id, of_document)
    best = (theirs.c.version_number.desc(), theirs.c.signed_at.desc(), theirs.c.id.desc())
    place = sa.func.row_number().over(partition_by=Obligation.id, order_by=best)
    late_enough = sa.or_(Obligation.why == Why.RULE, theirs.c.signed_at >= Obligation.since_at)
    return (
        sa.select(Obligation.id.label("obligation_id"), theirs.c.id.label("sign_off_id"), place.label("place"))
        .join(theirs, of_this)
        .where(late_enough, *_asked_at(end), *some)
        .subquery("counting")
    )


def told(on: date | None, *some: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """How everybody stood at the end of ``on``, or stands now; only ``some``, where conditions are given."""
    return now_standing(*some) if on is None else standing_at_end_of(on, *some)


def standing(on: date | None) -> sa.Subquery:
    """The same of everybody, to select from: the rows of this transaction are taken for many."""
    go_through_many()
    return told(on).subquery("standing")


# --- The file ---------------------------------------------------------------------------------------------

EXPORT_COLUMNS: Final = (
    "person", "document", "version", "signed_at", "sha256", "method", "state", "needed", "since", "due_on",
)  # fmt: skip


def export_rows(on: date) -> sa.Result[Any]:
    """Who had to sign what at the end of ``on``, as ``EXPORT_COLUMNS`` names it, by username and title."""
    then = standing(on)
    return db.session.execute(
        sa.select(
            Person.username, Document.title, then.c.version, then.c.signed_at, SignOff.sha256,
            sa.cast(SignOff.method, sa.Text), then.c.state, then.c.needed, then.c.since, then.c.due,
        )
        .select_from(then)
        .join(Person, Person.id == then.c.person_id)
        .join(Document, Document.id == then.c.document_id)
        .outerjoin(SignOff, SignOff.id == then.c.sign_off)
        .order_by(Person.username, Person.id, Document.title, Document.id)
        .execution_options(yield_per=2000)
    )  # fmt: skip
