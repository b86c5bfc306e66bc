"""Peer profiles, credible voices, introductions, calls for help and drop-in slots."""

import enum
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import Topic
from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate, hidden, leads, stays


class Audience(enum.StrEnum):
    """Who sees a part of a profile: all who work here, those who have a profile too, or organisers and comms only."""

    COLLEAGUES = "colleagues"
    PEERS = "peers"
    ORGANISERS = "organisers"


#: What somebody without a profile or a role sees.
OPEN_TO_ALL: Final = (Audience.COLLEAGUES,)


class Relation(enum.StrEnum):
    """How somebody stands to a topic."""

    TOPIC = "topic"
    OFFER = "offer"
    ASK = "ask"


@dataclass(frozen=True, slots=True)
class Told:
    """What of a profile is told to somebody; what they may not see is empty."""

    about: str = ""
    place: str = ""
    reach: str = ""
    topics: tuple[str, ...] = ()
    offers: tuple[str, ...] = ()
    asks: tuple[str, ...] = ()

    def of(self, relation: Relation) -> tuple[str, ...]:
        """The topics, the offers or the asks."""
        return {Relation.TOPIC: self.topics, Relation.OFFER: self.offers, Relation.ASK: self.asks}[relation]


_WORDS: Final = hidden("The words of the profile once more, to be found by.")


class Profile(Model):
    """What somebody tells colleagues about their work. It is there because they opted in, until they opt out."""

    __tablename__ = "profile"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False,
        info=leads("Profile in the peer network", Fate.DELETED),
    )  # fmt: skip
    about: Mapped[str] = mapped_column(default="")
    #: Where they mostly are, where the directory does not say it or says it wrong.
    place: Mapped[str] = mapped_column(sa.String(120), default="")
    #: How to reach them, in their own words.
    reach: Mapped[str] = mapped_column(sa.String(200), default="")
    about_for: Mapped[Audience] = mapped_column(words(Audience, "about_for"), default=Audience.COLLEAGUES)
    place_for: Mapped[Audience] = mapped_column(words(Audience, "place_for"), default=Audience.COLLEAGUES)
    reach_for: Mapped[Audience] = mapped_column(words(Audience, "reach_for"), default=Audience.PEERS)
    topics_for: Mapped[Audience] = mapped_column(words(Audience, "topics_for"), default=Audience.COLLEAGUES)
    offers_for: Mapped[Audience] = mapped_column(words(Audience, "offers_for"), default=Audience.COLLEAGUES)
    asks_for: Mapped[Audience] = mapped_column(words(Audience, "asks_for"), default=Audience.COLLEAGUES)
    #: The folded words of the parts that each audience sees, to be found by; see ``queries.named``.
    words_for_colleagues: Mapped[str] = mapped_column(default="", info=_WORDS)
    words_for_peers: Mapped[str] = mapped_column(default="", info=_WORDS)
    words_for_organisers: Mapped[str] = mapped_column(default="", info=_WORDS)
    opted_in_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    interests: Mapped[list["Interest"]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Interest.id"
    )

    def told(self, audiences: Collection[Audience]) -> Told:
        """What of it somebody sees who belongs to ``audiences``. The interests must be loaded, with their topics."""
        parts: dict[str, str] = {}
        for name in ("about", "place", "reach"):
            parts[name] = getattr(self, name) if getattr(self, f"{name}_for") in audiences else ""
        return Told(
            **parts,
            topics=self._named(Relation.TOPIC) if self.topics_for in audiences else (),
            offers=self._named(Relation.OFFER) if self.offers_for in audiences else (),
            asks=self._named(Relation.ASK) if self.asks_for in audiences else (),
        )

    def _named(self, relation: Relation) -> tuple[str, ...]:
        return tuple(one.topic.name for one in self.interests if one.relation is relation)


#: Which column says who sees the topics, offers or asks.
AUDIENCE_OF: Final = {
    Relation.TOPIC: Profile.topics_for,
    Relation.OFFER: Profile.offers_for,
    Relation.ASK: Profile.asks_for,
}


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


class PeerChoice(Model):
    """What somebody would rather not be asked: it holds whether they have a profile or not."""

    __tablename__ = "peer_choice"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False,
        info=leads("What they would rather not be asked by peers", Fate.DELETED),
    )  # fmt: skip
    no_introductions: Mapped[bool] = mapped_column(default=False)
    no_calls: Mapped[bool] = mapped_column(default=False)


# --- Credible voices --------------------------------------------------------------------------------------


class VoiceState(enum.StrEnum):
    """What somebody has said to being a credible voice."""

    ASKED = "asked"
    YES = "yes"
    NO = "no"


