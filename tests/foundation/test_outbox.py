"""The outbox against a real mail server: nothing lost, nothing sent twice, and doubt is called doubt."""

import asyncio
import email.policy
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy as sa
import time_machine
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from databases import dispose
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from registry import claims, create_app, outbox
from registry.config import Settings, load
from registry.db import db, now
from registry.outbox import CLAIM_LASTS, MOST_TRIES, Message, MessageState
from registry.postman import _why_unusable, composed, why_unusable


class Postman:
    """What arrives, and what to say to it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.raw: list[bytes] = []
        self.to_recipient = "250 OK"
        self.after_data = "250 OK"
        self.hangs_up = False

    async def handle_RCPT(
        self, _server: SMTP, _session: Session, envelope: Envelope, address: str, _options: list[str]
    ) -> str:
        if self.to_recipient.startswith("250"):
            envelope.rcpt_tos.append(address)
        return self.to_recipient

    async def handle_DATA(self, server: SMTP, _session: Session, envelope: Envelope) -> str:
        parsed = BytesParser(policy=email.policy.default).parsebytes(envelope.original_content or b"")
        assert isinstance(parsed, EmailMessage)
        self.mails.append(parsed)
        self.raw.append(envelope.original_content or b"")
        if self.hangs_up:
            assert server.transport is not None
            server.transport.abort()
            await asyncio.sleep(0)
        return self.after_data


@pytest.fixture(scope="module")
def server() -> Iterator[tuple[Postman, int]]:
    """A mail server on a free port of this machine."""
    postman = Postman()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(postman, hostname="127.0.0.1", port=port)
    controller.start()
    yield postman, port
    controller.stop()


@pytest.fixture
def settings(instance: Path, database_url: str, server: tuple[Postman, int]) -> Settings:
    """Mail goes to the server of this module."""
    smtp: Any = {"host": "127.0.0.1", "port": server[1], "sender": "registry@dunmore.example"}
    return load(instance=instance, database_url=database_url, smtp=smtp)


@pytest.fixture
def postman(server: tuple[Postman, int]) -> Iterator[Postman]:
    """The server's hands, clean at the beginning of each test."""
    server[0].__init__()  # type: ignore[misc]
    return server[0]


def post(to: str = "nia.okafor@dunmore.example", subject: str = "Approved", text: str = "Hello Nia,\n") -> Message:
    """A message that waits; committed."""
    message = outbox.post(to=to, subject=subject, text=text)
    assert message is not None
    db.session.commit()
    return message


def test_a_mail_leaves_once_with_its_own_id(app: Flask, postman: Postman) -> None:
    message = post(text="Hello Łucja,\n\nyour account is live.\n")
    assert outbox.deliver() == {"sent": 1}
    assert outbox.deliver() == {}
    (mail,) = postman.mails
    assert mail["Message-ID"] == message.message_id
    assert (mail["To"], mail["From"]) == ("nia.okafor@dunmore.example", "registry@dunmore.example")
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail.get_content().replace("\r\n", "\n").rstrip() == "Hello Łucja,\n\nyour account is live."
    assert (message.state, message.sent_at is None) == (MessageState.SENT, False)


def test_several_mails_leave_in_order_up_to_the_number_asked_for(app: Flask, postman: Postman) -> None:
    for number in range(3):
        post(subject=f"Mail {number}")
    assert outbox.deliver(most=2) == {"sent": 2}
    assert outbox.deliver() == {"sent": 1}
    assert [mail["Subject"] for mail in postman.mails] == ["Mail 0", "Mail 1", "Mail 2"]


def test_a_mail_posted_in_a_transaction_that_fails_is_not_there(app: Flask, postman: Postman) -> None:
    outbox.post(to="nia.okafor@dunmore.example", subject="Approved", text="")
    db.session.rollback()
    assert outbox.deliver() == {}
    assert postman.mails == []


def test_a_refused_recipient_fails_at_once_with_the_reason(app: Flask, postman: Postman) -> None:
    message = post()
    postman.to_recipient = "550 No such mailbox"
    assert outbox.deliver() == {"failed": 1}
    assert "No such mailbox" in message.problem
    assert outbox.deliver() == {}


