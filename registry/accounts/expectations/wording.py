"""The words that the register writes for an account: sentences in several lengths, put together within a limit."""

import re
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from registry.accounts.expectations import hours
from registry.accounts.expectations.models import Reply, Week
from registry.accounts.models import Account, Standing
from registry.accounts.platforms import PLATFORMS
from registry.db import day_of
from registry.workdays import Calendar, ClosurePeriod, bank_holiday, closure_on

# --- How long a text may be -------------------------------------------------------------------------------

_LINK: Final = re.compile(r"https?://\S+")
#: X makes a link of what only looks like one, too.
_ADDRESS: Final = re.compile(r"(?:https?://)?(?:[\w-]+\.)+[a-z]{2,}(?:/\S*)?", re.IGNORECASE)
LINK_COUNTS: Final = 23
#: Code points that X counts once; all others count twice. Source: twitter-text, config/v3.json.
_LIGHT: Final = ((0, 4351), (8192, 8205), (8208, 8223), (8242, 8247))


def _weighed(text: str) -> int:
    """As X counts, before links are shortened; an emoji of several code points may count for less than it does here."""
    plain = unicodedata.normalize("NFC", text)
    return sum(1 if any(first <= ord(one) <= last for first, last in _LIGHT) else 2 for one in plain)


def _x_post(text: str) -> int:
    """As X counts: a link is 23, whatever its length. One without a scheme may turn out to be none."""
    links = [LINK_COUNTS if _LINK.match(one) else max(LINK_COUNTS, _weighed(one)) for one in _ADDRESS.findall(text)]
    return _weighed(_ADDRESS.sub("", text)) + sum(links)


def _mastodon_post(text: str) -> int:
    """As Mastodon counts: each link 23. It counts graphemes, of which there are never more than code points."""
    return len(_LINK.sub("", text)) + LINK_COUNTS * len(_LINK.findall(text))


def _units(text: str) -> int:
    """UTF-16 code units: no way of counting characters comes to more."""
    return len(text.encode("utf-16-le")) // 2


@dataclass(frozen=True, slots=True)
class Room:
    """How long a text may be somewhere, and how its length is counted there."""

    longest: int
    count: Callable[[str], int] = _units


#: How long a profile's own words and a post are, by the way in which a platform counts.
#: Sources: twitter-text, config/v3.json; docs.joinmastodon.org/user/posting.
_COUNTED: Final[dict[str, tuple[Callable[[str], int], Callable[[str], int]]]] = {
    "units": (_units, _units), "characters": (len, len), "as X": (_weighed, _x_post),
    "as Mastodon": (len, _mastodon_post),
}  # fmt: skip
#: Where nobody knows how long they may be, what fits nearly everywhere.
USUAL_BIO: Final = Room(150)
USUAL_POST: Final = Room(280)


def bio_room(slug: str) -> Room:
    """How much room there is for a profile's own words on a platform."""
    known = PLATFORMS.get(slug)
    return Room(known.bio_length, _COUNTED[known.counted][0]) if known and known.bio_length else USUAL_BIO


def post_room(slug: str) -> Room:
    """How much room there is for a post on a platform."""
    known = PLATFORMS.get(slug)
    return Room(known.post_length, _COUNTED[known.counted][1]) if known and known.post_length else USUAL_POST


@dataclass(frozen=True, slots=True)
class Part:
    """One thing to say, in one or more lengths from the longest to the shortest, and where it stands in the text."""

    place: int
    forms: Sequence[str]


def fitted(within: Room, *groups: Sequence[Part]) -> str:
    """The parts, the most important first, as one text that fits; no word is ever cut.

    Of each group first all get in as short as they can be said, then each is said at the length for which there is
    room; only then the next group has its turn.
    """
    said: dict[int, str] = {}

    def fits(one: dict[int, str]) -> bool:
        return within.count(_joined(one)) <= within.longest

    for group in groups:
        for part in group:
            if part.forms and fits(tried := said | {part.place: part.forms[-1]}):
                said = tried
        for part in group:
            longer = [said | {part.place: form} for form in part.forms if part.place in said]
            said = next((one for one in longer if fits(one)), said)
    return _joined(said) or _whole_words(next((part.forms[-1] for part in groups[0] if part.forms), ""), within)


def _joined(said: dict[int, str]) -> str:
    return " ".join(said[place] for place in sorted(said) if said[place])


def _whole_words(text: str, within: Room) -> str:
    """As many words as fit, with an ellipsis; nothing where not even one does."""
    words = text.split()
    while words:
        if within.count(shorter := f"{' '.join(words)}…") <= within.longest:
            return shorter
        words.pop()
    return ""


