"""One search over what the database offers: FTS5 on SQLite, tsvector with a trigram net on PostgreSQL.

A searchable table has a column ``search_text``, folded when it is written: lower case, letters without their
marks, words with inner punctuation both whole and in parts. The index beside it is kept by the database itself.
"""

import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any, ClassVar, Final

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import db, is_sqlite
from registry.personal import hidden

#: Letters that Unicode does not take apart into a plain letter and a mark.
UNDIVIDED: Final = str.maketrans(
    {
        "ł": "l",
        "ø": "o",
        "đ": "d",
        "ð": "d",
        "þ": "th",
        "ß": "ss",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        "ħ": "h",
        "ŧ": "t",
    }
)
MOST_WORDS: Final = 8
LONGEST_WORD: Final = 64
#: How many hits a search box looks at; what comes after them nobody reads.
CAP: Final = 200
#: Hits up to which a list counts all of them; a word that finds more narrows little.
MANY: Final = 1_000
#: Hits up to which they are looked up one by one; where there are more, going through the rows finds some sooner.
MOST: Final = 5_000

#: Rows by which is told whether so many have a beginning that it is soon found often enough without an index.
SAMPLE: Final = 100

#: How many letters a beginning has that SQLite keeps an index of. Any other is put together from all words that begin
#: so, which takes a tenth of a second where a million rows have them: job titles are long words of many people.
INDEXED: Final = range(2, 17)


class Searchable:
    """A table that can be searched."""

    #: The columns that are searched, all of them folded.
    searched: ClassVar[tuple[str, ...]] = ("search_text",)

    search_text: Mapped[str] = mapped_column(
        default="", server_default="", info=hidden("The words of the other columns once more, to be found by.")
    )


def plain(text: str) -> str:
    """Lower case without marks: ``Łukasz`` is ``lukasz``."""
    if text.isascii():
        return text.lower()
    lowered = unicodedata.normalize("NFKD", text).casefold().translate(UNDIVIDED)
    return "".join(letter for letter in lowered if not unicodedata.combining(letter))


def parts_of(word: str) -> list[str]:
    """The runs of letters and digits in ``word``; vowel signs count as letters."""
    if word.isalnum():
        return [word]
    letters = (one if one.isalnum() or unicodedata.category(one)[0] == "M" else " " for one in word)
    return "".join(letters).split()


def fold(*texts: str | None) -> str:
    """What to keep in ``search_text`` for ``texts``: their words, each once, whole and in parts."""
    found: dict[str, None] = {}
    for text in texts:
        if text:
            found.update(_folded(text))
    return " ".join(found)


def fold_apart(*parts: Iterable[str | None] | str) -> str:
    """The same of several groups of texts with marks between them: a group, a mark, a group, and so on.

    A word that stands in an earlier group is not told again; ``before`` finds the groups before a mark.
    """
    found: dict[str, None] = {}
    for part in parts:
        found |= {part: None} if isinstance(part, str) else dict.fromkeys(fold(*part).split())
    return " ".join(found)


def before(column: Any, mark: str) -> Any:
    """What stands before ``mark`` in ``column``, which ``fold_apart`` made; nothing where the mark is not in it."""
    where = sa.func.instr if is_sqlite() else sa.func.strpos
    return sa.func.substr(column, 1, where(column, mark))


@lru_cache(maxsize=8192)
def _folded(text: str) -> dict[str, None]:
    """The words of one text, kept since teams, titles and places are the same for many people."""
    found: dict[str, None] = {}
    for word in plain(text).split():
        parts = parts_of(word)
        if len(parts) > 1:
            found["".join(parts)[:LONGEST_WORD]] = None
        found.update(dict.fromkeys(part[:LONGEST_WORD] for part in parts))
    return found


def words(query: str) -> list[str]:
    """The words to look for in what somebody typed, at most eight."""
    found = ("".join(parts_of(chunk))[:LONGEST_WORD] for chunk in plain(query[:500]).split())
    return [word for word in found if word][:MOST_WORDS]


def matches(model: Any, query: str) -> sa.ColumnElement[bool] | None:
    """The condition that a row of ``model`` has a word beginning with each word of ``query``.

    ``None`` where the query holds no word at all.
    """
    if not (wanted := words(query)):
        return None
    found: sa.ColumnElement[bool] = model.id.in_(_hits(model, _asked(wanted)))
    return found


def hits(model: Any, query: str) -> sa.Select[Any] | None:
    """The ids of the rows that ``matches`` holds for, to be put together with others; ``None`` as there."""
    return _hits(model, _asked(wanted)) if (wanted := words(query)) else None


