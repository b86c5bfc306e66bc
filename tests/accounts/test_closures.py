"""When the whole organisation is closed: who notes it, what accounts tell of it, and that no clock runs meanwhile."""

from datetime import UTC, date, datetime
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask

from registry import audit
from registry.accounts.clocks import decide_by
from registry.accounts.expectations import actions, closures, queries
from registry.accounts.expectations.actions import Place
from registry.accounts.expectations.models import Words
from registry.accounts.models import Account
from registry.accounts.registering.actions import tell_comms
from registry.accounts.reviewing import nightly
from registry.db import db
from registry.workdays import Calendar, ClosurePeriod

WHO = "Your organisation"
NEW = "/accounts/expectations/closures/new"
SHUTDOWN = {"first": "2026-12-29", "last": "1/1/2027", "words": "Christmas shutdown"}
OFFICE = [[[540, 1020]]] * 5 + [[], []]


@pytest.fixture
def account(app: Flask) -> Account:
    """A live account of the library, staffed in office hours."""
    found = cast.an_account("https://www.facebook.com/dunmorelibrary", title="Dunmore Library")
    actions.say(place=Place(WHO), field="hours", value=OFFICE, actor=cast.comms_officer())
    db.session.commit()
    return found


def close(first: str = "2026-12-29", last: str = "2027-01-01") -> ClosurePeriod:
    made = closures.add(
        first=date.fromisoformat(first), last=date.fromisoformat(last), words="Christmas shutdown", organisation=WHO,
        actor=cast.comms_officer(),
    )  # fmt: skip
    db.session.commit()
    return made


def told(account: Account, at: str) -> dict[str, Any]:
    """What an account's page tells at a moment."""
    with time_machine.travel(datetime.fromisoformat(at).replace(tzinfo=UTC), tick=False):
        db.session.refresh(account, ["team"])
        return queries.profile(account, WHO)


def test_comms_note_when_all_is_closed_and_take_it_back(client: Browser) -> None:
    comms = client.as_(cast.comms_officer())
    assert "No such days are noted." in comms.get("/accounts/expectations").text
    assert comms.post(NEW, data=SHUTDOWN).location == "/accounts/expectations"
    page = comms.get("/accounts/expectations")
    assert page.words("th", scope="row") == ["29 December 2026 to 1 January 2027"]
    remove = f"{NEW.removesuffix('new')}{db.session.scalars(sa.select(ClosurePeriod.id)).one()}/remove"
    assert client.as_(cast.library_officer()).get("/accounts/expectations").all("form", method="post") != []
    assert client.post(remove).status_code == 404
    comms = client.as_(cast.comms_officer())
    for _ in range(2):  # To press the button twice is no fault.
        assert comms.post(remove).location == "/accounts/expectations"
    days = "29 December 2026 to 1 January 2027: Christmas shutdown"
    assert [one.sentence for one in reversed(audit.history("organisation", 0))] == [
        f"Tomasz Bryk noted that {WHO} is closed, {days}", f"Tomasz Bryk took back that {WHO} is closed, {days}",
    ]  # fmt: skip
    assert db.session.scalars(sa.select(ClosurePeriod)).all() == []


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"first": ""}, {"first": "Enter the first day on which you are closed."}),
        ({"first": "2027-01-02"}, {"last": "The last day cannot be before the first."}),
        (
            {"first": "2020-12-29", "last": "2021-01-01"},
            {"last": "Enter a day from today on: what is over need not be noted."},
        ),
        ({"last": "2027-12-31"}, {"last": "Enter at most 100 days at a time."}),
        ({"words": ""}, {"words": "Say what it is, in a few words."}),
        (
            {"first": "2026-12-20", "last": "2026-12-29"},
            {"first": "Christmas shutdown is on some of these days: 29 December 2026 to 1 January 2027."},
        ),
    ],
)
def test_days_that_cannot_be_are_said_beside_the_field(
    client: Browser, typed: dict[str, str], says: dict[str, str]
) -> None:
    close()
    answer = client.as_(cast.comms_officer()).post(NEW, data=SHUTDOWN | typed)
    assert (answer.status_code, answer.errors) == (422, says)


def test_account_says_that_all_is_closed_from_two_weeks_before_to_the_end(account: Account) -> None:
    close()
    days = {on: told(account, f"{on}T12:00") for on in ("2026-12-14", "2026-12-15", "2027-01-01", "2027-01-02")}
    line = "We read and answer Monday to Friday, 9am to 5pm, except on bank holidays."
    closed = f"We are away from 29 December to 1 January: Christmas shutdown. {line}"
    assert [one["hours_line"] for one in days.values()] == [line, closed, closed, line]
    row = ("Closed", "29 December 2026 to 1 January 2027: Christmas shutdown")
    assert [row in one["expects"] for one in days.values()] == [False, True, True, False]
    for what in Words:
        assert len({one[what.value] for one in days.values()}) == 1  # Nobody puts new words there for a week.


def test_nobody_is_there_while_all_is_closed(account: Account) -> None:
    close()
    says = "Closed, 29 December 2026 to 1 January 2027: Christmas shutdown. Somebody is there from 9am on Monday."
    assert told(account, "2026-12-30T12:00")["presence"] == (False, says)
    assert told(account, "2027-01-04T12:00")["presence"] == (True, "Somebody is there now, until 5pm.")


def test_account_that_is_staffed_on_bank_holidays_is_not_meant(account: Account) -> None:
    close()
    place = Place(WHO, account=account)
    actions.say(place=place, field="bank_holidays", value=Calendar.NONE, actor=cast.comms_officer())
    here = told(account, "2026-12-30T12:00")
    assert here["presence"] == (True, "Somebody is there now, until 5pm.")
    assert here["hours_line"] == "We read and answer Monday to Friday, 9am to 5pm."


def test_clocks_and_reminders_wait_until_all_is_open_again(app: Flask, account: Account) -> None:
    close()
    account.review_on = date(2026, 12, 30)
    late = cast.an_account(live=False)
    late.decide_by_on = date(2026, 12, 22)
    db.session.commit()
    with time_machine.travel(datetime(2026, 12, 24, 10, tzinfo=UTC), tick=False):
        assert decide_by() == date(2027, 1, 8)  # Five days at work after Christmas Eve.
    wednesday, monday = datetime(2026, 12, 30, 10, tzinfo=UTC), datetime(2027, 1, 4, 10, tzinfo=UTC)
    with time_machine.travel(wednesday, tick=False):
        assert (tell_comms(), nightly.run(dormant_days=60)) == (0, "nobody is asked on a day off")
    with time_machine.travel(monday, tick=False):
        assert tell_comms() == 1
        assert nightly.run(dormant_days=60) != "nobody is asked on a day off"
