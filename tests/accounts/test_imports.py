"""A comms officer brings in her spreadsheet on the pages: columns, what would happen, yes, and taking it back."""

import csv
import io
from datetime import timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask
from lists import LIBRARY, everything, the_account, workbook
from openpyxl import load_workbook

from registry import audit, timetable
from registry.accounts import actions as accounts
from registry.accounts.answering import hand_overs, withdrawing
from registry.accounts.answering.models import Outcome, Withdrawal
from registry.accounts.importing import actions, queries, worker, writing
from registry.accounts.importing.models import ImportedAccount, ImportFile, ImportLine, ImportRun, ImportState
from registry.accounts.importing.words import UnreadableFile
from registry.accounts.models import Account, Alias, Contributor, State, Visibility
from registry.db import db, now
from registry.people import merging
from registry.people.models import Person, PersonKind, PersonState

LIST = [
    ["Link", "What we call it", "Who", "Department", "Our own notes"],
    ["https://x.com/dunmorecouncil", "Dunmore Council", "nia.okafor", "Libraries", "ask Ann"],
    [LIBRARY, "Dunmore Libraries", "", "", "=1+1"],
    ["https://x.com/dunmorecouncil/status/1", "A post", "", "", "no account"],
    ["https://twitter.com/DunmoreCouncil", "Again", "", "", ""],
    ["https://www.facebook.com/dunmoreparks", "Parks", "gareth.left", "", "who?"],
]
FIELDS = ["url", "title", "owner", "team", ""]


def as_csv(rows: list[list[str]]) -> bytes:
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    return text.getvalue().encode()


class Desk:
    """Where somebody brings in files."""

    def __init__(self, app: Flask, client: Browser) -> None:
        self.app, self.client = app, client
        client.as_(cast.comms_officer())

    def hand_in(self, content: list[list[str]] | bytes, name: str = "list.csv") -> int:
        """Upload a file; the number of the import."""
        answer = self.upload(content, name)
        assert answer.status_code == 302, answer.errors
        assert answer.location.endswith("/columns")
        return int(answer.location.split("/")[-2])

    def upload(self, content: list[list[str]] | bytes, name: str = "list.csv") -> Answer:
        content = as_csv(content) if isinstance(content, list) else content
        return self.client.post("/accounts/imports", data={"file": (io.BytesIO(content), name)})

    def choose(self, number: int, fields: list[str], **more: str) -> Answer:
        data = {f"columns-{place}": field for place, field in enumerate(fields)}
        return self.client.post(f"/accounts/imports/{number}/columns", data={**data, **more})

    def check(self, content: list[list[str]] | bytes, fields: list[str]) -> int:
        """Upload, choose columns, let the worker look."""
        number = self.hand_in(content)
        assert self.choose(number, fields).location == f"/accounts/imports/{number}"
        self.work()
        return number

    def bring_in(self, content: list[list[str]] | bytes, fields: list[str], **more: str) -> int:
        """All of it."""
        number = self.check(content, fields)
        self.press(number, "confirm", **more)
        self.work()
        return number

    def press(self, number: int, button: str, **data: str) -> Answer:
        return self.client.post(f"/accounts/imports/{number}/{button}", data=data)

    def page(self, number: int, query: str = "") -> Answer:
        return self.client.get(f"/accounts/imports/{number}{query}")

    def work(self) -> None:
        """What the worker does within the minute."""
        db.session.commit()
        timetable.bring_in_when_due(self.app)
        db.session.expire_all()


def run_of(number: int) -> ImportRun:
    db.session.expire_all()
    return db.session.get_one(ImportRun, number)


def numbers(run: ImportRun) -> tuple[int, ...]:
    return (run.added, run.updated, run.unchanged, run.duplicate, run.refused, run.noted)


def chosen(page: Answer) -> list[str]:
    """What the page of columns says each is."""
    return [one.attrib["value"] for one in page.all("option") if "selected" in one.attrib]


