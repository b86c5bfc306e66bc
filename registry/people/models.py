"""People, teams, roles, signed-in browsers, and the runs that keep them up to date."""

import enum
import hashlib
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, words
from registry.personal import Fate, attribute, hidden, leads, stays
from registry.roles import Role
from registry.search import Searchable


class PersonState(enum.StrEnum):
    """What the directory last said of somebody."""

    ACTIVE = "active"
    MISSING = "missing"
    LEFT = "left"
    DISABLED = "disabled"


class PersonKind(enum.StrEnum):
    """Where we know somebody from."""

    DIRECTORY = "directory"
    #: A contractor, volunteer or partner: added by comms, with a sponsor and an end date.
    GUEST = "guest"
    #: The one administrator who can sign in when the directory is away.
    EMERGENCY = "emergency"
    #: A leaver whose retention time is over: what told who they were is gone.
    FORGOTTEN = "forgotten"
    #: A second row of somebody, merged into the first: kept, since the evidence names its number; see ``PersonMerge``.
    MERGED = "merged"


class Team(Model):
    """A team, within another or at the top: the names from the top down are its path."""

    __tablename__ = "team"

    id: Mapped[int] = mapped_column(primary_key=True)
    path: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"), index=True)
    #: The id of its organisational unit in the directory, by which a renamed team is known again.
    directory_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)


def _counted(person: Any) -> list[str]:
    """By what failures to sign in are counted against somebody; see people/throttle.py."""
    return [f"person:{person.directory_id}"] if person.directory_id else []


_MANAGED: Any = {
    "heading": "People managed",
    "fate": Fate.CLEARED,
    "because": "It is part of what is held on those people.",
    "shows": (),
    "clears": ("manager_id", "manager_key"),
}


class Person(Searchable, Model):
    """Somebody who works here, or did. A person is their directory id: all else about them may change."""

    __tablename__ = "person"
    __table_args__ = (
        sa.Index("ix_person_state_name", "state", "name", "id"),
        # Whoever is not from the directory has no id of it, and is never absent from it.
        sa.CheckConstraint("(kind = 'directory') = (directory_id IS NOT NULL)", name="directory_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[PersonKind] = mapped_column(words(PersonKind), default=PersonKind.DIRECTORY)
    directory_id: Mapped[str | None] = mapped_column(sa.String(64), unique=True)
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
    manager_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads(**_MANAGED, named=True)
    )
    #: The names that the directory uses for this person and for their manager, to match one with the other.
    dn_key: Mapped[str] = mapped_column(default="", index=True)
    manager_key: Mapped[str | None] = mapped_column(info=leads(**_MANAGED, values=attribute("dn_key")))
    state: Mapped[PersonState] = mapped_column(words(PersonState), default=PersonState.ACTIVE)
    joined_at: Mapped[datetime]
    #: When the entry was last found to have changed; None where it never was.
    read_at: Mapped[datetime | None] = mapped_column(info=stays("It does not say what had changed."))
    missing_at: Mapped[datetime | None]
    left_at: Mapped[datetime | None]
    #: Sixteen bytes over all that the directory said; where they are the same, nothing has to be written.
    digest: Mapped[bytes] = mapped_column(sa.LargeBinary(16), info=hidden("A hash of what stands above."))
    #: A hash of the entry's name and its change mark: while it stays, the entry need not be read. None: read it.
    mark: Mapped[int | None] = mapped_column(sa.BigInteger, info=hidden("A hash, too."))

    team: Mapped[Team | None] = relationship(lazy="raise_on_sql")
    manager: Mapped["Person | None"] = relationship(remote_side=[id], lazy="raise_on_sql")
    grants: Mapped[list["RoleGrant"]] = relationship(lazy="raise_on_sql", foreign_keys="RoleGrant.person_id")

    # What Flask-Login asks of a signed-in person.
    is_authenticated = True
    is_anonymous = False

    @property
    def called(self) -> str:
        """What a letter to them calls them."""
        return self.given_name or self.name

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
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), info=leads("Roles", Fate.DELETED))
    role: Mapped[Role] = mapped_column(words(Role))
    source: Mapped[GrantSource] = mapped_column(words(GrantSource))
    granted_at: Mapped[datetime]


class GuestKind(enum.StrEnum):
    """What a guest is to the organisation."""

    CONTRACTOR = "contractor"
    VOLUNTEER = "volunteer"
    PARTNER = "partner"


_OF_A_GUEST = "It is part of what is held on the guest."


class Guest(Model):
    """Who answers for a guest, and until when they are one."""

    __tablename__ = "guest"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False, info=leads("As a guest", Fate.DELETED)
    )
    kind: Mapped[GuestKind] = mapped_column(words(GuestKind))
    sponsor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Guests sponsored", Fate.KEPT, because=_OF_A_GUEST, shows=(), named=True),
    )  # fmt: skip
    #: The last day on which they are one.
    ends_on: Mapped[date]
    added_at: Mapped[datetime]
    added_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Guests added", Fate.KEPT, because=_OF_A_GUEST, shows=()),
    )  # fmt: skip

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    sponsor: Mapped[Person] = relationship(foreign_keys=[sponsor_id], lazy="raise_on_sql")


_JOINS = "Numbers only; without them a sign-off given before the two were one would count for nobody."


