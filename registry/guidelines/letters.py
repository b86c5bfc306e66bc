"""What people and comms are written to about signing."""

from registry import outbox
from registry.guidelines.models import Decline, Document, SignOff
from registry.outbox import Message
from registry.people.mail import write_to
from registry.people.models import Person
from registry.people.queries import holders
from registry.roles import Role
from registry.web import day


def _hello(person: Person) -> str:
    return f"Hello {person.given_name or person.name},\n\n"


def was_declined(decline: Decline, document: Document, person: Person) -> None:
    """Tell comms that somebody will not sign, and why."""
    for officer in holders(Role.COMMS):
        write_to(
            officer, subject=f"{person.name} cannot sign “{document.title}”",
            text=f"{_hello(officer)}{person.name} has read “{document.title}” and says why they cannot sign it:\n\n"
            f"{decline.reason}\n\nTalk with them, then write down what came of it:\n\n"
            f"{outbox.link('/guidelines/declines')}\n",
        )  # fmt: skip


def was_answered(decline: Decline, *, again: bool) -> Message | None:
    """Tell somebody what comms answer; ``again``: and that they are asked to sign once more."""
    person, document = decline.person, decline.document
    more = (
        f"\nPlease read them again and sign, or write to us:\n\n{outbox.link(f'/guidelines/{document.slug}')}\n"
        if again
        else ""
    )
    what = "that you did not sign" if decline.sign_off_id else "why you cannot sign"
    return write_to(
        person, subject=f"About “{document.title}”",
        text=f"{_hello(person)}You told us {what} “{document.title}”. The communications team answer:\n\n"
        f"{decline.answer}\n{more}",
    )  # fmt: skip


def was_entered(sign_off: SignOff, person: Person) -> Message | None:
    """Tell somebody what was entered for them, with the way to say that it is not so."""
    what = f"version {sign_off.version_number} of “{sign_off.document_title}”"
    return write_to(
        person, subject=f"Entered for you: you signed “{sign_off.document_title}”",
        text=f"{_hello(person)}{sign_off.entered_by_name} of the communications team has entered that you signed {what}"
        f" {sign_off.method.value} on {day(sign_off.signed_at)}. How you agreed, in their words:\n\n{sign_off.consent}"
        "\n\nIf that is right, there is nothing for you to do. If it is not, open this page and say so with one button:"
        f"\n\n{outbox.link(f'/guidelines/register/{sign_off.id}/not-mine')}\n",
    )  # fmt: skip


def was_disowned(sign_off: SignOff, person: Person) -> None:
    """Tell comms that somebody did not sign what was entered for them."""
    for officer in holders(Role.COMMS):
        write_to(
            officer, subject=f"{person.name} did not sign “{sign_off.document_title}”",
            text=f"{_hello(officer)}{sign_off.entered_by_name} entered that {person.name} signed version"
            f" {sign_off.version_number} of “{sign_off.document_title}” {sign_off.method.value} on"
            f" {day(sign_off.signed_at)}. {person.name} says that they did not. It counts no more, and what was entered"
            f" stays as evidence.\n\n{outbox.link('/guidelines/declines')}\n",
        )  # fmt: skip
