"""What sort of page some bytes are, and the account links in them.

The name of a file, or the type that a server gives, says what it is; where it does not, the first bytes do. Old pages
come in the encoding of the day, and say so or not.
"""

import codecs
import enum
import re
from typing import Final

from registry.discovery.sweeping import links
from registry.discovery.sweeping.links import Harvest

#: Bytes of one page. Saved pages with their pictures inside are larger; their links stand at the top and bottom.
LARGEST_PAGE: Final = 5_000_000
#: Bytes of Markdown, which takes longer to read.
LARGEST_MARKDOWN: Final = 1_000_000
_CHARSET: Final = re.compile(rb"charset\s*=\s*[\"']?\s*([A-Za-z0-9_.:-]{2,40})", re.IGNORECASE)
_TAG: Final = re.compile(
    r"<(?:!doctype|html|head|body|div|p|a|ul|ol|li|table|span|footer|nav|section|main|header|meta|link|script)\b",
    re.IGNORECASE,
)
_WHOLE: Final = re.compile(r"<(?:html|body|head|!doctype)\b", re.IGNORECASE)
_MARKDOWN: Final = re.compile(r"\]\(\w|^#{1,6} \S", re.MULTILINE)
_DOCUMENTS: Final = ("%PDF", "PK\x03", "{\\rtf", "\x89PNG", "GIF8")
_SITEMAP: Final = re.compile(r"<(?:\w+:)?(?:urlset|sitemapindex)\b")
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"),
)  # fmt: skip
#: What programs call encodings that nobody should decode a page with.
_NOT_TEXT: Final = frozenset({"base64", "bz2", "hex", "quopri", "rot13", "uu", "zlib", "idna", "punycode", "utf-7"})


class Sort(enum.StrEnum):
    """What a file or an answer holds."""

    HTML = "html"
    MARKDOWN = "markdown"
    LIST = "list"
    SITEMAP = "sitemap"


class NoPage(Exception):
    """These bytes are no page; the message says what they are, in a sentence."""


def read(content: bytes, *, name: str = "", media_type: str = "", address: str = "", onward: bool = False) -> Harvest:
    """The account links in the bytes of a page.

    ``name`` is that of the file, ``media_type`` what a server calls it (with its charset), ``address`` the page's own.
    Raises ``NoPage``.
    """
    if len(content) > LARGEST_PAGE:
        raise NoPage(f"It has more than {LARGEST_PAGE // 1_000_000} MB, which is too much for a page.")
    text = decoded(content, media_type)
    sort = sort_of(text, name, media_type)
    if sort is Sort.SITEMAP:
        return links.in_sitemap(text)
    if sort is Sort.LIST:
        return links.in_list(text)
    if sort is Sort.MARKDOWN:
        if len(content) > LARGEST_MARKDOWN:
            raise NoPage("It is Markdown of more than 1 MB, which is too much for a page.")
        return links.in_markdown(text, address=address)
    return links.in_html(text, address=address, onward=onward)


def decoded(content: bytes, media_type: str = "") -> str:
    """The text of a page in the encoding that it says, else UTF-8, else that of old Windows. Raises ``NoPage``."""
    for mark, encoding in _BOMS:
        if content.startswith(mark):
            return content.decode(encoding, "replace")
    start = content[:2_048]
    said = re.search(r"charset\s*=\s*[\"']?([A-Za-z0-9_.:-]{2,40})", media_type, re.IGNORECASE)
    found = _CHARSET.search(start)
    named = said[1] if said else found[1].decode("ascii") if found else ""
    if start.count(0) > len(start) // 4:
        # Latin letters, two bytes each, from a program that does not say so.
        return content.decode(
            "utf-16-le" if start[1:200:2].count(0) > start[0:200:2].count(0) else "utf-16-be", "replace"
        )
    if b"\0" in start:
        raise NoPage("This is no page: it holds pictures, sound or a program.")
    encoding = _known(named)
    try:
        return content.decode(encoding or "utf-8", "strict")
    except UnicodeDecodeError:
        return content.decode("cp1252" if encoding in ("", "utf-8") else encoding, "replace")


def _known(name: str) -> str:
    """An encoding as Python calls it, "" for one that it does not know or that is none of text."""
    try:
        found = codecs.lookup(name).name if name else ""
    except (LookupError, ValueError):
        return ""
    if found.partition("_")[0] in _NOT_TEXT or found in _NOT_TEXT or found.startswith(("utf-16", "utf-32")):
        return ""
    # Browsers read both as Windows-1252.
    return "cp1252" if found in ("iso8859-1", "ascii") else found


def sort_of(text: str, name: str = "", media_type: str = "") -> Sort:
    """What a text is, by its name, by what the server says, else by how it begins."""
    start = text[:20_000]
    ending, kind = name.lower().rpartition(".")[2], media_type.lower()
    if start.lstrip().startswith(_DOCUMENTS):
        raise NoPage("This is no page but a document or a picture. Save the page as HTML, then take that file.")
    if _SITEMAP.search(start[:4_000]):
        return Sort.SITEMAP
    if ending in ("md", "markdown", "mdx", "mdown") or "markdown" in kind:
        return Sort.MARKDOWN
    if ending in ("html", "htm", "xhtml", "php", "aspx") or "html" in kind:
        return Sort.HTML
    is_markdown = start.startswith("---\n") or _MARKDOWN.search(start) is not None
    if _TAG.search(start):
        return Sort.MARKDOWN if is_markdown and not _WHOLE.search(start) else Sort.HTML
    return Sort.MARKDOWN if is_markdown and ending not in ("txt", "csv", "tsv") else Sort.LIST
