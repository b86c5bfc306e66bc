"""Five thousand invitations to a mail server of this machine, against other ways; and killed, again and again.

    .venv/bin/python tests/bench/mail.py --rate
    .venv/bin/python tests/bench/mail.py --kills 100
    .venv/bin/python tests/bench/mail.py --page

With TEST_DATABASE_URL it does the same on PostgreSQL. The references keep nothing: they only compose and send. Ours has
every claim on the disk before a mail of it leaves, and each mail marked before it does.
"""

import argparse
import os
import random
import smtplib
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent), str(HERE.parent.parent)]

import cast  # noqa: E402
import sqlalchemy as sa  # noqa: E402
from browser import Browser  # noqa: E402
from databases import SECRET_KEY, Databases, dispose  # noqa: E402
from dying import Dying  # noqa: E402
from flask import Flask  # noqa: E402
from sink import Sink, is_dropped  # noqa: E402

from registry import create_app, outbox  # noqa: E402
from registry.audit import Event  # noqa: E402
from registry.config import SmtpSettings, load  # noqa: E402
from registry.db import db, now  # noqa: E402
from registry.outbox import UNDER_WAY, Mail, Message, MessageState  # noqa: E402

SENDER = "registry@dunmore.example"
SUBJECT = "Come to “Peers who post” on Thursday 3 December"
TEXT = """Hello {name},

colleagues who run accounts meet on Thursday 3 December 2026, 12:30 to 13:30, in the Dŵr Room.

Answer with one press, without signing in:
https://registry.dunmore.example/meetups/answer/{number}-{nonce}

Farida
"""
CALENDAR = "\r\n".join(
    ["BEGIN:VCALENDAR", "METHOD:REQUEST", "VERSION:2.0", "BEGIN:VEVENT", "UID:{number}@dunmore.example",
     "SUMMARY:Peers who post", "DTSTART:20261203T123000Z", "DTEND:20261203T133000Z", "END:VEVENT", "END:VCALENDAR", ""]
)  # fmt: skip


def text_of(number: int) -> str:
    """What the mail to somebody says."""
    return TEXT.format(name=f"Colleague {number}", number=number, nonce="x" * 22)


def a_mail(number: int) -> Mail:
    """An invitation."""
    return Mail(
        to=f"colleague{number}@dunmore.example", subject=SUBJECT, text=text_of(number),
        calendar=CALENDAR.replace("{number}", str(number)),
    )  # fmt: skip


# --- Other ways -------------------------------------------------------------------------------------------


def by_the_package(number: int) -> EmailMessage:
    """The same mail, composed by Python's email package."""
    mail = EmailMessage()
    mail["Subject"], mail["From"], mail["To"] = SUBJECT, SENDER, f"colleague{number}@dunmore.example"
    mail["Message-ID"], mail["Date"], mail["Auto-Submitted"] = make_msgid(), formatdate(), "auto-generated"
    mail.set_content(text_of(number))
    mail.add_alternative(CALENDAR.replace("{number}", str(number)), subtype="calendar", params={"method": "REQUEST"})
    return mail


def a_connection_each(port: int, count: int) -> None:
    """Composed each, with a connection each."""
    for number in range(count):
        with smtplib.SMTP("127.0.0.1", port) as server:
            server.send_message(by_the_package(number))


def one_connection(port: int, count: int) -> None:
    """Composed each, over one connection."""
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(count):
            server.send_message(by_the_package(number))


def composed_once(port: int, count: int) -> None:
    """Composed once and filled in, over one connection, without a word kept: the limit."""
    model = by_the_package(0).as_bytes()
    with smtplib.SMTP("127.0.0.1", port) as server:
        for number in range(count):
            server.sendmail(
                SENDER, [f"colleague{number}@dunmore.example"], model.replace(b"colleague0", b"%d" % number)
            )


# --- Ours -------------------------------------------------------------------------------------------------


@contextmanager
def sinking(share: float = 0.0) -> Iterator[Sink]:
    """A mail server of this machine."""
    with tempfile.TemporaryDirectory() as place, Sink(Path(place) / "mails", share) as sink:
        yield sink


@contextmanager
def register(sink: Sink) -> Iterator[tuple[Flask, dict[str, str]]]:
    """A register that sends to the sink, and the settings for a process of its own."""
    folder, port = sink.file.parent, sink.port
    databases = Databases(folder)
    url = databases.copy()
    settings = {
        "REGISTRY_INSTANCE": str(folder), "REGISTRY_SECRET_KEY": SECRET_KEY, "REGISTRY_DATABASE_URL": url,
        "REGISTRY_SMTP_HOST": "127.0.0.1", "REGISTRY_SMTP_PORT": str(port), "REGISTRY_SMTP_SENDER": SENDER,
    }  # fmt: skip
    smtp = SmtpSettings(host="127.0.0.1", port=port, sender=SENDER)
    app = create_app(load(instance=folder, database_url=url, secret_key=SECRET_KEY, smtp=smtp))
    try:
        with app.app_context():
            yield app, settings
    finally:
        dispose(app)
        databases.drop(url)
        databases.close()


def post(count: int) -> None:
    """Let ``count`` invitations wait."""
    for start in range(0, count, 500):
        outbox.post_many([a_mail(number) for number in range(start, min(count, start + 500))])
        db.session.commit()


