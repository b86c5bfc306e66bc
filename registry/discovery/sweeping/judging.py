"""Whether an address on a page is an account's: the resolver's answer, read with what pages do to addresses.

Nobody asks here, as where somebody pastes an address: what is not plainly an account is not offered. So the accounts of
the platforms themselves, names that stand in templates, and guesses without anything that speaks for them are left out.
What only leads to an account (a box with its posts, a page that says "you are leaving our site") is followed in the
address itself; nothing is fetched.
"""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Final
from urllib.parse import parse_qs, unquote, urlsplit

from registry.accounts.platforms import Refused, Resolved, resolve
from registry.accounts.rules.addresses import is_within, words
from registry.accounts.rules.families import FAMILIES
from registry.accounts.rules.hosts import place_of

#: Longer addresses are never an account's.
LONGEST_ADDRESS: Final = 2_000
_OUTSIDE_NAMES: Final = re.compile(r"[^a-z0-9]")
_NAMES: Final = {
    rule.slug: {_OUTSIDE_NAMES.sub("", name.lower()) for name in (rule.slug, rule.name, *rule.also)}
    for _, rules in FAMILIES
    for rule in rules
}
#: Whose accounts on any platform are a platform's own, or those of whoever builds sites: a theme comes with them.
_GIANTS: Final = words(
    "twitter facebook instagram youtube linkedin tiktok pinterest snapchat whatsapp telegram reddit tumblr flickr vimeo"
    " mastodon bluesky nextdoor linktree eventbrite wordpress wordpressdotcom blogger medium substack mailchimp issuu"
    " spotify soundcloud tripadvisor meetup patreon justgiving wix wixcom squarespace weebly godaddy shopify drupal"
    " joomla elementor addthis sharethis addtoany hootsuite buffer"
)
#: What else the platforms call their accounts on their own pages.
_OWN: Final = {
    "x": words(
        "twittersupport support safety premium verified twitterapi twitterdev xdevelopers twitterbusiness xbusiness"
        " twittersafety xsafety xsupport tweetdeck twitteruk twittergov policy"
    ),
    "facebook": words("facebookapp metaforbusiness facebookbusiness facebookforbusiness fbsafety facebookuk"),
    "instagram": words("meta creators instagramforbusiness"),
    "youtube": words("youtubecreators youtubehelp teamyoutube youtubetv google youtubeuk"),
    # Where a company is not to be seen, the platform itself leads to "unavailable".
    "linkedin": words("linkedinnews linkedinlearning microsoft unavailable"),
    "snapchat": words("teamsnapchat"),
    "soundcloud": words("imprint"),
    "mastodon": words("joinmastodon"),
    "bluesky": words("bskyapp bskysocial safetybskyapp"),
    "github": words("features"),
}
#: Names that stand in templates until somebody puts in the real one.
_PLACEHOLDER: Final = re.compile(
    r"(?:your|my|insert|enter|the)?(?:twitter|facebook|instagram|youtube|linkedin|tiktok|social)?"
    r"(?:user|page|account|profile|channel|company|organi[sz]ation|business|brand|group|handle|screen)?"
    r"(?:name|handle|id|here|url|link)(?:here)?"
    r"|your(?:page|account|profile|channel|company|organi[sz]ation|business|brand|group|council|school|user|blog)(?:here)?"
    r"|example(?:user|page|account|company|channel|org)?|placeholder|undefined|null|nan|none|x{3,}|lorem|ipsum|loremipsum"
)
#: Pages that every platform has beside its accounts.
_SMALL_PRINT: Final = re.compile(
    r"(?:account|ads?|data|site|user|your)?(?:privacy|polic(?:y|ies)|terms|cookies?|legal)"
    r"(?:and\w{3,12}|of(?:use|service)|policy|policies|notice|statement|settings|cent(?:er|re)|choices|preferences)*"
    r"|adsmanager|adssettings|signin|signup|log(?:in|out|on)|register|unsubscribe"
)
_LOCALE: Final = re.compile(r"@?[a-z]{2}[-_][A-Z]{2}")
_FILE: Final = re.compile(r"\.(?:php|html?|aspx?|jsp|js|css|xml|rss|json|png|jpe?g|gif|svg|ico|pdf)\Z", re.IGNORECASE)
#: What the resolver takes for the account, as somebody pasted it, and what is still only one thing that it published.
_PUBLISHED: Final = re.compile(
    r"instagram\.com/stories/[^/?#]+/[0-9]|flickr\.com/photos/[^/]+/(?:sets|albums|galleries|collections)/[0-9]"
    r"|(?:twitter|x)\.com/\w+/(?:moments|timelines|events)\b|youtube\.com/[^?#]+/community\?(?:[^#]*&)?lb="
)
#: Hosts that nobody registers accounts of, and whose members and packages look like names of the fediverse.
_NO_FEDIVERSE: Final = (
    "pexels.com", "unpkg.com", "jsdelivr.net", "esm.sh", "esm.run", "jsr.io", "skypack.dev", "observablehq.com",
    "lottiefiles.com", "warpcast.com", "likee.video", "triller.co", "clubhouse.com", "joinclubhouse.com", "zora.co",
    "lbry.tv", "canva.site", "are.na", "google.com", "google.co.uk", "goo.gl", "vero.co", "glitch.com", "mirror.xyz",
)  # fmt: skip
_ARCHIVED: Final = "an archived copy"
#: What speaks for an address on a host that nobody knows being an account of the fediverse.
_FEDIVERSE: Final = re.compile(
    r"mastodon|fediverse|pixelfed|peertube|\btoots?\b|misskey|friendica|gotosocial", re.IGNORECASE
)
_PLAIN_FEDIVERSE: Final = re.compile(r"https?://[^/]+/@[A-Za-z0-9_]+(?:[.-][A-Za-z0-9_]+)*(?:@[A-Za-z0-9.-]+)?/?")
#: Pages of a site through which the way out of it leads.
_EXIT: Final = re.compile(
    r"safelinks|\b(?:exit|leav|redirect|redir|goto|outbound|external|away|disclaimer|out|link|click)", re.IGNORECASE
)
_SHOW_BOXES: Final = (
    "facebook.com", "twitter.com", "x.com", "youtube.com", "youtube-nocookie.com", "mastofeed.com", "w.soundcloud.com",
)  # fmt: skip
_SHARES: Final = re.compile(
    r"shar(?!epoint)|tweet|addto|submit|bookmark|intent|login|signin|compose|post", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Judged:
    """What an address leads to: an account, or (``is_hint``) something that an account published."""

    account: Resolved
    is_hint: bool = False
    #: It stands on a host that no platform is known by: something else must speak for it.
    is_guess: bool = False


@lru_cache(maxsize=8_192)
def judge(address: str) -> Judged | None:
    """What a whole address leads to; None where that is no account and nothing that one published."""
    if len(address) > LONGEST_ADDRESS or not _is_worth_it(address):
        return None
    inside = _boxed(address) or _beyond(address)
    answer = resolve(inside or address)
    if isinstance(answer, Refused):
        owner = answer.owner if answer.reason != _ARCHIVED and not inside else None
        return Judged(owner, is_hint=True) if owner and not _is_no_ones(owner) else None
    if answer.platform == "website" or _is_no_ones(answer):
        return None
    if _PUBLISHED.search(address):
        return Judged(answer, is_hint=True)
    is_guess = _is_guess(answer, inside or address)
    if is_guess and any(is_within(host_of(inside or address), host) for host in _NO_FEDIVERSE):
        return None
    return Judged(answer, is_guess=is_guess)


def judge_handle(text: str, platform: str) -> Judged | None:
    """The account that a handle in the head of a page names: `twitter:site`, `fediverse:creator`."""
    text = text.strip()
    answer = resolve(text, platform) if 1 < len(text) < 200 else None
    if isinstance(answer, Resolved) and answer.platform != "website" and not _is_no_ones(answer):
        return Judged(answer)
    return None


def speaks_for(address: str, said: str, page_host: str) -> bool:
    """Whether a guess is an account: the words around it say so, or it looks like one and leads off the site."""
    if _FEDIVERSE.search(said):
        return True
    host = host_of(address)
    return host != page_host and _PLAIN_FEDIVERSE.fullmatch(address) is not None


def host_of(address: str) -> str:
    """The host of an address with a scheme, in lower case; "" where there is none."""
    scheme, found, rest = address.partition("://")
    if not found or "/" in scheme:
        return ""
    authority = rest.split("/", 1)[0].split("?", 1)[0].split("#", 1)[0]
    return authority.rpartition("@")[2].lower().removesuffix(":443").removesuffix(":80")


def _is_worth_it(address: str) -> bool:
    """Whether it is worth asking the resolver: most links of a page lead to the site itself."""
    scheme, found, _ = address.partition(":")
    if not found or scheme.lower() in ("mailto", "tel", "javascript", "data", "sms", "file", "about", "blob"):
        return False
    if not address.startswith(("http:", "https:", "HTTP", "Http")):
        return True
    host = host_of(address)
    return (
        place_of(host).rule is not None or "@" in address or "/video-channels/" in address
        or "http" in address[8:]
    )  # fmt: skip


def _boxed(address: str) -> str:
    """The account whose posts an embedded box shows, as its address; "" where it is no such box."""
    host = host_of(address)
    if not any(is_within(host, known) for known in _SHOW_BOXES):
        return ""
    try:
        parts = urlsplit(address)
        query = parse_qs(f"{parts.query}&{parts.fragment}", max_num_fields=100)
    except ValueError:
        return ""
    given = {name.lower(): values[0] for name, values in query.items()}
    path = parts.path
    if re.search(r"/plugins/(?:page|likebox|fan|follow)\.php", path):
        number = given.get("id", "")
        return given.get("href", "") or (f"https://www.facebook.com/{number}" if number.isdigit() else "")
    if host in ("syndication.twitter.com", "platform.twitter.com", "platform.x.com", "syndication.x.com"):
        if found := re.search(r"/screen-name/(@?\w{1,15})\Z", path):
            return f"https://x.com/{found[1]}"
        name = given.get("screen_name", "")
        return f"https://x.com/{name}" if name and re.search(r"timeline|follow_button", path) else ""
    return _boxed_video(path, given) or _boxed_elsewhere(host, given)


def _boxed_video(path: str, given: dict[str, str]) -> str:
    if path.rstrip("/") == "/embed" and given.get("listtype") == "user_uploads" and given.get("list"):
        return f"https://www.youtube.com/user/{given['list']}"
    if path == "/subscribe_embed" and given.get("channelid"):
        return f"https://www.youtube.com/channel/{given['channelid']}"
    if path in ("/subscribe_embed", "/subscription_center"):
        name = given.get("channel") or given.get("add_user")
        return f"https://www.youtube.com/user/{name}" if name else ""
    return ""


def _boxed_elsewhere(host: str, given: dict[str, str]) -> str:
    if is_within(host, "mastofeed.com"):
        return given.get("userurl", "")
    return given.get("url", "") if host == "w.soundcloud.com" else ""


def _beyond(address: str) -> str:
    """Where a page of some site leads that says "you are leaving our site"; "" where it is none."""
    if "http" not in address[8:] or place_of(host_of(address)).rule is not None:
        return ""
    try:
        parts = urlsplit(address)
        if _SHARES.search(f"{parts.netloc}{parts.path}"):
            return ""
        if parts.query.lower().startswith("http"):
            return unquote(parts.query)
        query = parse_qs(parts.query, max_num_fields=30) if _EXIT.search(parts.path) else {}
    except ValueError:
        return ""
    return next((value for values in query.values() for value in values if value.startswith("http")), "")


def _is_no_ones(account: Resolved) -> bool:
    """Whether an account is a platform's own, or a name that stands for any account, or a file."""
    if _LOCALE.fullmatch(account.handle):
        return True
    name, _, host = account.key.partition("@")
    if host and account.platform not in _OWN and not host.startswith("mastodon."):
        return False
    last = account.url.rsplit("/", 1)[-1]
    if account.platform != "bluesky" and account.kind not in ("blog", "site") and _FILE.search(last):
        return True
    if account.platform == "bluesky" and account.key.endswith(".bsky.app"):
        return True
    plain = _OUTSIDE_NAMES.sub("", name.rpartition("/")[2].lower())
    own = _NAMES[account.platform] | _OWN.get(account.platform, frozenset())
    if plain in own or plain in _GIANTS:
        return True
    return any(kind.fullmatch(plain) for kind in (_PLACEHOLDER, _SMALL_PRINT))


def _is_guess(account: Resolved, address: str) -> bool:
    host = host_of(address)
    return bool(host) and place_of(host).rule is None and "@" in account.key
