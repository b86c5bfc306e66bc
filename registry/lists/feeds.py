"""Where an account can be followed without its platform: the public feed, for those that have one.

A row is a shape of address, as data, and the feed that belongs to it. Sources: Mastodon's documentation ("RSS feeds"),
Bluesky's and Pixelfed's profile pages, PeerTube's and Lemmy's feed addresses, YouTube's, Medium's, WordPress.com's,
Tumblr's, Reddit's, Vimeo's and Substack's help pages on RSS.
"""

import re
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Feed:
    """An address of an account, and its feed; ``{0}`` and so on are what stands in brackets."""

    platforms: tuple[str, ...]
    address: re.Pattern[str]
    feed: str
    #: An account and its feed, which is also the test.
    example: tuple[str, str]


def _feed(platforms: str, address: str, feed: str, example: str, example_feed: str) -> Feed:
    return Feed(tuple(platforms.split()), re.compile(address), feed, (example, example_feed))


#: Blogs on their own hosts count as websites where the register knows no platform for them.
FEEDS: Final = (
    _feed(
        "mastodon", r"https://([^/@]+)/@([\w.-]+)/?", "https://{0}/@{1}.rss",
        "https://toot.wales/@brynmor", "https://toot.wales/@brynmor.rss",
    ),
    _feed(
        "bluesky", r"https://bsky\.app/profile/([\w.:-]+)/?", "https://bsky.app/profile/{0}/rss",
        "https://bsky.app/profile/brynmor.bsky.social", "https://bsky.app/profile/brynmor.bsky.social/rss",
    ),
    _feed(
        "youtube", r"https://www\.youtube\.com/channel/(UC[\w-]{22})/?",
        "https://www.youtube.com/feeds/videos.xml?channel_id={0}",
        "https://www.youtube.com/channel/UC0123456789abcdefghijkl",
        "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl",
    ),
    _feed(
        "youtube", r"https://www\.youtube\.com/user/([\w-]+)/?", "https://www.youtube.com/feeds/videos.xml?user={0}",
        "https://www.youtube.com/user/brynmor", "https://www.youtube.com/feeds/videos.xml?user=brynmor",
    ),
    _feed(
        "medium", r"https://(?:www\.)?medium\.com/(@?[\w.-]+)/?", "https://medium.com/feed/{0}",
        "https://medium.com/@brynmor", "https://medium.com/feed/@brynmor",
    ),
    _feed(
        "medium website", r"https://([\w-]+)\.medium\.com/?", "https://{0}.medium.com/feed",
        "https://brynmor.medium.com/", "https://brynmor.medium.com/feed",
    ),
    _feed(
        "wordpress website", r"https://([\w-]+)\.wordpress\.com/?", "https://{0}.wordpress.com/feed/",
        "https://brynmor.wordpress.com/", "https://brynmor.wordpress.com/feed/",
    ),
    _feed(
        "tumblr website", r"https://(?!www\.)([\w-]+)\.tumblr\.com/?", "https://{0}.tumblr.com/rss",
        "https://brynmor.tumblr.com/", "https://brynmor.tumblr.com/rss",
    ),
    _feed(
        "tumblr", r"https://(?:www\.)?tumblr\.com/([\w-]+)/?", "https://{0}.tumblr.com/rss",
        "https://www.tumblr.com/brynmor", "https://brynmor.tumblr.com/rss",
    ),
    _feed(
        "substack website", r"https://([\w-]+)\.substack\.com/?", "https://{0}.substack.com/feed",
        "https://brynmor.substack.com/", "https://brynmor.substack.com/feed",
    ),
    _feed(
        "pixelfed", r"https://([^/]+)/@?([\w.-]+)/?", "https://{0}/users/{1}.atom",
        "https://pixelfed.social/brynmor", "https://pixelfed.social/users/brynmor.atom",
    ),
    _feed(
        "peertube", r"https://([^/]+)/a/([\w.-]+)/?", "https://{0}/feeds/videos.xml?accountName={1}",
        "https://framatube.org/a/brynmor", "https://framatube.org/feeds/videos.xml?accountName=brynmor",
    ),
    _feed(
        "peertube", r"https://([^/]+)/c/([\w.-]+)/?", "https://{0}/feeds/videos.xml?videoChannelName={1}",
        "https://framatube.org/c/brynmor", "https://framatube.org/feeds/videos.xml?videoChannelName=brynmor",
    ),
    _feed(
        "lemmy", r"https://([^/]+)/([uc])/([\w.-]+)/?", "https://{0}/feeds/{1}/{2}.xml",
        "https://feddit.uk/c/brynmor", "https://feddit.uk/feeds/c/brynmor.xml",
    ),
    _feed(
        "reddit", r"https://(?:www\.)?reddit\.com/(r|u|user)/([\w-]+)/?", "https://www.reddit.com/{0}/{1}/.rss",
        "https://www.reddit.com/r/brynmor", "https://www.reddit.com/r/brynmor/.rss",
    ),
    _feed(
        "vimeo", r"https://vimeo\.com/([\w-]+|channels/[\w-]+)/?", "https://vimeo.com/{0}/videos/rss",
        "https://vimeo.com/brynmor", "https://vimeo.com/brynmor/videos/rss",
    ),
)  # fmt: skip


def feed_of(account: Any) -> str:
    """The address of the public feed of ``account`` (``platform``, ``url``, ``platform_id``); empty where it has none.

    YouTube's feeds go by the number of the channel, which is not in the address of a handle.
    """
    url = account.url
    if account.platform == "youtube" and (account.platform_id or "").startswith("UC"):
        url = f"https://www.youtube.com/channel/{account.platform_id}"
    for row in FEEDS:
        if account.platform in row.platforms and (found := row.address.fullmatch(url)):
            return row.feed.format(*found.groups())
    return ""
