"""What was changed together, so that it can be undone together."""

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model
from registry.people.models import Person
from registry.personal import Fate, leads, stays


class BulkChange(Model):
    """One change of many accounts: what stood in each before, and what it looked like right after."""

    __tablename__ = "bulk_change"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Changes of many accounts at once", Fate.KEPT, because="It leads to nothing but the pseudonym.",
                   shows=("at", "undone_at")),
    )  # fmt: skip
    at: Mapped[datetime]
    #: By the id of the account: ``before``, the values by field, and ``stamp``, what ``bulk.stamps`` said right after.
    before: Mapped[dict[str, Any]] = mapped_column(info=stays("Numbers of accounts, people and teams."))
    undone_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
