"""The rows of an XLSX workbook. Macros are never run, formulas count with the value that they had last.

openpyxl reads the sheets, one row at a time. It would keep all texts of the workbook in memory, so they lie in a
file here and are read no further than somebody asks: to look at the headings takes no longer in a large workbook.
"""

import io
import re
import warnings
import zipfile
from array import array
from collections.abc import Collection, Iterator
from contextlib import closing
from datetime import date, datetime
from itertools import islice
from tempfile import TemporaryFile
from typing import IO, Any, Final

from defusedxml.ElementTree import iterparse
from openpyxl.reader.excel import ExcelReader
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

from registry.accounts.importing.columns import HEADER_WITHIN, MOST_COLUMNS, known_headings
from registry.accounts.importing.files import LARGEST, NEITHER, TOO_LARGE, Cells, Source
from registry.accounts.importing.words import UnreadableFile, shortly

#: As many as a sheet of Excel has; the numbers of rows in a broken workbook may be anything.
LAST_ROW: Final = 1_048_576
#: A workbook of more looks like no list of accounts; the list may still be in one of these.
MOST_SHEETS: Final = 20
#: How many texts are read ahead.
AT_ONCE: Final = 500
#: How many short texts are kept in memory, and their characters at most: a megabyte or two together.
MOST_KEPT: Final = 10_000
LONGEST_KEPT: Final = 100
#: How a workbook writes control characters and half pairs (ISO/IEC 29500-1, 22.9.2.19). Others stay as they are:
#: openpyxl has dealt with some of them, and one cannot tell which.
_ESCAPED: Final = re.compile(r"_x(00[01][0-9A-Fa-f]|[Dd][89A-Fa-f][0-9A-Fa-f]{2})_")
_DAMAGED: Final = "This workbook cannot be read: it is damaged or protected. Open it and save it anew as XLSX."
_OTHER_KINDS: Final = {
    "mimetype": "This is an OpenDocument sheet. Save it as XLSX or CSV, then take that file.",
    "xl/workbook.bin": "This is a binary workbook (.xlsb). Save it as XLSX, then take that file.",
}
_SI, _T, _R = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "t", "r"))
_FORMULA: Final = re.compile(rb"<f[ >/]")
_WITHOUT_VALUE: Final = re.compile(rb"(?:</f>|<f[^<>]*/>)(?:<v></v>|<v ?/>)?</c>")


def open_workbook(content: bytes, headings: Collection[str]) -> Source:
    """The sheet of a workbook that looks most like a list of accounts: of the visible ones, the first at best.

    Raises ``UnreadableFile``, and so does reading the rows.
    """
    names, size = _contents(content)
    if kind := next((words for name, words in _OTHER_KINDS.items() if name in names), None):
        raise UnreadableFile(kind)
    if "[Content_Types].xml" not in names:
        raise UnreadableFile(NEITHER)
    # The archive is never read beyond the sizes that it declares, so a small file cannot fill the memory.
    if size > LARGEST:
        raise UnreadableFile(TOO_LARGE)
    number, notes = _choose(content, headings)
    about, more = _look_over(content, number)
    if any(name.endswith("vbaProject.bin") for name in names):
        notes.append("This workbook holds macros. They were not run: only what stands in the cells counts.")
    return Source(lambda: _rows(content, number), about, (*notes, *more))


