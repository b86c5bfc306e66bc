"""Reads of meetups: what is coming, what has been, one with all about it, and who comes."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from registry import search
from registry.db import UtcDateTime, db, now
from registry.meetups.models import (
    AgendaItem,
    Answer,
    Invitation,
    Leader,
    Meetup,
    MeetupState,
    OfferState,
    Reply,
    Series,
    SpeakingOffer,
)
from registry.people.models import Person


@dataclass(frozen=True, slots=True)
class Coming:
    """How many say what to a meetup."""

    seated: int = 0
    waiting: int = 0
    remote: int = 0
    maybe: int = 0
    no: int = 0
    there: int = 0

    @property
    def present(self) -> int:
        """Who is there, in the room or from afar."""
        return self.seated + self.remote


def coming(*, limit: int | None = None) -> Sequence[Meetup]:
    """The meetups that are not over, those called off too, the next one first."""
    return db.session.scalars(
        sa.select(Meetup).where(Meetup.ends_at > now()).order_by(Meetup.begins_at, Meetup.id).limit(limit)
    ).all()


def found(query: str, *, limit: int) -> Sequence[Meetup]:
    """The meetups that have each word of ``query``: what is coming, the next one first, then what is over."""
    if not (wanted := search.words(query)):
        return []
    words = {f"word_{number}": f"% {word}%" for number, word in enumerate(wanted)}
    return db.session.scalars(_found(len(wanted)), {**words, "at": now(), "most": limit}).all()


@lru_cache(maxsize=search.MOST_WORDS + 1)
def _found(words: int) -> sa.Select[Any]:
    """Made once for each number of words: every search asks it, and making it takes longer than asking it."""
    over = Meetup.ends_at <= sa.bindparam("at", type_=UtcDateTime)
    text = sa.literal_column("' '").op("||")(Meetup.search_text)
    has = (text.like(sa.bindparam(f"word_{number}", type_=sa.Text)) for number in range(words))
    return (
        sa.select(Meetup)
        .where(*has)
        .order_by(over, sa.case((over, None), else_=Meetup.begins_at), Meetup.begins_at.desc(), Meetup.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
    )


def past_count() -> int:
    """How many meetups are over."""
    return db.session.scalar(sa.select(sa.func.count(Meetup.id)).where(*_over())) or 0


def past(*, limit: int | None, offset: int = 0) -> Sequence[Meetup]:
    """The meetups that are over, without those that were called off, the last one first."""
    return db.session.scalars(
        sa.select(Meetup)
        .where(*_over())
        .order_by(Meetup.begins_at.desc(), Meetup.id.desc())
        .limit(limit)
        .offset(offset)
    ).all()


def _over() -> tuple[sa.ColumnElement[bool], ...]:
    return Meetup.ends_at <= now(), Meetup.state == MeetupState.PLANNED


def next_one() -> Meetup | None:
    """The next meetup that takes place and has not begun."""
    return db.session.scalar(
        sa.select(Meetup)
        .where(Meetup.begins_at > now(), Meetup.state == MeetupState.PLANNED)
        .order_by(Meetup.begins_at, Meetup.id)
        .limit(1)
    )


def for_me(person_id: int, *, limit: int) -> list[tuple[Meetup, Reply | None, bool]]:
    """What is coming for somebody: each with their answer, and whether they were invited; a no is left out."""
    mine = sa.and_(Reply.meetup_id == Meetup.id, Reply.person_id == person_id)
    invited = sa.exists().where(Invitation.meetup_id == Meetup.id, Invitation.person_id == person_id)
    asked: Any = (
        sa.select(Meetup, Reply, invited)
        .outerjoin(Reply, mine)
        .where(
            Meetup.ends_at > now(), Meetup.state == MeetupState.PLANNED,
            sa.or_(Reply.id.is_(None), Reply.answer != Answer.NO),
        )
        .order_by(Meetup.begins_at, Meetup.id)
        .limit(limit)
    )  # fmt: skip
    return [tuple(row) for row in db.session.execute(asked)]


def meetup(meetup_id: int) -> Meetup | None:
    """A meetup with its series, its people and its agenda."""
    return db.session.scalar(
        sa.select(Meetup)
        .where(Meetup.id == meetup_id)
        .options(
            joinedload(Meetup.series), joinedload(Meetup.organiser), joinedload(Meetup.leader),
            selectinload(Meetup.agenda).joinedload(AgendaItem.speaker),
        )
    )  # fmt: skip


def coming_to(meetup_ids: Collection[int]) -> dict[int, Coming]:
    """How many say what, by meetup; one that nobody answered is left out."""
    kind = sa.case(
        (Reply.queued_at.is_not(None), "waiting"), (Reply.answer == Answer.YES, "seated"), else_=Reply.answer
    )
    rows: Any = db.session.execute(
        sa.select(Reply.meetup_id, kind, sa.func.count(Reply.id), sa.func.count(Reply.attended_at))
        .where(Reply.meetup_id.in_(meetup_ids))
        .group_by(Reply.meetup_id, kind)
    )
    found: dict[int, dict[str, int]] = {}
    for meetup_id, word, count, there in rows:
        counts = found.setdefault(meetup_id, {"there": 0})
        counts[word] = count
        counts["there"] += there
    return {meetup_id: Coming(**counts) for meetup_id, counts in found.items()}


def answers_of(person_id: int, meetup_ids: Collection[int]) -> dict[int, Reply]:
    """What somebody answered, by meetup."""
    mine = sa.select(Reply).where(Reply.person_id == person_id, Reply.meetup_id.in_(meetup_ids))
    return {reply.meetup_id: reply for reply in db.session.scalars(mine)}


def place_in_line(reply: Reply) -> int:
    """How many wait before somebody, themselves counted: 1 is next."""
    before = sa.or_(
        Reply.queued_at < reply.queued_at, sa.and_(Reply.queued_at == reply.queued_at, Reply.id <= reply.id)
    )
    waits = sa.select(sa.func.count(Reply.id)).where(
        Reply.meetup_id == reply.meetup_id, Reply.queued_at.is_not(None), before
    )
    return db.session.scalar(waits) or 0


def shown_comers(meetup_id: int) -> Sequence[Reply]:
    """Those who come and let colleagues see it, each with their person, by name."""
    return db.session.scalars(
        sa.select(Reply)
        .join(Reply.person)
        .where(
            Reply.meetup_id == meetup_id, Reply.shown.is_(True), Reply.queued_at.is_(None),
            Reply.answer.in_((Answer.YES, Answer.REMOTE)),
        )
        .options(joinedload(Reply.person).joinedload(Person.team))
        .order_by(Person.name, Person.id)
    ).all()  # fmt: skip


_ORDER = {Answer.YES: 0, Answer.REMOTE: 1, Answer.MAYBE: 2, Answer.NO: 3}


def replies(meetup_id: int) -> Sequence[Reply]:
    """All answers, each with person and team: who comes by name, who waits in turn, then the others by name."""
    kind = sa.case({answer.value: place for answer, place in _ORDER.items()}, value=Reply.answer)
    return db.session.scalars(
        sa.select(Reply)
        .join(Reply.person)
        .where(Reply.meetup_id == meetup_id)
        .options(joinedload(Reply.person).joinedload(Person.team))
        .order_by(kind, Reply.queued_at.is_not(None), Reply.queued_at, Person.name, Reply.id)
    ).all()


def _silent(meetup_id: int) -> tuple[sa.ColumnElement[bool], ...]:
    answered = sa.select(Reply.person_id).where(Reply.meetup_id == meetup_id)
    return Invitation.meetup_id == meetup_id, Invitation.person_id.not_in(answered)


def silent_count(meetup_id: int) -> int:
    """How many were invited and have not answered."""
    return db.session.scalar(sa.select(sa.func.count(Invitation.id)).where(*_silent(meetup_id))) or 0


def silent(meetup_id: int, *, limit: int | None, offset: int = 0) -> Sequence[Invitation]:
    """Those who were invited and have not answered, each with person and team, by name."""
    return db.session.scalars(
        sa.select(Invitation)
        .join(Invitation.person)
        .where(*_silent(meetup_id))
        .options(joinedload(Invitation.person).joinedload(Person.team))
        .order_by(Person.name, Person.id)
        .limit(limit)
        .offset(offset)
    ).all()


def invitation(meetup_id: int, person_id: int) -> Invitation | None:
    """Somebody's invitation to a meetup, with its person."""
    mine = sa.select(Invitation).where(Invitation.meetup_id == meetup_id, Invitation.person_id == person_id)
    return db.session.scalar(mine.options(joinedload(Invitation.person)))


