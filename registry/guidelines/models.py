"""Guidelines in versions, who must sign them, and the sign-offs: evidence that outlives the person."""

import enum
import hashlib
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.audit import Sealed
from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate, leads, stays


class Document(Model):
    """One set of guidelines, known by its title; what it says is in its versions."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str]


class VersionState(enum.StrEnum):
    """Whether a version counts yet."""

    DRAFT = "draft"
    PUBLISHED = "published"


_PUBLIC = "Guidelines are the organisation’s words; who wrote them is told by the pseudonym."
_WRITTEN = ("document_id", "number", "drafted_at", "published_at")


class Version(Model):
    """The text of a document from one publication to the next."""

    __tablename__ = "version"
    __table_args__ = (
        sa.UniqueConstraint("document_id", "number"),
        # Two people who begin a draft at once would each overwrite the other's.
        sa.Index(
            "ix_version_one_draft", "document_id", unique=True,
            sqlite_where=sa.text("state = 'draft'"), postgresql_where=sa.text("state = 'draft'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    number: Mapped[int]
    text: Mapped[str] = mapped_column(info=stays(_PUBLIC))
    #: What changed and why, in a sentence or two for those who signed the version before.
    summary: Mapped[str] = mapped_column(default="", info=stays(_PUBLIC))
    #: A material change asks everyone it concerns again; a minor one does not.
    material: Mapped[bool] = mapped_column(default=True)
    state: Mapped[VersionState] = mapped_column(words(VersionState))
    drafted_at: Mapped[datetime]
    drafted_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Guidelines drafted", Fate.KEPT, because=_PUBLIC, shows=_WRITTEN),
    )  # fmt: skip
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Guidelines published", Fate.KEPT, because=_PUBLIC, shows=_WRITTEN),
    )  # fmt: skip

    document: Mapped[Document] = relationship(lazy="raise_on_sql")
    published_by: Mapped[Person | None] = relationship(foreign_keys=[published_by_id], lazy="raise_on_sql")

    @property
    def sha256(self) -> str:
        """The hash of the exact text: 64 hexadecimal digits."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @property
    def stamp(self) -> str:
        """What tells this draft from the same one after somebody has changed it."""
        return f"{self.id}.{self.sha256}"


class Obligation(Model):
    """Somebody must sign a document, since a day; ended when they no longer run an account."""

    __tablename__ = "obligation"
    __table_args__ = (sa.UniqueConstraint("document_id", "person_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Guidelines to sign", Fate.KEPT, because="It leads to nothing but the pseudonym."),
    )  # fmt: skip
    since_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class Method(enum.StrEnum):
    """How somebody signed."""

    ONLINE = "online"


SIGNED = (
    "A sign-off is evidence, with the name of the day: for a legal obligation or a public task, and to establish or"
    " defend legal claims."
)
_AS_SIGNED = stays("It is what was signed, by whom and when: the evidence itself.")


class SignOff(Sealed, Model):
    """Somebody signed one version: who they were that day, the exact text, the words they agreed to."""

    __tablename__ = "sign_off"
    __table_args__ = (sa.UniqueConstraint("person_id", "version_id"),)
    evidence = (
        "signed_at", "person_id", "person_name", "person_username", "person_team", "document_id", "document_title",
        "version_id", "version_number", "sha256", "wording", "method",
    )  # fmt: skip

    signed_at: Mapped[datetime]
    # No foreign keys: the evidence outlives the person and the document.
    person_id: Mapped[int] = mapped_column(info=leads("Guidelines signed", Fate.KEPT, because=SIGNED))
    person_name: Mapped[str] = mapped_column(info=_AS_SIGNED)
    person_username: Mapped[str] = mapped_column(info=_AS_SIGNED)
    person_team: Mapped[str] = mapped_column(info=_AS_SIGNED)
    document_id: Mapped[int] = mapped_column(index=True)
    document_title: Mapped[str] = mapped_column(info=_AS_SIGNED)
    version_id: Mapped[int]
    version_number: Mapped[int]
    sha256: Mapped[str] = mapped_column(sa.String(64), info=_AS_SIGNED)
    wording: Mapped[str] = mapped_column(info=_AS_SIGNED)
    method: Mapped[Method] = mapped_column(words(Method))
