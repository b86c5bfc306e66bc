"""What is asked for to make a token."""

from registry.api.models import Scope
from registry.fields import Form, choice_field, line_field, ticks_field

SCOPES = (
    (Scope.ACCOUNTS.value, "Every account that colleagues may see"),
    (Scope.PEOPLE.value, "Who answers for them"),
    (Scope.MAIL.value, "Mail addresses"),
)
SCOPE_HINTS = {
    Scope.ACCOUNTS.value: "Whatever their state. Without this, only those that anybody may see.",
    Scope.PEOPLE.value: "Name, job and team of owners and deputies.",
    Scope.MAIL.value: "Of those people, and the mailboxes of accounts.",
}
LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "A year"))


class TokenForm(Form):
    """A token for a program."""

    name = line_field(
        "Which program is it for?", need="Say which program it is for, so that it can be found again.", longest=80,
        hint="For example: council website, contact page",
    )  # fmt: skip
    scopes = ticks_field("What may it read, beyond what anybody may?", SCOPES)
    lifetime = choice_field("How long is it good for?", LIFETIMES, need="Choose how long it is good for.")
