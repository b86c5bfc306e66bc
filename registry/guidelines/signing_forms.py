"""What is asked of who will not sign, of comms who answer, and of comms who enter a sign-off for somebody."""

from typing import Final

from wtforms import BooleanField
from wtforms.validators import DataRequired, InputRequired

from registry.fields import A_LINE, Form, Readable, choice_field, hidden_field, pick_field, text_field, trimmed
from registry.guidelines.models import Method
from registry.people.colleagues import colleague
from registry.people.guest_forms import DayField

METHODS: Final = (
    (Method.PAPER.value, "On paper: we have the sheet with their signature"),
    (Method.BEHALF.value, "On their behalf: they told us that they agree"),
)


#: Characters of how somebody agreed, which is evidence for good.
LONGEST_CONSENT: Final = 600


class WhyNotForm(Form):
    """Why somebody does not sign what they have read."""

    version = hidden_field()
    reason = text_field(
        "What keeps you from signing?", need="Say in a sentence what keeps you from signing.", longest=1_000, rows=5,
        hint="The communications team read this in your words, and write to you.",
    )  # fmt: skip


class SettleForm(Form):
    """What comms answer to it."""

    answer = text_field(
        "What came of it?", need="Write down what came of it.", longest=1_000, rows=4,
        hint="They read this in your words.",
    )  # fmt: skip
    then = choice_field(
        "And then?", [("again", "Ask them to sign again"), ("settled", "It is settled: leave it at that")],
        need="Choose what happens next.",
    )  # fmt: skip


class EnterForm(Form):
    """Who signed what, when and how they agreed."""

    colleague = colleague("Who signed?", need="Enter who signed.")
    version = pick_field("Which version did they have before them?")
    day = DayField(
        "On which day?", filters=[trimmed], validators=[DataRequired("Enter the day on which they signed."),
                                                        Readable(A_LINE)],
    )  # fmt: skip
    method = choice_field("How?", METHODS, need="Choose how they signed.")
    consent = text_field(
        "How did they agree, and where is the proof?", need="Say how they agreed.", longest=LONGEST_CONSENT, rows=3,
        hint="For example: signed sheet from the depot’s training day, in the black folder. They read this, too.",
    )  # fmt: skip


class SureForm(Form):
    """The second step: the same once more, with both names and a tick."""

    whom = hidden_field()
    version = hidden_field()
    day = hidden_field()
    method = hidden_field()
    consent = hidden_field()
    sure = BooleanField(validators=[InputRequired("Tick the box if you are sure.")])
