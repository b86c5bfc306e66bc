"""Reviews: whom the register asks, when it stops, what it sets dormant, and that no clock and no kill does harm."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from databases import SECRET_KEY
from flask import Flask

from registry import audit, jobs
from registry.accounts import actions as accounts
from registry.accounts.models import Account, Standing, State, Visibility
from registry.accounts.reviewing import actions, nightly
from registry.accounts.reviewing.models import ReviewMail, Stage, Watch
from registry.audit import Event
from registry.config import Settings
from registry.db import db, exclusively
from registry.outbox import Message, MessageState
from registry.people.models import Person, PersonState

#: A Monday, three weeks and more from any bank holiday of England.
DUE = date(2026, 9, 21)
YEAR = timedelta(days=365)
#: Days after comms were told that an account goes to sleep in these tests.
PATIENCE = 9


@contextmanager
def on(day: date, hour: int = 9) -> Iterator[None]:
    """Let it be ``day`` in the register."""
    with time_machine.travel(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), tick=False):
        yield


def an_account(title: str = "Dunmore Library", due: date | None = DUE, **more: Any) -> Account:
    """A live account whose day of review is ``due``; committed."""
    account = cast.an_account(title=title, **more)
    account.review_on = due
    db.session.commit()
    return account


def night(day: date, dormant_days: int = PATIENCE) -> list[tuple[str, str]]:
    """The round of a day: who was written to, and about what."""
    before = db.session.scalar(sa.select(sa.func.max(Message.id))) or 0
    db.session.rollback()
    with on(day):
        nightly.run(dormant_days=dormant_days)
    mails = db.session.scalars(sa.select(Message).where(Message.id > before).order_by(Message.id)).all()
    told = [(str(mail.to), str(mail.subject)) for mail in mails]
    db.session.rollback()
    return told


def nights(first: date, count: int, dormant_days: int = PATIENCE) -> dict[str, list[tuple[str, str]]]:
    """The rounds of days in a row, without those on which nobody was written to."""
    told = {}
    for number in range(count):
        day = first + timedelta(days=number)
        if mails := night(day, dormant_days):
            told[f"{day:%a %-d %b}"] = mails
    return told


def state_of(account_id: int) -> State:
    """The state of an account as the database has it."""
    db.session.rollback()
    return db.session.get_one(Account, account_id).state


@pytest.fixture
def officer(app: Flask) -> Person:
    """Nia; and there is somebody of comms who can be told."""
    cast.comms_officer()
    return cast.library_officer()


NIA, TOMASZ, BRONWEN = "nia.okafor@dunmore.example", "tomasz.bryk@dunmore.example", "bronwen.rees@dunmore.example"
STILL = "Is Dunmore Library still right?"


def test_reminders_come_before_on_and_after_the_day_and_then_stop(officer: Person) -> None:
    account_id = an_account(deputy=cast.ward_sister()).id
    assert nights(DUE - timedelta(days=16), 60) == {
        "Mon 7 Sep": [(NIA, STILL)],
        "Mon 21 Sep": [(NIA, STILL)],
        "Mon 28 Sep": [(NIA, STILL)],
        "Mon 5 Oct": [(NIA, STILL)],
        "Mon 12 Oct": [(TOMASZ, "Nobody answers for some accounts")],
        "Wed 21 Oct": [(who, "Dunmore Library is dormant now") for who in (TOMASZ, NIA, BRONWEN)],
    }
    assert state_of(account_id) is State.DORMANT
    told = [one.sentence for one in reversed(audit.history("account", account_id))][2:]
    assert told == [
        *["The register asked Nia Okafor whether Dunmore Library is still right"] * 4,
        "Nobody answered whether Dunmore Library is still right, and comms were told",
        "Dunmore Library was set dormant, as nobody answered whether it is still right",
    ]


def test_all_stops_at_once_when_somebody_answers(officer: Person) -> None:
    account_id = an_account().id
    assert list(nights(DUE, 3)) == ["Mon 21 Sep"]
    with on(DUE + timedelta(days=3)):
        next_on = accounts.review(account=db.session.get_one(Account, account_id), actor=officer)
        db.session.commit()
    assert next_on == DUE + timedelta(days=3 + 180)
    assert nights(DUE + timedelta(days=3), 30) == {}
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Watch)) == 0
    # The next time it begins anew.
    assert list(nights(next_on - timedelta(days=15), 16)) == ["Tue 9 Mar", "Tue 23 Mar"]


def test_one_mail_a_person_tells_of_all_their_accounts_and_never_two_a_week(officer: Person) -> None:
    an_account("First", DUE)
    an_account("Second", DUE)
    an_account("Third", DUE + timedelta(days=2))
    an_account("Theirs", DUE, owner=cast.stranger())
    told = nights(DUE - timedelta(days=16), 40)
    mine = {day: subject for day, mails in told.items() for to, subject in mails if to == NIA}
    assert mine == {
        "Mon 7 Sep": "Are these still right? 2 accounts",
        "Mon 14 Sep": "Is Third still right?",  # Its day to be told was within a week of the other mail.
        "Mon 21 Sep": "Are these still right? 2 accounts",
        "Mon 28 Sep": "Are these still right? 3 accounts",
        "Mon 5 Oct": "Are these still right? 3 accounts",
        "Mon 12 Oct": "Is Third still right?",
    }
    text = db.session.scalars(sa.select(Message.text).where(Message.to == NIA).order_by(Message.id)).all()[-3]
    assert [line for line in text.splitlines() if line.startswith("*")] == [
        "* First on Facebook, due on 21 September 2026",
        "* Second on Facebook, due on 21 September 2026",
        "* Third on Facebook, due on 23 September 2026",
    ]
    assert "http://127.0.0.1:5000/accounts/reviews" in text


@pytest.mark.parametrize(
    ("due", "asked"),
    [
        (date(2026, 9, 26), "Mon 28 Sep"),  # a Saturday
        (date(2026, 12, 25), "Tue 29 Dec"),  # Christmas Day, a weekend, the day in lieu
        (date(2027, 5, 3), "Tue 4 May"),  # the early May bank holiday
    ],
)
def test_nobody_is_asked_on_a_day_off(officer: Person, due: date, asked: str) -> None:
    an_account(due=due)
    assert next(iter(nights(due, 7))) == asked


def test_days_off_are_those_of_the_settings(app: Flask, officer: Person) -> None:
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update={"bank_holidays": "scotland"})
    an_account(due=date(2026, 11, 30))  # St Andrew's Day
    assert list(nights(date(2026, 11, 30), 2)) == ["Tue 1 Dec"]


def test_the_deputy_is_asked_where_the_owner_cannot_be(officer: Person) -> None:
    an_account(owner=officer, deputy=cast.ward_sister())
    officer.mail = None
    db.session.commit()
    assert night(DUE) == [(BRONWEN, STILL)]


def test_comms_hear_at_once_of_what_nobody_can_be_asked_about(officer: Person) -> None:
    an_account()
    officer.mail = ""
    db.session.commit()
    assert nights(DUE - timedelta(days=14), 16) == {"Mon 21 Sep": [(TOMASZ, "Nobody answers for some accounts")]}


def test_nothing_is_set_dormant_before_comms_could_be_told(officer: Person) -> None:
    account_id = an_account().id
    comms = cast.comms_officer()
    comms.mail = None
    db.session.commit()
    nights(DUE, 40)
    assert state_of(account_id) is State.LIVE
    db.session.get_one(Person, comms.id).mail = TOMASZ
    db.session.commit()
    assert list(nights(DUE + timedelta(days=40), 14)) == ["Mon 2 Nov", "Wed 11 Nov"]
    assert state_of(account_id) is State.DORMANT


def test_comms_officer_gets_one_mail_about_all(officer: Person) -> None:
    an_account("Unanswered")
    an_account("Own", DUE + timedelta(days=21), owner=cast.comms_officer())
    told = [mails for day, mails in nights(DUE, 22).items() if day == "Mon 12 Oct"]
    assert told == [[(TOMASZ, "Is Own still right?")]]
    text = db.session.scalars(sa.select(Message.text).order_by(Message.id.desc())).first() or ""
    assert "* Own on Facebook" in text
    assert "* Unanswered on Facebook, due on 21 September 2026, Nia Okafor" in text


def test_nothing_goes_to_sleep_where_that_is_switched_off(officer: Person) -> None:
    account_id = an_account().id
    nights(DUE, 22, dormant_days=0)
    assert nights(DUE + timedelta(days=22), 20, dormant_days=0) == {}
    assert state_of(account_id) is State.LIVE


@pytest.mark.parametrize("state", [state for state in State if state is not State.LIVE])
def test_only_live_accounts_are_asked_about(officer: Person, state: State) -> None:
    account = an_account()
    account.state = state
    db.session.commit()
    assert nights(DUE, 8) == {}


def test_nobody_is_asked_about_an_account_that_they_have_not_agreed_to(officer: Person) -> None:
    account = an_account(standing=Standing.PERSONAL)
    account.consented_at, account.visibility = None, Visibility.COMMS
    db.session.commit()
    assert nights(DUE, 8) == {}


@pytest.mark.parametrize(("standing", "days"), accounts.REVIEW_AFTER.items())
def test_live_account_without_a_day_gets_one_by_its_standing(officer: Person, standing: Standing, days: int) -> None:
    account = an_account(due=None, standing=standing)
    night(DUE)
    db.session.refresh(account)
    assert account.review_on == DUE + timedelta(days=days)


def test_account_of_another_standing_is_looked_at_no_later_than_others_of_it(officer: Person) -> None:
    account, asked = an_account(due=DUE + YEAR, standing=Standing.OFFICIAL), {"topics": None, "actor": officer}
    with on(DUE):
        accounts.change(account=account, values={"standing": Standing.PARTNER}, **asked)
        assert account.review_on == DUE + timedelta(days=accounts.REVIEW_AFTER[Standing.PARTNER])
        accounts.change(account=account, values={"standing": Standing.OFFICIAL}, **asked)
        assert account.review_on == DUE + timedelta(days=accounts.REVIEW_AFTER[Standing.PARTNER])


# --- Clocks, kills, and two at once -----------------------------------------------------------------------


def test_the_same_day_again_does_nothing_more(officer: Person) -> None:
    an_account()
    assert [len(night(DUE)) for _ in range(3)] == [1, 0, 0]
    assert db.session.scalars(sa.select(Watch.waited)).all() == [0]
    night(DUE + timedelta(days=1))
    night(DUE + timedelta(days=1))
    assert db.session.scalars(sa.select(Watch.waited)).all() == [1]


def test_clock_that_was_a_year_ahead_for_some_days_does_no_harm(officer: Person) -> None:
    soon, account_id = an_account("Soon", DUE + timedelta(days=5)).id, an_account().id
    wrong = nights(DUE - timedelta(days=10) + YEAR, 3)
    # Each person gets the one mail that they would have got later; nothing is given up, nothing dormant.
    assert wrong == {"Mon 13 Sep": [(NIA, "Are these still right? 2 accounts")]}
    assert [state_of(one) for one in (soon, account_id)] == [State.LIVE, State.LIVE]
    later = nights(DUE - timedelta(days=7), 29)
    assert list(later) == ["Mon 21 Sep", "Mon 28 Sep", "Mon 5 Oct", "Mon 12 Oct"]


def test_clock_that_was_a_year_behind_for_some_days_does_no_harm(officer: Person) -> None:
    an_account()
    assert list(nights(DUE, 3)) == ["Mon 21 Sep"]
    assert nights(DUE + timedelta(days=3) - YEAR, 3) == {}
    # Those three days count as three, and no mail comes within a week of the other.
    assert list(nights(DUE + timedelta(days=6), 20)) == ["Mon 28 Sep", "Mon 5 Oct", "Mon 12 Oct"]


def test_clock_that_jumps_to_and_fro_wakes_and_kills_nothing(officer: Person) -> None:
    account_id = an_account().id
    mails = 0
    for number in range(10):
        for shift in (YEAR, -YEAR, timedelta()):
            mails += len(night(DUE + timedelta(days=number) + shift))
    assert state_of(account_id) is State.LIVE
    assert mails <= 5


def test_while_the_register_is_off_nobodys_time_runs_out(officer: Person) -> None:
    account_id = an_account().id
    nights(DUE, 25)  # comms are told on the way
    assert nights(DUE + timedelta(days=400), 5) == {}
    assert state_of(account_id) is State.LIVE


def test_another_worker_that_does_it_just_now_is_left_alone(officer: Person) -> None:
    an_account()
    with exclusively("reviews"), on(DUE):
        assert nightly.run(dormant_days=60) == ""
    assert db.session.scalar(sa.select(sa.func.count()).select_from(Watch)) == 0


KILLED = """
import os, signal, sys
import sqlalchemy as sa, time_machine
from datetime import datetime, UTC
from registry import create_app, rooms
from registry.accounts.reviewing import nightly
from registry.db import db
rooms.every()  # Loaded once, for all the children.
nightly.AT_ONCE = 3

