"""What would be another about an account, in the words of its history."""

from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from registry.accounts.models import Account
from registry.db import db
from registry.guidelines.models import Principle
from registry.people.models import Person, Team


@dataclass(frozen=True, slots=True)
class Difference:
    """A field of an account that would be another: its column, the value asked for, and both in words."""

    name: str
    value: Any
    before: str
    after: str


def differences(account: Account, values: dict[str, Any]) -> list[Difference]:
    """Those of ``values``, by column, that an account does not have already."""
    return [
        Difference(name, value, in_words(name, getattr(account, name)), in_words(name, value))
        for name, value in values.items()
        if getattr(account, name) != value
    ]


def in_words(name: str, value: Any) -> str:
    """What a column holds; ``nothing`` or ``nobody`` where it holds nothing."""
    model: Any = {"owner_id": Person, "deputy_id": Person, "team_id": Team, "principle_id": Principle}.get(name)
    if model and value:
        return str(db.session.scalar(sa.select(model.name).where(model.id == value)))
    absent = "nobody" if model in (Person, Team) else "nothing"
    return str(value.value if hasattr(value, "value") else value or absent)
