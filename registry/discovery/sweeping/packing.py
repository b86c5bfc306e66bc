"""The pages in what somebody hands in: files, and ZIP archives of saved pages; bombs and odd names do no harm.

Nothing is ever written to disk, so a name like `../../etc/passwd` is only a name. Archives in archives are left alone.
"""

import io
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Final

from registry.discovery.sweeping.reading import LARGEST_PAGE, NoPage

#: Pages of one archive.
MOST_PAGES: Final = 5_000
#: Bytes of an archive as it is unpacked, all its pages together.
LARGEST_ARCHIVE: Final = 200_000_000
_PAGES: Final = frozenset(
    {".html", ".htm", ".xhtml", ".md", ".markdown", ".mdx", ".txt", ".xml", ".csv", ".php", ".aspx", ""}
)
#: Times that a page may be larger than it is packed. HTML full of repetition comes to fifty.
_MOST_PACKED: Final = 200


@dataclass(frozen=True, slots=True)
class File:
    """A page in a file."""

    name: str
    content: bytes


def is_archive(content: bytes) -> bool:
    """Whether these bytes begin as a ZIP archive does."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06"))


def pages(name: str, content: bytes) -> Iterator[File]:
    """The pages of a file, one after the other: itself, or those of an archive. Raises ``NoPage``."""
    if not is_archive(content):
        yield File(name, content)
        return
    try:
        archive = zipfile.ZipFile(io.BytesIO(content))
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError):
        raise NoPage("This archive is damaged. Pack the pages again, then take that file.") from None
    with archive:
        yield from _members(name, archive)


def _members(name: str, archive: zipfile.ZipFile) -> Iterator[File]:
    infos = [one for one in archive.infolist() if not one.is_dir() and is_page(one.filename)]
    if len(infos) > MOST_PAGES:
        raise NoPage(f"There are more than {MOST_PAGES:,} pages in this archive. Split it.")
    whole = 0
    for info in infos:
        if info.flag_bits & 1:
            raise NoPage("This archive is protected by a password. Pack the pages without one.")
        if info.file_size > max(info.compress_size, 1_000) * _MOST_PACKED or info.file_size > LARGEST_PAGE:
            continue
        try:
            with archive.open(info) as member:
                content = member.read(LARGEST_PAGE + 1)
        except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, RuntimeError, EOFError) as error:
            raise NoPage("This archive is damaged. Pack the pages again, then take that file.") from error
        whole += len(content)
        if whole > LARGEST_ARCHIVE:
            raise NoPage(f"Unpacked, this archive has more than {LARGEST_ARCHIVE // 1_000_000} MB. Split it.")
        if len(content) <= LARGEST_PAGE and not is_archive(content):
            yield File(f"{name}/{plain_name(info.filename)}", content)


def is_page(name: str) -> bool:
    """Whether a file of that name may be a page or a list."""
    path = PurePosixPath(name.replace("\\", "/"))
    return path.suffix.lower() in _PAGES and not path.name.startswith(".") and "__MACOSX" not in path.parts


def plain_name(name: str) -> str:
    """A name as it may be shown: without steps upwards, drives and what cannot be seen."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    return "".join(one if one.isprintable() else "?" for one in "/".join(parts))[:300] or "a page without a name"
