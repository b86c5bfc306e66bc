"""Handing an account over: who may ask, who may answer, what follows, and that nothing changes before."""

import threading
from collections.abc import Callable
from datetime import timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from flask import Flask

from registry import audit, jobs
from registry.accounts.answering import hand_overs
from registry.accounts.answering.models import HandOver, OfferState, Withdrawal
from registry.accounts.models import Account, Contributor, Standing, State, Visibility
from registry.config import Settings
from registry.db import db, now
from registry.guidelines.models import Obligation
from registry.outbox import Message
from registry.people.models import Person, PersonState


@pytest.fixture
def account_id(app: Flask) -> int:
    """Nia's account on X, with Bronwen as the deputy; Oluwaseun works here, too."""
    cast.stranger()
    account = cast.an_account("https://x.com/DunmoreLibrary", title="Dunmore Library", deputy=cast.ward_sister())
    db.session.commit()
    return account.id


def kept(account_id: int) -> Account:
    """The account as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Account, account_id)


def state_of(account_id: int) -> list[str]:
    """How each hand-over of an account stands, in order."""
    db.session.rollback()
    mine = sa.select(HandOver.state).where(HandOver.account_id == account_id).order_by(HandOver.id)
    return [state.value for state in db.session.scalars(mine)]


def mails() -> list[tuple[str, str]]:
    """Who was written to and about what, after the first mails of the stage."""
    rows = db.session.scalars(sa.select(Message).order_by(Message.id)).all()
    told = [(one.to.partition("@")[0], one.subject.partition(" Dunmore")[0]) for one in rows]
    return [one for one in told if one[1] not in ("You are the deputy for", "Approved:")]


def ask(client: Browser, account_id: int, who: str = "oluwaseun.ade", **more: str) -> Answer:
    """Ask somebody to take it over."""
    answer: Answer = client.post(f"/accounts/{account_id}/hand-over", data={"colleague": who, "note": "", **more})
    return answer


def post(client: Browser, account_id: int, what: str, **data: str) -> Answer:
    """Press a button of the hand-over."""
    answer: Answer = client.post(f"/accounts/{account_id}/hand-over/{what}", data=data)
    return answer


def told(account_id: int) -> list[str]:
    """The sentences of its history about hand-overs, in order."""
    names = {hand_overs.OFFERED, hand_overs.DECLINED, hand_overs.TAKEN_BACK, hand_overs.HANDED_OVER,
             hand_overs.TAKEN_OVER, "account.hand-over-overtaken"}  # fmt: skip
    sentences = [one.sentence for one in reversed(audit.history("account", account_id)) if one.name in names]
    db.session.rollback()
    return sentences


# Asking and accepting.


def test_account_changes_hands_when_it_is_accepted_and_not_before(client: Browser, account_id: int) -> None:
    cast.a_document()
    nia, taker = cast.library_officer(), cast.stranger()
    page = ask(client.as_(nia), account_id, note="The vault has the entry.")
    assert page.location == f"/accounts/{account_id}/hand-over"
    assert kept(account_id).owner_id == nia.id
    home = client.as_(taker).get("/")
    assert "Take Dunmore Library over?" in home.text
    shown = client.get(f"/accounts/{account_id}/hand-over")
    assert shown.heading == "Take Dunmore Library over?"
    people = [words.partition(" ")[0] for words in shown.words("span", class_="reg-person__words")]
    assert people == ["Nia", "Oluwaseun"]  # Both names, who gives and who is asked.
    assert "The vault has the entry." in shown.text
    assert kept(account_id).owner_id == nia.id
    assert post(client, account_id, "accept").location == f"/accounts/{account_id}/people"
    account = kept(account_id)
    assert (account.owner_id, account.team_id, account.deputy_id) == (taker.id, taker.team_id, cast.ward_sister().id)
    assert told(account_id) == [
        "Nia Okafor asked Oluwaseun Adé to take Dunmore Library over",
        "Oluwaseun Adé took Dunmore Library over from Nia Okafor",
    ]
    assert mails() == [
        ("oluwaseun.ade", "Would you take over"), ("oluwaseun.ade", "You answer for"), ("nia.okafor", "Handed over:"),
    ]  # fmt: skip
    owing = db.session.scalars(sa.select(Obligation.person_id).where(Obligation.ended_at.is_(None)))
    assert sorted(owing) == sorted([taker.id, cast.ward_sister().id])
    assert client.get("/accounts?q=parking").words("h2", class_="reg-bar__count") == ["1 account"]


def test_who_hands_over_is_to_lose_their_ways_in_unless_they_stay_on(client: Browser, account_id: int) -> None:
    nia, taker = cast.library_officer(), cast.stranger()
    ask(client.as_(nia), account_id)
    post(client.as_(taker), account_id, "accept")
    rows = db.session.scalars(sa.select(Withdrawal).order_by(Withdrawal.id)).all()
    assert {one.person_id for one in rows} == {nia.id}
    assert [one.way.value for one in rows] == ["password", "sessions", "roles", "tools", "recovery", "2-step"]
    assert {one.because.value for one in rows} == {"they handed it over"}

    ask(client, account_id, "nia.okafor", stays_on="y")
    post(client.as_(nia), account_id, "accept")
    db.session.rollback()
    assert db.session.scalars(sa.select(Withdrawal.id)).all() == []  # Nia runs it again; Oluwaseun posts there.
    assert db.session.scalars(sa.select(Contributor.person_id)).all() == [taker.id]


def test_deputy_who_takes_over_is_not_their_own_deputy(client: Browser, account_id: int) -> None:
    ask(client.as_(cast.library_officer()), account_id, "bronwen.rees")
    post(client.as_(cast.ward_sister()), account_id, "accept")
    account = kept(account_id)
    assert (account.owner_id, account.deputy_id) == (cast.ward_sister().id, None)


def test_look_at_the_page_decides_nothing(client: Browser, account_id: int) -> None:
    ask(client.as_(cast.library_officer()), account_id)
    client.as_(cast.stranger())
    before = db.session.scalar(sa.select(sa.func.count(audit.Event.id)))
    for page in ("", "/decline"):
        for method in ("GET", "HEAD"):
            assert client.open(f"/accounts/{account_id}/hand-over{page}", method=method).status_code == 200
    for page in ("/accept", "/withdraw", "/take"):
        assert client.get(f"/accounts/{account_id}/hand-over{page}").status_code in (404, 405)
    assert db.session.scalar(sa.select(sa.func.count(audit.Event.id))) == before
    assert state_of(account_id) == ["waiting"]


# Who may.


@pytest.mark.parametrize(
    ("player", "asks", "accepts"),
    [
        (cast.library_officer, 302, "waiting"),
        (cast.comms_officer, 302, "waiting"),
        (cast.ward_sister, 404, "waiting"),  # The deputy sees it, but may offer only where the owner is gone.
        (cast.stranger, 404, "accepted"),
        (cast.organiser, 404, "waiting"),
        (cast.auditor, 404, "waiting"),
        (cast.admin, 404, "waiting"),
    ],
)
def test_owner_and_comms_ask_and_only_who_is_asked_accepts(
    client: Browser, account_id: int, player: Callable[[], Person], asks: int, accepts: str
) -> None:
    cast.stranger()
    assert ask(client.as_(player()), account_id).status_code == asks
    if asks != 302:
        ask(client.as_(cast.library_officer()), account_id)
    post(client.as_(player()), account_id, "accept")
    post(client, account_id, "decline", reason="Mine.") if accepts == "waiting" else None
    assert state_of(account_id) == [accepts]


@pytest.mark.parametrize(
    ("colleague", "sentence"),
    [
        ("", "Enter who should take it over."),
        ("nia.okafor", "Nia Okafor answers for it already. Choose somebody else."),
        ("gareth.left", "Nobody of that name works here. Enter a username, a work email address or a name."),
    ],
)
def test_somebody_who_cannot_is_told_beside_the_field(
    client: Browser, account_id: int, colleague: str, sentence: str
) -> None:
    cast.leaver()
    answer = ask(client.as_(cast.comms_officer()), account_id, colleague)
    assert (answer.status_code, answer.errors) == (422, {"colleague": sentence})


def test_account_of_somebodys_own_is_not_handed_over(client: Browser, app: Flask) -> None:
    account = cast.an_account("https://x.com/nia", title="Nia", standing=Standing.PERSONAL)
    cast.stranger()
    answer = ask(client.as_(cast.library_officer()), account.id)
    assert answer.status_code == 422
    assert answer.errors["colleague"].startswith("This account is somebody’s own")


def test_secret_in_the_note_is_refused_and_not_repeated(client: Browser, account_id: int) -> None:
    cast.stranger()
    answer = ask(client.as_(cast.library_officer()), account_id, note="The password is Tr0ub4dor&3")
    assert answer.status_code == 422
    assert answer.errors["note"].startswith("This looks like a password, a key or a code.")
    assert "Tr0ub4dor" not in answer.text
    assert state_of(account_id) == []


# Declining, withdrawing, two at once.


def test_reason_for_a_no_goes_to_whoever_asked_and_to_no_history(client: Browser, account_id: int) -> None:
    ask(client.as_(cast.comms_officer()), account_id)
    client.as_(cast.stranger())
    assert post(client, account_id, "decline", reason=" ").errors == {
        "reason": "Say in a few words why, so that they know whom to ask next."
    }
    assert post(client, account_id, "decline", reason="I go to Highways in May.").location == "/"
    assert state_of(account_id) == ["declined"]
    assert mails() == [
        ("oluwaseun.ade", "Would you take over"), ("nia.okafor", "A hand-over of"),
        ("nia.okafor", "Not taken over:"), ("tomasz.bryk", "Not taken over:"),
    ]  # fmt: skip
    assert "I go to Highways in May." in db.session.scalars(sa.select(Message.text).order_by(Message.id.desc())).first()
    assert "I go to Highways" not in client.get(f"/accounts/{account_id}").text
    assert "I go to Highways" in client.as_(cast.comms_officer()).get(f"/accounts/{account_id}/hand-over").text
    assert kept(account_id).owner_id == cast.library_officer().id


def test_no_to_a_question_that_was_withdrawn_does_not_name_what_is_kept_close_since(
    client: Browser, account_id: int
) -> None:  # fmt: skip
    ask(client.as_(cast.comms_officer()), account_id)
    post(client, account_id, "withdraw")
    kept(account_id).visibility = Visibility.COMMS
    title = kept(account_id).title
    db.session.commit()
    client.as_(cast.stranger())
    for reason in ("", "I go to Highways in May."):
        answer = post(client, account_id, "decline", reason=reason)
        assert (answer.status_code, answer.location, title in answer.text) == (302, "/", False)
    page = client.get("/")
    assert ("This is settled" in page.text, title in page.text) == (True, False)
    assert state_of(account_id) == ["withdrawn"]


def test_question_that_was_withdrawn_cannot_be_accepted(client: Browser, account_id: int) -> None:
    ask(client.as_(cast.library_officer()), account_id)
    post(client, account_id, "withdraw")
    assert state_of(account_id) == ["withdrawn"]
    client.as_(cast.stranger())
    assert post(client, account_id, "accept").location == f"/accounts/{account_id}"
    assert client.get(f"/accounts/{account_id}/hand-over").location == f"/accounts/{account_id}"  # The mail leads here.
    assert kept(account_id).owner_id == cast.library_officer().id
    assert mails()[-1] == ("oluwaseun.ade", "No longer needed:")


def test_button_pressed_twice_settles_once(client: Browser, account_id: int) -> None:
    ask(client.as_(cast.library_officer()), account_id)
    client.as_(cast.stranger())
    assert [post(client, account_id, "accept").status_code for _ in range(2)] == [302, 302]
    assert (state_of(account_id), len(told(account_id))) == (["accepted"], 2)


def test_yes_and_never_mind_at_once_settle_as_one(app: Flask, account_id: int) -> None:
    owner, taker = Browser(app).as_(cast.library_officer()), Browser(app).as_(cast.stranger())
    ask(owner, account_id)
    start, answers = threading.Barrier(2), {}

    def run(browser: Browser, what: str) -> None:
        with app.app_context():
            start.wait()
            answers[what] = post(browser, account_id, what).status_code

    threads = [threading.Thread(target=run, args=pair) for pair in ((owner, "withdraw"), (taker, "accept"))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {"withdraw": 302, "accept": 302}
    ended, account = state_of(account_id), kept(account_id)
    assert (ended, account.owner_id) in (
        (["accepted"], cast.stranger().id), (["withdrawn"], cast.library_officer().id),
    )  # fmt: skip
    assert len(told(account_id)) == 2


def test_one_question_waits_at_a_time(client: Browser, account_id: int) -> None:
    cast.stranger()
    ask(client.as_(cast.library_officer()), account_id)
    answer = ask(client.as_(cast.comms_officer()), account_id, "bronwen.rees")
    assert answer.errors == {
        "colleague": "Oluwaseun Adé is asked already. Withdraw that first, or wait for the answer."
    }
    second = HandOver(account_id=account_id, taker_id=cast.admin().id, offered_by_id=cast.admin().id, offered_at=now())
    db.session.add(second)
    with pytest.raises(sa.exc.IntegrityError):  # The database itself takes only one.
        db.session.flush()


def test_question_is_settled_where_the_account_gets_another_owner_meanwhile(client: Browser, account_id: int) -> None:
    ask(client.as_(cast.library_officer()), account_id)
    form = {
        "title": "Dunmore Library", "purpose": "News.", "standing": "semi-official", "owner": "tomasz.bryk",
        "deputy": "", "language": "en", "topics": "", "state": "",
    }  # fmt: skip
    client.as_(cast.comms_officer()).post(f"/accounts/{account_id}/change", data=form)  # He takes it himself.
    assert state_of(account_id) == ["withdrawn"]
    post(client.as_(cast.stranger()), account_id, "accept")
    assert kept(account_id).owner_id == cast.comms_officer().id


def test_question_of_an_owner_who_was_replaced_otherwise_can_be_ended(
    client: Browser, account_id: int, settings: Settings
) -> None:
    for ended in ("by hand", "by the worker"):
        ask(client.as_(cast.library_officer()), account_id)
        db.session.execute(sa.update(Account).values(owner_id=cast.auditor().id))  # Past all that follows from it.
        client.as_(cast.comms_officer())
        if ended == "by hand":
            post(client, account_id, "withdraw")
        else:
            assert jobs.remind_of_hand_overs(settings) == "0 reminded, 1 settled"
        assert set(state_of(account_id)) == {"withdrawn"}, ended
        db.session.execute(sa.update(Account).values(owner_id=cast.library_officer().id))


def test_form_that_changes_an_account_asks_a_new_owner_first(client: Browser, account_id: int) -> None:
    form = {
        "title": "Dunmore Library", "purpose": "News.", "standing": "semi-official", "owner": "oluwaseun.ade",
        "deputy": "bronwen.rees", "language": "en", "topics": "",
    }  # fmt: skip
    cast.stranger()
    path = f"/accounts/{account_id}/change"
    client.as_(cast.library_officer()).post(path, data=form)
    account = kept(account_id)
    assert (account.owner_id, account.purpose, state_of(account_id)) == (
        cast.library_officer().id, "News.", ["waiting"],
    )  # fmt: skip
    answer = client.post(path, data=form | {"owner": "aoife.bhriain"}) if cast.auditor() else None
    assert answer is not None
    assert answer.errors["owner"].startswith("Oluwaseun Adé is asked already")
    grabbed = client.as_(cast.ward_sister()).post(path, data=form | {"owner": "bronwen.rees", "deputy": ""})
    assert grabbed.errors == {"owner": "Nia Okafor answers for it. Ask them, or comms, to hand it over to you."}


def test_owner_and_deputy_who_change_places_keep_their_ways_in_until_it_is_accepted(
    client: Browser, account_id: int
) -> None:
    owner, deputy = cast.library_officer(), cast.ward_sister()
    form = {
        "title": "Dunmore Library", "purpose": "News.", "standing": "semi-official", "owner": "bronwen.rees",
        "deputy": "nia.okafor", "language": "en", "topics": "",
    }  # fmt: skip
    answer = client.as_(owner).post(f"/accounts/{account_id}/change", data=form)
    assert "Then Nia Okafor goes on posting there." in client.get(answer.location).text
    account = kept(account_id)
    assert (account.owner_id, account.deputy_id, state_of(account_id)) == (owner.id, deputy.id, ["waiting"])
    assert db.session.scalar(sa.select(sa.func.count(Withdrawal.id))) == 0
    post(client.as_(deputy), account_id, "accept")
    account = kept(account_id)
    assert (account.owner_id, account.deputy_id) == (deputy.id, None)
    assert db.session.scalars(sa.select(Contributor.person_id)).all() == [owner.id]
    assert db.session.scalar(sa.select(sa.func.count(Withdrawal.id))) == 0


# Where the owner has left.


def test_deputy_of_a_leaver_takes_over_with_one_button(client: Browser, account_id: int) -> None:
    nia, deputy = cast.library_officer(), cast.ward_sister()
    client.as_(deputy)
    assert post(client, account_id, "take").location == f"/accounts/{account_id}"  # Nia is here.
    assert kept(account_id).owner_id == nia.id
    nia.state, nia.left_at = PersonState.LEFT, now()
    db.session.commit()
    jobs.hand_on()
    assert "I take it over" in client.get(f"/accounts/{account_id}").text
    post(client, account_id, "take")
    account = kept(account_id)
    assert (account.owner_id, account.deputy_id, account.state) == (deputy.id, None, State.LIVE)
    assert told(account_id) == ["Bronwen Rees took Dunmore Library over from Nia Okafor"]


def test_deputy_of_somebody_disabled_has_the_button_that_home_promises(client: Browser, account_id: int) -> None:
    cast.library_officer().state = PersonState.DISABLED
    client.as_(cast.ward_sister())
    task = "Nia Okafor, who answers for it, cannot sign in now. You are the deputy."
    assert task in client.get("/").text
    page = client.get(f"/accounts/{account_id}").text
    assert ("Nia Okafor cannot sign in now" in page, "I take it over" in page) == (True, True)
    post(client, account_id, "take")
    assert kept(account_id).owner_id == cast.ward_sister().id


def test_owner_who_is_back_is_offered_what_was_orphaned(client: Browser, app: Flask) -> None:
    owner = cast.a_person("back.again", name="Back Again")
    account_id = cast.an_account(owner=owner).id
    owner.state, owner.left_at = PersonState.LEFT, now()
    db.session.commit()
    jobs.hand_on()
    assert kept(account_id).state is State.ORPHANED
    assert db.session.scalar(sa.select(sa.func.count(Withdrawal.id))) == 2
    owner.state, owner.left_at = PersonState.ACTIVE, None
    db.session.commit()
    jobs.hand_on()
    assert db.session.scalar(sa.select(sa.func.count(Withdrawal.id))) == 0
    ask(client.as_(cast.comms_officer()), account_id, "back.again")
    post(client.as_(owner), account_id, "accept")
    account = kept(account_id)
    assert (account.owner_id, account.state) == (owner.id, State.LIVE)


# Reminders.


def test_reminders_come_after_a_week_and_a_fortnight_then_comms_are_told_and_it_stops(
    app: Flask, settings: Settings
) -> None:
    comms, nia, taker = cast.comms_officer(), cast.library_officer(), cast.stranger()
    account = cast.an_account(title="Dunmore Library")
    hand_overs.offer(account=account, taker=taker, note="", stays_on=False, actor=nia)
    db.session.commit()
    began, heard = now(), []
    for days in (1, 6, 7, 8, 13, 14, 15, 30, 60):
        with time_machine.travel(began + timedelta(days=days, minutes=1), tick=False):
            before = len(mails())
            jobs.remind_of_hand_overs(settings)
            jobs.remind_of_hand_overs(settings)  # Twice does no harm.
            heard += [(days, *one) for one in mails()[before:]]
    assert comms.id != taker.id
    assert heard == [
        (7, "oluwaseun.ade", "Your answer about"), (14, "oluwaseun.ade", "Your answer about"),
        (14, "tomasz.bryk", "No answer about"),
    ]  # fmt: skip


def test_worker_that_was_down_for_weeks_reminds_once(app: Flask, settings: Settings) -> None:
    account = cast.an_account(title="Dunmore Library")
    hand_overs.offer(account=account, taker=cast.stranger(), note="", stays_on=False, actor=cast.library_officer())
    db.session.execute(sa.update(HandOver).values(offered_at=now() - timedelta(days=40)))
    before = len(mails())
    assert jobs.remind_of_hand_overs(settings) == "1 reminded, 0 settled"
    assert mails()[before:] == [("oluwaseun.ade", "Your answer about"), ("tomasz.bryk", "No answer about")]


def test_question_to_somebody_who_left_is_settled_and_told(app: Flask, settings: Settings) -> None:
    account = cast.an_account(title="Dunmore Library")
    taker = cast.stranger()
    hand_overs.offer(account=account, taker=taker, note="", stays_on=False, actor=cast.library_officer())
    taker.state, taker.left_at = PersonState.LEFT, now()
    assert jobs.remind_of_hand_overs(settings) == "0 reminded, 1 settled"
    assert state_of(account.id) == [OfferState.WITHDRAWN.value]
    assert mails()[-1] == ("nia.okafor", "Not taken over:")


def test_each_button_pressed_twice_does_it_once_and_is_no_fault(app: Flask, account_id: int) -> None:
    nia, taker = Browser(app).as_(cast.library_officer()), Browser(app).as_(cast.stranger())
    assert [ask(nia, account_id, note="Yours?").location for _ in range(2)] == [f"/accounts/{account_id}/hand-over"] * 2
    assert ask(nia, account_id, note="Please.").errors == {
        "colleague": "Oluwaseun Adé is asked already. Withdraw that first, or wait for the answer."
    }
    assert [post(taker, account_id, "accept").location for _ in range(2)] == [f"/accounts/{account_id}/people"] * 2
    assert taker.get("/").words("p", class_="reg-flash__text") == [
        "You answer for Dunmore Library now. Look through this page, and name who can take over."
    ]
    assert state_of(account_id) == ["accepted"]
