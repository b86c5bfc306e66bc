"""Saved views: a list under a name, for oneself or shared, and the columns that somebody likes."""

import csv
import io

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask
from markup import words

from registry.accounts.saved.models import SavedView
from registry.audit import Event
from registry.db import db

SHARED = {"name": "Library pages", "asks": "q=library&platform=facebook&sort=-review", "shared": "yes"}


@pytest.fixture
def pages(app: Flask) -> None:
    """Two libraries and a ward."""
    cast.an_account("https://www.facebook.com/dunmorelibrary", title="Dunmore Library")
    cast.an_account("https://x.com/dunmorelibrary", title="Dunmore Library on X")
    cast.an_account("https://www.facebook.com/ward7", title="Ward 7", owner=cast.ward_sister(), purpose="Visiting")


def titles(page: Answer) -> list[str]:
    """The accounts of a page by title, in order."""
    rows = [cell for cell in page.all("th", scope="row")]
    return [words(next(cell.iter("a"))) for cell in rows]


def views_of(page: Answer) -> list[str]:
    """The views that stand above the list."""
    return [words(link).removesuffix(" (shared)") for link in page.all("a", class_="reg-views__link")]


def kept(name: str) -> SavedView:
    return db.session.scalars(sa.select(SavedView).where(SavedView.name == name)).one()


def events() -> list[str]:
    """What was written into the history of views."""
    return list(db.session.scalars(sa.select(Event.name).where(Event.name.startswith("view.")).order_by(Event.id)))


def test_a_view_leads_everybody_to_the_same_list(client: Browser, pages: None) -> None:
    nia = client.as_(cast.library_officer())
    answer = nia.post("/accounts/views/new", data=SHARED)
    view = kept("Library pages")
    assert (answer.status_code, answer.location) == (302, f"/accounts/views/{view.id}")
    colleague = client.as_(cast.stranger())
    page = colleague.get(colleague.get(f"/accounts/views/{view.id}").location)
    assert titles(page) == ["Dunmore Library"]
    assert page.request.args.to_dict() == {
        "q": "library", "platform": "facebook", "sort": "-review", "view": str(view.id)
    }  # fmt: skip
    assert page.words("title")[0].startswith("Accounts: Library pages")
    assert views_of(page) == ["All accounts", "Library pages"]
    assert [words(one) for one in page.all("a", class_="reg-views__link") if one.get("aria-current")] == [
        "Library pages (shared)"
    ]


def test_a_private_view_is_nobody_elses(client: Browser, pages: None) -> None:
    client.as_(cast.library_officer()).post("/accounts/views/new", data=SHARED | {"shared": "no"})
    view_id = kept("Library pages").id
    for person in (cast.stranger(), cast.comms_officer(), cast.admin()):
        other = client.as_(person)
        assert views_of(other.get("/accounts")) == []
        assert other.get(f"/accounts/views/{view_id}").status_code == 404
        assert other.get(f"/accounts/views/{view_id}/change").status_code == 404
        assert other.post(f"/accounts/views/{view_id}/remove").status_code == 404
    assert views_of(client.as_(cast.library_officer()).get("/accounts")) == ["All accounts", "Library pages"]
    assert events() == []  # What somebody keeps for themself is nobody's business.


def test_a_shared_view_is_changed_by_whose_it_is_and_by_comms_only(client: Browser, pages: None) -> None:
    client.as_(cast.library_officer()).post("/accounts/views/new", data=SHARED)
    view_id = kept("Library pages").id
    change = {"name": "Libraries", "asks": "q=library", "shared": "yes"}
    assert client.as_(cast.stranger()).post(f"/accounts/views/{view_id}/change", data=change).status_code == 404
    assert client.as_(cast.comms_officer()).post(f"/accounts/views/{view_id}/change", data=change).status_code == 302
    assert [(kept("Libraries").asks), kept("Libraries").person_id] == ["q=library", cast.library_officer().id]
    nia = client.as_(cast.library_officer())
    assert nia.post(f"/accounts/views/{view_id}/change", data=change | {"shared": "no"}).status_code == 302
    assert nia.post(f"/accounts/views/{view_id}/remove").location == "/accounts"
    assert db.session.scalars(sa.select(SavedView)).all() == []
    assert events() == ["view.shared", "view.changed", "view.ended"]


