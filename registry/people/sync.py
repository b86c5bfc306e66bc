"""The directory into people and teams: nobody is lost, nobody lingers.

Absence is not departure. Somebody whom a complete run does not see is missing; only a second complete run, at
least a day later, makes them a leaver. A run that is not complete, or that would lose too many, marks nobody.

There are three ways to read. ``full`` takes every entry whole. ``sweep`` asks for the id and the change mark of
everybody, and takes whole only the entries where those differ: it sees who is gone, too, at a fraction of the cost.
``changes`` takes what changed since the run before; it is the quickest, and marks nobody as absent. Where an Active
Directory does not tell that by DirSync (see ``ldap/dirsync.py``), it goes by its change numbers, and where these are
another server's, it sweeps.
"""

import gc
import hashlib
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property
from itertools import islice
from time import monotonic
from typing import Final

import sqlalchemy as sa

from registry import audit
from registry.config import LdapSettings
from registry.db import db, exclusively, now
from registry.people import absence, directory
from registry.people.actions import grant_by_groups
from registry.people.intake import Intake, Outcome
from registry.people.managers import resolve_managers, tell_new_managers, unsettled
from registry.people.models import Person, SyncResult, SyncRun, Way
from registry.people.oddities import Oddities
from registry.people.runs import last_good_run, runs_not_settled, units_read_since

#: Pages that are kept in one transaction: each commit waits for the disk.
PAGES_AT_ONCE: Final = 5
#: Seconds between two notes of how far a reading is.
SHOWN_EVERY: Final = 0.5
#: Entries that could not be used, which the page of a run lists.
MOST_TOLD: Final = 100
#: Where more entries than these differ, it is quicker to read everybody whole than to ask for each.
MOST_TO_FETCH: Final = 500
SHARE_TO_FETCH: Final = 0.05

READ: Final = audit.declare(
    "directory.read", "{actor} read the directory: {read} people, {joined} joined, {left} left", "result", "read",
    "joined", "left",
)  # fmt: skip
#: What a run keeps of its outcome.
KEPT: Final = (
    "result", "reason", "read", "joined", "changed", "moved", "missing", "left", "returned", "skipped", "disabled",
    "held",
)  # fmt: skip
#: The settings that decide what becomes of an entry.
DECISIVE: Final = {"base_dn", "people_filter", "containers", "attributes", "flavour"}

#: Called now and then with the number of entries read, and of those expected (0 where nobody knows).
Progress = Callable[[int, int], None]


class AnotherSyncRuns(Exception):
    """Somebody else, perhaps on another machine, is reading the directory now."""


