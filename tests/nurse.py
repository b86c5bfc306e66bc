"""Processes that are forked from one that has all modules loaded, so that starting and killing many takes no time."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

#: Where what the tests share lies.
TESTS = str(Path(__file__).parent)
#: Loads all that a process needs which starts an app; what comes after it forks. Arguments: a folder, and ``TESTS``.
WARM = """
import gc, json, os, sys, traceback
sys.path.insert(0, sys.argv[2])
import email_validator, flask_mailman, ldap3, psycopg
import sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.dialects.sqlite
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from registry import create_app, jobs, logs
from registry.cli import main
from registry.config import load
from registry.db import db
from pace import share_addresses
share_addresses()
create_app(load(instance=sys.argv[1], database_url="sqlite://", secret_key=os.urandom(40).hex())).url_map.update()
db.Model.registry.configure()
gc.freeze()
gc.set_threshold(50_000, 10, 10)
"""


class Nurse:
    """Has a script fork a process for each line that it reads; the script prints the child and how it ended."""

    def __init__(self, script: str, *arguments: str) -> None:
        self._nurse = subprocess.Popen(
            [sys.executable, "-c", script, *arguments], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def tell(self, line: str) -> None:
        """Have it begin."""
        assert self._nurse.stdin
        self._nurse.stdin.write(line + "\n")
        self._nurse.stdin.flush()

    def number(self) -> int:
        """The next number that the script prints."""
        assert self._nurse.stdout
        return int(self._nurse.stdout.readline())

    def run_one(self, line: str, *, kill_after: float | None = None) -> int:
        """Begin, and wait for the end: the exit code, -9 where it was killed some seconds after it began."""
        self.tell(line)
        child = self.number()
        if kill_after is not None:
            with contextlib.suppress(ProcessLookupError):  # It has ended by then.
                handle = os.pidfd_open(child)  # Numbers of processes are used again; a handle is of this one only.
                try:
                    time.sleep(kill_after)
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                finally:
                    os.close(handle)
        return self.number()

    def close(self) -> None:
        """End the process that the others are forked from."""
        assert self._nurse.stdin
        assert self._nurse.stdout
        self._nurse.stdin.close()
        self._nurse.wait(20)
        self._nurse.stdout.close()
