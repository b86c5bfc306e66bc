"""How long somebody stays signed in, in which browsers, and how that ends: idle, at the latest, on a last day."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import date, datetime, timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from command import registry
from flask import Flask

from registry.audit import Event
from registry.db import LONDON, db, now
from registry.people import signin
from registry.people.models import Guest, GuestKind, Person, PersonKind, PersonState, SignIn, SignInMethod

Counting = Callable[[], AbstractContextManager[list[str]]]


def enter(app: Flask, person: Person, **more: Any) -> Browser:
    """A new browser in which ``person`` has signed in as the pages do it."""
    db.session.commit()
    with app.test_request_context("/sign-in", method="POST"):
        signin.begin(person, hours=app.config["SETTINGS"].session_hours, **more)
        db.session.commit()
        token = _session_of(app)
    client = Browser(app)
    client._keep({signin.COOKIE_KEY: token, "_permanent": True})
    return client


def _session_of(_app: Flask) -> str:
    from flask import session

    token: str = session[signin.COOKIE_KEY]
    return token


def is_in(client: Browser) -> bool:
    """Whether the browser is signed in."""
    return bool(client.get("/accounts").status_code == 200)


def a_guest(ends_on: date) -> Person:
    """A contractor, sponsored by the library officer, until the end of a day."""
    officer = cast.library_officer()
    person = cast.a_person("cai.contractor", name="Cai Contractor", kind=PersonKind.GUEST, directory_id=None)
    db.session.add(
        Guest(
            person_id=person.id, kind=GuestKind.CONTRACTOR, sponsor_id=officer.id, ends_on=ends_on, added_at=now(),
            added_by_id=officer.id,
        )
    )  # fmt: skip
    db.session.commit()
    return person


# How long.


def test_whoever_is_busy_stays_until_the_hours_are_over(app: Flask) -> None:
    client, began = enter(app, cast.library_officer()), now()
    for minutes in range(90, 12 * 60, 90):
        with time_machine.travel(began + timedelta(minutes=minutes)):
            assert is_in(client), minutes
    with time_machine.travel(began + timedelta(hours=11, minutes=59)):
        assert is_in(client)
    with time_machine.travel(began + timedelta(hours=12, seconds=5)):
        assert not is_in(client)


def test_whoever_is_idle_must_sign_in_again(app: Flask) -> None:
    client, began = enter(app, cast.library_officer()), now()
    with time_machine.travel(began + timedelta(minutes=119)):
        assert is_in(client)
    with time_machine.travel(began + timedelta(minutes=119 + 119)):
        assert is_in(client)
    with time_machine.travel(began + timedelta(minutes=119 + 119 + 121)):
        assert not is_in(client)


def test_each_answer_signs_the_cookie_anew_though_nothing_in_it_changes(app: Flask) -> None:
    client, began = enter(app, cast.library_officer()), now()
    cookies = []
    for minutes in (1, 2):
        with time_machine.travel(began + timedelta(minutes=minutes)):
            answer = client.get("/privacy")
            assert len(answer.headers.get_all("Set-Cookie")) == 1
            cookie = client.get_cookie("registry")
            assert cookie is not None
            cookies.append(cookie.value)
    assert cookies[0] != cookies[1]
    assert client._signer().loads(cookies[0]) == client._session()


def test_a_cookie_copied_long_ago_is_worth_nothing_however_busy_the_browser_was(app: Flask) -> None:
    client, began = enter(app, cast.library_officer()), now()
    copied = client.get_cookie("registry")
    assert copied is not None
    for minutes in (60, 119, 170):
        with time_machine.travel(began + timedelta(minutes=minutes)):
            assert is_in(client)
    with time_machine.travel(began + timedelta(minutes=171)):
        thief = Browser(app)
        thief.set_cookie("registry", copied.value)
        assert not is_in(thief)
        assert is_in(client)


def test_the_idle_limit_needs_no_write(app: Flask, count_queries: Counting) -> None:
    client = enter(app, cast.library_officer())
    with count_queries() as queries:
        client.get("/sign-ins")
    assert [one for one in queries if not one.startswith("SELECT")] == []


@pytest.mark.parametrize(
    ("at", "ends"),
    [
        # In London, which is an hour ahead of UTC in summer: the last day ends at 23:00 UTC.
        ("2026-07-10T20:00:00+01:00", "2026-07-11T00:00:00+01:00"),
        ("2026-07-10T06:00:00+01:00", "2026-07-10T18:00:00+01:00"),
    ],
)
def test_a_guest_is_out_at_the_end_of_their_last_day(app: Flask, at: str, ends: str) -> None:
    with time_machine.travel(datetime.fromisoformat(at), tick=False):
        client = enter(app, a_guest(date(2026, 7, 10)))
        assert is_in(client)
        assert db.session.scalars(sa.select(SignIn.ends_at)).all() == [datetime.fromisoformat(ends)]
    with time_machine.travel(datetime.fromisoformat(ends) + timedelta(seconds=1)):
        assert not is_in(client)


def test_a_guest_whose_last_day_is_brought_forward_is_out_on_the_next_request(app: Flask) -> None:
    today = now().astimezone(LONDON).date()
    guest = a_guest(today + timedelta(days=30))
    client = enter(app, guest)
    assert is_in(client)
    db.session.execute(sa.update(Guest).values(ends_on=today - timedelta(days=1)))
    assert not is_in(client)


# Where.


def rows(page: Answer) -> list[tuple[str, ...]]:
    """The table of one's browsers: since, until, how."""
    return [tuple(" ".join("".join(cell.itertext()).split()) for cell in row)[:3] for row in page.all("tr")[1:]]