def invited(meetup_id: int, person_ids: Collection[int]) -> dict[int, Invitation]:
    """The invitations of some people to a meetup, by the id of each."""
    theirs = sa.select(Invitation).where(Invitation.meetup_id == meetup_id, Invitation.person_id.in_(person_ids))
    return {one.person_id: one for one in db.session.scalars(theirs)}


def offers(meetup_id: int) -> Sequence[SpeakingOffer]:
    """The offers to speak that wait for an answer, each with its person, the first one first."""
    return db.session.scalars(
        sa.select(SpeakingOffer)
        .where(SpeakingOffer.meetup_id == meetup_id, SpeakingOffer.state == OfferState.OFFERED)
        .options(joinedload(SpeakingOffer.person))
        .order_by(SpeakingOffer.offered_at, SpeakingOffer.id)
    ).all()


def offer_of(meetup_id: int, person_id: int) -> SpeakingOffer | None:
    """Somebody's offer to speak at a meetup."""
    return db.session.scalar(
        sa.select(SpeakingOffer).where(SpeakingOffer.meetup_id == meetup_id, SpeakingOffer.person_id == person_id)
    )


def offers_waiting(limit: int = 5) -> list[tuple[Meetup, int]]:
    """The coming meetups for which offers to speak wait for an organiser, with how many, the next one first."""
    rows = db.session.execute(
        sa.select(Meetup, sa.func.count(SpeakingOffer.id))
        .join(SpeakingOffer, SpeakingOffer.meetup_id == Meetup.id)
        .where(SpeakingOffer.state == OfferState.OFFERED, Meetup.state == MeetupState.PLANNED, Meetup.begins_at > now())
        .group_by(Meetup.id)
        .order_by(Meetup.begins_at, Meetup.id)
        .limit(limit)
    )
    return [(found, count) for found, count in rows]


