"""The few sentences that guidelines stand on: as they are typed, as they are kept, and which accounts can serve."""

from collections.abc import Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.db import db, now
from registry.guidelines.models import Document, Principle, Version

#: More than seven are no principles but a list of rules.
MOST: Final = 7
LONGEST_NAME: Final = 80
LONGEST_SENTENCE: Final = 400
HOW: Final = "Write each as a name, a colon and a sentence, such as “Be kind: Write as you would speak at the counter.”"


class Unclear(Exception):
    """What was typed cannot be taken for principles; the message says what to do."""


def read(typed: str) -> list[dict[str, Any]]:
    """The principles of a text that has one a line, each with ``name`` and ``sentence``. Raises ``Unclear``."""
    told = [_principle(line.strip()) for line in typed.splitlines() if line.strip()]
    if len(told) > MOST:
        raise Unclear(f"These are {len(told)}. Keep the {MOST} that matter most, and put the others in the text.")
    names = [one["name"].casefold() for one in told]
    twice = next((one["name"] for one in told if names.count(one["name"].casefold()) > 1), None)
    if twice:
        raise Unclear(f"“{twice}” is there twice. Give each principle a name of its own.")
    return told


def _principle(line: str) -> dict[str, Any]:
    name, colon, sentence = (part.strip() for part in line.partition(":"))
    if not (name and colon and sentence):
        raise Unclear(f"“{line[:60]}” has no name and sentence. {HOW}")
    if len(name) > LONGEST_NAME:
        raise Unclear(f"Shorten the name “{name[:40]}…” to {LONGEST_NAME} characters or fewer.")
    if len(sentence) > LONGEST_SENTENCE:
        raise Unclear(f"Say “{name}” in {LONGEST_SENTENCE} characters or fewer. The long text can say more.")
    return {"name": name, "sentence": sentence}


def written(principles: Sequence[dict[str, Any]]) -> str:
    """Principles as they are typed; ``read`` gives them back."""
    return "\n".join(f"{one['name']}: {one['sentence']}" for one in principles)


def keep(version: Version) -> None:
    """Have accounts serve the principles of ``version``, which is in force: the same name is the same principle."""
    known = {one.name: one for one in _of(version.document_id)}
    for position, told in enumerate(version.principles, 1):
        if (one := known.pop(told["name"], None)) is None:
            one = Principle(document_id=version.document_id, name=told["name"])
            db.session.add(one)
        one.sentence, one.position, one.retired_at = told["sentence"], position, None
    for gone in known.values():
        gone.retired_at = gone.retired_at or now()
    db.session.flush()


def retire(document_id: int) -> None:
    """Let no account begin to serve the principles of a document that does not hold any more."""
    for one in _of(document_id):
        one.retired_at = one.retired_at or now()


def _of(document_id: int) -> Sequence[Principle]:
    mine = sa.select(Principle).where(Principle.document_id == document_id)
    return db.session.scalars(mine.order_by(Principle.position, Principle.id)).all()


def to_serve(serves: int | None = None) -> Sequence[Principle]:
    """The principles in force, by document and in their order; with the one that an account ``serves`` already."""
    in_force = Principle.retired_at.is_(None)
    shown = sa.or_(in_force, Principle.id == serves) if serves is not None else in_force
    ordered = sa.select(Principle).join(Document).where(shown).options(joinedload(Principle.document))
    return db.session.scalars(ordered.order_by(Document.title, Document.id, Principle.position, Principle.id)).all()
