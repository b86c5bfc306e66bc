"""Forums, neighbourhoods, meetings and questions as data. The notation is that of `rule`."""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import ANY, LABEL, LOCALES, NUMBER, SUBDOMAINS, WIDE, under
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_REDDIT = Rule(
    slug="reddit",
    name="Reddit",
    also=("subreddit", "reddituser", "redditcommunity"),
    icon=True,
    bio_length=200,  # a person's; a community has more room
    post_length=40_000,
    hosts=("reddit.com",),
    subdomains=words("www old new m i np amp sh ssl pay en") | {""},
    locales=LOCALES,
    host_path="r/{sub}",
    kinds={
        "user": Kind("https://www.reddit.com/user/{name}", "u/{name}"),
        "community": Kind("https://www.reddit.com/r/{name}", "r/{name}"),
    },
    names={
        "user": Name(re.compile(r"[A-Za-z0-9_\-]{2,20}"), "letters, digits, dashes and underscores, at most 20"),
        "community": Name(re.compile(r"[A-Za-z0-9][A-Za-z0-9_]{1,20}"), "2 to 21 letters, digits and underscores"),
        "own": Name(re.compile(r"u_([A-Za-z0-9_\-]{2,20})"), "u_ and a name"),
    },
    forms=(
        Form("r/all|popular|friends|mod|random|randnsfw|myrandom/**", post="a list of many communities"),
        *(
            Form(f"{start}/{{{name}}}{below}", kind, post=post)
            for start, name, kind in (
                ("r", "own", "user"),
                ("r", "community", "community"),
                ("u|user", "user", "user"),
            )
            for below, post in (("/comments|gallery|poll|s/*/**", "a post"), ("/m/*/**", "a list"), ("/**", ""))
        ),
        Form("comments|gallery|tb|media|live|video/**", post="a post"),
    ),
    reserved=USUAL_PAGES | words("r u comments gallery tb media live wiki submit subreddits message coins chat domain"),
    bare=((re.compile(r"(r/.*)"), "{}"), (ANY, "user/{}")),
    examples=(
        Is(
            "https://www.reddit.com/user/BrynmorCouncil/",
            "user brynmorcouncil",
            "https://www.reddit.com/user/BrynmorCouncil",
        ),
        Is(
            "https://old.reddit.com/u/brynmor-council",
            "user brynmor-council",
            "https://www.reddit.com/user/brynmor-council",
        ),
        Is("u/brynmorcouncil", "user brynmorcouncil", "https://www.reddit.com/user/brynmorcouncil"),
        Is(
            "https://www.reddit.com/r/u_brynmorcouncil",
            "user brynmorcouncil",
            "https://www.reddit.com/user/brynmorcouncil",
        ),
        Is("https://www.reddit.com/r/Brynmor/top/?t=week", "community brynmor", "https://www.reddit.com/r/Brynmor"),
        Is("https://brynmor.reddit.com/", "community brynmor", "https://www.reddit.com/r/brynmor"),
        Is("r/brynmor", "community brynmor", "https://www.reddit.com/r/brynmor"),
    ),
    refused=(
        Not("https://www.reddit.com/r/Brynmor/comments/2arlx5/hello/", "a post", "community brynmor"),
        Not("https://www.reddit.com/user/brynmorcouncil/comments/2arlx5/hello/", "a post", "user brynmorcouncil"),
        Not("https://redd.it/2arlx5", "a short link"),
        Not("https://www.reddit.com/r/all/", "a list of many communities"),
        Not("https://www.reddit.com/wiki/reddiquette", "some other page"),
        Not("https://www.reddit.com/help/useragreement", "a help page"),
    ),
)

