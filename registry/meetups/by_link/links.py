"""The link in an invitation: it says whose it is and for which meetup, and nobody else could have made it.

It holds the number of the invitation and a code over that, the meetup, the person and a random part. So it needs no
table of its own, and is worth nothing as soon as one of them is another.
"""

from secrets import token_hex
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit, outbox
from registry.audit import Somebody
from registry.db import db, now
from registry.meetups.models import Invitation, Meetup
from registry.seals import is_seal_of, seal_of
from registry.web import whole

REVOKED: Final = audit.declare(
    "meetup.link-revoked", "{actor} revoked the link with which {person} answers “{subject}”{fresh}", "person", "fresh"
)


def address_of(invitation: Invitation) -> str:
    """The whole address at which the person who is invited answers, without signing in; ``invitation`` is flushed."""
    return outbox.link(f"/answer/{token_of(invitation)}")


def open_address(invitation: Invitation | None) -> str:
    """The same; empty where somebody is not invited, or their link was revoked and no other was sent."""
    return address_of(invitation) if invitation is not None and invitation.revoked_at is None else ""


def token_of(invitation: Invitation) -> str:
    """What stands for an invitation in an address."""
    return f"{invitation.id}-{seal_of(_about(invitation))}"


def opened_by(token: str) -> Invitation | None:
    """The invitation that a token opens, with its meetup, agenda and person; ``None`` where it opens nothing.

    It does not where somebody made it up, where it is revoked, and where the person has left.
    """
    number, _, code = token.partition("-")
    if (invitation_id := whole(number)) is None or str(invitation_id) != number:
        return None
    agenda = joinedload(Invitation.meetup).selectinload(Meetup.agenda)
    asked = sa.select(Invitation).where(Invitation.id == invitation_id).options(joinedload(Invitation.person), agenda)
    invitation = db.session.scalar(asked.execution_options(populate_existing=True))
    if invitation is None or invitation.revoked_at is not None or not invitation.person.is_active:
        return None
    return invitation if is_seal_of(_about(invitation), code) else None


def revoke(*, invitation: Invitation, meetup: Meetup, actor: Somebody, fresh: bool) -> None:
    """Let no link of an invitation open anything that was sent so far; ``meetup`` is its own, and is held.

    ``fresh`` says whether there is another from now on. Without one they are invited all the same, and answer where
    they are signed in.
    """
    invitation.nonce, invitation.revoked_at = token_hex(16), None if fresh else now()
    audit.record(
        REVOKED, actor=actor, subject_kind="meetup", subject_id=meetup.id, subject_name=meetup.title,
        person=invitation.person.name, fresh=", and sent another" if fresh else "",
    )  # fmt: skip


def state_of(invitation: Invitation) -> str:
    """What a page that offers to revoke a link sends back: it is another one as soon as somebody has done so."""
    return seal_of(f"link {invitation.id} {invitation.nonce} {invitation.revoked_at}")


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


def _about(invitation: Invitation) -> str:
    return f"answer {invitation.id} {invitation.meetup_id} {invitation.person_id} {invitation.nonce}"
