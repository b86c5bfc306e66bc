"""Does the resolver find the one account that a text means, and refuse everything else in words?"""

import csv
import time
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.accounts.platforms import PLATFORMS, RULES, Refused, Resolved, find_platform, resolve
from registry.accounts.rules.matching import Rule, shape_of

DATA = Path(__file__).parent.parent / "data"
EXAMPLES = [(rule, text, expected) for rule in RULES for text, expected in rule.examples]
CHANNEL = "UCFj70_9F31CLQY76H5yg7AQ"
PLATFORM_OF_LIST = {"twitter": "x", "youtubeHandle": "youtube"}


def rows(name: str) -> list[dict[str, str]]:
    with (DATA / name).open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE))


def told(result: Resolved | Refused) -> str:
    """A result in the notation of the rules' examples."""
    if isinstance(result, Resolved):
        return f"{result.kind} {result.key}"
    return f"< {result.owner.kind} {result.owner.key}" if result.owner else ""


def identity(result: Resolved | Refused) -> tuple[str, str, str] | None:
    return (result.platform, result.kind, result.key) if isinstance(result, Resolved) else None


def plain(platform: str, handle: str) -> str:
    """A handle as the lists can be compared: "@" and "+" are decoration, and Facebook ignores full stops."""
    handle = handle.lstrip("@+").lower()
    return handle.replace(".", "") if platform == "facebook" else handle


def accounts_in(result: Resolved | Refused) -> list[Resolved]:
    candidates = (result, result.owner if isinstance(result, Refused) else None)
    return [account for account in candidates if isinstance(account, Resolved)]


@pytest.mark.parametrize(("rule", "text", "expected"), EXAMPLES, ids=[text for _, text, _ in EXAMPLES])
def test_example_of_a_rule_resolves_as_the_rule_says(rule: Rule, text: str, expected: str) -> None:
    result = resolve(text)
    assert told(result) == expected
    assert {account.platform for account in accounts_in(result)} <= {rule.slug}


@pytest.mark.parametrize("rule", RULES, ids=[rule.slug for rule in RULES])
def test_rule_has_examples_of_both_fates_and_shapes_it_can_read(rule: Rule) -> None:
    assert told(resolve(PLATFORMS[rule.slug].example)) == rule.examples[0][1] != ""
    names = {step.name for form in rule.forms for step in shape_of(form.path).steps if step.name}
    names |= {shape_of(form.path).parameter_name for form in rule.forms} - {""}
    assert names == set(rule.names)
    assert {form.kind for form in rule.forms if form.kind} | {"site"} == set(rule.kinds) | {"site"}


@pytest.mark.parametrize(
    ("typed", "platform", "expected"),
    [
        ("@BrynmorLibrary", "twitter", ("x", "profile", "brynmorlibrary")),
        ("＠brynmor", "X (formerly Twitter)", ("x", "profile", "brynmor")),
        ("brynmorlibrary?lang=en", "x", ("x", "profile", "brynmorlibrary")),
        ("brynmor.libraries/", "instagram", ("instagram", "profile", "brynmor.libraries")),
        ("saarbruecken.de", "facebook", ("facebook", "page", "saarbrueckende")),
        ("profile.php?id=100085131802111", "facebook", ("facebook", "page", "100085131802111")),
        ("291645097649558?ref=hl", "facebook", ("facebook", "page", "291645097649558")),
        ("groups/253623581423005", "facebook", ("facebook", "group", "253623581423005")),
        (CHANNEL, "youtube", ("youtube", "channel", CHANNEL)),
        (f"channel/{CHANNEL}", "youtube", ("youtube", "channel", CHANNEL)),
        ("@BrynmorCouncil", "youtube", ("youtube", "handle", "brynmorcouncil")),
        ("user/BrynmorCouncil", "youtube", ("youtube", "user", "brynmorcouncil")),
        ("Brynmor-Council", "linkedin", ("linkedin", "company", "brynmor-council")),
        ("in/angharad-example", "linkedin", ("linkedin", "person", "angharad-example")),
        ("g%C3%B6teborg", "linkedin", ("linkedin", "company", "göteborg")),
        ("brynmor", "bluesky", ("bluesky", "profile", "brynmor.bsky.social")),
        ("press@social.brynmor.example.org", "mastodon", ("mastodon", "profile", "press@social.brynmor.example.org")),
        ("https://photos.example.org/press", "pixelfed", ("pixelfed", "profile", "press@photos.example.org")),
    ],
)
def test_handle_with_a_platform_resolves(typed: str, platform: str, expected: tuple[str, str, str]) -> None:
    assert identity(resolve(typed, platform)) == expected


