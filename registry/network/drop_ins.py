"""Drop-in slots with the comms team: made by comms, booked by one colleague each."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload

from registry import audit, outbox
from registry.audit import Somebody
from registry.db import LONDON, day_of, db, now
from registry.network import letters
from registry.network.models import DropIn
from registry.people.models import Person, PersonState
from registry.people.queries import IN_OFFICE
from registry.workdays import is_working_day

MADE: Final = audit.declare("drop-in.made", "{actor} offered {slots} drop-in slots", "slots")
BOOKED: Final = audit.declare("drop-in.booked", "{actor} booked a drop-in with {subject}")
CANCELLED: Final = audit.declare("drop-in.cancelled", "{actor} cancelled a drop-in with {subject}")
FELL_OUT: Final = audit.declare("drop-in.fell-out", "A drop-in with {subject} fell out, as one of the two has left")
WITHDRAWN: Final = audit.declare("drop-in.withdrawn", "{actor} took a drop-in slot back")
#: How long slots that are over stay on the page.
SHOWN_AFTER: Final = timedelta(hours=2)
#: The hour in London at which both are reminded.
REMINDED_AT: Final = time(8)


class Taken(Exception):
    """A colleague was quicker, or the slot is over."""


class HasOne(Exception):
    """They have booked one that is still to come: one at a time, so that others get one too."""


class Overlaps(Exception):
    """The host has a slot at one of these times already."""


# --- Reading ----------------------------------------------------------------------------------------------


def _with_people() -> sa.Select[Any]:
    return sa.select(DropIn).options(
        joinedload(DropIn.host).joinedload(Person.team), joinedload(DropIn.booked_by).joinedload(Person.team)
    )


def slot(slot_id: int) -> DropIn | None:
    """One slot with its people."""
    one: DropIn | None = db.session.scalar(_with_people().where(DropIn.id == slot_id))
    return one


def upcoming(person_id: int, *, everyones: bool) -> Sequence[DropIn]:
    """The slots to come that somebody may see, the first first: free ones, their own, with ``everyones`` all."""
    here = sa.exists().where(Person.id == DropIn.host_id, Person.state.in_(IN_OFFICE))
    seen = sa.true() if everyones else sa.or_(
        sa.and_(DropIn.booked_by_id.is_(None), here), DropIn.booked_by_id == person_id, DropIn.host_id == person_id
    )  # fmt: skip
    some = _with_people().where(DropIn.starts_at > now() - SHOWN_AFTER, seen)
    return db.session.scalars(some.order_by(DropIn.starts_at, DropIn.id)).all()


# --- Writing ----------------------------------------------------------------------------------------------


def make(*, host: Person, first: datetime, minutes: int, slots: int, place: str, actor: Somebody) -> list[DropIn]:
    """Slots one after the other from ``first`` on. Raises ``Overlaps``: the button was pressed twice, say."""
    ends = first + timedelta(minutes=minutes * slots)
    near = sa.select(DropIn).where(
        DropIn.host_id == host.id, DropIn.starts_at < ends, DropIn.starts_at > first - timedelta(minutes=120)
    )
    if any(one.starts_at + timedelta(minutes=one.minutes) > first for one in db.session.scalars(near)):
        raise Overlaps
    made = [
        DropIn(host_id=host.id, starts_at=first + timedelta(minutes=minutes * number), minutes=minutes, place=place)
        for number in range(slots)
    ]
    try:
        with db.session.begin_nested():
            db.session.add_all(made)
    except IntegrityError:
        raise Overlaps from None
    audit.record(MADE, actor=actor, subject_kind="person", subject_id=host.id, subject_name=host.name, slots=slots)
    return made


def book(*, slot: DropIn, person: Person, about: str) -> None:
    """``person`` takes the slot; both are written to, and reminded. ``slot`` comes with its people.

    Of two at once one gets it: the other hears ``Taken``. Raises ``HasOne``, too.
    """
    to_come = sa.exists().where(DropIn.booked_by_id == person.id, DropIn.starts_at > now())
    if db.session.scalar(sa.select(to_come)):
        raise HasOne
    if person.id == slot.host_id or not slot.host.is_active:
        raise Taken
    free = sa.and_(DropIn.id == slot.id, DropIn.booked_by_id.is_(None), DropIn.starts_at > now())
    taking = sa.update(DropIn).where(free).values(booked_by_id=person.id, booked_at=now(), about=about)
    taken: Any = db.session.execute(taking.execution_options(synchronize_session=False))
    if taken.rowcount != 1:
        raise Taken
    db.session.refresh(slot)
    slot.booked_by = person
    _record(BOOKED, slot, person)
    for one in (slot.host, person):
        letters.booked(slot, one)
    _remind_of(slot)


def _remind_of(slot: DropIn) -> None:
    """Have both reminded on the working day before, where that is to come."""
    day = day_of(slot.starts_at) - timedelta(days=1)
    while not is_working_day(day):
        day -= timedelta(days=1)
    at = datetime.combine(day, REMINDED_AT, LONDON)
    if at > now():
        both = [one for one in (slot.host, slot.booked_by) if one and one.mail]
        outbox.post_many([letters.reminder_of(slot, one, about=_about(slot)) for one in both], due_at=at)


def _about(slot: DropIn) -> str:
    return f"drop-in-{slot.id}"


def cancel(*, slot: DropIn, actor: Somebody) -> None:
    """The slot is free again; both are written to, so that it is in no calendar. ``slot`` comes with its people."""
    if slot.booked_by is None:
        return
    _fall_out(slot, why=f"{actor.name} has cancelled it.", but_to=actor.id)
    _free(slot)
    _record(CANCELLED, slot, actor)


def withdraw(*, slot: DropIn, actor: Somebody) -> None:
    """The slot is no more; where it was booked, both are written to. ``slot`` comes with its people."""
    _fall_out(slot, why=f"{actor.name} has taken the slot back.", but_to=actor.id)
    _record(WITHDRAWN, slot, actor)
    db.session.delete(slot)
    db.session.flush()


def _fall_out(slot: DropIn, *, why: str, but_to: int | None = None) -> None:
    """Tell both why a booked slot falls out, and whoever ``but_to`` is that they have cancelled it themself."""
    if slot.booked_by is None:
        return
    for person in (slot.host, slot.booked_by):
        letters.cancelled(slot, person, why="You have cancelled it." if person.id == but_to else why)
    outbox.withdraw(sa.select(outbox.Message.id).where(outbox.waiting(_about(slot))))


def _free(slot: DropIn) -> None:
    slot.booked_by, slot.booked_by_id, slot.booked_at, slot.about = None, None, None, ""
    db.session.flush()


def settle_the_left() -> int:
    """Free the slots to come that a leaver had booked, and take those back that one had offered; how many.

    Whoever waited for them is told. In the caller's transaction, for the worker.
    """
    guest = aliased(Person)
    gone = sa.or_(Person.state == PersonState.LEFT, guest.state == PersonState.LEFT)
    some = _with_people().join(Person, Person.id == DropIn.host_id).outerjoin(guest, guest.id == DropIn.booked_by_id)
    slots = db.session.scalars(some.where(DropIn.starts_at > now(), gone).order_by(DropIn.id)).all()
    for slot in slots:
        leaver = slot.booked_by if slot.host.state is not PersonState.LEFT else slot.host
        _fall_out(slot, why=f"{leaver.name if leaver else 'A colleague'} does not work here any more.")
        _record(FELL_OUT, slot, None)
        if leaver is slot.host:
            db.session.delete(slot)
        else:
            _free(slot)
    db.session.flush()
    return len(slots)


def _record(name: str, slot: DropIn, actor: Somebody | None) -> None:
    host = slot.host
    audit.record(name, actor=actor, subject_kind="person", subject_id=host.id, subject_name=host.name)
