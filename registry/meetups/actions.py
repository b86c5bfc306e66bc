"""Planning meetups: series and the meetups that come of them, single ones, changes, and those that fall out."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final
from uuid import uuid4

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from registry import audit, search
from registry.audit import Somebody
from registry.db import LONDON, db, now, today
from registry.meetups import leading, planning, replying
from registry.meetups.models import AgendaItem, Answer, Kind, Leader, Meetup, MeetupState, Reply, Series

BEGUN: Final = audit.declare("series.begun", "{actor} began the series “{subject}”: {rule}", "rule")

SERIES_CHANGED: Final = audit.declare("series.changed", "{actor} changed the series “{subject}”", "changes")
ENDED: Final = audit.declare("series.ended", "{actor} ended the series “{subject}”")
PLANNED: Final = audit.declare("meetup.planned", "{actor} planned “{subject}” for {begins}", "begins")
CHANGED: Final = audit.declare("meetup.changed", "{actor} changed “{subject}”", "changes")
CANCELLED: Final = audit.declare("meetup.cancelled", "{actor} called “{subject}” off", "reason")
#: How far ahead the meetups of a series are made.
AHEAD: Final = timedelta(days=190)


class TooFew(Exception):
    """More people come already than would fit: ``coming`` says how many."""

    def __init__(self, coming: int) -> None:
        super().__init__(f"{coming} people come already.")
        self.coming = coming


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is said of a meetup when it is planned or changed."""

    kind: Kind
    title: str
    begins_at: datetime
    ends_at: datetime
    about: str = ""
    place: str = ""
    online_link: str = ""
    page: str = ""
    capacity: int | None = None
    leader_id: int | None = None


#: What people's calendars show: a change of any of these is told to them.
SHOWN_IN_CALENDARS: Final = ("title", "begins_at", "ends_at", "about", "place", "online_link", "page")


def plan(*, actor: Somebody, what: Plan) -> Meetup:
    """Plan a single meetup."""
    meetup = Meetup(**_columns(what), organiser_id=actor.id, uid=_uid(), agenda=[])
    _index(meetup)
    db.session.add(meetup)
    db.session.flush()
    _record(PLANNED, actor, meetup, begins=meetup.begins_at.isoformat())
    return meetup


def change(*, actor: Somebody, meetup: Meetup, what: Plan) -> list[Reply]:
    """Change a meetup that ``replying.hold`` gave; its ``sequence`` goes up where calendars have to be told.

    Returns the answers of those who move up, where there is more room now. Raises ``TooFew`` where more people come
    already than would fit.
    """
    coming = replying.seats_taken(meetup.id)
    if what.capacity is not None and coming > what.capacity:
        raise TooFew(coming)
    wanted = _columns(what)
    changed = {name: value for name, value in wanted.items() if getattr(meetup, name) != value}
    if not changed:
        return []
    for name, value in changed.items():
        setattr(meetup, name, value)
    meetup.changed_at = now()
    _index(meetup)
    if changed.keys() & set(SHOWN_IN_CALENDARS):
        meetup.sequence += 1
    _record(CHANGED, actor, meetup, changes=sorted(changed))
    if "capacity" in changed:
        number_seats(meetup)
    return replying.fill(meetup)


def number_seats(meetup: Meetup) -> None:
    """Number the places of those who come, the first who said so first: a room that has a limit now, or another."""
    comes = sa.select(Reply).where(Reply.meetup_id == meetup.id, Reply.answer == Answer.YES, Reply.queued_at.is_(None))
    replies = db.session.scalars(comes.order_by(Reply.replied_at, Reply.id)).all()
    for reply in replies:
        reply.seat = None
    db.session.flush()  # A number is free only when nobody has it.
    if meetup.capacity is not None:
        for seat, reply in enumerate(replies, 1):
            reply.seat = seat
    db.session.flush()


def cancel(*, actor: Somebody, meetup: Meetup, reason: str) -> None:
    """Call a meetup off; of a series, only this one."""
    meetup.state, meetup.cancelled_reason, meetup.changed_at = MeetupState.CANCELLED, reason, now()
    meetup.sequence += 1
    _record(CANCELLED, actor, meetup, reason=reason)


def set_agenda(*, meetup: Meetup, items: Iterable[AgendaItem]) -> None:
    """Put ``items`` in place of the agenda that there is, in their order."""
    meetup.agenda = list(items)
    for position, item in enumerate(meetup.agenda):
        item.position = position


