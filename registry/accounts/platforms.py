"""Whatever a person types, resolved to one account: platform, kind and key.

Two people must not register the same account twice, and nobody should have to know which of a platform's
dozen spellings is the right one. The platforms themselves are data (the folder `rules`); the text is taken apart
in `rules.addresses`, and what comes of it is put in words in `rules.answers`. This module puts them together.
Nothing here asks the network or the database.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from registry.accounts.rules.addresses import (
    Address,
    Trouble,
    clean,
    is_within,
    parse,
    read_fediverse,
    read_host,
    read_path,
    words,
)
from registry.accounts.rules.answers import (
    Refused,
    Resolved,
    behind_gate,
    own_page,
    read,
    refuse,
    short,
    short_link,
    tell,
    website,
)
from registry.accounts.rules.detours import SHORT_LINKS, behind_a_gate, may_lead_elsewhere, redirect_target
from registry.accounts.rules.families import FAMILIES
from registry.accounts.rules.fediverse import NOT_FEDIVERSE
from registry.accounts.rules.hosts import place_of
from registry.accounts.rules.matching import Found, match
from registry.accounts.rules.rule import Rule, shape_of

__all__ = [
    "LONGEST_KEY", "OFFERED", "PLATFORMS", "RULES", "Platform", "Refused", "Resolved", "find_platform",
    "handle_address", "name_of", "other_readings", "resolve",
]  # fmt: skip

#: Bytes of a key or an alias: an index of PostgreSQL takes 2,704 in all, and no account's address is half as long.
LONGEST_KEY: Final = 1_000
_TOO_LONG = "This address is too long to be that of an account. Open the account and copy its address from there."


@dataclass(frozen=True, slots=True)
class Platform:
    """A place where accounts live."""

    slug: str
    name: str  # as shown: "X", "Facebook"
    example: str  # an address that works, for hints beside a field
    needs_address: bool  # a name alone does not say which account (many servers, or any site)
    closed: bool
    closed_in: int | None  # the year, where it is known
    family: str  # platforms of one sort stand together: "Video", "Pictures"
    internal: bool  # only colleagues can see what is there: never a public account
    bio_length: int | None  # characters of the words about itself, where the platform says so
    post_length: int | None  # characters of a post, where the platform says so
    counted: str  # how it counts them; see ``Rule``
    icon: bool  # static/icons/platforms.svg has one; all others share the globe


def _platform(rule: Rule, family: str) -> Platform:
    return Platform(
        rule.slug, rule.name, rule.examples[0].text, rule.federated or not rule.bare, rule.closed, rule.closed_in,
        family, rule.internal, rule.bio_length, rule.post_length, rule.counted, rule.icon,
    )  # fmt: skip


RULES: tuple[Rule, ...] = tuple(rule for _, rules in FAMILIES for rule in rules)
PLATFORMS: Mapping[str, Platform] = MappingProxyType(
    {rule.slug: _platform(rule, family) for family, rules in FAMILIES for rule in rules}
)
#: The platforms that are still there, by family, as pages offer them to choose from.
OFFERED: Mapping[str, tuple[Platform, ...]] = MappingProxyType(
    {
        family: tuple(PLATFORMS[rule.slug] for rule in rules)
        for family, rules in FAMILIES
        if not all(rule.closed for rule in rules)
    }
)

_BY_SLUG = {rule.slug: rule for rule in RULES}
_FEDERATED = tuple(rule for rule in RULES if rule.federated)
_ANYWHERE = tuple(rule for rule in RULES if any(form.anywhere for form in rule.forms))
_OUTSIDE_NAMES = re.compile(r"[^a-z0-9]")
_BY_NAME = {
    _OUTSIDE_NAMES.sub("", name.lower()): rule.slug for rule in RULES for name in (*rule.also, rule.name, rule.slug)
}
# A redirector may lead to another one; more than this is a trick.
_MOST_REDIRECTS = 3
_MAIL_HOSTS = words(
    "gmail.com googlemail.com outlook.com hotmail.com hotmail.co.uk live.com yahoo.com yahoo.co.uk"
    " icloud.com me.com aol.com proton.me protonmail.com nhs.net gmx.de web.de btinternet.com"
)
_CHOOSE = "Choose the platform as well, or paste the whole address of the account."
# What people write into a field that they cannot leave empty.
_NOTHING = words("none n/a na n.a nil null nan tbc tba unknown undefined - -- – — .")
# Spellings that say themselves where they belong.
_REDDIT = re.compile(r"/?(?:r|u)/[A-Za-z0-9_-]{2,21}/?")
_CHANNEL = re.compile(r"UC[A-Za-z0-9_-]{22}")
_TELEPHONE = re.compile(r"\+?[0-9]{7,15}")
_BETWEEN_DIGITS = re.compile(r"\(0\)|[\s().\-]")


def name_of(slug: str) -> str:
    """What a platform is called; its slug, where nobody knows it any more."""
    return PLATFORMS[slug].name if slug in PLATFORMS else slug


@lru_cache(maxsize=1_024)
def find_platform(name: str) -> str | None:
    """The slug for a platform's name as people write it ("Twitter", "X (Twitter)", "bsky"), else None."""
    return _BY_NAME.get(_OUTSIDE_NAMES.sub("", name.lower()))


