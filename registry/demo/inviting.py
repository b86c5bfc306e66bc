"""Invitations at Brynmor: a round that was sent and mostly arrived, and a draft that a colleague has read."""

from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from registry.accounts.queries import sight_of
from registry.db import db, now
from registry.meetups import queries as meetups
from registry.meetups.inviting import actions, queries, worker
from registry.meetups.inviting.choosing import Choice
from registry.meetups.inviting.models import Fate, Hand, Listed, Round
from registry.meetups.models import Invitation, Meetup
from registry.outbox import Message, MessageState
from registry.people.models import Person
from registry.roles import Role
from registry.web import found

ORGANISER = "tomasz.wojcik"
READER = "carys.bowen"
WINTER = "Winter on call: posting when the roads close"
LUNCH = "Account holders’ lunch"
TEXT = """Hello {given name},

snow is coming, and last January each of us wrote something else. On {when} we agree who says what first:

{meetup}
{place}

Bring what went wrong. Biscuits are there.
"""


def fill() -> None:
    """Send a round for the meetup about winter, and leave a draft for the next lunch; commits."""
    organiser, reader = (_person(one) for one in (ORGANISER, READER))
    _send(_begun(WINTER, Choice(), organiser), organiser)
    draft = _begun(LUNCH, Choice(part="owner", lone=True, came="never"), organiser)
    actions.put(draft=draft, person_id=reader.id, hand=Hand.ADDED)
    words = "Say that there is soup. Llŷr asked whether he may bring a guest: can we say so?"
    actions.comment(draft=draft, text=words, actor=reader)
    db.session.commit()


def _person(username: str) -> Person:
    return db.session.scalars(sa.select(Person).where(Person.username == username)).one()


def _begun(title: str, choice: Choice, organiser: Person) -> Round:
    coming = sa.select(Meetup.id).where(Meetup.title == title, Meetup.ends_at > now()).order_by(Meetup.begins_at)
    meetup = found(meetups.meetup(db.session.scalars(coming.limit(1)).one()))
    return actions.begin(meetup=meetup, choice=choice, actor=organiser)


def _send(draft: Round, organiser: Person) -> None:
    """As it was sent three days ago: two mails are in doubt, and one address was refused."""
    number, sight = draft.id, sight_of(organiser, (Role.ORGANISER,))
    actions.write(draft=draft, subject="{meetup}: who says what first?", text=TEXT)
    listed = queries.on_list(Choice.of(draft.choice), sight, queries.by_hand(draft.id))
    expected = queries.counts(listed, draft.meetup_id)[Fate.QUEUED]
    actions.send(draft=draft, expected=expected, sight=sight, actor=organiser)
    db.session.commit()
    worker.work_off()
    at = now() - timedelta(days=3)
    db.session.execute(sa.update(Round).where(Round.id == number).values(sent_at=at, ended_at=at))
    db.session.execute(sa.update(Invitation).values(invited_at=at))
    mine = sa.select(Listed.message_id).where(Listed.round_id == number, Listed.message_id.is_not(None))
    letters = db.session.scalars(mine.order_by(Listed.id)).all()
    _let(letters[2:-1], state=MessageState.SENT, sent_at=at)
    _let(letters[:2], state=MessageState.UNSURE, problem="The connection broke: timed out")
    _let(letters[-1:], state=MessageState.FAILED, problem="The mail server refused it: 550 5.1.1 No such mailbox")
    db.session.commit()


def _let(letters: Any, **values: Any) -> None:
    db.session.execute(sa.update(Message).where(Message.id.in_(letters)).values(tries=1, **values))
