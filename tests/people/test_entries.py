"""From the bytes of a search entry to a person: our reading of them against ldap3's, and what is made of them."""

import unicodedata
import uuid
from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from registry.config import Flavour, LdapSettings
from registry.people.ldap.ber import MalformedError, read_entry
from registry.people.ldap.entries import Entry, Mapping, Skipped, canonical_id, clean
from registry.people.ldap.flavours import attributes_of
from registry.people.ldap.names import dn_key, head, split, unit

NIA = b"10000000-0000-4000-8000-000000000001"


# Bytes.


def element(tag: int, content: bytes, octets: int) -> bytes:
    """A BER element; its length takes ``octets`` more bytes than one, as far as it needs or may have them."""
    size = len(content)
    while octets < 4 and size >= (128 if octets == 0 else 256**octets):
        octets += 1
    length = bytes([size]) if octets == 0 else bytes([0x80 | octets]) + size.to_bytes(octets, "big")
    return bytes([tag]) + length + content


def message(number: int, operation: bytes, octets: int, controls: bytes = b"") -> bytes:
    body = element(2, number.to_bytes(4, "big").lstrip(b"\0") or b"\0", 0)
    return element(0x30, body + operation + controls, octets)


def search_entry(dn: bytes, attributes: list[tuple[bytes, list[bytes]]], octets: int) -> bytes:
    parts = [
        element(
            0x30, element(4, name, 0) + element(0x31, b"".join(element(4, v, octets) for v in found), octets), octets
        )
        for name, found in attributes
    ]
    return element(0x64, element(4, dn, octets) + element(0x30, b"".join(parts), octets), octets)


def by_ldap3(data: bytes) -> dict[str, Any]:
    """What ldap3's own strategy makes of a message."""
    import ldap3
    from ldap3.utils.asn1 import decode_message_fast

    connection = ldap3.Connection(ldap3.Server("x", get_info=ldap3.NONE), check_names=False)
    found: dict[str, Any] = connection.strategy.decode_response_fast(decode_message_fast(data))
    return found


NAMES = st.sampled_from(
    [b"cn", b"cn;lang-en", b"member;range=0-1499", b"userCertificate;binary", b"objectGUID", b"x" * 120, b"entryUUID"]
)
VALUES = st.lists(st.one_of(st.binary(max_size=300), st.text(max_size=90).map(str.encode)), max_size=5)


# The first text that is drawn brings all of Unicode, for which a busy machine takes seconds.
@given(
    dn=st.text(max_size=150).map(str.encode),
    attributes=st.lists(st.tuples(NAMES, VALUES), unique_by=lambda pair: pair[0], max_size=7),
    octets=st.integers(0, 4),
    number=st.integers(1, 100),
)
@example(dn=b"", attributes=[], octets=0, number=1)
@example(dn=b"cn=x", attributes=[(b"cn", []), (b"sn", [b""]), (b"jpegPhoto", [bytes(70_000)])], octets=0, number=1)
def test_entry_is_read_as_ldap3_reads_it(
    dn: bytes, attributes: list[tuple[bytes, list[bytes]]], octets: int, number: int
) -> None:
    data = message(number, search_entry(dn, attributes, octets), octets)
    theirs = by_ldap3(data)
    ours = read_entry(data)
    assert ours is not None
    assert ours[0] == number
    assert ours[1][0] == theirs["raw_dn"] == dn
    assert {name.decode(): values for name, values in ours[1][1]} == {
        name: values or [] for name, values in theirs["raw_attributes"].items()
    }


def test_controls_after_an_entry_are_passed_over() -> None:
    control = element(0xA0, element(0x30, element(4, b"1.2.3", 0), 0), 0)
    data = message(7, search_entry(b"cn=x", [(b"cn", [b"x"])], 0), 0, control)
    assert by_ldap3(data)["raw_dn"] == b"cn=x"
    assert read_entry(data) == (7, (b"cn=x", [(b"cn", [b"x"])]))


