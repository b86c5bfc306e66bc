"""How long it takes to say whose an account may be, in a directory of a hundred thousand, and how often it is right.

    .venv/bin/python tests/bench/matching.py --people 100000

Processor time of the thread that asks, statements and rows included; with TEST_DATABASE_URL on PostgreSQL, where it is
wall time, as the work is done by another process. Names are put together from those of the sample council, some of
them hundreds of times as frequent as others. Then the figures on its labelled handles; see data/README.md.
"""

import argparse
import os
import random
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent), str(HERE.parent / "discovery")]

import evaluating  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from finding import tell  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from pages import fill  # noqa: E402
from pairs import new_database  # noqa: E402

from registry import create_app, search  # noqa: E402
from registry.config import Settings, load  # noqa: E402
from registry.db import db, is_sqlite  # noqa: E402
from registry.demo import council  # noqa: E402
from registry.discovery.matching import suggestions_for  # noqa: E402
from registry.people.models import Person, Team  # noqa: E402

KEY = "0123456789abcdef-0123456789abcdef"
SUBJECTS = (
    "Libraries",
    "Roads",
    "Museums",
    "Housing",
    "Planning",
    "Youth",
    "Ward",
    "Parks",
    "Schools",
    "Care",
    "Waste",
)
PLACES = ("Castell", "Pontydderw", "Llanwennol", "Hendre", "Offa", "Yarrow", "Derwen", "Canal", "Bakery", "Hospital")


def main() -> None:
    """Fill two registers, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--accounts", type=int, default=10_000)
    asked = parser.parse_args()
    server = os.environ.get("TEST_DATABASE_URL", "")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        app = create_app(_settings(folder, new_database(server) if server else ""))
        with app.app_context():
            upgrade()
            _fill_large(asked.people, asked.accounts)
        print(f"{asked.people:,} people, {asked.accounts:,} accounts, {'PostgreSQL' if server else 'SQLite'}, in ms")
        with app.test_request_context("/"):
            speed()
            db.session.remove()
            db.engine.dispose()
        small = folder / "council"
        small.mkdir()
        app = create_app(_settings(small, new_database(server, "council") if server else ""))
        with app.app_context():
            upgrade()
            council.fill(small)
        with app.test_request_context("/", method="POST"):
            quality()
            db.session.remove()
            db.engine.dispose()


def _settings(folder: Path, url: str) -> Settings:
    return load(instance=folder, database_url=url, secret_key=KEY, organisation=council.ORGANISATION)


def _fill_large(people: int, accounts: int) -> None:
    """As for the other measurements, but with names as they are spread among people, and teams about something."""
    fill(people, accounts)
    numbers = random.Random(11)
    given, family = (sorted(set(names)) for names in zip(*_names(), strict=True))
    shares = [[1 / (rank + 1) ** 0.8 for rank in range(len(names))] for names in (given, family)]
    numbers.shuffle(given)
    numbers.shuffle(family)
    firsts, lasts = numbers.choices(given, shares[0], k=people), numbers.choices(family, shares[1], k=people)
    teams = {
        row.id: f"{SUBJECTS[row.id % len(SUBJECTS)]} {PLACES[row.id % len(PLACES)]} {row.id // 110}"
        for row in db.session.execute(sa.select(Team.id))
    }
    db.session.execute(
        sa.update(Team.__table__).where(Team.__table__.c.id == sa.bindparam("b")).values(
            name=sa.bindparam("n"), path=sa.bindparam("n")
        ),
        [{"b": number, "n": name} for number, name in teams.items()],
    )  # fmt: skip
    table = Person.__table__
    rows = []
    for number, (first, last) in enumerate(zip(firsts, lasts, strict=True), 1):
        team, place = teams[(number - 1) // 12 % len(teams) + 1], f"{PLACES[number % len(PLACES)]} House"
        title, login = "Officer", f"{search.plain(first)}.{search.plain(last)}{number}"
        rows.append({
            "b": number, "name": f"{first} {last}", "given_name": first, "family_name": last, "username": login,
            "location": place, "title": title, "search_text": search.fold(f"{first} {last}", login, title, team, place),
        })  # fmt: skip
    columns = {name: sa.bindparam(name) for name in rows[0] if name != "b"}
    db.session.execute(sa.update(table).where(table.c.id == sa.bindparam("b")).values(columns), rows)
    db.session.commit()
    if not is_sqlite():
        with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            for name in ("person", "account", "team"):
                connection.exec_driver_sql(f"VACUUM ANALYZE {name}")


def _names() -> list[tuple[str, str]]:
    from registry.people.directory import read_people

    people = read_people(council.directory(council.DATA / "council.ldif"))
    with people.opened():
        return [(one.given_name, one.family_name) for page in people.whole() for one in page]


def speed() -> None:
    """Print the median and the 95th of a hundred, over the labelled handles and long words."""
    clock = time.thread_time if is_sqlite() else time.perf_counter
    handles = list(evaluating.labelled())
    long = (
        "We are the library and the road and the ward of Hendre; Nia Davies and Carys Bowen answer about housing. " * 3
    )
    for name, words in (("handle alone", ""), ("handle and bio", None), ("handle and a long text", long)):
        times = []
        for row in handles:
            began = clock()
            suggestions_for(handle=row["handle"], words=row["words"] if words is None else words)
            times.append((clock() - began) * 1000)
            db.session.expunge_all()
        tell(f"{name}, first of all {times[0]:.1f}, longest {max(times[1:]):.1f}", times[1:])


def quality() -> None:
    """Print how often the first suggestion is right, one of three is, and nobody is suggested where it is nobody's."""
    for which in ("tuned on", "held back"):
        theirs, nobodys, _ = evaluating.of_people(which)
        evaluating.say(f"made-up handles of people, {which}", theirs)
        print(f"  made-up handles of nobody, {which}: {nobodys.handles - nobodys.suggested} of {nobodys.handles}"
              " rightly without a suggestion")  # fmt: skip
    evaluating.say("the council's accounts, handle alone", evaluating.of_accounts(words=False))
    evaluating.say("the council's accounts, with title and purpose", evaluating.of_accounts(words=True))


if __name__ == "__main__":
    main()
