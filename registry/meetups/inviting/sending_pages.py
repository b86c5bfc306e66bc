"""A round on one page: a draft that a colleague can read and talk over, then its progress, then who was not reached."""

from typing import Any, Final

from flask import Blueprint, current_app, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.db import db
from registry.export import download
from registry.meetups.inviting import actions, queries
from registry.meetups.inviting.choosing_pages import NOT_NOW, draft_of, read_by, sight_for, whom_of
from registry.meetups.inviting.forms import CommentForm, SendForm
from registry.meetups.inviting.models import Fate, Round, RoundState
from registry.meetups.views import ORGANISERS
from registry.web import allow, found, paging, viewer, wake_worker, whole

bp = Blueprint("invited", __name__, url_prefix="/meetups/<int:meetup_id>/invite/<int:round_id>")
#: The job that writes to those on a list.
INVITATIONS: Final = "invitations"


def _here(round_: Round) -> Any:
    return redirect(url_for("invited.page", meetup_id=round_.meetup_id, round_id=round_.id))


@bp.get("")
@allow(*ORGANISERS)
def page(meetup_id: int, round_id: int) -> Any:
    """A draft to read, or how far its sending is and what became of each."""
    round_ = draft_of(meetup_id, round_id)
    if round_.state is RoundState.DRAFT:
        return _draft_page(round_, CommentForm(formdata=None))
    counts = queries.outcomes(round_id)
    at_work = round_.state is RoundState.SENDING or bool(counts.get("under-way"))
    told = {"round": round_, "counts": counts, "at_work": at_work, "words": queries.OUTCOMES,
            "has_server": bool(current_app.config["MAIL_SERVER"])}  # fmt: skip
    if "HX-Request" in request.headers:  # Asked again and again while mail leaves, and once afterwards.
        return render_template("meetups/inviting/progress.html", **told)
    which = (asked,) if (asked := request.args.get("which", "")) in queries.OUTCOMES else queries.TO_TELL
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return download(f"invited-{round_id}", form, queries.OUTCOME_COLUMNS, queries.told_rows(round_id, which))
    pages = paging(sum(counts.get(one, 0) for one in which))
    rows = queries.told(round_id, which, limit=pages.size, offset=pages.offset)
    return render_template(
        "meetups/inviting/sent.html", meetup=round_.meetup, which=asked if asked in queries.OUTCOMES else "",
        paging=pages, rows=rows, to_tell=sum(counts.get(one, 0) for one in queries.TO_TELL), **told,
    )  # fmt: skip


def _draft_page(draft: Round, form: CommentForm, *, another: int | None = None) -> str:
    whom = whom_of(draft, sight_for(draft))
    number = whom["counts"].get(Fate.QUEUED, 0)
    return render_template(
        "meetups/inviting/draft.html", draft=draft, meetup=draft.meetup, form=form, comments=queries.comments(draft.id),
        number=number, another=another, send=SendForm(formdata=None, expected=str(number)),
        own=draft.made_by_id == viewer().id, **whom, **read_by(draft, whom["listed"], draft.subject, draft.text),
    )  # fmt: skip


@bp.post("/comments")
@allow(*ORGANISERS)
def comment(meetup_id: int, round_id: int) -> Any:
    """Say something of a draft."""
    draft, form = draft_of(meetup_id, round_id), CommentForm()
    if draft.state is RoundState.DRAFT and not form.validate_on_submit():
        return _draft_page(draft, form), 422
    try:
        actions.comment(draft=draft, text=form.text.data, actor=viewer())
    except actions.NotNow:
        flash(NOT_NOW, "info")
    else:
        db.session.commit()
    return _here(draft)


@bp.post("/looks-right")
@allow(*ORGANISERS)
def looks_right(meetup_id: int, round_id: int) -> Any:
    """A second pair of eyes finds it right."""
    draft = draft_of(meetup_id, round_id)
    try:
        actions.looks_right(draft=draft, actor=viewer())
    except actions.NotNow:
        flash(NOT_NOW, "info")
    except actions.NotTwice:
        flash("You began this draft yourself: a second pair of eyes is somebody else’s.", "info")
    else:
        db.session.commit()
    return _here(draft)


@bp.post("/send")
@allow(*ORGANISERS)
def send(meetup_id: int, round_id: int) -> Any:
    """Write to everybody on the list, if it is as many as the page said."""
    draft, form = draft_of(meetup_id, round_id), SendForm()
    try:
        expected = whole(form.expected.data) if form.validate_on_submit() else None
        actions.send(draft=draft, expected=expected, sight=sight_for(draft), actor=viewer())
    except actions.NotNow:
        flash(NOT_NOW, "info")
    except actions.NotOpen:
        flash("This meetup is over, or does not take place: nobody can be invited any more.", "info")
    except actions.AnotherNumber as error:
        # Holding the row has let go of who is named on it.
        draft = draft_of(meetup_id, round_id)
        return _draft_page(draft, CommentForm(formdata=None), another=error.number), 409
    else:
        db.session.commit()
        wake_worker(INVITATIONS)
    return _here(draft)


@bp.post("/stop")
@allow(*ORGANISERS)
def stop(meetup_id: int, round_id: int) -> Any:
    """Withdraw what has not left."""
    round_ = draft_of(meetup_id, round_id)
    try:
        withdrawn = actions.stop(sending=round_, actor=viewer())
    except actions.NotNow:
        flash("All of them have left already, or a colleague was quicker.", "info")
    else:
        db.session.commit()
        said = "One invitation was" if withdrawn == 1 else f"{withdrawn:,} invitations were"
        flash(f"Stopped. {said} withdrawn.", "success")
    return _here(round_)


@bp.get("/people/<int:person_id>/again")
@allow(*ORGANISERS)
def again(meetup_id: int, round_id: int, person_id: int) -> str:
    """What it means to send somebody the same mail again, with the button."""
    round_ = draft_of(meetup_id, round_id)
    row = found(queries.told_of(round_id, person_id, ("unsure", "failed")))
    return render_template("meetups/inviting/again.html", round=round_, meetup=round_.meetup, row=row)


@bp.post("/people/<int:person_id>/again")
@allow(*ORGANISERS)
def send_again(meetup_id: int, round_id: int, person_id: int) -> Any:
    """Send somebody their invitation once more."""
    round_ = draft_of(meetup_id, round_id)
    try:
        if ButtonForm().validate_on_submit():
            actions.again(round_=round_, person_id=person_id, actor=viewer())
            db.session.commit()
            flash("It is sent once more, within a minute.", "success")
    except actions.NotNow:
        flash("It cannot be sent again: it has left, they have no usable address, or do not work here.", "info")
    except actions.NotOpen:
        flash("This meetup is over, or does not take place: nobody can be invited any more.", "info")
    return _here(round_)


@bp.post("/discard")
@allow(*ORGANISERS)
def discard(meetup_id: int, round_id: int) -> Any:
    """Give a draft up."""
    draft = draft_of(meetup_id, round_id)
    try:
        actions.discard(draft=draft)
    except actions.NotNow:
        flash(NOT_NOW, "info")
        return _here(draft)
    db.session.commit()
    flash("The draft is deleted. Nobody was written to.", "success")
    return redirect(url_for("inviting.index", meetup_id=meetup_id))
