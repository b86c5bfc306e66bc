"""Working days: the bank holidays that GOV.UK publishes, and counting across them."""

import subprocess
import sys
from datetime import date, timedelta

import pytest
from flask import Flask

from registry.db import db
from registry.workdays import (
    Calendar,
    ClosurePeriod,
    bank_holiday,
    closures,
    is_working_day,
    usual_calendar,
    working_days_after,
    working_days_before,
)

#: The dates of https://www.gov.uk/bank-holidays for four years: facts, written down by month and day.
PUBLISHED = {
    Calendar.ENGLAND_AND_WALES: {
        2024: "01-01 03-29 04-01 05-06 05-27 08-26 12-25 12-26",
        2025: "01-01 04-18 04-21 05-05 05-26 08-25 12-25 12-26",
        2026: "01-01 04-03 04-06 05-04 05-25 08-31 12-25 12-28",
        2027: "01-01 03-26 03-29 05-03 05-31 08-30 12-27 12-28",
    },
    Calendar.SCOTLAND: {
        2024: "01-01 01-02 03-29 05-06 05-27 08-05 12-02 12-25 12-26",
        2025: "01-01 01-02 04-18 05-05 05-26 08-04 12-01 12-25 12-26",
        # 15 June 2026 was proclaimed for the World Cup.
        2026: "01-01 01-02 04-03 05-04 05-25 06-15 08-03 11-30 12-25 12-28",
        2027: "01-01 01-04 03-26 05-03 05-31 08-02 11-30 12-27 12-28",
    },
    Calendar.NORTHERN_IRELAND: {
        2024: "01-01 03-18 03-29 04-01 05-06 05-27 07-12 08-26 12-25 12-26",
        2025: "01-01 03-17 04-18 04-21 05-05 05-26 07-14 08-25 12-25 12-26",
        2026: "01-01 03-17 04-03 04-06 05-04 05-25 07-13 08-31 12-25 12-28",
        2027: "01-01 03-17 03-26 03-29 05-03 05-31 07-12 08-30 12-27 12-28",
    },
    Calendar.NONE: {2024: "", 2025: "", 2026: "", 2027: ""},
}


@pytest.mark.parametrize("calendar", Calendar)
@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_bank_holidays_are_those_that_are_published(calendar: Calendar, year: int) -> None:
    days = [date(year, 1, 1) + timedelta(days=number) for number in range(366)]
    found = [f"{day:%m-%d}" for day in days if day.year == year and day.weekday() < 5 and bank_holiday(day, calendar)]
    assert found == PUBLISHED[calendar][year].split()


def test_a_holiday_on_a_weekend_counts_beside_the_day_that_stands_in_for_it() -> None:
    christmas = [date(2027, 12, day) for day in (24, 25, 26, 27, 28, 29)]
    assert [bool(bank_holiday(day, Calendar.SCOTLAND)) for day in christmas] == [False, True, True, True, True, False]
    assert bank_holiday(date(2026, 7, 13), Calendar.NORTHERN_IRELAND) == "Battle of the Boyne (observed)"


@pytest.mark.parametrize(
    ("day", "count", "expected"),
    [
        (date(2026, 11, 23), 5, date(2026, 11, 30)),  # a Monday, and the next
        (date(2026, 11, 27), 1, date(2026, 11, 30)),  # over a weekend
        (date(2026, 11, 28), 0, date(2026, 11, 30)),  # from a Saturday to the next day at work
        (date(2026, 11, 27), 0, date(2026, 11, 27)),
        (date(2026, 12, 24), 1, date(2026, 12, 29)),  # Christmas, a weekend and the day in lieu
        (date(2026, 12, 24), 6, date(2027, 1, 6)),
        (date(2026, 12, 31), 1, date(2027, 1, 4)),
        (date(2026, 4, 2), 10, date(2026, 4, 20)),
    ],
)
def test_working_days_are_counted_over_weekends_and_holidays(day: date, count: int, expected: date) -> None:
    assert working_days_after(day, count, Calendar.ENGLAND_AND_WALES) == expected


def test_each_part_counts_by_its_own_days() -> None:
    after = {calendar: working_days_after(date(2026, 12, 31), 1, calendar) for calendar in Calendar}
    assert after == {
        Calendar.ENGLAND_AND_WALES: date(2027, 1, 4), Calendar.SCOTLAND: date(2027, 1, 5),
        Calendar.NORTHERN_IRELAND: date(2027, 1, 4), Calendar.NONE: date(2027, 1, 1),
    }  # fmt: skip


def test_the_organisations_own_calendar_counts_where_none_is_named(app: Flask) -> None:
    st_andrew = date(2026, 11, 30)
    assert (usual_calendar(), is_working_day(st_andrew)) == (Calendar.ENGLAND_AND_WALES, True)
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"bank_holidays": "scotland"})
    assert (is_working_day(st_andrew), working_days_after(st_andrew, 0)) == (False, date(2026, 12, 1))


def test_days_on_which_the_organisation_is_closed_count_as_days_off(app: Flask) -> None:
    shutdown = ClosurePeriod(from_on=date(2026, 12, 29), to_on=date(2027, 1, 1), words="Christmas shutdown")
    db.session.add(shutdown)
    days = [date(2026, 12, 24) + timedelta(days=number) for number in range(12)]
    assert [day.day for day in days if is_working_day(day)] == [24, 4]
    assert working_days_after(date(2026, 12, 24), 1) == date(2027, 1, 4)
    assert working_days_after(date(2026, 12, 30), 0) == date(2027, 1, 4)
    # Whoever names a calendar asks for that alone.
    assert working_days_after(date(2026, 12, 24), 1, Calendar.ENGLAND_AND_WALES) == date(2026, 12, 29)
    assert [one.span for one in closures(date(2027, 1, 1))] == ["29 December 2026 to 1 January 2027"]
    assert closures(date(2027, 1, 2)) == closures(last=date(2026, 12, 28)) == []


@pytest.mark.parametrize("count", [1, 2, 5])
def test_counting_back_is_counting_forth_from_the_other_end(app: Flask, count: int) -> None:
    db.session.add(ClosurePeriod(from_on=date(2026, 12, 29), to_on=date(2027, 1, 1), words="Christmas shutdown"))
    days = [date(2026, 12, 10) + timedelta(days=number) for number in range(40)]
    for day in days:
        before = [one for one in days if working_days_after(one, count) <= day]
        if before:
            assert working_days_before(day, count) == max(before)


def test_the_library_is_loaded_only_by_who_asks_for_a_date() -> None:
    code = "import sys, registry.cli, registry.workdays; sys.exit('holidays' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
