"""Signing in: the directory checks the password, a row here remembers the browser.

The cookie holds a random token, the table its hash. The row is read with the person on every request, so a
leaver, a disabled person and a withdrawn role take effect on the next one. The row says when it ends at the latest;
the cookie is signed anew with each answer, and one that was signed longer ago than the idle limit is worth nothing.
"""

import secrets
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from datetime import time as clock
from functools import lru_cache
from typing import Any, Final, cast

import sqlalchemy as sa
from flask import Request, session
from flask_login import LoginManager
from sqlalchemy.orm import defer, joinedload

from registry import audit
from registry.audit import Somebody
from registry.config import Settings
from registry.db import LONDON, UtcDateTime, db, now, today
from registry.people import directory, emergency, throttle
from registry.people.intake import take_in
from registry.people.models import EmergencyKey, Guest, Person, PersonKind, SignIn, SignInMethod
from registry.people.patience import TooSlow, in_time
from registry.people.queries import IN_OFFICE
from registry.people.throttle import TooManyTries
from registry.web import viewer

__all__ = [
    "SignInRefused", "TooManyTries", "admitted", "begin", "check_password", "end", "end_all", "end_of", "end_one",
    "is_here", "let_in", "me", "of",
]  # fmt: skip

COOKIE_KEY: Final = "sign_in"
#: Seconds given to all servers of the directory together: whoever asks has an answer within five.
PATIENCE: Final = 4

SIGNED_OUT: Final = audit.declare(
    "person.signed-out", "Every browser of {subject} was signed out by {actor}", "browsers"
)


class SignInRefused(Exception):
    """Wrong name, wrong password, disabled or gone: all look the same to who asks."""


def check_password(settings: Settings, *, login: str, password: str, address: str) -> Person:
    """The person whose ``login`` (username or mail) and ``password`` the directory accepts.

    ``address`` is the network address that asks, for counting failures. Failures are committed at once.
    Raises ``SignInRefused``, ``TooManyTries`` and ``directory.DirectoryError`` where the directory cannot be asked.
    """
    if emergency.is_meant(login):
        return _check_emergency(password, throttle.by_address(address))
    by_login, by_address = throttle.by_login(login), throttle.by_address(address)
    throttle.refuse(by_login, by_address)
    reserved: list[int] = []

    def admit(found: directory.Entry | None) -> None:
        # A directory takes many spellings for one name, so failures count against whom it finds too.
        who = [throttle.by_person(found.directory_id)] if found else []
        reserved.extend(throttle.reserve(*who, by_login, by_address))

    ldap = settings.ldap.model_copy(update={"timeout": min(settings.ldap.timeout, PATIENCE)})
    try:
        entry = in_time("directory", lambda ask: directory.sign_in(ldap, login, password, admit=ask), admit)
    except (directory.DirectoryError, TooSlow) as error:
        throttle.forget(reserved)  # A directory that is away says nothing about the password.
        db.session.commit()
        if isinstance(error, TooSlow):
            raise directory.DirectoryUnavailable(f"The directory: {error}") from None
        raise
    if entry is None:
        if not reserved:
            throttle.reserve(by_login, by_address)
        raise SignInRefused
    person = db.session.scalar(sa.select(Person).where(Person.directory_id == entry.directory_id))
    if person is None or person.state not in IN_OFFICE:
        person = take_in(entry)  # The directory has them, and lets them in: new today, or back, or enabled again.
    if person.state not in IN_OFFICE:
        raise SignInRefused
    throttle.forgive(reserved, throttle.by_person(entry.directory_id), by_login)
    return person


def _check_emergency(password: str, by_address: str) -> Person:
    by_person = throttle.by_person(emergency.USERNAME)
    reserved = throttle.reserve(by_person, by_address)
    person = emergency.check(password)
    if person is None:
        raise SignInRefused
    throttle.forgive(reserved, by_person)
    return person


def let_in(person: Person, *, hours: int, address: str) -> None:
    """Sign ``person`` in after ``check_password``; of the emergency administrator, tell the others at once."""
    if person.kind is PersonKind.EMERGENCY:
        emergency.tell_of_use(person, address=address)
        begin(person, hours=hours, method=SignInMethod.EMERGENCY)
    else:
        begin(person, hours=hours)


def begin(person: Person, *, hours: int, method: SignInMethod = SignInMethod.DIRECTORY) -> None:
    """Sign ``person`` in, in the browser that sent this request, with a new session that ends within ``hours``."""
    token = secrets.token_urlsafe(32)
    at = now()
    db.session.execute(sa.delete(SignIn).where(SignIn.ends_at < at))
    end()  # Who was signed in here before is not any more.
    db.session.add(
        SignIn(
            token_hash=SignIn.hash_of(token), person_id=person.id, method=method, began_at=at,
            ends_at=min([at + timedelta(hours=hours), *_ends_of(person, at)]),
        )
    )  # fmt: skip
    session[COOKIE_KEY] = token
    session.permanent = True


