"""Every account that a page links to, with the words of the link: pure functions, nothing is fetched or kept.

A page is HTML, or Markdown with HTML in it, or a list of addresses, or a sitemap. What counts is what a visitor or a
search engine may follow: links, image maps, drawings, boxes with an account's posts, `rel=me`, JSON-LD's `sameAs`,
the cards' `twitter:site`. Comments, code and `data-` attributes do not count, but for those of which a platform's own
script makes a box.
"""

import enum
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import urljoin

from registry.accounts.platforms import Resolved
from registry.accounts.rules.addresses import words
from registry.accounts.rules.hosts import place_of
from registry.discovery.sweeping.judging import Judged, host_of, judge, judge_handle, speaks_for

#: Characters kept of the words of a link, and of those around it.
LONGEST_TEXT: Final = 200
#: Accounts of one page; whoever links to more is a directory.
MOST_LINKS: Final = 2_000
#: Links of a page for which the words around are looked up.
_MOST_CONTEXTS: Final = 200
#: How deep data in a page is read.
_DEEPEST: Final = 30
_BLANKS: Final = re.compile(r"\s+")
#: What stands between the words of a link and the comma behind it once tags are taken away.
_BEFORE_STOPS: Final = re.compile(r" (?=[,.;:!?)](?:\s|\Z))")
_IN_ADDRESS: Final = re.compile(r"[\t\n\r]")
_RELATIONS: Final = frozenset({"me", "author", "publisher"})
_CARDS: Final = {"twitter:site": "x", "twitter:creator": "x", "fediverse:creator": "mastodon"}
_ADDRESS_CARDS: Final = frozenset({"article:publisher", "article:author", "og:see_also"})
#: What a platform's script makes a box of, and the attribute in which it is told whose (as an address, or its id).
_SCRIPTED: Final = (
    (".fb-page, .fb-like-box, .fb-group, amp-facebook-page", "data-href", "{}"),
    (".instagram-media", "data-instgrm-permalink", "{}"),
    (".tiktok-embed", "cite", "{}"),
    (".g-ytsubscribe", "data-channelid", "https://www.youtube.com/channel/{}"),
    (".g-ytsubscribe", "data-channel", "https://www.youtube.com/user/{}"),
)
_SAME_AS: Final = frozenset({"sameAs", "schema:sameAs", "http://schema.org/sameAs", "https://schema.org/sameAs"})
#: What has an address and is no link: parts of drawings.
_NO_LINKS: Final = words(
    "base use image feimage script style lineargradient radialgradient pattern textpath mpath animate set filter"
)
#: The same as elements, as pages had it in 2010.
_OLD_BOXES: Final = words("fb:page fb:like-box fb:fan fb:follow fb:group")
#: A comma behind the last of several, which people forget and browsers' own reading of data refuses.
_LAST_COMMA: Final = re.compile(r",(?=\s*[}\]])")
_BARE_ADDRESS: Final = re.compile(r"https?://[^\s<>\"'`\[\]{}|\\^]+", re.IGNORECASE)


class Where(enum.StrEnum):
    """How a page leads to an account."""

    LINK = "link"
    #: A box that shows the account's posts.
    BOX = "box"
    #: What only programs read: `rel=me`, `sameAs`, `twitter:site`.
    HEAD = "head"
    #: A line of a list.
    LINE = "line"


@dataclass(frozen=True, slots=True)
class Link:
    """A way from a page to an account."""

    account: Resolved
    #: The words of the link, or what stands for them (an image's description).
    text: str
    where: Where = Where.LINK
    #: The words around it.
    context: str = ""