def content_of_register() -> dict[str, list[Any]]:
    """All that is about accounts, without what an import keeps of itself."""
    about = ("account", "alias", "account_topic", "contributor")
    return {name: rows for name, rows in everything().items() if name in about}


@pytest.fixture
def desk(app: Flask, client: Browser) -> Desk:
    cast.library_officer()
    cast.leaver()
    return Desk(app, client)


# --- Step by step -----------------------------------------------------------------------------------------


def test_file_comes_in_step_by_step(desk: Desk) -> None:
    library = cast.an_account(LIBRARY, title="The library")
    number = desk.hand_in(LIST)
    page = desk.client.get(f"/accounts/imports/{number}/columns")
    assert page.heading == "What is in each column?"
    assert chosen(page) == ["url", "", "", "team", ""]
    assert page.words("td", data_label="Some of what is in it")[1] == "Dunmore Council · Dunmore Libraries · A post"
    before = content_of_register()
    desk.choose(number, FIELDS)
    assert desk.page(number).heading == "Finding out what would happen"
    desk.work()
    assert content_of_register() == before
    page = desk.page(number)
    assert page.heading == "This is what would happen"
    assert numbers(run_of(number)) == (2, 1, 0, 1, 1, 1)
    assert page.words("td", data_label="Fate") == ["Added", "Updated", "Refused", "Named twice", "Added"]
    assert desk.press(number, "confirm").location == f"/accounts/imports/{number}"
    assert desk.page(number).heading == "Bringing the file in"
    desk.work()
    page = desk.page(number)
    assert page.heading == "The file is in the register"
    assert (the_account(id=library.id).title, the_account(key="dunmorecouncil").state) == (
        "Dunmore Libraries", State.LIVE,
    )  # fmt: skip
    assert the_account(key="dunmorecouncil").approved_by_id == cast.comms_officer().id
    assert db.session.scalars(sa.select(ImportFile)).all() == []
    told = audit.history("import", number)
    assert [event.sentence for event in told] == [
        "Tomasz Bryk imported list.csv: 2 accounts added, 1 updated, 0 unchanged, 1 named twice, 1 refused"
    ]


def test_columns_are_remembered_by_their_headings(desk: Desk) -> None:
    desk.choose(desk.hand_in(LIST), FIELDS)
    other = desk.hand_in([LIST[0], ["https://x.com/other", "Other", "", "", ""]])
    assert run_of(other).columns == FIELDS
    assert run_of(desk.hand_in([[*LIST[0], "More"], [LIBRARY]])).columns == ["url", "", "", "team", "", ""]


def test_columns_are_looked_at_again_before_they_are_kept(desk: Desk) -> None:
    number = desk.hand_in([["Where", "What"], [LIBRARY, "Libraries"], ["x.com/search?q=1", "No"]])
    page = desk.client.get(f"/accounts/imports/{number}/columns")
    assert "Say which column holds the address" in page.text
    page = desk.choose(number, ["url", "title"], look="yes")
    assert (page.status_code, chosen(page)) == (200, ["url", "title"])
    cells = page.words("td")
    assert "dunmorelibraries on Facebook" in cells
    assert [one.partition(":")[0] for one in cells if one.startswith("Refused")] == ["Refused"]
    assert (run_of(number).state, run_of(number).columns) == (ImportState.UPLOADED, ["", ""])


@pytest.mark.parametrize(
    ("fields", "says"),
    [
        (["", "title"], {"columns-0": "Say which column holds the address of the account, or its handle."}),
        (["url", "url"], {"columns-1": "The column “Where” is that already. Choose one of the two."}),
        (["url", "colour"], {"columns-1": "Choose what this column is from the list."}),
        (["url"], {"columns-0": "This list of columns is not that of the file. Load the page again."}),
    ],
)
def test_columns_that_cannot_be_are_said_beside_them(desk: Desk, fields: list[str], says: dict[str, str]) -> None:
    number = desk.hand_in([["Where", "What"], [LIBRARY, "Libraries"]])
    for more in ({}, {"look": "yes"}):
        answer = desk.choose(number, fields, **more)
        assert (answer.status_code, answer.errors) == (422, says)