@pytest.mark.parametrize(
    ("typed", "platform", "note"),
    [
        (
            "@brynmor",
            None,
            "“@brynmor” could be on many platforms. Choose the platform as well, or paste the whole address",
        ),
        ("brynmor", "nonsense", "We do not know a platform called “nonsense”."),
        ("@brynmor", "mastodon", "Mastodon runs on many servers. Add the server: @brynmor@server"),
        ("playlist?list=PL3833B2698B7840D7", "youtube", "This is a page, a post or a search on YouTube"),
        ("Brynmor Library Service", "facebook", "There is a blank in this."),
        ("home", "x", "This is a page, a post or a search on X"),
        ("press@brynmor.example.org", "x", "This looks like an e-mail address."),
        ("brynmor", "website", "Paste the whole address."),
        ("https://bit.ly/3abc", None, "This is a short link, and we do not follow those."),
        ("https://www.facebook.com/share/1AbC/", None, "This is a short link, and we do not follow those."),
        ("https://x.com/", None, "This is the home page of X."),
        ("https://x.com/in.valid", None, "“in.valid” cannot be the name of an account on X (letters, digits and"),
        ("mailto:press@example.org", None, "This is an e-mail address"),
        ("", None, "Type or paste the address of the account."),
    ],
)
def test_refusal_says_what_it_is_and_what_to_do(typed: str, platform: str | None, note: str) -> None:
    result = resolve(typed, platform)
    assert isinstance(result, Refused)
    assert result.note[: len(note)] == note


def test_post_names_its_owner() -> None:
    result = resolve("https://x.com/BrynmorLibrary/status/519227871311953920")
    assert result == Refused(
        "This is a post by @BrynmorLibrary on X, not the account itself. Do you want to register @BrynmorLibrary?",
        "x",
        Resolved("x", "profile", "brynmorlibrary", "https://x.com/BrynmorLibrary", "@BrynmorLibrary"),
    )


def test_address_wins_over_the_platform_chosen_and_says_so() -> None:
    result = resolve("https://instagram.com/brynmor", "twitter")
    assert identity(result) == ("instagram", "profile", "brynmor")
    assert result.note == "You chose X, but this address belongs to Instagram, so we put it under Instagram."


def test_closed_platform_is_kept_and_said_to_be_closed() -> None:
    result = resolve("https://plus.google.com/+BrynmorCouncil")
    assert identity(result) == ("googleplus", "profile", "+BrynmorCouncil")
    assert result.note.startswith("Google+ has closed")
    assert PLATFORMS["googleplus"].closed


def test_stable_number_is_kept_beside_the_name() -> None:
    numbers = {
        "https://www.facebook.com/Brynmor-Baths-124626657695395/": "124626657695395",
        "https://www.facebook.com/pages/Brynmor/124626657695395": "124626657695395",
        "https://www.facebook.com/brynmor-2020": None,
        "https://x.com/i/user/12345": "12345",
        f"https://www.youtube.com/channel/{CHANNEL}": CHANNEL,
        "https://www.linkedin.com/company/1035": "1035",
        "https://x.com/18F": None,
    }
    assert {text: accounts_in(resolve(text))[0].platform_id for text in numbers} == numbers


def test_platforms_come_in_the_order_people_meet_them() -> None:
    federated = ["mastodon", "pixelfed", "peertube", "lemmy"]
    networks = ["x", "facebook", "instagram", "threads", "linkedin", "youtube", "tiktok", "bluesky"]
    still_there = [platform for platform in PLATFORMS.values() if not platform.closed]
    assert [platform.slug for platform in still_there] == [*networks, *federated, "website"]
    assert [platform.slug for platform in still_there if platform.needs_address] == [*federated, "website"]


