"""From the text somebody pasted to a host and a path, without asking the network.

People paste addresses out of mails, chats and search results: wrapped in quotes or brackets, behind a
redirector, escaped for HTML, with a full stop at the end. This module undoes what a person would undo by eye
and refuses what only an attacker would type, so that the platform rules see one clean shape. Everything here
is pure and linear in the length of the text.
"""

import html
import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, unquote

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
# Inside an address these serve only to make it look like another one; lone surrogates cannot be stored at
# all.
_BLANK = re.compile(r"\s")
_FORBIDDEN = re.compile(
    "[\x00-\x1f\x7f-\xa0\\\\\u1680\u2000-\u200f\u2028-\u202e\u2060-\u206f\u3000\ufeff\ud800-\udfff]"
)
# Only entities that end in a semicolon: "&copy=1" is far more often a parameter than a copyright sign.
_ENTITY = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});")
_SCHEME = re.compile(r"([A-Za-z][A-Za-z0-9+.\-]{0,30}):(?![0-9])")
_HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z](?:[a-z0-9-]{0,61}[a-z0-9])")
_FEDIVERSE = re.compile(r"(@?)([^@/?#:]+)@([^@/?#:]+)")
_OPENING = "\"'`“”‘’«»‹›<("
_CLOSING = "\"'`“”‘’«»‹›>.,;"

SHORT_LINKS = words(
    "t.co bit.ly fb.me on.fb.me fb.watch vm.tiktok.com vt.tiktok.com pin.it g.page maps.app.goo.gl goo.gl"
    " lnkd.in ow.ly buff.ly tinyurl.com is.gd dlvr.it ift.tt rebrand.ly cutt.ly shorturl.at trib.al j.mp"
    " wp.me db.tt go.usa.gov 1.usa.gov spr.ly hubs.ly hubs.la tmblr.co flic.kr redd.it dai.ly snd.sc"
    " on.soundcloud.com spotify.link"
)
# (host or dot-suffix, first path segment or "" for any, parameter that holds the real address)
REDIRECTORS = (
    ("l.facebook.com", "l.php", "u"),
    ("lm.facebook.com", "l.php", "u"),
    ("l.instagram.com", "", "u"),
    ("l.threads.net", "", "u"),
    ("l.threads.com", "", "u"),
    ("out.reddit.com", "", "url"),
    ("safelinks.protection.outlook.com", "", "url"),
    ("google.com", "url", "q"),
    ("google.com", "url", "url"),
    ("google.co.uk", "url", "q"),
    ("google.co.uk", "url", "url"),
    ("youtube.com", "redirect", "q"),
    ("linkedin.com", "redir", "url"),
)
# Their old addresses kept the account behind "#!".
_HASHBANG_HOSTS = ("x.com", "twitter.com", "facebook.com")
_REDIRECTOR_HOSTS = tuple({host for host, _, _ in REDIRECTORS})


