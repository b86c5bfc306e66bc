"""Writing and publishing guidelines: one draft at a time, nothing published unseen, HTML that is safe."""

import threading
from collections.abc import Callable
from xml.etree.ElementTree import Element

import cast
import pytest
import sqlalchemy as sa
from browser import Answer, Browser
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st
from markup import parse, whole

from registry.audit import Event
from registry.db import db
from registry.guidelines import queries
from registry.guidelines.models import Document, Version, VersionState
from registry.guidelines.text import html_of
from registry.people.models import Person

FORM = {"title": "Social media at Dunmore", "text": "# Be kind\n\nAlways.\n", "summary": "", "material": "yes"}
SLUG = "social-media-at-dunmore"
UNSEEN = {"when": "now", "unseen_reason": "Nobody else is here this week."}


def begun(client: Browser, slug: str = SLUG) -> str:
    """The stamp that the form of the draft carries."""
    return str(client.get(f"/guidelines/{slug}/draft").all("input", name="begun")[0].get("value"))


def save(client: Browser, text: str, *, stamp: str | None = None, material: str = "yes", summary: str = "") -> Answer:
    """Keep a draft, as somebody does who has just opened the form."""
    data = {
        "title": FORM["title"],
        "text": text,
        "summary": summary,
        "material": material,
        "begun": begun(client) if stamp is None else stamp,
    }
    answer: Answer = client.post(f"/guidelines/{SLUG}/draft", data=data)
    return answer


def publish(client: Browser) -> Answer:
    """Look at the draft and publish it."""
    stamp = client.get(f"/guidelines/{SLUG}/preview").all("input", name="version")[0].get("value")
    answer: Answer = client.post(f"/guidelines/{SLUG}/preview", data={"version": stamp, **UNSEEN})
    return answer


def versions() -> list[tuple[int, str, str]]:
    """Number, state and text of every version."""
    db.session.rollback()
    found = db.session.scalars(sa.select(Version).order_by(Version.id))
    return [(one.number, one.state.value, one.text) for one in found]


@pytest.fixture
def comms(client: Browser) -> Browser:
    """The comms officer's browser."""
    return client.as_(cast.comms_officer())


def test_first_guidelines_are_written_looked_at_and_published(comms: Browser) -> None:
    answer = comms.post("/guidelines/new", data={**FORM, "material": "no"})
    assert answer.location == f"/guidelines/{SLUG}/preview"
    assert versions() == [(1, "draft", "# Be kind\n\nAlways.\n")]
    page = comms.get(answer.location)
    assert page.heading == "Social media at Dunmore"
    assert "Be kind" in page.words("h2")
    # Nobody else sees a draft.
    officer = Browser(comms.application).as_(cast.library_officer())
    assert officer.get(f"/guidelines/{SLUG}/preview").status_code == 404
    assert "Be kind" not in officer.get(f"/guidelines/{SLUG}").text
    assert officer.get(f"/guidelines/{SLUG}/versions/1").status_code == 404
    assert publish(comms).location == f"/guidelines/{SLUG}"
    assert versions() == [(1, "published", "# Be kind\n\nAlways.\n")]
    assert "Be kind" in officer.get(f"/guidelines/{SLUG}").words("h2")
    # The first version asks everyone, whatever was chosen: there is none before it.
    assert db.session.scalars(sa.select(Version.material)).one() is True
    told = [event.sentence for event in db.session.scalars(sa.select(Event).where(Event.subject_kind == "document"))]
    assert told == [
        "Tomasz Bryk drafted version 1 of “Social media at Dunmore”",
        "Tomasz Bryk went without a second look at version 1 of “Social media at Dunmore”:"
        " Nobody else is here this week.",
        "Tomasz Bryk published version 1 of “Social media at Dunmore”",
    ]


def test_title_is_used_once_and_new_is_no_address(comms: Browser) -> None:
    comms.post("/guidelines/new", data=FORM)
    assert comms.post("/guidelines/new", data=FORM).errors == {
        "title": "There are guidelines with this title already. Choose another."
    }
    assert comms.post("/guidelines/new", data={**FORM, "title": "New"}).location == "/guidelines/new-2/preview"
    assert comms.post("/guidelines/new", data={**FORM, "title": "🚢"}).location == "/guidelines/guidelines/preview"
    assert comms.post("/guidelines/new", data={**FORM, "title": " ", "text": "\n \n"}).errors == {
        "title": "Give the guidelines a title.", "text": "Write the guidelines.",
    }  # fmt: skip


