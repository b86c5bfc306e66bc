"""What the list of guidelines tells: whom each is for, how somebody stands to it, and what is being written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.db import db, today
from registry.guidelines.asking import OPEN
from registry.guidelines.models import Decline, Document, Obligation, SigningRule, SignOff, Version, VersionState, Whom
from registry.guidelines.queries import PUBLISHED, last_sign_offs, needed
from registry.people.models import Team

_WHO: Final = {Whom.OWNERS: "owners", Whom.DEPUTIES: "deputies", Whom.CONTRIBUTORS: "contributors"}


@dataclass(frozen=True, slots=True)
class Group:
    """Some of those whom a document is for: ``who`` run accounts of a standing, on a platform, in a team; or people."""

    who: tuple[str, ...]
    standing: str = ""
    platform: str = ""
    team: str = ""
    everyone: bool = False
    by_name: int = 0


def for_whom() -> dict[int, list[Group]]:
    """Whom each document is for, by its id, as its rules have it."""
    told = sa.select(
        SigningRule.document_id, SigningRule.whom, SigningRule.standing, SigningRule.platform, Team.path
    ).outerjoin(Team, Team.id == SigningRule.team_id)
    sorted_out: dict[int, dict[tuple[str, str, str, str], list[Whom]]] = {}
    for document_id, whom, standing, platform, path in db.session.execute(told.order_by(SigningRule.id)):
        kind = "accounts" if whom in _WHO else str(whom)
        groups = sorted_out.setdefault(document_id, {})
        groups.setdefault((kind, standing, platform, path or ""), []).append(whom)
    return {
        document_id: [_group(kind, standing, platform, path, whom)
                      for (kind, standing, platform, path), whom in groups.items()]
        for document_id, groups in sorted_out.items()
    }  # fmt: skip


def _group(kind: str, standing: str, platform: str, path: str, whom: list[Whom]) -> Group:
    if kind == Whom.PERSON:
        return Group((), by_name=len(whom))
    if kind == Whom.EVERYONE:
        return Group((), team=path, everyone=True)
    return Group(tuple(words for one, words in _WHO.items() if one in whom), standing, platform, path)


@dataclass(frozen=True, slots=True)
class Stand:
    """How a document is, and how somebody stands to it."""

    document: Document
    #: The version in force and since when; ``None`` where there is none yet.
    number: int | None
    published_at: datetime | None
    #: Whether they must sign, and by when.
    owes: bool = False
    due_on: date | None = None
    #: When they said that they cannot, which comms have not answered yet.
    declined_at: datetime | None = None
    #: The version that they signed last, and when.
    signed: int | None = None
    signed_at: datetime | None = None

    @property
    def is_overdue(self) -> bool:
        """Whether the day to sign by is over."""
        return self.due_on is not None and self.due_on < today()


def stands(person_id: int, *, drafts: bool = False) -> list[Stand]:
    """Every document that somebody can read: those to sign first, what is retired last; with ``drafts`` for writers."""
    must, last, asks = needed(), sa.func.max(Version.number), Obligation
    asked = sa.and_(asks.document_id == Document.id, asks.person_id == person_id, OPEN)
    said = sa.and_(Decline.document_id == Document.id, Decline.person_id == person_id, Decline.settled_at.is_(None))
    published = sa.and_(Version.document_id == Document.id, PUBLISHED)
    rows = (
        sa.select(
            Document, last, sa.func.max(Version.published_at), sa.func.max(asks.signed_number),
            sa.func.max(must.c.number), sa.func.max(asks.due_on), sa.func.max(must.c.due_on),
            sa.func.max(Decline.declined_at),
        )
        .outerjoin(Version, published)
        .outerjoin(asks, asked)
        .outerjoin(must, must.c.document_id == Document.id)
        .outerjoin(Decline, said)
        .group_by(Document.id)
        .order_by(Document.title, Document.id)
    )  # fmt: skip
    if not drafts:
        rows = rows.having(last.is_not(None))
    mine = last_sign_offs(person_id)
    every = [_stand(*row, mine=mine.get(row[0].id)) for row in db.session.execute(rows)]
    return sorted(every, key=lambda one: (one.document.retired_at is not None, not one.owes))


def _stand(
    document: Document, number: int | None, published_at: datetime | None, reached: int | None, must: int | None,
    due_on: date | None, again_by: date | None, declined_at: datetime | None, *, mine: SignOff | None,
) -> Stand:  # fmt: skip
    owes = reached is not None and must is not None and reached < must
    by = max((one for one in (due_on, again_by) if one), default=None) if owes else None
    signed = (mine.version_number, mine.signed_at) if mine else (None, None)
    return Stand(document, number, published_at, owes, by, declined_at, *signed)


def drafts() -> dict[int, Version]:
    """What is being written or waits for its day, by the id of its document."""
    unfinished = sa.select(Version).where(Version.state != VersionState.PUBLISHED)
    people = joinedload(Version.changed_by), joinedload(Version.looked_by)
    return {one.document_id: one for one in db.session.scalars(unfinished.options(*people))}


def waits_for(person_id: int) -> Sequence[Version]:
    """Drafts that wait for somebody who writes: to be looked at, or sent back to them as who wrote last; by title."""
    others = sa.func.coalesce(Version.changed_by_id, 0) != person_id
    asked = sa.and_(Version.asked_at.is_not(None), Version.looked_at.is_(None), others)
    back = sa.and_(Version.sent_back_reason != "", Version.changed_by_id == person_id)
    waiting = sa.select(Version).join(Document).where(Version.state == VersionState.DRAFT, sa.or_(asked, back))
    told = waiting.where(Document.retired_at.is_(None)).options(
        joinedload(Version.document), joinedload(Version.changed_by)
    )
    return db.session.scalars(told.order_by(Version.title, Version.id)).all()