def begin_series(*, actor: Somebody, series: Series, leaders: Sequence[int]) -> list[Meetup]:
    """Keep a new series, with who leads in turn, and plan its meetups ahead; returns these."""
    series.made_by_id = actor.id
    series.rota = [Leader(person_id=one, position=place) for place, one in enumerate(leaders)]
    db.session.add(series)
    db.session.flush()
    audit.record(
        BEGUN, actor=actor, subject_kind="series", subject_id=series.id, subject_name=series.title,
        rule=planning.rule_in_words(series),
    )  # fmt: skip
    still_today = now().astimezone(LONDON).time() < series.at
    return plan_ahead(series, today() - timedelta(days=still_today))


def change_series(*, actor: Somebody, series: Series, what: Mapping[str, Any], leaders: Sequence[int]) -> None:
    """Change a series that comes with its rota: what comes of it from now on; what is planned stays as it is.

    ``what`` is by columns of ``Series``, ``leaders`` who leads in turn.
    """
    changed = [name for name, value in what.items() if getattr(series, name) != value]
    for name in changed:
        setattr(series, name, what[name])
    if [one.person_id for one in series.rota] != list(leaders):
        changed.append("leaders")
        series.rota = []
        db.session.flush()  # The same person may be in it twice for a moment otherwise.
        series.rota = [Leader(person_id=one, position=place) for place, one in enumerate(leaders)]
    if changed:
        audit.record(
            SERIES_CHANGED, actor=actor, subject_kind="series", subject_id=series.id, subject_name=series.title,
            changes=sorted(changed),
        )  # fmt: skip


def end_series(*, actor: Somebody, series: Series) -> None:
    """No more meetups come of a series; those that are planned stay until they are called off."""
    series.ended_at = now()
    audit.record(
        ENDED, actor=actor, subject_kind="series", subject_id=series.id, subject_name=series.title
    )  # fmt: skip


def plan_ahead(series: Series, on: date) -> list[Meetup]:
    """Make the meetups that a series' rule gives after ``on`` and that are not there yet, half a year ahead.

    A day on which the clocks leave that hour out gets the hour after; one on which it comes twice, the first.
    """
    known: dict[date | None, int | None] = {
        row.slot_on: row.leader_id
        for row in db.session.execute(
            sa.select(Meetup.slot_on, Meetup.leader_id).where(Meetup.series_id == series.id).order_by(Meetup.slot_on)
        )
    }
    made = []
    turns = leading.in_turn(series, [*known.values()])
    for day in planning.days_of(series, on, on + AHEAD):
        if day in known:
            continue
        begins_at = _begins(day, series)
        meetup = Meetup(
            series_id=series.id, slot_on=day, kind=series.kind, title=series.title, about=series.about,
            begins_at=begins_at, ends_at=begins_at + timedelta(minutes=series.minutes), place=series.place,
            online_link=series.online_link, page="", capacity=series.capacity, organiser_id=series.made_by_id,
            leader_id=next(turns), uid=_uid(), agenda=[],
        )  # fmt: skip
        _index(meetup)
        db.session.add(meetup)
        made.append(meetup)
    db.session.flush()
    return made


def _begins(day: date, series: Series) -> datetime:
    at = series.at
    while True:
        try:
            return planning.moment_of(day, at, later=False)
        except planning.NoSuchTime:
            at = at.replace(hour=at.hour + 1)


def plan_all_ahead() -> int:
    """Make what all running series give; how many meetups. Commits a series at a time."""
    running = sa.select(Series).where(Series.ended_at.is_(None)).options(selectinload(Series.rota))
    made = 0
    for series in db.session.scalars(running.order_by(Series.id)).all():
        planned = plan_ahead(series, today())
        leading.tell_turns(planned)
        made += len(planned)
        db.session.commit()
    return made


def _index(meetup: Meetup) -> None:
    meetup.search_text = search.fold(meetup.title, meetup.about, meetup.place)


def _columns(what: Plan) -> dict[str, Any]:
    return {name: getattr(what, name) for name in Plan.__dataclass_fields__}


def _uid() -> str:
    return f"{uuid4().hex}@social-account-registry"


def _record(name: str, actor: Somebody, meetup: Meetup, **fields: Any) -> None:
    audit.record(
        name, actor=actor, subject_kind="meetup", subject_id=meetup.id, subject_name=meetup.title, **fields
    )  # fmt: skip
