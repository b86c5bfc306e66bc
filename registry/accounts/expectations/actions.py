"""Saying what the public may expect, leaving it to the next wider level, and ticking what the live account carries."""

from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.accounts.expectations import hours
from registry.accounts.expectations.models import Carried, Expectation, Level, Words
from registry.accounts.expectations.queries import FIELDS, Word
from registry.accounts.expectations.wording import REPLIES
from registry.accounts.models import Account
from registry.audit import Somebody
from registry.db import db, now
from registry.people.models import Team
from registry.workdays import Calendar

SET: Final = audit.declare("expectations.set", "{actor} set {what} of {subject}: {after}", "what", "before", "after")
INHERITED: Final = audit.declare(
    "expectations.inherited", "{actor} put {what} of {subject} back to what is inherited", "what", "before"
)
CARRIED: Final = audit.declare("account.carried", "{actor} said that {subject} carries {what}", "what")
NOT_CARRIED: Final = audit.declare("account.not-carried", "{actor} said that {subject} does not carry {what}", "what")

#: What a history page calls the fields and the texts.
LABELS: Final = {
    "hours": "the staffed hours", "bank_holidays": "the bank holidays", "reply": "the reply promise",
    "out_of_hours": "the out-of-hours contact", "not_for": "the not-for statement",
}  # fmt: skip
TEXTS: Final = {Words.BIO: "the bio", Words.PINNED: "the pinned text"}
CALENDARS: Final = {
    Calendar.ENGLAND_AND_WALES: "England and Wales", Calendar.SCOTLAND: "Scotland",
    Calendar.NORTHERN_IRELAND: "Northern Ireland", Calendar.NONE: "Staffed on bank holidays too",
}  # fmt: skip


class OtherWords(Exception):
    """The words have changed since they were shown."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where something is said: for everybody, for a team or for an account."""

    organisation: str
    team: Team | None = None
    account: Account | None = None

    @property
    def level(self) -> Level:
        if self.account is not None:
            return Level.ACCOUNT
        return Level.TEAM if self.team is not None else Level.ORGANISATION

    @property
    def name(self) -> str:
        if self.account is not None:
            return self.account.title
        return self.team.name if self.team is not None else self.organisation

    @property
    def key(self) -> int:
        """The number of the row that it is about; 0 for the organisation, which has none."""
        thing = self.account or self.team
        return thing.id if thing is not None else 0


def say(*, place: Place, field: str, value: Any, actor: Somebody) -> bool:
    """Set one of ``FIELDS`` at a level; ``False`` where it was said before."""
    row = _row(place)
    before = getattr(row, field)
    if before == value:
        return False
    setattr(row, field, value)
    told = {name: in_words(field, one) or "nothing" for name, one in (("before", before), ("after", value))}
    _record(SET, place, actor, what=LABELS[field], **told)
    return True


def leave(*, place: Place, field: str, actor: Somebody) -> bool:
    """Leave one of ``FIELDS`` to the next wider level; ``False`` where it was not said here."""
    row = db.session.scalar(_rows(place))
    if row is None or getattr(row, field) is None:
        return False
    _record(INHERITED, place, actor, what=LABELS[field], before=in_words(field, getattr(row, field)) or "nothing")
    setattr(row, field, None)
    if all(getattr(row, name) is None for name in FIELDS):
        db.session.delete(row)
    return True


def _rows(place: Place) -> sa.Select[Any]:
    same = {Level.ACCOUNT: Expectation.account_id == place.key, Level.TEAM: Expectation.team_id == place.key}
    return sa.select(Expectation).where(same.get(place.level, Expectation.level == Level.ORGANISATION))


def _row(place: Place) -> Expectation:
    """The row of a level, made where there is none; of two who make it at once, one comes second."""
    known: Expectation | None = db.session.scalar(_rows(place))
    if known is not None:
        return known
    row = Expectation(
        level=place.level, team_id=place.team.id if place.level is Level.TEAM and place.team else None,
        account_id=place.account.id if place.account else None,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(row)
    except IntegrityError:
        theirs: Expectation = db.session.scalars(_rows(place)).one()
        return theirs
    return row


def in_words(field: str, value: Any) -> str:
    """The value of one of ``FIELDS``, for a page and for the history; empty where nothing was said."""
    if value is None:
        return ""
    if field == "hours":
        return hours.in_words(value) or "Nobody watches it for replies"
    if field == "reply":
        return REPLIES[value][0]
    return CALENDARS[value] if field == "bank_holidays" else str(value)


def last_said(word: Word | None, field: str) -> audit.Event | None:
    """When somebody set what holds of one of ``FIELDS``; ``None`` where nobody did, or so much has happened since."""
    if word is None:
        return None
    events = audit.history(word.row.level.value, word.row.account_id or word.row.team_id or 0)
    return next((one for one in events if one.name == SET and one.fields["what"] == LABELS[field]), None)


def tick(*, account: Account, what: Words, text: str, shown: str, actor: Somebody) -> None:
    """Keep that the live account carries ``text``. Raises ``OtherWords`` where ``shown``, what they saw, is another."""
    if not text or text != shown:
        raise OtherWords
    row = db.session.get(Carried, (account.id, what)) or Carried(account_id=account.id, what=what)
    row.text, row.ticked_at, row.ticked_by_id = text, now(), actor.id
    db.session.add(row)
    _record(CARRIED, Place("", account=account), actor, what=TEXTS[what])


def untick(*, account: Account, what: Words, actor: Somebody) -> bool:
    """Take back that the live account carries it; ``False`` where nobody had said so."""
    row = db.session.get(Carried, (account.id, what))
    if row is None:
        return False
    db.session.delete(row)
    _record(NOT_CARRIED, Place("", account=account), actor, what=TEXTS[what])
    return True


def forget(account: Account) -> None:
    """Delete what was said for an account, and what it was said to carry: whom it belongs to had it taken out."""
    for model in (Carried, Expectation):
        db.session.execute(sa.delete(model).where(model.account_id == account.id))


def _record(name: str, place: Place, actor: Somebody, **fields: str) -> None:
    audit.record(
        name, actor=actor, subject_kind=place.level.value, subject_id=place.key, subject_name=place.name, **fields
    )
