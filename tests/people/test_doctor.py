"""What `registry doctor` finds on the way to a directory and in it: a step a line, and for each fault its mend."""

import base64
import contextlib
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import cast
import nursery
import pytest
from flask import Flask
from samba import PASSWORD, SUFFIX, Samba
from slapd import Slapd, certificate, settings_for

import registry
from registry import doctor as surgery
from registry import jobs
from registry.config import LdapSettings
from registry.db import db
from registry.people import directory
from registry.people.directory import Step
from registry.people.models import PersonState

pytestmark = [pytest.mark.ldap, pytest.mark.sqlite_only]

BASE = "dc=dunmore,dc=example"
PEOPLE = f"ou=People,{BASE}"
REGISTRY = Path(sys.executable).with_name("registry")
WHOLE = ["port", "bind", "kind", "base", *["person"] * 5, "changes", "disabled", "paging", "limit", "groups"]


def steps(server: Slapd, **changes: Any) -> list[Step]:
    """Every step with settings that fit ``server``, but for ``changes``."""
    return list(directory.check(settings_for(server, **changes)))


def only_fault(found: list[Step]) -> tuple[str, str, str]:
    """The one step that went wrong."""
    (step,) = [step for step in found if not step.ok]
    return step.about, step.line, step.mend


def line(found: list[Step], about: str) -> str:
    """What the one step of that kind says."""
    (step,) = [step for step in found if step.about == about]
    return step.line


@pytest.fixture(scope="module")
def oakham(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Slapd, Path]]:
    """A directory whose certificate is good for sixty days; it gives strangers four entries at once, more in pages."""
    folder = tmp_path_factory.mktemp("oakham")
    own = dated(folder, 60)
    people = "".join(
        f"\ndn: uid=porter{number},dc=oakham,dc=example\nobjectClass: inetOrgPerson\nuid: porter{number}\n"
        f"cn: Porter {number}\nsn: Porter\n"
        for number in range(9)
    )
    limit = "limits anonymous size.soft=4 size.hard=4 size.prtotal=unlimited"
    server = Slapd(folder / "slapd", "dc=oakham,dc=example", people, certificate=own, more=limit)
    yield server, own
    server.stop()


def dated(folder: Path, days: int) -> Path:
    """A certificate of 127.0.0.1 that ends in so many days, with its key in one file."""
    key, request, made = folder / "key.pem", folder / "request.pem", folder / "dated.pem"
    for command in (
        ["req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/O=Oakham Hospital/CN=oakham", "-addext",
         "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", request],
        ["x509", "-req", "-in", request, "-signkey", key, "-days", days, "-copy_extensions", "copy", "-out", made],
    ):  # fmt: skip
        subprocess.run(["openssl", *map(str, command)], check=True, capture_output=True)
    made.write_text(made.read_text() + key.read_text())
    return made


# All is well.


def test_every_step_is_told_in_its_order(dunmore: Slapd) -> None:
    found = steps(dunmore)
    assert [step.about for step in found] == WHOLE
    assert [step for step in found if not step.ok or step.mend] == []
    assert line(found, "bind") == f"cn=reader,{BASE} may sign in at {dunmore.uri}, unencrypted."
    assert line(found, "kind") == f"{dunmore.uri} is OpenLDAP, as it says itself."
    assert line(found, "base") == f"{BASE} is there."
    assert line(found, "paging") == "Long answers come in pages, as it says."
    assert line(found, "limit") == f"No limit cuts an answer for cn=reader,{BASE}: all 36 people came at once."
    assert line(found, "disabled") == "Disabled in the directory, so without access: Left, Gareth."


def test_a_person_is_shown_with_the_attribute_that_each_field_came_from(dunmore: Slapd) -> None:
    found = steps(dunmore, base_dn=f"ou=Communities,{PEOPLE}")
    assert re.sub("changed [^ ]+", "changed MARK", line(found, "person")) == (
        "Nia  Okafor: directory id 10000000-0000-4000-8000-000000000001 (entryUUID); username nia.okafor (uid);"
        " mail nia.okafor@dunmore.example (mail); name Nia  Okafor (displayName); given name Nia (givenName);"
        " family name Okafor (sn); phone 01632 960101 (telephoneNumber); title Library officer (title);"
        " location Town Hall (physicalDeliveryOfficeName); team Libraries (ou);"
        " manager UID=tomasz.bryk, ou=Communications,ou=People,dc=dunmore,dc=example (manager);"
        " employee number 1001 (employeeNumber); changed MARK (entryCSN)."
    )
    assert line(found, "paging") == "Long answers come in pages, as it says; here one was enough."


