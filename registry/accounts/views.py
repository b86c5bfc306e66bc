"""The catalogue, registering an account, and an account's own page."""

from typing import Any

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for

from registry import audit
from registry.accounts import actions, catalogue, changing, news, queries, turning
from registry.accounts.answering import by_form, hand_overs
from registry.accounts.answering.seen import shown
from registry.accounts.expectations import queries as expectations
from registry.accounts.forms import (
    STANDING_HINTS,
    ButtonForm,
    ChangeAccountForm,
    NewAccountForm,
    SendBackForm,
)
from registry.accounts.importing import queries as imports
from registry.accounts.models import OPEN, VISIBLE_AT_FIRST, Account, Standing, State
from registry.accounts.naming import queries as naming
from registry.accounts.naming.words import STATES, VISIBILITIES
from registry.accounts.platforms import OFFERED, PLATFORMS, Resolved, resolve
from registry.accounts.registering.actions import ask as ask_for_nod
from registry.accounts.registering.queries import colleagues_on, nod_of
from registry.accounts.reviewing import queries as reviewing
from registry.accounts.reviewing.actions import still_right
from registry.accounts.seen import changeable_account, may_change, seen, seen_account
from registry.accounts.wording import title_from
from registry.db import db, today
from registry.guidelines.queries import signing, to_sign, up_to_date
from registry.people.models import Person
from registry.people.queries import suggestions
from registry.roles import Role
from registry.web import allow, day, found, may, viewer

bp = Blueprint("accounts", __name__, url_prefix="/accounts")
OWNER_IS_TOLD = "Its owner is written to."
OWN_IS_ASKED = "We have asked its owner. Until they answer, only they and the communications team see it."
REFUSED_STANDING: dict[type[Exception], str] = {
    turning.OwnConsentNeeded: "Only the person whose account it is can say so. Ask them to change it themselves.",
    turning.CommsMustAgree: "It speaks for the organisation, so the communications team must agree first. Ask them to"
    " choose this here: then you are asked, and you decide who sees it.",
}
OWNER_IS_NOT_TOLD = "Its owner has no address to write to, or is gone."


@bp.get("")
@allow(Role.STAFF)
def index() -> Any:
    """Every account, found, narrowed, sorted and exported."""
    return catalogue.page()


# --- Registering ------------------------------------------------------------------------------------------


@bp.get("/new")
@allow(Role.STAFF)
def new() -> Any:
    """One field, the address; then what we know of it, and the short form."""
    typed = request.args.get("address", request.args.get("url", "")).strip()
    platform = request.args.get("platform", "")
    if not typed:
        return _address_page("", platform)
    answer = resolve(typed, platform or None)
    if not isinstance(answer, Resolved):
        return _address_page(typed, platform, refused=answer)
    if known := naming.known(answer, typed):
        return _known_page(typed, platform, known)
    form = NewAccountForm(
        formdata=None,
        address=typed,
        platform=platform,
        title=title_from(answer.handle)[:120],
        owner=viewer().username,
    )
    return _form_page(form, answer)


def _address_page(typed: str, platform: str, **answer: Any) -> str:
    return render_template(
        "accounts/address.html", typed=typed, platform=platform, platforms=PLATFORMS, offered=OFFERED, **answer,
    )  # fmt: skip


def _known_page(typed: str, platform: str, known: naming.Known) -> str:
    """Whose it is; of what the asker may not see, no more than that comms know it."""
    shown = queries.account(known.account.id, seen())
    if shown is None:
        mine = known.account.owner_id == viewer().id and known.account.is_taken_out
        return _address_page(typed, platform, hidden=known.account, mine=mine)
    return _address_page(typed, platform, same=shown, how=known.how.name.lower(), may_change=may_change(shown))


@bp.app_template_global()
def icon_of(slug: str) -> str:
    """The symbol of the sprite for a platform: its own, or the globe."""
    return slug if slug in PLATFORMS and PLATFORMS[slug].icon else "website"


@bp.app_template_global()
def platform_name(slug: str) -> str:
    """What a platform calls itself, for pages of parts that do not know the platforms."""
    return PLATFORMS[slug].name if slug in PLATFORMS else slug


