"""The pages of the readings: who sees them, who lets people go, and what they tell of a reading that still runs."""

import csv
import io
from datetime import timedelta

import cast
import openpyxl
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from harbour import Tree
from readings import days_later, events, states

from registry import jobs
from registry.config import Settings
from registry.db import db, now
from registry.people.models import Person, PersonKind, RunLine, SyncRequest, SyncResult, SyncRun, Turn, Way
from registry.people.run_pages import ASKED_BEFORE
from registry.people.runs import last_run
from registry.people.sync import sync

pytestmark = pytest.mark.sqlite_only  # What it is about asks little of the database.

WRONG = "That is not the number of people this reading would let go. Read the list again."


def play(part: cast.Part) -> Person:
    """Somebody of the cast, as a guest: who is not in the directory of a test must not be absent from it."""
    known = db.session.scalar(sa.select(Person).where(Person.username == part.username))
    return known or cast.a_person(
        part.username, name=part.name, roles=part.roles, kind=PersonKind.GUEST, directory_id=None
    )


def settings_of(app: Flask, tree: Tree) -> Settings:
    """The settings of a worker that reads ``tree``."""
    settings: Settings = app.config["SETTINGS"]
    return settings.model_copy(update={"ldap": tree.settings()})


def a_run(result: SyncResult = SyncResult.COMPLETE, **more: object) -> SyncRun:
    """A reading that began a minute ago; committed."""
    began = now() - timedelta(minutes=1)
    ended = None if result is SyncResult.RUNNING else now()
    run = SyncRun(**{"began_at": began, "ended_at": ended, "result": result, "way": Way.SWEEP, **more})
    db.session.add(run)
    db.session.commit()
    return run


def some_lines(run: SyncRun, number: int, turn: Turn, **more: object) -> list[str]:
    """Lines about people in teams of their own; gives their names, in order."""
    names = [f"{turn.value.capitalize()} {one:03}" for one in range(number)]
    for one, name in enumerate(names):
        person = cast.a_person(f"{turn.name}.{one}".lower(), name=name, team=("Docks", f"Team {one}"))
        db.session.add(RunLine(run_id=run.id, person_id=person.id, turn=turn, **more))
    db.session.commit()
    return names


def held(tree: Tree) -> int:
    """A directory of sixty people, of whom seven are gone at once; gives the number of the run."""
    dns = tree.add_many(60)
    sync(tree.settings())
    tree.remove(dns[:7])
    assert sync(tree.settings()).result == "held"
    run = last_run()
    assert run is not None
    number = run.id
    db.session.rollback()
    return number


# A held reading, from the page to the end.


@pytest.mark.ldap
def test_administrator_lets_people_go_who_are_really_gone(app: Flask, tree: Tree, client: Browser) -> None:
    number = held(tree)
    client.as_(play(cast.ADMIN))
    page = client.get("/directory")
    assert f"/directory/{number}" in [link.attrib["href"] for link in page.all("a")]
    assert "The last reading was held" in page.text
    page = client.get(f"/directory/{number}")
    assert "The directory fell from 60 people to 53." in page.text
    named = [words for words in page.words("th", scope="row")]
    assert [f"Hand{one:03}" for one in range(7)] == [name for name in named if name.startswith("Hand")]
    for wrong in ("6", "8", "53", "-7", "7.5", "seven"):
        answer = client.post(f"/directory/{number}", data={"leavers": wrong})
        assert (answer.status_code, answer.errors) == (422, {"leavers": WRONG})
    answer = client.post(f"/directory/{number}", data={"leavers": ""})
    assert (answer.status_code, answer.errors) == (422, {"leavers": "Enter the number of people who shall go."})
    assert db.session.scalars(sa.select(SyncRequest)).all() == []
    assert client.post(f"/directory/{number}", data={"leavers": " 7 "}).location == "/directory"
    assert events("directory.accepted") == [
        f"{cast.ADMIN.name} let 7 people go who were not in the directory"
    ]  # fmt: skip
    assert set(states().values()) == {"active"}  # The worker has not come to it yet.
    page = client.get("/directory")
    assert "A reading is waiting" in page.text
    assert jobs.read_as_asked(settings_of(app, tree)) == "complete"
    assert sorted(states().values()) == ["active"] * 54 + ["missing"] * 7
    assert jobs.read_as_asked(settings_of(app, tree)) == ""  # Once is enough.
    with days_later(2):
        sync(tree.settings())
    assert sorted(states().values()) == ["active"] * 54 + ["left"] * 7


@pytest.mark.ldap
def test_number_that_is_another_by_then_lets_nobody_go(app: Flask, tree: Tree, client: Browser) -> None:
    number = held(tree)
    client.as_(play(cast.ADMIN)).post(f"/directory/{number}", data={"leavers": "7"})
    tree.remove([tree.dn("hand050")])
    assert jobs.read_as_asked(settings_of(app, tree)) == "held"
    assert set(states().values()) == {"active"}


