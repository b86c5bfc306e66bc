"""Not signing, and saying why: comms answer, nobody is pressed, and signing later settles it."""

from datetime import datetime, timedelta

import cast
import pytest
import sqlalchemy as sa
import time_machine
from browser import Browser
from flask import Flask

from registry.audit import Event
from registry.db import LONDON, db, today
from registry.guidelines import standing
from registry.guidelines.asking import OPEN
from registry.guidelines.evidence import verify
from registry.guidelines.models import Decline, Document, Obligation, SignOff
from registry.outbox import Message

PAGE = "/guidelines/social-media"
REASON = "The rule on pictures does not fit the ward."


@pytest.fixture
def document(app: Flask) -> Document:
    """Guidelines that Nia and her deputy owe."""
    made = cast.a_document("Social media")
    cast.an_account(deputy=cast.ward_sister())
    cast.comms_officer()
    db.session.commit()
    return made


def decline(client: Browser, reason: str = REASON) -> None:
    """Open the page and send it."""
    version = client.get(f"{PAGE}/decline").all("input", name="version")[0].get("value")
    assert client.post(f"{PAGE}/decline", data={"version": version, "reason": reason}).location == PAGE


def declines() -> list[tuple[str, bool, str]]:
    """What was said, whether it is settled, and what was answered."""
    db.session.rollback()
    rows = db.session.scalars(sa.select(Decline).order_by(Decline.id))
    return [(one.reason, one.settled_at is not None, one.answer) for one in rows]


def mail() -> list[tuple[str, str]]:
    """To whom and what about, in order."""
    about = Message.subject.contains("Social media")
    rows = db.session.execute(sa.select(Message.to, Message.subject).where(about).order_by(Message.id))
    return [(row.to.partition("@")[0], row.subject) for row in rows]


def test_reason_goes_to_comms_and_is_shown_on_the_page_of_the_person(client: Browser, document: Document) -> None:
    sister, comms = client.as_(cast.ward_sister()), cast.comms_officer()
    assert "I cannot sign this" in sister.get(PAGE).text
    decline(sister)
    assert "You told comms what keeps you from signing" in sister.get(PAGE).text
    assert "I cannot sign this" not in client.get(PAGE).text
    assert declines() == [(REASON, False, "")]
    assert mail()[-1:] == [("tomasz.bryk", "Bronwen Rees cannot sign “Social media”")]
    assert REASON in db.session.scalars(sa.select(Message.text).order_by(Message.id.desc())).first()  # type: ignore[operator]
    assert db.session.scalars(sa.select(Event.name).order_by(Event.id.desc())).first() == "guidelines.declined"
    told = db.session.scalars(sa.select(Event)).all()
    assert [one.name for one in told if REASON in str(one.fields)] == []  # Their words are not in the history.
    page = f"/people/{cast.ward_sister().id}"
    seen = {who.__name__: REASON in client.as_(who()).get(page).text
            for who in (cast.ward_sister, cast.comms_officer, cast.library_officer, cast.auditor)}  # fmt: skip
    assert seen == {"ward_sister": True, "comms_officer": True, "library_officer": False, "auditor": False}
    assert client.as_(comms).get("/").words("p", class_="reg-task__text")[0] == "One colleague cannot sign"
    assert client.get("/guidelines/declines").words("blockquote") == [REASON]


def test_saying_it_twice_is_saying_it_once(client: Browser, document: Document) -> None:
    sister = client.as_(cast.ward_sister())
    version = sister.get(f"{PAGE}/decline").all("input", name="version")[0].get("value")
    for _ in range(2):
        sister.post(f"{PAGE}/decline", data={"version": version, "reason": REASON})
    assert (declines(), len(mail())) == ([(REASON, False, "")], 1)
    assert sister.get(f"{PAGE}/decline").location == PAGE
    sister.post(f"{PAGE}/decline", data={"version": version, "reason": "And it is too long."})
    assert declines() == [("And it is too long.", False, "")]


def test_signing_later_settles_it(client: Browser, document: Document) -> None:
    sister = client.as_(cast.ward_sister())
    decline(sister)
    version = sister.get(PAGE).all("input", name="version")[0].get("value")
    sister.post(PAGE, data={"version": version, "agreed": "y"})
    assert declines() == [(REASON, True, "")]
    assert "Nobody" in client.as_(cast.comms_officer()).get("/guidelines/declines").words("h2")


