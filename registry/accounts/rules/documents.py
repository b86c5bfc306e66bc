"""Documents, reviews, places and pages of links as data. The notation is that of `rule`."""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import ANY, LOCALES, NUMBER, USUAL, one_name, under
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_ISSUU = Rule(
    slug="issuu",
    name="Issuu",
    icon=True,
    hosts=("issuu.com",),
    prefixes={"e.issuu.com": "embed", "search.issuu.com": "search"},
    kinds={"profile": Kind("https://issuu.com/{name}")},
    names={"name": USUAL},
    forms=(
        Form("embed/**", post="a document"),
        Form("{name}/docs/*/**", "profile", post="a document"),
        Form("{name}/stacks/*/**", "profile", post="a stack of documents"),
        Form("{name}/docs|stacks|followers|following|activity", "profile"),
        Form("{name}", "profile"),
        Form("{name}/*/**", "profile", post="a page"),
    ),
    reserved=USUAL_PAGES | words("publishers embed store pub explore oauth viewer read docs stacks"),
    bare=((ANY, "{}"),),
    examples=(
        Is("https://issuu.com/BrynmorCouncil", "profile brynmorcouncil", "https://issuu.com/BrynmorCouncil"),
        Is("http://www.issuu.com/brynmor.council/docs", "profile brynmor.council", "https://issuu.com/brynmor.council"),
        Is("issuu.com/brynmor-council/", "profile brynmor-council", "https://issuu.com/brynmor-council"),
    ),
    refused=(
        Not("https://issuu.com/brynmorcouncil/docs/plan_2026", "a document", "profile brynmorcouncil"),
        Not("https://issuu.com/search?q=library", "a search"),
        Not("https://e.issuu.com/embed.html#123/456", "a document"),
    ),
)

_SLIDESHARE = Rule(
    slug="slideshare",
    name="SlideShare",
    icon=True,
    hosts=("slideshare.net",),
    subdomains=words("www m fr") | {""},
    locales=LOCALES,
    kinds={"profile": Kind("https://www.slideshare.net/{name}")},
    names={"name": Name(re.compile(r"[A-Za-z0-9_\-]{2,60}"), "letters, digits, dashes and underscores")},
    forms=(
        Form("slideshow|slideshows|presentation/**", post="a presentation"),
        Form("mobile/{name}/*/**", "profile", post="a presentation"),
        Form("{name}/presentations|documents|infographics|videos|clipboards|followers|following|likes/**", "profile"),
        Form("{name}", "profile"),
        Form("{name}/*/**", "profile", post="a presentation"),
    ),
    reserved=USUAL_PAGES
    | words(
        "slideshow slideshows presentation search explore popular featured upload newsfeed mobile rss oembed embed_code"
        " widget most-liked most-downloaded category list myclips account saved slidesharetv ss_creators share"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is(
            "https://www.slideshare.net/BrynmorCouncil",
            "profile brynmorcouncil",
            "https://www.slideshare.net/BrynmorCouncil",
        ),
        Is(
            "https://es.slideshare.net/brynmorcouncil/presentations",
            "profile brynmorcouncil",
            "https://www.slideshare.net/brynmorcouncil",
        ),
        Is("//slideshare.net/brynmor_council", "profile brynmor_council", "https://www.slideshare.net/brynmor_council"),
    ),
    refused=(
        Not("http://www.slideshare.net/BrynmorCouncil/our-year-2014", "a presentation", "profile brynmorcouncil"),
        Not("https://www.slideshare.net/slideshow/our-year/1234567", "a presentation"),
        Not("https://www.slideshare.net/search/slideshow?q=library", "a search"),
    ),
)

