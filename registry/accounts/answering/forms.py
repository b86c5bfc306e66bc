"""What is asked about who answers: each form short enough to be filled in at once, and none takes a secret."""

from typing import Final, Self

from wtforms import BooleanField, Field
from wtforms.validators import ValidationError

from registry.accounts.answering.models import AccessFacts, Closing, Kept, Loss, NameFate, Recovery, TwoStep
from registry.accounts.answering.secrecy import NoSecret
from registry.fields import Form, StampedForm, choice_field, line_field, text_field
from registry.people.colleagues import colleague

NO_SECRETS: Final = (NoSecret(),)
WHERE_KEPT: Final = (
    (Kept.VAULT.value, "In the organisation’s password manager"),
    (Kept.SSO.value, "Nowhere: people sign in with their work account"),
    (Kept.SEALED.value, "Sealed with the communications team"),
    (Kept.OWNER.value, "Only the owner has them"),
    (Kept.UNKNOWN.value, "I do not know"),
)
TWO_STEPS: Final = (
    (TwoStep.ON.value, "Yes"),
    (TwoStep.OFF.value, "No, the password is enough"),
    (TwoStep.UNKNOWN.value, "I do not know"),
)
RECOVERIES: Final = (
    (Recovery.CORPORATE.value, "One of the organisation’s"),
    (Recovery.PERSONAL.value, "Somebody’s own"),
    (Recovery.UNKNOWN.value, "I do not know"),
)
NAMES: Final = (
    (NameFate.KEPT.value, "It is kept: the account stays there, and nobody posts"),
    (NameFate.RELEASED.value, "It is released: the account is deleted there"),
)
NAME_HINTS: Final = {
    NameFate.KEPT.value: "Nobody else can take the name and speak as us. Its access is listed, to be withdrawn.",
    NameFate.RELEASED.value: "Somebody else may take it one day. Links to it on our pages should go first.",
}


class Tick(BooleanField):
    """A box to tick, which does not repeat what a program sent instead of a tick."""

    def _value(self) -> str:
        return "y"


class OfferForm(Form):
    """Who is asked to answer for an account."""

    colleague = colleague("Who should take it over?", need="Enter who should take it over.")
    note = text_field(
        "What should they know?", longest=600, rows=4, checks=NO_SECRETS,
        hint="They read this in your words. Do not put a password here: say where it is kept.",
    )  # fmt: skip
    stays_on = Tick("The owner of today goes on posting there, as a contributor")


class DeclineForm(Form):
    """Why somebody does not take an account over."""

    reason = text_field(
        "Why not?", need="Say in a few words why, so that they know whom to ask next.", longest=600, rows=4,
        hint="Those who run the account read this, and comms.", checks=NO_SECRETS,
    )  # fmt: skip


class ContributorForm(Form):
    """Somebody who posts there too."""

    colleague = colleague(
        "Add somebody who posts there", need="Enter who posts there.",
        hint="They are written to, and asked to sign the guidelines. The owner still answers.",
    )  # fmt: skip


class MailboxForm(StampedForm):
    """The team's mailbox."""

    mailbox = line_field(
        "Team mailbox", longest=120, type="email", autocomplete="off", spellcheck="false",
        hint="A shared mailbox outlives everybody in it. Leave it empty if there is none.",
    )  # fmt: skip

    def validate_mailbox(self, field: Field) -> None:
        """An address that mail can be sent to."""
        from email_validator import EmailNotValidError, validate_email

        if field.data and not field.errors:  # What is far too long takes seconds to be looked at.
            try:
                validate_email(field.data, check_deliverability=False, test_environment=True)
            except EmailNotValidError:
                raise ValidationError("Enter an email address like libraries@example.org, or none.") from None

    @classmethod
    def showing(cls, mailbox: str) -> Self:
        """The form with the mailbox of today in it."""
        return cls(formdata=None, mailbox=mailbox).stamped()


class AccessForm(StampedForm):
    """How an account is got at."""

    kept = choice_field("Where are its credentials kept?", WHERE_KEPT, need="Choose where they are kept.")
    place = line_field(
        "Which entry, envelope or group?", longest=120, checks=NO_SECRETS,
        hint="For example: entry “Libraries on X”. Never the password itself.",
    )  # fmt: skip
    two_step = choice_field(
        "Does signing in take a second step?", TWO_STEPS, need="Choose whether it takes a second step.",
        hint="A code from a phone or an app, or a key.",
    )  # fmt: skip
    recovery = choice_field(
        "To whose mailbox does a forgotten password go?", RECOVERIES, need="Choose whose mailbox it is.",
    )  # fmt: skip
    tools = line_field(
        "Which other programs can post there?", longest=200, checks=NO_SECRETS,
        hint="Schedulers and apps, with commas between. Leave it empty if there are none.",
    )  # fmt: skip

    @classmethod
    def showing(cls, facts: AccessFacts | None) -> Self:
        """The form with what was said; empty where nobody has said anything."""
        if facts is None:
            return cls(formdata=None).stamped()
        return cls(
            formdata=None, kept=facts.kept.value, place=facts.place, two_step=facts.two_step.value,
            recovery=facts.recovery.value, tools=facts.tools,
        ).stamped()  # fmt: skip


class CustodyForm(Form):
    """Why comms hold an account."""

    reason = text_field(
        "Why do you take it?", longest=600, rows=3, checks=NO_SECRETS,
        hint="Needed where its owner works here: they are told in your words.",
    )  # fmt: skip


class LostForm(StampedForm):
    """What happened, and what was tried."""

    tried = text_field(
        "What happened, and what have you tried?", need="Say what happened and what you have tried.", longest=2_000,
        rows=6, hint="With days, and any number that the platform gave you. Do not put passwords here.",
        checks=NO_SECRETS,
    )  # fmt: skip

    @classmethod
    def showing(cls, loss: Loss | None) -> Self:
        """The form with what was tried so far."""
        return cls(formdata=None, tried=loss.tried if loss else "").stamped()


class CloseForm(StampedForm):
    """Why an account is closed, and what becomes of its name."""

    reason = text_field(
        "Why is it closed?", need="Say in a sentence why it is closed.", longest=600, rows=3, checks=NO_SECRETS,
        hint="Colleagues who look for it read this.",
    )  # fmt: skip
    name = choice_field("What becomes of its name?", NAMES, need="Choose what becomes of its name.")

    @classmethod
    def showing(cls, closing: Closing | None) -> Self:
        """The form with what was said of an account that is closed; empty where nobody has."""
        if closing is None:
            return cls(formdata=None).stamped()
        return cls(formdata=None, reason=closing.reason, name=closing.name.value).stamped()
