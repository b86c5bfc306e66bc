"""What is asked about a meetup, a series, and by whoever answers."""

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from wtforms import BooleanField, IntegerField, RadioField, StringField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import DataRequired, InputRequired, NumberRange, Optional, ValidationError
from wtforms.widgets import DateInput, TextInput, TimeInput

from registry.clock import zone_of
from registry.db import LONDON, day_of, now, today
from registry.fields import (
    A_LINE,
    Form,
    Readable,
    choice_field,
    hidden_field,
    line_field,
    pick_field,
    shown,
    text_field,
    trimmed,
)
from registry.meetups import planning
from registry.meetups.actions import Plan
from registry.meetups.models import Answer, Kind, Meetup, Series
from registry.people.colleagues import colleague
from registry.people.guest_forms import DayField
from registry.web import found

KINDS: Final = (
    (Kind.MEETUP.value, "A meetup of peers"),
    (Kind.TRAINING.value, "Training"),
    (Kind.EXTERNAL.value, "Somebody else’s event"),
)
KIND_HINTS: Final = {
    Kind.MEETUP.value: "Talks from inside, questions, time to talk.",
    Kind.TRAINING.value: "One shows the others how. Who came is kept, and somebody leads it.",
    Kind.EXTERNAL.value: "A conference, say. Colleagues see who else goes.",
}
#: How a time of the day may be written: as browsers send it, and as people type it.
TIMES: Final = ("%H:%M", "%H.%M", "%H:%M:%S", "%I:%M%p", "%I.%M%p", "%I%p")
ANSWERS: Final = {
    Answer.YES: "I come", Answer.REMOTE: "I join online", Answer.MAYBE: "Maybe", Answer.NO: "I cannot come",
}  # fmt: skip
FARTHEST: Final = timedelta(days=800)


class TimeField(StringField):
    """A time of the day; ``wall`` is what was understood, or ``None``."""

    widget = TimeInput()
    wall: time | None = None

    def pre_validate(self, _form: Any) -> None:
        """Understand the time. Raises ``ValidationError`` where it is none."""
        self.wall = None
        if not (typed := (self.data or "").strip()) or typed != shown(typed):
            return
        for pattern in TIMES:
            try:
                self.wall = datetime.strptime(typed.replace(" ", "").upper(), pattern).time().replace(second=0)  # noqa: DTZ007 - London's, on the wall
            except ValueError:
                continue
            return
        raise ValidationError("Enter a time, for example 12:30.")


def _day_field(label: str, need: str, hint: str = "") -> DayField:
    return DayField(
        label, description=hint, filters=[trimmed], validators=[Readable(A_LINE), DataRequired(need)],
        widget=DateInput(),
    )  # fmt: skip


def _time_field() -> TimeField:
    return TimeField(
        "Begins at", description="London time.", filters=[trimmed],
        validators=[Readable(A_LINE), DataRequired("Enter when it begins, for example 12:30.")],
    )  # fmt: skip


def number_field(label: str, least: int, most: int, *, need: str = "", hint: str = "", wrong: str) -> IntegerField:
    """A whole number from ``least`` to ``most``; ``wrong`` is what to say where it is another."""
    checks: list[Any] = [NumberRange(least, most, wrong)]
    return WholeField(
        label, description=hint, validators=[InputRequired(need) if need else Optional(), *checks], widget=TextInput(),
        render_kw={"inputmode": "numeric"},
    )  # fmt: skip


class WholeField(IntegerField):
    """A whole number; what is none is refused in our words, and never repeated with what no page can show."""

    def process_formdata(self, valuelist: list[str]) -> None:
        """Read the number. Raises ``ValueError`` where it is none."""
        self.data = None
        typed = shown(valuelist[0]).strip() if valuelist else ""
        self.raw_data = [typed] if valuelist else self.raw_data
        if not typed:
            return
        if not (typed.isascii() and typed.isdigit() and len(typed) < 8):
            raise ValueError("Enter a whole number, for example 60.")
        self.data = int(typed)


class _WhereForm(Form):
    """What a meetup and a series have in common."""

    kind = choice_field("What is it?", KINDS, need="Choose what it is.", default=Kind.MEETUP.value)
    title = line_field("What is it called?", need="Give it a name.", longest=120)
    about = text_field(
        "What is it about?", longest=2_000, rows=4, hint="What people take home with them, in a few sentences."
    )
    minutes = number_field(
        "How many minutes?", 5, 720, need="Enter how long it lasts, in minutes.",
        wrong="Enter from 5 minutes to 720, which are twelve hours.",
    )  # fmt: skip
    place = line_field("Where?", hint="A room with its building. Leave it empty where it is online only.")
    online_link = line_field(
        "Link to join online", longest=500, hint="Only colleagues who are signed in, or invited, are told.",
        inputmode="url",
    )  # fmt: skip
    capacity = number_field(
        "How many fit into the room?", 1, 100_000,
        hint="Leave it empty where there is room for all. Who comes later waits in turn. Online takes no place.",
        wrong="Enter from 1 to 100,000, or leave it empty.",
    )  # fmt: skip

    def validate_online_link(self, field: Any) -> None:
        """A link that can be followed: nothing else is put behind a word that people press."""
        web_address(field)