def _form_page(form: NewAccountForm, resolved: Resolved) -> str:
    return render_template(
        "accounts/new.html", form=form, resolved=resolved, platforms=PLATFORMS, standing_hints=STANDING_HINTS,
        alike=naming.alike(resolved.platform, resolved.key, seen()), signs=not up_to_date([viewer().id]),
    )  # fmt: skip


@bp.post("/new")
@allow(Role.STAFF)
def register() -> Any:
    """Register the account; it waits for comms, and the person gets something back at once."""
    form = NewAccountForm()
    typed = form.address.data or ""
    answer = resolve(typed, form.platform.data or None)
    if not isinstance(answer, Resolved):
        return _address_page(typed, form.platform.data or "", refused=answer), 422
    if not form.validate_on_submit():
        return _form_page(form, answer), 422
    try:
        account = _propose(form, answer, typed)
    except actions.AlreadyRegistered as known:
        return _registered_meanwhile(known.account, form)
    except actions.DeputyIsOwner as both:
        form.fail(form.deputy, str(both))
        return _form_page(form, answer), 422
    except turning.OwnConsentNeeded:
        there = url_for("accounts.new", address=typed, platform=form.platform.data or None, _external=True)
        form.fail(form.standing, f"Only the person whose account it is can register it. Send them this: {there}")
        return _form_page(form, answer), 422
    db.session.commit()
    return _onwards(account)


def _onwards(account: Account) -> Any:
    """What comes next for whoever has registered an account."""
    if account.awaits_consent:
        flash(OWN_IS_ASKED, "success")
        return redirect(url_for("accounts.page", account_id=account.id))
    owes = bool(to_sign(viewer().id))
    return redirect(url_for("registering.sign" if owes else "accounts.registered", account_id=account.id))


def _registered_meanwhile(account: Account, form: NewAccountForm) -> Any:
    shown = queries.account(account.id, seen())
    if shown is None:
        address, platform = form.address.data, form.platform.data or None
        return redirect(url_for("accounts.new", address=address, platform=platform))
    if shown.proposed_by_id == viewer().id and shown.state is State.PROPOSED:  # The button was pressed twice.
        return _onwards(shown)
    whose = f" {shown.owner.name} answers for it." if shown.owner else ""
    flash(f"A colleague has registered this account meanwhile.{whose}", "info")
    return redirect(url_for("accounts.page", account_id=account.id))


def _propose(form: NewAccountForm, answer: Resolved, typed: str) -> Account:
    assert form.owner.person is not None  # noqa: S101 - the form has just found them
    account = actions.propose(
        resolved=answer, typed=typed, title=form.title.data, purpose=form.purpose.data,
        standing=Standing(form.standing.data), owner=form.owner.person, deputy=form.deputy.person, actor=viewer(),
        for_comms=may(Role.COMMS),
    )  # fmt: skip
    ask_for_nod(account, form.owner.person, actor=viewer())
    return account


@bp.get("/<int:account_id>/registered")
@allow(Role.STAFF)
def registered(account_id: int) -> Any:
    """What happens next, and words to paste, for whoever has just registered it."""
    profile = _profile(seen_account(account_id))
    if profile["account"].state is not State.PROPOSED or profile["account"].proposed_by_id != viewer().id:
        return redirect(url_for("accounts.page", account_id=account_id))
    return render_template(
        "accounts/registered.html", **profile, owed=to_sign(viewer().id),
        colleagues=colleagues_on(profile["account"].platform, viewer()),
    )  # fmt: skip


# --- One account ------------------------------------------------------------------------------------------


@bp.get("/<int:account_id>")
@allow(Role.STAFF)
def page(account_id: int) -> Any:
    """The account as a profile: who answers, what it is for, what comes next."""
    account = queries.account(account_id, seen())
    if account is None:
        kept_id = found(naming.survivor_of(account_id, seen()))
        return redirect(url_for("accounts.page", account_id=kept_id))
    return render_template("accounts/account.html", **_profile(account), button=ButtonForm(formdata=None))


