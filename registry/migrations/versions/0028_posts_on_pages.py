"""Sweeps keep whose posts pages link to; nobody is reminded whether an account is theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"


def upgrade() -> None:
    op.add_column("sweep_link", sa.Column("is_hint", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("sweep_link") as batch_op:
        batch_op.alter_column("is_hint", server_default=None)
    with op.batch_alter_table("claim") as batch_op:
        batch_op.drop_column("reminded_at")


def downgrade() -> None:
    with op.batch_alter_table("claim") as batch_op:
        batch_op.add_column(sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    with op.batch_alter_table("sweep_link") as batch_op:
        batch_op.drop_column("is_hint")
