"""Finding one row among many sign-offs that somebody has changed, removed, inserted or moved behind our back.

    .venv/bin/python tests/bench/verify.py --rows 10000

Each way is tried on the first row, the last and some in between, drawn by chance. The reference is to read and hash
every row of both chains once and to compare nothing. Seconds of the clock, the worst of each way.

With ``--all`` each way is tried on every row there is, one after the other: the chain is read once from the database,
tampered with in memory as the database would be, and examined by the same code. ``--part 1/2`` is half of the rows.
"""

import argparse
import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent / "guidelines"), str(HERE.parent.parent)]

import sqlalchemy as sa  # noqa: E402
import tampering  # noqa: E402
from databases import SECRET_KEY, Databases, dispose  # noqa: E402

from registry import chains, create_app  # noqa: E402
from registry.audit import Event  # noqa: E402
from registry.config import load  # noqa: E402
from registry.db import db  # noqa: E402
from registry.guidelines import evidence  # noqa: E402
from registry.guidelines.evidence import verify  # noqa: E402
from registry.guidelines.models import SignOff  # noqa: E402

LIMIT = 5.0


def main() -> None:
    """Fill a register, then tamper, look and put it right again."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000)
    parser.add_argument("--tries", type=int, default=6, help="rows for each way")
    parser.add_argument("--all", action="store_true", help="each way on every row, in memory")
    parser.add_argument("--part", default="1/1", help="which part of the rows, as 1/2")
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        databases = Databases(Path(name))
        app = create_app(load(instance=Path(name), database_url=databases.copy(), secret_key=SECRET_KEY))
        with app.app_context():
            tampering.sign_offs(asked.rows)
            tampering.unlock()
            if asked.all:
                number, _, parts = asked.part.partition("/")
                try_all(asked.rows, range(int(number), asked.rows + 1, int(parts)))
            else:
                measure(asked.rows, asked.tries)
        dispose(app)
        databases.close()


def measure(rows: int, tries: int) -> None:
    """Print what each way took, and whether its row was named every time."""
    print(f"{rows:,} sign-offs, {tries} rows for each way, {db.engine.dialect.name}")
    print(f"{'read and hash, compare nothing':34} {reference():6.2f} s")
    print(f"{'nothing is wrong':34} {looked([])[1]:6.2f} s")
    kept = tampering.copy_of_all()
    draw, slow, missed = random.Random(1), 0.0, 0
    for way, tamper in WAYS.items():
        some = [1, rows, *(draw.randrange(2, rows) for _ in range(max(0, tries - 2)))]
        worst, named = 0.0, 0
        for row in some:
            found, seconds = looked(tamper(row, rows, draw))
            worst, named = max(worst, seconds), named + found
            put_right(kept)
        slow, missed = max(slow, worst), missed + len(some) - named
        print(f"{way:34} {worst:6.2f} s   named {named} of {len(some)}")
    print("within the limit" if slow <= LIMIT and not missed else f"NOT within {LIMIT} s, or {missed} not named")


def try_all(rows: int, some: range) -> None:
    """Print for each way on how many rows it was tried, and how many of them were named and nothing else."""
    links, draw = list(chains._links(SignOff)), random.Random(1)
    told, _ = evidence._told()
    db.session.rollback()
    print(f"{rows:,} sign-offs, each way on {len(some):,} rows, read from {db.engine.dialect.name}", flush=True)
    for way, tamper in IN_MEMORY.items():
        worst, named = 0.0, 0
        for row in some:
            wanted, tampered = tamper(links, row, draw)
            began = time.perf_counter()
            chains._links = lambda _model, kept=tampered: iter(kept)  # type: ignore[assignment,misc]
            found = chains.examine(SignOff, told).faults
            worst = max(worst, time.perf_counter() - began)
            named += [fault.row for fault in found] == sorted(wanted)
        print(f"{way:34} {worst:6.2f} s   named {named} of {len(some)}", flush=True)


Links = list[chains.Link]
OTHER = "f" * 64


def _with(links: Links, at: int, **changes: object) -> Links:
    return [*links[: at - 1], links[at - 1]._replace(**changes), *links[at:]]  # type: ignore[arg-type]


def _swapped(links: Links, row: int, draw: random.Random) -> tuple[list[int], Links]:
    other = draw.choice([one for one in (1, row - 1, row + 1, len(links) // 2, len(links))
                         if one != row and 1 <= one <= len(links)])  # fmt: skip
    moved = _with(_with(links, row, row=other), other, row=row)
    return [row, other], sorted(moved)


IN_MEMORY: dict[str, Callable[[Links, int, random.Random], tuple[list[int], Links]]] = {
    "one changed": lambda links, row, _: ([row], _with(links, row, sound=False)),
    "one removed": lambda links, row, _: ([row], [*links[: row - 1], *links[row:]]),
    "one inserted": lambda links, row, _: (
        [len(links) + 1], [*links, chains.Link(len(links) + 1, links[row - 1].seal, OTHER, True)],
    ),
    "two changed places": _swapped,
    "one changed and sealed anew": lambda links, row, _: ([row], _with(links, row, seal=OTHER)),
}  # fmt: skip


def reference() -> float:
    """Seconds to read and hash every row."""
    began = time.perf_counter()
    for model in (Event, SignOff):
        for row in db.session.scalars(sa.select(model).execution_options(yield_per=1000)):
            row.sealed_with(row.previous)
    db.session.rollback()
    return time.perf_counter() - began


def looked(wanted: list[int]) -> tuple[bool, float]:
    """Whether exactly the rows ``wanted`` are named, and how long it took."""
    db.session.remove()
    began = time.perf_counter()
    report = verify()
    seconds = time.perf_counter() - began
    return [fault.row for _, fault in report.faults] == sorted(wanted), seconds


def put_right(kept: tampering.Rows) -> None:
    """Both chains as they were."""
    tampering.put_back(kept)
    assert verify().well


def changed(row: int, _rows: int, _draw: random.Random) -> list[int]:
    tampering.write(SignOff, row, person_name="Somebody Else")
    return [row]


def removed(row: int, _rows: int, _draw: random.Random) -> list[int]:
    tampering.delete(SignOff, row)
    return [row]


def inserted(row: int, rows: int, _draw: random.Random) -> list[int]:
    tampering.insert_after(SignOff, row, rows + 1, person_id=1, person_name="Made Up")
    return [rows + 1]


def swapped(row: int, rows: int, draw: random.Random) -> list[int]:
    other = draw.choice([one for one in (1, rows // 3, rows // 2, rows) if one != row])
    tampering.swap(SignOff, row, other)
    return [row, other]


def sealed_anew(row: int, _rows: int, _draw: random.Random) -> list[int]:
    tampering.reseal(SignOff, row, person_name="Somebody Else")
    return [row]


Tamper = Callable[[int, int, random.Random], list[int]]
WAYS: dict[str, Tamper] = {
    "one changed": changed, "one removed": removed, "one inserted": inserted, "two changed places": swapped,
    "one changed and sealed anew": sealed_anew,
}  # fmt: skip


if __name__ == "__main__":
    main()
