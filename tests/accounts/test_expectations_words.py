"""The words that are written for an account: what is in them, and that they fit wherever they go."""

from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.accounts.expectations import wording
from registry.accounts.expectations.models import Reply, Week
from registry.accounts.expectations.wording import Expected, Part, Room, bio_room, fitted, post_room
from registry.accounts.models import Account, Standing
from registry.accounts.platforms import PLATFORMS
from registry.people.models import Team
from registry.workdays import Calendar

WHO = "Dunmore Borough Council"
OFFICE: Week = [[[540, 1020]]] * 5 + [[], []]
ALL = Expected(
    hours=OFFICE,
    reply=Reply.ONE_DAY,
    out_of_hours="ring 01632 960100",
    not_for="emergencies: ring 999; crimes: ring 101",
)
PURPOSE = "What is on in our libraries. Which evening the kettle is on. And who reads what."


def account(platform: str = "x", standing: Standing = Standing.OFFICIAL, **more: Any) -> Account:
    """An account that no database knows."""
    values = {"title": "Dunmore Library", "purpose": PURPOSE, "team": Team(name="Libraries"), **more}
    return Account(platform=platform, standing=standing, **values)


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("tiktok", "Dunmore Borough Council. Staffed Mon–Fri 9am–5pm. Not for emergencies: ring 999."),
        (
            "facebook",
            "Dunmore Borough Council. Mon–Fri 9am–5pm. Answers in 1 working day. Not for emergencies: ring 999.",
        ),
        (
            "x",
            "Dunmore Library: the official account of Dunmore Borough Council. Mon–Fri 9am–5pm. Answers in 1 working"
            " day. Not for emergencies: ring 999; crimes: ring 101.",
        ),
        (
            "mastodon",
            "Dunmore Library: the official account of Dunmore Borough Council. What is on in our libraries. Which"
            " evening the kettle is on. And who reads what. We read and answer Monday to Friday, 9am to 5pm, except on"
            " bank holidays. We answer within one working day. At other times: ring 01632 960100. Not for emergencies:"
            " ring 999; crimes: ring 101.",
        ),
    ],
)
def test_a_bio_says_as_much_as_there_is_room_for(platform: str, expected: str) -> None:
    assert wording.bio(account(platform), ALL, WHO) == expected


def test_a_bio_of_which_nothing_is_known_says_whose_it_is() -> None:
    assert wording.bio(account(purpose=""), Expected(), WHO) == f"Dunmore Library: the official account of {WHO}."


@pytest.mark.parametrize(
    ("standing", "more", "expected"),
    [
        (Standing.OFFICIAL, {"title": WHO}, f"The official account of {WHO}."),
        (Standing.SEMI_OFFICIAL, {}, f"Dunmore Library, run by the Libraries team of {WHO}."),
        (
            Standing.SEMI_OFFICIAL,
            {"team": Team(name="Water Team")},
            f"Dunmore Library, run by the Water Team of {WHO}.",
        ),
        (Standing.SEMI_OFFICIAL, {"team": None}, f"Dunmore Library, run by people at {WHO}."),
        (Standing.PERSONAL, {}, f"I work for {WHO}. Views here are my own."),
        (Standing.PARTNER, {}, f"Dunmore Library, run together with {WHO}."),
    ],
)
def test_each_standing_speaks_in_its_own_voice(standing: Standing, more: dict[str, Any], expected: str) -> None:
    assert wording.bio(account("mastodon", standing, purpose="", **more), Expected(), WHO) == expected


def test_somebody_in_their_own_name_says_i() -> None:
    mine = account("mastodon", Standing.PERSONAL, purpose="")
    assert wording.hours_line(mine, Expected(hours=OFFICE, reply=Reply.READ_ONLY)) == (
        "I read and answer Monday to Friday, 9am to 5pm, except on bank holidays."
        " I read everything, but cannot answer everyone."
    )


@pytest.mark.parametrize(
    ("expected", "line"),
    [
        (Expected(), ""),
        (Expected(hours=[[]] * 7), "We do not watch this account for replies."),
        (Expected(hours=[[[0, 1440]]] * 7, bank_holidays=Calendar.NONE), "We read and answer at any hour."),
        (Expected(hours=OFFICE, bank_holidays=Calendar.NONE), "We read and answer Monday to Friday, 9am to 5pm."),
        (Expected(not_for="Not for emergencies: ring 999!"), "Not for emergencies: ring 999!"),
    ],
)
def test_an_hours_line_says_what_was_said_and_no_more(expected: Expected, line: str) -> None:
    assert wording.hours_line(account("facebook"), expected) == line


