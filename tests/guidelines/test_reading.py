"""Reading and signing on one page: principles, what changed, check questions; and as the second step of registering."""

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry.db import db
from registry.guidelines import queries, writing
from registry.guidelines.evidence import verify
from registry.guidelines.models import Document, SignOff, Version

PAGE = "/guidelines/social-media"
QUESTIONS = [
    {"question": "May you post a colleague’s picture?", "answers": ["Always", "When they agree"], "right": 1,
     "why": "A picture is theirs."},
    {"question": "Who answers at night?", "answers": ["Nobody", "You", "Comms"], "right": 2, "why": ""},
]  # fmt: skip
PRINCIPLES = [
    {"name": "Be kind", "sentence": "Write as you would speak."},
    {"name": "Be clear", "sentence": "Use plain words."},
]


@pytest.fixture
def document(app: Flask) -> Document:
    """Guidelines with principles and two questions, which Nia owes and her deputy too."""
    made = cast.a_document("Social media", versions=0)
    cast.a_version(made, text="## The rest\n\nIs common sense.\n", questions=QUESTIONS, principles=PRINCIPLES)
    cast.an_account(deputy=cast.ward_sister())
    db.session.commit()
    return made


def sign(client: Browser, page: str = PAGE, **more: str) -> Answer:
    """Open the page and send its form, rightly filled in but for what is said otherwise."""
    version = client.get(page).all("input", name="version")
    data = {"version": version[0].get("value") if version else "", "agreed": "y", "question_0": "1", "question_1": "2"}
    answer: Answer = client.post(page, data={**data, **more})
    return answer


def signed() -> list[tuple[str, int, int]]:
    """Who has signed which version, and how many questions they answered."""
    db.session.rollback()
    rows = db.session.scalars(sa.select(SignOff).order_by(SignOff.id))
    return [(one.person_username, one.version_number, one.checked) for one in rows]


