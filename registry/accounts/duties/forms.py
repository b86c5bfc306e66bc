"""What is asked of whoever says who must sign."""

from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType
from typing import Final

from wtforms import Field
from wtforms.fields.choices import SelectChoice  # type: ignore[attr-defined]  # newer than the stubs
from wtforms.validators import ValidationError

from registry.accounts.catalogue_address import STANDING_WORDS
from registry.accounts.duties import queries
from registry.accounts.duties.models import WORDS, New, Wish
from registry.accounts.duties.queries import Told
from registry.accounts.platforms import PLATFORMS
from registry.fields import (
    A_LINE,
    Form,
    Readable,
    hidden_field,
    line_field,
    pick_field,
    stamp_of,
    text_field,
    ticks_field,
    trimmed,
)
from registry.guidelines.models import Document, Whom
from registry.people.guest_forms import TeamField
from registry.people.models import Person
from registry.web import whole

MOST_NAMES: Final = 100
MOST_DAYS: Final = 365
AGAIN: Final = (
    ("", "Never"), ("6", "Every six months"), ("12", "Every year"), ("24", "Every two years"),
    ("36", "Every three years"),
)  # fmt: skip


def _mark(rule: Told) -> str:
    """A rule as the form carries it: a number alone may be that of another rule, once one is ended."""
    return f"{rule.id}-{stamp_of(rule.words)}"


def _written(document: Document, rules: Sequence[Told]) -> str:
    """The times and the rules of today, as the form carries them."""
    return " ".join([str(document.grace_days), str(document.again_months or 0), *map(_mark, rules)])


class RulesForm(Form):
    """The rules that stay, one more, and the times."""

    #: Who was named, by what was typed, once that is valid.
    people: Mapping[str, Person] = MappingProxyType({})
    #: The stamp of what was shown when the button was pressed; empty where nothing was.
    seen = hidden_field()
    #: The rules and times that the form was opened with; of a form that does not say, those of today.
    begun = hidden_field()
    kept = ticks_field("Rules that stay", ())
    whom = ticks_field("Who else must sign?", [(whom.value, words) for whom, words in WORDS.items()])
    standing = pick_field("Of accounts of which standing?", [("", "Any"), *STANDING_WORDS.items()])
    platform = pick_field("On which platform?", [("", "Any"), *((slug, one.name) for slug, one in PLATFORMS.items())])
    team = TeamField(
        "In which team?", filters=[trimmed], validators=[Readable(A_LINE)],
        description="With the teams within it. Leave this empty for all.",
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )  # fmt: skip
    names = text_field(
        "Who else, by name?", rows=3, hint="Usernames or work email addresses, one a line.",
    )  # fmt: skip
    grace_days = line_field(
        "Days to sign", need="Enter how many days people have to sign.", longest=3, inputmode="numeric",
        hint="From the day on which somebody is asked.",
    )  # fmt: skip
    again_months = pick_field("Ask again", AGAIN, hint="A sign-off that is so old is asked for anew.")

    def offer(self, rules: Sequence[Told]) -> None:
        """Offer the rules of today to be kept."""
        self.kept.choices = [SelectChoice(str(one.id), f"{one.words} ({one.people:,})") for one in rules]

    def fill(self, document: Document, rules: Sequence[Told]) -> None:
        """Show how it is today."""
        self.kept.data = [str(one.id) for one in rules]
        self.grace_days.data = str(document.grace_days)
        self.again_months.data = str(document.again_months or "")
        self.begun.data = _written(document, rules)

    def catch_up(self, document: Document, rules: Sequence[Told]) -> list[str]:
        """Take in what colleagues have changed since the form was opened: what that was, a sentence each.

        A rule of theirs stays ticked, one that they ended is ticked no more, and a time that was not touched here is
        theirs. Call it after ``offer``, and before anything is looked at.
        """
        if not self.begun.data or self.begun.data == (now := _written(document, rules)):
            return []
        grace_days, again_months, *then = [*str(self.begun.data).split(), "", ""]
        self.begun.data = now
        return [
            *self._rules_of_others({one for one in then if one}, rules),
            *self._time_of_others(self.grace_days, whole(grace_days), document.grace_days, "Days to sign"),
            *self._time_of_others(self.again_months, whole(again_months) or None, document.again_months, "Ask again"),
        ]

    def _rules_of_others(self, then: Collection[str], rules: Sequence[Told]) -> list[str]:
        added, kept = [one for one in rules if _mark(one) not in then], set(self.kept.data or ())
        ended = len(then) - len(rules) + len(added)
        self.kept.data = [str(one.id) for one in rules if one in added or str(one.id) in kept]
        told = [f"There is one more rule: {one.words}. It is ticked." for one in added]
        if ended > 0:
            told.append("One rule is ended." if ended == 1 else f"{ended} rules are ended.")
        return told

    def _time_of_others(self, field: Field, then: int | None, now: int | None, label: str) -> list[str]:
        if then == now:
            return []
        if whole(field.data) == then:  # Nobody has touched it here.
            field.data = str(now or "")
        words = dict(AGAIN).get(str(now or ""), str(now)) if field is self.again_months else str(now)
        return [f"{label}: {words}."]

    def validate_grace_days(self, field: Field) -> None:
        """A number of days that makes sense."""
        if not 1 <= (whole(field.data) or 0) <= MOST_DAYS:
            raise ValidationError(f"Enter a number of days from 1 to {MOST_DAYS}.")

    def validate_whom(self, field: Field) -> None:
        """Everyone is asked whatever their accounts are; a narrowing needs somebody whom it narrows."""
        about_accounts = bool(self.standing.data or self.platform.data)
        if about_accounts and Whom.EVERYONE.value in (field.data or ()):
            raise ValidationError("Standing and platform are of accounts: they cannot narrow everyone.")
        if (about_accounts or self.team.data) and not field.data:
            raise ValidationError("Say who must sign: the standing, platform or team alone names nobody.")

    def validate_names(self, _field: Field) -> None:
        """People who work here."""
        typed = self._typed()
        if len(typed) > MOST_NAMES:
            raise ValidationError(f"Enter {MOST_NAMES} names or fewer; for more there is a team, or a standing.")
        self.people = queries.people_named(typed)
        if missing := [one for one in typed if one not in self.people]:
            raise ValidationError(f"Nobody works here under this username or address: {', '.join(missing[:5])}.")

    def _typed(self) -> list[str]:
        lines = (line.strip(" ,;") for line in (self.names.data or "").splitlines())
        return list(dict.fromkeys(line for line in lines if line))

    @property
    def wish(self) -> Wish:
        """What it asks for, once it is valid."""
        team_id = self.team.team.id if self.team.team else None
        some = tuple(
            New(Whom(one), self.standing.data or "", self.platform.data or "", team_id) for one in self.whom.data or ()
        )
        named = tuple(New(Whom.PERSON, person_id=person.id) for person in self.people.values())
        return Wish(
            kept=frozenset(int(one) for one in self.kept.data or ()), new=some + named,
            grace_days=whole(self.grace_days.data) or 0, again_months=whole(self.again_months.data),
        )  # fmt: skip
