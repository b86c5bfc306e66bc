"""Reminding those who have not signed: four mails at most, then once their line manager, then once comms.

In the morning of a working day, each person gets one mail that lists what they have to sign. The first that names a
document comes on the morning after they were asked, the second three working days before the day, the third on the
working day after it, the fourth a week after it; at least three working days lie between two mails to one person. So
no document is named more than four times; of those named often enough for now it says how many there are. Five
working days after the last mail the line manager is told, five more later comms. Whoever signs, or declines, hears no
more of it, nor does their manager. Of somebody without an address others are told, a week and five working days late.

It may be killed anywhere and done again: mails are kept in one transaction with what they are about, and who got one
today is left out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry import audit, outbox
from registry.audit import Somebody
from registry.db import LONDON, among, db, exclusively, hold_back_forms, today
from registry.guidelines.asking import OPEN
from registry.guidelines.chasing_letters import Due, Letter, Owing, letters_to
from registry.guidelines.models import Decline, Document, Obligation
from registry.guidelines.queries import needed
from registry.guidelines.standing import due_on
from registry.people.models import Person, PersonKind, RoleGrant
from registry.people.queries import IN_OFFICE
from registry.roles import Role
from registry.workdays import is_working_day, working_days_after, working_days_before

REMINDED: Final = audit.declare(
    "guidelines.reminded", "{actor} reminded {people} of what they have to sign, and told {others} of who has not",
    "people", "others",
)  # fmt: skip
#: Mails that one asking brings at most.
MOST_MAILS: Final = 4
#: How many working days before the day the second mail comes, and how many lie between two mails.
NOTICE: Final = 3
GAP: Final = 3
#: How long after the day the last mail comes.
WEEK: Final = timedelta(days=7)
#: Working days from the last mail until the manager is told, and from then until comms are.
PATIENCE: Final = 5
#: People whose mails are kept in one transaction, in nine statements at most, however many they are. All of a large
#: organisation in one would let everybody who presses a button meanwhile wait for its end, and hold all their mails.
AT_ONCE: Final = 5_000
#: How many transactions a morning has at most: where that is too few for so many people, each takes more of them.
MOST_PORTIONS: Final = 8
#: The same at one press of a button, which is not to take many more than it may.
BY_HAND_AT_ONCE: Final = 1_000
#: People who are written to at one press of a button, which somebody waits for.
MOST_BY_HAND: Final = 5_000
#: When a mail leaves that somebody sends on a day off, on the next working day.
MORNING: Final = time(8)

Manager = aliased(Person, name="manager")


@dataclass(frozen=True, slots=True)
class Days:
    """The days that decide, seen from one morning: they are worked out once, not for each person."""

    on: date
    #: What is due until then is due within three working days.
    near: date
    #: Who was written to after this had a mail within three working days.
    gap: date
    #: Until then somebody must have been told for the next one to be told.
    patient: date

    @classmethod
    def of(cls, on: date) -> "Days":
        return cls(on, working_days_after(on, NOTICE), working_days_before(on, GAP), working_days_before(on, PATIENCE))


def run() -> str:
    """Write to whoever it is time for; commits. What was done, in words; empty where another worker does it now."""
    with exclusively("chasing") as free:
        if not free:
            return ""
        if not is_working_day(today()):
            return "nobody is reminded on a day off"
        days = Days.of(today())
        told = _tell_comms(days)
        people = others = 0
        ids = _recipients(days)
        db.session.rollback()
        size = max(AT_ONCE, -(-len(ids) // MOST_PORTIONS))
        for start in range(0, len(ids), size):
            hold_back_forms()  # What was read is still true when it is written: nobody signs in between.
            written, managers = _write(days, ids[start : start + size])
            db.session.commit()
            people, others = people + written, others + managers
        return f"{people:,} people reminded, {others:,} managers and {told:,} of comms told"


# --- Whom it is time for ----------------------------------------------------------------------------------


def owed() -> tuple[sa.Select[Any], sa.ColumnElement[date]]:
    """The obligations that somebody who works here has not met and has not declined, and by when each is due."""
    must = needed()
    declined = sa.exists().where(
        Decline.document_id == Obligation.document_id, Decline.person_id == Obligation.person_id,
        Decline.settled_at.is_(None),
    )  # fmt: skip
    rows = (
        sa.select()
        .select_from(Obligation)
        .join(must, sa.and_(must.c.document_id == Obligation.document_id, Obligation.signed_number < must.c.number))
        .join(Person, Person.id == Obligation.person_id)
        .where(OPEN, Person.state.in_(IN_OFFICE), ~declined)
    )
    return rows, due_on(must)


def _is_time(days: Days, due: sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """Whether an obligation brings its person a mail today; those of their others that do not are not named in it."""
    stage = sa.case((due <= days.on - WEEK, 4), (due < days.on, 3), (due <= days.near, 2), else_=1)
    other = aliased(Obligation)
    lately = other.mailed_on > days.gap, other.mailed_on <= days.on
    tired = sa.exists().where(other.person_id == Obligation.person_id, *lately)
    return sa.and_(Person.mail.is_not(None), Obligation.mails < stage, ~tired)


def _for_manager(days: Days, due: sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    """Whether it is time to tell somebody else of an obligation."""
    asked = sa.and_(Obligation.mails >= MOST_MAILS, Obligation.mailed_on <= days.patient)
    unreachable = sa.and_(Person.mail.is_(None), due <= days.patient - WEEK)
    return sa.and_(
        due < days.on, sa.or_(asked, unreachable), Obligation.manager_told_on.is_(None),
        Obligation.comms_told_on.is_(None),
    )  # fmt: skip


def _for_comms(days: Days, due: sa.ColumnElement[date]) -> sa.ColumnElement[bool]:
    told = sa.and_(Obligation.manager_told_on <= days.patient, Obligation.comms_told_on.is_(None), due < days.on)
    return sa.or_(told, sa.and_(_for_manager(days, due), ~_can_be_told()))


def _can_be_told() -> sa.ColumnElement[bool]:
    """Whether somebody's line manager works here and can be written to."""
    is_another = sa.and_(Manager.id.is_not(None), Manager.id != Person.id)  # Of the head of all, some say themself.
    return sa.and_(is_another, Manager.state.in_(IN_OFFICE), Manager.mail.is_not(None))


