"""A real 389 Directory Server, read and signed in to: whose entry is whose, what change marks tell, who is out."""

import re
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import ldap3
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from databases import SECRET_KEY
from ds389 import CONFIG, LIMITED, PLUGINS, READER, RULE, SUFFIX, Ds389, Ward
from flask import Flask
from readings import counts, days_later, events, person, rows, states
from samba import escaped
from slapd import everybody, fault, settings_for

from registry.config import Flavour, LdapSettings, Settings, load
from registry.db import db
from registry.discovery.models import Sighting
from registry.jobs import hand_on
from registry.people import directory
from registry.people.ldap import checkup
from registry.people.models import Person, PersonState, RoleGrant, Team, Way
from registry.people.sync import Outcome, sync
from registry.people.views import WRONG

pytestmark = [pytest.mark.ldap, pytest.mark.ds389, pytest.mark.sqlite_only]

README = Path(__file__).parents[2] / "README.md"
PAGING = "1.2.840.113556.1.4.319"
REFERENCES = f"cn=referential integrity postoperation,{PLUGINS}"
#: Days that are enough for change marks to be trusted, which count in whole seconds.
A_WHILE = 0.01
Counting = Callable[[], AbstractContextManager[list[str]]]


@pytest.fixture
def settings(instance: Path, database_url: str, larkfield: Ds389) -> Settings:
    """The app asks the whole directory."""
    return load(instance=instance, database_url=database_url, secret_key=SECRET_KEY, ldap=settings_for(larkfield))


def team_of(username: str) -> str:
    """The path of somebody's team."""
    found = db.session.scalar(sa.select(Team.path).join(Person).where(Person.username == username))
    db.session.rollback()
    return found or ""


def manager_of(username: str) -> str:
    """The username of somebody's manager."""
    number = person(username).manager_id
    return db.session.scalars(sa.select(Person.username).where(Person.id == number)).first() or "" if number else ""


def holders_of(role: str) -> list[str]:
    """Who holds a role."""
    found = sa.select(Person.username).join(RoleGrant, RoleGrant.person_id == Person.id).where(RoleGrant.role == role)
    held = list(db.session.scalars(found.order_by(Person.username)))
    db.session.rollback()
    return held


def told(outcome: Outcome) -> dict[str, Any]:
    """How a run read, and what it did."""
    return {"way": outcome.way, **counts(outcome)}


@contextmanager
def no_row_is_written() -> Iterator[None]:
    """All people are the same rows afterwards."""
    before = rows()
    yield
    assert {key: row for key, row in rows().items() if before.get(key) != row} == {}


def of_its_own_tools(ward: Ward, username: str, **attributes: Any) -> str:
    """A person with the classes that ``dsidm user create`` gives, which are not those of RFC 2798."""
    kinds = ["nsPerson", "nsAccount", "nsOrgPerson", "posixAccount"]
    told = {"cn": username, "displayName": username.title(), "uidNumber": 1, "gidNumber": 1, "homeDirectory": "/"}
    ward.link.add(dn := ward.dn(username), kinds, {"uid": username, **told, **attributes})
    return dn


# Who is a person.


def test_directory_is_known_as_what_it_is(ward: Ward) -> None:
    ward.add_many(3)
    people = directory.read_people(ward.settings())
    assert sum(len(page) for page in people) == 3
    assert (people.complete, people.root.flavour, people.root.pages) == (True, Flavour.DS389, True)
    assert people.root.bases == (SUFFIX,)


def test_everybody_is_read_and_nothing_else(app: Flask, ward: Ward) -> None:
    wards = ward.unit(f"ou=Wards,{ward.base}")
    boss = ward.add("bronwen.boss", unit=wards, title="Matron", mail="bronwen@larkfield.example")
    ward.add("sian.sister", unit=ward.unit(f"ou=Ward 4,{wards}"), manager=boss.upper(), employeeNumber="1004")
    of_its_own_tools(ward, "dewi.tools", mail="dewi@larkfield.example")
    of_its_own_tools(ward, "backup", employeeType="service")
    ward.add("scanner", employeeType="service")
    ward.role("Night staff")
    assert told(sync(ward.settings())) == {"result": "complete", "way": "full", "read": 3, "joined": 3}
    assert states() == {"bronwen.boss": "active", "dewi.tools": "active", "sian.sister": "active"}
    sister, dewi = person("sian.sister"), person("dewi.tools")
    assert (sister.name, sister.employee_number, manager_of("sian.sister")) == ("Sian Sister", "1004", "bronwen.boss")
    assert (dewi.name, dewi.mail, dewi.family_name) == ("Dewi.Tools", "dewi@larkfield.example", "")
    assert [team_of(name) for name in ("bronwen.boss", "sian.sister", "dewi.tools")] == ["Wards", "Wards / Ward 4", ""]


