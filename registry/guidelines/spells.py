"""What is sealed of the duties to sign: how each spell stood when it began, ended or moved.

Who was asked when is evidence as much as who signed. Spells themselves end, so they cannot be append-only: each change
of theirs is followed by a note, which is. A note takes all of a night, as a night may ask a whole organisation.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.chains import UNREADABLE, Fault, Wrong, cells
from registry.db import db, now
from registry.guidelines.models import Obligation, SpellNote
from registry.people.merging import ON_MERGING
from registry.web import day

#: Spells that one note takes, and that are read at a time.
MOST: Final = 100_000
AT_ONCE: Final = 1_000
#: What is held of each: not how often they were reminded, nor what the sign-offs say, which are evidence themselves.
HELD: Final = (
    Obligation.document_id, Obligation.person_id, Obligation.why, Obligation.since_at, Obligation.due_on,
    Obligation.ended_at, Obligation.ending,
)  # fmt: skip


def mark(row: Any) -> str:
    """What is noted of a spell as it stands: 16 hexadecimal digits of the hash of ``HELD``."""
    values = [getattr(row, one.key) for one in HELD]
    plain = [value.isoformat() if hasattr(value, "isoformat") else value for value in values]
    return hashlib.sha256(json.dumps(plain).encode()).hexdigest()[:16]


def note(*which: sa.ColumnElement[bool]) -> None:
    """Note how the spells stand that meet ``which``; the first time of all, how every one does."""
    begun = db.session.scalar(sa.select(sa.exists().where(SpellNote.id > 0)))
    some = sa.select(Obligation.id, *HELD).where(*(which if begun else ())).order_by(Obligation.id)
    rows = db.session.execute(some.execution_options(yield_per=AT_ONCE))
    at, told = now(), [f"{row.id}:{mark(row)}" for row in rows]
    parts = (" ".join(told[start : start + MOST]) for start in range(0, len(told), MOST))
    audit.append([SpellNote(at=at, spells=part) for part in parts])


def changed_at(at: datetime) -> sa.ColumnElement[bool]:
    """The condition that a spell began or ended at a moment: that of one change of many."""
    return sa.or_(Obligation.since_at == at, Obligation.ended_at == at)


ON_MERGING.append(lambda kept_id: note(Obligation.person_id == kept_id))


# --- Looking whether they are so --------------------------------------------------------------------------


def faults() -> Iterator[Fault]:
    """Spells that are not as they were noted last, each by its number."""
    noted = _noted()
    if not noted:
        return  # An earlier release noted none.
    of_mark = {held: number for number, (held, _) in noted.items()}
    spells: Any = Obligation
    for number, row in cells(spells, *HELD):
        held, told_by = noted.pop(number, ("", 0))
        stands = _mark(row)
        if stands == held:
            continue
        if not held:
            yield Fault(Wrong.INSERTED, number, f"Duty {number} was inserted: no note tells of it.")
        elif of_mark.get(stands, number) != number:
            text = f"Duty {number} is out of order: it was noted as duty {of_mark[stands]}."
            yield Fault(Wrong.MOVED, number, text)
        else:
            text = f"Duty {number} was changed: who was asked to sign what, or when, is not as note {told_by} says."
            yield Fault(Wrong.CHANGED, number, text)
    for number, (_, told_by) in sorted(noted.items()):
        text = f"Duty {number} was removed, of which note {told_by} tells.{_of_day(told_by)}"
        yield Fault(Wrong.REMOVED, number, text)


def _noted() -> dict[int, tuple[str, int]]:
    """What was noted last of each spell, and in which note."""
    found = {}
    for number, row in cells(SpellNote, SpellNote.spells):
        for one in str(row.spells if row is not None else "").split():
            spell, _, held = one.partition(":")
            if spell.isdigit():  # What else may stand there is told of the note itself.
                found[int(spell)] = held, number
    return found


def _mark(row: Any) -> str:
    try:
        return mark(row)
    except (*UNREADABLE, AttributeError):
        return "cannot be read"


def _of_day(number: int) -> str:
    try:
        at = db.session.scalar(sa.select(SpellNote.at).where(SpellNote.id == number))
    except UNREADABLE:
        return ""
    return f" It is of {day(at)}." if at else ""
