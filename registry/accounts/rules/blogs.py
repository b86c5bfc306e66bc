"""Blogs and newsletters as data. The notation is that of `rule`.

A blog on a domain of its own cannot be told from any other website, and is kept as one.
"""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import ANY, LABEL, NUMBER, SUBDOMAINS, USUAL, YEAR, under
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_TUMBLR = Rule(
    slug="tumblr",
    name="Tumblr",
    icon=True,
    hosts=("tumblr.com",),
    subdomains=SUBDOMAINS,
    host_path="host/{sub}",
    kinds={"blog": Kind("https://www.tumblr.com/{name}")},
    names={
        "blog": Name(
            re.compile(
                r"(?!(?:www|m|api|assets|static|media|help|support|mail|secure|px|at)\Z)[A-Za-z0-9](?:[A-Za-z0-9\-]{0,30}[A-Za-z0-9])?"
            ),
            "letters, digits and dashes inside, at most 32",
        )
    },
    forms=(
        Form("host/{blog}/post|image|video/#/**", "blog", post="a post"),
        Form("host/{blog}/#/**", "blog", post="a post"),
        Form("host/{blog}/**", "blog"),
        *(
            Form(f"{start}{{blog}}{below}", "blog", post=post)
            for start in ("blog/view/", "blog/", "dashboard/blog/", "communities/")
            for below, post in (("/#/**", "a post"), ("/**", ""))
        ),
        Form("{@blog}/#/**", "blog", post="a post"),
        Form("{@blog}/**", "blog"),
    ),
    reserved=USUAL_PAGES
    | words(
        "host blog docs svc lookup dashboard communities tagged tips widgets reblog likes following follow share inbox"
        " new ask submit abuse policy gifs radar recommended spotlight themes customize live activity changes patio"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is("http://BrynmorLibraries.tumblr.com/", "blog brynmorlibraries", "https://www.tumblr.com/brynmorlibraries"),
        Is(
            "https://www.tumblr.com/brynmorlibraries",
            "blog brynmorlibraries",
            "https://www.tumblr.com/brynmorlibraries",
        ),
        Is(
            "https://www.tumblr.com/blog/view/brynmorlibraries",
            "blog brynmorlibraries",
            "https://www.tumblr.com/brynmorlibraries",
        ),
        Is(
            "http://brynmorlibraries.tumblr.com/tagged/books",
            "blog brynmorlibraries",
            "https://www.tumblr.com/brynmorlibraries",
        ),
    ),
    refused=(
        Not("http://brynmorlibraries.tumblr.com/post/79359602658/hello", "a post", "blog brynmorlibraries"),
        Not("https://www.tumblr.com/brynmorlibraries/79359602658/hello", "a post", "blog brynmorlibraries"),
        Not("https://www.tumblr.com/search/%23library", "a search"),
        Not("https://www.tumblr.com/tagged/library", "a hashtag or topic"),
        Not("https://tmblr.co/ZAbCdE", "a short link"),
    ),
)

_MEDIUM = Rule(
    slug="medium",
    name="Medium",
    icon=True,
    bio_length=160,
    hosts=("medium.com",),
    host_path="host/{sub}",
    kinds={
        "profile": Kind("https://medium.com/@{name}", "@{name}"),
        "publication": Kind("https://medium.com/{name}"),
        "id": Kind("https://medium.com/u/{name}"),
    },
    names={
        "user": Name(
            re.compile(
                r"(?!(?:help|policy|api|link|about|jobs|miro|cdn-images-[0-9])\Z)[A-Za-z0-9_][A-Za-z0-9_.\-]{0,63}"
            ),
            "letters, digits, dashes, underscores and full stops",
        ),
        "pub": Name(
            re.compile(r"(?!(?:[^/]*-)?[0-9a-f]{8,12}\Z)[A-Za-z0-9][A-Za-z0-9\-]{1,99}"), "letters, digits and dashes"
        ),
        "id": Name(re.compile(r"[0-9a-f]{6,16}"), "6 to 16 hexadecimal digits", fold="exact", stable="whole"),
        "story": Name(re.compile(r"(?:[^/]*-)?[0-9a-f]{8,12}"), "a title and a number"),
    },
    forms=(
        Form("@{user}/(story)/**", "profile", post="a post"),
        Form("@{user}/**", "profile"),
        Form("host/{user}/(story)/**", "profile", post="a post"),
        Form("host/{user}/**", "profile"),
        Form("u/{id}/**", "id"),
        Form("feed/@{user}", "profile", post="a feed"),
        Form("p/**", post="a post"),
        Form("(story)", post="a post"),
        Form("{pub}/(story)/**", "publication", post="a post"),
        Form("{pub}/**", "publication"),
    ),
    reserved=USUAL_PAGES
    | words(
        "m p me r u tag tags search about feed host topic topics creators membership policy jobs-at-medium browse plans"
        " new-story s lists _ oembed partner-program publications verified-authors gift"
    ),
    bare=((re.compile(r"([0-9a-f]{10,16})"), "u/{}"), (ANY, "@{}")),
    examples=(
        Is("https://medium.com/@BrynmorCouncil", "profile brynmorcouncil", "https://medium.com/@BrynmorCouncil"),
        Is("https://brynmorcouncil.medium.com/about", "profile brynmorcouncil", "https://medium.com/@brynmorcouncil"),
        Is("https://medium.com/u/ad54dcfc2a3", "id ad54dcfc2a3", "https://medium.com/u/ad54dcfc2a3"),
        Is("medium.com/brynmor-digital", "publication brynmor-digital", "https://medium.com/brynmor-digital"),
    ),
    refused=(
        Not("https://medium.com/@BrynmorCouncil/our-year-10a162d26418", "a post", "profile brynmorcouncil"),
        Not("https://medium.com/brynmor-digital/our-year-740c25f791b5", "a post", "publication brynmor-digital"),
        Not("https://medium.com/p/740c25f791b5", "a post"),
        Not("https://medium.com/tag/libraries", "a hashtag or topic"),
        Not("https://help.medium.com/hc/en-us", "not a name"),
    ),
)