def written_to_today(on: date) -> sa.ColumnElement[bool]:
    """Whether a person had a mail about sign-offs today: about their own, those of their people, or all."""
    own, theirs, other = aliased(Obligation), aliased(Obligation), aliased(Person)
    reports = sa.exists().where(
        other.manager_id == Person.id, theirs.person_id == other.id, theirs.manager_told_on == on
    )
    comms = sa.and_(_of_comms(), sa.exists().where(Obligation.comms_told_on == on).correlate(None))
    return sa.or_(sa.exists().where(own.person_id == Person.id, own.mailed_on == on), reports, comms)


def _of_comms() -> sa.ColumnElement[bool]:
    return sa.exists().where(RoleGrant.person_id == Person.id, RoleGrant.role == Role.COMMS)


def _recipients(days: Days) -> Sequence[int]:
    """The ids of those who get a mail today, each once and in order."""
    rows, due = owed()
    own = rows.add_columns(Obligation.person_id).where(_is_time(days, due))
    managers = rows.add_columns(Manager.id).join(Manager, Manager.id == Person.manager_id)
    some = sa.union(own, managers.where(_for_manager(days, due), _can_be_told())).subquery()
    found = sa.select(some.c[0]).join(Person, Person.id == some.c[0]).where(~written_to_today(days.on))
    return db.session.scalars(found.order_by(some.c[0])).all()


# --- Writing ----------------------------------------------------------------------------------------------


def _write(days: Days, some: Sequence[int]) -> tuple[int, int]:
    """Post the letters to some people; to how many what they have to sign, and to how many about their people."""
    letters = _letters_to(sa.and_(among(Person.id, some), ~written_to_today(days.on)))
    _add_due(days, letters)
    _add_people(days, letters)
    told = [letter for letter in letters.values() if letter.due or letter.people]
    _post(told)
    return sum(bool(one.due) for one in told), sum(bool(one.people) for one in told)


def _letters_to(whom: sa.ColumnElement[bool]) -> dict[int, Letter]:
    """An empty letter to each of some people, if they can be written to."""
    found = sa.select(Person.id, Person.name, Person.given_name, Person.mail)
    here = Person.state.in_(IN_OFFICE), Person.kind != PersonKind.EMERGENCY, Person.mail.is_not(None)
    return letters_to(db.session.execute(found.where(whom, *here).order_by(Person.id)).all())