@pytest.mark.parametrize("where", ["to_recipient", "after_data"])
def test_a_mail_refused_for_now_waits_longer_each_time_and_then_fails(app: Flask, postman: Postman, where: str) -> None:
    message = post()
    setattr(postman, where, "451 Try again later")
    waits = []
    with time_machine.travel(now(), tick=False) as clock:
        while message.state is MessageState.WAITING:
            outbox.deliver()
            waits.append((message.due_at - now()) // timedelta(minutes=1))
            assert outbox.deliver() == {}
            clock.move_to(message.due_at)
    assert waits == [2, 4, 8, 16, 32, 64, 128, 256]
    assert (message.state, message.tries, len(waits)) == (MessageState.FAILED, MOST_TRIES, MOST_TRIES)


def test_a_mail_refused_for_now_leaves_later(app: Flask, postman: Postman) -> None:
    message = post()
    postman.to_recipient = "451 Try again later"
    outbox.deliver()
    postman.to_recipient = "250 OK"
    with time_machine.travel(message.due_at):
        assert outbox.deliver() == {"sent": 1}
    assert [mail["Message-ID"] for mail in postman.mails] == [message.message_id]


def test_a_connection_lost_after_the_text_leaves_doubt_and_no_second_mail(app: Flask, postman: Postman) -> None:
    message = post()
    postman.hangs_up = True
    assert outbox.deliver() == {"unsure": 1}
    postman.hangs_up = False
    with time_machine.travel(now() + timedelta(days=2)):
        assert outbox.deliver() == {}
    assert len(postman.mails) == 1
    assert message.state is MessageState.UNSURE


def test_the_mails_after_a_lost_connection_leave_on_a_new_one(app: Flask, postman: Postman) -> None:
    post(subject="Lost")
    post(subject="After it")
    postman.hangs_up = True
    assert outbox.deliver(most=1) == {"unsure": 1}
    postman.hangs_up = False
    assert outbox.deliver() == {"sent": 1}
    assert [mail["Subject"] for mail in postman.mails] == ["Lost", "After it"]


def left_by(mark: str, state: MessageState = MessageState.CLAIMED) -> Message:
    """A message as a worker left it."""
    message = post()
    message.state, message.claimed_at, message.claimed_by = state, now(), mark
    db.session.commit()
    return message


def a_process_that_is_gone(app: Flask) -> str:
    """The mark of a process of this machine that has ended."""
    ended = subprocess.run([sys.executable, "-c", "import os; print(os.getpid())"], capture_output=True, text=True)
    mine = claims.begin().split()
    claims.end(" ".join(mine))
    db.session.rollback()
    return " ".join([*mine[:2], ended.stdout.strip(), "1", "cafe"])


def states_after(message: Message, *, later: timedelta = timedelta()) -> tuple[MessageState, str]:
    """The state of a message once claims are looked through, some time later, and why."""
    with time_machine.travel(now() + later):
        outbox.free_claims()
    db.session.expire_all()
    return message.state, message.problem


def test_what_a_killed_worker_had_claimed_waits_again_at_once_and_what_was_leaving_is_in_doubt(app: Flask) -> None:
    mark = a_process_that_is_gone(app)
    assert states_after(left_by(mark)) == (MessageState.WAITING, "")
    assert states_after(left_by(mark, MessageState.LEAVING)) == (MessageState.UNSURE, outbox.STOPPED)


def test_what_was_claimed_before_the_machine_or_the_server_went_down_is_in_doubt(app: Flask) -> None:
    gone = a_process_that_is_gone(app).split()
    message = left_by(" ".join(["another-start", *gone[1:]]))
    assert states_after(message) == (MessageState.UNSURE, outbox.STOPPED)


def test_nobody_takes_what_a_living_worker_has_claimed_however_long_it_takes(app: Flask) -> None:
    with subprocess.Popen(["sleep", "60"]) as other:
        mark = a_process_that_is_gone(app).split()
        began = claims._began(other.pid)
        message = left_by(" ".join([*mark[:2], str(other.pid), began, "cafe"]))
        assert states_after(message, later=timedelta(days=1)) == (MessageState.CLAIMED, "")
        other.kill()
        other.wait()
        assert states_after(message) == (MessageState.WAITING, "")


def test_another_process_of_the_same_number_is_not_the_one_that_claimed(app: Flask) -> None:
    mark = a_process_that_is_gone(app).split()
    message = left_by(" ".join([*mark[:2], str(os.getppid()), "1", "cafe"]))
    assert states_after(message) == (MessageState.WAITING, "")


def test_a_worker_that_cannot_be_seen_from_here_has_ten_minutes(app: Flask) -> None:
    mark = a_process_that_is_gone(app).split()
    elsewhere = " ".join([mark[0], "boot/another-room", *mark[2:]])
    message = left_by(elsewhere)
    assert states_after(message, later=CLAIM_LASTS - timedelta(seconds=5)) == (MessageState.CLAIMED, "")
    assert states_after(message, later=CLAIM_LASTS + timedelta(seconds=5)) == (MessageState.WAITING, "")
    leaving = left_by(elsewhere, MessageState.LEAVING)
    assert states_after(leaving, later=CLAIM_LASTS + timedelta(seconds=5)) == (MessageState.UNSURE, outbox.STOPPED)


def test_what_an_earlier_release_had_claimed_is_in_doubt_after_a_while(app: Flask) -> None:
    message = left_by("")
    message.claimed_by = None
    db.session.commit()
    assert states_after(message) == (MessageState.CLAIMED, "")
    assert states_after(message, later=CLAIM_LASTS + timedelta(seconds=5)) == (MessageState.UNSURE, outbox.STOPPED)


def test_an_error_in_the_middle_gives_back_what_has_not_left(
    app: Flask, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [post(subject=f"Mail {number}") for number in range(3)]
    handed_over, seen = outbox._handed_over, count()

    def breaks(*args: Any) -> Any:
        if next(seen) == 1:
            raise RuntimeError("as any library may")
        return handed_over(*args)

    monkeypatch.setattr(outbox, "_handed_over", breaks)
    with pytest.raises(RuntimeError):
        outbox.deliver()
    db.session.expire_all()
    assert [message.state.value for message in messages] == ["sent", "unsure", "waiting"]


def test_what_is_withdrawn_before_it_leaves_does_not_leave(
    app: Flask, postman: Postman, monkeypatch: pytest.MonkeyPatch
) -> None:
    messages = [post(subject=f"Mail {number}") for number in range(3)]
    ids, handed_over = [message.id for message in messages], outbox._handed_over

    def withdrawing(*args: Any) -> Any:
        told = handed_over(*args)
        with db.engine.begin() as other:  # Somebody presses the button while the first one leaves.
            some = sa.update(Message).where(Message.id.in_(ids), Message.state.in_(outbox.NOT_GONE))
            other.execute(some.values(state=MessageState.WITHDRAWN))
        return told

    monkeypatch.setattr(outbox, "_handed_over", withdrawing)
    assert outbox.deliver() == {"sent": 1}
    assert [mail["Subject"] for mail in postman.mails] == ["Mail 0"]
    db.session.expire_all()
    assert [message.state.value for message in messages] == ["sent", "withdrawn", "withdrawn"]


def test_withdrawing_takes_back_what_waits_and_nothing_else(app: Flask) -> None:
    made = {state: left_by("x y 1 1 z", state) for state in MessageState}
    db.session.commit()
    held_back = outbox.withdraw(sa.select(Message.id))
    assert sorted(held_back) == sorted([made[MessageState.WAITING].id, made[MessageState.CLAIMED].id])
    db.session.expire_all()
    assert made[MessageState.LEAVING].state is MessageState.LEAVING


def test_two_workers_at_once_send_each_mail_once(app: Flask, postman: Postman) -> None:
    numbers = 120
    outbox.post_many([outbox.Mail(to=f"p{n}@dunmore.example", subject=str(n), text="") for n in range(numbers)])
    db.session.commit()
    tallies: list[dict[str, int]] = []

    def work() -> None:
        with app.app_context():
            while tally := outbox.deliver(most=17):
                tallies.append(tally)

    workers = [threading.Thread(target=work) for _ in range(2)]
    for one in workers:
        one.start()
    for one in workers:
        one.join(120)
    assert sum(tally["sent"] for tally in tallies) == numbers
    assert sorted(int(str(mail["Subject"])) for mail in postman.mails) == list(range(numbers))


def test_a_server_that_hung_up_between_two_mails_is_asked_again(app: Flask, postman: Postman) -> None:
    with Sulky() as sulky:
        app.extensions["mailman"].port = sulky.port
        for number in range(4):
            post(subject=f"Mail {number}")
        assert outbox.deliver() == {"sent": 4}
    assert sulky.subjects == [f"Mail {number}" for number in range(4)]


class Sulky:
    """A mail server that hangs up after each mail, before the next one begins."""

    def __enter__(self) -> "Sulky":
        self.subjects: list[str] = []
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        return self

    def serve(self) -> None:
        while True:
            try:
                talk, _ = self.socket.accept()
            except OSError:
                return
            with talk, talk.makefile("rwb", buffering=0) as lines:
                lines.write(b"220 sulky\r\n")
                while line := lines.readline():
                    lines.write(b"354 go on\r\n" if line.startswith(b"DATA") else b"250 ok\r\n")
                    if line.startswith(b"DATA"):
                        mail = list(iter(lines.readline, b".\r\n"))
                        self.subjects += [one[9:].decode().strip() for one in mail if one.startswith(b"Subject: ")]
                        lines.write(b"250 kept\r\n")
                        break

    def __exit__(self, *_: object) -> None:
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(10)


# --- On the wire ------------------------------------------------------------------------------------------

ALWAYS = [
    "Subject", "From", "To", "Message-ID", "Date", "Auto-Submitted", "MIME-Version", "Content-Type",
    "Content-Transfer-Encoding",
]  # fmt: skip
NASTY = (
    "=?utf-8?q?A=0D=0ABcc=3A_everybody=40dunmore=2Eexample?=", "=?utf-8?b?DQpCY2M6IGFAYi5jDQo=?=", "a\rBcc: a@b.c",
    "a\nBcc: a@b.c", "a\r\n\r\nBcc: a@b.c", "a\u2028Bcc: a@b.c", "a\u2029\x85\x0b\x0cBcc: a@b.c", "a\x00b", "a\ud83db",
    "=?utf-8?q?" + "x" * 200 + "?=", "=" * 120, "Ŵ" * 120, "=\n?utf-8?q?=0ABcc:_a?=", " ",
    "\u202ecod.exe", "👩‍👩‍👧 " * 30,
)  # fmt: skip


def headers_of(raw: bytes) -> list[list[str]]:
    """The names of the headers as two parsers read them, once more after each has written its reading anew."""
    found = []
    for policy in (email.policy.compat32, email.policy.default):
        parsed = BytesParser(policy=policy).parsebytes(raw)
        again = BytesParser(policy=policy).parsebytes(parsed.as_bytes())
        found += [list(parsed.keys()), list(again.keys())]
    return found


@pytest.mark.parametrize("nasty", NASTY)
def test_nothing_in_a_subject_a_name_or_a_text_adds_a_header(app: Flask, postman: Postman, nasty: str) -> None:
    text = f"Hello {nasty},\n.\n..\n\nFrom {nasty}\n".replace("\ud83d", "").replace("\x00", "")
    post(subject=f"Hello {nasty}", text=text)
    assert outbox.deliver() == {"sent": 1}
    assert headers_of(postman.raw[0]) == [ALWAYS] * 4
    assert postman.mails[0]["Bcc"] is None
    body = postman.mails[0].get_content().replace("\r\n", "\n")
    assert body == text.replace("\r\n", "\n").replace("\r", "\n")


@given(st.text(), st.text())
def test_whatever_a_mail_holds_its_headers_are_those_that_we_write(subject: str, text: str) -> None:
    letter = SimpleNamespace(
        message_id=f"<{'a' * 32}@social-account-registry>", to="nia@dunmore.example", subject=outbox.header(subject),
        text=text, calendar="", unsubscribe="",
    )  # fmt: skip
    raw = composed(letter, "registry@dunmore.example", 0)
    assert headers_of(raw) == [ALWAYS] * 4
    assert max(map(len, raw.split(b"\r\n"))) <= 998
    assert b"\n" not in raw.replace(b"\r\n", b"")
    assert b"\r" not in raw.replace(b"\r\n", b"")


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("to", "=?utf-8?q?A=0D=0ABcc?=@dunmore.example"),
        ("unsubscribe", "https://dunmore.example/\r\nBcc: a@b.c"),
        ("unsubscribe", "https://dunmore.example/>, <mailto:a@b.c"),
        ("message_id", "<x@y>\r\nBcc: a@b.c"),
    ],
)
def test_what_is_not_fit_for_a_header_makes_the_mail_fail(app: Flask, postman: Postman, name: str, value: str) -> None:
    message = post()
    db.session.execute(sa.update(Message).values({name: value}))
    db.session.commit()
    assert outbox.deliver() == {"failed": 1}
    db.session.expire_all()
    assert (postman.mails, bool(message.problem)) == ([], True)


