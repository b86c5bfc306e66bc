"""What the public may expect of the fictional council's accounts, and how far their reviews have come."""

import tomllib
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

import sqlalchemy as sa

from registry.accounts.expectations import actions, hours
from registry.accounts.expectations.actions import Place
from registry.accounts.expectations.forms import WEEKDAYS
from registry.accounts.expectations.models import Carried, Reply, Words
from registry.accounts.expectations.queries import FIELDS, of_account, texts
from registry.accounts.models import Account
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.reviewing.models import Stage, Watch
from registry.db import db, now, today
from registry.people.models import Person, Team
from registry.workdays import Calendar

#: The council's teams said hours of their own this many days ago.
TEAMS_SPOKE: Final = 30
#: Days since the day of review of an account that was set dormant.
ASLEEP_FOR: Final = 110


def fill(file: Path, *, organisation: str, actor: Person, accounts: Sequence[Account]) -> None:
    """Say what ``file`` says. The accounts come with their teams."""
    told = tomllib.loads(file.read_text("utf-8"))
    by_url = {account.url: account for account in accounts}
    teams = {team.name: team for team in db.session.scalars(sa.select(Team))}
    _say(Place(organisation), told["organisation"], actor)
    before = [row for row in told["carried"] if row["days_ago"] > TEAMS_SPOKE]
    _carry(before, by_url, organisation)
    for row in told["teams"]:
        _say(Place(organisation, team=teams[row["name"]]), row, actor)
    for row in told["accounts"]:
        _say(Place(organisation, account=_named(by_url, row["url"])), row, actor)
    _carry([row for row in told["carried"] if row not in before], by_url, organisation)
    for url, stage in told["reviews"].items():
        _watch(_named(by_url, url), Stage(stage))


def _named(by_url: dict[str, Account], url: str) -> Account:
    found = resolve(url)
    if not isinstance(found, Resolved):
        raise ValueError(f"{url}: {found.note}")
    return by_url[found.url]


def _say(place: Place, row: dict[str, Any], actor: Person) -> None:
    readers: dict[str, Any] = {
        "hours": lambda week: [hours.read(week.get(day, "")) for day in WEEKDAYS],
        "bank_holidays": Calendar,
        "reply": Reply,
    }
    for field in FIELDS:
        if field in row:
            actions.say(place=place, field=field, value=readers.get(field, str)(row[field]), actor=actor)


def _carry(rows: Sequence[dict[str, Any]], by_url: dict[str, Account], organisation: str) -> None:
    for row in rows:
        account = _named(by_url, row["url"])
        text = texts(account, of_account(account), organisation)[Words.BIO]
        at = now() - timedelta(days=row["days_ago"])
        db.session.add(
            Carried(account_id=account.id, what=Words.BIO, text=text, ticked_at=at, ticked_by_id=account.owner_id)
        )


def _watch(account: Account, stage: Stage) -> None:
    if stage is Stage.ASLEEP:
        account.review_on = today() - timedelta(days=ASLEEP_FOR)
    db.session.add(Watch(account_id=account.id, review_on=account.review_on, stage=stage, waited=3, counted_on=today()))