def test_rule_in_the_readme_is_the_one_that_is_tried_here() -> None:
    assert f"`aci: {RULE.format('DN')}`" in README.read_text()


def test_filter_of_ones_own_is_taken_as_it_is(ward: Ward) -> None:
    ward.add("sian.sister")
    of_its_own_tools(ward, "dewi.tools")
    assert list(everybody(ward.settings(people_filter="(objectClass=inetOrgPerson)"))) == ["sian.sister"]


def test_id_is_there_whether_or_not_the_plugin_for_another_is(app: Flask, ward: Ward) -> None:
    plugin = f"cn=entryuuid,{PLUGINS}"
    both = ward.add("bela.both")
    with ward.changed(plugin, {"nsslapd-pluginEnabled": "off"}):
        one = ward.add("olga.one")
        sync(ward.settings())
    assert (len(ward.told(both, "entryUUID")), ward.told(one, "entryUUID")) == (36, "")
    ids = {name: person(name).directory_id for name in ("bela.both", "olga.one")}
    assert ids == {"bela.both": ward.id_of(both), "olga.one": ward.id_of(one)}
    with no_row_is_written():
        assert told(sync(ward.settings(), way=Way.FULL)) == {"result": "complete", "way": "full", "read": 2}


def test_names_with_every_kind_of_escape_are_the_same_names_everywhere(app: Flask, ward: Ward) -> None:
    unit = ward.unit(f"ou=Nights\\, late\\+early,{ward.base}")
    names = ['Pugh, "Nia" #1', "a+b<c>;d=e\\f", "Zoe\u0308 NFD", "#hash", "名前 🚢", "a = b  c"]
    bosses = []
    for number, name in enumerate(names):
        bosses.append(f"cn={escaped(name)},{unit}")
        ward.link.add(bosses[-1], "inetOrgPerson", {"uid": f"boss{number}", "cn": name, "sn": "Boss"})
        ward.add(f"report{number}", manager=bosses[-1])
    unique = f"cn=Unique,{ward.base}"
    ward.link.add(unique, "groupOfUniqueNames", {"uniqueMember": bosses})
    given = ward.settings(role_groups={"comms": (ward.group("odd", bosses),), "auditor": (unique,)})
    assert told(sync(given)) == {"result": "complete", "way": "full", "read": 12, "joined": 12}
    six = [f"boss{number}" for number in range(6)]
    assert [manager_of(f"report{number}") for number in range(6)] == six
    assert {team_of(name) for name in six} == {"Nights, late+early"}
    assert (holders_of("comms"), holders_of("auditor")) == (six, six)
    with no_row_is_written():
        assert told(sync(given, way=Way.FULL)) == {"result": "complete", "way": "full", "read": 12}


# Pages.


def test_cookie_that_never_changes_leads_through_every_page(app: Flask, ward: Ward) -> None:
    ward.add_many(40)
    cookies = []
    for _ in range(4):
        cookie = cookies[-1] if cookies else None
        ward.link.search(ward.base, "(uid=*)", attributes=["1.1"], paged_size=10, paged_cookie=cookie)
        cookies.append(ward.link.result["controls"][PAGING]["value"]["cookie"])
    assert (len(set(cookies[:3])), cookies[3]) == (1, b"")  # Four full pages, of which the last says so.
    for size in (10, 13, 40):
        assert len(everybody(ward.settings(page_size=size))) == 40
    assert told(sync(ward.settings(page_size=10))) == {"result": "complete", "way": "full", "read": 40, "joined": 40}
    with days_later(A_WHILE):
        assert told(sync(ward.settings(page_size=10))) == {"result": "complete", "way": "sweep", "read": 40}


def test_people_whom_the_account_may_not_see_end_no_page_early(ward: Ward) -> None:
    hidden, shown = ward.unit(f"ou=Hidden,{ward.base}"), ward.unit(f"ou=Shown,{ward.base}")
    for number in range(30):
        ward.add(f"hidden{number:02}", unit=hidden)
    for number in range(15):
        ward.add(f"shown{number:02}", unit=shown)
    deny = f'(targetattr = "*")(version 3.0; acl "Hidden"; deny (all) userdn = "ldap:///{READER}";)'
    with ward.changed(hidden, {"aci": deny}):
        people = directory.read_people(ward.settings(page_size=10))
        assert [len(page) for page in people] == [10, 5]
        assert people.complete


