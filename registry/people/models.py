"""People, teams, roles, signed-in browsers, and the runs that keep them up to date."""

import enum
import hashlib
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, words
from registry.roles import Role
from registry.search import Searchable


class PersonState(enum.StrEnum):
    """What the directory last said of somebody."""

    ACTIVE = "active"
    MISSING = "missing"
    LEFT = "left"
    DISABLED = "disabled"


class Team(Model):
    """A team, within another or at the top. Its path is its identity: the names from the top down."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"), index=True)


class Person(Searchable, Model):
    """Somebody who works here, or did. A person is their directory id: all else about them may change."""

    __tablename__ = "person"
    __table_args__ = (sa.Index("ix_person_state_name", "state", "name", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    directory_id: Mapped[str] = mapped_column(sa.String(64), unique=True)
    #: Not unique: a login that is used again belongs to a new person, who inherits nothing.
    username: Mapped[str] = mapped_column(index=True)
    mail: Mapped[str | None] = mapped_column(index=True)
    name: Mapped[str]
    given_name: Mapped[str] = mapped_column(default="")
    family_name: Mapped[str] = mapped_column(default="")
    phone: Mapped[str | None]
    title: Mapped[str | None]
    location: Mapped[str | None]
    employee_number: Mapped[str | None]
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"), index=True)
    manager_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True)
    #: The names that the directory uses for this person and for their manager, to match one with the other.
    dn_key: Mapped[str] = mapped_column(default="", index=True)
    manager_key: Mapped[str | None]
    state: Mapped[PersonState] = mapped_column(words(PersonState), default=PersonState.ACTIVE)
    joined_at: Mapped[datetime]
    missing_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    #: Sixteen bytes over all that the directory said; where they are the same, nothing has to be written.
    digest: Mapped[bytes] = mapped_column(sa.LargeBinary(16))

    team: Mapped[Team | None] = relationship(lazy="raise_on_sql")
    manager: Mapped["Person | None"] = relationship(remote_side=[id], lazy="raise_on_sql")
    grants: Mapped[list["RoleGrant"]] = relationship(lazy="raise_on_sql", foreign_keys="RoleGrant.person_id")

    # What Flask-Login asks of a signed-in person.
    is_authenticated = True
    is_anonymous = False

    @property
    def is_active(self) -> bool:
        return self.state in (PersonState.ACTIVE, PersonState.MISSING)

    def get_id(self) -> str:
        raise TypeError("a browser is known by its sign-in, not by the person; see people/signin.py")

    @property
    def roles(self) -> frozenset[Role]:
        """What they may do: everybody who works here is staff; the rest is granted."""
        return frozenset({Role.STAFF, *(grant.role for grant in self.grants)})


class GrantSource(enum.StrEnum):
    """Where a role comes from: given by hand, or by a group of the directory."""

    HAND = "hand"
    GROUP = "group"


class RoleGrant(Model):
    """A role that somebody holds."""

    __tablename__ = "role_grant"
    __table_args__ = (sa.UniqueConstraint("person_id", "role", "source"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"))
    role: Mapped[Role] = mapped_column(words(Role))
    source: Mapped[GrantSource] = mapped_column(words(GrantSource))
    granted_at: Mapped[datetime]


class SignIn(Model):
    """One browser that somebody has signed in with. It ends by signing out, by time, or when they leave."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True)
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True)
    began_at: Mapped[datetime]
    ends_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @staticmethod
    def hash_of(token: str) -> str:
        """What is kept of the secret in the browser's cookie."""
        return hashlib.sha256(token.encode()).hexdigest()


class FailedSignIn(Model):
    """A try to sign in that failed; counted for a quarter of an hour, then deleted."""

    __tablename__ = "failed_sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)
    #: ``person:…`` (their directory id), ``login:…`` (hashed, where nobody was found) or ``address:…``.
    counted_by: Mapped[str] = mapped_column(sa.String(80), index=True)


class SyncResult(enum.StrEnum):
    """How a run ended."""

    RUNNING = "running"
    COMPLETE = "complete"
    HELD = "held"
    FAILED = "failed"


class SyncRun(Model):
    """One reading of the directory."""

    __tablename__ = "sync_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    began_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    result: Mapped[SyncResult] = mapped_column(words(SyncResult))
    reason: Mapped[str] = mapped_column(default="")
    read: Mapped[int] = mapped_column(default=0)
    joined: Mapped[int] = mapped_column(default=0)
    changed: Mapped[int] = mapped_column(default=0)
    moved: Mapped[int] = mapped_column(default=0)
    missing: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)
    returned: Mapped[int] = mapped_column(default=0)
    skipped: Mapped[int] = mapped_column(default=0)
    #: The first entries that could not be read: their DN and why.
    skipped_entries: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON(), default=list)