def test_a_calendar_file_is_another_way_to_read_the_mail(app: Flask, postman: Postman) -> None:
    calendar = "BEGIN:VCALENDAR\r\nMETHOD:REQUEST\r\nSUMMARY:Dŵr =20 \r\n.\r\nEND:VCALENDAR\r\n"
    outbox.post(to="nia@dunmore.example", subject="Come", text="Come.\n", calendar=calendar)
    db.session.commit()
    assert outbox.deliver() == {"sent": 1}
    text, other = postman.mails[0].iter_parts()
    assert postman.mails[0].get_content_type() == "multipart/alternative"
    assert (text.get_content_type(), text.get_content().strip()) == ("text/plain", "Come.")
    assert (other.get_content_type(), other["Content-Type"].params["method"]) == ("text/calendar", "REQUEST")
    assert other.get_content().replace("\n", "\r\n").replace("\r\r", "\r") == calendar


def test_a_mail_that_is_about_something_leaves_with_that_word_in_its_id(app: Flask, postman: Postman) -> None:
    outbox.post_many([outbox.Mail(to="nia@dunmore.example", subject="Lunch", text="", about="meetup-7", calendar="X")])
    db.session.commit()
    assert outbox.deliver() == {"sent": 1}
    assert str(postman.mails[0]["Message-ID"]).startswith("<meetup-7.")


