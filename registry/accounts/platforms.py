"""Whatever a person types, resolved to one account: platform, kind and key.

Two people must not register the same account twice, and nobody should have to know which of a platform's
dozen spellings is the right one. The platforms themselves are data (the folder `rules`);
the text is taken apart in `addresses`; this module puts the two together and says in words what it made of
the text. Nothing here asks the network or the database.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from types import MappingProxyType
from typing import Final

from registry.accounts.rules.addresses import (
    SHORT_LINKS,
    Address,
    Trouble,
    clean,
    encode_segment,
    is_within,
    parse,
    read_fediverse,
    read_host,
    read_path,
    redirect_target,
    words,
)
from registry.accounts.rules.closed import CLOSED_RULES
from registry.accounts.rules.matching import Found, Missed, Rule, match, shape_of
from registry.accounts.rules.open import NOT_FEDIVERSE, OPEN_RULES
from registry.accounts.rules.social import COMPANY_RULES
from registry.accounts.rules.video import VIDEO_RULES

#: Bytes of a key or an alias: an index of PostgreSQL takes 2,704 in all, and no account's address is half as long.
LONGEST_KEY: Final = 1_000
_TOO_LONG = "This address is too long to be that of an account. Open the account and copy its address from there."


@dataclass(frozen=True, slots=True)
class Resolved:
    """An account address understood; (platform, kind, key) is its identity."""

    platform: str  # slug, a key of PLATFORMS
    kind: str  # "profile", "page", "group", "company", "channel", "site" ...
    key: str  # the name as it is compared: case-folded where the platform folds case
    url: str  # https address to show and to store
    handle: str  # as to be shown: "@BrynmorLibraries", "brynmor-council"
    platform_id: str | None = None  # the platform's own lasting number, where the address holds it
    note: str = ""  # a sentence for the person where they should look again


@dataclass(frozen=True, slots=True)
class Refused:
    """Not the address of an account, with a sentence that says what it is and what to do."""

    note: str
    platform: str | None = None
    owner: Resolved | None = None  # the account that published the post or video


@dataclass(frozen=True, slots=True)
class Platform:
    """A place where accounts live."""

    slug: str
    name: str  # as shown: "X", "Facebook"
    example: str  # an address that works, for hints beside a field
    needs_address: bool  # a name alone does not say which account (many servers, or any site)
    closed: bool


RULES: tuple[Rule, ...] = (*COMPANY_RULES, *VIDEO_RULES, *OPEN_RULES, *CLOSED_RULES)
PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {
        rule.slug: Platform(rule.slug, rule.name, rule.examples[0][0], rule.federated or not rule.bare, rule.closed)
        for rule in RULES
    }
)

_BY_SLUG = {rule.slug: rule for rule in RULES}
_BY_HOST = {host: rule for rule in RULES for host in rule.hosts}
_BY_WORD = {word: rule for rule in RULES for word in rule.host_words}
_ANYWHERE = tuple(rule for rule in RULES if any(form.anywhere for form in rule.forms))
_OUTSIDE_NAMES = re.compile(r"[^a-z0-9]")
_BY_NAME = {
    _OUTSIDE_NAMES.sub("", name.lower()): rule.slug for rule in RULES for name in (rule.slug, rule.name, *rule.also)
}
# A redirector may lead to another one; more than this is a trick.
_MOST_REDIRECTS = 3
_MAIL_HOSTS = words(
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com yahoo.com yahoo.co.uk"
    " icloud.com me.com aol.com proton.me protonmail.com nhs.net gmx.de web.de btinternet.com"
)
_TRACKING = re.compile(r"(?:utm_|fbclid|gclid|igsh|mc_|ref\b|ref_|trk|lang=|hl=|si=|s=|t=)", re.IGNORECASE)
_CHOOSE = "Choose the platform as well, or paste the whole address of the account."


def find_platform(name: str) -> str | None:
    """The slug for a platform's name as people write it ("Twitter", "X (Twitter)", "bsky"), else None."""
    return _BY_NAME.get(_OUTSIDE_NAMES.sub("", name.lower()))


