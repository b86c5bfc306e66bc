"""Which account an address leads to, by whichever of its names; which accounts look alike."""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry import audit
from registry.accounts.models import Account, Alias, State, Visibility
from registry.accounts.naming.models import FormerName, ToldApart
from registry.accounts.naming.skeletons import skeleton
from registry.accounts.platforms import Refused, Resolved, other_readings, resolve
from registry.db import db

#: Accounts that a page shows as look-alikes of one.
MOST_ALIKE: Final = 5
#: Pairs that the list of look-alikes shows; whoever has settled them sees the next.
MOST_PAIRS: Final = 100


class How(enum.IntEnum):
    """By what an account is known, the surest first."""

    NAME = 0
    #: The platform's own number: its handle has changed.
    NUMBER = 1
    FORMER_NAME = 2
    ALIAS = 3


@dataclass(frozen=True, slots=True)
class Known:
    """An address that leads to a registered account."""

    account: Account
    how: How


def known(resolved: Resolved, typed: str = "", *, but: int | None = None) -> Known | None:
    """The account that an address stands for: by its name, its lasting number, a former name or another address.

    ``typed`` is the address as it was typed. The address of a server that only the register knows for one of the
    fediverse leads to the account that it holds there. What was merged leads to the account that it turned out to be.
    ``but`` is the id of one that is passed over.
    Whether the asker may see it is another question; see ``accounts.queries.visible_to``.
    """
    hits = _hits(resolved, typed).subquery("hits")
    hit = _hit()
    row = db.session.execute(
        sa.select(Account, hits.c.how)
        .join(hit, Account.id == sa.func.coalesce(hit.merged_into_id, hit.id))
        .join(hits, hits.c.account_id == hit.id)
        .where(*(() if but is None else (Account.id != but,)))
        .options(joinedload(Account.owner), joinedload(Account.team), joinedload(Account.deputy))
        .order_by(hits.c.how, Account.id)
        .limit(1)
    ).first()
    return Known(row[0], How(row[1])) if row else None


def another(account: Account, typed: str) -> Account | Refused | None:
    """The account besides ``account`` for which an address or a handle stands, on its platform or wherever else.

    Where there is none: why what was typed is no account on its platform, if it is not. One address may be two
    accounts: a website, and an account on a server that is known by what somebody said.
    """
    here = resolve(typed, account.platform)
    for answer in (here, resolve(typed)):
        if isinstance(answer, Resolved) and (same := known(answer, typed, but=account.id)) is not None:
            return same.account
    return here if isinstance(here, Refused) else None


@cache
def _hit() -> type[Account]:
    """The account that has the name, kept as making another name for a table takes longer than looking it up."""
    return aliased(Account, name="hit")


def _hits(resolved: Resolved, typed: str) -> sa.CompoundSelect[Any]:
    def named(table: Any, one: Resolved) -> sa.ColumnElement[bool]:
        return sa.and_(table.platform == one.platform, table.kind == one.kind, table.key == one.key)

    def hit(column: Any, how: How, *conditions: sa.ColumnElement[bool]) -> sa.Select[Any]:
        return sa.select(column.label("account_id"), sa.literal(how.value).label("how")).where(*conditions)

    ways = [hit(Alias.account_id, How.ALIAS, Alias.url.in_({resolved.url, typed}))]
    for one in (resolved, *other_readings(resolved)):
        former = named(FormerName, one), FormerName.released_on.is_(None)
        ways += hit(Account.id, How.NAME, named(Account, one)), hit(FormerName.account_id, How.FORMER_NAME, *former)
    if resolved.platform_id:
        same = Account.platform_id == resolved.platform_id
        ways.append(hit(Account.id, How.NUMBER, Account.platform == resolved.platform, same))
    return sa.union_all(*ways)


def former_names(account_id: int) -> Sequence[FormerName]:
    """The names that an account had, the last first."""
    mine = sa.select(FormerName).where(FormerName.account_id == account_id)
    return db.session.scalars(mine.order_by(FormerName.until_on.desc(), FormerName.id.desc())).all()


def merged_into(account_id: int) -> sa.Select[Any]:
    """The ids of what was merged into an account."""
    return sa.select(Account.id).where(Account.merged_into_id == account_id)


def survivor_of(account_id: int, seen: sa.ColumnElement[bool]) -> int | None:
    """Whose page to show instead of that of an account that was merged, where the asker may see it."""
    gone = aliased(Account)
    kept = sa.select(Account.id).join(gone, gone.merged_into_id == Account.id)
    return db.session.scalar(kept.where(gone.id == account_id, seen))


# --- Look-alikes ------------------------------------------------------------------------------------------


def alike(platform: str, key: str, seen: sa.ColumnElement[bool], *, but: int | None = None) -> Sequence[Account]:
    """Accounts of the platform with a name that is easily taken for ``key``, as far as the asker may see.

    ``but`` is the id of the account with that key, where it is registered; what was told apart from it is left out.
    """
    bare = skeleton(platform, key)
    if not bare:
        return []
    same = sa.select(Account).where(Account.platform == platform, Account.skeleton == bare, Account.key != key, seen)
    if but is not None:
        pairs = (sa.select(ToldApart.one_id).where(ToldApart.other_id == but),
                 sa.select(ToldApart.other_id).where(ToldApart.one_id == but))  # fmt: skip
        same = same.where(Account.id != but, Account.id.not_in(sa.union(*pairs)))
    found = same.options(joinedload(Account.owner)).order_by(Account.title, Account.id)
    return db.session.scalars(found.limit(MOST_ALIKE)).all()


One = aliased(Account, name="one")
Other = aliased(Account, name="other")


def _pairs(*columns: Any) -> sa.Select[Any]:
    """Pairs of accounts that look alike and that nobody has told apart."""
    several = (
        sa.select(Account.platform, Account.skeleton)
        .where(Account.skeleton != "")
        .group_by(Account.platform, Account.skeleton)
        .having(sa.func.count() > 1)
        .subquery("several")
    )
    told = sa.exists().where(ToldApart.one_id == One.id, ToldApart.other_id == Other.id)
    there = [sa.and_(one.visibility != Visibility.NOBODY, one.state != State.CLOSED) for one in (One, Other)]
    joined = sa.select(*columns).select_from(several)
    for one in (One, Other):
        joined = joined.join(one, sa.and_(one.platform == several.c.platform, one.skeleton == several.c.skeleton))
    return joined.where(One.id < Other.id, ~told, *there)


def pairs() -> list[tuple[Account, Account]]:
    """Pairs of accounts that look alike, by title, at most a hundred; for comms, who see all of them."""
    found = _pairs(One, Other).options(joinedload(One.owner), joinedload(Other.owner))
    rows = db.session.execute(found.order_by(One.title, One.id, Other.id).limit(MOST_PAIRS))
    return [(one, other) for one, other in rows]


def pairs_count() -> int:
    """How many such pairs there are, counted no further than the list goes."""
    some = _pairs(One.id).limit(MOST_PAIRS).subquery()
    return audit.remembered("pairs", lambda: db.session.scalar(sa.select(sa.func.count()).select_from(some)) or 0)


def waiting_for_consent() -> Sequence[Account]:
    """Accounts in somebody's own name of which they have not said yet whether they may be listed, the oldest first."""
    return db.session.scalars(
        sa.select(Account)
        .where(Account.awaits_consent, Account.state == State.PROPOSED)
        .options(joinedload(Account.owner))
        .order_by(Account.consent_asked_at, Account.id)
        .limit(MOST_PAIRS)
    ).all()
