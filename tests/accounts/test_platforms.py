"""Does the resolver find the one account that a text means, and refuse everything else in words?"""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from resolving import CHANNEL, accounts_in, identity

from registry.accounts.platforms import OFFERED, PLATFORMS, RULES, Refused, Resolved, find_platform, resolve


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
        ("https://https://x.com/brynmor", None, ("x", "profile", "brynmor")),
        ("https//x.com/brynmor", None, ("x", "profile", "brynmor")),
        ("htps://x.com/brynmor", None, ("x", "profile", "brynmor")),
        ("wwww.facebook.com/brynmor", None, ("facebook", "page", "brynmor")),
        ("https://www.facebook.com/brynmor&fref=ts", None, ("facebook", "page", "brynmor")),
        ("https://x.com/brynmor%3Flang%3Den", None, ("x", "profile", "brynmor")),
        ("https://twitter.com/brynmor%20", None, ("x", "profile", "brynmor")),
        ("@press@social.brynmor.example.org/", None, ("mastodon", "profile", "press@social.brynmor.example.org")),
        ("https://mastodon.social/@brynmor.libraries@threads.net", None, ("threads", "profile", "brynmor.libraries")),
        ("https://social.example.org/@brynmor@bsky.brid.gy", None, ("mastodon", "profile", "brynmor@bsky.brid.gy")),
        ("!brynmor@feddit.uk", None, ("lemmy", "community", "brynmor@feddit.uk")),
        ("1298624375692894210", "x", ("x", "id", "1298624375692894210")),
        ("https://x.com/brynmor/", "youtube", ("x", "profile", "brynmor")),
        ("r/brynmor", "reddit", ("reddit", "community", "brynmor")),
        ("brynmor", "reddit", ("reddit", "user", "brynmor")),
        ("12345678@N05", "flickr", ("flickr", "id", "12345678@N05")),
        ("+44 7700 900123", "whatsapp", ("whatsapp", "number", "447700900123")),
        ("+44 (0)1632 960-123", "signal", ("signal", "number", "441632960123")),
        ("(01632) 960-123", "signal", None),
        ("brynmor.wordpress.com", "wordpress", ("wordpress", "blog", "brynmor.wordpress.com")),
        ("brynmor", "wordpress", ("wordpress", "blog", "brynmor.wordpress.com")),
        ("brynmor", "substack", ("substack", "newsletter", "brynmor")),
        ("u/1669879400", "weibo", ("weibo", "id", "1669879400")),
        ("BrynmorCouncil", "WeChat", ("wechat", "profile", "brynmorcouncil")),
        ("AbC123", "discord", ("discord", "server", "AbC123")),
        ("0000-0002-1825-0097", "orcid", ("orcid", "profile", "0000-0002-1825-0097")),
        ("niaexample", "Hacker News", ("hackernews", "profile", "niaexample")),
    ],
)
def test_what_people_type_resolves(typed: str, platform: str | None, expected: tuple[str, str, str]) -> None:
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
        ("playlist?list=PL3833B2698B7840D7", "youtube", "This is a playlist or album on YouTube"),
        ("Brynmor Library Service", "facebook", "There is a blank in this."),
        ("home", "x", "This is a page that only its owner sees on X"),
        ("press@brynmor.example.org", "x", "This looks like an e-mail address."),
        ("brynmor", "website", "Paste the whole address."),
        ("https://bit.ly/3abc", None, "This is a short link, and we do not follow those."),
        ("https://www.facebook.com/share/1AbC/", None, "This is a short link, and we do not follow those."),
        ("https://x.com/", None, "This is the home page of X."),
        ("https://x.com/in.valid", None, "“in.valid” cannot be the name of an account on X (letters, digits and"),
        ("mailto:press@example.org", None, "This is an e-mail address"),
        ("", None, "Type or paste the address of the account."),
        ("None", "twitter", "“None” says that there is no account."),
        ("n/a", "facebook", "“n/a” says that there is no account."),
        ("https://chat.whatsapp.com/AbCdEfGhIjKlMnOpQrStUv", None, "This is an invitation to a private group:"),
        (
            "https://t.me/+AbCdEf123456",
            None,
            "This is an invitation to a private group: whoever has it can join.",
        ),
        ("https://www.youtube.com/watch?v=H9RQf8a4DQE", None, "This is a video on YouTube, not an account."),
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
        "a post",
    )


