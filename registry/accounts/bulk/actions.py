"""Changing many accounts in one go, one event each, and undoing it; all of them or none."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts import letters
from registry.accounts.actions import search_text, topics_named
from registry.accounts.answering import following
from registry.accounts.bulk import queries
from registry.accounts.bulk.models import BulkChange
from registry.accounts.bulk.plans import LABELS, Plan, Wish, plans
from registry.accounts.models import Account, Standing, Topic
from registry.accounts.signing import ask_to_sign
from registry.accounts.turning import needs_consent
from registry.audit import Event, Somebody
from registry.db import db, now
from registry.people.models import Person, Team
from registry.people.queries import IN_OFFICE

FIELDS: Final = ("owner", "deputy", "team", "standing", "topics", "principle", "place", "review_on")
TOGETHER: Final = audit.declare(
    "account.changed-together", "{actor} changed {what} of {subject}, in one go with other accounts", "what", "change",
    *(f"{name}_{when}" for name in FIELDS for when in ("before", "after")),
)  # fmt: skip
UNDONE: Final = audit.declare(
    "account.change-undone", "{actor} gave {subject} back {what} of before a change of many", "what", "change"
)

#: Owner and deputy of an account before and after.
Hands = tuple[Account, tuple[int | None, int | None]]


class ChangedMeanwhile(Exception):
    """Somebody changed some of the accounts since they were looked at; ``account_ids`` are those."""

    def __init__(self, account_ids: Sequence[int]) -> None:
        super().__init__(", ".join(map(str, account_ids)))
        self.account_ids = account_ids


class NothingToChange(Exception):
    """All of the accounts are like that already, or cannot be changed so."""


class AlreadyUndone(Exception):
    """A colleague was quicker."""


def apply(*, seen: Mapping[int, str], wish: Wish, actor: Somebody) -> BulkChange:
    """Change the accounts of which ``seen`` holds the stamp that they had when somebody looked at the plan.

    Accounts that the plan refuses stay. Raises ``ChangedMeanwhile`` and changes nothing where a stamp is another, and
    ``NothingToChange``.
    """
    _hold(list(seen))
    if differing := _differing(seen):
        raise ChangedMeanwhile(differing)
    planned = [one for one in plans(queries.accounts(list(seen)), wish, actor) if one.differences and not one.refusal]
    if not planned:
        raise NothingToChange
    change = _kept([one.account for one in planned], actor)
    topics = {topic.key: topic for topic in topics_named(wish.topics)} if wish.how != "remove" else {}
    audit.append([_event(one, change, actor) for one in planned])
    hands = [_change(one, topics) for one in planned]
    _settle(hands, actor)
    _note_stamps(change)
    return change


def _kept(accounts: Sequence[Account], actor: Somebody) -> BulkChange:
    before = {str(account.id): {"before": _values(account)} for account in accounts}
    change = BulkChange(person_id=actor.id, at=now(), before=before)
    db.session.add(change)
    db.session.flush()
    return change


def _change(planned: Plan, topics: Mapping[str, Topic]) -> Hands:
    account, hands = planned.account, (planned.account.owner_id, planned.account.deputy_id)
    for name, value in planned.values.items():
        setattr(account, name, value)
    if planned.topics is not None:
        has = {topic.key: topic for topic in account.topics}
        account.topics = [(has.get(key) or topics[key]) for key in planned.topics]
    if "owner_id" in planned.values:
        account.owner_moved_at = None
    return account, hands


def undo(*, change: BulkChange, actor: Somebody) -> list[Account]:
    """Give the accounts of ``change`` what they had before it; returns those that stay, as they have changed since.

    Raises ``AlreadyUndone``.
    """
    held = sa.select(BulkChange.undone_at).where(BulkChange.id == change.id).with_for_update()
    if db.session.scalar(held) is not None:
        raise AlreadyUndone
    _hold([int(number) for number in change.before])
    since = set(_differing({int(number): kept["stamp"] for number, kept in change.before.items()}))
    stay, hands = [], list[Hands]()
    gone = _gone(change)
    for account in queries.accounts([int(number) for number in change.before]):
        before = _read(change.before[str(account.id)]["before"])
        hands_before = before["owner_id"], before["deputy_id"]
        if account.id in since or gone & {*hands_before} or _consent(account, before, actor) or _twice(*hands_before):
            stay.append(account)
        else:
            hands.append(_give_back(account, before, change, actor))
    change.undone_at = now()
    _settle(hands, actor)
    return stay


def _consent(account: Account, before: dict[str, Any], actor: Somebody) -> bool:
    return needs_consent(account, {name: before[name] for name in ("owner_id", "standing")}, actor)


def _twice(owner_id: int | None, deputy_id: int | None) -> bool:
    """Whether somebody deputised for themself, as was possible once."""
    return owner_id is not None and owner_id == deputy_id


def _give_back(account: Account, before: dict[str, Any], change: BulkChange, actor: Somebody) -> Hands:
    hands, topics = (account.owner_id, account.deputy_id), before.pop("topics")
    differing = [name for name, value in before.items() if getattr(account, name) != value]
    for name in differing:
        setattr(account, name, before[name])
    if {topic.id for topic in account.topics} != set(topics):
        differing.append("topics")
        account.topics = list(db.session.scalars(sa.select(Topic).where(Topic.id.in_(topics)).order_by(Topic.key)))
    audit.record(
        UNDONE, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title,
        what=_what(differing), change=change.id,
    )  # fmt: skip
    return account, hands


def _gone(change: BulkChange) -> set[int]:
    """Those who answered before and do not work here now: nobody gives an account back to them."""
    ids = {kept["before"][name] for kept in change.before.values() for name in ("owner_id", "deputy_id")} - {None}
    here = db.session.scalars(sa.select(Person.id).where(Person.id.in_(ids), Person.state.in_(IN_OFFICE)))
    return ids - set(here)


def _values(account: Account) -> dict[str, Any]:
    """What may change, as JSON holds it."""
    return {
        "owner_id": account.owner_id, "deputy_id": account.deputy_id, "team_id": account.team_id,
        "principle_id": account.principle_id,
        "standing": account.standing.value, "place": account.place,
        "review_on": account.review_on.isoformat() if account.review_on else None,
        "topics": [topic.id for topic in account.topics],
    }  # fmt: skip


def _read(values: dict[str, Any]) -> dict[str, Any]:
    review_on = values["review_on"]
    return values | {
        "standing": Standing(values["standing"]), "review_on": date.fromisoformat(review_on) if review_on else None,
    }  # fmt: skip


def _hold(account_ids: Sequence[int]) -> None:
    """Hold the rows, so that nobody changes one between the look at its stamp and the end."""
    held = sa.select(Account.id).where(Account.id.in_(account_ids)).order_by(Account.id).with_for_update()
    db.session.execute(held).all()


def _differing(seen: Mapping[int, str]) -> list[int]:
    are = queries.stamps(list(seen))
    return [number for number, stamp in seen.items() if are.get(number) != stamp]


def _note_stamps(change: BulkChange) -> None:
    db.session.flush()
    are = queries.stamps([int(number) for number in change.before])
    change.before = {number: {**kept, "stamp": are[int(number)]} for number, kept in change.before.items()}


def _event(planned: Plan, change: BulkChange, actor: Somebody) -> Event:
    fields: dict[str, str] = {}
    for one in planned.differences:
        name = one.field.removesuffix("_id")
        fields |= {f"{name}_before": one.before, f"{name}_after": one.after}
    return audit.event(
        TOGETHER, actor=actor, subject_kind="account", subject_id=planned.account.id,
        subject_name=planned.account.title, what=_what([one.field for one in planned.differences]), change=change.id,
        **fields,
    )  # fmt: skip


def _what(names: Sequence[str]) -> str:
    words = [LABELS[name] for name in names]
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)


# --- What follows -----------------------------------------------------------------------------------------


def _settle(hands: Sequence[Hands], actor: Somebody) -> None:
    """Index the accounts anew, ask their people to sign, and write to those who have come or gone."""
    db.session.flush()
    befores = [following.Before(account, before, account.state) for account, before in hands]
    following.several_changed(befores, actor=actor)
    accounts = [account for account, _ in hands]
    paths = _paths({account.team_id for account in accounts if account.team_id})
    for account in accounts:
        topics = [topic.name for topic in account.topics]
        account.search_text = search_text(account, team=paths.get(account.team_id or 0, ""), topics=topics)
    ask_to_sign({one for account, before in hands for one in (*before, account.owner_id, account.deputy_id)})
    _tell(hands, actor)


def _paths(team_ids: set[int]) -> dict[int, str]:
    rows = db.session.execute(sa.select(Team.id, Team.path).where(Team.id.in_(team_ids)))
    return {team_id: path for team_id, path in rows}


def _tell(hands: Sequence[Hands], actor: Somebody) -> None:
    """One letter to each, however many accounts it is about."""
    told: dict[int, dict[str, list[Account]]] = {}
    for account, (owner, deputy) in hands:
        for role, person_id, other in (
            ("owns", account.owner_id, owner), ("deputises", account.deputy_id, deputy),
            ("gave_up", owner, account.owner_id),
        ):  # fmt: skip
            if person_id not in (None, other, actor.id):
                roles = told.setdefault(person_id, {"owns": [], "deputises": [], "gave_up": []})
                roles[role].append(account)
    for person in db.session.scalars(sa.select(Person).where(Person.id.in_(told)).order_by(Person.id)):
        letters.named_for_several(person, by=actor.name, **told[person.id])
