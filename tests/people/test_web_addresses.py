"""Web addresses in the directory, from a real server: which become sightings, once, and whose they are said to be."""

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask
from harbour import Tree

from registry.config import Flavour, LdapSettings
from registry.db import db
from registry.discovery.matching import suggestions_for
from registry.discovery.models import Glimpse, How, Sighting
from registry.jobs import hand_on
from registry.people.ldap.flavours import attributes_of
from registry.people.models import Person, Way
from registry.people.sync import sync
from registry.people.web_addresses import WebAddress

pytestmark = pytest.mark.ldap


def read(tree: Tree, *attributes: str, way: Way = Way.SWEEP) -> None:
    """Read the directory, and hand the news on as the worker does."""
    sync(tree.settings(web_attributes=attributes), way=way)
    hand_on()


def seen() -> list[tuple[str, str]]:
    return [(one.platform, one.key) for one in db.session.scalars(sa.select(Sighting).order_by(Sighting.id))]


def kept() -> list[tuple[str, str]]:
    return [tuple(row) for row in db.session.execute(  # type: ignore[misc]
        sa.select(Person.username, WebAddress.url).join(WebAddress).order_by(WebAddress.id)
    )]  # fmt: skip


def test_accounts_in_entries_become_sightings_of_whose_entry_it_is(app: Flask, tree: Tree) -> None:
    nia = tree.add("nia.pugh", "Nia Pugh", labeledURI="https://x.com/HarbourNia My account")
    tree.add("ewa.zak", "Ewa Zak", labeledURI=["https://ewa.example/", "https://www.instagram.com/p/abc/",
                                               "instagram.com/ewa.zak insta", "not an address"])  # fmt: skip
    read(tree, "usual")
    assert seen() == [("instagram", "ewa.zak"), ("x", "harbournia")] or seen() == [
        ("x", "harbournia"), ("instagram", "ewa.zak"),
    ]  # fmt: skip
    assert sorted(kept()) == [("ewa.zak", "instagram.com/ewa.zak"), ("nia.pugh", "https://x.com/HarbourNia")]
    assert {one.how for one in db.session.scalars(sa.select(Glimpse))} == {How.DIRECTORY}
    assert db.session.scalars(sa.select(Glimpse.by_id)).all() == [None, None]
    [likely] = suggestions_for(handle="@HarbourNia", url="https://x.com/HarbourNia")
    assert (likely.person.username, likely.reasons) == (
        "nia.pugh", ("Their entry in the directory has this address",),
    )  # fmt: skip
    assert likely.score == 0.95
    for way in (Way.SWEEP, Way.FULL):
        read(tree, "usual", way=way)
    assert db.session.scalar(sa.select(sa.func.count(Glimpse.id))) == 2
    tree.change(nia, labeledURI="https://x.com/HarbourNia Moved", title="Pilot")
    read(tree, "usual")
    assert db.session.scalar(sa.select(sa.func.count(Glimpse.id))) == 2


def test_an_address_that_is_new_is_seen_and_one_that_is_gone_is_not_kept(app: Flask, tree: Tree) -> None:
    nia = tree.add("nia.pugh", "Nia Pugh", labeledURI="https://x.com/HarbourNia")
    read(tree, "labeledURI")
    tree.change(nia, labeledURI="https://www.tiktok.com/@harbournia")
    read(tree, "labeledURI")
    assert seen() == [("x", "harbournia"), ("tiktok", "harbournia")]
    assert kept() == [("nia.pugh", "https://www.tiktok.com/@harbournia")]
    tree.change(nia, labeledURI="https://nia.example/")
    read(tree, "labeledURI")
    assert (len(seen()), kept()) == (2, [])


def test_nothing_is_read_unless_it_is_switched_on_and_then_at_once(app: Flask, tree: Tree) -> None:
    tree.add("nia.pugh", "Nia Pugh", labeledURI="https://x.com/HarbourNia")
    read(tree)
    assert (seen(), kept()) == ([], [])
    read(tree, "usual")
    assert seen() == [("x", "harbournia")]


@pytest.mark.parametrize(
    ("chosen", "flavour", "attributes"),
    [
        ((), Flavour.OPENLDAP, ()),
        (("usual",), Flavour.OPENLDAP, ("labeledURI",)),
        (("usual", "seeAlso"), Flavour.ACTIVE_DIRECTORY, ("wWWHomePage", "url", "seeAlso")),
        (("url",), Flavour.DS389, ("url",)),
    ],
)
def test_attributes_are_the_usual_ones_or_those_chosen(
    chosen: tuple[str, ...], flavour: Flavour, attributes: tuple[str, ...]
) -> None:
    assert attributes_of(LdapSettings(web_attributes=chosen), flavour).web == attributes


def test_a_setting_in_the_environment_is_a_list_with_blanks(tmp_path: Path) -> None:
    assert LdapSettings.model_validate({"web_attributes": "usual url"}).web_attributes == ("usual", "url")


def test_a_setting_that_is_no_name_is_said_so() -> None:
    with pytest.raises(ValueError, match=r"is no name of an attribute: write names with blanks between, or usual"):
        LdapSettings.model_validate({"web_attributes": '["usual"]'})