@pytest.mark.parametrize("tag", [0x61, 0x65, 0x73, 0x78, 0x79])
def test_other_messages_are_left_to_ldap3(tag: int) -> None:
    assert read_entry(message(1, element(tag, element(4, b"ldap://elsewhere", 0), 0), 0)) is None


@given(data=st.data(), octets=st.integers(0, 4))
def test_no_part_of_an_entry_passes_for_an_entry(data: st.DataObject, octets: int) -> None:
    whole = message(1, search_entry(b"cn=x,dc=y", [(b"cn", [b"x", b"y" * 200]), (b"sn", [b""])], octets), octets)
    cut = data.draw(st.integers(0, len(whole) - 1))
    with pytest.raises(MalformedError):
        read_entry(whole[:cut])


@given(st.binary(max_size=200), st.integers(0, 3))
def test_any_bytes_are_an_entry_or_malformed(noise: bytes, octets: int) -> None:
    for data in (noise, message(1, element(0x64, noise, octets), octets)):
        try:
            found = read_entry(data)
        except MalformedError:
            continue
        assert found is None or len(found[1]) == 2


# Names.


@pytest.mark.parametrize(
    ("spelling", "key"),
    [
        ("CN=Nia Okafor,OU=Staff,DC=x", "cn=nia okafor,ou=staff,dc=x"),
        ("cn = Nia  Okafor , ou=Staff; dc=x", "cn=nia okafor,ou=staff,dc=x"),
        ('cn="Okafor, Nia",dc=x', "cn=okafor\\, nia,dc=x"),
        ("cn=Okafor\\, Nia,dc=x", "cn=okafor\\, nia,dc=x"),
        ("cn=Okafor\\2c Nia,dc=x", "cn=okafor\\, nia,dc=x"),
        ("cn=K\\C3\\B6bel,dc=x", "cn=köbel,dc=x"),
        ("cn=Ko\u0308bel,dc=x", "cn=köbel,dc=x"),
        ("cn=STRASSE,dc=x", "cn=strasse,dc=x"),
        ("cn=Straße,dc=x", "cn=strasse,dc=x"),
        ("sn=Kroker+cn=Amy Wong,dc=x", "cn=amy wong+sn=kroker,dc=x"),
        ("cn=\\#1,dc=x", "cn=\\#1,dc=x"),
        ("cn=#0401AB,dc=x", "cn=#0401ab,dc=x"),
        ("cn=a\\\\b\\+c,dc=x", "cn=a\\\\b\\+c,dc=x"),
        ("cn=trailing=,dc=x", "cn=trailing=,dc=x"),
        ("cn=a\\ ,dc=x", "cn=a,dc=x"),
        ("", ""),
        ('cn="never closed,dc=x', 'cn="never closed\\,dc=x'),
        ("cn=ends\\", "cn=ends\\\\"),
    ],
)
def test_names_compare_however_they_are_spelt(spelling: str, key: str) -> None:
    assert dn_key(spelling) == key


@given(st.text())
def test_any_text_has_a_key_and_parts(text: str) -> None:
    assert ",".join(split(text)).count(",") >= len(split(text)) - 1
    assert isinstance(dn_key(text), str)
    assert isinstance(unit(head(text)[0]), str)


@given(
    st.lists(
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1), min_size=1, max_size=3
    )
)
def test_key_is_the_same_for_a_name_escaped_in_hex(values: list[str]) -> None:
    hexed = ",".join("cn=" + "".join(f"\\{byte:02X}" for byte in value.encode()) for value in values)
    escaped = ",".join("CN=" + "".join(f"\\{c}" if c in ' #,+"\\<>;=' else c for c in value) for value in values)
    assert dn_key(hexed) == dn_key(escaped)
    assert len(split(hexed)) == len(values)


# People.


