"""Discover: accounts that were seen, and what to do with them."""

from typing import Any

from flask import Blueprint, render_template

from registry.discovery import queries
from registry.discovery.models import WAITING
from registry.roles import Role
from registry.web import allow

bp = Blueprint("discovery", __name__, url_prefix="/discover")


@bp.get("")
@allow(Role.COMMS)
def index() -> Any:
    """What waits to be looked at."""
    return render_template("discovery/index.html", sightings=queries.sightings(*WAITING))
