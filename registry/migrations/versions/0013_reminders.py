"""Reminders of what nobody answered."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"

REMINDED = ("consent_reminded_at", "consent_reminded_again_at")


def upgrade() -> None:
    for name in REMINDED:
        op.add_column("account", sa.Column(name, sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in reversed(REMINDED):
        op.drop_column("account", name)
