"""A sync that is killed at any moment: the run after it ends in the same database as if nothing had happened."""

import json
import os
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
import sqlalchemy as sa
from databases import SECRET_KEY, SERVER, Databases, sa_url
from harbour import Tree
from nursery import Nursery
from proxy import Proxy
from sqlalchemy.orm import aliased

from registry.audit import Event
from registry.db import now
from registry.people.models import Person, RoleGrant, SignIn, Team

pytestmark = pytest.mark.ldap

#: 100 with ``TEST_EVERY_KILL``; on PostgreSQL each takes longer.
KILLS: Final = 100 if os.environ.get("TEST_EVERY_KILL") else 20 if SERVER else 40
CREW: Final = 120
#: A sweep of the change marks, and everything whole.
WAYS: Final[tuple[tuple[str, ...], ...]] = ((), ("--full",))
SETTINGS: Final = """
secret_key = "{key}"
[ldap]
base_dn = "{base}"
bind_dn = "cn=reader,{suffix}"
bind_password = "reader"
insecure = true
page_size = 10
[ldap.attributes]
disabled = ["businessCategory"]
[ldap.role_groups]
comms = ["cn=Comms,{groups}"]
auditor = ["cn=Audit,{groups}"]
"""
#: What two runs of the same thing do not share: numbers of rows, and moments.
OF_THE_RUN: Final = ("id", "team_id", "manager_id", "joined_at", "read_at", "missing_at", "left_at")


class Harbour:
    """A part of the directory with a past and a present, and the database that knows the past."""

    def __init__(self, tree: Tree) -> None:
        self.tree = tree
        self.people = tree.unit(f"ou=People,{tree.base}")
        self.outside = tree.unit(f"ou=Outside,{tree.base}")
        self.teams = [tree.unit(f"ou=Watch {number},{self.people}") for number in range(4)]
        self.crew = [
            tree.add(f"hand{number:03}", unit=self.teams[number % 4], title="Deck hand", manager=self.first(number % 4))
            for number in range(CREW)
        ]
        inner = tree.group("Inner", self.crew[20:22])
        self.groups = [tree.group("Comms", [self.crew[23], inner]), tree.group("Audit", self.crew[24:26])]

    def first(self, team: int) -> str:
        return self.tree.dn(f"hand{team:03}", self.teams[team])

    def write_settings(self, folder: Path) -> None:
        text = SETTINGS.format(
            key=SECRET_KEY, base=self.people, suffix=self.tree.server.suffix, groups=self.tree.base
        )  # fmt: skip
        (folder / "registry.toml").write_text(text)

    def send_out(self, numbers: range) -> None:
        """Take people out of the part that is read."""
        for number in numbers:
            self.tree.rename(self.crew[number], f"uid=hand{number:03}", self.outside)

    def let_in(self, numbers: range) -> None:
        """Take them back where they were."""
        for number in numbers:
            dn = self.tree.dn(f"hand{number:03}", self.outside)
            self.tree.rename(dn, f"uid=hand{number:03}", self.teams[number % 4])

    def become_the_present(self) -> None:
        """What has happened since the run before: everything that can."""
        tree, crew = self.tree, self.crew
        self.let_in(range(30, 32))  # Somebody missing, and a leaver, are back.
        self.let_in(range(34, 35))
        self.send_out(range(40, 44))
        joiners = [tree.add(f"new{number:02}", unit=self.teams[number % 4]) for number in range(12)]
        for number in range(50, 60):
            tree.change(crew[number], title="Pilot")
        for number in range(60, 64):
            tree.change(crew[number], manager=joiners[number - 60])
        for dn in crew[64:67]:
            tree.change(dn, businessCategory="TRUE")
        tree.change(crew[68], manager=crew[69])
        tree.change(crew[69], manager=crew[68])
        for number in range(70, 78):
            tree.rename(crew[number], f"uid=hand{number:03}", self.teams[(number + 1) % 4])
        tree.rename(crew[79], "uid=hand079.smith")
        # A manager, whose people's entries go on naming them as before: OpenLDAP does not follow by itself.
        tree.rename(crew[2], "uid=hand002.smith")
        tree.remove([crew[80]])
        tree.add("hand080", "Somebody Else", unit=self.teams[0])
        tree.rename(self.teams[3], "ou=Night watch", self.people)
        tree.change(self.groups[0], member=crew[21])
        tree.change(self.groups[1], member=joiners[0])


