"""Lists as files: our own exports come back unchanged, columns are mapped, and whatever is no list says so."""

import csv
import io
import random
import zipfile
from collections.abc import Iterator
from datetime import date

import cast
import pytest
from browser import Browser
from databases import Databases
from flask import Flask
from lists import LIBRARY, Import, counts, everything, fates, reasons, the_account, workbook
from openpyxl import Workbook

from registry import export
from registry.accounts import queries, spreadsheet
from registry.accounts.importing.columns import sheet_named
from registry.accounts.importing.files import open_file
from registry.accounts.models import Standing, State
from registry.accounts.platforms import RULES, Resolved, resolve
from registry.accounts.spreadsheet import UnreadableFile, parse_map
from registry.db import db

# --- Our own files ----------------------------------------------------------------------------------------


def our_accounts() -> None:
    """Accounts of every platform, and of people who stayed, left or share a name; with texts that try a reader."""
    officer, left, one_of_two = cast.library_officer(), cast.leaver(), cast.a_person("sam1", name="Sam Jones")
    cast.a_person("sam2", name="Sam Jones")
    owners, seen = [officer, left, one_of_two], set()
    titles = [
        "=1+1",
        "@dunmore",
        "'@quoted",
        "-5 °C",
        "  two  blanks",
        "Line\nbreak",
        "_x0041_",
        "łódź",
        "+44",
        "a,b;c\td",
        '"q',
    ]
    for rule in RULES:
        for typed, *_ in rule.examples:
            answer = resolve(typed)
            if not isinstance(answer, Resolved) or (answer.platform, answer.kind, answer.key) in seen:
                continue
            if queries.same_as(answer):
                continue
            seen.add((answer.platform, answer.kind, answer.key))
            number = len(seen)
            account = cast.an_account(typed, owner=owners[number % 3], deputy=cast.organiser() if number % 2 else None)
            account.title = titles[number % len(titles)].strip()
            account.state = list(State)[number % len(State)]
            account.purpose = titles[(number + 3) % len(titles)].strip()
    assert len(seen) > 40
    db.session.commit()


