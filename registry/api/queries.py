"""What programs read: tokens, and the register as far as a token reaches."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry import audit
from registry.accounts.models import Account, State, Topic, account_topic, topic_key
from registry.accounts.queries import Sight, public_accounts, shown_words
from registry.api.models import ApiToken, Scope
from registry.db import db, today
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE

Owner = aliased(Person, name="owner")
Deputy = aliased(Person, name="deputy")
OwnerTeam = aliased(Team, name="owner_team")
DeputyTeam = aliased(Team, name="deputy_team")


# --- Tokens -----------------------------------------------------------------------------------------------


def by_words(words: str) -> ApiToken | None:
    """The token with these words, where it still opens something."""
    good = (ApiToken.revoked_at.is_(None), ApiToken.expires_on >= today())
    return db.session.scalar(sa.select(ApiToken).where(ApiToken.token_hash == ApiToken.hash_of(words), *good))


def token(token_id: int) -> ApiToken | None:
    """A token by its number."""
    return db.session.get(ApiToken, token_id)


def tokens() -> Sequence[ApiToken]:
    """All tokens, those that still open something first, the newest first."""
    over = sa.or_(ApiToken.revoked_at.is_not(None), ApiToken.expires_on < today())
    every = sa.select(ApiToken).options(joinedload(ApiToken.made_by)).order_by(over, ApiToken.id.desc())
    return db.session.scalars(every).all()


# --- Going on where one stopped ---------------------------------------------------------------------------


def cursor_after(last_id: int) -> str:
    """Where to go on after the row with this id.

    Ids only grow and stay, so nothing is told twice, and what was there at the beginning is not passed over. Of two who
    register at the same moment, PostgreSQL may show the later first: whoever reads just then finds the other next time.
    """
    return f"a{last_id}"


def id_before(cursor: str | None) -> int:
    """The id of the last row that was told, by a cursor that is one (see ``schemas.CURSOR``); 0 without one."""
    return int(cursor[1:]) if cursor else 0


# --- Accounts ---------------------------------------------------------------------------------------------


def within(scopes: Collection[Scope]) -> sa.ColumnElement[bool]:
    """The accounts that a token with ``scopes`` reaches; without the first of them those that anybody may see."""
    return Sight().condition if Scope.ACCOUNTS in scopes else public_accounts()


def about(names: Collection[str]) -> list[sa.ColumnElement[bool]]:
    """The condition that an account is about one of the topics with these names; none of it where there are none."""
    if not names:
        return []
    keys = [topic_key(name) for name in names]
    found = sa.select(account_topic.c.account_id).join(Topic, Topic.id == account_topic.c.topic_id)
    return [Account.id.in_(found.where(Topic.key.in_(keys)))]


def saying(q: str, scopes: Collection[Scope]) -> list[sa.ColumnElement[bool]]:
    """The condition that the words of ``q`` are among those that a token with ``scopes`` is told of an account.

    Not by its people: they are found by more than a token reads of them, as by their usernames.
    """
    return shown_words(q, with_team=Scope.ACCOUNTS in scopes)


def is_account(account_id: int) -> list[sa.ColumnElement[bool]]:
    """The condition that it is this account."""
    return [Account.id == account_id]


def in_language(language: str | None) -> list[sa.ColumnElement[bool]]:
    """The condition that an account is in a language; none of it where none is asked for."""
    return [Account.language == language] if language else []


def accounts(
    scopes: Collection[Scope], conditions: Sequence[sa.ColumnElement[bool]], *, after: int, limit: int
) -> Sequence[Any]:
    """The accounts that a token reaches and that fit, with their people who are here, in the order of their ids."""
    people: list[Any] = []
    for one, team, label in ((Owner, OwnerTeam, "owner"), (Deputy, DeputyTeam, "deputy")):
        columns = (one.id, one.name, one.title, one.mail, team.path)
        people += [column.label(f"{label}_{column.key}") for column in columns]
    return db.session.execute(
        sa.select(Account, Team.path.label("team_path"), *people)
        .outerjoin(Team, Team.id == Account.team_id)
        .outerjoin(Owner, sa.and_(Owner.id == Account.owner_id, Owner.state.in_(IN_OFFICE)))
        .outerjoin(OwnerTeam, OwnerTeam.id == Owner.team_id)
        .outerjoin(Deputy, sa.and_(Deputy.id == Account.deputy_id, Deputy.state.in_(IN_OFFICE)))
        .outerjoin(DeputyTeam, DeputyTeam.id == Deputy.team_id)
        .where(within(scopes), Account.id > after, *conditions)
        .order_by(Account.id)
        .limit(limit)
    ).all()


def topics_of(account_ids: Collection[int]) -> dict[int, list[str]]:
    """The topics of several accounts at once, by account."""
    pairs = (
        sa.select(account_topic.c.account_id, Topic.name)
        .join(Topic, Topic.id == account_topic.c.topic_id)
        .where(account_topic.c.account_id.in_(account_ids))
        .order_by(Topic.key)
    )
    found: dict[int, list[str]] = {}
    for account_id, name in db.session.execute(pairs):
        found.setdefault(account_id, []).append(name)
    return found


def topics(scopes: Collection[Scope]) -> Sequence[Any]:
    """Each topic with how many accounts within reach are about it, by name."""
    return db.session.execute(
        sa.select(Topic.name, sa.func.count(Account.id).label("accounts"))
        .join(account_topic, account_topic.c.topic_id == Topic.id)
        .join(Account, Account.id == account_topic.c.account_id)
        .where(within(scopes))
        .group_by(Topic.id)
        .order_by(Topic.key)
    ).all()


def by_platform(scopes: Collection[Scope]) -> dict[str, int]:
    """How many accounts within reach there are on each platform."""
    counted = sa.select(Account.platform, sa.func.count()).where(within(scopes)).group_by(Account.platform)
    key = ("by platform", Scope.ACCOUNTS in scopes)
    return audit.remembered(key, lambda: {slug: number for slug, number in db.session.execute(counted)})


# --- People -----------------------------------------------------------------------------------------------


def people(scopes: Collection[Scope], *, after: int, limit: int) -> Sequence[Any]:
    """The people who answer for an account within reach, in the order of their ids."""
    reach = sa.and_(within(scopes), Account.state != State.CLOSED)
    answering = sa.union(*(sa.select(column).where(reach) for column in (Account.owner_id, Account.deputy_id)))
    return db.session.execute(
        sa.select(Person.id, Person.name, Person.title, Person.mail, Team.path.label("team"))
        .outerjoin(Team, Team.id == Person.team_id)
        .where(Person.id.in_(answering), Person.state.in_(IN_OFFICE), Person.id > after)
        .order_by(Person.id)
        .limit(limit)
    ).all()


def run_by(scopes: Collection[Scope], person_ids: Collection[int]) -> dict[int, tuple[list[int], list[int]]]:
    """The ids of the accounts within reach that people own, and those that they deputise for, by person."""
    found: dict[int, tuple[list[int], list[int]]] = {one: ([], []) for one in person_ids}
    rows = db.session.execute(
        sa.select(Account.id, Account.owner_id, Account.deputy_id)
        .where(
            within(scopes), Account.state != State.CLOSED,
            sa.or_(Account.owner_id.in_(person_ids), Account.deputy_id.in_(person_ids)),
        )
        .order_by(Account.id)
    )  # fmt: skip
    for account_id, owner_id, deputy_id in rows:
        if owner_id in found:
            found[owner_id][0].append(account_id)
        if deputy_id in found:
            found[deputy_id][1].append(account_id)
    return found
