"""Form fields that keep what people type exactly, or say beside the field why they cannot."""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final, Self

from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired
from wtforms import (
    Field,
    HiddenField,
    PasswordField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import DataRequired, InputRequired, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

A_LINE: Final = 200
A_TEXT: Final = 5_000
#: Characters that no page shows: C0 and C1 controls but tab and line ends, half pairs, and text-direction tricks.
UNSEEN: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]")


class Line(StringField):
    """One line of text; never ``None``, since its filter makes it empty."""

    data: str


class Text(TextAreaField):
    """Several lines of text; never ``None`` either."""

    data: str


class Form(FlaskForm):  # type: ignore[misc]
    """The base of every form."""

    def fail(self, field: Field, message: str) -> None:
        """Put ``message`` beside ``field``, as the database or another slice said it."""
        field.errors = [*field.errors, message]


def lined(value: str | None) -> str:
    """The text with line ends as ``\\n``, which browsers send as two characters; an absent one is empty."""
    return (value or "").replace("\r\n", "\n").replace("\r", "\n")


def trimmed(value: str | None) -> str:
    """The text without blanks around it, with line ends as ``\\n``; an absent one is empty."""
    return lined(value).strip()


class Readable:
    """Refuses characters that cannot be shown and text that is too long, and says so."""

    def __init__(self, longest: int) -> None:
        self.longest = longest

    def __call__(self, _form: Any, field: Field) -> None:
        text = field.data or ""
        if UNSEEN.search(text):
            field.data = UNSEEN.sub("\ufffd", text)  # The page that asks again shows where they were.
            raise ValidationError("This holds characters that cannot be shown. Type it again instead of pasting it.")
        if len(text) > self.longest:
            raise ValidationError(f"Shorten this to {self.longest:,} characters or fewer. It has {len(text):,}.")


def _validators(need: str, longest: int, checks: Iterable[Any]) -> list[Any]:
    first = DataRequired(need) if need else Optional()  # ``InputRequired`` would take blanks for a text.
    return [Readable(longest), first, *checks]  # What cannot be shown is marked first, as the page repeats the text.


def line_field(
    label: str, *, need: str = "", longest: int = A_LINE, hint: str = "", checks: Iterable[Any] = (), **attributes: Any
) -> Line:
    """One line of text. ``need`` is what to say where it is empty; without it the field is optional.

    ``checks`` are validators that look at what is in it.
    """
    return Line(
        label,
        description=hint,
        filters=[trimmed],
        validators=_validators(need, longest, checks),
        render_kw=attributes,
    )


def text_field(
    label: str, *, need: str = "", longest: int = A_TEXT, hint: str = "", rows: int = 5, exact: bool = False,
    checks: Iterable[Any] = (),
) -> Text:  # fmt: skip
    """Several lines of text, without blanks around them unless it is to be kept ``exact``."""
    return Text(
        label,
        description=hint,
        filters=[lined if exact else trimmed],
        validators=_validators(need, longest, checks),
        render_kw={"rows": rows},
    )


def shown(value: str | None) -> str:
    """The text without the characters that no page shows."""
    return UNSEEN.sub("", value or "")


def hidden_field() -> HiddenField:
    """What a page remembers between two steps. Nobody typed it there, so nobody is told what is wrong with it."""
    return HiddenField(filters=[shown])


def file_field(label: str, *, need: str, hint: str = "", accept: str = "") -> FileField:
    """A file. ``need`` is what to say where there is none; ``accept`` the endings that the browser offers."""
    return FileField(label, description=hint, validators=[FileRequired(need)], render_kw={"accept": accept})


def password_field(label: str, *, need: str) -> PasswordField:
    """A password: kept exactly as typed, never shown again."""
    return PasswordField(
        label,
        validators=[InputRequired(need), Readable(1_000)],
        render_kw={"autocomplete": "current-password"},
    )


def _options(choices: Iterable[tuple[Any, str]]) -> list[SelectChoice]:
    return [SelectChoice(value, label) for value, label in choices]


def choice_field(
    label: str, choices: Iterable[tuple[Any, str]], *, need: str, hint: str = "", default: Any = None
) -> RadioField:
    """One of a few, all of them in view."""
    return RadioField(
        label, choices=_options(choices), description=hint, validators=[InputRequired(need)], default=default,
        validate_choice=True,
    )  # fmt: skip


class Checks(SelectMultipleField):
    """Some of a few. What is none of them is refused without being repeated: it may hold what no page can show."""

    def pre_validate(self, form: Any) -> None:
        """Raise ``ValidationError`` where something else was sent."""
        try:
            super().pre_validate(form)
        except ValueError:
            raise ValidationError("Choose from what is offered.") from None


def ticks_field(label: str, choices: Iterable[tuple[Any, str]], *, hint: str = "") -> Checks:
    """Any number of a few, all of them in view."""
    return Checks(
        label, choices=_options(choices), description=hint, widget=ListWidget(), option_widget=CheckboxInput()
    )


def pick_field(
    label: str, choices: Sequence[tuple[Any, str]] = (), *, hint: str = "", need: str = "", default: Any = None
) -> SelectField:
    """One of many; or none, unless ``need`` says what to say then."""
    first = DataRequired(need) if need else Optional()
    return SelectField(
        label, choices=_options(choices), description=hint, filters=[trimmed], validators=[first], default=default
    )


# --- Somebody was quicker ---------------------------------------------------------------------------------


def stamp_of(shown: Any) -> str:
    """Sixteen characters that are others as soon as anything is another of what a page has shown."""
    return hashlib.sha256(json.dumps(shown, default=str).encode()).hexdigest()[:16]


class StampedForm(Form):
    """A form that begins with what is kept, and carries a stamp of it: nobody replaces what they have never seen."""

    stamp = hidden_field()

    def stamped(self, *beside: Any) -> Self:
        """The form as it is opened, with the stamp of what it shows, and of what the page says ``beside`` it."""
        self.stamp.data = stamp_of([*((one.short_name, one.data) for one in self._asked()), *beside])
        return self

    def is_late(self, now: Self, *, by: str = "A colleague has") -> bool:
        """Whether a colleague has saved something else since it was opened; then it says so beside what differs.

        ``now`` is the form as it would be opened now, and ``by`` begins the sentence. Only of a form that is valid; of
        one without a stamp nobody was quicker. Sent once more, it counts.
        """
        if not self.stamp.data or self.stamp.data == now.stamp.data:
            return False
        self.stamp.data = now.stamp.data
        for one in self._asked():
            if _entered(one) != _entered(is_now := now[one.short_name]):
                which = f"{one.label.text}: " if hasattr(one, "understood") else ""
                self.fail(
                    one, f"{which}{by} changed this meanwhile. It is {_told(is_now)} now: press the button again where"
                    " yours is right.",
                )  # fmt: skip
        return bool(self.errors)

    def _asked(self) -> Iterator[Field]:
        return (one for one in self if one.short_name not in ("csrf_token", "stamp"))


def _entered(field: Field) -> Any:
    """What a field holds: as it was understood, where there is more than one way to write it."""
    understood = getattr(field, "understood", None)
    return (field.data or "") if understood is None else understood


def _told(field: Field) -> str:
    """What a field holds, as the page says it."""
    said = field.data
    if isinstance(field, SelectField):
        offered: Iterable[Any] = field.iter_choices()  # The stubs know these by an older name.
        said = next((one.label for one in offered if one.selected), "")
    return f"“{said}”" if said else "empty"