# What a change mark tells.


def test_runs_without_news_write_nothing_though_people_sign_in(app: Flask, ward: Ward, count_queries: Counting) -> None:
    ward.add_many(12)
    dn = ward.add("sian.signs")
    sync(ward.settings())
    mark = ward.told(dn, "modifyTimestamp")
    with policy(ward, passwordLockout="on"):
        assert directory.sign_in(ward.settings(), "sian.signs", "wrong") is None
        assert ward.told(dn, "passwordRetryCount") == "1"
        assert directory.sign_in(ward.settings(), "sian.signs", "sian.signs")
    with no_row_is_written():
        for way in Way:  # All changed so shortly before that no mark is trusted.
            assert told(sync(ward.settings(), way=way)) == {"result": "complete", "way": way, "read": 13}
    with days_later(A_WHILE):
        sync(ward.settings())
        with no_row_is_written(), count_queries() as queries:
            assert told(sync(ward.settings())) == {"result": "complete", "way": "sweep", "read": 13}
            assert told(sync(ward.settings(), way=Way.FULL)) == {"result": "complete", "way": "full", "read": 13}
    assert [query for query in queries if query.startswith(("INSERT INTO person", "UPDATE person"))] == []
    assert ward.told(dn, "modifyTimestamp") == mark


def test_only_what_changed_is_read(app: Flask, ward: Ward) -> None:
    dn, other, *_ = ward.add_many(30)
    time.sleep(1.1)  # Into another second.
    ward.add("lena.last")
    with days_later(A_WHILE):
        sync(ward.settings())
    time.sleep(1.1)
    ward.change(dn, title="Porter")
    ward.add("nell.new")
    with days_later(A_WHILE):
        # Lena is looked at again, as somebody else may have changed in that same second.
        assert told(sync(ward.settings(), way=Way.CHANGES)) == {
            "result": "complete", "way": "changes", "read": 3, "changed": 1, "joined": 1,
        }  # fmt: skip
        ward.change(other, title="Porter")
        assert told(sync(ward.settings())) == {"result": "complete", "way": "sweep", "read": 32, "changed": 1}
    assert [person(f"hand00{number}").title for number in range(3)] == ["Porter", "Porter", None]


@pytest.mark.parametrize("way", list(Way))
def test_second_change_within_one_second_is_not_missed(app: Flask, ward: Ward, way: Way) -> None:
    dn, *_ = ward.add_many(12)
    sync(ward.settings())
    for _ in range(20):
        ward.change(dn, title="Porter")
        first = ward.told(dn, "modifyTimestamp")
        sync(ward.settings(), way=way)
        seen = person("hand000").title
        ward.change(dn, title="Head porter")
        if ward.told(dn, "modifyTimestamp") == first:
            break
    assert (seen, ward.told(dn, "modifyTimestamp")) == ("Porter", first)  # One mark for both.
    sync(ward.settings(), way=way)
    assert person("hand000").title == "Head porter"


# A life, however it is read.


@pytest.mark.parametrize("way", [Way.FULL, Way.SWEEP])
def test_rename_and_move_are_the_same_person(app: Flask, ward: Ward, way: Way) -> None:
    wards, theatres = (ward.unit(f"ou={name},{ward.base}") for name in ("Wards", "Theatres"))
    boss = ward.add("owen.over", unit=wards)
    dn = ward.add("tess.twice", unit=wards, manager=boss)
    ward.add_many(12)
    sync(ward.settings())
    before, directory_id = person("tess.twice").id, ward.id_of(dn)
    dn = ward.rename(ward.rename(dn, "uid=tess.thrice"), "uid=tess.thrice", theatres)
    assert ward.id_of(dn) == directory_id
    assert told(sync(ward.settings(), way=way)) == {"result": "complete", "way": way, "read": 14, "moved": 1}
    assert (person("tess.thrice").id, manager_of("tess.thrice")) == (before, "owen.over")
    assert events("person.moved") == ["Tess Twice moved from Wards to Theatres"]


