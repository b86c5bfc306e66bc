"""What the public may expect, and reviews."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def words(name: str, *values: str) -> sa.Enum:
    """A list of words, which the database holds rows to."""
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=30)


CALENDARS = ("england-and-wales", "scotland", "northern-ireland", "none")
REPLIES = ("hour", "same-day", "one-day", "two-days", "five-days", "read-only", "never")
STAGES = ("before", "due", "again", "last", "comms", "asleep")


def upgrade() -> None:
    op.create_table(
        "expectation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("level", words("level", "organisation", "team", "account"), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("account_id", sa.Integer(), nullable=True),
        sa.Column("hours", sa.JSON(none_as_null=True), nullable=True),
        sa.Column("bank_holidays", words("calendar", *CALENDARS), nullable=True),
        sa.Column("reply", words("reply", *REPLIES), nullable=True),
        sa.Column("out_of_hours", sa.Text(), nullable=True),
        sa.Column("not_for", sa.Text(), nullable=True),
        sa.CheckConstraint("(level = 'team') = (team_id IS NOT NULL)", name=op.f("ck_expectation_of_a_team")),
        sa.CheckConstraint("(level = 'account') = (account_id IS NOT NULL)", name=op.f("ck_expectation_of_an_account")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_expectation_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["team_id"], ["team.id"], name=op.f("fk_expectation_team_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_expectation")),
        sa.UniqueConstraint("account_id", name=op.f("uq_expectation_account_id")),
        sa.UniqueConstraint("team_id", name=op.f("uq_expectation_team_id")),
    )
    op.create_index(
        "uq_expectation_organisation", "expectation", ["level"], unique=True,
        sqlite_where=sa.text("level = 'organisation'"), postgresql_where=sa.text("level = 'organisation'"),
    )  # fmt: skip
    op.create_table(
        "carried",
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("what", words("words", "bio", "pinned"), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("ticked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ticked_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_carried_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["ticked_by_id"], ["person.id"], name=op.f("fk_carried_ticked_by_id")),
        sa.PrimaryKeyConstraint("account_id", "what", name=op.f("pk_carried")),
    )
    op.create_index(op.f("ix_carried_ticked_by_id"), "carried", ["ticked_by_id"], unique=False)
    op.create_table(
        "review_watch",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("review_on", sa.Date(), nullable=False),
        sa.Column("stage", words("stage", *STAGES), nullable=False),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_review_watch_account_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_review_watch")),
    )
    op.create_index(op.f("ix_review_watch_stage"), "review_watch", ["stage"], unique=False)
    op.create_table(
        "review_mail",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("waited", sa.Integer(), nullable=False),
        sa.Column("counted_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_review_mail_person_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_review_mail")),
    )


def downgrade() -> None:
    op.drop_table("review_mail")
    op.drop_table("review_watch")
    op.drop_table("carried")
    op.drop_table("expectation")
