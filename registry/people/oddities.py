"""What a run found odd though it could use it: how many of each kind, and the first of them by name."""

from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import sqlalchemy as sa

from registry.db import db
from registry.people import absence, directory
from registry.people.models import Person

#: Entries of each kind that are named.
NAMED: Final = 10
SHARES_USERNAME: Final = "has a username that somebody else has too"
NO_MANAGER: Final = "reports to somebody who is not among the people of the directory"


class Oddities:
    """Counts what is odd in a run."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        #: The first of each kind: their names in the directory, and why they are here.
        self.first: list[dict[str, Any]] = []

    def note(self, page: Iterable[directory.Entry]) -> None:
        """Count what is odd in the entries of a page."""
        for entry in page:
            for reason in entry.odd:
                self._add(reason, 1, [entry.dn])

    def _add(self, reason: str, count: int, names: Iterable[str]) -> None:
        free = max(0, NAMED - self.counts[reason])
        self.first += [{"dn": name, "reason": reason, "taken": True} for name in list(names)[:free]]
        self.counts[reason] += count

    def look_at_everybody(self) -> None:
        """Count what only shows among all: usernames that several have, managers who are not there."""
        here = (absence.from_directory(), Person.state.in_(absence.HERE), Person.missing_at.is_(None))
        shared = sa.select(Person.username).where(*here).group_by(Person.username).having(sa.func.count() > 1)
        self._count(SHARES_USERNAME, *here, Person.username.in_(shared))
        self._count(NO_MANAGER, *here, Person.manager_key.is_not(None), Person.manager_id.is_(None))

    def _count(self, reason: str, *where: sa.ColumnElement[bool]) -> None:
        if count := db.session.scalar(sa.select(sa.func.count(Person.id)).where(*where)):
            names = sa.select(Person.dn_key).where(*where).order_by(Person.id).limit(NAMED)
            self._add(reason, count, db.session.scalars(names))
