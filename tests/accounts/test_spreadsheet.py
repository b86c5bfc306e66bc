"""A comms officer brings in her spreadsheets: every row has a fate, and the same file twice changes nothing."""

import csv
import io
import random
import zipfile
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date
from pathlib import Path
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from openpyxl import Workbook

from registry import audit, export
from registry.accounts import queries, spreadsheet
from registry.accounts.models import Account, Alias, Standing, State
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.rules.closed import CLOSED_RULES
from registry.accounts.rules.open import OPEN_RULES
from registry.accounts.rules.social import COMPANY_RULES
from registry.accounts.rules.video import VIDEO_RULES
from registry.accounts.spreadsheet import Report, UnreadableFile, bring_in, parse_map
from registry.db import Model, db
from registry.guidelines.models import Obligation

DATA = Path(__file__).parents[1] / "data"
LIBRARY = "https://www.facebook.com/dunmorelibraries"
Import = Callable[..., Report]


@pytest.fixture
def imported(app: Flask, tmp_path: Path) -> Import:
    """Import rows: the first is the header. Or a text, or bytes, as they are."""

    def run(content: Any, *pairs: str, name: str = "accounts.csv") -> Report:
        file = tmp_path / name
        if isinstance(content, list):
            text = io.StringIO(newline="")
            csv.writer(text).writerows(content)
            content = text.getvalue()
        file.write_bytes(content if isinstance(content, bytes) else content.encode("utf-8", "surrogatepass"))
        return bring_in(file, columns=parse_map(pairs), actor=None)

    return run


def fates(report: Report) -> list[tuple[int, str]]:
    return [(row.row, row.fate.value) for row in report.rows]


def reasons(report: Report) -> list[str]:
    return [row.reason for row in report.rows]


def counts(**some: int) -> dict[str, int]:
    return {"added": 0, "updated": 0, "unchanged": 0, "duplicate": 0, "refused": 0, **some}


def the_account(**conditions: Any) -> Account:
    db.session.expire_all()
    found = queries.account(db.session.scalars(sa.select(Account.id).filter_by(**conditions)).one())
    assert found is not None
    return found


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    db.session.flush()
    tables = Model.metadata.sorted_tables
    return {table.name: sorted(map(repr, db.session.execute(sa.select(table)).all())) for table in tables}


def workbook(*rows: list[Any]) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()


# --- What a row becomes -----------------------------------------------------------------------------------


def test_row_with_only_an_address_is_live_official_and_named_after_its_handle(imported: Import) -> None:
    report = imported([["url"], ["http://facebook.com/DunmoreLibraries/?ref=ts"]])
    assert fates(report) == [(2, "added")]
    assert reasons(report) == [""]
    account = the_account()
    assert (account.platform, account.kind, account.key) == ("facebook", "page", "dunmorelibraries")
    assert (account.title, account.standing, account.state) == ("Dunmore Libraries", Standing.OFFICIAL, State.LIVE)
    assert (account.language, account.owner_id, account.purpose) == ("en", None, "")
    assert account.approved_at is not None
    assert account.review_on is not None
    assert [alias.url for alias in account.aliases] == ["http://facebook.com/DunmoreLibraries/?ref=ts"]
    assert account.search_text == "dunmore libraries dunmorelibraries facebook"


def test_row_with_everything_is_kept_as_it_says(imported: Import) -> None:
    owner, deputy = cast.library_officer(), cast.organiser()
    header = [
        "URL",
        "Title",
        "Purpose",
        "Standing",
        "State",
        "Team",
        "Owner",
        "Deputy",
        "Language",
        "Topics",
        "Review on",
    ]
    report = imported(
        [header, [LIBRARY, "Dunmore Libraries", "Books.", "Semi-official", "Dormant", "communities / libraries",
         "NIA.OKAFOR@dunmore.example", "Farida Begum ফরিদা", "Welsh and English",
          "Libraries; reading, LIBRARIES", "2027-03-01"]]
    )  # fmt: skip
    assert [(row.fate.value, row.reason) for row in report.rows] == [("added", "")]
    account = the_account()
    assert (account.title, account.purpose) == ("Dunmore Libraries", "Books.")
    assert (account.standing, account.state) == (Standing.SEMI_OFFICIAL, State.DORMANT)
    assert (account.owner_id, account.deputy_id, account.team_id) == (owner.id, deputy.id, owner.team_id)
    assert (account.language, account.review_on) == ("en cy", date(2027, 3, 1))
    assert [topic.name for topic in account.topics] == ["Libraries", "reading"]
    assert account.aliases == []
    assert "communities" in account.search_text.split()


