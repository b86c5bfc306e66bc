"""What is in a digest: the same for everybody who was told of all before the same moment."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import outbox
from registry.accounts.models import Account, State
from registry.accounts.platforms import name_of
from registry.accounts.queries import Sight
from registry.db import db, now
from registry.digest.models import Often
from registry.meetups.around.models import Card, Question
from registry.meetups.around.queries import cards_since
from registry.meetups.models import Meetup, MeetupState
from registry.network.models import Profile
from registry.people.models import Person
from registry.people.queries import IN_OFFICE

#: Lines of each kind: a digest is read in a minute.
MOST: Final = 8
#: How far ahead meetups are told.
AHEAD: Final = {Often.WEEKLY: timedelta(days=14), Often.MONTHLY: timedelta(days=45)}
#: Nobody is told what is older, however long no digest left.
OLDEST: Final = timedelta(days=62)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a digest: what, and where it leads."""

    text: str
    path: str


@dataclass(frozen=True, slots=True)
class Digest:
    """Headings, each with its lines; none that has nothing to say."""

    parts: tuple[tuple[str, tuple[Line, ...]], ...]
    #: Whether any of it was not in the one before: a meetup is told until it begins, and is no news by itself then.
    is_news: bool = True

    @property
    def is_empty(self) -> bool:
        return not self.parts

    @property
    def text(self) -> str:
        """As a mail tells it."""
        return "\n\n".join(
            heading
            + "\n\n"
            + "\n".join(f"- {' '.join(line.text.split())}\n  {outbox.link(line.path)}" for line in lines)
            for heading, lines in self.parts
        )


def gather(since: datetime, often: Often) -> Digest:
    """What is new since a moment, for any colleague: nothing that only some may see."""
    since = max(since, now() - OLDEST)
    coming = _meetups(often)
    parts = (
        ("Coming meetups", tuple(Line(f"{one.title}, {one.when}", f"/meetups/{one.id}") for one in coming)),
        ("New in the peer network", _peers(since)),
        ("New accounts, and who runs them", _accounts(since)),
        ("What worked", _cards(since)),
        ("What was answered at meetups", _notes(since)),
    )
    is_news = any(lines for _, lines in parts[1:]) or any(_is_news(one, since, often) for one in coming)
    return Digest(tuple((heading, lines) for heading, lines in parts if lines), is_news)


def _is_news(meetup: Meetup, since: datetime, often: Often) -> bool:
    """Whether a digest that left at ``since`` told nothing of a meetup, or not what it is now."""
    return meetup.changed_at > since or meetup.begins_at > since + AHEAD[often]


def _meetups(often: Often) -> Sequence[Meetup]:
    coming = db.session.scalars(
        sa.select(Meetup)
        .where(
            Meetup.state == MeetupState.PLANNED, Meetup.begins_at > now(), Meetup.begins_at <= now() + AHEAD[often]
        )
        .order_by(Meetup.begins_at, Meetup.id)
        .limit(MOST)
    )  # fmt: skip
    return coming.all()


def _peers(since: datetime) -> tuple[Line, ...]:
    joined = db.session.scalars(
        sa.select(Person)
        .join(Profile, Profile.person_id == Person.id)
        .where(Profile.opted_in_at > since, Person.state.in_(IN_OFFICE))
        .options(joinedload(Person.team))
        .order_by(Profile.opted_in_at.desc(), Person.id)
        .limit(MOST)
    )
    return tuple(Line(_who(one), f"/people/{one.id}") for one in joined)


def _who(person: Person) -> str:
    told = ", ".join(part for part in (person.title, person.team.name if person.team else "") if part)
    return f"{person.name}, {told}" if told else person.name


def _accounts(since: datetime) -> tuple[Line, ...]:
    begun = db.session.scalars(
        sa.select(Account)
        .where(Account.approved_at > since, Account.state == State.LIVE, Sight().condition)
        .options(joinedload(Account.owner))
        .order_by(Account.approved_at.desc(), Account.id)
        .limit(MOST)
    )
    return tuple(Line(f"{one.title} on {name_of(one.platform)}{_run_by(one.owner)}", f"/accounts/{one.id}")
                 for one in begun)  # fmt: skip


def _run_by(owner: Person | None) -> str:
    return f", run by {owner.name}" if owner and owner.is_active else ""


def _cards(since: datetime) -> tuple[Line, ...]:
    found: list[Card] = list(cards_since(since, MOST))
    return tuple(Line(f"{one.title} ({one.result})", f"/meetups/cards/{one.id}") for one in found)


def _notes(since: datetime) -> tuple[Line, ...]:
    answered = db.session.scalars(
        sa.select(Question)
        .where(Question.answered_at > since)
        .order_by(Question.answered_at.desc(), Question.id)
        .limit(MOST)
    )
    return tuple(Line(one.text, f"/meetups/{one.meetup_id}/questions#question-{one.id}") for one in answered)
