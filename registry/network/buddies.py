"""Whom somebody who runs an account alone could be introduced to, and why; spread over many people.

What is compared is what every colleague may know of the two, whoever looks: both are written to with the reasons.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from operator import itemgetter
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.accounts.models import OPEN, Account, Contributor, Topic, account_topic
from registry.accounts.platforms import name_of
from registry.accounts.queries import Sight
from registry.db import db, now
from registry.network.models import OPEN_TO_ALL, Interest, Introduction, PeerChoice, Profile, Relation
from registry.network.running import told_to
from registry.people.models import Person, PersonKind, PersonState

#: How many colleagues are suggested to each, and for how many each colleague is suggested at most.
EACH: Final = 3
MOST_FOR_ONE: Final = 3
#: Days for which an introduction counts against being suggested again.
RESTS_DAYS: Final = 90
#: Of those who have something in common with somebody, how many are looked at for each thing.
LOOKED_AT: Final = 60
#: What each kind of reason is worth, and what it costs to be suggested to another already.
WORTH: Final = {"help": 5, "topic": 3, "platform": 2, "place": 2}
COST: Final = 1.5

#: How much of each kind is said, and counts.
MOST_OF_A_KIND: Final = 2

#: That somebody is there, said so that SQLite looks them up and does not go through all who are; see ``alone``.
_ACTIVE: Final = Person.state.not_in([state for state in PersonState if state is not PersonState.ACTIVE])

Trait = tuple[str, Any]
_NONE: Final[frozenset[Any]] = frozenset()
#: What an interest is to its topic, as a trait.
_KINDS: Final = {Relation.TOPIC: "topic", Relation.OFFER: "offer", Relation.ASK: "ask"}


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A colleague to be introduced to, and why."""

    person_id: int
    reasons: tuple[str, ...]


@dataclass(slots=True)
class Pool:
    """All who could be introduced, with what they are about."""

    traits: dict[int, set[Trait]] = field(default_factory=dict)
    asks: dict[int, set[int]] = field(default_factory=dict)
    offers: dict[int, set[int]] = field(default_factory=dict)
    having: dict[Trait, list[int]] = field(default_factory=dict)
    topics: dict[int, str] = field(default_factory=dict)

    def add(self, person_id: int, trait: Trait) -> None:
        """Somebody has it."""
        mine = self.traits.setdefault(person_id, set())
        if trait not in mine:
            mine.add(trait)
            self.having.setdefault(trait, []).append(person_id)

    def near(self, person_id: int) -> set[int]:
        """Some who have something in common with somebody; of what many have, each looks at others of them."""
        wanted = self.traits.get(person_id, set()) | {("offer", one) for one in self.asks.get(person_id, ())}
        found: set[int] = set()
        for trait in wanted:
            some = self.having.get(trait, [])
            start = person_id * LOOKED_AT % len(some) if len(some) > LOOKED_AT else 0
            found.update((some + some)[start : start + LOOKED_AT])
        return found - {person_id}

    def common(self, one: int, other: int) -> list[Trait]:
        """What two have in common, what is worth most first, at most ``MOST_OF_A_KIND`` of each."""
        shared = sorted(self.traits.get(one, _NONE) & self.traits.get(other, _NONE), key=str)
        found: list[Trait] = []
        for kind in ("topic", "platform", "place"):
            found += [trait for trait in shared if trait[0] == kind][:MOST_OF_A_KIND]
        helps = self.asks.get(one, _NONE) & self.offers.get(other, _NONE)
        return [("help", topic_id) for topic_id in sorted(helps)[:MOST_OF_A_KIND]] + found

    def score(self, one: int, other: int) -> int:
        """How much speaks for introducing two."""
        # The same as of all that ``common`` names, without naming it: of many, few are chosen.
        helps = len(self.asks.get(one, _NONE) & self.offers.get(other, _NONE))
        worth = WORTH["help"] * min(helps, MOST_OF_A_KIND)
        counted = Counter(kind for kind, _ in self.traits.get(one, _NONE) & self.traits.get(other, _NONE))
        return worth + sum(WORTH[kind] * min(number, MOST_OF_A_KIND) for kind, number in counted.items())

    def reasons(self, one: int, other: int, names: Mapping[int, str]) -> tuple[str, ...]:
        """What speaks for it, in words that both may read."""
        by_kind: dict[str, list[str]] = {}
        for kind, value in self.common(one, other):
            word = name_of(value) if kind == "platform" else value if kind == "place" else self.topics[value]
            by_kind.setdefault(kind, []).append(word)
        said = {kind: " and ".join(some) for kind, some in by_kind.items()}
        lines = {
            "help": f"{names.get(other, 'they')} can help with {said.get('help')}",
            "topic": f"both about {said.get('topic')}",
            "platform": f"both on {said.get('platform')}",
            "place": f"both in {said.get('place')}",
        }
        return tuple(lines[kind] for kind in lines if kind in said)


def pool() -> Pool:
    """All who work here and run an account or have a profile, with what any colleague may know of them."""
    return audit.remembered("pool of buddies", _pool)


def _pool() -> Pool:
    found = Pool(topics={row.id: row.name for row in db.session.execute(sa.select(Topic.id, Topic.name))})
    for person_id, trait in _told():
        if trait[0] in ("ask", "offer"):
            (found.asks if trait[0] == "ask" else found.offers).setdefault(person_id, set()).add(trait[1])
        if trait[0] == "offer":
            found.having.setdefault(trait, []).append(person_id)
        elif trait[0] != "ask":
            found.add(person_id, trait)
    return found


