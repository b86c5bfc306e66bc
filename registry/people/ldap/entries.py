"""Makes a person's entry out of what the directory holds: clean text, one canonical id, names that can be compared.

Nothing here talks to a directory.
"""

import hashlib
import re
import unicodedata
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from registry.config import LdapAttributes, LdapSettings
from registry.people.ldap import oddities
from registry.people.ldap.ber import RawEntry
from registry.people.ldap.names import head, rdn_key, split, unit

#: ``userAccountControl`` has this bit where an account is disabled ([MS-ADTS] 2.2.16, ADS_UF_ACCOUNTDISABLE).
ACCOUNT_DISABLED: Final = 0x2
#: The password policy of OpenLDAP writes this moment where an account is locked for good (draft-behera-ldap-password-
#: policy, 5.3.3); any other is a pause after wrong passwords.
LOCKED_FOR_GOOD: Final = b"000001010000Z"
#: In lower case, what 389 Directory Server and its kin lock accounts with: ``true`` in the entry, or by a role.
LOCK: Final = "nsaccountlock"
#: A reading remembers the entries above people and managers; where there are more, it starts afresh.
MOST_PARENTS: Final = 20_000

#: Texts that many people share, of which a reading remembers what it made of each.
MOST_REMEMBERED: Final = 20_000
#: Characters of a distinguished name that a report shows where it is too long to be used.
LONGEST_TOLD: Final = 200
#: Where in what an entry tells its mail address and its team are; see ``Entry``.
MAIL, TEAM = 3, 10

_LINE_BREAKS = re.compile(r"\s*[\t\n\v\f\r\x85\u2028\u2029]\s*")
# Control characters, and the marks that turn the direction of what follows, so that one name can pass for another.
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")

_CANONICAL = re.compile(rb"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")

_Values = Sequence[list[bytes] | None]


@dataclass(frozen=True, slots=True)
class Entry:
    """One person as the directory tells it; texts are trimmed, in NFC and without control characters."""

    directory_id: str  # A UUID in lower case.
    dn: str  # As the directory spells it.
    username: str
    mail: str | None
    name: str
    given_name: str
    family_name: str
    phone: str | None
    title: str | None
    location: str | None
    team: tuple[str, ...]  # From the top down.
    manager_dn: str | None  # Comparable with the ``dn_key`` of the manager.
    dn_key: str
    employee_number: str | None
    disabled: bool
    digest: bytes  # Sixteen bytes over all of the above.
    mark: int | None = None  # What a later reading compares instead of all that; None where it cannot.
    odd: tuple[str, ...] = ()  # What somebody might mend in the directory.
    web: tuple[str, ...] = ()  # Web addresses, where the settings ask for them.


@dataclass(frozen=True, slots=True)
class Skipped:
    """An entry that could not be used, and why."""

    dn: str
    reason: str
    directory_id: str = ""  # Where that at least could be read.


#: The id of an organisational unit, and the teams from the top down that it stands for; both empty where it is none.
Unit = tuple[str, tuple[str, ...]]
#: What a sweep takes of an entry: its mark, its distinguished name and its id as the directory spells them.
Glimpse = tuple[int | None, bytes, bytes]


