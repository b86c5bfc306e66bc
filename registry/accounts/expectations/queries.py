"""What holds for an account, and where each of it comes from: its own word, its team's, one above it, everybody's."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts.expectations.hours import HORIZON
from registry.accounts.expectations.models import Carried, Expectation, Level, Words
from registry.accounts.expectations.wording import Expected, bio, hours_line, pinned, presence_now, rows
from registry.accounts.models import OPEN, OWN_NAME, Account, State
from registry.db import db, now, today
from registry.people.models import Person, Team
from registry.workdays import Calendar, closures, usual_calendar

#: The fields, in the order of a page.
FIELDS: Final = ("hours", "bank_holidays", "reply", "out_of_hours", "not_for")
#: Teams above a team that are asked; a directory that says two teams contain each other does not stop the page.
DEEPEST: Final = 20
#: Days before a closure of the organisation from which on people are told of it.
TOLD_BEFORE_DAYS: Final = 14


@dataclass(frozen=True, slots=True)
class Word:
    """What somebody said at one level, and whose level that is."""

    row: Expectation
    #: The name of the team; empty for the organisation, and for the account itself.
    team: str


@dataclass(frozen=True, slots=True)
class Told:
    """One field after all levels were asked."""

    value: Any
    #: Who said it; ``None`` where nobody has.
    word: Word | None
    #: Whether it was said at this very level.
    own: bool


def of_accounts(accounts: Sequence[tuple[int, int | None]]) -> dict[int, list[Word]]:
    """What was said for each of some accounts, given by id and team id: the nearest word first. One query for all."""
    found = _words([team_id for _, team_id in accounts], [account_id for account_id, _ in accounts])
    return {
        account_id: [
            word
            for key in (("account", account_id), ("team", team_id), ("organisation", None))
            for word in found.get(key, [])
        ]
        for account_id, team_id in accounts
    }


def of_team(team_id: int) -> list[Word]:
    """What was said for a team and above it."""
    found = _words([team_id], [])
    return [*found.get(("team", team_id), []), *found.get(("organisation", None), [])]


def of_organisation() -> list[Word]:
    """What was said for everybody."""
    return _words([], []).get(("organisation", None), [])


def _words(team_ids: Sequence[int | None], account_ids: Sequence[int]) -> dict[tuple[str, int | None], list[Word]]:
    """All rows that count for some teams and accounts, by whom they count for; those of a team from it upwards."""
    up = (
        sa.select(Team.id.label("below"), Team.id, Team.parent_id, Team.name, sa.literal(0).label("depth"))
        .where(Team.id.in_({one for one in team_ids if one}))
        .cte("up", recursive=True)
    )
    above = sa.select(up.c.below, Team.id, Team.parent_id, Team.name, up.c.depth + 1).join(
        Team, Team.id == up.c.parent_id
    )
    up = up.union_all(above.where(up.c.depth < DEEPEST))
    counts = sa.or_(
        Expectation.level == Level.ORGANISATION, Expectation.account_id.in_(account_ids), up.c.below.is_not(None)
    )
    said = db.session.execute(
        sa.select(Expectation, up.c.below, up.c.name)
        .outerjoin(up, up.c.id == Expectation.team_id)
        .where(counts)
        .order_by(up.c.depth, Expectation.id)
    )
    found: dict[tuple[str, int | None], list[Word]] = {}
    for row, below, name in said:
        found.setdefault((row.level.value, below or row.account_id), []).append(Word(row, name or ""))
    return found


def told(words: Sequence[Word], level: Level, key: int) -> dict[str, Told]:
    """Each field as the nearest word about it has it, seen from the row with the number ``key`` of a level."""
    found = {}
    for field in FIELDS:
        word = next((one for one in words if getattr(one.row, field) is not None), None)
        value = getattr(word.row, field) if word else usual_calendar() if field == "bank_holidays" else None
        found[field] = Told(value, word, own=word is not None and _whose(word.row) == (level, key))
    return found


def _whose(row: Expectation) -> tuple[Level, int]:
    return row.level, row.account_id or row.team_id or 0


def expected(words: Sequence[Word]) -> Expected:
    """What holds after all levels were asked."""
    values = {field: one.value for field, one in told(words, Level.ORGANISATION, 0).items()}
    return Expected(**values | {field: values[field] or "" for field in ("out_of_hours", "not_for")})


def expected_now(words: Sequence[Word]) -> Expected:
    """The same with the closures of the organisation that are near, where its days off are days off there, too."""
    holds = expected(words)
    if not any(holds.hours or ()) or holds.bank_holidays is Calendar.NONE:
        return holds
    near = closures(today(), today() + timedelta(days=HORIZON))
    soon = today() + timedelta(days=TOLD_BEFORE_DAYS)
    return replace(holds, closures=near, closure=next((one for one in near if one.from_on <= soon), None))


def of_account(account: Account) -> Expected:
    """What holds for one account."""
    return expected(of_accounts([(account.id, account.team_id)])[account.id])


def profile(account: Account, organisation: str) -> dict[str, Any]:
    """What the page of an account tells of it. The account comes with its team."""
    holds = expected_now(of_accounts([(account.id, account.team_id)])[account.id])
    return {
        "expects": list(rows(holds)),
        "presence": presence_now(holds, now()) if account.state is State.LIVE else None,
        "ticks": ticks(account.id),
        **{what.value: text for what, text in texts(account, holds, organisation).items()},
        "hours_line": hours_line(account, holds),
    }


# --- Whether the live account says so ---------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Tick:
    """Somebody said that the live account carries a text."""

    row: Carried
    by: str


def ticks(account_id: int) -> dict[Words, Tick]:
    """Which texts the live account is said to carry."""
    found = db.session.execute(
        sa.select(Carried, Person.name)
        .join(Person, Person.id == Carried.ticked_by_id)
        .where(Carried.account_id == account_id)
        .order_by(Carried.what)
    )
    return {row.what: Tick(row, name) for row, name in found}


def texts(account: Account, holds: Expected, organisation: str) -> dict[Words, str]:
    """What the register would have the live account say. The account comes with its team."""
    return {Words.BIO: bio(account, holds, organisation), Words.PINNED: pinned(account, holds, organisation)}


def outdated(person_id: int, organisation: str) -> list[Account]:
    """The open accounts that somebody answers for and whose ticked words would be others today, by title."""
    mine = sa.or_(Account.owner_id == person_id, Account.deputy_id == person_id)
    ticked = db.session.execute(
        sa.select(Account, Carried)
        .join(Carried, Carried.account_id == Account.id)
        .where(mine, Account.state.in_(OPEN))
        .options(joinedload(Account.team))
        .order_by(Account.title, Account.id, Carried.what)
    ).all()
    if not ticked:
        return []
    said = of_accounts([(account.id, account.team_id) for account, _ in ticked])
    found = {}
    for account, row in ticked:
        if texts(account, expected(said[account.id]), organisation)[row.what] != row.text:
            found[account.id] = account
    return list(found.values())


# --- Teams ------------------------------------------------------------------------------------------------


def team(team_id: int) -> Team | None:
    """One team."""
    return db.session.get(Team, team_id)


def runs_one_in(person_id: int, team_id: int) -> bool:
    """Whether somebody owns an account of that very team that comms have approved, and that is not just their own."""
    approved = sa.and_(Account.state.in_((State.LIVE, State.DORMANT)), Account.standing.not_in(OWN_NAME))
    mine = sa.select(Account.id).where(Account.owner_id == person_id, Account.team_id == team_id, approved)
    return bool(db.session.scalar(sa.select(sa.exists(mine))))


def teams_with_accounts(seen: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The teams that run open accounts, and those above them, by path: id, path, how many, and whether they say
    something of their own.

    ``seen`` is what ``accounts.queries.visible_to`` says of the asker: what they may not see is not counted.
    """
    runs = (
        sa.select(Account.team_id, sa.func.count(Account.id).label("accounts"))
        .where(Account.team_id.is_not(None), Account.state.in_(OPEN), seen)
        .group_by(Account.team_id)
        .cte("runs")
    )
    up = sa.select(Team.id, Team.parent_id).join(runs, runs.c.team_id == Team.id).cte("up", recursive=True)
    up = up.union(sa.select(Team.id, Team.parent_id).join(up, Team.id == up.c.parent_id))
    return db.session.execute(
        sa.select(
            Team.id, Team.path, sa.func.coalesce(runs.c.accounts, 0).label("accounts"), Expectation.id.label("own")
        )
        .join(up, up.c.id == Team.id)
        .outerjoin(runs, runs.c.team_id == Team.id)
        .outerjoin(Expectation, Expectation.team_id == Team.id)
        .order_by(Team.path, Team.id)
    ).all()  # fmt: skip


def accounts_of(team_id: int, seen: sa.ColumnElement[bool]) -> Sequence[Any]:
    """The open accounts of that very team, by title, and whether they say something of their own.

    ``seen`` is what ``accounts.queries.visible_to`` says of the asker.
    """
    return db.session.execute(
        sa.select(Account.id, Account.title, Account.platform, Expectation.id.label("own"))
        .outerjoin(Expectation, Expectation.account_id == Account.id)
        .where(Account.team_id == team_id, Account.state.in_(OPEN), seen)
        .order_by(Account.title, Account.id)
    ).all()
