"""What every test can ask for: an app with an empty database of its own, a browser, a count of queries.

``TEST_DATABASE_URL`` (``postgresql://USER:PASSWORD@HOST/DATABASE``, a role that may create databases) runs the
suite on PostgreSQL; without it, on SQLite. The tables are made once a worker by the migrations and copied for
each test: rows of evidence cannot be deleted, so there is no emptying a database that was used.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest
from browser import Browser
from databases import SECRET_KEY, SERVER, Databases, dispose
from flask import Flask
from hypothesis import HealthCheck
from hypothesis import settings as trials
from jinja2 import FileSystemBytecodeCache
from pace import collect_seldom, keep_what_is_loaded, share_addresses, share_compiled
from sqlalchemy import event

from registry import create_app
from registry.config import Settings, load
from registry.db import db
from registry.logs import init_logs

# Settings of whoever runs the tests are not those of the tests, nor of the programs that they start.
for name in [name for name in os.environ if name.startswith("REGISTRY_")]:
    del os.environ[name]

#: What a transaction says besides its queries.
NOT_QUERIES = ("BEGIN", "PRAGMA", "SET ", "SAVEPOINT", "RELEASE", "ROLLBACK", "COMMIT")


def pytest_configure(config: pytest.Config) -> None:
    """The marker that only this file knows, and the pace."""
    collect_seldom()
    share_addresses()
    # How long something takes on a busy machine says nothing about whether it is right.
    trials.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
    trials.load_profile("untimed")
    config.addinivalue_line("markers", "sqlite_only: runs once, on SQLite, though it asks for a database")


def pytest_collection_finish() -> None:
    """All that the tests load is there."""
    keep_what_is_loaded()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL run what a database makes a difference to; on SQLite what does not need PostgreSQL."""
    kept, left = [], []
    for item in items:
        (kept if _belongs(item) else left).append(item)
    config.hook.pytest_deselected(items=left)
    items[:] = kept


#: Whether all that asks for a database is tried on PostgreSQL, too.
EVERYTHING = bool(os.environ.get("EVERYTHING"))
#: What is more about pages, files and servers than about what a database makes of a question: tried on SQLite alone,
#: but for what its name says is done by several at once.
ON_SQLITE_ALONE = (
    "accounts/test_access", "accounts/test_account.py", "accounts/test_consent", "accounts/test_custody",
    "accounts/test_expectations", "accounts/test_hand_overs", "accounts/test_joining", "accounts/test_nods",
    "accounts/test_platform", "accounts/test_registering", "accounts/test_reviewing", "accounts/test_several",
    "accounts/test_spreadsheet", "accounts/test_standing", "demo/", "discovery/test_reading_texts",
    "discovery/test_sweep", "footprint/", "foundation/test_cli", "foundation/test_start", "guidelines/test_as_of",
    "guidelines/test_certificate", "guidelines/test_declining", "guidelines/test_differences",
    "guidelines/test_entering", "guidelines/test_history", "guidelines/test_principles", "guidelines/test_reading",
    "guidelines/test_renewing", "guidelines/test_rules", "guidelines/test_second_look", "guidelines/test_signing",
    "guidelines/test_told", "guidelines/test_writing", "lists/", "meetups/test_around", "meetups/test_by_link",
    "meetups/test_calendar", "meetups/test_planning", "meetups/test_reminding", "network/test_alone",
    "network/test_drop_ins", "network/test_helping", "network/test_peers", "network/test_vcards",
    "network/test_voices", "people/test_active_directory", "people/test_directory", "people/test_dirsync",
    "people/test_ds389", "people/test_emergency", "people/test_entries", "people/test_faults", "people/test_guests",
    "people/test_killed", "people/test_lives", "people/test_password_keeping", "people/test_sessions",
    "people/test_sign", "people/test_sso", "people/test_subject", "publishing/", "web/test_queries",
    "web/test_routes",
)  # fmt: skip


def _belongs(item: pytest.Item) -> bool:
    marks = {mark.name for mark in item.iter_markers()}
    if not SERVER:
        return "postgres" not in marks
    if "databases" not in getattr(item, "fixturenames", ()) or marks & {"sqlite_only", "browser", "wheel"}:
        return False
    place = item.path.relative_to(Path(__file__).parent).as_posix()
    return EVERYTHING or not place.startswith(ON_SQLITE_ALONE) or "_at_once" in item.name or "_at_the_same" in item.name


@pytest.fixture(scope="session")
def databases(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Databases]:
    """Where the databases of this worker come from."""
    made = Databases(tmp_path_factory.mktemp("databases"))
    yield made
    made.close()


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    """A new, migrated, empty database."""
    url = databases.copy()
    yield url
    databases.drop(url)


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An instance folder of this test's own."""
    folder = tmp_path / "instance"
    folder.mkdir()
    monkeypatch.setenv("REGISTRY_INSTANCE", str(folder))
    return folder


@pytest.fixture
def settings(instance: Path, database_url: str) -> Settings:
    """The settings of ``app``; a test module may override this fixture to change them."""
    return load(instance=instance, database_url=database_url, secret_key=SECRET_KEY)


@pytest.fixture(scope="session")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> FileSystemBytecodeCache:
    """Templates compiled once a worker: each test has an app of its own, which would compile them again."""
    return FileSystemBytecodeCache(str(tmp_path_factory.mktemp("compiled")))


@pytest.fixture
def app(settings: Settings, compiled: FileSystemBytecodeCache) -> Iterator[Flask]:
    """The app with an empty database, its context pushed, so that a test may use ``db.session`` and actions."""
    init_logs(to_terminal=False)
    made = create_app(settings)
    share_compiled(made)
    made.jinja_env.bytecode_cache = compiled
    with made.app_context():
        yield made
        db.session.remove()
    dispose(made)


@pytest.fixture
def client(app: Flask) -> Browser:
    """A browser; nobody is signed in. See ``browser.Browser``."""
    return Browser(app)


@pytest.fixture
def count_queries(app: Flask) -> Callable[[], AbstractContextManager[list[str]]]:
    """``with count_queries() as queries:`` collects the statements that a block runs, without BEGIN and its like."""

    @contextmanager
    def counting() -> Iterator[list[str]]:
        ran: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            if not statement.startswith(NOT_QUERIES):
                ran.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield ran
        finally:
            event.remove(db.engine, "before_cursor_execute", note)

    return counting