def test_draft_is_one_and_goes_on(comms: Browser) -> None:
    comms.post("/guidelines/new", data=FORM)
    save(comms, "Second thoughts")
    save(comms, "Third thoughts", summary="Clearer.", material="no")
    assert versions() == [(1, "draft", "Third thoughts")]
    page = comms.get(f"/guidelines/{SLUG}/draft")
    assert page.words("textarea", name="text") == ["Third thoughts"]
    publish(comms)
    save(comms, "Version two")
    assert [(number, state) for number, state, _ in versions()] == [(1, "published"), (2, "draft")]


def test_second_writer_does_not_overwrite_the_first(comms: Browser) -> None:
    comms.post("/guidelines/new", data=FORM)
    publish(comms)
    other = Browser(comms.application).as_(cast.admin())
    mine, theirs = begun(comms), begun(other)  # Both open the form while there is no draft.
    save(comms, "Mine", stamp=mine)
    answer = save(other, "Theirs", stamp=theirs)
    assert (answer.status_code, answer.errors) == (
        409, {"text": "A colleague has changed, published or thrown away the draft. Copy your text, then open it."},
    )  # fmt: skip
    assert "Theirs" in answer.text
    assert [text for _, state, text in versions() if state == "draft"] == ["Mine"]
    # The same where both go on with one draft.
    mine, theirs = begun(comms), begun(other)
    save(other, "Theirs", stamp=theirs)
    assert save(comms, "Mine again", stamp=mine).status_code == 409
    assert [text for _, state, text in versions() if state == "draft"] == ["Theirs"]


