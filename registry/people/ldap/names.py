"""Distinguished names, read and made comparable: two spellings of one name have the same key.

They are written as RFC 4514 says, or with the older quotes and semicolons of RFC 2253. They compare as RFC 4518
prepares text: without regard to case, Unicode form and doubled blanks. The order within a two-part RDN says nothing.
"""

import re
import unicodedata

# One RDN is anything but a separator, which may still stand behind a backslash or within quotes.
_RDN = re.compile(r'(?:[^,;\\"]|\\.|"(?:[^"\\]|\\.)*")*', re.DOTALL)
_PART = re.compile(r'(?:[^+\\"]|\\.|"(?:[^"\\]|\\.)*")*', re.DOTALL)
_PLAIN = r"[!$-*\-./0-:=?-\[\]-~]+"
_PLAIN_RDN = re.compile(rf"[A-Za-z][A-Za-z0-9-]*={_PLAIN}(?: {_PLAIN})*")
_ESCAPED = re.compile(rb"\\([0-9A-Fa-f]{2}|.)", re.DOTALL)
_NEEDS_ESCAPE = re.compile(r"[\\,+]|^#")


def dn_key(dn: str) -> str:
    """The form of ``dn`` to compare with: equal for every spelling of the same name."""
    return ",".join(rdn_key(rdn) for rdn in split(dn))


def head(dn: str) -> tuple[str, str]:
    """The first RDN, as written, and the DN of the entry above it, empty at the top."""
    if "\\" not in dn and '"' not in dn and ";" not in dn:
        rdn, _, parent = dn.partition(",")
        return rdn, parent
    match = _RDN.match(dn)
    end = match.end() if match else len(dn)
    if end < len(dn) and dn[end] not in ",;":
        end = len(dn)  # A quote or a backslash with nothing after it: no DN, so there is nothing to split.
    return dn[:end], dn[end + 1 :]


def split(dn: str) -> list[str]:
    """The RDNs of ``dn`` as written, the entry's own first; none for an empty name."""
    rdns = []
    while dn.strip():
        rdn, dn = head(dn)
        rdns.append(rdn)
    return rdns


def rdn_key(rdn: str) -> str:
    """The form of one RDN to compare with."""
    if _PLAIN_RDN.fullmatch(rdn):
        return rdn.lower()
    return "+".join(sorted(f"{kind}={_value_key(value)}" for kind, value in _parts(rdn)))


def unit(rdn: str) -> str:
    """The organisational unit that an RDN names (``ou=Libraries``), empty where it names something else."""
    return next((value for kind, value in _parts(rdn) if kind == "ou"), "")


def _parts(rdn: str) -> list[tuple[str, str]]:
    """Attribute (lower case) and value, without escapes, of each part of an RDN; a value in hex keeps its ``#``."""
    found = []
    while rdn:
        match = _PART.match(rdn)
        end = match.end() if match else len(rdn)
        if end < len(rdn) and rdn[end] != "+":
            end = len(rdn)
        kind, _, value = rdn[:end].partition("=")
        found.append((kind.strip().lower(), _unescaped(_trimmed(value))))
        rdn = rdn[end + 1 :]
    return found


def _trimmed(value: str) -> str:
    trimmed = value.strip(" ")
    backslashes = len(trimmed) - len(trimmed.rstrip("\\"))
    # The last of an odd number of backslashes belongs to the blank that came after it.
    return trimmed + " " if backslashes % 2 and value.endswith(" ") else trimmed


def _unescaped(value: str) -> str:
    if value.startswith("#"):
        return "\0" + value  # Bytes in hex are told apart from a text that begins with an escaped hash.
    if len(value) > 1 and value[0] == value[-1] == '"':
        value = value[1:-1]
    if "\\" not in value:
        return value
    raw = _ESCAPED.sub(
        lambda match: bytes.fromhex(match[1].decode()) if len(match[1]) == 2 else match[1], value.encode()
    )
    return raw.decode(errors="replace").replace("\0", "")


def _value_key(value: str) -> str:
    if value.startswith("\0#"):
        return value[1:].lower()
    folded = unicodedata.normalize("NFKC", " ".join(value.split()).casefold())
    return _NEEDS_ESCAPE.sub(lambda match: "\\" + match[0], folded)
