"""The card of a colleague: read back by a reader of its own, whatever is in the fields."""

import re

import cast
import pytest
from browser import Browser
from hypothesis import given
from hypothesis import strategies as st

from registry.db import db
from registry.network import actions, vcards
from registry.network.models import Told
from registry.people.models import Person, Team

TEXT = st.text(max_size=100)
NASTY = "a,b;c\\d\\ne\r\nf\rg\nh 🦊👩‍👩‍👧 é ফরিদা " + "x" * 200


def read(card: str) -> list[tuple[str, list[list[str]]]]:
    """The properties of a card: name and parameters, then parts and values (RFC 6350, 3.2 to 3.4)."""
    assert card.endswith("\r\n")
    lines = card[:-2].replace("\r\n ", "").split("\r\n")
    found = []
    for line in lines:
        name, _, value = line.partition(":")
        found.append((name, [[plain(one) for one in split(part, ",")] for part in split(value, ";")]))
    return found


def split(text: str, mark: str) -> list[str]:
    """``text`` at each ``mark`` that is not escaped."""
    found, escaping = [""], False
    for letter in text:
        if letter == mark and not escaping:
            found.append("")
        else:
            found[-1] += letter
        escaping = letter == "\\" and not escaping
    return found


def plain(text: str) -> str:
    return re.sub(r"\\(.)", lambda found: "\n" if found[1] in "nN" else found[1], text, flags=re.DOTALL)


def kept(text: str) -> str:
    """What a card can keep of a text: line ends as one, and a blank for each control."""
    lined = re.sub("\r\n|[\r\n\x0b\x0c\x85\u2028\u2029]", "\n", text)
    return re.sub("[\x00-\x09\x0b-\x1f\x7f-\x9f\ud800-\udfff]", " ", lined)


def made(name: str, told: Told, *, team: str = "", **more: str) -> str:
    person = Person(name=name, given_name=name, family_name="", **more)
    person.team = Team(path=team, name=team) if team else None
    return vcards.card(person, told, organisation="Dunmore", url="https://register.example/people/1")


@given(name=TEXT, about=TEXT, topics=st.lists(TEXT, max_size=3), team=TEXT, place=TEXT)
def test_a_card_reads_back_as_it_was_meant(name: str, about: str, topics: list[str], team: str, place: str) -> None:
    card = made(name, Told(about=about, place=place, topics=tuple(topics)), team=team, title=about)
    assert all(len(line.encode()) <= 75 for line in card.split("\r\n"))
    found = dict(read(card))
    assert found["FN"] == [[kept(name)]]
    assert found.get("TITLE") == ([[kept(about)]] if about else None)
    assert found.get("NOTE") == ([[kept(about)]] if about else None)
    parts = [["Dunmore"], *([kept(one)] for one in (team.split(" / ") if team else []))]
    assert found["ORG"] == parts
    assert found.get("ADR;TYPE=work") == ([[""], [""], [kept(place)], [""], [""], [""], [""]] if place else None)
    wanted = list(dict.fromkeys(topics))
    assert found.get("CATEGORIES") == ([[kept(one) for one in wanted]] if wanted else None)


def test_no_field_adds_a_property() -> None:
    names = [
        name for name, _ in read(made(NASTY, Told(NASTY, NASTY, NASTY, (NASTY,), (NASTY,), (NASTY,)), title=NASTY))
    ]
    assert names == [
        "BEGIN", "VERSION", "KIND", "UID", "FN", "N", "ORG", "TITLE", "NOTE", "ADR;TYPE=work", "CATEGORIES", "URL",
        "END",
    ]  # fmt: skip


@pytest.mark.parametrize("length", range(66, 82))
def test_a_line_is_folded_between_characters(length: int) -> None:
    folded = vcards.folded("é" * length)
    assert folded.replace("\r\n ", "") == "é" * length
    assert max(len(line.encode()) for line in folded.split("\r\n")) in (74, 75)


def test_card_is_a_file_that_phones_open(client: Browser) -> None:
    nia = cast.library_officer()
    nia.phone = "01632 960002"
    actions.keep(profile=None, person=nia, about="Books; and cake, too.", topics=[], offers=["video"], asks=[])
    db.session.commit()
    answer = client.as_(cast.stranger()).get(f"/people/{nia.id}/card.vcf")
    assert answer.headers["Content-Type"] == "text/vcard; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="Nia-Okafor.vcf"'
    assert read(answer.get_data().decode()) == [
        ("BEGIN", [["VCARD"]]), ("VERSION", [["4.0"]]), ("KIND", [["individual"]]),
        ("UID", [[f"http://127.0.0.1:5000/people/{nia.id}"]]),
        ("FN", [["Nia Okafor"]]), ("N", [["Okafor"], ["Nia"], [""], [""], [""]]),
        ("ORG", [["Your organisation"], ["Communities"], ["Libraries"]]), ("TITLE", [["Library officer"]]),
        ("EMAIL;TYPE=work", [["nia.okafor@dunmore.example"]]), ("TEL;TYPE=work", [["01632 960002"]]),
        ("NOTE", [["Books; and cake, too.\nCan help with: video"]]), ("CATEGORIES", [["video"]]),
        ("URL", [[f"http://127.0.0.1:5000/people/{nia.id}"]]), ("END", [["VCARD"]]),
    ]  # fmt: skip


def test_whoever_left_has_no_card(client: Browser) -> None:
    db.session.commit()
    gone = cast.leaver().id
    db.session.commit()
    assert client.as_(cast.stranger()).get(f"/people/{gone}/card.vcf").status_code == 404