def test_account_among_other_words_is_offered_and_not_taken() -> None:
    result = resolve("Twitter: https://x.com/BrynmorLibrary (library)")
    assert result == Refused(
        "There is more in this than one address. Do you want to register @BrynmorLibrary on X?",
        "x",
        Resolved("x", "profile", "brynmorlibrary", "https://x.com/BrynmorLibrary", "@BrynmorLibrary"),
        "a blank",
    )
    assert resolve("https://x.com/one https://x.com/two") == resolve("Brynmor Library Service")


def test_sign_in_page_and_archived_copy_name_the_account_behind_them() -> None:
    sign_in = resolve("https://www.instagram.com/accounts/login/?next=%2Fbrynmor.libraries%2F&source=x")
    assert (sign_in.platform, [identity(one) for one in accounts_in(sign_in)]) == (
        "instagram",
        [("instagram", "profile", "brynmor.libraries")],
    )
    copy = resolve("https://web.archive.org/web/20190301000000*/https://plus.google.com/+BrynmorCouncil")
    assert copy.note == (
        "This is an archived copy, which leads to +BrynmorCouncil on Google+, not the account itself. Do you want to "
        "register +BrynmorCouncil?"
    )


def test_address_wins_over_the_platform_chosen_and_says_so() -> None:
    result = resolve("https://instagram.com/brynmor", "twitter")
    assert identity(result) == ("instagram", "profile", "brynmor")
    assert result.note == "You chose X, but this address belongs to Instagram, so we put it under Instagram."


def test_closed_platform_is_kept_and_said_to_be_closed() -> None:
    result = resolve("https://plus.google.com/+BrynmorCouncil")
    assert identity(result) == ("googleplus", "profile", "+BrynmorCouncil")
    assert result.note == ("Google+ closed in 2019. You can still record the account, so that nobody looks for it.")
    assert (PLATFORMS["googleplus"].closed, PLATFORMS["googleplus"].closed_in) == (True, 2019)


def test_platform_that_nobody_closed_but_few_use_is_said_to_be_so() -> None:
    note = resolve("https://myspace.com/brynmor").note
    assert note[: note.index(".")] == "Myspace has closed or no longer works as it did"


def test_what_only_colleagues_see_is_said_to_be_internal() -> None:
    result = resolve("https://engage.cloud.microsoft/main/groups/eyJfdHlwZSI6Ikdyb3VwIn0/all")
    assert result.note == "Viva Engage is internal: only colleagues can see this, so it is not a public account."
    assert [platform.slug for platform in PLATFORMS.values() if platform.internal] == ["vivaengage"]


def test_stable_number_is_kept_beside_the_name() -> None:
    numbers = {
        "https://www.facebook.com/Brynmor-Baths-124626657695395/": "124626657695395",
        "https://www.facebook.com/pages/Brynmor/124626657695395": "124626657695395",
        "https://www.facebook.com/brynmor-2020": None,
        "https://x.com/i/user/12345": "12345",
        f"https://www.youtube.com/channel/{CHANNEL}": CHANNEL,
        "https://www.linkedin.com/company/1035": "1035",
        "https://x.com/18F": None,
        "https://www.google.com/maps?ftid=0x486e1cb1:0xabc12": "703506",
        # Groups have numbers of their own there.
        "https://www.linkedin.com/groups/1035": None,
        "https://vk.com/club12345": None,
        "https://www.goodreads.com/group/show/123": None,
    }
    assert {text: accounts_in(resolve(text))[0].platform_id for text in numbers} == numbers