def once(after):
    app, ran = create_app(), [0]
    def count(*_):
        ran[0] += 1
        if ran[0] == after:
            os.kill(os.getpid(), signal.SIGKILL)
    with app.app_context(), time_machine.travel(datetime(2026, 9, 21, 9, tzinfo=UTC), tick=False):
        sa.event.listen(db.engine, "before_cursor_execute", count)
        nightly.run(dormant_days=60)

for after in (*map(int, sys.argv[1:]), 0):
    child = os.fork()
    if not child:
        once(after)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def test_killed_anywhere_and_run_again_nobody_hears_twice_and_nobody_not(
    app: Flask, settings: Settings, officer: Person
) -> None:
    people = [cast.a_person(f"reader{number}") for number in range(7)]
    mails = sorted(str(person.mail) for person in people)
    for person in people:
        an_account(f"Of {person.name}", owner=person)
    environment = {
        "PATH": os.environ["PATH"], "REGISTRY_INSTANCE": str(settings.instance),
        "REGISTRY_DATABASE_URL": settings.database_url.get_secret_value(), "REGISTRY_SECRET_KEY": SECRET_KEY,
    }  # fmt: skip
    before = db.session.scalar(sa.select(sa.func.max(Message.id))) or 0
    db.session.remove()
    statements = [3, 8, 13, 18, 23, 28, 33]
    done = subprocess.run(
        [sys.executable, "-c", KILLED, *map(str, statements)], env=environment, capture_output=True, text=True,
        check=False,
    )  # fmt: skip
    killed = done.stdout.split().count(str(-signal.SIGKILL))
    assert (killed >= 5, done.stdout.split()[-1], done.stderr) == (True, "0", "")
    told = db.session.scalars(sa.select(Message.to).where(Message.id > before)).all()
    assert sorted(told) == mails
    asked = db.session.scalars(sa.select(Event.subject_id).where(Event.name == actions.ASKED)).all()
    assert len(asked) == len(set(asked)) == 7
    assert audit.broken(Event) == []


