"""Choosing the digest, and how often."""

import secrets
from datetime import datetime, time, timedelta

from registry.audit import Somebody
from registry.db import LONDON, db, today
from registry.digest.models import DigestChoice, Often


def choose(*, person: Somebody, often: Often | None) -> None:
    """Have the digest so often; ``None`` for not at all."""
    choice = db.session.get(DigestChoice, person.id)
    if often is None:
        if choice is not None:
            db.session.delete(choice)
    elif choice is None:
        # From the beginning of a day, as many as begin on it are then told the same.
        since = datetime.combine(today() - timedelta(days=7), time(), LONDON)
        db.session.add(
            DigestChoice(
                person_id=person.id, often=often, since_at=since, last_on=today(), nonce=secrets.token_urlsafe(16)
            )
        )
    else:
        choice.often = often
