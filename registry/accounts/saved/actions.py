"""Keeping views: what colleagues share is written into the history, what somebody keeps for themself is not."""

from typing import Final
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.accounts.saved.models import SavedView
from registry.audit import Somebody
from registry.db import db, now

SHARED: Final = audit.declare("view.shared", "{actor} shared the view {subject} of the accounts", "asks")
CHANGED: Final = audit.declare("view.changed", "{actor} changed the shared view {subject} of the accounts", "asks")
ENDED: Final = audit.declare("view.ended", "The view {subject} of the accounts is shared no more, by {actor}")


class NameTaken(Exception):
    """They have a view with this name already."""


def keep(*, name: str, asks: str, is_shared: bool, actor: Somebody) -> SavedView:
    """Save a view. Raises ``NameTaken``."""
    view = SavedView(person_id=actor.id, name=name, asks=asks, is_shared=is_shared, changed_at=now())
    try:
        with db.session.begin_nested():
            db.session.add(view)
    except IntegrityError:
        raise NameTaken from None
    if is_shared:
        _record(SHARED, view, actor, asks=asks)
    return view


def change(*, view: SavedView, name: str, asks: str, is_shared: bool, actor: Somebody) -> None:
    """Give a view another name, contents or readers. Raises ``NameTaken``."""
    was_shared, before = view.is_shared, (view.name, view.asks)
    try:
        with db.session.begin_nested():
            view.name, view.asks, view.is_shared, view.changed_at = name, asks, is_shared, now()
    except IntegrityError:
        raise NameTaken from None
    if was_shared and not is_shared:
        _record(ENDED, view, actor)
    elif is_shared and not was_shared:
        _record(SHARED, view, actor, asks=asks)
    elif is_shared and before != (name, asks):
        _record(CHANGED, view, actor, asks=asks)


def remove(*, view: SavedView, actor: Somebody) -> None:
    """Take a view away."""
    if view.is_shared:
        _record(ENDED, view, actor)
    db.session.delete(view)


def choose_columns(*, columns: tuple[str, ...], actor: Somebody) -> None:
    """Remember which columns somebody likes to see; none gives back the usual ones."""
    db.session.execute(sa.delete(SavedView).where(SavedView.person_id == actor.id, SavedView.name == ""))
    if columns:
        asks = urlencode({"columns": ",".join(columns)})
        db.session.add(SavedView(person_id=actor.id, name="", asks=asks, is_shared=False, changed_at=now()))


def _record(name: str, view: SavedView, actor: Somebody, **fields: str) -> None:
    audit.record(name, actor=actor, subject_kind="view", subject_id=view.id, subject_name=view.name, **fields)
