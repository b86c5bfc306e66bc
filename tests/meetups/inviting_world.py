"""A meetup, and colleagues of whom each is on a list for another reason."""

from datetime import timedelta
from typing import Any

import cast
import sqlalchemy as sa

from registry.db import db, now
from registry.meetups import actions as meetups
from registry.meetups import queries as meetup_queries
from registry.meetups.inviting import actions, queries, worker
from registry.meetups.inviting.choosing import Choice
from registry.meetups.inviting.models import Listed, Round
from registry.meetups.models import Invitation, Kind, Meetup
from registry.outbox import Message
from registry.people.models import Person


def a_meetup(title: str = "Lunch", *, in_days: int = 14, **more: Any) -> Meetup:
    """A meetup that the organiser has planned; flushed."""
    begins = (now() + timedelta(days=in_days)).replace(hour=12, minute=30, second=0, microsecond=0)
    what = meetups.Plan(
        kind=Kind.MEETUP, title=title, begins_at=begins, ends_at=begins + timedelta(hours=1), place="Room 4", **more
    )
    made = meetups.plan(actor=cast.organiser(), what=what)
    found = meetup_queries.meetup(made.id)
    assert found is not None
    return found


def a_runner(username: str, address: str, *, deputy: Person | None = None, **more: Any) -> Person:
    """Somebody who owns an account, in a team of their own where none is named; flushed."""
    person = cast.a_person(username, **{"team": ("Department", f"Team of {username}"), **more})
    cast.an_account(address, owner=person, deputy=deputy)
    return person


def a_draft(meetup: Meetup, **choice: Any) -> Round:
    """A draft that the organiser has begun; committed."""
    draft = actions.begin(meetup=meetup, choice=Choice(**choice), actor=cast.organiser())
    db.session.commit()
    return the_round(draft.id)


def the_round(round_id: int) -> Round:
    """A round as it is now."""
    db.session.rollback()
    db.session.expire_all()
    meetup_id = db.session.get_one(Round, round_id).meetup_id
    found = queries.round_of(meetup_id, round_id)
    assert found is not None
    return found


def on_list(draft: Round) -> list[str]:
    """The usernames of those on the list of a draft, as its maker sees it, by name."""
    maker = db.session.get_one(Person, draft.made_by_id)
    condition = queries.on_list(
        Choice.of(draft.choice), queries.sight_of(maker, _roles(maker)), queries.by_hand(draft.id)
    )
    return list(db.session.scalars(sa.select(Person.username).where(condition).order_by(Person.name, Person.id)))


def _roles(person: Person) -> Any:
    part = next((one for one in cast.EVERYBODY if one.username == person.username), None)
    return frozenset(part.roles if part else ())


def send(draft: Round, expected: int | None = None) -> Round:
    """Send a round, have the worker write to all of it, and give it as it is then; commits."""
    maker = db.session.get_one(Person, draft.made_by_id)
    sight = queries.sight_of(maker, _roles(maker))
    if expected is None:
        condition = queries.on_list(Choice.of(draft.choice), sight, queries.by_hand(draft.id))
        expected = queries.counts(condition, draft.meetup_id).get(queries.Fate.QUEUED, 0)
    actions.send(draft=draft, expected=expected, sight=sight, actor=cast.organiser())
    db.session.commit()
    worker.work_off()
    return the_round(draft.id)


def fates(round_: Round) -> dict[str, str]:
    """What became of each on the list of a round, by username."""
    rows = sa.select(Person.username, Listed.fate).join(Listed, Listed.person_id == Person.id)
    told = db.session.execute(rows.where(Listed.round_id == round_.id).order_by(Person.username)).all()
    return {username: fate.value if fate else "" for username, fate in told}


def written_to() -> list[str]:
    """To whom a mail of an invitation was written, by their addresses."""
    rows = sa.select(Message.to).join(Listed, Listed.message_id == Message.id).order_by(Message.to)
    return list(db.session.scalars(rows))


def invited(meetup: Meetup) -> list[str]:
    """Who has an invitation to a meetup, by username."""
    rows = sa.select(Person.username).join(Invitation, Invitation.person_id == Person.id)
    return list(db.session.scalars(rows.where(Invitation.meetup_id == meetup.id).order_by(Person.username)))
