"""Names that accounts had, names that look alike, accounts that turned out to be one; who sees what nobody agreed to."""

import sqlalchemy as sa
from alembic import op

from registry.search import index_for

revision = "0004"
down_revision = "0003"

#: The indexes that say who sees an account, so that no row is read to know it: what they hold without it.
INDEXES = {
    "ix_account_facets": ["platform", "standing", "state", "team_id", "owner_id"],
    "ix_account_team": ["team_id", "platform", "standing", "state"],
    "ix_account_owner_id": ["owner_id", "state", "platform"],
    "ix_account_deputy_id": ["deputy_id", "state", "platform"],
    "ix_account_title": ["title", "id"],
}
BEFORE = "visibility IN ('comms', 'colleagues', 'everyone')"
AFTER = "visibility IN ('nobody', 'comms', 'colleagues', 'everyone')"
CONSENT = "standing <> 'personal-with-role' OR consented_at IS NOT NULL OR visibility IN ('nobody', 'comms')"


def keep_search() -> None:
    """SQLite changes a table by making it anew: the triggers that feed its search index go with the old one."""
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for statement in index_for("account", dialect):
            if statement.startswith("CREATE TRIGGER"):
                op.execute(statement)


def upgrade() -> None:
    op.execute("UPDATE account SET visibility = 'comms' WHERE standing = 'personal-with-role' AND consented_at IS NULL")
    with op.batch_alter_table("account") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_account_visibility"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_account_visibility"), sa.text(AFTER))
        batch_op.create_check_constraint(batch_op.f("ck_account_consent"), sa.text(CONSENT))
        for name, columns in INDEXES.items():
            batch_op.drop_index(name)
            batch_op.create_index(name, [*columns, "visibility"])
    keep_search()


def downgrade() -> None:
    op.execute("UPDATE account SET visibility = 'comms' WHERE visibility = 'nobody'")
    with op.batch_alter_table("account") as batch_op:
        for name, columns in INDEXES.items():
            batch_op.drop_index(name)
            batch_op.create_index(name, columns)
        batch_op.drop_constraint(batch_op.f("ck_account_consent"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_account_visibility"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_account_visibility"), sa.text(BEFORE))
    keep_search()
