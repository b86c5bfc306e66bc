"""How far the register has come in asking, for each account and for each person."""

import enum
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model, words
from registry.personal import Fate, leads


class Stage(enum.StrEnum):
    """What was done last to learn whether an account is still right."""

    #: Its people were told that the day is near.
    BEFORE = "before"
    #: They were asked on the day, and twice more.
    DUE = "due"
    AGAIN = "again"
    LAST = "last"
    #: Nobody answered, and comms were told.
    COMMS = "comms"
    #: Nobody answered for long, and the account was set dormant.
    ASLEEP = "asleep"


class Watch(Model):
    """How far we have come in asking about one account. The row goes when somebody answers.

    Time is counted in days on which the register was at work, not taken from the clock: one that jumps a year ahead
    has waited one day longer, and while the register is off nobody's time runs out.
    """

    __tablename__ = "review_watch"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    #: The day of review that it is about.
    review_on: Mapped[date]
    stage: Mapped[Stage] = mapped_column(words(Stage), index=True)
    #: Days since that stage, and the last one that was counted.
    waited: Mapped[int] = mapped_column(default=0)
    counted_on: Mapped[date]


class ReviewMail(Model):
    """How long ago somebody was last written to about reviews: nobody is, twice a week."""

    __tablename__ = "review_mail"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False,
        info=leads("Days since the last mail about reviews", Fate.DELETED),
    )  # fmt: skip
    waited: Mapped[int] = mapped_column(default=0)
    counted_on: Mapped[date]
