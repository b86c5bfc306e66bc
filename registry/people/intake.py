"""Takes entries of the directory in: people made, changed, moved, returned or disabled, a page at a time."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit, search
from registry.db import db, now
from registry.people import absence, directory, web_addresses
from registry.people.managers import follow, resolve_managers, unsettle
from registry.people.models import Person, PersonState, RunLine, SignIn, SyncResult, SyncRun, Turn
from registry.people.runs import last_read_to_the_end
from registry.people.teams import Teams
from registry.people.web_addresses import WebAddress

JOINED: Final = audit.declare("person.joined", "{subject} joined {team}", "team")
RETURNED: Final = audit.declare("person.returned", "{subject} returned")
DISABLED: Final = audit.declare("person.disabled", "The directory disabled {subject}")
FIELDS: Final = (
    "username", "mail", "name", "given_name", "family_name", "phone", "title", "location", "employee_number", "dn_key",
)  # fmt: skip
KNOWN: Final = (
    Person.id, Person.directory_id, Person.digest, Person.state, Person.team_id, Person.missing_at, Person.mark,
    Person.dn_key,
)  # fmt: skip


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
    disabled: int = 0
    #: How many people the guard would not let go: the number to repeat.
    held: int = 0
    #: How the directory was read: full, sweep or changes.
    way: str = ""
    #: Who would be marked missing or left where the guard held the run, or in a dry run: names, at most 200.
    absent: list[str] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The object that ``registry sync --json`` prints."""
        return asdict(self)


