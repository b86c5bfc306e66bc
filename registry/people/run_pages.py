"""For administrators and comms: the readings of the directory, what each found of whom, and whether it may go on."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.db import db
from registry.export import download
from registry.people import runs as readings
from registry.people.models import SyncRun, Turn, Way
from registry.people.run_forms import AcceptForm
from registry.roles import Role
from registry.web import allow, found, paging, viewer, whole

bp = Blueprint("directory", __name__, url_prefix="/directory")

WITHIN_A_MINUTE = "The directory is read within a minute. You may close this page."
ASKED_BEFORE = "Somebody has asked for a reading already. Wait until it has ended."


@bp.get("")
@allow(Role.ADMIN, Role.COMMS)
def runs() -> str:
    """The last readings of the directory."""
    return render_template(
        "people/runs.html", runs=readings.runs(), good=readings.last_whole_run(), asked=readings.waiting_request()
    )


@bp.post("")
@allow(Role.ADMIN, Role.COMMS)
def read() -> Any:
    """Ask the worker to read the directory."""
    way = Way.FULL if request.form.get("way") == Way.FULL else Way.SWEEP
    try:
        readings.ask(way=way, actor=viewer())
    except readings.AlreadyAsked:
        flash(ASKED_BEFORE, "info")
    else:
        db.session.commit()
        flash(WITHIN_A_MINUTE, "success")
    return redirect(url_for("directory.runs"))


@bp.get("/<int:run_id>")
@allow(Role.ADMIN, Role.COMMS)
def run(run_id: int) -> Any:
    """One reading of the directory: how far it is, what it found of whom, and what it could not read."""
    one = found(readings.run(run_id))
    if "HX-Request" in request.headers:  # Asked again and again while the reading runs, and once when it has ended.
        return render_template("people/run_progress.html", run=one, progress=readings.progress(one))
    turn = next((turn for turn in Turn if turn == request.args.get("turn")), None)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        name = f"directory-run-{run_id}"
        return download(name, form, readings.LINE_COLUMNS, readings.line_rows(run_id, turn))
    return _run_page(one, turn, AcceptForm(formdata=None))


@bp.post("/<int:run_id>")
@allow(Role.ADMIN)
def accept(run_id: int) -> Any:
    """Let the people go that a run was held for; the number is repeated, so that nobody does it unseen."""
    one, form = found(readings.run(run_id)), AcceptForm()
    if not form.validate_on_submit():
        return _run_page(one, None, form), 422
    try:
        readings.accept(run=one, leavers=whole(form.leavers.data) or 0, actor=viewer())
    except readings.NotTheNumber:
        form.fail(form.leavers, "That is not the number of people this reading would let go. Read the list again.")
        return _run_page(one, None, form), 422
    except readings.AlreadyAsked:
        flash(ASKED_BEFORE, "info")
    else:
        db.session.commit()
        flash(f"{WITHIN_A_MINUTE} If the number is still the same, those people go.", "success")
    return redirect(url_for("directory.runs"))


def _run_page(one: SyncRun, turn: Turn | None, form: AcceptForm) -> str:
    counted = readings.turns(one.id)
    pages = paging(counted.get(turn, 0) if turn else sum(counted.values()))
    return render_template(
        "people/run.html", run=one, form=form, turn=turn, turns=counted, paging=pages,
        lines=readings.lines(one.id, turn, limit=pages.size, offset=pages.offset),
        found=_found(one), odd=_odd(one),
        progress=readings.progress(one), latest=readings.is_latest_of_everybody(one),
    )  # fmt: skip


def _found(one: SyncRun) -> list[dict[str, str]]:
    """What a run counted, without what is nought."""
    counted = (
        ("Joined", one.joined), ("Moved to another team", one.moved), ("Changed otherwise", one.changed),
        ("Disabled", one.disabled), ("Returned", one.returned), ("Missing", one.missing), ("Left", one.left),
        ("Left out", one.skipped),
    )  # fmt: skip
    told = [{"key": label, "value": f"{count:,}"} for label, count in counted if count]
    return told or [{"key": "Differences", "value": "None"}]


def _odd(one: SyncRun) -> list[dict[str, str]]:
    """What was odd about entries that a run took, and how many there were."""
    return [{"key": what.capitalize(), "value": f"{count:,}"} for what, count in one.oddities.items()]