def found(model: Any) -> sa.ColumnElement[bool]:
    """Like ``matches``, for the parameter ``asked``: for a statement that is made only once."""
    asked = sa.bindparam("asked", type_=sa.Text)
    has: sa.ColumnElement[bool] = model.id.in_(_hits(model, asked)) if is_sqlite() else _has(model, asked)
    return has


def has_words(model: Any, query: str) -> tuple[sa.ColumnElement[bool], ...]:
    """Like ``matches``, for a table without an index beside it, of some thousand rows at most."""
    return tuple((" " + model.search_text).like(f"% {word}%") for word in words(query))


def first_matches(model: Any, query: str) -> sa.ColumnElement[bool] | None:
    """Like ``matches``, but of the first 200 hits by id only: for search as you type, whose cost must not grow."""
    told = typed(query)
    found: sa.ColumnElement[bool] | None = (
        model.id.in_(sa.select(first_typed(model).c[0]).params(told)) if told else None
    )
    return found


def first_hits(model: Any, most: int = CAP) -> sa.Subquery:
    """The ids of some hits for the parameter ``asked``, to join: for a statement that is made only once."""
    return _hits(model, sa.bindparam("asked", type_=sa.Text)).limit(most).subquery("hits")


def first_typed(model: Any, *told: Any) -> sa.Subquery:
    """The first 200 hits by id for the parameters of ``typed``, as ``first_hits``: their ids, and the columns ``told``.

    SQLite's index gives them in this order and stops there. That of PostgreSQL gives all hits or none, and a beginning
    that a million people share takes it a quarter of a second. Where there are so many, the first of them are among
    the first rows. A look at a few of these says whether it is so; the index is asked where it is not, or was not.
    """
    asked, columns = sa.bindparam("asked", type_=sa.Text), (model.id, *told)
    if is_sqlite():
        first = _hits(model, asked).order_by(sa.column("rowid")).limit(CAP).subquery()
        return sa.select(*columns).join(first, first.c[0] == model.id).subquery("hits")
    some, rows = (_near(model, columns, many) for many in (SAMPLE, MOST))
    begins = sa.all_(sa.bindparam("begins", type_=postgresql.ARRAY(sa.Text)))
    shared = sa.select(sa.func.count() * MOST >= CAP * SAMPLE).where(some.c.words.like(begins)).scalar_subquery()
    near = sa.select(rows).where(shared, rows.c.words.like(begins)).order_by(rows.c.id).limit(CAP).cte("near")
    enough = sa.select(sa.func.count() >= CAP).select_from(near).scalar_subquery()
    # Ordered by a sum, which no index has: in the order of one, it would look for words of no row in every row.
    rest = sa.select(*columns).where(_has(model, asked), ~enough).order_by(model.id + 0).limit(CAP).subquery()
    near_columns = [near.c[column.key] for column in columns]
    return sa.union_all(sa.select(*near_columns).where(enough), sa.select(rest)).subquery("hits")


def _near(model: Any, columns: Sequence[Any], many: int) -> sa.Subquery:
    """The first rows by id, each with its words; how many is told as a number, which a plan made once goes by."""
    blank: Any = sa.literal_column("' '")
    rows = sa.select(*columns, blank.op("||")(_text(model)).label("words")).order_by(model.id)
    return rows.limit(sa.literal_column(str(many), sa.Integer)).subquery()


def typed(query: str) -> dict[str, Any] | None:
    """The parameters of ``first_typed`` for what somebody typed; ``None`` where it holds no word at all."""
    if not (wanted := words(query)):
        return None
    return {"asked": _asked(wanted)} | ({} if is_sqlite() else {"begins": [f"% {word}%" for word in wanted]})


def asked(query: str) -> str | None:
    """What that parameter must be for what somebody typed; ``None`` where it holds no word at all."""
    return _asked(wanted) if (wanted := words(query)) else None


def any_of(choices: Iterable[Iterable[str]]) -> str | None:
    """What the parameter ``asked`` must be for rows that have all words of at least one choice, each as a whole word.

    The words must be folded; ``None`` where no choice holds any.
    """
    quote, both, either = ('"', " AND ", " OR ") if is_sqlite() else ("'", " & ", " | ")
    every = [["".join(parts_of(word))[:LONGEST_WORD] for word in choice] for choice in choices]
    told = (both.join(f"{quote}{word}{quote}" for word in choice) for choice in every if choice and all(choice))
    return either.join(f"({one})" for one in told) or None


def count_hits(model: Any, query: str) -> int:
    """How many rows have the words of ``query``, none where it holds no word; it looks at ``MOST`` + 1 at most."""
    if (wanted := asked(query)) is None:
        return 0
    return db.session.scalar(_counted(model, is_sqlite()), {"asked": wanted}) or 0


