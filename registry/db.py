"""The database: one base for all models, aware UTC times, and transactions that say whether they may write."""

import enum
import json
import os
import threading
import time
from collections.abc import Collection, Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from flask import Flask, g, has_request_context, request
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event, orm
from sqlalchemy.dialects.postgresql import ARRAY

LONDON = ZoneInfo("Europe/London")
SAFE_METHODS = frozenset(("GET", "HEAD", "OPTIONS"))
LONGEST_WORD = 30
#: Which advisory lock of PostgreSQL the handlers of forms take.
FORMS_LOCK = int.from_bytes(b"forms", "big")
#: Seconds since its last use for which a connection to PostgreSQL is taken to be there still.
FRESH = 1.0
#: Seconds that a writer waits for another before it gives up.
PATIENCE = 20


class UtcDateTime(sa.types.TypeDecorator[datetime]):
    """A moment: aware and in UTC on the Python side, whatever the database keeps."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs its time zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, _dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def words(kind: type[enum.StrEnum], name: str = "") -> sa.Enum:
    """The column type of a word list: kept by value, with a CHECK that the database enforces.

    ``name`` is what the CHECK is called, where a table has two columns of the same list.
    """
    return sa.Enum(
        kind,
        name=name or kind.__name__.lower(),
        native_enum=False,
        create_constraint=True,
        length=LONGEST_WORD,
        values_callable=lambda members: [member.value for member in members],
    )


class Base(orm.DeclarativeBase):
    """The base of every model."""

    # Flask-SQLAlchemy refuses ``type_annotation_map`` on the base itself, so it lives on the registry.
    registry = orm.registry(
        metadata=sa.MetaData(
            naming_convention={
                "ix": "ix_%(table_name)s_%(column_0_N_name)s",
                "uq": "uq_%(table_name)s_%(column_0_N_name)s",
                "ck": "ck_%(table_name)s_%(constraint_name)s",
                "fk": "fk_%(table_name)s_%(column_0_N_name)s",
                "pk": "pk_%(table_name)s",
            }
        ),
        type_annotation_map={datetime: UtcDateTime, str: sa.Text(), dict[str, Any]: sa.JSON()},
    )


db = SQLAlchemy(model_class=Base)
if TYPE_CHECKING:
    Model = Base  # Flask-SQLAlchemy makes the real one at run time, which type checkers cannot follow.
else:
    Model = db.Model


def now() -> datetime:
    """This moment, aware, in UTC."""
    return datetime.now(UTC)


def today() -> date:
    """This day in London."""
    return datetime.now(LONDON).date()


def day_of(moment: datetime) -> date:
    """The day in London on which a moment is."""
    return moment.astimezone(LONDON).date()


def is_sqlite() -> bool:
    """Whether the database in use is SQLite (else it is PostgreSQL)."""
    return db.engine.dialect.name == "sqlite"


def init_app(app: Flask) -> None:
    """Connect ``app`` to its database and set how transactions begin."""
    db.init_app(app)
    app.extensions["migrate"] = migrations = Migrations(app)
    if os.environ.get("FLASK_RUN_FROM_CLI"):
        _ = migrations.migrate  # `flask db` is among the commands only if it is there from the start.
    with app.app_context():
        engine = db.engine
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", _set_up_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
        for ended in ("commit", "rollback"):
            event.listen(engine, ended, _end_turn)
        event.listen(engine, "checkin", lambda _connection, record: _end_turn(record))
    else:
        event.listen(engine, "do_connect", _connect_postgresql)
        event.listen(engine, "begin", _begin_postgresql)
        event.listen(engine, "checkin", _note_use)
        event.listen(engine, "checkout", partial(_make_sure_it_is_there, engine.dialect))


def engine_options(url: str) -> dict[str, Any]:
    """The options of the engine for ``url``: errors, which are logged, do not repeat the values of a statement."""
    if url.startswith("sqlite"):
        return {"hide_parameters": True, "connect_args": {"timeout": PATIENCE}}
    return {"hide_parameters": True, "connect_args": {"connect_timeout": 5}}


def only_reads() -> bool:
    """Whether this transaction may not write: a page that is only looked at changes nothing."""
    return has_request_context() and request.method in SAFE_METHODS and not g.get("writes")


@contextmanager
def writing() -> Iterator[None]:
    """Let a GET write within the block: only for what a protocol wants so, never for a link that can be guessed."""
    db.session.rollback()  # What was read so far belongs to a transaction that may not.
    g.writes = True
    try:
        yield
    finally:
        g.writes = False
        g.pop("last_event", None)  # What was written may have added one.


def _set_up_sqlite(connection: Any, _record: Any) -> None:
    connection.isolation_level = None  # The ``begin`` event says BEGIN; sqlite3 must not guess.
    for pragma in ("journal_mode=WAL", "foreign_keys=ON", "synchronous=FULL"):
        connection.execute(f"PRAGMA {pragma}")


#: Whose turn it is to write, of the threads of this process, by database. SQLite lets those who wait ask again and
#: again, and of many it is always the same who come too late; a lock of the operating system lets them in as they came.
_turns: dict[str, threading.Lock] = {}
os.register_at_fork(after_in_child=_turns.clear)


def _take_turn(connection: sa.Connection) -> None:
    turn = _turns.setdefault(str(connection.engine.url), threading.Lock())
    # Whoever waits in vain is told so by SQLite, which has the same patience with other processes.
    if "turn" not in connection.info and turn.acquire(timeout=PATIENCE):
        connection.info["turn"] = turn


def _end_turn(connection: Any) -> None:
    if turn := connection.info.pop("turn", None):
        turn.release()


def _begin_sqlite(connection: sa.Connection) -> None:
    # A deferred transaction that turns writer in the middle fails at once when another writes, however
    # long the timeout; one that begins IMMEDIATE waits its turn. Readers never wait.
    reads = only_reads()
    # Said only when it changes: SQLite forgets every statement that it has prepared, and preparing takes longer than
    # most of them run.
    if connection.info.get("query_only") is not reads:
        connection.exec_driver_sql(f"PRAGMA query_only={int(reads)}")
        connection.info["query_only"] = reads
    if reads:
        # Nothing can go wrong here, so it need not be told as SQLAlchemy tells it, which takes ten times as long.
        cast(Any, connection.connection.driver_connection).execute("BEGIN")
        return
    _take_turn(connection)
    try:
        connection.exec_driver_sql("BEGIN IMMEDIATE")
    except BaseException:
        _end_turn(connection)
        raise


def _connect_postgresql(_dialect: Any, _record: Any, arguments: tuple[Any, ...], more: dict[str, Any]) -> Any:
    from registry.postgresql import Connection  # What it needs is there only with PostgreSQL.

    return Connection.connect(*arguments, **more)


def _begin_postgresql(connection: sa.Connection) -> None:
    if connection.get_execution_options().get("isolation_level") == "AUTOCOMMIT":
        return  # This one only holds a lock; waiting for the forms' own, it would wait for the form that asks for it.
    reads, driver = only_reads(), cast(Any, connection.connection.driver_connection)
    if bool(driver.read_only) is not reads:
        driver.read_only = reads or None  # It then says BEGIN READ ONLY, which takes no trip to the server of its own.
    if has_request_context() and not reads:
        # As IMMEDIATE does on SQLite: what a form's handler reads stays true until it has written, so two who press
        # the same button at once come one after the other. Sealing the events puts them in a row anyway.
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = '{PATIENCE}s'")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({FORMS_LOCK})")


def _note_use(_connection: Any, record: Any) -> None:
    record.info["used"] = time.monotonic()


def _make_sure_it_is_there(dialect: Any, connection: Any, record: Any, _proxy: Any) -> None:
    """Ask the server whether a connection is there still, but not of one used just now: a page is quicker without."""
    if time.monotonic() - record.info.get("used", time.monotonic()) < FRESH:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error:
        raise sa.exc.InvalidatePoolError from None  # The pool begins anew, and nobody notices.


def among(column: Any, ids: Collection[int]) -> sa.ColumnElement[bool]:
    """The condition that ``column`` is one of many whole numbers, in one parameter however many there are."""
    if is_sqlite():
        listed = sa.func.json_each(json.dumps(list(ids))).table_valued("value")
        is_there: sa.ColumnElement[bool] = column.in_(sa.select(listed.c.value))
        return is_there
    return cast("sa.ColumnElement[bool]", column == sa.any_(sa.literal(list(ids), ARRAY(sa.Integer))))


def one_of(column: Any, name: str) -> sa.ColumnElement[bool]:
    """The condition that ``column`` is in the list that the parameter ``name`` is: for a statement that is made once.

    PostgreSQL takes the list as it is; with a parameter for each, another number of them is planned anew.
    """
    if is_sqlite():
        listed: sa.ColumnElement[bool] = column.in_(sa.bindparam(name, expanding=True))
    else:
        listed = column == sa.any_(sa.bindparam(name, type_=ARRAY(column.type)))
    return listed


def hold_back_forms() -> None:
    """Let the handlers of forms wait until this transaction of the worker or a command has ended.

    It then may write to much that is on a page, without one waiting for the other in turn. On SQLite it has begun so.
    """
    if not is_sqlite():
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(FORMS_LOCK)))


def go_through_many() -> None:
    """Say that what follows in this transaction goes through most rows of its tables.

    PostgreSQL guesses how many rows a condition leaves, and where several meet, it guesses one: it then looks each up
    by itself, which is right for a page and takes hours for all the sign-offs of a large organisation.
    """
    if not is_sqlite():
        for setting in ("enable_nestloop", "jit"):  # Compiling takes longer than most of them run.
            db.session.execute(sa.text(f"SET LOCAL {setting} = off"))


@contextmanager
def exclusively(name: str) -> Iterator[bool]:
    """Hold the lock ``name`` for the length of a block, across processes and machines.

    Yields whether it was free. The lock goes with the connection that holds it, so a process that is
    killed leaves none behind.
    """
    if is_sqlite():
        with _file_locked(name) as held:
            yield held
        return
    # Without a transaction: one that lay idle for a whole reading would hold back the server's cleaning.
    with db.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        key = int.from_bytes(name.encode()[:7].ljust(7, b"\0"), "big")
        held = bool(connection.scalar(sa.select(sa.func.pg_try_advisory_lock(key))))
        try:
            yield held
        finally:
            if held:
                connection.scalar(sa.select(sa.func.pg_advisory_unlock(key)))


@contextmanager
def _file_locked(name: str) -> Iterator[bool]:
    import fcntl

    path = Path(db.engine.url.database or "registry").with_suffix(f".{name}.lock")
    with path.open("w") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True


class Migrations:
    """What Flask-Migrate looks for on an app; its own, with all of Alembic, comes in its place when it is asked."""

    db = db
    directory = str(Path(__file__).parent / "migrations")

    def __init__(self, app: Flask) -> None:
        self.app = app

    @property
    def migrate(self) -> Any:
        """Flask-Migrate, ready for the app."""
        from flask_migrate import Migrate

        return Migrate(self.app, db, directory=self.directory)

    @classmethod
    def revisions(cls) -> list[str]:
        """The migrations that the code brings, in their order: the number that each file's name begins with."""
        return sorted(file.name.partition("_")[0] for file in (Path(cls.directory) / "versions").glob("[0-9]*.py"))


