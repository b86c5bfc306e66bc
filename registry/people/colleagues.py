"""The field that asks for a colleague: accounts have owners and deputies, guests have sponsors."""

from typing import Any

from wtforms import StringField
from wtforms.validators import DataRequired, ValidationError

from registry.fields import A_LINE, Readable, shown, trimmed
from registry.people import queries as people
from registry.people.models import Person


class PersonField(StringField):
    """A colleague, by username, mail or name; ``person`` is who was found, or ``None`` where it is empty."""

    person: Person | None = None

    def pre_validate(self, _form: Any) -> None:
        """Look the colleague up. Raises ``ValidationError`` where nobody or more than one fits."""
        self.person = None
        if not (typed := (self.data or "").strip()) or typed != shown(typed):
            return  # What cannot be shown names nobody, and PostgreSQL would not take it; ``Readable`` says so.
        if found := people.by_login(typed):
            self.person = found
            return
        several = people.suggestions(typed, most=6)
        if len(several) == 1:
            self.person = several[0]
        elif several:
            names = ", ".join(f"{one.name} ({one.username})" for one in several)
            raise ValidationError(f"Which of these colleagues? Enter the name in brackets: {names}.")
        else:
            raise ValidationError("Nobody of that name works here. Enter a username, a work email address or a name.")


def colleague(label: str, *, hint: str = "", need: str = "") -> PersonField:
    """A field for one colleague."""
    first = [DataRequired(need)] if need else []
    return PersonField(
        label, description=hint, filters=[trimmed], validators=[*first, Readable(A_LINE)],
        render_kw={
            "autocomplete": "off", "list": "colleagues", "spellcheck": "false", "hx-get": "/accounts/colleagues",
            "hx-trigger": "input changed delay:250ms", "hx-target": "#colleagues", "hx-swap": "innerHTML",
        },
    )  # fmt: skip
