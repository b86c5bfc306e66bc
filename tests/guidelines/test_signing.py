"""Signing the guidelines: once, what was read, by one's own hand; and who owes it."""

import threading

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry.audit import Event
from registry.db import db
from registry.guidelines import queries
from registry.guidelines.asking import OPEN, recount
from registry.guidelines.models import Document, Obligation, SignOff
from registry.guidelines.signing import WORDING
from registry.people.models import PersonState


@pytest.fixture
def document(app: Flask) -> Document:
    """Guidelines in one version, and two people who owe them: Nia and her deputy."""
    made = cast.a_document("Social media")
    cast.an_account(deputy=cast.ward_sister())
    db.session.commit()
    return made


NEXT = {"title": "Social media", "text": "Draft", "material": "yes"}


def current(document: Document) -> str:
    """The id of the version in force, as the form carries it."""
    version = queries.current(document.id)
    assert version is not None
    return str(version.id)


def sign(client: Browser, version: str, *, agreed: str = "y", slug: str = "social-media") -> Answer:
    """Send the form."""
    data = {"version": version, **({"agreed": agreed} if agreed else {})}
    answer: Answer = client.post(f"/guidelines/{slug}", data=data)
    return answer


def signed() -> list[tuple[str, int]]:
    """Who has signed which version, in order."""
    db.session.commit()
    kept = db.session.scalars(sa.select(SignOff).order_by(SignOff.id))
    return [(one.person_username, one.version_number) for one in kept]


def owing(document: Document) -> list[str]:
    """Who owes the document, by name."""
    names = cast.unsigned(document)
    db.session.commit()
    return names


