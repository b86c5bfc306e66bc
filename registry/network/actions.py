"""Opting in to the peer network, and out again."""

from collections.abc import Iterable
from typing import Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.actions import topics_named
from registry.accounts.models import Topic, account_topic
from registry.audit import Somebody
from registry.db import db, now
from registry.network.models import Interest, Profile, Relation

OPTED_IN: Final = audit.declare("profile.opted-in", "{actor} joined the peer network")
CHANGED: Final = audit.declare("profile.changed", "{actor} changed their profile")
OPTED_OUT: Final = audit.declare("profile.opted-out", "{actor} left the peer network")


def keep(
    *, profile: Profile | None, person: Somebody, about: str, topics: Iterable[str], offers: Iterable[str],
    asks: Iterable[str],
) -> Profile:  # fmt: skip
    """Make or change somebody's own profile."""
    if profile is None:
        profile = Profile(person_id=person.id, about=about, opted_in_at=now(), changed_at=now(), interests=[])
        db.session.add(profile)
        db.session.flush()
        _record(OPTED_IN, person)
    else:
        _record(CHANGED, person)
    profile.about, profile.changed_at = about, now()
    wanted = {
        (relation, topic.id)
        for relation, names in ((Relation.TOPIC, topics), (Relation.OFFER, offers), (Relation.ASK, asks))
        for topic in topics_named(names)
    }
    kept = {(one.relation, one.topic_id): one for one in profile.interests}
    for key in kept.keys() - wanted:
        profile.interests.remove(kept[key])
    for relation, topic_id in sorted(wanted - kept.keys()):
        profile.interests.append(Interest(relation=relation, topic_id=topic_id))
    return profile


def opt_out(*, profile: Profile, person: Somebody) -> None:
    """Take somebody's profile away: nothing of it is kept, nor a topic that only they have named."""
    mine = [one.topic_id for one in profile.interests]
    db.session.delete(profile)
    db.session.flush()
    used = sa.union(sa.select(Interest.topic_id), sa.select(account_topic.c.topic_id))
    db.session.execute(sa.delete(Topic).where(Topic.id.in_(mine), Topic.id.not_in(used)))
    _record(OPTED_OUT, person)


def _record(name: str, person: Somebody) -> None:
    audit.record(name, actor=person, subject_kind="person", subject_id=person.id, subject_name=person.name)
