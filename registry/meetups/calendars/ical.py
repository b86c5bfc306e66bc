"""Meetups as calendar files (RFC 5545, RFC 5546), which Outlook, Google and Apple keep, answer, move and take away.

A file for one person names that person alone: who else comes is nobody's business.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from flask import Response, current_app

from registry import outbox
from registry.calendar_files import (
    MIMETYPE,
    alarm,
    calendar,
    downloaded,
    name_people,
    organiser,
    plain,
    span_of,
    text_of,
)  # fmt: skip
from registry.config import Settings
from registry.db import now
from registry.meetups.by_link import links
from registry.meetups.models import Invitation, Kind, Meetup, MeetupState, Reply
from registry.people.models import Person

if TYPE_CHECKING:
    from icalendar import Event

#: What a reply is called in RFC 5545, 3.2.12.
PARTSTAT: Final = {
    "": "NEEDS-ACTION", "yes": "ACCEPTED", "remote": "ACCEPTED", "maybe": "TENTATIVE", "waits": "TENTATIVE",
    "no": "DECLINED",
}  # fmt: skip
#: Files of one meetup as it stands that somebody may get, each outdoing the one before; see ``edition``.
EDITIONS: Final = 100


def request(
    meetup: Meetup, person: Person, *, invitation: Invitation | None = None, reply: Reply | None = None
) -> str:  # fmt: skip
    """The file that asks one person to come, or tells them what has changed (METHOD:REQUEST).

    ``invitation`` is theirs, where they have one: its link to answer goes with it, unless it was revoked. ``reply`` is
    what they said. Nothing is asked of the database.
    """
    said = reply.said if reply else ""
    event = _event(meetup, reply, answer_at=links.open_address(invitation))
    event.add("dtstamp", now())
    event.add("status", "CONFIRMED")
    _name_people(event, person, said)
    event.add_component(alarm(meetup.title))
    return calendar("REQUEST", [event])


def cancel(meetup: Meetup, person: Person, *, reply: Reply | None = None) -> str:
    """The file that takes a meetup out of one person's calendar (METHOD:CANCEL): it is called off, or they do not come.

    ``reply`` is what they said. Where only they do not come, there is no STATUS (RFC 5546, 3.2.5).
    """
    event = _event(meetup, reply)
    event.add("dtstamp", now())
    if not _takes_place(meetup):
        event.add("status", "CANCELLED")
    _name_people(event, person, "no")
    return calendar("CANCEL", [event])


def published(
    meetups: Iterable[Meetup], *, name: str = "", said: Mapping[int, str] | None = None,
    answer_at: Mapping[int, str] | None = None,
) -> str:  # fmt: skip
    """Some meetups to keep, or to read again and again (METHOD:PUBLISH): the same file as long as nothing changes.

    ``name`` is that of a feed; ``said`` and ``answer_at`` hold by the id of a meetup what the reader said, and where
    they answer.
    """
    said, answer_at = said or {}, answer_at or {}
    events = []
    for meetup in meetups:
        event = _event(meetup, answer_at=answer_at.get(meetup.id, ""))
        event.add("dtstamp", meetup.changed_at)
        event["organizer"] = organiser()
        word = said.get(meetup.id, "yes")
        event.add("status", _status(meetup, word))
        event.add("transp", "OPAQUE" if word in ("yes", "remote") and _takes_place(meetup) else "TRANSPARENT")
        if _takes_place(meetup):
            event.add_component(alarm(meetup.title))
        events.append(event)
    return calendar("PUBLISH", events, name)


def download(meetup: Meetup, said: str = "yes", answer_at: str = "") -> Response:
    """A meetup as a file to keep, for whoever asks by hand; ``said`` is what they said, empty for nothing yet."""
    text = published([meetup], said={meetup.id: said}, answer_at={meetup.id: answer_at})
    return downloaded(text, f"meetup-{meetup.id}")


def removal(meetup: Meetup, person: Person, reply: Reply | None) -> Response:
    """The file that takes out of their calendar what was called off, for whom a mail has put it there."""
    return downloaded(cancel(meetup, person, reply=reply), f"meetup-{meetup.id}", f"{MIMETYPE}; method=CANCEL")


def _takes_place(meetup: Meetup) -> bool:
    return meetup.state is MeetupState.PLANNED


def _status(meetup: Meetup, said: str) -> str:
    if not _takes_place(meetup):
        return "CANCELLED"
    return "CONFIRMED" if said in ("yes", "remote") else "TENTATIVE"


@dataclass(frozen=True, slots=True)
class Answered:
    """What somebody's calendar answers to a meetup, as it was at ``sequence``, and when they said so."""

    uid: str
    #: Of the one who answers, in lower case.
    address: str
    partstat: str
    sequence: int
    at: datetime


