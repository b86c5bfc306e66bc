"""What the tests of the resolver look at its answers with."""

import csv
from pathlib import Path

from registry.accounts.platforms import Refused, Resolved

DATA = Path(__file__).parents[1] / "data"
CHANNEL = "UCFj70_9F31CLQY76H5yg7AQ"


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def identity(result: Resolved | Refused) -> tuple[str, str, str] | None:
    return (result.platform, result.kind, result.key) if isinstance(result, Resolved) else None


def accounts_in(result: Resolved | Refused) -> list[Resolved]:
    candidates = (result, result.owner if isinstance(result, Refused) else None)
    return [account for account in candidates if isinstance(account, Resolved)]


def plain(platform: str, handle: str) -> str:
    """A handle as the lists can be compared: "@" and "+" are decoration, and Facebook ignores full stops."""
    handle = handle.lstrip("@+").lower()
    return handle.replace(".", "") if platform == "facebook" else handle