_SCRIBD = Rule(
    slug="scribd",
    name="Scribd",
    hosts=("scribd.com",),
    locales=LOCALES,
    kinds={"profile": Kind("https://www.scribd.com/user/{name}"), "name": Kind("https://www.scribd.com/{name}")},
    names={
        "number": NUMBER,
        "old": Name(re.compile(r"([0-9]{3,15})(?:-[^/]*)?"), "a number and a name", stable="whole"),
        "name": USUAL,
    },
    forms=(
        Form("user/{number}/**", "profile"),
        Form("people/view|documents/{old}/**", "profile"),
        Form(
            "document|doc|docs|book|audiobook|presentation|podcast|article|sheetmusic|read|listen/**", post="a document"
        ),
        Form("{name}", "name", sure=False),
    ),
    reserved=USUAL_PAGES
    | words(
        "user people document doc docs book audiobook presentation podcast article sheetmusic read listen books"
        " audiobooks magazines podcasts documents archive saved lists your-library snapshots embeds fullscreen doc-page"
        " author series"
    ),
    bare=((re.compile(r"([0-9]+)"), "user/{}"), (ANY, "{}")),
    examples=(
        Is(
            "https://www.scribd.com/user/1234567/Brynmor-Council",
            "profile 1234567",
            "https://www.scribd.com/user/1234567",
        ),
        Is(
            "https://es.scribd.com/user/1234567/Brynmor-Council/uploads",
            "profile 1234567",
            "https://www.scribd.com/user/1234567",
        ),
        Is(
            "http://www.scribd.com/people/view/1234567-brynmor",
            "profile 1234567",
            "https://www.scribd.com/user/1234567",
        ),
        Is("https://www.scribd.com/BrynmorCouncil", "name brynmorcouncil", "https://www.scribd.com/BrynmorCouncil"),
    ),
    refused=(
        Not("https://www.scribd.com/document/123456789/Our-Plan", "a document"),
        Not("https://www.scribd.com/search?query=library", "a search"),
        Not("https://support.scribd.com/hc/en-us", "some other page"),
    ),
)

_GOOGLE_MAPS = Rule(
    slug="googlebusiness",
    name="Google Business Profile",
    also=("googlemybusiness", "googlemaps", "gmb"),
    icon=True,
    bio_length=750,
    post_length=1_500,
    hosts=under(
        "google",
        "com co.uk ie de fr es it nl be at ch pl pt se no dk fi ca com.au co.nz co.in co.za co.jp com.br com.mx com.tr"
        " com.hk com.sg gr cz hu ro",
    ),
    subdomains=words("www maps business search local") | {""},
    others_are_sites=True,
    prefixes={"maps.google.com": "maps", "maps.google.co.uk": "maps"},
    kinds={
        "cid": Kind("https://www.google.com/maps?cid={name}"),
        "feature": Kind("https://www.google.com/maps?ftid={name}"),
        "place": Kind("https://www.google.com/maps/place/?q=place_id:{name}"),
    },
    names={
        "cid": Name(re.compile(r"[0-9]{6,20}"), "digits only", stable="whole"),
        "feature": Name(
            re.compile(r"(?:data=[^/]*!1s)?(0x[0-9A-Fa-f]{1,16}:0x[0-9A-Fa-f]{1,16})(?:[!?&][^/]*)?"),
            "two hexadecimal numbers",
            stable="hexadecimal tail",
        ),
        "place": Name(
            re.compile(r"(?:place_id:)?(ChI[A-Za-z0-9_\-]{10,120}|GhI[A-Za-z0-9_\-]{10,120})"),
            "a place id",
            fold="exact",
            stable="whole",
        ),
    },
    forms=(
        *(Form(f"{start}?cid={{cid}}", "cid") for start in ("maps", "maps/place", "place", "maps/api", "search")),
        Form("maps?ftid={feature}", "feature"),
        Form("maps/place?ftid={feature}", "feature"),
        Form("maps/place?q={place}", "place"),
        Form("maps/search?query_place_id={place}", "place"),
        Form("local/writereview|reviews?placeid={place}", "place"),
        Form("maps/place/*/*/{feature}/**", "feature"),
        Form("maps/place/*/{feature}/**", "feature"),
        Form("maps/reviews/{feature}/**", "feature"),
        Form("maps/**", post="a map"),
        Form("url|search/**", post="a search"),
    ),
    reserved=words("maps search url"),
    bare=((re.compile(r"(0x[0-9A-Fa-f:x]+)"), "maps/reviews/{}"), (re.compile(r"(.*)"), "maps/nothing/{}")),
    examples=(
        Is(
            "https://www.google.com/maps?cid=12345678901234567890",
            "cid 12345678901234567890",
            "https://www.google.com/maps?cid=12345678901234567890",
        ),
        Is(
            "https://maps.google.com/?cid=12345678901234567890&hl=en",
            "cid 12345678901234567890",
            "https://www.google.com/maps?cid=12345678901234567890",
        ),
        Is(
            "https://www.google.co.uk/maps/place/Brynmor+Library/@51.5,-3.2,17z/data=!3m1!4b1!4m6!3m5!1s0x486e1cb1:0xAbC12!8m2",
            "feature 0x486e1cb1:0xabc12",
            "https://www.google.com/maps?ftid=0x486e1cb1:0xAbC12",
        ),
        Is(
            "https://search.google.com/local/writereview?placeid=ChIJN1t_tDeuEmsRUsoyG83frY4",
            "place ChIJN1t_tDeuEmsRUsoyG83frY4",
            "https://www.google.com/maps/place/?q=place_id:ChIJN1t_tDeuEmsRUsoyG83frY4",
        ),
    ),
    refused=(
        Not("https://www.google.com/maps/@51.5,-3.2,17z", "a map"),
        Not("https://www.google.com/maps/dir/Cardiff/Brynmor", "a map"),
        Not("https://maps.app.goo.gl/AbCdEf", "a short link"),
        Not("https://g.page/brynmor-library", "a short link"),
        Not("https://www.google.com/search?q=brynmor", "a search"),
        Not("https://business.google.com/n/123/profile", "some other page"),
    ),
)