def test_the_job_runs_once_a_day_from_the_morning_on(app: Flask, officer: Person) -> None:
    an_account()

    def outcome(hour: int, day: date = DUE) -> str | None:
        db.session.rollback()
        with on(day, hour):
            jobs.run(app, jobs.REVIEWS)
        return db.session.scalar(sa.select(jobs.JobRun.outcome).where(jobs.JobRun.name == jobs.REVIEWS))

    assert outcome(5) is None  # six in London
    assert outcome(6) == "1 people written to, 0 accounts set dormant"
    assert outcome(18) == "1 people written to, 0 accounts set dormant"
    assert outcome(9, DUE + timedelta(days=5)) == "nobody is asked on a day off"


# --- Waking, and asking by hand ---------------------------------------------------------------------------


@pytest.fixture
def sleeping(officer: Person) -> int:
    """An account that the register has just set dormant."""
    account = an_account(deputy=cast.ward_sister())
    account.state = State.DORMANT
    db.session.add(Watch(account_id=account.id, review_on=DUE, stage=Stage.ASLEEP, counted_on=DUE))
    db.session.commit()
    return account.id


@pytest.mark.parametrize("player", [cast.library_officer, cast.ward_sister, cast.comms_officer])
def test_its_people_wake_it_with_one_button(client: Browser, sleeping: int, player: Callable[[], Person]) -> None:
    signed_in = client.as_(player())
    page = signed_in.get(f"/accounts/{sleeping}")
    assert [form.get("action") for form in page.all("form") if "wake" in (form.get("action") or "")] == [
        f"/accounts/{sleeping}/wake"
    ]
    assert ("Is Dunmore Library in use?" in signed_in.get("/").text) is (player is not cast.comms_officer)
    signed_in.post(f"/accounts/{sleeping}/wake")
    assert state_of(sleeping) is State.LIVE
    assert "live again" in signed_in.get(f"/accounts/{sleeping}").text
    signed_in.post(f"/accounts/{sleeping}/wake")
    assert "there is nothing to wake" in signed_in.get("/").text
    told = [one.sentence for one in audit.history("account", sleeping) if one.name == actions.WOKEN]
    assert told == [f"{player().name} woke Dunmore Library: it is in use"]