_NEXTDOOR_SLUG = Name(re.compile(r"[A-Za-z0-9][A-Za-z0-9_\-]{0,99}"), "letters, digits and dashes")
_NEXTDOOR = Rule(
    slug="nextdoor",
    name="Nextdoor",
    icon=True,
    hosts=under("nextdoor", "com co.uk ca com.au de fr it es nl se dk"),
    subdomains=SUBDOMAINS,
    locales=re.compile(r"[a-z]{2}"),
    kinds={
        "agency": Kind("https://{host}/agency-detail/{name}"),
        "page": Kind("https://{host}/pages/{name}"),
        "profile": Kind("https://nextdoor.com/profile/{name}"),
    },
    names={
        "slug": _NEXTDOOR_SLUG,
        "id": Name(re.compile(r"[A-Za-z0-9_\-]{4,60}"), "letters and digits", fold="exact", stable="whole"),
    },
    forms=(
        Form("agency-detail/{slug}/{slug}/{slug}/**", "agency"),
        Form("agency|agency-detail/{slug}/**", "agency", url="https://{host}/agency/{name}"),
        Form("pages/{slug}/**", "page"),
        Form("profile/{id}/**", "profile"),
        Form("p|post/**", post="a post"),
        Form("events|event/**", post="an event"),
    ),
    reserved=words("news_feed p post agency agency-detail pages profile events event"),
    bare=((ANY, "pages/{}"),),
    examples=(
        Is(
            "https://us.nextdoor.com/agency-detail/tx/austin/austin-fire/",
            "agency tx/austin/austin-fire",
            "https://us.nextdoor.com/agency-detail/tx/austin/austin-fire",
        ),
        Is(
            "https://nextdoor.com/agency/brynmor-fire",
            "agency brynmor-fire",
            "https://nextdoor.com/agency/brynmor-fire",
        ),
        Is(
            "https://nextdoor.co.uk/pages/brynmor-council/",
            "page brynmor-council",
            "https://nextdoor.co.uk/pages/brynmor-council",
        ),
        Is("https://nextdoor.com/profile/01AbCdEf/", "profile 01AbCdEf", "https://nextdoor.com/profile/01AbCdEf"),
    ),
    refused=(
        Not("https://nextdoor.co.uk/news_feed/", "some other page"),
        Not("https://nextdoor.com/p/AbCdEf123", "a post"),
        Not("https://help.nextdoor.com/s/", "some other page"),
    ),
)

_MEETUP = Rule(
    slug="meetup",
    name="Meetup",
    icon=True,
    hosts=("meetup.com",),
    subdomains=words("www m secure") | {""},
    kinds={
        "group": Kind("https://www.meetup.com/{name}"),
        "network": Kind("https://www.meetup.com/pro/{name}"),
    },
    names={
        "slug": Name(re.compile(r"[A-Za-z0-9_\-\u00c0-\U0010ffff]{3,80}"), "3 letters, digits and dashes or more"),
    },
    forms=tuple(
        form
        for start in ("xx/", "")
        for form in (
            Form(start + "pro/{slug}/**", "network"),
            Form(
                start + "find|members|topics|events|cities|apps|about|login|register|home|messages|lp|help/**",
                post="a search",
            ),
            Form(start + "{slug}/events/#/**", "group", post="an event"),
            Form(start + "{slug}/photos|discussions|files/*/**", "group", post="a page"),
            Form(start + "{slug}/**", "group"),
        )
    ),
    reserved=USUAL_PAGES | words("find members topics cities apps pro lp account create media featured urlname kr ja"),
    bare=((ANY, "{}"),),
    examples=(
        Is(
            "https://www.meetup.com/Brynmor-Readers/", "group brynmor-readers", "https://www.meetup.com/Brynmor-Readers"
        ),
        Is(
            "https://www.meetup.com/en-GB/brynmor-readers/events/",
            "group brynmor-readers",
            "https://www.meetup.com/brynmor-readers",
        ),
        Is("meetup.com/pro/brynmor", "network brynmor", "https://www.meetup.com/pro/brynmor"),
    ),
    refused=(
        Not("https://www.meetup.com/brynmor-readers/events/123456789/", "an event", "group brynmor-readers"),
        Not("https://www.meetup.com/find/?keywords=books", "a search"),
        Not("https://www.meetup.com/members/1234567/", "a search"),
    ),
)

