"""The platforms as data: who they are, what their addresses look like, and examples, which the tests run.

Sources: the platforms' help pages and specifications (AT protocol handle syntax, Mastodon's WebFinger
documentation), and what four lists of real addresses of public bodies show (tests/data). Reserved words are
starting points: the platforms publish none, or wrong ones.

An example is (what somebody types, "kind key"); "" means refused, "< kind key" refused with that account
offered instead.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.matching import Form, Kind, Name, Rule

_NUMBER = Name(re.compile(r"[0-9]{1,25}"), "digits only", stable="whole")
_AFTER_DASH = Name(re.compile(r"[0-9]{4,25}"), "a name, a dash and a number", stable="whole", tail=True)
_INSTAGRAM_NAME = Name(
    re.compile(r"(?=.{1,30}\Z)[A-Za-z0-9_]+(?:\.[A-Za-z0-9_]+)*"),
    "letters, digits, underscores and single full stops inside, at most 30",
)
_ANY = re.compile(r"(.*)")


_X = Rule(
    slug="x",
    name="X",
    also=("twitter", "xtwitter", "twitterx", "xformerlytwitter"),
    hosts=("x.com", "twitter.com", "fxtwitter.com", "vxtwitter.com", "fixupx.com", "fixvx.com"),
    host_words=words("nitter"),
    subdomains=words("www m mobile") | {""},
    kinds={
        "profile": Kind("https://x.com/{name}", "@{name}"),
        "id": Kind("https://x.com/i/user/{name}", "user {name}"),
    },
    names={
        "name": Name(re.compile(r"[A-Za-z0-9_]{1,15}"), "letters, digits and underscores, at most 15"),
        "id": _NUMBER,
    },
    forms=(
        Form("{@name}/status|statuses/*/**", "profile", post="a post"),
        Form("i/user/{id}/**", "id"),
        Form("intent/user|follow?screen_name={name}", "profile"),
        Form("intent/user|follow?user_id={id}", "id"),
        Form("{@name}/**", "profile"),
    ),
    reserved=words(
        "home explore i intent messages notifications privacy search search-advanced settings share hashtag"
        " login logout signup compose tos about account download oauth statuses lists communities"
        " javascripts user_timeline widgets invitations"
    ),
    bare=((_ANY, "{}"),),
    examples=(
        ("https://x.com/BrynmorLibrary", "profile brynmorlibrary"),
        ("http://mobile.twitter.com/@BrynmorLibrary?lang=en", "profile brynmorlibrary"),
        ("https://twitter.com/#!/BrynmorLibrary", "profile brynmorlibrary"),
        ("https://twitter.com/#%21/BrynmorLibrary", "profile brynmorlibrary"),
        ("https://twitter.com/%23!/BrynmorLibrary", "profile brynmorlibrary"),
        ("https://nitter.example.org/BrynmorLibrary/with_replies", "profile brynmorlibrary"),
        (
            "https://twitter.com/intent/follow?region=x&screen_name=BrynmorLibrary",
            "profile brynmorlibrary",
        ),
        ("https://twitter.com/intent/user?user_id=12345", "id 12345"),
        ("x.com/i/user/12345", "id 12345"),
        ("https://x.com/BrynmorLibrary/status/519227871311953920/photo/1", "< profile brynmorlibrary"),
        ("https://twitter.com/intent/tweet?text=hello", ""),
        ("https://twitter.com/search?q=%23libraries", ""),
        ("https://help.twitter.com/en", ""),
        ("https://x.com/sixteen_letters_", ""),
    ),
)

_FACEBOOK = Rule(
    slug="facebook",
    name="Facebook",
    also=("fb", "facebookpage", "facebookgroup", "facebookprofile"),
    hosts=("facebook.com", "fb.com", "m.me"),
    subdomains=words("www m mbasic touch web") | {""},
    locales=re.compile(r"[a-z]{2,3}-[a-z]{2,4}"),
    kinds={
        # Pages and people share one namespace of names and one of numbers, and an address does not tell them
        # apart.
        "page": Kind("https://www.facebook.com/{name}"),
        "group": Kind("https://www.facebook.com/groups/{name}"),
    },
    names={
        "name": Name(
            re.compile(r"(?=[0-9.]*[A-Za-z])(?!.*\.(?:com|net)\Z)[A-Za-z0-9][A-Za-z0-9._\-]{0,99}"),
            "letters, digits, full stops and dashes, no .com or .net at the end",
            fold="no dots",
            stable="tail",
        ),
        # Pages that never chose a name carry their title, in any alphabet, before their number.
        "titled": Name(
            re.compile(r"[A-Za-z0-9.&'_\-\u00a1-\U0010ffff]{1,150}-[0-9]{8,25}"),
            "a title, a dash and a number",
            fold="no dots",
            stable="tail",
        ),
        "id": Name(re.compile(r"[0-9]{5,25}"), "5 digits or more", stable="whole"),
        "tail": _AFTER_DASH,
    },
    forms=(
        Form("groups/feed|discover|create|joins|search/**"),
        Form("groups/{id}/posts|permalink|events|files|media/*/**", "group", post="a post in a group"),
        Form("groups/{name}/posts|permalink|events|files|media/*/**", "group", post="a post in a group"),
        Form("groups/{id}/**", "group"),
        Form("groups/{name}/**", "group"),
        Form("share/**", short=True),
        Form("permalink.php|story.php?id={id}", "page", post="a post"),
        Form("profile.php?id={id}", "page"),
        Form("profile|people/*/{id}/**", "page"),
        Form("profile/{id}/**", "page"),
        Form("pages/category/*/{tail}/**", "page"),
        Form("pages/*/{id}/**", "page"),
        Form("p|pages/{tail}/**", "page"),
        Form("pg/{name}/posts|videos|photos|notes|events/*/**", "page", post="a post"),
        Form("pg/{name}/**", "page"),
        Form("{id}/posts|videos|photos|reels|reel|notes|events/*/**", "page", post="a post"),
        Form("{id}/**", "page"),
        Form("{@name}/posts|videos|photos|reels|reel|notes|events/*/**", "page", post="a post"),
        Form("{@name}/**", "page"),
        Form("{titled}/**", "page"),
    ),
    reserved=words(
        "ads about album business careers dialog docs events feeds flx friends gaming games group groups"
        " hashtag help home legal likes live login lists logout marketplace me media messages messenger"
        " notes notifications n page pages people permalink photo photos plugins policies policy posts"
        " privacy profile public r.php reel reels recover rsrc.php saved search security settings sharer"
        " share shop stories story terms tr video videos watch whitehat l.php home.php login.php note.php"
        " photo.php photos.php story.php permalink.php profile.php sharer.php share.php video.php album.php"
        " like.php likebox.php group.php event.php topic.php ajax terms.php privacy.php pages.php"
        " careers.php index.php directory translations apps developers fundraisers donate reg offers"
        " terms_pages_gov.php"
    ),
    bare=((_ANY, "{}"),),
    examples=(
        ("https://www.facebook.com/BrynmorCouncil/?fref=ts", "page brynmorcouncil"),
        ("https://en-gb.facebook.com/Brynmor.Council/about", "page brynmorcouncil"),
        ("m.facebook.com/profile.php?id=100085131802111&sk=about", "page 100085131802111"),
        ("https://www.facebook.com/people/Brynmor-Baths/100085131802111/", "page 100085131802111"),
        ("https://www.facebook.com/p/Brynmor-Baths-100085131802111/", "page 100085131802111"),
        ("https://www.facebook.com/pages/Brynmor-Baths/124626657695395?ref=hl", "page 124626657695395"),
        ("https://www.facebook.com/pages/category/Library/Brynmor-124626657695395/", "page 124626657695395"),
        ("https://www.facebook.com/124626657695395", "page 124626657695395"),
        ("https://www.facebook.com/pg/BrynmorCouncil/photos/", "page brynmorcouncil"),
        ("https://www.facebook.com/Brynmor-Baths-124626657695395/", "page brynmor-baths-124626657695395"),
        ("https://www.facebook.com/groups/brynmor.readers/", "group brynmorreaders"),
        ("https://www.facebook.com/groups/253623581423005/posts/17", "< group 253623581423005"),
        ("https://www.facebook.com/BrynmorCouncil/videos/10155763418528580/", "< page brynmorcouncil"),
        ("https://www.facebook.com/permalink.php?story_fbid=1&id=124626657695395", "< page 124626657695395"),
        ("https://www.facebook.com/share/1AbCdEfGhI/", ""),
        ("https://www.facebook.com/sharer/sharer.php?u=https://example.org", ""),
        ("https://www.facebook.com/example.com", ""),
        ("https://www.facebook.com/groups/feed", ""),
        ("https://www.facebook.com/2008/fbml", ""),
        ("https://developers.facebook.com/docs", ""),
    ),
)

_INSTAGRAM = Rule(
    slug="instagram",
    name="Instagram",
    also=("insta", "ig"),
    hosts=("instagram.com", "instagr.am"),
    subdomains=words("www m") | {""},
    kinds={
        "profile": Kind("https://www.instagram.com/{name}", "@{name}"),
        "id": Kind("https://www.instagram.com/uid/{name}", "user {name}"),
    },
    names={"name": _INSTAGRAM_NAME, "id": _NUMBER},
    forms=(
        Form("share/**", short=True),
        Form("stories/highlights/**"),
        Form("stories|_u/{name}/**", "profile"),
        Form("uid/{id}", "id"),
        Form("{@name}/p|reel|tv/*/**", "profile", post="a post"),
        Form("{@name}/**", "profile"),
    ),
    reserved=words(
        "p reel reels tv explore stories accounts direct about developer developers legal share web emails"
        " session challenge press privacy terms directory ar graphql static oauth data s uid _u embed.js"
    ),
    bare=((_ANY, "{}"),),
    examples=(
        ("https://www.instagram.com/brynmor.libraries/?igsh=MTk0", "profile brynmor.libraries"),
        ("instagram.com/@Brynmor_Libraries/reels/", "profile brynmor_libraries"),
        ("https://www.instagram.com/stories/brynmor.libraries/3141", "profile brynmor.libraries"),
        ("https://www.instagram.com/uid/314159", "id 314159"),
        ("https://www.instagram.com/brynmor.libraries/p/BSTmAS2lZ_6/", "< profile brynmor.libraries"),
        ("https://www.instagram.com/p/BSTmAS2lZ_6/", ""),
        ("https://www.instagram.com/explore/tags/library/", ""),
        ("https://www.instagram.com/brynmor..libraries", ""),
        ("https://help.instagram.com/317709155098612", ""),
    ),
)

_THREADS = Rule(
    slug="threads",
    name="Threads",
    hosts=("threads.com", "threads.net"),
    kinds={"profile": Kind("https://www.threads.com/@{name}", "@{name}")},
    names={"name": _INSTAGRAM_NAME},
    forms=(
        Form("@{name}/post/*/**", "profile", post="a post"),
        Form("@{name}/**", "profile"),
    ),
    bare=((_ANY, "@{}"),),
    examples=(
        ("https://www.threads.net/@brynmor.libraries?xmt=AQ", "profile brynmor.libraries"),
        ("@brynmor.libraries@threads.net", "profile brynmor.libraries"),
        ("https://www.threads.com/@brynmor.libraries/post/DAbc", "< profile brynmor.libraries"),
        ("https://www.threads.com/search", ""),
    ),
)

_LINKEDIN_SLUG = Name(
    re.compile(r"[A-Za-z0-9.&'_\-\u00a1-\U0010ffff]{1,120}"), "letters, digits, dashes, full stops and &"
)
_LINKEDIN = Rule(
    slug="linkedin",
    name="LinkedIn",
    also=("linkedincompany", "linkedinpage"),
    hosts=("linkedin.com",),
    subdomains=words("www m touch") | {""},
    locales=re.compile(r"[a-z]{2}"),
    kinds={
        kind: Kind(f"https://www.linkedin.com/{folder}/{{name}}")
        for kind, folder in (
            ("company", "company"),
            ("school", "school"),
            ("showcase", "showcase"),
            ("person", "in"),
            ("group", "groups"),
        )
    },
    names={"slug": _LINKEDIN_SLUG, "number": _NUMBER, "tail": _AFTER_DASH},
    forms=(
        Form("company/setup/**"),
        Form("pub/dir/**"),
        *(
            Form(f"{folder}/{{{name}}}/**", kind)
            for folder, kind in (("company", "company"), ("school", "school"), ("showcase", "showcase"))
            for name in ("number", "slug")
        ),
        Form("edu/school?id={number}", "school"),
        Form("in/{slug}/**", "person"),
        Form("mwlite/in/{slug}/**", "person"),
        Form("mwlite/company/{slug}/**", "company"),
        Form(
            "pub/{slug}/{slug}/{slug}/{slug}/**",
            "person",
            value="pub/{name}",
            url="https://www.linkedin.com/{name}",
        ),
        Form("groups?gid={number}", "group"),
        Form("groups/{number}/**", "group"),
        Form("groups/{tail}/**", "group"),
    ),
    bare=((_ANY, "company/{}"),),
    examples=(
        (
            "https://www.linkedin.com/company/brynmor-council/about/?trk=top_nav_home",
            "company brynmor-council",
        ),
        ("https://uk.linkedin.com/company/Brynmor-Council", "company brynmor-council"),
        ("https://www.linkedin.com/company/1035", "company 1035"),
        ("linkedin.com/company/upjers-gmbh-&amp;-co.-kg", "company upjers-gmbh-&-co.-kg"),
        ("https://www.linkedin.com/company/g%C3%B6teborg/", "company göteborg"),
        ("https://www.linkedin.com/school/university-of-brynmor", "school university-of-brynmor"),
        ("https://www.linkedin.com/edu/school?id=17926", "school 17926"),
        ("https://www.linkedin.com/showcase/brynmor-jobs", "showcase brynmor-jobs"),
        ("https://www.linkedin.com/in/Angharad-Example/cy", "person angharad-example"),
        ("https://www.linkedin.com/pub/angharad-example/12/34/567", "person pub/angharad-example/12/34/567"),
        ("https://www.linkedin.com/groups/8354318/profile", "group 8354318"),
        ("https://www.linkedin.com/groups/Brynmor-Librarians-56612", "group 56612"),
        ("https://www.linkedin.com/company/setup/new", ""),
        ("https://www.linkedin.com/company-beta/1035", ""),
        ("https://www.linkedin.com/posts/brynmor-council_libraries-activity-71", ""),
        ("https://www.linkedin.com/pulse/nine-things-to-do", ""),
    ),
)

# In the order people meet them.
COMPANY_RULES = (_X, _FACEBOOK, _INSTAGRAM, _THREADS, _LINKEDIN)
