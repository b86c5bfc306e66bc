"""The catalogue page: the address becomes filters, the filters become rows, facets, chips and files."""

from dataclasses import dataclass
from typing import Any, Final

from flask import render_template, request

from registry.accounts import queries
from registry.accounts.models import Standing, State
from registry.accounts.platforms import PLATFORMS
from registry.accounts.queries import Filters
from registry.db import db
from registry.export import download
from registry.people.models import Person, Team
from registry.web import href_with, paging, sort_from, viewer, whole

STANDING_WORDS: Final = {
    Standing.OFFICIAL.value: "Official",
    Standing.SEMI_OFFICIAL.value: "Semi-official",
    Standing.PERSONAL.value: "Personal, with a role",
    Standing.PARTNER.value: "Partner",
}
STATE_WORDS: Final = {state.value: state.value.capitalize() for state in State}
SORTS: Final = tuple(queries.SORTS)
COLUMNS: Final = (
    "title", "platform", "handle", "url", "standing", "state", "owner", "deputy", "team", "review_on", "purpose",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Option:
    """One choice of a facet."""

    label: str
    count: int
    href: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class Chip:
    """One thing that the list is narrowed to, and the address without it."""

    label: str
    remove_href: str


def filters_from_address() -> Filters:
    """What the address narrows the catalogue to; what it does not understand narrows nothing."""
    args = request.args

    def known(name: str, words: Any) -> tuple[str, ...]:
        return tuple(value for value in dict.fromkeys(args.getlist(name)) if value in words)

    return Filters(
        sight=queries.sight_of(viewer(), viewer().roles),
        q=args.get("q", "").strip(),
        platform=known("platform", PLATFORMS),
        standing=known("standing", STANDING_WORDS),
        state=known("state", STATE_WORDS),
        team=tuple(team for team in map(whole, args.getlist("team")) if team is not None),
        owner=whole(args.get("owner")),
        sole=args.get("sole") == "yes",
        late=args.get("late") == "yes",
        waiting=args.get("waiting") == "yes",
    )


def page() -> Any:
    """The catalogue as a page, or as the file that the address asks for: exactly what is shown, on all its pages."""
    filters, sort = filters_from_address(), sort_from(SORTS)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        everything = queries.rows(filters, sort=sort.key, descending=sort.descending, limit=None)
        return download("accounts", form, COLUMNS, ([getattr(row, name) for name in COLUMNS] for row in everything))
    counts = queries.counts(filters)
    pages = paging(counts.total)
    teams = _team_names({*counts.team, *filters.team})
    return render_template(
        "accounts/results.html" if "HX-Request" in request.headers else "accounts/index.html",
        accounts=queries.rows(
            filters, sort=sort.key, descending=sort.descending, limit=pages.size, offset=pages.offset
        ),
        filters=filters, paging=pages, sort=sort, platforms=PLATFORMS, facets=_facets(filters, counts, teams),
        chips=_chips(filters, teams), standing_words=STANDING_WORDS,
    )  # fmt: skip


def _facets(filters: Filters, counts: queries.Counts, teams: dict[int, str]) -> list[tuple[str, list[Option]]]:
    platforms = {slug: PLATFORMS[slug].name for slug in PLATFORMS if slug in counts.platform}
    return [
        ("Platform", _options("platform", platforms, counts.platform, filters.platform)),
        ("State", _options("state", STATE_WORDS, counts.state, filters.state)),
        ("Standing", _options("standing", STANDING_WORDS, counts.standing, filters.standing)),
        (
            "Team",
            _options("team", {team: teams.get(team, "") for team in counts.team}, counts.team, filters.team),
        ),
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


def _chips(filters: Filters, teams: dict[int, str]) -> list[Chip]:
    found = [Chip(f"“{filters.q}”", href_with(q=None, page=None))] if filters.q else []
    platforms = {slug: one.name for slug, one in PLATFORMS.items()}
    labels: tuple[tuple[str, dict[Any, str]], ...] = (
        ("platform", platforms), ("state", STATE_WORDS), ("standing", STANDING_WORDS), ("team", teams),
    )  # fmt: skip
    for name, words in labels:
        chosen = getattr(filters, name)
        found += [Chip(words.get(value, str(value)), _toggled(name, value, chosen)) for value in chosen]
    if filters.owner is not None:
        owner = db.session.get(Person, filters.owner)
        found.append(Chip(f"Run by {owner.name if owner else 'somebody unknown'}", href_with(owner=None, page=None)))
    for name, label in (
        ("sole", "Nobody to take over"),
        ("late", "Overdue for review"),
        ("waiting", "Waits for comms"),
    ):
        if getattr(filters, name):
            found.append(Chip(label, href_with(**{name: None, "page": None})))
    return found


def _team_names(team_ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(Team.__table__.select().where(Team.id.in_(team_ids)).order_by(Team.name, Team.id))
    return {row.id: row.name for row in rows}
