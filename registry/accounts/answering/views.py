"""The pages of who answers for one account: who posts there, how it is got at, what to withdraw, custody, loss, end."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry import audit
from registry.accounts.answering import actions, queries, withdrawing
from registry.accounts.answering.advice import recovering
from registry.accounts.answering.forms import (
    NAME_HINTS,
    AccessForm,
    CloseForm,
    ContributorForm,
    CustodyForm,
    LostForm,
    MailboxForm,
)
from registry.accounts.answering.models import Kept, NameFate, Outcome, Recovery, TwoStep
from registry.accounts.answering.seen import Seen, see
from registry.accounts.models import State
from registry.accounts.seen import who_has
from registry.db import db
from registry.people.models import Person
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, found, viewer, whole

bp = Blueprint("answering", __name__, url_prefix="/accounts")


def keeps(seen: Seen) -> bool:
    """Owner, deputy and comms."""
    return seen.rights.keeps


def _back(endpoint: str, account_id: int) -> Any:
    return redirect(url_for(endpoint, account_id=account_id))


def _who_has(person: Person | None) -> str:
    """Who saved something meanwhile, as a sentence about it begins."""
    return who_has(person.id, person.name) if person else who_has(None)


# --- Who posts there --------------------------------------------------------------------------------------


@bp.get("/<int:account_id>/people")
@allow(Role.STAFF)
def people(account_id: int) -> str:
    """Owner, deputy, contributors and mailbox on one page."""
    seen = see(account_id, keeps)
    return _people_page(seen, ContributorForm(formdata=None), MailboxForm.showing(seen.account.mailbox))


def _people_page(seen: Seen, form: ContributorForm, mailbox: MailboxForm) -> str:
    return render_template("accounts/answering/people.html", form=form, mailbox=mailbox, **seen.told())


@bp.post("/<int:account_id>/contributors")
@allow(Role.STAFF)
def add_contributor(account_id: int) -> Any:
    """Let a colleague post there."""
    seen, form = see(account_id, keeps), ContributorForm()
    if form.validate_on_submit() and (person := form.colleague.person):
        try:
            told = actions.add_contributor(account=seen.account, person=person, actor=viewer())
        except (actions.RunsItAlready, actions.NotPossible) as error:
            form.fail(form.colleague, str(error))
        else:
            db.session.commit()
            flash(f"{person.name} posts there now.{' They are written to.' if told else ''}", "success")
            return _back("answering.people", account_id)
    return _people_page(seen, form, MailboxForm.showing(seen.account.mailbox)), 422


@bp.post("/<int:account_id>/contributors/<int:person_id>/remove")
@allow(Role.STAFF)
def remove_contributor(account_id: int, person_id: int) -> Any:
    """Take a colleague out of those who post there; those may go by their own hand, too."""
    seen = see(account_id, lambda one: one.rights.keeps or (one.rights.contributor and person_id == viewer().id))
    person = found(find_person(person_id))
    removed = actions.remove_contributor(account=seen.account, person=person, actor=viewer())
    db.session.commit()
    if not seen.rights.keeps:  # They may not see it any more.
        flash(f"You do not post for {seen.account.title} any more. Its people withdraw your access.", "success")
        return redirect(url_for("home.page"))
    if removed:
        flash(f"{person.name} does not post there any more. Now withdraw their access.", "success")
    else:
        flash(f"{person.name} is not among those who post there.", "info")
    return _back("answering.people", account_id)


@bp.post("/<int:account_id>/mailbox")
@allow(Role.STAFF)
def mailbox(account_id: int) -> Any:
    """Write down the team's mailbox."""
    seen, form = see(account_id, keeps), MailboxForm()
    if not form.validate_on_submit():
        return _people_page(seen, ContributorForm(formdata=None), form), 422
    if form.is_late(MailboxForm.showing(seen.account.mailbox)):
        return _people_page(seen, ContributorForm(formdata=None), form), 409
    if actions.set_mailbox(account=seen.account, mailbox=form.mailbox.data, actor=viewer()):
        db.session.commit()
        flash("Saved.", "success")
    return _back("answering.people", account_id)


# --- How it is got at -------------------------------------------------------------------------------------