@pytest.mark.ldap
def test_only_the_latest_reading_can_go_on(app: Flask, tree: Tree, client: Browser) -> None:
    number = held(tree)
    sync(tree.settings())
    client.as_(play(cast.ADMIN))
    page = client.get(f"/directory/{number}")
    assert "Only the latest reading can go on." in page.text
    assert page.all("input", name="leavers") == []
    answer = client.post(f"/directory/{number}", data={"leavers": "7"})
    assert (answer.status_code, db.session.scalars(sa.select(SyncRequest)).all()) == (422, [])
    assert client.post(f"/directory/{number + 1}", data={"leavers": "7"}).status_code == 302


@pytest.mark.ldap
def test_reading_of_changes_in_between_makes_no_difference(app: Flask, tree: Tree, client: Browser) -> None:
    number = held(tree)
    assert sync(tree.settings(), way=Way.CHANGES).result == "complete"
    answer = client.as_(play(cast.ADMIN)).post(f"/directory/{number}", data={"leavers": "7"})
    assert answer.status_code == 302
    assert jobs.read_as_asked(settings_of(app, tree)) == "complete"


@pytest.mark.ldap
def test_reading_that_was_asked_for_is_not_asked_for_again_whatever_happens(
    app: Flask, tree: Tree, client: Browser
) -> None:
    client.as_(play(cast.COMMS_OFFICER)).post("/directory")
    settings = settings_of(app, tree)
    down = settings.model_copy(update={"ldap": tree.settings(uris=("ldap://127.0.0.1:1",), timeout=1)})
    assert "127.0.0.1:1" in jobs.read_as_asked(down)
    assert jobs.read_as_asked(settings) == ""
    assert db.session.scalars(sa.select(SyncRun.result)).all() == [SyncResult.FAILED]


