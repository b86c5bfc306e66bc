"""The emergency administrator: gets in when the directory is away, is nobody's colleague, and never passes unseen."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from command import registry
from databases import SECRET_KEY
from flask import Flask

from registry.audit import Event
from registry.config import LdapSettings, Settings, load
from registry.db import db, now
from registry.outbox import Message
from registry.people import emergency, queries
from registry.people.models import EmergencyKey, FailedSignIn, Person, PersonKind, PersonState, RoleGrant, SignIn
from registry.people.views import AWAY, WRONG
from registry.roles import Role


@pytest.fixture
def settings(instance: Path, database_url: str) -> Settings:
    """A directory that is away: nobody listens there."""
    ldap = LdapSettings(
        uris=("ldap://127.0.0.1:1",), insecure=True, base_dn="dc=dunmore,dc=example", bind_dn="cn=reader",
        bind_password="reader",
    )  # fmt: skip
    return load(instance=instance, database_url=database_url, secret_key=SECRET_KEY, ldap=ldap)


@pytest.fixture
def password(app: Flask) -> Iterator[str]:
    """Of an emergency administrator who was just made."""
    made = emergency.make()
    db.session.commit()
    yield made


def try_as(client: Browser, password: str, login: str = emergency.USERNAME, address: str = "192.0.2.7") -> Answer:
    """Send the form of the sign-in page."""
    answer: Answer = client.post(
        "/sign-in", data={"login": login, "password": password}, environ_overrides={"REMOTE_ADDR": address}
    )
    return answer


def is_in(client: Browser) -> bool:
    """Whether the browser is signed in."""
    return bool(client.get("/accounts").status_code == 200)


def happened() -> list[str]:
    """The events about it, in order."""
    found = db.session.scalars(sa.select(Event).where(Event.name.like("emergency.%")).order_by(Event.id))
    return [one.sentence for one in found]


def person() -> Person:
    """The emergency administrator's row."""
    return db.session.scalars(sa.select(Person).where(Person.kind == PersonKind.EMERGENCY)).one()


def test_it_gets_in_when_the_directory_is_away_and_may_do_what_an_administrator_may(
    app: Flask, client: Browser, password: str
) -> None:
    assert try_as(client, "nia.okafor", login="nia.okafor").errors == {"login": AWAY}
    assert try_as(client, password).status_code == 302
    assert client.get("/history").status_code == 200
    granted = sa.select(RoleGrant.role).where(RoleGrant.person_id == person().id)
    assert db.session.scalars(granted).all() == [Role.ADMIN]


@pytest.mark.parametrize("login", ["emergency", " Emergency ", "EMERGENCY"])
def test_its_name_and_its_password_are_taken_as_people_type_them(
    app: Flask, client: Browser, password: str, login: str
) -> None:
    assert try_as(client, f" {password} ", login=login).status_code == 302


@pytest.mark.parametrize("login", ["emergency2", "DUNMORE\\emergency", "emergency@dunmore.example", "emergencу"])
def test_any_other_name_is_asked_of_the_directory(app: Flask, client: Browser, password: str, login: str) -> None:
    assert try_as(client, password, login=login).errors == {"login": AWAY}


def test_a_password_has_a_hundred_bits_and_is_kept_only_hashed(app: Flask, password: str) -> None:
    assert re.fullmatch(r"([a-hjkmnp-z2-9]{5}-){4}[a-hjkmnp-z2-9]{5}", password)
    kept = db.session.scalars(sa.select(EmergencyKey.password_hash)).one()
    assert kept.startswith("scrypt:32768:8:1$")
    assert password not in kept


def test_each_use_is_written_down_and_every_administrator_is_written_to(
    app: Flask, client: Browser, password: str
) -> None:
    admin, other = cast.admin(), cast.a_person("ines.admin", name="Ines Admin", roles=(Role.ADMIN,))
    cast.a_person("old.admin", name="Old Admin", roles=(Role.ADMIN,), state=PersonState.LEFT, left_at=now())
    cast.comms_officer()
    with time_machine.travel("2026-11-21T10:05:00+00:00", tick=False):
        try_as(client, password)
    assert happened() == [
        "The register made a new password for the emergency administrator",
        "Somebody signed in as the emergency administrator",
    ]
    messages = db.session.scalars(sa.select(Message).order_by(Message.id)).all()
    assert [one.to for one in messages] == [admin.mail, other.mail]
    assert {one.subject for one in messages} == {"The emergency administrator signed in"}
    assert "21 November 2026, 10:05 (London),\nfrom the network address 192.0.2.7." in messages[0].text
    assert db.session.scalars(sa.select(EmergencyKey.used_at)).all() != [None]


