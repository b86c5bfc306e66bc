"""Planning a meetup, changing it, calling it off."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.db import db
from registry.meetups import actions, leading, queries, replying
from registry.meetups.calendars import telling
from registry.meetups.forms import KIND_HINTS, CallOffForm, MeetupForm
from registry.meetups.inviting import actions as inviting
from registry.meetups.models import Meetup
from registry.meetups.views import ORGANISERS
from registry.web import allow, found, viewer

bp = Blueprint("planning", __name__, url_prefix="/meetups")


@bp.get("/new")
@allow(*ORGANISERS)
def new() -> Any:
    """Plan a meetup."""
    return _form_page(MeetupForm(formdata=None, minutes=60))


def _form_page(form: MeetupForm, meetup: Meetup | None = None) -> Any:
    page = render_template("meetups/form.html", form=form, meetup=meetup, kind_hints=KIND_HINTS)
    return (page, 422) if form.errors else page


@bp.post("/new")
@allow(*ORGANISERS)
def create() -> Any:
    """Keep it; then colleagues can be invited."""
    form = MeetupForm()
    if not form.validate_on_submit():
        return _form_page(form)
    meetup = actions.plan(actor=viewer(), what=form.plan)
    leading.leader_named(meetup=meetup, before=None, actor=viewer())
    db.session.commit()
    flash("It is planned. Say what happens there, then invite colleagues.", "success")
    return redirect(url_for("meetups.page", meetup_id=meetup.id))


def _changeable(meetup: Meetup | None) -> Meetup:
    """A meetup that can still be changed: not one that was called off or is over."""
    meetup = found(meetup)
    return found(meetup if meetup.is_open else None)


@bp.get("/<int:meetup_id>/change")
@allow(*ORGANISERS)
def change(meetup_id: int) -> Any:
    """Change or move a meetup; of a series, only this one."""
    meetup = _changeable(queries.meetup(meetup_id))
    return _form_page(MeetupForm.showing(meetup), meetup)


@bp.post("/<int:meetup_id>/change")
@allow(*ORGANISERS)
def save(meetup_id: int) -> Any:
    """Keep the change, and tell those whose calendars have it."""
    replying.hold(meetup_id)
    meetup, form = _changeable(queries.meetup(meetup_id)), MeetupForm()
    form.before = meetup
    if not form.validate_on_submit() or form.is_stale():
        return _form_page(form, meetup)
    began, led = meetup.begins_at, meetup.leader_id
    try:
        moved_up = actions.change(actor=viewer(), meetup=meetup, what=form.plan)
    except actions.TooFew as error:
        form.fail(form.capacity, f"{error.coming} come already. Enter at least that many, or ask some to join online.")
        return _form_page(form, meetup)
    telling.changed(meetup, moved_up, began=began)
    leading.leader_named(meetup=meetup, before=led, actor=viewer())
    db.session.commit()
    flash("Saved.", "success")
    return redirect(url_for("meetups.page", meetup_id=meetup_id))


@bp.get("/<int:meetup_id>/call-off")
@allow(*ORGANISERS)
def call_off(meetup_id: int) -> Any:
    """Call a meetup off: say why first."""
    return _call_off_page(_changeable(queries.meetup(meetup_id)), CallOffForm(formdata=None))


def _call_off_page(meetup: Meetup, form: CallOffForm) -> Any:
    counts = queries.coming_to([meetup.id]).get(meetup.id, queries.Coming())
    page = render_template(
        "meetups/call_off.html", meetup=meetup, form=form, counts=counts, silent=queries.silent_count(meetup.id)
    )
    return (page, 422) if form.errors else page


@bp.post("/<int:meetup_id>/call-off")
@allow(*ORGANISERS)
def cancel(meetup_id: int) -> Any:
    """It falls out; everybody who would come is told, and what has not left of its invitations does not."""
    under_way = inviting.hold_under_way(meetup_id)
    meetup, form = _changeable(replying.hold(meetup_id)), CallOffForm()
    if not form.validate_on_submit():
        return _call_off_page(meetup, form)
    actions.cancel(actor=viewer(), meetup=meetup, reason=form.reason.data)
    inviting.call_off(under_way)
    telling.called_off(meetup)
    db.session.commit()
    flash("It is called off.", "success")
    return redirect(url_for("meetups.page", meetup_id=meetup_id))
