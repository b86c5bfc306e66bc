"""What changed from one version to another: down to the words, both ways round, soon enough whatever the texts are."""

import hashlib
import random
import time
from pathlib import Path

import cast
import pytest
from browser import Answer, Browser
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from registry.db import db
from registry.guidelines import actions
from registry.guidelines.differences import Stretch, compare, counted

FILES = sorted((Path(__file__).parents[1] / "data" / "tts-policy-versions").glob("*.md"))
TEXTS = [file.read_text() for file in FILES]
LONG = 200_000


def words_of(stretches: list[Stretch], side: str) -> str:
    """What a comparison says that one side's text is, its blanks made single."""
    told = [
        "".join(piece.text for piece in one.pieces if piece.kind in ("same", side))
        for stretch in stretches
        for one in stretch.paragraphs
    ]
    return " ".join(" ".join(told).split())


def plain(text: str) -> str:
    """A text, its blanks made single."""
    return " ".join(text.split())


def check(before: str, after: str) -> None:
    """A comparison tells both texts whole and in order, or that they are the same but for blanks."""
    stretches = compare(before, after)
    if not stretches:
        assert plain(before) == plain(after)
        return
    assert words_of(stretches, "removed") == plain(before)
    assert words_of(stretches, "added") == plain(after)


def test_each_two_of_the_real_versions_are_told_whole() -> None:
    assert len(TEXTS) == 14
    for before in TEXTS:
        for after in TEXTS:
            check(before, after)


@given(st.lists(st.sampled_from(["a", "b", "c d", "# e", "- f", "", "\n", "g\nh"]), max_size=40),
       st.lists(st.sampled_from(["a", "b", "c d", "# e", "- f", "", "\n", "g\nh"]), max_size=40))  # fmt: skip
def test_any_two_texts_are_told_whole(before: list[str], after: list[str]) -> None:
    check("\n\n".join(before), "\n\n".join(after))
    check("\n".join(before), "\n".join(after))
    check(" ".join(before), " ".join(after))


def test_words_are_marked_and_what_stays_is_folded() -> None:
    same = [f"Paragraph {number} stays as it is." for number in range(9)]
    before = "\n\n".join([*same[:5], "Answer within two days.", *same[5:], "- Never post at night."])
    after = "\n\n".join([*same[:5], "Answer within four working days.", *same[5:]])
    stretches = compare(before, after)
    assert [(len(one.paragraphs), one.folded) for one in stretches] == [(4, True), (3, False), (2, True), (2, False)]
    changed = stretches[1].paragraphs[1]
    assert [(one.kind, one.text) for one in changed.pieces] == [
        ("same", "Answer within "), ("removed", "two"), ("added", "four working"), ("same", " days."),
    ]  # fmt: skip
    assert counted(stretches) == {"same": 9, "changed": 1, "removed": 1}


def test_other_line_ends_within_a_paragraph_are_no_change() -> None:
    assert compare("One two\nthree four.\n\nFive.", "One two three\nfour.\n\n\nFive.\n") == []


def test_moved_paragraph_is_taken_away_and_added() -> None:
    told = compare("A first.\n\nB second.\n\nC third.", "B second.\n\nC third.\n\nA first.")
    assert counted(told) == {"removed": 1, "same": 2, "added": 1}


def shuffled(text: str) -> str:
    """The paragraphs of a text in another order, the same one each time."""
    paragraphs = text.split("\n\n")
    random.Random(1).shuffle(paragraphs)
    return "\n\n".join(paragraphs)


