"""The first rows of a file, shown beside its columns while somebody says what those are."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from registry.accounts.importing.columns import FIELDS, NAMING, Sheet
from registry.accounts.importing.rows import Asked, understand
from registry.accounts.importing.words import readable, shortly
from registry.accounts.platforms import PLATFORMS

#: Rows that are looked at for examples, and examples and rows that are shown.
LOOKED_AT: Final = 50
EXAMPLES: Final = 3
ROWS: Final = 5


@dataclass(frozen=True, slots=True)
class Read:
    """A row as it would be read."""

    row: int
    #: The account that it means; empty where it is refused.
    account: str
    platform: str
    refused: str
    #: What else it says, in the order of ``First.fields``.
    values: Sequence[str]


@dataclass(frozen=True, slots=True)
class First:
    """The first rows of a file as they would be read, and which fields they have."""

    fields: Sequence[str]
    rows: Sequence[Read]


def examples(sheet: Sheet) -> list[list[str]]:
    """For each column the first different texts in it."""
    found: list[dict[str, None]] = [{} for _ in sheet.headings]
    for row in sheet.examples(LOOKED_AT):
        for texts, cell in zip(found, row, strict=False):
            text = shortly(readable(cell), 50)
            if text and len(texts) < EXAMPLES:
                texts[text] = None
    return [list(texts) for texts in found]


def first_rows(sheet: Sheet) -> First | None:
    """The first rows as they would be read; ``None`` while no column says which account a row means."""
    if not NAMING & set(sheet.columns):
        return None
    fields = [field for field in FIELDS if field in sheet.columns and field not in (*NAMING, "platform")]
    rows = []
    for line in islice(sheet.lines(), ROWS):
        asked = understand(line)
        values = [shortly(line.cells.get(field, ""), 60) for field in fields]
        if isinstance(asked, Asked):
            one = asked.resolved
            rows.append(Read(line.row, shortly(one.handle, 80), PLATFORMS[one.platform].name, "", values))
        else:
            rows.append(Read(line.row, "", "", asked, values))
    return First(fields, rows)