_EVENTBRITE = Rule(
    slug="eventbrite",
    name="Eventbrite",
    hosts=under(
        "eventbrite",
        "com co.uk ie ca com.au co.nz de fr es it nl be at ch se dk fi pt com.br com.mx com.ar cl co com.pe"
        " sg hk in com.my",
    ),
    subdomains=words("www m en-gb") | {""},
    host_path="host/{sub}",
    kinds={
        "organiser": Kind("https://www.eventbrite.com/o/{name}"),
        "site": Kind("https://{name}.eventbrite.com"),
    },
    names={
        "tail": Name(re.compile(r"(?:[^/]*-)?([0-9]{6,25})"), "a name, a dash and a number", stable="whole"),
        "site": Name(
            re.compile(rf"(?!(?:www|m|en-gb|help|support|api|blog|developers?)\Z){LABEL}"), "letters, digits and dashes"
        ),
    },
    forms=(
        Form("o/{tail}/**", "organiser"),
        Form("org/{tail}/**", "organiser"),
        Form("host/{site}/**", "site"),
        Form("e|x|event|tickets-external/**", post="an event"),
        Form("d|b|cc|c/**", post="a search"),
    ),
    reserved=USUAL_PAGES | words("o org e x d b cc c host organizations"),
    bare=((ANY, "o/{}"),),
    examples=(
        Is(
            "https://www.eventbrite.co.uk/o/brynmor-libraries-12345678901",
            "organiser 12345678901",
            "https://www.eventbrite.com/o/12345678901",
        ),
        Is(
            "https://www.eventbrite.com/o/12345678901?aff=x",
            "organiser 12345678901",
            "https://www.eventbrite.com/o/12345678901",
        ),
        Is(
            "https://brynmorlibraries.eventbrite.com/",
            "site brynmorlibraries",
            "https://brynmorlibraries.eventbrite.com",
        ),
    ),
    refused=(
        Not("https://www.eventbrite.co.uk/e/story-time-tickets-123456789012", "an event"),
        Not("https://www.eventbrite.com/d/united-kingdom--cardiff/events/", "a search"),
        Not("https://www.eventbrite.co.uk/o/brynmor-libraries", "not a name"),
    ),
)

_QUORA = Rule(
    slug="quora",
    name="Quora",
    icon=True,
    hosts=("quora.com",),
    subdomains=SUBDOMAINS,
    locales=re.compile(r"[a-z]{2}"),
    host_path="host/{sub}",
    kinds={
        "profile": Kind("https://www.quora.com/profile/{name}"),
        "space": Kind("https://{name}.quora.com"),
    },
    names={
        "name": WIDE,
        "space": Name(re.compile(rf"(?!(?:www|m|[a-z]{{2}}|help|blog|engineering)\Z){LABEL}"), "letters and digits"),
    },
    forms=(
        Form("profile/{name}/**", "profile"),
        Form("q/{space}/**", "space"),
        Form("host/{space}/*/**", "space", post="a post"),
        Form("host/{space}", "space"),
        Form("topic/**", post="a hashtag or topic"),
        Form("{name}", "profile", sure=False),
    ),
    reserved=USUAL_PAGES | words("profile q host topic unanswered answer following spaces notifications challenges"),
    bare=((ANY, "profile/{}"),),
    examples=(
        Is(
            "https://www.quora.com/profile/Brynmor-Council",
            "profile brynmor-council",
            "https://www.quora.com/profile/Brynmor-Council",
        ),
        Is(
            "https://cy.quora.com/profile/Brynmor-Council-1/answers",
            "profile brynmor-council-1",
            "https://www.quora.com/profile/Brynmor-Council-1",
        ),
        Is("https://brynmor.quora.com/", "space brynmor", "https://brynmor.quora.com"),
        Is(
            "https://www.quora.com/Brynmor-Council",
            "profile brynmor-council",
            "https://www.quora.com/profile/Brynmor-Council",
        ),
    ),
    refused=(
        Not("https://www.quora.com/topic/Libraries", "a hashtag or topic"),
        Not("https://www.quora.com/Where-is-Brynmor/answer/Nia", "some other page"),
        Not("https://brynmor.quora.com/A-day-at-the-library", "a post", "space brynmor"),
    ),
)