def test_whoever_moves_out_of_the_base_is_missing_and_back_again(app: Flask, ward: Ward) -> None:
    inside = ward.unit(f"ou=Inside,{ward.base}")
    dn = ward.add("rhona.returns", unit=inside)
    for number in range(12):
        ward.add(f"hand{number:03}", unit=inside)
    given = ward.settings(base_dn=inside)
    sync(given)
    before = person("rhona.returns").id
    dn = ward.rename(dn, "uid=rhona.returns", ward.base)
    assert sync(given).missing == 1
    with days_later(1.1):
        assert sync(given).left == 1
    ward.rename(dn, "uid=rhona.returns", inside)
    assert sync(given).returned == 1
    assert (person("rhona.returns").id, set(states().values())) == (before, {"active"})


def test_login_used_again_is_a_new_person(app: Flask, ward: Ward) -> None:
    ward.add_many(12)
    dn = ward.add("lena.left", mail="lena@larkfield.example")
    group = ward.group("comms", [dn])
    given = ward.settings(role_groups={"comms": (group,)})
    sync(given)
    old, old_id = person("lena.left").id, ward.id_of(dn)
    assert holders_of("comms") == ["lena.left"]
    ward.link.modify(group, {"member": [(ldap3.MODIFY_REPLACE, [ward.dn("hand000")])]})
    ward.remove([dn])
    ward.add("lena.left", mail="lena@larkfield.example")
    assert told(sync(given)) == {"result": "complete", "way": "sweep", "read": 13, "joined": 1, "missing": 1}
    new = person("lena.left")
    assert (new.id == old, new.directory_id == old_id, new.state) == (False, False, PersonState.ACTIVE)
    assert (db.session.get_one(Person, old).state, holders_of("comms")) == (PersonState.MISSING, ["hand000"])


@pytest.mark.parametrize("way", list(Way))
def test_unit_with_another_name_keeps_its_people_and_its_team(app: Flask, ward: Ward, way: Way) -> None:
    wards = ward.unit(f"ou=Wards,{ward.base}")
    within = ward.unit(f"ou=Ward 4,{wards}")
    dn = ward.add("una.under", unit=within)
    ward.add_many(12)
    sync(ward.settings())
    team_id, mark = person("una.under").team_id, ward.told(dn, "modifyTimestamp")
    ward.rename(wards, "ou=Wards and Clinics")
    assert ward.told(f"uid=una.under,ou=Ward 4,ou=Wards and Clinics,{ward.base}", "modifyTimestamp") == mark
    outcome = sync(ward.settings(), way=way)
    assert (outcome.result, outcome.moved, outcome.missing, outcome.joined) == ("complete", 0, 0, 0)
    assert (person("una.under").team_id, team_of("una.under")) == (team_id, "Wards and Clinics / Ward 4")
    assert events("person.moved", "person.manager-changed") == []


@pytest.mark.parametrize("way", list(Way))
def test_manager_is_followed_though_the_directory_does_not(app: Flask, ward: Ward, way: Way) -> None:
    boss = ward.add("gwen.old")
    dn = ward.add("rhys.report", manager=boss)
    ward.add_many(12)
    sync(ward.settings())
    ward.rename(boss, "uid=gwen.new")
    assert ward.told(dn, "manager") == boss
    sync(ward.settings(), way=way)
    assert (manager_of("rhys.report"), events("person.manager-changed")) == ("gwen.new", [])


@pytest.mark.parametrize("way", list(Way))
def test_manager_is_followed_where_the_directory_does_so_too(app: Flask, ward: Ward, way: Way) -> None:
    wards = ward.unit(f"ou=Wards,{ward.base}")
    boss = ward.add("gwen.old", unit=wards)
    dn = ward.add("rhys.report", manager=boss)
    ward.add("una.under", unit=wards, manager=boss)
    ward.add_many(12)
    sync(ward.settings())
    with following_managers(ward):
        ward.rename(boss, "uid=gwen.new")
        ward.rename(wards, "ou=Clinics")
        assert ward.told(dn, "manager") == f"uid=gwen.new,ou=clinics,{ward.base.lower()}"  # As the plugin spells it.
        sync(ward.settings(), way=way)
        assert [manager_of(name) for name in ("rhys.report", "una.under")] == ["gwen.new", "gwen.new"]
        assert events("person.manager-changed", "person.moved") == []
        ward.remove([f"uid=gwen.new,ou=Clinics,{ward.base}"])
    assert ward.told(dn, "manager") == ""
    sync(ward.settings(), way=way)
    assert manager_of("rhys.report") == ""


