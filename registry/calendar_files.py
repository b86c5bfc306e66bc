"""What calendar files are made of (RFC 5545): texts, times, people, an alarm, the whole around it.

Nobody else makes iCalendar here. What is in a file of a meetup or a drop-in, their own slices say.
"""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from email.utils import parseaddr
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from flask import Response, current_app

from registry.config import Settings
from registry.db import LONDON
from registry.fields import UNSEEN

if TYPE_CHECKING:
    from icalendar import Event, vText

MIMETYPE: Final = "text/calendar; charset=utf-8"
#: How long before something begins a calendar says so.
ALARM: Final = timedelta(minutes=30)
#: How often a program should ask for a feed again.
EVERY: Final = timedelta(hours=1)
_BREAKS: Final = re.compile("\r\n|[\r\v\f\x1c-\x1e\x85\u2028\u2029]")
#: A quote ends a parameter, a caret begins what stands for another mark (RFC 6868), and so to some does a backslash.
_MARKS: Final = str.maketrans({'"': "'", "^": " ", "\\": "/"})
#: The rules of London's clock since 1996, for programs that do not know them by name. Of all the register keeps,
#: nothing is older.
_LONDON: Final = "\r\n".join(
    (
        "BEGIN:VTIMEZONE", "TZID:Europe/London",
        "BEGIN:DAYLIGHT", "TZNAME:BST", "TZOFFSETFROM:+0000", "TZOFFSETTO:+0100", "DTSTART:19960331T010000",
        "RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU", "END:DAYLIGHT",
        "BEGIN:STANDARD", "TZNAME:GMT", "TZOFFSETFROM:+0100", "TZOFFSETTO:+0000", "DTSTART:19961027T020000",
        "RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU", "END:STANDARD", "END:VTIMEZONE", "",
    )
)  # fmt: skip


def plain(text: str) -> str:
    """``text`` as a calendar can hold it: line ends of every kind are one, and what nobody sees is left out."""
    return UNSEEN.sub("", _BREAKS.sub("\n", text))


def line(text: str) -> str:
    """The same for a parameter: one line, without the marks that programs take for the beginning of something else."""
    return " ".join(plain(text).translate(_MARKS).split())


def text_of(words: str) -> "vText":
    """``words`` as a value of a file."""
    made: vText = _text_class()(plain(words))
    return made


@cache
def _text_class() -> Any:
    """A text of RFC 5545, 3.3.11. The package's own takes a backslash and an N in it for a line end."""
    from icalendar import vText

    class Text(vText):
        def to_ical(self) -> bytes:
            escaped = self.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
            return escaped.encode()

    return Text


def span_of(begins_at: datetime, ends_at: datetime) -> tuple[datetime, datetime]:
    """When something begins and ends by London's clock; in UTC where a reader would take that for an hour too early.

    A time that the clock shows twice is the first of the two to RFC 5545 (3.3.5), which has no word for the second.
    """
    local = begins_at.astimezone(LONDON), ends_at.astimezone(LONDON)
    if any(one.fold for one in local):
        return begins_at.astimezone(UTC), ends_at.astimezone(UTC)
    return local


def name_people(event: "Event", *, name: str, mail: str, partstat: str, asks: bool = False) -> None:
    """Say that the register asks, and who is asked: ``partstat`` is what they said, ``asks`` whether they are to."""
    from icalendar import vCalAddress

    event["organizer"] = organiser()
    asked = vCalAddress(f"mailto:{line(mail)}")
    asked.params.update(
        {
            "CN": line(name), "CUTYPE": "INDIVIDUAL", "ROLE": "REQ-PARTICIPANT", "PARTSTAT": partstat,
            "RSVP": "TRUE" if asks else "FALSE",
        }
    )  # fmt: skip
    event["attendee"] = asked


def organiser() -> Any:
    """The register, as the one who asks."""
    from icalendar import vCalAddress

    settings: Settings = current_app.config["SETTINGS"]
    made = vCalAddress(f"mailto:{sender(settings)}")
    made.params["CN"] = line(settings.organisation)
    return made


def sender(settings: Settings) -> str:
    """The bare address that calendars know as the organiser's, and send their answers to."""
    return settings.reply_address or parseaddr(settings.smtp.sender)[1]


def alarm(title: str) -> Any:
    """What has a calendar tell of something called ``title`` before it begins."""
    from icalendar import Alarm

    made = Alarm()
    made.add("action", "DISPLAY")
    made.add("description", text_of(title))
    made.add("trigger", -ALARM)
    return made


def calendar(method: str, events: Iterable["Event"], name: str = "") -> str:
    """The whole file; ``name`` is that of a feed.

    The rules of the time zone are put in as they are: to make them anew takes most of the time.
    """
    from icalendar import Calendar

    whole = Calendar()
    whole.add("version", "2.0")
    whole.add("prodid", "-//Social Account Registry//Meetups//EN")
    whole.add("calscale", "GREGORIAN")
    whole.add("method", method)
    if name:
        whole.add("name", text_of(name))
        whole["x-wr-calname"] = text_of(name)  # Nobody would put its commas right otherwise.
        whole.add("refresh-interval", EVERY, parameters={"VALUE": "DURATION"})
        whole.add("x-published-ttl", "PT1H")
    head, end, tail = str(whole.to_ical(), "utf-8").rpartition("END:VCALENDAR")
    return head + _LONDON + "".join(str(event.to_ical(), "utf-8") for event in events) + end + tail


def downloaded(text: str, name: str, content_type: str = MIMETYPE) -> Response:
    """A file as a browser keeps it, under ``name``."""
    answer = Response(text, content_type=content_type)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.ics"'
    return answer
