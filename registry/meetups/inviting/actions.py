"""What organisers do with a round of invitations: choose, write, look, send, stop."""

from collections.abc import Iterable, Sequence
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from registry import audit, outbox
from registry.accounts.queries import Sight
from registry.audit import Somebody
from registry.db import db, now
from registry.meetups import replying
from registry.meetups.inviting import letters, queries
from registry.meetups.inviting.choosing import Choice, Names, sentence
from registry.meetups.inviting.models import Comment, Fate, Hand, Listed, Round, RoundState
from registry.meetups.models import Invitation, Meetup
from registry.outbox import Message, MessageState
from registry.people.models import Person
from registry.people.queries import IN_OFFICE
from registry.postman import why_unusable

SENT: Final = audit.declare(
    "meetup.invited", "{actor} invited {people} people to “{subject}”: {whom}", "people", "whom", "round"
)
STOPPED: Final = audit.declare(
    "meetup.inviting-stopped", "{actor} stopped the invitations to “{subject}”: {withdrawn} had not left", "withdrawn",
    "round",
)  # fmt: skip
AGAIN: Final = audit.declare(
    "meetup.invited-again", "{actor} sent an invitation to “{subject}” once more, which had {before}", "before", "round"
)
#: What may be sent once more, and what the history calls it.
TO_RETRY: Final = {MessageState.UNSURE: "perhaps arrived", MessageState.FAILED: "failed"}


class NotNow(Exception):
    """The round has gone on: a colleague was quicker, or the same button was pressed twice."""


class NotOpen(Exception):
    """The meetup is over, or does not take place."""


class AnotherNumber(Exception):
    """It would not be as many invitations as was said: ``number`` says how many it is now."""

    def __init__(self, number: int) -> None:
        super().__init__(f"It is {number} invitations now.")
        self.number = number


class NotTwice(Exception):
    """Whoever began a draft cannot be the second pair of eyes on it."""


def begin(*, meetup: Meetup, choice: Choice, actor: Somebody) -> Round:
    """Begin a draft."""
    draft = Round(
        meetup_id=meetup.id, choice=choice.kept(), subject=letters.SUBJECT, text=letters.TEXT, made_by_id=actor.id
    )
    db.session.add(draft)
    db.session.flush()
    return draft


def choose(*, draft: Round, choice: Choice) -> None:
    """Choose others; what was done by hand stays. Raises ``NotNow``."""
    _take(draft, RoundState.DRAFT)
    if draft.choice != choice.kept():
        draft.choice = choice.kept()
        _changed(draft)


def put(*, draft: Round, person_id: int, hand: Hand) -> None:
    """Take somebody out of the list of a draft, or add them; ``CHOSEN`` leaves it to the choice. Raises ``NotNow``."""
    _take(draft, RoundState.DRAFT)
    mine = sa.select(Listed).where(Listed.round_id == draft.id, Listed.person_id == person_id)
    row = db.session.scalar(mine)
    if hand is Hand.CHOSEN:
        if row is not None:
            db.session.delete(row)
    elif row is None:
        db.session.add(Listed(round_id=draft.id, person_id=person_id, hand=hand))
    else:
        row.hand = hand
    _changed(draft)
    db.session.flush()


def write(*, draft: Round, subject: str, text: str) -> None:
    """Say what the mail says. Raises ``NotNow``."""
    _take(draft, RoundState.DRAFT)
    if (draft.subject, draft.text) != (subject, text):
        draft.subject, draft.text = subject, text
        _changed(draft)


def comment(*, draft: Round, text: str, actor: Somebody) -> None:
    """Say something of a draft. Raises ``NotNow``."""
    _take(draft, RoundState.DRAFT)
    db.session.add(Comment(round_id=draft.id, person_id=actor.id, text=text))


def looks_right(*, draft: Round, actor: Somebody) -> None:
    """Say that a draft that somebody else began is right as it is. Raises ``NotNow`` and ``NotTwice``."""
    _take(draft, RoundState.DRAFT)
    if actor.id == draft.made_by_id:
        raise NotTwice
    draft.looked_at, draft.looked_by_id = now(), actor.id


def discard(*, draft: Round) -> None:
    """Give a draft up. Raises ``NotNow``."""
    _take(draft, RoundState.DRAFT)
    for model in (Comment, Listed):
        db.session.execute(sa.delete(model).where(model.round_id == draft.id))
    db.session.delete(draft)


def _changed(draft: Round) -> None:
    draft.changed_at, draft.looked_at, draft.looked_by_id = now(), None, None


def send(*, draft: Round, expected: int | None, sight: Sight, actor: Somebody) -> None:
    """Freeze the list and have the worker write to each; ``expected`` repeats how many those are.

    Raises ``NotNow``, ``NotOpen`` and ``AnotherNumber``, and changes nothing.
    """
    _take(draft, RoundState.DRAFT)
    if not draft.meetup.is_open:
        raise NotOpen
    choice = Choice.of(draft.choice)
    hands = queries.by_hand(draft.id)
    on_list = queries.on_list(choice, sight, hands)
    fates: dict[int, str] = dict(
        db.session.execute(sa.select(Person.id, queries.reach(draft.meetup_id)).where(on_list)).all()
    )
    number = sum(fate == Fate.QUEUED for fate in fates.values())
    if number != expected or not number:
        raise AnotherNumber(number)
    _freeze(draft, fates, set(hands[Hand.ADDED]))
    draft.state, draft.sent_at, draft.sent_by_id, draft.expected = RoundState.SENDING, now(), actor.id, number
    whom = sentence(choice, Names(team="a team", topic="a topic", document="a document", under="somebody"))
    _record(SENT, draft, actor, people=number, whom=whom)