@dataclass(frozen=True, slots=True)
class Address:
    """A web address taken apart: ASCII host in lower case, segments decoded once, the query as it was."""

    host: str
    segments: tuple[str, ...]
    query: str = ""
    posed_as: str = ""  # what stood before an "@" in front of the host, a trick to look like another site


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why a text is no address, as a sentence for the person who typed it."""

    note: str


def clean(text: str) -> str | Trouble:
    """Trim, unescape and unwrap what was pasted; the result is one word without hidden characters.

    Takes any string. Returns the cleaned text (1 to 2,000 characters, no blanks), or Trouble saying what is
    wrong.
    """
    text = text.strip(_EDGES)
    if len(text) > LONGEST_TEXT:
        return Trouble(
            "This is too long to be the address of an account. Paste only the address, from https:// to the end."
        )
    if "&" in text:
        text = _ENTITY.sub(lambda found: html.unescape(found[0]), text)
    text = _unwrap(text)
    if not text:
        return Trouble("Type or paste the address of the account.")
    if _BLANK.search(text):
        return Trouble(
            "There is a blank in this. Paste one address or one account name at a time, not a title or a sentence."
        )
    if _FORBIDDEN.search(text):
        return Trouble(
            "There are hidden characters or backslashes in this address. Open the account in a browser "
            "and copy the address again."
        )
    if text[0] == "＠":  # what a Japanese or Chinese keyboard types for "@"
        text = "@" + text[1:]
    return text


def _unwrap(text: str) -> str:
    """Take off quotes, angle brackets and sentence punctuation around an address."""
    while True:
        before = text
        text = text.lstrip(_OPENING).rstrip(_CLOSING).strip(_EDGES)
        # A closing bracket belongs to the address where one was opened inside it.
        if text.endswith(")") and text.count(")") > text.count("("):
            text = text[:-1]
        if text == before:
            return text


def parse(text: str) -> Address | Trouble:
    """Take a cleaned address apart, as a browser would, but stricter.

    Takes the answer of `clean`. Returns the Address, or Trouble for anything that is no ordinary https or
    http address.
    """
    rest = text
    if found := _SCHEME.match(text):
        scheme = found[1].lower()
        rest = text[found.end() :]
        if scheme == "at":  # Bluesky's own addresses: at://name.example.org/...
            rest = "bsky.app/profile/" + rest.lstrip("/")
        elif scheme == "did":
            rest = "bsky.app/profile/" + text
        elif scheme not in ("http", "https"):
            return _other_scheme(scheme)
    rest = rest.lstrip("/")
    rest, _, fragment = rest.partition("#")
    rest, _, query = rest.partition("?")
    authority, _, path = rest.partition("/")
    userinfo, _, server = authority.rpartition("@")
    host = read_host(_without_port(server))
    if host is None:
        return Trouble("We could not find a web address in this. It should look like https://example.org/name.")
    hashbang = any(is_within(host, known) for known in _HASHBANG_HOSTS)
    if hashbang and fragment.startswith(("!/", "%21/")):
        path, _, query = (path + "/" + fragment.partition("/")[2]).partition("?")
    segments = read_path(path)
    if segments is None:
        return Trouble("This address is damaged. Open the account in a browser and copy the address again.")
    if hashbang and segments[:1] == ("#!",):
        segments = segments[1:]
    return Address(host, segments, query, userinfo)


def _other_scheme(scheme: str) -> Trouble:
    if scheme == "mailto":
        return Trouble("This is an e-mail address, not the address of an account.")
    return Trouble(f"An address that starts with {scheme}: cannot be registered. Paste one that starts with https://.")


def _without_port(server: str) -> str:
    """The server's name without a default port; any other port stays and spoils the name."""
    name, colon, port = server.rpartition(":")
    return name if colon and port in ("", "80", "443") else server


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
            segments = tuple(unquote(segment, errors="strict") for segment in segments)
        except UnicodeDecodeError:
            return None
        if any(_FORBIDDEN.search(segment) for segment in segments):
            return None
    return None if "." in segments or ".." in segments else segments


def read_fediverse(text: str) -> tuple[bool, str, str] | None:
    """Take `@user@host`, `user@host` or `acct:user@host` apart.

    Returns whether it was plainly a fediverse name (a leading "@" or "acct:"), the user, and the host in
    ASCII; None for anything else.
    """
    plain = text.removeprefix("acct:")
    found = _FEDIVERSE.fullmatch(plain)
    host = read_host(found[3]) if found else None
    if found is None or host is None:
        return None
    return bool(found[1]) or plain != text, found[2], host.removeprefix("www.")


def parameter(query: str, name: str) -> str:
    """The first value of one parameter of a query, decoded; "" where it is not there."""
    return next((value for key, value in parse_qsl(query) if key == name), "")


def redirect_target(address: Address) -> str:
    """The address in a known redirector's parameter, "" where this is no redirector. Nothing is fetched."""
    if not address.query or not address.host.endswith(_REDIRECTOR_HOSTS):
        return ""
    first = address.segments[0] if address.segments else ""
    for host, page, name in REDIRECTORS:
        if is_within(address.host, host) and page in ("", first) and (target := parameter(address.query, name)):
            return target
    return ""


def is_within(host: str, domain: str) -> bool:
    """Whether a host is a domain or lies below it; never a matter of substrings."""
    return host == domain or host.endswith("." + domain)


def encode_segment(segment: str) -> str:
    """A path segment ready for an address; a last full stop is escaped, or `clean` would strip it."""
    encoded = segment if segment.isascii() and segment.isalnum() else quote(segment, safe="@:!$&+=~")
    return encoded[:-1] + "%2E" if encoded.endswith(".") else encoded
