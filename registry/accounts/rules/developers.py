"""Where people who write software meet, as data. The notation is that of `rule`."""

import re

from registry.accounts.rules.parts import one_name
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Name
from registry.accounts.rules.rule import Refusal as Not

_HACKER_NEWS = one_name(
    "hackernews",
    "Hacker News",
    "news.ycombinator.com/user?id={name}",
    also=("hn", "ycombinator"),
    shape=Name(re.compile(r"([A-Za-z0-9_\-]{2,30})/?"), "letters, digits, dashes and underscores", fold="exact"),
    first=(Form("item|from|newest|ask|show|jobs/**", post="a post"),),
    examples=(
        Is(
            "https://news.ycombinator.com/user?id=NiaExample",
            "profile NiaExample",
            "https://news.ycombinator.com/user?id=NiaExample",
        ),
        Is("http://www.news.ycombinator.com/user?id=nia", "profile nia", "https://news.ycombinator.com/user?id=nia"),
        Is(
            "news.ycombinator.com/user?id=nia-example",
            "profile nia-example",
            "https://news.ycombinator.com/user?id=nia-example",
        ),
    ),
    refused=(
        Not("https://news.ycombinator.com/item?id=1234", "a post"),
        Not("https://news.ycombinator.com/user", "some other page"),
    ),
)
_DEV = one_name(
    "devto",
    "DEV",
    "dev.to/{name}",
    below="a post",
    also=("dev",),
    reserved="t tags listings pod connect enter reading_list dashboard challenges hackathons organizations",
    examples=(
        Is("https://dev.to/BrynmorCouncil", "profile brynmorcouncil", "https://dev.to/BrynmorCouncil"),
        Is("https://www.dev.to/brynmorcouncil", "profile brynmorcouncil", "https://dev.to/brynmorcouncil"),
        Is("dev.to/brynmor_council/", "profile brynmor_council", "https://dev.to/brynmor_council"),
    ),
    refused=(
        Not("https://dev.to/brynmorcouncil/our-year-1a2b", "a post", "profile brynmorcouncil"),
        Not("https://dev.to/t/python", "some other page"),
    ),
)
_HASHNODE = one_name(
    "hashnode",
    "Hashnode",
    "hashnode.com/@{name}",
    shown="@{name}",
    hosts=("hashnode.dev",),
    host_path="@{sub}",
    examples=(
        Is("https://hashnode.com/@BrynmorCouncil", "profile brynmorcouncil", "https://hashnode.com/@BrynmorCouncil"),
        Is("https://brynmorcouncil.hashnode.dev/", "profile brynmorcouncil", "https://hashnode.com/@brynmorcouncil"),
        Is("hashnode.com/@brynmor-council/badges", "profile brynmor-council", "https://hashnode.com/@brynmor-council"),
    ),
    refused=(Not("https://hashnode.com/explore", "a search"), Not("https://hashnode.com/post/x", "a post")),
)
_LEETCODE = one_name(
    "leetcode",
    "LeetCode",
    "leetcode.com/u/{name}",
    first=(Form("problems|contest|discuss|explore|studyplan|company/**", post="a page"), Form("{name}", "profile")),
    reserved="problems contest discuss studyplan company problemset u playground interview subscribe",
    examples=(
        Is("https://leetcode.com/u/NiaExample/", "profile niaexample", "https://leetcode.com/u/NiaExample"),
        Is("https://leetcode.com/niaexample", "profile niaexample", "https://leetcode.com/u/niaexample"),
        Is("leetcode.com/u/nia_example", "profile nia_example", "https://leetcode.com/u/nia_example"),
    ),
    refused=(
        Not("https://leetcode.com/problems/two-sum/", "a page"),
        Not("https://leetcode.com/problemset/", "some other page"),
    ),
)
_HACKERRANK = one_name(
    "hackerrank",
    "HackerRank",
    "www.hackerrank.com/profile/{name}",
    first=(Form("challenges|contests|domains|skills-verification|work/**", post="a page"), Form("{name}", "profile")),
    reserved="challenges contests domains skills-verification work dashboard leaderboard interview certificates",
    examples=(
        Is(
            "https://www.hackerrank.com/profile/NiaExample",
            "profile niaexample",
            "https://www.hackerrank.com/profile/NiaExample",
        ),
        Is("https://hackerrank.com/niaexample", "profile niaexample", "https://www.hackerrank.com/profile/niaexample"),
        Is(
            "hackerrank.com/profile/nia_example",
            "profile nia_example",
            "https://www.hackerrank.com/profile/nia_example",
        ),
    ),
    refused=(
        Not("https://www.hackerrank.com/challenges/x", "a page"),
        Not("https://www.hackerrank.com/domains/x", "a page"),
    ),
)
_EXERCISM = one_name(
    "exercism",
    "Exercism",
    "exercism.org/profiles/{name}",
    hosts=("exercism.io",),
    first=(Form("tracks|exercises|contributing/**", post="a page"),),
    examples=(
        Is(
            "https://exercism.org/profiles/NiaExample", "profile niaexample", "https://exercism.org/profiles/NiaExample"
        ),
        Is(
            "https://exercism.io/profiles/niaexample/", "profile niaexample", "https://exercism.org/profiles/niaexample"
        ),
        Is(
            "exercism.org/profiles/nia-example/solutions",
            "profile nia-example",
            "https://exercism.org/profiles/nia-example",
        ),
    ),
    refused=(
        Not("https://exercism.org/tracks/python", "a page"),
        Not("https://exercism.org/dashboard", "a page that only its owner sees"),
    ),
)
_KEYBASE = one_name(
    "keybase",
    "Keybase",
    "keybase.io/{name}",
    first=(Form("team/{name}/**", "team"),),
    kinds_too={"team": "https://keybase.io/team/{name}"},
    reserved="docs warp account team encrypt verify",
    icon=False,
    examples=(
        Is("https://keybase.io/NiaExample", "profile niaexample", "https://keybase.io/NiaExample"),
        Is("https://www.keybase.io/niaexample/sigs", "profile niaexample", "https://keybase.io/niaexample"),
        Is("https://keybase.io/team/brynmor", "team brynmor", "https://keybase.io/team/brynmor"),
    ),
    refused=(
        Not("https://keybase.io/download", "some other page"),
        Not("https://book.keybase.io/docs", "some other page"),
    ),
)
_GRAVATAR = one_name(
    "gravatar",
    "Gravatar",
    "gravatar.com/{name}",
    locales=re.compile(r"[a-z]{2,3}"),
    first=(Form("avatar/**", post="a picture"),),
    reserved="avatar site profiles emails connect",
    examples=(
        Is("https://gravatar.com/NiaExample", "profile niaexample", "https://gravatar.com/NiaExample"),
        Is("http://en.gravatar.com/niaexample", "profile niaexample", "https://gravatar.com/niaexample"),
        Is("gravatar.com/nia.example", "profile nia.example", "https://gravatar.com/nia.example"),
    ),
    refused=(
        Not("https://www.gravatar.com/avatar/0a1b2c", "a picture"),
        Not("https://gravatar.com/site/x", "some other page"),
    ),
)
_PRODUCT_HUNT = one_name(
    "producthunt",
    "Product Hunt",
    "www.producthunt.com/@{name}",
    shown="@{name}",
    examples=(
        Is(
            "https://www.producthunt.com/@BrynmorCouncil",
            "profile brynmorcouncil",
            "https://www.producthunt.com/@BrynmorCouncil",
        ),
        Is(
            "https://producthunt.com/@brynmorcouncil/submitted",
            "profile brynmorcouncil",
            "https://www.producthunt.com/@brynmorcouncil",
        ),
        Is(
            "producthunt.com/@brynmor_council",
            "profile brynmor_council",
            "https://www.producthunt.com/@brynmor_council",
        ),
    ),
    refused=(
        Not("https://www.producthunt.com/posts/register", "a post"),
        Not("https://producthunt.com/topics/x", "a hashtag or topic"),
    ),
)

DEVELOPER_RULES = (
    _HACKER_NEWS, _DEV, _HASHNODE, _LEETCODE, _HACKERRANK, _EXERCISM, _KEYBASE, _GRAVATAR, _PRODUCT_HUNT,
)  # fmt: skip
