"""Guidelines in versions, who must sign them, and the sign-offs: evidence that outlives the person."""

import enum
import hashlib
import json
from datetime import UTC, date, datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.chains import Sealed
from registry.db import LONGEST_WORD, Model, words
from registry.people.models import Person
from registry.personal import Fate, hidden, leads, stays

GRACE_DAYS = 14


class Document(Model):
    """One set of guidelines, known by its title; what it says is in its versions."""

    __tablename__ = "document"

    id: Mapped[int] = mapped_column(primary_key=True)
    slug: Mapped[str] = mapped_column(sa.String(80), unique=True)
    title: Mapped[str]
    #: In a sentence, whom it is for and what it is about.
    about: Mapped[str] = mapped_column(default="")
    #: How many days somebody has to sign from when they are asked.
    grace_days: Mapped[int] = mapped_column(default=GRACE_DAYS)
    #: After how many months a sign-off is asked for anew; ``None`` for never.
    again_months: Mapped[int | None]
    #: Since when it does not hold any more, and why; nobody is asked to sign it then.
    retired_at: Mapped[datetime | None]
    retired_reason: Mapped[str] = mapped_column(default="")


class Principle(Model):
    """One of the few sentences that a document stands on, which an account can say that it serves."""

    __tablename__ = "principle"
    __table_args__ = (sa.UniqueConstraint("document_id", "name"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    name: Mapped[str] = mapped_column(sa.String(80))
    sentence: Mapped[str]
    position: Mapped[int]
    #: Since when no version in force has it; accounts keep it until they choose another.
    retired_at: Mapped[datetime | None]

    document: Mapped[Document] = relationship(lazy="raise_on_sql")


class Whom(enum.StrEnum):
    """Whom a rule names."""

    EVERYONE = "everyone"
    OWNERS = "owners"
    DEPUTIES = "deputies"
    CONTRIBUTORS = "contributors"
    PERSON = "person"


class SigningRule(Model):
    """Who must sign a document: a group of people, narrowed by what their accounts are, or one person by name."""

    __tablename__ = "signing_rule"
    __table_args__ = (sa.CheckConstraint("(whom = 'person') = (person_id IS NOT NULL)", name="of_a_person"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), index=True)
    whom: Mapped[Whom] = mapped_column(words(Whom))
    #: Only for accounts of this standing, of this platform; empty for any.
    standing: Mapped[str] = mapped_column(sa.String(LONGEST_WORD), default="")
    platform: Mapped[str] = mapped_column(sa.String(LONGEST_WORD), default="")
    #: Only in this team and those within it: the account's, or of everyone the person's own.
    team_id: Mapped[int | None] = mapped_column(sa.ForeignKey("team.id"), index=True)
    person_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads("Named as somebody who must sign", Fate.DELETED)
    )


class VersionState(enum.StrEnum):
    """Whether a version counts yet."""

    DRAFT = "draft"
    #: It will count from a day on.
    SCHEDULED = "scheduled"
    PUBLISHED = "published"


_PUBLIC = "Guidelines are the organisation’s words; who wrote them is told by the pseudonym."
_WRITTEN = ("document_id", "number", "drafted_at", "published_at")


def _writer(heading: str) -> Mapped[int | None]:
    return mapped_column(
        sa.ForeignKey("person.id"), index=True, info=leads(heading, Fate.KEPT, because=_PUBLIC, shows=_WRITTEN)
    )


class Version(Model):
    """The text of a document from one publication to the next."""

    __tablename__ = "version"
    __table_args__ = (
        sa.UniqueConstraint("document_id", "number"),
        # Two people who begin a draft at once would each overwrite the other's.
        sa.Index(
            "ix_version_one_draft", "document_id", unique=True,
            sqlite_where=sa.text("state <> 'published'"), postgresql_where=sa.text("state <> 'published'"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    number: Mapped[int]
    #: What the document is called, and what it is about, from this version on.
    title: Mapped[str] = mapped_column(default="", info=stays(_PUBLIC))
    about: Mapped[str] = mapped_column(default="", info=stays(_PUBLIC))
    text: Mapped[str] = mapped_column(info=stays(_PUBLIC))
    #: The principles in their order, each with ``name`` and ``sentence``: they stand before the text.
    principles: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list, info=stays(_PUBLIC))
    #: What is asked of who signs: ``question``, ``answers``, the number ``right`` of one of them, and ``why``.
    questions: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON, default=list, info=stays(_PUBLIC))
    #: What changed and why, in a sentence or two for those who signed the version before.
    summary: Mapped[str] = mapped_column(default="", info=stays(_PUBLIC))
    #: A material change asks everyone it concerns again; a minor one does not.
    material: Mapped[bool] = mapped_column(default=True)
    state: Mapped[VersionState] = mapped_column(words(VersionState))
    drafted_at: Mapped[datetime]
    drafted_by_id: Mapped[int | None] = _writer("Guidelines drafted")
    #: Who wrote on it last: a second pair of eyes is somebody else's.
    changed_by_id: Mapped[int | None] = _writer("Guidelines changed")
    #: When a colleague was asked to look, and when one said that it is right; what changes later voids both.
    asked_at: Mapped[datetime | None]
    looked_at: Mapped[datetime | None]
    looked_by_id: Mapped[int | None] = _writer("Guidelines looked through for a colleague")
    #: What the second pair of eyes would like to have changed first; empty once it is asked again.
    sent_back_reason: Mapped[str] = mapped_column(default="", info=stays(_PUBLIC))
    #: Why it is published though no second pair of eyes has seen it.
    unseen_reason: Mapped[str] = mapped_column(default="", info=stays(_PUBLIC))
    #: The day in London from which a scheduled version counts.
    from_on: Mapped[date | None]
    #: By when those must sign who are asked by this version.
    due_on: Mapped[date | None]
    published_at: Mapped[datetime | None]
    published_by_id: Mapped[int | None] = _writer("Guidelines published")

    document: Mapped[Document] = relationship(lazy="raise_on_sql")
    published_by: Mapped[Person | None] = relationship(foreign_keys=[published_by_id], lazy="raise_on_sql")
    changed_by: Mapped[Person | None] = relationship(foreign_keys=[changed_by_id], lazy="raise_on_sql")
    looked_by: Mapped[Person | None] = relationship(foreign_keys=[looked_by_id], lazy="raise_on_sql")

    @property
    def whole(self) -> str:
        """The exact text that is read and signed, in Markdown: the principles, where there are any, then the text."""
        if not self.principles:
            return self.text
        told = (f"{place}. **{one['name']}**: {one['sentence']}" for place, one in enumerate(self.principles, 1))
        return "\n".join(("# Our principles", "", *told, "", self.text))

    @property
    def sha256(self) -> str:
        """The hash of the exact text: 64 hexadecimal digits."""
        return hashlib.sha256(self.whole.encode()).hexdigest()

    @property
    def dated(self) -> dict[str, str | None]:
        """Since when it counts, and by when it is to be signed: as the history tells it, moments in UTC."""
        since = self.published_at.astimezone(UTC).isoformat() if self.published_at else None
        return {"published_at": since, "due_on": self.due_on.isoformat() if self.due_on else None}

    @property
    def stamp(self) -> str:
        """What tells this draft from the same one after somebody has changed anything that readers are shown."""
        due_on = self.due_on.isoformat() if self.due_on else ""
        words = [self.title, self.about, self.principles, self.text, self.questions, self.summary]
        shown = [*words, self.material, due_on]
        return f"{self.id}.{hashlib.sha256(json.dumps(shown, sort_keys=True).encode()).hexdigest()}"


class Why(enum.StrEnum):
    """Why somebody is asked to sign."""

    #: A rule names them; a sign-off of before counts.
    RULE = "rule"
    #: Their last sign-off is as old as the document allows; only a new one counts.
    AGAIN = "again"
    #: They are back from a long break; only a new one counts.
    RETURNED = "returned"


class Ending(enum.StrEnum):
    """Why somebody is not asked to sign any more."""

    RULE = "no rule"
    LEFT = "left"
    AGAIN = "asked again"
    RETIRED = "retired"


class Obligation(Model):
    """Somebody must sign a document, from a day on; ended when nothing asks them any more. Rows are not deleted.

    ``signed_number`` repeats what the sign-offs say, so that a list of a hundred thousand people need not go through
    them: the highest version signed that counts here, 0 for none. Signed is who has reached the last material version.
    """

    __tablename__ = "obligation"
    __table_args__ = (
        sa.Index(
            "ix_obligation_one_open", "document_id", "person_id", unique=True,
            sqlite_where=sa.text("ended_at IS NULL"), postgresql_where=sa.text("ended_at IS NULL"),
        ),
        sa.Index("ix_obligation_document", "document_id", "ended_at", "signed_number", "due_on", "person_id"),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Guidelines to sign", Fate.KEPT, because="It leads to nothing but the pseudonym."),
    )  # fmt: skip
    why: Mapped[Why] = mapped_column(words(Why), default=Why.RULE)
    since_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ending: Mapped[Ending | None] = mapped_column(words(Ending))
    #: By when it is to be signed; a material version gives everybody who must sign it again a later day.
    due_on: Mapped[date]
    signed_number: Mapped[int] = mapped_column(default=0)
    signed_at: Mapped[datetime | None]
    #: How many mails have asked for it since it was last asked for, and when the last one, the manager and comms were.
    mails: Mapped[int] = mapped_column(default=0)
    mailed_on: Mapped[date | None]
    manager_told_on: Mapped[date | None]
    comms_told_on: Mapped[date | None]

    person: Mapped[Person] = relationship(lazy="raise_on_sql")


class SpellNote(Sealed, Model):
    """How some spells of the duty to sign stood once they had begun, ended or moved: each by number and hash."""

    __tablename__ = "spell_note"
    evidence = ("at", "spells")

    at: Mapped[datetime]
    #: Each as ``number:hash``, with blanks between; see ``spells``.
    spells: Mapped[str] = mapped_column(info=hidden("Hashes."))


class Decline(Model):
    """Somebody said that they will not sign, and why: comms talk with them, until they sign or it is settled."""

    __tablename__ = "decline"
    __table_args__ = (
        sa.Index(
            "ix_decline_one_open", "document_id", "person_id", unique=True,
            sqlite_where=sa.text("settled_at IS NULL"), postgresql_where=sa.text("settled_at IS NULL"),
        ),
    )  # fmt: skip

    id: Mapped[int] = mapped_column(primary_key=True)
    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"))
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("version.id"))
    person_id: Mapped[int] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads(
            "Guidelines declined", Fate.CLEARED, clears=("reason", "answer"),
            because="That somebody declined, and when, stays; their words are taken out.",
        ),
    )  # fmt: skip
    declined_at: Mapped[datetime]
    reason: Mapped[str]
    settled_at: Mapped[datetime | None]
    #: Empty where the person signed in the end.
    answer: Mapped[str] = mapped_column(default="")
    #: The sign-off that somebody else entered for them, and of which they say that it is not theirs.
    sign_off_id: Mapped[int | None] = mapped_column(unique=True)
    settled_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Refusals to sign that were settled", Fate.KEPT, because="It is about somebody else.", shows=()),
    )  # fmt: skip

    person: Mapped[Person] = relationship(foreign_keys=[person_id], lazy="raise_on_sql")
    document: Mapped[Document] = relationship(lazy="raise_on_sql")
    version: Mapped[Version] = relationship(lazy="raise_on_sql")