_TRIPADVISOR = Rule(
    slug="tripadvisor",
    name="Tripadvisor",
    icon=True,
    hosts=under(
        "tripadvisor",
        "com co.uk ie de fr es it nl be at ch pt se dk no fi ca com.au co.nz in co.za jp com.br com.mx com.ar cl co"
        " com.pe"
        " com.tr gr pl cz hu ru com.sg com.my com.ph com.hk com.tw co.kr co.id rs sk",
    ),
    subdomains=words("www m en no pl fr cn th") | {""},
    kinds={
        "place": Kind("https://www.tripadvisor.com/{name}"),
        "profile": Kind("https://www.tripadvisor.com/Profile/{name}"),
    },
    names={
        "place": Name(
            re.compile(
                r"((?:Attraction|Hotel|Restaurant|VacationRental|Airline)_Review-(?:g[0-9]{1,12}-)?(?P<key>d[0-9]{1,12}))(?:[-.].*)?"
            ),
            "a place",
        ),
        "review": Name(re.compile(r"ShowUserReviews-.*"), "a review"),
        "profile": USUAL,
    },
    forms=(
        Form("profile|members/{profile}/**", "profile"),
        Form("{place}", "place"),
        Form("(review)", post="a review"),
    ),
    bare=((ANY, "Profile/{}"),),
    reserved=words("profile members"),
    examples=(
        Is(
            "https://www.tripadvisor.co.uk/Attraction_Review-g186338-d187547-Reviews-Brynmor_Castle-Brynmor_Wales.html",
            "place d187547",
            "https://www.tripadvisor.com/Attraction_Review-g186338-d187547",
        ),
        Is(
            "https://www.tripadvisor.com/Restaurant_Review-g186338-d1234567",
            "place d1234567",
            "https://www.tripadvisor.com/Restaurant_Review-g186338-d1234567",
        ),
        Is(
            "https://www.tripadvisor.com/Profile/BrynmorCouncil",
            "profile brynmorcouncil",
            "https://www.tripadvisor.com/Profile/BrynmorCouncil",
        ),
        Is(
            "https://www.tripadvisor.ie/members/brynmorcouncil",
            "profile brynmorcouncil",
            "https://www.tripadvisor.com/Profile/brynmorcouncil",
        ),
    ),
    refused=(
        Not("https://www.tripadvisor.com/ShowUserReviews-g186338-d187547-r1-Brynmor.html", "a review"),
        Not("https://www.tripadvisor.co.uk/Tourism-g186338-Brynmor-Vacations.html", "not a name"),
        Not("https://www.tripadvisor.co.uk/Attractions-g186338-Activities-Brynmor.html", "not a name"),
    ),
)
_YELP = one_name(
    "yelp",
    "Yelp",
    "www.yelp.com/biz/{name}",
    kind="place",
    hosts=under("yelp", "co.uk ie de fr es it nl be at ch ca com.au co.nz"),
    shape=Name(re.compile(r"[A-Za-z0-9\-\u00c0-\U0010ffff]{3,120}"), "letters, digits and dashes"),
    reserved="biz biz_photos user_details c nearme",
    icon=False,
    examples=(
        Is(
            "https://www.yelp.com/biz/brynmor-library-brynmor",
            "place brynmor-library-brynmor",
            "https://www.yelp.com/biz/brynmor-library-brynmor",
        ),
        Is(
            "https://www.yelp.co.uk/biz/brynmor-library-brynmor?osq=x",
            "place brynmor-library-brynmor",
            "https://www.yelp.com/biz/brynmor-library-brynmor",
        ),
        Is(
            "https://m.yelp.com/biz/caf%C3%A9-brynmor",
            "place café-brynmor",
            "https://www.yelp.com/biz/caf%C3%A9-brynmor",
        ),
    ),
    refused=(
        Not("https://www.yelp.com/search?find_desc=x", "a search"),
        Not("https://www.yelp.com/biz_photos/x", "some other page"),
    ),
)

