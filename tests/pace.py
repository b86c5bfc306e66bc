"""What makes the tests quick and lets them see as much: less rubbish collected, statements compiled once a worker."""

import gc

import sqlalchemy as sa
from flask import Flask

from registry.db import db

#: Objects that are made before young ones are looked through. Python's own 700 are for small programs: with all that
#: the register and the tests load, a third of the time went into looking through what stays anyway.
MADE = 50_000

_engines: dict[str, sa.Engine] = {}


def collect_seldom() -> None:
    """Look through young objects less often; nothing stays uncollected for long."""
    gc.set_threshold(MADE, 10, 10)


def keep_what_is_loaded() -> None:
    """Leave what is there by now out of every collection."""
    gc.collect()
    gc.freeze()


def keep_compiled(app: Flask) -> None:
    """Let others share what the engine of ``app`` compiles; it has connected, so its dialect knows the server."""
    with app.app_context():
        _engines[db.engine.dialect.name] = db.engine


def share_compiled(app: Flask) -> None:
    """Let the engine of ``app`` use the statements that those of earlier tests have compiled, as a server's would.

    They are kept by dialect, so it gets theirs: all connect in the same way to the same kind of database.
    """
    with app.app_context():
        engine = db.engine
    if first := _engines.get(engine.dialect.name):
        engine.dialect, engine._compiled_cache = first.dialect, first._compiled_cache