def resolve(text: str, platform: str | None = None) -> Resolved | Refused:
    """Make out which account a text means.

    Takes any string as typed or pasted, and the platform somebody chose, by slug or common name; with a
    platform, a bare handle of that platform will do. Returns Resolved, or Refused with a sentence. Never
    raises. A whole address of another platform wins over the platform chosen, and the note says so.
    """
    cleaned = clean(text)
    if isinstance(cleaned, Trouble):
        return Refused(cleaned.note)
    slug = find_platform(platform) if platform else None
    hint = _BY_SLUG[slug] if slug else None
    result = _resolve_cleaned(cleaned, hint)
    if isinstance(result, Resolved) and len(result.key.encode()) > LONGEST_KEY:
        return Refused(_TOO_LONG)
    if platform and platform.strip() and hint is None and isinstance(result, Refused) and result.platform is None:
        return Refused(f"We do not know a platform called “{_short(platform)}”. {_CHOOSE}")
    if hint and isinstance(result, Resolved) and result.platform != hint.slug:
        return replace(result, note=f"{_other_platform(hint, result)} {result.note}".strip())
    return result


def _other_platform(chosen: Rule, result: Resolved) -> str:
    name = PLATFORMS[result.platform].name
    if result.platform == "website":
        return f"You chose {chosen.name}, but this is the address of a website, so we put it under {name}."
    return f"You chose {chosen.name}, but this address belongs to {name}, so we put it under {name}."


def _resolve_cleaned(text: str, hint: Rule | None) -> Resolved | Refused:
    if fediverse := read_fediverse(text):
        return _resolve_fediverse(*fediverse, hint)
    if hint and hint.bare and not hint.federated and not _is_address(text):
        return handle_address(hint.slug, text)
    if text[0] == "@" and "/" not in text:
        if not text.lower().endswith(".bsky.social"):
            return _not_enough(text, hint)
        text = text[1:]
    if "." not in text and ":" not in text:
        return _not_enough(text, hint)
    address = _unwrap_redirects(parse(text))
    if isinstance(address, Trouble):
        return Refused(address.note)
    result = _resolve_address(address, hint)
    bare_host = "/" not in text and ":" not in text and not text.startswith("www.")
    if hint is None and bare_host and isinstance(result, Resolved) and result.platform == "website":
        # "rep.brynmor" may as well be a name on Facebook or Instagram.
        return replace(result, note="We took this for a website. If it is the name of an account, choose the platform.")
    return result


def _unwrap_redirects(address: Address | Trouble) -> Address | Trouble:
    """Where a redirector leads, read from its own parameter."""
    for _ in range(_MOST_REDIRECTS):
        target = "" if isinstance(address, Trouble) else redirect_target(address)
        if not target:
            break
        unwrapped = clean(target)
        address = unwrapped if isinstance(unwrapped, Trouble) else parse(unwrapped)
    return address


def handle_address(platform: str, handle: str) -> Resolved | Refused:
    """Read a bare handle, or the end of an address without its host (`channel/UC...`, `profile.php?id=...`).

    Takes a slug of PLATFORMS whose `needs_address` is false, and the cleaned text. Returns as `resolve` does.
    """
    rule = _BY_SLUG[platform]
    text = handle.strip("/")
    path, _, query = text.partition("#")[0].partition("?")
    if "/" in path or (query and _is_own_page(rule, path)):
        address = parse(f"https://{rule.hosts[0]}/{text}")
        return Refused(address.note, platform) if isinstance(address, Trouble) else _read(rule, address)
    return _read_name(rule, path.removeprefix("@"), rule.hosts[0])


