"""Sweeps of our own pages, what they found, and which links are left out."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"


def upgrade() -> None:
    op.create_table(
        "sweep",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("site", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
                "running",
                "done",
                "failed",
                name="sweepstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("unread", sa.Integer(), nullable=False),
        sa.Column("faults", sa.JSON(), nullable=False),
        sa.Column("before_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_sweep_asked_by_id")),
        sa.ForeignKeyConstraint(["before_id"], ["sweep.id"], name=op.f("fk_sweep_before_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep")),
    )
    op.create_index(op.f("ix_sweep_asked_by_id"), "sweep", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_sweep_before_id"), "sweep", ["before_id"], unique=False)
    op.create_index("ix_sweep_state", "sweep", ["state", "id"], unique=False)
    op.create_index("ix_sweep_title", "sweep", ["title", "id"], unique=False)
    op.create_table(
        "sweep_file",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=300), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_sweep_file_sweep_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_file")),
    )
    op.create_index(op.f("ix_sweep_file_sweep_id"), "sweep_file", ["sweep_id"], unique=False)
    op.create_table(
        "sweep_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sweep_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("page_hash", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("is_new", sa.Boolean(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sweep_link_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["sweep_id"], ["sweep.id"], name=op.f("fk_sweep_link_sweep_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sweep_link")),
        sa.UniqueConstraint(
            "sweep_id", "platform", "kind", "key", "page_hash",
            name=op.f("uq_sweep_link_sweep_id_platform_kind_key_page_hash"),
        ),
    )  # fmt: skip
    op.create_index("ix_sweep_link_account", "sweep_link", ["account_id", "sweep_id"], unique=False)
    op.create_table(
        "ignored_link",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("shown", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(host = '') <> (key = '')", name=op.f("ck_ignored_link_account_or_host")),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_ignored_link_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ignored_link")),
        sa.UniqueConstraint("platform", "kind", "key", "host", name=op.f("uq_ignored_link_platform_kind_key_host")),
    )
    op.create_index(op.f("ix_ignored_link_by_id"), "ignored_link", ["by_id"], unique=False)


def downgrade() -> None:
    for table in ("ignored_link", "sweep_link", "sweep_file", "sweep"):
        op.drop_table(table)
