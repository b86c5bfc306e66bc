"""Reading a real Active Directory (Samba's): who is a person, what becomes of them, and what a change mark tells."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import ldap3
import pytest
import sqlalchemy as sa
from flask import Flask
from readings import counts, days_later, events, person, rows, states
from samba import CROWD_SIZE, GROUPS, PASSWORD, SUFFIX, Part, Samba
from slapd import everybody
from sqlalchemy import orm

from registry.config import Flavour
from registry.db import db
from registry.discovery.models import Sighting
from registry.jobs import hand_on
from registry.people import directory
from registry.people.ldap import flavours
from registry.people.models import Person, PersonState, RoleGrant, RunLine, Team, Turn, Way
from registry.people.sync import Outcome, sync
from registry.people.web_addresses import WebAddress

pytestmark = [pytest.mark.ldap, pytest.mark.samba, pytest.mark.sqlite_only]

#: The crowd, and six of the cast.
PEOPLE = CROWD_SIZE + 6
WARDS = f"OU=Wards,OU=Staff,{SUFFIX}"


def team_of(username: str) -> str:
    """The path of somebody's team."""
    found = db.session.scalar(sa.select(Team.path).join(Person).where(Person.username == username))
    db.session.rollback()
    return found or ""


def manager_of(username: str) -> str:
    """The username of somebody's manager."""
    number = person(username).manager_id
    return db.session.scalars(sa.select(Person.username).where(Person.id == number)).first() or "" if number else ""


def told(outcome: Outcome) -> dict[str, Any]:
    """How a run read, and what it did."""
    return {"way": outcome.way, **counts(outcome)}