def test_attributes_that_nobody_carries_are_named(dunmore: Slapd) -> None:
    (hint,) = [step for step in steps(dunmore, people_filter="(uid=clerk*)") if step.about == "attributes"]
    assert (hint.ok, hint.line) == (
        True,
        "None of the 5 people shown has mail (mail); givenName (given name);"
        " telephoneNumber or mobile (phone); title (title); physicalDeliveryOfficeName or l (location);"
        " manager (manager); employeeNumber or employeeID (employee number).",
    )
    assert hint.mend == (
        "If the directory keeps it under another name, give that under [ldap.attributes] in registry.toml"
        f" (REGISTRY_LDAP_ATTRIBUTES), or have cn=reader,{BASE} allowed to read it."
    )


def test_marks_that_the_directory_does_not_have_are_told(dunmore: Slapd) -> None:
    (step,) = [
        step for step in steps(dunmore, attributes={"changed": ("whenChanged",)}) if step.about == "changes"
    ]  # fmt: skip
    assert (step.ok, step.line, step.mend) == (
        True,
        "The entries have no whenChanged: quick readings of what changed find nothing, and the nightly one sees it.",
        f"Have cn=reader,{BASE} allowed to read and search it.",
    )


def test_a_kind_that_was_set_is_compared_with_what_the_server_says(dunmore: Slapd) -> None:
    (step,) = [step for step in steps(dunmore, flavour="389ds", attributes={"directory_id": ("entryUUID",)})
               if step.about == "kind"]  # fmt: skip
    assert (step.ok, step.line, step.mend) == (
        True, f"{dunmore.uri} is taken for 389 Directory Server, as REGISTRY_LDAP_FLAVOUR says; it seems"
        " to be OpenLDAP.",
        "Leave REGISTRY_LDAP_FLAVOUR empty, unless you know better.",
    )  # fmt: skip
    assert line(steps(dunmore, flavour="openldap"), "kind").endswith("OpenLDAP, as REGISTRY_LDAP_FLAVOUR says.")


def test_the_second_server_is_looked_at_in_short(dunmore: Slapd) -> None:
    found = steps(dunmore, uris=(dunmore.uri, dunmore.uri))
    assert [step.about for step in found] == [*WHOLE, "port", "bind", "kind", "base"]


# The way there.


def test_a_name_without_a_machine_is_told(dunmore: Slapd) -> None:
    assert only_fault(steps(dunmore, uris=("ldaps://nowhere.invalid",))) == (
        "name", "REGISTRY_LDAP_URIS: no machine of the name in ldaps://nowhere.invalid is known here.",
        "Check how it is spelt.",
    )  # fmt: skip


def test_the_addresses_of_a_name_are_told(dunmore: Slapd) -> None:
    found = steps(dunmore, uris=(dunmore.uri.replace("127.0.0.1", "localhost"),))
    assert found[0].line in ("localhost is 127.0.0.1.", "localhost is ::1, 127.0.0.1.", "localhost is 127.0.0.1, ::1.")
    assert [step.about for step in found if step.about != "port"] == ["name", *WHOLE[1:]]


def test_a_closed_port_is_told_and_the_next_server_tried(dunmore: Slapd) -> None:
    found = steps(dunmore, uris=("ldap://127.0.0.1:1", dunmore.uri))
    assert only_fault(found) == (
        "port", "REGISTRY_LDAP_URIS: port 1 of 127.0.0.1 refuses connections.",
        "Check the port, and that the directory is running there.",
    )  # fmt: skip
    assert [step.about for step in found] == ["port", *WHOLE]


@contextmanager
def full(*, taking: bool) -> Iterator[int]:
    """A port that says nothing; unless ``taking``, its queue is full, so that no connection comes about."""
    with socket.create_server(("127.0.0.1", 0), backlog=9 if taking else 0) as server:
        waiting = []
        for _ in range(0 if taking else 3):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(server.getsockname())
            waiting.append(one)
        yield server.getsockname()[1]
        for one in waiting:
            one.close()