def answer_in(text: str) -> Answered | None:
    """What a file of METHOD:REPLY answers; ``None`` where it is another, or says not who, what and when exactly."""
    from icalendar import Calendar

    try:
        calendar = Calendar.from_ical(text)
        events = calendar.walk("VEVENT")
        if str(calendar.get("method", "")).upper() != "REPLY" or len(events) != 1:
            return None
        event: Any = events[0]
        attendee, at = event["attendee"], event["dtstamp"].dt
        if isinstance(attendee, list) or not isinstance(at, datetime) or at.tzinfo is None:
            return None
        address = str(attendee).strip().lower().removeprefix("mailto:")
        partstat = str(attendee.params.get("PARTSTAT", "")).upper()
        return Answered(str(event["uid"]), address, partstat, int(event.get("sequence", 0)), at.astimezone(UTC))
    except (ValueError, TypeError, LookupError, AttributeError, OverflowError):
        return None  # What others send may be anything.


# --- What is in a file --------------------------------------------------------------------------------------


def edition(meetup: Meetup, reply: Reply | None) -> int:
    """The SEQUENCE of a file for one person: higher with each change of the meetup, and with each answer that they were
    told of, so that a CANCEL after a no, and a yes after that, each outdo what came before (RFC 5546, 2.1.4 and 3.2.5).
    """
    return meetup.sequence * EDITIONS + min(reply.mails if reply else 0, EDITIONS - 1)


def _event(meetup: Meetup, reply: Reply | None = None, *, answer_at: str = "") -> "Event":
    from icalendar import Event

    event = Event()
    event.add("uid", meetup.uid)
    event.add("sequence", edition(meetup, reply))
    event.add("last-modified", meetup.changed_at)
    begins, ends = span_of(meetup.begins_at, meetup.ends_at)
    event.add("dtstart", begins)
    event.add("dtend", ends)
    event.add("summary", text_of(meetup.title))
    event.add("description", text_of(_description(meetup, answer_at)))
    if place := meetup.place or meetup.online_link:
        event.add("location", text_of(place))
    event.add("url", outbox.link(f"/meetups/{meetup.id}"))
    # Colleagues who may look into somebody's calendar need not see the link that answers for them.
    event.add("class", "PRIVATE")
    return event


def _description(meetup: Meetup, answer_at: str) -> str:
    parts = [meetup.about] if meetup.about else []
    if not _takes_place(meetup) and meetup.cancelled_reason:
        parts.insert(0, f"Called off: {meetup.cancelled_reason}")
    if meetup.online_link:
        parts.append(f"Join online: {meetup.online_link}")
    if meetup.kind is Kind.EXTERNAL and meetup.page:
        parts.append(f"The organisers' page: {meetup.page}")
    if answer_at and _takes_place(meetup):
        parts.append(f"Answer, or change your answer: {answer_at}\nThis link is yours alone. Keep it to yourself.")
    parts.append(f"All about it: {outbox.link(f'/meetups/{meetup.id}')}")
    return "\n\n".join(plain(part) for part in parts)


def _name_people(event: "Event", person: Person, said: str) -> None:
    """Who asks and who is asked. Where nobody reads the answers of calendars, none is asked for."""
    settings: Settings = current_app.config["SETTINGS"]
    asks = bool(settings.reply_mailbox) and said == ""
    name_people(event, name=person.name, mail=person.mail or "", partstat=PARTSTAT[said], asks=asks)
