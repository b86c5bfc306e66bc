"""What the public may expect: inherited field by field, set by whoever may, and ticked on the live account."""

import threading
from collections.abc import Callable

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry import audit
from registry.accounts import actions as accounts
from registry.accounts.expectations import actions, queries
from registry.accounts.expectations.actions import Place
from registry.accounts.expectations.models import Carried, Expectation, Reply
from registry.accounts.models import Account, Standing, State, Visibility
from registry.accounts.naming import consent
from registry.db import db
from registry.people.models import Person, Team
from registry.workdays import Calendar

WHO = "Your organisation"
OFFICE = {"mon": "9-5", "tue": "9-5", "wed": "9-5", "thu": "9-5", "fri": "9-5", "sat": "", "sun": ""}


@pytest.fixture
def account_id(app: Flask) -> int:
    """A live account of the libraries, within Communities: Nia's, with Bronwen as the deputy."""
    account = cast.an_account("https://x.com/DunmoreLibrary", title="Dunmore Library", deputy=cast.ward_sister())
    db.session.commit()
    return account.id


def team_id(name: str) -> int:
    """The id of a team."""
    found = db.session.scalar(sa.select(Team.id).where(Team.name == name))
    assert found is not None
    return found


def paths(account_id: int) -> dict[str, str]:
    """Where each level says what it says, from the widest to the nearest."""
    return {
        "organisation": "/accounts/expectations",
        "Communities": f"/accounts/expectations/teams/{team_id('Communities')}",
        "Libraries": f"/accounts/expectations/teams/{team_id('Libraries')}",
        "account": f"/accounts/{account_id}/expectations",
    }


def shown(client: Browser, path: str) -> list[tuple[str, str, str]]:
    """The lines of a page: heading, value and where it comes from."""
    page = client.get(path)
    values = [page.words("p", class_="reg-expects__words"), page.words("dt")]
    sources = [
        next((words for words in [" ".join("".join(one.itertext()).split()) for one in dd.iter("p")][1:]), "")
        for dd in page.all("dd", class_="govuk-summary-list__value")
    ]
    return list(zip(values[1], values[0], sources, strict=True))


def line(client: Browser, path: str, heading: str) -> tuple[str, str]:
    """Value and source of one line."""
    return next((value, source) for name, value, source in shown(client, path) if name == heading)


def say(client: Browser, path: str, field: str, **data: str) -> Answer:
    """Send the form that asks for a field."""
    answer: Answer = client.post(f"{path}/{field}", data=data)
    return answer


def test_each_level_inherits_from_the_wider_one_until_it_says_otherwise(client: Browser, account_id: int) -> None:
    comms, where = client.as_(cast.comms_officer()), paths(account_id)
    assert shown(comms, where["account"]) == [
        ("Staffed hours", "Nobody has said yet", ""),
        ("Bank holidays", "England and Wales", "From the settings of the register"),
        ("Reply promise", "Nobody has said yet", ""),
        ("At other times", "Nobody has said yet", ""),
        ("Not for", "Nobody has said yet", ""),
    ]
    seen = []
    for number, place in enumerate(where):
        assert say(comms, where[place], "not-for", answer=f"thing {number}").location == where[place]
        seen.append([line(comms, path, "Not for") for path in where.values()])
    assert seen == [
        [("thing 0", ""), *[("thing 0", f"From {WHO}")] * 3],
        [("thing 0", ""), ("thing 1", "Said by this team"), *[("thing 1", "From Communities")] * 2],
        [("thing 0", ""), ("thing 1", "Said by this team"), ("thing 2", "Said by this team"),
         ("thing 2", "From Libraries")],
        [("thing 0", ""), ("thing 1", "Said by this team"), ("thing 2", "Said by this team"),
         ("thing 3", "Said by this account")],
    ]  # fmt: skip
    for place in ("account", "Libraries", "Communities", "organisation"):
        assert comms.post(f"{where[place]}/not-for/inherit").location == where[place]
    assert line(comms, where["account"], "Not for") == ("Nobody has said yet", "")
    db.session.rollback()
    assert db.session.scalar(sa.select(sa.func.count(Expectation.id))) == 0


