"""Whom to invite: any combination of what the register knows of people, for the database and in words."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time
from typing import Any, Final

import sqlalchemy as sa
from flask import current_app

from registry.accounts.answering.models import HandOver, OfferState
from registry.accounts.catalogue_address import STANDING_WORDS
from registry.accounts.models import OPEN, Account, Standing, Topic, account_topic
from registry.accounts.platforms import name_of
from registry.accounts.queries import Sight, within
from registry.db import LONDON, db
from registry.guidelines.models import Document
from registry.guidelines.standing import State, now_standing
from registry.meetups.models import Reply
from registry.network.alone import alone_ids
from registry.network.models import Interest, Profile, Relation
from registry.people.models import Person, PersonKind, Team
from registry.people.queries import IN_OFFICE
from registry.web import day

AMONG: Final = {
    "running": "People who run an account", "profile": "People with a profile", "everyone": "Everyone who works here",
}  # fmt: skip
PARTS: Final = {"": "Owners and deputies", "owner": "Owners", "deputy": "Deputies"}
CAME: Final = {"": "", "never": "Never came to a meetup", "before": "Came to a meetup before"}
SIGNED: Final = {"": "", "yes": "Have signed", "no": "Have not signed yet"}
_COLLEAGUES: Final = (PersonKind.DIRECTORY, PersonKind.GUEST)


def most_a_week() -> int:
    """How many invitations somebody may get in a week; 0 for any number."""
    number: int = current_app.config["SETTINGS"].invitations_per_week
    return number


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What people must be like to be on the list; an empty field asks for nothing."""

    among: str = "running"
    #: What they are to the accounts.
    part: str = ""
    platform: str = ""
    standing: str = ""
    place: str = ""
    #: With those within it.
    team: int | None = None
    topic: int | None = None
    #: They run an account, and none from before that day.
    since: date | None = None
    came: str = ""
    #: They run an account alone; see ``network.alone``.
    lone: bool = False
    signed: str = ""
    document: int | None = None
    #: Whose people they are, their people's people too.
    under: int | None = None

    def kept(self) -> dict[str, Any]:
        """The same as JSON holds it."""
        told = {name: value for name, value in asdict(self).items() if value}
        return told | ({"since": self.since.isoformat()} if self.since else {})

    @classmethod
    def of(cls, kept: dict[str, Any]) -> "Choice":
        """What ``kept`` gave."""
        since = kept.get("since")
        return cls(**(kept | ({"since": date.fromisoformat(since)} if since else {})))

    @property
    def about_accounts(self) -> bool:
        """Whether somebody has to run an account to be on the list."""
        return self.among == "running" or bool(self.part or self.platform or self.standing or self.place)

    def accounts(self, sight: Sight) -> list[sa.ColumnElement[bool]]:
        """The conditions on the ``Account`` for which somebody is on the list."""
        found = [Account.state.in_(OPEN), sight.condition]
        if self.platform:
            found.append(Account.platform == self.platform)
        if self.standing:
            found.append(Account.standing == self.standing)
        if self.place:
            found.append(Account.place == self.place)
        return found

    def parts(self) -> list[Any]:
        """The columns of ``Account`` that lead to those on the list."""
        columns = {"owner": Account.owner_id, "deputy": Account.deputy_id}
        return [columns[self.part]] if self.part else [*columns.values()]

    def conditions(self, sight: Sight) -> list[sa.ColumnElement[bool]]:
        """The conditions on ``Person``; nobody is found by an account that is out of ``sight``."""
        found: list[sa.ColumnElement[bool]] = [Person.state.in_(IN_OFFICE), Person.kind.in_(_COLLEAGUES)]
        if self.about_accounts:
            found.append(Person.id.in_(_people(self.parts(), self.accounts(sight))))
        if self.among == "profile":
            found.append(Person.id.in_(sa.select(Profile.person_id)))
        if self.team:
            found.append(Person.team_id.in_(within([self.team])))
        if self.topic:
            found.append(_is_about(self.topic, sight))
        if self.since:
            found += _began_since(self.since, sight)
        if self.came:
            was_there = Person.id.in_(sa.select(Reply.person_id).where(Reply.attended_at.is_not(None)))
            found.append(was_there if self.came == "before" else ~was_there)
        if self.lone:
            found.append(Person.id.in_(alone_ids(sight)))
        if self.signed and self.document:
            found.append(_has_signed(self.document, yes=self.signed == "yes"))
        if self.under:
            found.append(Person.id.in_(_below(self.under)))
        return found


def _people(columns: Any, conditions: Any) -> Any:
    """The ids of those to whom ``columns`` of accounts lead."""
    return sa.union(*(sa.select(one).where(one.is_not(None), *conditions) for one in columns))


