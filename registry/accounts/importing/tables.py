"""Reading the table out of somebody's CSV or XLSX file: which column is which field, and clean text in every cell.

People keep their accounts in spreadsheets of every shape: saved by Excel in the code page of the day, with semicolons,
with a title above the header, with a thousand empty columns. What can be understood is; what cannot is said in a
sentence. Nothing here asks the database.
"""

import csv
import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import Any, Final

from registry.export import FORMULA_STARTS
from registry.fields import UNSEEN

FIELDS: Final = (
    "url", "platform", "handle", "title", "purpose", "standing", "state", "team", "owner", "deputy", "language",
    "topics", "review_on",
)  # fmt: skip
#: What other people call our fields, in the order in which we believe them. Written without blanks and signs.
OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "url": (
        "url", "link", "address", "webaddress", "serviceurl", "accounturl", "accountlink", "accountaddress",
        "profileurl", "profilelink", "pageurl", "channelurl", "socialmediaurl", "permalink", "uri", "href",
    ),
    "platform": (
        "platform", "service", "serviceid", "network", "socialnetwork", "socialmediaplatform", "socialmedia",
        "servicename", "channel",
    ),
    "handle": ("handle", "account", "username", "identifier", "screenname", "accounthandle", "accountid"),
    "title": ("title", "name", "accountname", "accounttitle", "displayname", "pagename", "pagetitle"),
    "purpose": ("purpose", "description", "aim"),
    "standing": ("standing", "speaksfor"),
    "state": ("state", "status"),
    "team": (
        "team", "organization", "organisation", "agency", "department", "directorate", "division", "unit", "section",
        "office",
    ),
    "owner": (
        "owner", "accountowner", "ownerusername", "owneremail", "responsible", "responsibleperson", "accountmanager",
        "managedby", "contact", "contactemail", "contactperson",
    ),
    "deputy": ("deputy", "deputyowner", "deputyusername", "deputyemail", "backup", "standin", "secondcontact"),
    "language": ("language", "languages", "lang"),
    "topics": ("topics", "topic", "tags", "tag", "keywords", "subjects", "themes"),
    "review_on": ("reviewon", "review", "reviewdate", "nextreview", "reviewdue"),
}  # fmt: skip
#: ``--map COLUMN=-`` leaves a column out that would be taken for a field by its name.
LEAVE_OUT: Final = "-"
MOST_ROWS: Final = 100_000
#: As many as a sheet of Excel has; the numbers of rows in a broken workbook may be anything.
LAST_ROW: Final = 1_048_576
#: Bytes, of a text file and of an unpacked workbook. Ten thousand accounts take two or three million.
LARGEST: Final = 100_000_000
DELIMITERS: Final = (",", ";", "\t")
#: A title, a date and a blank line often stand above the header.
HEADER_WITHIN: Final = 10
#: How a workbook writes control characters and half pairs (ISO/IEC 29500-1, 22.9.2.19). Others stay as they are:
#: openpyxl has dealt with some of them, and one cannot tell which.
_ESCAPED: Final = re.compile(r"_x(00[01][0-9A-Fa-f]|[Dd][89A-Fa-f][0-9A-Fa-f]{2})_")
_NEITHER: Final = (
    "This is neither a CSV nor an XLSX file. Save the sheet as CSV (UTF-8) or XLSX, then import that file."
)
_DAMAGED: Final = "This workbook cannot be read: it is damaged or protected. Open it and save it anew as XLSX."
_TOO_LARGE: Final = "This file is too large for a list of accounts. Delete what does not belong to it, or split it."
_MAP_HELP: Final = "Say which column is which, for example --map LINK=url, or --map NAME=handle --map SITE=platform."

Cells = list[str]