def web_address(field: Any) -> None:
    """Refuse what is no address that can be followed. Raises ``ValidationError``."""
    if field.data and not field.data.startswith(("https://", "http://")):
        raise ValidationError("Enter the whole address, with https:// in front.")
    if field.data and any(one.isspace() for one in field.data):
        raise ValidationError("An address has no blanks in it.")


class MeetupForm(_WhereForm):
    """A single meetup; after ``validate`` it has ``begins_at``."""

    day = _day_field("Day", "Enter the day.")
    at = _time_field()
    which = RadioField("Which of the two?", choices=[], validators=[Optional()], validate_choice=False)
    page = line_field("Its page", longest=500, hint="Where the event is announced.", inputmode="url")
    leader = colleague("Who leads it?", hint="Leave it empty where you do.")
    begins_at: datetime
    #: Whether the clocks show that time twice, so that the page has to ask.
    is_twice = False
    #: The meetup that is changed, if any; it may have begun.
    before: Meetup | None = None
    #: When what the page showed was changed last.
    seen = hidden_field()

    def validate_page(self, field: Any) -> None:
        """As the link."""
        web_address(field)

    def validate_day(self, field: DayField) -> None:
        """A day that is to come, and not in another age."""
        begun = self.before is not None and field.day == day_of(self.before.begins_at)
        if field.day and field.day < today() and not begun:
            raise ValidationError("This day is over. Enter one that is to come.")
        if field.day and not date(2000, 1, 1) <= field.day <= today() + FARTHEST:
            raise ValidationError("Enter a day in the next two years.")

    def validate_at(self, field: TimeField) -> None:
        """Find out which moment is meant: there may be none, or two."""
        if self.day.day is None or field.wall is None or self.day.errors:
            return
        later = {"0": False, "1": True}.get(self.which.data or "")
        try:
            self.begins_at = planning.moment_of(self.day.day, field.wall, later=later)
        except planning.NoSuchTime:
            raise ValidationError(
                "There is no such time on that day: the clocks go forward from 01:00 to 02:00. Choose an earlier or a"
                " later one."
            ) from None
        except planning.WhichTime as both:
            self._ask_which(both.moments)
            raise ValidationError("The clocks show that time twice on that day. Say which is meant.") from None
        if self.begins_at + timedelta(minutes=self.minutes.data or 0) <= now():
            raise ValidationError("It would be over by now. Enter a later time.")
        if later is not None:
            self._ask_which([self.begins_at])  # It stays in view, should something else be wrong.

    def _ask_which(self, moments: list[datetime]) -> None:
        self.is_twice = True
        if len(moments) == 1 and self.day.day and self.at.wall:
            moments = [planning.moment_of(self.day.day, self.at.wall, later=later) for later in (False, True)]
        words = ("the first, before the clocks go back", "the second, after they have gone back")
        self.which.choices = [
            SelectChoice(str(place), f"{one.astimezone(LONDON):%H:%M} {zone_of(one)}, {words[place]}")
            for place, one in enumerate(moments)
        ]

    @property
    def plan(self) -> Plan:
        """What was entered; only of a form that is valid."""
        return Plan(
            kind=Kind(self.kind.data), title=self.title.data, about=self.about.data, begins_at=self.begins_at,
            ends_at=self.begins_at + timedelta(minutes=self.minutes.data or 0), place=self.place.data,
            online_link=self.online_link.data, page=self.page.data, capacity=self.capacity.data,
            leader_id=self.leader.person.id if self.leader.person else None,
        )  # fmt: skip

    def is_stale(self) -> bool:
        """Whether a colleague has changed the meetup since the page was opened; then it says so beside what differs.

        Only of a form that is valid. Sent once more, it counts.
        """
        meetup = found(self.before)
        if not self.seen.data or self.seen.data == (changed := meetup.changed_at.isoformat()):
            return False
        self.seen.data, shows, mine = changed, MeetupForm.showing(meetup), self.plan
        as_long = mine.ends_at - mine.begins_at == meetup.ends_at - meetup.begins_at
        for name, field in _ENTERED_IN.items():
            if getattr(mine, name) != getattr(meetup, name) and not (name == "ends_at" and as_long):
                is_now = meetup.when if name == "begins_at" else shows[field].data or "empty"
                self.fail(
                    self[field], f"A colleague has changed this meetup meanwhile. This is “{is_now}” now: press the"
                    " button again where yours is right.",
                )  # fmt: skip
        return bool(self.errors)

    @classmethod
    def showing(cls, meetup: Meetup) -> "MeetupForm":
        """The form with what a meetup is now."""
        local = meetup.begins_at.astimezone(LONDON)
        form = cls(
            formdata=None, kind=meetup.kind.value, title=meetup.title, about=meetup.about, minutes=meetup.minutes,
            place=meetup.place, online_link=meetup.online_link, capacity=meetup.capacity, page=meetup.page,
            day=local.date().isoformat(), at=f"{local:%H:%M}", which=str(local.fold),
            leader=meetup.leader.username if meetup.leader else "", seen=meetup.changed_at.isoformat(),
        )  # fmt: skip
        form.day.day, form.at.wall = local.date(), local.time().replace(fold=0)
        try:
            planning.moment_of(local.date(), local.time())
        except planning.WhichTime as both:
            form._ask_which(both.moments)
        return form


