"""Mail that cannot be lost or sent twice: a row in the transaction of the change that it tells of.

A message is claimed and marked as leaving (both committed) before it leaves. Where the process dies or the connection
breaks after that, nobody knows whether it arrived: it is shown as unsure and not sent again by itself.
"""

import enum
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import monotonic, time
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Mapped, mapped_column

from registry import claims
from registry.db import Model, db, is_sqlite, now, words
from registry.logs import log
from registry.personal import Fate, attribute, leads, stays
from registry.postman import Away, Doubt, Postman, Refused, Unreachable, Unusable, why_unusable

MOST_TRIES: Final = 8
#: A claim older than this was left by a process that died, where that cannot be seen; a run keeps none so long.
CLAIM_LASTS: Final = timedelta(minutes=10)
#: How many messages are claimed at a time: each time takes a wait for the disk.
PORTION: Final = 50
STOPPED: Final = "The register stopped while this was on its way."


class MessageState(enum.StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    #: A worker has taken it, and it has not left.
    CLAIMED = "claimed"
    #: It is on its way to the mail server.
    LEAVING = "leaving"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"
    #: Somebody took it back before it left.
    WITHDRAWN = "withdrawn"


#: What has not left: it can still be withdrawn.
NOT_GONE: Final = (MessageState.WAITING, MessageState.CLAIMED)
#: What has no end yet.
UNDER_WAY: Final = (*NOT_GONE, MessageState.LEAVING)


_MAIL: Final[dict[str, Any]] = {
    "heading": "Mail sent",
    "fate": Fate.CLEARED,
    "because": "That a mail was sent, and when, stays; the address and the words are taken out.",
    "clears": ("to", "subject", "text", "calendar", "unsubscribe", "problem"),
}


class Message(Model):
    """One mail to one person."""

    __tablename__ = "message"
    __table_args__ = (sa.Index("ix_message_due", "state", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[str] = mapped_column(sa.String(120), unique=True, info=stays("A random number."))
    person_id: Mapped[int | None] = mapped_column(index=True, info=leads(**_MAIL))
    to: Mapped[str] = mapped_column(info=leads(**_MAIL, values=attribute("mail"), named=True))
    subject: Mapped[str]
    text: Mapped[str]
    #: A calendar file that goes with it, with its METHOD; empty for none.
    calendar: Mapped[str] = mapped_column(default="")
    #: Where one press ends mails of this kind (RFC 8058); empty where there is nothing to end.
    unsubscribe: Mapped[str] = mapped_column(default="")
    state: Mapped[MessageState] = mapped_column(words(MessageState))
    tries: Mapped[int] = mapped_column(default=0)
    problem: Mapped[str] = mapped_column(default="")
    posted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    claimed_at: Mapped[datetime | None]
    #: The process that took it; see ``claims``.
    claimed_by: Mapped[str | None] = mapped_column(info=stays("It names a process."))
    sent_at: Mapped[datetime | None]


def header(text: str) -> str:
    """``text`` as one line that is safe in a mail header: no line ends, controls or encoded words."""
    seen = text
    if not (text.isascii() and text.isprintable()):
        seen = "".join(" " if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in text)
    return " ".join(seen.replace("=?", "= ?").split())[:200]


def post(
    *,
    to: str | None,
    subject: str,
    text: str,
    person_id: int | None = None,
    calendar: str = "",
    unsubscribe: str = "",
    about: str = "",
) -> Message | None:
    """Put a mail in the caller's transaction; it leaves after the commit. See ``Mail`` for what it takes.

    Without an address (frontline staff often have none) there is nothing to post and ``None`` comes back.
    """
    if not to:
        return None
    mail = Mail(
        to=to, subject=subject, text=text, person_id=person_id, calendar=calendar, unsubscribe=unsubscribe, about=about
    )
    message = Message(**_row(mail, now()))
    db.session.add(message)
    return message


@dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """What is to be sent to whom."""

    to: str
    subject: str
    text: str
    person_id: int | None = None
    #: An iCalendar file with its METHOD, which mail programs offer to keep.
    calendar: str = ""
    #: The whole address at which one press ends such mails (RFC 8058).
    unsubscribe: str = ""
    #: A word by which those who wrote it find it again while it waits; see ``waiting``.
    about: str = ""


def waiting(about: str) -> sa.ColumnElement[bool]:
    """The condition that a mail is ``about`` that and has not begun to leave: it may be put right, or taken back."""
    begins = Message.message_id.startswith(f"<{about}.", autoescape=True)
    return sa.and_(Message.state == MessageState.WAITING, begins)


def post_many(mails: Sequence[Mail], *, due_at: datetime | None = None) -> list[str]:
    """Put many mails in the caller's transaction, in one statement; ``due_at`` is when they may leave, if not at once.

    They are not objects of the session, as nobody looks at them again before they are sent; their Message-IDs come
    back in the order of ``mails``.
    """
    if not mails:
        return []
    at = now()
    rows = [_row(mail, at) | {"tries": 0, "due_at": due_at or at} for mail in mails]
    table: Any = Message.__table__
    db.session.execute(sa.insert(table), rows)
    return [row["message_id"] for row in rows]


def ids_of(message_ids: Sequence[str]) -> list[int]:
    """The ids of mails that ``post_many`` has put there, in the same order."""
    rows = db.session.execute(sa.select(Message.message_id, Message.id).where(Message.message_id.in_(message_ids)))
    found: dict[str, int] = {message_id: number for message_id, number in rows}
    return [found[one] for one in message_ids]


def _row(mail: Mail, at: datetime) -> dict[str, Any]:
    problem = why_unusable(mail.to)
    state = MessageState.FAILED if problem else MessageState.WAITING
    about = f"{mail.about}." if mail.about else ""
    return {
        "message_id": f"<{about}{uuid4().hex}@social-account-registry>", "to": mail.to, "subject": header(mail.subject),
        "text": mail.text, "calendar": mail.calendar, "unsubscribe": mail.unsubscribe, "person_id": mail.person_id,
        "state": state, "problem": problem, "posted_at": at, "due_at": at,
    }  # fmt: skip


def hold_back(ids: Sequence[int], why: str) -> None:
    """Of some messages, let none leave that has not: what they tell is no longer so."""
    waiting = sa.update(Message).where(Message.id.in_(ids), Message.state == MessageState.WAITING)
    db.session.execute(waiting.values(state=MessageState.FAILED, problem=why))


def link(path: str) -> str:
    """The whole address of a page, for a mail: ``path`` begins with a slash."""
    address: str = current_app.config["SETTINGS"].address
    return address.rstrip("/") + path


def withdraw(some: sa.Select[Any]) -> Sequence[int]:
    """Keep those of ``some`` (ids of messages) from leaving that have not left; the ids of these."""
    held_back = (
        sa.update(_TABLE)
        .where(_TABLE.c.id.in_(some), _TABLE.c.state.in_(NOT_GONE))
        .values(state=MessageState.WITHDRAWN)
        .returning(_TABLE.c.id)
    )
    return db.session.scalars(held_back).all()


def again(message: Message, mail: Mail) -> None:
    """Let a message that failed, or may have arrived, leave once more, as ``mail`` says it now.

    Only where a person asks for it. It keeps its Message-ID.
    """
    message.to, message.subject = mail.to, header(mail.subject)
    message.text, message.calendar = mail.text, mail.calendar
    message.state, message.tries, message.problem, message.due_at = MessageState.WAITING, 0, "", now()


# --- Sending ----------------------------------------------------------------------------------------------


def deliver(most: int = 20_000, seconds: float = 50) -> dict[str, int]:
    """Send what is due, at most ``most`` messages and for no longer than about ``seconds``; commits as it goes.

    Returns how many ended in which state. What is due is claimed some at a time, and is on the disk as claimed before
    any of it leaves. Each is marked as leaving before it does: a process that is killed leaves the mark, a power cut
    may not, which is what the claim is for. Several workers may do this at once.
    """
    tally: dict[str, int] = {}
    free_claims()
    if not current_app.config["MAIL_SERVER"]:
        return tally
    until, claim = monotonic() + seconds, claims.begin()
    db.session.commit()
    try:
        with Postman(current_app.config["MAIL_DEFAULT_SENDER"]) as postman, _quick() as connection:
            run, reached = _Run(claim, connection, postman, tally), True
            try:
                while reached and monotonic() < until and run.take(min(PORTION, most - sum(tally.values()))):
                    reached = run.send()
            finally:
                run.settle()
    finally:
        claims.end(claim)
        db.session.rollback()
        free_claims()
    return tally


def free_claims() -> None:
    """Settle what a process had claimed that is there no longer; commits.

    What was claimed and not leaving yet went nowhere, and waits again. What was leaving is in doubt; so is all where
    the marks may be lost. Where it cannot be seen from here whether a process still runs, it has ten minutes.
    """
    held = _TABLE.c.state.in_((MessageState.CLAIMED, MessageState.LEAVING))
    for mark in db.session.scalars(sa.select(_TABLE.c.claimed_by).where(held).distinct()).all():
        over = claims.is_over(mark) if mark else None
        if over is False:
            continue
        some = sa.update(_TABLE).where(_TABLE.c.claimed_by == mark if mark else _TABLE.c.claimed_by.is_(None))
        if over is None:
            some = some.where(_TABLE.c.claimed_at < now() - CLAIM_LASTS)
        if mark and claims.is_of_now(mark):
            db.session.execute(some.where(_TABLE.c.state == MessageState.CLAIMED).values(state=MessageState.WAITING))
        db.session.execute(some.where(held).values(state=MessageState.UNSURE, problem=STOPPED))
    db.session.commit()


@contextmanager
def _quick() -> Iterator[sa.Connection]:
    """A connection whose commits do not wait for the disk: a process that is killed leaves them there all the same."""
    quick, safe = "SET synchronous_commit = off", "RESET synchronous_commit"
    if is_sqlite():
        quick, safe = "PRAGMA synchronous=NORMAL", "PRAGMA synchronous=FULL"
    with db.engine.connect() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute(quick)  # Not within a transaction, as SQLAlchemy would have it.
        raw.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            raw.execute(safe)
            raw.commit()


_TABLE: Final[Any] = Message.__table__
_TAKEN: Final = ("id", "message_id", "to", "subject", "text", "calendar", "unsubscribe", "tries", "due_at")
_MINE: Final = sa.and_(_TABLE.c.id == sa.bindparam("row_id"), _TABLE.c.claimed_by == sa.bindparam("claim"))
_LEAVES: Final = (
    sa.update(_TABLE).where(_MINE, _TABLE.c.state == MessageState.CLAIMED).values(state=MessageState.LEAVING)
)
_ENDS: Final = (
    sa.update(_TABLE)
    .where(_MINE, _TABLE.c.state.in_((MessageState.LEAVING, MessageState.UNSURE)))
    .values({name: sa.bindparam(f"new_{name}") for name in ("state", "tries", "problem", "due_at", "sent_at")})
)


class _Run:
    """One delivery: what it has claimed, and the fates that are not on the disk yet."""

    def __init__(self, claim: str, connection: sa.Connection, postman: Postman, tally: dict[str, int]) -> None:
        self.claim, self.connection, self.postman, self.tally = claim, connection, postman, tally
        self.portion: Sequence[Any] = ()
        #: Of the portion, all but the last of which are committed.
        self.fates: list[dict[str, Any]] = []

    def take(self, most: int) -> bool:
        """Claim what is due next, and keep the last fate; once this returns, both are on the disk."""
        self._keep_last(db.session)
        due = (
            sa.select(*(_TABLE.c[name] for name in _TAKEN))
            .where(_TABLE.c.state == MessageState.WAITING, _TABLE.c.due_at <= now())
            .order_by(_TABLE.c.due_at, _TABLE.c.id)
            .limit(most)
        )
        self.portion = db.session.execute(due if is_sqlite() else due.with_for_update(skip_locked=True)).all()
        if self.portion:
            some = sa.update(_TABLE).where(_TABLE.c.id.in_([row.id for row in self.portion]))
            db.session.execute(
                some.values(state=MessageState.CLAIMED, claimed_at=now(), claimed_by=self.claim)
            )  # fmt: skip
        db.session.commit()
        self.fates = []
        return bool(self.portion)

    def send(self) -> bool:
        """Send what was taken; whether the server could be reached. What is left over goes back when the run ends."""
        until = monotonic() + CLAIM_LASTS.total_seconds() / 2
        for row in self.portion:
            if monotonic() > until:
                return False
            if not self._leaves(row):
                continue  # Somebody withdrew it.
            state, problem, reached = _handed_over(self.postman, row)
            self.fates.append(_fate(row, state, problem, reached) | {"row_id": row.id, "claim": self.claim})
            ended = self.fates[-1]["new_state"].value
            self.tally[ended] = self.tally.get(ended, 0) + 1
            log.info("mail", message=row.id, state=ended)
            if not reached:
                return False
        return True

    def settle(self) -> None:
        """Write down the fates once more that may not be on the disk, as the database may have failed in between."""
        self.connection.rollback()
        db.session.rollback()
        if self.fates:
            db.session.execute(_ENDS, self.fates)
            db.session.commit()

    def _leaves(self, row: Any) -> bool:
        self._keep_last(self.connection)
        marked = self.connection.execute(_LEAVES, {"row_id": row.id, "claim": self.claim}).rowcount
        self.connection.commit()
        return bool(marked)

    def _keep_last(self, where: Any) -> None:
        if self.fates:
            where.execute(_ENDS, self.fates[-1])


def _handed_over(postman: Postman, row: Any) -> tuple[MessageState, str, bool | None]:
    """What became of a mail, why, and whether the server could be reached; ``None`` where not with this mail."""
    try:
        postman.hand_over(row, time())
    except Unusable as error:
        return MessageState.FAILED, str(error), True
    except Refused as error:
        return MessageState.WAITING if error.for_now else MessageState.FAILED, str(error), True
    except Unreachable as error:
        return MessageState.WAITING, str(error), False if isinstance(error, Away) else None
    except Doubt as error:
        return MessageState.UNSURE, f"The connection broke: {error}", True
    return MessageState.SENT, "", True


def _fate(row: Any, state: MessageState, problem: str, reached: bool | None) -> dict[str, Any]:
    """What to write down. A server that is away counts as no try: a mail does not fail because of a long weekend."""
    tries, due_at = row.tries + (reached is not False), row.due_at
    if state is MessageState.WAITING and tries > row.tries:
        due_at = now() + timedelta(minutes=2**tries)
        state = MessageState.FAILED if tries >= MOST_TRIES else state
    return {
        "new_state": state, "new_tries": tries, "new_problem": problem, "new_due_at": due_at,
        "new_sent_at": now() if state is MessageState.SENT else None,
    }  # fmt: skip


def init_app(app: Flask) -> None:
    """Connect the outbox to the mail server that the settings name."""
    from flask_mailman import Mail

    Mail(app)


def tally() -> dict[str, int]:
    """How many messages are in each state."""
    rows = db.session.execute(sa.select(Message.state, sa.func.count()).group_by(Message.state))
    return {state.value: count for state, count in rows}


def last(most: int = 100) -> Sequence[Message]:
    """The messages posted last, the newest first."""
    return db.session.scalars(sa.select(Message).order_by(Message.id.desc()).limit(most)).all()
