"""For comms: bringing in a file of accounts, step by step, and taking it back.

What a row would change is told of every account, those too that nobody else sees.
"""

from collections.abc import Sequence
from contextlib import closing
from typing import Any

from flask import Blueprint, flash, g, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.accounts.importing import actions, preview, queries
from registry.accounts.importing.columns import called
from registry.accounts.importing.forms import FIELD_WORDS, ColumnsForm, ConfirmForm, UploadForm
from registry.accounts.importing.models import (
    FOR_THE_WORKER,
    KEEP_FILE,
    KEEP_ROWS,
    REJECTED,
    Fate,
    ImportRun,
    ImportState,
    Undone,
)
from registry.accounts.importing.words import UnreadableFile
from registry.db import db
from registry.export import download
from registry.roles import Role
from registry.web import allow, found, paging, viewer, wake_worker, whole

bp = Blueprint("imports", __name__, url_prefix="/accounts/imports")
NOT_NOW = "This import has gone on: a colleague was quicker, or you pressed the button twice. Nothing was done now."


@bp.get("")
@allow(Role.COMMS)
def index() -> str:
    """The imports so far, and a new one."""
    return _index_page(UploadForm(formdata=None))


def _index_page(form: UploadForm) -> str:
    pages = paging(queries.count_runs())
    runs = queries.runs(limit=pages.size, offset=pages.offset)
    return render_template("accounts/imports/index.html", form=form, runs=runs, paging=pages, keep=KEEP_FILE.days)


@bp.post("")
@allow(Role.COMMS)
def upload() -> Any:
    """Take a file."""
    form = UploadForm()
    if not form.validate_on_submit():
        return _index_page(form), 422
    try:
        with closing(form.file.data) as file:
            run = actions.upload(file_name=file.filename, content=file.read(), actor=viewer())
    except UnreadableFile as error:
        form.fail(form.file, str(error))
        return _index_page(form), 422
    db.session.commit()
    return redirect(url_for("imports.columns", import_id=run.id))


# --- Columns ----------------------------------------------------------------------------------------------


@bp.get("/<int:import_id>/columns")
@allow(Role.COMMS)
def columns(import_id: int) -> Any:
    """Which column is what: as guessed, or as said before, with the first rows as they would be read."""
    run = found(queries.run(import_id))
    try:
        return _columns_page(run, run.columns, ColumnsForm(formdata=None, columns=run.columns))
    except actions.NotNow:
        return redirect(url_for("imports.page", import_id=run.id))


def _columns_page(run: ImportRun, chosen: Sequence[str], form: ColumnsForm) -> str:
    sheet = actions.sheet_of(run, chosen)
    return render_template(
        "accounts/imports/columns.html", run=run, form=form, field_words=FIELD_WORDS,
        names=[called(name, place) for place, name in enumerate(run.headings)],
        examples=preview.examples(sheet), first=preview.first_rows(sheet),
    )  # fmt: skip


@bp.post("/<int:import_id>/columns")
@allow(Role.COMMS)
def choose(import_id: int) -> Any:
    """Keep what each column is, and have the worker find out what would happen; or only look again."""
    run, form = found(queries.run(import_id)), ColumnsForm()
    chosen = [entry.data or "" for entry in form.columns]
    try:
        if "look" in request.form:
            actions.check_columns(run.headings, chosen)
            return _columns_page(run, chosen, form)
        actions.choose(run=run, columns=chosen)
    except actions.UnusableColumns as error:
        return _columns_with(error, run, chosen)
    except actions.NotNow:
        flash(NOT_NOW, "info")
    else:
        db.session.commit()
        wake_worker("imports")
    return redirect(url_for("imports.page", import_id=import_id))


def _columns_with(error: actions.UnusableColumns, run: ImportRun, chosen: Sequence[str]) -> Any:
    """The page that asks again."""
    if len(chosen) != len(run.headings):
        chosen = run.columns
    form = ColumnsForm(formdata=None, columns=chosen)
    form.columns[error.place or 0].errors = form.columns.errors = [str(error)]
    try:
        return _columns_page(run, chosen, form), 422
    except actions.NotNow:
        flash(NOT_NOW, "info")
        return redirect(url_for("imports.page", import_id=run.id))


