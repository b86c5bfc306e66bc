"""Finding colleagues: by name, by what they run, by what they offer or ask for."""

from array import array
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload, selectinload

from registry import audit, search
from registry.accounts.models import OPEN, Account, Contributor, Topic, account_topic
from registry.accounts.queries import Sight, within
from registry.db import among, db, is_sqlite, one_of
from registry.network.alone import alone
from registry.network.models import OPEN_TO_ALL, Audience, Interest, Profile, Relation, Voice, VoiceState
from registry.network.running import interested, naming, newcomers, posters, runners, runs, told_to
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE
from registry.roles import Role

#: What the list of people can be narrowed to besides.
VOICES: Final = "voices"
NEW: Final = "new"
ALONE: Final = "alone"
#: Who sees what organisers and comms see of a profile, and who runs an account alone.
ORGANISING: Final = (Role.ORGANISER, Role.COMMS)


def audiences_of(person_id: int, roles: Collection[Role], *, has_profile: bool | None = None) -> tuple[Audience, ...]:
    """The audiences of profiles that somebody with these ``roles`` belongs to.

    ``has_profile``: whether they have a profile themself, where that is known already.
    """
    if set(roles) & set(ORGANISING):
        return tuple(Audience)
    if has_profile is None:
        has_profile = db.session.scalar(sa.select(sa.exists().where(Profile.person_id == person_id)))
    return (Audience.COLLEAGUES, Audience.PEERS) if has_profile else OPEN_TO_ALL


@dataclass(frozen=True, slots=True)
class PeerFilters:
    """What the list of people is narrowed to."""

    #: Who asks: nobody is found by an account that the asker may not see,
    sight: Sight = field(default_factory=Sight)
    #: nor by a part of a profile that is not for them.
    audiences: tuple[Audience, ...] = OPEN_TO_ALL
    q: str = ""
    platform: str = ""
    #: With the teams within it.
    team: int | None = None
    topic: int | None = None
    offer: int | None = None
    ask: int | None = None
    place: str = ""
    #: ``voices``, ``new`` or ``alone``; empty for all.
    only: str = ""
    #: Since when somebody is new.
    since: datetime | None = None
    #: Only people who run an account or have a profile: with the whole directory the peers would be lost.
    peers: bool = True

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on ``Person``."""
        found: list[sa.ColumnElement[bool]] = [Person.state.in_(IN_OFFICE)]
        if (named_so := named(self.q, self.audiences)) is not None:
            found.append(named_so)
        if self.team is not None:
            found.append(Person.team_id.in_(within([self.team])))
        if self.platform:
            found.append(runs(sa.and_(Account.platform == self.platform, self.sight.condition)))
        wanted = ((Relation.TOPIC, self.topic), (Relation.OFFER, self.offer), (Relation.ASK, self.ask))
        for relation, topic_id in wanted:
            if topic_id is not None:
                found.append(interested(relation, topic_id, self.sight, self.audiences))
        if self.place:
            found.append(_at(self.place, self.audiences))
        return [*found, *self._special()]

    def _special(self) -> Iterator[sa.ColumnElement[bool]]:
        """The conditions of what makes somebody stand out, and that they are peers at all."""
        if self.only == NEW and self.since:
            yield newcomers(self.since, self.sight)
        if self.only == ALONE:  # Whoever is alone runs an account.
            yield among(Person.id, alone(self.sight))
        elif self.only == VOICES:  # Whoever knows a subject need not run an account.
            yield Person.id.in_(sa.select(Voice.person_id).where(Voice.state == VoiceState.YES))
        elif self.peers:
            running = *runners(self.sight.condition), posters(self.sight.condition)
            yield Person.id.in_(sa.union(*running, sa.select(Profile.person_id)))


def named(q: str, audiences: Collection[Audience]) -> sa.ColumnElement[bool] | None:
    """The condition on ``Person`` that the directory, or it and what of their profile the asker sees, has each word.

    ``None`` where ``q`` holds no word at all.
    """
    if (by_directory := search.hits(Person, q)) is None:
        return None
    who: Any = aliased(Person)
    blank: Any = sa.literal_column("' '")
    told = who.search_text
    for audience in audiences:
        told = told.op("||")(blank).op("||")(getattr(Profile, f"words_for_{audience.value}"))
    by_profile = sa.select(Profile.person_id).join(who, who.id == Profile.person_id)
    return Person.id.in_(sa.union(by_directory, by_profile.where(*search.in_column(told, q))))


def _at(place: str, audiences: Collection[Audience]) -> sa.ColumnElement[bool]:
    told = sa.select(Profile.person_id).where(Profile.place == place, Profile.place_for.in_(audiences))
    return sa.or_(Person.location == place, Person.id.in_(told))


def count(filters: PeerFilters) -> int:
    """How many people pass the filters."""

    def counted() -> int:
        return db.session.scalar(sa.select(sa.func.count(Person.id)).where(*filters.conditions())) or 0

    return audit.remembered(("people", filters), counted)


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
    found = {one.id: one for one in db.session.scalars(_told(is_sqlite()), {"ids": list(shown)})}
    return [found[one] for one in shown if one in found]


def _ids(filters: PeerFilters, limit: int | None) -> sa.Select[Any]:
    return sa.select(Person.id).where(*filters.conditions()).order_by(Person.name, Person.id).limit(limit)


@lru_cache(maxsize=2)
def _told(_sqlite: bool) -> sa.Select[Any]:
    return sa.select(Person).where(one_of(Person.id, "ids")).options(joinedload(Person.team))


def profile(person_id: int) -> Profile | None:
    """Somebody's profile with its topics, where they opted in."""
    return db.session.scalar(
        sa.select(Profile)
        .where(Profile.person_id == person_id)
        .options(selectinload(Profile.interests).joinedload(Interest.topic))
    )


