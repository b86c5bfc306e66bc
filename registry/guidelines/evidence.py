"""Whether the evidence is as it was written: both chains, each against the other, and the texts that were signed."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from registry.audit import Event
from registry.chains import START, Chain, Fault, Sealed, Told, Wrong, cells, examine
from registry.db import db, is_sqlite
from registry.guidelines import spells
from registry.guidelines.actions import PUBLISHED
from registry.guidelines.models import DISOWNED, SignOff, SpellNote, Version, VersionState
from registry.guidelines.signing import DISOWNED_IT, TELLING
from registry.web import day

EVENTS: Final = "events"
SIGN_OFFS: Final = "sign-offs"
NOTES: Final = "notes of duties"
DUTIES: Final = "duties"
TEXTS: Final = "texts"
HEADS: Final = "heads"
CHAINS: Final[dict[str, type[Sealed]]] = {EVENTS: Event, SIGN_OFFS: SignOff, NOTES: SpellNote}


@dataclass(frozen=True, slots=True)
class Report:
    """What was found: each chain by its name, all that is wrong by what it is wrong with, and how long it took."""

    chains: dict[str, Chain]
    faults: list[tuple[str, Fault]]
    seconds: float

    @property
    def well(self) -> bool:
        return not self.faults

    def of(self, what: str) -> list[Fault]:
        """What is wrong with one of the chains, the texts or the heads."""
        return [fault for name, fault in self.faults if name == what]


def verify(heads: Collection[str] = ()) -> Report:
    """Go through all evidence, in a transaction of its own. ``heads`` are last seals that were noted before.

    Whoever owns the database could write both chains anew from some row on. A head that somebody has kept elsewhere
    shows that: the row with that seal is there no more.
    """
    began = time.monotonic()
    db.session.rollback()
    if not is_sqlite():  # There, each question would else see what others have committed since the one before.
        db.session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    told, older = _told()
    chains = {EVENTS: examine(Event), SIGN_OFFS: examine(SignOff, told, _words), NOTES: examine(SpellNote)}
    faults = [(name, fault) for name, chain in chains.items() for fault in chain.faults]
    if not any(fault.kind is Wrong.CHANGED for fault in chains[SIGN_OFFS].faults):
        faults += [(SIGN_OFFS, fault) for fault in _missing(older)]
    told_wrongly = {fault.row for fault in chains[EVENTS].faults}
    faults += [(SIGN_OFFS, fault) for fault in _not_theirs(told_wrongly)]
    faults += [(TEXTS, fault) for fault in (*_texts(), *_versions(told_wrongly))]
    faults += [(DUTIES, fault) for fault in spells.faults()]
    faults += [(HEADS, fault) for seal in heads for fault in _head(seal)]
    db.session.rollback()  # What is read begins a transaction, which nobody else shall wait for.
    return Report(chains, faults, time.monotonic() - began)


def _told() -> tuple[dict[int, Told], list[tuple[int, tuple[Any, ...]]]]:
    """What the history holds of sign-offs: those with number and seal; of earlier releases only who signed what."""
    told: dict[int, Told] = {}
    older = []
    telling = Event.name.in_(TELLING)
    for number, row in cells(Event, Event.fields, Event.actor_id, Event.subject_id, where=telling):
        fields = row.fields if row is not None and isinstance(row.fields, dict) else {}
        sign_off, seal = fields.get("sign_off"), fields.get("seal")
        if isinstance(sign_off, int) and isinstance(seal, str):
            told.setdefault(sign_off, Told(sign_off, seal, number))
        elif row is not None and "number" in fields:
            older.append((number, (row.actor_id, row.subject_id, fields["number"])))
    return told, older


def _words(told: Told) -> str:
    event = db.session.get(Event, told.told_by)
    return f"The history of {day(event.at)} says: {event.sentence}." if event else ""


def _missing(older: list[tuple[int, tuple[Any, ...]]]) -> Iterator[Fault]:
    """Sign-offs that only the history tells of, where it does not say with which number they were added."""
    signed = sa.select(SignOff.person_id, SignOff.document_id, SignOff.version_number).distinct()
    there = {tuple(row) for row in db.session.execute(signed)}
    for number, key in older:
        if key not in there:
            words = _words(Told(0, "", number))
            yield Fault(Wrong.REMOVED, None, f"A sign-off was removed that is told of by event {number}. {words}")


def _texts() -> Iterator[Fault]:
    """Versions whose text is not the one that people have signed."""
    signed = sa.select(SignOff.version_id, SignOff.sha256, sa.func.count(), sa.func.min(SignOff.document_title))
    counted = {(one[0], one[1]): one for one in db.session.execute(signed.group_by(SignOff.version_id, SignOff.sha256))}
    for version in db.session.scalars(sa.select(Version).order_by(Version.id)):
        for (number, sha256), (_, _, count, title) in sorted(counted.items()):
            if number == version.id and sha256 != version.sha256:
                people = "one person" if count == 1 else f"{count:,} people"
                text = f"The text of version {version.number} of “{title}” is not the one that {people} signed."
                yield Fault(Wrong.CHANGED, version.id, text)


def _versions(told_wrongly: Collection[int | None]) -> Iterator[Fault]:
    """Versions that are not as the history says that they were published, whether or not anybody has signed them."""
    signed = set(db.session.scalars(sa.select(SignOff.version_id).distinct()))  # See above.
    there: dict[tuple[Any, Any], Version] = {
        (one.document_id, one.number): one
        for one in db.session.scalars(sa.select(Version).where(Version.state == VersionState.PUBLISHED))
    }
    for number, row in cells(Event, Event.fields, Event.subject_id, Event.subject_name, where=Event.name == PUBLISHED):
        if row is None or number in told_wrongly or not isinstance(row.fields, dict):
            continue
        version = there.get((row.subject_id, row.fields.get("number")))
        which = f"version {row.fields.get('number')} of “{row.subject_name}”"
        if version is None:
            text = f"Event {number} says that {which} was published: it is not there any more, or has another number."
            yield Fault(Wrong.REMOVED, None, text)
        elif row.fields.get("sha256", version.sha256) != version.sha256 and version.id not in signed:
            text = f"The text of {which} is not the one that was published, as event {number} says."
            yield Fault(Wrong.CHANGED, version.id, text)
        elif row.fields.get("material", version.material) is not version.material:
            text = f"Whether {which} asks people again is not as it was published, as event {number} says."
            yield Fault(Wrong.CHANGED, version.id, text)
        elif not _as_dated(version, row.fields):
            text = f"When {which} was published, or is to be signed by, is not as event {number} says."
            yield Fault(Wrong.CHANGED, version.id, text)


def _as_dated(version: Version, fields: dict[str, Any]) -> bool:
    """Whether a version has the days that were told of it; an earlier release told of none."""
    return all(fields.get(name, told) == told for name, told in version.dated.items())


def _not_theirs(told_wrongly: Collection[int | None]) -> Iterator[Fault]:
    """Sign-offs of which somebody said that they are not theirs, where that does not stand, or stands unsaid."""
    stands = {one for one in db.session.scalars(DISOWNED) if one is not None}
    said: dict[int, int] = {}
    for number, row in cells(Event, Event.fields, where=Event.name == DISOWNED_IT):
        fields = row.fields if row is not None and isinstance(row.fields, dict) else {}
        if isinstance(sign_off := fields.get("sign_off"), int):
            said[sign_off] = number
    for sign_off, number in sorted(said.items(), key=lambda one: one[1]):
        if sign_off not in stands and number not in told_wrongly:
            text = f"Sign-off {sign_off} counts again, though they said that it is not theirs: see event {number}."
            yield Fault(Wrong.REMOVED, sign_off, text)
    for sign_off in sorted(stands - said.keys()):
        text = f"Sign-off {sign_off} is marked as not theirs, and counts for nothing: the history does not say so."
        yield Fault(Wrong.INSERTED, sign_off, text)


def _head(seal: str) -> Iterator[Fault]:
    wanted = seal.strip().lower()
    if wanted == START:
        return  # There was no row yet, and nothing that could be gone.
    if not any(db.session.scalar(sa.select(sa.exists().where(model.seal == wanted))) for model in CHAINS.values()):
        text = f"No row has the seal {wanted[:12]}… any more: what was there when it was noted was changed or removed."
        yield Fault(Wrong.REMOVED, None, text)