_WORDPRESS = Rule(
    slug="wordpress",
    name="WordPress",
    also=("wordpresscom", "wp"),
    icon=True,
    hosts=("wordpress.com", "profiles.wordpress.org"),
    locales=re.compile(r"[a-z]{2}(?:-[a-z]{2})?"),
    host_path="host/{sub}",
    prefixes={"profiles.wordpress.org": "profiles"},
    kinds={
        "blog": Kind("https://{name}.wordpress.com", "{name}.wordpress.com", "{name}.wordpress.com"),
        "profile": Kind("https://profiles.wordpress.org/{name}"),
    },
    names={
        "blog": Name(
            re.compile(
                rf"(?!(?:[a-z]{{2}}(?:-[a-z]{{2}})?|www|public-api|dashboard|developer|support|learn|stats|i[0-9]|s[0-9]|v[0-9]|r-login|jetpack)\Z){LABEL}"
            ),
            "letters, digits and dashes in front of wordpress.com",
        ),
        "profile": USUAL,
        "year": YEAR,
    },
    forms=(
        Form("host/{blog}/(year)/#/#/*/**", "blog", post="a post"),
        Form("host/{blog}/**", "blog"),
        Form("profiles/{profile}/**", "profile"),
    ),
    reserved=USUAL_PAGES | words("host profiles read view stats post page themes plugins home me people"),
    bare=((re.compile(r"(.*)\.wordpress\.com"), "host/{}"), (ANY, "host/{}")),
    examples=(
        Is(
            "https://BrynmorLibraries.wordpress.com/",
            "blog brynmorlibraries.wordpress.com",
            "https://brynmorlibraries.wordpress.com",
        ),
        Is(
            "http://brynmorlibraries.wordpress.com/about/",
            "blog brynmorlibraries.wordpress.com",
            "https://brynmorlibraries.wordpress.com",
        ),
        Is("https://profiles.wordpress.org/brynmor/", "profile brynmor", "https://profiles.wordpress.org/brynmor"),
    ),
    refused=(
        Not("https://brynmor.wordpress.com/2014/05/03/hello/", "a post", "blog brynmor.wordpress.com"),
        Not("https://wordpress.com/read/feeds/12345", "some other page"),
        Not("https://public-api.wordpress.com/rest/v1", "not a name"),
        Not("https://en.wordpress.com/features/", "some other page"),
    ),
)

