"""Catalogue and search over many accounts, against the smallest Flask page in the same process and run.

    .venv/bin/python tests/bench/pages.py --accounts 50000

Processor time that the server spends on a request, in turn, medians, as many requests of each at a time. Both are
served by waitress over HTTP, each in a process of its own, the register as ``registry serve`` does; every page is
fetched as a signed-in comms officer. With TEST_DATABASE_URL it runs on PostgreSQL, which must be on this machine: what
its processes spend on a page is counted too.
"""

import argparse
import gc
import http.client
import itertools
import os
import random
import statistics
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import directory  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from flask import Flask  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from pairs import new_database, tell  # noqa: E402

from registry import create_app, search  # noqa: E402
from registry.accounts.models import Account, Standing, State  # noqa: E402
from registry.config import Settings, load  # noqa: E402
from registry.db import db, is_sqlite, now  # noqa: E402
from registry.people.models import GrantSource, Person, PersonState, RoleGrant, SignIn, Team  # noqa: E402
from registry.roles import Role  # noqa: E402

PLATFORMS = ("x", "facebook", "instagram", "youtube", "linkedin", "tiktok", "bluesky", "mastodon", "threads")
#: Accounts of the small register, whose pages may not be cheaper, and the pages that are compared.
FEW = 500
OF_FEW = ("catalogue", "search page, two words")
TOKEN = "of-the-measurement"
#: Requests of a page at a time, of the smallest as well: what is asked seldom finds the processor's memory cold.
AT_A_TIME = 100
#: What a page remembers is not asked again; where a number belongs into its address, it is another page each time.
NUMBERS = itertools.count(1)
PAGES = {
    "catalogue": "/accounts",
    "catalogue, last page": "/accounts?page=1000",
    "catalogue, two facets, by owner": "/accounts?platform=x&state=live&sort=owner",
    "catalogue, search, four letters": "/accounts?q=offi",
    "catalogue, search, two letters": "/accounts?q=of",
    "search page, two words": "/search?q=lukasz+team",
    "search page, other words each time": "/search?q=lukasz+{}",
    "people": "/people",
}


