"""Two rows that are one human being become one: a guest who is in the directory now, or somebody whose id changed.

Both are done by hand and written into the history. Which tables there are is read from the database's own
description, so that a part of the register that did not exist when this was written is moved too.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry import audit
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import EmergencyKey, Guest, Person, PersonKind, PersonMerge, PersonState, SignIn
from registry.people.queries import IN_OFFICE
from registry.personal import KEY, Lead
from registry.rows import columns_to, move
from registry.search import plain

MERGED: Final = audit.declare(
    "person.merged", "{actor} merged {gone} into {subject}", "gone", "gone_id", "moved", naming=("gone",)
)
RELINKED: Final = audit.declare(
    "person.relinked", "{actor} found that {subject}, known as {before}, is {after} in the directory now", "before",
    "after", "before_id", "after_id", "gone_id", naming=("before", "after", "before_id", "after_id"),
)  # fmt: skip
#: What the directory says of somebody, which a new entry of theirs says better.
TAKEN_OVER: Final = (
    "directory_id", "username", "mail", "name", "given_name", "family_name", "phone", "title", "location",
    "employee_number", "team_id", "manager_id", "manager_key", "dn_key", "state", "digest", "mark", "search_text",
)  # fmt: skip
#: Parts above this one that let something end of which there may be one at a time, but which is not to be lost where
#: both have it: called with the ids of who goes and who is kept, before anything moves.
BEFORE_MERGING: Final[list[Callable[[int, int], None]]] = []
#: Parts above this one that count what somebody has done put that right here: called with the id of who is kept.
ON_MERGING: Final[list[Callable[[int], None]]] = []
#: How long the old and the new entry of somebody may have been there together for the two to be shown as a pair.
OVERLAP: Final = timedelta(days=31)
#: Not moved: memory of merges, what ends with the row itself, and the emergency administrator, who is never merged.
STAY: Final = (PersonMerge.__tablename__, Guest.__tablename__ + ".person_id", SignIn.__tablename__,
               EmergencyKey.__tablename__)  # fmt: skip


class CannotMerge(Exception):
    """These two cannot be merged; the message says why, and what to do instead."""


# --- What belongs to somebody -----------------------------------------------------------------------------


def _sealed(table: sa.Table) -> bool:
    return "seal" in table.columns


def _unlinked() -> Iterator[sa.Column[Any]]:
    """Columns that name a person without the database's watching over it: letters, and sealed evidence."""
    for table in db.metadata.sorted_tables:
        column = table.columns.get("person_id")
        if column is not None and not column.foreign_keys:
            yield column


def _stays(column: sa.Column[Any]) -> bool:
    return column.table.name in STAY or f"{column.table.name}.{column.name}" in STAY


def moving() -> list[sa.Column[Any]]:
    """Every column that follows somebody who is merged, those of later parts of the register included."""
    person: Any = Person.__table__
    linked = [column for column in columns_to(person) if not _stays(column)]
    return [*linked, *(column for column in _unlinked() if not _sealed(column.table))]


def belongings(person_id: int) -> list[tuple[str, int]]:
    """What would move with somebody: what each table calls it, and how many; one question for all tables.

    Sign-offs are among it, though their rows stay: they count for whoever is kept.
    """
    columns = [*moving(), *(column for column in _unlinked() if _sealed(column.table))]
    counts = [
        sa.select(sa.literal(number), sa.func.count()).where(column == person_id).select_from(column.table)
        for number, column in enumerate(columns)
    ]
    rows = db.session.execute(sa.union_all(*counts))
    return [(_heading(columns[number]), count) for number, count in sorted((*row,) for row in rows) if count]


def _heading(column: sa.Column[Any]) -> str:
    lead = column.info.get(KEY)
    return lead.heading if isinstance(lead, Lead) else column.table.name.replace("_", " ").capitalize()


# --- Moving it --------------------------------------------------------------------------------------------


