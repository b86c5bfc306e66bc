"""The mails of a morning: when they come, whom they name, where they stop, and that nobody gets two a day."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from registry import jobs
from registry.accounts.signing import keep_up
from registry.db import LONDON, db
from registry.guidelines import chasing
from registry.guidelines.models import Document, Obligation, SigningRule, Whom
from registry.outbox import Message, MessageState
from registry.people.models import PersonState
from registry.workdays import working_days_after

#: A Monday; the fortnight of grace ends on Easter Monday, 6 April 2026.
PUBLISHED = date(2026, 3, 23)


def at(day: date, hour: int = 8) -> AbstractContextManager[Any]:
    """A moment of a day in London."""
    moment = datetime(day.year, day.month, day.day, hour, tzinfo=LONDON)
    travel: AbstractContextManager[Any] = time_machine.travel(moment, tick=False)
    return travel


@pytest.fixture
def document(app: Flask) -> Iterator[Document]:
    """Nia and Bronwen, who report to Farida, are asked on a Monday; Tomasz is of comms."""
    with at(PUBLISHED, 10):
        made = cast.a_document("Social media")
        cast.an_account(deputy=cast.ward_sister())
        cast.comms_officer()
        for one in (cast.library_officer(), cast.ward_sister()):
            one.manager_id = cast.organiser().id
        db.session.commit()
    return made


def mornings(days: int = 60, since: date = PUBLISHED, happens: dict[date, Callable[[], object]] | None = None) -> None:
    """Run the round on each of some days, after what happens on them; a second run finds nothing to do."""
    for number in range(1, days + 1):
        day = since + timedelta(number)
        with at(day):
            if happens and day in happens:
                happens[day]()
                db.session.commit()
            if not chasing.run().startswith(("0 people reminded, 0 managers and 0", "nobody")):
                assert chasing.run() == "0 people reminded, 0 managers and 0 of comms told"
            leave()


def leave() -> None:
    """Let all mails leave; those that have left are not taken back."""
    on_their_way = sa.update(Message).where(Message.state == MessageState.WAITING)
    db.session.execute(on_their_way.values(state=MessageState.SENT))
    db.session.commit()


def mails() -> list[tuple[date, str, str]]:
    """On which day whom which subject went to."""
    db.session.rollback()
    found = db.session.scalars(
        sa.select(Message).where(Message.subject.not_like("Approved%")).order_by(Message.id)
    ).all()
    told = [(one.posted_at.astimezone(LONDON).date(), one.to.partition("@")[0], one.subject) for one in found]
    db.session.rollback()
    return [one for one in told if one[0] > PUBLISHED]


def test_four_mails_then_the_manager_then_comms_on_working_days(document: Document) -> None:
    mornings()
    due = date(2026, 4, 6)
    assert [(day - due).days for day, to, _ in mails() if to == "nia.okafor"] == [-13, -6, 1, 7]
    assert mails() == [
        *((date(2026, 3, 24), who, "Please read and sign: Social media") for who in ("bronwen.rees", "nia.okafor")),
        # Three working days before Easter Monday, as Good Friday is none.
        *((date(2026, 3, 31), who, "Please read and sign: Social media") for who in ("bronwen.rees", "nia.okafor")),
        *((date(2026, 4, 7), who, "Overdue: Social media") for who in ("bronwen.rees", "nia.okafor")),
        *((date(2026, 4, 13), who, "Overdue: Social media") for who in ("bronwen.rees", "nia.okafor")),
        (date(2026, 4, 20), "farida.begum", "Your people have guidelines to sign"),
        (date(2026, 4, 27), "tomasz.bryk", "Guidelines that nobody could get signed"),
    ]
    told = db.session.execute(sa.select(Obligation.mails, Obligation.manager_told_on, Obligation.comms_told_on)).all()
    assert {tuple(row) for row in told} == {(4, date(2026, 4, 20), date(2026, 4, 27))}
    texts = {one.to: one.text for one in db.session.scalars(sa.select(Message).order_by(Message.id))}
    assert (
        "* Bronwen Rees: Social media, was due on 6 April 2026\n* Nia Okafor: Social"
        in texts["farida.begum@dunmore.example"]
    )
    assert "http://127.0.0.1:5000/guidelines/social-media\n" in texts["nia.okafor@dunmore.example"]


def test_who_signs_or_declines_hears_no_more_of_it_nor_does_anybody_else(document: Document) -> None:
    happens: dict[date, Callable[[], object]] = {
        date(2026, 4, 7): lambda: cast.sign(document, cast.library_officer()),
        date(2026, 4, 13): lambda: cast.decline(document, cast.ward_sister()),
    }
    mornings(happens=happens)
    assert [(day, to) for day, to, _ in mails()] == [
        (date(2026, 3, 24), "bronwen.rees"), (date(2026, 3, 24), "nia.okafor"),
        (date(2026, 3, 31), "bronwen.rees"), (date(2026, 3, 31), "nia.okafor"), (date(2026, 4, 7), "bronwen.rees"),
    ]  # fmt: skip


def test_who_signs_after_the_manager_was_told_is_not_told_to_comms(document: Document) -> None:
    mornings(happens={date(2026, 4, 21): lambda: [cast.sign(document, one) for one in (
        cast.library_officer(), cast.ward_sister())]})  # fmt: skip
    assert mails()[-1][:2] == (date(2026, 4, 20), "farida.begum")


def test_material_version_begins_anew_and_a_minor_one_does_not(document: Document) -> None:
    cast.a_person("x")
    mornings(happens={
        date(2026, 4, 14): lambda: cast.a_version(document, text="Clearer", material=False),
        date(2026, 6, 1): lambda: cast.a_version(document, text="Stricter"),
    }, days=100)  # fmt: skip
    assert [day for day, to, _ in mails() if to == "nia.okafor"] == [
        date(2026, 3, 24), date(2026, 3, 31), date(2026, 4, 7), date(2026, 4, 13),
        date(2026, 6, 1), date(2026, 6, 10), date(2026, 6, 16), date(2026, 6, 22),
    ]  # fmt: skip
    assert [day for day, to, _ in mails() if to == "farida.begum"] == [date(2026, 4, 20), date(2026, 6, 29)]


def test_one_mail_lists_all_and_counts_for_all(document: Document) -> None:
    with at(PUBLISHED, 12):
        cast.a_document("Photographs")
        db.session.commit()
    mornings()
    assert {subject for _, to, subject in mails() if to == "nia.okafor"} == {
        "Please read and sign: 2 guidelines to sign", "Overdue: 2 guidelines to sign",
    }  # fmt: skip
    per_day = [(day, to) for day, to, _ in mails()]
    assert len(per_day) == len(set(per_day)) == 10
    text = db.session.scalars(sa.select(Message.text).where(Message.subject.like("Please read%"))).first()
    assert text is not None
    assert text.index("* Photographs, by 6 April 2026") < text.index("* Social media, by 6 April 2026")


def test_no_document_is_named_more_than_four_times_though_others_come_later(document: Document) -> None:
    weekly = {
        PUBLISHED + timedelta(days=7 * number): lambda number=number: cast.a_document(f"No. {number}")
        for number in range(1, 5)
    }
    mornings(100, happens=weekly)
    theirs = sa.select(Message).where(Message.to.startswith("nia"), Message.subject.not_like("Approved%"))
    letters = db.session.scalars(theirs.order_by(Message.id)).all()
    lines = [line.partition(",")[0] for one in letters for line in one.text.splitlines() if line.startswith("* ")]
    assert Counter(lines) == {"* Social media": 4, "* No. 1": 4, "* No. 2": 4, "* No. 3": 4, "* No. 4": 4}
    days = [one.posted_at.astimezone(LONDON).date() for one in letters]
    with at(PUBLISHED):  # Between two mails to one person lie three working days.
        assert all(later > working_days_after(day, 2) for day, later in pairwise(days))
    assert "One more, of which you know, waits on your home page: http://127.0.0.1:5000/\n" in letters[1].text
    # Their manager hears of the first five working days after its own fourth mail, whatever others came later.
    told = db.session.scalars(sa.select(Obligation.manager_told_on).order_by(Obligation.document_id)).all()
    assert told[:2] == [date(2026, 4, 21)] * 2


def test_whoever_is_their_own_manager_is_not_told_of_themself(document: Document) -> None:
    cast.library_officer().manager_id = cast.library_officer().id
    cast.ward_sister().state = PersonState.LEFT
    keep_up()
    db.session.commit()
    mornings()
    assert [to for _, to, _ in mails()] == ["nia.okafor"] * 4 + ["tomasz.bryk"]


def test_of_whom_nobody_can_write_to_the_manager_hears_and_without_one_comms(document: Document) -> None:
    for one in (cast.library_officer(), cast.ward_sister()):
        one.mail = None
    cast.ward_sister().manager_id = None
    db.session.commit()
    mornings()
    assert mails() == [
        (date(2026, 4, 20), "tomasz.bryk", "Guidelines that nobody could get signed"),
        (date(2026, 4, 20), "farida.begum", "Nia Okafor has guidelines to sign"),
        (date(2026, 4, 27), "tomasz.bryk", "Guidelines that nobody could get signed"),
    ]


def test_whoever_is_manager_and_of_comms_and_owes_gets_one_mail(document: Document) -> None:
    farida, tomasz = cast.organiser(), cast.comms_officer()
    db.session.add_all(
        SigningRule(document_id=document.id, whom=Whom.PERSON, person_id=one.id) for one in (farida, tomasz)
    )
    cast.library_officer().manager_id = cast.ward_sister().manager_id = tomasz.id
    with at(PUBLISHED, 11):
        keep_up()
        db.session.commit()
    mornings()
    per_day = [(day, to) for day, to, _ in mails()]
    assert len(per_day) == len(set(per_day))
    assert [day for day, to, _ in mails() if to == "tomasz.bryk"] == [
        date(2026, 3, 24), date(2026, 3, 31), date(2026, 4, 7), date(2026, 4, 13), date(2026, 4, 20), date(2026, 4, 27),
    ]  # fmt: skip


def test_leaver_is_not_written_to_nor_told_of(document: Document) -> None:
    def leave() -> None:
        cast.library_officer().state = PersonState.LEFT
        keep_up()

    mornings(happens={date(2026, 4, 1): leave})
    assert [day for day, to, _ in mails() if to == "nia.okafor"] == [date(2026, 3, 24), date(2026, 3, 31)]
    assert [subject for _, to, subject in mails() if to == "farida.begum"] == ["Bronwen Rees has guidelines to sign"]


def test_worker_that_was_off_for_weeks_does_not_make_up_in_a_day(document: Document) -> None:
    mornings(days=30, since=date(2026, 4, 30))
    days = [day for day, to, _ in mails() if to == "nia.okafor"]
    assert days == [date(2026, 5, 1), date(2026, 5, 7), date(2026, 5, 12), date(2026, 5, 15)]  # 4 May is a holiday.
    assert [day for day, to, _ in mails() if to == "farida.begum"] == [date(2026, 5, 22)]


# --- Killed, and many -------------------------------------------------------------------------------------


def many(people: int) -> Document:
    """A document that everybody has to sign."""
    with at(PUBLISHED, 9):
        document = cast.a_document("For all")
        db.session.add(SigningRule(document_id=document.id, whom=Whom.EVERYONE))
        for _ in range(people):
            cast.a_person()
        db.session.flush()
        keep_up()
        db.session.commit()
    return document


class Killed(BaseException):
    """The process died."""


@pytest.mark.parametrize("alive", range(1, 6))
def test_killed_in_the_middle_and_run_again_writes_to_nobody_twice(
    app: Flask, monkeypatch: pytest.MonkeyPatch, alive: int
) -> None:
    many(9)
    expected = db.session.scalar(sa.select(sa.func.count(Obligation.id)))
    db.session.rollback()
    monkeypatch.setattr(chasing, "AT_ONCE", 3)
    commits = 0
    commit = db.session.commit

    def dies() -> None:
        nonlocal commits
        commits += 1
        if commits > alive:
            raise Killed
        commit()

    with at(PUBLISHED + timedelta(1)):
        monkeypatch.setattr(db.session, "commit", dies)
        with pytest.raises((Killed, StopIteration)):
            chasing.run()
            raise StopIteration
        monkeypatch.setattr(db.session, "commit", commit)
        db.session.rollback()
        chasing.run()
    per_person = db.session.execute(sa.select(Message.to, sa.func.count()).group_by(Message.to)).all()
    assert {count for _, count in per_person} == {1}
    assert len(per_person) == expected
    assert set(db.session.scalars(sa.select(Obligation.mails))) == {1}


def test_a_thousand_people_take_as_many_statements_as_ten(
    app: Flask, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    many(10)
    counted = []
    for day in (24, 25):
        with at(date(2026, 3, day)), count_queries() as ran:
            assert f"{11 if day == 24 else 300} people reminded" in chasing.run()
        counted.append(len(ran))
        many_more(300)
    assert counted == [counted[0]] * 2


def test_more_people_than_fit_into_the_portions_of_a_morning_make_these_larger(
    app: Flask, monkeypatch: pytest.MonkeyPatch, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    monkeypatch.setattr(chasing, "AT_ONCE", 3)
    monkeypatch.setattr(chasing, "MOST_PORTIONS", 4)
    many(15)
    counted = []
    for day, people in ((24, 16), (25, 60), (26, 250)):
        with at(date(2026, 3, day)), count_queries() as ran:
            assert f"{people} people reminded" in chasing.run()
        counted.append(len(ran))
        many_more({24: 60, 25: 250, 26: 0}[day])
    assert counted == [counted[0]] * 3


def many_more(people: int) -> None:
    """More people whom the rule names."""
    with at(PUBLISHED, 20):
        for _ in range(people):
            cast.a_person()
        keep_up()
        db.session.commit()


def test_bad_address_is_kept_as_failed_and_the_others_are_written_to(document: Document) -> None:
    cast.library_officer().mail = "no address"
    mornings(days=1)
    states = {
        one.to: one.state for one in db.session.scalars(sa.select(Message).where(Message.subject.like("Please%")))
    }
    assert states == {"no address": MessageState.FAILED, "bronwen.rees@dunmore.example": MessageState.SENT}


# --- By hand, and the clock -------------------------------------------------------------------------------


def test_reminding_by_hand_writes_to_nobody_twice_a_day_and_waits_for_a_working_day(document: Document) -> None:
    ids = [cast.library_officer().id, cast.ward_sister().id, cast.stranger().id]
    cast.ward_sister().mail = None
    db.session.commit()
    saturday = date(2026, 3, 28)
    with at(saturday, 15):
        first = chasing.remind(person_ids=ids, actor=cast.comms_officer())
        second = chasing.remind(person_ids=ids, actor=cast.comms_officer())
        db.session.commit()
    assert (first, second) == (chasing.Reminded(1, 0, 1, 0), chasing.Reminded(0, 1, 1, 0))
    (message,) = db.session.scalars(sa.select(Message).where(Message.subject.like("Please%"))).all()
    assert message.due_at.astimezone(LONDON) == datetime(2026, 3, 30, 8, tzinfo=LONDON)
    # It counts as one of the four.
    assert db.session.scalars(sa.select(Obligation.mails).where(Obligation.person_id == ids[0])).one() == 1


def test_by_hand_stops_at_the_most_and_goes_on_with_the_next(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    many(7)
    monkeypatch.setattr(chasing, "BY_HAND_AT_ONCE", 2)
    monkeypatch.setattr(chasing, "MOST_BY_HAND", 3)
    ids = db.session.scalars(sa.select(Obligation.person_id)).all()
    told = []
    with at(date(2026, 3, 25)):
        for _ in range(3):
            done = chasing.remind(person_ids=ids, actor=cast.comms_officer())
            told.append((done.written, done.today, done.left))
    assert told == [(4, 0, 4), (4, 4, 0), (0, 8, 0)]


def last(job: str) -> str:
    """How a job ended."""
    db.session.rollback()
    return db.session.scalar(sa.select(jobs.JobRun.outcome).where(jobs.JobRun.name == job)) or ""


def test_clock_that_leaps_a_year_writes_to_nobody(app: Flask, document: Document) -> None:
    for day, told in (
        (date(2026, 3, 24), "2 people reminded, 0 managers and 0 of comms told"),
        (date(2027, 3, 25), "nobody reminded: the clock has leapt, so this waits for tomorrow"),
        (date(2026, 3, 26), "nobody reminded: the clock has leapt, so this waits for tomorrow"),
        (date(2026, 3, 27), "0 people reminded, 0 managers and 0 of comms told"),
        (date(2026, 3, 31), "2 people reminded, 0 managers and 0 of comms told"),
    ):
        db.session.rollback()
        with at(day, 6):
            jobs.run(app, jobs.SIGNATURES)
        with at(day, 7):
            jobs.run(app, jobs.SIGNATURES)
        assert (day, last(jobs.SIGNATURES)) == (day, told)
    assert len(mails()) == 4


def test_round_of_the_morning_comes_once_a_day_from_seven_on(app: Flask, document: Document) -> None:
    db.session.rollback()
    told = []
    for day, hour in ((25, 6), (25, 7), (25, 9), (28, 8)):
        with at(date(2026, 3, day), hour):
            jobs.run(app, jobs.SIGNATURES)
        told.append((len(mails()), last(jobs.SIGNATURES)))
        db.session.rollback()
    reminded = (2, "2 people reminded, 0 managers and 0 of comms told")
    assert told == [(0, ""), reminded, reminded, (2, "nobody is reminded on a day off")]
