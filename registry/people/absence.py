"""Who was not seen: when absence is held back, when somebody is missing, and when they have left."""

from array import array
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final, TypeVar

import sqlalchemy as sa

from registry import audit
from registry.db import db
from registry.people.models import Person, PersonKind, PersonState, RoleGrant, RunLine, SignIn, Turn

One = TypeVar("One")
MISSING_FOR: Final = timedelta(days=1)
#: The guard: more new absences than these, or a fall of the whole by more than a tenth, hold all departures.
FEW: Final = 10
SHARE: Final = 0.02
FALL: Final = 0.10
#: A run remembers whose entries could not be read up to this many of them.
MOST_UNREADABLE: Final = 1_000
#: Names of absent people that a report lists.
MOST_NAMES: Final = 200
HERE: Final = (PersonState.ACTIVE, PersonState.DISABLED, PersonState.MISSING)

MISSING: Final = audit.declare("person.missing", "{subject} was not in the directory")
LEFT: Final = audit.declare("person.left", "{subject} left")


class Seen:
    """Which people were seen, a bit for each: a million people take 125 kB."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, person_id: int) -> None:
        """Note that somebody was seen."""
        place = person_id >> 3
        if place >= len(self._bits):
            self._bits.extend(bytes(place + 1024 - len(self._bits)))
        self._bits[place] |= 1 << (person_id & 7)

    def __contains__(self, person_id: int) -> bool:
        place = person_id >> 3
        return place < len(self._bits) and bool(self._bits[place] & (1 << (person_id & 7)))


@dataclass(slots=True)
class Absent:
    """The ids of people to mark missing and to mark left, and the first names of both."""

    newly: list[int] = field(default_factory=list)
    overdue: list[int] = field(default_factory=list)
    names: list[str] = field(default_factory=list)


def from_directory() -> sa.ColumnElement[bool]:
    """The condition that somebody is in the directory, or was: nobody else can be absent from it."""
    return Person.kind == PersonKind.DIRECTORY


@dataclass(slots=True)
class Known:
    """Everybody whom a reading may find or miss, from one look through the table."""

    #: Ids by the mark that their entries had when they were last looked for.
    by_mark: dict[int, int] = field(default_factory=dict)
    #: Those who have none, or were not there, so that their entries have to be read. Eight bytes each.
    others: "array[int]" = field(default_factory=lambda: array("q"))
    #: How many were there.
    there: int = 0

    def __iter__(self) -> Iterator[int]:
        yield from self.by_mark.values()
        yield from self.others

    def forget_marks(self) -> None:
        """Give back the memory of the marks, where everybody is read whole after all."""
        self.others.extend(self.by_mark.values())
        self.by_mark = {}


def everybody(*, marks: bool) -> Known:
    """Who is in the directory as far as is known, or was and has not left; with or without their ``marks``."""
    table: Any = Person.__table__  # A hundred thousand rows come quicker past the mapping of objects.
    columns = (table.c.id, table.c.mark, table.c.missing_at.is_(None))
    here = sa.select(*columns).where(from_directory(), table.c.state.in_(HERE))
    known = Known()
    for person_id, mark, there in db.session.execute(here.execution_options(yield_per=5_000)):
        known.there += there
        if marks and there and mark is not None and mark not in known.by_mark:
            known.by_mark[mark] = person_id
        else:
            known.others.append(person_id)
    return known


def absent(seen: Seen, at: datetime, known: Known) -> Absent:
    """Who of those ``known`` is not among ``seen``, as things stand at ``at``."""
    unseen = [one for one in known if one not in seen]
    unseen.sort()
    found = Absent()
    columns = (Person.id, Person.name, Person.state, Person.missing_at)
    for chunk in chunks(unseen):
        here = sa.select(*columns).where(Person.id.in_(chunk), from_directory(), Person.state.in_(HERE))
        for row in db.session.execute(here.order_by(Person.id)):
            if row.missing_at is None:
                found.newly.append(row.id)
            elif row.missing_at <= at - MISSING_FOR:
                found.overdue.append(row.id)
            else:
                continue
            if len(found.names) < MOST_NAMES:
                found.names.append(row.name)
    return found


def guard(*, absent: int, read: int, known: int, skipped: int = 0) -> str:
    """Why departures are held, or nothing.

    ``absent`` people were not seen for the first time, ``read`` entries were, ``known`` people were here before.
    ``skipped`` entries could not be read.
    """
    mend = f"Nobody was marked. If it is right, run: registry sync --accept-leavers {absent}"
    if not read and not known:
        return "The directory answered with nobody. Check REGISTRY_LDAP_BASE_DN; `registry doctor` says more."
    if not read:
        return f"The directory answered with nobody, but {known} people are known. {mend}"
    if absent > max(FEW, known * SHARE):
        return f"{absent} of {known} people were not in the directory. {mend}"
    if absent and skipped > MOST_UNREADABLE:
        return f"{skipped} entries could not be read, so {absent} people who were not seen may be among them. {mend}"
    if read < known * (1 - FALL):
        return f"The directory fell from {known} people to {read}. {mend}"
    return ""


def hold(found: Absent, run_id: int) -> None:
    """Note whom the guard would not let go."""
    for chunk in chunks(found.newly):
        _note(run_id, Turn.HELD, chunk, "would be missing")
    for chunk in chunks(found.overdue):
        _note(run_id, Turn.HELD, chunk, "would be a leaver")


def mark(found: Absent, at: datetime, run_id: int) -> None:
    """Date the absence of those who are newly absent, and make leavers of those who are overdue."""
    for chunk in chunks(found.newly):
        _tell_all(MISSING, chunk)
        _note(run_id, Turn.MISSING, chunk)
        # Somebody whom the directory had disabled stays so: missing people still count as working here.
        still = sa.case((Person.state == PersonState.DISABLED, PersonState.DISABLED), else_=PersonState.MISSING)
        _update(chunk, state=still, missing_at=at)
    for chunk in chunks(found.overdue):
        _tell_all(LEFT, chunk)
        _note(run_id, Turn.LEFT, chunk)
        _update(chunk, state=PersonState.LEFT, left_at=at)
        # Leavers are signed out everywhere and hold no role any more.
        db.session.execute(sa.delete(SignIn).where(SignIn.person_id.in_(chunk)))
        db.session.execute(sa.delete(RoleGrant).where(RoleGrant.person_id.in_(chunk)))


def _note(run_id: int, turn: Turn, person_ids: Sequence[int], note: str = "") -> None:
    lines = [{"run_id": run_id, "person_id": one, "turn": turn, "note": note} for one in person_ids]
    db.session.execute(sa.insert(RunLine), lines)


def _update(person_ids: Sequence[int], **values: Any) -> None:
    db.session.execute(sa.update(Person).where(Person.id.in_(person_ids)).values(values))


def _tell_all(name: str, person_ids: Sequence[int]) -> None:
    rows = db.session.execute(sa.select(Person.id, Person.name).where(Person.id.in_(person_ids)).order_by(Person.id))
    audit.append([event(name, row.id, row.name) for row in rows])


def event(name: str, person_id: int, person_name: str, **fields: Any) -> audit.Event:
    """An event about somebody that the register notes by itself."""
    return audit.event(
        name, actor=None, subject_kind="person", subject_id=person_id, subject_name=person_name, **fields
    )


def chunks(rows: Sequence[One], size: int = 1000) -> Iterator[Sequence[One]]:
    """``rows`` in pieces that every database takes as parameters of one statement."""
    return (rows[start : start + size] for start in range(0, len(rows), size))
