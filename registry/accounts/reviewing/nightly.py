"""The daily round of reviews: counts the day, asks whoever answers, tells comms, sets dormant what nobody answers for.

It may be killed anywhere and done again, and run as often as one likes: each person's mail is one transaction with
what it says, and whoever was written to is written to no more. Time is counted in days on which it ran (see
``models.Watch``). A clock that jumps a year ahead makes people be asked once too early, and one that jumps back, never.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import sqlalchemy as sa

from registry import audit
from registry.accounts.actions import next_review
from registry.accounts.models import Account, Standing, State
from registry.accounts.reviewing import actions, queries
from registry.accounts.reviewing.letters import Letter
from registry.accounts.reviewing.models import ReviewMail, Stage, Watch
from registry.audit import Event
from registry.db import FORMS_LOCK, db, exclusively, is_sqlite, today
from registry.people.models import Person
from registry.people.queries import IN_OFFICE
from registry.workdays import is_working_day

#: Mails that are kept in one transaction.
AT_ONCE: Final = 500
ASKING: Final = (Stage.BEFORE, Stage.DUE, Stage.AGAIN, Stage.LAST)
#: What follows when its people were asked, and did not answer.
AFTER: Final = {
    Stage.BEFORE: Stage.DUE, Stage.DUE: Stage.AGAIN, Stage.AGAIN: Stage.LAST, Stage.LAST: Stage.COMMS,
}  # fmt: skip


@dataclass(slots=True)
class Round:
    """What is to be done today."""

    letters: dict[int, Letter] = field(default_factory=dict)
    #: The stage that each account comes to when its letter is posted.
    stages: dict[int, tuple[Account, Watch | None, Stage]] = field(default_factory=dict)
    #: People whose letter is kept together with what was done to accounts: it cannot wait for a later transaction.
    first: set[int] = field(default_factory=set)

    def letter(self, person: Person) -> Letter:
        """The one letter to somebody."""
        return self.letters.setdefault(person.id, Letter(person))


def run(*, dormant_days: int) -> str:
    """Do today's round; commits. What was done, in words; empty where another worker does it just now.

    ``dormant_days`` are how long after comms were told an account is set dormant; 0 for never.
    """
    with exclusively("reviews") as free:
        if not free:
            return ""
        count_the_day()
        db.session.commit()
        if not is_working_day(today()):
            return "nobody is asked on a day off"
        written = slept = 0
        while True:
            _before_any_form()
            # Anew for each batch, since somebody may have answered; whoever was written to is not in it again.
            planned = plan(dormant_days)
            people = sorted(planned.first) or sorted(planned.letters)[:AT_ONCE]
            if not people:
                db.session.rollback()
                return f"{written} people written to, {slept} accounts set dormant"
            slept += sum(stage is Stage.ASLEEP for _, _, stage in planned.stages.values())
            _send(planned, people)
            db.session.commit()
            written += len(people)


def _before_any_form() -> None:
    """Let no form be handled until the commit, so that what was read is still true when it is written."""
    if not is_sqlite():  # There whoever writes is alone anyway.
        db.session.execute(sa.select(sa.func.pg_advisory_xact_lock(FORMS_LOCK)))


# --- Counting ---------------------------------------------------------------------------------------------


def count_the_day() -> None:
    """Give every live account a day of review, forget those that were answered, and count today, once."""
    for standing in Standing:
        undated = sa.and_(Account.state == State.LIVE, Account.review_on.is_(None), Account.standing == standing)
        db.session.execute(sa.update(Account).where(undated).values(review_on=next_review(standing)))
    asked = sa.and_(Account.state == State.LIVE, Account.review_on == Watch.review_on, Watch.stage != Stage.ASLEEP)
    sleeps = sa.and_(Account.state == State.DORMANT, Watch.stage == Stage.ASLEEP)
    still = sa.exists().where(Account.id == Watch.account_id, sa.or_(asked, sleeps))
    db.session.execute(sa.delete(Watch).where(~still).execution_options(synchronize_session=False))
    for model in (Watch, ReviewMail):
        another_day = sa.update(model).where(model.counted_on != today())
        counted = another_day.values(waited=model.waited + 1, counted_on=today())
        db.session.execute(counted.execution_options(synchronize_session=False))


# --- Planning ---------------------------------------------------------------------------------------------


def plan(dormant_days: int) -> Round:
    """Whom to write to today, and what about; changes nothing."""
    planned, on = Round(), today()
    waiting = [(account, watch, _next(account, watch, on, dormant_days)) for account, watch in queries.due(on)]
    readers = {account.id: queries.reader(account) for account, _, _ in waiting}
    comms = queries.comms()
    lately = queries.mailed_lately({*(one.id for one in comms), *(one.id for one in readers.values() if one)})
    for account, watch, stage in waiting:
        if stage is Stage.ASLEEP:
            _plan_sleep(planned, account, watch, comms)
    told = [one for one in comms if one.id not in lately or one.id in planned.letters]
    for account, watch, stage in waiting:
        person = readers[account.id]
        if stage is Stage.COMMS and told:
            _plan_unanswered(planned, account, watch, told)
        elif person and stage in ASKING and (person.id not in lately or person.id in planned.letters):
            planned.letter(person).due.append((account, stage))
            planned.stages[account.id] = (account, watch, stage)
    return planned


def _next(account: Account, watch: Watch | None, on: date, dormant_days: int) -> Stage | None:
    """The stage that an account comes to today; ``None`` where it stays where it is."""
    is_due = account.review_on is not None and account.review_on <= on
    if watch is None or (watch.stage is Stage.BEFORE and is_due):
        reached = Stage.DUE if is_due else Stage.BEFORE
        if queries.reader(account) is None:
            return Stage.COMMS if is_due else None
        return reached if watch is None or reached is Stage.DUE else None
    if not is_due or watch.waited < queries.PAUSE:
        return None
    if watch.stage is Stage.COMMS:
        return Stage.ASLEEP if 0 < dormant_days <= watch.waited else None
    return AFTER[watch.stage] if queries.reader(account) else Stage.COMMS


def _plan_sleep(planned: Round, account: Account, watch: Watch | None, comms: Sequence[Person]) -> None:
    own = [one for one in (account.owner, account.deputy) if one and one.state in IN_OFFICE and one.mail]
    people = {one.id: one for one in (*own, *comms)}
    if not people:
        return  # Nobody would hear of it.
    for person in people.values():
        planned.letter(person).slept.append(account)
    planned.first |= people.keys()
    planned.stages[account.id] = (account, watch, Stage.ASLEEP)


def _plan_unanswered(planned: Round, account: Account, watch: Watch | None, comms: Sequence[Person]) -> None:
    for person in comms:
        planned.letter(person).unanswered.append(account)
        planned.first.add(person.id)
    planned.stages[account.id] = (account, watch, Stage.COMMS)


# --- Doing it ---------------------------------------------------------------------------------------------


def _send(planned: Round, person_ids: Sequence[int]) -> None:
    """Post some letters, and write down what they tell of."""
    letters = [planned.letters[one] for one in person_ids]
    events = list(_events(planned, letters))
    for letter in letters:
        letter.post()
    actions.note_mailed([letter.person for letter in letters])
    audit.append(events)


def _events(planned: Round, letters: Iterable[Letter]) -> Iterator[Event]:
    """Move on each account that some letters are about, once; what the history tells of it."""
    for letter in letters:
        for account, stage in letter.due:
            yield from _moved(planned, account, told=letter.person.name, stage=stage.value)
        for account in (*letter.slept, *letter.unanswered):
            yield from _moved(planned, account)


def _moved(planned: Round, account: Account, **fields: Any) -> Iterator[Event]:
    if account.id not in planned.stages:
        return  # Another letter of this transaction tells of it, too.
    _, watch, stage = planned.stages.pop(account.id)
    if stage is Stage.ASLEEP:
        account.state = State.DORMANT
    actions.set_stage(account, watch, stage)
    names = {Stage.ASLEEP: actions.SLEPT, Stage.COMMS: actions.UNANSWERED}
    yield actions.event(names.get(stage, actions.ASKED), account, None, **fields)
