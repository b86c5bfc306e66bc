"""Names that are easily taken for one another come down to the same skeleton.

It is for warnings only: two accounts with one skeleton are often one account typed twice, or a name that imitates
another, and sometimes two accounts that a person has to tell apart.
"""

from typing import Final

from registry.search import plain

#: Letters and digits that look alike in many typefaces, those of other alphabets included (Unicode TR 39 has them all).
LOOKALIKES: Final = str.maketrans("1i|!0аеорсухіјѕԁһӏοαρνικυ", "lllloaeopcyxljsdhloapvlku")
#: What people put into a name without its becoming another one.
BETWEEN: Final = str.maketrans("", "", ".-_~'’· ")
#: Words that are added to a name that was taken.
ADDED: Final = ("official", "twitter", "account", "online", "social", "team", "page", "real", "the", "hq", "uk")
#: A name that is shorter without such a word is left whole: it would be like too many others.
SHORTEST: Final = 4
#: Platforms on which the end of a name is an address of its own.
WHOLE: Final = ("website",)
USUAL_HOST: Final = ".bsky.social"


def skeleton(platform: str, key: str) -> str:
    """What is left of a ``key`` when all is taken away that two names are confused by; compare within a platform."""
    name, at, host = key.removesuffix(USUAL_HOST).partition("@")
    bare = _folded(name)
    return (bare if platform in WHOLE else _without_added(bare)) + (at and f"@{_folded(host)}")


def _folded(text: str) -> str:
    return plain(text).translate(LOOKALIKES).translate(BETWEEN)


_FOLDED: Final = tuple(_folded(word) for word in ADDED)


def _without_added(name: str) -> str:
    for word in _FOLDED:
        if len(name) - len(word) >= SHORTEST:
            name = name.removesuffix(word) if name.endswith(word) else name.removeprefix(word)
    return name