class Mapping:
    """From search entries to people, as the settings map them; one for each reading, as it remembers the tree.

    ``chosen`` names the attributes of every field. ``fresh`` is the moment (``YYYYmmddHHMMSS``) from which a change
    mark that counts in whole seconds is not to be trusted: the entry may have changed again in the same second.
    ``server`` goes into the marks where they are a server's own.
    """

    def __init__(self, settings: LdapSettings, chosen: LdapAttributes, *, fresh: str = "9", server: str = "") -> None:
        fed_by = {field: getattr(chosen, field) for field in type(chosen).model_fields}
        #: The attributes to ask the directory for.
        self.wanted = list({name.lower(): name for names in fed_by.values() for name in names}.values())
        # A role of 389 Directory Server locks whoever is in it, and marks nobody as changed.
        locks = [name for name in chosen.disabled if name.lower() == LOCK]
        #: Those that tell whether anything changed.
        self.wanted_of_all = list(dict.fromkeys((*chosen.directory_id, *chosen.changed, *locks)))
        self.wanted_of_units = list(chosen.directory_id)
        self._slots = {name.lower(): slot for slot, name in enumerate(self.wanted)}
        self._fields: dict[str, tuple[int, ...]] = {
            field: tuple(self._slots[name.lower()] for name in names) for field, names in fed_by.items()
        }
        self._id_names = " or ".join(chosen.directory_id)
        self._username_names = " or ".join(chosen.username)
        self._account_control = self._slots.get("useraccountcontrol", -1)
        self._guid = self._slots.get("objectguid", -1)
        self._lock = self._slots.get(LOCK, -1)
        self._spelled: dict[bytes, int] = {}
        self._base = [rdn_key(rdn) for rdn in split(settings.base_dn)]
        self._containers = frozenset(name.casefold() for name in settings.containers)
        self._parents: dict[str, tuple[str, tuple[str, ...]]] = {}
        self._texts: dict[bytes, str] = {}
        self._web = self._fields.get("web", ())
        self._ids, self._changes = self._fields["directory_id"], self._fields["changed"]
        self._fresh, self._server = fresh.encode(), server.encode()
        #: The highest change mark so far, as the directory wrote it.
        self.highest = b""

    def entry(self, raw: RawEntry) -> Entry | Skipped:
        """The person of one search entry, or why it is none. Raises nothing: a bad entry never stops a reading."""
        dn = raw[0].decode(errors="replace").replace("\0", "")
        values = self._by_slot(raw[1])
        directory_id = self._directory_id(values)
        fields = self._fields
        username = first_text(values, fields["username"])
        if fault := self._unusable(raw[0], directory_id, username):
            return Skipped(dn if len(raw[0]) <= oddities.LONGEST_NAME else dn[:LONGEST_TOLD], fault, directory_id)
        texts_known = self._texts
        given_name = often(values, fields["given_name"], texts_known)
        family_name = often(values, fields["family_name"], texts_known)
        rdn, parent = head(dn)
        parent_key, units = self._above(parent)
        manager = first_text(values, fields["manager"])
        told: tuple[Any, ...] = (
            directory_id,
            dn,
            username,
            first_text(values, fields["mail"]) or None,
            first_text(values, fields["name"]) or f"{given_name} {family_name}".strip() or username,
            given_name,
            family_name,
            first_text(values, fields["phone"]) or None,
            often(values, fields["title"], texts_known) or None,
            often(values, fields["location"], texts_known) or None,
            self._team(units, often(values, fields["team"], texts_known)),
            self._key(manager) if manager else None,
            f"{rdn_key(rdn)},{parent_key}" if parent_key else rdn_key(rdn),
            first_text(values, fields["employee_number"]) or None,
            self._disabled(values),
        )
        texts = _joined(told)
        odd = self._odd(values, told[MAIL], texts)
        if len(texts) > oddities.USUAL and (short := _shortened(told)) != told:
            told, texts, odd = short, _joined(short), (*odd, oddities.TOO_LONG)
        web = _addresses(values, self._web) if self._web else ()
        rest: tuple[Any, ...] = (_digest(texts, *web), self._mark(raw[0], values)[0], odd, web)
        return Entry(*told, *rest)

    def _unusable(self, dn: bytes, directory_id: str, username: str) -> str:
        """Why an entry cannot be used; empty where it can."""
        if not directory_id:
            return f"has no {self._id_names} that can be read"
        if not username or "\ufffd" in username:
            return f"has no {self._username_names} that can be read"
        if username.endswith("$"):
            # A filter of one's own may let computers in: Active Directory gives them the class of people.
            return "is a computer, as its username ends in $"
        if len(dn) > oddities.LONGEST_NAME or len(username) > oddities.LONGEST_USERNAME:
            return "has a name or username that is too long"
        return ""

    def _odd(self, values: _Values, mail: str | None, texts: str) -> tuple[str, ...]:
        """What is odd about an entry though it can be used."""
        # The ids come first, and may be any bytes.
        odd = oddities.of_values(values[len(self._ids) :])
        if not mail:
            odd = (*odd, oddities.NO_MAIL)
        elif sum(len(values[slot] or ()) for slot in self._fields["mail"]) > 1:
            odd = (*odd, oddities.SEVERAL_MAILS)
        return (*odd, oddities.NO_TEXT) if "\ufffd" in texts else odd

    def glimpse(self, raw: RawEntry) -> Glimpse:
        """What tells a reading of everybody whether an entry is as it was."""
        mark, directory_id = self._mark(raw[0], self._by_slot(raw[1]))
        return mark, raw[0], directory_id

    def id_of(self, glimpse: Glimpse) -> str:
        """The directory id of somebody who was glimpsed; empty where it cannot be read."""
        return canonical_id(glimpse[2], little_endian=self._guid in self._ids)

    def unit(self, raw: RawEntry) -> Unit:
        """The team that an organisational unit stands for; one that only holds people stands for none."""
        dn = raw[0].decode(errors="replace").replace("\0", "")
        name = clean(unit(head(dn)[0]))
        if not name or name.casefold() in self._containers:
            return "", ()
        return self._directory_id(self._by_slot(raw[1])), self._above(dn)[1]

    def _mark(self, dn: bytes, values: _Values) -> tuple[int | None, bytes]:
        """Eight bytes over the name, the id, the change mark and the lock of an entry, as one number; and the id."""
        changed = directory_id = b""
        for slot in self._changes:
            if found := values[slot]:
                changed = found[0]
                break
        for slot in self._ids:
            if found := values[slot]:
                directory_id = found[0]
                break
        if not changed or not directory_id:
            return None, directory_id
        highest = self.highest
        if (len(changed), changed) > (len(highest), highest):
            self.highest = changed
        if changed[-1] == 0x5A and changed >= self._fresh:  # It ends in Z: a moment, in whole seconds.
            return None, directory_id
        told = b"\0".join((dn, directory_id, changed, self._server))
        if self._lock >= 0 and (locked := values[self._lock]):
            told += b"\0" + locked[0]
        return int.from_bytes(hashlib.blake2b(told, digest_size=8).digest(), "big", signed=True), directory_id

    def _by_slot(self, attributes: Iterable[tuple[bytes, list[bytes]]]) -> _Values:
        values: list[list[bytes] | None] = [None] * len(self.wanted)
        spelled = self._spelled
        for name, found in attributes:
            slot = spelled.get(name)
            if slot is None:
                # A name with an option (cn;lang-cy) is no name that was asked for, and finds no slot.
                slot = spelled[name] = self._slots.get(name.decode("ascii", "replace").lower(), -1)
            if slot >= 0:
                values[slot] = found
        return values

    def _directory_id(self, values: _Values) -> str:
        for slot in self._fields["directory_id"]:
            for raw in values[slot] or ():
                if canonical := canonical_id(raw, little_endian=slot == self._guid):
                    return canonical
        return ""

    def _disabled(self, values: _Values) -> bool:
        for slot in self._fields["disabled"]:
            for raw in values[slot] or ():
                if slot != self._account_control:
                    if raw.strip().lower() == b"true" or raw == LOCKED_FOR_GOOD:
                        return True
                elif len(raw) < 12 and raw.strip().isdigit() and int(raw) & ACCOUNT_DISABLED:
                    return True
        return False

    def _team(self, units: tuple[str, ...], team: str) -> tuple[str, ...]:
        if not team or (units and units[-1].casefold() == team.casefold()):
            return units
        return (*units, team)

    def _key(self, dn: str) -> str:
        """As ``names.dn_key``, which it need not ask about the tree above again and again."""
        rdn, parent = head(dn)
        above, _ = self._above(parent)
        return f"{rdn_key(rdn)},{above}" if above else rdn_key(rdn)

    def _above(self, parent: str) -> tuple[str, tuple[str, ...]]:
        """The key of a DN that has entries below it, and the teams that its parts stand for."""
        if (known := self._parents.get(parent)) is not None:
            return known
        rdns = split(parent)
        keys = [rdn_key(rdn) for rdn in rdns]
        below_base = len(rdns) - len(self._base)
        if keys[below_base:] != self._base:
            below_base = len(rdns)
        teams = (clean(unit(rdn)) for rdn in reversed(rdns[:below_base]))
        found = (
            ",".join(keys),
            tuple(team for team in teams if team and team.casefold() not in self._containers),
        )
        if len(self._parents) >= MOST_PARENTS:
            self._parents.clear()
        self._parents[parent] = found
        return found