_LINKTREE = one_name(
    "linktree",
    "Linktree",
    "linktr.ee/{name}",
    also=("linktr", "linktree"),
    bio_length=80,
    reserved="s admin discover marketplace pricing templates",
    shape=Name(re.compile(r"[A-Za-z0-9._]{2,30}"), "2 to 30 letters, digits, underscores and full stops"),
    examples=(
        Is("https://linktr.ee/BrynmorCouncil", "profile brynmorcouncil", "https://linktr.ee/BrynmorCouncil"),
        Is("linktr.ee/brynmor.council?utm_source=x", "profile brynmor.council", "https://linktr.ee/brynmor.council"),
        Is("https://www.linktr.ee/brynmor_council/", "profile brynmor_council", "https://linktr.ee/brynmor_council"),
    ),
    refused=(Not("https://linktr.ee/discover/trending", "a search"), Not("https://linktr.ee/a", "not a name")),
)
_ABOUT_ME = one_name(
    "aboutme",
    "about.me",
    "about.me/{name}",
    reserved="n intro grid go upgrade people find",
    examples=(
        Is("https://about.me/NiaExample", "profile niaexample", "https://about.me/NiaExample"),
        Is("about.me/nia.example/getstarted", "profile nia.example", "https://about.me/nia.example"),
        Is("https://www.about.me/nia_example", "profile nia_example", "https://about.me/nia_example"),
    ),
    refused=(Not("https://about.me/login", "a sign-in page"), Not("https://about.me/", "the home page")),
)
_BEACONS = one_name(
    "beacons",
    "Beacons",
    "beacons.ai/{name}",
    icon=False,
    hosts=("beacons.page",),
    reserved="i signup pricing tools ai-tools lander",
    examples=(
        Is("https://beacons.ai/BrynmorCouncil", "profile brynmorcouncil", "https://beacons.ai/BrynmorCouncil"),
        Is("beacons.ai/brynmor.council", "profile brynmor.council", "https://beacons.ai/brynmor.council"),
        Is("https://beacons.page/brynmorcouncil", "profile brynmorcouncil", "https://beacons.ai/brynmorcouncil"),
    ),
    refused=(Not("https://beacons.ai/signup", "a sign-in page"), Not("https://home.beacons.ai/", "some other page")),
)

DOCUMENT_RULES = (_ISSUU, _SLIDESHARE, _SCRIBD)
PLACE_RULES = (_GOOGLE_MAPS, _TRIPADVISOR, _YELP)
LINK_RULES = (_LINKTREE, _ABOUT_ME, _BEACONS)
