"""Meetups for calendar programs: one as a file, all of somebody's as a feed, and the page on which they revoke it."""

from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, url_for

from registry import outbox
from registry.accounts.forms import ButtonForm
from registry.calendar_files import MIMETYPE
from registry.db import db
from registry.meetups import queries, replying
from registry.meetups.by_link import links
from registry.meetups.calendars import feeds, ical
from registry.roles import Role
from registry.web import LINK, allow, error_page, found, viewer

bp = Blueprint("calendars", __name__)


@bp.get("/meetups/calendar")
@allow(Role.STAFF)
def page() -> Any:
    """Whether somebody has a feed, and how to revoke what leads to their meetups."""
    return render_template("meetups/calendar.html", feed=feeds.of(viewer().id))


@bp.post("/meetups/calendar")
@allow(Role.STAFF)
def make() -> Any:
    """Make the address of a feed and show it, this once."""
    if not ButtonForm().validate_on_submit():
        return redirect(url_for("calendars.page"))
    address = outbox.link(url_for("calendars.feed", token=feeds.make(viewer().id)))
    db.session.commit()
    webcal = "webcal://" + address.partition("://")[2]
    return render_template("meetups/calendar_made.html", address=address, webcal=webcal)


@bp.post("/meetups/calendar/revoke")
@allow(Role.STAFF)
def revoke() -> Any:
    """Let the address of the feed open nothing any more."""
    if ButtonForm().validate_on_submit():
        feeds.revoke(viewer().id)
        db.session.commit()
        flash("The address of your calendar opens nothing any more. What programs have read they keep.", "success")
    return redirect(url_for("calendars.page"))


@bp.post("/meetups/calendar/links")
@allow(Role.STAFF)
def renew_links() -> Any:
    """Let the links in invitations that somebody has had open nothing any more."""
    if ButtonForm().validate_on_submit():
        links.renew(viewer().id)
        db.session.commit()
        flash("The links in the invitations that you have open nothing any more. Those in later mails will.", "success")
    return redirect(url_for("calendars.page"))


@bp.get("/meetups/<int:meetup_id>.ics")
@allow(Role.STAFF)
def file(meetup_id: int) -> Any:
    """A meetup as a file to keep."""
    meetup = found(queries.meetup(meetup_id))
    reply = replying.of(meetup.id, viewer().id)
    return ical.download(meetup, reply.said if reply else "")


@bp.get("/calendar/<token>.ics")
@allow(LINK)
def feed(token: str) -> Any:
    """Somebody's meetups, for their calendar program to read again and again; nothing new is sent twice."""
    if (one := feeds.opened_by(token)) is None:
        return error_page(404, "This address opens nothing", "It was revoked, or cut short. Sign in to make another.")
    answer = Response(feeds.file_of(one), content_type=MIMETYPE)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Referrer-Policy"], answer.headers["X-Robots-Tag"] = "no-referrer", "noindex, nofollow"
    answer.add_etag()  # No Last-Modified: whoever moves up from the list, say, leaves no date behind.
    return answer.make_conditional(request)
