"""Discover: telling of an account, what waits for comms, and deciding about it."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.accounts.models import Account
from registry.accounts.platforms import PLATFORMS, Resolved, name_of
from registry.accounts.queries import account as find_account
from registry.accounts.seen import seen
from registry.db import db
from registry.discovery import actions, letters, matching, noting, queries, telling
from registry.discovery.forms import AskForm, ReasonForm, StepForm, TellForm
from registry.discovery.models import WAITING, Claim, Glimpse, How, Sighting, SightingState
from registry.export import download
from registry.roles import Role
from registry.web import allow, found, paging, viewer

bp = Blueprint("discovery", __name__, url_prefix="/discover")
#: The parts of the inbox, by the word in the address.
PARTS: Final = {
    "waiting": WAITING,
    "registered": (SightingState.REGISTERED,),
    "not-ours": (SightingState.NOT_OURS,),
    "fakes": (SightingState.SPOOF,),
    "closed": (SightingState.CLOSED,),
}
COLUMNS: Final = ("platform", "handle", "url", "state", "seen_at", "times", "last_seen_where", "words", "reason")


@bp.get("")
@allow(Role.COMMS)
def index() -> Any:
    """What was seen and nobody has registered: each is a colleague to invite."""
    part = request.args.get("part", "waiting")
    part = part if part in PARTS else "waiting"
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return download("sightings", form, COLUMNS, (_row(one) for one in queries.sightings(PARTS[part])))
    counts = queries.counts()
    numbers = {name: sum(counts.get(state, 0) for state in states) for name, states in PARTS.items()}
    pages = paging(numbers[part], size=30)
    return render_template(
        "discovery/index.html", part=part, numbers=numbers, paging=pages, platforms=PLATFORMS, name_of=name_of,
        sightings=queries.sightings(PARTS[part], limit=pages.size, offset=pages.offset),
    )  # fmt: skip


def _row(one: queries.Seen) -> tuple[Any, ...]:
    sighting, last = one.sighting, one.last
    return (
        sighting.platform, sighting.handle, sighting.url, sighting.state.value, sighting.seen_at, one.times,
        (last.by.name if last.by else last.place) if last else "", last.quote if last else "", sighting.reason,
    )  # fmt: skip


@bp.get("/tell")
@allow(Role.STAFF)
def tell() -> Any:
    """Tell of an account that you saw."""
    form = TellForm(formdata=None, seen=request.args.get("seen", "")[: telling.LONGEST])
    return render_template("discovery/tell.html", form=form)


@bp.post("/tell")
@allow(Role.STAFF)
def told() -> Any:
    """What it is, at once: registered already, new, no account, or of which platform?"""
    form = TellForm()
    if not form.validate_on_submit():
        return render_template("discovery/tell.html", form=form), 422
    understood = telling.read(form.seen.data, form.platform.data or "")
    if understood.bare and not understood.accounts:
        form.fail(form.platform, f"On which platform is {understood.bare[0]}? Choose it.")
        return render_template("discovery/tell.html", form=form), 422
    noted = [_told(one, form.seen.data) for one in understood.accounts[:10]]
    db.session.commit()
    return render_template("discovery/told.html", told=noted, refused=understood.refused, name_of=name_of)


def _told(resolved: Resolved, text: str) -> tuple[Resolved, Account | None, noting.Noted]:
    """Note an account, and which one it is where it is registered and the teller may see it.

    Of one that is registered and that they may not see, nothing is said but thank you.
    """
    noted = noting.note(resolved, how=How.PERSON, quote=text, by=viewer())
    return resolved, find_account(noted.account.id, seen()) if noted.account else None, noted


@bp.get("/<int:sighting_id>")
@allow(Role.COMMS)
def page(sighting_id: int) -> Any:
    """An account that was seen: where, by whom, who was asked, and what to do."""
    return show(found(queries.sighting(sighting_id)))


def show(
    sighting: Sighting, *, ask_form: AskForm | None = None, reason_form: ReasonForm | None = None,
    step_form: StepForm | None = None,
) -> Any:  # fmt: skip
    """The page of a sighting, with a form that asks again, where one does."""
    wrong = any(form is not None and form.errors for form in (ask_form, reason_form, step_form))
    glimpses, claims = queries.glimpses(sighting.id), queries.claims(sighting.id)
    page = render_template(
        "discovery/sighting.html", sighting=sighting, glimpses=glimpses, suggestions=_whose(sighting, glimpses, claims),
        claims=claims, steps=queries.steps(sighting.id), account=queries.registered_as(sighting),
        ask_form=ask_form or AskForm(formdata=None), reason_form=reason_form or ReasonForm(formdata=None),
        step_form=step_form or StepForm(formdata=None), name_of=name_of, waits=sighting.state in WAITING,
        register_link=letters.register_link(sighting),
    )  # fmt: skip
    return (page, 422) if wrong else page


def _whose(sighting: Sighting, glimpses: Sequence[Glimpse], claims: Sequence[Claim]) -> list[matching.Suggestion]:
    """Who may run it, with the reasons; nobody who was asked already, nor for what is settled."""
    if sighting.state not in WAITING:
        return []
    asked, words = {one.person_id for one in claims}, " ".join(one.quote for one in glimpses[-5:])
    likely = matching.suggestions_for(handle=sighting.handle, words=words, url=sighting.url)
    return [one for one in likely if one.person.id not in asked]


def _sighting(sighting_id: int) -> Sighting:
    return found(queries.sighting(sighting_id))


@bp.post("/<int:sighting_id>/ask")
@allow(Role.COMMS)
def ask(sighting_id: int) -> Any:
    """Ask a colleague whether it is theirs."""
    sighting, form = _sighting(sighting_id), AskForm()
    if not form.validate_on_submit() or form.colleague.person is None:
        return show(sighting, ask_form=form)
    person = form.colleague.person
    try:
        actions.ask(sighting=sighting, person=person, actor=viewer())
    except actions.AskedAlready:
        form.fail(form.colleague, f"{person.name} was asked before, and nobody is asked twice. Ask somebody else.")
        return show(sighting, ask_form=form)
    except actions.Settled:
        flash("This is settled, so nobody was asked. Open it again first.", "error")
    else:
        db.session.commit()
        flash(f"{person.name} is asked, by mail and on their home page.", "success")
    return redirect(url_for("discovery.page", sighting_id=sighting_id))


@bp.post("/<int:sighting_id>/<any(claim, closed, reopen):how>")
@allow(Role.COMMS)
def settle(sighting_id: int, how: str) -> Any:
    """Look after it yourself, note that it is closed, or open it again."""
    sighting = _sighting(sighting_id)
    state = {"claim": SightingState.CLAIMED, "closed": SightingState.CLOSED, "reopen": SightingState.NEW}[how]
    words = {"claim": "You look after it.", "closed": "Noted: it is closed.", "reopen": "It is open again."}
    if ButtonForm().validate_on_submit():
        _decide(sighting, state, "", words[how])
    return redirect(url_for("discovery.page", sighting_id=sighting_id))


def _decide(sighting: Sighting, state: SightingState, reason: str, said: str) -> None:
    try:
        actions.decide(sighting=sighting, state=state, reason=reason, actor=viewer())
    except actions.Settled:
        flash("Somebody has registered it meanwhile, so nothing was changed.", "info")
    else:
        db.session.commit()
        flash(said, "success")


@bp.post('/<int:sighting_id>/<any("not-ours", fake):how>')
@allow(Role.COMMS)
def dismiss(sighting_id: int, how: str) -> Any:
    """It is somebody else's, or somebody pretends to be us: why, which is remembered."""
    sighting, form = _sighting(sighting_id), ReasonForm()
    if not form.validate_on_submit():
        return show(sighting, reason_form=form)
    state = SightingState.SPOOF if how == "fake" else SightingState.NOT_OURS
    said = "Remembered. Whoever tells of it again is told so." if how != "fake" else "Noted. Report it next."
    _decide(sighting, state, form.reason.data, said)
    return redirect(url_for("discovery.page", sighting_id=sighting_id))


@bp.post("/<int:sighting_id>/steps")
@allow(Role.COMMS)
def step(sighting_id: int) -> Any:
    """Write down what was done about a fake."""
    sighting, form = _sighting(sighting_id), StepForm()
    found(sighting if sighting.state is SightingState.SPOOF else None)
    if not form.validate_on_submit():
        return show(sighting, step_form=form)
    actions.add_step(sighting=sighting, what=form.what.data, actor=viewer())
    db.session.commit()
    return redirect(url_for("discovery.page", sighting_id=sighting_id))
