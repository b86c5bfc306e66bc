"""Whether the evidence is as it was written: both chains, each against the other, and the texts that were signed."""

import time
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from registry.audit import Event
from registry.chains import Chain, Fault, Sealed, Told, Wrong, cells, examine
from registry.db import db, is_sqlite
from registry.guidelines.models import SignOff, Version
from registry.guidelines.signing import TELLING
from registry.web import day

EVENTS: Final = "events"
SIGN_OFFS: Final = "sign-offs"
TEXTS: Final = "texts"
HEADS: Final = "heads"
CHAINS: Final[dict[str, type[Sealed]]] = {EVENTS: Event, SIGN_OFFS: SignOff}


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
    chains = {EVENTS: examine(Event), SIGN_OFFS: examine(SignOff, told, _words)}
    faults = [(name, fault) for name, chain in chains.items() for fault in chain.faults]
    if not any(fault.kind is Wrong.CHANGED for fault in chains[SIGN_OFFS].faults):
        faults += [(SIGN_OFFS, fault) for fault in _missing(older)]
    faults += [(TEXTS, fault) for fault in _texts()]
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


def _head(seal: str) -> Iterator[Fault]:
    wanted = seal.strip().lower()
    if not any(db.session.scalar(sa.select(sa.exists().where(model.seal == wanted))) for model in CHAINS.values()):
        text = f"No row has the seal {wanted[:12]}… any more: what was there when it was noted was changed or removed."
        yield Fault(Wrong.REMOVED, None, text)
