"""Search as somebody types and the numbers of the facets, in the database call, each asked for the first time.

    .venv/bin/python tests/bench/finding.py --people 100000 --accounts 50000

Processor time of the thread that asks, statements and rows included, what is remembered forgotten before each. With
TEST_DATABASE_URL it runs on PostgreSQL, whose own process for it is counted too and must be on this machine. Beside it,
the same words with LIKE, which is what most registers do.
"""

import argparse
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import sqlalchemy as sa  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from pages import fill  # noqa: E402
from pairs import new_database  # noqa: E402

from registry import create_app  # noqa: E402
from registry.accounts import catalogue_counts, catalogue_rows  # noqa: E402
from registry.accounts.models import Account  # noqa: E402
from registry.accounts.queries import Filters, Sight  # noqa: E402
from registry.config import load  # noqa: E402
from registry.db import db, is_sqlite  # noqa: E402
from registry.people import queries as people  # noqa: E402
from registry.people.models import Person  # noqa: E402

#: What somebody has typed so far, by shape; some words are in nearly every row, some in none.
TYPED = {
    "two letters": ("of", "ne", "lu", "te", "si", "wh", "zz", "be"),
    "three letters": ("off", "new", "luk", "tea", "sia", "wha", "bow", "zzz"),
    "four letters": ("offi", "news", "luka", "team", "sian", "paul", "bowe", "zzzz"),
    "two words": ("lukasz te", "siân pryce", "team 17", "officer news", "of ne", "paul kha", "helen o'neill", "zz of"),
}
FACETS = {
    "no filter": {}, "live": {"state": ("live",)}, "a platform": {"platform": ("x",)},
    "official, nobody to take over": {"standing": ("official",), "sole": True}, "overdue": {"late": True},
    "a team and those within": {"team": (1, 2, 3)},
}  # fmt: skip


def main() -> None:
    """Fill a register, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    server = os.environ.get("TEST_DATABASE_URL", "")
    with tempfile.TemporaryDirectory() as name:
        url = new_database(server) if server else ""
        app = create_app(load(instance=Path(name), database_url=url, secret_key="0123456789abcdef-0123456789abcdef"))
        with app.app_context():
            upgrade()
            fill(asked.people, asked.accounts)
            if not is_sqlite():
                db.session.commit()
                for statement in ("VACUUM ANALYZE person", "VACUUM ANALYZE account"):
                    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
                        connection.exec_driver_sql(statement)
        print(f"{asked.people:,} people, {asked.accounts:,} accounts, {'PostgreSQL' if server else 'SQLite'}, in ms")
        with app.test_request_context("/"):
            measure(asked.runs, app.extensions.setdefault("remembered", {}))
            db.session.remove()
            db.engine.dispose()


def measure(runs: int, remembered: dict[object, object]) -> None:
    """Print the median and the 95th of a hundred of each shape, and of each count of facets."""
    clock = time.thread_time if is_sqlite() else _with_the_server()

    def taken(do: Callable[[], object]) -> list[float]:
        found = []
        for run in range(runs + 1):
            remembered.clear()
            catalogue_counts.teams()
            began = clock()
            do()
            if run:  # The first makes the statement.
                found.append((clock() - began) * 1000)
            db.session.expunge_all()
        return found

    for shape, queries in TYPED.items():
        for what, ask in (("people", suggested), ("accounts", listed), ("people, LIKE", like)):
            times = [one for q in queries for one in taken(lambda ask=ask, q=q: ask(q))]  # type: ignore[misc]
            tell(f"{shape}, {what}", times)
    for name, narrowed in FACETS.items():
        filters = Filters(Sight(comms=True), **narrowed)  # type: ignore[arg-type]
        tell(f"three facets and what to look out for, {name}", taken(lambda f=filters: catalogue_counts._together(f)))  # type: ignore[misc]
        tell(f"every facet, {name}", taken(lambda f=filters: catalogue_counts.counts(f)))  # type: ignore[misc]


def _with_the_server() -> Callable[[], float]:
    """Processor time of this thread and of the process that the server has for it, which must share with no other."""
    db.session.execute(sa.text("SET max_parallel_workers_per_gather = 0"))
    spent = Path(f"/proc/{db.session.scalar(sa.text('SELECT pg_backend_pid()'))}/schedstat")
    return lambda: time.thread_time() + int(spent.read_text().split()[0]) / 1e9


def suggested(q: str) -> None:
    """Names below the box."""
    people.suggestions(q)


def listed(q: str) -> None:
    """The catalogue: count, facets, and a page."""
    filters = Filters(Sight(comms=True), q)
    counted = catalogue_counts.counts(filters)
    catalogue_rows.page(filters, counted, sort="title", descending=False, limit=50, offset=0)


def like(q: str) -> None:
    """The reference: people by LIKE, the first eight by name."""
    words = [Person.search_text.like(f"%{word}%") for word in q.split()]
    db.session.execute(sa.select(Person.id, Person.name).where(*words).order_by(Person.name, Person.id).limit(8)).all()


def tell(name: str, times: list[float]) -> None:
    """Print one line."""
    ordered = sorted(times)
    print(f"  {name:<62} p50 {statistics.median(ordered):8.2f}   p95 {ordered[int(len(ordered) * 0.95)]:8.2f}")


if __name__ == "__main__":
    assert Account.__table__.name == "account"
    main()
