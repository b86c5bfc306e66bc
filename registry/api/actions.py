"""Making tokens for programs, and revoking them."""

import secrets
from collections.abc import Collection
from datetime import date, timedelta
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.api.models import ApiToken, Scope
from registry.audit import Somebody
from registry.db import db, now

MADE: Final = audit.declare(
    "token.made", "{actor} made the API token “{subject}”, good until {expires_on}", "scopes", "expires_on"
)
REVOKED: Final = audit.declare("token.revoked", "{actor} revoked the API token “{subject}”")
#: What every token begins with, so that one that got into the wrong place is known for what it is.
PREFIX: Final = "sar_"
#: When a use is noted again: noting each would make every question a change of the database.
NOTED_EVERY: Final = timedelta(minutes=10)


def make(*, name: str, scopes: Collection[Scope], expires_on: date, actor: Somebody | None) -> tuple[ApiToken, str]:
    """A new token, and its words, which are kept nowhere: whoever asked must write them down now."""
    words = PREFIX + secrets.token_urlsafe(32)
    sorted_scopes = " ".join(scope.value for scope in Scope if scope in scopes)
    token = ApiToken(
        name=name, token_hash=ApiToken.hash_of(words), scopes=sorted_scopes, made_at=now(),
        made_by_id=actor.id if actor else None, expires_on=expires_on,
    )  # fmt: skip
    db.session.add(token)
    db.session.flush()
    _record(MADE, token, actor, scopes=sorted_scopes, expires_on=expires_on.isoformat())
    return token, words


def revoke(*, token: ApiToken, actor: Somebody | None) -> bool:
    """Let a token open nothing any more, from the next request on; ``False`` where it was revoked already."""
    if token.revoked_at is not None:
        return False
    token.revoked_at = now()
    _record(REVOKED, token, actor)
    return True


def note_use(token_id: int) -> None:
    """Remember that a token was used just now."""
    db.session.execute(sa.update(ApiToken).where(ApiToken.id == token_id).values(used_at=now()))


def _record(name: str, token: ApiToken, actor: Somebody | None, **fields: Any) -> None:
    audit.record(name, actor=actor, subject_kind="token", subject_id=token.id, subject_name=token.name, **fields)