def absorb(gone: Person, kept: Person) -> None:
    """Give ``kept`` all that is ``gone``'s, and let ``gone`` be a tombstone. Writes no event.

    Where both have what there may be only one of, that of ``kept`` stays. Evidence is not touched: the merge is
    remembered in a row of its own. The tombstone is not deleted, as evidence names its number, which the database
    might give to somebody new.
    """
    db.session.flush()
    for end in BEFORE_MERGING:
        end(gone.id, kept.id)
    for column in moving():
        move(column, gone.id, kept.id)
    for model in (SignIn, Guest):
        db.session.execute(sa.delete(model).where(model.person_id == gone.id))
    # Whoever reported to their own second row reports to nobody now.
    own = sa.and_(Person.id == kept.id, Person.manager_id == kept.id)
    db.session.execute(sa.update(Person).where(own).values(manager_id=None))
    db.session.expire_all()
    _bury(gone)


def _bury(gone: Person) -> None:
    """Leave of a row nothing but its number."""
    gone.kind, gone.state, gone.directory_id, gone.left_at = PersonKind.MERGED, PersonState.LEFT, None, now()
    gone.name, gone.username = "Merged", f"merged.{gone.id}"
    gone.given_name = gone.family_name = gone.dn_key = gone.search_text = ""
    gone.mail = gone.phone = gone.title = gone.location = gone.employee_number = gone.manager_key = None
    gone.team_id = gone.manager_id = gone.mark = gone.missing_at = None
    gone.digest = b""
    db.session.flush()


def remember(gone: Person, kept: Person, actor: Somebody | None) -> None:
    """Write down that the two were one; what was merged into ``gone`` before leads to ``kept`` from now on, too."""
    before = db.session.scalars(
        sa.select(PersonMerge.gone_id).where(PersonMerge.kept_id == gone.id).order_by(PersonMerge.id)
    ).all()
    by, at = actor.id if actor else None, now()
    rows = [PersonMerge(gone_id=one, kept_id=kept.id, merged_at=at, merged_by_id=by) for one in (*before, gone.id)]
    db.session.add_all(rows)
    db.session.flush()
    for count in ON_MERGING:
        count(kept.id)


# --- A guest who is in the directory now ------------------------------------------------------------------


def merge_guest(*, gone: Person, kept: Person, actor: Somebody) -> list[tuple[str, int]]:
    """Merge a guest into the same person of the directory; what moved, as ``belongings`` tells it.

    Raises ``CannotMerge``.
    """
    _lock(gone, kept)
    if reason := why_not(gone, kept) or _oneself(actor, gone, kept):
        raise CannotMerge(reason)
    moved, name = belongings(gone.id), gone.name
    absorb(gone, kept)
    remember(gone, kept, actor)
    audit.record(
        MERGED, actor=actor, subject_kind="person", subject_id=kept.id, subject_name=kept.name, gone=name,
        gone_id=gone.id, moved="; ".join(f"{heading}: {count}" for heading, count in moved),
    )  # fmt: skip
    return moved


def _lock(*people: Person) -> None:
    """Read the rows again and hold them, so that of two who merge at once one comes second."""
    held = sa.select(Person).where(Person.id.in_([one.id for one in people])).order_by(Person.id).with_for_update()
    db.session.scalars(held.execution_options(populate_existing=True)).all()


def _oneself(actor: Somebody | None, *people: Person) -> str:
    if actor is None or actor.id not in [one.id for one in people]:
        return ""
    return "This is you. Ask a colleague to do it, so that two people have looked at it."


def why_not(gone: Person, kept: Person) -> str:
    """Why a guest cannot be merged into somebody, in a sentence that says what to do; empty where they can."""
    if gone.id == kept.id:
        return f"This is {gone.name}’s own page as a guest. Choose who they are in the directory."
    if gone.kind is PersonKind.MERGED:
        return "This guest was merged already. Nothing was changed."
    if gone.kind is not PersonKind.GUEST:
        return f"{gone.name} is no guest. Only a guest can be merged into somebody of the directory."
    if kept.kind is PersonKind.GUEST:
        return f"{kept.name} is a guest too. Choose somebody whom the directory knows, or end one of the two guests."
    if kept.kind is not PersonKind.DIRECTORY:
        return f"{kept.name} is not in the directory. Choose somebody whom the directory knows."
    if kept.state not in IN_OFFICE:
        return f"{kept.name} does not work here now. Wait until the directory shows them again, then merge."
    return ""


