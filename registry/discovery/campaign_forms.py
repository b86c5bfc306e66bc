"""What is asked about a campaign, and by one."""

from typing import Final

from wtforms import RadioField
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import Optional

from registry.discovery.campaign_models import Readiness, Use
from registry.fields import A_LINE, Form, Readable, choice_field, hidden_field, line_field, text_field, trimmed
from registry.people.guest_forms import TeamField


class CampaignForm(Form):
    """A question to a team, or to everybody."""

    title = line_field(
        "Subject of the mail", need="Give it a subject.", longest=120, hint="Do you use social media for work?"
    )
    team = TeamField(
        "Which team?", description="With those within it. Leave it empty to ask everybody.", filters=[trimmed],
        validators=[Readable(A_LINE)], render_kw={"autocomplete": "off", "list": "teams", "spellcheck": "false"},
    )  # fmt: skip
    text = text_field("What do you tell them?", need="Write what they are told.", longest=3_000, rows=10)


class BeginForm(Form):
    """Beginning to ask: how many people were shown."""

    count = hidden_field()


#: What somebody may answer, with the words on the button.
ANSWERS: Final = (
    (Use.YES.value, "Yes"),
    (Use.SOMETIMES.value, "Sometimes"),
    (Use.NO.value, "No"),
    (Use.KNOWS.value, "Not I, but I know of an account"),
)


class AskedForm(Form):
    """Whether somebody uses social media for work."""

    #: A button each: one press answers.
    use = choice_field("Do you use social media for work?", list(ANSWERS), need="Press one of the answers.")
    said = text_field(
        "Which accounts?",
        longest=1_000,
        rows=2,
        hint="Paste an address or a handle; a guess is fine. You can leave it.",
    )
    readiness = RadioField(
        "How do you feel about registering?",
        choices=[
            SelectChoice(Readiness.WILLING.value, "Willing: show me how"),
            SelectChoice(Readiness.CURIOUS.value, "Curious: tell me more"),
            SelectChoice(Readiness.NOT_YET.value, "Not yet"),
        ],
        validators=[Optional()],
    )
