"""Looks at what a directory gives and whether the settings fit it, for ``registry doctor``. Changes nothing."""

import contextlib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from itertools import chain
from typing import Final, Protocol

from registry.config import Flavour, LdapAttributes, LdapSettings, variable
from registry.people.ldap import faults, way
from registry.people.ldap.ber import RawEntry
from registry.people.ldap.dirsync import NOBODY, Changes, NoDirSync
from registry.people.ldap.entries import LOCKED_FOR_GOOD, Entry, Mapping, Skipped, clean
from registry.people.ldap.faults import DirectoryError, DirectoryUnavailable
from registry.people.ldap.flavours import ASKED_FOR, NAMES, attributes_of, people_filter, read_root
from registry.people.ldap.groups import members_of
from registry.people.ldap.link import Answer, Link
from registry.people.ldap.steps import Ldapsearch, Step, failed

#: How many people are shown.
SAMPLE: Final = 5
#: Entries asked for without pages: above the thousand of Active Directory and the five hundred of OpenLDAP.
PROBE: Final = 2_000
#: Entries that 389 Directory Server looks through for anybody but its manager, as it is installed; pages or not.
LOOKED_THROUGH: Final = 5_000
#: Active Directory turns away clocks that differ by more (RFC 4120, 1.6: "typically 5 minutes").
MOST_SECONDS_APART: Final = 300
LIMITS: Final = (faults.SIZE_LIMIT, faults.ADMIN_LIMIT, faults.TIME_LIMIT)
#: Fields whose steps are their own, or without which there is no person.
NOT_MISSED: Final = ("directory_id", "username", "disabled", "changed")
ATTRIBUTES: Final = variable("ldap.attributes")


class Open(Link, Protocol):
    """A link that is not signed in yet."""

    @property
    def manner(self) -> str:
        """How it is encrypted, in words."""

    def admit(self, settings: LdapSettings) -> None:
        """Sign in the register's own account. Raises ``DirectoryError`` where it is refused."""

    def close(self) -> None:
        """Hang up."""


def examine(settings: LdapSettings, connect: Callable[[str], Open]) -> Iterator[Step]:
    """Go to every server, and look at what the first good one holds. ``connect`` opens a link; nothing is raised."""
    seen = False
    for uri in settings.uris:
        if not (yield from way.look(settings, uri)):
            continue
        ask = Ldapsearch(settings, uri)(settings.base_dn, scope="base")
        try:
            with contextlib.closing(connect(uri)) as link:
                link.wait_at_most(settings.timeout)
                try:
                    link.admit(settings)
                except DirectoryError as error:
                    yield failed(error, "bind", ask)
                    if isinstance(error, DirectoryUnavailable):
                        continue
                    return  # A wrong password tried at every address would lock the account.
                who = settings.bind_dn or "A stranger"
                yield Step(True, f"{who} may sign in at {uri}{link.manner}.", about="bind", command=ask)
                checkup = Checkup(settings, link, uri)
                yield from checkup.server()
                if not seen:
                    yield from checkup.content()
                seen = True
        except Ended as error:
            yield error.step
        except DirectoryError as error:
            yield failed(error, "directory", ask)


