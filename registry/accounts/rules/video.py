"""Platforms for films and clips as data. The notation is that of `rule`.

Sources: the platforms' help pages; all 759 channel ids in the lists of public bodies (tests/data) are 24
characters long.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import ANY, LOCALES, NUMBER, SUBDOMAINS, USUAL, one_name, under
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_YOUTUBE_HANDLE = r"[A-Za-z0-9_.\-\u00b7\u00c0-\U0010ffff]"
_YOUTUBE_TABS = (
    "videos|shorts|streams|live|featured|about|playlists|community|discussion|channels|podcasts|releases"
    "|posts|store|search|join|membership|courses|null"
)
YOUTUBE = Rule(
    slug="youtube",
    name="YouTube",
    also=("yt", "youtubechannel", "youtubehandle", "youtubeid", "googleyoutube"),
    icon=True,
    bio_length=1_000,
    hosts=("youtube.com", "youtu.be", "youtubekids.com", "youtube-nocookie.com"),
    prefixes={"youtu.be": "watch", "youtube-nocookie.com": "embed"},
    subdomains=words("www m music studio gaming web") | {""},
    locales=re.compile(r"[a-z]{2}"),
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
        Form("@{handle}/post/*/**", "handle", post="a post"),
        Form("@{handle}/**", "handle"),
        Form("channel/{channel}/**", "channel"),
        Form("c/{name}/**", "custom"),
        Form("user/{name}/**", "user"),
        Form("profile?user={name}", "user"),
        Form("subscription_center?add_user={name}", "user", post="a button that subscribes"),
        Form("subscription_center?add_user_id={channel}", "channel", post="a button that subscribes"),
        Form("embed/live_stream?channel={channel}", "channel", post="a live stream"),
        Form("feeds/videos.xml?channel_id={channel}", "channel", post="a feed"),
        Form("watch|embed|shorts|clip|live|v|e/**", post="a video"),
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
        " source live_dashboard browse categories charts community editor education favorites friends help history"
        " inbox index live_chat login my_subscriptions playables podcasts privacy red schools set_site storefront"
        " subscriptions supported_browsers terms time_continue user_sessions video video_response watch_popup"
        " watch_queue watch_videos xl yts get_video_info get_midroll_info swf results.xml watch.php view_play_list"
        " subscribe_embed get_video opensearch copyright_complaint_form reportingtool"
    ),
    bare=((re.compile(r"(UC[A-Za-z0-9_-]{22})"), "channel/{}"), (ANY, "@{}")),
    examples=(
        Is(
            "https://www.youtube.com/@BrynmorCouncil/videos",
            "handle brynmorcouncil",
            "https://www.youtube.com/@BrynmorCouncil",
        ),
        Is(
            "https://m.youtube.com/channel/UCFj70_9F31CLQY76H5yg7AQ?sub_confirmation=1",
            "channel UCFj70_9F31CLQY76H5yg7AQ",
            "https://www.youtube.com/channel/UCFj70_9F31CLQY76H5yg7AQ",
        ),
        Is(
            "https://www.youtube.com/c/BrynmorCouncil",
            "custom brynmorcouncil",
            "https://www.youtube.com/c/BrynmorCouncil",
        ),
        Is(
            "https://www.youtube.com/user/BrynmorCouncil/featured",
            "user brynmorcouncil",
            "https://www.youtube.com/user/BrynmorCouncil",
        ),
        Is("https://www.youtube.com/BrynmorCouncil", "custom brynmorcouncil", "https://www.youtube.com/BrynmorCouncil"),
        Is(
            "https://www.youtube.com/@%E9%B9%BF%E5%85%90%E5%B3%B6%E5%B8%82-f5x",
            "handle 鹿児島市-f5x",
            "https://www.youtube.com/@%E9%B9%BF%E5%85%90%E5%B3%B6%E5%B8%82-f5x",
        ),
        Is(
            "UCFj70_9F31CLQY76H5yg7AQ",
            "channel UCFj70_9F31CLQY76H5yg7AQ",
            "https://www.youtube.com/channel/UCFj70_9F31CLQY76H5yg7AQ",
        ),
    ),
    refused=(
        Not("https://www.youtube.com/watch?v=H9RQf8a4DQE", "a video"),
        Not("https://youtu.be/H9RQf8a4DQE?t=635", "a video"),
        Not("https://www.youtube.com/shorts/H9RQf8a4DQE", "a video"),
        Not("https://www.youtube.com/playlist?list=PL3833B2698B7840D7", "a playlist or album"),
        Not("https://www.youtube.com/results?search_query=library", "a search"),
        Not("https://www.youtube.com/hashtag/library", "a hashtag or topic"),
        Not("https://www.youtube.com/channel/UCFj70", "not a name"),
        Not("https://www.youtube.com/@BrynmorCouncil/post/Ugkx1", "a post", "handle brynmorcouncil"),
    ),
)

TIKTOK = Rule(
    slug="tiktok",
    name="TikTok",
    also=("tiktokusername",),
    icon=True,
    bio_length=80,
    post_length=2_200,  # of a video, under a picture 4,000
    hosts=("tiktok.com",),
    subdomains=SUBDOMAINS,
    kinds={"profile": Kind("https://www.tiktok.com/@{name}", "@{name}")},
    names={
        "name": Name(
            re.compile(r"[A-Za-z0-9_.]{1,23}[A-Za-z0-9_]"),
            "2 to 24 letters, digits, underscores and full stops, the last no full stop",
        )
    },
    forms=(
        Form("t/**", short=True),
        Form("@{name}/video|photo|playlist|collection|story/*/**", "profile", post="a video"),
        Form("@{name}/**", "profile"),
        Form("embed/@{name}/**", "profile"),
        Form("xx/**"),
        Form("{name}", "profile", sure=False),
    ),
    reserved=words(
        "tag music discover foryou following friends messages sticker effect explore live about legal"
        " upload login signup t v embed business search channel topics topic node share player"
        " community-guidelines privacy transparency safety creators en trending download setting feedback"
        " coin place shop i18n tiktokstudio inapp notification profile forgood careers ads help support oembed"
        " terms game games amp challenge link"
    ),
    bare=((ANY, "@{}"),),
    examples=(
        Is(
            "https://www.tiktok.com/@brynmor.libraries?is_from_webapp=1",
            "profile brynmor.libraries",
            "https://www.tiktok.com/@brynmor.libraries",
        ),
        Is(
            "https://www.tiktok.com/@brynmor.libraries/live",
            "profile brynmor.libraries",
            "https://www.tiktok.com/@brynmor.libraries",
        ),
        Is("tiktok.com/BrynmorLibraries", "profile brynmorlibraries", "https://www.tiktok.com/@BrynmorLibraries"),
    ),
    refused=(
        Not(
            "https://www.tiktok.com/@brynmor.libraries/video/7106594312292453675",
            "a video",
            "profile brynmor.libraries",
        ),
        Not("https://www.tiktok.com/t/ZTRabc/", "a short link"),
        Not("https://vm.tiktok.com/ZTRabc/", "a short link"),
        Not("https://www.tiktok.com/tag/library", "a hashtag or topic"),
        Not("https://www.tiktok.com/@b", "not a name"),
    ),
)

_VIMEO = Rule(
    slug="vimeo",
    name="Vimeo",
    icon=True,
    hosts=("vimeo.com",),
    subdomains=SUBDOMAINS,
    prefixes={"player.vimeo.com": "player"},
    kinds={
        "profile": Kind("https://vimeo.com/{name}"),
        "channel": Kind("https://vimeo.com/channels/{name}"),
        "group": Kind("https://vimeo.com/groups/{name}"),
        "showcase": Kind("https://vimeo.com/showcase/{name}"),
    },
    names={
        "name": Name(re.compile(r"(?=[0-9_\-]*[A-Za-z])[A-Za-z0-9_\-]{1,64}"), "letters and digits, not digits only"),
        "number": NUMBER,
    },
    forms=(
        Form("#/**", post="a video"),
        Form("player|event|ondemand|video|videos|clip/**", post="a video"),
        Form("channels/{name}/#/**", "channel", post="a video"),
        Form("channels/{name}/**", "channel"),
        Form("groups/{name}/videos/#/**", "group", post="a video"),
        Form("groups/{name}/**", "group"),
        Form("showcase|album/{number}/video/**", "showcase", post="a video"),
        Form("showcase|album/{number}/**", "showcase"),
        Form(
            "{name}/videos|albums|showcases|about|likes|following|followers|collections|channels|groups|all/**",
            "profile",
        ),
        Form("{name}", "profile"),
        Form("{name}/*/**", "profile", post="a video"),
    ),
    reserved=USUAL_PAGES
    | words(
        "channels groups showcase album ondemand categories manage upload watchlater features stock create enterprise"
        " solutions log_in plus ott hubnut couchmode cookie_policy for-hire integrations webinars tools vimeopro"
        " blog journal screen-recorder live-streaming video player event clip"
        " marketplace vod roku appletv forums site_map trial"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is("https://vimeo.com/BrynmorCouncil", "profile brynmorcouncil", "https://vimeo.com/BrynmorCouncil"),
        Is("https://vimeo.com/user12345/videos", "profile user12345", "https://vimeo.com/user12345"),
        Is("vimeo.com/channels/brynmor", "channel brynmor", "https://vimeo.com/channels/brynmor"),
        Is("https://vimeo.com/groups/brynmor/members", "group brynmor", "https://vimeo.com/groups/brynmor"),
        Is("https://vimeo.com/album/5551234", "showcase 5551234", "https://vimeo.com/showcase/5551234"),
    ),
    refused=(
        Not("https://vimeo.com/70214001", "a video"),
        Not("https://player.vimeo.com/video/70214001", "a video"),
        Not("https://vimeo.com/channels/brynmor/70214001", "a video", "channel brynmor"),
        Not("https://vimeo.com/categories/animation", "a hashtag or topic"),
        Not("https://vimeo.com/watch", "a video"),
    ),
)

_TWITCH = Rule(
    slug="twitch",
    name="Twitch",
    icon=True,
    bio_length=300,
    hosts=("twitch.tv",),
    subdomains=words("www m go dashboard") | {""},
    locales=re.compile(r"[a-z]{2}(?:-[a-z]{2})?"),
    prefixes={"clips.twitch.tv": "clip", "player.twitch.tv": "player"},
    kinds={"profile": Kind("https://www.twitch.tv/{name}")},
    names={"name": Name(re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{2,24}"), "3 to 25 letters, digits and underscores")},
    forms=(
        Form("player?channel={name}", "profile"),
        Form("clip|videos|player|collections/**", post="a video"),
        Form("{@name}/clip|video|v|c|b/*/**", "profile", post="a video"),
        Form("popout|moderator|u|embed|subs|products/{name}/**", "profile", sure=False),
        Form("{@name}/**", "profile"),
    ),
    reserved=USUAL_PAGES
    | words(
        "directory videos collections jobs p settings turbo prime clip player popout moderator u embed subs products"
        " team friends subscriptions wallet drops inventory bits broadcast dashboard event esports following ads brand"
        " payments redeem security"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is("https://www.twitch.tv/BrynmorCouncil", "profile brynmorcouncil", "https://www.twitch.tv/BrynmorCouncil"),
        Is(
            "https://m.twitch.tv/brynmorcouncil/videos?filter=all",
            "profile brynmorcouncil",
            "https://www.twitch.tv/brynmorcouncil",
        ),
        Is(
            "https://player.twitch.tv/?channel=brynmorcouncil&parent=example.org",
            "profile brynmorcouncil",
            "https://www.twitch.tv/brynmorcouncil",
        ),
    ),
    refused=(
        Not("https://www.twitch.tv/brynmorcouncil/clip/Abc", "a video", "profile brynmorcouncil"),
        Not("https://clips.twitch.tv/Abc", "a video"),
        Not("https://www.twitch.tv/videos/1234567", "a video"),
        Not("https://www.twitch.tv/directory/game/Chess", "a search"),
    ),
)

_DAILYMOTION = Rule(
    slug="dailymotion",
    name="Dailymotion",
    icon=True,
    hosts=under("dailymotion", "com fr co.uk de it es pl nl be ch at ca pt"),
    subdomains=words("www m touch games") | {""},
    locales=LOCALES,
    kinds={"profile": Kind("https://www.dailymotion.com/{name}")},
    names={"name": Name(re.compile(r"[A-Za-z0-9_.\-]{3,60}"), "3 letters, digits, dashes and underscores or more")},
    forms=(
        Form("video|embed|crawler|swf|hub/**", post="a video"),
        Form("user/{name}/**", "profile"),
        Form("xx/user/{name}/**", "profile"),
        Form("xx/**", post="a search"),
        Form("{@name}/videos|playlists|featured|activity|about|1|2/**", "profile"),
        Form("{@name}", "profile"),
        Form("{@name}/*/**", "profile", post="a page"),
    ),
    reserved=USUAL_PAGES | words("video playlist search embed crawler swf hub user library partner channel"),
    bare=((ANY, "{}"),),
    examples=(
        Is(
            "https://www.dailymotion.com/BrynmorCouncil",
            "profile brynmorcouncil",
            "https://www.dailymotion.com/BrynmorCouncil",
        ),
        Is(
            "http://www.dailymotion.com/user/brynmorcouncil/1",
            "profile brynmorcouncil",
            "https://www.dailymotion.com/brynmorcouncil",
        ),
        Is(
            "dailymotion.com/brynmorcouncil/videos",
            "profile brynmorcouncil",
            "https://www.dailymotion.com/brynmorcouncil",
        ),
    ),
    refused=(
        Not("https://www.dailymotion.com/video/x8abcde", "a video"),
        Not("https://dai.ly/x8abcde", "a short link"),
        Not("https://www.dailymotion.com/playlist/x6abc", "a playlist or album"),
        Not("https://www.dailymotion.com/gb", "a search"),
    ),
)

_RUMBLE = Rule(
    slug="rumble",
    name="Rumble",
    icon=True,
    hosts=("rumble.com",),
    kinds={"channel": Kind("https://rumble.com/c/{name}"), "profile": Kind("https://rumble.com/user/{name}")},
    names={"name": USUAL, "video": Name(re.compile(r"v[0-9a-z]{4,8}-.*"), "a video")},
    forms=(
        Form("(video)", post="a video"),
        Form("c/{name}/**", "channel"),
        Form("user/{name}/**", "profile"),
        Form("{name}", "channel", sure=False),
    ),
    reserved=USUAL_PAGES | words("c embed v battle-leaderboard editor-picks our-apps s"),
    bare=((ANY, "user/{}"),),
    examples=(
        Is("https://rumble.com/c/BrynmorCouncil", "channel brynmorcouncil", "https://rumble.com/c/BrynmorCouncil"),
        Is(
            "https://rumble.com/user/BrynmorCouncil", "profile brynmorcouncil", "https://rumble.com/user/BrynmorCouncil"
        ),
        Is("rumble.com/BrynmorCouncil", "channel brynmorcouncil", "https://rumble.com/c/BrynmorCouncil"),
    ),
    refused=(
        Not("https://rumble.com/v1abcd-a-day-at-the-library.html?e9s=src", "a video"),
        Not("https://rumble.com/videos?sort=views", "a video"),
    ),
)

_KICK = one_name(
    "kick",
    "Kick",
    "kick.com/{name}",
    below="a page",
    first=(Form("{name}/videos|clips|about|chatroom", "profile"),),
    reserved="browse category clips following subscriptions video videos community-guidelines dashboard",
    examples=(
        Is("https://kick.com/BrynmorCouncil", "profile brynmorcouncil", "https://kick.com/BrynmorCouncil"),
        Is("https://www.kick.com/brynmorcouncil/about", "profile brynmorcouncil", "https://kick.com/brynmorcouncil"),
        Is("kick.com/brynmor_council", "profile brynmor_council", "https://kick.com/brynmor_council"),
    ),
    refused=(
        Not("https://kick.com/browse/clips", "a search"),
        Not("https://kick.com/brynmorcouncil/videos/1-2", "a page", "profile brynmorcouncil"),
    ),
)

MORE_VIDEO_RULES = (_VIMEO, _TWITCH, _DAILYMOTION, _RUMBLE, _KICK)