#: The sign-offs of which the person says that they are not theirs: they stay as evidence, and count for nothing.
DISOWNED: Final = sa.select(Decline.sign_off_id).where(Decline.sign_off_id.is_not(None))


class DayCount(Model):
    """How a document stood at the end of a day: the chart over time is drawn from these."""

    __tablename__ = "day_count"

    document_id: Mapped[int] = mapped_column(sa.ForeignKey("document.id"), primary_key=True, autoincrement=False)
    on: Mapped[date] = mapped_column(primary_key=True)
    concerned: Mapped[int]
    signed: Mapped[int]
    overdue: Mapped[int]
    declined: Mapped[int]


class Method(enum.StrEnum):
    """How somebody signed."""

    ONLINE = "online"
    #: Comms have the signed sheet.
    PAPER = "on paper"
    #: Somebody else ticked for them, who says how consent was given.
    BEHALF = "on behalf"


SIGNED = (
    "A sign-off is evidence, with the name of the day: for a legal obligation or a public task, and to establish or"
    " defend legal claims."
)
_AS_SIGNED = stays("It is what was signed, by whom and when: the evidence itself.")


class SignOff(Sealed, Model):
    """Somebody signed one version: who they were that day, the exact text, the words they agreed to."""

    __tablename__ = "sign_off"
    __table_args__ = (sa.UniqueConstraint("person_id", "version_id", "occasion"),)
    evidence = (
        "signed_at", "person_id", "person_name", "person_username", "person_team", "document_id", "document_title",
        "version_id", "version_number", "sha256", "wording", "method",
    )  # fmt: skip
    later_evidence = ("occasion", "checked", "consent", "entered_at", "entered_by_id", "entered_by_name")

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
    #: How many times they had signed this version before: it may be asked for again each year.
    occasion: Mapped[int] = mapped_column(default=0)
    #: How many check questions they answered rightly before they signed.
    checked: Mapped[int] = mapped_column(default=0)
    #: Where somebody else entered it: how consent was given, when it was entered, and by whom.
    consent: Mapped[str] = mapped_column(default="", info=_AS_SIGNED)
    entered_at: Mapped[datetime | None]
    entered_by_id: Mapped[int | None] = mapped_column(info=leads("Sign-offs entered", Fate.KEPT, because=SIGNED))
    entered_by_name: Mapped[str] = mapped_column(default="", info=_AS_SIGNED)
