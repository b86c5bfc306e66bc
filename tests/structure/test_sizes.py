"""Files that can be read in one go, functions that fit on a page, and each says why it is there."""

import ast
from collections.abc import Iterator
from pathlib import Path
from statistics import median

import pytest

import registry

PACKAGE = Path(registry.__file__).parent
FILES = sorted(path for path in PACKAGE.rglob("*.py") if "versions" not in path.parts)
NAMES = [str(path.relative_to(PACKAGE)) for path in FILES]
MOST_LINES_OF_FILE = 400
MOST_LINES_OF_FUNCTION = 40
MEDIAN_LINES = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(source: str) -> Iterator[Function]:
    """Every function and method in a source text."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, Function):
            yield node


def lines(function: Function) -> int:
    """The lines of a function without its decorators."""
    return (function.end_lineno or function.lineno) - function.lineno + 1


def unannotated(function: Function) -> list[str]:
    """The arguments of a function that say no type, and ``return`` where the function says none."""
    arguments = function.args
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs, arguments.vararg, arguments.kwarg]
    found = [one.arg for one in every if one and one.annotation is None and one.arg not in ("self", "cls")]
    return found + ([] if function.returns else ["return"])


def faults(source: str) -> list[str]:
    """What a source text breaks of the house rules."""
    found = []
    if len(source.splitlines()) >= MOST_LINES_OF_FILE:
        found.append(f"the file has {len(source.splitlines())} lines")
    if not ast.get_docstring(ast.parse(source)):
        found.append("the file does not say why it is there")
    for function in functions(source):
        if lines(function) >= MOST_LINES_OF_FUNCTION:
            found.append(f"{function.name} has {lines(function)} lines")
        found += [f"{function.name} says no type of {name}" for name in unannotated(function)]
    return found


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_keeps_the_house_rules(path: Path) -> None:
    assert faults(path.read_text(encoding="utf-8")) == []


def test_the_guard_bites() -> None:
    source = "def one(a, *, b: int) -> None:\n" + "    pass\n" * 39 + "async def two(): ...\n" + "x = 1\n" * 400
    assert faults(source) == [
        "the file has 441 lines",
        "the file does not say why it is there",
        "one has 40 lines",
        "one says no type of a",
        "two says no type of return",
    ]


def test_most_functions_are_short() -> None:
    sizes = [lines(function) for path in FILES for function in functions(path.read_text(encoding="utf-8"))]
    print(f"{len(FILES)} files, {len(sizes)} functions, median {median(sizes)} lines, longest {max(sizes)}")
    assert median(sizes) <= MEDIAN_LINES


@pytest.mark.parametrize("name", ["utils", "helpers", "service", "common"])
def test_no_file_is_a_drawer_for_everything(name: str) -> None:
    assert [path for path in FILES if path.stem == name] == []
