"""How like a name a handle is. Pure: people are told in a few words, and nothing is asked.

Handles are written without blanks, marks and often without half of the name: `nia_okafor`, `niaokafor84`, `nokafor`,
`BrynmorNia`. What stands beside the name, the organisation, a number, "official", is taken off first.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from registry.accounts.rules.addresses import words as some
from registry.search import parts_of, plain

#: Short forms, and the names that they stand for, both folded. A name may have several, a short form too.
NICKNAMES: Final = {
    "abby": "abigail", "ade": "adebayo", "aga": "agnieszka", "al": "alan alun albert", "alex": "alexander alexandra",
    "andy": "andrew", "anj": "anjali", "ash": "ashley", "asia": "joanna", "bart": "bartholomew",
    "becs": "rebecca", "becky": "rebecca", "ben": "benjamin benedict", "beth": "bethan elizabeth", "bev": "beverley",
    "bill": "william", "bob": "robert", "bron": "bronwen", "cal": "callum", "caz": "carys caroline", "cat": "catrin",
    "charlie": "charles charlotte", "chris": "christine christopher", "cathy": "catherine", "claire": "clare",
    "col": "colin", "dai": "dafydd david", "dan": "daniel", "dave": "david dafydd", "deb": "deborah",
    "debs": "deborah", "dee": "delyth", "dom": "dominic", "ed": "edmund edward", "eddie": "edward edmund",
    "fi": "fiona", "gaz": "gary gareth", "geoff": "geoffrey", "gosia": "malgorzata", "gwen": "gwenllian gwenno",
    "harps": "harpreet", "hels": "helen", "jan": "janine janet", "jas": "jasvir jasleen", "jess": "jessica",
    "jim": "james", "jo": "joanna joanne", "joe": "joseph", "jon": "jonathan", "josh": "joshua", "jude": "judith",
    "kate": "katherine kateryna catherine katie", "kath": "katherine kathleen", "ken": "kenneth", "lizzie": "elizabeth",
    "liz": "elizabeth", "lou": "louise louisa", "maggie": "margaret", "mags": "margaret", "matt": "matthew mateusz",
    "meg": "margaret megan", "mike": "michael", "mick": "michael", "mo": "mohammed maureen", "nat": "nathaniel natalie",
    "nate": "nathaniel", "nic": "nicola", "nick": "nicholas", "nicky": "nicola", "ola": "olawale", "pam": "pamela",
    "pat": "patricia patrick", "pete": "peter", "phil": "philippa philip", "pip": "philippa", "rach": "rachel",
    "ravi": "ravinder", "reb": "rebecca", "rob": "robert", "ron": "ronald", "sal": "sally", "sam": "samuel samantha",
    "seb": "sebastian", "slawek": "slawomir", "steph": "stephanie", "steve": "stephen steven", "stu": "stuart",
    "sue": "susan", "tim": "timothy", "tom": "thomas tomasz", "tomek": "tomasz", "tony": "anthony", "trev": "trevor",
    "vic": "victoria", "vicky": "victoria", "viv": "vivian", "will": "william", "zaz": "zainab",
}  # fmt: skip
#: What stands in handles and says nothing of whose it is.
NOISE: Final = some(
    "official real the its im mr mrs ms miss dr cllr councillor council cc uk gb wales cymru xx xo yn at works work"
    " page account on of and for a hq live news online tweets team county city borough nhs"
)
#: Words in the name of an organisation that many have.
COMMON: Final = some(
    "council county city borough district town nhs trust university college of the and for cyngor sir foundation"
    " hospital hospitals department your organisation service services"
)
_SURE: Final = 0.8
_INITIAL: Final = 0.5
_ONE_NAME: Final = 0.22
#: Letters of a word that a name is looked for by.
SHORTEST: Final = 3

_PIECES = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+|[^\W\d_A-Za-z]+")
# A handle of Bluesky is a host; on other platforms a full stop is as good as a blank.
_HOST = re.compile(r"[\w-]+(?:\.[\w-]+)*\.(?:com|org|net|uk|social|example|wales|cymru|scot|ie|eu|io|dev|app|blog|me)")
_ARTICLE = re.compile(r"^(?:the|real|mrs|its)+(?=[a-z]{6})")
_DIGITS = re.compile(r"^\d+|\d+$")


@dataclass(frozen=True, slots=True)
class Handle:
    """A handle taken apart: its words, folded, without the organisation, noise and numbers."""

    tokens: tuple[str, ...]
    #: The words in one.
    core: str
    #: Whether it names the organisation.
    names_us: bool
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Called:
    """What is compared of somebody: names and logins as the directory has them."""

    person_id: int
    name: str
    given_name: str
    family_name: str
    username: str
    mail: str
    givens: frozenset[str] = field(init=False)
    families: tuple[str, ...] = field(init=False)
    logins: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        given, family = self.given_name, self.family_name
        if not (given and family):
            given, _, family = re.sub(r"\(.*?\)", "", self.name).strip().rpartition(" ")
        object.__setattr__(self, "givens", forms_of(given) | forms_of(self.name.split(" ")[0]))
        object.__setattr__(self, "families", families_of(family))
        logins = (squeezed(login) for login in (self.username, self.mail.partition("@")[0]))
        object.__setattr__(self, "logins", tuple(login for login in logins if len(login) > SHORTEST))


def squeezed(text: str) -> str:
    """``text`` folded, its letters only."""
    return "".join(one for one in plain(text) if one.isalpha())


@lru_cache(maxsize=4_096)
def forms_of(given: str) -> frozenset[str]:
    """What somebody with these given names may be called: `Sally-Ann` is `sallyann` and `sally`."""
    parts = parts_of(plain(given))
    found = {"".join(parts), *parts[:1]} - {""}
    shorter = {short for one in found for short in SHORT_FORMS.get(one, ())}
    return frozenset(found | shorter | {name for one in found for name in NICKNAMES.get(one, "").split()})


@lru_cache(maxsize=4_096)
def families_of(family: str) -> tuple[str, ...]:
    """A family name in one word, then each part of it that is long enough: `Sant-Thomas`, `ap Tudur`."""
    parts = parts_of(plain(family))
    whole = "".join(parts)
    return tuple(dict.fromkeys(one for one in (whole, *parts) if one == whole or len(one) > SHORTEST))


def _short_forms() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for short, names in NICKNAMES.items():
        for name in names.split():
            found.setdefault(name, []).append(short)
    return {name: tuple(shorts) for name, shorts in found.items()}


SHORT_FORMS: Final = _short_forms()


@lru_cache(maxsize=64)
def names_of(organisation: str) -> tuple[str, ...]:
    """By what a handle names the organisation: its own words, with "cc" and the like behind, and its initials."""
    words = parts_of(plain(organisation))
    own = [word for word in words if word not in COMMON and len(word) > SHORTEST]
    initials = "".join(word[0] for word in words)
    longer = [f"{word}{behind}" for word in own for behind in ("council", "county", "cc", "nhs")]
    return (*longer, *own, *([initials] if len(words) > 2 else []))


def take_apart(handle: str, us: Collection[str] = ()) -> Handle:
    """The words of a handle; ``us`` is what the organisation is called (see ``names_of``).

    Of a name of the fediverse the server is left out, of one of Bluesky all but the first label.
    """
    name = handle.strip().lstrip("@")
    name = name.partition("@")[0] or name
    host = _HOST.fullmatch(name := re.sub(r"\.bsky\.social$", "", name, flags=re.IGNORECASE))
    name = name.partition(".")[0] if host else name
    pieces = [_DIGITS.sub("", plain(piece)) for piece in _words(name)]
    numbers = tuple(re.findall(r"\d+", name))
    server = handle.strip().lstrip("@").partition("@")[2] or (handle if host else "")
    names_us, tokens = any(label in us for label in server.split(".")), list[str]()
    for piece in filter(None, pieces):
        rest, named = _without(piece, us)
        names_us = names_us or named
        rest = _ARTICLE.sub("", rest) if len(rest) > 8 else rest
        if rest and rest not in NOISE:
            tokens.append(rest)
    return Handle(tuple(tokens), "".join(tokens), names_us, numbers)


def _words(name: str) -> Iterable[str]:
    for chunk in re.split(r"[^\w]+|_+", name):
        camel = _PIECES.findall(chunk)
        yield from camel if len(camel) > 1 and min(map(len, camel)) > 0 else [chunk]


def _without(piece: str, us: Collection[str]) -> tuple[str, bool]:
    """A word without the organisation's name before or behind it, and whether it had that."""
    for name in us:
        if piece == name:
            return "", True
        if len(name) > SHORTEST and piece.startswith(name):
            return piece.removeprefix(name), True
        if len(name) > SHORTEST and piece.endswith(name):
            return piece.removesuffix(name), True
    return piece, False


