"""Answering by the link in an invitation: it opens one meetup for one person, and nothing for anybody else."""

import contextvars
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import cast
import occasions
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from ical.calendar_stream import IcsCalendarStream

from registry.db import db, now
from registry.meetups import replying
from registry.meetups.by_link import links
from registry.meetups.models import AgendaItem, Answer, Invitation, Meetup, Reply, Way
from registry.outbox import Message
from registry.people.models import PersonState

NOTHING = "This link opens nothing"


@pytest.fixture
def meetup(app: Flask) -> Meetup:
    """A room with two places, and a way in from afar."""
    return occasions.a_meetup(capacity=2, online_link="https://meet.dunmore.example/7", about="Bring a phone.\nOr two.")


@pytest.fixture
def invitation(meetup: Meetup) -> Invitation:
    """The library officer is invited."""
    return occasions.invite(meetup, cast.library_officer())


def path(invitation: Invitation) -> str:
    return f"/answer/{links.token_of(invitation)}"


def buttons(page: Any) -> list[str]:
    return [*page.words("button", name="answer")]


def rows() -> dict[str, list[Any]]:
    """Every row of every table."""
    db.session.rollback()
    return {one.name: db.session.execute(sa.select(one)).all() for one in db.metadata.sorted_tables}


def test_the_page_says_what_it_is_about_and_names_its_reader_alone(
    client: Browser, meetup: Meetup, invitation: Invitation
) -> None:
    speaker = cast.ward_sister()
    meetup.agenda = [AgendaItem(position=0, minutes=20, title="A night on the ward", is_talk=True, speaker=speaker)]
    occasions.say(meetup, speaker, Answer.YES, shown=True)
    page = client.get(path(invitation))
    assert (page.status_code, page.heading) == (200, "Photographs that people stop at")
    assert page.words("li", class_="reg-agenda__item") == ["20 min A night on the ward"]
    assert page.words("p", class_="reg-break") == ["Bring a phone. Or two.", "Room 2, County Hall"]
    assert page.words("p", class_="reg-muted")[0].startswith("This page is for Nia alone")
    assert page.words("legend") == ["Do you come, Nia?"]
    assert page.words("p", id="whose") == ["1 place left. You can change your answer until it is over."]
    assert buttons(page) == ["I come", "I join online", "Maybe", "I cannot come"]
    assert [name for name in ("Okafor", "Bronwen", "Rees", "Farida", "meet.dunmore.example") if name in page.text] == []


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_who_only_looks_changes_nothing(client: Browser, invitation: Invitation, method: str) -> None:
    where = path(invitation)
    db.session.commit()
    before = rows()
    for address in (where, f"{where}?answer=no", f"{where}/meetup.ics"):
        assert client.open(address, method=method).status_code == 200
    assert rows() == before


@pytest.mark.parametrize("address", ["{}", "{}/meetup.ics", "/answer/1-0"])
def test_an_answer_goes_into_no_cache_to_no_other_site_and_bears_no_cookie(
    client: Browser, invitation: Invitation, address: str
) -> None:
    answer = client.as_(cast.stranger()).get(address.format(path(invitation)))
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Robots-Tag"] == "noindex, nofollow"
    assert "Set-Cookie" not in answer.headers
    assert "Oluwaseun" not in answer.text


@pytest.mark.parametrize(
    ("answer", "heading"),
    [
        ("yes", "You come, Nia"), ("remote", "You join online, Nia"), ("maybe", "You may come, Nia"),
        ("no", "You do not come, Nia"),
    ],
)  # fmt: skip
def test_each_button_answers_for_its_person(
    client: Browser, meetup: Meetup, invitation: Invitation, answer: str, heading: str
) -> None:
    sent = client.post(path(invitation), data={"answer": answer}, csrf=False)
    assert (sent.status_code, sent.location) == (303, path(invitation))
    reply = db.session.scalars(sa.select(Reply)).one()
    assert (reply.person_id, reply.answer.value, reply.way) == (cast.library_officer().id, answer, Way.LINK)
    page = client.get(path(invitation))
    assert page.words("h2")[0] == heading
    assert len(buttons(page)) == 3


