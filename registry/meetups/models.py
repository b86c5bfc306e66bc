"""Meetups: when and where peers meet, who speaks, who is invited, and who comes."""

import enum
from datetime import date, datetime, time
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import LONDON, Model, now, words
from registry.people.models import Person
from registry.personal import Fate, hidden, leads, stays

#: Days in a series' rule: the first to the fourth of a month, or the last.
LAST: Final = -1
_ABOUT_THE_MEETUP = "It tells of the meetup, not of them."
_OF_THE_ORGANISATION = stays("What a meetup is about belongs to the organisation.")


def _organised(heading: str) -> Mapped[int | None]:
    return mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(heading, Fate.KEPT, because=_ABOUT_THE_MEETUP, shows=("title",)),
    )  # fmt: skip


class Kind(enum.StrEnum):
    """What people come for."""

    #: Peers among themselves: two speakers from inside, questions, time to talk.
    MEETUP = "meetup"
    #: An hour in which one shows the others how; who came is kept.
    TRAINING = "training"
    #: Somebody else's event: it is announced, and whoever goes says so.
    EXTERNAL = "external"


class Series(Model):
    """Meetups that follow a rule: "the first Thursday of every second month at 12:30"."""

    __tablename__ = "series"
    __table_args__ = (
        sa.CheckConstraint("every_months BETWEEN 1 AND 12", name="every_months"),
        sa.CheckConstraint("nth IN (1, 2, 3, 4, -1)", name="nth"),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        sa.CheckConstraint("minutes BETWEEN 5 AND 720", name="minutes"),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[Kind] = mapped_column(words(Kind))
    title: Mapped[str] = mapped_column(sa.String(120), info=_OF_THE_ORGANISATION)
    about: Mapped[str] = mapped_column(default="", info=_OF_THE_ORGANISATION)
    every_months: Mapped[int]
    #: Which of the month's days with that name: 1 to 4, or ``LAST``.
    nth: Mapped[int]
    #: 0 is Monday.
    weekday: Mapped[int]
    #: London's time on the wall, summer and winter.
    at: Mapped[time] = mapped_column(sa.Time())
    minutes: Mapped[int]
    place: Mapped[str] = mapped_column(sa.String(200), default="", info=_OF_THE_ORGANISATION)
    online_link: Mapped[str] = mapped_column(default="", info=_OF_THE_ORGANISATION)
    capacity: Mapped[int | None]
    #: The month in which it begins, from that day on.
    from_on: Mapped[date]
    made_at: Mapped[datetime] = mapped_column(default=now)
    made_by_id: Mapped[int | None] = _organised("Series of meetups begun")
    #: Since when no more meetups come of it.
    ended_at: Mapped[datetime | None]

    rota: Mapped[list["Leader"]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="Leader.position"
    )


class Leader(Model):
    """Whose turn it is to lead a series' meetups, one after the other."""

    __tablename__ = "leader"
    __table_args__ = (sa.UniqueConstraint("series_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int] = mapped_column(sa.ForeignKey("series.id"))
    position: Mapped[int]
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Turns to lead meetups", Fate.DELETED)
    )

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class MeetupState(enum.StrEnum):
    """Whether a meetup takes place. Whether it is over, its end tells."""

    PLANNED = "planned"
    CANCELLED = "cancelled"


class Meetup(Model):
    """One occasion on which people meet: of a series, or by itself."""

    __tablename__ = "meetup"
    __table_args__ = (
        # Two workers that plan ahead at once would make it twice.
        sa.UniqueConstraint("series_id", "slot_on"),
        sa.CheckConstraint("begins_at < ends_at", name="in_order"),
        sa.CheckConstraint("capacity IS NULL OR capacity > 0", name="capacity"),
        sa.Index("ix_meetup_begins_at", "begins_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    series_id: Mapped[int | None] = mapped_column(sa.ForeignKey("series.id"))
    #: The day that the series' rule gave: a meetup that has moved is still that one.
    slot_on: Mapped[date | None]
    kind: Mapped[Kind] = mapped_column(words(Kind))
    title: Mapped[str] = mapped_column(sa.String(120), info=_OF_THE_ORGANISATION)
    about: Mapped[str] = mapped_column(default="", info=_OF_THE_ORGANISATION)
    begins_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    place: Mapped[str] = mapped_column(sa.String(200), default="", info=_OF_THE_ORGANISATION)
    #: Where people join from afar; only those who are signed in or invited are told.
    online_link: Mapped[str] = mapped_column(default="", info=_OF_THE_ORGANISATION)
    #: Of an external event, its page.
    page: Mapped[str] = mapped_column(default="", info=_OF_THE_ORGANISATION)
    #: How many fit into the room; ``None`` for as many as come. Who joins from afar takes no place.
    capacity: Mapped[int | None]
    state: Mapped[MeetupState] = mapped_column(words(MeetupState), default=MeetupState.PLANNED)
    cancelled_reason: Mapped[str] = mapped_column(default="", info=_OF_THE_ORGANISATION)
    #: What calendars know it by, for good, and how often they were told anew (RFC 5545, UID and SEQUENCE).
    uid: Mapped[str] = mapped_column(sa.String(120), unique=True, info=stays("A random number."))
    sequence: Mapped[int] = mapped_column(default=0)
    made_at: Mapped[datetime] = mapped_column(default=now)
    changed_at: Mapped[datetime] = mapped_column(default=now)
    organiser_id: Mapped[int | None] = _organised("Meetups organised")
    leader_id: Mapped[int | None] = _organised("Meetups to lead")
    #: What those who came are told afterwards, and when they were thanked.
    what_next: Mapped[str] = mapped_column(default="", info=_OF_THE_ORGANISATION)
    thanked_at: Mapped[datetime | None]
    search_text: Mapped[str] = mapped_column(default="", info=hidden("Its words once more, to be found by."))

    series: Mapped[Series | None] = relationship(lazy="raise_on_sql")
    organiser: Mapped[Person | None] = relationship(foreign_keys=[organiser_id], lazy="raise_on_sql")
    leader: Mapped[Person | None] = relationship(foreign_keys=[leader_id], lazy="raise_on_sql")
    agenda: Mapped[list["AgendaItem"]] = relationship(
        lazy="raise_on_sql", cascade="all, delete-orphan", order_by="AgendaItem.position"
    )

    @property
    def is_over(self) -> bool:
        return self.ends_at <= now()

    @property
    def is_open(self) -> bool:
        """Whether people can still say that they come."""
        return self.state is MeetupState.PLANNED and not self.is_over

    @property
    def when(self) -> str:
        """ "Thursday 3 December 2026, 12:30 to 13:30", in London; with its zone where the clocks change on that day."""
        begins, ends = self.begins_at.astimezone(LONDON), self.ends_at.astimezone(LONDON)
        changes = begins.replace(hour=0, fold=0).utcoffset() != begins.replace(hour=23, fold=1).utcoffset()
        zones = (f" {begins:%Z}", f" {ends:%Z}") if changes else ("", "")
        last = f"{ends:%H:%M}" if begins.date() == ends.date() else f"{ends:%A} {ends.day} {ends:%B}, {ends:%H:%M}"
        return f"{begins:%A} {begins.day} {begins:%B %Y}, {begins:%H:%M}{zones[0]} to {last}{zones[1]}"

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.begins_at).total_seconds()) // 60


class AgendaItem(Model):
    """A part of a meetup: a talk with its speaker, a slot that waits for one, questions, a break."""

    __tablename__ = "agenda_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    meetup_id: Mapped[int] = mapped_column(sa.ForeignKey("meetup.id"), index=True)
    position: Mapped[int]
    minutes: Mapped[int]
    title: Mapped[str] = mapped_column(sa.String(120), info=_OF_THE_ORGANISATION)
    #: Whether a colleague speaks; without ``speaker_id`` the slot is free.
    is_talk: Mapped[bool] = mapped_column(default=False)
    speaker_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Talks at meetups", Fate.KEPT, because=_ABOUT_THE_MEETUP, shows=("title",)),
    )  # fmt: skip

    speaker: Mapped[Person | None] = relationship(lazy="raise_on_sql")


class OfferState(enum.StrEnum):
    """What became of an offer to speak."""

    OFFERED = "offered"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


class SpeakingOffer(Model):
    """Somebody would like to speak at a meetup; one offer a person and meetup."""

    __tablename__ = "speaking_offer"
    __table_args__ = (sa.UniqueConstraint("meetup_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meetup_id: Mapped[int] = mapped_column(sa.ForeignKey("meetup.id"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Offers to speak at meetups", Fate.DELETED)
    )
    title: Mapped[str] = mapped_column(sa.String(120))
    pitch: Mapped[str] = mapped_column(default="")
    state: Mapped[OfferState] = mapped_column(words(OfferState), default=OfferState.OFFERED)
    offered_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
    #: What the organiser said with it.
    reply: Mapped[str] = mapped_column(default="", info=_OF_THE_ORGANISATION)

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class Invitation(Model):
    """Somebody was asked to come to a meetup: once, however many lists they are on."""

    __tablename__ = "invitation"
    __table_args__ = (sa.UniqueConstraint("meetup_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    meetup_id: Mapped[int] = mapped_column(sa.ForeignKey("meetup.id"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Invitations to meetups", Fate.DELETED)
    )
    invited_at: Mapped[datetime]
    invited_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Colleagues invited to meetups", Fate.KEPT, because="It is about somebody else.", shows=()),
    )  # fmt: skip
    #: What makes the links in their mails theirs; another one makes those of before worth nothing.
    nonce: Mapped[str] = mapped_column(sa.String(32), info=hidden("It opens their answers."))
    #: Since when no link of theirs opens anything; they are invited all the same.
    revoked_at: Mapped[datetime | None]
    #: When they were reminded that they have not answered.
    reminded_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    meetup: Mapped[Meetup] = relationship(lazy="raise_on_sql")