def test_a_silent_port_is_told_in_time(dunmore: Slapd) -> None:
    with full(taking=False) as port:
        began = time.monotonic()
        fault = only_fault(steps(dunmore, uris=(f"ldap://127.0.0.1:{port}",), timeout=1))
    assert fault == (
        "port", f"REGISTRY_LDAP_URIS: port {port} of 127.0.0.1 says nothing within 1 s.",
        "Check the address and the firewalls on the way, or wait longer with REGISTRY_LDAP_TIMEOUT.",
    )  # fmt: skip
    assert time.monotonic() - began < 2


@pytest.mark.parametrize(
    ("scheme", "starttls", "about"), [("ldap", False, "bind"), ("ldap", True, "tls"), ("ldaps", False, "tls")]
)
def test_a_server_that_hangs_is_told_in_time(dunmore: Slapd, scheme: str, starttls: bool, about: str) -> None:
    with full(taking=True) as port:
        found = directory.check(
            settings_for(dunmore, uris=(f"{scheme}://127.0.0.1:{port}",), timeout=1, starttls=starttls)
        )
        assert next(found).about == "port"  # Told before anything hangs.
        began = time.monotonic()
        fault = only_fault(list(found))
    assert fault == (
        about, f"REGISTRY_LDAP_URIS: {scheme}://127.0.0.1:{port} did not answer in time.",
        "Check the address and the firewalls on the way, or wait longer with REGISTRY_LDAP_TIMEOUT.",
    )  # fmt: skip
    assert time.monotonic() - began < 2.5


# Encryption.


@pytest.mark.parametrize("starttls", [False, True])
def test_a_good_certificate_is_described(oakham: tuple[Slapd, Path], starttls: bool) -> None:
    server, own = oakham
    uri = server.uri if starttls else str(server.tls_uri)
    found = steps(server, uris=(uri,), ca_file=own, starttls=starttls, insecure=False)
    assert [step for step in found if not step.ok] == []
    (step,) = [step for step in found if step.about == "tls"]
    after = " after StartTLS" if starttls else ""
    assert step.mend == ""
    assert re.sub(r"until \d+ \w+ \d{4}", "until DAY", step.line) == (
        f"{uri} (127.0.0.1) speaks TLSv1.3 with TLS_AES_256_GCM_SHA384{after}; its certificate is made out to"
        " 127.0.0.1, issued by oakham, Oakham Hospital and valid until DAY (59 days left)."
    )


def test_a_certificate_that_soon_ends_is_spoken_of(dunmore: Slapd, own_certificate: Path) -> None:
    found = steps(dunmore, uris=(dunmore.tls_uri,), ca_file=own_certificate, insecure=False)
    (step,) = [step for step in found if step.about == "tls"]
    assert step.line.endswith(" (1 day left).")
    assert (step.ok, step.mend) == (True, "Have it renewed before that day: nobody can sign in afterwards.")


def fingerprint(path: Path) -> str:
    """As ``openssl`` writes it."""
    told = subprocess.run(
        ["openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256"],
        capture_output=True,
        text=True,
        check=True,
    )
    return told.stdout.strip().partition("=")[2]


@pytest.mark.parametrize("starttls", [False, True])
@pytest.mark.parametrize("fault", ["authority", "name"])
def test_a_certificate_that_is_not_trusted_is_shown(
    dunmore: Slapd, own_certificate: Path, tmp_path: Path, starttls: bool, fault: str
) -> None:
    other = certificate(tmp_path, "other", "IP:127.0.0.1")
    uri = dunmore.uri if starttls else str(dunmore.tls_uri)
    if fault == "name":
        uri = uri.replace("127.0.0.1", "localhost")
    trusted = own_certificate if fault == "name" else other
    found = steps(dunmore, uris=(uri,), ca_file=trusted, insecure=False, starttls=starttls)
    about, told, mend = only_fault(found)
    assert (about, mend) == (
        "tls",
        "Write the name that is in the certificate." if fault == "name"
        else "Give the PEM file of the authority that issued it.",
    )  # fmt: skip
    assert ("is made out to another name" if fault == "name" else f"cannot be traced to {other}") in told
    shown = re.sub(r"\d+ \w+ \d{4}", "DAY", line(found, "certificate"))
    assert shown == (
        f"Without verification, {uri} (127.0.0.1) speaks TLSv1.3 and shows a certificate made out to 127.0.0.1, issued"
        f" by dunmore, valid from DAY to DAY, SHA-256 fingerprint {fingerprint(own_certificate)}."
    )
    assert [step.about for step in found if step.about not in ("name", "port")] == ["tls", "certificate"]


