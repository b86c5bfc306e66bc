"""What a colleague tells of an account they saw: an address, a handle with its platform, or a sentence with one."""

import re
from dataclasses import dataclass
from typing import Final

from registry.accounts.platforms import Refused, Resolved, resolve

#: Words that say which platform a bare handle is of.
_HINTS: Final = (
    (re.compile(r"\b(?:tweet\w*|twitter|x\.com|retweet\w*|on x)\b", re.I), "x"),
    (re.compile(r"\b(?:insta\w*|instagram|reels?)\b", re.I), "instagram"),
    (re.compile(r"\b(?:facebook|fb)\b", re.I), "facebook"),
    (re.compile(r"\b(?:tik ?tok\w*)\b", re.I), "tiktok"),
    (re.compile(r"\b(?:you ?tube\w*)\b", re.I), "youtube"),
    (re.compile(r"\b(?:linked ?in)\b", re.I), "linkedin"),
    (re.compile(r"\b(?:bluesky|bsky|skeet\w*)\b", re.I), "bluesky"),
    (re.compile(r"\b(?:threads)\b", re.I), "threads"),
)
_ADDRESS: Final = re.compile(r"(?:https?://|www\.)[^\s<>\"']+|\b[a-z0-9-]+(?:\.[a-z0-9-]+)+/[^\s<>\"']+", re.I)
_HANDLE: Final = re.compile(r"(?<![\w@./])@[\w.\-]+(?:@[\w.-]+\w)?")
_END: Final = ".,;:!?)]}’”'\""
LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood: accounts; why other parts are none; handles of which the platform is missing."""

    accounts: tuple[Resolved, ...] = ()
    refused: tuple[Refused, ...] = ()
    bare: tuple[str, ...] = ()


def read(text: str, platform: str = "") -> Read:
    """Understand what was typed; ``platform`` is the slug that was chosen for bare handles, if any."""
    text = text.strip()[:LONGEST]
    whole = resolve(text, platform) if platform and " " not in text else resolve(text)
    if isinstance(whole, Resolved) and whole.platform != "website" and " " not in text:
        return Read((whole,))
    accounts: dict[tuple[str, str, str], Resolved] = {}
    refused: list[Refused] = []
    for address in _ADDRESS.findall(text):
        _sort(resolve(address.rstrip(_END)), accounts, refused)
    bare = []
    left = _ADDRESS.sub(" ", text)
    for handle in _HANDLE.findall(left):
        name = handle.rstrip(_END)
        slug = platform or _hinted(left)
        if "@" in name[1:] or slug:
            found = resolve(name) if "@" in name[1:] else resolve(name, slug)
            _sort(found, accounts, refused)
        elif len(name) > 1:
            bare.append(name)
    if not accounts and not refused and not bare and isinstance(whole, Refused):
        refused.append(whole)
    return Read(tuple(accounts.values()), tuple(refused), tuple(dict.fromkeys(bare)))


def _sort(found: Resolved | Refused, accounts: dict[tuple[str, str, str], Resolved], refused: list[Refused]) -> None:
    if isinstance(found, Refused) and found.owner is not None:
        found = found.owner  # A post leads to whoever published it.
    if isinstance(found, Refused):
        refused.append(found)
    elif found.platform == "website":
        refused.append(Refused("This is a website, and no account on a platform."))
    else:
        accounts.setdefault((found.platform, found.kind, found.key), found)


def _hinted(text: str) -> str:
    """The one platform that the words speak of; empty where there is none, or more than one."""
    hinted = {slug for pattern, slug in _HINTS if pattern.search(text)}
    return hinted.pop() if len(hinted) == 1 else ""
