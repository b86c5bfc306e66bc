"""What happened, by whom and when: rows that are only ever added, each sealed to the one before it."""

import contextlib
import hashlib
import json
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar

import sqlalchemy as sa
from flask import current_app, g
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.chains import START, Sealed, examine
from registry.db import Model, db, is_sqlite, now, only_reads
from registry.personal import Fate, leads, stays

SYSTEM: Final = "the register"
MOST_REMEMBERED: Final = 500
Counted = TypeVar("Counted")


class Somebody(Protocol):
    """Who did it: a person, as far as evidence needs to know."""

    id: Any
    name: Any


SEALED: Final = (
    "They are evidence, sealed each to the one before: for a legal obligation or a public task, and to establish or"
    " defend legal claims. The register tells them under the pseudonym."
)
_OF_THE_THING: Final = stays("It names what the event is about; a person in it is told by their pseudonym.")


def _told(event: "Event") -> dict[str, Any]:
    return {"at": event.at, "event": event.name, "what happened": event.sentence, "details": event.told_fields}


class Event(Sealed, Model):
    """One thing that happened, in the words of the day it happened."""

    __tablename__ = "event"
    __table_args__ = (sa.Index("ix_event_subject", "subject_kind", "subject_id", "id"),)
    evidence = (
        "at",
        "name",
        "actor_id",
        "actor_name",
        "subject_kind",
        "subject_id",
        "subject_name",
        "fields",
    )

    at: Mapped[datetime] = mapped_column(index=True)
    name: Mapped[str] = mapped_column(sa.String(60), index=True, info=_OF_THE_THING)
    # No foreign keys: the evidence outlives the person and the thing that it is about.
    actor_id: Mapped[int | None] = mapped_column(
        info=leads("History of what this person did", Fate.KEPT, because=SEALED, tells=_told),
    )
    actor_name: Mapped[str] = mapped_column(info=_OF_THE_THING)
    subject_kind: Mapped[str] = mapped_column(sa.String(30), info=_OF_THE_THING)
    subject_id: Mapped[int | None] = mapped_column(
        info=leads("History of this person", Fate.KEPT, because=SEALED, tells=_told, only={"subject_kind": "person"}),
    )
    subject_name: Mapped[str] = mapped_column(info=_OF_THE_THING)
    fields: Mapped[dict[str, Any]] = mapped_column(info=_OF_THE_THING)

    # Beside every event, wherever it is read, so that none is told with the name of somebody who is forgotten.
    retelling: Mapped["Retelling | None"] = relationship(
        primaryjoin="foreign(Retelling.event_id) == Event.id", uselist=False, lazy="joined", viewonly=True
    )

    @property
    def told(self) -> dict[str, Any]:
        """The fields, the actor and the subject as they may be told today; the columns stay as they were sealed."""
        words = {**self.fields, "actor": self.actor_name, "subject": self.subject_name}
        return words | (self.retelling.words if self.retelling else {})

    @property
    def told_fields(self) -> dict[str, Any]:
        """The fields alone, as they may be told today."""
        told = self.told
        return {name: told[name] for name in self.fields}

    @property
    def sentence(self) -> str:
        """What happened, in words."""
        told = EVENTS[self.name].sentence.format_map(_Blank(self.told))
        return told[:1].upper() + told[1:]


class Retelling(Model):
    """What is told of an event instead of the names of people who have been forgotten since."""

    __tablename__ = "retelling"

    # No foreign key: the table of evidence is bound to none that may change.
    event_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    #: By ``actor``, ``subject`` or the name of a field: the pseudonym.
    words: Mapped[dict[str, Any]] = mapped_column(info=stays("Pseudonyms only."))


class _Blank(dict[str, Any]):
    def __missing__(self, key: str) -> str:
        return "–"


@dataclass(frozen=True, slots=True)
class EventKind:
    """A kind of event: its sentence for the history page, the fields that it may carry, and those that name who it is
    about, as a username of before does."""

    sentence: str
    fields: frozenset[str]
    naming: frozenset[str] = frozenset()


