"""Whose account it is, whether they agree to it, and who sees it."""

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts import queries
from registry.accounts.models import OWN_NAME, Account, State, Visibility
from registry.accounts.naming import asking, consent
from registry.accounts.naming.forms import VISIBILITY_HINTS, AskForm, ConsentForm, VisibilityForm
from registry.accounts.naming.words import TAKING_OUT, VISIBILITIES
from registry.accounts.platforms import PLATFORMS
from registry.accounts.seen import seen, seen_account
from registry.db import db
from registry.roles import Role
from registry.web import allow, found, may, viewer

bp = Blueprint("consent", __name__, url_prefix="/accounts")


def _to_page(account_id: int) -> Any:
    return redirect(url_for("accounts.page", account_id=account_id))


# --- Whether it is listed ---------------------------------------------------------------------------------


def _account(account_id: int) -> Account:
    """The account where the asker may see it, or had it taken out themself."""
    return found(queries.account(account_id, sa.or_(seen(), queries.belongs_to(viewer()))))


@bp.get("/<int:account_id>/consent")
@allow(Role.STAFF)
def question(account_id: int) -> Any:
    """May it be listed? For whom it belongs to."""
    account = _account(account_id)
    if account.owner_id != viewer().id or not (account.awaits_consent or account.is_taken_out):
        return _to_page(account_id)
    return _question_page(account, ConsentForm(formdata=None))


def _question_page(account: Account, form: ConsentForm) -> str:
    return render_template(
        "accounts/naming/consent.html", account=account, form=form, hints=VISIBILITY_HINTS,
        platform=PLATFORMS.get(account.platform), taking_out=TAKING_OUT,
    )  # fmt: skip


@bp.post("/<int:account_id>/consent")
@allow(Role.STAFF)
def answer(account_id: int) -> Any:
    """Yes, and for whom; or no."""
    account, form = _account(account_id), ConsentForm()
    try:
        if request.form.get("answer") == "no":
            return _taken_out(account)
        if account.owner_id == viewer().id and not form.validate_on_submit():
            return _question_page(account, form), 422
        chosen = Visibility(form.visibility.data or Visibility.COMMS)
        consent.agree(account=account, visibility=chosen, actor=viewer())
    except (consent.NotTheirs, asking.NotAsked):
        flash("That was answered already. Nothing was changed.", "info")
        return _to_page(account_id)
    db.session.commit()
    then = "It is listed" if account.state is State.LIVE else "The communications team look at it first"
    flash(f"Thank you. {then}, and you can change who sees it at any time.", "success")
    return _to_page(account_id)


def _taken_out(account: Account) -> Any:
    consent.take_out(account=account, actor=viewer())
    db.session.commit()
    flash("It is taken out. Nobody sees it, and nobody will ask you again.", "success")
    return redirect(url_for("home.page"))


@bp.post("/<int:account_id>/take-out")
@allow(Role.STAFF)
def take_out(account_id: int) -> Any:
    """The consent is withdrawn."""
    account = _account(account_id)
    try:
        return _taken_out(account)
    except (consent.NotTheirs, asking.NotAsked):
        flash("It is not listed as your own account, so there is nothing to take out.", "info")
    return redirect(url_for("home.page"))


# --- Who is asked -----------------------------------------------------------------------------------------


@bp.get("/<int:account_id>/ask")
@allow(Role.COMMS)
def ask(account_id: int) -> Any:
    """Comms ask again, or somebody else."""
    account = seen_account(account_id)
    if not account.awaits_consent or account.state is not State.PROPOSED:
        return _to_page(account_id)
    owner = account.owner.username if account.owner and account.owner.is_active else ""
    return render_template("accounts/naming/ask.html", account=account, form=AskForm(formdata=None, colleague=owner))


@bp.post("/<int:account_id>/ask")
@allow(Role.COMMS)
def asked(account_id: int) -> Any:
    """Send the question."""
    account, form = seen_account(account_id), AskForm()
    if not form.validate_on_submit() or form.colleague.person is None:
        return render_template("accounts/naming/ask.html", account=account, form=form), 422
    try:
        told = asking.ask(account=account, person=form.colleague.person, actor=viewer())
    except asking.NotAsked:
        flash("That is answered already. Nothing was sent.", "info")
        return _to_page(account_id)
    db.session.commit()
    name = form.colleague.person.name
    flash(f"{name} is asked{'.' if told else ' on their home page: they have no address to write to.'}", "success")
    return _to_page(account_id)


# --- Who sees it ------------------------------------------------------------------------------------------


def _may_choose(account: Account) -> bool:
    return account.owner_id == viewer().id if account.standing in OWN_NAME else may(Role.COMMS)


@bp.get("/<int:account_id>/visibility")
@allow(Role.STAFF)
def visibility(account_id: int) -> Any:
    """Choose who sees it; of one's own account also nobody."""
    account = seen_account(account_id)
    if not _may_choose(account):
        return _to_page(account_id)
    if account.awaits_consent:
        return redirect(url_for("consent.question", account_id=account_id))
    return _visibility_page(account, VisibilityForm(formdata=None, visibility=account.visibility.value))


def _visibility_page(account: Account, form: VisibilityForm) -> str:
    return render_template(
        "accounts/naming/visibility.html", account=account, form=form, hints=VISIBILITY_HINTS,
        own=account.standing in OWN_NAME, taking_out=TAKING_OUT,
    )  # fmt: skip


@bp.post("/<int:account_id>/visibility")
@allow(Role.STAFF)
def show_to(account_id: int) -> Any:
    """Keep the choice."""
    account, form = seen_account(account_id), VisibilityForm()
    if not _may_choose(account):
        return _to_page(account_id)
    if not form.validate_on_submit():
        return _visibility_page(account, form), 422
    try:
        chosen = Visibility(form.visibility.data)
        if consent.show_to(account=account, visibility=chosen, actor=viewer()):
            db.session.commit()
        flash(f"Seen by: {VISIBILITIES[chosen].word.lower()}.", "success")
    except (consent.NotTheirs, asking.NotAsked):
        flash("Nothing was changed: this is not yours to choose now.", "info")
    return _to_page(account_id)
