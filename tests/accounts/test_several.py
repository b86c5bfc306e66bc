"""Changing many accounts at once: looked at first, one event each, and taken back where it was a mistake."""

import re
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask
from markup import words

from registry.accounts import actions as accounts
from registry.accounts.bulk import actions, plans, queries
from registry.accounts.bulk.models import BulkChange
from registry.accounts.models import Account, Standing, State
from registry.audit import Event
from registry.db import db, today
from registry.outbox import Message
from registry.people.models import Person
from registry.web import day

EMPTY = {"asks": "", "owner": "", "deputy": "", "team": "", "standing": "", "topics": "", "how": "add", "principle": "",
         "place": "", "review_on": ""}  # fmt: skip


@pytest.fixture
def three(app: Flask) -> list[Account]:
    """Three library accounts of the library officer's; two colleagues could take them over."""
    cast.ward_sister(), cast.stranger()
    named = ("Aber Library", "Brook Library", "Castle Library")
    return [cast.an_account(f"https://x.com/{title.partition(' ')[0].lower()}", title=title) for title in named]


def seen(*some: Account) -> str:
    """The accounts with their stamps, as a page carries them."""
    return " ".join(f"{number}.{stamp}" for number, stamp in queries.stamps([one.id for one in some]).items())


def carried(page: Answer) -> str:
    """The accounts with their stamps that a page carries on."""
    (value,) = [one.get("value") or "" for one in page.all("input", name="seen")]
    return value


def change(client: Browser, some: list[Account], **values: Any) -> Answer:
    """Comms look at a change and do it."""
    tomasz = client.as_(cast.comms_officer())
    looked = tomasz.post("/accounts/several", data=EMPTY | {"seen": seen(*some)} | values)
    answer: Answer = tomasz.post("/accounts/several/change", data=EMPTY | {"seen": carried(looked)} | values)
    db.session.expire_all()
    return answer


def told(account: Account) -> list[tuple[str, dict[str, Any]]]:
    """What was written into the history of an account after its approval."""
    rows = db.session.scalars(
        sa.select(Event).where(Event.subject_kind == "account", Event.subject_id == account.id).order_by(Event.id)
    )
    return [(row.name, row.fields) for row in rows if row.name not in ("account.proposed", "account.approved")]


def test_the_chosen_and_all_that_is_shown_come_to_the_form(client: Browser, three: list[Account]) -> None:
    cast.an_account(title="Ward 7", purpose="Visiting", owner=cast.ward_sister())
    tomasz = client.as_(cast.comms_officer())
    chosen = tomasz.get(f"/accounts/several?account={three[0].id}&account={three[2].id}&account=999999")
    assert chosen.heading == "Change 2 accounts"
    shown = tomasz.get("/accounts/several?all=yes&asks=q%3Dlibrary")
    assert (shown.heading, carried(shown)) == ("Change 3 accounts", seen(*three))
    nothing = tomasz.get("/accounts/several?asks=q%3Dlibrary")
    assert nothing.location == "/accounts?q=library"


def test_more_than_anybody_looks_through_are_refused(
    client: Browser, three: list[Account], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queries, "MOST", 2)
    tomasz = client.as_(cast.comms_officer())
    assert tomasz.get("/accounts/several?all=yes&asks=q%3Dlibrary").location == "/accounts?q=library"
    assert tomasz.get("/accounts").words("p", class_="reg-flash__text") == [
        "More than 2 accounts are too many to look through. Narrow the list first."
    ]


def test_looking_changes_nothing_and_tells_all(client: Browser, three: list[Account]) -> None:
    values = {"deputy": "bronwen.rees", "place": "Dunmore", "topics": "reading"}
    page = client.as_(cast.comms_officer()).post("/accounts/several", data=EMPTY | {"seen": seen(*three)} | values)
    assert page.heading == "3 accounts would change"
    rows = [[words(cell) for cell in row if cell.tag in ("th", "td")] for row in page.all("tr")][1:4]
    assert rows == [
        ["Aber Library @aber", "Deputy", "nobody", "Bronwen Rees"],
        ["Aber Library @aber", "Place", "none", "Dunmore"],
        ["Aber Library @aber", "Topics", "none", "reading"],
    ]
    assert db.session.scalars(sa.select(BulkChange)).all() == []
    assert [told(one) for one in three] == [[], [], []]


