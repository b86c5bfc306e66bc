"""What `registry doctor` looks at: database, directory, mail. Each step one line, each fault with its mend."""

import smtplib
from collections.abc import Iterator

from flask import Flask

from registry.audit import Event, broken
from registry.config import Settings
from registry.db import Revision, is_sqlite, revision
from registry.guidelines.models import SignOff
from registry.people.directory import Step, check

#: What to do where the database and the code do not fit together.
MENDS = {
    Revision.EMPTY: "Run: registry init",
    Revision.OLDER: "Run: registry init",
    Revision.NEWER: "Install the newer release, or restore a backup.",
}


def steps(app: Flask) -> Iterator[Step]:
    """Look at everything outside the program that the settings of ``app`` name. Changes nothing."""
    settings: Settings = app.config["SETTINGS"]
    yield Step(True, f"The settings can be read; the instance folder is {settings.instance}.")
    yield _database()
    if revision() is Revision.CURRENT:
        yield from evidence()
    yield from check(settings.ldap)
    yield _mail(settings)


def _database() -> Step:
    name = "SQLite" if is_sqlite() else "PostgreSQL"
    state = revision()
    if state is Revision.CURRENT:
        return Step(True, f"The database ({name}) is there and up to date.")
    return Step(False, f"The database ({name}) is {state.name.lower()}.", MENDS[state])


def evidence() -> Iterator[Step]:
    """Whether the rows of evidence are all there, as they were added."""
    for model, name in ((Event, "events"), (SignOff, "sign-offs")):
        faults = broken(model)
        mend = "Somebody has changed the database by other means than the register. Compare it with a backup."
        yield Step(not faults, f"The {name}: {faults[0]}", mend) if faults else Step(True, f"The {name} are unbroken.")


def _mail(settings: Settings) -> Step:
    host, port = settings.smtp.host, settings.smtp.port
    if not host:
        return Step(True, "No mail server is set: mail waits in the outbox. Set REGISTRY_SMTP_HOST to send it.")
    try:
        with smtplib.SMTP(host, port, timeout=5) as server:
            server.noop()
    except (OSError, smtplib.SMTPException) as error:
        mend = "Check REGISTRY_SMTP_HOST and REGISTRY_SMTP_PORT, and that this machine may reach it."
        return Step(False, f"The mail server {host}:{port} does not answer: {error}.", mend)
    return Step(True, f"The mail server {host}:{port} answers.")
