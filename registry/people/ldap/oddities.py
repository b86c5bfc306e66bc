"""What is odd about an entry that is taken all the same, so that somebody can mend it in the directory.

Nothing here makes an entry unusable: a text is cut, the first of several addresses counts, what cannot be shown is
taken out. The lengths keep every index of a database small enough (PostgreSQL takes 2,704 bytes of a row).
"""

import re
from collections.abc import Sequence
from typing import Any, Final

NO_MAIL: Final = "has no mail address"
SEVERAL_MAILS: Final = "has several mail addresses, of which the first counts"
NO_TEXT: Final = "holds bytes that are no text"
UNSEEN: Final = "holds characters that cannot be shown, which were left out"
TOO_LONG: Final = "holds a text that is too long and was cut"

#: As long as a mail address can be (RFC 5321, 4.5.3.1, with the domain); a longer one is none.
LONGEST_MAIL: Final = 320
LONGEST_TEXT: Final = 250
LONGEST_TEAM: Final = 120
DEEPEST_TEAM: Final = 8
#: Bytes of a distinguished name, and characters of a username, beyond which an entry is not usable.
LONGEST_NAME: Final = 2_000
LONGEST_USERNAME: Final = 250
#: All that an entry tells is mostly shorter than this; only longer ones are looked at part by part.
USUAL: Final = 600

# Controls but line ends and tabs, and in UTF-8 the marks that turn the direction of what follows.
_UNSEEN = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")


def of_values(values: Sequence[list[bytes] | None]) -> tuple[str, ...]:
    """What is odd about the values of an entry, as far as it shows in their bytes."""
    return (UNSEEN,) if _UNSEEN.search(b"".join([found[0] for found in values if found])) else ()


def shortened(texts: Sequence[Any]) -> list[Any]:
    """``texts`` with those cut that are too long; ``None`` and all that is no text stay as they are."""
    return [text[:LONGEST_TEXT] if text.__class__ is str else text for text in texts]


def shallow(team: tuple[str, ...]) -> tuple[str, ...]:
    """A team with names that are short enough, and not too many of them."""
    return tuple(name[:LONGEST_TEAM] for name in team[:DEEPEST_TEAM])
