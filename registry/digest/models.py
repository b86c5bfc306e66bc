"""Who wants the digest, and how often."""

import enum
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate, hidden, leads


class Often(enum.StrEnum):
    """How often the digest comes."""

    WEEKLY = "weekly"
    MONTHLY = "monthly"


class DigestChoice(Model):
    """Somebody wants the digest. Whoever has no row gets none: nobody is put on a list."""

    __tablename__ = "digest_choice"

    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), primary_key=True, autoincrement=False,
        info=leads("The digest, and how often", Fate.DELETED),
    )  # fmt: skip
    often: Mapped[Often] = mapped_column(words(Often))
    #: From when on things are new to them; it moves when a digest leaves, not when one is skipped.
    since_at: Mapped[datetime]
    #: The day in London on which the last one left or was skipped as empty, or on which they chose.
    last_on: Mapped[date]
    #: What makes the link that ends it theirs.
    nonce: Mapped[str] = mapped_column(sa.String(32), info=hidden("It ends their digest."))

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
