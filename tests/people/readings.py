"""What the tests of the sync look at: the people that are kept, what a run did, what it recorded."""

from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import time_machine

from registry.audit import Event
from registry.db import db, now
from registry.people.models import Person, SignIn
from registry.people.sync import Outcome


def rows() -> dict[str, tuple[Any, ...]]:
    """Every row of the table of people, whole, by directory id."""
    found = {row.directory_id: tuple(row) for row in db.session.execute(sa.select(Person.__table__))}
    db.session.rollback()
    return found


def states() -> dict[str, str]:
    """How everybody stands, by username."""
    found = db.session.execute(sa.select(Person.username, Person.state).order_by(Person.username))
    told = {username: state.value for username, state in found}
    db.session.rollback()
    return told


def person(username: str) -> Person:
    """The newest person with a username, as the database has them now."""
    db.session.rollback()
    mine = sa.select(Person).where(Person.username == username).order_by(Person.id.desc())
    found = db.session.scalars(mine).first()
    assert found is not None, username
    return found


def counts(outcome: Outcome) -> dict[str, Any]:
    """What a run did, without what is nought, how it read, how long it took and whom it names."""
    told = outcome.as_json()
    return {name: value for name, value in told.items() if value and name not in ("seconds", "absent", "way", "held")}


def events(*names: str) -> list[str]:
    """The sentences of these events, in order."""
    told = db.session.scalars(sa.select(Event).where(Event.name.in_(names)).order_by(Event.id))
    sentences = [event.sentence for event in told]
    db.session.rollback()
    return sentences


def days_later(number: float) -> AbstractContextManager[Any]:
    """The clock moved on by some days."""
    moved: AbstractContextManager[Any] = time_machine.travel(now() + timedelta(days=number), tick=True)
    return moved


def sign_in(who: Person) -> None:
    """A browser that ``who`` has signed in with."""
    at = now()
    db.session.add(SignIn(token_hash=f"of {who.id}", person_id=who.id, began_at=at, ends_at=at + timedelta(days=30)))
    db.session.commit()
