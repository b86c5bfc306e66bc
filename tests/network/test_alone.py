"""Who runs an account alone, whom they could meet, and that nobody is introduced twice or against their will."""

import csv
import io
import random
from collections import Counter
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from markup import words

from registry.accounts import queries as account_queries
from registry.accounts.answering import actions as answering
from registry.accounts.answering import hand_overs
from registry.accounts.models import Account, Standing, State, Visibility
from registry.accounts.queries import Sight
from registry.db import db, now
from registry.network import actions, buddies, introducing, queries
from registry.network.alone import alone_ids, is_alone
from registry.network.models import Audience, Introduction, Profile
from registry.network.queries import PeerFilters
from registry.outbox import Message
from registry.people.guests import add
from registry.people.merging import merge_guest
from registry.people.models import GuestKind, Person, PersonState
from registry.people.queries import person as find_person
from registry.web import found

Counting = Callable[[], AbstractContextManager[list[str]]]


def alone(sight: Sight | None = None) -> list[str]:
    """Who is alone, by name; and each is so looked at one by one, too."""
    db.session.flush()
    sight = sight or Sight()
    found = db.session.scalars(sa.select(Person).where(Person.id.in_(alone_ids(sight))).order_by(Person.name)).all()
    every = db.session.scalars(sa.select(Person).where(Person.state.in_(["active", "missing"])).order_by(Person.name))
    assert [one.name for one in every if is_alone(one, sight)] == [one.name for one in found]
    return [one.name for one in found]


def whole(person: Person) -> Person:
    """``person`` with their team."""
    db.session.flush()
    found = find_person(person.id)
    assert found is not None
    return found


def join(person: Person, **said: list[str]) -> None:
    """``person`` joins the network."""
    more = {name: said.get(name, []) for name in ("topics", "offers", "asks")}
    actions.keep(profile=None, person=person, about="", **more)


def test_sole_owner_in_a_team_of_others_who_run_nothing_is_alone(app: Flask) -> None:
    cast.an_account(owner=cast.library_officer())
    cast.a_person(team=cast.LIBRARY_OFFICER.team)
    assert alone() == ["Nia Okafor"]


@pytest.mark.parametrize(
    "company",
    ["deputy", "contributor", "colleague", "team within", "deputises elsewhere", "posts elsewhere"],
)
def test_company_of_any_kind_is_company(app: Flask, company: str) -> None:
    nia, other = cast.library_officer(), cast.a_person(team=("Far", "Away"))
    account = cast.an_account(owner=nia, deputy=other if company == "deputy" else None)
    if company == "contributor":
        answering.add_contributor(account=account, person=other, actor=nia)
    elif company == "colleague":
        cast.an_account(owner=cast.a_person(team=cast.LIBRARY_OFFICER.team), deputy=other)
    elif company == "team within":
        cast.an_account(owner=cast.a_person(team=(*cast.LIBRARY_OFFICER.team, "Mobile")), deputy=other)
    elif company == "deputises elsewhere":
        cast.an_account(owner=other, deputy=nia)
    elif company == "posts elsewhere":
        answering.add_contributor(account=cast.an_account(owner=other), person=nia, actor=other)
    assert "Nia Okafor" not in alone()


def test_whoever_is_gone_is_no_company(app: Flask) -> None:
    nia, gone = cast.library_officer(), cast.a_person(team=cast.LIBRARY_OFFICER.team, name="Gone Since")
    cast.an_account(owner=nia, deputy=gone)
    cast.an_account(owner=gone)
    gone.state = PersonState.LEFT
    assert alone() == ["Nia Okafor"]


def test_team_above_is_another_matter_than_a_team_within(app: Flask) -> None:
    below = cast.a_person(team=("Communities", "Libraries", "Mobile"), name="Below")
    cast.an_account(owner=below)
    cast.an_account(owner=cast.a_person(team=("Communities",), name="Above"))
    # Whoever is above has somebody within; whoever is below has nobody.
    assert alone() == ["Below"]


def test_closed_account_makes_nobody_alone_and_is_no_company(app: Flask) -> None:
    nia, other = cast.library_officer(), cast.a_person(team=cast.LIBRARY_OFFICER.team)
    cast.an_account(owner=nia)
    closed = cast.an_account(owner=other)
    closed.state = State.CLOSED
    assert alone() == ["Nia Okafor"]
    db.session.execute(sa.update(Account).values(state=State.CLOSED))
    assert alone() == []


