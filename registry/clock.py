"""London's clock: which moments a time on the wall stands for, where it is put forward or back in between."""

from datetime import UTC, date, datetime, time

from registry.db import LONDON


def moments_of(day: date, at: time) -> list[datetime]:
    """The moments, in UTC and in order, at which London's clocks show ``at`` on ``day``.

    One on nearly every day. None in the hour that is left out when the clocks go forward, two in the one that comes
    twice when they go back.
    """
    found = []
    for fold in (0, 1):
        moment = datetime.combine(day, at, LONDON).replace(fold=fold).astimezone(UTC)
        shown = moment.astimezone(LONDON)
        if shown.date() == day and shown.time() == at and moment not in found:
            found.append(moment)
    return sorted(found)


def zone_of(moment: datetime) -> str:
    """ "GMT" or "BST": what London calls its time at a moment."""
    return moment.astimezone(LONDON).tzname() or ""
