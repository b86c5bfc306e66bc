"""The one mail that somebody gets about reviews, whatever there is to say and however many accounts it is about."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from registry import outbox
from registry.accounts.models import Account
from registry.accounts.platforms import name_of
from registry.accounts.reviewing.models import Stage
from registry.outbox import Message
from registry.people.mail import write_to
from registry.people.models import Person
from registry.web import day

#: Accounts that a mail names before it leads to the list.
MOST_LINES: Final = 40
LAST_TIME: Final = " (we ask for the last time)"


def asking(person_id: int) -> str:
    """What a mail is about that does nothing but ask somebody."""
    return f"reviews-of-{person_id}"


@dataclass(slots=True)
class Letter:
    """What somebody is to be told."""

    person: Person
    #: Accounts that they answer for, and how often they were asked.
    due: list[tuple[Account, Stage]] = field(default_factory=list)
    #: Accounts that were set dormant: their own, and for comms all.
    slept: list[Account] = field(default_factory=list)
    #: For comms: nobody answered for these.
    unanswered: list[Account] = field(default_factory=list)

    def post(self) -> Message | None:
        """Put it in the outbox."""
        person = self.person
        parts = [f"Hello {person.called},", *self._due(), *self._slept(), *self._unanswered()]
        only_asks = not (self.slept or self.unanswered)
        about = asking(person.id) if only_asks else ""
        return write_to(person, subject=self._subject(), text="\n\n".join(parts) + "\n", about=about)

    def _subject(self) -> str:
        if len(self.due) == 1:
            return f"Is {self.due[0][0].title} still right?"
        if self.due:
            return f"Are these still right? {len(self.due)} accounts"
        if self.slept:
            return f"{self.slept[0].title} is dormant now" if len(self.slept) == 1 else "Accounts that are dormant now"
        return "Nobody answers for some accounts"

    def _due(self) -> list[str]:
        if not self.due:
            return []
        lines = [
            f"* {_named(account)}, due on {day(account.review_on)}{LAST_TIME if stage is Stage.LAST else ''}"
            for account, stage in self.due[:MOST_LINES]
        ]
        return [
            "You answer for this account. Is all that the register says of it still right?" if len(lines) == 1
            else "You answer for these accounts. Is all that the register says of them still right?",
            "\n".join([*lines, *_more(self.due)]),
            f"If it is, one button says so, and there is nothing to fill in:\n{outbox.link('/accounts/reviews')}",
        ]  # fmt: skip

    def _slept(self) -> list[str]:
        if not self.slept:
            return []
        return [
            "Nobody said for a long time whether this is still right, so the register calls it dormant now. Nothing was"
            " deleted, and nothing changed on the platform:",
            "\n".join([*map(_with_link, self.slept[:MOST_LINES]), *_more(self.slept)]),
            "If it is in use, open its page: one button wakes it.",
        ]

    def _unanswered(self) -> list[str]:
        if not self.unanswered:
            return []
        lines = [
            f"* {_named(account)}, due on {day(account.review_on)}, {account.owner.name if account.owner else 'nobody'}"
            for account in self.unanswered[:MOST_LINES]
        ]
        return [
            "Nobody answered whether these are still right. Ask their people in another way, or name somebody else:",
            "\n".join([*lines, *_more(self.unanswered)]),
            outbox.link("/accounts/reviews/overdue?view=unanswered"),
        ]


def _named(account: Account) -> str:
    platform = name_of(account.platform)
    return f"{account.title} on {platform}"


def _with_link(account: Account) -> str:
    return f"* {_named(account)}: {outbox.link(f'/accounts/{account.id}')}"


def _more(some: Sequence[object]) -> list[str]:
    return [f"* and {len(some) - MOST_LINES} more"] if len(some) > MOST_LINES else []
