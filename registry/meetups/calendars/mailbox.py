"""The mailbox to which calendars send their answers: an mbox file on this machine, or a folder of an IMAP server.

It is only read: nothing in it is moved, marked or removed. What was read before is known by a mark in the database, so
that each mail is handled once; were that lost, the time that each answer bears would still tell the old from the new.
"""

import hashlib
import imaplib
import mailbox
import ssl
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import sqlalchemy as sa

from registry.config import Settings
from registry.db import db, exclusively, now
from registry.logs import log
from registry.meetups.calendars import replies
from registry.meetups.calendars.models import HandledMail, MailFate
from registry.people.directory import Step

#: Mails that are handled at one look; the others are at the next.
MOST: Final = 500
#: Bytes of a mail, and of an mbox file, that are read at most.
LARGEST: Final = 1024 * 1024
LARGEST_BOX: Final = 200 * LARGEST
#: Seconds that the mail server may take to answer.
PATIENCE: Final = 30
#: How long a mark is kept: a mail that is older and still there is read again, and found to be stale.
KEPT: Final = timedelta(days=90)
_IN_ONE: Final = 400

#: A mail: its mark, and what is in it; empty where that is too much.
Letter = tuple[str, bytes]


class Unreadable(Exception):
    """The mailbox cannot be read; the message says why."""


def read(settings: Settings) -> str:
    """Handle what has arrived in the mailbox for answers; how it went. Commits a mail at a time.

    Raises ``Unreadable``. Nothing where another worker does it.
    """
    with exclusively("answers") as free:
        if not free:
            return ""
        db.session.execute(sa.delete(HandledMail).where(HandledMail.handled_at < now() - KEPT))
        db.session.commit()
        fates = Counter(_handle(*letter) for letter in _arrived(settings))
    return ", ".join(f"{fates[fate]} {fate.value}" for fate in MailFate if fates[fate]) or "nothing has arrived"


def check(settings: Settings) -> Step | None:
    """Whether the mailbox can be read; ``None`` where none is set."""
    if not settings.reply_mailbox:
        return None
    about = "answers"
    try:
        count = _count(settings)
    except Unreadable as error:
        mend = "Check REGISTRY_REPLY_MAILBOX and REGISTRY_REPLY_MAILBOX_PASSWORD."
        return Step(False, f"The mailbox for the answers of calendars: {error}", mend, about)
    mend = "" if settings.reply_address else "Set REGISTRY_REPLY_ADDRESS, so that calendars send their answers there."
    return Step(True, f"The mailbox for the answers of calendars can be read; {count:,} mails are in it.", mend, about)


def _handle(mark: str, content: bytes) -> MailFate:
    """Handle one mail, and remember that it was: both or neither."""
    try:
        fate = replies.handle(content)
    except Exception as error:  # One mail shall not keep all after it from being read.
        db.session.rollback()
        log.error("calendar answer", exc_info=error)
        fate = MailFate.OTHER
    db.session.add(HandledMail(mark=mark, handled_at=now(), fate=fate))
    db.session.commit()
    return fate


def _arrived(settings: Settings) -> list[Letter]:
    """The mails that were not read before, the first to arrive first."""
    if "://" in settings.reply_mailbox:
        with _folder(settings) as (connection, name):
            return _from_folder(connection, name)
    with _locked(Path(settings.reply_mailbox)) as box:
        return _from_box(box)


def _count(settings: Settings) -> int:
    if "://" in settings.reply_mailbox:
        with _folder(settings) as (connection, _):
            return len(_numbers(connection))
    with _locked(Path(settings.reply_mailbox)) as box:
        return len(box)


def _new(marks: Sequence[str]) -> list[str]:
    """Those of ``marks`` that nobody has handled, in their order, and at most so many at a look."""
    known: set[str] = set()
    for first in range(0, len(marks), _IN_ONE):
        some = marks[first : first + _IN_ONE]
        known |= set(db.session.scalars(sa.select(HandledMail.mark).where(HandledMail.mark.in_(some))))
    db.session.rollback()  # Nobody shall wait while the mails are fetched.
    return [mark for mark in dict.fromkeys(marks) if mark not in known][:MOST]