def test_principles_stand_before_the_text_and_are_part_of_what_is_signed(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    page = officer.get(PAGE)
    assert page.words("h2") == ["Our principles", "The rest", "Sign", "More"]
    assert [words for words in page.words("li") if words.startswith("Be ")] == [
        "Be kind Write as you would speak.", "Be clear Use plain words.",
    ]  # fmt: skip
    assert sign(officer).status_code == 302
    version = db.session.scalars(sa.select(Version)).one()
    assert version.whole.startswith("# Our principles\n\n1. **Be kind**: Write as you would speak.")
    assert db.session.scalars(sa.select(SignOff.sha256)).one() == version.sha256


def test_wrong_answer_is_explained_beside_the_question_and_nothing_is_signed(
    client: Browser, document: Document
) -> None:
    officer = client.as_(cast.library_officer())
    answer = sign(officer, question_0="0", question_1="")
    assert (answer.status_code, answer.errors) == (
        422, {"question_0": "Not quite. A picture is theirs. Choose again.", "question_1": "Choose an answer."},
    )  # fmt: skip
    assert signed() == []
    chosen = [one.get("id") for one in answer.all("input", type="radio") if one.get("checked") is not None]
    assert (chosen, [one.get("checked") for one in answer.all("input", name="agreed")]) == (["question_0-0"], [""])
    assert sign(officer, question_1="7").errors == {"question_1": "Not a valid choice."}
    assert sign(officer).status_code == 302
    assert signed() == [("nia.okafor", 1, 2)]


def test_questions_can_be_changed_without_the_text(client: Browser, document: Document) -> None:
    version = db.session.scalars(sa.select(Version)).one()
    version.questions = QUESTIONS[:1]
    officer = client.as_(cast.library_officer())
    assert [one for one in officer.get(PAGE).words("legend")] == ["May you post a colleague’s picture?"]
    sign(officer)
    assert signed() == [("nia.okafor", 1, 1)]


def test_who_signed_before_reads_what_changed_since(client: Browser, document: Document) -> None:
    cast.sign(document, cast.library_officer())
    cast.a_version(document, text="Stricter", summary="Passwords are kept in the safe.")
    cast.a_version(document, text="Stricter, clearer", summary="A comma.", material=False)
    page = client.as_(cast.library_officer()).get(PAGE)
    assert [words.partition(",")[0] for words in page.words("p", class_="reg-changes__which")] == [
        "Version 3", "Version 2",
    ]  # fmt: skip
    assert "Passwords are kept in the safe." in page.text
    assert client.as_(cast.ward_sister()).get(PAGE).words("p", class_="reg-changes__which") == []
    sign(client.as_(cast.library_officer()))
    assert client.get(PAGE).words("p", class_="reg-changes__which") == []


def test_who_read_while_a_new_version_came_sees_what_changed(client: Browser, document: Document) -> None:
    officer = client.as_(cast.library_officer())
    shown = officer.get(PAGE).all("input", name="version")[0].get("value")
    cast.a_version(document, text="Stricter", summary="Passwords are kept in the safe.")
    answer = officer.post(PAGE, data={"version": shown, "agreed": "y"})
    assert (answer.status_code, answer.errors) == (
        409, {"agreed": "A newer version was published while you read. It is shown now: read it, then sign."},
    )  # fmt: skip
    assert "Passwords are kept in the safe." in answer.text
    assert signed() == []


# Within registering.


def register(client: Browser, address: str) -> Answer:
    """Send the form that registers an account."""
    form = {"address": address, "platform": "", "title": "Dunmore", "purpose": "News.", "standing": "official"}
    answer: Answer = client.post("/accounts/new", data=form | {"owner": "oluwaseun.ade", "deputy": ""})
    return answer


def test_registering_goes_on_with_reading_and_signing(client: Browser, document: Document) -> None:
    cast.a_document("Photographs")
    newcomer = client.as_(cast.stranger())
    form = newcomer.get("/accounts/new?address=https://x.com/dunmoreparking")
    assert form.words("p", class_="reg-eyebrow") == ["Register an account · step 1 of 2"]
    step = register(newcomer, "https://x.com/dunmoreparking").location
    assert step.endswith("/sign")
    first = newcomer.get(step)
    assert (first.heading, first.words("p", class_="reg-eyebrow")) == (
        "Photographs", ["Register an account · step 2 of 2 · 2 to read"],
    )  # fmt: skip
    refused = sign(newcomer, step, agreed="")
    assert (refused.status_code, refused.errors) == (422, {"agreed": "Tick the box to say that you agree."})
    assert sign(newcomer, step).location == step
    assert newcomer.get(step).heading == "Social media"
    assert sign(newcomer, step, question_0="0").errors == {
        "question_0": "Not quite. A picture is theirs. Choose again."
    }
    assert sign(newcomer, step).location == step
    confirmation = newcomer.get(step).location
    assert newcomer.get(confirmation).heading == "Dunmore is registered"
    assert signed() == [("oluwaseun.ade", 1, 0), ("oluwaseun.ade", 1, 2)]
    assert register(newcomer, "https://x.com/dunmoreparking2").location.endswith("/registered")  # Nothing is owed.
    assert verify().well


def test_signing_can_be_left_for_later(client: Browser, document: Document) -> None:
    newcomer = client.as_(cast.stranger())
    step = register(newcomer, "https://x.com/dunmoreparking").location
    later = [one.get("href") for one in newcomer.get(step).all("a") if "later" in "".join(one.itertext())]
    confirmation = newcomer.get(str(later[0]))
    assert (confirmation.heading, step in confirmation.text) == ("Dunmore is registered", True)
    assert [one.id for one in queries.owed_by(cast.stranger().id)] == [document.id]


def test_step_is_there_for_who_registered_it_alone(client: Browser, document: Document) -> None:
    step = register(client.as_(cast.stranger()), "https://x.com/dunmoreparking").location
    other = client.as_(cast.library_officer())
    assert other.get(step).location == step.removesuffix("/sign") + "/registered"
    version = str(queries.current(document.id).id)  # type: ignore[union-attr]
    other.post(step, data={"version": version, "agreed": "y", "question_0": "1", "question_1": "2"})
    assert signed() == []


def test_what_is_retired_meanwhile_is_not_signed_and_registering_goes_on(client: Browser, document: Document) -> None:
    newcomer = client.as_(cast.stranger())
    step = register(newcomer, "https://x.com/dunmoreparking").location
    version = newcomer.get(step).all("input", name="version")[0].get("value")
    writing.retire(document=document, reason="They are in the handbook now.", actor=cast.comms_officer())
    db.session.commit()
    form = {"version": version, "agreed": "y", "question_0": "1", "question_1": "2"}
    assert newcomer.post(step, data=form).location == step
    assert newcomer.get(step).location == step.removesuffix("/sign") + "/registered"
    assert signed() == []
