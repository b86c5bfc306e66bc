"""The scheduled work, on huey: each job is one call into a slice, and doing it twice does no harm."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from flask import Flask
from sqlalchemy.orm import Mapped, mapped_column

from registry import outbox
from registry.accounts.actions import orphan_the_left
from registry.config import Settings
from registry.db import LONDON, Model, db, now
from registry.logs import log
from registry.people import sync
from registry.people.directory import DirectoryError
from registry.people.queries import last_run

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
    """The nightly sync; nothing where another one runs."""
    if not settings.ldap.uris:
        return "no directory is set"
    try:
        outcome = sync.sync(settings.ldap)
    except sync.AnotherSyncRuns:
        return ""
    except DirectoryError as error:
        return str(error)
    orphaned = orphan_the_left()
    db.session.commit()
    return f"{outcome.result}, {orphaned} accounts orphaned" if orphaned else outcome.result


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
        if not outcome:
            return  # Another worker does it just now, and notes how it ended.
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
    huey.periodic_task(crontab(minute="*"), name=MAIL)(lambda: run(app, MAIL))
    # Asked often, read once: a worker that was down at the hour makes up for it, and no change of the clock
    # skips a night or reads twice.
    huey.periodic_task(crontab(minute="*/10"), name=DIRECTORY)(lambda: read_when_due(app))
    return huey


def read_when_due(app: Flask) -> None:
    """Read the directory if nobody has since the last time that it was the set hour in London."""
    with app.app_context():
        last = last_run()
        began_at = last.began_at if last else None
        db.session.rollback()
    if began_at is None or began_at < last_hour(now(), app.config["SETTINGS"].sync_hour):
        run(app, DIRECTORY)


def last_hour(at: datetime, hour: int) -> datetime:
    """The last moment at or before ``at`` when it became ``hour`` o'clock in London."""
    local = at.astimezone(LONDON)
    reached = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return reached if reached <= local else reached - timedelta(days=1)


def work(app: Flask, *, threads: int = 2) -> None:
    """Do the scheduled work until told to stop."""
    make_huey(app).create_consumer(workers=threads, worker_type="thread", check_worker_health=True).run()
