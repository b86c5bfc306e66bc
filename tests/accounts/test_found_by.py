"""Accounts are found by the words of their people, whoever changes either; very common words order by name."""

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from test_catalogue import ask, everything, handles, total

from registry import search
from registry.accounts import actions, found_by
from registry.accounts.models import Account
from registry.accounts.naming import actions as naming
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.queries import Filters
from registry.api import queries as api
from registry.api.models import Scope
from registry.db import db, is_sqlite, now
from registry.people.models import Person
from registry.public import queries as public


def found(query: str) -> list[str]:
    """The titles of the accounts that have the words, by the index and by reading each: both must say the same."""
    db.session.flush()
    by_index = sa.select(Account.title).where(*Filters(q=query).conditions()).order_by(Account.title)
    by_row = sa.select(Account.title).where(*Filters(q=query).conditions(reads=True)).order_by(Account.title)
    titles = list(db.session.scalars(by_index))
    assert titles == list(db.session.scalars(by_row))
    return titles


@pytest.fixture
def two(app: Flask) -> list[Account]:
    """The library's account, and that of the ward with a deputy."""
    return [
        cast.an_account(title="Dunmore Library"),
        cast.an_account(title="Ward", purpose="Visiting", owner=cast.ward_sister(), deputy=cast.stranger()),
    ]


def test_owner_and_deputy_lead_to_an_account_by_name_and_job(two: list[Account]) -> None:
    assert found("okafor") == ["Dunmore Library"]
    assert found("sister") == found("rees ward") == found("oluwaseun ade") == found("bronwen oluwaseun") == ["Ward"]
    assert found("okafor bronwen") == []


def test_a_hand_over_and_a_new_name_are_found_at_once(two: list[Account]) -> None:
    library, ward = two
    library.owner_id = cast.ward_sister().id
    assert (found("bronwen"), found("okafor")) == (["Dunmore Library", "Ward"], [])
    cast.ward_sister().search_text = search.fold("Bronwen Parry")
    assert (found("parry"), found("rees")) == (["Dunmore Library", "Ward"], [])
    # In one statement, with the account's own words too, as an import does it.
    everyone = sa.update(Account).values(owner_id=None, deputy_id=cast.library_officer().id, search_text="both")
    db.session.execute(everyone)
    assert (found("okafor"), found("parry"), found("both")) == (["Dunmore Library", "Ward"], [], found("both"))
    db.session.execute(sa.delete(Account).where(Account.id == ward.id))
    assert found("okafor") == ["Dunmore Library"]
    if is_sqlite():  # Every word that the index holds is one that a row has.
        db.session.execute(sa.text("INSERT INTO account_search (account_search, rank) VALUES ('integrity-check', 1)"))


def test_an_account_that_comes_in_a_bulk_is_found_by_its_people(app: Flask) -> None:
    owner = cast.library_officer()
    rows = [
        {"platform": "x", "kind": "profile", "key": f"k{number}", "url": f"https://x.com/k{number}", "handle": "@k",
         "title": f"Title {number}", "standing": "official", "state": "live", "owner_id": owner.id,
         "proposed_at": now(), "search_text": f"title {number}"}
        for number in range(3)
    ]  # fmt: skip
    db.session.execute(sa.insert(Account.__table__).returning(Account.id), rows)
    assert found("okafor title") == ["Title 0", "Title 1", "Title 2"]
    assert found("okafor 2") == ["Title 2"]


def test_the_statements_make_what_they_take_away(app: Flask) -> None:
    dialect = "sqlite" if is_sqlite() else "postgresql"
    for statement in (*found_by.leave(dialect), *found_by.keep(dialect)):
        db.session.execute(sa.text(statement))
    cast.an_account(title="Dunmore Library")
    assert found("okafor") == ["Dunmore Library"]


