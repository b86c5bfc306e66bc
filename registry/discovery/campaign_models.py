"""Asking the teams: a campaign, and what each person answers."""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, now, words
from registry.people.models import Person, Team
from registry.personal import Fate, hidden, leads, stays

_OF_THE_ORGANISATION = stays("It is what the organisation asked.")


class Campaign(Model):
    """A question to a team, or to everybody: do you use social media for work?"""

    __tablename__ = "campaign"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(sa.String(120), info=_OF_THE_ORGANISATION)
    text: Mapped[str] = mapped_column(info=_OF_THE_ORGANISATION)
    #: With the teams within it; ``None`` for everybody.
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"), index=True)
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(
            "Campaigns begun", Fate.KEPT, because="It is what the organisation asked.", shows=("title", "made_at")
        ),
    )  # fmt: skip
    #: When the mails began to leave, and the day of the one reminder.
    begun_at: Mapped[datetime | None]
    remind_on: Mapped[date | None]
    reminded_at: Mapped[datetime | None]
    #: When everybody had been asked; and when answers were no longer taken.
    asked_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]

    team: Mapped[Team | None] = relationship(lazy="raise_on_sql")
    made_by: Mapped[Person | None] = relationship(lazy="raise_on_sql")


class Use(enum.StrEnum):
    """Whether somebody uses social media for work."""

    YES = "yes"
    SOMETIMES = "sometimes"
    NO = "no"
    #: Not they, but they know of an account.
    KNOWS = "not mine, but I know"


class Readiness(enum.StrEnum):
    """How somebody feels about registering: organisers begin with the easiest."""

    WILLING = "willing"
    CURIOUS = "curious"
    NOT_YET = "not yet"


class Asked(Model):
    """Somebody was asked in a campaign, and what they answered."""

    __tablename__ = "asked"
    __table_args__ = (sa.Index("ix_asked_campaign", "campaign_id", "answered_at", "person_id"),)

    campaign_id: Mapped[int] = mapped_column(sa.ForeignKey("campaign.id"), primary_key=True, autoincrement=False)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False, index=True,
        info=leads("Questions about social media at work", Fate.DELETED),
    )  # fmt: skip
    at: Mapped[datetime] = mapped_column(default=now)
    #: What makes the link in their mail theirs.
    nonce: Mapped[str] = mapped_column(sa.String(32), info=hidden("It opens their answer."))
    reminded_at: Mapped[datetime | None]
    use: Mapped[Use | None] = mapped_column(words(Use))
    readiness: Mapped[Readiness | None] = mapped_column(words(Readiness))
    #: What they added: which accounts.
    said: Mapped[str] = mapped_column(default="")
    answered_at: Mapped[datetime | None]

    campaign: Mapped[Campaign] = relationship(lazy="raise_on_sql")
    person: Mapped[Person] = relationship(lazy="raise_on_sql")
