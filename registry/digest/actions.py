"""Choosing the digest, and how often."""

import secrets
from datetime import timedelta

from registry.audit import Somebody
from registry.db import db, now, today
from registry.digest.models import DigestChoice, Often


def choose(*, person: Somebody, often: Often | None) -> None:
    """Have the digest so often; ``None`` for not at all."""
    choice = db.session.get(DigestChoice, person.id)
    if often is None:
        if choice is not None:
            db.session.delete(choice)
    elif choice is None:
        db.session.add(
            DigestChoice(
                person_id=person.id, often=often, since_at=now() - timedelta(days=7), last_on=today(),
                nonce=secrets.token_urlsafe(16),
            )
        )  # fmt: skip
    else:
        choice.often = often