def test_account_that_the_asker_may_not_see_tells_nothing(app: Flask) -> None:
    account = cast.an_account(owner=cast.library_officer())
    account.visibility = Visibility.COMMS
    assert (alone(), alone(Sight(comms=True)), alone(Sight(own=(account.id,)))) == ([], ["Nia Okafor"], ["Nia Okafor"])


def test_page_is_for_organisers_comms_and_administrators_and_each_sees_themself(client: Browser) -> None:
    nia = cast.library_officer()
    cast.an_account(owner=nia)
    db.session.commit()
    nia_id = nia.id
    seen = {
        part.username: client.as_(cast.play(part)).get("/people/alone").status_code
        for part in (cast.ORGANISER, cast.COMMS_OFFICER, cast.ADMIN, cast.AUDITOR, cast.STRANGER, cast.LIBRARY_OFFICER)
    }
    assert list(seen.values()) == [200, 200, 200, 404, 404, 404]
    said = "You run your account alone"
    assert said in client.as_(cast.library_officer()).get(f"/people/{nia_id}").text
    for part, shown in ((cast.STRANGER, False), (cast.AUDITOR, False), (cast.ORGANISER, True)):
        page = client.as_(cast.play(part)).get(f"/people/{nia_id}")
        assert (said in page.text, "Runs it alone" in page.text) == (False, shown)
    # Nor does the list of people tell whom it may not: for others it is not narrowed by that.
    cast.an_account("https://x.com/dunmorepark", owner=cast.stranger(), deputy=cast.auditor())
    db.session.commit()
    shown = {
        part.username: client.as_(cast.play(part)).get("/people?only=alone").words("a", class_="reg-peer__name")
        for part in (cast.ORGANISER, cast.STRANGER)
    }
    assert list(shown.values()) == [["Nia Okafor"], ["Aoife Ní Bhriain", "Nia Okafor", "Oluwaseun Adé"]]


def test_list_of_who_is_alone_finds_them_out_once(client: Browser, count_queries: Counting) -> None:
    cast.an_account(owner=cast.library_officer())
    organiser = client.as_(cast.organiser())
    db.session.commit()
    with count_queries() as statements:
        assert organiser.get("/people?only=alone").words("a", class_="reg-peer__name") == ["Nia Okafor"]
    assert sum("up(team_id, people)" in one for one in statements) == 1


# --- Suggestions -------------------------------------------------------------------------------------------


def plan() -> dict[str, list[tuple[str, tuple[str, ...]]]]:
    """The suggestions for all who are alone, by name."""
    db.session.commit()
    people = queries.people(PeerFilters(only=queries.ALONE, peers=False), limit=None)
    made = buddies.suggestions([one.id for one in people], buddies.names())
    named = {one.id: one.name for one in db.session.scalars(sa.select(Person))}
    return {named[one]: [(named[two.person_id], two.reasons) for two in some] for one, some in made.items()}


def test_suggestions_say_why_and_the_best_comes_first(app: Flask) -> None:
    nia = cast.library_officer()
    nia.location = "Canal House"
    cast.an_account("https://www.facebook.com/dunmorereads", owner=nia)
    join(nia, topics=["reading"], asks=["video"])
    helper, same, near, far = (cast.a_person(name=name) for name in ("Helper", "Same", "Near", "Far"))
    join(helper, offers=["video"], topics=["reading"])
    cast.an_account("https://www.facebook.com/dunmoresame", owner=same, deputy=far)
    near.location = "Canal House"
    join(near)
    cast.an_account("https://x.com/dunmorefar", owner=far, deputy=same)
    assert plan() == {
        "Nia Okafor": [
            ("Helper", ("Helper can help with video", "both about reading")),
            ("Same", ("both on Facebook",)),
            ("Near", ("both in Canal House",)),
        ]
    }