def person(
    dn: str = "uid=nia,dc=x", base: str = "dc=x", flavour: Flavour = Flavour.GENERIC, **attributes: Any
) -> Entry | Skipped:
    given = {"entryUUID": NIA, "uid": b"nia"} | attributes
    values = [
        (name.replace("__", ";").encode(), value if isinstance(value, list) else [value])
        for name, value in given.items()
        if value is not None
    ]
    settings = LdapSettings(base_dn=base)
    return Mapping(settings, attributes_of(settings, flavour)).entry((dn.encode(), values))


def nia(**attributes: Any) -> Entry:
    found = person(**attributes)
    assert isinstance(found, Entry)
    return found


def test_barest_entry_is_a_person() -> None:
    found = nia()
    assert found == Entry(
        NIA.decode(), "uid=nia,dc=x", "nia", None, "nia", "", "", None, None, None, (), None, "uid=nia,dc=x", None,
        False, found.digest, None, ("has no mail address",),
    )  # fmt: skip
    assert len(found.digest) == 16


def test_first_value_that_is_not_blank_counts() -> None:
    found = nia(mail=[b"", b"  ", b" Nia@X.example ", b"second@x.example"], displayName=b" ", CN=b"Nia O.")
    assert (found.mail, found.name) == ("Nia@X.example", "Nia O.")


def test_name_is_made_of_its_parts_where_it_is_missing() -> None:
    assert nia(givenName=b"Nia", sn=b"Okafor").name == "Nia Okafor"
    assert nia(sn=b"Okafor").name == "Okafor"


def test_attribute_names_are_known_in_any_case_and_without_options() -> None:
    found = nia(TELEPHONENUMBER=b"1", title__lang_en=b"Nurse")
    assert (found.phone, found.title) == ("1", None)


@pytest.mark.parametrize(
    ("told", "kept"),
    [
        ("  Nia ", "Nia"),
        ("Nia\0\x07", "Nia"),
        ("Nia \r\n Okafor", "Nia Okafor"),
        ("e\u0301", "é"),
        ("\u202eaiN", "aiN"),
        ("क्‍ष", "क्‍ष"),
        ("👩🏽‍🔬", "👩🏽‍🔬"),
        ("a\u00a0b", "a\u00a0b"),
        ("\x01", ""),
    ],
)
def test_text_is_cleaned(told: str, kept: str) -> None:
    assert clean(told) == kept


@given(st.text())
def test_clean_text_stays_as_it_is(text: str) -> None:
    kept = clean(text)
    assert clean(kept) == kept == kept.strip() == unicodedata.normalize("NFC", kept)
    assert [c for c in kept if unicodedata.category(c) == "Cc"] == []


def test_bytes_that_are_no_text_are_no_username() -> None:
    reason = "has no uid or sAMAccountName that can be read"
    assert person(uid=b"ni\xff") == Skipped("uid=nia,dc=x", reason, NIA.decode())
    assert nia(title=b"Caf\xe9").title == "Caf\ufffd"


def test_entry_without_id_is_skipped() -> None:
    expected = Skipped("uid=nia,dc=x", "has no entryUUID or objectGUID that can be read")
    assert [person(entryUUID=told) for told in (None, b"", b"17", b"x" * 36)] == [expected] * 4


@given(st.uuids())
def test_every_spelling_of_an_id_is_the_same(number: uuid.UUID) -> None:
    text = str(number)
    spelt = [text, text.upper(), f"{{{text}}}", number.hex, f" {text} "]
    assert {canonical_id(each.encode(), little_endian=False) for each in spelt} == {text}
    assert canonical_id(number.bytes, little_endian=False) == canonical_id(number.bytes_le, little_endian=True) == text


@pytest.mark.parametrize(
    ("attributes", "disabled"),
    [
        ({}, False), ({"userAccountControl": b"512"}, False), ({"userAccountControl": b"514"}, True),
        ({"userAccountControl": b"66050"}, True), ({"userAccountControl": b"66048"}, False),
        ({"userAccountControl": b"junk"}, False), ({"nsAccountLock": b"TRUE"}, True),
        ({"nsAccountLock": b"false"}, False),
        ({"userAccountControl": b"512", "nsAccountLock": b"true"}, True),
    ],
)  # fmt: skip
def test_disabled_is_read_from_either_kind_of_directory(attributes: dict[str, bytes], disabled: bool) -> None:
    assert nia(**attributes).disabled is disabled


