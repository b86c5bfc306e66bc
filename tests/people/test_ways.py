"""The three ways to read a directory come to the same: what each sees, and when it has to be another one."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final

import pytest
import sqlalchemy as sa
from flask import Flask
from harbour import SUFFIX, Tree
from readings import counts, days_later, events, person, rows, states

from registry.config import LdapAttributes
from registry.db import db
from registry.people import sync as syncing
from registry.people.models import Person, RunLine, SyncResult, SyncRun, Team, Turn, Way
from registry.people.runs import last_run
from registry.people.sync import Outcome, sync

pytestmark = pytest.mark.ldap
Counting = Callable[[], AbstractContextManager[list[str]]]
#: A server whose change marks count in whole seconds.
COARSE: Final = LdapAttributes(disabled=("businessCategory",), changed=("modifyTimestamp",))
#: What nobody's row has again in another database.
OF_THE_RUN: Final = ("id", "team_id", "manager_id", "joined_at", "read_at", "missing_at", "left_at", "mark")
CREW: Final = 600


def told(outcome: Outcome) -> dict[str, Any]:
    """How a run read, and what it did."""
    return {"way": outcome.way, **counts(outcome)}


def data() -> list[dict[str, Any]]:
    """What is known of everybody, by directory id, with the names of teams and managers for their numbers."""
    boss = sa.orm.aliased(Person)
    found = db.session.execute(
        sa.select(Person.__table__, Team.path.label("team"), boss.directory_id.label("manager"))
        .outerjoin(Team, Team.id == Person.team_id)
        .outerjoin(boss, boss.id == Person.manager_id)
        .order_by(Person.directory_id)
    )
    people = [{name: value for name, value in row._mapping.items() if name not in OF_THE_RUN} for row in found]
    db.session.rollback()
    return people


def a_crew(tree: Tree) -> list[str]:
    """Six hundred people in six watches, each with a master; the crew of a watch report to its master."""
    watches = [tree.unit(f"ou=Watch {number},{tree.base}") for number in range(6)]
    masters = [tree.add(f"master{number}", unit=watches[number]) for number in range(6)]
    return [
        tree.add(f"crew{number:03}", unit=watches[number % 6], manager=masters[number % 6], title="Deck hand")
        for number in range(CREW)
    ]


def a_day(tree: Tree, crew: list[str]) -> None:
    """Something of everything that can happen."""
    watches = [f"ou=Watch {number},{tree.base}" for number in range(6)]
    for number in range(30):
        tree.change(crew[number], title="Pilot")
    for number in range(30, 40):
        tree.rename(crew[number], f"uid=crew{number:03}", watches[(number + 1) % 6])
    for number in range(40, 45):
        tree.rename(crew[number], f"uid=other{number:03}")
    for number in range(45, 50):
        tree.change(crew[number], manager=crew[number + 5])
    for number in range(50, 53):
        tree.change(crew[number], businessCategory="TRUE")
    tree.remove(crew[60:68])
    for number in range(66, 68):
        tree.add(f"crew{number:03}", "Somebody Else", unit=watches[number % 6])
    for number in range(10):
        tree.add(f"joiner{number}", unit=watches[number % 6], manager=crew[100])
    for number in range(110, 115):
        tree.change(crew[number], ou="Cranes")


# The same, whichever way.


def test_sweep_ends_where_a_full_reading_ends(app: Flask, tree: Tree) -> None:
    crew = a_crew(tree)
    assert told(sync(tree.settings(page_size=100))) == {
        "way": "full", "result": "complete", "read": CREW + 6, "joined": CREW + 6,
    }  # fmt: skip
    a_day(tree, crew)
    tree.rename(f"ou=Watch 5,{tree.base}", "ou=Night watch", tree.base)
    swept = sync(tree.settings(page_size=100), way=Way.SWEEP)
    assert told(swept) == {
        "way": "sweep", "result": "complete", "read": 610, "joined": 12, "moved": 15, "changed": 134, "missing": 8,
        "disabled": 3,
    }  # fmt: skip
    known = data()
    # Read whole again, nobody is any different.
    assert told(sync(tree.settings(page_size=100), way=Way.FULL)) == {
        "way": "full", "result": "complete", "read": 610,
    }  # fmt: skip
    assert data() == known


def test_changes_end_where_a_full_reading_ends_but_for_the_absent(app: Flask, tree: Tree) -> None:
    crew = a_crew(tree)
    sync(tree.settings(page_size=100))
    a_day(tree, crew)
    read = sync(tree.settings(page_size=100), way=Way.CHANGES)
    assert (read.joined, read.moved, read.missing, read.left) == (12, 15, 0, 0)
    known = data()
    sync(tree.settings(page_size=100), way=Way.FULL)
    gone = {f"crew{number:03}" for number in range(60, 68)}
    assert [one for one in data() if one["username"] not in gone] == [
        one for one in known if one["username"] not in gone
    ]
    assert {one["username"] for one in data() if one["state"] == "missing"} == gone


def test_second_sweep_writes_no_person(app: Flask, tree: Tree, count_queries: Counting) -> None:
    a_crew(tree)
    sync(tree.settings(page_size=100))
    sync(tree.settings(page_size=100), way=Way.SWEEP)
    before = rows()
    for way in (Way.SWEEP, Way.CHANGES, Way.FULL):
        with count_queries() as queries:
            assert sync(tree.settings(page_size=100), way=way).way == way
        assert [one for one in queries if one.split(" ")[:2] == ["INSERT", "INTO"] and "INTO person" in one] == []
        assert [one for one in queries if one.startswith(("UPDATE person", "DELETE"))] == []
    assert rows() == before


# Changes only.


def test_changes_are_seen_and_nobody_is_missed(app: Flask, tree: Tree) -> None:
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    hands = [tree.add(f"hand{number:02}", unit=docks) for number in range(20)]
    sync(tree.settings())
    tree.add("joan.joiner", unit=lights, manager=hands[1])
    tree.change(hands[0], title="Pilot")
    tree.rename(hands[2], "uid=hand02", lights)
    tree.remove(hands[10:])
    for day in (0, 2, 4):
        with days_later(day):
            outcome = sync(tree.settings(), way=Way.CHANGES)
        assert (outcome.way, outcome.result, outcome.missing, outcome.left) == ("changes", "complete", 0, 0)
    assert set(states().values()) == {"active"}
    assert events("person.joined", "person.moved", "person.missing") == [
        "Joan Joiner joined Lights", "Hand02 moved from Docks to Lights",
    ]  # fmt: skip
    assert (person("hand00").title, person("joan.joiner").manager_id) == ("Pilot", person("hand01").id)


def test_changes_after_a_unit_was_renamed_keep_managers(app: Flask, tree: Tree) -> None:
    docks = tree.unit(f"ou=Docks,{tree.base}")
    boss = tree.add("boss", unit=docks)
    report = tree.add("report", manager=boss)
    with days_later(1):  # So that nothing is looked at again for having changed just before.
        sync(tree.settings())
    quays = tree.rename(docks, "ou=Quays", tree.base)
    tree.change(report, manager=tree.dn("boss", quays))
    assert sync(tree.settings(), way=Way.CHANGES).way == "sweep"  # The names of all in it are others now.
    assert person("report").manager_id == person("boss").id
    assert events("person.manager-changed") == []


def test_report_read_before_the_name_of_its_manager_was_taken_over(app: Flask, tree: Tree) -> None:
    """The directory does not follow who is whose manager: their name is somebody else's now, and so is the report."""
    tree.add_many(12)
    boss = tree.add("boss")
    report = tree.add("anna.report", manager=boss)
    sync(tree.settings())
    for way in (Way.SWEEP, Way.CHANGES, Way.FULL):
        tree.remove([boss])
        tree.change(report, title=f"Pilot {way}")
        tree.add("boss", f"Boss Of {way}")
        outcome = sync(tree.settings(), way=way)
        assert (outcome.way, outcome.result, outcome.skipped) == (way, "complete", 0)
        newcomer = db.session.scalars(sa.select(Person).where(Person.name == f"Boss Of {way}")).one()
        assert person("anna.report").manager_id == newcomer.id


