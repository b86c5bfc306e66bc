"""How often each list asks the database: as often for forty rows as for one, when no two rows share anybody."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from databases import Databases
from flask import Flask

from registry.accounts import actions
from registry.accounts import queries as account_queries
from registry.accounts.answering import actions as answering
from registry.accounts.answering import hand_overs, withdrawing
from registry.accounts.answering.models import Because
from registry.accounts.expectations.models import Carried, Expectation, Level, Words
from registry.accounts.importing.models import Fate as RowFate
from registry.accounts.importing.models import ImportLine, ImportRun, ImportState
from registry.accounts.models import Account, Standing
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.reviewing.models import Stage, Watch
from registry.db import db, now, today
from registry.discovery import actions as sightings
from registry.discovery import campaigning, noting
from registry.discovery.campaign_models import Asked, Campaign, Use
from registry.discovery.models import How
from registry.discovery.sweeping import actions as sweeping
from registry.discovery.sweeping.models import Sweep, SweepLink
from registry.guidelines.models import Document
from registry.meetups import actions as meetups
from registry.meetups import queries as meetup_queries
from registry.meetups import replying, speaking
from registry.meetups.actions import Plan
from registry.meetups.around import asking, cards
from registry.meetups.inviting import actions as inviting
from registry.meetups.inviting.choosing import Choice
from registry.meetups.inviting.models import Comment, Hand, Listed, RoundState
from registry.meetups.inviting.models import Fate as PersonFate
from registry.meetups.models import Answer, Kind, Meetup, Way
from registry.network import actions as network
from registry.network import drop_ins, helping, introducing, voices
from registry.people import guests
from registry.people import queries as people
from registry.people.models import GuestKind, Person, PersonState, RunLine, SyncResult, SyncRun, Team, Turn
from registry.web import found

Counting = Callable[[], AbstractContextManager[list[str]]]
SIZES = (1, 3, 40)
SLUG = "using-social-media-at-work"
PLATFORMS = ("facebook.com/{}", "x.com/{}", "instagram.com/{}", "youtube.com/@{}", "tiktok.com/@{}")


def a_row(number: int, document: Document) -> None:
    """An account whose owner, deputy, team, platform and topics are nobody else's, with a profile and a signature."""
    owner = cast.a_person(team=("Department", f"Team {number}"))
    deputy = cast.a_person(team=("Department", f"Other team {number}"))
    account = cast.an_account(
        "https://" + PLATFORMS[number % len(PLATFORMS)].format(f"dunmore{number}"), owner=owner, deputy=deputy,
        standing=tuple(Standing)[number % 2], live=number % 3 != 1,
    )  # fmt: skip
    owner = db.session.get_one(Person, account.owner_id)
    network.keep(
        profile=None, person=owner, about="I run our pages.", topics=[f"topic {number}"], offers=[f"offer {number}"],
        asks=["video"],
    )  # fmt: skip
    cast.sign(document, owner)
    cast.decline(document, deputy)
    a_peer(number, owner, deputy)
    guests.add(
        name=f"Colleague 0 guest {number}", mail="", title="Volunteer", team=db.session.get(Team, deputy.team_id),
        kind=GuestKind.VOLUNTEER, sponsor=owner, ends_on=today(), actor=cast.comms_officer(),
    )  # fmt: skip
    gather(owner, db.session.get_one(Person, deputy.id), account)
    gone = {"state": PersonState.LEFT, "left_at": now(), "employee_number": str(number)}
    cast.a_person(f"gone{number}", name=f"Before {number}", team=("Old", f"Team {number}"), **gone)
    cast.a_person(f"came{number}", name=f"Before {number}", team=("New", f"Team {number}"), employee_number=str(number))


