"""The wheel: built from this checkout, installed where nothing of it lies about, and started."""

import os
import re
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.request
import venv
import zipfile
from collections.abc import Iterator
from pathlib import Path
from urllib.error import URLError

import pytest

pytestmark = pytest.mark.wheel
CHECKOUT = Path(__file__).parents[2]


def run(*command: object, cwd: Path | None = None, **variables: str) -> str:
    """Run a program and give what it printed; fail with all of it where it ends badly."""
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, timeout=120, cwd=cwd,
        env={"PATH": os.environ["PATH"], **variables},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, CHECKOUT)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture(scope="module")
def programs(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of programs of an environment that holds the wheel, and lends what it needs from this one."""
    folder = tmp_path_factory.mktemp("installed")
    venv.create(folder, with_pip=False)
    python = folder / "bin" / "python"
    run(sys.executable, "-m", "pip", "--python", python, "install", "-q", "--no-deps", "--no-index", wheel)
    # Of a folder named in a .pth file the .pth files do not count: the checkout, which is one of them, stays out.
    packages = folder / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"
    (packages / "lent.pth").write_text(sysconfig.get_path("purelib") + "\n", encoding="utf-8")
    return folder / "bin"


@pytest.fixture
def address(programs: Path, tmp_path: Path) -> Iterator[str]:
    """Where the installed register serves, with a new database."""
    variables = {"REGISTRY_INSTANCE": str(tmp_path / "instance")}
    assert run(programs / "registry", "init", **variables) == "The database is up to date.\n"
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    server = subprocess.Popen(
        [str(programs / "registry"), "serve", "--port", str(port)], stderr=subprocess.DEVNULL,
        env={"PATH": os.environ["PATH"], **variables},
    )  # fmt: skip
    try:
        wait_for(f"http://127.0.0.1:{port}/health", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait(20)


def wait_for(url: str, server: "subprocess.Popen[bytes]") -> None:
    """Come back when ``url`` answers."""
    ends = time.monotonic() + 30
    while time.monotonic() < ends and server.poll() is None:
        try:
            urllib.request.urlopen(url, timeout=1).close()
            return
        except URLError:
            time.sleep(0.1)
    pytest.fail("the installed register did not answer")


def fetch(url: str) -> tuple[str, str]:
    """The media type and the text of what is at ``url``."""
    with urllib.request.urlopen(url, timeout=10) as answer:
        return answer.headers.get_content_type(), answer.read().decode()


def test_the_wheel_holds_the_program_its_templates_and_its_static_files_and_nothing_else(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    tracked = subprocess.run(
        ["git", "ls-files", "registry", "templates", "static"], cwd=CHECKOUT, capture_output=True, text=True, check=True
    ).stdout.splitlines()
    files = {name for name in names if ".dist-info/" not in name}
    lacking = {path if path.startswith("registry/") else f"registry/{path}" for path in tracked} - files
    assert lacking == set()
    assert {name.partition("/")[0] for name in files} == {"registry"}
    assert [name for name in files if name.endswith((".pyc", ".sqlite3"))] == []


def test_the_installed_program_is_not_the_checkout(programs: Path) -> None:
    root = run(programs / "python", "-c", "from registry import config; print(config.ROOT)", cwd=programs).strip()
    assert Path(root).is_relative_to(programs.parent)


def test_the_installed_register_shows_its_first_page_with_its_style(address: str) -> None:
    kind, page = fetch(f"{address}/sign-in")
    assert kind == "text/html"
    assert "<h1" in page
    styles = re.findall(r'href="(/static/[^"]+\.css)"', page)
    assert {fetch(f"{address}{style}")[0] for style in styles} == {"text/css"}
    assert len(styles) >= 2