def _add_due(days: Days, letters: dict[int, Letter], *, everybody: bool = False) -> None:
    """Put into the letters what it is time to name, or by hand, for ``everybody``, all that is to be signed."""
    rows, due = owed()
    told = (
        rows.add_columns(Obligation.id, Obligation.person_id, Document.slug, Document.title, due, _is_time(days, due))
        .join(Document, Document.id == Obligation.document_id)
        .where(among(Obligation.person_id, letters))
    )
    found = db.session.execute(told.order_by(Obligation.person_id, due, Document.title, Document.id)).all()
    listed = [row for row in found if everybody or row[-1]]
    for _, person_id, slug, title, by, is_time in found:
        if everybody or is_time:
            letters[person_id].due.append(Due(slug, title, by))
        else:
            letters[person_id].known += 1
    _note([row[0] for row in listed], mails=Obligation.mails + 1, mailed_on=days.on)


def _add_people(days: Days, letters: dict[int, Letter]) -> None:
    """Put into the letters which people of theirs have not signed, where it is time to say so."""
    rows, due = owed()
    told = rows.add_columns(Obligation.id, Person.manager_id, Person.name, Document.title, due)
    told = told.join(Document, Document.id == Obligation.document_id)
    theirs = among(Person.manager_id, letters), Person.manager_id != Person.id
    told = told.where(*theirs, _for_manager(days, due)).order_by(Person.name, Person.id, due)
    found = db.session.execute(told).all()
    for _, manager_id, name, title, by in found:
        letters[manager_id].people.append(Owing(name, title, by))
    _note([row[0] for row in found], manager_told_on=days.on)


def _note(obligation_ids: Sequence[int], **values: Any) -> None:
    """Write down in some obligations what was done about them."""
    if obligation_ids:
        change = sa.update(Obligation).where(among(Obligation.id, obligation_ids)).values(values)
        db.session.execute(change.execution_options(synchronize_session=False))


def _post(letters: Sequence[Letter], actor: Somebody | None = None, leaves_at: datetime | None = None) -> None:
    if letters:
        outbox.post_many([letter.as_mail() for letter in letters], due_at=leaves_at)
        audit.record(
            REMINDED, actor=actor, subject_kind="guidelines", subject_id=None, subject_name="the guidelines",
            people=sum(bool(one.due) for one in letters),
            others=sum(bool(one.people or one.unanswered) for one in letters),
        )  # fmt: skip


def _tell_comms(days: Days) -> int:
    """Tell comms, in one transaction, of all whom nothing has helped with; how many people of comms."""
    hold_back_forms()
    rows, due = owed()
    told = rows.add_columns(Obligation.id, Person.name, Document.title, due)
    told = told.join(Document, Document.id == Obligation.document_id)
    told = told.outerjoin(Manager, Manager.id == Person.manager_id).where(_for_comms(days, due))
    found = db.session.execute(told.order_by(due, Person.name, Person.id)).all()
    letters = _letters_to(sa.and_(_of_comms(), ~written_to_today(days.on))) if found else {}
    if letters:
        _add_due(days, letters)
        _add_people(days, letters)
        for letter in letters.values():
            letter.unanswered = [Owing(name, title, by) for _, name, title, by in found]
        _note([row[0] for row in found], comms_told_on=days.on)
        _post(list(letters.values()))
    db.session.commit()
    return len(letters)


# --- By hand ----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Reminded:
    """What became of reminding by hand, in people."""

    written: int
    #: They had a mail about sign-offs today.
    today: int
    #: Nobody can write to them.
    unreachable: int
    #: They come when the button is pressed again.
    left: int


def remind(*, person_ids: Collection[int], actor: Somebody) -> Reminded:
    """Remind some people of all they have to sign, one mail each, and nobody twice a day.

    On a day off it leaves on the morning of the next working day. At most ``MOST_BY_HAND`` are written to at once.
    """
    days, ids, written = Days.of(today()), sorted(set(person_ids)), 0
    told = no_address = 0
    for start in range(0, len(ids), BY_HAND_AT_ONCE):
        some = ids[start : start + BY_HAND_AT_ONCE]
        if written >= MOST_BY_HAND:
            return Reminded(written, told, no_address, len(ids) - start)
        letters = _letters_to(sa.and_(Person.id.in_(some), ~written_to_today(days.on)))
        no_address += (
            db.session.scalar(sa.select(sa.func.count(Person.id)).where(Person.id.in_(some), Person.mail.is_(None)))
            or 0
        )
        told += (
            db.session.scalar(sa.select(sa.func.count(Person.id)).where(Person.id.in_(some), written_to_today(days.on)))
            or 0
        )
        _add_due(days, letters, everybody=True)
        due = [letter for letter in letters.values() if letter.due]
        _post(due, actor, _morning(days.on))
        written += len(due)
    return Reminded(written, told, no_address, 0)


def _morning(on: date) -> datetime | None:
    at_work = working_days_after(on, 0)
    return None if at_work == on else datetime.combine(at_work, MORNING, LONDON)
