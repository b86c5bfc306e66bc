"""Who is asked whether an account is theirs, what is done about fakes, and campaigns."""

import sqlalchemy as sa
from alembic import op

revision = "0027"
down_revision = "0026"


def upgrade() -> None:
    op.create_table(
        "campaign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("remind_on", sa.Date(), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_campaign_made_by_id")),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_campaign_team_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign")),
    )
    op.create_index(op.f("ix_campaign_made_by_id"), "campaign", ["made_by_id"], unique=False)
    op.create_index(op.f("ix_campaign_team_id"), "campaign", ["team_id"], unique=False)
    op.create_table(
        "asked",
        sa.Column("campaign_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "use",
            sa.Enum(
                "yes",
                "sometimes",
                "no",
                "not mine, but I know",
                name="use",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=True,
        ),
        sa.Column(
            "readiness",
            sa.Enum(
                "willing", "curious", "not yet", name="readiness", native_enum=False, create_constraint=True, length=30
            ),
            nullable=True,
        ),
        sa.Column("said", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaign.id"], name=op.f("fk_asked_campaign_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_asked_person_id")),
        sa.PrimaryKeyConstraint("campaign_id", "person_id", name=op.f("pk_asked")),
    )
    op.create_index("ix_asked_campaign", "asked", ["campaign_id", "answered_at", "person_id"], unique=False)
    op.create_index(op.f("ix_asked_person_id"), "asked", ["person_id"], unique=False)
    op.create_table(
        "claim",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sighting_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "answer",
            sa.Enum("yes", "no", "colleague", name="claimanswer", native_enum=False, create_constraint=True, length=30),
            nullable=True,
        ),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reminded_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_claim_asked_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_claim_person_id")),
        sa.ForeignKeyConstraint(
            ["sighting_id"], ["sighting.id"], name=op.f("fk_claim_sighting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("sighting_id", "person_id", name=op.f("uq_claim_sighting_id_person_id")),
    )
    op.create_index(op.f("ix_claim_asked_by_id"), "claim", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_claim_person_id"), "claim", ["person_id"], unique=False)
    op.create_table(
        "spoof_step",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sighting_id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by_id", sa.Integer(), nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["by_id"], ["person.id"], name=op.f("fk_spoof_step_by_id")),
        sa.ForeignKeyConstraint(
            ["sighting_id"], ["sighting.id"], name=op.f("fk_spoof_step_sighting_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spoof_step")),
    )
    op.create_index(op.f("ix_spoof_step_by_id"), "spoof_step", ["by_id"], unique=False)
    op.create_index(op.f("ix_spoof_step_sighting_id"), "spoof_step", ["sighting_id"], unique=False)


def downgrade() -> None:
    for table in ("spoof_step", "claim", "asked", "campaign"):
        op.drop_table(table)
