"""A mail that waits for Monday, or for the mail server, when somebody has signed meanwhile."""

from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from registry.accounts.signing import keep_up
from registry.db import LONDON, db
from registry.guidelines import chasing, declining, queries, writing
from registry.guidelines.models import Document
from registry.outbox import Message
from registry.people import queries as people
from registry.people.models import PersonState


def saturday() -> AbstractContextManager[Any]:
    """An afternoon on which nobody is at work."""
    travel: AbstractContextManager[Any] = time_machine.travel(datetime(2026, 3, 28, 15, tzinfo=LONDON), tick=False)
    return travel


@pytest.fixture
def document(app: Flask) -> Document:
    """Two documents that Nia, Bronwen and Farida owe since Monday."""
    with time_machine.travel(datetime(2026, 3, 23, 10, tzinfo=LONDON), tick=False):
        made, _ = cast.a_document("Social media"), cast.a_document("Photographs")
        cast.an_account(deputy=cast.ward_sister())
        cast.an_account(owner=cast.organiser())
        db.session.commit()
    return made


def waiting() -> list[tuple[str, str]]:
    """For whom a mail waits, and its subject."""
    db.session.rollback()
    found = sa.select(Message).where(Message.message_id.startswith("<to-sign."))
    return sorted((one.to.partition("@")[0], one.subject) for one in db.session.scalars(found))


def test_mail_that_waits_for_monday_names_what_is_left_and_does_not_leave_where_nothing_is(
    app: Flask, document: Document
) -> None:
    everybody = [cast.library_officer().id, cast.ward_sister().id, cast.organiser().id]
    with saturday():
        pictures = db.session.scalars(sa.select(Document).where(Document.title == "Photographs")).one()
        chasing.remind(person_ids=everybody, actor=cast.comms_officer())
        db.session.commit()
        two = "Please read and sign: 2 guidelines to sign"
        assert waiting() == [("bronwen.rees", two), ("farida.begum", two), ("nia.okafor", two)]
        cast.sign(pictures, cast.library_officer())
        cast.sign(pictures, cast.ward_sister())
        sister, version = people.person(cast.ward_sister().id), queries.current(document.id)
        assert sister
        assert version
        declining.decline(version=version, document=document, person=sister, reason="Not for us.")
        db.session.commit()
        one_left = [("farida.begum", two), ("nia.okafor", "Please read and sign: Social media")]
        assert waiting() == one_left
        assert "Photographs" not in db.session.scalars(sa.select(Message.text).where(Message.to.like("nia%"))).all()[-1]
        cast.organiser().state = PersonState.LEFT
        keep_up()
        db.session.commit()
        assert waiting() == one_left[1:]
        writing.retire(document=document, reason="Not needed.", actor=cast.comms_officer())
        db.session.commit()
        assert waiting() == []
