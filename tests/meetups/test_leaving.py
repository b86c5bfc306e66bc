"""Places of those who work here no longer: they go to who waits, in turn, and nobody is told too much."""

import cast
import occasions
import pytest
import sqlalchemy as sa
from flask import Flask

from registry.db import db, now
from registry.meetups import queries, rounds
from registry.meetups.models import Answer, Meetup, Reply
from registry.outbox import Message
from registry.people.models import PersonState


@pytest.fixture
def meetup(app: Flask) -> Meetup:
    """One place: Nia has it, Bronwen waits, then Oluwaseun."""
    meetup = occasions.a_meetup(capacity=1)
    for person in (cast.library_officer(), cast.ward_sister(), cast.stranger()):
        occasions.say(meetup, person, Answer.YES)
    db.session.commit()
    return meetup


def stand(meetup: Meetup) -> dict[str, str]:
    """What each says, and who waits."""
    db.session.expire_all()
    return {one.person.given_name: one.said for one in queries.replies(meetup.id)}


def told(app: Flask) -> tuple[str, list[str]]:
    """What the worker notes, and to whom it wrote."""
    noted = rounds.tell_news(app.config["SETTINGS"])
    return noted, [one.partition(".")[0] for one in db.session.scalars(sa.select(Message.to).order_by(Message.id))]


@pytest.mark.parametrize("state", [PersonState.LEFT, PersonState.DISABLED])
def test_the_place_of_who_has_left_goes_to_who_waits(app: Flask, meetup: Meetup, state: PersonState) -> None:
    nia = cast.library_officer()
    nia.state, nia.left_at = state, now()
    db.session.commit()
    assert told(app) == ("1 told", ["bronwen"])
    assert stand(meetup) == {"Bronwen": "yes", "Oluwaseun": "waits", "Nia": "no"}
    assert queries.coming_to([meetup.id])[meetup.id] == queries.Coming(seated=1, waiting=1, no=1)
    assert told(app) == ("", ["bronwen"])


def test_who_has_left_while_they_waited_holds_nobody_up(app: Flask, meetup: Meetup) -> None:
    for person in (cast.library_officer(), cast.ward_sister()):
        person.state, person.left_at = PersonState.LEFT, now()
    db.session.commit()
    assert told(app) == ("1 told", ["oluwaseun"])
    assert stand(meetup) == {"Oluwaseun": "yes", "Bronwen": "no", "Nia": "no"}


def test_a_place_whose_row_is_gone_goes_to_who_waits(app: Flask, meetup: Meetup) -> None:
    """As when somebody is forgotten, or merged into whom has answered, too."""
    db.session.execute(sa.delete(Reply).where(Reply.person_id == cast.library_officer().id))
    db.session.commit()
    assert told(app) == ("1 told", ["bronwen"])


def test_who_is_missing_only_keeps_their_place(app: Flask, meetup: Meetup) -> None:
    cast.library_officer().state = PersonState.MISSING
    db.session.commit()
    assert told(app) == ("", [])


def test_who_was_there_stays_so_when_they_have_left(app: Flask, meetup: Meetup) -> None:
    meetup.begins_at = now()
    meetup.ends_at = now().replace(year=now().year + 1)
    nia = cast.library_officer()
    nia.state = PersonState.LEFT
    db.session.scalars(sa.select(Reply).where(Reply.person_id == nia.id)).one().attended_at = now()
    db.session.commit()
    assert told(app) == ("", [])