def gather(owner: Person, deputy: Person, account: Account) -> None:
    """A meetup that somebody leads; and to the first of all an answer, a line, a question, a card, an offer."""
    soon = now() + timedelta(days=9)
    plan = Plan(kind=Kind.MEETUP, title="Lunch", begins_at=soon, ends_at=soon + timedelta(hours=1), leader_id=owner.id)
    own = meetups.plan(actor=owner, what=plan)
    first = found(meetup_queries.meetup(db.session.scalars(sa.select(sa.func.min(Meetup.id))).one()))
    replying.answer(meetup=first, person=owner, answer=Answer.YES, way=Way.APP, shown=True)
    replying.answer(meetup=own, person=deputy, answer=Answer.REMOTE, way=Way.APP, shown=True)
    speaking.offer(meetup=first, person=deputy, title="Our cat", pitch="", before=None)
    speaking.add(meetup=first, title="Tea", minutes=5, is_talk=True, speaker=owner)
    for meetup in (first, own):
        question = asking.ask(meetup=meetup, person=deputy, text="How?", unnamed=False)
        asking.answer(question=question, meetup=meetup, actor=owner, text="So.")
    see(owner, deputy)
    sweep(owner, account)
    told = cards.Told(
        title="Asked", how="", for_whom="All", result="Answers.", campaign="", account_id=account.id, meetup_id=first.id
    )
    cards.thank(card=cards.make(person=owner, what=told), person=deputy)


def a_peer(number: int, owner: Person, deputy: Person) -> None:
    """Somebody alone with something in common, a voice, calls for help, an introduction, a slot: none like another."""
    comms, topic = cast.comms_officer(), f"topic {number}"
    alone = cast.a_person(team=("Alone", f"Team {number}"))
    cast.an_account(f"https://vimeo.com/dunmore{number}", owner=alone)
    network.keep(profile=None, person=alone, about="", topics=[topic], offers=[], asks=[f"offer {number}"])
    voices.offer(person=deputy, subject="All of it.", about=[topic])
    voices.propose(person=alone, subject="", about=[topic], actor=comms)
    everybody = [people.person(one.id) for one in (owner, deputy, comms)]
    asker, helper, officer = (found(one) for one in everybody)
    helping.ask(asker=asker, text="How?", platform="", topic=None, helpers=[helping.Helper(officer, "they know")])
    helping.ask(asker=officer, text="How?", platform="", topic=None, helpers=[helping.Helper(helper, "they know")])
    introducing.introduce(alone=asker, buddy=officer, actor=deputy)
    first = now() + timedelta(days=1, hours=number)
    (slot,) = drop_ins.make(host=asker, first=first, minutes=15, slots=1, place="Room 2", actor=asker)
    drop_ins.book(slot=slot, person=helper, about="Alt text.")


def see(owner: Person, deputy: Person) -> None:
    """An account that somebody saw and another is asked about; and to the first campaign of all an answer."""
    resolved = resolve(f"https://x.com/seen{owner.id}")
    assert isinstance(resolved, Resolved)
    sighting = noting.note(resolved, how=How.PERSON, quote="Saw it.", by=owner).sighting
    assert sighting is not None
    sightings.ask(sighting=sighting, person=deputy, actor=owner)
    first = db.session.scalars(sa.select(sa.func.min(Campaign.id))).one()
    if first is None:
        made = campaigning.make(actor=owner, title="Do you?", text="Kindly.", team=None)
        made.begun_at, first = now(), made.id
    elif first:
        campaigning.make(actor=owner, title="Do you?", text="Kindly.", team=db.session.get(Team, owner.team_id))
    db.session.add(
        Asked(campaign_id=first, person_id=owner.id, nonce="x", use=Use.YES, said="A group.", answered_at=now())
    )
    db.session.flush()


def sweep(person: Person, account: Account) -> None:
    """A sweep that somebody asked for, with a link to an account, one that nobody registered and one to a post, and one
    left out."""
    sweeping.begin(title=f"Site {account.id}", files=[("a.html", b"<p>")], actor=person)
    first = db.session.scalars(sa.select(sa.func.min(Sweep.id))).one()
    for number, registered, is_hint in ((account.id, account.id, False), (0, None, False), (0, None, True)):
        db.session.add(
            SweepLink(
                sweep_id=first, platform="x", kind="profile", key=f"link{account.id}{number}{is_hint}",
                url="https://x.com/a", handle="@a", page=f"{account.id}.html", page_hash=str(account.id),
                account_id=registered, is_hint=is_hint,
            )
        )  # fmt: skip
    sweeping.ignore(what=f"https://x.com/left{account.id}", reason="A newspaper.", actor=person)


def nothing_counted(budget: dict[str, int]) -> dict[str, dict[int, int]]:
    """For each page of a budget, where ``count`` writes down how many queries it took at each size."""
    return {path: {} for path in budget}


def count(client: Browser, count_queries: Counting, counted: dict[str, dict[int, int]], size: int) -> None:
    """Ask for each page, now that there are ``size`` rows."""
    for path, at in counted.items():
        with count_queries() as ran:
            assert client.get(path).status_code == 200
        at[size] = len(ran)


