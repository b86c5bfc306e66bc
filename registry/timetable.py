"""The worker: when each job is done, and how a page has one done at once."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any, Final

from flask import Flask

from registry.accounts.importing import worker as imports
from registry.config import Settings
from registry.db import LONDON, db, now
from registry.discovery.sweeping import worker as sweeps
from registry.jobs import (
    ASKED,
    CAMPAIGNS,
    CHANGES,
    DIGESTS,
    DIRECTORY,
    DUTIES,
    GUESTS,
    GUIDELINES,
    HAND_OVERS,
    IMPORTS,
    INVITATIONS,
    MAIL,
    PROPOSALS,
    REVIEWS,
    SIGHTINGS,
    SIGNATURES,
    SWEEPS,
    run,
)
from registry.logs import log
from registry.meetups import rounds
from registry.meetups.inviting import worker as inviting
from registry.network import rounds as peers
from registry.people.models import Way
from registry.people.runs import last_run, waiting_request
from registry.web import WAKE

EACH: Final = "*"
#: The minutes at which each job is looked at. Asked often, done once: a worker that was down at the hour makes up for
#: it, and no change of the clock skips a night or does its work twice.
MINUTES: Final = {
    MAIL: EACH,
    DIRECTORY: EACH,
    IMPORTS: EACH,
    INVITATIONS: EACH,
    GUIDELINES: EACH,
    CAMPAIGNS: EACH,
    SWEEPS: EACH,
    GUESTS: "5",
    SIGHTINGS: "10",
    HAND_OVERS: "20",
    PROPOSALS: "20",
    REVIEWS: "25",
    DUTIES: "35",
    SIGNATURES: "45",
    DIGESTS: "50",
    **rounds.MINUTES,
    **peers.MINUTES,
}


def _put_on(huey: Any, when: Any, app: Flask, job: str) -> None:
    huey.periodic_task(when, name=job)(lambda: ONLY_WHEN_DUE.get(job, partial(run, name=job))(app))


def make_huey(app: Flask) -> Any:
    """The queue with its timetable: beside the SQLite database, or in the PostgreSQL one."""
    from huey import PostgresHuey, SqliteHuey, crontab

    settings: Settings = app.config["SETTINGS"]
    url = settings.database()
    if url.startswith("sqlite"):
        huey = SqliteHuey("registry", filename=str(settings.instance / "jobs.sqlite3"))
    else:
        huey = PostgresHuey("registry", dsn=url.replace("postgresql+psycopg://", "postgresql://", 1))
    for job, minute in MINUTES.items():
        _put_on(huey, crontab(minute=minute), app, job)
    #: What a page can have done at once; called, it is put into the queue.
    huey.at_once = {
        IMPORTS: huey.task(name=f"{IMPORTS}_at_once")(lambda: bring_in_when_due(app)),
        INVITATIONS: huey.task(name=f"{INVITATIONS}_at_once")(lambda: invite_when_due(app)),
        SWEEPS: huey.task(name=f"{SWEEPS}_at_once")(lambda: sweep_when_due(app)),
    }
    return huey


def init_app(app: Flask) -> None:
    """Let pages wake the worker."""
    app.extensions[WAKE] = lambda job: wake(app, job)


def wake(app: Flask, job: str) -> None:
    """Have the worker do ``job`` at once. Where it cannot be told, it comes to it within the minute."""
    try:
        huey = app.extensions.get("huey") or app.extensions.setdefault("huey", make_huey(app))
        huey.at_once[job]()
        huey.storage.close()
    except Exception as error:
        log.warning("not woken", job=job, exc_info=error)


def bring_in_when_due(app: Flask) -> None:
    """Do what was asked for with files of accounts, where anything was."""
    with app.app_context():
        due = imports.is_anything_to_do()
        db.session.rollback()
    if due:
        run(app, IMPORTS)


def invite_when_due(app: Flask) -> None:
    """Write to those whom rounds of invitations name, where there is one, and let what was written leave."""
    with app.app_context():
        due = inviting.is_anything_to_do()
        db.session.rollback()
    if due:
        run(app, INVITATIONS)
        run(app, MAIL)


def sweep_when_due(app: Flask) -> None:
    """Look through pages, where anybody asked for it."""
    with app.app_context():
        due = sweeps.is_anything_to_do()
        db.session.rollback()
    if due:
        run(app, SWEEPS)


def read_when_due(app: Flask) -> None:
    """Read the directory where somebody asked for it, where nobody has since the set hour, or to see what changed."""
    settings: Settings = app.config["SETTINGS"]
    at = now()
    with app.app_context():
        asked = waiting_request() is not None
        last, nightly = (run.began_at if run else None for run in (last_run(), last_run(Way.FULL, Way.SWEEP)))
        db.session.rollback()
    if asked:
        run(app, ASKED)
    elif nightly is None or nightly < last_hour(at, settings.sync_hour):
        run(app, DIRECTORY)
    elif settings.sync_changes_minutes and last and last < at - timedelta(minutes=settings.sync_changes_minutes):
        run(app, CHANGES)


def last_hour(at: datetime, hour: int) -> datetime:
    """The last moment at or before ``at`` when it became ``hour`` o'clock in London."""
    local = at.astimezone(LONDON)
    reached = local.replace(hour=hour, minute=0, second=0, microsecond=0)
    return reached if reached <= local else reached - timedelta(days=1)


def work(app: Flask, *, threads: int = 2) -> None:
    """Do the scheduled work until told to stop."""
    consumer(app, threads=threads).run()


def consumer(app: Flask, *, threads: int) -> Any:
    """What takes the jobs from the queue; it looks each second, as somebody waits at a page for some of them."""
    return make_huey(app).create_consumer(workers=threads, worker_type="thread", check_worker_health=True, max_delay=1)


#: Jobs that are looked at before they are noted as done.
ONLY_WHEN_DUE: Final = {
    DIRECTORY: read_when_due, IMPORTS: bring_in_when_due, INVITATIONS: invite_when_due, SWEEPS: sweep_when_due,
}  # fmt: skip
