"""Processes that do one job and are killed while they do: each is forked from one that has all modules loaded."""

import json
from pathlib import Path

from nurse import TESTS, WARM, Nurse

#: Reads what to do, a line each: the settings, a job, how many seconds to live; prints the child and how it ended.
SCRIPT = """
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


class Dying(Nurse):
    """Starts such processes, one at a time."""

    def __init__(self, folder: Path) -> None:
        super().__init__(WARM + SCRIPT, str(folder), TESTS)

    def run(self, settings: dict[str, str], job: str, *, kill_after: float | None = None) -> int:
        """Do a job; the exit code, -9 where it was killed some seconds after it began."""
        return self.run_one(json.dumps([settings, job]), kill_after=kill_after)