def survivor_of(person_id: int) -> int | None:
    """Whose page to show instead of that of somebody who was merged; ``None`` for everybody else."""
    mine = sa.select(PersonMerge.kept_id).where(PersonMerge.gone_id == person_id)
    return db.session.scalar(mine.order_by(PersonMerge.id.desc()).limit(1))


# --- Somebody whose directory id changed ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Pair:
    """Somebody whom the directory no longer shows, and somebody new with the same employee number."""

    old: Person
    new: Person
    #: Why a person has to look closely before the two are linked; empty where number, name and dates agree.
    doubt: str

    @property
    def sure(self) -> bool:
        return not self.doubt


def relinkable() -> list[Pair]:
    """Pairs of rows that may be one human being, by the name of the one who is gone.

    A number that more than one of the gone, or more than one of those here, have had is left out: nobody can tell.
    """
    old, new = aliased(Person), aliased(Person)
    rows = db.session.execute(
        sa.select(old, new)
        .join(new, new.employee_number == old.employee_number)
        .where(old.id.in_(_only_one(_gone())), new.id.in_(_only_one(~_gone())), new.state == PersonState.ACTIVE)
        .options(joinedload(old.team), joinedload(new.team))
        .order_by(old.name, old.id)
    )
    return [Pair(one, other, _doubt(one, other)) for one, other in rows if _came_after(one, other)]


def _gone() -> sa.ColumnElement[bool]:
    return sa.or_(Person.missing_at.is_not(None), Person.state == PersonState.LEFT)


def _only_one(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The ids of those for whom ``which`` holds and whose employee number no other of them has."""
    numbered = sa.and_(Person.kind == PersonKind.DIRECTORY, sa.func.trim(Person.employee_number) != "")
    numbers = sa.select(Person.employee_number).where(numbered, _gone())
    some = sa.select(sa.func.min(Person.id)).where(numbered, which, Person.employee_number.in_(numbers))
    return some.group_by(Person.employee_number).having(sa.func.count() == 1)


def _gone_at(old: Person) -> datetime:
    return old.missing_at or old.left_at or old.joined_at


def _came_after(old: Person, new: Person) -> bool:
    return new.joined_at >= _gone_at(old) - OVERLAP


def _doubt(old: Person, new: Person) -> str:
    if new.joined_at < _gone_at(old):
        return "For some days the directory showed both."
    names = [(plain(getattr(old, name)), plain(getattr(new, name))) for name in ("given_name", "family_name")]
    if any(before and before == after for before, after in names):
        return ""
    return "Only the number is the same, not the name: numbers are sometimes given to somebody new."


def relink(*, old: Person, new: Person, actor: Somebody | None) -> None:
    """Let ``old`` be whom the directory now shows as ``new``; what ``new`` had since moves to ``old``.

    Both must still be a pair of ``relinkable``, sure or not: who calls has looked. Hold ``exclusively("sync")`` until
    the commit, or a reading of the directory might write to the row that goes. Raises ``CannotMerge``.
    """
    _lock(old, new)
    if not _still_pair(old, new):
        raise CannotMerge("These two are not a pair any more: somebody was quicker, or the directory has changed.")
    if reason := _oneself(actor, old, new):
        raise CannotMerge(reason)
    told = {name: getattr(new, name) for name in TAKEN_OVER}
    fields = {
        "before": old.username,
        "after": new.username,
        "before_id": old.directory_id,
        "after_id": new.directory_id,
    }
    absorb(new, old)
    for name, value in told.items():
        setattr(old, name, value)
    old.missing_at = old.left_at = None
    if old.manager_id == old.id:
        old.manager_id = None
    # Whoever has the old row open in a browser signs in again as the directory knows them now.
    db.session.execute(sa.delete(SignIn).where(SignIn.person_id == old.id))
    remember(new, old, actor)
    audit.record(
        RELINKED, actor=actor, subject_kind="person", subject_id=old.id, subject_name=old.name, gone_id=new.id, **fields
    )


def _still_pair(old: Person, new: Person) -> bool:
    if old.employee_number != new.employee_number or not _came_after(old, new):
        return False
    same = Person.employee_number == old.employee_number
    gone, here = (db.session.scalars(_only_one(which).where(same)).all() for which in (_gone(), ~_gone()))
    return (gone, here) == ([old.id], [new.id]) and new.state is PersonState.ACTIVE
