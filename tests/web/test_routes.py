"""Every route against every role, from the route map: who gets in, who is sent to sign in, who sees nothing."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import cast
import pytest
from browser import Answer, Browser
from flask import Flask
from werkzeug.datastructures import ImmutableMultiDict
from world import PLAYERS, World, rules

from registry import web
from registry.db import now
from registry.people.models import Person, PersonState
from registry.roles import Role
from registry.web import EVERYONE, PUBLIC, allowed

ROLES: dict[str, set[str]] = {
    name: {Role.STAFF.value, *(part.roles if part else ())} if part else set() for name, part in PLAYERS.items()
}


#: What needs no token of a form, as its address holds a secret.
SEALED = {"asked.answer", "digest.stopped"}


#: What somebody's role opens, but only where it is their own.
NOT_THEIRS = {("admin", "writing.throw_away_page")}


def expected(app: Flask, endpoint: str, who: str, method: str) -> str:
    """What should happen to somebody who asks for a page."""
    names = allowed(app, endpoint)
    if (who, endpoint) in NOT_THEIRS:
        return "sees nothing"
    if names & {EVERYONE, PUBLIC} or names & ROLES[who]:
        return "gets in"
    if who == "anonymous":
        return "is sent to sign in" if method == "GET" else "is told to sign in"
    return "sees nothing"


def happened(answer: Answer) -> str:
    """What did happen."""
    if answer.status_code == 302 and answer.location.startswith("/sign-in?next="):
        return "is sent to sign in"
    words = {
        200: "gets in",
        302: "gets in",
        422: "gets in",
        409: "gets in",
        404: "sees nothing",
        401: "is told to sign in",
    }
    return words.get(answer.status_code, str(answer.status_code))


@pytest.mark.sqlite_only
@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("who", PLAYERS)
def test_a_role_gets_in_where_it_is_named_and_nowhere_else(
    app: Flask, client: Browser, world: World, who: str, method: str
) -> None:
    told = {}
    for rule in rules(app, method):
        path = world.path(app, rule, who)
        part = PLAYERS[who]
        client.as_(cast.play(part)) if part else client.anonymous()
        told[rule.endpoint] = happened(client.open(path, method=method))
    assert told == {rule.endpoint: expected(app, rule.endpoint, who, method) for rule in rules(app, method)}


def test_a_leaver_is_out_on_the_next_request(app: Flask, client: Browser) -> None:
    officer = cast.library_officer()
    assert client.as_(officer).get("/").status_code == 200
    officer.state, officer.left_at = PersonState.LEFT, now()
    assert client.get("/").location == "/sign-in?next=/"


def test_a_page_that_is_looked_at_changes_nothing(
    app: Flask, client: Browser, world: World, everyone_in_one: Person,
    everything: Callable[[], dict[str, list[tuple[Any, ...]]]],
) -> None:  # fmt: skip
    client.as_(everyone_in_one)
    before = everything()
    for rule in rules(app, "GET"):
        for method in ("GET", "HEAD", "OPTIONS"):
            client.open(world.path(app, rule, "staff"), method=method)
    assert everything() == before


def test_a_post_without_its_token_is_refused_and_changes_nothing(
    app: Flask, client: Browser, world: World, everyone_in_one: Person,
    everything: Callable[[], dict[str, list[tuple[Any, ...]]]],
) -> None:  # fmt: skip
    client.as_(everyone_in_one)
    before = everything()
    answers = {
        rule.endpoint: client.post(world.path(app, rule, "staff"), csrf=False).status_code
        for rule in rules(app, "POST")
        if rule.endpoint not in SEALED
    }
    assert answers == {rule.endpoint: 400 for rule in rules(app, "POST") if rule.endpoint not in SEALED}
    assert everything() == before


@pytest.mark.parametrize(
    "address",
    [
        "/accounts/{}",
        "/people/{}",
        "/directory/{}",
        "/guidelines/x/versions/{}",
        "/guests/{}",
        "/accounts/imports/{}",
        "/guidelines/register/{}",
        "/guidelines/declines/{}",
        "/meetups/{}",
        "/meetups/series/{}",
        "/meetups/cards/{}",
        "/discover/{}",
        "/discover/yours/{}",
        "/discover/campaigns/{}",
        "/discover/sweeps/{}",
    ],
)
@pytest.mark.parametrize("number", ["0", "2147483647", "2147483648", "9" * 40, "-1", "1.5", "٣", "1;drop"])
def test_an_id_that_cannot_be_is_a_page_that_is_not_there(
    client: Browser, everyone_in_one: Person, address: str, number: str
) -> None:
    assert client.as_(everyone_in_one).get(address.format(number)).status_code == 404


NASTY = (
    "9" * 18, "-1", "0", "nonsense", "\x00", "a\x00b", "\ud83d", "{{7*7}}", "<script>alert(1)</script>", "x" * 5_000,
    "\u202eolleh", "' OR 1=1 --", '"*', "٣", "%", "\n", "=1+1",
)  # fmt: skip


#: What pages ask their addresses for; the same in every test.
ASKED_FOR: dict[str, list[str]] = {}


@pytest.fixture
def asked_for(app: Flask, monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The names that pages have asked the address for, written down as they ask."""
    seen: set[str] = set()

    class Listening(ImmutableMultiDict[str, str]):
        def get(self, key: Any, *args: Any, **kwargs: Any) -> Any:
            seen.add(key)
            return super().get(key, *args, **kwargs)

        def getlist(self, key: Any, *args: Any, **kwargs: Any) -> Any:
            seen.add(key)
            return super().getlist(key, *args, **kwargs)

    monkeypatch.setattr(web, "ImmutableMultiDict", Listening)
    return seen


