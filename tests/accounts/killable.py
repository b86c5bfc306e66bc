"""Processes that bring files in and are killed while they do: each is forked from one that has all modules loaded."""

import json
from pathlib import Path

from nurse import Nurse

#: Reads what to do, a line each: the settings, a command or nothing (for the worker), and at which statement to die.
SCRIPT = """
import gc, json, os, signal, sys
import openpyxl, psycopg, sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.dialects.sqlite
from sqlalchemy import event
from registry import create_app, timetable
from registry.accounts import spreadsheet
from registry.cli import main
from registry.config import load
from registry.db import db
create_app(load(instance=sys.argv[1], database_url="sqlite://", secret_key=os.urandom(40).hex()))
db.Model.registry.configure()
gc.freeze()
def die_at(number):
    left = [number]
    def count(*_):
        left[0] -= 1
        if not left[0]:
            os.kill(os.getpid(), signal.SIGKILL)
    def counted(*_):
        count()
    event.listen(sqlalchemy.engine.Engine, "before_cursor_execute", counted)
    event.listen(sqlalchemy.engine.Engine, "after_cursor_execute", counted)
    event.listen(sqlalchemy.engine.Engine, "commit", counted)
    return left
for line in sys.stdin:
    settings, command, number = json.loads(line)
    child = os.fork()
    if not child:
        os.environ.update(settings)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        left = die_at(number)
        if command:
            sys.argv = ["registry", *command]
            try:
                main()
            except SystemExit as end:
                code = end.code or 0
        else:
            app = create_app()
            with app.app_context():
                timetable.bring_in_when_due(app)
            code = 0
        with open(os.environ["REGISTRY_INSTANCE"] + "/counted", "w") as file:
            file.write(str(number - left[0]))
        os._exit(code)
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
NEVER = 10**9


class Killable(Nurse):
    """Starts such processes, one at a time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(SCRIPT, str(folder))
        self.counted = folder / "counted"

    def run(self, settings: dict[str, str], *command: str, die_at: int = NEVER, kill_after: float | None = None) -> int:
        """Run ``registry COMMAND``, or what the worker does once; the exit code, -9 where it was killed.

        It dies at the statement number ``die_at``, or is killed some seconds after it began.
        """
        return self.run_one(json.dumps([settings, command, die_at]), kill_after=kill_after)
