"""Accounts in a text: sentences, newsletters, tables."""

import csv
import json
import time
from pathlib import Path

import pytest

from registry.discovery.reading import accounts_in, read

#: Cases of X's own library; see data/README.md.
CASES = Path(__file__).parent.parent / "data" / "mentions-twitter-text.tsv"


def found(text: str, platform: str = "") -> list[tuple[str, str]]:
    return [(one.account.platform, one.account.key) for one in accounts_in(text, platform)]


@pytest.mark.parametrize(
    ("text", "accounts"),
    [
        ("saw @BrynmorGritter tweeting about the gritters", [("x", "brynmorgritter")]),
        ("our insta is @brynmor.pools", [("instagram", "brynmor.pools")]),
        ("facebook.com/brynmorlibrary, see you there", [("facebook", "brynmorlibrary")]),
        ("Find us at https://www.instagram.com/brynmor.museums/.", [("instagram", "brynmor.museums")]),
        ("Write to nia@brynmor.example or lowri@gmail.com", []),
        ("Toot at @nia@mastodon.social!", [("mastodon", "nia@mastodon.social")]),
        ("@a_one on Instagram and @b_two on X", [("instagram", "a_one"), ("x", "b_two")]),
        ("Insta @one; X @two_x", [("instagram", "one"), ("x", "two_x")]),
        ("X, Facebook and Instagram: @brynmor", [("x", "brynmor"), ("facebook", "brynmor"), ("instagram", "brynmor")]),
        ("Instagram: @a.b\nTikTok: @c.d", [("instagram", "a.b"), ("tiktok", "c.d")]),
        ("Dilynwch ni ar Facebook (facebook.com/llyfrgelloeddbrynmor)", [("facebook", "llyfrgelloeddbrynmor")]),
        ("Trydarodd @CyngorBrynmor ddoe", [("x", "cyngorbrynmor")]),
        ("@brynmor.Come along on X", [("x", "brynmor")]),
        ("a post, https://x.com/BrynmorCounty/status/123", [("x", "brynmorcounty")]),
        ("https://x.com/brynmor and https://twitter.com/Brynmor?lang=cy", [("x", "brynmor")]),
        ("lowripryce.bsky.social and @nia.bsky.social", [("bluesky", "lowripryce.bsky.social"),
                                                         ("bluesky", "nia.bsky.social")]),
        ("see www.brynmor.example, report.pdf and https://blog.brynmor.example/diary", []),
        ("share: https://www.facebook.com/sharer.php?u=https://brynmor.example", []),
        ("#gritters at 5.30 tonight, e.g. on the A487", []),
        ("saw @BrynmorGritter", []),
        ("the X-ray team of @ward7", []),
    ],
)  # fmt: skip
def test_sentences_tell_accounts(text: str, accounts: list[tuple[str, str]]) -> None:
    assert found(text) == accounts


def test_names_without_a_platform_are_left_open_until_somebody_says_it() -> None:
    text = "Lovely film by @brynmor.pools. Watch it!"
    assert read(text).left_open == (("@brynmor.pools", "Lovely film by @brynmor.pools."),)
    assert found(text, "TikTok") == [("tiktok", "brynmor.pools")]
    assert read(text, "TikTok").left_open == ()


def test_the_sentence_goes_before_the_platform_chosen() -> None:
    assert found("our insta is @brynmor.pools. Follow @brynmor", "x") == [
        ("instagram", "brynmor.pools"), ("x", "brynmor"),
    ]  # fmt: skip


def test_the_words_around_are_the_sentence_on_one_line() -> None:
    text = "News.\nOn X   we are\t@brynmor. And now the weather."
    assert [one.words for one in accounts_in(text)] == ["On X we are @brynmor."]
    long = f"{'a ' * 400}@brynmor on X{' b' * 400}"
    [mention] = accounts_in(long)
    assert len(mention.words) <= 280
    assert "@brynmor on X" in mention.words


def test_a_follower_list_is_read_by_its_heading() -> None:
    table = (
        "Screen name,Name,Bio\nnia_okafor,Nia Okafor,Librarian at Brynmor\n@dave,Dave,insta @dave.grits\n"
        'nobody@mail.example,A mail,"a, b"\n'
    )
    mentions = accounts_in(table, "x")
    assert [(one.account.platform, one.account.key, one.words) for one in mentions] == [
        ("x", "nia_okafor", "Nia Okafor, Librarian at Brynmor"),
        ("x", "dave", "Dave, insta @dave.grits"),
        ("instagram", "dave.grits", "Dave, insta @dave.grits"),
    ]
    assert [name for name, _ in read(table).left_open] == ["nia_okafor", "@dave"]


def test_a_column_may_say_the_platform_and_cells_may_be_addresses() -> None:
    table = "platform;profile url;team\nInstagram;brynmor.pools;Leisure\n;https://x.com/brynmor;Comms\n"
    assert found(table) == [("instagram", "brynmor.pools"), ("x", "brynmor")]


def test_cases_of_twitter_text() -> None:
    with CASES.open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(file, delimiter="\t")]
    differ = {}
    for row in rows:
        expected = [one if isinstance(one, str) else one["screen_name"] for one in json.loads(row["expected_json"])]
        told = [one.account.handle.removeprefix("@") for one in accounts_in(json.loads(row["text_json"]), "x")]
        if told != expected:
            differ[row["description"]] = told
    assert len(rows) == 28
    # A name of the fediverse is an account here; there it is too close to a mail address.
    assert differ == {
        "Extract lone metion but not @user@user (too close to an email)": ["username", "test@example.com"]
    }


@pytest.mark.parametrize(
    "piece", ["a-", "@", "a.", "@a", "a@", "@a@b.", "x.com/a ", "on X @a ", "((", "http://", "a@b.c"]
)
def test_hostile_texts_take_no_longer_than_others(piece: str) -> None:
    text = piece * (200_000 // len(piece))
    began = time.process_time()
    read(text, "x")
    assert time.process_time() - began < 4


def test_text_of_any_sort_is_read_without_an_error() -> None:
    for text in (
        "",
        "\0",
        "handle\n\0\n",
        'handle,bio\n"never ends',
        "@" * 99,
        "\ud800 @a on X",
        "url\n" + "x" * 300_000,
    ):
        read(text)
