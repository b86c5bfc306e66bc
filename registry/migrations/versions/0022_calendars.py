"""What calendars have to be told of meetups, feeds, mails with answers, and who was told or reminded of what."""

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"


def upgrade() -> None:
    op.add_column("reply", sa.Column("told", sa.String(length=10), nullable=False, server_default=""))
    op.add_column("reply", sa.Column("mails", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("invitation", sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "telling",
        sa.Column("meetup_id", sa.Integer(), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("dated", sa.Integer(), nullable=False),
        sa.Column("moved", sa.Boolean(), nullable=False),
        sa.Column("told_up_to", sa.Integer(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_telling_meetup_id")),
        sa.PrimaryKeyConstraint("meetup_id", name=op.f("pk_telling")),
    )
    op.create_index(op.f("ix_telling_done_at"), "telling", ["done_at"], unique=False)
    op.create_table(
        "calendar_feed",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_calendar_feed_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_feed")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_calendar_feed_token_hash")),
    )
    op.create_index(op.f("ix_calendar_feed_person_id"), "calendar_feed", ["person_id"], unique=False)
    op.create_table(
        "handled_mail",
        sa.Column("mark", sa.String(length=64), nullable=False),
        sa.Column("handled_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "fate",
            sa.Enum(
                "answered",
                "stale",
                "closed",
                "refused",
                "unknown",
                "other",
                name="mailfate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("mark", name=op.f("pk_handled_mail")),
    )


def downgrade() -> None:
    for table in ("handled_mail", "calendar_feed", "telling"):
        op.drop_table(table)
    op.drop_column("invitation", "reminded_at")
    for name in ("mails", "told"):
        op.drop_column("reply", name)