def test_reasons_tell_nothing_that_a_colleague_may_not_know(app: Flask) -> None:
    nia, other = cast.library_officer(), cast.a_person(name="Other")
    cast.an_account("https://www.facebook.com/dunmorereads", owner=nia)
    join(nia, topics=["reading"], asks=["video"])
    actions.keep(
        profile=None, person=other, about="", topics=["reading"], offers=["video"], asks=[],
        audiences={"topics": Audience.ORGANISERS, "offers": Audience.PEERS},
    )  # fmt: skip
    hidden = cast.an_account("https://www.facebook.com/dunmoreother", owner=other, deputy=cast.auditor())
    hidden.visibility = Visibility.COMMS
    assert plan() == {"Nia Okafor": []}


def test_nobody_is_everybodys_buddy(app: Flask) -> None:
    for number in range(12):
        lonely = cast.a_person(name=f"Lonely {number:02}", team=("Lone", f"Team {number}"))
        cast.an_account("", owner=lonely)
        join(lonely, topics=["reading"])
    for number in range(6):
        join(cast.a_person(name=f"Reader {number}"), topics=["reading"], offers=["video"])
    made = plan()
    counted = Counter(name for some in made.values() for name, _ in some)
    assert len(made) == 12
    assert {len(some) for some in made.values()} == {buddies.EACH}
    assert max(counted.values()) <= buddies.MOST_FOR_ONE


def test_score_counts_what_the_reasons_name(app: Flask) -> None:
    numbers, pool = random.Random(7), buddies.Pool()
    for person_id in range(40):
        for kind, most in (("topic", 6), ("platform", 5), ("place", 2)):
            for _ in range(3):
                pool.add(person_id, (kind, str(numbers.randrange(most))))
        for held in (pool.asks, pool.offers):
            held[person_id] = set(numbers.sample(range(9), 4))
    pairs = [(one, other) for one in range(40) for other in range(40)]
    named = [sum(buddies.WORTH[kind] for kind, _ in pool.common(*pair)) for pair in pairs]
    assert [pool.score(*pair) for pair in pairs] == named


def test_whoever_was_introduced_of_late_comes_after_others_as_good(app: Flask) -> None:
    nia = cast.library_officer()
    cast.an_account("https://www.facebook.com/dunmorereads", owner=nia)
    for name in ("Asked A", "Fresh B"):
        join(cast.a_person(name.lower().replace(" ", "."), name=name), topics=["reading"])
    join(nia, topics=["reading"])
    asked = db.session.scalars(sa.select(Person).where(Person.name == "Asked A")).one()
    introducing.introduce(alone=whole(cast.ward_sister()), buddy=whole(asked), actor=cast.organiser())
    chosen = buddies.EACH
    buddies_of_nia = [name for name, _ in plan()["Nia Okafor"]][:chosen]
    assert buddies_of_nia == ["Asked A", "Fresh B"]  # Both fit, so both are named, by what speaks for them.
    for number in range(3):
        join(cast.a_person(name=f"Fresh C{number}"), topics=["reading"])
    assert "Asked A" not in [name for name, _ in plan()["Nia Okafor"]]


def test_many_are_suggested_to_quickly_enough_to_be_looked_at(app: Flask, count_queries: object) -> None:
    pool = buddies.Pool()
    for number in range(20_000):
        pool.add(number, ("platform", "facebook"))
        pool.add(number, ("topic", number % 500))
    # Of what many have, each looks at some only, and at others than the next one does.
    assert len(pool.near(3)) <= 2 * buddies.LOOKED_AT
    assert pool.near(3) != pool.near(4)


# --- Introductions -----------------------------------------------------------------------------------------


@pytest.fixture
def pair(app: Flask) -> tuple[int, int]:
    """The ids of Nia, who is alone, and of Bronwen, who has something in common with her; committed."""
    nia, bronwen = cast.library_officer(), cast.ward_sister()
    cast.an_account("https://www.facebook.com/dunmorereads", owner=nia)
    cast.an_account("https://www.facebook.com/dunmoreward", owner=bronwen)
    cast.an_account("https://x.com/dunmoreward8", owner=cast.a_person(team=cast.WARD_SISTER.team))
    cast.organiser()
    db.session.commit()
    return nia.id, bronwen.id


def introduce(browser: Browser, pair: tuple[int, int]) -> str:
    """Press the button; what is said then."""
    answer = browser.post("/people/alone/introduce", data={"alone": str(pair[0]), "buddy": str(pair[1])})
    assert answer.location.startswith("/people/alone")
    return browser.get("/people/alone").words("p", class_="reg-flash__text")[0]


