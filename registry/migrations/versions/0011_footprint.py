"""Which platforms are used and why, and which are asked for."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def upgrade() -> None:
    op.create_table(
        "platform_use",
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("use", _words("use", "in use", "trial", "not used", "given up"), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("trial_until", sa.Date(), nullable=True),
        sa.Column("decided_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("decided_by_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(use = 'trial') = (trial_until IS NOT NULL)", name=op.f("ck_platform_use_trial")),
        sa.ForeignKeyConstraint(["decided_by_id"], ["person.id"], name=op.f("fk_platform_use_decided_by_id")),
        sa.PrimaryKeyConstraint("platform", name=op.f("pk_platform_use")),
    )
    op.create_index(op.f("ix_platform_use_decided_by_id"), "platform_use", ["decided_by_id"], unique=False)
    op.create_table(
        "platform_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("platform", sa.String(length=60), nullable=False),
        sa.Column("audience", sa.Text(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("hours", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column("answer", _words("answer", "waiting", "yes", "trial", "no"), nullable=False),
        sa.Column("advice", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_platform_request_answered_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_platform_request_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_platform_request")),
    )
    for name in ("answer", "answered_by_id", "asked_by_id"):
        op.create_index(op.f(f"ix_platform_request_{name}"), "platform_request", [name], unique=False)


def downgrade() -> None:
    op.drop_table("platform_request")
    op.drop_table("platform_use")
