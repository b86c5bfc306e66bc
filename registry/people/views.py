"""Signing in and out, and for administrators the readings of the directory."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from registry.db import db
from registry.logs import log
from registry.people import queries, signin
from registry.people.directory import DirectoryError
from registry.people.forms import SignInForm
from registry.roles import Role
from registry.web import EVERYONE, allow, found, safe_next

bp = Blueprint("people", __name__)

#: One sentence for all that may be wrong: none of them tells a stranger who works here.
WRONG = (
    "That username and password do not match, or there were too many tries. Check both: it is the password of your work"
    " computer. After eight tries, wait 15 minutes."
)
AWAY = "The staff directory does not answer just now, so nobody new can sign in. Try again in a few minutes."


@bp.get("/sign-in")
@allow(EVERYONE)
def sign_in() -> Any:
    """The page that asks who you are."""
    form = SignInForm(formdata=None, next=safe_next(request.args.get("next")), login=request.args.get("as", ""))
    if current_user.is_authenticated:
        return redirect(safe_next(form.next.data))
    return _sign_in_page(form)


@bp.post("/sign-in")
@allow(EVERYONE)
def sign_in_now() -> Any:
    """Check name and password, and begin."""
    form = SignInForm()
    if form.validate_on_submit() and _accepted(form):
        return redirect(safe_next(form.next.data))
    return _sign_in_page(form), 422


def _accepted(form: SignInForm) -> bool:
    settings = current_app.config["SETTINGS"]
    try:
        person = signin.check_password(
            settings, login=form.login.data, password=form.password.data or "", address=request.remote_addr or ""
        )
    except (signin.SignInRefused, signin.TooManyTries):
        form.fail(form.login, WRONG)
    except DirectoryError as error:
        log.error("sign-in", problem=str(error))
        form.fail(form.login, AWAY)
    else:
        signin.begin(person, hours=settings.session_hours)
        db.session.commit()
        return True
    return False


def _sign_in_page(form: SignInForm) -> str:
    cast = current_app.config.get("DEMO_CAST", []) if current_app.config["SETTINGS"].demo else []
    return render_template("people/sign_in.html", form=form, cast=cast)


@bp.post("/sign-out")
@allow(Role.STAFF)
def sign_out() -> Any:
    """End this browser's session."""
    signin.end()
    db.session.commit()
    flash("You are signed out.", "success")
    return redirect(url_for("people.sign_in"))


@bp.get("/directory")
@allow(Role.ADMIN, Role.COMMS)
def runs() -> str:
    """The last readings of the directory."""
    return render_template("people/runs.html", runs=queries.runs(), good=queries.last_complete_run())


@bp.get("/directory/<int:run_id>")
@allow(Role.ADMIN, Role.COMMS)
def run(run_id: int) -> str:
    """One reading of the directory: what it found, and what it could not read."""
    return render_template("people/run.html", run=found(queries.run(run_id)))
