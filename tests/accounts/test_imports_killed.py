"""An import that is killed anywhere leaves all or none, and the next worker ends it as if nothing had happened."""

import os
import random
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import cast
import sqlalchemy as sa
from databases import SECRET_KEY, SERVER, Databases, dispose, sa_url
from killable import Killable
from lists import the_account

from registry import create_app, timetable
from registry.accounts import actions as accounts
from registry.accounts.importing import actions
from registry.accounts.importing.models import ImportFile, ImportLine, ImportRun
from registry.accounts.models import Account, Alias, Topic, account_topic
from registry.audit import Event
from registry.config import load
from registry.db import db

#: How many are killed; more, for a night, with ``TEST_KILLS``.
KILLS: Final = int(os.environ.get("TEST_KILLS", "8" if SERVER else "16"))
HEADINGS: Final = ("url", "title", "owner", "state", "topics", "place")
Kept = dict[str, Counter[str]]


def a_list() -> str:
    """New accounts, changed ones, some that are refused or named twice."""
    rows = [",".join(HEADINGS)]
    rows += [f"https://x.com/known{n},Renamed {n},nia.okafor,dormant,News {n % 3},Hall {n}" for n in range(12)]
    rows += [f"https://x.com/new{n}?s=20,New {n},tomasz.bryk,,Reading; News {n % 3}," for n in range(30)]
    rows += ["https://x.com/new1,Twice,,,,", "nowhere,Refused,,,,", "https://x.com/known20,Known 20,,,,"]
    return "\n".join(rows)


@dataclass(frozen=True)
class Stage:
    """A register in which the worker was just asked for something, and what it holds before and afterwards."""

    name: str
    url: str
    before: Kept
    after: Kept
    statements: int
    command: tuple[str, ...] = ()


class Register:
    """The stages, each in a database of its own that is copied for each killing."""

    def __init__(self, databases: Databases, folder: Path) -> None:
        self.databases, self.folder = databases, folder
        self.settings = {"REGISTRY_INSTANCE": str(folder), "REGISTRY_SECRET_KEY": SECRET_KEY}
        self.killable = Killable(folder)
        (folder / "list.csv").write_text(a_list())
        made = self._made()
        command = ("import", "accounts", str(folder / "list.csv"), "--json")
        self.stages = [self._stage(name, url) for name, url in made] + [self._stage("command", made[0][1], *command)]

    def _made(self) -> list[tuple[str, str]]:
        url = self.databases.copy()
        app = create_app(load(instance=self.folder, database_url=url, secret_key=SECRET_KEY))
        found = []

        def keep(name: str) -> None:
            db.session.commit()
            dispose(app)  # Nobody may be connected to a database that is copied.
            found.append((name, self.databases.new(template=url)))

        with app.app_context():
            cast.library_officer()
            officer_id = cast.comms_officer().id
            for number in range(24):
                account = cast.an_account(f"https://x.com/known{number}", title=f"Known {number}")
                accounts.change(
                    account=the_account(id=account.id), values={}, topics=["Books"], actor=cast.comms_officer()
                )
            db.session.commit()
            run = actions.upload(file_name="list.csv", content=a_list().encode(), actor=cast.comms_officer())
            actions.choose(run=run, columns=HEADINGS)
            number = run.id
            keep("check")
            for name, press in (("apply", "confirm"), ("undo", "undo")):
                timetable.bring_in_when_due(app)
                run, officer = db.session.get_one(ImportRun, number), cast.comms_officer()
                assert officer.id == officer_id
                if press == "confirm":
                    actions.confirm(run=run, closing=None, actor=officer)
                else:
                    actions.undo(run=run, actor=officer)
                keep(name)
        dispose(app)
        self.databases.drop(url)
        return found

    def _stage(self, name: str, url: str, *command: str) -> Stage:
        with self.database(url) as settings:
            before = kept(settings)
            assert self.killable.run(settings, *command) == 0
            statements = int(self.killable.counted.read_text())
            return Stage(name, url, before, kept(settings), statements, command)

    @contextmanager
    def database(self, template: str) -> Iterator[dict[str, str]]:
        """Settings with a copy of a database."""
        url = self.databases.new(template=template)
        try:
            yield {**self.settings, "REGISTRY_DATABASE_URL": url}
        finally:
            self.databases.drop(url)

    def close(self) -> None:
        self.killable.close()
        for url in {stage.url for stage in self.stages}:
            self.databases.drop(url)


def kept(settings: dict[str, str]) -> Kept:
    """What the register holds of accounts and their history, and how far the import is; without numbers and moments."""
    plain = [Account.key, Account.title, Account.state, Account.place, Account.owner_id, Account.search_text]
    topics = sa.select(Account.key, Topic.name).join(account_topic, account_topic.c.account_id == Account.id).join(
        Topic, Topic.id == account_topic.c.topic_id
    )  # fmt: skip
    counts = [getattr(ImportRun, name) for name in ("added", "updated", "duplicate", "refused", "restored", "removed")]
    engine = sa.create_engine(sa_url(settings["REGISTRY_DATABASE_URL"]))
    try:
        with engine.connect() as connection:
            return {
                name: Counter(map(repr, connection.execute(query)))
                for name, query in {
                    "accounts": sa.select(*plain),
                    "aliases": sa.select(Alias.url, Account.key).join(Account, Account.id == Alias.account_id),
                    "topics": topics,
                    "events": sa.select(Event.name, Event.subject_name, Event.fields),
                    "runs": sa.select(ImportRun.state, ImportRun.file_name, *counts),
                    "lines": sa.select(ImportLine.row, ImportLine.fate, ImportLine.reason, ImportLine.undone),
                    "files": sa.select(ImportFile.import_id),
                }.items()
            }
    finally:
        engine.dispose()


#: What other people see; the rows of a check are kept as they are found.
SEEN: Final = ("accounts", "aliases", "topics", "events")


def faults(register: Register, stage: Stage, draw: random.Random) -> list[str]:
    """Kill one, and say what is wrong afterwards."""
    with register.database(stage.url) as settings:
        if draw.random() < 0.6:
            at = draw.randint(1, stage.statements)
            where, code = f"{stage.name} at {at} of {stage.statements}", 0
            code = register.killable.run(settings, *stage.command, die_at=at)
        else:
            delay = draw.uniform(0.0, 0.6)
            where = f"{stage.name} after {delay:.3f} s"
            code = register.killable.run(settings, *stage.command, kill_after=delay)
        found = kept(settings)
        seen = [{name: one[name] for name in SEEN} for one in (found, stage.before, stage.after)]
        wrong = [] if seen[0] in seen[1:] else [f"{where} ({code}): neither all nor none"]
        if register.killable.run(settings, *stage.command) != 0:
            wrong.append(f"{where}: the next one failed")
        after = kept(settings)
        expected = dict(stage.after)
        if stage.command and code == 0:  # It was done already, and the second leaves nothing behind.
            expected = {name: stage.after[name] for name in expected}
        return wrong + [f"{where} ({code}): {name} differ" for name in expected if after[name] != expected[name]]


def test_import_killed_anywhere_leaves_all_or_none(databases: Databases, tmp_path: Path) -> None:
    register, draw, wrong = Register(databases, tmp_path), random.Random(os.environ.get("TEST_SEED", "1")), []
    try:
        for number in range(KILLS):
            wrong += faults(register, register.stages[number % len(register.stages)], draw)
    finally:
        register.close()
    assert wrong == []
    assert min(stage.statements for stage in register.stages) > 20
