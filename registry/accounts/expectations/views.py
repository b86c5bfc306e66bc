"""Pages about what the public may expect: everybody's, a team's, an account's; one question a page; ticks."""

from typing import Any, Final

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound

from registry import audit
from registry.accounts.expectations import actions, queries
from registry.accounts.expectations.actions import Place
from registry.accounts.expectations.forms import FORMS
from registry.accounts.expectations.models import Level, Words
from registry.accounts.models import Account
from registry.accounts.seen import may_change, seen, seen_account, who_has
from registry.db import db, today
from registry.fields import stamp_of
from registry.roles import Role
from registry.web import allow, found, may, viewer
from registry.workdays import closures

bp = Blueprint("expectations", __name__, url_prefix="/accounts")
#: How the fields are written in an address, and back.
SLUGS: Final = {field: field.replace("_", "-") for field in queries.FIELDS}
ASKED: Final = f"<any({', '.join(repr(slug) for slug in SLUGS.values())}):field>"
HEADINGS: Final = {
    "hours": "Staffed hours", "bank_holidays": "Bank holidays", "reply": "Reply promise",
    "out_of_hours": "At other times", "not_for": "Not for",
}  # fmt: skip


def _place(team_id: int | None, account_id: int | None) -> Place:
    """What an address leads to."""
    organisation = current_app.config["SETTINGS"].organisation
    if account_id is not None:
        return Place(organisation, account=_account(account_id))
    return Place(organisation, team=found(queries.team(team_id)) if team_id is not None else None)


def _account(account_id: int) -> Account:
    return seen_account(account_id)


def _may_say(place: Place) -> bool:
    """An account's people speak for it; for a team whoever owns an approved account in it does, too; for all comms do.

    Administrators look after the register, and say nothing to the public.
    """
    if place.account is not None:
        return may_change(place.account)
    if may(Role.COMMS):
        return True
    return place.team is not None and queries.runs_one_in(viewer().id, place.team.id)


def _words(place: Place) -> list[queries.Word]:
    if place.account is not None:
        return queries.of_accounts([(place.account.id, place.account.team_id)])[place.account.id]
    return queries.of_team(place.team.id) if place.team is not None else queries.of_organisation()


def _href(place: Place, verb: str = "page", field: str = "") -> str:
    """The address of a place, or of asking, saying or inheriting one of its fields."""
    ids = {Level.ACCOUNT: {"account_id": place.key}, Level.TEAM: {"team_id": place.key}}.get(place.level, {})
    if verb == "page":
        return url_for("expectations.page", **ids)  # type: ignore[arg-type]
    endpoint = verb if ids else f"{verb}_all"
    return url_for(f"expectations.{endpoint}", field=SLUGS[field], **ids)  # type: ignore[arg-type]


@bp.get("/expectations")
@bp.get("/expectations/teams/<int:team_id>")
@bp.get("/<int:account_id>/expectations")
@allow(Role.STAFF)
def page(team_id: int | None = None, account_id: int | None = None) -> str:
    """What holds here, where each of it comes from, and the way to change it."""
    place = _place(team_id, account_id)
    return render_template(
        "accounts/expectations.html", place=place, level=place.level, Level=Level, rows=_rows(place),
        may_say=_may_say(place), teams=queries.teams_with_accounts(seen()) if place.level is Level.ORGANISATION else [],
        accounts=queries.accounts_of(place.team.id, seen()) if place.team else [], above=_above(place),
        events=audit.history(place.level.value, place.key) if place.account is None else [],
        closures=closures(today()) if place.level is Level.ORGANISATION else [],
    )  # fmt: skip


def _above(place: Place) -> list[tuple[str, str]]:
    """The way here from the widest level: labels and addresses."""
    trail = [("Accounts", url_for("accounts.index"))]
    if place.level is not Level.ORGANISATION:
        trail.append(("What the public may expect", url_for("expectations.page")))
    if place.account is not None:
        if team := place.account.team:
            trail.append((team.name, url_for("expectations.page", team_id=team.id)))
        trail.append((place.account.title, url_for("accounts.page", account_id=place.account.id)))
    return trail


def _rows(place: Place) -> list[dict[str, Any]]:
    """A line of the page for each field: its value, where that comes from, and where to change it."""
    return [
        {
            "heading": HEADINGS[field], "value": actions.in_words(field, one.value), "own": one.own,
            "source": _source(place, one, field), "said": one.value is not None,
            "change": _href(place, "ask", field),
            "inherit": _href(place, "inherit", field), "stamp": _stamp(field, one),
            "fixed": place.level is Level.ORGANISATION and field == "bank_holidays",
        }
        for field, one in queries.told(_words(place), place.level, place.key).items()
    ]  # fmt: skip


def _source(place: Place, one: queries.Told, field: str) -> dict[str, str]:
    """Whose word it is, and their page."""
    if one.word is None:
        return {"name": "the settings of the register", "href": ""} if field == "bank_holidays" else {}
    if one.own:
        named = {Level.ACCOUNT: "this account", Level.TEAM: "this team"}
        return {"name": named[place.level], "href": ""} if place.level in named else {}
    if one.word.row.level is Level.TEAM:
        return {"name": one.word.team, "href": url_for("expectations.page", team_id=one.word.row.team_id)}
    return {"name": place.organisation, "href": url_for("expectations.page")}


# --- One question -----------------------------------------------------------------------------------------


