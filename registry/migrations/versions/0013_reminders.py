"""Reminders of what nobody answered, and days on which nobody is reminded."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

REMINDED = ("consent_reminded_at", "consent_reminded_again_at")


def upgrade() -> None:
    for name in REMINDED:
        op.add_column("account", sa.Column(name, sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "closure_period",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("to_on", sa.Date(), nullable=False),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.CheckConstraint("from_on <= to_on", name=op.f("ck_closure_period_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closure_period")),
    )
    op.create_index(op.f("ix_closure_period_to_on"), "closure_period", ["to_on"], unique=False)


def downgrade() -> None:
    op.drop_table("closure_period")
    for name in reversed(REMINDED):
        op.drop_column("account", name)
