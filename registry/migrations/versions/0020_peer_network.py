"""Who sees which part of a profile, credible voices, introductions, calls for help, drop-in slots."""

import sqlalchemy as sa
from alembic import op

from registry.search import fold

revision = "0020"
down_revision = "0018"

#: Who sees each part of a profile that is there already.
AT_FIRST = {
    "about": "colleagues", "place": "colleagues", "reach": "peers", "topics": "colleagues", "offers": "colleagues",
    "asks": "colleagues",
}  # fmt: skip
WORDS = ("words_for_colleagues", "words_for_peers", "words_for_organisers")


def upgrade() -> None:
    op.create_table(
        "drop_in",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("host_id", sa.Integer(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("booked_by_id", sa.Integer(), nullable=True),
        sa.Column("booked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("about", sa.String(length=300), nullable=False),
        sa.CheckConstraint("(booked_by_id IS NULL) = (booked_at IS NULL)", name=op.f("ck_drop_in_booked")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 120", name=op.f("ck_drop_in_minutes")),
        sa.ForeignKeyConstraint(["booked_by_id"], ["person.id"], name=op.f("fk_drop_in_booked_by_id")),
        sa.ForeignKeyConstraint(["host_id"], ["person.id"], name=op.f("fk_drop_in_host_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_drop_in")),
        sa.UniqueConstraint("host_id", "starts_at", name=op.f("uq_drop_in_host_id_starts_at")),
    )
    op.create_index(op.f("ix_drop_in_booked_by_id"), "drop_in", ["booked_by_id"])
    op.create_index(op.f("ix_drop_in_starts_at"), "drop_in", ["starts_at", "id"])

    op.create_table(
        "help_call",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asker_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("thanks", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["asker_id"], ["person.id"], name=op.f("fk_help_call_asker_id")),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_help_call_topic_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_call")),
    )
    op.create_index(op.f("ix_help_call_asker_id"), "help_call", ["asker_id"])
    op.create_index(op.f("ix_help_call_topic_id"), "help_call", ["topic_id"])

    op.create_table(
        "introduction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("alone_id", sa.Integer(), nullable=False),
        sa.Column("buddy_id", sa.Integer(), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=False),
        sa.Column("alone_settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("buddy_settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["alone_id"], ["person.id"], name=op.f("fk_introduction_alone_id")),
        sa.ForeignKeyConstraint(["buddy_id"], ["person.id"], name=op.f("fk_introduction_buddy_id")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_introduction_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_introduction")),
        sa.UniqueConstraint("alone_id", "buddy_id", name=op.f("uq_introduction_alone_id_buddy_id")),
    )
    op.create_index(op.f("ix_introduction_buddy_id"), "introduction", ["buddy_id"])
    op.create_index(op.f("ix_introduction_made_by_id"), "introduction", ["made_by_id"])

    op.create_table(
        "peer_choice",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("no_introductions", sa.Boolean(), nullable=False),
        sa.Column("no_calls", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_peer_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_peer_choice")),
    )
    op.create_table(
        "voice",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "state",
            sa.Enum("asked", "yes", "no", name="voicestate", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("subject", sa.String(length=300), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("trained_on", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_voice_asked_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_voice_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice")),
        sa.UniqueConstraint("person_id", name=op.f("uq_voice_person_id")),
    )
    op.create_index(op.f("ix_voice_asked_by_id"), "voice", ["asked_by_id"])

    op.create_table(
        "help_asked",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("call_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("why", sa.Text(), nullable=False),
        sa.Column("for_comms", sa.Boolean(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "waiting",
                "can help",
                "not now",
                name="helpanswer",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("message_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["call_id"], ["help_call.id"], name=op.f("fk_help_asked_call_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_help_asked_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_help_asked")),
        sa.UniqueConstraint("call_id", "person_id", name=op.f("uq_help_asked_call_id_person_id")),
    )
    op.create_index(op.f("ix_help_asked_person_id"), "help_asked", ["person_id", "asked_at"])

    op.create_table(
        "voice_topic",
        sa.Column("voice_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["topic_id"], ["topic.id"], name=op.f("fk_voice_topic_topic_id")),
        sa.ForeignKeyConstraint(["voice_id"], ["voice.id"], name=op.f("fk_voice_topic_voice_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("voice_id", "topic_id", name=op.f("pk_voice_topic")),
    )
    op.create_index(op.f("ix_voice_topic_topic_id"), "voice_topic", ["topic_id"])

    _widen_profiles()


def _widen_profiles() -> None:
    op.add_column("profile", sa.Column("place", sa.String(length=120), nullable=False, server_default=""))
    op.add_column("profile", sa.Column("reach", sa.String(length=200), nullable=False, server_default=""))
    for part, audience in AT_FIRST.items():
        # Said within the statement, SQLite need not make the table anew, on which the interests hang.
        op.execute(
            f"ALTER TABLE profile ADD COLUMN {part}_for VARCHAR(30) NOT NULL DEFAULT '{audience}'"
            f" CONSTRAINT ck_profile_{part}_for CHECK ({part}_for IN ('colleagues', 'peers', 'organisers'))"
        )
    for name in WORDS:
        op.add_column("profile", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    connection = op.get_bind()
    profiles = connection.execute(sa.text("SELECT person_id, about FROM profile")).all()
    named = connection.execute(
        sa.text("SELECT interest.person_id, topic.name FROM interest JOIN topic ON topic.id = interest.topic_id")
    ).all()
    topics: dict[int, list[str]] = {}
    for person_id, name in named:
        topics.setdefault(person_id, []).append(name)
    found_by = sa.text("UPDATE profile SET words_for_colleagues = :words WHERE person_id = :person_id")
    for person_id, about in profiles:
        words = fold(about, " ".join(topics.get(person_id, ())))
        connection.execute(found_by, {"words": words, "person_id": person_id})


def downgrade() -> None:
    names = (*WORDS, *(f"{part}_for" for part in AT_FIRST), "reach", "place")
    for name in names:
        op.drop_column("profile", name)
    op.drop_index(op.f("ix_voice_topic_topic_id"), table_name="voice_topic")

    op.drop_table("voice_topic")
    op.drop_index(op.f("ix_help_asked_person_id"), table_name="help_asked")

    op.drop_table("help_asked")
    op.drop_index(op.f("ix_voice_asked_by_id"), table_name="voice")

    op.drop_table("voice")
    op.drop_table("peer_choice")
    op.drop_index(op.f("ix_introduction_made_by_id"), table_name="introduction")
    op.drop_index(op.f("ix_introduction_buddy_id"), table_name="introduction")

    op.drop_table("introduction")
    op.drop_index(op.f("ix_help_call_topic_id"), table_name="help_call")
    op.drop_index(op.f("ix_help_call_asker_id"), table_name="help_call")

    op.drop_table("help_call")
    op.drop_index(op.f("ix_drop_in_starts_at"), table_name="drop_in")
    op.drop_index(op.f("ix_drop_in_booked_by_id"), table_name="drop_in")

    op.drop_table("drop_in")
