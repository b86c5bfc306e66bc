"""The outbox against a real mail server: nothing lost, nothing sent twice, and doubt is called doubt."""

import asyncio
import email.policy
import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
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

from registry import create_app, outbox
from registry.config import Settings, load
from registry.db import db, now
from registry.outbox import CLAIM_LASTS, MOST_TRIES, Message, MessageState


class Postman:
    """What arrives, and what to say to it."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
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


def test_a_mail_whose_process_was_killed_is_in_doubt_after_a_while(app: Flask, postman: Postman) -> None:
    message = post()
    claimed = outbox._claim()
    assert claimed is message
    assert message.state is MessageState.CLAIMED
    began = now()
    with time_machine.travel(began + CLAIM_LASTS - timedelta(seconds=5)):
        outbox.deliver()
        db.session.expire_all()
        assert message.state is MessageState.CLAIMED
    with time_machine.travel(began + CLAIM_LASTS + timedelta(seconds=5)):
        outbox.deliver()
        db.session.expire_all()
        assert message.state is MessageState.UNSURE
    assert postman.mails == []


def test_nobody_without_an_address_is_written_to(app: Flask) -> None:
    assert outbox.post(to=None, subject="Approved", text="") is None
    assert outbox.post(to="", subject="Approved", text="") is None


@pytest.mark.parametrize("address", ["nobody", "a@b@c", "nia@dunmore.example\nBcc: all@dunmore.example", "@dunmore"])
def test_what_is_no_address_fails_without_a_try(app: Flask, postman: Postman, address: str) -> None:
    message = post(to=address)
    assert (message.state, bool(message.problem)) == (MessageState.FAILED, True)
    assert outbox.deliver() == {}


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
    assert message.tries == 1


def test_mail_waits_where_the_server_hangs_up_before_anything_was_sent(app: Flask) -> None:
    message = post()
    with socket.create_server(("127.0.0.1", 0)) as rude:
        app.extensions["mailman"].port = rude.getsockname()[1]
        thread = threading.Thread(target=lambda: rude.accept()[0].close())
        thread.start()
        assert outbox.deliver() == {"waiting": 1}
        thread.join(10)
    assert message.tries == 1


def test_mail_waits_where_the_server_never_greets(app: Flask) -> None:
    message = post()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        app.extensions["mailman"].port = silent.getsockname()[1]
        app.extensions["mailman"].timeout = 0.2
        assert outbox.deliver() == {"waiting": 1}
    assert message.tries == 1


@pytest.mark.parametrize("to", ["søren.lund@dunmore.example", "nia@llyfrgell-tŷ.example"])
def test_an_address_in_another_alphabet_ends_in_a_state_and_stops_nobody(app: Flask, postman: Postman, to: str) -> None:
    message = post(to=to)
    post(subject="The next one")
    outbox.deliver()
    assert message.state in (MessageState.SENT, MessageState.FAILED)
    assert postman.mails[-1]["Subject"] == "The next one"