voice_topic = sa.Table(
    "voice_topic",
    Model.metadata,
    sa.Column("voice_id", sa.ForeignKey("voice.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("topic_id", sa.ForeignKey("topic.id"), primary_key=True, index=True),
)


class Voice(Model):
    """A subject expert who may be asked to speak for the organisation: only with their own yes."""

    __tablename__ = "voice"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), unique=True, info=leads("As a credible voice", Fate.DELETED)
    )
    state: Mapped[VoiceState] = mapped_column(words(VoiceState))
    #: What they can speak about, in a sentence.
    subject: Mapped[str] = mapped_column(sa.String(300), default="", info=stays("The row goes with whom it is about."))
    asked_at: Mapped[datetime]
    #: Who asked them; None where they offered it themselves.
    asked_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Colleagues asked to be a credible voice", Fate.KEPT, shows=(),
                   because="It is part of what is held on the colleague."),
    )  # fmt: skip
    answered_at: Mapped[datetime | None]
    #: The day of their last media training, as comms have noted it; None without one.
    trained_on: Mapped[date | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    asked_by: Mapped[Person | None] = relationship(foreign_keys=[asked_by_id], lazy="raise_on_sql")
    topics: Mapped[list[Topic]] = relationship(secondary=voice_topic, order_by=Topic.key, lazy="raise_on_sql")


# --- Introductions ----------------------------------------------------------------------------------------

_INTRODUCED: Final[dict[str, Any]] = {"heading": "Introductions to colleagues", "fate": Fate.DELETED}


class Introduction(Model):
    """Somebody who runs an account alone and a colleague were written to about each other; never twice."""

    __tablename__ = "introduction"
    __table_args__ = (sa.UniqueConstraint("alone_id", "buddy_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    alone_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), info=leads(**_INTRODUCED))
    buddy_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True, info=leads(**_INTRODUCED))
    #: Why these two, as both were told.
    reasons: Mapped[str] = mapped_column(info=stays("The row goes with either of the two, whom it is about."))
    made_at: Mapped[datetime]
    made_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Colleagues introduced to each other", Fate.KEPT, shows=(),
                   because="It is part of what is held on the two."),
    )  # fmt: skip
    #: When each of them said that it is settled.
    alone_settled_at: Mapped[datetime | None]
    buddy_settled_at: Mapped[datetime | None]

    alone: Mapped[Person] = relationship(foreign_keys=[alone_id], lazy="raise_on_sql")
    buddy: Mapped[Person] = relationship(foreign_keys=[buddy_id], lazy="raise_on_sql")


# --- Help -------------------------------------------------------------------------------------------------


class HelpAnswer(enum.StrEnum):
    """What somebody who was asked for help has said."""

    WAITING = "waiting"
    CAN = "can help"
    NOT_NOW = "not now"


class HelpCall(Model):
    """Somebody asks a few colleagues for help."""

    __tablename__ = "help_call"

    id: Mapped[int] = mapped_column(primary_key=True)
    asker_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Help asked for", Fate.DELETED)
    )
    text: Mapped[str]
    #: What it is about, where they chose; empty or None where not.
    platform: Mapped[str] = mapped_column(sa.String(30), default="")
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic.id"), index=True)
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    #: What they said to those who helped.
    thanks: Mapped[str] = mapped_column(default="")

    asker: Mapped[Person] = relationship(lazy="raise_on_sql")
    topic: Mapped[Topic | None] = relationship(lazy="raise_on_sql")
    helpers: Mapped[list["HelpAsked"]] = relationship(
        lazy="raise_on_sql", back_populates="call", order_by="HelpAsked.id", cascade="all, delete-orphan"
    )

    @property
    def is_open(self) -> bool:
        """Whether it waits for an answer. The asker must be loaded."""
        return self.settled_at is None and self.asker.is_active


class HelpAsked(Model):
    """One of the few who were asked, why, and what they said."""

    __tablename__ = "help_asked"
    __table_args__ = (
        sa.UniqueConstraint("call_id", "person_id"),
        # How often somebody was asked of late.
        sa.Index("ix_help_asked_person_id", "person_id", "asked_at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    call_id: Mapped[int] = mapped_column(sa.ForeignKey("help_call.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), info=leads("Help asked of them", Fate.DELETED))
    #: Why they were asked, as the asker and they are told.
    why: Mapped[str]
    #: Whether they were asked as one of comms, since nobody else could be.
    for_comms: Mapped[bool] = mapped_column(default=False)
    asked_at: Mapped[datetime]
    answer: Mapped[HelpAnswer] = mapped_column(words(HelpAnswer), default=HelpAnswer.WAITING)
    answered_at: Mapped[datetime | None]
    #: The mail that asked them, to be held back where all is settled before it has left.
    message_id: Mapped[int | None]

    call: Mapped[HelpCall] = relationship(lazy="raise_on_sql", back_populates="helpers")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")


# --- Drop-in slots ----------------------------------------------------------------------------------------


class DropIn(Model):
    """A slot with somebody of the comms team that one colleague can book."""

    __tablename__ = "drop_in"
    __table_args__ = (
        # Pressing the button twice makes no second row of slots.
        sa.UniqueConstraint("host_id", "starts_at"),
        sa.Index("ix_drop_in_starts_at", "starts_at", "id"),
        sa.CheckConstraint("minutes BETWEEN 5 AND 120", name="minutes"),
        sa.CheckConstraint("(booked_by_id IS NULL) = (booked_at IS NULL)", name="booked"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    host_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"),
        info=leads("Drop-in slots held", Fate.DELETED, shows=("starts_at", "minutes", "place")),
    )  # fmt: skip
    starts_at: Mapped[datetime]
    minutes: Mapped[int]
    #: A room, or the address of an online meeting.
    place: Mapped[str] = mapped_column(sa.String(300))
    booked_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(
            "Drop-in slots booked", Fate.DELETED, shows=("starts_at", "minutes", "place", "booked_at", "about")
        ),
    )  # fmt: skip
    booked_at: Mapped[datetime | None]
    #: What they would like to talk about.
    about: Mapped[str] = mapped_column(sa.String(300), default="")

    host: Mapped[Person] = relationship(foreign_keys=[host_id], lazy="raise_on_sql")
    booked_by: Mapped[Person | None] = relationship(foreign_keys=[booked_by_id], lazy="raise_on_sql")
