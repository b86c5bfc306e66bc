"""What is asked around a meetup."""

from typing import Any

from wtforms import BooleanField

from registry.fields import Form, line_field, text_field
from registry.meetups.forms import web_address
from registry.people.colleagues import colleague


class QuestionForm(Form):
    """A question to a meetup."""

    text = text_field(
        "What would you like to have answered?", need="Write your question.", longest=500, rows=3,
        hint="No question is too small. Colleagues vote for what they would like to hear, too.",
    )  # fmt: skip
    unnamed = BooleanField("Do not show my name to colleagues")


class NoteForm(Form):
    """What was answered."""

    answer = text_field(
        "What was answered?", longest=3_000, rows=4, hint="So that nobody has to ask again. Empty opens it again."
    )


class LinkForm(Form):
    """A link to slides, a recording or the like."""

    title = line_field("What is it?", need="Say what it is: the slides on subtitles, say.", longest=120)
    url = line_field("Its address", need="Enter its address.", longest=500, inputmode="url")

    def validate_url(self, field: Any) -> None:
        """An address that can be followed."""
        web_address(field)


class CardForm(Form):
    """What worked."""

    title = line_field(
        "What did you do?", need="Say what you did, in a sentence.", longest=160,
        hint="Asked three questions about the bus timetable before the council decided.",
    )  # fmt: skip
    for_whom = line_field(
        "For whom?", need="Say for whom it was.", longest=160, hint="Parents of school children in the valley."
    )
    result = text_field(
        "What came of it?", need="Say what came of it.", longest=300, rows=2,
        hint="A number is good, a sentence that somebody said is as good.",
    )  # fmt: skip
    how = text_field("How, for whoever wants to do it too?", longest=2_000, rows=4)
    campaign = line_field("Part of a campaign?", longest=80)
    account = line_field("On which account?", longest=500, hint="Paste its address, as in the browser.")


class WalkInForm(Form):
    """Somebody who stands at the door and had not said that they come."""

    person = colleague("Somebody else is here", need="Enter who is here.")


class ThanksForm(Form):
    """What those who came are told afterwards."""

    what_next = text_field(
        "What next?", longest=1_000, rows=4,
        hint="Two sentences: what you took home, what happens with it, whom to ask.",
    )  # fmt: skip