def test_whoever_empties_a_field_reads_what_that_takes_away(client: Browser, account_id: int) -> None:
    comms, where = client.as_(cast.comms_officer()), paths(account_id)
    say(comms, where["organisation"], "not-for", answer="emergencies: ring 999")
    assert "Left empty it says nothing" in comms.get(f"{where['account']}/not-for").text
    page = comms.get(say(comms, where["account"], "not-for", answer="").location)
    assert "It says nothing there now, though others may" in page.text
    assert line(comms, where["account"], "Not for") == ("Nothing", "Said by this account")
    comms.post(f"{where['account']}/not-for/inherit")
    assert line(comms, where["account"], "Not for") == ("emergencies: ring 999", f"From {WHO}")


def test_fields_come_from_different_levels_each_for_itself(client: Browser, account_id: int) -> None:
    comms, where = client.as_(cast.comms_officer()), paths(account_id)
    say(comms, where["organisation"], "hours", **OFFICE)
    say(comms, where["organisation"], "reply", answer="five-days")
    say(comms, where["Communities"], "reply", answer="one-day")
    say(comms, where["Libraries"], "bank-holidays", answer="scotland")
    say(comms, where["account"], "out-of-hours", answer="ring 01632 960100")
    assert shown(comms, where["account"]) == [
        ("Staffed hours", "Monday to Friday, 9am to 5pm", f"From {WHO}"),
        ("Bank holidays", "Scotland", "From Libraries"),
        ("Reply promise", "Within one working day", "From Communities"),
        ("At other times", "ring 01632 960100", "Said by this account"),
        ("Not for", "Nobody has said yet", ""),
    ]
    account = db.session.scalars(sa.select(Account)).one()
    holds = queries.of_account(account)
    assert (holds.bank_holidays, holds.reply, holds.not_for) == (Calendar.SCOTLAND, Reply.ONE_DAY, "")


def test_an_account_may_say_that_there_is_nothing_where_its_team_has_something(
    client: Browser, account_id: int
) -> None:
    comms, where = client.as_(cast.comms_officer()), paths(account_id)
    say(comms, where["organisation"], "out-of-hours", answer="ring 01632 960100")
    say(comms, where["organisation"], "hours", **OFFICE)
    say(comms, where["account"], "out-of-hours", answer="")
    say(comms, where["account"], "hours", **dict.fromkeys(OFFICE, ""))
    assert line(comms, where["account"], "At other times") == ("Nothing", "Said by this account")
    assert line(comms, where["account"], "Staffed hours") == ("Nobody watches it for replies", "Said by this account")
    text = comms.get(f"/accounts/{account_id}").text
    assert "We do not watch this account for replies." in text
    assert "01632" not in text


def test_a_team_of_another_branch_says_nothing_here(client: Browser, account_id: int) -> None:
    comms, where = client.as_(cast.comms_officer()), paths(account_id)
    other = cast.an_account(owner=cast.organiser()).id
    say(comms, f"/accounts/expectations/teams/{team_id('Corporate')}", "reply", answer="hour")
    assert line(comms, where["account"], "Reply promise") == ("Nobody has said yet", "")
    assert line(comms, f"/accounts/{other}/expectations", "Reply promise")[1] == "From Corporate"


def test_teams_that_contain_each_other_do_not_stop_the_page(client: Browser, account_id: int) -> None:
    above, below = team_id("Communities"), team_id("Libraries")
    db.session.execute(sa.update(Team).where(Team.id == above).values(parent_id=below))
    comms = client.as_(cast.comms_officer())
    say(comms, f"/accounts/expectations/teams/{above}", "reply", answer="hour")
    assert line(comms, f"/accounts/{account_id}/expectations", "Reply promise")[1] == "From Communities"


