"""The pages of asking for help: what somebody asks, whom it would reach, what they answer."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for

from registry.accounts.models import Topic
from registry.accounts.queries import sight_of
from registry.db import db
from registry.network import helping, queries
from registry.network.helping import Helper
from registry.network.models import HelpAnswer, HelpCall, Relation
from registry.network.peer_forms import AnswerForm, HelpForm, SettleForm
from registry.network.views import audiences_here
from registry.people.models import Person
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, found, viewer, whole

bp = Blueprint("helping", __name__, url_prefix="/people/help")
CAN, NOT_NOW = "can", "not-now"


def _form(**given: Any) -> HelpForm:
    form = HelpForm(**given)
    topics = queries.topics_in_use(audiences_here())
    every = dict(topics[Relation.OFFER]) | dict(topics[Relation.TOPIC])
    form.offer(sorted(every.items(), key=lambda two: two[1].casefold()))
    return form


@bp.get("")
@allow(Role.STAFF)
def index() -> str:
    """Ask, and see what one asked and was asked."""
    return _page(_form(formdata=None))


def _page(form: HelpForm, helpers: list[Helper] | None = None) -> str:
    me = viewer().id
    return render_template(
        "network/help.html", form=form, helpers=helpers, calls=helping.calls_of(me), asked=helping.asked_of(me),
        HelpAnswer=HelpAnswer, most=helping.MOST,
    )  # fmt: skip


@bp.post("")
@allow(Role.STAFF)
def ask() -> Any:
    """Show whom it would reach and why; at the second press write to exactly those."""
    form = _form()
    if not form.validate_on_submit():
        return _page(form), 422
    if asked := helping.open_call(viewer().id, form.words.data or ""):
        flash("You have asked this already, and have not said that it is settled.", "info")
        return redirect(url_for("helping.page", call_id=asked.id))
    number = whole(form.topic.data)
    topic = db.session.get(Topic, number) if number else None
    helpers = _whom(form.words.data, form.platform.data, topic)
    shown = ".".join(str(one.person.id) for one in helpers)
    if not helpers:
        form.fail(form.words, "Nobody can be asked just now: write to the communications team.")
        return _page(form), 422
    if form.sure.data != shown:
        form.sure.data = shown
        return _page(form, helpers)
    asker = found(find_person(viewer().id))
    call = helping.ask(asker=asker, text=form.words.data, platform=form.platform.data, topic=topic, helpers=helpers)
    db.session.commit()
    flash(_sent(asker, helpers), "success")
    return redirect(url_for("helping.page", call_id=call.id))


def _whom(text: str, platform: str, topic: Topic | None) -> list[Helper]:
    wanted = helping.understood(text, platform, topic)
    sight, audiences = sight_of(viewer(), viewer().roles), audiences_here()
    return helping.whom(wanted, asker_id=viewer().id, sight=sight, audiences=audiences)


def _sent(asker: Person, helpers: list[Helper]) -> str:
    who = "One colleague is" if len(helpers) == 1 else f"{len(helpers)} colleagues are"
    who = "The communications team is" if helpers[0].for_comms else who
    how = "You get a mail" if asker.mail else "Your home page says so"  # Many on the frontline have no address.
    return f"{who} asked. {how} as soon as somebody can help."


def _call(call_id: int) -> HelpCall:
    """One that the signed-in person asked, or was asked."""
    call = found(helping.call(call_id))
    mine = viewer().id in (call.asker_id, *(one.person_id for one in call.helpers))
    return found(call if mine else None)


@bp.get("/<int:call_id>")
@allow(Role.STAFF)
def page(call_id: int) -> str:
    """One call: to whoever asked what was answered, to who is asked two buttons."""
    return _call_page(_call(call_id), SettleForm(formdata=None))


def _call_page(call: HelpCall, form: SettleForm) -> str:
    own = next((one for one in call.helpers if one.person_id == viewer().id), None)
    return render_template(
        "network/help_call.html", call=call, own=own, form=form, HelpAnswer=HelpAnswer,
        can=[one for one in call.helpers if one.answer is HelpAnswer.CAN],
        mine=call.asker_id == viewer().id,
    )  # fmt: skip


@bp.post("/<int:call_id>/answer")
@allow(Role.STAFF)
def answer(call_id: int) -> Any:
    """Somebody who is asked says whether they can."""
    call, form, me = _call(call_id), AnswerForm(), found(find_person(viewer().id))
    found(me if call.asker_id != me.id else None)
    if not form.validate_on_submit() or form.answer.data not in (CAN, NOT_NOW):
        flash("Choose one of the two buttons.", "error")
        return redirect(url_for("helping.page", call_id=call_id))
    try:
        helping.answer(call=call, person=me, can=form.answer.data == CAN)
    except helping.IsSettled:
        how = "has settled it meanwhile" if call.asker.is_active else "does not work here any more"
        flash(f"{call.asker.name} {how}. Thank you all the same.", "info")
    else:
        db.session.commit()
        flash(_answered(call.asker, form.answer.data == CAN), "success")
    return redirect(url_for("helping.page", call_id=call_id))


def _answered(asker: Person, can: bool) -> str:
    if can:
        return f"Thank you. {asker.name} is told that you can help, and how to reach you."
    return "That is fine. The others who were asked may have time."


@bp.post("/<int:call_id>/settle")
@allow(Role.STAFF)
def settle(call_id: int) -> Any:
    """Whoever asked says that it is settled, and thanks those who could help."""
    call, form = _call(call_id), SettleForm()
    found(call if call.asker_id == viewer().id else None)
    if not form.validate_on_submit():
        return _call_page(call, form), 422
    helping.settle(call=call, thanks=form.thanks.data)
    db.session.commit()
    flash("Settled. Nobody is written to about it any more.", "success")
    return redirect(url_for("helping.page", call_id=call_id))
