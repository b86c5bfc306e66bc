"""The emergency administrator, who can sign in when the directory is away: made, used and removed.

There is one at most, made on the command line by whoever runs the machine. Each use is an event and a mail to every
administrator; it is nobody's colleague, so it is never offered as one (``queries.working_here``).
"""

import secrets
from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import sqlalchemy as sa
from werkzeug.security import check_password_hash, generate_password_hash

from registry import audit, outbox
from registry.db import db, now
from registry.people.models import (
    EmergencyKey,
    GrantSource,
    Person,
    PersonKind,
    PersonState,
    RoleGrant,
    SignIn,
)
from registry.people.queries import IN_OFFICE
from registry.roles import Role
from registry.web import moment

#: What is typed for the username. Somebody in the directory who is called so signs in by mail or with their domain.
USERNAME: Final = "emergency"
NAME: Final = "Emergency administrator"
LASTS: Final = timedelta(hours=1)
#: Without letters and figures that look alike: 25 of them are 123 bits.
LETTERS: Final = "abcdefghjkmnpqrstuvwxyz23456789"
GROUPS: Final = 5
#: Takes as long to compare as a real one, and fits no password: whether there is one stays untold.
FITS_NOTHING: Final = f"scrypt:32768:8:1$nobody${'0' * 128}"

MADE: Final = audit.declare("emergency.made", "{actor} made a new password for the {subject}")
REMOVED: Final = audit.declare("emergency.removed", "{actor} removed the {subject}")
USED: Final = audit.declare("emergency.used", "Somebody signed in as the {subject}")

WARNING: Final = """\
Somebody signed in to the register as the emergency administrator on {at} (London),
from the network address {address}.

If that was not one of you, end it now: on the machine that serves the register, run
registry emergency --remove

What they did is in the history: {link}
"""


def is_meant(login: str) -> bool:
    """Whether ``login`` is the word kept for the emergency administrator, and nothing else."""
    return login.strip().lower() == USERNAME


def make() -> str:
    """Make the emergency administrator, or give it a new password, which is returned and kept only hashed.

    Whoever is signed in with the older one is not any more.
    """
    person = _person() or _new_person()
    # Not active, as nobody works here under that name: whatever lists colleagues leaves it out, without being told.
    person.state, person.left_at = PersonState.DISABLED, None
    _withdraw(person)
    db.session.add(RoleGrant(person_id=person.id, role=Role.ADMIN, source=GrantSource.HAND, granted_at=now()))
    password = "-".join("".join(secrets.choice(LETTERS) for _ in range(5)) for _ in range(GROUPS))
    db.session.add(EmergencyKey(person_id=person.id, password_hash=generate_password_hash(password), made_at=now()))
    _record(MADE, person)
    return password


def remove() -> bool:
    """Take the emergency administrator away, and out; ``False`` where there was none."""
    key = db.session.scalar(sa.select(EmergencyKey))
    if key is None:
        return False
    person = db.session.get_one(Person, key.person_id)
    person.state, person.left_at = PersonState.LEFT, now()
    _withdraw(person)
    _record(REMOVED, person)
    return True


def check(password: str) -> Person | None:
    """The emergency administrator, where there is one and this is its password. Leaves no transaction open."""
    kept = db.session.scalar(sa.select(EmergencyKey.password_hash))
    db.session.rollback()  # Comparing takes a tenth of a second, in which others may write.
    right = check_password_hash(kept or FITS_NOTHING, password.strip())
    return _person() if kept and right else None


def tell_of_use(person: Person, *, address: str) -> None:
    """Note that ``person``, the emergency administrator, has signed in, and write to every administrator."""
    at = now()
    db.session.execute(sa.update(EmergencyKey).values(used_at=at))
    _record(USED, person, actor=person)
    text = WARNING.format(at=moment(at), address=address or "unknown", link=outbox.link("/history"))
    for row in _administrators():
        outbox.post(to=row.mail, subject="The emergency administrator signed in", text=text, person_id=row.id)


def _administrators() -> Sequence[sa.Row[int, str | None]]:
    admins = sa.select(RoleGrant.person_id).where(RoleGrant.role == Role.ADMIN)
    here = Person.state.in_(IN_OFFICE), Person.kind != PersonKind.EMERGENCY
    return db.session.execute(
        sa.select(Person.id, Person.mail).where(Person.id.in_(admins), *here).order_by(Person.id)
    ).all()


def _person() -> Person | None:
    return db.session.scalar(
        sa.select(Person).where(Person.kind == PersonKind.EMERGENCY).order_by(Person.id.desc()).limit(1)
    )


def _new_person() -> Person:
    person = Person(
        kind=PersonKind.EMERGENCY, username=USERNAME, name=NAME, joined_at=now(), digest=bytes(16), search_text="",
    )  # fmt: skip
    db.session.add(person)
    db.session.flush()
    return person


def _withdraw(person: Person) -> None:
    """Take away its password, its roles and its browsers."""
    db.session.flush()
    for model in (EmergencyKey, RoleGrant, SignIn):
        db.session.execute(sa.delete(model).where(model.person_id == person.id))


def _record(name: str, person: Person, actor: Person | None = None) -> None:
    audit.record(name, actor=actor, subject_kind="person", subject_id=person.id, subject_name=NAME.lower())
