"""One question at a time about what the public may expect."""

from datetime import timedelta
from typing import Any, Final

from wtforms import StringField
from wtforms.validators import DataRequired, ValidationError

from registry.accounts.expectations import hours
from registry.accounts.expectations.actions import CALENDARS
from registry.accounts.expectations.models import Reply, Week
from registry.accounts.expectations.wording import REPLIES
from registry.db import today
from registry.fields import A_LINE, Form, Readable, StampedForm, choice_field, line_field, trimmed
from registry.people.guest_forms import DayField
from registry.workdays import Calendar

LONGEST_CLOSURE: Final = timedelta(days=100)


class HoursField(StringField):
    """The staffed hours of one day; ``spans`` is what was understood, and ``understood`` the same in words."""

    spans: list[list[int]]
    understood: str | None = None

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, filters=[trimmed], validators=[Readable(100)], **options)
        self.spans = []

    def pre_validate(self, _form: Any) -> None:
        """Understand the hours. Raises ``ValidationError`` where they are none."""
        try:
            self.spans = hours.read(str(self.data)[:200])
            self.understood = hours.day_in_words(self.spans)
        except hours.NotHours as error:
            raise ValidationError(f"{self.label.text}: {error}") from None


class HoursForm(StampedForm):
    """When somebody is there to read and answer."""

    mon = HoursField("Monday")
    tue = HoursField("Tuesday")
    wed = HoursField("Wednesday")
    thu = HoursField("Thursday")
    fri = HoursField("Friday")
    sat = HoursField("Saturday")
    sun = HoursField("Sunday")

    @property
    def value(self) -> Week:
        return [getattr(self, day).spans for day in WEEKDAYS]

    @classmethod
    def showing(cls, week: Week | None) -> "HoursForm":
        """The form with hours in it; office hours to begin with, where there are none."""
        shown = week if week is not None else [[[9 * 60, 17 * 60]]] * 5 + [[], []]
        told = {day: hours.day_in_words(spans) for day, spans in zip(WEEKDAYS, shown, strict=True)}
        return cls(formdata=None, **told)


WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


class _OneAnswer(StampedForm):
    """A question with one answer, in the field ``answer``."""

    @property
    def value(self) -> Any:
        return self.answer.data

    @classmethod
    def showing(cls, value: Any) -> "_OneAnswer":
        """The form with an answer in it."""
        return cls(formdata=None, answer=value)


class BankHolidaysForm(_OneAnswer):
    """Whose bank holidays count."""

    answer = choice_field(
        "On whose bank holidays is nobody there?", [(one.value, words) for one, words in CALENDARS.items()],
        need="Choose whose bank holidays count.",
    )  # fmt: skip

    @property
    def value(self) -> Calendar:
        return Calendar(self.answer.data)


class ReplyForm(_OneAnswer):
    """How soon somebody gets an answer."""

    answer = choice_field(
        "How soon does somebody who writes get an answer?", [(one.value, words[0]) for one, words in REPLIES.items()],
        need="Choose what you can keep to.", hint="Promise what you can keep to on a bad day.",
    )  # fmt: skip

    @property
    def value(self) -> Reply:
        return Reply(self.answer.data)


class OutOfHoursForm(_OneAnswer):
    """Where to turn when nobody is there."""

    answer = line_field(
        "Where can people turn when nobody is there?", longest=120,
        hint="For example: ring 01632 960100. Leave it empty if there is nowhere.",
    )  # fmt: skip


class NotForForm(_OneAnswer):
    """What the account is not for, and where people go instead."""

    answer = line_field(
        "What is it not for, and where do people go instead?", longest=120,
        hint="It follows the words “Not for”. For example: emergencies: ring 999; crimes: ring 101. Left empty it says"
        " nothing, not even what holds for other accounts.",
    )  # fmt: skip


#: By the field that each asks for.
FORMS: Final[dict[str, Any]] = {
    "hours": HoursForm, "bank_holidays": BankHolidaysForm, "reply": ReplyForm, "out_of_hours": OutOfHoursForm,
    "not_for": NotForForm,
}  # fmt: skip


# --- When the organisation is closed ----------------------------------------------------------------------


def _day(label: str, need: str) -> DayField:
    return DayField(label, filters=[trimmed], validators=[Readable(A_LINE), DataRequired(need)])


class ClosureForm(Form):
    """When the whole organisation is closed, and what for."""

    first = _day("First day", "Enter the first day on which you are closed.")
    last = _day("Last day", "Enter the last day on which you are closed.")
    words = line_field(
        "What is it?", need="Say what it is, in a few words.", longest=80,
        hint="Everybody reads it, people outside too. For example: Christmas shutdown",
    )  # fmt: skip

    def validate_last(self, field: DayField) -> None:
        """Not before the first day, not over, and not for longer than a season."""
        if field.day is None or self.first.day is None:
            return
        if field.day < self.first.day:
            raise ValidationError("The last day cannot be before the first.")
        if field.day < today():
            raise ValidationError("Enter a day from today on: what is over need not be noted.")
        if field.day - self.first.day >= LONGEST_CLOSURE:
            raise ValidationError(f"Enter at most {LONGEST_CLOSURE.days} days at a time.")
