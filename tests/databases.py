"""Databases for the tests, on SQLite or on the PostgreSQL server that ``TEST_DATABASE_URL`` names."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import sqlalchemy as sa
from flask import Flask
from flask_migrate import upgrade
from pace import keep_compiled, share_compiled

from registry import create_app
from registry.config import load
from registry.db import db

SERVER = os.environ.get("TEST_DATABASE_URL", "")
SECRET_KEY = "for-tests-only-0123456789-abcdefghij"
_numbers = count(1)


class Databases:
    """Makes databases for tests: one is migrated, the others are copies of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = sa.create_engine(sa_url(SERVER), isolation_level="AUTOCOMMIT") if SERVER else None
        self.template = self.new()
        self._migrate()

    def new(self, *, template: str = "") -> str:
        """The address of a new database: empty, or a copy of ``template``."""
        name = f"registry_test_{os.getpid()}_{next(_numbers)}"
        if self.server is None:
            file = self.folder / f"{name}.sqlite3"
            if template:
                shutil.copyfile(template.removeprefix("sqlite:///"), file)
            return f"sqlite:///{file}"
        of = f' TEMPLATE "{template.rpartition("/")[2]}"' if template else ""
        with self.server.connect() as connection:
            if of and (connection.dialect.server_version_info or ()) >= (15,):
                of += " STRATEGY FILE_COPY"  # Quicker than writing it all into the server's log, too.
            connection.exec_driver_sql(f'CREATE DATABASE "{name}"{of}')
        return f"{SERVER.rpartition('/')[0]}/{name}"

    def copy(self) -> str:
        """The address of a new, migrated, empty database."""
        return self.new(template=self.template)

    @contextmanager
    def filling(self, *, template: str = "") -> Iterator[str]:
        """An app with a new database, or a copy of ``template``, to fill once for many tests: each has a copy of it.

        Yields the address; when the block ends, all is committed and nobody is connected any more.
        """
        url = self.new(template=template or self.template)
        app = create_app(load(instance=self.folder, database_url=url, secret_key=SECRET_KEY))
        share_compiled(app)
        with app.app_context():
            yield url
            db.session.commit()
        dispose(app)

    def drop(self, url: str) -> None:
        """Take a database away, whoever is still connected to it."""
        if self.server is None:
            for file in self.folder.glob(f"{Path(url.removeprefix('sqlite:///')).stem}.*"):
                file.unlink()
            return
        with self.server.connect() as connection:
            connection.exec_driver_sql(f'DROP DATABASE IF EXISTS "{url.rpartition("/")[2]}" WITH (FORCE)')

    def close(self) -> None:
        """Take the migrated database away too."""
        self.drop(self.template)
        if self.server is not None:
            self.server.dispose()

    def _migrate(self) -> None:
        app = create_app(load(instance=self.folder, database_url=self.template, secret_key=SECRET_KEY))
        with app.app_context():
            upgrade()
        keep_compiled(app)
        dispose(app)  # On SQLite the last connection to close leaves one file and no log beside it.


def sa_url(url: str) -> str:
    """A PostgreSQL address in SQLAlchemy's spelling."""
    return url.replace("postgresql://", "postgresql+psycopg://", 1)


def dispose(app: Flask) -> None:
    """Close every connection of ``app``: one that is left open is a warning, and warnings are errors."""
    with app.app_context():
        db.session.remove()
        for engine in db.engines.values():
            engine.dispose()
