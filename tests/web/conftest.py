"""A small register with one of everything, so that every address leads somewhere."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from databases import Databases
from flask import Flask
from world import PLAYERS, World

from registry.accounts.bulk import actions as bulk
from registry.accounts.bulk.plans import Wish
from registry.accounts.bulk.queries import stamps
from registry.accounts.importing import actions as imports
from registry.accounts.registering.models import Nod
from registry.accounts.saved import actions as saved
from registry.api import actions as tokens
from registry.config import Settings
from registry.db import db, now, today
from registry.footprint import actions as footprint
from registry.guidelines import actions as guidelines
from registry.lists import actions as lists
from registry.lists.models import Audience
from registry.people import guests
from registry.people.models import GuestKind, Person, SyncResult, SyncRun
from registry.roles import Role
from registry.workdays import ClosurePeriod


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """As everywhere, but for the pages for people outside, which are there too, however often they are asked for."""
    return settings.model_copy(update={"public": True, "public_per_minute": 100_000})


@pytest.fixture(scope="module")
def small_register(databases: Databases) -> Iterator[tuple[str, World]]:
    """The address of a small register that is never used, but copied; and what is in it."""
    with databases.filling() as url:
        made = one_of_everything()
    yield url, made
    databases.drop(url)


@pytest.fixture
def database_url(databases: Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new database: empty, or for a test that asks for the ``world`` a copy of the small register."""
    filled = "world" in request.fixturenames
    url = databases.new(template=request.getfixturevalue("small_register")[0] if filled else databases.template)
    yield url
    databases.drop(url)


@pytest.fixture
def world(app: Flask, small_register: tuple[str, World]) -> World:
    """Guidelines in two versions and a draft, a reading of the directory, and for each player an account."""
    return small_register[1]


def one_of_everything() -> World:
    """Fill the small register."""
    document = cast.a_document(versions=2)
    guidelines.draft(document=document, text="# Be brief", summary="", material=False, actor=cast.comms_officer())
    run = SyncRun(began_at=now(), ended_at=now(), result=SyncResult.COMPLETE, read=8)
    db.session.add(run)
    accounts = {
        name: cast.an_account(owner=cast.play(part or cast.LIBRARY_OFFICER), live=name != "comms").id
        for name, part in PLAYERS.items()
    }
    guest = guests.add(
        name="Mair Huws", mail="", title="Path warden", team=None, kind=GuestKind.VOLUNTEER, ends_on=today(),
        sponsor=cast.library_officer(), actor=cast.comms_officer(),
    )  # fmt: skip
    file = imports.upload(
        file_name="list.csv", content=b"url,title\nhttps://x.com/dunmore,Dunmore\n", actor=cast.comms_officer()
    )
    requests = {}
    for name, part in PLAYERS.items():
        player = cast.play(part or cast.LIBRARY_OFFICER)
        requests[name] = footprint.ask(platform="X", audience="All.", purpose="News.", hours=3, actor=player).id
        nod = Nod(
            account_id=accounts[name], manager_id=player.id, asked_at=now(), due_on=today(), answer="waiting", reason=""
        )
        db.session.add(nod)
    views = {
        name: saved.keep(name=name, asks="q=library", is_shared=True, actor=cast.play(part or cast.LIBRARY_OFFICER)).id
        for name, part in PLAYERS.items()
    }
    doomed_views = {
        name: saved.keep(
            name=f"Doomed {name}", asks="q=roads", is_shared=True, actor=cast.play(part or cast.LIBRARY_OFFICER)
        ).id
        for name, part in PLAYERS.items()
    }
    seen = stamps([accounts["staff"]])
    changed = bulk.apply(seen=seen, wish=Wish(place="Dunmore"), actor=cast.comms_officer())
    entries = {}
    for name, part in PLAYERS.items():
        for title in (f"Doomed {name}", f"List of {name}"):
            made = lists.make(
                title=title, topic="", about="", audience=Audience.COLLEAGUES,
                actor=cast.play(part or cast.LIBRARY_OFFICER),
            )  # fmt: skip
        listed = cast.an_account()
        entries[name] = lists.add(follow_list=made, account=listed, why="It answers.", actor=cast.comms_officer()).id
    shared = lists.make(title="Shared", topic="", about="", audience=Audience.EVERYONE, actor=cast.comms_officer())
    token, _ = tokens.make(name="Website", scopes=[], expires_on=today(), actor=None)
    unlisted = cast.an_account().id
    closed = {
        who: ClosurePeriod(from_on=today() + timedelta(days=days), to_on=today() + timedelta(days=days), words="Closed")
        for days, who in enumerate(PLAYERS, 1000)
    }
    db.session.add_all(closed.values())
    deputy = cast.a_person()
    cast.an_account(owner=cast.a_person(), deputy=deputy)
    declined = cast.decline(document, deputy)
    entered = {name: cast.enter(document, cast.play(part or cast.LIBRARY_OFFICER)).id for name, part in PLAYERS.items()}
    db.session.commit()
    return World(
        document.slug,
        run.id,
        accounts,
        guest.id,
        file.id,
        requests,
        views,
        doomed_views,
        changed.id,
        entries,
        unlisted,
        shared.slug,
        token.id,
        {who: one.id for who, one in closed.items()},
        entered,
        declined.id,
    )


@pytest.fixture
def everything(app: Flask) -> Callable[[], dict[str, list[tuple[Any, ...]]]]:
    """A function that gives every row of every table."""

    def read() -> dict[str, list[tuple[Any, ...]]]:
        rows = {
            table.name: [tuple(row) for row in db.session.execute(sa.select(table).order_by(*table.primary_key))]
            for table in db.metadata.sorted_tables
        }
        db.session.rollback()
        return rows

    return read


@pytest.fixture
def everyone_in_one(app: Flask) -> Person:
    """Somebody who holds every role at once, to get past every door."""
    return cast.a_person("all.doors", name="Alba Doors", team=("Corporate",), roles=tuple(Role)[1:])
