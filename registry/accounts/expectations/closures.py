"""When the whole organisation is closed: noting it, and taking it back."""

from datetime import date
from typing import Final

from registry import audit
from registry.accounts.expectations.models import Level
from registry.audit import Somebody
from registry.db import db
from registry.workdays import ClosurePeriod, closures

ADDED: Final = audit.declare(
    "closure.added", "{actor} noted that {subject} is closed, {days}: {words}", "days", "words"
)
REMOVED: Final = audit.declare(
    "closure.removed", "{actor} took back that {subject} is closed, {days}: {words}", "days", "words"
)


class KnownAlready(Exception):
    """Some of the days belong to another closure; ``closure`` is it."""

    def __init__(self, closure: ClosurePeriod) -> None:
        super().__init__(closure.words)
        self.closure = closure


def add(*, first: date, last: date, words: str, organisation: str, actor: Somebody) -> ClosurePeriod:
    """Note that ``organisation`` is closed from ``first`` to ``last``. Raises ``KnownAlready``."""
    if known := closures(first, last):
        raise KnownAlready(known[0])
    made = ClosurePeriod(from_on=first, to_on=last, words=words)
    db.session.add(made)
    _record(ADDED, made, organisation, actor)
    return made


def remove(*, closure: ClosurePeriod, organisation: str, actor: Somebody) -> None:
    """Take it back."""
    db.session.delete(closure)
    _record(REMOVED, closure, organisation, actor)


def _record(name: str, closure: ClosurePeriod, organisation: str, actor: Somebody) -> None:
    audit.record(
        name, actor=actor, subject_kind=Level.ORGANISATION.value, subject_id=0, subject_name=organisation,
        days=closure.span, words=closure.words,
    )  # fmt: skip
