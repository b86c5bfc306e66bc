"""Who reports to whom: resolved after a reading, as a manager's entry may come after those of their people.

Loops do not matter: nobody walks up the line. Somebody may be their own manager in a directory, as its head often is.
"""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from registry import audit
from registry.db import db
from registry.people import absence
from registry.people.models import Person, PersonState, RunLine, Turn

CHANGED: Final = audit.declare("person.manager-changed", "{subject} now reports to {manager}", "manager")
QUIETLY: Final = {"synchronize_session": False}
AT_ONCE: Final = 1000
#: The digest of somebody whose entry has to be read whole: no entry has it.
UNSETTLED: Final = b""

boss = orm.aliased(Person)
is_boss = sa.and_(boss.dn_key == Person.manager_key, boss.state != PersonState.LEFT)


def follow(renamed: Mapping[int, tuple[str, str]], since: datetime | None) -> None:
    """Lead the people of managers who have another name now to that name.

    ``renamed`` are the names before and after by the id of the manager. Those whose entries changed after ``since``,
    the end of the last reading that saw all, say for themselves to whom they report; it may have been read by a run
    that was killed. The entries of the others do not count as changed, though the directory may have followed the
    name in them (Active Directory does), or may never do so (OpenLDAP, without its overlay for it).
    """
    before = {boss: name for boss, (name, _) in renamed.items()}
    old = [row for row in _people_of(before) if not (since and row.read_at and row.read_at > since)]
    rows = [{"row_id": row.id, "key": renamed[row.manager_id][1]} for row in old]
    _change_people(rows, manager_key=sa.bindparam("key"))


def unsettle(robbed: Mapping[int, str]) -> None:
    """Have the entries read whole of those whose manager's name now leads to somebody else.

    Only they can say whether they report to the newcomer; until then they keep the manager whom they had.
    ``robbed`` are the names by the id of the manager who had them.
    """
    _change_people([{"row_id": row.id} for row in _people_of(robbed)], mark=None, digest=UNSETTLED)


def _people_of(managers: Mapping[int, str]) -> Iterator[Any]:
    """Who reports to these managers under the names given with them."""
    for some in absence.chunks(sorted(managers)):
        columns = (Person.id, Person.manager_id, Person.manager_key, Person.read_at)
        theirs = sa.select(*columns).where(Person.manager_id.in_(some))
        yield from (row for row in db.session.execute(theirs) if row.manager_key == managers[row.manager_id])


def _change_people(rows: list[dict[str, Any]], **values: Any) -> None:
    if rows:
        table: Any = Person.__table__
        one = table.c.id == sa.bindparam("row_id")
        db.session.execute(sa.update(table).where(one).values(values), rows, execution_options=QUIETLY)


def unsettled() -> list[bytes]:
    """The names of those whose entries have to be read whole before it can be said to whom they report."""
    theirs = sa.select(Person.dn_key).where(_is_unsettled(), Person.state.in_(absence.HERE), Person.dn_key != "")
    return [name.encode() for name in db.session.scalars(theirs.order_by(Person.id))]


def _is_unsettled() -> sa.ColumnElement[bool]:
    return sa.and_(absence.from_directory(), Person.digest == UNSETTLED)


def tell_new_managers(run_id: int, before: datetime) -> None:
    """Note who of those that had joined ``before`` will have another manager, or none, once managers are resolved."""
    differs = (
        sa.select(Person.id, Person.name, boss.name.label("manager"))
        .outerjoin(boss, is_boss)
        .where(
            absence.from_directory(), Person.state.in_(absence.HERE), Person.joined_at < before,
            Person.manager_id.is_distinct_from(boss.id), Person.digest != UNSETTLED,
        )
        .order_by(Person.id)
    )  # fmt: skip
    for rows in absence.chunks(db.session.execute(differs).all(), AT_ONCE):
        lines: list[dict[str, Any]] = [
            {"run_id": run_id, "person_id": row.id, "turn": Turn.MANAGER, "note": row.manager or "nobody"}
            for row in rows
        ]
        db.session.execute(sa.insert(RunLine), lines)
        audit.append([absence.event(CHANGED, row.id, row.name, manager=row.manager or "nobody") for row in rows])


def resolve_managers(*who: sa.ColumnElement[bool]) -> None:
    """Point everybody, or only ``who``, at their manager, or at nobody where there is none here; write what differs."""
    known = (*who, absence.from_directory(), Person.digest != UNSETTLED)
    db.session.execute(
        sa.update(Person)
        .where(*known, is_boss, Person.manager_id.is_distinct_from(boss.id))
        .values(manager_id=boss.id),
        execution_options=QUIETLY,
    )
    has_boss = sa.exists(sa.select(boss.id).where(is_boss).correlate(Person))
    db.session.execute(
        sa.update(Person).where(*known, Person.manager_id.is_not(None), ~has_boss).values(manager_id=None),
        execution_options=QUIETLY,
    )
