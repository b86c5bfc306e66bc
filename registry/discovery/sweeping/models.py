"""Sweeps of our own pages: what was looked at, which accounts it links to, and what need not be told again."""

import enum
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.accounts.models import Account
from registry.db import Model, now, words
from registry.people.models import Person
from registry.personal import Fate, leads, stays

_OF_THE_PAGE = stays("It is about a page of our own.")
_OF_THE_ACCOUNT = stays("It is about the account that a page links to.")
#: Sentences about pages that could not be read that are kept of a sweep.
MOST_FAULTS: Final = 50


class SweepState(enum.StrEnum):
    """How far a sweep is."""

    #: The worker begins within a minute.
    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


#: The states in which the worker has something to do.
FOR_THE_WORKER: Final = (SweepState.WAITING, SweepState.RUNNING)


class Sweep(Model):
    """One look at pages of ours: files that somebody handed in, or a site."""

    __tablename__ = "sweep"
    __table_args__ = (sa.Index("ix_sweep_title", "title", "id"), sa.Index("ix_sweep_state", "state", "id"))

    id: Mapped[int] = mapped_column(primary_key=True)
    #: What was looked at; sweeps of one title are compared, each with the one before.
    title: Mapped[str] = mapped_column(sa.String(200), info=_OF_THE_PAGE)
    #: The address of the site; empty where files were handed in.
    site: Mapped[str] = mapped_column(sa.String(300), default="", info=_OF_THE_PAGE)
    asked_at: Mapped[datetime] = mapped_column(default=now)
    asked_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(
            "Sweeps of our pages", Fate.KEPT, shows=("title", "asked_at"),
            because="Whoever answers for the register must see who looked at what.",
        ),
    )  # fmt: skip
    state: Mapped[SweepState] = mapped_column(words(SweepState), default=SweepState.WAITING)
    attempts: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime | None]
    ended_at: Mapped[datetime | None]
    #: Pages read so far, how many there will be at most, and how many could not be read.
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    unread: Mapped[int] = mapped_column(default=0)
    #: Why pages could not be read, a sentence each.
    faults: Mapped[list[str]] = mapped_column(sa.JSON(), default=list, info=_OF_THE_PAGE)
    #: The sweep of the same title before; what that found is not new.
    before_id: Mapped[int | None] = mapped_column(sa.ForeignKey("sweep.id", ondelete="SET NULL"), index=True)

    asked_by: Mapped[Person | None] = relationship(lazy="raise_on_sql")


class SweepFile(Model):
    """A file that somebody handed in, until its pages are read. The worker may run on another machine."""

    __tablename__ = "sweep_file"

    id: Mapped[int] = mapped_column(primary_key=True)
    sweep_id: Mapped[int] = mapped_column(sa.ForeignKey("sweep.id", ondelete="CASCADE"), index=True)
    name: Mapped[str] = mapped_column(sa.String(300))
    content: Mapped[bytes] = mapped_column(sa.LargeBinary)


class SweepLink(Model):
    """That a page links to an account, or to what one published: one row a page and account."""

    __tablename__ = "sweep_link"
    __table_args__ = (
        sa.UniqueConstraint("sweep_id", "platform", "kind", "key", "page_hash"),
        sa.Index("ix_sweep_link_account", "account_id", "sweep_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    sweep_id: Mapped[int] = mapped_column(sa.ForeignKey("sweep.id", ondelete="CASCADE"))
    platform: Mapped[str] = mapped_column(sa.String(30))
    kind: Mapped[str] = mapped_column(sa.String(30))
    key: Mapped[str] = mapped_column()
    url: Mapped[str] = mapped_column()
    handle: Mapped[str] = mapped_column()
    page: Mapped[str] = mapped_column()
    page_hash: Mapped[str] = mapped_column(sa.String(64))
    #: The words of the link, and those around it.
    text: Mapped[str] = mapped_column(default="")
    context: Mapped[str] = mapped_column(default="")
    #: Whether the sweep before did not find the account.
    is_new: Mapped[bool] = mapped_column(default=False)
    #: Whether the page links to a post or a video only, and not to the account: something to look at, nothing found.
    is_hint: Mapped[bool] = mapped_column(default=False)
    #: The account that it is registered as.
    account_id: Mapped[int | None] = mapped_column(sa.ForeignKey("account.id", ondelete="SET NULL"))

    account: Mapped[Account | None] = relationship(lazy="raise_on_sql")


class IgnoredLink(Model):
    """An account, or all that are on a host, that our pages link to and that nobody need hear of."""

    __tablename__ = "ignored_link"
    __table_args__ = (
        sa.UniqueConstraint("platform", "kind", "key", "host"),
        sa.CheckConstraint("(host = '') <> (key = '')", name="account_or_host"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    #: All three empty where it is a host.
    platform: Mapped[str] = mapped_column(sa.String(30), default="", info=_OF_THE_ACCOUNT)
    kind: Mapped[str] = mapped_column(sa.String(30), default="", info=_OF_THE_ACCOUNT)
    key: Mapped[str] = mapped_column(default="", info=_OF_THE_ACCOUNT)
    host: Mapped[str] = mapped_column(sa.String(253), default="", info=_OF_THE_ACCOUNT)
    #: As it is shown: the address of the account, or the host.
    shown: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    reason: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    at: Mapped[datetime] = mapped_column(default=now)
    by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(
            "Links left out of sweeps", Fate.KEPT, because="It is about a link.", shows=("shown", "reason", "at")
        ),
    )  # fmt: skip

    by: Mapped[Person | None] = relationship(lazy="raise_on_sql")
