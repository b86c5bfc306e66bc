"""Drafting, publishing and signing guidelines, and who must sign."""

import re
from collections.abc import Callable, Collection
from datetime import datetime
from itertools import chain, count
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.audit import Somebody
from registry.db import db, now
from registry.guidelines.models import Document, Method, Obligation, SignOff, Version, VersionState
from registry.people.models import Person
from registry.search import plain

DRAFTED: Final = audit.declare("guidelines.drafted", "{actor} drafted version {number} of “{subject}”", "number")
PUBLISHED: Final = audit.declare(
    "guidelines.published", "{actor} published version {number} of “{subject}”", "number", "sha256", "material"
)
SIGNED: Final = audit.declare("guidelines.signed", "{actor} signed version {number} of “{subject}”", "number", "sha256")
#: Who must sign is known to a part above this one, which therefore leaves here what is to be done about it.
ON_PUBLISHING: Final[list[Callable[[], None]]] = []
#: Words that an address of this slice uses for itself.
RESERVED: Final = ("new",)
WORDING: Final = "I have read these guidelines and I will work by them when I use social media for the organisation."


class TitleTaken(Exception):
    """Another document has this title."""


class NotTheCurrentVersion(Exception):
    """The version that was shown is no longer the one to sign."""


class AlreadyDrafted(Exception):
    """Somebody else began a draft of this document meanwhile."""


def create_document(*, title: str) -> Document:
    """Make an empty document. Raises ``TitleTaken``."""
    if db.session.scalar(sa.select(Document.id).where(Document.title == title)):
        raise TitleTaken
    document = Document(title=title, slug=_free_slug(title))
    try:
        with db.session.begin_nested():
            db.session.add(document)
    except IntegrityError:
        raise TitleTaken from None
    return document


def _free_slug(title: str) -> str:
    """A word for the address that no other document has; a title in another script gives none of its own."""
    stem = re.sub(r"[^a-z0-9]+", "-", plain(title)).strip("-")[:70] or "guidelines"
    taken = set(db.session.scalars(sa.select(Document.slug).where(Document.slug.startswith(stem)))) | set(RESERVED)
    slugs = chain((stem,), (f"{stem}-{number}" for number in count(2)))
    return next(slug for slug in slugs if slug not in taken)


def draft(
    *, document: Document, text: str, summary: str, material: bool, actor: Somebody, begun: str | None = None
) -> Version:
    """Begin or change the one draft of ``document``.

    ``begun`` is the stamp of the draft that the writer began from, empty where there was none; without it any draft is
    overwritten. Raises ``AlreadyDrafted`` where somebody else has kept a draft since.
    """
    version = db.session.scalar(
        sa.select(Version).where(Version.document_id == document.id, Version.state == VersionState.DRAFT)
    )
    if begun is not None and begun != (version.stamp if version else ""):
        raise AlreadyDrafted
    if version is not None:
        version.text, version.summary, version.material = text, summary, material
        return version
    number = db.session.scalar(sa.select(sa.func.max(Version.number)).where(Version.document_id == document.id)) or 0
    version = Version(
        document_id=document.id, number=number + 1, text=text, summary=summary, material=material,
        state=VersionState.DRAFT, drafted_at=now(), drafted_by_id=actor.id,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(version)
    except IntegrityError:
        raise AlreadyDrafted from None
    _record(DRAFTED, document, actor, number=version.number)
    return version


def publish(*, version: Version, document: Document, actor: Somebody, at: datetime | None = None) -> None:
    """Make a draft count from now on (or since ``at``, for a history that is brought in)."""
    version.state, version.published_at, version.published_by_id = (
        VersionState.PUBLISHED,
        at or now(),
        actor.id,
    )
    if version.number == 1:
        version.material = True  # The first version asks everyone it concerns: there is none before it.
    _record(PUBLISHED, document, actor, number=version.number, sha256=version.sha256, material=version.material)
    for ask in ON_PUBLISHING:
        ask()


def sign(
    *,
    version: Version,
    document: Document,
    current: Version | None,
    person: Person,
    at: datetime | None = None,
) -> SignOff:
    """Sign ``version`` as ``person``; the same version a second time gives back the first sign-off.

    ``current`` is the version in force; ``at`` backdates, for a history that is brought in.
    Raises ``NotTheCurrentVersion`` where ``version`` is another.
    """
    if current is None or version.id != current.id:
        raise NotTheCurrentVersion
    kept = db.session.scalar(sa.select(SignOff).where(SignOff.person_id == person.id, SignOff.version_id == version.id))
    if kept is not None:
        return kept
    sign_off = SignOff(
        signed_at=at or now(), person_id=person.id, person_name=person.name, person_username=person.username,
        person_team=person.team.path if person.team else "", document_id=document.id, document_title=document.title,
        version_id=version.id, version_number=version.number, sha256=version.sha256, wording=WORDING,
        method=Method.ONLINE,
    )  # fmt: skip
    audit.append([sign_off])
    _record(SIGNED, document, person, number=version.number, sha256=version.sha256)
    return sign_off


def require(must_sign: sa.Select[tuple[int]], *, among: Collection[int] | None = None) -> None:
    """Make the obligations to sign what they should be now.

    ``must_sign`` selects the ids of the people who must sign every document; ``among`` limits the change to
    some people, where only their accounts changed. What nobody owes any more ends; it is not deleted.
    """
    wanted = must_sign.subquery()
    person_id = wanted.c[0]
    some = sa.true() if among is None else person_id.in_(among)
    mine = sa.true() if among is None else Obligation.person_id.in_(among)
    owed = sa.select(person_id)
    db.session.execute(
        sa.update(Obligation)
        .where(mine, Obligation.ended_at.is_(None), Obligation.person_id.not_in(owed))
        .values(ended_at=now())
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        sa.update(Obligation)
        .where(mine, Obligation.ended_at.is_not(None), Obligation.person_id.in_(owed))
        .values(ended_at=None, since_at=now())
        .execution_options(synchronize_session=False)
    )
    known = sa.select(Obligation.id).where(Obligation.document_id == Document.id, Obligation.person_id == person_id)
    missing = (
        sa.select(Document.id, person_id, sa.literal(now(), type_=Obligation.since_at.type))
        .select_from(sa.join(Document, wanted, sa.true()))
        .where(Document.id.in_(sa.select(Version.document_id).where(Version.state == VersionState.PUBLISHED)))
        .where(some, ~sa.exists(known))
        .distinct()
    )
    columns = ["document_id", "person_id", "since_at"]
    db.session.execute(sa.insert(Obligation).from_select(columns, missing, include_defaults=False))


def _record(name: str, document: Document, actor: Somebody, **fields: object) -> None:
    audit.record(
        name,
        actor=actor,
        subject_kind="document",
        subject_id=document.id,
        subject_name=document.title,
        **fields,
    )