class RunFailed(Exception):
    """A run that began could not be ended; ``outcome`` says how far it came."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__(outcome.reason)
        self.outcome = outcome


def sync(
    settings: LdapSettings,
    *,
    way: Way = Way.SWEEP,
    dry_run: bool = False,
    accept_leavers: int | None = None,
    progress: Progress = lambda _read, _expected: None,
) -> Outcome:
    """Read the directory and bring people, teams, managers and group roles up to date.

    ``way`` is how to read; where nothing is known to compare with, everybody is read whole.
    ``accept_leavers`` repeats the number of absent people that the guard held an earlier run for.
    Commits page by page. Raises ``AnotherSyncRuns`` and ``directory.DirectoryError``; a run that began is then
    marked failed.
    """
    with exclusively("sync") as free:
        if not free:
            raise AnotherSyncRuns("Another sync is running. Wait until it has ended.")
        began, outcome = monotonic(), Outcome()
        gc.freeze()  # What lies about already is not looked through again and again: a fifth of the time of a sweep.
        run = None if dry_run else _begin_run(way)
        try:
            _Pass(settings, outcome, run).go(way, accept_leavers, progress)
        except BaseException as error:
            db.session.rollback()
            outcome.result, outcome.reason = SyncResult.FAILED, str(error) or type(error).__name__
            raise
        finally:
            gc.unfreeze()
            outcome.seconds = round(monotonic() - began, 3)
            _end_run(run, outcome)
        return outcome


def fingerprint(settings: LdapSettings) -> str:
    """A hash of the settings that decide what becomes of an entry: 64 hexadecimal digits."""
    decisive = DECISIVE | {"web_attributes"} if settings.web_attributes else DECISIVE
    return hashlib.sha256(settings.model_dump_json(include=decisive).encode()).hexdigest()


def _begin_run(way: Way) -> SyncRun:
    # The lock was free, so a run that still says "running" belongs to a process that died.
    db.session.execute(
        sa.update(SyncRun)
        .where(SyncRun.result == SyncResult.RUNNING)
        .values(result=SyncResult.FAILED, reason="It was stopped before it ended.", ended_at=now())
    )
    db.session.add(run := SyncRun(began_at=now(), way=way, result=SyncResult.RUNNING))
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


def _is_lower(number: str, other: str) -> bool:
    return number.isdigit() and other.isdigit() and int(number) < int(other)


class _Pass:
    """One reading of the directory. Without a ``run`` it only looks and counts."""

    def __init__(self, settings: LdapSettings, outcome: Outcome, run: SyncRun | None) -> None:
        self.settings, self.outcome, self.run = settings, outcome, run
        self.intake = Intake(outcome, write=run is not None, run_id=run.id if run else None)
        self.shown_at = monotonic()
        self.odd = Oddities()
        good = last_good_run()
        self.settings_hash = fingerprint(settings)
        self.compares = good is not None and good.settings_hash == self.settings_hash and not self.intake.first
        self.since, self.server = (good.high_mark, good.server) if good else ("", "")
        self.units_hashes = units_read_since(good)
        self.cookie = (good.cookie or b"") if good and self.compares else b""
        self.note = ""  # Why the way is another one than before, though nothing is wrong with the reading.
        db.session.rollback()

    @cached_property
    def known(self) -> absence.Known:
        """Everybody who may be found or missed, as it was before any entry was taken in; changes alone do without."""
        return absence.everybody(marks=self.outcome.way == Way.SWEEP)

    def go(self, way: Way, accept_leavers: int | None, progress: Progress) -> None:
        self.progress = progress
        people = directory.read_people(self.settings)
        # No transaction is open while the directory is waited for: others could not write meanwhile.
        with people.opened():
            way = self._way(way, people)
            way = self._follow_units(people, way)
            if way is not Way.CHANGES or not self._follow_changes(people):
                self._read(people, way)
            if self.run and self.intake.robbed and (names := unsettled()):
                self._keep()
                self._take_all(people, people.fetch(names))
            members = people.members(self.settings.role_groups.values()) if people.complete else None
        self._finish(people, accept_leavers, members)

    def _follow_changes(self, people: directory.PeopleRead) -> bool:
        """Take in what the directory tells of changes since the run before; False where it does not."""
        if not self.cookie:
            return False
        try:
            self._take_all(people, people.changed(self.cookie))
        except directory.NoDirSync as error:
            self.note, self.cookie = str(error), b""
            return False
        return True

    def _read(self, people: directory.PeopleRead, way: Way) -> None:
        """Go the way of marks, after noting where the next run may ask for changes."""
        if self.run:
            # Read whole again, the directory may have been restored from a backup: the old cookie is not gone on from.
            people.take_cookie(self.cookie if way is Way.SWEEP else b"")
        way = self._way(way, people)  # Once more, as another server may answer by now.
        self._begin(way, people)
        self._keep()
        if self.note:
            instead = "its change numbers were followed" if way is Way.CHANGES else "everybody was looked at"
            self.note = f"The directory did not tell what changed (DirSync): {self.note}. Instead, {instead}."
        if way is Way.SWEEP:
            way = self._sweep(people)
        if way is Way.FULL:
            self._take_all(people, people.whole())
        elif way is Way.CHANGES:
            self._take_all(people, people.whole(since=self.since))

    def _way(self, asked: Way, people: directory.PeopleRead) -> Way:
        """The way that can be gone: without something to compare with, everybody has to be read."""
        way = asked if self.compares else Way.FULL
        same = people.root.server == self.server
        if same and people.root.high_usn and self.since and _is_lower(people.root.high_usn, self.since):
            return Way.FULL  # The directory was restored from a backup: it gives the same numbers out again.
        if way is Way.CHANGES and not self.cookie and not (self.since and same):
            way = Way.SWEEP
        return way

    def _begin(self, way: Way, people: directory.PeopleRead) -> None:
        self.outcome.way = way
        self.expected = self.known.there if way is not Way.CHANGES else 0
        if self.run:
            self.run.way, self.run.expected, self.run.settings_hash = way, self.expected, self.settings_hash
            self.run.flavour, self.run.server = people.root.flavour.value, people.root.server

    def _follow_units(self, people: directory.PeopleRead, way: Way) -> Way:
        """Rename teams; the way to go on, as a unit's new name is in the names of all its people, unchanged though."""
        units = sorted(people.units())
        self.intake.teams.follow(units)
        units_hash = hashlib.sha256(repr(units).encode()).hexdigest()
        if way is Way.CHANGES and self.units_hashes != {units_hash}:
            way = Way.SWEEP
        self._begin(way, people)
        if self.run:
            self.run.units_hash = units_hash
        self._keep()
        return way

    def _sweep(self, people: directory.PeopleRead) -> Way:
        """Compare everybody's mark, and take whole who differs; the way that was gone in the end."""
        known, seen = self.known.by_mark, self.intake.seen
        db.session.rollback()
        enough = max(MOST_TO_FETCH, int(self.known.there * SHARE_TO_FETCH))
        differ: list[directory.Glimpse] = []
        for page in people.glimpses():
            for glimpse in page:
                if glimpse[0] is not None and (person_id := known.get(glimpse[0])) is not None:
                    seen.add(person_id)
                else:
                    differ.append(glimpse)
            self._tick(people.read)
            if len(differ) > enough:
                self.known.forget_marks()
                self._begin(Way.FULL, people)
                return Way.FULL
        read = people.read
        self._take_all(people, people.fetch(glimpse[1] for glimpse in differ))
        people.read = read
        # Who was glimpsed is there, even if their entry had another name a moment later.
        self._keep_seen([people.id_of(glimpse) for glimpse in differ])
        return Way.SWEEP

    def _take_all(self, people: directory.PeopleRead, pages: Iterable[Sequence[directory.Entry]]) -> None:
        pages = iter(pages)
        while some := list(islice(pages, PAGES_AT_ONCE)):
            for page in some:
                self.intake.take(page)
                self.odd.note(page)
            self._keep()
            self._tick(people.read)

    def _tick(self, read: int) -> None:
        """Show how far the reading is."""
        self.outcome.read = read
        if self.run and monotonic() > self.shown_at + SHOWN_EVERY:  # A commit waits for the disk, so few are enough.
            self.run.read, self.shown_at = read, monotonic()
            db.session.commit()
        self.progress(read, self.expected)

    def _keep(self) -> None:
        if self.run:
            db.session.commit()
        else:
            db.session.rollback()

    def _finish(
        self, people: directory.PeopleRead, accept_leavers: int | None, members: dict[str, set[str]] | None
    ) -> None:
        """All that can be told only at the end: moves, absences, managers, roles."""
        self.outcome.skipped, self.outcome.reason = people.skipped_count, people.reason or self.note
        self.outcome.read = people.read - people.skipped_count
        self._keep_unreadable(people.skipped)
        open_runs = runs_not_settled() if self.run else []
        if self.run:
            stayed = self.intake.teams.follow_movers([run.id for run in open_runs], now=self.run.id)
            self.outcome.moved, self.outcome.changed = self.outcome.moved - stayed, self.outcome.changed + stayed
            self.intake.teams.tell_moves([run.id for run in open_runs])
            for run in open_runs:
                run.settled = True
            self.run.renamed_teams = sorted(set(self.intake.teams.renamed))
        if not people.complete:
            self.outcome.result = SyncResult.FAILED
        elif self.outcome.way == Way.CHANGES:
            self.outcome.result = SyncResult.COMPLETE
        else:
            self._mark_absent(accept_leavers)
        # Whoever was killed may have taken entries in without coming to this.
        if self.run and (self.intake.wrote or self.outcome.left or len(open_runs) > 1):
            if not self.intake.first:
                tell_new_managers(self.run.id, self.intake.at)
            resolve_managers()
        if self.run and people.complete:
            self.run.high_mark = people.high_mark or self.since
            self._keep_cookie(self.run, people.cookie)
            if members is not None and self.outcome.result == SyncResult.COMPLETE:
                grant_by_groups(self.settings.role_groups, members)
        if self.run:
            self._tell_oddities(self.run, people.skipped)

    def _keep_cookie(self, run: SyncRun, cookie: bytes) -> None:
        """Keep where to ask from the next time; the cookies of earlier runs are of no use any more."""
        if self.outcome.result == SyncResult.COMPLETE:
            run.cookie = cookie or None
            earlier = sa.update(SyncRun).where(SyncRun.id < run.id, SyncRun.cookie.is_not(None))
            db.session.execute(earlier.values(cookie=None))

    def _tell_oddities(self, run: SyncRun, skipped: Sequence[directory.Skipped]) -> None:
        """Note which entries could not be used, and what was odd about others."""
        if self.intake.wrote or self.outcome.way == Way.FULL:
            self.odd.look_at_everybody()
        run.oddities = dict(self.odd.counts)
        left_out = [{"dn": entry.dn, "reason": entry.reason} for entry in skipped[:MOST_TOLD]]
        run.skipped_entries = [*left_out, *self.odd.first]

    def _keep_unreadable(self, skipped: Sequence[directory.Skipped]) -> None:
        """Count people whose entries could not be read as seen: their entries are there."""
        self._keep_seen([entry.directory_id for entry in skipped])
        for keys in absence.chunks([directory.dn_key(entry.dn) for entry in skipped]):
            for person_id in db.session.scalars(sa.select(Person.id).where(Person.dn_key.in_(keys))):
                self.intake.seen.add(person_id)

    def _keep_seen(self, directory_ids: list[str]) -> None:
        for ids in absence.chunks(directory_ids):
            for person_id in db.session.scalars(sa.select(Person.id).where(Person.directory_id.in_(ids))):
                self.intake.seen.add(person_id)
        self._keep()

    def _mark_absent(self, accept_leavers: int | None) -> None:
        """Mark who was not seen, unless the guard holds it."""
        found = absence.absent(self.intake.seen, self.intake.at, self.known)
        newly = len(found.newly)
        self.outcome.absent = found.names
        reason = absence.guard(
            absent=newly, read=self.outcome.read, known=self.known.there, skipped=self.outcome.skipped
        )
        if reason and accept_leavers != newly:
            self.outcome.result, self.outcome.reason, self.outcome.held = SyncResult.HELD, reason, newly
            if self.run:
                absence.hold(found, self.run.id)
            return
        self.outcome.result = SyncResult.COMPLETE
        self.outcome.missing, self.outcome.left = newly, len(found.overdue)
        if self.run:
            absence.mark(found, self.intake.at, self.run.id)