def prepare(harbour: Harbour, nursery: Nursery, settings: dict[str, str]) -> None:
    """Fill the database with the past: the crew, who is missing, who left, who is signed in."""

    def read() -> None:
        assert nursery.run(settings, "sync", "--json") == 0, nursery.out.read_text()

    read()
    harbour.send_out(range(30, 33))
    read()
    with opened(settings) as connection:
        days_ago = now() - timedelta(days=3)
        connection.execute(sa.update(Person).where(Person.missing_at.is_not(None)).values(missing_at=days_ago))
    read()  # Three have left.
    harbour.send_out(range(33, 37))
    read()
    with opened(settings) as connection:
        overdue = Person.username.in_(["hand033", "hand034", "hand035"])
        connection.execute(sa.update(Person).where(overdue).values(missing_at=days_ago))
        ends = now() + timedelta(days=300)
        rows = connection.execute(sa.select(Person.id, Person.username).where(Person.username < "hand070")).all()
        signed_in = [
            {"token_hash": name, "person_id": one, "began_at": days_ago, "ends_at": ends} for one, name in rows
        ]
        connection.execute(sa.insert(SignIn), signed_in)
    harbour.become_the_present()


@contextmanager
def opened(settings: dict[str, str]) -> Iterator[sa.Connection]:
    """A connection to the database, whose work is kept; nothing stays open."""
    engine = sa.create_engine(sa_url(settings["REGISTRY_DATABASE_URL"]))
    try:
        with engine.begin() as connection:
            yield connection
    finally:
        engine.dispose()


def kept(settings: dict[str, str]) -> dict[str, Counter[str]]:
    """All that the database says of people, teams, managers, roles and what happened, without what is the run's own."""
    boss, above = aliased(Person), aliased(Team)
    columns = [column for column in Person.__table__.columns if column.name not in OF_THE_RUN]
    moments = [column.is_not(None) for column in (Person.joined_at, Person.missing_at, Person.left_at)]
    people = (
        sa.select(*columns, *moments, Team.path, boss.directory_id)
        .outerjoin(Team, Team.id == Person.team_id)
        .outerjoin(boss, boss.id == Person.manager_id)
    )
    roles = sa.select(Person.directory_id, RoleGrant.role, RoleGrant.source).join(
        RoleGrant, RoleGrant.person_id == Person.id
    )
    teams = sa.select(Team.path, Team.name, Team.directory_id, above.path).outerjoin(above, above.id == Team.parent_id)
    browsers = sa.select(SignIn.token_hash)
    events = sa.select(Event.name, Event.subject_name, Event.fields).where(Event.name.startswith("person."))
    with opened(settings) as connection:
        return {
            name: Counter(map(repr, connection.execute(query)))
            for name, query in {
                "people": people, "roles": roles, "teams": teams, "browsers": browsers, "events": events,
            }.items()
        }  # fmt: skip


