"""Somebody can say that a sign-off which was entered for them is not theirs."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"


def upgrade() -> None:
    with op.batch_alter_table("decline") as batch:
        # No foreign key: the table of evidence is bound to none that may change.
        batch.add_column(sa.Column("sign_off_id", sa.Integer(), nullable=True))
        batch.create_unique_constraint(op.f("uq_decline_sign_off_id"), ["sign_off_id"])


def downgrade() -> None:
    with op.batch_alter_table("decline") as batch:
        batch.drop_constraint(op.f("uq_decline_sign_off_id"), type_="unique")
        batch.drop_column("sign_off_id")