def as_often(budget: dict[str, int]) -> dict[str, dict[int, int]]:
    """What is counted where each page keeps to its budget at every size."""
    return {path: dict.fromkeys(SIZES, queries) for path, queries in budget.items()}


@pytest.fixture(scope="module")
def registers(databases: Databases) -> Iterator[dict[int, str]]:
    """The address of a register of each size; they are copied, never used."""
    made: dict[int, str] = {}
    rows = 0
    for size in SIZES:
        with databases.filling(template=made.get(rows, "")) as made[size]:
            document = db.session.scalar(sa.select(Document)) or cast.a_document()
            if not rows:
                cast.an_account(live=False)  # The first row is live, and comms shall have something to decide, too.
            while rows < size:
                a_row(rows, document)
                rows += 1
    yield made
    for url in made.values():
        databases.drop(url)


@pytest.fixture
def database_url(databases: Databases, request: pytest.FixtureRequest) -> Iterator[str]:
    """A new database: empty, or for a test that asks for a ``size`` with so many rows in each list."""
    size = request.node.callspec.params.get("size") if hasattr(request.node, "callspec") else None
    url = databases.new(template=request.getfixturevalue("registers")[size] if size else databases.template)
    yield url
    databases.drop(url)


@pytest.mark.parametrize(
    ("path", "who", "queries"),
    [
        ("/", cast.COMMS_OFFICER, 21),
        ("/overview", cast.COMMS_OFFICER, 20),
        ("/mail", cast.COMMS_OFFICER, 2),
        ("/accounts", cast.STRANGER, 11),
        ("/accounts?q=dunmore&sort=-owner", cast.STRANGER, 9),
        ("/accounts?format=csv", cast.STRANGER, 5),
        ("/accounts/answering?matter=untold", cast.COMMS_OFFICER, 4),
        ("/accounts/answering?matter=untold&format=csv", cast.COMMS_OFFICER, 2),
        ("/search?q=dunmore", cast.STRANGER, 7),
        ("/people", cast.STRANGER, 12),
        ("/people?who=all&q=colleague", cast.STRANGER, 13),
        ("/people?only=new&place=Dunmore", cast.ORGANISER, 11),
        ("/people?format=csv", cast.STRANGER, 6),
        ("/people/alone", cast.ORGANISER, 19),
        ("/people/alone?format=csv", cast.ORGANISER, 15),
        ("/people/voices", cast.COMMS_OFFICER, 7),
        ("/people/voices?format=csv", cast.COMMS_OFFICER, 3),
        ("/people/help", cast.COMMS_OFFICER, 5),
        ("/people/me/introductions", cast.COMMS_OFFICER, 3),
        ("/people/drop-ins", cast.COMMS_OFFICER, 2),
        ("/people/same", cast.COMMS_OFFICER, 2),
        ("/guests", cast.COMMS_OFFICER, 3),
        ("/meetups", cast.STRANGER, 7),
        ("/meetups?format=csv", cast.STRANGER, 4),
        ("/meetups/1", cast.ORGANISER, 11),
        ("/meetups/1/answers", cast.ORGANISER, 8),
        ("/meetups/1/answers?format=csv", cast.ORGANISER, 5),
        ("/meetups/1/agenda", cast.ORGANISER, 3),
        ("/meetups/1/questions", cast.STRANGER, 5),
        ("/meetups/1/door", cast.ORGANISER, 5),
        ("/meetups/notes", cast.STRANGER, 3),
        ("/meetups/notes?format=csv", cast.STRANGER, 2),
        ("/meetups/cards", cast.STRANGER, 5),
        ("/meetups/cards?format=csv", cast.STRANGER, 4),
        ("/digest", cast.STRANGER, 8),
        ("/discover", cast.COMMS_OFFICER, 3),
        ("/discover?format=csv", cast.COMMS_OFFICER, 2),
        ("/discover/text", cast.COMMS_OFFICER, 1),
        ("/discover/campaigns", cast.COMMS_OFFICER, 2),
        ("/discover/campaigns/1", cast.COMMS_OFFICER, 4),
        ("/discover/campaigns/1?format=csv", cast.COMMS_OFFICER, 3),
        ("/discover/sweeps", cast.COMMS_OFFICER, 3),
        ("/discover/sweeps/1", cast.COMMS_OFFICER, 4),
        ("/discover/sweeps/1?part=all", cast.COMMS_OFFICER, 4),
        ("/discover/sweeps/1?part=hints", cast.COMMS_OFFICER, 4),
        ("/discover/sweeps/1?part=unlinked", cast.COMMS_OFFICER, 4),
        ("/discover/sweeps/1?part=all&format=csv", cast.COMMS_OFFICER, 3),
        ("/discover/sweeps/ignored", cast.COMMS_OFFICER, 2),
        ("/discover/coverage", cast.COMMS_OFFICER, 11),
        ("/discover/coverage?format=csv", cast.COMMS_OFFICER, 8),
        ("/guidelines", cast.AUDITOR, 4),
        ("/guidelines/declines", cast.COMMS_OFFICER, 2),
        ("/guidelines/register", cast.AUDITOR, 4),
        ("/guidelines/register?q=colleague", cast.AUDITOR, 4),
        ("/guidelines/register?format=csv", cast.AUDITOR, 2),
        ("/guidelines/{slug}/sign-offs", cast.AUDITOR, 7),
        ("/guidelines/{slug}/sign-offs?state=owed&q=colleague&sort=team", cast.AUDITOR, 5),
        ("/guidelines/{slug}/sign-offs?format=csv", cast.AUDITOR, 4),
        ("/guidelines/{slug}/sign-offs/teams", cast.AUDITOR, 3),
        ("/guidelines/sign-offs", cast.AUDITOR, 3),
        ("/guidelines/{slug}/who", cast.COMMS_OFFICER, 5),
    ],
)
@pytest.mark.parametrize("size", SIZES)
def test_a_list_asks_as_often_for_forty_rows_as_for_one(
    app: Flask, client: Browser, count_queries: Counting, path: str, who: cast.Part, queries: int, size: int
) -> None:
    client.as_(cast.play(who))
    with count_queries() as ran:
        assert client.get(path.format(slug=SLUG)).status_code == 200
    assert len(ran) == queries


