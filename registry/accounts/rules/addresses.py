"""From the text somebody pasted to a host and a path, without asking the network.

People paste addresses out of mails, chats and search results: wrapped in quotes or brackets, escaped for HTML, with
a full stop at the end. This module undoes what a person would undo by eye and refuses what only an attacker would
type, so that the platform rules see one clean shape. Everything here is pure and linear in the length of the text.
"""

import html
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import quote, unquote, unquote_plus

import idna


def words(text: str) -> frozenset[str]:
    """A set of words written with blanks between them, for the long lists of hosts and reserved names."""
    return frozenset(text.split())


# Longer than any address of an account; tracking parameters rarely pass 1,000 characters.
LONGEST_TEXT = 2_000
# RFC 1035, section 2.3.4.
LONGEST_HOST = 253

# Invisible characters that copying from a web page or from Windows properties puts at either end.
_EDGES = " \t\r\n\f\v\u00a0\u200b\u200e\u200f\u202a\u202c\u2060\ufeff"
_BLANK = re.compile(r"\s")
# Only entities that end in a semicolon: "&copy=1" is far more often a parameter than a copyright sign.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,30}):(?![0-9])")
# Also as people mistype it, and typed before an address that had it already: https://https://, https//.
_HTTP = re.compile(r"h{0,2}t{1,3}p{1,2}s?")
_TWICE = re.compile(r"(?:https?:?/{1,3})+(?=[^/]*\.)", re.IGNORECASE)
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_FEDIVERSE = re.compile(r"([@!]?)([^@/?#:]+)@([^@/?#:]+)")
_OPENING = "\"'`“”‘’«»‹›<("
_CLOSING = "\"'`“”‘’«»‹›>.,;"
_BRACKETS = {")": "(", "]": "[", "}": "{"}

# What apps on telephones call their own places: scheme, the same place on the web, what separates its parts there.
_APPS = {
    "at": ("bsky.app/profile/", ""),  # AT protocol: at://name.example.org/...
    "fb": ("facebook.com/", ""),
    "instagram": ("instagram.com/", ""),
    "snapchat": ("snapchat.com/", ""),
    "spotify": ("open.spotify.com/", ":"),
    "tg": ("t.me/", ""),
    "twitter": ("x.com/", ""),
    "vnd.youtube": ("youtube.com/", ""),
    "weixin": ("open.weixin.qq.com/", "?"),
    "whatsapp": ("whatsapp.com/", ""),
}
# Their old addresses kept the account behind "#!", or behind "#" alone.
_HASHBANG_HOSTS = ("x.com", "twitter.com", "facebook.com", "youtube.com", "myspace.com")
# Programs in the browser that keep the place behind "#".
_FRAGMENT_HOSTS = ("yammer.com", "web.telegram.org", "signal.me", "signal.group")


class Address(NamedTuple):
    """A web address taken apart: ASCII host in lower case, segments decoded once, the query as it was."""

    host: str
    segments: tuple[str, ...]
    query: str = ""
    posed_as: str = ""  # what stood before an "@" in front of the host, a trick to look like another site


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a text is no address, as a sentence for the person who typed it and as a few words."""

    note: str
    reason: str


_TOO_LONG = Trouble(
    "This is too long to be the address of an account. Paste only the address, from https:// to the end.", "too long"
)
_EMPTY = Trouble("Type or paste the address of the account.", "nothing typed")
_WITH_BLANK = Trouble(
    "There is a blank in this. Paste one address or one account name at a time, not a title or a sentence.", "a blank"
)
_HIDDEN = Trouble(
    "There are hidden characters or backslashes in this address. Open the account in a browser and copy the address "
    "again.",
    "hidden characters",
)
_NO_HOST = Trouble(
    "We could not find a web address in this. It should look like https://example.org/name.", "no web address"
)
_DAMAGED = Trouble(
    "This address is damaged. Open the account in a browser and copy the address again.", "a damaged address"
)


def clean(text: str) -> str | Trouble:
    """Trim, unescape and unwrap what was pasted; the result is one word without hidden characters.

    Takes any string. Returns the cleaned text (1 to 2,000 characters, no blanks), or Trouble saying what is
    wrong.
    """
    text = text.strip(_EDGES)
    if len(text) > LONGEST_TEXT:
        return _TOO_LONG
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = _unwrap(text)
    if not text:
        return _EMPTY
    # What is printable ASCII without these two can hold neither blanks nor anything hidden.
    if not (text.isascii() and text.isprintable()) or " " in text or "\\" in text:
        if _BLANK.search(text):
            return _WITH_BLANK
        if _hides_something(text):
            return _HIDDEN
        if text[0] == "＠":  # what a Japanese or Chinese keyboard types for "@"
            text = "@" + text[1:]
    return text


def _hides_something(text: str) -> bool:
    """Whether there is in a text what serves only to make an address look like another one.

    Characters that turn the direction of writing or cannot be seen, blanks other than the usual, and what cannot be
    stored; and the backslash, which browsers take for a slash.
    """
    return not text.isprintable() or "\\" in text


def _unwrap(text: str) -> str:
    """Take off quotes, angle brackets and sentence punctuation around an address."""
    while text and (text[0] in _OPENING or text[-1] in _CLOSING or text[-1] in _BRACKETS):
        before = text
        text = text.lstrip(_OPENING).rstrip(_CLOSING).strip(_EDGES)
        # A closing bracket belongs to the address where one was opened inside it.
        closing = text[-1:]
        if closing in _BRACKETS and text.count(closing) > text.count(_BRACKETS[closing]):
            text = text[:-1]
        if text == before:
            break
    return text


def parse(text: str) -> Address | Trouble:
    """Take a cleaned address apart, as a browser would, but stricter.

    Takes the answer of `clean`. Returns the Address, or Trouble for anything that is no ordinary https or
    http address, nor one of the few that apps use.
    """
    rest = _without_scheme(text)
    if isinstance(rest, Trouble):
        return rest
    rest, _, fragment = rest.lstrip("/").partition("#")
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    userinfo, _, server = authority.rpartition("@")
    host = _read_server(server)
    if host is None:
        return _NO_HOST
    if fragment:
        path, query = _with_fragment(host, path, query, fragment)
    segments = read_path(path)
    if segments is None:
        return _DAMAGED
    if segments and segments[0] == "#!" and any(is_within(host, known) for known in _HASHBANG_HOSTS):
        segments = segments[1:]
    return Address(host, segments, query, userinfo)


def _without_scheme(text: str) -> str | Trouble:
    """What follows `https://`, however that was typed; the same place on the web for an app's own address."""
    rest = text
    if text.startswith("https://"):
        rest = text[8:]
    elif found := _SCHEME.match(text):
        scheme, rest = found[1].lower(), text[found.end() :].lstrip("/")
        if scheme == "did":
            return "bsky.app/profile/" + text
        if scheme in _APPS:
            start, separator = _APPS[scheme]
            return start + (rest.replace(separator, "/") if separator else rest)
        if not _HTTP.fullmatch(scheme):
            return _other_scheme(scheme)
    if rest[:4].lower() == "http" and (found := _TWICE.match(rest)):
        rest = rest[found.end() :]
    return rest


