"""At the door: who is there, by a tick or by a code; and thanks afterwards."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from markupsafe import Markup

from registry import outbox
from registry.accounts.forms import ButtonForm
from registry.db import db
from registry.meetups import queries as meetups
from registry.meetups import replying
from registry.meetups.around import attending
from registry.meetups.around.forms import ThanksForm, WalkInForm
from registry.meetups.models import Meetup, MeetupState, Way
from registry.meetups.views import ORGANISERS
from registry.people.models import Person
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, found, may, viewer

bp = Blueprint("door", __name__, url_prefix="/meetups/<int:meetup_id>")


def _led(meetup_id: int) -> Meetup:
    """The meetup, for an organiser or whoever leads it; not one that was called off."""
    meetup = found(meetups.meetup(meetup_id))
    mine = may(*ORGANISERS) or meetup.leader_id == viewer().id
    return found(meetup if mine and meetup.state is MeetupState.PLANNED else None)


@bp.get("/door")
@allow(Role.STAFF)
def page(meetup_id: int) -> Any:
    """Who is there: one tick each, and a code for phones."""
    return _page(_led(meetup_id), WalkInForm(formdata=None))


def _page(meetup: Meetup, form: WalkInForm) -> Any:
    address = outbox.link(f"/meetups/{meetup.id}/here/{attending.code_of(meetup)}")
    page = render_template(
        "meetups/door.html", meetup=meetup, form=form, replies=attending.may_be_there(meetup.id), address=address,
        picture=_picture(address), there=attending.there(meetup.id),
    )  # fmt: skip
    return (page, 422) if form.errors else page


def _picture(address: str) -> Markup:
    """The address as a QR code, an SVG that needs no style."""
    import segno

    drawn = segno.make(address, error="m").svg_inline(scale=6, border=4, dark="#000", light="#fff", omitsize=True)
    return Markup(drawn)  # noqa: S704 - made of numbers by segno


@bp.post("/door/<int:person_id>/<any(came, missing):how>")
@allow(Role.STAFF)
def tick(meetup_id: int, person_id: int, how: str) -> Any:
    """Tick somebody, or take the tick back."""
    replying.hold(meetup_id)
    meetup, person = _led(meetup_id), found(find_person(person_id))
    if ButtonForm().validate_on_submit() and replying.of(meetup_id, person_id):
        if how == "came":
            _note(meetup, person)
        else:
            attending.did_not_come(meetup=meetup, person_id=person_id)
        db.session.commit()
    return redirect(url_for("door.page", meetup_id=meetup_id, _anchor=f"person-{person_id}"))


def _note(meetup: Meetup, person: Person) -> bool:
    """Note that somebody is there; says so where it is too early."""
    try:
        attending.came(meetup=meetup, person=person, way=Way.ORGANISER)
    except attending.DoorsClosed:
        flash("Nobody can be there yet: tick names from 45 minutes before it begins.", "error")
        return False
    return True


@bp.post("/door")
@allow(Role.STAFF)
def walk_in(meetup_id: int) -> Any:
    """Somebody is here who had not said so."""
    replying.hold(meetup_id)
    meetup, form = _led(meetup_id), WalkInForm()
    if not form.validate_on_submit() or form.person.person is None:
        return _page(meetup, form)
    if _note(meetup, form.person.person):
        db.session.commit()
        flash(f"{form.person.person.name} is here.", "success")
    return redirect(url_for("door.page", meetup_id=meetup_id))


@bp.get("/here/<code>")
@allow(Role.STAFF)
def here(meetup_id: int, code: str) -> str:
    """Where the code at the door leads: one button says that you are here."""
    meetup = _of_code(meetup_id, code)
    return render_template(
        "meetups/here.html", meetup=meetup, code=code, open=attending.doors_are_open(meetup),
        reply=replying.of(meetup_id, viewer().id),
    )  # fmt: skip


def _of_code(meetup_id: int, code: str) -> Meetup:
    meetup = found(meetups.meetup(meetup_id))
    return found(meetup if code.isascii() and attending.is_code_of(meetup, code) else None)


@bp.post("/here/<code>")
@allow(Role.STAFF)
def say_here(meetup_id: int, code: str) -> Any:
    """You are here."""
    replying.hold(meetup_id)
    meetup = _of_code(meetup_id, code)
    if ButtonForm().validate_on_submit():
        try:
            attending.came(meetup=meetup, person=viewer(), way=Way.APP)
        except attending.DoorsClosed:
            flash("This counts from 45 minutes before it begins until two hours after its end.", "error")
        else:
            db.session.commit()
            flash("Good to have you here.", "success")
    return redirect(url_for("meetups.page", meetup_id=meetup_id))


@bp.get("/thanks")
@allow(*ORGANISERS)
def thanks(meetup_id: int) -> Any:
    """Thank those who came."""
    return _thanks_page(_over(meetup_id), ThanksForm(formdata=None))


def _over(meetup_id: int) -> Meetup:
    """A meetup that is over."""
    meetup = _led(meetup_id)
    return found(meetup if meetup.is_over else None)


def _thanks_page(meetup: Meetup, form: ThanksForm) -> Any:
    page = render_template(
        "meetups/thanks.html", meetup=meetup, form=form, there=attending.there(meetup.id), coming=meetups.next_one()
    )
    return (page, 422) if form.errors else page


@bp.post("/thanks")
@allow(*ORGANISERS)
def thank(meetup_id: int) -> Any:
    """Write to them, once: two who press at the same moment come one after the other."""
    replying.hold(meetup_id)
    meetup, form = _over(meetup_id), ThanksForm()
    if not form.validate_on_submit():
        return _thanks_page(meetup, form)
    if not attending.there(meetup_id):
        flash("Nobody is noted as being there, so nobody was thanked. Tick who was there first.", "error")
    elif meetup.thanked_at is not None:
        flash("They have been thanked before, so nobody is written to again.", "error")
    else:
        mails = attending.thank(meetup=meetup, actor=viewer(), what_next=form.what_next.data, coming=meetups.next_one())
        db.session.commit()
        flash(f"Thank you. {mails} mail{'' if mails == 1 else 's'} leave within a minute.", "success")
    return redirect(url_for("meetups.page", meetup_id=meetup_id))
