"""Questions sent before a meetup, votes for them, and answers that stay as notes; links that belong to it."""

from contextlib import suppress

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit, search
from registry.audit import Somebody
from registry.db import db, now
from registry.meetups.around.models import Material, Question, QuestionVote
from registry.meetups.models import Meetup

ANSWERED = audit.declare("question.answered", "{actor} wrote down an answer at “{subject}”")
REMOVED = audit.declare("question.removed", "{actor} took a question of “{subject}” away", "question")


def ask(*, meetup: Meetup, person: Somebody, text: str, unnamed: bool) -> Question:
    """Ask something; whoever asks votes for it."""
    question = Question(
        meetup_id=meetup.id, text=text, asked_by_id=person.id, is_unnamed=unnamed, search_text=search.fold(text)
    )
    db.session.add(question)
    db.session.flush()
    vote(question=question, person=person)
    return question


def vote(*, question: Question, person: Somebody) -> None:
    """Vote for a question; twice is once."""
    if not voted(question.id, person.id):
        with suppress(IntegrityError), db.session.begin_nested():  # Two presses at once are one.
            db.session.add(QuestionVote(question_id=question.id, person_id=person.id))


def take_vote_back(*, question: Question, person: Somebody) -> None:
    """Vote for it no longer."""
    db.session.execute(
        sa.delete(QuestionVote).where(QuestionVote.question_id == question.id, QuestionVote.person_id == person.id)
    )


def voted(question_id: int, person_id: int) -> bool:
    """Whether somebody has voted for a question."""
    return db.session.get(QuestionVote, (question_id, person_id)) is not None


def answer(*, question: Question, meetup: Meetup, actor: Somebody, text: str) -> None:
    """Write down what was answered, or put it right; an empty ``text`` opens the question again."""
    question.answer = text
    question.answered_at = now() if text else None
    question.answered_by_id = actor.id if text else None
    question.search_text = search.fold(question.text, text)
    audit.record(
        ANSWERED, actor=actor, subject_kind="meetup", subject_id=meetup.id, subject_name=meetup.title
    )  # fmt: skip


def remove(*, question: Question, meetup: Meetup, actor: Somebody) -> None:
    """Take a question away, with its votes: whoever asked it may, and organisers where it does not belong there."""
    audit.record(
        REMOVED, actor=actor, subject_kind="meetup", subject_id=meetup.id, subject_name=meetup.title,
        question=question.text if question.asked_by_id != actor.id else "",
    )  # fmt: skip
    db.session.execute(sa.delete(QuestionVote).where(QuestionVote.question_id == question.id))
    db.session.delete(question)


def add_link(*, meetup: Meetup, actor: Somebody, title: str, url: str) -> Material:
    """Put a link to slides or the like on a meetup's page."""
    material = Material(meetup_id=meetup.id, title=title, url=url, added_by_id=actor.id)
    db.session.add(material)
    return material