class UnreadableFile(Exception):
    """The file, or what was said about its columns, cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: its number as a spreadsheet shows it (the header is usually 1), and the text by field."""

    row: int
    cells: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds: its rows that are not blank, and notes about how it was read, a sentence each."""

    lines: Sequence[Line]
    notes: tuple[str, ...] = ()


def parse_map(pairs: Iterable[str]) -> dict[str, str]:
    """Read ``("Page link=url", …)`` into ``{"Page link": "url", …}``.

    The field ``-`` means that the column is left out. Raises ``UnreadableFile`` for a pair without ``=``, an unknown
    field, or a column or field that is named twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        column, equals, name = (part.strip() for part in pair.rpartition("="))
        field = name.casefold()
        if not equals or not column:
            raise UnreadableFile(f"--map {shortly(pair)}: write it as COLUMN=FIELD, for example --map LINK=url.")
        if field not in FIELDS and field != LEAVE_OUT:
            raise UnreadableFile(
                f"--map {shortly(pair)}: there is no field “{shortly(name)}”. Fields: {', '.join(FIELDS)}."
            )
        if column in found or (field != LEAVE_OUT and field in found.values()):
            raise UnreadableFile(f"--map {shortly(pair)}: this column or field is named twice. Name each once.")
        found[column] = field
    return found


def read(file: Path, columns: Mapping[str, str]) -> Table:
    """Read a CSV or XLSX file, whatever its name ends in.

    ``columns`` says which column is which field, as ``parse_map`` returns it; for all others their names decide
    (``OTHER_NAMES``). Of a workbook the first sheet counts, with the values that its formulas last had.
    Raises ``UnreadableFile``.
    """
    if file.stat().st_size > LARGEST:
        raise UnreadableFile(_TOO_LARGE)
    content = file.read_bytes()
    if content.startswith(b"PK"):
        return Table(_lines(_workbook_rows(content), columns))
    text, notes = _decode(content)
    return Table(_lines(_text_rows(text, columns), columns), notes)


