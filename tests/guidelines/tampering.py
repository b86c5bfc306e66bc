"""What somebody with the database in their hands could do to the evidence, with the triggers out of the way."""

import hashlib
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from registry import audit
from registry.audit import Event
from registry.db import db, is_sqlite
from registry.guidelines import signing
from registry.guidelines.models import Method, SignOff

TABLES = ("sign_off", "event")
FIRST = datetime(2026, 1, 5, 9, tzinfo=UTC)
#: A cell that the column's own type cannot hold, and that SQLite takes all the same.
GARBAGE = b"\xff\x00"


def sign_offs(count: int, *, first: int = 1) -> list[SignOff]:
    """So many sign-offs of one document by people who are not in the register, kept and told of; committed."""
    text = hashlib.sha256(b"Be kind").hexdigest()
    made = [
        SignOff(
            signed_at=FIRST + timedelta(minutes=number), person_id=10_000 + number, person_name=f"Colleague {number}",
            person_username=f"colleague{number}", person_team=f"Team {number % 7}", document_id=900,
            document_title="Social media", version_id=900, version_number=1, sha256=text, wording=signing.WORDING,
            method=Method.ONLINE, occasion=0, checked=0, consent="", entered_by_name="",
        )
        for number in range(first, first + count)
    ]  # fmt: skip
    signing.keep(made, at=True)
    db.session.commit()
    return made


def unlock(*tables: str) -> None:
    """Take away what keeps evidence from being changed, numbers and seals from being there twice too."""
    for table in tables or TABLES:
        if is_sqlite():
            triggers = sa.text("SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = :table")
            for name in db.session.scalars(triggers, {"table": table}).all():
                db.session.execute(sa.text(f'DROP TRIGGER "{name}"'))
        else:
            db.session.execute(sa.text(f"ALTER TABLE {table} DISABLE TRIGGER USER"))
    db.session.commit()


Rows = dict[str, list[dict[str, Any]]]


def copy_of_all() -> Rows:
    """Every row of both chains."""
    rows = {
        name: [dict(row._mapping) for row in db.session.execute(sa.text(f"SELECT * FROM {name} ORDER BY id"))]
        for name in TABLES
    }
    db.session.rollback()
    return rows


def put_back(kept: Rows) -> None:
    """Let both chains be as they were; committed."""
    db.session.rollback()
    for name, rows in kept.items():
        db.session.execute(sa.text(f"DELETE FROM {name}"))
        columns = rows[0].keys()
        places = ", ".join(f"CAST(:{one} AS json)" if one == "fields" else f":{one}" for one in columns)
        if is_sqlite():
            places = places.replace("CAST(:fields AS json)", ":fields")
        db.session.execute(
            sa.text(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({places})"), [_sendable(one) for one in rows]
        )
    db.session.commit()


def _sendable(row: dict[str, Any]) -> dict[str, Any]:
    import json

    return {name: json.dumps(value) if isinstance(value, dict) else value for name, value in row.items()}


def write(model: type[Any], row: int, **values: Any) -> None:
    """Put ``values`` into a row; committed."""
    change = sa.update(model).where(model.id == row).values(values)
    db.session.execute(change, execution_options={"synchronize_session": False})
    db.session.commit()


def delete(model: type[Any], row: int) -> None:
    """Take a row away; committed."""
    db.session.execute(sa.delete(model).where(model.id == row), execution_options={"synchronize_session": False})
    db.session.commit()


def reseal(model: type[Any], row: int, *, on: bool = False, **values: Any) -> None:
    """Change a row and seal it anew, and with ``on`` all that follow it; committed."""
    db.session.expire_all()
    last = sa.true() if on else model.id == row
    every = db.session.scalars(sa.select(model).where(model.id >= row, last).order_by(model.id)).all()
    previous, changes = every[0].previous, {}
    for number, one in enumerate(every):
        for name, value in values.items() if number == 0 else ():
            setattr(one, name, value)
        changes[one.id] = {"previous": previous, "seal": one.sealed_with(previous)}
        previous = changes[one.id]["seal"]
    changes[row] |= values
    db.session.rollback()
    for number, change in changes.items():
        write(model, number, **change)


def swap(model: type[Any], one: int, other: int) -> None:
    """Let two rows change their numbers; committed."""
    for before, after in ((one, 0), (other, one), (0, other)):
        write(model, before, id=after)


def insert_after(model: type[Any], row: int, number: int, **values: Any) -> None:
    """Put a row in that is rightly sealed to ``row``, with ``number`` as its own; committed."""
    like = db.session.get_one(model, row)
    made = model(**{name: getattr(like, name) for name in (*model.evidence, *model.later_evidence)})
    for name, value in values.items():
        setattr(made, name, value)
    made.previous, made.id = like.seal, number
    made.seal = made.sealed_with(made.previous)
    db.session.add(made)
    db.session.commit()


def forget_the_numbers() -> None:
    """Let the history be as an earlier release wrote it: without the number and the seal of a sign-off; committed."""
    previous = audit.START
    db.session.expire_all()
    for event in db.session.scalars(sa.select(Event).order_by(Event.id)).all():
        event.fields = {name: value for name, value in event.fields.items() if name not in ("sign_off", "seal")}
        event.previous, event.seal = previous, event.sealed_with(previous)
        previous = event.seal
    db.session.commit()
