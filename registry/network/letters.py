"""What peers are written to: each letter with the way to the page that settles it, and none that decides anything."""

from registry import outbox
from registry.network import drop_in_files
from registry.network.models import DropIn, HelpAsked, HelpCall
from registry.outbox import Mail, Message
from registry.people.mail import write_to
from registry.people.models import Person
from registry.web import moment

Letter = Message | None


def introduced(person: Person, other: Person, reasons: str, *, by: str) -> Letter:
    """To each of two, about the other."""
    where = f", {other.team.name}" if other.team else ""
    what = f"{other.title}{where}" if other.title else where.removeprefix(", ")
    reach = f"\n{other.mail}" if other.mail else ""
    return write_to(
        person, subject=f"Meet {other.name}",
        text=f"Hello {person.called},\n\n{by} thinks that you and {other.name} could help each other:"
        f" {reasons}.\n\n{other.name}{f' ({what})' if what else ''}{reach}\n{outbox.link(f'/people/{other.id}')}\n\n"
        "Write to each other, or have a coffee. Nobody waits for a report.\n\nIf you would rather not be introduced"
        f" to colleagues, say so here with one button:\n{outbox.link('/people/me/introductions')}\n",
    )  # fmt: skip


def asked_for_voice(person: Person, subject: str, *, by: str) -> Letter:
    """Comms would like them to be a credible voice."""
    about = f" about this:\n\n{subject}\n\n" if subject else ". "
    return write_to(
        person, subject="May we ask you when somebody needs an expert?",
        text=f"Hello {person.called},\n\n{by} would like to list you as somebody who can speak for the organisation"
        f"{about}It means that comms may ring you when a journalist or a school needs somebody who knows. You can say"
        " no to each of them, and nobody is listed without their own yes.\n\nOne page, two buttons:"
        f"\n{outbox.link('/people/me/voice')}\n",
    )  # fmt: skip


def said_yes(person: Person, name: str) -> Letter:
    """To whoever asked."""
    return write_to(
        person, subject=f"{name} is a credible voice now",
        text=f"Hello {person.called},\n\n{name} has agreed to speak about their subject. Say on the list whether they"
        f" have had media training:\n{outbox.link('/people/voices')}\n",
    )  # fmt: skip


def help_wanted(asked: HelpAsked, helper: Person, call: HelpCall, asker: Person) -> Letter:
    """To one of the few who are asked."""
    return write_to(
        helper, subject=f"{asker.name} asks for your help",
        text=f"Hello {helper.called},\n\n{asker.name} asks:\n\n{call.text}\n\nYou are one of a few who are"
        f" asked. Why you: {asked.why}.\n\nTwo buttons, “I can help” and “Not now”; both are fine:"
        f"\n{outbox.link(f'/people/help/{call.id}')}\n",
    )  # fmt: skip


def somebody_can(call: HelpCall, asker: Person, helper: Person) -> Letter:
    """To whoever asked: one of them can help."""
    reach = f" Write to {helper.mail}, or" if helper.mail else " To reach them,"
    return write_to(
        asker, subject=f"{helper.name} can help you",
        text=f"Hello {asker.called},\n\n{helper.name} can help you with what you asked.{reach} look here:"
        f"\n{outbox.link(f'/people/{helper.id}')}\n\nWhen it is settled, say so, and thank them:"
        f"\n{outbox.link(f'/people/help/{call.id}')}\n",
    )  # fmt: skip


def booked(slot: DropIn, person: Person) -> Letter:
    """A slot is booked; to the host, and to whoever booked it, with a file that puts it into their calendar."""
    who, said = _other(slot, person), ""
    if person.id == slot.host_id and slot.about:
        said = f"\n\nThey would like to talk about this:\n\n{slot.about}"
    return write_to(
        person, subject=f"Drop-in with {who}, {moment(slot.starts_at)}", calendar=drop_in_files.request(slot, person),
        text=f"Hello {person.called},\n\n{who} and you have a drop-in on {moment(slot.starts_at)} (London time), for"
        f" {slot.minutes} minutes.\nWhere: {slot.place}{said}\n\nIf it does not suit you any more, cancel it here:"
        f"\n{outbox.link(f'/people/drop-ins/{slot.id}')}\n",
    )  # fmt: skip


def _other(slot: DropIn, person: Person) -> str:
    other = slot.booked_by if person.id == slot.host_id else slot.host
    return other.name if other else "A colleague"


def reminder_of(slot: DropIn, person: Person, *, about: str) -> Mail:
    """On the working day before; it waits in the outbox until then, and is taken back when the slot falls out."""
    who = _other(slot, person)
    return Mail(
        to=person.mail or "", person_id=person.id, about=about,
        subject=f"Reminder: drop-in with {who}, {moment(slot.starts_at)}",
        text=f"Hello {person.called},\n\n{who} and you have a drop-in on {moment(slot.starts_at)} (London time), for"
        f" {slot.minutes} minutes.\nWhere: {slot.place}\n\nIf it does not suit you any more, cancel it here, so that a"
        f" colleague can have it:\n{outbox.link(f'/people/drop-ins/{slot.id}')}\n",
    )  # fmt: skip


def cancelled(slot: DropIn, person: Person, *, why: str) -> Letter:
    """It falls out: ``why`` in a sentence. A file takes it out of their calendar. ``slot`` is as it was booked."""
    return write_to(
        person, subject=f"Cancelled: drop-in on {moment(slot.starts_at)}", calendar=drop_in_files.cancel(slot, person),
        text=f"Hello {person.called},\n\n{why} The drop-in on {moment(slot.starts_at)} (London time) does not take"
        f" place.\n\nThe slots that are free:\n{outbox.link('/people/drop-ins')}\n",
    )  # fmt: skip
