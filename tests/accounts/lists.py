"""What the tests of imported lists look at and look with."""

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from openpyxl import Workbook

from registry.accounts import queries
from registry.accounts.models import Account
from registry.accounts.spreadsheet import Report
from registry.db import Model, db

DATA = Path(__file__).parents[1] / "data"
LIBRARY = "https://www.facebook.com/dunmorelibraries"
Import = Callable[..., Report]


def fates(report: Report) -> list[tuple[int, str]]:
    return [(row.row, row.fate.value) for row in report.rows]


def reasons(report: Report) -> list[str]:
    return [row.reason for row in report.rows]


def counts(**some: int) -> dict[str, int]:
    return {"added": 0, "updated": 0, "unchanged": 0, "duplicate": 0, "refused": 0, **some}


def the_account(**conditions: Any) -> Account:
    db.session.expire_all()
    found = queries.account(db.session.scalars(sa.select(Account.id).filter_by(**conditions)).one(), sa.true())
    assert found is not None
    return found


def everything() -> dict[str, list[Any]]:
    """Every row of every table."""
    db.session.flush()
    tables = Model.metadata.sorted_tables
    return {table.name: sorted(map(repr, db.session.execute(sa.select(table)).all())) for table in tables}


def workbook(*rows: list[Any]) -> bytes:
    book, buffer = Workbook(), io.BytesIO()
    assert book.active is not None
    for row in rows:
        book.active.append(row)
    book.save(buffer)
    return buffer.getvalue()
