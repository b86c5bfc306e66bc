"""The page for comms with all about who answers: narrowed, counted, and taken along as a file."""

from typing import Any

from flask import Blueprint, render_template, request

from registry.accounts.answering import matters
from registry.accounts.answering.matters import LABELS, TONES, Matter, Narrowed
from registry.accounts.catalogue_facets import Chip, Option
from registry.accounts.platforms import PLATFORMS, name_of
from registry.accounts.queries import sight_of
from registry.db import db
from registry.export import download
from registry.people.models import Team
from registry.roles import Role
from registry.web import allow, href_with, paging, viewer, whole

bp = Blueprint("matters", __name__, url_prefix="/accounts")


@bp.get("/answering")
@allow(Role.COMMS, Role.AUDITOR, Role.ADMIN)
def index() -> Any:
    """What waits about who answers, and what may go wrong: as a page, or as the file that the address asks for."""
    narrowed = _narrowed()
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        everything = matters.rows(narrowed, limit=None)
        return download("who-answers", form, matters.COLUMNS, (matters.cells(row, narrowed) for row in everything))
    counts = matters.counts(narrowed)
    pages, teams = paging(counts.total), _team_names({*counts.team, *narrowed.team})
    return render_template(
        "accounts/answering/index.html", rows=matters.rows(narrowed, limit=pages.size, offset=pages.offset),
        paging=pages, facets=_facets(narrowed, counts, teams), chips=_chips(narrowed, teams), platforms=PLATFORMS,
        matters_of=matters.matters_of, narrowed=narrowed, labels=LABELS, tones=TONES, Matter=Matter,
    )  # fmt: skip


def _narrowed() -> Narrowed:
    args = request.args
    known = {one.value: one for one in Matter}
    return Narrowed(
        matter=tuple(known[one] for one in dict.fromkeys(args.getlist("matter")) if one in known),
        platform=tuple(one for one in dict.fromkeys(args.getlist("platform")) if one in PLATFORMS),
        team=tuple(dict.fromkeys(one for one in map(whole, args.getlist("team")) if one is not None)),
        sight=sight_of(viewer(), viewer().roles),
    )


def _facets(narrowed: Narrowed, counts: matters.Counted, teams: dict[int, str]) -> list[tuple[str, list[Option]]]:
    platforms = {slug: name_of(slug) for slug in counts.platform}
    return [
        ("What it is", _options("matter", dict(LABELS), dict(counts.matter), narrowed.matter)),
        ("Platform", _options("platform", platforms, dict(counts.platform), narrowed.platform)),
        ("Team", _options("team", {one: teams.get(one, "") for one in counts.team}, dict(counts.team), narrowed.team)),
    ]


def _options(name: str, labels: dict[Any, str], counts: dict[Any, int], chosen: tuple[Any, ...]) -> list[Option]:
    return [
        Option(label, counts.get(value, 0), _toggled(name, value, chosen), value in chosen)
        for value, label in labels.items()
        if counts.get(value) or value in chosen
    ]


def _toggled(name: str, value: Any, chosen: tuple[Any, ...]) -> str:
    left = [one for one in chosen if one != value] if value in chosen else [*chosen, value]
    return href_with(**{name: left, "page": None, "format": None})


def _chips(narrowed: Narrowed, teams: dict[int, str]) -> list[Chip]:
    platforms = {slug: one.name for slug, one in PLATFORMS.items()}
    labels: tuple[tuple[str, dict[Any, str]], ...] = (
        ("matter", dict(LABELS)), ("platform", platforms), ("team", teams),
    )  # fmt: skip
    return [
        Chip(words.get(value, str(value)), _toggled(name, value, getattr(narrowed, name)))
        for name, words in labels
        for value in getattr(narrowed, name)
    ]


def _team_names(team_ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(Team.__table__.select().where(Team.id.in_(team_ids)).order_by(Team.name, Team.id))
    return {row.id: row.name for row in rows}
