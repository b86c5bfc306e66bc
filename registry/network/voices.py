"""Credible voices: colleagues who know a subject and have said yes to speaking about it for the organisation."""

from collections.abc import Iterable, Sequence
from datetime import date
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from registry import audit
from registry.accounts.actions import topics_named
from registry.accounts.models import Topic
from registry.audit import Somebody
from registry.db import db, is_sqlite, now, one_of
from registry.network import letters
from registry.network.actions import forget_topics
from registry.network.models import Voice, VoiceState, voice_topic
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

ASKED: Final = audit.declare("voice.asked", "{actor} asked {subject} to be a credible voice")
ACCEPTED: Final = audit.declare("voice.accepted", "{actor} agreed to be a credible voice")
DECLINED: Final = audit.declare("voice.declined", "{actor} would rather not be a credible voice")
CHANGED: Final = audit.declare("voice.changed", "{actor} changed what they can speak about")
TAKEN_BACK: Final = audit.declare("voice.taken-back", "{actor} is a credible voice no more")
ENDED: Final = audit.declare("voice.ended", "{actor} took the tag of a credible voice from {subject}")
TRAINED: Final = audit.declare("voice.trained", "{actor} noted the media training of {subject}", "day")


class SaidNo(Exception):
    """They were asked and would rather not: they can still offer it themselves."""


class AskedAlready(Exception):
    """They were asked and have not answered, or are a voice already."""


# --- Reading ----------------------------------------------------------------------------------------------


def of(person_id: int) -> Voice | None:
    """What there is of somebody, whatever they have said, with its topics and who asked."""
    one: Voice | None = db.session.scalar(_with_all().where(Voice.person_id == person_id))
    return one


def _with_all() -> sa.Select[Any]:
    return sa.select(Voice).options(
        joinedload(Voice.person).joinedload(Person.team), joinedload(Voice.asked_by), selectinload(Voice.topics)
    )


def among(person_ids: Iterable[int]) -> set[int]:
    """Those of some people who are credible voices."""
    return set(db.session.scalars(_among(is_sqlite()), {"ids": list(person_ids)}))


@lru_cache(maxsize=2)
def _among(_sqlite: bool) -> sa.Select[Any]:
    return sa.select(Voice.person_id).where(one_of(Voice.person_id, "ids"), Voice.state == VoiceState.YES)


def listed(topic_id: int | None = None, *, trained: bool = False) -> Sequence[Voice]:
    """All who said yes and work here, by name; about a topic, or with media training, only."""
    some = _with_all().join(Person, Person.id == Voice.person_id)
    some = some.where(Voice.state == VoiceState.YES, Person.state.in_(IN_OFFICE))
    if topic_id is not None:
        some = some.where(Voice.topics.any(Topic.id == topic_id))
    if trained:
        some = some.where(Voice.trained_on.is_not(None))
    return db.session.scalars(some.order_by(Person.name, Person.id)).all()


def waiting() -> Sequence[Voice]:
    """Who was asked and has not answered, the first asked first; for comms."""
    some = _with_all().join(Person, Person.id == Voice.person_id)
    some = some.where(Voice.state == VoiceState.ASKED, Person.state.in_(IN_OFFICE))
    return db.session.scalars(some.order_by(Voice.asked_at, Voice.id)).all()


def topics() -> Sequence[tuple[int, str]]:
    """The id and name of each topic that a voice can speak about, by name."""
    used = sa.select(voice_topic.c.topic_id).join(Voice, Voice.id == voice_topic.c.voice_id)
    used = used.join(Person, Person.id == Voice.person_id)
    used = used.where(Voice.state == VoiceState.YES, Person.state.in_(IN_OFFICE))
    rows = db.session.execute(sa.select(Topic.id, Topic.name).where(Topic.id.in_(used)).order_by(Topic.key))
    return [(row.id, row.name) for row in rows]


# --- Writing ----------------------------------------------------------------------------------------------


def propose(*, person: Person, subject: str, about: Iterable[str], actor: Somebody) -> Voice:
    """Comms ask somebody, who is written to. Nothing is shown until they say yes.

    Raises ``AskedAlready``, or ``SaidNo``: nobody is asked again who would rather not.
    """
    voice = of(person.id)
    if voice is not None:
        raise SaidNo if voice.state is VoiceState.NO else AskedAlready
    voice = Voice(person_id=person.id, state=VoiceState.ASKED, asked_at=now(), asked_by_id=actor.id, topics=[])
    _say(voice, subject, about)
    audit.record(ASKED, actor=actor, subject_kind="person", subject_id=person.id, subject_name=person.name)
    letters.asked_for_voice(person, subject, by=actor.name)
    return voice


def offer(*, person: Somebody, subject: str, about: Iterable[str]) -> Voice:
    """Somebody says what they can speak about: that is their yes, whoever had asked and whatever they said before."""
    voice, at = of(person.id), now()
    was = voice.state if voice else None
    if voice is None:
        voice = Voice(person_id=person.id, asked_at=at, topics=[])
    voice.state = VoiceState.YES
    if was is not VoiceState.YES:
        voice.answered_at = at
    _say(voice, subject, about)
    _record(CHANGED if was is VoiceState.YES else ACCEPTED, person)
    return voice


def _say(voice: Voice, subject: str, about: Iterable[str]) -> None:
    before = [topic.id for topic in voice.topics]
    voice.subject, voice.topics = subject, topics_named(about)
    db.session.add(voice)
    db.session.flush()
    forget_topics(before)


def decline(*, voice: Voice, person: Somebody) -> None:
    """Somebody who was asked, or is a voice, says no; that they did stays, so that nobody asks again."""
    if voice.state is VoiceState.NO:
        return
    was, voice.state, voice.answered_at = voice.state, VoiceState.NO, now()
    said = [topic.id for topic in voice.topics]
    voice.subject, voice.topics = "", []
    forget_topics(said)
    _record(DECLINED if was is VoiceState.ASKED else TAKEN_BACK, person)


def end(*, voice: Voice, actor: Somebody) -> None:
    """Comms take the tag away, or the question back; they may ask again."""
    person, said = voice.person, [topic.id for topic in voice.topics]
    db.session.delete(voice)
    forget_topics(said)
    db.session.flush()
    audit.record(ENDED, actor=actor, subject_kind="person", subject_id=person.id, subject_name=person.name)


def train(*, voice: Voice, day: date | None, actor: Somebody) -> None:
    """Comms note when somebody had media training; without a day, that they had none."""
    voice.trained_on = day
    told = {"day": day.isoformat() if day else "none"}
    db.session.flush()
    audit.record(
        TRAINED, actor=actor, subject_kind="person", subject_id=voice.person_id, subject_name=voice.person.name, **told
    )


def _record(name: str, person: Somebody) -> None:
    audit.record(name, actor=person, subject_kind="person", subject_id=person.id, subject_name=person.name)
