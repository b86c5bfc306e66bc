"""What pages and other slices ask about people."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from registry import audit, search
from registry.db import db, is_sqlite
from registry.people.models import Person, PersonKind, PersonState, RoleGrant, Team
from registry.roles import Role

#: People who work here: missing from one reading of the directory is not gone.
IN_OFFICE = (PersonState.ACTIVE, PersonState.MISSING)


_AWAY = {PersonState.LEFT: "has left", PersonState.DISABLED: "cannot sign in now"}


def away(state: str) -> str:
    """What is said after the name of somebody who does not work here now, by their state; empty for all others."""
    return _AWAY.get(PersonState(state), "") if state else ""


def working_here() -> sa.Select[Any]:
    """Everybody who works here now, by name; the emergency administrator is nobody's colleague."""
    return sa.select(Person).where(*_here(Person)).order_by(Person.name, Person.id)


def _here(who: Any) -> tuple[sa.ColumnElement[bool], ...]:
    return who.state.in_(IN_OFFICE), who.kind != PersonKind.EMERGENCY


def person(person_id: int) -> Person | None:
    """Somebody by id, with their team and manager; leavers too."""
    return db.session.scalar(
        sa.select(Person).where(Person.id == person_id).options(joinedload(Person.team), joinedload(Person.manager))
    )


def by_login(login: str) -> Person | None:
    """Who works here under the username or mail ``login``; the newest where a login was used again."""
    name = login.strip()
    found = working_here().where(sa.or_(Person.username == name, sa.func.lower(Person.mail) == name.lower()))
    newest = found.options(joinedload(Person.team)).order_by(None).order_by(Person.id.desc())
    return db.session.scalars(newest.limit(1)).first()


def holders(role: Role) -> Sequence[Person]:
    """Who works here and holds a role, by name."""
    given = sa.select(RoleGrant.person_id).where(RoleGrant.role == role)
    return db.session.scalars(working_here().where(Person.id.in_(given))).all()


def suggestions(query: str, most: int = 8) -> Sequence[Person]:
    """People who work here and whose name, team or title begins with the words of ``query``."""
    typed = search.typed(query)
    if typed is None:
        return []
    return db.session.scalars(_suggested(is_sqlite()), {**typed, "most": most}).all()


@lru_cache(maxsize=2)
def _suggested(_sqlite: bool) -> sa.Select[Any]:
    """Made once for each kind of database: it is asked as somebody types, and making it takes as long as asking it."""
    return _first_by_name(Person).options(joinedload(Person.team))


def _first_by_name(*told: Any) -> sa.Select[Any]:
    """The first by name of those hits who work here; nothing but that is read of the others."""
    hits = search.first_typed(Person, Person.name, Person.kind, Person.state).c
    some = sa.select(hits.id).where(*_here(hits)).order_by(hits.name, hits.id)
    shown = some.limit(sa.bindparam("most", type_=sa.Integer)).subquery("shown")
    return sa.select(*told).join(shown, shown.c.id == Person.id).order_by(Person.name, Person.id)


def found(query: str, most: int) -> Sequence[Any]:
    """The same people as rows of id, name, kind, title and the name of their team, for a page that shows no more.

    Remembered until the next event: what a reading of the directory changes is told from its end on.
    """
    typed = search.typed(query)
    if typed is None:
        return []
    asked = {**typed, "most": most}
    key = ("found people", typed["asked"], most)
    return audit.remembered(key, lambda: db.session.execute(_found(is_sqlite()), asked).all())


@lru_cache(maxsize=2)
def _found(_sqlite: bool) -> sa.Select[Any]:
    # Asked for each: joined, PostgreSQL reads all teams there are for the few who are shown.
    team = sa.select(Team.name).where(Team.id == Person.team_id).scalar_subquery()
    return _first_by_name(Person.id, Person.name, Person.kind, Person.title, team)


EXPORT_COLUMNS = (
    "directory_id", "username", "mail", "name", "title", "team", "manager", "state", "missing_at", "left_at",
)  # fmt: skip


def export_rows() -> sa.Result[Any]:
    """Everybody, a row each as ``EXPORT_COLUMNS`` names them, in the order of the directory id."""
    boss = aliased(Person)
    return db.session.execute(
        sa.select(
            Person.directory_id, Person.username, Person.mail, Person.name, Person.title, Team.path,
            boss.username, sa.cast(Person.state, sa.Text), Person.missing_at, Person.left_at,
        )
        .outerjoin(Team, Team.id == Person.team_id)
        .outerjoin(boss, boss.id == Person.manager_id)
        .where(Person.kind.not_in((PersonKind.EMERGENCY, PersonKind.MERGED)))
        # Guests have no directory id; the databases would put them at opposite ends.
        .order_by(Person.directory_id.nulls_last(), Person.id)
        .execution_options(yield_per=2000)
    )  # fmt: skip