def test_two_who_begin_at_the_same_moment_make_one_draft(app: Flask, comms: Browser) -> None:
    comms.post("/guidelines/new", data=FORM)
    publish(comms)
    browsers = [comms, Browser(app).as_(cast.admin())]
    stamps = [begun(one) for one in browsers]
    gate, answers = threading.Barrier(2), [0, 0]
    db.session.commit()

    def run(number: int) -> None:
        with app.app_context():
            gate.wait()
            answers[number] = save(browsers[number], f"Text {number}", stamp=stamps[number]).status_code
            db.session.remove()

    threads = [threading.Thread(target=run, args=(number,)) for number in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [302, 409]
    drafts = [text for _, state, text in versions() if state == "draft"]
    assert drafts == [f"Text {answers.index(302)}"]


def test_draft_changed_since_the_look_is_not_published(comms: Browser) -> None:
    comms.post("/guidelines/new", data=FORM)
    stamp = comms.get(f"/guidelines/{SLUG}/preview").all("input", name="version")[0].get("value")
    save(Browser(comms.application).as_(cast.admin()), "Something else")
    answer = comms.post(f"/guidelines/{SLUG}/preview", data={"version": stamp, **UNSEEN})
    assert answer.location == f"/guidelines/{SLUG}/preview"
    page = comms.get(answer.location)
    assert "Something else" in page.text
    assert "A colleague has changed the draft since you looked." in page.text
    assert versions() == [(1, "draft", "Something else")]


def test_publishing_twice_publishes_once(comms: Browser) -> None:
    comms.post("/guidelines/new", data=FORM)
    stamp = comms.get(f"/guidelines/{SLUG}/preview").all("input", name="version")[0].get("value")
    for _ in range(2):
        answer = comms.post(f"/guidelines/{SLUG}/preview", data={"version": stamp, **UNSEEN})
        assert answer.location == f"/guidelines/{SLUG}"
    assert db.session.scalar(sa.select(sa.func.count(Event.id)).where(Event.name == "guidelines.published")) == 1


def test_looking_publishes_nothing(comms: Browser) -> None:
    comms.post("/guidelines/new", data=FORM)
    for path in ("preview", "draft", "sign-offs", "versions"):
        comms.get(f"/guidelines/{SLUG}/{path}")
    assert versions() == [(1, "draft", "# Be kind\n\nAlways.\n")]


@pytest.mark.parametrize("player", [cast.library_officer, cast.organiser, cast.auditor, cast.stranger])
def test_nobody_else_writes(client: Browser, player: Callable[[], Person]) -> None:
    slug = cast.a_document().slug
    signed_in = client.as_(player())
    assert [signed_in.get(path).status_code for path in ("/guidelines/new", f"/guidelines/{slug}/draft")] == [404, 404]
    assert signed_in.post("/guidelines/new", data=FORM).status_code == 404
    assert signed_in.post(f"/guidelines/{slug}/draft", data=FORM).status_code == 404
    assert signed_in.post(f"/guidelines/{slug}/preview", data={"version": "1"}).status_code == 404
    assert db.session.scalar(sa.select(sa.func.count(Version.id)).where(Version.state == VersionState.DRAFT)) == 0


def test_text_is_kept_to_the_letter(comms: Browser) -> None:
    text = "    indented\n\n# Ŵyth — “quoted”\n\ttab\n\n\n"
    comms.post("/guidelines/new", data={**FORM, "text": text.replace("\n", "\r\n")})
    assert versions() == [(1, "draft", text)]
    document = db.session.scalars(sa.select(Document)).one()
    assert queries.current(document.id) is None


# What becomes of the text.

HOSTILE = [
    "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "[a](javascript:alert(1))",
    "[a](JaVaScRiPt:alert(1))",
    "[a](data:text/html,<script>alert(1)</script>)", "[a](vbscript:x)", "![a](javascript:alert(1))",
    "<iframe src=//evil>",
    "![a](data:image/svg+xml;base64,PHN2Zz4=)", "<a href='javascript:alert(1)'>a</a>", "[a](&#106;avascript:alert(1))",
    "<style>*{display:none}</style>", "<svg onload=alert(1)>", "[a]: javascript:alert(1)\n\n[a]", "<b onclick=x>b</b>",
    '[a](https://a.example "onmouseover=alert(1)")', "`<script>`", "<!-- --><script>",
    "<form action=//evil><input name=q>",
    "<javascript:alert(1)>", "[a](file:///etc/passwd)", '<div id="sign">', "<meta http-equiv=refresh content=0>",
]  # fmt: skip
SAFE = ("http", "https", "mailto", "")


def elements(html: str) -> list[Element]:
    """The elements of a piece of HTML."""
    return list(parse(whole(html)).iter())


def harm_in(html: str) -> list[str]:
    """What a page should not hold."""
    harm = []
    for one in elements(html):
        if one.tag in ("script", "style", "iframe", "svg", "form", "input", "meta", "object", "embed", "base", "link"):
            harm.append(f"<{one.tag}>")
        harm += [name for name in one.attrib if name.startswith("on") or name in ("style", "id", "class")]
        for name in ("href", "src"):
            scheme = one.get(name, "").strip().lower().partition(":")
            if scheme[1] and scheme[0] not in SAFE and "/" not in scheme[0]:
                harm.append(f"{name}={one.get(name)}")
    return harm


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_markdown_becomes_harmless(text: str) -> None:
    assert harm_in(html_of(text)) == []


@given(
    st.lists(
        st.sampled_from([*HOSTILE, "\n", "\n\n", "# ", "> ", "- ", "    ", "[", "](", ")", "<", ">", "`", "*"]),
        max_size=8,
    )
)
def test_hostile_markdown_in_any_order_becomes_harmless(parts: list[str]) -> None:
    assert harm_in(html_of("".join(parts))) == []


@given(st.lists(st.integers(1, 6), max_size=12))
def test_headings_begin_at_two_and_never_skip(levels: list[int]) -> None:
    html = html_of("\n\n".join(f"{'#' * level} Heading" for level in levels))
    found = [int(one.tag[1]) for one in elements(html) if one.tag in ("h1", "h2", "h3", "h4", "h5", "h6")]
    assert len(found) == len(levels)
    steps = [after - before for before, after in zip([1, *found], found, strict=False)]
    assert [step for step in steps if step > 1] == []
    assert [one for one in found if one < 2] == []


def test_usual_markdown_is_shown() -> None:
    html = html_of(
        "# A\n\n## B\n\n**bold** *it* [link](https://a.example) <https://b.example>\n\n"
        "- one\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"
    )
    tags = {one.tag for one in elements(html)}
    assert {"h2", "h3", "strong", "em", "a", "ul", "li", "table", "td"} <= tags
    assert {one.get("rel") for one in elements(html) if one.tag == "a"} == {"noopener noreferrer"}


def test_hostile_guidelines_are_harmless_on_every_page(comms: Browser) -> None:
    # The browser of the tests fails for inline script or style on any page.
    comms.post(
        "/guidelines/new",
        data={**FORM, "title": "<script>alert(1)</script>", "text": "\n\n".join(HOSTILE), "summary": "<img src=x>"},
    )
    document = db.session.scalars(sa.select(Document)).one()
    for path in ("preview", "draft", "versions", ""):
        assert comms.get(f"/guidelines/{document.slug}/{path}".rstrip("/")).status_code == 200