_BLOGGER = Rule(
    slug="blogger",
    name="Blogger",
    also=("blogspot",),
    icon=True,
    hosts=(
        "blogger.com",
        *under(
            "blogspot",
            "com co.uk de fr es it nl be at ch ie pt se no dk fi gr cz sk hu ro bg hr si rs mk lu md ru ua ae am qa"
            " ca com.au com.br com.ar com.mx cl com.co com.uy com.ee li lt is com.cy com.mt com.by com.eg com.ng com.tr"
            " in sg hk jp kr tw my vn co.il co.id co.nz co.za co.ke td sn re mr cv cf bj al ba ug pe",
        ),
    ),
    subdomains=words("www draft") | {""},
    host_path="host/{sub}",
    kinds={
        "blog": Kind("https://{name}.blogspot.com", "{name}.blogspot.com"),
        "profile": Kind("https://www.blogger.com/profile/{name}"),
    },
    names={
        "blog": Name(re.compile(rf"(?!(?:www|bp|cdn|draft)\Z){LABEL}"), "letters, digits and dashes"),
        "number": NUMBER,
        "year": YEAR,
    },
    forms=(
        Form("host/{blog}/(year)/#/*/**", "blog", post="a post"),
        Form("host/{blog}/**", "blog"),
        Form("profile/{number}/**", "profile"),
    ),
    reserved=USUAL_PAGES | words("host"),
    bare=((re.compile(r"([a-z0-9-]*)\.blogspot\..*"), "host/{}"), (ANY, "host/{}")),
    examples=(
        Is("http://BrynmorLibraries.blogspot.com/", "blog brynmorlibraries", "https://brynmorlibraries.blogspot.com"),
        Is(
            "https://brynmorlibraries.blogspot.co.uk/p/about.html",
            "blog brynmorlibraries",
            "https://brynmorlibraries.blogspot.com",
        ),
        Is(
            "https://www.blogger.com/profile/01234567890123456789",
            "profile 01234567890123456789",
            "https://www.blogger.com/profile/01234567890123456789",
        ),
    ),
    refused=(
        Not("http://brynmorlibraries.blogspot.com/2014/05/hello.html", "a post", "blog brynmorlibraries"),
        Not("https://www.blogger.com/about/", "a page about the platform"),
        Not("http://1.bp.blogspot.com/-abc/s1600/a.png", "not a name"),
    ),
)

_SUBSTACK = Rule(
    slug="substack",
    name="Substack",
    icon=True,
    hosts=("substack.com",),
    prefixes={"open.substack.com": "open"},
    host_path="host/{sub}",
    kinds={
        "newsletter": Kind("https://{name}.substack.com", "{name}.substack.com"),
        "profile": Kind("https://substack.com/@{name}", "@{name}"),
        "id": Kind("https://substack.com/profile/{name}"),
    },
    names={
        "site": Name(
            re.compile(rf"(?!(?:www|open|support|api|cdn|email|reader|help)\Z){LABEL}"), "letters, digits and dashes"
        ),
        "user": USUAL,
        "id": Name(re.compile(r"([0-9]{1,15})(?:-[^/]*)?"), "a number and a name", stable="whole"),
    },
    forms=(
        Form("host/{site}/p/*/**", "newsletter", post="a post"),
        Form("open/pub/{site}/p/*/**", "newsletter", post="a post"),
        Form("open/pub/{site}/**", "newsletter"),
        Form("host/{site}/**", "newsletter"),
        Form("@{user}/note|p/*/**", "profile", post="a post"),
        Form("@{user}/**", "profile"),
        Form("profile/{id}/**", "id"),
        Form("p|note|chat|home/**", post="a post"),
    ),
    reserved=words(
        "host open p note chat home inbox explore search archive profile discover notes signup sign-in about"
    ),
    bare=((re.compile(r"(.*)\.substack\.com"), "host/{}"), (ANY, "host/{}")),
    examples=(
        Is(
            "https://BrynmorLibraries.substack.com/archive",
            "newsletter brynmorlibraries",
            "https://brynmorlibraries.substack.com",
        ),
        Is(
            "https://open.substack.com/pub/brynmorlibraries",
            "newsletter brynmorlibraries",
            "https://brynmorlibraries.substack.com",
        ),
        Is("https://substack.com/@brynmor", "profile brynmor", "https://substack.com/@brynmor"),
        Is("https://substack.com/profile/12345-nia", "id 12345", "https://substack.com/profile/12345"),
    ),
    refused=(
        Not("https://brynmorlibraries.substack.com/p/hello", "a post", "newsletter brynmorlibraries"),
        Not("https://substack.com/home/post/p-123", "a post"),
        Not("https://substack.com/inbox", "a page that only its owner sees"),
    ),
)

