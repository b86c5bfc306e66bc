"""Reading and signing the guidelines; for comms, writing them and seeing who owes."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.db import db
from registry.export import download
from registry.guidelines import actions, queries
from registry.guidelines.forms import DraftForm, NewDocumentForm, PublishForm, SignForm
from registry.guidelines.models import Document
from registry.guidelines.text import html_of
from registry.people import signin
from registry.roles import Role
from registry.web import allow, found, may, viewer, whole

bp = Blueprint("guidelines", __name__, url_prefix="/guidelines")
WRITERS = (Role.COMMS, Role.ADMIN)
WATCHERS = (Role.COMMS, Role.ADMIN, Role.AUDITOR)


@bp.get("")
@allow(Role.STAFF)
def index() -> Any:
    """The documents; where there is only one and nothing else to do here, that one."""
    documents = queries.documents(drafts=may(*WRITERS))
    if len(documents) == 1 and not may(*WATCHERS):
        return redirect(url_for("guidelines.document", slug=documents[0].slug))
    owed = {one.id for one in queries.owed_by(viewer().id)}
    signed = queries.last_sign_offs(viewer().id)
    return render_template("guidelines/index.html", documents=documents, owed=owed, signed=signed)


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
        has_draft=may(*WRITERS) and queries.draft_of(shown.id) is not None,
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
    one = found(queries.version(shown.id, number))
    return render_template("guidelines/version.html", document=shown, version=one, html=html_of(one.text))


@bp.get("/new")
@allow(*WRITERS)
def new() -> str:
    """Begin another set of guidelines."""
    return render_template("guidelines/edit.html", form=NewDocumentForm(formdata=None), document=None)


@bp.post("/new")
@allow(*WRITERS)
def create() -> Any:
    """Keep the first draft of another set of guidelines."""
    form = NewDocumentForm()
    if form.validate_on_submit():
        try:
            made = actions.create_document(title=form.title.data)
        except actions.TitleTaken:
            form.fail(form.title, "There are guidelines with this title already. Choose another.")
        else:
            return _keep_draft(form, made)
    return render_template("guidelines/edit.html", form=form, document=None), 422


@bp.get("/<slug>/draft")
@allow(*WRITERS)
def edit(slug: str) -> str:
    """Write the next version, beginning from the draft or the version in force."""
    shown = found(queries.document(slug))
    begun = queries.draft_of(shown.id) or queries.current(shown.id)
    form = DraftForm(formdata=None, text=begun.text if begun else "")
    if begun and begun.published_at is None:
        form.begun.data = begun.stamp
        form.summary.data, form.material.data = begun.summary, "yes" if begun.material else "no"
    return render_template("guidelines/edit.html", form=form, document=shown)


@bp.post("/<slug>/draft")
@allow(*WRITERS)
def save(slug: str) -> Any:
    """Keep the draft, and show it as readers will see it."""
    shown, form = found(queries.document(slug)), DraftForm()
    if form.validate_on_submit():
        return _keep_draft(form, shown)
    return render_template("guidelines/edit.html", form=form, document=shown), 422


def _keep_draft(form: DraftForm, shown: Document) -> Any:
    try:
        actions.draft(
            document=shown, text=form.text.data, summary=form.summary.data, material=form.material.data == "yes",
            actor=viewer(), begun=form.begun.data,
        )  # fmt: skip
    except actions.AlreadyDrafted:
        form.fail(form.text, "A colleague has kept a draft meanwhile. Copy your text, then open theirs.")
        return render_template("guidelines/edit.html", form=form, document=shown), 409
    db.session.commit()
    return redirect(url_for("guidelines.preview", slug=shown.slug))


@bp.get("/<slug>/preview")
@allow(*WRITERS)
def preview(slug: str) -> str:
    """The draft as readers will see it, with the button that publishes it."""
    shown = found(queries.document(slug))
    begun = found(queries.draft_of(shown.id))
    form = PublishForm(formdata=None, version=begun.stamp)
    return render_template(
        "guidelines/preview.html", document=shown, version=begun, html=html_of(begun.text), form=form
    )


@bp.post("/<slug>/preview")
@allow(*WRITERS)
def publish(slug: str) -> Any:
    """Put the draft in force."""
    shown, form = found(queries.document(slug)), PublishForm()
    begun = queries.draft_of(shown.id)
    if begun is None:
        flash("That draft is not there any more: somebody has published it.", "info")
        return redirect(url_for("guidelines.document", slug=slug))
    if form.version.data != begun.stamp:
        flash("A colleague has changed the draft since you looked. This is how it is now.", "info")
        return redirect(url_for("guidelines.preview", slug=slug))
    actions.publish(version=begun, document=shown, actor=viewer())
    db.session.commit()
    flash(f"Version {begun.number} is in force.", "success")
    return redirect(url_for("guidelines.document", slug=slug))


@bp.get("/<slug>/sign-offs")
@allow(*WATCHERS)
def sign_offs(slug: str) -> Any:
    """Who has signed and who owes, by team and by name."""
    shown = found(queries.document(slug))
    team_id = whole(request.args.get("team"))
    signed = {"yes": True, "no": False}.get(request.args.get("signed", ""))
    people = queries.standings(shown.id, team_id=team_id, signed=signed)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        rows = ((one.person.name, one.person.username, one.person.team.path if one.person.team else "",
                 "signed" if one.signed else "owes", one.version, one.signed_at) for one in people)  # fmt: skip
        return download(f"{slug}-sign-offs", form, ("name", "username", "team", "state", "version", "signed_at"), rows)
    return render_template(
        "guidelines/sign_offs.html", document=shown, teams=queries.by_team(shown.id), people=people,
        signed=signed,
    )  # fmt: skip
