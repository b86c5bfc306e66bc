"""What the tables hold on people, declared on each column: read by the report on somebody and by forgetting them.

Every part of the register keeps something on people, and the part that tells them of it (people/subject.py) stands
below most of those, so it cannot know them. Instead each column says for itself; a test refuses one that is silent.
"""

import enum
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

#: Where in the ``info`` of a column its declaration is.
KEY: Final = "person"


class Fate(enum.StrEnum):
    """What becomes of a row that leads to somebody when they are forgotten."""

    #: It stays and leads to the pseudonym.
    KEPT = "kept"
    #: It stays without what told who they were.
    CLEARED = "cleared"
    DELETED = "deleted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lead:
    """A column that leads from a row to somebody."""

    #: The heading of these rows in a report on somebody; the same in two columns of a table makes one list of both.
    heading: str
    fate: Fate
    #: Why the rows are kept or cleared rather than deleted.
    because: str = ""
    #: What the column holds of somebody: values that it is compared with, given a row of ``person``.
    values: Callable[[Any], Collection[Any]] = field(default=lambda person: [person.id])
    #: Other columns of the table, and what they must hold for the row to be about a person at all.
    only: Mapping[str, str] = field(default_factory=dict)
    #: The columns that a report tells; ``None`` for all, none at all where the rows are about somebody else.
    shows: Collection[str] | None = None
    #: How to tell a row instead: given the object that it is mapped to, labels and values.
    tells: Callable[[Any], dict[str, Any]] | None = None
    #: The columns that forgetting empties.
    clears: Collection[str] = ()
    #: Whether a report tells what the column holds: the name of their manager, say, or their own address.
    named: bool = False


@dataclass(frozen=True, slots=True)
class Note:
    """A column that leads to nobody, but stands beside one that does."""

    #: Why it may stay when somebody is forgotten.
    because: str
    #: Whether a report leaves it out: a hash, or words told elsewhere already.
    hidden: bool = False


def leads(heading: str, fate: Fate, **more: Any) -> dict[str, Any]:
    """The ``info`` of a column that leads to somebody; see ``Lead`` for the arguments."""
    return {KEY: Lead(heading=heading, fate=fate, **more)}


def stays(because: str) -> dict[str, Any]:
    """The ``info`` of a column that may stay as it is, and why."""
    return {KEY: Note(because)}


def hidden(because: str) -> dict[str, Any]:
    """The ``info`` of a column that no report tells, and why."""
    return {KEY: Note(because, hidden=True)}


def attribute(name: str) -> Callable[[Any], Collection[Any]]:
    """For ``Lead.values``: what somebody has under ``name``, where they have it at all."""
    return lambda person: [value] if (value := getattr(person, name)) else []
