"""Professional networks as data. The notation is that of `rule`."""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import AFTER_DASH, ANY, LABEL, NUMBER, SUBDOMAINS, WIDE, one_name
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_SLUG = Name(
    re.compile(r"[A-Za-z0-9.,&'’()!+®_\-\u00a1-\U0010ffff]{1,120}"), "letters, digits, dashes, full stops and &"
)
LINKEDIN = Rule(
    slug="linkedin",
    name="LinkedIn",
    also=("linkedincompany", "linkedinpage", "linkedincompanyid", "linkedincompanyororganizationid"),
    icon=True,
    bio_length=2_000,  # a page's "About"
    post_length=3_000,
    hosts=("linkedin.com", "linkedin.cn"),
    subdomains=words("www m touch mobile") | {""},
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
    names={
        "slug": _SLUG,
        "number": NUMBER,
        "tail": AFTER_DASH,
        # Groups have numbers of their own: they could be a company's.
        "group": Name(re.compile(r"(?:[^/]*-)?([0-9]{1,25})"), "a name, a dash and a number"),
    },
    forms=(
        Form("company/setup/**"),
        Form("pub/dir/**", post="a search"),
        Form("posts|feed|pulse|embeds/**", post="a post"),
        Form("events/**", post="an event"),
        Form("jobs|job/**", post="an advertised job"),
        Form("newsletters/**", post="a newsletter"),
        Form("learning|video|live/**", post="a video"),
        *(
            Form(f"{start}{folder}/{{{name}}}/**", kind)
            for folder, kind in (("company", "company"), ("school", "school"), ("showcase", "showcase"))
            for start in ("", "mwlite/", "organization-guest/", "mwlite/organization-guest/")
            for name in ("number", "slug")
        ),
        Form("companies|organization|companyid/{number}/**", "company"),
        Form("edu/school?id={number}", "school"),
        Form("edu/{tail}/**", "school"),
        Form("in/{slug}/**", "person"),
        Form("mwlite/in|profile/{slug}/**", "person"),
        Form(
            "pub/{slug}/{slug}/{slug}/{slug}/**",
            "person",
            value="pub/{name}",
            url="https://www.linkedin.com/{name}",
        ),
        Form("groups?gid={group}", "group"),
        Form("grp/home?gid={group}", "group"),
        Form("groups/{group}/**", "group"),
    ),
    bare=((ANY, "company/{}"),),
    examples=(
        Is(
            "https://www.linkedin.com/company/brynmor-council/about/?trk=top_nav_home",
            "company brynmor-council",
            "https://www.linkedin.com/company/brynmor-council",
        ),
        Is(
            "https://uk.linkedin.com/company/Brynmor-Council",
            "company brynmor-council",
            "https://www.linkedin.com/company/Brynmor-Council",
        ),
        Is("https://www.linkedin.com/company/1035", "company 1035", "https://www.linkedin.com/company/1035"),
        Is(
            "linkedin.com/company/upjers-gmbh-&amp;-co.-kg",
            "company upjers-gmbh-&-co.-kg",
            "https://www.linkedin.com/company/upjers-gmbh-&-co.-kg",
        ),
        Is(
            "https://www.linkedin.com/company/g%C3%B6teborg/",
            "company göteborg",
            "https://www.linkedin.com/company/g%C3%B6teborg",
        ),
        Is(
            "https://www.linkedin.com/school/university-of-brynmor",
            "school university-of-brynmor",
            "https://www.linkedin.com/school/university-of-brynmor",
        ),
        Is("https://www.linkedin.com/edu/school?id=17926", "school 17926", "https://www.linkedin.com/school/17926"),
        Is(
            "https://www.linkedin.com/showcase/brynmor-jobs",
            "showcase brynmor-jobs",
            "https://www.linkedin.com/showcase/brynmor-jobs",
        ),
        Is(
            "https://www.linkedin.com/in/Angharad-Example/cy",
            "person angharad-example",
            "https://www.linkedin.com/in/Angharad-Example",
        ),
        Is(
            "https://www.linkedin.com/pub/angharad-example/12/34/567",
            "person pub/angharad-example/12/34/567",
            "https://www.linkedin.com/pub/angharad-example/12/34/567",
        ),
        Is(
            "https://www.linkedin.com/groups/8354318/profile",
            "group 8354318",
            "https://www.linkedin.com/groups/8354318",
        ),
        Is(
            "https://www.linkedin.com/groups/Brynmor-Librarians-56612",
            "group 56612",
            "https://www.linkedin.com/groups/56612",
        ),
    ),
    refused=(
        Not("https://www.linkedin.com/company/setup/new", "some other page"),
        Not("https://www.linkedin.com/company-beta/1035", "some other page"),
        Not("https://www.linkedin.com/posts/brynmor-council_libraries-activity-71", "a post"),
        Not("https://www.linkedin.com/pulse/nine-things-to-do", "a post"),
        Not("https://www.linkedin.com/events/7123456789/", "an event"),
        Not("https://www.linkedin.com/jobs/view/12345", "an advertised job"),
        Not("https://lnkd.in/eAbCdEf", "a short link"),
        Not("https://www.linkedin.com/sharing/share-offsite/?url=https://example.org", "a button that shares"),
        Not(
            "https://www.linkedin.com/authwall?sessionRedirect=https%3A%2F%2Fwww.linkedin.com%2Fcompany%2Fbrynmor",
            "a sign-in page",
            "company brynmor",
        ),
    ),
)

