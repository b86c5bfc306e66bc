"""Accounts that were seen and that nobody has registered."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"


def upgrade() -> None:
    op.create_table(
        "sighting",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "new",
                "asked",
                "claimed",
                "registered",
                "not ours",
                "spoof",
                "closed",
                name="sightingstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_sighting_account_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_sighting_decided_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sighting")),
        sa.UniqueConstraint("platform", "kind", "key", name=op.f("uq_sighting_platform_kind_key")),
    )
    op.create_index(op.f("ix_sighting_account_id"), "sighting", ["account_id"], unique=False)
    op.create_index(op.f("ix_sighting_decided_by_id"), "sighting", ["decided_by_id"], unique=False)
    op.create_index("ix_sighting_state", "sighting", ["state", "seen_at", "id"], unique=False)
    op.create_table(
        "glimpse",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sighting_id", sa.Integer(), nullable=False),
        sa.Column(
            "how",
            sa.Enum(
                "person",
                "sweep",
                "text",
                "directory",
                "campaign",
                name="how",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column("place_hash", sa.String(length=64), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_glimpse_by_id")),
        sa.ForeignKeyConstraint(
            ["sighting_id"], ["sighting.id"], name=op.f("fk_glimpse_sighting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_glimpse")),
        sa.UniqueConstraint("sighting_id", "how", "place_hash", name=op.f("uq_glimpse_sighting_id_how_place_hash")),
    )
    op.create_index(op.f("ix_glimpse_by_id"), "glimpse", ["by_id"], unique=False)


def downgrade() -> None:
    for table in ("glimpse", "sighting"):
        op.drop_table(table)
