"""The mailbox for answers: a file that others write to at the same time, and a folder of a real IMAP server."""

import mailbox as standard
import subprocess
import sys
from pathlib import Path

import cast
import occasions
import pytest
import sqlalchemy as sa
from dovecot import PASSWORD, USER, Dovecot
from flask import Flask
from pydantic import SecretStr
from test_calendar_replies import file, mail

from registry import doctor, jobs
from registry.config import Settings
from registry.db import db, now
from registry.meetups import rounds
from registry.meetups.calendars import mailbox
from registry.meetups.calendars.models import HandledMail
from registry.meetups.models import Meetup, Reply
from registry.people.models import Person

OTHER = b"From: lottery@spam.example\nSubject: You have won\nMessage-ID: <1@spam.example>\n\nFrom here on, rich.\n"


@pytest.fixture
def box(tmp_path: Path) -> Path:
    """A new mbox file."""
    path = tmp_path / "answers.mbox"
    path.touch()
    return path


def with_box(app: Flask, where: str, password: str = "") -> Settings:
    """The settings, with that mailbox."""
    changes = {"reply_mailbox": where, "reply_mailbox_password": SecretStr(password), "reply_address": USER}
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=changes)
    settings: Settings = app.config["SETTINGS"]
    return settings


def deliver(path: Path, *mails: bytes) -> None:
    """Put mails into a file as a mail server does."""
    box = standard.mbox(path)
    box.lock()
    for one in mails:
        box.add(one)
    box.flush()
    box.unlock()
    box.close()


@pytest.fixture
def meetup(app: Flask) -> Meetup:
    """A meetup to which six are invited."""
    meetup = occasions.a_meetup()
    for number in range(6):
        occasions.invite(meetup, cast.a_person(f"asked{number}"))
    db.session.commit()
    return meetup


def answer_of(meetup: Meetup, number: int, partstat: str = "ACCEPTED") -> bytes:
    """What the calendar of one of them sends."""
    address = f"asked{number}@dunmore.example"
    return mail(file(meetup, attendee=f"mailto:{address}", partstat=partstat), sender=address)


def said() -> dict[str, str]:
    rows = db.session.execute(sa.select(Person.username, Reply.answer).join(Reply, Reply.person_id == Person.id))
    return {name: answer.value for name, answer in rows}


def test_each_mail_in_a_file_is_handled_once_and_the_file_stays_as_it_is(app: Flask, meetup: Meetup, box: Path) -> None:
    settings = with_box(app, str(box))
    assert mailbox.read(settings) == "nothing has arrived"
    deliver(box, OTHER, answer_of(meetup, 0), answer_of(meetup, 1, "DECLINED"), mail(file(meetup)))
    before = box.read_bytes()
    assert mailbox.read(settings) == "2 answered, 1 unknown, 1 other"
    assert box.read_bytes() == before
    assert mailbox.read(settings) == "nothing has arrived"
    deliver(box, answer_of(meetup, 2, "TENTATIVE"))
    assert mailbox.read(settings) == "1 answered"
    assert said() == {"asked0": "yes", "asked1": "no", "asked2": "maybe"}


def test_a_mail_whose_mark_is_lost_is_found_to_be_stale(app: Flask, meetup: Meetup, box: Path) -> None:
    settings = with_box(app, str(box))
    deliver(box, answer_of(meetup, 0))
    mailbox.read(settings)
    db.session.execute(sa.update(HandledMail).values(handled_at=now() - 2 * mailbox.KEPT))
    db.session.commit()
    assert mailbox.read(settings) == "1 stale"


def test_a_file_that_somebody_else_holds_is_read_when_they_are_done(app: Flask, meetup: Meetup, box: Path) -> None:
    settings = with_box(app, str(box))
    deliver(box, answer_of(meetup, 0))
    holds = "import fcntl, sys; f = open(sys.argv[1], 'r+'); fcntl.lockf(f, fcntl.LOCK_EX); print(flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", holds, str(box)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as other:
        assert other.stdout is not None
        assert other.stdin is not None
        other.stdout.readline()
        with pytest.raises(mailbox.Unreadable, match="is in use; it is read the next time"):
            mailbox.read(settings)
        other.stdin.write(b"\n")
        other.stdin.close()
        other.wait(20)
    assert mailbox.read(settings) == "1 answered"


