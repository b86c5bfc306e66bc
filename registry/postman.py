"""What a mail is on the wire, and the talk with the mail server, which tells exactly when nobody can be sure any more.

Python's own email package takes milliseconds for a mail. Here only what differs is made for each: the lines of a header
are checked against what a line may be, whatever they are made of, and a body is encoded so that nothing in it can be
taken for anything else.
"""

import binascii
import re
import smtplib
from dataclasses import dataclass
from email.header import Header
from email.utils import formataddr, formatdate, parseaddr
from functools import lru_cache
from types import TracebackType
from typing import Any, Final, Protocol

from flask import current_app

#: What a line of a header may be: visible, and folded only before a blank.
_LINE: Final = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]|\r\n (?=[\x21-\x7e]))*")
_WEB: Final = re.compile(r"https?://[\x21-\x3b\x3d\x3f-\x7e]+")
#: Addresses that need no thought. Others are looked at more closely.
_PLAIN: Final = re.compile(r"[A-Za-z0-9.!#$%&'*+/^_`{|}~-]+@[A-Za-z0-9.-]+")
_OWN_ID: Final = re.compile(r"<(?:[A-Za-z0-9-]+\.)?[0-9a-f]{32}@social-account-registry>")
_ENDS_OF_LINES: Final = re.compile(r"\r\n|\r|\n")
_DOT: Final = re.compile(rb"(?m)^\.")
_SAYS_DATA: Final = 354
#: Characters of an address, and of what stands before its @ (RFC 5321, 4.5.3.1).
MOST_OF_AN_ADDRESS: Final = 254
MOST_OF_A_NAME: Final = 64
_PLAIN_NAME: Final = re.compile(r"[A-Za-z0-9_+-]+(\.[A-Za-z0-9_+-]+)*")


class Letter(Protocol):
    """What a mail is made of: a message of the outbox, or a row of its columns."""

    message_id: Any
    to: Any
    subject: Any
    text: Any
    calendar: Any
    unsubscribe: Any


class Unusable(Exception):
    """It cannot be put into a mail; the message says why."""


class Refused(Exception):
    """The mail server said no; ``for_now`` where it may take it later. It has not got it."""

    def __init__(self, message: str, *, for_now: bool) -> None:
        super().__init__(message)
        self.for_now = for_now


class Unreachable(Exception):
    """There was no connection, and nothing has left."""


class Away(Unreachable):
    """Nobody can get through to the mail server just now, with whatever mail."""


class Doubt(Exception):
    """The connection broke when the mail was on its way: it may have arrived."""


# --- On the wire ------------------------------------------------------------------------------------------


def why_unusable(address: str) -> str:
    """Why no mail can go to ``address``; empty where one can."""
    name, _, domain = address.rpartition("@")
    # Of a name that is plain it is the domain that decides, which hundreds of colleagues have in common.
    plain = len(name) <= MOST_OF_A_NAME and _PLAIN_NAME.fullmatch(name) and len(address) <= MOST_OF_AN_ADDRESS
    return _why_unusable(f"x@{domain}" if plain else address)


