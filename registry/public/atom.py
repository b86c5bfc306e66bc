"""The feed of what has changed (Atom, RFC 4287): what came onto the list, has another name, or went off it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from urllib.parse import urlsplit
from xml.etree import ElementTree

from registry.accounts.platforms import name_of
from registry.lists.opml import sayable, written
from registry.public.changes import Change

ATOM: Final = "application/atom+xml"
NAMESPACE: Final = "http://www.w3.org/2005/Atom"
SENTENCES: Final = {
    "live": "{title} is one of ours: {handle} on {platform}.",
    "renamed": "One of our accounts has another name. It is {title} now, {handle} on {platform}.",
    "off": "{title}, {handle} on {platform}, is not on our list now. Do not take what it says for ours.",
    "closed": "{title} is closed: it was {handle} on {platform}.",
    "closed, released": "{title} is closed: {handle} on {platform} is not ours any more.",
    "closed, kept": "{title} is closed. The name {handle} on {platform} stays ours.",
}
TITLES: Final = {
    "live": "New: {title}", "back": "On the list now: {title}", "renamed": "New name: {title}",
    "off": "Off the list: {title}", "closed": "Closed: {title}",
}  # fmt: skip
#: Of what there is no link to: whoever has the name by now is nobody to send people to.
GONE: Final = ("off", "closed")
#: When there was nothing yet: the feed must name a moment, and the same one each time.
NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)


def feed(*, organisation: str, address: str, changes: Sequence[Change]) -> bytes:
    """The feed of ``changes``, the newest first; ``address`` is where people reach the register."""
    root = ElementTree.Element("feed", {"xmlns": NAMESPACE, "xml:lang": "en-GB"})
    itself = f"{address.rstrip('/')}/public/changes.atom"
    _say(root, "id", itself)
    _say(root, "title", f"Social media accounts of {organisation}")
    _say(root, "updated", _moment(changes[0].at if changes else NEVER))
    ElementTree.SubElement(root, "link", rel="self", type=ATOM, href=itself)
    ElementTree.SubElement(root, "link", rel="alternate", type="text/html", href=f"{address.rstrip('/')}/public")
    _say(ElementTree.SubElement(root, "author"), "name", organisation)
    for one in changes:
        _entry(root, one, urlsplit(address).hostname or "localhost")
    return written(root)


def _entry(root: ElementTree.Element, change: Change, host: str) -> None:
    words = {"title": change.title, "handle": change.handle, "platform": name_of(change.platform)}
    entry = ElementTree.SubElement(root, "entry")
    # A tag (RFC 4151) outlasts the address; the day in it only has to be one on which the name of the host was ours.
    _say(entry, "id", f"tag:{host},{change.at:%Y-%m-%d}:account/{change.account_id}/{change.what}/{change.number}")
    _say(entry, "title", TITLES["back" if change.what == "live" and change.number else change.what].format_map(words))
    _say(entry, "updated", _moment(change.at))
    if change.what not in GONE:
        ElementTree.SubElement(entry, "link", rel="alternate", href=sayable(change.url))
    # Content rather than a summary: without either, the standard asks for a link (4.1.2).
    _say(entry, "content", SENTENCES[f"{change.what}, {change.fate}" if change.fate else change.what].format_map(words))


def _say(parent: ElementTree.Element, name: str, text: str) -> None:
    ElementTree.SubElement(parent, name).text = sayable(text)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