def test_an_answer_can_be_changed_and_gives_the_place_to_who_waits(
    client: Browser, meetup: Meetup, invitation: Invitation
) -> None:
    sister, stranger = cast.ward_sister(), cast.stranger()
    client.post(path(invitation), data={"answer": "yes"}, csrf=False)
    for one in (sister, stranger):
        occasions.say(meetup, one, Answer.YES)
    assert replying.of(meetup.id, stranger.id).waits
    client.post(path(invitation), data={"answer": "no"}, csrf=False)
    db.session.expire_all()
    assert not replying.of(meetup.id, stranger.id).waits
    mails = db.session.scalars(sa.select(Message).order_by(Message.id)).all()
    assert [(one.to, one.subject.partition(":")[0]) for one in mails] == [
        ("nia.okafor@dunmore.example", "You come"), (stranger.mail, "You have a place"),
        ("nia.okafor@dunmore.example", "You do not come"),
    ]  # fmt: skip
    assert ["METHOD:REQUEST" in one.calendar for one in mails] == [True, True, False]


def test_who_comes_when_it_is_full_is_told_where_they_stand(
    client: Browser, meetup: Meetup, invitation: Invitation
) -> None:
    for _ in range(3):
        occasions.say(meetup, cast.a_person(), Answer.YES)
    page = client.get(path(invitation))
    assert page.words("p", id="whose")[0].startswith("The room is full: with a yes you wait for a place.")
    assert buttons(page)[0] == "I come: put me on the list"
    client.post(path(invitation), data={"answer": "yes"}, csrf=False)
    page = client.get(path(invitation))
    assert page.words("h2")[0] == "You are on the waiting list, Nia"
    assert "You are number 2 of those who wait" in page.text


def test_the_file_for_the_calendar_holds_the_answer_and_the_link(
    client: Browser, meetup: Meetup, invitation: Invitation
) -> None:
    occasions.say(meetup, cast.library_officer(), Answer.MAYBE)
    answer = client.get(f"{path(invitation)}/meetup.ics")
    (event,) = IcsCalendarStream.calendar_from_ics(answer.text).events
    assert (answer.mimetype, event.uid, event.status and event.status.value) == (
        "text/calendar",
        meetup.uid,
        "TENTATIVE",
    )
    assert links.address_of(invitation) in (event.description or "")


def test_the_file_of_what_was_called_off_takes_it_out_of_a_calendar(
    client: Browser, meetup: Meetup, invitation: Invitation
) -> None:
    occasions.call_off(meetup)
    answer = client.get(f"{path(invitation)}/meetup.ics")
    calendar = IcsCalendarStream.calendar_from_ics(answer.text)
    (event,) = calendar.events
    assert (calendar.method, event.uid, event.sequence, event.status and event.status.value) == (
        "CANCEL", meetup.uid, 100, "CANCELLED",
    )  # fmt: skip
    assert [str(one.uri) for one in event.attendees] == ["mailto:nia.okafor@dunmore.example"]
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8; method=CANCEL"


def test_what_is_called_off_or_over_takes_no_answer_and_says_so(
    client: Browser, meetup: Meetup, invitation: Invitation
) -> None:
    other = occasions.invite(occasions.a_meetup(), cast.library_officer())
    with time_machine.travel(occasions.THURSDAY + timedelta(hours=2)):
        late = client.post(path(other), data={"answer": "yes"}, csrf=False)
        assert (late.status_code, buttons(late)) == (409, [])
        assert "It is over" in late.text
    occasions.call_off(meetup)
    off = client.post(path(invitation), data={"answer": "yes"}, csrf=False)
    assert (off.status_code, buttons(off)) == (409, [])
    assert "The room is flooded." in off.text
    assert db.session.scalars(sa.select(Reply)).all() == []


def test_the_last_place_goes_to_one_of_those_who_press_at_once(app: Flask, meetup: Meetup) -> None:
    paths = [path(occasions.invite(meetup, cast.a_person())) for _ in range(6)]
    db.session.commit()

    def press(where: str) -> int:
        return app.test_client().post(where, data={"answer": "yes"}).status_code

    with ThreadPoolExecutor(6) as hands:
        told = [*hands.map(lambda where: contextvars.Context().run(press, where), paths)]
    assert told == [303] * 6
    db.session.rollback()
    replies = db.session.scalars(sa.select(Reply).order_by(Reply.queued_at, Reply.id)).all()
    assert sorted(one.seat for one in replies if one.seat) == [1, 2]
    assert len([one for one in replies if one.waits]) == 4


@pytest.mark.parametrize("data", [{}, {"answer": ""}, {"answer": "YES"}, {"answer": "\x00"}, {"answer": "x" * 9000}])
def test_what_is_no_answer_is_refused_and_changes_nothing(
    client: Browser, invitation: Invitation, data: dict[str, str]
) -> None:
    assert client.post(path(invitation), data=data, csrf=False).status_code == 400
    assert db.session.scalars(sa.select(Reply)).all() == []