class Revision(enum.Enum):
    """How the database stands to the code."""

    EMPTY = enum.auto()
    OLDER = enum.auto()
    CURRENT = enum.auto()
    NEWER = enum.auto()


def revision() -> Revision:
    """Compare the migrations that the database has seen with those that the code brings.

    Every command asks this first, so it does without Alembic, which takes longer to load than most of them run.
    """
    with db.engine.connect() as connection:
        there = sa.inspect(connection).has_table("alembic_version")
        seen = connection.scalar(sa.text("SELECT version_num FROM alembic_version")) if there else None
    if seen is None:
        return Revision.EMPTY
    brought = Migrations.revisions()
    if seen == brought[-1]:
        return Revision.CURRENT
    return Revision.OLDER if seen in brought else Revision.NEWER


class NotHere(Exception):
    """This database is copied with its own tools."""


def _sqlite_file() -> Path:
    if not is_sqlite():
        raise NotHere("The register is on PostgreSQL: use pg_dump and pg_restore.")
    return Path(db.engine.url.database or "")


def copy_to(file: Path) -> None:
    """Write a consistent copy of the SQLite database to ``file``, which must be new. Raises ``NotHere``."""
    import sqlite3

    place = _sqlite_file()
    if file.exists():
        raise NotHere(f"{file} exists already: choose a new name, so that no older copy is lost.")
    with closing(sqlite3.connect(place)) as connection:  # The engine's own would begin a transaction first.
        connection.execute("VACUUM INTO ?", (str(file),))


def copy_from(file: Path) -> None:
    """Put the copy ``file`` in the place of the SQLite database. Raises ``NotHere`` where it is no such copy."""
    import sqlite3

    place = _sqlite_file()
    db.engine.dispose()
    source = sqlite3.connect(f"{file.resolve().as_uri()}?mode=ro", uri=True)
    target = sqlite3.connect(place)
    try:
        if source.execute("PRAGMA integrity_check").fetchone() != ("ok",):
            raise NotHere(f"{file} is damaged.")
        source.execute("SELECT version_num FROM alembic_version")
        source.backup(target)
    except sqlite3.DatabaseError:
        raise NotHere(f"{file} is no copy of a register.") from None
    finally:
        source.close()
        target.close()
