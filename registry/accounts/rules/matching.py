"""How an address is matched against a rule.

Shapes are compared segment by segment, so the work is linear in the length of the address.
"""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

from registry.accounts.rules.addresses import Address, encode_segment, parameter, read_host, without_www
from registry.accounts.rules.rule import Form, Name, Rule, Step, shape_of

_AT_ROOT = re.compile(r"https://[^/]+/\{name\}")
# What somebody who copied too much has behind a name: `brynmor&fref=ts`, `brynmor%3Flang=en`.
_UNTIDY = re.compile(r"[?&#]")
_PIECE = re.compile(r"(\{[a-z]+\})")


class Plans(NamedTuple):
    """The forms of a rule that are worth a try, by the first segment of an address and then by how many there are.

    The last of each tuple is for all longer addresses.
    """

    by_word: "Mapping[str, tuple[tuple[Plan, ...], ...]]"
    otherwise: "tuple[tuple[Plan, ...], ...]"
    longest: int
    never_names: frozenset[str]


class Found(NamedTuple):
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
    what: str = ""  # what the page is, where that is known
    because: str = ""


@dataclass(frozen=True, slots=True)
class Plan:
    """A form of a rule with its shape read and its names looked up."""

    form: Form
    steps: tuple[tuple[Step, Name | None], ...]
    open_ended: bool
    parameters: tuple[tuple[str, Name], ...]
    at_root: bool  # the account's own address begins with its name, where reserved words mean something else

    @property
    def first_words(self) -> frozenset[str]:
        """The words that the first segment must be one of; none where it may be anything."""
        return self.steps[0][0].words or frozenset() if self.steps else frozenset()

    def may_begin_with(self, word: str, reserved: bool) -> bool:
        """Whether an address whose first segment is that word may have this form."""
        if not self.steps or self.first_words:
            return not self.steps or word in self.first_words
        first = self.steps[0][0]
        return not (reserved and first.name) or first.at == "must"

    def takes(self, count: int) -> bool:
        """Whether an address of so many segments may have this form."""
        return count == len(self.steps) or (count > len(self.steps) and self.open_ended)

    def captures(self, segments: tuple[str, ...], query: str) -> list[tuple[Name, str]] | None:
        """The (name rule, text) pairs of an address of a length that this form takes, else None."""
        captured = []
        for (step, name), segment in zip(self.steps, segments, strict=False):
            if name is None or step.check:
                if not _fits(step, name, segment):
                    return None
            elif segment[0] == "@" and step.at != "no":
                captured.append((name, segment[1:]))
            elif step.at == "must":
                return None
            else:
                captured.append((name, segment))
        for wanted, name in self.parameters:
            if not (value := parameter(query, wanted)):
                return None
            captured.append((name, value.removeprefix("@")))
        return captured


@cache
def _plans_of(rule: Rule) -> Plans:
    """The forms of a rule, ready to be compared."""
    every = tuple(_plan(rule, form) for form in rule.forms)
    reserved = frozenset(word.lower() for word in rule.reserved)
    words = reserved | {word for plan in every for word in plan.first_words}
    longest = 1 + max((len(plan.steps) for plan in every), default=0)

    def by_length(plans: list[Plan]) -> tuple[tuple[Plan, ...], ...]:
        return tuple(tuple(plan for plan in plans if plan.takes(count)) for count in range(longest + 1))

    return Plans(
        {word: by_length([plan for plan in every if plan.may_begin_with(word, word in reserved)]) for word in words},
        by_length([plan for plan in every if not plan.first_words]),
        longest,
        reserved,
    )


def _plan(rule: Rule, form: Form) -> Plan:
    shape = shape_of(form.path)
    steps = tuple((step, rule.names.get(step.name or step.check)) for step in shape.steps)
    parameters = tuple((wanted, rule.names[name]) for wanted, name in shape.parameters)
    url = (form.url or rule.kinds[form.kind].url) if form.kind else ""
    at_root = form.value == "{name}" and _AT_ROOT.fullmatch(url) is not None
    return Plan(form, steps, shape.open_ended, parameters, at_root)


def _fits(step: Step, name: Name | None, segment: str) -> bool:
    """Whether a segment is the word, the number or the locale that a step without a name wants, or may be anything."""
    if step.words is not None:
        return segment.lower() in step.words
    if step.number:
        return segment.isascii() and segment.isdigit()
    pattern = name.shape if name else step.pattern
    return pattern is None or pattern.fullmatch(segment) is not None


_A_PAGE = Missed()


