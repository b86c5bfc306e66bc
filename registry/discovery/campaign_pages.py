"""Asking the teams: writing the question, asking, seeing what they say."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.db import db
from registry.discovery import campaigning, coverage
from registry.discovery.campaign_forms import BeginForm, CampaignForm
from registry.discovery.campaign_models import Asked, Campaign
from registry.export import download
from registry.people.guests import team_paths
from registry.roles import Role
from registry.web import allow, found, viewer, whole

bp = Blueprint("campaigns", __name__, url_prefix="/discover/campaigns")
COLUMNS: Final = ("name", "title", "team", "mail", "uses", "readiness", "said", "answered_at")


@bp.get("")
@allow(Role.COMMS)
def index() -> str:
    """Every question that was put."""
    return render_template("discovery/campaigns.html", campaigns=coverage.campaigns())


@bp.get("/new")
@allow(Role.COMMS)
def new() -> Any:
    """Write a question, with words that are kind to begin with."""
    team = request.args.get("team", "")
    title = "Do you use social media for work?"
    return _form_page(CampaignForm(formdata=None, title=title, text=campaigning.TEXT, team=team))


def _form_page(form: CampaignForm) -> Any:
    page = render_template("discovery/campaign_form.html", form=form, teams=team_paths())
    return (page, 422) if form.errors else page


@bp.post("/new")
@allow(Role.COMMS)
def create() -> Any:
    """Keep it; nobody is asked yet."""
    form = CampaignForm()
    if not form.validate_on_submit():
        return _form_page(form)
    campaign = campaigning.make(actor=viewer(), title=form.title.data, text=form.text.data, team=form.team.team)
    db.session.commit()
    return redirect(url_for("campaigns.page", campaign_id=campaign.id))


@bp.get("/<int:campaign_id>")
@allow(Role.COMMS)
def page(campaign_id: int) -> Any:
    """Before: whom it would ask, and the mail. Afterwards: who answered, the willing first."""
    campaign = found(coverage.campaign(campaign_id))
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        rows = (_row(one) for one in coverage.said(campaign_id, limit=None))
        return download(f"campaign-{campaign_id}", form, COLUMNS, rows)
    return _page(campaign)


def _page(campaign: Campaign) -> str:
    begun = campaign.begun_at is not None
    return render_template(
        "discovery/campaign.html", campaign=campaign, count=0 if begun else campaigning.how_many(campaign),
        answers=coverage.answers(campaign.id), said=coverage.said(campaign.id, limit=100) if begun else (),
    )  # fmt: skip


def _row(one: Asked) -> tuple[Any, ...]:
    person = one.person
    return (
        person.name, person.title, person.team.path if person.team else "", person.mail,
        one.use.value if one.use else "", one.readiness.value if one.readiness else "", one.said, one.answered_at,
    )  # fmt: skip


@bp.post("/<int:campaign_id>/begin")
@allow(Role.COMMS)
def begin(campaign_id: int) -> Any:
    """Ask them; the number that was shown has to be the one there is."""
    campaign, form = found(coverage.campaign(campaign_id)), BeginForm()
    if form.validate_on_submit():
        try:
            campaigning.begin(campaign=campaign, actor=viewer(), count=whole(form.count.data) or 0)
        except campaigning.ChangedMeanwhile as error:
            people = "1 person" if error.count == 1 else f"{error.count:,} people"
            flash(f"Meanwhile it would reach {people}. Look again, then ask.", "error")
        else:
            db.session.commit()
            flash("The mails leave within the next minutes. You may close this page.", "success")
    return redirect(url_for("campaigns.page", campaign_id=campaign_id))


@bp.post("/<int:campaign_id>/end")
@allow(Role.COMMS)
def end(campaign_id: int) -> Any:
    """Take no more answers."""
    campaign = found(coverage.campaign(campaign_id))
    if ButtonForm().validate_on_submit() and campaign.ended_at is None:
        campaigning.end(campaign=campaign, actor=viewer())
        db.session.commit()
        flash("It has ended. Nobody is reminded any more.", "success")
    return redirect(url_for("campaigns.page", campaign_id=campaign_id))
