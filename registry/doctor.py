"""What `registry doctor` looks at: database, disk, worker, directory, mail. A line a step, each fault with its mend."""

import os
import shutil
import smtplib
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from flask import Flask

from registry.config import LdapSettings, Settings
from registry.db import LONDON, Revision, db, is_sqlite, now, revision
from registry.guidelines.evidence import CHAINS, DUTIES, TEXTS, verify
from registry.jobs import last_runs
from registry.meetups.calendars import mailbox
from registry.people import sso
from registry.people.directory import Step, check, try_sign_in
from registry.people.ldap.entries import clean
from registry.people.models import Person
from registry.people.patience import TooSlow, in_time
from registry.people.queries import IN_OFFICE

#: What to do where the database and the code do not fit together.
MENDS = {
    Revision.EMPTY: "Run: registry init",
    Revision.OLDER: "Run: registry init",
    Revision.NEWER: "Install the newer release, or restore a backup.",
}
#: The worker looks every minute whether mail is due; after this long without, it is not there.
WORKER_IS_AWAY_AFTER: Final = timedelta(minutes=10)
#: Bytes that must be free on the disk of the instance folder; below the second, it is spoken of.
LEAST_FREE, LITTLE_FREE = 200 * 2**20, 2**30
#: A step asks the directory a few questions, each with the time limit of the settings; this many are time enough.
QUESTIONS_A_STEP: Final = 4


def steps(app: Flask, *, login: str = "", password: str = "") -> Iterator[Step]:
    """Look at everything outside the program that the settings of ``app`` name. Changes nothing.

    Each step is told as it ends. Where ``login`` is given, one sign-in is tried with ``password``.
    """
    for step in _steps(app.config["SETTINGS"], login, password):
        # A directory may hold what turns a terminal upside down.
        yield replace(step, line=clean(step.line), mend=clean(step.mend), command=clean(step.command))


def _steps(settings: Settings, login: str, password: str) -> Iterator[Step]:
    yield Step(True, f"The settings can be read; the instance folder is {settings.instance}.", about="settings")
    yield _disk(settings.instance)
    database = _database()
    yield database
    if database.ok:
        yield from evidence()
        yield from _worker()
    let_in = False
    for step in _in_time(check(settings.ldap), settings.ldap):
        let_in = let_in or (step.ok and step.about == "base")
        yield step
    if login:
        yield from _sign_in(settings.ldap, login, password, let_in=let_in, known=database.ok)
    yield from (replace(step, about="sso") for step in sso.check(settings.sso))
    yield _mail(settings)
    if (answers := mailbox.check(settings)) is not None:
        yield answers


def _disk(folder: Path) -> Step:
    """Whether the instance folder can take what the register writes."""
    there = next(path for path in (folder.resolve(), *folder.resolve().parents) if path.exists())
    if not os.access(there, os.W_OK | os.X_OK):
        mend = "Give the folder to the user that runs the register, or set REGISTRY_INSTANCE to another."
        return Step(False, f"{there} cannot be written to.", mend, "disk")
    free = shutil.disk_usage(there).free
    size = f"{free / 2**30:.1f} GB" if free >= LITTLE_FREE else f"{free / 2**20:.0f} MB"
    mend = "Make room: without it nothing can be registered or signed." if free < LITTLE_FREE else ""
    return Step(free >= LEAST_FREE, f"{size} are free on the disk of the instance folder.", mend, "disk")


def _database() -> Step:
    name = "SQLite" if is_sqlite() else "PostgreSQL"
    try:
        state = revision()
    except sa.exc.DatabaseError as error:
        reason = str(error.orig).strip().partition("\n")[0]
        mend = "Check REGISTRY_DATABASE_URL and that the database runs."
        return Step(False, f"The database ({name}) cannot be used: {reason}.", mend, "database")
    if state is Revision.CURRENT:
        return Step(True, f"The database ({name}) is there and up to date.", about="database")
    return Step(False, f"The database ({name}) is {state.name.lower()}.", MENDS[state], "database")


def evidence() -> Iterator[Step]:
    """Whether the rows of evidence are all there, as they were added, and the texts those that were signed."""
    report = verify()
    for what in (*CHAINS, DUTIES, TEXTS):
        faults = report.of(what)
        if faults:
            more = f" And {len(faults) - 1:,} more." if len(faults) > 1 else ""
            mend = (
                "Somebody has changed the database by other means than the register. `registry verify` names each row;"
            )
            yield Step(
                False, f"The {what}: {faults[0].text}{more}", f"{mend} compare it with a backup.", "evidence"
            )  # fmt: skip
        elif what in CHAINS:
            yield Step(True, f"The {what} are unbroken.", about="evidence")