@pytest.mark.parametrize("player", [cast.stranger, cast.admin, cast.auditor])
def test_nobody_else_wakes_or_answers(client: Browser, sleeping: int, player: Callable[[], Person]) -> None:
    signed_in = client.as_(player())
    assert signed_in.post(f"/accounts/{sleeping}/wake").status_code == 404
    assert signed_in.post(f"/accounts/reviews/{sleeping}").status_code == 404
    assert state_of(sleeping) is State.DORMANT


def test_what_comms_set_dormant_is_not_woken_by_a_button(client: Browser, officer: Person) -> None:
    account = an_account()
    account.state = State.DORMANT
    client.as_(officer).post(f"/accounts/{account.id}/wake")
    assert state_of(account.id) is State.DORMANT


def test_your_page_lists_what_is_due_with_a_button_each(client: Browser, sleeping: int) -> None:
    late = an_account("Late", DUE - timedelta(days=60)).id
    far = an_account("Far", date(2099, 1, 1)).id
    nia = client.as_(cast.library_officer())
    page = nia.get("/accounts/reviews")
    buttons = {form.get("action"): form for form in page.all("form", class_="reg-button-form")}
    assert list(buttons) == [f"/accounts/reviews/{late}", f"/accounts/reviews/{sleeping}"]
    for path in buttons:
        assert nia.post(path or "").location == "/accounts/reviews"
    assert nia.get("/accounts/reviews").words("h2") == ["Done", "Done", "Nothing to look at"]
    assert [state_of(one) for one in (late, sleeping, far)] == [State.LIVE] * 3
    assert nia.post(f"/accounts/reviews/{far}").status_code == 302
    assert client.as_(cast.stranger()).get("/accounts/reviews").words("h2") == ["Nothing to look at"]


