"""Signing in: the directory checks the password, a row here remembers the browser.

The cookie holds a random token, the table its hash. The row is read with the person on every request, so a
leaver, a disabled person and a withdrawn role take effect on the next one.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Final, cast

import sqlalchemy as sa
from flask import Request, session
from flask_login import LoginManager
from sqlalchemy.orm import joinedload, selectinload

from registry.config import Settings
from registry.db import db, now
from registry.people import directory
from registry.people.models import FailedSignIn, Person, SignIn
from registry.people.queries import IN_OFFICE
from registry.people.sync import take_in
from registry.web import viewer

COOKIE_KEY: Final = "sign_in"
COUNTED_FOR: Final = timedelta(minutes=15)
MOST_FAILURES: Final = 8
#: Many people may share an address (a whole office behind one proxy), so it is given more tries.
MOST_FAILURES_OF_ADDRESS: Final = 60


class SignInRefused(Exception):
    """Wrong name, wrong password, disabled or gone: all look the same to who asks."""


class TooManyTries(Exception):
    """The person or the address has failed too often in the last quarter of an hour."""


def check_password(settings: Settings, *, login: str, password: str, address: str) -> Person:
    """The person whose ``login`` (username or mail) and ``password`` the directory accepts.

    ``address`` is the network address that asks, for counting failures. Failures are committed at once.
    Raises ``SignInRefused``, ``TooManyTries`` and ``directory.DirectoryError`` where the directory cannot be asked.
    """
    counters = _counters(f"login:{hashlib.sha256(login.strip().lower().encode()).hexdigest()[:32]}", address)
    _refuse_too_many(counters)
    reserved: list[int] = []

    def admit(found: directory.Entry) -> None:
        # A directory takes many spellings for one name, so failures count against whom it finds. The try counts
        # before the password is asked for, or guesses sent all at once would each find the count as it was.
        reserved.extend(_reserve(_counters(f"person:{found.directory_id}", address)))

    try:
        entry = directory.sign_in(settings.ldap, login, password, admit=admit)
    except directory.DirectoryError:
        _forget(reserved)  # A directory that is away says nothing about the password.
        db.session.commit()
        raise
    if entry is None:
        if not reserved:
            _reserve(counters)
        raise SignInRefused
    person = db.session.scalar(sa.select(Person).where(Person.directory_id == entry.directory_id))
    if person is None:
        person = take_in(entry)
    if person.state not in IN_OFFICE:
        raise SignInRefused
    _forget(reserved)
    return person


def _forget(tries: list[int]) -> None:
    db.session.execute(sa.delete(FailedSignIn).where(FailedSignIn.id.in_(tries)))


def begin(person: Person, *, hours: int) -> None:
    """Sign ``person`` in, in the browser that sent this request, with a new session."""
    token = secrets.token_urlsafe(32)
    at = now()
    db.session.execute(sa.delete(SignIn).where(SignIn.ends_at < at))
    db.session.execute(sa.delete(FailedSignIn).where(FailedSignIn.counted_by == f"person:{person.directory_id}"))
    end()  # Who was signed in here before is not any more.
    db.session.add(
        SignIn(
            token_hash=SignIn.hash_of(token),
            person_id=person.id,
            began_at=at,
            ends_at=at + timedelta(hours=hours),
        )
    )
    session[COOKIE_KEY] = token
    session.permanent = True


def end() -> None:
    """Sign out the browser that sent this request."""
    if token := session.get(COOKIE_KEY):
        db.session.execute(sa.delete(SignIn).where(SignIn.token_hash == SignIn.hash_of(token)))
    session.clear()


def load(_request: Request) -> Person | None:
    """Who is signed in, with their team and roles, in one query and one for the roles."""
    if not (token := session.get(COOKIE_KEY)):
        return None
    sign_in = db.session.scalar(
        sa.select(SignIn)
        .join(SignIn.person)
        .where(SignIn.token_hash == SignIn.hash_of(token), SignIn.ends_at > now(), Person.state.in_(IN_OFFICE))
        .options(joinedload(SignIn.person).options(joinedload(Person.team), selectinload(Person.grants)))
    )
    return sign_in.person if sign_in else None


def me() -> Person:
    """The signed-in person; only for views that not everyone may see."""
    return cast(Person, viewer())


def init_app(login: LoginManager) -> None:
    """Tell Flask-Login how to find who is signed in."""
    login.request_loader(load)


def _counters(who: str, address: str) -> list[tuple[str, int]]:
    """What failures are counted by, and how many each may have."""
    return [(who, MOST_FAILURES), (f"address:{address}", MOST_FAILURES_OF_ADDRESS)]


def _refuse_too_many(counters: list[tuple[str, int]], *, keep: bool = False) -> None:
    failures = sa.select(FailedSignIn.counted_by, sa.func.count()).where(
        FailedSignIn.at > now() - COUNTED_FOR, FailedSignIn.counted_by.in_([name for name, _ in counters])
    )
    counted = {name: count for name, count in db.session.execute(failures.group_by(FailedSignIn.counted_by))}
    if not keep:  # No transaction stays open while the directory is asked: others write meanwhile.
        db.session.rollback()
    if any(counted.get(name, 0) >= most for name, most in counters):
        raise TooManyTries


def _reserve(counters: list[tuple[str, int]]) -> list[int]:
    """Count a try and commit that; the ids of the rows. Raises ``TooManyTries`` where there were enough already."""
    _refuse_too_many(counters, keep=True)
    at = now()
    db.session.execute(sa.delete(FailedSignIn).where(FailedSignIn.at < at - COUNTED_FOR))
    rows = [FailedSignIn(at=at, counted_by=name) for name, _ in counters]
    db.session.add_all(rows)
    db.session.flush()
    ids = [row.id for row in rows]
    db.session.commit()
    return ids
