"""For comms: which links of our pages nobody need hear of, and why."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.platforms import name_of
from registry.db import db
from registry.discovery.sweeping import actions, queries
from registry.discovery.sweeping.forms import IgnoreForm
from registry.roles import Role
from registry.web import allow, found, viewer

bp = Blueprint("ignoring", __name__, url_prefix="/discover/sweeps/ignored")


@bp.get("")
@allow(Role.COMMS)
def index() -> Any:
    """All that is left out, and one more."""
    return _page(IgnoreForm(formdata=None, what=request.args.get("what", "")[:1_000]))


def _page(form: IgnoreForm) -> Any:
    page = render_template("discovery/sweeps/ignored.html", form=form, ignored=queries.ignored(), name_of=name_of)
    return (page, 422) if form.errors else page


@bp.post("")
@allow(Role.COMMS)
def add() -> Any:
    """Leave one out."""
    form = IgnoreForm()
    if not form.validate_on_submit():
        return _page(form)
    try:
        row = actions.ignore(what=form.what.data, reason=form.reason.data, actor=viewer())
    except actions.NotIgnorable as error:
        form.fail(form.what, str(error))
        return _page(form)
    db.session.commit()
    flash(f"Links to {row.shown} are left out from now on.", "success")
    return redirect(url_for("ignoring.index"))


@bp.post("/<int:ignored_id>/remove")
@allow(Role.COMMS)
def remove(ignored_id: int) -> Any:
    """Tell of it again, from the next sweep on."""
    row = found(queries.ignored_link(ignored_id))
    shown = row.shown
    actions.hear_again(ignored=row, actor=viewer())
    db.session.commit()
    flash(f"The next sweep tells of links to {shown} again.", "success")
    return redirect(url_for("ignoring.index"))
