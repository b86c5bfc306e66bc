"""Files to keep: the same rows in each form, and nothing in them that a spreadsheet would run."""

import csv
import io
import json
from datetime import UTC, date, datetime

import openpyxl
import pytest
from flask import Flask
from openpyxl.utils.escape import unescape

from registry import export

COLUMNS = ("handle", "name", "when", "on", "count")
ROWS = [
    ("@dunmorelibraries", "Paweł Łukasiewicz", datetime(2026, 11, 21, 9, 30, tzinfo=UTC), date(2026, 11, 22), 3),
    ("=1+1", 'a "quoted", text\nof two lines', None, None, -4),
]


def table(text: str) -> list[list[str]]:
    """What a spreadsheet makes of a CSV text."""
    return list(csv.reader(io.StringIO(text)))


@pytest.mark.parametrize(
    ("value", "safe"),
    [
        ("=1+1", "'=1+1"),
        ("+44 1632", "'+44 1632"),
        ("-4", "'-4"),
        ("@handle", "'@handle"),
        ("\tx", "'\tx"),
        ("\rx", "'\rx"),
        ("\n=1+1", "'\n=1+1"),
        ("＝1＋1", "'＝1＋1"),  # Wide signs, which some programs take for the others.
        ("a=1", "a=1"),
        ("", ""),
        (None, ""),
        (" =1+1", " =1+1"),
    ],
)
def test_a_cell_that_a_spreadsheet_would_run_is_made_text(value: object, safe: str) -> None:
    assert export.safe_cell(value) == safe


def test_csv_is_what_was_given(app: Flask) -> None:
    answer = export.download("accounts", "csv", COLUMNS, ROWS)
    assert answer.get_data()[:3] == b"\xef\xbb\xbf"
    assert table(answer.get_data().decode("utf-8-sig")) == [
        list(COLUMNS),
        ["'@dunmorelibraries", "Paweł Łukasiewicz", "2026-11-21T09:30:00+00:00", "2026-11-22", "3"],
        ["'=1+1", 'a "quoted", text\nof two lines', "", "", "'-4"],
    ]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="accounts.csv"'
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"


def test_xlsx_holds_nothing_but_texts(app: Flask) -> None:
    answer = export.download("accounts", "xlsx", COLUMNS, ROWS)
    (sheet,) = openpyxl.load_workbook(io.BytesIO(answer.get_data())).worksheets
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]
    assert cells == [
        list(COLUMNS),
        ["@dunmorelibraries", "Paweł Łukasiewicz", "2026-11-21T09:30:00+00:00", "2026-11-22", "3"],
        ["=1+1", 'a "quoted", text\nof two lines', "", "", "-4"],
    ]
    assert {cell.data_type for row in sheet.iter_rows() for cell in row if cell.value} == {"s"}
    assert answer.mimetype == export.XLSX
    assert answer.headers["Content-Disposition"] == 'attachment; filename="accounts.xlsx"'


@pytest.mark.parametrize("text", ["https://example.org/" * 200, "ফরিদা", "mailto:x", "bell \x07"])
def test_xlsx_keeps_any_text(text: str) -> None:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(export.xlsx(("text",), [(text,)]))).worksheets
    assert unescape(str(sheet.cell(2, 1).value)) == text


def test_xlsx_takes_a_text_longer_than_a_cell() -> None:
    (sheet,) = openpyxl.load_workbook(io.BytesIO(export.xlsx(("text",), [("x" * 40_000,)]))).worksheets
    assert str(sheet.cell(2, 1).value) == "x" * 32_767


def test_xlsx_goes_on_with_another_sheet_where_one_is_full(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "LONGEST_SHEET", 3)
    sheets = openpyxl.load_workbook(io.BytesIO(export.xlsx(("n",), [(number,) for number in range(5)]))).worksheets
    told = [[cell.value for row in sheet.iter_rows() for cell in row] for sheet in sheets]
    assert told == [["n", "0", "1"], ["n", "2", "3"], ["n", "4"]]


def test_json_is_one_object_a_row() -> None:
    out = io.StringIO()
    export.write_json(out, COLUMNS, ROWS)
    assert json.loads(out.getvalue()) == [
        {"handle": "@dunmorelibraries", "name": "Paweł Łukasiewicz", "when": "2026-11-21T09:30:00+00:00",
         "on": "2026-11-22", "count": 3},
        {"handle": "=1+1", "name": 'a "quoted", text\nof two lines', "when": None, "on": None, "count": -4},
    ]  # fmt: skip


def test_no_rows_are_an_empty_list() -> None:
    out = io.StringIO()
    export.write_json(out, COLUMNS, [])
    assert json.loads(out.getvalue()) == []