def _mark(*parts: object) -> str:
    return hashlib.sha256("|".join(map(str, parts)).encode()).hexdigest()


# --- A file -------------------------------------------------------------------------------------------------


@contextmanager
def _locked(path: Path) -> Iterator[mailbox.mbox]:
    """An mbox file, held as mail programs hold it, so that nobody writes to it in between."""
    if not path.is_file():
        raise Unreadable(f"{path} is not there.")
    if path.stat().st_size > LARGEST_BOX:
        raise Unreadable(f"{path} is larger than {LARGEST_BOX // 2**20} MB: clear away what is old.")
    try:
        box = mailbox.mbox(path, create=False)
    except OSError as error:
        raise Unreadable(f"{path} cannot be opened: {error}.") from None
    try:
        box.lock()
        yield box
    except mailbox.ExternalClashError:
        raise Unreadable(f"{path} is in use; it is read the next time.") from None
    except OSError as error:
        raise Unreadable(f"{path} cannot be locked and read: {error}.") from None
    finally:
        box.unlock()
        box.close()


def _from_box(box: mailbox.mbox) -> list[Letter]:
    held = {hashlib.sha256(box.get_bytes(key)).hexdigest(): key for key in box.keys()}  # noqa: SIM118 - it is no dict
    found = ((mark, box.get_bytes(held[mark])) for mark in _new(list(held)))
    return [(mark, content if len(content) <= LARGEST else b"") for mark, content in found]


# --- A folder -----------------------------------------------------------------------------------------------


@contextmanager
def _folder(settings: Settings) -> Iterator[tuple[imaplib.IMAP4, str]]:
    """A connection to the mail server on which the folder is open to be read, and what the folder is known by."""
    parts = urlsplit(settings.reply_mailbox)
    if parts.scheme != "imaps" or not parts.hostname or not parts.username:
        raise Unreadable("it is no address of a folder: write imaps://user@host/folder.")
    folder = unquote(parts.path.strip("/")) or "INBOX"
    password = settings.reply_mailbox_password.get_secret_value()
    try:
        trusted = ssl.create_default_context()
        connection = imaplib.IMAP4_SSL(parts.hostname, parts.port or 993, ssl_context=trusted, timeout=PATIENCE)
        try:
            connection.login(unquote(parts.username), password)
            _ask(connection.select(_quoted(folder), readonly=True))
            validity = connection.response("UIDVALIDITY")[1]
            yield connection, f"{parts.hostname}|{parts.username}|{folder}|{validity}"
        finally:
            with suppress(OSError, imaplib.IMAP4.error):
                connection.logout()
    except (OSError, imaplib.IMAP4.error) as error:
        raise Unreadable(f"{parts.hostname} does not let us read {folder}: {error}.") from None


def _quoted(folder: str) -> str:
    escaped = folder.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'


def _ask(answer: tuple[str, list[Any]]) -> list[Any]:
    """What a server said; raises where it said no."""
    status, data = answer
    if status != "OK":
        raise imaplib.IMAP4.error(f"{status} {data!r}"[:200])
    return data


def _numbers(connection: imaplib.IMAP4) -> list[str]:
    found = _ask(connection.uid("SEARCH", "ALL"))[0] or b""
    return [one.decode("ascii") for one in found.split() if one.isdigit()]


def _from_folder(connection: imaplib.IMAP4, name: str) -> list[Letter]:
    marks = {_mark(name, number): number for number in _numbers(connection)}
    return [(mark, _fetched(connection, marks[mark])) for mark in _new(list(marks))]


def _fetched(connection: imaplib.IMAP4, number: str) -> bytes:
    """A mail as it came, of which no more is asked for than is read; it stays unread."""
    data = _ask(connection.uid("FETCH", number, f"(BODY.PEEK[]<0.{LARGEST + 1}>)"))
    content = next((one[1] for one in data if isinstance(one, tuple)), b"")
    return content if len(content) <= LARGEST else b""
