"""Music and podcasts as data. The notation is that of `rule`.

A podcast is known by its feed. Where it is hosted is all that an address says, so that is its key.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import ANY, LABEL, USUAL, one_name
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_SOUNDCLOUD_TABS = (
    "sets|tracks|albums|reposts|likes|followers|following|comments|popular-tracks|spotlight|toptracks|groups|playlists"
)
_SOUNDCLOUD = Rule(
    slug="soundcloud",
    name="SoundCloud",
    icon=True,
    hosts=("soundcloud.com",),
    subdomains=words("www m") | {""},
    kinds={"profile": Kind("https://soundcloud.com/{name}")},
    names={"name": Name(re.compile(r"[A-Za-z0-9_\-]{2,64}"), "letters, digits, dashes and underscores")},
    forms=(
        Form("{@name}", "profile"),
        Form(f"{{@name}}/{_SOUNDCLOUD_TABS}/**", "profile"),
        Form("{@name}/*/**", "profile", post="a track"),
    ),
    reserved=USUAL_PAGES
    | words(
        "discover stream charts stations you search upload tracks player groups imprint creators oembed pages sets"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is("https://soundcloud.com/BrynmorCouncil", "profile brynmorcouncil", "https://soundcloud.com/BrynmorCouncil"),
        Is(
            "https://m.soundcloud.com/brynmor-council/tracks",
            "profile brynmor-council",
            "https://soundcloud.com/brynmor-council",
        ),
        Is(
            "soundcloud.com/brynmorcouncil/sets/history",
            "profile brynmorcouncil",
            "https://soundcloud.com/brynmorcouncil",
        ),
    ),
    refused=(
        Not("https://soundcloud.com/brynmorcouncil/episode-1", "a track", "profile brynmorcouncil"),
        Not("https://on.soundcloud.com/AbCdE", "a short link"),
        Not("https://soundcloud.com/discover/sets/x", "a search"),
        Not("https://w.soundcloud.com/player/?url=https%3A//api.soundcloud.com/tracks/1", "some other page"),
    ),
)

_SPOTIFY = Rule(
    slug="spotify",
    name="Spotify",
    also=("spotifyshow", "spotifyartist", "spotifypodcast"),
    icon=True,
    hosts=("open.spotify.com", "play.spotify.com", "podcasters.spotify.com", "creators.spotify.com", "anchor.fm"),
    prefixes={"anchor.fm": "pod/show", "podcasters.spotify.com": "creators", "creators.spotify.com": "creators"},
    kinds={
        "show": Kind("https://open.spotify.com/show/{name}"),
        "artist": Kind("https://open.spotify.com/artist/{name}"),
        "user": Kind("https://open.spotify.com/user/{name}"),
        "podcaster": Kind("https://creators.spotify.com/pod/profile/{name}"),
    },
    names={
        "id": Name(re.compile(r"[A-Za-z0-9]{22}"), "22 letters and digits", fold="exact", stable="whole"),
        "user": Name(re.compile(r"[A-Za-z0-9._\-]{1,60}"), "letters, digits, dashes, underscores and full stops"),
        "intl": Name(re.compile(r"intl-[a-z]{2}(?:-[a-zA-Z]{2})?|embed|embed-podcast|view"), "a language"),
    },
    forms=(
        Form("creators/pod/show|profile/{user}/episodes|embed/**", "podcaster", post="an episode"),
        Form("creators/pod/show|profile/{user}/**", "podcaster"),
        Form("pod/show/{user}/episodes|embed/**", "podcaster", post="an episode"),
        Form("pod/show/{user}/**", "podcaster"),
        *(
            form
            for start in ("", "(intl)/")
            for form in (
                Form(start + "show/{id}/**", "show"),
                Form(start + "artist/{id}/**", "artist"),
                Form(start + "user/{user}/playlist/**", "user", post="a playlist or album"),
                Form(start + "user/{user}/**", "user"),
                Form(start + "track|episode|prerelease|concert/**", post="a track or an episode"),
                Form(start + "album|playlist|genre|collection|section/**", post="a playlist or album"),
            )
        ),
    ),
    bare=((re.compile(r"([A-Za-z0-9]{22})"), "artist/{}"), (ANY, "user/{}")),
    examples=(
        Is(
            "https://open.spotify.com/show/4rOoJ6Egrf8K2IrywzwOMk?si=1a2b",
            "show 4rOoJ6Egrf8K2IrywzwOMk",
            "https://open.spotify.com/show/4rOoJ6Egrf8K2IrywzwOMk",
        ),
        Is(
            "https://open.spotify.com/intl-de/artist/3WrFJ7ztbogyGnTHbHJFl2",
            "artist 3WrFJ7ztbogyGnTHbHJFl2",
            "https://open.spotify.com/artist/3WrFJ7ztbogyGnTHbHJFl2",
        ),
        Is(
            "spotify:artist:3WrFJ7ztbogyGnTHbHJFl2",
            "artist 3WrFJ7ztbogyGnTHbHJFl2",
            "https://open.spotify.com/artist/3WrFJ7ztbogyGnTHbHJFl2",
        ),
        Is(
            "https://open.spotify.com/user/BrynmorCouncil",
            "user brynmorcouncil",
            "https://open.spotify.com/user/BrynmorCouncil",
        ),
        Is(
            "https://anchor.fm/brynmor-council",
            "podcaster brynmor-council",
            "https://creators.spotify.com/pod/profile/brynmor-council",
        ),
        Is(
            "https://podcasters.spotify.com/pod/show/brynmor-council",
            "podcaster brynmor-council",
            "https://creators.spotify.com/pod/profile/brynmor-council",
        ),
    ),
    refused=(
        Not("https://open.spotify.com/episode/4rOoJ6Egrf8K2IrywzwOMk", "a track or an episode"),
        Not("https://open.spotify.com/playlist/37i9dQZF1DXcBWIGoYBM5M", "a playlist or album"),
        Not("https://open.spotify.com/show/4rOoJ6", "not a name"),
        Not("https://spotify.link/AbCdE", "a short link"),
        Not("https://anchor.fm/brynmor-council/episodes/One-e1a2b3c", "an episode", "podcaster brynmor-council"),
    ),
)

_APPLE_ID = Name(re.compile(r"(?:id)?([0-9]{5,15})"), "id and a number", stable="whole")
_APPLE_PODCASTS = Rule(
    slug="applepodcasts",
    name="Apple Podcasts",
    also=("itunes", "applepodcast", "itunespodcast"),
    icon=True,
    hosts=("podcasts.apple.com", "itunes.apple.com"),
    kinds={
        "show": Kind("https://podcasts.apple.com/podcast/id{name}", "id{name}"),
        "channel": Kind("https://podcasts.apple.com/channel/id{name}", "id{name}"),
    },
    names={"id": _APPLE_ID},
    forms=tuple(
        Form(f"{start}{word}/{title}{{id}}/**", kind)
        for word, kind in (("podcast", "show"), ("channel", "channel"))
        for start in ("", "xx/")
        for title in ("", "*/")
    ),
    bare=((ANY, "podcast/{}"),),
    examples=(
        Is(
            "https://podcasts.apple.com/gb/podcast/brynmor-talks/id1234567890?i=1000",
            "show 1234567890",
            "https://podcasts.apple.com/podcast/id1234567890",
        ),
        Is(
            "https://podcasts.apple.com/podcast/id1234567890",
            "show 1234567890",
            "https://podcasts.apple.com/podcast/id1234567890",
        ),
        Is(
            "https://itunes.apple.com/us/podcast/brynmor-talks/id1234567890?mt=2",
            "show 1234567890",
            "https://podcasts.apple.com/podcast/id1234567890",
        ),
        Is(
            "https://podcasts.apple.com/gb/channel/brynmor/id6442000000",
            "channel 6442000000",
            "https://podcasts.apple.com/channel/id6442000000",
        ),
    ),
    refused=(
        Not("https://podcasts.apple.com/gb/browse", "some other page"),
        Not("https://podcasts.apple.com/gb/podcast/brynmor-talks", "not a name"),
    ),
)

_APPLE_MUSIC = Rule(
    slug="applemusic",
    name="Apple Music",
    icon=True,
    hosts=("music.apple.com", "geo.music.apple.com"),
    kinds={"artist": Kind("https://music.apple.com/artist/{name}")},
    names={"id": _APPLE_ID},
    forms=(
        *(Form(f"{start}artist/{title}{{id}}/**", "artist") for start in ("", "xx/") for title in ("", "*/")),
        Form("xx/album|playlist|song|music-video|station/**", post="a playlist or album"),
        Form("album|playlist|song|music-video|station/**", post="a playlist or album"),
    ),
    bare=((ANY, "artist/{}"),),
    examples=(
        Is(
            "https://music.apple.com/gb/artist/brynmor-choir/123456789",
            "artist 123456789",
            "https://music.apple.com/artist/123456789",
        ),
        Is("https://music.apple.com/artist/123456789", "artist 123456789", "https://music.apple.com/artist/123456789"),
        Is("music.apple.com/gb/artist/id123456789", "artist 123456789", "https://music.apple.com/artist/123456789"),
    ),
    refused=(
        Not("https://music.apple.com/gb/album/hymns/123456789", "a playlist or album"),
        Not("https://music.apple.com/gb/browse", "some other page"),
    ),
)

_FEED = r"[A-Za-z0-9][A-Za-z0-9_.\-]{1,99}"
#: Who hosts podcasts, the path in front of a show there, and what the show is called in its address.
_SHOWS = (
    ("audioboom.com", "channels/", r"([0-9]{4,12})(?:-[^/]*|\.rss)?"),
    ("shows.acast.com", "", _FEED),
    ("play.acast.com", "s/", _FEED),
    ("feeds.acast.com", "public/shows/", _FEED),
    ("buzzsprout.com", "", r"([0-9]{3,10})"),
    ("feeds.buzzsprout.com", "", r"([0-9]{3,10})(?:\.rss)?"),
    ("feeds.simplecast.com", "", _FEED),
    ("feeds.transistor.fm", "", _FEED),
    ("feeds.captivate.fm", "", _FEED),
    ("feeds.megaphone.fm", "", _FEED),
    ("feeds.libsyn.com", "", r"[0-9]{2,10}"),
    ("feeds.soundcloud.com", "users/", r"soundcloud:users:[0-9]{1,15}"),
    ("omny.fm", "shows/", _FEED),
    ("spreaker.com", "podcast/", r"[A-Za-z0-9][A-Za-z0-9_.\-]{1,99}"),
    ("spreaker.com", "show/", _FEED),
    ("rss.com", "podcasts/", _FEED),
    ("redcircle.com", "shows/", _FEED),
    ("castbox.fm", "channel/", r"[A-Za-z0-9_.%\-]{2,150}"),
    ("pca.st", "podcast/", _FEED),
    ("feed.podbean.com", "", _FEED),
    ("feeds.blubrry.com", "feeds/", r"([A-Za-z0-9][A-Za-z0-9_.\-]{1,99})"),
    ("deezer.com", "show/", r"[0-9]{2,15}"),
    ("podchaser.com", "podcasts/", _FEED),
    ("player.fm", "series/", _FEED),
)
#: Those where a show is a host of its own.
_SHOW_SITES = ("podbean.com", "libsyn.com", "podigee.io", "transistor.fm", "captivate.fm", "simplecast.com")
_PODCAST = Rule(
    slug="podcast",
    icon=True,
    name="Podcast",
    also=("podcasts", "rss", "otherpodcast", "podcastfeed"),
    hosts=(*dict.fromkeys(host for host, _, _ in _SHOWS), *_SHOW_SITES),
    host_path="site/{host}",
    prefixes={host: f"at/{host}" for host, _, _ in _SHOWS},
    kinds={"show": Kind("https://{name}")},
    names={
        **{f"show{chr(97 + place)}": Name(re.compile(shape), "a show") for place, (_, _, shape) in enumerate(_SHOWS)},
        "site": Name(
            re.compile(
                rf"(?!(?:www|help|support|api|app|dashboard|blog|my|sites|share|five|developers|publish)\.)"
                rf"{LABEL}\.[a-z]{{1,20}}\.[a-z]{{2,3}}"
            ),
            "a show",
        ),
    },
    forms=(
        *(
            Form(f"at/{host}/{path}{{show{chr(97 + place)}}}{below}", "show", value=f"{host}/{path}{{name}}", post=post)
            for place, (host, path, _) in enumerate(_SHOWS)
            for below, post in (("/episodes|e|episode/*/**", "an episode"), ("/**", ""))
        ),
        Form("site/{site}/e|episodes|episode/*/**", "show", post="an episode"),
        Form("site/{site}/**", "show"),
    ),
    bare=(),
    examples=(
        Is(
            "https://audioboom.com/channels/5001234-brynmor-talks",
            "show audioboom.com/channels/5001234",
            "https://audioboom.com/channels/5001234",
        ),
        Is("https://brynmortalks.podbean.com/", "show brynmortalks.podbean.com", "https://brynmortalks.podbean.com"),
        Is(
            "https://shows.acast.com/brynmor-talks",
            "show shows.acast.com/brynmor-talks",
            "https://shows.acast.com/brynmor-talks",
        ),
        Is(
            "https://feeds.buzzsprout.com/123456.rss",
            "show feeds.buzzsprout.com/123456",
            "https://feeds.buzzsprout.com/123456",
        ),
        Is(
            "https://www.spreaker.com/show/brynmor-talks",
            "show spreaker.com/show/brynmor-talks",
            "https://spreaker.com/show/brynmor-talks",
        ),
    ),
    refused=(
        Not("https://brynmortalks.podbean.com/e/our-library/", "an episode", "show brynmortalks.podbean.com"),
        Not("https://shows.acast.com/brynmor-talks/episodes/one", "an episode", "show shows.acast.com/brynmor-talks"),
        Not("https://audioboom.com/posts/8001234-our-library", "a post"),
        Not("https://www.podbean.com/all", "some other page"),
    ),
)

_BANDCAMP = Rule(
    slug="bandcamp",
    name="Bandcamp",
    icon=True,
    hosts=("bandcamp.com",),
    host_path="host/{sub}",
    kinds={"band": Kind("https://{name}.bandcamp.com"), "profile": Kind("https://bandcamp.com/{name}")},
    names={
        "band": Name(re.compile(rf"(?!(?:www|m|daily|get|blog|help)\Z){LABEL}"), "letters, digits and dashes"),
        "name": USUAL,
    },
    forms=(
        Form("host/{band}/track|album/*/**", "band", post="a track or an album"),
        Form("host/{band}/**", "band"),
        Form("{name}", "profile", sure=False),
    ),
    reserved=USUAL_PAGES | words("host tag discover artists fair_trade_music_policy guide gift_cards"),
    bare=((ANY, "host/{}"),),
    examples=(
        Is("https://BrynmorChoir.bandcamp.com/", "band brynmorchoir", "https://brynmorchoir.bandcamp.com"),
        Is("https://brynmorchoir.bandcamp.com/music", "band brynmorchoir", "https://brynmorchoir.bandcamp.com"),
        Is("https://www.bandcamp.com/brynmorfan", "profile brynmorfan", "https://bandcamp.com/brynmorfan"),
    ),
    refused=(
        Not("https://brynmorchoir.bandcamp.com/album/hymns", "a track or an album", "band brynmorchoir"),
        Not("https://bandcamp.com/discover/folk", "a search"),
    ),
)
_MIXCLOUD = one_name(
    "mixcloud",
    "Mixcloud",
    "www.mixcloud.com/{name}",
    below="a show",
    first=(Form("{name}/uploads|playlists|stream|favorites|listens|followers|following|reposts/**", "profile"),),
    reserved="live genres discover upload select widget myaccount",
    examples=(
        Is("https://www.mixcloud.com/BrynmorRadio/", "profile brynmorradio", "https://www.mixcloud.com/BrynmorRadio"),
        Is(
            "https://m.mixcloud.com/brynmorradio/uploads/",
            "profile brynmorradio",
            "https://www.mixcloud.com/brynmorradio",
        ),
        Is("mixcloud.com/brynmor_radio", "profile brynmor_radio", "https://www.mixcloud.com/brynmor_radio"),
    ),
    refused=(
        Not("https://www.mixcloud.com/brynmorradio/breakfast-1-may/", "a show", "profile brynmorradio"),
        Not("https://www.mixcloud.com/discover/jazz", "a search"),
    ),
)

SOUND_RULES = (_SOUNDCLOUD, _SPOTIFY, _APPLE_PODCASTS, _PODCAST, _MIXCLOUD, _BANDCAMP, _APPLE_MUSIC)
