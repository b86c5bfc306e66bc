"""The pages of the footprint: where we are and what for, asking for a platform, and answering."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.platforms import PLATFORMS, find_platform
from registry.accounts.registering.queries import colleagues_on
from registry.accounts.seen import seen
from registry.db import db
from registry.export import download
from registry.footprint import actions, advice, queries
from registry.footprint.forms import USE_HINTS, AnswerForm, AskForm, UseForm
from registry.footprint.models import Answer, PlatformRequest, Use
from registry.people.queries import away
from registry.roles import Role
from registry.web import allow, day, found, may, viewer

bp = Blueprint("footprint", __name__, url_prefix="/platforms")
COLUMNS: Final = ("platform", "accounts", "use", "purpose", "trial_until")


@bp.get("")
@allow(Role.STAFF)
def index() -> Any:
    """The platforms that we use, try, or do not use, and why."""
    places = queries.places(seen())
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        rows = ([one.name, one.accounts, one.use or "", one.purpose, one.trial_until] for one in places)
        return download("platforms", form, COLUMNS, rows)
    waiting = queries.requests(waiting=True) if may(Role.COMMS) else []
    return render_template(
        "footprint/index.html", places=places, waiting=waiting, decides=may(Role.COMMS), here=queries.HERE
    )


@bp.get("/<platform>/decide")
@allow(Role.COMMS)
def decide_page(platform: str) -> str:
    """Whether we are on a platform, and what for."""
    known, kept = found(PLATFORMS.get(platform)), queries.use_of(platform)
    form = UseForm(formdata=None)
    if kept:
        form.use.data, form.purpose.data = kept.use.value, kept.purpose
        form.trial_until.data = day(kept.trial_until) if kept.trial_until else ""
    return render_template("footprint/decide.html", platform=known, form=form, hints=USE_HINTS)


@bp.post("/<platform>/decide")
@allow(Role.COMMS)
def decide(platform: str) -> Any:
    """Keep it."""
    known, form = found(PLATFORMS.get(platform)), UseForm()
    if not form.validate_on_submit():
        return render_template("footprint/decide.html", platform=known, form=form, hints=USE_HINTS), 422
    actions.decide(
        platform=platform, use=Use(form.use.data), purpose=form.purpose.data, trial_until=form.trial_until.day,
        actor=viewer(),
    )  # fmt: skip
    db.session.commit()
    flash(f"Saved. Everybody who works here now reads that about {known.name}.", "success")
    return redirect(url_for("footprint.index"))


@bp.get("/ask")
@allow(Role.STAFF)
def ask_page() -> str:
    """Should we be on it?"""
    return render_template("footprint/ask.html", form=AskForm(formdata=None, platform=request.args.get("platform", "")))


@bp.post("/ask")
@allow(Role.STAFF)
def ask() -> Any:
    """Ask comms; what the register knows is told at once."""
    form = AskForm()
    if not form.validate_on_submit():
        return render_template("footprint/ask.html", form=form), 422
    asked = actions.ask(
        platform=form.platform.data, audience=form.audience.data, purpose=form.purpose.data, hours=int(form.hours.data),
        actor=viewer(),
    )  # fmt: skip
    db.session.commit()
    return redirect(url_for("footprint.asked", request_id=asked.id))


def _request(request_id: int) -> PlatformRequest:
    """A request that the signed-in person may see: their own, or any for comms."""
    asked = found(queries.request(request_id))
    return found(asked if may(Role.COMMS) or asked.asked_by_id == viewer().id else None)


@bp.get("/requests/<int:request_id>")
@allow(Role.STAFF)
def asked(request_id: int) -> str:
    """What was asked, what the register says to it, and what comms answered."""
    return _asked_page(_request(request_id), AnswerForm(formdata=None))


def _asked_page(asked: PlatformRequest, form: AnswerForm) -> str:
    slug = find_platform(asked.platform)
    colleagues = colleagues_on(slug, viewer()) if slug else []
    words = advice.words(slug=slug, hours=asked.hours, places=queries.places(seen()), colleagues=len(colleagues))
    return render_template(
        "footprint/asked.html", asked=asked, words=words, colleagues=colleagues, form=form,
        decides=may(Role.COMMS) and asked.answer is Answer.WAITING,
    )  # fmt: skip


@bp.post("/requests/<int:request_id>")
@allow(Role.COMMS)
def answer(request_id: int) -> Any:
    """Comms answer, once."""
    asked, form = _request(request_id), AnswerForm()
    if not form.validate_on_submit():
        return _asked_page(asked, form), 422
    try:
        told = actions.answer(
            request=asked, answer=Answer(form.answer.data), advice=form.advice.data,
            trial_until=form.trial_until.day, actor=viewer(),
        )  # fmt: skip
    except actions.Answered:
        flash("A colleague has answered already.", "info")
    else:
        db.session.commit()
        who = asked.asked_by
        so = "is written to" if told else away(who.state) or "has no address to write to"
        flash(f"Answered. {who.name} {so}.", "success")
    return redirect(url_for("footprint.asked", request_id=request_id))