def test_owner_brings_their_team_and_must_sign(imported: Import) -> None:
    owner = cast.library_officer()
    document = cast.a_document()
    imported([["url", "owner"], [LIBRARY, owner.username]])
    assert the_account().team_id == owner.team_id
    owed = db.session.execute(sa.select(Obligation.document_id, Obligation.person_id)).all()
    assert [tuple(row) for row in owed] == [(document.id, owner.id)]


def test_owner_who_left_leaves_the_account_orphaned(imported: Import) -> None:
    left = cast.leaver()
    report = imported([["url", "owner"], [LIBRARY, left.username]])
    assert [tuple(row) for row in fates(report)] == [(2, "added")]
    assert reasons(report) == [
        "Nobody called “gareth.left” works here, so the owner is left out."
        " Its state is orphaned until somebody answers for it."
    ]
    assert (the_account().owner_id, the_account().state) == (None, State.ORPHANED)


def test_list_imported_before_the_people_finds_its_owners_later(imported: Import) -> None:
    rows = [["url", "owner"], [LIBRARY, "nia.okafor"]]
    imported(rows)
    assert the_account().state is State.ORPHANED
    owner = cast.library_officer()
    report = imported(rows)
    assert reasons(report) == ["Changed: the owner, the team, the state."]
    assert (the_account().owner_id, the_account().state) == (owner.id, State.LIVE)
    assert imported(rows).counts() == counts(unchanged=1)


def test_colleagues_of_one_name_are_told_apart_by_username(imported: Import) -> None:
    cast.a_person("sam1", name="Sam Jones")
    second = cast.a_person("sam2", name="Sam Jones")
    by_name = imported([["url", "owner", "state"], [LIBRARY, "Sam Jones", "closed"]])
    assert reasons(by_name) == [
        "Several colleagues are called “Sam Jones”, so the owner is left out. Give the username."
    ]
    assert imported([["url", "owner"], [LIBRARY, "sam2"]]).counts() == counts(updated=1)
    assert imported([["url", "owner"], [LIBRARY, "Sam Jones"]]).counts() == counts(unchanged=1)
    assert the_account().owner_id == second.id


def test_one_person_cannot_be_owner_and_deputy(imported: Import) -> None:
    cast.library_officer()
    rows = [["url", "owner", "deputy"], [LIBRARY, "nia.okafor", "Nia Okafor"]]
    assert reasons(imported(rows)) == ["The deputy must be somebody else than the owner, so there is none yet."]
    assert the_account().deputy_id is None
    assert imported(rows).counts() == counts(unchanged=1)


def test_team_is_found_by_its_name_where_only_one_has_it(imported: Import) -> None:
    officer = cast.library_officer()
    cast.a_person("x1", team=("Health", "Outreach"))
    cast.a_person("x2", team=("Communities", "Outreach"))
    report = imported(
        [["url", "agency"], ["x.com/one", "libraries"], ["x.com/two", "Outreach"], ["x.com/three", "Moon base"],
         ["x.com/four", "Communities>Outreach"]]
    )  # fmt: skip
    assert reasons(report) == [
        "",
        "Several teams are called “Outreach”, so the team is left out. Give the whole path.",
        "There is no team “Moon base” in the directory, so the team is left out.",
        "",
    ]
    assert the_account(key="one").team_id == officer.team_id
    assert the_account(key="two").team_id is None
    team = the_account(key="four").team
    assert team is not None
    assert team.path == "Communities / Outreach"


@pytest.mark.parametrize(
    ("word", "state", "approved", "closed"),
    [
        ("proposed", State.PROPOSED, False, False),
        ("LIVE", State.LIVE, True, False),
        ("inactive", State.DORMANT, True, False),
        ("lost", State.LOST, True, False),
        ("Closed", State.CLOSED, True, True),
    ],
)
def test_state_sets_its_dates(imported: Import, word: str, state: State, approved: bool, closed: bool) -> None:
    imported([["url", "state"], [LIBRARY, word]])
    account = the_account()
    assert (account.state, account.approved_at is not None, account.closed_at is not None) == (state, approved, closed)


def test_unknown_words_are_refused_with_those_that_are_known(imported: Import) -> None:
    report = imported(
        [["url", "standing", "state"], ["x.com/one", "royal", ""], ["x.com/two", "", "resting"], ["x.com/one", "", ""]]
    )
    assert [(row.row, row.fate.value, row.reason) for row in report.rows] == [
        (2, "refused", "“royal” is not a standing. Use official, semi-official, personal-with-role or partner."),
        (3, "refused", "“resting” is not a state. Use proposed, live, dormant, orphaned, lost or closed."),
        (4, "added", ""),
    ]


