"""Somebody who signs on the page, in a process that is killed at a statement of its choice, and then is asked again.

Forked from one that has all modules loaded; the line that it reads says at which statement to die.
"""

from pathlib import Path

from nurse import Nurse

SCRIPT = """
import gc, os, signal, sys
sys.path.insert(0, sys.argv[3])
import psycopg, sqlalchemy, sqlalchemy.dialects.postgresql.psycopg, sqlalchemy.dialects.sqlite
from sqlalchemy import event
from browser import Browser
from registry import create_app
from registry.config import load
from registry.db import db
from registry.guidelines import queries
from registry.logs import init_logs
from registry.people.models import Person
settings = load(instance=sys.argv[1], database_url=sys.argv[2], secret_key="for-tests-only-0123456789-abcdefghij")
db.Model.registry.configure()
init_logs(to_terminal=False)
app = create_app(settings)
gc.freeze()
for line in sys.stdin:
    child = os.fork()
    if not child:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
        left = [int(line)]
        with app.app_context():
            person = db.session.scalars(sqlalchemy.select(Person).where(Person.username == "nia.okafor")).one()
            client, path = Browser(app).as_(person), "/guidelines/social-media"
            version = client.get(path).all("input", name="version")[0].get("value")
            db.session.remove()
            def count(*_):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
            for moment in ("before_cursor_execute", "after_cursor_execute", "commit"):
                event.listen(db.engine, moment, lambda *_: count())
            answer = client.post(path, data={"version": version, "agreed": "y"}, check=False)
        os._exit(0 if answer.status_code == 302 else 1)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    print(code, flush=True)
"""


class Signer(Nurse):
    """Starts such processes, one at a time."""

    def __init__(self, folder: Path, url: str) -> None:
        super().__init__(SCRIPT, str(folder), url, str(Path(__file__).parents[1]))

    def sign(self, *, die_at: int) -> int:
        """Sign, and die at the statement number ``die_at``; the exit code, -9 where it did."""
        self.tell(str(die_at))
        return self.number()
