"""The demonstration: what the fictional council shows, and that looking twice does not change it."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from browser import Browser
from databases import dispose
from flask import Flask

from registry.accounts.catalogue_address import COLUMNS
from registry.accounts.importing.models import Fate
from registry.accounts.models import Account, Standing, State
from registry.accounts.spreadsheet import bring_in
from registry.audit import Event, broken
from registry.db import db
from registry.demo import council, show
from registry.guidelines import queries as guidelines
from registry.guidelines import report
from registry.guidelines.models import Document, SignOff, Version
from registry.guidelines.principles import to_serve
from registry.guidelines.writing_queries import waits_for
from registry.logs import init_logs
from registry.network import buddies
from registry.network import queries as peers
from registry.network.models import (
    Audience,
    DropIn,
    HelpAnswer,
    HelpAsked,
    HelpCall,
    Introduction,
    Profile,
    Voice,
    VoiceState,
)
from registry.people.models import Person, PersonState, SyncResult, SyncRun, Team
from registry.people.views import WRONG
from registry.roles import Role

CAST = {guest.username: guest for guest in council.CAST}
LEAVER = "geraint.hughes"


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """The app of ``registry demo``, filled once for this module; always on SQLite, as it is for whoever tries it."""
    init_logs(to_terminal=False)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("REGISTRY_INSTANCE", str(tmp_path_factory.mktemp("demo")))
        app = show.make(show.settings_for(5000))
    with app.app_context():
        yield app
    dispose(app)


def count(model: Any, *conditions: Any) -> int:
    """How many rows there are."""
    return db.session.scalar(sa.select(sa.func.count()).select_from(model).where(*conditions)) or 0


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table."""
    rows = {
        table.name: [tuple(row) for row in db.session.execute(sa.select(table).order_by(*table.primary_key))]
        for table in db.metadata.sorted_tables
    }
    db.session.rollback()
    return rows


def test_council_is_as_large_as_it_says(demo: Flask) -> None:
    assert count(Person, Person.state == PersonState.ACTIVE) == 315
    assert [
        person.username for person in db.session.scalars(sa.select(Person).where(Person.state != PersonState.ACTIVE))
    ] == [LEAVER]
    assert len(set(db.session.scalars(sa.select(Person.team_id)))) == 25
    assert count(Team, Team.parent_id.is_not(None)) > 10
    assert count(Person, Person.manager_id.is_not(None)) > 250
    results = db.session.scalars(sa.select(SyncRun.result).order_by(SyncRun.id)).all()
    assert results == [SyncResult.COMPLETE] * 3


def test_accounts_are_of_every_kind(demo: Flask) -> None:
    assert 55 <= count(Account) <= 70
    assert len(set(db.session.scalars(sa.select(Account.platform)))) == 12
    assert set(db.session.scalars(sa.select(Account.standing))) == set(Standing)
    assert set(db.session.scalars(sa.select(Account.state))) == set(State)


def test_guidelines_have_two_versions_and_people_who_owe(demo: Flask) -> None:
    documents = {one.title: one for one in db.session.scalars(sa.select(Document))}
    assert sorted(documents) == ["A curator's brief", "Social media at Brynmor", "TikTok at Brynmor"]
    document = documents["Social media at Brynmor"]
    assert [version.number for version in guidelines.versions(document.id)] == [2, 1]
    assert count(Version) == 5
    for one in documents.values():
        counts = report.counts(report.Filters(one.id))
        assert 0 < counts.signed < counts.people
    counts = report.counts(report.Filters(document.id))
    assert min(counts.overdue, counts.declined) > 0
    assert count(Profile) > 10
    assert count(SignOff) > 20


def test_peers_have_audiences_voices_calls_and_slots_and_some_are_alone(demo: Flask) -> None:
    assert {one for part in ("reach", "asks", "about") for one in db.session.scalars(
        sa.select(getattr(Profile, f"{part}_for")))} == set(Audience)  # fmt: skip
    assert {state: count(Voice, Voice.state == state) for state in VoiceState} == {"asked": 1, "yes": 4, "no": 1}
    assert (count(HelpCall), count(HelpCall, HelpCall.settled_at.is_not(None), HelpCall.thanks != "")) == (3, 1)
    assert {answer for answer in HelpAnswer if count(HelpAsked, HelpAsked.answer == answer)} == set(HelpAnswer)
    assert (count(DropIn), count(DropIn, DropIn.booked_by_id.is_not(None))) == (7, 2)
    assert count(Introduction) == 2
    alone = peers.people(peers.PeerFilters(only=peers.ALONE, peers=False), limit=None)
    assert len(alone) >= 2
    suggested = buddies.suggestions([one.id for one in alone], buddies.names())
    assert {len(some) for some in suggested.values()} == {buddies.EACH}


