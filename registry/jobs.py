"""The scheduled work, on huey: each job is one call into a slice, and doing it twice does no harm."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

from registry import outbox
from registry.config import Settings
from registry.db import Model, db, now
from registry.logs import log
from registry.people import sync
from registry.people.directory import DirectoryError

MAIL: Final = "mail"
DIRECTORY: Final = "directory"
#: What the overview calls each job.
NAMES: Final = {MAIL: "Send waiting mail", DIRECTORY: "Read the staff directory"}


class JobRun(Model):
    """The last time a job ran: one row a job."""

    __tablename__ = "job_run"

    name: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    ran_at: Mapped[datetime]
    outcome: Mapped[str]


def send_mail(_settings: Settings) -> str:
    """Deliver what is due."""
    tally = outbox.deliver()
    return ", ".join(f"{count} {state}" for state, count in tally.items()) or "nothing was due"


def read_directory(settings: Settings) -> str:
    """The nightly sync."""
    if not settings.ldap.uris:
        return "no directory is set"
    try:
        return sync.sync(settings.ldap).result
    except (DirectoryError, sync.AnotherSyncRuns) as error:
        return str(error)


JOBS: Final[dict[str, Callable[[Settings], str]]] = {MAIL: send_mail, DIRECTORY: read_directory}


def run(app: Flask, name: str) -> None:
    """Do one job now and note that it ran."""
    with app.app_context():
        try:
            outcome = JOBS[name](app.config["SETTINGS"])
        except Exception as error:
            db.session.rollback()
            log.error("job", job=name, exc_info=error)
            outcome = f"failed: {type(error).__name__}"
        db.session.merge(JobRun(name=name, ran_at=now(), outcome=outcome))
        db.session.commit()
        log.info("job", job=name, outcome=outcome)


def last_runs() -> list[tuple[str, str, JobRun | None]]:
    """Each job: its name, what the overview calls it, and when it ran last."""
    rows = {row.name: row for row in db.session.scalars(sa.select(JobRun))}
    return [(name, label, rows.get(name)) for name, label in NAMES.items()]


def make_huey(app: Flask) -> Any:
    """The queue with its timetable: beside the SQLite database, or in the PostgreSQL one."""
    from huey import PostgresHuey, SqliteHuey, crontab

    settings: Settings = app.config["SETTINGS"]
    url = settings.database()
    if url.startswith("sqlite"):
        huey = SqliteHuey("registry", filename=str(settings.instance / "jobs.sqlite3"))
    else:
        huey = PostgresHuey("registry", dsn=url.replace("postgresql+psycopg://", "postgresql://", 1))
    # huey knows UTC or the machine's own time; an hour in London is one or the other, so ask each hour.
    huey.periodic_task(crontab(minute="*"), name=MAIL)(lambda: run(app, MAIL))
    huey.periodic_task(crontab(minute="0"), name=DIRECTORY)(lambda: run_at_hour(app, settings.sync_hour))
    return huey


def run_at_hour(app: Flask, hour: int) -> None:
    """Read the directory if it is ``hour`` in London."""
    from registry.db import LONDON

    if now().astimezone(LONDON).hour == hour:
        run(app, DIRECTORY)


def work(app: Flask, *, threads: int = 2) -> None:
    """Do the scheduled work until told to stop."""
    make_huey(app).create_consumer(workers=threads, worker_type="thread", check_worker_health=True).run()
