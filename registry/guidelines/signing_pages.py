"""Not signing, and saying why; what comms answer; what they enter for somebody, who can say that it is not so."""

from datetime import date
from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.db import db
from registry.fields import lined
from registry.guidelines import declining, queries, register, signing
from registry.guidelines.models import Decline, Document, Method, Version
from registry.guidelines.signing_forms import LONGEST_CONSENT, METHODS, EnterForm, SettleForm, SureForm, WhyNotForm
from registry.guidelines.views import WATCHERS
from registry.people import queries as people
from registry.people import signin
from registry.people.models import Person
from registry.roles import Role
from registry.web import allow, found, may, viewer, whole
from registry.web import day as told_day

bp = Blueprint("signing", __name__, url_prefix="/guidelines")
ANSWERED = "A colleague was quicker, they have signed after all, or a new version asks anew. Nothing is left to do."


# --- Not signing ------------------------------------------------------------------------------------------


def _in_force(slug: str) -> tuple[Document, Version]:
    shown = found(queries.document(slug))
    return shown, found(queries.current(shown.id))


@bp.get("/<slug>/decline")
@allow(Role.STAFF)
def why_not(slug: str) -> Any:
    """Ask what keeps somebody from signing."""
    shown, version = _in_force(slug)
    owed = any(one.id == shown.id for one in queries.owed_by(viewer().id))
    if not owed or declining.decline_of(document_id=shown.id, person_id=viewer().id):
        return redirect(url_for("guidelines.document", slug=slug))
    form = WhyNotForm(formdata=None, version=str(version.id))
    return render_template("guidelines/decline.html", document=shown, form=form)


@bp.post("/<slug>/decline")
@allow(Role.STAFF)
def decline(slug: str) -> Any:
    """Keep the reason, and tell comms."""
    (shown, _), form = _in_force(slug), WhyNotForm()
    if not form.validate_on_submit():
        return render_template("guidelines/decline.html", document=shown, form=form), 422
    version = found(queries.version_by_id(whole(form.version.data) or 0))
    try:
        declining.decline(version=version, document=shown, person=signin.me(), reason=form.reason.data)
    except declining.NothingToDecline:
        flash("There is nothing to decline any more, or the text has changed. This is how it is now.", "info")
    else:
        db.session.commit()
        flash("Thank you for saying so. The communications team will write to you.", "success")
    return redirect(url_for("guidelines.document", slug=slug))


@bp.get("/declines")
@allow(Role.COMMS)
def declines() -> str:
    """What waits for an answer of comms."""
    return render_template("guidelines/declines.html", declines=declining.open_declines())


@bp.get("/declines/<int:decline_id>")
@allow(Role.COMMS)
def answer(decline_id: int) -> Any:
    """One of them, with the form that settles it."""
    shown = found(declining.with_all(decline_id))
    if shown.settled_at is not None:
        flash(ANSWERED, "info")
        return redirect(url_for("signing.declines"))
    return _answer_page(shown, SettleForm(formdata=None))


def _answer_page(shown: Decline, form: SettleForm) -> str:
    return render_template("guidelines/answer.html", decline=shown, form=form)


@bp.post("/declines/<int:decline_id>")
@allow(Role.COMMS)
def settle(decline_id: int) -> Any:
    """Keep the answer, and write to the person."""
    shown, form = found(declining.with_all(decline_id)), SettleForm()
    if not form.validate_on_submit():
        return _answer_page(shown, form), 422
    again = form.then.data == "again"
    try:
        declining.settle(decline=shown, answer=form.answer.data, again=again, actor=viewer())
    except declining.SettledAlready:
        flash(ANSWERED, "info")
    else:
        db.session.commit()
        flash(f"Kept. {shown.person.name} {'is asked to sign again' if again else 'reads your answer'}.", "success")
    return redirect(url_for("signing.declines"))


# --- Entered by comms -------------------------------------------------------------------------------------


def _enter_form(shown: Document, **more: Any) -> EnterForm:
    form = EnterForm(**more)
    form.version.choices = [
        (str(one.number), f"Version {one.number}, from {told_day(one.published_at)}")
        for one in queries.versions(shown.id)
    ]
    return form


@bp.get("/<slug>/enter")
@allow(Role.COMMS)
def enter(slug: str) -> str:
    """First step: who signed what, when and how."""
    shown, version = _in_force(slug)
    form = _enter_form(shown, formdata=None, version=str(version.number))
    return render_template("guidelines/enter.html", document=shown, form=form)


