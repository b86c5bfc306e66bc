"""Meetups: what is coming, the page of each, and whether you come."""

from typing import Any, Final

from flask import Blueprint, Flask, flash, redirect, render_template, request, url_for

from registry.db import db
from registry.export import download
from registry.meetups import planning, queries, replying
from registry.meetups.around import queries as around
from registry.meetups.calendars import telling
from registry.meetups.forms import ANSWERS, AnswerForm, OfferForm
from registry.meetups.models import Answer, Invitation, Meetup, Reply, Way
from registry.people.models import Person
from registry.roles import Role
from registry.web import allow, found, may, paging, viewer

bp = Blueprint("meetups", __name__, url_prefix="/meetups")
ORGANISERS: Final = (Role.ORGANISER, Role.COMMS)
COLUMNS: Final = (
    "number", "title", "kind", "begins_at", "ends_at", "place", "capacity", "state", "come", "online", "waiting",
    "maybe", "no",
)  # fmt: skip
PEOPLE_COLUMNS: Final = ("name", "title", "team", "mail", "answer", "needs", "answered_at", "how", "came_at")


@bp.get("")
@allow(Role.STAFF)
def index() -> Any:
    """What is coming, what has been, and which series there are."""
    coming = queries.coming()
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        every = [*reversed(queries.past(limit=None)), *coming]
        return download("meetups", form, COLUMNS, queries.rows(every))
    pages = paging(queries.past_count(), size=6)
    past = queries.past(limit=pages.size, offset=pages.offset)
    ids = [one.id for one in (*coming, *past)]
    return render_template(
        "meetups/index.html", coming=coming, past=past, paging=pages, counts=queries.coming_to(ids),
        mine=queries.answers_of(viewer().id, ids), series=queries.running_series(), rule=planning.rule_in_words,
        organises=may(*ORGANISERS), nobody=queries.Coming(),
    )  # fmt: skip


@bp.get("/<int:meetup_id>")
@allow(Role.STAFF)
def page(meetup_id: int) -> Any:
    """A meetup: when and where, who speaks, who comes, and your answer."""
    return show(found(queries.meetup(meetup_id)))


def show(meetup: Meetup, *, answer_form: AnswerForm | None = None, offer_form: OfferForm | None = None) -> Any:
    """The page of a meetup, with a form that asks again, where one does."""
    me, organises = viewer().id, may(*ORGANISERS)
    reply = replying.of(meetup.id, me)
    if answer_form is None:
        needs, shown = (reply.needs, reply.shown) if reply else ("", False)
        answer_form = AnswerForm(formdata=None, needs=needs, shown=shown)
    wrong = answer_form.errors or (offer_form and offer_form.errors)
    page = render_template(
        "meetups/page.html", meetup=meetup, reply=reply, organises=organises,
        counts=queries.coming_to([meetup.id]).get(meetup.id, queries.Coming()),
        place_in_line=queries.place_in_line(reply) if reply and reply.waits else 0,
        comers=queries.shown_comers(meetup.id), answer_form=answer_form,
        offer_form=offer_form or OfferForm(formdata=None),
        offer=queries.offer_of(meetup.id, me), offers=queries.offers(meetup.id) if organises else (), answers=ANSWERS,
        links=around.links(meetup.id), questions=around.questions(meetup.id, me), cards=around.cards_of(meetup.id),
    )  # fmt: skip
    return (page, 422) if wrong else page


@bp.post("/<int:meetup_id>/answer")
@allow(Role.STAFF)
def answer(meetup_id: int) -> Any:
    """Say whether you come; the last answer counts."""
    meetup, form = found(replying.hold(meetup_id)), AnswerForm()
    if not form.validate_on_submit():
        return show(found(queries.meetup(meetup_id)), answer_form=form)
    try:
        reply, moved_up = replying.answer(
            meetup=meetup, person=viewer(), answer=Answer(form.answer.data), way=Way.APP, needs=form.needs.data,
            shown=form.shown.data,
        )  # fmt: skip
    except replying.NotOpen:
        flash("This meetup is over or does not take place, so nothing was kept.", "error")
    else:
        telling.moved_up(moved_up)
        telling.answered(reply)
        db.session.commit()
        flash(said(reply), "success")
    return redirect(url_for("meetups.page", meetup_id=meetup_id))


def said(reply: Reply) -> str:
    """What an answer means, for whoever gave it."""
    if reply.waits:
        place = queries.place_in_line(reply)
        return f"The room is full. You are number {place} on the waiting list, and hear as soon as a place is free."
    return {
        Answer.YES: "You come. A place is yours until you say otherwise.",
        Answer.REMOTE: "You join online. The link is on this page.",
        Answer.MAYBE: "Maybe, then. It keeps no place: say yes when you know.",
        Answer.NO: "A pity. You hear of the next one.",
    }[reply.answer]


@bp.get("/<int:meetup_id>/answers")
@allow(*ORGANISERS)
def answers(meetup_id: int) -> Any:
    """Who says what, for whoever organises."""
    meetup = found(queries.meetup(meetup_id))
    replies = queries.replies(meetup_id)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        silent = queries.silent(meetup_id, limit=None)
        every = (*(_told(one) for one in replies), *(_not_told(one) for one in silent))
        return download(f"meetup-{meetup_id}", form, PEOPLE_COLUMNS, every)
    pages = paging(queries.silent_count(meetup_id))
    return render_template(
        "meetups/answers.html", meetup=meetup, replies=replies, answers=ANSWERS, paging=pages,
        counts=queries.coming_to([meetup_id]).get(meetup_id, queries.Coming()),
        silent=queries.silent(meetup_id, limit=pages.size, offset=pages.offset),
        invited=queries.invited(meetup_id, [one.person_id for one in replies]),
    )  # fmt: skip


def _who(person: Person) -> tuple[Any, ...]:
    return person.name, person.title, person.team.path if person.team else "", person.mail


def _told(reply: Reply) -> tuple[Any, ...]:
    answer = "waiting" if reply.waits else reply.answer.value
    return *_who(reply.person), answer, reply.needs, reply.replied_at, reply.way.value, reply.attended_at


def _not_told(invitation: Invitation) -> tuple[Any, ...]:
    return *_who(invitation.person), "none yet", "", "", "", ""


def init_app(app: Flask) -> None:
    """Let pages of parts below name the next meetup: what somebody registers gives something back."""
    app.jinja_env.globals["next_meetup"] = queries.next_one