class Executioner:
    """Lets syncs begin, kills them, and looks at what the next run makes of it."""

    def __init__(self, harbour: Harbour, folder: Path, databases: Databases, past: str, turn: threading.Lock) -> None:
        folder.mkdir()
        harbour.write_settings(folder)
        self.databases, self.past, self.turn = databases, past, turn
        self.nursery, self.proxy = Nursery(folder), Proxy(harbour.tree.server.uri)
        self.settings = {"REGISTRY_INSTANCE": str(folder), "REGISTRY_LDAP_URIS": self.proxy.uri}

    def close(self) -> None:
        self.nursery.close()
        self.proxy.stop()

    @contextmanager
    def database(self) -> Iterator[dict[str, str]]:
        """Settings with a database of its own that knows the past."""
        with self.turn:  # PostgreSQL copies a database for one at a time.
            url = self.databases.new(template=self.past)
        try:
            yield {**self.settings, "REGISTRY_DATABASE_URL": url}
        finally:
            with self.turn:
                self.databases.drop(url)

    def undisturbed(self, *way: str) -> tuple[dict[str, Counter[str]], int, float]:
        """What a run ends in, how many messages it takes, and how many seconds from the first of them to the end."""
        began: list[float] = []
        self.proxy.arm(None)
        self.proxy.each = lambda number: began.append(time.monotonic()) if number == 1 else None
        with self.database() as settings:
            self.finish(settings, *way)
            seconds = time.monotonic() - began[0]
            return kept(settings), self.proxy.messages, seconds

    def kill_at_message(self, settings: dict[str, str], number: int, *way: str) -> int:
        """Kill a run just before a message passes; gives how it ended."""
        started = threading.Event()

        def each(now_at: int) -> None:
            if now_at == number:
                started.wait()
                self.nursery.kill()

        return self._kill(settings, each, started, way)

    def kill_after(self, settings: dict[str, str], seconds: float, *way: str) -> int:
        """Kill a run some seconds after its first message; gives how it ended."""
        started = threading.Event()

        def later() -> None:
            time.sleep(seconds)
            started.wait()
            self.nursery.kill()

        timer = threading.Thread(target=later)
        try:
            return self._kill(settings, lambda number: timer.start() if number == 1 else None, started, way)
        finally:
            timer.join()

    def _kill(
        self, settings: dict[str, str], each: Callable[[int], None], started: threading.Event, way: tuple[str, ...]
    ) -> int:
        self.proxy.arm(None)
        self.proxy.each = each
        self.nursery.start(settings, "sync", "--json", *way)
        started.set()
        return self.nursery.ended()

    def finish(self, settings: dict[str, str], *way: str) -> None:
        """A run without disturbance."""
        for _ in range(50):
            # PostgreSQL may take a moment to see that whoever held the lock is dead.
            if (code := self.nursery.run(settings, "sync", "--json", *way)) != 4:
                break
            time.sleep(0.1)
        told = json.loads(self.nursery.out.read_text())
        assert (code, told["result"]) == (0, "complete"), told


def kill_many(executioner: Executioner, kills: int, seed: int) -> list[str]:
    """Kill so many runs; gives where the next run ended in something else than an undisturbed one."""
    draw, wrong, killed = random.Random(seed), [], 0
    undisturbed = {way: executioner.undisturbed(*way) for way in WAYS}
    while killed < kills:
        way = draw.choice(WAYS)
        expected, messages, seconds = undisturbed[way]
        with executioner.database() as settings:
            if draw.random() < 0.5:
                where = f"{way} at message {(number := draw.randint(1, messages))} of {messages}"
                code = executioner.kill_at_message(settings, number, *way)
            else:
                where = f"{way} after {(delay := draw.uniform(0, seconds)):.4f} of {seconds:.4f} s"
                code = executioner.kill_after(settings, delay, *way)
            killed += code == -9
            executioner.proxy.each = None
            executioner.finish(settings, *way)
            found = kept(settings)
            for name in expected:
                lost, odd = expected[name] - found[name], found[name] - expected[name]
                if lost or odd:
                    first = [row[:200] for row in (*lost, *odd)][:3]
                    wrong.append(f"{where}: {name}: {lost.total()} lost, {odd.total()} too many, as {first}")
    return wrong


def test_sync_killed_anywhere_is_made_good_by_the_next(tree: Tree, databases: Databases, tmp_path: Path) -> None:
    harbour, turn = Harbour(tree), threading.Lock()
    past = databases.copy()
    with ExitStack() as stack:
        stack.callback(databases.drop, past)
        two = [Executioner(harbour, tmp_path / name, databases, past, turn) for name in ("one", "two")]
        for one in two:
            stack.callback(one.close)
        prepare(harbour, two[0].nursery, {**two[0].settings, "REGISTRY_DATABASE_URL": past})
        with ThreadPoolExecutor(2) as pool:
            wrong = list(pool.map(lambda pair: kill_many(pair[1], KILLS // 2, pair[0]), enumerate(two)))
    assert wrong == [[], []]
