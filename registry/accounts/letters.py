"""What the people of an account are written to, each letter with the way to the account's page."""

from collections.abc import Sequence

from registry import outbox
from registry.accounts.models import Account
from registry.accounts.platforms import name_of
from registry.outbox import Message
from registry.people.mail import write_to
from registry.people.models import Person
from registry.web import day


def approved(account: Account, owner: Person) -> Message | None:
    """The account is live; ``None`` where the owner has no address or is gone, here and below."""
    return about(
        account, owner, "Approved:", "is in the register. Colleagues can find you by it, and you can find them.\n\n"
        f"We will ask you on {day(account.review_on)} whether all is still right.",
    )  # fmt: skip


def sent_back(account: Account, owner: Person, *, reason: str, by: str) -> Message | None:
    """Comms ask for something to be mended first."""
    return about(
        account, owner, "One question about", f"waits for you: {by} looked at it and asks:\n\n{reason}\n\n"
        "Open its page, mend it and save. Then it goes back to the communications team.",
    )  # fmt: skip


def named_deputy(account: Account, deputy: Person, *, by: str) -> Message | None:
    """Somebody can be asked to take over."""
    return about(
        account, deputy, "You are the deputy for", f"has you as its deputy: {by} named you as somebody who can take"
        " over.\n\nNothing else changes today. If it is a mistake, tell them, or the communications team.",
    )  # fmt: skip


def named_owner(account: Account, owner: Person, *, by: str) -> Message | None:
    """Somebody answers for it now."""
    return about(
        account, owner, "You answer for", f"has you as its owner: {by} said that you answer for it now.\n\n"
        "If it is a mistake, tell them, or the communications team.",
    )  # fmt: skip


def no_longer_owner(account: Account, former: Person, *, by: str) -> Message | None:
    """Somebody does not answer for it any more."""
    return about(
        account, former, "Somebody else answers for", f"has another owner now: {by} changed it.\n\n"
        "If it is a mistake, tell them, or the communications team.",
    )  # fmt: skip


def still_yours(owner: Person, accounts: Sequence[Account]) -> Message | None:
    """Their team or manager has changed: one letter, however many accounts they have."""
    if len(accounts) == 1:
        return about(
            accounts[0], owner, "Still yours?", "has you as its owner, and the staff directory says that your team or"
            " manager has changed.\n\nIs it still yours? Open its page: one button says yes, another names who takes"
            " over.",
        )  # fmt: skip
    return write_to(
        owner, subject=f"Still yours? {len(accounts)} accounts",
        text=f"Hello {owner.called},\n\nthe staff directory says that your team or manager has"
        f" changed, and the register has you as the owner of these accounts:\n\n{_listed(accounts)}\n\n"
        "Are they still yours? Open the page of each: one button says yes, another names who takes over.\n",
    )  # fmt: skip


def may_we_list(account: Account, person: Person, *, by: str) -> Message | None:
    """Comms would like to list an account in somebody's own name."""
    return about(
        account, person, "May we list", f"is an account in your own name, and {by} would like to list it in the"
        " register: colleagues who do the same work could find you.\n\nIt is yours, so you decide. Until you answer,"
        " only the communications team sees it. Open its page: one button says yes, another no. You choose who sees"
        " it, and may take it out again at any time.", page="/consent",
    )  # fmt: skip


def may_we_still(accounts: Sequence[Account], person: Person) -> Message | None:
    """They have not answered yet whether some accounts in their own name may be listed."""
    one = len(accounts) == 1
    what = "this account in your own name" if one else f"these {len(accounts)} accounts in your own name"
    asked = "\n".join(f"* {each.title}: {outbox.link(f'/accounts/{each.id}/consent')}" for each in accounts)
    last = " We do not write about it again." if any(each.consent_reminded_at for each in accounts) else ""
    return write_to(
        person, subject=f"May we list {accounts[0].title if one else f'{len(accounts)} accounts of yours'}?",
        text=f"Hello {person.called},\n\nThe communications team would like to list {what}, and has"
        f" no answer yet:\n\n{asked}\n\nOne button says yes, another no. You choose who sees it. Until you answer, only"
        f" the communications team does.{last}\n",
    )  # fmt: skip


def renamed(account: Account, person: Person, *, before: str, by: str) -> Message | None:
    """It has another handle."""
    return about(
        account, person, "A new handle for", f"was {before} until now: {by} gave us its new address.\n\n"
        "The old one still leads to it. If it is a mistake, tell them, or the communications team.",
    )  # fmt: skip


def where_now(account: Account, person: Person, *, by: str) -> Message | None:
    """Somebody else has its handle."""
    return about(
        account, person, "Where is it now?", f"has lost its handle to somebody else: so {by} told us.\n\n"
        "Do you know its new address? Open its page and paste it. If it is gone, say so there.",
    )  # fmt: skip


def merged(account: Account, person: Person, *, gone: str, by: str) -> Message | None:
    """It is one with another that was registered too."""
    return about(
        account, person, "One account, not two:", f"and “{gone}” were the same account, registered twice. {by} has"
        " made one of them.\n\nEverything is on its page now. If they were two after all, tell them.",
    )  # fmt: skip


def about(account: Account, person: Person, subject: str, text: str, page: str = "") -> Message | None:
    """A letter about one account, which ``text`` goes on to tell of, with the way to a page of it."""
    where = account.url or account.handle
    return write_to(
        person, subject=f"{subject} {account.title} on {name_of(account.platform)}",
        text=f"Hello {person.called},\n\n{account.title} ({where}) {text}\n\n"
        f"{outbox.link(f'/accounts/{account.id}{page}')}\n",
    )  # fmt: skip


def named_for_several(
    person: Person, *, owns: Sequence[Account], deputises: Sequence[Account], gave_up: Sequence[Account], by: str
) -> Message | None:
    """Comms changed several accounts at once: one letter of all that somebody runs now, or runs no more."""
    told = (
        ("You answer for these accounts now", owns), ("You are the deputy for these accounts now", deputises),
        ("Somebody else answers for these accounts now", gave_up),
    )  # fmt: skip
    parts = [f"{heading}:\n\n{_listed(accounts)}" for heading, accounts in told if accounts]
    number = len(owns) + len(deputises) + len(gave_up)
    return write_to(
        person, subject=f"Changed: {number} of the accounts that you run or ran",
        text=f"Hello {person.called},\n\n{by} changed several accounts in one go.\n\n"
        + "\n\n".join(parts) + "\n\nIf it is a mistake, tell them, or the communications team.\n",
    )  # fmt: skip


def _listed(accounts: Sequence[Account]) -> str:
    return "\n".join(f"* {one.title}: {outbox.link(f'/accounts/{one.id}')}" for one in accounts)
