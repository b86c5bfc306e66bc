"""What administrators are asked for before a held reading of the directory goes on."""

from registry.fields import Form, line_field


class AcceptForm(Form):
    """The number of people to let go, repeated."""

    leavers = line_field(
        "How many people shall go?", need="Enter the number of people who shall go.",
        hint="Repeat the number above, so that nobody lets people go unseen.", inputmode="numeric",
        autocomplete="off",
    )  # fmt: skip
