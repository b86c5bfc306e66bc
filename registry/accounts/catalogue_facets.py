"""What stands beside the list: the choices that narrow it with their numbers, and chips for what was chosen."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.catalogue_address import FLAG_WORDS, SIGNED_WORDS, STANDING_WORDS, STATE_WORDS
from registry.accounts.catalogue_counts import Counts, counts, teams
from registry.accounts.models import Account, Topic, account_topic
from registry.accounts.platforms import PLATFORMS
from registry.accounts.queries import Filters, Sight
from registry.db import db
from registry.guidelines.models import Principle
from registry.people.models import Person, Team
from registry.web import href_with

#: Teams that the facet offers, the largest first.
MOST_TEAMS: Final = 40
PLATFORM_WORDS: Final = {slug: platform.name for slug, platform in PLATFORMS.items()}


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a facet."""

    label: str
    #: ``None`` where the words find too many accounts to count.
    count: int | None
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Facet:
    """One way of narrowing the list."""

    title: str
    options: list[Option]


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that the list is narrowed to, and the address without it."""

    label: str
    remove_href: str


def facets(filters: Filters, counted: Counts) -> list[Facet]:
    """The ways of narrowing the list, each with the choices that lead somewhere."""
    many = counted.many
    if many:
        counted = counts(replace(filters, q=""))
    topics = _topics({*counted.topic, *filters.topic}, filters.sight)
    told: list[tuple[str, str, Mapping[Any, str], Mapping[Any, int]]] = [
        ("Platform", "platform", PLATFORM_WORDS, counted.platform),
        ("State", "state", STATE_WORDS, counted.state),
        ("Standing", "standing", STANDING_WORDS, counted.standing),
        ("Team", "team", _team_labels(filters, counted), counted.team),
        ("Topic", "topic", {one: topics[one] for one in (*counted.topic, *filters.topic) if one in topics},
         counted.topic),
        ("Place", "place", {place: place for place in (*counted.place, *filters.place)}, counted.place),
    ]  # fmt: skip
    found = [Facet(title, _options(filters, name, labels, numbers)) for title, name, labels, numbers in told]
    found += [
        Facet("Principle", _principles(filters)), Facet("Guidelines", _signed(filters, counted)),
        Facet("Look out for", _flags(filters, counted)),
    ]  # fmt: skip
    return [_without_numbers(facet) if many else facet for facet in found if facet.options]


def _options(
    filters: Filters, name: str, labels: Mapping[Any, str], numbers: Mapping[Any, int]
) -> list[Option]:  # fmt: skip
    chosen = getattr(filters, name)
    return [
        Option(label, numbers.get(value, 0), _toggled(name, value, chosen), value in chosen)
        for value, label in labels.items()
        if numbers.get(value) or value in chosen
    ]


def _principles(filters: Filters) -> list[Option]:
    """Those in force, in their order, and what is chosen; not counted, as few accounts name one."""
    chosen = filters.principle
    named = {one: name for one, name, in_force in _all_principles() if in_force or one in chosen}
    return [Option(name, None, _toggled("principle", one, chosen), one in chosen) for one, name in named.items()]


def _all_principles() -> Sequence[tuple[int, str, bool]]:
    """Every principle there has been: its id, its name, and whether it is in force."""
    every = sa.select(Principle.id, Principle.name, Principle.retired_at.is_(None))
    ordered = every.order_by(Principle.document_id, Principle.position, Principle.id)
    return audit.remembered("principles", lambda: [(*row,) for row in db.session.execute(ordered)])


def _toggled(name: str, value: Any, chosen: tuple[Any, ...]) -> str:
    left = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
    return href_with(**{name: left, "page": None, "format": None})


def _team_labels(filters: Filters, counted: Counts) -> dict[int, str]:
    """The chosen teams and those right within them; where none is chosen, those at the top.

    Where all is within one team, as within the council itself, those within that.
    """
    known = teams()
    above: Iterable[int | None] = filters.team or (None,)
    below = _right_within(above, counted, known)
    if not filters.team and len(below) == 1:
        below += _right_within(below, counted, known)
    shown = [*(one for one in filters.team if one in known), *below][:MOST_TEAMS]
    return {one: known[one][0] for one in shown}


def _right_within(
    above: Iterable[int | None], counted: Counts, known: Mapping[int, tuple[str, int | None]]
) -> list[int]:  # fmt: skip
    places = set(above)
    below = [one for one, (_, parent) in known.items() if parent in places and counted.team.get(one)]
    return sorted(below, key=lambda one: (-counted.team[one], known[one][0], one))


def _signed(filters: Filters, counted: Counts) -> list[Option]:
    """Offered where somebody has still to sign, as else there is nothing to choose."""
    if not counted.signed.get("no") and not filters.signed:
        return []
    return [
        Option(SIGNED_WORDS[name], count, href_with(signed=None if filters.signed == name else name, page=None),
               filters.signed == name)
        for name, count in counted.signed.items()
        if count or filters.signed == name
    ]  # fmt: skip


def _flags(filters: Filters, counted: Counts) -> list[Option]:
    found = []
    for name in ("sole", "late"):
        count, chosen = getattr(counted, name), getattr(filters, name)
        if count or chosen:
            href = href_with(**{name: None if chosen else "yes", "page": None})
            found.append(Option(FLAG_WORDS[name], count, href, chosen))
    return found


def _without_numbers(facet: Facet) -> Facet:
    return replace(facet, options=[replace(option, count=None) for option in facet.options])


def chips(filters: Filters) -> list[Chip]:
    """What the list is narrowed to, each with the way back."""
    found = [Chip(f"“{filters.q}”", href_with(q=None, page=None))] if filters.q else []
    labels: tuple[tuple[str, Mapping[Any, str]], ...] = (
        ("platform", PLATFORM_WORDS), ("state", STATE_WORDS), ("standing", STANDING_WORDS),
        ("team", _names(Team, set(filters.team))), ("topic", _topics(set(filters.topic), filters.sight)),
        ("place", {}), ("principle", {one: name for one, name, _ in (_all_principles() if filters.principle else ())}),
    )  # fmt: skip
    for name, words in labels:
        chosen = getattr(filters, name)
        found += [Chip(words.get(value, str(value)), _toggled(name, value, chosen)) for value in chosen]
    if filters.signed:
        found.append(Chip(SIGNED_WORDS[filters.signed], href_with(signed=None, page=None)))
    if filters.owner is not None:
        owner = db.session.get(Person, filters.owner)
        found.append(Chip(f"Run by {owner.name if owner else 'somebody unknown'}", href_with(owner=None, page=None)))
    flags = [name for name in FLAG_WORDS if getattr(filters, name)]
    return found + [Chip(FLAG_WORDS[name], href_with(**{name: None, "page": None})) for name in flags]


def _topics(ids: set[int], sight: Sight) -> dict[int, str]:
    """The names of some topics; of those that nothing is about which the asker sees, not even the name is told.

    Any number can be asked for, and what a hidden account or a profile is about is nobody else's to read.
    """
    about = sa.exists().where(account_topic.c.topic_id == Topic.id, account_topic.c.account_id == Account.id)
    return _names(Topic, ids, about.where(sight.condition))


def _names(model: Any, ids: set[int], *where: sa.ColumnElement[bool]) -> dict[int, str]:
    if not ids:
        return {}
    rows = db.session.execute(sa.select(model.id, model.name).where(model.id.in_(ids), *where))
    return {number: name for number, name in rows}
