"""What of the peer network waits for somebody, for their home page: one question for all of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa

from registry.db import UtcDateTime, db, now
from registry.network.models import (
    DropIn,
    HelpAnswer,
    HelpAsked,
    HelpCall,
    Introduction,
    Voice,
    VoiceState,
)
from registry.people.models import Person
from registry.people.queries import IN_OFFICE
from registry.web import moment

#: How long an introduction is on the home page, and thanks are.
INTRODUCED: Final = timedelta(days=14)
THANKED: Final = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Waits:
    """One thing: what it is, in a line and a hint, and where it is settled."""

    text: str
    hint: str
    path: str
    button: str


def waiting_for(person_id: int) -> Sequence[Waits]:
    """What somebody is asked, told or has booked, the oldest first."""
    rows = db.session.execute(sa.union_all(*_asked(person_id)))
    found = sorted(rows, key=lambda row: (row.at, row.kind, row.id))
    return [_as_words(row) for row in found]


def _asked(me: int) -> list[sa.Select[Any]]:
    return [*_of_help(me), *_of_introductions(me), *_of_comms(me)]


def _row(kind: str, number: Any, words: Any, at: Any) -> sa.Select[Any]:
    """What it is, its number, whom it is about, some words, and since when or at what time."""
    columns = (sa.literal(kind).label("kind"), number.label("id"), Person.name.label("name"))
    return sa.select(*columns, words.label("words"), sa.type_coerce(at, UtcDateTime()).label("at"))


def _of_help(me: int) -> list[sa.Select[Any]]:
    unsettled, here = HelpCall.settled_at.is_(None), Person.state.in_(IN_OFFICE)
    return [
        _row("help", HelpCall.id, HelpCall.text, HelpAsked.asked_at)
        .select_from(HelpAsked).join(HelpCall, HelpCall.id == HelpAsked.call_id)
        .join(Person, Person.id == HelpCall.asker_id)
        .where(HelpAsked.person_id == me, HelpAsked.answer == HelpAnswer.WAITING, unsettled, here),
        _row("answer", HelpCall.id, HelpCall.text, HelpAsked.answered_at)
        .select_from(HelpCall).join(HelpAsked, HelpAsked.call_id == HelpCall.id)
        .join(Person, Person.id == HelpAsked.person_id)
        .where(HelpCall.asker_id == me, HelpAsked.answer == HelpAnswer.CAN, unsettled, here),
        _row("thanks", HelpCall.id, HelpCall.thanks, HelpCall.settled_at)
        .select_from(HelpAsked).join(HelpCall, HelpCall.id == HelpAsked.call_id)
        .join(Person, Person.id == HelpCall.asker_id)
        .where(HelpAsked.person_id == me, HelpAsked.answer == HelpAnswer.CAN, HelpCall.thanks != "",
               HelpCall.settled_at > now() - THANKED),
    ]  # fmt: skip


def _of_introductions(me: int) -> list[sa.Select[Any]]:
    return [
        _row("introduced", Introduction.id, Introduction.reasons, Introduction.made_at)
        .select_from(Introduction).join(Person, Person.id == Introduction.buddy_id)
        .where(Introduction.alone_id == me, Introduction.alone_settled_at.is_(None), Person.state.in_(IN_OFFICE),
               Introduction.made_at > now() - INTRODUCED),
        _row("introduced", Introduction.id, Introduction.reasons, Introduction.made_at)
        .select_from(Introduction).join(Person, Person.id == Introduction.alone_id)
        .where(Introduction.buddy_id == me, Introduction.buddy_settled_at.is_(None), Person.state.in_(IN_OFFICE),
               Introduction.made_at > now() - INTRODUCED),
    ]  # fmt: skip


def _of_comms(me: int) -> list[sa.Select[Any]]:
    return [
        _row("voice", Voice.id, Voice.subject, Voice.asked_at)
        .select_from(Voice).join(Person, Person.id == Voice.asked_by_id)
        .where(Voice.person_id == me, Voice.state == VoiceState.ASKED),
        _row("slot", DropIn.id, DropIn.place, DropIn.starts_at)
        .select_from(DropIn).join(Person, Person.id == DropIn.host_id)
        .where(DropIn.booked_by_id == me, DropIn.starts_at > now()),
        _row("slot", DropIn.id, DropIn.about, DropIn.starts_at)
        .select_from(DropIn).join(Person, Person.id == DropIn.booked_by_id)
        .where(DropIn.host_id == me, DropIn.starts_at > now()),
    ]  # fmt: skip


def _as_words(row: Any) -> Waits:
    if row.kind == "help":
        return Waits(f"{row.name} asks for your help", row.words, f"/people/help/{row.id}", "Answer")
    if row.kind == "answer":
        hint = f"You asked: {row.words}"
        return Waits(f"{row.name} can help you", hint, f"/people/help/{row.id}", "See how")
    if row.kind == "thanks":
        return Waits(f"{row.name} thanks you", row.words, f"/people/help/{row.id}", "Read it")
    if row.kind == "introduced":
        hint = f"Why you two: {row.words}."
        return Waits(f"You were introduced to {row.name}", hint, "/people/me/introductions", "See who")
    if row.kind == "voice":
        hint = row.words or "Comms would like to ask you when somebody needs an expert."
        return Waits("Would you be a credible voice?", hint, "/people/me/voice", "Answer")
    hint = f"{moment(row.at)}. {row.words}".rstrip(". ")
    return Waits(f"Drop-in with {row.name}", hint, f"/people/drop-ins/{row.id}", "See it")
