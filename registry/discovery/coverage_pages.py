"""Coverage: teams by accounts and answers, the trend, and what to do next."""

from typing import Any, Final

from flask import Blueprint, render_template, request

from registry.discovery import coverage, queries
from registry.discovery.models import WAITING
from registry.discovery.sweeping import queries as sweeps
from registry.export import download
from registry.roles import Role
from registry.web import allow

bp = Blueprint("coverage", __name__, url_prefix="/discover/coverage")
COLUMNS: Final = ("team", "people", "accounts", "asked", "answered", "use_social_media", "willing", "next")


@bp.get("")
@allow(Role.COMMS)
def page() -> Any:
    """Who has been asked, who answered, who registered."""
    teams = coverage.teams()
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        rows = (
            (one.path, one.people, one.accounts, one.asked, one.answered, one.use, one.willing, one.next_step)
            for one in teams
        )
        return download("coverage", form, COLUMNS, rows)
    counts, last = queries.counts(), sweeps.last_done()
    return render_template(
        "discovery/coverage.html", teams=teams, trend=coverage.trend(),
        last=last, found=sweeps.counts(last.id) if last else {},
        waiting=sum(counts.get(state, 0) for state in WAITING),
        silent=[one for one in teams if not one.asked and one.people][:1],
        willing=sum(one.willing for one in teams if not one.depth),
    )  # fmt: skip
