"""What stands around meetups: questions, links, cards of what worked; and the digest."""

import sqlalchemy as sa
from alembic import op

revision = "0023"
down_revision = "0021"


def upgrade() -> None:
    op.create_table(
        "digest_choice",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "often",
            sa.Enum("weekly", "monthly", name="often", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_on", sa.Date(), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_digest_choice_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_digest_choice")),
    )
    op.create_table(
        "card",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=160), nullable=False),
        sa.Column("how", sa.Text(), nullable=False),
        sa.Column("for_whom", sa.String(length=160), nullable=False),
        sa.Column("result", sa.String(length=300), nullable=False),
        sa.Column("campaign", sa.String(length=80), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("meetup_id", sa.Integer(), nullable=True),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by_id", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_card_account_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["made_by_id"], ["person.id"], name=op.f("fk_card_made_by_id")),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_card_meetup_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_card")),
    )
    op.create_index(op.f("ix_card_account_id"), "card", ["account_id"], unique=False)
    op.create_index("ix_card_made_at", "card", ["made_at", "id"], unique=False)
    op.create_index(op.f("ix_card_made_by_id"), "card", ["made_by_id"], unique=False)
    op.create_index(op.f("ix_card_meetup_id"), "card", ["meetup_id"], unique=False)
    op.create_table(
        "material",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meetup_id", sa.Integer(), nullable=False),
        sa.Column("title", sa.String(length=120), nullable=False),
        sa.Column("url", sa.String(length=500), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_material_added_by_id")),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_material_meetup_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_material")),
    )
    op.create_index(op.f("ix_material_added_by_id"), "material", ["added_by_id"], unique=False)
    op.create_index(op.f("ix_material_meetup_id"), "material", ["meetup_id"], unique=False)
    op.create_table(
        "question",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("meetup_id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=True),
        sa.Column("is_unnamed", sa.Boolean(), nullable=False),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by_id", sa.Integer(), nullable=True),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["answered_by_id"], ["person.id"], name=op.f("fk_question_answered_by_id")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_question_asked_by_id")),
        sa.ForeignKeyConstraint(["meetup_id"], ["meetup.id"], name=op.f("fk_question_meetup_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_question")),
    )
    op.create_index(op.f("ix_question_answered_by_id"), "question", ["answered_by_id"], unique=False)
    op.create_index(op.f("ix_question_asked_by_id"), "question", ["asked_by_id"], unique=False)
    op.create_index(op.f("ix_question_meetup_id"), "question", ["meetup_id"], unique=False)
    op.create_table(
        "card_thanks",
        sa.Column("card_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("thanked_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["card_id"], ["card.id"], name=op.f("fk_card_thanks_card_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_card_thanks_person_id")),
        sa.PrimaryKeyConstraint("card_id", "person_id", name=op.f("pk_card_thanks")),
    )
    op.create_index(op.f("ix_card_thanks_person_id"), "card_thanks", ["person_id"], unique=False)
    op.create_table(
        "question_vote",
        sa.Column("question_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_question_vote_person_id")),
        sa.ForeignKeyConstraint(
            ["question_id"], ["question.id"], name=op.f("fk_question_vote_question_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("question_id", "person_id", name=op.f("pk_question_vote")),
    )
    op.create_index(op.f("ix_question_vote_person_id"), "question_vote", ["person_id"], unique=False)


def downgrade() -> None:
    for table in ("digest_choice", "question_vote", "card_thanks", "question", "material", "card"):
        op.drop_table(table)
