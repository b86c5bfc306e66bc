"""Tokens: made by administrators on a page and by the command, shown once, kept as a hash, revoked at once."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from click.testing import CliRunner, Result
from flask import Flask

from registry import audit, cli_publishing
from registry.api import actions
from registry.api.models import ApiToken, Scope
from registry.cli import main
from registry.db import db, today

RIGHT = {"name": "Council website", "scopes": ["people", "accounts"], "lifetime": "90"}


def the_token() -> ApiToken:
    db.session.expire_all()
    return db.session.scalars(sa.select(ApiToken)).one()


def test_an_administrator_makes_a_token_that_is_shown_once(app: Flask, client: Browser) -> None:
    page = client.as_(cast.admin()).post("/api-tokens/new", data=RIGHT)
    words = page.words("p", id="copy-token")[0]
    assert (page.status_code, page.headers["Cache-Control"], words[:4], len(words)) == (200, "no-store", "sar_", 47)
    token = the_token()
    assert (token.name, token.scopes, token.expires_on, token.made_by_id) == (
        "Council website", "accounts people", today() + timedelta(days=90), cast.admin().id,
    )  # fmt: skip
    assert client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {words}"}).status_code == 200
    listed = client.as_(cast.admin()).get("/api-tokens")
    assert listed.words("th", scope="row") == ["Council website"]
    assert words not in listed.text + client.get("/api-tokens?format=csv").text


def test_the_words_of_a_token_are_kept_nowhere(app: Flask, client: Browser, everything_kept: object) -> None:
    _, words = actions.make(name="Website", scopes=[Scope.MAIL], expires_on=today(), actor=cast.admin())
    client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {words}"})
    assert words not in everything_kept()  # type: ignore[operator]
    assert ApiToken.hash_of(words) == the_token().token_hash


def test_a_token_without_a_name_or_with_a_scope_that_is_none_is_not_made(app: Flask, client: Browser) -> None:
    client.as_(cast.admin())
    told = [
        client.post("/api-tokens/new", data=RIGHT | changes).errors.keys()
        for changes in ({"name": " "}, {"scopes": ["everything"]}, {"lifetime": "9999"})
    ]
    assert [sorted(one) for one in told] == [["name"], ["scopes"], ["lifetime"]]
    assert db.session.scalars(sa.select(ApiToken)).all() == []


def test_a_token_that_is_revoked_opens_nothing_from_then_on(app: Flask, client: Browser) -> None:
    token, words = actions.make(name="Website", scopes=[], expires_on=today(), actor=cast.admin())
    db.session.commit()
    client.as_(cast.admin()).post(f"/api-tokens/{token.id}/revoke")
    assert client.get("/api/v1/accounts", headers={"Authorization": f"Bearer {words}"}).status_code == 401
    page = client.as_(cast.admin()).get("/api-tokens")
    assert ("Revoked" in page.text, page.all("button", class_="reg-link-button")[1:]) == (True, [])
    client.post(f"/api-tokens/{token.id}/revoke")
    assert [one.sentence.partition(", good")[0] for one in audit.history("token", token.id)] == [
        "Søren Lund revoked the API token “Website”", "Søren Lund made the API token “Website”",
    ]  # fmt: skip


def test_only_administrators_have_to_do_with_tokens(app: Flask, client: Browser) -> None:
    token, _ = actions.make(name="Website", scopes=[], expires_on=today(), actor=None)
    db.session.commit()
    for part in (cast.COMMS_OFFICER, cast.AUDITOR, cast.STRANGER):
        client.as_(cast.play(part))
        answers = [
            client.get("/api-tokens"), client.get("/api-tokens/new"), client.post("/api-tokens/new", data=RIGHT),
            client.post(f"/api-tokens/{token.id}/revoke"),
        ]  # fmt: skip
        assert [one.status_code for one in answers] == [404] * 4
    assert the_token().revoked_at is None


@pytest.fixture
def command(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Result]:
    """``registry token`` in the test's own app; see test_public_list for one that is started as people start it."""

    @contextmanager
    def here() -> Iterator[Flask]:
        yield app

    monkeypatch.setattr(cli_publishing, "opened", here)
    return lambda *arguments: CliRunner().invoke(main, ["token", *arguments])


def test_the_command_makes_lists_and_revokes_tokens(client: Browser, command: Callable[..., Result]) -> None:
    made, last_day = command("make", "Website", "--scope", "people", "--days", "7"), today() + timedelta(7)
    words = made.stdout.strip()
    assert (made.exit_code, words[:4], made.stderr) == (0, "sar_", f"Good until {last_day}. It is shown only now.\n")
    assert client.get("/api/v1/people", headers={"Authorization": f"Bearer {words}"}).status_code == 200
    number = str(the_token().id)
    (cells,) = (line.split("\t") for line in command("list").stdout.splitlines())
    assert (cells[:4], cells[5]) == ([number, "Website", "people", str(last_day)], "good")
    assert command("revoke", number).stdout == "Website is revoked.\n"
    assert client.get("/api/v1/people", headers={"Authorization": f"Bearer {words}"}).status_code == 401
    assert command("revoke", number).stdout == "Website was revoked already.\n"


def test_a_command_that_makes_no_sense_says_so(command: Callable[..., Result]) -> None:
    wrong = command("revoke", "99")
    assert (wrong.exit_code, wrong.stderr) == (1, "There is no token 99. `registry token list` names them.\n")
    told = [command("make", *words).exit_code for words in ((" ",), ("x" * 81,), ("a\x1bb",), ("x", "--days", "731"))]
    assert told == [2, 2, 2, 2]
    assert db.session.scalars(sa.select(ApiToken)).all() == []
