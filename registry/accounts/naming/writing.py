"""A question to comms about an address whose account the asker may not see."""

from typing import Final

import sqlalchemy as sa

from registry import audit
from registry.audit import Somebody
from registry.db import db
from registry.people.mail import write_to
from registry.people.models import Person
from registry.people.queries import holders
from registry.roles import Role

QUESTION: Final = audit.declare("account.asked-about", "{actor} asked comms about {subject}")
#: What is said of an account that the asker may not see: neither whose it is nor what it is called.
HIDDEN: Final = "The communications team knows this address. It is not open to everybody, so ask them."


def ask_comms(*, address: str, words: str, actor: Somebody) -> bool:
    """Write to everybody of comms; whether any of them has an address to write to."""
    reply = db.session.scalar(sa.select(Person.mail).where(Person.id == actor.id)) or "no address is known"
    text = f"{actor.name} ({reply}) asks about {address or 'an account'}:\n\n{words}\n\nPlease answer them by mail."
    posted = [write_to(one, subject=f"A question from {actor.name}", text=f"{text}\n") for one in holders(Role.COMMS)]
    audit.record(QUESTION, actor=actor, subject_kind="address", subject_id=None, subject_name=address or "an account")
    return any(posted)
