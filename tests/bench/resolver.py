"""Addresses a second, and how many are understood: the resolver against two packages from PyPI, in the same run.

    .venv/bin/python tests/bench/resolver.py
    .venv/bin/python tests/bench/resolver.py --rows LIST.tsv

The rows are those of tests/data, or of a file with the columns input, platform, handle and is_profile (yes, no; rows
with anything else are left out, and so are bare handles). The packages are put into a folder that is thrown away;
where they cannot be had, only the resolver is measured.
"""

import argparse
import csv
import importlib
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from pairs import in_turn  # noqa: E402

from registry.accounts.platforms import Resolved, find_platform, resolve  # noqa: E402

DATA = HERE.parent / "data"
PACKAGES = ("social-links==1.3.1", "socials==0.3.0")
#: Rows of these kinds are handles, which none of the three reads without being told the platform.
NO_ADDRESSES = ("bare", "at-handle", "handle-to-url")
#: What a thing says of an address: the platform, and the account's name where it tells one.
Reader = Callable[[str], tuple[str, str] | None]


class Row(NamedTuple):
    """An address, and which account it is; platform and name are "" where it is none."""

    text: str
    platform: str
    name: str


def main() -> None:
    """Measure speed in turn, then count."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=Path, action="append", default=[], help="Another list; may be repeated.")
    parser.add_argument("--runs", type=int, default=7)
    asked = parser.parse_args()
    rows = [row for path in asked.rows for row in labelled(path)] if asked.rows else of_the_tests()
    with tempfile.TemporaryDirectory() as folder:
        readers = {"registry": ours, **packages(Path(folder))}
        measure(readers, [row.text for row in rows], asked.runs)
        count(readers, rows)


def of_the_tests() -> list[Row]:
    """The addresses of tests/data with what each is."""
    profiles = [row for row in read(DATA / "profiles-of-many-sites.tsv") if row["platform"] != "website"]
    return [
        *labelled(DATA / "addresses-us-government.tsv"),
        *(Row(one["url"], one["platform"], one["handle"]) for one in profiles),
    ]


def read(path: Path) -> list[dict[str, str]]:
    """The rows of a file with a heading, separated by tabs."""
    with path.open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def labelled(path: Path) -> list[Row]:
    """The rows of a file that are plainly an account or plainly none."""
    rows = [row for row in read(path) if row["is_profile"] in ("yes", "no") and row.get("kind") not in NO_ADDRESSES]
    return [
        Row(row["input"], find_platform(row["platform"]) or row["platform"], row["handle"])
        if row["is_profile"] == "yes"
        else Row(row["input"], "", "")
        for row in rows
    ]


def ours(text: str) -> tuple[str, str] | None:
    """What the register says."""
    result = resolve(text)
    return (result.platform, result.key) if isinstance(result, Resolved) and result.platform != "website" else None


def packages(folder: Path) -> dict[str, Reader]:
    """The two packages as readers; none of them, with a sentence, where they cannot be installed."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *PACKAGES]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"])[-1]
        print(f"The packages to compare with cannot be installed, so only the register is measured: {last}")
        return {}
    sys.path.append(str(folder))
    links, socials = importlib.import_module("sociallinks"), importlib.import_module("socials.socials")

    def social_links(text: str) -> tuple[str, str] | None:
        platform = links.detect_platform(text)
        return (platform, links.extract_id(platform, text)) if platform else None

    def only_platform(text: str) -> tuple[str, str] | None:
        platform = socials.get_platform(text)
        return (platform, "") if platform and platform != "email" else None

    return {PACKAGES[0]: social_links, PACKAGES[1]: only_platform}


def measure(readers: dict[str, Reader], texts: list[str], runs: int) -> None:
    """Print the addresses that each reads in a second of processor time, and the ratio to the register."""

    def all_of(reader: Reader) -> Callable[[], object]:
        return lambda: [reader(text) for _ in range(10) for text in texts]

    taken = in_turn(runs, {name: all_of(reader) for name, reader in readers.items()}, time.process_time)
    print(f"{len(texts):,} addresses, {runs} rounds in turn, medians of processor time")
    for name, seconds in taken.items():
        speed = 10 * len(texts) / seconds
        print(f"  {name:<24} {speed:10,.0f} addresses a second   {taken['registry'] / seconds:6.2f} x")


def count(readers: dict[str, Reader], rows: list[Row]) -> None:
    """Print how many accounts each understood, and how many other addresses it took for one."""
    accounts = [row for row in rows if row.platform]
    others = [row for row in rows if not row.platform]
    print("Accounts understood (platform, and name where it tells one), other addresses taken for an account")
    for name, reader in readers.items():
        right = sum(is_right(row, reader(row.text)) for row in accounts)
        wrong = sum(reader(row.text) is not None for row in others)
        share = 100 * right / max(len(accounts), 1)
        print(f"  {name:<24} {right:5} of {len(accounts)} ({share:.1f} %)   {wrong:5} of {len(others)}")


def is_right(row: Row, said: tuple[str, str] | None) -> bool:
    """Whether an answer names that account; names are compared as their platforms compare them, or more kindly."""
    if said is None or (find_platform(said[0]) or said[0]) != row.platform:
        return False
    wanted, name = plain(row.name), plain(said[1])
    return not name or wanted in {name, name.partition("@")[0], name.partition("/")[2]} or name.startswith(f"{wanted}.")


def plain(name: str) -> str:
    """A name without what is only decoration in one list or the other."""
    return unquote(name).lower().lstrip("@+")


if __name__ == "__main__":
    main()
