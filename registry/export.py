"""Tables as files: CSV, XLSX and JSON, the same rows in each, safe to open in a spreadsheet."""

import csv
import io
import json
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any, Final, TextIO

from flask import Response

XLSX: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
#: A spreadsheet takes a cell that begins so for a formula.
FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: Rows that a sheet of Excel has.
LONGEST_SHEET: Final = 1_048_576

Row = Sequence[Any]


def cell(value: Any) -> str:
    """A value as text: nothing for ``None``, ISO 8601 for times."""
    if value is None:
        return ""
    return value.isoformat() if isinstance(value, date | datetime) else str(value)


def safe_cell(value: Any) -> str:
    """Like ``cell``, with an apostrophe before what a spreadsheet would run as a formula (CWE-1236)."""
    text = cell(value)
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def write_csv(out: TextIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a CSV file (RFC 4180, UTF-8) to ``out``."""
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerows([safe_cell(value) for value in row] for row in rows)


def write_json(out: TextIO, columns: Sequence[str], rows: Iterable[Row]) -> None:
    """Write a JSON list of objects to ``out``, an object a line."""
    out.write("[")
    for number, row in enumerate(rows):
        values = (value.isoformat() if isinstance(value, date | datetime) else value for value in row)
        line = json.dumps(dict(zip(columns, values, strict=True)), ensure_ascii=False)
        out.write((",\n" if number else "\n") + line)
    out.write("\n]\n")


def xlsx(columns: Sequence[str], rows: Iterable[Row]) -> bytes:
    """The table as an Excel workbook: of one sheet, or of more where the rows are more than fit on one."""
    import xlsxwriter

    buffer = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "in_memory": True,
    }
    with xlsxwriter.Workbook(buffer, options) as book:
        bold = book.add_format({"bold": True})
        sheet, line = _sheet(book, columns, bold), 0
        for row in rows:
            line += 1
            if line == LONGEST_SHEET:
                sheet, line = _sheet(book, columns, bold), 1
            for number, value in enumerate(row):
                sheet.write_string(line, number, cell(value))
    return buffer.getvalue()


def _sheet(book: Any, columns: Sequence[str], bold: Any) -> Any:
    """Another sheet, with its headings."""
    sheet = book.add_worksheet()
    sheet.freeze_panes(1, 0)
    for number, name in enumerate(columns):
        sheet.write_string(0, number, name, bold)
    return sheet


def download(name: str, form: str, columns: Sequence[str], rows: Iterable[Row]) -> Response:
    """The table as a file to keep: ``form`` is ``csv`` or ``xlsx``, ``name`` the file's without its ending."""
    if form == "xlsx":
        body, kind = xlsx(columns, rows), XLSX
    else:
        text = io.StringIO(newline="")
        write_csv(text, columns, rows)
        # The byte-order mark tells Excel that this is UTF-8; without it Łukasz becomes Å�ukasz.
        body, kind = b"\xef\xbb\xbf" + text.getvalue().encode(), "text/csv"
    return Response(body, mimetype=kind, headers={"Content-Disposition": f'attachment; filename="{name}.{form}"'})
