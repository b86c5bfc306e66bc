"""How often those outside may ask: each network and each token for itself, and nobody who is signed in is counted."""

from collections.abc import Iterator
from datetime import timedelta

import cast
import pytest
import time_machine
from browser import Browser
from flask import Flask

from registry import create_app
from registry.accounts.models import Account
from registry.config import Settings
from registry.db import db, now

from test_api import a_token  # isort: skip


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Few questions are enough to see."""
    return settings.model_copy(update={"public_per_minute": 3, "token_per_minute": 5})


@pytest.fixture(autouse=True)
def one_moment() -> Iterator[None]:
    """All is asked at one moment: where a minute ends in between, the next begins with fewer questions."""
    with time_machine.travel(now(), tick=False):
        yield


def ask(client: Browser, times: int, path: str = "/verify", token: str = "", address: str = "192.0.2.1") -> list[int]:
    """The statuses of some questions in a row."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    return [
        client.get(path, headers=headers, environ_overrides={"REMOTE_ADDR": address}).status_code for _ in range(times)
    ]


def test_a_network_that_asks_too_often_is_asked_to_wait(client: Browser, shown: Account) -> None:
    assert ask(client, 5) == [200, 200, 200, 429, 429]
    assert ask(client, 1, "/public") == [429]  # One allowance for all that is public.
    assert ask(client, 1, "/public", address="192.0.2.2") == [200]
    page = client.get("/verify", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert (page.heading, page.headers["Retry-After"], page.headers["Cache-Control"]) == (
        "That was a lot at once", "60", "no-store",
    )  # fmt: skip
    data = client.get("/verify.json?url=x", environ_overrides={"REMOTE_ADDR": "192.0.2.1"})
    assert (data.mimetype, data.json["title"]) == ("application/problem+json", "Too many questions")


def test_a_network_of_ipv6_is_counted_whole(client: Browser, shown: Account) -> None:
    told = [ask(client, 1, address=f"2001:db8:1:2::{number}")[0] for number in range(4)]
    assert told == [200, 200, 200, 429]
    assert ask(client, 1, address="2001:db8:1:3::1") == [200]


def test_each_token_has_an_allowance_of_its_own(client: Browser, shown: Account) -> None:
    first, second = a_token(), a_token()
    assert ask(client, 6, "/api/v1/accounts", first) == [200, 200, 200, 200, 200, 429]
    assert ask(client, 1, "/api/v1/accounts", second) == [200]
    assert ask(client, 4, "/api/v1/accounts") == [200, 200, 200, 429]


def test_tokens_that_are_none_are_counted_by_network(client: Browser, shown: Account) -> None:
    told = [ask(client, 1, "/api/v1/accounts", f"guess{number}")[0] for number in range(5)]
    assert told == [401, 401, 401, 429, 429]


def test_who_is_signed_in_is_not_counted(client: Browser, shown: Account) -> None:
    client.as_(cast.stranger())
    assert ask(client, 6, "/accounts") == [200] * 6


def test_after_a_while_one_may_ask_again(client: Browser, shown: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    assert ask(client, 4)[-1] == 429
    later = (now() + timedelta(minutes=2, seconds=1)).timestamp()
    monkeypatch.setattr("limits.storage.memory.time.time", lambda: later)
    monkeypatch.setattr("limits.strategies.time.time", lambda: later)
    assert ask(client, 1) == [200]


def test_each_process_counts_for_itself(app: Flask, settings: Settings, client: Browser, shown: Account) -> None:
    assert ask(client, 4)[-1] == 429
    other = create_app(settings)
    assert ask(Browser(other), 1) == [200]
    with other.app_context():
        db.session.remove()
        db.engine.dispose()
