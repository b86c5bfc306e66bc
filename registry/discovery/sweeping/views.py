"""For comms: having our own pages looked through, and what came of it."""

from contextlib import ExitStack, closing
from typing import Any, Final

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.accounts.platforms import name_of
from registry.config import Settings
from registry.db import db
from registry.discovery.sweeping import actions, queries
from registry.discovery.sweeping.forms import FilesForm
from registry.discovery.sweeping.models import FOR_THE_WORKER, Sweep
from registry.export import download
from registry.roles import Role
from registry.web import allow, found, paging, viewer, wake_worker

bp = Blueprint("sweeps", __name__, url_prefix="/discover/sweeps")
UNLINKED_COLUMNS: Final = ("platform", "handle", "url", "title")


@bp.get("")
@allow(Role.COMMS)
def index() -> str:
    """The sweeps so far."""
    pages = paging(queries.count_sweeps())
    sweeps = queries.sweeps(limit=pages.size, offset=pages.offset)
    return render_template("discovery/sweeps/index.html", sweeps=sweeps, paging=pages)


@bp.get("/new")
@allow(Role.COMMS)
def new() -> Any:
    """Hand in pages, or choose one of our sites."""
    return _new_page(FilesForm(formdata=None, title=request.args.get("title", "")[:200]))


def _new_page(form: FilesForm) -> Any:
    page = render_template(
        "discovery/sweeps/new.html", form=form, sites=_settings().sweep_sites, pages=_settings().sweep_pages,
        button=ButtonForm(formdata=None),
    )  # fmt: skip
    return (page, 422) if form.errors else page


def _settings() -> Settings:
    settings: Settings = current_app.config["SETTINGS"]
    return settings


@bp.post("/new")
@allow(Role.COMMS)
def upload() -> Any:
    """Take files; the worker reads them."""
    form = FilesForm()
    if not form.validate_on_submit():
        return _new_page(form)
    with ExitStack() as stack:
        files = [stack.enter_context(closing(one)) for one in form.files.data]
        named = [(one.filename or "", one.read()) for one in files]
    try:
        sweep = actions.begin(title=form.title.data, files=named, actor=viewer())
    except actions.NoSweep as error:
        form.fail(form.files, str(error))
        return _new_page(form)
    return _begun(sweep)


def _begun(sweep: Sweep) -> Any:
    db.session.commit()
    wake_worker("sweeps")
    return redirect(url_for("sweeps.page", sweep_id=sweep.id))


@bp.post("/site")
@allow(Role.COMMS)
def site() -> Any:
    """Walk through a site of ours, once more or for the first time."""
    try:
        sweep = actions.begin_site(site=request.form.get("site", ""), actor=viewer(), settings=_settings())
    except actions.NoSweep as error:
        flash(str(error), "info")
        return redirect(url_for("sweeps.new"))
    return _begun(sweep)


@bp.get("/<int:sweep_id>")
@allow(Role.COMMS)
def page(sweep_id: int) -> Any:
    """How far it is, then what it found; also as a file."""
    sweep = found(queries.sweep(sweep_id))
    if "HX-Request" in request.headers:  # Asked again and again while the worker is at it, and once afterwards.
        at_work = sweep.state in FOR_THE_WORKER
        return render_template("discovery/sweeps/progress.html", sweep=sweep, at_work=at_work)
    part = request.args.get("part", "unregistered")
    part = part if part in queries.PARTS else "unregistered"
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return _file(sweep_id, part, form)
    numbers = queries.counts(sweep_id)
    pages = paging(numbers[part])
    there = {"limit": pages.size, "offset": pages.offset}
    rows = queries.unlinked(sweep_id, **there) if part == "unlinked" else queries.accounts(sweep_id, part, **there)
    return render_template(
        "discovery/sweeps/page.html", sweep=sweep, part=part, numbers=numbers, paging=pages, rows=rows,
        at_work=sweep.state in FOR_THE_WORKER, name_of=name_of, button=ButtonForm(formdata=None),
    )  # fmt: skip


def _file(sweep_id: int, part: str, form: str) -> Any:
    name = f"sweep-{sweep_id}-{part}"
    if part == "unlinked":
        rows = ((one.platform, one.handle, one.url, one.title) for one in queries.unlinked(sweep_id))
        return download(name, form, UNLINKED_COLUMNS, rows)
    return download(name, form, queries.COLUMNS, queries.rows(queries.links(sweep_id, part)))