def _with_fragment(host: str, path: str, query: str, fragment: str) -> tuple[str, str]:
    """The path and query of an address whose place stands behind "#"; of any other one, as they were."""
    if any(is_within(host, known) for known in _FRAGMENT_HOSTS):
        place, _, more = fragment.partition("?")
        return f"{path}/{place}", more or query
    mark = next((mark for mark in ("!/", "%21/", "/") if fragment.startswith(mark)), "")
    # Behind a "#" alone only where nothing stood before it but the program itself: home.php#/...
    at_home = not path or path.endswith(".php")
    if mark and (at_home or mark != "/") and any(is_within(host, known) for known in _HASHBANG_HOSTS):
        place, _, more = fragment[len(mark) :].partition("?")
        return place, more
    return path, query


def _other_scheme(scheme: str) -> Trouble:
    if scheme == "mailto":
        return Trouble("This is an e-mail address, not the address of an account.", "an e-mail address")
    return Trouble(
        f"An address that starts with {scheme}: cannot be registered. Paste one that starts with https://.",
        "another scheme",
    )


@lru_cache(maxsize=4_096)
def _read_server(server: str) -> str | None:
    """The host of a server without a default port; any other port stays and spoils the name."""
    name, colon, port = server.rpartition(":")
    return read_host(name if colon and port in ("", "80", "443") else server)


def read_host(name: str) -> str | None:
    """A host name in ASCII and lower case, without a trailing dot (IDNA 2008, UTS 46, as browsers do).

    Returns None for what cannot be a public host: numbers only, no dot, brackets, other ports, over 253
    characters.
    """
    name = name.removesuffix(".").lower()
    if len(name) > LONGEST_HOST:
        return None
    if not name.isascii():
        try:
            name = idna.encode(name, uts46=True).decode("ascii").removesuffix(".")
        except (idna.IDNAError, UnicodeError):
            return None
    return name if _HOST.fullmatch(name) else None


def read_path(path: str) -> tuple[str, ...] | None:
    """The segments of a path, decoded once, empty ones dropped; None where that uncovers something hidden."""
    segments = tuple(filter(None, path.split("/")))
    if "%" in path:
        try:
            # A blank at the end of a segment was copied with it.
            segments = tuple(filter(None, (unquote(segment, errors="strict").strip(" ") for segment in segments)))
        except UnicodeDecodeError:
            return None
        if any(_hides_something(segment) for segment in segments):
            return None
    return None if "." in segments or ".." in segments else segments


def read_fediverse(text: str) -> tuple[str, str, str] | None:
    """Take `@user@host`, `user@host`, `acct:user@host` or Lemmy's `!community@host` apart.

    Returns the sign in front ("acct:" counts as "@"; "" where there is none), the name, and the host in ASCII;
    None for anything else.
    """
    plain = text.removeprefix("acct:")
    found = _FEDIVERSE.fullmatch(plain)
    host = read_host(found[3]) if found else None
    if found is None or host is None:
        return None
    return found[1] or ("@" if plain != text else ""), found[2], host.removeprefix("www.")


def parameter(query: str, name: str) -> str:
    """The first value of one parameter of a query, decoded; "" where it is not there."""
    if name not in query:
        return ""
    for part in query.split("&"):
        key, _, value = part.partition("=")
        if key == name and value:
            return unquote_plus(value)
    return ""


def without_www(host: str) -> str:
    """A host without "www." in front, where that leaves a host; people compare sites like that."""
    while host.startswith("www.") and host.count(".") > 1:
        host = host[4:]
    return host


def is_within(host: str, domain: str) -> bool:
    """Whether a host is a domain or lies below it; never a matter of substrings."""
    return host == domain or host.endswith("." + domain)


def encode_segment(segment: str) -> str:
    """A path segment ready for an address; a last full stop is escaped, or `clean` would strip it."""
    encoded = segment if segment.isascii() and segment.isalnum() else quote(segment, safe="@:!$&+=~")
    return encoded[:-1] + "%2E" if encoded.endswith(".") else encoded
