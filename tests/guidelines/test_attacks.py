"""Whatever happens while somebody signs: one sign-off of the version that was shown, or none, and they are told so."""

import os
import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Answer, Browser
from flask import Flask
from killable_signing import Signer

from registry import jobs
from registry.accounts import signing as rules
from registry.audit import Event
from registry.db import db, now
from registry.guidelines import actions, asking, queries, signing, spells
from registry.guidelines.asking import OPEN, Changes, recount
from registry.guidelines.evidence import verify
from registry.guidelines.models import (
    Document,
    Method,
    Obligation,
    SigningRule,
    SignOff,
    Version,
    VersionState,
    Whom,
    Why,
)  # fmt: skip
from registry.people import queries as people

PAGE = "/guidelines/social-media"
OVERTAKEN = {"agreed": "A newer version was published while you read. It is shown now: read it, then sign."}
#: Of how many statements one is killed at; 1, for all of them, with ``TEST_EVERY_KILL``.
STEP = 1 if os.environ.get("TEST_EVERY_KILL") else 7


@pytest.fixture
def document(app: Flask) -> Document:
    """Guidelines in one version, which Nia and her deputy owe."""
    made = cast.a_document("Social media")
    cast.an_account(deputy=cast.ward_sister())
    db.session.commit()
    return made


def shown(client: Browser) -> str:
    """The version that the page shows, as its form carries it; none where there is nothing to sign."""
    fields = client.get(PAGE).all("input", name="version")
    return str(fields[0].get("value")) if fields else ""


def send(client: Browser, version: str) -> Answer:
    """Send the form for it."""
    answer: Answer = client.post(PAGE, data={"version": version, "agreed": "y"})
    return answer


def signed() -> list[tuple[str, int]]:
    """Who has signed which version; the history says the same, and both chains are whole."""
    db.session.rollback()
    kept = db.session.scalars(sa.select(SignOff).order_by(SignOff.id)).all()
    told = db.session.scalars(sa.select(Event).where(Event.name.in_(signing.TELLING)).order_by(Event.id)).all()
    assert [one.fields["seal"] for one in told] == [one.seal for one in kept]
    assert verify().faults == []
    return [(one.person_username, one.version_number) for one in kept]


def owed(client: Browser) -> bool:
    """Whether the home page asks for it."""
    return "Read and sign" in client.get("/").text


def test_process_killed_at_a_statement_leaves_nothing_or_all(app: Flask, document: Document, tmp_path: Path) -> None:
    db.session.remove()
    signer = Signer(tmp_path, app.config["SQLALCHEMY_DATABASE_URI"].replace("+psycopg", ""))
    try:
        number, killed = 1, 0
        while not (left := signed()):
            assert signer.sign(die_at=number) in (0, -9)
            number, killed = number + STEP, killed + 1
        assert left == [("nia.okafor", 1)]  # It may have been killed after the commit, too: then all of it is there.
        assert killed > 4
    finally:
        signer.close()
    assert signed() == [("nia.okafor", 1)]


def test_double_submit_and_two_tabs_sign_once(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    tabs = [shown(officer), shown(officer)]
    assert [send(officer, tab).status_code for tab in (*tabs, tabs[0])] == [302, 302, 302]
    assert signed() == [("nia.okafor", 1)]


def test_many_presses_at_once_sign_once_each(app: Flask, client: Browser, document: Document) -> None:
    signers = [cast.library_officer(), cast.ward_sister()]
    version = shown(client.as_(signers[0]))
    browsers = [Browser(app).as_(one) for one in (*signers, *signers)]
    answers, gate = [0] * 4, threading.Barrier(4)

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            answers[number] = send(browsers[number], version).status_code
            db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, sorted(signed())) == ([302] * 4, [("bronwen.rees", 1), ("nia.okafor", 1)])


