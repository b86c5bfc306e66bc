"""A small register with one of everything, so that every address leads somewhere."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import time, timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from databases import Databases
from flask import Flask
from world import PLAYERS, World

from registry import outbox
from registry.accounts.bulk import actions as bulk
from registry.accounts.bulk.plans import Wish
from registry.accounts.bulk.queries import stamps
from registry.accounts.importing import actions as imports
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.registering.models import Nod
from registry.accounts.saved import actions as saved
from registry.api import actions as tokens
from registry.config import Settings
from registry.db import db, now, today
from registry.digest import actions as digest
from registry.digest import links as digest_links
from registry.digest.models import DigestChoice, Often
from registry.discovery import actions as sightings
from registry.discovery import asked_links, campaigning, noting
from registry.discovery.campaign_models import Asked
from registry.discovery.models import How, Sighting, SightingState
from registry.discovery.sweeping import actions as sweeping
from registry.footprint import actions as footprint
from registry.guidelines import actions as guidelines
from registry.lists import actions as lists
from registry.lists.models import Audience
from registry.meetups import actions as meetups
from registry.meetups import replying, speaking
from registry.meetups.actions import Plan
from registry.meetups.around import asking, attending, cards
from registry.meetups.inviting import actions as inviting
from registry.meetups.inviting.choosing import Choice
from registry.meetups.inviting.models import Fate, Hand, Listed, RoundState
from registry.meetups.models import Answer, Invitation, Kind, Meetup, Series, Way
from registry.network import drop_ins, helping, introducing, voices
from registry.outbox import MessageState
from registry.people import guests
from registry.people import queries as people
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
    peers = _peers()
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
        {name: a_gathering(cast.play(part or cast.LIBRARY_OFFICER)) for name, part in PLAYERS.items()},
        peers,
    )


def rounds_of(meetup: Meetup) -> dict[str, int]:
    """Two drafts of invitations to a meetup, and a round of which nobody knows whether it arrived; committed."""
    draft, doomed, sent = (
        inviting.begin(meetup=meetup, choice=Choice(), actor=cast.organiser()) for _ in range(3)
    )  # fmt: skip
    officer = cast.library_officer()
    sent.state, sent.sent_at, sent.sent_by_id, sent.expected = RoundState.SENT, now(), cast.organiser().id, 1
    message = outbox.post(to=officer.mail, subject="Lunch", text="Come.", person_id=officer.id)
    assert message is not None
    message.state = MessageState.UNSURE
    db.session.flush()
    db.session.add(
        Listed(round_id=sent.id, person_id=officer.id, hand=Hand.CHOSEN, fate=Fate.INVITED, message_id=message.id)
    )
    db.session.commit()
    return {"round_id": draft.id, "doomed_round_id": doomed.id, "sent_round_id": sent.id}


def a_gathering(leader: Person) -> dict[str, Any]:
    """A meetup that somebody leads, one that is over, and one of all that stands around; what fills their addresses."""
    soon = now() + timedelta(days=9)
    plan = Plan(
        kind=Kind.MEETUP, title="Lunch", begins_at=soon, ends_at=soon + timedelta(hours=1), capacity=9,
        leader_id=leader.id,
    )  # fmt: skip
    over = replace(plan, begins_at=now() - timedelta(days=9), ends_at=now() - timedelta(days=8))
    meetup, past = (meetups.plan(actor=cast.organiser(), what=one) for one in (plan, over))
    librarian = cast.library_officer()
    replying.answer(meetup=meetup, person=librarian, answer=Answer.YES, way=Way.APP)
    sister = cast.ward_sister()
    db.session.add(Invitation(meetup_id=meetup.id, person_id=sister.id, invited_at=now(), nonce="1"))
    attending.came(meetup=past, person=librarian, way=Way.ORGANISER)
    speaking.offer(meetup=meetup, person=librarian, title="Our cat", pitch="", before=None)
    lines = [
        speaking.add(meetup=meetup, title=title, minutes=9, is_talk=False, speaker=None) for title in ("Hi", "Tea")
    ]
    asked = [asking.ask(meetup=meetup, person=leader, text=text, unnamed=False) for text in ("How?", "Doomed?")]
    link = asking.add_link(meetup=meetup, actor=leader, title="Slides", url="https://intranet.example/slides")
    told = cards.Told(
        title="Asked", how="", for_whom="All", result="Answers.", campaign="", account_id=None, meetup_id=None
    )
    made = [cards.make(person=leader, what=told) for _ in range(2)]
    series = Series(
        kind=Kind.MEETUP, title="Lunch", every_months=12, nth=1, weekday=3, at=time(12), minutes=60, from_on=today()
    )
    meetups.begin_series(actor=cast.organiser(), series=series, leaders=[])
    digest.choose(person=leader, often=Often.WEEKLY)
    db.session.commit()
    return seen_around(leader) | {
        "meetup_id": meetup.id, "over_id": past.id, "item_id": lines[1].id, "question_id": asked[0].id,
        "doomed_question_id": asked[1].id, "material_id": link.id, "card_id": made[0].id, "doomed_card_id": made[1].id,
        "series_id": series.id, "code": attending.code_of(meetup), "invited_id": sister.id, **rounds_of(meetup),
        "token": digest_links.token_of(db.session.get_one(DigestChoice, leader.id)),
    }  # fmt: skip


def _peers() -> dict[str, dict[str, int]]:
    """A voice, and for each player a call asked, a call to answer, an introduction and a slot."""
    for person in (cast.ward_sister(), cast.auditor()):
        voices.offer(person=person, subject="Wards.", about=["health"])
    found: dict[str, dict[str, int]] = {"call_id": {}, "own_call_id": {}, "introduction_id": {}, "slot_id": {}}
    found["booked_slot_id"] = {}
    for number, (name, part) in enumerate(PLAYERS.items()):
        player, other = people.person(cast.play(part or cast.LIBRARY_OFFICER).id), people.person(cast.a_person().id)
        assert player is not None
        assert other is not None
        for key, asker, helper in (("call_id", other, player), ("own_call_id", player, other)):
            call = helping.ask(
                asker=asker, text="How?", platform="", topic=None, helpers=[helping.Helper(helper, "they know")]
            )
            found[key][name] = call.id
        introduced = introducing.introduce(alone=player, buddy=other, actor=cast.organiser())
        found["introduction_id"][name] = introduced.id
        first = now() + timedelta(days=9, hours=number)
        slot, booked = drop_ins.make(host=other, first=first, minutes=15, slots=2, place="Room 2", actor=other)
        db.session.refresh(booked, ["host", "booked_by"])
        drop_ins.book(slot=booked, person=player, about="Alt text.")
        found["slot_id"][name], found["booked_slot_id"][name] = slot.id, booked.id
    return found


def seen_around(person: Person) -> dict[str, Any]:
    """An account that somebody was asked about, a fake, and a campaign that asks them; what fills their addresses."""
    comms, ids = cast.comms_officer(), []
    for name in ("asked", "fake"):
        resolved = resolve(f"https://x.com/{name}{person.id}")
        assert isinstance(resolved, Resolved)
        sighting = noting.note(resolved, how=How.PERSON, quote="Saw it.", by=person).sighting
        assert sighting is not None
        ids.append(sighting.id)
    found = [db.session.get_one(Sighting, one) for one in ids]
    sightings.ask(sighting=found[0], person=person, actor=comms)
    sightings.decide(sighting=found[1], state=SightingState.SPOOF, reason="It pretends.", actor=comms)
    campaign = campaigning.make(actor=comms, title="Do you?", text="Kindly.", team=None)
    asked = Asked(campaign_id=campaign.id, person_id=person.id, nonce="x")
    db.session.add(asked)
    db.session.commit()
    return {
        "sighting_id": ids[0], "fake_id": ids[1], "campaign_id": campaign.id,
        "asked_token": asked_links.token_of(asked),
        **_swept(comms, person),
    }  # fmt: skip


def _swept(comms: Person, person: Person) -> dict[str, int]:
    """A sweep, and a link that is left out; what fills their addresses."""
    sweep = sweeping.begin(title="Website", files=[("a.html", b"<p>")], actor=comms)
    ignored = sweeping.ignore(what=f"https://x.com/other{person.id}", reason="A newspaper.", actor=comms)
    return {"sweep_id": sweep.id, "ignored_id": ignored.id}


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
