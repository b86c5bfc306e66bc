"""The read API: a token reaches as far as its scopes go, and nothing is told beyond that."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import cast
import pytest
from browser import Answer, Browser
from flask import Flask

from registry import create_app
from registry.accounts.actions import topics_named
from registry.accounts.models import Account, Standing, Visibility
from registry.api import actions
from registry.api.models import ApiToken, Scope
from registry.config import Settings
from registry.db import db, now, today
from registry.lists import actions as lists
from registry.lists.models import Audience
from registry.people.models import Person, PersonState, Team

SCOPED = ("visibility", "team", "approved_at", "review_on", "closed_at", "owner", "deputy", "mailbox")


def a_token(*scopes: Scope, days: int = 30) -> str:
    """The words of a token with these scopes; committed."""
    _, words = actions.make(name="Website", scopes=scopes, expires_on=today() + timedelta(days=days), actor=None)
    db.session.commit()
    return words


def get(client: Browser, path: str, token: str = "", **headers: str) -> Answer:
    """What the API answers to a program with this token."""
    if token:
        headers["Authorization"] = f"Bearer {token}"
    return client.get(f"/api/v1/{path}", headers=headers)


def titles(answer: Answer) -> list[str]:
    return [one["title"] for one in answer.json["items"]]


@pytest.fixture
def closed(settings: Settings) -> Flask:
    """The same register, where it is not public."""
    return create_app(settings.model_copy(update={"public": False}))


# --- The door ---------------------------------------------------------------------------------------------


def test_nobody_gets_in_without_a_token_where_the_register_is_not_public(app: Flask, closed: Flask) -> None:
    words, outside = a_token(), Browser(closed)
    paths = ("accounts", "accounts/1", "people", "topics", "platforms", "lists", "lists/x", "openapi.json")
    answers = {path: get(outside, path) for path in paths}
    assert {path: one.status_code for path, one in answers.items()} == dict.fromkeys(paths, 401)
    assert {one.mimetype for one in answers.values()} == {"application/problem+json"}
    assert {one.headers["WWW-Authenticate"] for one in answers.values()} == {'Bearer realm="Social Account Registry"'}
    let_in = {path: get(outside, path, words).status_code for path in paths}
    assert let_in == {**dict.fromkeys(paths, 200), "accounts/1": 404, "people": 403, "lists/x": 404}
    with closed.app_context():
        db.session.remove()
        db.engine.dispose()


def test_every_route_of_the_api_has_that_door(app: Flask) -> None:
    from registry.web import TOKEN, allowed

    guarded = {rule.endpoint for rule in app.url_map.iter_rules() if TOKEN in allowed(app, rule.endpoint)}
    assert guarded == {rule.endpoint for rule in app.url_map.iter_rules() if str(rule).startswith("/api/")}
    assert {endpoint.partition(".")[0] for endpoint in guarded} == {"api"}


@pytest.mark.parametrize("header", ["Bearer", "Bearer ", "Bearer nonsense", "Basic abc", "", "\x80", "bearer  x y"])
def test_a_token_that_is_none_opens_nothing_though_anybody_may_read(
    client: Browser, shown: Account, header: str
) -> None:
    answer = client.get("/api/v1/accounts", headers={"Authorization": header})
    assert (answer.status_code, answer.json["title"]) == (401, "No way in")


def test_a_token_that_is_revoked_or_over_opens_nothing(client: Browser, shown: Account) -> None:
    good, over, revoked = a_token(), a_token(days=-1), a_token()
    last_day = a_token(days=0)
    token = db.session.query(ApiToken).filter_by(token_hash=ApiToken.hash_of(revoked)).one()
    actions.revoke(token=token, actor=None)
    told = [get(client, "accounts", one).status_code for one in (good, last_day, over, revoked, good[:-1], good + "x")]
    assert told == [200, 200, 401, 401, 401, 401]


def test_being_signed_in_opens_nothing(client: Browser, hidden: dict[str, Account]) -> None:
    client.as_(cast.admin())
    answer = get(client, "accounts?limit=200")
    assert titles(answer) == ["Dunmore Council"]
    assert "Set-Cookie" not in answer.headers


def test_the_use_of_a_token_is_remembered_now_and_then(client: Browser, shown: Account) -> None:
    words = a_token()
    get(client, "accounts", words)
    token = db.session.query(ApiToken).one()
    first = token.used_at
    assert first is not None
    get(client, "accounts", words)
    db.session.refresh(token)
    assert token.used_at == first
    token.used_at = now() - timedelta(minutes=11)
    get(client, "accounts", words)
    db.session.refresh(token)
    assert now() - token.used_at < timedelta(minutes=1)


# --- How far a token reaches ------------------------------------------------------------------------------


def test_anybody_is_told_what_is_for_everyone_and_nothing_scoped(client: Browser, hidden: dict[str, Account]) -> None:
    (told,) = get(client, "accounts").json["items"]
    assert told["title"] == "Dunmore Council"
    assert {name: told[name] for name in SCOPED} == dict.fromkeys(SCOPED)
    ids = {why: account.id for why, account in hidden.items()}
    answers = {why: get(client, f"accounts/{number}") for why, number in ids.items()}
    assert {why: one.status_code for why, one in answers.items()} == dict.fromkeys(hidden, 404)
    assert {one.data for one in answers.values()} == {get(client, "accounts/999999").data}


def test_the_scope_of_accounts_reaches_what_colleagues_see(client: Browser, hidden: dict[str, Account]) -> None:
    words = a_token(Scope.ACCOUNTS)
    seen = set(titles(get(client, "accounts?limit=200", words)))
    unseen = {"for comms", "personal, without consent", "taken out", "merged"}
    assert seen == {"Dunmore Council", *(f"Hidden {why}" for why in hidden if why not in unseen)}
    for why in unseen:
        assert get(client, f"accounts/{hidden[why].id}", words).status_code == 404
    told = get(client, f"accounts/{hidden['closed'].id}", words).json
    assert (told["state"], told["visibility"], told["team"]["path"]) == (
        "closed", "everyone", "Communities / Libraries",
    )  # fmt: skip
    assert (told["owner"], told["mailbox"]) == (None, None)


def test_people_and_mail_need_a_scope_each(client: Browser, shown: Account) -> None:
    shown.deputy_id, shown.mailbox = cast.ward_sister().id, "libraries@dunmore.example"
    told: dict[str, list[Any]] = {}
    for scopes in ((), (Scope.PEOPLE,), (Scope.MAIL,), (Scope.PEOPLE, Scope.MAIL)):
        one = get(client, f"accounts/{shown.id}", a_token(*scopes)).json
        owner = one["owner"] or {}
        told[" ".join(scopes)] = [owner.get("name"), owner.get("mail"), one["mailbox"]]
    address = "nia.okafor@dunmore.example"
    assert told == {
        "": [None, None, None], "people": ["Nia Okafor", None, None], "mail": [None, None, "libraries@dunmore.example"],
        "people mail": ["Nia Okafor", address, "libraries@dunmore.example"],
    }  # fmt: skip


def test_no_answer_holds_a_mail_address_or_a_note_without_leave(client: Browser, hidden: dict[str, Account]) -> None:
    for account in hidden.values():
        account.sent_back_reason = "Internal note"
    everything = (Scope.ACCOUNTS, Scope.PEOPLE)
    paths = ("accounts?limit=200", "people?limit=200", f"accounts/{hidden['closed'].id}", "lists", "topics")
    text = "".join(get(client, path, a_token(*everything)).text for path in paths)
    assert [word for word in ("@dunmore.example", "Internal note", "nia.okafor") if word in text] == []
    assert "Nia Okafor" in text


def test_people_are_those_who_answer_for_what_is_within_reach(client: Browser, hidden: dict[str, Account]) -> None:
    hidden["for comms"].owner_id = cast.organiser().id
    hidden["closed"].owner_id = cast.auditor().id
    hidden["for colleagues"].deputy_id = cast.ward_sister().id
    hidden["lost"].owner_id = cast.leaver().id
    assert get(client, "people").status_code == 403
    public = get(client, "people", a_token(Scope.PEOPLE)).json["items"]
    assert [one["name"] for one in public] == ["Nia Okafor"]
    inside = get(client, "people", a_token(Scope.PEOPLE, Scope.ACCOUNTS)).json["items"]
    assert sorted(one["name"] for one in inside) == ["Bronwen Rees", "Nia Okafor"]
    sister = next(one for one in inside if one["name"] == "Bronwen Rees")
    assert (sister["owns"], sister["deputises"], sister["mail"]) == ([], [hidden["for colleagues"].id], None)
    assert db.session.get(Person, cast.leaver().id).state is PersonState.LEFT


def test_lists_reach_as_far_as_accounts(client: Browser, hidden: dict[str, Account], shown: Account) -> None:
    for audience in Audience:
        made = lists.make(title=audience.value, topic="", about="", audience=audience, actor=cast.comms_officer())
        for account in (shown, hidden["for colleagues"], hidden["for comms"], hidden["closed"]):
            lists.add(follow_list=made, account=account, why="It answers.", actor=cast.comms_officer())
    told = {}
    for name, words in (("anybody", ""), ("inside", a_token(Scope.ACCOUNTS))):
        found = get(client, "lists", words).json["items"]
        told[name] = {one["slug"]: one["accounts"] for one in found}
        for one in found:
            whole = get(client, f"lists/{one['slug']}", words).json
            assert len(whole["entries"]) == one["accounts"]
    assert told == {"anybody": {"everyone": 1}, "inside": {"colleagues": 2, "everyone": 1}}
    assert [get(client, f"lists/{slug}").status_code for slug in ("colleagues", "maker")] == [404, 404]
    assert get(client, "lists/maker", a_token(Scope.ACCOUNTS)).status_code == 404
    (entry,) = get(client, "lists/everyone").json["entries"]
    assert entry == {
        "account_id": shown.id, "platform": "x", "handle": "@dunmore", "title": "Dunmore Council",
        "url": "https://x.com/dunmore", "feed": None, "why": "It answers.",
    }  # fmt: skip


# --- Questions --------------------------------------------------------------------------------------------


def test_who_has_left_answers_for_nothing_in_the_interface_either(client: Browser, shown: Account) -> None:
    token = a_token(Scope.PEOPLE, Scope.MAIL)
    shown.deputy_id = cast.ward_sister().id
    assert [one["owner"]["name"] for one in get(client, "accounts", token).json["items"]] == ["Nia Okafor"]
    cast.library_officer().state = PersonState.LEFT
    (told,) = get(client, "accounts", token).json["items"]
    assert (told["owner"], told["deputy"]["name"]) == (None, "Bronwen Rees")


def test_accounts_are_narrowed(client: Browser, shown: Account) -> None:
    other = cast.an_account(
        "https://bsky.app/profile/dunmore.bsky.social", title="In the blue", standing=Standing.PARTNER
    )
    db.session.refresh(other, ["topics"])
    other.topics, other.language = topics_named(["Bins", "Arts", "Local history"]), "cy"
    asked = ("platform=x", "platform=x&platform=bluesky", "standing=partner", "q=blue", "topic=arts", "language=cy",
             "state=live", "state=closed", "topic=nothing", "topic=Local%20%20history", "q=nia", "q=%22*")  # fmt: skip
    told = {query: titles(get(client, f"accounts?{query}")) for query in asked}
    both = ["Dunmore Council", "In the blue"]
    assert told == {
        "platform=x": both[:1], "platform=x&platform=bluesky": both, "standing=partner": both[1:], "q=blue": both[1:],
        "topic=arts": both[1:], "language=cy": both[1:], "state=live": both, "state=closed": [], "topic=nothing": [],
        "topic=Local%20%20history": both[1:], "q=nia": [], "q=%22*": both,
    }  # fmt: skip
    assert titles(get(client, "accounts?q=nia", a_token(*Scope))) == []
    assert get(client, f"accounts?team={shown.team_id}").status_code == 403
    inside = a_token(Scope.ACCOUNTS)
    assert titles(get(client, f"accounts?team={shown.team_id}", inside)) == both
    parent = db.session.get_one(Team, shown.team_id).parent_id
    assert titles(get(client, f"accounts?team={parent}", inside)) == both
    told = {
        query: titles(get(client, f"accounts?{query}", inside)) for query in ("sole=true", "late=true", "signed=no")
    }
    assert told == {"sole=true": both, "late=true": [], "signed=no": []}
    assert [get(client, f"accounts?{query}").status_code for query in ("sole=true", "late=true", "signed=no")] == [
        403
    ] * 3
    assert get(client, "topics").json["items"] == [
        {"name": name, "accounts": 1} for name in ("Arts", "Bins", "Local history")
    ]
    counts = {one["slug"]: one["accounts"] for one in get(client, "platforms").json["items"] if one["accounts"]}
    assert counts == {"x": 1, "bluesky": 1}


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("limit=0", "limit"), ("limit=201", "limit"), ("limit=x", "limit"), ("limit=1&limit=2", "limit"),
        ("platform=nonsense", "platform.0"), ("state=open", "state.0"), ("colour=red", "colour"),
        ("cursor=%00", "cursor"), ("cursor=abc", "cursor"), ("cursor=a", "cursor"),
        ("cursor=a1234567890", "cursor"), ("team=x", "team.0"),
        (f"team={10**20}", "team.0"), ("signed=maybe", "signed"),
    ],
)  # fmt: skip
def test_a_question_that_makes_no_sense_is_told_which_part(client: Browser, query: str, parameter: str) -> None:
    answer = get(client, f"accounts?{query}")
    assert (answer.status_code, answer.mimetype) == (422, "application/problem+json")
    assert [one["parameter"] for one in answer.json["errors"]] == [parameter]
    assert answer.json["detail"].startswith(f"{parameter}: ")


def test_going_on_tells_each_account_once_whatever_is_written_meanwhile(client: Browser, app: Flask) -> None:
    made = [cast.an_account(f"https://x.com/dm{number}", title=f"Account {number:02}") for number in range(11)]
    told, cursor, steps = [], "", 0
    while steps < 10:
        page = get(client, f"accounts?limit=3{cursor}").json
        told += [one["id"] for one in page["items"]]
        steps += 1
        # Meanwhile one is renamed to the other end of the alphabet, one that was told is hidden, one is new.
        made[steps].title, made[0].visibility = f"AAA {steps}", Visibility.COLLEAGUES
        made[1].title = "ZZZ"
        if steps == 2:
            made.append(cast.an_account("https://x.com/dmnew", title="AAA new"))
        if page["next"] is None:
            break
        cursor = f"&cursor={page['next']}"
    assert told == [one.id for one in made]
    assert steps == 4


def test_the_last_page_says_that_it_is(client: Browser, app: Flask) -> None:
    for number in range(4):
        cast.an_account(f"https://x.com/dm{number}", owner=cast.a_person())
    words = a_token(Scope.PEOPLE)
    assert get(client, "accounts?limit=4").json["next"] is None
    for path in ("accounts", "people"):
        first = get(client, f"{path}?limit=3", words).json
        second = get(client, f"{path}?limit=3&cursor={first['next']}", words).json
        assert ([len(one["items"]) for one in (first, second)], second["next"]) == ([3, 1], None)


def test_an_answer_is_not_sent_twice_and_kept_by_nobody_else(client: Browser, shown: Account) -> None:
    words = a_token(Scope.ACCOUNTS)
    inside, outside = get(client, "accounts", words), get(client, "accounts")
    assert [one.headers["Cache-Control"] for one in (inside, outside)] == ["private, no-cache", "public, max-age=60"]
    assert [one.headers["Vary"] for one in (inside, outside)] == ["Authorization", "Authorization"]
    for answer, token in ((inside, words), (outside, "")):
        again = get(client, "accounts", token, **{"If-None-Match": answer.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b"")
    assert [one.headers.get("Access-Control-Allow-Origin") for one in (inside, outside)] == [None, None]


def test_an_address_that_leads_nowhere_is_told_to_programs_in_their_way(client: Browser) -> None:
    answers = [client.get("/api/v1/nothing"), client.get("/api/"), client.post("/api/v1/accounts")]
    assert [(one.status_code, one.mimetype) for one in answers] == [
        (404, "application/problem+json"), (404, "application/problem+json"), (405, "application/problem+json"),
    ]  # fmt: skip
    assert answers[2].headers["Allow"] == "GET, HEAD, OPTIONS"


BUDGETS = {"accounts?limit=200": 3, "people?limit=200": 3, "lists": 2, "topics": 2}


def test_the_api_asks_as_often_for_forty_rows_as_for_one(
    client: Browser, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    words, counted, rows = a_token(*Scope), {}, 0
    get(client, "platforms", words)  # The first use is noted.
    for size in (1, 3, 40):
        while rows < size:
            rows += 1
            account = cast.an_account(
                f"https://x.com/dunmore{rows}", owner=cast.a_person(team=("Owners", str(rows))),
                deputy=cast.a_person(team=("Deputies", str(rows))),
            )  # fmt: skip
            db.session.refresh(account, ["topics"])
            account.topics = topics_named([f"topic {rows}"])
            lists.make(title=f"List {rows}", topic="", about="", audience=Audience.EVERYONE, actor=cast.a_person())
        counted[size] = {}
        for path in BUDGETS:
            with count_queries() as ran:
                assert get(client, path, words).status_code == 200
            counted[size][path] = len(ran)
    assert counted == {1: BUDGETS, 3: BUDGETS, 40: BUDGETS}
