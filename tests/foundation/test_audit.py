"""The chain of events: added only, sealed each to the one before, and telling where it was touched."""

import threading

import cast
import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from registry import audit
from registry.db import db, is_sqlite
from registry.guidelines.models import SignOff
from registry.people.actions import ROLE_GRANTED

TABLES = ("event", "sign_off")


def three_events() -> None:
    """Somebody is made organiser, comms and auditor; committed."""
    person = cast.library_officer()
    for role in ("organiser", "comms", "auditor"):
        audit.record(
            ROLE_GRANTED, actor=None, subject_kind="person", subject_id=person.id, subject_name=person.name, role=role
        )
    db.session.commit()


def touch(table: str, statement: str) -> None:
    """Change evidence as somebody could who owns the database: with the triggers out of the way."""
    if is_sqlite():
        for verb in ("update", "delete"):
            db.session.execute(sa.text(f"DROP TRIGGER {table}_no_{verb}"))
    else:
        db.session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER ALL"))
    db.session.execute(sa.text(statement))
    db.session.commit()


def test_record_keeps_who_did_what_to_whom(app: Flask) -> None:
    three_events()
    events = db.session.scalars(sa.select(audit.Event).order_by(audit.Event.id)).all()
    assert [event.sentence for event in events] == [
        "The register made Nia Okafor organiser",
        "The register made Nia Okafor comms",
        "The register made Nia Okafor auditor",
    ]


def test_each_event_is_sealed_to_the_one_before(app: Flask) -> None:
    three_events()
    rows = db.session.execute(sa.select(audit.Event.previous, audit.Event.seal).order_by(audit.Event.id)).all()
    assert [previous for previous, _ in rows] == [audit.START, rows[0].seal, rows[1].seal]
    assert audit.broken(audit.Event) == []


def test_an_event_that_was_not_declared_is_refused(app: Flask) -> None:
    with pytest.raises(KeyError):
        audit.record("account.eaten", actor=None, subject_kind="account", subject_id=1, subject_name="x")


def test_a_field_that_was_not_declared_is_refused(app: Flask) -> None:
    with pytest.raises(TypeError, match=r"role.granted has no fields \['colour'\]"):
        audit.record(ROLE_GRANTED, actor=None, subject_kind="person", subject_id=1, subject_name="x", colour="red")


def test_a_changed_row_is_named(app: Flask) -> None:
    three_events()
    touch("event", "UPDATE event SET subject_name = 'Somebody Else' WHERE id = 2")
    assert audit.broken(audit.Event) == ["Row 2 was changed after it was added."]


def test_a_row_changed_with_a_new_seal_is_named(app: Flask) -> None:
    three_events()
    second = db.session.get(audit.Event, 2)
    assert second is not None
    second.subject_name = "Somebody Else"
    seal = second.sealed_with(second.previous)
    db.session.rollback()
    touch("event", f"UPDATE event SET subject_name = 'Somebody Else', seal = '{seal}' WHERE id = 2")
    told = "Row 2 was changed and sealed anew, or a row between it and row 3 was removed."
    assert audit.broken(audit.Event) == [told]


def test_a_removed_row_is_named(app: Flask) -> None:
    three_events()
    touch("event", "DELETE FROM event WHERE id = 2")
    told = "Row 2 was removed from between rows 1 and 3, or row 1 was sealed anew."
    assert audit.broken(audit.Event) == [told]


def test_a_changed_sign_off_is_named(app: Flask) -> None:
    cast.sign(cast.a_document(), cast.library_officer())
    db.session.commit()
    assert audit.broken(SignOff) == []
    touch("sign_off", "UPDATE sign_off SET person_name = 'Somebody Else'")
    assert audit.broken(SignOff) == ["Row 1 was changed after it was added."]


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("statement", ["UPDATE {} SET id = id", "DELETE FROM {}"])
def test_evidence_cannot_be_changed_or_removed(app: Flask, table: str, statement: str) -> None:
    cast.sign(cast.a_document(), cast.library_officer())
    db.session.commit()
    before = db.session.scalar(sa.text(f"SELECT count(*) FROM {table}"))
    with pytest.raises(DBAPIError, match=f"{table} is evidence: rows are only ever added"):
        db.session.execute(sa.text(statement.format(table)))
    db.session.rollback()
    assert before
    assert db.session.scalar(sa.text(f"SELECT count(*) FROM {table}")) == before


@pytest.mark.postgres
@pytest.mark.parametrize("table", TABLES)
def test_evidence_cannot_be_emptied(app: Flask, table: str) -> None:
    with pytest.raises(DBAPIError, match=f"{table} is evidence: rows are only ever added"):
        db.session.execute(sa.text(f"TRUNCATE {table}"))


def test_two_who_record_at_once_do_not_fork_the_chain(app: Flask) -> None:
    both_ready = threading.Barrier(2)
    failures: list[Exception] = []

    def record(name: str) -> None:
        try:
            with app.app_context():
                both_ready.wait(10)
                for number in range(15):
                    audit.record(
                        ROLE_GRANTED, actor=None, subject_kind="person", subject_id=number, subject_name=name, role="x"
                    )
                    db.session.commit()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=record, args=(name,)) for name in ("Nia", "Tomasz")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert failures == []
    assert db.session.scalar(sa.select(sa.func.count(audit.Event.id))) == 30
    assert audit.broken(audit.Event) == []


def test_history_is_of_one_thing_the_newest_first(app: Flask) -> None:
    three_events()
    person = cast.library_officer()
    assert [event.fields["role"] for event in audit.history("person", person.id, most=2)] == ["auditor", "comms"]
    assert audit.history("account", person.id) == []
