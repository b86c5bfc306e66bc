"""Nobody deputises for themself: the database says so, and accounts of which it was true have no deputy."""

import sqlalchemy as sa
from alembic import op

from registry.accounts import found_by

revision = "0030"
down_revision = "0029"

RULE = "CONSTRAINT ck_account_deputy CHECK (deputy_id <> owner_id)"


def remake(told: str) -> None:
    """Put a table with the definition ``told`` in the place of SQLite's: it cannot change the rules of one.

    What the definition says otherwise stays to the letter, which earlier migrations count on.
    """
    connection = op.get_bind()
    beside = sa.text("SELECT sql FROM sqlite_master WHERE type = 'index' AND tbl_name = 'account' AND sql <> ''")
    indexes = connection.scalars(beside).all()
    names = ", ".join(column["name"] for column in sa.inspect(connection).get_columns("account"))
    _, _, definition = told.partition("(")
    for statement in (
        *found_by.leave("sqlite"),
        f"CREATE TABLE account_anew ({definition}",
        f"INSERT INTO account_anew ({names}) SELECT {names} FROM account",  # noqa: S608 - the database's own names
        "DROP TABLE account",
        "ALTER TABLE account_anew RENAME TO account",
        *indexes,
        *found_by.keep("sqlite"),
    ):
        connection.exec_driver_sql(statement)


def as_it_is() -> str:
    """How SQLite defines the table now."""
    definition = sa.text("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = 'account'")
    return str(op.get_bind().scalar(definition))


def upgrade() -> None:
    op.execute("UPDATE account SET deputy_id = NULL WHERE deputy_id = owner_id")
    if op.get_bind().dialect.name == "sqlite":
        remake(f"{as_it_is().rstrip().removesuffix(')')}, {RULE})")
    else:
        op.execute(f"ALTER TABLE account ADD {RULE}")


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        remake(as_it_is().replace(f", {RULE}", ""))
    else:
        op.drop_constraint("ck_account_deputy", "account")
