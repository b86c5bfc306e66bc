"""Revoking the link with which somebody answers, for whoever organises: a mail was passed on, say."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry import outbox
from registry.db import db
from registry.meetups import queries, replying
from registry.meetups.by_link import links
from registry.meetups.calendars import letters
from registry.meetups.forms import ANSWERS, RevokeForm
from registry.meetups.models import Invitation, Meetup
from registry.meetups.views import ORGANISERS
from registry.web import allow, found, viewer

bp = Blueprint("revoking", __name__, url_prefix="/meetups/<int:meetup_id>/link-of/<int:person_id>")


@bp.get("")
@allow(*ORGANISERS)
def page(meetup_id: int, person_id: int) -> Any:
    """What it means, with the button."""
    meetup = _open(queries.meetup(meetup_id))
    invitation = found(queries.invitation(meetup_id, person_id))
    return _page(meetup, invitation, RevokeForm(formdata=None, state=links.state_of(invitation)))


def _open(meetup: Meetup | None) -> Meetup:
    """A meetup that can still be answered."""
    meetup = found(meetup)
    return found(meetup if meetup.is_open else None)


def _page(meetup: Meetup, invitation: Invitation, form: RevokeForm) -> Any:
    page = render_template(
        "meetups/revoke.html", meetup=meetup, invitation=invitation, person=invitation.person, form=form,
        reply=replying.of(meetup.id, invitation.person_id), answers=ANSWERS, reaches=_reaches(invitation),
    )  # fmt: skip
    return (page, 422) if form.errors else page


def _reaches(invitation: Invitation) -> bool:
    """Whether another link would do them any good."""
    return bool(invitation.person.mail and invitation.person.is_active)


@bp.post("")
@allow(*ORGANISERS)
def revoke(meetup_id: int, person_id: int) -> Any:
    """Let it open nothing any more; send another if they choose so."""
    meetup, form = _open(replying.hold(meetup_id)), RevokeForm()
    invitation = found(queries.invitation(meetup_id, person_id))
    if not form.validate_on_submit():
        return _page(meetup, invitation, form)
    if form.state.data != links.state_of(invitation):
        flash("It was revoked meanwhile: a colleague was quicker, or you pressed the button twice.", "info")
        return redirect(url_for("meetups.answers", meetup_id=meetup_id))
    fresh = form.fresh.data and _reaches(invitation)
    links.revoke(invitation=invitation, meetup=meetup, actor=viewer(), fresh=fresh)
    if fresh:
        reply = replying.of(meetup_id, person_id)
        outbox.post_many([letters.fresh_link(meetup, invitation.person, invitation, reply)])
    db.session.commit()
    flash(f"The link that {invitation.person.name} had opens nothing any more. {_after(fresh)}", "success")
    return redirect(url_for("meetups.answers", meetup_id=meetup_id))


def _after(fresh: bool) -> str:
    return "Another leaves within a minute." if fresh else "They can still answer where they are signed in."
