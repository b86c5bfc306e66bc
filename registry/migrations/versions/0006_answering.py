"""Hand-overs, custody, access to withdraw, how an account is got at."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.create_table(
        "access_facts",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kept",
            sa.Enum(
                "password manager",
                "single sign-on",
                "sealed with comms",
                "only with the owner",
                "not known",
                name="kept",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column(
            "two_step",
            sa.Enum("on", "off", "not known", name="twostep", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column(
            "recovery",
            sa.Enum(
                "corporate",
                "personal",
                "not known",
                name="recovery",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("tools", sa.Text(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_access_facts_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["told_by_id"], ["person.id"], name=op.f("fk_access_facts_told_by_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_access_facts")),
    )
    op.create_index(op.f("ix_access_facts_told_by_id"), "access_facts", ["told_by_id"], unique=False)
    op.create_table(
        "closing",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("closed_by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column(
            "name",
            sa.Enum("kept", "released", name="namefate", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_closing_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["closed_by_id"], ["person.id"], name=op.f("fk_closing_closed_by_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_closing")),
    )
    op.create_index(op.f("ix_closing_closed_by_id"), "closing", ["closed_by_id"], unique=False)
    op.create_table(
        "custody",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("taken_by_id", sa.Integer(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_custody_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["taken_by_id"], ["person.id"], name=op.f("fk_custody_taken_by_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_custody")),
    )
    op.create_index(op.f("ix_custody_taken_by_id"), "custody", ["taken_by_id"], unique=False)
    op.create_table(
        "hand_over",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("giver_id", sa.Integer(), nullable=True),
        sa.Column("taker_id", sa.Integer(), nullable=False),
        sa.Column("offered_by_id", sa.Integer(), nullable=False),
        sa.Column("offered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("stays_on", sa.Boolean(), nullable=False),
        sa.Column(
            "state",
            sa.Enum(
                "waiting",
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
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("reminders", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_hand_over_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["giver_id"], ["person.id"], name=op.f("fk_hand_over_giver_id")),
        sa.ForeignKeyConstraint(["offered_by_id"], ["person.id"], name=op.f("fk_hand_over_offered_by_id")),
        sa.ForeignKeyConstraint(["taker_id"], ["person.id"], name=op.f("fk_hand_over_taker_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hand_over")),
    )
    op.create_index(op.f("ix_hand_over_account_id"), "hand_over", ["account_id"], unique=False)
    op.create_index(op.f("ix_hand_over_giver_id"), "hand_over", ["giver_id"], unique=False)
    op.create_index(op.f("ix_hand_over_offered_by_id"), "hand_over", ["offered_by_id"], unique=False)
    op.create_index("ix_hand_over_state", "hand_over", ["state", "offered_at"], unique=False)
    op.create_index(op.f("ix_hand_over_taker_id"), "hand_over", ["taker_id"], unique=False)
    op.create_index(
        "ix_hand_over_waiting",
        "hand_over",
        ["account_id"],
        unique=True,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "loss",
        sa.Column("account_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("told_by_id", sa.Integer(), nullable=False),
        sa.Column("tried", sa.Text(), nullable=False),
        sa.Column(
            "before",
            sa.Enum(
                "proposed",
                "live",
                "dormant",
                "orphaned",
                "lost",
                "closed",
                name="state",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_loss_account_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["told_by_id"], ["person.id"], name=op.f("fk_loss_told_by_id")),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_loss")),
    )
    op.create_index(op.f("ix_loss_told_by_id"), "loss", ["told_by_id"], unique=False)
    op.create_table(
        "withdrawal",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "way",
            sa.Enum(
                "password",
                "sessions",
                "roles",
                "tools",
                "recovery",
                "2-step",
                name="wayin",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column(
            "because",
            sa.Enum(
                "they have left",
                "they handed it over",
                "they do not run it any more",
                "it is closed",
                name="because",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        sa.Column(
            "outcome",
            sa.Enum("done", "not needed", name="outcome", native_enum=False, create_constraint=True, length=30),
            nullable=True,
        ),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_withdrawal_account_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_withdrawal_person_id")),
        sa.ForeignKeyConstraint(["settled_by_id"], ["person.id"], name=op.f("fk_withdrawal_settled_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_withdrawal")),
    )
    op.create_index("ix_withdrawal_account_id", "withdrawal", ["account_id", "settled_at"], unique=False)
    op.create_index(
        "ix_withdrawal_open",
        "withdrawal",
        ["account_id", "person_id", "way"],
        unique=True,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.create_index(op.f("ix_withdrawal_person_id"), "withdrawal", ["person_id"], unique=False)
    op.create_index(op.f("ix_withdrawal_settled_by_id"), "withdrawal", ["settled_by_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_withdrawal_account_id", table_name="withdrawal")
    op.drop_index("ix_withdrawal_open", table_name="withdrawal")
    op.drop_index("ix_withdrawal_person_id", table_name="withdrawal")
    op.drop_index("ix_withdrawal_settled_by_id", table_name="withdrawal")
    op.drop_table("withdrawal")
    op.drop_index("ix_loss_told_by_id", table_name="loss")
    op.drop_table("loss")
    op.drop_index("ix_hand_over_account_id", table_name="hand_over")
    op.drop_index("ix_hand_over_giver_id", table_name="hand_over")
    op.drop_index("ix_hand_over_offered_by_id", table_name="hand_over")
    op.drop_index("ix_hand_over_state", table_name="hand_over")
    op.drop_index("ix_hand_over_taker_id", table_name="hand_over")
    op.drop_index("ix_hand_over_waiting", table_name="hand_over")
    op.drop_table("hand_over")
    op.drop_index("ix_custody_taken_by_id", table_name="custody")
    op.drop_table("custody")
    op.drop_index("ix_closing_closed_by_id", table_name="closing")
    op.drop_table("closing")
    op.drop_index("ix_access_facts_told_by_id", table_name="access_facts")
    op.drop_table("access_facts")