def test_a_change_takes_the_list_as_it_is_now(client: Browser, pages: None) -> None:
    nia = client.as_(cast.library_officer())
    nia.post("/accounts/views/new", data=SHARED)
    view_id = kept("Library pages").id
    page = nia.get(f"/accounts?q=library&platform=x&view={view_id}")
    (link,) = [one for one in page.all("a") if words(one) == "Keep these changes"]
    form = nia.get(str(link.get("href")))
    (asks,) = [one.get("value") for one in form.all("input", name="asks")]
    assert asks == "q=library&platform=x"
    nia.post(f"/accounts/views/{view_id}/change", data={"name": "Library pages", "asks": asks, "shared": "yes"})
    assert titles(nia.get(nia.get(f"/accounts/views/{view_id}").location)) == ["Dunmore Library on X"]


def test_a_name_is_there_once_for_each_person(client: Browser, pages: None) -> None:
    nia = client.as_(cast.library_officer())
    nia.post("/accounts/views/new", data=SHARED)
    again = nia.post("/accounts/views/new", data=SHARED)
    assert (again.status_code, list(again.errors)) == (422, ["name"])
    other = client.as_(cast.stranger())
    assert other.post("/accounts/views/new", data=SHARED).status_code == 302
    assert views_of(other.get("/accounts")) == ["All accounts", "Library pages", "Library pages"]


def test_a_view_keeps_what_a_list_can_ask_and_nothing_else(client: Browser, pages: None) -> None:
    nasty = "q=library&next=https://evil.example&format=csv&page=9&sort=password&platform=facebook&q=again&view=7"
    client.as_(cast.library_officer()).post("/accounts/views/new", data=SHARED | {"asks": nasty})
    assert kept("Library pages").asks == "q=library&q=again&platform=facebook"


def test_columns_are_remembered_for_the_person_and_make_the_file(client: Browser, pages: None) -> None:
    nia = client.as_(cast.library_officer())
    answer = nia.post("/accounts/columns", data={"asks": "q=library", "columns": ["place", "purpose"]})
    assert answer.location == "/accounts?q=library"

    def heads(page: Answer) -> list[str]:
        return [words(one) for one in page.all("th", scope="col")]

    assert heads(nia.get("/accounts")) == ["Account", "What it is for", "Place"]
    assert heads(nia.get("/accounts?columns=state")) == ["Account", "State"]
    rows = list(csv.reader(io.StringIO(nia.get("/accounts?q=ward&format=csv").get_data().decode("utf-8-sig"))))
    assert rows == [
        ["title", "platform", "handle", "url", "purpose", "place"],
        ["Ward 7", "facebook", "ward7", "https://www.facebook.com/ward7", "Visiting", ""],
    ]
    usual = ["Account", "Who answers", "Team", "State", "Next review"]
    assert heads(client.as_(cast.stranger()).get("/accounts")) == usual
    client.as_(cast.library_officer()).post("/accounts/columns", data={"asks": ""})
    assert heads(client.as_(cast.library_officer()).get("/accounts")) == usual


def test_every_column_can_be_shown(client: Browser, pages: None) -> None:
    every = "owner,team,state,review,platform,purpose,topics,place,language,signed,registered"
    page = client.as_(cast.comms_officer()).get(f"/accounts?columns={every}&q=ward")
    cells = [words(cell) for cell in page.all("td") if cell.get("data-label")]
    account = [cells[0], cells[1], cells[2], *cells[4:10]]
    assert account == [
        "BRBronwen Reesalone", "Community hospital", "LiveSemi-official", "Facebook", "Visiting", "", "", "English",
        "Everybody has signed",
    ]  # fmt: skip
