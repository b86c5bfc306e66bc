"""Who must sign which guidelines and since when, a second look at a draft, principles, and more ways to sign."""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"

EVIDENCE = "sign_off"
#: Who was asked to sign before there were rules.
USUALLY = ("owners", "deputies", "contributors")


def _words(name: str, *words: str) -> sa.Enum:
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=30)


def _leads_to(table: str, column: str, other: str = "person") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}"))


def upgrade() -> None:
    _make_principle()
    _make_signing_rule()
    _make_decline()
    _make_day_count()
    with op.batch_alter_table("document") as batch:
        batch.add_column(sa.Column("about", sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("grace_days", sa.Integer(), nullable=False, server_default="14"))
        batch.add_column(sa.Column("again_months", sa.Integer(), nullable=True))
        batch.add_column(sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("retired_reason", sa.Text(), nullable=False, server_default=""))
    _change_version()
    _change_obligation()
    _change_sign_off()
    for whom in USUALLY:
        op.execute(
            "INSERT INTO signing_rule (document_id, whom, standing, platform)"  # noqa: S608 - Our own words.
            f" SELECT id, '{whom}', '', '' FROM document"
        )


def _make_principle() -> None:
    op.create_table(
        "principle",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("retired_at", sa.DateTime(timezone=True), nullable=True),
        _leads_to("principle", "document_id", "document"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_principle")),
        sa.UniqueConstraint("document_id", "name", name=op.f("uq_principle_document_id_name")),
    )


def _make_signing_rule() -> None:
    op.create_table(
        "signing_rule",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("whom", _words("whom", "everyone", "owners", "deputies", "contributors", "person"), nullable=False),
        sa.Column("standing", sa.String(length=30), nullable=False),
        sa.Column("platform", sa.String(length=30), nullable=False),
        sa.Column("team_id", sa.Integer(), nullable=True),
        sa.Column("person_id", sa.Integer(), nullable=True),
        sa.CheckConstraint("(whom = 'person') = (person_id IS NOT NULL)", name=op.f("ck_signing_rule_of_a_person")),
        _leads_to("signing_rule", "document_id", "document"),
        _leads_to("signing_rule", "team_id", "team"),
        _leads_to("signing_rule", "person_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signing_rule")),
    )
    for column in ("document_id", "team_id", "person_id"):
        op.create_index(op.f(f"ix_signing_rule_{column}"), "signing_rule", [column], unique=False)


def _make_decline() -> None:
    op.create_table(
        "decline",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("document_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("person_id", sa.Integer(), nullable=False),
        sa.Column("declined_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answer", sa.Text(), nullable=False),
        sa.Column("settled_by_id", sa.Integer(), nullable=True),
        _leads_to("decline", "document_id", "document"),
        _leads_to("decline", "version_id", "version"),
        _leads_to("decline", "person_id"),
        _leads_to("decline", "settled_by_id"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decline")),
    )
    unsettled = sa.text("settled_at IS NULL")
    op.create_index(
        "ix_decline_one_open", "decline", ["document_id", "person_id"], unique=True, sqlite_where=unsettled,
        postgresql_where=unsettled,
    )  # fmt: skip
    for column in ("person_id", "settled_by_id"):
        op.create_index(op.f(f"ix_decline_{column}"), "decline", [column], unique=False)


def _make_day_count() -> None:
    op.create_table(
        "day_count",
        sa.Column("document_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("concerned", sa.Integer(), nullable=False),
        sa.Column("signed", sa.Integer(), nullable=False),
        sa.Column("overdue", sa.Integer(), nullable=False),
        sa.Column("declined", sa.Integer(), nullable=False),
        _leads_to("day_count", "document_id", "document"),
        sa.PrimaryKeyConstraint("document_id", "on", name=op.f("pk_day_count")),
    )


def _change_version() -> None:
    op.drop_index("ix_version_one_draft", table_name="version")
    with op.batch_alter_table("version") as batch:
        batch.add_column(sa.Column("principles", sa.JSON(), nullable=False, server_default="[]"))
        batch.add_column(sa.Column("questions", sa.JSON(), nullable=False, server_default="[]"))
        for name in ("changed_by_id", "looked_by_id"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=True))
            batch.create_foreign_key(op.f(f"fk_version_{name}"), "person", [name], ["id"])
            batch.create_index(op.f(f"ix_version_{name}"), [name], unique=False)
        for name in ("asked_at", "looked_at"):
            batch.add_column(sa.Column(name, sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("unseen_reason", sa.Text(), nullable=False, server_default=""))
        for name in ("from_on", "due_on"):
            batch.add_column(sa.Column(name, sa.Date(), nullable=True))
        batch.drop_constraint(op.f("ck_version_versionstate"), type_="check")
        batch.create_check_constraint(op.f("ck_version_versionstate"), "state IN ('draft', 'scheduled', 'published')")
    _one_draft("state <> 'published'")
    op.execute("UPDATE version SET changed_by_id = drafted_by_id")


def _one_draft(where: str) -> None:
    op.create_index(
        "ix_version_one_draft", "version", ["document_id"], unique=True, sqlite_where=sa.text(where),
        postgresql_where=sa.text(where),
    )  # fmt: skip


def _change_obligation() -> None:
    """What was asked before is asked since then; what has been signed is counted from the sign-offs."""
    with op.batch_alter_table("obligation") as batch:
        batch.drop_constraint(op.f("uq_obligation_document_id_person_id"), type_="unique")
        batch.add_column(sa.Column("why", _words("why", "rule", "again", "returned"), nullable=False,
                                   server_default="rule"))  # fmt: skip
        batch.add_column(sa.Column("ending", _words("ending", "no rule", "left", "asked again", "retired")))
        batch.add_column(sa.Column("due_on", sa.Date(), nullable=True))
        batch.add_column(sa.Column("signed_number", sa.Integer(), nullable=False, server_default="0"))
        batch.add_column(sa.Column("signed_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("mails", sa.Integer(), nullable=False, server_default="0"))
        for name in ("mailed_on", "manager_told_on", "comms_told_on"):
            batch.add_column(sa.Column(name, sa.Date(), nullable=True))
    day = (
        "date(since_at, '+14 days')"
        if op.get_bind().dialect.name == "sqlite"
        else "(since_at + interval '14 days')::date"
    )
    theirs = (
        " FROM sign_off WHERE sign_off.document_id = obligation.document_id AND (sign_off.person_id ="
        " obligation.person_id OR sign_off.person_id IN (SELECT gone_id FROM person_merge WHERE kept_id ="
        " obligation.person_id))"
    )
    op.execute(
        f"UPDATE obligation SET due_on = {day}, ending = CASE WHEN ended_at IS NULL THEN NULL ELSE 'no rule' END,"  # noqa: S608 - Our own words.
        f" signed_number = coalesce((SELECT max(version_number){theirs}), 0),"
        f" signed_at = (SELECT max(sign_off.signed_at){theirs})"
    )
    with op.batch_alter_table("obligation") as batch:
        batch.alter_column("due_on", existing_type=sa.Date(), nullable=False)
        batch.create_index("ix_obligation_document", OF_A_DOCUMENT, unique=False)
    still = sa.text("ended_at IS NULL")
    op.create_index(
        "ix_obligation_one_open", "obligation", ["document_id", "person_id"], unique=True, sqlite_where=still,
        postgresql_where=still,
    )  # fmt: skip


OF_A_DOCUMENT = ["document_id", "ended_at", "signed_number", "due_on", "person_id"]


def _change_sign_off() -> None:
    with op.batch_alter_table("sign_off") as batch:
        batch.drop_constraint(op.f("uq_sign_off_person_id_version_id"), type_="unique")
        for name in ("occasion", "checked"):
            batch.add_column(sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
        for name in ("consent", "entered_by_name"):
            batch.add_column(sa.Column(name, sa.Text(), nullable=False, server_default=""))
        batch.add_column(sa.Column("entered_at", sa.DateTime(timezone=True), nullable=True))
        batch.add_column(sa.Column("entered_by_id", sa.Integer(), nullable=True))
        batch.create_unique_constraint(
            op.f("uq_sign_off_person_id_version_id_occasion"), ["person_id", "version_id", "occasion"]
        )
        batch.drop_constraint(op.f("ck_sign_off_method"), type_="check")
        batch.create_check_constraint(op.f("ck_sign_off_method"), "method IN ('online', 'on paper', 'on behalf')")
    _keep_evidence()


def _keep_evidence() -> None:
    """SQLite changes a table by making it anew: the triggers that guard it go with the old one."""
    if op.get_bind().dialect.name == "sqlite":
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER sign_off_no_{verb.lower()} BEFORE {verb} ON sign_off"
                " BEGIN SELECT RAISE(ABORT, 'sign_off is evidence: rows are only ever added'); END"
            )


def downgrade() -> None:
    with op.batch_alter_table("sign_off") as batch:
        batch.drop_constraint(op.f("uq_sign_off_person_id_version_id_occasion"), type_="unique")
        batch.drop_constraint(op.f("ck_sign_off_method"), type_="check")
        for name in ("occasion", "checked", "consent", "entered_by_name", "entered_at", "entered_by_id"):
            batch.drop_column(name)
        batch.create_unique_constraint(op.f("uq_sign_off_person_id_version_id"), ["person_id", "version_id"])
        batch.create_check_constraint(op.f("ck_sign_off_method"), "method IN ('online')")
    _keep_evidence()
    op.drop_index("ix_obligation_one_open", table_name="obligation")
    # There was one row for each person and document, begun anew each time.
    op.execute(
        "DELETE FROM obligation WHERE id NOT IN (SELECT max(id) FROM obligation GROUP BY document_id, person_id)"
    )
    with op.batch_alter_table("obligation") as batch:
        batch.drop_index("ix_obligation_document")
        batch.drop_constraint(op.f("ck_obligation_why"), type_="check")
        batch.drop_constraint(op.f("ck_obligation_ending"), type_="check")
        for name in ("why", "ending", "due_on", "signed_number", "signed_at", "mails", "mailed_on", "manager_told_on",
                     "comms_told_on"):  # fmt: skip
            batch.drop_column(name)
        batch.create_unique_constraint(op.f("uq_obligation_document_id_person_id"), ["document_id", "person_id"])
    _take_from_version()
    with op.batch_alter_table("document") as batch:
        for name in ("about", "grace_days", "again_months", "retired_at", "retired_reason"):
            batch.drop_column(name)
    for table in ("day_count", "decline", "signing_rule", "principle"):
        op.drop_table(table)


def _take_from_version() -> None:
    op.execute("UPDATE version SET state = 'draft' WHERE state = 'scheduled'")
    op.drop_index("ix_version_one_draft", table_name="version")
    with op.batch_alter_table("version") as batch:
        for name in ("changed_by_id", "looked_by_id"):
            batch.drop_index(op.f(f"ix_version_{name}"))
            batch.drop_constraint(op.f(f"fk_version_{name}"), type_="foreignkey")
            batch.drop_column(name)
        for name in ("principles", "questions", "asked_at", "looked_at", "unseen_reason", "from_on", "due_on"):
            batch.drop_column(name)
        batch.drop_constraint(op.f("ck_version_versionstate"), type_="check")
        batch.create_check_constraint(op.f("ck_version_versionstate"), "state IN ('draft', 'published')")
    _one_draft("state = 'draft'")
