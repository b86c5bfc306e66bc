"""Times things in turn, A B A B …, so that a machine whose speed drifts does not decide the ratio."""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from urllib.parse import urlsplit, urlunsplit

import sqlalchemy as sa


def in_turn(
    runs: int, things: Mapping[str, Callable[[], object]], clock: Callable[[], float] = time.perf_counter
) -> dict[str, float]:
    """The median seconds of each thing over ``runs`` rounds, after one round that is not counted."""
    taken: dict[str, list[float]] = {name: [] for name in things}
    for round_ in range(runs + 1):
        for name, do in things.items():
            began = clock()
            do()
            if round_:
                taken[name].append(clock() - began)
    return {name: statistics.median(values) for name, values in taken.items()}


def tell(medians: Mapping[str, float], reference: str, unit: str = "ms") -> None:
    """Print each median and its ratio to the reference."""
    for name, seconds in medians.items():
        print(f"  {name:<44} {seconds * 1000:10.2f} {unit}   {seconds / medians[reference]:6.2f} x")


def new_database(server: str, which: str = "") -> str:
    """A new database on the server; its address."""
    parts, name = urlsplit(server.replace("postgresql://", "postgresql+psycopg://", 1)), f"bench{os.getpid()}{which}"
    engine = sa.create_engine(urlunsplit(parts), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        connection.exec_driver_sql(f"CREATE DATABASE {name}")
    engine.dispose()
    return urlunsplit(parts._replace(path=f"/{name}"))
