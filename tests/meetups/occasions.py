"""Meetups for the tests of calendars: planned by the organiser, with whom she has asked and what they said."""

from datetime import UTC, datetime, timedelta
from secrets import token_hex
from typing import Any

import cast

from registry.db import db, now
from registry.meetups import actions, replying
from registry.meetups.models import Answer, Invitation, Kind, Meetup, Reply, Way
from registry.people.models import Person

#: A Thursday at half past twelve, by the clock of summer.
THURSDAY = datetime(2027, 6, 3, 11, 30, tzinfo=UTC)


def a_meetup(begins_at: datetime = THURSDAY, *, minutes: int = 60, **more: Any) -> Meetup:
    """A meetup that the organiser has planned; flushed, not committed."""
    what = {"kind": Kind.MEETUP, "title": "Photographs that people stop at", "place": "Room 2, County Hall"} | more
    plan = actions.Plan(begins_at=begins_at, ends_at=begins_at + timedelta(minutes=minutes), **what)
    return actions.plan(actor=cast.organiser(), what=plan)


def change(meetup: Meetup, **changes: Any) -> list[Reply]:
    """The organiser changes it; who moves up. Flushed, not committed."""
    kept = {name: getattr(meetup, name) for name in actions.Plan.__dataclass_fields__}
    held = replying.hold(meetup.id)
    assert held is not None
    return actions.change(actor=cast.organiser(), meetup=held, what=actions.Plan(**(kept | changes)))


def call_off(meetup: Meetup, reason: str = "The room is flooded.") -> None:
    """The organiser calls it off; not committed."""
    actions.cancel(actor=cast.organiser(), meetup=meetup, reason=reason)
    db.session.flush()


def invite(meetup: Meetup, person: Person, **more: Any) -> Invitation:
    """Somebody is asked to come; flushed, not committed. No mail is written."""
    invitation = Invitation(
        meetup_id=meetup.id, person_id=person.id,
        **({"invited_at": now(), "invited_by_id": cast.organiser().id, "nonce": token_hex(16)} | more),
    )  # fmt: skip
    db.session.add(invitation)
    db.session.flush()
    return invitation


def say(meetup: Meetup, person: Person, answer: Answer, way: Way = Way.APP, **more: Any) -> Reply:
    """Somebody answers; flushed, not committed. No mail is written."""
    held = replying.hold(meetup.id)
    assert held is not None
    return replying.answer(meetup=held, person=person, answer=answer, way=way, **more)[0]