def resolve(text: str, platform: str | None = None) -> Resolved | Refused:
    """Make out which account a text means.

    Takes any string as typed or pasted, and the platform somebody chose, by slug or common name; with a
    platform, a bare handle of that platform will do. Returns Resolved, or Refused with a sentence. Never
    raises. A whole address of another platform wins over the platform chosen, and the note says so.
    """
    slug = find_platform(platform) if platform else None
    hint = _BY_SLUG[slug] if slug else None
    if hint and hint.telephone and _TELEPHONE.fullmatch(number := _BETWEEN_DIGITS.sub("", text[:40])):
        text = number
    cleaned = clean(text)
    if isinstance(cleaned, Trouble):
        return _find_inside(text, hint) or refuse(cleaned)
    result = _resolve_cleaned(cleaned, hint)
    # Four bytes are the most that a character takes: shorter keys need not be counted.
    if isinstance(result, Resolved) and len(result.key) > LONGEST_KEY // 4 and len(result.key.encode()) > LONGEST_KEY:
        return Refused(_TOO_LONG, reason="too long")
    if platform and platform.strip() and hint is None and isinstance(result, Refused) and result.platform is None:
        return Refused(f"We do not know a platform called “{short(platform)}”. {_CHOOSE}", reason="an unknown platform")
    if hint and isinstance(result, Resolved) and result.platform != hint.slug:
        return replace(result, note=f"{_other_platform(hint, result)} {result.note}".strip())
    return result


def _find_inside(text: str, hint: Rule | None) -> Refused | None:
    """The one account that stands among other words ("Twitter: https://x.com/brynmor"), offered but not taken."""
    pieces = text.split(maxsplit=13) if len(text) < 500 else []
    if not 1 < len(pieces) < 13:
        return None
    found = []
    for piece in pieces:
        cleaned = clean(piece)
        if isinstance(cleaned, str) and ("/" in cleaned if cleaned[0] != "@" else hint or "@" in cleaned[1:]):
            found.append(_resolve_cleaned(cleaned, hint))
    accounts = [one for one in found if isinstance(one, Resolved) and one.platform != "website"]
    if len(accounts) != 1:
        return None
    [account] = accounts
    name = PLATFORMS[account.platform].name
    note = f"There is more in this than one address. Do you want to register {account.handle} on {name}?"
    return Refused(note, account.platform, account, "a blank")


def _other_platform(chosen: Rule, result: Resolved) -> str:
    name = PLATFORMS[result.platform].name
    if result.platform == "website":
        return f"You chose {chosen.name}, but this is the address of a website, so we put it under {name}."
    return f"You chose {chosen.name}, but this address belongs to {name}, so we put it under {name}."


