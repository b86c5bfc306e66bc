"""The last place of a meetup: many threads and processes that answer at once, on SQLite or PostgreSQL.

    .venv/bin/python tests/bench/last_place.py --meetups 1000

Each meetup has one place less than there are people, and each person says yes, some no and yes again, in an order of
their own. Afterwards: is any room too full, does anybody wait while a place is free, is the list in the order in which
people came, and was anybody shown that the database is locked? The reference is the same number of answers by one
process and one thread.
"""

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

import cast  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from browser import Browser  # noqa: E402
from databases import SECRET_KEY, Databases, dispose  # noqa: E402
from flask import Flask  # noqa: E402

from registry import create_app  # noqa: E402
from registry.config import load  # noqa: E402
from registry.db import db, now  # noqa: E402
from registry.meetups import actions  # noqa: E402
from registry.meetups.models import Kind, Meetup, Reply  # noqa: E402
from registry.people.models import Person  # noqa: E402


def main() -> None:
    """Fill a register, answer, look."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--meetups", type=int, default=1_000)
    parser.add_argument("--processes", type=int, default=4)
    parser.add_argument("--threads", type=int, default=16, help="in each process; everyone is one person")
    asked = parser.parse_args()
    crowd = asked.processes * asked.threads
    with tempfile.TemporaryDirectory() as name:
        databases = Databases(Path(name))
        url = databases.copy()
        app = an_app(name, url)
        with app.app_context():
            ids, people = fill(asked.meetups, crowd)
            print(f"{asked.meetups} meetups, {asked.processes} processes of {asked.threads} threads, {app_kind()}")
        dispose(app)
        began = time.perf_counter()
        statuses = at_once(name, url, ids, people, asked.processes, asked.threads)
        took = time.perf_counter() - began
        with an_app(name, url).app_context():
            print(f"answers: {dict(statuses)}, {sum(statuses.values()) / took:.0f} a second, {took:.0f} s")
            print(f"wrong: {faults(ids) or 'nothing'}")
            db.session.remove()
            db.engine.dispose()
        databases.close()


def an_app(folder: str, url: str) -> Flask:
    """The app on that database."""
    return create_app(load(instance=Path(folder), database_url=url, secret_key=SECRET_KEY))


def app_kind() -> str:
    """SQLite or PostgreSQL."""
    return db.engine.dialect.name


def fill(count: int, crowd: int) -> tuple[list[int], list[int]]:
    """So many meetups, each with a place for all but one; and the people."""
    people = [cast.a_person().id for _ in range(crowd)]
    begins_at = now() + timedelta(days=30)
    plan = actions.Plan(
        kind=Kind.MEETUP, title="Lunch", begins_at=begins_at, ends_at=begins_at + timedelta(hours=1), capacity=3
    )
    ids = [actions.plan(actor=cast.organiser(), what=plan).id for _ in range(count)]
    db.session.commit()
    return ids, people


def at_once(folder: str, url: str, ids: list[int], people: list[int], processes: int, threads: int) -> "Counter[int]":
    """Answer from all of them; how often each status came back."""
    pipes = []
    for number in range(processes):
        reading, writing = os.pipe()
        if os.fork() == 0:
            os.close(reading)
            told = in_threads(folder, url, ids, people[number * threads : (number + 1) * threads])
            os.write(writing, json.dumps(told).encode())
            os._exit(0)
        os.close(writing)
        pipes.append(reading)
    statuses: Counter[int] = Counter()
    for pipe in pipes:
        with os.fdopen(pipe) as file:
            statuses.update({int(status): number for status, number in json.load(file).items()})
    for _ in pipes:
        os.wait()
    return statuses


def in_threads(folder: str, url: str, ids: list[int], people: list[int]) -> dict[int, int]:
    """Each person answers to a share of the meetups, so that on average eight people want each of three places."""
    app, told, gate = an_app(folder, url), Counter[int](), threading.Barrier(len(people))

    def answer(person_id: int) -> None:
        draw = random.Random(person_id)
        with app.app_context():
            client = Browser(app)
            client.as_(db.session.get_one(Person, person_id))
            db.session.remove()
            gate.wait()
            for meetup_id in draw.sample(ids, max(1, len(ids) // 8)):
                for word in draw.choice((("yes",), ("yes", "no", "yes"), ("maybe", "yes"))):
                    path = f"/meetups/{meetup_id}/answer"
                    told[client.post(path, data={"answer": word}, check=False).status_code] += 1
            db.session.remove()

    every = [threading.Thread(target=answer, args=(one,)) for one in people]
    for one in every:
        one.start()
    for one in every:
        one.join()
    return dict(told)


def faults(ids: list[int]) -> dict[str, int]:
    """What is wrong, by what it is."""
    wrong: Counter[str] = Counter()
    rows: dict[int, list[Any]] = {one: [] for one in ids}
    for reply in db.session.scalars(sa.select(Reply).order_by(Reply.queued_at, Reply.id)):
        rows[reply.meetup_id].append(reply)
    for meetup in db.session.scalars(sa.select(Meetup)):
        comes = [one for one in rows[meetup.id] if one.answer.value == "yes"]
        seated, waiting = [one for one in comes if one.seat], [one for one in comes if one.waits]
        wrong["too full"] += len(seated) > (meetup.capacity or 0)
        wrong["a place is free while somebody waits"] += bool(waiting) and len(seated) < (meetup.capacity or 0)
        wrong["neither a place nor in line"] += len(comes) != len(seated) + len(waiting)
        first_waiting = min((one.queued_at for one in waiting), default=None)
        late = [one for one in seated if first_waiting and one.replied_at > first_waiting]
        wrong["somebody came later and sits while another waits"] += bool(late)
    return {what: count for what, count in wrong.items() if count}


if __name__ == "__main__":
    main()