def test_an_expired_certificate_is_told(tmp_path: Path) -> None:
    own = dated(tmp_path, -1)
    server = Slapd(tmp_path / "slapd", BASE, "", certificate=own)
    try:
        found = steps(server, uris=(server.tls_uri,), ca_file=own, insecure=False)
    finally:
        server.stop()
    assert only_fault(found) == (
        "tls", f"REGISTRY_LDAP_URIS: the certificate of {server.tls_uri}, or one above it, has expired.",
        "Have the directory's administrators renew it, unless the clock of this machine is wrong.",
    )  # fmt: skip
    assert fingerprint(own) in line(found, "certificate")


def test_starttls_that_is_refused_is_told(planetexpress: Slapd) -> None:
    about, told, mend = only_fault(steps(planetexpress, starttls=True))
    assert about == "tls"
    assert told.startswith(f"REGISTRY_LDAP_STARTTLS: the directory at {planetexpress.uri} refuses it (")
    assert mend == "Give the directory a certificate, or write its ldaps:// address in REGISTRY_LDAP_URIS."


def test_tls_to_a_plain_port_and_the_other_way_round_are_told(dunmore: Slapd, own_certificate: Path) -> None:
    plain, tls = dunmore.uri, str(dunmore.tls_uri)
    assert only_fault(steps(dunmore, uris=(plain.replace("ldap:", "ldaps:"),), ca_file=own_certificate)) == (
        "tls", f"REGISTRY_LDAP_URIS: {plain.replace('ldap:', 'ldaps:')} does not answer in TLS.",
        "Use the port of ldaps:// (mostly 636), or ldap:// with REGISTRY_LDAP_STARTTLS=true.",
    )  # fmt: skip
    for starttls, where in ((False, "bind"), (True, "tls")):
        about, told, _ = only_fault(steps(dunmore, uris=(tls.replace("ldaps:", "ldap:"),), starttls=starttls))
        assert about == where
        assert told.startswith(f"REGISTRY_LDAP_URIS: {tls.replace('ldaps:', 'ldap:')} does not answer in LDAP (")


