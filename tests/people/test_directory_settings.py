"""What a wrong setting of the directory, or a wrong server, is told: one sentence with the setting and its mend."""

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from slapd import Slapd, certificate, everybody, fault, settings_for

from registry.config import LdapSettings
from registry.people import directory

pytestmark = pytest.mark.ldap

PEOPLE = "ou=People,dc=dunmore,dc=example"

# Encryption.


def test_trusted_certificate_is_accepted(dunmore: Slapd, own_certificate: Path) -> None:
    settings = settings_for(dunmore, uris=(dunmore.tls_uri,), insecure=False, ca_file=own_certificate)
    assert len(everybody(settings)) == 35
    starttls = settings_for(dunmore, insecure=False, starttls=True, ca_file=own_certificate)
    assert len(everybody(starttls)) == 35


@pytest.mark.parametrize("starttls", [False, True])
def test_certificate_of_another_authority_is_refused(dunmore: Slapd, tmp_path: Path, starttls: bool) -> None:
    other = certificate(tmp_path, "other", "IP:127.0.0.1")
    uri = dunmore.uri if starttls else dunmore.tls_uri
    told = fault(settings_for(dunmore, uris=(uri,), insecure=False, starttls=starttls, ca_file=other))
    assert told.startswith(f"REGISTRY_LDAP_CA_FILE: the certificate of {uri} cannot be traced to {other} (")
    assert told.endswith("; give the PEM file of the authority that issued it.")


def test_certificate_is_refused_without_a_ca_file(dunmore: Slapd) -> None:
    told = fault(settings_for(dunmore, uris=(dunmore.tls_uri,), insecure=False))
    assert "cannot be traced to the authorities that this machine trusts" in told


def test_certificate_made_out_to_another_name_is_refused(dunmore: Slapd, own_certificate: Path) -> None:
    uri = str(dunmore.tls_uri).replace("127.0.0.1", "localhost")
    told = fault(settings_for(dunmore, uris=(uri,), insecure=False, ca_file=own_certificate))
    assert told.startswith(f"REGISTRY_LDAP_URIS: the certificate of {uri} is made out to another name (")


def test_file_without_certificate_is_told(dunmore: Slapd, tmp_path: Path) -> None:
    (tmp_path / "empty.pem").write_text("nothing")
    told = fault(settings_for(dunmore, uris=(dunmore.tls_uri,), ca_file=tmp_path / "empty.pem"))
    assert told == (f"REGISTRY_LDAP_CA_FILE: {tmp_path}/empty.pem holds no certificate; give the path of a PEM file.")


def test_refused_starttls_is_told(planetexpress: Slapd) -> None:
    told = fault(settings_for(planetexpress, starttls=True))
    assert told.startswith(f"REGISTRY_LDAP_STARTTLS: the directory at {planetexpress.uri} refuses it (")
    assert told.endswith("; give the directory a certificate, or write its ldaps:// address in REGISTRY_LDAP_URIS.")


def test_password_is_not_sent_in_the_clear_where_the_directory_forbids_it(
    tmp_path: Path, own_certificate: Path
) -> None:
    server = Slapd(
        tmp_path / "slapd", "dc=dunmore,dc=example", "", certificate=own_certificate, more="security simple_bind=64"
    )
    try:
        told = fault(settings_for(server))
    finally:
        server.stop()
    assert told.startswith(f"REGISTRY_LDAP_STARTTLS: the directory at {server.uri} takes no password over an")


# Wrong settings.


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"uris": ()}, "REGISTRY_LDAP_URIS is empty; give the directory's address."),
        ({"uris": ("ldap://127.0.0.1:1",)}, "REGISTRY_LDAP_URIS: nothing answers at ldap://127.0.0.1:1; check the"
         " name and the port, and that the directory is running."),
        ({"uris": ("ldaps://nowhere.invalid",)}, "REGISTRY_LDAP_URIS: no machine of the name in"
         " ldaps://nowhere.invalid is known here; check how it is spelt."),
        ({"bind_password": "wrong"}, "REGISTRY_LDAP_BIND_PASSWORD: the directory refuses"
         " cn=reader,dc=dunmore,dc=example with this password (invalidCredentials);"
         " check it and REGISTRY_LDAP_BIND_DN."),
        ({"bind_password": ""}, "REGISTRY_LDAP_BIND_PASSWORD is empty; give the password of"
         " cn=reader,dc=dunmore,dc=example, or leave REGISTRY_LDAP_BIND_DN empty too."),
        ({"bind_dn": "reader"}, "REGISTRY_LDAP_BIND_DN: 'reader' is no DN to this directory; write it like"
         " cn=reader,dc=example,dc=org."),
        ({"base_dn": "ou=Nowhere,dc=dunmore,dc=example"}, "REGISTRY_LDAP_BASE_DN: there is no"
         " ou=Nowhere,dc=dunmore,dc=example in the directory, or cn=reader,dc=dunmore,dc=example may not see it;"
         " correct it, for example dc=example,dc=org."),
        ({"people_filter": "(&(objectClass=person)"}, "REGISTRY_LDAP_PEOPLE_FILTER is no filter; write it like"
         " (objectClass=inetOrgPerson)."),
    ],
)  # fmt: skip
def test_wrong_setting_is_named_with_its_mend(dunmore: Slapd, changes: dict[str, Any], told: str) -> None:
    assert fault(settings_for(dunmore, **changes)) == told
    assert [step.ok for step in directory.check(settings_for(dunmore, **changes))][-1:] == [False]


def test_swapped_ports_are_told(dunmore: Slapd, own_certificate: Path) -> None:
    plain, tls = dunmore.uri, str(dunmore.tls_uri)
    secure_to_plain = settings_for(dunmore, uris=(plain.replace("ldap:", "ldaps:"),), ca_file=own_certificate)
    assert "does not answer in TLS; use the port of ldaps:// (mostly 636)" in fault(secure_to_plain)
    plain_to_secure = settings_for(dunmore, uris=(tls.replace("ldaps:", "ldap:"),))
    assert "does not answer in LDAP" in fault(plain_to_secure)


@contextmanager
def answering(answer: bytes) -> Iterator[str]:
    script = "import socket,sys\ns=socket.create_server(('127.0.0.1',0))\nprint(s.getsockname()[1],flush=True)\n"
    script += f"while 1:\n c,_=s.accept()\n c.recv(999)\n c.sendall({answer!r})\n c.close()"
    process = subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield f"ldap://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.terminate()
        process.wait()
        process.stdout.close()


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 400 Bad Request\r\n\r\n",
        b"\x30\x05\x02\x01\x01\x64\x00",
        b"\x30\x0c\x02\x01\x01\x61\x07zzzzzzz",
        b"",
    ],
)
def test_server_of_another_protocol_is_told(answer: bytes) -> None:
    with answering(answer) as uri:
        told = fault(LdapSettings(uris=(uri,), insecure=True, base_dn="dc=x", timeout=2))
    assert told.startswith(f"REGISTRY_LDAP_URIS: {uri} does not answer in LDAP (")
