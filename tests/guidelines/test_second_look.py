"""A second pair of eyes before guidelines count: somebody else's, on the very draft, or a reason for all to read."""

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask

from registry.audit import Event
from registry.db import db
from registry.guidelines.models import SigningRule, Version, VersionState
from registry.outbox import Message

PATH = "/guidelines/social-media/preview"
WORDS = {"title": "Social media", "about": "For all of us.", "text": "Be kind.", "material": "yes"}


@pytest.fixture
def comms(app: Flask) -> Browser:
    """The comms officer's browser; he has begun guidelines."""
    cast.admin()
    writer = Browser(app).as_(cast.comms_officer())
    assert writer.post("/guidelines/new", data=WORDS).location == PATH
    return writer


@pytest.fixture
def admin(app: Flask, comms: Browser) -> Browser:
    """The browser of a colleague who may write too."""
    return Browser(app).as_(cast.admin())


def stamp(client: Browser) -> str:
    """The stamp of the draft, as its page carries it."""
    return str(client.get(PATH).all("input", name="version")[0].get("value"))


def press(client: Browser, button: str, seen: str = "", **more: str) -> Answer:
    """Press a button of the page; ``seen`` is the stamp of what was looked at, if it was not just now."""
    answer: Answer = client.post(f"{PATH}{button}", data={"version": seen or stamp(client), **more})
    return answer


def change(client: Browser, **words: str) -> Answer:
    """Write on it."""
    page = client.get("/guidelines/social-media/draft")
    begun = page.all("input", name="begun")[0].get("value")
    answer: Answer = client.post("/guidelines/social-media/draft", data={**WORDS, "begun": begun, **words})
    return answer


def draft() -> Version:
    """The version as it is now."""
    db.session.rollback()
    return db.session.scalars(sa.select(Version)).one()


def told() -> list[str]:
    """What the history says after the first line."""
    db.session.rollback()
    return [one.sentence for one in db.session.scalars(sa.select(Event).order_by(Event.id))][1:]


def mails() -> list[tuple[str, str]]:
    """To whom mail went, and what about."""
    return [(one.to, one.subject) for one in db.session.scalars(sa.select(Message).order_by(Message.id))]


def test_colleague_is_asked_looks_and_then_it_is_published(comms: Browser, admin: Browser) -> None:
    assert press(comms, "/ask").location == PATH
    assert mails() == [("soren.lund@dunmore.example", "Would you look at “Social media”?")]
    assert "Would you look at “Social media”?" in admin.get("/").text
    assert "Would you look at" not in comms.get("/").text
    assert press(admin, "/looks-right").location == PATH
    assert draft().looked_by_id == cast.admin().id
    assert "Would you look at" not in admin.get("/").text
    assert mails()[1:] == [("tomasz.bryk@dunmore.example", "“Social media” looks right")]
    assert press(comms, "", when="now").location == "/guidelines/social-media"
    assert (draft().state, draft().unseen_reason) == (VersionState.PUBLISHED, "")
    assert told() == [
        "Tomasz Bryk asked for a second look at version 1 of “Social media”",
        "Søren Lund looked at version 1 of “Social media” and found it right",
        "Tomasz Bryk published version 1 of “Social media”",
    ]
    assert "Søren Lund looked at it first" in comms.get("/guidelines/social-media/versions").text


def test_who_wrote_last_is_no_second_pair_of_eyes(comms: Browser, admin: Browser) -> None:
    press(comms, "/looks-right")
    press(comms, "/send-back", reason="No.")
    assert (draft().looked_at, draft().sent_back_reason) == (None, "")
    change(admin, text="Be kind and brief.")
    press(admin, "/looks-right")
    assert draft().looked_at is None
    press(comms, "/looks-right")
    assert draft().looked_by_id == cast.comms_officer().id