def test_account_in_somebodys_own_name_comes_with_a_reminder(imported: Import) -> None:
    report = imported([["url", "standing"], [LIBRARY, "Personal, with a role"]])
    assert reasons(report) == ["This account is in somebody’s own name: ask them whether they want it listed."]
    assert the_account().standing is Standing.PERSONAL


# --- Which account a row means ----------------------------------------------------------------------------


def test_handles_are_read_with_their_platform(imported: Import) -> None:
    report = imported(
        [["Network", "Username"], ["Twitter", "@DunmoreCouncil"], ["X (formerly Twitter)", "dunmorecouncil"],
         ["youtubeHandle", "dunmore"], ["linkedin", "company/dunmore"], ["linkedin", "Dunmore"],
         ["pinterest", "dunmore"], ["vk", "dunmore.council"], ["", "dunmore"], ["", "dunmore.council"], ["", ""],
         ["", "https://www.threads.com/@dunmore"], ["twitter", ""]]
    )  # fmt: skip
    unknown = "Give the whole address to keep it as a website, or correct the name of the platform."
    assert [(row.row, row.fate.value, row.reason) for row in report.rows] == [
        (2, "added", ""),
        (3, "duplicate", "The same account as row 2, which counts."),
        (4, "added", ""),
        (5, "added", ""),
        (6, "duplicate", "The same account as row 5, which counts."),
        (7, "refused", f"The register does not know handles on “pinterest”. {unknown}"),
        (8, "refused", f"The register does not know handles on “vk”. {unknown}"),
        (9, "refused", "“dunmore” could be on many platforms. Choose the platform as well, or paste the whole address"
         " of the account."),
        (10, "refused", "“dunmore.council” could be on many platforms. Add a column that names the platform."),
        (12, "added", ""),
        (13, "refused", "This row has neither an address nor a handle."),
    ]  # fmt: skip


def test_platform_decides_for_a_server_of_our_own(imported: Import) -> None:
    report = imported([["url", "platform"], ["https://photos.example/dunmore", "Pixelfed"]])
    assert fates(report) == [(2, "added")]
    assert (the_account().platform, the_account().key) == ("pixelfed", "dunmore@photos.example")


def test_address_wins_over_the_handle_and_the_platform(imported: Import) -> None:
    report = imported(
        [
            ["url", "handle", "platform"],
            [LIBRARY, "@somebody", "instagram"],
            ["https://pin.example/d", "d", "pinterest"],
        ]
    )
    assert reasons(report) == [
        "You chose Instagram, but this address belongs to Facebook, so we put it under Facebook.",
        "The platform “pinterest” is not known here: by its address it is under Website or blog.",
    ]
    assert the_account(platform="facebook").key == "dunmorelibraries"
    assert the_account(platform="website").key == "pin.example/d"


def test_registered_account_is_found_by_its_lasting_number_and_its_aliases(imported: Import) -> None:
    account = cast.an_account("https://www.facebook.com/people/Dunmore-Baths/100085131802111/", title="Dunmore Baths")
    db.session.add(Alias(account_id=account.id, url="https://baths.example/facebook", seen_at=account.proposed_at))
    report = imported(
        [["url"], ["https://www.facebook.com/Dunmore-Baths-100085131802111"], ["https://baths.example/facebook"]]
    )
    assert [(row.fate.value, row.reason) for row in report.rows] == [
        ("unchanged", ""),
        ("duplicate", "The same account as row 2, which counts."),
    ]


# --- Registered accounts ----------------------------------------------------------------------------------


def test_only_what_is_given_changes_and_the_history_tells_it(imported: Import) -> None:
    account = cast.an_account(LIBRARY, title="Dunmore Library", purpose="Books.", deputy=cast.organiser())
    officer = cast.a_person("new.owner", name="Ifor Newydd", team=("Communities", "Archives"))
    report = imported(
        [
            ["url", "title", "purpose", "owner", "topics", "state"],
            [LIBRARY, "Dunmore Libraries", "", "new.owner", "Reading", ""],
        ]
    )
    assert reasons(report) == ["Changed: the name, the owner, the team, the topics."]
    changed = the_account()
    assert (changed.title, changed.purpose, changed.owner_id) == ("Dunmore Libraries", "Books.", officer.id)
    assert (changed.team_id, changed.deputy_id, changed.state) == (officer.team_id, cast.organiser().id, State.LIVE)
    assert [topic.name for topic in changed.topics] == ["Reading"]
    assert {"reading", "archives", "libraries"} <= set(changed.search_text.split())
    told = [
        (event.sentence, event.fields["before"], event.fields["after"])
        for event in audit.history("account", account.id, 4)
    ]
    assert told == [
        ("The register changed the topics of Dunmore Libraries", "nothing", "Reading"),
        ("The register changed the team of Dunmore Libraries", "Libraries", "Archives"),
        ("The register changed the owner of Dunmore Libraries", "Nia Okafor", "Ifor Newydd"),
        ("The register changed the name of Dunmore Libraries", "Dunmore Library", "Dunmore Libraries"),
    ]
    assert audit.broken(audit.Event) == []


