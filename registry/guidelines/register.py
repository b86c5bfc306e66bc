"""The register of sign-offs: found, told one by one, and taken along as a file."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa

from registry import search
from registry.db import db
from registry.guidelines.models import Decline, Document, Method, SignOff, Version
from registry.guidelines.queries import of_person
from registry.people.models import Person, PersonMerge

COLUMNS: Final = (
    "number", "person", "username", "team", "document", "version", "signed_at", "method", "checked", "consent",
    "entered_by", "entered_at", "disowned_at", "sha256", "wording", "seal",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which sign-offs: all that hold each word of ``q``, of one document, and signed in one way."""

    q: str = ""
    document: int | None = None
    method: str = ""


def _found(wanted: Wanted) -> sa.Select[Any]:
    """The sign-offs with when their person said that it is not theirs, the newest first."""
    some: Any = sa.select(SignOff, Decline.declined_at).outerjoin(Decline, Decline.sign_off_id == SignOff.id)
    if wanted.q.strip():
        some = some.where(_named(wanted.q))
    if wanted.document is not None:
        some = some.where(SignOff.document_id == wanted.document)
    if wanted.method in list(Method):
        some = some.where(SignOff.method == Method(wanted.method))
    ordered: sa.Select[Any] = some.order_by(SignOff.id.desc())
    return ordered


def _named(q: str) -> sa.ColumnElement[bool]:
    """Who is called so in the evidence, or is today: the one that they are now leads to rows with a name of before."""
    told = (SignOff.person_name, SignOff.person_username, SignOff.person_team, SignOff.document_title)
    words = [sa.or_(*(one.icontains(word, autoescape=True) for one in told)) for word in q.split()[:8]]
    now_called = search.first_matches(Person, q)
    if now_called is None:
        return sa.and_(*words)
    today = sa.select(Person.id).where(now_called)
    merged = sa.select(PersonMerge.gone_id).where(PersonMerge.kept_id.in_(today))
    return sa.or_(sa.and_(*words), SignOff.person_id.in_(today), SignOff.person_id.in_(merged))


def count(wanted: Wanted) -> int:
    """How many there are."""
    rows = _found(wanted).order_by(None).with_only_columns(sa.func.count())
    return db.session.scalar(rows) or 0


def page(wanted: Wanted, *, limit: int, offset: int) -> Sequence[Any]:
    """A page of them: each sign-off, and when its person said that it is not theirs."""
    return db.session.execute(_found(wanted).limit(limit).offset(offset)).all()


def rows(wanted: Wanted) -> Iterator[tuple[Any, ...]]:
    """All of them, as ``COLUMNS`` names what is told."""
    for one, disowned_at in db.session.execute(_found(wanted).execution_options(yield_per=1000)):
        yield (
            one.id, one.person_name, one.person_username, one.person_team, one.document_title, one.version_number,
            one.signed_at, one.method.value, one.checked, one.consent, one.entered_by_name, one.entered_at,
            disowned_at, one.sha256, one.wording, one.seal,
        )  # fmt: skip


def signed_documents() -> Sequence[Any]:
    """Id and title of each document that somebody has signed, by title; also of one that is there no more."""
    titles = sa.select(SignOff.document_id, sa.func.max(SignOff.document_title).label("title"))
    return db.session.execute(titles.group_by(SignOff.document_id).order_by("title", SignOff.document_id)).all()


@dataclass(frozen=True, slots=True)
class Certificate:
    """A sign-off with all that shows what it is worth."""

    sign_off: SignOff
    #: The document and the version as they are now, where they are there.
    document: Document | None
    version: Version | None
    #: When the person said that it is not theirs.
    disowned_at: Any

    @property
    def is_sealed(self) -> bool:
        """Whether the row is as it was sealed."""
        return self.sign_off.seal == self.sign_off.sealed_with(self.sign_off.previous)

    @property
    def is_the_text(self) -> bool:
        """Whether the version still says what was signed."""
        return self.version is not None and self.version.sha256 == self.sign_off.sha256


def certificate(sign_off_id: int, *, of: int | None) -> Certificate | None:
    """One sign-off; ``of`` is the id of the only person whose it may be, ``None`` for anybody's."""
    rows = (
        sa.select(SignOff, Document, Version, Decline.declined_at)
        .outerjoin(Document, Document.id == SignOff.document_id)
        .outerjoin(Version, Version.id == SignOff.version_id)
        .outerjoin(Decline, Decline.sign_off_id == SignOff.id)
        .where(SignOff.id == sign_off_id, sa.true() if of is None else of_person(of))
    )
    row = db.session.execute(rows).first()
    return Certificate(*row) if row else None


def of_one(person_id: int) -> Sequence[Any]:
    """All sign-offs of one person, the newest first, each with when they said that it is not theirs."""
    mine = sa.select(SignOff, Decline.declined_at).outerjoin(Decline, Decline.sign_off_id == SignOff.id)
    return db.session.execute(mine.where(of_person(person_id)).order_by(SignOff.id.desc())).all()