def test_signature_keeps_what_it_was_that_day(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    page = officer.get("/guidelines/social-media")
    assert page.words("label")[-1] == WORDING
    assert sign(officer, current(document)).location == "/guidelines/social-media"
    kept = db.session.scalars(sa.select(SignOff)).one()
    version = queries.current(document.id)
    assert version is not None
    assert (kept.person_name, kept.person_username, kept.person_team) == (
        "Nia Okafor",
        "nia.okafor",
        "Communities / Libraries",
    )
    assert (kept.document_title, kept.version_number, kept.sha256) == ("Social media", 1, version.sha256)
    assert (kept.wording, kept.method.value) == (WORDING, "online")
    # The evidence outlives the person.
    who = cast.library_officer()
    who.name, who.state = "Nia Somebody", PersonState.LEFT
    db.session.commit()
    assert db.session.scalars(sa.select(SignOff.person_name)).one() == "Nia Okafor"


def test_signing_twice_keeps_one_row(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    for _ in range(3):
        assert sign(officer, current(document)).status_code == 302
    assert signed() == [("nia.okafor", 1)]
    assert db.session.scalar(sa.select(sa.func.count(Event.id)).where(Event.name == "guidelines.signed")) == 1


@pytest.mark.parametrize("round_", range(3))
def test_signing_twice_at_once_keeps_one_row(app: Flask, document: Document, round_: int) -> None:
    officer, version = cast.library_officer(), current(document)
    browsers = [Browser(app).as_(officer) for _ in range(3)]
    db.session.commit()
    gate, answers = threading.Barrier(3), [0, 0, 0]

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            answers[number] = sign(browsers[number], version).status_code
            db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (answers, signed()) == ([302, 302, 302], [("nia.okafor", 1)])


def test_version_that_is_no_longer_in_force_is_not_signed(client: Browser, document: Document) -> None:
    officer, shown = client.as_(cast.library_officer()), current(document)
    cast.a_version(document, text="Another text")
    answer = sign(officer, shown)
    assert (answer.status_code, answer.errors) == (
        409, {"agreed": "A newer version was published while you read. It is shown now: read it, then sign."},
    )  # fmt: skip
    assert "Another text" in answer.text
    assert signed() == []
    assert answer.all("input", name="version")[0].get("value") == current(document)


def test_draft_and_another_document_are_not_signed(client: Browser, document: Document) -> None:
    other = current(cast.a_document("Photographs"))
    client.as_(cast.comms_officer()).post("/guidelines/social-media/draft", data=NEXT)
    draft = queries.draft_of(document.id)
    assert draft is not None
    officer = client.as_(cast.library_officer())
    assert sign(officer, other).status_code == 409
    assert sign(officer, str(draft.id)).status_code == 409
    for nonsense in ("", "0", "999999", "x", "-1", "9" * 40, "١"):
        assert sign(officer, nonsense).status_code == 404
    assert signed() == []


def test_without_the_tick_nothing_is_signed(client: Browser, document: Document) -> None:
    answer = sign(client.as_(cast.library_officer()), current(document), agreed="")
    assert (answer.status_code, answer.errors) == (422, {"agreed": "Tick the box to say that you agree."})
    assert signed() == []


def test_looking_signs_nothing(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    officer.get(f"/guidelines/social-media?version={current(document)}&agreed=y")
    officer.head("/guidelines/social-media")
    assert signed() == []


def test_form_of_another_site_signs_nothing(client: Browser, document: Document) -> None:
    data = {"version": current(document), "agreed": "y"}
    assert client.as_(cast.library_officer()).post("/guidelines/social-media", data=data, csrf=False).status_code == 400
    assert client.anonymous().post("/guidelines/social-media", data=data).status_code == 401
    assert signed() == []


# Who owes.


def test_material_change_asks_again_and_a_minor_one_does_not(client: Browser, document: Document) -> None:
    assert owing(document) == ["bronwen.rees", "nia.okafor"]
    sign(client.as_(cast.library_officer()), current(document))
    assert owing(document) == ["bronwen.rees"]
    cast.a_version(document, text="Clearer", material=False)
    assert owing(document) == ["bronwen.rees"]
    sign(client.as_(cast.ward_sister()), current(document))
    assert (owing(document), signed()) == ([], [("nia.okafor", 1), ("bronwen.rees", 2)])
    cast.a_version(document, text="Stricter", material=True)
    assert owing(document) == ["bronwen.rees", "nia.okafor"]
    assert "It has changed since you signed" in client.get("/guidelines/social-media").text
    cast.a_version(document, text="Stricter, clearer", material=False)
    sign(client, current(document))
    assert (owing(document), signed()[-1]) == (["nia.okafor"], ("bronwen.rees", 4))


def test_whoever_runs_no_account_owes_nothing_but_may_sign(client: Browser, document: Document) -> None:
    stranger = client.as_(cast.stranger())
    assert "Read and sign" not in stranger.get("/").text
    assert sign(stranger, current(document)).status_code == 302
    assert signed() == [("oluwaseun.ade", 1)]
    assert owing(document) == ["bronwen.rees", "nia.okafor"]


def test_duty_ends_with_the_account_and_begins_again(client: Browser, document: Document) -> None:
    comms = client.as_(cast.comms_officer())
    form = {
        "title": "T",
        "purpose": "P",
        "standing": "official",
        "owner": "nia.okafor",
        "deputy": "bronwen.rees",
        "language": "en",
        "topics": "",
    }
    comms.post("/accounts/1/close", data={"reason": "It is over.", "name": "released"})
    assert owing(document) == []
    comms.post("/accounts/1/change", data={**form, "state": "live", "deputy": ""})
    assert owing(document) == ["nia.okafor"]
    ended = db.session.scalars(sa.select(Obligation.person_id).where(Obligation.ended_at.is_not(None))).all()
    assert sorted(ended) == sorted([cast.library_officer().id, cast.ward_sister().id])  # It is not deleted.


def test_leaver_owes_nothing(client: Browser, document: Document) -> None:
    cast.ward_sister().state = PersonState.LEFT
    db.session.commit()
    assert owing(document) == ["nia.okafor"]


def test_who_signs_signs_for_nobody_else(client: Browser, document: Document) -> None:
    cast.sign(document, cast.library_officer())
    recount()
    rows = db.session.execute(sa.select(Obligation.person_id, Obligation.signed_number).where(OPEN))
    assert {person_id: number for person_id, number in rows} == {cast.library_officer().id: 1, cast.ward_sister().id: 0}