def test_state_of_a_registered_account_brings_its_dates(imported: Import) -> None:
    cast.an_account(LIBRARY, live=False)
    assert the_account().approved_at is None
    imported([["url", "state"], [LIBRARY, "live"]])
    live = the_account()
    assert (live.state, live.approved_at is not None, live.review_on is not None) == (State.LIVE, True, True)
    imported([["url", "state"], [LIBRARY, "closed"]])
    assert the_account().closed_at is not None
    imported([["url", "state"], [LIBRARY, "live"]])
    assert the_account().closed_at is None


def test_one_event_tells_of_the_whole_import(imported: Import) -> None:
    imported([["url"], ["x.com/one"], ["x.com/two"], ["x.com/ONE"], ["x.com/search?q=1"]], name="list.csv")
    (event,) = db.session.scalars(sa.select(audit.Event)).all()
    assert event.sentence == (
        "The register imported list.csv: 2 accounts added, 0 updated, 0 unchanged, 1 named twice, 1 refused"
    )


@pytest.mark.parametrize(
    ("name", "first", "again"),
    [
        ("list-us-federal-2014.csv", counts(added=16, duplicate=1), counts(unchanged=16, duplicate=1)),
        (
            "list-public-bodies.csv",
            counts(added=21, duplicate=3, refused=6),
            counts(unchanged=21, duplicate=3, refused=6),
        ),
    ],
)
def test_real_list_imported_twice_changes_nothing(
    app: Flask, name: str, first: dict[str, int], again: dict[str, int]
) -> None:
    assert bring_in(DATA / name, columns={}, actor=None).counts() == first
    before = everything()
    assert bring_in(DATA / name, columns={}, actor=None).counts() == again
    assert everything() == before


def test_dry_run_leaves_nothing(imported: Import) -> None:
    db.session.commit()
    before = everything()
    assert imported([["url", "topics"], [LIBRARY, "Reading"]]).counts() == counts(added=1)
    db.session.rollback()
    assert everything() == before


def test_queries_do_not_grow_with_the_rows(
    imported: Import, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def rows(first: int, number: int) -> list[list[str]]:
        people = [cast.a_person(f"p{one}", team=(f"Team {one}",)) for one in range(first, first + number)]
        return [
            ["url", "owner", "team", "topics"],
            *(
                [f"x.com/a{first}_{one}", person.username, f"Team {first}", f"T{first}{one}"]
                for one, person in enumerate(people)
            ),
        ]

    def count(content: list[list[str]]) -> int:
        with count_queries() as queries_run:
            imported(content)
        # Evidence is added row by row, each sealed to the one before.
        return sum(not query.startswith("INSERT INTO event") for query in queries_run)

    few, many = rows(0, 3), rows(100, 40)
    assert count(few) == count(many)
    renamed = [[[*content[0], "title"], *([*row, "New name"] for row in content[1:])] for content in (few, many)]
    assert count(renamed[0]) == count(renamed[1])


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
    for rule in (*COMPANY_RULES, *VIDEO_RULES, *OPEN_RULES, *CLOSED_RULES):
        for typed, _ in rule.examples:
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


def test_own_export_comes_back_unchanged(app: Flask, imported: Import) -> None:
    our_accounts()
    before, text = everything(), io.StringIO(newline="")
    export.write_csv(text, queries.EXPORT_COLUMNS, queries.export_rows())
    report = imported(text.getvalue())
    assert [row for row in report.rows if (row.fate.value, row.reason) != ("unchanged", "")] == []
    assert len(report.rows) == len(before["account"])
    assert everything() == before


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_own_catalogue_comes_back_unchanged(client: Browser, imported: Import, form: str) -> None:
    our_accounts()
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
         " purpose, standing, state, team, owner, deputy, language, topics, review_on."),
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


def test_a_thousand_columns_and_ragged_rows_are_survived(imported: Import) -> None:
    header = [f"c{number}" for number in range(1_000)] + ["url"]
    report = imported([header, [""] * 1_000 + ["x.com/one"], ["x"], ["y"] * 2_000, [""] * 1_000 + ["x.com/two", "z"]])
    assert fates(report) == [(2, "added"), (4, "refused"), (5, "added")]
    assert imported(workbook(header, [None] * 1_000 + ["x.com/one"])).counts() == counts(unchanged=1)


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
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(range(256)), "This is neither a CSV nor an XLSX file."),
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