@lru_cache(maxsize=1_000)
def _why_unusable(address: str) -> str:
    from email_validator import EmailNotValidError, validate_email

    try:
        validate_email(address, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        return str(error)
    return ""


def line(name: str, value: str) -> str:
    """A line of a header. Raises ``Unusable`` where ``value`` would be anything else than its value."""
    if not _LINE.fullmatch(value):
        raise Unusable(f"The mail cannot be written: what stands under {name} is not fit for a header.")
    return f"{name}: {value}\r\n"


@lru_cache(maxsize=256)
def subject_line(subject: str) -> str:
    """The subject, which many mails share, as a header takes it."""
    safe = subject.replace("=?", "= ?")  # An encoded word would be read as what it stands for, line ends and all.
    encoded = Header(safe, None if safe.isascii() else "utf-8", header_name="Subject").encode(linesep="\r\n")
    return line("Subject", encoded or "-")


@lru_cache(maxsize=8)
def sender_line(sender: str) -> tuple[str, str]:
    """Who sends it as a header takes it, and the bare address."""
    name, mailbox = parseaddr(sender)
    return line("From", formataddr((name, mailbox))), mailbox


def address(mailbox: str) -> tuple[str, bool]:
    """An address as a server takes it, and whether it takes letters beyond ASCII to do so. Raises ``Unusable``."""
    if _PLAIN.fullmatch(mailbox):
        return mailbox, False
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(mailbox, check_deliverability=False, test_environment=True)
    except EmailNotValidError as error:
        raise Unusable(str(error)) from None
    if "=?" in mailbox:
        raise Unusable("The address looks like an encoded word, which a mail program would read as something else.")
    if found.ascii_email:
        return found.ascii_email, False
    return f"{found.local_part}@{found.ascii_domain}", True


def composed(letter: Letter, sender: str, at: float) -> bytes:
    """A mail as it goes over the wire, written at ``at`` (seconds since 1970). Raises ``Unusable``."""
    to, wide = address(letter.to)
    if not _OWN_ID.fullmatch(letter.message_id):
        raise Unusable("The mail cannot be written: its number is not one of ours.")
    head = [
        subject_line(letter.subject), sender_line(sender)[0], f"To: {to}\r\n" if wide else line("To", to),
        line("Message-ID", letter.message_id), line("Date", formatdate(at)), "Auto-Submitted: auto-generated\r\n",
    ]  # fmt: skip
    if letter.unsubscribe:
        if not _WEB.fullmatch(letter.unsubscribe):
            raise Unusable("The mail cannot be written: where one ends such mails is no web address.")
        head += [
            line("List-Unsubscribe", f"<{letter.unsubscribe}>"),
            "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n",
        ]
    return "".join([*head, "MIME-Version: 1.0\r\n"]).encode() + _body(letter)


def _body(letter: Letter) -> bytes:
    text = _part("text/plain", letter.text)
    if not letter.calendar:
        return text
    # No line of quoted-printable text holds "=_", so no text can end a part before its time.
    edge: bytes = b"=_" + letter.message_id.partition("@")[0][-32:].encode()
    method = "CANCEL" if "\r\nMETHOD:CANCEL\r\n" in letter.calendar else "REQUEST"
    calendar = _part("text/calendar", letter.calendar, f"; method={method}")
    head = b'Content-Type: multipart/alternative; boundary="' + edge + b'"\r\n\r\n'
    parts = b"".join(b"--" + edge + b"\r\n" + part + b"\r\n" for part in (text, calendar))
    return head + parts + b"--" + edge + b"--\r\n"


def _part(kind: str, text: str, more: str = "") -> bytes:
    plain = _ENDS_OF_LINES.sub("\n", text).encode("utf-8", "replace")
    lines: bytes = binascii.b2a_qp(plain, istext=True).replace(b"\n", b"\r\n")
    head = f'Content-Type: {kind}; charset="utf-8"{more}\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
    return head.encode() + lines + (b"" if lines.endswith(b"\r\n") else b"\r\n")


# --- The talk with the server -----------------------------------------------------------------------------


@dataclass(slots=True)
class Postman:
    """Takes mails to the server, over one connection as long as it holds."""

    sender: str
    _door: Any = None

    def __enter__(self) -> "Postman":
        self._door = current_app.extensions["mailman"].get_connection()
        return self

    def __exit__(
        self, _kind: type[BaseException] | None, _error: BaseException | None, _at: TracebackType | None
    ) -> None:
        try:
            self._door.close()
        except (OSError, smtplib.SMTPException):
            self._hang_up()  # All that was to be said was said.

    def hand_over(self, letter: Letter, at: float) -> None:
        """Give the server a mail. Raises ``Unusable``, ``Refused``, ``Unreachable`` or ``Doubt``."""
        try:
            wire = composed(letter, self.sender, at)
            to, wide = address(letter.to)
        except ValueError as error:  # Half pairs, say.
            raise Unusable(f"The mail cannot be written: {error}") from error
        fresh = self._door.connection is None
        try:
            self._announce(to, wide)
        except Unreachable:
            if fresh:
                raise
            self._announce(to, wide)  # It had hung up while nothing was sent: a server may, after a while.
        self._send(wire)

    def _announce(self, to: str, wide: bool) -> None:
        """Say from whom and to whom, up to the point where the server wants the mail itself."""
        try:
            self._door.open()
        except OSError as error:
            self._hang_up()
            raise Away(str(error) or type(error).__name__) from error
        try:
            server: smtplib.SMTP = self._door.connection
            server.ehlo_or_helo_if_needed()
            options = ["SMTPUTF8"] if wide else []
            if wide and not server.has_extn("smtputf8"):
                raise Refused("The mail server takes no addresses in other alphabets.", for_now=False)
            self._agreed(server.mail(sender_line(self.sender)[1], options), 250)
            self._agreed(server.rcpt(to), 250, 251)
            self._agreed(server.docmd("DATA"), _SAYS_DATA)
        except OSError as error:  # smtplib's own errors are of this kind, too.
            self._hang_up()
            raise Unreachable(str(error) or type(error).__name__) from error

    def _send(self, wire: bytes) -> None:
        server = self._door.connection
        try:
            server.send(_DOT.sub(b"..", wire) + b".\r\n")
            answer = server.getreply()
        except OSError as error:
            self._hang_up()
            raise Doubt(str(error) or type(error).__name__) from error
        self._agreed(answer, 250)

    def _agreed(self, answer: tuple[int, bytes], *codes: int) -> None:
        code, words = answer
        if code in codes:
            return
        if code == 421:  # It is about to hang up.
            self._hang_up()
        else:
            self._start_over()
        said = f"{code} {words.decode('utf-8', 'replace')}"
        raise Refused(f"The mail server refused it: {said}", for_now=400 <= code < 500)

    def _start_over(self) -> None:
        try:
            self._door.connection.rset()
        except OSError:
            self._hang_up()

    def _hang_up(self) -> None:
        if self._door.connection is not None:
            self._door.connection.close()
        self._door.connection = None