def test_each_account_gets_one_event_and_each_person_one_letter(client: Browser, three: list[Account]) -> None:
    db.session.execute(sa.delete(Message))
    before = day(three[0].review_on)
    answer = change(
        client, three, owner="bronwen.rees", deputy="oluwaseun.ade", standing="official", topics="Health, reading",
        place="Dunmore", review_on=today().isoformat(),
    )  # fmt: skip
    done = db.session.scalars(sa.select(BulkChange)).one()
    assert answer.location == f"/accounts/several/{done.id}"
    bronwen, seun = cast.ward_sister(), cast.stranger()
    for account in three:
        assert (account.owner_id, account.deputy_id, account.team_id) == (bronwen.id, seun.id, bronwen.team_id)
        assert (account.standing, account.place, account.review_on) == (Standing.OFFICIAL, "Dunmore", today())
        assert told(account) == [(
            "account.changed-together",
            {
                "what": "the owner, the team, the deputy, the standing, the place, the day of the review and"
                " the topics",
                "change": done.id, "owner_before": "Nia Okafor", "owner_after": "Bronwen Rees",
                "team_before": "Libraries", "team_after": "Community hospital", "deputy_before": "nobody",
                "deputy_after": "Oluwaseun Adé", "standing_before": "Semi-official", "standing_after": "Official",
                "place_before": "none", "place_after": "Dunmore", "review_on_before": before,
                "review_on_after": day(today()),
                "topics_before": "none",
                "topics_after": "Health, reading",
            },
        )]  # fmt: skip
    letters = {row.to.partition("@")[0]: row.text for row in db.session.scalars(sa.select(Message))}
    assert letters.keys() == {"bronwen.rees", "oluwaseun.ade", "nia.okafor"}
    assert [len(re.findall(r"^\* .* Library: ", text, re.MULTILINE)) for text in letters.values()] == [3, 3, 3]
    found = client.as_(cast.stranger()).get("/accounts?q=health+bronwen")
    assert len(found.all("th", scope="row")) == 3


@pytest.mark.parametrize(
    ("how", "left"), [("add", ["Art", "Books", "Music"]), ("remove", ["Books"]), ("only", ["Art", "Music"])]
)
def test_topics_are_added_taken_away_or_set(
    client: Browser, three: list[Account], how: str, left: list[str]
) -> None:  # fmt: skip
    some = queries.accounts([three[0].id])[0]
    accounts.change(account=some, values={}, topics=["Art", "Books"], actor=cast.comms_officer())
    change(client, [some], topics="art; Music", how=how)
    assert [topic.name for topic in queries.accounts([some.id])[0].topics] == left


def test_topics_of_letters_that_grow_or_vanish_are_known_by_one_key(client: Browser, three: list[Account]) -> None:
    long, lone = "ß" * 58, "\u0301"
    change(client, three[:1], topics=f"{long}, {lone}, Art")
    assert [topic.name for topic in queries.accounts([three[0].id])[0].topics] == ["Art", long]
    change(client, three[:1], topics=long, how="remove")
    assert [topic.name for topic in queries.accounts([three[0].id])[0].topics] == ["Art"]
    alone = client.as_(cast.comms_officer()).post(
        "/accounts/several", data=EMPTY | {"seen": seen(*three), "topics": lone, "how": "only"}
    )
    assert alone.errors == {"owner": "Say what should change: fill in one of the fields."}


def test_a_row_that_somebody_changed_meanwhile_stops_it_all(client: Browser, three: list[Account]) -> None:
    tomasz = client.as_(cast.comms_officer())
    looked = tomasz.post("/accounts/several", data=EMPTY | {"seen": seen(*three), "place": "Dunmore"})
    account = queries.accounts([three[1].id])[0]
    accounts.change(account=account, values={"purpose": "Stories"}, topics=None, actor=cast.library_officer())
    answer = tomasz.post("/accounts/several/change", data=EMPTY | {"seen": carried(looked), "place": "Dunmore"})
    assert answer.status_code == 409
    marked = [words(row) for row in answer.all("tr") if "Changed meanwhile" in words(row)]
    assert marked == ["Brook Library @brook Changed meanwhile Place none Dunmore"]
    db.session.expire_all()
    assert [one.place for one in three] == ["", "", ""]
    again = tomasz.post("/accounts/several/change", data=EMPTY | {"seen": carried(answer), "place": "Dunmore"})
    db.session.expire_all()
    assert (again.status_code, [one.place for one in three]) == (302, ["Dunmore"] * 3)


def test_button_pressed_twice_changes_once_and_leads_to_what_it_did(client: Browser, three: list[Account]) -> None:
    tomasz = client.as_(cast.comms_officer())
    form = EMPTY | {"seen": seen(*three), "place": "Dunmore"}
    answers = [tomasz.post("/accounts/several/change", data=form) for _ in range(2)]
    done = db.session.scalars(sa.select(BulkChange)).one()
    assert [answer.location for answer in answers] == [f"/accounts/several/{done.id}"] * 2
    other = tomasz.post("/accounts/several/change", data=form | {"place": "Aber"})
    assert (other.status_code, other.heading) == (409, "3 accounts would change")


