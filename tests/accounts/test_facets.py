"""Narrowing the catalogue: teams with those within them, topics, places, sign-offs, and what to look out for."""

from dataclasses import replace
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask
from markup import words
from test_catalogue import ask, everything, total

from registry.accounts import actions, catalogue_counts, catalogue_rows, queries
from registry.accounts.models import Account, Standing, State, Topic, Visibility
from registry.accounts.queries import Filters, Sight
from registry.db import db, today
from registry.people.models import Person


def facet(page: Answer, title: str) -> dict[str, int]:
    """The choices of a facet with their numbers; empty where there is no such facet."""
    for section in page.all("section", class_="reg-facet"):
        if words(next(section.iter("h3"))) == title:
            labels = [words(one) for one in section.iter("span") if one.get("class") == "reg-facet__label"]
            numbers = [words(one) for one in section.iter("span") if one.get("class") == "reg-facet__count"]
            return {
                label.removesuffix(" (chosen, select to remove)"): int(number.split()[0])
                for label, number in zip(labels, numbers, strict=True)
            }
    return {}


def link(page: Answer, label: str) -> str:
    """Where a choice leads."""
    (one,) = [one for one in page.all("a", class_="reg-facet__link") if words(one).startswith(label)]
    return str(one.get("href"))


@pytest.fixture
def council(app: Flask) -> dict[str, Account]:
    """Accounts of a mobile library, of libraries, of the youth service beside them and of a hospital."""
    places = {
        "Van": ("Communities", "Libraries", "Mobile library"), "Main": ("Communities", "Libraries"),
        "Youth": ("Communities", "Youth"), "Ward": ("Health", "Hospital"),
    }  # fmt: skip
    made = {}
    for title, team in places.items():
        account = cast.an_account(f"https://x.com/{title}", title=title, owner=cast.a_person(team=team))
        made[title] = queries.account(account.id, sa.true()) or account
    actions.change(account=made["Van"], values={"place": "Dunmore"}, topics=["Books", "Roads"], actor=cast.stranger())
    actions.change(account=made["Main"], values={"place": "Aber"}, topics=["Books"], actor=cast.stranger())
    db.session.commit()
    return made


