"""Finding peers among many people, each question afresh, against one search of the directory by name alone.

.venv/bin/python tests/bench/peers.py --people 100000 --accounts 20000 --profiles 10000
"""

import argparse
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

import pages  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from flask_migrate import upgrade  # noqa: E402
from pairs import tell  # noqa: E402

from registry import create_app, search  # noqa: E402
from registry.accounts.models import Topic  # noqa: E402
from registry.accounts.queries import Sight  # noqa: E402
from registry.db import db, now  # noqa: E402
from registry.network import alone, buddies, helping, queries  # noqa: E402
from registry.network.models import Audience, Interest, Profile  # noqa: E402
from registry.people.models import Person  # noqa: E402

TOPICS = 200
EVERY = tuple(Audience)


def main() -> None:
    """Fill a register, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    for name, count in (("--people", 100_000), ("--accounts", 20_000), ("--profiles", 10_000), ("--runs", 5)):
        parser.add_argument(name, type=int, default=count)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        app = create_app(pages.settings(Path(name)))
        with app.app_context():
            upgrade()
            pages.fill(asked.people, asked.accounts)
            join(asked.people, asked.profiles)
            measure(asked.runs)


def join(people: int, profiles: int) -> None:
    """Let some people join the network, each with three of two hundred topics."""
    numbers = random.Random(5)
    db.session.execute(sa.insert(Topic), [{"id": one + 1, "name": f"Topic {one}", "key": f"topic {one}"}
                                         for one in range(TOPICS)])  # fmt: skip
    who = numbers.sample(range(1, people + 1), profiles)
    told = {"about": "I run our pages.", "place": "Riverside House", "opted_in_at": now(), "changed_at": now()}
    rows = [{"person_id": one, **told, "words_for_colleagues": search.fold("run our pages", f"topic{one % TOPICS}")}
            for one in who]  # fmt: skip
    db.session.execute(sa.insert(Profile), rows)
    relations = ("topic", "offer", "ask")
    interests = [
        {"person_id": one, "relation": relation, "topic_id": numbers.randrange(TOPICS) + 1}
        for one in who
        for relation in relations
    ]
    db.session.execute(sa.insert(Interest), interests)
    db.session.commit()


def measure(runs: int) -> None:
    """Print how long each question takes, and its ratio to the search by name."""
    seen = Sight()

    def found(**more: object) -> Callable[[], object]:
        filters = queries.PeerFilters(seen, EVERY, **more)  # type: ignore[arg-type]
        return lambda: (
            db.session.scalar(sa.select(sa.func.count(Person.id)).where(*filters.conditions())),
            db.session.scalars(queries._ids(filters, 1000)).all(),
        )

    def suggested() -> object:
        people = db.session.scalars(sa.select(Person.id).where(Person.id.in_(alone.alone_ids(seen)))).all()
        return buddies.suggestions(people, buddies.names())

    somebody = db.session.get_one(Person, 7)
    questions: dict[str, Callable[[], object]] = {
        "by name alone": lambda: (
            db.session.scalar(sa.select(sa.func.count(Person.id)).where(search.matches(Person, "dafydd pryce"))),
        ),
        "all peers": found(), "search, profiles too": found(q="dafydd pryce", peers=False),
        "search, a word of many profiles": found(q="pages"), "topic": found(topic=7), "offer": found(offer=7),
        "place": found(place="Riverside House"), "new": found(only="new", since=now()),
        "alone": found(only="alone", peers=False), "is one alone": lambda: alone.is_alone(somebody, seen),
        "suggestions for all who are alone": suggested,
        "whom a call reaches": lambda: helping.whom(
            helping.Wanted(("facebook",), {7: "Topic 6"}), asker_id=7, sight=seen, audiences=EVERY
        ),
    }  # fmt: skip
    taken: dict[str, list[float]] = {name: [] for name in questions}
    for _ in range(runs):
        for name, question in questions.items():
            db.session.rollback()
            buddies.audit.current_app.extensions.pop("remembered", None)  # type: ignore[attr-defined]
            begun = time.process_time()
            question()
            taken[name].append(time.process_time() - begun)
    tell({name: statistics.median(values) for name, values in taken.items()}, "by name alone")


if __name__ == "__main__":
    main()
