"""A worker that tells and reminds people of meetups, and is killed at its first statement, its second, and so on.

Each time another begins, in a process of its own, until one comes to the end; then it prints how many were killed.
"""

import subprocess
import sys

SCRIPT = """
import gc, os, signal, sys
import psycopg, sqlalchemy, sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.dialects.sqlite
from sqlalchemy import event
from registry import create_app
from registry.config import load
from registry.db import db
from registry.logs import init_logs
from registry.meetups import reminding
from registry.meetups.calendars import telling
init_logs(to_terminal=False)
settings = load(instance=sys.argv[1], database_url=sys.argv[2], secret_key="for-tests-only-0123456789-abcdefghij")
app = create_app(settings)
db.Model.registry.configure()
telling.PORTION = reminding.PORTION = 2
gc.freeze()
killed = 0
while killed < 1000:
    child = os.fork()
    if not child:
        left = [killed % 40 + 1]
        with app.app_context():
            def count(*_):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
            event.listen(db.engine, "before_cursor_execute", count)
            telling.tell()
            reminding.run()
        os._exit(0)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0:
        break
    killed += 1
print(killed)
"""


def work(instance: str, database_url: str) -> int:
    """Let workers be killed until one is not; how many were."""
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, instance, database_url], capture_output=True, text=True, timeout=240, check=True
    )
    return int(done.stdout)
