"""Meetups: what is coming, and the page of each."""

from typing import Any

from flask import Blueprint, render_template

from registry.meetups import queries
from registry.roles import Role
from registry.web import allow, found

bp = Blueprint("meetups", __name__, url_prefix="/meetups")


@bp.get("")
@allow(Role.STAFF)
def index() -> str:
    """What is coming."""
    return render_template("meetups/index.html", coming=queries.coming())


@bp.get("/<int:meetup_id>")
@allow(Role.STAFF)
def page(meetup_id: int) -> Any:
    """A meetup: when and where, who speaks, who comes."""
    return render_template("meetups/page.html", meetup=found(queries.meetup(meetup_id)))
