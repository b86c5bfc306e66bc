"""Markdown into HTML that is safe whatever was written."""

from functools import lru_cache
from typing import Any

from markupsafe import Markup


@lru_cache(maxsize=1)
def _parser() -> Any:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark", {"html": False}).enable("table")


@lru_cache(maxsize=64)
def html_of(text: str) -> Markup:
    """The HTML of a Markdown text. Its highest heading is ``h2``, and none skips a level.

    The page has its own ``h1``. Screen readers move from heading to heading (WCAG 2.2, technique G141).
    """
    import nh3

    tokens = _parser().parse(text)
    above: list[int] = []  # The levels, as written, of the headings that we are below.
    for token in tokens:
        if token.type == "heading_open":
            level = int(token.tag[1])
            above = [*(one for one in above if one < level), level]
        if token.type in ("heading_open", "heading_close"):
            token.tag = f"h{min(len(above) + 1, 6)}"
    rendered = _parser().renderer.render(tokens, _parser().options, {})
    return Markup(nh3.clean(rendered, link_rel="noopener noreferrer"))  # noqa: S704 - nh3 has just cleaned it