def test_both_get_one_mail_that_names_the_other_and_why(client: Browser, pair: tuple[int, int]) -> None:
    page = client.as_(cast.organiser()).get("/people/alone")
    assert [words(one) for one in page.all("p", class_="reg-peer__line")] == ["Both on Facebook"]
    assert introduce(client, pair) == "Nia Okafor and Bronwen Rees are introduced: each gets a mail about the other."
    mails = db.session.scalars(sa.select(Message).where(Message.subject.like("Meet %")).order_by(Message.id)).all()
    assert [(one.to, one.subject) for one in mails] == [
        ("nia.okafor@dunmore.example", "Meet Bronwen Rees"), ("bronwen.rees@dunmore.example", "Meet Nia Okafor"),
    ]  # fmt: skip
    assert ["both on Facebook" in one.text for one in mails] == [True, True]
    assert "bronwen.rees@dunmore.example" in mails[0].text
    page = client.get("/people/alone")
    assert "Introduced to Bronwen Rees on" in page.text
    assert page.all("input", name="buddy") == []


def test_nobody_is_introduced_twice_whoever_is_named_first(client: Browser, pair: tuple[int, int]) -> None:
    organiser = client.as_(cast.organiser())
    introduce(organiser, pair)
    assert introduce(organiser, pair).endswith("were introduced before.")
    assert introducing.between(*pair[::-1])
    assert db.session.scalar(sa.select(sa.func.count(Introduction.id))) == 1


def test_who_would_rather_not_is_neither_suggested_nor_introduced(client: Browser, pair: tuple[int, int]) -> None:
    sister = client.as_(cast.ward_sister())
    assert sister.post("/people/me/introductions", data={"calls": "y"}).status_code == 302
    organiser = client.as_(cast.organiser())
    assert organiser.get("/people/alone").all("input", name="buddy") == []
    assert introduce(organiser, pair) == "Nobody was introduced. Bronwen Rees would rather not be introduced."
    client.as_(cast.ward_sister()).post("/people/me/introductions", data={"introductions": "y"})
    client.as_(cast.library_officer()).post("/people/me/introductions", data={})
    page = client.as_(cast.organiser()).get("/people/alone")
    assert "Would rather not be introduced." in page.text
    assert introduce(client, pair) == "Nobody was introduced. Nia Okafor would rather not be introduced."
    assert db.session.scalars(sa.select(Introduction)).all() == []


@pytest.mark.parametrize("data", [{}, {"alone": "1"}, {"alone": "x", "buddy": "2"}, {"alone": "999999", "buddy": "1"}])
def test_nonsense_introduces_nobody(client: Browser, pair: tuple[int, int], data: dict[str, str]) -> None:
    assert client.as_(cast.organiser()).post("/people/alone/introduce", data=data).status_code == 302
    assert db.session.scalars(sa.select(Introduction)).all() == []


def test_nobody_is_introduced_to_themself_or_to_who_is_gone(client: Browser, pair: tuple[int, int]) -> None:
    organiser = client.as_(cast.organiser())
    assert introduce(organiser, (pair[0], pair[0])) == "Nobody was introduced. Both have to work here."
    gone = cast.leaver().id
    db.session.commit()
    assert introduce(organiser, (pair[0], gone)) == "Nobody was introduced. Both have to work here."


def test_page_that_is_a_while_old_introduces_nobody(client: Browser, pair: tuple[int, int]) -> None:
    organiser = client.as_(cast.organiser())
    nobody = cast.stranger().id
    db.session.commit()
    said = introduce(organiser, (pair[0], nobody))
    assert said.endswith("Nia Okafor and Oluwaseun Adé have nothing in common that everybody may see.")
    assert introduce(organiser, pair[::-1]) == "Nobody was introduced. Bronwen Rees does not run an account alone."
    db.session.execute(sa.update(Account).where(Account.owner_id == pair[0]).values(deputy_id=nobody))
    db.session.commit()
    assert introduce(organiser, pair) == "Nobody was introduced. Nia Okafor does not run an account alone."
    assert db.session.scalars(sa.select(Introduction)).all() == []


