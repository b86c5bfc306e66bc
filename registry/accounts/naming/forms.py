"""What is asked about the names of an account, and about who sees it."""

from datetime import date
from typing import Any, Final

from wtforms import Field
from wtforms.validators import ValidationError

from registry.accounts.models import Visibility
from registry.accounts.naming.words import VISIBILITIES
from registry.db import today
from registry.fields import Form, choice_field, hidden_field, line_field, text_field
from registry.people.colleagues import colleague
from registry.people.guest_forms import DayField

VISIBILITY_HINTS: Final = {value.value: one.means for value, one in VISIBILITIES.items()}
ASK, LOST, CLOSED = "ask", "lost", "closed"
THEN_HINTS: Final = {
    ASK: "Its people are asked for the new address. Until then it has none.",
    LOST: "We cannot get in any more, or do not know where it is.",
    CLOSED: "There is no such account of ours any more.",
}


class AddressForm(Form):
    """One address."""

    address = line_field(
        "What is its address now?", need="Paste the new address of the account.", longest=2_000,
        hint="Open the account in your browser and copy what the address bar says. A handle of the same platform"
        " works too.", autocomplete="off", autocapitalize="none", spellcheck="false", inputmode="url",
    )  # fmt: skip


class OtherAccountForm(Form):
    """Which account is the same one."""

    address = line_field(
        "The address of the other one", need="Paste the address of the other account.", longest=2_000,
        autocomplete="off", autocapitalize="none", spellcheck="false", inputmode="url",
    )  # fmt: skip


class TakenForm(Form):
    """Somebody else has the handle."""

    since = DayField("Since when?", description="The day, as far as you know. Leave it empty if you do not.")
    then = choice_field(
        "And our account?",
        ((ASK, "It has another address"), (LOST, "It is lost"), (CLOSED, "It is closed")),
        need="Say what became of our account.",
    )

    def keep_open(self) -> None:
        """For those who may not close it: the owner and comms do, and the deputy where the owner is gone."""
        choices: Any = self.then.choices
        self.then.choices = [one for one in choices if one.value != CLOSED]

    def validate_since(self, _field: Field) -> None:
        """It has happened."""
        if self.since.day and self.since.day > today():
            raise ValidationError("Enter a day that has been, or leave it empty.")

    @property
    def day(self) -> date:
        """Since when, today where nobody knows."""
        return self.since.day or today()


class KeepForm(Form):
    """Which of two rows stays."""

    keep = choice_field("Which of the two stays?", (), need="Choose which of the two stays.")


def _visibility_field(label: str, default: Any = None) -> Any:
    choices = [(value.value, one.word) for value, one in VISIBILITIES.items()]
    return choice_field(label, choices, need="Choose who may see it.", default=default)


class ConsentForm(Form):
    """May it be listed, and for whom."""

    visibility = _visibility_field("If it is listed, who may see it?", Visibility.COLLEAGUES.value)


class VisibilityForm(Form):
    """Who may see it."""

    visibility = _visibility_field("Who may see it?")


class AskForm(Form):
    """Whose account it is."""

    colleague = colleague(
        "Whose account is it?", need="Enter whose account it is.",
        hint="They get a mail, and the question on their home page.",
    )  # fmt: skip


class WriteForm(Form):
    """A few words to comms about an address."""

    address = hidden_field()
    words = text_field(
        "What would you like to know?", need="Write a sentence or two.", longest=1_000, rows=4,
        hint="They see your name and the address you typed, and answer you by mail.",
    )  # fmt: skip