def test_a_session_of_it_lasts_an_hour_at_most_and_says_so_on_each_page(
    app: Flask, client: Browser, password: str
) -> None:
    try_as(client, password)
    began = now()
    for path in ("/", "/accounts", "/sign-ins"):
        assert [one for one in client.get(path).words("p") if one.startswith("You are the emergency administrator")]
    with time_machine.travel(began + timedelta(minutes=59)):
        assert is_in(client)
    with time_machine.travel(began + timedelta(minutes=60, seconds=5)):
        assert not is_in(client)


def test_nobody_else_reads_that_notice(app: Flask, client: Browser, password: str) -> None:
    page = client.as_(cast.library_officer()).get("/")
    assert [one for one in page.words("p") if "emergency" in one] == []


def test_a_wrong_password_reads_as_any_other(app: Flask, client: Browser, password: str) -> None:
    assert try_as(client, "wrong").errors == {"login": WRONG}
    assert not is_in(client)
    assert happened() == ["The register made a new password for the emergency administrator"]


def test_whether_there_is_one_stays_untold(app: Flask, client: Browser) -> None:
    assert try_as(client, "wrong").errors == {"login": WRONG}
    emergency.make()
    assert try_as(client, "wrong").errors == {"login": WRONG}


def test_eight_failures_lock_it_for_a_quarter_of_an_hour(app: Flask, client: Browser, password: str) -> None:
    for number in range(8):
        try_as(client, "wrong", address=f"192.0.2.{number}")
    assert try_as(client, password, address="192.0.2.99").errors == {"login": WRONG}
    with time_machine.travel(now() + timedelta(minutes=15, seconds=5)):
        assert try_as(client, password, address="192.0.2.99").status_code == 302
    assert [one.counted_by for one in db.session.scalars(sa.select(FailedSignIn))] == []


def test_it_is_nobodys_colleague(app: Flask, client: Browser, password: str) -> None:
    assert queries.by_login("emergency") is None
    assert queries.suggestions("Emergency") == []
    assert [one.name for one in db.session.scalars(queries.working_here())] == []
    page = client.as_(cast.library_officer()).get("/people?who=all")
    assert [one for one in page.words("a") if "Emergency" in one] == []


# On the command line.


def run(app: Flask, *arguments: str) -> tuple[int, str, str]:
    """How ``registry emergency`` ends, and what it prints."""
    done = registry(app.config["SETTINGS"], "emergency", *arguments)
    return done.returncode, done.stdout, done.stderr


def test_a_new_password_replaces_the_older_one_and_ends_its_browsers(
    app: Flask, client: Browser, password: str
) -> None:
    try_as(client, password)
    code, printed, said = run(app, "--make")
    assert (code, said) == (
        0,
        "Keep it sealed: it is shown only now. Each use is written to every administrator.\n",
    )
    first, second = printed.splitlines()
    new = second.removeprefix("Password: ")
    assert (first, len(new)) == ("Username: emergency", 29)
    assert not is_in(client)
    assert try_as(client, password).errors == {"login": WRONG}
    assert try_as(client, new).status_code == 302
    assert db.session.scalar(sa.select(sa.func.count(Person.id)).where(Person.kind == PersonKind.EMERGENCY)) == 1


def test_it_is_removed_with_its_browsers_and_its_role_and_can_be_made_again(
    app: Flask, client: Browser, password: str
) -> None:
    try_as(client, password)
    assert run(app, "--remove") == (0, "The emergency administrator is removed.\n", "")
    assert not is_in(client)
    assert try_as(client, password).errors == {"login": WRONG}
    for model in (EmergencyKey, RoleGrant, SignIn):
        assert db.session.scalars(sa.select(model)).all() == []
    assert run(app, "--remove") == (0, "There was no emergency administrator.\n", "")
    assert run(app, "--make")[0] == 0
    db.session.rollback()
    assert (person().state, person().left_at) == (PersonState.DISABLED, None)
    assert happened()[-2:] == [
        "The register removed the emergency administrator",
        "The register made a new password for the emergency administrator",
    ]


def test_the_command_says_what_it_wants(app: Flask) -> None:
    assert run(app) == (2, "", "Say --make or --remove.\n")