@bp.get("/<int:account_id>/access")
@allow(Role.STAFF)
def access(account_id: int) -> Any:
    """How it is got at, for whoever may know; as a form for whoever may say it."""
    seen = see(account_id, lambda one: one.rights.runs or one.rights.comms or one.rights.sees_access)
    return _access_page(seen, AccessForm.showing(seen.situation.facts))


def _access_page(seen: Seen, form: AccessForm) -> str:
    events = audit.history(withdrawing.ACCESS, seen.account.id, most=20) if seen.rights.sees_access else []
    return render_template("accounts/answering/access.html", form=form, events=events, **seen.told())


@bp.post("/<int:account_id>/access")
@allow(Role.STAFF)
def describe(account_id: int) -> Any:
    """Keep what was said of it."""
    seen, form = see(account_id, keeps), AccessForm()
    if not seen.rights.keeps_access:
        return _back("answering.access", account_id)
    if not form.validate_on_submit():
        return _access_page(seen, form), 422
    known = seen.situation.facts
    if form.is_late(AccessForm.showing(known), by=_who_has(known.told_by if known else None)):
        return _access_page(seen, form), 409
    facts = actions.describe_access(
        account=seen.account, kept=Kept(form.kept.data), place=form.place.data, two_step=TwoStep(form.two_step.data),
        recovery=Recovery(form.recovery.data), tools=form.tools.data, actor=viewer(),
    )  # fmt: skip
    db.session.commit()
    flash("Saved. Only those who run it, comms and those who audit see this.", "success")
    for weak in queries.weak_points(facts):
        flash(weak, "info")
    return _back("accounts.page", account_id)


# --- Access to withdraw -----------------------------------------------------------------------------------


@bp.get("/<int:account_id>/withdraw")
@allow(Role.STAFF)
def withdraw(account_id: int) -> str:
    """The tick lists of those who should not get in any more."""
    seen = see(account_id, lambda one: one.rights.keeps or (one.rights.sees_access and one.rights.looks))
    lists = queries.tick_lists(seen.account)
    ways = queries.ways_of(seen.account, seen.situation.facts)
    return render_template("accounts/answering/withdraw.html", lists=lists, ways=ways, **seen.told())


@bp.post("/<int:account_id>/withdraw")
@allow(Role.STAFF)
def tick(account_id: int) -> Any:
    """Tick what is done, or what there was no need to do."""
    seen = see(account_id, keeps)
    ids = [one for one in map(whole, request.form.getlist("item")) if one is not None]
    outcome = Outcome.NOT_NEEDED if request.form.get("outcome") == Outcome.NOT_NEEDED.value else Outcome.DONE
    ticked = withdrawing.settle(account=seen.account, ids=ids, outcome=outcome, actor=viewer())
    db.session.commit()
    if ticked:
        left = seen.situation.to_withdraw - ticked
        flash(f"Ticked. {f'{left} left.' if left > 0 else 'That was all of it.'}", "success")
    else:
        flash("These are ticked already." if ids else "Tick what is done first, then press the button.", "info")
    return _back("answering.withdraw", account_id)


@bp.post("/<int:account_id>/withdraw/reopen")
@allow(Role.STAFF)
def reopen(account_id: int) -> Any:
    """Take back a tick that was a mistake."""
    seen = see(account_id, keeps)
    number = whole(request.form.get("item"))
    if number is not None and withdrawing.reopen(account=seen.account, withdrawal_id=number, actor=viewer()):
        db.session.commit()
        flash("It is open again.", "success")
    return _back("answering.withdraw", account_id)


# --- Custody ----------------------------------------------------------------------------------------------


@bp.get("/<int:account_id>/custody")
@allow(Role.COMMS)
def custody(account_id: int) -> str:
    """What it means that comms hold an account."""
    return _custody_page(see(account_id, keeps), CustodyForm(formdata=None))


def _custody_page(seen: Seen, form: CustodyForm) -> str:
    ways = queries.ways_of(seen.account, seen.situation.facts)
    return render_template("accounts/answering/custody.html", form=form, ways=ways, **seen.told())


