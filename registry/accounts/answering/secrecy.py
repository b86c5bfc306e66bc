"""Keeps secrets out: a text that looks like a password, a key or a code is refused before it is kept anywhere.

It would rather ask once too often for other words than keep a key: whoever is stopped by it loses a moment.
"""

import re
from typing import Any, Final

from wtforms import Field
from wtforms.validators import ValidationError

#: What is said beside the field.
PLAINLY: Final = (
    "This looks like a password, a key or a code. Never enter one here: say where it is kept, and change it if others"
    " may have seen it. If it is none, put it in other words."
)
#: Said of a password rather than the password itself.
_SAID_OF: Final = (
    r"(?:in|inside|kept|with|held|stored|on|at|by|known|unknown|not|no|never|sealed|changed|reset|managed|shared|the|"
    r"only|our|their|his|her|my|lost|forgotten|wrong|gone|old|new|still|being|to|from|of|for|under|and|or|but|is|was)\b"
)
#: What a password is called, in Welsh too.
_CALLED: Final = r"(?:pass(?:word|code|phrase|wd)?|pwd?|cyfrinair)"
_NAMED: Final = re.compile(
    rf"\b(?:{_CALLED}|pin|secret|token|api[ _-]?key|backup codes?)"
    rf"(?:\s*[:=]\s*|\s+(?:is|was)\s+)(?!{_SAID_OF})\S"
    rf"|\bpin\s+\d{{4}}|\b{_CALLED}\s+(?=\S*\d)(?=\S*[a-z])\S{{4}}",
    re.IGNORECASE,
)
#: The code of a message or an app, and one to recover by: five digits and more beside the word.
_A_CODE: Final = re.compile(
    r"(?<!dialling )(?<!area )\bcodes?(?:\s*[:=]|\s+(?:is|are|was))?\s*\d[\d -]{3,}\d"
    r"|\b\d{5,8}\s+is\s+(?:the|our|its)\s[\w ]{0,20}\bcode",
    re.IGNORECASE,
)
#: How keys and tokens of well-known services begin, and one-time-password secrets.
_MARKED: Final = re.compile(
    r"-----BEGIN|otpauth://|\beyJ[\w-]{10}|\b(?:AKIA|ASIA)[A-Z0-9]{12}|\bgh[pousr]_\w{10}|\bgithub_pat_|\bglpat-"
    r"|\bxox[abeoprs]-|\bsk-[\w-]{16}|\bsk_live_|\bAIza[\w-]{20}|\bEAA[A-Za-z0-9]{20}|\bya29\."
)
#: Two groups of four digits, as backup codes are printed; a telephone number has more around them.
_CODES: Final = re.compile(r"(?<![\d+-])(?<!\d )\d{4} \d{4}(?![ -]?\d)")
_ADDRESS: Final = re.compile(r"^[<(]?(?:https?://|www\.|[\w.+-]+@[\w-]+\.[\w.]+$)")
_KINDS: Final = (re.compile("[a-z]"), re.compile("[A-Z]"), re.compile("[0-9]"), re.compile(r"[^\w\s.,;:()’'“”\"/&-]"))
#: Names of programs that look odd: Office365, Dynamics360, and those in which passwords are kept.
_PROGRAM: Final = re.compile(r"^(?:[A-Z]?[A-Za-z]*36[05]|1Password[78]?|KeePass2)$", re.IGNORECASE)
_PARTS: Final = re.compile(r"[-_/.]")
_MIXED: Final = re.compile("[A-Za-z][0-9]|[0-9][A-Za-z]")
#: The shape of a one-time-password secret.
_BASE32: Final = re.compile("^[A-Z2-7]{16,}$")
SHORTEST: Final = 8
LONG: Final = 14


def looks_secret(text: str) -> bool:
    """Whether ``text`` holds something that looks like a password, a key or a code."""
    if any(sign.search(text) for sign in (_NAMED, _MARKED, _CODES, _A_CODE)):
        return True
    return any(_word_looks_secret(word.strip(".,;:()“”\"'’")) for word in text.split())


def _word_looks_secret(word: str) -> bool:
    if len(word) < SHORTEST or _ADDRESS.match(word) or _PROGRAM.match(word):
        return False
    lower, upper, digit, sign = (bool(kind.search(word)) for kind in _KINDS)
    if digit and sign:
        return True
    # The names of groups and entries have parts, GRP-0123-social, of which none is mixed in itself.
    mixed = any(_MIXED.search(part) for part in _PARTS.split(word))
    if mixed and lower and upper and digit:
        return True
    if _BASE32.match(word) and digit:
        return True
    digits = sum(one.isdigit() for one in word)
    return len(word) >= LONG and mixed and "-" not in word and digits > len(word) / 6


class NoSecret:
    """Refuses a field in which a secret seems to stand, and does not repeat it on the page."""

    def __call__(self, _form: Any, field: Field) -> None:
        """Raises ``ValidationError`` where it does."""
        if field.data and looks_secret(field.data):
            field.data = ""
            raise ValidationError(PLAINLY)
