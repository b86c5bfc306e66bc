"""What somebody tells colleagues about themselves, with who sees each part of it."""

from collections.abc import Iterable
from typing import Final

from wtforms import BooleanField, Field, SelectField
from wtforms.validators import ValidationError

from registry.accounts.actions import MOST_TOPICS
from registry.accounts.models import LONGEST_TOPIC, topic_names
from registry.fields import Form, line_field, pick_field, text_field, ticks_field
from registry.network.actions import AT_FIRST
from registry.network.models import Audience, Profile, Relation

#: Who sees a part, as the selects beside the fields say it.
AUDIENCES: Final = (
    (Audience.COLLEAGUES.value, "All colleagues"),
    (Audience.PEERS.value, "Colleagues with a profile"),
    (Audience.ORGANISERS.value, "Organisers and comms"),
)
#: Offers that many have, to tick.
COMMON: Final = (
    "photography", "video", "writing", "graphic design", "analytics", "accessibility", "crisis communication",
    "difficult comments", "live events", "Welsh translation",
)  # fmt: skip
#: The fields that hold topics, and how somebody stands to these.
RELATIONS: Final = {"topics": Relation.TOPIC, "offers": Relation.OFFER, "asks": Relation.ASK}


def split(typed: str) -> list[str]:
    """The topics in what somebody typed, separated by commas, semicolons or lines."""
    return [part.strip() for part in typed.replace(";", ",").replace("\n", ",").split(",") if part.strip()]


def _keepable(names: Iterable[str]) -> None:
    """Raises ``ValidationError`` where some of ``names`` would be left out or cut."""
    named = topic_names(names)
    if len(named) > MOST_TOPICS:
        raise ValidationError(f"These are {len(named)}. Choose the {MOST_TOPICS} that matter most.")
    for name in names:
        if len(name) > LONGEST_TOPIC:
            raise ValidationError(f"“{name[:20]}…” is too long: use at most {LONGEST_TOPIC} characters for each.")


def few_topics(_form: Form, field: Field) -> None:
    """Topics in a line are few and short enough to be kept whole."""
    _keepable(split(field.data))


def _whom(part: str) -> SelectField:
    return pick_field("Who sees it?", AUDIENCES, default=AT_FIRST[part].value)


class ProfileForm(Form):
    """One's own profile."""

    about = text_field(
        "What do you do, in a sentence or two?", longest=600, rows=3,
        hint="As you would tell a colleague at the kettle.",
    )  # fmt: skip
    about_for = _whom("about")
    topics = line_field(
        "What do you post about?",
        longest=500,
        hint="Separate with commas: libraries, reading, Welsh language",
        checks=(few_topics,),
    )
    topics_for = _whom("topics")
    common = ticks_field("What can you help with?", [(one, one[:1].upper() + one[1:]) for one in COMMON])
    offers = line_field("Anything else you can help with?", longest=500, hint="Separate with commas.")
    offers_for = _whom("offers")
    asks = line_field(
        "What would you like help with?",
        longest=500,
        hint="Nobody knows everything. This is how the right people find you.",
        checks=(few_topics,),
    )
    asks_for = _whom("asks")
    place = line_field("Where are you mostly?", longest=120, hint="A building, a depot, a ward.")
    place_for = _whom("place")
    reach = line_field(
        "How are you best reached?", longest=200, hint="For example: by phone before seven, never on Wednesdays."
    )
    reach_for = _whom("reach")

    def begin_with(self, profile: Profile) -> None:
        """Show what was said."""
        for name in ("about", "place", "reach"):
            self[name].data = getattr(profile, name)
        for name in AT_FIRST:
            self[f"{name}_for"].data = getattr(profile, f"{name}_for").value
        for name, relation in RELATIONS.items():
            said = [one.topic.name for one in profile.interests if one.relation is relation]
            if relation is Relation.OFFER:
                ticked = {one.casefold(): one for one in COMMON}
                self.common.data = [ticked[one.casefold()] for one in said if one.casefold() in ticked]
                said = [one for one in said if one.casefold() not in ticked]
            self[name].data = ", ".join(said)

    def validate_offers(self, _field: Field) -> None:
        """Those that are ticked count, too."""
        _keepable(self.all_offers)

    @property
    def audiences(self) -> dict[str, Audience]:
        """Who sees which part; as it is at first, where a program does not say."""
        return {name: Audience(self[f"{name}_for"].data or first) for name, first in AT_FIRST.items()}

    @property
    def all_offers(self) -> list[str]:
        """What was ticked, and what was typed."""
        return [*(self.common.data or ()), *split(self.offers.data)]


class ChoicesForm(Form):
    """What somebody may be asked by peers."""

    introductions = BooleanField("Introduce me to colleagues who do the same work")
    calls = BooleanField(
        "Ask me when somebody needs help that I could give", description="At most twice a week, by mail."
    )
