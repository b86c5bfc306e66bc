"""The addresses at which people answer without signing in."""

from registry import outbox
from registry.meetups.models import Invitation


def address_of(invitation: Invitation) -> str:
    """The whole address at which somebody answers an invitation."""
    return outbox.link(f"/meetups/{invitation.meetup_id}")
