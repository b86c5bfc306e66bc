"""What the worker does with the files of accounts that people handed in on a page.

What was asked for is a row, and what is done for it is one transaction that also writes into that row that it is
done. A worker that is killed leaves the row as it was asked for, and the next begins anew.
"""

from collections.abc import Callable
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.accounts.importing import applying, undoing
from registry.accounts.importing.actions import NotNow, forget_file, sheet_of
from registry.accounts.importing.judging import Judge, batches
from registry.accounts.importing.models import (
    KEEP_FILE,
    KEEP_ROWS,
    OPEN,
    ImportFile,
    ImportLine,
    ImportRun,
    ImportState,
    why_held,
)
from registry.accounts.importing.queries import waiting
from registry.accounts.importing.words import UnreadableFile
from registry.accounts.importing.writing import keep_lines
from registry.db import db, exclusively, now
from registry.logs import log

#: How often the same thing is begun before it is given up.
MOST_ATTEMPTS: Final = 3
_GAVE_UP: Final = "The worker broke off {times} times. Nothing was changed. Tell your administrator, then try again."


def is_anything_to_do() -> bool:
    """Whether an import was asked for, or a file or the fates of rows were kept for their time."""
    return waiting() is not None or _anything_over()


def work_off() -> str:
    """Do all that was asked for, and delete what was kept for its time; commits. What it did, in a few words.

    Empty where another worker does it just now.
    """
    with exclusively("imports") as free:
        if not free:
            return ""
        done = 0
        while (run := waiting()) is not None and _do(run.id):
            done += 1
        deleted = _delete_what_is_over()
        return f"{done} done" + (f", {deleted} deleted as their time was over" if deleted else "")


def _do(import_id: int) -> bool:
    """Do what one import was asked for; whether to go on with the next."""
    run = db.session.get_one(ImportRun, import_id)
    run.attempts, run.began_at, run.done = run.attempts + 1, now(), 0
    what, attempts = WORK[run.state], run.attempts
    if attempts > MOST_ATTEMPTS:
        _fail(import_id, _GAVE_UP.format(times=MOST_ATTEMPTS))
        return True
    db.session.commit()
    try:
        what(import_id)
    except UnreadableFile as error:
        db.session.rollback()
        _fail(import_id, str(error))
    except NotNow:
        db.session.rollback()
    except Exception as error:
        db.session.rollback()
        log.error("import", number=import_id, attempt=attempts, exc_info=error)
        return False  # It is begun anew within a minute; others wait no longer than that.
    return True


def _fail(import_id: int, reason: str) -> None:
    """Give an import up. What was to be taken back is done still."""
    run = db.session.get_one(ImportRun, import_id)
    undoing_failed = run.state is ImportState.UNDOING
    run.state, run.reason = ImportState.DONE if undoing_failed else ImportState.FAILED, reason
    run.ended_at = run.ended_at or now()
    forget_file(import_id)
    db.session.commit()


def _held(import_id: int, state: ImportState) -> ImportRun:
    """The row, held until the end of the transaction. Raises ``NotNow`` where its state is another by now."""
    people = (joinedload(ImportRun.confirmed_by), joinedload(ImportRun.undone_by))
    row = sa.select(ImportRun).where(ImportRun.id == import_id, ImportRun.state == state).options(*people)
    held = db.session.scalar(row.with_for_update(of=ImportRun).execution_options(populate_existing=True))
    if held is None:
        raise NotNow
    return held


# --- What would happen ------------------------------------------------------------------------------------


def _check(import_id: int) -> None:
    """Judge every row and keep its fate, some at a time: others write in between, and the page shows how far it is."""
    run = _held(import_id, ImportState.CHECKING)
    asked_at, sheet, began = run.asked_at, sheet_of(run), now()
    db.session.execute(sa.delete(ImportLine).where(ImportLine.import_id == import_id))
    db.session.commit()
    judge = Judge(sheet.columns)
    db.session.commit()
    for lines in batches(sheet):
        keep_lines(judge.judge(lines).rows, import_id)
        mine = ImportRun.id == import_id, ImportRun.state == ImportState.CHECKING, ImportRun.asked_at == asked_at
        counted = sa.update(ImportRun).where(*mine).values(done=ImportRun.done + len(lines))
        if not db.session.execute(counted.execution_options(synchronize_session=False)).rowcount:  # type: ignore[attr-defined]
            raise NotNow  # Somebody gave it up meanwhile, or chose other columns.
        db.session.commit()
    run = _held(import_id, ImportState.CHECKING)
    applying.note(run, judge)
    run.seconds = round((now() - began).total_seconds())
    run.state = ImportState.CHECKED
    db.session.commit()


# --- Bringing it in, and taking it back -------------------------------------------------------------------


def _apply(import_id: int) -> None:
    applying.wait_for_others()
    run = _held(import_id, ImportState.APPLYING)
    db.session.execute(sa.delete(ImportLine).where(ImportLine.import_id == import_id))
    judge = applying.apply(run, sheet_of(run), accept_closing=run.accepted_closing, actor=run.confirmed_by)
    if applying.is_held(judge, run.accepted_closing):
        closing, of_accounts = judge.closing, judge.of_accounts
        db.session.rollback()
        _look_again(import_id, why_held(closing, of_accounts))
        return
    forget_file(import_id)
    db.session.commit()


def _look_again(import_id: int, reason: str) -> None:
    """The accounts have changed since somebody said yes: what would happen is found out anew, and they are asked."""
    run = _held(import_id, ImportState.APPLYING)
    run.state, run.asked_at, run.reason = ImportState.CHECKING, now(), f"The register has changed since. {reason}"
    run.confirmed_at = run.confirmed_by_id = run.accepted_closing = None
    run.attempts = 0
    db.session.commit()


def _undo(import_id: int) -> None:
    applying.wait_for_others()
    run = _held(import_id, ImportState.UNDOING)
    undoing.take_back(run, actor=run.undone_by)
    db.session.commit()


WORK: Final[dict[ImportState, Callable[[int], None]]] = {
    ImportState.CHECKING: _check, ImportState.APPLYING: _apply, ImportState.UNDOING: _undo,
}  # fmt: skip


# --- What is kept no longer -------------------------------------------------------------------------------


def _over_files() -> sa.Select[Any]:
    """The imports whose file lay there for its time."""
    ids = sa.select(ImportRun.id).join(ImportFile, ImportFile.import_id == ImportRun.id)
    return ids.where(ImportRun.uploaded_at < now() - KEEP_FILE, ImportRun.state.in_(OPEN))


def _over_rows() -> sa.Select[Any]:
    """The imports whose rows were kept for their time."""
    over = ImportRun.ended_at < now() - KEEP_ROWS
    kept = sa.exists().where(ImportLine.import_id == ImportRun.id)
    return sa.select(ImportRun.id).where(over, kept)


def _anything_over() -> bool:
    return any(db.session.scalar(some.limit(1)) is not None for some in (_over_files(), _over_rows()))


def _delete_what_is_over() -> int:
    files, rows = (db.session.scalars(some).all() for some in (_over_files(), _over_rows()))
    gone = {"state": ImportState.DISCARDED, "ended_at": now(), "reason": "Nobody brought it in within seven days."}
    db.session.execute(sa.update(ImportRun).where(ImportRun.id.in_(files)).values(**gone))
    db.session.execute(sa.delete(ImportFile).where(ImportFile.import_id.in_(files)))
    db.session.execute(sa.delete(ImportLine).where(ImportLine.import_id.in_([*files, *rows])))
    db.session.commit()
    return len(files) + len(rows)
