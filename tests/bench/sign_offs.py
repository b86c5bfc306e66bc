"""Sign-offs of many people: the report page against the smallest Flask page, the nights, and the mails of a morning.

    .venv/bin/python tests/bench/sign_offs.py --people 100000
    .venv/bin/python tests/bench/sign_offs.py --people 100000 --signed 50

Everybody owes three documents, or with ``--signed`` so many of a hundred have signed them. Pages are served by waitress
over HTTP as in ``pages.py``: processor time a request, in turn, medians. With TEST_DATABASE_URL it runs on PostgreSQL,
whose own processes for a page are counted too; for the nights and the mails the time is that of the register alone.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import pages  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from pairs import new_database, tell  # noqa: E402
from sqlalchemy import event  # noqa: E402

from registry import create_app, outbox  # noqa: E402
from registry.accounts.signing import keep_up  # noqa: E402
from registry.config import Settings, load  # noqa: E402
from registry.db import db, is_sqlite, today  # noqa: E402
from registry.db import now as db_now  # noqa: E402
from registry.guidelines import actions, chasing, renewing, standing  # noqa: E402
from registry.guidelines.asking import recount  # noqa: E402
from registry.guidelines.models import Obligation, SigningRule, SignOff, Version, Whom  # noqa: E402
from registry.people.models import Person  # noqa: E402

TITLES = ("Social media", "Photographs", "The curator’s brief")
#: Mails a second that the register must reach with every claim committed before its mail leaves.
REFERENCE = 500
PAGES = {
    "report": "/guidelines/social-media/sign-offs",
    "report, page 1000": "/guidelines/social-media/sign-offs?page=1000",
    "report, who is overdue, by day": "/guidelines/social-media/sign-offs?state=overdue&sort=due",
    "report, a name": "/guidelines/social-media/sign-offs?q=lukasz",
    "report, a day of the past": "/guidelines/social-media/sign-offs?as_of={yesterday}",
    "all documents": "/guidelines/sign-offs",
    "the catalogue, to compare": "/accounts",
}


def main() -> None:
    """Fill a register, then measure; as a child, serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--few", type=int, default=1_000)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--signed", type=int, default=0, help="of a hundred people, how many have signed")
    parser.add_argument("--serve", choices=("hello", "register"))
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--url", default="")
    asked = parser.parse_args()
    if asked.serve:
        pages.settings = lambda folder: settings(folder, asked.url)
        pages.serve(asked.serve, asked.folder)
        return
    for people in (asked.few, asked.people):
        with tempfile.TemporaryDirectory() as name:
            server = os.environ.get("TEST_DATABASE_URL", "")
            url = new_database(server, f"_{people}") if server else ""
            one(Path(name), url, people, asked.signed, asked.runs if people == asked.people else 0)


def settings(folder: Path, url: str) -> Settings:
    """The settings of both this process and the server."""
    return load(instance=folder, database_url=url, secret_key="0123456789abcdef-0123456789abcdef")


