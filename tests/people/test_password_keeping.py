"""Passwords go to the directories that are set, over TLS that was checked, or plain to this machine; and nowhere else.

The servers here keep every byte that they are given, so that a password that comes is found.
"""

import json
import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

import mishaps
import pytest
import sqlalchemy as sa
from browser import Browser
from databases import SECRET_KEY
from flask import Flask
from harbour import Tree
from ldap3.protocol.controls import build_control
from listeners import Listener, over_tls, starting_tls
from nursery import Nursery
from proxy import Mishap, Proxy, Talk, element, whole
from pydantic import ValidationError
from slapd import certificate, everybody

from registry.config import LdapSettings, Settings, load
from registry.db import Base, db
from registry.logs import init_logs, log
from registry.people import directory
from registry.people.directory import DirectoryError
from registry.people.models import Way
from registry.people.sync import sync

pytestmark = [pytest.mark.ldap, pytest.mark.sqlite_only]

#: What must not be found: the password of the register's own account, and that of somebody who signs in.
OWN: Final = "Own-p4ssword-of-the-register"
THEIRS: Final = "Their-p4ssword-at-the-door"


@pytest.fixture
def harbour(tree: Tree) -> LdapSettings:
    """Settings for a directory of twelve, an account of the register's own, and a group that gives a role."""
    dns = [*tree.add_many(11), tree.add("nia.pugh", userPassword=THEIRS)]
    own = f"cn=register,{tree.base}"
    kind = ["organizationalRole", "simpleSecurityObject"]
    tree.link.add(own, kind, {"userPassword": OWN})
    group = tree.group("Comms", [dns[0]])
    return tree.settings(bind_dn=own, bind_password=OWN, role_groups={"comms": (group,)}, timeout=2)


@pytest.fixture
def listen() -> Iterator[Callable[..., Listener]]:
    """Makes listeners, which end with the test."""
    made: list[Listener] = []

    def listener(*args: Any) -> Listener:
        made.append(Listener(*args))
        return made[-1]

    yield listener
    for one in made:
        one.stop()


def to(settings: LdapSettings, *uris: str, **changes: Any) -> LdapSettings:
    """The same with other addresses, over TLS unless said otherwise."""
    return LdapSettings(**{**settings.model_dump(), "uris": uris, "insecure": False, **changes})


def try_both(settings: LdapSettings) -> list[str]:
    """Read, and sign somebody in; the faults told."""
    told = []
    for what in (lambda: everybody(settings), lambda: directory.sign_in(settings, "nia.pugh", THEIRS)):
        try:
            what()
        except DirectoryError as error:
            told.append(str(error))
    return told


def passwords_in(found: object) -> list[str]:
    """Which of the two are in there."""
    text = found.decode("latin-1") if isinstance(found, bytes | bytearray) else str(found)
    return [password for password in (OWN, THEIRS) if password in text]


# That the listeners would find a password.


def test_password_goes_in_the_clear_to_this_machine_where_that_is_set(
    harbour: LdapSettings, listen: Callable[..., Listener]
) -> None:
    listener = listen()
    assert len(try_both(to(harbour, listener.uri, insecure=True))) == 2
    assert (passwords_in(listener.plain), listener.connections) == ([OWN], 2)


def test_password_goes_over_tls_that_was_checked(
    harbour: LdapSettings, listen: Callable[..., Listener], own_certificate: Path
) -> None:
    listener = listen(over_tls(own_certificate, harbour.uris[0]))
    assert try_both(to(harbour, listener.tls_uri, ca_file=own_certificate)) == []
    assert (passwords_in(listener.heard), bytes(listener.plain)) == ([OWN, THEIRS], b"")
    second = listen(starting_tls(0, over_tls(own_certificate, harbour.uris[0])))
    assert try_both(to(harbour, second.uri, ca_file=own_certificate, starttls=True)) == []
    assert (passwords_in(second.heard), passwords_in(second.plain)) == ([OWN, THEIRS], [])


# TLS.


