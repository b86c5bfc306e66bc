"""Drafting and publishing guidelines."""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime, timedelta
from itertools import chain, count
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from registry import audit
from registry.audit import Somebody
from registry.db import LONDON, db, now
from registry.guidelines.asking import OPEN
from registry.guidelines.models import Decline, Document, Obligation, SigningRule, Version, VersionState, Whom
from registry.guidelines.principles import keep as keep_principles
from registry.guidelines.spells import note
from registry.search import plain

DRAFTED: Final = audit.declare("guidelines.drafted", "{actor} drafted version {number} of “{subject}”", "number")
PUBLISHED: Final = audit.declare(
    "guidelines.published", "{actor} published version {number} of “{subject}”", "number", "sha256", "material",
    "published_at", "due_on",
)  # fmt: skip
#: Who must sign is known to a part above this one, which therefore leaves here what is to be done about it.
ON_PUBLISHING: Final[list[Callable[[], object]]] = []
#: Who must sign a new document, until somebody says otherwise.
USUALLY: Final = (Whom.OWNERS, Whom.DEPUTIES, Whom.CONTRIBUTORS)
#: Words that an address of this slice uses for itself.
RESERVED: Final = ("new", "shown", "declines", "register", "sign-offs")


class TitleTaken(Exception):
    """Another document has this title."""


class AlreadyDrafted(Exception):
    """Somebody else began a draft of this document meanwhile."""


class WaitsForItsDay(Exception):
    """The draft counts by itself from a day on, so nobody changes it before it is called back."""


def create_document(*, title: str, about: str = "") -> Document:
    """Make an empty document, which those must sign who run accounts. Raises ``TitleTaken``."""
    _make_sure_of(title)
    document = Document(title=title, about=about, slug=_free_slug(title))
    try:
        with db.session.begin_nested():
            db.session.add(document)
    except IntegrityError:
        raise TitleTaken from None
    db.session.add_all(SigningRule(document_id=document.id, whom=whom) for whom in USUALLY)
    return document


def _make_sure_of(title: str, document_id: int = 0) -> None:
    """Raise ``TitleTaken`` where another document is called so, or will be as soon as its draft counts."""
    called = sa.select(Document.id).where(Document.title == title)
    will_be = sa.select(Version.document_id).where(Version.title == title, Version.state != VersionState.PUBLISHED)
    if set(db.session.scalars(sa.union(called, will_be))) - {document_id}:
        raise TitleTaken


def _free_slug(title: str) -> str:
    """A word for the address that no other document has; a title in another script gives none of its own."""
    stem = re.sub(r"[^a-z0-9]+", "-", plain(title)).strip("-")[:70] or "guidelines"
    taken = set(db.session.scalars(sa.select(Document.slug).where(Document.slug.startswith(stem)))) | set(RESERVED)
    slugs = chain((stem,), (f"{stem}-{number}" for number in count(2)))
    return next(slug for slug in slugs if slug not in taken)


def draft(
    *, document: Document, text: str, summary: str, material: bool, actor: Somebody, begun: str | None = None,
    title: str = "", about: str | None = None, principles: Sequence[Mapping[str, Any]] = (),
    questions: Sequence[Mapping[str, Any]] = (), due_on: date | None = None,
) -> Version:  # fmt: skip
    """Begin or change the one draft of ``document``.

    ``begun`` is the stamp of the draft that the writer began from, empty where there was none; without it any draft is
    overwritten. ``title`` and ``about`` are those of the document from then on, as they are unless given. What a
    colleague has said of the draft does not hold any more once anything in it changes. Raises ``AlreadyDrafted`` where
    somebody else has kept a draft since, ``WaitsForItsDay`` where it is to count by itself, and ``TitleTaken``.
    """
    version = db.session.scalar(
        sa.select(Version).where(Version.document_id == document.id, Version.state != VersionState.PUBLISHED)
    )
    if version is not None and version.state is VersionState.SCHEDULED:
        raise WaitsForItsDay
    if begun is not None and begun != (version.stamp if version else ""):
        raise AlreadyDrafted
    _make_sure_of(title or document.title, document.id)
    words = {
        "title": title or document.title, "about": document.about if about is None else about, "text": text,
        "principles": [dict(one) for one in principles], "questions": [dict(one) for one in questions],
        "summary": summary, "material": material, "due_on": due_on if material else None,
    }  # fmt: skip
    return _begin(document, words, actor) if version is None else _rewrite(version, words, actor)


