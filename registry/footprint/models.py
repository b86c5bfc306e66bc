"""Platforms: whether we are there and what for; and those who think that we should be."""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.platforms import name_of
from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate, leads, stays


class Use(enum.StrEnum):
    """Whether the organisation is on a platform."""

    IN_USE = "in use"
    TRIAL = "trial"
    NOT_USED = "not used"
    GIVEN_UP = "given up"


class Answer(enum.StrEnum):
    """What became of a request."""

    WAITING = "waiting"
    YES = "yes"
    TRIAL = "trial"
    NO = "no"


class PlatformUse(Model):
    """What comms decided about a platform: whether we are there, what for, and until when it is tried."""

    __tablename__ = "platform_use"
    __table_args__ = (sa.CheckConstraint("(use = 'trial') = (trial_until IS NOT NULL)", name="trial"),)

    platform: Mapped[str] = mapped_column(sa.String(30), primary_key=True, info=stays("It is about the platform."))
    use: Mapped[Use] = mapped_column(words(Use))
    #: What we are there for, or why we are not.
    purpose: Mapped[str] = mapped_column(default="", info=stays("It is about the platform."))
    trial_until: Mapped[date | None]
    decided_at: Mapped[datetime]
    decided_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Platforms decided on", Fate.KEPT, because="Who comes after must see that somebody decided."),
    )  # fmt: skip


class PlatformRequest(Model):
    """Somebody asked whether we should be on a platform."""

    __tablename__ = "platform_request"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: A slug of the platforms that are known, or a name as it was typed.
    platform: Mapped[str] = mapped_column(sa.String(60), info=stays("It is about the platform."))
    audience: Mapped[str] = mapped_column(info=stays("It is about the platform."))
    purpose: Mapped[str] = mapped_column(info=stays("It is about the platform."))
    #: Hours a week that they can give to it.
    hours: Mapped[int]
    asked_at: Mapped[datetime]
    asked_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Platforms asked for", Fate.KEPT, because="The answer is for whoever asks the same again."),
    )  # fmt: skip
    answer: Mapped[Answer] = mapped_column(words(Answer), default=Answer.WAITING, index=True)
    advice: Mapped[str] = mapped_column(default="", info=stays("It is about the platform."))
    answered_at: Mapped[datetime | None]
    answered_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Platform requests answered", Fate.KEPT, because="The answer is for whoever asks the same again."),
    )  # fmt: skip

    asked_by: Mapped[Person] = relationship(foreign_keys=[asked_by_id], lazy="raise_on_sql")

    @property
    def name(self) -> str:
        """What people call the platform."""
        return name_of(self.platform)