class Answer(enum.StrEnum):
    """What somebody says to a meetup."""

    YES = "yes"
    REMOTE = "remote"
    MAYBE = "maybe"
    NO = "no"


class Way(enum.StrEnum):
    """How an answer came."""

    APP = "app"
    LINK = "link"
    CALENDAR = "calendar"
    #: An organiser wrote it down, or found them at the door.
    ORGANISER = "organiser"


class Reply(Model):
    """What somebody answers to a meetup, invited or not, and whether they were there.

    ``seat`` numbers the places in the room: the database gives each number once, so that no two answers, however close,
    take the last place. Where the room has no limit, nobody has a number.
    """

    __tablename__ = "reply"
    __table_args__ = (
        sa.UniqueConstraint("meetup_id", "person_id"),
        sa.UniqueConstraint("meetup_id", "seat"),
        sa.CheckConstraint("seat IS NULL OR (answer = 'yes' AND queued_at IS NULL)", name="seat"),
        sa.CheckConstraint("queued_at IS NULL OR answer = 'yes'", name="queue"),
        sa.Index("ix_reply_queue", "meetup_id", "queued_at", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    meetup_id: Mapped[int] = mapped_column(sa.ForeignKey("meetup.id"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Answers to meetups, and meetups attended", Fate.DELETED)
    )
    answer: Mapped[Answer] = mapped_column(words(Answer))
    seat: Mapped[int | None]
    #: Since when they wait for a place; the longest waits first.
    queued_at: Mapped[datetime | None]
    replied_at: Mapped[datetime]
    way: Mapped[Way] = mapped_column(words(Way))
    #: Whether colleagues who are signed in may see that they come.
    shown: Mapped[bool] = mapped_column(default=False)
    #: What the organiser should know: a wheelchair, an induction loop, nuts.
    needs: Mapped[str] = mapped_column(sa.String(300), default="")
    #: When they were last reminded of it.
    reminded_at: Mapped[datetime | None]
    #: What their calendar was last told that they said (see ``said``), and how many mails have told it so.
    told: Mapped[str] = mapped_column(sa.String(10), default="")
    mails: Mapped[int] = mapped_column(default=0)
    attended_at: Mapped[datetime | None]
    attended_way: Mapped[Way | None] = mapped_column(words(Way, "attended_way"))

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
    meetup: Mapped[Meetup] = relationship(lazy="raise_on_sql")

    @property
    def waits(self) -> bool:
        return self.queued_at is not None

    @property
    def said(self) -> str:
        """What they said, and "waits" where they said yes and there is no place yet."""
        return "waits" if self.waits else self.answer.value