def test_the_organisations_own_bank_holidays_are_a_setting(client: Browser, account_id: int) -> None:
    comms = client.as_(cast.comms_officer())
    assert comms.get("/accounts/expectations/bank-holidays").status_code == 404
    assert say(comms, "/accounts/expectations", "bank-holidays", answer="scotland").status_code == 404


def test_page_of_a_team_names_no_account_that_only_comms_may_see(client: Browser, account_id: int) -> None:
    db.session.execute(sa.update(Account).values(visibility=Visibility.COMMS))
    path = paths(account_id)["Libraries"]
    seen = {
        player.__name__: "Dunmore Library" in client.as_(player()).get(path).text
        for player in (cast.stranger, cast.ward_sister, cast.comms_officer)
    }
    assert seen == {"stranger": False, "ward_sister": True, "comms_officer": True}


def test_teams_above_those_with_accounts_are_listed_to_speak_for(client: Browser, account_id: int) -> None:
    above, below = team_id("Communities"), team_id("Libraries")
    db.session.execute(sa.update(Team).where(Team.id == above).values(parent_id=below))  # and each contains the other
    page = client.as_(cast.comms_officer()).get("/accounts/expectations")
    assert [one.get("href") for one in page.all("a") if "/teams/" in (one.get("href") or "")] == [
        f"/accounts/expectations/teams/{one}" for one in (above, below)
    ]
    assert page.words("td", class_="reg-table__number") == ["0", "1"]


def test_nothing_is_left_of_an_account_that_was_taken_out(client: Browser) -> None:
    account = cast.an_account("https://x.com/nia", title="Nia at work", standing=Standing.PERSONAL)
    nia = client.as_(cast.library_officer())
    say(nia, f"/accounts/{account.id}/expectations", "not-for", answer="emergencies: ring 999")
    tick(nia, account.id, bio_of(nia, account.id))
    consent.take_out(account=account, actor=cast.library_officer())
    left = [db.session.scalar(sa.select(sa.func.count()).select_from(model)) for model in (Carried, Expectation)]
    assert left == [0, 0]


# --- Who may ----------------------------------------------------------------------------------------------

EVERY_LEVEL = ("organisation", "Communities", "Libraries", "account")


@pytest.mark.parametrize(
    ("player", "may"),
    [
        (cast.comms_officer, EVERY_LEVEL),
        (cast.admin, ()),  # they look after the register, and say nothing to the public
        (cast.library_officer, ("Libraries", "account")),  # she owns it, and it is of the libraries
        (cast.ward_sister, ("account",)),
        (cast.stranger, ()),
        (cast.auditor, ()),
    ],
)
def test_only_who_answers_may_say_something(
    client: Browser, account_id: int, player: Callable[[], Person], may: tuple[str, ...]
) -> None:
    signed_in, where = client.as_(player()), paths(account_id)
    looked = {place: signed_in.get(path).status_code for place, path in where.items()}
    assert looked == dict.fromkeys(EVERY_LEVEL, 200)
    told = {
        place: (
            signed_in.get(f"{path}/reply").status_code, say(signed_in, path, "reply", answer="hour").status_code,
            signed_in.post(f"{path}/reply/inherit").status_code, "/reply" in signed_in.get(path).text,
        )
        for place, path in where.items()
    }  # fmt: skip
    yes, no = (200, 302, 302, True), (404, 404, 404, False)
    assert told == {place: yes if place in may else no for place in EVERY_LEVEL}


@pytest.mark.parametrize(
    ("standing", "live", "speaks"),
    [
        (Standing.SEMI_OFFICIAL, True, True), (Standing.SEMI_OFFICIAL, False, False), (Standing.PERSONAL, True, False),
        (Standing.PERSONAL, False, False),
    ],
)  # fmt: skip
def test_team_is_spoken_for_by_owners_of_what_comms_approved(
    client: Browser, account_id: int, standing: Standing, live: bool, speaks: bool
) -> None:
    colleague = cast.a_person("eleri.pugh", name="Eleri Pugh", team=cast.LIBRARY_OFFICER.team)
    cast.an_account(owner=colleague, standing=standing, live=live)
    path = paths(account_id)["Libraries"]
    assert say(client.as_(colleague), path, "not-for", not_for="Complaints.").status_code == (302 if speaks else 404)


