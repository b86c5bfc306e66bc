"""A list as OPML, which feed readers take in: feeds where an account has one, links where it has not.

Source: the OPML 2.0 specification (opml.org), on subscription lists and on nodes of the type ``link``.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from email.utils import format_datetime
from typing import Final
from xml.etree import ElementTree

from registry.accounts.platforms import PLATFORMS
from registry.lists.feeds import feed_of
from registry.lists.queries import Entry

OPML: Final = "text/x-opml"
#: What XML 1.0 cannot hold at all (W3C, section 2.2).
_NOT_XML: Final = re.compile("[^\\t\\n\\r\\u0020-\\ud7ff\\ue000-\\ufffd\\U00010000-\\U0010ffff]")


def sayable(text: str) -> str:
    """The text without characters that XML cannot hold."""
    return _NOT_XML.sub("", text)


def written(root: ElementTree.Element) -> bytes:
    """The XML file of ``root``, laid out for people too."""
    ElementTree.indent(root)
    text: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return text + b"\n"


def opml(*, title: str, changed_at: datetime, entries: Sequence[Entry]) -> bytes:
    """An OPML 2.0 file of ``entries``, in their order."""
    root = ElementTree.Element("opml", version="2.0")
    head = ElementTree.SubElement(root, "head")
    ElementTree.SubElement(head, "title").text = sayable(title)
    ElementTree.SubElement(head, "dateModified").text = format_datetime(changed_at, usegmt=True)
    body = ElementTree.SubElement(root, "body")
    for entry in entries:
        ElementTree.SubElement(body, "outline", _outline(entry))
    return written(root)


def _outline(entry: Entry) -> dict[str, str]:
    platform = PLATFORMS.get(entry.platform)
    text = sayable(f"{entry.title} ({platform.name if platform else entry.platform})")
    told = {"text": text, "title": text, "description": sayable(entry.why)}
    if feed := feed_of(entry):
        return {"type": "rss", **told, "xmlUrl": sayable(feed), "htmlUrl": sayable(entry.url)}
    return {"type": "link", **told, "url": sayable(entry.url)}
