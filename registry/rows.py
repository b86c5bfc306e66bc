"""Two rows turn out to be one thing: what pointed at the one that goes, points at the other from then on.

Which tables there are is read from the database's own description, so that a part of the register that did not exist
when this was written is moved too.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import sqlalchemy as sa

from registry.db import db, is_sqlite


def columns_to(table: sa.Table) -> Iterator[sa.Column[Any]]:
    """Every column that points at the primary key of ``table``."""
    (key,) = table.primary_key.columns
    for other in db.metadata.sorted_tables:
        yield from (column for column in other.columns if any(link.column is key for link in column.foreign_keys))


def move(column: sa.Column[Any], gone: Any, kept: Any) -> None:
    """Put ``kept`` wherever ``column`` says ``gone``; a row that would be there twice is the one of ``kept``."""
    table: Any = column.table
    if column.primary_key and len(table.primary_key) == 1 and list(columns_to(table)):
        _copy(column, gone, kept)  # The rows that point at this one can only follow when there is where to.
    for rule in _unique_rules(table):
        if column.name in rule[0]:
            for pair in _twins(column, *rule, gone, kept):
                _drop(table, *pair)
    db.session.execute(sa.update(table).where(column == gone).values({column.name: kept}))


def _copy(column: sa.Column[Any], gone: Any, kept: Any) -> None:
    table: Any = column.table
    if db.session.execute(sa.select(column).where(column == kept)).first() is None:
        values = [sa.literal(kept) if one is column else one for one in table.columns]
        db.session.execute(
            sa.insert(table).from_select(
                table.columns.keys(), sa.select(*values).where(column == gone), include_defaults=False
            )
        )


def _unique_rules(table: sa.Table) -> Iterator[tuple[list[str], Any]]:
    """The names of the columns that may be there only once together, and for which rows that holds (all: ``None``)."""
    dialect = "sqlite" if is_sqlite() else "postgresql"
    for constraint in table.constraints:
        if isinstance(constraint, sa.PrimaryKeyConstraint | sa.UniqueConstraint):
            yield list(constraint.columns.keys()), None
    for index in table.indexes:
        if index.unique:
            yield list(index.columns.keys()), index.dialect_options[dialect]["where"]


def _twins(
    column: sa.Column[Any], names: list[str], where: Any, gone: Any, kept: Any
) -> Sequence[tuple[tuple[Any, ...], tuple[Any, ...]]]:
    """The primary keys of each row of ``gone`` that would be there twice, with those of the row of ``kept``."""
    table, keys = column.table, column.table.primary_key.columns.keys()
    some = sa.select(table) if where is None else sa.select(table).where(where)
    mine, theirs = some.where(column == gone).subquery(), some.where(column == kept).subquery()
    same = [mine.c[name] == theirs.c[name] for name in names if name != column.name]
    columns = [*(mine.c[key] for key in keys), *(theirs.c[key] for key in keys)]
    rows = db.session.execute(sa.select(*columns).select_from(sa.join(mine, theirs, sa.and_(sa.true(), *same)))).all()
    return [(tuple(row[: len(keys)]), tuple(row[len(keys) :])) for row in rows]


def _drop(table: sa.Table, gone: tuple[Any, ...], kept: tuple[Any, ...]) -> None:
    """Take a row away that is there twice; what points at it points at the other from now on."""
    if len(gone) == 1:
        for column in columns_to(table):
            move(column, gone[0], kept[0])
    keys = zip(table.primary_key.columns, gone, strict=True)
    db.session.execute(sa.delete(table).where(*(column == value for column, value in keys)))
