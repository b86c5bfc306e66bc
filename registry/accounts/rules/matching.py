"""What a platform rule is, and how an address is matched against one.

A rule is data: hosts, shapes of addresses, what a name may look like, examples. Adding a platform means
adding one `Rule` object to the rules, never a branch here. Shapes are compared segment by segment, so the
work is linear in the length of the address.

A shape is written as a path: `company/{name}/**`.
  word|other   one of these words, whatever the case
  {name}       a name that the rule's `names` describe; `{@name}` may carry an "@" in front, `@{name}` must
  *            any one segment
  #            one number
  **           at the end: any number of segments, none included
  ?id={name}   at the end: a parameter
"""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Literal

from registry.accounts.rules.addresses import Address, encode_segment, parameter, read_host


@dataclass(frozen=True, slots=True)
class Name:
    """What a name on a platform may look like, and when two spellings are the same name."""

    shape: re.Pattern[str]
    says: str  # the same in words: "letters, digits and underscores, at most 15"
    fold: Literal["lower", "exact", "no dots"] = "lower"
    stable: Literal["", "whole", "tail"] = (
        ""  # where the platform's own lasting number is: the name itself, or after its last "-"
    )
    tail: bool = False  # only what follows the last "-" counts


@dataclass(frozen=True, slots=True)
class Kind:
    """One sort of account on a platform. Templates know {name}, and {host} on platforms of many servers."""

    url: str
    shown: str = "{name}"
    key: str = "{name}"


@dataclass(frozen=True, slots=True)
class Form:
    """One shape of address. Without a kind: a page of the platform; with `post`: what an account published."""

    path: str
    kind: str = ""
    post: str = ""  # in words: "a post", "a video"
    short: bool = False  # leads to an account, but only the platform knows which
    sure: bool = True  # False adds "we think ..., please check"
    anywhere: bool = False  # also on hosts nobody knows, for platforms of many servers
    value: str = "{name}"  # how the name is kept, for forms that need more than the name
    url: str = ""  # another address than the kind's, for forms that cannot be turned into it


@dataclass(frozen=True, slots=True)
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
    host_words: frozenset[str] = frozenset()  # servers that say in their name what they run: lemmy.example.org
    host_path: str = ""  # where an account is a host of its own (name.bsky.social): the path that means the same
    post_hosts: Mapping[str, str] = field(
        default_factory=dict
    )  # hosts that only ever show one thing: {"youtu.be": "a video"}
    reserved: frozenset[str] = frozenset()  # first segments that are never names
    bare: tuple[tuple[re.Pattern[str], str], ...] = ()  # a name typed alone, with the path that means the same
    also: tuple[str, ...] = ()  # other names of the platform
    federated: bool = False  # many servers, so that a name is only whole with its server
    closed: bool = False
    examples: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """An account, or the account behind a post (`post` says what it is)."""

    kind: str
    key: str
    url: str
    shown: str
    stable: str | None
    post: str
    sure: bool
    mixed: bool  # letters of several alphabets that look alike


@dataclass(frozen=True, slots=True)
class Missed:
    """No account: a name that cannot be, or (name is None) a page of the platform itself."""

    name: str | None = None
    says: str = ""
    short: bool = False


@dataclass(frozen=True, slots=True)
class _Step:
    words: frozenset[str] | None = None  # None: anything
    name: str = ""
    at: Literal["no", "may", "must"] = "no"
    number: bool = False


@dataclass(frozen=True, slots=True)
class _Shape:
    steps: tuple[_Step, ...]
    open_ended: bool
    parameter: str
    parameter_name: str


@cache
def shape_of(path: str) -> _Shape:
    """Read a shape in the notation above; raises ValueError where it is not written so."""
    path, _, query = path.partition("?")
    parts = [part for part in path.split("/") if part]
    open_ended = bool(parts) and parts[-1] == "**"
    wanted, _, name = query.partition("=")
    return _Shape(
        tuple(_step(part) for part in (parts[:-1] if open_ended else parts)),
        open_ended,
        wanted,
        name.strip("{}"),
    )


def _step(part: str) -> _Step:
    if part in ("*", "#"):
        return _Step(number=part == "#")
    if found := re.fullmatch(r"(@?)\{(@?)([a-z]+)\}", part):
        return _Step(None, found[3], "must" if found[1] else "may" if found[2] else "no")
    if "{" in part or "*" in part:
        raise ValueError(f"not a step of a shape: {part}")
    return _Step(frozenset(part.split("|")))


