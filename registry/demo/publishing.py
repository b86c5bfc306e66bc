"""What the fictional council shows to people outside, and whom its people say to follow."""

import csv
import tomllib
from pathlib import Path
from typing import Final

import sqlalchemy as sa

from registry.accounts.models import Account, Visibility
from registry.accounts.platforms import Resolved, resolve
from registry.db import db
from registry.lists import actions as lists
from registry.lists.models import Audience
from registry.people.models import Person

DATA: Final = Path(__file__).parent / "data"
#: Who wants their own account to be told to everybody.
SHOWS_HERSELF: Final = "https://x.com/BrynmorCEO"


def fill(people: dict[str, Person]) -> None:
    """Make the lists of whom to follow, and show one personal account to everybody; ``people`` are by username."""
    with (DATA / "accounts.csv").open(encoding="utf-8", newline="") as file:
        platforms = {row["url"]: row["platform"] for row in csv.DictReader(file)}
    chief = _account(SHOWS_HERSELF, platforms)
    chief.consented_at, chief.visibility = chief.proposed_at, Visibility.EVERYONE
    for row in tomllib.loads((DATA / "lists.toml").read_text("utf-8"))["lists"]:
        maker = people[row["maker"]]
        made = lists.make(
            title=row["title"], topic=row["topic"], about=row["about"], audience=Audience(row["audience"]), actor=maker
        )
        for address, why in row["accounts"]:
            lists.add(follow_list=made, account=_account(address, platforms), why=why, actor=maker)


def _account(address: str, platforms: dict[str, str]) -> Account:
    found = resolve(address, platforms[address])
    assert isinstance(found, Resolved), address  # noqa: S101 - the data is ours, and a test reads it
    same = (Account.platform == found.platform, Account.kind == found.kind, Account.key == found.key)
    return db.session.scalars(sa.select(Account).where(*same)).one()
