"""Migrations: they make what the models say, and the way back leads to nothing and forward again to the same."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.script import ScriptDirectory
from databases import Databases, dispose
from flask import Flask
from flask_migrate import check, downgrade, upgrade

from registry import create_app, search
from registry.accounts.models import Account
from registry.config import load
from registry.db import Migrations, UtcDateTime, db, is_sqlite, now
from registry.people.models import Person, PersonKind, SignIn

#: CHECKs that are no lists of words.
RULES = (
    "ck_account_consent", "ck_account_deputy", "ck_platform_use_trial", "ck_told_apart_in_order",
    "ck_person_directory_id", "ck_emergency_key_only_one", "ck_signing_rule_of_a_person", "ck_closure_period_in_order",
    "ck_expectation_of_a_team", "ck_expectation_of_an_account",
    "ck_series_every_months", "ck_series_nth", "ck_series_weekday", "ck_series_minutes", "ck_series_capacity",
    "ck_meetup_in_order", "ck_meetup_capacity", "ck_reply_seat", "ck_reply_queue", "ck_ignored_link_account_or_host",
    "ck_drop_in_minutes", "ck_drop_in_booked",
)  # fmt: skip


@pytest.fixture
def empty(databases: Databases, instance: object) -> Iterator[Flask]:
    """The app with a database in which there is nothing at all."""
    url = databases.new()
    app = create_app(load(instance=instance, database_url=url))
    with app.app_context():
        yield app
    dispose(app)
    databases.drop(url)


def _in_order(sql: str | None) -> list[str]:
    """A statement without its layout: SQLite makes a table anew where it cannot change it, and orders it otherwise."""
    return sorted(" ".join(part.replace('"', "").split()) for part in re.split(r"[,()]", sql or ""))


def schema() -> list[str]:
    """All that the database says of itself but the order of its tables."""
    if is_sqlite():
        rows = sa.text("SELECT type, name, tbl_name, sql FROM sqlite_master WHERE name NOT LIKE 'sqlite_%'")
        return sorted(f"{kind} {name} {table} {_in_order(sql)}" for kind, name, table, sql in db.session.execute(rows))
    queries = (
        "SELECT table_name, column_name, data_type, is_nullable, column_default, character_maximum_length"
        " FROM information_schema.columns WHERE table_schema = 'public'",
        "SELECT tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'",
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE connamespace = 'public'::regnamespace",
        "SELECT tgrelid::regclass::text, tgname, pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal",
        "SELECT proname, prosrc, '' FROM pg_proc WHERE pronamespace = 'public'::regnamespace",
    )
    return sorted(str(row) for query in queries for row in db.session.execute(sa.text(query)))


def test_up_down_and_up_again_is_the_same(empty: Flask) -> None:
    nothing = schema()
    db.session.remove()
    upgrade()
    first = schema()
    db.session.remove()
    downgrade(revision="base")
    left = schema()
    db.session.remove()
    upgrade()
    assert schema() == first
    assert len(first) > 20
    assert nothing == []
    assert [row for row in left if "alembic_version" not in row] == []


def test_people_who_were_there_before_are_kept_and_still_found(empty: Flask) -> None:
    upgrade(revision="0001")
    statement = (
        "INSERT INTO person (directory_id, username, name, given_name, family_name, dn_key, state, joined_at, digest,"
        " search_text) VALUES ('an-id', 'nia', 'Nia', '', '', '', 'active', :at, :digest, 'nia')"
    )
    at = now()
    db.session.execute(
        sa.text(statement).bindparams(sa.bindparam("at", type_=UtcDateTime)), {"at": at, "digest": b"0" * 16}
    )
    browser = "INSERT INTO sign_in (token_hash, person_id, began_at, ends_at) SELECT 'x', id, :at, :at FROM person"
    db.session.execute(sa.text(browser).bindparams(sa.bindparam("at", type_=UtcDateTime)), {"at": at})
    db.session.commit()
    upgrade()
    nia = db.session.scalars(sa.select(Person)).one()
    assert (nia.directory_id, nia.kind, nia.mark) == ("an-id", PersonKind.DIRECTORY, None)
    assert db.session.scalar(sa.select(SignIn.person_id)) == nia.id
    nia.search_text = "bronwen"
    db.session.commit()
    hits = [
        db.session.scalars(sa.select(Person.id).where(search.matches(Person, word))).all() for word in ("nia", "bron")
    ]
    assert hits == [[], [nia.id]]


def test_whoever_deputised_for_themself_owns_the_account_alone_and_it_is_found_as_before(empty: Flask) -> None:
    upgrade(revision="0029")
    person = (
        "INSERT INTO person (id, kind, directory_id, username, name, given_name, family_name, dn_key, state,"
        " joined_at, digest, search_text)"
        " VALUES (1, 'directory', 'an-id', 'nia', 'Nia', '', '', '', 'active', :at, :digest, 'nia')"
    )
    account = (
        "INSERT INTO account (id, platform, kind, key, url, handle, skeleton, other_names, title, purpose, standing,"
        " state, visibility, language, place, mailbox, owner_id, deputy_id, proposed_at, comms_told, sent_back_reason,"
        " team_id, search_text)"
        " VALUES (1, 'x', 'profile', 'harbour', 'https://x.com/harbour', '@harbour', '', '@quayside', 'Harbour', '',"
        " 'official', 'live', 'everyone', 'en', '', '', 1, 1, :at, 0, '', 7, 'harbour x libraries quayside')"
    )
    moment = sa.bindparam("at", type_=UtcDateTime)
    db.session.execute(sa.text("INSERT INTO team (id, name, path) VALUES (7, 'Libraries', 'Communities / Libraries')"))
    db.session.execute(sa.text(person).bindparams(moment), {"at": now(), "digest": b"0" * 16})
    db.session.execute(sa.text(account).bindparams(moment), {"at": now()})
    db.session.commit()
    upgrade()
    harbour = db.session.scalars(sa.select(Account)).one()
    assert (harbour.owner_id, harbour.deputy_id) == (1, None)
    assert harbour.search_text == "harbour x | communities libraries || quayside"
    harbour.search_text = "quay"
    db.session.commit()
    found = [
        db.session.scalars(sa.select(Account.id).where(search.matches(Account, one))).all() for one in ("nia", "quay")
    ]
    assert found == [[1], [1]]
    harbour.deputy_id = 1
    with pytest.raises(sa.exc.IntegrityError):
        db.session.flush()


def test_the_names_of_the_files_tell_the_order_of_the_migrations() -> None:
    scripts = ScriptDirectory(Migrations.directory)
    assert Migrations.revisions() == [one.revision for one in scripts.walk_revisions()][::-1]


def test_the_migrated_database_is_what_the_models_say(app: Flask) -> None:
    check()


def test_that_guard_bites(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    db.session.execute(sa.text("DROP INDEX ix_account_title"))
    db.session.commit()
    with pytest.raises(SystemExit):
        check()
    assert "ix_account_title" in caplog.text


def test_a_column_that_no_migration_makes_is_noticed(app: Flask, caplog: pytest.LogCaptureFixture) -> None:
    table = db.metadata.tables["team"]
    column: sa.Column[Any] = sa.Column("nickname", sa.Text(), nullable=True)
    table.append_column(column)
    try:
        with pytest.raises(SystemExit):
            check()
        assert "nickname" in caplog.text
    finally:
        table._columns.remove(column)


def test_the_words_that_the_database_takes_are_those_of_the_models(app: Flask) -> None:
    checks = {
        (table, check["name"]): str(check["sqltext"])
        for table in sa.inspect(db.engine).get_table_names()
        for check in sa.inspect(db.engine).get_check_constraints(table)
        if check["name"] not in RULES
    }
    lists = {
        (table.name, f"ck_{table.name}_{column.type.name}"): column.type.enums
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Enum)
    }
    assert checks.keys() == lists.keys()
    assert {name: [word for word in words if f"'{word}'" not in checks[name]] for name, words in lists.items()} == {
        name: [] for name in lists
    }
    assert {name: checks[name].count("'") // 2 for name in lists} == {name: len(words) for name, words in lists.items()}