def _profile(account: Account) -> dict[str, Any]:
    people = [one for one in (account.owner, account.deputy) if one]
    signs = signing([one.id for one in people]) if account.state in OPEN else {}
    organisation = current_app.config["SETTINGS"].organisation
    return {
        "account": account,
        "platform": PLATFORMS.get(account.platform),
        "people": people,
        "must_sign": bool(signs),
        "unsigned": [one for one in people if not signs.get(one.id, True)],
        **expectations.profile(account, organisation),
        "asleep": account.state is State.DORMANT and reviewing.asleep(account.id),
        "events": audit.history("account", account.id, also=naming.merged_into(account.id)),
        "came_with": imports.came_with(account.id),
        "former_names": naming.former_names(account.id),
        "alike": naming.alike(account.platform, account.key, seen(), but=account.id) if may_change(account) else (),
        "may_change": may_change(account),
        "decides": may(Role.COMMS) and account.state is State.PROPOSED and not account.awaits_consent,
        "today": today(),
        "nod": nod_of(account.id) if account.state is State.PROPOSED else None,
        **shown(account),
    }


@bp.get("/<int:account_id>/change")
@allow(Role.STAFF)
def change(account_id: int) -> str:
    """What may be changed, by its people and by comms."""
    account = changeable_account(account_id)
    return _change_page(changing.begun(account), account)


def _change_page(form: ChangeAccountForm, account: Account, late: Any = None) -> str:
    return render_template(
        "accounts/change.html", form=form, account=account, standing_hints=STANDING_HINTS,
        may_set_state=_may_set_state(account), states=STATES, late=late,
    )  # fmt: skip


def _may_set_state(account: Account) -> bool:
    """Comms decide on the state; a proposal is approved on its own page, not by choosing a word."""
    return may(Role.COMMS) and account.state is not State.PROPOSED


@bp.post("/<int:account_id>/change")
@allow(Role.STAFF)
def save(account_id: int) -> Any:
    """Keep the changes."""
    changing.hold(account_id)
    account = changeable_account(account_id)
    form = changing.sent(account)
    if not form.validate_on_submit() or _names_wrongly(form, account):
        return _change_page(form, account), 422
    taker = by_form.to_ask(account, form.owner.person, form.standing.data, viewer())
    values = changing.asked(form, account, taker, sets_state=_may_set_state(account))
    if changing.is_late(form, account):
        return _change_page(form, account, changing.look_again(form, account, values)), 409
    try:
        told = [_keep(form, account, values), _offer(form, account, taker)]
    except (turning.CommsMustAgree, turning.OwnConsentNeeded) as error:
        form.fail(form.standing, REFUSED_STANDING[type(error)])
        return _change_page(form, account), 422
    db.session.commit()
    flash(" ".join(["Saved.", *filter(None, told)]), "success")
    return redirect(url_for(_led_to(form, account) or "accounts.page", account_id=account_id))


def _keep(form: ChangeAccountForm, account: Account, values: dict[str, Any]) -> str:
    """Change the account; what follows from it, in a sentence. Raises ``OwnConsentNeeded`` and ``CommsMustAgree``."""
    stood, sent_back = account.state, account.sent_back_reason
    actions.change(
        account=account, values=values, topics=changing.topics_asked(form), actor=viewer(), for_comms=may(Role.COMMS)
    )  # fmt: skip
    if account.awaits_consent:
        return OWN_IS_ASKED if account.owner_id != viewer().id else ""
    if account.state is not State.PROPOSED or (stood is State.PROPOSED and account.sent_back_reason == sent_back):
        return ""
    if stood is not State.PROPOSED and account.owner:
        ask_for_nod(account, account.owner, actor=viewer())
    until = f" by {day(account.decide_by_on)}" if account.decide_by_on else ""
    return f"The communications team decide on it{until}. You may go on posting meanwhile."


def _offer(form: ChangeAccountForm, account: Account, taker: Person | None) -> str:
    """Ask whoever was named as the new owner; that they are asked, in a sentence."""
    if taker is None:
        return ""
    stays_on = changing.stays_on(form, account)
    hand_overs.offer(account=account, taker=taker, note="", stays_on=stays_on, actor=viewer())
    then = f" Then {form.deputy.person.name} goes on posting there." if stays_on and form.deputy.person else ""
    return f"{taker.name} is asked whether they take it over; nothing changes until they accept.{then}"


