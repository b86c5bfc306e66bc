"""Runs of the sync as processes: killed in the middle, dry, two at once, and what the command promises to scripts."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import nursery
import pytest
import sqlalchemy as sa
from flask import Flask
from harbour import Tree
from readings import person

from registry.audit import Event, broken
from registry.config import Settings
from registry.db import db, exclusively
from registry.people.models import Person, SyncResult, SyncRun, Way
from registry.people.sync import sync

pytestmark = pytest.mark.ldap

#: A sync that says how far it is and then waits, so that it can be killed at a known place.
SLOW = """
import sys, time
from registry import create_app
from registry.people.sync import sync
app = create_app()
def tell(read, expected):
    print(read, flush=True)
    if read >= 100:
        time.sleep(60)
with app.app_context():
    sync(app.config["SETTINGS"].ldap, progress=tell)
"""


def environment(settings: Settings, tree: Tree) -> dict[str, str]:
    """The settings of a process that reads ``tree`` into the database of this test."""
    ldap = tree.settings()
    return {
        **os.environ, "REGISTRY_INSTANCE": str(settings.instance),
        "REGISTRY_DATABASE_URL": settings.database_url.get_secret_value(), "REGISTRY_LDAP_URIS": ldap.uris[0],
        "REGISTRY_LDAP_BASE_DN": ldap.base_dn, "REGISTRY_LDAP_BIND_DN": ldap.bind_dn,
        "REGISTRY_LDAP_BIND_PASSWORD": "reader", "REGISTRY_LDAP_INSECURE": "true", "REGISTRY_LDAP_PAGE_SIZE": "10",
    }  # fmt: skip


def run_sync(settings: Settings, tree: Tree, *arguments: str) -> tuple[int, dict[str, Any]]:
    """``registry sync --json``: how it ended, and what it printed."""
    done = nursery.registry(environment(settings, tree), "sync", "--json", *arguments)
    return done.returncode, json.loads(done.stdout)


def test_run_killed_in_the_middle_leaves_sound_data(app: Flask, settings: Settings, tree: Tree) -> None:
    boss = tree.add("zoe.last")
    for number in range(120):
        tree.add(f"hand{number:03}", manager=boss)
    db.session.rollback()
    process = subprocess.Popen(
        [sys.executable, "-c", SLOW], env=environment(settings, tree), stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    for line in process.stdout:
        if int(line) >= 100:
            break
    process.send_signal(signal.SIGKILL)
    process.wait(10)
    process.stdout.close()
    kept = db.session.scalar(sa.select(sa.func.count(Person.id)))
    db.session.rollback()
    assert kept == 100
    outcome = sync(tree.settings())
    assert (outcome.result, outcome.read, outcome.joined, outcome.missing) == ("complete", 121, 21, 0)
    stopped, whole = db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id)).all()
    assert (stopped.result, stopped.reason) == (SyncResult.FAILED, "It was stopped before it ended.")
    assert stopped.ended_at is not None
    assert whole.result is SyncResult.COMPLETE
    managed = db.session.scalar(sa.select(sa.func.count(Person.id)).where(Person.manager_id.is_not(None)))
    assert managed == 120
    assert broken(Event) == []


@pytest.mark.sqlite_only
def test_dry_run_leaves_the_file_byte_for_byte(app: Flask, settings: Settings, tree: Tree) -> None:
    dns = tree.add_many(14)
    sync(tree.settings())
    tree.remove(dns[:1])
    tree.add("joan.joiner")
    tree.change(dns[1], title="Pilot")
    db.session.remove()
    db.engine.dispose()
    file = Path(settings.database_url.get_secret_value().removeprefix("sqlite:///"))
    before = file.read_bytes()
    code, told = run_sync(settings, tree, "--dry-run")
    assert file.read_bytes() == before
    assert [beside.name for beside in file.parent.glob(f"{file.stem}.sqlite3-wal") if beside.stat().st_size] == []
    assert (code, told["result"], told["read"], told["joined"], told["changed"], told["missing"]) == (
        0, "complete", 14, 1, 1, 1,
    )  # fmt: skip
    assert told["absent"] == ["Hand000"]


def test_command_tells_scripts_how_it_ended(app: Flask, settings: Settings, tree: Tree) -> None:
    dns = tree.add_many(20)
    db.session.rollback()
    code, told = run_sync(settings, tree)
    assert (code, told["result"], told["read"], told["joined"]) == (0, "complete", 20, 20)
    promised = [
        "result",
        "read",
        "joined",
        "changed",
        "moved",
        "missing",
        "left",
        "returned",
        "skipped",
        "seconds",
        "reason",
    ]
    assert [name for name in promised if name not in told] == []
    tree.remove(dns[:5])
    code, told = run_sync(settings, tree)
    assert (code, told["result"], told["missing"]) == (3, "held", 0)
    assert run_sync(settings, tree, "--accept-leavers", "4")[0] == 3
    code, told = run_sync(settings, tree, "--accept-leavers", "5")
    assert (code, told["result"], told["missing"]) == (0, "complete", 5)
    with exclusively("sync"):
        code, told = run_sync(settings, tree)
    assert (code, told["result"]) == (4, "busy")


def test_run_that_broke_off_at_its_very_end_is_made_good(app: Flask, tree: Tree) -> None:
    boss = tree.add("boss")
    tree.add_many(3)
    sync(tree.settings())
    tree.add("late.hand", manager=boss)

    def break_off(read: int, _expected: int) -> None:
        if read >= 5:
            raise RuntimeError("the machine went down")

    with pytest.raises(RuntimeError):
        sync(tree.settings(), way=Way.FULL, progress=break_off)
    # Their entry was taken in, so that nothing differs any more; but nobody had come to their manager.
    assert person("late.hand").manager_id is None
    assert sync(tree.settings()).joined == 0
    assert person("late.hand").manager_id == person("boss").id
