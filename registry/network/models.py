"""Peer profiles: what colleagues do, what they can help with, what they would like help with."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import Topic
from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate, leads


class Profile(Model):
    """What somebody tells colleagues about their work. It is there because they opted in, until they opt out."""

    __tablename__ = "profile"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False,
        info=leads("Profile in the peer network", Fate.DELETED),
    )  # fmt: skip
    about: Mapped[str] = mapped_column(default="")
    opted_in_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    interests: Mapped[list["Interest"]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Interest.id"
    )


class Relation(enum.StrEnum):
    """How somebody stands to a topic."""

    TOPIC = "topic"
    OFFER = "offer"
    ASK = "ask"


class Interest(Model):
    """A topic that somebody works on, an offer of help with it, or an ask for help with it."""

    __tablename__ = "interest"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "relation", "topic_id"),
        sa.Index("ix_interest_topic", "topic_id", "relation"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("profile.person_id", ondelete="CASCADE"),
        info=leads("Topics, offers of help and asks for it", Fate.DELETED),
    )
    relation: Mapped[Relation] = mapped_column(words(Relation))
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topic.id"))

    topic: Mapped[Topic] = relationship(lazy="raise_on_sql")
