"""What is asked of a directory, and how a whole reading of it goes, whoever carries the questions.

A reading tells people from absences only if it is complete: every page ended well, the last one said that it was the
last, and the pages did not go in circles. ``directory`` opens the links; nothing here knows ldap3.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Final, Protocol

from registry.config import LdapSettings, variable
from registry.people.ldap import faults
from registry.people.ldap.ber import RawEntry
from registry.people.ldap.entries import Entry, Mapping, Skipped
from registry.people.ldap.faults import DirectoryUnavailable

#: Seconds to wait for an answer in a whole reading, where nobody sits and waits.
PATIENCE: Final = 60
#: Pages in a row that bring nobody new, after which a directory is thought to go in circles.
MOST_BARREN_PAGES: Final = 50
MOST_SKIPPED_KEPT: Final = 1_000


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back to a search: the entries, and how the directory closed it."""

    entries: list[Any]  # As ``take`` made them of each.
    code: int
    words: str
    cookie: bytes


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
        page: int | None = None, cookie: bytes = b"", limit: int = 0,
        take: Callable[[RawEntry], object] = as_it_is,
    ) -> Answer:  # fmt: skip
        """One search: the whole answer, or a page of it. Raises ``DirectoryError``.

        ``take`` makes something of each entry at once. The parts of a thousand entries must not lie about together, as
        Python would look through all of them, again and again, for what it could throw away.
        """


class PeopleRead:
    """A whole reading of the directory. Iterating, once, gives its pages; afterwards it tells how it went.

    Raises ``DirectoryError`` where it cannot begin. What goes wrong later ends it: ``complete`` is then False, and
    nobody may be thought to have left.
    """

    def __init__(self, settings: LdapSettings, connect: Callable[[], AbstractContextManager[Link]]) -> None:
        self.settings, self._connect = settings, connect
        self.read = 0  # Entries that the directory gave, used or not.
        self.skipped: list[Skipped] = []  # The first thousand.
        self.skipped_count = 0
        self.complete = False
        self.reason = ""  # Why it is not complete.
        self._mapping = Mapping(settings)
        self._seen = _Seen()

    def __iter__(self) -> Iterator[list[Entry]]:
        with self._connect() as link:
            link.wait_at_most(PATIENCE)
            yield from self._pages(link)

    def _pages(self, link: Link) -> Iterator[list[Entry]]:
        settings = self.settings
        cookie, cookies, barren = b"", set(), 0
        while True:
            try:
                answer = link.search(
                    settings.base_dn, settings.people_filter, self._mapping.wanted,
                    page=settings.page_size, cookie=cookie, take=self._mapping.entry,
                )  # fmt: skip
            except DirectoryUnavailable as error:
                if not self.read:
                    raise
                self.reason = str(error)
                return
            page = self._people(answer.entries)
            if page:
                yield page
            cookie = answer.cookie
            if answer.code != faults.SUCCESS:
                self._stopped(answer)
                return
            if not cookie:
                self.complete = True
                return
            # Some directories give a cookie twice, which is right as long as it leads on.
            barren = 0 if page else barren + 1
            if (barren and cookie in cookies) or barren == MOST_BARREN_PAGES:
                self.reason = (
                    f"{faults.URIS}: the directory gave its pages in circles after {self.read} entries;"
                    f" try another {variable('ldap.page_size')}."
                )
                return
            cookies.add(cookie)

    def _people(self, entries: list[Entry | Skipped]) -> list[Entry]:
        page = []
        for found in entries:
            if isinstance(found, Entry):
                if self._seen.add(found.directory_id):
                    page.append(found)
                    continue
                self._skip(Skipped(found.dn, "has the same id as an entry before it"))
            else:
                self._skip(found)
        self.read += len(entries)
        return page

    def _skip(self, entry: Skipped) -> None:
        self.skipped_count += 1
        if len(self.skipped) < MOST_SKIPPED_KEPT:
            self.skipped.append(entry)

    def _stopped(self, answer: Answer) -> None:
        code, words, settings = answer.code, answer.words, self.settings
        if not self.read and code not in (faults.SIZE_LIMIT, faults.TIME_LIMIT, faults.ADMIN_LIMIT):
            raise faults.of_search(code, words, settings, settings.base_dn)
        self.reason = faults.of_end(code, words, settings, self.read)


class _Seen:
    """The ids seen so far, in eight to sixteen bytes each: a set of them would take ten times as much.

    It keeps 64 bits of a hash. That a million people share one by chance happens once in thirty million readings,
    and then one of them is skipped, and told of.
    """

    def __init__(self) -> None:
        self._table, self._count = array("Q", bytes(8 * 4096)), 0

    def add(self, directory_id: str) -> bool:
        """Remember an id; False where it was there already."""
        if self._count * 2 > len(self._table):
            old, self._table, self._count = self._table, array("Q", bytes(16 * len(self._table))), 0
            for mark in old:
                if mark:
                    self._put(mark)
        return self._put((hash(directory_id) & 0xFFFF_FFFF_FFFF_FFFF) or 1)

    def _put(self, mark: int) -> bool:
        table = self._table
        last = len(table) - 1
        place = mark & last
        while held := table[place]:
            if held == mark:
                return False
            place = (place + 1) & last
        table[place] = mark
        self._count += 1
        return True
