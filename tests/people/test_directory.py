"""The directory, asked over LDAP: real servers, and a file for demonstrations."""

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from slapd import Slapd, everybody, fault, members, settings_for

from registry.config import LdapSettings
from registry.people import directory
from registry.people.directory import DirectoryUnavailable, Entry
from registry.people.ldap.groups import Groups
from registry.people.ldap.link import Answer, as_it_is
from registry.people.ldap.reading import PeopleRead

pytestmark = pytest.mark.ldap

PEOPLE = "ou=People,dc=dunmore,dc=example"
GROUPS = "ou=Groups,dc=dunmore,dc=example"


#: This server gives every entry an entryUUID of its own; Active Directory knows no such thing.
WINDOWS = {"directory_id": ("objectGUID", "entryUUID")}


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
        (f"cn=Nobody Yet,ou=Corporate,{PEOPLE}", "has no uid or sAMAccountName that can be read"),
    ]


def test_entry_of_openldap_is_cleaned_and_placed(dunmore: Slapd) -> None:
    people = everybody(settings_for(dunmore))
    nia, tomasz = people["nia.okafor"], people["tomasz.bryk"]
    assert replace(nia, mark=None, odd=()) == Entry(
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
        if not base:
            return Answer([], 0, "", None)  # It says nothing of itself.
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
    told = {
        organisers: {people["nia.okafor"], people["tomasz.bryk"], people["aoife"]},
        records: {people["aoife"]},
    }
    assert members(settings_for(dunmore), [organisers, records]) == (told, "")


def test_group_that_is_not_there_is_told(dunmore: Slapd) -> None:
    assert members(settings_for(dunmore), [f"cn=gone,{GROUPS}"]) == (
        None,
        "Roles are as they were:"
        f" REGISTRY_LDAP_ROLE_GROUPS: there is no group cn=gone,{GROUPS} in the directory, or it may not be seen;"
        " correct its DN, or take it out.",
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
        began = time.monotonic()
        found = directory.sign_in(settings_for(dunmore, uris=uris, timeout=3), "nia.okafor", "quiet-please")
        assert time.monotonic() - began < 2.5
    assert found and found.username == "nia.okafor"


def test_wrong_password_is_tried_at_one_address_only(dunmore: Slapd) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        uris = (dunmore.uri, f"ldap://127.0.0.1:{other.getsockname()[1]}")
        assert fault(settings_for(dunmore, uris=uris, bind_password="wrong")).startswith("REGISTRY_LDAP_BIND_PASSWORD")
        other.settimeout(0.2)
        with pytest.raises(TimeoutError):
            other.accept()


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
    from registry.people.ldap.names import head

    rdn, parent = head(dn)
    kind, _, value = rdn.partition("=")
    if "\\" in value or "+" in value or not value:
        return dn
    escaped = "".join(f"\\{byte:02x}" for byte in value.encode())
    return f"{kind}={escaped},{parent}"


# A file in place of a server, for demonstrations.


def comparable(entry: Entry) -> Entry:
    return replace(entry, dn=entry.dn_key, digest=b"", mark=None)  # A file has no change marks.


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
    assert members(demonstration(), [group]) == members(settings_for(dunmore), [group])


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
