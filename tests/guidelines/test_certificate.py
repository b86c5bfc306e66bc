"""The certificate of a sign-off, one's own list of them, and the register: who sees what, also of who has gone."""

import csv
import io
from datetime import timedelta

import cast
import openpyxl
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry.db import db, now, today
from registry.guidelines.models import Document, Version
from registry.guidelines.register import COLUMNS
from registry.people import forgetting, guests, merging
from registry.people.models import GuestKind, PersonState
from registry.roles import Role

REGISTER = "/guidelines/register"


@pytest.fixture
def document(app: Flask) -> Document:
    """Guidelines that Nia has signed herself, and the ward sister on paper."""
    made = cast.a_document("Social media")
    cast.an_account(deputy=cast.ward_sister())
    cast.sign(made, cast.library_officer())
    cast.enter(made, cast.ward_sister())
    db.session.commit()
    return made


def told(page: Answer) -> dict[str, str]:
    """What the page says, by what it is."""
    return dict(zip(page.words("dt"), page.words("dd"), strict=True))


def named(page: Answer) -> list[str]:
    """Who is on the list, in order."""
    return [one.partition(" ")[0] for one in page.words("th", scope="row")]


def test_certificate_tells_who_signed_what_when_and_how(client: Browser, document: Document) -> None:
    page = client.as_(cast.library_officer()).get(f"{REGISTER}/1")
    version = db.session.scalars(sa.select(Version)).one()
    assert page.heading == "Certificate of sign-off 1"
    assert page.words("p", class_="reg-certificate__who") == ["Nia Okafor"]
    assert (told(page)["SHA-256 of the text"], told(page)["Team that day"]) == (
        version.sha256, "Communities / Libraries",
    )  # fmt: skip
    assert page.words("ul", class_="reg-proofs") == [
        "The row is as it was sealed when it was added. The register holds the exact text that was signed."
    ]
    paper = client.as_(cast.ward_sister()).get(f"{REGISTER}/2")
    assert (told(paper)["How they agreed"], "signed, as entered by Elan Clerk" in paper.text) == ("Sheet 7.", True)
    version.text = "Anything goes."
    assert "The text in the register is not the one that was signed." in client.get(f"{REGISTER}/2").text


def test_certificate_is_for_the_person_and_for_who_watches(client: Browser, document: Document) -> None:
    manager = cast.a_person("her.manager", name="Her Manager")
    cast.library_officer().manager_id = manager.id
    seen = {
        one.username: client.as_(one).get(f"{REGISTER}/1").status_code
        for one in (cast.library_officer(), manager, cast.ward_sister(), cast.organiser(), cast.comms_officer(),
                    cast.auditor(), cast.admin())
    }  # fmt: skip
    assert seen == {
        "nia.okafor": 200, "her.manager": 404, "bronwen.rees": 404, "farida.begum": 404, "tomasz.bryk": 200,
        "aoife.bhriain": 200, "søren.lund": 200,
    }  # fmt: skip


def test_certificate_outlives_who_left_and_who_was_forgotten(client: Browser, document: Document) -> None:
    officer = cast.library_officer()
    officer.state, officer.left_at = PersonState.LEFT, now() - timedelta(days=800)
    db.session.commit()
    auditor = client.as_(cast.auditor())
    assert auditor.get(f"{REGISTER}/1").words("p", class_="reg-certificate__who") == ["Nia Okafor"]
    forgetting.forget(person=officer, keep_days=730)
    db.session.commit()
    assert auditor.get(f"{REGISTER}/1").words("p", class_="reg-certificate__who") == ["Nia Okafor"]
    assert named(auditor.get(f"{REGISTER}?q=okafor")) == ["Nia"]


