"""Who asks: a program with a token, or anybody where the register is public."""

from dataclasses import dataclass
from typing import Final

from flask import current_app, g, request
from sqlalchemy.exc import OperationalError

from registry.api import actions, queries
from registry.api.models import Scope
from registry.db import db, now, writing
from registry.logs import log


@dataclass(frozen=True, slots=True)
class Caller:
    """A program that asks, with the token that it has."""

    token_id: int
    scopes: frozenset[Scope]


@dataclass(frozen=True, slots=True)
class Anybody:
    """Whoever asks without a token, where anybody may."""

    scopes: frozenset[Scope] = frozenset()


class Closed(Exception):
    """Nobody is let in so; ``str()`` says why."""


NOTHING_SHOWN: Final = "Send a token: Authorization: Bearer and the token. An administrator makes one."
NOT_GOOD: Final = "This token is unknown, revoked or past its last day. Ask an administrator for another."


def _shown() -> str | None:
    """The token that the request shows; ``None`` where it shows none, and empty where it shows something else."""
    if (header := request.headers.get("Authorization")) is None:
        return None
    kind, _, words = header.partition(" ")
    return words.strip() if kind.lower() == "bearer" else ""


def _known() -> Caller | None:
    """The program whose token the request shows, where that is good. Looked up once a request."""
    if "caller" not in g:
        words = _shown()
        token = queries.by_words(words) if words else None
        g.caller = Caller(token.id, token.scope_set) if token else None
        g.use_to_note = bool(token and (token.used_at is None or token.used_at < now() - actions.NOTED_EVERY))
    caller: Caller | None = g.caller
    return caller


def counted_as() -> str | None:
    """Under which name the questions of a program are counted; ``None`` where its token is none."""
    caller = _known() if request.blueprint == "api" else None
    return f"token:{caller.token_id}" if caller else None


def enter() -> Caller | Anybody:
    """Who asks. Raises ``Closed`` where nobody is let in so."""
    if _shown() is None:
        if not current_app.config["SETTINGS"].public:
            raise Closed(NOTHING_SHOWN)
        return Anybody()
    caller = _known()
    if caller is None:
        raise Closed(NOT_GOOD)
    if g.use_to_note:
        _note_use(caller.token_id)
    return caller


def _note_use(token_id: int) -> None:
    try:
        with writing():
            actions.note_use(token_id)
            db.session.commit()
    except OperationalError as error:  # The database is busy: the answer matters, and the note can wait.
        db.session.rollback()
        log.warning("token use not noted", problem=str(error.orig))