def one(folder: Path, url: str, people: int, signed: int, runs: int) -> None:
    """Fill a register of its own and measure it."""
    app = create_app(settings(folder, url))
    with app.app_context():
        upgrade()
        pages.fill(people, max(people // 50, 60))
        pages.sign_in()
        look_at_tables()
        print(f"\n{people:,} people, {len(TITLES)} documents, {'PostgreSQL' if url else 'SQLite'}")
        owe(people, signed)
        if runs:
            serve_and_measure(folder, url, runs)
        chase(people, signed)
        db.session.remove()


@contextmanager
def timed(what: str, each: int = 0) -> Iterator[None]:
    """Print how long a block took, how much of the processor, and how many statements it ran."""
    statements = 0

    def count(*_: object) -> None:
        nonlocal statements
        statements += 1

    event.listen(db.engine, "before_cursor_execute", count)
    wall, spent = time.perf_counter(), time.process_time()
    yield
    wall, spent = time.perf_counter() - wall, time.process_time() - spent
    event.remove(db.engine, "before_cursor_execute", count)
    rate = f", {each / wall:,.0f}/s ({each / wall / REFERENCE:.1f} × {REFERENCE}/s)" if each else ""
    print(f"  {what:<42} {wall:7.2f} s, processor {spent:6.2f} s, {statements:4} statements{rate}", flush=True)


def owe(people: int, signed: int) -> None:
    """Publish the documents, and ask everybody."""
    comms = db.session.get_one(Person, 1)
    for title in TITLES:
        document = actions.create_document(title=title)
        db.session.add(SigningRule(document_id=document.id, whom=Whom.EVERYONE))
        draft = actions.draft(document=document, text=f"# {title}", summary="", material=True, actor=comms)
        db.session.flush()
        draft.state, draft.published_at = "published", draft.drafted_at
        draft.due_on = today() + timedelta(days=14)
    db.session.commit()
    with timed("asking everybody for the first time"):
        keep_up()
        db.session.commit()
    with timed("a night in which nothing changed"):
        keep_up()
        db.session.commit()
    if signed:
        sign(people, signed, [*db.session.scalars(sa.select(Version).order_by(Version.id))])
        with timed("counting what everybody has signed"):
            recount()
    gone = sa.update(Person).where(Person.id % 100 == 7)
    db.session.execute(gone.values(state="left").execution_options(synchronize_session=False))
    db.session.commit()
    with timed("a night in which one in a hundred left"):
        keep_up()
        db.session.commit()
    # All are overdue, and were asked two weeks ago.
    early = {"since_at": Obligation.since_at, "due_on": today() - timedelta(days=20)}
    db.session.execute(sa.update(Obligation).values(early).execution_options(synchronize_session=False))
    late = sa.text("UPDATE version SET due_on = :day, published_at = :at")
    db.session.execute(
        late.bindparams(sa.bindparam("at", type_=SignOff.signed_at.type), sa.bindparam("day", type_=sa.Date)),
        {"day": today() - timedelta(days=20), "at": comms.joined_at - timedelta(days=35)},
    )
    backdated = Obligation.since_at.type
    before = sa.literal(comms.joined_at - timedelta(days=34), backdated)
    db.session.execute(sa.update(Obligation).values(since_at=before).execution_options(synchronize_session=False))
    db.session.commit()
    with timed("counting one day of the past"):
        renewing.count_days(1)
        db.session.commit()
    with timed("counting 31 more days"):
        renewing.count_days(32)
        db.session.commit()
    with timed("the file of yesterday, row by row"):
        rows = sum(1 for _ in standing.export_rows(today() - timedelta(days=1)))
    print(f"  {rows:,} rows in it")
    db.session.commit()


def sign(people: int, signed: int, versions: list[Version]) -> None:
    """So many of a hundred sign each document: rows as signing leaves them, but for their seals."""
    rows = [
        {"signed_at": db_now() - timedelta(days=10), "person_id": person_id,
         "person_name": f"Person {person_id}", "person_username": "x",
         "person_team": "", "document_id": one.document_id, "document_title": "T", "version_id": one.id,
         "version_number": one.number, "sha256": "0" * 64, "wording": "I agree.", "method": "online", "occasion": 0,
         "checked": 0, "consent": "", "entered_by_name": "", "previous": "0" * 64, "seal": f"{person_id}.{one.id}"}
        for person_id in range(1, people + 1) if person_id % 100 < signed for one in versions
    ]  # fmt: skip
    db.session.execute(sa.insert(SignOff.__table__), rows)
    db.session.commit()
    look_at_tables()


def look_at_tables() -> None:
    """Let the database look at what its tables hold, as PostgreSQL does by itself within a minute of a change."""
    if not is_sqlite():
        db.session.execute(sa.text("ANALYZE"))
        db.session.commit()


def chase(people: int, signed: int) -> None:
    """The mails of a morning."""
    with timed("the mails of a morning", people * (99 - signed) // 100):
        print(f"  {chasing.run()}")
    db.session.rollback()
    with timed("the same again: nobody gets a second one"):
        print(f"  {chasing.run()}")
    written = db.session.scalar(sa.select(sa.func.count(outbox.Message.id)))
    print(f"  {written:,} mails wait in the outbox")


class Served(pages.Served):
    """A server in a process of its own, on the database of this one."""

    def __init__(self, what: str, folder: Path, url: str) -> None:
        command = [sys.executable, __file__, "--serve", what, "--folder", str(folder), "--url", url]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.connection = pages.http.client.HTTPConnection("127.0.0.1", int(self.process.stdout.readline()))
        pages.settings = lambda folder: settings(folder, url)
        self.cookie = pages.cookie_of(folder)
        server = os.environ.get("TEST_DATABASE_URL", "")
        self.database = url.rpartition("/")[2] if server and what == "register" else ""


def serve_and_measure(folder: Path, url: str, runs: int) -> None:
    """Print what each page costs, and its ratio to the smallest."""
    yesterday = (today() - timedelta(days=1)).isoformat()
    with Served("hello", folder, url) as hello, Served("register", folder, url) as register:
        taken: dict[str, list[float]] = {"hello": [], **{name: [] for name in PAGES}}
        walls: dict[str, list[float]] = {name: [] for name in PAGES}
        for round_ in range(runs + 1):
            for name, path in {"hello": "/", **PAGES}.items():
                server, times = (hello, 200) if name == "hello" else (register, 10)
                began = time.perf_counter()
                cost = server.cost(path.format(yesterday=yesterday), times)
                if round_:  # The first round only warms up.
                    taken[name].append(cost)
                    walls.setdefault(name, []).append((time.perf_counter() - began) / times)
                elif name != "hello":
                    print(f"  {name:<42} {1000 * cost * times:7.0f} ms for the first {times} together")
        tell({name: statistics.median(values) for name, values in taken.items()}, "hello")
        for name in PAGES:
            print(f"  {name:<42} {1000 * statistics.median(walls[name]):7.1f} ms of wall time")


if __name__ == "__main__":
    main()
