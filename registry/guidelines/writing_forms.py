"""What is asked of those who write guidelines."""

from typing import Any, Final

from wtforms import Field
from wtforms.validators import ValidationError

from registry.db import today
from registry.fields import A_LINE, Form, Readable, choice_field, hidden_field, line_field, text_field, trimmed
from registry.guidelines import principles, questions
from registry.people.guest_forms import DayField

LONGEST_TEXT: Final = 200_000
LONGEST_REASON: Final = 1_000


def _day(label: str, hint: str) -> DayField:
    return DayField(label, filters=[trimmed], validators=[Readable(A_LINE)], description=hint)


class DraftForm(Form):
    """The words of a version, and what is new in them. ``begun`` is the stamp of the draft that it began from."""

    begun = hidden_field()
    title = line_field("Title", need="Give the guidelines a title.", longest=120)
    about = line_field(
        "What are they about, and for whom?", longest=300, hint="One sentence. It stands in the list of guidelines."
    )
    principles = text_field(
        "Principles", rows=5, longest=5_000,
        hint="Up to seven, one a line: a name, a colon, a sentence. They stand first. Accounts say which they serve.",
    )  # fmt: skip
    text = text_field(
        "The long text", need="Write the guidelines.", longest=LONGEST_TEXT, rows=24, exact=True,
        hint="Markdown: # for a heading, - for a list, **bold**. An empty line begins a paragraph.",
    )  # fmt: skip
    questions = text_field(
        "Check questions", rows=6, longest=10_000,
        hint="Asked before somebody signs. A question, its answers below it, [x] before the right one, then why.",
    )  # fmt: skip
    summary = text_field(
        "What changed, and why", rows=3, longest=1_000,
        hint="One or two sentences for people who signed the version before.",
    )  # fmt: skip
    material = choice_field(
        "Who should be asked?",
        [("yes", "Everyone signs again: what is expected of them changed"), ("no", "Nobody: wording only")],
        need="Say whether people sign again.", default="yes",
    )  # fmt: skip
    due_on = _day("Sign by", "Only where everyone signs. Left empty, people get the usual time from the day it counts.")

    def validate_principles(self, field: Field) -> None:
        """Each has a name and a sentence."""
        try:
            self.told_principles = principles.read(field.data or "")
        except principles.Unclear as unclear:
            raise ValidationError(str(unclear)) from None

    def validate_questions(self, field: Field) -> None:
        """Each has answers, one of them right."""
        try:
            self.told_questions = questions.read(field.data or "")
        except questions.Unclear as unclear:
            raise ValidationError(str(unclear)) from None

    def validate_due_on(self, field: Any) -> None:
        """A day to come, where anybody signs."""
        if field.day and field.day <= today() and self.material.data == "yes":
            raise ValidationError("Choose a day to come.")

    @property
    def words(self) -> dict[str, Any]:
        """What ``actions.draft`` is told; only of a form that is right."""
        return {
            "title": self.title.data, "about": self.about.data, "text": self.text.data,
            "principles": self.told_principles if self.principles.data else [],
            "questions": self.told_questions if self.questions.data else [],
            "summary": self.summary.data, "material": self.material.data == "yes", "due_on": self.due_on.day,
        }  # fmt: skip


class LookForm(Form):
    """The draft that was looked at: its stamp."""

    version = hidden_field()


class SendBackForm(LookForm):
    """What should be changed first."""

    reason = text_field(
        "What should be changed?", need="Say what should be changed.", longest=LONGEST_REASON, rows=3,
        hint="Whoever wrote it last is written to in your words.",
    )  # fmt: skip


class PublishForm(LookForm):
    """From when the draft counts, and, where nobody else has looked, why."""

    unseen_reason = text_field(
        "Why does it go out without a second look?", longest=LONGEST_REASON, rows=2,
        hint="Everybody reads it beside the version, and it stays in the history.",
    )  # fmt: skip
    when = choice_field(
        "From when does it count?", [("now", "From now on"), ("day", "From a day on, just after midnight")],
        need="Say from when it counts.", default="now",
    )  # fmt: skip
    from_on = _day("Which day?", "For example 1/9/2027. You can call it back until then.")

    def validate(self, extra_validators: Any = None) -> bool:
        """A day to come, where it counts from a day on. An empty one stops the field's own validators."""
        right = bool(super().validate(extra_validators))
        if self.when.data == "day" and not self.from_on.errors and (self.from_on.day or today()) <= today():
            self.fail(self.from_on, "Choose a day to come, or publish it now.")
            return False
        return right


class RetireForm(Form):
    """Why a document does not hold any more."""

    reason = text_field(
        "Why do they not hold any more?", need="Say why, and what holds instead.", longest=LONGEST_REASON, rows=3,
        hint="Everybody who opens them reads it.",
    )  # fmt: skip


class BringBackForm(Form):
    """One button."""
