"""What becomes of each row of a file: compared with the register, with the rows before it, and with what it says."""

import enum
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, Final

import sqlalchemy as sa

from registry.accounts.actions import LABELS
from registry.accounts.importing import known
from registry.accounts.importing.columns import Line, Sheet
from registry.accounts.importing.models import REJECTED, Fate, too_many
from registry.accounts.importing.rows import Asked, Register, new_account_notes, understand, values_of
from registry.accounts.importing.words import shortly
from registry.accounts.models import OWN_NAME, Account, State, Visibility
from registry.db import db
from registry.people.teams import BETWEEN

#: What an account's history calls the fields that only an import changes.
MORE_LABELS: Final = {
    **LABELS, "review_on": "the day of review", "topics": "the topics", "mailbox": "the mailbox",
}  # fmt: skip
#: Why an account in somebody's own name is refused.
NOBODY_TO_ASK: Final = (
    "It is in somebody’s own name, and only they can say whether it may be listed. Give the username of its owner."
)
#: What is said of a row whose account is not shown to anybody.
TAKEN_OUT: Final = "Whom it belongs to had it taken out of the register, so it stays out."
#: Rows that are looked up and written together.
BATCH: Final = 2_000
#: Characters of a cell that are kept of a row that somebody may mend, and of the whole row.
LONGEST_CELL: Final = 5_000
LONGEST_ROW: Final = 50_000


@dataclass(slots=True)
class FatedRow:
    """A row of the file, its number as a spreadsheet shows it, and why it fared so."""

    row: int
    fate: Fate
    reason: str = ""
    #: Whether there is something to look at although it came in.
    noted: bool = False
    line: Line | None = None
    account_id: int | None = None
    #: What the account held before and after, by column, where it changed.
    before: dict[str, Any] | None = None
    after: dict[str, Any] | None = None

    @property
    def named(self) -> str:
        """By what somebody knows the row again."""
        cells = self.line.cells if self.line else {}
        return shortly(cells.get("url") or cells.get("handle") or cells.get("title") or "", 200)

    @property
    def cells(self) -> list[str] | None:
        """The whole row where somebody may want to mend it."""
        if self.line is None or not (self.noted or self.fate in REJECTED):
            return None
        cells = [cell[:LONGEST_CELL] for cell in self.line.whole]
        return cells if len(json.dumps(cells)) <= LONGEST_ROW else [cell[:80] for cell in cells]


@dataclass(slots=True)
class Change:
    """A row whose account is registered and differs: the values that do, and the topics if they do."""

    asked: Asked
    fated: FatedRow
    existing: Any
    values: dict[str, Any]
    topics: dict[str, str] | None


@dataclass(slots=True)
class Work:
    """Some rows judged, in the order of the file, and what there is to write of them."""

    register: Register
    rows: list[FatedRow]
    had_topics: Mapping[int, dict[str, str]]
    new: list[tuple[Asked, FatedRow, dict[str, Any]]] = field(default_factory=list)
    changes: list[Change] = field(default_factory=list)


