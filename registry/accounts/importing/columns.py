"""Which column of a file is which field: guessed by its name, or as somebody said; and the rows under the headings."""

import hashlib
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Final

from registry.accounts.importing.words import UnreadableFile, column_letter, readable, shortly, squashed, unguarded

if TYPE_CHECKING:
    from registry.accounts.importing.files import Cells, Source

FIELDS: Final = (
    "url", "platform", "handle", "title", "purpose", "standing", "state", "team", "owner", "deputy", "language",
    "topics", "place", "mailbox", "review_on",
)  # fmt: skip
#: What other people call our fields, in the order in which we believe them. Written without blanks and signs.
OTHER_NAMES: Final[Mapping[str, tuple[str, ...]]] = {
    "url": (
        "url", "link", "address", "webaddress", "serviceurl", "accounturl", "accountlink", "accountaddress",
        "profileurl", "profilelink", "pageurl", "channelurl", "socialmediaurl", "permalink", "uri", "href",
    ),
    "platform": (
        "platform", "service", "serviceid", "network", "socialnetwork", "socialmediaplatform", "socialmedia",
        "servicename", "channel",
    ),
    "handle": ("handle", "account", "username", "identifier", "screenname", "accounthandle", "accountid"),
    "title": ("title", "name", "accountname", "accounttitle", "displayname", "pagename", "pagetitle"),
    "purpose": ("purpose", "description", "aim"),
    "standing": ("standing", "speaksfor"),
    "state": ("state", "status"),
    "team": (
        "team", "organization", "organisation", "agency", "department", "directorate", "division", "unit", "section",
        "office",
    ),
    "owner": (
        "owner", "accountowner", "ownerusername", "owneremail", "responsible", "responsibleperson", "accountmanager",
        "managedby", "contact", "contactemail", "contactperson",
    ),
    "deputy": ("deputy", "deputyowner", "deputyusername", "deputyemail", "backup", "standin", "secondcontact"),
    "language": ("language", "languages", "lang"),
    "topics": ("topics", "topic", "tags", "tag", "keywords", "subjects", "themes"),
    "place": ("place", "location", "town", "area", "site", "building"),
    "mailbox": ("mailbox", "teammailbox", "sharedmailbox", "teamemail"),
    "review_on": ("reviewon", "review", "reviewdate", "nextreview", "reviewdue"),
}  # fmt: skip
_FIELD_OF: Final = {name: field for field, names in OTHER_NAMES.items() for name in names}
#: ``--map COLUMN=-`` leaves a column out that would be taken for a field by its name.
LEAVE_OUT: Final = "-"
#: Any of these says which account a row means.
NAMING: Final = frozenset(("url", "handle"))
MOST_ROWS: Final = 50_000
MOST_COLUMNS: Final = 500
#: A title, a date and a blank line often stand above the header.
HEADER_WITHIN: Final = 10
#: What we add to the rows that did not come in; it is no news when they come back.
OURS: Final = ("Row in the file before", "What to mend")
_MAP_HELP: Final = "Say which column is which, for example --map LINK=url, or --map NAME=handle --map SITE=platform."


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the file: its number as a spreadsheet shows it (the header is usually 1), the text by field, and all
    its cells as they stand there."""

    row: int
    cells: Mapping[str, str]
    whole: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """A file whose headings are found: ``columns`` says the field of each, empty where it is left out."""

    source: "Source"
    header_row: int
    headings: tuple[str, ...]
    columns: tuple[str, ...]

    def lines(self) -> Iterator[Line]:
        """The rows below the header, each cell under its field; blank rows are left out, but count.

        Raises ``UnreadableFile``.
        """
        places = [(index, field) for index, field in enumerate(self.columns) if field]
        width, found = len(self.headings), 0
        for number, row in enumerate(self.source.rows(), 1):
            if number <= self.header_row or not any(map(str.strip, row)):
                continue
            line = Line(number, _named(row, places), row[:width])
            if line.cells:
                found += 1
                yield line
            if found > MOST_ROWS:
                raise UnreadableFile(f"This file has more than {MOST_ROWS:,} rows. Split it, then take the parts.")

    def examples(self, most: int) -> list[Sequence[str]]:
        """The first rows below the header that are not blank, as they stand in the file."""
        rows = islice(self.source.rows(), self.header_row, None)
        return list(islice((row for row in rows if any(map(str.strip, row))), most))


def _named(row: "Cells", places: Iterable[tuple[int, str]]) -> dict[str, str]:
    found = {}
    for index, field in places:
        if index < len(row) and (cell := row[index]):
            # Addresses are for the resolver to clean: hidden characters in them are a reason to refuse them.
            text = unguarded(cell.strip()) if field in NAMING else readable(cell)
            if text:
                found[field] = text
    return found


# --- Finding the headings ---------------------------------------------------------------------------------


def cell_field(name: str) -> str | None:
    """The field that a column is, going by its name."""
    return _FIELD_OF.get(squashed(name))


def known_headings(row: "Cells", headings: Collection[str] = ()) -> int:
    """How many cells of a row are names of columns that we know, or are among ``headings``."""
    named = {squashed(one) for one in headings}
    return sum(squashed(cell) in named or cell_field(cell) is not None for cell in row[:MOST_COLUMNS])


def find_headings(source: "Source") -> tuple[int, list[str]]:
    """The number of the row with the headings, and the headings; raises ``UnreadableFile`` where there is no row.

    It is the first that names addresses or handles; where none does, the first with the most cells.
    """
    above = _first_rows(source)
    for number, row in above:
        if NAMING & {cell_field(cell) for cell in row}:
            return number, _fitting(row)
    number, row = max(above, key=lambda one: (sum(map(bool, one[1])), -one[0]))
    return number, _fitting(row)


def _first_rows(source: "Source") -> list[tuple[int, list[str]]]:
    numbered = ((number, _trimmed(row)) for number, row in enumerate(source.rows(), 1))
    above = list(islice(((number, row) for number, row in numbered if row), HEADER_WITHIN))
    if not above:
        raise UnreadableFile("This file is empty.")
    return above


def _fitting(headings: list[str]) -> list[str]:
    if len(headings) > MOST_COLUMNS:
        raise UnreadableFile(
            f"This file has more than {MOST_COLUMNS} columns. Delete those that do not belong to a list of accounts."
        )
    return headings


def _trimmed(row: "Cells") -> list[str]:
    """The cells of a row without blanks around them, and without the empty ones at its end."""
    width = next((index for index in range(len(row), 0, -1) if row[index - 1].strip()), 0)
    return [cell.strip() for cell in row[:width]]


def guess(headings: Sequence[str]) -> list[str]:
    """The field of each column, going by its name; each field once."""
    columns = [""] * len(headings)
    names = [squashed(name) for name in headings]
    _fill(columns, names, set())
    return columns


def _fill(columns: list[str], names: Sequence[str], used: set[int]) -> None:
    """Give the columns that are not ``used`` the fields that are not taken, by their names."""
    for field in FIELDS:
        free = [names.index(name) for name in OTHER_NAMES[field] if name in names and names.index(name) not in used]
        if field not in columns and free:
            columns[free[0]] = field
            used.add(free[0])


def fingerprint(headings: Sequence[str]) -> str:
    """A hash of the headings of a file; those that we add to the rows that did not come in do not count."""
    ours = {squashed(name) for name in OURS}
    names = [name for name in map(squashed, headings) if name not in ours]
    return hashlib.sha256("\n".join(names).encode()).hexdigest()


def called(heading: str, place: int) -> str:
    """What to call a column: by its heading, or where there is none by the letter that a spreadsheet gives it."""
    return shortly(heading, 80) or f"Column {column_letter(place)}"


# --- What the command line says of columns ----------------------------------------------------------------


def parse_map(pairs: Iterable[str]) -> dict[str, str]:
    """Read ``("Page link=url", …)`` into ``{"Page link": "url", …}``.

    The field ``-`` means that the column is left out. Raises ``UnreadableFile`` for a pair without ``=``, an unknown
    field, or a column or field that is named twice.
    """
    found: dict[str, str] = {}
    for pair in pairs:
        column, equals, name = (part.strip() for part in pair.rpartition("="))
        field = name.casefold()
        if not equals or not column:
            raise UnreadableFile(f"--map {shortly(pair)}: write it as COLUMN=FIELD, for example --map LINK=url.")
        if field not in FIELDS and field != LEAVE_OUT:
            raise UnreadableFile(
                f"--map {shortly(pair)}: there is no field “{shortly(name)}”. Fields: {', '.join(FIELDS)}."
            )
        if column in found or (field != LEAVE_OUT and field in found.values()):
            raise UnreadableFile(f"--map {shortly(pair)}: this column or field is named twice. Name each once.")
        found[column] = field
    return found


def sheet_named(source: "Source", said: Mapping[str, str]) -> Sheet:
    """The sheet with the columns that were ``said`` to be which field (as ``parse_map`` returns it), and for all others
    as their names decide. Raises ``UnreadableFile`` where no column says which account a row means."""
    above = _first_rows(source)
    for number, row in above:
        columns, missing = _places(row, said)
        if not missing and NAMING & set(columns):
            return Sheet(source, number, tuple(_fitting(row)), tuple(columns))
    number, row = above[0]
    _, missing = _places(_fitting(row), said)
    names = ", ".join(shortly(name, 40) for name in row[:30] if name)
    if missing:
        raise UnreadableFile(f"--map: the file has no column “{shortly(missing[0])}”. Its columns are: {names}.")
    raise UnreadableFile(f"No column holds addresses or handles. The columns are: {names}. {_MAP_HELP}")


def _places(headings: Sequence[str], said: Mapping[str, str]) -> tuple[list[str], list[str]]:
    """The field of each column, and those of the columns in ``said`` that are not there."""
    columns, names = [""] * len(headings), [squashed(name) for name in headings]
    missing: list[str] = []
    used: set[int] = set()
    for column, field in said.items():
        within, wanted = (headings, column) if column in headings else (names, squashed(column))
        if wanted not in within:
            missing.append(column)
            continue
        index = within.index(wanted)
        used.add(index)
        columns[index] = field if field != LEAVE_OUT else ""
    _fill(columns, names, used)
    return columns, missing
