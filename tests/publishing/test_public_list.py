"""The list of accounts that are for everyone: a page, files for other sites; nothing else gets out."""

import csv
import io
import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

import cast
import pytest
from browser import Browser
from flask import Flask
from markup import faults_of

from registry.accounts.actions import topics_named
from registry.accounts.models import Account, Standing, Visibility
from registry.config import Settings
from registry.db import db
from registry.lists import actions as lists
from registry.lists.models import Audience
from registry.people.models import PersonState
from registry.public import files

FILES = ("accounts.json", "accounts.csv", "accounts.html", "changes.atom")
#: What no answer for people outside may hold: the people behind the accounts, and what is said among colleagues.
INSIDE = ("Nia Okafor", "nia.okafor", "Tomasz", "Communities", "Libraries/", "@dunmore.example", "Hidden")


def outside_paths(app: Flask) -> list[str]:
    """Every address of the public pages."""
    rules = (str(rule) for rule in app.url_map.iter_rules() if rule.endpoint.startswith("public."))
    return sorted(rule.replace("<shared_slug>", "libraries") for rule in rules if "<name>" not in rule)


def test_the_page_finds_and_narrows(client: Browser, shown: Account) -> None:
    cast.an_account("https://bsky.app/profile/dunmore.bsky.social", title="Dunmore in the blue", purpose="Weather.")
    told = {
        query: client.get(f"/public{query}").words("h3")
        for query in ("", "?q=blue", "?platform=x", "?platform=nonsense", "?q=weather&platform=x", "?q=bsky")
    }
    both = ["Dunmore Council", "Dunmore in the blue"]
    assert told == {
        "": both, "?q=blue": both[1:], "?platform=x": both[:1], "?platform=nonsense": both,
        "?q=weather&platform=x": ["No account fits"] * 0, "?q=bsky": both[1:],
    }  # fmt: skip
    assert client.get("/public?q=weather&platform=x").words("h2")[-1] == "No account fits"


def test_nobody_finds_an_account_by_the_name_of_its_people(client: Browser, shown: Account) -> None:
    told = {word: client.get(f"/public?q={word}").words("h3") for word in ("nia", "okafor", "tomasz")}
    assert told == {"nia": [], "okafor": [], "tomasz": []}


def test_nothing_of_inside_is_in_any_answer_for_people_outside(
    app: Flask, client: Browser, hidden: dict[str, Account]
) -> None:
    made = lists.make(title="Libraries", topic="", about="", audience=Audience.EVERYONE, actor=cast.library_officer())
    for why, account in hidden.items():
        if why != "merged":  # What was said of that one is said of the one that it turned out to be.
            words = f"Hidden words on {account.title}"
            lists.add(follow_list=made, account=account, why=words, actor=cast.comms_officer())
    # Anybody could see these two until then, and is told that they are ours no more.
    hidden["closed"].title, hidden["handle is somebody else’s"].title = "Dunmore Lido", "Dunmore Baths"
    mine = hidden["for comms"]
    mine.sent_back_reason, mine.mailbox, mine.place = "Hidden reason", "hidden@dunmore.example", "Hidden place"
    paths = [*outside_paths(app), *(f"/public/{name}" for name in FILES)]
    paths += ["/public/lists/libraries?format=csv", "/public/lists/libraries?format=opml"]
    paths += ["/public?q=hidden", "/public?page=2"]
    found = {}
    for path in paths:
        answer = client.anonymous().get(path)
        assert answer.status_code == (400 if path == "/verify.json" else 200), path
        found[path] = [word for word in INSIDE if word in answer.text]
    assert {path: words for path, words in found.items() if words} == {}


def test_what_names_somebody_is_their_own_account_alone(client: Browser, shown: Account) -> None:
    mine = cast.an_account("https://x.com/niareads", title="A reader", standing=Standing.PERSONAL)
    people = {}
    for visibility in (Visibility.COLLEAGUES, Visibility.EVERYONE):
        mine.visibility = visibility
        rows = client.get("/public/accounts.json?fresh").json["accounts"]
        people[visibility.value] = [one["person"] for one in rows]
        # No event tells of this change here, as one would where people make it.
        client.application.extensions.pop("public files")
    assert people == {"colleagues": [None], "everyone": [None, "Nia Okafor"]}
    for state, told in ((PersonState.DISABLED, [None, None]), (PersonState.LEFT, [None])):
        cast.library_officer().state = state
        assert [one["person"] for one in client.get("/public/accounts.json").json["accounts"]] == told
        client.application.extensions.pop("public files")


