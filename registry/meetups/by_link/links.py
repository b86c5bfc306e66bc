"""The link in an invitation: it says whose it is and for which meetup, and nobody else could have made it.

It holds the number of the invitation and a code over that, the meetup, the person and a random part. So it needs no
table of its own, and is worth nothing as soon as one of them is another.
"""

import hmac
from secrets import token_hex
from typing import Final

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import joinedload

from registry import outbox
from registry.db import db, now
from registry.meetups.models import Invitation, Meetup
from registry.web import whole

#: Hexadecimal digits of the code: 128 bits, and no character at the end that a mail program takes for a full stop.
CODE: Final = 32


def address_of(invitation: Invitation) -> str:
    """The whole address at which the person who is invited answers, without signing in; ``invitation`` is flushed."""
    return outbox.link(f"/answer/{token_of(invitation)}")


def token_of(invitation: Invitation) -> str:
    """What stands for an invitation in an address."""
    return f"{invitation.id}-{_code(invitation, current_app.config['SECRET_KEY'])}"


def opened_by(token: str) -> Invitation | None:
    """The invitation that a token opens, with its meetup, agenda and person; ``None`` where it opens nothing.

    It does not where somebody made it up, where it is revoked, and where the person has left.
    """
    number, _, code = token.partition("-")
    if (invitation_id := whole(number)) is None or str(invitation_id) != number:
        return None
    agenda = joinedload(Invitation.meetup).selectinload(Meetup.agenda)
    asked = sa.select(Invitation).where(Invitation.id == invitation_id).options(joinedload(Invitation.person), agenda)
    invitation = db.session.scalar(asked)
    if invitation is None or invitation.revoked_at is not None or not invitation.person.is_active:
        return None
    keys = (current_app.config["SECRET_KEY"], *(current_app.config["SECRET_KEY_FALLBACKS"] or ()))
    right = [hmac.compare_digest(_code(invitation, key).encode(), code.encode("utf-8", "replace")) for key in keys]
    return invitation if any(right) else None


def revoke(*, invitation: Invitation) -> None:
    """Let no link of an invitation open anything any more. They can still answer where they are signed in."""
    invitation.revoked_at = now()


def renew(person_id: int) -> int:
    """Let the links in mails that somebody has open nothing, and those in later mails be others; how many there are.

    For who has passed a mail on, or lost a phone.
    """
    theirs = sa.select(Invitation).where(Invitation.person_id == person_id, Invitation.revoked_at.is_(None))
    some = db.session.scalars(theirs.order_by(Invitation.id)).all()
    for invitation in some:
        invitation.nonce = token_hex(16)
    db.session.flush()
    return len(some)


def _code(invitation: Invitation, key: str) -> str:
    about = f"answer|{invitation.id}|{invitation.meetup_id}|{invitation.person_id}|{invitation.nonce}"
    return hmac.new(key.encode(), about.encode(), "sha256").hexdigest()[:CODE]