class Checkup:
    """The look at one directory, over a link that is signed in. Raises ``DirectoryError`` where it ends."""

    def __init__(self, settings: LdapSettings, link: Link, uri: str) -> None:
        self.settings, self.link, self.uri = settings, link, uri
        self.ask = Ldapsearch(settings, uri)
        self.base, self.who = settings.base_dn, settings.bind_dn or "strangers"

    def server(self) -> Iterator[Step]:
        """What may differ from one server to the next of the same directory."""
        yield self._kind()
        yield from self._clock()
        yield self._base()

    def content(self) -> Iterator[Step]:
        """What all of them hold; after ``server``."""
        yield from self._people()
        yield from self._disabled()
        yield self._paging()
        yield self._limit()
        yield from self._groups()
        yield from self._told_changes()

    def _search(self, where: str, wanted: list[str], *, limit: int = 0) -> Answer:
        """A search below the base that may be cut short. Raises ``DirectoryError`` where it cannot even begin."""
        answer = self.link.search(self.base, where, wanted, limit=limit)
        if answer.code != faults.SUCCESS and answer.code not in LIMITS:
            raise faults.of_search(answer.code, answer.words, self.settings, self.base)
        return answer

    def _kind(self) -> Step:
        """Which kind of server it is; everything that comes after hangs on it."""
        settings, self.root = self.settings, read_root(self.link, self.settings)
        self.where = people_filter(settings, self.root.flavour)
        self.chosen = attributes_of(settings, self.root.flavour)
        self.mapping = Mapping(settings, self.chosen, server=self.root.server)
        command = self.ask("", wanted=ASKED_FOR, scope="base")
        found = read_root(self.link, settings.model_copy(update={"flavour": None})).flavour
        name, flavour = NAMES[self.root.flavour], variable("ldap.flavour")
        if settings.flavour in (None, found):
            how = f"as {flavour} says" if settings.flavour else "as it says itself"
            if not settings.flavour and found is Flavour.GENERIC:
                how = "as it does not say what it is"
            return Step(True, f"{self.uri} is {name}, {how}.", about="kind", command=command)
        return Step(
            True, f"{self.uri} is taken for {name}, as {flavour} says; it seems to be {NAMES[found]}.",
            f"Leave {flavour} empty, unless you know better.", "kind", command,
        )  # fmt: skip

    def _clock(self) -> Iterator[Step]:
        if not self.link.pages:
            return  # A file has no root entry.
        answer = self.link.search("", "(objectClass=*)", ["currentTime"], scope="BASE")
        told = next((values[0] for _, attributes in answer.entries for _, values in attributes if values), b"")
        try:
            at = datetime.strptime(told[:14].decode("ascii", "replace"), "%Y%m%d%H%M%S").replace(tzinfo=UTC)
        except ValueError:
            return  # Only Active Directory tells the time.
        apart = abs((datetime.now(UTC) - at).total_seconds())
        command = self.ask("", wanted=["currentTime"], scope="base")
        if apart > MOST_SECONDS_APART:
            line = f"The clocks of the directory and of this machine are {apart / 60:.0f} minutes apart."
            yield Step(False, line, "Set this machine's clock from the network (NTP).", "clock", command)
        else:
            line = f"The clock of the directory and this machine's are {apart:.0f} s apart."
            yield Step(True, line, about="clock", command=command)

    def _base(self) -> Step:
        base, command = self.base, self.ask(self.base, scope="base")
        found = self.link.search(base, "(objectClass=*)", ["1.1"], scope="BASE")
        if found.code == faults.SUCCESS and found.entries:
            return Step(True, f"{base} is there.", about="base", command=command)
        step = failed(faults.of_search(found.code or faults.NO_SUCH_OBJECT, found.words, self.settings, base))
        offered = f" The directory holds {', '.join(self.root.bases)}." if self.root.bases else ""
        raise Ended(Step(False, step.line + offered, step.mend, "base", command))

    def _people(self) -> Iterator[Step]:
        answer = self._search(self.where, self.mapping.wanted, limit=SAMPLE)
        raws = answer.entries[:SAMPLE]  # Samba gives them all, whatever limit it is asked for.
        command = self.ask(self.base, self.where, self.mapping.wanted, options=["-z", str(SAMPLE)])
        if not raws:
            mend = f"Correct it or {faults.BASE_DN}, or have {self.who} allowed to read."
            line = f"{faults.FILTER} finds nobody below {self.base}."
            raise Ended(Step(False, line, mend, "people", command))
        carried = [Carried(raw) for raw in raws]
        for raw, attributes in zip(raws, carried, strict=True):
            yield self._person(raw, attributes, command)
        yield from self._missed(raws, carried, command)
        yield self._changes(carried)

    def _person(self, raw: RawEntry, carried: "Carried", command: str) -> Step:
        found = self.mapping.entry(raw)
        if isinstance(found, Skipped):
            mend = f"Set {ATTRIBUTES} to names that the directory uses and {self.who} may read."
            return Step(False, f"{clean(found.dn)} {found.reason}.", mend, "person", command)
        told = [part for field in LdapAttributes.model_fields if (part := self._part(field, found, carried))]
        return Step(True, f"{found.name}: {'; '.join(told)}.", about="person", command=command)

    def _part(self, field: str, found: Entry, carried: "Carried") -> str:
        """What became of one field, and where it came from; empty where there is nothing."""
        source = carried.first(getattr(self.chosen, field))
        label = field.replace("_", " ")
        if field == "team":
            return f"team {' › '.join(found.team)} ({self._source_of_team(found, source)})" if found.team else ""
        if not source:
            return ""
        if field in ("disabled", "changed", "manager"):
            value = ("yes" if found.disabled else "no") if field == "disabled" else carried.text(source)
        else:
            value = str(getattr(found, field) or "")
        return f"{label} {value} ({source})" if value else ""

    def _source_of_team(self, found: Entry, source: str) -> str:
        place = "its place in the tree"
        if not source:
            return place
        return source if len(found.team) == 1 else f"{place}, {source}"

    def _missed(self, raws: list[RawEntry], carried: list["Carried"], command: str) -> Iterator[Step]:
        """Fields that nobody of the sample has anything for."""
        found = [entry for raw in raws if isinstance(entry := self.mapping.entry(raw), Entry)]
        nobody = []
        for field in LdapAttributes.model_fields:
            names = getattr(self.chosen, field)
            had = any(one.first(names) for one in carried) or (field == "team" and any(one.team for one in found))
            if field not in NOT_MISSED and not had:
                nobody.append(f"{' or '.join(names)} ({field.replace('_', ' ')})")
        if nobody:
            shown = "The one person shown has no" if len(raws) == 1 else f"None of the {len(raws)} people shown has"
            yield Step(
                True, f"{shown} {'; '.join(nobody)}.",
                f"If the directory keeps it under another name, give that under [ldap.attributes] in registry.toml"
                f" ({ATTRIBUTES}), or have {self.who} allowed to read it.",
                "attributes", command,
            )  # fmt: skip

    def _changes(self, carried: list["Carried"]) -> Step:
        """Whether a reading of what changed finds anything by the mark that such a reading asks for."""
        name = self.chosen.changed[0]
        values = [one.text(name) for one in carried if one.first([name])]
        where = f"(&{self.where}({name}>={min(values)}))" if values else f"(&{self.where}({name}=*))"
        command = self.ask(self.base, where, options=["-z", "1"])
        if values and self._search(where, ["1.1"], limit=1).entries:
            line = f"Entries say when they changed ({name}): quick readings of what changed work."
            return Step(True, line, about="changes", command=command)
        what = f"The entries have no {name}" if not values else f"The directory does not search by {name}"
        return Step(
            True, f"{what}: quick readings of what changed find nothing, and the nightly one sees it.",
            f"Have {self.who} allowed to read and search it.", "changes", command,
        )  # fmt: skip

    def _disabled(self) -> Iterator[Step]:
        names = self.chosen.disabled
        told = "".join(
            f"({name}:1.2.840.113556.1.4.803:=2)" if name.lower() == "useraccountcontrol"
            else f"({name}=TRUE)({name}={LOCKED_FOR_GOOD.decode()})"
            for name in names
        )  # fmt: skip
        where = f"(&{self.where}(|{told}))"
        if not self.link.pages:
            return  # ldap3's stand-in for a server reads no rule of matching.
        answer = self._search(where, self.mapping.wanted, limit=SAMPLE)
        found = [self.mapping.entry(raw) for raw in answer.entries[:SAMPLE]]
        people = [one.name for one in found if isinstance(one, Entry) and one.disabled]
        command = self.ask(self.base, where, names, options=["-z", str(SAMPLE)])
        if people:
            more = " and others" if len(people) == SAMPLE else ""
            line = f"Disabled in the directory, so without access: {', '.join(people)}{more}."
        else:
            line = f"Nobody is disabled in the directory (by {' or '.join(names)})."
        mend = "" if people else f"If somebody is, have {self.who} allowed to read and search that."
        yield Step(True, line, mend, "disabled", command)

    def _paging(self) -> Step:
        """Two pages of two, whatever the directory says of itself."""
        if not self.link.pages:
            return Step(True, "Long answers come in pages.", about="paging")
        command = self.ask(self.base, self.where, options=["-E", "pr=2/noprompt"])
        first = self.link.search(self.base, self.where, ["1.1"], page=2)
        says = "as it says" if self.root.pages else "though it does not say so"
        if first.code == faults.SUCCESS and first.cookie == b"":
            return Step(True, f"Long answers come in pages, {says}; here one was enough.", about="paging")
        if first.code == faults.SUCCESS and first.cookie:
            second = self.link.search(self.base, self.where, ["1.1"], page=2, cookie=first.cookie)
            new = {dn for dn, _ in second.entries} - {dn for dn, _ in first.entries}
            if second.code == faults.SUCCESS and new:
                return Step(True, f"Long answers come in pages, {says}.", about="paging", command=command)
        return Step(
            False, "The directory does not give long answers in pages.",
            f"Have its administrators allow {self.who} the paged results control, or lift the size limit for it.",
            "paging", command,
        )  # fmt: skip

    def _limit(self) -> Step:
        """Whether a limit of the account cuts answers, and whether pages get past it."""
        answer = self._search(self.where, ["1.1"], limit=PROBE)
        count = len(answer.entries)
        command = self.ask(self.base, self.where, options=["-z", str(PROBE)])
        paged = self.ask(self.base, self.where, options=["-E", f"pr={self.settings.page_size}/noprompt"])
        if answer.code != faults.SUCCESS:
            read, ended = self._past(max(count, LOOKED_THROUGH))
            if ended.code != faults.SUCCESS:
                told = faults.of_end(ended.code, ended.words, self.settings, read)
                return failed(DirectoryError(told), "limit", paged)
        if answer.code == faults.SUCCESS or count >= PROBE:
            shown = f"all {count}" if answer.code == faults.SUCCESS else f"{count}"
            line = f"No limit cuts an answer for {self.who}: {shown} people came at once."
            return Step(True, line, about="limit", command=command)
        return Step(
            True, f"{self.who} is given {count} people at once ({answer.words}); pages get past that.",
            about="limit", command=paged,
        )  # fmt: skip

    def _past(self, count: int) -> tuple[int, Answer]:
        """Read pages until there are more than ``count`` entries or no more; how many, and the last answer."""
        read, cookie = 0, b""
        while True:
            page = self.link.search(self.base, self.where, ["1.1"], page=self.settings.page_size, cookie=cookie)
            read, cookie = read + len(page.entries), page.cookie or b""
            if page.code != faults.SUCCESS or not cookie or not page.entries or read > count:
                return read, page

    def _groups(self) -> Iterator[Step]:
        pairs = list(chain.from_iterable(((role, dn) for dn in dns) for role, dns in self.settings.role_groups.items()))
        if not pairs:
            line = f"No group gives a role ({variable('ldap.role_groups')}); `registry grant` does."
            yield Step(True, line, about="groups")
        for role, group in pairs:
            command = self.ask(group, wanted=["member", "uniqueMember"], scope="base")
            try:
                count = len(members_of(self.link, [group])[group])
            except DirectoryError as error:
                yield failed(error, "groups", command)
                continue
            line = f"{group} makes {count} {'person' if count == 1 else 'people'} {role}, with the groups within it."
            mend = (
                "Add somebody, or name another group: the one that Active Directory calls primary (Domain Users)"
                " lists nobody." if not count else ""
            )  # fmt: skip
            yield Step(True, line, mend, "groups", command)

    def _told_changes(self) -> Iterator[Step]:
        """Whether Active Directory tells changes whichever of its servers answers; last, as it may take a while."""
        if self.root.flavour is not Flavour.ACTIVE_DIRECTORY:
            return
        changes = Changes(self.link, self.settings, self.root, b"")
        try:
            command = self.ask(changes.top(), NOBODY, ["objectGUID"], options=["-E", "!dirSync=1/0"])
            for _ in changes.told(NOBODY, ["objectGUID"]):
                pass
        except NoDirSync as error:
            yield Step(
                True, f"The directory does not tell what changed (DirSync): {error}.",
                "Nothing is missed without it. Where another domain controller answers than the last time, everybody"
                " is looked at.", "dirsync",
            )  # fmt: skip
        else:
            line = "The directory tells what changed (DirSync), whichever of its domain controllers answers."
            yield Step(True, line, about="dirsync", command=command)


class Ended(DirectoryError):
    """A step after which none other makes sense."""

    def __init__(self, step: Step) -> None:
        super().__init__(step.line)
        self.step = step


class Carried:
    """The attributes of one entry, by name in any spelling, with the values that are not blank."""

    def __init__(self, raw: RawEntry) -> None:
        self._values = {
            name.decode(errors="replace").lower(): kept
            for name, values in raw[1]
            if (kept := [value for value in values if value.strip()])
        }

    def first(self, names: "tuple[str, ...] | list[str]") -> str:
        """The first of ``names`` that the entry carries, empty where it carries none."""
        return next((name for name in names if name.lower() in self._values), "")

    def text(self, name: str) -> str:
        """The first value as text, in one line."""
        return clean(self._values[name.lower()][0].decode(errors="replace"))