def test_the_spreadsheet_holds_the_list(client: Browser, shown: Account) -> None:
    cast.an_account("https://bsky.app/profile/dunmore.bsky.social", title="=In the blue")
    answer = client.get("/public/accounts.csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="accounts.csv"'
    assert list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))) == [
        ["title", "platform", "handle", "url", "standing", "purpose", "language", "topics", "person"],
        [
            "'=In the blue", "Bluesky", "'@dunmore.bsky.social", "https://bsky.app/profile/dunmore.bsky.social",
            "semi-official", "What is on in our libraries.", "en", "", "",
        ],
        [
            "Dunmore Council", "X", "'@dunmore", "https://x.com/dunmore", "official", "What is on in our libraries.",
            "en", "", "",
        ],
    ]  # fmt: skip


def test_the_json_is_the_same_until_something_changes(client: Browser, shown: Account) -> None:
    cast.an_account("https://bsky.app/profile/dunmore.bsky.social", title="Another")
    first = client.get("/public/accounts.json")
    assert [one["key"] for one in first.json["accounts"]] == ["dunmore.bsky.social", "dunmore"]
    assert (first.json["organisation"], first.headers["Cache-Control"]) == ("Dunmore Council", "public, max-age=300")
    assert first.headers["Access-Control-Allow-Origin"] == "*"
    cast.an_account("https://x.com/dmcolleagues", live=False)  # Nobody outside is to notice, by the tag either.
    again = client.get("/public/accounts.json", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    db.session.refresh(shown, ["topics"])
    shown.topics = topics_named(["Bins", "Arts"])
    cast.an_account("https://x.com/dmnew")
    later = client.get("/public/accounts.json", headers={"If-None-Match": first.headers["ETag"]})
    assert {one["key"]: one["topics"] for one in later.json["accounts"]} == {
        "dunmore.bsky.social": [], "dunmore": ["Arts", "Bins"], "dmnew": [],
    }  # fmt: skip


def test_other_sites_may_put_the_html_into_a_frame_and_no_other_page(client: Browser, shown: Account) -> None:
    shown.language = "cy"
    framed = client.get("/public/accounts.html", check=False)
    assert faults_of(framed.text) == []
    assert framed.text.startswith("<!DOCTYPE html>")
    assert [one.get("lang") for one in (*framed.all("p"), *client.get("/public").all("p", lang="cy"))] == ["cy"] * 2
    assert "frame-ancestors *" in framed.headers["Content-Security-Policy"]
    assert "script-src 'self'" in framed.headers["Content-Security-Policy"]
    assert "X-Frame-Options" not in framed.headers
    assert [one.tag for one in framed.tree.iter() if one.tag in ("script", "form", "iframe", "input")] == []
    assert client.get("/public/accounts.css").mimetype == "text/css"
    page = client.get("/public")
    assert page.headers["X-Frame-Options"] == "DENY"
    assert "frame-ancestors 'none'" in page.headers["Content-Security-Policy"]


def test_what_is_typed_into_an_account_is_text_in_every_file(client: Browser, shown: Account) -> None:
    shown.title = shown.purpose = "<script>alert(1)</script>&"
    framed = client.get("/public/accounts.html")
    assert framed.all("script") == []
    assert framed.words("a")[0].startswith("<script>alert(1)</script>&")
    assert faults_of(framed.text) == []
    assert "<script>" not in client.get("/public/changes.atom").text


def test_no_other_file_is_there(client: Browser) -> None:
    names = ("accounts.xml", "..%2Fregistry.toml", "accounts.json%00", ".env", "lists.json")
    assert {name: client.get(f"/public/{name}").status_code for name in names} == dict.fromkeys(names, 404)


def test_a_public_list_shows_what_is_for_everyone(client: Browser, shown: Account, hidden: dict[str, Account]) -> None:
    made = lists.make(title="Begin here", topic="", about="", audience=Audience.EVERYONE, actor=cast.comms_officer())
    inside = lists.make(title="Inside", topic="", about="", audience=Audience.COLLEAGUES, actor=cast.comms_officer())
    for account in (*hidden.values(), shown):
        lists.add(follow_list=made, account=account, why="It answers.", actor=cast.comms_officer())
    page = client.anonymous().get("/public/lists/begin-here")
    assert (page.words("h3"), page.all("s")) == (["Dunmore Council"], [])
    assert client.get(f"/public/lists/{inside.slug}").status_code == 404
    index = client.get("/public/lists")
    assert index.words("a", class_="reg-tile-card__name") == ["Begin here"]
    assert index.words("p", class_="reg-tile-card__note") == ["1 account"]


def test_the_command_writes_the_files_that_the_pages_show(
    client: Browser, settings: Settings, shown: Account, tmp_path: Path
) -> None:
    folder, command = tmp_path / "site" / "accounts", str(Path(sys.executable).with_name("registry"))
    db.session.commit()
    variables = {  # The switch is not among them: the files are for a website, not for this server.
        "PATH": os.environ["PATH"], "REGISTRY_INSTANCE": str(settings.instance),
        "REGISTRY_DATABASE_URL": settings.database_url.get_secret_value(),
        "REGISTRY_ORGANISATION": settings.organisation, "REGISTRY_ADDRESS": settings.address,
    }  # fmt: skip
    done = subprocess.run(
        [command, "publish", str(folder)], capture_output=True, text=True, timeout=60, check=False, env=variables
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [f"{folder / name}: written" for name in files.FILES]
    assert {path.name: oct(path.stat().st_mode)[-3:] for path in folder.iterdir()} == dict.fromkeys(files.FILES, "644")
    assert oct(folder.stat().st_mode)[-3:] == "755"
    served = {name: client.get(f"/public/{name}", check=False).data for name in files.FILES}
    assert {name: (folder / name).read_bytes() for name in files.FILES} == served


def test_what_has_not_changed_is_not_written_again(app: Flask, shown: Account, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    with app.test_request_context():
        assert files.publish(folder) == list(files.FILES)
        dates = {path.name: path.stat().st_mtime_ns for path in folder.iterdir()}
        assert files.publish(folder) == []
        assert {path.name: path.stat().st_mtime_ns for path in folder.iterdir()} == dates
        cast.an_account("https://x.com/dmnew", title="New")
        assert files.publish(folder) == ["accounts.json", "accounts.csv", "accounts.html", "changes.atom"]
    assert len(json.loads((folder / "accounts.json").read_text("utf-8"))["accounts"]) == 2


def test_a_file_that_cannot_be_written_leaves_nothing_half_done(
    app: Flask, shown: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "accounts.json").write_text("as it was")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with app.test_request_context(), pytest.raises(OSError, match="No space"):
        files.publish(folder)
    assert {path.name: path.read_text() for path in folder.iterdir()} == {"accounts.json": "as it was"}


BUDGETS = {"/public": 6, "/public?q=dunmore": 5, "/public/lists": 2, "/public/lists/list-1": 3}


def test_a_public_page_asks_as_often_for_forty_rows_as_for_one(
    client: Browser, shown: Account, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counted, rows, first = {}, 0, None
    for size in (1, 3, 40):
        while rows < size:
            rows += 1
            account = cast.an_account(f"https://x.com/dunmore{rows}", owner=cast.a_person(team=("Team", str(rows))))
            db.session.refresh(account, ["topics"])
            account.topics = topics_named([f"topic {rows}"])
            made = lists.make(
                title=f"List {rows}", topic="", about="", audience=Audience.EVERYONE, actor=cast.a_person()
            )
            first = first or made
            if rows < 30:
                lists.add(follow_list=first, account=account, why="It is good.", actor=cast.comms_officer())
        counted[size] = {}
        for path in BUDGETS:
            with count_queries() as ran:
                assert client.get(path).status_code == 200
            counted[size][path] = len(ran)
    assert counted == {1: BUDGETS, 3: BUDGETS, 40: BUDGETS}
