"""What is asked about somebody who is not in the directory."""

from datetime import date, datetime
from typing import Any, Final

from wtforms import BooleanField, Field, StringField
from wtforms.validators import DataRequired, ValidationError
from wtforms.widgets import DateInput

from registry.fields import A_LINE, Form, Readable, choice_field, line_field, shown, trimmed
from registry.people import guests
from registry.people.colleagues import colleague
from registry.people.models import GuestKind, Team

KINDS: Final = (
    (GuestKind.CONTRACTOR.value, "Contractor"),
    (GuestKind.VOLUNTEER.value, "Volunteer"),
    (GuestKind.PARTNER.value, "Partner"),
)
KIND_HINTS: Final = {
    GuestKind.CONTRACTOR.value: "Paid by the day or through a firm.",
    GuestKind.VOLUNTEER.value: "Gives their time: a friend of the library, a path warden.",
    GuestKind.PARTNER.value: "Works for another organisation, and with you.",
}
#: How a day may be written: as browsers with a calendar send it, and as people type it.
DAYS: Final = ("%Y-%m-%d", "%d/%m/%Y", "%d %B %Y")


class DayField(StringField):
    """A day; ``day`` is what was understood, or ``None``."""

    widget = DateInput()
    day: date | None = None

    def pre_validate(self, _form: Any) -> None:
        """Understand the day. Raises ``ValidationError`` where it is none."""
        self.day = None
        if not (typed := (self.data or "").strip()) or typed != shown(typed):
            return
        for pattern in DAYS:
            try:
                self.day = datetime.strptime(typed, pattern).date()  # noqa: DTZ007 - a day has no time zone
            except ValueError:
                continue
            return
        raise ValidationError("Enter a day, for example 31/03/2027.")


class TeamField(StringField):
    """A team that there is, by its name or its path; ``team`` is the one found, or ``None`` where it is empty."""

    team: Team | None = None

    def pre_validate(self, _form: Any) -> None:
        """Look the team up. Raises ``ValidationError`` where none or more than one fits."""
        self.team = None
        if not (typed := (self.data or "").strip()) or typed != shown(typed):
            return
        found = guests.teams_named(typed)
        if len(found) == 1:
            self.team = found[0]
        elif found:
            paths = "; ".join(team.path for team in found)
            raise ValidationError(f"Which of these teams? Enter it with what is above it: {paths}.")
        else:
            raise ValidationError("There is no team of that name. Choose one from the list, or leave this empty.")


def _last_day(hint: str) -> DayField:
    need = "Enter the last day on which they are with you."
    return DayField("Last day", description=hint, filters=[trimmed], validators=[Readable(A_LINE), DataRequired(need)])


class LastDayForm(Form):
    """Until when somebody is a guest, and who answers for them."""

    ends_on = _last_day("At most a year later than it is now.")
    sponsor = colleague(
        "Who answers for them?", need="Enter who answers for them.",
        hint="Their sponsor works here. We write to the sponsor two weeks before the last day.",
    )  # fmt: skip


class GuestForm(LastDayForm):
    """A new guest."""

    name = line_field("Name", need="Enter their name.", autocomplete="off", spellcheck="false")
    mail = line_field(
        "Email address", autocomplete="off", spellcheck="false", type="email",
        hint="With it they can sign in, where your organisation has single sign-on.",
    )  # fmt: skip
    title = line_field("What do they do?", need="Say what they do, as on a badge.", longest=120)
    team = TeamField(
        "Team", filters=[trimmed], validators=[Readable(A_LINE)],
        render_kw={"autocomplete": "off", "list": "teams", "spellcheck": "false"},
    )  # fmt: skip
    kind = choice_field("What are they to you?", KINDS, need="Choose what they are to you.")
    ends_on = _last_day("At most two years from today. You can put it off later.")
    another = BooleanField("This is somebody else of the same name")

    def validate_mail(self, field: Field) -> None:
        """An address that mail can be sent to."""
        from email_validator import EmailNotValidError, validate_email

        if field.data and not field.errors:  # What is far too long takes seconds to be looked at.
            try:
                validate_email(field.data, check_deliverability=False, test_environment=True)
            except EmailNotValidError:
                raise ValidationError("Enter an email address like mair.huws@example.org, or none.") from None


class MergeForm(Form):
    """Who a guest is in the directory."""

    colleague = colleague(
        "Who are they in the directory?", need="Enter who they are in the directory.",
        hint="A username, a work email address or a name. Nothing changes yet: the next page shows both.",
    )  # fmt: skip
