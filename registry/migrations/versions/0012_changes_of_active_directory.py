"""Where Active Directory can be asked from what changed, whichever of its servers answers."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.add_column("sync_run", sa.Column("cookie", sa.LargeBinary(), nullable=True))


def downgrade() -> None:
    op.drop_column("sync_run", "cookie")
