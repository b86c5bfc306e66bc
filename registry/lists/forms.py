"""What is asked about a list of whom to follow."""

from typing import Any

from registry.fields import Form, choice_field, hidden_field, line_field, text_field
from registry.lists.models import Audience

AUDIENCES = (
    (Audience.MAKER.value, "Only me and comms, for now"),
    (Audience.COLLEAGUES.value, "All colleagues"),
    (Audience.EVERYONE.value, "Everyone"),
)
AUDIENCE_HINTS = {
    Audience.COLLEAGUES.value: "Anybody who can sign in here can read it and share its address with another.",
    Audience.EVERYONE.value: "People outside can read it too. They see only the accounts that are for everyone.",
}


class ListForm(Form):
    """What a list is about, and whom it is for."""

    title = line_field("Title", need="Give the list a title.", longest=120, hint="For example: Libraries to follow")
    topic = line_field(
        "Topic", longest=60, hint="Accounts about this topic are offered first.", list="topics", autocomplete="off"
    )
    about = text_field("Introduction", longest=600, rows=3, hint="One or two sentences on whom it is for.")
    audience = choice_field("Who can read it?", AUDIENCES, need="Choose who can read it.")

    def keep_inside(self) -> None:
        """Take no list for people outside: what they read, comms decide."""
        choices: Any = self.audience.choices
        self.audience.choices = [one for one in choices if one.value != Audience.EVERYONE.value]


class WhyForm(Form):
    """Why to follow an account."""

    why = text_field(
        "Why follow it?", need="Say in a sentence why to follow it.", longest=300, rows=2,
        hint="One sentence, as you would say it to a colleague.",
    )  # fmt: skip


class MoveForm(Form):
    """One place up, or one down."""

    direction = hidden_field()