def interests_of(
    person_ids: Collection[int], audiences: Collection[Audience] = OPEN_TO_ALL
) -> dict[int, dict[Relation, list[str]]]:
    """The topics, offers and asks of several people at once that the asker is told, by person."""
    found: dict[int, dict[Relation, list[str]]] = {}
    rows = db.session.execute(_interests(tuple(audiences), is_sqlite()), {"ids": list(person_ids)})
    for person_id, relation, name in rows:
        found.setdefault(person_id, {}).setdefault(relation, []).append(name)
    return found


@lru_cache(maxsize=16)
def _interests(audiences: tuple[Audience, ...], _sqlite: bool) -> sa.Select[int, Relation, str]:
    return (
        sa.select(Interest.person_id, Interest.relation, Topic.name)
        .join(Topic, Topic.id == Interest.topic_id)
        .join(Profile, Profile.person_id == Interest.person_id)
        .where(one_of(Interest.person_id, "ids"), told_to(audiences))
        .order_by(Topic.key)
    )


def platforms_of(person_ids: Collection[int], sight: Sight) -> dict[int, list[str]]:
    """The platforms that several people run accounts on, as far as the asker may see, by person."""
    found: dict[int, list[str]] = {}
    rows = db.session.execute(_platforms(sight, is_sqlite()), {"ids": list(person_ids)})
    for person_id, platform in sorted(tuple(row) for row in rows):
        found.setdefault(person_id, []).append(platform)
    return found


@lru_cache(maxsize=64)
def _platforms(sight: Sight, _sqlite: bool) -> sa.CompoundSelect[Any]:
    """The statement, made once for all who see the same."""
    open_to_them = Account.state.in_(OPEN), sight.condition
    parts: list[Any] = [
        sa.select(column, Account.platform).where(one_of(column, "ids"), *open_to_them)
        for column in (Account.owner_id, Account.deputy_id)
    ]
    # Said so that SQLite leaves the index of states alone: it would go through all open accounts for a few people.
    is_open = sa.type_coerce(Account.state, sa.Text).concat("").in_([state.value for state in OPEN])
    posts = sa.select(Contributor.person_id, Account.platform).join(Account, Account.id == Contributor.account_id)
    return sa.union(*parts, posts.where(one_of(Contributor.person_id, "ids"), is_open, sight.condition))


def topics_in_use(
    audiences: tuple[Audience, ...] = OPEN_TO_ALL, sight: Sight | None = None
) -> dict[Relation, list[tuple[int, str]]]:
    """The id and name of each topic that a profile tells the asker, by what it is to them, by name.

    With ``sight`` those come besides, as topics, that accounts are about which the asker may see.
    """
    if sight is None:
        return _by_relation(_topics_in_use(audiences, None))
    key = ("topics of peers", audiences, sight)
    return audit.remembered(key, lambda: _by_relation(_topics_in_use(audiences, sight)))


