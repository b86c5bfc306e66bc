"""Who runs an account, who is about something and who is new, as conditions on people."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from registry.accounts.answering.models import HandOver, OfferState
from registry.accounts.models import OPEN, Account, Contributor, Topic
from registry.accounts.queries import IS_OPEN, Sight
from registry.network.models import AUDIENCE_OF, Audience, Interest, Profile, Relation
from registry.people.models import Person


def runners(which: sa.ColumnElement[bool]) -> tuple[sa.Select[Any], sa.Select[Any]]:
    """The ids of those who own, and of those who deputise for, an open account for which ``which`` holds."""
    own = sa.select(Account.owner_id).where(Account.owner_id.is_not(None), IS_OPEN, which)
    deputise = sa.select(Account.deputy_id).where(Account.deputy_id.is_not(None), IS_OPEN, which)
    return own, deputise


def posters(which: sa.ColumnElement[bool]) -> sa.Select[Any]:
    """The ids of those who post on such an account without answering for it."""
    posting = sa.select(Contributor.person_id).join(Account, Account.id == Contributor.account_id)
    return posting.where(IS_OPEN, which)


def runs(which: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
    """The condition on ``Person`` that they own, deputise for or post on an open account for which ``which`` holds."""
    return Person.id.in_(sa.union(*runners(which), posters(which)))


def naming(relation: Relation, topic_ids: sa.Select[Any] | list[int], audiences: Collection[Audience]) -> Any:
    """The ids of those who stand so to one of the topics, and tell it somebody who belongs to ``audiences``."""
    told = sa.select(Interest.person_id).join(Profile, Profile.person_id == Interest.person_id)
    return told.where(
        Interest.topic_id.in_(topic_ids), Interest.relation == relation, AUDIENCE_OF[relation].in_(audiences)
    )


def interested(
    relation: Relation, topic_id: int, sight: Sight, audiences: Collection[Audience]
) -> sa.ColumnElement[bool]:
    """The condition on ``Person`` that they stand so to a topic, as far as the asker may know."""
    told = Person.id.in_(naming(relation, [topic_id], audiences))
    if relation is not Relation.TOPIC:
        return told
    # Whoever runs an account about a topic works on it, whether they have a profile or not.
    about = sa.select(Account.owner_id).where(Account.topics.any(Topic.id == topic_id), Account.state.in_(OPEN))
    return sa.or_(told, Person.id.in_(about.where(sight.condition)))


def told_to(audiences: Collection[Audience]) -> sa.ColumnElement[bool]:
    """The condition on ``Interest`` joined to ``Profile`` that somebody who belongs to ``audiences`` is told it."""
    return sa.or_(*(sa.and_(Interest.relation == one, whom.in_(audiences)) for one, whom in AUDIENCE_OF.items()))


def newcomers(since: datetime, sight: Sight) -> sa.ColumnElement[bool]:
    """The condition on ``Person`` that they joined the network, or began to run their first account, since a moment.

    Somebody began when an account was registered with them, or handed over to them, whichever was later.
    """
    joined = sa.select(Profile.person_id).where(Profile.opted_in_at >= since)
    own, deputise = runners(sight.condition)
    accepted = sa.and_(
        HandOver.account_id == Account.id, HandOver.taker_id == Account.owner_id,
        HandOver.state == OfferState.ACCEPTED, HandOver.settled_at >= since,
    )  # fmt: skip
    taken = sa.exists().where(accepted).correlate(Account)
    began = own.where(sa.or_(Account.proposed_at >= since, taken))
    before = sa.union(own.where(Account.proposed_at < since, ~taken), deputise.where(Account.proposed_at < since))
    first = sa.union(began, deputise.where(Account.proposed_at >= since))
    return sa.or_(Person.id.in_(joined), sa.and_(Person.id.in_(first), Person.id.not_in(before)))
