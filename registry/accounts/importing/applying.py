"""Bringing the rows of a file in, in one transaction: all of them or, where it ends early, none."""

from collections.abc import Callable, Sequence
from typing import Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.importing import answering
from registry.accounts.importing.columns import Sheet
from registry.accounts.importing.judging import FatedRow, Judge, Work, batches
from registry.accounts.importing.models import ImportRun, ImportState
from registry.accounts.importing.writing import write
from registry.accounts.signing import ask_to_sign
from registry.audit import Somebody
from registry.db import db, hold_back_forms, is_sqlite, now

IMPORTED: Final = audit.declare(
    "accounts.imported",
    "{actor} imported {subject}: {added} accounts added, {updated} updated, {unchanged} unchanged,"
    " {duplicate} named twice, {refused} refused",
    "added", "updated", "unchanged", "duplicate", "refused",
)  # fmt: skip
LET_CLOSE: Final = audit.declare(
    "accounts.import-let-close", "{actor} let {subject} close {closing} of {of} accounts", "closing", "of"
)


def wait_for_others() -> None:
    """From here on to the end of the transaction nobody else changes accounts.

    Registered in between, an account or a topic would stop the whole import; on SQLite there is one writer anyway.
    """
    hold_back_forms()
    if not is_sqlite():
        db.session.execute(sa.text("LOCK TABLE account, topic IN SHARE ROW EXCLUSIVE MODE"))


def apply(
    run: ImportRun, sheet: Sheet, *, accept_closing: int | None, actor: Somebody | None,
    tell: Callable[[Sequence[FatedRow]], object] = lambda _rows: None,
) -> Judge:  # fmt: skip
    """Write the rows of ``sheet``; ``tell`` is given them as they are done. Call ``wait_for_others`` before.

    Where it closes too many accounts, and ``accept_closing`` does not say how many, the caller rolls back: see
    ``is_held``. Raises ``UnreadableFile``.
    """
    judge, duties = Judge(sheet.columns), False
    for lines in batches(sheet):
        work = judge.judge(lines)
        write(work, run_id=run.id, actor=actor)
        judge.first_of_account.update({fated.account_id or 0: fated.row for _, fated, _ in work.new})
        duties = duties or _touches_people(work)
        tell(work.rows)
    if is_held(judge, accept_closing):
        return judge
    if duties:
        ask_to_sign(None)
    if judge.is_held:
        _record(LET_CLOSE, run, actor, closing=judge.closing, of=judge.of_accounts)
    if judge.changes_anything:
        _record(IMPORTED, run, actor, **{fate.value: count for fate, count in judge.counts.items()})
    note(run, judge)
    run.state, run.ended_at, run.reason = ImportState.DONE, now(), ""
    return judge


def is_held(judge: Judge, accept_closing: int | None) -> bool:
    """Whether a file closes too many accounts, and nobody has said how many."""
    return judge.is_held and judge.closing != accept_closing


def note(run: ImportRun, judge: Judge) -> None:
    """Write the numbers of what was judged into ``run``."""
    for fate, count in judge.counts.items():
        setattr(run, fate.value, count)
    run.noted, run.closing, run.of_accounts = judge.noted, judge.closing, judge.of_accounts
    run.done = run.total = run.rows


def _touches_people(work: Work) -> bool:
    """Whether anybody comes to answer for an account, or no longer does: they may have to sign, or not."""
    return bool(work.new) or any(answering.COLUMNS & change.values.keys() for change in work.changes)


def _record(name: str, run: ImportRun, actor: Somebody | None, **fields: int) -> None:
    audit.record(name, actor=actor, subject_kind="import", subject_id=run.id, subject_name=run.file_name, **fields)
