"""Guests: contractors, volunteers and partners, who has said that they are here, and until when."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import cast
import email_validator
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask
from readings import days_later, events, sign_in

from registry.db import db, today
from registry.export import write_csv
from registry.outbox import Message
from registry.people import guests, queries
from registry.people.models import (
    GrantSource,
    Guest,
    GuestKind,
    Person,
    PersonKind,
    PersonState,
    RoleGrant,
    SignIn,
    Team,
)
from registry.people.teams import Teams
from registry.roles import Role

DAY = "%Y-%m-%d"


def a_guest(name: str = "Mair Huws", *, days: int = 100, sponsor: Person | None = None, **more: Any) -> Person:
    """A volunteer of the library officer's, whom the comms officer added; not committed."""
    values: dict[str, Any] = {"mail": "", "title": "Path warden", "team": None, "kind": GuestKind.VOLUNTEER} | more
    return guests.add(
        name=name, sponsor=sponsor or cast.library_officer(), ends_on=today() + timedelta(days=days),
        actor=cast.comms_officer(), **values,
    )  # fmt: skip


def answers(**more: str) -> dict[str, str]:
    """What the comms officer fills in."""
    return {
        "name": "Mair Huws", "mail": "mair@paths.example", "title": "Path warden", "team": "", "kind": "volunteer",
        "sponsor": "nia.okafor", "ends_on": (today() + timedelta(days=60)).strftime(DAY), **more,
    }  # fmt: skip


def found(person_id: int) -> Guest:
    """A guest as the database has them."""
    one = guests.guest(person_id)
    assert one is not None
    return one


# Adding.


def test_comms_add_a_guest_who_is_shown_as_one_everywhere(app: Flask, client: Browser) -> None:
    cast.library_officer()
    client.as_(cast.comms_officer())
    answer = client.post("/guests/new", data=answers(ends_on="3/2/2027"))
    (mair,) = db.session.scalars(sa.select(Person).where(Person.kind == PersonKind.GUEST)).all()
    assert answer.location == f"/people/{mair.id}"
    assert (mair.username, mair.directory_id, mair.dn_key, mair.digest) == ("guest.mair.huws", None, "", b"")
    words = "Guest Volunteer until 3 February 2027, sponsor Nia Okafor"
    assert words in client.get(answer.location).words("p")
    assert words in client.get("/people?who=all&q=huws").words("p")
    assert "Mair HuwsGuest Path warden" in client.get("/search?q=mair").words("span", class_="reg-person__words")
    assert events(guests.ADDED) == [
        "Tomasz Bryk added Mair Huws, a volunteer until 3 February 2027, sponsor Nia Okafor"
    ]


@pytest.fixture(autouse=True)
def a_day_in_november(request: pytest.FixtureRequest) -> Any:
    """The dates in these stories are those of one day."""
    with time_machine.travel(datetime(2026, 11, 22, 12, tzinfo=UTC), tick=True):
        yield


def test_usernames_of_guests_are_each_once_and_can_be_read(app: Flask) -> None:
    names = ("Mair Huws", "Máir HUWS", "Seán O’Neill", "唐 美", "?")
    assert [a_guest(name).username for name in names] == [
        "guest.mair.huws", "guest.mair.huws.2", "guest.sean.oneill", "guest.唐.美", "guest",
    ]  # fmt: skip


