"""A worker that is killed while it invites: all of a portion or none, and in the end everybody has one mail."""

import os
import random
from collections import Counter
from pathlib import Path
from typing import Final

import cast
import pytest
import sqlalchemy as sa
from databases import SECRET_KEY, SERVER
from dying import Dying
from flask import Flask
from inviting_world import a_draft, a_meetup, the_round
from sink import Sink, is_dropped

from registry.accounts.queries import Sight
from registry.db import db
from registry.meetups.inviting import actions
from registry.meetups.inviting.models import Fate, Listed, RoundState
from registry.meetups.models import Invitation
from registry.outbox import UNDER_WAY, Message, MessageState

#: How often it is killed; more, for a night, with ``TEST_KILLS``. tests/bench/mail.py kills a hundred times.
KILLS: Final = int(os.environ.get("TEST_KILLS", "6" if SERVER else "10"))
PEOPLE: Final = 240
DROPPED: Final = 0.1


def settings_of(app: Flask, port: int, database_url: str) -> dict[str, str]:
    """What a process of its own is told."""
    settings = app.config["SETTINGS"]
    return {
        "REGISTRY_INSTANCE": str(settings.instance), "REGISTRY_SECRET_KEY": SECRET_KEY,
        "REGISTRY_DATABASE_URL": database_url, "REGISTRY_SMTP_HOST": "127.0.0.1", "REGISTRY_SMTP_PORT": str(port),
    }  # fmt: skip


def under_way() -> int:
    """How many have neither a mail that has left nor a reason why not."""
    db.session.remove()
    queued = sa.select(sa.func.count(Listed.id)).where(Listed.fate == Fate.QUEUED)
    open_ones = sa.select(sa.func.count(Message.id)).where(Message.state.in_(UNDER_WAY))
    number = (db.session.scalar(queued) or 0) + (db.session.scalar(open_ones) or 0)
    db.session.remove()
    return number


def are_together() -> bool:
    """Whether each who counts as invited has an invitation and a mail, and nobody else has."""
    told = {name: set(db.session.scalars(sa.select(column).where(column.is_not(None)))) for name, column in (
        ("invited", sa.case((Listed.fate == Fate.INVITED, Listed.person_id))), ("invitations", Invitation.person_id),
        ("mails", sa.case((Message.subject == "Killed", Message.person_id))),
    )}  # fmt: skip
    db.session.remove()
    return told["invited"] == told["invitations"] == told["mails"]


@pytest.fixture
def round_id(app: Flask) -> int:
    """A round for many that was just sent."""
    for number in range(PEOPLE):
        cast.a_person(f"killed{number}", team=("Killed",))
    draft = a_draft(a_meetup(), among="everyone", team=cast.a_person("killed.last", team=("Killed",)).team_id)
    actions.write(draft=draft, subject="Killed", text="Hello {given name}.")
    actions.send(draft=draft, expected=PEOPLE + 1, sight=Sight(), actor=cast.organiser())
    number = draft.id
    db.session.commit()
    db.session.remove()
    return number


def test_a_worker_that_is_killed_anywhere_loses_nobody_and_invites_nobody_twice(
    app: Flask, database_url: str, tmp_path: Path, round_id: int
) -> None:
    draw, killed, torn = random.Random(os.environ.get("TEST_SEED", "1")), 0, 0
    with Sink(tmp_path / "mails", DROPPED) as sink:
        settings, dying = settings_of(app, sink.port, database_url), Dying(tmp_path)
        try:
            for _ in range(KILLS):
                killed += dying.run(settings, "invitations", kill_after=draw.uniform(0, 0.25)) == -9
                torn += not are_together()
                killed += dying.run(settings, "mail", kill_after=draw.uniform(0, 0.3)) == -9
            for _ in range(10):
                if under_way():
                    dying.run(settings, "invitations")
                    dying.run(settings, "mail")
        finally:
            dying.close()
        arrived: Counter[str] = Counter()
        unanswered = set()
        for mail in sink.mails():
            number = mail.partition(b"\r\nMessage-ID: ")[2].partition(b"\r\n")[0].decode()
            arrived[number] += 1
            unanswered |= {number} if is_dropped(mail, DROPPED) else set()
    print(f"killed {killed} times; {len(arrived)} of {PEOPLE + 1} arrived, {len(unanswered)} of them without an answer")
    states = dict(
        db.session.execute(sa.select(Message.message_id, Message.state).where(Message.subject == "Killed")).all()
    )
    unsure = {number for number, state in states.items() if state is MessageState.UNSURE}
    assert (torn, under_way(), the_round(round_id).state) == (0, 0, RoundState.SENT)
    assert len(states) == PEOPLE + 1
    assert [number for number, times in arrived.items() if times > 1] == []
    assert states.keys() - arrived.keys() - unsure == set()  # Whoever got nothing is shown as unsure.
    assert unanswered <= unsure
    assert {state for number, state in states.items() if number not in unsure} == {MessageState.SENT}
    assert killed >= KILLS // 2