#: In which field each part of a plan is entered.
_ENTERED_IN: Final = {
    "kind": "kind", "title": "title", "begins_at": "at", "ends_at": "minutes", "place": "place",
    "online_link": "online_link", "capacity": "capacity", "about": "about", "page": "page", "leader_id": "leader",
}  # fmt: skip


class SeriesChangeForm(_WhereForm):
    """What can be changed of a series: all but its rule, which what is planned was made by."""

    leaders = line_field(
        "Who leads it, in turn?", longest=600,
        hint="Usernames with commas between: gareth.price, aoife.nolan. Leave it empty where you always do.",
    )  # fmt: skip

    @classmethod
    def showing(cls, series: Series) -> "SeriesChangeForm":
        """The form with what a series is now; ``series`` comes with its rota."""
        return cls(
            formdata=None, kind=series.kind.value, title=series.title, about=series.about, minutes=series.minutes,
            place=series.place, online_link=series.online_link, capacity=series.capacity,
            leaders=", ".join(one.person.username for one in series.rota),
        )  # fmt: skip

    @property
    def changes(self) -> dict[str, Any]:
        """What was entered, by the columns of ``Series``; only of a form that is valid."""
        names = ("title", "about", "minutes", "place", "online_link", "capacity")
        return {name: self[name].data for name in names} | {"kind": Kind(self.kind.data)}


class SeriesForm(SeriesChangeForm):
    """A series and its rule."""

    nth = pick_field(
        "Which one of the month?",
        [(str(one), word) for one, word in planning.ORDINALS.items()],
        need="Choose which one of the month.",
    )
    weekday = pick_field(
        "Which day?",
        [(str(place), word) for place, word in enumerate(planning.WEEKDAYS)],
        need="Choose a day of the week.",
    )
    every_months = pick_field(
        "How often?",
        [("1", "Every month"), ("2", "Every second month"), ("3", "Every third month"), ("6", "Twice a year"),
         ("12", "Once a year")], need="Choose how often.",
    )  # fmt: skip
    at = _time_field()
    from_on = _day_field(
        "From when on?", "Enter the day from which on it goes.", "The first one is on this day or later."
    )

    def validate_from_on(self, field: DayField) -> None:
        """A day that is not in another age."""
        if field.day and not today() - timedelta(days=366) <= field.day <= today() + FARTHEST:
            raise ValidationError("Enter a day from a year ago to two years ahead.")

    @property
    def series(self) -> Series:
        """What was entered; only of a form that is valid."""
        return Series(
            **self.changes, nth=int(self.nth.data), weekday=int(self.weekday.data),
            every_months=int(self.every_months.data), at=self.at.wall, from_on=self.from_on.day,
        )  # fmt: skip


class CallOffForm(Form):
    """Why a meetup falls out."""

    reason = line_field(
        "Why does it fall out?", need="Say why, in a sentence: everybody who would come reads it.", longest=300
    )


class AnswerForm(Form):
    """Whether somebody comes."""

    answer = choice_field(
        "Do you come?", [(one.value, label) for one, label in ANSWERS.items()], need="Choose an answer."
    )
    needs = line_field(
        "Is there anything we should know?", longest=300,
        hint="A wheelchair, an induction loop, nuts. Only organisers and comms read it; a week after it is deleted.",
    )  # fmt: skip
    shown = BooleanField("Colleagues may see that I come")


class RevokeForm(Form):
    """What becomes of somebody who has no link any more."""

    #: What the page showed; see ``links.state_of``.
    state = hidden_field()
    fresh = BooleanField("Send them another link now")


class OfferForm(Form):
    """What somebody would like to speak about."""

    title = line_field("What would you speak about?", need="Say what it is about, in a few words.", longest=120)
    pitch = text_field(
        "What do colleagues take home?", longest=1_000, rows=3, hint="Two sentences will do. Ten minutes are enough."
    )


class SettleForm(Form):
    """What an organiser says to an offer to speak."""

    reply = line_field("A sentence with it", longest=300)


class AgendaForm(Form):
    """One line of an agenda."""

    title = line_field("What?", need="Say what happens, in a few words.", longest=120)
    minutes = number_field("Minutes", 1, 720, need="Enter how many minutes.", wrong="Enter from 1 minute to 720.")
    is_talk = BooleanField("Somebody speaks here")
    speaker = colleague("Who?", hint="Leave it empty where you look for somebody: colleagues can then offer to speak.")
