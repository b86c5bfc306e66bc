"""Who speaks at a meetup: its agenda, and offers to speak."""

from typing import Final

from registry import audit, outbox
from registry.audit import Somebody
from registry.db import db, now
from registry.meetups.models import AgendaItem, Meetup, OfferState, SpeakingOffer
from registry.people.mail import write_to
from registry.people.models import Person

SPEAKS: Final = audit.declare("meetup.talk-agreed", "{actor} agreed with {person} on a talk at “{subject}”", "person")
#: Lines that an agenda may have.
MOST_LINES: Final = 30


def add(*, meetup: Meetup, title: str, minutes: int, is_talk: bool, speaker: Person | None) -> AgendaItem:
    """Put a line at the end of the agenda."""
    item = AgendaItem(
        position=len(meetup.agenda), minutes=minutes, title=title, is_talk=is_talk or speaker is not None,
        speaker_id=speaker.id if speaker else None,
    )  # fmt: skip
    meetup.agenda.append(item)
    return item


def move(*, meetup: Meetup, item_id: int, up: bool) -> None:
    """Swap a line with the one above, or below."""
    items = list(meetup.agenda)
    place = next((place for place, one in enumerate(items) if one.id == item_id), None)
    other = None if place is None else place - 1 if up else place + 1
    if place is not None and other is not None and 0 <= other < len(items):
        items[place].position, items[other].position = other, place


def take_off(*, meetup: Meetup, item_id: int) -> list[AgendaItem]:
    """Take a line off the agenda; those below it move up. Returns what was taken off, if it was there still."""
    off = [one for one in meetup.agenda if one.id == item_id]
    left = [one for one in meetup.agenda if one.id != item_id]
    meetup.agenda = left
    for position, item in enumerate(left):
        item.position = position
    return off


def offer(*, meetup: Meetup, person: Somebody, title: str, pitch: str, before: SpeakingOffer | None) -> SpeakingOffer:
    """Offer to speak; ``before`` is an earlier offer of the same person, which is then another."""
    given = before or SpeakingOffer(meetup_id=meetup.id, person_id=person.id)
    given.title, given.pitch, given.state = title, pitch, OfferState.OFFERED
    given.offered_at, given.settled_at, given.reply = now(), None, ""
    db.session.add(given)
    db.session.flush()
    return given


def withdraw(*, offer: SpeakingOffer) -> None:
    """Take one's own offer back, as long as nobody has answered it."""
    offer.state, offer.settled_at = OfferState.WITHDRAWN, now()


def accept(*, actor: Somebody, meetup: Meetup, offer: SpeakingOffer, reply: str) -> None:
    """Take an offer: it takes the first free slot of the agenda, or a new line, and its speaker is told."""
    offer.state, offer.settled_at, offer.reply = OfferState.ACCEPTED, now(), reply
    slot = next((one for one in meetup.agenda if one.is_talk and one.speaker_id is None), None)
    if slot is None:
        slot = add(meetup=meetup, title=offer.title, minutes=10, is_talk=True, speaker=None)
    slot.title, slot.speaker_id = offer.title, offer.person_id
    audit.record(
        SPEAKS, actor=actor, subject_kind="meetup", subject_id=meetup.id, subject_name=meetup.title,
        person=offer.person.name,
    )  # fmt: skip
    _tell(meetup, offer, f"You speak at “{meetup.title}”", "We would love to hear it: you are on the agenda.", reply)


def decline(*, meetup: Meetup, offer: SpeakingOffer, reply: str) -> None:
    """Say no, with thanks: another time, say."""
    offer.state, offer.settled_at, offer.reply = OfferState.DECLINED, now(), reply
    _tell(
        meetup, offer, f"Your offer to speak at “{meetup.title}”",
        "Thank you for offering to speak. It does not fit this time; please offer it again.", reply,
    )  # fmt: skip


def _tell(meetup: Meetup, offer: SpeakingOffer, subject: str, words: str, reply: str) -> None:
    more = f"\n\nThe organiser adds: {reply}" if reply else ""
    write_to(
        offer.person, subject=subject,
        text=f"Hello {offer.person.given_name or offer.person.name},\n\n{words}\n\n“{offer.title}”, at {meetup.title},"
        f" {meetup.when}.{more}\n\n{outbox.link(f'/meetups/{meetup.id}')}\n",
    )  # fmt: skip