def _ends_of(person: Person, at: datetime) -> list[datetime]:
    """When a session of ``person`` ends at the latest, where that hangs on who they are."""
    if person.kind is PersonKind.EMERGENCY:
        return [at + emergency.LASTS]
    if person.kind is not PersonKind.GUEST:
        return []
    last_day = db.session.scalar(sa.select(Guest.ends_on).where(Guest.person_id == person.id))
    return [datetime.combine(last_day + timedelta(days=1), clock.min, LONDON)] if last_day else [at]


def end() -> None:
    """Sign out the browser that sent this request."""
    if token := session.get(COOKIE_KEY):
        db.session.execute(sa.delete(SignIn).where(SignIn.token_hash == SignIn.hash_of(token)))
    session.clear()


def end_one(*, sign_in_id: int, person: Somebody) -> bool:
    """Sign out one browser of ``person``; ``False`` where it was out already, or is not theirs."""
    theirs = sa.delete(SignIn).where(SignIn.id == sign_in_id, SignIn.person_id == person.id)
    return _deleted(theirs) > 0


def end_all(*, person: Somebody, actor: Somebody | None) -> int:
    """Sign out every browser of ``person``; how many that were."""
    count = _deleted(sa.delete(SignIn).where(SignIn.person_id == person.id))
    if count:
        audit.record(
            SIGNED_OUT, actor=actor, subject_kind="person", subject_id=person.id, subject_name=person.name,
            browsers=count,
        )  # fmt: skip
    return count


def end_of(username: str) -> int | None:
    """Sign out, for the command line, every browser of whoever has ``username``; ``None`` where nobody has."""
    people = db.session.scalars(sa.select(Person).where(Person.username == username).order_by(Person.id)).all()
    return sum(end_all(person=one, actor=None) for one in people) if people else None


def _deleted(statement: sa.Delete) -> int:
    return cast("sa.CursorResult[Any]", db.session.execute(statement)).rowcount


def of(person: Somebody) -> Sequence[SignIn]:
    """The browsers in which ``person`` is signed in, the newest first."""
    theirs = sa.select(SignIn).where(SignIn.person_id == person.id, SignIn.ends_at > now())
    return db.session.scalars(theirs.order_by(SignIn.began_at.desc(), SignIn.id.desc())).all()


def is_here(sign_in: SignIn) -> bool:
    """Whether ``sign_in`` is that of the browser that sent this request."""
    return sign_in.token_hash == SignIn.hash_of(session.get(COOKIE_KEY, ""))


def admitted(on: sa.BindParameter[date] | None = None) -> sa.ColumnElement[bool]:
    """Who may be signed in: whoever works here, a guest to the end of their last day (London), and in an emergency."""
    day = today() if on is None else on
    gone = sa.select(Guest.person_id).where(Guest.person_id == Person.id, Guest.ends_on < day)
    # Named one by one: a list is put into the statement anew each time, and every page asks this.
    works = sa.or_(*(Person.state == state for state in IN_OFFICE))
    here = sa.and_(works, sa.not_(gone.exists()))
    return sa.or_(here, Person.id.in_(sa.select(EmergencyKey.person_id)))


#: What no page asks of who looks at it: each column costs all of them something.
_SELDOM: Final[tuple[Any, ...]] = (
    Person.digest, Person.mark, Person.dn_key, Person.manager_key, Person.search_text, Person.read_at,
    Person.missing_at, Person.employee_number,
)  # fmt: skip


@lru_cache(maxsize=1)
def _whose() -> sa.Select[Any]:
    """The question that every page asks first, made once: making it takes ten times as long as asking it.

    It brings the seal of the last event along, by which a page knows whether it may be told as it was.
    """
    theirs = SignIn.token_hash == sa.bindparam("token"), SignIn.ends_at > sa.bindparam("at", type_=UtcDateTime)
    return (
        sa.select(Person, audit.LAST.scalar_subquery())
        .join(SignIn, SignIn.person_id == Person.id)
        .where(*theirs, admitted(sa.bindparam("day", type_=sa.Date)))
        .options(joinedload(Person.team), joinedload(Person.grants), *(defer(one) for one in _SELDOM))
    )


def load(_request: Request) -> Person | None:
    """Who is signed in, with their team and roles, in one query."""
    if not (token := session.get(COOKIE_KEY)):
        return None
    asked = {"token": SignIn.hash_of(token), "at": now(), "day": today()}
    found = db.session.execute(_whose(), asked).unique().first()
    if found is None:
        return None
    person, last = found
    audit.note_last(last)
    return cast(Person, person)


def me() -> Person:
    """The signed-in person; only for views that not everyone may see."""
    return cast(Person, viewer())


def init_app(login: LoginManager) -> None:
    """Tell Flask-Login how to find who is signed in."""
    login.request_loader(load)
