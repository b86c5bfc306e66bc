"""Reading and signing the guidelines; for comms, seeing who owes."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.db import db, today
from registry.guidelines import actions, queries, writing_queries
from registry.guidelines.forms import SignForm
from registry.guidelines.models import Document
from registry.guidelines.text import html_of
from registry.guidelines.writing import WRITERS
from registry.people import signin
from registry.roles import Role
from registry.web import allow, found, may, viewer, whole

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
    return _reading_page(_readable(slug), SignForm(formdata=None))


def _readable(slug: str) -> Document:
    shown = found(queries.document(slug))
    return found(shown if may(*WRITERS) or queries.current(shown.id) else None)


@bp.post("/<slug>")
@allow(Role.STAFF)
def sign(slug: str) -> Any:
    """Sign the version that was shown."""
    shown, form = _readable(slug), SignForm()
    if shown.retired_at:
        flash("These guidelines do not hold any more, so there is nothing to sign.", "info")
        return redirect(url_for("guidelines.document", slug=slug))
    if not form.validate_on_submit():
        return _reading_page(shown, form), 422
    try:
        actions.sign(
            version=found(queries.version_by_id(whole(form.version.data) or 0)), document=shown,
            current=queries.current(shown.id), person=signin.me(),
        )  # fmt: skip
    except actions.NotTheCurrentVersion:
        form.fail(form.agreed, "A newer version was published while you read. It is shown now: read it, then sign.")
        return _reading_page(shown, form), 409
    db.session.commit()
    flash(
        f"Thank you. You have signed “{shown.title}”. We ask again only when something important changes.",
        "success",
    )
    return redirect(url_for("guidelines.document", slug=slug))


def _reading_page(shown: Document, form: SignForm) -> str:
    current = queries.current(shown.id)
    form.version.data = str(current.id) if current else ""
    form.agreed.label.text = actions.WORDING
    return render_template(
        "guidelines/document.html", document=shown, version=current, form=form,
        html=html_of(current.text) if current else "",
        signed=queries.last_sign_offs(viewer().id).get(shown.id),
        owed=any(one.id == shown.id for one in queries.owed_by(viewer().id)),
        draft=queries.draft_of(shown.id) if may(*WRITERS) else None,
    )  # fmt: skip


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