PLACES = ("river", "gritter", "library", "parish", "bin")
WORDS = [f"{PLACES[n * n % 5]}{n % 300}" for n in range(30_000)]
PROSE = "\n\n".join(" ".join(WORDS[at : at + 60]) for at in range(0, len(WORDS), 60))[:LONG]
HARD = {
    "prose, a word in each paragraph": (PROSE, PROSE.replace("\n\n", ".\n\nNow ")),
    "prose, in another order": (PROSE, shuffled(PROSE)),
    "prose in one line": (PROSE.replace("\n\n", " "), PROSE.replace("\n\n", ", ")),
    "one paragraph over and over": ("a\n\n" * (LONG // 3), "b\n\n" * 100 + "a\n\n" * (LONG // 3 - 200)),
    "two paragraphs by turns": ("a\n\nb\n\n" * (LONG // 6), "b\n\na\n\n" * (LONG // 6)),
    "two words by turns": ("a b " * (LONG // 4), "b a " * (LONG // 4)),
    "nothing in common": ("." * LONG, "," * LONG),
    "backwards": ("\n\n".join(map(str, range(29_000))), "\n\n".join(map(str, range(29_000, 0, -1)))),
}  # fmt: skip


@pytest.mark.parametrize("name", HARD)
def test_two_texts_of_the_longest_kind_are_compared_soon(name: str) -> None:
    before, after = HARD[name]
    began = time.process_time()
    compare(before, after)
    # Usually a third of a second on one core; each with each would take hours.
    assert time.process_time() - began < 6


@pytest.fixture
def client(app: Flask) -> Browser:
    """A library officer's browser, and the real policy in all its versions."""
    document = actions.create_document(title="Policy")
    for text in TEXTS:
        cast.a_version(document, text=text, summary=f"Version of {len(text)} characters.")
    db.session.commit()
    return Browser(app).as_(cast.library_officer())


def chosen(page: Answer) -> list[str | None]:
    """The numbers of the two versions that a page compares."""
    return [one.get("value") for one in page.all("option") if "selected" in one.attrib]


def test_any_two_versions_are_compared_on_a_page(client: Browser) -> None:
    page = client.get("/guidelines/policy/compare?from=2&to=4")
    assert page.heading == "What changed in “Policy”"
    assert chosen(page) == ["2", "4"]
    gone, came = page.words("del"), page.words("ins")
    assert [one.startswith("[removed: ") for one in gone[1:]] == [True] * (len(gone) - 1)
    assert [one.startswith("[added: ") for one in came[1:]] == [True] * (len(came) - 1)
    assert page.words("dd") == [f"Version of {len(TEXTS[number])} characters." for number in (3, 2)]
    # The other way round is the same, and without numbers it is what the newest changed.
    assert client.get("/guidelines/policy/compare?from=4&to=2").words("ins") == came
    latest = client.get("/guidelines/policy/compare")
    assert chosen(latest) == ["13", "14"]
    assert client.get("/guidelines/policy/compare?from=8&to=9").words("p", class_="govuk-body")[-1] == (
        "Only blanks and the ends of lines are different."
    )


def test_only_those_who_write_compare_a_draft(client: Browser) -> None:
    comms = Browser(client.application).as_(cast.comms_officer())
    form = {"title": "Policy", "text": "Secret plans.", "material": "yes"}
    comms.post("/guidelines/policy/draft", data=form)
    path = "/guidelines/policy/compare?from=14&to=15"
    assert "Secret" in comms.get(path).text
    assert "Secret" not in client.get(path).text


def test_exact_text_is_the_file_whose_hash_was_signed(client: Browser) -> None:
    for number, file in enumerate(FILES, 1):
        answer = client.get(f"/guidelines/policy/versions/{number}/text")
        assert (answer.data, answer.mimetype) == (file.read_bytes(), "text/markdown")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="policy-version-{number}.md"'
        digest = hashlib.sha256(answer.data).hexdigest()
        assert client.get(f"/guidelines/policy/versions/{number}").words("code")[-1] == digest
    assert client.get("/guidelines/policy/versions/15/text").status_code == 404


def test_whoever_signed_an_older_version_is_led_to_what_changed(client: Browser) -> None:
    document = cast.a_document("Short")
    cast.sign(document, cast.library_officer())
    cast.a_version(document, text="Be brief.", material=False)
    db.session.commit()
    hrefs = [one.get("href") for one in client.get("/guidelines/short").all("a")]
    assert "/guidelines/short/compare?from=1&to=2" in hrefs
    assert "/guidelines/short/compare?from=1&to=2" in [one.get("href") for one in client.get("/guidelines").all("a")]
