"""What somebody does with a file of accounts: hand it in, say what its columns are, say yes, take it back."""

from collections.abc import Sequence
from math import ceil
from typing import Final

import sqlalchemy as sa

from registry.accounts.importing.columns import (
    FIELDS,
    NAMING,
    Sheet,
    called,
    find_headings,
    fingerprint,
    guess,
)
from registry.accounts.importing.files import open_file
from registry.accounts.importing.models import (
    KEEP_ROWS,
    OPEN,
    ColumnChoice,
    ImportFile,
    ImportLine,
    ImportRun,
    ImportState,
)
from registry.accounts.importing.words import UnreadableFile, shortly
from registry.audit import Somebody
from registry.db import db, now

#: Bytes of a file that is handed in on a page. Fifty thousand accounts take some twelve million.
LARGEST_UPLOAD: Final = 15_000_000


class NotNow(Exception):
    """The import has gone on, or was given up: a colleague was quicker, or the same button was pressed twice."""


class NotTheNumber(Exception):
    """The number that was repeated is not that of the accounts that the file closes."""


class UnusableColumns(Exception):
    """What was said of the columns cannot be; the message says why, and ``place`` where, if at one of them."""

    def __init__(self, message: str, place: int | None = None) -> None:
        super().__init__(message)
        self.place = place


def upload(*, file_name: str, content: bytes, actor: Somebody) -> ImportRun:
    """Take a file; its columns are guessed, or as somebody said of the same headings before.

    Raises ``UnreadableFile``.
    """
    if len(content) > LARGEST_UPLOAD:
        raise UnreadableFile(
            f"This file has {ceil(len(content) / 1e6)} MB, and {LARGEST_UPLOAD // 1_000_000} MB fit. Delete what does"
            " not belong to a list of accounts, or split it."
        )
    source = open_file(content)
    header_row, found = find_headings(source)
    headings = [shortly(name, 200) for name in found]
    choice = db.session.get(ColumnChoice, fingerprint(headings))
    columns = list(choice.columns) if choice else []
    run = ImportRun(
        file_name=shortly(file_name.replace("\\", "/").rpartition("/")[2], 100) or "A file without a name",
        size=len(content), uploaded_at=now(), uploaded_by_id=actor.id, state=ImportState.UPLOADED,
        header_row=header_row, headings=headings, notes=list(source.notes), total=source.about,
        columns=(columns + [""] * len(headings))[: len(headings)] if choice else guess(headings),
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    db.session.add(ImportFile(import_id=run.id, content=content))
    return run


def sheet_of(run: ImportRun, columns: Sequence[str] | None = None) -> Sheet:
    """The file of an import, with its ``columns`` or others. Raises ``NotNow`` where it is deleted already."""
    content = db.session.scalar(sa.select(ImportFile.content).where(ImportFile.import_id == run.id))
    if content is None:
        raise NotNow
    chosen = tuple(run.columns if columns is None else columns)
    return Sheet(open_file(content), run.header_row, tuple(run.headings), chosen)


def check_columns(headings: Sequence[str], columns: Sequence[str]) -> None:
    """Raise ``UnusableColumns`` unless each field is one column's at most, and one says which account a row means."""
    if len(columns) != len(headings):
        raise UnusableColumns("This list of columns is not that of the file. Load the page again.")
    for place, field in enumerate(columns):
        if field and field not in FIELDS:
            raise UnusableColumns("Choose what this column is from the list.", place)
        if field and (first := columns.index(field)) < place:
            name = called(headings[first], first)
            raise UnusableColumns(f"The column “{name}” is that already. Choose one of the two.", place)
    if not NAMING & set(columns):
        raise UnusableColumns("Say which column holds the address of the account, or its handle.")


def choose(*, run: ImportRun, columns: Sequence[str]) -> None:
    """Have the worker find out what would happen if these are the columns; remembered for files with the same headings.

    Raises ``UnusableColumns`` and ``NotNow``.
    """
    check_columns(run.headings, columns)
    _take(run, *OPEN)
    run.columns = list(columns)
    db.session.merge(ColumnChoice(headings=fingerprint(run.headings), columns=list(columns), chosen_at=now()))
    run.reason = ""
    _ask(run, ImportState.CHECKING)


def confirm(*, run: ImportRun, closing: int | None, actor: Somebody) -> None:
    """Have the worker bring it in. ``closing`` repeats how many accounts it closes, where those are too many.

    Raises ``NotTheNumber`` and ``NotNow``.
    """
    _take(run, ImportState.CHECKED)
    if run.is_held and closing != run.closing:
        raise NotTheNumber
    run.accepted_closing = closing if run.is_held else None
    run.confirmed_at, run.confirmed_by_id, run.reason = now(), actor.id, ""
    _ask(run, ImportState.APPLYING)


def undo(*, run: ImportRun, actor: Somebody) -> None:
    """Have the worker take back what an import did. Raises ``NotNow``, also where what it takes is kept no longer."""
    _take(run, ImportState.DONE)
    if not can_be_undone(run):
        raise NotNow
    run.undone_by_id = actor.id
    _ask(run, ImportState.UNDOING)


def can_be_undone(run: ImportRun) -> bool:
    """Whether it is known still what an import changed."""
    changed = run.added or run.updated
    kept = run.ended_at is not None and run.ended_at > now() - KEEP_ROWS
    return run.state is ImportState.DONE and bool(changed) and kept


def discard(*, run: ImportRun) -> None:
    """Give an import up before it was brought in, and delete its file. Raises ``NotNow``."""
    _take(run, *OPEN)
    run.state, run.ended_at = ImportState.DISCARDED, now()
    forget_file(run.id)
    db.session.execute(sa.delete(ImportLine).where(ImportLine.import_id == run.id))


def forget_file(import_id: int) -> None:
    """Delete the content of a file."""
    db.session.execute(sa.delete(ImportFile).where(ImportFile.import_id == import_id))


def _take(run: ImportRun, *states: ImportState) -> None:
    """Lock the row and make sure of its state, so that of two who decide at once only one does."""
    held = sa.select(ImportRun).where(ImportRun.id == run.id).with_for_update()
    db.session.scalars(held.execution_options(populate_existing=True)).one()
    if run.state not in states:
        raise NotNow


def _ask(run: ImportRun, state: ImportState) -> None:
    run.state, run.asked_at, run.attempts, run.began_at, run.done = state, now(), 0, None, 0