def test_back_button_after_a_new_version_signs_nothing_more(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    first = shown(officer)
    send(officer, first)
    cast.a_version(document, text="Stricter")
    again = send(officer, first)  # The page of before, from the history of the browser.
    assert (again.status_code, again.errors) == (409, OVERTAKEN)
    assert (signed(), owed(officer)) == ([("nia.okafor", 1)], True)
    send(officer, shown(officer))
    assert (signed()[-1], owed(officer)) == (("nia.okafor", 2), False)


def test_two_tabs_with_two_versions_sign_the_one_in_force(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    old = shown(officer)
    cast.a_version(document, text="Stricter")
    new = shown(officer)
    assert [send(officer, tab).status_code for tab in (old, new, old)] == [409, 302, 409]
    assert signed() == [("nia.okafor", 2)]


def test_version_that_was_scheduled_comes_while_somebody_reads(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    draft = actions.draft(document=document, text="Later", summary="", material=True, actor=cast.comms_officer())
    draft.state = VersionState.SCHEDULED
    old = shown(officer)
    assert send(officer, str(draft.id)).status_code == 409  # It is not in force yet.
    actions.publish(version=draft, document=document, actor=cast.comms_officer())
    answer = send(officer, old)
    assert (answer.status_code, answer.errors, "Later" in answer.text) == (409, OVERTAKEN, True)
    assert signed() == []


def test_publishing_and_signing_at_once_sign_what_was_shown_or_nothing(
    app: Flask, client: Browser, document: Document
) -> None:
    officer, comms = Browser(app).as_(cast.library_officer()), Browser(app).as_(cast.comms_officer())
    draft = {"title": "Social media", "text": "Stricter", "summary": "", "material": "yes", "begun": ""}
    comms.post(f"{PAGE}/draft", data=draft)
    stamp = comms.get(f"{PAGE}/preview").all("input", name="version")[0].get("value")
    out = {"version": stamp, "when": "now", "unseen_reason": "It cannot wait."}
    version, gate, answers = shown(officer), threading.Barrier(2), {}

    def run(name: str) -> None:
        with app.app_context():
            gate.wait()
            done = send(officer, version) if name == "sign" else comms.post(f"{PAGE}/preview", data=out)
            answers[name] = done.status_code
            db.session.remove()

    threads = [threading.Thread(target=run, args=(name,)) for name in ("sign", "publish")]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    wanted = {302: [("nia.okafor", 1)], 409: []}
    assert (answers["publish"], signed(), owed(officer)) == (302, wanted[answers["sign"]], True)


# The worker, which follows the rules meanwhile.


def in_the_middle_of_handing_on(app: Flask, monkeypatch: pytest.MonkeyPatch, press: Callable[[], Answer]) -> int:
    """Press a button after the worker has written who must sign and before it has committed; what is answered."""
    answers: list[int] = []

    def run() -> None:
        with app.app_context():
            answers.append(press().status_code)
            db.session.remove()

    thread = threading.Thread(target=run)

    def require(*args: Any, **options: Any) -> Changes:
        changes = asking.require(*args, **options)
        if changes.begun and not thread.ident:
            thread.start()
            thread.join(2)
        return changes

    monkeypatch.setattr(rules, "require", require)
    jobs.hand_on()
    thread.join()
    return answers[0]


@pytest.mark.postgres
def test_who_signs_while_the_worker_asks_them_has_signed(
    app: Flask, client: Browser, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.add(SigningRule(document_id=document.id, whom=Whom.EVERYONE))
    stranger = client.as_(cast.stranger())
    version = shown(stranger)
    assert in_the_middle_of_handing_on(app, monkeypatch, lambda: send(stranger, version)) == 302
    assert (signed(), owed(stranger)) == ([("oluwaseun.ade", 1)], False)


@pytest.mark.postgres
def test_who_registers_while_the_worker_asks_them_is_not_stopped(
    app: Flask, client: Browser, document: Document, monkeypatch: pytest.MonkeyPatch
) -> None:
    db.session.add(SigningRule(document_id=document.id, whom=Whom.EVERYONE))
    stranger = client.as_(cast.stranger())
    form = {
        "address": "https://www.facebook.com/dunmoreparking", "title": "Parking", "purpose": "Where to park.",
        "standing": "official", "owner": "oluwaseun.ade",
    }  # fmt: skip
    assert in_the_middle_of_handing_on(app, monkeypatch, lambda: stranger.post("/accounts/new", data=form)) == 302
    assert owed(stranger)


def test_pressing_again_counts_what_was_signed_before(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    version = shown(officer)
    send(officer, version)
    db.session.execute(sa.update(Obligation).values(signed_number=0))
    db.session.commit()
    assert owed(officer)
    send(officer, version)
    assert (signed(), owed(officer)) == ([("nia.okafor", 1)], False)


# The clock.


def test_clock_that_was_set_back_signs_once_and_settles_the_duty(client: Browser, document: Document) -> None:
    published_at = db.session.scalars(sa.select(Version.published_at)).one()
    before = client.as_(cast.library_officer())
    version = shown(before)
    with time_machine.travel(now() - timedelta(minutes=30)):
        # A cookie from the future is no cookie: nothing is signed, and the page says so.
        refused = send(before, version)
        assert (refused.status_code, refused.heading, signed()) == (400, "This page is no longer valid", [])
        officer = client.as_(cast.library_officer())
        assert [send(officer, shown(officer) or version).status_code for _ in range(2)] == [302, 302]
    officer = client.as_(cast.library_officer())
    assert (signed(), owed(officer)) == ([("nia.okafor", 1)], False)
    assert db.session.scalars(sa.select(SignOff.signed_at)).one() == published_at


def test_clock_set_back_after_being_asked_anew_asks_for_one_more_and_no_third(
    client: Browser, document: Document
) -> None:
    cast.sign(document, cast.library_officer())
    later = now() + timedelta(minutes=20)
    db.session.execute(sa.update(Obligation).where(OPEN).values(why=Why.AGAIN, since_at=later))
    spells.note()
    recount()
    officer = client.as_(cast.library_officer())
    assert owed(officer)
    version = shown(officer)
    assert [send(officer, version).status_code for _ in range(3)] == [302] * 3
    assert (signed(), owed(officer)) == ([("nia.okafor", 1)] * 2, False)
    occasions = db.session.execute(sa.select(SignOff.occasion, SignOff.signed_at).order_by(SignOff.id)).all()
    assert [one.occasion for one in occasions] == [0, 1]
    assert occasions[1].signed_at == later


def test_sign_offs_in_no_order_of_time_are_unbroken(client: Browser, document: Document) -> None:
    long_ago = datetime(2020, 1, 1, tzinfo=UTC)
    version = queries.current(document.id)
    assert version is not None
    cast.sign(document, cast.ward_sister())
    officer = people.person(cast.library_officer().id)
    assert officer is not None
    late = signing.made(version, document, officer, signed_at=long_ago, method=Method.ONLINE)
    signing.keep([late], at=True)
    db.session.commit()
    assert signed() == [("bronwen.rees", 1), ("nia.okafor", 1)]


def test_get_never_signs_declines_enters_or_disowns(client: Browser, document: Document) -> None:
    entered = cast.enter(document, cast.ward_sister())
    db.session.commit()
    query = "?version=1&agreed=y&reason=x&sure=y&whom=1&day=2026-01-01&method=on+paper&consent=x"
    for who in (cast.library_officer, cast.ward_sister, cast.comms_officer):
        visitor = client.as_(who())
        for path in (PAGE, f"{PAGE}/decline", f"{PAGE}/enter", f"{PAGE}/enter/sure", "/accounts/1/sign",
                     f"/guidelines/register/{entered.id}/not-mine"):  # fmt: skip
            visitor.get(f"{path}{query}")
            visitor.head(f"{path}{query}")
    assert signed() == [("bronwen.rees", 1)]
