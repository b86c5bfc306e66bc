"""The one error page, and the headers that every answer carries."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry.db import db
from registry.web import EVERYONE, HEADERS, LARGEST_POST, WORDS, allow

pytestmark = pytest.mark.sqlite_only  # What it is about asks little of the database.


@pytest.fixture(autouse=True)
def doors(app: Flask) -> None:
    """Pages that go wrong."""

    @app.route("/trip", methods=["GET", "POST"])
    @allow(EVERYONE)
    def trip() -> str:
        raise RuntimeError("the carpet")

    @app.route("/lost", methods=["GET"])
    @allow(EVERYONE)
    def lost() -> str:
        db.session.execute(sa.text("SELECT * FROM nowhere"))
        return ""


def answers(client: Browser) -> dict[int, Answer]:
    """One answer of each kind."""
    client.as_(cast.library_officer())
    told = [
        client.get("/"),
        client.get("/guidelines/nonsense"),
        client.post("/health"),
        client.post("/sign-out", csrf=False),
        client.post("/accounts/new", data={"title": "x" * LARGEST_POST}),
        client.post("/accounts/new"),
        client.get("/trip"),
        client.post("/sign-out"),
        client.post("/sign-out"),
    ]
    return {answer.status_code: answer for answer in told}


def test_every_answer_carries_every_header(client: Browser) -> None:
    told = answers(client)
    assert sorted(told) == [200, 302, 400, 401, 404, 405, 413, 422, 500]
    lacking = {
        status: [name for name, value in HEADERS.items() if answer.headers.get(name) != value]
        for status, answer in told.items()
    }
    assert lacking == {status: [] for status in told}
    assert {answer.headers.get("Cache-Control") for answer in told.values()} == {"no-store"}


def test_no_script_and_no_style_may_be_inline(client: Browser) -> None:
    policy = dict(part.split(" ", 1) for part in client.get("/sign-in").headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert (policy["script-src"], policy["style-src"]) == ("'self'", "'self'")
    assert (policy["form-action"], policy["base-uri"], policy["frame-ancestors"]) == ("'self'", "'none'", "'none'")


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(app: Flask, client: Browser) -> None:
    cookie = client.anonymous().get("/sign-in").headers["Set-Cookie"]
    assert {part.strip() for part in cookie.split(";")[1:]} >= {"HttpOnly", "SameSite=Lax", "Path=/"}


@pytest.mark.parametrize("status", [400, 401, 404, 405, 413, 500])
def test_an_error_is_told_in_words_with_what_to_do_next(client: Browser, status: int) -> None:
    page = answers(client)[status]
    heading, message = ("This page is no longer valid", "reload the page") if status == 400 else WORDS[status]
    assert page.heading == heading
    assert message in page.text
    assert "Go to the home page" in page.words("a")


@pytest.mark.parametrize("path", ["/nonsense", "/trip", "/lost"])
def test_the_error_page_asks_the_database_nothing(
    client: Browser, count_queries: Callable[[], AbstractContextManager[list[str]]], path: str
) -> None:
    client.as_(cast.library_officer())
    db.session.commit()
    with count_queries() as queries:
        client.get(path)
    assert [query for query in queries if "nowhere" not in query] == []


def test_the_error_page_tells_nothing_of_what_went_wrong(client: Browser) -> None:
    page = client.get("/trip")
    assert (page.status_code, "carpet" in page.text, "Traceback" in page.text) == (500, False, False)


def test_an_error_changes_nothing(app: Flask, client: Browser) -> None:
    from registry.people.models import Team

    @app.post("/half")
    @allow(EVERYONE)
    def half() -> str:
        db.session.add(Team(path="Half", name="Half"))
        db.session.flush()
        raise RuntimeError("the carpet")

    assert client.post("/half").status_code == 500
    assert db.session.scalars(sa.select(Team.path)).all() == []


def test_a_static_file_may_be_kept_for_a_year_under_its_own_address(client: Browser) -> None:
    page = client.get("/sign-in")
    href = next(
        link.attrib["href"] for link in page.all("link", rel="stylesheet") if "registry.css" in link.attrib["href"]
    )
    file = client.get(href, check=False)
    assert (file.status_code, file.mimetype) == (200, "text/css")
    assert file.headers["Cache-Control"] == "max-age=315360000, public, immutable"
    assert file.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(
    "path", ["/static/../registry/config.py", "/static/%2e%2e/pyproject.toml", "/static/registry.css"]
)
def test_nothing_else_is_served_as_a_file(client: Browser, path: str) -> None:
    assert client.get(path).status_code == 404


def test_every_file_that_a_page_names_is_there(client: Browser) -> None:
    page = client.get("/sign-in")
    named = {link.attrib["href"] for link in page.all("link")} | {one.attrib["src"] for one in page.all("script")}
    named |= {one.attrib["src"] for one in page.all("img")}
    named |= {one.attrib["href"].partition("#")[0] for one in page.tree.iter("use")}
    assert {path: client.get(path, check=False).status_code for path in named} == dict.fromkeys(named, 200)


def test_health_asks_the_database_nothing(
    client: Browser, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with count_queries() as queries:
        answer = client.get("/health")
    assert (answer.status_code, answer.text, queries) == (200, "ok\n", [])


@pytest.mark.parametrize(
    ("asked", "leads_to"),
    [
        ("/accounts?q=a", "/accounts?q=a"),
        ("https://elsewhere.example/", "/"),
        ("//elsewhere.example/", "/"),
        ("/\\elsewhere.example", "/"),
        ("\\\\elsewhere.example", "/"),
        ("javascript:alert(1)", "/"),
        ("/%0d%0aSet-Cookie:x=1", "/%0d%0aSet-Cookie:x=1"),
        ("/\r\nSet-Cookie: x=1", "/"),
        ("", "/"),
    ],
)
def test_nobody_is_sent_to_another_site_after_signing_in(client: Browser, asked: str, leads_to: str) -> None:
    client.as_(cast.library_officer())
    answer = client.get("/sign-in", query_string={"next": asked})
    assert (answer.status_code, answer.location) == (302, leads_to)
