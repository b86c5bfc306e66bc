"""Platforms that have closed, as data: old registers and web pages are full of them.

The notation is that of `social`.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.matching import Form, Kind, Name, Rule

_LEFT_AS_SEEN = Name(re.compile(r"[^/\s]{1,200}"), "the address as it was", fold="exact")


def _closed(slug: str, name: str, *hosts: str, examples: tuple[tuple[str, str], ...] = ()) -> Rule:
    """A platform that is no more: addresses are kept as they were, and told from posts where that is easy."""
    base = f"https://{hosts[0]}/{{name}}"
    return Rule(
        slug=slug,
        name=name,
        hosts=hosts,
        closed=True,
        kinds={"profile": Kind(base)},
        names={"name": _LEFT_AS_SEEN},
        forms=(
            Form("u/#/events|communities/**"),
            Form("u/#/{name}/**", "profile"),
            Form("u/{name}/**", "profile", value="u/{name}"),
            Form("{name}/**", "profile"),
        ),
        reserved=words("u v w p events communities video search about login"),
        examples=examples,
    )


_POSTEROUS = Rule(
    slug="posterous",
    name="Posterous",
    hosts=("posterous.com",),
    host_path="{host}",
    closed=True,
    kinds={"profile": Kind("https://{name}")},
    names={"blog": Name(re.compile(r"[a-z0-9-]+\.posterous\.com"), "a name in front of posterous.com")},
    forms=(Form("{blog}/**", "profile"),),
    examples=(
        ("http://brynmor.posterous.com/", "profile brynmor.posterous.com"),
        ("http://posterous.com/explore", ""),
    ),
)
_GOOGLE_PLUS_EXAMPLES = (
    ("https://plus.google.com/+BrynmorCouncil", "profile +BrynmorCouncil"),
    ("https://plus.google.com/u/0/103154145981800731315?rel=author", "profile 103154145981800731315"),
    ("https://plus.google.com/u/0/events/c7bnoqckt7i2ha8n5ksraghvcus", ""),
)
CLOSED_RULES = (
    _closed("googleplus", "Google+", "plus.google.com", examples=_GOOGLE_PLUS_EXAMPLES),
    _closed("vine", "Vine", "vine.co", examples=(("https://vine.co/u/12345", "profile u/12345"),)),
    _closed(
        "periscope",
        "Periscope",
        "periscope.tv",
        "pscp.tv",
        examples=(("https://pscp.tv/Brynmor", "profile Brynmor"),),
    ),
    _closed("storify", "Storify", "storify.com", examples=(("https://storify.com/brynmor", "profile brynmor"),)),
    _POSTEROUS,
    _closed(
        "foursquare",
        "Foursquare",
        "foursquare.com",
        examples=(("foursquare.com/brynmor", "profile brynmor"),),
    ),
    _closed("myspace", "Myspace", "myspace.com", examples=(("https://myspace.com/brynmor", "profile brynmor"),)),
    _closed("bliptv", "Blip", "blip.tv", examples=(("http://blip.tv/brynmor", "profile brynmor"),)),
    _closed("ustream", "Ustream", "ustream.tv", examples=(("http://www.ustream.tv/brynmor", "profile brynmor"),)),
    _closed("cohost", "Cohost", "cohost.org", examples=(("https://cohost.org/brynmor", "profile brynmor"),)),
    _closed("klout", "Klout", "klout.com", examples=(("http://klout.com/brynmor", "profile brynmor"),)),
)
