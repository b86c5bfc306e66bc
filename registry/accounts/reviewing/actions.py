"""Waking what was set dormant, and asking by hand: what the nightly round does not do by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Final

import sqlalchemy as sa

from registry import audit, outbox
from registry.accounts.actions import next_review, review
from registry.accounts.models import Account, State
from registry.accounts.reviewing.letters import Letter, asking
from registry.accounts.reviewing.models import ReviewMail, Stage, Watch
from registry.accounts.reviewing.queries import mailed_lately, mine, reader
from registry.audit import Event, Somebody
from registry.db import LONDON, db, today
from registry.outbox import Message
from registry.people.models import Person
from registry.workdays import working_days_after

ASKED: Final = audit.declare(
    "account.review-asked", "{actor} asked {told} whether {subject} is still right", "told", "stage"
)
UNANSWERED: Final = audit.declare(
    "account.review-unanswered", "Nobody answered whether {subject} is still right, and comms were told"
)
SLEPT: Final = audit.declare("account.slept", "{subject} was set dormant, as nobody answered whether it is still right")
WOKEN: Final = audit.declare("account.woken", "{actor} woke {subject}: it is in use", "review_on")
#: When a mail that somebody sends on a day off leaves, on the next working day.
MORNING: Final = time(8)


class NotAsleep(Exception):
    """The register did not set this account dormant, or somebody has woken it."""


def still_right(*, account: Account, actor: Somebody) -> date:
    """All is still right, so nobody is asked any more; the day of the next review. Raises ``NothingToReview``."""
    review_on = review(account=account, actor=actor)
    _take_questions_back(account)
    return review_on


def _take_questions_back(account: Account) -> None:
    """Keep the mails from leaving that ask its people, where nothing of theirs is left to look at."""
    db.session.flush()
    for person_id in (account.owner_id, account.deputy_id):
        if person_id is not None and not mine(person_id):
            outbox.withdraw(sa.select(Message.id).where(outbox.waiting(asking(person_id))))


def wake(*, account: Account, actor: Somebody) -> None:
    """Let an account live again that was set dormant because nobody answered. Raises ``NotAsleep``."""
    watch = db.session.scalar(
        sa.select(Watch).where(Watch.account_id == account.id, Watch.stage == Stage.ASLEEP).with_for_update()
    )
    if watch is None or account.state is not State.DORMANT:
        raise NotAsleep
    db.session.delete(watch)
    account.state, account.review_on = State.LIVE, next_review(account.standing)
    audit.append([event(WOKEN, account, actor, review_on=account.review_on.isoformat())])
    _take_questions_back(account)


@dataclass(frozen=True, slots=True)
class Reminded:
    """What became of asking by hand, in people."""

    written: int
    #: Written to in the last days already.
    lately: int
    #: Accounts none of whose people can be written to.
    unreachable: int


def remind(*, accounts: Sequence[Account], actor: Somebody) -> Reminded:
    """Ask the people of some accounts, one mail a person; nobody twice a week, and nobody on a day off.

    The accounts come with their people.
    """
    letters: dict[int, Letter] = {}
    for account in accounts:
        if person := reader(account):
            letters.setdefault(person.id, Letter(person)).due.append((account, Stage.DUE))
    lately = mailed_lately(letters)
    told = [letter for person_id, letter in letters.items() if person_id not in lately]
    watches = _watches([account.id for letter in told for account, _ in letter.due])
    events = []
    for letter in told:
        _in_the_morning(letter)
        for account, _ in letter.due:
            _ask_again_in_a_week(account, watches.get(account.id))
            events.append(event(ASKED, account, actor, told=letter.person.name, stage="by hand"))
    note_mailed([letter.person for letter in told])
    audit.append(events)
    return Reminded(len(told), len(lately), sum(reader(account) is None for account in accounts))


def _in_the_morning(letter: Letter) -> None:
    """Post a letter, to leave at once or on the morning of the next working day."""
    message, at_work = letter.post(), working_days_after(today(), 0)
    if message is not None and at_work != today():
        message.due_at = datetime.combine(at_work, MORNING, LONDON)


def _watches(account_ids: Sequence[int]) -> dict[int, Watch]:
    rows = db.session.scalars(sa.select(Watch).where(Watch.account_id.in_(account_ids)))
    return {watch.account_id: watch for watch in rows}


def _ask_again_in_a_week(account: Account, watch: Watch | None) -> None:
    """Let the nightly round go on a week from now; whoever was given up is given time again."""
    if account.review_on is None:
        return
    if watch is None or watch.review_on != account.review_on:
        set_stage(account, watch, Stage.DUE if account.review_on <= today() else Stage.BEFORE)
    else:
        watch.waited, watch.counted_on = 0, today()


def set_stage(account: Account, watch: Watch | None, stage: Stage) -> None:
    """Write down how far we have come with an account; ``watch`` is its row, if any."""
    if watch is None:
        watch = Watch(account_id=account.id)
        db.session.add(watch)
    watch.review_on, watch.stage = account.review_on or today(), stage
    watch.waited, watch.counted_on = 0, today()


def note_mailed(people: Iterable[Person]) -> None:
    """Write down that these were written to about reviews today."""
    ids = {person.id for person in people}
    known = {
        row.person_id: row for row in db.session.scalars(sa.select(ReviewMail).where(ReviewMail.person_id.in_(ids)))
    }
    for person_id in sorted(ids):
        row = known.get(person_id) or ReviewMail(person_id=person_id)
        row.waited, row.counted_on = 0, today()
        db.session.add(row)


def event(name: str, account: Account, actor: Somebody | None, **fields: str) -> Event:
    """An event of an account, not yet kept."""
    return audit.event(
        name, actor=actor, subject_kind="account", subject_id=account.id, subject_name=account.title, **fields
    )