class Judge:
    """Judges the rows of one file, some after others: it remembers the rows that were before."""

    def __init__(self, fields: Collection[str]) -> None:
        """``fields`` are those that the file has."""
        self.counts: Counter[Fate] = Counter(dict.fromkeys(Fate, 0))
        self.noted = self.closing = 0
        open_ones = sa.select(sa.func.count(Account.id)).where(Account.state != State.CLOSED)
        self.of_accounts = db.session.scalar(open_ones) or 0
        self._teams = known.Teams(bool({"team", "owner", "deputy"} & set(fields)))
        self._first_of_name: dict[tuple[str, ...], int] = {}
        self.first_of_account: dict[int, int] = {}

    @property
    def is_held(self) -> bool:
        """Whether the rows so far close more accounts than one may close unseen."""
        return too_many(self.closing, self.of_accounts)

    @property
    def changes_anything(self) -> bool:
        """Whether any row so far is new or differs."""
        return bool(self.counts[Fate.ADDED] or self.counts[Fate.UPDATED])

    def judge(self, lines: Sequence[Line]) -> Work:
        """Say what becomes of the next rows of the file; writes nothing."""
        fated: dict[int, FatedRow] = {}
        asked = self._without_twins(_understood(lines, fated), fated)
        work = Work(_look_up(asked, self._teams), [], {})
        found = [(one, work.register.accounts.same_as(one.resolved, one.typed)) for one in asked]
        work.had_topics = known.topics_of(existing.id for _, existing in found if existing)
        for one, existing in found:
            fated[one.line.row] = self._fate_of(one, existing, work)
        for line in lines:
            row = fated[line.row]
            row.line = line
            work.rows.append(row)
            self.counts[row.fate] += 1
            self.noted += row.noted
        return work

    def _without_twins(self, rows: Iterable[Asked], fated: dict[int, FatedRow]) -> list[Asked]:
        """The first row of each account; where another follows, the first one counts."""
        found = []
        for asked in rows:
            one = asked.resolved
            names: list[tuple[str, ...]] = [(one.platform, one.kind, one.key)]
            if one.platform_id:
                names.append((one.platform, one.platform_id))
            earlier = next((self._first_of_name[name] for name in names if name in self._first_of_name), None)
            for name in names:
                self._first_of_name.setdefault(name, earlier or asked.line.row)
            if earlier:
                fated[asked.line.row] = _twin(asked, earlier)
            else:
                found.append(asked)
        return found

    def _fate_of(self, asked: Asked, existing: Any | None, work: Work) -> FatedRow:
        row = asked.line.row
        if existing is None:
            values = values_of(asked, work.register, None)
            if asked.standing in OWN_NAME and not values.get("owner_id"):
                return FatedRow(row, Fate.REFUSED, NOBODY_TO_ASK)
            notes = [*new_account_notes(asked), *asked.notes]
            fated = FatedRow(row, Fate.ADDED, " ".join(notes), bool(notes))
            work.new.append((asked, fated, values))
            return fated
        if existing.visibility is Visibility.NOBODY:
            return FatedRow(row, Fate.UNCHANGED, TAKEN_OUT)
        if (earlier := self.first_of_account.setdefault(existing.id, row)) != row:
            return _twin(asked, earlier)
        return self._compared(asked, existing, work)

    def _compared(self, asked: Asked, existing: Any, work: Work) -> FatedRow:
        values = values_of(asked, work.register, existing)
        differing = {name: value for name, value in values.items() if value != getattr(existing, name)}
        topics = known.topics_in(asked.line.cells.get("topics", ""))
        new_topics = topics if topics and topics.keys() != work.had_topics.get(existing.id, {}).keys() else None
        noted = bool(asked.notes)
        if not differing and new_topics is None:
            return FatedRow(asked.line.row, Fate.UNCHANGED, " ".join(asked.notes), noted, account_id=existing.id)
        fated = FatedRow(asked.line.row, Fate.UPDATED, "", noted, account_id=existing.id)
        change = Change(asked, fated, existing, differing, new_topics)
        told = [_from_to(*one) for one in differences(change, work)]
        fated.reason = " ".join([f"Changed: {', '.join(told)}.", *asked.notes])
        work.changes.append(change)
        self.closing += differing.get("state") is State.CLOSED
        return fated


def batches(sheet: Sheet) -> Iterator[list[Line]]:
    """The rows of a file, some at a time. Raises ``UnreadableFile``."""
    lines = sheet.lines()
    while some := list(islice(lines, BATCH)):
        yield some


def _understood(lines: Iterable[Line], fated: dict[int, FatedRow]) -> list[Asked]:
    found = []
    for line in lines:
        asked = understand(line)
        if isinstance(asked, Asked):
            found.append(asked)
        else:
            fated[line.row] = FatedRow(line.row, Fate.REFUSED, asked)
    return found


def _twin(asked: Asked, row: int) -> FatedRow:
    return FatedRow(asked.line.row, Fate.DUPLICATE, f"The same account as row {row}, which counts.")


def _look_up(rows: Sequence[Asked], teams: known.Teams) -> Register:
    people = {text for asked in rows for role in ("owner", "deputy") if (text := asked.line.cells.get(role))}
    return Register(known.accounts([(asked.resolved, asked.typed) for asked in rows]), known.people(people), teams)


def differences(change: Change, work: Work) -> list[tuple[str, str, str]]:
    """The fields of an account that a row changes, by their column, with what they held and hold then, in words."""
    told = [
        (name, _in_words(name, getattr(change.existing, name), change, work), _in_words(name, value, change, work))
        for name, value in change.values.items()
    ]
    if change.topics is not None:
        before = ", ".join(work.had_topics.get(change.existing.id, {}).values())
        told.append(("topics", before or "nothing", ", ".join(change.topics.values())))
    return told


def _from_to(name: str, before: str, after: str) -> str:
    return f"{MORE_LABELS[name]} (from {shortly(before, 40)} to {shortly(after, 40)})"


def _in_words(name: str, value: Any, change: Change, work: Work) -> str:
    if name in ("owner_id", "deputy_id"):
        role = name.removesuffix("_id")
        if value is None or value == getattr(change.existing, name):
            return getattr(change.existing, f"{role}_name") or "nobody" if value else "nobody"
        return str(work.register.people.by_id[value].name)
    if name == "team_id":
        if value == change.existing.team_id:
            return change.existing.team_name or "nothing"
        return work.register.teams.paths[value].rpartition(BETWEEN)[2] if value else "nothing"
    return str(value.value if isinstance(value, enum.Enum) else value or "nothing")
