"""What accounts are found by: the words that anybody is told who sees one, then its team, then its names of before.

They stood in one row, so that people outside could find an account by what they are not shown.
"""

from collections.abc import Iterator
from typing import Any, Final

import sqlalchemy as sa
from alembic import op

from registry.accounts.platforms import name_of
from registry.search import fold, fold_apart

revision = "0031"
down_revision = "0030"

AT_ONCE: Final = 500
COLUMNS: Final = (
    "id", "team_id", "search_text", "title", "handle", "key", "platform", "purpose", "place", "other_names",
)  # fmt: skip
ACCOUNT: Final = sa.table("account", *map(sa.column, COLUMNS))
TEAM: Final = sa.table("team", sa.column("id"), sa.column("path"))
TOPIC: Final = sa.table("topic", sa.column("id"), sa.column("name"), sa.column("key"))
ABOUT: Final = sa.table("account_topic", sa.column("account_id"), sa.column("topic_id"))


def _some() -> Iterator[list[Any]]:
    """All accounts that are found at all, some at a time."""
    every = (
        sa.select(ACCOUNT, TEAM.c.path)
        .select_from(ACCOUNT.outerjoin(TEAM, TEAM.c.id == ACCOUNT.c.team_id))
        .where(ACCOUNT.c.search_text > "")
        .order_by(ACCOUNT.c.id)
        .limit(AT_ONCE)
    )
    last = 0
    while rows := list(op.get_bind().execute(every.where(ACCOUNT.c.id > last))):
        last = rows[-1].id
        yield rows


def _topics(ids: list[int]) -> dict[int, list[str]]:
    found: dict[int, list[str]] = {}
    pairs = sa.select(ABOUT.c.account_id, TOPIC.c.name).join(TOPIC, TOPIC.c.id == ABOUT.c.topic_id)
    for account_id, name in op.get_bind().execute(pairs.where(ABOUT.c.account_id.in_(ids)).order_by(TOPIC.c.key)):
        found.setdefault(account_id, []).append(name)
    return found


def _write(texts: list[dict[str, Any]]) -> None:
    one = sa.update(ACCOUNT).where(ACCOUNT.c.id == sa.bindparam("number")).values(search_text=sa.bindparam("text"))
    op.get_bind().execute(one, texts)


def upgrade() -> None:
    for rows in _some():
        topics = _topics([row.id for row in rows])
        _write([{"number": row.id, "text": _text(row, topics.get(row.id, []))} for row in rows])


def _text(row: Any, topics: list[str]) -> str:
    shown = (row.title, row.handle, row.key, name_of(row.platform), row.purpose, row.place, *topics)
    return fold_apart(shown, "|", (row.path,), "||", (row.other_names,))


def downgrade() -> None:
    for rows in _some():
        _write([{"number": row.id, "text": fold(row.search_text)} for row in rows])
