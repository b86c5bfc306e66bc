"""A colleague as a card for the address book of a phone: vCard 4.0, as RFC 6350 has it."""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from registry.network.models import Told
from registry.people.models import Person

#: Octets of a line without its end (RFC 6350, 3.2).
LONGEST_LINE: Final = 75
MIME: Final = "text/vcard"
_ESCAPED: Final = re.compile(r"[\\,;]")
#: What no value may hold: controls but line ends, which are written as ``\\n``.
_CONTROLS: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINE_ENDS: Final = re.compile("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]")


def escaped(text: str) -> str:
    """``text`` as the value of a property, or a part of one (RFC 6350, 3.4)."""
    lined = _CONTROLS.sub(" ", _LINE_ENDS.sub("\n", text))
    return _ESCAPED.sub(r"\\\g<0>", lined).replace("\n", r"\n")


def folded(line: str) -> str:
    """``line`` in pieces of at most 75 octets, none of which ends within a character."""
    pieces, piece, size = [], "", 0
    for letter in line:
        width = len(letter.encode())
        if size + width > LONGEST_LINE:
            pieces.append(piece)
            piece, size = "", 1  # The blank that a piece goes on with counts.
        piece, size = piece + letter, size + width
    return "\r\n ".join([*pieces, piece])


def _property(name: str, *parts: str, by: str = ";") -> str:
    return f"{name}:{by.join(escaped(one) for one in parts)}"


def _lines(person: Person, told: Told, organisation: str, url: str) -> Iterator[str]:
    yield from ("BEGIN:VCARD", "VERSION:4.0", "KIND:individual", _property("UID", url))
    yield _property("FN", person.name)
    if person.family_name or person.given_name:
        yield _property("N", person.family_name, person.given_name, "", "", "")
    yield _property("ORG", organisation, *(person.team.path.split(" / ") if person.team else ()))
    for name, value in (
        ("TITLE", person.title), ("EMAIL;TYPE=work", person.mail), ("TEL;TYPE=work", person.phone),
        ("NOTE", _note(told)),
    ):  # fmt: skip
        if value:
            yield _property(name, value)
    if place := told.place or person.location:
        yield _property("ADR;TYPE=work", "", "", place, "", "", "", "")
    if words := (*told.topics, *told.offers):
        yield _property("CATEGORIES", *dict.fromkeys(words), by=",")
    yield from (_property("URL", url), "END:VCARD")


def _note(told: Told) -> str:
    parts: Sequence[tuple[str, str]] = (
        ("", told.about), ("How to reach me: ", told.reach), ("Can help with: ", ", ".join(told.offers)),
        ("Would like help with: ", ", ".join(told.asks)),
    )  # fmt: skip
    return "\n".join(f"{label}{words}" for label, words in parts if words)


def card(person: Person, told: Told, *, organisation: str, url: str) -> str:
    """The card of ``person``, loaded with their team, with what of their profile is ``told``; ``url`` is their page."""
    return "".join(f"{folded(line)}\r\n" for line in _lines(person, told, organisation, url))