def test_one_mail_that_breaks_something_keeps_none_after_it_from_being_read(
    app: Flask, meetup: Meetup, box: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings, whole = with_box(app, str(box)), mailbox.replies.handle
    deliver(box, OTHER, answer_of(meetup, 0))

    def breaks(content: bytes) -> object:
        if b"lottery" in content:
            raise RuntimeError("Nobody thought of this.")
        return whole(content)

    monkeypatch.setattr(mailbox.replies, "handle", breaks)
    assert mailbox.read(settings) == "1 answered, 1 other"


def test_a_mail_that_is_too_large_is_left_alone(app: Flask, meetup: Meetup, box: Path) -> None:
    settings = with_box(app, str(box))
    deliver(box, answer_of(meetup, 0) + b"x" * mailbox.LARGEST, answer_of(meetup, 1))
    assert mailbox.read(settings) == "1 answered, 1 other"
    assert said() == {"asked1": "yes"}


@pytest.mark.parametrize(
    ("where", "words"),
    [
        ("/nowhere/answers", "/nowhere/answers is not there."),
        ("pop3://a@b/c", "it is no address of a folder: write imaps://user@host/folder."),
        ("imap://a@localhost/c", "it is no address of a folder: write imaps://user@host/folder."),
        ("imaps://localhost/c", "it is no address of a folder: write imaps://user@host/folder."),
    ],
)
def test_a_mailbox_that_cannot_be_read_is_told_in_words(app: Flask, where: str, words: str) -> None:
    settings = with_box(app, where)
    with pytest.raises(mailbox.Unreadable) as refused:
        mailbox.read(settings)
    assert str(refused.value) == words
    step = mailbox.check(settings)
    assert step is not None
    assert (step.ok, step.line) == (False, f"The mailbox for the answers of calendars: {words}")


def test_the_worker_reads_it_and_notes_what_came_of_it(app: Flask, meetup: Meetup, box: Path) -> None:
    jobs.run(app, rounds.ANSWERS)
    assert db.session.get(jobs.JobRun, rounds.ANSWERS) is None  # No mailbox is set: there is nothing to do.
    db.session.rollback()
    with_box(app, str(box))
    deliver(box, answer_of(meetup, 0))
    db.session.rollback()
    jobs.run(app, rounds.ANSWERS)
    run = db.session.get(jobs.JobRun, rounds.ANSWERS)
    assert run is not None
    assert run.outcome == "1 answered"


@pytest.mark.sqlite_only
def test_the_doctor_says_whether_it_can_be_read(app: Flask, box: Path) -> None:
    def told() -> list[str]:
        db.session.rollback()
        return [step.line for step in doctor.steps(app) if step.about == "answers"]

    assert told() == []
    with_box(app, str(box))
    deliver(box, OTHER)
    assert told() == ["The mailbox for the answers of calendars can be read; 1 mails are in it."]


# --- A folder of a real server ------------------------------------------------------------------------------


@pytest.fixture
def folder(app: Flask, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """The settings with an empty folder of a server whose certificate this machine trusts."""
    monkeypatch.setenv("SSL_CERT_FILE", str(dovecot.certificate))
    dovecot.empty()
    return with_box(app, dovecot.address, PASSWORD)


@pytest.mark.imap
def test_each_mail_in_a_folder_is_handled_once_and_none_is_marked_or_moved(
    meetup: Meetup, folder: Settings, dovecot: Dovecot
) -> None:
    dovecot.deliver(OTHER, answer_of(meetup, 0), answer_of(meetup, 1, "DECLINED"))
    assert mailbox.read(folder) == "2 answered, 1 other"
    assert dovecot.state() == [b"1 (FLAGS (\\Recent))", b"2 (FLAGS (\\Recent))", b"3 (FLAGS (\\Recent))"]
    assert mailbox.read(folder) == "nothing has arrived"
    dovecot.deliver(answer_of(meetup, 2, "TENTATIVE"), answer_of(meetup, 3) + b"\n" + b"x" * mailbox.LARGEST)
    assert mailbox.read(folder) == "1 answered, 1 other"
    assert said() == {"asked0": "yes", "asked1": "no", "asked2": "maybe"}
    step = mailbox.check(folder)
    assert step is not None
    assert (step.ok, step.line) == (True, "The mailbox for the answers of calendars can be read; 5 mails are in it.")


@pytest.mark.imap
def test_a_folder_that_was_made_anew_is_read_anew(meetup: Meetup, folder: Settings, dovecot: Dovecot) -> None:
    dovecot.deliver(answer_of(meetup, 0))
    mailbox.read(folder)
    dovecot.empty()
    dovecot.deliver(answer_of(meetup, 1))  # It has the number of the other one.
    assert mailbox.read(folder) == "1 answered"
    assert said() == {"asked0": "yes", "asked1": "yes"}


@pytest.mark.imap
def test_a_server_that_lets_nobody_in_is_told_in_words(
    app: Flask, folder: Settings, dovecot: Dovecot, monkeypatch: pytest.MonkeyPatch
) -> None:
    def told(where: str, password: str = PASSWORD) -> str:
        with pytest.raises(mailbox.Unreadable) as refused:
            mailbox.read(with_box(app, where, password))
        return str(refused.value)

    assert told(dovecot.address).startswith("localhost does not let us read Answers: NO ")  # There is no such folder.
    assert "AUTHENTICATIONFAILED" in told(dovecot.address, "wrong")
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "certificate verify failed" in told(dovecot.address)