def _topics_in_use(audiences: tuple[Audience, ...], sight: Sight | None) -> sa.Select[Any]:
    used = sa.select(Interest.relation, Interest.topic_id).distinct()
    used = used.join(Profile, Profile.person_id == Interest.person_id).join(Person, Person.id == Profile.person_id)
    used = used.where(told_to(audiences), Person.state.in_(IN_OFFICE))
    parts: list[Any] = [used]
    if sight is not None:
        about = sa.select(sa.literal(Relation.TOPIC, Interest.relation.type), account_topic.c.topic_id).distinct()
        about = about.join(Account, Account.id == account_topic.c.account_id)
        parts.append(about.where(Account.owner_id.is_not(None), Account.state.in_(OPEN), sight.condition))
    used_so = sa.union(*parts).subquery()
    named_so = sa.select(used_so.c[0], Topic.id, Topic.name).join(used_so, used_so.c[1] == Topic.id)
    return named_so.order_by(Topic.key)


def _by_relation(rows: sa.Select[Any]) -> dict[Relation, list[tuple[int, str]]]:
    found: dict[Relation, list[tuple[int, str]]] = {relation: [] for relation in Relation}
    for relation, topic_id, name in db.session.execute(rows):
        found[relation].append((topic_id, name))
    return found


def teams_with_peers(sight: Sight) -> Sequence[tuple[int, str]]:
    """The id and path of each team in which, or within which, the asker sees somebody run an account or have a profile.

    They are in the order of their paths.
    """

    def read() -> list[tuple[int, str]]:
        teams = sa.select(Person.team_id).where(*PeerFilters(sight).conditions())
        up = sa.select(Team.id, Team.parent_id).where(Team.id.in_(teams)).cte("up", recursive=True)
        up = up.union(sa.select(Team.id, Team.parent_id).join(up, up.c.parent_id == Team.id))
        named_so = sa.select(Team.id, Team.path).where(Team.id.in_(sa.select(up.c.id))).order_by(Team.path)
        return [(row.id, row.path) for row in db.session.execute(named_so)]

    return audit.remembered(("teams with peers", sight), read)


def places_in_use(sight: Sight, audiences: tuple[Audience, ...]) -> Sequence[str]:
    """Where the peers are, as the directory or they themselves tell the asker, in order."""

    def read() -> list[str]:
        peers = PeerFilters(sight, audiences).conditions()
        told = sa.select(Person.location).where(*peers, Person.location.is_not(None), Person.location != "")
        own = sa.select(Profile.place).join(Person, Person.id == Profile.person_id)
        own = own.where(Person.state.in_(IN_OFFICE), Profile.place != "", Profile.place_for.in_(audiences))
        return sorted(db.session.scalars(sa.union(told, own)), key=str.casefold)

    return audit.remembered(("places of peers", sight, audiences), read)


def could_help(
    person_id: int, seen: sa.ColumnElement[bool], most: int = 4, *, audiences: Collection[Audience] = OPEN_TO_ALL
) -> Sequence[Person]:
    """Colleagues to ask: those who offer what somebody asks for, then those who run an account on the same platform.

    ``seen`` is what ``accounts.queries.visible_to`` says of the asker, who belongs to ``audiences``.
    """
    asks = sa.select(Interest.topic_id).where(Interest.person_id == person_id, Interest.relation == Relation.ASK)
    platforms = sa.select(Account.platform).where(
        sa.or_(Account.owner_id == person_id, Account.deputy_id == person_id), Account.state.in_(OPEN)
    )
    offers = Person.id.in_(naming(Relation.OFFER, asks, audiences))
    runs_there = runs(sa.and_(Account.platform.in_(platforms), seen))
    opted_in = Person.id.in_(sa.select(Profile.person_id))
    return db.session.scalars(
        sa.select(Person)
        .where(Person.id != person_id, Person.state.in_(IN_OFFICE), opted_in, sa.or_(offers, runs_there))
        .options(joinedload(Person.team))
        .order_by(sa.case((offers, 0), else_=1), Person.name, Person.id)
        .limit(most)
    ).all()
