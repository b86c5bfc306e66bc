"""What a line manager and comms are written to while a proposal waits."""

from collections.abc import Sequence
from datetime import date

from registry import outbox
from registry.accounts.models import Account
from registry.accounts.platforms import name_of
from registry.outbox import Message
from registry.people.mail import write_to
from registry.people.models import Person
from registry.web import day


def please_nod(account: Account, owner: Person, manager: Person, *, due_on: date) -> Message | None:
    """One of their people wants to run an account; ``None`` where they have no address."""
    platform = name_of(account.platform)
    return write_to(
        manager, subject=f"{owner.name} would like your nod for {account.title}",
        text=f"Hello {manager.called},\n\n{owner.name} has registered {account.title} on {platform}"
        f" ({account.url}).\n\nWhat it is for: {account.purpose}\n\nIs that all right with you? Open this page: one"
        f" button says yes, another lets you say what worries you. If we hear nothing until {day(due_on)}, the"
        f" communications team decide without it.\n\n{outbox.link(f'/accounts/{account.id}/nod')}\n",
    )  # fmt: skip


def waits_too_long(accounts: Sequence[Account], officer: Person) -> Message | None:
    """Proposals have waited for comms longer than they should."""
    lines = "\n".join(f"- {account.title}: {outbox.link(f'/accounts/{account.id}')}" for account in accounts)
    name = officer.called
    what = "One account waits" if len(accounts) == 1 else f"{len(accounts)} accounts wait"
    return write_to(
        officer, subject=f"{what} for your decision",
        text=f"Hello {name},\n\n{what} longer than colleagues were promised:\n\n{lines}\n\n"
        "Approve each, or send it back with a word on what to change.\n",
    )  # fmt: skip