@bp.get(f"/expectations/{ASKED}")
@allow(Role.COMMS)
def ask_all(field: str) -> str:
    """One question, for everybody."""
    return _ask(*_asked(field, None, None))


@bp.get(f"/expectations/teams/<int:team_id>/{ASKED}")
@bp.get(f"/<int:account_id>/expectations/{ASKED}")
@allow(Role.STAFF)
def ask(field: str, team_id: int | None = None, account_id: int | None = None) -> str:
    """One question, for a team or an account."""
    return _ask(*_asked(field, team_id, account_id))


@bp.post(f"/expectations/{ASKED}")
@allow(Role.COMMS)
def say_all(field: str) -> Any:
    """Keep the answer, for everybody."""
    return _say(*_asked(field, None, None))


@bp.post(f"/expectations/teams/<int:team_id>/{ASKED}")
@bp.post(f"/<int:account_id>/expectations/{ASKED}")
@allow(Role.STAFF)
def say(field: str, team_id: int | None = None, account_id: int | None = None) -> Any:
    """Keep the answer, for a team or an account."""
    return _say(*_asked(field, team_id, account_id))


@bp.post(f"/expectations/{ASKED}/inherit")
@allow(Role.COMMS)
def inherit_all(field: str) -> Any:
    """Say nothing for everybody."""
    return _inherit(*_asked(field, None, None))


@bp.post(f"/expectations/teams/<int:team_id>/{ASKED}/inherit")
@bp.post(f"/<int:account_id>/expectations/{ASKED}/inherit")
@allow(Role.STAFF)
def inherit(field: str, team_id: int | None = None, account_id: int | None = None) -> Any:
    """Leave a field to the next wider level."""
    return _inherit(*_asked(field, team_id, account_id))


def _asked(slug: str, team_id: int | None, account_id: int | None) -> tuple[Place, str]:
    """The place and the field of an address, for somebody who may say something there."""
    place, field = _place(team_id, account_id), slug.replace("-", "_")
    fixed = field == "bank_holidays" and place.level is Level.ORGANISATION
    return found(place if _may_say(place) and not fixed else None), field


def _holds(place: Place, field: str) -> queries.Told:
    """What holds there now."""
    return queries.told(_words(place), place.level, place.key)[field]


def _stamp(field: str, one: queries.Told) -> str:
    """What the button carries that takes a field away: nobody takes away what they have not seen."""
    return stamp_of([actions.in_words(field, one.value), one.own])


def _begun(field: str, one: queries.Told) -> Any:
    return FORMS[field].showing(one.value).stamped(one.value is None, one.own)


def _ask(place: Place, field: str) -> str:
    return _form_page(place, field, _begun(field, _holds(place, field)))


def _form_page(place: Place, field: str, form: Any) -> str:
    return render_template(
        "accounts/expectation.html", place=place, field=field, form=form, heading=HEADINGS[field], back=_href(place),
        action=_href(place, "say", field), Level=Level,
    )  # fmt: skip


def _say(place: Place, field: str) -> Any:
    form, holds = FORMS[field](), _holds(place, field)
    if not form.validate_on_submit():
        return _form_page(place, field, form), 422
    if form.is_late(_begun(field, holds), by=_who_has(holds, field)):
        return _form_page(place, field, form), 409
    actions.say(place=place, field=field, value=form.value, actor=viewer())
    db.session.commit()
    flash(f"Saved for {place.name}. {HEADINGS[field]}: {actions.in_words(field, form.value) or 'nothing'}.", "success")
    if form.value == "" and place.level is not Level.ORGANISATION:
        flash("It says nothing there now, though others may: “Back to the inherited one” shows their words.", "info")
    return redirect(_href(place))


def _who_has(holds: queries.Told, field: str) -> str:
    """Who set what holds now, as a sentence about it begins."""
    event = actions.last_said(holds.word, field)
    return who_has(event.actor_id, event.told["actor"]) if event else who_has(None)


def _inherit(place: Place, field: str) -> Any:
    holds = _holds(place, field)
    if holds.own and request.form.get("stamp", "") not in ("", _stamp(field, holds)):
        told = actions.in_words(field, holds.value) or "nothing"
        flash(f"{_who_has(holds, field)} changed this meanwhile. {HEADINGS[field]}: {told}. It stays.", "info")
    elif actions.leave(place=place, field=field, actor=viewer()):
        db.session.commit()
        flash(f"{place.name} says nothing of its own there now.", "success")
    return redirect(_href(place))


# --- Ticks ------------------------------------------------------------------------------------------------


@bp.post("/<int:account_id>/carries/<any('bio', 'pinned'):what>")
@allow(Role.STAFF)
def carries(account_id: int, what: str) -> Any:
    """Its people say that the live account carries the words that they see, or that it does not."""
    account, words = _account(account_id), Words(what)
    if not may_change(account):
        raise NotFound
    organisation = current_app.config["SETTINGS"].organisation
    text = queries.texts(account, queries.of_account(account), organisation)[words]
    try:
        if request.form.get("answer") == "no":
            actions.untick(account=account, what=words, actor=viewer())
        else:
            actions.tick(account=account, what=words, text=text, shown=request.form.get("text", ""), actor=viewer())
    except actions.OtherWords:
        flash("The words have just changed. Look at the new ones, put them there, then say so.", "info")
    else:
        db.session.commit()
    return redirect(url_for("accounts.page", account_id=account_id) + "#paste")
