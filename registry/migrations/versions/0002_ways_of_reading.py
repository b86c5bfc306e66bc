"""Ways of reading the directory, what each run found of whom, guests, the emergency administrator, forgetting."""

import sqlalchemy as sa
from alembic import op

from registry.search import index_for

revision = "0002"
down_revision = "0001"


IDS = "(kind = 'directory') = (directory_id IS NOT NULL)"


def keep_search() -> None:
    """SQLite changes a table by making it anew: the triggers that feed its search index go with the old one."""
    dialect = op.get_bind().dialect.name
    if dialect == "sqlite":
        for statement in index_for("person", dialect):
            if statement.startswith("CREATE TRIGGER"):
                op.execute(statement)


def keep_evidence(table: str, dialect: str) -> list[str]:
    """The statements that make ``table`` append-only, as in the first migration."""
    if dialect == "sqlite":
        return [
            f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
            f" BEGIN SELECT RAISE(ABORT, '{table} is evidence: rows are only ever added'); END"
            for verb in ("UPDATE", "DELETE")
        ]
    return [
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table}"
        " FOR EACH ROW EXECUTE FUNCTION refuse_change()",
        f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table}"
        " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()",
    ]


def upgrade() -> None:
    op.create_table(
        "emergency_key",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("password_hash", sa.Text(), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("id = 1", name=op.f("ck_emergency_key_only_one")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_emergency_key_person_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_emergency_key")),
        sa.UniqueConstraint("person_id", name=op.f("uq_emergency_key_person_id")),
    )
    op.create_table(
        "guest",
        sa.Column("person_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "contractor",
                "volunteer",
                "partner",
                name="guestkind",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("sponsor_id", sa.Integer(), nullable=False),
        sa.Column("ends_on", sa.Date(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["added_by_id"], ["person.id"], name=op.f("fk_guest_added_by_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_guest_person_id")),
        sa.ForeignKeyConstraint(["sponsor_id"], ["person.id"], name=op.f("fk_guest_sponsor_id")),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_guest")),
    )
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_guest_added_by_id"), ["added_by_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_guest_sponsor_id"), ["sponsor_id"], unique=False)

    op.create_table(
        "retelling",
        sa.Column("event_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("words", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_retelling")),
    )
    op.create_table(
        "person_merge",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("gone_id", sa.Integer(), nullable=False),
        sa.Column("kept_id", sa.Integer(), nullable=False),
        sa.Column("merged_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("merged_by_id", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["gone_id"], ["person.id"], name=op.f("fk_person_merge_gone_id")),
        sa.ForeignKeyConstraint(["kept_id"], ["person.id"], name=op.f("fk_person_merge_kept_id")),
        sa.ForeignKeyConstraint(["merged_by_id"], ["person.id"], name=op.f("fk_person_merge_merged_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person_merge")),
        sa.UniqueConstraint("gone_id", "kept_id", name=op.f("uq_person_merge_gone_id_kept_id")),
    )
    with op.batch_alter_table("person_merge", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_person_merge_kept_id"), ["kept_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_person_merge_merged_by_id"), ["merged_by_id"], unique=False)
    for statement in keep_evidence("person_merge", op.get_bind().dialect.name):
        op.execute(statement)

    op.create_table(
        "sync_request",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by_id", sa.Integer(), nullable=False),
        sa.Column(
            "way",
            sa.Enum("full", "sweep", "changes", name="way", native_enum=False, create_constraint=True, length=30),
            nullable=False,
        ),
        sa.Column("accept_leavers", sa.Integer(), nullable=True),
        sa.Column("taken_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["asked_by_id"], ["person.id"], name=op.f("fk_sync_request_asked_by_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sync_request")),
    )
    op.create_index(op.f("ix_sync_request_asked_by_id"), "sync_request", ["asked_by_id"])
    op.create_table(
        "run_line",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("run_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column(
            "turn",
            sa.Enum(
                "joined",
                "moved",
                "manager changed",
                "disabled",
                "missing",
                "left",
                "returned",
                "held",
                name="turn",
                native_enum=False,
                create_constraint=True,
                length=30,
            ),
            nullable=False,
        ),
        sa.Column("from_team_id", sa.Integer(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["from_team_id"], ["team.id"], name=op.f("fk_run_line_from_team_id")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name=op.f("fk_run_line_person_id")),
        sa.ForeignKeyConstraint(["run_id"], ["sync_run.id"], name=op.f("fk_run_line_run_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_run_line")),
    )
    with op.batch_alter_table("run_line", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_run_line_person_id"), ["person_id"], unique=False)
        batch_op.create_index("ix_run_line_run_id_turn", ["run_id", "turn", "id"], unique=False)

    op.add_column("account", sa.Column("owner_moved_at", sa.DateTime(timezone=True), nullable=True))

    with op.batch_alter_table("person") as batch_op:
        batch_op.add_column(
            sa.Column(
                "kind",
                sa.Enum(
                    "directory",
                    "guest",
                    "emergency",
                    "forgotten",
                    "merged",
                    name="personkind",
                    native_enum=False,
                    create_constraint=True,
                    length=30,
                ),
                server_default="directory",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("mark", sa.BigInteger(), nullable=True))
        batch_op.add_column(sa.Column("read_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.alter_column("directory_id", existing_type=sa.VARCHAR(length=64), nullable=True)
        batch_op.create_check_constraint("directory_id", IDS)
    keep_search()

    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.add_column(
            sa.Column(
                "method",
                sa.Enum(
                    "directory",
                    "single sign-on",
                    "emergency",
                    name="signinmethod",
                    native_enum=False,
                    create_constraint=True,
                    length=30,
                ),
                server_default="directory",
                nullable=False,
            )
        )

    with op.batch_alter_table("sync_run") as batch_op:
        batch_op.add_column(
            sa.Column(
                "way",
                sa.Enum("full", "sweep", "changes", name="way", native_enum=False, create_constraint=True, length=30),
                server_default="full",
                nullable=False,
            )
        )
        batch_op.add_column(sa.Column("flavour", sa.String(length=30), server_default="", nullable=False))
        batch_op.add_column(sa.Column("server", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("high_mark", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("settings_hash", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("expected", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("disabled", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("held", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("handed_on_at", sa.DateTime(timezone=True), nullable=True))
        batch_op.add_column(sa.Column("settled", sa.Boolean(), server_default=sa.true(), nullable=False))
        batch_op.add_column(sa.Column("oddities", sa.JSON(), server_default="{}", nullable=False))
        batch_op.add_column(sa.Column("units_hash", sa.String(length=64), server_default="", nullable=False))
        batch_op.add_column(sa.Column("renamed_teams", sa.JSON(), server_default="[]", nullable=False))

    with op.batch_alter_table("team") as batch_op:
        batch_op.add_column(sa.Column("directory_id", sa.String(length=64), nullable=True))
        batch_op.create_unique_constraint(batch_op.f("uq_team_directory_id"), ["directory_id"])


def downgrade() -> None:
    with op.batch_alter_table("team") as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_team_directory_id"), type_="unique")
        batch_op.drop_column("directory_id")

    with op.batch_alter_table("sync_run") as batch_op:
        batch_op.drop_column("renamed_teams")
        batch_op.drop_column("units_hash")
        batch_op.drop_column("oddities")
        batch_op.drop_column("settled")
        batch_op.drop_column("handed_on_at")
        batch_op.drop_column("held")
        batch_op.drop_column("disabled")
        batch_op.drop_column("expected")
        batch_op.drop_column("settings_hash")
        batch_op.drop_column("high_mark")
        batch_op.drop_column("server")
        batch_op.drop_column("flavour")
        batch_op.drop_constraint(batch_op.f("ck_sync_run_way"), type_="check")
        batch_op.drop_column("way")

    with op.batch_alter_table("sign_in") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_sign_in_signinmethod"), type_="check")
        batch_op.drop_column("method")

    op.execute("DELETE FROM guest")
    op.execute("DELETE FROM emergency_key")
    op.execute("UPDATE person SET directory_id = kind || id WHERE directory_id IS NULL")
    with op.batch_alter_table("person") as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_person_directory_id"), type_="check")
        batch_op.alter_column("directory_id", existing_type=sa.VARCHAR(length=64), nullable=False)
        batch_op.drop_column("read_at")
        batch_op.drop_column("mark")
        batch_op.drop_constraint(batch_op.f("ck_person_personkind"), type_="check")
        batch_op.drop_column("kind")
    keep_search()

    op.drop_column("account", "owner_moved_at")

    with op.batch_alter_table("run_line", schema=None) as batch_op:
        batch_op.drop_index("ix_run_line_run_id_turn")
        batch_op.drop_index(batch_op.f("ix_run_line_person_id"))

    op.drop_table("sync_request")
    op.drop_table("run_line")
    with op.batch_alter_table("guest", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_guest_sponsor_id"))
        batch_op.drop_index(batch_op.f("ix_guest_added_by_id"))

    op.drop_table("person_merge")
    op.drop_table("guest")
    op.drop_table("retelling")
    op.drop_table("emergency_key")
