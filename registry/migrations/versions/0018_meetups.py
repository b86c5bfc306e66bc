"""Meetups, their series, who is asked and who comes; mails that bring a calendar file, or can be ended."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"

MAIL = ("calendar", "unsubscribe")


def upgrade() -> None:
    for name in MAIL:
        op.add_column("message", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "series",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "meetup", "training", "external", name="kind", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("every_months", sa.Integer(), nullable=False),
        sa.Column("nth", sa.Integer(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("at", sa.Time(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("online_link", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name=op.f("ck_series_capacity")),
        sa.CheckConstraint("every_months BETWEEN 1 AND 12", name=op.f("ck_series_every_months")),
        sa.CheckConstraint("minutes BETWEEN 5 AND 720", name=op.f("ck_series_minutes")),
        sa.CheckConstraint("nth IN (1, 2, 3, 4, -1)", name=op.f("ck_series_nth")),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_series_weekday")),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_series_made_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_series")),
    )
    op.create_index(op.f("ix_series_made_by_id"), "series", ["made_by_id"], unique=False)
    op.create_table(
        "leader",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_leader_person_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_leader_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_leader")),
        sa.UniqueConstraint("series_id", "person_id", name=op.f("uq_leader_series_id_person_id")),
    )
    op.create_index(op.f("ix_leader_person_id"), "leader", ["person_id"], unique=False)
    op.create_table(
        "meetup",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("series_id", sa.Integer(), nullable=True),
        sa.Column("slot_on", sa.Date(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "meetup", "training", "external", name="kind", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("begins_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("place", sa.String(length=200), nullable=False),
        sa.Column("online_link", sa.Text(), nullable=False),
        sa.Column("page", sa.Text(), nullable=False),
        sa.Column("capacity", sa.Integer(), nullable=True),
        sa.Column(
            "state",
            sa.Enum("planned", "cancelled", name="meetupstate", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("cancelled_reason", sa.Text(), nullable=False),
        sa.Column("uid", sa.String(length=120), nullable=False),
        sa.Column("sequence", sa.Integer(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("organiser_id", sa.Integer(), nullable=True),
        sa.Column("leader_id", sa.Integer(), nullable=True),
        sa.Column("what_next", sa.Text(), nullable=False),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.CheckConstraint("begins_at < ends_at", name=op.f("ck_meetup_in_order")),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name=op.f("ck_meetup_capacity")),
        sa.ForeignKeyConstraint(["leader_id"], ["person.id"], name=op.f("fk_meetup_leader_id")),
        sa.ForeignKeyConstraint(["organiser_id"], ["person.id"], name=op.f("fk_meetup_organiser_id")),
        sa.ForeignKeyConstraint(["series_id"], ["series.id"], name=op.f("fk_meetup_series_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_meetup")),
        sa.UniqueConstraint("series_id", "slot_on", name=op.f("uq_meetup_series_id_slot_on")),
        sa.UniqueConstraint("uid", name=op.f("uq_meetup_uid")),
    )
    op.create_index("ix_meetup_begins_at", "meetup", ["begins_at", "id"], unique=False)
    op.create_index(op.f("ix_meetup_leader_id"), "meetup", ["leader_id"], unique=False)
    op.create_index(op.f("ix_meetup_organiser_id"), "meetup", ["organiser_id"], unique=False)
    op.create_table(
        "agenda_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meetup_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("is_talk", sa.Boolean(), nullable=False),
        sa.Column("speaker_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_agenda_item_meetup_id")),
        sa.ForeignKeyConstraint(["speaker_id"], ["person.id"], name=op.f("fk_agenda_item_speaker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_agenda_item")),
    )
    op.create_index(op.f("ix_agenda_item_meetup_id"), "agenda_item", ["meetup_id"], unique=False)
    op.create_index(op.f("ix_agenda_item_speaker_id"), "agenda_item", ["speaker_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meetup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("invited_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("invited_by_id", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["invited_by_id"], ["person.id"], name=op.f("fk_invitation_invited_by_id")),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_invitation_meetup_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_invitation_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("meetup_id", "person_id", name=op.f("uq_invitation_meetup_id_person_id")),
    )
    op.create_index(op.f("ix_invitation_invited_by_id"), "invitation", ["invited_by_id"], unique=False)
    op.create_index(op.f("ix_invitation_person_id"), "invitation", ["person_id"], unique=False)
    op.create_table(
        "reply",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meetup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "answer",
            sa.Enum(
                "yes", "remote", "maybe", "no", name="answer", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("seat", sa.Integer(), nullable=True),
        sa.Column("queued_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("replied_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "app", "link", "calendar", "organiser", name="way", native_enum=False, create_constraint=True, length=30
            ),
            nullable=False,
        ),
        sa.Column("shown", sa.Boolean(), nullable=False),
        sa.Column("needs", sa.String(length=300), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "attended_way",
            sa.Enum(
                "app",
                "link",
                "calendar",
                "organiser",
                name="attended_way",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.CheckConstraint("queued_at IS NULL OR answer = 'yes'", name=op.f("ck_reply_queue")),
        sa.CheckConstraint("seat IS NULL OR (answer = 'yes' AND queued_at IS NULL)", name=op.f("ck_reply_seat")),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_reply_meetup_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_reply_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reply")),
        sa.UniqueConstraint("meetup_id", "person_id", name=op.f("uq_reply_meetup_id_person_id")),
        sa.UniqueConstraint("meetup_id", "seat", name=op.f("uq_reply_meetup_id_seat")),
    )
    op.create_index(op.f("ix_reply_person_id"), "reply", ["person_id"], unique=False)
    op.create_index("ix_reply_queue", "reply", ["meetup_id", "queued_at", "id"], unique=False)
    op.create_table(
        "speaking_offer",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meetup_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("pitch", sa.Text(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "offered",
                "accepted",
                "declined",
                "withdrawn",
                name="offerstate",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_speaking_offer_meetup_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_speaking_offer_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_speaking_offer")),
        sa.UniqueConstraint("meetup_id", "person_id", name=op.f("uq_speaking_offer_meetup_id_person_id")),
    )
    op.create_index(op.f("ix_speaking_offer_person_id"), "speaking_offer", ["person_id"], unique=False)


def downgrade() -> None:
    for table in ("speaking_offer", "reply", "invitation", "agenda_item", "meetup", "leader", "series"):
        op.drop_table(table)
    for name in reversed(MAIL):
        op.drop_column("message", name)