@pytest.mark.parametrize(
    ("content", "name", "says"),
    [
        (b"", "empty.csv", "This file is empty."),
        (b"%PDF-1.7", "list.pdf", "This is neither a CSV nor an XLSX file. Save the sheet as CSV (UTF-8) or XLSX, then"
         " take that file."),
    ],
)  # fmt: skip
def test_files_that_are_no_lists_are_said_to_be_none(desk: Desk, content: bytes, name: str, says: str) -> None:
    answer = desk.upload(content, name)
    assert (answer.status_code, answer.errors) == (422, {"file": says})
    assert desk.client.post("/accounts/imports", data={}).errors == {
        "file": "Choose the CSV or Excel file that you want to bring in."
    }


def test_file_that_is_too_large_is_said_to_be(app: Flask) -> None:
    with pytest.raises(UnreadableFile) as error:
        actions.upload(file_name="big.csv", content=b"url\n" + b"x" * 15_000_000, actor=cast.comms_officer())
    assert str(error.value) == (
        "This file has 16 MB, and 15 MB fit. Delete what does not belong to a list of accounts, or split it."
    )


def test_file_that_cannot_be_read_to_its_end_fails_with_a_sentence(desk: Desk) -> None:
    rows = "".join(f"x.com/one{number},a\n" for number in range(20))
    number = desk.check(f'url,title\n{rows}x.com/two,"open\n'.encode(), ["url", "title"])
    page = desk.page(number)
    assert page.heading == "The file could not be brought in"
    assert "A quotation mark opens in row 22 and is never closed." in page.text
    assert db.session.scalars(sa.select(ImportFile)).all() == []


def test_same_file_twice_changes_nothing(desk: Desk) -> None:
    desk.bring_in(LIST, FIELDS)
    before, events = content_of_register(), audit.count_events()
    number = desk.check(LIST, FIELDS)
    assert "There is nothing to bring in" in desk.page(number).text
    desk.press(number, "confirm")
    desk.work()
    assert (content_of_register(), audit.count_events()) == (before, events)


def test_what_somebody_did_meanwhile_counts_when_it_is_brought_in(desk: Desk) -> None:
    number = desk.check(LIST, FIELDS)
    assert run_of(number).added == 3
    cast.an_account("https://x.com/dunmorecouncil", title="Dunmore Council")
    desk.press(number, "confirm")
    desk.work()
    assert numbers(run_of(number))[:3] == (2, 0, 1)


def test_button_pressed_twice_or_late_does_nothing(desk: Desk) -> None:
    number = desk.bring_in(LIST, FIELDS)
    before = everything()
    for button in ("confirm", "discard"):
        assert desk.press(number, button).location == f"/accounts/imports/{number}"
    assert desk.choose(number, FIELDS).location == f"/accounts/imports/{number}"
    assert desk.client.get(f"/accounts/imports/{number}/columns").location == f"/accounts/imports/{number}"
    desk.work()
    assert everything() == before


def test_given_up_leaves_neither_file_nor_rows(desk: Desk) -> None:
    number = desk.check(LIST, FIELDS)
    assert desk.press(number, "discard").location == "/accounts/imports"
    assert [len(db.session.scalars(sa.select(one)).all()) for one in (ImportFile, ImportLine, Account)] == [0, 0, 0]
    assert desk.page(number).heading == "The file was given up"


