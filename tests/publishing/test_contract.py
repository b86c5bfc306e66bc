"""The description of the API, held against the app by a program that is not ours."""

import contextvars
import re
from pathlib import Path
from typing import Any

import cast
import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis.config import SchemathesisConfig

from registry.accounts.models import Account
from registry.api.models import Scope
from registry.db import db
from registry.fields import UNSEEN
from registry.lists import actions as lists
from registry.lists.models import Audience

from test_api import a_token  # isort: skip

pytestmark = pytest.mark.sqlite_only  # What it is about asks little of the database.

#: Questions of each kind; together they take a few seconds.
EXAMPLES = 15


@pytest.fixture
def described(app: Flask, hidden: dict[str, Account]) -> Any:
    """What the app says of itself."""
    made = lists.make(title="Begin", topic="", about="", audience=Audience.EVERYONE, actor=cast.comms_officer())
    for account in hidden.values():
        lists.add(follow_list=made, account=account, why="It answers.", actor=cast.comms_officer())
    db.session.commit()
    # Far more questions than anybody may ask in a minute.
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(
        update={"public_per_minute": 100_000, "token_per_minute": 100_000}
    )
    return contextvars.Context().run(
        schemathesis.openapi.from_wsgi, "/api/v1/openapi.json", app, config=SchemathesisConfig()
    )


def all_can_be_seen(case: Any) -> bool:
    """Whether nothing is asked that the register takes out before it looks how long the question is."""
    return not UNSEEN.search("".join(str(value) for value in (case.query or {}).values()))


@pytest.mark.parametrize("scopes", [None, tuple(Scope)], ids=["anybody", "every scope"])
def test_the_app_does_what_its_description_says(described: Any, scopes: tuple[Scope, ...] | None) -> None:
    """Whatever is asked: a status, a type and a shape that are described, and never a fault of the server."""
    headers = {} if scopes is None else {"Authorization": f"Bearer {a_token(*scopes)}"}
    asked: dict[str, int] = {}
    quick = settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True, phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    for result in described.get_all_operations():
        operation = result.ok()

        @quick
        @given(case=st.one_of(*(operation.as_strategy(generation_mode=mode) for mode in schemathesis.GenerationMode))
               .filter(all_can_be_seen))  # fmt: skip
        def ask(case: Any) -> None:
            asked[case.operation.label] = asked.get(case.operation.label, 0) + 1
            contextvars.Context().run(case.call_and_validate, headers=headers)

        ask()
    assert sorted(asked) == [
        "GET /api/v1/accounts", "GET /api/v1/accounts/{account_id}", "GET /api/v1/lists", "GET /api/v1/lists/{slug}",
        "GET /api/v1/people", "GET /api/v1/platforms", "GET /api/v1/topics",
    ]  # fmt: skip


def test_the_description_is_sound(described: Any, app: Flask) -> None:
    document = described.raw_schema
    described.validate()
    assert (document["openapi"], document["servers"]) == ("3.1.0", [{"url": "https://registry.dunmore.example"}])
    paths = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(rule)) for rule in app.url_map.iter_rules()
             if rule.endpoint.startswith("api.")}  # fmt: skip
    assert set(document["paths"]) == paths - {"/api/v1/openapi.json"}
    operations = [one for methods in document["paths"].values() for one in methods.values()]
    assert [one["operationId"] for one in operations if not one["summary"] or not one["tags"]] == []
    assert document["security"] == [{"token": []}, {}]


def test_every_shape_says_what_it_is(described: Any) -> None:
    schemas = described.raw_schema["components"]["schemas"]
    assert [name for name, one in schemas.items() if not one.get("description")] == []


def test_the_readme_names_the_api() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    assert "/api/v1/openapi.json" in readme
