"""Web addresses that the directory has of people, where the settings name attributes that hold them.

They are kept until those who know what an account is have looked at them; what is none goes again then.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model, db
from registry.people.models import Person
from registry.personal import Fate, leads

#: Addresses of one entry, and characters of each, that are kept.
MOST: Final = 10
LONGEST: Final = 1_000


class WebAddress(Model):
    """A web address in somebody's entry of the directory."""

    __tablename__ = "web_address"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id", ondelete="CASCADE"), index=True, info=leads("Web addresses", Fate.DELETED)
    )
    #: As the directory has it, without the label behind.
    url: Mapped[str]
    #: The account's own address, once somebody has looked whether it is one.
    known_as: Mapped[str | None] = mapped_column(index=True)
    #: When it was looked at; None until then.
    looked_at: Mapped[datetime | None] = mapped_column(index=True)


def keep(told: Mapping[str, Sequence[str]]) -> None:
    """Bring what is kept up to date with entries that are new or have changed: addresses by directory id."""
    ids = {
        directory_id: person_id
        for person_id, directory_id in db.session.execute(
            sa.select(Person.id, Person.directory_id).where(Person.directory_id.in_(told))
        )
    }
    wanted = {(ids[one], url[:LONGEST]) for one, urls in told.items() if one in ids for url in urls[:MOST]}
    rows = db.session.execute(
        sa.select(WebAddress.person_id, WebAddress.url, WebAddress.id).where(WebAddress.person_id.in_(ids.values()))
    )
    kept = {(person_id, url): number for person_id, url, number in rows}
    gone = [number for pair, number in kept.items() if pair not in wanted]
    if gone:
        db.session.execute(sa.delete(WebAddress).where(WebAddress.id.in_(gone)))
    if new := sorted(wanted - kept.keys()):
        db.session.execute(sa.insert(WebAddress), [{"person_id": one, "url": url} for one, url in new])


def new_ones(most: int) -> Sequence[tuple[WebAddress, Person]]:
    """Some addresses that nobody has looked at, with whose they are."""
    found = sa.select(WebAddress, Person).join(Person, Person.id == WebAddress.person_id)
    rows = db.session.execute(found.where(WebAddress.looked_at.is_(None)).order_by(WebAddress.id).limit(most))
    return [(address, person) for address, person in rows]


def drop(addresses: Iterable[WebAddress]) -> None:
    """Forget addresses that are of no use here."""
    if ids := [one.id for one in addresses]:
        db.session.execute(sa.delete(WebAddress).where(WebAddress.id.in_(ids)))