def _resolve_cleaned(text: str, hint: Rule | None) -> Resolved | Refused:
    if "@" in text and "/" not in text[:-1] and (fediverse := read_fediverse(text.rstrip("/"))):
        return _resolve_fediverse(*fediverse, hint)
    if len(text) < 20 and text.lower() in _NOTHING:
        note = f"“{text}” says that there is no account. If one is really called that, paste its address."
        return Refused(note, hint.slug if hint else None, None, "nothing typed")
    if hint and hint.bare and not hint.federated and not _is_address(text):
        return handle_address(hint.slug, text)
    if text[0] == "@" and "/" not in text:
        if not text.lower().endswith(".bsky.social"):
            return _not_enough(text, hint)
        text = text[1:]
    if "." not in text and ":" not in text:
        return _by_spelling(text) or _not_enough(text, hint)
    address = _unwrap_redirects(parse(text))
    if isinstance(address, Trouble):
        return refuse(address)
    behind = _resolve_behind(address, hint) if may_lead_elsewhere(address) else None
    result = behind or _resolve_address(address, hint)
    bare_host = hint is None and "/" not in text and ":" not in text and not text.startswith("www.")
    if bare_host and isinstance(result, Resolved) and result.platform == "website":
        # "rep.brynmor" may as well be a name on Facebook or Instagram.
        return replace(result, note="We took this for a website. If it is the name of an account, choose the platform.")
    return result


def _by_spelling(text: str) -> Resolved | Refused | None:
    """What a text without a host can still only be: `r/name` and `u/name` of Reddit, the id of a YouTube channel."""
    if _REDDIT.fullmatch(text):
        return handle_address("reddit", text)
    return handle_address("youtube", text) if _CHANNEL.fullmatch(text) else None


def _unwrap_redirects(address: Address | Trouble) -> Address | Trouble:
    """Where a redirector leads, read from its own parameter."""
    for _ in range(_MOST_REDIRECTS):
        if isinstance(address, Trouble) or not may_lead_elsewhere(address):
            break
        if not (target := redirect_target(address)):
            break
        unwrapped = clean(target)
        address = unwrapped if isinstance(unwrapped, Trouble) else parse(unwrapped)
    return address


def _resolve_behind(address: Address, hint: Rule | None) -> Refused | None:
    """A sign-in page or an archived copy that says which account it is about."""
    what, target = behind_a_gate(address)
    if not what:
        return None
    cleaned = clean(target)
    behind = cleaned if isinstance(cleaned, Trouble) else _unwrap_redirects(parse(cleaned))
    result = None if isinstance(behind, Trouble) else _resolve_address(behind, hint)
    account = result.owner if isinstance(result, Refused) else result
    if account is None or account.platform == "website":
        return None
    return behind_gate(what, account, PLATFORMS[account.platform].name)


def handle_address(platform: str, handle: str) -> Resolved | Refused:
    """Read a bare handle, or the end of an address without its host (`channel/UC...`, `profile.php?id=...`).

    Takes a slug of PLATFORMS whose `needs_address` is false, and the cleaned text. Returns as `resolve` does.
    """
    rule = _BY_SLUG[platform]
    text = handle.strip("/")
    path, _, query = text.partition("#")[0].partition("?")
    if "/" in path or (query and _is_own_page(rule, path)):
        address = parse(f"https://{rule.hosts[0]}/{text}")
        return refuse(address, platform) if isinstance(address, Trouble) else read(rule, match(rule, address), address)
    return _read_name(rule, path.removeprefix("@"), rule.hosts[0])


def _read_name(rule: Rule, name: str, host: str) -> Resolved | Refused:
    """Read a name typed alone, by the path that would show it."""
    path = next((template.format(found[1]) for shape, template in rule.bare if (found := shape.fullmatch(name))), "")
    path, _, query = path.partition("?")
    segments = read_path(path)
    if not name or not segments:
        note = f"Type the name of the {rule.name} account, or paste its address."
        return Refused(note, rule.slug, None, "not a name")
    address = Address(host, segments, query)
    return read(rule, match(rule, address), address)


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
    return bool(path) or host in SHORT_LINKS or place_of(host).rule is not None


