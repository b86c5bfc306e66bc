"""The directory into people and teams: nobody is lost, nobody lingers.

Absence is not departure. Somebody whom a complete run does not see is missing; only a second complete run, at
least a day later, makes them a leaver. A run that is not complete, or that would lose too many, marks nobody.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from itertools import islice
from time import monotonic
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import orm

from registry import audit, search
from registry.config import LdapSettings
from registry.db import db, exclusively, now
from registry.people import absence, directory
from registry.people.actions import grant_by_groups
from registry.people.models import Person, PersonState, SignIn, SyncResult, SyncRun
from registry.people.teams import Teams

#: Pages that are kept in one transaction: each commit waits for the disk.
PAGES_AT_ONCE: Final = 5

READ: Final = audit.declare(
    "directory.read", "{actor} read the directory: {read} people, {joined} joined, {left} left", "result", "read",
    "joined", "left",
)  # fmt: skip
#: What a run keeps of its outcome.
KEPT: Final = (
    "result", "reason", "read", "joined", "changed", "moved", "missing", "left", "returned", "skipped",
)  # fmt: skip
JOINED: Final = audit.declare("person.joined", "{subject} joined {team}", "team")
MOVED: Final = audit.declare("person.moved", "{subject} moved from {before} to {after}", "before", "after")
RETURNED: Final = audit.declare("person.returned", "{subject} returned")
DISABLED: Final = audit.declare("person.disabled", "The directory disabled {subject}")
FIELDS: Final = (
    "username", "mail", "name", "given_name", "family_name", "phone", "title", "location", "employee_number", "dn_key",
)  # fmt: skip


class AnotherSyncRuns(Exception):
    """Somebody else, perhaps on another machine, is reading the directory now."""


@dataclass(slots=True)
class Outcome:
    """What a run did, or with ``dry_run`` would have done: counts of people."""

    result: str = SyncResult.RUNNING
    read: int = 0
    joined: int = 0
    changed: int = 0
    moved: int = 0
    missing: int = 0
    left: int = 0
    returned: int = 0
    skipped: int = 0
    seconds: float = 0.0
    reason: str = ""
    #: Who would be marked missing or left where the guard held the run, or in a dry run: names, at most 200.
    absent: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that ``registry sync --json`` prints."""
        return asdict(self)


def sync(
    settings: LdapSettings,
    *,
    dry_run: bool = False,
    accept_leavers: int | None = None,
    progress: Callable[[int], None] = lambda _read: None,
) -> Outcome:
    """Read the whole directory and bring people, teams, managers and group roles up to date.

    ``accept_leavers`` repeats the number of absent people that the guard held an earlier run for.
    ``progress`` is called after each page with the number of entries read. Commits page by page.
    Raises ``AnotherSyncRuns`` and ``directory.DirectoryError``; a run that began is then marked failed.
    """
    with exclusively("sync") as free:
        if not free:
            raise AnotherSyncRuns("Another sync is running. Wait until it has ended.")
        began, outcome = monotonic(), Outcome()
        run = None if dry_run else _begin_run()
        try:
            _Pass(settings, outcome, write=not dry_run).go(run, accept_leavers, progress)
        except BaseException as error:
            db.session.rollback()
            outcome.result, outcome.reason = SyncResult.FAILED, str(error) or type(error).__name__
            raise
        finally:
            outcome.seconds = round(monotonic() - began, 3)
            _end_run(run, outcome)
        return outcome


def take_in(entry: directory.Entry) -> Person:
    """The person of one directory entry, made or brought up to date: for somebody who signs in before the sync."""
    one = _Pass(LdapSettings(), Outcome(), write=True)
    one.take([entry])
    _resolve_managers(Person.directory_id == entry.directory_id)
    return db.session.scalars(sa.select(Person).where(Person.directory_id == entry.directory_id)).one()


def _begin_run() -> SyncRun:
    # The lock was free, so a run that still says "running" belongs to a process that died.
    db.session.execute(
        sa.update(SyncRun)
        .where(SyncRun.result == SyncResult.RUNNING)
        .values(result=SyncResult.FAILED, reason="It was stopped before it ended.", ended_at=now())
    )
    db.session.add(run := SyncRun(began_at=now(), result=SyncResult.RUNNING))
    db.session.commit()
    return run