@dataclass(slots=True)
class Harvest:
    """What a page leads to."""

    #: One a account, the first with words.
    links: list[Link] = field(default_factory=list)
    #: The accounts that posts and videos on it come from: not linked to themselves.
    hints: list[Link] = field(default_factory=list)
    #: Other pages, as whole addresses without what follows "#"; only where they were asked for.
    pages: list[str] = field(default_factory=list)

    def take(self, judged: Judged, text: str, where: Where, context: str = "") -> None:
        """Keep what an address was judged to be."""
        into = self.hints if judged.is_hint else self.links
        if len(into) < MOST_LINKS:
            into.append(Link(judged.account, text, where, context))

    def settle(self) -> "Harvest":
        """One link an account, with words where any has them; no hint at what is linked to."""
        self.links = list(_once(self.links).values())
        linked = {_identity(one) for one in self.links}
        self.hints = [one for one in _once(self.hints).values() if _identity(one) not in linked]
        self.pages = list(dict.fromkeys(self.pages))
        return self


def _identity(link: Link) -> tuple[str, str, str]:
    return link.account.platform, link.account.kind, link.account.key


def _once(links: list[Link]) -> dict[tuple[str, str, str], Link]:
    kept: dict[tuple[str, str, str], Link] = {}
    for link in links:
        before = kept.get(_identity(link))
        if before is None or (link.text and not before.text):
            kept[_identity(link)] = link
    return kept


def in_html(text: str, *, address: str = "", onward: bool = False) -> Harvest:
    """The account links of an HTML page.

    ``address`` is the page's own, where it is known: links are read from it as a browser does. ``onward`` asks for the
    pages that it links to as well.
    """
    from selectolax.lexbor import LexborHTMLParser

    page = _Page(address, onward)
    page.read(LexborHTMLParser(text))
    return page.harvest.settle()


def in_markdown(text: str, *, address: str = "") -> Harvest:
    """The account links of a Markdown page, HTML in it included; code is not looked at, nor what is above the text."""
    from markdown_it import MarkdownIt

    text = re.sub(r"\A﻿?---\r?\n.*?\r?\n(?:---|\.\.\.)\r?\n", "", text, count=1, flags=re.DOTALL)
    # What is indented is HTML in a list or a table far more often than code.
    parser = MarkdownIt("commonmark", {"html": True, "typographer": False}).disable("code")
    html = parser.render(text)
    harvest = in_html(html, address=address)
    for bare in _bare_addresses(html):
        if judged := judge(bare):
            harvest.take(judged, bare, Where.LINK)
    return harvest.settle()


def _bare_addresses(html: str) -> Iterator[str]:
    """Addresses that stand in the text of a rendered page without being a link."""
    from selectolax.lexbor import LexborHTMLParser

    tree = LexborHTMLParser(html)
    for node in tree.css("a, code, pre, script, style, iframe"):
        node.decompose()
    words = tree.body.text(separator=" ") if tree.body else ""
    for found in _BARE_ADDRESS.finditer(words):
        yield found[0].rstrip(".,;:!?)*_~")


def in_list(text: str) -> Harvest:
    """The accounts of a list of addresses, one a line (or between blanks, commas and semicolons); pages are onward."""
    harvest = Harvest()
    for line in text.splitlines():
        line = line.strip()
        if not line or line.startswith("#"):
            continue
        for piece in re.split(r"[\s;|]+|,(?=\s|https?:)", line)[:50]:
            piece = piece.strip("\"'<>,")
            if judged := judge(_with_scheme(piece)):
                if not judged.is_guess or speaks_for(piece, line, ""):
                    harvest.take(judged, line[:LONGEST_TEXT], Where.LINE)
            elif piece.lower().startswith(("http://", "https://")):
                harvest.pages.append(piece.partition("#")[0])
    return harvest.settle()


def in_sitemap(text: str) -> Harvest:
    """The addresses of a sitemap or of an index of sitemaps, as pages onward; accounts among them are links."""
    harvest = Harvest()
    for found in re.finditer(r"<(?:\w+:)?loc\b[^>]*>\s*(?:<!\[CDATA\[)?\s*([^<\]]{1,2000})", text):
        place = found[1].strip().replace("&amp;", "&")
        if judged := judge(place):
            harvest.take(judged, place[:LONGEST_TEXT], Where.LINE)
        elif place.startswith(("http://", "https://")):
            harvest.pages.append(place)
    return harvest.settle()


