"""Starting: what a process loads before it does anything, and addresses that are made only when asked for."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import AnyConverter, BaseConverter, Map
from werkzeug.routing import Rule as WerkzeugRule

from registry import create_app
from registry.addresses import Rule, SmallInteger
from registry.config import load
from registry.db import Migrations

#: Libraries of which one page or one command makes use.
SELDOM = (
    "alembic", "authlib", "defusedxml", "email_validator", "flask_migrate", "holidays", "huey", "ldap3", "mako",
    "markdown_it", "nh3", "openpyxl", "psycopg", "waitress", "xlsxwriter",
)  # fmt: skip


def python(folder: Path, code: str) -> list[str]:
    """What a process of its own prints, which has loaded nothing before."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True,
        env={"PATH": os.environ["PATH"], "REGISTRY_INSTANCE": str(folder)},
    )  # fmt: skip
    return done.stdout.split()


def test_help_loads_nothing_but_click(tmp_path: Path) -> None:
    code = "import sys, registry.cli; print(*{one.partition('.')[0] for one in sys.modules} - sys.stdlib_module_names)"
    loaded = {name for name in python(tmp_path, code) if not name.startswith("_")}
    assert loaded == {"click", "registry"}


def test_an_app_loads_nothing_that_only_some_commands_or_pages_use(tmp_path: Path) -> None:
    code = f"import sys; from registry import create_app; create_app(); print(*set({SELDOM}) & set(sys.modules))"
    assert python(tmp_path, code) == []


def test_flask_has_the_commands_of_migrations_though_an_app_does_without(tmp_path: Path) -> None:
    flask = Path(sys.executable).with_name("flask")
    done = subprocess.run(
        [str(flask), "--app", "registry", "db", "heads"], capture_output=True, text=True, timeout=60, check=False,
        env={"PATH": os.environ["PATH"], "REGISTRY_INSTANCE": str(tmp_path)},
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (0, f"{Migrations.revisions()[-1]} (head)\n")


@pytest.fixture
def pages(instance: Path) -> Flask:
    """An app whose database nobody asks."""
    return create_app(load(instance=instance))


def fitting(converter: BaseConverter) -> object:
    """Something that may stand where ``converter`` is."""
    if isinstance(converter, AnyConverter):
        return min(converter.items)
    return 7 if isinstance(converter, SmallInteger) else "ö/ä b"


def test_every_address_is_the_one_that_werkzeug_makes(pages: Flask) -> None:
    rules = list(pages.url_map.iter_rules())
    plain = Map(
        [
            WerkzeugRule(one.rule, endpoint=one.endpoint, methods=one.methods, defaults=one.defaults)
            for one in rules
        ],
        converters=pages.url_map.converters,
    ).bind("register.example")  # fmt: skip
    ours = pages.url_map.bind("register.example")
    values = [{name: fitting(rule._converters[name]) for name in rule.arguments} for rule in rules]
    for unknown in ({}, {"q": "siân pryce", "page": 2}):
        assert [ours.build(rule.endpoint, known | unknown) for rule, known in zip(rules, values, strict=True)] == [
            plain.build(rule.endpoint, known | unknown) for rule, known in zip(rules, values, strict=True)
        ]
    assert {type(rule) for rule in rules} == {Rule}


def test_an_address_is_made_again_in_the_way_it_was_learnt(pages: Flask) -> None:
    ours = pages.url_map.bind("register.example")
    made = [ours.build("accounts.page", {"account_id": number, "rule": "a"}) for number in (1, 2, 1)]
    assert made == ["/accounts/1?rule=a", "/accounts/2?rule=a", "/accounts/1?rule=a"]


def test_an_address_that_a_test_adds_to_its_app_is_no_other_apps(instance: Path) -> None:
    before, adding, after = (create_app(load(instance=instance)) for _ in range(3))
    adding.add_url_rule("/more/<int:number>", "more", lambda number: str(number))
    at = [one.url_map.bind("register.example") for one in (before, adding, after)]
    assert [one.test("/more/7") for one in at] == [False, True, False]
    assert (at[1].match("/more/7"), at[1].build("more", {"number": 7})) == (("more", {"number": 7}), "/more/7")
    assert {one.build("accounts.page", {"account_id": 7}) for one in at} == {"/accounts/7"}
    assert [one.match("/accounts/7") for one in at] == [("accounts.page", {"account_id": 7})] * 3


def test_a_new_key_signs_the_sessions_from_then_on(pages: Flask) -> None:
    signed = []
    for key in ("the key of the first year, long enough", "the key of the second, as long as that"):
        pages.secret_key = key
        signs = pages.session_interface.get_signing_serializer(pages)  # type: ignore[attr-defined]
        assert signs is pages.session_interface.get_signing_serializer(pages)  # type: ignore[attr-defined]
        signed.append(signs)
    assert signed[1].loads_unsafe(signed[0].dumps({"sign_in": "x"}))[0] is False
    assert signed[0].loads(signed[0].dumps({"sign_in": "x"})) == {"sign_in": "x"}
