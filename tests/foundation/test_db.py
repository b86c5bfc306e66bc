"""The database: times, word lists, who waits for whom, and pages that only read."""

import threading
import time
from datetime import UTC, date, datetime, timedelta, timezone

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask, Response
from sqlalchemy.exc import DBAPIError, IntegrityError, StatementError

from registry.db import Revision, UtcDateTime, copy_to, db, exclusively, revision, today
from registry.jobs import JobRun
from registry.outbox import Message
from registry.people.models import Person, Team
from registry.web import EVERYONE, allow


def test_moments_come_back_aware_and_in_utc(app: Flask) -> None:
    summer = datetime(2026, 7, 1, 12, 30, 15, 250_000, tzinfo=timezone(timedelta(hours=1)))
    db.session.add(JobRun(name="mail", ran_at=summer, outcome="nothing was due"))
    db.session.commit()
    (kept,) = db.session.scalars(sa.select(JobRun.ran_at))
    assert kept == summer
    assert kept.tzinfo is UTC


def test_a_moment_without_its_zone_is_refused(app: Flask) -> None:
    db.session.add(JobRun(name="mail", ran_at=datetime(2026, 7, 1, 12), outcome=""))  # noqa: DTZ001 - that is the point
    with pytest.raises(StatementError, match="a moment needs its time zone"):
        db.session.flush()


def test_today_is_the_day_in_london(app: Flask) -> None:
    with time_machine.travel(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), tick=False):
        assert today() == date(2026, 7, 2)


@pytest.mark.parametrize(
    ("table", "column"),
    [
        (column.table.name, column.name)
        for table in db.metadata.sorted_tables
        for column in table.columns
        if isinstance(column.type, sa.Enum)
    ],
)
def test_word_lists_are_kept_by_the_database_itself(app: Flask, table: str, column: str) -> None:
    word = db.metadata.tables[table].columns[column].type
    assert isinstance(word, sa.Enum)
    with pytest.raises(DBAPIError) as raised:
        _insert_any(table, {column: "nonsense"})
    assert f"ck_{table}_{word.name}" in str(raised.value.orig)


#: What other rules of a table ask of its columns.
FITTING = {
    "meetup": {"ends_at": "2027-01-01 00:00:00+00:00"},
    "series": {"every_months": 1, "nth": 1, "weekday": 1, "minutes": 60},
}


def _insert_any(table: str, values: dict[str, object]) -> None:
    """Insert a row past the models: anything of the right type for each column, ``values`` for the others."""
    columns = db.metadata.tables[table].columns
    row = {
        column.name: _anything(column.type)
        for column in columns
        if not column.nullable and column.name not in ("id", *values)
    }
    if table == "person" and "kind" not in values:
        row["directory_id"] = "x"  # Whoever is from the directory has its id, and nobody else.
    row |= {name: value for name, value in FITTING.get(table, {}).items() if name not in values}
    names = ", ".join(f'"{name}"' for name in (*row, *values))
    marks = ", ".join(f":{name}" for name in (*row, *values))
    db.session.execute(sa.text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), {**row, **values})


def _anything(kind: sa.types.TypeEngine[object]) -> object:
    if isinstance(kind, UtcDateTime):
        return "2026-11-21 12:00:00+00:00"
    if isinstance(kind, sa.Date):
        return "2026-11-21"
    if isinstance(kind, sa.Enum):
        return kind.enums[0]
    if isinstance(kind, sa.Time):
        return "12:30:00.000000"
    return "[]" if isinstance(kind, sa.JSON) else {int: 1, str: "x", bool: True, bytes: b"x"}[kind.python_type]


def test_foreign_keys_are_kept_by_the_database_itself(app: Flask) -> None:
    db.session.add(Team(path="Nowhere / Libraries", name="Libraries", parent_id=4711))
    with pytest.raises(IntegrityError):
        db.session.flush()


def test_two_who_write_at_once_wait_for_each_other_and_both_succeed(app: Flask) -> None:
    cast.library_officer()
    db.session.commit()
    both_ready, failures = threading.Barrier(2), []

    def write(number: int) -> None:
        try:
            with app.app_context():
                both_ready.wait(10)
                for turn in range(10):
                    known = db.session.scalars(sa.select(sa.func.count(Team.id))).one()
                    db.session.add(Team(path=f"Team {number}.{turn}", name=f"After {known}"))
                    time.sleep(0.005)  # Long enough for the other to be in the way.
                    db.session.commit()
        except Exception as error:
            failures.append(error)

    threads = [threading.Thread(target=write, args=(number,)) for number in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    assert db.session.scalar(sa.select(sa.func.count()).where(Team.path.like("Team %"))) == 20


def test_a_page_that_is_looked_at_cannot_write(app: Flask, client: Browser) -> None:
    @app.route("/scribble", methods=["GET", "POST"])
    @allow(EVERYONE)
    def scribble() -> Response:
        db.session.add(Team(path="Graffiti", name="Graffiti"))
        db.session.commit()
        return Response("written", mimetype="text/plain")

    assert client.get("/scribble").status_code == 500
    assert db.session.scalars(sa.select(Team.path)).all() == []
    assert client.post("/scribble").text == "written"
    assert db.session.scalars(sa.select(Team.path)).all() == ["Graffiti"]


@pytest.mark.postgres
def test_connections_that_the_server_has_ended_are_replaced_unseen(
    app: Flask, client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    officer = client.as_(cast.library_officer())
    db.session.remove()
    assert officer.get("/").status_code == 200
    other = sa.create_engine(db.engine.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
    with other.connect() as connection:  # As where the server is started anew.
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        ended = connection.scalars(sa.text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
        assert ended.all() != []
    monkeypatch.setattr("registry.db.FRESH", 0)
    assert officer.get("/").status_code == 200


def test_a_lock_is_free_for_one_at_a_time(app: Flask) -> None:
    tries: list[bool] = []

    def attempt() -> None:
        with app.app_context(), exclusively("sync") as free:
            tries.append(free)

    def in_a_thread() -> None:
        thread = threading.Thread(target=attempt)
        thread.start()
        thread.join(10)

    with exclusively("sync") as free:
        in_a_thread()
        with exclusively("other") as other:
            assert (free, other) == (True, True)
    in_a_thread()
    assert tries == [False, True]


def test_revision_tells_a_current_an_older_a_newer_and_an_empty_database_apart(app: Flask) -> None:
    seen = [revision()]
    for statement in (
        "UPDATE alembic_version SET version_num = '0001'", "UPDATE alembic_version SET version_num = '9999'",
        "DELETE FROM alembic_version", "DROP TABLE alembic_version",
    ):  # fmt: skip
        db.session.execute(sa.text(statement))
        db.session.commit()
        seen.append(revision())
    assert seen == [Revision.CURRENT, Revision.OLDER, Revision.NEWER, Revision.EMPTY, Revision.EMPTY]


@pytest.mark.sqlite_only
def test_a_copy_of_the_database_holds_what_was_committed(app: Flask, tmp_path: object) -> None:
    cast.library_officer()
    db.session.commit()
    copy_to(tmp_path / "copy.sqlite3")  # type: ignore[operator]
    engine = sa.create_engine(f"sqlite:///{tmp_path}/copy.sqlite3")
    with engine.connect() as connection:
        assert connection.execute(sa.select(Person.username)).all() == [("nia.okafor",)]
        assert connection.execute(sa.select(Message.to)).all() == []
    engine.dispose()
