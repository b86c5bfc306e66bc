"""Opting in to the peer network, and out again."""

from collections.abc import Collection, Iterable, Mapping
from typing import Final

import sqlalchemy as sa

from registry import audit, search
from registry.accounts.actions import topics_named
from registry.accounts.models import Topic, account_topic
from registry.audit import Somebody
from registry.db import db, now
from registry.network.models import Audience, HelpCall, Interest, PeerChoice, Profile, Relation, voice_topic
from registry.people.merging import BEFORE_MERGING

OPTED_IN: Final = audit.declare("profile.opted-in", "{actor} joined the peer network")
CHANGED: Final = audit.declare("profile.changed", "{actor} changed their profile")
OPTED_OUT: Final = audit.declare("profile.opted-out", "{actor} left the peer network")
CHOSE: Final = audit.declare("peers.chosen", "{actor} chose what peers may ask of them")
#: The parts of a profile, each with who sees it until somebody chooses otherwise.
AT_FIRST: Final[Mapping[str, Audience]] = {
    "about": Audience.COLLEAGUES, "place": Audience.COLLEAGUES, "reach": Audience.PEERS,
    "topics": Audience.COLLEAGUES, "offers": Audience.COLLEAGUES, "asks": Audience.COLLEAGUES,
}  # fmt: skip


def keep(
    *, profile: Profile | None, person: Somebody, about: str, topics: Iterable[str], offers: Iterable[str],
    asks: Iterable[str], place: str = "", reach: str = "", audiences: Mapping[str, Audience] = AT_FIRST,
) -> Profile:  # fmt: skip
    """Make or change somebody's own profile; ``audiences`` says who sees which part, by its name in ``AT_FIRST``."""
    if profile is None:
        profile = Profile(person_id=person.id, about=about, opted_in_at=now(), changed_at=now(), interests=[])
        db.session.add(profile)
        db.session.flush()
        _record(OPTED_IN, person)
    else:
        _record(CHANGED, person)
    profile.about, profile.place, profile.reach, profile.changed_at = about, place, reach, now()
    for part, audience in {**AT_FIRST, **audiences}.items():
        setattr(profile, f"{part}_for", audience)
    named = {
        Relation.TOPIC: topics_named(topics), Relation.OFFER: topics_named(offers), Relation.ASK: topics_named(asks),
    }  # fmt: skip
    wanted = {(relation, topic.id) for relation, some in named.items() for topic in some}
    kept = {(one.relation, one.topic_id): one for one in profile.interests}
    gone = kept.keys() - wanted
    for key in gone:
        profile.interests.remove(kept[key])
    for relation, topic_id in sorted(wanted - kept.keys()):
        profile.interests.append(Interest(relation=relation, topic_id=topic_id))
    _find_by(profile, named)
    forget_topics([topic_id for _, topic_id in gone])
    return profile


def _find_by(profile: Profile, named: Mapping[Relation, Iterable[Topic]]) -> None:
    """Keep the words of each part where those look who may see it."""
    parts = (
        (profile.about_for, profile.about),
        (profile.place_for, profile.place),
        (profile.reach_for, profile.reach),
        (profile.topics_for, " ".join(topic.name for topic in named[Relation.TOPIC])),
        (profile.offers_for, " ".join(topic.name for topic in named[Relation.OFFER])),
        (profile.asks_for, " ".join(topic.name for topic in named[Relation.ASK])),
    )
    for audience in Audience:
        said = search.fold(*(words for whom, words in parts if whom is audience))
        setattr(profile, f"words_for_{audience.value}", said)


def opt_out(*, profile: Profile, person: Somebody) -> None:
    """Take somebody's profile away: nothing of it is kept, nor a topic that only they have named."""
    mine = [one.topic_id for one in profile.interests]
    db.session.delete(profile)
    forget_topics(mine)
    _record(OPTED_OUT, person)


def forget_topics(topic_ids: Collection[int]) -> None:
    """Delete those of some topics that nothing and nobody names any more: what only somebody has said is theirs."""
    if not topic_ids:
        return
    db.session.flush()
    used = sa.union(
        sa.select(Interest.topic_id), sa.select(account_topic.c.topic_id), sa.select(voice_topic.c.topic_id),
        sa.select(HelpCall.topic_id).where(HelpCall.topic_id.is_not(None)),
    )  # fmt: skip
    unused = sa.delete(Topic).where(Topic.id.in_(topic_ids), Topic.id.not_in(used))
    db.session.execute(unused.execution_options(synchronize_session=False))


def choose(*, person: Somebody, introductions: bool, calls: bool) -> None:
    """Somebody says whether they may be introduced to colleagues, and whether they may be asked for help."""
    choice = db.session.get(PeerChoice, person.id)
    if choice is None:
        choice = PeerChoice(person_id=person.id)
        db.session.add(choice)
    choice.no_introductions, choice.no_calls = not introductions, not calls
    db.session.flush()
    _record(CHOSE, person)


def _refuse_still(gone_id: int, kept_id: int) -> None:
    """What either of two rows of somebody would rather not be asked, they are not asked afterwards."""
    gone, kept = (db.session.get(PeerChoice, one) for one in (gone_id, kept_id))
    if gone and kept:
        kept.no_introductions = kept.no_introductions or gone.no_introductions
        kept.no_calls = kept.no_calls or gone.no_calls
        db.session.flush()


BEFORE_MERGING.append(_refuse_still)


def _record(name: str, person: Somebody) -> None:
    audit.record(name, actor=person, subject_kind="person", subject_id=person.id, subject_name=person.name)