@pytest.fixture(params=["DirSync", "change numbers"])
def telling(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """How the directory tells what changed."""
    if request.param != "DirSync":
        monkeypatch.setattr(flavours, "DIRSYNC", "1.3.6.1.4.1.5923.0")  # Nobody offers it.


@contextmanager
def no_row_is_written() -> Iterator[None]:
    """All people are the same rows afterwards."""
    before = rows()
    yield
    assert {key: row for key, row in rows().items() if before.get(key) != row} == {}


# Who is a person.


def test_everybody_is_read_and_nothing_else(app: Flask, kestrel: Samba, part: Part) -> None:
    assert told(sync(kestrel.settings())) == {
        "result": "complete", "way": "full", "read": PEOPLE, "joined": PEOPLE,
    }  # fmt: skip
    # Neither the computer nor the contact, nor the accounts that every domain is born with.
    assert {name: state for name, state in states().items() if not name.startswith("crew")} == {
        "bronwen.boss": "active", "dai.out": "disabled", "ewa.expired": "active", "max.must": "active",
        "nia.pugh": "active", "reader": "active",
    }  # fmt: skip
    nia = person("nia.pugh")
    assert nia.directory_id == part.id_of(f"CN=Nia Pugh,{WARDS}")
    assert (nia.name, nia.mail, nia.title) == ("Nia Pugh", "nia@kestrel.example", None)
    assert (person("bronwen.boss").title, manager_of("nia.pugh")) == ("Matron", "bronwen.boss")
    assert (manager_of("crew1234"), manager_of("crew0000")) == ("crew0123", "")
    assert [team_of(name) for name in ("nia.pugh", "bronwen.boss", "crew0018", "reader")] == [
        "Wards / Ward 4", "Wards", "Crowd / Watch 1", ""
    ]  # fmt: skip


def test_directory_is_known_as_what_it_is(kestrel: Samba) -> None:
    people = directory.read_people(kestrel.settings())
    assert sum(len(page) for page in people) == PEOPLE
    assert (people.complete, people.root.flavour, people.root.pages) == (True, Flavour.ACTIVE_DIRECTORY, True)
    assert people.root.server.startswith("CN=NTDS Settings,CN=DC1,CN=Servers,")
    assert int(people.high_mark) >= CROWD_SIZE


def test_names_with_every_kind_of_escape_are_the_same_names_everywhere(app: Flask, part: Part) -> None:
    names = ['Pugh, "Nia" #1', "a+b<c>;d=e\\f", "Zoe\u0308 NFD", "  blanks  ".strip() + " .", "#hash", "名前 🚢"]
    unit = part.unit(f"OU=Nights\\, late\\+early,{part.base}")
    bosses = [part.add(f"boss{number}", unit=unit, cn=name) for number, name in enumerate(names)]
    for number, boss in enumerate(bosses):
        part.add(f"report{number}", manager=boss)
    group = part.group("odd", bosses)
    given = part.settings(role_groups={"comms": (group,)})
    assert told(sync(given)) == {"result": "complete", "way": "full", "read": 12, "joined": 12}
    assert [manager_of(f"report{number}") for number in range(6)] == [f"boss{number}" for number in range(6)]
    assert {team_of(f"boss{number}") for number in range(6)} == {"Part / Nights, late+early".partition(" / ")[2]}
    holders = sa.select(Person.username).join(RoleGrant, RoleGrant.person_id == Person.id).order_by(Person.username)
    assert db.session.scalars(holders).all() == [f"boss{number}" for number in range(6)]
    assert sync(given, way=Way.SWEEP).changed == 0


# Groups.


def test_groups_give_roles_through_groups_within_and_in_circles(app: Flask, kestrel: Samba, part: Part) -> None:
    link = part.link
    link.modify(f"CN=Inner,{GROUPS}", {"member": [(ldap3.MODIFY_ADD, [f"CN=Outer,{GROUPS}"])]})
    given = kestrel.settings(role_groups={"comms": (f"CN=Outer,{GROUPS}",), "organiser": (f"CN=Everyone,{GROUPS}",)})
    sync(given)
    held: dict[str, list[str]] = {}
    found = sa.select(RoleGrant.role, Person.username).join(Person, RoleGrant.person_id == Person.id)
    for role, username in db.session.execute(found.order_by(Person.username)):
        held.setdefault(role, []).append(username)
    assert held["comms"] == ["bronwen.boss", "nia.pugh"]
    assert held["organiser"] == [f"crew{number:04}" for number in range(CROWD_SIZE)]
    db.session.rollback()
    # Being put into a group marks the group as changed, and nobody in it: roles must be looked at in every run.
    link.modify(f"CN=Inner,{GROUPS}", {"member": [(ldap3.MODIFY_ADD, [f"CN=Dai Out,{WARDS}"])]})
    sync(given, way=Way.CHANGES)
    comms = (
        sa.select(Person.username).join(RoleGrant, RoleGrant.person_id == Person.id).where(RoleGrant.role == "comms")
    )
    assert db.session.scalars(comms.order_by(Person.username)).all() == ["bronwen.boss", "dai.out", "nia.pugh"]
    both = [f"CN=Dai Out,{WARDS}", f"CN=Outer,{GROUPS}"]
    link.modify(f"CN=Inner,{GROUPS}", {"member": [(ldap3.MODIFY_DELETE, both)]})


def test_web_addresses_become_sightings_of_whose_entry_it_is(app: Flask, part: Part) -> None:
    nia = part.add(
        "nia", wWWHomePage="https://x.com/KestrelNia", url=["https://kestrel.example/", "bsky.app/profile/n.example"]
    )
    part.add("ewa", url="https://www.instagram.com/kestrel.ewa/")
    given = part.settings(web_attributes=("usual",))
    sync(given)
    hand_on()
    assert sighted() == ["bluesky n.example", "instagram kestrel.ewa", "x kestrelnia"]
    part.change(nia, wWWHomePage="https://www.tiktok.com/@kestrelnia")
    sync(given, way=Way.CHANGES)
    hand_on()
    assert sighted() == ["bluesky n.example", "instagram kestrel.ewa", "tiktok kestrelnia", "x kestrelnia"]
    kept = sa.select(Person.username, WebAddress.known_as).join(WebAddress).order_by(WebAddress.known_as)
    assert [tuple(row) for row in db.session.execute(kept)] == [
        ("nia", "https://bsky.app/profile/n.example"), ("ewa", "https://www.instagram.com/kestrel.ewa"),
        ("nia", "https://www.tiktok.com/@kestrelnia"),
    ]  # fmt: skip
    db.session.rollback()


def sighted() -> list[str]:
    """The accounts that were seen."""
    return sorted(f"{one.platform} {one.key}" for one in db.session.scalars(sa.select(Sighting)))


# A life, however it is read.


@pytest.mark.parametrize("way", [Way.FULL, Way.SWEEP])
def test_rename_and_move_are_the_same_person(app: Flask, part: Part, way: Way) -> None:
    wards, theatres = (part.unit(f"OU={name},{part.base}") for name in ("Wards", "Theatres"))
    boss = part.add("owen.over", unit=wards)
    dn = part.add("tess.twice", unit=wards, manager=boss)
    part.add_many(12)
    sync(part.settings())
    before = person("tess.twice").id
    dn = part.rename(dn, "CN=Tess Thrice")
    dn = part.rename(dn, above=theatres)
    part.change(dn, sAMAccountName="tess.thrice", displayName="Tess Thrice")
    assert told(sync(part.settings(), way=way)) == {"result": "complete", "way": way, "read": 14, "moved": 1}
    tess = person("tess.thrice")
    assert (tess.id, tess.name, manager_of("tess.thrice")) == (before, "Tess Thrice", "owen.over")
    assert events("person.moved") == ["Tess Thrice moved from Wards to Theatres"]
    # The manager goes elsewhere: the entry of Tess has their new name at once, and is not marked as changed.
    mark = part.usn(dn)
    part.rename(boss, "CN=Owen Under", theatres)
    assert part.usn(dn) == mark
    sync(part.settings(), way=way)
    assert manager_of("tess.thrice") == "owen.over"
    assert db.session.scalars(sa.select(RunLine).where(RunLine.turn == Turn.MANAGER)).all() == []
    db.session.rollback()
    with no_row_is_written():
        sync(part.settings(), way=way)


@pytest.mark.usefixtures("telling")
@pytest.mark.parametrize("way", list(Way))
def test_unit_with_another_name_keeps_its_people_and_its_team(app: Flask, part: Part, way: Way) -> None:
    wards = part.unit(f"OU=Wards,{part.base}")
    boss = part.add("olive.over", unit=wards)
    dn = part.add("una.under", unit=wards, manager=boss)
    part.add("ossian.outside", manager=boss)
    part.add_many(12)
    sync(part.settings())
    team_id, mark = person("una.under").team_id, part.usn(dn)
    wards = part.rename(wards, "OU=Wards and Clinics")
    assert part.usn(f"CN=Una Under,{wards}") == mark  # Nobody in it is marked as changed.
    outcome = sync(part.settings(), way=way)
    assert (outcome.result, outcome.moved, outcome.missing, outcome.joined) == ("complete", 0, 0, 0)
    assert (person("una.under").team_id, team_of("una.under")) == (team_id, "Wards and Clinics")
    assert [manager_of(name) for name in ("una.under", "ossian.outside")] == ["olive.over", "olive.over"]
    assert events("person.moved", "person.manager-changed") == []
    sync(part.settings(), way=Way.FULL)
    assert [manager_of(name) for name in ("una.under", "ossian.outside")] == ["olive.over", "olive.over"]


@pytest.mark.usefixtures("telling")
def test_manager_of_another_name_is_still_the_manager_after_changes_alone(app: Flask, part: Part) -> None:
    boss = part.add("gwen.old")
    part.add("rhys.report", manager=boss)
    part.add_many(12)
    sync(part.settings())
    boss = part.rename(boss, "CN=Gwen New")
    sync(part.settings(), way=Way.CHANGES)
    assert manager_of("rhys.report") == "gwen.old"
    part.change(boss, title="Matron")
    for way in (Way.CHANGES, Way.SWEEP, Way.FULL):
        sync(part.settings(), way=way)
        assert manager_of("rhys.report") == "gwen.old"
    assert events("person.manager-changed") == []


@pytest.mark.usefixtures("telling")
@pytest.mark.parametrize("way", list(Way))
def test_managers_who_swap_names_keep_their_people(app: Flask, part: Part, way: Way) -> None:
    one, two = part.add("alex.ash", cn="Alex"), part.add("alex.elm", cn="Alex (2)")
    part.add("ana.ash", manager=one)
    part.add("eva.elm", manager=two)
    part.add_many(12)
    sync(part.settings())
    other = part.rename(one, "CN=Alex (for a moment)")
    part.rename(two, "CN=Alex")
    part.rename(other, "CN=Alex (2)")
    sync(part.settings(), way=way)
    assert [manager_of(name) for name in ("ana.ash", "eva.elm")] == ["alex.ash", "alex.elm"]
    assert events("person.manager-changed") == []


@pytest.mark.usefixtures("telling")
@pytest.mark.parametrize("way", list(Way))
def test_people_of_a_deleted_manager_do_not_fall_to_the_next_of_that_name(app: Flask, part: Part, way: Way) -> None:
    boss = part.add("bela.before", cn="Bela")
    report = part.add("rosa.report", manager=boss)
    part.add_many(12)
    sync(part.settings())
    mark = part.usn(report)
    part.remove(boss)
    part.add("bela.behind", cn="Bela")
    # The directory takes the manager out of the entry, and does not mark it as changed.
    assert part.usn(report) == mark
    sync(part.settings(), way=way)
    sync(part.settings(), way=way)
    assert manager_of("rosa.report") != "bela.behind"
    sync(part.settings(), way=Way.FULL)
    assert manager_of("rosa.report") == ""


@pytest.mark.usefixtures("telling")
def test_login_used_again_is_a_new_person(app: Flask, part: Part) -> None:
    part.add_many(12)
    dn = part.add("lena.left", mail="lena@kestrel.example")
    sync(part.settings())
    old, old_id = person("lena.left").id, part.id_of(dn)
    part.remove(dn)
    part.add("lena.left", mail="lena@kestrel.example")
    outcome = sync(part.settings(), way=Way.CHANGES)
    assert (outcome.way, outcome.read, outcome.joined, outcome.missing) == ("changes", 1, 1, 0)
    assert told(sync(part.settings(), way=Way.SWEEP)) == {
        "result": "complete", "way": "sweep", "read": 13, "missing": 1,
    }  # fmt: skip
    new = person("lena.left")
    assert (new.id == old, new.directory_id == old_id, new.state) == (False, False, PersonState.ACTIVE)
    assert db.session.get_one(Person, old).state == PersonState.MISSING


def test_deletion_is_missing_and_then_left(app: Flask, part: Part) -> None:
    gone, *_ = part.add_many(12)
    sync(part.settings())
    part.remove(gone)
    assert sync(part.settings(), way=Way.CHANGES).missing == 0  # What is gone has no mark to be found by.
    assert states()["hand000"] == "active"
    assert sync(part.settings(), way=Way.SWEEP).missing == 1
    with days_later(1.1):
        assert sync(part.settings(), way=Way.SWEEP).left == 1
    assert states() == {f"hand{number:03}": "left" if number == 0 else "active" for number in range(12)}


@pytest.mark.usefixtures("telling")
@pytest.mark.parametrize("way", list(Way))
def test_disabled_account_is_seen_by_its_bit(app: Flask, part: Part, way: Way) -> None:
    dn, *_ = part.add_many(12, userAccountControl=0x10220)  # Their passwords never expire.
    sync(part.settings())
    part.change(dn, userAccountControl=0x10222)
    assert sync(part.settings(), way=way).disabled == 1
    assert {name for name, state in states().items() if state == "disabled"} == {"hand000"}
    part.change(dn, userAccountControl=0x10220)
    assert sync(part.settings(), way=way).returned == 1
    assert states()["hand000"] == "active"


@pytest.mark.usefixtures("telling")
def test_deleted_person_who_is_restored_is_the_same_person(app: Flask, part: Part) -> None:
    part.add_many(12)
    dn = part.add("rhona.returns")
    sync(part.settings())
    before, directory_id = person("rhona.returns").id, part.id_of(dn)
    part.remove(dn)
    sync(part.settings(), way=Way.SWEEP)
    with days_later(1.1):
        assert sync(part.settings(), way=Way.SWEEP).left == 1
    part.restore(dn, directory_id)
    assert sync(part.settings(), way=Way.CHANGES).returned == 1
    assert (person("rhona.returns").id, states()["rhona.returns"]) == (before, "active")


@pytest.mark.usefixtures("telling")
def test_whoever_moves_out_of_the_base_is_missing_and_back_again(app: Flask, part: Part) -> None:
    inside = part.unit(f"OU=Inside,{part.base}")
    dn, *_ = part.add_many(12, unit=inside)
    given = part.settings(base_dn=inside)
    sync(given)
    dn = part.rename(dn, above=part.base)
    assert sync(given, way=Way.CHANGES).read == 0
    assert sync(given, way=Way.SWEEP).missing == 1
    part.rename(dn, above=inside)
    assert sync(given, way=Way.CHANGES).returned == 1
    assert set(states().values()) == {"active"}


# Many lives at once.


def shake(part: Part, chance: random.Random) -> None:
    """One thing that happens in a directory, to somebody or to a unit."""
    people, units = part.below("user"), part.below("organizationalUnit")
    who, other = chance.sample(people, 2)
    rdn, _, above = who.partition(",")
    fresh = f"{chance.getrandbits(32):x}"
    match chance.randrange(9):
        case 0:
            part.add(fresh, unit=chance.choice(units), manager=who)
        case 1 if len(people) > 12:
            part.remove(who)
        case 2:  # Somebody new gets the login and the name of somebody who is gone.
            login = part.login(who)
            part.remove(who)
            part.add(login, cn=rdn.partition("=")[2], unit=above, manager=other)
        case 3:
            part.rename(who, f"CN={fresh}")
        case 4:
            part.rename(part.rename(who, f"CN={fresh}"), above=chance.choice(units))
        case 5:  # Two swap their names, and with them their units.
            aside = part.rename(who, f"CN={fresh}", part.base)
            part.rename(other, rdn, above)
            part.rename(aside, *other.split(",", 1))
        case 6 if len(units) > 1:
            part.rename(chance.choice(units[1:]), f"OU=Unit {fresh}")
        case 7:
            part.change(who, manager=other)
        case _:
            part.change(who, department=f"Watch {chance.randrange(3)}", sAMAccountName=fresh)


def as_registered() -> dict[str, tuple[str, str, str]]:
    """Username, team and manager of everybody who is there, by directory id; no manager where theirs is away."""
    boss = orm.aliased(Person)
    here = (Person.state == PersonState.ACTIVE, Person.missing_at.is_(None))
    is_boss = sa.and_(boss.id == Person.manager_id, boss.state == PersonState.ACTIVE)
    found = (
        sa.select(Person.directory_id, Person.username, Team.path, boss.username)
        .outerjoin(Team, Person.team_id == Team.id).outerjoin(boss, is_boss).where(*here)
    )  # fmt: skip
    told = {row[0]: (row[1], row[2] or "", row[3] or "") for row in db.session.execute(found)}
    db.session.rollback()
    return told


def as_directed(part: Part) -> dict[str, tuple[str, str, str]]:
    """The same, as the directory has it."""
    people = everybody(part.settings()).values()
    by_name = {one.dn_key: one.username for one in people}
    return {
        one.directory_id: (one.username, " / ".join(one.team), by_name.get(one.manager_dn or "", "")) for one in people
    }


@pytest.mark.usefixtures("telling")
@pytest.mark.parametrize("seed", [3, 14])
def test_sweeps_after_random_changes_end_where_the_directory_is(app: Flask, part: Part, seed: int) -> None:
    chance = random.Random(seed)
    for name in ("Wards", "Theatres"):
        part.unit(f"OU={name},{part.base}")
    heads = part.add_many(4)
    for number in range(14):
        part.add(f"fleet{number}", unit=part.below("organizationalUnit")[number % 3], manager=heads[number % 4])
    sync(part.settings())
    for _ in range(12):
        for _ in range(chance.randrange(1, 5)):
            shake(part, chance)
        for way in (*chance.sample((Way.CHANGES, Way.SWEEP), chance.randrange(2)), Way.SWEEP):
            outcome = sync(part.settings(page_size=10), way=way)
            if outcome.held:  # So few people are soon too many of them.
                sync(part.settings(page_size=10), way=way, accept_leavers=outcome.held)
        assert as_registered() == as_directed(part)


# What a change mark tells.


@pytest.mark.usefixtures("telling")
def test_runs_without_news_write_nothing_though_people_sign_in(app: Flask, part: Part) -> None:
    part.add_many(12)
    dn = part.add("sian.signs", password=PASSWORD)
    sync(part.settings())
    mark = part.usn(dn)
    with no_row_is_written():
        for way in Way:
            assert told(sync(part.settings(), way=way)) == (
                {"result": "complete", "way": way} | ({} if way is Way.CHANGES else {"read": 13})
            )
    part.domain.connect(dn).unbind()
    assert part.usn(dn) > mark  # The directory notes the first of somebody's sign-ins as a change of them.
    assert told(sync(part.settings(), way=Way.CHANGES)) == {"result": "complete", "way": "changes", "read": 1}
    with no_row_is_written():
        assert told(sync(part.settings(), way=Way.SWEEP)) == {"result": "complete", "way": "sweep", "read": 13}


@pytest.mark.usefixtures("telling")
def test_changes_are_read_alone(app: Flask, part: Part) -> None:
    dn, *_ = part.add_many(30)
    sync(part.settings())
    part.change(dn, title="Boatswain")
    part.add("nell.new")
    assert told(sync(part.settings(), way=Way.CHANGES)) == {
        "result": "complete", "way": "changes", "read": 2, "changed": 1, "joined": 1,
    }  # fmt: skip
    assert person("hand000").title == "Boatswain"