def _with_scheme(piece: str) -> str:
    """An address of a list or a link, with the scheme that people leave out where the host is plainly a platform's."""
    start = piece[:60].partition("/")
    host = start[0].lower()
    if start[1] and "." in host and ":" not in host and place_of(host).rule is not None:
        return f"https://{piece}"
    return piece


class _Page:
    """One HTML page while it is read."""

    def __init__(self, address: str, onward: bool) -> None:
        self.harvest = Harvest()
        self.base = address
        self.host = host_of(address)
        self.onward = onward
        self.contexts = 0

    def read(self, tree: Any, depth: int = 0) -> None:
        """Take all there is in a tree, and in the trees inside it that a browser would show."""
        if depth == 0 and (base := tree.css_first("base[href]")):
            self.base = _joined(self.base, base.attributes.get("href") or "")
        for node in tree.css("[href]"):
            self._follow(node)
        for node in tree.css("iframe, embed, object, amp-iframe"):
            self._look_into(node, depth)
        self._look_at_scripted(tree)
        for node in tree.css("meta[content]"):
            self._read_card(node.attributes)
        for node in tree.css("script[type]"):
            if "ld+json" in (node.attributes.get("type") or "").lower():
                self._read_data(node.text())
        for node in tree.css("template[shadowrootmode]"):
            self._read_inside(re.sub(r"\A<template[^>]*>|</template>\Z", "", node.html or ""), depth)

    def _follow(self, node: Any) -> None:
        tag, attributes = node.tag, node.attributes
        if tag in _NO_LINKS or (":" in tag and tag not in _OLD_BOXES):
            return
        address = self._whole(attributes.get("href") or attributes.get("xlink:href") or "")
        if not address:
            return
        is_link = tag == "link"
        relations = frozenset((attributes.get("rel") or "").lower().split()) if is_link or "rel" in attributes else ()
        if is_link and _RELATIONS.isdisjoint(relations) and not _says_same(attributes):
            return
        judged = judge(address)
        if judged is None:
            if self.onward and tag in ("a", "area") and address.startswith(("http:", "https:")):
                self.harvest.pages.append(address.partition("#")[0])
            return
        text = "" if is_link else _words_of(node)
        if judged.is_guess and "me" not in relations:
            # The words, the class, the name of the picture; not the address itself.
            said = f"{text} {(node.html or '')[:1_000]}".replace(attributes.get("href") or address, "")
            if not speaks_for(address, said, self.host):
                return
        where = Where.HEAD if is_link else Where.BOX if ":" in tag else Where.LINK
        self.harvest.take(judged, text, where, "" if is_link else self._around(node, text))

    def _whole(self, href: str) -> str:
        """A link as a whole address; "" for one that stays on the site, unless those are asked for."""
        href = _IN_ADDRESS.sub("", href).strip()
        if not href or href[0] == "#":
            return ""
        if href.startswith(("http://", "https://")):
            return href
        if "\\" in href[:12]:
            href = href.replace("\\", "/")
        if href.startswith("//"):
            return f"https:{href}"
        scheme = href.partition(":")[0]
        if ":" in href and scheme.replace("-", "").replace("+", "").replace(".", "").isalnum() and "." not in scheme:
            return href
        if (whole := _with_scheme(href)) != href:
            return whole
        is_wanted = self.onward or "@" in href or "http" in href or place_of(host_of(self.base)).rule is not None
        return _joined(self.base, href) if is_wanted and len(href) < 2_000 else ""

    def _look_into(self, node: Any, depth: int) -> None:
        attributes = node.attributes
        if inside := attributes.get("srcdoc"):
            self._read_inside(inside, depth)
        self._take_box(node, attributes.get("src") or attributes.get("data") or "")

    def _look_at_scripted(self, tree: Any) -> None:
        for chosen, attribute, whose in _SCRIPTED:
            for node in tree.css(chosen):
                if told := node.attributes.get(attribute):
                    self._take_box(node, whose.format(told))

    def _take_box(self, node: Any, told: str) -> None:
        address = self._whole(told)
        judged = judge(address) if address else None
        if judged and not judged.is_guess:
            text = _shortened(node.attributes.get("title") or node.attributes.get("aria-label") or "")
            self.harvest.take(judged, text, Where.BOX, self._around(node, text))

    def _read_inside(self, html: str, depth: int) -> None:
        from selectolax.lexbor import LexborHTMLParser

        if depth < 2:
            self.read(LexborHTMLParser(html), depth + 1)

    def _read_card(self, attributes: dict[str, str | None]) -> None:
        name = (attributes.get("name") or attributes.get("property") or "").lower()
        content = (attributes.get("content") or "").strip()
        judged = None
        if name in _CARDS:
            judged = judge(content) if content.startswith("http") else judge_handle(content, _CARDS[name])
        elif name in _ADDRESS_CARDS or _says_same(attributes):
            judged = judge(self._whole(content))
        if judged and not judged.is_guess:
            self.harvest.take(judged, "", Where.HEAD)

    def _read_data(self, text: str) -> None:
        """The `sameAs` of JSON-LD, wherever in it."""
        for address in _same_as(_data(text), 0):
            judged = judge(self._whole(address))
            if judged and (not judged.is_guess or speaks_for(address, "", self.host)):
                self.harvest.take(judged, "", Where.HEAD)

    def _around(self, node: Any, text: str) -> str:
        """The words of the nearest part of the page that says more than the link."""
        self.contexts += 1
        parent = node.parent
        if parent is None or self.contexts > _MOST_CONTEXTS:
            return ""
        said = _shortened(parent.text(separator=" "))
        if said in ("", text) and parent.parent is not None and parent.parent.tag not in ("body", "html"):
            said = _shortened(parent.parent.text(separator=" "))
        return "" if said == text else said