def late_ones() -> dict[str, int]:
    """Late accounts of three people, and one of Søren's that is live and right."""
    soren = cast.admin()
    return {
        "First": an_account("First").id,
        "Second": an_account("Second", address="https://x.com/second").id,
        "Theirs": an_account("Theirs", owner=cast.stranger(), standing=Standing.OFFICIAL).id,
        "Silent": an_account("Silent", owner=cast.a_person("silent", mail=None)).id,
        "Right": an_account("Right", date(2099, 1, 1), owner=soren).id,
    }


def titles(client: Browser, query: str = "") -> list[str]:
    """The accounts of the list."""
    page = client.get(f"/accounts/reviews/overdue{query}")
    return [link for link in page.words("a", class_="govuk-link") if link in ("First", "Second", "Theirs", "Silent")]


def test_comms_narrow_the_list_and_take_it_with_them(client: Browser, officer: Person) -> None:
    late_ones()
    comms = client.as_(cast.comms_officer())
    with on(DUE + timedelta(days=1)):
        client.as_(cast.comms_officer())
        assert titles(comms) == ["First", "Second", "Silent", "Theirs"]
        assert titles(comms, "?platform=x") == ["Second"]
        assert titles(comms, "?standing=official") == ["Theirs"]
        assert titles(comms, f"?team={cast.stranger().team_id}") == ["Theirs"]
        assert titles(comms, "?view=soon") == titles(comms, "?view=asleep") == titles(comms, "?view=unanswered") == []
        file = comms.get("/accounts/reviews/overdue?platform=x&format=csv").get_data(as_text=True)
    assert file.lstrip("\ufeff").splitlines() == [
        "title,platform,handle,url,standing,state,team,owner,deputy,review_on,asked",
        "Second,x,'@second,https://x.com/second,semi-official,live,Communities / Libraries,Nia Okafor,,2026-09-21,"
        "Not yet",
    ]


def test_empty_list_of_what_is_overdue_says_that_all_is_well(client: Browser, app: Flask) -> None:
    comms = client.as_(cast.comms_officer())
    asked = [comms.get(f"/accounts/reviews/overdue{query}").text for query in ("", "?platform=x")]
    assert ["Take a filter away" in text for text in asked] == [False, True]