def _not_enough(text: str, hint: Rule | None) -> Refused:
    if hint is None:
        return Refused(f"“{short(text)}” could be on many platforms. {_CHOOSE}", reason="a name without a platform")
    if hint.federated:
        return Refused(
            f"{hint.name} runs on many servers. Add the server: @{short(text.lstrip('@'))}@server, or "
            "paste the address.",
            hint.slug, None, "a name without its server",
        )  # fmt: skip
    note = "Paste the whole address. It should look like https://example.org/name."
    return Refused(note, hint.slug, None, "no web address")


def _resolve_fediverse(sign: str, name: str, host: str, hint: Rule | None) -> Resolved | Refused:
    """`@user@host`: an account on a server, unless the server is a platform of one owner, or mail."""
    rule = place_of(host).rule
    if sign == "!" and rule and not rule.federated:
        return own_page(rule)
    if sign == "!":
        server = rule if rule and rule.federated else _BY_SLUG["lemmy"]
        return _read_name(server, f"!{name}", host)
    single = rule if rule and not rule.federated else None
    if not sign and (single or host in _MAIL_HOSTS or (hint and not hint.federated)):
        note = "This looks like an e-mail address. Paste the address of the account."
        return Refused(note, hint.slug if hint else None, None, "an e-mail address")
    if single:
        # Some platforms of one owner speak to the fediverse, and people write the others the same way.
        return handle_address(single.slug, name) if single.bare else own_page(single)
    server = rule or (hint if hint and hint.federated else _BY_SLUG["mastodon"])
    result = _read_name(server, name, host)
    if isinstance(result, Resolved) and not (sign or rule or hint):
        note = "We took this for a Mastodon name. If it is an e-mail address, paste the account's address instead."
        return replace(result, note=note)
    return result


def _resolve_guest(address: Address, here: Rule | None) -> Resolved | Refused | None:
    """Somebody of another platform, as a server of the fediverse shows them: `/@user@threads.net`."""
    for place, segment in enumerate(address.segments[:3]):
        guest = read_fediverse(segment) if "@" in segment[1:] else None
        rule = place_of(guest[2]).rule if guest else None
        if guest and rule and rule is not here:
            account = _resolve_fediverse("@", guest[1], guest[2], None)
            if len(address.segments) > place + 1 and isinstance(account, Resolved):
                return own_page(rule, "a post")
            return account
    return None


def _resolve_address(address: Address, hint: Rule | None) -> Resolved | Refused:
    place = place_of(address.host)
    rule = place.rule
    if place.short:
        return short_link(rule)
    if rule is None or rule.federated:
        guest = _resolve_guest(address, rule)
        if guest or rule is None:
            return guest or _resolve_elsewhere(address, hint)
    if place.foreign:
        return own_page(rule)
    whole = address
    if place.prefix:
        whole = Address(address.host, place.prefix + address.segments, address.query, address.posed_as)
    return read(rule, match(rule, whole), address)


def _resolve_elsewhere(address: Address, hint: Rule | None) -> Resolved | Refused:
    """A host no rule knows: a server of the fediverse, or else simply a website."""
    if hint and hint.federated:
        result = match(hint, address)
        if isinstance(result, Found):
            return tell(hint, result, sure=True)
    for rule in _ANYWHERE:
        result = match(rule, address, known_host=False)
        if isinstance(result, Found) and not any(is_within(address.host, host) for host in NOT_FEDIVERSE):
            return tell(rule, result, sure=False)
    return website(address)


@lru_cache(maxsize=4_096)
def other_readings(resolved: Resolved) -> tuple[Resolved, ...]:
    """What the address of an account on a host that no rule knows may be besides, as somebody can have said once.

    `https://photos.example/archives` is a website, unless the register holds it as an account of Pixelfed: the address
    alone does not say so. None of an address whose host is known.
    """
    address = parse(resolved.url)
    if isinstance(address, Trouble) or place_of(address.host).rule is not None:
        return ()
    matched = ((rule, match(rule, address)) for rule in _FEDERATED if rule.slug != resolved.platform)
    told = (tell(rule, found, sure=True) for rule, found in matched if isinstance(found, Found))
    return tuple(one for one in told if isinstance(one, Resolved))
