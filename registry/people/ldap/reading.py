"""How a reading of the directory goes, and what tells a whole one from one that broke off.

A reading tells people from absences only if it is complete: every page ended well, the last one said that it was the
last, and the pages did not go in circles. Nothing here knows ldap3.
"""

from array import array
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from registry.config import Flavour, LdapSettings
from registry.people.ldap import dirsync, faults
from registry.people.ldap.ber import RawEntry
from registry.people.ldap.entries import Entry, Glimpse, Mapping, Skipped, Unit
from registry.people.ldap.faults import DirectoryError, DirectoryUnavailable
from registry.people.ldap.flavours import Root, attributes_of, people_filter, read_root
from registry.people.ldap.groups import members_of
from registry.people.ldap.link import Answer, Link

#: How LDAP writes a moment (RFC 4517, 3.3.13), without its zone, which is always UTC here.
MOMENT: Final = "%Y%m%d%H%M%S"
#: A change mark in whole seconds is trusted when it is this old, as the clock of the directory may be wrong by as much.
TRUSTED_AFTER: Final = timedelta(minutes=5)
#: What changed while a reading went on is looked at again. Where clocks differ by more, a sweep sees it that night.
LOOK_BACK: Final = timedelta(seconds=5)
#: Seconds to wait for an answer in a whole reading, where nobody sits and waits.
PATIENCE: Final = 60
UNITS: Final = "(objectClass=organizationalUnit)"
#: Pages in a row that bring nobody new, after which a directory is thought to go in circles.
MOST_BARREN_PAGES: Final = 50
MOST_SKIPPED_KEPT: Final = 1_000