@lru_cache(maxsize=8)
def _counted(model: Any, _sqlite: bool) -> sa.Select[Any]:
    some = _hits(model, sa.bindparam("asked", type_=sa.Text)).limit(MOST + 1).subquery()
    return sa.select(sa.func.count()).select_from(some)


def walk(model: Any, query: str) -> tuple[Any, sa.ColumnElement[bool]]:
    """The index as something to join ``model`` to, and the condition: to stop after some hits, however many."""
    if is_sqlite():
        index = _index(model.__tablename__)
        return sa.join(index, model, model.id == index.c.rowid), _match(index, asked(query))
    return model.__table__, _has(model, asked(query))


def reads(model: Any, query: str) -> list[sa.ColumnElement[bool]]:
    """The same condition as ``matches``, one for each word, read from the row itself instead of the index.

    For words of which there are many: walking along another index, by name say, soon comes to enough rows.
    """
    where = sa.func.instr if is_sqlite() else sa.func.strpos
    return [where(_text(model, before=True), f" {word}") > 0 for word in words(query)]


def in_column(column: Any, query: str) -> list[sa.ColumnElement[bool]]:
    """The condition, one for each word, that ``column`` holds it, a folded text of a table that is searched by more."""
    where = sa.func.instr if is_sqlite() else sa.func.strpos
    blank: Any = sa.literal_column("' '")
    return [where(blank.op("||")(column), f" {word}") > 0 for word in words(query)]


def _text(model: Any, *, before: bool = False) -> Any:
    """What is searched as one expression, to the letter as the index of PostgreSQL has it; or with a blank before."""
    blank: Any = sa.literal_column("' '")
    first, *more = (getattr(model, name) for name in model.searched)
    text = blank.op("||")(first) if before else first
    for column in more:
        text = text.op("||")(blank).op("||")(column)
    return text


def _asked(wanted: list[str]) -> str:
    """Words that begin so, all of them, in the language of the index."""
    return " ".join(f'"{word}"*' for word in wanted) if is_sqlite() else " & ".join(f"'{word}':*" for word in wanted)


def _hits(model: Any, query: Any) -> sa.Select[Any]:
    table = model.__tablename__
    if is_sqlite():
        return sa.select((index := _index(table)).c.rowid).where(_match(index, query))
    return sa.select(model.id).where(_has(model, query))


def _has(model: Any, query: Any) -> Any:
    """The condition that the index of PostgreSQL answers."""
    simple: Any = sa.literal_column("'simple'::regconfig")
    return sa.func.to_tsvector(simple, _text(model)).op("@@")(sa.func.to_tsquery(simple, query))


def _index(table: str) -> sa.TableClause:
    return sa.table(f"{table}_search", sa.column("rowid"), sa.column(f"{table}_search"))


def _match(index: sa.TableClause, query: Any) -> Any:
    return index.c[index.name].op("MATCH")(query)


def index_for(table: str, dialect: str, columns: Sequence[str] = ("search_text",)) -> list[str]:
    """The statements that make the search index of ``table`` over ``columns``, for a migration."""
    if dialect != "sqlite":
        text = " || ' ' || ".join(columns)
        return [f"CREATE INDEX ix_{table}_search ON {table} USING gin (to_tsvector('simple'::regconfig, {text}))"]
    index, names = f"{table}_search", ", ".join(columns)
    old, new = (", ".join(f"{row}.{name}" for name in columns) for row in ("old", "new"))
    remove = f"INSERT INTO {index} ({index}, rowid, {names}) VALUES ('delete', old.id, {old});"  # noqa: S608 - a migration names the table
    add = f"INSERT INTO {index} (rowid, {names}) VALUES (new.id, {new});"  # noqa: S608
    differs = " OR ".join(f"old.{name} IS NOT new.{name}" for name in columns)
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5 ({names}, content='{table}', content_rowid='id',"
        f" prefix='{' '.join(map(str, INDEXED))}', tokenize='unicode61 remove_diacritics 0 categories ''L* N* Co M*''',"
        " detail=none, columnsize=0)",
        f"CREATE TRIGGER {index}_added AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {index}_removed AFTER DELETE ON {table} BEGIN {remove} END",
        f"CREATE TRIGGER {index}_changed AFTER UPDATE OF {names} ON {table} WHEN {differs} BEGIN {remove} {add} END",
    ]


def drop_index_for(table: str, dialect: str) -> list[str]:
    """The statements that take the search index of ``table`` away."""
    if dialect != "sqlite":
        return [f"DROP INDEX ix_{table}_search"]
    triggers = [f"DROP TRIGGER {table}_search_{name}" for name in ("added", "removed", "changed")]
    return [*triggers, f"DROP TABLE {table}_search"]