# --- Rows -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_rejected_rows_come_back_mended(desk: Desk, form: str) -> None:
    number = desk.bring_in(LIST, FIELDS)
    content = desk.page(number, f"?fate=rejected&format={form}").data
    if form == "csv":
        rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))
    else:
        sheet = load_workbook(io.BytesIO(content)).active
        assert sheet is not None
        rows = [[cell or "" for cell in row] for row in sheet.iter_rows(values_only=True)]
    assert rows[0] == [*LIST[0], "Row in the file before", "What to mend"]
    assert [row[:6] for row in rows[1:]] == [[*LIST[3], "4"], [*LIST[4], "5"]]
    assert rows[2][6] == "The same account as row 2, which counts."
    rows[1][0] = "https://www.instagram.com/dunmorepost/"
    mended = as_csv(rows) if form == "csv" else workbook(*rows)
    again = desk.hand_in(mended)
    assert run_of(again).columns == [*FIELDS, "", ""]
    desk.choose(again, run_of(again).columns)
    desk.work()
    assert numbers(run_of(again))[:5] == (1, 1, 0, 0, 0)
    headings, _ = queries.to_mend(run_of(again), queries.Narrowed(rejected=True))
    assert headings == rows[0]


def test_rows_are_narrowed_by_their_fate_and_taken_along(desk: Desk) -> None:
    number = desk.bring_in(LIST, FIELDS)
    shown = {
        query: desk.page(number, f"?fate={query}").words("td", data_label="Row")
        for query in ("added", "updated", "unchanged", "duplicate", "refused", "rejected", "noted", "nonsense")
    }
    assert shown == {
        "added": ["2", "3", "6"], "updated": [], "unchanged": [], "duplicate": ["5"], "refused": ["4"],
        "rejected": ["4", "5"], "noted": ["6"], "nonsense": ["2", "3", "4", "5", "6"],
    }  # fmt: skip
    text = desk.page(number, "?fate=added&format=csv").data.decode("utf-8-sig")
    assert [row[:3] for row in csv.reader(io.StringIO(text))] == [
        ["row", "named", "fate"], ["2", "https://x.com/dunmorecouncil", "added"], ["3", LIBRARY, "added"],
        ["6", "https://www.facebook.com/dunmoreparks", "added"],
    ]  # fmt: skip
    noted = desk.page(number, "?fate=noted&format=csv").data.decode("utf-8-sig")
    assert next(csv.reader(io.StringIO(noted.partition("\n")[2])))[:3] == LIST[5][:3]


def test_account_tells_which_file_it_came_with(desk: Desk) -> None:
    number = desk.bring_in(LIST, FIELDS)
    account = the_account(key="dunmoreparks")
    page = desk.client.get(f"/accounts/{account.id}")
    assert "Came in with the file “list.csv” on" in " ".join(page.words("p"))
    assert page.all("a", href=f"/accounts/imports/{number}") != []
    page = desk.client.as_(cast.stranger()).get(f"/accounts/{account.id}")
    assert page.all("a", href=f"/accounts/imports/{number}") == []


# --- The guard --------------------------------------------------------------------------------------------


def closing(desk: Desk, there: int, closed: int) -> list[list[str]]:
    """A list that closes some of the accounts that are there."""
    addresses = [cast.an_account(f"https://x.com/guarded{number}").url for number in range(there)]
    return [["url", "state"], *([address, "closed"] for address in addresses[:closed])]


def files_so_far(desk: Desk) -> list[str]:
    """How many accounts the last file added and updated, and how many of its rows were rejected, as its list says."""
    return desk.client.get("/accounts/imports").words("td", class_="reg-table__number")[:3]


