"""Saved views, changes of many accounts at once, what the catalogue counts by, accounts found by their people."""

import sqlalchemy as sa
from alembic import op

from registry.accounts import found_by
from registry.search import drop_index_for, index_for

revision = "0008"
down_revision = "0007"

FACETS = ["platform", "standing", "state", "team_id", "visibility", "owner_id", "deputy_id", "review_on", "place"]
TEAM = ["team_id", "platform", "standing", "state", "visibility", "owner_id", "deputy_id", "review_on"]


def run(*statements: str) -> None:
    for statement in statements:
        op.execute(statement)


def index_people_anew(dialect: str) -> None:
    """Longer beginnings of words have an index of their own now."""
    if dialect == "sqlite":
        run(*drop_index_for("person", dialect), *index_for("person", dialect))
        run("INSERT INTO person_search (person_search) VALUES ('rebuild')")


def upgrade() -> None:
    dialect = op.get_bind().dialect.name
    run(*drop_index_for("account", dialect))
    op.add_column("account", sa.Column("people_text", sa.Text(), server_default="", nullable=False))
    run(f"UPDATE account SET people_text = {found_by.PEOPLE.format(row='account')}")  # noqa: S608
    index_people_anew(dialect)
    run(*found_by.index(dialect), *found_by.keep(dialect))
    op.drop_index("ix_account_facets", table_name="account")
    op.create_index("ix_account_facets", "account", FACETS)
    op.drop_index("ix_account_team", table_name="account")
    op.create_index("ix_account_team", "account", TEAM)
    op.create_index("ix_account_place", "account", ["place", "platform", "standing", "state", "visibility"])
    op.create_table(
        "saved_view",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("asks", sa.Text(), nullable=False),
        sa.Column("is_shared", sa.Boolean(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_saved_view_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_view")),
        sa.UniqueConstraint("person_id", "name", name=op.f("uq_saved_view_person_id_name")),
    )
    op.create_index("ix_saved_view_is_shared", "saved_view", ["is_shared", "name", "id"])
    op.create_table(
        "bulk_change",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_bulk_change_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bulk_change")),
    )
    op.create_index(op.f("ix_bulk_change_person_id"), "bulk_change", ["person_id"])


def downgrade() -> None:
    dialect = op.get_bind().dialect.name
    op.drop_index(op.f("ix_bulk_change_person_id"), table_name="bulk_change")
    op.drop_table("bulk_change")
    op.drop_index("ix_saved_view_is_shared", table_name="saved_view")
    op.drop_table("saved_view")
    op.drop_index("ix_account_place", table_name="account")
    op.drop_index("ix_account_facets", table_name="account")
    op.create_index(
        "ix_account_facets", "account", ["platform", "standing", "state", "team_id", "owner_id", "visibility"]
    )
    op.drop_index("ix_account_team", table_name="account")
    op.create_index("ix_account_team", "account", ["team_id", "platform", "standing", "state", "visibility"])
    run(
        *found_by.leave(dialect), "DROP TABLE account_search" if dialect == "sqlite" else "DROP INDEX ix_account_search"
    )
    op.drop_column("account", "people_text")
    run(*index_for("account", dialect))
    if dialect == "sqlite":
        run("INSERT INTO account_search (account_search) VALUES ('rebuild')")
