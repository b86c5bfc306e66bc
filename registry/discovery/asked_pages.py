"""The page that a mail of a campaign leads to: one press answers, without signing in."""

from typing import Any

from flask import Blueprint, redirect, render_template, url_for

from registry.accounts.platforms import Resolved, name_of
from registry.db import db
from registry.discovery import asked_links, campaigning, noting, telling
from registry.discovery.campaign_forms import ANSWERS, AskedForm
from registry.discovery.campaign_models import Asked, Readiness, Use
from registry.discovery.models import How
from registry.roles import Role
from registry.web import EVERYONE, allow, csrf, found, viewer

bp = Blueprint("asked", __name__, url_prefix="/asked")


@bp.get("/<token>")
@allow(EVERYONE)
def page(token: str) -> Any:
    """The question; looking answers nothing."""
    return _page(found(asked_links.asked_of(token)), token, AskedForm(formdata=None))


def _page(row: Asked, token: str, form: AskedForm) -> Any:
    page = render_template("discovery/asked.html", row=row, token=token, form=form, answers=ANSWERS, minimal=True)
    return (page, 422) if form.errors else page


@bp.post("/<token>")
@allow(EVERYONE)
def answer(token: str) -> Any:
    """Keep the answer; accounts that are named are noted, for comms or to be registered."""
    row = found(asked_links.asked_of(token))
    form = AskedForm(meta={"csrf": False})
    if not form.validate_on_submit():
        return _page(row, token, form)
    accounts: tuple[Resolved, ...] = ()
    if row.campaign.ended_at is None:
        readiness = Readiness(form.readiness.data) if form.readiness.data else None
        campaigning.answer(row=row, use=Use(form.use.data), readiness=readiness, said=form.said.data)
        accounts = telling.read(form.said.data).accounts[:5] if form.said.data else ()
        for one in accounts:
            noting.note(one, how=How.CAMPAIGN, place=f"campaign {row.campaign_id}", quote=form.said.data, by=row.person)
        db.session.commit()
    return render_template(
        "discovery/answered.html", row=row, accounts=accounts, name_of=name_of, token=token, minimal=True, Use=Use
    )


# What is in the address is the secret, and nobody is known here by a session that a token of a form could belong to.
csrf.exempt(answer)


@bp.get("/mine/<int:campaign_id>")
@allow(Role.STAFF)
def mine(campaign_id: int) -> Any:
    """From the home page: the same page, for whoever is signed in."""
    row = found(asked_links.find(campaign_id, viewer().id))
    return redirect(url_for("asked.page", token=asked_links.token_of(row)))
