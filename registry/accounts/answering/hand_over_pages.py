"""The page on which an account is offered, accepted or declined: to look at it decides nothing."""

from typing import Any

from flask import Blueprint, abort, flash, redirect, render_template, url_for

from registry.accounts.answering import hand_overs, queries
from registry.accounts.answering.forms import DeclineForm, OfferForm
from registry.accounts.answering.seen import Seen, see
from registry.db import db
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, found, viewer

bp = Blueprint("hand_overs", __name__, url_prefix="/accounts")
SETTLED = "This is settled: it was answered or withdrawn, or the account has changed hands. Nothing was changed now."


def concerned(seen: Seen) -> bool:
    """Its owner, deputy and comms, and whoever is asked, or once took part: their mail leads here."""
    return seen.rights.keeps or seen.is_asked or queries.took_part(seen.account.id, viewer().id)


def _back(account_id: int, endpoint: str = "accounts.page") -> Any:
    return redirect(url_for(endpoint, account_id=account_id))


def _has_it(seen: Seen) -> bool:
    """Whether they answer for it already, and nobody asks them: the button was pressed twice."""
    return seen.rights.owner and not seen.is_asked


def _away_from(seen: Seen) -> Any:
    """To the page of the account, or home where that is none for them: it may be kept to comms."""
    return _back(seen.account.id) if seen.rights.sees else redirect(url_for("home.page"))


@bp.get("/<int:account_id>/hand-over")
@allow(Role.STAFF)
def page(account_id: int) -> Any:
    """Who is asked, with the button for each; where nobody is, whom to ask."""
    seen = see(account_id, concerned)
    if not (seen.rights.keeps or seen.is_asked):
        flash(SETTLED, "info")
        return _away_from(seen)
    return _page(seen, OfferForm(formdata=None))


def _page(seen: Seen, form: OfferForm) -> str:
    before = queries.hand_overs(seen.account.id) if seen.rights.keeps else []
    return render_template("accounts/answering/hand_over.html", form=form, before=before, **seen.told())


@bp.post("/<int:account_id>/hand-over")
@allow(Role.STAFF)
def offer(account_id: int) -> Any:
    """Ask a colleague to take it over."""
    seen, form = see(account_id, lambda one: one.rights.gives), OfferForm()
    if form.validate_on_submit() and (taker := form.colleague.person):
        try:
            hand_overs.offer(
                account=seen.account, taker=taker, note=form.note.data, stays_on=form.stays_on.data, actor=viewer()
            )
        except hand_overs.CannotHandOver as error:
            form.fail(form.colleague, str(error))
        except hand_overs.AlreadyOffered as known:
            if seen.is_waiting_for(taker, form.note.data, viewer()):  # The button was pressed twice.
                return _back(account_id, "hand_overs.page")
            form.fail(form.colleague, f"{known.taker} is asked already. Withdraw that first, or wait for the answer.")
        else:
            db.session.commit()
            by_mail = (
                "They are written to" if taker.mail else "They have no address: tell them. It is on their home page"
            )
            flash(f"{taker.name} is asked. {by_mail}, and nothing changes until they accept.", "success")
            return _back(account_id, "hand_overs.page")
    return _page(seen, form), 422


@bp.post("/<int:account_id>/hand-over/accept")
@allow(Role.STAFF)
def accept(account_id: int) -> Any:
    """The new owner says yes."""
    seen = see(account_id, concerned)
    if _has_it(seen):
        return _back(account_id, "answering.people")
    try:
        hand_overs.accept(account=seen.account, taker=found(find_person(viewer().id)))
    except hand_overs.Settled:
        flash(SETTLED, "info")
        return _away_from(seen)
    except hand_overs.CannotHandOver as error:
        flash(str(error), "error")
        return _away_from(seen)
    db.session.commit()
    flash(f"You answer for {seen.account.title} now. Look through this page, and name who can take over.", "success")
    return _back(account_id, "answering.people")


@bp.post("/<int:account_id>/hand-over/take")
@allow(Role.STAFF)
def take(account_id: int) -> Any:
    """The deputy of somebody who has left takes over."""
    seen = see(account_id, lambda one: one.rights.keeps)
    if _has_it(seen):
        return _back(account_id, "answering.people")
    try:
        hand_overs.take_over(account=seen.account, taker=found(find_person(viewer().id)))
    except hand_overs.Settled:
        flash("Only the deputy can do this, where the owner has left.", "info")
        return _away_from(seen)
    except hand_overs.CannotHandOver as error:
        flash(str(error), "error")
        return _away_from(seen)
    db.session.commit()
    flash(f"You answer for {seen.account.title} now. Thank you.", "success")
    return _back(account_id, "answering.people")


@bp.get("/<int:account_id>/hand-over/decline")
@allow(Role.STAFF)
def declining(account_id: int) -> Any:
    """Why not?"""
    seen = see(account_id, concerned)
    if not seen.is_asked:
        return _back(account_id, "hand_overs.page") if seen.rights.keeps else _away_from(seen)
    return _decline_page(seen, DeclineForm(formdata=None))


def _decline_page(seen: Seen, form: DeclineForm) -> str:
    return render_template("accounts/answering/decline.html", form=form, **seen.told())


@bp.post("/<int:account_id>/hand-over/decline")
@allow(Role.STAFF)
def decline(account_id: int) -> Any:
    """The person who was asked says no, and why."""
    seen, form = see(account_id, concerned), DeclineForm()
    if not seen.is_asked:  # Nor is the account named: it may be kept close by now.
        flash(SETTLED, "info")
        return redirect(url_for("home.page"))
    if form.validate_on_submit():
        try:
            hand_overs.decline(account=seen.account, taker=viewer(), reason=form.reason.data)
        except hand_overs.Settled:
            form.fail(form.reason, SETTLED)
        else:
            db.session.commit()
            flash("Thank you for saying so. Nothing has changed, and whoever asked you is told.", "success")
            return redirect(url_for("home.page"))
    return _decline_page(seen, form), 422


@bp.post("/<int:account_id>/hand-over/withdraw")
@allow(Role.STAFF)
def withdraw(account_id: int) -> Any:
    """Take the question back."""
    seen = see(account_id, concerned)
    waits = seen.situation.hand_over
    if waits is not None and not (seen.rights.gives or waits.offered_by_id == viewer().id):
        abort(404)
    try:
        taker = hand_overs.withdraw(account=seen.account, actor=viewer())
    except hand_overs.Settled:
        flash(SETTLED, "info")
        return _away_from(seen)
    db.session.commit()
    flash(f"Withdrawn: {taker} is not asked any more.", "success")
    return _back(account_id, "hand_overs.page")
