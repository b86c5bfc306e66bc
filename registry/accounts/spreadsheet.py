"""Bringing a list of accounts into the register: a fate for every row, and the same file twice changes nothing.

Nobody begins with an empty register: there is always a spreadsheet, some years old. Every row is judged for itself and
reported with its number and a reason; what was given is compared, what was left empty is left alone. The work is done
in bulk, in one transaction. The command does it at once, the pages through the worker; see importing/.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.accounts.importing import applying
from registry.accounts.importing.columns import Sheet, parse_map, sheet_named
from registry.accounts.importing.files import LARGEST, TOO_LARGE, open_file
from registry.accounts.importing.judging import FatedRow, Judge, batches
from registry.accounts.importing.models import Fate, ImportRun, ImportState, why_held
from registry.accounts.importing.words import UnreadableFile, shortly
from registry.audit import Somebody
from registry.db import db, now

__all__ = ["Fate", "FatedRow", "Report", "UnreadableFile", "bring_in", "parse_map"]


@dataclass(frozen=True, slots=True)
class Report:
    """What became of every row, and notes about the file as a whole."""

    rows: Sequence[FatedRow]
    notes: tuple[str, ...] = ()
    #: How many accounts it closes; where nothing was done because there are too many of them, why.
    closing: int = 0
    held: str = ""

    def counts(self) -> dict[str, int]:
        """How many rows there are of each fate, those of none included."""
        counted = dict.fromkeys((fate.value for fate in Fate), 0)
        for row in self.rows:
            counted[row.fate.value] += 1
        return counted

    def as_json(self) -> dict[str, Any]:
        """The report for a program: ``rows``, ``notes``, and the number of each fate."""
        rows = [{"row": row.row, "fate": row.fate.value, "reason": row.reason} for row in self.rows]
        return {
            "rows": rows, "notes": list(self.notes), **self.counts(), "closing": self.closing, "held": self.held,
        }  # fmt: skip


def bring_in(
    file: Path, *, columns: Mapping[str, str], actor: Somebody | None, dry_run: bool = False,
    accept_closing: int | None = None,
) -> Report:  # fmt: skip
    """Register the accounts of a CSV or XLSX file, and bring those up to date that are registered.

    ``columns`` is what ``parse_map`` returns; ``actor`` is ``None`` on the command line. Whoever may import decides
    for comms: the accounts are live at once unless the file says otherwise. A file that closes more than a tenth of
    the accounts changes nothing, unless ``accept_closing`` is how many. Does not commit. Raises ``UnreadableFile``.
    """
    if file.stat().st_size > LARGEST:
        raise UnreadableFile(TOO_LARGE)
    content = file.read_bytes()
    sheet = sheet_named(open_file(content, columns), columns)
    if dry_run:
        return _report(sheet, *_only_judged(sheet), accept_closing)
    applying.wait_for_others()
    with db.session.begin_nested() as step:
        run = _new_run(file, len(content), sheet, actor)
        rows: list[FatedRow] = []
        judge = applying.apply(run, sheet, accept_closing=accept_closing, actor=actor, tell=rows.extend)
        # What changes nothing leaves nothing behind either.
        if applying.is_held(judge, accept_closing) or not judge.changes_anything:
            step.rollback()
    return _report(sheet, rows, judge, accept_closing)


def _only_judged(sheet: Sheet) -> tuple[list[FatedRow], Judge]:
    judge = Judge(sheet.columns)
    rows: list[FatedRow] = []
    for lines in batches(sheet):
        rows += judge.judge(lines).rows
    return rows, judge


def _report(sheet: Sheet, rows: Sequence[FatedRow], judge: Judge, accept_closing: int | None = None) -> Report:
    held = why_held(judge.closing, judge.of_accounts) if applying.is_held(judge, accept_closing) else ""
    return Report(rows, sheet.source.notes, judge.closing, held)


def _new_run(file: Path, size: int, sheet: Sheet, actor: Somebody | None) -> ImportRun:
    name = shortly(file.name.encode("utf-8", "replace").decode(), 100)
    by, at = actor.id if actor else None, now()
    run = ImportRun(
        file_name=name, size=size, uploaded_at=at, uploaded_by_id=by, confirmed_at=at, confirmed_by_id=by,
        state=ImportState.APPLYING, headings=list(sheet.headings), columns=list(sheet.columns),
        header_row=sheet.header_row, notes=list(sheet.source.notes),
    )  # fmt: skip
    db.session.add(run)
    db.session.flush()
    return run
