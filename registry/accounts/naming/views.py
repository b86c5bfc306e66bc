"""The names of an account: a new one, one that somebody else has, two that look alike, two that are one."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs

from registry.accounts import queries as accounts
from registry.accounts.actions import AlreadyRegistered
from registry.accounts.answering.actions import NotPossible
from registry.accounts.answering.seen import beside
from registry.accounts.models import Account, State
from registry.accounts.naming import actions, merging, queries, writing
from registry.accounts.naming.forms import (
    CLOSED,
    LOST,
    THEN_HINTS,
    AddressForm,
    KeepForm,
    OtherAccountForm,
    TakenForm,
    WriteForm,
)
from registry.accounts.naming.models import FormerName
from registry.accounts.naming.words import STANDINGS, STATES, TAKING_OUT, VISIBILITIES
from registry.accounts.platforms import PLATFORMS, Refused, resolve
from registry.accounts.seen import changeable_account, seen, seen_account
from registry.db import db, today
from registry.roles import Role
from registry.web import allow, found, may, viewer

bp = Blueprint("naming", __name__, url_prefix="/accounts")
STATE_AFTER = {LOST: State.LOST, CLOSED: State.CLOSED}


@bp.get("/words")
@allow(Role.STAFF)
def words() -> str:
    """What standing, state and visibility mean, and how to choose."""
    return render_template(
        "accounts/naming/words.html", standings=STANDINGS, states=STATES, visibilities=VISIBILITIES,
        taking_out=TAKING_OUT,
    )  # fmt: skip


# --- Another name -----------------------------------------------------------------------------------------


@bp.get("/<int:account_id>/rename")
@allow(Role.STAFF)
def rename(account_id: int) -> str:
    """Ask for the new address."""
    account = changeable_account(account_id)
    return _rename_page(account, AddressForm(formdata=None, address=request.args.get("address", "")))


def _rename_page(account: Account, form: AddressForm, other: Account | None = None) -> str:
    return render_template(
        "accounts/naming/rename.html", account=account, form=form, other=other, platforms=PLATFORMS,
        platform=PLATFORMS.get(account.platform),
    )  # fmt: skip


@bp.post("/<int:account_id>/rename")
@allow(Role.STAFF)
def renamed(account_id: int) -> Any:
    """Keep the new address, and the old one as a former name."""
    account, form = changeable_account(account_id), AddressForm()
    if not form.validate_on_submit():
        return _rename_page(account, form), 422
    try:
        _rename(account, form)
    except AlreadyRegistered as known:
        other = accounts.account(known.account.id, seen())
        form.fail(form.address, "That address leads to another account of the register." if other else writing.HIDDEN)
        return _rename_page(account, form, other), 422
    if form.errors:
        return _rename_page(account, form), 422
    db.session.commit()
    flash(f"{account.title} is {account.handle} from now on. Its old address still leads here.", "success")
    return redirect(url_for("accounts.page", account_id=account_id))


def _rename(account: Account, form: AddressForm) -> None:
    answer = resolve(form.address.data, account.platform)
    if isinstance(answer, Refused):
        return form.fail(form.address, answer.note)
    try:
        actions.rename(account=account, resolved=answer, typed=form.address.data, actor=viewer())
    except actions.SameName:
        form.fail(form.address, f"That is its address already: {account.handle}.")
    except actions.AnotherPlatform:
        name = PLATFORMS[answer.platform].name
        form.fail(form.address, f"That is on {name}. Register it as an account of its own, and close this one.")
    except actions.AnotherAccount:
        form.fail(form.address, "By its number on the platform that is another account. Register it, or look again.")


# --- The name is somebody else's --------------------------------------------------------------------------


@bp.get("/<int:account_id>/handle-taken")
@allow(Role.STAFF)
def taken(account_id: int) -> Any:
    """Ask since when, and what became of our account."""
    account = changeable_account(account_id)
    if account.has_no_address:
        return redirect(url_for("naming.rename", account_id=account_id))
    return _taken_page(account, _taken_form(account, formdata=None))


def _taken_form(account: Account, **given: Any) -> TakenForm:
    form = TakenForm(**given)
    if not beside(account).rights.gives:
        form.keep_open()
    return form


def _taken_page(account: Account, form: TakenForm) -> str:
    platform = PLATFORMS.get(account.platform)
    return render_template(
        "accounts/naming/taken.html", account=account, form=form, hints=THEN_HINTS, platform=platform
    )


@bp.post("/<int:account_id>/handle-taken")
@allow(Role.STAFF)
def release(account_id: int) -> Any:
    """Let the name go, so that whoever has it now can register it."""
    account = changeable_account(account_id)
    form = _taken_form(account)
    if not form.validate_on_submit():
        return _taken_page(account, form), 422
    try:
        state = STATE_AFTER.get(form.then.data)
        actions.handle_taken(account=account, since=form.day, state=state, actor=viewer())
    except actions.NoSuchName:
        flash("A colleague has just said so. Nothing was changed.", "info")
        return redirect(url_for("accounts.page", account_id=account_id))
    except NotPossible as error:
        form.fail(form.then, str(error))
        return _taken_page(account, form), 422
    db.session.commit()
    flash(f"{account.handle} leads here no more.", "success")
    page = "accounts.page" if state else "naming.rename"
    return redirect(url_for(page, account_id=account_id))


@bp.post("/<int:account_id>/former-names/<int:name_id>/release")
@allow(Role.STAFF)
def release_former(account_id: int, name_id: int) -> Any:
    """Somebody else has a name that the account had before."""
    account, former = changeable_account(account_id), db.session.get(FormerName, name_id)
    try:
        if former is None:
            raise actions.NoSuchName
        actions.release(account=account, former=former, since=today(), actor=viewer())
    except actions.NoSuchName:
        flash("That name does not lead here. Nothing was changed.", "info")
    else:
        db.session.commit()
        flash(f"{former.handle} leads here no more: somebody else can register it.", "success")
    return redirect(url_for("accounts.page", account_id=account_id))


# --- Two that look alike, two that are one ----------------------------------------------------------------


@bp.post("/<int:account_id>/told-apart/<int:other_id>")
@allow(Role.STAFF)
def tell_apart(account_id: int, other_id: int) -> Any:
    """They look alike and are two."""
    one, other = changeable_account(account_id), seen_account(other_id)
    if actions.tell_apart(one=one, other=other, actor=viewer()):
        db.session.commit()
        flash("Thank you. Nobody is asked about these two again.", "success")
    to_list = may(Role.COMMS) and request.args.get("from") == "alike"
    return redirect(url_for("naming.alike") if to_list else url_for("accounts.page", account_id=account_id))


@bp.get("/alike")
@allow(Role.COMMS)
def alike() -> str:
    """What comms have to tidy up: pairs that look alike, and accounts whose people have not answered yet."""
    return render_template(
        "accounts/naming/alike.html", pairs=queries.pairs(), unanswered=queries.waiting_for_consent(),
        most=queries.MOST_PAIRS, platforms=PLATFORMS,
    )  # fmt: skip


@bp.get("/<int:account_id>/merge")
@allow(Role.COMMS)
def merge_with(account_id: int) -> str:
    """Ask which account is the same one."""
    return _choose_page(seen_account(account_id), OtherAccountForm(formdata=None))


def _choose_page(account: Account, form: OtherAccountForm) -> str:
    likely = queries.alike(account.platform, account.key, seen(), but=account.id)
    return render_template(
        "accounts/naming/merge_choose.html", account=account, form=form, likely=likely, platforms=PLATFORMS
    )


@bp.post("/<int:account_id>/merge")
@allow(Role.COMMS)
def chosen(account_id: int) -> Any:
    """Go on to the page that shows both."""
    account, form = seen_account(account_id), OtherAccountForm()
    if not form.validate_on_submit():
        return _choose_page(account, form), 422
    same = queries.another(account, form.address.data)
    if isinstance(same, Account) and accounts.account(same.id, seen()):
        return redirect(url_for("naming.compare", account_id=account_id, other_id=same.id))
    note = same.note if isinstance(same, Refused) else "No other account of the register has that address."
    form.fail(form.address, note)
    return _choose_page(account, form), 422


@bp.get("/<int:account_id>/merge/<int:other_id>")
@allow(Role.COMMS)
def compare(account_id: int, other_id: int) -> Any:
    """Both side by side."""
    form = KeepForm(formdata=None)
    return _compare_page(*_both(account_id, other_id, form), form)


def _both(account_id: int, other_id: int, form: KeepForm) -> tuple[Account, Account]:
    one, other = (found(merging.account_to_merge(number, seen())) for number in (account_id, other_id))
    labels = [f"{account.title}, {account.handle}" for account in (one, other)]
    form.keep.choices = [SelectChoice("one", labels[0]), SelectChoice("other", labels[1])]
    return one, other


def _compare_page(one: Account, other: Account, form: KeepForm) -> str:
    return render_template(
        "accounts/naming/merge.html", one=one, other=other, form=form, reason=merging.why_not(one, other),
        platforms=PLATFORMS,
    )  # fmt: skip


@bp.post("/<int:account_id>/merge/<int:other_id>")
@allow(Role.COMMS)
def merge(account_id: int, other_id: int) -> Any:
    """Make one account of the two: there is no way back."""
    form = KeepForm()
    one, other = _both(account_id, other_id, form)
    if not form.validate_on_submit():
        return _compare_page(one, other, form), 422
    kept, gone = (one, other) if form.keep.data == "one" else (other, one)
    title, kept_id = kept.title, kept.id
    try:
        merging.merge(gone=gone, kept=kept, actor=viewer())
    except merging.CannotMergeAccounts as error:
        flash(str(error), "error")
    else:
        db.session.commit()
        flash(f"{title} is one account now. The other’s page leads here.", "success")
    return redirect(url_for("accounts.page", account_id=kept_id))


# --- What the asker may not see ---------------------------------------------------------------------------


@bp.get("/ask-comms")
@allow(Role.STAFF)
def ask_comms() -> str:
    """A few words to comms about an address that they know."""
    form = WriteForm(formdata=None, address=request.args.get("address", "")[:2_000])
    return render_template("accounts/naming/ask_comms.html", form=form)


@bp.post("/ask-comms")
@allow(Role.STAFF)
def write_to_comms() -> Any:
    """Send it."""
    form = WriteForm()
    if not form.validate_on_submit():
        return render_template("accounts/naming/ask_comms.html", form=form), 422
    sent = writing.ask_comms(address=(form.address.data or "")[:2_000], words=form.words.data, actor=viewer())
    db.session.commit()
    if sent:
        flash("The communications team has your question, and answers you by mail.", "success")
    else:
        flash("Nobody of the communications team has an address here. Please ask them yourself.", "info")
    return redirect(url_for("accounts.index"))
