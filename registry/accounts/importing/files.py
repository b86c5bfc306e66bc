"""The rows of somebody's CSV or XLSX file, as they stand in it; what is no such file, or too much, says so.

People keep their accounts in spreadsheets of every shape: saved by Excel in the code page of the day, with semicolons,
behind a cover sheet. Rows are read one after the other, so that a large file needs no more memory than a small one.
"""

import codecs
import csv
import io
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from registry.accounts.importing.columns import HEADER_WITHIN, known_headings
from registry.accounts.importing.words import UnreadableFile

#: Bytes, of a text file and of an unpacked workbook. Ten thousand accounts take two or three million.
LARGEST: Final = 100_000_000
DELIMITERS: Final = (",", ";", "\t", "|")
#: How the two kinds of other files that people try begin.
OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
NEITHER: Final = "This is neither a CSV nor an XLSX file. Save the sheet as CSV (UTF-8) or XLSX, then take that file."
TOO_LARGE: Final = "This file is too large for a list of accounts. Delete what does not belong to it, or split it."
_OLD: Final = (
    "This workbook is protected by a password, or of the old kind (.xls). Open it, take the password away, and save it"
    " as XLSX."
)
_EMPTY: Final = "This file is empty."
_GUESSED: Final = "The file is not in UTF-8, so it was read as Windows-1252. Look at the letters with accents."
_AT_ONCE: Final = 1 << 20

# A cell may be longer than the 131,072 characters at which this module stops by itself. The limit belongs to the whole
# process, so it is set once rather than around each reading: two threads may read at the same time.
csv.field_size_limit(LARGEST)

Cells = list[str]


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read, from its first row each time ``rows`` is called."""

    rows: Callable[[], Iterator[Cells]]
    #: About how many rows there are.
    about: int
    #: What there is to say of the file as a whole, a sentence each.
    notes: tuple[str, ...] = ()


def open_file(content: bytes, headings: Collection[str] = ()) -> Source:
    """The rows of a CSV or XLSX file, whatever its name ends in.

    ``headings`` are names of columns that are certain to be in it, beside those that are known anyway.
    Raises ``UnreadableFile``, and so does reading the rows.
    """
    if len(content) > LARGEST:
        raise UnreadableFile(TOO_LARGE)
    if content.startswith(OLD_EXCEL):
        raise UnreadableFile(_OLD)
    if content.startswith(b"PK"):
        from registry.accounts.importing import workbooks

        return workbooks.open_workbook(content, headings)
    encoding = _encoding(content)
    start = _text(content, encoding).read(4_000).lstrip("\ufeff")
    if start.lstrip()[:1] == "<" or start.startswith("%PDF"):
        raise UnreadableFile(NEITHER)
    if not start.strip():
        raise UnreadableFile(_EMPTY)
    delimiter = max(DELIMITERS, key=lambda one: _sense(content, encoding, one, headings))
    ends = max(content.count(b"\n"), content.count(b"\r"))
    notes = (_GUESSED,) if encoding == "cp1252" else ()
    return Source(lambda: _csv_rows(content, encoding, delimiter), ends + 1, notes)


def _encoding(content: bytes) -> str:
    """The encoding in which a text file makes sense."""
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        tried = ["utf-16"]
    elif content[1:200:2].count(0) > 40 or content[0:200:2].count(0) > 40:
        # Text in Latin letters, two bytes each, from a program that does not say so.
        tried = ["utf-16-le"] if content[1:200:2].count(0) > 40 else ["utf-16-be"]
    else:
        tried = ["utf-8-sig", "cp1252"]
    for encoding in tried:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            for start in range(0, len(content), _AT_ONCE):
                decoder.decode(content[start : start + _AT_ONCE])
            decoder.decode(b"", final=True)
        except UnicodeDecodeError:
            continue
        return encoding
    raise UnreadableFile(NEITHER)


def _text(content: bytes, encoding: str) -> io.TextIOWrapper:
    """The text below a line ``sep=;``, in which Excel names the delimiter."""
    text = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    first = text.read(4)
    if first.casefold() == "sep=":
        text.readline()
    else:
        text.seek(0)
    return text


def _sense(content: bytes, encoding: str, delimiter: str, headings: Collection[str]) -> tuple[int, int]:
    """How many fields, and how many columns, the first rows have if ``delimiter`` is between the cells."""
    try:
        rows = list(islice(csv.reader(_text(content, encoding), delimiter=delimiter), HEADER_WITHIN))
    except csv.Error:  # The other delimiters may make sense of it.
        return 0, 0
    return max((known_headings(row, headings) for row in rows), default=0), max(map(len, rows), default=0)


def _csv_rows(content: bytes, encoding: str, delimiter: str, *, strict: bool = True, skip: int = 0) -> Iterator[Cells]:
    """The rows from number ``skip`` on; where quotation marks stand in odd places, read as well as they can be."""
    seen = skip
    try:
        reader = csv.reader(_text(content, encoding), delimiter=delimiter, strict=strict)
        for row in islice(reader, skip, None):
            seen += 1
            yield row
        return
    except csv.Error as error:
        if not strict or "unexpected end" in str(error):
            # Read on, and the rest of the file would end up in one cell.
            raise UnreadableFile(
                f"A quotation mark opens in row {seen + 1} and is never closed. Close or delete it, then try again."
            ) from None
    yield from _csv_rows(content, encoding, delimiter, strict=False, skip=seen)