def shortly(text: str, most: int = 60) -> str:
    """``text`` to quote in a sentence: short, on one line, with nothing that cannot be shown."""
    line = " ".join(UNSEEN.sub("", text[: most * 4]).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def readable(text: str) -> str:
    """The text of a cell without blanks around it, unseen characters, or the apostrophe of a formula-safe export."""
    kept = UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip()
    return kept[1:].strip() if kept.startswith("'") and kept[1:].startswith(FORMULA_STARTS) else kept


# --- Text files -------------------------------------------------------------------------------------------


def _decode(content: bytes) -> tuple[str, tuple[str, ...]]:
    """The text of a file, with a note where its encoding had to be guessed."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = [("utf-16", "")]
    else:
        note = "The file is not in UTF-8, so it was read as Windows-1252. Look at the letters with accents."
        encodings = [("utf-8-sig", ""), ("cp1252", note)]
    for encoding, note in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if text.lstrip()[:1] == "<" or text.startswith("%PDF"):
            break
        return text, (note,) if note else ()
    raise UnreadableFile(_NEITHER)


def _text_rows(text: str, columns: Mapping[str, str]) -> Iterator[Cells]:
    """The rows of a text file, with the delimiter that makes the most sense of its first ones."""
    if text[:4].casefold() == "sep=":  # Excel's own way to name the delimiter, in a line before the header.
        text = text.partition("\n")[2]
    if not text.strip():
        raise UnreadableFile("This file is empty.")
    return _csv_rows(text, max(DELIMITERS, key=lambda delimiter: _sense(text, delimiter, columns)))


def _sense(text: str, delimiter: str, columns: Mapping[str, str]) -> tuple[int, int]:
    """How many fields, and how many columns, the first rows have if ``delimiter`` is between the cells."""
    mapped = {_squashed(column) for column in columns}
    try:
        rows = list(islice(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), HEADER_WITHIN))
    except csv.Error:  # A cell beyond the limit of the module: the other delimiters may make sense of it.
        return 0, 0
    known = (sum(_squashed(cell) in mapped or cell_field(cell) is not None for cell in row) for row in rows)
    return max(known, default=0), max(map(len, rows), default=0)


def _csv_rows(text: str, delimiter: str, *, strict: bool = True, skip: int = 0) -> Iterator[Cells]:
    """The rows from number ``skip`` on; where quotation marks stand in odd places, read as well as they can be."""
    before, seen = csv.field_size_limit(LARGEST), skip
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=strict)
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
    finally:
        csv.field_size_limit(before)
    yield from _csv_rows(text, delimiter, strict=False, skip=seen)


# --- Workbooks --------------------------------------------------------------------------------------------


def _workbook_rows(content: bytes) -> Iterator[Cells]:
    """The rows of the first sheet."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            sizes = [entry.file_size for entry in archive.infolist()]
            workbook = "[Content_Types].xml" in archive.namelist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise UnreadableFile(_DAMAGED) from None
    if not workbook:
        raise UnreadableFile(_NEITHER)
    # The archive is never read beyond the sizes that it declares, so a small file cannot fill the memory.
    if sum(sizes) > LARGEST:
        raise UnreadableFile(_TOO_LARGE)
    return _sheet_rows(content)


def _sheet_rows(content: bytes) -> Iterator[Cells]:
    from openpyxl import load_workbook

    with warnings.catch_warnings():
        # It warns of parts that it leaves out, such as drop-down lists: they do not matter here.
        warnings.simplefilter("ignore")
        try:
            with closing(load_workbook(io.BytesIO(content), read_only=True, data_only=True)) as book:
                sheet = book.worksheets[0]
                sheet.reset_dimensions()  # What a workbook says of its own size is often wrong.
                for row in islice(sheet.iter_rows(values_only=True), LAST_ROW):
                    yield [_as_text(value) for value in row]
        except Exception as error:
            # A workbook can be broken in more ways than openpyxl has exceptions for.
            raise UnreadableFile(_DAMAGED) from error


def _as_text(value: Any) -> str:
    """The value of a cell of a workbook as somebody would type it."""
    if value is None:
        return ""
    if isinstance(value, str):
        return _ESCAPED.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    if isinstance(value, datetime):
        return value.date().isoformat()
    return value.isoformat() if isinstance(value, date) else str(value)


# --- Columns ----------------------------------------------------------------------------------------------


def _squashed(name: str) -> str:
    return "".join(one for one in name[:200].casefold() if one.isalnum())


_FIELD_OF: Final = {name: field for field, names in OTHER_NAMES.items() for name in names}


def cell_field(name: str) -> str | None:
    """The field that a column is, going by its name."""
    return _FIELD_OF.get(_squashed(name))


def _lines(rows: Iterator[Cells], columns: Mapping[str, str]) -> list[Line]:
    """The rows below the header, each cell under its field; blank rows are left out, but count."""
    numbered = enumerate(rows, 1)
    above = list(islice(((number, row) for number, row in numbered if any(map(str.strip, row))), HEADER_WITHIN))
    if not above:
        raise UnreadableFile("This file is empty.")
    place, fields = _header([row for _, row in above], columns)
    lines = []
    for number, row in (*above[place + 1 :], *numbered):
        # Addresses are for the resolver to clean: hidden characters in them are a reason to refuse them.
        cells = {
            field: row[index].strip() if field in ("url", "handle") else readable(row[index])
            for field, index in fields.items()
            if index < len(row)
        }
        if any(cells.values()):
            lines.append(Line(number, {field: text for field, text in cells.items() if text}))
        if len(lines) > MOST_ROWS:
            raise UnreadableFile(f"This file has more than {MOST_ROWS:,} rows. Split it, then import the parts.")
    return lines


def _header(rows: Sequence[Cells], columns: Mapping[str, str]) -> tuple[int, dict[str, int]]:
    """Which of the first rows is the header, and which of its columns each field is in."""
    for place, row in enumerate(rows):
        fields, missing = _places(row, columns)
        if not missing and not {"url", "handle"}.isdisjoint(fields):
            return place, fields
    fields, missing = _places(rows[0], columns)
    names = ", ".join(shortly(name, 40) for name in rows[0][:30] if name.strip())
    if missing:
        raise UnreadableFile(f"--map: the file has no column “{shortly(missing[0])}”. Its columns are: {names}.")
    raise UnreadableFile(f"No column holds addresses or handles. The columns are: {names}. {_MAP_HELP}")


def _places(header: Cells, columns: Mapping[str, str]) -> tuple[dict[str, int], list[str]]:
    """The place of each field in ``header``, and the mapped columns that it lacks."""
    names = [_squashed(name) for name in header]
    exact = [name.strip() for name in header]
    fields: dict[str, int] = {}
    missing: list[str] = []
    used: set[int] = set()
    for column, field in columns.items():
        within, wanted = (exact, column) if column in exact else (names, _squashed(column))
        if wanted not in within:
            missing.append(column)
            continue
        index = within.index(wanted)
        used.add(index)
        if field != LEAVE_OUT:
            fields[field] = index
    for field in FIELDS:
        free = [names.index(name) for name in OTHER_NAMES[field] if name in names and names.index(name) not in used]
        if field not in fields and free:
            fields[field] = free[0]
            used.add(free[0])
    return fields, missing