# --- The sentences ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Expected:
    """What holds for an account after all levels were asked; ``None`` is where nobody has said anything."""

    hours: Week | None = None
    bank_holidays: Calendar = Calendar.ENGLAND_AND_WALES
    reply: Reply | None = None
    out_of_hours: str = ""
    not_for: str = ""
    #: Closures of the organisation in the days to come, and the one that is now, or soon enough to be told of.
    closures: Sequence[ClosurePeriod] = ()
    closure: ClosurePeriod | None = None

    @property
    def says_something(self) -> bool:
        """Whether there is anything to tell the public."""
        return self.hours is not None or bool(self.reply or self.out_of_hours or self.not_for)


#: A reply promise in words for a form, in a sentence, and in short. ``{we}`` is "We", or "I" in one's own account.
REPLIES: Final = {
    Reply.HOUR: ("Within an hour, while somebody is there", "{we} answer within an hour.", "Answers in an hour."),
    Reply.SAME_DAY: ("The same working day", "{we} answer the same working day.", "Answers same day."),
    Reply.ONE_DAY: ("Within one working day", "{we} answer within one working day.", "Answers in 1 working day."),
    Reply.TWO_DAYS: ("Within two working days", "{we} answer within two working days.", "Answers in 2 working days."),
    Reply.FIVE_DAYS: (
        "Within five working days", "{we} answer within five working days.", "Answers in 5 working days.",
    ),
    Reply.READ_ONLY: (
        "Everything is read, not everything is answered", "{we} read everything, but cannot answer everyone.",
        "All is read, not all answered.",
    ),
    Reply.NEVER: ("Nobody answers there", "{we} do not answer here.", "No answers here."),
}  # fmt: skip


def _we(account: Account) -> str:
    return "I" if account.standing is Standing.PERSONAL else "We"


def _ended(text: str) -> str:
    """A phrase as a sentence: with something at its end."""
    return text if text.endswith((".", "?", "!", "…")) else f"{text}."


def opening(account: Account, organisation: str) -> list[str]:
    """Whose voice it is."""
    title, who = account.title, organisation
    if account.standing is Standing.PERSONAL:
        return [f"I work for {who}. Views here are my own.", f"I work for {who}. Own views.", f"At {who}. Own views."]
    if account.standing is Standing.PARTNER:
        return [f"{title}, run together with {who}.", f"Run with {who}."]
    if account.standing is Standing.SEMI_OFFICIAL:
        team = account.team.name if account.team else ""
        whose = f"{team if team.lower().endswith('team') else f'{team} team'} of {who}" if team else f"people at {who}"
        return [f"{title}, run by {'the ' if team else ''}{whose}.", f"By {'the ' if team else ''}{whose}.", f"{who}."]
    if title == who:
        return [f"The official account of {who}.", f"{who}."]
    return [f"{title}: the official account of {who}.", f"Official account of {who}.", f"{who}."]


def _purpose(account: Account) -> list[str]:
    """The first sentences of what it is for, each time one fewer."""
    text = " ".join(account.purpose.split())
    ends = [found.end() for found in re.finditer(r"[.?!](?=\s|$)", text)]
    if text and (not ends or ends[-1] < len(text)):
        ends.append(len(text))
    return [_ended(text[:end].strip()) for end in reversed(ends)]


def _hours(account: Account, expected: Expected) -> list[str]:
    week, we = expected.hours, _we(account)
    if week is None:
        return []
    if not any(week):
        return [f"{we} do not watch this account for replies.", "Not watched for replies."]
    if hours.round_the_clock(week) and expected.bank_holidays is Calendar.NONE:
        return [f"{we} read and answer at any hour.", "Staffed 24/7."]
    long, short = hours.in_words(week), hours.in_short(week)
    days = hours.days_in_short(hours.staffed_days(week))
    forms = [f"{we} read and answer {long}.", f"Staffed {short}.", f"{short}.", f"Staffed {days}."]
    if expected.bank_holidays is Calendar.NONE:
        return forms
    return [f"{we} read and answer {long}, except on bank holidays.", *forms]


def _closed(account: Account, expected: Expected) -> list[str]:
    if expected.closure is None:
        return []
    first, last, words = expected.closure.from_on, expected.closure.to_on, expected.closure.words
    days = f"from {first.day} {first:%B} to {last.day} {last:%B}" if first != last else f"on {first.day} {first:%B}"
    short = f"{first.day} {first:%b}–{last.day} {last:%b}" if first != last else f"{first.day} {first:%b}"
    return [_ended(f"{_we(account)} are away {days}: {words}"), f"Away {short}."]


def _reply(account: Account, expected: Expected) -> list[str]:
    if expected.reply is None:
        return []
    _, sentence, short = REPLIES[expected.reply]
    return [sentence.format(we=_we(account)), short]