# When the way has to be another.


def test_first_reading_is_full(app: Flask, tree: Tree) -> None:
    tree.add_many(3)
    for way in (Way.CHANGES, Way.SWEEP):
        assert sync(tree.settings(), way=way, dry_run=True).way == "full"
    assert told(sync(tree.settings(), way=Way.CHANGES)) == {
        "way": "full", "result": "complete", "read": 3, "joined": 3,
    }  # fmt: skip
    run = last_run()
    assert run is not None
    assert (run.way, run.flavour, run.result) == (Way.FULL, "openldap", SyncResult.COMPLETE)


@pytest.mark.parametrize(
    "changes",
    [
        {"attributes": LdapAttributes(disabled=("businessCategory",), title=("employeeType",))},
        {"containers": ("Docks",)},
        {"people_filter": "(uid=hand*)"},
        {"flavour": "generic"},
    ],
    ids=lambda changes: next(iter(changes)),
)
def test_other_settings_mean_a_full_reading_once(app: Flask, tree: Tree, changes: dict[str, Any]) -> None:
    tree.add_many(12)
    sync(tree.settings())
    for way in (Way.SWEEP, Way.CHANGES):
        assert sync(tree.settings(), way=way).way == way
    assert sync(tree.settings(**changes), way=Way.CHANGES).way == "full"
    assert sync(tree.settings(**changes), way=Way.SWEEP).way == "sweep"


