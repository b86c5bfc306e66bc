"""What a reading of the directory tells of people and teams, and what becomes of the accounts of those who moved."""

from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from harbour import Tree
from readings import days_later, events, person

from registry import jobs
from registry.accounts.models import Account, State
from registry.db import db, now
from registry.outbox import Message
from registry.people import sync as syncing
from registry.people.models import Person, PersonKind, PersonState, RunLine, SyncResult, SyncRun, Team, Way
from registry.people.runs import last_run
from registry.people.sync import Outcome, sync

pytestmark = pytest.mark.ldap
TEAMS = ("team.renamed", "person.moved")


def read(tree: Tree, way: Way = Way.SWEEP, accept_leavers: int | None = None) -> Outcome:
    """A reading as the worker does it: the accounts hear of it."""
    return jobs.sync_directory(tree.settings(), way=way, accept_leavers=accept_leavers)


def lines() -> list[tuple[str, str, str, str]]:
    """What the last run found: turn, name, from which team, note."""
    run = last_run()
    assert run is not None
    found = db.session.execute(
        sa.select(RunLine.turn, Person.name, Team.path, RunLine.note)
        .join(Person, Person.id == RunLine.person_id)
        .outerjoin(Team, Team.id == RunLine.from_team_id)
        .where(RunLine.run_id == run.id)
        .order_by(RunLine.turn, Person.name)
    )
    told = [(turn.value, name, path or "", note) for turn, name, path, note in found]
    db.session.rollback()
    return told


def teams() -> dict[str, int]:
    """The number of each team, by its path."""
    found = {path: number for path, number in db.session.execute(sa.select(Team.path, Team.id))}
    db.session.rollback()
    return found


def team_of(username: str) -> str:
    """The path of somebody's team."""
    return db.session.scalars(sa.select(Team.path).where(Team.id == person(username).team_id)).one()


def account_of(username: str, deputy: str = "") -> int:
    """A live account of somebody; gives its number."""
    if not db.session.scalar(sa.select(Person.id).where(Person.username == cast.COMMS_OFFICER.username)):
        # They approve it; as they are not in this directory, they must not be absent from it either.
        cast.a_person(cast.COMMS_OFFICER.username, kind=PersonKind.GUEST, directory_id=None)
        db.session.commit()
    made = cast.an_account(owner=person(username), deputy=person(deputy) if deputy else None)
    db.session.commit()
    return made.id


