"""One question at a time about what the public may expect."""

from typing import Any, Final

from wtforms import StringField
from wtforms.validators import ValidationError

from registry.accounts.expectations import hours
from registry.accounts.expectations.actions import CALENDARS
from registry.accounts.expectations.models import Reply, Week
from registry.accounts.expectations.wording import REPLIES
from registry.fields import Form, Readable, choice_field, line_field, trimmed
from registry.workdays import Calendar


class HoursField(StringField):
    """The staffed hours of one day; ``spans`` is what was understood."""

    spans: list[list[int]]

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, filters=[trimmed], validators=[Readable(100)], **options)
        self.spans = []

    def pre_validate(self, _form: Any) -> None:
        """Understand the hours. Raises ``ValidationError`` where they are none."""
        try:
            self.spans = hours.read(str(self.data)[:200])
        except hours.NotHours as error:
            raise ValidationError(f"{self.label.text}: {error}") from None


class HoursForm(Form):
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


class _OneAnswer(Form):
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
        hint="It follows the words “Not for”. For example: emergencies: ring 999; crimes: ring 101",
    )  # fmt: skip


#: By the field that each asks for.
FORMS: Final[dict[str, Any]] = {
    "hours": HoursForm, "bank_holidays": BankHolidaysForm, "reply": ReplyForm, "out_of_hours": OutOfHoursForm,
    "not_for": NotForForm,
}  # fmt: skip
