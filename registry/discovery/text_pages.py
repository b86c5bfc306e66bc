"""Looking through a text for accounts: what stands in it, whose each may be, and which of it to keep."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.accounts.platforms import name_of
from registry.db import db
from registry.discovery import keeping, reading
from registry.discovery.text_forms import LookForm, picks
from registry.roles import Role
from registry.web import allow, viewer

bp = Blueprint("texts", __name__, url_prefix="/discover/text")
#: Accounts of one text that are shown at once.
MOST: Final = 100


@bp.get("")
@allow(Role.COMMS)
def page() -> Any:
    """Where a text is pasted, or a file chosen."""
    return render_template("discovery/text.html", form=LookForm(formdata=None))


@bp.post("")
@allow(Role.COMMS)
def look() -> Any:
    """What stands in it. Nothing is kept yet."""
    form = LookForm()
    text = form.words(request.files.get("file")) if form.validate_on_submit() else ""
    if form.errors:
        return render_template("discovery/text.html", form=form), 422
    read = reading.read(text, form.platform.data or "")
    found = keeping.look(read.accounts[:MOST])
    return render_template(
        "discovery/text_found.html", found=found, left_open=read.left_open[:MOST], name_of=name_of,
        more=max(0, len(read.accounts) - MOST), ticks=[one for one in found if one.is_new],
    )  # fmt: skip


@bp.post("/keep")
@allow(Role.COMMS)
def keep() -> Any:
    """Keep what was ticked, and ask whom was chosen."""
    if ButtonForm().validate_on_submit():
        new, asked = keeping.keep(picks(request.form, MOST), actor=viewer())
        db.session.commit()
        told = f"{new} new sighting{'' if new == 1 else 's'}"
        flash(f"{told}, {asked} colleague{'' if asked == 1 else 's'} asked. The text itself was not kept.", "success")
    return redirect(url_for("discovery.index"))
