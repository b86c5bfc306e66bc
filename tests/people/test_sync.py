"""The directory into people and teams, from a real server: who came, moved, left, and who must not be lost."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from harbour import Tree
from readings import counts, days_later, events, person, rows, sign_in, states

from registry.audit import Event, broken
from registry.config import LdapAttributes
from registry.db import db, exclusively
from registry.people import actions
from registry.people.directory import DirectoryError
from registry.people.models import PersonState, RoleGrant, SignIn, SyncResult, SyncRun, Team
from registry.people.sync import AnotherSyncRuns, sync

pytestmark = pytest.mark.ldap
Counting = Callable[[], AbstractContextManager[list[str]]]


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
    # Nobody differs, so not even managers are looked at.
    assert [query for query in queries if query.startswith("UPDATE person")] == []


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
    assert counts(outcome) == {"result": "complete", "read": 5, "joined": 1, "moved": 1, "changed": 2, "disabled": 1}
    assert states() == {
        "boss": "active", "bronwen.hughes": "active", "dai.out": "disabled", "joan.joiner": "active",
        "mair.mover": "active",
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


def test_people_with_strange_names_are_kept_exactly(app: Flask, tree: Tree) -> None:
    names = ["ফরিদা বেগম", "O'Neill, Siân", "🚢 Captain", "=HYPERLINK(1)", "Robert'); DROP TABLE person;--", "a" * 2000]
    for number, name in enumerate(names):
        tree.add(f"strange{number}", name)
    sync(tree.settings())
    # A name that is too long for an index is cut, and told.
    assert [person(f"strange{number}").name for number in range(len(names))] == [*names[:-1], "a" * 250]


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
    outcome = sync(tree.settings(attributes=LdapAttributes(**attributes)))
    assert (outcome.result, outcome.read, outcome.skipped, outcome.missing) == ("complete", 11, 1, 0)
    assert states() == {"7": "active", "hand000": "active"}
    run = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc())).first()
    assert run is not None
    assert run.skipped_entries[0] == {"dn": dns[0], "reason": "has no employeeNumber that can be read"}
    assert run.oddities == {"has no mail address": 11, "has a username that somebody else has too": 11}


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

    def note(_read: int, _expected: int) -> None:
        free.append(not db.session().in_transaction())

    for dry_run in (True, False):
        sync(tree.settings(), dry_run=dry_run, progress=note)
    assert free == [True] * 4