def test_old_tls_is_told(dunmore: Slapd, own_certificate: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        ["openssl", "s_server", "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0", "-accept", f"127.0.0.1:{port}",
         "-cert", own_certificate, "-key", own_certificate],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert server.stdout
    assert server.stdin
    while server.stdout.readline() not in ("ACCEPT\n", ""):
        pass
    try:
        fault = only_fault(steps(dunmore, uris=(f"ldaps://127.0.0.1:{port}",), ca_file=own_certificate))
    finally:
        server.terminate()
        server.wait()
        server.stdin.close()
        server.stdout.close()
    assert fault == (
        "tls", f"REGISTRY_LDAP_URIS: ldaps://127.0.0.1:{port} offers only old TLS that is no longer safe.",
        "Have the directory's administrators turn on TLS 1.2 or 1.3.",
    )  # fmt: skip


def test_a_file_without_a_certificate_is_told(dunmore: Slapd, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    assert only_fault(steps(dunmore, uris=(dunmore.tls_uri,), ca_file=tmp_path / "empty.pem")) == (
        "tls", f"REGISTRY_LDAP_CA_FILE: {tmp_path}/empty.pem holds no certificate.", "Give the path of a PEM file.",
    )  # fmt: skip


# In the directory.


def test_a_wrong_password_is_tried_at_one_server_only(dunmore: Slapd) -> None:
    found = steps(dunmore, uris=(dunmore.uri, dunmore.uri), bind_password="wrong")
    assert [step.about for step in found] == ["port", "bind"]
    assert only_fault(found) == (
        "bind",
        f"REGISTRY_LDAP_BIND_PASSWORD: the directory refuses cn=reader,{BASE} with this password (invalidCredentials).",
        "Check it and REGISTRY_LDAP_BIND_DN.",
    )


def test_a_base_that_is_not_there_is_told_with_those_that_are(dunmore: Slapd) -> None:
    assert only_fault(steps(dunmore, base_dn="dc=dunmoor,dc=example")) == (
        "base",
        f"REGISTRY_LDAP_BASE_DN: there is no dc=dunmoor,dc=example in the directory, or cn=reader,{BASE} may not see"
        f" it. The directory holds {BASE}.",
        "Correct it, for example dc=example,dc=org.",
    )


def test_a_filter_that_finds_nobody_is_told(dunmore: Slapd) -> None:
    assert only_fault(steps(dunmore, people_filter="(uid=nobody)")) == (
        "people", f"REGISTRY_LDAP_PEOPLE_FILTER finds nobody below {BASE}.",
        f"Correct it or REGISTRY_LDAP_BASE_DN, or have cn=reader,{BASE} allowed to read.",
    )  # fmt: skip


def test_a_person_that_cannot_be_used_is_told(dunmore: Slapd) -> None:
    about, told, _ = only_fault(steps(dunmore, people_filter="(cn=Nobody Yet)"))
    assert (about, told) == (
        "person",
        f"cn=Nobody Yet,ou=Corporate,{PEOPLE} has no uid or sAMAccountName that can be read.",
    )


def test_a_limited_account_is_told(dunmore: Slapd) -> None:
    about, told, mend = only_fault(steps(dunmore, bind_dn=f"cn=limited,{BASE}", bind_password="limited"))
    assert (about, told, mend) == (
        "limit",
        f"REGISTRY_LDAP_BIND_DN: the directory gives cn=limited,{BASE} no more than 12 entries (sizeLimitExceeded).",
        "Have its administrators lift the size limit for this account.",
    )


def test_pages_that_get_past_a_limit_are_told(oakham: tuple[Slapd, Path]) -> None:
    found = steps(oakham[0], bind_dn="", bind_password="", page_size=10)
    assert [step for step in found if not step.ok] == []
    assert line(found, "limit") == "strangers is given 4 people at once (sizeLimitExceeded); pages get past that."


def test_groups_are_counted_and_missed(dunmore: Slapd) -> None:
    groups = f"ou=Groups,{BASE}"
    role_groups = {"comms": (f"cn=comms,{groups}",), "admin": (f"cn=records,{groups}", f"cn=admins,{groups}")}
    told = [(step.ok, step.line) for step in steps(dunmore, role_groups=role_groups) if step.about == "groups"]
    assert told == [
        (True, f"cn=comms,{groups} makes 3 people comms, with the groups within it."),
        (True, f"cn=records,{groups} makes 1 person admin, with the groups within it."),
        (False, f"REGISTRY_LDAP_ROLE_GROUPS: there is no group cn=admins,{groups} in the directory, or it may not"
         " be seen."),
    ]  # fmt: skip


# Signing in.


@pytest.mark.parametrize(
    ("login", "password", "ok", "told"),
    [
        ("nia.okafor", "quiet-please", True, "nia.okafor may sign in: Nia  Okafor, team Communities › Libraries."),
        ("DUNMORE\\aoife@dunmore.example", "ledger", True, "DUNMORE\\aoife@dunmore.example may"
         " sign in: Ní Bhriain, Aoife, team Corporate › Records."),
        ("nia.okafor", "loud", False, "nia.okafor cannot sign in: the directory refuses Nia  Okafor"
         f" (uid=nia.okafor,ou=Staff,ou=Libraries,ou=Communities,{PEOPLE}) with this password."),
        ("gareth@dunmore.example", "gone", False, "gareth@dunmore.example cannot sign in: Left, Gareth is disabled."),
        ("gareth@dunmore.example", "wrong", False, "gareth@dunmore.example cannot sign in: Left, Gareth is disabled."),
        ("nai.okafor", "quiet-please", False, "nai.okafor cannot sign in: nobody has that name."),
        ("shared@dunmore.example", "quiet-please", False, "shared@dunmore.example cannot sign in: it means more than"
         f" one, uid=tomasz.bryk,ou=Communications,{PEOPLE} and uid=delyth.pugh,ou=Communications,{PEOPLE}."),
        ("scanner", "scan", False, f"scanner cannot sign in: uid=scanner,ou=Corporate,{PEOPLE} is none of the people"
         " of REGISTRY_LDAP_PEOPLE_FILTER."),
        ("nia.okafor", "", False, "No name or no password was given."),
        ("", "quiet-please", False, "No name or no password was given."),
        ("*", "quiet-please", False, "* cannot sign in: nobody has that name."),
    ],
)  # fmt: skip
def test_a_sign_in_is_tried(dunmore: Slapd, login: str, password: str, ok: bool, told: str) -> None:
    step, found = directory.try_sign_in(settings_for(dunmore), login, password)
    assert (step.ok, step.line) == (ok, told)
    assert (found is not None) is ok
    assert bool(step.mend) is not ok


@pytest.mark.samba
@pytest.mark.parametrize(
    ("login", "told"),
    [
        ("nobody", "nobody cannot sign in: nobody has that name."),
        ("administrator", f"administrator cannot sign in: CN=Administrator,CN=Users,{SUFFIX} is none of the people of"
         " REGISTRY_LDAP_PEOPLE_FILTER."),
        ("dai@kestrel.example", "dai@kestrel.example cannot sign in: Dai Out is disabled."),
        ("ewa.expired", "ewa.expired cannot sign in: Ewa Expired has expired, says the directory."),
        ("max.must", "max.must cannot sign in: Max Must must first choose a new password, says the directory."),
    ],
)  # fmt: skip
def test_active_directory_says_why_it_turns_somebody_away(kestrel: Samba, login: str, told: str) -> None:
    step, found = directory.try_sign_in(kestrel.settings(), login, PASSWORD)
    assert (step.ok, step.line, found) == (False, told, None)


@pytest.mark.samba
def test_an_account_of_the_register_that_is_turned_away_is_told(kestrel: Samba) -> None:
    who = f"CN=Ewa Expired,OU=Wards,OU=Staff,{SUFFIX}"
    assert only_fault(list(directory.check(kestrel.settings(bind_dn=who)))) == (
        "bind", f"REGISTRY_LDAP_BIND_DN: the account {who} has expired, says the directory at {kestrel.uri}.",
        "Have its administrators let it in again.",
    )  # fmt: skip


@pytest.mark.samba
def test_the_clock_of_active_directory_is_compared(kestrel: Samba) -> None:
    found = list(directory.check(kestrel.settings()))
    told = re.sub(r"\d+ s", "N s", line(found, "clock"))
    assert told == "The clock of the directory and this machine's are N s apart."


# The same by ldapsearch.


def run(command: str, password: str = "reader") -> list[str]:
    """The names of the entries that a command line of ldapsearch finds; the password is typed where it asks."""
    done = subprocess.run(
        ["sh", "-c", command], input=f"{password}\n", capture_output=True, text=True, check=False, timeout=20,
        start_new_session=True,  # Without a terminal it reads the password from its input.
    )  # fmt: skip
    assert done.returncode in (0, 4), done.stderr  # 4: the limit that it was asked for.
    return [row for row in done.stdout.splitlines() if row.startswith(("dn:", "member:"))]


@pytest.mark.parametrize("way", ["plain", "ldaps", "starttls"])
def test_the_ldapsearch_of_each_step_finds_the_same(dunmore: Slapd, own_certificate: Path, way: str) -> None:
    found = steps(
        dunmore, uris=(dunmore.tls_uri if way == "ldaps" else dunmore.uri,), starttls=way == "starttls",
        ca_file=None if way == "plain" else own_certificate,
        role_groups={"comms": (f"cn=organisers,ou=Groups,{BASE}",)},
    )  # fmt: skip
    commands = {step.about: step.command for step in found}
    assert [about for about, command in commands.items() if not command] == []
    counts = {about: len(run(command)) for about, command in commands.items()}
    expected = {"port": 1, "tls": 1, "bind": 1, "kind": 1, "base": 1, "person": 5, "changes": 1, "disabled": 1,
                "paging": 36, "limit": 36, "groups": 3}  # fmt: skip
    assert counts == {about: count for about, count in expected.items() if way != "plain" or about != "tls"}
    assert [about for about, command in commands.items() if "reader" in command.replace(f"cn=reader,{BASE}", "")] == []


def test_the_ldapsearch_of_a_sign_in_signs_in(dunmore: Slapd) -> None:
    step, _ = directory.try_sign_in(settings_for(dunmore), "aoife@dunmore.example", "ledger")
    (name,) = run(step.command, "ledger")
    assert base64.b64decode(name.removeprefix("dn:: ")).decode() == rf"cn=Ní Bhriain\2C Aoife,ou=Corporate,{PEOPLE}"


# The command.


def doctor(folder: Path, server: Slapd, *arguments: str, stdin: str = "", **more: str) -> Any:
    """Run it with settings that fit ``server``."""
    ldap = {
        "URIS": server.uri, "INSECURE": "true", "BASE_DN": server.suffix, "BIND_DN": f"cn=reader,{server.suffix}",
        "BIND_PASSWORD": "reader", "TIMEOUT": "2",
    }  # fmt: skip
    told = {f"REGISTRY_LDAP_{name}": value for name, value in ldap.items()}
    return nursery.registry({"REGISTRY_INSTANCE": str(folder), **told, **more}, "doctor", *arguments, stdin=stdin)


def test_the_command_tells_all_in_one_object_of_json(dunmore: Slapd, instance: Path) -> None:
    env = {"PATH": os.environ["PATH"], "REGISTRY_INSTANCE": str(instance)}
    subprocess.run([REGISTRY, "init"], check=True, capture_output=True, env=env)
    done = doctor(instance, dunmore, "--json", "--sign-in", "nia.okafor", stdin="quiet-please\n")
    told = json.loads(done.stdout)
    assert (done.returncode, done.stderr, told["well"]) == (0, "", True)
    assert [step["step"] for step in told["steps"]] == [
        "settings", "disk", "database", "evidence", "evidence", "evidence", "worker", *WHOLE, "sign-in", "mail",
    ]  # fmt: skip
    assert [sorted(step) for step in told["steps"]] == [["ldapsearch", "line", "mend", "ok", "step"]] * 23
    assert "quiet-please" not in done.stdout


def test_the_command_goes_on_where_the_database_is_not_there(dunmore: Slapd, instance: Path) -> None:
    nowhere = "postgresql://registry:secret@127.0.0.1:1/nowhere"
    done = doctor(instance, dunmore, "--sign-in", "nia.okafor", stdin="loud", REGISTRY_DATABASE_URL=nowhere)
    faults = [row for row in done.stdout.splitlines() if row.startswith("FAULT")]
    assert (done.returncode, done.stderr, len(faults)) == (1, "", 2)
    assert faults[0].startswith("FAULT The database (PostgreSQL) cannot be used: ")
    assert faults[1].startswith("FAULT nia.okafor cannot sign in: the directory refuses Nia  Okafor")
    assert "ldapsearch" not in done.stdout
    assert "secret" not in done.stdout
    assert "loud" not in done.stdout


def test_the_command_prints_ldapsearch_on_request(dunmore: Slapd, instance: Path) -> None:
    done = doctor(instance, dunmore, "--ldapsearch")
    commands = [row for row in done.stdout.splitlines() if row.startswith("      $ ldapsearch -x ")]
    assert len(commands) == len(WHOLE) - 1  # All but the line about groups, as none is set.
    assert run(commands[3].removeprefix("      $ ")) == [f"dn: {BASE}"]


def test_a_sign_in_is_not_tried_where_no_directory_can_be_asked(dunmore: Slapd, instance: Path) -> None:
    done = doctor(instance, dunmore, "--sign-in", "nia.okafor", stdin="x", REGISTRY_LDAP_URIS="ldap://127.0.0.1:1")
    assert "FAULT nia.okafor was not tried, as no directory can be asked." in done.stdout.splitlines()


def test_a_directory_in_a_file_is_looked_at_too() -> None:
    path = Path(registry.__file__).parent / "demo" / "data" / "council.ldif"
    found = list(directory.check(LdapSettings(uris=(f"ldif:{path}",), base_dn="dc=brynmor,dc=example")))
    assert [step.about for step in found if step.about != "person"] == [
        "bind", "kind", "base", "changes", "paging", "limit", "groups",
    ]  # fmt: skip
    assert [step for step in found if not step.ok or step.command] == []
    assert line(found, "kind") == f"ldif:{path} is an LDAP server of another kind, as it does not say what it is."


# Outside the directory.


def test_a_worker_that_went_away_is_told(app: Flask) -> None:
    assert outside(app, "worker") == [
        (True, "The worker has never run.",
         "Start `registry worker` beside `registry serve`: it sends mail and reads the directory."),
    ]  # fmt: skip
    ran_at = datetime(2026, 7, 1, 9, 30, tzinfo=UTC)
    db.session.add(jobs.JobRun(name=jobs.GUESTS, ran_at=ran_at, outcome="0 ended, 0 sponsors reminded"))
    db.session.add(jobs.JobRun(name=jobs.MAIL, ran_at=ran_at, outcome="failed: SMTPException"))
    db.session.commit()
    assert outside(app, "worker") == [
        (False, "The worker was last seen at 10:30 on 1 July 2026 (London).",
         "Start `registry worker`: no mail is sent and no directory read without it."),
        (False, "The job 'Send waiting mail' did not go well the last time: failed: SMTPException.",
         "The log of `registry worker` says more."),
    ]  # fmt: skip
    jobs.run(app, jobs.MAIL)
    ((ok, _, mend),) = outside(app, "worker")
    assert (ok, mend) == (True, "")


def test_the_disk_is_looked_at(app: Flask) -> None:
    ((ok, told, mend),) = outside(app, "disk")
    assert re.fullmatch(r"\d+(\.\d)? [GM]B are free on the disk of the instance folder\.", told)
    free = shutil.disk_usage(app.config["SETTINGS"].instance).free
    assert (ok, bool(mend)) == (free >= 200 * 2**20, free < 2**30)


def test_a_folder_that_cannot_be_written_to_is_told(app: Flask, tmp_path: Path) -> None:
    settings, file = app.config["SETTINGS"], tmp_path / "file"
    file.touch(0o600)
    app.config["SETTINGS"] = settings.model_copy(update={"instance": file / "instance"})
    assert outside(app, "disk") == [
        (False, f"{file} cannot be written to.",
         "Give the folder to the user that runs the register, or set REGISTRY_INSTANCE to another."),
    ]  # fmt: skip


def test_a_directory_that_is_not_set_is_told(app: Flask) -> None:
    assert outside(app, "directory") == [(False, "REGISTRY_LDAP_URIS is empty.", "Give the directory's address.")]


def outside(app: Flask, about: str) -> list[tuple[bool, str, str]]:
    """The steps of that kind."""
    return [(step.ok, step.line, step.mend) for step in surgery.steps(app) if step.about == about]


def test_who_left_the_register_is_told_of_a_sign_in(app: Flask, dunmore: Slapd) -> None:
    settings = app.config["SETTINGS"].model_copy(update={"ldap": settings_for(dunmore)})
    person = cast.a_person(directory_id="10000000-0000-4000-8000-000000000001", state=PersonState.LEFT)
    db.session.commit()
    app.config["SETTINGS"] = settings

    def last() -> tuple[bool, str]:
        found = surgery.steps(app, login="nia.okafor", password="quiet-please")
        return next((step.ok, step.line) for step in found if step.about == "sign-in")

    assert last() == (False, "The directory lets nia.okafor in, but the register holds them to have left.")
    person.state = PersonState.ACTIVE
    db.session.commit()
    assert last() == (True, "nia.okafor may sign in: Nia  Okafor, team Communities › Libraries.")


@contextmanager
def trickling() -> Iterator[int]:
    """A server that begins a long answer and sends a byte of it now and then, so that no wait for a byte is over."""
    stopped = threading.Event()

    def trickle(connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.sendall(b"\x30\x83\x7f\xff\xff")
            while not stopped.wait(0.2):
                connection.sendall(b"\x00")

    def serve(server: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while not stopped.is_set():
                threads.append(threading.Thread(target=trickle, args=(server.accept()[0],)))
                threads[-1].start()

    threads: list[threading.Thread] = []
    with socket.create_server(("127.0.0.1", 0)) as server:
        threads.append(threading.Thread(target=serve, args=(server,)))
        threads[0].start()
        yield server.getsockname()[1]
        stopped.set()
        server.shutdown(socket.SHUT_RDWR)
    for thread in threads:
        thread.join()


def test_a_server_that_trickles_is_given_up(app: Flask, dunmore: Slapd) -> None:
    with trickling() as port:
        ldap = settings_for(dunmore, uris=(f"ldap://127.0.0.1:{port}",), timeout=1)
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"ldap": ldap})
        began = time.monotonic()
        found = [step for step in surgery.steps(app) if not step.ok]
        assert (len(found), time.monotonic() - began < 8) == (1, True)
    assert found[0].mend.endswith("wait longer with REGISTRY_LDAP_TIMEOUT.")
