"""Who is asked anew: each year, and after a break; and the nights on which that is found, whatever the clock does."""

from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from registry import jobs
from registry.accounts.models import Account, State
from registry.accounts.signing import keep_up
from registry.db import LONDON, db
from registry.guidelines import queries, renewing, signing, standing
from registry.guidelines.models import DayCount, Document, Method, Obligation
from registry.people import queries as people
from registry.people.models import PersonState

BEGAN = date(2025, 1, 6)


def night(day: date, hour: int = 3) -> AbstractContextManager[Any]:
    """A moment of a day in London."""
    moment = datetime(day.year, day.month, day.day, hour, 35, tzinfo=LONDON)
    travel: AbstractContextManager[Any] = time_machine.travel(moment, tick=False)
    return travel


@pytest.fixture
def document(app: Flask) -> Document:
    """Nia and Bronwen signed on a Monday what is to be signed each year."""
    with night(BEGAN, 10):
        made = cast.a_document("Social media")
        made.again_months = 12
        cast.an_account(deputy=cast.ward_sister())
        for one in (cast.library_officer(), cast.ward_sister()):
            cast.sign(made, one)
        db.session.commit()
    return made


def spells(username: str = "nia.okafor") -> list[tuple[str, str, str | None]]:
    """The spells of somebody: why, since which day, and how each ended."""
    rows = db.session.execute(
        sa.select(Obligation).where(Obligation.person_id == cast.library_officer().id).order_by(Obligation.id)
        if username == "nia.okafor"
        else sa.select(Obligation).where(Obligation.person_id == cast.ward_sister().id).order_by(Obligation.id)
    )
    told = [(row.why.value, row.since_at.astimezone(LONDON).date().isoformat(), row.ending and row.ending.value)
            for (row,) in rows]  # fmt: skip
    db.session.rollback()
    return told


def run(app: Flask, day: date, hour: int = 3) -> str:
    """The job of a night; how it ended."""
    db.session.rollback()
    with night(day, hour):
        jobs.run(app, jobs.DUTIES)
    said = db.session.scalar(sa.select(jobs.JobRun.outcome).where(jobs.JobRun.name == jobs.DUTIES)) or ""
    db.session.rollback()
    return said


@pytest.mark.parametrize(
    ("on", "months", "last"),
    [
        (date(2026, 1, 6), 12, date(2025, 1, 6)), (date(2025, 2, 28), 12, date(2024, 2, 29)),
        (date(2024, 2, 29), 12, date(2023, 2, 28)), (date(2026, 3, 31), 6, date(2025, 9, 30)),
        (date(2026, 2, 28), 6, date(2025, 8, 31)), (date(2026, 7, 1), 24, date(2024, 7, 1)),
    ],
)  # fmt: skip
def test_last_day_whose_sign_offs_are_too_old(on: date, months: int, last: date) -> None:
    assert renewing.too_old_before(on, months) == datetime(last.year, last.month, last.day, tzinfo=LONDON) + timedelta(
        1
    )
    # As somebody would reckon it, day by day.
    days = [on - timedelta(number) for number in range(800)]
    assert max(day for day in days if renewing.months_after(day, months) <= on) == last


def test_sign_off_is_asked_for_anew_after_a_year_once(app: Flask, document: Document) -> None:
    for day in (date(2026, 1, 4), date(2026, 1, 5)):
        assert run(app, day).startswith("0 asked to sign, 0 asked again")
    assert run(app, date(2026, 1, 6)).startswith("0 asked to sign, 2 asked again")
    assert run(app, date(2026, 1, 7)).startswith("0 asked to sign, 0 asked again")
    assert spells() == [("rule", "2025-01-06", "asked again"), ("again", "2026-01-06", None)]
    assert cast.unsigned(document) == ["bronwen.rees", "nia.okafor"]
    with night(date(2026, 1, 8), 10):
        cast.sign(document, cast.library_officer())
        db.session.commit()
    assert cast.unsigned(document) == ["bronwen.rees"]
    assert run(app, date(2026, 1, 8)).startswith("0 asked to sign, 0 asked again")


def test_whoever_owes_it_anyway_is_not_asked_from_the_start(app: Flask, document: Document) -> None:
    with night(date(2025, 12, 20), 10):
        cast.a_version(document, text="Stricter")
        db.session.commit()
    run(app, date(2026, 1, 5))
    assert run(app, date(2026, 1, 6)).startswith("0 asked to sign, 0 asked again")
    assert spells() == [("rule", "2025-01-06", None)]


