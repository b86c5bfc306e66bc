"""The networks that most people mean by social media, as data: their addresses, and examples, which the tests run.

Sources: the platforms' help pages and what lists of real addresses of public bodies show (tests/data). Reserved words
are starting points: the platforms publish none, or wrong ones.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.parts import ANY, NUMBER, SUBDOMAINS
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_INSTAGRAM_NAME = Name(
    re.compile(r"(?=.{1,30}\Z)[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*"),
    "letters, digits, underscores and single full stops inside, at most 30",
)

X = Rule(
    slug="x",
    name="X",
    also=("twitter", "xtwitter", "twitterx", "xformerlytwitter", "twitternowx", "twitterid"),
    icon=True,
    bio_length=160,
    post_length=280,
    counted="as X",
    hosts=("x.com", "twitter.com", "fxtwitter.com", "vxtwitter.com", "fixupx.com", "fixvx.com", "xcancel.com"),
    host_words=words("nitter"),
    subdomains=words("www m mobile en") | {""},
    prefixes={"pic.twitter.com": "pic", "pic.x.com": "pic"},
    kinds={
        "profile": Kind("https://x.com/{name}", "@{name}"),
        "id": Kind("https://x.com/i/user/{name}", "user {name}"),
    },
    names={
        "name": Name(re.compile(r"[A-Za-z0-9_]{1,15}"), "letters, digits and underscores, at most 15"),
        "id": NUMBER,
    },
    forms=(
        Form("{@name}/status|statuses|article|articles/*/**", "profile", post="a post"),
        Form("{@name}/lists|moments|timelines/*/**", "profile", post="a list"),
        Form("i/user/{id}/**", "id"),
        Form("intent/user|follow?screen_name={name}", "profile"),
        Form("intent/user|follow?user_id={id}", "id"),
        Form("user?screen_name={name}", "profile"),
        Form("i/web|status/**", post="a post"),
        Form("i/events|spaces|broadcasts|moments|lists|communities/**", post="an event, a list or a community"),
        Form("intent|intents/**", post="a button that shares"),
        Form("pic/**", post="a picture"),
        Form("xx/tos|privacy|rules|using-x|using-twitter|tips|download|about/**", post="a page of rules"),
        Form("{@name}/**", "profile"),
    ),
    reserved=words(
        "home explore i intent intents messages notifications privacy search search-advanced search-home settings share"
        " hashtag login logout signup compose tos about account download oauth statuses status lists communities"
        " javascripts user_timeline widgets invitations who_to_follow similar_to goodies sessions saved_searches"
        " follower_requests personalization logged_out logged-out favorites mentions trends jobs help signin"
        " grok premium_sign_up bookmarks pic rules terms user"
    ),
    bare=((re.compile(r"([0-9]{16,25})"), "i/user/{}"), (ANY, "{}")),
    examples=(
        Is("https://x.com/BrynmorLibrary", "profile brynmorlibrary", "https://x.com/BrynmorLibrary"),
        Is(
            "http://mobile.twitter.com/@BrynmorLibrary?lang=en",
            "profile brynmorlibrary",
            "https://x.com/BrynmorLibrary",
        ),
        Is("https://twitter.com/#!/BrynmorLibrary", "profile brynmorlibrary", "https://x.com/BrynmorLibrary"),
        Is("https://twitter.com/#%21/BrynmorLibrary", "profile brynmorlibrary", "https://x.com/BrynmorLibrary"),
        Is("https://twitter.com/%23!/BrynmorLibrary", "profile brynmorlibrary", "https://x.com/BrynmorLibrary"),
        Is(
            "https://nitter.example.org/BrynmorLibrary/with_replies",
            "profile brynmorlibrary",
            "https://x.com/BrynmorLibrary",
        ),
        Is(
            "https://twitter.com/intent/follow?region=x&screen_name=BrynmorLibrary",
            "profile brynmorlibrary",
            "https://x.com/BrynmorLibrary",
        ),
        Is("twitter://user?screen_name=BrynmorLibrary", "profile brynmorlibrary", "https://x.com/BrynmorLibrary"),
        Is("https://twitter.com/intent/user?user_id=12345", "id 12345", "https://x.com/i/user/12345"),
        Is("x.com/i/user/12345", "id 12345", "https://x.com/i/user/12345"),
    ),
    refused=(
        Not("https://x.com/BrynmorLibrary/status/519227871311953920/photo/1", "a post", "profile brynmorlibrary"),
        Not("https://twitter.com/BrynmorLibrary/lists/wales/members", "a list", "profile brynmorlibrary"),
        Not("https://x.com/i/web/status/519227871311953920", "a post"),
        Not("https://twitter.com/intent/tweet?text=hello", "a button that shares"),
        Not("https://twitter.com/search?q=%23libraries", "a search"),
        Not("https://twitter.com/hashtag/libraries?src=hash", "a hashtag or topic"),
        Not("https://x.com/settings/profile", "a page that only its owner sees"),
        Not("https://twitter.com/en/tos", "a page of rules"),
        Not("https://help.twitter.com/en", "some other page"),
        Not("https://x.com/sixteen_letters_", "not a name"),
        Not("https://x.com/i/flow/login?redirect_after_login=%2Fbrynmor", "a sign-in page", "profile brynmor"),
    ),
)

INSTAGRAM = Rule(
    slug="instagram",
    name="Instagram",
    also=("insta", "ig", "instagramid"),
    icon=True,
    bio_length=150,
    post_length=2_200,
    hosts=("instagram.com", "instagr.am", "ig.me"),
    subdomains=SUBDOMAINS,
    kinds={
        "profile": Kind("https://www.instagram.com/{name}", "@{name}"),
        "id": Kind("https://www.instagram.com/uid/{name}", "user {name}"),
    },
    names={"name": _INSTAGRAM_NAME, "id": NUMBER},
    forms=(
        Form("share/**", short=True),
        Form("stories/highlights/**", post="a story"),
        Form("reels/audio/**", post="a sound"),
        Form("stories|_u|_n/{name}/**", "profile"),
        Form("m/{name}", "profile"),  # a link that opens a conversation
        Form("uid/{id}", "id"),
        Form("user?username={name}", "profile"),
        Form("{@name}/p|reel|tv/*/**", "profile", post="a post"),
        Form("{@name}/channel|guide|live/*/**", "profile", post="a page"),
        Form("{@name}/**", "profile"),
    ),
    reserved=words(
        "p reel reels tv explore stories accounts direct about developer developers legal share web emails"
        " session challenge press privacy terms directory ar graphql static oauth data s uid _u _n embed.js user"
        " login logout signup help api blog jobs qr nametag invites your_activity settings notifications popular m"
        " create topics locations tags lite"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is(
            "https://www.instagram.com/brynmor.libraries/?igsh=MTk0",
            "profile brynmor.libraries",
            "https://www.instagram.com/brynmor.libraries",
        ),
        Is(
            "instagram.com/@Brynmor_Libraries/reels/",
            "profile brynmor_libraries",
            "https://www.instagram.com/Brynmor_Libraries",
        ),
        Is(
            "https://www.instagram.com/stories/brynmor.libraries/3141",
            "profile brynmor.libraries",
            "https://www.instagram.com/brynmor.libraries",
        ),
        Is(
            "https://www.instagram.com/_u/brynmor.libraries",
            "profile brynmor.libraries",
            "https://www.instagram.com/brynmor.libraries",
        ),
        Is(
            "https://ig.me/m/brynmor.libraries",
            "profile brynmor.libraries",
            "https://www.instagram.com/brynmor.libraries",
        ),
        Is("https://www.instagram.com/uid/314159", "id 314159", "https://www.instagram.com/uid/314159"),
    ),
    refused=(
        Not("https://www.instagram.com/brynmor.libraries/p/BSTmAS2lZ_6/", "a post", "profile brynmor.libraries"),
        Not("https://www.instagram.com/p/BSTmAS2lZ_6/", "a post"),
        Not("https://www.instagram.com/reel/BSTmAS2lZ_6/?igsh=x", "a video"),
        Not("https://www.instagram.com/explore/tags/library/", "a search"),
        Not("https://www.instagram.com/share/BAbcd123", "a short link"),
        Not("https://www.instagram.com/brynmor..libraries", "not a name"),
        Not("https://help.instagram.com/317709155098612", "some other page"),
        Not("https://www.instagram.com/accounts/login/?next=/brynmor/", "a sign-in page", "profile brynmor"),
    ),
)

THREADS = Rule(
    slug="threads",
    name="Threads",
    also=("threadsnet", "threadsusername"),
    icon=True,
    bio_length=150,
    post_length=500,
    hosts=("threads.com", "threads.net"),
    kinds={"profile": Kind("https://www.threads.com/@{name}", "@{name}")},
    names={"name": _INSTAGRAM_NAME},
    forms=(
        Form("@{name}/post/*/**", "profile", post="a post"),
        Form("@{name}/**", "profile"),
        Form("t/*", post="a post"),
    ),
    bare=((ANY, "@{}"),),
    examples=(
        Is(
            "https://www.threads.net/@brynmor.libraries?xmt=AQ",
            "profile brynmor.libraries",
            "https://www.threads.com/@brynmor.libraries",
        ),
        Is(
            "threads.com/@Brynmor.Libraries/replies",
            "profile brynmor.libraries",
            "https://www.threads.com/@Brynmor.Libraries",
        ),
        Is("@brynmor.libraries@threads.net", "profile brynmor.libraries", "https://www.threads.com/@brynmor.libraries"),
    ),
    refused=(
        Not("https://www.threads.com/@brynmor.libraries/post/DAbc", "a post", "profile brynmor.libraries"),
        Not("https://www.threads.com/search", "a search"),
        Not("https://www.threads.net/brynmor", "some other page"),
    ),
)
