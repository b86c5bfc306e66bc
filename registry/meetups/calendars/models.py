"""What calendars have still to be told, who reads their meetups as a feed, and which mails were read already."""

import enum
import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, words
from registry.meetups.models import Meetup
from registry.people.models import Person
from registry.personal import Fate, hidden, leads


class Telling(Model):
    """What the calendars of those concerned are told of a meetup: how far that has come, and whether it is done.

    They are gone through in the order of their ids. The mails of a portion and how far it went are kept in one
    transaction, so that a worker that is killed leaves nobody out and tells nobody twice.
    """

    __tablename__ = "telling"

    meetup_id: Mapped[int] = mapped_column(sa.ForeignKey("meetup.id"), primary_key=True)
    #: Up to which ``sequence`` of the meetup they are told.
    sequence: Mapped[int]
    #: Since which ``sequence`` it begins when it does now: an answer to an earlier one was to another day.
    dated: Mapped[int] = mapped_column(default=0)
    #: Whether this time it begins at another time than before; those who said no may come then.
    moved: Mapped[bool]
    #: The last person that was told; the ids of the others are higher.
    told_up_to: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None] = mapped_column(index=True)

    meetup: Mapped[Meetup] = relationship(lazy="raise_on_sql")


class CalendarFeed(Model):
    """A secret address at which somebody's calendar program reads their meetups; its token is kept as a hash only."""

    __tablename__ = "calendar_feed"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Addresses of their meetups for calendars", Fate.DELETED)
    )
    token_hash: Mapped[str] = mapped_column(sa.String(64), unique=True, info=hidden("It opens their meetups."))
    made_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")

    @staticmethod
    def hash_of(token: str) -> str:
        """What is kept of a token."""
        return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


class MailFate(enum.StrEnum):
    """What became of a mail in the mailbox for answers."""

    #: It was an answer, and is kept.
    ANSWERED = "answered"
    #: An answer, but older than what we know already, or to another day.
    STALE = "stale"
    #: The meetup is over, or called off.
    CLOSED = "closed"
    #: Whoever sent it is not whom it answers for.
    REFUSED = "refused"
    #: It answers what is no meetup of ours, or for somebody who does not work here.
    UNKNOWN = "unknown"
    #: A mail of another kind.
    OTHER = "other"


class HandledMail(Model):
    """A mail that was read in the mailbox for answers: a hash of its Message-ID, so that it is not read twice."""

    __tablename__ = "handled_mail"

    mark: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    handled_at: Mapped[datetime]
    fate: Mapped[MailFate] = mapped_column(words(MailFate))
