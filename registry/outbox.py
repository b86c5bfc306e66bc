"""Mail that cannot be lost or sent twice: a row in the transaction of the change that it tells of.

A message is claimed (committed) before it leaves. Where the process dies or the connection breaks after that,
nobody knows whether it arrived: it is shown as unsure and not sent again by itself.
"""

import enum
import smtplib
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from flask import Flask, current_app
from sqlalchemy.orm import Mapped, mapped_column

from registry.db import Model, db, is_sqlite, now, words
from registry.logs import log
from registry.personal import Fate, attribute, leads, stays

MOST_TRIES: Final = 8
#: A claim older than this was left by a process that died.
CLAIM_LASTS: Final = timedelta(minutes=10)


class MessageState(enum.StrEnum):
    """How far a message has come."""

    WAITING = "waiting"
    CLAIMED = "claimed"
    SENT = "sent"
    UNSURE = "unsure"
    FAILED = "failed"


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
    sent_at: Mapped[datetime | None]


def header(text: str) -> str:
    """``text`` as one line that is safe in a mail header: no line ends, controls or encoded words."""
    seen = "".join(" " if unicodedata.category(one) in ("Cc", "Cs", "Zl", "Zp") else one for one in text)
    return " ".join(seen.replace("=?", "= ?").split())[:200]


def post(
    *, to: str | None, subject: str, text: str, person_id: int | None = None, calendar: str = "", unsubscribe: str = ""
) -> Message | None:
    """Put a mail in the caller's transaction; it leaves after the commit. See ``Mail`` for what it takes.

    Without an address (frontline staff often have none) there is nothing to post and ``None`` comes back.
    """
    if not to:
        return None
    mail = Mail(to=to, subject=subject, text=text, person_id=person_id, calendar=calendar, unsubscribe=unsubscribe)
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


def post_many(mails: Sequence[Mail], *, due_at: datetime | None = None) -> None:
    """Put many mails in the caller's transaction, in one statement; ``due_at`` is when they may leave, if not at once.

    They are not objects of the session: nobody looks at them again before they are sent.
    """
    if mails:
        at = now()
        rows = [_row(mail, at) | {"tries": 0, "due_at": due_at or at} for mail in mails]
        table: Any = Message.__table__
        db.session.execute(sa.insert(table), rows)


def _row(mail: Mail, at: datetime) -> dict[str, Any]:
    from email_validator import EmailNotValidError, validate_email

    problem, state = "", MessageState.WAITING
    try:
        validate_email(mail.to, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        problem, state = str(error), MessageState.FAILED
    about = f"{mail.about}." if mail.about else ""
    return {
        "message_id": f"<{about}{uuid4().hex}@social-account-registry>", "to": mail.to, "subject": header(mail.subject),
        "text": mail.text, "calendar": mail.calendar, "unsubscribe": mail.unsubscribe, "person_id": mail.person_id,
        "state": state, "problem": problem, "posted_at": at,
        "due_at": at,
    }  # fmt: skip


def hold_back(ids: Sequence[int], why: str) -> None:
    """Of some messages, let none leave that has not: what they tell is no longer so."""
    waiting = sa.update(Message).where(Message.id.in_(ids), Message.state == MessageState.WAITING)
    db.session.execute(waiting.values(state=MessageState.FAILED, problem=why))


def link(path: str) -> str:
    """The whole address of a page, for a mail: ``path`` begins with a slash."""
    address: str = current_app.config["SETTINGS"].address
    return address.rstrip("/") + path


def deliver(most: int = 500) -> dict[str, int]:
    """Send what is due, at most ``most`` messages over one connection.

    Returns how many ended in which state. Commits as it goes: each claim before its mail leaves.
    """
    tally: dict[str, int] = {}
    _give_up_old_claims()
    if not current_app.config["MAIL_SERVER"]:
        db.session.commit()
        return tally
    connection = current_app.extensions["mailman"].get_connection()
    try:
        while sum(tally.values()) < most and (message := _claim()):
            _send(connection, message)
            tally[message.state] = tally.get(message.state, 0) + 1
        db.session.commit()
    finally:
        connection.close()
    return tally


def _give_up_old_claims() -> None:
    db.session.execute(
        sa.update(Message)
        .where(Message.state == MessageState.CLAIMED, Message.claimed_at < now() - CLAIM_LASTS)
        .values(state=MessageState.UNSURE, problem="The register stopped while this was on its way.")
    )


def _claim() -> Message | None:
    """Take the next message that is due and commit that, together with the fate of the one before."""
    due = (
        sa.select(Message)
        .where(Message.state == MessageState.WAITING, Message.due_at <= now())
        .order_by(Message.due_at, Message.id)
        .limit(1)
    )
    message = db.session.scalar(due if is_sqlite() else due.with_for_update(skip_locked=True))
    if message:
        message.state, message.claimed_at, message.tries = MessageState.CLAIMED, now(), message.tries + 1
    db.session.commit()
    return message


def _composed(connection: Any, message: Message) -> Any:
    """The mail itself: its text, and where there is one, the calendar file as another way to read it."""
    from flask_mailman import EmailMultiAlternatives

    headers = {"Message-ID": message.message_id, "Auto-Submitted": "auto-generated"}
    if message.unsubscribe:
        headers["List-Unsubscribe"] = f"<{message.unsubscribe}>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail = EmailMultiAlternatives(
        subject=message.subject, body=message.text, to=[message.to], connection=connection, headers=headers
    )
    if message.calendar:
        method = "CANCEL" if "\r\nMETHOD:CANCEL\r\n" in message.calendar else "REQUEST"
        mail.attach_alternative(message.calendar, f"text/calendar; method={method}")
    return mail


def _send(connection: Any, message: Message) -> None:
    mail = _composed(connection, message)
    try:
        connection.open()
    except OSError as error:  # smtplib's own errors are of this kind too. Nothing has left yet.
        _later(message, error)
    else:
        _hand_over(connection, mail, message)
    log.info("mail", message=message.id, state=message.state.value)


def _hand_over(connection: Any, mail: Any, message: Message) -> None:
    try:
        connection.send_messages([mail])
    except (smtplib.SMTPRecipientsRefused, smtplib.SMTPSenderRefused, smtplib.SMTPDataError) as error:
        _refused(message, error)
    except (smtplib.SMTPServerDisconnected, TimeoutError) as error:
        message.state, message.problem = MessageState.UNSURE, f"The connection broke: {error}"
        connection.connection = None
    except OSError as error:
        _later(message, error)
    else:
        message.state, message.sent_at, message.problem = MessageState.SENT, now(), ""


def _refused(message: Message, error: smtplib.SMTPException) -> None:
    codes = [code for code, _ in getattr(error, "recipients", {}).values()] or [getattr(error, "smtp_code", 550)]
    if all(400 <= code < 500 for code in codes):
        _later(message, error)
    else:
        message.state, message.problem = MessageState.FAILED, f"The mail server refused it: {error}"


def _later(message: Message, error: Exception) -> None:
    message.problem = str(error)
    message.state = MessageState.FAILED if message.tries >= MOST_TRIES else MessageState.WAITING
    message.due_at = now() + timedelta(minutes=2**message.tries)


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
