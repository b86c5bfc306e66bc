"""Cards of what worked: made, changed, thanked for, taken away by whoever made them."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit, search
from registry.audit import Somebody
from registry.db import db, now
from registry.meetups.around.models import Card, CardThanks

MADE: Final = audit.declare("card.made", "{actor} told what worked: “{subject}”")
CHANGED: Final = audit.declare("card.changed", "{actor} changed the card “{subject}”")
REMOVED: Final = audit.declare("card.removed", "{actor} took the card “{subject}” away")


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What a card says."""

    title: str
    how: str
    for_whom: str
    result: str
    campaign: str
    account_id: int | None
    meetup_id: int | None


def make(*, person: Somebody, what: Told) -> Card:
    """Tell colleagues what worked."""
    card = Card(made_by_id=person.id)
    _write(card, what)
    db.session.add(card)
    db.session.flush()
    _record(MADE, person, card)
    return card


def change(*, card: Card, actor: Somebody, what: Told) -> None:
    """Say it otherwise."""
    _write(card, what)
    card.changed_at = now()
    _record(CHANGED, actor, card)


def _write(card: Card, what: Told) -> None:
    for name in Told.__dataclass_fields__:
        setattr(card, name, getattr(what, name))
    card.search_text = search.fold(what.title, what.how, what.for_whom, what.result, what.campaign)


def remove(*, card: Card, actor: Somebody) -> None:
    """Take a card away, with the thanks for it."""
    _record(REMOVED, actor, card)
    db.session.execute(sa.delete(CardThanks).where(CardThanks.card_id == card.id))
    db.session.delete(card)


def thank(*, card: Card, person: Somebody) -> bool:
    """Say thank you, once; whether it is the first time. Nobody thanks themselves."""
    if card.made_by_id == person.id or db.session.get(CardThanks, (card.id, person.id)):
        return False
    try:
        with db.session.begin_nested():
            db.session.add(CardThanks(card_id=card.id, person_id=person.id))
    except IntegrityError:  # Two presses at once are one.
        return False
    return True


def _record(name: str, actor: Somebody, card: Card) -> None:
    audit.record(name, actor=actor, subject_kind="card", subject_id=card.id, subject_name=card.title)