def test_manager_in_a_unit_of_another_name_is_lost_where_the_directory_forgets_them(app: Flask, ward: Ward) -> None:
    wards = ward.unit(f"ou=Wards,{ward.base}")
    boss = ward.add("olive.over", unit=wards)
    ward.add("una.under", unit=wards, manager=boss)
    ward.add("ossian.outside", manager=boss)
    ward.add_many(12)
    sync(ward.settings())
    ward.rename(wards, "ou=Clinics")
    sync(ward.settings())
    # Her entry was read again, as its name is another, and names a manager who is nowhere; his was not.
    assert [manager_of(name) for name in ("una.under", "ossian.outside")] == ["", "olive.over"]
    assert events("person.manager-changed") == ["Una Under now reports to nobody"]


@contextmanager
def following_managers(ward: Ward) -> Iterator[None]:
    """Have the directory keep ``manager`` up to date, which its plugin does where it is told to."""
    ward.link.modify(REFERENCES, {"referint-membership-attr": [(ldap3.MODIFY_ADD, ["manager"])]})
    try:
        with ward.changed(REFERENCES, {"nsslapd-pluginEnabled": "on"}):
            yield
    finally:
        ward.link.modify(REFERENCES, {"referint-membership-attr": [(ldap3.MODIFY_DELETE, ["manager"])]})


def test_groups_give_roles_through_groups_within_and_in_circles(app: Flask, ward: Ward) -> None:
    folder = ward.unit(f"ou=Groups,{ward.base}")
    people = [ward.add(name) for name in ("bronwen.boss", "nia.pugh", "dai.direct")]
    inner, outer = f"cn=Inner,{folder}", f"cn=Outer,{folder}"
    ward.link.add(inner, "groupOfUniqueNames", {"uniqueMember": [people[1].upper(), outer]})
    ward.link.add(outer, "groupOfNames", {"member": [people[0], inner]})
    given = ward.settings(role_groups={"comms": (outer,), "auditor": (inner,)})
    sync(given)
    assert (holders_of("comms"), holders_of("auditor")) == (["bronwen.boss", "nia.pugh"], ["bronwen.boss", "nia.pugh"])
    ward.link.modify(inner, {"uniqueMember": [(ldap3.MODIFY_ADD, [people[2]])]})
    ward.link.modify(outer, {"member": [(ldap3.MODIFY_DELETE, [people[0]])]})
    sync(given, way=Way.CHANGES)  # Nobody in a group is marked as changed with it.
    assert holders_of("comms") == ["dai.direct", "nia.pugh"]


# Who is out.


@pytest.mark.parametrize("way", list(Way))
def test_locked_account_is_disabled(app: Flask, ward: Ward, way: Way) -> None:
    dn, *_ = ward.add_many(12)
    sync(ward.settings())
    ward.change(dn, nsAccountLock="TRUE")
    assert sync(ward.settings(), way=way).disabled == 1
    assert {name for name, state in states().items() if state == "disabled"} == {"hand000"}
    ward.change(dn, nsAccountLock="false")
    assert sync(ward.settings(), way=way).returned == 1
    assert states()["hand000"] == "active"


@pytest.mark.parametrize("way", [Way.FULL, Way.SWEEP])
def test_account_that_a_role_locks_is_disabled_though_not_marked_as_changed(app: Flask, ward: Ward, way: Way) -> None:
    ward.add_many(12)
    role = ward.role("Seconded")
    dn = ward.add("sara.seconded", nsRoleDN=role)
    sync(ward.settings())
    with days_later(A_WHILE):
        sync(ward.settings(), way=Way.FULL)
        mark = ward.told(dn, "modifyTimestamp")
        ward.lock_role(role)
        ward.await_lock(dn, "true")
        assert (ward.told(dn, "nsAccountLock"), ward.told(dn, "modifyTimestamp")) == ("true", mark)
        # Signing in asks the directory, whatever was read.
        assert directory.sign_in(ward.settings(), "sara.seconded", "sara.seconded") is None
        assert sync(ward.settings(), way=way).disabled == 1
        assert {name for name, state in states().items() if state == "disabled"} == {"sara.seconded"}
        ward.unlock_role()
        ward.await_lock(dn, "")
        assert sync(ward.settings(), way=way).returned == 1
    assert set(states().values()) == {"active"}


