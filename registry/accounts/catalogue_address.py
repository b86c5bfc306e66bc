"""The address of the catalogue: what it asks for, in which order and with which columns."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl, urlencode

from werkzeug.datastructures import MultiDict

from registry.accounts.catalogue_rows import SORTS
from registry.accounts.models import Standing, State
from registry.accounts.naming.words import STANDINGS
from registry.accounts.platforms import PLATFORMS
from registry.accounts.queries import Filters, Sight
from registry.fields import shown
from registry.web import whole

STANDING_WORDS: Final = {standing.value: STANDINGS[standing].word for standing in Standing}
STATE_WORDS: Final = {state.value: state.value.capitalize() for state in State}
SIGNED_WORDS: Final = {"yes": "Everybody has signed", "no": "Somebody has still to sign"}
FLAG_WORDS: Final = {"sole": "Nobody to take over", "late": "Overdue for review", "waiting": "Waits for comms"}
LANGUAGE_WORDS: Final = {"en": "English", "cy": "Welsh", "en cy": "English and Welsh", "other": "Another language"}
#: The parts of an address that a saved view keeps, in this order.
ASKED: Final = (
    "q", "platform", "state", "standing", "team", "topic", "place", "principle", "signed", "owner", "sole",
    "late", "waiting", "sort", "columns",
)  # fmt: skip
#: More than this nobody types, and no link of ours has.
LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column that somebody may choose beside the account itself."""

    label: str
    #: By what its heading sorts; empty where it does not.
    sort: str
    #: What it becomes in a file.
    fields: tuple[str, ...]


COLUMNS: Final = {
    "owner": Column("Who answers", "owner", ("owner", "deputy")),
    "team": Column("Team", "team", ("team",)),
    "state": Column("State", "state", ("state", "standing")),
    "review": Column("Next review", "review", ("review_on",)),
    "platform": Column("Platform", "platform", ()),
    "purpose": Column("What it is for", "", ("purpose",)),
    "topics": Column("Topics", "", ("topics",)),
    "place": Column("Place", "place", ("place",)),
    "language": Column("Language", "", ("language",)),
    "signed": Column("Guidelines", "", ("signed",)),
    "principle": Column("Principle it serves", "", ("principle",)),
    "registered": Column("Registered", "registered", ("proposed_at",)),
}
USUAL: Final = ("owner", "team", "state", "review")
#: What every file begins with: the account itself.
FILE_BEGINS: Final = ("title", "platform", "handle", "url")


def filters_from(args: MultiDict[str, str], sight: Sight) -> Filters:
    """What an address narrows the catalogue to, for somebody who sees ``sight``.

    What it does not understand narrows nothing.
    """

    def known(name: str, words: Collection[str]) -> tuple[str, ...]:
        return tuple(value for value in dict.fromkeys(args.getlist(name)) if value in words)

    def numbers(name: str) -> tuple[int, ...]:
        return tuple(dict.fromkeys(one for one in map(whole, args.getlist(name)) if one is not None))

    return Filters(
        sight=sight,
        q=args.get("q", "").strip(),
        platform=known("platform", PLATFORMS),
        standing=known("standing", STANDING_WORDS),
        state=known("state", STATE_WORDS),
        team=numbers("team"),
        topic=numbers("topic"),
        principle=numbers("principle"),
        place=tuple(dict.fromkeys(place for place in args.getlist("place") if place)),
        signed=next(iter(known("signed", SIGNED_WORDS)), ""),
        owner=whole(args.get("owner")),
        sole=args.get("sole") == "yes",
        late=args.get("late") == "yes",
        waiting=args.get("waiting") == "yes",
    )


def columns_from(asked: str) -> tuple[str, ...]:
    """The columns that ``columns`` of an address names, in our order; none where it names none that there is."""
    names = set(asked.split(","))
    return tuple(name for name in COLUMNS if name in names)


def asks_from(args: MultiDict[str, Any]) -> str:
    """An address as a saved view keeps it: what it asks for and nothing else, always in the same order."""
    pairs = [(name, value) for name in ASKED for value in dict.fromkeys(args.getlist(name)) if value]
    sort = args.get("sort", "")
    if sort.removeprefix("-") not in SORTS or sort == "title":
        pairs = [pair for pair in pairs if pair[0] != "sort"]
    return urlencode(pairs)[:LONGEST]


def args_of(asks: str) -> MultiDict[str, str]:
    """What ``asks_from`` wrote, taken apart again; whatever else a form brought is made harmless."""
    return MultiDict([(name, shown(value)) for name, value in parse_qsl(asks[:LONGEST])])
