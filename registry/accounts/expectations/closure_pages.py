"""The days on which the whole organisation is closed, as comms keep them."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, url_for

from registry.accounts.expectations import closures
from registry.accounts.expectations.forms import ClosureForm
from registry.db import db
from registry.roles import Role
from registry.web import allow, viewer
from registry.workdays import ClosurePeriod

bp = Blueprint("closures", __name__, url_prefix="/accounts/expectations/closures")


def _organisation() -> str:
    return str(current_app.config["SETTINGS"].organisation)


@bp.get("/new")
@allow(Role.COMMS)
def new() -> str:
    """From when until when, and what for."""
    return _form_page(ClosureForm(formdata=None))


def _form_page(form: ClosureForm) -> str:
    return render_template("accounts/closure.html", form=form, organisation=_organisation())


@bp.post("/new")
@allow(Role.COMMS)
def add() -> Any:
    """Keep it."""
    form = ClosureForm()
    if not form.validate_on_submit() or form.first.day is None or form.last.day is None:
        return _form_page(form), 422
    first, last, words = form.first.day, form.last.day, form.words.data
    try:
        made = closures.add(first=first, last=last, words=words, organisation=_organisation(), actor=viewer())
    except closures.KnownAlready as error:
        form.fail(form.first, f"{error.closure.words} is on some of these days: {error.closure.span}.")
        return _form_page(form), 422
    db.session.commit()
    flash(f"Noted. Closed {made.span}: {made.words}.", "success")
    return redirect(url_for("expectations.page"))


@bp.post("/<int:closure_id>/remove")
@allow(Role.COMMS)
def remove(closure_id: int) -> Any:
    """It is open on those days after all."""
    closure = db.session.get(ClosurePeriod, closure_id)
    if closure is None:  # The button was pressed twice, or a colleague was quicker.
        flash("That was taken back already.", "info")
        return redirect(url_for("expectations.page"))
    closures.remove(closure=closure, organisation=_organisation(), actor=viewer())
    db.session.commit()
    flash(f"Taken back: {closure.words}. {_organisation()} is open on those days.", "success")
    return redirect(url_for("expectations.page"))
