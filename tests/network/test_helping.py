"""Asking for help: it reaches the right few and nobody else, and is over when it is settled."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from flask import Flask

from registry import jobs
from registry.audit import Event
from registry.db import db, now
from registry.network import actions, helping, queries, rounds
from registry.network.models import Audience, HelpAnswer, HelpAsked, HelpCall, PeerChoice
from registry.outbox import Message, MessageState
from registry.people.guests import add
from registry.people.merging import merge_guest
from registry.people.models import GuestKind, Person, PersonState

Counting = Callable[[], AbstractContextManager[list[str]]]
WORDS = "How do I cut a video of the gritter so that people watch it?"


def a_helper(name: str, *, topics: str = "", offers: str = "", platform: str = "", half_year: bool = True) -> Person:
    """Somebody who joined the network; committed."""
    person = cast.a_person(name.lower(), name=name, team=("Helpers", name))
    actions.keep(profile=None, person=person, about="", topics=topics.split(), offers=offers.split(), asks=[])
    if platform:
        account = cast.an_account(f"https://{platform}/{name.lower()}", owner=person, deputy=cast.admin())
        account.approved_at = now() - timedelta(days=200 if half_year else 20)
    db.session.commit()
    return person


def fill_in(browser: Browser, text: str = WORDS, **more: str) -> Answer:
    """Send the form once."""
    return browser.post("/people/help", data={"words": text, "platform": "", "topic": "", "sure": "", **more})


def reached(answer: Answer) -> list[tuple[str, str]]:
    """Whom the page says it would reach, and why."""
    names = answer.words("a", class_="reg-person__name")
    return list(zip(names, answer.words("span", class_="reg-person__note"), strict=True))


def ask(browser: Browser, text: str = WORDS, **more: str) -> int:
    """Look whom it would reach, and send it; the number of the call."""
    shown = fill_in(browser, text, **more)
    assert shown.status_code == 200
    sure = str(shown.all("button", name="sure")[0].get("value"))
    sent = fill_in(browser, text, **more, sure=sure)
    assert sent.status_code == 302
    return int(sent.location.rpartition("/")[2])


def mails(*states: MessageState) -> list[tuple[str, str]]:
    """To whom, and about what, in order; of a state only."""
    every = sa.select(Message).where(Message.subject.like("%help%")).order_by(Message.id)
    return [
        (one.to.partition("@")[0], one.subject)
        for one in db.session.scalars(every)
        if not states or one.state in states
    ]


def answer(browser: Browser, call: int, said: str) -> str:
    """Press a button; what is said then."""
    assert browser.post(f"/people/help/{call}/answer", data={"answer": said}).location == f"/people/help/{call}"
    return browser.get(f"/people/help/{call}").words("p", class_="reg-flash__text")[0]


@pytest.fixture
def driver(client: Browser) -> Browser:
    """Somebody who runs an account alone and has no profile."""
    cast.stranger()
    cast.comms_officer()
    db.session.commit()
    return client.as_(cast.stranger())


# Whom it reaches.


def test_page_shows_whom_it_reaches_and_why_before_anything_is_sent(driver: Browser) -> None:
    a_helper("Vera", offers="video")
    a_helper("Tom", topics="video")
    a_helper("Faye", platform="www.facebook.com")
    shown = fill_in(driver)
    assert reached(shown) == [("Vera", "Offers help with video"), ("Tom", "Posts about video")]
    assert (mails(), db.session.scalars(sa.select(HelpCall)).all()) == ([], [])
    shown = fill_in(driver, platform="facebook")
    assert reached(shown) == [("Faye", "Has run an account on Facebook for half a year or more")]


def test_platform_is_read_from_the_words_too(driver: Browser) -> None:
    a_helper("Faye", platform="www.facebook.com")
    a_helper("New", platform="www.facebook.com", half_year=False)
    assert [name for name, _ in reached(fill_in(driver, "Facebook has shut me out!"))] == ["Faye"]


def test_it_reaches_five_at_most_the_best_first(driver: Browser) -> None:
    for number in range(7):
        a_helper(f"Topic{number}", topics="video")
    a_helper("Offerer", offers="video")
    a_helper("Both", offers="video", topics="video")
    assert [name for name, _ in reached(fill_in(driver))] == ["Both", "Offerer", "Topic0", "Topic1", "Topic2"]


def test_only_who_can_be_asked_is_asked(driver: Browser) -> None:
    gone, quiet, mailless, disabled, missing = (
        a_helper(name, offers="video") for name in ("Gone", "Quiet", "Mailless", "Disabled", "Missing")
    )
    a_helper("Vera", offers="video")
    gone.state, disabled.state, missing.state = PersonState.LEFT, PersonState.DISABLED, PersonState.MISSING
    mailless.mail = None
    actions.choose(person=quiet, introductions=True, calls=False)
    cast.a_person("outsider", name="Outsider")  # Runs nothing, said nothing, joined nothing.
    runs = cast.an_account("https://www.facebook.com/outsider", owner=cast.a_person(name="No Profile"))
    runs.approved_at = now() - timedelta(days=400)
    db.session.commit()
    assert [name for name, _ in reached(fill_in(driver))] == ["Vera"]
    assert [name for name, _ in reached(fill_in(driver, platform="facebook"))] == ["Tomasz Bryk"]  # Comms.


def test_nobody_is_asked_more_than_twice_a_week(driver: Browser) -> None:
    a_helper("Vera", offers="video")
    for number in range(helping.A_WEEK):
        ask(driver, f"{WORDS} {number}")
    assert [name for name, _ in reached(fill_in(driver))] == ["Tomasz Bryk"]
    db.session.execute(sa.update(HelpAsked).values(asked_at=now() - timedelta(days=8)))
    db.session.commit()
    assert [name for name, _ in reached(fill_in(driver))] == ["Vera"]


def test_whoever_was_asked_less_of_late_is_asked_first(driver: Browser) -> None:
    for number in range(6):
        a_helper(f"Vera{number}", offers="video")
    ask(driver)
    assert next(name for name, _ in reached(fill_in(driver, f"{WORDS} Again."))) == "Vera5"


def test_offer_that_is_not_for_the_asker_reaches_nobody_by_it(driver: Browser) -> None:
    hidden = a_helper("Vera", offers="video")
    actions.keep(
        profile=queries.profile(hidden.id), person=hidden, about="", topics=[], offers=["video"], asks=[],
        audiences={"offers": Audience.ORGANISERS},
    )  # fmt: skip
    db.session.commit()
    assert [name for name, _ in reached(fill_in(driver))] == ["Tomasz Bryk"]
    driver.as_(cast.organiser())
    assert [name for name, _ in reached(fill_in(driver))] == ["Vera"]


def test_account_that_the_asker_may_not_see_is_no_reason(driver: Browser) -> None:
    a_helper("Faye", platform="www.facebook.com")
    db.session.execute(sa.text("UPDATE account SET visibility = 'comms'"))
    db.session.commit()
    assert [name for name, _ in reached(fill_in(driver, platform="facebook"))] == ["Tomasz Bryk"]


def test_where_nobody_fits_it_goes_to_comms_and_says_so(driver: Browser) -> None:
    shown = fill_in(driver, "My cat walked over the keyboard.")
    assert "the communications team would be asked" in shown.text
    call = ask(driver, "My cat walked over the keyboard.")
    assert driver.get(f"/people/help/{call}").words("p", class_="reg-flash__text") == [
        "The communications team is asked. You get a mail as soon as somebody can help."
    ]
    assert mails() == [("tomasz.bryk", "Oluwaseun Adé asks for your help")]


def test_where_there_is_nobody_at_all_nothing_is_sent(client: Browser) -> None:
    cast.stranger()
    db.session.commit()
    refused = fill_in(client.as_(cast.stranger()))
    assert refused.errors == {"words": "Nobody can be asked just now: write to the communications team."}
    assert db.session.scalars(sa.select(HelpCall)).all() == []


def test_it_is_sent_to_those_who_were_shown_or_shown_anew(driver: Browser) -> None:
    vera = a_helper("Vera", offers="video")
    sure = str(vera.id)
    db.session.commit()
    actions.choose(person=vera, introductions=True, calls=False)
    a_helper("Wim", offers="video")
    again = fill_in(driver, sure=sure)
    assert (again.status_code, [name for name, _ in reached(again)]) == (200, ["Wim"])
    assert mails() == []


def test_pressing_twice_asks_once(driver: Browser) -> None:
    vera = a_helper("Vera", offers="video")
    first, second = (fill_in(driver, sure=str(vera.id)) for _ in range(2))
    assert (first.location, second.location) == ("/people/help/1", "/people/help/1")
    assert driver.get("/people/help/1").words("p", class_="reg-flash__text")[1:] == [
        "You have asked this already, and have not said that it is settled."
    ]
    assert mails() == [("vera", "Oluwaseun Adé asks for your help")]
    driver.post("/people/help/1/settle", data={"thanks": ""})
    assert ask(driver) == 2


# Answering and settling.


@pytest.fixture
def call(driver: Browser) -> int:
    """A call that reached Vera and Wim."""
    a_helper("Vera", offers="video")
    a_helper("Wim", offers="video")
    return ask(driver)


def by_name(name: str) -> Person:
    return db.session.scalars(sa.select(Person).where(Person.name == name)).one()


def test_a_link_answers_nothing(driver: Browser, call: int) -> None:
    vera = driver.as_(by_name("Vera"))
    assert vera.get(f"/people/help/{call}").words("button", name="answer") == ["I can help", "Not now"]
    assert vera.get(f"/people/help/{call}/answer?answer=can").status_code == 405
    assert set(db.session.scalars(sa.select(HelpAsked.answer))) == {HelpAnswer.WAITING}


def test_asker_hears_who_can_help_and_how_to_reach_them(driver: Browser, call: int) -> None:
    assert mails() == [("vera", "Oluwaseun Adé asks for your help"), ("wim", "Oluwaseun Adé asks for your help")]
    said = answer(driver.as_(by_name("Vera")), call, "can")
    assert said == "Thank you. Oluwaseun Adé is told that you can help, and how to reach you."
    assert mails()[2:] == [("oluwaseun.ade", "Vera can help you")]
    answer(driver, call, "can")  # A second time tells nobody again.
    answer(driver.as_(by_name("Wim")), call, "not-now")
    assert len(mails()) == 3
    page = driver.as_(cast.stranger()).get(f"/people/help/{call}")
    assert page.words("span", class_="reg-tag") == ["Can help", "Not now"]
    assert "vera@dunmore.example" in page.text
    assert "wim@dunmore.example" not in page.text
    assert "Vera can help you" in driver.get("/").words("p", class_="reg-task__text")


def test_nobody_else_sees_a_call_or_answers_it(driver: Browser, call: int) -> None:
    other = driver.as_(cast.ward_sister())
    answers = [
        other.get(f"/people/help/{call}"), other.post(f"/people/help/{call}/answer", data={"answer": "can"}),
        other.post(f"/people/help/{call}/settle", data={"thanks": "x"}),
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [404] * 3
    vera = driver.as_(by_name("Vera"))
    assert vera.post(f"/people/help/{call}/settle", data={"thanks": "x"}).status_code == 404
    asker = driver.as_(cast.stranger())
    assert asker.post(f"/people/help/{call}/answer", data={"answer": "can"}).status_code == 404


def test_helper_sees_the_thanks_and_nobody_is_written_to_after_settling(driver: Browser, call: int) -> None:
    answer(driver.as_(by_name("Vera")), call, "can")
    asker = driver.as_(cast.stranger())
    before = mails()
    assert asker.post(f"/people/help/{call}/settle", data={"thanks": "You saved my winter."}).status_code == 302
    vera = driver.as_(by_name("Vera"))
    assert "Oluwaseun Adé thanks you" in vera.get("/").words("p", class_="reg-task__text")
    assert "You saved my winter." in vera.get(f"/people/help/{call}").text
    wim = driver.as_(by_name("Wim"))
    assert "You saved my winter." not in wim.get(f"/people/help/{call}").text
    assert answer(wim, call, "can") == "Oluwaseun Adé has settled it meanwhile. Thank you all the same."
    assert "asks for your help" not in wim.get("/").text
    assert mails() == before


def test_mail_that_has_not_left_when_it_is_settled_never_leaves(driver: Browser, call: int) -> None:
    first = db.session.scalars(sa.select(Message).where(Message.subject.like("%help%")).order_by(Message.id)).first()
    assert first is not None
    first.state = MessageState.SENT
    db.session.commit()
    driver.as_(cast.stranger()).post(f"/people/help/{call}/settle", data={"thanks": ""})
    assert mails(MessageState.WAITING) == []
    assert [to for to, _ in mails(MessageState.SENT)] == ["vera"]
    assert [to for to, _ in mails(MessageState.FAILED)] == ["wim"]


def test_comms_are_asked_once_when_all_have_said_not_now(driver: Browser, call: int) -> None:
    answer(driver.as_(by_name("Vera")), call, "not-now")
    assert len(mails()) == 2
    answer(driver.as_(by_name("Wim")), call, "not-now")
    assert mails()[2:] == [("tomasz.bryk", "Oluwaseun Adé asks for your help")]
    answer(driver.as_(by_name("Wim")), call, "can")
    answer(driver, call, "not-now")
    answer(driver.as_(cast.comms_officer()), call, "not-now")
    assert [to for to, _ in mails()] == ["vera", "wim", "tomasz.bryk", "oluwaseun.ade"]


@pytest.mark.parametrize("said", ["", "yes", "CAN", "\x00"])
def test_an_answer_that_is_none_changes_nothing(driver: Browser, call: int, said: str) -> None:
    driver.as_(by_name("Vera")).post(f"/people/help/{call}/answer", data={"answer": said})
    assert set(db.session.scalars(sa.select(HelpAsked.answer))) == {HelpAnswer.WAITING}


def test_frontline_staff_without_mail_see_the_answer_at_home(driver: Browser) -> None:
    a_helper("Vera", offers="video")
    cast.stranger().mail = None
    db.session.commit()
    call = ask(driver.as_(cast.stranger()))
    page = driver.get(f"/people/help/{call}")
    assert page.words("p", class_="reg-flash__text") == [
        "One colleague is asked. Your home page says so as soon as somebody can help."
    ]
    answer(driver.as_(by_name("Vera")), call, "can")
    assert len(mails()) == 1
    assert "Vera can help you" in driver.as_(cast.stranger()).get("/").text


def test_history_says_that_help_was_asked_and_not_with_what(driver: Browser, call: int) -> None:
    answer(driver.as_(by_name("Vera")), call, "can")
    told = [event.sentence for event in db.session.scalars(sa.select(Event).where(Event.name.like("help.%")))]
    assert told == [
        "Oluwaseun Adé asked 2 colleagues for help", "Vera answered a colleague who asked for help: can help",
    ]  # fmt: skip
    assert "gritter" not in str([event.fields for event in db.session.scalars(sa.select(Event))])


def test_asking_costs_as_many_questions_among_many_as_among_few(
    app: Flask, driver: Browser, count_queries: Counting
) -> None:
    counted, number = [], 0
    for size in (5, 40):
        while number < size:
            number += 1
            a_helper(f"Helper{number:02}", offers="video", platform="www.facebook.com")
        driver.as_(cast.stranger())
        with count_queries() as ran:
            assert len(reached(fill_in(driver, WORDS + " On Facebook."))) == helping.MOST
        counted.append(len(ran))
    assert counted[0] == counted[1]


def test_whoever_asked_and_was_asked_and_is_one_person_is_asked_no_more(app: Flask) -> None:
    nia, comms = cast.library_officer(), cast.comms_officer()
    guest = add(
        name="Nia O", mail="nia@paths.example", title="", team=None, kind=GuestKind.VOLUNTEER,
        ends_on=(now() + timedelta(9)).date(), sponsor=comms, actor=comms,
    )  # fmt: skip
    helpers = [helping.Helper(one, "They can") for one in (nia, cast.ward_sister())]
    helping.ask(asker=guest, text="Help", platform="", topic=None, helpers=helpers)
    db.session.commit()
    merge_guest(gone=guest, kept=nia, actor=comms)
    db.session.commit()
    rows = db.session.execute(sa.select(HelpCall.asker_id, HelpAsked.person_id).join(HelpAsked)).all()
    assert [tuple(row) for row in rows] == [(nia.id, cast.ward_sister().id)]


# When nobody answers.


def leaves(person: Person) -> None:
    """The directory says that somebody has left."""
    person.state, person.left_at = PersonState.LEFT, now()
    db.session.commit()


def test_comms_are_asked_when_the_only_one_left_leaves(app: Flask, driver: Browser, call: int) -> None:
    answer(driver.as_(by_name("Vera")), call, "not-now")
    jobs.run(app, rounds.PEERS)
    assert len(mails()) == 2
    leaves(by_name("Wim"))
    for _ in range(2):
        jobs.run(app, rounds.PEERS)
    assert mails()[2:] == [("tomasz.bryk", "Oluwaseun Adé asks for your help")]


def test_a_no_after_another_has_left_asks_comms_at_once(driver: Browser, call: int) -> None:
    leaves(by_name("Wim"))
    answer(driver.as_(by_name("Vera")), call, "not-now")
    assert mails()[2:] == [("tomasz.bryk", "Oluwaseun Adé asks for your help")]


@pytest.mark.parametrize(
    ("days", "said", "told"),
    [(2, None, []), (3, None, ["tomasz.bryk"]), (3, "not-now", ["tomasz.bryk"]), (3, "can", []), (60, None, [])],
)
def test_comms_are_asked_after_two_working_days_of_silence(
    app: Flask, driver: Browser, call: int, days: int, said: str | None, told: list[str]
) -> None:
    monday = datetime(2026, 11, 30, 15, tzinfo=UTC)
    db.session.execute(sa.update(HelpCall).values(asked_at=monday))
    db.session.commit()
    if said:
        answer(driver.as_(by_name("Vera")), call, said)
    before = len(mails())
    with time_machine.travel(monday + timedelta(days=days), tick=False):
        rounds.see_after_peers(app.config["SETTINGS"])
    assert [to for to, _ in mails()[before:]] == told


def test_what_a_leaver_asked_waits_for_nobody(app: Flask, driver: Browser, call: int) -> None:
    leaves(cast.stranger())
    vera = driver.as_(by_name("Vera"))
    assert "asks for your help" not in vera.get("/").text
    page = vera.get(f"/people/help/{call}")
    assert (page.words("button", name="answer"), "mailto:" in page.text) == ([], False)
    assert answer(vera, call, "can") == "Oluwaseun Adé does not work here any more. Thank you all the same."
    leaves(by_name("Wim"))
    rounds.see_after_peers(app.config["SETTINGS"])
    assert len(mails()) == 2


def test_a_no_outlives_a_merge(app: Flask) -> None:
    nia, comms = cast.library_officer(), cast.comms_officer()
    guest = add(
        name="Nia O", mail="nia@paths.example", title="", team=None, kind=GuestKind.VOLUNTEER,
        ends_on=(now() + timedelta(9)).date(), sponsor=comms, actor=comms,
    )  # fmt: skip
    actions.choose(person=guest, introductions=True, calls=False)
    actions.choose(person=nia, introductions=False, calls=True)
    merge_guest(gone=guest, kept=nia, actor=comms)
    db.session.commit()
    (choice,) = db.session.scalars(sa.select(PeerChoice))
    assert (choice.person_id, choice.no_introductions, choice.no_calls) == (nia.id, True, True)
