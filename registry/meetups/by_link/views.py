"""The page behind the link in an invitation: what it is about, and four buttons.

The address is the secret: who does not know it can send no form here in somebody's name, so there is no other token,
and no cookie. What scans mail opens links, so a GET writes nothing. Nobody but the person that it is for is named.
"""

from typing import Any, Final

from flask import Blueprint, Response, abort, redirect, render_template, request, url_for

from registry.db import db
from registry.meetups import queries, replying
from registry.meetups.by_link import links
from registry.meetups.calendars import ical, telling
from registry.meetups.models import Answer, Invitation, MeetupState, Way
from registry.web import LINK, allow, csrf, error_page, found

bp = Blueprint("by_link", __name__, url_prefix="/answer")
#: The same whether it was cut short, made up or revoked, and where its person has left.
NOTHING: Final = (
    "This link opens nothing",
    "It may have been cut short in the mail, or it is no longer good. Sign in to see the meetups and to answer.",
)


@bp.after_request
def keep_to_oneself(answer: Response) -> Response:
    """The address goes to no other site, into no cache and into no search engine."""
    answer.headers["Referrer-Policy"] = "no-referrer"
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    return answer


@bp.get("/<token>")
@allow(LINK)
def page(token: str) -> Any:
    """The meetup, and what the person who is invited has said to it."""
    invitation = links.opened_by(token)
    return _page(invitation, token) if invitation else error_page(404, *NOTHING)


def _page(invitation: Invitation, token: str, status: int = 200) -> Any:
    meetup, person = invitation.meetup, invitation.person
    reply = replying.of(meetup.id, person.id)
    taken = replying.seats_taken(meetup.id)
    return render_template(
        "meetups/answer.html", meetup=meetup, called=person.called, said=reply.said if reply else "", token=token,
        free=None if meetup.capacity is None else max(0, meetup.capacity - taken),
        place_in_line=queries.place_in_line(reply) if reply and reply.waits else 0, minimal=True,
    ), status  # fmt: skip


@bp.post("/<token>")
@csrf.exempt  # type: ignore[untyped-decorator]
@allow(LINK)
def answer(token: str) -> Any:
    """Keep what they say; the page then tells what happens next."""
    if (invitation := links.opened_by(token)) is None:
        return error_page(404, *NOTHING)
    if (said := request.form.get("answer", "")) not in {one.value for one in Answer}:
        abort(400)
    meetup, person = found(replying.hold(invitation.meetup_id)), invitation.person
    if links.opened_by(token) is None:  # It was revoked while this waited.
        return error_page(404, *NOTHING)
    try:
        reply, moved_up = replying.answer(meetup=meetup, person=person, answer=Answer(said), way=Way.LINK)
    except replying.NotOpen:
        db.session.rollback()
        return _page(found(links.opened_by(token)), token, 409)
    telling.moved_up(moved_up)
    telling.answered(reply)
    db.session.commit()
    return redirect(url_for("by_link.page", token=token), 303)


@bp.get("/<token>/meetup.ics")
@allow(LINK)
def file(token: str) -> Any:
    """The meetup as a file for their calendar."""
    if (invitation := links.opened_by(token)) is None:
        return error_page(404, *NOTHING)
    meetup = invitation.meetup
    reply = replying.of(meetup.id, invitation.person_id)
    if meetup.state is MeetupState.CANCELLED:
        return ical.removal(meetup, invitation.person, reply)
    return ical.download(meetup, reply.said if reply else "", links.address_of(invitation))
