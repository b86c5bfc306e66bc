"""What the worker does with a round that was sent: rows of mail beside rows of invitations, some at a time.

A portion is one transaction, so a worker that is killed leaves all of it or none. The database takes one invitation a
person and meetup: whoever else was quicker, nobody is invited twice.
"""

from collections.abc import Sequence
from secrets import token_urlsafe
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.orm import joinedload

from registry import outbox
from registry.db import db, exclusively, is_sqlite, now
from registry.meetups.inviting import letters, queries
from registry.meetups.inviting.actions import withdraw
from registry.meetups.inviting.models import Fate, Listed, Round, RoundState
from registry.meetups.models import Invitation
from registry.people.models import Person
from registry.postman import why_unusable

#: People in a portion: who writes on a page waits for one, at the most.
PORTION: Final = 100


def is_anything_to_do() -> bool:
    """Whether a round is to be sent."""
    return queries.next_to_send() is not None


def work_off() -> str:
    """Hand all rounds that were sent to the outbox; commits. Empty where another worker does it just now."""
    with exclusively("invitations") as free:
        if not free:
            return ""
        rounds = people = 0
        while (round_id := queries.next_to_send()) is not None:
            while (some := send_portion(round_id)) is not None:
                people += some
            rounds += 1
    return f"{people} invited in {rounds} rounds"


def send_portion(round_id: int) -> int | None:
    """Invite the next of a round; how many, or ``None`` where it has ended or was stopped. Commits."""
    sending = sa.select(Round).where(Round.id == round_id, Round.state == RoundState.SENDING)
    held = sending.options(joinedload(Round.meetup)).with_for_update(of=Round)
    round_ = db.session.scalar(held.execution_options(populate_existing=True))
    if round_ is None:
        db.session.rollback()
        return None
    if not round_.meetup.is_open:
        withdraw(round_)
        round_.state, round_.stopped_at = RoundState.STOPPED, now()
        db.session.commit()
        return None
    queued = (
        sa.select(Listed.id, Person, queries.reach(round_.meetup_id))
        .join(Person, Person.id == Listed.person_id)
        .where(Listed.round_id == round_id, Listed.fate == Fate.QUEUED)
        .order_by(Listed.id)
        .limit(PORTION)
    )
    rows = db.session.execute(queued).all()
    if not rows:
        round_.state, round_.ended_at = RoundState.SENT, now()
        db.session.commit()
        return None
    number = _invite(round_, rows)
    db.session.commit()
    return number


def _invite(round_: Round, rows: Sequence[Any]) -> int:
    """Invite those who can be reached still; how many."""
    fates = {listed_id: _fate(person, Fate(fate)) for listed_id, person, fate in rows}
    people = {person.id: person for listed_id, person, _ in rows if fates[listed_id] is Fate.QUEUED}
    fresh = _invitations(round_, list(people))
    mails = [letters.mail_of(round_.subject, round_.text, one, round_.meetup, people[one.person_id]) for one in fresh]
    ids = outbox.ids_of(outbox.post_many(mails))
    sent = dict(zip((one.person_id for one in fresh), ids, strict=True))
    changes = []
    for listed_id, person, _ in rows:
        fate = fates[listed_id]
        if fate is Fate.QUEUED:
            fate = Fate.INVITED if person.id in sent else Fate.ALREADY
        changes.append({"id": listed_id, "fate": fate, "message_id": sent.get(person.id)})
    db.session.execute(sa.update(Listed), changes)
    return len(sent)


def _fate(person: Person, fate: Fate) -> Fate:
    return Fate.UNUSABLE if fate is Fate.QUEUED and why_unusable(person.mail or "") else fate


def _invitations(round_: Round, person_ids: Sequence[int]) -> list[Invitation]:
    """New invitations of some people, in their order, without those who have one; not objects of the session."""
    if not person_ids:
        return []
    insert: Any = sqlite_insert if is_sqlite() else postgresql_insert
    at = now()
    rows = [
        {"meetup_id": round_.meetup_id, "person_id": one, "invited_at": at, "invited_by_id": round_.sent_by_id,
         "nonce": token_urlsafe(16)}
        for one in person_ids
    ]  # fmt: skip
    table: Any = Invitation.__table__
    made = insert(table).values(rows).on_conflict_do_nothing().returning(table.c.id, table.c.person_id, table.c.nonce)
    found = {row.person_id: row for row in db.session.execute(made)}
    return [
        Invitation(id=found[one].id, meetup_id=round_.meetup_id, person_id=one, nonce=found[one].nonce, invited_at=at)
        for one in person_ids if one in found
    ]  # fmt: skip
