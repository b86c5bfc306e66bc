"""What is asked about a platform."""

from typing import Any, ClassVar

from wtforms.validators import ValidationError

from registry.db import today
from registry.fields import A_LINE, Form, Readable, choice_field, line_field, text_field, trimmed
from registry.footprint.models import Answer, Use
from registry.people.guest_forms import DayField
from registry.web import whole

MOST_HOURS = 80

USES = (
    (Use.IN_USE.value, "In use"), (Use.TRIAL.value, "On trial"), (Use.NOT_USED.value, "Not used"),
    (Use.GIVEN_UP.value, "Given up"),
)  # fmt: skip
USE_HINTS = {
    Use.IN_USE.value: "We are there, and mean to stay.",
    Use.TRIAL.value: "We try it until a day that you name, and decide then.",
    Use.NOT_USED.value: "We looked at it and decided against it.",
    Use.GIVEN_UP.value: "We were there once.",
}
ANSWERS = ((Answer.YES.value, "Yes"), (Answer.TRIAL.value, "Yes, on trial"), (Answer.NO.value, "Not now"))


def _last_day() -> DayField:
    return DayField(
        "Last day of the trial", filters=[trimmed], validators=[Readable(A_LINE)],
        description="Only for a trial, such as 31 March 2027. After it, the list of platforms says that it is over.",
    )  # fmt: skip


class _WithTrial(Form):
    """A form in which a trial needs its last day."""

    #: The field whose answer is a trial, or is not, and that answer.
    decides: ClassVar[str]
    trial: ClassVar[str]

    def validate(self, extra_validators: Any = None) -> bool:
        """A trial ends on a day to come. An empty day stops the field's own validators, so the form says it."""
        right, last_day = super().validate(extra_validators), self["trial_until"]
        if (
            self[self.decides].data == self.trial
            and not last_day.errors
            and (last_day.day is None or last_day.day <= today())
        ):
            self.fail(last_day, "Name the last day of the trial: a date to come.")
            return False
        return bool(right)


class UseForm(_WithTrial):
    """Whether we are on a platform, and what for."""

    use = choice_field("Are we there?", USES, need="Choose whether we are there.")
    purpose = text_field(
        "What for, or why not?", need="Say in a sentence what it is for, or why we are not there.", longest=600, rows=3,
        hint="Everybody who works here can read it.",
    )  # fmt: skip
    trial_until = _last_day()
    decides, trial = "use", Use.TRIAL


class AskForm(Form):
    """Should we be on it?"""

    platform = line_field("Which platform?", need="Name the platform.", longest=60)
    audience = text_field("Whom would we reach there whom we do not reach now?", need="Say whom.", longest=600, rows=2)
    purpose = text_field("What would we do there?", need="Say in a sentence or two what for.", longest=600, rows=3)
    hours = line_field("How many hours a week can you give to it?", need="Give the hours a week as a number.")

    def validate_hours(self, field: Any) -> None:
        """Whole hours, no more than two people have."""
        hours = whole(field.data)
        if hours is None or hours > MOST_HOURS:
            raise ValidationError(f"Enter a number from 0 to {MOST_HOURS}.")


class AnswerForm(_WithTrial):
    """What comms say to who asked."""

    answer = choice_field("Should we be on it?", ANSWERS, need="Choose an answer.")
    advice = text_field(
        "Your advice", need="Say why, and what would help them.", longest=2_000, rows=5,
        hint="They are written to in your words.",
    )  # fmt: skip
    trial_until = _last_day()
    decides, trial = "answer", Answer.TRIAL
