"""Platforms for pictures as data. The notation is that of `rule`."""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.answers import USUAL_PAGES
from registry.accounts.rules.parts import ANY, LOCALES, one_name, under
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_PINTEREST = Rule(
    slug="pinterest",
    name="Pinterest",
    also=("pin",),
    icon=True,
    bio_length=500,
    hosts=under(
        "pinterest",
        "com co.uk ca fr de es it ie at ch be nl se dk no fi pt pl cz hu gr ro ru jp co.kr kr com.au au nz co.nz"
        " com.mx mx"
        " cl com.pe com.uy com.ec com.py com.bo com.vn co.in in id co.id ph co.at th cr",
    ),
    subdomains=words("www m") | {""},
    locales=LOCALES,
    kinds={"profile": Kind("https://www.pinterest.com/{name}")},
    names={"name": Name(re.compile(r"[A-Za-z0-9_]{3,30}"), "letters, digits and underscores, 3 to 30")},
    forms=(
        Form("pin|pin-builder|pin-creation-tool/**", post="a pin"),
        Form("{@name}/**", "profile"),
    ),
    reserved=USUAL_PAGES
    | words(
        "pin pin-builder pin-creation-tool ideas search today videos shopping business settings docs resource _ all"
        " source offsite url_shortener save convert-business edit story amp email news_hub homefeed gifts more report"
        " v3 _ngjs password report-a-problem ads _tools visual-search verify discover everything nux create board"
        " following followers oauth connect storefront_reviews secure"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is(
            "https://www.pinterest.co.uk/BrynmorLibraries/",
            "profile brynmorlibraries",
            "https://www.pinterest.com/BrynmorLibraries",
        ),
        Is(
            "https://nl.pinterest.com/brynmor_libraries/_created/",
            "profile brynmor_libraries",
            "https://www.pinterest.com/brynmor_libraries",
        ),
        Is(
            "pinterest.com/brynmorlibraries/reading-week",
            "profile brynmorlibraries",
            "https://www.pinterest.com/brynmorlibraries",
        ),
    ),
    refused=(
        Not("https://www.pinterest.com/pin/290763719666678361/", "a pin"),
        Not("https://pin.it/3AbCdEf", "a short link"),
        Not("https://www.pinterest.com/ideas/gardens/912345/", "a hashtag or topic"),
        Not("https://www.pinterest.com/search/pins/?q=library", "a search"),
        Not("https://help.pinterest.com/en", "some other page"),
    ),
)

_FLICKR = Rule(
    slug="flickr",
    name="Flickr",
    icon=True,
    hosts=("flickr.com",),
    subdomains=words("www m secure") | {""},
    kinds={
        "profile": Kind("https://www.flickr.com/photos/{name}"),
        "id": Kind("https://www.flickr.com/photos/{name}"),
        "group": Kind("https://www.flickr.com/groups/{name}"),
    },
    names={
        "id": Name(re.compile(r"[0-9]{4,12}@N[0-9]{2}"), "digits, @N and two digits", fold="exact", stable="whole"),
        "name": Name(re.compile(r"[A-Za-z0-9_!.\-]{2,40}"), "letters, digits, dashes and underscores"),
    },
    forms=(
        Form("photos|people/tags|upload|organize|friends|me|popular|search|contacts|archives/**", post="a search"),
        Form("groups/{id}/**", "group"),
        Form("groups/{name}/**", "group"),
        *(
            Form(f"{start}/{{{name}}}{below}", kind, post=post)
            for name, kind in (("id", "id"), ("name", "profile"))
            for start, below, post in (("photos", "/#/**", "a picture"), ("photos|people", "/**", ""))
        ),
        Form("{name}", "profile", sure=False),
    ),
    reserved=USUAL_PAGES
    | words(
        "photos people groups explore cameras map commons creativecommons search services photo.gne archive create go"
        " groups_list.gne prints cart activity recent photosof sets galleries nearby places slideShow.gne badge.gne"
        " photo_zoom.gne the-help-forum abuse places.gne gp profile apps x export do"
    ),
    bare=((ANY, "photos/{}"),),
    examples=(
        Is(
            "https://www.flickr.com/photos/BrynmorCouncil/",
            "profile brynmorcouncil",
            "https://www.flickr.com/photos/BrynmorCouncil",
        ),
        Is(
            "https://www.flickr.com/people/brynmorcouncil",
            "profile brynmorcouncil",
            "https://www.flickr.com/photos/brynmorcouncil",
        ),
        Is(
            "https://www.flickr.com/photos/12345678@N05/sets/7215",
            "id 12345678@N05",
            "https://www.flickr.com/photos/12345678@N05",
        ),
        Is(
            "http://secure.flickr.com/photos/12345678%40N05",
            "id 12345678@N05",
            "https://www.flickr.com/photos/12345678@N05",
        ),
        Is(
            "https://www.flickr.com/groups/brynmor-walks/pool",
            "group brynmor-walks",
            "https://www.flickr.com/groups/brynmor-walks",
        ),
        Is("flickr.com/brynmorcouncil", "profile brynmorcouncil", "https://www.flickr.com/photos/brynmorcouncil"),
    ),
    refused=(
        Not(
            "https://www.flickr.com/photos/brynmorcouncil/8428935049/in/album-1", "a picture", "profile brynmorcouncil"
        ),
        Not("https://www.flickr.com/photos/tags/library", "a search"),
        Not("https://flic.kr/p/abc123", "a short link"),
        Not("https://www.flickr.com/explore", "a search"),
    ),
)

