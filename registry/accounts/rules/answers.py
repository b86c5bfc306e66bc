"""What the resolver answers, and the sentences in which it says so."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from registry.accounts.rules.addresses import Address, Trouble, encode_segment, words
from registry.accounts.rules.matching import Found, Missed
from registry.accounts.rules.rule import Rule


@dataclass(frozen=True, slots=True)
class Resolved:
    """An account address understood; (platform, kind, key) is its identity."""

    platform: str  # slug, a key of PLATFORMS
    kind: str  # "profile", "page", "group", "company", "channel", "site" ...
    key: str  # the name as it is compared: case-folded where the platform folds case
    url: str  # https address to show and to store
    handle: str  # as to be shown: "@BrynmorLibraries", "brynmor-council"
    platform_id: str | None = None  # the platform's own lasting number, where the address holds it
    note: str = ""  # a sentence for the person where they should look again


@dataclass(frozen=True, slots=True)
class Refused:
    """Not the address of an account, with a sentence that says what it is and what to do."""

    note: str
    platform: str | None = None
    owner: Resolved | None = None  # the account that published the post or video
    reason: str = ""  # the same in a few words: "a post", "a short link", "not a name"


#: What the pages of a platform are, by the word that their address begins with.
PAGES: Mapping[str, str] = MappingProxyType(
    {
        word: what
        for what, words_of_it in (
            ("a search", "search results find search-advanced directory explore discover browse trending popular top"),
            ("a hashtag or topic", "hashtag hashtags tag tags tagged topic topics categories category ideas"),
            ("a video", "watch video videos embed shorts clip clips reel reels tv v movies"),
            ("a playlist or album", "playlist playlists album albums sets collections"),
            ("a picture", "photo photos photo.php photos.php pin image images media gallery"),
            ("a post", "post posts status statuses p story story.php permalink.php stories note notes pulse article"),
            ("an event", "event events e calendar"),
            ("a button that shares", "share share.php sharer sharer.php intent sharing sharearticle compose reblog"),
            (
                "a sign-in page",
                "login login.php signin sign-in sign_in signup sign-up sign_up register join logout log_in auth oauth"
                " account accounts session sessions password recover checkpoint authwall uas",
            ),
            ("a help page", "help support faq contact guidelines safety"),
            (
                "a page of rules",
                "legal terms privacy tos policy policies copyright cookies terms-of-service privacy-policy rules",
            ),
            (
                "a page about the platform",
                "about press jobs careers business advertising ads developers developer blog",
            ),
            ("a page that only its owner sees", "settings messages notifications inbox feed dashboard home me direct"),
        )
        for word in words_of_it.split()
    }
)
#: First segments that no platform of one owner gives to an account.
USUAL_PAGES = words(
    "about account accounts admin api app apps auth blog business careers categories category collections compose"
    " contact cookies copyright dashboard developer developers directory discover download downloads events explore"
    " faq favicon.ico features feed feeds find forum guidelines hashtag help home hot inbox index.html index.php"
    " invite jobs join legal library live login logout mail me media messages mobile new news notifications oauth"
    " password people popular post posts premium press pricing privacy privacy-policy pro product products profile"
    " register robots.txt rss rules safety search settings share shop sign-in sign-up sign_in sign_up signin signout"
    " signup site sitemap sitemap.xml start static status store stories submit support tag tags team teams terms"
    " terms-of-service top topic topics tos tour trending upgrade upload user users video videos watch welcome"
)


def read(rule: Rule, found: Found | Missed, address: Address) -> Resolved | Refused:
    """Put what came of a rule's shapes into words."""
    return tell(rule, found, sure=True) if isinstance(found, Found) else _complain(rule, address, found)


def tell(rule: Rule, found: Found, *, sure: bool) -> Resolved | Refused:
    """An account, or the refusal of a post that names the account behind it."""
    account = Resolved(
        rule.slug, found.kind, found.key, found.url, found.shown, found.stable, _doubts(rule, found, sure)
    )
    if found.post:
        note = (
            f"This is {found.post} by {found.shown} on {rule.name}, not the account itself. Do you want "
            f"to register {found.shown}?"
        )
        return Refused(note, rule.slug, account, found.post)
    return account


def _doubts(rule: Rule, found: Found, sure: bool) -> str:
    if found.mixed:
        return "This name mixes letters of several alphabets, which can imitate another name. Please check it."
    if rule.closed:
        what = f"closed in {rule.closed_in}" if rule.closed_in else "has closed or no longer works as it did"
        return f"{rule.name} {what}. You can still record the account, so that nobody looks for it."
    if not (sure and found.sure):
        return f"We think this is the {rule.name} account {found.shown}. Please check it. {rule.note}".strip()
    return rule.note


def _complain(rule: Rule, address: Address, missed: Missed) -> Refused:
    if missed.short:
        return short_link(rule)
    if missed.because:
        return Refused(missed.because, rule.slug, None, missed.what)
    if missed.name is not None:
        note = (
            f"“{short(missed.name)}” cannot be the name of an account on {rule.name} ({missed.says}). Please check it."
        )
        return Refused(note, rule.slug, None, "not a name")
    if missed.what:
        return own_page(rule, missed.what)
    if not address.segments:
        note = f"This is the home page of {rule.name}. Open the account and copy its address from there."
        return Refused(note, rule.slug, None, "the home page")
    return own_page(rule, PAGES.get(address.segments[0].lower(), ""))


def own_page(rule: Rule, what: str = "") -> Refused:
    """A page of a platform that is no account; `what` says which sort of page, where that is known."""
    note = (
        f"This is {what or 'a page, a post or a search'} on {rule.name}, not an account. Open the account and "
        "copy its address from there."
    )
    return Refused(note, rule.slug, None, what or "some other page")


def short_link(rule: Rule | None) -> Refused:
    """An address that says nothing without its server."""
    note = (
        "This is a short link, and we do not follow those. Open it in a browser, then paste the address where you land."
    )
    return Refused(note, rule.slug if rule else None, None, "a short link")


def behind_gate(what: str, account: Resolved, name: str) -> Refused:
    """A sign-in page or an archived copy that says which account it is about."""
    note = (
        f"This is {what}, which leads to {account.handle} on {name}, not the account itself. Do you want "
        f"to register {account.handle}?"
    )
    return Refused(note, account.platform, account, what)


def refuse(trouble: Trouble, slug: str | None = None) -> Refused:
    """What is no address at all."""
    return Refused(trouble.note, slug, None, trouble.reason)


def website(address: Address) -> Resolved:
    """Any other site or blog."""
    path = "/".join(map(encode_segment, address.segments))
    key = f"{address.host.removeprefix('www.')}/{path}".rstrip("/")
    note = ""
    if address.posed_as:
        note = f"This address leads to {address.host}, not to “{short(address.posed_as)}”. Please check it."
    elif "xn--" in address.host:
        note = "The name of this site has letters beyond a to z, which can imitate another site's. Please check it."
    elif address.query and not address.query.lower().startswith(_TRACKING):
        note = (
            "We left out what follows the question mark. Please check that the address still leads to the right page."
        )
    return Resolved("website", "site", key, f"https://{address.host}/{path}", key, None, note)


_TRACKING = (
    "utm_", "fbclid", "gclid", "igsh", "mc_", "ref=", "ref_", "trk", "lang=", "hl=", "si=", "s=", "t=", "uselang=",
)  # fmt: skip


def short(text: str) -> str:
    """A text to quote in a sentence: short, and without what cannot be shown or stored."""
    shown = "".join(character if character.isprintable() else "?" for character in text[:60])
    return shown if len(text) <= 60 else shown[:59] + "…"