def _end_run(run: SyncRun | None, outcome: Outcome) -> None:
    if run is None:
        db.session.rollback()
        return
    for name in KEPT:
        setattr(run, name, getattr(outcome, name))
    run.ended_at = now()
    audit.record(
        READ, actor=None, subject_kind="directory", subject_id=run.id, subject_name="the directory",
        result=outcome.result, read=outcome.read, joined=outcome.joined, left=outcome.left,
    )  # fmt: skip
    db.session.commit()


class _Pass:
    """One reading of the directory. Without ``write`` it only looks and counts."""

    def __init__(self, settings: LdapSettings, outcome: Outcome, *, write: bool) -> None:
        self.settings, self.outcome, self.write = settings, outcome, write
        self.seen = absence.Seen()
        self.added_ids: list[int] = []
        self.at = now()
        self.teams = Teams(write=write)
        # The first reading fills an empty register: nobody joined that day, so no events tell of it.
        self.first = not db.session.scalar(sa.select(sa.exists(sa.select(Person.id))))
        self.known = (
            db.session.scalar(
                sa.select(sa.func.count(Person.id)).where(Person.state.in_(absence.HERE), Person.missing_at.is_(None))
            )
            or 0
        )

    def go(self, run: SyncRun | None, accept_leavers: int | None, progress: Callable[[int], None]) -> None:
        people = directory.read_people(self.settings)
        pages = iter(people)
        # No transaction is open while the directory is waited for: others could not write meanwhile.
        db.session.rollback()
        while some := list(islice(pages, PAGES_AT_ONCE)):
            for page in some:
                self.take(page)
                self.outcome.read += len(page)
            if run:
                run.read = self.outcome.read
                db.session.commit()
            else:
                db.session.rollback()
            progress(self.outcome.read)
        members = self._role_members() if people.complete else None
        self.outcome.skipped = people.skipped_count
        self._keep_unreadable(people.skipped)
        if run:
            run.skipped_entries = [asdict(entry) for entry in people.skipped[:100]]
            _resolve_managers()
        if not people.complete:
            self.outcome.result, self.outcome.reason = SyncResult.FAILED, people.reason
            return
        self._mark_absent(accept_leavers)
        if self.write and members is not None:
            grant_by_groups(self.settings.role_groups, members)

    def _keep_unreadable(self, skipped: Sequence[directory.Skipped]) -> None:
        """Count people whose entries could not be read as seen: their entries are there."""
        for chunk in absence.chunks([directory.dn_key(entry.dn) for entry in skipped]):
            for person_id in db.session.scalars(sa.select(Person.id).where(Person.dn_key.in_(chunk))):
                self.seen.add(person_id)

    def _role_members(self) -> dict[str, set[str]] | None:
        """Who is in the groups that give roles; ``None`` where none is set, or where one cannot be read."""
        groups = [group for names in self.settings.role_groups.values() for group in names]
        try:
            return directory.read_members(self.settings, groups) if groups else None
        except directory.DirectoryError as error:
            self.outcome.reason = f"Roles are as they were: {error}"
            return None

    def take(self, page: Sequence[directory.Entry]) -> None:
        """Bring the people of one page up to date; in a dry run only count what would be done."""
        columns = (Person.id, Person.directory_id, Person.digest, Person.state, Person.team_id, Person.missing_at)
        known = {
            row.directory_id: row
            for row in db.session.execute(
                sa.select(*columns).where(Person.directory_id.in_([entry.directory_id for entry in page]))
            )
        }
        self.teams.make(entry.team for entry in page)
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        events: list[audit.Event] = []
        for entry in page:
            if (row := known.get(entry.directory_id)) is None:
                self._join(entry, added)
                continue
            self.seen.add(row.id)
            if row.digest != entry.digest or _is_away(row):
                changed.append(self._change(entry, row, events))
        if self.write:
            self._write(added, changed, events)

    def _join(self, entry: directory.Entry, added: list[dict[str, Any]]) -> None:
        self.outcome.joined += 1
        added.append({**self._values(entry), "directory_id": entry.directory_id, "joined_at": self.at})

    def _change(self, entry: directory.Entry, row: Any, events: list[audit.Event]) -> dict[str, Any]:
        values = self._values(entry)

        def tell(name: str, **fields: Any) -> None:
            events.append(absence.event(name, row.id, entry.name, **fields))

        if _is_away(row):
            self.outcome.returned += 1
            tell(RETURNED)
        elif row.team_id != values["team_id"]:
            self.outcome.moved += 1
            tell(MOVED, before=self.teams.path_of(row.team_id), after=" / ".join(entry.team))
        else:
            self.outcome.changed += 1
        if entry.disabled and row.state != PersonState.DISABLED:
            tell(DISABLED)
        return {**values, "row_id": row.id}

    def _values(self, entry: directory.Entry) -> dict[str, Any]:
        values = {name: getattr(entry, name) for name in FIELDS}
        return {
            **values,
            "manager_key": entry.manager_dn,
            "team_id": self.teams.id_of(entry.team),
            "digest": entry.digest,
            "state": PersonState.DISABLED if entry.disabled else PersonState.ACTIVE,
            "missing_at": None,
            "left_at": None,
            "search_text": search.fold(entry.name, entry.username, entry.title, *entry.team, entry.location),
        }

    def _write(self, added: list[dict[str, Any]], changed: list[dict[str, Any]], events: list[audit.Event]) -> None:
        table: Any = Person.__table__
        self.added_ids = []
        if added:
            # With RETURNING a thousand rows go in one statement; one by one, the search index takes six times as long.
            kept = db.session.execute(sa.insert(table).returning(table.c.id, table.c.name, table.c.team_id), added)
            for person_id, name, team_id in kept:
                self.seen.add(person_id)
                self.added_ids.append(person_id)
                if not self.first:
                    events.append(absence.event(JOINED, person_id, name, team=self.teams.path_of(team_id)))
        if changed:
            columns: dict[str, Any] = {name: sa.bindparam(name) for name in changed[0] if name != "row_id"}
            db.session.execute(
                sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(columns),
                changed,
                execution_options={"synchronize_session": False},
            )
            out = [values["row_id"] for values in changed if values["state"] == PersonState.DISABLED]
            db.session.execute(sa.delete(SignIn).where(SignIn.person_id.in_(out)))
        if not self.first:
            self._take_names_over(added, changed)
        audit.append(events)

    def _take_names_over(self, added: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
        """Take a name of the directory from whoever had it before: it leads to one person, who inherits nothing."""
        ids = [*self.added_ids, *(values["row_id"] for values in changed)]
        keys = [values["dn_key"] for values in (*added, *changed)]
        if keys:
            db.session.execute(
                sa.update(Person).where(Person.dn_key.in_(keys), Person.id.not_in(ids)).values(dn_key=""),
                execution_options={"synchronize_session": False},
            )

    def _mark_absent(self, accept_leavers: int | None) -> None:
        """Mark who was not seen, unless the guard holds it."""
        found = absence.absent(self.seen, self.at)
        newly = len(found.newly)
        self.outcome.absent = found.names
        reason = absence.guard(absent=newly, read=self.outcome.read, known=self.known)
        if reason and accept_leavers != newly:
            self.outcome.result, self.outcome.reason = SyncResult.HELD, reason
            return
        self.outcome.result = SyncResult.COMPLETE
        self.outcome.missing, self.outcome.left = newly, len(found.overdue)
        if self.write:
            absence.mark(found, self.at)


def _is_away(row: Any) -> bool:
    return row.missing_at is not None or row.state in (PersonState.MISSING, PersonState.LEFT)


def _resolve_managers(*who: sa.ColumnElement[bool]) -> None:
    """Point everybody, or only ``who``, at their manager, or at nobody where there is none here; write what differs."""
    boss = orm.aliased(Person)
    is_boss = sa.and_(boss.dn_key == Person.manager_key, boss.state != PersonState.LEFT)
    quietly = {"synchronize_session": False}
    db.session.execute(
        sa.update(Person).where(*who, is_boss, Person.manager_id.is_distinct_from(boss.id)).values(manager_id=boss.id),
        execution_options=quietly,
    )
    has_boss = sa.exists(sa.select(boss.id).where(is_boss).correlate(Person))
    db.session.execute(
        sa.update(Person).where(*who, Person.manager_id.is_not(None), ~has_boss).values(manager_id=None),
        execution_options=quietly,
    )
