"""All that is held on somebody, told to them: the right of access (UK GDPR, Article 15).

What there is to tell, each table declares for itself (see personal.py): this part stands below most of them. Of other
people a row tells no more than what stands in somebody's own events and mail, and who their manager and sponsor are.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

import sqlalchemy as sa

from registry.db import Base, db
from registry.people.directory import dn_key
from registry.people.models import Person, PersonKind, PersonMerge, SyncRun
from registry.personal import KEY, Fate, Lead, Note
from registry.web import day, moment

ABOUT: Final = (
    "This is all that the register holds on one person. Other people are named only where they stand in that person’s"
    " own events and mail, or are their manager or sponsor: what else is held on them is theirs to ask for. Secrets of"
    " signing in are kept as hashes only and are left out."
)
#: By which of its columns a row is named, where another row refers to it.
NAMES: Final = ("path", "name", "title")
#: What columns are called in a report, where their name does not say it.
LABELS: Final = {"dn_key": "name in the directory", "url": "address", "id": "number", "sha256": "SHA-256 of the text"}
Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Section:
    """Some of what is held on somebody: one kind of row of one table."""

    heading: str
    #: What becomes of these rows when the person is forgotten, and why.
    fate: Fate
    because: str
    #: Labels and values; where the rows are about others, of each no more than that it is there.
    rows: Iterable[Row]


def candidates(username: str | None, person_id: int | None) -> Sequence[Person]:
    """Everybody who has that username or email address, or had it when they left, or that id; the newest first."""
    known = sa.true() if person_id is None else Person.id == person_id
    if username is not None:
        name = username.strip()
        known = sa.and_(known, sa.or_(Person.username == name, sa.func.lower(Person.mail) == name.lower()))
    return db.session.scalars(sa.select(Person).where(known).order_by(Person.id.desc())).all()


def standing(person: Person) -> str:
    """Whether somebody works here, in a few words."""
    return f"left on {day(person.left_at)}" if person.left_at else person.state.value


def who(person: Person) -> Row:
    """What is held in somebody's own row, with the names of their team and manager."""
    table: Any = Person.__table__
    (row,) = _told(table, every_name(table), table.c.id == person.id)
    return row


def selves(people: Sequence[Person]) -> dict[int, list[Person]]:
    """By the id of each of ``people``, that person and all whose rows were found to be theirs and merged into it."""
    found = {person.id: [person] for person in people}
    gone = sa.select(PersonMerge.kept_id, Person).join(Person, Person.id == PersonMerge.gone_id)
    rows = gone.where(PersonMerge.kept_id.in_(found), Person.kind == PersonKind.MERGED).order_by(Person.id)
    for kept_id, other in db.session.execute(rows):
        found[kept_id].append(other)
    return found


def sections(person: Person, most: int | None = None) -> Iterator[Section]:
    """All else that is held on somebody, ``most`` rows of each kind; the kinds of which there is nothing, too.

    One query for each way in which a table leads to a person; rows are read as they are asked for.
    """
    people = selves([person])[person.id]
    for table, found in leads_by_heading():
        lead = found[0][1]
        yield Section(lead.heading, lead.fate, lead.because, _rows(table, lead, leading_to(found, people), most))
    unread = "They name an entry of the directory, which is taken out."
    yield Section("Entries that could not be read", Fate.CLEARED, unread, _unreadable(person))


def leads_by_heading() -> Iterator[tuple[sa.Table, list[tuple[sa.Column[Any], Lead]]]]:
    """Each table with the columns that lead to a person, those under one heading together; children before parents."""
    for table in reversed(db.metadata.sorted_tables):
        found: dict[str, list[tuple[sa.Column[Any], Lead]]] = {}
        for column in table.columns:
            if isinstance(lead := column.info.get(KEY), Lead):
                found.setdefault(lead.heading, []).append((column, lead))
        yield from ((table, some) for some in found.values())


def leading_to(found: Sequence[tuple[sa.Column[Any], Lead]], people: Sequence[Any]) -> sa.ColumnElement[bool]:
    """The condition that a row leads to one of ``people`` by one of the columns ``found``."""
    ways = []
    for column, lead in found:
        values = {value for person in people for value in lead.values(person)}
        only = [column.table.c[name] == value for name, value in lead.only.items()]
        ways.append(sa.and_(column.in_(values), *only))
    return sa.or_(*ways)


