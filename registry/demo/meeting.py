"""Meetups at Brynmor: two series with what has been, one that is full, somebody else's event, offers to speak."""

import tomllib
from datetime import date, time, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from registry.accounts.platforms import Resolved, resolve
from registry.accounts.queries import same_as
from registry.db import db, now, today
from registry.demo import inviting
from registry.digest import actions as digest
from registry.digest.models import Often
from registry.meetups import actions, planning, queries, replying, speaking
from registry.meetups.around import asking, cards
from registry.meetups.models import Answer, Kind, Leader, Meetup, Reply, Series, Way
from registry.people.models import Person
from registry.web import found

Row = dict[str, Any]


def fill(file: Path) -> None:
    """Put what ``file`` tells into the register; commits. The people are there already."""
    people = {person.username: person for person in db.session.scalars(sa.select(Person))}
    told = tomllib.loads(file.read_text("utf-8"))
    lunch, *_ = [_series(row, people) for row in told["series"]]
    for row in told["single"]:
        _single(row, people)
    _lunches(lunch, told["lunch"], people)
    _around(lunch, told, people)
    db.session.commit()
    inviting.fill()


def _series(row: Row, people: dict[str, Person]) -> Series:
    from_on = (today() - timedelta(days=30 * row["begun_months_ago"])).replace(day=1)
    series = Series(
        kind=Kind(row["kind"]), title=row["title"], about=row["about"], every_months=row["every_months"],
        nth=row["nth"], weekday=row["weekday"], at=time.fromisoformat(row["at"]), minutes=row["minutes"],
        place=row["place"], online_link=row["online_link"], capacity=row["capacity"], from_on=from_on,
    )  # fmt: skip
    actions.begin_series(actor=people[row["by"]], series=series, leaders=[people[one].id for one in row["leaders"]])
    actions.plan_ahead(series, from_on - timedelta(days=1))
    _lead_in_turn(series)
    return series


def _lead_in_turn(series: Series) -> None:
    """Those before today were planned last, so whose turn it was is put in order."""
    rota: list[Leader] = series.rota
    meetups = db.session.scalars(sa.select(Meetup).where(Meetup.series_id == series.id).order_by(Meetup.begins_at))
    for turn, meetup in enumerate(meetups):
        meetup.leader_id = rota[turn % len(rota)].person_id


def _single(row: Row, people: dict[str, Person]) -> None:
    begins_at = planning.moment_of(_working(row["in_days"]), time.fromisoformat(row["at"]), later=False)
    meetup = actions.plan(
        actor=people[row["by"]],
        what=actions.Plan(
            kind=Kind(row["kind"]), title=row["title"], about=row["about"], begins_at=begins_at,
            ends_at=begins_at + timedelta(minutes=row["minutes"]), place=row["place"], page=row.get("page", ""),
            capacity=row.get("capacity"), leader_id=people[row["leader"]].id if "leader" in row else None,
        ),
    )  # fmt: skip
    _agenda(meetup, row.get("agenda", ()), people)
    _answers(meetup, row, people)
    for username, title, pitch in row.get("offers", ()):
        speaking.offer(meetup=meetup, person=people[username], title=title, pitch=pitch, before=None)


def _working(in_days: int) -> date:
    """The day in so many days, or the Monday after it."""
    day = today() + timedelta(days=in_days)
    return day + timedelta(days=max(0, 7 - day.weekday()) if day.weekday() > 4 else 0)


def _agenda(meetup: Meetup, lines: Any, people: dict[str, Person]) -> None:
    for title, minutes, is_talk, speaker in lines:
        speaking.add(meetup=meetup, title=title, minutes=minutes, is_talk=is_talk, speaker=people.get(speaker))
    db.session.flush()


def _answers(meetup: Meetup, row: Row, people: dict[str, Person]) -> None:
    for answer in Answer:
        for place, username in enumerate(row.get(answer.value, ())):
            replying.answer(
                meetup=meetup, person=people[username], answer=answer, way=Way.APP,
                needs="Step-free, please." if username == "josh.haverstock" else "", shown=place % 3 != 2,
            )  # fmt: skip


def _lunches(series: Series, row: Row, people: dict[str, Person]) -> None:
    """What was said to the next lunch, and who was at those before."""
    ids = sa.select(Meetup.id).where(Meetup.series_id == series.id).order_by(Meetup.begins_at)
    coming = True
    for number, meetup_id in enumerate(db.session.scalars(ids).all()):
        meetup = found(queries.meetup(meetup_id))
        if meetup.ends_at > now():
            if coming:
                _agenda(meetup, row["agenda"], people)
                _answers(meetup, row, people)
            coming = False
            continue
        here = row["came"][number % 2 :]
        for username in (*here, *row["missed"]):
            came = username in here
            db.session.add(
                Reply(
                    meetup_id=meetup.id, person_id=people[username].id, answer=Answer.YES,
                    replied_at=meetup.begins_at - timedelta(days=6), way=Way.APP, shown=True,
                    attended_at=meetup.begins_at if came else None, attended_way=Way.ORGANISER if came else None,
                )
            )  # fmt: skip
        db.session.flush()
        actions.number_seats(meetup)


def _around(series: Series, told: Row, people: dict[str, Person]) -> None:
    """Questions, links, cards, and who has the digest."""
    over, first = Meetup.ends_at <= now(), sa.select(Meetup).where(Meetup.series_id == series.id).limit(1)
    next_one = db.session.scalars(first.where(~over).order_by(Meetup.begins_at)).one()
    last_one = db.session.scalars(first.where(over).order_by(Meetup.begins_at.desc())).one()
    for row in told["question"]:
        meetup = next_one if row["when"] == "next" else last_one
        asked = asking.ask(meetup=meetup, person=people[row["by"]], text=row["text"], unnamed=row.get("unnamed", False))
        for voter in row["votes"]:
            asking.vote(question=asked, person=people[voter])
        if "answer" in row:
            asking.answer(question=asked, meetup=meetup, actor=people[row["answered_by"]], text=row["answer"])
    for row in told["link"]:
        asking.add_link(meetup=last_one, actor=people[row["by"]], title=row["title"], url=row["url"])
    for row in told["card"]:
        _card(row, people, last_one)
    for row in told["digest"]:
        digest.choose(person=people[row["person"]], often=Often(row["often"]))


def _card(row: Row, people: dict[str, Person], meetup: Meetup) -> None:
    resolved = resolve(row["account"]) if "account" in row else None
    account = same_as(resolved) if isinstance(resolved, Resolved) else None
    card = cards.make(
        person=people[row["by"]],
        what=cards.Told(
            title=row["title"], how=row["how"], for_whom=row["for_whom"], result=row["result"],
            campaign=row.get("campaign", ""), account_id=account.id if account else None, meetup_id=meetup.id,
        ),
    )  # fmt: skip
    card.made_at = now() - timedelta(days=row["days_ago"])
    for username in row.get("thanks", ()):
        cards.thank(card=card, person=people[username])