def test_password_that_is_wrong_too_often_or_too_old_disables_nobody(app: Flask, ward: Ward) -> None:
    ward.add_many(12)
    with policy(ward, passwordLockout="on", passwordMaxFailure="2", passwordUnlock="off"):
        out = ward.add("owain.out")
        sync(ward.settings())
        for _ in range(3):
            assert directory.sign_in(ward.settings(), "owain.out", "wrong") is None
        assert directory.sign_in(ward.settings(), "owain.out", "owain.out") is None
    assert ward.told(out, "accountUnlockTime") == "19700101000000Z"  # Locked for good, by whoever tried.
    with policy(ward, passwordExp="on", passwordMaxAge="8640000"):
        ward.change(ward.add("ewa.expired"), passwordExpirationTime="20200101000000Z")
        assert directory.sign_in(ward.settings(), "ewa.expired", "ewa.expired") is None
    assert told(sync(ward.settings(), way=Way.FULL)) == {"result": "complete", "way": "full", "read": 14, "joined": 1}
    assert set(states().values()) == {"active"}


@contextmanager
def policy(ward: Ward, **attributes: str) -> Iterator[None]:
    """The password policy of the whole server, for a while."""
    with ward.changed(CONFIG, attributes):
        yield


# Limits.


@pytest.mark.parametrize(
    ("limits", "read", "why"),
    [
        ({"nsSizeLimit": "10"}, 10, "gives {who} no more than 10 entries (sizeLimitExceeded); have its administrators"
         " lift the size limit for this account."),
        ({"nsLookThroughLimit": "20"}, 20, "looks through only so many entries for {who}, and ended the reading after"
         " 20 (adminLimitExceeded); have its administrators lift that limit for this account (nsLookThroughLimit: -1"
         " in 389 Directory Server)."),
    ],
)  # fmt: skip
@pytest.mark.parametrize("way", [Way.FULL, Way.SWEEP])
def test_limit_makes_a_reading_incomplete_and_marks_nobody(
    app: Flask, ward: Ward, limits: dict[str, str], read: int, why: str, way: Way
) -> None:
    dn, *_ = ward.add_many(45)
    sync(ward.settings())
    ward.remove([dn])
    given = ward.settings(bind_dn=LIMITED, bind_password="limited", page_size=20)
    with days_later(A_WHILE), ward.changed(LIMITED, limits):
        outcome = sync(given, way=way)
    assert told(outcome) == {
        "result": "failed", "way": way, "read": read,
        "reason": "REGISTRY_LDAP_BIND_DN: the directory " + why.format(who=LIMITED),
    }  # fmt: skip
    assert set(states().values()) == {"active"}
    assert sync(ward.settings()).missing == 1


# Signing in.


def try_as(client: Browser, login: str, password: str) -> Answer:
    """Send the form of the sign-in page."""
    answer: Answer = client.post("/sign-in", data={"login": login, "password": password})
    return answer


@pytest.mark.parametrize("schema", ["process-safe", "reject-invalid"])
def test_sign_in_by_every_name_that_somebody_has(app: Flask, client: Browser, ward: Ward, schema: str) -> None:
    ward.add(f"nia.{schema}", mail=f"{schema}@larkfield.example")
    with ward.changed(CONFIG, {"nsslapd-verify-filter-schema": schema}):
        for login in (f"nia.{schema}", f"NIA.{schema}", f"LARKFIELD\\nia.{schema}", f"{schema}@Larkfield.example"):
            answer = try_as(client.anonymous(), login, f"nia.{schema}")
            assert (answer.status_code, answer.location, answer.errors) == (302, "/", {})
    assert db.session.scalars(sa.select(Person.username)).all() == [f"nia.{schema}"]


def test_whoever_may_not_come_in_reads_the_same_page(app: Flask, client: Browser, ward: Ward) -> None:
    ward.add("iwan.in")
    ward.add("lily.locked", nsAccountLock="true")
    ward.change(rolf := ward.add("rolf.role"), nsRoleDN=(role := ward.role("Seconded")))
    ward.lock_role(role)
    ward.await_lock(rolf, "true")
    ward.remove([ward.add("gone.already")])
    with policy(ward, passwordExp="on", passwordMaxAge="8640000", passwordMustChange="on"):
        ward.add("max.must")
        ward.change(ward.add("ewa.expired"), passwordExpirationTime="20200101000000Z")
        tries = [("iwan.in", "wrong"), ("nobody.here", "nobody.here"), ("*", "*"), ("reader", "reader")]
        tries += [(name, name) for name in ("lily.locked", "rolf.role", "gone.already", "max.must", "ewa.expired")]
        answers = [try_as(client, *one) for one in tries]
    assert {(answer.status_code, *answer.errors.items()) for answer in answers} == {(422, ("login", WRONG))}
    # But for what was typed, and the token of the form, which tells the time.
    assert len({re.sub(r'value="[^"]*"', "", answer.text) for answer in answers}) == 1
    assert try_as(client, "iwan.in", "iwan.in").status_code == 302


