""" "Is this yours?": the page for whoever was asked."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.accounts.platforms import PLATFORMS, name_of
from registry.db import db
from registry.discovery import actions, letters, queries
from registry.discovery.forms import YoursForm
from registry.discovery.models import WAITING, Claim, ClaimAnswer, Sighting
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, found, viewer

bp = Blueprint("claims", __name__, url_prefix="/discover/yours")


def _asked(sighting_id: int) -> tuple[Claim, Sighting]:
    """What the signed-in person was asked; nobody else's questions."""
    claim = found(actions.claim_of(sighting_id, viewer().id))
    return claim, found(queries.sighting(sighting_id))


@bp.get("/<int:sighting_id>")
@allow(Role.STAFF)
def page(sighting_id: int) -> Any:
    """The account, and three answers."""
    claim, sighting = _asked(sighting_id)
    return _page(claim, sighting, YoursForm(formdata=None))


def _page(claim: Claim, sighting: Sighting, form: YoursForm) -> Any:
    page = render_template(
        "discovery/yours.html", claim=claim, sighting=sighting, form=form, name_of=name_of, platforms=PLATFORMS,
        account=queries.registered_as(sighting), register_link=letters.register_link(sighting),
        waits=sighting.state in WAITING,
    )  # fmt: skip
    return (page, 422) if form.errors else page


@bp.post("/<int:sighting_id>")
@allow(Role.STAFF)
def answer(sighting_id: int) -> Any:
    """Yes leads to registering it, filled in; no and a colleague's go back to comms, or on to them."""
    (claim, sighting), form = _asked(sighting_id), YoursForm()
    # Pressed twice, or in two windows: the first answer counts. What was settled meanwhile is not asked about.
    if claim.answer is not None or sighting.state not in WAITING:
        return redirect(_after(claim, sighting))
    valid = form.validate_on_submit()
    said = ClaimAnswer(form.answer.data) if valid else None
    if said is ClaimAnswer.COLLEAGUE and form.colleague.person is None:
        form.fail(form.colleague, "Enter which colleague runs it.")
    if not valid or form.errors or said is None:
        return _page(claim, sighting, form)
    me = found(find_person(viewer().id))
    asked = actions.answer(claim=claim, sighting=sighting, person=me, answer=said, colleague=form.colleague.person)
    db.session.commit()
    if said is not ClaimAnswer.YES:
        flash("Thank you. We ask them." if asked else "Thank you for saying so.", "success")
    return redirect(_after(claim, sighting))


def _after(claim: Claim, sighting: Sighting) -> str:
    """Where an answer leads: a yes to the form that registers the account."""
    return letters.register_link(sighting) if claim.answer is ClaimAnswer.YES else url_for("home.page")
