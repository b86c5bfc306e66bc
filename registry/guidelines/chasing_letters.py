"""The one mail that somebody gets about sign-offs in a morning, whatever there is to say."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

from registry.db import today
from registry.outbox import Mail, link
from registry.web import day

#: What a mail is about that asks for nothing but to sign: it is put right, or taken back, when somebody signs first.
TO_SIGN: Final = "to-sign"
#: Lines that a mail has before it leads to the list.
MOST_LINES: Final = 40


@dataclass(frozen=True, slots=True)
class Due:
    """A document that somebody has to sign."""

    slug: str
    title: str
    due_on: date

    @property
    def is_late(self) -> bool:
        return self.due_on < today()

    @property
    def line(self) -> str:
        """What the mail says of it, with the way to it."""
        by = f"was due on {day(self.due_on)}" if self.is_late else f"by {day(self.due_on)}"
        return f"* {self.title}, {by}\n  {link(f'/guidelines/{self.slug}')}"


@dataclass(frozen=True, slots=True)
class Owing:
    """Somebody who has not signed a document, told to others."""

    name: str
    title: str
    due_on: date


@dataclass(slots=True)
class Letter:
    """What somebody is to be told: what to sign, which of their people have not, and for comms who has not at all."""

    person_id: int
    name: str
    mail: str
    due: list[Due] = field(default_factory=list)
    #: How many more there are to sign, of which they have been told before.
    known: int = 0
    people: list[Owing] = field(default_factory=list)
    unanswered: list[Owing] = field(default_factory=list)

    def as_mail(self) -> Mail:
        """The mail as the outbox takes it."""
        parts = [f"Hello {self.name},", *self._due(), *self._people(), *self._unanswered()]
        about = "" if self.people or self.unanswered else TO_SIGN
        text = "\n\n".join(parts) + "\n"
        return Mail(to=self.mail, person_id=self.person_id, subject=self._subject(), text=text, about=about)

    def _subject(self) -> str:
        if self.due:
            late = "Overdue" if any(one.is_late for one in self.due) else "Please read and sign"
            return f"{late}: {self.due[0].title if len(self.due) == 1 else f'{len(self.due)} guidelines to sign'}"
        if self.people:
            names = {one.name for one in self.people}
            return f"{names.pop()} has guidelines to sign" if len(names) == 1 else "Your people have guidelines to sign"
        return "Guidelines that nobody could get signed"

    def _due(self) -> list[str]:
        if not self.due:
            return []
        several = len(self.due) > 1
        return [
            "You have these guidelines to read and sign:" if several else "You have guidelines to read and sign:",
            "\n".join(one.line for one in self.due),
            *self._known(),
            "Each takes some minutes: read, tick the box, sign. If you cannot agree to something, say so on its page,"
            " and the communications team will talk with you. These mails stop as soon as you have done either.",
        ]

    def _known(self) -> list[str]:
        if not self.known:
            return []
        more = "One more, of which you know," if self.known == 1 else f"{self.known} more, of which you know,"
        return [f"{more} {'waits' if self.known == 1 else 'wait'} on your home page: {link('/')}"]

    def _people(self) -> list[str]:
        if not self.people:
            return []
        return [
            "You are the line manager of people who have not signed guidelines yet, though we asked several times:",
            "\n".join(_lines(self.people)),
            "Please have a word: perhaps they never saw our mail, or have no time at a desk. They sign on their home"
            f" page, {link('/')}, and whoever cannot get there can sign on paper. We tell you of this only once.",
        ]

    def _unanswered(self) -> list[str]:
        if not self.unanswered:
            return []
        return [
            "These have not signed, though they were asked several times, and their line managers were told where"
            " there is one to write to:",
            "\n".join(_lines(self.unanswered)),
            f"All of them, with their teams: {link('/guidelines/sign-offs')}",
        ]


def _lines(owing: Sequence[Owing]) -> list[str]:
    lines = [f"* {one.name}: {one.title}, was due on {day(one.due_on)}" for one in owing[:MOST_LINES]]
    return lines + ([f"* and {len(owing) - MOST_LINES:,} more"] if len(owing) > MOST_LINES else [])


def letters_to(rows: Sequence[Any]) -> dict[int, Letter]:
    """An empty letter to each of some people; ``rows`` have id, name, given_name and mail."""
    return {row.id: Letter(row.id, row.given_name or row.name, row.mail) for row in rows}
