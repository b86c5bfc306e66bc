"""The directory into people and teams, from a real server: who came, moved, left, and who must not be lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from harbour import CROWD, CROWD_SIZE, Tree
from slapd import Slapd, settings_for

from registry.audit import Event, broken
from registry.db import db, exclusively, now
from registry.people import actions
from registry.people.directory import DirectoryError
from registry.people.models import GrantSource, Person, PersonState, RoleGrant, SignIn, SyncResult, SyncRun, Team
from registry.people.sync import AnotherSyncRuns, Outcome, sync
from registry.roles import Role

pytestmark = pytest.mark.ldap
Counting = Callable[[], AbstractContextManager[list[str]]]


def rows() -> dict[str, tuple[Any, ...]]:
    """Every row of the table of people, whole, by directory id."""
    found = {row.directory_id: tuple(row) for row in db.session.execute(sa.select(Person.__table__))}
    db.session.rollback()
    return found


def states() -> dict[str, str]:
    """How everybody stands, by username."""
    found = db.session.execute(sa.select(Person.username, Person.state).order_by(Person.username))
    told = {username: state.value for username, state in found}
    db.session.rollback()
    return told


def person(username: str) -> Person:
    """The newest person with a username, as the database has them now."""
    db.session.rollback()
    mine = sa.select(Person).where(Person.username == username).order_by(Person.id.desc())
    found = db.session.scalars(mine).first()
    assert found is not None, username
    return found


def counts(outcome: Outcome) -> dict[str, Any]:
    """What a run did, without what is nought, how long it took and whom it names."""
    told = outcome.as_json()
    return {name: value for name, value in told.items() if value and name not in ("seconds", "absent")}


def events(*names: str) -> list[str]:
    """The sentences of these events, in order."""
    told = db.session.scalars(sa.select(Event).where(Event.name.in_(names)).order_by(Event.id))
    sentences = [event.sentence for event in told]
    db.session.rollback()
    return sentences


def days_later(number: float) -> AbstractContextManager[Any]:
    """The clock moved on by some days."""
    moved: AbstractContextManager[Any] = time_machine.travel(now() + timedelta(days=number), tick=True)
    return moved


# The first reading, and the next.


def test_first_sync_makes_people_teams_and_managers(app: Flask, tree: Tree) -> None:
    quays = tree.unit(f"ou=Quays,{tree.base}")
    east = tree.unit(f"ou=East Quay,{quays}")
    master = tree.add("nia.pugh", "Nia Pugh", unit=quays, title="Harbour master", mail="nia@pembrey.example")
    tree.add("oluwaseun.ade", "Oluwaseun Adé", unit=east, manager=master.upper(), ou="Cranes")
    tree.add("ewa.zak", "Ewa Żak", unit=east, manager=f"uid=gone,{quays}")
    outcome = sync(tree.settings())
    assert counts(outcome) == {"result": "complete", "read": 3, "joined": 3}
    part = tree.base.partition(",")[0].removeprefix("ou=")
    assert sorted(db.session.scalars(sa.select(Team.path))) == [
        "Quays",
        "Quays / East Quay",
        "Quays / East Quay / Cranes",
    ]
    assert part not in db.session.scalars(sa.select(Team.path)).all()
    by_path = {team.path: team for team in db.session.scalars(sa.select(Team))}
    assert by_path["Quays / East Quay / Cranes"].parent_id == by_path["Quays / East Quay"].id
    assert by_path["Quays / East Quay"].parent_id == by_path["Quays"].id
    assert by_path["Quays"].parent_id is None
    nia, seun, ewa = person("nia.pugh"), person("oluwaseun.ade"), person("ewa.zak")
    assert (nia.name, nia.title, nia.mail, nia.team_id) == (
        "Nia Pugh",
        "Harbour master",
        "nia@pembrey.example",
        by_path["Quays"].id,
    )
    assert nia.directory_id == tree.id_of(master)
    assert (seun.manager_id, seun.team_id) == (nia.id, by_path["Quays / East Quay / Cranes"].id)
    assert (ewa.manager_id, ewa.team_id, ewa.state) == (None, by_path["Quays / East Quay"].id, PersonState.ACTIVE)
    assert events("person.joined") == []  # The first reading fills an empty register.
    assert events("directory.read") == ["The register read the directory: 3 people, 3 joined, 0 left"]


def test_second_sync_with_nothing_changed_writes_no_person(app: Flask, tree: Tree, count_queries: Counting) -> None:
    boss = tree.add("boss")
    for number in range(25):
        tree.add(f"hand{number}", manager=boss)
    sync(tree.settings())
    before = rows()
    with count_queries() as queries:
        outcome = sync(tree.settings())
    assert counts(outcome) == {"result": "complete", "read": 26}
    assert rows() == before
    writes = [query for query in queries if query.startswith(("INSERT INTO person", "DELETE FROM person"))]
    assert writes == []
    # Managers are compared in the database, in two statements that change nothing here.
    assert len([query for query in queries if query.startswith("UPDATE person")]) == 2


def test_changes_of_one_day_are_followed(app: Flask, tree: Tree) -> None:
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    mover = tree.add("mair.mover", unit=docks)
    renamed = tree.add("bronwen.rees", "Bronwen Rees", unit=docks)
    tree.add("boss", unit=docks)
    out = tree.add("dai.out", unit=docks)
    sync(tree.settings())
    ids = {username: person(username).id for username in ("mair.mover", "bronwen.rees", "dai.out")}
    sign_in(person("dai.out"))
    tree.rename(mover, "uid=mair.mover", lights)
    new_dn = tree.rename(renamed, "uid=bronwen.hughes")
    tree.change(new_dn, cn="Bronwen Hughes", sn="Hughes", manager=tree.dn("boss", docks))
    tree.change(out, businessCategory="TRUE")
    tree.add("joan.joiner", unit=lights)
    outcome = sync(tree.settings())
    assert counts(outcome) == {"result": "complete", "read": 5, "joined": 1, "moved": 1, "changed": 2}
    assert states() == {
        "boss": "active", "bronwen.hughes": "active", "dai.out": "disabled", "joan.joiner": "active", "mair.mover": "active",
    }  # fmt: skip
    assert person("mair.mover").id == ids["mair.mover"]
    assert (person("bronwen.hughes").id, person("bronwen.hughes").name) == (ids["bronwen.rees"], "Bronwen Hughes")
    assert person("bronwen.hughes").manager_id == person("boss").id
    assert "hughes" in person("bronwen.hughes").search_text.split()
    assert db.session.scalars(sa.select(SignIn)).all() == []  # Whom the directory disables is signed out.
    assert sorted(events("person.joined", "person.moved", "person.disabled")) == [
        "Joan Joiner joined Lights", "Mair Mover moved from Docks to Lights", "The directory disabled Dai Out",
    ]  # fmt: skip
    assert broken(Event) == []


def sign_in(who: Person) -> None:
    """A browser that ``who`` has signed in with."""
    at = now()
    db.session.add(SignIn(token_hash=f"of {who.id}", person_id=who.id, began_at=at, ends_at=at + timedelta(days=30)))
    db.session.commit()


def test_people_with_strange_names_are_kept_exactly(app: Flask, tree: Tree) -> None:
    names = ["ফরিদা বেগম", "O'Neill, Siân", "🚢 Captain", "=HYPERLINK(1)", "Robert'); DROP TABLE person;--", "a" * 2000]
    for number, name in enumerate(names):
        tree.add(f"strange{number}", name)
    sync(tree.settings())
    assert [person(f"strange{number}").name for number in range(len(names))] == names


# Absence is not departure.


def test_leaver_is_missing_first_and_left_a_day_later(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    sync(tree.settings())
    actions.grant(username="hand000", role="comms", actor=None)
    db.session.commit()
    sign_in(person("hand000"))
    tree.remove(dns[:1])
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 11, "missing": 1}
    assert states()["hand000"] == "missing"
    assert db.session.scalar(sa.select(sa.func.count(SignIn.id))) == 1  # Quiet: they are not signed out yet.
    # Again on the same day, and an hour before the day is over: nobody leaves.
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 11}
    with days_later(0.95):
        assert counts(sync(tree.settings())) == {"result": "complete", "read": 11}
    with days_later(1.01):
        assert counts(sync(tree.settings())) == {"result": "complete", "read": 11, "left": 1}
        assert counts(sync(tree.settings())) == {"result": "complete", "read": 11}
    assert states()["hand000"] == "left"
    gone = person("hand000")
    assert (
        gone.left_at is not None and gone.missing_at is not None and gone.left_at - gone.missing_at >= timedelta(days=1)
    )
    assert db.session.scalars(sa.select(SignIn)).all() == []
    assert db.session.scalars(sa.select(RoleGrant)).all() == []
    assert events("person.missing", "person.left") == ["Hand000 was not in the directory", "Hand000 left"]


def test_clock_moved_backwards_makes_nobody_leave(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    sync(tree.settings())
    with days_later(3):
        tree.remove(dns[:1])
        sync(tree.settings())
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 11}
    assert states()["hand000"] == "missing"


def test_returned_person_is_the_same_row(app: Flask, tree: Tree) -> None:
    # Moving somebody out of the part that is read, and back, keeps their id, as a restored entry would.
    tree.add_many(12)
    away = tree.unit(f"ou=Away {tree.base[3:].partition(',')[0]},{tree.server.suffix}")
    dn = tree.add("rhys.returns")
    sync(tree.settings())
    before = person("rhys.returns").id
    for state, days in (("missing", 0.0), ("left", 2.0)):
        away_dn = tree.rename(dn, "uid=rhys.returns", away)
        sync(tree.settings())
        if days:
            with days_later(days):
                sync(tree.settings())
        assert states()["rhys.returns"] == state
        tree.rename(away_dn, "uid=rhys.returns", tree.base)
        assert counts(sync(tree.settings())) == {"result": "complete", "read": 13, "returned": 1}
        back = person("rhys.returns")
        assert (back.id, back.state, back.missing_at, back.left_at) == (before, PersonState.ACTIVE, None, None)
    assert events("person.returned") == ["Rhys Returns returned", "Rhys Returns returned"]


def test_disabled_person_who_vanishes_does_not_work_here_again(app: Flask, tree: Tree) -> None:
    tree.add_many(12)
    dn = tree.add("dai.out", businessCategory="TRUE")
    sync(tree.settings())
    tree.remove([dn])
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 12, "missing": 1}
    assert person("dai.out").is_active is False
    with days_later(2):
        assert counts(sync(tree.settings())) == {"result": "complete", "read": 12, "left": 1}
    assert states()["dai.out"] == "left"


def test_unreadable_entry_of_a_known_person_is_not_missing(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    sync(tree.settings())
    # Now usernames come from an attribute that one of them lacks.
    for dn in dns[1:]:
        tree.change(dn, employeeNumber="7")
    attributes = {"username": ("employeeNumber",)}
    from registry.config import LdapAttributes

    outcome = sync(tree.settings(attributes=LdapAttributes(**attributes)))
    assert (outcome.result, outcome.read, outcome.skipped, outcome.missing) == ("complete", 11, 1, 0)
    assert states() == {"7": "active", "hand000": "active"}
    run = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
    assert run is not None
    assert run.skipped_entries == [{"dn": dns[0], "reason": "has no employeeNumber that can be read"}]


# The guard.


def test_guard_holds_a_fall_by_more_than_a_tenth(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(60)
    sync(tree.settings())
    tree.remove(dns[:7])
    outcome = sync(tree.settings())
    assert counts(outcome) == {
        "result": "held", "read": 53,
        "reason": "The directory fell from 60 people to 53. Nobody was marked. If it is right, run: registry sync"
        " --accept-leavers 7",
    }  # fmt: skip
    assert outcome.absent == [f"Hand{number:03}" for number in range(7)]
    assert set(states().values()) == {"active"}
    # Another number than the one that was shown is no consent.
    for wrong in (0, 6, 8, 60):
        assert sync(tree.settings(), accept_leavers=wrong).result == "held"
    assert set(states().values()) == {"active"}
    assert counts(sync(tree.settings(), accept_leavers=7)) == {"result": "complete", "read": 53, "missing": 7}
    with days_later(2):
        assert counts(sync(tree.settings())) == {"result": "complete", "read": 53, "left": 7}


def test_guard_lets_six_of_sixty_go(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(60)
    sync(tree.settings())
    tree.remove(dns[:6])
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 54, "missing": 6}


def test_guard_holds_more_than_ten(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(120)
    sync(tree.settings())
    tree.remove(dns[:10])
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 110, "missing": 10}
    tree.remove(dns[10:21])
    outcome = sync(tree.settings())
    assert (outcome.result, outcome.missing, len(outcome.absent)) == ("held", 0, 11)
    assert sorted(states().values()) == ["active"] * 110 + ["missing"] * 10


def test_guard_holds_more_than_two_in_a_hundred(app: Flask, pembrey: Slapd) -> None:
    crowd = Tree(pembrey, base=CROWD)
    settings = settings_for(pembrey, base_dn=CROWD, page_size=100)
    assert counts(sync(settings)) == {"result": "complete", "read": CROWD_SIZE, "joined": CROWD_SIZE}
    twelve = sync(settings_for(pembrey, base_dn=CROWD, people_filter=f"(&(uid=crew*)(!(|{_uids(12)})))"))
    assert counts(twelve) == {"result": "complete", "read": 588, "missing": 12}
    sync(settings)
    thirteen = sync(settings_for(pembrey, base_dn=CROWD, people_filter=f"(&(uid=crew*)(!(|{_uids(13)})))"))
    assert (thirteen.result, thirteen.missing, len(thirteen.absent)) == ("held", 0, 13)
    assert thirteen.reason.startswith("13 of 600 people were not in the directory.")
    crowd.close()


def _uids(number: int) -> str:
    return "".join(f"(uid=crew{one:03})" for one in range(number))


def test_guard_holds_an_empty_answer(app: Flask, tree: Tree) -> None:
    tree.add_many(3)
    sync(tree.settings())
    before = rows()
    outcome = sync(tree.settings(people_filter="(uid=nobody)"))
    assert (outcome.result, outcome.read) == ("held", 0)
    assert outcome.reason.startswith("The directory answered with nobody, but 3 people are known. Nobody was marked.")
    assert rows() == before


def test_empty_directory_fills_no_register(app: Flask, tree: Tree) -> None:
    assert (sync(tree.settings()).result, rows()) == ("held", {})


# Readings that are not whole.


def test_incomplete_reading_updates_whom_it_saw_and_marks_nobody(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(30)
    sync(tree.settings())
    tree.change(dns[0], title="Pilot")
    tree.remove(dns[29:])
    limited = {"bind_dn": f"cn=limited,{tree.server.suffix}", "bind_password": "limited"}
    outcome = sync(tree.settings(**limited))
    assert (outcome.result, outcome.missing, outcome.left, outcome.read < 29) == ("failed", 0, 0, True)
    assert "REGISTRY_LDAP_" in outcome.reason or "limit" in outcome.reason
    assert set(states().values()) == {"active"}
    assert person("hand000").title == "Pilot"


def test_directory_that_is_down_fails_the_run_and_changes_nobody(app: Flask, tree: Tree) -> None:
    tree.add_many(3)
    sync(tree.settings())
    before = rows()
    with pytest.raises(DirectoryError):
        sync(tree.settings(uris=("ldap://127.0.0.1:1",), timeout=1))
    assert rows() == before
    last = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
    assert last is not None
    assert (last.result, last.ended_at is not None, last.reason != "") == (SyncResult.FAILED, True, True)


def test_two_syncs_at_once_are_refused(app: Flask, tree: Tree) -> None:
    tree.add_many(3)
    with exclusively("sync") as free:
        assert free
        with pytest.raises(AnotherSyncRuns):
            sync(tree.settings())
    assert db.session.scalars(sa.select(SyncRun)).all() == []
    assert sync(tree.settings()).result == "complete"


def test_reading_holds_up_no_other_writer(app: Flask, tree: Tree) -> None:
    """While the directory is waited for, no transaction is open that others would have to wait for."""
    tree.add_many(55)
    free: list[bool] = []
    for dry_run in (True, False):
        sync(
            tree.settings(), dry_run=dry_run, progress=lambda _read: free.append(not db.session().in_transaction())
        )  # fmt: skip
    assert free == [True] * 4


# Who somebody is.


def test_login_used_again_is_a_new_person_who_inherits_nothing(app: Flask, tree: Tree, client: Browser) -> None:
    tree.add_many(12)
    boss = tree.add("nia.pugh", "Nia Pugh")
    report = tree.add("rhys.report", manager=boss)
    sync(tree.settings())
    old = person("nia.pugh")
    old_id = old.id
    actions.grant(username="nia.pugh", role="admin", actor=None)
    db.session.commit()
    client.as_(person("nia.pugh"))
    tree.remove([boss])
    tree.add("nia.pugh", "Nia Pugh the younger")
    assert counts(sync(tree.settings())) == {"result": "complete", "read": 14, "joined": 1, "missing": 1}
    new = person("nia.pugh")
    assert (new.id == old_id, new.name, new.state) == (False, "Nia Pugh the younger", PersonState.ACTIVE)
    assert [grant.person_id for grant in db.session.scalars(sa.select(RoleGrant))] == [old_id]
    assert [kept.person_id for kept in db.session.scalars(sa.select(SignIn))] == [old_id]
    # The manager of the entry is who has the entry now, at each reading.
    for _ in range(3):
        before = rows()
        sync(tree.settings())
        assert person("rhys.report").manager_id == new.id
        assert {key: row for key, row in rows().items() if before[key] != row} == {}
    with days_later(2):
        sync(tree.settings())
    assert db.session.scalars(sa.select(RoleGrant)).all() == []
    assert (states()["rhys.report"], report) == ("active", tree.dn("rhys.report"))


# Roles by group.


def held(source: GrantSource = GrantSource.GROUP) -> list[tuple[str, str]]:
    """Who holds which role by a group."""
    found = db.session.execute(
        sa.select(Person.username, RoleGrant.role)
        .join(RoleGrant, RoleGrant.person_id == Person.id)
        .where(RoleGrant.source == source)
        .order_by(Person.username, RoleGrant.role)
    )
    told = [(username, role.value) for username, role in found]
    db.session.rollback()
    return told


def test_role_groups_give_and_take_roles(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    inner = tree.group("Inner", dns[2:4])
    comms = tree.group("Comms", [dns[0], inner])
    audit = tree.group("Audit", [dns[0]])
    groups = {"comms": (comms,), "auditor": (audit,)}
    sync(tree.settings(role_groups=groups))
    assert held() == [("hand000", "auditor"), ("hand000", "comms"), ("hand002", "comms"), ("hand003", "comms")]
    actions.grant(username="hand002", role="comms", actor=None)
    db.session.commit()
    tree.change(inner, member=dns[4])
    sync(tree.settings(role_groups=groups))
    assert held() == [("hand000", "auditor"), ("hand000", "comms"), ("hand004", "comms")]
    assert held(GrantSource.HAND) == [("hand002", "comms")]  # What was given by hand is not the groups' to take.
    assert events("role.withdrawn") == [
        "The register withdrew the role comms from Hand002", "The register withdrew the role comms from Hand003",
    ]  # fmt: skip


def test_group_that_is_not_there_takes_nobodys_role(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    comms = tree.group("Comms", dns[:2])
    sync(tree.settings(role_groups={"comms": (comms,)}))
    wrong = f"cn=Coms,{tree.base}"
    outcome = sync(tree.settings(role_groups={"comms": (comms, wrong)}))
    assert outcome.result == "complete"
    assert outcome.reason.startswith("Roles are as they were: REGISTRY_LDAP_ROLE_GROUPS")
    assert held() == [("hand000", "comms"), ("hand001", "comms")]


def test_leaver_loses_roles_and_is_out_on_the_next_request(app: Flask, tree: Tree, client: Browser) -> None:
    dns = tree.add_many(12)
    comms = tree.group("Comms", dns[:1])
    sync(tree.settings(role_groups={"comms": (comms,)}))
    leaver = client.as_(person("hand000"))
    assert leaver.get("/overview").status_code == 200
    tree.change(comms, member=dns[1])
    sync(tree.settings(role_groups={"comms": (comms,)}))
    assert leaver.get("/overview").status_code == 404
    assert leaver.get("/accounts").status_code == 200
    tree.remove(dns[:1])
    sync(tree.settings(role_groups={"comms": (comms,)}))
    assert leaver.get("/accounts").status_code == 200
    db.session.execute(
        sa.update(Person).where(Person.username == "hand000").values(missing_at=now() - timedelta(days=2))
    )
    db.session.commit()
    sync(tree.settings(role_groups={"comms": (comms,)}))
    answer = leaver.get("/accounts")
    assert (answer.status_code, answer.location) == (302, "/sign-in?next=/accounts")
    assert held() == [("hand001", "comms")]
    assert Role.COMMS.value == "comms"


# Another directory.


def test_public_sample_directory_is_read(app: Flask, planetexpress: Slapd) -> None:
    assert counts(sync(settings_for(planetexpress))) == {"result": "complete", "read": 7, "joined": 7}
    assert states() == dict.fromkeys(["amy", "bender", "fry", "hermes", "leela", "professor", "zoidberg"], "active")
    before = rows()
    assert counts(sync(settings_for(planetexpress))) == {"result": "complete", "read": 7}
    assert rows() == before