def account(number: int) -> Account:
    """An account as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Account, number)


def mails() -> list[tuple[str, str]]:
    """Who was written to, and about what, in order."""
    found = [(one.to, one.subject) for one in db.session.scalars(sa.select(Message).order_by(Message.id))]
    db.session.rollback()
    return found


# Every turn of a life has its line, its event and its date.


def test_every_turn_has_its_line_and_its_event(app: Flask, tree: Tree) -> None:
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    away = tree.unit(f"ou=Away from {tree.base[3:].partition(',')[0]},{tree.server.suffix}")
    boss = tree.add("boss", unit=docks)
    for number in range(25):
        tree.add(f"hand{number:02}", unit=docks)
    dns = {name: tree.add(name, unit=docks) for name in ("dai.disabled", "lena.left", "mair.mover", "rhys.returns")}
    tree.add("mona.managed", unit=docks, manager=boss)
    gone = tree.rename(dns["rhys.returns"], "uid=rhys.returns", away)
    tree.rename(gone, "uid=rhys.returns", docks)
    read(tree)
    assert lines() == []  # The first reading fills an empty register: these are no turns.
    gone = tree.rename(dns["rhys.returns"], "uid=rhys.returns", away)
    tree.remove([dns["lena.left"]])
    began = now()
    read(tree)
    assert lines() == [("missing", "Lena Left", "", ""), ("missing", "Rhys Returns", "", "")]
    missing_at = person("lena.left").missing_at
    assert missing_at is not None
    assert began <= missing_at <= now()
    tree.rename(gone, "uid=rhys.returns", docks)
    tree.rename(dns["mair.mover"], "uid=mair.mover", lights)
    tree.change(dns["dai.disabled"], businessCategory="TRUE")
    tree.change(tree.dn("hand00", docks), manager=boss)
    tree.change(tree.dn("mona.managed", docks), manager=tree.dn("hand01", docks))
    tree.add("joan.joiner", unit=lights)
    with days_later(1.5):
        then = now()
        outcome = read(tree)
        assert lines() == [
            ("disabled", "Dai Disabled", "", ""),
            ("joined", "Joan Joiner", "", ""),
            ("left", "Lena Left", "", ""),
            ("manager changed", "Hand00", "", "Boss"),
            ("manager changed", "Mona Managed", "", "Hand01"),
            ("moved", "Mair Mover", "Docks", ""),
            ("returned", "Rhys Returns", "", ""),
        ]
        left, joiner, back = person("lena.left"), person("joan.joiner"), person("rhys.returns")
        assert left.left_at is not None
        assert then <= left.left_at <= now()
        assert then <= joiner.joined_at <= now()
        assert (left.missing_at, back.missing_at, back.left_at) == (missing_at, None, None)
    assert (outcome.joined, outcome.moved, outcome.left, outcome.returned, outcome.disabled) == (1, 1, 1, 1, 1)
    assert sorted(events("person.joined", "person.moved", "person.missing", "person.left", "person.returned",
                         "person.disabled", "person.manager-changed")) == [
        "Hand00 now reports to Boss", "Joan Joiner joined Lights", "Lena Left left",
        "Lena Left was not in the directory", "Mair Mover moved from Docks to Lights",
        "Mona Managed now reports to Hand01", "Rhys Returns returned",
        "Rhys Returns was not in the directory", "The directory disabled Dai Disabled",
    ]  # fmt: skip


def test_somebody_enabled_again_has_returned(app: Flask, tree: Tree) -> None:
    tree.add_many(5)
    dn = tree.add("dai.disabled", businessCategory="TRUE")
    read(tree)
    tree.link.modify(dn, {"businessCategory": [("MODIFY_REPLACE", [])]})
    assert read(tree).returned == 1
    assert lines() == [("returned", "Dai Disabled", "", "")]
    assert person("dai.disabled").state is PersonState.ACTIVE


def test_run_that_is_held_lists_who_would_go(app: Flask, tree: Tree) -> None:
    dns = tree.add_many(60)
    read(tree)
    tree.remove(dns[:2])
    read(tree)
    tree.remove(dns[2:9])
    with days_later(2):
        outcome = read(tree)
        assert (outcome.result, outcome.held) == ("held", 7)
        assert lines() == [
            *(("held", f"Hand{number:03}", "", "would be a leaver") for number in range(2)),
            *(("held", f"Hand{number:03}", "", "would be missing") for number in range(2, 9)),
        ]
        assert events("person.left") == []
        assert read(tree, accept_leavers=7).result == "complete"
        assert [line[0] for line in lines()] == ["left"] * 2 + ["missing"] * 7


def test_report_of_a_newcomer_with_the_old_managers_name_is_theirs_though_a_run_broke_off(
    app: Flask, tree: Tree
) -> None:
    """The run that read the report's entry, and knows that it means the newcomer, never came to the managers."""
    boss = tree.dn("boss")
    report = tree.add("report", manager=boss)
    tree.add_many(60)  # More than are kept at a time.
    tree.add("boss", "Old Boss")
    read(tree)
    assert person("report").manager_id == person("boss").id
    tree.rename(boss, "uid=boss.old")
    tree.add("boss", "New Boss")
    tree.change(report, title="Pilot", manager=boss)

    def break_off(_read: int, _expected: int) -> None:
        raise RuntimeError("The power went.")

    with pytest.raises(RuntimeError, match="The power went"):
        sync(tree.settings(), way=Way.FULL, progress=break_off)
    assert (person("report").title, person("boss").name) == ("Pilot", "Old Boss")
    read(tree)
    assert person("report").manager_id == person("boss").id
    assert person("boss").name == "New Boss"


def test_manager_who_leaves_is_nobodys_manager(app: Flask, tree: Tree) -> None:
    tree.add_many(12)
    boss = tree.add("boss")
    tree.add("report", manager=boss)
    read(tree)
    tree.remove([boss])
    read(tree)
    assert person("report").manager_id == person("boss").id  # Missing is not gone.
    with days_later(2):
        read(tree)
    assert lines() == [("left", "Boss", "", ""), ("manager changed", "Report", "", "nobody")]
    assert person("report").manager_id is None


