"""The accounts of a change of many, and what each looks like at this moment."""

import hashlib
import json
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from registry.accounts.bulk.models import BulkChange
from registry.accounts.models import Account, account_topic
from registry.accounts.queries import Sight
from registry.db import db
from registry.export import cell

#: Accounts that may be changed at once: more nobody looks through.
MOST: Final = 1_000
#: Follow from other columns.
COPIES: Final = ("search_text", "people_text")


def accounts(account_ids: Sequence[int]) -> Sequence[Account]:
    """Those of some accounts that comms see, with their people, teams and topics, by title."""
    return db.session.scalars(
        sa.select(Account)
        .where(Account.id.in_(account_ids), Sight(comms=True).condition)
        .options(
            joinedload(Account.owner), joinedload(Account.deputy), joinedload(Account.team),
            joinedload(Account.principle),
            selectinload(Account.topics),
        )
        .order_by(Account.title, Account.id)
    ).all()  # fmt: skip


def stamps(account_ids: Sequence[int]) -> dict[int, str]:
    """For each of some accounts, sixteen characters that are others as soon as anything about it has changed."""
    columns = [column for column in Account.__table__.columns if column.name not in COPIES]
    seen = Account.id.in_(account_ids), Sight(comms=True).condition
    rows = db.session.execute(sa.select(*columns).where(*seen))
    told = {row.id: [cell(value) for value in row] for row in rows}
    about = sa.select(account_topic).where(account_topic.c.account_id.in_(account_ids))
    for row in db.session.execute(about.order_by(account_topic.c.topic_id)):
        if row.account_id in told:
            told[row.account_id].append(f"topic {row.topic_id}")
    return {number: hashlib.sha256(json.dumps(values).encode()).hexdigest()[:16] for number, values in told.items()}


def change(change_id: int) -> BulkChange | None:
    """One change of many, with who made it."""
    one = sa.select(BulkChange).where(BulkChange.id == change_id).options(joinedload(BulkChange.person))
    return db.session.scalar(one)


def last_change(person_id: int, account_ids: Sequence[int]) -> BulkChange | None:
    """The last change that somebody made, where it was of just these accounts and none of them has changed since."""
    theirs = sa.select(BulkChange).where(BulkChange.person_id == person_id).order_by(BulkChange.id.desc()).limit(1)
    last = db.session.scalar(theirs)
    if last is None or {int(number): kept["stamp"] for number, kept in last.before.items()} != stamps(account_ids):
        return None
    return last