def test_owner_of_a_closed_account_speaks_for_the_team_no_more(client: Browser, account_id: int) -> None:
    db.session.execute(sa.update(Account).values(state=State.CLOSED))
    path = paths(account_id)["Libraries"]
    assert client.as_(cast.library_officer()).get(f"{path}/reply").status_code == 404


def test_history_tells_who_said_what(client: Browser, account_id: int) -> None:
    comms, where = client.as_(cast.comms_officer()), paths(account_id)
    for place in EVERY_LEVEL:
        say(comms, where[place], "reply", answer="hour")
        say(comms, where[place], "reply", answer="hour")  # said before: nothing happens
        comms.post(f"{where[place]}/reply/inherit")
        comms.post(f"{where[place]}/reply/inherit")
    told = [one.sentence for one in reversed(audit.events(limit=8, offset=0))]
    set_to = "Within an hour, while somebody is there"
    assert told == [
        sentence
        for name in (WHO, "Communities", "Libraries", "Dunmore Library")
        for sentence in (
            f"Tomasz Bryk set the reply promise of {name}: {set_to}",
            f"Tomasz Bryk put the reply promise of {name} back to what is inherited",
        )
    ]
    assert comms.get(where["organisation"]).words("p", class_="reg-timeline__text") == list(reversed(told[:2]))


@pytest.mark.parametrize(
    ("field", "data"),
    [
        ("hours", OFFICE | {"wed": "whenever"}), ("reply", {"answer": "never ever"}), ("reply", {}),
        ("bank-holidays", {"answer": "wales"}), ("not-for", {"answer": "x" * 121}),
    ],
)  # fmt: skip
def test_what_cannot_be_meant_is_told_beside_the_field(
    client: Browser, account_id: int, field: str, data: dict[str, str]
) -> None:
    answer = say(client.as_(cast.library_officer()), f"/accounts/{account_id}/expectations", field, **data)
    assert (answer.status_code, len(answer.errors)) == (422, 1)
    assert db.session.scalar(sa.select(sa.func.count(Expectation.id))) == 0