def test_many_accounts_that_are_late_and_say_much_cost_no_more(
    app: Flask, client: Browser, count_queries: Counting
) -> None:
    def more(number: int) -> Account:
        owner, deputy = (cast.a_person(team=("Department", f"{word} {number}")) for word in ("Team", "Other"))
        return cast.an_account(owner=owner, deputy=deputy)

    comms, first = cast.comms_officer(), more(1)
    budget = {
        "/accounts/expectations": 5, f"/accounts/expectations/teams/{first.team_id}": 5,
        f"/accounts/{first.id}/expectations": 5, "/accounts/reviews": 2, "/accounts/reviews/overdue": 4,
        "/accounts/reviews/overdue?format=csv": 2, "/": 21,
    }  # fmt: skip
    rows, counted = 0, nothing_counted(budget)
    for size in SIZES:
        while rows < size:
            rows += 1
            account = first if rows == 1 else more(rows)
            if rows % 2:  # Half of them are the comms officer's own, with a tick that is out of date.
                account.deputy_id = comms.id
            account.review_on = today() - timedelta(days=rows)
            values = {"hours": [[[540, 1020 + rows]]] * 7, "not_for": f"thing {rows}"}
            db.session.add_all(
                [
                    Expectation(level=Level.ACCOUNT, account_id=account.id, **values),
                    Expectation(level=Level.TEAM, team_id=account.team_id, **values),
                    Carried(
                        account_id=account.id,
                        what=Words.BIO,
                        text="old",
                        ticked_at=now(),
                        ticked_by_id=account.owner_id,
                    ),
                    Watch(account_id=account.id, review_on=account.review_on, stage=Stage.DUE, counted_on=today()),
                ]
            )
        client.as_(comms)
        count(client, count_queries, counted, size)
    assert counted == as_often(budget)


@pytest.mark.parametrize("size", SIZES)
def test_a_list_that_somebody_has_looked_at_asks_no_more_until_something_happens(
    app: Flask, client: Browser, count_queries: Counting, size: int
) -> None:
    asked = []
    client.as_(cast.stranger())
    for address in ("/accounts", "/accounts?state=live&sort=owner", "/accounts?q=dunmore", "/search?q=dunmore"):
        client.get(address)
        with count_queries() as ran:
            client.get(address)
        asked.append(len(ran))
    # Who asks and the last event, what they see, their views, the rows; on the search page meetups instead of views.
    assert asked == [4, 4, 4, 4]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(("path", "queries"), [("?account=1&account=2", 7), ("?all=yes&asks=q%3Ddunmore", 8)])
