"""A round of invitations: whom it is for, what it says, who has looked at it, and what became of each."""

import enum
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, now, words
from registry.meetups.models import Meetup
from registry.people.models import Person
from registry.personal import Fate as PersonalFate
from registry.personal import leads, stays

_OF_THE_MEETUP = stays("It is about the meetup.")
_SHOWN = ("made_at", "sent_at", "stopped_at")


def _somebody(heading: str) -> Mapped[int | None]:
    return mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(heading, PersonalFate.KEPT, because="Whoever organises must see who asked whom, and when.",
                   shows=_SHOWN),
    )  # fmt: skip


class RoundState(enum.StrEnum):
    """How far a round of invitations is."""

    #: It can be changed, read and talked over; nothing has left.
    DRAFT = "draft"
    #: The list is frozen, and the worker writes to each.
    SENDING = "sending"
    SENT = "sent"
    #: Somebody stopped it, or the meetup was called off: what had not left was withdrawn.
    STOPPED = "stopped"


class Round(Model):
    """Some people who are asked together to come to a meetup."""

    __tablename__ = "invitation_round"
    __table_args__ = (sa.Index("ix_invitation_round_state", "state", "sent_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meetup_id: Mapped[int] = mapped_column(sa.ForeignKey("meetup.id"), index=True)
    state: Mapped[RoundState] = mapped_column(words(RoundState), default=RoundState.DRAFT)
    #: Whom it is for; see ``choosing.Choice``.
    choice: Mapped[dict[str, Any]] = mapped_column(info=stays("Numbers, and words of a search."))
    subject: Mapped[str] = mapped_column(sa.String(150), info=_OF_THE_MEETUP)
    text: Mapped[str] = mapped_column(info=_OF_THE_MEETUP)
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by_id: Mapped[int | None] = _somebody("Rounds of invitations begun")
    changed_at: Mapped[datetime] = mapped_column(default=now)
    #: Somebody other than who began it found it right as it is; a change voids it.
    looked_at: Mapped[datetime | None]
    looked_by_id: Mapped[int | None] = _somebody("Rounds of invitations looked at")
    sent_at: Mapped[datetime | None]
    sent_by_id: Mapped[int | None] = _somebody("Rounds of invitations sent")
    #: How many invitations it was to be: the number that was repeated.
    expected: Mapped[int] = mapped_column(default=0)
    stopped_at: Mapped[datetime | None]
    stopped_by_id: Mapped[int | None] = _somebody("Rounds of invitations stopped")
    #: When the last of them was handed to the outbox.
    ended_at: Mapped[datetime | None]

    meetup: Mapped[Meetup] = relationship(lazy="raise_on_sql")
    made_by: Mapped[Person | None] = relationship(foreign_keys=[made_by_id], lazy="raise_on_sql")
    looked_by: Mapped[Person | None] = relationship(foreign_keys=[looked_by_id], lazy="raise_on_sql")
    sent_by: Mapped[Person | None] = relationship(foreign_keys=[sent_by_id], lazy="raise_on_sql")
    stopped_by: Mapped[Person | None] = relationship(foreign_keys=[stopped_by_id], lazy="raise_on_sql")


class Hand(enum.StrEnum):
    """How somebody came onto the list of a round, or off it."""

    CHOSEN = "chosen"
    ADDED = "added"
    OUT = "out"


class Fate(enum.StrEnum):
    """What became of somebody on the list, as far as the round decides; what became of the mail, the mail says."""

    QUEUED = "queued"
    INVITED = "invited"
    NO_MAIL = "no mail"
    UNUSABLE = "unusable"
    LEFT = "left"
    ALREADY = "already"
    #: They were invited as often this week as anybody may be.
    CAP = "cap"
    WITHDRAWN = "withdrawn"


#: The fates of those to whom nothing went: the organiser may tell them another way.
NOT_REACHED: Final = (Fate.NO_MAIL, Fate.UNUSABLE, Fate.LEFT, Fate.ALREADY, Fate.CAP, Fate.WITHDRAWN)


class Listed(Model):
    """Somebody on the list of a round: in a draft only what was done by hand, once it is sent everybody."""

    __tablename__ = "round_person"
    __table_args__ = (
        sa.UniqueConstraint("round_id", "person_id"),
        sa.Index("ix_round_person_fate", "round_id", "fate", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation_round.id", ondelete="CASCADE"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Lists of whom to invite", PersonalFate.DELETED)
    )
    hand: Mapped[Hand] = mapped_column(words(Hand))
    fate: Mapped[Fate | None] = mapped_column(words(Fate))
    message_id: Mapped[int | None] = mapped_column(sa.ForeignKey("message.id"), index=True)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class Comment(Model):
    """What somebody says of a draft."""

    __tablename__ = "round_comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    round_id: Mapped[int] = mapped_column(sa.ForeignKey("invitation_round.id", ondelete="CASCADE"), index=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Words on drafts of invitations", PersonalFate.DELETED)
    )
    at: Mapped[datetime] = mapped_column(default=now)
    text: Mapped[str]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
