"""The ``registry`` command in processes that are made quickly: each is forked from one that has all modules loaded."""

import atexit
import contextlib
import json
import os
import signal
import subprocess
import tempfile
import threading
from functools import cache
from pathlib import Path

from nurse import TESTS, WARM, Nurse

#: Reads what to run, a line each; tells the process's number, and later how it ended.
SCRIPT = """
for line in sys.stdin:
    settings, arguments, given, *files = json.loads(line)
    child = os.fork()
    if not child:
        os.dup2(os.open(given, os.O_RDONLY), 0)
        for number, file in enumerate(files, 1):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        for name in [name for name in os.environ if name.startswith("REGISTRY_")]:
            del os.environ[name]
        os.environ.update(settings)
        sys.stdin = open(0, closefd=False)  # What was read ahead was for the one that all are forked from.
        sys.argv = ["registry", *arguments]
        code = 70
        try:
            main()
        except SystemExit as end:
            code = end.code or 0
        except BaseException:
            code = 1
            traceback.print_exc()
        sys.stdout.flush()
        os._exit(code)  # To take all the modules apart again would take longer than most runs.
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Nursery(Nurse):
    """Starts processes, one at a time; ``folder`` is where they leave what they print."""

    def __init__(self, folder: Path) -> None:
        super().__init__(WARM + SCRIPT, str(folder), TESTS)
        self.out = folder / "out"
        self._handle: int | None = None
        self._lock = threading.Lock()

    def start(self, settings: dict[str, str], *arguments: str) -> None:
        """Begin ``registry ARGUMENTS`` with these settings (``REGISTRY_…``)."""
        self.tell(json.dumps([settings, arguments, os.devnull, str(self.out)]))
        # Numbers of processes are used again; a handle is of this one only.
        self._handle = os.pidfd_open(self.number())

    def complete(self, settings: dict[str, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run it to its end; gives all that it said."""
        given, told, complaints = (self.out.with_name(name) for name in ("given", "told", "complaints"))
        given.write_text(stdin)
        code = self.run_one(json.dumps([settings, arguments, *map(str, (given, told, complaints))]))
        return subprocess.CompletedProcess(["registry", *arguments], code, told.read_text(), complaints.read_text())

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


def registry(settings: dict[str, str], *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    """What ``registry ARGUMENTS`` says and how it ends, with these settings (``REGISTRY_…``) and no others."""
    return _one_for_all().complete(settings, *arguments, stdin=stdin)


@cache
def _one_for_all() -> Nursery:
    folder = tempfile.TemporaryDirectory()
    made = Nursery(Path(folder.name))
    atexit.register(folder.cleanup)
    atexit.register(made.close)
    return made