def _read_name(rule: Rule, name: str, host: str) -> Resolved | Refused:
    """Read a name typed alone, by the path that would show it."""
    path = next(template.format(found[1]) for shape, template in rule.bare if (found := shape.fullmatch(name)))
    segments = read_path(path)
    if not name or segments is None:
        return Refused(f"Type the name of the {rule.name} account, or paste its address.", rule.slug)
    return _read(rule, Address(host, segments))


def _is_own_page(rule: Rule, path: str) -> bool:
    """Whether a word is a page of the platform rather than a name: `watch`, `profile.php`."""
    word = path.lower()
    return word in rule.reserved or any(
        word in (step.words or ()) for form in rule.forms for step in shape_of(form.path).steps[:1]
    )


def _is_address(text: str) -> bool:
    """Whether a text names a host itself, so that it can be read without knowing the platform.

    Names with full stops (`city.example`) are common on Facebook and Instagram: without a scheme or a path, a
    host must be known.
    """
    if ":" in text or text.startswith(("//", "www.")):
        return True
    authority, _, path = text.partition("/")
    host = read_host(authority.partition("?")[0].partition("#")[0].rpartition("@")[2])
    if host is None:
        return False
    return bool(path) or host in SHORT_LINKS or _find_rule(host)[0] is not None


def _not_enough(text: str, hint: Rule | None) -> Refused:
    if hint is None:
        return Refused(f"“{_short(text)}” could be on many platforms. {_CHOOSE}")
    if hint.federated:
        return Refused(
            f"{hint.name} runs on many servers. Add the server: @{_short(text.lstrip('@'))}@server, or "
            "paste the address.",
            hint.slug,
        )
    return Refused("Paste the whole address. It should look like https://example.org/name.", hint.slug)


def _resolve_fediverse(plainly: bool, name: str, host: str, hint: Rule | None) -> Resolved | Refused:
    """`@user@host`: an account on a server, unless the server is a platform of one owner, or mail."""
    rule, _ = _find_rule(host)
    single = rule if rule and not rule.federated else None
    if not plainly and (single or host in _MAIL_HOSTS or (hint and not hint.federated)):
        return Refused(
            "This looks like an e-mail address. Paste the address of the account.", hint.slug if hint else None
        )
    if single:
        # Some platforms of one owner speak to the fediverse, and people write the others the same way.
        return handle_address(single.slug, name) if single.bare else _own_page(single)
    server = rule or (hint if hint and hint.federated else _BY_SLUG["mastodon"])
    result = _read_name(server, name, host)
    if isinstance(result, Resolved) and not (plainly or rule or hint):
        note = "We took this for a Mastodon name. If it is an e-mail address, paste the account's address instead."
        return replace(result, note=note)
    return result


def _find_rule(host: str) -> tuple[Rule | None, str]:
    """The rule of a host, by exact name, by dot-suffix or by what the server calls itself; the subdomain."""
    rest = host
    while rest:
        if rule := _BY_HOST.get(rest):
            return rule, host[: -len(rest) - 1] if rest != host else ""
        rest = rest.partition(".")[2]
    for label in host.split(".")[:-1]:
        if rule := _BY_WORD.get(label):
            return rule, ""
    return None, ""


def _resolve_address(address: Address, hint: Rule | None) -> Resolved | Refused:
    if address.host.removeprefix("www.") in SHORT_LINKS:
        return _short_link(address.host)
    rule, subdomain = _find_rule(address.host)
    if rule is None:
        return _resolve_elsewhere(address, hint)
    if what := rule.post_hosts.get(address.host.removeprefix("www.")):
        return Refused(
            f"This is {what} on {rule.name}, not an account. Paste the address of the account that published it.",
            rule.slug,
        )
    if rule.host_path and subdomain and subdomain not in rule.subdomains:
        path = rule.host_path.format(host=address.host, sub=subdomain)
        address = replace(address, segments=(*path.split("/"), *address.segments))
    elif not rule.federated and not _shows_accounts(rule, subdomain):
        return _own_page(rule)
    return _read(rule, address)