def test_file_that_closes_more_than_a_tenth_waits_for_the_number(desk: Desk) -> None:
    number = desk.check(closing(desk, 20, 3), ["url", "state"])
    page = desk.page(number)
    assert "It would close 3 of 20 accounts" in page.words("h2")
    for wrong in ("", "2", "three"):
        answer = desk.press(number, "confirm", closing=wrong)
        assert answer.errors == {
            "closing": "That is not the number of accounts that would be closed. Read the list again."
        }
    # The links of the page that answers a wrong number lead to the import, not to the button.
    here = f"/accounts/imports/{number}"
    links = {link.attrib["href"].partition("#")[0] for link in answer.all("a") if here in link.attrib["href"]}
    fates = ("added", "updated", "unchanged", "rejected", "noted")
    files = {f"{here}?format=csv", f"{here}?format=xlsx"}
    assert links == {here + "/columns", *(f"{here}?fate={fate}" for fate in fates), *files}
    assert {desk.client.get(href).status_code for href in links} == {200}
    assert run_of(number).state is ImportState.CHECKED
    assert files_so_far(desk) == ["–", "–", "–"]
    desk.press(number, "confirm", closing="3")
    desk.work()
    assert files_so_far(desk) == ["0", "3", "0"]
    assert db.session.scalar(sa.select(sa.func.count()).where(Account.state == State.CLOSED)) == 3
    assert [event.sentence for event in audit.history("import", number)][1] == (
        "Tomasz Bryk let list.csv close 3 of 20 accounts"
    )


@pytest.mark.parametrize(("there", "closed"), [(20, 2), (1, 1)])
def test_file_that_closes_few_needs_no_number(desk: Desk, there: int, closed: int) -> None:
    number = desk.bring_in(closing(desk, there, closed), ["url", "state"])
    assert run_of(number).state is ImportState.DONE


def test_register_that_shrank_since_the_yes_is_asked_again(desk: Desk) -> None:
    rows = closing(desk, 20, 2)
    number = desk.check(rows, ["url", "state"])
    desk.press(number, "confirm")
    for account in db.session.scalars(sa.select(Account).where(Account.key.in_([f"guarded{n}" for n in range(5, 15)]))):
        account.state = State.CLOSED
    before = content_of_register()
    desk.work()
    assert content_of_register() == before
    run = run_of(number)
    assert (run.state, run.confirmed_by_id, run.closing) == (ImportState.CHECKED, None, 2)
    assert run.reason.startswith("The register has changed since. This file would close 2 of 10 accounts")


# --- Taking it back ---------------------------------------------------------------------------------------


def test_undone_import_leaves_the_register_as_it_was(desk: Desk) -> None:
    cast.an_account(LIBRARY, title="The library", deputy=cast.organiser())
    accounts.change(account=the_account(), values={}, topics=["Books"], actor=cast.comms_officer())
    before = content_of_register()
    rows = [
        ["url", "title", "owner", "state", "topics", "place"],
        [LIBRARY, "Dunmore Libraries", "tomasz.bryk", "dormant", "Reading; films", "High Street"],
        ["https://x.com/dunmorecouncil?s=20", "Council", "nia.okafor", "", "Reading", ""],
    ]
    number = desk.bring_in(rows, rows[0])
    assert content_of_register() != before
    assert desk.press(number, "undo").location == f"/accounts/imports/{number}"
    assert desk.page(number).heading == "Taking the import back"
    desk.work()
    assert content_of_register() == before
    run = run_of(number)
    assert (run.state, run.restored, run.removed, run.left) == (ImportState.UNDONE, 6, 1, 0)
    assert desk.page(number).words("td", data_label="Why") == [
        "Put back: the name, the place, the owner, the team, the state, the topics.", "Removed from the register.",
    ]  # fmt: skip
    told = [event.sentence for event in db.session.scalars(sa.select(audit.Event).order_by(audit.Event.id))][-2:]
    assert told == [
        "Tomasz Bryk removed Council, which had come in with list.csv",
        "Tomasz Bryk took back the import of list.csv: 6 fields put back, 1 accounts removed, 0 left",
    ]
    assert audit.broken(audit.Event) == []
    assert desk.press(number, "undo").location == f"/accounts/imports/{number}"
    assert run_of(number).state is ImportState.UNDONE


