"""More platforms as data: those for films and clips. The notation is that of `social`.

Sources: the platforms' help pages; all 759 channel ids in the lists of public bodies (tests/data) are 24
characters long.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.matching import Form, Kind, Name, Rule

_ANY = re.compile(r"(.*)")
_YOUTUBE_HANDLE = r"[A-Za-z0-9_.\-\u00b7\u00c0-\U0010ffff]"
_YOUTUBE_TABS = (
    "videos|shorts|streams|live|featured|about|playlists|community|discussion|channels|podcasts|releases"
    "|posts|store|search"
)
_YOUTUBE = Rule(
    slug="youtube",
    name="YouTube",
    also=("yt", "youtubechannel", "youtubehandle"),
    hosts=("youtube.com", "youtu.be", "youtubekids.com"),
    post_hosts={"youtu.be": "a video"},
    subdomains=words("www m music studio gaming") | {""},
    kinds={
        "handle": Kind("https://www.youtube.com/@{name}", "@{name}"),
        "channel": Kind("https://www.youtube.com/channel/{name}"),
        "custom": Kind("https://www.youtube.com/c/{name}"),
        "user": Kind("https://www.youtube.com/user/{name}"),
    },
    names={
        "handle": Name(
            re.compile(_YOUTUBE_HANDLE + "{1,30}"),
            "letters, digits, dashes, underscores and full stops, at most 30",
        ),
        "channel": Name(
            re.compile(r"UC[A-Za-z0-9_-]{22}"),
            "UC and 22 more letters, digits, dashes or underscores",
            fold="exact",
            stable="whole",
        ),
        "name": Name(re.compile(_YOUTUBE_HANDLE + "{1,100}"), "letters, digits, dashes, underscores and full stops"),
    },
    forms=(
        Form("@{handle}/**", "handle"),
        Form("channel/{channel}/**", "channel"),
        Form("c/{name}/**", "custom"),
        Form("user/{name}/**", "user"),
        Form("profile?user={name}", "user"),
        # Addresses without a folder were given out from two namespaces; only YouTube knows which, so they
        # stay as they are.
        *(
            Form("{name}" + tab, "custom", sure=False, url="https://www.youtube.com/{name}")
            for tab in ("", "/" + _YOUTUBE_TABS)
        ),
    ),
    reserved=words(
        "watch shorts embed live playlist feed results channel c user hashtag post gaming premium about"
        " account ads creators upload t v e w p cp rss clip redirect attribution_link subscription_center"
        " profile kids music movies tv trends trending news sports learning jobs press yt howyoutubeworks"
        " signin logout copyright show shows select_site oops iframe_api player_api my_videos dashboard"
        " testtube new feeds api static s img html5 account_notifications reporthistory paid_memberships"
        " source live_dashboard"
    ),
    bare=((re.compile(r"(UC[A-Za-z0-9_-]{22})"), "channel/{}"), (_ANY, "@{}")),
    examples=(
        ("https://www.youtube.com/@BrynmorCouncil/videos", "handle brynmorcouncil"),
        (
            "https://m.youtube.com/channel/UCFj70_9F31CLQY76H5yg7AQ?sub_confirmation=1",
            "channel UCFj70_9F31CLQY76H5yg7AQ",
        ),
        ("https://www.youtube.com/c/BrynmorCouncil", "custom brynmorcouncil"),
        ("https://www.youtube.com/user/BrynmorCouncil/featured", "user brynmorcouncil"),
        ("https://www.youtube.com/BrynmorCouncil", "custom brynmorcouncil"),
        ("https://www.youtube.com/@%E9%B9%BF%E5%85%90%E5%B3%B6%E5%B8%82-f5x", "handle 鹿児島市-f5x"),
        ("https://www.youtube.com/watch?v=H9RQf8a4DQE", ""),
        ("https://youtu.be/H9RQf8a4DQE?t=635", ""),
        ("https://www.youtube.com/shorts/H9RQf8a4DQE", ""),
        ("https://www.youtube.com/playlist?list=PL3833B2698B7840D7", ""),
        ("https://www.youtube.com/channel/UCFj70", ""),
    ),
)


_TIKTOK = Rule(
    slug="tiktok",
    name="TikTok",
    hosts=("tiktok.com",),
    subdomains=words("www m") | {""},
    kinds={"profile": Kind("https://www.tiktok.com/@{name}", "@{name}")},
    names={
        "name": Name(
            re.compile(r"[A-Za-z0-9_.]{1,23}[A-Za-z0-9_]"),
            "2 to 24 letters, digits, underscores and full stops, the last no full stop",
        )
    },
    forms=(
        Form("t/**", short=True),
        Form("@{name}/video|photo|playlist/*/**", "profile", post="a video"),
        Form("@{name}/**", "profile"),
        Form("{name}", "profile", sure=False),
    ),
    reserved=words(
        "tag music discover foryou following friends messages sticker effect explore live about legal"
        " upload login signup t v embed business search channel topics topic node share player"
        " community-guidelines privacy transparency safety creators en trending download setting feedback"
        " coin place shop i18n"
    ),
    bare=((_ANY, "@{}"),),
    examples=(
        ("https://www.tiktok.com/@brynmor.libraries?is_from_webapp=1", "profile brynmor.libraries"),
        ("https://www.tiktok.com/@brynmor.libraries/live", "profile brynmor.libraries"),
        ("tiktok.com/BrynmorLibraries", "profile brynmorlibraries"),
        (
            "https://www.tiktok.com/@brynmor.libraries/video/7106594312292453675",
            "< profile brynmor.libraries",
        ),
        ("https://www.tiktok.com/t/ZTRabc/", ""),
        ("https://vm.tiktok.com/ZTRabc/", ""),
        ("https://www.tiktok.com/tag/library", ""),
    ),
)

VIDEO_RULES = (_YOUTUBE, _TIKTOK)
