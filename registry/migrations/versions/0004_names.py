"""Names that accounts had, names that look alike, accounts that turned out to be one; who sees what nobody agreed to."""

import sqlalchemy as sa
from alembic import op

from registry.accounts.naming.skeletons import skeleton
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
        batch_op.add_column(sa.Column("skeleton", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("other_names", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("consent_asked_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.create_index("ix_account_skeleton", ["platform", "skeleton"])
        batch_op.create_index("ix_account_platform_id", ["platform", "platform_id"])
        for name, columns in INDEXES.items():
            batch_op.drop_index(name)
            batch_op.create_index(name, [*columns, "visibility"])
    keep_search()
    compare_names()
    op.create_table(
        "former_name",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("kind", sa.String(length=30), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("handle", sa.Text(), nullable=False),
        sa.Column("since_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("released_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_former_name_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_former_name")),
    )
    op.create_index(op.f("ix_former_name_account_id"), "former_name", ["account_id"], unique=False)
    leads = sa.text("released_on IS NULL")
    op.create_index(
        "uq_former_name_leads", "former_name", ["platform", "kind", "key"], unique=True, sqlite_where=leads,
        postgresql_where=leads,
    )  # fmt: skip
    op.create_table(
        "told_apart",
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_told_apart_in_order")),
        sa.ForeignKeyConstraint(["one_id"], ["account.id"], name=op.f("fk_told_apart_one_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["other_id"], ["account.id"], name=op.f("fk_told_apart_other_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["told_by_id"], ["person.id"], name=op.f("fk_told_apart_told_by_id")),
        sa.PrimaryKeyConstraint("one_id", "other_id", name=op.f("pk_told_apart")),
    )
    op.create_index(op.f("ix_told_apart_other_id"), "told_apart", ["other_id"], unique=False)
    op.create_index(op.f("ix_told_apart_told_by_id"), "told_apart", ["told_by_id"], unique=False)


def compare_names() -> None:
    """Work out what the names that are there already are compared by."""
    account = sa.table("account", sa.column("id"), sa.column("platform"), sa.column("key"), sa.column("skeleton"))
    bind = op.get_bind()
    rows = bind.execute(sa.select(account.c.id, account.c.platform, account.c.key)).all()
    if rows:
        bind.execute(
            sa.update(account).where(account.c.id == sa.bindparam("of")).values(skeleton=sa.bindparam("bare")),
            [{"of": row.id, "bare": skeleton(row.platform, row.key)} for row in rows],
        )


def downgrade() -> None:
    op.drop_table("told_apart")
    op.drop_table("former_name")
    op.execute("UPDATE account SET visibility = 'comms' WHERE visibility = 'nobody'")
    with op.batch_alter_table("account") as batch_op:
        for name, columns in INDEXES.items():
            batch_op.drop_index(name)
            batch_op.create_index(name, columns)
        batch_op.drop_index("ix_account_platform_id")
        batch_op.drop_index("ix_account_skeleton")
        for name in ("consent_asked_at", "other_names", "skeleton"):
            batch_op.drop_column(name)
        batch_op.drop_constraint(batch_op.f("ck_account_consent"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_account_visibility"), type_="check")
        batch_op.create_check_constraint(batch_op.f("ck_account_visibility"), sa.text(BEFORE))
    keep_search()