def test_lines_of_a_run_that_was_stopped_stay(app: Flask, tree: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    tree.add_many(12)
    mover = tree.add("mair.mover", unit=docks)
    read(tree)
    number = account_of("mair.mover")
    tree.rename(mover, "uid=mair.mover", lights)
    tree.add("joan.joiner")
    with monkeypatch.context() as patch:
        patch.setattr(syncing._Pass, "_finish", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            read(tree)
    run = last_run()
    assert run is not None
    assert run.result is SyncResult.FAILED
    assert lines() == [("joined", "Joan Joiner", "", ""), ("moved", "Mair Mover", "Docks", "")]
    assert account(number).owner_moved_at is None  # It may be a team with another name: the next run can tell.
    read(tree)
    assert lines() == []
    assert account(number).owner_moved_at is not None
    assert events("person.moved", "person.joined") == [
        "Joan Joiner joined no team", "Mair Mover moved from Docks to Lights",
    ]  # fmt: skip


# Teams.


def test_renamed_unit_keeps_its_team_and_its_accounts(app: Flask, tree: Tree) -> None:
    docks = tree.unit(f"ou=Docks,{tree.base}")
    cranes = tree.unit(f"ou=Cranes,{docks}")
    tree.add("nia.pugh", unit=docks)
    tree.add("ewa.zak", unit=cranes, ou="Night shift")
    read(tree)
    before, number = teams(), account_of("ewa.zak")
    assert account(number).team_id == before["Docks / Cranes / Night shift"]
    for way, name in ((Way.SWEEP, "Quays"), (Way.CHANGES, "Harbour"), (Way.FULL, "Wharves")):
        old = docks
        docks = tree.rename(old, f"ou={name}", tree.base)
        outcome = read(tree, way)
        assert (outcome.moved, lines()) == (0, [])
        assert teams() == {
            name: before["Docks"], f"{name} / Cranes": before["Docks / Cranes"],
            f"{name} / Cranes / Night shift": before["Docks / Cranes / Night shift"],
        }  # fmt: skip
        assert team_of("ewa.zak") == f"{name} / Cranes / Night shift"
        words = account(number).search_text.split()
        assert (name.lower() in words, old.partition(",")[0][3:].lower() in words) == (True, False)
        assert account(number).owner_moved_at is None
    assert events(*TEAMS) == [
        "The team Docks is now called Quays", "The team Quays is now called Harbour",
        "The team Harbour is now called Wharves",
    ]  # fmt: skip


def test_unit_that_goes_under_another_keeps_its_team(app: Flask, tree: Tree) -> None:
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    tree.add("nia.pugh", unit=docks)
    tree.add("ewa.zak", unit=lights)
    read(tree)
    before = teams()
    tree.rename(docks, "ou=Docks", lights)
    read(tree)
    assert teams() == {"Lights": before["Lights"], "Lights / Docks": before["Docks"]}
    parents = dict(map(tuple, db.session.execute(sa.select(Team.path, Team.parent_id)).all()))
    assert parents == {"Lights": None, "Lights / Docks": before["Lights"]}
    assert (events(*TEAMS), lines()) == (["The team Docks is now called Lights / Docks"], [])


def test_two_units_that_exchange_their_names_keep_their_teams(app: Flask, tree: Tree) -> None:
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    cranes = tree.unit(f"ou=Cranes,{docks}")
    tree.add("nia.pugh", unit=cranes)
    tree.add("ewa.zak", unit=lights)
    read(tree)
    before = teams()
    tree.rename(docks, "ou=In between", tree.base)
    tree.rename(lights, "ou=Docks", tree.base)
    tree.rename(f"ou=In between,{tree.base}", "ou=Lights", tree.base)
    read(tree)
    assert teams() == {
        "Docks": before["Lights"], "Lights": before["Docks"], "Lights / Cranes": before["Docks / Cranes"],
    }  # fmt: skip
    assert (team_of("nia.pugh"), team_of("ewa.zak"), lines()) == ("Lights / Cranes", "Docks", [])
    assert sorted(events(*TEAMS)) == ["The team Docks is now called Lights", "The team Lights is now called Docks"]
    assert read(tree, Way.CHANGES).way == "changes"  # All is settled.


def test_mover_between_two_units_that_exchange_their_names_has_moved(app: Flask, tree: Tree) -> None:
    """Their name in the directory, and that of their team, are as they were; the team is not."""
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    dn = tree.add("mair.mover", unit=docks)
    tree.add("ewa.zak", unit=lights)
    read(tree)
    before = teams()
    tree.rename(dn, "uid=mair.mover", lights)
    tree.rename(docks, "ou=In between", tree.base)
    tree.rename(lights, "ou=Docks", tree.base)
    tree.rename(f"ou=In between,{tree.base}", "ou=Lights", tree.base)
    assert read(tree).moved == 1
    assert (person("mair.mover").team_id, team_of("mair.mover")) == (before["Lights"], "Docks")


def test_new_unit_at_the_place_of_one_that_was_deleted_has_its_team(app: Flask, tree: Tree) -> None:
    docks = tree.unit(f"ou=Docks,{tree.base}")
    dn = tree.add("nia.pugh", unit=docks)
    read(tree)
    before = teams()
    tree.rename(dn, "uid=nia.pugh", tree.base)
    tree.remove([docks])
    read(tree)
    tree.unit(docks)
    tree.rename(tree.dn("nia.pugh"), "uid=nia.pugh", docks)
    read(tree)
    assert teams() == before
    # It is the new unit's now, and goes with it. (slapd cannot rename this one while somebody is in it.)
    tree.rename(tree.dn("nia.pugh", docks), "uid=nia.pugh", tree.base)
    quays = tree.rename(docks, "ou=Quays", tree.base)
    tree.rename(tree.dn("nia.pugh"), "uid=nia.pugh", quays)
    read(tree)
    assert teams() == {"Quays": before["Docks"]}
    assert read(tree, Way.CHANGES).way == "changes"


def test_unit_that_takes_the_place_of_a_department_is_settled(app: Flask, tree: Tree) -> None:
    docks = tree.unit(f"ou=Docks,{tree.base}")
    tree.add("nia.pugh", unit=docks)
    tree.add("ewa.zak", ou="Quays")
    read(tree)
    before = teams()
    tree.rename(docks, "ou=Quays", tree.base)
    read(tree)
    assert (team_of("nia.pugh"), team_of("ewa.zak")) == ("Quays", "Quays")
    assert teams() == before
    assert read(tree, Way.CHANGES).way == "changes"


def test_renamed_department_keeps_its_team(app: Flask, tree: Tree) -> None:
    dns = [tree.add(f"hand{number}", ou="Cranes") for number in range(3)]
    tree.add("nia.pugh", ou="Lights")
    read(tree)
    before, number = teams(), account_of("hand0")
    for dn in dns:
        tree.change(dn, ou="Lifting gear")
    outcome = read(tree)
    assert (outcome.moved, outcome.changed, lines()) == (0, 3, [])
    assert teams() == {"Lifting gear": before["Cranes"], "Lights": before["Lights"]}
    assert events(*TEAMS) == ["The team Cranes is now called Lifting gear"]
    assert "lifting" in account(number).search_text.split()
    assert account(number).owner_moved_at is None


def test_department_of_two_people_who_go_together_is_not_renamed(app: Flask, tree: Tree) -> None:
    dns = [tree.add(f"hand{number}", ou="Cranes") for number in range(2)]
    read(tree)
    before = teams()
    for dn in dns:
        tree.change(dn, ou="Lifting gear")
    assert read(tree).moved == 2
    assert {path: number for path, number in teams().items() if path in before} == before
    assert events(*TEAMS) == [f"Hand{number} moved from Cranes to Lifting gear" for number in range(2)]


def test_two_departments_that_exchange_their_names_are_movers(app: Flask, tree: Tree) -> None:
    """Nothing tells it from everybody changing places."""
    for department in ("Cranes", "Lights"):
        for number in range(3):
            tree.add(f"{department.lower()}{number}", ou=department)
    read(tree)
    before = teams()
    for department, other in (("cranes", "Lights"), ("lights", "Cranes")):
        for number in range(3):
            tree.change(tree.dn(f"{department}{number}"), ou=other)
    assert read(tree).moved == 6
    assert (teams(), team_of("cranes0"), team_of("lights2")) == (before, "Lights", "Cranes")
    assert len(events(*TEAMS)) == 6


def test_department_somebody_stays_in_is_not_renamed(app: Flask, tree: Tree) -> None:
    dns = [tree.add(f"hand{number}", ou="Cranes") for number in range(5)]
    read(tree)
    for dn in dns[:4]:
        tree.change(dn, ou="Lifting gear")
    assert read(tree).moved == 4
    assert sorted(teams()) == ["Cranes", "Lifting gear"]
    assert team_of("hand4") == "Cranes"


# Movers and leavers who own accounts.


def test_mover_is_asked_once_whether_the_account_is_still_theirs(app: Flask, tree: Tree, client: Browser) -> None:
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    dn = tree.add("mair.mover", unit=docks, mail="mair@pembrey.example")
    tree.add("nia.pugh", unit=docks)
    read(tree)
    number = account_of("mair.mover")
    before, title = len(mails()), account(number).title
    dn = tree.rename(dn, "uid=mair.mover", lights)
    read(tree)
    asked = mails()[before:]
    assert [to for to, _ in asked] == ["mair@pembrey.example"]
    assert events("account.owner-moved") == [f"Mair Mover, who answers for {title}, has moved: is it still theirs?"]
    # Told again, or moved again before they have answered: nobody is asked twice.
    run = last_run()
    assert run is not None
    run.handed_on_at = None
    db.session.commit()
    jobs.hand_on()
    tree.rename(dn, "uid=mair.mover", docks)
    read(tree)
    assert len(mails()) == before + 1
    client.as_(person("mair.mover"))
    task = f"Is {title} still yours?"
    assert task in client.get("/").text
    assert "Yes, still mine" in client.get(f"/accounts/{number}").words("button")
    assert client.as_(cast.comms_officer()).post(f"/accounts/{number}/still-mine").status_code == 404
    assert account(number).owner_moved_at is not None
    client.as_(person("mair.mover")).post(f"/accounts/{number}/still-mine")
    assert account(number).owner_moved_at is None
    assert task not in client.get("/").text
    assert events("account.still-owned") == [f"Mair Mover said that {title} is still theirs"]


def test_change_of_owner_answers_the_question(app: Flask, tree: Tree) -> None:
    from registry.accounts import actions

    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    dn = tree.add("mair.mover", unit=docks)
    tree.add("nia.pugh", unit=docks)
    read(tree)
    number = account_of("mair.mover")
    tree.rename(dn, "uid=mair.mover", lights)
    read(tree)
    assert account(number).owner_moved_at is not None
    actions.change(
        account=account(number), values={"owner_id": person("nia.pugh").id}, topics=None, actor=person("mair.mover")
    )
    db.session.commit()
    assert account(number).owner_moved_at is None


def test_new_manager_asks_the_owner_too(app: Flask, tree: Tree) -> None:
    boss, dn = tree.add("boss"), tree.add("mair.mover")
    read(tree)
    number = account_of("mair.mover")
    tree.change(dn, manager=boss)
    read(tree)
    assert account(number).owner_moved_at is not None


def test_leavers_account_waits_for_its_deputy_or_is_orphaned(app: Flask, tree: Tree, client: Browser) -> None:
    dns = tree.add_many(30)
    read(tree)
    with_deputy, alone = account_of("hand000", deputy="hand005"), account_of("hand000")
    tree.remove(dns[:1])
    read(tree)
    assert (account(with_deputy).state, account(alone).state) == (State.LIVE, State.LIVE)
    with days_later(2):
        read(tree)
    assert (account(with_deputy).state, account(alone).state) == (State.LIVE, State.ORPHANED)
    assert account(with_deputy).owner_id == person("hand000").id  # Nobody inherits it by themselves.
    page = client.as_(person("hand005")).get("/").text
    assert account(with_deputy).title in page
    orphaned = events("account.orphaned")
    jobs.hand_on()
    assert events("account.orphaned") == orphaned
    assert len(orphaned) == 1


def test_news_of_a_run_that_died_before_it_told_them_are_told_by_the_next(app: Flask, tree: Tree) -> None:
    docks, lights = tree.unit(f"ou=Docks,{tree.base}"), tree.unit(f"ou=Lights,{tree.base}")
    dn = tree.add("mair.mover", unit=docks)
    read(tree)
    number = account_of("mair.mover")
    tree.rename(dn, "uid=mair.mover", lights)
    sync(tree.settings())  # And nobody hands its news on.
    assert account(number).owner_moved_at is None
    read(tree, Way.CHANGES)
    asked = account(number).owner_moved_at
    assert asked is not None
    assert asked - now() < timedelta(minutes=1)
    open_runs = sa.select(sa.func.count(SyncRun.id)).where(SyncRun.handed_on_at.is_(None))
    assert db.session.scalar(open_runs) == 0
