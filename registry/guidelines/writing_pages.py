"""Pages on which guidelines are written, looked at, published and retired: for comms and administrators."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.db import db
from registry.fields import UNSEEN, lined
from registry.guidelines import actions, principles, queries, questions, writing
from registry.guidelines.models import Document, Version
from registry.guidelines.text import html_of
from registry.guidelines.writing import WRITERS
from registry.guidelines.writing_forms import (
    LONGEST_TEXT,
    BringBackForm,
    DraftForm,
    LookForm,
    PublishForm,
    RetireForm,
    SendBackForm,
)
from registry.roles import Role
from registry.web import allow, found, may, viewer
from registry.web import day as told_day

bp = Blueprint("writing", __name__, url_prefix="/guidelines")
GONE = "That draft is not there any more: somebody has published it, or thrown it away."
CHANGED = "A colleague has changed the draft since you looked. This is how it is now."
WAITS = "It waits for its day. Call it back first, then change it."
RETIRED = "These guidelines do not hold any more. Bring them back first."
OWN = "You wrote on it last, so somebody else has to look."


@bp.get("/new")
@allow(*WRITERS)
def new() -> str:
    """Begin another set of guidelines."""
    return _edit_page(DraftForm(formdata=None), None)


@bp.post("/new")
@allow(*WRITERS)
def create() -> Any:
    """Keep the first draft of another set of guidelines."""
    form = DraftForm()
    if form.validate_on_submit():
        try:
            made = actions.create_document(title=form.title.data, about=form.about.data)
        except actions.TitleTaken:
            form.fail(form.title, "There are guidelines with this title already. Choose another.")
        else:
            return _keep_draft(form, made)
    return _edit_page(form, None), 422


def _edit_page(form: DraftForm, shown: Document | None, number: int = 1) -> str:
    return render_template(
        "guidelines/edit.html", form=form, document=shown, number=number, example=questions.EXAMPLE, **_as_read(form)
    )


def _as_read(form: DraftForm) -> dict[str, Any]:
    """What a form says, as readers will see it; of principles that are half typed, nothing."""
    try:
        told, problem = principles.read(form.principles.data or ""), ""
    except principles.Unclear as unclear:
        told, problem = [], str(unclear)
    return {"principles": told, "problem": problem, "html": html_of((form.text.data or "")[:LONGEST_TEXT])}


@bp.post("/shown")
@allow(*WRITERS)
def as_typed() -> str:
    """What is typed, as readers will see it: a piece of a page, while somebody writes. Nothing is kept."""
    typed = {name: UNSEEN.sub("", lined(request.form.get(name))) for name in ("principles", "text")}
    return render_template("guidelines/shown.html", **_as_read(DraftForm(formdata=None, data=typed)))


@bp.get("/<slug>/draft")
@allow(*WRITERS)
def edit(slug: str) -> Any:
    """Write the next version, beginning from the draft or the version in force."""
    shown = found(queries.document(slug))
    draft, last = queries.draft_of(shown.id), queries.current(shown.id)
    if refused := (RETIRED if shown.retired_at else WAITS if draft and draft.from_on else ""):
        flash(refused, "info")
        return redirect(url_for("guidelines.document" if shown.retired_at else "writing.preview", slug=slug))
    return _edit_page(_begun(shown, draft, last), shown, (last.number if last else 0) + 1)


def _begun(shown: Document, draft: Version | None, last: Version | None) -> DraftForm:
    begun = draft or last
    form = DraftForm(formdata=None, title=shown.title, about=shown.about)
    if begun:
        form.text.data, form.principles.data = begun.text, principles.written(begun.principles)
        form.questions.data = questions.written(begun.questions)
    if draft:
        form.begun.data, form.title.data, form.about.data = draft.stamp, draft.title or shown.title, draft.about
        form.summary.data, form.material.data = draft.summary, "yes" if draft.material else "no"
        form.due_on.data = draft.due_on.isoformat() if draft.due_on else ""
    return form


@bp.post("/<slug>/draft")
@allow(*WRITERS)
def save(slug: str) -> Any:
    """Keep the draft, and show it as readers will see it."""
    shown, form = found(queries.document(slug)), DraftForm()
    if shown.retired_at:
        flash(RETIRED, "info")
        return redirect(url_for("guidelines.document", slug=slug))
    if form.validate_on_submit():
        return _keep_draft(form, shown)
    return _edit_page(form, shown, _next(shown)), 422


def _next(shown: Document) -> int:
    last = queries.current(shown.id)
    return (last.number if last else 0) + 1


def _keep_draft(form: DraftForm, shown: Document) -> Any:
    try:
        actions.draft(document=shown, actor=viewer(), begun=form.begun.data, **form.words)
    except actions.AlreadyDrafted:
        form.fail(
            form.text, "A colleague has changed, published or thrown away the draft. Copy your text, then open it."
        )
    except actions.WaitsForItsDay:
        form.fail(form.text, f"Copy your text. A colleague has set a day for the draft meanwhile. {WAITS}")
    except actions.TitleTaken:
        form.fail(form.title, "There are guidelines with this title already. Choose another.")
    else:
        db.session.commit()
        return redirect(url_for("writing.preview", slug=shown.slug))
    return _edit_page(form, shown, _next(shown)), 409


# --- A second pair of eyes --------------------------------------------------------------------------------


@bp.get("/<slug>/preview")
@allow(*WRITERS)
def preview(slug: str) -> Any:
    """The draft as readers will see it, with what comes next: a second look, or the day from which it counts."""
    shown = found(queries.document(slug))
    begun = queries.draft_of(shown.id)
    if begun is None:
        found(queries.current(shown.id))
        return redirect(url_for("guidelines.document", slug=slug))
    return _preview_page(shown, begun)


def _preview_page(
    shown: Document, begun: Version, form: PublishForm | None = None, back: SendBackForm | None = None
) -> str:
    form = form or PublishForm(formdata=None, version=begun.stamp)
    back = back or SendBackForm(formdata=None, version=begun.stamp)
    return render_template(
        "guidelines/preview.html", document=shown, version=begun, html=html_of(begun.text), form=form, back=back,
        own=begun.changed_by_id == viewer().id, others=writing.other_writers(viewer().id),
        last=queries.current(shown.id),
        may_throw_away=writing.may_throw_away(begun, actor=viewer(), comms=may(Role.COMMS)),
    )  # fmt: skip


def _done(slug: str, do: Callable[[Version, Document], object], *, told: str) -> Any:
    """Do something with the draft and say so, or say why not; leads back to it."""
    shown = found(queries.document(slug))
    begun, where = queries.draft_of(shown.id), url_for("writing.preview", slug=slug)
    if begun is None:
        flash(GONE, "info")
        return redirect(url_for("guidelines.document", slug=slug))
    try:
        do(begun, shown)
    except writing.ChangedSince:
        flash(CHANGED, "info")
    except writing.NotADraft:
        flash(RETIRED if shown.retired_at else "A colleague was quicker. This is how it is now.", "info")
    except writing.OwnWork:
        flash(OWN, "info")
    else:
        where = where if begun.published_at is None else url_for("guidelines.document", slug=slug)
        db.session.commit()
        flash(told.format(number=begun.number), "success")
    return redirect(where)


@bp.post("/<slug>/preview")
@allow(*WRITERS)
def publish(slug: str) -> Any:
    """Put the draft in force, now or from a day on."""
    shown, form = found(queries.document(slug)), PublishForm()
    begun = queries.draft_of(shown.id)
    if begun and not form.validate_on_submit():
        return _preview_page(shown, begun, form), 422
    day = form.from_on.day if form.when.data == "day" else None
    told = f"Version {{number}} will count from {told_day(day)}." if day else "Version {number} is in force."

    def release(version: Version, document: Document) -> None:
        writing.release(
            version=version, document=document, stamp=form.version.data or "", actor=viewer(), from_on=day,
            unseen_reason=form.unseen_reason.data,
        )  # fmt: skip

    try:
        return _done(slug, release, told=told)
    except writing.NotLookedAt:
        form.fail(form.unseen_reason, "Nobody else has looked at it. Ask a colleague, or say why it must go without.")
    except writing.DayIsOver:
        form.fail(form.from_on, "Choose a day to come, or publish it now.")
    except writing.DueTooSoon:
        form.fail(form.when, "People would have to sign before they are asked. Change the day to sign by in the draft.")
    return _preview_page(shown, found(begun), form), 422


@bp.post("/<slug>/preview/ask")
@allow(*WRITERS)
def ask(slug: str) -> Any:
    """Ask the other writers for a second look."""
    stamp = LookForm().version.data or ""

    def do(version: Version, document: Document) -> None:
        writing.ask_for_look(version=version, document=document, stamp=stamp, actor=viewer())

    return _done(slug, do, told="Your colleagues are asked. You are written to as soon as one of them has looked.")


@bp.post("/<slug>/preview/looks-right")
@allow(*WRITERS)
def looks_right(slug: str) -> Any:
    """A second pair of eyes finds nothing wrong."""
    stamp = LookForm().version.data or ""

    def do(version: Version, document: Document) -> None:
        writing.look(version=version, document=document, stamp=stamp, actor=viewer())

    return _done(slug, do, told="Thank you. It can be published now, by you or by whoever wrote it.")


@bp.post("/<slug>/preview/send-back")
@allow(*WRITERS)
def send_back(slug: str) -> Any:
    """A second pair of eyes would like something changed."""
    shown, form = found(queries.document(slug)), SendBackForm()
    begun = queries.draft_of(shown.id)
    if begun and not form.validate_on_submit():
        return _preview_page(shown, begun, back=form), 422

    def do(version: Version, document: Document) -> None:
        writing.send_back(
            version=version, document=document, stamp=form.version.data or "", reason=form.reason.data, actor=viewer()
        )

    return _done(slug, do, told="Sent back with your words.")


@bp.post("/<slug>/preview/call-back")
@allow(*WRITERS)
def call_back(slug: str) -> Any:
    """Make a draft again of what waits for its day."""

    def do(version: Version, document: Document) -> None:
        writing.call_back(version=version, document=document, actor=viewer())

    return _done(slug, do, told="Called back: version {number} is a draft again.")


@bp.get("/<slug>/preview/throw-away")
@allow(*WRITERS)
def throw_away_page(slug: str) -> str:
    """Is it really to go? And what stays."""
    shown = found(queries.document(slug))
    begun = found(queries.draft_of(shown.id))
    found(begun if writing.may_throw_away(begun, actor=viewer(), comms=may(Role.COMMS)) else None)
    form, last = LookForm(formdata=None, version=begun.stamp), queries.current(shown.id)
    return render_template("guidelines/throw_away.html", document=shown, version=begun, form=form, last=last)


@bp.post("/<slug>/preview/throw-away")
@allow(*WRITERS)
def throw_away(slug: str) -> Any:
    """Delete the draft."""
    shown, stamp = found(queries.document(slug)), LookForm().version.data or ""
    begun, last = found(queries.draft_of(shown.id)), queries.current(shown.id)
    try:
        writing.throw_away(version=begun, document=shown, stamp=stamp, actor=viewer(), comms=may(Role.COMMS))
    except writing.NotYours:
        found(None)
    except (writing.ChangedSince, writing.NotADraft):
        flash(CHANGED, "info")
        return redirect(url_for("writing.preview", slug=slug))
    db.session.commit()
    flash("The draft is thrown away.", "success")
    return redirect(url_for("guidelines.document", slug=slug) if last else url_for("guidelines.index"))


# --- Its end ----------------------------------------------------------------------------------------------


@bp.get("/<slug>/retire")
@allow(*WRITERS)
def retire_page(slug: str) -> Any:
    """Why do they not hold any more? And what becomes of whom."""
    shown = found(queries.document(slug))
    found(queries.current(shown.id))
    if shown.retired_at:
        return redirect(url_for("guidelines.document", slug=slug))
    return render_template("guidelines/retire.html", document=shown, form=RetireForm(formdata=None))


@bp.post("/<slug>/retire")
@allow(*WRITERS)
def retire(slug: str) -> Any:
    """Have nobody asked for them any more."""
    shown, form = found(queries.document(slug)), RetireForm()
    found(queries.current(shown.id))
    if not form.validate_on_submit():
        return render_template("guidelines/retire.html", document=shown, form=form), 422
    if not shown.retired_at:
        writing.retire(document=shown, reason=form.reason.data, actor=viewer())
        db.session.commit()
        flash("Retired. Nobody is asked to sign them any more; what was signed is kept.", "success")
    return redirect(url_for("guidelines.document", slug=slug))


@bp.post("/<slug>/bring-back")
@allow(*WRITERS)
def bring_back(slug: str) -> Any:
    """Have them hold again."""
    shown = found(queries.document(slug))
    if BringBackForm().validate_on_submit() and shown.retired_at:
        writing.bring_back(document=shown, actor=viewer())
        db.session.commit()
        flash("They hold again. Whoever has not signed the last version is asked.", "success")
    return redirect(url_for("guidelines.document", slug=slug))
