"""Feeds: what somebody's calendar program reads of their meetups, and that it ends when they say so."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import cast
import occasions
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from ical.calendar_stream import IcsCalendarStream
from werkzeug.http import http_date

from registry.db import db, now
from registry.meetups.by_link import links
from registry.meetups.calendars import feeds
from registry.meetups.calendars.models import CalendarFeed
from registry.meetups.models import Answer
from registry.people.models import PersonState

Counting = Callable[[], AbstractContextManager[list[str]]]


def titles(text: str) -> list[str | None]:
    return [event.summary for event in IcsCalendarStream.calendar_from_ics(text).events]


def test_an_address_is_shown_once_and_kept_as_a_hash(client: Browser) -> None:
    nia = cast.library_officer()
    page = client.as_(nia).post("/meetups/calendar")
    assert page.heading == "Your calendar has an address"
    (address,) = page.words("p", class_="reg-copy__text")
    token = address.removeprefix("http://127.0.0.1:5000/calendar/").removesuffix(".ics")
    feed = db.session.scalars(sa.select(CalendarFeed)).one()
    assert (feed.person_id, feed.token_hash) == (nia.id, CalendarFeed.hash_of(token))
    assert len(token) == 43
    webcal, _done = (one.get("href") for one in page.all("a", class_="govuk-button"))
    assert webcal == "webcal" + address.removeprefix("http")
    assert token not in client.get("/meetups/calendar").text
    assert client.anonymous().get(f"/calendar/{token}.ics").mimetype == "text/calendar"


def test_a_feed_holds_what_somebody_comes_to_or_is_asked_to(client: Browser) -> None:
    nia = cast.library_officer()
    for answer in Answer:
        occasions.say(occasions.a_meetup(title=f"I said {answer.value}"), nia, answer)
    invited, no_link, unasked = (occasions.a_meetup(title=title) for title in ("Asked", "No link", "Not asked"))
    invitation = occasions.invite(invited, nia)
    revoked = occasions.invite(no_link, nia, revoked_at=now())
    occasions.say(unasked, cast.stranger(), Answer.YES)
    off = occasions.a_meetup(title="Off")
    occasions.say(off, nia, Answer.YES)
    occasions.call_off(off)
    answer = client.get(f"/calendar/{feeds.make(nia.id)}.ics")
    events = {one.summary: one for one in IcsCalendarStream.calendar_from_ics(answer.text).events}
    assert {name: one.status and one.status.value for name, one in events.items()} == {
        "I said yes": "CONFIRMED", "I said remote": "CONFIRMED", "I said maybe": "TENTATIVE", "Asked": "TENTATIVE",
        "No link": "TENTATIVE", "Off": "CANCELLED",
    }  # fmt: skip
    assert links.address_of(revoked) not in answer.text.replace("\r\n ", "")
    assert links.address_of(invitation) in (events["Asked"].description or "")


def test_a_feed_goes_back_two_months(client: Browser) -> None:
    nia = cast.library_officer()
    for days in (59, 61):
        begins = now() - timedelta(days=days)
        occasions.invite(occasions.a_meetup(begins, title=f"{days} days ago"), nia)
    assert titles(client.get(f"/calendar/{feeds.make(nia.id)}.ics").text) == ["59 days ago"]


def test_nothing_new_is_not_sent_again(client: Browser) -> None:
    nia, meetup = cast.library_officer(), occasions.a_meetup()
    occasions.invite(meetup, nia)
    address = f"/calendar/{feeds.make(nia.id)}.ics"
    first = client.get(address)
    tag = first.headers["ETag"]
    with time_machine.travel(now() + timedelta(hours=2)):
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 304
        occasions.change(meetup, place="Room 3")
        assert client.get(address, headers={"If-None-Match": tag}).status_code == 200
    assert first.headers["Cache-Control"] == "private, no-cache"
    assert "Set-Cookie" not in first.headers


def test_a_program_that_asks_by_date_alone_is_told_of_a_place_on_the_waiting_list_too(client: Browser) -> None:
    nia, tomasz, meetup = cast.library_officer(), cast.comms_officer(), occasions.a_meetup(capacity=1)
    occasions.say(meetup, tomasz, Answer.YES)
    occasions.say(meetup, nia, Answer.YES)
    address = f"/calendar/{feeds.make(nia.id)}.ics"
    assert "STATUS:TENTATIVE" in client.get(address).text
    with time_machine.travel(now() + timedelta(hours=2)):
        occasions.say(meetup, tomasz, Answer.NO)
        later = client.get(address, headers={"If-Modified-Since": http_date(now())})
    assert (later.status_code, "STATUS:CONFIRMED" in later.text) == (200, True)


def test_a_revoked_address_opens_nothing_nor_does_the_one_before(client: Browser) -> None:
    nia = cast.library_officer()
    first = feeds.make(nia.id)
    second = feeds.make(nia.id)
    others = feeds.make(cast.stranger().id)
    assert [client.get(f"/calendar/{one}.ics").status_code for one in (first, second)] == [404, 200]
    client.as_(nia).post("/meetups/calendar/revoke")
    client.anonymous()
    refused = client.get(f"/calendar/{second}.ics")
    assert (refused.status_code, refused.heading) == (404, "This address opens nothing")
    assert client.get(f"/calendar/{others}.ics").status_code == 200


@pytest.mark.parametrize("state", [PersonState.LEFT, PersonState.DISABLED])
def test_a_leavers_feed_opens_nothing(client: Browser, state: PersonState) -> None:
    nia = cast.library_officer()
    token = feeds.make(nia.id)
    nia.state, nia.left_at = state, now()
    assert client.get(f"/calendar/{token}.ics").status_code == 404


def test_a_feed_asks_the_database_as_often_for_forty_meetups_as_for_one(
    app: Flask, client: Browser, count_queries: Counting
) -> None:
    nia, counted = cast.library_officer(), []
    address = f"/calendar/{feeds.make(nia.id)}.ics"
    for number in (1, 2, 37):
        for _ in range(number):
            meetup = occasions.a_meetup()
            occasions.invite(meetup, nia)
            occasions.say(meetup, nia, Answer.MAYBE)
        db.session.commit()
        with count_queries() as ran:
            answer = client.get(address)
        counted.append((len(titles(answer.text)), len(ran)))
    assert counted == [(1, 2), (3, 2), (40, 2)]


def test_a_meetup_is_a_file_for_whoever_is_signed_in(client: Browser) -> None:
    meetup = occasions.a_meetup()
    answer = client.as_(cast.stranger()).get(f"/meetups/{meetup.id}.ics")
    assert titles(answer.text) == [meetup.title]
    assert answer.headers["Content-Disposition"] == f'attachment; filename="meetup-{meetup.id}.ics"'
    assert client.get("/meetups/999.ics").status_code == 404
