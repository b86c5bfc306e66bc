"""How the duties to sign stood is sealed: a note of each that begins, ends or moves, to which none is added later."""

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"


def upgrade() -> None:
    op.create_table(
        "spell_note",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("spells", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("seal", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spell_note")),
        sa.UniqueConstraint("seal", name=op.f("uq_spell_note_seal")),
    )
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER spell_note_no_{verb.lower()} BEFORE {verb} ON spell_note"
                " BEGIN SELECT RAISE(ABORT, 'spell_note is evidence: rows are only ever added'); END"
            )
    else:
        for name, when, each in (
            ("append_only", "UPDATE OR DELETE", "ROW"), ("no_truncate", "TRUNCATE", "STATEMENT"),
        ):  # fmt: skip
            op.execute(
                f"CREATE TRIGGER spell_note_{name} BEFORE {when} ON spell_note"
                f" FOR EACH {each} EXECUTE FUNCTION refuse_change()"
            )


def downgrade() -> None:
    op.drop_table("spell_note")
