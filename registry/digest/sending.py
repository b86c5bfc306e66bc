"""Sending the digest to those for whom it is time."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import outbox
from registry.db import db, exclusively, hold_back_forms, now, today
from registry.digest.gathering import Digest, gather
from registry.digest.links import token_of
from registry.digest.models import DigestChoice, Often
from registry.outbox import Mail
from registry.people.models import Person
from registry.people.queries import IN_OFFICE
from registry.workdays import is_working_day, usual_calendar

#: People a transaction.
PORTION: Final = 500
_DAY: Final = timedelta(days=1)


def begins(often: Often, on: date) -> date:
    """The Monday with which the week, or the first Monday with which the month, of a day begins for the digest."""
    monday = on - timedelta(days=on.weekday())
    if often is Often.WEEKLY:
        return monday
    while monday.day > 7:
        monday -= timedelta(days=7)
    return monday


def is_due(often: Often, on: date) -> bool:
    """Whether its time has come: on the first working day from that Monday on, or later where no worker ran."""
    monday = begins(often, on)
    days = (monday + _DAY * number for number in range((on - monday).days + 1))
    return any(is_working_day(day, usual_calendar()) for day in days)


def send_due() -> tuple[int, int]:
    """Write to all whose digest is due; how many mails, and how many were skipped as there is nothing new. Commits.

    A process that is killed leaves whole portions done and the others for the next.
    """
    with exclusively("digests") as free:
        if not free:
            return 0, 0
        # All who are written to now are told of the same the next time, and of nothing twice.
        at, known = now(), dict[tuple[Often, datetime], Digest]()
        sent = skipped = 0
        while portion := _portion():
            mails = []
            for choice in portion:
                asked = choice.often, choice.since_at
                if asked not in known:
                    known[asked] = gather(choice.since_at, choice.often)
                digest = known[asked]
                choice.last_on = today()
                if not digest.is_news or not choice.person.mail:
                    skipped += 1
                    continue
                choice.since_at = at
                mails.append(_mail(choice, digest))
            outbox.post_many(mails)
            sent += len(mails)
            db.session.commit()
        db.session.rollback()
    return sent, skipped


def _portion() -> Sequence[DigestChoice]:
    """Some of those whose digest is due and has not been looked at; their row is held until the commit."""
    hold_back_forms()
    on = today()
    early = [
        sa.and_(DigestChoice.often == one, DigestChoice.last_on < begins(one, on)) for one in Often if is_due(one, on)
    ]
    return db.session.scalars(
        sa.select(DigestChoice)
        .join(DigestChoice.person)
        .where(sa.or_(sa.false(), *early), Person.state.in_(IN_OFFICE))
        .options(joinedload(DigestChoice.person))
        .order_by(DigestChoice.person_id)
        .limit(PORTION)
    ).all()


def _mail(choice: DigestChoice, digest: Digest) -> Mail:
    person = choice.person
    stop = outbox.link(f"/digest/stop/{token_of(choice)}")
    first = digest.parts[0][1][0].text
    return Mail(
        to=person.mail or "", person_id=person.id, unsubscribe=stop, subject=f"Among peers: {first}",
        text=f"Hello {person.given_name or person.name},\n\nthis is what is new among colleagues who run accounts.\n\n"
        f"{digest.text}\n\nYou chose to get this {choice.often.value}. End it, or have it less often:\n{stop}\n",
    )  # fmt: skip