@pytest.mark.parametrize("starttls", [False, True])
@pytest.mark.parametrize(
    ("names", "trusted"),
    [("IP:127.0.0.1", False), ("DNS:directory.example,IP:127.0.0.2", True), ("DNS:127.0.0.1", True)],
)
def test_server_with_a_wrong_certificate_hears_nothing(
    harbour: LdapSettings, listen: Callable[..., Listener], tmp_path: Path, own_certificate: Path, names: str,
    trusted: bool, starttls: bool,
) -> None:  # fmt: skip
    theirs = certificate(tmp_path, "theirs", names)
    serve = over_tls(theirs, harbour.uris[0])
    listener = listen(starting_tls(0, serve) if starttls else serve)
    uri = listener.uri if starttls else listener.tls_uri
    for ca_file in [theirs] if trusted else [own_certificate, None]:
        assert len(try_both(to(harbour, uri, ca_file=ca_file, starttls=starttls))) == 2
    assert (bytes(listener.heard), passwords_in(listener.plain)) == (b"", [])
    assert listener.connections >= 2


#: An answer to a bind that nobody asked for yet: whoever takes it from the clear believes a stranger.
FORGED: Final = element(0x30, whole(2), element(0x61, whole(0, 0x0A), element(0x04), element(0x04)))


@pytest.mark.parametrize(
    ("code", "more"), [(1, b""), (2, b""), (52, b""), (80, b""), (0, b""), (0, FORGED), (0, b"\x00" * 50)],
    ids=["refused", "protocol error", "unavailable", "other", "silent", "forged", "no TLS"],
)  # fmt: skip
def test_server_that_does_not_start_tls_gets_no_password(
    harbour: LdapSettings, listen: Callable[..., Listener], own_certificate: Path, code: int, more: bytes
) -> None:
    """With code 0 it promises TLS and then goes on in the clear, as somebody on the way would."""
    serve = starting_tls(code, lambda _listener, connection: connection.sendall(more))
    listener = listen(serve)
    assert len(try_both(to(harbour, listener.uri, ca_file=own_certificate, starttls=True))) == 2
    assert (passwords_in(listener.got), listener.connections) == ([], 2)
    assert b"register" not in listener.got  # Not even whose password it would be.


@pytest.mark.parametrize("requests", [0, 1, 2, 3, 4])
def test_connection_lost_after_tls_is_not_taken_up_again_in_the_clear(
    harbour: LdapSettings, listen: Callable[..., Listener], own_certificate: Path, requests: int
) -> None:
    listener = listen(starting_tls(0, over_tls(own_certificate, harbour.uris[0], requests=requests)))
    directory_settings = to(harbour, listener.uri, ca_file=own_certificate, starttls=True)
    try_both(directory_settings)
    assert passwords_in(listener.plain) == []
    assert passwords_in(listener.heard)[:1] == [OWN]


def test_password_goes_past_a_server_with_a_wrong_certificate_to_the_right_one(
    harbour: LdapSettings, listen: Callable[..., Listener], tmp_path: Path, own_certificate: Path
) -> None:
    wrong = listen(over_tls(certificate(tmp_path, "wrong", "IP:127.0.0.1"), harbour.uris[0]))
    right = listen(over_tls(own_certificate, harbour.uris[0]))
    assert try_both(to(harbour, wrong.tls_uri, right.tls_uri, ca_file=own_certificate)) == []
    assert (passwords_in(wrong.got), passwords_in(right.heard)) == ([], [OWN, THEIRS])


# Settings.


@pytest.mark.parametrize(
    "uri",
    [
        "ldap://directory.example", "ldap://192.0.2.1", "ldap://10.0.0.1:389", "ldap://[2001:db8::1]", "ldap://0.0.0.0",
        "ldap://localhost.example", "ldap://127.0.0.1.example", "ldap://127.0.0.1@directory.example",
        "ldap://localhost:389@directory.example", "LDAP://directory.example", "ldap://[::ffff:192.0.2.1]",
    ],
)  # fmt: skip
def test_plain_address_of_another_machine_is_no_setting(uri: str) -> None:
    for uris in ((uri,), ("ldap://127.0.0.1", uri)):
        with pytest.raises(ValidationError, match=r"insecure|uris"):
            LdapSettings(uris=uris, base_dn="dc=x", insecure=True)


