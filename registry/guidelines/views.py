"""Reading and signing the guidelines; for comms, seeing who owes."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.db import db, today
from registry.guidelines import queries, reading, writing_queries
from registry.guidelines.models import Document
from registry.guidelines.text import html_of
from registry.guidelines.writing import WRITERS
from registry.roles import Role
from registry.web import allow, found, may, viewer

bp = Blueprint("guidelines", __name__, url_prefix="/guidelines")
WATCHERS = (Role.COMMS, Role.ADMIN, Role.AUDITOR)


@bp.get("")
@allow(Role.STAFF)
def index() -> Any:
    """The documents: what each is about, whom it is for, and how whoever looks stands to it."""
    stands = writing_queries.stands(viewer().id, drafts=may(*WRITERS))
    if len(stands) == 1 and not may(*WATCHERS) and not stands[0].document.retired_at:
        return redirect(url_for("guidelines.document", slug=stands[0].document.slug))
    drafts = writing_queries.drafts() if may(*WRITERS) else {}
    return render_template(
        "guidelines/index.html", stands=stands, drafts=drafts, for_whom=writing_queries.for_whom(), today=today()
    )


@bp.get("/<slug>")
@allow(Role.STAFF)
def document(slug: str) -> Any:
    """Read the version in force, and sign it on the same page; what is not published yet is for writers alone."""
    return _reading_page(reading.reading(_readable(slug)))


def _readable(slug: str) -> Document:
    shown = found(queries.document(slug))
    return found(shown if may(*WRITERS) or queries.current(shown.id) else None)


@bp.post("/<slug>")
@allow(Role.STAFF)
def sign(slug: str) -> Any:
    """Sign the version that was shown."""
    shown = _readable(slug)
    if shown.retired_at:
        flash("These guidelines do not hold any more, so there is nothing to sign.", "info")
        return redirect(url_for("guidelines.document", slug=slug))
    if refused := reading.sign(shown):
        return _reading_page(refused), refused.status
    db.session.commit()
    again = f", and after {shown.again_months} months" if shown.again_months else ""
    flash(
        f"Thank you. You have signed “{shown.title}”. We ask again only when something important changes{again}.",
        "success",
    )
    return redirect(url_for("guidelines.document", slug=slug))


def _reading_page(shown: reading.Reading) -> str:
    draft = queries.draft_of(shown.document.id) if may(*WRITERS) else None
    return render_template("guidelines/document.html", reading=shown, document=shown.document, draft=draft)


@bp.get("/<slug>/versions")
@allow(Role.STAFF)
def versions(slug: str) -> str:
    """What was in force when."""
    shown = _readable(slug)
    return render_template("guidelines/versions.html", document=shown, versions=queries.versions(shown.id))


@bp.get("/<slug>/versions/<int:number>")
@allow(Role.STAFF)
def version(slug: str, number: int) -> str:
    """One version as it was published."""
    shown = found(queries.document(slug))
    every = queries.versions(shown.id)
    place = found(next((place for place, one in enumerate(every) if one.number == number), None))
    one, later = every[place], every[place - 1] if place else None
    return render_template(
        "guidelines/version.html", document=shown, version=one, html=html_of(one.text), later=later, newest=every[0]
    )
