"""The agenda of a meetup, and offers to speak at it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.accounts.forms import ButtonForm
from registry.db import db
from registry.meetups import leading, queries, replying, speaking
from registry.meetups.forms import AgendaForm, OfferForm, SettleForm
from registry.meetups.models import Meetup, OfferState, SpeakingOffer
from registry.meetups.views import ORGANISERS, show
from registry.roles import Role
from registry.web import allow, found, viewer

bp = Blueprint("speaking", __name__, url_prefix="/meetups/<int:meetup_id>")


def _meetup(meetup_id: int) -> Meetup:
    """The meetup, held: two who change its agenda come one after the other."""
    replying.hold(meetup_id)
    return found(queries.meetup(meetup_id))


@bp.get("/agenda")
@allow(*ORGANISERS)
def agenda(meetup_id: int) -> Any:
    """What happens there, line by line."""
    return _agenda_page(found(queries.meetup(meetup_id)), AgendaForm(formdata=None, minutes=10))


def _agenda_page(meetup: Meetup, form: AgendaForm) -> Any:
    page = render_template("meetups/agenda.html", meetup=meetup, form=form)
    return (page, 422) if form.errors else page


@bp.post("/agenda")
@allow(*ORGANISERS)
def add(meetup_id: int) -> Any:
    """Add a line."""
    meetup, form = _meetup(meetup_id), AgendaForm()
    valid = form.validate_on_submit()
    if valid and len(meetup.agenda) >= speaking.MOST_LINES:
        form.fail(form.title, f"An agenda has {speaking.MOST_LINES} lines at most. Take one off first.")
        valid = False
    if not valid:
        return _agenda_page(meetup, form)
    item = speaking.add(
        meetup=meetup, title=form.title.data, minutes=form.minutes.data or 10, is_talk=form.is_talk.data,
        speaker=form.speaker.person,
    )  # fmt: skip
    leading.speaker_named(meetup=meetup, item=item, actor=viewer())
    db.session.commit()
    return redirect(url_for("speaking.agenda", meetup_id=meetup_id))


@bp.post("/agenda/<int:item_id>/<any(up, down, off):how>")
@allow(*ORGANISERS)
def arrange(meetup_id: int, item_id: int, how: str) -> Any:
    """Move a line, or take it off."""
    meetup = _meetup(meetup_id)
    if ButtonForm().validate_on_submit():
        if how == "off":
            for item in speaking.take_off(meetup=meetup, item_id=item_id):
                leading.speaker_taken_off(meetup=meetup, item=item, actor=viewer())
        else:
            speaking.move(meetup=meetup, item_id=item_id, up=how == "up")
        db.session.commit()
    return redirect(url_for("speaking.agenda", meetup_id=meetup_id))


@bp.post("/speak")
@allow(Role.STAFF)
def offer(meetup_id: int) -> Any:
    """Offer to speak, or say it otherwise."""
    meetup, form = _meetup(meetup_id), OfferForm()
    before = queries.offer_of(meetup_id, viewer().id)
    if not form.validate_on_submit():
        return show(meetup, offer_form=form)
    if not meetup.is_open or (before and before.state is OfferState.ACCEPTED):
        flash("That is settled already, so nothing was changed.", "error")
    else:
        speaking.offer(meetup=meetup, person=viewer(), title=form.title.data, pitch=form.pitch.data, before=before)
        db.session.commit()
        flash("Thank you! The organisers read it and answer by mail, and here.", "success")
    return redirect(url_for("meetups.page", meetup_id=meetup_id))


@bp.post("/speak/withdraw")
@allow(Role.STAFF)
def withdraw(meetup_id: int) -> Any:
    """Take your offer back."""
    _meetup(meetup_id)
    mine = queries.offer_of(meetup_id, viewer().id)
    if mine and mine.state is OfferState.OFFERED and ButtonForm().validate_on_submit():
        speaking.withdraw(offer=mine)
        db.session.commit()
        flash("Your offer is taken back.", "success")
    return redirect(url_for("meetups.page", meetup_id=meetup_id))


@bp.post("/speak/<int:person_id>/<any(accept, decline):how>")
@allow(*ORGANISERS)
def settle(meetup_id: int, person_id: int, how: str) -> Any:
    """Answer an offer."""
    meetup, form = _meetup(meetup_id), SettleForm()
    given: SpeakingOffer = found(next((one for one in queries.offers(meetup_id) if one.person_id == person_id), None))
    if not meetup.is_open:
        flash("This meetup is over or does not take place, so nobody was written to.", "error")
    elif not form.validate_on_submit():
        flash("Shorten your sentence to 300 characters; nothing was sent.", "error")
    elif how == "accept":
        speaking.accept(actor=viewer(), meetup=meetup, offer=given, reply=form.reply.data)
        flash(f"{given.person.name} speaks. They have been told.", "success")
    else:
        speaking.decline(meetup=meetup, offer=given, reply=form.reply.data)
        flash(f"{given.person.name} has been thanked.", "success")
    db.session.commit()
    return redirect(url_for("meetups.page", meetup_id=meetup_id))
