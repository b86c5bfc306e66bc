"""Asking for help: it reaches the few who can, not everybody; and comms, where there is nobody else."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from registry import audit, outbox
from registry.accounts.models import OPEN, Account, Topic, topic_key
from registry.accounts.platforms import PLATFORMS, name_of
from registry.accounts.queries import Sight
from registry.audit import Somebody
from registry.db import day_of, db, now, today
from registry.network import letters
from registry.network.models import (
    Audience,
    HelpAnswer,
    HelpAsked,
    HelpCall,
    Interest,
    PeerChoice,
    Profile,
    Relation,
)
from registry.network.running import naming
from registry.people.merging import ON_MERGING
from registry.people.models import Person, PersonKind, PersonState
from registry.people.queries import IN_OFFICE, holders
from registry.roles import Role
from registry.search import plain
from registry.workdays import working_days_after

#: How many are asked at most,
MOST: Final = 5
#: how often a week somebody is,
A_WEEK: Final = 2
WEEK: Final = timedelta(days=7)
#: how many working days they have before comms are asked instead,
PATIENCE_DAYS: Final = 2
#: and from when on somebody who runs an account has experience with its platform.
EXPERIENCED: Final = timedelta(days=180)
#: What was asked longer ago is not handed on any more: whoever asked has found a way.
LOOKED_BACK: Final = timedelta(days=31)
#: What speaks for asking somebody.
OFFERS, POSTS_ABOUT, RUNS_THERE = 4, 2, 2

ASKED: Final = audit.declare("help.asked", "{actor} asked {people} colleagues for help", "people")
ANSWERED: Final = audit.declare("help.answered", "{actor} answered a colleague who asked for help: {answer}", "answer")
TO_COMMS: Final = audit.declare("help.to-comms", "A call for help of {subject} went to comms")
SETTLED: Final = audit.declare("help.settled", "{actor} settled what they had asked for help with")


class NobodyToAsk(Exception):
    """Neither a peer nor anybody of comms has a mail address."""


class IsSettled(Exception):
    """It was settled before they answered, or whoever asked does not work here any more."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody asks for help with; read from their words where they chose nothing."""

    platforms: tuple[str, ...] = ()
    topics: dict[int, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Helper:
    """Somebody who would be asked, and why."""

    person: Person
    why: str
    for_comms: bool = False


# --- Whom it reaches --------------------------------------------------------------------------------------


def understood(text: str, platform: str, topic: Topic | None) -> Wanted:
    """The platform and topic that were chosen, or else those that the words name."""
    if platform or topic:
        return Wanted((platform,) if platform else (), {topic.id: topic.name} if topic else {})
    said = f" {' '.join(''.join(one if one.isalnum() else ' ' for one in plain(text)).split())} "
    named = tuple(slug for slug, one in PLATFORMS.items() if len(one.name) > 2 and f" {plain(one.name)} " in said)
    used = sa.select(Topic).where(Topic.id.in_(sa.select(Interest.topic_id))).order_by(Topic.key)
    topics = {one.id: one.name for one in db.session.scalars(used) if f" {topic_key(one.name)} " in said}
    return Wanted(named[:3], topics)


def whom(
    wanted: Wanted, *, asker_id: int, sight: Sight, audiences: Collection[Audience], but: Collection[int] = ()
) -> list[Helper]:
    """The few who would be asked, the best first; comms, where nobody fits.

    Only who has joined the network, has a mail address, does not refuse and was not asked too often of late. ``sight``
    and ``audiences`` are the asker's: why somebody is asked tells nothing that the asker may not know.
    """
    reasons = _reasons(wanted, sight, audiences)
    load = _asked_of_late(reasons)
    free = [
        one for one in _askable(reasons) if one.id not in {asker_id, *but} and load.get(one.id, 0) < A_WEEK
    ]  # fmt: skip
    free.sort(key=lambda one: (load.get(one.id, 0) - reasons[one.id][0], one.name, one.id))
    if found := [Helper(one, "; ".join(reasons[one.id][1])) for one in free[:MOST]]:
        return found
    return of_comms(but={asker_id, *but})


def of_comms(but: Collection[int]) -> list[Helper]:
    """Some of the comms team, for what nobody else can be asked."""
    team = [one for one in holders(Role.COMMS) if one.mail and one.state is PersonState.ACTIVE and one.id not in but]
    return [Helper(one, "the communications team helps where no peer fits", for_comms=True) for one in team[:MOST]]


def _reasons(wanted: Wanted, sight: Sight, audiences: Collection[Audience]) -> dict[int, tuple[int, list[str]]]:
    """What speaks for each, and how much."""
    found: dict[int, tuple[int, list[str]]] = {}

    def note(person_id: int, worth: int, words: str) -> None:
        before, said = found.get(person_id, (0, []))
        found[person_id] = before + worth, [*said, words]

    for relation, worth, words in (
        (Relation.OFFER, OFFERS, "offers help with"),
        (Relation.TOPIC, POSTS_ABOUT, "posts about"),
    ):
        for topic_id, name in wanted.topics.items():
            for person_id in db.session.scalars(naming(relation, [topic_id], audiences)):
                note(person_id, worth, f"{words} {name}")
    for platform in wanted.platforms:
        for person_id in db.session.scalars(_experienced(platform, sight)):
            note(person_id, RUNS_THERE, f"has run an account on {name_of(platform)} for half a year or more")
    return found


def _experienced(platform: str, sight: Sight) -> Any:
    known = (Account.platform == platform, Account.state.in_(OPEN), Account.approved_at < now() - EXPERIENCED)
    joined = sa.select(Profile.person_id)
    return sa.union(
        *(sa.select(column).where(*known, column.in_(joined), sight.condition)
          for column in (Account.owner_id, Account.deputy_id))
    )  # fmt: skip


def _askable(person_ids: Collection[int]) -> Sequence[Person]:
    refusing = sa.select(PeerChoice.person_id).where(PeerChoice.no_calls)
    found: list[Person] = []
    ids = list(person_ids)
    for start in range(0, len(ids), 5_000):
        some = sa.select(Person).where(
            Person.id.in_(ids[start : start + 5_000]), Person.state == PersonState.ACTIVE,
            Person.kind != PersonKind.EMERGENCY, Person.mail.is_not(None), Person.mail != "",
            Person.id.not_in(refusing),
        )  # fmt: skip
        found += db.session.scalars(some.options(joinedload(Person.team)))
    return found


def _asked_of_late(person_ids: Collection[int]) -> dict[int, int]:
    """How often each was asked within a week, by peers; as comms they are asked whenever nobody else can be."""
    rows = sa.select(HelpAsked.person_id, sa.func.count()).where(
        HelpAsked.asked_at > now() - WEEK, ~HelpAsked.for_comms
    )
    asked = db.session.execute(rows.group_by(HelpAsked.person_id))
    return {person_id: count for person_id, count in asked if person_id in person_ids}


# --- Asking and answering ---------------------------------------------------------------------------------


def ask(*, asker: Person, text: str, platform: str, topic: Topic | None, helpers: Sequence[Helper]) -> HelpCall:
    """Write to those few. Raises ``NobodyToAsk``."""
    if not helpers:
        raise NobodyToAsk
    call = HelpCall(
        asker_id=asker.id, text=text, platform=platform, topic_id=topic.id if topic else None, asked_at=now()
    )
    db.session.add(call)
    db.session.flush()
    _write_to(call, asker, helpers)
    audit.record(ASKED, actor=asker, **_about(asker), people=len(helpers))
    return call


def _about(person: Somebody) -> dict[str, Any]:
    return {"subject_kind": "person", "subject_id": person.id, "subject_name": person.name}


def _write_to(call: HelpCall, asker: Person, helpers: Sequence[Helper]) -> None:
    for one in helpers:
        asked = HelpAsked(
            call_id=call.id, person_id=one.person.id, why=one.why, for_comms=one.for_comms, asked_at=now(),
            answer=HelpAnswer.WAITING,
        )  # fmt: skip
        db.session.add(asked)
        letter = letters.help_wanted(asked, one.person, call, asker)
        db.session.flush()
        asked.message_id = letter.id if letter else None
    db.session.flush()


def answer(*, call: HelpCall, person: Person, can: bool) -> None:
    """One of those who were asked answers, or answers otherwise; whoever asked is written to once they can.

    Where all have said that they cannot, comms are asked. Raises ``IsSettled``. ``call`` comes with all.
    """
    if not call.is_open:
        raise IsSettled
    asked = next(one for one in call.helpers if one.person_id == person.id)
    wanted = HelpAnswer.CAN if can else HelpAnswer.NOT_NOW
    if asked.answer is wanted:
        return
    asked.answer, asked.answered_at = wanted, now()
    db.session.flush()
    audit.record(ANSWERED, actor=person, **_about(person), answer=wanted.value)
    if can:
        letters.somebody_can(call, call.asker, person)
    elif _nobody_is_left(call):
        _ask_comms(call)


def _nobody_is_left(call: HelpCall) -> bool:
    """Whether all peers who were asked have said that they cannot, or have left."""
    return all(one.answer is HelpAnswer.NOT_NOW or not one.person.is_active for one in call.helpers)


def _ask_comms(call: HelpCall) -> bool:
    """Ask some of comms, once; whether there was anybody to ask."""
    helpers = of_comms({call.asker_id, *(one.person_id for one in call.helpers)})
    if not helpers or any(one.for_comms for one in call.helpers):
        return False
    _write_to(call, call.asker, helpers)
    audit.record(TO_COMMS, actor=None, **_about(call.asker))
    return True


def ask_comms_instead() -> int:
    """Ask comms about the calls that no peer can answer any more, or has in two working days; how many.

    In the caller's transaction, for the worker: whoever is asked last may leave, or say nothing.
    """
    handed_on = sa.exists().where(HelpAsked.call_id == HelpCall.id, sa.or_(
        HelpAsked.for_comms, HelpAsked.answer == HelpAnswer.CAN
    ))  # fmt: skip
    some = _with_all().join(Person, Person.id == HelpCall.asker_id).where(
        HelpCall.settled_at.is_(None), Person.state.in_(IN_OFFICE), ~handed_on, HelpCall.asked_at > now() - LOOKED_BACK
    )  # fmt: skip
    waiting = db.session.scalars(some.order_by(HelpCall.id)).all()
    return sum(_ask_comms(one) for one in waiting if _nobody_is_left(one) or _is_late(one))


def _is_late(call: HelpCall) -> bool:
    return working_days_after(day_of(call.asked_at), PATIENCE_DAYS) < today()


def open_call(asker_id: int, text: str) -> HelpCall | None:
    """What somebody has asked in the same words and not settled: the button was pressed twice, or the page kept."""
    same = sa.select(HelpCall).where(
        HelpCall.asker_id == asker_id, HelpCall.text == text, HelpCall.settled_at.is_(None)
    )
    return db.session.scalar(same.order_by(HelpCall.id.desc()).limit(1))


def settle(*, call: HelpCall, thanks: str) -> None:
    """Whoever asked says that it is settled, and thanks those who could help; nobody is written to any more."""
    if call.settled_at is not None:
        return
    call.settled_at, call.thanks = now(), thanks
    db.session.flush()
    outbox.hold_back([one.message_id for one in call.helpers if one.message_id], "It was settled before this left.")
    audit.record(SETTLED, actor=call.asker, **_about(call.asker))


# --- Reading ----------------------------------------------------------------------------------------------


def call(call_id: int) -> HelpCall | None:
    """A call with who asked, who was asked, and what they said."""
    one: HelpCall | None = db.session.scalar(_with_all().where(HelpCall.id == call_id))
    return one


def _with_all() -> sa.Select[Any]:
    helpers = selectinload(HelpCall.helpers).joinedload(HelpAsked.person).joinedload(Person.team)
    asker = joinedload(HelpCall.asker).joinedload(Person.team)
    return sa.select(HelpCall).options(asker, joinedload(HelpCall.topic), helpers)


def calls_of(person_id: int, most: int = 10) -> Sequence[HelpCall]:
    """What somebody asked, the newest first."""
    mine = _with_all().where(HelpCall.asker_id == person_id)
    return db.session.scalars(mine.order_by(HelpCall.asked_at.desc(), HelpCall.id.desc()).limit(most)).all()


def asked_of(person_id: int, most: int = 20) -> Sequence[HelpAsked]:
    """What somebody was asked, with the call and who asked, the newest first."""
    mine = sa.select(HelpAsked).where(HelpAsked.person_id == person_id)
    with_call = joinedload(HelpAsked.call).joinedload(HelpCall.asker)
    return db.session.scalars(
        mine.options(with_call).order_by(HelpAsked.asked_at.desc(), HelpAsked.id.desc()).limit(most)
    ).all()


def _of_oneself(kept_id: int) -> None:
    """Whoever asked and whoever was asked turned out to be one."""
    own = sa.select(HelpCall.id).where(HelpCall.asker_id == kept_id)
    db.session.execute(sa.delete(HelpAsked).where(HelpAsked.person_id == kept_id, HelpAsked.call_id.in_(own)))


ON_MERGING.append(_of_oneself)
