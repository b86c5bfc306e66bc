"""The names that accounts had, and which two accounts that look alike are two."""

from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model
from registry.personal import Fate, leads, stays

_OF_THE_ACCOUNT = stays("It is about the account.")
_STILL_LEADS = sa.text("released_on IS NULL")


class FormerName(Model):
    """A name that an account had on its platform; it leads to the account until somebody else has it."""

    __tablename__ = "former_name"
    __table_args__ = (
        sa.Index(
            "uq_former_name_leads", "platform", "kind", "key", unique=True, sqlite_where=_STILL_LEADS,
            postgresql_where=_STILL_LEADS,
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), index=True)
    platform: Mapped[str] = mapped_column(sa.String(30), info=_OF_THE_ACCOUNT)
    kind: Mapped[str] = mapped_column(sa.String(30), info=_OF_THE_ACCOUNT)
    key: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    url: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    handle: Mapped[str] = mapped_column(info=_OF_THE_ACCOUNT)
    #: From when until when the register knew the account by it.
    since_on: Mapped[date]
    until_on: Mapped[date]
    #: Since when it belongs to somebody else; None while it leads to the account.
    released_on: Mapped[date | None]


class ToldApart(Model):
    """Two accounts look alike, and somebody who knows them said that they are two: nobody is asked again."""

    __tablename__ = "told_apart"
    __table_args__ = (sa.CheckConstraint("one_id < other_id", name="in_order"),)

    one_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True)
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, index=True)
    told_at: Mapped[datetime]
    told_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Accounts told apart", Fate.KEPT, because="Nobody has to ask again whether the two are one."),
    )  # fmt: skip
