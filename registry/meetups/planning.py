"""When meetups are: the days of a series' rule, and the moment that somebody means by a day and a time in London."""

from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Final

from registry import clock
from registry.meetups.models import LAST, Series

ORDINALS: Final = {1: "first", 2: "second", 3: "third", 4: "fourth", LAST: "last"}
WEEKDAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


class NoSuchTime(Exception):
    """The clocks leave that time out on that day."""


class WhichTime(Exception):
    """The clocks show that time twice on that day; ``moments`` are the two, in UTC."""

    def __init__(self, moments: list[datetime]) -> None:
        super().__init__("That time comes twice on that day.")
        self.moments = moments


def moment_of(day: date, at: time, *, later: bool | None = None) -> datetime:
    """The moment, in UTC, at which London's clocks show ``at`` on ``day``.

    ``later`` says which of two is meant, where the clocks show it twice. Raises ``NoSuchTime``, and ``WhichTime``
    where ``later`` is ``None`` and there are two.
    """
    moments = clock.moments_of(day, at)
    if not moments:
        raise NoSuchTime
    if len(moments) == 1:
        return moments[0]
    if later is None:
        raise WhichTime(moments)
    return moments[later]


def days_of(series: Series, after: date, until: date) -> Iterator[date]:
    """The days in London that a series' rule gives, later than ``after`` and no later than ``until``, in order."""
    from dateutil.rrule import MONTHLY, rrule, weekday

    start = datetime.combine(series.from_on.replace(day=1), time())
    rule = rrule(
        MONTHLY, interval=series.every_months, byweekday=weekday(series.weekday)(series.nth), dtstart=start,
        until=datetime.combine(until, time()),
    )  # fmt: skip
    for found in rule:
        if found.date() > after and found.date() >= series.from_on:
            yield found.date()


def rule_in_words(series: Series) -> str:
    """ "The first Thursday of every second month at 12:30"."""
    months = {1: "every month", 2: "every second month", 3: "every third month", 12: "one month a year"}
    how_often = months.get(series.every_months, f"every {series.every_months} months")
    return f"The {ORDINALS[series.nth]} {WEEKDAYS[series.weekday]} of {how_often} at {series.at:%H:%M}"
