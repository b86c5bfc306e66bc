"""What is asked about an account: as little as it takes."""

from collections.abc import Collection

from wtforms import Field
from wtforms.validators import ValidationError

from registry.accounts.catalogue_address import LANGUAGE_WORDS, STANDING_WORDS
from registry.accounts.models import State
from registry.accounts.naming.words import STANDINGS as MEANINGS
from registry.fields import Form, choice_field, hidden_field, line_field, pick_field, text_field
from registry.guidelines.models import Principle
from registry.guidelines.principles import to_serve
from registry.people.colleagues import colleague

STANDINGS = tuple(STANDING_WORDS.items())
STANDING_HINTS = {standing.value: f"{one.means} {one.when}" for standing, one in MEANINGS.items()}
LANGUAGES = tuple(LANGUAGE_WORDS.items())


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
    owner = colleague("Who answers for it?")
    deputy = colleague(
        "Who can take over when they are away?",
        hint="A colleague with access. You can leave this empty: the next page shows who else is on this platform.",
    )

    #: Whether it needs an owner. It does not where nobody answers for it today: all else can be mended before.
    owned = True

    def validate_owner(self, field: Field) -> None:
        """Somebody answers for it."""
        if self.owned and not field.data:
            raise ValidationError("Enter who answers for it.")

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
    place = line_field(
        "Place", longest=120, hint="The town, building or area that it is about. Leave it empty if it is no one place."
    )
    principle = pick_field("Which principle does it serve most?", hint="Of the guidelines. You can leave it open.")
    stamp = hidden_field()
    state = pick_field("State", [(state.value, state.value.capitalize()) for state in State])


def offer_principles(form: ChangeAccountForm, serves: int | None) -> None:
    """Have the form offer the principles in force, and the one that the account ``serves`` already."""
    offered = to_serve(serves)
    named = [(str(one.id), label(one, offered)) for one in offered]
    form.principle.choices = [("", "None in particular"), *named]


def label(principle: Principle, offered: Collection[Principle]) -> str:
    """A principle as a list names it: with its document, where they are of more than one."""
    several = len({one.document_id for one in offered}) > 1
    document = f" – {principle.document.title}" if several else ""
    return f"{principle.name}{document}{' (no longer in force)' if principle.retired_at else ''}"


class SendBackForm(Form):
    """Why a proposal needs another look."""

    reason = text_field(
        "What should they change?", need="Say what should change, so that they can mend it.", longest=1_000, rows=4,
        hint="They read this in your words.",
    )  # fmt: skip


class ButtonForm(Form):
    """Nothing but a button."""