_GOVDELIVERY = Rule(
    slug="govdelivery",
    name="GovDelivery",
    also=("granicus", "govdeliverylist"),
    hosts=("public.govdelivery.com", "content.govdelivery.com", "service.govdelivery.com"),
    kinds={"list": Kind("https://public.govdelivery.com/accounts/{name}/subscriber/new")},
    names={
        "code": Name(re.compile(r"[A-Za-z0-9_\-]{2,60}"), "letters, digits, dashes and underscores"),
        "issue": Name(re.compile(r"([A-Za-z0-9_]{2,60})-[0-9a-f]{5,12}"), "a code and a number"),
    },
    forms=(
        Form("accounts/{code}/bulletins/**", "list", post="a newsletter"),
        Form(
            "accounts/{code}/subscriber/edit|one_click_unsubscribe|session|password|delete/**",
            "list",
            post="a page for one subscriber",
        ),
        Form("accounts/{code}/**", "list"),
        Form("bulletins/gd/{issue}/**", "list", post="a newsletter"),
        Form("subscriber|subscriptions/**", post="a page for one subscriber"),
    ),
    bare=((ANY, "accounts/{}"),),
    examples=(
        Is(
            "https://public.govdelivery.com/accounts/UKBRYNMOR/subscriber/new?topic_id=X",
            "list ukbrynmor",
            "https://public.govdelivery.com/accounts/UKBRYNMOR/subscriber/new",
        ),
        Is(
            "https://public.govdelivery.com/accounts/UKBRYNMOR/signup/12345",
            "list ukbrynmor",
            "https://public.govdelivery.com/accounts/UKBRYNMOR/subscriber/new",
        ),
        Is(
            "public.govdelivery.com/accounts/ukbrynmor",
            "list ukbrynmor",
            "https://public.govdelivery.com/accounts/ukbrynmor/subscriber/new",
        ),
    ),
    refused=(
        Not("https://content.govdelivery.com/accounts/UKBRYNMOR/bulletins/3abc", "a newsletter", "list ukbrynmor"),
        Not("https://public.govdelivery.com/subscriber/edit", "a page for one subscriber"),
        Not("https://lnks.gd/l/eyJhbGciOiJIUzI1NiJ9", "a short link"),
    ),
)

_MAILCHIMP = Rule(
    slug="mailchimp",
    name="Mailchimp",
    also=("mailchimplist",),
    icon=True,
    hosts=("list-manage.com", "campaign-archive.com", "campaign-archive1.com", "campaign-archive2.com", "mailchi.mp"),
    prefixes={"mailchi.mp": "page"},
    locales=re.compile(rf"{LABEL}(?:\.{LABEL})?"),
    kinds={"list": Kind("https://{host}/subscribe?u={first}&id={second}")},
    names={
        "user": Name(re.compile(r"[0-9a-f]{10,40}"), "hexadecimal digits", fold="exact", stable="whole"),
        "list": Name(re.compile(r"[0-9a-f]{5,20}"), "hexadecimal digits", fold="exact"),
    },
    forms=(
        Form("unsubscribe|profile|track|vcard|about/**", post="a page for one subscriber"),
        Form("subscribe?u={user}&id={list}", "list"),
        Form("subscribe/post?u={user}&id={list}", "list"),
        Form("home?u={user}&id={list}", "list", url="https://{host}/home/?u={first}&id={second}"),
        Form("page/**", post="a newsletter"),
        Form("?u={user}&id={list}", post="a newsletter"),
    ),
    bare=(),
    examples=(
        Is(
            "https://brynmor.us1.list-manage.com/subscribe?u=0123456789abcdef01234567&id=0a1b2c3d4e",
            "list 0123456789abcdef01234567/0a1b2c3d4e",
            "https://brynmor.us1.list-manage.com/subscribe?u=0123456789abcdef01234567&id=0a1b2c3d4e",
        ),
        Is(
            "http://us1.campaign-archive.com/home/?u=0123456789abcdef01234567&id=0a1b2c3d4e",
            "list 0123456789abcdef01234567/0a1b2c3d4e",
            "https://us1.campaign-archive.com/home/?u=0123456789abcdef01234567&id=0a1b2c3d4e",
        ),
        Is(
            "https://brynmor.us1.list-manage.com/subscribe/post?u=0123456789abcdef01234567&amp;id=0a1b2c3d4e",
            "list 0123456789abcdef01234567/0a1b2c3d4e",
            "https://brynmor.us1.list-manage.com/subscribe?u=0123456789abcdef01234567&id=0a1b2c3d4e",
        ),
    ),
    refused=(
        Not("https://mailchi.mp/brynmor/our-news-in-may", "a newsletter"),
        Not("http://us1.campaign-archive.com/?u=0123456789abcdef01234567&id=0a1b2c3d4e", "a newsletter"),
        Not(
            "https://brynmor.us1.list-manage.com/unsubscribe?u=0123456789abcdef01234567&id=0a1b2c3d4e",
            "a page for one subscriber",
        ),
        Not("http://eepurl.com/3hkrb", "a short link"),
    ),
)

BLOG_RULES = (_TUMBLR, _MEDIUM, _WORDPRESS, _BLOGGER, _SUBSTACK, _GOVDELIVERY, _MAILCHIMP)
