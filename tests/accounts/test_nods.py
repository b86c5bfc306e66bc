"""The line manager's nod and the clocks of a proposal: nobody's silence keeps an account waiting unseen."""

from datetime import date, timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask

from registry import jobs
from registry.accounts import actions as accounts
from registry.accounts.models import Account, Standing, State
from registry.accounts.registering import actions
from registry.accounts.registering.models import Nod, NodAnswer
from registry.audit import Event
from registry.db import db, exclusively, now
from registry.outbox import Message
from registry.people.models import Person, PersonState

#: A Monday. The next day is no bank holiday, and the Monday after is the early May one.
MONDAY = "2026-04-27T09:00:00+01:00"


@pytest.fixture
def officer(app: Flask) -> Person:
    """The library officer, who reports to the stranger."""
    officer = cast.library_officer()
    officer.manager_id = cast.stranger().id
    db.session.commit()
    return officer


def register(client: Browser, officer: Person, *, standing: Standing = Standing.SEMI_OFFICIAL) -> Account:
    """The library officer registers an account on the pages."""
    fields = {
        "address": "https://x.com/DunmoreReads", "platform": "", "title": "Dunmore Reads", "standing": standing.value,
        "purpose": "What we read.", "owner": officer.username, "deputy": "",
    }  # fmt: skip
    assert client.as_(officer).post("/accounts/new", data=fields).status_code == 302
    return db.session.scalars(sa.select(Account).where(Account.title == "Dunmore Reads")).one()


def nod() -> Nod | None:
    return db.session.scalar(sa.select(Nod))


def sentences(prefix: str) -> list[str]:
    told = db.session.scalars(sa.select(Event).where(Event.name.startswith(prefix)).order_by(Event.id))
    return [event.sentence for event in told]


def letters(to: Person) -> list[str]:
    found = sa.select(Message.subject).where(Message.person_id == to.id).order_by(Message.id)
    return list(db.session.scalars(found))


@time_machine.travel(MONDAY, tick=False)
def test_manager_is_asked_and_nods(client: Browser, officer: Person) -> None:
    account, manager = register(client, officer), cast.stranger()
    asked = nod()
    assert asked is not None
    assert (asked.manager_id, asked.due_on, account.decide_by_on) == (manager.id, date(2026, 4, 30), date(2026, 5, 5))
    assert letters(manager) == [f"{officer.name} would like your nod for Dunmore Reads"]
    assert "Nod at Dunmore Reads" in client.as_(manager).get("/").text
    assert client.get(f"/accounts/{account.id}/nod").status_code == 200
    client.post(f"/accounts/{account.id}/nod")
    assert nod().answer is NodAnswer.YES  # type: ignore[union-attr]
    assert "nodded on 27 April 2026" in client.as_(cast.comms_officer()).get(f"/accounts/{account.id}").text
    assert sentences("nod.") == [
        f"{manager.name} was asked to nod at Dunmore Reads",
        f"{manager.name}, the line manager, nodded at Dunmore Reads",
    ]


def test_looking_at_the_page_answers_nothing(client: Browser, officer: Person) -> None:
    account = register(client, officer)
    client.as_(cast.stranger()).get(f"/accounts/{account.id}/nod")
    assert nod().answer is NodAnswer.WAITING  # type: ignore[union-attr]


def test_what_worries_the_manager_is_read_by_comms_who_decide(client: Browser, officer: Person) -> None:
    account, manager = register(client, officer), cast.stranger()
    assert client.as_(manager).post(f"/accounts/{account.id}/nod/no", data={"reason": ""}).status_code == 422
    client.post(f"/accounts/{account.id}/nod/no", data={"reason": "Who answers in the holidays?"})
    assert nod().answer is NodAnswer.NO  # type: ignore[union-attr]
    page = client.as_(cast.comms_officer()).get(f"/accounts/{account.id}").text
    assert "Who answers in the holidays?" in page
    client.post(f"/accounts/{account.id}/approve")
    db.session.expire_all()
    assert account.state is State.LIVE


@pytest.mark.parametrize("path", ["nod", "nod/no"])
def test_nobody_else_nods(client: Browser, officer: Person, path: str) -> None:
    account = register(client, officer)
    for other, page in ((officer, 404), (cast.comms_officer(), 200), (cast.admin(), 404)):
        client.as_(other)
        assert client.get(f"/accounts/{account.id}/nod").status_code == page
        assert client.post(f"/accounts/{account.id}/{path}", data={"reason": "No."}).status_code == 404
    assert nod().answer is NodAnswer.WAITING  # type: ignore[union-attr]


