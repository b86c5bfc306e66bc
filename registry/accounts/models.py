"""The accounts: who answers for each, what it is for, how it stands."""

import enum
from collections.abc import Iterable
from datetime import date, datetime
from typing import Any, ClassVar, Final

import sqlalchemy as sa
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.naming.skeletons import skeleton
from registry.db import Model, today, words
from registry.guidelines.models import Principle
from registry.people.models import Person, Team
from registry.personal import Fate, hidden, leads, stays
from registry.search import Searchable, plain


class Standing(enum.StrEnum):
    """For whom an account speaks."""

    OFFICIAL = "official"
    SEMI_OFFICIAL = "semi-official"
    PERSONAL = "personal-with-role"
    PARTNER = "partner"


class State(enum.StrEnum):
    """Where an account is in its life."""

    PROPOSED = "proposed"
    LIVE = "live"
    DORMANT = "dormant"
    ORPHANED = "orphaned"
    LOST = "lost"
    CLOSED = "closed"


class Visibility(enum.StrEnum):
    """Who may see that an account is in the register."""

    #: Only its own page says what became of it: it was merged into another, or taken out by whom it belongs to.
    NOBODY = "nobody"
    #: Comms and its own people: owner, deputy, contributors.
    COMMS = "comms"
    #: All who work here.
    COLLEAGUES = "colleagues"
    EVERYONE = "everyone"

    @property
    def openness(self) -> int:
        """To be compared by: the more people see it, the higher."""
        return list(Visibility).index(self)


#: What stands in ``search_text`` between the words that whoever sees an account is told and the path of its team, and
#: between that and its names of before. No word holds either, and the index has neither.
BEFORE_TEAM: Final = "|"
BEFORE_OTHER_NAMES: Final = "||"
#: How the key of an account begins whose handle belongs to somebody else now; no key that was resolved does.
NO_ADDRESS: Final = "#"
#: What takes the consent of the person whose account it is.
OWN_NAME: Final = (Standing.PERSONAL,)
#: Who sees an account of each standing until somebody chooses otherwise.
VISIBLE_AT_FIRST: Final = {
    Standing.OFFICIAL: Visibility.EVERYONE,
    Standing.SEMI_OFFICIAL: Visibility.EVERYONE,
    Standing.PERSONAL: Visibility.COLLEAGUES,
    Standing.PARTNER: Visibility.EVERYONE,
}


def _visible_at_first(row: Any) -> Visibility:
    told = row.get_current_parameters()
    standing = Standing(told["standing"])
    # Nobody has agreed to it yet, so nobody else sees it.
    return Visibility.COMMS if standing in OWN_NAME and not told.get("consented_at") else VISIBLE_AT_FIRST[standing]


def _skeleton(row: Any) -> str:
    told = row.get_current_parameters()
    return skeleton(told["platform"], told["key"])


#: Accounts whose people are expected to know the guidelines.
OPEN = (State.PROPOSED, State.LIVE, State.DORMANT)

account_topic = sa.Table(
    "account_topic",
    Model.metadata,
    sa.Column("account_id", sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True),
    sa.Column("topic_id", sa.ForeignKey("topic.id"), primary_key=True, index=True),
)


class Topic(Model):
    """A word for what accounts and people are about, shared by both."""

    __tablename__ = "topic"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    #: The name as it is compared: lower case, without marks.
    key: Mapped[str] = mapped_column(sa.String(60), unique=True)


#: Characters of a topic's name and of its key.
LONGEST_TOPIC: Final = 60


def topic_key(name: str) -> str:
    """What the topic with this name is known by; empty where nothing of it can be compared, as of a lone accent."""
    return plain(_as_topic(name))[:LONGEST_TOPIC]


def topic_names(names: Iterable[str]) -> dict[str, str]:
    """The topics with these names by their keys, in the order of ``names``; each once, as it was first written."""
    found: dict[str, str] = {}
    for name in names:
        if key := topic_key(name):
            found.setdefault(key, _as_topic(name))
    return found


def _as_topic(name: str) -> str:
    return " ".join(name.split())[:LONGEST_TOPIC]


