"""More platforms as data: those of many servers, and plain websites. The notation is that of `social`.

Sources: AT protocol handle and DID syntax; Mastodon's documentation of accounts and WebFinger; PeerTube's and
Lemmy's own addresses.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.matching import Form, Kind, Name, Rule

_ANY = re.compile(r"(.*)")
# AT protocol handle syntax: a domain whose last label does not start with a digit.
_DOMAIN = (
    r"(?=.{4,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
_BLUESKY = Rule(
    slug="bluesky",
    name="Bluesky",
    also=("bsky",),
    hosts=("bsky.app", "main.bsky.dev", "bsky.social"),
    host_path="profile/{host}",
    kinds={
        "profile": Kind("https://bsky.app/profile/{name}", "@{name}"),
        "id": Kind("https://bsky.app/profile/{name}"),
    },
    names={
        "did": Name(
            re.compile(r"did:plc:[a-z2-7]{24}|did:web:[a-z0-9.\-]{3,253}"),
            "a DID",
            fold="exact",
            stable="whole",
        ),
        "handle": Name(re.compile(_DOMAIN), "a domain, like name.bsky.social"),
        "short": Name(re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"), "a domain, like name.bsky.social"),
    },
    forms=(
        *(
            Form(f"profile/{{{name}}}/{below}", kind, post=post)
            for name, kind in (("did", "id"), ("handle", "profile"))
            for below, post in (
                ("post|app.bsky.feed.post/*/**", "a post"),
                ("feed|lists|app.bsky.feed.generator|app.bsky.graph.list/*/**", "a list or feed"),
                ("**", ""),
            )
        ),
        Form("starter-pack/{handle}/*", "profile", post="a starter pack"),
        # Handles are whole domains; most people leave the usual ending out.
        Form("profile/{short}/**", "profile", sure=False, value="{name}.bsky.social"),
    ),
    bare=((_ANY, "profile/{}"),),
    examples=(
        ("https://bsky.app/profile/Brynmor.bsky.social", "profile brynmor.bsky.social"),
        ("brynmor.bsky.social", "profile brynmor.bsky.social"),
        ("@brynmor.bsky.social", "profile brynmor.bsky.social"),
        ("at://press.brynmor.example.org", "profile press.brynmor.example.org"),
        ("https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz", "id did:plc:ewvi7nxzyoun6zhxrhs64oiz"),
        ("https://bsky.app/profile/brynmor", "profile brynmor.bsky.social"),
        ("https://bsky.app/profile/brynmor.bsky.social/post/3kabc", "< profile brynmor.bsky.social"),
        ("https://bsky.app/starter-pack/brynmor.bsky.social/3kabc", "< profile brynmor.bsky.social"),
        ("https://bsky.app/search?q=library", ""),
    ),
)

_FEDIVERSE_NAME = Name(
    re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,62}[A-Za-z0-9_])?"), "letters, digits and underscores"
)
_MASTODON = Rule(
    slug="mastodon",
    name="Mastodon",
    also=("fediverse", "mastodonfediverse", "toot"),
    federated=True,
    hosts=(
        *(
            "mastodon.social",
            "mastodon.online",
            "mastodon.world",
            "mastodonapp.uk",
            "mas.to",
            "mstdn.social",
            "mstdn.io",
        ),
        *(
            "hachyderm.io",
            "fosstodon.org",
            "chaos.social",
            "social.coop",
            "toot.wales",
            "infosec.exchange",
            "mamot.fr",
        ),
        *(
            "framapiaf.org",
            "social.tchncs.de",
            "techhub.social",
            "universeodon.com",
            "scholar.social",
            "glammr.us",
        ),
        *(
            "social.bund.de",
            "social.overheid.nl",
            "social.network.europa.eu",
            "ec.social-network.europa.eu",
            "aus.social",
        ),
        *(
            "norden.social",
            "troet.cafe",
            "wandering.shop",
            "home.social",
            "union.place",
            "octodon.social",
            "respublicae.eu",
        ),
    ),
    host_words=words("mastodon mstdn toot gotosocial misskey akkoma pleroma"),
    kinds={"profile": Kind("https://{host}/@{name}", "@{name}@{host}", "{name}@{host}")},
    names={"name": _FEDIVERSE_NAME},
    forms=(
        Form("@{name}/#/**", "profile", post="a post", anywhere=True),
        Form("users/{name}/statuses/*/**", "profile", post="a post"),
        Form("@{name}/**", "profile", anywhere=True),
        Form("web|deck/@{name}/#/**", "profile", post="a post", anywhere=True),
        Form("web|deck/@{name}/**", "profile", anywhere=True),
        Form("users/{name}/**", "profile"),
    ),
    bare=((_ANY, "@{}"),),
    examples=(
        ("https://mastodon.social/@BrynmorLibraries", "profile brynmorlibraries@mastodon.social"),
        ("@BrynmorLibraries@Mastodon.social", "profile brynmorlibraries@mastodon.social"),
        ("acct:brynmorlibraries@mstdn.social", "profile brynmorlibraries@mstdn.social"),
        (
            "https://mastodon.social/@press@social.brynmor.example.org",
            "profile press@social.brynmor.example.org",
        ),
        ("https://mastodon.social/users/BrynmorLibraries", "profile brynmorlibraries@mastodon.social"),
        ("https://mastodon.social/web/@BrynmorLibraries", "profile brynmorlibraries@mastodon.social"),
        ("https://social.brynmor.example.org/@press/media", "profile press@social.brynmor.example.org"),
        (
            "https://mastodon.social/@BrynmorLibraries/110123456789",
            "< profile brynmorlibraries@mastodon.social",
        ),
        ("https://mastodon.social/web/accounts/12345", ""),
        ("https://mastodon.social/explore", ""),
    ),
)

_PIXELFED = Rule(
    slug="pixelfed",
    name="Pixelfed",
    federated=True,
    hosts=(
        "pixelfed.social",
        "pixelfed.de",
        "pixelfed.uno",
        "pixelfed.art",
        "pxlmo.com",
        "pixey.org",
        "gram.social",
        "metapixl.com",
    ),
    host_words=words("pixelfed"),
    kinds={"profile": Kind("https://{host}/{name}", "@{name}@{host}", "{name}@{host}")},
    names={"name": _FEDIVERSE_NAME},
    forms=(
        Form("p/{name}/#/**", "profile", post="a post"),
        Form("users/{name}/**", "profile"),
        Form("{@name}/**", "profile"),
    ),
    reserved=words("i site p discover about login register users stories settings search c account web timeline"),
    bare=((_ANY, "{}"),),
    examples=(
        ("https://pixelfed.social/Brynmor", "profile brynmor@pixelfed.social"),
        ("https://pixelfed.social/@Brynmor", "profile brynmor@pixelfed.social"),
        ("https://pixelfed.social/p/Brynmor/703214", "< profile brynmor@pixelfed.social"),
        ("https://pixelfed.social/site/about", ""),
    ),
)

_PEERTUBE = Rule(
    slug="peertube",
    name="PeerTube",
    federated=True,
    hosts=(
        "framatube.org",
        "tilvids.com",
        "makertube.net",
        "diode.zone",
        "spectra.video",
        "tube.network.europa.eu",
        "video.blender.org",
    ),
    host_words=words("peertube"),
    kinds={
        "profile": Kind("https://{host}/a/{name}", "@{name}@{host}", "{name}@{host}"),
        "channel": Kind("https://{host}/c/{name}", "@{name}@{host}", "{name}@{host}"),
    },
    names={"name": _FEDIVERSE_NAME},
    forms=(
        Form("a|accounts/{name}/**", "profile"),
        Form("c/{name}/**", "channel"),
        Form("video-channels/{name}/**", "channel", anywhere=True),
        Form("@{name}/**", "profile", sure=False),
    ),
    bare=((_ANY, "a/{}"),),
    examples=(
        (
            "https://peertube.brynmor.example.org/a/council/video-channels",
            "profile council@peertube.brynmor.example.org",
        ),
        ("https://framatube.org/c/brynmor_meetings/videos", "channel brynmor_meetings@framatube.org"),
        (
            "https://tube.brynmor.example.org/video-channels/meetings",
            "channel meetings@tube.brynmor.example.org",
        ),
        ("https://framatube.org/w/9c9de5e8-0a1e", ""),
    ),
)

_LEMMY = Rule(
    slug="lemmy",
    name="Lemmy",
    federated=True,
    hosts=(
        *(
            "lemmy.world",
            "lemmy.ml",
            "lemmy.ca",
            "feddit.uk",
            "feddit.org",
            "feddit.nl",
            "feddit.dk",
            "beehaw.org",
            "sh.itjust.works",
        ),
        *("programming.dev", "sopuli.xyz", "aussie.zone", "slrpnk.net"),
    ),
    host_words=words("lemmy feddit"),
    kinds={
        "profile": Kind("https://{host}/u/{name}", "@{name}@{host}", "{name}@{host}"),
        "community": Kind("https://{host}/c/{name}", "!{name}@{host}", "{name}@{host}"),
    },
    names={"name": _FEDIVERSE_NAME},
    forms=(Form("u/{name}/**", "profile"), Form("c/{name}/**", "community")),
    bare=((re.compile(r"!(.*)"), "c/{}"), (_ANY, "u/{}")),
    examples=(
        ("https://lemmy.world/u/brynmor", "profile brynmor@lemmy.world"),
        ("https://feddit.uk/c/brynmor", "community brynmor@feddit.uk"),
        ("https://lemmy.world/c/brynmor@feddit.uk", "community brynmor@feddit.uk"),
        ("!brynmor@feddit.uk", "community brynmor@feddit.uk"),
        ("https://lemmy.world/post/31415", ""),
    ),
)

_WEBSITE = Rule(
    slug="website",
    name="Website or blog",
    also=("web", "site", "blog", "website", "homepage"),
    kinds={"site": Kind("https://{host}/{name}")},
    names={},
    forms=(),
    examples=(
        ("https://blogs.Example.org/Library/?utm_source=mail", "site blogs.example.org/Library"),
        ("https://www.example.org/", "site example.org"),
        ("https://twitter.com@evil.example/x", "site evil.example/x"),
        ("https://l.facebook.com/l.php?u=http%3A%2F%2Fexample.org%2Fnews&h=A", "site example.org/news"),
        ("https://bit.ly/3abcde", ""),
        ("ftp://example.org/", ""),
    ),
)

OPEN_RULES = (_BLUESKY, _MASTODON, _PIXELFED, _PEERTUBE, _LEMMY, _WEBSITE)

# Sites that also write "/@name" but do not speak to other servers.
NOT_FEDIVERSE = words(
    "medium.com substack.com snapchat.com producthunt.com replit.com unsplash.com hackmd.io hashnode.com"
    " hive.blog peakd.com steemit.com lichess.org velog.io wakatime.com observablehq.com odysee.com"
    " clubhouse.com 7cups.com hackerearth.com holopin.io hubpages.com kaskus.co.id laracasts.com listed.to"
    " pikabu.ru playstrategy.org pronouns.page pychess.org seoforum.com traewelling.de hackernoon.com"
    " rumble.com kick.com npmjs.com linktr.ee vk.com beacons.ai"
)