def test_draft_waits_for_a_second_look_and_accounts_serve_principles(demo: Flask) -> None:
    carys = db.session.scalars(sa.select(Person).where(Person.username == "carys.bowen")).one()
    (draft,) = waits_for(carys.id)
    last = guidelines.current(draft.document_id)
    assert (draft.number, draft.material, last is not None and last.text != draft.text) == (3, False, True)
    assert [one.name for one in to_serve()][-4:] == [
        "Be a neighbour", "Be worth the scroll", "Keep the door open", "Leave no colleague alone with it",
    ]  # fmt: skip
    assert count(Account, Account.principle_id.is_not(None)) >= 8


def test_evidence_of_the_demonstration_is_whole(demo: Flask) -> None:
    assert broken(Event) == []
    assert broken(SignOff) == []


def test_whole_cast_signs_in_but_the_leaver(demo: Flask) -> None:
    page = Browser(demo).get("/sign-in")
    for guest in demo.config["DEMO_CAST"]:
        assert guest.name in page.text
        browser = Browser(demo)
        answer = browser.post("/sign-in", data={"login": guest.username, "password": guest.password})
        if guest.username == LEAVER:
            assert (answer.status_code, answer.errors) == (422, {"login": WRONG})
        else:
            assert answer.location == "/", guest.username
            assert browser.get("/").status_code == 200


def test_cast_holds_the_roles_it_is_said_to(demo: Flask) -> None:
    opens = {
        "/overview": {"carys.bowen", "imran.malik"}, "/history": {"adaeze.okafor", "imran.malik"},
        "/directory": {"carys.bowen", "imran.malik"},
    }  # fmt: skip
    people = {
        person.username: person for person in db.session.scalars(sa.select(Person).where(Person.username.in_(CAST)))
    }
    ids = {username: person.id for username, person in people.items() if username != LEAVER}
    for path, allowed in opens.items():
        seen = set()
        for username, number in ids.items():
            person = db.session.get(Person, number)
            assert person is not None
            if Browser(demo).as_(person).get(path).status_code == 200:
                seen.add(username)
        assert seen == allowed, path
    assert CAST["tomasz.wojcik"].role is Role.ORGANISER


def test_each_page_of_the_council_is_sound(demo: Flask) -> None:
    # The browser of the tests looks at the HTML of every page that it is given.
    carys = db.session.scalars(sa.select(Person).where(Person.username == "carys.bowen")).one()
    browser = Browser(demo).as_(carys)
    numbers = db.session.scalars(sa.select(Account.id)).all()
    for path in (
        "/",
        "/accounts",
        "/people",
        "/people?who=all",
        "/overview",
        "/mail",
        *(f"/accounts/{one}" for one in numbers),
    ):
        assert browser.get(path).status_code == 200, path


def test_list_that_is_taken_along_comes_back_unchanged(demo: Flask, tmp_path: Path) -> None:
    carys = db.session.scalars(sa.select(Person).where(Person.username == "carys.bowen")).one()
    browser, file, some = Browser(demo).as_(carys), tmp_path / "accounts.csv", ",".join(COLUMNS)
    file.write_bytes(browser.get(f"/accounts?format=csv&columns={some}").data)
    report = bring_in(file, columns={}, actor=None, dry_run=True)
    assert [row.reason for row in report.rows if row.fate is not Fate.UNCHANGED] == []
    file.write_text("\n".join(["url", *db.session.scalars(sa.select(Account.url).where(Account.url != ""))]))
    by_address = bring_in(file, columns={}, actor=None, dry_run=True)
    assert {row.fate for row in by_address.rows} <= {Fate.UNCHANGED, Fate.DUPLICATE}


def test_starting_again_changes_nothing(demo: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    before = everything()
    monkeypatch.setenv("REGISTRY_INSTANCE", str(Path(demo.instance_path).parent))
    again = show.make(show.settings_for(5001))
    with again.app_context():
        assert everything() == before
    dispose(again)
    assert [guest.username for guest in again.config["DEMO_CAST"]] == list(CAST)