@pytest.fixture(autouse=True)
def place_in_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests change a place too, which only comms do for many at once so far."""
    monkeypatch.setitem(actions.LABELS, "place", "the place")


def test_a_team_counts_and_shows_those_within_it(client: Browser, council: dict[str, Account]) -> None:
    signed_in = client.as_(cast.stranger())
    page = ask(signed_in)
    assert facet(page, "Team") == {"Communities": 3, "Health": 1}
    communities = signed_in.get(link(page, "Communities"))
    assert total(communities) == 3
    assert facet(communities, "Team") == {"Communities": 3, "Libraries": 2, "Youth": 1}
    libraries = council["Main"].team_id
    assert sorted(everything(signed_in, team=libraries)) == sorted([council["Van"].handle, council["Main"].handle])
    assert facet(ask(signed_in, team=libraries), "Team") == {"Libraries": 2, "Mobile library": 1}
    assert facet(ask(signed_in, team=libraries), "Platform") == {"X": 2}


def test_where_all_is_within_one_team_those_within_it_are_offered(client: Browser) -> None:
    for name in ("Libraries", "Youth"):
        cast.an_account(owner=cast.a_person(team=("Council", name)))
    assert facet(ask(client.as_(cast.library_officer())), "Team") == {"Council": 2, "Libraries": 1, "Youth": 1}


def test_topics_and_places_narrow_and_add_up(client: Browser, council: dict[str, Account]) -> None:
    signed_in = client.as_(cast.stranger())
    page = ask(signed_in)
    assert (facet(page, "Topic"), facet(page, "Place")) == ({"Books": 2, "Roads": 1}, {"Aber": 1, "Dunmore": 1})
    roads = signed_in.get(link(page, "Roads"))
    assert (total(roads), facet(roads, "Topic"), facet(roads, "Place")) == (1, {"Books": 2, "Roads": 1}, {"Dunmore": 1})
    assert total(signed_in.get(link(roads, "Books"))) == 2
    assert total(ask(signed_in, place=["Aber", "Dunmore"])) == 2
    assert total(ask(signed_in, place="Nowhere")) == 0
    books = db.session.scalars(sa.select(Topic.id).where(Topic.key == "books")).one()
    chips = ask(signed_in, place="Aber", topic=books).words("a", class_="reg-chip")
    assert chips == ["Remove: Books", "Remove: Aber"]


def test_topics_of_what_somebody_may_not_see_are_not_named(client: Browser, council: dict[str, Account]) -> None:
    hidden = cast.an_account("https://x.com/dmspeakup", title="Speak up", owner=cast.ward_sister())
    actions.change(
        account=queries.account(hidden.id, sa.true()) or hidden,
        values={},
        topics=["Whistleblowing"],
        actor=cast.comms_officer(),
    )
    hidden.visibility = Visibility.COMMS
    db.session.flush()
    topic = db.session.scalars(sa.select(Topic.id).where(Topic.name == "Whistleblowing")).one()

    def named(browser: Browser) -> list[bool]:
        pages = (f"/accounts?topic={topic}", f"/accounts/views/new?topic={topic}")
        return ["Whistleblowing" in browser.get(page).text for page in pages]

    assert named(client.as_(cast.stranger())) == [False, False]
    assert named(client.as_(cast.ward_sister())) == [True, True]  # She runs it.
    assert named(client.as_(cast.comms_officer())) == [True, True]


def test_signed_off_or_not_is_what_the_people_have_signed(client: Browser, council: dict[str, Account]) -> None:
    signed_in = client.as_(cast.stranger())
    assert facet(ask(signed_in), "Guidelines") == {}  # There are none to sign.
    document = cast.a_document()
    main = council["Main"]
    cast.sign(document, db.session.get_one(Person, main.owner_id))
    page = ask(signed_in)
    assert facet(page, "Guidelines") == {"Everybody has signed": 1, "Somebody has still to sign": 3}
    assert everything(signed_in, signed="yes") == [main.handle]
    assert total(ask(signed_in, signed="no")) == 3
    main = queries.account(main.id, sa.true()) or main
    actions.change(account=main, values={"deputy_id": cast.ward_sister().id}, topics=None, actor=cast.comms_officer())
    assert total(ask(signed_in, signed="yes")) == 0  # The deputy has still to sign.
    main = queries.account(main.id, sa.true()) or main
    actions.change(account=main, values={"owner_id": None, "deputy_id": None}, topics=None, actor=cast.comms_officer())
    assert (total(ask(signed_in, signed="yes")), total(ask(signed_in, signed="no"))) == (0, 3)


def test_what_to_look_out_for_is_counted(client: Browser, council: dict[str, Account]) -> None:
    council["Van"].review_on = today() - timedelta(days=1)
    actions.change(
        account=queries.account(council["Ward"].id, sa.true()) or council["Ward"],
        values={"deputy_id": cast.ward_sister().id},
        topics=None,
        actor=cast.comms_officer(),
    )
    signed_in = client.as_(cast.stranger())
    page = ask(signed_in)
    assert facet(page, "Look out for") == {"Nobody to take over": 3, "Overdue for review": 1}
    late = signed_in.get(link(page, "Overdue for review"))
    assert (total(late), facet(late, "Look out for")) == (1, {"Nobody to take over": 1, "Overdue for review": 1})


def test_counts_say_what_asking_would(app: Flask, council: dict[str, Account]) -> None:
    cast.a_document()
    for filters in (Filters(), Filters(q="books"), Filters(sole=True), Filters(signed="no"), Filters(late=True)):
        counted = catalogue_counts.counts(filters)
        passing = sa.select(sa.func.count(Account.id)).where(*filters.conditions())
        assert counted.total == db.session.scalar(passing)


@pytest.mark.parametrize(
    "chosen",
    [{}, {"platform": ("x",)}, {"standing": ("partner",)}, {"state": ("live",), "platform": ("x", "facebook")},
     {"state": ("closed",)}],
)  # fmt: skip
def test_few_accounts_that_words_find_are_counted_and_ordered_as_many_are(
    app: Flask, council: dict[str, Account], chosen: dict[str, tuple[str, ...]]
) -> None:
    van, main, youth, ward = council.values()
    cast.sign(cast.a_document(), db.session.get_one(Person, main.owner_id))
    van.review_on, van.state = today() - timedelta(days=1), State.LIVE
    main.standing, main.state, main.deputy_id = Standing.PARTNER, State.DORMANT, youth.owner_id
    youth.visibility, ward.state, ward.review_on = Visibility.COMMS, State.CLOSED, today() - timedelta(days=1)
    db.session.commit()
    for sight in (Sight(comms=True), Sight(), Sight(own=(youth.id,))):
        filters = Filters(sight, "x", **chosen)  # type: ignore[arg-type]
        few, every = catalogue_counts.counts(filters), catalogue_counts._of_all(filters)
        assert replace(few, ids=None) == every
        assert [list(getattr(few, name).items()) for name in ("place", "topic")] == [
            list(getattr(every, name).items()) for name in ("place", "topic")
        ]
        assert list(few.ids or ()) == list(catalogue_rows.ids(filters, most=9))
    assert catalogue_counts.counts(Filters(Sight(comms=True), "x")).total == 4
