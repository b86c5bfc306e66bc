"""On which days people are at work: not at weekends, not on the bank holidays of their part of the United Kingdom, and
not while the organisation is closed.

The dates of bank holidays come from the library ``holidays``, which knows those proclaimed for one year only, too. It
takes a tenth of a second to load, so only who asks for a date waits for it.
"""

import enum
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import sqlalchemy as sa
from flask import current_app
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model, db
from registry.personal import stays

SATURDAY: Final = 5
_DAY: Final = timedelta(days=1)


class Calendar(enum.StrEnum):
    """Whose bank holidays count, in the words of https://www.gov.uk/bank-holidays."""

    ENGLAND_AND_WALES = "england-and-wales"
    SCOTLAND = "scotland"
    NORTHERN_IRELAND = "northern-ireland"
    #: Every day is like any other of its week: for who is there on Christmas Day, too.
    NONE = "none"


#: What the library calls them. England and Wales have the same days.
_PARTS: Final = {Calendar.ENGLAND_AND_WALES: "ENG", Calendar.SCOTLAND: "SCT", Calendar.NORTHERN_IRELAND: "NIR"}


def usual_calendar() -> Calendar:
    """The organisation's own calendar, as the settings have it."""
    return Calendar(current_app.config["SETTINGS"].bank_holidays)


def bank_holiday(day: date, calendar: Calendar) -> str:
    """What the bank holiday on ``day`` is called; empty where there is none.

    Where Christmas Day falls on a Saturday, both it and the Monday that stands in for it are holidays.
    """
    return _holidays(calendar, day.year).get(day, "")


@lru_cache(maxsize=128)
def _holidays(calendar: Calendar, year: int) -> Mapping[date, str]:
    if calendar is Calendar.NONE:
        return {}
    from holidays import country_holidays

    return dict(country_holidays("GB", subdiv=_PARTS[calendar], years=year, language="en_GB"))


class ClosurePeriod(Model):
    """Days on which the whole organisation is closed, besides weekends and bank holidays: between the years, say."""

    __tablename__ = "closure_period"
    __table_args__ = (sa.CheckConstraint("from_on <= to_on", name="in_order"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    #: The first day and the last.
    from_on: Mapped[date]
    to_on: Mapped[date] = mapped_column(index=True)
    #: What for, as people read it: "Christmas shutdown".
    words: Mapped[str] = mapped_column(sa.String(80), info=stays("It is about the organisation."))

    @property
    def span(self) -> str:
        """The days in words: ``24 December 2026 to 1 January 2027``."""
        first, last = (f"{day.day} {day:%B %Y}" for day in (self.from_on, self.to_on))
        return first if first == last else f"{first} to {last}"

    def holds(self, day: date) -> bool:
        """Whether ``day`` is one of them."""
        return self.from_on <= day <= self.to_on


def closures(first: date | None = None, last: date | None = None) -> Sequence[ClosurePeriod]:
    """The closures that touch the days from ``first`` to ``last``, the earliest first; there are few in all."""
    some = sa.select(ClosurePeriod).order_by(ClosurePeriod.from_on, ClosurePeriod.id)
    if first is not None:
        some = some.where(ClosurePeriod.to_on >= first)
    if last is not None:
        some = some.where(ClosurePeriod.from_on <= last)
    return db.session.scalars(some).all()


def closure_on(day: date, some: Sequence[ClosurePeriod]) -> ClosurePeriod | None:
    """The one of ``some`` closures that holds ``day``."""
    return next((one for one in some if one.holds(day)), None)


def is_working_day(day: date, calendar: Calendar | None = None) -> bool:
    """Whether ``day`` is neither of a weekend nor a bank holiday; without ``calendar`` by the organisation's own, and
    its closures count too.
    """
    return _is_at_work(day, calendar or usual_calendar(), () if calendar else closures(day, day))


def _is_at_work(day: date, calendar: Calendar, closed: Sequence[ClosurePeriod]) -> bool:
    return day.weekday() < SATURDAY and not bank_holiday(day, calendar) and closure_on(day, closed) is None


def working_days_after(day: date, count: int, calendar: Calendar | None = None) -> date:
    """The ``count``-th working day after ``day``, which does not count itself; with 0 ``day``, or the next one at work.

    Five working days after a Monday is the next Monday. Without ``calendar`` by the organisation's own, and its
    closures count too.
    """
    closed = () if calendar else closures(day)
    calendar = calendar or usual_calendar()
    while count > 0:
        day += _DAY
        count -= _is_at_work(day, calendar, closed)
    while not _is_at_work(day, calendar, closed):
        day += _DAY
    return day


def working_days_before(day: date, count: int) -> date:
    """The last day after which ``count`` working days of the organisation, at least one, are over on ``day``."""
    closed, calendar = closures(last=day), usual_calendar()
    while count > 0:
        count -= _is_at_work(day, calendar, closed)
        day -= _DAY
    return day
