"""What is held on you, for yourself: on a page, and whole as a file."""

from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from registry.people import subject
from registry.people.signin import me
from registry.roles import Role
from registry.web import allow

bp = Blueprint("subject", __name__)
#: Rows of each kind that the page shows; the file holds all.
SHOWN = 20
#: Rows with more to them than this are told line by line, as a table of them would be too wide.
WIDEST = 6


@bp.get("/people/me/held")
@allow(Role.STAFF)
def held() -> Any:
    """All that is held on the signed-in person; ``?format=json`` is the file."""
    person = me()
    if request.args.get("format") == "json":
        name = {"Content-Disposition": 'attachment; filename="held-about-me.json"'}
        return Response("".join(subject.as_json(person)), mimetype="application/json", headers=name)
    every = [(section, list(section.rows)) for section in subject.sections(person, most=SHOWN + 1)]
    return render_template(
        "people/held.html", who=subject.who(person), held=[(section, rows) for section, rows in every if rows],
        nothing=[section.heading for section, rows in every if not rows], about=subject.ABOUT, shown=SHOWN,
        widest=WIDEST, in_words=subject.in_words, keep_days=current_app.config["SETTINGS"].keep_leavers_days,
    )  # fmt: skip
