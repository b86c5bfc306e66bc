"""What can be set, run or happen is written down where people look for it."""

import re
import string
import tomllib
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from flask import Flask
from pydantic import BaseModel, SecretStr

from registry import audit
from registry.cli import main
from registry.config import SECRETS, LdapSettings, Settings, SmtpSettings, SsoSettings, variable
from registry.people.ldap.flavours import PLAIN

CHECKOUT = Path(__file__).parents[2]
README = CHECKOUT / "README.md"
EXAMPLE = CHECKOUT / "instance" / "registry.example.toml"
SECTIONS: dict[str, type[BaseModel]] = {
    "": Settings, "ldap.": LdapSettings, "smtp.": SmtpSettings, "sso.": SsoSettings,
}  # fmt: skip
#: The tables of the settings file.
TABLES = [prefix.rstrip(".") for prefix in SECTIONS if prefix]
FIELDS = {
    prefix + name: field
    for prefix, model in SECTIONS.items()
    for name, field in model.model_fields.items()
    if name not in TABLES
}


def commands(group: click.Group, before: str = "registry") -> Iterator[tuple[str, click.Command]]:
    """Every command as it is typed, with what it takes."""
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, f"{before} {name}")
        else:
            yield f"{before} {name}", command


@pytest.mark.parametrize("typed", [typed for typed, _ in commands(main)])
def test_the_readme_names_every_command(typed: str) -> None:
    assert typed in README.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FIELDS)
def test_the_readme_names_every_setting(name: str) -> None:
    assert f"`{variable(name)}`" in README.read_text(encoding="utf-8")


def test_the_readme_says_how_secrets_come_from_files() -> None:
    readme = README.read_text(encoding="utf-8")
    assert [name for name in SECRETS if f"REGISTRY_{name.upper()}" not in readme] == []
    assert "_FILE" in readme


def test_the_readme_names_no_setting_and_no_command_that_is_none() -> None:
    readme = README.read_text(encoding="utf-8")
    known = {variable(name) for name in FIELDS} | {variable(name) + "_FILE" for name in FIELDS}
    assert sorted(set(re.findall(r"REGISTRY_[A-Z_]*[A-Z]", readme)) - known) == []
    groups = {typed.split()[1] for typed, _ in commands(main)}
    assert sorted(set(re.findall(r"(?:bin/|`|^)registry ([a-z][a-z-]*)", readme, re.MULTILINE)) - groups) == []


def test_the_readme_names_every_event(app: Flask) -> None:
    readme = README.read_text(encoding="utf-8")
    assert [name for name in sorted(audit.EVENTS) if f"`{name}`" not in readme] == []


def test_every_command_says_what_it_is_for() -> None:
    undescribed = [typed for typed, command in commands(main) if not command.help]
    for typed, command in commands(main):
        options = [one for one in command.params if isinstance(one, click.Option)]
        undescribed += [f"{typed} {one.opts[0]}" for one in options if not one.help and "--format" not in one.opts]
    assert undescribed == []


def test_every_setting_says_what_it_is_for() -> None:
    assert [name for name, field in FIELDS.items() if not field.description and name != "ldap.attributes"] == []


def commented_out() -> str:
    """The example file with its settings in force: what is commented out, but for the sentences."""
    text = EXAMPLE.read_text(encoding="utf-8")
    return re.sub(r"^#(?=[a-z_]+ = |\[)", "", text, flags=re.MULTILINE)


def example() -> dict[str, object]:
    """The settings of the example file by their dotted name."""
    tables = tomllib.loads(commented_out())
    top = {name: value for name, value in tables.items() if name not in TABLES}
    return top | {f"{section}.{name}": value for section in TABLES for name, value in tables[section].items()}


def test_the_example_file_holds_every_setting_and_no_other() -> None:
    # The folder that holds the file cannot be named in it.
    assert example().keys() == FIELDS.keys() - {"instance"}


def test_the_example_file_changes_nothing_as_it_is() -> None:
    assert tomllib.loads(EXAMPLE.read_text(encoding="utf-8")) == {}


@pytest.mark.parametrize("name", sorted(FIELDS.keys() - {"instance", "ldap.attributes", "ldap.role_groups"}))
def test_the_example_file_describes_each_setting_above_it(name: str) -> None:
    description = " ".join(str(FIELDS[name].description).split())
    section = name.rpartition(".")[0]
    text = commented_out().split(f"[{section}]")[1] if section in ("smtp", "sso") else commented_out()
    block = text.split(f"\n{name.rpartition('.')[2]} = ")[0].rpartition("\n\n")[2]
    words = " ".join(line.removeprefix("#").strip() for line in block.splitlines())
    assert description.rstrip(".") in words


def test_the_example_file_shows_the_defaults_where_there_are_any() -> None:
    shown = example()
    differing = []
    for name, field in FIELDS.items():
        default = field.default.get_secret_value() if isinstance(field.default, SecretStr) else field.default
        default = list(default) if isinstance(default, tuple) else default
        if name in shown and isinstance(default, bool | int | list | str) and default not in ("", []):
            differing += [name] if shown[name] != default else []
    assert differing == []


def test_the_example_file_names_every_attribute() -> None:
    assert example()["ldap.attributes"] == {name: list(names) for name, names in PLAIN}


def test_every_sentence_of_an_event_uses_its_own_fields_only(app: Flask) -> None:
    wrong = {
        name: sorted(fields_of(kind.sentence) - {"actor", "subject"} - kind.fields)
        for name, kind in audit.EVENTS.items()
        if fields_of(kind.sentence) - {"actor", "subject"} - kind.fields
    }
    assert wrong == {}


def fields_of(sentence: str) -> set[str]:
    """The names between braces in a sentence."""
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def test_that_guard_bites() -> None:
    kind = audit.EventKind("{actor} ate {subject} with {cutlery}", frozenset({"cutler"}))
    assert fields_of(kind.sentence) - {"actor", "subject"} - kind.fields == {"cutlery"}
