"""What the people of an account are written to, each letter with the way to the account's page."""

from registry import outbox
from registry.accounts.models import Account
from registry.accounts.platforms import PLATFORMS
from registry.outbox import Message
from registry.people.models import Person


def approved(account: Account, owner: Person) -> Message | None:
    """The account is live; ``None`` where the owner has no address, here and below."""
    return _send(
        account, owner, "Approved:", "is in the register. Colleagues can find you by it, and you can find them.\n\n"
        f"We will ask you on {account.review_on:%-d %B %Y} whether all is still right.",
    )  # fmt: skip


def sent_back(account: Account, owner: Person, *, reason: str, by: str) -> Message | None:
    """Comms ask for something to be mended first."""
    return _send(
        account, owner, "One question about", f"waits for you: {by} looked at it and asks:\n\n{reason}\n\n"
        "Open its page, mend it and save. Then it goes back to the communications team.",
    )  # fmt: skip


def named_deputy(account: Account, deputy: Person, *, by: str) -> Message | None:
    """Somebody can be asked to take over."""
    return _send(
        account, deputy, "You are the deputy for", f"has you as its deputy: {by} named you as somebody who can take"
        " over.\n\nNothing else changes today. If it is a mistake, tell them, or the communications team.",
    )  # fmt: skip


def named_owner(account: Account, owner: Person, *, by: str) -> Message | None:
    """Somebody answers for it now."""
    return _send(
        account, owner, "You answer for", f"has you as its owner: {by} said that you answer for it now.\n\n"
        "If it is a mistake, tell them, or the communications team.",
    )  # fmt: skip


def no_longer_owner(account: Account, former: Person, *, by: str) -> Message | None:
    """Somebody does not answer for it any more."""
    return _send(
        account, former, "Somebody else answers for", f"has another owner now: {by} changed it.\n\n"
        "If it is a mistake, tell them, or the communications team.",
    )  # fmt: skip


def still_yours(account: Account, owner: Person) -> Message | None:
    """Their team or manager has changed."""
    return _send(
        account, owner, "Still yours?", "has you as its owner, and the staff directory says that your team or manager"
        " has changed.\n\nIs it still yours? Open its page: one button says yes, another names who takes over.",
    )  # fmt: skip


def _send(account: Account, person: Person, subject: str, text: str) -> Message | None:
    platform = PLATFORMS[account.platform].name if account.platform in PLATFORMS else account.platform
    return outbox.post(
        to=person.mail, person_id=person.id, subject=f"{subject} {account.title} on {platform}",
        text=f"Hello {person.given_name or person.name},\n\n{account.title} ({account.url}) {text}\n\n"
        f"{outbox.link(f'/accounts/{account.id}')}\n",
    )  # fmt: skip
