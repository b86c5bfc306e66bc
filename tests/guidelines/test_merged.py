"""Two rows of one human being who have both been asked, and have both said something: all of it stays known."""

from datetime import date, datetime

import cast
import sqlalchemy as sa
import time_machine
from flask import Flask

from registry.db import LONDON, db
from registry.guidelines import signing, standing
from registry.guidelines.asking import OPEN
from registry.guidelines.evidence import verify
from registry.guidelines.models import DISOWNED, Decline, Ending, Obligation
from registry.people import merging
from registry.people import queries as people


def at(day: date) -> time_machine.travel:
    """Noon of a day in London."""
    return time_machine.travel(datetime(day.year, day.month, day.day, 12, tzinfo=LONDON), tick=False)


def test_what_both_rows_were_asked_and_said_stays_known(app: Flask) -> None:
    with at(date(2026, 3, 2)):
        document, guest = cast.a_document("Social media"), cast.stranger()
        cast.an_account(owner=guest)
        db.session.commit()
    with at(date(2026, 3, 10)):
        entered = cast.enter(document, guest)
        signing.disown(sign_off=entered, document=document, person=guest)
        db.session.commit()
    with at(date(2026, 6, 1)):
        employed = cast.ward_sister()
        cast.an_account(owner=employed)
        cast.decline(document, employed, reason="I never post.")
        db.session.commit()
        merging.absorb(guest, employed)
        merging.remember(guest, employed, None)
        db.session.commit()
    assert db.session.scalars(DISOWNED).all() == [entered.id]
    said = db.session.execute(sa.select(Decline.reason, Decline.settled_at.is_not(None)).order_by(Decline.id))
    assert [tuple(one) for one in said] == [
        ("I did not sign this.", True), ("I never post.\n\nI did not sign this.", False),
    ]  # fmt: skip
    spells = db.session.scalars(sa.select(Obligation).order_by(Obligation.id)).all()
    assert [(one.person_id, one.ending) for one in spells] == [(employed.id, Ending.RULE), (employed.id, None)]
    told = {day: standing.export_rows(day).all() for day in (date(2026, 3, 9), date(2026, 4, 1), date(2026, 6, 1))}
    assert {day: [(row[0], row[6]) for row in rows] for day, rows in told.items()} == {
        date(2026, 3, 9): [("bronwen.rees", "owed")],
        date(2026, 4, 1): [("bronwen.rees", "declined")],
        date(2026, 6, 1): [("bronwen.rees", "declined")],
    }
    assert db.session.scalar(sa.select(sa.func.count()).where(Obligation.person_id == employed.id, OPEN)) == 1
    person = people.person(employed.id)
    assert person is not None
    assert person.is_active
    assert verify().well