@pytest.fixture
def names_of(
    app: Flask, client: Browser, world: World, everyone_in_one: Person, asked_for: set[str]
) -> dict[str, list[str]]:
    """Of each page that asks its address for something: for what. With a ``q`` many a page asks for more."""
    client.as_(everyone_in_one)
    paths = [world.path(app, rule, "staff") for rule in rules(app, "GET")]
    for path in [one for one in paths if one not in ASKED_FOR]:
        asked_for.clear()
        for query in ("", "?q=a&format=nothing&address=x"):
            client.get(path + query, check=False)
        ASKED_FOR[path] = sorted(asked_for)
    return {path: ASKED_FOR[path] for path in paths if ASKED_FOR[path]}


def test_pages_say_what_they_ask_their_address_for(names_of: dict[str, list[str]]) -> None:
    assert names_of["/search"] == ["q"]
    assert names_of["/history"] == ["format", "page"]
    assert {"q", "platform", "sort", "page", "topic", "team"} <= set(names_of["/accounts"])
    assert len(names_of) > 30


@pytest.mark.parametrize("values", [NASTY[:6], NASTY[6:12], NASTY[12:]], ids=["numbers", "marks", "words"])
def test_no_query_breaks_a_page(client: Browser, names_of: dict[str, list[str]], values: tuple[str, ...]) -> None:
    told = {}
    for path, names in names_of.items():
        # A page that is asked for as a file looks at little else.
        for some in {tuple(names), tuple(name for name in names if name != "format")}:
            for value in values:
                query = urlencode(dict.fromkeys(some, value), errors="surrogatepass")
                told[f"{path}?{query[:80]}"] = client.get(f"{path}?{query}").status_code
    assert {path: status for path, status in told.items() if status not in (200, 302)} == {}


def test_the_catalogue_gives_htmx_a_piece_of_the_page(client: Browser, world: World) -> None:
    answer = client.as_(cast.stranger()).get("/accounts?q=library", headers={"HX-Request": "true"})
    assert (answer.status_code, "<html" in answer.text) == (200, False)
