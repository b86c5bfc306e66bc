"""What is written about hand-overs, contributors and access, each letter with the way to the page that settles it."""

from registry.accounts.letters import about
from registry.accounts.models import Account
from registry.outbox import Message
from registry.people.models import Person


def offered(account: Account, taker: Person, *, giver: str, by: str, note: str) -> Message | None:
    """Would they answer for it? ``giver`` is empty where nobody does; ``None`` without an address, here and below."""
    now = f"{giver} answers for it today" if giver else "Nobody answers for it today"
    asked = "would like to hand it over to you" if by == giver else "asks whether you would take it over"
    said = f"They say:\n\n{note}\n\n" if note else ""
    return about(
        account, taker, "Would you take over", f"needs your answer. {now}, and {by} {asked}.\n\n{said}"
        "Nothing changes until you accept. Open the page to accept, or to decline with a reason.", "/hand-over",
    )  # fmt: skip


def about_offer(account: Account, giver: Person, *, taker: str, by: str) -> Message | None:
    """Comms, or the deputy, have offered an account to somebody else."""
    return about(
        account, giver, "A hand-over of", f"may change hands: {by} asked {taker} to take it over from you.\n\n"
        "Nothing changes until they accept. If it is a mistake, withdraw it on the page.", "/hand-over",
    )  # fmt: skip


def reminder(account: Account, taker: Person, *, by: str, since: str) -> Message | None:
    """They have not answered yet."""
    return about(
        account, taker, "Your answer about", f"still waits for your answer: {by} asked you on {since} to take it"
        " over.\n\nOne button accepts. If it is not for you, decline with a reason: that helps as well.", "/hand-over",
    )  # fmt: skip


def unanswered(account: Account, reader: Person, *, taker: str, since: str) -> Message | None:
    """Comms hear of a hand-over that nobody has answered; it is the last mail about it."""
    return about(
        account, reader, "No answer about", f"was offered to {taker} on {since}, and there is no answer yet. They were"
        " reminded twice, and will not be again.\n\nSpeak to them, or withdraw it and ask somebody else.", "/hand-over",
    )  # fmt: skip


def accepted_by(account: Account, reader: Person, *, taker: str, withdraw: bool) -> Message | None:
    """Whoever gave or offered it hears that it is done."""
    left = "\n\nYour access will be withdrawn now: the page lists what that is." if withdraw else ""
    return about(
        account, reader, "Handed over:", f"has a new owner: {taker} accepted, and answers for it from now on.{left}"
    )


def yours(account: Account, taker: Person, *, giver: str) -> Message | None:
    """The new owner hears what to look at first."""
    told = f" {giver} has been told." if giver else ""
    return about(
        account, taker, "You answer for", f"is yours: you accepted it.{told}\n\nThree things to look at first: where"
        " its credentials are kept, who can take over when you are away, and who else still gets in.", "/people",
    )  # fmt: skip


def declined_by(account: Account, reader: Person, *, taker: str, reason: str) -> Message | None:
    """Whoever gave or offered it hears why not."""
    return about(
        account, reader, "Not taken over:", f"stays as it is: {taker} declined and says:\n\n{reason}\n\n"
        "Ask somebody else when you are ready.", "/hand-over",
    )  # fmt: skip


def lapsed(account: Account, reader: Person, *, taker: str) -> Message | None:
    """Whoever was asked has left without an answer."""
    return about(
        account, reader, "Not taken over:", f"stays as it is: {taker}, who was asked to take it over, has left.\n\n"
        "Ask somebody else when you are ready.", "/hand-over",
    )  # fmt: skip


def taken_back(account: Account, taker: Person, *, by: str) -> Message | None:
    """The offer stands no longer."""
    return about(
        account, taker, "No longer needed:", f"does not need your answer any more: {by} withdrew the question."
    )


def contributor(account: Account, person: Person, *, by: str) -> Message | None:
    """Somebody may post there."""
    return about(
        account, person, "You post for", f"has you among those who post there: {by} added you.\n\nIts page says what it"
        " is for and who answers. Its credentials come from them, never by mail.",
    )  # fmt: skip


def no_contributor(account: Account, person: Person, *, by: str) -> Message | None:
    """Somebody posts there no longer."""
    return about(
        account, person, "You no longer post for", f"does not have you among those who post there any more: {by} took"
        " you out.\n\nIf it is a mistake, tell them, or the communications team.",
    )  # fmt: skip


def withdraw_access(account: Account, reader: Person, *, person: str, why: str) -> Message | None:
    """Whoever runs it hears that somebody's access has to end."""
    return about(
        account, reader, "Access to withdraw:", f"may still be open to {person}: {why}.\n\nThe page lists each way in,"
        " and where to look. Tick what is done.", "/withdraw",
    )  # fmt: skip


def in_custody(account: Account, former: Person, *, by: str, reason: str) -> Message | None:
    """Comms hold it, though its owner is here."""
    return about(
        account, former, "With the communications team:", f"is held by the communications team for now: {by} took it."
        f"\n\nThey say: {reason}\n\nIf you still answer for it, tell them: they can give it back.",
    )  # fmt: skip