def _out_of_hours(expected: Expected) -> list[str]:
    return [_ended(f"At other times: {expected.out_of_hours}")] if expected.out_of_hours else []


def _not_for(expected: Expected) -> list[str]:
    text = re.sub(r"^\s*not for\s+", "", expected.not_for, flags=re.IGNORECASE)
    return [_ended(f"Not for {text}"), _ended(f"Not for {text.partition(';')[0].strip()}")] if text else []


def bio(account: Account, expected: Expected, organisation: str) -> str:
    """A text for the account's own page, within the platform's length. The account comes with its team."""
    return fitted(bio_room(account.platform), *_bio_parts(account, expected, organisation))


def sentences(account: Account, expected: Expected, organisation: str) -> list[str]:
    """All that a bio may be made of, each sentence in each of its lengths."""
    return [form for group in _bio_parts(account, expected, organisation) for part in group for form in part.forms]


def _bio_parts(account: Account, expected: Expected, organisation: str) -> tuple[tuple[Part, ...], ...]:
    """Who speaks and what must be known; then, where there is room, what it is for and where else to turn."""
    must = (
        Part(0, opening(account, organisation)), Part(5, _not_for(expected)), Part(2, _hours(account, expected)),
        Part(3, _reply(account, expected)),
    )  # fmt: skip
    return must, (Part(1, _purpose(account)), Part(4, _out_of_hours(expected)))


def hours_line(account: Account, expected: Expected) -> str:
    """When somebody is there and what to do otherwise; empty where nobody has said anything.

    A closure that is near is told here alone: the bio and the pinned text would be others twice a year for it.
    """
    return fitted(post_room(account.platform), [*_promises(account, expected), Part(1, _closed(account, expected))])


def pinned(account: Account, expected: Expected, organisation: str) -> str:
    """A post to pin to the top; empty where nobody has said what to expect."""
    if not expected.says_something:
        return ""
    welcome = Part(0, [f"Welcome to {account.title}.", "Welcome."])
    if account.standing is Standing.PERSONAL:
        welcome = Part(0, opening(account, organisation))
    first, then = (*_promises(account, expected), welcome), (Part(1, _purpose(account)),)
    return fitted(post_room(account.platform), first, then)


def _promises(account: Account, expected: Expected) -> tuple[Part, ...]:
    return (
        Part(5, _not_for(expected)), Part(2, _hours(account, expected)), Part(3, _reply(account, expected)),
        Part(4, _out_of_hours(expected)),
    )  # fmt: skip


# --- On pages ---------------------------------------------------------------------------------------------


def rows(expected: Expected) -> Iterator[tuple[str, str]]:
    """What a page tells of each thing that was said: a label and words."""
    if expected.hours is not None:
        told = hours.in_words(expected.hours) or "Nobody watches it for replies"
        closed = any(expected.hours) and expected.bank_holidays is not Calendar.NONE
        yield "Staffed", f"{told}{', except on bank holidays' if closed else ''}"
    if expected.closure is not None:
        yield "Closed", f"{expected.closure.span}: {expected.closure.words}"
    if expected.reply is not None:
        yield "Answers", REPLIES[expected.reply][0]
    if expected.out_of_hours:
        yield "At other times", expected.out_of_hours
    if expected.not_for:
        yield "Not for", re.sub(r"^\s*not for\s+", "", expected.not_for, flags=re.IGNORECASE)


def presence_now(expected: Expected, at: datetime) -> tuple[bool, str] | None:
    """Whether somebody is there at the moment ``at``, and that in words; ``None`` where nobody says when anybody is."""
    if not expected.hours or not any(expected.hours):
        return None
    found = hours.presence(expected.hours, expected.bank_holidays, at, expected.closures)
    if found.here:
        return True, f"Somebody is there now, until {_when(found.until, at)}." if found.until else "Staffed right now."
    on = day_of(at)
    closed = "Nobody is there just now."
    if holiday := bank_holiday(on, expected.bank_holidays):
        closed = f"Today is a bank holiday: {holiday}."
    elif closure := closure_on(on, expected.closures):
        closed = _ended(f"Closed, {closure.span}: {closure.words}")
    return False, f"{closed} Somebody is there from {_when(found.until, at)}." if found.until else closed


def _when(moment: datetime, at: datetime) -> str:
    """A moment as people say it today: ``5pm``, ``9am tomorrow``, ``9am on Monday``, ``9am on 4 January``."""
    told = hours.clock(moment.hour * 60 + moment.minute)
    days = (moment.date() - day_of(at)).days
    if days == 0 or (days == 1 and told == "midnight"):
        return told
    if days == 1:
        return f"{told} tomorrow"
    return f"{told} on {moment:%A}" if days < 7 else f"{told} on {moment.day} {moment:%B}"
