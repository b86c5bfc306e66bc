"""What somebody tells colleagues about themselves."""

from registry.fields import Form, line_field, text_field


class ProfileForm(Form):
    """One's own profile."""

    about = text_field(
        "What do you do, in a sentence or two?", longest=600, rows=3,
        hint="As you would tell a colleague at the kettle.",
    )  # fmt: skip
    topics = line_field(
        "What do you post about?",
        longest=500,
        hint="Separate with commas: libraries, reading, Welsh language",
    )
    offers = line_field(
        "What can you help with?", longest=500, hint="For example: photography, video, writing, accessibility"
    )
    asks = line_field(
        "What would you like help with?",
        longest=500,
        hint="Nobody knows everything. This is how the right people find you.",
    )


def split(typed: str) -> list[str]:
    """The topics in what somebody typed, separated by commas, semicolons or lines."""
    return [part.strip() for part in typed.replace(";", ",").replace("\n", ",").split(",") if part.strip()]
