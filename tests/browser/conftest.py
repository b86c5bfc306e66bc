"""A real browser at the demonstration: Debian's Chromium, and the council that ``registry demo`` fills.

The demonstration runs as a user would start it, in a folder of its own, once a test session. Tests share it, so
each one brings its own address to register and its own people to do it: no test needs another to have run.
"""

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from demonstration import WIDE, Demo, cookies_of
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect, sync_playwright

#: Nothing is downloaded, reported or updated, and no connection is opened that the pages do not ask for.
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
PATIENCE = 60  # Seconds that the demonstration may take to fill its register on a busy machine.


@pytest.fixture(scope="session")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    """``registry demo`` on a free port of this machine, with a new council."""
    folder = tmp_path_factory.mktemp("demo")
    with socket.create_server(("127.0.0.1", 0)) as held:
        port = held.getsockname()[1]
    command = [sys.executable, "-c", "from registry.cli import main; main()", "demo", "--port", str(port)]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(
            command, env={**os.environ, "REGISTRY_INSTANCE": str(folder)}, stdout=log, stderr=subprocess.STDOUT
        )
    made = Demo(f"http://127.0.0.1:{port}", folder / "demo")
    try:
        _await(made.address, process, folder / "log")
        yield made
    finally:
        process.terminate()
        process.wait(timeout=20)


def _await(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < until:
        try:
            urlopen(f"{address}/health", timeout=5).close()
            return
        except (URLError, ConnectionError, TimeoutError):  # It listens before it has filled its register.
            time.sleep(0.1)
    pytest.fail(f"registry demo did not answer:\n{log.read_text()}")


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    """Debian's Chromium. A module's, as its event loop would be in the way of other tests in the same process."""
    program = shutil.which("chromium")
    if program is None:
        missing = "Chromium is not installed (on Debian: apt-get install chromium), so no browser can be driven."
        if os.environ.get("CI") == "true":
            pytest.fail(missing)
        pytest.skip(missing)
    expect.set_options(timeout=15_000)  # On a busy machine a page may take its time.
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def as_(chromium: Chromium, demo: Demo) -> Iterator[Callable[..., Page]]:
    """``as_("carys.bowen")`` is a page of a browser in which she is signed in; ``as_()`` of one with nobody."""
    contexts = []

    def open_page(username: str = "", **options: Any) -> Page:
        given = {"base_url": demo.address, "viewport": WIDE, "reduced_motion": "reduce", **options}
        context = chromium.new_context(**given)
        if username:
            context.add_cookies(cookies_of(demo, username))
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
