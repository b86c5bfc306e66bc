"""The peers at Brynmor: who sees what, credible voices, calls for help, introductions, drop-in slots."""

import tomllib
from datetime import time, timedelta
from pathlib import Path
from typing import Any, Final

from registry.accounts.actions import topics_named
from registry.accounts.queries import Sight
from registry.clock import moments_of
from registry.db import db, now, today
from registry.network import actions, buddies, drop_ins, helping, introducing, queries, voices
from registry.network.models import Audience, HelpAnswer, HelpCall, Relation
from registry.people.models import Person
from registry.people.queries import person as find_person
from registry.workdays import working_days_after

Row = dict[str, Any]
People = dict[str, Person]
#: How many introductions the organiser has made.
INTRODUCED: Final = 2


def fill(file: Path, people: People) -> None:
    """Put what ``file`` tells into the register; commits. The people, accounts and profiles are there already."""
    told = tomllib.loads(file.read_text("utf-8"))
    for row in told["profiles"]:
        _widen(people[row.pop("username")], row)
    for row in told["voices"]:
        _voice(row, people)
    for row in told["calls"]:
        _call(row, people)
    for row in told["slots"]:
        _slots(row, people)
    db.session.flush()
    _introduce(people["tomasz.wojcik"])
    db.session.commit()


def _widen(person: Person, row: Row) -> None:
    profile = queries.profile(person.id)
    if profile is None:
        raise ValueError(f"{person.username} has no profile.")
    named = {
        relation: [one.topic.name for one in profile.interests if one.relation is relation] for relation in Relation
    }
    audiences = {name.removesuffix("_for"): Audience(row[name]) for name in row if name.endswith("_for")}
    actions.keep(
        profile=profile, person=person, about=profile.about, topics=named[Relation.TOPIC],
        offers=named[Relation.OFFER], asks=named[Relation.ASK], place=row.get("place", ""),
        reach=row.get("reach", ""), audiences=audiences,
    )  # fmt: skip


def _voice(row: Row, people: People) -> None:
    person, said = people[row["username"]], {"subject": row["subject"], "about": row["topics"]}
    if asked_by := row.get("asked_by"):
        voices.propose(person=person, **said, actor=people[asked_by])
    if row.get("answer") == "yes":
        voices.offer(person=person, **said)
    elif voice := voices.of(person.id) if row.get("answer") else None:
        voices.decline(voice=voice, person=person)
    if days := row.get("trained_days_ago"):
        voice = voices.of(person.id)
        if voice is not None:
            voices.train(voice=voice, day=today() - timedelta(days=days), actor=people["carys.bowen"])


def _call(row: Row, people: People) -> None:
    asker = people[row["username"]]
    (topic,) = topics_named([row["topic"]])
    wanted = helping.understood(row["text"], "", topic)
    audiences = queries.audiences_of(asker.id, ())
    helpers = helping.whom(wanted, asker_id=asker.id, sight=Sight(), audiences=audiences)
    made = helping.ask(asker=asker, text=row["text"], platform="", topic=topic, helpers=helpers)
    at = now() - timedelta(days=row["days_ago"], hours=2)
    db.session.expire_all()
    call = _whole(made.id)
    call.asked_at = at
    answers = [True] * row.get("can", 0) + [False] * row.get("not_now", 0)
    for one, can in zip(call.helpers, answers, strict=False):
        one.asked_at = at
        helping.answer(call=call, person=one.person, can=can)
    if row.get("settle"):
        helping.settle(call=call, thanks=row["thanks"])


def _whole(call_id: int) -> HelpCall:
    call = helping.call(call_id)
    if call is None or any(one.answer is not HelpAnswer.WAITING for one in call.helpers):
        raise ValueError(f"There is no new call {call_id}.")
    return call


def _slots(row: Row, people: People) -> None:
    first = moments_of(working_days_after(today(), row["in_days"]), time.fromisoformat(row["at"]))[0]
    host = people[row["username"]]
    made = drop_ins.make(
        host=host, first=first, minutes=row["minutes"], slots=row["slots"], place=row["place"], actor=host
    )
    for slot, (username, about) in zip(made[1:], row["booked"].items(), strict=False):
        found = drop_ins.slot(slot.id)
        if found is not None:
            drop_ins.book(slot=found, person=people[username], about=about)


def _introduce(organiser: Person) -> None:
    """The first of those who are alone were introduced already."""
    alone = queries.people(queries.PeerFilters(only=queries.ALONE, peers=False), limit=None)
    plan = buddies.suggestions([one.id for one in alone], buddies.names())
    pairs = [(one.id, plan[one.id][0].person_id) for one in alone if plan[one.id]]
    for pair in pairs[:INTRODUCED]:
        both = [found for number in pair if (found := find_person(number))]
        introducing.introduce(alone=both[0], buddy=both[1], actor=organiser)
    db.session.flush()
