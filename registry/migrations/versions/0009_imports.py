"""Imports that run in the worker and can be undone."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "column_choice",
        sa.Column("headings", sa.String(length=64), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("chosen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("headings", name=op.f("pk_column_choice")),
    )
    op.create_table(
        "import_run",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("uploaded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("uploaded_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "uploaded",
                "checking",
                "checked",
                "applying",
                "done",
                "undoing",
                "undone",
                "failed",
                "discarded",
                name="importstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("headings", sa.JSON(), nullable=False),
        sa.Column("columns", sa.JSON(), nullable=False),
        sa.Column("header_row", sa.Integer(), nullable=False),
        sa.Column("notes", sa.JSON(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("seconds", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("added", sa.Integer(), nullable=False),
        sa.Column("updated", sa.Integer(), nullable=False),
        sa.Column("unchanged", sa.Integer(), nullable=False),
        sa.Column("duplicate", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Integer(), nullable=False),
        sa.Column("noted", sa.Integer(), nullable=False),
        sa.Column("closing", sa.Integer(), nullable=False),
        sa.Column("of_accounts", sa.Integer(), nullable=False),
        sa.Column("accepted_closing", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("confirmed_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("undone_by_id", sa.Integer(), nullable=True),
        sa.Column("restored", sa.Integer(), nullable=False),
        sa.Column("removed", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["confirmed_by_id"], ["person.id"], name=op.f("fk_import_run_confirmed_by_id")),
        sa.ForeignKeyConstraint(["undone_by_id"], ["person.id"], name=op.f("fk_import_run_undone_by_id")),
        sa.ForeignKeyConstraint(["uploaded_by_id"], ["person.id"], name=op.f("fk_import_run_uploaded_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_run")),
    )
    op.create_index(op.f("ix_import_run_confirmed_by_id"), "import_run", ["confirmed_by_id"], unique=False)
    op.create_index("ix_import_run_state", "import_run", ["state", "id"], unique=False)
    op.create_index(op.f("ix_import_run_undone_by_id"), "import_run", ["undone_by_id"], unique=False)
    op.create_index(op.f("ix_import_run_uploaded_by_id"), "import_run", ["uploaded_by_id"], unique=False)
    op.create_table(
        "import_file",
        sa.Column("import_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_run.id"], name=op.f("fk_import_file_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("import_id", name=op.f("pk_import_file")),
    )
    op.create_table(
        "import_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column(
            "fate",
            sa.Enum(
                "added",
                "updated",
                "unchanged",
                "duplicate",
                "refused",
                name="fate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("noted", sa.Boolean(), nullable=False),
        sa.Column("named", sa.String(length=200), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("cells", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("before", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("after", sa.JSON(none_as_null=True), nullable=True),
        sa.Column(
            "undone",
            sa.Enum("restored", "removed", "left", name="undone", native_enum=False, create_constraint=True, length=30),
            nullable=True,
        ),
        sa.Column("undone_reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["import_id"], ["import_run.id"], name=op.f("fk_import_line_import_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_import_line")),
        sa.UniqueConstraint("import_id", "row", name=op.f("uq_import_line_import_id_row")),
    )
    op.create_index(op.f("ix_import_line_account_id"), "import_line", ["account_id"], unique=False)
    op.create_index("ix_import_line_fate", "import_line", ["import_id", "fate", "row"], unique=False)
    op.create_table(
        "imported_account",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("import_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_imported_account_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["import_id"], ["import_run.id"], name=op.f("fk_imported_account_import_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_imported_account")),
    )
    op.create_index(op.f("ix_imported_account_import_id"), "imported_account", ["import_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_imported_account_import_id"), table_name="imported_account")
    op.drop_table("imported_account")
    op.drop_index("ix_import_line_fate", table_name="import_line")
    op.drop_index(op.f("ix_import_line_account_id"), table_name="import_line")
    op.drop_table("import_line")
    op.drop_table("import_file")
    op.drop_index(op.f("ix_import_run_uploaded_by_id"), table_name="import_run")
    op.drop_index(op.f("ix_import_run_undone_by_id"), table_name="import_run")
    op.drop_index("ix_import_run_state", table_name="import_run")
    op.drop_index(op.f("ix_import_run_confirmed_by_id"), table_name="import_run")
    op.drop_table("import_run")
    op.drop_table("column_choice")