def test_changing_many_asks_as_often_for_many(
    app: Flask, client: Browser, count_queries: Counting, path: str, queries: int, size: int
) -> None:
    client.as_(cast.comms_officer())
    with count_queries() as ran:
        assert client.get(f"/accounts/several{path}").status_code == 200
    assert len(ran) == queries


def test_many_browsers_cost_no_more(app: Flask, client: Browser, count_queries: Counting) -> None:
    officer, counted, browsers = cast.library_officer(), {}, 0
    for size in SIZES:
        while browsers < size:
            browsers += 1
            Browser(app).as_(officer)
        client.as_(officer)
        with count_queries() as ran:
            assert client.get("/sign-ins").status_code == 200
        counted[size] = len(ran)
    assert counted == dict.fromkeys(SIZES, 2)


def test_somebody_who_runs_much_costs_no_more(app: Flask, client: Browser, count_queries: Counting) -> None:
    document, officer, rows = cast.a_document(), cast.library_officer(), 0
    budget = {f"/people/{officer.id}": 10, "/": 13, "/guidelines/register/mine": 3}
    counted = nothing_counted(budget)
    for size in SIZES:
        while rows < size:
            rows += 1
            a_row(rows, document)
            deputy = cast.a_person(team=("Department", f"Deputies {rows}"))
            cast.an_account(owner=officer, deputy=deputy if rows % 2 else None)
        client.as_(officer)
        count(client, count_queries, counted, size)
    assert counted == as_often(budget)


@pytest.mark.parametrize(("path", "queries"), [("/accounts/{account}", 14), ("/accounts/{account}/registered", 17)])
def test_an_account_with_a_long_history_costs_no_more(
    app: Flask, client: Browser, count_queries: Counting, path: str, queries: int
) -> None:
    officer, counted, changes = cast.library_officer(), {}, 0
    account = cast.an_account(owner=officer, live=False, deputy=cast.a_person(team=("Somewhere", "Else")))
    for size in SIZES:
        while changes < size:
            changes += 1
            other = cast.a_person()
            actions.change(
                account=found(account_queries.account(account.id, sa.true())), values={"title": f"Title {changes}"},
                topics=[f"topic {number}" for number in range(changes)], actor=other,
            )  # fmt: skip
            actions.add_alias(account, f"https://facebook.com/alias{changes}")
        client.as_(officer)
        address = path.format(account=account.id)
        with count_queries() as ran:
            assert client.get(address).status_code == 200
        counted[size] = len(ran)
    assert counted == dict.fromkeys(SIZES, queries)


def test_many_who_post_left_or_were_asked_cost_no_more(app: Flask, client: Browser, count_queries: Counting) -> None:
    comms, number = cast.comms_officer(), 0
    account = cast.an_account(owner=cast.library_officer())
    budget = {
        f"/accounts/{account.id}": 13, f"/accounts/{account.id}/people": 6, f"/accounts/{account.id}/access": 7,
        f"/accounts/{account.id}/withdraw": 7, f"/accounts/{account.id}/hand-over": 7, "/accounts/answering": 4,
        "/": 20,
    }  # fmt: skip
    counted = nothing_counted(budget)
    for size in SIZES:
        while number < size:
            number += 1
            poster, taker, gone = (cast.a_person(team=("Posts", f"{kind} {number}")) for kind in "abc")
            answering.add_contributor(account=account, person=poster, actor=comms)
            withdrawing.ask(account, gone, Because.NO_LONGER, actor=comms)
            hand_overs.offer(account=account, taker=taker, note="", stays_on=False, actor=poster)
            hand_overs.decline(account=account, taker=taker, reason="Not now.")
            other = cast.an_account(owner=cast.a_person(), deputy=comms)
            withdrawing.ask(other, gone, Because.NO_LONGER, actor=comms)
            hand_overs.offer(account=other, taker=comms, note="", stays_on=False, actor=taker)
        client.as_(comms)
        count(client, count_queries, counted, size)
    assert counted == as_often(budget)


