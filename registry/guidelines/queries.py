"""What is in force, who has signed it and who owes it."""

from collections.abc import Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry.db import db
from registry.guidelines.asking import OPEN
from registry.guidelines.models import DISOWNED, Decline, Document, Obligation, SignOff, Version, VersionState
from registry.people.models import PersonMerge

PUBLISHED = Version.state == VersionState.PUBLISHED


def documents() -> Sequence[Document]:
    """The documents that hold and of which a version is in force, by title."""
    published = sa.exists(sa.select(Version.id).where(Version.document_id == Document.id, PUBLISHED))
    shown = sa.select(Document).where(published, Document.retired_at.is_(None))
    return db.session.scalars(shown.order_by(Document.title, Document.id)).all()


def document(slug: str) -> Document | None:
    """The document that an address names."""
    return db.session.scalar(sa.select(Document).where(Document.slug == slug))


def versions(document_id: int) -> Sequence[Version]:
    """The published versions of a document, the newest first."""
    mine = sa.select(Version).where(Version.document_id == document_id, PUBLISHED)
    people = joinedload(Version.published_by), joinedload(Version.looked_by)
    return db.session.scalars(mine.options(*people).order_by(Version.number.desc())).all()


def versions_since(document_id: int, number: int) -> Sequence[Version]:
    """The published versions after one, the newest first."""
    mine = sa.select(Version).where(Version.document_id == document_id, PUBLISHED, Version.number > number)
    return db.session.scalars(mine.order_by(Version.number.desc())).all()


def version(document_id: int, number: int) -> Version | None:
    """A published version by its number."""
    return db.session.scalar(
        sa.select(Version).where(Version.document_id == document_id, Version.number == number, PUBLISHED)
    )


def version_by_id(version_id: int) -> Version | None:
    """A version, published or draft, by its id."""
    return db.session.get(Version, version_id)


def document_of(version: Version) -> Document | None:
    """The document that a version is of."""
    return db.session.get(Document, version.document_id)


def draft_of(document_id: int) -> Version | None:
    """The draft of a document, where somebody has begun one; one that waits for its day is the draft still."""
    mine = sa.select(Version).where(Version.document_id == document_id, Version.state != VersionState.PUBLISHED)
    people = (joinedload(one) for one in (Version.changed_by, Version.looked_by, Version.published_by))
    return db.session.scalar(mine.options(*people))


def current(document_id: int) -> Version | None:
    """The version in force."""
    mine = sa.select(Version).where(Version.document_id == document_id, PUBLISHED)
    return db.session.scalar(mine.order_by(Version.number.desc()).limit(1))


def needed() -> sa.Subquery:
    """For each document that holds, the ``number`` that a sign-off must reach, the last material change, and when."""
    last = (
        sa.select(Version.document_id, sa.func.max(Version.number).label("number"))
        .join(Document, Document.id == Version.document_id)
        .where(PUBLISHED, Version.material, Document.retired_at.is_(None))
        .group_by(Version.document_id)
        .subquery()
    )
    same = sa.and_(Version.document_id == last.c.document_id, Version.number == last.c.number)
    return sa.select(last, Version.due_on, Version.published_at).join(Version, same).subquery("needed")


def _asked() -> tuple[sa.Subquery, sa.ColumnElement[bool]]:
    """What must be signed, and the condition that somebody owes it; for a join of ``Obligation`` with the former."""
    must = needed()
    here = sa.and_(must.c.document_id == Obligation.document_id, OPEN)
    return must, sa.and_(here, Obligation.signed_number < must.c.number)


def owed_by(person_id: int) -> Sequence[Document]:
    """The documents that somebody must still sign, by title."""
    return db.session.scalars(_owed(person_id)).all()


def to_sign(person_id: int) -> Sequence[Document]:
    """Those of them that wait for somebody: what they have declined waits for comms."""
    declined = sa.select(Decline.id).where(Decline.document_id == Document.id, Decline.person_id == person_id)
    return db.session.scalars(_owed(person_id).where(~declined.where(Decline.settled_at.is_(None)).exists())).all()


def _owed(person_id: int) -> sa.Select[Any]:
    must, owes = _asked()
    return (
        sa.select(Document)
        .join(Obligation, Obligation.document_id == Document.id)
        .join(must, owes)
        .where(Obligation.person_id == person_id)
        .order_by(Document.title, Document.id)
    )


def lacking() -> sa.Select[Any]:
    """The ids of those who still have to sign a document, for other lists to narrow by."""
    must, owes = _asked()
    return sa.select(Obligation.person_id).join(must, owes)


def signing(person_ids: Collection[int]) -> dict[int, bool]:
    """Those of ``person_ids`` who must sign something, each with whether they have signed all of it."""
    must = needed()
    mine = sa.and_(must.c.document_id == Obligation.document_id, OPEN, Obligation.person_id.in_(person_ids))
    done = sa.func.min(sa.case((Obligation.signed_number < must.c.number, 0), else_=1))
    rows = db.session.execute(sa.select(Obligation.person_id, done).join(must, mine).group_by(Obligation.person_id))
    return {person_id: bool(every) for person_id, every in rows}


def of_person(person_id: int) -> sa.ColumnElement[bool]:
    """The condition that a sign-off is somebody's: theirs, or that of a row that was merged into theirs."""
    others = sa.select(PersonMerge.gone_id).where(PersonMerge.kept_id == person_id)
    return SignOff.person_id.in_(others.union(sa.select(sa.literal(person_id))))


def last_sign_offs(person_id: int) -> dict[int, SignOff]:
    """Somebody's last sign-off of each document, by document id."""
    mine = (
        sa.select(SignOff)
        .where(of_person(person_id), SignOff.id.not_in(DISOWNED))
        .order_by(SignOff.version_number, SignOff.id)
    )
    return {row.document_id: row for row in db.session.scalars(mine)}


def up_to_date(person_ids: Collection[int]) -> set[int]:
    """Those of ``person_ids`` who have signed something, and all that they must."""
    counts = SignOff.id.not_in(DISOWNED)
    own = sa.select(SignOff.person_id.label("id")).where(SignOff.person_id.in_(person_ids), counts)
    merged = sa.select(PersonMerge.kept_id).join(SignOff, sa.and_(SignOff.person_id == PersonMerge.gone_id, counts))
    some = sa.union(own, merged.where(PersonMerge.kept_id.in_(person_ids))).subquery()
    owing = lacking().where(Obligation.person_id.in_(person_ids))
    return set(db.session.scalars(sa.select(some.c.id).where(some.c.id.not_in(owing))))


EXPORT_COLUMNS = ("person", "document", "version", "signed_at", "sha256", "method")


def export_rows() -> sa.Result[Any]:
    """Every sign-off, as ``EXPORT_COLUMNS`` names them, in the order of signing."""
    return db.session.execute(
        sa.select(
            SignOff.person_username, SignOff.document_title, SignOff.version_number, SignOff.signed_at,
            SignOff.sha256, sa.cast(SignOff.method, sa.Text),
        )
        .order_by(SignOff.id)
        .execution_options(yield_per=2000)
    )  # fmt: skip
