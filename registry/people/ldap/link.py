"""What is asked of a directory, whoever carries the questions: ``directory`` opens the links, with ldap3."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from registry.people.ldap.ber import RawEntry


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to a search: the entries, and how the directory closed it."""

    entries: list[Any]  # As ``take`` made them of each.
    code: int
    words: str
    #: Where to go on: empty with the last page, None where the answer says nothing of pages. Of changes, where the
    #: next question may start.
    cookie: bytes | None
    more: bool = False  # Whether there are more changes.


def as_it_is(entry: RawEntry) -> RawEntry:
    """The entry itself."""
    return entry


class Link(Protocol):
    """A connection to one directory."""

    @property
    def pages(self) -> bool:
        """Whether its answers come in pages."""

    def wait_at_most(self, seconds: float) -> None:
        """From now on wait for each answer by itself, and this long."""

    def search(
        self, base: str, where: str, wanted: Iterable[str], *, scope: str = "SUBTREE",
        page: int | None = None, cookie: bytes = b"", limit: int = 0, since: bytes | None = None,
        take: Callable[[RawEntry], object] = as_it_is,
    ) -> Answer:  # fmt: skip
        """One search: the whole answer, or a page of it. Raises ``DirectoryError``.

        With ``since``, Active Directory tells only what changed after that ``Answer.cookie``, an empty one at first.
        ``take`` makes something of each entry at once. The parts of a thousand entries must not lie about together, as
        Python would look through all of them, again and again, for what it could throw away.
        """


def in_brackets(where: str) -> str:
    """A filter as it can stand within another."""
    return where if where.startswith("(") else f"({where})"
