"""Introducing somebody who runs an account alone to a colleague: both are written to, once and never again."""

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit
from registry.accounts.queries import Sight
from registry.audit import Somebody
from registry.db import db, now
from registry.network import buddies, letters
from registry.network.alone import is_alone
from registry.network.models import Introduction, PeerChoice
from registry.people.merging import ON_MERGING
from registry.people.models import Person

INTRODUCED: Final = audit.declare(
    "peers.introduced", "{actor} introduced {subject} and {buddy} to each other", "buddy", "buddy_id"
)
SETTLED: Final = audit.declare("peers.introduction-settled", "{actor} settled an introduction")


class CannotIntroduce(Exception):
    """These two cannot be introduced; the message says why."""


def check(*, alone: Person, buddy: Person, sight: Sight) -> None:
    """Whether what the page said of two still holds, as far as whoever presses may see. Raises ``CannotIntroduce``."""
    if not is_alone(alone, sight):
        raise CannotIntroduce(f"{alone.name} does not run an account alone.")
    if buddy.is_active and not buddies.pool().common(alone.id, buddy.id):
        raise CannotIntroduce(f"{alone.name} and {buddy.name} have nothing in common that everybody may see.")


def introduce(*, alone: Person, buddy: Person, actor: Somebody) -> Introduction:
    """Write to both, who are loaded with their teams, with what they have in common. Raises ``CannotIntroduce``."""
    if alone.id == buddy.id or not (alone.is_active and buddy.is_active):
        raise CannotIntroduce("Both have to work here.")
    pair = [alone.id, buddy.id]
    if between(*pair):
        raise CannotIntroduce(f"{alone.name} and {buddy.name} were introduced before.")
    refusing = sa.select(Person.name).join(PeerChoice, PeerChoice.person_id == Person.id)
    refused = db.session.scalar(refusing.where(Person.id.in_(pair), PeerChoice.no_introductions).limit(1))
    if refused:
        raise CannotIntroduce(f"{refused} would rather not be introduced.")
    reasons = buddies.pool().reasons(alone.id, buddy.id, {buddy.id: buddy.name})
    made = Introduction(
        alone_id=alone.id, buddy_id=buddy.id, reasons="; ".join(reasons) or "both run an account", made_at=now(),
        made_by_id=actor.id,
    )  # fmt: skip
    db.session.add(made)
    db.session.flush()
    audit.record(
        INTRODUCED, actor=actor, subject_kind="person", subject_id=alone.id, subject_name=alone.name,
        buddy=buddy.name, buddy_id=buddy.id,
    )  # fmt: skip
    letters.introduced(alone, buddy, made.reasons, by=actor.name)
    letters.introduced(buddy, alone, made.reasons, by=actor.name)
    return made


def between(one_id: int, other_id: int) -> bool:
    """Whether two were introduced to each other, whoever was alone then."""
    forth = sa.and_(Introduction.alone_id == one_id, Introduction.buddy_id == other_id)
    back = sa.and_(Introduction.alone_id == other_id, Introduction.buddy_id == one_id)
    return bool(db.session.scalar(sa.select(sa.exists().where(sa.or_(forth, back)))))


def mine(person_id: int) -> Sequence[Introduction]:
    """The introductions of somebody, with both people and their teams, the newest first."""
    theirs = sa.or_(Introduction.alone_id == person_id, Introduction.buddy_id == person_id)
    return db.session.scalars(
        sa.select(Introduction)
        .where(theirs)
        .options(
            joinedload(Introduction.alone).joinedload(Person.team),
            joinedload(Introduction.buddy).joinedload(Person.team),
        )
        .order_by(Introduction.made_at.desc(), Introduction.id.desc())
    ).all()


def mine_only(introduction_id: int, person_id: int) -> Introduction | None:
    """One of them, where it is of that person."""
    theirs = sa.or_(Introduction.alone_id == person_id, Introduction.buddy_id == person_id)
    return db.session.scalar(sa.select(Introduction).where(Introduction.id == introduction_id, theirs))


def settle(*, introduction: Introduction, person: Somebody) -> None:
    """One of the two says that it is settled; a second time changes nothing."""
    part = "alone_settled_at" if introduction.alone_id == person.id else "buddy_settled_at"
    if getattr(introduction, part) is None:
        setattr(introduction, part, now())
        db.session.flush()
        audit.record(SETTLED, actor=person, subject_kind="person", subject_id=person.id, subject_name=person.name)


def _to_oneself(_kept_id: int) -> None:
    """Two who were introduced turned out to be one."""
    db.session.execute(sa.delete(Introduction).where(Introduction.alone_id == Introduction.buddy_id))


ON_MERGING.append(_to_oneself)
