"""A file of accounts on its way into the register: the file, its columns, the fate of its rows, what can be undone."""

import enum
from datetime import datetime, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from registry.db import Model, words
from registry.people.models import Person
from registry.personal import Fate as PersonalFate
from registry.personal import hidden, leads, stays

#: How long a file is kept that was uploaded and that nobody brought in.
KEEP_FILE: Final = timedelta(days=7)
#: How long the fate of each row is kept after an import, and with it what it takes to undo it.
KEEP_ROWS: Final = timedelta(days=30)


class Fate(enum.StrEnum):
    """What became of a row."""

    ADDED = "added"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    DUPLICATE = "duplicate"
    REFUSED = "refused"


#: The fates of rows that did not come in.
REJECTED: Final = (Fate.DUPLICATE, Fate.REFUSED)


class ImportState(enum.StrEnum):
    """How far an import is."""

    #: Somebody has to say which column is which.
    UPLOADED = "uploaded"
    #: The worker finds out what would happen.
    CHECKING = "checking"
    #: What would happen is known; somebody has to say yes.
    CHECKED = "checked"
    #: The worker brings it in.
    APPLYING = "applying"
    DONE = "done"
    #: The worker takes it back.
    UNDOING = "undoing"
    UNDONE = "undone"
    FAILED = "failed"
    DISCARDED = "discarded"


#: The states in which the worker has something to do.
FOR_THE_WORKER: Final = (ImportState.CHECKING, ImportState.APPLYING, ImportState.UNDOING)
#: Those in which it may have to be done anew with other columns, or is given up.
OPEN: Final = (ImportState.UPLOADED, ImportState.CHECKING, ImportState.CHECKED)


class Undone(enum.StrEnum):
    """What undoing an import did to the account of a row."""

    RESTORED = "restored"
    REMOVED = "removed"
    LEFT = "left"


_OF_THE_FILE = stays("It is about the file.")
_TOLD = "Whoever answers for the register must see who brought in what."
_SHOWN = ("file_name", "uploaded_at", "state", "confirmed_at", "undone_at")


class ImportRun(Model):
    """One file of accounts that somebody brings in."""

    __tablename__ = "import_run"
    __table_args__ = (sa.Index("ix_import_run_state", "state", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(sa.String(200), info=_OF_THE_FILE)
    size: Mapped[int]
    uploaded_at: Mapped[datetime]
    #: Nobody where it was done on the command line; the same below.
    uploaded_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Imports of accounts", PersonalFate.KEPT, because=_TOLD, shows=_SHOWN),
    )  # fmt: skip
    state: Mapped[ImportState] = mapped_column(words(ImportState))
    #: The names of the columns as they stand in the file, and the field of each; empty for those that are left out.
    headings: Mapped[list[str]] = mapped_column(sa.JSON(), default=list, info=_OF_THE_FILE)
    columns: Mapped[list[str]] = mapped_column(sa.JSON(), default=list, info=_OF_THE_FILE)
    #: The row in which the names of the columns stand, as a spreadsheet counts it.
    header_row: Mapped[int] = mapped_column(default=1)
    #: What there is to say of the file as a whole, a sentence each.
    notes: Mapped[list[str]] = mapped_column(sa.JSON(), default=list, info=_OF_THE_FILE)
    #: When the worker was asked to do what it does now, how often it began, and when it did so last.
    asked_at: Mapped[datetime | None]
    attempts: Mapped[int] = mapped_column(default=0)
    began_at: Mapped[datetime | None]
    #: Seconds that it took to find out what would happen: to bring it in takes about as long.
    seconds: Mapped[int] = mapped_column(default=0)
    #: Rows looked at so far, and how many there will be about.
    done: Mapped[int] = mapped_column(default=0)
    total: Mapped[int] = mapped_column(default=0)
    added: Mapped[int] = mapped_column(default=0)
    updated: Mapped[int] = mapped_column(default=0)
    unchanged: Mapped[int] = mapped_column(default=0)
    duplicate: Mapped[int] = mapped_column(default=0)
    refused: Mapped[int] = mapped_column(default=0)
    #: Rows that came in, of which something was left out or should be looked at.
    noted: Mapped[int] = mapped_column(default=0)
    #: How many accounts it closes, and of how many that were not closed before.
    closing: Mapped[int] = mapped_column(default=0)
    of_accounts: Mapped[int] = mapped_column(default=0)
    #: The number that somebody repeated to let it close so many.
    accepted_closing: Mapped[int | None]
    #: Why it failed, or was given back.
    reason: Mapped[str] = mapped_column(default="", info=_OF_THE_FILE)
    confirmed_at: Mapped[datetime | None]
    confirmed_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Imports of accounts", PersonalFate.KEPT, because=_TOLD, shows=_SHOWN),
    )  # fmt: skip
    ended_at: Mapped[datetime | None]
    undone_at: Mapped[datetime | None]
    undone_by_id: Mapped[int | None] = mapped_column(
        sa.ForeignKey("person.id"), index=True,
        info=leads("Imports of accounts", PersonalFate.KEPT, because=_TOLD, shows=_SHOWN),
    )  # fmt: skip
    #: What undoing did: fields put back, accounts removed, and what had to be left.
    restored: Mapped[int] = mapped_column(default=0)
    removed: Mapped[int] = mapped_column(default=0)
    left: Mapped[int] = mapped_column(default=0)

    uploaded_by: Mapped[Person | None] = relationship(foreign_keys=[uploaded_by_id], lazy="raise_on_sql")
    confirmed_by: Mapped[Person | None] = relationship(foreign_keys=[confirmed_by_id], lazy="raise_on_sql")
    undone_by: Mapped[Person | None] = relationship(foreign_keys=[undone_by_id], lazy="raise_on_sql")

    @property
    def counts(self) -> dict[Fate, int]:
        """How many rows there are of each fate."""
        return {fate: getattr(self, fate.value) for fate in Fate}

    @property
    def rows(self) -> int:
        """How many rows it has in all."""
        return sum(self.counts.values())

    @property
    def came_in(self) -> bool:
        """Whether it was brought in, though it may have been taken back: its numbers are what was done, not guessed."""
        return self.state in (ImportState.DONE, ImportState.UNDOING, ImportState.UNDONE)

    @property
    def is_held(self) -> bool:
        """Whether it would close so many accounts that somebody must repeat the number."""
        return too_many(self.closing, self.of_accounts)


