"""Who may import whom: the ladder of the slices, and what the inner parts of a slice must not know."""

import ast
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

import registry

PACKAGE = Path(registry.__file__).parent
CHECKOUT = PACKAGE.parent
INNER = sorted(path for name in ("models", "queries", "actions") for path in PACKAGE.glob(f"*/{name}.py"))
#: What belongs to the page, and so to views and forms only.
OF_THE_PAGE = ("flask", "flask_login", "flask_wtf", "wtforms")
PAGE_MODULES = ("views", "forms")


def imported(source: str) -> Iterator[str]:
    """The dotted names that a source text imports, wherever in it: ``from a import b`` is ``a.b``."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from (f"{'.' * node.level}{node.module or ''}.{alias.name}" for alias in node.names)


def of_the_page(source: str) -> list[str]:
    """The imports that models, queries and actions may not have."""
    return [
        name
        for name in imported(source)
        if name.partition(".")[0] in OF_THE_PAGE or set(name.split(".")) & set(PAGE_MODULES) or name.startswith(".")
    ]


@pytest.mark.parametrize("path", INNER, ids=[str(path.relative_to(PACKAGE)) for path in INNER])
def test_models_queries_and_actions_know_nothing_of_the_page(path: Path) -> None:
    assert of_the_page(path.read_text(encoding="utf-8")) == []


def test_that_guard_bites() -> None:
    source = (
        "import wtforms.fields\nfrom flask import request, g\nfrom flask_login import current_user\n"
        "from registry.people.forms import SignInForm\nfrom registry.people import views\nfrom . import models\n"
        "from registry.db import db\ndef late():\n    import flask\n"
    )
    assert of_the_page(source) == [
        "wtforms.fields", "flask.request", "flask.g", "flask_login.current_user", "registry.people.forms.SignInForm",
        "registry.people.views", "..models", "flask",
    ]  # fmt: skip


def importers_of(library: str, sources: dict[str, str]) -> list[str]:
    """The files among ``sources`` (name to text) that import ``library``."""
    return [name for name, source in sources.items() if library in {one.partition(".")[0] for one in imported(source)}]


def test_only_the_directory_module_imports_ldap3() -> None:
    sources = {str(path.relative_to(PACKAGE)): path.read_text(encoding="utf-8") for path in PACKAGE.rglob("*.py")}
    assert importers_of("ldap3", sources) == ["people/directory.py"]


def test_the_guard_of_ldap3_bites() -> None:
    sources = {"a.py": "import ldap3.core", "b.py": "def late():\n    from ldap3 import Server", "c.py": "import ldap"}
    assert importers_of("ldap3", sources) == ["a.py", "b.py"]


def lint_imports(config: Path) -> "subprocess.CompletedProcess[str]":
    """Run import-linter on this package with the contracts in ``config``."""
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--config", str(config), "--no-cache"],
        cwd=CHECKOUT, capture_output=True, text=True, check=False,
    )  # fmt: skip


def test_the_ladder_of_slices_is_kept() -> None:
    done = lint_imports(CHECKOUT / "pyproject.toml")
    assert done.returncode == 0, done.stdout


def test_the_guard_of_the_ladder_bites(tmp_path: Path) -> None:
    (tmp_path / "upside_down.toml").write_text(
        '[tool.importlinter]\nroot_package = "registry"\n[[tool.importlinter.contracts]]\nname = "Upside down"\n'
        'type = "layers"\nlayers = ["registry.people", "registry.accounts"]\n',
        encoding="utf-8",
    )
    assert lint_imports(tmp_path / "upside_down.toml").returncode == 1


def test_every_part_of_the_package_has_a_rung_on_the_ladder() -> None:
    config = tomllib.loads((CHECKOUT / "pyproject.toml").read_text(encoding="utf-8"))
    (ladder,) = (one for one in config["tool"]["importlinter"]["contracts"] if one["type"] == "layers")
    rungs = {name.strip() for layer in ladder["layers"] for name in layer.split("|")}
    parts = {f"registry.{path.stem}" for path in PACKAGE.iterdir() if path.suffix == ".py" or path.is_dir()}
    # What all may import: it imports nothing of ours itself, or it is how others run us.
    free = {"registry.__init__", "registry.__pycache__", "registry.migrations"}
    assert sorted(parts - rungs - free - {"registry.fields", "registry.logs", "registry.roles"}) == []