def often(values: _Values, slots: tuple[int, ...], known: dict[bytes, str]) -> str:
    """As ``first_text``, for what many people share: ``known`` remembers what was made of each value."""
    for slot in slots:
        if found := values[slot]:
            raw = found[0]
            text = known.get(raw)
            if text is None:
                text = clean(raw.decode(errors="replace"))
                if len(known) < MOST_REMEMBERED:
                    known[raw] = text
            if text:
                return text
    return first_text(values, slots)


def _addresses(values: _Values, slots: tuple[int, ...]) -> tuple[str, ...]:
    """Every address; what follows a blank is a label (RFC 2079)."""
    raws = (raw for slot in slots for raw in values[slot] or ())
    texts = (clean(raw.decode(errors="replace")).split(maxsplit=1) for raw in raws)
    return tuple(dict.fromkeys(text[0] for text in texts if text and "\ufffd" not in text[0]))


def first_text(values: _Values, slots: tuple[int, ...]) -> str:
    """The first value that is not blank, cleaned; empty where there is none."""
    for slot in slots:
        found = values[slot]
        if found is not None:
            for raw in found:
                if text := clean(raw.decode(errors="replace")):
                    return text
    return ""


def clean(text: str) -> str:
    """``text`` trimmed, in NFC and without control characters; a line break within it becomes a blank."""
    text = text.strip()
    if text.isprintable() and (text.isascii() or unicodedata.is_normalized("NFC", text)):
        return text
    return _CONTROLS.sub("", _LINE_BREAKS.sub(" ", unicodedata.normalize("NFC", text))).strip()