# --- One import -------------------------------------------------------------------------------------------


@bp.get("/<int:import_id>")
@allow(Role.COMMS)
def page(import_id: int) -> Any:
    """How far an import is, what would happen or happened to each row, and what can be done now."""
    run = found(queries.run(import_id))
    if "HX-Request" in request.headers:  # Asked again and again while the worker is at it, and once afterwards.
        return render_template("accounts/imports/progress.html", run=run, at_work=run.state in FOR_THE_WORKER)
    if run.state is ImportState.UPLOADED:
        return redirect(url_for("imports.columns", import_id=import_id))
    narrowed = _narrowed()
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return _file_of(run, narrowed, form)
    return _import_page(run, narrowed, ConfirmForm(formdata=None))


def _narrowed() -> queries.Narrowed:
    args = request.args
    return queries.Narrowed(
        fate=next((one for one in Fate if one == args.get("fate")), None),
        noted=args.get("fate") == "noted",
        rejected=args.get("fate") == "rejected",
        undone=next((one for one in Undone if one == args.get("undone")), None),
    )


def _file_of(run: ImportRun, narrowed: queries.Narrowed, form: str) -> Any:
    """The rows to mend as they stood in the file; of all others their fates."""
    if narrowed.rejected or narrowed.noted or (narrowed.fate and narrowed.fate in REJECTED):
        return download(f"to-mend-{run.id}", form, *queries.to_mend(run, narrowed))
    return download(f"import-{run.id}", form, queries.LINE_COLUMNS, queries.line_rows(run.id, narrowed))


def _import_page(run: ImportRun, narrowed: queries.Narrowed, form: ConfirmForm) -> str:
    g.page_path = url_for("imports.page", import_id=run.id)
    pages = paging(queries.count_lines(run.id, narrowed))
    return render_template(
        "accounts/imports/page.html", run=run, form=form, narrowed=narrowed, paging=pages,
        lines=queries.lines(run.id, narrowed, limit=pages.size, offset=pages.offset),
        at_work=run.state in FOR_THE_WORKER, can_be_undone=actions.can_be_undone(run), keep=KEEP_ROWS.days,
        undo_until=run.ended_at + KEEP_ROWS if run.ended_at else None, button=ButtonForm(formdata=None),
        fields=[FIELD_WORDS[field] for field in FIELD_WORDS if field in run.columns],
    )  # fmt: skip


@bp.post("/<int:import_id>/confirm")
@allow(Role.COMMS)
def confirm(import_id: int) -> Any:
    """Bring it in; where many accounts would be closed, the number is repeated."""
    run, form = found(queries.run(import_id)), ConfirmForm()
    if not form.validate_on_submit():
        return _import_page(run, queries.Narrowed(), form), 422
    try:
        actions.confirm(run=run, closing=whole(form.closing.data), actor=viewer())
    except actions.NotTheNumber:
        form.fail(form.closing, "That is not the number of accounts that would be closed. Read the list again.")
        return _import_page(run, queries.Narrowed(), form), 422
    except actions.NotNow:
        flash(NOT_NOW, "info")
    else:
        db.session.commit()
        wake_worker("imports")
    return redirect(url_for("imports.page", import_id=import_id))


@bp.post("/<int:import_id>/undo")
@allow(Role.COMMS)
def undo(import_id: int) -> Any:
    """Take back what it did."""
    run = found(queries.run(import_id))
    try:
        actions.undo(run=run, actor=viewer())
    except actions.NotNow:
        flash(NOT_NOW, "info")
    else:
        db.session.commit()
        wake_worker("imports")
    return redirect(url_for("imports.page", import_id=import_id))


@bp.post("/<int:import_id>/discard")
@allow(Role.COMMS)
def discard(import_id: int) -> Any:
    """Give it up, and delete the file."""
    run = found(queries.run(import_id))
    try:
        actions.discard(run=run)
    except actions.NotNow:
        flash(NOT_NOW, "info")
        return redirect(url_for("imports.page", import_id=import_id))
    db.session.commit()
    flash(f"“{run.file_name}” is deleted. Nothing was brought in.", "success")
    return redirect(url_for("imports.index"))
