"""How well whose an account may be is guessed, on made-up handles of the sample council and on its own accounts."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from registry.accounts.models import Account, Visibility
from registry.db import db
from registry.discovery.matching import suggestions_for
from registry.people.models import Person

LABELLED = Path(__file__).parent.parent / "data" / "handles-of-brynmor.csv"


@dataclass
class Tally:
    """Of some handles: how many there are, and for how many the first suggestion is right, or one of three."""

    handles: int = 0
    suggested: int = 0
    first: int = 0
    three: int = 0
    #: Suggestions in all, of at most three a handle, and how many of them are right.
    offered: int = 0
    right: int = 0


def labelled() -> Iterator[dict[str, str]]:
    """The rows of the file."""
    with LABELLED.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def say(what: str, tally: Tally) -> None:
    """Print one line."""
    print(
        f"  {what}: {tally.handles} handles, right at 1 {tally.first / tally.handles:.3f}, within 3"
        f" {tally.three / tally.handles:.3f}; of those with a suggestion the first is right"
        f" {tally.first / max(1, tally.suggested):.3f}; none for {tally.handles - tally.suggested}"
    )


def of_people(which: str) -> tuple[Tally, Tally, list[str]]:
    """Handles of colleagues and of nobody, of one set; and what went wrong, a line each.

    The weights were chosen looking at the set "tuned on"; "held back" was written afterwards, and nothing was changed
    for it.
    """
    theirs, nobodys, wrong = Tally(), Tally(), []
    for row in labelled():
        if row["set"] != which:
            continue
        tally = theirs if row["person"] else nobodys
        found = _take(tally, row["handle"], row["words"], {row["person"]})
        if found[:1] != ([row["person"]] if row["person"] else []):
            wrong.append(f"{row['handle']} ({row['sort']}): {row['person'] or 'nobody'}, not {found}")
    return theirs, nobodys, wrong


def of_accounts(*, words: bool) -> Tally:
    """The council's accounts, each as if it were not registered; right is its owner or its deputy."""
    tally = Tally()
    for account, people in _owned():
        account.visibility = Visibility.NOBODY
        db.session.flush()
        _take(tally, account.handle, f"{account.title}. {account.purpose}" if words else "", people)
        db.session.rollback()
    return tally


def _owned() -> Iterator[tuple[Account, set[str]]]:
    names = {row.id: row.username for row in db.session.execute(sa.select(Person.id, Person.username))}
    for number in db.session.scalars(sa.select(Account.id).where(Account.owner_id.is_not(None)).order_by(Account.id)):
        account = db.session.get_one(Account, number)
        yield account, {names[one] for one in (account.owner_id, account.deputy_id) if one}


def _take(tally: Tally, handle: str, words: str, right: set[str]) -> list[str]:
    found = [one.person.username for one in suggestions_for(handle=handle, words=words, limit=3)]
    tally.handles += 1
    tally.suggested += bool(found)
    tally.first += bool(right.intersection(found[:1]))
    tally.three += bool(right.intersection(found))
    tally.offered += len(found)
    tally.right += len(right.intersection(found))
    return found