def _freeze(draft: Round, fates: dict[int, str], added: set[int]) -> None:
    mine = Listed.round_id == draft.id
    db.session.execute(sa.delete(Listed).where(mine, Listed.hand == Hand.ADDED))
    rows = [
        {
            "round_id": draft.id,
            "person_id": one,
            "hand": Hand.ADDED if one in added else Hand.CHOSEN,
            "fate": Fate(fate),
        }
        for one, fate in sorted(fates.items())
    ]
    db.session.execute(sa.insert(Listed), rows)


def stop(*, sending: Round, actor: Somebody) -> int:
    """Withdraw what has not left; how many that are. Whoever got nothing counts as not invited. Raises ``NotNow``."""
    _take(sending, RoundState.SENDING, RoundState.SENT)
    withdrawn = withdraw(sending)
    if not withdrawn and sending.state is RoundState.SENT:
        raise NotNow
    sending.state, sending.stopped_at, sending.stopped_by_id = RoundState.STOPPED, now(), actor.id
    _record(STOPPED, sending, actor, withdrawn=withdrawn)
    return withdrawn


def withdraw(round_: Round) -> int:
    """Keep what has not left of a round that is held from leaving; how many people get nothing."""
    mine = Listed.round_id == round_.id
    letters_of_it = sa.select(Listed.message_id).where(mine, Listed.message_id.is_not(None))
    held_back = outbox.withdraw(letters_of_it)
    with_them = sa.and_(mine, Listed.message_id.in_(held_back))
    people = sa.select(Listed.person_id).where(with_them)
    db.session.execute(
        sa.delete(Invitation).where(Invitation.meetup_id == round_.meetup_id, Invitation.person_id.in_(people)),
        execution_options={"synchronize_session": False},
    )
    changed: Any = db.session.execute(
        sa.update(Listed).where(sa.or_(with_them, sa.and_(mine, Listed.fate == Fate.QUEUED))).values(
            fate=Fate.WITHDRAWN
        ), execution_options={"synchronize_session": False},
    )  # fmt: skip
    return int(changed.rowcount)


def hold_under_way(meetup_id: int) -> Sequence[Round]:
    """The rounds of a meetup of which something may not have left, held.

    To be called before the meetup is held: the worker holds a round, too, before it writes down who is invited.
    """
    mine = sa.select(Round).where(Round.meetup_id == meetup_id, Round.state.in_((RoundState.SENDING, RoundState.SENT)))
    return db.session.scalars(mine.order_by(Round.id).with_for_update(of=Round)).all()


def call_off(rounds: Iterable[Round]) -> None:
    """Withdraw what has not left of rounds that ``hold_under_way`` gave: their meetup does not take place.

    Whoever got nothing counts as not invited, so nobody is told that something falls out of which they never heard.
    """
    for round_ in rounds:
        if withdraw(round_) or round_.state is RoundState.SENDING:
            round_.state, round_.stopped_at = RoundState.STOPPED, now()


def again(*, round_: Round, person_id: int, actor: Somebody) -> None:
    """Send somebody their invitation once more, though it may have arrived: as the meetup is now, with the link that
    opens now. Raises ``NotNow`` and ``NotOpen``.
    """
    if not round_.meetup.is_open:
        raise NotOpen
    row = queries.listed(round_.id, person_id)
    person = db.session.get(Person, person_id)
    held = sa.select(Message).where(Message.id == (row.message_id if row else None)).with_for_update()
    message = db.session.scalar(held.execution_options(populate_existing=True))
    if not message or not person or message.state not in TO_RETRY or person.state not in IN_OFFICE or not person.mail:
        raise NotNow
    if why_unusable(person.mail):
        raise NotNow
    meetup, before = round_.meetup, TO_RETRY[message.state]
    mine = sa.select(Invitation).where(Invitation.meetup_id == meetup.id, Invitation.person_id == person.id)
    if (invitation := db.session.scalar(mine)) is None:
        raise NotNow
    reply = replying.of(meetup.id, person.id)
    outbox.again(message, letters.mail_of(round_.subject, round_.text, invitation, meetup, person, reply))
    _record(AGAIN, round_, actor, before=before)


def _take(round_: Round, *states: RoundState) -> None:
    """Lock the row and make sure of its state, so that of two who decide at once only one does."""
    held = sa.select(Round).where(Round.id == round_.id).options(joinedload(Round.meetup)).with_for_update(of=Round)
    found = db.session.scalar(held.execution_options(populate_existing=True))
    if found is None or found.state not in states:
        raise NotNow


def _record(name: str, round_: Round, actor: Somebody, **fields: Any) -> None:
    meetup = round_.meetup
    audit.record(
        name, actor=actor, subject_kind="meetup", subject_id=meetup.id, subject_name=meetup.title, round=round_.id,
        **fields,
    )  # fmt: skip
