"""Processes that run the ``registry`` command, made quickly: each is forked from one that has all modules loaded."""

import contextlib
import json
import os
import signal
import threading
from pathlib import Path

from nurse import Nurse

#: Reads what to run, a line each; tells the process's number, and later how it ended.
SCRIPT = """
import gc, json, os, sys
import ldap3, psycopg, sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.dialects.sqlite
import registry.accounts.actions, registry.jobs, registry.people.sync
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from registry import create_app
from registry.cli import main
from registry.config import load
from registry.db import db
create_app(load(instance=sys.argv[1], database_url="sqlite://", secret_key=os.urandom(40).hex()))
db.Model.registry.configure()
gc.freeze()
gc.set_threshold(50_000, 10, 10)
for line in sys.stdin:
    settings, arguments, out = json.loads(line)
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(os.open(out, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), 1)
        os.environ.update(settings)
        sys.argv = ["registry", *arguments]
        try:
            main()
        except SystemExit as end:
            sys.stdout.flush()
            os._exit(end.code or 0)  # To take all the modules apart again would take longer than most runs.
        os._exit(70)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Nursery(Nurse):
    """Starts processes, one at a time; ``folder`` is where they leave what they print."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SCRIPT, str(folder))
        self.out = folder / "out"
        self._handle: int | None = None
        self._lock = threading.Lock()

    def start(self, settings: dict[str, str], *arguments: str) -> None:
        """Begin ``registry ARGUMENTS`` with these settings (``REGISTRY_…``)."""
        self.tell(json.dumps([settings, arguments, str(self.out)]))
        # Numbers of processes are used again; a handle is of this one only.
        self._handle = os.pidfd_open(self.number())

    def kill(self) -> None:
        """SIGKILL, unless it has ended."""
        with self._lock, contextlib.suppress(ProcessLookupError):
            if self._handle is not None:
                signal.pidfd_send_signal(self._handle, signal.SIGKILL)

    def ended(self) -> int:
        """Wait for its end: the exit code, or -9 where it was killed."""
        assert self._handle is not None
        code = self.number()
        with self._lock:
            os.close(self._handle)
            self._handle = None
        return code

    def run(self, settings: dict[str, str], *arguments: str) -> int:
        """Run it to its end; gives the exit code."""
        self.start(settings, *arguments)
        return self.ended()
