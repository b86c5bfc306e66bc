"""Rounds of invitations: whom they are for, what they say, what became of each; mail that is leaving, or withdrawn."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"

BEFORE = ("waiting", "claimed", "sent", "unsure", "failed")
AFTER = ("waiting", "claimed", "leaving", "sent", "unsure", "failed", "withdrawn")
FATES = ("queued", "invited", "no mail", "unusable", "left", "already", "cap", "withdrawn")
DONE_BY = ("made_by_id", "looked_by_id", "sent_by_id", "stopped_by_id")


def _let_messages_be(words):
    with op.batch_alter_table("message") as batch:
        batch.drop_constraint(op.f("ck_message_messagestate"), type_="check")
        batch.create_check_constraint(op.f("ck_message_messagestate"), f"state IN {words!r}")


def _choices(name, *words):
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def _people(table, *names):
    return [sa.ForeignKeyConstraint([name], ["person.id"], name=op.f(f"fk_{table}_{name}")) for name in names]


def upgrade() -> None:
    op.add_column("message", sa.Column("claimed_by", sa.Text(), nullable=True))
    _let_messages_be(AFTER)
    op.create_table(
        "invitation_round",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meetup_id", sa.Integer(), nullable=False),
        sa.Column("state", _choices("roundstate", "draft", "sending", "sent", "stopped"), nullable=False),
        sa.Column("choice", sa.JSON(), nullable=False),
        sa.Column("subject", sa.String(length=150), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("looked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("looked_by_id", sa.Integer(), nullable=True),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("sent_by_id", sa.Integer(), nullable=True),
        sa.Column("expected", sa.Integer(), nullable=False),
        sa.Column("stopped_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("stopped_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_invitation_round_meetup_id")),
        *_people("invitation_round", *DONE_BY),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation_round")),
    )
    op.create_index("ix_invitation_round_state", "invitation_round", ["state", "sent_at"], unique=False)
    for name in ("meetup_id", *DONE_BY):
        op.create_index(op.f(f"ix_invitation_round_{name}"), "invitation_round", [name], unique=False)
    op.create_table(
        "round_person",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("hand", _choices("hand", "chosen", "added", "out"), nullable=False),
        sa.Column("fate", _choices("fate", *FATES), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(
            ["round_id"], ["invitation_round.id"], name=op.f("fk_round_person_round_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["message_id"], ["message.id"], name=op.f("fk_round_person_message_id")),
        *_people("round_person", "person_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_person")),
        sa.UniqueConstraint("round_id", "person_id", name=op.f("uq_round_person_round_id_person_id")),
    )
    op.create_index("ix_round_person_fate", "round_person", ["round_id", "fate", "id"], unique=False)
    for name in ("message_id", "person_id"):
        op.create_index(op.f(f"ix_round_person_{name}"), "round_person", [name], unique=False)
    op.create_table(
        "round_comment",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("round_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["round_id"], ["invitation_round.id"], name=op.f("fk_round_comment_round_id"), ondelete="CASCADE"
        ),
        *_people("round_comment", "person_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round_comment")),
    )
    for name in ("person_id", "round_id"):
        op.create_index(op.f(f"ix_round_comment_{name}"), "round_comment", [name], unique=False)


def downgrade() -> None:
    for table in ("round_comment", "round_person", "invitation_round"):
        op.drop_table(table)
    op.execute("UPDATE message SET state = 'unsure' WHERE state = 'leaving'")
    op.execute("UPDATE message SET state = 'failed' WHERE state = 'withdrawn'")
    _let_messages_be(BEFORE)
    op.drop_column("message", "claimed_by")