class Intake:
    """Brings people up to date with their entries. Without ``write`` it only counts what would be done.

    ``run_id`` is the run whose lines tell of it; without one, nothing but the audit events does.
    """

    def __init__(self, outcome: Outcome, *, write: bool, run_id: int | None = None) -> None:
        self.outcome, self.write, self.run_id = outcome, write, run_id
        self.at = now()
        self.seen = absence.Seen()
        self.teams = Teams(write=write)
        self.wrote = False  # Whether anything that others hang on has changed: names, states, managers.
        # The first reading fills an empty register: nobody joined that day, so nothing tells of it.
        self.first = not _is_there(sa.select(SyncRun.id).where(SyncRun.result == SyncResult.COMPLETE))
        self._empty = not _is_there(sa.select(Person.id).where(absence.from_directory()))
        #: Whether addresses are kept already, which may have gone from the directory.
        self.reads_web = write and _is_there(sa.select(WebAddress.id))
        #: Whose name in the directory somebody else has taken, and which it was.
        self.robbed: dict[int, str] = {}
        self._settled_at = last_read_to_the_end()
        # Who has another name since, before and after.
        self._renamed: dict[int, tuple[str, str]] = {}
        self._lines: list[dict[str, Any]] = []
        self._events: list[audit.Event] = []

    def take(self, page: Sequence[directory.Entry]) -> None:
        """Bring the people of one page of entries up to date."""
        wanted = [entry.directory_id for entry in page]
        known = {
            row.directory_id: row
            for row in db.session.execute(sa.select(*KNOWN).where(Person.directory_id.in_(wanted)))
        }
        self.teams.make(entry.team for entry in page)
        added: list[dict[str, Any]] = []
        changed: list[dict[str, Any]] = []
        marks: list[dict[str, Any]] = []
        for entry in page:
            if (row := known.get(entry.directory_id)) is None:
                self.outcome.joined += 1
                added.append({**self._values(entry), "directory_id": entry.directory_id, "joined_at": self.at})
                continue
            self.seen.add(row.id)
            # Two units may have exchanged their names: the team at the same path is another one then.
            if row.digest != entry.digest or is_away(row) or row.team_id != self.teams.id_of(entry.team):
                changed.append(self._change(entry, row))
            elif row.mark != entry.mark:
                marks.append({"row_id": row.id, "mark": entry.mark})
        if self.write:
            self._write(added, changed)
            _update(marks)
            self._keep_addresses(page, [*added, *changed])

    def _keep_addresses(self, page: Sequence[directory.Entry], written: list[dict[str, Any]]) -> None:
        """Keep the web addresses of those who are new or have changed."""
        digests = {values["digest"] for values in written}
        if digests and (self.reads_web or any(entry.web for entry in page)):
            web_addresses.keep({entry.directory_id: entry.web for entry in page if entry.digest in digests})

    def _change(self, entry: directory.Entry, row: Any) -> dict[str, Any]:
        values = self._values(entry)
        before = row.dn_key or self.robbed.get(row.id)
        if before and before != entry.dn_key:
            self._renamed[row.id] = (before, entry.dn_key)
        if is_away(row) or (row.state == PersonState.DISABLED and not entry.disabled):
            self.outcome.returned += 1
            self._tell(RETURNED, Turn.RETURNED, row.id, entry.name)
        elif row.team_id != values["team_id"]:
            self.outcome.moved += 1
            # The event waits for the end of the run: what looks like a move may be a team with a new name.
            self._line(Turn.MOVED, row.id, from_team_id=row.team_id)
        else:
            self.outcome.changed += 1
        if entry.disabled and row.state != PersonState.DISABLED:
            self.outcome.disabled += 1
            self._tell(DISABLED, Turn.DISABLED, row.id, entry.name)
        return {**values, "row_id": row.id}

    def _tell(self, event: str, turn: Turn, person_id: int, name: str, **fields: Any) -> None:
        self._events.append(absence.event(event, person_id, name, **fields))
        self._line(turn, person_id)

    def _line(self, turn: Turn, person_id: int, *, from_team_id: int | None = None) -> None:
        if self.run_id:
            self._lines.append(
                {"run_id": self.run_id, "person_id": person_id, "turn": turn, "from_team_id": from_team_id, "note": ""}
            )

    def _values(self, entry: directory.Entry) -> dict[str, Any]:
        values = {name: getattr(entry, name) for name in FIELDS}
        return {
            **values,
            "manager_key": entry.manager_dn,
            "read_at": self.at,
            "team_id": self.teams.id_of(entry.team),
            "digest": entry.digest,
            "mark": entry.mark,
            "state": PersonState.DISABLED if entry.disabled else PersonState.ACTIVE,
            "missing_at": None,
            "left_at": None,
            "search_text": search.fold(entry.name, entry.username, entry.title, *entry.team, entry.location),
        }

    def _write(self, added: list[dict[str, Any]], changed: list[dict[str, Any]]) -> None:
        ids = [values["row_id"] for values in changed]
        if added:
            table: Any = Person.__table__
            # With RETURNING a thousand rows go in one statement; one by one, the search index takes six times as long.
            kept = db.session.execute(sa.insert(table).returning(table.c.id, table.c.name, table.c.team_id), added)
            for person_id, name, team_id in kept:
                self.seen.add(person_id)
                ids.append(person_id)
                if not self.first:
                    self._tell(JOINED, Turn.JOINED, person_id, name, team=self.teams.path_of(team_id))
        if changed:
            _update(changed)
            out = [values["row_id"] for values in changed if values["state"] == PersonState.DISABLED]
            db.session.execute(sa.delete(SignIn).where(SignIn.person_id.in_(out)))
        if ids:
            self.wrote = True
        if ids and not self._empty:
            self._take_names_over([values["dn_key"] for values in (*added, *changed)], ids)
        follow(self._renamed, self._settled_at)
        if self._lines:
            db.session.execute(sa.insert(RunLine), self._lines)
        audit.append(self._events)
        self._lines, self._events, self._renamed = [], [], {}

    def _take_names_over(self, keys: list[str], ids: list[int]) -> None:
        """Take a name of the directory from whoever had it before: it leads to one person, who inherits nothing."""
        had = sa.select(Person.id, Person.dn_key).where(Person.dn_key.in_(keys), Person.id.not_in(ids))
        if robbed := {person_id: key for person_id, key in db.session.execute(had)}:
            self.robbed |= robbed
            _update([{"row_id": person_id, "dn_key": ""} for person_id in robbed])
            unsettle(robbed)


def _is_there(rows: sa.Select[Any]) -> bool:
    return bool(db.session.scalar(sa.select(sa.exists(rows))))


def is_away(row: Any) -> bool:
    """Whether a person, or their row, was not in the directory when it was last looked at."""
    return row.missing_at is not None or row.state in (PersonState.MISSING, PersonState.LEFT)


def take_in(entry: directory.Entry) -> Person:
    """The person of one entry, made or brought up to date: for somebody who signs in before the next reading."""
    one = Intake(Outcome(), write=True)
    one.first = False
    try:
        with db.session.begin_nested():
            one.take([entry])
    except IntegrityError:
        pass  # A reading of the directory, or another browser of theirs, was quicker.
    resolve_managers(Person.directory_id == entry.directory_id)
    return db.session.scalars(sa.select(Person).where(Person.directory_id == entry.directory_id)).one()


def _update(rows: list[dict[str, Any]]) -> None:
    """Write ``rows``, all with the same columns, to the people whose id is in ``row_id``."""
    if rows:
        table: Any = Person.__table__
        columns: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name != "row_id"}
        db.session.execute(
            sa.update(table).where(table.c.id == sa.bindparam("row_id")).values(columns),
            rows,
            execution_options={"synchronize_session": False},
        )