def test_the_page_shows_each_browser_of_ones_own(app: Flask) -> None:
    officer = cast.library_officer()
    with time_machine.travel("2026-11-21T09:30:00+00:00"):
        enter(app, officer)
    with time_machine.travel("2026-11-21T10:00:00+00:00", tick=False):
        enter(app, cast.stranger())
        client = enter(app, officer, method=SignInMethod.SINGLE_SIGN_ON)
        page = client.get("/sign-ins")
    assert rows(page) == [
        ("21 November 2026, 10:00 This browser", "21 November 2026, 22:00", "With single sign-on"),
        ("21 November 2026, 09:30", "21 November 2026, 21:30", "With a password"),
    ]


def test_one_browser_is_ended_and_no_other(app: Flask) -> None:
    officer = cast.library_officer()
    lost = enter(app, officer)
    here = enter(app, officer)
    first = db.session.scalars(sa.select(SignIn.id).order_by(SignIn.id)).all()[0]
    assert here.post("/sign-ins/end", data={"sign_in": str(first)}).location == "/sign-ins"
    assert (is_in(lost), is_in(here)) == (False, True)


@pytest.mark.parametrize("number", ["", "0", "-1", "x", "9" * 30, "theirs"])
def test_nobody_ends_a_browser_of_somebody_else(app: Flask, number: str) -> None:
    theirs, mine = enter(app, cast.stranger()), enter(app, cast.library_officer())
    sign_in = db.session.scalars(sa.select(SignIn.id).where(SignIn.person_id == cast.stranger().id)).one()
    mine.post("/sign-ins/end", data={"sign_in": str(sign_in) if number == "theirs" else number})
    assert (is_in(theirs), is_in(mine)) == (True, True)


def test_signing_out_everywhere_is_written_down_and_ends_this_browser_too(app: Flask) -> None:
    officer, stranger = cast.library_officer(), cast.stranger()
    browsers = [enter(app, officer) for _ in range(3)]
    other = enter(app, stranger)
    assert browsers[2].post("/sign-ins/end-all").location == "/sign-in"
    assert [is_in(one) for one in [*browsers, other]] == [False, False, False, True]
    (happened,) = db.session.scalars(sa.select(Event).where(Event.name == "person.signed-out"))
    assert (happened.actor_id, happened.subject_id, happened.fields) == (officer.id, officer.id, {"browsers": 3})


def test_an_ordinary_sign_in_is_not_written_down(app: Flask) -> None:
    officer = cast.library_officer()
    before = db.session.scalar(sa.select(sa.func.count(Event.id)))
    enter(app, officer).post("/sign-out")
    assert db.session.scalar(sa.select(sa.func.count(Event.id))) == before


def test_the_page_is_found_from_ones_own_and_from_nobody_elses(app: Flask) -> None:
    officer, stranger = cast.library_officer(), cast.stranger()
    client = enter(app, officer)
    links = [client.get(f"/people/{one.id}").all("a", href="/sign-ins") for one in (officer, stranger)]
    assert [len(found) for found in links] == [1, 0]


# On the command line.


def test_an_administrator_signs_somebody_out_of_every_browser(app: Flask) -> None:
    browsers = [enter(app, cast.library_officer()) for _ in range(2)]
    ran = registry(app.config["SETTINGS"], "sign-out", "nia.okafor")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "nia.okafor is signed out of 2 browsers.\n", "")
    assert [is_in(one) for one in browsers] == [False, False]
    (happened,) = db.session.scalars(sa.select(Event).where(Event.name == "person.signed-out"))
    assert happened.sentence == "Every browser of Nia Okafor was signed out by the register"


def test_signing_out_nobody_says_so(app: Flask) -> None:
    ran = registry(app.config["SETTINGS"], "sign-out", "nobody.here")
    assert (ran.returncode, ran.stdout, ran.stderr) == (1, "", "Nobody has the username 'nobody.here'.\n")


def test_a_leaver_is_out_of_every_browser_on_the_next_request(app: Flask) -> None:
    officer = cast.library_officer()
    browsers = [enter(app, officer) for _ in range(2)]
    officer.state, officer.left_at = PersonState.LEFT, now()
    assert [is_in(one) for one in browsers] == [False, False]