def test_plain_address_of_this_machine_has_to_be_allowed() -> None:
    for uri in ("ldap://127.0.0.1", "ldap://localhost:3890", "ldap://[::1]"):
        with pytest.raises(ValidationError, match="would send passwords unencrypted"):
            LdapSettings(uris=(uri,), base_dn="dc=x")
        assert LdapSettings(uris=(uri,), base_dn="dc=x", insecure=True).uris == (uri,)


# Referrals.


def with_referrals(elsewhere: str) -> Iterator[Mishap]:
    """A referral to another host wherever one can stand."""
    for mishap in mishaps.of_readings(elsewhere):
        if "code 10" in mishap.name or "references" in mishap.name:
            yield mishap
    yield Mishap("at the bind", mishaps.bind_ended(10, elsewhere), at="bind")
    yield Mishap("at the second bind", mishaps.bind_ended(10, elsewhere), at="bind", skip=1)
    base = Mishap("", mishaps.ended(10, cookie=None, referral=elsewhere))
    yield replace(base, name="for units", meant=mishaps.of_units_only)
    yield replace(base, name="for a group", meant=mishaps.of_groups_only)
    yield replace(base, name="beside a group", meant=mishaps.of_groups_only, skip=1)
    yield replace(base, name="for the root", meant=lambda search: search.base == "")
    yield replace(base, name="references at all searches", meant=lambda _search: True, act=refer_first(elsewhere))


def refer_first(elsewhere: str) -> Callable[[Talk], None]:
    """A reference before the answer."""

    def act(talk: Talk) -> None:
        talk.refer(elsewhere)
        talk.pass_on()

    return act


def test_referrals_are_not_followed(app: Flask, harbour: LdapSettings, listen: Callable[..., Listener]) -> None:
    other, proxy = listen(), Proxy(harbour.uris[0])
    settings = to(harbour, proxy.uri, insecure=True)
    struck = {}
    try:
        sync(settings)
        elsewhere = f"{other.uri}/{harbour.base_dn}??sub?"
        for mishap in with_referrals(elsewhere):
            for way in (Way.FULL, Way.SWEEP):
                proxy.arm(mishap)
                try:
                    sync(settings, way=way)
                except DirectoryError as error:
                    assert elsewhere not in str(error)
                struck[mishap.name] = struck.get(mishap.name, False) or proxy.struck
            proxy.arm(mishap)
            try:
                directory.sign_in(settings, "nia.pugh", THEIRS)
            except DirectoryError as error:
                assert elsewhere not in str(error)
            struck[mishap.name] = struck[mishap.name] or proxy.struck
    finally:
        proxy.stop()
    # With twelve people, what is to happen after 500 does not come about.
    assert [name for name, happened in struck.items() if not happened] == [
        "code 10 after 500 entries", "code 10 after 1200 entries",
    ]  # fmt: skip
    assert (other.connections, other.got) == (0, b"")


def test_referral_that_is_an_entry_of_the_directory_is_not_followed(
    app: Flask, tree: Tree, harbour: LdapSettings, listen: Callable[..., Listener]
) -> None:
    other = listen()
    at = f"cn=elsewhere,{tree.base}"
    as_it_is = [build_control("2.16.840.1.113730.3.4.2", False, None)]  # ManageDsaIT: the entry itself (RFC 3296).
    assert tree.link.add(
        at, ["referral", "extensibleObject"], {"ref": f"{other.uri}/dc=elsewhere", "cn": "elsewhere"}, as_it_is
    )
    assert sync(harbour).read == 12
    below = harbour.model_copy(update={"base_dn": f"ou=There,{at}"})
    with pytest.raises(DirectoryError, match=r"sends those who ask for .* to another one"):
        sync(below)
    with pytest.raises(DirectoryError):
        directory.sign_in(below, "nia.pugh", THEIRS)
    assert (other.connections, other.got) == (0, b"")


# Logs and tables.


@pytest.fixture
def proxy(harbour: LdapSettings) -> Iterator[Proxy]:
    """What stands before the directory of the app."""
    made = Proxy(harbour.uris[0])
    yield made
    made.stop()


@pytest.fixture
def settings(instance: Path, database_url: str, harbour: LdapSettings, proxy: Proxy) -> Settings:
    """The app asks by way of the proxy."""
    ldap = to(harbour, proxy.uri, insecure=True, timeout=1)
    return load(instance=instance, database_url=database_url, secret_key=SECRET_KEY, ldap=ldap)


