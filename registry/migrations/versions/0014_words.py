"""What is found by its words: longer beginnings of words have an index of their own on SQLite."""

from alembic import op

from registry.accounts import found_by
from registry.search import index_for

revision = "0014"
down_revision = "0013"


def upgrade() -> None:
    if op.get_bind().dialect.name != "sqlite":
        return
    for table, columns in (("person", ("search_text",)), ("account", found_by.COLUMNS)):
        op.execute(f"DROP TABLE {table}_search")
        op.execute(index_for(table, "sqlite", columns)[0])  # The triggers beside it stay.
        op.execute(f"INSERT INTO {table}_search ({table}_search) VALUES ('rebuild')")  # noqa: S608


def downgrade() -> None:
    pass  # Earlier code finds the same in it.