def test_what_somebody_touched_since_is_left_and_named(desk: Desk) -> None:
    for name in ("one", "two"):
        cast.an_account(f"https://x.com/{name}", title=f"Old {name}")
    rows = [["url", "title", "purpose"], *([f"https://x.com/{name}", f"New {name}", "News"] for name in ("one", "two"))]
    rows += [[f"https://x.com/added{number}", f"Added {number}", ""] for number in range(4)]
    number = desk.bring_in(rows, rows[0])
    officer = cast.comms_officer()
    accounts.change(account=the_account(key="one"), values={"title": "Better"}, topics=None, actor=officer)
    accounts.review(account=the_account(key="added0"), actor=cast.library_officer())
    liked = the_account(key="added1")
    db.session.add(Contributor(account_id=liked.id, person_id=cast.stranger().id, since_at=now()))
    db.session.add(Alias(account_id=the_account(key="added2").id, url="https://elsewhere.example/", seen_at=now()))
    desk.press(number, "undo")
    desk.work()
    assert (the_account(key="one").title, the_account(key="one").purpose) == ("Better", "What is on in our libraries.")
    assert the_account(key="two").title == "Old two"
    left = {one.key for one in db.session.scalars(sa.select(Account))}
    assert left == {"one", "two", "added0", "added1"}
    page = desk.page(number, "?undone=left")
    assert page.words("td", data_label="Why") == [
        "Put back: the purpose. The name was changed since.",
        "It stays: Nia Okafor confirmed that Added 0 is still right.",
        "It stays, as something else in the register belongs to it by now.",
    ]
    assert run_of(number).left == 3


def test_owner_who_left_since_does_not_come_back(desk: Desk) -> None:
    cast.an_account(LIBRARY, owner=cast.stranger())
    number = desk.bring_in([["url", "owner"], [LIBRARY, "nia.okafor"]], ["url", "owner"])
    gone = cast.stranger()
    gone.state, gone.left_at = PersonState.LEFT, now()
    desk.press(number, "undo")
    desk.work()
    assert the_account().owner_id == cast.library_officer().id
    assert desk.page(number).words("td", data_label="Why") == [
        "Put back: the team. The owner of before does not work here any more."
    ]


def test_owner_who_was_merged_since_comes_back_as_who_they_are(desk: Desk) -> None:
    guest = cast.a_person("guest1", name="Mair Huws", kind=PersonKind.GUEST, directory_id=None)
    cast.an_account(LIBRARY, owner=guest)
    number = desk.bring_in([["url", "owner"], [LIBRARY, "nia.okafor"]], ["url", "owner"])
    kept = cast.a_person("mair.huws", name="Mair Huws")
    db.session.refresh(guest)
    merging.merge_guest(gone=guest, kept=kept, actor=cast.comms_officer())
    desk.press(number, "undo")
    desk.work()
    assert the_account().owner_id == kept.id


# --- Access to withdraw -----------------------------------------------------------------------------------


def against(account: Account) -> dict[str, set[str]]:
    """Against whom access to an account is to be withdrawn still, and why."""
    rows = db.session.execute(
        sa.select(Person.name, Withdrawal.because)
        .join(Person, Person.id == Withdrawal.person_id)
        .where(Withdrawal.account_id == account.id, Withdrawal.settled_at.is_(None))
    )
    found: dict[str, set[str]] = {}
    for name, because in rows:
        found.setdefault(name, set()).add(because.value)
    return found


def tick_one(account: Account) -> None:
    """Somebody ticks the first way in that is open."""
    way = db.session.scalars(sa.select(Withdrawal.id).order_by(Withdrawal.id)).first()
    assert way is not None
    withdrawing.settle(account=account, ids=[way], outcome=Outcome.DONE, actor=cast.comms_officer())