FAULTS: Final = (
    None, *(one for one in mishaps.of_connections() if "0" not in one.name),
    Mishap("code 49 at the bind", mishaps.bind_ended(49), at="bind"),
    Mishap("code 49 at the second bind", mishaps.bind_ended(49), at="bind", skip=1),
    Mishap("reset at the second bind", Talk.reset, at="bind", skip=1),
    Mishap("a web page at the second bind", mishaps.web_page, at="bind", skip=1),
    Mishap("nonsense", mishaps.nonsense), Mishap("reset", Talk.reset), Mishap("hung", Talk.hang),
)  # fmt: skip


def everything_kept() -> str:
    """All that stands in any table."""
    told = [repr(row) for table in Base.metadata.sorted_tables for row in db.session.execute(sa.select(table))]
    db.session.rollback()
    return "\n".join(told)


def test_no_log_and_no_table_holds_a_password(
    app: Flask, settings: Settings, proxy: Proxy, client: Browser, capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    caplog.set_level(logging.DEBUG)
    init_logs(to_terminal=False)
    sync(settings.ldap)
    pages = []
    for mishap in FAULTS:
        for password in (THEIRS, f"{THEIRS} mistyped"):
            proxy.arm(mishap)
            answer = client.post("/sign-in", data={"login": "nia.pugh", "password": password})
            pages.append(answer.text)
            client.anonymous()
        proxy.arm(mishap)
        if mishap is None or mishap.name != "hung":
            try:
                sync(settings.ldap)
            except DirectoryError as error:
                log.error("sync", problem=str(error), settings=repr(settings))
        proxy.arm(mishap)
        log.info("doctor", steps=[(step.line, step.mend) for step in directory.check(settings.ldap)])
    told = capfd.readouterr()
    assert told.err.count('"route": "/sign-in"') == 2 * len(FAULTS)
    assert "does not answer in LDAP" in told.err
    for found in (told.err, told.out, caplog.text, everything_kept(), "\n".join(pages)):
        assert passwords_in(found) == []


def fail_with(password: str) -> None:
    """An error of the program, with a password at hand."""
    held = {"typed": password}
    raise ValueError(len(held))


@pytest.mark.parametrize("to_terminal", [True, False])
def test_error_of_the_program_is_logged_without_what_it_had_at_hand(
    capsys: pytest.CaptureFixture[str], to_terminal: bool
) -> None:
    init_logs(to_terminal=to_terminal)
    try:
        fail_with(THEIRS)
    except ValueError:
        log.exception("unexpected")
    told = capsys.readouterr().err
    init_logs(to_terminal=False)
    assert ("ValueError" in told, passwords_in(told)) == (True, [])


def test_commands_print_no_password(
    app: Flask, settings: Settings, proxy: Proxy, tmp_path: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    ldap = settings.ldap
    given = {
        "REGISTRY_INSTANCE": str(settings.instance), "REGISTRY_SECRET_KEY": SECRET_KEY,
        "REGISTRY_DATABASE_URL": settings.database_url.get_secret_value(), "REGISTRY_LDAP_URIS": proxy.uri,
        "REGISTRY_LDAP_BASE_DN": ldap.base_dn, "REGISTRY_LDAP_BIND_DN": ldap.bind_dn,
        "REGISTRY_LDAP_INSECURE": "true", "REGISTRY_LDAP_TIMEOUT": "1", "REGISTRY_LDAP_BIND_PASSWORD": OWN,
    }  # fmt: skip
    nursery = Nursery(tmp_path)
    ended, printed = [], []
    try:
        for mishap in (None, *(one for one in FAULTS if one and one.name in ("code 49 at the bind", "nonsense"))):
            for command in (("sync", "--json"), ("sync",), ("doctor",)):
                proxy.arm(mishap)
                ended.append(nursery.run(given, *command))
                printed.append(nursery.out.read_text())
    finally:
        nursery.close()
    told = capfd.readouterr()
    assert [code for code, _ in zip(ended, printed, strict=True)][:2] == [0, 0]
    assert json.loads(printed[0])["read"] == 12
    assert {ended[3], ended[4], ended[5]} == {1}
    assert passwords_in("\n".join([told.err, told.out, *printed])) == []
