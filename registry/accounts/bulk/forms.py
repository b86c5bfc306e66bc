"""What may be changed of many accounts at once; what is left empty stays."""

from typing import Any, Final

from wtforms import Field
from wtforms.validators import ValidationError

from registry.accounts.bulk.plans import Wish
from registry.accounts.bulk.queries import MOST
from registry.accounts.catalogue_address import STANDING_WORDS
from registry.accounts.forms import label
from registry.accounts.models import Standing, topic_names
from registry.db import today
from registry.fields import A_LINE, Form, Readable, hidden_field, line_field, pick_field, trimmed
from registry.guidelines.principles import to_serve
from registry.people.colleagues import colleague
from registry.people.guest_forms import DayField, TeamField
from registry.web import whole

HOW: Final = (("add", "Add these"), ("remove", "Take these away"), ("only", "These and no others"))
STAYS: Final = "Leave as it is"
NONE: Final = "none"


class SeveralForm(Form):
    """What all of the chosen accounts shall have."""

    #: The accounts, each as its id and the stamp that it had when it was looked at, with blanks between.
    seen = hidden_field()
    #: What the list asked for, to go back to it.
    asks = hidden_field()
    owner = colleague("Who answers for them?", hint="Accounts go with their owner to the owner’s team.")
    deputy = colleague("Who can take over?")
    team = TeamField(
        "Team", filters=[trimmed], validators=[Readable(A_LINE)],
        render_kw={"autocomplete": "off", "list": "teams", "spellcheck": "false"},
    )  # fmt: skip
    standing = pick_field("Standing", [("", STAYS), *STANDING_WORDS.items()])
    topics = line_field("Topics", longest=400, hint="Separate with commas: libraries, reading")
    how = pick_field("What to do with these topics", HOW)
    principle = pick_field("Which principle do they serve most?", hint="Of the guidelines.")
    place = line_field("Place", longest=120, hint="The town, building or area that the accounts are about.")
    review_on = DayField("Day of the next review", filters=[trimmed], validators=[Readable(A_LINE)])

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.offered = {str(one.id): one for one in to_serve()}
        named = [(number, label(one, self.offered.values())) for number, one in self.offered.items()]
        self.principle.choices = [("", STAYS), (NONE, "None in particular"), *named]

    def validate_review_on(self, field: Any) -> None:
        """A review is still to come."""
        if field.day and field.day < today():
            raise ValidationError("Enter a day from today on.")

    def validate_deputy(self, _field: Field) -> None:
        """One person cannot be both."""
        if self.deputy.person and self.owner.person and self.deputy.person.id == self.owner.person.id:
            raise ValidationError("The deputy must be somebody other than the owner.")

    @property
    def stamps(self) -> dict[int, str]:
        """The stamp of each account by its id; what is no such pair is left out."""
        pairs = (pair.partition(".") for pair in (self.seen.data or "").split())
        numbered = [(whole(number), stamp) for number, _, stamp in pairs]
        return dict([(number, stamp) for number, stamp in numbered if number is not None][:MOST])

    @property
    def wish(self) -> Wish:
        """What it asks for, once it is valid."""
        names = topic_names(self.topics.data.replace(";", ",").split(","))
        return Wish(
            owner=self.owner.person, deputy=self.deputy.person, team=self.team.team,
            standing=Standing(self.standing.data) if self.standing.data else None, place=self.place.data or None,
            principle=False if self.principle.data == NONE else self.offered.get(self.principle.data or ""),
            review_on=self.review_on.day, topics=tuple(names.values()),
            how=self.how.data or "add",
        )  # fmt: skip
