"""Getting in to a real Active Directory (Samba's): who may sign in by which name, and how the register itself does."""

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from databases import SECRET_KEY
from flask import Flask
from samba import DISABLED, PASSWORD, SUFFIX, Part, Samba, quoted
from slapd import everybody, fault

from registry.config import Settings, load
from registry.db import db
from registry.people import directory
from registry.people.models import Person
from registry.people.views import WRONG

pytestmark = [pytest.mark.ldap, pytest.mark.samba, pytest.mark.sqlite_only]


@pytest.fixture
def settings(instance: Path, database_url: str, kestrel: Samba) -> Settings:
    """The app asks the whole domain."""
    return load(instance=instance, database_url=database_url, secret_key=SECRET_KEY, ldap=kestrel.settings())


def try_as(client: Browser, login: str, password: str = PASSWORD) -> Answer:
    """Send the form of the sign-in page."""
    answer: Answer = client.post("/sign-in", data={"login": login, "password": password})
    return answer


@pytest.mark.parametrize(
    "login",
    ["bronwen.boss", "BRONWEN.Boss", "KESTREL\\bronwen.boss", "kestrel.example\\bronwen.boss",
     "bronwen@kestrel.example", "b.boss@kestrel.example", "B.Boss@KESTREL.EXAMPLE", "bronwen.boss@Kestrel.example"],
)  # fmt: skip
def test_sign_in_by_every_name_that_somebody_has(app: Flask, client: Browser, login: str) -> None:
    answer = try_as(client, login)
    assert (answer.status_code, answer.location, answer.errors) == (302, "/", {})
    assert db.session.scalars(sa.select(Person.username)).all() == ["bronwen.boss"]


def test_whoever_may_not_come_in_reads_the_same_page(app: Flask, client: Browser, part: Part) -> None:
    part.remove(part.add("gone.already", password=PASSWORD))
    tries = [
        ("bronwen.boss", "wrong"), ("nobody.here", PASSWORD), ("dai.out", PASSWORD), ("ewa.expired", PASSWORD),
        ("max.must", PASSWORD), ("SHIP01$", PASSWORD), ("chandler@supplies.example", PASSWORD), ("*", PASSWORD),
        ("gone.already", PASSWORD), ("Administrator", PASSWORD), ("bronwen.boss", "Wrong-" + PASSWORD),
    ]  # fmt: skip
    answers = [try_as(client, *one) for one in tries]
    assert {(answer.status_code, *answer.errors.items()) for answer in answers} == {(422, ("login", WRONG))}
    # But for what was typed, and the token of the form, which tells the time.
    assert len({re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}) == 1
    assert client.get("/accounts").status_code == 302


def test_login_that_means_two_people_lets_neither_in(app: Flask, client: Browser, part: Part) -> None:
    shared = {"mail": "shared@kestrel.example", "password": PASSWORD}
    part.add("twin.one", **shared)
    part.add("twin.two", **shared)
    assert try_as(client, "shared@kestrel.example").errors == {"login": WRONG}
    assert try_as(client, "twin.one").status_code == 302


def test_new_password_counts_at_once(app: Flask, client: Browser, part: Part) -> None:
    other = " Blànks and ships 🚢 1983 "
    dn = part.add("pia.changed", password=PASSWORD)
    part.change(dn, unicodePwd=quoted(other))
    assert try_as(client, "pia.changed", other).status_code == 302
    assert try_as(client.anonymous(), "pia.changed", other.strip()).errors == {"login": WRONG}
    part.change(dn, userAccountControl=DISABLED)
    assert try_as(client, "pia.changed", other).errors == {"login": WRONG}


# How the register's own account gets in.


@pytest.mark.parametrize(
    "name", ["reader@kestrel.example", "KESTREL\\reader", f"cn=registry reader, cn=users,{SUFFIX}"]
)
def test_own_account_may_be_named_in_every_way(part: Part, name: str) -> None:
    part.add_many(3)
    assert len(everybody(part.settings(bind_dn=name))) == 3


def test_starttls_is_as_good(part: Part) -> None:
    part.add_many(3)
    assert len(everybody(part.settings(uris=(part.domain.plain_uri,), starttls=True))) == 3


def test_what_the_directory_refuses_is_told_with_its_mend(part: Part) -> None:
    reader = f"CN=Registry Reader,CN=Users,{SUFFIX}"
    wrong = "80090308: LdapErr: DSID-0C0903A9, comment: AcceptSecurityContext error, data 52e, v1db1"
    plain = part.domain.plain_uri
    assert fault(part.settings(uris=(plain,), ca_file=None, insecure=True)) == (
        f"REGISTRY_LDAP_STARTTLS: the directory at {plain} takes no password over an unencrypted connection;"
        " set it to true, or write the ldaps:// address in REGISTRY_LDAP_URIS."
    )
    assert fault(part.settings(bind_password="wrong")) == (
        f"REGISTRY_LDAP_BIND_PASSWORD: the directory refuses {reader} with this password ({wrong});"
        " check it and REGISTRY_LDAP_BIND_DN."
    )
    assert fault(part.settings(base_dn=f"OU=Nowhere,{SUFFIX}")) == (
        f"REGISTRY_LDAP_BASE_DN: there is no OU=Nowhere,{SUFFIX} in the directory, or {reader} may not see it;"
        " correct it, for example dc=example,dc=org."
    )
    assert fault(part.settings(bind_dn="", bind_password="")).startswith("REGISTRY_LDAP_BIND_DN: ")


def test_check_shows_five_people_where_the_directory_knows_no_limit(kestrel: Samba) -> None:
    steps = list(directory.check(kestrel.settings()))
    assert [step.line for step in steps if not step.ok] == []
    assert [step.about for step in steps].count("person") == 5
    assert f"{kestrel.uri} is Active Directory, as it says itself." in [step.line for step in steps]
