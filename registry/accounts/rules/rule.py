"""What a platform rule is.

A rule is data: hosts, shapes of addresses, what a name may look like, examples. Adding a platform means adding one
`Rule` object to the rules, never a branch in the code that reads them.

A shape is written as a path: `company/{name}/**`.
  word|other   one of these words, whatever the case
  {name}       a name that the rule's `names` describe; `{@name}` may carry an "@" in front, `@{name}` must
  (name)       something that `names` describe and that is no part of the account's name
  xx           a language or country: `de`, `en-GB`
  *            any one segment
  #            one number
  **           at the end: any number of segments, none included
  ?id={name}   at the end: a parameter; with `&` between them, several
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal, NamedTuple

_LOCALE = re.compile(r"[A-Za-z]{2}(?:[-_][A-Za-z]{2})?")
_STEP = re.compile(r"(@?)\{(@?)([a-z]+)\}")
_CHECK = re.compile(r"\(([a-z]+)\)")


@dataclass(frozen=True, slots=True)
class Name:
    """What a name on a platform may look like, and when two spellings are the same name.

    Where the shape has a group, that is the name and the rest is decoration; a second one, called `key`, is the part
    that is compared.
    """

    shape: re.Pattern[str]
    says: str  # the same in words: "letters, digits and underscores, at most 15"
    fold: Literal["lower", "exact", "no dots"] = "lower"
    # Where the platform's own lasting number is: the name itself, its end after the last "-" or ":" (in hexadecimal).
    stable: Literal["", "whole", "tail", "hexadecimal tail"] = ""


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of account on a platform.

    Templates know {name}, {host} on platforms of many servers, and {first} and {second} where the name has two parts.
    """

    url: str
    shown: str = "{name}"
    key: str = "{name}"


@dataclass(frozen=True, slots=True)
class Form:
    """One shape of address. Without a kind: a page of the platform; with `post`: what an account published."""

    path: str
    kind: str = ""
    post: str = ""  # in words: "a post", "a video"; without a kind, what the page is
    short: bool = False  # leads to an account, but only the platform knows which
    sure: bool = True  # False adds "we think ..., please check"
    anywhere: bool = False  # also on hosts nobody knows, for platforms of many servers
    value: str = "{name}"  # how the name is kept, for forms that need more than the name
    url: str = ""  # another address than the kind's, for forms that cannot be turned into it
    because: str = ""  # why it is refused, as whole sentences, where the usual ones will not do


class Example(NamedTuple):
    """An address that is an account, and which; the tests run all of them."""

    text: str
    account: str  # "kind key"
    url: str


class Refusal(NamedTuple):
    """An address that is none, why, and whose it is where it says so; the tests run all of them."""

    text: str
    reason: str  # as in `Refused.reason`
    owner: str = ""  # "kind key"


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """All there is to know about the addresses of one platform."""

    slug: str
    name: str
    kinds: Mapping[str, Kind]
    names: Mapping[str, Name]
    forms: tuple[Form, ...]
    hosts: tuple[str, ...] = ()
    subdomains: frozenset[str] = frozenset({"", "www"})  # those that show accounts; all others belong to the company
    locales: re.Pattern[str] | None = None  # further subdomains, by country or language
    others_are_sites: bool = False  # all other subdomains have nothing to do with the platform
    host_words: frozenset[str] = frozenset()  # servers that say in their name what they run: lemmy.example.org
    host_path: str = ""  # where an account is a host of its own (name.bsky.social): the path that means the same
    prefixes: Mapping[str, str] = field(
        default_factory=dict
    )  # hosts of one purpose: what would stand before their path
    reserved: frozenset[str] = frozenset()  # first segments that are never names
    bare: tuple[tuple[re.Pattern[str], str], ...] = ()  # a name typed alone, with the path that means the same
    also: tuple[str, ...] = ()  # other names of the platform
    federated: bool = False  # many servers, so that a name is only whole with its server
    telephone: bool = False  # accounts are telephone numbers, which people write with blanks
    internal: bool = False  # only colleagues can see what is there
    note: str = ""  # what somebody who registers an account there should know
    closed: bool = False
    closed_in: int | None = None  # the year, where it is known
    bio_length: int | None = None  # characters that a profile's own words may have, where it is known
    post_length: int | None = None  # characters that a post may have, where it is known
    # How the platform counts them. As units of UTF-16, where that is not known: no other way comes to more.
    counted: Literal["units", "characters", "as X", "as Mastodon"] = "units"
    icon: bool = False  # the sprite has one
    examples: tuple[Example, ...] = ()
    refused: tuple[Refusal, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """One segment of a shape."""

    words: frozenset[str] | None = None  # None: anything
    name: str = ""
    at: Literal["no", "may", "must"] = "no"
    check: str = ""
    pattern: re.Pattern[str] | None = None
    number: bool = False


@dataclass(frozen=True, slots=True)
class Shape:
    """A path in the notation above, read."""

    steps: tuple[Step, ...]
    open_ended: bool
    parameters: tuple[tuple[str, str], ...]  # (parameter, name rule)

    @property
    def names(self) -> set[str]:
        """The name rules it needs."""
        steps = {step.name or step.check for step in self.steps}
        return (steps | {name for _, name in self.parameters}) - {""}


@cache
def shape_of(path: str) -> Shape:
    """Read a shape in the notation above; raises ValueError where it is not written so."""
    path, _, query = path.partition("?")
    parts = [part for part in path.split("/") if part]
    open_ended = bool(parts) and parts[-1] == "**"
    parameters = tuple(part.partition("=")[::2] for part in query.split("&") if part)
    return Shape(
        tuple(_step(part) for part in (parts[:-1] if open_ended else parts)),
        open_ended,
        tuple((wanted, name.strip("{}")) for wanted, name in parameters),
    )


def _step(part: str) -> Step:
    if part in ("*", "#"):
        return Step(number=part == "#")
    if part == "xx":
        return Step(pattern=_LOCALE)
    if found := _STEP.fullmatch(part):
        return Step(None, found[3], "must" if found[1] else "may" if found[2] else "no")
    if found := _CHECK.fullmatch(part):
        return Step(check=found[1])
    if not frozenset("{}*()").isdisjoint(part):
        raise ValueError(f"not a step of a shape: {part}")
    return Step(frozenset(part.lower().split("|")))