def test_a_guest_is_found_by_name_team_and_job(app: Flask) -> None:
    Teams().make([("Environment", "Paths")])
    team = db.session.scalars(sa.select(Team).where(Team.name == "Paths")).one()
    mair = a_guest(team=team)
    assert [one.id for one in queries.suggestions("paths hu")] == [mair.id]
    assert queries.by_login("guest.mair.huws") == mair


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("ends_on", "21/11/2026", "That day is over. Choose today or a later day."),
        (
            "ends_on",
            "2028-11-23",
            "Choose a day up to 22 November 2028. You can put it off again when that day is near.",
        ),
        ("ends_on", "soon", "Enter a day, for example 31/03/2027."),
        ("ends_on", "31 February 2027", "Enter a day, for example 31/03/2027."),
        ("sponsor", "guest.ieuan.rhys", "Ieuan Rhys is a guest too. Name somebody who is employed here."),
        ("sponsor", "gareth.left", "Nobody of that name works here. Enter a username, a work email address or a name."),
        ("team", "Nowhere", "There is no team of that name. Choose one from the list, or leave this empty."),
        ("team", "youth", "Which of these teams? Enter it with what is above it: Communities / Youth; Health / Youth."),
        ("mail", "mair at paths", "Enter an email address like mair.huws@example.org, or none."),
        ("kind", "spy", "Not a valid choice."),
    ],
)
def test_what_cannot_be_is_told_beside_the_field(
    app: Flask, client: Browser, field: str, value: str, sentence: str
) -> None:
    cast.leaver(), cast.library_officer(), a_guest("Ieuan Rhys")
    Teams().make([("Health", "Youth")])
    answer = client.as_(cast.comms_officer()).post("/guests/new", data=answers(**{field: value}))
    assert (answer.status_code, answer.errors) == (422, {field: sentence})
    assert guests.count() == 1


