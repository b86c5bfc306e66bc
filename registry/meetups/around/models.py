"""Questions, links and cards: what people bring to a meetup, and what is left of it."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, now
from registry.meetups.models import Meetup
from registry.people.models import Person
from registry.personal import Fate, hidden, leads, stays

_FOUND_BY = hidden("The words of the other columns once more, to be found by.")
_FOR_ALL = stays("Colleagues go on using it; who wrote it is told by the pseudonym.")


def _by(heading: str, because: str = "Colleagues go on using it.", **more: object) -> Mapped[int | None]:
    return mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads(heading, Fate.KEPT, because=because, **more)
    )


class Question(Model):
    """What somebody would like to have answered at a meetup; with its answer it is a note to be found later."""

    __tablename__ = "question"

    id: Mapped[int] = mapped_column(primary_key=True)
    meetup_id: Mapped[int] = mapped_column(sa.ForeignKey("meetup.id"), index=True)
    text: Mapped[str] = mapped_column(info=_FOR_ALL)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    asked_by_id: Mapped[int | None] = _by("Questions to meetups")
    #: Whether colleagues are not told who asks.
    is_unnamed: Mapped[bool] = mapped_column(default=False)
    #: What was answered; empty until then.
    answer: Mapped[str] = mapped_column(default="", info=_FOR_ALL)
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = _by("Answers written down at meetups", shows=("answer", "answered_at"))
    search_text: Mapped[str] = mapped_column(default="", info=_FOUND_BY)

    asked_by: Mapped[Person | None] = relationship(foreign_keys=[asked_by_id], lazy="raise_on_sql")
    meetup: Mapped[Meetup] = relationship(lazy="raise_on_sql")


class QuestionVote(Model):
    """Somebody would like to hear the answer to a question, too."""

    __tablename__ = "question_vote"

    question_id: Mapped[int] = mapped_column(
        sa.ForeignKey("question.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True,
        info=leads("Votes for questions", Fate.DELETED),
    )  # fmt: skip


class Material(Model):
    """A link that belongs to a meetup: the slides, a recording, what was talked about."""

    __tablename__ = "material"

    id: Mapped[int] = mapped_column(primary_key=True)
    meetup_id: Mapped[int] = mapped_column(sa.ForeignKey("meetup.id"), index=True)
    title: Mapped[str] = mapped_column(sa.String(120), info=_FOR_ALL)
    url: Mapped[str] = mapped_column(sa.String(500), info=_FOR_ALL)
    added_at: Mapped[datetime] = mapped_column(default=now)
    added_by_id: Mapped[int | None] = _by("Links added to meetups", shows=("title", "url", "added_at"))


class Card(Model):
    """What worked: what somebody did, for whom, and what came of it, so that colleagues can do it, too."""

    __tablename__ = "card"
    __table_args__ = (sa.Index("ix_card_made_at", "made_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What was done, in a sentence.
    title: Mapped[str] = mapped_column(sa.String(160), info=_FOR_ALL)
    how: Mapped[str] = mapped_column(default="", info=_FOR_ALL)
    for_whom: Mapped[str] = mapped_column(sa.String(160), info=_FOR_ALL)
    result: Mapped[str] = mapped_column(sa.String(300), info=_FOR_ALL)
    campaign: Mapped[str] = mapped_column(sa.String(80), default="", info=_FOR_ALL)
    #: On which account; nobody is told of one that they may not see.
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"), index=True)
    #: At which meetup it was told.
    meetup_id: Mapped[int | None] = mapped_column(sa.ForeignKey("meetup.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    made_by_id: Mapped[int | None] = _by("Cards of what worked")
    search_text: Mapped[str] = mapped_column(default="", info=_FOUND_BY)

    made_by: Mapped[Person | None] = relationship(lazy="raise_on_sql")
    meetup: Mapped[Meetup | None] = relationship(lazy="raise_on_sql")


class CardThanks(Model):
    """Somebody thanks for a card: it helped."""

    __tablename__ = "card_thanks"

    card_id: Mapped[int] = mapped_column(
        sa.ForeignKey("card.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True,
        info=leads("Thanks for cards", Fate.DELETED),
    )  # fmt: skip
    thanked_at: Mapped[datetime] = mapped_column(default=now)
