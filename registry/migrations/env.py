"""Runs the migrations on the database of the app; Flask-Migrate calls it."""

from typing import Any, Literal

from alembic import context
from flask import current_app

target = current_app.extensions["migrate"].db


def is_ours(_thing: Any, name: str | None, kind: str, _reflected: bool, _compare_to: Any) -> bool:
    """Leave search indexes and the queue's own tables out of comparisons: no model describes them."""
    text = name or ""
    return not (kind in ("table", "index") and ("_search" in text or text.startswith("huey_")))


def plain_type(kind: str, thing: Any, _context: Any) -> str | Literal[False]:
    """Write moments as what the database keeps, so that a migration needs none of our code."""
    if kind == "type" and thing.__class__.__name__ == "UtcDateTime":
        return "sa.DateTime(timezone=True)"
    return False


def run() -> None:
    """Upgrade or downgrade in one transaction a migration."""
    with target.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            # A table that others point at is changed by putting a new one in its place, which the keys would forbid.
            # They are off for this connection only, and looked at before it ends.
            connection.connection.execute("PRAGMA foreign_keys=OFF")
        context.configure(
            connection=connection,
            target_metadata=target.metadata,
            include_object=is_ours,
            render_as_batch=sqlite,
            compare_type=True,
            render_item=plain_type,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
        if sqlite:
            lost = connection.connection.execute("PRAGMA foreign_key_check").fetchall()
            connection.connection.execute("PRAGMA foreign_keys=ON")
            if lost:
                raise RuntimeError(f"Rows point at others that are not there: {lost[:5]}. Restore the backup.")


run()
