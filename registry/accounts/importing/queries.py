"""The imports of accounts: each, the fate of its rows, and what an account came in with."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts.importing.columns import OURS
from registry.accounts.importing.models import (
    FOR_THE_WORKER,
    REJECTED,
    Fate,
    ImportedAccount,
    ImportLine,
    ImportRun,
    ImportState,
    Undone,
)
from registry.db import db


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which rows of an import to show."""

    fate: Fate | None = None
    #: Only rows that came in, with something to look at.
    noted: bool = False
    #: Only rows that did not come in.
    rejected: bool = False
    undone: Undone | None = None

    def conditions(self, import_id: int) -> list[sa.ColumnElement[bool]]:
        """The same for the database."""
        found: list[sa.ColumnElement[bool]] = [ImportLine.import_id == import_id]
        if self.fate:
            found.append(ImportLine.fate == self.fate)
        if self.noted:
            found.append(ImportLine.noted.is_(True))
        if self.rejected:
            found.append(ImportLine.fate.in_(REJECTED))
        if self.undone:
            found.append(ImportLine.undone == self.undone)
        return found


def runs(*, limit: int, offset: int) -> Sequence[ImportRun]:
    """A page of all imports, the newest first, with who handed them in."""
    every = sa.select(ImportRun).options(joinedload(ImportRun.uploaded_by)).order_by(ImportRun.id.desc())
    return db.session.scalars(every.limit(limit).offset(offset)).all()


def count_runs() -> int:
    """How many imports there are."""
    return db.session.scalar(sa.select(sa.func.count(ImportRun.id))) or 0


def run(import_id: int) -> ImportRun | None:
    """One import with the people who handed it in, said yes, and took it back."""
    people = (joinedload(ImportRun.uploaded_by), joinedload(ImportRun.confirmed_by), joinedload(ImportRun.undone_by))
    return db.session.scalar(sa.select(ImportRun).where(ImportRun.id == import_id).options(*people))


def lines(import_id: int, narrowed: Narrowed, *, limit: int, offset: int = 0) -> Sequence[ImportLine]:
    """The rows of an import in the order of the file."""
    some = sa.select(ImportLine).where(*narrowed.conditions(import_id)).order_by(ImportLine.row)
    return db.session.scalars(some.limit(limit).offset(offset)).all()


def count_lines(import_id: int, narrowed: Narrowed) -> int:
    """How many rows of an import are kept, of those to show."""
    return db.session.scalar(sa.select(sa.func.count(ImportLine.id)).where(*narrowed.conditions(import_id))) or 0


AT_ONCE: Final = 1_000
LINE_COLUMNS: Final = ("row", "named", "fate", "reason")


def line_rows(import_id: int, narrowed: Narrowed) -> Iterator[tuple[Any, ...]]:
    """Every row to show, as ``LINE_COLUMNS`` names it."""
    for line in _every(import_id, narrowed):
        reason = line.undone_reason if narrowed.undone else line.reason
        yield (line.row, line.named, (line.undone if narrowed.undone else line.fate) or "", reason)


def _every(import_id: int, narrowed: Narrowed) -> Iterator[ImportLine]:
    some = sa.select(ImportLine).where(*narrowed.conditions(import_id)).order_by(ImportLine.row)
    yield from db.session.scalars(some.execution_options(yield_per=AT_ONCE))


def to_mend(run: ImportRun, narrowed: Narrowed) -> tuple[list[str], Iterator[list[Any]]]:
    """The rows to show as they stood in the file, under its headings, with why they need mending."""
    # A file that came back before has our own headings already.
    kept = [place for place, name in enumerate(run.headings) if name not in OURS]

    def rows() -> Iterator[list[Any]]:
        for line in _every(run.id, narrowed):
            cells = [*(line.cells or []), *([""] * len(run.headings))]
            yield [*(cells[place] for place in kept), line.row, line.reason]

    return [*(run.headings[place] for place in kept), *OURS], rows()


def waiting() -> ImportRun | None:
    """The import that was the first to be asked of the worker."""
    asked = sa.select(ImportRun).where(ImportRun.state.in_(FOR_THE_WORKER))
    return db.session.scalar(asked.order_by(ImportRun.asked_at, ImportRun.id).limit(1))


def unanswered(person_id: int) -> Sequence[ImportRun]:
    """The imports that wait for somebody who handed them in to say yes, the oldest first."""
    mine = sa.select(ImportRun).where(ImportRun.uploaded_by_id == person_id, ImportRun.state == ImportState.CHECKED)
    return db.session.scalars(mine.order_by(ImportRun.id).limit(5)).all()


def came_with(account_id: int) -> ImportRun | None:
    """The import that an account came in with, and who brought it in."""
    with_people = sa.select(ImportRun).join(ImportedAccount, ImportedAccount.import_id == ImportRun.id)
    return db.session.scalar(
        with_people.where(ImportedAccount.account_id == account_id).options(joinedload(ImportRun.confirmed_by))
    )