class PeopleRead:
    """A reading of the directory, for one use.

    Iterating gives pages of everybody's whole entries. Within ``opened``, ``changed``, ``whole``, ``glimpses`` and
    ``fetch`` may follow each other over one link. Afterwards it tells how it went: what goes wrong on the way ends it,
    ``complete`` is then False, and nobody may be thought to have left. Raises ``DirectoryError`` where it cannot begin.
    """

    def __init__(self, settings: LdapSettings, connect: Callable[[], AbstractContextManager[Link]]) -> None:
        self.settings, self._connect = settings, connect
        self.skipped: list[Skipped] = []  # The first thousand.
        self.root = Root(Flavour.GENERIC)
        #: Where a later ``changed`` may start; empty where the directory does not tell changes that way.
        self.cookie = b""
        self._begin_again()

    def _begin_again(self) -> None:
        self.read = 0  # Entries that the directory gave, used or not.
        self.skipped.clear()
        self.skipped_count = 0
        self.complete = False
        self.broken = False  # Whether the link is of no use any more.
        self.reason = ""  # Why it is not complete.
        self._seen = _Seen()

    def __iter__(self) -> Iterator[list[Entry]]:
        with self.opened():
            yield from self.whole()

    @contextmanager
    def opened(self) -> Iterator[None]:
        """Hold one link to the directory."""
        with ExitStack() as self._links:
            self._open()
            yield

    def _open(self) -> None:
        self._link = link = self._links.enter_context(self._connect())
        link.wait_at_most(PATIENCE)
        self.root = read_root(link, self.settings)
        self._people_filter = people_filter(self.settings, self.root.flavour)
        self._began_at = datetime.now(UTC)
        fresh = self._began_at - TRUSTED_AFTER
        self._mapping = Mapping(
            self.settings, attributes_of(self.settings, self.root.flavour), fresh=f"{fresh:{MOMENT}}",
            server=self.root.server,
        )  # fmt: skip

    @property
    def high_mark(self) -> str:
        """Where a later reading of changes may start; empty where the directory tells nothing of changes."""
        if self.root.high_usn:
            return self.root.high_usn
        before = f"{self._began_at - LOOK_BACK:{MOMENT}}"
        highest = self._mapping.highest.decode(errors="replace")
        return highest if highest[: len(before)] < before else before

    def whole(self, since: str = "") -> Iterator[list[Entry]]:
        """Pages of whole entries: of everybody, or of those that changed after the ``high_mark`` of an earlier one."""
        self._begin_again()
        where = f"(&{self._people_filter}{self._changed_since(since)})" if since else self._people_filter
        yield from self._whole_of(where)

    def _whole_of(self, where: str) -> Iterator[list[Entry]]:
        for entries in self._pages(where, self._mapping.wanted, self._mapping.entry, self._is_new):
            if page := self._people(entries):
                yield page

    def take_cookie(self, cookie: bytes = b"") -> None:
        """Note where a later ``changed`` may start that shall miss nothing of what is read from now on.

        ``cookie`` is an earlier one, which spares the directory much looking. Another server may answer afterwards.
        """
        self.cookie = b""
        changes = dirsync.Changes(self._link, self.settings, self.root, cookie)
        try:
            for _ in self._told(changes, dirsync.NOBODY, ["objectGUID"]):
                pass
        except dirsync.NoDirSync as error:
            if cookie and not error.silent:
                self.take_cookie()
        else:
            self.cookie = changes.cookie

    def changed(self, cookie: bytes) -> Iterator[list[Entry]]:
        """Pages of the whole entries that changed since ``cookie``, an earlier one.

        Raises ``NoDirSync`` where the directory does not tell that; another server may answer afterwards.
        """
        self._begin_again()
        where, settings = self._people_filter, self.settings
        changes = dirsync.Changes(self._link, settings, self.root, cookie)
        wanted = dirsync.wanted_of(attributes_of(settings, self.root.flavour), where)
        for ids in self._told(changes, where, wanted):
            for start in range(0, len(ids), dirsync.AT_ONCE):
                self._seen = _Seen()  # Whoever changes meanwhile is told of again.
                yield from self._whole_of(f"(&{where}{dirsync.one_of(ids[start : start + dirsync.AT_ONCE])})")
                if not self.complete:
                    return
                self.complete = False
        self.complete, self.cookie = True, changes.cookie

    def _told(self, changes: dirsync.Changes, where: str, wanted: list[str]) -> Iterator[list[bytes]]:
        try:
            yield from changes.told(where, wanted)
        except dirsync.NoDirSync as error:
            if error.silent:
                self._links.close()
                self._open()
            raise

    def glimpses(self) -> Iterator[list[Glimpse]]:
        """Pages of everybody's change mark and name."""
        self._begin_again()
        mapping = self._mapping
        for entries in self._pages(self._people_filter, mapping.wanted_of_all, mapping.glimpse, _never_twice()):
            self.read += len(entries)
            yield entries

    def units(self) -> list[Unit]:
        """The id of each organisational unit that stands for a team, and the names from the top down to it."""
        found: list[Unit] = []
        mapping = self._mapping
        for page in self._pages(UNITS, mapping.wanted_of_units, mapping.unit, _never_twice()):
            found.extend((directory_id, names) for directory_id, names in page if directory_id and names)
        self._begin_again()
        return found

    def members(self, role_groups: Collection[Iterable[str]]) -> dict[str, set[str]] | None:
        """For each group that gives a role, the keys of its members; None where one cannot be read, or none is set."""
        groups = [group for names in role_groups for group in names]
        try:
            return members_of(self._link, groups) if groups else None
        except DirectoryError as error:
            self.reason = f"Roles are as they were: {error}"
            return None

    def id_of(self, glimpse: Glimpse) -> str:
        """The directory id of somebody who was glimpsed; empty where it cannot be read."""
        return self._mapping.id_of(glimpse)

    def fetch(self, dns: Iterable[bytes]) -> Iterator[list[Entry]]:
        """The whole entries of these names; one that has just gone or moved is left for the next reading."""
        if self.broken:
            return
        page: list[Entry] = []
        self._seen = _Seen()  # What is asked for by name may have been read before.
        for dn in dns:
            if len(page) >= self.settings.page_size:
                yield page
                page = []
            try:
                answer = self._link.search(
                    dn.decode(errors="replace"), self._people_filter, self._mapping.wanted, scope="BASE",
                    take=self._mapping.entry,
                )  # fmt: skip
            except DirectoryUnavailable as error:
                self._broke_off(str(error))
                break
            if answer.code not in (faults.SUCCESS, faults.NO_SUCH_OBJECT):
                self._broke_off(faults.of_end(answer.code, answer.words, self.settings, self.read))
                break
            page += self._people(answer.entries)
            self.read -= len(answer.entries)  # They were counted at the first glimpse.
        if page:
            yield page

    def _broke_off(self, reason: str) -> None:
        if self.complete:
            self.complete, self.reason = False, reason

    def _changed_since(self, mark: str) -> str:
        name = attributes_of(self.settings, self.root.flavour).changed[0]
        if self.root.high_usn:
            return f"({name}>={int(mark) + 1})"
        if name.lower() == "entrycsn":
            return f"({name}>={mark})" if "#" in mark else f"(modifyTimestamp>={mark}Z)"
        return f"({name}>={mark[: len('YYYYmmddHHMMSS')]}{'.0Z' if name.lower() == 'whenchanged' else 'Z'})"

    def _pages(
        self, where: str, wanted: list[str], take: Callable[[RawEntry], Any], leads_on: Callable[[list[Any]], bool]
    ) -> Iterator[list[Any]]:
        """The pages of one search, to the last or the first fault. ``leads_on``: whether one brings anything new."""
        settings = self.settings
        cookie, barren, paged = b"", 0, False
        cookies: set[bytes] = set()
        while True:
            try:
                answer = self._link.search(
                    settings.base_dn, where, wanted, page=settings.page_size, cookie=cookie, take=take
                )
            except DirectoryUnavailable as error:
                if not self.read:
                    raise
                self.reason, self.broken = str(error), True
                return
            leads = bool(answer.entries) and leads_on(answer.entries)
            if answer.entries:
                yield answer.entries
            paged = paged or answer.cookie is not None
            if answer.code != faults.SUCCESS:
                self._stopped(answer)
                return
            cookie = answer.cookie or b""
            if answer.cookie is None and paged:
                self.reason = faults.of_lost_cookie(self.read)
                return
            if not cookie:
                self.complete = True
                return
            # Some directories give a cookie twice, which is right as long as it leads on.
            barren = 0 if leads else barren + 1
            if (barren and cookie in cookies) or barren == MOST_BARREN_PAGES:
                self.reason = faults.of_circles(self.read)
                return
            cookies.add(cookie)

    def _is_new(self, entries: list[Entry | Skipped]) -> bool:
        return any(isinstance(one, Entry) and one.directory_id not in self._seen for one in entries)

    def _people(self, entries: list[Entry | Skipped]) -> list[Entry]:
        page = []
        for found in entries:
            if isinstance(found, Entry):
                if self._seen.add(found.directory_id):
                    page.append(found)
                    continue
                self._skip(Skipped(found.dn, "has the same id as an entry before it", found.directory_id))
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


def _never_twice() -> Callable[[list[Any]], bool]:
    """Tells whether a page begins as none did before: a directory that goes in circles comes back to where it was."""
    heads: set[Any] = set()

    def leads_on(page: list[Any]) -> bool:
        head = hash(page[0])
        known = head in heads
        heads.add(head)
        return not known

    return leads_on


class _Seen:
    """The ids seen so far, in eight to sixteen bytes each: a set of them would take ten times as much.

    It keeps 64 bits of a hash. That a million people share one by chance happens once in thirty million readings,
    and then one of them is skipped, and told of.
    """

    def __init__(self) -> None:
        self._table, self._count = array("Q", bytes(8 * 4096)), 0

    def __contains__(self, directory_id: str) -> bool:
        mark, table = (hash(directory_id) & 0xFFFF_FFFF_FFFF_FFFF) or 1, self._table
        place = mark & (len(table) - 1)
        while held := table[place]:
            if held == mark:
                return True
            place = (place + 1) & (len(table) - 1)
        return False

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
