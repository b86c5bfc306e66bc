"""Which views somebody sees."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts.saved.models import SavedView
from registry.db import db


@lru_cache(maxsize=1)
def _shown() -> sa.Select[Any]:
    views: Any = SavedView.__table__
    mine = views.c.person_id == sa.bindparam("person_id")
    return (
        sa.select(views.c.id, views.c.name, views.c.asks, views.c.is_shared, views.c.person_id)
        .where(sa.or_(mine, views.c.is_shared))
        .order_by(views.c.name, views.c.id)
    )


def shown_to(person_id: int) -> Sequence[Any]:
    """Somebody's own views and those that colleagues share, by name; the one without a name first, which is theirs."""
    return db.session.execute(_shown(), {"person_id": person_id}).all()


def view(view_id: int) -> SavedView | None:
    """One view with whom it belongs to."""
    named = sa.select(SavedView).where(SavedView.id == view_id, SavedView.name != "")
    return db.session.scalar(named.options(joinedload(SavedView.person)))
