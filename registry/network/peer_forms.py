"""What is asked about voices, help and drop-in slots."""

from datetime import time, timedelta
from typing import Any, Final

from wtforms import Field, HiddenField, StringField
from wtforms.validators import DataRequired, Optional, ValidationError
from wtforms.widgets import TimeInput

from registry.accounts.platforms import OFFERED
from registry.clock import moments_of
from registry.db import now, today
from registry.fields import (
    A_LINE,
    Form,
    Readable,
    hidden_field,
    line_field,
    pick_field,
    shown,
    text_field,
    trimmed,
)
from registry.network.forms import few_topics
from registry.people.colleagues import colleague
from registry.people.guest_forms import DayField

#: How far ahead a slot can be.
AHEAD: Final = timedelta(days=366)
FIRST, SECOND = "first", "second"


# --- Voices -----------------------------------------------------------------------------------------------


class OfferVoiceForm(Form):
    """What somebody can speak about."""

    subject = line_field(
        "What can you speak about, in a sentence?", longest=300, need="Say in a sentence what you can speak about.",
        hint="As a journalist would ask for you: why the coast path moves inland every winter.",
    )  # fmt: skip
    topics = line_field(
        "Topics", longest=500, hint="Separate with commas: coastal erosion, flooding", checks=(few_topics,)
    )


class AskVoiceForm(Form):
    """Whom comms would like to ask."""

    colleague = colleague("Whom would you like to ask?", need="Enter a colleague.")
    subject = line_field(
        "What could they speak about?", longest=300, hint="They read it, and can put it in their own words."
    )
    topics = line_field(
        "Topics", longest=500, hint="Separate with commas: coastal erosion, flooding", checks=(few_topics,)
    )


class AnswerForm(Form):
    """Yes or no, by one of two buttons."""

    answer = hidden_field()


class TrainedForm(Form):
    """When somebody had media training."""

    day = DayField(
        "Last media training", filters=[trimmed], validators=[Readable(A_LINE), Optional()],
        description="Leave it empty where they had none.",
    )  # fmt: skip

    def validate_day(self, _field: Field) -> None:
        """It is over."""
        if self.day.day and self.day.day > today():
            raise ValidationError("Enter a day that is over, or leave this empty.")


# --- Help -------------------------------------------------------------------------------------------------


class HelpForm(Form):
    """What somebody would like help with."""

    words = text_field(
        "What would you like help with?", need="Say in a sentence what you would like help with.", longest=600, rows=3,
        hint="One sentence will do. Those who are asked read exactly this.",
    )  # fmt: skip
    platform = pick_field("Is it about one platform?")
    topic = pick_field("Is it about one thing?")
    #: Those who were shown as the ones it would reach, by id.
    sure = hidden_field()

    def offer(self, topics: list[tuple[int, str]]) -> None:
        """Fill the choices."""
        families = [(one.slug, one.name) for family in OFFERED.values() for one in family]
        self.platform.choices = [("", "No, or I do not know"), *sorted(families, key=lambda two: two[1].casefold())]
        self.topic.choices = [("", "See it from my words"), *((str(number), name) for number, name in topics)]


class SettleForm(Form):
    """What somebody says to those who helped."""

    thanks = text_field("A word of thanks", longest=600, rows=2, hint="Those who could help see it. You may leave it.")


# --- Drop-in slots ----------------------------------------------------------------------------------------


class TimeField(StringField):
    """A time of day; ``at`` is what was understood, or ``None``."""

    widget = TimeInput()
    at: time | None = None

    def pre_validate(self, _form: Any) -> None:
        """Understand it. Raises ``ValidationError`` where it is none."""
        self.at = None
        if not (typed := (self.data or "").strip()) or typed != shown(typed):
            return
        hours, _, minutes = typed.replace(".", ":").partition(":")
        if not (hours + minutes).isascii() or not hours.isdigit() or not minutes.isdigit() or len(minutes) != 2:
            raise ValidationError("Enter a time, for example 12:30.")
        if len(hours) > 2 or int(hours) > 23 or int(minutes) > 59:
            raise ValidationError("Enter a time between 00:00 and 23:59.")
        self.at = time(int(hours), int(minutes))


class SlotsForm(Form):
    """Slots that comms offer, one after the other."""

    day = DayField(
        "Day", filters=[trimmed], validators=[Readable(A_LINE), DataRequired("Enter a day.")],
        description="For example 31/03/2027.",
    )  # fmt: skip
    first = TimeField(
        "From", filters=[trimmed], validators=[Readable(A_LINE), DataRequired("Enter when the first slot begins.")],
        description="London time, for example 12:00.",
    )  # fmt: skip
    which = HiddenField(filters=[shown])
    slots = pick_field("How many slots?", [(str(number), str(number)) for number in range(1, 13)])
    minutes = pick_field("How long is each?", [(str(one), f"{one} minutes") for one in (10, 15, 20, 30, 45, 60)])
    place = line_field(
        "Where?", longest=300, need="Enter a room or the address of an online meeting.",
        hint="A room, or the address of an online meeting.",
    )  # fmt: skip

    #: Whether clocks show that time twice on that day, and nobody has said which of the two is meant.
    is_twice = False
    starts_at: Any = None

    def validate_first(self, _field: Field) -> None:
        """There is such a time, on a day that is to come, and which one is meant where there are two."""
        day, at = self.day.day, self.first.at
        if day is None or at is None or not today() <= day <= today() + AHEAD:
            return
        moments = moments_of(day, at)
        told = f"{at:%H:%M} on {day.day} {day:%B %Y}"
        if not moments:
            raise ValidationError(f"There is no {told}: the clocks go forward that night. Choose another time.")
        if len(moments) == 2 and self.which.data not in (FIRST, SECOND):
            self.is_twice = True
            raise ValidationError(f"There are two times {told}: the clocks go back that night. Say which, below.")
        chosen = moments[1 if len(moments) == 2 and self.which.data == SECOND else 0]
        if chosen <= now():
            raise ValidationError("That is over. Choose a time to come.")
        self.starts_at = chosen

    def validate_day(self, _field: Field) -> None:
        """It is to come, and not too far away."""
        if self.day.day and not today() <= self.day.day <= today() + AHEAD:
            raise ValidationError("Enter a day from today on, at most a year from now.")

    @property
    def hour(self) -> str:
        """The day and time as they were understood, for the question which of the two is meant."""
        return f"{self.first.at:%H:%M}" if self.first.at else ""


class BookForm(Form):
    """What somebody would like to talk about."""

    about = line_field(
        "What would you like to talk about?", longest=300, need="Say in a sentence what you would like to talk about.",
        hint="One sentence, so that they can look something up before.",
    )  # fmt: skip
