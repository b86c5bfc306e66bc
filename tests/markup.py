"""Pages as the tests look at them: taken apart as a browser does it, and what is wrong with them."""

from collections.abc import Iterator
from itertools import zip_longest
from typing import Any
from xml.etree.ElementTree import Element

import turbohtml
from turbohtml import TokenType
from turbohtml.treebuild import parse_into

VOID = set(["area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"])


class _Elements:
    """Has the parser make the elements that everybody knows, without a namespace; comments are left out."""

    def create_document(self) -> Element:
        return Element("document")

    def create_doctype(self, *_: Any) -> None: ...

    def create_element(self, name: str, _: str, attributes: tuple[tuple[str, str | None], ...]) -> Element:
        return Element(name, {key: value or "" for key, value in attributes})

    def create_text(self, data: str) -> str:
        return data

    def create_comment(self, _: str) -> None: ...

    def create_pi(self, *_: str) -> None: ...

    def append(self, parent: Element, child: Element | str | None) -> None:
        if isinstance(child, Element):
            parent.append(child)
        elif child and len(parent):
            parent[-1].tail = (parent[-1].tail or "") + child
        elif child:
            parent.text = (parent.text or "") + child


def parse(html: str) -> Element:
    """A page as elements without a namespace; the first of them, which is ``html``."""
    return parse_into(html, _Elements())[0]


def whole(piece: str) -> str:
    """A piece of a page as a page."""
    return f"<!doctype html><html><head></head><body>{piece}</body></html>"


def words(element: Element) -> str:
    """The text of an element and all in it, its blanks made single."""
    return " ".join("".join(element.itertext()).split())


def faults_of(html: str, page: Element | None = None) -> list[str]:
    """What is wrong with a page; empty where nothing is."""
    page = parse(html) if page is None else page
    elements = list(page.iter())
    return _of_rules(html, page) + _of_elements(elements) + _of_frame(elements)


def faults_of_piece(piece: str) -> list[str]:
    """What is wrong with a piece of a page."""
    page = parse(html := whole(piece))
    return _of_rules(html, page) + _of_elements(list(page.iter()))


def _of_rules(html: str, page: Element) -> list[str]:
    """Where a text breaks the rules of HTML, or is not built as it is written.

    The second is what is left open, closed twice, or not allowed where it is, as browsers move that elsewhere. It is
    stricter than the rules in one thing: every element that can be closed has to be.
    """
    lines = html.split("\n")
    faults = [
        f"line {one.line}: {one.code}: {lines[one.line - 1].strip()[:100]}" for one in turbohtml.parse(html).errors
    ]
    for (said, line), got in zip_longest(_written(html), _built(page), fillvalue=("", len(lines))):
        if said != got:
            return [*faults, f"line {line}: {said!r} is built as {got!r}: {lines[line - 1].strip()[:100]}"]
    return faults


def _written(html: str) -> Iterator[tuple[str, int]]:
    """What a page says, tag by tag and text by text, and in which line."""
    text = ""
    for token in turbohtml.tokenize(html):
        if token.type is TokenType.TEXT:
            text += token.data or ""
        if token.type not in (TokenType.START_TAG, TokenType.END_TAG):
            continue
        yield from ((one, token.line) for one in _some(text))
        text = ""
        if token.type is TokenType.START_TAG:
            yield f"<{token.tag}>", token.line
        if token.type is TokenType.END_TAG or token.self_closing or token.tag in VOID:
            yield f"</{token.tag}>", token.line


def _built(page: Element) -> Iterator[str]:
    """What a browser makes of it, in the same words."""
    yield f"<{page.tag}>"
    yield from _some(page.text)
    for child in page:
        yield from _built(child)
        yield from _some(child.tail)
    yield f"</{page.tag}>"


def _some(text: str | None) -> list[str]:
    return [" ".join(text.split())] if text and not text.isspace() else []


def _of_frame(elements: list[Element]) -> list[str]:
    """A page has a language, one h1, and a title that starts with it."""
    faults = []
    headings = [words(element) for element in elements if element.tag == "h1"]
    if len(headings) != 1:
        faults.append(f"the page has {len(headings)} h1: {headings}")
    titles = [words(element) for element in elements if element.tag == "title"]
    if headings and not (headings[0] and titles and titles[0].removeprefix("Error: ").startswith(headings[0])):
        faults.append(f"the title {titles} does not start with the h1 {headings[0]!r}")
    if not elements[0].get("lang"):
        faults.append("the page names no language")
    return faults


def _of_elements(elements: list[Element]) -> list[str]:
    """Ids are unique, what points at an id finds it, images say what they show, nothing is inline."""
    faults = []
    ids = [element.attrib["id"] for element in elements if "id" in element.attrib]
    faults += [
        f"the id {one!r} is there {ids.count(one)} times" for one in sorted({i for i in ids if ids.count(i) > 1})
    ]
    for element in elements:
        tag = element.tag
        if tag == "label" and element.get("for") not in ids:
            faults.append(f"label {words(element)!r} is for {element.get('for')!r}, which is not there")
        for name in ("aria-describedby", "aria-labelledby", "aria-controls"):
            missing = [one for one in element.get(name, "").split() if one not in ids]
            faults += [f"<{tag} {name}> names {one!r}, which is not there" for one in missing]
        if tag == "img" and "alt" not in element.attrib:
            faults.append(f"<img src={element.get('src')!r}> has no alt")
        if tag == "style" or "style" in element.attrib or (tag == "script" and "src" not in element.attrib):
            faults.append(f"<{tag}> is inline or has inline style")
        faults += [f"<{tag} {name}> is inline script" for name in element.attrib if name.startswith("on")]
        if tag in ("a", "button") and not _named(element):
            faults.append(f"<{tag}> has no name: {element.attrib}")
    return faults


def _named(element: Element) -> bool:
    alts = "".join(one.get("alt", "") for one in element.iter("img"))
    return bool(words(element) or alts.strip() or element.get("aria-label") or element.get("aria-labelledby"))
