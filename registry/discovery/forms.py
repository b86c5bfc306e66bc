"""What is asked about accounts that were seen."""

from registry.accounts.platforms import OFFERED
from registry.discovery.models import ClaimAnswer
from registry.fields import Form, choice_field, line_field, pick_field, text_field
from registry.people.colleagues import colleague


class TellForm(Form):
    """An account that somebody saw."""

    seen = text_field(
        "What did you see?", need="Paste an address, or write a sentence with the handle in it.", longest=2_000, rows=3,
        hint="An address, or a sentence: saw @BrynmorGritter tweeting about the gritters.",
    )  # fmt: skip
    platform = pick_field(
        "On which platform?",
        [("", "It says so itself"), *((one.slug, one.name) for group in OFFERED.values() for one in group)],
    )


class AskForm(Form):
    """Whom to ask whether an account is theirs."""

    colleague = colleague("Whose could it be?", need="Enter who could be asked.")


class ReasonForm(Form):
    """Why an account is not ours, or how we know that it pretends."""

    reason = text_field("Why?", need="Say why, in a sentence: whoever sees it next reads it.", longest=500, rows=2)


class StepForm(Form):
    """What was done about a fake."""

    what = line_field(
        "What was done?", need="Say what was done.", longest=500,
        hint="Reported on the platform’s form, number 4711. They answer within three days.",
    )  # fmt: skip


class YoursForm(Form):
    """Whether an account is somebody's own."""

    answer = choice_field(
        "Is it yours?",
        [
            (ClaimAnswer.YES.value, "Yes, I run it"),
            (ClaimAnswer.COLLEAGUE.value, "A colleague runs it"),
            (ClaimAnswer.NO.value, "No, and I do not know whose it is"),
        ],
        need="Choose an answer.",
    )
    colleague = colleague("Which colleague?", hint="Only where a colleague runs it. We ask them as kindly as you.")
