"""What a line manager was asked, and what they answered."""

import enum
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import Account
from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate, leads, stays

_WHO_KNEW: Final = "Comms decided with it before them, so it must stay to be seen that somebody was asked."


class NodAnswer(enum.StrEnum):
    """How a line manager answered."""

    WAITING = "waiting"
    YES = "yes"
    NO = "no"
    #: Nobody answered in time; comms decide without it.
    LAPSED = "lapsed"


class Nod(Model):
    """A line manager was told that one of their people wants to run an account, and asked to nod."""

    __tablename__ = "nod"
    #: One at a time, so that two who register at once ask once.
    __table_args__ = (sa.Index("ix_nod_waiting", "account_id", unique=True, sqlite_where=sa.text("answer = 'waiting'"),
                               postgresql_where=sa.text("answer = 'waiting'")),)  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    manager_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Nods asked of them as a line manager", Fate.KEPT, because=_WHO_KNEW),
    )  # fmt: skip
    asked_at: Mapped[datetime]
    #: The last day on which an answer is waited for.
    due_on: Mapped[date]
    answer: Mapped[NodAnswer] = mapped_column(words(NodAnswer), default=NodAnswer.WAITING, index=True)
    #: Why not, in their words, where they said no.
    reason: Mapped[str] = mapped_column(default="", info=stays("Comms weighed it, whoever said it."))
    answered_at: Mapped[datetime | None]

    account: Mapped[Account] = relationship(lazy="raise_on_sql")
    manager: Mapped[Person] = relationship(lazy="raise_on_sql")