_XING = Rule(
    slug="xing",
    name="XING",
    icon=True,
    hosts=("xing.com",),
    subdomains=SUBDOMAINS,
    kinds={
        "page": Kind("https://www.xing.com/pages/{name}"),
        "profile": Kind("https://www.xing.com/profile/{name}"),
    },
    names={"name": Name(re.compile(r"[A-Za-z0-9_.\-\u00c0-\U0010ffff]{2,100}"), "letters, digits and dashes")},
    forms=(
        Form("pages|companies|company|net/{name}/**", "page"),
        Form("profile/{name}/**", "profile"),
    ),
    reserved=USUAL_PAGES,
    bare=((ANY, "pages/{}"),),
    examples=(
        Is(
            "https://www.xing.com/pages/brynmor-council",
            "page brynmor-council",
            "https://www.xing.com/pages/brynmor-council",
        ),
        Is(
            "https://www.xing.com/companies/Brynmor-Council/updates",
            "page brynmor-council",
            "https://www.xing.com/pages/Brynmor-Council",
        ),
        Is(
            "https://www.xing.com/profile/Nia_Example",
            "profile nia_example",
            "https://www.xing.com/profile/Nia_Example",
        ),
    ),
    refused=(
        Not("https://www.xing.com/jobs/cardiff-librarian-1", "a page about the platform"),
        Not("https://www.xing.com/", "the home page"),
    ),
)
_RESEARCHGATE = one_name(
    "researchgate",
    "ResearchGate",
    "www.researchgate.net/profile/{name}",
    shape=WIDE,
    first=(
        Form("publication|figure|post|project|journal|topic/**", post="a publication"),
        Form("institution/**", post="an institution"),
    ),
    examples=(
        Is(
            "https://www.researchgate.net/profile/Nia-Example",
            "profile nia-example",
            "https://www.researchgate.net/profile/Nia-Example",
        ),
        Is(
            "https://www.researchgate.net/profile/Nia-Example-2/publications",
            "profile nia-example-2",
            "https://www.researchgate.net/profile/Nia-Example-2",
        ),
        Is(
            "researchgate.net/profile/Nia_Example",
            "profile nia_example",
            "https://www.researchgate.net/profile/Nia_Example",
        ),
    ),
    refused=(
        Not("https://www.researchgate.net/publication/123_On_Libraries", "a publication"),
        Not("https://www.researchgate.net/search", "a search"),
    ),
)
_ORCID = one_name(
    "orcid",
    "ORCID",
    "orcid.org/{name}",
    shape=Name(re.compile(r"[0-9]{4}-[0-9]{4}-[0-9]{4}-[0-9]{3}[0-9Xx]"), "four groups of four digits"),
    examples=(
        Is(
            "https://orcid.org/0000-0002-1825-0097",
            "profile 0000-0002-1825-0097",
            "https://orcid.org/0000-0002-1825-0097",
        ),
        Is(
            "http://orcid.org/0000-0002-1694-233X/print",
            "profile 0000-0002-1694-233x",
            "https://orcid.org/0000-0002-1694-233X",
        ),
        Is("orcid.org/0000-0002-1825-0097", "profile 0000-0002-1825-0097", "https://orcid.org/0000-0002-1825-0097"),
    ),
    refused=(Not("https://orcid.org/0000-0002-1825", "not a name"), Not("https://info.orcid.org/", "some other page")),
)
_ACADEMIA = Rule(
    slug="academia",
    name="Academia.edu",
    icon=True,
    hosts=("academia.edu",),
    host_path="host/{sub}",
    kinds={"profile": Kind("https://{first}.academia.edu/{second}", "{name}")},
    names={"host": Name(re.compile(LABEL), "an institution"), "name": WIDE},
    forms=(
        Form("host/(host)/departments|people|documents/**", post="a list of people"),
        Form("host/{host}/{name}/**", "profile"),
        Form("#/**", post="a paper"),
    ),
    reserved=USUAL_PAGES | words("host"),
    bare=(),
    examples=(
        Is(
            "https://independent.academia.edu/NiaExample",
            "profile independent/niaexample",
            "https://independent.academia.edu/NiaExample",
        ),
        Is(
            "https://brynmor.academia.edu/NiaExample/Papers",
            "profile brynmor/niaexample",
            "https://brynmor.academia.edu/NiaExample",
        ),
        Is("brynmor.academia.edu/NExample", "profile brynmor/nexample", "https://brynmor.academia.edu/NExample"),
    ),
    refused=(
        Not("https://www.academia.edu/1234567/On_Libraries", "a paper"),
        Not("https://brynmor.academia.edu/Departments/History", "a list of people"),
    ),
)
_CRUNCHBASE = Rule(
    slug="crunchbase",
    name="Crunchbase",
    icon=True,
    hosts=("crunchbase.com",),
    kinds={
        "organisation": Kind("https://www.crunchbase.com/organization/{name}"),
        "person": Kind("https://www.crunchbase.com/person/{name}"),
    },
    names={"name": WIDE},
    forms=(Form("organization|company/{name}/**", "organisation"), Form("person/{name}/**", "person")),
    reserved=USUAL_PAGES,
    bare=((ANY, "organization/{}"),),
    examples=(
        Is(
            "https://www.crunchbase.com/organization/brynmor-council",
            "organisation brynmor-council",
            "https://www.crunchbase.com/organization/brynmor-council",
        ),
        Is(
            "http://crunchbase.com/company/brynmor-council",
            "organisation brynmor-council",
            "https://www.crunchbase.com/organization/brynmor-council",
        ),
        Is(
            "https://www.crunchbase.com/person/nia-example",
            "person nia-example",
            "https://www.crunchbase.com/person/nia-example",
        ),
    ),
    refused=(
        Not("https://www.crunchbase.com/hub/x", "some other page"),
        Not("https://news.crunchbase.com/a/", "some other page"),
    ),
)
_WELLFOUND = Rule(
    slug="wellfound",
    name="Wellfound",
    also=("angellist",),
    icon=True,
    hosts=("wellfound.com", "angel.co"),
    kinds={"company": Kind("https://wellfound.com/company/{name}"), "person": Kind("https://wellfound.com/u/{name}")},
    names={"name": WIDE},
    forms=(
        Form("company/{name}/jobs/*/**", "company", post="an advertised job"),
        Form("company/{name}/**", "company"),
        Form("u|p/{name}/**", "person"),
        Form("{name}", "company", sure=False),
    ),
    reserved=USUAL_PAGES | words("company u p role location remote startups candidates recruit pathways discover"),
    bare=((ANY, "u/{}"),),
    examples=(
        Is("https://wellfound.com/company/brynmor", "company brynmor", "https://wellfound.com/company/brynmor"),
        Is("https://angel.co/u/nia-example", "person nia-example", "https://wellfound.com/u/nia-example"),
        Is("https://angel.co/brynmor", "company brynmor", "https://wellfound.com/company/brynmor"),
    ),
    refused=(
        Not("https://wellfound.com/jobs", "a page about the platform"),
        Not("https://wellfound.com/role/r/librarian", "some other page"),
    ),
)

WORK_RULES = (_XING, _RESEARCHGATE, _ORCID, _ACADEMIA, _CRUNCHBASE, _WELLFOUND)
