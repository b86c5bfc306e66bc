"""The readings of the directory: what each found, which one is asked for, what the accounts have not heard of yet."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Person, RunLine, SyncRequest, SyncResult, SyncRun, Turn, Way

ASKED: Final = audit.declare("directory.asked", "{actor} asked for the directory to be read ({way})", "way")
ACCEPTED: Final = audit.declare(
    "directory.accepted", "{actor} let {leavers} people go who were not in the directory", "leavers"
)


class AlreadyAsked(Exception):
    """Somebody has asked already, and the worker has not come to it yet."""


class NotTheNumber(Exception):
    """The number that was repeated is not that of the run."""


def last_run(*ways: Way) -> SyncRun | None:
    """The last reading of the directory, however it ended; of any way, or of these."""
    runs = sa.select(SyncRun).where(SyncRun.way.in_(ways)) if ways else sa.select(SyncRun)
    return db.session.scalar(runs.order_by(SyncRun.id.desc()).limit(1))


def last_good_run(*ways: Way) -> SyncRun | None:
    """The last reading of the directory that was complete; of any way, or of these."""
    good = sa.select(SyncRun).where(SyncRun.result == SyncResult.COMPLETE)
    if ways:
        good = good.where(SyncRun.way.in_(ways))
    return db.session.scalar(good.order_by(SyncRun.id.desc()).limit(1))


def units_read_since(good: SyncRun | None) -> set[str]:
    """How the units stood, as hashes, in the last good reading and in each one after it.

    A reading that was held, or broke off, has taken in people under the names that their units had then.
    """
    seen = sa.select(SyncRun.units_hash).where(SyncRun.id >= (good.id if good else 0), SyncRun.units_hash != "")
    return set(db.session.scalars(seen.distinct()))


def last_read_to_the_end() -> datetime | None:
    """When the last reading ended that saw all it came for, whether or not it was then held."""
    whole = SyncRun.result.in_((SyncResult.COMPLETE, SyncResult.HELD))
    return db.session.scalar(sa.select(SyncRun.ended_at).where(whole).order_by(SyncRun.id.desc()).limit(1))


def last_whole_run() -> SyncRun | None:
    """The last reading that looked at everybody, and was complete."""
    return last_good_run(Way.FULL, Way.SWEEP)


def runs(most: int = 50) -> Sequence[SyncRun]:
    """The last readings of the directory, the newest first."""
    return db.session.scalars(sa.select(SyncRun).order_by(SyncRun.id.desc()).limit(most)).all()


def run(run_id: int) -> SyncRun | None:
    """One reading of the directory."""
    return db.session.get(SyncRun, run_id)


def turns(run_id: int) -> dict[Turn, int]:
    """How many lines of each kind a run has, in the order of ``Turn``."""
    counted = sa.select(RunLine.turn, sa.func.count()).where(RunLine.run_id == run_id).group_by(RunLine.turn)
    found = {turn: count for turn, count in db.session.execute(counted)}
    return {turn: found[turn] for turn in Turn if turn in found}


def lines(run_id: int, turn: Turn | None, *, limit: int, offset: int) -> Sequence[RunLine]:
    """What a run found of whom, with the people and their teams."""
    found = sa.select(RunLine).where(RunLine.run_id == run_id)
    if turn:
        found = found.where(RunLine.turn == turn)
    return db.session.scalars(
        found.options(
            joinedload(RunLine.person).joinedload(Person.team), joinedload(RunLine.from_team)
        ).order_by(RunLine.id).limit(limit).offset(offset)
    ).all()  # fmt: skip


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a running reading is."""

    read: int
    #: How many entries are expected, at least as many as were read; 0 where nobody knows.
    expected: int
    #: Entries a second.
    rate: int

    @property
    def seconds_left(self) -> int:
        """About how long it will take, from the rate so far."""
        return round((self.expected - self.read) / self.rate) if self.rate else 0

    @property
    def time_left(self) -> str:
        """The same in words; empty where nobody knows, or it is all but over."""
        seconds = self.seconds_left
        if seconds < 2:
            return ""
        return f"about {seconds} seconds" if seconds < 100 else f"about {round(seconds / 60)} minutes"