@pytest.mark.parametrize(
    "changed",
    [
        {"text": "Be blunt."}, {"title": "Other"}, {"about": "For some."}, {"principles": "Kind: Be kind."},
        {"questions": "Kind?\n[x] Yes\n[ ] No"}, {"summary": "New."}, {"material": "no"}, {"due_on": "2126-12-01"},
    ],
)  # fmt: skip
def test_change_of_anything_voids_the_look(comms: Browser, admin: Browser, changed: dict[str, str]) -> None:
    press(comms, "/ask")
    press(admin, "/looks-right")
    seen = stamp(comms)
    assert change(comms, **changed).status_code == 302
    assert (draft().looked_at, draft().looked_by_id, draft().asked_at) == (None, None, None)
    press(admin, "/looks-right", seen)  # On a page that still shows the draft of before.
    press(admin, "/send-back", seen, reason="No.")
    assert (draft().looked_at, draft().sent_back_reason) == (None, "")
    press(comms, "", seen, when="now", unseen_reason="Seen before.")
    assert draft().state is VersionState.DRAFT


def test_saving_without_a_change_keeps_the_look(comms: Browser, admin: Browser) -> None:
    press(admin, "/looks-right")
    change(comms)
    assert draft().looked_by_id == cast.admin().id


def test_draft_is_sent_back_with_words_and_mended(comms: Browser, admin: Browser) -> None:
    press(comms, "/ask")
    answer = press(admin, "/send-back")
    assert (answer.status_code, answer.errors) == (422, {"reason": "Say what should be changed."})
    assert press(admin, "/send-back", reason="Say what kind means.").location == PATH
    assert mails()[1:] == [("tomasz.bryk@dunmore.example", "A question about “Social media”")]
    assert "Mend the draft of “Social media”" in comms.get("/").text
    assert "Say what kind means." in comms.get(PATH).text
    change(comms, text="Be kind: thank people.")
    assert press(comms, "/ask").location == PATH
    assert (draft().sent_back_reason, draft().asked_at is None) == ("", False)
    assert "Mend the draft" not in comms.get("/").text


def test_without_a_second_look_only_with_a_reason(comms: Browser) -> None:
    answer = press(comms, "", when="now")
    assert (answer.status_code, answer.errors) == (
        422,
        {"unseen_reason": "Nobody else has looked at it. Ask a colleague, or say why it must go without."},
    )
    assert draft().state is VersionState.DRAFT
    press(comms, "", when="now", unseen_reason="A flood warning cannot wait.")
    assert draft().unseen_reason == "A flood warning cannot wait."
    versions = Browser(comms.application).as_(cast.library_officer()).get("/guidelines/social-media/versions")
    assert "Without a second look: A flood warning cannot wait." in versions.text
    assert told() == [
        "Tomasz Bryk went without a second look at version 1 of “Social media”: A flood warning cannot wait.",
        "Tomasz Bryk published version 1 of “Social media”",
    ]


def test_reason_is_not_kept_where_somebody_looked(comms: Browser, admin: Browser) -> None:
    press(admin, "/looks-right")
    press(comms, "", when="now", unseen_reason="Not needed.")
    assert (draft().state, draft().unseen_reason) == (VersionState.PUBLISHED, "")
    assert [one for one in told() if "without" in one] == []


def test_day_to_sign_by_lies_after_the_day_it_counts(comms: Browser) -> None:
    change(comms, due_on="2126-12-01")
    answer = press(comms, "", when="day", from_on="2126-12-01", unseen_reason="Nobody is here.")
    assert (answer.status_code, list(answer.errors)) == (422, ["when"])
    assert draft().state is VersionState.DRAFT


def test_draft_is_thrown_away_by_comms_or_by_who_wrote_it(comms: Browser, admin: Browser) -> None:
    page = f"{PATH}/throw-away"
    assert (admin.get(page).status_code, press(admin, "/throw-away").status_code) == (404, 404)
    assert "Throw this draft away" not in admin.get(PATH).text
    assert comms.get(page).heading == "Throw the draft of “Social media” away?"
    seen = stamp(comms)
    change(admin, text="Be brief.")
    assert press(comms, "/throw-away", seen).location == PATH  # It is not the one that was looked at.
    assert draft().text == "Be brief."
    assert press(admin, "/throw-away").location == "/guidelines"
    assert (told()[-1], db.session.scalars(sa.select(SigningRule)).all(), comms.get(PATH).status_code) == (
        "Søren Lund threw the draft of version 1 of “Social media” away", [], 404,
    )  # fmt: skip


