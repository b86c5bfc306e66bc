"""On which days people are at work: not at weekends, and not on the bank holidays of their part of the United Kingdom.

The dates come from the library ``holidays``, which knows those proclaimed for one year only, too. It takes a tenth of a
second to load, so only who asks for a date waits for it.
"""

import enum
from collections.abc import Mapping
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from flask import current_app

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


def is_working_day(day: date, calendar: Calendar | None = None) -> bool:
    """Whether ``day`` is neither of a weekend nor a bank holiday; without ``calendar`` by the organisation's own."""
    return day.weekday() < SATURDAY and not bank_holiday(day, calendar or usual_calendar())


def working_days_after(day: date, count: int, calendar: Calendar | None = None) -> date:
    """The ``count``-th working day after ``day``, which does not count itself; with 0 ``day``, or the next one at work.

    Five working days after a Monday is the next Monday. Without ``calendar`` by the organisation's own.
    """
    calendar = calendar or usual_calendar()
    while count > 0:
        day += _DAY
        count -= is_working_day(day, calendar)
    while not is_working_day(day, calendar):
        day += _DAY
    return day
