"""Drop-in slots with the comms team: made by comms, booked by one colleague each."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import aliased, joinedload

from registry import audit
from registry.audit import Somebody
from registry.db import db, now
from registry.network import letters
from registry.network.models import DropIn
from registry.people.models import Person, PersonState

MADE: Final = audit.declare("drop-in.made", "{actor} offered {slots} drop-in slots", "slots")
BOOKED: Final = audit.declare("drop-in.booked", "{actor} booked a drop-in with {subject}")
CANCELLED: Final = audit.declare("drop-in.cancelled", "{actor} cancelled a drop-in with {subject}")
WITHDRAWN: Final = audit.declare("drop-in.withdrawn", "{actor} took a drop-in slot back")
#: How long slots that are over stay on the page.
SHOWN_AFTER: Final = timedelta(hours=2)


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
    seen = sa.true() if everyones else sa.or_(
        DropIn.booked_by_id.is_(None), DropIn.booked_by_id == person_id, DropIn.host_id == person_id
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
    """``person`` takes the slot; both are written to. Of two at once one gets it: the other hears ``Taken``.

    Raises ``HasOne``, too.
    """
    to_come = sa.exists().where(DropIn.booked_by_id == person.id, DropIn.starts_at > now())
    if db.session.scalar(sa.select(to_come)):
        raise HasOne
    free = sa.and_(DropIn.id == slot.id, DropIn.booked_by_id.is_(None), DropIn.starts_at > now())
    taking = sa.update(DropIn).where(free).values(booked_by_id=person.id, booked_at=now(), about=about)
    taken: Any = db.session.execute(taking.execution_options(synchronize_session=False))
    if taken.rowcount != 1:
        raise Taken
    db.session.refresh(slot)
    slot.booked_by = person
    _record(BOOKED, slot, person)
    letters.booked(slot, slot.host, for_host=True)
    letters.booked(slot, person, for_host=False)


def cancel(*, slot: DropIn, actor: Somebody) -> None:
    """The slot is free again; whoever did not cancel it is written to. ``slot`` comes with its people."""
    was = slot.booked_by
    if was is None:
        return
    slot.booked_by, slot.booked_by_id, slot.booked_at, slot.about = None, None, None, ""
    db.session.flush()
    _record(CANCELLED, slot, actor)
    for person in {slot.host.id: slot.host, was.id: was}.values():
        if person.id != actor.id:
            letters.cancelled(slot, person, by=actor.name)


def withdraw(*, slot: DropIn, actor: Somebody) -> None:
    """The slot is no more; whoever had booked it is written to. ``slot`` comes with its people."""
    if slot.booked_by is not None:
        letters.cancelled(slot, slot.booked_by, by=actor.name)
    _record(WITHDRAWN, slot, actor)
    db.session.delete(slot)
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
        if slot.host.state is PersonState.LEFT:
            withdraw(slot=slot, actor=slot.host)
        elif slot.booked_by:
            cancel(slot=slot, actor=slot.booked_by)
    return len(slots)


def _record(name: str, slot: DropIn, actor: Somebody) -> None:
    host = slot.host
    audit.record(name, actor=actor, subject_kind="person", subject_id=host.id, subject_name=host.name)
