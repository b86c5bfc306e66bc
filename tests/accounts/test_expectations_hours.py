"""Staffed hours: what people type, how it is said again, and who is there when the clock changes."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.accounts.expectations import hours
from registry.accounts.expectations.hours import NotHours, Presence
from registry.accounts.expectations.models import Week
from registry.db import LONDON
from registry.workdays import Calendar

OFFICE: Week = [[[540, 1020]]] * 5 + [[], []]
ENGLAND = Calendar.ENGLAND_AND_WALES


@pytest.mark.parametrize(
    ("typed", "spans"),
    [
        ("9am to 5pm", [[540, 1020]]),
        ("9-5", [[540, 1020]]),
        ("09:00–17:00", [[540, 1020]]),
        ("08.30 - 17.00", [[510, 1020]]),
        ("9 to 12:30, 1:30 to 5", [[540, 750], [810, 1020]]),
        ("9am–midday and 1–5pm", [[540, 720], [780, 1020]]),
        ("1-5", [[780, 1020]]),
        ("01:00-05:00", [[60, 300]]),
        ("midnight to 6am", [[0, 360]]),
        ("10pm until midnight", [[1320, 1440]]),
        ("9 to 12, 12 to 5", [[540, 1020]]),
        ("0900-1730", [[540, 1050]]),
        ("9 a.m. to 5 p.m.", [[540, 1020]]),
        ("9.30am–12am", [[570, 1440]]),
        ("17:00-00:00", [[1020, 1440]]),
        ("24/7", [[0, 1440]]),
        ("All day", [[0, 1440]]),
        ("  ", []),
        ("closed", []),
    ],
)
def test_hours_are_read_as_people_type_them(typed: str, spans: list[list[int]]) -> None:
    assert hours.read(typed) == spans


@pytest.mark.parametrize(
    "typed",
    ["nine to five", "9", "9am", "10pm to 2am", "8pm to 10pm, 9pm to 11pm", "25:00 to 26:00", "13pm to 2pm",
     "9:60 to 17:00", "0900", "9am to 5pm to 6pm", ", ", "1-2, 3-4, 5-6, 7-8, 9-10, 11pm-11:30pm, 23:40-23:50", "٣-٥"],
)  # fmt: skip
def test_what_tells_no_hours_is_refused_in_words(typed: str) -> None:
    with pytest.raises(NotHours, match=r"^[a-z].*\.$"):
        hours.read(typed)


DAY = st.lists(st.integers(0, 96), min_size=0, max_size=8, unique=True).map(
    lambda ends: [[begins * 15, end * 15] for begins, end in zip(sorted(ends)[::2], sorted(ends)[1::2], strict=False)]
)


@given(DAY)
def test_hours_are_read_again_as_they_are_told(spans: list[list[int]]) -> None:
    expected: list[list[int]] = []
    for begins, ends in spans:
        if expected and expected[-1][1] == begins:
            expected[-1][1] = ends
        else:
            expected.append([begins, ends])
    assert hours.read(hours.day_in_words(expected)) == expected


@given(st.text(max_size=100))
def test_no_text_breaks_the_reading(typed: str) -> None:
    try:
        spans = hours.read(typed)
    except NotHours:
        return
    assert all(0 <= begins < ends <= 1440 for begins, ends in spans)


@pytest.mark.parametrize(
    ("week", "long", "short"),
    [
        (OFFICE, "Monday to Friday, 9am to 5pm", "Mon–Fri 9am–5pm"),
        (
            [[[540, 1020]], [[540, 1140]], [[540, 1020]], [[540, 1140]], [[540, 1020]], [[600, 780]], []],
            "Monday, Wednesday and Friday, 9am to 5pm; Tuesday and Thursday, 9am to 7pm; Saturday, 10am to 1pm",
            "Mon, Wed & Fri 9am–5pm, Tue & Thu 9am–7pm, Sat 10am–1pm",
        ),
        ([[]] * 5 + [[[0, 1440]]] * 2, "Saturday and Sunday, all day", "Sat–Sun all day"),
        ([[]] * 7, "", ""),
    ],
)
def test_days_with_the_same_hours_are_told_together(week: Week, long: str, short: str) -> None:
    assert (hours.in_words(week), hours.in_short(week)) == (long, short)


def there(week: Week, at: str, calendar: Calendar = ENGLAND) -> tuple[bool, str]:
    """Whether somebody is there at a moment, and when that changes, in London."""
    found = hours.presence(week, calendar, datetime.fromisoformat(at))
    return found.here, found.until.strftime("%a %-d %b %H:%M %Z") if found.until else ""


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-26T08:59:59+00:00", (False, "Thu 26 Nov 09:00 GMT")),
        ("2026-11-26T09:00:00+00:00", (True, "Thu 26 Nov 17:00 GMT")),
        ("2026-11-26T17:00:00+00:00", (False, "Fri 27 Nov 09:00 GMT")),
        ("2026-11-27T18:00:00+00:00", (False, "Mon 30 Nov 09:00 GMT")),
        # In summer the same hour of the wall is another of the world.
        ("2026-07-01T08:00:00+00:00", (True, "Wed 1 Jul 17:00 BST")),
        ("2026-07-01T16:00:00+00:00", (False, "Thu 2 Jul 09:00 BST")),
        # Christmas Day, a weekend, and the Monday that stands in for Boxing Day.
        ("2026-12-25T10:00:00+00:00", (False, "Tue 29 Dec 09:00 GMT")),
        # From winter into summer over a weekend, and back.
        ("2026-03-27T18:00:00+00:00", (False, "Mon 30 Mar 09:00 BST")),
        ("2026-10-23T17:00:00+00:00", (False, "Mon 26 Oct 09:00 GMT")),
    ],
)
def test_somebody_is_there_by_the_clock_on_the_wall(at: str, expected: tuple[bool, str]) -> None:
    assert there(OFFICE, at) == expected


def test_bank_holidays_are_those_of_the_accounts_own_part() -> None:
    st_andrew = "2026-11-30T10:00:00+00:00"
    assert there(OFFICE, st_andrew)[0] is True
    assert there(OFFICE, st_andrew, Calendar.SCOTLAND) == (False, "Tue 1 Dec 09:00 GMT")
    assert there(OFFICE, "2026-12-25T10:00:00+00:00", Calendar.NONE)[0] is True


NIGHTS: Week = [[[0, 180]]] * 7  # midnight to 3am


def staffed_hours(day: str) -> float:
    """For how many hours somebody is there within a day and a night from noon, looked at each ten minutes."""
    begin = datetime.fromisoformat(f"{day}T12:00").replace(tzinfo=LONDON).astimezone(UTC)
    looks = [hours.presence(NIGHTS, Calendar.NONE, begin + timedelta(minutes=10 * step)) for step in range(24 * 6)]
    return sum(one.here for one in looks) / 6


def test_the_night_of_the_change_is_an_hour_longer_or_shorter() -> None:
    assert [staffed_hours(day) for day in ("2026-03-27", "2026-03-28", "2026-10-23", "2026-10-24")] == [3, 2, 3, 4]


def test_hours_within_the_hour_that_comes_twice_or_never() -> None:
    small: Week = [[]] * 6 + [[[75, 105]]]  # Sundays, 1:15am to 1:45am
    # In October from the first 1:15 to the last 1:45; in March the hour from 1 to 2 is left out, and so are they.
    assert there(small, "2026-10-25T00:20:00+00:00", Calendar.NONE) == (True, "Sun 25 Oct 01:45 GMT")
    assert there(small, "2026-10-25T00:50:00+00:00", Calendar.NONE)[0] is True
    assert there(small, "2026-10-25T01:50:00+00:00", Calendar.NONE) == (False, "Sun 1 Nov 01:15 GMT")
    march = [there(small, f"2026-03-29T0{hour}:{minute}:00+00:00", Calendar.NONE)[0]
             for hour in (0, 1) for minute in ("00", "20", "40")]  # fmt: skip
    assert march == [False] * 6


def test_somebody_who_is_always_there_is_never_about_to_go() -> None:
    always: Week = [[[0, 1440]]] * 7
    at = datetime(2026, 3, 28, 23, 0, tzinfo=UTC)
    assert hours.presence(always, Calendar.NONE, at) == Presence(True, None)
    assert hours.presence([[]] * 7, Calendar.NONE, at) == Presence(False, None)


@given(
    st.lists(DAY, min_size=7, max_size=7), st.sampled_from(Calendar),
    st.integers(0, 730 * 24 * 60),
)  # fmt: skip
def test_who_is_there_stays_so_until_the_moment_that_is_told(week: Week, calendar: Calendar, minutes: int) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    now = hours.presence(week, calendar, at)
    if now.until is None:
        return
    assert now.until > at
    half_way = at + (now.until - at) / 2
    assert hours.presence(week, calendar, half_way).here is now.here
    assert hours.presence(week, calendar, now.until).here is not now.here
