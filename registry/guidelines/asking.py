"""Who must sign: kept as it should be now, with what it was before, so that any day of the past can be told."""

from collections.abc import Collection
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from registry.db import db, go_through_many, now, today
from registry.guidelines.models import DISOWNED, Document, Ending, Obligation, SignOff, Version, VersionState, Why
from registry.guidelines.spells import changed_at, note
from registry.people.merging import BEFORE_MERGING, ON_MERGING
from registry.people.models import Person, PersonMerge
from registry.people.queries import IN_OFFICE

#: Whoever was away for so long is asked anew when they are back.
BREAK: Final = timedelta(days=28)
OPEN: Final = Obligation.ended_at.is_(None)
#: What a new spell is begun with.
BEGUN: Final = ("document_id", "person_id", "why", "since_at", "due_on", "signed_number", "mails")


class Changes(NamedTuple):
    """How many people are asked to sign since, and how many no longer; each for each document."""

    begun: int
    ended: int


def require(must_sign: sa.Select[tuple[int, int]], *, among: Collection[int] | None = None) -> Changes:
    """Make the obligations to sign what they should be now; doing it twice changes nothing.

    ``must_sign`` selects document ids and the ids of those who must sign them; ``among`` limits the change to some
    people, where only their accounts changed. Whoever does not work here, and what is not in force, is left out.
    """
    if among is None:
        go_through_many()
    at, wanted = now(), must_sign.subquery()
    here = sa.select(Person.id).where(Person.state.in_(IN_OFFICE))
    in_force = sa.select(Version.document_id).where(Version.state == VersionState.PUBLISHED)
    in_force = in_force.join(Document, Document.id == Version.document_id).where(Document.retired_at.is_(None))
    due = sa.select(wanted.c[0], wanted.c[1]).where(wanted.c[0].in_(in_force), wanted.c[1].in_(here))
    if among is not None:
        due = due.where(wanted.c[1].in_(among))
    ended = _end(among, due, at)
    gone = _note_leavers(at) if among is None else 0
    begun = _begin(due, at)
    if begun:
        recount(among=among, since=at)
    if begun or ended or gone:
        note(changed_at(at), sa.true() if among is None else Obligation.person_id.in_(among))
    return Changes(begun, ended)


def _end(among: Collection[int] | None, due: sa.Select[Any], at: datetime) -> int:
    gone = Obligation.person_id.not_in(sa.select(Person.id).where(Person.state.in_(IN_OFFICE)))
    retired = Obligation.document_id.in_(sa.select(Document.id).where(Document.retired_at.is_not(None)))
    ending = sa.case((gone, Ending.LEFT.value), (retired, Ending.RETIRED.value), else_=Ending.RULE.value)
    # By their ids: SQLite goes through all of the pairs for each one that is not among them.
    still, (stays, *_) = due.subquery(), _others()
    kept = sa.select(stays.id).join(still, _same(stays, still)).where(stays.ended_at.is_(None))
    change = sa.update(Obligation).where(OPEN)
    if among is not None:
        kept, change = kept.where(stays.person_id.in_(among)), change.where(Obligation.person_id.in_(among))
    change = change.where(Obligation.id.not_in(kept)).values(ended_at=at, ending=ending)
    ended: Any = db.session.execute(change.execution_options(synchronize_session=False))
    return int(ended.rowcount)


@cache
def _others() -> tuple[type[Obligation], type[Obligation], type[Obligation]]:
    """Names for other spells than the one in question, kept as making them takes longer than asking for a few."""
    return aliased(Obligation), aliased(Obligation), aliased(Obligation)


def _note_leavers(at: datetime) -> int:
    """Write down since when those are gone whose last spell had ended before: they, too, are asked anew when back.

    It is a spell without length: nobody is told that they were asked in it.
    """
    last, newer = aliased(Obligation), aliased(Obligation)
    pair = newer.document_id + 0 == last.document_id, newer.person_id == last.person_id, newer.id > last.id
    rows = (
        sa.select(
            last.document_id, last.person_id, last.why, sa.literal(at, Obligation.since_at.type), last.due_on,
            last.signed_number, sa.literal(0), sa.literal(at, Obligation.since_at.type), sa.literal(Ending.LEFT.value),
        )
        .join(Person, Person.id == last.person_id)
        .where(Person.state.not_in(IN_OFFICE), last.ending != Ending.LEFT, ~sa.exists().where(*pair))
    )  # fmt: skip
    insert = sa.insert(Obligation).from_select([*BEGUN, "ended_at", "ending"], rows, include_defaults=False)
    noted: Any = db.session.execute(insert.execution_options(preserve_rowcount=True))
    return int(noted.rowcount)


def _same(obligation: Any, pair: Any) -> sa.ColumnElement[bool]:
    return sa.and_(obligation.document_id == pair.c[0], obligation.person_id == pair.c[1])


