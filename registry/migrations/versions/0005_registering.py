"""The line manager's nod, the clocks of approval."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

ANSWERS = sa.Enum(
    "waiting", "yes", "no", "lapsed", name="nodanswer", native_enum=False, create_constraint=True, length=30
)
WAITING = sa.text("answer = 'waiting'")


def upgrade() -> None:
    op.add_column("account", sa.Column("decide_by_on", sa.Date(), nullable=True))
    op.add_column("account", sa.Column("comms_told", sa.Integer(), server_default="0", nullable=False))
    op.create_table(
        "nod",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("manager_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("answer", ANSWERS, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_nod_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["manager_id"], ["person.id"], name=op.f("fk_nod_manager_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_nod")),
    )
    op.create_index(op.f("ix_nod_account_id"), "nod", ["account_id"], unique=False)
    op.create_index(op.f("ix_nod_manager_id"), "nod", ["manager_id"], unique=False)
    op.create_index(op.f("ix_nod_answer"), "nod", ["answer"], unique=False)
    op.create_index(
        "ix_nod_waiting", "nod", ["account_id"], unique=True, sqlite_where=WAITING, postgresql_where=WAITING
    )


def downgrade() -> None:
    op.drop_table("nod")
    op.drop_column("account", "comms_told")
    op.drop_column("account", "decide_by_on")