EVENTS: dict[str, EventKind] = {}


def declare(name: str, sentence: str, *fields: str, naming: Sequence[str] = ()) -> str:
    """Make an event known. ``sentence`` may use ``{actor}``, ``{subject}`` and the fields. Returns ``name``.

    ``naming`` are those of the fields that say who the subject is; they are told no more when that one is forgotten.
    """
    EVENTS[name] = EventKind(sentence, frozenset(fields), frozenset(naming))
    return name


def event(
    name: str,
    *,
    actor: Somebody | None,
    subject_kind: str,
    subject_id: int | None,
    subject_name: str,
    **fields: Any,
) -> Event:
    """An event that is not yet kept; see ``append``.

    ``actor`` is ``None`` where the register did it by itself. Raises ``KeyError`` for an event, and
    ``TypeError`` for a field, that was not declared.
    """
    if unknown := fields.keys() - EVENTS[name].fields:
        raise TypeError(f"{name} has no fields {sorted(unknown)}")
    return Event(
        at=now(), name=name, actor_id=actor.id if actor else None, actor_name=actor.name if actor else SYSTEM,
        subject_kind=subject_kind, subject_id=subject_id, subject_name=subject_name, fields=fields,
    )  # fmt: skip


def record(
    name: str,
    *,
    actor: Somebody | None,
    subject_kind: str,
    subject_id: int | None,
    subject_name: str,
    **fields: Any,
) -> Event:
    """Add an event to the caller's transaction; see ``event`` for the arguments."""
    happened = event(
        name,
        actor=actor,
        subject_kind=subject_kind,
        subject_id=subject_id,
        subject_name=subject_name,
        **fields,
    )
    append([happened])
    return happened


def append(rows: Sequence[Sealed]) -> None:
    """Seal ``rows``, all of one model, to the last one kept, and add them to the caller's transaction."""
    if not rows:
        return
    model = type(rows[0])
    if not is_sqlite():
        # Two transactions that read the same last seal would fork the chain; on SQLite there is one writer.
        key = int.from_bytes(hashlib.sha256(model.__tablename__.encode()).digest()[:7], "big")  # type: ignore[attr-defined]
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(key)))
    db.session.flush()
    previous = db.session.scalar(sa.select(model.seal).order_by(model.id.desc()).limit(1)) or START
    for row in rows:
        row.previous, row.seal = previous, row.sealed_with(previous)
        previous = row.seal
    db.session.add_all(rows)
    db.session.flush()


def broken(model: type[Sealed]) -> list[str]:
    """What is wrong with the chain of ``model``, a sentence a fault; empty where every row is as it was added."""
    return [fault.text for fault in examine(model).faults]


def remembered(key: Hashable, count: Callable[[], Counted]) -> Counted:
    """What ``count`` gives, counted afresh only after the next event.

    For what only changes together with an event: every change of an account, a profile or a sign-off records one.
    The answer belongs to the last event of this very transaction, so it is never older than the page around it.
    """
    kept: OrderedDict[Hashable, Any] = current_app.extensions.setdefault("remembered", OrderedDict())
    last = _last_event()
    if (last, key) in kept:
        with contextlib.suppress(KeyError):  # Another thread may just have made room.
            known: Counted = kept[last, key]
            return known
    answer = kept[last, key] = count()
    while len(kept) > MOST_REMEMBERED:
        with contextlib.suppress(KeyError):
            kept.popitem(last=False)
    return answer


#: The seal of the last event, which a question may bring along that a page asks before all others. Its number would
#: not do: that of an event which was taken back with its transaction is given again, on SQLite, and a register that was
#: put back from a copy counts on from there.
LAST: Final[Any] = (
    sa.select(sa.column("seal"))
    .select_from(sa.table("event", sa.column("id")))
    .order_by(sa.column("id").desc())
    .limit(1)
)


def note_last(seal: str | None) -> None:
    """Take it that ``seal``, just read as ``LAST``, is that of the last event, as far as this page only reads.

    What the page reads later may be newer, never older: nobody is shown what is no more so.
    """
    if only_reads():
        g.last_event = seal or START