def test_certificate_of_who_was_merged_is_whom_they_were_merged_into(client: Browser, document: Document) -> None:
    made = guests.add(
        name="Mair Huws", mail="", title="Warden", team=None, kind=GuestKind.VOLUNTEER, sponsor=cast.library_officer(),
        ends_on=today(), actor=cast.comms_officer(),
    )  # fmt: skip
    cast.sign(document, made)
    kept = cast.a_person("mair.huws", name="Mair Huws-Rees")
    merging.merge_guest(gone=made, kept=kept, actor=cast.comms_officer())
    mair = client.as_(kept)
    assert mair.get(f"{REGISTER}/3").words("p", class_="reg-certificate__who") == ["Mair Huws"]
    assert mair.get(f"{REGISTER}/mine").words("th", scope="row") == ["Social media, version 1"]
    assert named(client.as_(cast.auditor()).get(f"{REGISTER}?q=Huws-Rees")) == ["Mair"]


def test_own_list_says_what_was_signed_and_what_is_not_ones_own(client: Browser, document: Document) -> None:
    sister = client.as_(cast.ward_sister())
    assert sister.get(f"{REGISTER}/mine").words("td") == [
        f"{today().day} {today():%B %Y}", "On paper, entered by Elan Clerk",
        "Certificate of Social media, version 1",
    ]  # fmt: skip
    sister.post(f"{REGISTER}/2/not-mine", data={})
    assert sister.get(f"{REGISTER}/mine").words("td")[1] == "Not yours, as you said"
    assert "says that it is not theirs" in client.as_(cast.auditor()).get(f"{REGISTER}/2").text
    assert client.as_(cast.stranger()).get(f"{REGISTER}/mine").words("h2") == ["Nothing yet"]


def test_register_is_found_narrowed_and_paged(client: Browser, document: Document) -> None:
    auditor = client.as_(cast.auditor())
    assert named(auditor.get(REGISTER)) == ["Bronwen", "Nia"]
    found = {
        query: named(auditor.get(f"{REGISTER}?{query}"))
        for query in ("q=NIA", "q=bronwen+hospital", "q=libraries", "q=zzz", "method=on+paper", "method=nonsense",
                      f"document={document.id}", "document=99", "q=100%25")
    }  # fmt: skip
    assert found == {
        "q=NIA": ["Nia"], "q=bronwen+hospital": ["Bronwen"], "q=libraries": ["Nia"], "q=zzz": [],
        "method=on+paper": ["Bronwen"], "method=nonsense": ["Bronwen", "Nia"],
        f"document={document.id}": ["Bronwen", "Nia"], "document=99": [], "q=100%25": [],
    }  # fmt: skip
    for number in range(50):
        cast.sign(document, cast.a_person(name=f"Signer {number}"))
    assert (len(named(auditor.get(REGISTER))), named(auditor.get(f"{REGISTER}?page=2"))) == (50, ["Bronwen", "Nia"])
    denied = {role: client.as_(cast.a_person(roles=(role,))).get(REGISTER).status_code for role in tuple(Role)[1:]}
    assert denied == {Role.ORGANISER: 404, Role.COMMS: 200, Role.AUDITOR: 200, Role.ADMIN: 200}


def test_register_is_taken_along_as_it_is_shown(client: Browser, document: Document) -> None:
    cast.sign(document, cast.a_person("odd", name="=HYPERLINK(1)"))
    auditor = client.as_(cast.auditor())
    text = auditor.get(f"{REGISTER}?format=csv").get_data().decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert tuple(rows[0]) == COLUMNS
    assert [row[1] for row in rows[1:]] == ["'=HYPERLINK(1)", "Bronwen Rees", "Nia Okafor"]
    assert rows[2][7:11] == ["on paper", "0", "Sheet 7.", "Elan Clerk"]
    only = list(csv.reader(io.StringIO(auditor.get(f"{REGISTER}?q=nia&format=csv").get_data().decode("utf-8-sig"))))
    assert [row[1] for row in only[1:]] == ["Nia Okafor"]
    book = openpyxl.load_workbook(io.BytesIO(auditor.get(f"{REGISTER}?format=xlsx").get_data()))
    cells = [[cell.value for cell in row] for row in book.active.iter_rows()]  # type: ignore[union-attr]
    assert (tuple(cells[0]), [row[1] for row in cells[1:]]) == (
        COLUMNS, ["=HYPERLINK(1)", "Bronwen Rees", "Nia Okafor"],
    )  # fmt: skip