def _shows_accounts(rule: Rule, subdomain: str) -> bool:
    return subdomain in rule.subdomains or (rule.locales is not None and rule.locales.fullmatch(subdomain) is not None)


def _resolve_elsewhere(address: Address, hint: Rule | None) -> Resolved | Refused:
    """A host no rule knows: a server of the fediverse, or else simply a website."""
    if hint and hint.federated:
        result = match(hint, address)
        if isinstance(result, Found):
            return _tell(hint, result, sure=True)
    if not any(is_within(address.host, host) for host in NOT_FEDIVERSE):
        for rule in _ANYWHERE:
            result = match(rule, address, known_host=False)
            if isinstance(result, Found):
                return _tell(rule, result, sure=False)
    return _website(address)


def _website(address: Address) -> Resolved:
    path = "/".join(map(encode_segment, address.segments))
    key = f"{address.host.removeprefix('www.')}/{path}".rstrip("/")
    note = ""
    if address.posed_as:
        note = f"This address leads to {address.host}, not to “{_short(address.posed_as)}”. Please check it."
    elif "xn--" in address.host:
        note = "The name of this site has letters beyond a to z, which can imitate another site's. Please check it."
    elif address.query and not _TRACKING.match(address.query):
        note = (
            "We left out what follows the question mark. Please check that the address still leads to the right page."
        )
    return Resolved("website", "site", key, f"https://{address.host}/{path}", key, None, note)


def _read(rule: Rule, address: Address) -> Resolved | Refused:
    """Match an address against its platform's rule and put the outcome in words."""
    result = match(rule, address)
    if isinstance(result, Found):
        return _tell(rule, result, sure=True)
    return _complain(rule, address, result)


def _tell(rule: Rule, found: Found, *, sure: bool) -> Resolved | Refused:
    account = Resolved(
        rule.slug, found.kind, found.key, found.url, found.shown, found.stable, _doubts(rule, found, sure)
    )
    if found.post:
        note = (
            f"This is {found.post} by {found.shown} on {rule.name}, not the account itself. Do you want "
            f"to register {found.shown}?"
        )
        return Refused(note, rule.slug, account)
    return account


def _doubts(rule: Rule, found: Found, sure: bool) -> str:
    if rule.closed:
        return (
            f"{rule.name} has closed or no longer works as it did. You can still record the account, so "
            "that nobody looks for it."
        )
    if found.mixed:
        return "This name mixes letters of several alphabets, which can imitate another name. Please check it."
    if not (sure and found.sure):
        return f"We think this is the {rule.name} account {found.shown}. Please check it."
    return ""


def _complain(rule: Rule, address: Address, missed: Missed) -> Refused:
    if missed.short:
        return _short_link(address.host)
    if missed.name is not None:
        name = _short(missed.name)
        return Refused(
            f"“{name}” cannot be the name of an account on {rule.name} ({missed.says}). Please check it.",
            rule.slug,
        )
    if not address.segments:
        return Refused(
            f"This is the home page of {rule.name}. Open the account and copy its address from there.",
            rule.slug,
        )
    return _own_page(rule)


def _own_page(rule: Rule) -> Refused:
    note = (
        f"This is a page, a post or a search on {rule.name}, not an account. Open the account and "
        "copy its address from there."
    )
    return Refused(note, rule.slug)


def _short_link(host: str) -> Refused:
    rule = _find_rule(host)[0]
    note = (
        "This is a short link, and we do not follow those. Open it in a browser, then paste the address where you land."
    )
    return Refused(note, rule.slug if rule else None)


def _short(text: str) -> str:
    """A text to quote in a sentence: short, and without what cannot be shown or stored."""
    shown = "".join(character if character.isprintable() else "?" for character in text[:60])
    return shown if len(text) <= 60 else shown[:59] + "…"
