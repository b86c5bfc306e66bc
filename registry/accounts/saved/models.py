"""Saved views of the catalogue."""

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model
from registry.people.models import Person
from registry.personal import Fate, leads


class SavedView(Model):
    """What somebody asks of the catalogue, under a name; their one without a name holds the columns that they like."""

    __tablename__ = "saved_view"
    __table_args__ = (
        sa.UniqueConstraint("person_id", "name"),
        sa.Index("ix_saved_view_is_shared", "is_shared", "name", "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), info=leads("Saved views of the catalogue", Fate.DELETED)
    )
    name: Mapped[str] = mapped_column(sa.String(60))
    #: The query of the address, as ``catalogue_address.asks_from`` writes it.
    asks: Mapped[str]
    is_shared: Mapped[bool]
    changed_at: Mapped[datetime]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")
