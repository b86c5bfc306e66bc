"""Staffed hours: reading what people type, saying it in words, and whether somebody is there at a moment.

Hours are wall-clock time in London. On the nights when the clock changes a span is as long as the clock on the wall
makes it: one from 1am to 3am lasts three hours in October and one hour in March.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from registry.accounts.expectations.models import Week
from registry.db import LONDON
from registry.workdays import Calendar, ClosurePeriod, bank_holiday, closure_on

DAYS: Final = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
A_DAY: Final = 24 * 60
HALF_A_DAY: Final = 12 * 60
MOST_SPANS: Final = 6
#: How far ahead somebody is looked for: the widest gap between two bank holidays in a row and a weekly hour.
HORIZON: Final = 35

_TIME = r"([0-9]{1,2}?)(?:[:.]?([0-9]{2}))?\s*(am|pm)?"
_SPAN: Final = re.compile(rf"{_TIME}\s*(?:-|–|—|to|till|until)\s*{_TIME}")
_NAMED: Final = ((r"midday|noon", "12pm"), (r"midnight(?=\s*(?:-|–|—|to|till|until))", "00:00"), ("midnight", "24:00"))
#: Up to this hour, one that is typed as a bare digit is of the afternoon.
EARLIEST: Final = 6
_ALL_DAY: Final = ("all day", "24 hours", "24hrs", "24h", "24/7", "always")
_NOBODY: Final = ("", "-", "–", "none", "closed", "nobody", "no", "off", "n/a")

HOW: Final = "write it as 9am to 5pm, or as 9am to 12:30pm, 1:30pm to 5pm. Leave it empty if nobody is there."


class NotHours(ValueError):
    """What was typed tells no hours; the message says what to type, as what follows the name of the day."""


def read(typed: str) -> list[list[int]]:
    """The spans of one day, as minutes since midnight, in order; ``[]`` where nobody is there. Raises ``NotHours``."""
    text = " ".join(typed.lower().split()).rstrip(".")
    if text in _NOBODY:
        return []
    if text in _ALL_DAY:
        return [[0, A_DAY]]
    text = re.sub(r"\b([ap])\.\s?m\b\.?", r"\1m", text)
    for name, value in _NAMED:
        text = re.sub(name, value, text)
    spans: list[list[int]] = []
    for part in re.split(r"[,;&]| and ", text):
        spans.append(_span(part.strip(), after=spans[-1][1] if spans else 0))
    if len(spans) > MOST_SPANS:
        raise NotHours(f"give at most {MOST_SPANS} spans for a day.")
    return _merged(spans)


def _span(part: str, *, after: int) -> list[int]:
    found = _SPAN.fullmatch(part)
    if found is None:
        raise NotHours(HOW)
    begins, ends = _minutes(*found.group(1, 2, 3)), _minutes(*found.group(4, 5, 6))
    if ends == 0 < begins:
        ends = A_DAY  # "5pm to 12am", "17:00–00:00"
    bare = not found[3] and not found[1].startswith("0") and begins < HALF_A_DAY
    if bare and (begins + HALF_A_DAY < ends if found[6] == "pm" else 1 <= int(found[1]) <= EARLIEST and not found[6]):
        begins += HALF_A_DAY  # "1 to 5", "1–5pm": nobody means one in the morning.
    if ends <= begins and not found[6] and ends + HALF_A_DAY > begins:
        ends += HALF_A_DAY
    if begins < after:
        raise NotHours("these times overlap, or are not in order. Begin with the earliest.")
    if ends <= begins:
        raise NotHours("this ends before it begins. Put what is after midnight on the next day.")
    return [begins, ends]


def _minutes(hour: str, minute: str | None, half: str | None) -> int:
    hours, minutes = int(hour), int(minute or 0)
    if half and not 1 <= hours <= 12:
        raise NotHours(HOW)
    if half:
        hours = hours % 12 + (12 if half == "pm" else 0)
    if minutes > 59 or hours * 60 + minutes > A_DAY:
        raise NotHours(HOW)
    return hours * 60 + minutes


def _merged(spans: list[list[int]]) -> list[list[int]]:
    merged: list[list[int]] = []
    for begins, ends in spans:
        if merged and merged[-1][1] == begins:
            merged[-1][1] = ends
        else:
            merged.append([begins, ends])
    return merged


# --- In words ---------------------------------------------------------------------------------------------


def clock(minutes: int) -> str:
    """A time of day as people write it: ``9am``, ``1:30pm``, ``midday``, ``midnight``."""
    if minutes % A_DAY == 0:
        return "midnight"
    if minutes == HALF_A_DAY:
        return "midday"
    hour, minute = divmod(minutes, 60)
    return f"{hour % 12 or 12}{f':{minute:02}' if minute else ''}{'pm' if hour >= 12 else 'am'}"


def day_in_words(spans: list[list[int]], *, to: str = " to ") -> str:
    """The spans of one day, as a form takes them again: ``9am to midday, 1pm to 5pm``; empty where nobody is there."""
    if spans == [[0, A_DAY]]:
        return "all day"
    return ", ".join(f"{clock(begins)}{to}{clock(ends)}" for begins, ends in spans)


def round_the_clock(week: Week) -> bool:
    """Whether somebody is always there."""
    return all(spans == [[0, A_DAY]] for spans in week)


def in_words(week: Week) -> str:
    """``Monday to Friday, 9am to 5pm; Saturday, 10am to 1pm``; empty where nobody ever is there."""
    return "; ".join(f"{days_in_words(days)}, {day_in_words(spans)}" for days, spans in _alike(week))


def in_short(week: Week) -> str:
    """``Mon–Fri 9am–5pm, Sat 10am–1pm``."""
    return ", ".join(
        f"{days_in_short(days)} {day_in_words(spans, to='–').replace(', ', ' & ')}" for days, spans in _alike(week)
    )


def staffed_days(week: Week) -> list[int]:
    """The days on which somebody is there, from 0 for Monday."""
    return [day for day in range(7) if week[day]]


def days_in_words(days: list[int]) -> str:
    """``Monday to Friday``, ``Tuesday and Thursday``, ``Monday, Wednesday and Friday``."""
    named = [DAYS[first] if first == last else f"{DAYS[first]} to {DAYS[last]}" for first, last in _rows(days, 3)]
    return " and ".join([*([", ".join(named[:-1])] if named[:-1] else []), named[-1]])


def days_in_short(days: list[int]) -> str:
    """``Mon–Fri``, ``Tue & Thu``."""
    named = [DAYS[first][:3] + (f"–{DAYS[last][:3]}" if first != last else "") for first, last in _rows(days, 2)]
    return " & ".join([*([", ".join(named[:-1])] if named[:-1] else []), named[-1]])


def _rows(days: list[int], least: int) -> list[tuple[int, int]]:
    """Days in a row, as the first and the last; each for itself where fewer than ``least`` are."""
    rows: list[list[int]] = []
    for day in days:
        if rows and rows[-1][-1] == day - 1:
            rows[-1].append(day)
        else:
            rows.append([day])
    parted = [[row] if len(row) >= least else [[day] for day in row] for row in rows]
    return [(row[0], row[-1]) for some in parted for row in some]


def _alike(week: Week) -> list[tuple[list[int], list[list[int]]]]:
    """The days that have the same hours, wherever they are in the week, by the first; without those with none."""
    found: list[tuple[list[int], list[list[int]]]] = []
    for day in staffed_days(week):
        days = next((days for days, spans in found if spans == week[day]), None)
        if days is None:
            found.append(([day], week[day]))
        else:
            days.append(day)
    return found


# --- At a moment ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Presence:
    """Whether somebody is there: until when, or from when."""

    here: bool
    #: When that changes, in London; ``None`` where it does not within some weeks.
    until: datetime | None


def presence(week: Week, calendar: Calendar, at: datetime, closed: Sequence[ClosurePeriod] = ()) -> Presence:
    """Whether somebody is there at the moment ``at``, by staffed hours, bank holidays and closures."""
    local = at.astimezone(LONDON)
    for begins, ends in _staffed(week, calendar, closed, local.date()):
        if at < begins:
            return Presence(False, begins.astimezone(LONDON))
        if at < ends:
            far = ends >= at + timedelta(days=HORIZON - 2)
            return Presence(True, None if far else ends.astimezone(LONDON))
    return Presence(False, None)


def _staffed(
    week: Week, calendar: Calendar, closed: Sequence[ClosurePeriod], today: date
) -> Iterator[tuple[datetime, datetime]]:
    """When somebody is there from ``today`` on, as moments in UTC; spans that touch are one."""
    held: tuple[datetime, datetime] | None = None
    for offset in range(HORIZON):
        day = today + timedelta(days=offset)
        day_off = bank_holiday(day, calendar) or closure_on(day, closed)
        for begins, ends in [] if day_off else week[day.weekday()]:
            span = _moment(day, begins, first=True), _moment(day, ends, first=False)
            if held and span[0] <= held[1]:
                held = held[0], max(held[1], span[1])
                continue
            if held:
                yield held
            held = span
    if held:
        yield held


def _moment(day: date, minutes: int, *, first: bool) -> datetime:
    """When the clock on the wall shows a time; of two such moments the first or the last, and of none the change."""
    wall = datetime.combine(day, time()) + timedelta(minutes=minutes)
    while True:
        at = wall.replace(tzinfo=LONDON, fold=0 if first else 1).astimezone(UTC)
        if at.astimezone(LONDON).replace(tzinfo=None) == wall:
            return at
        wall += timedelta(minutes=1)  # In the hour that is left out, the next time that there is.