class PersonMerge(Model):
    """Two rows were one human being: what ``gone_id`` signed or did, ``kept_id`` did. Rows are only ever added.

    Where the one that was kept is merged in its turn, what had been merged into it is written down for the new one
    too, so that one row leads from everybody who is gone to who they are now: the last one of theirs.
    """

    __tablename__ = "person_merge"
    __table_args__ = (sa.UniqueConstraint("gone_id", "kept_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    gone_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), info=leads("Rows merged into this one", Fate.KEPT, because=_JOINS)
    )
    kept_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Rows merged into this one", Fate.KEPT, because=_JOINS)
    )
    merged_at: Mapped[datetime]
    #: Nobody where it was done on the command line.
    merged_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Rows of others merged", Fate.KEPT, because=_JOINS, shows=()),
    )  # fmt: skip


class EmergencyKey(Model):
    """The password of the emergency administrator, hashed. There is one at most."""

    __tablename__ = "emergency_key"
    __table_args__ = (sa.CheckConstraint("id = 1", name="only_one"),)

    id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False, default=1)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), unique=True, info=leads("As the emergency administrator", Fate.DELETED)
    )
    password_hash: Mapped[str] = mapped_column(info=hidden("It protects the way in."))
    made_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class SignInMethod(enum.StrEnum):
    """Who vouched for somebody."""

    DIRECTORY = "directory"
    SINGLE_SIGN_ON = "single sign-on"
    EMERGENCY = "emergency"


class SignIn(Model):
    """One browser that somebody has signed in with. It ends by signing out, by time, or when they leave."""

    __tablename__ = "sign_in"

    id: Mapped[int] = mapped_column(primary_key=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True, info=hidden("It protects the way in."))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Browsers signed in", Fate.DELETED)
    )
    method: Mapped[SignInMethod] = mapped_column(words(SignInMethod), default=SignInMethod.DIRECTORY)
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
    counted_by: Mapped[str] = mapped_column(
        sa.String(80), index=True,
        info=leads("Failed tries to sign in", Fate.DELETED, values=_counted, shows=("at",)),
    )  # fmt: skip


class SyncResult(enum.StrEnum):
    """How a run ended."""

    RUNNING = "running"
    COMPLETE = "complete"
    HELD = "held"
    FAILED = "failed"


class Way(enum.StrEnum):
    """How much of the directory a run reads."""

    #: Every entry whole.
    FULL = "full"
    #: The id and the change mark of everybody, and whole entries where those differ.
    SWEEP = "sweep"
    #: What changed since the run before; it cannot see who is gone.
    CHANGES = "changes"


class SyncRun(Model):
    """One reading of the directory."""

    __tablename__ = "sync_run"

    id: Mapped[int] = mapped_column(primary_key=True)
    way: Mapped[Way] = mapped_column(words(Way), default=Way.FULL)
    #: What kind of server answered, and which one where several share the work.
    flavour: Mapped[str] = mapped_column(sa.String(30), default="")
    server: Mapped[str] = mapped_column(default="")
    #: The highest change mark of the directory when the run began: where the next reading of changes starts.
    high_mark: Mapped[str] = mapped_column(default="")
    #: Where Active Directory can be asked from what changed after the run began, whichever of its servers answers; of
    #: the last complete run only.
    cookie: Mapped[bytes | None]
    #: A hash of the settings that decide what becomes of an entry; where it differs, every entry is read whole.
    settings_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    #: A hash of the organisational units and their places; where it differs, the names of many people may.
    units_hash: Mapped[str] = mapped_column(sa.String(64), default="")
    #: How many entries were expected, to tell how much is left.
    expected: Mapped[int] = mapped_column(default=0)
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
    disabled: Mapped[int] = mapped_column(default=0)
    #: How many people the guard would not let go: the number to repeat.
    held: Mapped[int] = mapped_column(default=0)
    #: Whether what only its end can tell was told: the moves, and the teams with other names. A run that is killed
    #: leaves that to the next one.
    settled: Mapped[bool] = mapped_column(default=False)
    #: When the news of the run were handed on to the accounts; None until then.
    handed_on_at: Mapped[datetime | None]
    #: What was odd about entries that were taken all the same, and how many there were of each kind.
    oddities: Mapped[dict[str, int]] = mapped_column(sa.JSON(), default=dict, info=stays("It only counts."))
    #: The ids of teams that have another name since, until the accounts have heard of it.
    renamed_teams: Mapped[list[int]] = mapped_column(sa.JSON(), default=list, info=stays("It is about teams."))
    #: The first entries that could not be read: their DN and why.
    skipped_entries: Mapped[list[dict[str, Any]]] = mapped_column(
        sa.JSON(), default=list, info=stays("Theirs are told and taken out by name; see people/subject.py.")
    )


class SyncRequest(Model):
    """Somebody asked on a page that the directory be read; the worker does it within a minute."""

    __tablename__ = "sync_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Readings of the directory asked for", Fate.KEPT, because="It is part of what the reading did."),
    )  # fmt: skip
    way: Mapped[Way] = mapped_column(words(Way))
    #: The number of absent people that they repeated, to let them go.
    accept_leavers: Mapped[int | None]
    taken_at: Mapped[datetime | None]


class Turn(enum.StrEnum):
    """A turn in somebody's life at work."""

    JOINED = "joined"
    MOVED = "moved"
    MANAGER = "manager changed"
    DISABLED = "disabled"
    MISSING = "missing"
    LEFT = "left"
    RETURNED = "returned"
    #: Not seen in a run that the guard held: nothing was done.
    HELD = "held"


class RunLine(Model):
    """What one run found of one person."""

    __tablename__ = "run_line"
    __table_args__ = (sa.Index("ix_run_line_run_id_turn", "run_id", "turn", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("sync_run.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("What readings of the directory found", Fate.DELETED)
    )
    turn: Mapped[Turn] = mapped_column(words(Turn))
    #: From where, of a mover.
    from_team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    note: Mapped[str] = mapped_column(default="")

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    from_team: Mapped[Team | None] = relationship(lazy="raise_on_sql")
