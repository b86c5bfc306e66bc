"""What every command shares: the app opened for it, and what goes wrong said in a line. Heavy imports are inside."""

import gc
import os
import sqlite3
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import wraps
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from flask import Flask

Command = TypeVar("Command", bound=Callable[..., Any])


def stop(message: str, code: int = 1) -> None:
    """Say ``message`` on standard error and end."""
    click.echo(message, err=True)
    sys.exit(code)


def secret(question: str) -> str:
    """What somebody types without its being seen, or the first line of what is piped in."""
    if sys.stdin is not None and sys.stdin.isatty():
        return str(click.prompt(question, hide_input=True, default="", show_default=False, err=True))
    return sys.stdin.readline().rstrip("\r\n") if sys.stdin else ""


def plainly(command: Command) -> Command:
    """Turn what can go wrong outside the program into a line that says what to do, without a traceback."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except Exception as error:
            line = _in_a_line(error)
            if not line:
                raise
            stop(line)

    return guarded  # type: ignore[return-value]


def _in_a_line(error: Exception) -> str:
    """What went wrong outside the program, empty where it is a fault of the program."""
    from sqlalchemy.exc import DatabaseError, OperationalError

    from registry.config import SettingsError

    if isinstance(error, SettingsError):
        return str(error)
    if type(error) in (DatabaseError, OperationalError):  # The others (IntegrityError and the like) are ours.
        reason = str(error.orig).strip().splitlines()[0]  # type: ignore[attr-defined]
        return f"REGISTRY_DATABASE_URL: the database cannot be used: {reason}. Check the address and that it runs."
    return f"That did not work: {error}." if isinstance(error, OSError | sqlite3.Error) else ""


@contextmanager
def opened(*, check: bool = True) -> Iterator["Flask"]:
    """The app with its context; ``check`` ends with a sentence unless the database fits the code."""
    from registry import create_app, logs
    from registry.db import Revision, revision

    logs.init_logs()
    os.umask(0o077)  # Names, mail and sessions are nobody else's business on this machine.
    app = create_app()
    gc.freeze()  # What is there by now stays to the end: it need not be looked through for garbage again.
    with app.app_context():
        state = revision() if check else Revision.CURRENT
        if state is Revision.NEWER:
            stop("The database is newer than this program. Install the newer release, or restore a backup.")
        if state is not Revision.CURRENT:
            stop("The database is not up to date. Run `registry init`, then try again.")
        yield app
