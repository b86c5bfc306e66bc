"""Platforms of many servers as data, and plain websites. The notation is that of `rule`.

Sources: AT protocol handle and DID syntax; Mastodon's documentation of accounts and WebFinger; PeerTube's and
Lemmy's own addresses.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.parts import ANY
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

# AT protocol handle syntax: a domain whose last label does not start with a digit.
_DOMAIN = (
    r"(?=.{4,253}\Z)(?:[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+"
    r"[A-Za-z](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
)
BLUESKY = Rule(
    slug="bluesky",
    name="Bluesky",
    also=("bsky", "blueskyhandle"),
    icon=True,
    # Lexicons app.bsky.actor.profile and app.bsky.feed.post; graphemes, of which there are never more than characters.
    bio_length=256,
    post_length=300,
    counted="characters",
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
    bare=((ANY, "profile/{}"),),
    examples=(
        Is(
            "https://bsky.app/profile/Brynmor.bsky.social",
            "profile brynmor.bsky.social",
            "https://bsky.app/profile/Brynmor.bsky.social",
        ),
        Is("brynmor.bsky.social", "profile brynmor.bsky.social", "https://bsky.app/profile/brynmor.bsky.social"),
        Is("@brynmor.bsky.social", "profile brynmor.bsky.social", "https://bsky.app/profile/brynmor.bsky.social"),
        Is(
            "at://press.brynmor.example.org",
            "profile press.brynmor.example.org",
            "https://bsky.app/profile/press.brynmor.example.org",
        ),
        Is(
            "https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz",
            "id did:plc:ewvi7nxzyoun6zhxrhs64oiz",
            "https://bsky.app/profile/did:plc:ewvi7nxzyoun6zhxrhs64oiz",
        ),
        Is(
            "https://bsky.app/profile/brynmor",
            "profile brynmor.bsky.social",
            "https://bsky.app/profile/brynmor.bsky.social",
        ),
    ),
    refused=(
        Not("https://bsky.app/profile/brynmor.bsky.social/post/3kabc", "a post", "profile brynmor.bsky.social"),
        Not("https://bsky.app/starter-pack/brynmor.bsky.social/3kabc", "a starter pack", "profile brynmor.bsky.social"),
        Not("https://bsky.app/search?q=library", "a search"),
    ),
)

_FEDIVERSE_NAME = Name(
    re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_.\-]{0,62}[A-Za-z0-9_])?"), "letters, digits and underscores"
)
_MASTODON = Rule(
    slug="mastodon",
    icon=True,
    name="Mastodon",
    also=("fediverse", "mastodonfediverse", "toot", "activitypub"),
    bio_length=500,
    post_length=500,
    counted="as Mastodon",
    federated=True,
    hosts=tuple(
        sorted(
            words(
                "mastodon.social mastodon.online mastodon.world mastodonapp.uk mas.to mstdn.social mstdn.io mstdn.jp"
                " mstdn.ca hachyderm.io fosstodon.org chaos.social social.coop toot.wales infosec.exchange mamot.fr"
                " piaille.fr framapiaf.org social.tchncs.de techhub.social universeodon.com scholar.social glammr.us"
                " ausglam.space social.bund.de social.overheid.nl social.network.europa.eu ec.social-network.europa.eu"
                " aus.social norden.social troet.cafe wandering.shop home.social union.place octodon.social"
                " respublicae.eu kolektiva.social mathstodon.xyz journa.host newsie.social ruhr.social det.social"
                " muenchen.social bonn.social berlin.social dju.social digitalcourage.social xn--baw-joa.social"
                " eupolicy.social sfba.social c.im qoto.org ohai.social masto.ai masto.es masto.nu masto.pt"
                " mastouille.fr pawoo.net fedibird.com misskey.io sciences.social fediscience.org astrodon.social"
                " botsin.space tech.lgbt vis.social nrw.social hessen.social helvede.net tooting.ch swiss.social"
                " social.vivaldi.net social.linux.pizza openbiblio.social hcommons.social esq.social"
                " med-mastodon.com climatejustice.social mastodon.green dice.camp indieweb.social disabled.social"
                " thecanadian.social cosocial.ca social.lol toot.community toot.io tooter.social socel.net"
                " urbanists.social"
            )
        )
    ),
    host_words=words(
        "mastodon mstdn toot gotosocial misskey akkoma pleroma firefish sharkey iceshrimp friendica hometown fedi"
        " fediverse"
    ),
    kinds={"profile": Kind("https://{host}/@{name}", "@{name}@{host}", "{name}@{host}")},
    names={"name": _FEDIVERSE_NAME},
    forms=(
        Form("@{name}/#/**", "profile", post="a post", anywhere=True),
        Form("@{name}/statuses|posts/*/**", "profile", post="a post", anywhere=True),
        Form("users/{name}/statuses/*/**", "profile", post="a post"),
        Form("@{name}/**", "profile", anywhere=True),
        Form("web|deck/@{name}/#/**", "profile", post="a post", anywhere=True),
        Form("web|deck/@{name}/**", "profile", anywhere=True),
        Form("users|profile/{name}/**", "profile"),
        Form("web/accounts/**", post="a page that only its own server can read"),
    ),
    bare=((ANY, "@{}"),),
    examples=(
        Is(
            "https://mastodon.social/@BrynmorLibraries",
            "profile brynmorlibraries@mastodon.social",
            "https://mastodon.social/@BrynmorLibraries",
        ),
        Is(
            "@BrynmorLibraries@Mastodon.social",
            "profile brynmorlibraries@mastodon.social",
            "https://mastodon.social/@BrynmorLibraries",
        ),
        Is(
            "acct:brynmorlibraries@mstdn.social",
            "profile brynmorlibraries@mstdn.social",
            "https://mstdn.social/@brynmorlibraries",
        ),
        Is(
            "https://mastodon.social/@press@social.brynmor.example.org",
            "profile press@social.brynmor.example.org",
            "https://social.brynmor.example.org/@press",
        ),
        Is(
            "https://mastodon.social/users/BrynmorLibraries",
            "profile brynmorlibraries@mastodon.social",
            "https://mastodon.social/@BrynmorLibraries",
        ),
        Is(
            "https://mastodon.social/web/@BrynmorLibraries",
            "profile brynmorlibraries@mastodon.social",
            "https://mastodon.social/@BrynmorLibraries",
        ),
        Is(
            "https://social.brynmor.example.org/@press/media",
            "profile press@social.brynmor.example.org",
            "https://social.brynmor.example.org/@press",
        ),
    ),
    refused=(
        Not(
            "https://mastodon.social/@BrynmorLibraries/110123456789",
            "a post",
            "profile brynmorlibraries@mastodon.social",
        ),
        Not("https://mastodon.social/web/accounts/12345", "a page that only its own server can read"),
        Not("https://mastodon.social/explore", "a search"),
    ),
)

_PIXELFED = Rule(
    slug="pixelfed",
    icon=True,
    bio_length=125,  # as it is shipped: config/pixelfed.php
    post_length=500,
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
    bare=((ANY, "{}"),),
    examples=(
        Is("https://pixelfed.social/Brynmor", "profile brynmor@pixelfed.social", "https://pixelfed.social/Brynmor"),
        Is("https://pixelfed.social/@Brynmor", "profile brynmor@pixelfed.social", "https://pixelfed.social/Brynmor"),
        Is(
            "https://pixelfed.brynmor.example.org/users/press",
            "profile press@pixelfed.brynmor.example.org",
            "https://pixelfed.brynmor.example.org/press",
        ),
    ),
    refused=(
        Not("https://pixelfed.social/p/Brynmor/703214", "a post", "profile brynmor@pixelfed.social"),
        Not("https://pixelfed.social/site/about", "some other page"),
    ),
)

_PEERTUBE = Rule(
    slug="peertube",
    icon=True,
    name="PeerTube",
    bio_length=1_000,  # of a channel and of a user alike: server/core/initializers/constants.ts
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
        Form("video-channels/{name}/**", "channel", anywhere=True, url="https://{host}/video-channels/{name}"),
        Form("@{name}/**", "profile", sure=False),
        Form("w|videos/**", post="a video"),
    ),
    bare=((ANY, "a/{}"),),
    examples=(
        Is(
            "https://peertube.brynmor.example.org/a/council/video-channels",
            "profile council@peertube.brynmor.example.org",
            "https://peertube.brynmor.example.org/a/council",
        ),
        Is(
            "https://framatube.org/c/brynmor_meetings/videos",
            "channel brynmor_meetings@framatube.org",
            "https://framatube.org/c/brynmor_meetings",
        ),
        Is(
            "https://tube.brynmor.example.org/video-channels/meetings",
            "channel meetings@tube.brynmor.example.org",
            "https://tube.brynmor.example.org/video-channels/meetings",
        ),
    ),
    refused=(Not("https://framatube.org/w/9c9de5e8-0a1e", "a video"),),
)

_LEMMY = Rule(
    slug="lemmy",
    icon=True,
    name="Lemmy",
    also=("lemmyworld",),
    bio_length=300,  # a person's; a community has more room
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
    forms=(
        Form("u/{name}/**", "profile"),
        Form("c/{name}/**", "community"),
        Form("post|comment/**", post="a post"),
    ),
    bare=((re.compile(r"!(.*)"), "c/{}"), (ANY, "u/{}")),
    examples=(
        Is("https://lemmy.world/u/brynmor", "profile brynmor@lemmy.world", "https://lemmy.world/u/brynmor"),
        Is("https://feddit.uk/c/brynmor", "community brynmor@feddit.uk", "https://feddit.uk/c/brynmor"),
        Is("https://lemmy.world/c/brynmor@feddit.uk", "community brynmor@feddit.uk", "https://feddit.uk/c/brynmor"),
        Is("!brynmor@feddit.uk", "community brynmor@feddit.uk", "https://feddit.uk/c/brynmor"),
    ),
    refused=(Not("https://lemmy.world/post/31415", "a post"),),
)

WEBSITE = Rule(
    slug="website",
    icon=True,
    name="Website or blog",
    also=("web", "site", "blog", "website", "homepage"),
    kinds={"site": Kind("https://{host}/{name}")},
    names={},
    forms=(),
    examples=(
        Is(
            "https://blogs.Example.org/Library/?utm_source=mail",
            "site blogs.example.org/Library",
            "https://blogs.example.org/Library",
        ),
        Is("https://www.example.org/", "site example.org", "https://www.example.org/"),
        Is("https://twitter.com@evil.example/x", "site evil.example/x", "https://evil.example/x"),
        Is(
            "https://l.facebook.com/l.php?u=http%3A%2F%2Fexample.org%2Fnews&h=A",
            "site example.org/news",
            "https://example.org/news",
        ),
    ),
    refused=(
        Not("https://bit.ly/3abcde", "a short link"),
        Not("ftp://example.org/", "another scheme"),
    ),
)

FEDIVERSE_RULES = (_MASTODON, _PIXELFED, _PEERTUBE, _LEMMY)

#: Sites that also write "/@name" but do not speak to other servers, as far as is known.
NOT_FEDIVERSE = words(
    "7cups.com alltrails.com are.na bastyon.com beacons.page bento.me bigo.tv bio.site brunch.co.kr campsite.bio c.ai"
    " character.ai clapperapp.com clubhouse.com coub.com creatorlink.net deepnote.com deso.com diamondapp.com"
    " dtube.video ecency.com elk.zone expo.dev fanbox.cc fansly.com figma.com filmweb.pl flote.app foundation.app"
    " gab.com gamejolt.com gettr.com glitch.com gloria.tv hackerearth.com hackernoon.com hackmd.io hackerone.com"
    " hey.xyz hive.blog holopin.io hubpages.com inleo.io jsr.io jsfiddle.net kaskus.co.id komi.io koji.to kwai.com"
    " laracasts.com leofinance.io lemon8-app.com likee.video listed.to locals.com matters.news matters.town me.me"
    " minds.com misskey.page mirror.xyz musescore.com myanimelist.net nightcafe.studio note.mu observablehq.com"
    " onlyfans.com openai.com opensea.io paragraph.xyz pearltrees.com peakd.com periscope.live pikabu.ru"
    " playstrategy.org polywork.com poe.com pronouns.page publish0x.com pychess.org read.cash read.cv readme.io"
    " rxresu.me scratch.mit.edu seoforum.com skeb.jp slides.com society6.com sooplive.co.kr spectrum.chat"
    " stackblitz.com steemit.com steemitwallet.com suno.com taplink.cc tap.bio teletype.in threadreaderapp.com tilda.cc"
    " tistory.com tokopedia.com traewelling.de triller.co trovo.live unpkg.com cdn.jsdelivr.net esm.sh velog.io vero.co"
    " vevo.com vocus.cc vrchat.com wakatime.com wattpad.com webtoons.com withkoji.com zora.co zhihu.com"
    " earth.google.com"
)
