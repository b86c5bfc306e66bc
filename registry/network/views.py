"""Colleagues: the list of peers, everybody's page, and one's own profile."""

from collections.abc import Iterator, Sequence
from datetime import datetime, time, timedelta
from functools import lru_cache
from typing import Any, Final

from flask import Blueprint, Response, current_app, flash, redirect, render_template, request, url_for
from markupsafe import Markup

from registry import audit, outbox
from registry.accounts.platforms import OFFERED, PLATFORMS, name_of
from registry.accounts.queries import run_by, sight_of, visible_to
from registry.db import LONDON, db, today
from registry.export import download
from registry.guidelines.declining import declines_of
from registry.guidelines.queries import up_to_date
from registry.network import actions, alone, queries, vcards, voices
from registry.network.forms import ProfileForm, split
from registry.network.models import OPEN_TO_ALL, Audience, Relation, Told, VoiceState
from registry.people.guests import guests_of
from registry.people.merging import survivor_of
from registry.people.models import Guest, Person, PersonKind, PersonState
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, found, href_with, may, paging, viewer, whole

bp = Blueprint("network", __name__, url_prefix="/people")
ASK = (Relation.TOPIC, Relation.OFFER, Relation.ASK)
#: Who sees whom the register takes for alone; see ``queries.ORGANISING`` for what they see besides.
SEE_ALONE: Final = (Role.ORGANISER, Role.COMMS, Role.ADMIN)
#: Days for which somebody is new.
NEW_DAYS: Final = 31
#: Colleagues that are kept as they were shown in the list.
CARDS_KEPT: Final = 2_000
ONLY_WORDS: Final = {queries.VOICES: "Credible voices", queries.NEW: "New", queries.ALONE: "On their own"}


def audiences_here() -> tuple[Audience, ...]:
    """The audiences of profiles that the signed-in person belongs to."""
    return queries.audiences_of(viewer().id, viewer().roles)


def new_since() -> datetime:
    """The moment from which on somebody is new: the beginning of a day, so that counts can be kept for that long."""
    return datetime.combine(today() - timedelta(days=NEW_DAYS), time(), tzinfo=LONDON)


