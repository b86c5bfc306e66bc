"""The digest: for whom it is time, what is in it, and one press that ends it."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, date, datetime, timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from test_replying import a_meetup

from registry import jobs
from registry.accounts.models import Visibility
from registry.config import Settings
from registry.db import db, today
from registry.digest import actions, links, sending
from registry.digest.models import DigestChoice, Often
from registry.meetups.around import cards
from registry.network import actions as network
from registry.outbox import Message
from registry.people.guests import add
from registry.people.merging import merge_guest
from registry.people.models import GuestKind, PersonState

#: A Wednesday; the Monday after it is the first working day of its week.
WEDNESDAY = datetime(2026, 11, 25, 9, tzinfo=UTC)
MONDAY = datetime(2026, 11, 30, 9, tzinfo=UTC)


def a_card(title: str = "Asked before the vote") -> None:
    """Somebody tells what worked."""
    told = cards.Told(
        title=title, how="", for_whom="Parents", result="Forty answers.", campaign="", account_id=None, meetup_id=None
    )
    cards.make(person=cast.ward_sister(), what=told)
    db.session.commit()


def wants(person: cast.Person, often: Often = Often.WEEKLY) -> None:
    """Somebody chooses the digest."""
    actions.choose(person=person, often=often)
    db.session.commit()


def letters() -> list[Message]:
    """The digests that were posted."""
    db.session.rollback()
    return list(db.session.scalars(sa.select(Message).where(Message.unsubscribe != "").order_by(Message.id)))


@pytest.mark.parametrize(
    ("often", "day", "monday"),
    [
        (Often.WEEKLY, date(2026, 11, 30), date(2026, 11, 30)),
        (Often.WEEKLY, date(2026, 12, 6), date(2026, 11, 30)),
        (Often.MONTHLY, date(2026, 12, 6), date(2026, 11, 2)),
        (Often.MONTHLY, date(2026, 12, 7), date(2026, 12, 7)),
        (Often.MONTHLY, date(2027, 1, 3), date(2026, 12, 7)),
    ],
)
def test_week_and_month_begin_with_a_monday(often: Often, day: date, monday: date) -> None:
    assert sending.begins(often, day) == monday


def test_it_comes_once_on_the_monday_after(app: Flask) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        wants(cast.library_officer())
        a_card()
        assert sending.send_due() == (0, 0)
    with time_machine.travel(MONDAY, tick=False):
        assert sending.send_due() == (1, 0)
        assert sending.send_due() == (0, 0)
    (letter,) = letters()
    assert letter.to == "nia.okafor@dunmore.example"
    assert "Asked before the vote (Forty answers.)" in letter.text
    with time_machine.travel(MONDAY + timedelta(days=7), tick=False):
        assert sending.send_due() == (0, 1)


def test_bank_holiday_puts_it_off_by_a_day(app: Flask) -> None:
    with time_machine.travel(datetime(2026, 8, 26, 9, tzinfo=UTC), tick=False):
        wants(cast.library_officer())
        a_card()
    with time_machine.travel(datetime(2026, 8, 31, 9, tzinfo=UTC), tick=False):
        assert sending.send_due() == (0, 0)
    with time_machine.travel(datetime(2026, 9, 1, 9, tzinfo=UTC), tick=False):
        assert sending.send_due() == (1, 0)


def test_what_a_skipped_one_would_have_said_is_not_lost(app: Flask) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        wants(cast.library_officer())
    with time_machine.travel(MONDAY, tick=False):
        assert sending.send_due() == (0, 1)
        a_card()
    with time_machine.travel(MONDAY + timedelta(days=21), tick=False):
        assert sending.send_due() == (1, 0)


def test_it_tells_nothing_that_only_some_may_see(app: Flask) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        wants(cast.stranger())
        shown = cast.an_account(title="Dunmore Library")
        hidden = cast.an_account(title="Dunmore Secret")
        hidden.visibility = Visibility.COMMS
        network.keep(profile=None, person=cast.ward_sister(), about="", topics=[], offers=[], asks=[])
        db.session.commit()
        a_meetup(in_days=9)
    with time_machine.travel(MONDAY, tick=False):
        sending.send_due()
    (letter,) = letters()
    told = [title in letter.text for title in (shown.title, "Dunmore Secret", "Bronwen Rees", "Lunch")]
    assert told == [True, False, True, True]


def test_leavers_get_none_and_those_without_an_address_neither(app: Flask) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        for person in (cast.library_officer(), cast.ward_sister()):
            wants(person)
        cast.library_officer().state = PersonState.LEFT
        cast.ward_sister().mail = None
        a_card()
    with time_machine.travel(MONDAY, tick=False):
        assert sending.send_due() == (0, 1)
    assert letters() == []


def test_one_press_ends_it_without_signing_in_and_looking_does_not(client: Browser) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        wants(cast.library_officer())
        a_card()
    with time_machine.travel(MONDAY, tick=False):
        sending.send_due()
    (letter,) = letters()
    place = "/" + letter.unsubscribe.split("/", 3)[3]
    client.anonymous()
    assert client.get(place).heading == "End the digest?"
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DigestChoice)) == 1
    answer = client.post(place, data={"List-Unsubscribe": "One-Click"}, csrf=False)
    assert (answer.status_code, answer.heading) == (200, "No more digests")
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DigestChoice)) == 0
    assert client.get(place).status_code == 404
    assert client.post(place, csrf=False).status_code == 200


@pytest.mark.parametrize("token", ["1", "1.", "1.abc", ".abc", "x.y", "99999999999.ff", "1.é"])
def test_a_link_that_is_none_ends_nothing(client: Browser, token: str) -> None:
    wants(cast.library_officer())
    client.anonymous()
    assert client.get(f"/digest/stop/{token}").status_code == 404
    client.post(f"/digest/stop/{token}", csrf=False)
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count()).select_from(DigestChoice)) == 1


def test_choosing_on_the_page(client: Browser) -> None:
    client.as_(cast.library_officer())
    for often, kept in (("weekly", [Often.WEEKLY]), ("monthly", [Often.MONTHLY]), ("never", [])):
        client.post("/digest", data={"often": often})
        db.session.rollback()
        assert [one.often for one in db.session.scalars(sa.select(DigestChoice))] == kept
    assert client.post("/digest", data={"often": "hourly"}).status_code == 422


def test_the_job_sends_in_the_morning_and_not_after_a_leap_of_the_clock(app: Flask, settings: Settings) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        wants(cast.library_officer())
        a_card()
    with time_machine.travel(MONDAY - timedelta(days=1), tick=False):
        jobs.run(app, jobs.DIGESTS)
    with time_machine.travel(MONDAY.replace(hour=5), tick=False):
        assert jobs.send_digests(settings) == ""
    with time_machine.travel(MONDAY, tick=False):
        jobs.run(app, jobs.DIGESTS)
        assert len(letters()) == 1
    with time_machine.travel(MONDAY + timedelta(days=60), tick=False):
        a_card("Another")
        assert jobs.send_digests(settings) == "nothing sent: the clock has leapt, so this waits for tomorrow"


def test_what_many_are_told_is_gathered_once(
    app: Flask, count_queries: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    def asked(readers: int) -> int:
        with time_machine.travel(WEDNESDAY, tick=False):
            for _ in range(readers):
                actions.choose(person=cast.a_person(), often=Often.WEEKLY)
            a_card()
        with time_machine.travel(MONDAY, tick=False), count_queries() as queries:
            assert sending.send_due() == (readers, 0)
        return len(queries)

    assert asked(2) == asked(30)


def test_a_meetup_that_was_told_of_is_no_news_a_week_later(client: Browser) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        wants(cast.library_officer())
        a_meetup(in_days=13)
    with time_machine.travel(MONDAY, tick=False):
        assert sending.send_due() == (1, 0)
        page = client.as_(cast.library_officer()).get("/digest")
    assert "You were told of all this already. The next one waits until something is new." in page.words("p")
    with time_machine.travel(MONDAY + timedelta(days=7), tick=False):
        assert sending.send_due() == (0, 1)


def test_what_is_new_on_the_morning_it_leaves_is_not_told_twice(app: Flask) -> None:
    with time_machine.travel(WEDNESDAY, tick=False):
        wants(cast.library_officer())
    with time_machine.travel(MONDAY - timedelta(hours=2), tick=False):
        a_card()
    with time_machine.travel(MONDAY, tick=False):
        assert sending.send_due() == (1, 0)
    with time_machine.travel(MONDAY + timedelta(days=7), tick=False):
        assert sending.send_due() == (0, 1)


def test_whoever_was_merged_ends_it_by_the_link_they_had_before(client: Browser) -> None:
    comms, kept = cast.comms_officer(), cast.library_officer()
    guest = add(
        name="Mair Huws", mail="mair@dunmore.example", title="", team=None, kind=GuestKind.VOLUNTEER,
        ends_on=today() + timedelta(days=9), sponsor=comms, actor=comms,
    )  # fmt: skip
    wants(guest)
    token = links.token_of(db.session.get_one(DigestChoice, guest.id))
    merge_guest(gone=guest, kept=kept, actor=comms)
    db.session.commit()
    client.anonymous()
    assert client.post(f"/digest/stop/{token}", csrf=False).status_code == 200
    db.session.rollback()
    assert db.session.scalars(sa.select(DigestChoice.person_id)).all() == []
    assert client.get(f"/digest/stop/{token}").heading == "This link ends nothing"
