"""The pages of drop-in slots with the comms team."""

from itertools import groupby
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.calendar_files import downloaded
from registry.db import LONDON, db, now
from registry.network import drop_in_files, drop_ins
from registry.network.models import DropIn
from registry.network.peer_forms import BookForm, SlotsForm
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, day, found, may, moment, viewer

bp = Blueprint("drop_ins", __name__, url_prefix="/people/drop-ins")


@bp.get("")
@allow(Role.STAFF)
def index() -> str:
    """The slots to come: those that are free, and one's own."""
    slots = drop_ins.upcoming(viewer().id, everyones=may(Role.COMMS))
    days = [(name, list(some)) for name, some in groupby(map(_told, slots), key=lambda told: told[0])]
    return render_template(
        "network/drop_ins.html", now=now(), days=[(name, [told[1:] for told in some]) for name, some in days]
    )


def _told(slot: DropIn) -> tuple[str, str, DropIn]:
    """The day and the time of a slot in words, and the slot."""
    at = slot.starts_at.astimezone(LONDON)
    return f"{at:%A}, {day(slot.starts_at)}", f"{at:%H:%M}", slot


@bp.get("/new")
@allow(Role.COMMS)
def new() -> str:
    """Offer slots."""
    return render_template("network/drop_in_new.html", form=SlotsForm(formdata=None, slots="4", minutes="15"))


@bp.post("/new")
@allow(Role.COMMS)
def make() -> Any:
    """They can be booked from now on."""
    form = SlotsForm()
    if not form.validate_on_submit():
        return render_template("network/drop_in_new.html", form=form), 422
    host = found(find_person(viewer().id))
    try:
        made = drop_ins.make(
            host=host, first=form.starts_at, minutes=int(form.minutes.data or 15), slots=int(form.slots.data or 1),
            place=form.place.data, actor=viewer(),
        )  # fmt: skip
    except drop_ins.Overlaps:
        form.fail(form.first, "You have a slot at that time already.")
        return render_template("network/drop_in_new.html", form=form), 422
    db.session.commit()
    many = f"{len(made)} slots are offered, the first" if len(made) > 1 else "One slot is offered,"
    flash(f"{many} on {moment(made[0].starts_at)}.", "success")
    return redirect(url_for("drop_ins.index"))


@bp.get("/<int:slot_id>")
@allow(Role.STAFF)
def page(slot_id: int) -> Any:
    """A slot: to book, or to cancel."""
    slot = found(drop_ins.slot(slot_id))
    return _taken() if _is_anothers(slot) else _page(slot, BookForm(formdata=None))


def _is_anothers(slot: DropIn) -> bool:
    """Whether a colleague has booked a slot, which is all that anybody else is told of it; comms see all."""
    return slot.booked_by_id is not None and not (may(Role.COMMS) or viewer().id in (slot.booked_by_id, slot.host_id))


def _nothing_to_book(slot: DropIn) -> Any:
    """Where to go with a slot that a colleague has booked, or oneself: the button was pressed twice."""
    if viewer().id == slot.booked_by_id:
        return redirect(url_for("drop_ins.page", slot_id=slot.id))
    return _taken() if _is_anothers(slot) else None


def _taken() -> Any:
    flash("A colleague was quicker, or it is over. Choose another slot.", "error")
    return redirect(url_for("drop_ins.index"))


def _page(slot: DropIn, form: BookForm) -> str:
    return render_template(
        "network/drop_in.html", slot=slot, form=form, over=slot.starts_at <= now(),
        mine=viewer().id == slot.booked_by_id, hosts=viewer().id == slot.host_id,
    )  # fmt: skip


@bp.post("/<int:slot_id>")
@allow(Role.STAFF)
def book(slot_id: int) -> Any:
    """Take it; of two who do at once, one gets it and the other is told."""
    slot, form, me = found(drop_ins.slot(slot_id)), BookForm(), found(find_person(viewer().id))
    if elsewhere := _nothing_to_book(slot):
        return elsewhere
    if not form.validate_on_submit():
        return _page(slot, form), 422
    try:
        drop_ins.book(slot=slot, person=me, about=form.about.data)
    except drop_ins.Taken:
        return _taken()
    except drop_ins.HasOne:
        flash("You have a slot already. Cancel it first, or keep it: others would like one, too.", "error")
        return redirect(url_for("drop_ins.index"))
    db.session.commit()
    how = "Both of you get a mail with a file for your calendars." if me.mail else "It is on your home page, too."
    flash(f"Yours: {moment(slot.starts_at)}, with {slot.host.name}. {how}", "success")
    return redirect(url_for("drop_ins.page", slot_id=slot_id))


@bp.get("/<int:slot_id>.ics")
@allow(Role.STAFF)
def file(slot_id: int) -> Any:
    """A booked slot as a file to keep, for its two people."""
    slot = found(drop_ins.slot(slot_id))
    me = {one.id: one for one in (slot.host, slot.booked_by) if one and slot.booked_by}.get(viewer().id)
    return downloaded(drop_in_files.published(slot, found(me)), f"drop-in-{slot_id}")


@bp.post("/<int:slot_id>/cancel")
@allow(Role.STAFF)
def cancel(slot_id: int) -> Any:
    """Whoever booked it, its host or comms free it again; ``slot`` in the form takes it back altogether."""
    slot = found(drop_ins.slot(slot_id))
    found(None if _is_anothers(slot) else slot)
    withdrawing, of = request.form.get("slot") == "withdraw", request.form.get("of")
    if of is not None and of != str(slot.booked_by_id or ""):
        flash("Nothing was cancelled: it has changed since you looked. See below.", "error")
        return redirect(url_for("drop_ins.page", slot_id=slot_id))
    if not ButtonForm().validate_on_submit() or slot.starts_at <= now() or not _may_cancel(slot, withdrawing):
        flash("Nothing was cancelled: it is not yours, or it is over.", "error")
        return redirect(url_for("drop_ins.index"))
    if withdrawing:
        drop_ins.withdraw(slot=slot, actor=viewer())
    else:
        drop_ins.cancel(slot=slot, actor=viewer())
    db.session.commit()
    flash("The slot is no more." if withdrawing else "Cancelled. The slot is free for a colleague.", "success")
    return redirect(url_for("drop_ins.index"))


def _may_cancel(slot: DropIn, withdrawing: bool) -> bool:
    host = may(Role.COMMS) or viewer().id == slot.host_id
    return host or (not withdrawing and viewer().id == slot.booked_by_id)