def test_platforms_come_in_the_order_people_meet_them() -> None:
    offered = [platform for family in OFFERED.values() for platform in family]
    assert [platform.slug for platform in offered[:8]] == [
        *("x", "facebook", "instagram", "threads", "linkedin", "youtube", "tiktok", "bluesky"),
    ]
    assert offered == [platform for platform in PLATFORMS.values() if not platform.closed]
    assert offered[-1].slug == "website"
    assert [platform.slug for platform in offered if platform.needs_address] == [
        *(
            "mastodon",
            "pixelfed",
            "peertube",
            "lemmy",
            "vivaengage",
            "mailchimp",
            "podcast",
            "forge",
            "academia",
            "website",
        ),
    ]


def test_a_platform_says_how_long_its_words_may_be_where_that_is_known() -> None:
    lengths = {one.slug: (one.bio_length, one.post_length) for one in PLATFORMS.values()}
    assert {slug: both for slug, both in lengths.items() if both != (None, None)} == {
        "x": (160, 280), "facebook": (101, 63_206), "instagram": (150, 2_200), "threads": (150, 500),
        "linkedin": (2_000, 3_000), "youtube": (1_000, None), "tiktok": (80, 2_200), "bluesky": (256, 300),
        "mastodon": (500, 500), "pixelfed": (125, 500), "peertube": (1_000, None), "lemmy": (300, None),
        "pinterest": (500, None), "snapchat": (80, None), "twitch": (300, None), "whatsapp": (139, None),
        "telegram": (255, 4_096), "discord": (120, 2_000), "reddit": (200, 40_000), "medium": (160, None),
        "googlebusiness": (750, 1_500), "linktree": (80, None), "github": (160, None), "gitlab": (255, None),
    }  # fmt: skip
    assert {one.slug: one.counted for one in PLATFORMS.values() if one.counted != "units"} == {
        "x": "as X", "bluesky": "characters", "mastodon": "as Mastodon",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Twitter", "x"),
        ("X (Twitter)", "x"),
        ("Google+", "googleplus"),
        ("bsky", "bluesky"),
        ("Yammer", "vivaengage"),
        ("weixin", "wechat"),
        ("Apple Podcasts", "applepodcasts"),
        ("fax", None),
    ],
)
def test_platform_is_found_by_the_names_people_use(name: str, slug: str | None) -> None:
    assert find_platform(name) == slug


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
EXAMPLES = st.sampled_from([one.text for rule in RULES for one in (*rule.examples, *rule.refused)])
TEXTS = st.one_of(
    st.text(alphabet=st.characters(), max_size=60),
    st.lists(PIECES, max_size=9).map("".join),
    st.tuples(EXAMPLES, st.integers(0, 60), PIECES).map(lambda one: one[0][: -one[1] or None] + one[2]),
    st.tuples(EXAMPLES, st.integers(0, 60), PIECES).map(lambda one: one[0][: one[1]] + one[2] + one[0][one[1] :]),
)
NAMES = st.sampled_from([*PLATFORMS, "twitter", "nonsense", "", None])


@given(TEXTS, NAMES)
@settings(max_examples=1_500)
def test_any_text_is_answered_and_its_address_resolves_to_the_same_account(text: str, platform: str | None) -> None:
    result = resolve(text, platform)
    for account in accounts_in(result):
        # On a server that nobody knows, the platform chosen says what it runs.
        chosen = account.platform if PLATFORMS[account.platform].needs_address else None
        assert identity(resolve(account.url, chosen)) == identity(account)
        account.url.encode("ascii")
        assert not any(part.isspace() or not part.isprintable() for part in account.key + account.url + account.kind)
    assert result.note.isprintable()
    assert isinstance(result, Resolved) or (result.note and result.reason)


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
