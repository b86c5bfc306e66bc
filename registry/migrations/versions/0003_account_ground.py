"""Who sees an account, whose consent it has, where it is about, who else posts there."""

import sqlalchemy as sa
from alembic import op

from registry.search import index_for

revision = "0003"
down_revision = "0002"

VISIBILITY = sa.Enum(
    "comms", "colleagues", "everyone", name="visibility", native_enum=False, create_constraint=True, length=30
)


def keep_search() -> None:
    """SQLite changes a table by making it anew: the triggers that feed its search index go with the old one."""
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for statement in index_for("account", dialect):
            if statement.startswith("CREATE TRIGGER"):
                op.execute(statement)


def upgrade() -> None:
    with op.batch_alter_table("account") as batch_op:
        batch_op.add_column(sa.Column("visibility", VISIBILITY, server_default="everyone", nullable=False))
        batch_op.add_column(sa.Column("consented_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("place", sa.String(length=120), server_default="", nullable=False))
        batch_op.add_column(sa.Column("mailbox", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("merged_into_id", sa.Integer(), nullable=True))
        batch_op.create_foreign_key(batch_op.f("fk_account_merged_into_id"), "account", ["merged_into_id"], ["id"])
        batch_op.create_index(batch_op.f("ix_account_merged_into_id"), ["merged_into_id"], unique=False)
    keep_search()
    op.execute("UPDATE account SET visibility = 'colleagues' WHERE standing = 'personal-with-role'")
    op.execute(
        "UPDATE account SET consented_at = proposed_at"
        " WHERE standing = 'personal-with-role' AND proposed_by_id = owner_id"
    )
    op.create_table(
        "contributor",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_contributor_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_contributor_person_id")),
        sa.PrimaryKeyConstraint("account_id", "person_id", name=op.f("pk_contributor")),
    )
    op.create_index(op.f("ix_contributor_person_id"), "contributor", ["person_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_contributor_person_id"), table_name="contributor")
    op.drop_table("contributor")
    with op.batch_alter_table("account") as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_merged_into_id"))
        batch_op.drop_constraint(batch_op.f("fk_account_merged_into_id"), type_="foreignkey")
        batch_op.drop_constraint(batch_op.f("ck_account_visibility"), type_="check")
        for name in ("merged_into_id", "mailbox", "place", "consented_at", "visibility"):
            batch_op.drop_column(name)
    keep_search()
