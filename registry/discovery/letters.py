"""What people are written to about accounts that were seen."""

from urllib.parse import quote

from registry import outbox
from registry.accounts.platforms import name_of
from registry.discovery.models import Sighting
from registry.outbox import Message
from registry.people.mail import write_to
from registry.people.models import Person


def _hello(person: Person) -> str:
    return f"Hello {person.given_name or person.name},\n\n"


def is_this_yours(sighting: Sighting, person: Person) -> Message | None:
    """Ask somebody, kindly, whether an account is theirs."""
    where = name_of(sighting.platform)
    return write_to(
        person, subject=f"Is {sighting.handle} on {where} yours?",
        text=f"{_hello(person)}we saw {sighting.handle} on {where} and like it:\n{sighting.url}\n\n"
        "Is it yours? If so, you are one of the colleagues who speak for us, and you need not do it alone: the register"
        " gives you words to paste, somebody to stand in for you, and others to ask. Nothing is wrong, and nobody takes"
        " it away from you.\n\nOne press says yes, no, or whose it is:\n"
        f"{outbox.link(f'/discover/yours/{sighting.id}')}\n",
    )  # fmt: skip


def is_registered(sighting: Sighting, person: Person, account_id: int) -> Message | None:
    """Thank whoever told of an account that is registered now."""
    return write_to(
        person, subject=f"Thank you: {sighting.handle} is in the register now",
        text=f"{_hello(person)}you told us of {sighting.handle}. It is registered now, and its people have somebody to"
        f" ask:\n\n{outbox.link(f'/accounts/{account_id}')}\n",
    )  # fmt: skip


def register_link(sighting: Sighting) -> str:
    """The path at which an account that was seen is registered, filled in."""
    return f"/accounts/new?address={quote(sighting.url, safe='')}"