def _told() -> Iterator[tuple[int, Trait]]:
    """Who has what, of all who can be introduced."""
    here = (_ACTIVE, Person.kind != PersonKind.EMERGENCY)
    known = sa.and_(Account.state.in_(OPEN), Sight().condition)
    columns = Person.id, Person.location, Account.id, Account.platform
    parts = [
        sa.select(*columns).join(Account, column == Person.id).where(*here, known)
        for column in (Account.owner_id, Account.deputy_id)
    ]
    posts = sa.select(*columns).join(Contributor, Contributor.person_id == Person.id)
    parts.append(posts.join(Account, Account.id == Contributor.account_id).where(*here, known))
    about: dict[int, list[int]] = {}
    for account_id, topic_id in db.session.execute(sa.select(account_topic.c.account_id, account_topic.c.topic_id)):
        about.setdefault(account_id, []).append(topic_id)
    places: dict[int, str | None] = {}
    rows: list[Any] = [tuple(row) for row in db.session.execute(sa.union_all(*parts))]
    # In one order on every database: of what many have, each looks at some in this order.
    for person_id, location, account_id, platform in sorted(rows, key=itemgetter(0, 2)):
        places[person_id] = location
        yield person_id, ("platform", platform)
        yield from ((person_id, ("topic", topic_id)) for topic_id in about.get(account_id, ()))
    yield from _by_profile(here, places)


def _by_profile(here: Any, places: dict[int, str | None]) -> Iterator[tuple[int, Trait]]:
    """What profiles tell; and where all are, of whom ``places`` names those who run something."""
    interests = sa.select(Interest.person_id, Interest.relation, Interest.topic_id)
    interests = interests.join(Profile, Profile.person_id == Interest.person_id).where(told_to(OPEN_TO_ALL))
    for person_id, relation, topic_id in db.session.execute(
        interests.join(Person, Person.id == Profile.person_id).where(*here).order_by(Interest.id)
    ):
        yield person_id, (_KINDS[relation], topic_id)
    place = sa.case((Profile.place_for.in_(OPEN_TO_ALL), Profile.place), else_="")
    joined = sa.select(Person.id, Person.location, place).join(Profile, Profile.person_id == Person.id).where(*here)
    places |= {person_id: own or location for person_id, location, own in db.session.execute(joined)}
    yield from ((person_id, ("place", told)) for person_id, told in sorted(places.items(), key=itemgetter(0)) if told)


# --- The plan ---------------------------------------------------------------------------------------------


def refusing() -> set[int]:
    """Who would rather not be introduced."""
    return set(db.session.scalars(sa.select(PeerChoice.person_id).where(PeerChoice.no_introductions)))


def suggestions(alone: Sequence[int], names: Mapping[int, str]) -> dict[int, list[Suggestion]]:
    """For each of ``alone`` up to three colleagues, the best first; ``names`` are those of all who may be named.

    Nobody is suggested to more than three, nor anybody who would rather not, nor two who were introduced before.
    """
    everyone, refused = pool(), refusing()
    known, load = _introduced()
    scored: dict[int, list[tuple[int, int]]] = {}
    for one in alone:
        if one not in refused:
            fit = everyone.near(one) - refused - known.get(one, set())
            best = sorted(((everyone.score(one, other), other) for other in fit), key=lambda two: (-two[0], two[1]))
            scored[one] = best[:LOOKED_AT]
    chosen: dict[int, list[int]] = {one: [] for one in alone}
    asked: Counter[int] = Counter()
    for _ in range(EACH):
        for one, some in scored.items():
            free = [(score - COST * (asked[other] + load[other]), score, other) for score, other in some
                    if asked[other] < MOST_FOR_ONE and other not in chosen[one]]  # fmt: skip
            if free:
                other = max(free, key=lambda three: (three[0], three[1], -three[2]))[2]
                chosen[one].append(other)
                asked[other] += 1
    return {
        one: [
            Suggestion(other, everyone.reasons(one, other, names))
            for other in sorted(some, key=lambda other: (-everyone.score(one, other), other))
        ]
        for one, some in chosen.items()
    }


def _introduced() -> tuple[dict[int, set[int]], Counter[int]]:
    """Whom each was introduced to already, and how many of late."""
    known: dict[int, set[int]] = {}
    load: Counter[int] = Counter()
    since = now() - timedelta(days=RESTS_DAYS)
    rows = sa.select(Introduction.alone_id, Introduction.buddy_id, Introduction.made_at)
    for one, other, at in db.session.execute(rows):
        known.setdefault(one, set()).add(other)
        known.setdefault(other, set()).add(one)
        if at > since:
            load[other] += 1
    return known, load


def met(person_ids: Sequence[int]) -> dict[int, list[tuple[str, datetime]]]:
    """Whom some people who are alone were introduced to, and when, the first first."""
    found: dict[int, list[tuple[str, datetime]]] = {}
    rows = sa.select(Introduction.alone_id, Person.name, Introduction.made_at).join(
        Person, Person.id == Introduction.buddy_id
    )
    some = rows.where(Introduction.alone_id.in_(person_ids)).order_by(Introduction.made_at, Introduction.id)
    for alone_id, name, at in db.session.execute(some):
        found.setdefault(alone_id, []).append((name, at))
    return found


def people_named(ids: Sequence[int]) -> dict[int, Person]:
    """Some people with their teams, by id; as many as a database takes ids at once, or more."""
    found: dict[int, Person] = {}
    for start in range(0, len(ids), 5_000):
        some = sa.select(Person).where(Person.id.in_(ids[start : start + 5_000])).options(joinedload(Person.team))
        found |= {one.id: one for one in db.session.scalars(some)}
    return found


def names() -> dict[int, str]:
    """The names of all who offer help with something, as reasons name them."""
    offering = sa.select(Interest.person_id).where(Interest.relation == Relation.OFFER)
    rows = db.session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(offering)))
    return {row.id: row.name for row in rows}