@pytest.mark.parametrize(
    ("name", "slug"),
    [("Twitter", "x"), ("X (Twitter)", "x"), ("Google+", "googleplus"), ("bsky", "bluesky"), ("fax", None)],
)
def test_platform_is_found_by_the_names_people_use(name: str, slug: str | None) -> None:
    assert find_platform(name) == slug


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("https://twitter.com@evil.example/x", ("website", "site", "evil.example/x")),
        ("https://twitter.com.evil.example/x", ("website", "site", "twitter.com.evil.example/x")),
        ("eviltwitter.com", ("website", "site", "eviltwitter.com")),
        ("https://eviltwitter.com/#!/brynmor", ("website", "site", "eviltwitter.com")),
        ("javascript:alert(1)", None),
        ("data:text/html,hello", None),
        ("//x.com/brynmor", ("x", "profile", "brynmor")),
        ("https:\\\\x.com\\brynmor", None),
        ("https://x.com/bryn\tmor", None),
        ("https://x.com/bryn\nmor", None),
        ("https://x.com/bryn\0mor", None),
        ("https://x.com/bryn%00mor", None),
        ("https://x.com/intent/user?screen_name=bryn%00mor", None),
        ("https://x.com/" + "a" * 10_000, None),
        ("https://x.com/bryn\u202emor", None),
        ("https://x.com/bryn%E2%80%AEmor", None),
        ("https://x.com/\u0430bc", None),
        ("https://twitter.com＠evil.example/x", None),
        ("https://ｘ.com/brynmor", ("x", "profile", "brynmor")),
        ("https://münchen.example/", ("website", "site", "xn--mnchen-3ya.example")),
        ("https://x.com/%2e%2e/brynmor", None),
        ("https://x.com/%252e%252e", None),
        ("https://[::1]/brynmor", None),
        ("https://127.0.0.1/brynmor", None),
        ("https://x.com:443/brynmor", ("x", "profile", "brynmor")),
        ("https://x.com:8443/brynmor", None),
        ("https://x.com./brynmor?lang=en&utm_source=a#top", ("x", "profile", "brynmor")),
        ("(https://x.com/brynmor).", ("x", "profile", "brynmor")),
        ("\ufeff“https://x.com/brynmor”\u200b", ("x", "profile", "brynmor")),
        ("https://www.instagram.com/brynmor?igsh=a", ("instagram", "profile", "brynmor")),
        ("https://www.facebook.com/brynmor?fbclid=a&amp;ref=b", ("facebook", "page", "brynmor")),
        ("https://l.facebook.com/l.php?u=javascript:alert(1)", None),
        (
            "https://eur01.safelinks.protection.outlook.com/?url=https%3A%2F%2Fx.com%2Fbrynmor",
            ("x", "profile", "brynmor"),
        ),
        ("https://example.org/?url=https://x.com/brynmor", ("website", "site", "example.org")),
        ("\ud800", None),
        ("@@", None),
        ("https://x.com/{{7*7}}", None),
        ("https://x.com/{name}", None),
        ("https://example.org/a%00b", None),
        ("https://www.linkedin.com/company/bryn%E2%80%AEmor", None),
    ],
)
def test_hostile_address_fools_nobody(text: str, expected: tuple[str, str, str] | None) -> None:
    assert identity(resolve(text)) == expected


def test_look_alike_letters_are_pointed_out() -> None:
    note = "This name mixes letters of several alphabets, which can imitate another name. Please check it."
    assert resolve("https://www.linkedin.com/company/\u0430pple-inc").note == note
    assert resolve("https://www.linkedin.com/company/göteborg").note == ""


PIECES = st.sampled_from(
    [
        "https://",
        "http:",
        "//",
        "/",
        "@",
        ".",
        "?",
        "#",
        "#!",
        "&amp;",
        "%",
        "%2e",
        "%00",
        ":",
        "u=",
        "id=12345",
        "&screen_name=",
    ]
    + [host for rule in RULES for host in rule.hosts[:3]]
    + [part for rule in RULES for form in rule.forms for part in form.path.split("/")]
    + [
        "brynmor",
        "l.facebook.com/l.php?u=",
        "bit.ly",
        "é",
        "ß",
        "İ",
        "\u0130.example",
        "\u202e",
        "\ud800",
        "！",
        "1" * 17,
        CHANNEL,
    ]
)
TEXTS = st.one_of(st.text(alphabet=st.characters(), max_size=60), st.lists(PIECES, max_size=9).map("".join))
NAMES = st.sampled_from([*PLATFORMS, "twitter", "nonsense", "", None])


