"""Who answers at Brynmor: contributors, hand-overs that wait, custody, an account that is lost, how some are got at."""

import tomllib
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from registry.accounts.answering import actions, hand_overs, withdrawing
from registry.accounts.answering.models import HandOver, Kept, NameFate, Recovery, TwoStep
from registry.accounts.models import Account
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.queries import same_as
from registry.db import db, now
from registry.people.models import Person

Row = dict[str, Any]


def fill(file: Path) -> None:
    """Put what ``file`` tells into the register; commits. The people and accounts are there already."""
    people = {person.username: person for person in db.session.scalars(sa.select(Person))}
    withdrawing.note_leavers()
    told = tomllib.loads(file.read_text("utf-8"))
    for kind, put in PUT.items():
        for row in told[kind]:
            put(_account(row["account"]), people[row["by"]], row, people)
    db.session.commit()


def _account(url: str) -> Account:
    found = resolve(url)
    if not isinstance(found, Resolved):
        raise ValueError(f"{url}: {found.note}")
    same = same_as(found)  # Some have another name by now.
    if same is None:
        raise ValueError(f"{url} is not in the register.")
    return same


def _contributors(account: Account, by: Person, row: Row, people: dict[str, Person]) -> None:
    for username in row["people"]:
        actions.add_contributor(account=account, person=people[username], actor=by)


def _mailbox(account: Account, by: Person, row: Row, _people: dict[str, Person]) -> None:
    actions.set_mailbox(account=account, mailbox=row["mailbox"], actor=by)


def _access(account: Account, by: Person, row: Row, _people: dict[str, Person]) -> None:
    actions.describe_access(
        account=account, kept=Kept(row["kept"]), place=row.get("place", ""), two_step=TwoStep(row["two_step"]),
        recovery=Recovery(row["recovery"]), tools=row.get("tools", ""), actor=by,
    )  # fmt: skip


def _hand_over(account: Account, by: Person, row: Row, people: dict[str, Person]) -> None:
    made: HandOver = hand_overs.offer(
        account=account, taker=people[row["to"]], note=row["note"], stays_on=row.get("stays_on", False), actor=by
    )
    made.offered_at = now() - timedelta(days=row["days_ago"])
    made.reminders = sum(row["days_ago"] >= days for days in hand_overs.REMIND_AFTER)


def _custody(account: Account, by: Person, _row: Row, _people: dict[str, Person]) -> None:
    actions.take_custody(account=account, reason="", actor=by)


def _lost(account: Account, by: Person, row: Row, _people: dict[str, Person]) -> None:
    actions.report_lost(account=account, tried=row["tried"], actor=by)


def _closed(account: Account, by: Person, row: Row, _people: dict[str, Person]) -> None:
    actions.close(account=account, reason=row["reason"], name=NameFate(row["name"]), actor=by)


PUT: Final[dict[str, Callable[[Account, Person, Row, dict[str, Person]], None]]] = {
    "contributors": _contributors, "mailboxes": _mailbox, "access": _access, "hand_overs": _hand_over,
    "custody": _custody, "lost": _lost, "closed": _closed,
}  # fmt: skip
