"""Facebook as data: pages, people and groups. The notation is that of `rule`."""

import re

from registry.accounts.rules.addresses import words
from registry.accounts.rules.parts import ANY
from registry.accounts.rules.rule import Example as Is
from registry.accounts.rules.rule import Form, Kind, Name, Rule
from registry.accounts.rules.rule import Refusal as Not

_POSTS = "posts|videos|photos|reels|reel|notes|events|live|offers|albums|media_set"
_GROUP_POSTS = "posts|permalink|events|files|media|photos|videos|user|learning_content|post_tags"

FACEBOOK = Rule(
    slug="facebook",
    name="Facebook",
    also=("fb", "facebookpage", "facebookgroup", "facebookprofile", "facebookid", "meta"),
    icon=True,
    bio_length=101,  # a page's
    post_length=63_206,
    hosts=("facebook.com", "fb.com", "m.me", "fb.gg", "messenger.com"),
    subdomains=words("www m mbasic touch web business p d free 0 l") | {""},
    locales=re.compile(r"[a-z]{2,3}-[a-z]{2,4}"),
    kinds={
        # Pages and people share one namespace of names and one of numbers, and an address does not tell them
        # apart.
        "page": Kind("https://www.facebook.com/{name}"),
        "group": Kind("https://www.facebook.com/groups/{name}"),
    },
    names={
        "name": Name(
            re.compile(
                r"(?=[0-9._\-]*[A-Za-z])(?!.*\.(?:com|net)\Z|v[0-9]+\.[0-9]+\Z)[A-Za-z0-9][A-Za-z0-9._\-]{0,99}"
            ),
            "letters, digits, full stops and dashes, no .com or .net at the end",
            fold="no dots",
            stable="tail",
        ),
        # Pages that never chose a name carry their title, in any alphabet, before their number.
        "titled": Name(
            re.compile(r"[A-Za-z0-9.,&'’()!+_\-\u00a1-\U0010ffff]{1,150}-[0-9]{8,25}"),
            "a title, a dash and a number",
            fold="no dots",
            stable="tail",
        ),
        "id": Name(re.compile(r"[0-9]{5,25}"), "5 digits or more", stable="whole"),
        "tail": Name(re.compile(r"(?:[^/]*-)?([0-9]{5,25})"), "a name, a dash and a number", stable="whole"),
    },
    forms=(
        Form("groups/feed|discover|create|joins|search|categories|browse/**"),
        *(
            Form(f"groups/{{{name}}}{below}", "group", post=post)
            for below, post in ((f"/{_GROUP_POSTS}/*/**", "a post in a group"), ("/**", ""))
            for name in ("name", "id")
        ),
        Form("share/**", short=True),
        Form("permalink.php|story.php?id={id}", "page", post="a post"),
        Form("photo.php|photo/**", post="a picture"),
        Form("profile.php|ads|profile?id={id}", "page"),
        Form("ads/library?view_all_page_id={id}", "page"),
        Form("profile|people/*/{id}/**", "page"),
        Form("profile|page|t/{id}/**", "page"),
        Form("t|msg/{name}", "page"),  # messenger.com
        Form("group/{id}", "group"),
        Form("watch/live|search|hashtag|saved|topic|latest|shows/**", post="a video"),
        *(Form(f"watch/{{{name}}}", "page") for name in ("id", "name")),
        Form("pages/category/*/{tail}/**", "page"),
        Form("pages/category/**", post="a search"),
        Form("pages/*/{id}/**", "page"),
        Form("pages/{tail}/**", "page"),
        Form("p/{tail}/**", "page"),
        *(
            Form(f"{start}{name}{below}", "page", post=post)
            for start, name in (("pg/", "{name}"), ("pg/", "{id}"), ("", "{@name}"), ("", "{id}"), ("", "{titled}"))
            for below, post in ((f"/{_POSTS}/*/**", "a post"), ("/**", ""))
        ),
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
        " terms_pages_gov.php msg t p pg r bookmarks checkpoint confirmemail.php composer connect_account.php"
        " connections cookie.php cookies customaudiences dyi editaccount.php feed fr hashtags instantgames intern"
        " jobs latest mobile oauth pay payments photo_search.php photos_stream places platform ratings robots.txt"
        " safety salegroups signup sitemap sites stickers subscribe support survey ticket_center timeline tos"
        " username weather work workplace your_information community_standards communitystandards media_set"
        " friends.php inbox logout.php browse create download facebook-login full_data_use_policy policy.php"
        " safetycheck crisisresponse"
    ),
    bare=((ANY, "{}"),),
    examples=(
        Is(
            "https://www.facebook.com/BrynmorCouncil/?fref=ts",
            "page brynmorcouncil",
            "https://www.facebook.com/BrynmorCouncil",
        ),
        Is(
            "https://en-gb.facebook.com/Brynmor.Council/about",
            "page brynmorcouncil",
            "https://www.facebook.com/Brynmor.Council",
        ),
        Is(
            "m.facebook.com/profile.php?id=100085131802111&sk=about",
            "page 100085131802111",
            "https://www.facebook.com/100085131802111",
        ),
        Is(
            "https://www.facebook.com/people/Brynmor-Baths/100085131802111/",
            "page 100085131802111",
            "https://www.facebook.com/100085131802111",
        ),
        Is(
            "https://www.facebook.com/p/Brynmor-Baths-100085131802111/",
            "page 100085131802111",
            "https://www.facebook.com/100085131802111",
        ),
        Is(
            "https://www.facebook.com/pages/Brynmor-Baths/124626657695395?ref=hl",
            "page 124626657695395",
            "https://www.facebook.com/124626657695395",
        ),
        Is(
            "https://www.facebook.com/pages/category/Library/Brynmor-124626657695395/",
            "page 124626657695395",
            "https://www.facebook.com/124626657695395",
        ),
        Is(
            "https://www.facebook.com/124626657695395",
            "page 124626657695395",
            "https://www.facebook.com/124626657695395",
        ),
        Is(
            "https://www.facebook.com/pg/BrynmorCouncil/photos/",
            "page brynmorcouncil",
            "https://www.facebook.com/BrynmorCouncil",
        ),
        Is(
            "https://www.facebook.com/home.php#!/BrynmorCouncil",
            "page brynmorcouncil",
            "https://www.facebook.com/BrynmorCouncil",
        ),
        Is(
            "https://www.facebook.com/Brynmor-Baths-124626657695395/",
            "page brynmor-baths-124626657695395",
            "https://www.facebook.com/Brynmor-Baths-124626657695395",
        ),
        Is(
            "https://www.facebook.com/ads/library/?view_all_page_id=124626657695395",
            "page 124626657695395",
            "https://www.facebook.com/124626657695395",
        ),
        Is("https://m.me/BrynmorCouncil", "page brynmorcouncil", "https://www.facebook.com/BrynmorCouncil"),
        Is(
            "https://www.facebook.com/watch/BrynmorCouncil/",
            "page brynmorcouncil",
            "https://www.facebook.com/BrynmorCouncil",
        ),
        Is(
            "https://www.facebook.com/groups/brynmor.readers/",
            "group brynmorreaders",
            "https://www.facebook.com/groups/brynmor.readers",
        ),
    ),
    refused=(
        Not("https://www.facebook.com/groups/253623581423005/posts/17", "a post in a group", "group 253623581423005"),
        Not("https://www.facebook.com/BrynmorCouncil/videos/10155763418528580/", "a post", "page brynmorcouncil"),
        Not("https://www.facebook.com/permalink.php?story_fbid=1&id=124626657695395", "a post", "page 124626657695395"),
        Not("https://www.facebook.com/login/?next=https%3A%2F%2Ffb.com%2Fbrynmor", "a sign-in page", "page brynmor"),
        Not("https://www.facebook.com/share/1AbCdEfGhI/", "a short link"),
        Not("https://www.facebook.com/sharer/sharer.php?u=https://example.org", "a button that shares"),
        Not("https://www.facebook.com/events/1234567890", "an event"),
        Not("https://www.facebook.com/watch/?v=1234567890", "a video"),
        Not("https://www.facebook.com/hashtag/libraries", "a hashtag or topic"),
        Not("https://www.facebook.com/example.com", "not a name"),
        Not("https://www.facebook.com/groups/feed", "some other page"),
        Not("https://www.facebook.com/2008/fbml", "not a name"),
        Not("https://developers.facebook.com/docs", "some other page"),
    ),
)
