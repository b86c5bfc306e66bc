"""The mail of an invitation: what the organiser wrote, filled in for each, and where to answer."""

import re
from typing import Final

from registry import outbox
from registry.meetups.by_link import links
from registry.meetups.calendars import ical
from registry.meetups.models import Invitation, Meetup, Reply
from registry.outbox import Mail
from registry.people.models import Person

#: What may stand in curly brackets, and what it stands for.
PLACEHOLDERS: Final = {
    "given name": "their given name", "meetup": "what the meetup is called", "when": "day and time",
    "place": "where it is",
}  # fmt: skip
SUBJECT: Final = "Come to “{meetup}”"
TEXT: Final = """Hello {given name},

you run an account for us, and so do others here. We meet, show each other how, and ask:

{meetup}
{when}
{place}

Bring a question. Nobody has to prepare anything.
"""
_HELD: Final = re.compile(r"\{([^{}\n]{1,40})\}")
#: What stands in a preview where each has a link of their own.
OWN_LINK: Final = "(a link of their own)"


def unknown(text: str) -> list[str]:
    """What stands in curly brackets and stands for nothing."""
    return [one for one in dict.fromkeys(_HELD.findall(text)) if one.strip().lower() not in PLACEHOLDERS]


def filled(text: str, meetup: Meetup, person: Person) -> str:
    """``text`` as it is for somebody: in one go, so that nothing in a name is filled in once more."""
    stands_for = {
        "given name": person.called, "meetup": meetup.title, "when": meetup.when,
        "place": meetup.place or ("Online" if meetup.online_link else "The place follows"),
    }  # fmt: skip
    return _HELD.sub(lambda held: stands_for.get(held[1].strip().lower(), held[0]), text)


def text_of(text: str, meetup: Meetup, person: Person, link: str) -> str:
    """The whole text of a mail; ``link`` is empty where theirs was revoked."""
    answer = f"Say whether you come, without signing in:\n{link}\nThe link is yours alone. Please do not pass it on."
    if not link:
        answer = f"Say whether you come:\n{outbox.link(f'/meetups/{meetup.id}')}"
    parts = [filled(text, meetup, person).rstrip(), answer]
    if meetup.online_link:
        parts.insert(1, f"Join from afar:\n{meetup.online_link}")
    return "\n\n".join(parts) + "\n"


def mail_of(
    subject: str, text: str, invitation: Invitation, meetup: Meetup, person: Person, reply: Reply | None = None
) -> Mail:  # fmt: skip
    """The mail of an invitation; ``reply`` is what they have answered all the same."""
    return Mail(
        to=person.mail or "", subject=filled(subject, meetup, person),
        text=text_of(text, meetup, person, links.open_address(invitation)),
        calendar=ical.request(meetup, person, invitation=invitation, reply=reply), person_id=person.id,
    )  # fmt: skip