@pytest.mark.parametrize(("days", "unsigned"), [(27, []), (28, ["nia.okafor"]), (300, ["nia.okafor"])])
def test_whoever_is_back_after_four_weeks_is_asked_anew(
    app: Flask, document: Document, days: int, unsigned: list[str]
) -> None:
    left = date(2025, 2, 3)
    for day, state in ((left, PersonState.DISABLED), (left + timedelta(days), PersonState.ACTIVE)):
        with night(day):
            cast.library_officer().state = state
            keep_up()
            db.session.commit()
    assert cast.unsigned(document) == unsigned
    why = "returned" if unsigned else "rule"
    back = (left + timedelta(days)).isoformat()
    assert spells() == [("rule", "2025-01-06", "left"), (why, back, None)]
    with night(left + timedelta(days), 12):
        cast.sign(document, cast.library_officer())
        db.session.commit()
    assert cast.unsigned(document) == []


@pytest.mark.parametrize(("weeks", "asked"), [(3, "rule"), (5, "returned")])
def test_whoever_had_no_account_when_they_left_is_asked_anew_all_the_same(
    app: Flask, document: Document, weeks: int, asked: str
) -> None:
    officer, account = cast.library_officer(), db.session.scalars(sa.select(Account)).one()
    account.state = State.CLOSED
    db.session.commit()
    run(app, BEGAN + timedelta(days=1))
    officer.state = PersonState.LEFT
    db.session.commit()
    for number in (2, 3):
        run(app, BEGAN + timedelta(days=number))
    officer.state = PersonState.ACTIVE
    db.session.commit()
    with night(BEGAN + timedelta(days=2, weeks=weeks), 12):
        cast.an_account(owner=officer)
        db.session.commit()
    assert [(why, ending) for why, _, ending in spells()] == [("rule", "no rule"), ("rule", "left"), (asked, None)]
    mine = Obligation.person_id == officer.id
    for day in range(1, 4):
        with night(BEGAN + timedelta(days=9)):
            assert db.session.execute(standing.standing_at_end_of(BEGAN + timedelta(days=day), mine)).all() == []


def test_clock_that_leaps_a_year_for_a_night_changes_nothing(app: Flask, document: Document) -> None:
    run(app, date(2025, 3, 3))
    before = spells()
    for day in (date(2026, 3, 4), date(2025, 3, 5), date(2024, 3, 6), date(2025, 3, 7)):
        assert run(app, day) == "0 asked to sign; the clock has leapt, so the rest waits for tomorrow"
    assert run(app, date(2025, 3, 8)).startswith("0 asked to sign, 0 asked again")
    assert spells() == before
    assert max(db.session.scalars(sa.select(DayCount.on))) == date(2025, 3, 7)


def test_clock_that_was_fast_for_days_lets_sign_offs_count_once_it_is_right(app: Flask, document: Document) -> None:
    for day in (date(2026, 3, 4), date(2026, 3, 5)):
        run(app, day)
    assert spells()[-1] == ("again", "2026-03-04", None)
    for day in (date(2025, 3, 6), date(2025, 3, 7)):
        run(app, day)
    assert spells()[-1] == ("again", "2025-03-07", None)
    due = db.session.scalars(sa.select(Obligation.due_on).where(Obligation.ended_at.is_(None))).first()
    assert due == date(2025, 3, 21)
    with night(date(2025, 3, 8), 10):
        cast.sign(document, cast.library_officer())
        db.session.commit()
    assert cast.unsigned(document) == ["bronwen.rees"]
    assert all(on < date(2025, 3, 7) for on in db.session.scalars(sa.select(DayCount.on)))


def test_days_on_which_the_register_was_off_are_counted_afterwards(app: Flask, document: Document) -> None:
    run(app, date(2025, 1, 8))
    assert run(app, date(2025, 1, 20)).endswith("the rest waits for tomorrow")
    assert run(app, date(2025, 1, 21)) == "0 asked to sign, 0 asked again, 13 days counted"
    kept = db.session.execute(sa.select(DayCount.on, DayCount.concerned, DayCount.signed).order_by(DayCount.on)).all()
    assert [tuple(row) for row in kept] == [(BEGAN + timedelta(number), 2, 2) for number in range(15)]


def test_paper_of_an_earlier_version_does_not_put_the_next_time_off(app: Flask, document: Document) -> None:
    first = queries.current(document.id)
    assert first is not None
    officer = people.person(cast.organiser().id)
    assert officer is not None
    with night(date(2025, 2, 3)):
        cast.a_version(document, text="Stricter")
        cast.an_account(owner=officer)
        cast.sign(document, officer)
        db.session.commit()
    with night(date(2025, 6, 2)):
        signing.enter(
            version=first, document=document, person=officer, method=Method.PAPER, day=date(2025, 5, 30),
            consent="Sheet 7.", actor=cast.play(cast.COMMS_CLERK),
        )  # fmt: skip
        db.session.commit()
        mine = Obligation.person_id == officer.id
        now, then = (
            db.session.execute(told).one()
            for told in (standing.now_standing(mine), standing.standing_at_end_of(date(2025, 6, 2), mine))
        )
        assert (now.version, now.signed_at) == (then.version, then.signed_at)
    assert run(app, date(2026, 2, 3)).startswith("0 asked to sign, 1 asked again")