def _rewrite(version: Version, words: dict[str, Any], actor: Somebody) -> Version:
    before = version.stamp
    for name, value in words.items():
        setattr(version, name, value)
    if version.stamp != before:
        version.changed_by_id = actor.id
        version.asked_at = version.looked_at = version.looked_by_id = None
    return version


def _begin(document: Document, words: dict[str, Any], actor: Somebody) -> Version:
    number = db.session.scalar(sa.select(sa.func.max(Version.number)).where(Version.document_id == document.id)) or 0
    version = Version(
        document_id=document.id, number=number + 1, state=VersionState.DRAFT, drafted_at=now(),
        drafted_by_id=actor.id, changed_by_id=actor.id, **words,
    )  # fmt: skip
    try:
        with db.session.begin_nested():
            db.session.add(version)
    except IntegrityError:
        raise AlreadyDrafted from None
    record(DRAFTED, document, actor, number=version.number)
    return version


def publish(*, version: Version, document: Document, actor: Somebody | None, at: datetime | None = None) -> None:
    """Make a draft count from now on (or since ``at``, for a history that is brought in).

    Whether it may, a second pair of eyes says; see ``writing.release``. ``actor`` is ``None`` where its day has come.
    """
    version.state, version.published_at = VersionState.PUBLISHED, at or now()
    if actor is not None:
        version.published_by_id = actor.id
    if version.number == 1:
        version.material = True  # The first version asks everyone it concerns: there is none before it.
    if version.material:
        version.due_on = version.due_on or (at or now()).astimezone(LONDON).date() + timedelta(document.grace_days)
        _ask_from_the_start(document)
        _answer_by(version)
    document.title, document.about = version.title or document.title, version.about
    keep_principles(version)
    record(
        PUBLISHED, document, actor, number=version.number, sha256=version.sha256, material=version.material,
        **version.dated,
    )  # fmt: skip
    since = now()
    for ask in ON_PUBLISHING:
        ask()
    _ask_until(version, since)


def _ask_until(version: Version, since: datetime) -> None:
    """Whoever is asked by this very version has until the day that it says, though it be sooner than usual."""
    if version.due_on:
        asked = OPEN, Obligation.document_id == version.document_id, Obligation.since_at >= since
        change = sa.update(Obligation).where(*asked, Obligation.due_on > version.due_on).values(due_on=version.due_on)
        sooner: Any = db.session.execute(change.execution_options(synchronize_session=False))
        if sooner.rowcount:
            note(*asked)


def _answer_by(version: Version) -> None:
    """Whoever declined an older version is asked anew, as everybody is: it was about another text."""
    said = Decline.document_id == version.document_id, Decline.declined_at < version.published_at
    answer = f"Version {version.number} was published since, and asks anew."
    answered = sa.update(Decline).where(*said, Decline.settled_at.is_(None))
    answered = answered.values(settled_at=version.published_at, settled_by_id=version.published_by_id, answer=answer)
    db.session.execute(answered.execution_options(synchronize_session="fetch"))


def _ask_from_the_start(document: Document) -> None:
    """Whoever must sign is reminded of the new version as often as of the one before."""
    nobody_yet = {"mails": 0, "mailed_on": None, "manager_told_on": None, "comms_told_on": None}
    told = sa.or_(Obligation.mails > 0, Obligation.manager_told_on.is_not(None), Obligation.comms_told_on.is_not(None))
    asked = sa.update(Obligation).where(Obligation.document_id == document.id, OPEN, told)
    db.session.execute(asked.values(nobody_yet).execution_options(synchronize_session=False))


def record(name: str, document: Document, actor: Somebody | None, **fields: object) -> None:
    """Add an event of ``document`` to the caller's transaction."""
    audit.record(
        name,
        actor=actor,
        subject_kind="document",
        subject_id=document.id,
        subject_name=document.title,
        **fields,
    )
