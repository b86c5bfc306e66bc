"""Sightings: accounts that somebody or something saw and nobody has registered, and what became of each."""

import enum
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import Account
from registry.db import Model, now, words
from registry.people.models import Person
from registry.personal import Fate, hidden, leads, stays

_OF_THE_ACCOUNT = stays("It is about the account that was seen.")


class SightingState(enum.StrEnum):
    """What became of a sighting."""

    #: Nobody has looked at it yet.
    NEW = "new"
    #: Somebody was asked whether it is theirs.
    ASKED = "asked"
    #: Comms look after it until it is registered.
    CLAIMED = "claimed"
    REGISTERED = "registered"
    #: Somebody else's; the reason is remembered.
    NOT_OURS = "not ours"
    #: Somebody pretends to be us.
    SPOOF = "spoof"
    #: It was closed before anybody registered it.
    CLOSED = "closed"


#: What still waits for somebody.
WAITING: Final = (SightingState.NEW, SightingState.ASKED, SightingState.CLAIMED)


class Sighting(Model):
    """An account that was seen: one row an account, however often it is seen, so that nobody hears of it twice."""

    __tablename__ = "sighting"
    __table_args__ = (
        sa.UniqueConstraint("platform", "kind", "key"),
        sa.Index("ix_sighting_state", "state", "seen_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str] = mapped_column(sa.String(30), info=_OF_THE_ACCOUNT)
    kind: Mapped[str] = mapped_column(sa.String(30), info=_OF_THE_ACCOUNT)
    key: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    url: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    handle: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    state: Mapped[SightingState] = mapped_column(words(SightingState), default=SightingState.NEW)
    #: When it was seen first.
    seen_at: Mapped[datetime] = mapped_column(default=now)
    #: The account that it is registered as.
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"), index=True)
    #: Why it is not ours, or how we know that it pretends.
    reason: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Sightings decided on", Fate.KEPT, because="It is about an account.", shows=("url", "decided_at")),
    )  # fmt: skip

    account: Mapped[Account | None] = relationship(lazy="raise_on_sql")
    decided_by: Mapped[Person | None] = relationship(lazy="raise_on_sql")


class How(enum.StrEnum):
    """How an account was seen."""

    #: A colleague told.
    PERSON = "person"
    #: One of our own pages links to it.
    SWEEP = "sweep"
    #: Its handle stands in a text that comms pasted.
    TEXT = "text"
    #: The directory has its address.
    DIRECTORY = "directory"
    #: Somebody said so when the team was asked.
    CAMPAIGN = "campaign"


class Glimpse(Model):
    """One time that an account was seen: who or what saw it, where, and in which words."""

    __tablename__ = "glimpse"
    __table_args__ = (sa.UniqueConstraint("sighting_id", "how", "place_hash"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sighting_id: Mapped[int] = mapped_column(sa.ForeignKey("sighting.id", ondelete="CASCADE"))
    how: Mapped[How] = mapped_column(words(How))
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(
            "Accounts seen", Fate.CLEARED, clears=("quote",), shows=("how", "at", "quote"),
            because="That the account was seen stays; what they said is taken out.",
        ),
    )  # fmt: skip
    #: The page, the file, the attribute; of what a colleague tells, who it was.
    place: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    place_hash: Mapped[str] = mapped_column(sa.String(64), info=hidden("The place once more, short enough to compare."))
    #: The sentence, or the words of the link.
    quote: Mapped[str] = mapped_column(default="")

    by: Mapped[Person | None] = relationship(lazy="raise_on_sql")


class ClaimAnswer(enum.StrEnum):
    """What somebody says to the question whether an account is theirs."""

    YES = "yes"
    NO = "no"
    #: It is a colleague's.
    COLLEAGUE = "colleague"


class Claim(Model):
    """Somebody was asked whether an account is theirs: once, whatever they answer."""

    __tablename__ = "claim"
    __table_args__ = (sa.UniqueConstraint("sighting_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    sighting_id: Mapped[int] = mapped_column(sa.ForeignKey("sighting.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Accounts they were asked about", Fate.DELETED)
    )
    asked_at: Mapped[datetime] = mapped_column(default=now)
    asked_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Colleagues asked about accounts", Fate.KEPT, because="It is about somebody else.", shows=()),
    )  # fmt: skip
    answer: Mapped[ClaimAnswer | None] = mapped_column(words(ClaimAnswer))
    answered_at: Mapped[datetime | None]

    sighting: Mapped[Sighting] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    asked_by: Mapped[Person | None] = relationship(foreign_keys=[asked_by_id], lazy="raise_on_sql")


class SpoofStep(Model):
    """What was done about somebody who pretends to be us: reported to the platform when, how, and what came of it."""

    __tablename__ = "spoof_step"

    id: Mapped[int] = mapped_column(primary_key=True)
    sighting_id: Mapped[int] = mapped_column(sa.ForeignKey("sighting.id", ondelete="CASCADE"), index=True)
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Steps against fakes", Fate.KEPT, because="It is about an account.", shows=("at", "what")),
    )  # fmt: skip
    what: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)

    by: Mapped[Person | None] = relationship(lazy="raise_on_sql")
