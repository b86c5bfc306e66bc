"""The directory, asked over LDAP: real servers, and a file for demonstrations."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from slapd import Slapd, certificate

from registry.config import LdapSettings
from registry.people import directory
from registry.people.directory import DirectoryError, DirectoryUnavailable, Entry
from registry.people.groups import Groups
from registry.people.reading import Answer, PeopleRead, as_it_is

pytestmark = pytest.mark.ldap

PEOPLE = "ou=People,dc=dunmore,dc=example"
GROUPS = "ou=Groups,dc=dunmore,dc=example"


#: This server gives every entry an entryUUID of its own; Active Directory knows no such thing.
WINDOWS = {"directory_id": ("objectGUID", "entryUUID")}


def settings_for(server: Slapd, **changes: Any) -> LdapSettings:
    given = {
        "uris": (server.uri,), "insecure": True, "base_dn": server.suffix,
        "bind_dn": f"cn=reader,{server.suffix}", "bind_password": "reader", "page_size": 10, "timeout": 5,
    }  # fmt: skip
    return LdapSettings(**(given | changes))


def everybody(settings: LdapSettings) -> dict[str, Entry]:
    return {entry.username: entry for page in directory.read_people(settings) for entry in page}


def fault(settings: LdapSettings) -> str:
    with pytest.raises(DirectoryError) as caught:
        everybody(settings)
    return str(caught.value)


# Reading everybody.


def test_reading_gives_each_person_once_in_pages(dunmore: Slapd) -> None:
    reading = directory.read_people(settings_for(dunmore))
    pages = list(reading)
    names = sorted(entry.username for page in pages for entry in page)
    assert names == [
        "aoife", *(f"clerk{number:02}" for number in range(30)),
        "delyth.pugh", "gareth", "nia.okafor", "tomasz.bryk",
    ]  # fmt: skip
    assert [len(page) for page in pages if len(page) > 10] == []
    assert (reading.complete, reading.reason, reading.read) == (True, "", 36)
    assert [(skipped.dn, skipped.reason) for skipped in reading.skipped] == [
        (f"cn=Nobody Yet,ou=Corporate,{PEOPLE}", "has no uid or sAMAccountName that can be read")
    ]


def test_entry_of_openldap_is_cleaned_and_placed(dunmore: Slapd) -> None:
    people = everybody(settings_for(dunmore))
    nia, tomasz = people["nia.okafor"], people["tomasz.bryk"]
    assert nia == Entry(
        directory_id="10000000-0000-4000-8000-000000000001",
        dn=f"uid=nia.okafor,ou=Staff,ou=Libraries,ou=Communities,{PEOPLE}",
        username="nia.okafor",
        mail="nia.okafor@dunmore.example",
        name="Nia  Okafor",
        given_name="Nia",
        family_name="Okafor",
        phone="01632 960101",
        title="Library officer",
        location="Town Hall",
        team=("Communities", "Libraries"),
        manager_dn=tomasz.dn_key,
        dn_key=f"uid=nia.okafor,ou=staff,ou=libraries,ou=communities,{PEOPLE}".lower(),
        employee_number="1001",
        disabled=False,
        digest=nia.digest,
    )
    assert (tomasz.name, tomasz.title, tomasz.team) == (
        "Tomasz Bryk (comms)", "Chef de rédaction", ("Communications", "Press desk"),
    )  # fmt: skip


def test_entry_of_active_directory_has_the_guid_as_windows_writes_it(dunmore: Slapd) -> None:
    people = everybody(settings_for(dunmore, attributes=WINDOWS))
    aoife = people["aoife"]
    assert aoife.directory_id == "20000000-1111-4222-8333-444444444401"
    assert (aoife.name, aoife.team, aoife.employee_number) == (
        "Ní Bhriain, Aoife", ("Corporate", "Records"), "77",
    )  # fmt: skip
    assert aoife.dn_key == f"cn=ní bhriain\\, aoife,ou=corporate,{PEOPLE}".lower()
    assert (aoife.disabled, people["gareth"].disabled) == (False, True)


def test_public_sample_directory_is_read(planetexpress: Slapd) -> None:
    people = everybody(settings_for(planetexpress))
    assert sorted((entry.username, entry.name, entry.mail, entry.team) for entry in people.values()) == [
        ("amy", "Amy Wong", "amy@planetexpress.com", ("Intern",)),
        ("bender", "Bender", "bender@planetexpress.com", ("Delivering Crew",)),
        ("fry", "Fry", "fry@planetexpress.com", ("Delivering Crew",)),
        ("hermes", "Hermes Conrad", "hermes@planetexpress.com", ("Office Management",)),
        ("leela", "Turanga Leela", "leela@planetexpress.com", ("Delivering Crew",)),
        ("professor", "Professor Farnsworth", "professor@planetexpress.com", ("Office Management",)),
        ("zoidberg", "Zoidberg", "zoidberg@planetexpress.com", ("Staff",)),
    ]
    assert people["amy"].dn_key == "cn=amy wong+sn=kroker,ou=people,dc=planetexpress,dc=com"
    assert directory.dn_key("SN=Kroker + CN=Amy  Wong, OU=people,dc=planetexpress,dc=com") == people["amy"].dn_key


def test_second_reading_has_the_same_digests(dunmore: Slapd) -> None:
    settings = settings_for(dunmore)
    assert everybody(settings) == everybody(settings)


def test_size_limit_ends_the_reading_incomplete(dunmore: Slapd) -> None:
    limited = settings_for(dunmore, bind_dn=f"cn=limited,{dunmore.suffix}", bind_password="limited")
    reading = directory.read_people(limited)
    assert sum(len(page) for page in reading) < 36
    assert not reading.complete
    assert reading.reason == (
        f"REGISTRY_LDAP_BIND_DN: the directory gives cn=limited,{dunmore.suffix} no more than {reading.read}"
        " entries (sizeLimitExceeded); have its administrators lift the size limit for this account."
    )


def test_server_that_goes_away_ends_the_reading_incomplete(tmp_path: Path) -> None:
    clerks = "\n".join(
        f"dn: uid=c{n},dc=dunmore,dc=example\nobjectClass: inetOrgPerson\nuid: c{n}\ncn: c\nsn: c\n" for n in range(25)
    )
    server = Slapd(tmp_path / "slapd", "dc=dunmore,dc=example", clerks)
    reading = directory.read_people(settings_for(server))
    pages = iter(reading)
    try:
        first = next(pages)
    finally:
        server.stop()
    assert [len(first), *(len(page) for page in pages)] == [10]
    assert (reading.complete, reading.reason.split(" ")[0]) == (False, "REGISTRY_LDAP_URIS:")


class Scripted:
    """A link that gives prepared answers: no server at hand repeats cookies, or splits members into ranges."""

    pages = True

    def __init__(self, *answers: Answer) -> None:
        self.answers, self.asked = list(answers), []  # type: list[Answer], list[tuple[str, list[str], bytes]]

    def wait_at_most(self, seconds: float) -> None:
        pass

    def search(self, base: str, where: str, wanted: Any, **options: Any) -> Answer:
        self.asked.append((base, list(wanted), options.get("cookie", b"")))
        answer, take = self.answers.pop(0), options.get("take", as_it_is)
        return replace(answer, entries=[take(entry) for entry in answer.entries])


def page(numbers: Iterator[int] | range, cookie: bytes, code: int = 0) -> Answer:
    entries = [
        (f"uid=p{n},dc=x".encode(), [(b"uid", [b"p%d" % n]), (b"entryUUID", [b"00000000-0000-4000-8000-%012d" % n])])
        for n in numbers
    ]
    return Answer(entries, code, "words", cookie)


def reading_of(*answers: Answer) -> tuple[list[int], bool, int]:
    link = Scripted(*answers)
    reading = PeopleRead(LdapSettings(base_dn="dc=x"), lambda: nullcontext(link))
    sizes = [len(found) for found in reading]
    assert reading.complete == (reading.reason == "")
    return sizes, reading.complete, reading.skipped_count


def test_cookie_that_comes_back_with_somebody_new_goes_on() -> None:
    assert reading_of(page(range(3), b"a"), page(range(3, 6), b"a"), page(range(6, 7), b"")) == ([3, 3, 1], True, 0)


def test_cookie_that_comes_back_with_nobody_new_ends_it_incomplete() -> None:
    assert reading_of(page(range(3), b"a"), page(range(3), b"a")) == ([3], False, 3)


def test_empty_page_with_a_fresh_cookie_goes_on() -> None:
    assert reading_of(page(range(3), b"a"), page(range(0), b"b"), page(range(3, 4), b"")) == ([3, 1], True, 0)


def test_endless_empty_pages_end_it_incomplete() -> None:
    assert reading_of(*(page(range(0), b"%d" % n) for n in range(60))) == ([], False, 0)


@pytest.mark.parametrize("code", [3, 4, 11, 51, 80])
def test_limit_on_the_last_page_leaves_it_incomplete(code: int) -> None:
    assert reading_of(page(range(3), b"a"), page(range(3, 6), b"", code)) == ([3, 3], False, 0)


# Groups.


def test_members_of_nested_groups_are_found_and_circles_end(dunmore: Slapd) -> None:
    people = {name: entry.dn_key for name, entry in everybody(settings_for(dunmore)).items()}
    organisers, records = f"cn=Organisers, {GROUPS}", f"cn=records,{GROUPS}"
    assert directory.read_members(settings_for(dunmore), [organisers, records]) == {
        organisers: {people["nia.okafor"], people["tomasz.bryk"], people["aoife"]},
        records: {people["aoife"]},
    }


def test_group_that_is_not_there_is_told(dunmore: Slapd) -> None:
    with pytest.raises(DirectoryError) as caught:
        directory.read_members(settings_for(dunmore), [f"cn=gone,{GROUPS}"])
    assert str(caught.value) == (
        f"REGISTRY_LDAP_ROLE_GROUPS: there is no group cn=gone,{GROUPS} in the directory, or it may not be seen;"
        " correct its DN, or take it out."
    )


def test_members_in_ranges_are_asked_for_to_the_end() -> None:
    def part(name: bytes, *members: bytes) -> Answer:
        return Answer([(b"cn=all,dc=x", [(name, list(members)), (b"member", [])])], 0, "", b"")

    link = Scripted(
        part(b"member;range=0-1", b"uid=a,ou=p,dc=x", b"uid=b,ou=p,dc=x"),
        part(b"member;range=2-*", b"uid=c,ou=p,dc=x"),
        Answer([], 0, "", b""),
    )
    assert Groups(link).members("cn=all,dc=x") == {f"uid={name},ou=p,dc=x" for name in "abc"}
    assert [wanted for _, wanted, _ in link.asked] == [["member", "uniqueMember"], ["member;range=2-*"], ["1.1"]]


# Signing in.


@pytest.mark.parametrize(
    "login", ["nia.okafor", "NIA.Okafor", "nia.okafor@dunmore.example", "DUNMORE\\nia.okafor", " nia.okafor "]
)
def test_sign_in_by_username_or_mail(dunmore: Slapd, login: str) -> None:
    settings = settings_for(dunmore)
    assert directory.sign_in(settings, login, "quiet-please") == everybody(settings)["nia.okafor"]


def test_sign_in_of_an_escaped_name(dunmore: Slapd) -> None:
    found = directory.sign_in(settings_for(dunmore), "aoife@dunmore.example", "ledger")
    assert found and found.name == "Ní Bhriain, Aoife"


@pytest.mark.parametrize(
    ("login", "password"),
    [
        ("nia.okafor", "Quiet-please"), ("nia.okafor", ""), ("nia.okafor", "\0"), ("", "quiet-please"),
        ("nobody", "quiet-please"), ("nia*", "quiet-please"), ("*", "quiet-please"), ("nia.okafor\0", "quiet-please"),
        ("x)(uid=nia.okafor", "quiet-please"), ("gareth@dunmore.example", "gone"), ("scanner", "scan"), ("PC-17$", "x"),
        ("shared@dunmore.example", "press release"), ("n" * 400, "quiet-please"),
    ],
)  # fmt: skip
def test_sign_in_is_refused(dunmore: Slapd, login: str, password: str) -> None:
    assert directory.sign_in(settings_for(dunmore), login, password) is None


def test_password_is_sent_as_typed(dunmore: Slapd) -> None:
    found = directory.sign_in(settings_for(dunmore), "delyth.pugh", "\\*pugh")
    assert found and found.username == "delyth.pugh"


def test_sign_in_gives_up_on_a_silent_directory_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        uri = f"ldap://127.0.0.1:{silent.getsockname()[1]}"
        settings = LdapSettings(uris=(uri, uri), insecure=True, base_dn="dc=x", timeout=2)
        began = time.monotonic()
        with pytest.raises(DirectoryUnavailable, match="did not answer in time"):
            directory.sign_in(settings, "nia.okafor", "quiet-please")
        assert time.monotonic() - began < 3


def test_second_address_is_asked_where_the_first_is_silent_or_down(dunmore: Slapd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        down = "ldap://127.0.0.1:1"
        uris = (down, f"ldap://127.0.0.1:{silent.getsockname()[1]}", dunmore.uri)
        found = directory.sign_in(settings_for(dunmore, uris=uris, timeout=3), "nia.okafor", "quiet-please")
    assert found and found.username == "nia.okafor"


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


def test_check_goes_through_every_step(dunmore: Slapd) -> None:
    steps = directory.check(settings_for(dunmore, base_dn=f"ou=Communities,{PEOPLE}"))
    assert [(step.ok, step.line) for step in steps] == [
        (True, f"{dunmore.uri} answers, unencrypted."),
        (True, "cn=reader,dc=dunmore,dc=example may sign in."),
        (True, f"ou=Communities,{PEOPLE} is there."),
        (True, "Nia  Okafor: nia.okafor, nia.okafor@dunmore.example, Libraries."),
        (True, "Long answers come in pages."),
    ]


def test_check_tells_the_fault_and_the_mend_apart(dunmore: Slapd) -> None:
    last = directory.check(settings_for(dunmore, bind_password="wrong"))[-1]
    assert last.line.startswith("REGISTRY_LDAP_BIND_PASSWORD: the directory refuses ")
    assert last.mend == "Check it and REGISTRY_LDAP_BIND_DN."


def test_check_tells_of_a_filter_that_finds_nobody(dunmore: Slapd) -> None:
    steps = directory.check(settings_for(dunmore, people_filter="(uid=nobody)"))
    assert [step.line for step in steps if not step.ok] == [
        "REGISTRY_LDAP_PEOPLE_FILTER finds nobody below dc=dunmore,dc=example."
    ]


# Names.


def test_every_nasty_name_is_known_again_in_other_spellings(nasty_names: Slapd) -> None:
    import ldap3

    connection = ldap3.Connection(ldap3.Server(nasty_names.uri, get_info=ldap3.NONE), check_names=False)
    connection.bind()
    try:
        connection.search(nasty_names.suffix, "(objectClass=*)", dereference_aliases="NEVER")
        names = [entry["dn"] for entry in connection.response]
        for dn in names:
            for other in (dn.upper().replace("\\C3\\B6", "\\c3\\b6"), dn.replace(",ou=", " , OU = "), in_hex(dn)):
                connection.search(other, "(objectClass=*)", "BASE", dereference_aliases="NEVER")
                found = [entry["dn"] for entry in connection.response]
                assert (other, found) == (other, [dn])
                assert directory.dn_key(other) == directory.dn_key(dn)
    finally:
        connection.unbind()
    assert len(names) == 11
    assert len({directory.dn_key(dn) for dn in names}) == len(names)


def in_hex(dn: str) -> str:
    """The first value with every byte as an escape in hex."""
    from registry.people.names import head

    rdn, parent = head(dn)
    kind, _, value = rdn.partition("=")
    if "\\" in value or "+" in value or not value:
        return dn
    escaped = "".join(f"\\{byte:02x}" for byte in value.encode())
    return f"{kind}={escaped},{parent}"


# A file in place of a server, for demonstrations.


def comparable(entry: Entry) -> Entry:
    return replace(entry, dn=entry.dn_key, digest=b"")


@pytest.fixture
def demonstration(tmp_path: Path) -> Callable[..., LdapSettings]:
    source = Path(__file__).parents[1] / "data" / "dunmore.ldif"
    path = tmp_path / "with blank.ldif"
    path.write_text(source.read_text().replace("dn: uid=delyth.pugh,ou=Comm", "dn: uid=delyth.pugh, ou=Comm"))
    return lambda **changes: LdapSettings(
        **({"uris": f"ldif:{str(path).replace(' ', '%20')}", "base_dn": "dc=dunmore,dc=example"} | changes)
    )


def test_file_tells_the_same_as_a_server(dunmore: Slapd, demonstration: Callable[..., LdapSettings]) -> None:
    served = everybody(settings_for(dunmore, attributes=WINDOWS))
    read = everybody(demonstration(attributes=WINDOWS))
    assert [name for name in served if name not in read] == [f"clerk{number:02}" for number in range(30)]
    # A server may spell a name in other words than the file that it was filled from, so the digest differs too.
    assert {name: comparable(entry) for name, entry in read.items()} == {
        name: comparable(served[name]) for name in read
    }
    group = f"cn=organisers,{GROUPS}"
    assert directory.read_members(demonstration(), [group]) == directory.read_members(settings_for(dunmore), [group])


def test_sign_in_works_with_a_file(demonstration: Callable[..., LdapSettings]) -> None:
    for login, password in (("nia.okafor@dunmore.example", "quiet-please"), ("DUNMORE\\aoife", "ledger")):
        found = directory.sign_in(demonstration(), login, password)
        assert found and found.username in login
    refused = [("nia.okafor", "wrong"), ("gareth", "gone"), ("nobody", "x"), ("nia*", "quiet-please")]
    assert [directory.sign_in(demonstration(), *pair) for pair in refused] == [None] * 4


def test_file_that_is_no_ldif_is_told(demonstration: Callable[..., LdapSettings], tmp_path: Path) -> None:
    (tmp_path / "changes.ldif").write_text("dn: uid=x,dc=y\nchangetype: delete\n")
    told = fault(demonstration(uris=f"ldif:{tmp_path}/changes.ldif"))
    assert told == (
        f"REGISTRY_LDAP_URIS: {tmp_path}/changes.ldif cannot be read as LDIF (line 1: changes are not read, only"
        " entries); give the path of such a file."
    )
    assert "gone.ldif cannot be read" in fault(demonstration(uris=f"ldif:{tmp_path}/gone.ldif"))


def test_ldap3_is_imported_with_the_first_connection_only() -> None:
    script = "import sys, registry.people.directory; sys.exit('ldap3' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", script], check=False).returncode == 0