def test_answer_settles_it_and_is_written_to_the_person(client: Browser, document: Document) -> None:
    decline(client.as_(cast.ward_sister()))
    comms = client.as_(cast.comms_officer())
    asked = comms.post("/guidelines/declines/1", data={"answer": "", "then": ""})
    assert (asked.status_code, asked.errors) == (
        422, {"answer": "Write down what came of it.", "then": "Choose what happens next."},
    )  # fmt: skip
    data = {"answer": "We have changed the rule.", "then": "settled"}
    assert comms.post("/guidelines/declines/1", data=data).location == "/guidelines/declines"
    assert declines() == [(REASON, True, "We have changed the rule.")]
    assert mail()[-1] == ("bronwen.rees", "About “Social media”")
    assert comms.post("/guidelines/declines/1", data={**data, "answer": "Again."}).status_code == 302
    assert declines() == [(REASON, True, "We have changed the rule.")]
    assert comms.get("/guidelines/declines/1").location == "/guidelines/declines"
    decline(client.as_(cast.ward_sister()), "Not now either.")  # The duty is there still, and so is the way to say no.
    assert declines()[1] == ("Not now either.", False, "")


def test_who_is_asked_again_has_the_whole_time_to_sign(client: Browser, document: Document) -> None:
    decline(client.as_(cast.ward_sister()))
    mine = (Obligation.person_id == cast.ward_sister().id, OPEN)
    long_ago = {"due_on": today().replace(year=2020), "mails": 4, "mailed_on": today()}
    db.session.execute(sa.update(Obligation).where(*mine).values(long_ago))
    data = {"answer": "We have changed the rule.", "then": "again"}
    client.as_(cast.comms_officer()).post("/guidelines/declines/1", data=data)
    db.session.rollback()
    duty = db.session.scalars(sa.select(Obligation).where(*mine).execution_options(populate_existing=True)).one()
    assert ((duty.due_on - today()).days, duty.mails, duty.mailed_on) == (14, 0, None)
    last = db.session.scalars(sa.select(Message.text).order_by(Message.id.desc())).first()
    assert last is not None
    assert last.rstrip().endswith("/guidelines/social-media")
    assert db.session.scalars(sa.select(Event.name).order_by(Event.id.desc())).first() == "guidelines.decline-answered"


def test_being_asked_again_changes_nothing_of_the_days_before(client: Browser, document: Document) -> None:
    late = today() + timedelta(days=20)
    with time_machine.travel(datetime(late.year, late.month, late.day, 12, tzinfo=LONDON)):
        before = standing.export_rows(late - timedelta(days=1)).all()
        assert [row[6] for row in before] == ["overdue", "overdue"]
        decline(client.as_(cast.ward_sister()))
        client.as_(cast.comms_officer()).post("/guidelines/declines/1", data={"answer": "Read it.", "then": "again"})
        assert standing.export_rows(late - timedelta(days=1)).all() == before
        assert [row[6] for row in standing.export_rows(late)] == ["owed", "overdue"]


def test_new_material_version_asks_those_anew_who_declined_the_one_before(client: Browser, document: Document) -> None:
    said = cast.decline(document, cast.ward_sister(), reason=REASON)
    db.session.commit()
    cast.a_version(document, text="A typo.", material=False)
    db.session.commit()
    assert declines() == [(REASON, False, "")]  # It says the same: comms still talk with them.
    before = [one.state for one in db.session.execute(standing.told(None)) if one.person_id == said.person_id]
    cast.a_version(document, text="Nobody is named in a reply.")
    db.session.commit()
    after = [one.state for one in db.session.execute(standing.told(None)) if one.person_id == said.person_id]
    assert (before, after) == (["declined"], ["owed"])
    assert declines() == [(REASON, True, "Version 3 was published since, and asks anew.")]
    db.session.rollback()
    sister = client.as_(cast.ward_sister())
    assert "Read and sign" in sister.get("/").text
    assert sister.get(PAGE).all("input", name="agreed") != []
    decline(sister)
    assert [one[1] for one in declines()] == [True, False]
    assert verify().well


def test_nobody_declines_what_they_need_not_sign_or_what_is_over(client: Browser, document: Document) -> None:
    stranger = client.as_(cast.stranger())
    assert stranger.get(f"{PAGE}/decline").location == PAGE
    stranger.post(f"{PAGE}/decline", data={"version": "1", "reason": REASON})
    sister = client.as_(cast.ward_sister())
    old = sister.get(f"{PAGE}/decline").all("input", name="version")[0].get("value")
    cast.a_version(document, text="Another")
    sister.post(f"{PAGE}/decline", data={"version": old, "reason": REASON})
    assert declines() == []
    assert client.get("/guidelines/declines").status_code == 404


def test_declining_and_looking_sign_nothing(client: Browser, document: Document) -> None:
    sister = client.as_(cast.ward_sister())
    decline(sister)
    for method in (sister.get, sister.head):
        method(f"{PAGE}?agreed=y&version=1")
        method(f"{PAGE}/decline?reason=x&version=1")
    assert db.session.scalars(sa.select(SignOff)).all() == []
    assert declines() == [(REASON, False, "")]