def test_file_that_names_other_people_asks_for_the_access_of_those_before(desk: Desk) -> None:
    account = cast.an_account(LIBRARY, deputy=cast.organiser())
    hand_overs.offer(account=account, taker=cast.stranger(), note="", stays_on=False, actor=cast.library_officer())
    db.session.add(Contributor(account_id=account.id, person_id=cast.ward_sister().id, since_at=now()))
    before = content_of_register()
    rows = [["url", "owner", "deputy"], [LIBRARY, "tomasz.bryk", "bronwen.rees"]]
    number = desk.bring_in(rows, rows[0])
    no_longer = {"they do not run it any more"}
    assert against(the_account()) == {"Nia Okafor": no_longer, "Farida Begum ফরিদা": no_longer}
    assert hand_overs.waiting(account.id) is None
    assert db.session.scalars(sa.select(Contributor)).all() == []
    desk.press(number, "undo")
    desk.work()
    assert (against(the_account()), content_of_register()) == ({}, before)


def test_file_that_closes_an_account_asks_for_the_access_of_all_who_ran_it(desk: Desk) -> None:
    account = cast.an_account(LIBRARY, deputy=cast.organiser())
    db.session.add(Contributor(account_id=account.id, person_id=cast.ward_sister().id, since_at=now()))
    rows = [["url", "owner", "state"], [LIBRARY, "tomasz.bryk", "closed"]]
    number = desk.bring_in(rows, rows[0])
    closed = {"it is closed"}
    assert against(the_account()) == {
        "Nia Okafor": {"they do not run it any more"}, "Farida Begum ফরিদা": closed, "Bronwen Rees": closed,
        "Tomasz Bryk": closed,
    }  # fmt: skip
    desk.press(number, "undo")
    desk.work()
    assert the_account().state is State.LIVE
    assert against(the_account()) == {}


def test_who_came_with_a_file_is_asked_for_where_somebody_has_acted_on_it(desk: Desk) -> None:
    account = cast.an_account(LIBRARY)
    number = desk.bring_in([["url", "owner"], [LIBRARY, "tomasz.bryk"]], ["url", "owner"])
    tick_one(account)
    desk.press(number, "undo")
    desk.work()
    assert against(the_account()) == {"Tomasz Bryk": {"they do not run it any more"}}
    ticked = sa.select(Person.name).join(Withdrawal, Withdrawal.person_id == Person.id)
    assert db.session.scalars(ticked.where(Withdrawal.outcome == Outcome.DONE)).all() == ["Nia Okafor"]


def test_many_other_owners_take_few_questions(desk: Desk, count_queries: Any) -> None:
    counted = []
    for size in (1, 30):
        links = [f"https://www.facebook.com/dunmore{size}x{number}" for number in range(size)]
        for link in links:
            cast.an_account(link, owner=cast.a_person())
        number = desk.check([["url", "owner"], *([link, "tomasz.bryk"] for link in links)], ["url", "owner"])
        desk.press(number, "confirm")
        db.session.commit()
        with count_queries() as ran:
            desk.work()
        counted.append(len([one for one in ran if not one.startswith("INSERT INTO event")]))
        assert db.session.scalar(sa.select(sa.func.count(sa.distinct(Withdrawal.account_id)))) == sum(
            (1, 30)[: len(counted)]
        )
    assert counted[0] == counted[1]


def test_number_of_a_removed_account_carries_no_history_to_the_next(desk: Desk) -> None:
    number = desk.bring_in([["url"], [LIBRARY]], ["url"])
    gone = the_account().id
    desk.press(number, "undo")
    desk.work()
    account = cast.an_account("https://x.com/next")
    assert [event.name for event in audit.history("account", account.id)] == ["account.approved", "account.proposed"]
    assert db.session.scalars(sa.select(ImportedAccount)).all() == []
    assert db.session.scalars(sa.select(audit.Event.id).where(audit.Event.subject_id == gone).where(
        audit.Event.name == "account.removed")).all() == []  # fmt: skip


# --- What is kept how long --------------------------------------------------------------------------------


def age(number: int, days: int) -> None:
    """Let it be so many days ago."""
    run = run_of(number)
    run.uploaded_at -= timedelta(days=days)
    if run.ended_at:
        run.ended_at -= timedelta(days=days)