# --- What opens nothing -------------------------------------------------------------------------------------


def refused(client: Browser, token: str) -> list[tuple[int, str]]:
    """What each door says to a token."""
    where = f"/answer/{token}"
    asked = client.get(where), client.get(f"{where}/meetup.ics")
    answers = [*asked, client.post(where, data={"answer": "yes"}, csrf=False)]
    return [(answer.status_code, answer.heading) for answer in answers]


SHUT = [(404, NOTHING)] * 3


def test_a_token_with_one_character_changed_opens_nothing(client: Browser, invitation: Invitation) -> None:
    token = links.token_of(invitation)
    for place in range(len(token)):
        other = token[:place] + ("1" if token[place] == "0" else "0") + token[place + 1 :]
        assert client.get(f"/answer/{other}").status_code == 404, other
    cut_or_grown = token[:-1], token + "0", token.upper(), "0" + token, token.replace("-", "")
    for other in (*cut_or_grown, "1-", "-", "é-ß", "9" * 40):
        assert client.get(f"/answer/{other}").status_code == 404, other
    assert client.get(f"/answer/{token}").status_code == 200


def test_the_code_of_one_invitation_opens_no_other(client: Browser, meetup: Meetup, invitation: Invitation) -> None:
    other = occasions.invite(meetup, cast.stranger(), nonce=invitation.nonce)
    code = links.token_of(invitation).partition("-")[2]
    assert refused(client, f"{other.id}-{code}") == SHUT


def test_a_revoked_link_opens_nothing(client: Browser, invitation: Invitation) -> None:
    token = links.token_of(invitation)
    held = replying.hold(invitation.meetup_id)
    assert held is not None
    db.session.refresh(invitation, ["person"])
    links.revoke(invitation=invitation, meetup=held, actor=cast.organiser(), fresh=False)
    assert refused(client, token) == SHUT


@pytest.mark.parametrize("change", [{"person_id": 2}, {"nonce": "other"}])
def test_a_link_is_bound_to_the_person_and_the_random_part(
    client: Browser, invitation: Invitation, change: dict[str, Any]
) -> None:
    token = links.token_of(invitation)
    for name, value in (change | ({"person_id": cast.stranger().id} if "person_id" in change else {})).items():
        setattr(invitation, name, value)
    assert refused(client, token) == SHUT


def test_a_link_is_bound_to_the_meetup(client: Browser, invitation: Invitation) -> None:
    token = links.token_of(invitation)
    invitation.meetup_id = occasions.a_meetup().id
    assert refused(client, token) == SHUT


@pytest.mark.parametrize("state", [PersonState.LEFT, PersonState.DISABLED])
def test_a_leavers_link_opens_nothing(client: Browser, invitation: Invitation, state: PersonState) -> None:
    nia = cast.library_officer()
    nia.state, nia.left_at = state, now()
    assert refused(client, links.token_of(invitation)) == SHUT


def test_a_link_lives_through_a_change_of_the_secret_key_where_the_old_one_is_kept(
    app: Flask, client: Browser, invitation: Invitation
) -> None:
    token, old = links.token_of(invitation), app.config["SECRET_KEY"]
    app.config["SECRET_KEY"] = "another " * 8
    assert client.get(f"/answer/{token}").status_code == 404
    app.config["SECRET_KEY_FALLBACKS"] = [old]
    assert client.get(f"/answer/{token}").status_code == 200


def test_whoever_asks_too_often_waits(app: Flask, client: Browser, invitation: Invitation) -> None:
    with time_machine.travel(now(), tick=False):
        told = [client.get("/answer/1-0").status_code for _ in range(app.config["SETTINGS"].public_per_minute + 1)]
    assert (set(told[:-1]), told[-1]) == ({404}, 429)


def test_somebody_lets_the_links_that_they_have_open_nothing(
    client: Browser, meetup: Meetup, invitation: Invitation
) -> None:
    old, others = links.token_of(invitation), occasions.invite(meetup, cast.stranger())
    client.as_(cast.library_officer()).post("/meetups/calendar/links")
    db.session.expire_all()
    client.anonymous()
    assert refused(client, old) == SHUT
    assert client.get(path(invitation)).status_code == 200
    assert client.get(path(others)).status_code == 200


def test_an_address_in_a_mail_is_whole_and_ends_in_a_letter_or_number(app: Flask, invitation: Invitation) -> None:
    address = links.address_of(invitation)
    assert address == f"http://127.0.0.1:5000/answer/{links.token_of(invitation)}"
    assert address[-1].isalnum()