def test_comms_remind_many_at_once_one_mail_a_person(client: Browser, officer: Person) -> None:
    late_ones()
    before = db.session.scalar(sa.select(sa.func.max(Message.id))) or 0
    with on(DUE + timedelta(days=1)):
        comms = client.as_(cast.comms_officer())
        comms.post("/accounts/reviews/overdue", data={"whom": "all"})
        assert comms.get("/accounts/reviews/overdue").words("p", class_="reg-flash__text") == [
            "2 people are written to. Of one account nobody has an address to write to."
        ]
        comms.post("/accounts/reviews/overdue", data={"whom": "all"})
        assert comms.get("/").words("p", class_="reg-flash__text") == [
            "Nobody is written to. 2 had a mail about reviews within a week, and get none now."
            " Of one account nobody has an address to write to."
        ]
    mails = db.session.execute(sa.select(Message.to, Message.subject).where(Message.id > before).order_by(Message.id))
    assert [tuple(mail) for mail in mails] == [
        (NIA, "Are these still right? 2 accounts"), ("oluwaseun.ade@dunmore.example", "Is Theirs still right?"),
    ]  # fmt: skip
    # The round goes on from there, a week later.
    assert list(nights(DUE + timedelta(days=2), 8)) == ["Wed 23 Sep", "Tue 29 Sep"]
    told = [one.sentence for one in audit.events(limit=50, offset=0) if one.actor_name == "Tomasz Bryk"]
    assert "Tomasz Bryk asked Nia Okafor whether First is still right" in told


def test_comms_remind_the_chosen_only_within_what_they_see(client: Browser, officer: Person) -> None:
    ids = late_ones()
    with on(DUE + timedelta(days=1)):
        comms = client.as_(cast.comms_officer())
        for chosen, words in (
            ([], "Choose an account first, or remind all of them."),
            ([ids["Right"], "x", "-1", "9" * 30], "Nobody is written to."),
            ([ids["Theirs"], ids["Right"]], "One person is written to."),
        ):
            comms.post("/accounts/reviews/overdue", data={"whom": "chosen", "account": chosen})
            assert comms.get("/").words("p", class_="reg-flash__text") == [words]


def test_asking_by_hand_on_a_day_off_leaves_on_the_next_working_day(client: Browser, officer: Person) -> None:
    an_account()
    with on(date(2026, 12, 26), 22):
        client.as_(cast.comms_officer()).post("/accounts/reviews/overdue", data={"whom": "all"})
    mail = db.session.scalars(sa.select(Message).where(Message.subject == STILL)).one()
    assert mail.due_at == datetime(2026, 12, 29, 8, tzinfo=UTC)


def test_mail_that_still_waits_is_taken_back_with_the_last_answer(client: Browser, officer: Person) -> None:
    first, second = (an_account(address=f"https://x.com/{name}").id for name in ("first", "second"))
    states = []
    with on(date(2026, 12, 26), 22):
        client.as_(cast.comms_officer()).post("/accounts/reviews/overdue", data={"whom": "all"})
        nia = client.as_(officer)
        for path in (f"/accounts/{first}/review", f"/accounts/reviews/{second}"):
            nia.post(path)
            states += db.session.scalars(sa.select(Message.state).where(Message.subject.contains("still right"))).all()
            db.session.rollback()
    assert states == [MessageState.WAITING, MessageState.WITHDRAWN]


def test_asking_by_hand_gives_what_was_given_up_time_again(officer: Person) -> None:
    account_id = an_account().id
    nights(DUE, 29)
    with on(DUE + timedelta(days=29)):
        account = db.session.get_one(
            Account, account_id, options=[sa.orm.joinedload(Account.owner), sa.orm.joinedload(Account.deputy)]
        )
        assert actions.remind(accounts=[account], actor=cast.comms_officer()).written == 1
        db.session.commit()
    assert nights(DUE + timedelta(days=30), 7) == {}
    assert state_of(account_id) is State.LIVE


@pytest.mark.parametrize("player", [cast.library_officer, cast.stranger, cast.auditor])
def test_the_list_is_for_comms(client: Browser, officer: Person, player: Callable[[], Person]) -> None:
    signed_in = client.as_(player())
    assert signed_in.get("/accounts/reviews/overdue").status_code == 404
    assert signed_in.post("/accounts/reviews/overdue", data={"whom": "all"}).status_code == 404


def test_people_who_were_merged_are_written_to_once(officer: Person) -> None:
    db.session.add(ReviewMail(person_id=officer.id, waited=3, counted_on=DUE))
    leaver = cast.leaver()
    assert leaver.state is PersonState.LEFT
    an_account(deputy=leaver)
    assert nights(DUE, 3) == {}
    assert list(nights(DUE + timedelta(days=3), 3)) == ["Fri 25 Sep"]