def match(rule: Rule, address: Address, *, known_host: bool = True) -> Found | Missed:
    """Find the first form of a rule that fits an address.

    Takes a rule, an address whose subdomain the caller has dealt with, and whether the host is one of the
    rule's own (else only forms that hold anywhere are tried). Returns Found, or Missed with the name that
    could not be one, where there was such a name.
    """
    first = address.segments[0].lower() if address.segments else ""
    missed = Missed()
    for form in rule.forms:
        if not (known_host or form.anywhere):
            continue
        captured = _captures(shape_of(form.path), address, skip_names=first in rule.reserved)
        if captured is None:
            continue
        if not form.kind:
            return Missed(short=form.short)
        result = _read(rule, form, captured, address)
        if isinstance(result, Found):
            return result
        # The first complaint is about the most likely form.
        missed = missed if missed.name else result
    return missed


def _captures(shape: _Shape, address: Address, *, skip_names: bool) -> list[tuple[str, str]] | None:
    """The (name rule, text) pairs of an address that has this shape, else None."""
    steps, segments = shape.steps, address.segments
    if len(segments) < len(steps) or (len(segments) > len(steps) and not shape.open_ended):
        return None
    captured = []
    for place, (step, segment) in enumerate(zip(steps, segments, strict=False)):
        if step.words is not None:
            if segment.lower() not in step.words:
                return None
        elif step.name:
            has_at = segment[0] == "@"
            if (step.at == "must" and not has_at) or (place == 0 and step.at != "must" and skip_names):
                return None
            captured.append((step.name, segment[1:] if has_at and step.at != "no" else segment))
        elif step.number and not (segment.isascii() and segment.isdigit()):
            return None
    if shape.parameter:
        value = parameter(address.query, shape.parameter)
        if not value:
            return None
        captured.append((shape.parameter_name, value))
    return captured


def _read(rule: Rule, form: Form, captured: list[tuple[str, str]], address: Address) -> Found | Missed:
    """Check the captured names and build the account from them."""
    host = address.host.removeprefix("www.")
    parts, stable, fold = [], None, "lower"
    for name_rule, text in captured:
        name = rule.names[name_rule]
        text = unicodedata.normalize("NFC", text)
        if rule.federated and "@" in text:
            # A server shows people of other servers too: the account lives where its name says.
            text, _, remote = text.partition("@")
            host = read_host(remote) or ""
        value = text.rpartition("-")[2] if name.tail else text
        if not host or not name.shape.fullmatch(value):
            return Missed(text, name.says)
        stable = _stable(name, value) or stable
        fold = name.fold
        parts.append(value)
    return _found(rule, form, "/".join(parts), host, fold, stable)


def _found(rule: Rule, form: Form, text: str, host: str, fold: str, stable: str | None) -> Found:
    kind = rule.kinds[form.kind]
    value = form.value.format(name=text)
    encoded = "/".join(map(encode_segment, value.split("/"))) if "/" in value else encode_segment(value)
    return Found(
        kind=form.kind,
        key=kind.key.format(name=folded(value, fold), host=host),
        url=(form.url or kind.url).format(name=encoded, host=host),
        shown=kind.shown.format(name=value, host=host),
        stable=stable,
        post=form.post,
        sure=form.sure,
        mixed=not value.isascii() and _mixes_alphabets(value),
    )


def _stable(name: Name, value: str) -> str | None:
    """The platform's own number of the account, where the name holds it."""
    if name.stable == "whole":
        return value
    # Shorter numbers at the end of a name are birthdays, districts and house numbers.
    tail = value.rpartition("-")[2] if name.stable == "tail" and "-" in value else ""
    return tail if len(tail) >= 8 and tail.isascii() and tail.isdigit() else None


def folded(value: str, fold: str) -> str:
    """A name as it is compared: see `Name.fold`."""
    if fold == "exact":
        return value
    lowered = unicodedata.normalize("NFC", value.lower())
    return lowered.replace(".", "") if fold == "no dots" else lowered


def _mixes_alphabets(value: str) -> bool:
    """Whether Latin letters stand beside some that look like them, the usual way to imitate a name."""
    alphabets = {unicodedata.name(letter, "").partition(" ")[0] for letter in value if letter.isalpha()}
    return "LATIN" in alphabets and not alphabets.isdisjoint({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