def test_a_letter_that_can_be_ended_says_how(app: Flask, postman: Postman) -> None:
    outbox.post(to="nia@dunmore.example", subject="News", text="", unsubscribe="https://dunmore.example/end?a=b&c=d")
    db.session.commit()
    assert outbox.deliver() == {"sent": 1}
    assert postman.mails[0]["List-Unsubscribe"] == "<https://dunmore.example/end?a=b&c=d>"
    assert postman.mails[0]["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_nobody_without_an_address_is_written_to(app: Flask) -> None:
    assert outbox.post(to=None, subject="Approved", text="") is None
    assert outbox.post(to="", subject="Approved", text="") is None


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "nia@dunmore.example\nBcc: all@dunmore.example", "@dunmore"])
def test_what_is_no_address_fails_without_a_try(app: Flask, postman: Postman, address: str) -> None:
    message = post(to=address)
    assert (message.state, bool(message.problem)) == (MessageState.FAILED, True)
    assert outbox.deliver() == {}


@pytest.mark.parametrize("domain", ["dunmore.example", "dunmore", "-dunmore.example", "", "dunmore.example ", "a..b"])
def test_address_of_a_plain_name_is_judged_as_the_whole_of_it_is(domain: str) -> None:
    names = ("nia", "nia.okafor", "nia..okafor", ".nia", "nia.", "n+1_a-b", "n" * 64, "n" * 65, "", "n a", "n\n", "ñia")
    for address in (f"{name}@{domain}" for name in names):
        assert bool(why_unusable(address)) is bool(_why_unusable(address)), address


