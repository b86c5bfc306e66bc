"""Choosing how often the digest comes, and ending it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.db import db, now
from registry.digest import actions, links
from registry.digest.gathering import OLDEST, gather
from registry.digest.models import DigestChoice, Often
from registry.fields import Form, choice_field
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import EVERYONE, allow, csrf, error_page, viewer

bp = Blueprint("digest", __name__, url_prefix="/digest")
NEVER = "never"


class OftenForm(Form):
    """How often."""

    often = choice_field(
        "How often would you like it?",
        [
            (Often.WEEKLY.value, "Each week, on Monday"),
            (Often.MONTHLY.value, "Each month, on its first Monday"),
            (NEVER, "Not at all"),
        ],
        need="Choose how often.",
    )


@bp.get("")
@allow(Role.STAFF)
def page() -> Any:
    """What the next digest would say, and how often it comes."""
    choice = db.session.get(DigestChoice, viewer().id)
    return _page(OftenForm(formdata=None, often=choice.often.value if choice else NEVER), choice)


def _page(form: OftenForm, choice: DigestChoice | None) -> Any:
    since = choice.since_at if choice else now() - OLDEST / 2
    digest = gather(since, choice.often if choice else Often.MONTHLY)
    page = render_template("digest/page.html", form=form, choice=choice, digest=digest, has_mail=_has_mail())
    return (page, 422) if form.errors else page


def _has_mail() -> bool:
    me = find_person(viewer().id)
    return bool(me and me.mail)


@bp.post("")
@allow(Role.STAFF)
def choose() -> Any:
    """Have it so often."""
    form = OftenForm()
    if not form.validate_on_submit():
        return _page(form, db.session.get(DigestChoice, viewer().id))
    often = None if form.often.data == NEVER else Often(form.often.data)
    actions.choose(person=viewer(), often=often)
    db.session.commit()
    flash("You get the digest no more." if often is None else "Saved. Nothing new, no mail.", "success")
    return redirect(url_for("digest.page"))


@bp.get("/stop/<token>")
@allow(EVERYONE)
def stop(token: str) -> Any:
    """End it with one button, without signing in."""
    if (choice := links.choice_of(token)) is None:
        return error_page(404, "This link ends nothing", "The digest was ended already, or the link was cut short.")
    return render_template("digest/stop.html", choice=choice, token=token, minimal=True)


@bp.post("/stop/<token>")
@allow(EVERYONE)
def stopped(token: str) -> Any:
    """It is ended."""
    choice = links.choice_of(token)
    if choice is not None:
        db.session.delete(choice)
        db.session.commit()
    return render_template("digest/stopped.html", minimal=True)


# Mail programs press this by themselves (RFC 8058), without a page before; what is in the address is the secret.
csrf.exempt(stopped)