def likeness(handle: Handle, one: Called) -> tuple[float, str]:
    """How sure a handle is somebody's by their name alone, 0 to 1, and why."""
    core, tokens = handle.core, handle.tokens
    if not core:
        return 0.0, ""
    for family in one.families:
        share = 1.0 if family == one.families[0] else 0.9
        for given in one.givens:
            whole, other = given + family, family + given
            if core in (whole, other) or (given in tokens and family in tokens):
                return _SURE * share, "The handle is their name"
            if len(whole) > 6 and (whole in core or other in core):
                return _SURE * share * 0.85, "Their name is in the handle"
    if core in one.logins:
        return _SURE, "The handle is what they sign in with"
    return _by_part(core, tokens, one)


def _by_part(core: str, tokens: tuple[str, ...], one: Called) -> tuple[float, str]:
    initials = {given[0] for given in one.givens}
    for family in one.families:
        if len(family) >= SHORTEST and any(core in (first + family, family + first) for first in initials):
            return _INITIAL, "The handle is an initial and their family name"
    beginnings = {family[0] for family in one.families[:1]}
    for given in one.givens:
        if len(given) >= SHORTEST and any(core == given + first for first in beginnings):
            return _ONE_NAME * 1.4, "The handle is their given name and an initial"
    if len(core) > 5 and core in one.families:
        return _ONE_NAME * 1.7, "The handle is their family name"
    if any(len(family) > SHORTEST and (family == core or family in tokens) for family in one.families):
        return _ONE_NAME * 1.2, "Their family name is in the handle"
    if any(len(given) >= SHORTEST and (given == core or given in tokens) for given in one.givens):
        return _ONE_NAME, "Their given name is in the handle"
    return 0.0, ""


def spellings(handle: Handle) -> list[tuple[str, ...]]:
    """The words that somebody's names may be where the handle is both their names: to look people up by."""
    found: dict[tuple[str, ...], None] = {}
    for first, second in _splits(handle):
        for one in (first, *NICKNAMES.get(first, "").split()):
            for other in (second, *NICKNAMES.get(second, "").split()):
                found[one, other] = None
    return list(found)


def _splits(handle: Handle) -> Iterable[tuple[str, str]]:
    tokens = handle.tokens
    for number, first in enumerate(tokens):
        for second in tokens[number + 1 :]:
            if min(len(first), len(second)) > 1:
                yield first, second
    for text in dict.fromkeys((handle.core, *tokens)):
        for at in range(2, min(len(text) - 1, 30)):
            yield text[:at], text[at:]


def singles(handle: Handle) -> list[str]:
    """The words that may be one name of somebody: of the handle, and it without an initial before or behind."""
    core = handle.core
    found = [core, core[1:], core[:-1], *handle.tokens]
    names = [name for word in found for name in (word, *NICKNAMES.get(word, "").split())]
    return [word for word in dict.fromkeys(names) if SHORTEST <= len(word) <= 30]