def measure_rates(count: int, rounds: int) -> None:
    """In turn, so that the machine's mood does not decide."""
    ways: dict[str, Callable[[int, int], None]] = {
        "composed each, a connection each": a_connection_each, "composed each, one connection": one_connection,
        "composed once, one connection, nothing kept": composed_once,
    }  # fmt: skip
    rates: dict[str, list[float]] = {name: [] for name in (*ways, "ours")}
    with sinking() as sink, register(sink):
        for _ in range(rounds):
            for name, way in ways.items():
                some = count if name.startswith("composed once") else count // 10
                began = time.perf_counter()
                way(sink.port, some)
                rates[name].append(some / (time.perf_counter() - began))
            post(count)
            began = time.perf_counter()
            assert outbox.deliver() == {"sent": count}
            rates["ours"].append(count / (time.perf_counter() - began))
    reference = statistics.median(rates["composed each, one connection"])
    for name, values in rates.items():
        middle = statistics.median(values)
        told = f"{middle:8.0f} a second   {middle / reference:6.1f} x   (from {min(values):.0f} to {max(values):.0f})"
        print(f"  {name:<44} {told}")


# --- Killed -----------------------------------------------------------------------------------------------


def measure_kills(count: int, kills: int, share: float, seed: int) -> None:
    """Kill the worker at random points while it sends, then let it end, and count what arrived."""
    draw = random.Random(seed)
    with sinking(share) as sink, register(sink) as (_, settings):
        post(count)
        db.session.remove()
        dying, killed = Dying(sink.file.parent), 0
        try:
            while killed < kills:
                ended = dying.run(settings, "mail", kill_after=draw.uniform(0, count / kills / 600))
                killed += ended == -9
                if ended != -9 and not _waiting():
                    print(f"  it had ended after {killed} kills: more mails are needed")
                    break
            while _waiting():
                dying.run(settings, "mail")
        finally:
            dying.close()
        found = fates(sink, share)
    print(f"  {count:,} mails, killed {killed} times, no answer to {share:.0%}: {found}")
    assert found["lost"] == found["twice"] == found["told wrongly"] == 0, found


def _waiting() -> int:
    try:
        return db.session.scalar(sa.select(sa.func.count(Message.id)).where(Message.state.in_(UNDER_WAY))) or 0
    finally:
        db.session.remove()  # On SQLite it has begun as one that may write: nobody else could.


def fates(sink: Sink, share: float) -> dict[str, int]:
    """What arrived, against what the register says of it."""
    arrived: Counter[str] = Counter()
    unanswered = set()
    for mail in sink.mails():
        head = mail.partition(b"\r\nMessage-ID: ")[2].partition(b"\r\n")[0].decode()
        arrived[head] += 1
        if is_dropped(mail, share):
            unanswered.add(head)
    db.session.rollback()
    states: dict[str, Any] = dict(db.session.execute(sa.select(Message.message_id, Message.state)).all())
    unsure = {name for name, state in states.items() if state is MessageState.UNSURE}
    sent = {name for name, state in states.items() if state is MessageState.SENT}
    return {
        "arrived": len(arrived), "sent": len(sent), "unsure": len(unsure),
        "unsure, and there": len(unsure & arrived.keys()), "unsure, and not there": len(unsure - arrived.keys()),
        "lost": len(states.keys() - arrived.keys() - unsure), "twice": sum(some > 1 for some in arrived.values()),
        "told wrongly": len(sent - arrived.keys()) + len(unanswered - unsure) + len(states) - len(sent) - len(unsure),
    }  # fmt: skip


# --- A page meanwhile -------------------------------------------------------------------------------------


def measure_page(count: int) -> None:
    """How long a page takes, and a change that is kept, while mail goes out and while none does."""
    with sinking() as sink, register(sink) as (app, settings):
        client = Browser(app).as_(cast.comms_officer())
        for number in range(60):
            cast.an_account(f"https://x.com/dunmore{number}")
        db.session.commit()
        quiet = _times(client, lambda seen: seen < 100)
        post(count)
        db.session.remove()
        dying = Dying(sink.file.parent)
        worker = threading.Thread(target=lambda: dying.run(settings, "mail"))
        worker.start()
        time.sleep(1)
        began, before = time.perf_counter(), sum(1 for _ in sink.mails())
        busy = _times(client, lambda _: worker.is_alive())
        took, sent = time.perf_counter() - began, sum(1 for _ in sink.mails()) - before
        dying.close()
    print(f"  {sent:,} mails left in {took:.1f} s, {sent / took:.0f} a second, with these beside it:")
    for name, (pages, changes) in (("no mail leaves", quiet), ("mail leaves", busy)):
        for what, times in (("a page", pages), ("a change", changes)):
            middle, most = (1000 * cut for cut in (statistics.median(times), statistics.quantiles(times, n=20)[18]))
            print(f"  {what:<9} while {name:<15} {middle:7.1f} ms (median) {most:7.1f} ms (95 %), of {len(times)}")


def _times(client: Browser, go_on: Callable[[int], bool]) -> tuple[list[float], list[float]]:
    pages, changes = list[float](), list[float]()
    while go_on(len(pages)):
        began = time.perf_counter()
        assert client.get("/accounts", check=False).status_code == 200
        pages.append(time.perf_counter() - began)
        began = time.perf_counter()
        db.session.add(Event(at=now(), name="bench", subject_kind="", actor_name="", subject_name="", fields={},
                             previous="", seal=str(len(pages)) + str(began)))  # fmt: skip
        db.session.flush()
        db.session.rollback()
        changes.append(time.perf_counter() - began)
        time.sleep(0.01)
    return pages, changes


def main() -> None:
    """Measure, and print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--rate", action="store_true")
    parser.add_argument("--kills", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--page", action="store_true")
    asked = parser.parse_args()
    os.environ.setdefault("PYTHONWARNINGS", "ignore")
    if asked.rate:
        measure_rates(asked.count, asked.rounds)
    if asked.kills:
        measure_kills(asked.count, asked.kills, 0.1, asked.seed)
    if asked.page:
        measure_page(asked.count)


if __name__ == "__main__":
    main()
