"""What a start costs: the help, a command, the first page and an app, beside what Flask and SQLAlchemy alone take.

    .venv/bin/python tests/bench/start.py

Processor time of processes of their own, in turn, medians.
"""

import argparse
import os
import resource
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from pairs import in_turn, tell  # noqa: E402

from registry import create_app  # noqa: E402
from registry.config import load  # noqa: E402

REGISTRY = str(Path(sys.executable).with_name("registry"))
REFERENCE = "python -c 'import flask, flask_sqlalchemy'"
COMMANDS = {
    REFERENCE: (sys.executable, "-c", "import flask, flask_sqlalchemy"),
    "registry --help": (REGISTRY, "--help"),
    "registry resolve": (REGISTRY, "resolve"),
    "registry init, up to date": (REGISTRY, "init"),
    "registry export accounts": (REGISTRY, "export", "accounts"),
    "registry token list": (REGISTRY, "token", "list"),
}  # fmt: skip


def main() -> None:
    """Make an empty register, then measure."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=9)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as folder:
        environment = {"PATH": os.environ["PATH"], "REGISTRY_INSTANCE": folder}
        subprocess.run([REGISTRY, "init"], env=environment, check=True, capture_output=True)

        def running(command: tuple[str, ...]) -> Callable[[], object]:
            return lambda: subprocess.run(
                command, env=environment, check=True, capture_output=True, stdin=subprocess.DEVNULL
            )

        things = {name: running(command) for name, command in COMMANDS.items()}
        things["registry serve, until its first page is there"] = lambda: first_page(environment)
        medians = in_turn(runs, things, of_children)
        settings = load(instance=Path(folder))
        medians |= in_turn(
            runs * 3, {"create_app, again in one process": lambda: create_app(settings)}, time.thread_time
        )
    print(f"{runs} rounds in turn, medians of processor time")
    tell(medians, REFERENCE)


def first_page(environment: dict[str, str]) -> None:
    """Serve, fetch the page to sign in on as soon as it is there, and stop."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen([REGISTRY, "serve", "--port", str(port)], env=environment, stderr=subprocess.DEVNULL)
    try:
        for _ in range(1000):
            try:
                with urllib.request.urlopen(f"http://127.0.0.1:{port}/sign-in", timeout=10) as answer:
                    assert answer.status == 200
                    return
            except urllib.error.URLError:
                time.sleep(0.02)
        raise RuntimeError("it did not begin to serve")
    finally:
        server.terminate()
        server.wait()


def of_children() -> float:
    """Seconds of processor time that the processes started here have taken, once they have ended."""
    spent = resource.getrusage(resource.RUSAGE_CHILDREN)
    return spent.ru_utime + spent.ru_stime


if __name__ == "__main__":
    main()
