"""Processes that do one job and are killed while they do: each is forked from one that has all modules loaded."""

import contextlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

#: Reads what to do, a line each: the settings, a job, how many seconds to live; prints the child and how it ended.
SCRIPT = """
import gc, json, os, sys
import psycopg, sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.dialects.sqlite, email_validator, flask_mailman
from registry import create_app, jobs, logs
from registry.config import load
from registry.db import db
create_app(load(instance=sys.argv[1], database_url="sqlite://", secret_key=os.urandom(40).hex()))
db.Model.registry.configure()
gc.freeze()
for line in sys.stdin:
    settings, job = json.loads(line)
    child = os.fork()
    if not child:
        os.environ.update(settings)
        app = create_app()
        print(os.getpid(), flush=True)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        jobs.run(app, job)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Dying:
    """Starts such processes, one at a time."""

    def __init__(self, folder: Path) -> None:
        self._nurse = subprocess.Popen(
            [sys.executable, "-c", SCRIPT, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def run(self, settings: dict[str, str], job: str, *, kill_after: float | None = None) -> int:
        """Do a job; the exit code, -9 where it was killed some seconds after it began."""
        assert self._nurse.stdin
        assert self._nurse.stdout
        self._nurse.stdin.write(json.dumps([settings, job]) + "\n")
        self._nurse.stdin.flush()
        child = int(self._nurse.stdout.readline())
        if kill_after is not None:
            with contextlib.suppress(ProcessLookupError):  # It has ended by then.
                handle = os.pidfd_open(child)  # Numbers of processes are used again; a handle is of this one only.
                try:
                    time.sleep(kill_after)
                    signal.pidfd_send_signal(handle, signal.SIGKILL)
                finally:
                    os.close(handle)
        return int(self._nurse.stdout.readline())

    def close(self) -> None:
        """End the process that the others are forked from."""
        assert self._nurse.stdin
        assert self._nurse.stdout
        self._nurse.stdin.close()
        self._nurse.wait(20)
        self._nurse.stdout.close()
