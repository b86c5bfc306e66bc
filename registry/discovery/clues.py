"""What a handle and the words around it say: its words, those around it, names and addresses among them."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Final

from registry import search
from registry.accounts.rules.addresses import words as some
from registry.discovery.likeness import NOISE, Handle, names_of, take_apart

MOST_WORDS: Final = 12
#: Words that tell all they can; of more, each tells less.
FEW: Final = 5
#: Letters of the words that are read around a handle.
LONGEST: Final = 2_000

EMPTY: Final = some(
    "a about all also am an are at be been by can day did do does for from get got had has have he her here him his how"
    " i if in into is it its just like me more my new no not now of off on one or our out own post posts saw say says"
    " see seen she so some that the their them then there they this to too tweeting tweet tweets up us very was we week"
    " were what when where which who why will with you your year years people time officer manager assistant senior"
    " head team service services area works work account page old made open public every first two last next still"
    " going today tomorrow some things thing every much many most more than over under about after before again other"
    " really find found take makes make made come comes look looks want know what good best great love likes liked here"
    " home life daily real live lives day days week weeks month night nights morning ask asks tell tells said show"
    " never always only even each same such both between through during without within where while those these ones"
    " instagram twitter facebook tiktok youtube linkedin bluesky mastodon threads insta posting photos pictures"
)
_ENDINGS = re.compile(r"(?:arians?|aries|ary|ians?|ings?|ers?|ies|y|es|s)$")
_MAIL = re.compile(r"[\w.+-]{1,64}@[\w.-]{1,255}")
_CAPITAL = re.compile(r"[^\W\d_][\w'’-]*")


@dataclass(slots=True)
class Clues:
    """What is known of an account: its handle taken apart, and what the words around it say."""

    handle: Handle
    words: str
    us: tuple[str, ...]
    #: Stems of the words, and the word that each comes from; those of the handle first.
    stems: dict[str, str] = field(default_factory=dict)
    #: How much each of them tells: one of many words tells less.
    weights: dict[str, float] = field(default_factory=dict)
    numbers: frozenset[str] = frozenset()
    names_us: bool = False
    pairs: list[tuple[str, str]] = field(default_factory=list)
    mails: list[str] = field(default_factory=list)
    #: Whose entry in the directory has the address.
    by_directory: frozenset[int] = frozenset()


def clues_of(handle: str, words: str, organisation: str) -> Clues:
    """What an account may be known by; ``organisation`` is what we are called."""
    us = names_of(organisation)
    words = words[:LONGEST].replace(handle, " ").replace(handle.lstrip("@") or "\0", " ")
    clues = Clues(take_apart(handle[:200], us), words, us)
    clues.mails = [mail.strip(".") for mail in _MAIL.findall(words)][:5]
    folded = search.parts_of(search.plain(words))
    whole = set(us[-3:]) | {name for name in us if len(name) > 3}
    clues.names_us = clues.handle.names_us or any(word in whole for word in folded)
    for word in (*clues.handle.tokens, *folded):
        if len(word) > 3 and word not in EMPTY and word not in NOISE and word not in us:
            clues.stems.setdefault(stem(word), word)
    of_handle = {stem(word) for word in clues.handle.tokens}
    others = max(1, len(clues.stems.keys() - of_handle))
    clues.weights = {one: 1.0 if one in of_handle else min(1.0, (FEW / others) ** 0.5) for one in clues.stems}
    clues.numbers = frozenset((*clues.handle.numbers, *(word for word in folded if word.isdigit())))
    clues.pairs = _pairs(words)
    return clues


@lru_cache(maxsize=8_192)
def stem(word: str) -> str:
    """What gritters and gritting, libraries and librarians have in common."""
    shorter = _ENDINGS.sub("", word)
    return shorter if len(shorter) > 3 else word


def _pairs(words: str) -> list[tuple[str, str]]:
    """Words with a capital that stand together, folded: they may be somebody's names."""
    found: dict[tuple[str, str], None] = {}
    before, end = "", -9
    for match in _CAPITAL.finditer(words):
        word = match.group()
        if not word[0].isupper():
            before = ""
            continue
        folded = "".join(search.parts_of(search.plain(word)))
        if before and words[end : match.start()].strip() == "" and match.start() - end < 3:
            found[before, folded] = None
        before, end = folded, match.end()
    return list(found)[:MOST_WORDS]
