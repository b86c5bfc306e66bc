"""Platforms that have closed, as data: old registers and web pages are full of them.

The notation is that of `rule`. The years are those in which the public pages went.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import LABEL
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_TABS = "about|posts|photos|videos|music|followers|following|likes|friends|info|broadcasts|top"
_LEFT_AS_SEEN = Name(re.compile(r"[^/\s]{1,200}"), "the address as it was", fold="exact")
_FORMS = (
    Form("u/#/events|communities|collection/**", post="a page"),
    Form(f"u/#/{{name}}/{_TABS}", "profile"),
    Form("u/#/{name}", "profile"),
    Form("u/#/{name}/*/**", "profile", post="a post"),
    Form("u/{name}/**", "profile", value="u/{name}"),
    Form("user|users|channel/{name}/**", "profile"),
    Form(f"{{name}}/{_TABS}", "profile"),
    Form("{name}", "profile"),
    Form("{name}/*/**", "profile", post="a post"),
)
_PAGES = USUAL_PAGES - words("new news live") | words(
    "u v w p user users channel events communities video search about login collection hangouts photos s stream circles"
    " recorded"
)


def _closed(
    slug: str,
    name: str,
    year: int | None,
    *hosts: str,
    also: tuple[str, ...] = (),
    icon: bool = False,
    first: tuple[Form, ...] = (),
    examples: tuple[Is, ...] = (),
    refused: tuple[Not, ...] = (),
) -> Rule:
    """A platform that is no more: addresses are kept as they were, and told from posts where that is easy."""
    return Rule(
        slug=slug,
        name=name,
        also=also,
        icon=icon,
        hosts=hosts,
        closed=True,
        closed_in=year,
        kinds={"profile": Kind(f"https://{hosts[0]}/{{name}}")},
        names={"name": _LEFT_AS_SEEN},
        forms=(*first, *_FORMS),
        reserved=_PAGES,
        examples=examples,
        refused=refused,
    )


def _closed_sites(
    slug: str, name: str, year: int, host: str, examples: tuple[Is, ...], refused: tuple[Not, ...]
) -> Rule:
    """A platform that is no more, where each account was a host of its own."""
    return Rule(
        slug=slug,
        name=name,
        hosts=(host,),
        host_path="{host}",
        closed=True,
        closed_in=year,
        kinds={"profile": Kind("https://{name}")},
        names={"blog": Name(re.compile(rf"{LABEL}\.{re.escape(host)}"), f"a name in front of {host}")},
        forms=(Form("{blog}/**", "profile"),),
        reserved=USUAL_PAGES,
        examples=examples,
        refused=refused,
    )


_GOOGLE_PLUS = _closed(
    "googleplus",
    "Google+",
    2019,
    "plus.google.com",
    icon=False,
    examples=(
        Is(
            "https://plus.google.com/+BrynmorCouncil",
            "profile +BrynmorCouncil",
            "https://plus.google.com/+BrynmorCouncil",
        ),
        Is(
            "https://plus.google.com/u/0/103154145981800731315?rel=author",
            "profile 103154145981800731315",
            "https://plus.google.com/103154145981800731315",
        ),
        Is(
            "plus.google.com/103154145981800731315/posts",
            "profile 103154145981800731315",
            "https://plus.google.com/103154145981800731315",
        ),
    ),
    refused=(
        Not("https://plus.google.com/u/0/events/c7bnoqckt7i2ha8n5ksraghvcus", "a page"),
        Not("https://plus.google.com/+BrynmorCouncil/posts/AbCdEf", "a post", "profile +BrynmorCouncil"),
        Not("https://plus.google.com/", "the home page"),
    ),
)
_VINE = _closed(
    "vine",
    "Vine",
    2017,
    "vine.co",
    examples=(
        Is("https://vine.co/u/12345", "profile u/12345", "https://vine.co/u/12345"),
        Is("https://vine.co/BrynmorCouncil", "profile BrynmorCouncil", "https://vine.co/BrynmorCouncil"),
        Is("http://www.vine.co/brynmor?mode=list", "profile brynmor", "https://vine.co/brynmor"),
    ),
    refused=(Not("https://vine.co/v/AbCdEf", "a video"),),
)
_PERISCOPE = _closed(
    "periscope",
    "Periscope",
    2021,
    "periscope.tv",
    "pscp.tv",
    examples=(
        Is("https://pscp.tv/Brynmor", "profile Brynmor", "https://periscope.tv/Brynmor"),
        Is("https://www.periscope.tv/Brynmor/", "profile Brynmor", "https://periscope.tv/Brynmor"),
        Is("periscope.tv/brynmor", "profile brynmor", "https://periscope.tv/brynmor"),
    ),
    refused=(Not("https://www.periscope.tv/w/1AbCdEf", "some other page"),),
)
_STORIFY = _closed(
    "storify",
    "Storify",
    2018,
    "storify.com",
    examples=(
        Is("https://storify.com/brynmor", "profile brynmor", "https://storify.com/brynmor"),
        Is("http://www.storify.com/brynmor", "profile brynmor", "https://storify.com/brynmor"),
        Is("storify.com/BrynmorCouncil", "profile BrynmorCouncil", "https://storify.com/BrynmorCouncil"),
    ),
    refused=(
        Not("https://storify.com/brynmor/our-day", "a post", "profile brynmor"),
        Not("https://storify.com/search?q=x", "a search"),
    ),
)
_POSTEROUS = _closed_sites(
    "posterous",
    "Posterous",
    2013,
    "posterous.com",
    examples=(
        Is("http://brynmor.posterous.com/", "profile brynmor.posterous.com", "https://brynmor.posterous.com"),
        Is("http://Brynmor.posterous.com/our-day", "profile brynmor.posterous.com", "https://brynmor.posterous.com"),
        Is(
            "brynmor-libraries.posterous.com",
            "profile brynmor-libraries.posterous.com",
            "https://brynmor-libraries.posterous.com",
        ),
    ),
    refused=(Not("http://posterous.com/explore", "a search"),),
)
_WIKISPACES = _closed_sites(
    "wikispaces",
    "Wikispaces",
    2018,
    "wikispaces.com",
    examples=(
        Is("http://brynmor.wikispaces.com/", "profile brynmor.wikispaces.com", "https://brynmor.wikispaces.com"),
        Is("https://brynmor.wikispaces.com/Home", "profile brynmor.wikispaces.com", "https://brynmor.wikispaces.com"),
        Is(
            "brynmor-schools.wikispaces.com",
            "profile brynmor-schools.wikispaces.com",
            "https://brynmor-schools.wikispaces.com",
        ),
    ),
    refused=(Not("http://www.wikispaces.com/site/tour", "some other page"),),
)
_FOURSQUARE = _closed(
    "foursquare",
    "Foursquare",
    None,
    "foursquare.com",
    icon=True,
    first=(Form("v|venue|item|list/**", post="a place or a list"),),
    examples=(
        Is("foursquare.com/brynmor", "profile brynmor", "https://foursquare.com/brynmor"),
        Is("https://foursquare.com/user/12345", "profile 12345", "https://foursquare.com/12345"),
        Is(
            "https://www.foursquare.com/BrynmorCouncil",
            "profile BrynmorCouncil",
            "https://foursquare.com/BrynmorCouncil",
        ),
    ),
    refused=(
        Not("https://foursquare.com/v/brynmor/4b05", "a place or a list"),
        Not("https://foursquare.com/explore?near=x", "a search"),
        Not("https://4sq.com/abc", "a short link"),
    ),
)
_MYSPACE = _closed(
    "myspace",
    "Myspace",
    None,
    "myspace.com",
    icon=True,
    examples=(
        Is("https://myspace.com/brynmor", "profile brynmor", "https://myspace.com/brynmor"),
        Is("http://www.myspace.com/#!/brynmor", "profile brynmor", "https://myspace.com/brynmor"),
        Is("myspace.com/BrynmorChoir/music", "profile BrynmorChoir", "https://myspace.com/BrynmorChoir"),
    ),
    refused=(Not("https://myspace.com/discover/trending", "a search"),),
)


def _old(slug: str, name: str, year: int, host: str, also: tuple[str, ...] = ()) -> Rule:
    """One of those whose accounts were simply names behind a host."""
    return _closed(
        slug,
        name,
        year,
        host,
        also=also,
        examples=(
            Is(f"https://{host}/brynmor", "profile brynmor", f"https://{host}/brynmor"),
            Is(f"http://www.{host}/BrynmorCouncil/", "profile BrynmorCouncil", f"https://{host}/BrynmorCouncil"),
            Is(f"{host}/brynmor?ref=x", "profile brynmor", f"https://{host}/brynmor"),
        ),
        refused=(Not(f"https://{host}/login", "a sign-in page"), Not(f"https://{host}/", "the home page")),
    )


CLOSED_RULES = (
    _GOOGLE_PLUS,
    _VINE,
    _PERISCOPE,
    _STORIFY,
    _POSTEROUS,
    _FOURSQUARE,
    _MYSPACE,
    _old("bliptv", "Blip", 2015, "blip.tv"),
    _old("ustream", "Ustream", 2018, "ustream.tv"),
    _old("cohost", "Cohost", 2024, "cohost.org"),
    _old("klout", "Klout", 2018, "klout.com"),
    _old("orkut", "Orkut", 2014, "orkut.com"),
    _old("picasa", "Picasa Web Albums", 2016, "picasaweb.google.com", ("picasaweb",)),
    _old("friendfeed", "FriendFeed", 2015, "friendfeed.com"),
    _old("stumbleupon", "StumbleUpon", 2018, "stumbleupon.com"),
    _old("delicious", "Delicious", 2017, "del.icio.us"),
    _old("mixer", "Mixer", 2020, "mixer.com"),
    _old("justintv", "Justin.tv", 2014, "justin.tv"),
    _old("meerkat", "Meerkat", 2016, "meerkatapp.co"),
    _old("gfycat", "Gfycat", 2023, "gfycat.com"),
    _old("koo", "Koo", 2024, "kooapp.com"),
    _old("revue", "Revue", 2023, "getrevue.co"),
    _old("tinyletter", "TinyLetter", 2024, "tinyletter.com"),
    _WIKISPACES,
)