@pytest.fixture(scope="module")
def many_accounts(databases: Databases) -> Iterator[str]:
    """The address of a database with them, which is copied."""
    with databases.filling() as url:
        our_accounts()
    yield url
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new database: empty, or for a test of our own files with our accounts."""
    ours = "our_own" in request.fixturenames
    url = databases.new(template=request.getfixturevalue("many_accounts") if ours else databases.template)
    yield url
    databases.drop(url)


@pytest.fixture
def our_own(app: Flask) -> None:
    """Our accounts are in the database."""


def test_own_export_comes_back_unchanged(our_own: None, imported: Import) -> None:
    before, text = everything(), io.StringIO(newline="")
    export.write_csv(text, queries.EXPORT_COLUMNS, queries.export_rows())
    report = imported(text.getvalue())
    assert [row for row in report.rows if (row.fate.value, row.reason) != ("unchanged", "")] == []
    assert len(report.rows) == len(before["account"])
    assert everything() == before


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_own_catalogue_comes_back_unchanged(our_own: None, client: Browser, imported: Import, form: str) -> None:
    before = everything()
    content = client.as_(cast.comms_officer()).get(f"/accounts?format={form}").data
    report = imported(content, name=f"accounts.{form}")
    assert [row for row in report.rows if (row.fate.value, row.reason) != ("unchanged", "")] == []
    assert len(report.rows) == len(before["account"])


def test_own_export_fills_an_empty_register(imported: Import) -> None:
    header = list(queries.EXPORT_COLUMNS)
    row = [
        "x",
        "profile",
        "dunmore",
        "https://x.com/Dunmore",
        "'@Dunmore",
        "'=Dunmore",
        "partner",
        "dormant",
        "",
        "",
        "",
    ]
    assert imported([header, row]).counts() == counts(added=1)
    account = the_account()
    assert (account.handle, account.title, account.standing, account.state) == (
        "@Dunmore", "=Dunmore", Standing.PARTNER, State.DORMANT,
    )  # fmt: skip


# --- Columns ----------------------------------------------------------------------------------------------


def test_map_goes_before_names(imported: Import) -> None:
    rows = [["Title", "url", "Seite = Link", "notes"], ["Old", "https://example.org/", LIBRARY, "New"]]
    report = imported(rows, "Seite = Link=URL", "notes=title", "Title=-")
    assert fates(report) == [(2, "added")]
    assert (the_account().key, the_account().title) == ("dunmorelibraries", "New")


@pytest.mark.parametrize(
    ("pair", "says"),
    [
        ("url", "--map url: write it as COLUMN=FIELD, for example --map LINK=url."),
        ("=url", "--map =url: write it as COLUMN=FIELD, for example --map LINK=url."),
        ("A=colour", "--map A=colour: there is no field “colour”. Fields: url, platform, handle, title,"
         " purpose, standing, state, team, owner, deputy, language, topics, place,"
         " mailbox, review_on."),
        ("B=title", "--map B=title: this column or field is named twice. Name each once."),
    ],
)  # fmt: skip
def test_map_that_cannot_be_used_is_said(pair: str, says: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        parse_map(["Z=title", pair])
    assert str(error.value) == says


def test_missing_columns_are_said_with_those_that_are_there(imported: Import) -> None:
    with pytest.raises(UnreadableFile) as error:
        imported("Page,Likes\nx,1\n", "Link=url")
    assert str(error.value) == "--map: the file has no column “Link”. Its columns are: Page, Likes."
    with pytest.raises(UnreadableFile) as error:
        imported("Page,Likes\nx,1\n")
    assert str(error.value) == (
        "No column holds addresses or handles. The columns are: Page, Likes. Say which column is which, for example"
        " --map LINK=url, or --map NAME=handle --map SITE=platform."
    )


def test_rows_are_numbered_as_a_spreadsheet_numbers_them(imported: Import) -> None:
    text = 'Our accounts,,\n\nLink,Name\n\nx.com/one,"Two\nlines"\n , \nx.com/two\n'
    assert fates(imported(text)) == [(5, "added"), (7, "added")]
    assert the_account(key="one").title == "Two\nlines"


# --- Files of every kind ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        "url,title\r\nhttps://x.com/dunmore,Łódź\r\n".encode(),
        "url,title\nhttps://x.com/dunmore,Łódź\n".encode("utf-8-sig"),
        "url\ttitle\nhttps://x.com/dunmore\tŁódź\n".encode("utf-16"),
        "title;url;a,b\nŁódź;https://x.com/dunmore;1,5,7,9,11\n".encode(),
        "sep=;\r\ntitle;url\r\nŁódź;https://x.com/dunmore\r\n".encode(),
        "\ttitle\turl\n\tŁódź\thttps://x.com/dunmore\n".encode(),
        'Title,URL\r"Łódź","https://x.com/dunmore"\r'.encode(),
        'a "b" c,url,title\n"x"y,https://x.com/dunmore,Łódź\n'.encode(),
        workbook(["title", None, "url"], ["Łódź", "", "https://x.com/dunmore"]),
    ],
)
def test_files_that_spreadsheets_write_are_read(imported: Import, content: bytes) -> None:
    report = imported(content)
    assert (report.counts(), report.notes) == (counts(added=1), ())
    assert (the_account().key, the_account().title) == ("dunmore", "Łódź")


def test_windows_letters_are_read_with_a_note(imported: Import) -> None:
    report = imported("url,title\nhttps://x.com/dunmore,Café – “Dunmore”\n".encode("cp1252"))
    assert report.notes == (
        "The file is not in UTF-8, so it was read as Windows-1252. Look at the letters with accents.",
    )
    assert report.as_json() == {
        "rows": [{"row": 2, "fate": "added", "reason": ""}], "notes": list(report.notes), **counts(added=1),
        "closing": 0, "held": "",
    }  # fmt: skip
    assert the_account().title == "Café – “Dunmore”"


def test_workbook_gives_values_and_its_first_sheet(imported: Import) -> None:
    book, buffer = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    sheet.append(["platform", "handle", "title", "review_on", "purpose"])
    sheet.append(["facebook", 124626657695395, "Bad\x09tab", date(2027, 3, 1), '=HYPERLINK("https://evil.example")'])
    book.create_sheet("Second").append(["url"])
    book.save(buffer)
    assert imported(buffer.getvalue()).counts() == counts(added=1)
    account = the_account()
    assert (account.key, account.review_on, account.purpose) == ("124626657695395", date(2027, 3, 1), "")


def test_characters_that_cannot_be_stored_are_dropped_or_refused(imported: Import) -> None:
    rows = workbook(
        ["url", "title", "purpose"], ["https://x.com/one", "N_x0000_U_xD800_L", "\u202ea_x000D_\nb"],
        ["https://x.com/t_x0000_wo", "x", "y"],
    )  # fmt: skip
    hidden = "There are hidden characters or backslashes in this address."
    report = imported(rows)
    assert fates(report) == [(2, "added"), (3, "refused")]
    assert reasons(report)[1].startswith(hidden)
    db.session.flush()
    assert (the_account().title, the_account().purpose) == ("NUL", "a\nb")
    report = imported("url,title,owner,team,topics\nhttps://x.com/two,a\0b\x1b,\0,\0\x07,\0,\n")
    assert fates(report) == [(2, "added")]
    assert the_account(key="two").title == "ab"


def test_a_million_characters_in_each_cell_are_survived(imported: Import) -> None:
    long = "a " * 500_000
    fields = ["title", "purpose", "owner", "deputy", "team", "language", "topics", "review_on"]
    report = imported([["url", *fields], [LIBRARY, *([long] * len(fields))], [long, *([""] * len(fields))]])
    assert fates(report) == [(2, "added"), (3, "refused")]
    assert reasons(report)[0].startswith("The title is shortened to 120 characters. The purpose is shortened")
    assert len(reasons(report)[0]) < 1_000
    assert (len(the_account().title), the_account().language) == (120, "other")
    assert imported([["url", "title"], [LIBRARY, long]]).counts() == counts(unchanged=1)
    for word in ("standing", "state", "platform"):
        (row,) = imported([["handle", word], ["dunmore", long]]).rows
        assert (row.fate.value, len(row.reason) < 200) == ("refused", True)


def test_addresses_too_long_for_an_index_are_refused_or_not_kept_as_an_alias(imported: Import) -> None:
    # PostgreSQL compresses what it indexes, so the text must be one that does not become shorter.
    tail = "".join(map(chr, random.Random(1).choices(range(0x4E00, 0x9FA5), k=1_900)))
    report = imported([["url"], [f"https://example.org/{tail}"], [f"{LIBRARY}?ref={tail}"]])
    assert [(row.fate.value, row.reason) for row in report.rows] == [
        (
            "refused",
            "This address is too long to be that of an account. Open the account and copy its address from there.",
        ),
        ("added", ""),
    ]
    assert the_account().aliases == []


def test_hundreds_of_columns_and_ragged_rows_are_survived(imported: Import) -> None:
    header = [f"c{number}" for number in range(499)] + ["url"]
    report = imported([header, [""] * 499 + ["x.com/one"], ["x"], ["y"] * 2_000, [""] * 499 + ["x.com/two", "z"]])
    assert fates(report) == [(2, "added"), (4, "refused"), (5, "added")]
    assert imported(workbook(header, [None] * 499 + ["x.com/one"])).counts() == counts(unchanged=1)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_a_hundred_thousand_columns_end_in_a_sentence(imported: Import, separator: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        imported(separator.join(["url", *map(str, range(100_000))]) + "\n" + separator * 100_000)
    assert str(error.value) == (
        "This file has more than 500 columns. Delete those that do not belong to a list of accounts."
    )
    assert imported("url" + separator * 100_000 + "\nx.com/one" + separator * 100_000).counts() == counts(added=1)


def test_more_rows_than_fit_end_in_a_sentence() -> None:
    sheet = sheet_named(open_file(b"url\n" + b"x.com/one\n" * 50_001), {})
    with pytest.raises(UnreadableFile) as error:
        list(sheet.lines())
    assert str(error.value) == "This file has more than 50,000 rows. Split it, then take the parts."


def test_header_alone_is_no_row(imported: Import) -> None:
    assert imported("url,title\n").counts() == counts()
    assert imported(workbook(["url"])).counts() == counts()


def zipped(**files: bytes) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return buffer.getvalue()


ENTITIES = b'<!DOCTYPE x [<!ENTITY a "b"><!ENTITY c "&a;&a;">]><worksheet>&c;</worksheet>'


def changed(content: bytes, part: str, to: bytes) -> bytes:
    """A workbook with one part replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return zipped(**{name: to if name == part else archive.read(name) for name in archive.namelist()})


