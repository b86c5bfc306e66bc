"""What is asked of whoever invites: whom, what the mail says, and the number once more."""

from collections.abc import Sequence
from typing import Any, Final

from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import ValidationError

from registry.accounts.catalogue_address import STANDING_WORDS
from registry.accounts.platforms import PLATFORMS
from registry.db import today
from registry.fields import (
    A_LINE,
    Form,
    Readable,
    choice_field,
    hidden_field,
    line_field,
    pick_field,
    text_field,
    ticks_field,
    trimmed,
)
from registry.guidelines.models import Document
from registry.meetups.inviting import letters
from registry.meetups.inviting.choosing import AMONG, CAME, PARTS, Choice
from registry.people.colleagues import colleague
from registry.people.guest_forms import DayField, TeamField
from registry.people.models import Person
from registry.web import whole

LONE: Final = "lone"


class WhoForm(Form):
    """Whom to invite."""

    #: The draft that it is about, where there is one.
    draft = hidden_field()
    among = choice_field("Look among", AMONG.items(), need="Choose among whom to look.", default="running")
    part = pick_field("What they are to an account", [(key, words) for key, words in PARTS.items()])
    platform = pick_field("On which platform", [("", "Any"), *((slug, one.name) for slug, one in PLATFORMS.items())])
    standing = pick_field("Standing of the account", [("", "Any"), *STANDING_WORDS.items()])
    place = pick_field("Place of the account")
    topic = pick_field("Topic", hint="Of an account, or in a profile.")
    team = TeamField(
        "Team", description="With the teams within it.", filters=[trimmed], validators=[Readable(A_LINE)],
        render_kw={"autocomplete": "off", "list": "teams", "spellcheck": "false"},
    )  # fmt: skip
    under = colleague("Reports to", hint="Everybody below that person, however far.")
    since = DayField(
        "New since", description="They run an account, and none from before that day.", filters=[trimmed],
        validators=[Readable(A_LINE)],
    )  # fmt: skip
    came = pick_field("At meetups before", [(key, words or "Does not matter") for key, words in CAME.items()])
    lone = ticks_field("On their own", [(LONE, "Nobody else answers for it, and nobody else in their team runs one")])
    signed = pick_field("Guidelines")

    def offer(self, *, places: Sequence[str], topics: Sequence[tuple[int, str]], documents: Sequence[Document]) -> None:
        """Offer what there is to choose from."""
        self.place.choices = [SelectChoice("", "Any"), *(SelectChoice(one, one) for one in places)]
        self.topic.choices = [SelectChoice("", "Any"), *(SelectChoice(str(number), name) for number, name in topics)]
        told = [
            SelectChoice(f"{answer}-{one.id}", f"{words} “{one.title}”")
            for one in documents for answer, words in (("no", "Have not signed"), ("yes", "Have signed"))
        ]  # fmt: skip
        self.signed.choices = [SelectChoice("", "Does not matter"), *told]

    def fill(self, choice: Choice, *, team: str, under: str) -> None:
        """Show what was chosen before."""
        for name in ("among", "part", "platform", "standing", "place", "came"):
            self[name].data = getattr(choice, name)
        self.topic.data, self.team.data, self.under.data = str(choice.topic or ""), team, under
        self.since.data = choice.since.isoformat() if choice.since else ""
        self.lone.data = [LONE] if choice.lone else []
        self.signed.data = f"{choice.signed}-{choice.document}" if choice.signed else ""

    def validate_since(self, field: Any) -> None:
        """A day that has been."""
        if field.day and field.day > today():
            raise ValidationError("Enter a day that has been.")

    @property
    def choice(self) -> Choice:
        """What it asks for, once it is valid."""
        signed, _, document = (self.signed.data or "").partition("-")
        under: Person | None = self.under.person
        return Choice(
            among=self.among.data, part=self.part.data or "", platform=self.platform.data or "",
            standing=self.standing.data or "", place=self.place.data or "", topic=whole(self.topic.data),
            team=self.team.team.id if self.team.team else None, since=self.since.day, came=self.came.data or "",
            lone=LONE in (self.lone.data or ()), signed=signed, document=whole(document),
            under=under.id if under else None,
        )  # fmt: skip


class AddForm(Form):
    """Somebody who is to be on the list, too."""

    person = colleague("Add somebody by name", need="Enter who should be on the list, too.")


def _stands_for_something(_form: Any, field: Field) -> None:
    if wrong := letters.unknown(field.data or ""):
        known = ", ".join(f"{{{one}}}" for one in letters.PLACEHOLDERS)
        raise ValidationError(f"{{{wrong[0]}}} stands for nothing. You can use {known}.")


class WordsForm(Form):
    """What the mail says."""

    subject = line_field("Subject", need="Enter a subject.", longest=150, checks=[_stands_for_something])
    text = text_field(
        "Text", need="Write what the mail says.", rows=14, checks=[_stands_for_something],
        hint="A link to answer stands below it, for each their own. In curly brackets you can write {given name},"
        " {meetup}, {when} and {place}.",
    )  # fmt: skip


class CommentForm(Form):
    """What somebody says of a draft."""

    text = text_field("What would you change?", need="Write what you would say to whoever began this.", rows=3,
                      longest=1_000)  # fmt: skip


class SendForm(Form):
    """The number once more, so that nobody writes to others than they have looked at."""

    expected = hidden_field()