@bp.post("/<int:account_id>/custody")
@allow(Role.COMMS)
def take_custody(account_id: int) -> Any:
    """Comms hold it from now on."""
    seen, form = see(account_id, keeps), CustodyForm()
    if form.validate_on_submit():
        if seen.rights.owner_here and not form.reason.data:
            form.fail(form.reason, "Say why: its owner works here, and is told in your words.")
            return _custody_page(seen, form), 422
        try:
            actions.take_custody(account=seen.account, reason=form.reason.data, actor=viewer())
        except actions.NotPossible as error:
            form.fail(form.reason, str(error))
        else:
            db.session.commit()
            flash("The communications team holds it now. Next: withdraw access, and find somebody.", "success")
            return _back("answering.withdraw", account_id)
    return _custody_page(seen, form), 422


# --- Lost and found ---------------------------------------------------------------------------------------


@bp.get("/<int:account_id>/lost")
@allow(Role.STAFF)
def lost(account_id: int) -> str:
    """What to try where nobody gets in, and what was tried."""
    seen = see(account_id, lambda one: one.rights.runs or one.rights.comms)
    return _lost_page(seen, LostForm.showing(seen.situation.loss))


def _lost_page(seen: Seen, form: LostForm) -> str:
    advice = recovering(seen.account.platform)
    return render_template("accounts/answering/lost.html", form=form, advice=advice, **seen.told())


@bp.post("/<int:account_id>/lost")
@allow(Role.STAFF)
def report_lost(account_id: int) -> Any:
    """Nobody gets in any more, or something else was tried."""
    seen, form = see(account_id, lambda one: one.rights.runs or one.rights.comms), LostForm()
    loss = seen.situation.loss
    if form.validate_on_submit():
        if form.is_late(LostForm.showing(loss), by=_who_has(loss.told_by if loss else None)):
            return _lost_page(seen, form), 409
        try:
            actions.report_lost(account=seen.account, tried=form.tried.data, actor=viewer())
        except actions.NotPossible as error:
            form.fail(form.tried, str(error))
        else:
            db.session.commit()
            flash("Noted. The communications team sees it, and this page says what else may help.", "success")
            return _back("answering.lost", account_id)
    return _lost_page(seen, form), 422


@bp.post("/<int:account_id>/lost/back")
@allow(Role.STAFF)
def back_again(account_id: int) -> Any:
    """Somebody is in again."""
    seen = see(account_id, lambda one: one.rights.runs or one.rights.comms)
    try:
        state = actions.recover(account=seen.account, actor=viewer())
    except actions.NotPossible as error:
        flash(str(error), "info")
        return _back("accounts.page", account_id)
    db.session.commit()
    then = "Say where its new credentials are kept." if state is not State.ORPHANED else "Now somebody has to answer."
    flash(f"Well done. {seen.account.title} is back. {then}", "success")
    return _back("accounts.page", account_id)


# --- Closing ----------------------------------------------------------------------------------------------


def _closes(seen: Seen) -> bool:
    return seen.rights.gives


@bp.get("/<int:account_id>/close")
@allow(Role.STAFF)
def closing(account_id: int) -> str:
    """Why it is closed, and what becomes of its name."""
    seen = see(account_id, _closes)
    return _closing_page(seen, CloseForm.showing(seen.situation.closing))


def _closing_page(seen: Seen, form: CloseForm) -> str:
    return render_template("accounts/answering/close.html", form=form, name_hints=NAME_HINTS, **seen.told())


@bp.post("/<int:account_id>/close")
@allow(Role.STAFF)
def close(account_id: int) -> Any:
    """Close it."""
    seen, form = see(account_id, _closes), CloseForm()
    if not form.validate_on_submit():
        return _closing_page(seen, form), 422
    closed = seen.situation.closing
    if form.is_late(CloseForm.showing(closed), by=_who_has(closed.closed_by if closed else None)):
        return _closing_page(seen, form), 409
    asked = actions.close(account=seen.account, reason=form.reason.data, name=NameFate(form.name.data), actor=viewer())
    db.session.commit()
    then = " Next: withdraw the access of those who ran it." if asked else ""
    flash(f"{seen.account.title} is closed.{then}", "success")
    return _back("answering.withdraw" if asked else "accounts.page", account_id)
