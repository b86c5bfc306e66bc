"""Who at Brynmor signed on paper, and who cannot sign and why."""

import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry.db import db, now, today
from registry.guidelines import declining, queries, signing
from registry.guidelines.models import Document, Method, SignOff
from registry.people.models import Person


def fill(file: Path, people: dict[str, Person]) -> None:
    """Put what ``file`` tells into the register; ``people`` are by username, with their teams."""
    told = tomllib.loads(file.read_text("utf-8"))
    document = db.session.scalars(sa.select(Document).order_by(Document.id).limit(1)).one()
    for row in told["entered"]:
        _enter(document, row, people)
    for row in told["declined"]:
        _decline(document, row, people)


def _enter(document: Document, row: dict[str, Any], people: dict[str, Person]) -> None:
    person, version = people[row["username"]], queries.current(document.id)
    if version is None:
        raise ValueError("There is nothing to sign yet.")
    sign_off: SignOff = signing.enter(
        version=version, document=document, person=person, method=Method(row["method"]),
        day=today() - timedelta(days=row["days_ago"]), consent=row["consent"], actor=people[row["by"]],
    )  # fmt: skip
    if row.get("not_mine"):
        signing.disown(sign_off=sign_off, document=document, person=person)


def _decline(document: Document, row: dict[str, Any], people: dict[str, Person]) -> None:
    version = queries.current(document.id)
    if version is None:
        raise ValueError("There is nothing to decline yet.")
    said = declining.decline(
        version=version, document=document, person=people[row["username"]], reason=row["reason"]
    )  # fmt: skip
    said.declined_at = now() - timedelta(days=row["days_ago"])
    db.session.flush()
    if "answer" in row:
        shown = declining.with_all(said.id)
        if shown is not None:
            declining.settle(decline=shown, answer=row["answer"], again=True, actor=people[row["answered_by"]])