_OF_THE_ACCOUNT = stays("It is about the account.")
#: What a report tells of accounts that somebody decided on, and others run.
_DECIDED = ("platform", "handle", "url", "title", "proposed_at", "approved_at")
_FOR_THE_NEXT = "Whoever takes an account over must see who ran it; the register tells them under the pseudonym."


_FOR_EVERYONE: Final = sa.text(f"visibility = '{Visibility.EVERYONE}' AND state = '{State.LIVE}'")


class Account(Searchable, Model):
    """One presence of the organisation or its people on one platform."""

    __tablename__ = "account"
    searched: ClassVar[tuple[str, ...]] = ("search_text", "people_text")
    __table_args__ = (
        sa.UniqueConstraint("platform", "kind", "key"),
        # Nobody but comms and themself sees somebody's own account until they have agreed to it.
        sa.CheckConstraint(
            "standing <> 'personal-with-role' OR consented_at IS NOT NULL OR visibility IN ('nobody', 'comms')",
            name="consent",
        ),
        sa.CheckConstraint("deputy_id <> owner_id", name="deputy"),  # Nobody deputises for themself.
        # The catalogue counts its facets from these alone, without reading a row of the table.
        sa.Index(
            "ix_account_facets",
            "platform",
            "standing",
            "state",
            "team_id",
            "visibility",
            "owner_id",
            "deputy_id",
            "review_on",
            "place",
        ),
        sa.Index("ix_account_place", "place", "platform", "standing", "state", "visibility"),
        sa.Index(
            "ix_account_team",
            "team_id",
            "platform",
            "standing",
            "state",
            "visibility",
            "owner_id",
            "deputy_id",
            "review_on",
        ),
        # Who runs what on which platform, again from the index alone.
        sa.Index("ix_account_owner_id", "owner_id", "state", "platform", "visibility"),
        sa.Index("ix_account_deputy_id", "deputy_id", "state", "platform", "visibility"),
        sa.Index("ix_account_title", "title", "id", "visibility"),
        sa.Index("ix_account_state", "state", "proposed_at", "id"),
        # Names that are taken for one another.
        sa.Index("ix_account_skeleton", "platform", "skeleton"),
        sa.Index("ix_account_platform_id", "platform", "platform_id"),
        # What people outside see, in the order in which they see it; in the way of no other question. The two columns
        # that are the same in every row are there for SQLite, which takes the index with most of what is asked for.
        sa.Index(
            "ix_account_public",
            "visibility",
            "state",
            "title",
            "id",
            sqlite_where=_FOR_EVERYONE,
            postgresql_where=_FOR_EVERYONE,
        ),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    platform: Mapped[str] = mapped_column(sa.String(30), info=_OF_THE_ACCOUNT)
    kind: Mapped[str] = mapped_column(sa.String(30), info=_OF_THE_ACCOUNT)
    #: The canonical identity: with platform and kind, one account and no other.
    key: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    url: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    handle: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    #: The platform's own number for it, which outlasts a change of handle.
    platform_id: Mapped[str | None] = mapped_column(info=_OF_THE_ACCOUNT)
    #: What is left of the key without all that two names are confused by; see naming/skeletons.py.
    skeleton: Mapped[str] = mapped_column(default=_skeleton, info=hidden("The key once more, to be compared."))
    #: The handles that it had before and is still found by.
    other_names: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    title: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    purpose: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    standing: Mapped[Standing] = mapped_column(words(Standing))
    state: Mapped[State] = mapped_column(words(State))
    visibility: Mapped[Visibility] = mapped_column(words(Visibility), default=_visible_at_first)
    #: When the owner of a personal account agreed that it is in the register; None for all others.
    consented_at: Mapped[datetime | None]
    #: When they were last asked, where comms entered it, and when they were reminded, once and for the last time.
    consent_asked_at: Mapped[datetime | None]
    consent_reminded_at: Mapped[datetime | None]
    consent_reminded_again_at: Mapped[datetime | None]
    language: Mapped[str] = mapped_column(sa.String(20), default="en", info=_OF_THE_ACCOUNT)
    #: The town, building or area it is about; empty where it is about no one place.
    place: Mapped[str] = mapped_column(sa.String(120), default="", info=_OF_THE_ACCOUNT)
    #: The mailbox of the team behind it, where there is one: it outlives everybody in it.
    mailbox: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"))
    owner_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), info=leads("Accounts owned", Fate.KEPT, because=_FOR_THE_NEXT)
    )
    deputy_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), info=leads("Accounts as deputy", Fate.KEPT, because=_FOR_THE_NEXT)
    )
    #: The principle of the guidelines that it serves most; it stays when the guidelines give it up.
    principle_id: Mapped[int | None] = mapped_column(sa.ForeignKey("principle.id"), index=True)
    proposed_at: Mapped[datetime]
    proposed_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Accounts registered", Fate.KEPT, because=_FOR_THE_NEXT, shows=_DECIDED),
    )  # fmt: skip
    #: By when comms promised to decide on it, and how often they were told that the day is over.
    decide_by_on: Mapped[date | None]
    comms_told: Mapped[int] = mapped_column(default=0)
    #: Why comms sent a proposal back; empty while it waits for them.
    sent_back_reason: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    approved_at: Mapped[datetime | None]
    approved_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Accounts approved", Fate.KEPT, because=_FOR_THE_NEXT, shows=_DECIDED),
    )  # fmt: skip
    review_on: Mapped[date | None]
    #: When its owner went to another team and was asked whether it is still theirs; None once they have answered.
    owner_moved_at: Mapped[datetime | None]
    closed_at: Mapped[datetime | None]
    #: The words of its owner and deputy, to be found by; the database itself copies them when either changes.
    people_text: Mapped[str] = mapped_column(
        default="", server_default="", info=hidden("The words of its people, told as their own.")
    )
    #: The account that this one turned out to be; its own row stays, closed, for what leads to it.
    merged_into_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id"), index=True)

    team: Mapped[Team | None] = relationship(lazy="raise_on_sql")
    owner: Mapped[Person | None] = relationship(foreign_keys=[owner_id], lazy="raise_on_sql")
    deputy: Mapped[Person | None] = relationship(foreign_keys=[deputy_id], lazy="raise_on_sql")
    principle: Mapped[Principle | None] = relationship(lazy="raise_on_sql")
    topics: Mapped[list[Topic]] = relationship(secondary=account_topic, order_by=Topic.key, lazy="raise_on_sql")
    aliases: Mapped[list["Alias"]] = relationship(order_by="Alias.id", lazy="raise_on_sql")
    contributors: Mapped[list[Person]] = relationship(
        secondary="contributor", order_by=(Person.name, Person.id), viewonly=True, lazy="raise_on_sql"
    )

    @hybrid_property
    def awaits_consent(self) -> bool:
        """Whether it is in somebody's own name and they have not agreed yet that it is in the register."""
        return self.standing in OWN_NAME and self.consented_at is None and self.visibility is not Visibility.NOBODY

    @awaits_consent.inplace.expression
    @classmethod
    def _awaits_consent(cls) -> sa.ColumnElement[bool]:
        unasked = cls.consented_at.is_(None)
        return sa.and_(cls.standing.in_(OWN_NAME), unasked, cls.visibility != Visibility.NOBODY)

    @property
    def is_taken_out(self) -> bool:
        """Whether whom it belongs to had it taken out of the register."""
        return self.visibility is Visibility.NOBODY and self.merged_into_id is None

    @property
    def has_no_address(self) -> bool:
        """Whether its handle belongs to somebody else now, and nobody has said where it is instead."""
        return self.key.startswith(NO_ADDRESS)

    @property
    def is_overdue(self) -> bool:
        """Whether the day of its review has passed."""
        return self.state is State.LIVE and self.review_on is not None and self.review_on < today()


class Alias(Model):
    """Another address of the same account, as somebody typed it."""

    __tablename__ = "alias"

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    url: Mapped[str] = mapped_column(unique=True)
    seen_at: Mapped[datetime]


class Contributor(Model):
    """Somebody who posts there too, without answering for it."""

    __tablename__ = "contributor"

    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, index=True, info=leads("Accounts contributed to", Fate.DELETED)
    )
    since_at: Mapped[datetime]
