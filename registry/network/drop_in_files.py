"""Booked drop-ins as files for calendars: asked for by mail, kept by hand, and taken out again when they fall out.

Each booking is an appointment of its own, known by its slot and the moment at which it was booked.
"""

from datetime import timedelta
from typing import TYPE_CHECKING

from registry import outbox
from registry.calendar_files import alarm, calendar, name_people, span_of, text_of
from registry.db import now
from registry.network.models import DropIn
from registry.people.models import Person

if TYPE_CHECKING:
    from icalendar import Event


def request(slot: DropIn, person: Person) -> str:
    """The file that puts a booked slot into the calendar of one of the two (METHOD:REQUEST)."""
    event = _event(slot, person)
    event.add("status", "CONFIRMED")
    name_people(event, name=person.name, mail=person.mail or "", partstat="ACCEPTED")
    event.add_component(alarm(_title(slot, person)))
    return calendar("REQUEST", [event])


def cancel(slot: DropIn, person: Person) -> str:
    """The file that takes it out again (METHOD:CANCEL). ``slot`` is as it was booked."""
    event = _event(slot, person, sequence=1)
    event.add("status", "CANCELLED")
    name_people(event, name=person.name, mail=person.mail or "", partstat="DECLINED")
    return calendar("CANCEL", [event])


def published(slot: DropIn, person: Person) -> str:
    """A booked slot as one of the two keeps it by hand (METHOD:PUBLISH)."""
    event = _event(slot, person)
    event.add("status", "CONFIRMED")
    event.add_component(alarm(_title(slot, person)))
    return calendar("PUBLISH", [event])


def _title(slot: DropIn, person: Person) -> str:
    other = slot.booked_by if person.id == slot.host_id else slot.host
    return f"Drop-in with {other.name}" if other else "Drop-in"


def _event(slot: DropIn, person: Person, *, sequence: int = 0) -> "Event":
    from icalendar import Event

    booked_at = slot.booked_at or now()
    event = Event()
    event.add("uid", f"drop-in-{slot.id}-{int(booked_at.timestamp() * 1_000_000)}@social-account-registry")
    event.add("sequence", sequence)
    event.add("dtstamp", now())
    begins, ends = span_of(slot.starts_at, slot.starts_at + timedelta(minutes=slot.minutes))
    event.add("dtstart", begins)
    event.add("dtend", ends)
    event.add("summary", text_of(_title(slot, person)))
    page = outbox.link(f"/people/drop-ins/{slot.id}")
    about = f"{slot.about}\n\n" if slot.about else ""
    event.add(
        "description",
        text_of(f"{about}Where: {slot.place}\n\nIf it does not suit you any more, cancel it here: {page}"),
    )
    event.add("location", text_of(slot.place))
    event.add("url", page)
    # What somebody would like help with is no business of those who may look into their calendar.
    event.add("class", "PRIVATE")
    return event