def test_a_pinned_text_welcomes_and_there_is_none_where_nothing_was_said() -> None:
    assert wording.pinned(account(), Expected(), WHO) == ""
    assert wording.pinned(account("facebook"), Expected(reply=Reply.NEVER), WHO) == (
        f"Welcome to Dunmore Library. {PURPOSE} We do not answer here."
    )


# --- Lengths ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "text", "length"),
    [
        ("x", "Mon–Fri 9am–5pm, “now”…", 24),  # dashes and quotation marks count once, the ellipsis twice
        ("x", "Llyfrgelloedd ŵ ŷ é", 19),
        ("x", "图书馆", 6),
        ("x", "📚", 2),
        ("x", f"See https://dunmore.example/{'x' * 200}", 27),
        ("x", "See dunmore.example", 27),
        ("mastodon", f"See https://dunmore.example/{'x' * 200}", 27),
        ("mastodon", "See dunmore.example", 19),
        ("bluesky", f"See https://dunmore.example/{'x' * 200}", 228),
        ("instagram", "📚 图书馆", 6),
    ],
)
def test_a_post_is_as_long_as_the_platform_counts(platform: str, text: str, length: int) -> None:
    assert post_room(platform).count(text) == length


def test_where_nobody_knows_how_long_a_text_may_be_it_is_as_long_as_fits_nearly_everywhere() -> None:
    rooms = {one: (bio_room(one).longest, post_room(one).longest) for one in ("x", "peertube", "issuu", "of tomorrow")}
    assert rooms == {"x": (160, 280), "peertube": (1000, 280), "issuu": (150, 280), "of tomorrow": (150, 280)}


def test_no_text_is_cut_within_a_word() -> None:
    long = Room(12)
    assert fitted(long, [Part(0, ["Dunmore Borough Council."])]) == "Dunmore…"
    assert fitted(long, [Part(0, ["Llanfairpwllgwyngyll."])]) == ""
    assert fitted(long, [Part(0, ["Llanfairpwllgwyngyll."]), Part(1, ["Ring 999."])]) == "Ring 999."
    assert fitted(long, [Part(0, [])]) == ""


ANY_TEXT = st.text(st.characters(codec="utf-8", categories=("L", "N", "P", "S", "Zs")), max_size=200)
WEEK = st.none() | st.lists(st.sampled_from([[], [[540, 1020]], [[540, 750], [810, 1020]]]), min_size=7, max_size=7)


@given(
    st.sampled_from([*PLATFORMS, "a platform of tomorrow"]), st.sampled_from(Standing), ANY_TEXT, ANY_TEXT, ANY_TEXT,
    ANY_TEXT, ANY_TEXT, WEEK, st.none() | st.sampled_from(Reply),
)  # fmt: skip
def test_whatever_was_said_fits_and_holds_whole_words_only(
    platform: str, standing: Standing, title: str, purpose: str, who: str, out_of_hours: str, not_for: str,
    week: Week | None, reply: Reply | None,
) -> None:  # fmt: skip
    one = account(platform, standing, title=title, purpose=purpose)
    expected = Expected(hours=week, reply=reply, out_of_hours=out_of_hours, not_for=not_for)
    bio, room, post = wording.bio(one, expected, who), bio_room(platform), post_room(platform)
    assert room.count(bio) <= room.longest
    for text in (wording.hours_line(one, expected), wording.pinned(one, expected, who)):
        assert post.count(text) <= post.longest
    said = wording.sentences(one, expected, who)
    words = {word for sentence in said for word in sentence.split()}
    assert set(bio.removesuffix("…").split()) <= words | {word.removesuffix("…") for word in words}


@pytest.mark.parametrize(
    ("at", "expected"),
    [
        ("2026-11-26T10:00+00:00", (True, "Somebody is there now, until 5pm.")),
        ("2026-11-26T08:00+00:00", (False, "Nobody is there just now. Somebody is there from 9am.")),
        ("2026-11-26T18:00+00:00", (False, "Nobody is there just now. Somebody is there from 9am tomorrow.")),
        ("2026-11-28T12:00+00:00", (False, "Nobody is there just now. Somebody is there from 9am on Monday.")),
        (
            "2026-12-25T12:00+00:00",
            (False, "Today is a bank holiday: Christmas Day. Somebody is there from 9am on Tuesday."),
        ),
    ],
)
def test_the_page_says_whether_somebody_is_there(at: str, expected: tuple[bool, str]) -> None:
    assert wording.presence_now(ALL, datetime.fromisoformat(at)) == expected


def test_nobody_is_said_to_be_there_where_nobody_said_when() -> None:
    at = datetime.fromisoformat("2026-11-26T10:00+00:00")
    assert [wording.presence_now(one, at) for one in (Expected(), Expected(hours=[[]] * 7))] == [None, None]
