"""Lists of whom to follow, tokens of the API."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"

AUDIENCE = sa.Enum(
    "maker", "colleagues", "everyone", name="audience", native_enum=False, create_constraint=True, length=30
)


def upgrade() -> None:
    op.create_table(
        "follow_list",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("topic", sa.String(length=60), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("audience", AUDIENCE, nullable=False),
        sa.Column("maker_id", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["maker_id"], ["person.id"], name=op.f("fk_follow_list_maker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_list")),
        sa.UniqueConstraint("slug", name=op.f("uq_follow_list_slug")),
    )
    op.create_index(op.f("ix_follow_list_maker_id"), "follow_list", ["maker_id"], unique=False)
    op.create_table(
        "follow_entry",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("place", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_follow_entry_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["list_id"], ["follow_list.id"], name=op.f("fk_follow_entry_list_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_follow_entry")),
        sa.UniqueConstraint("list_id", "account_id", name=op.f("uq_follow_entry_list_id_account_id")),
    )
    op.create_index(op.f("ix_follow_entry_account_id"), "follow_entry", ["account_id"], unique=False)
    op.create_table(
        "api_token",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("scopes", sa.String(length=120), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("expires_on", sa.Date(), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_api_token_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_token")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_api_token_token_hash")),
    )
    op.create_index(op.f("ix_api_token_made_by_id"), "api_token", ["made_by_id"], unique=False)
    where = sa.text("visibility = 'everyone' AND state = 'live'")
    op.create_index(
        "ix_account_public", "account", ["visibility", "state", "title", "id"], unique=False, sqlite_where=where,
        postgresql_where=where,
    )  # fmt: skip


def downgrade() -> None:
    op.drop_index("ix_account_public", table_name="account")
    op.drop_table("api_token")
    op.drop_table("follow_entry")
    op.drop_table("follow_list")