def _begin(due: sa.Select[Any], at: datetime) -> int:
    days = {one.id: one.grace_days for one in db.session.execute(sa.select(Document.id, Document.grace_days))}
    if not days:
        return 0
    new, (last, before, asked) = due.distinct().subquery(), _others()
    # Added to nought, as below: the index of people leads to a few spells, that of documents to everybody's.
    of_document = before.document_id + 0 == new.c[0]
    newest = sa.select(sa.func.max(before.id)).where(of_document, before.person_id == new.c[1])
    long_gone = sa.and_(last.ending == Ending.LEFT, last.ended_at <= at - BREAK)
    not_yet = sa.and_(last.why != Why.RULE, last.signed_number == 0)
    why = sa.case((long_gone, Why.RETURNED.value), (not_yet, sa.cast(last.why, sa.Text)), else_=Why.RULE.value)
    by = sa.case(
        {number: sa.literal(today() + timedelta(days=grace), sa.Date) for number, grace in days.items()}, value=new.c[0]
    )
    rows = (
        sa.select(new.c[0], new.c[1], why, sa.literal(at, Obligation.since_at.type), by, sa.literal(0), sa.literal(0))
        .outerjoin(last, last.id == newest.scalar_subquery())
        .where(~sa.exists().where(_same(asked, new), asked.ended_at.is_(None)))
    )
    insert = sa.insert(Obligation).from_select(BEGUN, rows, include_defaults=False)
    begun: Any = db.session.execute(insert.execution_options(preserve_rowcount=True))
    return int(begun.rowcount)


def ask_anew(*, document: Document, person_id: int) -> None:
    """Give somebody who is asked the whole time once more: what was so until now stays known for the days of before."""
    mine = sa.select(Obligation).where(Obligation.document_id == document.id, Obligation.person_id == person_id, OPEN)
    if (before := db.session.scalar(mine)) is None:
        return
    before.ended_at, before.ending = now(), Ending.AGAIN
    db.session.flush()
    db.session.add(
        Obligation(
            document_id=document.id, person_id=person_id, why=Why.RULE if before.signed_number else before.why,
            since_at=before.ended_at, due_on=today() + timedelta(days=document.grace_days),
        )
    )  # fmt: skip
    db.session.flush()
    recount(among=[person_id])
    note(changed_at(before.ended_at), Obligation.person_id == person_id)


def recount(*, among: Collection[int] | None = None, since: datetime | None = None) -> None:
    """Take from the sign-offs how far people have signed what they must; ``since`` only what was asked from then on."""
    reached, signed_at = _of_sign_offs(SignOff.version_number), _of_sign_offs(SignOff.signed_at)
    change = sa.update(Obligation).where(OPEN)
    if among is not None:
        change = change.where(Obligation.person_id.in_(among))
    if since is not None:
        change = change.where(Obligation.since_at >= since)
    change = change.values(signed_number=sa.func.coalesce(reached, 0), signed_at=signed_at)
    db.session.execute(change.execution_options(synchronize_session="fetch" if among is not None else False))


def _of_sign_offs(value: Any) -> sa.ScalarSelect[Any]:
    """``value`` of the best sign-off that counts for an obligation: theirs, or that of a row merged into theirs."""
    merged = sa.select(PersonMerge.gone_id).where(PersonMerge.kept_id == Obligation.person_id).correlate(Obligation)
    # A list of its own rather than "theirs, or of a merged row": PostgreSQL would go through all sign-offs for each.
    whose = sa.union_all(sa.select(Obligation.person_id).correlate(Obligation), merged)
    theirs = SignOff.person_id.in_(whose)
    late_enough = sa.or_(Obligation.why == Why.RULE, SignOff.signed_at >= Obligation.since_at)
    # Added to nought, the document's own index is left alone: SQLite would go through all its sign-offs for each row.
    of_document = SignOff.document_id + 0 == Obligation.document_id
    counts = (theirs, of_document, late_enough, SignOff.id.not_in(DISOWNED))
    best = (SignOff.version_number.desc(), SignOff.signed_at.desc())
    return sa.select(value).where(*counts).order_by(*best).limit(1).correlate(Obligation).scalar_subquery()


def _end_the_second(gone_id: int, kept_id: int) -> None:
    """Where both rows of one human being are asked, the one that goes is no more, and stays told of for the past."""
    theirs = aliased(Obligation)
    same = theirs.document_id == Obligation.document_id, theirs.person_id == kept_id, theirs.ended_at.is_(None)
    twice = sa.update(Obligation).where(Obligation.person_id == gone_id, OPEN, sa.exists().where(*same))
    db.session.execute(twice.values(ended_at=now(), ending=Ending.RULE).execution_options(synchronize_session=False))


BEFORE_MERGING.append(_end_the_second)
ON_MERGING.append(lambda kept_id: recount(among=[kept_id]))
