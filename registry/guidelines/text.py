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
    """The HTML of a Markdown text. Its highest heading is ``h2``: the page has its own ``h1``."""
    import nh3

    tokens = _parser().parse(text)
    headings = [token for token in tokens if token.type in ("heading_open", "heading_close")]
    highest = min((int(token.tag[1]) for token in headings), default=1)
    for token in headings:
        token.tag = f"h{min(int(token.tag[1]) - highest + 2, 6)}"
    rendered = _parser().renderer.render(tokens, _parser().options, {})
    return Markup(nh3.clean(rendered, link_rel="noopener noreferrer"))  # noqa: S704 - nh3 has just cleaned it
