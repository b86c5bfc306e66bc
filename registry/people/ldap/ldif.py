"""Reads the entries of an LDIF file (RFC 2849), for the demonstration's directory."""

import base64
import re
from collections.abc import Iterator
from pathlib import Path

#: A class and those it stands on (RFC 2798, RFC 4519, [MS-ADSC]): a file may name the first, a server knows all.
INHERITED = {
    "inetorgperson": ("organizationalPerson", "person", "top"),
    "user": ("organizationalPerson", "person", "top"),
    "computer": ("user", "organizationalPerson", "person", "top"),
    "organizationalperson": ("person", "top"),
    "person": ("top",),
}


def read_ldif(path: Path) -> Iterator[tuple[str, dict[str, list[bytes]]]]:
    """Each entry's distinguished name and attributes (lower-case name to values), in the order of the file.

    Raises ``ValueError`` naming the line of the entry that is no entry, for example a change record.
    """
    text = path.read_text(encoding="utf-8").replace("\r\n", "\n")
    number = 1
    for block in text.split("\n\n"):
        lines = block.replace("\n ", "").split("\n")  # A line that begins with a blank continues the one before.
        pairs = [_pair(line, number) for line in lines if line and line[0] != "#"]
        if pairs and pairs[0][0] == "version":
            del pairs[0]
        if pairs:
            yield _entry(pairs, number)
        number += block.count("\n") + 2


def _entry(pairs: list[tuple[str, bytes]], number: int) -> tuple[str, dict[str, list[bytes]]]:
    name, dn = pairs[0]
    if name != "dn":
        raise ValueError(f"line {number}: an entry begins with dn:, not with {name}:")
    attributes: dict[str, list[bytes]] = {}
    for name, value in pairs[1:]:
        if name in ("changetype", "control"):
            raise ValueError(f"line {number}: changes are not read, only entries")
        attributes.setdefault(name, []).append(value)
    classes = attributes.get("objectclass", [])
    known = {value.lower() for value in classes}
    for value in list(classes):
        above = INHERITED.get(value.decode(errors="replace").lower(), ())
        classes += [parent.encode() for parent in above if parent.lower().encode() not in known]
        known.update(parent.lower().encode() for parent in above)
    # ldap3's stand-in server takes a DN without blanks after its commas only.
    return re.sub(r"(?<!\\),\s+", ",", dn.decode()), attributes


def _pair(line: str, number: int) -> tuple[str, bytes]:
    name, colon, value = line.partition(":")
    if not colon or value.startswith("<"):
        raise ValueError(f"line {number}: {line[:40]!r} is no attribute with a value")
    if value.startswith(":"):
        return name.lower(), base64.b64decode(value[1:].strip())
    return name.lower(), value.strip(" ").encode()