def _names_wrongly(form: ChangeAccountForm, account: Account) -> bool:
    named = form.owner.person
    asked = by_form.to_ask(account, named, form.standing.data, viewer())
    reason = by_form.refusal(account, named, asked, comms=may(Role.COMMS), viewer=viewer())
    if reason:
        form.fail(form.owner, reason)
    return bool(reason)


def _led_to(form: ChangeAccountForm, account: Account) -> str:
    """The page that asks the one thing more of the state that comms have chosen; empty where none does."""
    chosen = form.state.data
    if not _may_set_state(account) or not chosen or chosen == account.state:
        return ""
    return by_form.LED.get(State(chosen), "")


@bp.post("/<int:account_id>/review")
@allow(Role.STAFF)
def review(account_id: int) -> Any:
    """ "Still right": one button, nothing to fill in."""
    account = changeable_account(account_id)
    try:
        next_on = still_right(account=account, actor=viewer())
    except actions.NothingToReview:
        flash(f"{account.title} is {account.state.value}, so there is nothing to review yet.", "info")
    else:
        db.session.commit()
        flash(f"Thank you. We will ask again on {day(next_on)}.", "success")
    return redirect(url_for("accounts.page", account_id=account_id))


@bp.post("/<int:account_id>/still-mine")
@allow(Role.STAFF)
def still_mine(account_id: int) -> Any:
    """The owner has moved, and it is still theirs; nobody else can say so."""
    account = seen_account(account_id)
    found(account if account.owner_id == viewer().id else None)
    if news.still_owned(account=account, actor=viewer()):
        db.session.commit()
        flash(f"Thank you. {account.title} stays yours.", "success")
    return redirect(url_for("accounts.page", account_id=account_id))


@bp.post("/<int:account_id>/approve")
@allow(Role.COMMS)
def approve(account_id: int) -> Any:
    """Comms put a proposal live."""
    account = seen_account(account_id)
    try:
        told = actions.approve(account=account, owner=account.owner, actor=viewer())
    except actions.NotWaiting:
        flash("This account no longer waits: a colleague has decided.", "info")
    else:
        db.session.commit()
        flash(f"{account.title} is live. {OWNER_IS_TOLD if told else OWNER_IS_NOT_TOLD}{_seen_by(account)}", "success")
    return redirect(url_for("accounts.page", account_id=account_id))


def _seen_by(account: Account) -> str:
    """Who sees it, where those are fewer than see others of its standing: comms may let all of them."""
    if account.visibility is VISIBLE_AT_FIRST[account.standing]:
        return ""
    return f" Seen by: {VISIBILITIES[account.visibility].word.lower()}. You can change that below."


@bp.get("/<int:account_id>/send-back")
@allow(Role.COMMS)
def send_back_page(account_id: int) -> Any:
    """Ask the owner to mend something first."""
    account = seen_account(account_id)
    if account.state is not State.PROPOSED:
        return redirect(url_for("accounts.page", account_id=account_id))
    return render_template("accounts/send_back.html", form=SendBackForm(formdata=None), account=account)


@bp.post("/<int:account_id>/send-back")
@allow(Role.COMMS)
def send_back(account_id: int) -> Any:
    """Send a proposal back with the reason."""
    account, form = seen_account(account_id), SendBackForm()
    if not form.validate_on_submit():
        return render_template("accounts/send_back.html", form=form, account=account), 422
    try:
        told = actions.send_back(account=account, owner=account.owner, reason=form.reason.data, actor=viewer())
    except actions.NotWaiting:
        flash("This account no longer waits: a colleague has decided.", "info")
    else:
        db.session.commit()
        flash(f"Sent back. {OWNER_IS_TOLD if told else OWNER_IS_NOT_TOLD}", "success")
    return redirect(url_for("accounts.page", account_id=account_id))


@bp.get("/colleagues")
@allow(Role.STAFF)
def colleagues() -> str:
    """Names for the field that asks for a colleague, as somebody types."""
    # Each form that asks for a colleague calls the field by its own name.
    args = request.args
    typed = args.get("owner") or args.get("deputy") or args.get("sponsor") or args.get("colleague") or args.get("q", "")
    return render_template("accounts/colleagues.html", people=suggestions(typed))
