"""Logs: one line a request, and never a secret."""

import json

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask

from registry.db import db
from registry.logs import HIDDEN, SECRET_WORDS, hide_secrets, init_logs, log
from registry.web import EVERYONE, allow


@pytest.mark.parametrize("word", SECRET_WORDS)
def test_a_value_whose_key_speaks_of_a_secret_is_hidden(word: str) -> None:
    line = {f"ldap_{word}": "hush", "deep": {word.upper(): "hush", "kept": 1}}
    assert hide_secrets(None, "info", line) == {f"ldap_{word}": HIDDEN, "deep": {word.upper(): HIDDEN, "kept": 1}}


def test_a_secret_in_a_list_is_hidden(capsys: pytest.CaptureFixture[str]) -> None:
    init_logs(to_terminal=False)
    log.info("tried", tries=[{"password": "hush"}])
    (line,) = capsys.readouterr().err.splitlines()
    assert json.loads(line)["tries"] == [{"password": HIDDEN}]


def test_a_request_is_one_line_without_what_was_typed(client: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    init_logs(to_terminal=False)
    client.as_(cast.library_officer()).get("/search?q=typed-by-somebody")
    client.get("/typed-by-somebody")
    text = capsys.readouterr().err
    assert "typed-by-somebody" not in text
    assert [(line["method"], line["route"], line["status"]) for line in map(json.loads, text.splitlines())] == [
        ("GET", "/search", 200),
        ("GET", "no route", 404),
    ]


def test_a_failed_sign_in_logs_neither_name_nor_password(client: Browser, capsys: pytest.CaptureFixture[str]) -> None:
    init_logs(to_terminal=False)
    client.post("/sign-in", data={"login": "nia.okafor", "password": "quiet-please"})
    text = capsys.readouterr().err
    assert [word for word in ("nia.okafor", "quiet-please") if word in text] == []
    assert json.loads(text.splitlines()[-1])["route"] == "/sign-in"


def test_an_error_is_logged_without_the_values_around_it(
    app: Flask, client: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.get("/broken")
    @allow(EVERYONE)
    def broken() -> str:
        password = "quiet" + "-please"
        raise RuntimeError(f"no luck with {len(password)} letters")

    init_logs(to_terminal=False)
    assert client.get("/broken").status_code == 500
    text = capsys.readouterr().err
    assert "no luck with 12 letters" in text
    assert "quiet-please" not in text


def test_a_database_error_is_logged_without_its_values(
    app: Flask, client: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    @app.post("/broken")
    @allow(EVERYONE)
    def broken() -> str:
        db.session.execute(sa.text("INSERT INTO nowhere VALUES (:token)"), {"token": "quiet" + "-please"})
        return ""

    init_logs(to_terminal=False)
    assert client.post("/broken").status_code == 500
    text = capsys.readouterr().err
    assert "nowhere" in text
    assert "quiet-please" not in text
