"""Random lives against a real server and the real sync: nobody is doubled, nobody inherits, nobody is lost.

Everything that happens to people in a directory happens here at random: they join, get other names, logins and teams,
exchange them, take over the logins of others, go, come back, are disabled, get other managers; and the register reads,
one way or the other, at any time. After each reading it has to know what is true, and nothing else.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import cast
import hypothesis
import pytest
import sqlalchemy as sa
from databases import SECRET_KEY, SERVER, Databases, dispose
from flask import Flask
from harbour import SUFFIX, Tree
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from readings import days_later, rows
from slapd import Slapd
from truth import DAY, Soul, Town

from registry import create_app, jobs
from registry.accounts.models import Account
from registry.config import load
from registry.db import db, now
from registry.people import runs as readings
from registry.people.models import Person, PersonKind, PersonState, RoleGrant, SignIn, Team, Way
from registry.people.sync import Outcome
from registry.roles import Role

pytestmark = pytest.mark.ldap

#: How much happens in all. By hand once: 10,000.
OPERATIONS: Final = 200 if SERVER else 500
IN_A_LIFE: Final = 50
LOGINS: Final = ("nia.pugh", "rhys.returns", "ewa.zak", "seun.ade", "mair.mover", "dai.out")
DEPARTMENTS: Final = ("", "Cranes", "Lights", "Pilots")
UNITS: Final = ("Docks", "Quays", "Locks")
#: People to whom nothing happens, so that a tenth of all, for whom the guard would hold a reading, is somebody.
CREW: Final = 14

which = st.integers(0, 1000)
logins, departments, units = st.sampled_from(LOGINS), st.sampled_from(DEPARTMENTS), st.sampled_from(UNITS)


class Lives(RuleBasedStateMachine):
    """One town, one register. ``server`` and ``databases`` are set by the test."""

    server: Slapd
    databases: Databases
    done = 0
    looked = 0

    @initialize()
    def begin(self) -> None:
        """A small town, read once."""
        self.app = _app(self.databases)
        self.context = self.app.app_context()
        self.context.push()
        cast.a_person(
            cast.COMMS_OFFICER.username, roles=(Role.COMMS,), kind=PersonKind.GUEST, directory_id=None
        )  # fmt: skip
        db.session.commit()
        self.tree = Tree(self.server)
        self.town = Town(self.tree)
        # The clock of the register is ahead, so that what changed just before a reading is not looked at again anyway.
        self.hours, self.ids = 1.0, dict[str, int]()
        #: Whose they are, by directory id: accounts (by their number), roles and browsers.
        self.accounts, self.roles, self.browsers = dict[int, str](), set[str](), set[str]()
        for name in UNITS[:2]:
            self.town.found(name, self.town.top)
        for number in range(CREW):
            self.town.join(f"hand{number:02}", self.town.places[number % 3])
        self.crew = self.town.here()
        for number, soul in enumerate(self.crew):
            self.town.give_manager(soul, self.crew[number // 3])
        for number, login in enumerate(LOGINS[:4]):
            self.town.join(login, self.town.places[number % 3])
        self._look(Way.SWEEP)

    def one(self, number: int, *, here: bool = True) -> Soul | None:
        """Somebody to whom things happen."""
        them = [soul for soul in self.town.souls if soul.here == here and soul not in self.crew]
        Lives.done += bool(them)
        return them[number % len(them)] if them else None

    # What happens in the directory.

    @rule(login=logins, place=which, department=departments, manager=which)
    def join(self, login: str, place: int, department: str, manager: int) -> None:
        boss = self.one(manager) if manager % 3 else None
        self.town.join(login, self._place(place), department=department, manager=boss)

    @rule(who=which)
    def leave(self, who: int) -> None:
        if soul := self.one(who):
            self.town.leave(soul)

    @rule(who=which)
    def come_back(self, who: int) -> None:
        if soul := self.one(who, here=False):
            self.town.come_back(soul)

    @rule(who=which, hours=st.sampled_from((1, 30)))
    def come_back_when_missed(self, who: int, hours: int) -> None:
        if soul := self.one(who):
            self.town.leave(soul)
            for _ in range(2):
                self._look_and_accept(Way.SWEEP, True)
                self.hours += hours
            self.town.come_back(soul)

    @rule(who=which, heir_manages=st.booleans())
    def recycle(self, who: int, heir_manages: bool) -> None:
        if soul := self.one(who):
            heir = self.town.recycle(soul)
            if heir_manages:
                self.town.give_manager(self.crew[who % CREW], heir)

    @rule(who=which, login=logins, place=which)
    def rename(self, who: int, login: str, place: int) -> None:
        if soul := self.one(who):
            self.town.rename(soul, login, self._place(place))

    @rule(who=which, number=which)
    def marry(self, who: int, number: int) -> None:
        if soul := self.one(who):
            self.town.change(soul, name=f"Somebody Else {number}")

    @rule(one=which, other=which)
    def swap(self, one: int, other: int) -> None:
        a, b = self.one(one), self.one(other)
        if a and b and a is not b:
            self.town.swap(a, b)

    @rule(who=which, department=departments)
    def change_department(self, who: int, department: str) -> None:
        if soul := self.one(who):
            self.town.change(soul, department=department)

    @rule(one=departments, other=departments)
    def rename_department(self, one: str, other: str) -> None:
        for soul in self.town.here():
            if one and soul.department == one:
                self.town.change(soul, department=other)

    @rule(who=which, disabled=st.booleans())
    def disable(self, who: int, disabled: bool) -> None:
        if (soul := self.one(who)) and soul.disabled != disabled:
            self.town.change(soul, disabled=disabled)

    @rule(who=which, manager=which)
    def change_manager(self, who: int, manager: int) -> None:
        if soul := self.one(who):
            self.town.give_manager(soul, self.one(manager) if manager % 4 else None)

    @rule(one=which, other=which)
    def swap_managers(self, one: int, other: int) -> None:
        a, b = self.one(one), self.one(other)
        if a and b:
            first, second = a.manager, b.manager
            self.town.give_manager(a, second)
            self.town.give_manager(b, first)

    @rule(place=which, name=units, above=which)
    def rename_unit(self, place: int, name: str, above: int) -> None:
        Lives.done += 1
        self.town.rename_place(self._place(place), name, self._place(above))

    @rule(one=which, other=which)
    def swap_units(self, one: int, other: int) -> None:
        a, b = self._place(one), self._place(other)
        if self.town.top not in (a, b) and a.above is b.above and a is not b:
            Lives.done += 1
            first, second = a.name, b.name
            self.town.rename_place(a, "In between", a.above)
            self.town.rename_place(b, first, b.above)
            self.town.rename_place(a, second, a.above)

    @rule(name=units, above=which)
    def found(self, name: str, above: int) -> None:
        if len(self.town.places) < 7:
            Lives.done += 1
            self.town.found(name, self._place(above))

    @rule(place=which)
    def close_unit(self, place: int) -> None:
        gone = self._place(place)
        used = [soul.place for soul in self.town.souls] + [one.above for one in self.town.places]
        if gone is not self.town.top and gone not in used:
            Lives.done += 1
            self.tree.remove([gone.dn(self.tree.base)])
            self.town.places.remove(gone)

    # What happens in the register.

    @rule(hours=st.sampled_from((1, 5, 11, 30)))
    def wait(self, hours: int) -> None:
        self.hours += hours

    @rule(who=which, what=st.sampled_from(("account", "role", "browser")))
    def give(self, who: int, what: str) -> None:
        soul = self.one(who)
        if soul is None or not soul.known or soul.state != PersonState.ACTIVE:
            return
        person = self._person(soul)
        if what == "account":
            self.accounts[cast.an_account(owner=person).id] = soul.directory_id
        elif what == "role" and soul.directory_id not in self.roles:
            db.session.add(RoleGrant(person_id=person.id, role=Role.ORGANISER, source="hand", granted_at=now()))
            self.roles.add(soul.directory_id)
        elif what == "browser" and soul.directory_id not in self.browsers:
            at = now()
            db.session.add(SignIn(token_hash=soul.directory_id, person_id=person.id, began_at=at, ends_at=at))
            self.browsers.add(soul.directory_id)
        db.session.commit()

    # Reading, and what must be true then.

    @rule(accept=st.booleans())
    def look_whole(self, accept: bool) -> None:
        self._look_and_accept(Way.FULL, accept)

    @rule(accept=st.booleans())
    def look_by_sweep(self, accept: bool) -> None:
        self._look_and_accept(Way.SWEEP, accept)

    @rule()
    def look_for_changes(self) -> None:
        self._look_and_accept(Way.CHANGES, False)

    def _look_and_accept(self, way: Way, accept: bool) -> None:
        outcome = self._look(way)
        if outcome.result == "held":
            assert outcome.held == len(self._newly_absent())
            assert {soul.told["name"] for soul in self._newly_absent()} <= set(outcome.absent)
            if accept:
                self._look(Way.SWEEP, accept_leavers=outcome.held)

    @rule(way=st.sampled_from(Way))
    def look_dry(self, way: Way) -> None:
        before = rows()
        with days_later(self.hours / DAY):
            jobs.sync_directory(self.tree.settings(), way=way, dry_run=True)
        assert rows() == before

    def _look(self, way: Way, accept_leavers: int | None = None) -> Outcome:
        Lives.looked += 1
        with days_later(self.hours / DAY):
            outcome = jobs.sync_directory(self.tree.settings(), way=way, accept_leavers=accept_leavers)
        assert outcome.result in ("complete", "held"), outcome.reason
        assert outcome.skipped == 0, readings.last_run().skipped_entries
        self.town.was_looked_at(self.hours, absences=outcome.result == "complete" and outcome.way != Way.CHANGES)
        self._compare()
        return outcome

    def _compare(self) -> None:
        """The register knows what is true of everybody it could see, and has everybody once."""
        known = {soul.directory_id: soul for soul in self.town.souls if soul.known}
        for directory_id, soul in known.items():
            if soul.left:
                self.roles.discard(directory_id)
            if soul.left or soul.told["disabled"]:
                self.browsers.discard(directory_id)
        found = _everybody()
        assert {row["directory_id"]: row["state"] for row in found} == {key: one.state for key, one in known.items()}
        assert len(found) == len(known)
        for row in found:
            assert self.ids.setdefault(row["directory_id"], row["id"]) == row["id"]
        told = {
            row["directory_id"]: {name: row[name] for name in ("username", "name", "team", "manager")} for row in found
        }
        expected = {key: {k: v for k, v in soul.told.items() if k != "disabled"} for key, soul in known.items()}
        here = {key for key, soul in known.items() if soul.here}
        assert {key: told[key] for key in here} == {key: expected[key] for key in here}
        self._compare_belongings()

    def _compare_belongings(self) -> None:
        owners = sa.select(Account.id, Person.directory_id).join(Person, Person.id == Account.owner_id)
        assert dict(map(tuple, db.session.execute(owners))) == self.accounts
        of_person = {number: key for key, number in self.ids.items()}
        hand = sa.select(RoleGrant.person_id).where(RoleGrant.role == Role.ORGANISER)
        assert {of_person[one] for one in db.session.scalars(hand)} == self.roles
        browsers = db.session.execute(sa.select(SignIn.person_id, SignIn.token_hash)).all()
        assert {(of_person[one], key) for one, key in browsers} == {(key, key) for key in self.browsers}
        db.session.rollback()

    def _newly_absent(self) -> list[Soul]:
        return [one for one in self.town.souls if one.known and not one.here and one.missing_since is None]

    @invariant()
    def nobody_has_two_rows(self) -> None:
        number = sa.func.count(Person.id)
        twice = sa.select(Person.dn_key).where(Person.dn_key != "").group_by(Person.dn_key).having(number > 1)
        assert db.session.scalars(twice).all() == []
        db.session.rollback()

    def _place(self, number: int) -> Any:
        return self.town.places[number % len(self.town.places)]

    def _person(self, soul: Soul) -> Person:
        return db.session.scalars(sa.select(Person).where(Person.directory_id == soul.directory_id)).one()

    def teardown(self) -> None:
        if hasattr(self, "tree"):
            self.tree.close()
            self.context.pop()
            dispose(self.app)
            self.databases.drop(self.url)

    @property
    def url(self) -> str:
        return str(self.app.config["SETTINGS"].database_url.get_secret_value())


def _app(databases: Databases) -> Flask:
    return create_app(load(instance=databases.folder, database_url=databases.copy(), secret_key=SECRET_KEY))


def _everybody() -> list[dict[str, Any]]:
    boss = sa.orm.aliased(Person)
    columns = (
        Person.id, Person.directory_id, Person.username, Person.name, Person.state,
        sa.func.coalesce(Team.path, "").label("team"), boss.directory_id.label("manager"),
    )  # fmt: skip
    found = (
        sa.select(*columns)
        .outerjoin(Team, Team.id == Person.team_id)
        .outerjoin(boss, boss.id == Person.manager_id)
        .where(Person.kind == PersonKind.DIRECTORY)
    )
    return [dict(row._mapping) for row in db.session.execute(found)]


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """A server of this module's own: many towns make a big tree."""
    made = Slapd(tmp_path_factory.mktemp("lives"), SUFFIX, "", more="dbnosync\nmaxsize 1073741824")
    yield made
    made.stop()


def test_random_lives_leave_one_row_for_each_person_who_inherits_nothing(
    databases: Databases, server: Slapd, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lives, "server", server, raising=False)
    monkeypatch.setattr(Lives, "databases", databases, raising=False)
    Lives.done = Lives.looked = 0
    run_state_machine_as_test(
        Lives,
        settings=hypothesis.settings(
            max_examples=max(1, OPERATIONS // IN_A_LIFE), stateful_step_count=IN_A_LIFE,
            suppress_health_check=list(hypothesis.HealthCheck), database=None, phases=[hypothesis.Phase.generate],
        ),
    )  # fmt: skip
    print(f"{Lives.done} operations, {Lives.looked} readings")
    assert Lives.looked > OPERATIONS // IN_A_LIFE


def test_units_that_change_back_after_a_reading_that_was_held(
    databases: Databases, server: Slapd, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Lives, "server", server, raising=False)
    monkeypatch.setattr(Lives, "databases", databases, raising=False)
    life = Lives()
    try:
        life.begin()
        for _ in range(2):
            life.leave(0)  # More than a tenth of all, so the next reading is held.
        for _ in range(2):
            life.swap_units(1, 2)
            life.look_for_changes()
    finally:
        life.teardown()