@pytest.mark.ldap
def test_reading_that_breaks_in_a_way_nobody_thought_of_is_not_tried_every_minute(
    app: Flask, tree: Tree, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    client.as_(play(cast.ADMIN)).post("/directory")
    monkeypatch.setattr("registry.people.sync.absence.guard", lambda **_: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        jobs.read_as_asked(settings_of(app, tree))
    assert jobs.read_as_asked(settings_of(app, tree)) == ""


def test_comms_may_read_but_let_nobody_go(app: Flask, client: Browser) -> None:
    run = a_run(SyncResult.HELD, held=2, reason="Two people were not in the directory.")
    some_lines(run, 2, Turn.HELD)
    client.as_(cast.comms_officer())
    page = client.get(f"/directory/{run.id}")
    assert "Held 000" in page.words("th", scope="row")
    assert page.all("input", name="leavers") == []
    assert client.post(f"/directory/{run.id}", data={"leavers": "2"}).status_code == 404
    assert client.post("/directory", data={"way": "full"}).status_code == 302
    asked = db.session.scalars(sa.select(SyncRequest)).one()
    assert (asked.way, asked.accept_leavers) == (Way.FULL, None)


@pytest.mark.parametrize("part", [cast.STRANGER, cast.AUDITOR, cast.ORGANISER], ids=lambda part: part.username)
def test_nobody_else_sees_them(app: Flask, client: Browser, part: cast.Part) -> None:
    run = a_run(SyncResult.HELD, held=2)
    client.as_(cast.play(part))
    assert [client.get(path).status_code for path in ("/directory", f"/directory/{run.id}")] == [404, 404]
    for path in ("/directory", f"/directory/{run.id}"):
        assert client.post(path, data={"leavers": "2"}).status_code == 404
    assert db.session.scalars(sa.select(SyncRequest)).all() == []


def test_asking_twice_is_once(app: Flask, client: Browser) -> None:
    client.as_(cast.admin())
    run = a_run(SyncResult.HELD, held=3)
    assert client.post("/directory").status_code == 302
    assert ASKED_BEFORE not in client.get("/directory").text
    for path, data in (("/directory", {}), (f"/directory/{run.id}", {"leavers": "3"})):
        assert client.post(path, data=data).status_code == 302
        assert ASKED_BEFORE in client.get("/directory").text
    assert len(db.session.scalars(sa.select(SyncRequest)).all()) == 1


def test_page_with_a_mistake_in_it_leads_on(app: Flask, client: Browser) -> None:
    run = a_run(SyncResult.HELD, held=60, reason="Sixty people were not in the directory.")
    some_lines(run, 61, Turn.HELD)
    page = client.as_(cast.admin()).post(f"/directory/{run.id}", data={"leavers": "1"})
    assert "60 people were not in the directory for the first time, and one who was missing before" in page.text
    links = [link.attrib["href"] for link in page.all("a") if "/directory/" in link.attrib.get("href", "")]
    assert f"/directory/{run.id}?turn=held#who" in links
    assert f"/directory/{run.id}?page=2" in links
    assert {client.get(link.partition("#")[0]).status_code for link in links} == {200}


# The list.


def test_lines_are_chosen_by_turn_and_paged(app: Flask, client: Browser) -> None:
    run = a_run()
    joined, moved = some_lines(run, 60, Turn.JOINED), some_lines(run, 3, Turn.MOVED)
    other = a_run()
    some_lines(other, 1, Turn.LEFT)
    client.as_(cast.admin())

    def named(query: str) -> list[str]:
        page = client.get(f"/directory/{run.id}?{query}")
        return [name for name in page.words("th", scope="row")]

    size = len(named(""))
    assert named("") == joined[:size]
    assert named("page=2") == [*joined, *moved][size : 2 * size]
    assert named("turn=moved") == moved
    assert named("turn=joined&page=2") == joined[size:]
    assert named("turn=left") == []
    assert named("turn=nonsense") == joined[:size]
    words = client.get(f"/directory/{run.id}?turn=moved").words("li")
    assert [word for word in words if "(" in word] == ["Joined (60)", "Moved (3)"]


def test_what_is_exported_is_what_is_shown(app: Flask, client: Browser) -> None:
    run = a_run()
    some_lines(run, 60, Turn.JOINED)
    team = cast.a_person(team=("Quays",)).team_id
    some_lines(run, 2, Turn.MOVED, from_team_id=team)
    some_lines(run, 1, Turn.MANAGER, note="=Nia Pugh")
    client.as_(cast.admin())
    header = ["what", "name", "username", "team", "from_team", "note"]
    moved = [["moved", f"Moved {one:03}", f"moved.{one}", f"Docks / Team {one}", "Quays", ""] for one in range(2)]
    whole = list(csv.reader(io.StringIO(client.get(f"/directory/{run.id}?format=csv").text.lstrip("\ufeff"))))
    assert (whole[0], len(whole), whole[61:63]) == (header, 64, moved)
    assert whole[63][-1] == "'=Nia Pugh"  # No formula.
    some = client.get(f"/directory/{run.id}?turn=moved&page=7&format=csv").text.lstrip("\ufeff")
    assert list(csv.reader(io.StringIO(some))) == [header, *moved]
    file = client.get(f"/directory/{run.id}?turn=moved&format=xlsx").get_data()
    sheet = openpyxl.load_workbook(io.BytesIO(file)).active
    assert sheet is not None
    cells = [[value or "" for value in row] for row in sheet.iter_rows(values_only=True)]
    assert cells == [header, *moved]


# A reading that still runs.


def test_running_reading_tells_how_far_it_is(app: Flask, client: Browser) -> None:
    run = a_run(SyncResult.RUNNING, read=600, expected=1000)
    client.as_(cast.comms_officer())
    page = client.get(f"/directory/{run.id}")
    (said,) = page.words("p", role="status")
    assert said == "600 read, 10 a second, 400 left: about 40 seconds. You may close this page. Look again"
    piece = client.get(f"/directory/{run.id}", headers={"HX-Request": "true"})
    assert ("<html" in piece.text, piece.words("p", role="status"), "hx-get" in piece.text) == (False, [said], True)
    run.result, run.ended_at = SyncResult.COMPLETE, now()
    db.session.commit()
    piece = client.get(f"/directory/{run.id}", headers={"HX-Request": "true"})
    # It asks no more.
    assert ("<html" in piece.text, piece.words("p", role="status"), "hx-get" in piece.text) == (
        False, ["It has ended. See what it found"], False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("read", "expected", "said"),
    [
        (0, 0, "0 read. You may close this page. Look again"),
        (600, 0, "600 read, 10 a second. You may close this page. Look again"),
        (600, 500, "600 read, 10 a second, 0 left. You may close this page. Look again"),
        (6_000, 60_000, "6,000 read, 100 a second, 54,000 left: about 9 minutes. You may close this page. Look again"),
    ],
)
def test_running_reading_says_no_more_than_is_known(
    app: Flask, client: Browser, read: int, expected: int, said: str
) -> None:
    with time_machine.travel(now(), tick=False):  # The rate is reckoned from the clock.
        run = a_run(SyncResult.RUNNING, read=read, expected=expected)
        client.as_(cast.comms_officer())
        assert client.get(f"/directory/{run.id}").words("p", role="status") == [said]


def test_entries_that_could_not_be_read_are_listed(app: Flask, client: Browser) -> None:
    entries = [{"dn": "uid=<b>x</b>,dc=x", "reason": "has no uid or sAMAccountName that can be read"}]
    run = a_run(skipped=1, skipped_entries=entries)
    page = client.as_(cast.comms_officer()).get(f"/directory/{run.id}")
    assert page.words("th", scope="row") == ["uid=<b>x</b>,dc=x"]
    assert page.words("td")[-1:] == ["has no uid or sAMAccountName that can be read"]


def test_run_that_is_not_there_is_not_found(app: Flask, client: Browser) -> None:
    client.as_(cast.admin())
    assert [client.get("/directory/999").status_code, client.post("/directory/999").status_code] == [404, 404]
