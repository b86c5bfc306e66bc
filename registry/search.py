"""One search over what the database offers: FTS5 on SQLite, tsvector with a trigram net on PostgreSQL.

A searchable table has a column ``search_text``, folded when it is written: lower case, letters without their
marks, words with inner punctuation both whole and in parts. The index beside it is kept by the database itself.
"""

import unicodedata
from functools import lru_cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import is_sqlite
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


class Searchable:
    """A table that can be searched."""

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
    found: sa.ColumnElement[bool] = model.id.in_(_hits(model, wanted))
    return found


def first_matches(model: Any, query: str) -> sa.ColumnElement[bool] | None:
    """Like ``matches``, but of the first 200 hits only: for search as you type, whose cost must not grow."""
    if not (wanted := words(query)):
        return None
    found: sa.ColumnElement[bool] = model.id.in_(sa.select(_hits(model, wanted).limit(CAP).subquery().c[0]))
    return found


def _hits(model: Any, wanted: list[str]) -> sa.Select[Any]:
    table = model.__tablename__
    if is_sqlite():
        index = sa.table(f"{table}_search", sa.column("rowid"), sa.column(f"{table}_search"))
        query = " ".join(f'"{word}"*' for word in wanted)
        return sa.select(index.c.rowid).where(index.c[f"{table}_search"].op("MATCH")(query))
    query = " & ".join(f"'{word}':*" for word in wanted)
    simple: Any = sa.literal_column("'simple'::regconfig")
    vector = sa.func.to_tsvector(simple, model.search_text)
    return sa.select(model.id).where(vector.op("@@")(sa.func.to_tsquery(simple, query)))


def index_for(table: str, dialect: str) -> list[str]:
    """The statements that make the search index of ``table``, for a migration."""
    if dialect != "sqlite":
        return [f"CREATE INDEX ix_{table}_search ON {table} USING gin (to_tsvector('simple'::regconfig, search_text))"]
    index = f"{table}_search"
    remove = f"INSERT INTO {index} ({index}, rowid, search_text) VALUES ('delete', old.id, old.search_text);"  # noqa: S608 - a migration names the table
    add = f"INSERT INTO {index} (rowid, search_text) VALUES (new.id, new.search_text);"  # noqa: S608
    return [
        f"CREATE VIRTUAL TABLE {index} USING fts5 (search_text, content='{table}', content_rowid='id',"
        " prefix='2 3', tokenize='unicode61 remove_diacritics 0 categories ''L* N* Co M*''',"
        " detail=none, columnsize=0)",
        f"CREATE TRIGGER {index}_added AFTER INSERT ON {table} BEGIN {add} END",
        f"CREATE TRIGGER {index}_removed AFTER DELETE ON {table} BEGIN {remove} END",
        f"CREATE TRIGGER {index}_changed AFTER UPDATE OF search_text ON {table}"
        f" WHEN old.search_text IS NOT new.search_text BEGIN {remove} {add} END",
    ]


def drop_index_for(table: str, dialect: str) -> list[str]:
    """The statements that take the search index of ``table`` away."""
    if dialect != "sqlite":
        return [f"DROP INDEX ix_{table}_search"]
    triggers = [f"DROP TRIGGER {table}_search_{name}" for name in ("added", "removed", "changed")]
    return [*triggers, f"DROP TABLE {table}_search"]