def test_file_that_nobody_brings_in_is_deleted_after_a_week(desk: Desk) -> None:
    number = desk.check(LIST, FIELDS)
    age(number, 6)
    desk.work()
    assert run_of(number).state is ImportState.CHECKED
    age(number, 2)
    desk.work()
    assert (run_of(number).state, run_of(number).reason) == (
        ImportState.DISCARDED, "Nobody brought it in within seven days.",
    )  # fmt: skip
    assert [len(db.session.scalars(sa.select(one)).all()) for one in (ImportFile, ImportLine)] == [0, 0]


def test_rows_are_deleted_after_a_month_and_nothing_can_be_undone_then(desk: Desk) -> None:
    number = desk.bring_in(LIST, FIELDS)
    before = content_of_register()
    assert "Take this import back" in desk.page(number).words("button")
    age(number, 31)
    desk.work()
    assert db.session.scalars(sa.select(ImportLine)).all() == []
    page = desk.page(number)
    assert "Take this import back" not in page.words("button")
    assert "What became of each row was kept for 30 days." in page.words("p")
    desk.press(number, "undo")
    desk.work()
    assert content_of_register() == before


# --- The worker -------------------------------------------------------------------------------------------


def test_what_breaks_each_time_is_given_up_after_three(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(_import_id: int) -> None:
        raise ZeroDivisionError

    number = desk.hand_in(LIST)
    desk.choose(number, FIELDS)
    monkeypatch.setitem(worker.WORK, ImportState.CHECKING, breaks)
    for attempt in range(1, 4):
        desk.work()
        assert (run_of(number).attempts, run_of(number).state) == (attempt, ImportState.CHECKING)
    desk.work()
    assert run_of(number).state is ImportState.FAILED
    assert run_of(number).reason.startswith("The worker broke off 3 times. Nothing was changed.")


def test_given_up_while_the_worker_looks_at_it_stays_given_up(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    number = desk.hand_in(LIST)
    desk.choose(number, FIELDS)

    def keep_then_give_up(rows: Any, import_id: int) -> None:
        writing.keep_lines(rows, import_id)
        db.session.commit()
        desk.press(number, "discard")

    monkeypatch.setattr(worker, "keep_lines", keep_then_give_up)
    desk.work()
    assert run_of(number).state is ImportState.DISCARDED


def test_progress_is_a_piece_of_a_page_until_it_has_ended(desk: Desk) -> None:
    number = desk.hand_in(LIST)
    desk.choose(number, FIELDS)
    piece = desk.client.get(f"/accounts/imports/{number}", headers={"HX-Request": "true"}).text
    assert ('hx-trigger="every 2s"' in piece, "The worker begins within a minute." in piece) == (True, True)
    desk.work()
    piece = desk.client.get(f"/accounts/imports/{number}", headers={"HX-Request": "true"}).text
    assert ("hx-trigger" in piece, "It has ended." in piece) == (False, True)


@pytest.mark.parametrize("player", [cast.admin, cast.auditor, cast.library_officer])
def test_what_a_file_would_change_is_told_to_comms_alone(desk: Desk, player: Any) -> None:
    account = cast.an_account(LIBRARY, title="What nobody may know")
    account.visibility = Visibility.COMMS
    number = desk.check([["url", "title"], [LIBRARY, "Something else"]], ["url", "title"])
    assert "What nobody may know" in desk.page(number).text
    client = desk.client.as_(player())
    assert desk.upload([["url", "title"], [LIBRARY, "Something else"]]).status_code == 404
    for path in ("", f"/{number}", f"/{number}/columns"):
        assert client.get(f"/accounts/imports{path}").status_code == 404
    for verb in ("columns", "confirm", "undo", "discard"):
        assert client.post(f"/accounts/imports/{number}/{verb}").status_code == 404
    assert client.get("/accounts").all("a", href="/accounts/imports") == []