def test_organiser_hears_who_gets_no_mail(client: Browser, pair: tuple[int, int]) -> None:
    cast.library_officer().mail = None
    db.session.commit()
    assert introduce(client.as_(cast.organiser()), pair) == (
        "Nia Okafor and Bronwen Rees are introduced: Nia Okafor has no mail address and reads of it on the home page."
    )


def test_each_settles_it_for_themself(client: Browser, pair: tuple[int, int]) -> None:
    introduce(client.as_(cast.organiser()), pair)
    number = db.session.scalars(sa.select(Introduction.id)).one()
    db.session.commit()

    def waits(part: cast.Part) -> bool:
        return any("You were introduced" in one for one in client.as_(cast.play(part)).get("/").words(
            "p", class_="reg-task__text"))  # fmt: skip

    assert (waits(cast.LIBRARY_OFFICER), waits(cast.WARD_SISTER)) == (True, True)
    assert client.as_(cast.stranger()).post(f"/people/me/introductions/{number}/settled").status_code == 404
    client.as_(cast.library_officer()).post(f"/people/me/introductions/{number}/settled")
    assert (waits(cast.LIBRARY_OFFICER), waits(cast.WARD_SISTER)) == (False, True)


def test_file_holds_who_is_shown_with_the_suggestions(client: Browser, pair: tuple[int, int]) -> None:
    text = client.as_(cast.organiser()).get("/people/alone?format=csv").get_data().decode("utf-8-sig")
    assert list(csv.reader(io.StringIO(text))) == [
        ["name", "title", "team", "platforms", "suggested", "why"],
        ["Nia Okafor", "Library officer", "Communities / Libraries", "facebook", "Bronwen Rees", "both on Facebook"],
    ]


def test_two_who_were_introduced_and_are_one_are_introduced_no_more(app: Flask, pair: tuple[int, int]) -> None:
    nia = db.session.get_one(Person, pair[0])
    guest = add(
        name="Nia O", mail="", title="", team=None, kind=GuestKind.VOLUNTEER, ends_on=(now() + timedelta(9)).date(),
        sponsor=nia, actor=cast.comms_officer(),
    )  # fmt: skip
    bronwen = db.session.get_one(Person, pair[1])
    for one, other in ((guest, nia), (guest, bronwen), (nia, bronwen)):
        introducing.introduce(alone=whole(one), buddy=whole(other), actor=cast.organiser())
    db.session.commit()
    merge_guest(gone=guest, kept=nia, actor=cast.comms_officer())
    db.session.commit()
    rows = db.session.execute(sa.select(Introduction.alone_id, Introduction.buddy_id)).all()
    assert [tuple(row) for row in rows] == [pair]


# --- Newcomers ---------------------------------------------------------------------------------------------


def test_newcomers_joined_or_began_to_run_their_first_account_of_late(client: Browser) -> None:
    long_ago = now() - timedelta(days=400)
    old, new, second, joiner, deputy = (
        cast.a_person(name=name) for name in ("Old Hand", "New Owner", "Second One", "Joiner", "New Deputy")
    )
    cast.an_account(owner=old, deputy=deputy).proposed_at = long_ago
    cast.an_account(owner=second).proposed_at = long_ago
    cast.an_account(owner=second)
    cast.an_account(owner=new)
    join(joiner)
    join(old)
    db.session.execute(sa.update(Profile).where(Profile.person_id == old.id).values(opted_in_at=long_ago))
    db.session.commit()
    page = client.as_(cast.organiser()).get("/people?only=new")
    assert [words(link) for link in page.all("a", class_="reg-peer__name")] == ["Joiner", "New Owner"]
    assert "New in the last 31 days" in page.text


def test_whoever_took_an_account_over_of_late_is_new(client: Browser) -> None:
    giver, taker = cast.a_person(name="Giver"), cast.a_person(name="Taker")
    account = cast.an_account(owner=giver, standing=Standing.OFFICIAL)
    account.proposed_at = now() - timedelta(days=400)
    hand_overs.offer(account=account, taker=taker, note="", stays_on=False, actor=giver)
    db.session.flush()
    account = found(account_queries.account(account.id, sa.true()))
    hand_overs.accept(account=account, taker=whole(taker))
    db.session.commit()
    page = client.as_(cast.organiser()).get("/people?only=new")
    assert [words(link) for link in page.all("a", class_="reg-peer__name")] == ["Taker"]
