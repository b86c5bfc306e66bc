"""What each night does about sign-offs besides the rules: those that are too old are asked for anew, days are counted.

Both can be done as often as one likes. Times that lie ahead, from a clock that was wrong for long, are put right first.
"""

from calendar import monthrange
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry import audit
from registry.db import LONDON, db, now, today
from registry.guidelines.asking import BEGUN, OPEN
from registry.guidelines.models import DayCount, Document, Ending, Obligation, Version, VersionState, Why
from registry.guidelines.queries import needed
from registry.guidelines.spells import changed_at, note
from registry.guidelines.standing import State, standing

COUNTED: Final = audit.declare("guidelines.counted", "The sign-offs of {days} days were counted", "days")
AGAIN: Final = audit.declare(
    "guidelines.asked-again", "{people} sign-offs had become too old, and are asked for anew", "people"
)
#: So many days that nobody counted are counted afterwards.
MOST_DAYS: Final = 31


def months_after(day: date, months: int) -> date:
    """The same day so many months later, or the last of that month where there is none: a year after 29 February."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def too_old_before(on: date, months: int) -> datetime:
    """The moment before which a sign-off is ``months`` old by ``on``."""
    last = months_after(on, -months)
    while months_after(last + timedelta(days=1), months) <= on:
        last += timedelta(days=1)
    return datetime.combine(last + timedelta(days=1), time(), LONDON)


def ask_again() -> int:
    """Ask those anew whose sign-off is as old as its document allows; how many. Whoever owes it anyway is left alone.

    Where a whole team signed on one day, that day comes back a year later for all of them at once.
    """
    again = sa.select(Document).where(Document.again_months.is_not(None), Document.retired_at.is_(None))
    number = sum(_ask_again(one) for one in db.session.scalars(again.order_by(Document.id)).all())
    if number:
        audit.record(
            AGAIN, actor=None, subject_kind="guidelines", subject_id=None, subject_name="the guidelines", people=number
        )
    return number


def _ask_again(document: Document) -> int:
    at, must = now(), needed()
    enough = sa.select(must.c.number).where(must.c.document_id == document.id).scalar_subquery()
    old = (
        OPEN, Obligation.document_id == document.id, Obligation.signed_number >= enough,
        Obligation.signed_at < too_old_before(today(), document.again_months or 0),
    )  # fmt: skip
    _change(sa.update(Obligation).where(*old).values(ended_at=at, ending=Ending.AGAIN))
    other = aliased(Obligation)
    same = other.document_id == Obligation.document_id, other.person_id == Obligation.person_id
    ended = Obligation.document_id == document.id, Obligation.ended_at == at, Obligation.ending == Ending.AGAIN
    due = sa.literal(today() + timedelta(document.grace_days), sa.Date)
    rows = sa.select(
        Obligation.document_id, Obligation.person_id, sa.literal(Why.AGAIN.value),
        sa.literal(at, Obligation.since_at.type), due, sa.literal(0), sa.literal(0),
    ).where(*ended, ~sa.exists().where(*same, other.ended_at.is_(None)))  # fmt: skip
    begun = _change(sa.insert(Obligation).from_select(BEGUN, rows, include_defaults=False))
    if begun:
        note(changed_at(at))
    return begun


def _change(statement: Any) -> int:
    done: Any = db.session.execute(statement.execution_options(synchronize_session=False, preserve_rowcount=True))
    return int(done.rowcount)


def put_times_right() -> None:
    """Let nothing lie ahead of now: a clock that was fast for long would let no sign-off count until then."""
    at, documents = now(), db.session.execute(sa.select(Document.id, Document.grace_days)).all()
    if not documents:
        return
    days = {one.id: sa.literal(today() + timedelta(one.grace_days), sa.Date) for one in documents}
    soonest = sa.case(days, value=Obligation.document_id, else_=Obligation.due_on)
    due = sa.case((Obligation.due_on > soonest, soonest), else_=Obligation.due_on)
    ended = _change(sa.update(Obligation).where(Obligation.ended_at > at).values(ended_at=at))
    begun = _change(sa.update(Obligation).where(Obligation.since_at > at).values(since_at=at, due_on=due))
    if ended or begun:
        note(changed_at(at))


# --- The days of the chart --------------------------------------------------------------------------------


def count_days(most: int = MOST_DAYS) -> int:
    """Keep how each document stood at the end of the last days, up to yesterday, that nobody has counted; how many.

    They are worked out from the evidence, so that a register that was off for a week draws no gap.
    """
    db.session.execute(sa.delete(DayCount).where(DayCount.on >= today()))  # Of a clock that was fast.
    known = set(db.session.scalars(sa.select(DayCount.on).where(DayCount.on >= today() - timedelta(most)).distinct()))
    first = sa.select(sa.func.min(Version.published_at)).where(Version.state == VersionState.PUBLISHED)
    began = db.session.scalar(first)
    days = [today() - timedelta(back) for back in range(most, 0, -1)]
    missed = [day for day in days if day not in known and began and day >= began.astimezone(LONDON).date()]
    counted = 0
    for day in missed:
        rows = _count(day)  # None where nobody had to sign anything, which is no news.
        db.session.add_all(rows)
        counted += bool(rows)
    if counted:
        audit.record(
            COUNTED, actor=None, subject_kind="guidelines", subject_id=None, subject_name="the guidelines",
            days=counted,
        )  # fmt: skip
    return counted


def _count(on: date) -> list[DayCount]:
    then = standing(on)
    number = [sa.func.sum(sa.case((then.c.state == state.value, 1), else_=0)) for state in _DRAWN]
    rows = sa.select(then.c.document_id, sa.func.count(), *number).group_by(then.c.document_id)
    return [
        DayCount(document_id=document_id, on=on, concerned=concerned, signed=signed, overdue=overdue, declined=declined)
        for document_id, concerned, signed, overdue, declined in db.session.execute(rows)
    ]


_DRAWN: Final = (State.SIGNED, State.OVERDUE, State.DECLINED)