@pytest.mark.parametrize(
    ("content", "begins"),
    [
        (b"", "This file is empty."),
        (b"\n \n,,\n", "This file is empty."),
        (b"\xef\xbb\xbf", "This file is empty."),
        (b"<html><table><tr><td>url</td></tr></table></html>", "This is neither a CSV nor an XLSX file."),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)), "This workbook is protected by a password, or of"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "No column holds addresses or handles."),
        (b"PK\x03\x04 but no archive", "This workbook cannot be read"),
        (zipped(notes=b"x"), "This is neither a CSV nor an XLSX file."),
        (zipped(**{"[Content_Types].xml": b"<Types/>"}), "This workbook cannot be read"),
        (zipped(**{"[Content_Types].xml": b"", "bomb": bytes(100_000_001)}), "This file is too large"),
        (changed(workbook(["url"]), "xl/worksheets/sheet1.xml", ENTITIES), "This workbook cannot be read"),
        (changed(workbook(["url"]), "xl/worksheets/sheet1.xml", b"<worksheet"), "This workbook cannot be read"),
        (b'url,title\nhttps://x.com/one,"open\nhttps://x.com/two,b\n', "A quotation mark opens in row 2"),
    ],
)  # fmt: skip
def test_files_that_are_no_lists_are_said_to_be_none(imported: Import, content: bytes, begins: str) -> None:
    with pytest.raises(UnreadableFile) as error:
        imported(content, name="accounts.xlsx")
    assert str(error.value)[: len(begins)] == begins


def test_reader_leaves_the_limit_of_csv_as_it_was(imported: Import) -> None:
    before = csv.field_size_limit()
    imported("url\nx.com/one\n")
    assert csv.field_size_limit() == before


def test_public_names_are_those_that_the_command_uses() -> None:
    assert spreadsheet.__all__ == ["Fate", "FatedRow", "Report", "UnreadableFile", "bring_in", "parse_map"]
