"""Finding colleagues: by name, by what they run, by what they offer or ask for."""

from array import array
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from registry import audit, search
from registry.accounts.models import OPEN, Account, Topic
from registry.accounts.queries import Sight
from registry.db import db
from registry.network.models import Interest, Profile, Relation
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE


@dataclass(frozen=True, slots=True)
class PeerFilters:
    """What the list of people is narrowed to."""

    #: Who asks: nobody is found by an account that the asker may not see.
    sight: Sight = field(default_factory=Sight)
    q: str = ""
    platform: str = ""
    team: int | None = None
    topic: int | None = None
    offer: int | None = None
    ask: int | None = None
    #: Only people who run an account or have a profile: with the whole directory the peers would be lost.
    peers: bool = True

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on ``Person``."""
        found: list[sa.ColumnElement[bool]] = [Person.state.in_(IN_OFFICE)]
        if (named := search.matches(Person, self.q)) is not None:
            found.append(named)
        if self.team is not None:
            found.append(Person.team_id == self.team)
        if self.platform:
            found.append(_runs(sa.and_(Account.platform == self.platform, self.sight.condition)))
        for relation, topic_id in (
            (Relation.TOPIC, self.topic),
            (Relation.OFFER, self.offer),
            (Relation.ASK, self.ask),
        ):
            if topic_id is not None:
                found.append(_interested(relation, topic_id, self.sight))
        if self.peers:
            found.append(Person.id.in_(sa.union(*_runners(self.sight.condition), sa.select(Profile.person_id))))
        return found


def _runners(which: sa.ColumnElement[bool]) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """The ids of those who own, and of those who deputise for, an open account for which ``which`` holds."""
    own = sa.select(Account.owner_id).where(Account.owner_id.is_not(None), Account.state.in_(OPEN), which)
    deputise = sa.select(Account.deputy_id).where(Account.deputy_id.is_not(None), Account.state.in_(OPEN), which)
    return own, deputise


def _runs(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    return Person.id.in_(sa.union(*_runners(which)))


def _interested(relation: Relation, topic_id: int, sight: Sight) -> sa.ColumnElement[bool]:
    mine = sa.select(Interest.person_id).where(Interest.topic_id == topic_id)
    if relation is Relation.TOPIC:
        # Whoever runs an account about a topic works on it, whether they have a profile or not.
        about = sa.select(Account.owner_id).where(Account.topics.any(Topic.id == topic_id), Account.state.in_(OPEN))
        seen = about.where(sight.condition)
        return sa.or_(Person.id.in_(mine.where(Interest.relation == relation)), Person.id.in_(seen))
    return Person.id.in_(mine.where(Interest.relation == relation))


def count(filters: PeerFilters) -> int:
    """How many people pass the filters."""
    counted = sa.select(sa.func.count(Person.id)).where(*filters.conditions())
    return audit.remembered(("people", filters), lambda: db.session.scalar(counted) or 0)


def people(filters: PeerFilters, *, limit: int | None, offset: int = 0) -> Sequence[Person]:
    """The people who pass the filters, by name, each with their team."""
    # First who, then all about them: no row is read whole that is not shown.
    if limit is None:
        ids = _ids(filters, None).subquery("shown")
        every = sa.select(Person).join(ids, ids.c.id == Person.id).order_by(Person.name, Person.id)
        return db.session.scalars(every.options(joinedload(Person.team))).all()
    some = limit * (search.MANY // limit or 1)  # Whole pages of them.
    start = offset - offset % some
    order = audit.remembered(
        ("order of people", filters, some, start),
        lambda: array("i", db.session.scalars(_ids(filters, some).offset(start))),
    )
    shown = order[offset - start : offset - start + limit]
    found = {one.id: one for one in db.session.scalars(_told(), {"ids": list(shown)})}
    return [found[one] for one in shown if one in found]


def _ids(filters: PeerFilters, limit: int | None) -> sa.Select[Any]:
    return sa.select(Person.id).where(*filters.conditions()).order_by(Person.name, Person.id).limit(limit)


@lru_cache(maxsize=1)
def _told() -> sa.Select[Any]:
    some = Person.id.in_(sa.bindparam("ids", expanding=True))
    return sa.select(Person).where(some).options(joinedload(Person.team))


def profile(person_id: int) -> Profile | None:
    """Somebody's profile with its topics, where they opted in."""
    return db.session.scalar(
        sa.select(Profile)
        .where(Profile.person_id == person_id)
        .options(selectinload(Profile.interests).joinedload(Interest.topic))
    )


