"""Writing to people."""

from registry import outbox
from registry.outbox import Message
from registry.people.models import Person


def write_to(person: Person, *, subject: str, text: str, calendar: str = "", about: str = "") -> Message | None:
    """Post a mail to somebody; ``None`` where they have no address, or are gone: others may read theirs by then.

    ``calendar`` is a file for their calendar that goes with it, ``about`` what it is found by; see ``outbox.Mail``.
    """
    if not person.is_active:
        return None
    return outbox.post(to=person.mail, person_id=person.id, subject=subject, text=text, calendar=calendar, about=about)
