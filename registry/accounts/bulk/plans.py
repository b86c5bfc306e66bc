"""What a change of many would do to each account: looked at before anything happens, and asked again when it does."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final, Literal

from registry.accounts.actions import MOST_TOPICS
from registry.accounts.catalogue_address import STANDING_WORDS
from registry.accounts.models import Account, Standing, State, topic_names
from registry.accounts.turning import needs_consent
from registry.audit import Somebody
from registry.guidelines.models import Principle
from registry.people.models import Person, Team
from registry.web import day

#: Each field with the words of the page and of the history.
LABELS: Final = {
    "owner_id": "the owner", "deputy_id": "the deputy", "team_id": "the team", "standing": "the standing",
    "topics": "the topics", "principle_id": "the principle", "place": "the place", "review_on": "the day of the review",
}  # fmt: skip


#: How a field is told that holds nothing, where that is not somebody.
NOTHING: Final = {"team_id": "no team", "principle_id": "none"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What all of the accounts shall have; ``None`` leaves something as it is."""

    owner: Person | None = None
    deputy: Person | None = None
    team: Team | None = None
    standing: Standing | None = None
    place: str | None = None
    #: A principle that is in force, or ``False`` for none in particular.
    principle: Principle | Literal[False] | None = None
    review_on: date | None = None
    #: Names of topics, and what becomes of them: ``add``, ``remove`` or ``only``.
    topics: tuple[str, ...] = ()
    how: str = "add"

    @property
    def is_empty(self) -> bool:
        """Whether it asks for nothing at all."""
        return self == Wish(how=self.how)


@dataclass(frozen=True, slots=True)
class Difference:
    """One field of one account: what it is, and what it would be."""

    field: str
    before: str
    after: str

    @property
    def label(self) -> str:
        """The field in words, as a heading has it."""
        return LABELS[self.field].removeprefix("the ").capitalize()


@dataclass(frozen=True, slots=True)
class Plan:
    """What would become of one account."""

    account: Account
    values: dict[str, Any]
    #: The topics that it would have, by key with their names; ``None`` where they stay.
    topics: dict[str, str] | None
    differences: tuple[Difference, ...]
    #: Why it stays as it is though it was chosen; empty where it does not.
    refusal: str = ""


def plan(account: Account, wish: Wish, actor: Somebody) -> Plan:
    """What ``wish`` would do to one account, which is loaded with its people, team and topics."""
    asked = _asked(account, wish)
    values = {name: value for name, (value, _) in asked.items() if getattr(account, name) != value}
    told = [Difference(name, _now(account, name), asked[name][1]) for name in values]
    topics = _topics(account, wish)
    if topics is not None:
        before = ", ".join(topic.name for topic in account.topics) or "none"
        told.append(Difference("topics", before, ", ".join(topics.values()) or "none"))
    refusal = _refusal(account, values, wish, actor) if told else ""
    return Plan(account, values, topics, tuple(told), refusal)


def plans(accounts: Sequence[Account], wish: Wish, actor: Somebody) -> list[Plan]:
    """The same for many."""
    return [plan(account, wish, actor) for account in accounts]


def _asked(account: Account, wish: Wish) -> dict[str, tuple[Any, str]]:
    """The columns that ``wish`` names: the value, and how to tell it. An account goes with its owner to their team."""
    asked: dict[str, tuple[Any, str]] = {}
    if wish.owner:
        asked["owner_id"] = (wish.owner.id, wish.owner.name)
        if wish.owner.id != account.owner_id and not wish.team:
            asked["team_id"] = (wish.owner.team_id, wish.owner.team.name if wish.owner.team else "no team")
    if wish.deputy:
        asked["deputy_id"] = (wish.deputy.id, wish.deputy.name)
    if wish.team:
        asked["team_id"] = (wish.team.id, wish.team.name)
    if wish.standing:
        asked["standing"] = (wish.standing, STANDING_WORDS[wish.standing])
    if wish.place is not None:
        asked["place"] = (wish.place, wish.place)
    if wish.principle is not None:
        asked["principle_id"] = (wish.principle.id, wish.principle.name) if wish.principle else (None, "none")
    if wish.review_on:
        asked["review_on"] = (wish.review_on, day(wish.review_on))
    return asked


def _now(account: Account, name: str) -> str:
    if name == "standing":
        return STANDING_WORDS[account.standing]
    if name == "review_on":
        return day(account.review_on) or "not set"
    if name == "place":
        return account.place or "none"
    thing = getattr(account, name.removesuffix("_id"))
    return thing.name if thing else NOTHING.get(name, "nobody")


def _topics(account: Account, wish: Wish) -> dict[str, str] | None:
    """The topics that it would have by their keys, or ``None`` where they are the same as now."""
    if not wish.topics:
        return None
    has = {topic.key: topic.name for topic in account.topics}
    asked = topic_names(wish.topics)
    if wish.how == "remove":
        wanted = {key: name for key, name in has.items() if key not in asked}
    else:
        wanted = {**(has if wish.how == "add" else {}), **{key: has.get(key, name) for key, name in asked.items()}}
    return None if wanted.keys() == has.keys() else wanted


def _refusal(account: Account, values: dict[str, Any], wish: Wish, actor: Somebody) -> str:
    owner, deputy = (values.get(name, getattr(account, name)) for name in ("owner_id", "deputy_id"))
    if owner is not None and owner == deputy:
        return "Its owner and its deputy would be the same person."
    own = Standing.PERSONAL in (account.standing, values.get("standing"))
    if own and (needs_consent(account, values, actor) or "standing" in values):
        return "It is in somebody’s own name, or would be: only they can say so, on its own page."
    if "deputy_id" in values and account.awaits_consent:
        return "Whose own name it is in has not agreed yet, and nobody else hears of it before."
    if "review_on" in values and account.state not in (State.LIVE, State.DORMANT):
        return f"It is {account.state.value}, so there is nothing to review yet."
    if len(_topics(account, wish) or ()) > MOST_TOPICS:
        return f"It would have more than {MOST_TOPICS} topics."
    return ""