def interests_of(person_ids: Collection[int]) -> dict[int, dict[Relation, list[str]]]:
    """The topics, offers and asks of several people at once, by person."""
    found: dict[int, dict[Relation, list[str]]] = {}
    rows = db.session.execute(
        sa.select(Interest.person_id, Interest.relation, Topic.name)
        .join(Topic, Topic.id == Interest.topic_id)
        .where(Interest.person_id.in_(person_ids))
        .order_by(Topic.key)
    )
    for person_id, relation, name in rows:
        found.setdefault(person_id, {}).setdefault(relation, []).append(name)
    return found


def platforms_of(person_ids: Collection[int], sight: Sight) -> dict[int, list[str]]:
    """The platforms that several people run accounts on, as far as the asker may see, by person."""
    found: dict[int, list[str]] = {}
    for column in (Account.owner_id, Account.deputy_id):
        rows: Any = db.session.execute(
            sa.select(column, Account.platform)
            .where(column.in_(person_ids), Account.state.in_(OPEN), sight.condition)
            .distinct()
            .order_by(Account.platform)
        )
        for person_id, platform in rows:
            if platform not in (mine := found.setdefault(person_id, [])):
                mine.append(platform)
    return found


def topics_in_use() -> dict[Relation, list[tuple[int, str]]]:
    """The id and name of each topic that anybody has named in a profile, by what it is to them, by name."""
    used = sa.select(Interest.relation, Interest.topic_id).distinct().subquery()
    named = sa.select(used.c.relation, Topic.id, Topic.name).join(used, used.c.topic_id == Topic.id)
    found: dict[Relation, list[tuple[int, str]]] = {relation: [] for relation in Relation}
    for relation, topic_id, name in db.session.execute(named.order_by(Topic.key)):
        found[relation].append((topic_id, name))
    return found


def teams_with_peers(sight: Sight) -> Sequence[tuple[int, str]]:
    """The id and path of each team in which the asker sees somebody run an account or have a profile, by path."""
    teams = sa.select(Person.team_id).where(*PeerFilters(sight).conditions())
    named = sa.select(Team.id, Team.path).where(Team.id.in_(teams)).order_by(Team.path)
    key = ("teams with peers", sight)
    return audit.remembered(key, lambda: [(row.id, row.path) for row in db.session.execute(named)])


def could_help(person_id: int, seen: sa.ColumnElement[bool], most: int = 4) -> Sequence[Person]:
    """Colleagues to ask: those who offer what somebody asks for, then those who run an account on the same platform.

    ``seen`` is what ``accounts.queries.visible_to`` says of the asker.
    """
    asks = sa.select(Interest.topic_id).where(Interest.person_id == person_id, Interest.relation == Relation.ASK)
    offer = sa.select(Interest.person_id).where(Interest.topic_id.in_(asks), Interest.relation == Relation.OFFER)
    platforms = sa.select(Account.platform).where(
        sa.or_(Account.owner_id == person_id, Account.deputy_id == person_id), Account.state.in_(OPEN)
    )
    offers, runs = Person.id.in_(offer), _runs(sa.and_(Account.platform.in_(platforms), seen))
    opted_in = Person.id.in_(sa.select(Profile.person_id))
    return db.session.scalars(
        sa.select(Person)
        .where(Person.id != person_id, Person.state.in_(IN_OFFICE), opted_in, sa.or_(offers, runs))
        .options(joinedload(Person.team))
        .order_by(sa.case((offers, 0), else_=1), Person.name, Person.id)
        .limit(most)
    ).all()