def _says_same(attributes: dict[str, str | None]) -> bool:
    """Whether an element says that its address is of the same: in microdata, or in RDFa."""
    return not _SAME_AS.isdisjoint(f"{attributes.get('itemprop') or ''} {attributes.get('property') or ''}".split())


def _data(text: str) -> Any:
    """What JSON in a page says, as people write it: with a CDATA or a comment around it, or a comma too many."""
    text = text.replace("<![CDATA[", "").replace("]]>", "")
    starts = [at for at in (text.find("{"), text.find("[")) if at >= 0]
    plain = text[min(starts) : max(text.rfind("}"), text.rfind("]")) + 1] if starts else ""
    for tried in (plain, _LAST_COMMA.sub("", plain)):
        try:
            return json.loads(tried, strict=False)
        except (ValueError, RecursionError):
            continue
    return None


def _same_as(data: Any, depth: int) -> Iterator[str]:
    if depth > _DEEPEST:
        return
    if isinstance(data, list):
        for one in data:
            yield from _same_as(one, depth + 1)
    elif isinstance(data, dict):
        for name, value in data.items():
            if name.rpartition("/")[2].rpartition(":")[2] == "sameAs":
                for one in value if isinstance(value, list) else [value]:
                    found = one.get("@id") if isinstance(one, dict) else one
                    if isinstance(found, str):
                        yield found
            elif isinstance(value, dict | list):
                yield from _same_as(value, depth + 1)


def _words_of(node: Any) -> str:
    """What a link says: its words, else what is said for those who cannot see it, else of the image in it."""
    if said := _shortened(node.text(separator=" ")):
        return said
    attributes = node.attributes
    if said := _shortened(attributes.get("aria-label") or attributes.get("title") or attributes.get("alt") or ""):
        return said
    for image in node.css("img[alt], [aria-label], svg title"):
        if said := _shortened(image.attributes.get("alt") or image.attributes.get("aria-label") or image.text()):
            return said
    return ""


def _shortened(text: str) -> str:
    text = _BEFORE_STOPS.sub("", _BLANKS.sub(" ", text[:4_000])).strip()
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def _joined(base: str, href: str) -> str:
    try:
        return urljoin(base, href)
    except ValueError:
        return ""
