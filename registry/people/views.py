"""Signing in and out, with a password or through the organisation's own page, and where somebody is signed in."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from flask_login import current_user

from registry.db import db, writing
from registry.logs import log
from registry.people import signin, sso
from registry.people.directory import DirectoryError
from registry.people.forms import SignInForm, SignOutForm
from registry.people.models import SignInMethod
from registry.people.queries import away
from registry.roles import Role
from registry.web import EVERYONE, allow, safe_next, whole

bp = Blueprint("people", __name__)
bp.add_app_template_filter(away)

#: One sentence for all that may be wrong: none of them tells a stranger who works here.
WRONG = (
    "That username and password do not match, or there were too many tries. Check both: it is the password of your work"
    " computer. After eight tries, wait 15 minutes."
)
#: What the page of one's browsers calls each way of signing in.
HOW = {
    SignInMethod.DIRECTORY: "With a password",
    SignInMethod.SINGLE_SIGN_ON: "With single sign-on",
    SignInMethod.EMERGENCY: "With the emergency password",
}
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
    settings, address = current_app.config["SETTINGS"], request.remote_addr or ""
    try:
        person = signin.check_password(
            settings, login=form.login.data, password=form.password.data or "", address=address
        )
    except (signin.SignInRefused, signin.TooManyTries):
        form.fail(form.login, WRONG)
    except DirectoryError as error:
        log.error("sign-in", problem=str(error))
        form.fail(form.login, AWAY)
    else:
        signin.let_in(person, hours=settings.session_hours, address=address)
        db.session.commit()
        return True
    return False


def _sign_in_page(form: SignInForm) -> str:
    settings = current_app.config["SETTINGS"]
    cast = current_app.config.get("DEMO_CAST", []) if settings.demo else []
    label = settings.sso.label if settings.sso.issuer else ""
    return render_template("people/sign_in.html", form=form, cast=cast, sso_label=label)


@bp.get("/sign-in/sso")
@allow(EVERYONE)
def sso_begin() -> Any:
    """Go to the organisation's own sign-in page. It changes nothing but what this browser is to come back with."""
    settings, next_page = current_app.config["SETTINGS"], safe_next(request.args.get("next"))
    if current_user.is_authenticated or not settings.sso.issuer:
        return redirect(next_page if current_user.is_authenticated else url_for("people.sign_in"))
    try:
        return redirect(sso.begin(settings, next_page))
    except sso.NotSignedIn as fault:
        return _without_sso(fault)


@bp.get("/sign-in/sso/back")
@allow(EVERYONE)
def sso_back() -> Any:
    """Come back from there: the one GET that signs somebody in, as the protocol has it; see ``sso``."""
    settings = current_app.config["SETTINGS"]
    if not settings.sso.issuer:
        return redirect(url_for("people.sign_in"))
    try:
        person, next_page = sso.finish(settings, request.args)
    except sso.NotSignedIn as fault:
        return _without_sso(fault)
    with writing():
        signin.begin(person, hours=settings.session_hours, method=SignInMethod.SINGLE_SIGN_ON)
        db.session.commit()
    return redirect(safe_next(next_page))


def _without_sso(fault: sso.NotSignedIn) -> Any:
    log.warning("single sign-on", problem=fault.problem)
    if not current_user.is_authenticated:  # In another tab they may have come in meanwhile.
        flash(str(fault), "error")
    return redirect(url_for("people.sign_in"))


@bp.post("/sign-out")
@allow(Role.STAFF)
def sign_out() -> Any:
    """End this browser's session."""
    signin.end()
    db.session.commit()
    flash("You are signed out.", "success")
    return redirect(url_for("people.sign_in"))


@bp.get("/sign-ins")
@allow(Role.STAFF)
def sign_ins() -> str:
    """The browsers in which you are signed in."""
    return render_template(
        "people/sign_ins.html", sign_ins=signin.of(signin.me()), is_here=signin.is_here, how=HOW,
        settings=current_app.config["SETTINGS"],
    )  # fmt: skip


@bp.post("/sign-ins/end")
@allow(Role.STAFF)
def end_sign_in() -> Any:
    """Sign out one of them."""
    form = SignOutForm()
    if form.validate_on_submit():
        signin.end_one(sign_in_id=whole(form.sign_in.data) or 0, person=signin.me())
        db.session.commit()
        flash("That browser is signed out.", "success")
    return redirect(url_for("people.sign_ins"))


@bp.post("/sign-ins/end-all")
@allow(Role.STAFF)
def end_all_sign_ins() -> Any:
    """Sign out all of them, this one too."""
    me = signin.me()
    signin.end_all(person=me, actor=me)
    signin.end()
    db.session.commit()
    flash("You are signed out everywhere.", "success")
    return redirect(url_for("people.sign_in"))
