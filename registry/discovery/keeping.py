"""What comms ticked of a text: kept as sightings, and colleagues asked. Nothing else of the text is kept."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from registry.accounts.models import Account
from registry.accounts.naming.queries import known
from registry.accounts.platforms import Resolved, resolve
from registry.audit import Somebody
from registry.db import db
from registry.discovery import actions
from registry.discovery.matching import Suggestion, suggestions_for
from registry.discovery.models import WAITING, How, Sighting
from registry.discovery.noting import note
from registry.discovery.reading import Mention
from registry.people.models import Person
from registry.people.queries import working_here

#: Where these are said to be from: a text has no address, and its file is not kept.
PLACE = "a text that comms looked through"


@dataclass(frozen=True, slots=True)
class Found:
    """One account of a text, what the register knows of it, and whose it may be."""

    mention: Mention
    account: Account | None
    sighting: Sighting | None
    suggestions: Sequence[Suggestion] = ()

    @property
    def is_new(self) -> bool:
        return self.account is None and (self.sighting is None or self.sighting.state in WAITING)


def look(mentions: Iterable[Mention]) -> list[Found]:
    """What is known of each account; only where nothing is settled, whose it may be."""
    found = []
    every = list(mentions)
    sightings = _sightings([one.account for one in every])
    for one in every:
        same, resolved = known(one.account), one.account
        sighting = sightings.get((resolved.platform, resolved.kind, resolved.key))
        told = Found(one, same.account if same else None, sighting)
        if told.is_new:
            suggested = suggestions_for(handle=resolved.handle, words=one.words, limit=3)
            told = Found(one, None, sighting, suggested)
        found.append(told)
    return found


def _sightings(accounts: Sequence[Resolved]) -> dict[tuple[str, str, str], Sighting]:
    named = sa.tuple_(Sighting.platform, Sighting.kind, Sighting.key)
    rows = db.session.scalars(sa.select(Sighting).where(named.in_([(a.platform, a.kind, a.key) for a in accounts])))
    return {(row.platform, row.kind, row.key): row for row in rows}


def keep(picks: Iterable[tuple[str, str, int | None]], *, actor: Somebody) -> tuple[int, int]:
    """Keep each account that was ticked as a sighting, and ask whom comms chose; how many are new, how many asked.

    An address that is no account, a colleague who does not work here and one who was asked before are passed over.
    """
    new = asked = 0
    for url, words, person_id in picks:
        resolved = resolve(url)
        if not isinstance(resolved, Resolved) or resolved.platform == "website":
            continue
        noted = note(resolved, how=How.TEXT, place=PLACE, quote=words, by=actor)
        new += noted.is_new
        if noted.sighting is not None and person_id is not None:
            person = db.session.scalar(working_here().where(Person.id == person_id))
            asked += person is not None and _ask(noted.sighting, person, actor)
    return new, asked


def _ask(sighting: Sighting, person: Person, actor: Somebody) -> bool:
    try:
        actions.ask(sighting=sighting, person=person, actor=actor)
    except (actions.AskedAlready, actions.Settled):
        return False
    return True
