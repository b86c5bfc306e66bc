"""Who answers, after a file has changed it: access is to be withdrawn from those who are gone, and no longer is where
the import is taken back.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from registry.accounts.answering import following
from registry.accounts.answering.following import Before
from registry.accounts.answering.models import Withdrawal
from registry.accounts.importing import known
from registry.accounts.importing.judging import Change
from registry.accounts.models import Account, Contributor
from registry.audit import Somebody
from registry.db import db

#: The columns from which it follows, and under which name a row keeps those who posted there until they came to answer.
COLUMNS: Final = frozenset(("owner_id", "deputy_id", "state"))
POSTED: Final = "contributors"


def follow(changes: Iterable[Change], *, actor: Somebody | None) -> None:
    """Have all follow from what a file has changed, once it is written."""
    some = {one.existing.id: one for one in changes if COLUMNS & one.values.keys()}
    for chunk in known.chunks(some):
        _remember_contributors(chunk, some)
        befores = [
            Before(account, (row.owner_id, row.deputy_id), row.state)
            for account in _accounts(chunk)
            for row in (some[account.id].existing,)
        ]
        following.several_changed(befores, actor=actor)


def _accounts(account_ids: Sequence[int]) -> Sequence[Account]:
    """The accounts as they are in the database now, whatever the session has seen of them."""
    some = sa.select(Account).where(Account.id.in_(account_ids)).order_by(Account.id)
    return db.session.scalars(some.execution_options(populate_existing=True)).all()


def _remember_contributors(account_ids: Sequence[int], changes: Mapping[int, Change]) -> None:
    """Keep with the row of the file who posted there and answers now: they are contributors no longer."""
    posts = db.session.execute(sa.select(Contributor).where(Contributor.account_id.in_(account_ids))).scalars()
    for row in posts:
        change = changes[row.account_id]
        if row.person_id in (change.values.get("owner_id"), change.values.get("deputy_id")):
            kept = change.fated.before if change.fated.before is not None else {}
            kept.setdefault(POSTED, {})[str(row.person_id)] = row.since_at.isoformat()


def take_back(lines: Sequence[Any], accounts: Mapping[int, Any], *, since: datetime, actor: Somebody | None) -> None:
    """The same once it is undone; ``accounts`` is how those of ``lines`` stood before that, ``since`` when it came in.

    Nobody is asked for who only came with the file, unless somebody has ticked a way in since: then people acted on it.
    """
    ids = [line.account_id for line in lines]
    acted = sa.select(Withdrawal.account_id).where(Withdrawal.account_id.in_(ids), Withdrawal.settled_at >= since)
    ticked = set(db.session.scalars(acted))
    befores = [
        Before(account, (row.owner_id, row.deputy_id), row.state)
        for account in _accounts(ids)
        for row in (accounts[account.id],)
    ]
    for asking in (True, False):
        some = [one for one in befores if (one.account.id in ticked) is asking]
        following.several_changed(some, actor=actor, asking=asking)
    _bring_contributors_back(lines, {one.account.id: one for one in befores})


def _bring_contributors_back(lines: Sequence[Any], befores: Mapping[int, Before]) -> None:
    for line in lines:
        went, stays = befores[line.account_id].runners
        for number, since in (line.before or {}).get(POSTED, {}).items():
            posts = db.session.get(Contributor, (line.account_id, int(number)))
            if int(number) in went - stays and posts is None:
                at = datetime.fromisoformat(since)
                db.session.add(Contributor(account_id=line.account_id, person_id=int(number), since_at=at))