def main() -> None:
    """Fill a register, then measure; as a child, serve."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--people", type=int, default=20_000)
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--serve", choices=("hello", "register"))
    parser.add_argument("--folder", type=Path)
    asked = parser.parse_args()
    if asked.serve:
        serve(asked.serve, asked.folder)
        return
    with tempfile.TemporaryDirectory() as name:
        large, small = Path(name) / "large", Path(name) / "small"
        prepare(large, asked.people, asked.accounts)
        prepare(small, max(asked.people * FEW // asked.accounts, 60), FEW)
        with Served("hello", large) as hello, Served("register", large) as register, Served("register", small) as few:
            measure(hello, register, few, asked.accounts, asked.runs)


def prepare(folder: Path, people: int, accounts: int) -> None:
    """A register in ``folder``, its database filled."""
    folder.mkdir()
    server = os.environ.get("TEST_DATABASE_URL", "")
    (folder / "address").write_text(new_database(server, folder.name) if server else "")
    app = create_app(settings(folder))
    with app.app_context():
        upgrade()
        fill(people, accounts)
        sign_in()
        if not is_sqlite():
            with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                connection.exec_driver_sql("VACUUM ANALYZE")
        db.engine.dispose()


def address_of(folder: Path) -> str:
    """Where the database of the register in ``folder`` is; empty for SQLite in that folder."""
    return file.read_text() if (file := folder / "address").exists() else ""


def settings(folder: Path) -> Settings:
    """The settings of both this process and the server."""
    address = address_of(folder)
    return load(instance=folder, database_url=address, secret_key="0123456789abcdef-0123456789abcdef")


def serve(what: str, folder: Path) -> None:
    """Serve the smallest page or the register on a free port, which is printed."""
    from waitress import create_server

    from registry.cli import SEARCHES_FOR_GARBAGE

    gc.set_threshold(*SEARCHES_FOR_GARBAGE)
    app = create_app(settings(folder)) if what == "register" else Flask("hello")
    gc.freeze()
    if what == "hello":
        app.add_url_rule("/", view_func=lambda: "hello")
    server = create_server(app, host="127.0.0.1", port=0, threads=2)
    print(server.effective_port, flush=True)
    server.run()


class Served:
    """A server in a process of its own, and what it spends on each request."""

    def __init__(self, what: str, folder: Path) -> None:
        command = [sys.executable, __file__, "--serve", what, "--folder", str(folder)]
        self.process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        assert self.process.stdout is not None
        self.connection = http.client.HTTPConnection("127.0.0.1", int(self.process.stdout.readline()))
        self.cookie = cookie_of(folder)
        self.database = address_of(folder).rpartition("/")[2] if what == "register" else ""

    def __enter__(self) -> "Served":
        return self

    def __exit__(self, *_error: object) -> None:
        self.process.terminate()
        self.process.wait()

    def spent(self) -> float:
        """Seconds of processor time that all its threads have taken so far, and what serves it of PostgreSQL."""
        tasks = [*Path(f"/proc/{self.process.pid}/task").glob("*/schedstat"), *self.backends()]
        return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9

    def backends(self) -> list[Path]:
        """The processes of PostgreSQL that it asks: the titles of these name its database."""
        if not self.database:
            return []
        mine = f" {self.database} "
        titles = Path("/proc").glob("[0-9]*/cmdline")
        return [one.with_name("schedstat") for one in titles if mine in one.read_bytes().decode(errors="replace")]

    def cost(self, path: str, times: int) -> float:
        """Seconds of processor time a request of ``path`` takes, over ``times`` requests."""
        before = self.spent()
        for _ in range(times):
            address = path.format(next(NUMBERS))
            self.connection.request("GET", address, headers={"Cookie": self.cookie})
            answer = self.connection.getresponse()
            answer.read()
            assert answer.status == 200, f"{path}: {answer.status}"
        return (self.spent() - before) / times


def cookie_of(folder: Path) -> str:
    """The cookie of the browser that is signed in."""
    app = create_app(settings(folder))
    serializer = app.session_interface.get_signing_serializer(app)
    return f"registry={serializer.dumps({'sign_in': TOKEN, '_permanent': True})}"


def fill(people: int, accounts: int) -> None:
    """As many people and accounts as were asked for, spread over teams, platforms, standings and states."""
    numbers = random.Random(3)
    teams = [{"id": number + 1, "path": f"Team {number}", "name": f"Team {number}"} for number in range(people // 12)]
    db.session.execute(sa.insert(Team), teams)
    rows = []
    for number, (_, attributes) in enumerate(directory.people(people)):
        one = dict(attributes)
        team = teams[number // 12 % len(teams)]
        rows.append({
            "id": number + 1, "directory_id": one["entryUUID"], "username": one["uid"], "name": one["cn"],
            "mail": one["mail"], "title": one["title"], "team_id": team["id"], "state": PersonState.ACTIVE,
            "joined_at": now(), "digest": b"0" * 16, "given_name": one["givenName"], "family_name": one["sn"],
            "search_text": search.fold(one["cn"], one["uid"], one["title"], team["path"]),
        })  # fmt: skip
    db.session.execute(sa.insert(Person.__table__).returning(Person.id), rows)
    found = []
    for number in range(accounts):
        owner = numbers.randrange(people)
        platform = numbers.choice(PLATFORMS)
        title = f"{rows[owner]['title']} news {number}"
        found.append({
            "id": number + 1, "platform": platform, "kind": "profile", "key": f"account{number}",
            "url": f"https://{platform}.example/account{number}", "handle": f"@account{number}", "title": title,
            "purpose": "What we do, in plain words.", "standing": numbers.choice(list(Standing)),
            "state": numbers.choice(list(State)), "team_id": rows[owner]["team_id"], "owner_id": owner + 1,
            "deputy_id": (owner + 1 + numbers.randrange(people - 1)) % people + 1 if number % 3 else None,
            "proposed_at": now(),
            "consented_at": now(),
            "search_text": search.fold(title, f"account{number}", platform, "what we do in plain words"),
        })  # fmt: skip
    db.session.execute(sa.insert(Account.__table__).returning(Account.id), found)
    db.session.add(RoleGrant(person_id=1, role=Role.COMMS, source=GrantSource.HAND, granted_at=now()))
    db.session.commit()


def sign_in() -> None:
    """Sign the first person in, in the browser that measures."""
    db.session.add(
        SignIn(token_hash=SignIn.hash_of(TOKEN), person_id=1, began_at=now(), ends_at=now() + timedelta(hours=12))
    )
    db.session.commit()


def measure(hello: Served, register: Served, few: Served, accounts: int, runs: int) -> None:
    """Print processor time a request of each page and its ratio to the smallest, and that of a small register."""
    few_pages = {f"{name}, {FEW} accounts": path for name, path in PAGES.items() if name in OF_FEW}
    taken: dict[str, list[float]] = {"hello": [], **{name: [] for name in (*PAGES, *few_pages)}}
    for round_ in range(runs + 1):
        for name, path in {"hello": "/", **PAGES, **few_pages}.items():
            server = hello if name == "hello" else few if name in few_pages else register
            cost = server.cost(path, AT_A_TIME)
            if round_:  # The first round only warms up.
                taken[name].append(cost)
    print(f"{accounts:,} accounts, {runs} rounds in turn, medians of processor time a request")
    tell({name: statistics.median(values) for name, values in taken.items()}, "hello")


if __name__ == "__main__":
    main()