def test_two_who_speak_first_at_once_make_one_row(app: Flask, account_id: int) -> None:
    path, players = f"/accounts/{account_id}/expectations", (cast.library_officer(), cast.ward_sister())
    browsers = [Browser(app).as_(player) for player in players]
    data = (("reply", {"answer": "hour"}), ("not-for", {"answer": "emergencies"}))
    together, answers = threading.Barrier(2), []

    def go(browser: Browser, field: str, values: dict[str, str]) -> None:
        with app.app_context():
            together.wait()
            answers.append(say(browser, path, field, **values).status_code)

    threads = [threading.Thread(target=go, args=(browser, *one)) for browser, one in zip(browsers, data, strict=True)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [302, 302]
    row = db.session.scalars(sa.select(Expectation)).one()
    assert (row.reply, row.not_for) == (Reply.HOUR, "emergencies")


# --- Ticks ------------------------------------------------------------------------------------------------


def bio_of(client: Browser, account_id: int) -> str:
    """The bio as the page shows it."""
    return client.get(f"/accounts/{account_id}").words("p", id="copy-bio")[0]


def tick(client: Browser, account_id: int, text: str, **more: str) -> Answer:
    """Say that the live account carries the bio."""
    answer: Answer = client.post(f"/accounts/{account_id}/carries/bio", data={"text": text, **more})
    return answer


def test_a_tick_is_dated_and_asked_again_when_the_words_change(client: Browser, account_id: int) -> None:
    officer = client.as_(cast.library_officer())
    bio = bio_of(officer, account_id)
    assert "New words for Dunmore Library" not in officer.get("/").text
    assert tick(officer, account_id, bio).location == f"/accounts/{account_id}#paste"
    page = officer.get(f"/accounts/{account_id}")
    assert [one for one in page.words("p", class_="reg-done") if "says Nia Okafor on" in one] != []
    assert "New words for Dunmore Library" not in officer.get("/").text

    say(client.as_(cast.comms_officer()), "/accounts/expectations", "not-for", answer="emergencies: ring 999")
    for person in (cast.library_officer(), cast.ward_sister()):
        assert "New words for Dunmore Library" in client.as_(person).get("/").text
    assert "New words for" not in client.as_(cast.stranger()).get("/").text
    page = client.as_(cast.library_officer()).get(f"/accounts/{account_id}")
    assert page.words("p", class_="reg-done") == []
    assert "Nia Okafor put other words there" in page.text
    tick(client, account_id, bio_of(client, account_id))
    assert "New words for Dunmore Library" not in client.get("/").text
    told = [one.sentence for one in audit.history("account", account_id) if one.name == actions.CARRIED]
    assert told == ["Nia Okafor said that Dunmore Library carries the bio"] * 2


def test_words_that_changed_while_somebody_looked_are_not_ticked(client: Browser, account_id: int) -> None:
    officer = client.as_(cast.library_officer())
    seen = bio_of(officer, account_id)
    actions.say(place=Place(WHO), field="reply", value=Reply.HOUR, actor=cast.comms_officer())
    tick(officer, account_id, seen)
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Carried)) == 0
    assert "The words have just changed" in officer.get(f"/accounts/{account_id}").text
    # A text that is not written cannot be carried either.
    assert client.post(f"/accounts/{account_id}/carries/pinned", data={"text": ""}).status_code == 302
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Carried)) == 0


def test_a_tick_can_be_taken_back(client: Browser, account_id: int) -> None:
    officer = client.as_(cast.library_officer())
    bio = bio_of(officer, account_id)
    tick(officer, account_id, bio)
    tick(officer, account_id, bio, answer="no")
    tick(officer, account_id, bio, answer="no")
    names = [one.name for one in reversed(audit.history("account", account_id))]
    assert names[-2:] == [actions.CARRIED, actions.NOT_CARRIED]
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Carried)) == 0


@pytest.mark.parametrize("player", [cast.stranger, cast.admin, cast.auditor])
def test_nobody_else_ticks(client: Browser, account_id: int, player: Callable[[], Person]) -> None:
    assert tick(client.as_(player()), account_id, "x").status_code == 404


def test_words_follow_the_account_too(client: Browser, account_id: int) -> None:
    officer = client.as_(cast.library_officer())
    tick(officer, account_id, bio_of(officer, account_id))
    account = db.session.get_one(Account, account_id, options=[sa.orm.joinedload(Account.topics)])
    accounts.change(account=account, values={"title": "Dunmore Central"}, topics=None, actor=cast.comms_officer())
    assert "New words for Dunmore Central" in officer.get("/").text
    account.state = State.CLOSED
    assert "New words for Dunmore Central" not in officer.get("/").text


def test_the_page_says_whether_somebody_is_there_while_it_is_live(client: Browser, account_id: int) -> None:
    always = dict.fromkeys(OFFICE, "all day")
    comms = client.as_(cast.comms_officer())
    say(comms, "/accounts/expectations", "hours", **always)
    say(comms, f"/accounts/{account_id}/expectations", "bank-holidays", answer="none")
    seen = client.as_(cast.stranger()).get(f"/accounts/{account_id}")
    assert seen.words("p", class_="reg-presence") == ["Staffed Staffed right now."]
    db.session.execute(sa.update(Account).values(state=State.DORMANT))
    assert client.get(f"/accounts/{account_id}").words("p", class_="reg-presence") == []
