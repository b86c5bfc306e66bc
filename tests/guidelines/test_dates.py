"""Guidelines that count from a day on: at midnight in London, once, also after a night without a worker."""

import threading
from datetime import date, datetime

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask

from registry import jobs
from registry.audit import Event
from registry.db import db
from registry.guidelines import actions, queries, writing
from registry.guidelines.models import Document, Obligation, Version, VersionState

#: The clocks go forward at 01:00 UTC on 28 March 2027, and back at 01:00 UTC on 31 October 2027.
WINTER = "2027-03-01T12:00:00+00:00"
SUMMER = "2027-07-01T12:00:00+00:00"


def draft(text: str = "Be kind.") -> tuple[Document, Version]:
    """Guidelines that a colleague has found right, and an account whose owner has to sign them."""
    cast.an_account()
    document = actions.create_document(title="Social media")
    version = actions.draft(document=document, text=text, summary="", material=True, actor=cast.comms_officer())
    db.session.flush()
    writing.look(version=version, document=document, stamp=version.stamp, actor=cast.admin())
    return document, version


def schedule(day: date) -> tuple[Document, Version]:
    """The same, to count from a day on."""
    document, version = draft()
    writing.release(
        version=version, document=document, stamp=version.stamp, actor=cast.comms_officer(), from_on=day
    )  # fmt: skip
    db.session.commit()
    return document, version


def run_job(app: Flask) -> None:
    """What the worker does each minute, in a transaction of its own."""
    db.session.rollback()
    jobs.run(app, jobs.GUIDELINES)


def state() -> VersionState:
    """How far the version has come."""
    db.session.rollback()
    return db.session.scalars(sa.select(Version.state)).one()


@pytest.mark.parametrize(
    ("begins", "day", "before", "after"),
    [
        (WINTER, date(2027, 3, 10), "2027-03-09T23:59:59+00:00", "2027-03-10T00:00:00+00:00"),
        (WINTER, date(2027, 3, 28), "2027-03-27T23:59:59+00:00", "2027-03-28T00:00:00+00:00"),
        (WINTER, date(2027, 3, 29), "2027-03-28T22:59:59+00:00", "2027-03-28T23:00:00+00:00"),
        (SUMMER, date(2027, 10, 31), "2027-10-30T22:59:59+00:00", "2027-10-30T23:00:00+00:00"),
        (SUMMER, date(2027, 11, 1), "2027-10-31T23:59:59+00:00", "2027-11-01T00:00:00+00:00"),
    ],
)
def test_version_counts_from_midnight_in_london(app: Flask, begins: str, day: date, before: str, after: str) -> None:
    with time_machine.travel(datetime.fromisoformat(begins), tick=False) as clock:
        document, _ = schedule(day)
        clock.move_to(datetime.fromisoformat(before))
        run_job(app)
        assert (state(), queries.current(document.id)) == (VersionState.SCHEDULED, None)
        clock.move_to(datetime.fromisoformat(after))
        run_job(app)
        assert state() is VersionState.PUBLISHED
        version = db.session.scalars(sa.select(Version)).one()
        assert version.published_at == datetime.fromisoformat(after)
        assert version.published_by_id == cast.comms_officer().id
        assert [one.due_on for one in db.session.scalars(sa.select(Obligation))] == [version.due_on]
        assert db.session.scalars(sa.select(Event).order_by(Event.id.desc())).first().sentence == (  # type: ignore[union-attr]
            "The register published version 1 of “Social media”"
        )


def test_worker_that_was_down_makes_up_for_it_and_gives_people_their_time(app: Flask) -> None:
    with time_machine.travel(datetime.fromisoformat(WINTER), tick=False) as clock:
        document, version = draft()
        version.due_on = date(2027, 3, 12)
        db.session.flush()
        writing.look(version=version, document=document, stamp=version.stamp, actor=cast.admin())
        writing.release(
            version=version, document=document, stamp=version.stamp, actor=cast.admin(), from_on=date(2027, 3, 10)
        )
        db.session.commit()
        clock.move_to(datetime.fromisoformat("2027-03-20T09:00:00+00:00"))
        assert jobs.publish_guidelines(app.config["SETTINGS"]) == "1 published"
        assert jobs.publish_guidelines(app.config["SETTINGS"]) == ""
        assert db.session.scalars(sa.select(Version.due_on)).one() == date(2027, 4, 3)


def test_two_workers_at_once_publish_once(app: Flask) -> None:
    with time_machine.travel(datetime.fromisoformat(WINTER), tick=False) as clock:
        schedule(date(2027, 3, 10))
        clock.move_to(datetime.fromisoformat("2027-03-10T00:00:30+00:00"))
        gate, done = threading.Barrier(3), [0, 0, 0]
        db.session.remove()

        def run(number: int) -> None:
            with app.app_context():
                gate.wait()
                done[number] = writing.publish_due()
                db.session.remove()

        threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert (sum(done), state()) == (1, VersionState.PUBLISHED)
    assert db.session.scalar(sa.select(sa.func.count(Event.id)).where(Event.name == actions.PUBLISHED)) == 1


def test_date_is_chosen_and_called_back_on_the_page(app: Flask, client: Browser) -> None:
    path = "/guidelines/social-media/preview"
    with time_machine.travel(datetime.fromisoformat("2027-03-01T12:00:00+00:00"), tick=False) as clock:
        draft()
        comms = client.as_(cast.comms_officer())
        seen = comms.get(path).all("input", name="version")[0].get("value")
        wrong = comms.post(path, data={"version": seen, "when": "day", "from_on": "2027-03-01"})
        assert wrong.errors == {"from_on": "Choose a day to come, or publish it now."}
        comms.post(path, data={"version": seen, "when": "day", "from_on": "10/3/2027"})
        assert state() is VersionState.SCHEDULED
        assert comms.get("/guidelines/social-media/draft").location == path
        kept = comms.post(
            "/guidelines/social-media/draft",
            data={"title": "Social media", "text": "Blunt.", "material": "yes", "begun": str(seen)},
        )
        assert (kept.status_code, list(kept.errors)) == (409, ["text"])
        assert comms.post(f"{path}/call-back").location == path
        assert state() is VersionState.DRAFT
        clock.move_to(datetime.fromisoformat("2027-03-11T12:00:00+00:00"))
        assert (writing.publish_due(), state()) == (0, VersionState.DRAFT)
        # What was looked at is still what was looked at.
        assert db.session.scalars(sa.select(Version.looked_by_id)).one() == cast.admin().id
        comms.post(f"{path}/call-back")
        names = db.session.scalars(sa.select(Event.name).where(Event.subject_kind == "document").order_by(Event.id))
        assert names.all() == [
            "guidelines.drafted", "guidelines.looked", "guidelines.scheduled", "guidelines.called-back",
        ]  # fmt: skip


def test_first_version_is_to_be_signed_by_the_day_that_it_says_and_who_comes_later_has_the_usual_time(
    app: Flask,
) -> None:
    with time_machine.travel(datetime.fromisoformat(WINTER), tick=False) as clock:
        document, version = draft()
        version.due_on = date(2027, 3, 4)
        actions.publish(version=version, document=document, actor=cast.comms_officer())
        db.session.commit()
        clock.move_to(datetime.fromisoformat("2027-03-02T12:00:00+00:00"))
        cast.an_account(owner=cast.ward_sister())
        db.session.commit()
    due = db.session.scalars(sa.select(Obligation.due_on).order_by(Obligation.id)).all()
    assert due == [date(2027, 3, 4), date(2027, 3, 16)]