def too_many(closing: int, of_accounts: int) -> bool:
    """Whether ``closing`` is more than a tenth of the accounts that are not closed. One alone is nobody's mishap."""
    return closing > 1 and closing * 10 > of_accounts


def why_held(closing: int, of_accounts: int) -> str:
    """Why an import that closes too many accounts waits, and what to do."""
    return (
        f"This file would close {closing:,} of {of_accounts:,} accounts, more than one in ten. Nothing was changed."
        " If that is right, repeat the number to let it."
    )


class ImportFile(Model):
    """The content of a file while it is needed. It is in the database, as the worker may run on another machine."""

    __tablename__ = "import_file"

    import_id: Mapped[int] = mapped_column(
        sa.ForeignKey("import_run.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    content: Mapped[bytes] = mapped_column(
        sa.LargeBinary, info=hidden("It is deleted once it is brought in, or after seven days.")
    )


_SOON_GONE = stays("It is part of the file, and is deleted thirty days after the import.")


class ImportLine(Model):
    """What became, or would become, of one row of a file."""

    __tablename__ = "import_line"
    __table_args__ = (
        sa.UniqueConstraint("import_id", "row"),
        sa.Index("ix_import_line_fate", "import_id", "fate", "row"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id", ondelete="CASCADE"))
    #: The number of the row as a spreadsheet shows it.
    row: Mapped[int]
    fate: Mapped[Fate] = mapped_column(words(Fate))
    reason: Mapped[str] = mapped_column(default="", info=_SOON_GONE)
    #: Whether there is something to look at although it came in.
    noted: Mapped[bool] = mapped_column(default=False)
    #: The address, handle or name by which somebody knows the row again.
    named: Mapped[str] = mapped_column(sa.String(200), default="", info=_SOON_GONE)
    #: Which account it means. No foreign key: where two accounts are found to be one, the row was about this one.
    account_id: Mapped[int | None] = mapped_column(index=True)
    #: The whole row as it was, where somebody may want to mend it; None for all others.
    cells: Mapped[list[str] | None] = mapped_column(sa.JSON(none_as_null=True), info=_SOON_GONE)
    #: What an account that it changed held before and after, by column.
    before: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True), info=_SOON_GONE)
    after: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True), info=_SOON_GONE)
    undone: Mapped[Undone | None] = mapped_column(words(Undone))
    #: What undoing had to leave, and why.
    undone_reason: Mapped[str] = mapped_column(default="", info=_SOON_GONE)


class ImportedAccount(Model):
    """Which import an account came in with."""

    __tablename__ = "imported_account"

    account_id: Mapped[int] = mapped_column(
        sa.ForeignKey("account.id", ondelete="CASCADE"), primary_key=True, autoincrement=False
    )
    import_id: Mapped[int] = mapped_column(sa.ForeignKey("import_run.id"), index=True)

    run: Mapped[ImportRun] = relationship(lazy="raise_on_sql")


class ColumnChoice(Model):
    """What somebody said the columns of a file are, for the next file with the same headings."""

    __tablename__ = "column_choice"

    #: A hash of the headings.
    headings: Mapped[str] = mapped_column(sa.String(64), primary_key=True, info=_OF_THE_FILE)
    columns: Mapped[list[str]] = mapped_column(sa.JSON(), info=_OF_THE_FILE)
    chosen_at: Mapped[datetime]
