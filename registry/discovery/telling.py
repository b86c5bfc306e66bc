"""What a colleague tells of an account they saw: an address, a handle with its platform, or a sentence with one."""

from dataclasses import dataclass
from typing import Final

from registry.accounts.platforms import Refused, Resolved, resolve
from registry.discovery import reading

LONGEST: Final = 2_000
_WEBSITE: Final = Refused("This is a website, and no account on a platform.")


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood: accounts; why it is none; handles of which the platform is missing."""

    accounts: tuple[Resolved, ...] = ()
    refused: tuple[Refused, ...] = ()
    bare: tuple[str, ...] = ()


def read(text: str, platform: str = "") -> Read:
    """Understand what was typed; ``platform`` is the slug that was chosen for bare handles, if any."""
    text = text.strip()[:LONGEST]
    whole = resolve(text, platform or None)  # One address or one name alone is read as everywhere else.
    if isinstance(whole, Resolved) and whole.platform != "website":
        return Read((whole,))
    understood = reading.read(text, platform)
    accounts = tuple(mention.account for mention in understood.accounts)
    bare = tuple(name for name, _ in understood.left_open)
    if accounts or bare:
        return Read(accounts, bare=bare)
    return Read(refused=(whole if isinstance(whole, Refused) else _WEBSITE,))