def test_old_password_that_the_directory_still_takes_is_taken(app: Flask, ward: Ward) -> None:
    with policy(ward, passwordExp="on", passwordMaxAge="8640000", passwordGraceLimit="1"):
        ward.change(ward.add("gus.grace"), passwordExpirationTime="20200101000000Z")
        found = [directory.sign_in(ward.settings(), "gus.grace", "gus.grace") for _ in range(2)]
    assert [entry.username if entry else None for entry in found] == ["gus.grace", None]


def refusal_takes(ward: Ward, login: str) -> float:
    """Seconds from when it is known whom a login means until a wrong password is refused."""
    known: list[float] = []
    given = ward.settings()
    assert directory.sign_in(given, login, "wrong", admit=lambda _found: known.append(time.perf_counter())) is None
    return time.perf_counter() - known[0]


def test_nobody_learns_by_the_clock_which_names_exist(ward: Ward) -> None:
    ward.add("tia.there")
    ward.add("lou.locked", nsAccountLock="true")
    logins = ("tia.there", "lou.locked", "nobody.here")
    took = [[refusal_takes(ward, login) for login in logins] for _ in range(15)]
    # The shortest times, as the machine may be busy with something else now and then.
    there, locked, nobody = (min(times) for times in zip(*took, strict=True))
    # The directory itself takes a twentieth of the time over whose password it does not look at.
    assert 0.25 * there < min(locked, nobody)


def test_whole_way_in_over_tls(ward: Ward) -> None:
    ward.add("tilly.tls")
    server = ward.server
    safe = {"ca_file": server.certificate, "insecure": False}
    for given in ({"uris": (server.tls_uri,)}, {"uris": (server.uri,), "starttls": True}):
        with ward.changed(CONFIG, {"nsslapd-require-secure-binds": "on"}):
            assert list(everybody(ward.settings(**safe, **given))) == ["tilly.tls"]
            found = directory.sign_in(ward.settings(**safe, **given), "tilly.tls", "tilly.tls")
            assert found is not None and found.username == "tilly.tls"
    with ward.changed(CONFIG, {"nsslapd-require-secure-binds": "on"}):
        assert fault(ward.settings()) == (
            f"REGISTRY_LDAP_STARTTLS: the directory at {server.uri} takes no password over an unencrypted connection;"
            " set it to true, or write the ldaps:// address in REGISTRY_LDAP_URIS."
        )


# What the doctor tells.


def unspelled(line: str) -> str:
    """A line without what differs each time."""
    return re.sub("[0-9]{14}Z|[0-9a-f]{8}-[0-9a-f-]{27}", "X", line)


def lines(given: LdapSettings) -> dict[str, tuple[bool, str, str]]:
    """The last step of each kind: whether it went well, what was found and what to do."""
    return {step.about: (step.ok, step.line, step.mend) for step in directory.check(given)}


def test_doctor_finds_all_well(ward: Ward) -> None:
    ward.add_many(12)
    ward.add("lily.locked", nsAccountLock="true")
    with ward.changed(CONFIG, {"nsslapd-verify-filter-schema": "reject-invalid"}):
        found = lines(ward.settings())
    assert [about for about, (ok, *_) in found.items() if not ok] == []
    assert {about: found[about][1:] for about in ("kind", "changes", "disabled", "paging", "limit")} == {
        "kind": (f"{ward.server.uri} is 389 Directory Server, as it says itself.", ""),
        "changes": ("Entries say when they changed (modifyTimestamp): quick readings of what changed work.", ""),
        "disabled": ("Disabled in the directory, so without access: Lily Locked.", ""),
        "paging": ("Long answers come in pages, as it says.", ""),
        "limit": (f"No limit cuts an answer for {READER}: all 13 people came at once.", ""),
    }  # fmt: skip
    assert unspelled(found["person"][1]) == (
        "Hand 004: directory id X (nsUniqueId); username hand004 (uid); name Hand 004 (cn); family name Hand (sn);"
        " changed X (modifyTimestamp)."
    )