def progress(run: SyncRun) -> Progress:
    """How far ``run`` is, or was when it ended."""
    seconds = ((run.ended_at or now()) - run.began_at).total_seconds()
    expected = max(run.expected, run.read) if run.expected else 0
    return Progress(read=run.read, expected=expected, rate=round(run.read / seconds) if seconds > 0 else 0)


LINE_COLUMNS: Final = ("what", "name", "username", "team", "from_team", "note")


def line_rows(run_id: int, turn: Turn | None) -> Any:
    """Every line of a run as ``LINE_COLUMNS`` names them."""
    for start in range(0, 10**9, 1000):
        if not (some := lines(run_id, turn, limit=1000, offset=start)):
            return
        for line in some:
            person = line.person
            yield (
                line.turn.value, person.name, person.username, person.team.path if person.team else "",
                line.from_team.path if line.from_team else "", line.note,
            )  # fmt: skip


def is_latest_of_everybody(run: SyncRun) -> bool:
    """Whether nothing has looked at everybody since: only then does its number of absent people still mean anything."""
    latest = last_run(Way.FULL, Way.SWEEP)
    return latest is not None and latest.id == run.id


def waiting_request() -> SyncRequest | None:
    """The oldest reading that somebody asked for and that nobody has begun."""
    waiting = sa.select(SyncRequest).where(SyncRequest.taken_at.is_(None))
    return db.session.scalar(waiting.order_by(SyncRequest.id).limit(1))


def ask(*, way: Way, actor: Somebody) -> None:
    """Have the worker read the directory. Raises ``AlreadyAsked``."""
    if waiting_request():
        raise AlreadyAsked
    db.session.add(SyncRequest(asked_at=now(), asked_by_id=actor.id, way=way))
    audit.record(
        ASKED, actor=actor, subject_kind="directory", subject_id=None, subject_name="the directory", way=way.value
    )


def accept(*, run: SyncRun, leavers: int, actor: Somebody) -> None:
    """Have the worker read the directory again, and let as many people go as ``run`` was held for.

    ``leavers`` repeats that number. Raises ``NotTheNumber`` and ``AlreadyAsked``.
    """
    if run.result is not SyncResult.HELD or leavers != run.held or not is_latest_of_everybody(run):
        raise NotTheNumber
    if waiting_request():
        raise AlreadyAsked
    db.session.add(SyncRequest(asked_at=now(), asked_by_id=actor.id, way=Way.SWEEP, accept_leavers=leavers))
    audit.record(
        ACCEPTED, actor=actor, subject_kind="directory", subject_id=run.id, subject_name="the directory",
        leavers=leavers,
    )  # fmt: skip


def take_request(request_id: int) -> None:
    """Note that the reading was done."""
    db.session.execute(sa.update(SyncRequest).where(SyncRequest.id == request_id).values(taken_at=now()))


def runs_not_settled() -> Sequence[SyncRun]:
    """The runs that did not come to their end, and the one that does now; the oldest first."""
    return db.session.scalars(sa.select(SyncRun).where(SyncRun.settled.is_(False)).order_by(SyncRun.id)).all()


def runs_not_handed_on() -> Sequence[SyncRun]:
    """The runs whose news is settled and that the accounts have not heard of, the oldest first."""
    settled = sa.select(SyncRun).where(SyncRun.settled.is_(True), SyncRun.handed_on_at.is_(None))
    return db.session.scalars(settled.order_by(SyncRun.id)).all()


def movers(run_id: int) -> Sequence[int]:
    """The ids of those whose team or manager a run found changed."""
    return db.session.scalars(
        sa.select(RunLine.person_id)
        .where(RunLine.run_id == run_id, RunLine.turn.in_((Turn.MOVED, Turn.MANAGER)))
        .distinct()
        .order_by(RunLine.person_id)
    ).all()
