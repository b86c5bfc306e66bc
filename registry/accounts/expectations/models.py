"""What was said about expectations, field by field, and which texts the live account is said to carry."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model, words
from registry.personal import Fate, leads, stays
from registry.workdays import Calendar


class Level(enum.StrEnum):
    """For whom something was said: the nearer one counts before the wider one."""

    ORGANISATION = "organisation"
    TEAM = "team"
    ACCOUNT = "account"


class Reply(enum.StrEnum):
    """How soon somebody who writes to an account may expect an answer."""

    HOUR = "hour"
    SAME_DAY = "same-day"
    ONE_DAY = "one-day"
    TWO_DAYS = "two-days"
    FIVE_DAYS = "five-days"
    READ_ONLY = "read-only"
    NEVER = "never"


class Words(enum.StrEnum):
    """A text that the register writes for an account, and its people put there."""

    BIO = "bio"
    PINNED = "pinned"


#: Seven days from Monday; in each the spans in which somebody is there, as minutes since midnight.
Week = list[list[list[int]]]

_ABOUT_ACCOUNTS = stays("It is about accounts.")


class Expectation(Model):
    """What was said for the organisation, one team or one account. An empty field was left to the next wider level."""

    __tablename__ = "expectation"
    __table_args__ = (
        sa.CheckConstraint("(level = 'team') = (team_id IS NOT NULL)", name="of_a_team"),
        sa.CheckConstraint("(level = 'account') = (account_id IS NOT NULL)", name="of_an_account"),
        sa.Index(
            "uq_expectation_organisation", "level", unique=True, sqlite_where=sa.text("level = 'organisation'"),
            postgresql_where=sa.text("level = 'organisation'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    level: Mapped[Level] = mapped_column(words(Level))
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id", ondelete="CASCADE"), unique=True)
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), unique=True)
    hours: Mapped[Week | None] = mapped_column(sa.JSON(none_as_null=True), info=_ABOUT_ACCOUNTS)
    bank_holidays: Mapped[Calendar | None] = mapped_column(words(Calendar))
    reply: Mapped[Reply | None] = mapped_column(words(Reply))
    #: Where to turn when nobody is there; empty where nowhere.
    out_of_hours: Mapped[str | None] = mapped_column(info=_ABOUT_ACCOUNTS)
    #: What comes after "Not for": "emergencies: ring 999".
    not_for: Mapped[str | None] = mapped_column(info=_ABOUT_ACCOUNTS)


class Carried(Model):
    """Somebody said that the live account carries a text; ``text`` is the one that they had before them."""

    __tablename__ = "carried"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    what: Mapped[Words] = mapped_column(words(Words), primary_key=True)
    text: Mapped[str] = mapped_column(info=stays("The register wrote it, about the account."))
    ticked_at: Mapped[datetime]
    ticked_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(
            "Words said to be on the live account", Fate.KEPT, shows=("account_id", "what", "ticked_at"),
            because="The account's people must know when somebody last looked.",
        ),
    )  # fmt: skip