_VIVA = Rule(
    slug="vivaengage",
    name="Viva Engage",
    also=("yammer", "vivaengageyammer", "microsoftvivaengage", "yammergroup"),
    internal=True,
    note="Viva Engage is internal: only colleagues can see this, so it is not a public account.",
    hosts=("engage.cloud.microsoft", "yammer.com"),
    subdomains=words("www web") | {""},
    kinds={
        "community": Kind("https://engage.cloud.microsoft/main/groups/{name}/all"),
        "group": Kind("https://www.yammer.com/main/#/threads/inGroup?feedId={name}"),
    },
    names={
        "group": Name(re.compile(r"[A-Za-z0-9_\-+=]{8,200}"), "letters and digits", fold="exact", stable="whole"),
        "number": NUMBER,
        "org": Name(re.compile(r"[^/]{1,100}"), "the organisation"),
    },
    forms=(
        Form("main/groups/{group}/**", "community"),
        Form("main/org/(org)/groups/{group}/**", "community"),
        Form("(org)/threads/inGroup?feedId={number}", "group"),
        Form("(org)/#/threads/inGroup?feedId={number}", "group"),
        Form("main/feed|inbox|notifications|threads|users|home/**", post="a page that only colleagues see"),
    ),
    reserved=words("inbox feed"),
    bare=(),
    examples=(
        Is(
            "https://engage.cloud.microsoft/main/groups/eyJfdHlwZSI6Ikdyb3VwIn0/all",
            "community eyJfdHlwZSI6Ikdyb3VwIn0",
            "https://engage.cloud.microsoft/main/groups/eyJfdHlwZSI6Ikdyb3VwIn0/all",
        ),
        Is(
            "https://web.yammer.com/main/org/brynmor.example/groups/eyJfdHlwZSI6Ikdyb3VwIn0=/all",
            "community eyJfdHlwZSI6Ikdyb3VwIn0=",
            "https://engage.cloud.microsoft/main/groups/eyJfdHlwZSI6Ikdyb3VwIn0=/all",
        ),
        Is(
            "https://www.yammer.com/brynmor.example/#/threads/inGroup?type=in_group&feedId=12345",
            "group 12345",
            "https://www.yammer.com/main/#/threads/inGroup?feedId=12345",
        ),
    ),
    refused=(
        Not("https://engage.cloud.microsoft/main/feed", "a page that only colleagues see"),
        Not("https://www.yammer.com/brynmor.example/#/inbox/index", "some other page"),
    ),
)

_STACK = Rule(
    slug="stackoverflow",
    name="Stack Overflow",
    icon=True,
    hosts=("stackoverflow.com",),
    locales=re.compile(r"[a-z]{2}"),
    kinds={"profile": Kind("https://stackoverflow.com/users/{name}")},
    names={"number": NUMBER},
    forms=(Form("users/{number}/**", "profile"), Form("questions|q|a|posts/**", post="a question")),
    reserved=USUAL_PAGES | words("questions q a users"),
    bare=((ANY, "users/{}"),),
    examples=(
        Is(
            "https://stackoverflow.com/users/1234567/brynmor",
            "profile 1234567",
            "https://stackoverflow.com/users/1234567",
        ),
        Is(
            "https://stackoverflow.com/users/1234567?tab=profile",
            "profile 1234567",
            "https://stackoverflow.com/users/1234567",
        ),
        Is("www.stackoverflow.com/users/1234567", "profile 1234567", "https://stackoverflow.com/users/1234567"),
    ),
    refused=(
        Not("https://stackoverflow.com/questions/1234567/how", "a question"),
        Not("https://stackoverflow.com/users/login", "not a name"),
    ),
)

COMMUNITY_RULES = (_REDDIT, _NEXTDOOR, _MEETUP, _EVENTBRITE, _QUORA, _STACK, _VIVA)
