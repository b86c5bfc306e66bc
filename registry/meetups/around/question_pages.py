"""Questions to a meetup, their answers as notes, and links to slides."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts.forms import ButtonForm
from registry.db import db
from registry.export import download
from registry.meetups import queries as meetups
from registry.meetups.around import asking, queries
from registry.meetups.around.forms import LinkForm, NoteForm, QuestionForm
from registry.meetups.around.models import Question
from registry.meetups.models import Meetup, MeetupState
from registry.meetups.views import ORGANISERS
from registry.roles import Role
from registry.web import allow, found, may, paging, viewer

bp = Blueprint("questions", __name__, url_prefix="/meetups")
NOTE_COLUMNS: Final = ("question", "answer", "meetup", "on", "answered_at")


@bp.get("/<int:meetup_id>/questions")
@allow(Role.STAFF)
def page(meetup_id: int) -> Any:
    """What colleagues ask, and what was answered."""
    return _page(found(meetups.meetup(meetup_id)), QuestionForm(formdata=None), LinkForm(formdata=None))


def _page(meetup: Meetup, form: QuestionForm, link_form: LinkForm) -> Any:
    page = render_template(
        "meetups/questions.html", meetup=meetup, questions=queries.questions(meetup.id, viewer().id), form=form,
        links=queries.links(meetup.id), link_form=link_form, may_write=_may_write(meetup), organises=may(*ORGANISERS),
    )  # fmt: skip
    return (page, 422) if form.errors or link_form.errors else page


def _may_write(meetup: Meetup) -> bool:
    """Whether somebody writes answers down and adds links: organisers, who leads it, who speaks there."""
    me = viewer().id
    return may(*ORGANISERS) or me == meetup.leader_id or any(item.speaker_id == me for item in meetup.agenda)


@bp.post("/<int:meetup_id>/questions")
@allow(Role.STAFF)
def ask(meetup_id: int) -> Any:
    """Ask something."""
    meetup, form = found(meetups.meetup(meetup_id)), QuestionForm()
    if not form.validate_on_submit():
        return _page(meetup, form, LinkForm(formdata=None))
    if meetup.state is MeetupState.CANCELLED:
        flash("This meetup does not take place. Ask at the next one.", "error")
    else:
        asking.ask(meetup=meetup, person=viewer(), text=form.text.data, unnamed=form.unnamed.data)
        db.session.commit()
        flash("Asked. Colleagues can vote for it." if meetup.is_open else "It is among the questions now.", "success")
    return redirect(url_for("questions.page", meetup_id=meetup_id))


def _question(meetup_id: int, question_id: int) -> Question:
    return found(queries.question(meetup_id, question_id))


@bp.post("/<int:meetup_id>/questions/<int:question_id>/<any(vote, unvote):how>")
@allow(Role.STAFF)
def vote(meetup_id: int, question_id: int, how: str) -> Any:
    """Say that you would like to hear it, too; or not any more."""
    question = _question(meetup_id, question_id)
    if ButtonForm().validate_on_submit():
        change = asking.vote if how == "vote" else asking.take_vote_back
        change(question=question, person=viewer())
        db.session.commit()
    return redirect(url_for("questions.page", meetup_id=meetup_id, _anchor=f"question-{question_id}"))


@bp.get("/<int:meetup_id>/questions/<int:question_id>/answer")
@allow(Role.STAFF)
def note(meetup_id: int, question_id: int) -> Any:
    """Write down what was answered."""
    meetup, question = _writable(meetup_id, question_id)
    form = NoteForm(formdata=None, answer=question.answer)
    return render_template("meetups/note.html", meetup=meetup, question=question, form=form)


def _writable(meetup_id: int, question_id: int) -> tuple[Meetup, Question]:
    meetup, question = found(meetups.meetup(meetup_id)), _question(meetup_id, question_id)
    return found(meetup if _may_write(meetup) else None), question


@bp.post("/<int:meetup_id>/questions/<int:question_id>/answer")
@allow(Role.STAFF)
def answer(meetup_id: int, question_id: int) -> Any:
    """Keep it as a note that is found later."""
    (meetup, question), form = _writable(meetup_id, question_id), NoteForm()
    if not form.validate_on_submit():
        return render_template("meetups/note.html", meetup=meetup, question=question, form=form), 422
    asking.answer(question=question, meetup=meetup, actor=viewer(), text=form.answer.data)
    db.session.commit()
    flash("Kept. Colleagues find it among the notes.", "success")
    return redirect(url_for("questions.page", meetup_id=meetup_id, _anchor=f"question-{question_id}"))


@bp.post("/<int:meetup_id>/questions/<int:question_id>/remove")
@allow(Role.STAFF)
def remove(meetup_id: int, question_id: int) -> Any:
    """Take a question away: one's own, or as an organiser one that does not belong here."""
    meetup, question = found(meetups.meetup(meetup_id)), _question(meetup_id, question_id)
    found(question if may(*ORGANISERS) or (question.asked_by_id == viewer().id and not question.answer) else None)
    if ButtonForm().validate_on_submit():
        asking.remove(question=question, meetup=meetup, actor=viewer())
        db.session.commit()
        flash("The question is gone.", "success")
    return redirect(url_for("questions.page", meetup_id=meetup_id))


@bp.post("/<int:meetup_id>/links")
@allow(Role.STAFF)
def add_link(meetup_id: int) -> Any:
    """Add a link to slides or a recording."""
    meetup, form = found(meetups.meetup(meetup_id)), LinkForm()
    found(meetup if _may_write(meetup) else None)
    if not form.validate_on_submit():
        return _page(meetup, QuestionForm(formdata=None), form)
    asking.add_link(meetup=meetup, actor=viewer(), title=form.title.data, url=form.url.data)
    db.session.commit()
    return redirect(url_for("questions.page", meetup_id=meetup_id, _anchor="links"))


@bp.post("/<int:meetup_id>/links/<int:material_id>/remove")
@allow(Role.STAFF)
def remove_link(meetup_id: int, material_id: int) -> Any:
    """Take a link away."""
    meetup = found(meetups.meetup(meetup_id))
    link = found(queries.link(meetup_id, material_id) if _may_write(meetup) else None)
    if ButtonForm().validate_on_submit():
        db.session.delete(link)
        db.session.commit()
    return redirect(url_for("questions.page", meetup_id=meetup_id, _anchor="links"))


@bp.get("/notes")
@allow(Role.STAFF)
def notes() -> Any:
    """What was answered at all meetups, to search and to take along."""
    query = request.args.get("q", "")
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        every = queries.notes(query, limit=None)
        rows = ((one.text, one.answer, one.meetup.title, one.meetup.begins_at, one.answered_at) for one in every)
        return download("notes", form, NOTE_COLUMNS, rows)
    pages = paging(queries.notes_count(query), size=20)
    found_notes = queries.notes(query, limit=pages.size, offset=pages.offset)
    return render_template("meetups/notes.html", notes=found_notes, paging=pages, query=query)