def test_nod_that_comes_after_the_decision_changes_nothing(client: Browser, officer: Person) -> None:
    account = register(client, officer)
    client.as_(cast.comms_officer()).post(f"/accounts/{account.id}/approve")
    client.as_(cast.stranger()).post(f"/accounts/{account.id}/nod")
    assert "This was settled before your answer came" in client.get(f"/accounts/{account.id}/nod").text
    assert nod().answer is NodAnswer.WAITING  # type: ignore[union-attr]
    assert actions.lapse_the_due() == 1
    assert sentences("nod.lapsed") == []


def test_personal_account_is_no_affair_of_the_manager(client: Browser, officer: Person) -> None:
    register(client, officer, standing=Standing.PERSONAL)
    assert nod() is None


def test_nobody_is_asked_where_there_is_no_manager_or_they_have_left_or_registered_it(
    client: Browser, officer: Person
) -> None:
    officer.manager_id = cast.leaver().id
    db.session.commit()
    account = register(client, officer)
    assert nod() is None
    officer.manager_id = officer.id
    assert actions.ask(account, officer, actor=officer) is None
    officer.manager_id = cast.stranger().id
    assert actions.ask(account, officer, actor=cast.stranger()) is None


def test_silence_lapses_and_comms_are_told_three_times_on_working_days(
    app: Flask, client: Browser, officer: Person
) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        account, comms = register(client, officer), cast.comms_officer()
        before = len(letters(comms))
        told = []
        for day in range(1, 40):
            clock.shift(86_400)
            assert jobs.watch_proposals(app.config["SETTINGS"]) is not None
            told.append((day, len(letters(comms)) - before))
    first = [day for (day, count), (_, earlier) in zip(told[1:], told, strict=False) if count > earlier]
    assert first == [9, 16, 23]  # Promised by day 8, a Tuesday, as day 7 is a bank holiday.
    assert nod().answer is NodAnswer.LAPSED  # type: ignore[union-attr]
    assert sentences("nod.lapsed") == [f"{cast.stranger().name} did not answer about Dunmore Reads in time"]
    accounts.approve(account=account, owner=officer, actor=comms)
    assert actions.tell_comms(date(2026, 7, 1)) == 0


def test_manager_whom_one_reading_missed_is_asked(client: Browser, officer: Person) -> None:
    cast.stranger().state = PersonState.MISSING
    register(client, officer)
    assert nod() is not None


def test_another_worker_that_watches_just_now_is_left_alone(app: Flask, client: Browser, officer: Person) -> None:
    register(client, officer)
    later = now() + timedelta(days=60)
    with exclusively("proposals"), time_machine.travel(later, tick=False):
        assert jobs.watch_proposals(app.config["SETTINGS"]) == ""
    assert nod().answer is NodAnswer.WAITING  # type: ignore[union-attr]


def test_proposal_that_was_mended_gets_the_whole_time_again(client: Browser, officer: Person) -> None:
    with time_machine.travel(MONDAY, tick=False) as clock:
        account, comms = register(client, officer), cast.comms_officer()
        accounts.send_back(account=account, owner=officer, reason="Which library?", actor=comms)
        db.session.commit()
        clock.shift(14 * 86_400)
        assert actions.tell_comms() == 0
        fields = {
            "title": "Dunmore Library Reads", "purpose": "What we read.", "standing": "semi-official",
            "owner": officer.username, "deputy": "", "language": "en", "topics": "", "state": "proposed",
        }  # fmt: skip
        client.as_(officer).post(f"/accounts/{account.id}/change", data=fields)
        db.session.expire_all()
        assert account.decide_by_on == date(2026, 5, 18)


def test_bookmark_carries_the_address_of_the_register(client: Browser, officer: Person) -> None:
    page = client.as_(officer).get("/accounts/bookmark").text
    assert page.count("javascript:location.href=&#34;http://localhost/accounts/new?url=&#34;+encodeURIComponent") == 2
    assert "Dunmore" in client.get("/accounts/new?url=https%3A%2F%2Fx.com%2FDunmoreReads").text


def test_registered_page_shows_whom_to_ask(client: Browser, officer: Person) -> None:
    sister = cast.ward_sister()
    cast.an_account("https://x.com/DunmoreWard", owner=sister)
    db.session.commit()
    account = register(client, officer)
    page = client.get(f"/accounts/{account.id}/registered").text
    assert "Who to ask about X" in page
    assert sister.name in page