def _worker() -> Iterator[Step]:
    """Whether the worker does the scheduled work, and how each job of it ended."""
    runs = [(label, run.ran_at, run.outcome) for _, label, run in last_runs() if run]
    db.session.rollback()  # What is read begins a transaction, which nobody else shall wait for.
    if not runs:
        mend = "Start `registry worker` beside `registry serve`: it sends mail and reads the directory."
        yield Step(True, "The worker has never run.", mend, "worker")
        return
    last = max(ran_at for _, ran_at, _ in runs)
    line = f"The worker was last seen at {last.astimezone(LONDON):%H:%M on %-d %B %Y} (London)."
    if last < now() - WORKER_IS_AWAY_AFTER:
        mend = "Start `registry worker`: no mail is sent and no directory read without it."
        yield Step(False, line, mend, "worker")
    else:
        yield Step(True, line, about="worker")
    for label, _, outcome in runs:
        if outcome.startswith("failed"):
            line = f"The job {label!r} did not go well the last time: {outcome}."
            yield Step(False, line, "The log of `registry worker` says more.", "worker")


def _in_time(found: Iterator[Step], settings: LdapSettings) -> Iterator[Step]:
    """The steps of the directory, to the first that takes too long: one that trickles bytes has no other limit."""
    seconds = QUESTIONS_A_STEP * settings.timeout
    while True:
        try:
            step = in_time("directory", lambda _ask: next(found, None), seconds=seconds)
        except TooSlow:
            mend = "Look at the load of the directory, or wait longer with REGISTRY_LDAP_TIMEOUT."
            yield Step(False, f"The directory did not end its next answer within {seconds} s.", mend, "directory")
            return
        if step is None:
            return
        yield step


def _sign_in(settings: LdapSettings, login: str, password: str, *, let_in: bool, known: bool) -> Iterator[Step]:
    """One sign-in, as far as the directory goes and then the register; ``known``: whether the database can be asked."""
    if not let_in:
        line = f"{login} was not tried, as no directory can be asked."
        yield Step(False, line, "Mend the faults above, then try again.", "sign-in")
        return
    try:
        seconds = QUESTIONS_A_STEP * settings.timeout
        step, found = in_time("directory", lambda _ask: try_sign_in(settings, login, password), seconds=seconds)
    except TooSlow as error:
        mend = "Look at the load of the directory, or wait longer with REGISTRY_LDAP_TIMEOUT."
        yield Step(False, f"{login} was not let in: {error}", mend, "sign-in")
        return
    person = None
    if found and known:
        person = db.session.scalar(sa.select(Person).where(Person.directory_id == found.directory_id))
        db.session.rollback()
    if person and person.state not in IN_OFFICE:
        mend = "Run `registry sync`: it takes back whoever the directory holds."
        yield Step(False, f"The directory lets {login} in, but the register holds them to have left.", mend, "sign-in")
    else:
        yield step


def _mail(settings: Settings) -> Step:
    host, port = settings.smtp.host, settings.smtp.port
    if not host:
        return Step(
            True, "No mail server is set: mail waits in the outbox. Set REGISTRY_SMTP_HOST to send it.", about="mail"
        )
    try:
        with smtplib.SMTP(host, port, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        mend = "Check REGISTRY_SMTP_HOST and REGISTRY_SMTP_PORT, and that this machine may reach it."
        return Step(False, f"The mail server {host}:{port} does not answer: {error}.", mend, "mail")
    return Step(True, f"The mail server {host}:{port} answers.", about="mail")


def as_lines(step: Step, *, ldapsearch: bool) -> list[str]:
    """A step as it is printed; ``ldapsearch``: with the command that asks the same."""
    head = "ok   " if step.ok and not step.mend else "note " if step.ok else "FAULT"
    lines = [f"{head} {step.line}"]
    if step.mend:
        lines.append(f"      {step.mend}")
    if ldapsearch and step.command:
        lines.append(f"      $ {step.command}")
    return lines


def as_json(step: Step) -> dict[str, object]:
    """A step for programs."""
    return {
        "step": step.about, "ok": step.ok, "line": step.line, "mend": step.mend, "ldapsearch": step.command,
    }  # fmt: skip
