"""Is this account ours? Yes for what is live and for everyone, the same no for all else, and nothing is kept."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from statistics import median
from time import perf_counter
from urllib.parse import quote

import cast
import pytest
from browser import Browser
from flask import Flask
from hidden import HIDDEN
from sqlalchemy import event

from registry import create_app
from registry.accounts.actions import add_alias
from registry.accounts.expectations import actions as expectations
from registry.accounts.expectations.actions import Place
from registry.accounts.expectations.models import Reply
from registry.accounts.models import Account, Standing, Visibility
from registry.accounts.naming import actions as naming
from registry.accounts.platforms import Resolved, resolve
from registry.config import Settings
from registry.db import db
from registry.public import queries

NEVER_SEEN = "https://x.com/neverseen"


def ask(client: Browser, address: str, path: str = "/verify") -> object:
    return client.anonymous().get(f"{path}?url={quote(address, safe='')}")


def test_an_account_that_is_ours_is_told_so(client: Browser, shown: Account) -> None:
    for typed in ("https://x.com/Dunmore", "twitter.com/dunmore?lang=en", "https://mobile.twitter.com/dunmore"):
        page = ask(client, typed)
        assert page.words("h2")[0] == "Yes, this account is ours"
        assert page.words("h3") == ["Dunmore Council"]
        assert ask(client, typed, "/verify.json").json == {
            "ours": True,
            "account": {
                "platform": "x", "platform_name": "X", "kind": "profile", "key": "dunmore",
                "url": "https://x.com/dunmore", "handle": "@dunmore", "title": "Dunmore Council",
                "purpose": "What is on in our libraries.", "standing": "official", "language": "en", "place": "",
                "topics": [], "person": None, "expectations": [],
            },
        }  # fmt: skip
    by_handle = client.get("/verify.json?url=@dunmore&platform=x")
    assert by_handle.json["ours"] is True


def test_an_account_on_a_server_of_our_own_is_ours_by_the_address_that_we_list(client: Browser, app: Flask) -> None:
    for platform, address in (
        ("pixelfed", "https://photos.dunmore.example/archives"),
        ("peertube", "https://video.dunmore.example/c/meetings"),
    ):
        account, named = cast.an_account(), resolve(address, platform)
        assert isinstance(named, Resolved)
        account.platform, account.kind, account.key, account.url = platform, named.kind, named.key, named.url
    listed = [one["url"] for one in client.get("/public/accounts.json").json["accounts"]]
    told = [ask(client, one, "/verify.json").json["ours"] for one in (*listed, *(f"{one}-fake" for one in listed))]
    assert told == [True, True, False, False]


@pytest.mark.sqlite_only
@pytest.mark.parametrize("address", ["https://photos.dunmore.example/archives", "https://x.com/dunmore"])
def test_every_reading_of_an_address_is_looked_up_by_an_index(shown: Account, address: str) -> None:
    asked = []

    def note(_c: object, _cursor: object, statement: str, parameters: object, *_rest: object) -> None:
        asked.append((statement, parameters))

    db.session.flush()
    event.listen(db.engine, "before_cursor_execute", note)
    resolved = resolve(address)
    assert isinstance(resolved, Resolved)
    queries.ours(resolved)
    event.remove(db.engine, "before_cursor_execute", note)
    plan = db.session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1])
    steps = [row[3] for row in plan if "account" in row[3]]
    assert [one for one in steps if "rowid=?" not in one and "key=?" not in one] == []


def test_a_yes_says_what_to_expect(client: Browser, shown: Account) -> None:
    expectations.say(
        place=Place("Dunmore Council", account=shown), field="reply", value=Reply.SAME_DAY, actor=cast.comms_officer()
    )
    page = ask(client, "https://x.com/dunmore")
    assert (page.words("dt"), page.words("dd")) == (["Answers"], ["The same working day"])
    told = ask(client, "https://x.com/dunmore", "/verify.json").json["account"]["expectations"]
    assert told == [{"about": "Answers", "words": "The same working day"}]


@pytest.mark.parametrize("path", ["/verify", "/verify.json"])
def test_every_account_that_is_not_for_everyone_is_answered_with_the_same_bytes(
    client: Browser, hidden: dict[str, Account], path: str
) -> None:
    unknown = ask(client, NEVER_SEEN, path)
    answers = {why: ask(client, HIDDEN[why], path) for why in hidden}
    headers = {name: value for name, value in unknown.headers if name != "Date"}
    assert {why: answer.data == unknown.data for why, answer in answers.items()} == dict.fromkeys(HIDDEN, True)
    told = {why: {name: value for name, value in one.headers if name != "Date"} for why, one in answers.items()}
    assert told == dict.fromkeys(HIDDEN, headers)
    assert "We do not know this account as one of ours." in unknown.text


def test_a_no_says_what_to_do_with_a_fake(client: Browser, shown: Account) -> None:
    page = ask(client, NEVER_SEEN)
    assert page.words("h2")[0] == "We do not know this account as one of ours."
    assert page.words("a", href="mailto:fakes@dunmore.example") == ["fakes@dunmore.example"]
    assert "report it to the platform" in page.text


def test_a_name_of_before_is_nobody_s(client: Browser, shown: Account) -> None:
    """Colleagues are led from it to the account; people outside are not, as anybody may have taken it since."""
    resolved = resolve("https://x.com/dunmorenew")
    assert isinstance(resolved, Resolved)
    naming.rename(account=shown, resolved=resolved, typed=resolved.url, actor=cast.comms_officer())
    add_alias(shown, "https://x.com/dunmoreofold")
    told = {
        name: ask(client, f"https://x.com/{name}", "/verify.json").json["ours"]
        for name in ("dunmore", "dunmorenew", "dunmoreofold")
    }
    assert told == {"dunmore": False, "dunmorenew": True, "dunmoreofold": False}


def test_the_lasting_number_of_a_platform_tells_an_account_whatever_its_name(client: Browser, app: Flask) -> None:
    account = cast.an_account("https://www.youtube.com/@dunmore")
    account.platform_id = "UC0123456789abcdefghijkl"
    answer = ask(client, "https://www.youtube.com/channel/UC0123456789abcdefghijkl", "/verify.json")
    assert answer.json["ours"] is True


def test_the_address_of_a_post_is_not_taken_for_an_account(client: Browser, shown: Account) -> None:
    # X shows the post with this number whatever name stands before it.
    post = "https://x.com/dunmore/status/1234567890"
    assert ask(client, post, "/verify.json").json["ours"] is False
    page = ask(client, post)
    assert page.words("h2")[0] == "That is not the address of an account"
    assert "can be made to look like anybody’s" in page.text


@pytest.mark.parametrize(
    ("typed", "words"),
    [("https://x.com/dunmore/status/1234567890", "It is the address of a post, or of something else about an account"),
     ("Twitter: https://x.com/dunmore", "There is more in this than one address. Paste the address of the")],
)  # fmt: skip
def test_nobody_outside_is_asked_to_register_anything(client: Browser, shown: Account, typed: str, words: str) -> None:
    message = ask(client, typed, "/verify.json").json["message"]
    assert message.startswith(words)
    assert message in ask(client, typed).text


def test_the_own_account_of_somebody_is_called_theirs(client: Browser, app: Flask) -> None:
    mine = cast.an_account("https://x.com/niareads", title="Nia reads", standing=Standing.PERSONAL)
    mine.visibility = Visibility.EVERYONE
    page = ask(client, "https://x.com/niareads")
    assert "It is the own account of Nia Okafor, who works for Dunmore Council." in page.text
    assert ask(client, "https://x.com/niareads", "/verify.json").json["account"]["person"] == "Nia Okafor"


def test_nobody_is_named_but_they(client: Browser, shown: Account) -> None:
    for path in ("/verify", "/verify.json"):
        assert "Nia Okafor" not in ask(client, "https://x.com/dunmore", path).text


@pytest.mark.parametrize("path", ["/verify", "/verify.json"])
def test_an_answer_may_be_kept_a_minute_and_is_not_sent_twice(client: Browser, shown: Account, path: str) -> None:
    first = ask(client, NEVER_SEEN, path)
    assert first.headers["Cache-Control"] == "public, max-age=60"
    address = f"{path}?url={NEVER_SEEN}"
    again = client.get(address, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", first.headers["ETag"])
    shown.key = "neverseen"
    assert client.get(address, headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_the_data_may_be_read_by_pages_of_other_sites_and_the_page_may_not(client: Browser, shown: Account) -> None:
    allowed = {
        path: ask(client, NEVER_SEEN, path).headers.get("Access-Control-Allow-Origin")
        for path in ("/verify", "/verify.json")
    }
    assert allowed == {"/verify": None, "/verify.json": "*"}


def test_nothing_that_is_typed_is_kept_or_logged(
    client: Browser, shown: Account, capfd: pytest.CaptureFixture[str], everything_kept: Callable[[], str]
) -> None:
    before = everything_kept()
    capfd.readouterr()
    for path in ("/verify", "/verify.json"):
        ask(client, "https://x.com/quitesecret", path)
        ask(client, "quitesecret nonsense", path)
    assert "quitesecret" not in "".join(capfd.readouterr())
    assert everything_kept() == before


def test_who_is_signed_in_is_given_the_same_without_a_cookie(client: Browser, shown: Account) -> None:
    outside = ask(client, "https://x.com/dunmore")
    inside = client.as_(cast.comms_officer()).get("/verify?url=https://x.com/dunmore")
    assert inside.data == outside.data
    assert "Set-Cookie" not in inside.headers
    assert "Cookie" not in inside.headers.get("Vary", "")
    assert client.get("/").headers.get("Set-Cookie")  # Where somebody is known, the session is signed anew.


def test_a_yes_and_a_no_ask_the_database_alike(
    client: Browser, hidden: dict[str, Account], count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    counts = {}
    for why, address in (HIDDEN | {"unknown": NEVER_SEEN}).items():
        with count_queries() as queries:
            ask(client, address, "/verify.json")
        counts[why] = len(queries)
    assert counts == dict.fromkeys([*HIDDEN, "unknown"], 1)


def test_a_no_takes_as_long_whether_the_account_is_known_or_not(client: Browser, hidden: dict[str, Account]) -> None:
    """The two differ by less than one no differs from the next: by a tenth, where the machine is quiet."""
    took: dict[str, list[float]] = {NEVER_SEEN: [], HIDDEN["proposed"]: []}
    for _ in range(40):
        for address, times in took.items():
            began = perf_counter()
            client.get(f"/verify.json?url={address}")
            times.append(perf_counter() - began)
    unknown, proposed = (median(times) for times in took.values())
    assert 0.5 < proposed / unknown < 2


def test_nothing_is_there_until_it_is_switched_on(settings: Settings, client: Browser) -> None:
    app = create_app(settings.model_copy(update={"public": False}))
    paths = ("/verify", "/verify.json", "/public", "/public/accounts.json", "/public/lists", "/public/changes.atom")
    with app.app_context():
        outside = Browser(app)
        told = {path: outside.get(path).status_code for path in paths}
        inside = Browser(app).as_(cast.comms_officer())
        assert {path: inside.get(path).status_code for path in paths} == dict.fromkeys(paths, 404)
        db.session.remove()
        db.engine.dispose()
    assert told == dict.fromkeys(paths, 404)


def test_without_an_address_a_program_is_told_what_to_ask(client: Browser) -> None:
    answer = client.get("/verify.json")
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert answer.json == {
        "type": "about:blank", "title": "No address", "status": 400,
        "detail": "Ask with ?url= and the address of an account.",
    }  # fmt: skip