def test_other_settings_that_change_no_entry_mean_nothing(app: Flask, tree: Tree) -> None:
    tree.add_many(3)
    sync(tree.settings())
    assert sync(tree.settings(page_size=20, timeout=7), way=Way.SWEEP).way == "sweep"


def test_run_that_failed_is_nothing_to_compare_with(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(20)
    sync(tree.settings())
    good = last_run()
    assert good is not None
    since = good.high_mark
    tree.change(dns[0], title="Pilot")
    limited = {"bind_dn": f"cn=limited,{SUFFIX}", "bind_password": "limited"}
    assert sync(tree.settings(**limited), way=Way.FULL).result == "failed"
    tree.change(dns[19], title="Master")
    # The mark of the good run still counts, so nothing in between is lost.
    assert sync(tree.settings(), way=Way.CHANGES).result == "complete"
    assert (person("hand000").title, person("hand019").title, since != "") == ("Pilot", "Master", True)


def test_many_differences_turn_a_sweep_into_a_full_reading(
    app: Flask, tree: Tree, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing, "MOST_TO_FETCH", 10)
    dns = tree.add_many(30)
    sync(tree.settings())
    for dn in dns[:10]:
        tree.change(dn, title="Pilot")
    assert told(sync(tree.settings())) == {"way": "sweep", "result": "complete", "read": 30, "changed": 10}
    for dn in dns[:11]:
        tree.change(dn, title="Master")
    tree.remove(dns[29:])
    assert told(sync(tree.settings())) == {
        "way": "full", "result": "complete", "read": 29, "changed": 11, "missing": 1,
    }  # fmt: skip
    run = last_run()
    assert run is not None
    assert (run.way, run.read, run.expected) == (Way.FULL, 29, 30)


# Marks.


def test_entry_whose_mark_nobody_may_see_is_read_each_time(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    settings = tree.settings(
        attributes=LdapAttributes(disabled=("businessCategory",), changed=("employeeType",))
    )  # fmt: skip
    for dn in dns[:11]:
        tree.change(dn, employeeType="1")
    sync(settings)
    tree.change(dns[11], title="Pilot")
    tree.change(dns[0], title="Nobody sees this by its mark")
    assert told(sync(settings)) == {"way": "sweep", "result": "complete", "read": 12, "changed": 1}
    assert (person("hand011").title, person("hand000").title) == ("Pilot", None)
    assert told(sync(settings, way=Way.FULL)) == {"way": "full", "result": "complete", "read": 12, "changed": 1}


def test_entry_changed_twice_in_one_second_is_seen_both_times(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(12)
    settings = tree.settings(attributes=COARSE)
    sync(settings)
    for way in (Way.SWEEP, Way.CHANGES):
        for turn in range(6):  # All of them within a second or two: some share theirs with the one before.
            tree.change(dns[0], title=f"{way} {turn}")
            assert sync(settings, way=way).way == way
            assert person("hand000").title == f"{way} {turn}"


def test_coarse_marks_are_trusted_when_they_are_old(app: Flask, tree: Tree, count_queries: Counting) -> None:
    dns = tree.add_many(12)
    settings = tree.settings(attributes=COARSE)
    with days_later(0.01):
        sync(settings)
    assert db.session.scalar(sa.select(sa.func.count()).where(Person.mark.is_(None))) == 0
    tree.change(dns[3], title="Pilot")
    assert told(sync(settings)) == {"way": "sweep", "result": "complete", "read": 12, "changed": 1}


def test_mark_does_not_outlive_the_name_of_the_entry(app: Flask, tree: Tree) -> None:
    """A unit that is renamed gives all who are in it other names, though their entries do not change."""
    docks = tree.unit(f"ou=Docks,{tree.base}")
    for number in range(5):
        tree.add(f"hand{number}", unit=docks)
    sync(tree.settings())
    tree.rename(docks, "ou=Quays", tree.base)
    assert told(sync(tree.settings())) == {"way": "sweep", "result": "complete", "read": 5, "changed": 5}
    assert person("hand0").dn_key.endswith(f",ou=quays,{tree.base.lower()}")


# Cut off, and how far it is.


def test_sweep_that_is_cut_off_marks_nobody(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(30)
    sync(tree.settings())
    tree.remove(dns[28:])
    tree.change(dns[0], title="Pilot")
    limited = {"bind_dn": f"cn=limited,{SUFFIX}", "bind_password": "limited"}
    outcome = sync(tree.settings(**limited), way=Way.SWEEP)
    assert (outcome.way, outcome.result, outcome.missing, outcome.left) == ("sweep", "failed", 0, 0)
    assert set(states().values()) == {"active"}


def test_progress_tells_how_many_are_expected(app: Flask, tree: Tree) -> None:
    tree.add_many(30)
    seen: list[tuple[int, int]] = []
    for way in (Way.FULL, Way.SWEEP, Way.CHANGES):
        seen.clear()
        sync(tree.settings(), way=way, progress=lambda read, expected: seen.append((read, expected)))
        if way is Way.CHANGES:
            assert {expected for _, expected in seen} == {0}  # Nobody knows.
        else:
            first = not db.session.scalar(sa.select(sa.func.count(SyncRun.id)).where(SyncRun.way == Way.SWEEP))
            assert seen[-1] == (30, 0 if first else 30)
            assert seen == sorted(seen)


def test_dry_run_counts_what_each_way_would_do_and_keeps_nothing(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(20)
    sync(tree.settings())
    tree.remove(dns[19:])
    tree.change(dns[0], title="Pilot")
    tree.add("joan.joiner")
    before, runs = rows(), db.session.scalar(sa.select(sa.func.count(SyncRun.id)))
    for way, missing in ((Way.FULL, {"missing": 1}), (Way.SWEEP, {"missing": 1}), (Way.CHANGES, {})):
        dry = sync(tree.settings(), way=way, dry_run=True)
        assert told(dry) | {"read": 0} == {
            "way": way, "result": "complete", "read": 0, "joined": 1, "changed": 1, **missing,
        }  # fmt: skip
    assert rows() == before
    assert db.session.scalar(sa.select(sa.func.count(SyncRun.id))) == runs
    assert db.session.scalars(sa.select(RunLine.turn).where(RunLine.turn != Turn.JOINED)).all() == []
