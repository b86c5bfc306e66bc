"""Asking the teams: whom, once, one reminder, answers without signing in, and coverage."""

from datetime import UTC, datetime, timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask

from registry.db import db
from registry.discovery import asked_links, campaigning, coverage
from registry.discovery.campaign_models import Asked, Campaign, Use
from registry.outbox import Message
from registry.people.models import PersonState, Team

ORDER = (Use.YES, Use.SOMETIMES, Use.NO, Use.KNOWS)
MONDAY = datetime(2026, 11, 23, 9, tzinfo=UTC)


def a_campaign(team: str = "") -> Campaign:
    """A question that nobody has been asked; committed."""
    of = db.session.scalar(sa.select(Team).where(Team.path == team)) if team else None
    made = campaigning.make(actor=cast.comms_officer(), title="Do you post for work?", text="Kindly.", team=of)
    db.session.commit()
    return made


def begun(team: str = "") -> Campaign:
    """A question that everybody in the team has been asked."""
    campaign = a_campaign(team)
    campaigning.begin(campaign=campaign, actor=cast.comms_officer(), count=campaigning.how_many(campaign))
    db.session.commit()
    campaigning.work()
    return campaign


def written_to() -> list[str]:
    """Who was written to, in order."""
    db.session.rollback()
    return [one.partition("@")[0] for one in db.session.scalars(sa.select(Message.to).order_by(Message.id))]


def link_of(campaign: Campaign, person: cast.Person) -> str:
    """The path in somebody's mail."""
    row = asked_links.find(campaign.id, person.id)
    assert row is not None
    return f"/asked/{asked_links.token_of(row)}"


def test_a_team_is_asked_with_those_within_it_and_nobody_else(app: Flask) -> None:
    cast.library_officer()
    inner = cast.a_person("inner", team=("Communities", "Libraries", "Mobile"))
    cast.a_person("like", team=("Communities", "Libraries and more"))
    cast.a_person("gone", team=("Communities", "Libraries"), state=PersonState.LEFT)
    inner.mail = None
    campaign = begun("Communities / Libraries")
    assert written_to() == ["nia.okafor"]
    assert set(db.session.scalars(sa.select(Asked.person_id))) == {cast.library_officer().id, inner.id}
    assert campaign.asked_at is not None


def test_one_reminder_then_it_stops(app: Flask) -> None:
    with time_machine.travel(MONDAY, tick=False):
        for part in (cast.library_officer, cast.ward_sister):
            part()
        campaign = begun("Communities")
        campaigning.work()
    for days, count in ((4, 1), (7, 2), (8, 2), (60, 2)):
        with time_machine.travel(MONDAY + timedelta(days=days), tick=False):
            campaigning.work()
        assert len(written_to()) == count, days
    assert campaign.reminded_at is not None


def test_whoever_has_answered_is_not_reminded_and_looking_is_no_answer(client: Browser) -> None:
    with time_machine.travel(MONDAY, tick=False):
        nia = cast.library_officer()
        campaign = begun("Communities")
        place = link_of(campaign, nia)
        client.anonymous()
        page = client.get(place)
        assert page.heading == "Do you use social media for work?"
        assert [one.get("value") for one in page.all("button", name="use")] == [one.value for one in ORDER]
        assert [one.answered_at for one in db.session.scalars(sa.select(Asked))] == [None]
        answer = client.post(place, data={"use": "no", "said": ""}, csrf=False)
        assert answer.words("p", class_="govuk-body-l") == ["That is all. You are not reminded."]
    with time_machine.travel(MONDAY + timedelta(days=9), tick=False):
        campaigning.work()
    assert written_to() == ["nia.okafor"]


def test_accounts_that_are_named_become_sightings_and_can_be_registered(client: Browser) -> None:
    campaign = begun() if cast.library_officer() else None
    assert campaign is not None
    client.anonymous()
    said = {"use": "yes", "readiness": "willing", "said": "tiktok.com/@stilesandgates and the insta @stiles.gates"}
    page = client.post(link_of(campaign, cast.library_officer()), data=said, csrf=False)
    assert [one.attrib["href"] for one in page.all("a", role="button")] == [
        "/accounts/new?address=https%3A//www.tiktok.com/%40stilesandgates",
        "/accounts/new?address=https%3A//www.instagram.com/stiles.gates",
    ]
    page = client.as_(cast.comms_officer()).get(f"/discover/campaigns/{campaign.id}")
    assert "tiktok.com/@stilesandgates and the insta @stiles.gates" in page.text
    assert len(client.get("/discover").all("li", class_="reg-tile-card")) == 2