def test_next_version_that_is_thrown_away_leaves_the_one_in_force(comms: Browser, admin: Browser) -> None:
    press(admin, "/looks-right")
    press(comms, "", when="now")
    change(comms, text="Stricter")
    assert press(comms, "/throw-away").location == "/guidelines/social-media"
    assert draft().state is VersionState.PUBLISHED
    change(comms, text="Stricter still")  # Another can be begun.
    seen = stamp(comms)
    press(comms, "", when="day", from_on="2099-01-01", unseen_reason="It is small.")
    assert press(comms, "/throw-away", seen).location == PATH  # What waits for its day is called back first.
    assert len(db.session.scalars(sa.select(Version)).all()) == 2


def test_page_of_a_published_draft_leads_to_the_guidelines(comms: Browser, admin: Browser) -> None:
    seen = stamp(admin)
    press(comms, "", when="now", unseen_reason="Nobody is here.")
    for button in ("/ask", "/looks-right", "/call-back"):
        assert press(admin, button, seen).location == "/guidelines/social-media"
    assert admin.get(PATH).location == "/guidelines/social-media"
    assert len(told()) == 2


def test_what_is_typed_is_shown_and_not_kept(comms: Browser) -> None:
    typed = {"principles": "Kind: Be kind.", "text": "# Hello\n\n<script>alert(1)</script>", "title": "Other"}
    piece = comms.post("/guidelines/shown", data=typed)
    assert (piece.words("h2"), piece.words("strong")) == (["Our principles", "Hello"], ["Kind"])
    assert "<script" not in piece.text
    half = comms.post("/guidelines/shown", data={"principles": "Kind", "text": ""})
    assert "“Kind” has no name and sentence." in half.text
    assert draft().text == "Be kind."
    officer = Browser(comms.application).as_(cast.library_officer())
    assert officer.post("/guidelines/shown", check=False).status_code == 404


def test_questions_and_principles_say_what_is_wrong_beside_them(comms: Browser) -> None:
    many = "\n".join(f"Name {number}: Sentence." for number in range(8))
    one_right = "Question 1 needs one right answer: put an x between its brackets, [x]."
    cases = {
        ("principles", "Kind"): "“Kind” has no name and sentence. Write each as a name, a colon and a sentence, such as"
        " “Be kind: Write as you would speak at the counter.”",
        ("principles", many): "These are 8. Keep the 7 that matter most, and put the others in the text.",
        ("principles", "Kind: A.\nkind: B."): "“Kind” is there twice. Give each principle a name of its own.",
        ("questions", "Kind?"): "Question 1 needs a line that asks, and below it two to 6 answers.",
        ("questions", "Kind?\n[ ] Yes\n[ ] No"): one_right,
        ("questions", "Kind?\n[x] Yes\n[x] No"): one_right,
        ("questions", "Kind?\n[x] Yes\n[ ] Yes"): "Question 1 has the same answer twice.",
        ("questions", "Kind?\nYes"): "Question 1: “Yes” is no answer."
        " A wrong one begins with [ ], the right one with [x].",
        ("due_on", "2020-01-01"): "Choose a day to come.",
    }  # fmt: skip
    assert {case: change(comms, **{case[0]: case[1]}).errors.get(case[0]) for case in cases} == cases
    kept = "Kind?\n[ ] No\n[x] Yes\nWhy: It costs nothing.\n\nBrief?\n[x] Yes\n[ ] No"
    change(comms, principles="Kind: Be kind.\nBrief: Be brief: it is kind.", questions=kept)
    assert draft().principles == [
        {"name": "Kind", "sentence": "Be kind."}, {"name": "Brief", "sentence": "Be brief: it is kind."},
    ]  # fmt: skip
    assert draft().questions[0] == {
        "question": "Kind?", "answers": ["No", "Yes"], "right": 1, "why": "It costs nothing."
    }  # fmt: skip
    page = comms.get("/guidelines/social-media/draft")
    assert page.words("textarea", name="questions") == [" ".join(kept.split())]
    assert page.all("textarea", name="principles")[0].text == "Kind: Be kind.\nBrief: Be brief: it is kind."