def _last_event() -> str:
    """The seal of the last event; a page that only reads asks once, as its answers are of one moment anyway."""
    if not only_reads():
        return db.session.scalar(LAST) or START
    if "last_event" not in g:
        note_last(db.session.scalar(LAST))
    last: str = g.last_event
    return last


def history(
    subject_kind: str, subject_id: int, most: int = 100, *, also: sa.Select[tuple[int]] | None = None
) -> Sequence[Event]:
    """The events of one thing, the newest first; ``also`` are the ids of what was merged into it."""
    ids = sa.select(sa.literal(subject_id)) if also is None else sa.union_all(sa.select(sa.literal(subject_id)), also)
    return db.session.scalars(
        sa.select(Event)
        .where(Event.subject_kind == subject_kind, Event.subject_id.in_(ids))
        .order_by(Event.id.desc())
        .limit(most)
    ).all()


def count_events() -> int:
    """How many events there are."""
    return db.session.scalar(sa.select(sa.func.count(Event.id))) or 0


def events(*, limit: int, offset: int) -> Sequence[Event]:
    """A page of all events, the newest first."""
    return db.session.scalars(sa.select(Event).order_by(Event.id.desc()).limit(limit).offset(offset)).all()


EXPORT_COLUMNS: Final = ("at", "name", "actor", "subject_kind", "subject_id", "subject", "fields", "seal")


def export_rows() -> Iterable[tuple[Any, ...]]:
    """Every event, as ``EXPORT_COLUMNS`` names them, in the order in which they happened."""
    for row in db.session.scalars(sa.select(Event).order_by(Event.id).execution_options(yield_per=1000)):
        told = row.told
        fields = json.dumps(row.told_fields, ensure_ascii=False, sort_keys=True)
        yield (row.at, row.name, told["actor"], row.subject_kind, row.subject_id, told["subject"], fields, row.seal)


def names_told(person_ids: Sequence[int]) -> dict[str, set[Any]]:
    """The names under which events tell of some people, and whose they are."""
    acted = sa.select(Event.actor_name, Event.actor_id).where(Event.actor_id.in_(person_ids))
    suffered = sa.select(Event.subject_name, Event.subject_id).where(
        Event.subject_kind == "person", Event.subject_id.in_(person_ids)
    )
    found: dict[str, set[Any]] = {}
    for name, person_id in db.session.execute(sa.union(acted, suffered)):
        found.setdefault(name, set()).add(person_id)
    return found


def retell(pseudonyms: Mapping[int, str], names: Mapping[str, str]) -> int:
    """Tell every event there is with pseudonyms; the number of events that are told otherwise from now on.

    ``pseudonyms`` are by the id of the person who acted or whom an event is about. ``names`` are by the name that
    stands in a field of an event, as that of an owner before and after. What is sealed stays as it is.
    """
    told = (Event.id, Event.name, Event.actor_id, Event.subject_kind, Event.subject_id, Event.fields)
    every = sa.select(*told, Retelling.words).outerjoin(Retelling, Retelling.event_id == Event.id).order_by(Event.id)
    found: dict[int, dict[str, Any]] = {}
    for row in db.session.execute(every.execution_options(yield_per=1000)):
        words = {name: names[value] for name, value in row.fields.items() if isinstance(value, str) and value in names}
        if row.actor_id in pseudonyms:
            words["actor"] = pseudonyms[row.actor_id]
        if row.subject_kind == "person" and row.subject_id in pseudonyms:
            kind = EVENTS.get(row.name)
            telling = ("subject", *(kind.naming & row.fields.keys() if kind else ()))
            words |= dict.fromkeys(telling, pseudonyms[row.subject_id])
        if words:
            found[row.id] = {**(row.words or {}), **words}
    ids = list(found)
    for start in range(0, len(ids), 1000):
        some = ids[start : start + 1000]
        db.session.execute(sa.delete(Retelling).where(Retelling.event_id.in_(some)))
        db.session.execute(sa.insert(Retelling), [{"event_id": one, "words": found[one]} for one in some])
    return len(ids)
