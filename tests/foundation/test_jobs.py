"""When the directory is read: once a night, whatever the clock does; and what the doctor says of evidence."""

from datetime import UTC, datetime, timedelta

import cast
import pytest
import sqlalchemy as sa
from flask import Flask

from registry import audit, doctor, jobs, timetable
from registry.db import db, exclusively, is_sqlite, now
from registry.people.models import SyncResult, SyncRun


@pytest.mark.parametrize(
    ("at", "hour", "expected"),
    [
        (datetime(2026, 11, 21, 1, 59, tzinfo=UTC), 2, datetime(2026, 11, 20, 2, tzinfo=UTC)),
        (datetime(2026, 11, 21, 2, 0, tzinfo=UTC), 2, datetime(2026, 11, 21, 2, tzinfo=UTC)),
        (datetime(2026, 7, 21, 0, 59, tzinfo=UTC), 2, datetime(2026, 7, 20, 1, tzinfo=UTC)),
        (datetime(2026, 7, 21, 1, 0, tzinfo=UTC), 2, datetime(2026, 7, 21, 1, tzinfo=UTC)),
    ],
)
def test_last_hour_is_that_of_london(at: datetime, hour: int, expected: datetime) -> None:
    assert timetable.last_hour(at, hour) == expected


@pytest.mark.parametrize("day", [datetime(2026, 3, 29, tzinfo=UTC), datetime(2026, 10, 25, tzinfo=UTC)])
def test_the_hour_comes_once_on_the_day_that_the_clock_changes(day: datetime) -> None:
    # From noon before to the noon after, every ten minutes: the last hour moves on exactly once.
    moments = [day - timedelta(hours=12) + timedelta(minutes=10 * step) for step in range(24 * 6 + 1)]
    assert len({timetable.last_hour(one, 1) for one in moments}) == 2


def run_began(hours_ago: float) -> None:
    """Note a reading of the directory."""
    db.session.add(SyncRun(began_at=now() - timedelta(hours=hours_ago), result=SyncResult.COMPLETE))
    db.session.commit()


def last_outcome() -> str | None:
    """What the overview says of the reading."""
    db.session.rollback()
    return db.session.scalar(sa.select(jobs.JobRun.outcome).where(jobs.JobRun.name == jobs.DIRECTORY))


def test_directory_is_read_where_nobody_has_since_the_hour(app: Flask) -> None:
    run_began(hours_ago=30)
    timetable.read_when_due(app)
    assert last_outcome() == "no directory is set"


def test_directory_is_not_read_twice(app: Flask) -> None:
    run_began(hours_ago=0)
    timetable.read_when_due(app)
    assert last_outcome() is None


def test_doctor_finds_evidence_that_was_changed(app: Flask) -> None:
    document = cast.a_document()
    cast.sign(document, cast.a_person())
    db.session.commit()
    assert [step.line for step in doctor.evidence()] == [
        "The events are unbroken.", "The sign-offs are unbroken.", "The notes of duties are unbroken.",
    ]  # fmt: skip
    db.session.rollback()
    drop = "DROP TRIGGER sign_off_no_update" if is_sqlite() else "DROP TRIGGER sign_off_append_only ON sign_off"
    db.session.execute(sa.text(drop))
    db.session.execute(sa.text("UPDATE sign_off SET person_name = 'Somebody Else'"))
    db.session.commit()
    faults = [step for step in doctor.evidence() if not step.ok]
    assert len(faults) == 1
    assert faults[0].line.startswith("The sign-offs: Row 1 was changed after it was added.")
    assert audit.broken(audit.Event) == []


def test_mail_is_sent_by_one_worker_at_a_time_so_that_the_others_do_what_else_there_is(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs.outbox, "deliver", lambda: {"sent": 1})
    with exclusively("mail"):
        assert jobs.send_mail(app.config["SETTINGS"]) == ""
    assert jobs.send_mail(app.config["SETTINGS"]) == "1 sent"


def test_a_round_that_was_sent_is_written_and_leaves_in_one_go(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[str] = []
    monkeypatch.setattr(timetable, "run", lambda _app, name: done.append(name))
    monkeypatch.setattr(timetable.inviting, "is_anything_to_do", lambda: not done)
    timetable.invite_when_due(app)
    timetable.invite_when_due(app)
    assert done == ["invitations", "mail"]