@bp.post("/<slug>/enter")
@allow(Role.COMMS)
def entered(slug: str) -> Any:
    """Second step: the same once more with both names, and nothing kept yet."""
    shown, _ = _in_force(slug)
    form = _enter_form(shown)
    number = whole(form.version.data)
    version = queries.version(shown.id, number) if number is not None else None
    if form.validate_on_submit() and version is None:
        form.fail(form.version, "Choose a version.")
    elif form.validate_on_submit() and version is not None:
        person, day = found(form.colleague.person), found(form.day.day)
        if reason := signing.wrong_person(version=version, person=person, actor=viewer()):
            form.fail(form.colleague, reason)
        elif reason := signing.wrong_day(version=version, document=shown, person=person, day=day):
            form.fail(form.day, reason)
        else:
            sure = SureForm(
                formdata=None, whom=str(person.id), version=form.version.data, day=day.isoformat(),
                method=form.method.data, consent=form.consent.data,
            )  # fmt: skip
            return _sure_page(shown, person, sure)
    return render_template("guidelines/enter.html", document=shown, form=form), 422


def _sure_page(shown: Document, person: Person, form: SureForm) -> str:
    form.sure.label.text = f"I, {viewer().name}, enter this for {person.name}."
    how = dict(METHODS)[form.method.data or ""]
    return render_template(
        "guidelines/enter_sure.html", document=shown, person=person, form=form, how=how,
        day=date.fromisoformat(form.day.data or ""),
    )  # fmt: skip


@bp.post("/<slug>/enter/sure")
@allow(Role.COMMS)
def sure(slug: str) -> Any:
    """Keep it, and write to the person."""
    (shown, _), form = _in_force(slug), SureForm()
    carried = _as_carried(shown, form)
    if carried is None:
        flash("Something of what you entered got lost on the way, so nothing is kept. Begin again.", "error")
        return redirect(url_for("signing.enter", slug=slug))
    person, version, day = carried
    if not form.validate_on_submit():
        return _sure_page(shown, person, form), 422
    try:
        signing.enter(
            version=version, document=shown, person=person, method=Method(form.method.data or ""), day=day,
            consent=lined(form.consent.data), actor=viewer(),
        )  # fmt: skip
    except signing.CannotBeEntered as refused:
        flash(str(refused), "error")
        return redirect(url_for("signing.enter", slug=slug))
    db.session.commit()
    told = "They are written to." if person.mail else "They have no mail address: tell them yourself."
    flash(f"Entered: {person.name} signed version {version.number}. {told}", "success")
    return redirect(url_for("signing.enter", slug=slug))


def _as_carried(shown: Document, form: SureForm) -> tuple[Person, Version, date] | None:
    """What the first step has found; ``None`` where the second does not bring all of it."""
    person, number = people.person(whole(form.whom.data) or 0), whole(form.version.data)
    version = queries.version(shown.id, number) if number is not None else None
    words = lined(form.consent.data).strip()
    said = form.method.data in dict(METHODS) and 0 < len(words) <= LONGEST_CONSENT
    try:
        day = date.fromisoformat(form.day.data or "")
    except ValueError:
        return None
    return (person, version, day) if person and version and said else None


@bp.get("/register/<int:sign_off_id>/not-mine")
@allow(Role.STAFF)
def not_mine(sign_off_id: int) -> Any:
    """What was entered for somebody, with one button to say that it is not so; who only watches sees it as it is."""
    shown = _entered_for_me(sign_off_id)
    if shown is None and may(*WATCHERS):
        return redirect(url_for("evidence.certificate", sign_off_id=sign_off_id))
    return render_template("guidelines/not_mine.html", shown=found(shown))


def _entered_for_me(sign_off_id: int) -> register.Certificate | None:
    shown = register.certificate(sign_off_id, of=viewer().id)
    return shown if shown and shown.sign_off.entered_by_id is not None and shown.document is not None else None


@bp.post("/register/<int:sign_off_id>/not-mine")
@allow(Role.STAFF)
def disown(sign_off_id: int) -> Any:
    """They did not sign it: it counts no more, and comms are told."""
    shown = found(_entered_for_me(sign_off_id))
    signing.disown(sign_off=shown.sign_off, document=found(shown.document), person=signin.me())
    db.session.commit()
    flash("Thank you. It counts no more, and the communications team know.", "success")
    return redirect(url_for("evidence.certificate", sign_off_id=sign_off_id))
