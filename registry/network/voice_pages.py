"""The pages of credible voices: the list, asking somebody, one's own answer."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.db import db
from registry.export import download
from registry.network import letters, voices
from registry.network.forms import split
from registry.network.models import Voice, VoiceState
from registry.network.peer_forms import AskVoiceForm, OfferVoiceForm, TrainedForm
from registry.roles import Role
from registry.web import allow, found, may, viewer, whole

bp = Blueprint("voices", __name__, url_prefix="/people")
COLUMNS: Final = ("name", "title", "team", "mail", "phone", "subject", "topics", "media_trained")


@bp.get("/voices")
@allow(Role.STAFF)
def index() -> Any:
    """Who can speak about what."""
    topic, trained = whole(request.args.get("topic")), request.args.get("trained") == "yes"
    some = voices.listed(topic, trained=trained)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return download("voices", form, COLUMNS, [_row(one) for one in some])
    return render_template(
        "network/voices.html", voices=some, topics=voices.topics(), topic=topic, trained=trained,
        waiting=voices.waiting() if may(Role.COMMS) else (), mine=voices.of(viewer().id), VoiceState=VoiceState,
    )  # fmt: skip


def _row(one: Voice) -> tuple[Any, ...]:
    person = one.person
    return (
        person.name, person.title, person.team.path if person.team else "", person.mail, person.phone, one.subject,
        ", ".join(topic.name for topic in one.topics), one.trained_on,
    )  # fmt: skip


@bp.get("/voices/new")
@allow(Role.COMMS)
def new() -> str:
    """Ask somebody whether they would be one."""
    return render_template("network/voice_ask.html", form=AskVoiceForm(formdata=None))


@bp.post("/voices/new")
@allow(Role.COMMS)
def ask() -> Any:
    """They are written to, and listed only once they have said yes."""
    form = AskVoiceForm()
    if form.validate_on_submit() and (person := form.colleague.person):
        try:
            voices.propose(person=person, subject=form.subject.data, about=split(form.topics.data), actor=viewer())
        except voices.SaidNo:
            form.fail(form.colleague, f"{person.name} would rather not. They can still offer it themselves.")
        except voices.AskedAlready:
            form.fail(form.colleague, f"{person.name} was asked before, or is on the list.")
        else:
            db.session.commit()
            flash(f"{person.name} is asked. Nobody is listed without their own yes.", "success")
            return redirect(url_for("voices.index"))
    return render_template("network/voice_ask.html", form=form), 422


@bp.get("/voices/<int:person_id>")
@allow(Role.COMMS)
def trained(person_id: int) -> str:
    """When somebody had media training; or take the tag away."""
    voice = found(voices.of(person_id))
    form = TrainedForm(formdata=None, day=voice.trained_on.isoformat() if voice.trained_on else "")
    return render_template("network/voice_trained.html", voice=voice, form=form, VoiceState=VoiceState)


@bp.post("/voices/<int:person_id>")
@allow(Role.COMMS)
def train(person_id: int) -> Any:
    """Note the day of it."""
    voice, form = found(voices.of(person_id)), TrainedForm()
    if not form.validate_on_submit():
        page = render_template("network/voice_trained.html", voice=voice, form=form, VoiceState=VoiceState)
        return page, 422
    voices.train(voice=voice, day=form.day.day, actor=viewer())
    db.session.commit()
    flash("Kept.", "success")
    return redirect(url_for("voices.index"))


@bp.post("/voices/<int:person_id>/end")
@allow(Role.COMMS)
def end(person_id: int) -> Any:
    """Comms take the tag away, or the question back."""
    voice = found(voices.of(person_id))
    if ButtonForm().validate_on_submit() and voice.state is not VoiceState.NO:
        voices.end(voice=voice, actor=viewer())
        db.session.commit()
        flash("They are on the list no more.", "success")
    return redirect(url_for("voices.index"))


# --- One's own --------------------------------------------------------------------------------------------


@bp.get("/me/voice")
@allow(Role.STAFF)
def mine() -> str:
    """What comms ask, or what one offers to speak about."""
    voice, form = voices.of(viewer().id), OfferVoiceForm(formdata=None)
    if voice:
        form.subject.data, form.topics.data = voice.subject, ", ".join(topic.name for topic in voice.topics)
    return _mine_page(voice, form)


def _mine_page(voice: Voice | None, form: OfferVoiceForm) -> str:
    return render_template("network/voice_mine.html", voice=voice, form=form, VoiceState=VoiceState)


@bp.post("/me/voice")
@allow(Role.STAFF)
def offer() -> Any:
    """Say yes, with what one can speak about; or change it."""
    voice, form = voices.of(viewer().id), OfferVoiceForm()
    if not form.validate_on_submit():
        return _mine_page(voice, form), 422
    asked_by = voice.asked_by if voice and voice.state is VoiceState.ASKED else None
    voices.offer(person=viewer(), subject=form.subject.data, about=split(form.topics.data))
    if asked_by:
        letters.said_yes(asked_by, viewer().name)
    db.session.commit()
    flash("You are on the list of credible voices. You can say no to each request, and take it back at any time.",
          "success")  # fmt: skip
    return redirect(url_for("voices.mine"))


@bp.post("/me/voice/no")
@allow(Role.STAFF)
def decline() -> Any:
    """Rather not, or not any more."""
    if ButtonForm().validate_on_submit() and (voice := voices.of(viewer().id)):
        voices.decline(voice=voice, person=viewer())
        db.session.commit()
    flash("You are not on the list, and nobody will ask you again. You can offer it yourself whenever you like.",
          "success")  # fmt: skip
    return redirect(url_for("voices.mine"))