@pytest.mark.parametrize(
    ("subject", "arrives"),
    [
        ("Approved: Llyfrgell Tŷ’r Dŵr", "Approved: Llyfrgell Tŷ’r Dŵr"),
        ("One\r\nBcc: everybody@dunmore.example", "One Bcc: everybody@dunmore.example"),
        ("One\nTwo\x00\x85\u2028Three", "One Two Three"),
        ("=?utf-8?q?From=3A_the_mayor?=", "= ?utf-8?q?From=3A_the_mayor?="),
        ("half a pair \ud83d here", "half a pair here"),
        ("ab " * 100, "ab " * 66 + "ab"),
    ],
)
def test_a_subject_arrives_as_one_harmless_line(app: Flask, postman: Postman, subject: str, arrives: str) -> None:
    post(subject=subject)
    assert outbox.deliver() == {"sent": 1}
    (mail,) = postman.mails
    assert (str(mail["Subject"]), mail["Bcc"]) == (arrives, None)


@given(st.text())
def test_a_header_never_breaks_its_line(text: str) -> None:
    safe = outbox.header(text)
    assert safe.splitlines() in ([], [safe])
    assert "=?" not in safe
    assert outbox.header(safe) == safe


@pytest.mark.postgres
def test_two_workers_never_take_the_same_mail(app: Flask) -> None:
    post()
    first = db.session.scalars(sa.select(Message).with_for_update(skip_locked=True)).all()
    assert len(first) == 1
    with db.engine.connect() as other:
        assert other.execute(sa.select(Message.id).with_for_update(skip_locked=True)).all() == []
    db.session.rollback()