def test_words_that_very_many_have_are_ordered_by_name_and_not_counted(
    client: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "MANY", 60)
    people = [cast.a_person(f"officer{number}", title="Keeper") for number in range(3)]
    for number in range(70):
        cast.an_account(f"https://x.com/a{number}", title=f"Page {(number * 37) % 70:02}", owner=people[number % 3])
    signed_in = client.as_(cast.stranger())
    for most in (5_000, 65):  # Looked up, and read from each row.
        monkeypatch.setattr(search, "MOST", most)
        actions.audit.record("account.approved", actor=None, subject_kind="account", subject_id=1, subject_name="x")
        page = ask(signed_in, q="page keeper", sort="-owner")
        assert page.words("h2", class_="reg-bar__count") == ["More than 60 accounts"]
        titles = [account.title for account in db.session.scalars(sa.select(Account).order_by(Account.title))]
        by_handle = {account.handle: account.title for account in db.session.scalars(sa.select(Account))}
        assert [by_handle[handle] for handle in handles(page)] == titles[:50]
        assert [by_handle[handle] for handle in handles(ask(signed_in, q="page keeper", page="2"))] == titles[50:60]
        assert page.words("span", class_="reg-facet__count") == []
        assert page.all("a", class_="reg-table__sort") == []
        narrowed = ask(signed_in, q="page keeper", team=people[0].team_id or "", sole="yes", owner=people[1].id)
        assert total(narrowed) == 23
        file = ask(signed_in, q="page keeper", format="csv").get_data().decode("utf-8-sig")
        assert len(file.splitlines()) == 71  # All of them, whatever the page can count.
    assert db.session.scalar(sa.select(sa.func.count(Person.id)).where(Person.title == "Keeper")) == 3


def test_few_hits_are_counted_and_ordered_as_asked(client: Browser) -> None:
    for number in range(3):
        cast.an_account(f"https://x.com/a{number}", title=f"Page {number}")
    signed_in = client.as_(cast.stranger())
    assert everything(signed_in, q="page", sort="-title") == ["@a2", "@a1", "@a0"]
    assert total(ask(signed_in, q="page 1")) == 1


#: Who may search, and what each is told of an account besides what everybody is.
ALL = {"people outside", "a program", "one that reads people", "one that reads accounts", "colleagues"}
OF_THE_TEAM = {"one that reads accounts", "colleagues"}
OF_COLLEAGUES = {"colleagues"}


def finders(query: str) -> set[str]:
    """Those of ``ALL`` who find an account by ``query``."""
    asked = {
        "people outside": public.PublicFilters(q=query).conditions(), "a program": api.saying(query, ()),
        "one that reads people": api.saying(query, (Scope.PEOPLE,)),
        "one that reads accounts": api.saying(query, tuple(Scope)), "colleagues": Filters(q=query).conditions(),
    }  # fmt: skip
    return {who for who, where in asked.items() if db.session.scalar(sa.select(Account.id).where(*where))}


def test_nobody_finds_an_account_by_what_they_are_not_shown(app: Flask) -> None:
    cast.library_officer().search_text = search.fold("Nia Okafor", "nokafor7", "Communities", "Libraries")
    account = cast.an_account("https://x.com/DunmoreOld", title="Łyfrgell", purpose="Stories")
    named = resolve("https://x.com/reads")
    assert isinstance(named, Resolved)
    naming.rename(account=account, resolved=named, typed=named.url, actor=cast.comms_officer())
    db.session.refresh(account, ["topics"])
    account.topics, account.place = actions.topics_named(["Rhyme time"]), "Harbour side"
    actions.index(account)
    db.session.flush()
    expected = {
        **dict.fromkeys(("lyfrg", "reads", "x", "stories", "rhyme t", "harbour", "|", "||"), ALL),
        **dict.fromkeys(("communities", "rhyme libraries", "| libraries"), OF_THE_TEAM),
        **dict.fromkeys(("dunmoreold", "reads dunmore", "okafor", "nokafor7"), OF_COLLEAGUES),
    }
    assert {query: finders(query) for query in expected} == expected
