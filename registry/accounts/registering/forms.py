"""What a line manager is asked, where it is not all right with them."""

from registry.fields import Form, text_field


class RefuseForm(Form):
    """Why not."""

    reason = text_field(
        "What worries you?", need="Say what worries you, so that it can be put right.", longest=1_000, rows=4,
        hint="Your colleague and comms read this in your words. Comms decide.",
    )  # fmt: skip
