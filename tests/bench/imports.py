"""Importing a list of accounts, against reading, resolving and upserting the same rows in bulk and nothing else.

    .venv/bin/python tests/bench/imports.py --rows 10000
    .venv/bin/python tests/bench/imports.py --rows 10000 --cpu

The reference has no people, no topics, no history, no fate of rows and no way back. Each run has a new database. What
the worker does (what would happen, bringing in, taking back) is timed as it does it, with its commits.
"""

import argparse
import csv
import io
import random
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

import cast  # noqa: E402
from databases import SECRET_KEY, Databases, dispose  # noqa: E402
from pairs import in_turn, tell  # noqa: E402
from sqlalchemy.dialects.postgresql import insert as postgresql_insert  # noqa: E402
from sqlalchemy.dialects.sqlite import insert as sqlite_insert  # noqa: E402

from registry import create_app, export  # noqa: E402
from registry.accounts.actions import search_text  # noqa: E402
from registry.accounts.importing import actions, worker  # noqa: E402
from registry.accounts.importing.models import ImportRun, ImportState  # noqa: E402
from registry.accounts.models import Account, Standing, State, Visibility  # noqa: E402
from registry.accounts.platforms import Resolved, resolve  # noqa: E402
from registry.accounts.spreadsheet import bring_in  # noqa: E402
from registry.config import load  # noqa: E402
from registry.db import db, is_sqlite, now  # noqa: E402

HEADINGS = ("url", "title", "purpose", "standing", "state", "team", "owner", "deputy", "language", "topics")
SITES = ("https://www.facebook.com/{}", "https://x.com/{}", "https://www.instagram.com/{}/", "https://youtube.com/@{}")


def a_list(rows: int) -> list[list[str]]:
    """Accounts as a large organisation would list them."""
    draw = random.Random(1)
    found = [list(HEADINGS)]
    for number in range(rows):
        found.append([
            draw.choice(SITES).format(f"somewhere{number}"), f"Somewhere {number}", "What is on, in a sentence.",
            draw.choice(("official", "semi-official", "partner")), "live", f"Team {number % 40}",
            f"person{number % 500}", f"person{(number + 1) % 500}", "en", "libraries; reading",
        ])  # fmt: skip
    return found


def main() -> None:
    """Measure, and print both figures and the ratio."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--cpu", action="store_true", help="processor time instead of the clock's, on a busy machine")
    asked = parser.parse_args()
    rows = a_list(asked.rows)
    text = io.StringIO(newline="")
    csv.writer(text).writerows(rows)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / "list.csv").write_text(text.getvalue(), encoding="utf-8")
        (folder / "list.xlsx").write_bytes(export.xlsx(rows[0], rows[1:]))
        measure(folder, asked.runs, time.process_time if asked.cpu else time.perf_counter)


def measure(folder: Path, runs: int, clock: Callable[[], float]) -> None:
    """Time each way in turn; each leaves the seconds that count, without what goes before."""
    databases = Databases(folder)
    taken: dict[str, list[float]] = {}

    def timed(name: str, do: Callable[[], object]) -> None:
        began = clock()
        do()
        taken.setdefault(name, []).append(clock() - began)

    def bulk() -> None:
        with register(databases, folder):
            for name in ("bulk, new", "bulk, again"):
                timed(name, lambda: in_bulk(folder / "list.csv"))

    def ours() -> None:
        with register(databases, folder):
            for name in ("the command, new", "the command, again"):
                timed(name, lambda: (bring_in(folder / "list.csv", columns={}, actor=None), db.session.commit()))

    def pages(kind: str) -> Callable[[], None]:
        def do() -> None:
            with register(databases, folder):
                number = hand_in(folder / f"list.{kind}")
                for name, ask in STEPS.items():
                    ask(number)
                    timed(f"{kind}: {name}", worker.work_off)

        return do

    in_turn(runs, {"bulk": bulk, "ours": ours, "csv": pages("csv"), "xlsx": pages("xlsx")})
    databases.close()
    medians = {name: sorted(some[1:])[(len(some) - 1) // 2] for name, some in taken.items()}
    tell(medians, "bulk, new")


@contextmanager
def register(databases: Databases, folder: Path) -> Iterator[None]:
    """A new database with people and teams."""
    url = databases.copy()
    app = create_app(load(instance=folder, database_url=url, secret_key=SECRET_KEY))
    with app.app_context():
        for number in range(500):
            cast.a_person(f"person{number}", team=("Council", f"Team {number % 40}"))
        cast.comms_officer()
        db.session.commit()
        yield
        db.session.remove()
    dispose(app)
    databases.drop(url)


def in_bulk(file: Path) -> None:
    """The reference: parse, resolve, look up which are known, upsert."""
    with file.open(encoding="utf-8", newline="") as opened:
        rows = [(row, resolve(row["url"])) for row in csv.DictReader(opened)]
    values: list[dict[str, Any]] = []
    moment = now()
    for row, one in rows:
        if not isinstance(one, Resolved):
            continue
        values.append({
            "platform": one.platform, "kind": one.kind, "key": one.key, "url": one.url, "handle": one.handle,
            "title": row["title"], "purpose": row["purpose"], "standing": Standing(row["standing"]),
            "state": State(row["state"]), "visibility": Visibility.EVERYONE, "language": row["language"], "place": "",
            "mailbox": "", "proposed_at": moment, "sent_back_reason": "",
        })  # fmt: skip
        values[-1]["search_text"] = search_text(Account(**values[-1]), team=row["team"], topics=())
    insert = (sqlite_insert if is_sqlite() else postgresql_insert)(Account)
    changing = {name: insert.excluded[name] for name in ("title", "purpose", "standing", "state", "search_text")}
    upsert = insert.on_conflict_do_update(index_elements=["platform", "kind", "key"], set_=changing)
    db.session.execute(upsert, values)
    db.session.commit()


def hand_in(file: Path) -> int:
    """The number of the import of a file."""
    run = actions.upload(file_name=file.name, content=file.read_bytes(), actor=cast.comms_officer())
    db.session.commit()
    return run.id


def _check(number: int) -> None:
    run = db.session.get_one(ImportRun, number)
    actions.choose(run=run, columns=run.columns)
    db.session.commit()


def _apply(number: int) -> None:
    actions.confirm(run=db.session.get_one(ImportRun, number), closing=None, actor=cast.comms_officer())
    db.session.commit()


def _undo(number: int) -> None:
    run = db.session.get_one(ImportRun, number)
    assert run.state is ImportState.DONE, run.reason
    actions.undo(run=run, actor=cast.comms_officer())
    db.session.commit()


STEPS = {"what would happen": _check, "bring it in": _apply, "take it back": _undo}

if __name__ == "__main__":
    main()
