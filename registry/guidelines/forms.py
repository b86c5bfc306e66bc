"""What is asked of those who write guidelines, and of those who sign them."""

from wtforms import BooleanField
from wtforms.validators import InputRequired

from registry.fields import Form, choice_field, hidden_field, line_field, text_field

LONGEST_TEXT = 200_000


class DraftForm(Form):
    """The text of a version, and what is new in it. ``begun`` is the stamp of the draft that it began from."""

    begun = hidden_field()
    text = text_field(
        "The guidelines", need="Write the guidelines.", longest=LONGEST_TEXT, rows=24, exact=True,
        hint="Markdown: # for a heading, - for a list, **bold**. Put your few principles first.",
    )  # fmt: skip
    summary = text_field(
        "What changed, and why", rows=3, longest=1_000,
        hint="One or two sentences for people who signed the version before.",
    )  # fmt: skip
    material = choice_field(
        "Who should be asked?",
        [("yes", "Everyone signs again: what is expected of them changed"), ("no", "Nobody: wording only")],
        need="Say whether people sign again.", default="yes",
    )  # fmt: skip


class NewDocumentForm(DraftForm):
    """A new set of guidelines."""

    title = line_field("Title", need="Give the guidelines a title.", longest=120)


class SignForm(Form):
    """One tick, for the version that was read."""

    version = hidden_field()
    agreed = BooleanField(validators=[InputRequired("Tick the box to say that you agree.")])


class PublishForm(Form):
    """The version that was looked at before it counts."""

    version = hidden_field()
