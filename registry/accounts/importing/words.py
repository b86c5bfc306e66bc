"""The words of a cell: what can be shown of them, and how to quote them in a sentence."""

from registry.export import FORMULA_STARTS
from registry.fields import UNSEEN


class UnreadableFile(Exception):
    """The file, or what was said about its columns, cannot be used; the message says why and what to do."""


def shortly(text: str, most: int = 60) -> str:
    """``text`` to quote in a sentence: short, on one line, with nothing that cannot be shown."""
    line = " ".join(UNSEEN.sub("", text[: most * 4]).split())
    return line if len(line) <= most else f"{line[: most - 1]}…"


def readable(text: str) -> str:
    """The text of a cell without blanks around it, unseen characters, or the apostrophe of a formula-safe export."""
    return unguarded(UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).strip())


def unguarded(text: str) -> str:
    """``text`` without the apostrophe that keeps a spreadsheet from running it."""
    return text[1:].strip() if text.startswith("'") and text[1:].startswith(FORMULA_STARTS) else text


def squashed(name: str) -> str:
    """A heading as it is compared: its letters and digits, in lower case."""
    return "".join(one for one in name[:200].casefold() if one.isalnum())


def column_letter(place: int) -> str:
    """What a spreadsheet calls the column at ``place``, counted from 0: A, B, … Z, AA."""
    letters, number = "", place + 1
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(ord("A") + rest) + letters
    return letters