def match(rule: Rule, address: Address, *, known_host: bool = True) -> Found | Missed:
    """Find the first form of a rule that fits an address.

    Takes a rule, an address whose subdomain the caller has dealt with, and whether the host is one of the
    rule's own (else only forms that hold anywhere are tried). Returns Found, or Missed with the name that
    could not be one, where there was such a name.
    """
    result = _match(rule, address, known_host)
    if isinstance(result, Missed) and result.name and _UNTIDY.search(result.name):
        tidy = tuple(filter(None, (_UNTIDY.split(segment, 1)[0] for segment in address.segments)))
        if tidy and tidy != address.segments:
            return _match(rule, address._replace(segments=tidy), known_host)
    return result


def _match(rule: Rule, address: Address, known_host: bool) -> Found | Missed:
    segments = address.segments
    by_word, by_length, longest, _ = _plans_of(rule)
    if segments:
        by_length = by_word.get(segments[0].lower(), by_length)
    missed = _A_PAGE
    for plan in by_length[min(len(segments), longest)]:
        form = plan.form
        if not (known_host or form.anywhere):
            continue
        captured = plan.captures(segments, address.query)
        if captured is None:
            continue
        if not form.kind:
            if all(name.shape.fullmatch(text) for name, text in captured):
                return Missed(short=form.short, what=form.post, because=form.because)
            continue
        result = _read(rule, plan, captured, address.host)
        if isinstance(result, Found):
            return result
        # The first complaint is about the most likely form.
        missed = result if missed.name is None else missed
    return missed


def _read(rule: Rule, plan: Plan, captured: Iterable[tuple[Name, str]], host: str) -> Found | Missed:
    """Check the captured names and build the account from them."""
    host = without_www(host)
    values, keys, stable = [], [], None
    for name, text in captured:
        if not text.isascii():
            text = unicodedata.normalize("NFC", text)
        if rule.federated and "@" in text:
            # A server shows people of other servers too: the account lives where its name says.
            text, _, remote = text.partition("@")
            host = without_www(read_host(remote) or "")
        found = name.shape.fullmatch(text)
        if found is None or not host:
            return Missed(text, name.says)
        groups = name.shape.groups
        value = found[1] if groups else text
        values.append(value)
        keys.append(folded(found["key"] if groups > 1 else value, name.fold))
        if name.stable:
            stable = _stable(name, value) or stable
    whole, key = (values[0], keys[0]) if len(values) == 1 else ("/".join(values), "/".join(keys))
    if plan.at_root and whole.lower() in _plans_of(rule).never_names:
        return Missed(whole, "a page of its own has that name")
    return _found(rule, plan.form, whole, key, host, stable)


def _found(rule: Rule, form: Form, name: str, key: str, host: str, stable: str | None) -> Found:
    kind = rule.kinds[form.kind]
    name, key = _fill(form.value, name, host), _fill(form.value, key, host)
    encoded = "/".join(map(encode_segment, name.split("/"))) if "/" in name else encode_segment(name)
    key, url, shown = (
        _fill(kind.key, key, host),
        _fill(form.url or kind.url, encoded, host),
        _fill(kind.shown, name, host),
    )
    mixed = not name.isascii() and _mixes_alphabets(name)
    return Found(form.kind, key, url, shown, stable, form.post, form.sure, mixed)


def _fill(template: str, name: str, host: str) -> str:
    """A template with the name in its place; what the name holds is never read as a template itself."""
    if template == "{name}":
        return name
    if (around := _around(template)) is not None:
        return f"{around[0]}{name}{around[1]}"
    first, _, second = name.partition("/")
    pieces = {"{name}": name, "{host}": host, "{first}": first, "{second}": second}
    return "".join(pieces.get(piece, piece) for piece in _PIECE.split(template))


@cache
def _around(template: str) -> tuple[str, str] | None:
    """What stands before and after the name, where a template has nothing else to fill in."""
    before, _, after = template.partition("{name}")
    return None if "{" in before + after else (before, after)


def _stable(name: Name, value: str) -> str | None:
    """The platform's own number of the account, where a name that may hold it does."""
    if name.stable == "whole":
        return value
    if name.stable == "hexadecimal tail":
        return str(int(value.rpartition(":")[2], 16))
    # Shorter numbers at the end of a name are birthdays, districts and house numbers.
    tail = value.rpartition("-")[2] if "-" in value else ""
    return tail if len(tail) >= 8 and tail.isascii() and tail.isdigit() else None


def folded(value: str, fold: str) -> str:
    """A name as it is compared: see `Name.fold`."""
    if fold == "exact":
        return value
    lowered = value.lower() if value.isascii() else unicodedata.normalize("NFC", value.lower())
    return lowered.replace(".", "") if fold == "no dots" else lowered


def _mixes_alphabets(value: str) -> bool:
    """Whether Latin letters stand beside some that look like them, the usual way to imitate a name."""
    alphabets = {unicodedata.name(letter, "").partition(" ")[0] for letter in value if letter.isalpha()}
    return "LATIN" in alphabets and not alphabets.isdisjoint({"CYRILLIC", "GREEK", "ARMENIAN", "CHEROKEE", "COPTIC"})
