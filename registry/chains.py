"""Rows of evidence, sealed each to the one before it, and what is wrong with a chain of them: named row by row."""

import hashlib
import json
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, ClassVar, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import db
from registry.personal import hidden

#: The seal that the first row follows.
START: Final = "0" * 64
#: How many rows are read at a time.
AT_ONCE: Final = 1_000
#: What reading a cell raises that no program of ours has written.
UNREADABLE: Final = (ValueError, LookupError, TypeError)


class Sealed:
    """A row that carries the hash of itself and of the row before it, so that none can change unseen."""

    id: Mapped[int] = mapped_column(primary_key=True)
    previous: Mapped[str] = mapped_column(sa.String(64), info=hidden("A hash."))
    seal: Mapped[str] = mapped_column(sa.String(64), unique=True, info=hidden("A hash."))

    #: The columns that are evidence, in the order in which they are hashed.
    evidence: ClassVar[tuple[str, ...]]
    #: Columns that a later release added: hashed by their name where they hold anything, so that the seals of the rows
    #: of before still hold, and none can be filled in or emptied unseen.
    later_evidence: ClassVar[tuple[str, ...]] = ()

    def sealed_with(self, previous: str) -> str:
        """The hash of this row after the one whose seal is ``previous``: 64 hexadecimal digits."""
        return self.seal_of(self, previous)

    @classmethod
    def seal_of(cls, row: Any, previous: str) -> str:
        """The same of anything that has the columns of evidence, as a row of a query does."""
        values = [_plain(getattr(row, name)) for name in cls.evidence]
        values += [[name, _plain(held)] for name in cls.later_evidence if (held := getattr(row, name))]
        text = json.dumps([previous, *values], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value


class Wrong(StrEnum):
    """What may have happened to a row of evidence."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    MOVED = "out of order"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong with a chain, in a sentence; ``row`` is the number that the row has, or had."""

    kind: Wrong
    row: int | None
    text: str


class Told(NamedTuple):
    """What another chain holds of a row: the number and the seal that it was added with, and where that is written."""

    row: int
    seal: str
    told_by: int


class Link(NamedTuple):
    """A row as far as its place in the chain goes; ``sound``: its seal is that of what it holds."""

    row: int
    previous: str
    seal: str
    sound: bool


@dataclass(frozen=True, slots=True)
class Chain:
    """A chain as it is: how many rows, the seal of the last one, and what is wrong, in the order of the rows."""

    rows: int
    head: str
    faults: list[Fault]


def examine(
    model: type[Sealed], told: Mapping[int, Told] | None = None, words: Callable[[Told], str] = lambda _told: ""
) -> Chain:
    """Read the whole chain of ``model`` and say what is wrong with it.

    ``told`` is what another chain holds of its rows, by the number of each: with it, rows that were taken off the end
    or sealed anew are found too. ``words`` says what a row held, a sentence of its own.
    """
    told = told or {}
    first, before, count, known, well = min(told, default=None), START, 0, 0, True
    for link in _links(model):
        held = told.get(link.row)
        well = well and link.sound and link.previous == before and (held is None or held.seal == link.seal)
        well = well and not (held is None and first is not None and link.row > first)
        before, count, known = link.seal, count + 1, known + (held is not None)
    faults = [] if well and known == len(told) else Inquiry(list(_links(model)), told, words).faults()
    return Chain(count, before, faults)


def cells(model: type[Sealed], *columns: Any, where: sa.ColumnElement[bool] | None = None) -> Iterator[tuple[int, Any]]:
    """The number of each row, in order, with the row of ``columns``, or ``None`` where it cannot even be read."""
    number, some, after = model.id, sa.true() if where is None else where, None
    wanted = sa.select(number, *columns)
    while True:
        rest = some if after is None else sa.and_(some, number > after)
        ids = db.session.scalars(sa.select(number).where(rest).order_by(number).limit(AT_ONCE)).all()
        if not ids:
            return
        try:
            batch = sa.and_(some, number.between(ids[0], ids[-1]))
            yield from [(row[0], row) for row in db.session.execute(wanted.where(batch).order_by(number))]
        except UNREADABLE:
            yield from [(one, _cell(wanted.where(number == one))) for one in ids]
        after = ids[-1]


def _cell(wanted: sa.Select[Any]) -> Any:
    try:
        return db.session.execute(wanted).first()
    except UNREADABLE:
        return None


def _links(model: type[Sealed]) -> Iterator[Link]:
    names = ("previous", "seal", *model.evidence, *model.later_evidence)
    for number, row in cells(model, *(getattr(model, name) for name in names)):
        if row is None:
            plain = db.session.execute(sa.select(model.previous, model.seal).where(model.id == number)).one()
            yield Link(number, plain.previous, plain.seal, False)
        else:
            yield Link(number, row.previous, row.seal, _is_sound(model, row))


def _is_sound(model: type[Sealed], row: Any) -> bool:
    try:
        return bool(row.seal == model.seal_of(row, row.previous))
    except UNREADABLE:
        return False


@dataclass
class Inquiry:
    """Finds out what was done to a chain that is not whole."""

    links: list[Link]
    told: Mapping[int, Told]
    words: Callable[[Told], str]
    found: dict[int, Fault] = field(default_factory=dict)
    more: list[Fault] = field(default_factory=list)

    def faults(self) -> list[Fault]:
        """All that is wrong, in the order of the rows."""
        self.by_row = {link.row: link for link in self.links}
        self.place = {link.seal: link.row for link in reversed(self.links)}
        self.followers: dict[str, list[int]] = {}
        for link in self.links:
            self.followers.setdefault(link.previous, []).append(link.row)
        self._compare_with_what_is_told()
        self._find_doubles()
        self._find_disorder()
        self._find_gaps()
        return sorted([*self.found.values(), *self.more], key=lambda one: (one.row is None, one.row or 0))

    def _note(self, kind: Wrong, row: int, text: str) -> None:
        held = self.told.get(row)
        words = self.words(held) if held and kind is not Wrong.INSERTED else ""
        fault = Fault(kind, row, f"{text} {words}".rstrip())
        if row in self.found:
            self.more.append(fault)
        else:
            self.found[row] = fault

    # What another chain says of each row.

    def _compare_with_what_is_told(self) -> None:
        added = {one.seal: one.row for one in self.told.values()}
        first = min(self.told, default=None)
        for link in self.links:
            held, was = self.told.get(link.row), added.get(link.seal)
            unknown = held is None and first is not None and link.row > first
            if not link.sound and not unknown:
                self._note(Wrong.CHANGED, link.row, f"Row {link.row} was changed after it was added.")
            elif held and held.seal == link.seal:
                continue
            elif was is not None and self.by_row.get(was, link).seal == link.seal and was in self.by_row:
                self._note(Wrong.INSERTED, link.row, f"Row {link.row} was inserted: it is a copy of row {was}.")
            elif was is not None:
                self._note(Wrong.MOVED, link.row, f"Row {link.row} is out of order: it was added as row {was}.")
            elif held:
                self._note(Wrong.CHANGED, link.row, f"Row {link.row} was changed and sealed anew.")
            elif unknown:
                text = f"Row {link.row} was inserted, or what the history told of it was taken away."
                self._note(Wrong.INSERTED, link.row, text)
        for row, one in self.told.items():
            if one.seal in self.place or (row in self.by_row and self.found[row].kind is Wrong.CHANGED):
                continue
            self._note(Wrong.REMOVED, row, f"Row {row} was removed{self._where(row)}.")

    def _where(self, row: int) -> str:
        at = bisect_left(self.links, row, key=lambda link: link.row)
        after = at + (row in self.by_row)
        if not self.links:
            return ", as were all others"
        if after >= len(self.links):
            return f" from the end, after row {self.links[at - 1].row}" if at else ""
        behind = self.links[after].row
        return f" from between rows {self.links[at - 1].row} and {behind}" if at else f" from before row {behind}"

    # What the rows say of each other.

    def _find_doubles(self) -> None:
        """Of several rows that follow the same one, all but one were put in."""
        for rows in [rows for rows in self.followers.values() if len(rows) > 1]:
            free = [row for row in rows if row not in self.found]
            known = [row for row in rows if row in self.told and self.told[row].seal == self.by_row[row].seal]
            went_on = [row for row in free if self.by_row[row].seal in self.followers]
            true = (known or went_on or free or rows)[0]
            for row in free:
                if row != true:
                    text = f"Row {row} was inserted: row {true} stands in its place in the chain."
                    self._note(Wrong.INSERTED, row, text)

    def _find_disorder(self) -> None:
        """Rows whose numbers do not rise in the order in which they were sealed."""
        for head in self.links:
            if head.previous in self.place:
                continue
            order, row = [], head.row
            while True:
                if row not in self.found:
                    order.append(row)
                ways = [one for one in self.followers.get(self.by_row[row].seal, ()) if one not in self.found]
                ways = ways or self.followers.get(self.by_row[row].seal, [])
                if not ways:
                    break
                row = ways[0]
            for one in displaced(order):
                after = self.place.get(self.by_row[one].previous)
                told = "it was the first to be sealed" if after is None else f"it was sealed right after row {after}"
                self._note(Wrong.MOVED, one, f"Row {one} is out of order: {told}.")

    def _find_gaps(self) -> None:
        """Places where a row does not follow the one before it, which nothing found so far explains."""
        odd = {self.by_row[row].seal for row in self.found if row in self.by_row}
        gone = sorted(row for row, one in self.found.items() if one.kind is Wrong.REMOVED)
        before, seen_odd = Link(0, "", START, True), False
        for link in self.links:
            if link.row in self.found:
                # What was put in or moved explains nothing of its neighbours but where it is named by them.
                seen_odd = seen_odd or self.found[link.row].kind in (Wrong.CHANGED, Wrong.REMOVED)
                continue
            between = bisect_left(gone, before.row) < bisect_left(gone, link.row)
            if link.previous != before.seal and link.previous not in odd and not seen_odd and not between:
                self._note_gap(before, link)
            before, seen_odd = link, False

    def _note_gap(self, before: Link, link: Link) -> None:
        gap = range(before.row + 1, link.row)
        if before.seal == START:
            self._note(Wrong.REMOVED, link.row - 1, f"What stood before row {link.row} was removed.")
        elif len(gap) == 1:
            text = f"Row {gap[0]} was removed from between rows {before.row} and {link.row}, or row {before.row} was"
            self._note(Wrong.REMOVED, gap[0], f"{text} sealed anew.")
        elif gap:
            text = f"Rows {gap[0]} to {gap[-1]} were removed from between rows {before.row} and {link.row}"
            self._note(Wrong.REMOVED, gap[0], f"{text}, or row {before.row} was sealed anew.")
        else:
            text = f"Row {before.row} was changed and sealed anew, or a row between it and row {link.row} was removed."
            self._note(Wrong.CHANGED, before.row, text)


def displaced(order: list[int]) -> list[int]:
    """Those of ``order``, each number once, that must go to leave only rising ones: as few as can be.

    Where two have changed places, both are named.
    """
    swapped = [one for one, right in zip(order, sorted(order), strict=True) if one != right]
    if len(swapped) <= 2:
        return swapped
    tails: list[int] = []
    at: list[int] = []
    for one in order:
        place = bisect_left(tails, one)
        tails[place : place + 1] = [one]
        at.append(place)
    wanted, kept = len(tails) - 1, set()
    for one, place in zip(reversed(order), reversed(at), strict=True):
        if place == wanted:
            kept.add(one)
            wanted -= 1
    return [one for one in order if one not in kept]