def running_series() -> Sequence[Series]:
    """The series that go on, by name."""
    return db.session.scalars(
        sa.select(Series).where(Series.ended_at.is_(None)).order_by(Series.title, Series.id)
    ).all()


def series(series_id: int) -> Series | None:
    """A series with who leads it in turn."""
    rota = selectinload(Series.rota).joinedload(Leader.person)
    return db.session.scalar(sa.select(Series).where(Series.id == series_id).options(rota))


def of_series(series_id: int) -> Sequence[Meetup]:
    """The meetups of a series that are not over, each with who leads it, the next one first."""
    return db.session.scalars(
        sa.select(Meetup)
        .where(Meetup.series_id == series_id, Meetup.ends_at > now())
        .options(joinedload(Meetup.leader))
        .order_by(Meetup.begins_at, Meetup.id)
    ).all()


def attendance(series_id: int) -> list[tuple[Any, ...]]:
    """How many came to each meetup of a series that is over: day, title, leader, came, came of those who said so."""
    came = sa.func.count(Reply.attended_at)
    said = sa.func.count(sa.case((sa.and_(Reply.answer.in_((Answer.YES, Answer.REMOTE))), 1)))
    asked: Any = (
        sa.select(Meetup, came, said)
        .outerjoin(Reply, Reply.meetup_id == Meetup.id)
        .where(Meetup.series_id == series_id, *_over())
        .options(joinedload(Meetup.leader))
        .group_by(Meetup.id)
        .order_by(Meetup.begins_at.desc(), Meetup.id.desc())
    )
    return [tuple(row) for row in db.session.execute(asked)]


def rows(meetups: Sequence[Meetup]) -> Iterator[tuple[Any, ...]]:
    """What a file of meetups holds: one row each."""
    counts = coming_to([one.id for one in meetups])
    for one in meetups:
        count = counts.get(one.id, Coming())
        yield (
            one.id, one.title, one.kind.value, one.begins_at.isoformat(), one.ends_at.isoformat(), one.place,
            one.capacity or "", one.state.value, count.seated, count.remote, count.waiting, count.maybe, count.no,
        )  # fmt: skip