_SNAPCHAT = Rule(
    slug="snapchat",
    name="Snapchat",
    also=("snap", "snapchatusername"),
    icon=True,
    bio_length=80,
    hosts=("snapchat.com",),
    subdomains=words("www story m") | {""},
    kinds={"profile": Kind("https://www.snapchat.com/add/{name}", "@{name}")},
    names={
        "name": Name(
            re.compile(r"[A-Za-z][A-Za-z0-9_.\-]{1,13}[A-Za-z0-9]"),
            "3 to 15 letters, digits, dashes, underscores and full stops, the first a letter",
        )
    },
    forms=(
        Form("t|p/**", short=True),
        Form("unlock|lens|spotlight|discover|story|topic|place/**", post="a story or a lens"),
        Form("add|u|s/{@name}/**", "profile"),
        Form("add?username={name}", "profile"),
        Form("@{name}/spotlight|story/*/**", "profile", post="a video"),
        Form("@{name}/**", "profile"),
        Form("{name}", "profile", sure=False),
    ),
    reserved=USUAL_PAGES
    | words(
        "spotlight lens discover p unlock t add u s story topic place lenses plus maps web ads create geofilters"
        " on-demand snap snapcodes scan sharekit brand-guidelines download memories explore features safety cameos"
        " bitmoji stories map"
    ),
    bare=((ANY, "add/{}"),),
    examples=(
        Is(
            "https://www.snapchat.com/add/BrynmorCouncil",
            "profile brynmorcouncil",
            "https://www.snapchat.com/add/BrynmorCouncil",
        ),
        Is(
            "https://www.snapchat.com/@brynmor.council?locale=cy",
            "profile brynmor.council",
            "https://www.snapchat.com/add/brynmor.council",
        ),
        Is(
            "https://story.snapchat.com/s/brynmorcouncil",
            "profile brynmorcouncil",
            "https://www.snapchat.com/add/brynmorcouncil",
        ),
        Is("snapchat.com/brynmorcouncil", "profile brynmorcouncil", "https://www.snapchat.com/add/brynmorcouncil"),
    ),
    refused=(
        Not("https://www.snapchat.com/spotlight/W7_EDlXWTBiXAEEniNoMPw", "a story or a lens"),
        Not("https://www.snapchat.com/t/abcDEF12", "a short link"),
        Not("https://support.snapchat.com/en-US/ca/discover", "some other page"),
        Not("https://www.snapchat.com/add/a", "not a name"),
    ),
)

