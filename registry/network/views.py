"""Colleagues: the list of peers, everybody's page, and one's own profile."""

from collections.abc import Iterator, Sequence
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from markupsafe import Markup

from registry import audit
from registry.accounts.platforms import OFFERED, PLATFORMS
from registry.accounts.queries import Sight, run_by, sight_of, visible_to
from registry.db import db
from registry.export import download
from registry.guidelines.declining import declines_of
from registry.guidelines.queries import up_to_date
from registry.network import actions, queries
from registry.network.forms import ProfileForm, split
from registry.network.models import Relation
from registry.people.guests import guests_of
from registry.people.merging import survivor_of
from registry.people.models import Person, PersonKind
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, found, may, paging, viewer, whole

bp = Blueprint("network", __name__, url_prefix="/people")
ASK = (Relation.TOPIC, Relation.OFFER, Relation.ASK)


def filters_from_address() -> queries.PeerFilters:
    """What the address narrows the list of people to."""
    args = request.args
    return queries.PeerFilters(
        sight=sight_of(viewer(), viewer().roles), q=args.get("q", ""), platform=args.get("platform", ""),
        team=whole(args.get("team")), topic=whole(args.get("topic")), offer=whole(args.get("offer")),
        ask=whole(args.get("ask")), peers=args.get("who") != "all",
    )  # fmt: skip


@bp.get("")
@allow(Role.STAFF)
def index() -> Any:
    """Find colleagues who do the same work."""
    filters = filters_from_address()
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return _export(form, filters)
    pages = paging(queries.count(filters), size=30)
    people = queries.people(filters, limit=pages.size, offset=pages.offset)
    ids = [person.id for person in people]
    return render_template(
        "network/index.html", people=people, paging=pages, filters=filters, platforms=PLATFORMS, Relation=Relation,
        interests=queries.interests_of(ids), runs=queries.platforms_of(ids, filters.sight),
        topics=queries.topics_in_use(), offered=OFFERED,
        team_options=_team_options(filters), guests=guests_of(people),
    )  # fmt: skip


def _team_options(filters: queries.PeerFilters) -> Markup:
    """The teams to choose from, kept as they stand on the page: there may be thousands."""
    option = Markup('<option value="{}">{}</option>')
    options = audit.remembered(
        ("team options", filters.sight),
        lambda: Markup("").join(option.format(*team) for team in queries.teams_with_peers(filters.sight)),
    )
    chosen = f'value="{filters.team}"'
    return Markup(str.replace(options, chosen, f"{chosen} selected", 1))  # noqa: S704 - both are escaped already


def _export(form: str, filters: queries.PeerFilters) -> Any:
    people = queries.people(filters, limit=None)
    columns = ("name", "title", "team", "platforms", "topics", "offers", "asks")
    # A database takes only so many ids in one question.
    parts = (people[start : start + 5_000] for start in range(0, len(people), 5_000))
    return download("people", form, columns, (row for part in parts for row in _exported(part, filters.sight)))


def _exported(people: Sequence[Person], sight: Sight) -> Iterator[tuple[Any, ...]]:
    ids = [one.id for one in people]
    interests, runs = queries.interests_of(ids), queries.platforms_of(ids, sight)
    for one in people:
        told = (", ".join(interests.get(one.id, {}).get(relation, [])) for relation in ASK)
        yield one.name, one.title, one.team.path if one.team else "", ", ".join(runs.get(one.id, [])), *told


@bp.get("/<int:person_id>")
@allow(Role.STAFF)
def person(person_id: int) -> Any:
    """A colleague: what they run, offer and ask for, and how to reach them."""
    shown = found(find_person(person_id))
    if shown.kind is PersonKind.MERGED and (kept_id := survivor_of(person_id)):
        return redirect(url_for("network.person", person_id=kept_id))
    seen, mine = visible_to(viewer(), viewer().roles), shown.id == viewer().id
    told_why = mine or may(Role.COMMS)
    accounts = run_by(person_id, seen)
    return render_template(
        "network/person.html", person=shown, accounts=accounts, profile=queries.profile(person_id), mine=mine,
        Relation=Relation, platforms=PLATFORMS, signed=person_id in up_to_date([person_id]),
        peers=queries.could_help(person_id, seen) if mine else [], guest=guests_of([shown]).get(person_id),
        declines=declines_of(person_id) if told_why else (),
    )  # fmt: skip


@bp.get("/me/profile")
@allow(Role.STAFF)
def edit() -> str:
    """One's own profile."""
    profile = queries.profile(viewer().id)
    form = ProfileForm(formdata=None)
    if profile:
        form.about.data = profile.about
        for field, relation in (
            (form.topics, Relation.TOPIC),
            (form.offers, Relation.OFFER),
            (form.asks, Relation.ASK),
        ):
            field.data = ", ".join(one.topic.name for one in profile.interests if one.relation is relation)
    return render_template("network/edit.html", form=form, profile=profile)


@bp.post("/me/profile")
@allow(Role.STAFF)
def save() -> Any:
    """Opt in, or change what colleagues see."""
    form, profile = ProfileForm(), queries.profile(viewer().id)
    if not form.validate_on_submit():
        return render_template("network/edit.html", form=form, profile=profile), 422
    actions.keep(
        profile=profile, person=viewer(), about=form.about.data, topics=split(form.topics.data),
        offers=split(form.offers.data), asks=split(form.asks.data),
    )  # fmt: skip
    db.session.commit()
    flash("Your profile is saved. Colleagues can find you by it now.", "success")
    return redirect(url_for("network.person", person_id=viewer().id))


@bp.post("/me/profile/remove")
@allow(Role.STAFF)
def remove() -> Any:
    """Opt out: the profile is deleted at once."""
    if profile := queries.profile(viewer().id):
        actions.opt_out(profile=profile, person=viewer())
        db.session.commit()
    flash("Your profile is deleted. Colleagues still see what the staff directory says.", "success")
    return redirect(url_for("network.person", person_id=viewer().id))
