"""What is kept on who answers: hand-overs that wait, what comms hold, how an account is got at, what to withdraw."""

import enum
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import Account, State
from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate, leads, stays

_OF_THE_ACCOUNT: Final = stays("It is about the account.")
_FOR_THE_NEXT: Final = "Whoever answers for the account next must see what was done with it, and by whom."
_OFFERED: Final[dict[str, Any]] = {
    "heading": "Hand-overs of accounts",
    "fate": Fate.CLEARED,
    "because": "That an account changed hands, and when, stays; the words are taken out.",
    "clears": ("note", "reason"),
}


def _account_key() -> Mapped[int]:
    return mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False)


# --- Hand-overs -------------------------------------------------------------------------------------------


class OfferState(enum.StrEnum):
    """How an offered hand-over stands."""

    WAITING = "waiting"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class HandOver(Model):
    """Somebody is asked to answer for an account from now on. Nothing changes before they have accepted."""

    __tablename__ = "hand_over"
    __table_args__ = (
        # Of two who offer the same account at once, the database takes one.
        sa.Index(
            "ix_hand_over_waiting", "account_id", unique=True, sqlite_where=sa.text("state = 'waiting'"),
            postgresql_where=sa.text("state = 'waiting'"),
        ),
        sa.Index("ix_hand_over_state", "state", "offered_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    #: Who answered for it when it was offered; None where nobody did.
    giver_id: Mapped[int | None] = mapped_column(sa.ForeignKey("person.id"), index=True, info=leads(**_OFFERED))
    taker_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True, info=leads(**_OFFERED))
    offered_by_id: Mapped[int] = mapped_column(sa.ForeignKey("person.id"), index=True, info=leads(**_OFFERED))
    offered_at: Mapped[datetime]
    note: Mapped[str] = mapped_column(default="")
    #: Whether the giver goes on posting there, as a contributor.
    stays_on: Mapped[bool] = mapped_column(default=False)
    state: Mapped[OfferState] = mapped_column(words(OfferState), default=OfferState.WAITING)
    settled_at: Mapped[datetime | None]
    #: Why it was declined or withdrawn.
    reason: Mapped[str] = mapped_column(default="")
    #: How many times the taker was reminded.
    reminders: Mapped[int] = mapped_column(default=0)

    account: Mapped[Account] = relationship(lazy="raise_on_sql")
    giver: Mapped[Person | None] = relationship(foreign_keys=[giver_id], lazy="raise_on_sql")
    taker: Mapped[Person] = relationship(foreign_keys=[taker_id], lazy="raise_on_sql")
    offered_by: Mapped[Person] = relationship(foreign_keys=[offered_by_id], lazy="raise_on_sql")


# --- Where an account stands aside ------------------------------------------------------------------------


class Custody(Model):
    """The comms team holds an orphaned account until somebody answers for it or it is closed."""

    __tablename__ = "custody"

    account_id: Mapped[int] = _account_key()
    since_at: Mapped[datetime]
    taken_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Accounts taken into custody", Fate.KEPT, because=_FOR_THE_NEXT),
    )  # fmt: skip
    reason: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)

    taken_by: Mapped[Person] = relationship(lazy="raise_on_sql")


class Loss(Model):
    """Nobody of ours gets into an account any more: it was taken, locked, or the way in is forgotten."""

    __tablename__ = "loss"

    account_id: Mapped[int] = _account_key()
    since_at: Mapped[datetime]
    told_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Accounts reported lost", Fate.KEPT, because=_FOR_THE_NEXT),
    )  # fmt: skip
    #: What happened, and what was tried so far.
    tried: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    #: The state to which it comes back.
    before: Mapped[State] = mapped_column(words(State))

    told_by: Mapped[Person] = relationship(lazy="raise_on_sql")


class NameFate(enum.StrEnum):
    """What became of the name of an account that was closed."""

    KEPT = "kept"
    RELEASED = "released"


class Closing(Model):
    """Why an account was closed, and what became of its name."""

    __tablename__ = "closing"

    account_id: Mapped[int] = _account_key()
    closed_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Accounts closed", Fate.KEPT, because=_FOR_THE_NEXT)
    )
    reason: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    name: Mapped[NameFate] = mapped_column(words(NameFate))

    closed_by: Mapped[Person] = relationship(lazy="raise_on_sql")


# --- How an account is got at -----------------------------------------------------------------------------


class Kept(enum.StrEnum):
    """Where the credentials of an account are kept."""

    VAULT = "password manager"
    SSO = "single sign-on"
    SEALED = "sealed with comms"
    OWNER = "only with the owner"
    UNKNOWN = "not known"


class TwoStep(enum.StrEnum):
    """Whether signing in takes a second step."""

    ON = "on"
    OFF = "off"
    UNKNOWN = "not known"


class Recovery(enum.StrEnum):
    """Whose mailbox the platform writes to when somebody has forgotten the password."""

    CORPORATE = "corporate"
    PERSONAL = "personal"
    UNKNOWN = "not known"


class AccessFacts(Model):
    """How an account is got at: where the keys are, never the keys."""

    __tablename__ = "access_facts"

    account_id: Mapped[int] = _account_key()
    kept: Mapped[Kept] = mapped_column(words(Kept))
    #: Which entry, envelope or group it is.
    place: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    two_step: Mapped[TwoStep] = mapped_column(words(TwoStep))
    recovery: Mapped[Recovery] = mapped_column(words(Recovery))
    #: Other programs that can post there.
    tools: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    told_at: Mapped[datetime]
    told_by_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Access described", Fate.KEPT, because=_FOR_THE_NEXT)
    )

    told_by: Mapped[Person] = relationship(lazy="raise_on_sql")


# --- Access to withdraw -----------------------------------------------------------------------------------


class WayIn(enum.StrEnum):
    """A way in that somebody may still have."""

    PASSWORD = "password"  # noqa: S105 - the word for it
    SESSIONS = "sessions"
    ROLES = "roles"
    TOOLS = "tools"
    RECOVERY = "recovery"
    TWO_STEP = "2-step"


class Because(enum.StrEnum):
    """Why somebody's access is to be withdrawn."""

    LEFT = "they have left"
    HANDED_OVER = "they handed it over"
    NO_LONGER = "they do not run it any more"
    CLOSED = "it is closed"


class Outcome(enum.StrEnum):
    """What became of a way in."""

    DONE = "done"
    NOT_NEEDED = "not needed"


class Withdrawal(Model):
    """One way into an account that is to be taken from somebody: open until it is ticked."""

    __tablename__ = "withdrawal"
    __table_args__ = (
        sa.Index(
            "ix_withdrawal_open", "account_id", "person_id", "way", unique=True,
            sqlite_where=sa.text("settled_at IS NULL"), postgresql_where=sa.text("settled_at IS NULL"),
        ),
        sa.Index("ix_withdrawal_account_id", "account_id", "settled_at"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(
            "Access withdrawn from this person", Fate.KEPT,
            because="It shows that every way in was closed; the register tells them under the pseudonym.",
        ),
    )  # fmt: skip
    way: Mapped[WayIn] = mapped_column(words(WayIn))
    because: Mapped[Because] = mapped_column(words(Because))
    asked_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    settled_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Access withdrawn from others", Fate.KEPT, because=_FOR_THE_NEXT, shows=("way", "settled_at")),
    )  # fmt: skip
    outcome: Mapped[Outcome | None] = mapped_column(words(Outcome))

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    settled_by: Mapped[Person | None] = relationship(foreign_keys=[settled_by_id], lazy="raise_on_sql")