def _all_runners(sight: Sight) -> Any:
    return _people((Account.owner_id, Account.deputy_id), (Account.state.in_(OPEN), sight.condition))


def _is_about(topic_id: int, sight: Sight) -> sa.ColumnElement[bool]:
    about = Account.id.in_(sa.select(account_topic.c.account_id).where(account_topic.c.topic_id == topic_id))
    told = sa.select(Interest.person_id).where(Interest.topic_id == topic_id, Interest.relation != Relation.ASK)
    posts = _people((Account.owner_id, Account.deputy_id), (Account.state.in_(OPEN), sight.condition, about))
    return sa.or_(Person.id.in_(told), Person.id.in_(posts))


def _began_since(since: date, sight: Sight) -> list[sa.ColumnElement[bool]]:
    """An account is somebody's since they took it over, else since it was registered."""
    at = datetime.combine(since, time(), LONDON)
    taken = sa.exists().where(
        HandOver.account_id == Account.id, HandOver.taker_id == Account.owner_id,
        HandOver.state == OfferState.ACCEPTED, HandOver.settled_at >= at,
    )  # fmt: skip
    seen = Account.state.in_(OPEN), sight.condition, Account.proposed_at < at
    own = sa.select(Account.owner_id).where(Account.owner_id.is_not(None), *seen, ~taken)
    deputise = sa.select(Account.deputy_id).where(Account.deputy_id.is_not(None), *seen)
    return [Person.id.in_(_all_runners(sight)), Person.id.not_in(sa.union(own, deputise))]


def _has_signed(document_id: int, *, yes: bool) -> sa.ColumnElement[bool]:
    today = now_standing().subquery()
    state = today.c.state == State.SIGNED.value
    asked = sa.select(today.c.person_id).where(today.c.document_id == document_id, state if yes else ~state)
    return Person.id.in_(asked)


def _below(person_id: int) -> Any:
    """The ids of somebody's people and of all below those; that a manager reports to their own people ends nowhere."""
    down = sa.select(Person.id).where(Person.manager_id == person_id).cte("below", recursive=True)
    # A union, not a union of all: whoever was met already leads no further.
    down = down.union(sa.select(Person.id).join(down, Person.manager_id == down.c.id))
    return sa.select(down.c.id).where(down.c.id != person_id)


# --- In words ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Names:
    """What the numbers in a choice stand for."""

    team: str = ""
    topic: str = ""
    document: str = ""
    under: str = ""


def names_of(choice: Choice) -> Names:
    """Look up what the numbers stand for; asks only for those that are there."""
    columns = {"team": Team.name, "topic": Topic.name, "document": Document.title, "under": Person.name}
    found = {}
    for name, column in columns.items():
        if number := getattr(choice, name):
            found[name] = db.session.scalar(sa.select(column).where(column.class_.id == number)) or "what is gone"
    return Names(**found)


def sentence(choice: Choice, names: Names) -> str:
    """The choice in words: "owners and deputies of Facebook accounts who work in Libraries or a team within it"."""
    standing = STANDING_WORDS[Standing(choice.standing)].lower() if choice.standing else ""
    platform = name_of(choice.platform) if choice.platform else ""
    kind = " ".join(one for one in (standing, platform) if one)
    accounts = f"{kind} accounts".strip() + (f" in {choice.place}" if choice.place else "")
    part = PARTS[choice.part].lower()
    if choice.among == "running":
        said = f"{part} of {accounts}"
    else:
        said = AMONG[choice.among].lower() + (f", {part} of {accounts}" if choice.about_accounts else "")
    more = _narrowings(choice, names)
    return said + (" " if more else "") + _listed(more)


def _narrowings(choice: Choice, names: Names) -> list[str]:
    told = (
        (choice.team, f"work in {names.team} or a team within it"),
        (choice.topic, f"have to do with {names.topic}"),
        (choice.since, f"run no account from before {day(choice.since)}"),
        (choice.lone, "run theirs alone in their team"),
        (choice.came == "never", "never came to a meetup"),
        (choice.came == "before", "came to a meetup before"),
        (choice.signed == "yes", f"have signed “{names.document}”"),
        (choice.signed == "no", f"have not signed “{names.document}” yet"),
        (choice.under, f"report to {names.under}, or to somebody who does"),
    )
    return [words for asked, words in told if asked]


def _listed(parts: list[str]) -> str:
    if not parts:
        return ""
    return "who " + (" and ".join([", ".join(parts[:-1]), parts[-1]]) if len(parts) > 1 else parts[0])
