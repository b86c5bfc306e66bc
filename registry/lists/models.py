"""Lists of whom to follow, and the accounts on them."""

import enum
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import Account
from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate, leads, stays

_OF_THE_LIST = stays("It is about the list.")


class Audience(enum.StrEnum):
    """Whom a list is for: its maker and comms while it is being made, all who work here, or anybody."""

    MAKER = "maker"
    COLLEAGUES = "colleagues"
    EVERYONE = "everyone"


class FollowList(Model):
    """A list of whom to follow: twenty to thirty accounts about a topic, in an order that somebody chose by hand."""

    __tablename__ = "follow_list"

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The word for it in its address, which stays when the title changes: people have shared it.
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True, info=_OF_THE_LIST)
    title: Mapped[str] = mapped_column(sa.String(120), info=_OF_THE_LIST)
    topic: Mapped[str] = mapped_column(sa.String(60), default="", info=_OF_THE_LIST)
    about: Mapped[str] = mapped_column(default="", info=_OF_THE_LIST)
    audience: Mapped[Audience] = mapped_column(words(Audience))
    maker_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Lists of whom to follow", Fate.KEPT, because="Colleagues go on using the list."),
    )  # fmt: skip
    made_at: Mapped[datetime]
    changed_at: Mapped[datetime]

    maker: Mapped[Person] = relationship(lazy="raise_on_sql")


class FollowEntry(Model):
    """An account on a list, and why to follow it."""

    __tablename__ = "follow_entry"
    __table_args__ = (sa.UniqueConstraint("list_id", "account_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    list_id: Mapped[int] = mapped_column(sa.ForeignKey("follow_list.id", ondelete="CASCADE"))
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    #: Where it stands: 1 is first.
    place: Mapped[int]
    why: Mapped[str]
    added_at: Mapped[datetime]

    account: Mapped[Account] = relationship(lazy="raise_on_sql")
