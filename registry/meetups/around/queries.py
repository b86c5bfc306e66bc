"""Reads of questions, notes, links and cards."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import search
from registry.accounts.models import Account
from registry.db import db
from registry.meetups.around.models import Card, CardThanks, Material, Question, QuestionVote


@dataclass(frozen=True, slots=True)
class Asked:
    """A question, how many would like to hear its answer, and whether the person who looks does."""

    question: Question
    votes: int
    mine: bool


def questions(meetup_id: int, person_id: int) -> list[Asked]:
    """The questions of a meetup, those without an answer first, then by votes, then in the order of asking."""
    votes = _count(QuestionVote.question_id, Question.id)
    mine = sa.exists().where(QuestionVote.question_id == Question.id, QuestionVote.person_id == person_id)
    rows: Any = db.session.execute(
        sa.select(Question, votes.label("votes"), mine.label("mine"))
        .where(Question.meetup_id == meetup_id)
        .options(joinedload(Question.asked_by))
        .order_by(Question.answered_at.is_not(None), sa.desc("votes"), Question.asked_at, Question.id)
    )
    return [Asked(*row) for row in rows]


def _count(column: Any, key: Any) -> Any:
    return sa.select(sa.func.count()).where(column == key).scalar_subquery()


def question(meetup_id: int, question_id: int) -> Question | None:
    """One question of a meetup."""
    return db.session.scalar(sa.select(Question).where(Question.id == question_id, Question.meetup_id == meetup_id))


def notes(query: str, *, limit: int | None, offset: int = 0) -> Sequence[Question]:
    """Answered questions of all meetups, each with its meetup, the last answered first."""
    return db.session.scalars(
        sa.select(Question)
        .where(Question.answered_at.is_not(None), *search.has_words(Question, query))
        .options(joinedload(Question.meetup))
        .order_by(Question.answered_at.desc(), Question.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def notes_count(query: str) -> int:
    """How many notes have each word of ``query``."""
    which = (Question.answered_at.is_not(None), *search.has_words(Question, query))
    return db.session.scalar(sa.select(sa.func.count(Question.id)).where(*which)) or 0


def links(meetup_id: int) -> Sequence[Material]:
    """The links of a meetup, in the order in which they were added."""
    return db.session.scalars(
        sa.select(Material).where(Material.meetup_id == meetup_id).order_by(Material.added_at, Material.id)
    ).all()


def link(meetup_id: int, material_id: int) -> Material | None:
    """One link of a meetup."""
    return db.session.scalar(sa.select(Material).where(Material.id == material_id, Material.meetup_id == meetup_id))


def cards_of(meetup_id: int) -> Sequence[Card]:
    """The cards that were told at a meetup, the newest first."""
    return db.session.scalars(
        sa.select(Card).where(Card.meetup_id == meetup_id).order_by(Card.made_at.desc(), Card.id.desc())
    ).all()


def cards(query: str, *, limit: int | None, offset: int = 0) -> Sequence[Card]:
    """Cards that have each word of ``query``, the newest first."""
    return db.session.scalars(
        sa.select(Card)
        .where(*search.has_words(Card, query))
        .options(joinedload(Card.made_by))
        .order_by(Card.made_at.desc(), Card.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def cards_count(query: str) -> int:
    """How many cards have each word of ``query``."""
    return db.session.scalar(sa.select(sa.func.count(Card.id)).where(*search.has_words(Card, query))) or 0


def cards_since(since: datetime, most: int) -> Sequence[Card]:
    """The cards made after ``since``, each with who made it, the newest first."""
    return db.session.scalars(
        sa.select(Card)
        .where(Card.made_at > since)
        .options(joinedload(Card.made_by))
        .order_by(Card.made_at.desc(), Card.id.desc())
        .limit(most)
    ).all()


def card(card_id: int) -> Card | None:
    """A card with who made it, its account and its meetup."""
    return db.session.scalar(
        sa.select(Card).where(Card.id == card_id).options(joinedload(Card.made_by), joinedload(Card.meetup))
    )


def accounts(account_ids: Collection[int], seen: sa.ColumnElement[bool]) -> dict[int, Account]:
    """Those of these accounts for which ``seen`` holds, by id; see ``registry.accounts.queries.visible_to``."""
    if not account_ids:
        return {}
    rows = db.session.scalars(sa.select(Account).where(Account.id.in_(account_ids), seen))
    return {one.id: one for one in rows}


def thanks(card_ids: Collection[int]) -> dict[int, int]:
    """How many have thanked, by card; one that nobody thanked for is left out."""
    rows: Any = db.session.execute(
        sa.select(CardThanks.card_id, sa.func.count())
        .where(CardThanks.card_id.in_(card_ids))
        .group_by(CardThanks.card_id)
    )
    return {card_id: count for card_id, count in rows}


def thanked(card_id: int, person_id: int) -> bool:
    """Whether somebody has thanked for a card."""
    return db.session.get(CardThanks, (card_id, person_id)) is not None
