"""Who speaks: the agenda, and offers to speak."""

import cast
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from test_replying import a_meetup

from registry.db import db
from registry.meetups import actions, queries, speaking
from registry.meetups.models import AgendaItem
from registry.outbox import Message


def agenda(meetup_id: int) -> list[tuple[str, int, str]]:
    """The agenda as it stands: title, minutes, who speaks."""
    db.session.rollback()
    meetup = queries.meetup(meetup_id)
    assert meetup is not None
    return [(one.title, one.minutes, one.speaker.name if one.speaker else "") for one in meetup.agenda]


def add(client: Browser, meetup_id: int, title: str, **more: str) -> None:
    """Add a line."""
    client.post(f"/meetups/{meetup_id}/agenda", data={"title": title, "minutes": "10", "speaker": "", **more})


def mails() -> list[tuple[str, str]]:
    """Who was written to, and about what."""
    db.session.rollback()
    return [(one.to.partition("@")[0], one.subject) for one in db.session.scalars(sa.select(Message))]


def test_lines_are_added_moved_and_taken_off(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.organiser())
    cast.library_officer()
    for title in ("Hello", "Questions", "Tea"):
        add(client, meetup.id, title)
    add(client, meetup.id, "A week in an hour", speaker="nia.okafor", minutes="15")
    ids = dict(db.session.execute(sa.select(AgendaItem.title, AgendaItem.id)).all())
    client.post(f"/meetups/{meetup.id}/agenda/{ids['A week in an hour']}/up")
    client.post(f"/meetups/{meetup.id}/agenda/{ids['A week in an hour']}/up")
    client.post(f"/meetups/{meetup.id}/agenda/{ids['Hello']}/up")
    client.post(f"/meetups/{meetup.id}/agenda/{ids['Tea']}/off")
    client.post(f"/meetups/{meetup.id}/agenda/999/off")
    assert agenda(meetup.id) == [("Hello", 10, ""), ("A week in an hour", 15, "Nia Okafor"), ("Questions", 10, "")]


def test_agenda_has_an_end(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.organiser())
    for number in range(speaking.MOST_LINES):
        add(client, meetup.id, f"Line {number}")
    answer = client.post(f"/meetups/{meetup.id}/agenda", data={"title": "One more", "minutes": "5", "speaker": ""})
    assert answer.errors == {"title": "An agenda has 30 lines at most. Take one off first."}


def test_accepted_offer_takes_the_free_slot_and_its_speaker_is_told(client: Browser) -> None:
    meetup = a_meetup()
    client.as_(cast.organiser())
    add(client, meetup.id, "A slot for you", is_talk="y")
    add(client, meetup.id, "Questions")
    nia = cast.library_officer()
    client.as_(nia).post(f"/meetups/{meetup.id}/speak", data={"title": "Our cat on Facebook", "pitch": "It works."})
    assert "You offered to speak about “Our cat on Facebook”" in client.get(f"/meetups/{meetup.id}").text
    client.as_(cast.organiser())
    assert "It works." in client.get(f"/meetups/{meetup.id}").text
    client.post(f"/meetups/{meetup.id}/speak/{nia.id}/accept", data={"reply": "Bring the cat."})
    assert agenda(meetup.id) == [("Our cat on Facebook", 10, "Nia Okafor"), ("Questions", 10, "")]
    assert mails() == [("nia.okafor", "You speak at “Lunch”")]
    assert client.post(f"/meetups/{meetup.id}/speak/{nia.id}/decline", data={"reply": ""}).status_code == 404
    client.as_(nia).post(f"/meetups/{meetup.id}/speak", data={"title": "Another", "pitch": ""})
    assert "You speak about “Our cat on Facebook”." in client.get(f"/meetups/{meetup.id}").text


def test_declined_offer_may_come_again_and_one_taken_back_waits_for_nobody(client: Browser) -> None:
    meetup, nia = a_meetup(), cast.library_officer()
    client.as_(nia).post(f"/meetups/{meetup.id}/speak", data={"title": "Our cat", "pitch": ""})
    client.as_(cast.organiser()).post(f"/meetups/{meetup.id}/speak/{nia.id}/decline", data={"reply": "Next time?"})
    assert mails() == [("nia.okafor", "Your offer to speak at “Lunch”")]
    client.as_(nia).post(f"/meetups/{meetup.id}/speak", data={"title": "Our dog", "pitch": ""})
    assert [one.title for one in queries.offers(meetup.id)] == ["Our dog"]
    client.post(f"/meetups/{meetup.id}/speak/withdraw")
    db.session.rollback()
    assert queries.offers(meetup.id) == []
    assert agenda(meetup.id) == []


def test_nobody_is_promised_a_talk_at_what_does_not_take_place(client: Browser) -> None:
    meetup, nia = a_meetup(), cast.library_officer()
    given = speaking.offer(meetup=meetup, person=nia, title="Our cat", pitch="", before=None)
    assert [found.id for found, _ in queries.offers_waiting()] == [meetup.id]
    actions.cancel(actor=cast.organiser(), meetup=meetup, reason="Snow.")
    db.session.commit()
    assert queries.offers_waiting() == []
    client.as_(cast.organiser()).post(f"/meetups/{meetup.id}/speak/{nia.id}/accept", data={"reply": ""})
    assert (mails(), agenda(meetup.id), given.state.value) == ([], [], "offered")


def test_only_organisers_settle_offers(client: Browser, app: Flask) -> None:
    meetup, nia = a_meetup(), cast.library_officer()
    client.as_(nia).post(f"/meetups/{meetup.id}/speak", data={"title": "Our cat", "pitch": ""})
    assert client.post(f"/meetups/{meetup.id}/speak/{nia.id}/accept", data={"reply": ""}).status_code == 404
    assert client.get(f"/meetups/{meetup.id}/agenda").status_code == 404
    assert agenda(meetup.id) == []