def canonical_id(raw: bytes, *, little_endian: bool) -> str:
    """A directory's id of an entry as the text of a UUID, empty where it is none.

    ``raw`` is a UUID's text in any of its spellings, or its sixteen bytes; those of ``objectGUID`` have their first
    three parts in little-endian order ([MS-DTYP] 2.3.4.2).
    """
    if _CANONICAL.fullmatch(raw):
        return raw.decode()
    try:
        if len(raw) == 16:
            return str(uuid.UUID(bytes_le=raw) if little_endian else uuid.UUID(bytes=raw))
        return str(uuid.UUID(raw.strip().decode("ascii")))
    except ValueError:
        return ""


def _joined(told: tuple[Any, ...]) -> str:
    # No text holds either separator: clean() takes control characters out, and a DN loses its NULs.
    return "\0".join(
        [value if value.__class__ is str else "\x1f".join(value) if value.__class__ is tuple else str(value or "")
         for value in told]
    )  # fmt: skip


def _digest(*texts: str) -> bytes:
    return hashlib.blake2b("\0".join(texts).encode(), digest_size=16).digest()


def _shortened(told: tuple[Any, ...]) -> tuple[Any, ...]:
    """What an entry tells, with every text short enough to keep. The names in the directory stay whole."""
    directory_id, dn, username, mail, *texts = told[:TEAM]
    team, manager_dn, dn_key, number, disabled = told[TEAM:]
    mail = mail if mail and len(mail) <= oddities.LONGEST_MAIL else None
    return (
        directory_id, dn, username, mail, *oddities.shortened(texts), oddities.shallow(team), manager_dn, dn_key,
        number and number[: oddities.LONGEST_TEXT], disabled,
    )  # fmt: skip