@pytest.mark.parametrize(
    ("dn", "base", "department", "team"),
    [
        ("uid=n,ou=Libraries,ou=Communities,ou=People,dc=x", "dc=x", b"", ("Communities", "Libraries")),
        ("uid=n,OU=Libraries,ou=PEOPLE,DC=X", "ou=people, dc=x", b"libraries", ("Libraries",)),
        ("uid=n,ou=Libraries,dc=x", "dc=x", b"Mobile", ("Libraries", "Mobile")),
        ("cn=n,cn=Users,dc=x", "dc=x", b"Mobile", ("Mobile",)),
        ("cn=n,ou=Parks\\2C Trees \\+ Ponds,dc=x", "dc=x", b"", ("Parks, Trees + Ponds",)),
        ("cn=n,l=Dunmore+ou=Yard,dc=x", "dc=x", b"", ("Yard",)),
        ("cn=n,ou=Elsewhere,dc=y", "dc=x", b"", ("Elsewhere",)),
        ("cn=n,ou=Elsewhere", "dc=x", b"", ("Elsewhere",)),
        ("cn=n,ou=Base,dc=x", "ou=Base,dc=x", b"", ()),
        ("ou=n,dc=x", "dc=x", b"", ()),
    ],
)
def test_team_comes_from_the_tree_and_then_the_department(
    dn: str, base: str, department: bytes, team: tuple[str, ...]
) -> None:
    found = person(dn, base, department=department)
    assert isinstance(found, Entry)
    assert found.team == team


def test_manager_is_known_by_the_key_of_the_manager() -> None:
    manager = person("cn=Bryk\\2C Tomasz,ou=Press,dc=x")
    assert isinstance(manager, Entry)
    assert nia(manager=b'CN="Bryk,  tomasz", ou=Press, dc=x').manager_dn == manager.dn_key


def test_digest_changes_with_everything_that_is_told() -> None:
    told = {
        "mail": b"a", "displayName": b"a", "givenName": b"a", "sn": b"a", "telephoneNumber": b"a", "title": b"a",
        "l": b"a", "department": b"a", "manager": b"cn=a", "employeeNumber": b"a", "nsAccountLock": b"true",
        "uid": b"a", "entryUUID": b"20000000-0000-4000-8000-000000000001",
    }  # fmt: skip
    digests = {nia(**{name: value}).digest for name, value in told.items()} | {nia().digest}
    moved = person("uid=nia,ou=Yard,dc=x")
    assert isinstance(moved, Entry)
    assert len(digests | {moved.digest}) == len(told) + 2
    assert nia(**told).digest == nia(**told, description=b"nobody asked for this").digest


def test_digest_is_over_every_field() -> None:
    # Two entries that differ in one field only must not have one digest, or a sync would miss the change.
    # Web addresses, which the settings have to ask for, stand behind it and are in it: see test_web_addresses.py.
    assert [field.name for field in fields(Entry)][-4:] == ["digest", "mark", "odd", "web"]
    one, other = nia(title=b"a"), nia(physicalDeliveryOfficeName=b"a")
    assert replace(one, title=None, location="a", digest=b"") == replace(other, digest=b"")
    assert one.digest != other.digest


def test_deep_tree_of_long_names_fits_into_every_index() -> None:
    above = ",".join(f"ou={'ü' * 130}{number}" for number in range(7))
    found = person(f"uid=nia,{above},dc=x")
    assert isinstance(found, Entry)
    assert [len(name) for name in found.team] == [120] * 7
    assert len(" / ".join(found.team).encode()) < 2_700
    deeper = person(f"uid=nia,{above},{above},dc=x")
    assert deeper == Skipped(deeper.dn, "has a name or username that is too long", NIA.decode())
    assert len(deeper.dn) == 200