def _contents(content: bytes) -> tuple[set[str], int]:
    """The names of what is in an archive, and the bytes that it says it unpacks to."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, ValueError, OSError):
        raise UnreadableFile(_DAMAGED) from None
    return {entry.filename for entry in entries}, sum(entry.file_size for entry in entries)


def _choose(content: bytes, headings: Collection[str]) -> tuple[int, list[str]]:
    """The number of the sheet to read, and what to say of the others."""
    with closing(_opened(content)) as book:
        every = book.worksheets
        visible = [number for number, sheet in enumerate(every) if sheet.sheet_state == "visible"][:MOST_SHEETS]
        if not visible:
            raise UnreadableFile("This workbook shows no sheet. Unhide the sheet with the accounts, then save it.")
        titles = [sheet.title for sheet in every]
    best = max(visible, key=lambda number: (_sense(content, number, headings), -number))
    if len(every) == 1:
        return best, []
    hidden = len(every) - len(visible)
    others = f"{len(every) - 1} more sheet{'s' if len(every) > 2 else ''}"
    told = f" ({hidden} hidden)" if hidden else ""
    return best, [f"Only the sheet “{shortly(titles[best], 31)}” was read. The workbook has {others}{told}."]


def _sense(content: bytes, number: int, headings: Collection[str]) -> int:
    """How many fields the first rows of a sheet have."""
    return max((known_headings(row, headings) for row in islice(_rows(content, number), HEADER_WITHIN)), default=0)


def _look_over(content: bytes, number: int) -> tuple[int, list[str]]:
    """About how many rows a sheet has, and what openpyxl does not tell of its cells.

    The sheet is looked at as bytes: this only counts, and decides nothing.
    """
    rows = formulas = empty = merged = 0
    with closing(_opened(content)) as book, book._archive.open(book.worksheets[number]._worksheet_path) as sheet:
        rest = b""
        while chunk := sheet.read(1 << 20):
            text = rest + chunk
            cut = text.rfind(b"<row") if b"<row" in text[1:] else len(text)
            part, rest = text[:cut], text[cut:]
            rows, merged = rows + part.count(b"<row"), merged + part.count(b"<mergeCell ")
            formulas, empty = formulas + len(_FORMULA.findall(part)), empty + len(_WITHOUT_VALUE.findall(part))
        rows, merged = rows + rest.count(b"<row"), merged + rest.count(b"<mergeCell ")
        formulas, empty = formulas + len(_FORMULA.findall(rest)), empty + len(_WITHOUT_VALUE.findall(rest))
    return rows, _odd_cells(formulas, empty, merged)


def _odd_cells(formulas: int, empty: int, merged: int) -> list[str]:
    notes = []
    if formulas > empty:
        notes.append("Some cells hold formulas: the values that they had when the file was saved count.")
    if empty:
        notes.append("Some cells hold formulas without a value and count as empty. Open the file in Excel and save it.")
    if merged:
        notes.append("Some cells are merged: what they hold counts for the first of their rows and columns only.")
    return notes


class _Texts:
    """The texts that the cells of a workbook share, read as far as they are asked for, and kept in a file."""

    def __init__(self, source: IO[bytes]) -> None:
        self._coming = _texts(source)
        self._file = TemporaryFile()  # noqa: SIM115 - it lives as long as the workbook
        self._ends = array("Q", [0])
        self._kept: dict[int, str] = {}

    def __getitem__(self, index: int) -> str:
        if (kept := self._kept.get(index)) is not None:
            return kept
        text = self._read(index)
        self._keep(index, text)
        return text

    def _keep(self, index: int, text: str) -> None:
        """Keep in memory what is short: the words of many rows, and texts that cells are about to ask for."""
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        if len(text) <= LONGEST_KEPT:
            self._kept[index] = text

    def _read(self, index: int) -> str:
        if index < 0:
            raise IndexError(index)
        while index >= len(self._ends) - 1:
            self._read_on()
        self._file.seek(self._ends[index])
        return self._file.read(self._ends[index + 1] - self._ends[index]).decode("utf-8", "surrogatepass")

    def _read_on(self) -> None:
        self._file.seek(self._ends[-1])
        before = len(self._ends)
        for text in islice(self._coming, AT_ONCE):
            self._keep(len(self._ends) - 1, text)
            self._ends.append(self._ends[-1] + self._file.write(text.encode("utf-8", "surrogatepass")))
        if len(self._ends) == before:
            raise IndexError("a cell names a text that is not there")

    def close(self) -> None:
        self._file.close()


def _texts(source: IO[bytes]) -> Iterator[str]:
    events = iterparse(source, events=("start", "end"))
    _, root = next(events)
    for event, node in events:
        if event == "end" and node.tag == _SI:
            runs = [node.findtext(_T, ""), *(run.findtext(_T, "") for run in node.findall(_R))]
            yield "".join(runs).replace("x005F_", "")  # As openpyxl does.
            root.clear()


class _Reader(ExcelReader):
    """openpyxl's reader, with the shared texts in a file."""

    shared_strings: Any

    def read_strings(self) -> None:
        part = self.package.find(SHARED_STRINGS)  # type: ignore[no-untyped-call]
        if part is not None:
            self.shared_strings = _Texts(self.archive.open(part.PartName[1:]))


class _Book:
    """A workbook with what must be closed with it."""

    def __init__(self, reader: _Reader) -> None:
        self.worksheets: list[Any] = reader.wb.worksheets
        self._archive, self._texts = reader.archive, reader.shared_strings

    def close(self) -> None:
        self._archive.close()
        if isinstance(self._texts, _Texts):
            self._texts.close()


def _opened(content: bytes) -> _Book:
    with warnings.catch_warnings():
        # It warns of parts that it leaves out, such as drop-down lists: they do not matter here.
        warnings.simplefilter("ignore")
        try:
            reader = _Reader(io.BytesIO(content), read_only=True, data_only=True, keep_links=False)
            reader.read()
            return _Book(reader)
        except Exception as error:
            # A workbook can be broken in more ways than openpyxl has exceptions for.
            raise UnreadableFile(_DAMAGED) from error


def _rows(content: bytes, number: int) -> Iterator[Cells]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with closing(_opened(content)) as book:
            try:
                sheet = book.worksheets[number]
                sheet.reset_dimensions()  # What a workbook says of its own size is often wrong.
                for row in islice(sheet.iter_rows(values_only=True), LAST_ROW):
                    yield [_as_text(value) for value in row[: MOST_COLUMNS + 1]]
            except UnreadableFile:
                raise
            except Exception as error:
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