def test_doctor_sees_the_limit_behind_the_first_thousands(ward: Ward, monkeypatch: pytest.MonkeyPatch) -> None:
    # In proportion: who is given all of the first two thousand may not be let through five.
    monkeypatch.setattr(checkup, "PROBE", 20)
    monkeypatch.setattr(checkup, "LOOKED_THROUGH", 40)
    ward.add_many(45)
    given = ward.settings(bind_dn=LIMITED, bind_password="limited", page_size=20)
    assert lines(given)["limit"] == (True, f"No limit cuts an answer for {LIMITED}: 20 people came at once.", "")
    with ward.changed(LIMITED, {"nsLookThroughLimit": "30"}):
        assert lines(given)["limit"] == (
            False,
            f"REGISTRY_LDAP_BIND_DN: the directory looks through only so many entries for {LIMITED}, and ended the"
            " reading after 30 (adminLimitExceeded).",
            "Have its administrators lift that limit for this account"
            " (nsLookThroughLimit: -1 in 389 Directory Server).",
        )


def test_doctor_tells_what_the_account_may_not_read(ward: Ward) -> None:
    ward.add("lily.locked", nsAccountLock="true")
    rule = '({target})(version 3.0; acl "Less"; deny (read, search, compare) userdn = "ldap:///{who}";)'
    for hidden, about, line, mend in (
        ("nsAccountLock", "disabled", "Nobody is disabled in the directory (by nsAccountLock).",
         f"If somebody is, have {READER} allowed to read and search that."),
        ("modifyTimestamp", "changes", "The entries have no modifyTimestamp: quick readings of what changed find"
         " nothing, and the nightly one sees it.", f"Have {READER} allowed to read and search it."),
    ):  # fmt: skip
        target = f'targetattr = "{hidden}"'
        with ward.changed(ward.base, {"aci": rule.format(target=target, who=READER)}):
            assert lines(ward.settings())[about] == (True, line, mend)
    # Without a word on employeeType, by which the usual filter leaves services out, nobody can be found.
    with ward.changed(ward.base, {"aci": rule.format(target='targetattr = "employeeType"', who=READER)}):
        ok, line, mend = lines(ward.settings())["people"]
    assert (ok, line) == (False, f"REGISTRY_LDAP_PEOPLE_FILTER finds nobody below {ward.base}.")
    assert mend == f"Correct it or REGISTRY_LDAP_BASE_DN, or have {READER} allowed to read."


def test_doctor_tells_why_somebody_is_turned_away(ward: Ward) -> None:
    ward.add("lily.locked", nsAccountLock="true")
    with policy(ward, passwordLockout="on", passwordMaxFailure="1", passwordExp="on", passwordMaxAge="8640000"):
        ward.change(ward.add("ewa.expired"), passwordExpirationTime="20200101000000Z")
        ward.add("owain.out")
        directory.sign_in(ward.settings(), "owain.out", "wrong")
        with policy(ward, passwordMustChange="on"):
            ward.add("max.must")
            steps = [
                directory.try_sign_in(ward.settings(), name, name)[0].line
                for name in ("lily.locked", "ewa.expired", "owain.out", "max.must")
            ]
    assert steps == [
        "lily.locked cannot sign in: Lily Locked is disabled.",
        "ewa.expired cannot sign in: Ewa Expired has a password that has expired, says the directory.",
        "owain.out cannot sign in: Owain Out is locked, says the directory.",
        "max.must cannot sign in: Max Must must first choose a new password, says the directory.",
    ]


def test_doctor_tells_why_the_account_of_the_register_is_turned_away(ward: Ward) -> None:
    with ward.changed(LIMITED, {"nsAccountLock": "true"}):
        ok, line, mend = lines(ward.settings(bind_dn=LIMITED, bind_password="limited"))["bind"]
    assert (ok, line) == (
        False, f"REGISTRY_LDAP_BIND_DN: the account {LIMITED} is disabled, says the directory at {ward.server.uri}."
    )  # fmt: skip
    assert mend == "Have its administrators let it in again."


def test_web_addresses_become_sightings_of_whose_entry_it_is(app: Flask, ward: Ward) -> None:
    nia = ward.add("nia", "Nia Pugh", labeledURI=["https://x.com/LarkfieldNia on X", "https://nia.example/"])
    given = ward.settings(web_attributes=("usual",))
    for address in ("https://www.tiktok.com/@larkfieldnia", "https://www.tiktok.com/@larkfieldnia"):
        sync(given)
        hand_on()
        ward.change(nia, labeledURI=address)
    seen = sa.select(Sighting.platform, Sighting.key).order_by(Sighting.id)
    assert [tuple(row) for row in db.session.execute(seen)] == [("x", "larkfieldnia"), ("tiktok", "larkfieldnia")]
    db.session.rollback()