def filters_from_address() -> queries.PeerFilters:
    """What the address narrows the list of people to."""
    args, only = request.args, request.args.get("only", "")
    if only not in ONLY_WORDS or (only == queries.ALONE and not may(*SEE_ALONE)):
        only = ""
    return queries.PeerFilters(
        sight=sight_of(viewer(), viewer().roles), audiences=audiences_here(), q=args.get("q", ""),
        platform=args.get("platform", ""), team=whole(args.get("team")), topic=whole(args.get("topic")),
        offer=whole(args.get("offer")), ask=whole(args.get("ask")), place=args.get("place", ""), only=only,
        since=new_since() if only == queries.NEW else None, peers=args.get("who") != "all",
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
    topics = queries.topics_in_use(filters.audiences, filters.sight)
    return render_template(
        "network/index.html", people=_cards(people, filters), paging=pages, filters=filters, Relation=Relation,
        topics=topics, offered=OFFERED, only_words=_only_words(), new_days=NEW_DAYS,
        places=queries.places_in_use(filters.sight, filters.audiences), chosen=_chips(filters, topics),
        team_options=_team_options(filters),
    )  # fmt: skip


def _cards(people: Sequence[Person], filters: queries.PeerFilters) -> list[Markup]:
    """Colleagues as they stand in the list, with what the asker may know of each."""
    ids, start = [person.id for person in people], request.script_root
    interests, runs = queries.interests_of(ids, filters.audiences), queries.platforms_of(ids, filters.sight)
    known, guests = voices.among(ids), guests_of(people)
    cards = []
    for one in people:
        note = ", ".join(filter(None, (one.title, one.team.name if one.team else "")))
        offers, asks = (tuple(interests.get(one.id, {}).get(what, ())) for what in (Relation.OFFER, Relation.ASK))
        guest = _guest_words(guests[one.id]) if one.id in guests else ""
        cards.append(
            _card(one.id, one.name, note, one.id in known, guest, offers, asks, tuple(runs.get(one.id, ())), start)
        )
    return cards


def _guest_words(guest: Guest) -> str:
    macros: Any = current_app.jinja_env.get_template("people/guest_words.html").module
    words: Markup = macros.guest_words(guest)
    return words


@lru_cache(maxsize=CARDS_KEPT)
def _card(
    person_id: int, name: str, note: str, voice: bool, guest: str, offers: tuple[str, ...], asks: tuple[str, ...],
    runs: tuple[str, ...], _start: str,
) -> Markup:  # fmt: skip
    """One of them: what it says follows from the arguments alone, so it cannot grow stale."""
    macros: Any = current_app.jinja_env.get_template("network/peer.html").module
    href = url_for("network.person", person_id=person_id)
    card: Markup = macros.card(name, href, note, voice, guest, offers, asks, runs, PLATFORMS)
    return card


def _only_words() -> list[tuple[str, str]]:
    return [(name, words) for name, words in ONLY_WORDS.items() if name != queries.ALONE or may(*SEE_ALONE)]


def _chips(filters: queries.PeerFilters, topics: dict[Relation, list[tuple[int, str]]]) -> list[dict[str, str]]:
    """What the list is narrowed to, each with the address that takes it away."""
    teams = dict(queries.teams_with_peers(filters.sight)) if filters.team else {}
    told = {
        "q": f"“{filters.q}”" if filters.q.strip() else "",
        "platform": f"On {name_of(filters.platform)}" if filters.platform else "",
        "place": filters.place,
        "team": teams.get(filters.team, "A team without peers") if filters.team else "",
        "only": ONLY_WORDS.get(filters.only, ""),
        "who": "" if filters.peers else "Everyone who works here",
    }
    for name, relation, words in (
        ("topic", Relation.TOPIC, "Posts about"), ("offer", Relation.OFFER, "Helps with"),
        ("ask", Relation.ASK, "Asks for"),
    ):  # fmt: skip
        if (number := getattr(filters, name)) is not None:
            told[name] = f"{words} {dict(topics[relation]).get(number, 'something else')}"
    return [
        {"label": words, "remove_href": href_with(**{name: None}, page=None)} for name, words in told.items() if words
    ]


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
    return download("people", form, columns, (row for part in parts for row in _exported(part, filters)))


def _exported(people: Sequence[Person], filters: queries.PeerFilters) -> Iterator[tuple[Any, ...]]:
    ids = [one.id for one in people]
    interests, runs = queries.interests_of(ids, filters.audiences), queries.platforms_of(ids, filters.sight)
    for one in people:
        told = (", ".join(interests.get(one.id, {}).get(relation, [])) for relation in ASK)
        yield one.name, one.title, one.team.path if one.team else "", ", ".join(runs.get(one.id, [])), *told


# --- One colleague ----------------------------------------------------------------------------------------


@bp.get("/<int:person_id>")
@allow(Role.STAFF)
def person(person_id: int) -> Any:
    """A colleague: what they run, offer and ask for, and how to reach them."""
    shown = found(find_person(person_id))
    if shown.kind is PersonKind.MERGED and (kept_id := survivor_of(person_id)):
        return redirect(url_for("network.person", person_id=kept_id))
    seen, mine = visible_to(viewer(), viewer().roles), shown.id == viewer().id
    # What somebody told of themself was for colleagues; a leaver is none any more.
    here = shown.state is not PersonState.LEFT
    profile, voice = (queries.profile(person_id), voices.of(person_id)) if here else (None, None)
    audiences = tuple(Audience) if mine else audiences_here()
    return render_template(
        "network/person.html", person=shown, accounts=run_by(person_id, seen), profile=profile, mine=mine,
        told=profile.told(audiences) if profile else None, platforms=PLATFORMS, voice=voice,
        signed=person_id in up_to_date([person_id]), guest=guests_of([shown]).get(person_id),
        peers=_to_ask(person_id, seen, profile is not None) if mine else [], VoiceState=VoiceState,
        declines=declines_of(person_id) if mine or may(Role.COMMS) else (),
        is_alone=(mine or may(*SEE_ALONE)) and alone.is_alone(shown, sight_of(viewer(), viewer().roles)),
    )  # fmt: skip


def _to_ask(person_id: int, seen: Any, has_profile: bool) -> Sequence[Person]:
    audiences = queries.audiences_of(person_id, viewer().roles, has_profile=has_profile)
    return queries.could_help(person_id, seen, audiences=audiences)


@bp.get("/<int:person_id>/card.vcf")
@allow(Role.STAFF)
def card(person_id: int) -> Response:
    """A colleague for the address book of a phone: what their page shows to whoever asks."""
    shown = found(find_person(person_id))
    found(None if shown.state is PersonState.LEFT else shown)
    profile = queries.profile(person_id)
    audiences = tuple(Audience) if shown.id == viewer().id else audiences_here() if profile else OPEN_TO_ALL
    told = profile.told(audiences) if profile else Told()
    text = vcards.card(
        shown, told, organisation=current_app.config["SETTINGS"].organisation, url=outbox.link(f"/people/{shown.id}")
    )
    name = "".join(one if one.isascii() and one.isalnum() else "-" for one in shown.name).strip("-") or "colleague"
    headers = {"Content-Disposition": f'attachment; filename="{name}.vcf"'}
    return Response(text, content_type=f"{vcards.MIME}; charset=utf-8", headers=headers)


# --- One's own profile ------------------------------------------------------------------------------------


@bp.get("/me/profile")
@allow(Role.STAFF)
def edit() -> str:
    """One's own profile."""
    profile, form = queries.profile(viewer().id), ProfileForm(formdata=None)
    if profile:
        form.begin_with(profile)
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
        offers=form.all_offers, asks=split(form.asks.data), place=form.place.data, reach=form.reach.data,
        audiences=form.audiences,
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