_UNSPLASH = one_name(
    "unsplash",
    "Unsplash",
    "unsplash.com/@{name}",
    shown="@{name}",
    examples=(
        Is("https://unsplash.com/@BrynmorCouncil", "profile brynmorcouncil", "https://unsplash.com/@BrynmorCouncil"),
        Is(
            "https://www.unsplash.com/@brynmor_council/likes",
            "profile brynmor_council",
            "https://unsplash.com/@brynmor_council",
        ),
        Is("unsplash.com/@brynmor-council", "profile brynmor-council", "https://unsplash.com/@brynmor-council"),
    ),
    refused=(
        Not("https://unsplash.com/photos/a-library-Abc1", "a picture"),
        Not("https://unsplash.com/s/photos/x", "some other page"),
    ),
)
_BEHANCE = one_name(
    "behance",
    "Behance",
    "www.behance.net/{name}",
    below="a page",
    first=(
        Form("gallery|live|assets|joblist|galleries/**", post="a project"),
        Form("{name}/projects|moodboards|appreciated|info|services|drafts|followers|following|resume", "profile"),
    ),
    reserved="gallery live assets joblist galleries hire onboarding profile-settings misc collection adobelive",
    examples=(
        Is(
            "https://www.behance.net/BrynmorCouncil", "profile brynmorcouncil", "https://www.behance.net/BrynmorCouncil"
        ),
        Is(
            "http://behance.net/brynmorcouncil/projects",
            "profile brynmorcouncil",
            "https://www.behance.net/brynmorcouncil",
        ),
        Is("behance.net/brynmor_council", "profile brynmor_council", "https://www.behance.net/brynmor_council"),
    ),
    refused=(
        Not("https://www.behance.net/gallery/123/A-library", "a project"),
        Not("https://www.behance.net/search", "a search"),
    ),
)
_DRIBBBLE = one_name(
    "dribbble",
    "Dribbble",
    "dribbble.com/{name}",
    below="a page",
    first=(
        Form("shots|playbooks|stories/**", post="a picture"),
        Form("{name}/shots|about|collections|likes|followers|following|services|projects|members/**", "profile"),
    ),
    reserved="shots playbooks stories designers teams hiring freelance-jobs colors session marketplace learn pro hire",
    examples=(
        Is("https://dribbble.com/BrynmorCouncil", "profile brynmorcouncil", "https://dribbble.com/BrynmorCouncil"),
        Is(
            "https://www.dribbble.com/brynmorcouncil/about",
            "profile brynmorcouncil",
            "https://dribbble.com/brynmorcouncil",
        ),
        Is("dribbble.com/brynmor-council", "profile brynmor-council", "https://dribbble.com/brynmor-council"),
    ),
    refused=(
        Not("https://dribbble.com/shots/123-A-library", "a picture"),
        Not("https://dribbble.com/jobs", "a page about the platform"),
    ),
)
_ARTSTATION = one_name(
    "artstation",
    "ArtStation",
    "www.artstation.com/{name}",
    below="a page",
    host_path="{sub}",
    first=(
        Form("artwork|artworks|projects|blogs|marketplace|learning|jobs|prints/**", post="a picture"),
        Form("artist/{name}/**", "profile"),
        Form("{name}/albums|profile|store|collections|likes|followers|following|resume/**", "profile"),
    ),
    reserved="artwork artworks projects blogs marketplace learning prints artist guides channels challenges studios",
    examples=(
        Is(
            "https://www.artstation.com/BrynmorCouncil",
            "profile brynmorcouncil",
            "https://www.artstation.com/BrynmorCouncil",
        ),
        Is(
            "https://brynmorcouncil.artstation.com",
            "profile brynmorcouncil",
            "https://www.artstation.com/brynmorcouncil",
        ),
        Is(
            "artstation.com/artist/brynmorcouncil",
            "profile brynmorcouncil",
            "https://www.artstation.com/brynmorcouncil",
        ),
    ),
    refused=(
        Not("https://www.artstation.com/artwork/abc12", "a picture"),
        Not("https://brynmorcouncil.artstation.com/projects/ab", "a page", "profile brynmorcouncil"),
    ),
)
_DEVIANTART = one_name(
    "deviantart",
    "DeviantArt",
    "www.deviantart.com/{name}",
    below="a picture",
    host_path="{sub}",
    first=(Form("{name}/gallery|about|favourites|posts|shop|journal|stats|badges/**", "profile"),),
    reserved="art tag core-membership daily-deviations watch groups submit shop status-update deviation print stash",
    examples=(
        Is(
            "https://www.deviantart.com/BrynmorCouncil",
            "profile brynmorcouncil",
            "https://www.deviantart.com/BrynmorCouncil",
        ),
        Is(
            "https://brynmorcouncil.deviantart.com/gallery",
            "profile brynmorcouncil",
            "https://www.deviantart.com/brynmorcouncil",
        ),
        Is(
            "deviantart.com/brynmor-council/about",
            "profile brynmor-council",
            "https://www.deviantart.com/brynmor-council",
        ),
    ),
    refused=(
        Not("https://www.deviantart.com/brynmorcouncil/art/A-library-123", "a picture", "profile brynmorcouncil"),
        Not("https://www.deviantart.com/search?q=library", "a search"),
    ),
)
_GIPHY = one_name(
    "giphy",
    "GIPHY",
    "giphy.com/{name}",
    below="a page",
    first=(
        Form("gifs|stickers|clips|embed|emoji|stories|media/**", post="a moving picture"),
        Form("channel/{name}/**", "profile"),
    ),
    reserved="gifs stickers clips embed emoji stories channel create trending-gifs reactions artists",
    examples=(
        Is("https://giphy.com/BrynmorCouncil", "profile brynmorcouncil", "https://giphy.com/BrynmorCouncil"),
        Is("https://giphy.com/channel/brynmorcouncil", "profile brynmorcouncil", "https://giphy.com/brynmorcouncil"),
        Is("www.giphy.com/brynmor_council/", "profile brynmor_council", "https://giphy.com/brynmor_council"),
    ),
    refused=(
        Not("https://giphy.com/gifs/library-Abc1", "a moving picture"),
        Not("https://giphy.com/search/library", "a search"),
    ),
)
_FIVE_HUNDRED = one_name(
    "500px",
    "500px",
    "500px.com/p/{name}",
    icon=True,
    first=(Form("photo|gallery|licensing|quests|stories/**", post="a picture"), Form("{name}", "profile", sure=False)),
    reserved="photo gallery licensing quests stories p popular upcoming fresh editors",
    examples=(
        Is(
            "https://500px.com/p/BrynmorCouncil?view=photos",
            "profile brynmorcouncil",
            "https://500px.com/p/BrynmorCouncil",
        ),
        Is("https://500px.com/brynmorcouncil", "profile brynmorcouncil", "https://500px.com/p/brynmorcouncil"),
        Is("500px.com/p/brynmor_council/galleries", "profile brynmor_council", "https://500px.com/p/brynmor_council"),
    ),
    refused=(Not("https://500px.com/photo/1234/a-library", "a picture"), Not("https://500px.com/popular", "a search")),
)
_IMGUR = one_name(
    "imgur",
    "Imgur",
    "imgur.com/user/{name}",
    first=(Form("gallery|a|t|r|topic/**", post="a picture"),),
    icon=False,
    examples=(
        Is("https://imgur.com/user/BrynmorCouncil", "profile brynmorcouncil", "https://imgur.com/user/BrynmorCouncil"),
        Is(
            "https://m.imgur.com/user/brynmorcouncil/posts",
            "profile brynmorcouncil",
            "https://imgur.com/user/brynmorcouncil",
        ),
        Is("imgur.com/user/brynmor_council", "profile brynmor_council", "https://imgur.com/user/brynmor_council"),
    ),
    refused=(Not("https://imgur.com/gallery/Abc1", "a picture"), Not("https://imgur.com/Abc1", "some other page")),
)

PICTURE_RULES = (
    _PINTEREST, _FLICKR, _SNAPCHAT, _GIPHY, _BEHANCE, _DRIBBBLE, _UNSPLASH, _FIVE_HUNDRED, _DEVIANTART, _ARTSTATION,
    _IMGUR,
)  # fmt: skip