def test_mail_waits_where_no_server_is_set(instance: Path, database_url: str) -> None:
    app = create_app(load(instance=instance, database_url=database_url))
    with app.app_context():
        post()
        assert outbox.deliver() == {}
        assert outbox.tally() == {"waiting": 1}
    dispose(app)


def test_mail_waits_where_the_server_does_not_answer(app: Flask) -> None:
    message = post()
    app.extensions["mailman"].port = 1
    assert outbox.deliver() == {"waiting": 1}
    assert message.tries == 0


def test_mail_waits_where_the_server_hangs_up_before_anything_was_sent(app: Flask) -> None:
    message = post()
    with socket.create_server(("127.0.0.1", 0)) as rude:
        app.extensions["mailman"].port = rude.getsockname()[1]
        thread = threading.Thread(target=lambda: rude.accept()[0].close())
        thread.start()
        assert outbox.deliver() == {"waiting": 1}
        thread.join(10)
    assert message.tries == 0


def test_no_mail_fails_because_the_server_is_away_for_a_weekend(app: Flask, postman: Postman) -> None:
    message, port, at = post(), app.extensions["mailman"].port, now()
    app.extensions["mailman"].port = 1
    for hour in range(60):
        with time_machine.travel(at + timedelta(hours=hour), tick=False):
            assert outbox.deliver() == {"waiting": 1}
    app.extensions["mailman"].port = port
    assert outbox.deliver() == {"sent": 1}
    assert message.problem == ""


def test_mail_waits_where_the_server_never_greets(app: Flask) -> None:
    message = post()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app.extensions["mailman"].port = silent.getsockname()[1]
        app.extensions["mailman"].timeout = 0.2
        assert outbox.deliver() == {"waiting": 1}
    assert message.tries == 0


@pytest.mark.parametrize("to", ["søren.lund@dunmore.example", "nia@llyfrgell-tŷ.example"])
def test_an_address_in_another_alphabet_ends_in_a_state_and_stops_nobody(app: Flask, postman: Postman, to: str) -> None:
    message = post(to=to)
    post(subject="The next one")
    outbox.deliver()
    assert message.state in (MessageState.SENT, MessageState.FAILED)
    assert postman.mails[-1]["Subject"] == "The next one"