def test_what_may_not_be_is_left_out_with_its_reason(client: Browser, three: list[Account]) -> None:
    closed, own = three[0], cast.an_account("https://x.com/nia", standing=Standing.PERSONAL, title="Nia herself")
    closed.state = State.CLOSED
    page = client.as_(cast.comms_officer()).post(
        "/accounts/several",
        data=EMPTY | {"seen": seen(closed, own, three[1]), "owner": "bronwen.rees", "review_on": today().isoformat()},
    )
    left_out = [words(one) for one in page.all("li") if words(one).startswith(("Aber", "Nia herself"))]
    assert left_out == [
        "Aber Library, @aber. It is closed, so there is nothing to review yet.",
        "Nia herself, @nia. It is in somebody’s own name, or would be: only they can say so, on its own page.",
    ]
    assert page.heading == "1 account would change"
    deputy = queries.accounts([three[2].id])[0]
    wish = plans.Wish(deputy=db.session.get(Person, deputy.owner_id))
    assert plans.plan(deputy, wish, cast.comms_officer()).refusal == (
        "Its owner and its deputy would be the same person."
    )


def test_what_is_like_that_already_stays_untouched(client: Browser, three: list[Account]) -> None:
    change(client, three[:1], place="Dunmore")
    page = client.as_(cast.comms_officer()).post(
        "/accounts/several", data=EMPTY | {"seen": seen(*three), "place": "Dunmore"}
    )
    assert (page.heading, len(carried(page).split())) == ("2 accounts would change", 2)


def test_where_nothing_can_change_nothing_is_kept(client: Browser, three: list[Account]) -> None:
    three[0].state = State.CLOSED
    values = {"review_on": today().isoformat()}
    tomasz = client.as_(cast.comms_officer())
    looked = tomasz.post("/accounts/several", data=EMPTY | {"seen": seen(three[0])} | values)
    assert (looked.heading, carried(looked)) == ("Nothing would change", "")
    answer = tomasz.post("/accounts/several/change", data=EMPTY | {"seen": seen(three[0])} | values)
    assert answer.location == "/accounts"
    assert db.session.scalars(sa.select(BulkChange)).all() == []


def test_nothing_filled_in_is_said_beside_the_form(client: Browser, three: list[Account]) -> None:
    page = client.as_(cast.comms_officer()).post("/accounts/several", data=EMPTY | {"seen": seen(*three)})
    assert (page.status_code, page.errors) == (422, {"owner": "Say what should change: fill in one of the fields."})


def test_taking_it_back_gives_what_was_and_leaves_what_changed_since(client: Browser, three: list[Account]) -> None:
    nia_id, team_id = three[0].owner_id, three[0].team_id
    change(client, three, owner="bronwen.rees", topics="health", place="Dunmore")
    done = db.session.scalars(sa.select(BulkChange)).one()
    account = queries.accounts([three[2].id])[0]
    accounts.change(account=account, values={"purpose": "Stories"}, topics=None, actor=cast.ward_sister())
    tomasz = client.as_(cast.comms_officer())
    tomasz.post(f"/accounts/several/{done.id}/undo")
    page = tomasz.get(f"/accounts/several/{done.id}")
    assert page.words("p", class_="reg-flash__text") == [
        "2 accounts as before. 1 account stayed, as somebody has changed them since, or left: Castle Library."
    ]
    db.session.expire_all()
    assert [(one.owner_id, one.team_id, one.place) for one in three[:2]] == [(nia_id, team_id, "")] * 2
    assert [len(one.topics) for one in queries.accounts([one.id for one in three])] == [0, 0, 1]
    assert [name for name, _ in told(three[0])] == ["account.changed-together", "account.change-undone"]
    tomasz.post(f"/accounts/several/{done.id}/undo")
    again = tomasz.get(f"/accounts/several/{done.id}")
    assert again.words("p", class_="reg-flash__text") == ["This has been taken back already."]
    assert len(told(three[0])) == 2


def test_nothing_is_given_back_to_somebody_who_has_left(client: Browser, three: list[Account]) -> None:
    change(client, three[:1], owner="bronwen.rees")
    nia = cast.library_officer()
    nia.state, nia.left_at = cast.LEAVER.state, cast.LEAVER.more["left_at"]
    db.session.flush()
    done = db.session.scalars(sa.select(BulkChange)).one()
    assert [one.id for one in actions.undo(change=done, actor=cast.comms_officer())] == [three[0].id]


@pytest.mark.parametrize("person", [cast.STRANGER, cast.LIBRARY_OFFICER, cast.AUDITOR, cast.ADMIN])
def test_it_is_for_comms_only(client: Browser, three: list[Account], person: cast.Part) -> None:
    other = client.as_(cast.play(person))
    assert other.get("/accounts/several?all=yes").status_code == 404
    assert other.post("/accounts/several/change", data=EMPTY | {"seen": seen(*three), "place": "x"}).status_code == 404
    assert other.get("/accounts").all("form", id="several") == []


def test_a_hundred_accounts_take_few_questions(
    app: Flask, client: Browser, three: list[Account], count_queries: Any
) -> None:
    counted = []
    for size in (1, 3):
        wish = plans.Wish(place=f"Place {size}")
        stamps = queries.stamps([one.id for one in three[:size]])
        with count_queries() as ran:
            actions.apply(seen=stamps, wish=wish, actor=cast.comms_officer())
        counted.append(len([one for one in ran if not one.startswith(("INSERT", "UPDATE"))]))
    assert counted[0] == counted[1]
