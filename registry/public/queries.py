"""What people outside may know of accounts: one shape for the page, the files and the check."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.expectations import wording
from registry.accounts.expectations.queries import expected_now, of_accounts
from registry.accounts.models import Account, Standing, Topic, account_topic
from registry.accounts.platforms import Resolved, name_of, other_readings
from registry.accounts.queries import public_accounts, shown_words
from registry.db import db
from registry.people.models import Person, PersonKind
from registry.people.queries import IN_OFFICE

#: How many topics a database is asked for at once: it takes only so many ids in one question.
AT_ONCE: Final = 5_000


@dataclass(frozen=True, slots=True)
class PublicAccount:
    """An account as anybody may see it. Nobody is named but the person whose own account it is, who chose that."""

    id: int
    platform: str
    kind: str
    key: str
    url: str
    handle: str
    title: str
    purpose: str
    standing: Standing
    language: str
    place: str
    person: str
    team_id: int | None
    topics: list[str] = field(default_factory=list)

    @property
    def platform_name(self) -> str:
        return name_of(self.platform)


@dataclass(frozen=True, slots=True)
class PublicFilters:
    """What the public list is narrowed to."""

    q: str = ""
    platform: str = ""

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The conditions on ``Account``."""
        found = [public_accounts(), *shown_words(self.q)]
        if self.platform:
            found.append(Account.platform == self.platform)
        return found


def _named() -> sa.ColumnElement[Any]:
    """The name of the person whose own account it is, while they work here; empty for all other accounts."""
    own = sa.and_(
        Account.standing == Standing.PERSONAL, Account.consented_at.is_not(None), Person.state.in_(IN_OFFICE),
        Person.kind != PersonKind.FORGOTTEN,
    )  # fmt: skip
    return sa.case((own, Person.name), else_="")


def _selected() -> Any:
    columns: Any = sa.select(
        Account.id, Account.platform, Account.kind, Account.key, Account.url, Account.handle, Account.title,
        Account.purpose, Account.standing, Account.language, Account.place, _named().label("person"),
        Account.team_id,
    )  # fmt: skip
    return columns.outerjoin(Person, Person.id == Account.owner_id)


def _with_topics(rows: Sequence[Any]) -> list[PublicAccount]:
    found = {row.id: PublicAccount(**row._mapping) for row in rows}
    ids = list(found)
    for start in range(0, len(ids), AT_ONCE):
        _fill_topics(found, ids[start : start + AT_ONCE])
    return list(found.values())


def _fill_topics(found: dict[int, PublicAccount], ids: Collection[int]) -> None:
    pairs = (
        sa.select(account_topic.c.account_id, Topic.name)
        .join(Topic, Topic.id == account_topic.c.topic_id)
        .where(account_topic.c.account_id.in_(ids))
        .order_by(Topic.key)
    )
    for account_id, name in db.session.execute(pairs):
        found[account_id].topics.append(name)


def accounts(filters: PublicFilters, *, limit: int | None = None, offset: int = 0) -> list[PublicAccount]:
    """The accounts that anybody may see, by title."""
    # First which, then all about them: so nothing is joined to what is passed over.
    shown = sa.select(Account.id).where(*filters.conditions()).order_by(Account.title, Account.id)
    ids = shown.limit(limit).offset(offset).subquery("shown")
    rows = _selected().join(ids, ids.c.id == Account.id).order_by(Account.title, Account.id)
    return _with_topics(db.session.execute(rows).all())


def in_stable_order() -> list[PublicAccount]:
    """All of them by what they are, which no change of a title moves: for files that are compared."""
    rows = _selected().where(public_accounts()).order_by(Account.platform, Account.kind, Account.key)
    return _with_topics(db.session.execute(rows).all())


def count(filters: PublicFilters) -> int:
    """How many accounts pass the filters."""
    counted = sa.select(sa.func.count(Account.id)).where(*filters.conditions())
    return audit.remembered(("public", filters), lambda: db.session.scalar(counted) or 0)


def platforms() -> dict[str, int]:
    """How many accounts anybody may see on each platform, by the platform's name."""
    grouped = sa.select(Account.platform, sa.func.count()).where(public_accounts()).group_by(Account.platform)
    counts = audit.remembered("public platforms", lambda: {slug: n for slug, n in db.session.execute(grouped)})
    return dict(sorted(counts.items(), key=lambda pair: name_of(pair[0]).lower()))


def ours(resolved: Resolved) -> PublicAccount | None:
    """The account that an address stands for, where anybody may know that it is ours.

    By what it is, on a server of the fediverse that only the register knows too, and by the platform's lasting number.
    Not by other addresses it was seen under: a name that was given up may be somebody else's by now.
    """
    named = [
        sa.select(Account.id).where(Account.platform == one.platform, Account.kind == one.kind, Account.key == one.key)
        for one in (resolved, *other_readings(resolved))
    ]
    if resolved.platform_id:
        numbered = (Account.platform == resolved.platform, Account.platform_id == resolved.platform_id)
        named.append(sa.select(Account.id).where(*numbered))
    # First which: several ways in one condition have SQLite look at all accounts.
    row = _selected().where(Account.id.in_(sa.union_all(*named)), public_accounts())
    found = _with_topics(db.session.execute(row.order_by(Account.id).limit(1)).all())
    return found[0] if found else None


def expectations(account: PublicAccount) -> list[tuple[str, str]]:
    """What the public may expect of an account, as labels and words."""
    words = of_accounts([(account.id, account.team_id)])[account.id]
    return [(str(label), str(said)) for label, said in wording.rows(expected_now(words))]