def test_an_import_of_much_costs_no_more(app: Flask, client: Browser, count_queries: Counting) -> None:
    rows = 0
    run = ImportRun(file_name="list.csv", size=1, uploaded_at=now(), state=ImportState.DONE, headings=["url"])
    db.session.add(run)
    db.session.flush()
    page = f"/accounts/imports/{run.id}"
    budget = {
        "/accounts/imports": 3, page: 4, f"{page}?fate=rejected": 4, f"{page}?fate=rejected&format=csv": 3,
        f"{page}?format=xlsx": 3,
    }  # fmt: skip
    counted = nothing_counted(budget)
    for size in SIZES:
        while rows < size:
            rows += 1
            other = cast.a_person()
            more = {"uploaded_by_id": other.id, "confirmed_by_id": other.id, "uploaded_at": now()}
            db.session.add(ImportRun(file_name="other.csv", size=1, state=ImportState.DONE, **more))
            fated = {"fate": RowFate.REFUSED, "account_id": cast.an_account().id, "cells": ["x"], "reason": "No."}
            db.session.add(ImportLine(import_id=run.id, row=rows, **fated))
        client.as_(cast.comms_officer())
        count(client, count_queries, counted, size)
    assert counted == as_often(budget)


def test_a_reading_that_found_much_costs_no_more(app: Flask, client: Browser, count_queries: Counting) -> None:
    admin, lines, began = cast.admin(), 0, now()
    run = SyncRun(began_at=began, ended_at=began, result=SyncResult.HELD, held=2)
    db.session.add(run)
    db.session.flush()
    page = f"/directory/{run.id}"
    budget = {"/directory": 4, page: 5, f"{page}?turn=moved": 5, f"{page}?format=csv": 4}
    counted = nothing_counted(budget)
    for size in SIZES:
        while lines < size:
            lines += 1
            db.session.add(SyncRun(began_at=began, ended_at=began, result=SyncResult.COMPLETE))
            person = cast.a_person(team=("Department", f"Team {lines}"))
            before = cast.a_person(team=("Department", f"Team before {lines}"))
            db.session.add(RunLine(run_id=run.id, person_id=person.id, turn=Turn.MOVED, from_team_id=before.team_id))
        client.as_(admin)
        count(client, count_queries, counted, size)
    assert counted == as_often(budget)


@pytest.mark.parametrize(
    ("path", "queries"),
    [
        ("", 9),
        ("/{draft}", 7),
        ("/{draft}/who", 13),
        ("/{draft}/who?format=csv", 8),
        ("/{draft}/words", 7),
        ("/{sent}", 4),
        ("/{sent}?which=no-mail", 4),
        ("/{sent}?format=csv", 4),
    ],
)
def test_inviting_many_asks_as_often_as_inviting_one(
    app: Flask, client: Browser, count_queries: Counting, path: str, queries: int
) -> None:
    organiser, rows, counted = cast.organiser(), 0, {}
    plan = meetups.Plan(
        kind=Kind.MEETUP, title="Lunch", begins_at=now() + timedelta(days=9), ends_at=now() + timedelta(days=9, hours=1)
    )
    meetup = meetups.plan(actor=organiser, what=plan)
    rounds = [inviting.begin(meetup=meetup, choice=Choice(), actor=organiser) for _ in range(2)]
    rounds[1].state, rounds[1].sent_at, rounds[1].sent_by_id = RoundState.SENT, now(), organiser.id
    where, numbers = f"/meetups/{meetup.id}/invite", {"draft": rounds[0].id, "sent": rounds[1].id}
    for size in SIZES:
        while rows < size:
            rows += 1
            person = cast.a_person(team=("Department", f"Team {rows}"))
            cast.an_account(owner=person)
            added = cast.a_person(team=("Department", f"Other {rows}"))
            for who, hand in ((added, Hand.ADDED), (cast.a_person(), Hand.OUT)):
                db.session.add(Listed(round_id=numbers["draft"], person_id=who.id, hand=hand))
            for who, fate in ((person, PersonFate.NO_MAIL), (added, PersonFate.CAP)):
                db.session.add(Listed(round_id=numbers["sent"], person_id=who.id, hand=Hand.CHOSEN, fate=fate))
            db.session.add(Comment(round_id=numbers["draft"], person_id=person.id, text="Hm."))
        client.as_(organiser)
        with count_queries() as ran:
            assert client.get(where + path.format(**numbers)).status_code == 200
        counted[size] = len(ran)
    assert counted == dict.fromkeys(SIZES, queries)