def test_an_address_that_is_far_too_long_is_not_taken_apart(client: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(email_validator, "validate_email", lambda *_args, **_more: pytest.fail("It takes seconds."))
    page = client.as_(cast.comms_officer()).post("/guests/new", data=answers(mail=f"{'x' * 10_000}@paths.example"))
    assert page.errors["mail"] == "Shorten this to 200 characters or fewer. It has 10,014."


@pytest.mark.parametrize("ends_on", ["2026-11-22", "2028-11-22", "22/11/2028", "22 November 2028"])
def test_the_first_and_the_last_of_the_right_days_are_taken(app: Flask, client: Browser, ends_on: str) -> None:
    cast.library_officer()
    answer = client.as_(cast.comms_officer()).post("/guests/new", data=answers(ends_on=ends_on))
    assert (answer.status_code, guests.count()) == (302, 1)


def test_somebody_who_works_here_under_that_address_is_named_with_the_way_to_them(app: Flask, client: Browser) -> None:
    nia = cast.library_officer()
    data = answers(name="N Okafor", mail="NIA.Okafor@dunmore.example")
    answer = client.as_(cast.comms_officer()).post("/guests/new", data=data)
    assert answer.errors == {"mail": "Nia Okafor has this address and works here already."}
    assert [link.get("href") for link in answer.all("a", href=f"/people/{nia.id}")] == [f"/people/{nia.id}"]
    assert guests.count() == 0


def test_a_namesake_is_added_once_somebody_has_said_that_it_is_another(app: Flask, client: Browser) -> None:
    nia = cast.library_officer()
    client.as_(cast.comms_officer())
    answer = client.post("/guests/new", data=answers(name="OKAFOR Nía"))
    assert answer.errors == {
        "another": "Somebody of this name is known already. Look at them first; if it is another, say so."
    }
    assert len(answer.all("a", href=f"/people/{nia.id}")) == 1
    assert client.post("/guests/new", data=answers(name="OKAFOR Nía", another="y")).status_code == 302
    assert guests.count() == 1


def test_somebody_who_was_a_guest_before_is_offered_instead_of_a_second_row(app: Flask, client: Browser) -> None:
    mair = a_guest()
    guests.end(guest=found(mair.id), actor=cast.comms_officer())
    client.as_(cast.comms_officer())
    answer = client.post("/guests/new", data=answers())
    assert len(answer.all("a", href=f"/guests/{mair.id}")) == 1
    ends_on = (today() + timedelta(days=30)).strftime(DAY)
    client.post(f"/guests/{mair.id}", data={"ends_on": ends_on, "sponsor": "nia.okafor"})
    db.session.expire_all()
    assert (mair.state, mair.left_at, guests.count()) == (PersonState.ACTIVE, None, 1)


@pytest.mark.parametrize(("part", "status"), [(cast.ADMIN, 302), (cast.AUDITOR, 404), (cast.STRANGER, 404)])
def test_only_comms_and_administrators_add_guests(app: Flask, client: Browser, part: cast.Part, status: int) -> None:
    cast.library_officer()
    assert client.as_(cast.play(part)).post("/guests/new", data=answers()).status_code == status


# The list, a new last day, the end.


def test_those_who_need_a_decision_come_first(app: Flask, client: Browser) -> None:
    sponsor = cast.a_person("emrys.vaughan", name="Emrys Vaughan")
    a_guest("Far Away", days=700)
    a_guest("In Spring", days=120)
    a_guest("Sponsor Gone", days=400, sponsor=sponsor)
    a_guest("This Week", days=5)
    a_guest("Gone Already", days=5)
    guests.end(guest=found(db.session.scalars(sa.select(Person.id).where(Person.name == "Gone Already")).one()),
               actor=cast.comms_officer())  # fmt: skip
    sponsor.state = PersonState.LEFT
    page = client.as_(cast.comms_officer()).get("/guests")
    assert page.words("a", class_="reg-person__name") == ["This Week", "Sponsor Gone", "In Spring", "Far Away"]
    assert page.words("td", data_label="Sponsor")[:2] == ["Nia Okafor", "Emrys Vaughan Has left"]
    assert page.words("td", data_label="Last day")[0] == "27 November 2026 Soon"


@pytest.mark.parametrize(
    ("days", "ends_on", "sentence"),
    [
        (100, "2028-03-02", ""),
        (100, "2028-03-03", "Choose a day up to 2 March 2028. You can put it off again when that day is near."),
        (700, "2028-11-23", "Choose a day up to 22 November 2028. You can put it off again when that day is near."),
        (100, "2026-11-22", ""),
        (100, "2026-11-21", "That day is over. Choose today or a later day."),
    ],
)
def test_the_last_day_is_put_off_by_a_year_at_most(
    app: Flask, client: Browser, days: int, ends_on: str, sentence: str
) -> None:
    mair = a_guest(days=days)
    data = {"ends_on": ends_on, "sponsor": "nia.okafor"}
    answer = client.as_(cast.comms_officer()).post(f"/guests/{mair.id}", data=data)
    db.session.expire_all()
    assert (answer.status_code, answer.errors) == ((422, {"ends_on": sentence}) if sentence else (302, {}))
    assert found(mair.id).ends_on == (today() + timedelta(days=days) if sentence else date.fromisoformat(ends_on))


def test_a_change_of_last_day_and_sponsor_is_written_down(app: Flask) -> None:
    mair = a_guest()
    bronwen, tomasz = cast.ward_sister(), cast.comms_officer()
    guests.extend(guest=found(mair.id), ends_on=today() + timedelta(days=200), sponsor=bronwen, actor=tomasz)
    db.session.commit()
    assert events(guests.EXTENDED, guests.SPONSOR_CHANGED) == [
        "Tomasz Bryk changed the last day of Mair Huws from 2 March 2027 to 10 June 2027",
        "Tomasz Bryk changed the sponsor of Mair Huws from Nia Okafor to Bronwen Rees",
    ]


def test_a_guest_who_is_let_go_is_out_at_once(app: Flask, client: Browser) -> None:
    mair = a_guest()
    sign_in(mair)
    client.as_(cast.comms_officer())
    answers_ = [client.post(f"/guests/{mair.id}/end").location for _ in range(2)]
    db.session.expire_all()
    assert answers_ == ["/guests", "/guests"]
    assert (mair.state, found(mair.id).ends_on) == (PersonState.LEFT, today())
    assert db.session.scalar(sa.select(sa.func.count()).where(SignIn.person_id == mair.id)) == 0
    assert events(guests.ENDED) == ["Mair Huws is a volunteer no longer: ended by hand"]


# Nobody need remember the day.


def test_a_guest_is_out_the_day_after_the_last_in_london(app: Flask) -> None:
    mair = a_guest(days=10)
    sign_in(mair)
    db.session.add(
        RoleGrant(person_id=mair.id, role=Role.ORGANISER, source=GrantSource.HAND, granted_at=mair.joined_at)
    )
    db.session.commit()
    told = []
    for at in ("2026-12-02T23:59:00+00:00", "2026-12-03T00:01:00+00:00", "2026-12-03T00:02:00+00:00"):
        with time_machine.travel(datetime.fromisoformat(at), tick=False):
            told.append(guests.end_the_due())
            db.session.commit()
    assert told == [0, 1, 0]
    assert (mair.state, mair.left_at) == (PersonState.LEFT, datetime(2026, 12, 3, 0, 1, tzinfo=UTC))
    left = [
        db.session.scalar(sa.select(sa.func.count()).where(one.person_id == mair.id)) for one in (SignIn, RoleGrant)
    ]
    assert left == [0, 0]
    assert events(guests.ENDED) == ["Mair Huws is a volunteer no longer: their last day is over"]


def test_the_last_day_in_summer_ends_when_it_does_in_london(app: Flask) -> None:
    with time_machine.travel(datetime(2027, 6, 1, 12, tzinfo=UTC)):
        a_guest(days=0)
        db.session.commit()
    told = []
    for at in ("2027-06-01T22:59:00+00:00", "2027-06-01T23:01:00+00:00"):
        with time_machine.travel(datetime.fromisoformat(at)):
            told.append(guests.end_the_due())
    assert told == [0, 1]


def test_sponsors_are_written_to_once_for_each_last_day(app: Flask) -> None:
    mair, nia = a_guest(days=20), cast.library_officer()
    db.session.commit()
    told = []
    for day in (5, 6, 6, 20, 21):
        with days_later(day):
            told.append(guests.remind_sponsors())
            db.session.commit()
    assert told == [0, 1, 0, 0, 0]
    with days_later(15):
        guests.extend(guest=found(mair.id), ends_on=today() + timedelta(days=30), sponsor=nia, actor=nia)
        db.session.commit()
    with days_later(40):
        assert guests.remind_sponsors() == 1
        db.session.commit()
    letters = db.session.scalars(sa.select(Message).order_by(Message.id)).all()
    assert [(one.to, one.subject, one.person_id) for one in letters] == [
        ("nia.okafor@dunmore.example", "Mair Huws is with us until 12 December 2026", nia.id),
        ("nia.okafor@dunmore.example", "Mair Huws is with us until 6 January 2027", nia.id),
    ]
    assert f"/people/{mair.id}" in letters[0].text


@pytest.mark.parametrize(
    ("spoil", "to"),
    [
        (lambda sponsor: setattr(sponsor, "state", PersonState.LEFT), ["tomasz.bryk@dunmore.example"]),
        (lambda sponsor: setattr(sponsor, "mail", None), ["tomasz.bryk@dunmore.example"]),
    ],
)
def test_where_the_sponsor_cannot_be_told_whoever_added_the_guest_is(
    app: Flask, spoil: Callable[[Person], None], to: list[str]
) -> None:
    a_guest(days=5)
    spoil(cast.library_officer())
    guests.remind_sponsors()
    assert db.session.scalars(sa.select(Message.to)).all() == to


# Elsewhere.


def test_an_export_lists_guests_after_everybody_of_the_directory(app: Flask, tmp_path: Any) -> None:
    a_guest()
    usernames = [row[1] for row in queries.export_rows()]
    assert usernames[-1] == "guest.mair.huws"
    assert len(usernames) == 3
    with (tmp_path / "people.csv").open("w") as file:
        write_csv(file, queries.EXPORT_COLUMNS, queries.export_rows())


def test_a_page_that_is_no_guests_is_not_there(app: Flask, client: Browser) -> None:
    nia = cast.library_officer()
    client.as_(cast.comms_officer())
    assert [client.get(f"/guests/{one}").status_code for one in (nia.id, 999_999)] == [404, 404]
