"""What is asked about an account: as little as it takes."""

from typing import Any

from wtforms import Field, StringField
from wtforms.validators import DataRequired, ValidationError

from registry.accounts.models import Standing, State
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
from registry.people import queries as people
from registry.people.models import Person

STANDINGS = (
    (Standing.OFFICIAL.value, "Official"),
    (Standing.SEMI_OFFICIAL.value, "Semi-official"),
    (Standing.PERSONAL.value, "Personal, with a role"),
    (Standing.PARTNER.value, "Partner"),
)
STANDING_HINTS = {
    Standing.OFFICIAL.value: "It speaks for the organisation or one of its services.",
    Standing.SEMI_OFFICIAL.value: "A team or a place in its own voice: a library, a depot, a project.",
    Standing.PERSONAL.value: "Your own account, in which you say what your job is. Only you can register it.",
    Standing.PARTNER.value: "Run together with others, or by others for us.",
}
LANGUAGES = (
    ("en", "English"),
    ("cy", "Welsh"),
    ("en cy", "English and Welsh"),
    ("other", "Another language"),
)


class PersonField(StringField):
    """A colleague, by username, mail or name; ``person`` is who was found, or ``None`` where it is empty."""

    person: Person | None = None

    def pre_validate(self, _form: Any) -> None:
        """Look the colleague up. Raises ``ValidationError`` where nobody or more than one fits."""
        self.person = None
        if not (typed := (self.data or "").strip()) or typed != shown(typed):
            return  # What cannot be shown names nobody, and PostgreSQL would not take it; ``Readable`` says so.
        if found := people.by_login(typed):
            self.person = found
            return
        several = people.suggestions(typed, most=6)
        if len(several) == 1:
            self.person = several[0]
        elif several:
            names = ", ".join(f"{one.name} ({one.username})" for one in several)
            raise ValidationError(f"Which of these colleagues? Enter the name in brackets: {names}.")
        else:
            raise ValidationError("Nobody of that name works here. Enter a username, a work email address or a name.")


def colleague(label: str, *, hint: str = "", need: str = "") -> PersonField:
    """A field for one colleague."""
    first = [DataRequired(need)] if need else []
    return PersonField(
        label, description=hint, filters=[trimmed], validators=[*first, Readable(A_LINE)],
        render_kw={
            "autocomplete": "off", "list": "colleagues", "spellcheck": "false", "hx-get": "/accounts/colleagues",
            "hx-trigger": "input changed delay:250ms", "hx-target": "#colleagues", "hx-swap": "innerHTML",
        },
    )  # fmt: skip


class NewAccountForm(Form):
    """What the directory and the address do not tell already."""

    address = hidden_field()
    platform = hidden_field()
    title = line_field(
        "Name of the account", need="Give the account a name that colleagues would know it by.", longest=120
    )
    purpose = text_field(
        "What is it for?", need="Say in a sentence what the account is for.", longest=600, rows=3,
        hint="One or two sentences, as you would tell a resident.",
    )  # fmt: skip
    standing = choice_field("Who does it speak for?", STANDINGS, need="Choose who it speaks for.")
    owner = colleague("Who answers for it?", need="Enter who answers for it.")
    deputy = colleague(
        "Who can take over when they are away?",
        hint="A colleague with access. You can leave this empty: the next page shows who else is on this platform.",
    )

    def validate_deputy(self, _field: Field) -> None:
        """One person cannot be both."""
        if self.deputy.person and self.owner.person and self.deputy.person.id == self.owner.person.id:
            raise ValidationError(
                "The deputy must be somebody other than the owner. Leave it empty if there is nobody yet."
            )


class ChangeAccountForm(NewAccountForm):
    """The same later, with what has turned up since."""

    language = choice_field("Which language is it in?", LANGUAGES, need="Choose a language.", default="en")
    topics = line_field("Topics", longest=400, hint="Separate with commas: libraries, reading")
    state = pick_field("State", [(state.value, state.value.capitalize()) for state in State])


class SendBackForm(Form):
    """Why a proposal needs another look."""

    reason = text_field(
        "What should they change?", need="Say what should change, so that they can mend it.", longest=1_000, rows=4,
        hint="They read this in your words.",
    )  # fmt: skip


class ButtonForm(Form):
    """Nothing but a button."""