@given(TEXTS, NAMES)
@settings(max_examples=1_500, deadline=None)
def test_any_text_is_answered_and_its_address_resolves_to_the_same_account(text: str, platform: str | None) -> None:
    result = resolve(text, platform)
    for account in accounts_in(result):
        assert identity(resolve(account.url)) == identity(account)
        account.url.encode("ascii")
    assert result.note.isprintable()


@pytest.mark.parametrize(
    "text", ["https://www.linkedin.com/company/acme-inc%2E", "https://example.org/etc./", "fb.com/a%2E"]
)
def test_name_that_ends_in_a_full_stop_keeps_it_in_its_address(text: str) -> None:
    result = resolve(text)
    assert isinstance(result, Resolved)
    assert result.url[-3:] == "%2E"
    assert identity(resolve(result.url)) == identity(result)


@pytest.mark.parametrize(
    ("text", "platform"), [("brynmor", "fa\0x\ud800"), ("https://x.com/intent/user?screen_name=bryn%00mor", None)]
)
def test_sentence_never_repeats_what_cannot_be_shown(text: str, platform: str | None) -> None:
    assert resolve(text, platform).note.isprintable()


FILLINGS = ["a", "@", "/", "%", ".", "&amp;", " ", '"', "a.", "a-1", "%41", "ü.", "&u=", "(", "),", "https://x.com/"]


@pytest.mark.parametrize("platform", [None, "facebook", "bluesky"])
@pytest.mark.parametrize("filling", FILLINGS)
def test_long_text_takes_no_long_time(filling: str, platform: str | None) -> None:
    texts = [filling * (100_000 // len(filling))]
    texts += [
        prefix + filling * (1_900 // len(filling)) for prefix in ("", "https://bsky.app/profile/", "facebook.com/")
    ]
    start = time.process_time()
    for text in texts:
        resolve(text, platform)
    # 0.05 s is the promise; it takes about 0.001 s, so a busy machine does not matter.
    assert time.process_time() - start < 0.05 * len(texts)


@pytest.mark.parametrize("row", rows("addresses-us-government.tsv"), ids=lambda row: row["input"])
def test_address_from_government_pages_is_told_right(row: dict[str, str]) -> None:
    result = resolve(row["input"])
    found = [
        plain(account.platform, account.handle) for account in accounts_in(result) if account.platform != "website"
    ]
    assert found == ([plain(row["platform"], row["handle"])] if row["handle"] else [])
    social = isinstance(result, Resolved) and result.platform != "website"
    assert social == (row["is_profile"] != "no") or row["is_profile"] == "sub"


@pytest.mark.parametrize("row", rows("addresses-govuk.tsv"), ids=lambda row: row["href"])
def test_social_link_of_a_gov_uk_organisation_is_an_account(row: dict[str, str]) -> None:
    result = resolve(row["href"])
    assert isinstance(result, Resolved)
    service = {"twitter": "x", "blog": "website"}.get(row["service_type"], row["service_type"])
    assert result.platform == service
    if service != "website":
        assert result.key == row["href"].partition("?")[0].rstrip("/").rpartition("/")[2].lstrip("@").lower() or (
            result.key == result.platform_id
        )


@pytest.mark.parametrize("row", rows("handles-public-bodies.tsv"), ids=lambda row: row["typed"])
def test_identifier_of_a_public_body_is_understood(row: dict[str, str]) -> None:
    platform = PLATFORM_OF_LIST.get(row["platform"], row["platform"])
    result = resolve(row["typed"], platform)
    accounts = [(account.platform, account.handle.lstrip("@")) for account in accounts_in(result)]
    assert accounts == ([] if row["expected"] == "REJECT" else [(platform, row["expected"])])