@pytest.mark.parametrize("token", ["1.1", "1.1.", "1.1.x", "a.b.c", "1.1.é", "99999999999.1.x", ""])
def test_a_link_that_is_none_opens_nothing(client: Browser, token: str) -> None:
    begun() if cast.library_officer() else None
    client.anonymous()
    assert client.get(f"/asked/{token}").status_code == 404
    assert client.post(f"/asked/{token}", data={"use": "yes"}, csrf=False).status_code in (404, 405)


def test_the_link_of_a_leaver_and_of_an_ended_campaign(client: Browser) -> None:
    nia, campaign = cast.library_officer(), begun() if cast.library_officer() else a_campaign()
    place = link_of(campaign, nia)
    campaigning.end(campaign=db.session.merge(campaign), actor=cast.comms_officer())
    db.session.commit()
    client.anonymous()
    client.post(place, data={"use": "yes", "said": ""}, csrf=False)
    db.session.rollback()
    assert [one.use for one in db.session.scalars(sa.select(Asked).where(Asked.person_id == nia.id))] == [None]
    cast.library_officer().state = PersonState.LEFT
    assert client.get(place).status_code == 404


def test_nobody_is_asked_again_within_half_a_year(app: Flask) -> None:
    cast.library_officer()
    with time_machine.travel(MONDAY, tick=False):
        begun("Communities")
        assert campaigning.how_many(a_campaign("Communities")) == 0
    with time_machine.travel(MONDAY + timedelta(days=181), tick=False):
        assert campaigning.how_many(a_campaign("Communities")) == 1


def test_another_number_than_was_shown_asks_nobody(client: Browser) -> None:
    cast.library_officer()
    campaign = a_campaign("Communities")
    client.as_(cast.comms_officer()).post(f"/discover/campaigns/{campaign.id}/begin", data={"count": "7"})
    page = client.get(f"/discover/campaigns/{campaign.id}")
    assert page.words("p", class_="reg-flash__text") == ["Meanwhile it would reach 1 person. Look again, then ask."]
    assert written_to() == []
    client.post(f"/discover/campaigns/{campaign.id}/begin", data={"count": "1"})
    campaigning.work()
    assert written_to() == ["nia.okafor"]


def test_whoever_has_no_address_finds_the_question_at_home(client: Browser) -> None:
    nia = cast.library_officer()
    nia.mail = None
    campaign = begun("Communities")
    client.as_(nia)
    assert client.get("/").words("p", class_="reg-task__text") == ["Do you use social media for work?"]
    assert client.get(f"/asked/mine/{campaign.id}").location == link_of(campaign, nia)
    assert client.as_(cast.stranger()).get(f"/asked/mine/{campaign.id}").status_code == 404


def test_coverage_adds_up_what_is_within(client: Browser) -> None:
    nia = cast.library_officer()
    cast.a_person("other", team=("Communities", "Youth"))
    cast.an_account(owner=nia)
    campaign = begun("Communities / Libraries")
    row = asked_links.find(campaign.id, nia.id)
    assert row is not None
    campaigning.answer(row=row, use=Use.YES, readiness=None, said="")
    db.session.commit()
    found = {one.path: (one.people, one.accounts, one.asked, one.answered, one.use) for one in coverage.teams()}
    assert {path: found[path] for path in found if path.startswith("Communities")} == {
        "Communities": (2, 1, 1, 1, 1),
        "Communities / Libraries": (1, 1, 1, 1, 1),
        "Communities / Youth": (1, 0, 0, 0, 0),
    }
    client.as_(cast.comms_officer())
    assert client.get("/discover/coverage").status_code == 200
    assert client.get("/discover/coverage?format=csv").text.splitlines()[1].startswith("Communications,1,0,0,0,0,0,")