def _rows(table: sa.Table, lead: Lead, condition: sa.ColumnElement[bool], most: int | None) -> Iterator[Row]:
    if lead.tells is None:
        return _told(table, every_name(table) if lead.shows is None else lead.shows, condition, most)
    model = next(mapper.class_ for mapper in Base.registry.mappers if mapper.local_table is table)
    every = sa.select(model).where(condition).order_by(*table.primary_key.columns).limit(most)
    return (lead.tells(row) for row in db.session.scalars(every.execution_options(yield_per=1000)))


def every_name(table: sa.Table) -> list[str]:
    """The names of the columns of a table."""
    return [column.name for column in table.columns]


def _told(
    table: sa.Table, shown: Iterable[str], condition: sa.ColumnElement[bool], most: int | None = None
) -> Iterator[Row]:
    """The rows of a table in words: a reference by the name of what it leads to, other people not at all."""
    source: Any = table
    columns: dict[str, Any] = {"": sa.literal(1)}  # Rows of which nothing is shown are counted still.
    for name in shown:
        column = table.c[name]
        note = column.info.get(KEY)
        if (isinstance(note, Note) and note.hidden) or (isinstance(note, Lead) and not note.named):
            continue
        label = LABELS.get(name, name.removesuffix("_id") if column.foreign_keys else name).replace("_", " ")
        if (naming := _naming(column)) is not None:
            source = source.outerjoin(naming.table, next(iter(naming.table.primary_key)) == column)
            column = naming
        columns[label] = column
    every = sa.select(*columns.values()).select_from(source).where(condition).order_by(*table.primary_key.columns)
    found = db.session.execute(every.limit(most).execution_options(yield_per=1000))
    return (dict(list(zip(columns, row, strict=True))[1:]) for row in found)


def _naming(column: sa.Column[Any]) -> Any:
    """The column that names what ``column`` refers to, in an alias of its table; ``None`` where there is none."""
    for key in column.foreign_keys:
        target = key.column.table.alias()
        return next((target.c[name] for name in NAMES if name in target.c), None)
    return None


def _unreadable(person: Person) -> Iterator[Row]:
    for began_at, entries in unreadable_entries():
        mine = [entry for entry in entries if person.dn_key and dn_key(entry["dn"]) == person.dn_key]
        yield from ({"read at": began_at, **entry} for entry in mine)


def unreadable_entries() -> Iterator[tuple[datetime, list[Row]]]:
    """When each reading of the directory began, and the entries that it could not use or found odd."""
    some = sa.select(SyncRun.began_at, SyncRun.skipped_entries).order_by(SyncRun.id)
    return ((row.began_at, row.skipped_entries) for row in db.session.execute(some))


def as_text(person: Person) -> Iterator[str]:
    """The report on somebody for a reader, line by line."""
    yield from (f"All that is held on {person.name}", "", ABOUT, "", "Who they are")
    yield from _lines(who(person))
    for section in sections(person):
        yield from ("", section.heading)
        yield from _section_lines(section)


def _section_lines(section: Section) -> Iterator[str]:
    number, row = 0, Row()
    for number, row in enumerate(section.rows, 1):
        yield from ("", *_lines(row)) if number > 1 and row else _lines(row)
    if not number:
        yield "  none"
        return
    if not row:
        yield f"  {number}, of which no more is told: it is about other people."
    yield f"  When they are forgotten: {section.fate.value}. {section.because}".rstrip()


def _lines(row: Row) -> Iterator[str]:
    for label, value in row.items():
        if value not in (None, "", {}, []):
            told = in_words(value).replace("\n", "\n    ")
            yield f"  {label[:1].upper() + label[1:]}: {told}"


def in_words(value: Any) -> str:
    """A value as a reader is told it: moments in London, words as they are."""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, date):
        return day(value)
    if isinstance(value, dict):
        return ", ".join(f"{name}: {in_words(one)}" for name, one in value.items())
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)


def as_json(person: Person) -> Iterator[str]:
    """The report on somebody as one JSON object, in pieces: ``about``, ``person`` and a list ``held`` of sections."""
    yield f'{{"about": {_json(ABOUT)},\n"person": {_json(who(person))},\n"held": ['
    for number, section in enumerate(sections(person)):
        parts = {"what": section.heading, "when_forgotten": section.fate.value, "because": section.because}
        yield f'{"," if number else ""}\n{_json(parts)[:-1]}, "rows": ['
        for line, row in enumerate(section.rows):
            yield f"{',' if line else ''}\n  {_json(row)}"
        yield "]}"
    yield "\n]}\n"


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=_plain)


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else str(value)
