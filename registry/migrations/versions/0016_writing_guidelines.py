"""What versions are called, why a draft was sent back, and which principle an account serves."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"

NEW = ("title", "about", "sent_back_reason")


def upgrade() -> None:
    for name in NEW:
        op.add_column("version", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in ("title", "about"):
        op.execute(
            f"UPDATE version SET {name} = (SELECT {name} FROM document WHERE document.id = version.document_id)"  # noqa: S608 - Our own words.
        )
    # Said within the statement, SQLite need not make the table anew, nor the triggers that keep it found.
    op.execute(
        "ALTER TABLE account ADD COLUMN principle_id INTEGER"
        " CONSTRAINT fk_account_principle_id REFERENCES principle (id)"
    )
    op.create_index(op.f("ix_account_principle_id"), "account", ["principle_id"])


def downgrade() -> None:
    op.drop_index(op.f("ix_account_principle_id"), table_name="account")
    op.drop_column("account", "principle_id")
    for name in NEW:
        op.drop_column("version", name)
