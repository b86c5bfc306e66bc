"""Walking through a site of ours as a polite visitor: what robots.txt allows, one page at a time, and not for ever.

Nothing is walked through unless the settings name the site.
"""

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final
from urllib.parse import urljoin, urlsplit

from registry.accounts.rules.addresses import without_www
from registry.discovery.sweeping import fetching
from registry.discovery.sweeping.apart import Reader
from registry.discovery.sweeping.fetching import NotFetched, NothingThere
from registry.discovery.sweeping.judging import host_of
from registry.discovery.sweeping.links import Harvest
from registry.discovery.sweeping.reading import NoPage

if TYPE_CHECKING:
    from protego import Protego

#: Seconds that are waited between two pages at most, whatever robots.txt asks for.
LONGEST_DELAY: Final = 30.0
#: What is no page, by the end of its address: asked for, it would be refused after all.
_NO_PAGES: Final = (
    ".pdf", ".jpg", ".jpeg", ".png", ".gif", ".svg", ".webp", ".zip", ".doc", ".docx", ".xls", ".xlsx", ".ppt", ".pptx",
    ".odt", ".ods", ".csv", ".mp3", ".mp4", ".css", ".js", ".ics", ".rss", ".woff2",
)  # fmt: skip
#: A page with what it links to, or why it could not be read.
Visit = tuple[str, Harvest | str]


def same_site(one: str, other: str) -> bool:
    """Whether two addresses are of one site, with "www." in front or not."""
    return without_www(host_of(one)) == without_www(host_of(other)) != ""


def is_allowed(address: str, sites: tuple[str, ...]) -> bool:
    """Whether the settings name the site of an address."""
    return any(same_site(address, site) for site in sites)


class Visitor:
    """Fetches pages of our sites, each after a while, and none that robots.txt keeps for itself."""

    def __init__(
        self, reader: Reader, *, delay: float, ports: tuple[int, ...] | None = None,
        wait: Callable[[float], None] = time.sleep,
    ) -> None:  # fmt: skip
        self.reader = reader
        self.ports = ports
        self.delay = delay
        self.wait = wait
        #: What robots.txt of a site says; a sentence where it could not be had, so that nobody asks again and again.
        self.rules: dict[str, Protego | str] = {}
        self.began = False

    def visit(self, address: str, *, onward: bool = False) -> Visit:
        """One page."""
        try:
            rules = self._allowing(address)
            self._pause(rules)
            page = fetching.fetch(address, ports=self.ports, follow=lambda to: self._follow(address, to))
            harvest = self.reader.read(
                page.content, media_type=page.media_type, address=page.address, onward=onward,
                name="" if page.media_type else urlsplit(page.address).path,
            )  # fmt: skip
        except (NotFetched, NoPage) as error:
            return address, str(error)
        return address, harvest

    def _follow(self, address: str, to: str) -> None:
        """Go where a page leads only as far as to pages that would be read anyhow. Raises ``NotFetched``."""
        if not same_site(to, address):
            raise NotFetched("It leads to another site.")
        self._allowing(to)

    def _allowing(self, address: str) -> "Protego":
        """The rules of a site for a page. Raises ``NotFetched`` where they keep it from programs."""
        rules = self._rules_of(address)
        if not rules.can_fetch(address, fetching.AGENT):
            raise NotFetched("The site asks programs not to read this page (robots.txt).")
        return rules

    def _pause(self, rules: "Protego") -> None:
        asked = rules.crawl_delay(fetching.AGENT)
        if self.began:
            self.wait(min(max(self.delay, float(asked or 0)), LONGEST_DELAY))
        self.began = True

    def _rules_of(self, address: str) -> "Protego":
        """What the robots.txt of a site says. Raises ``NotFetched`` where it is broken."""
        from protego import Protego

        place = urlsplit(address)
        site = f"{place.scheme}://{place.netloc}"
        if site not in self.rules:
            try:
                said = fetching.fetch(f"{site}/robots.txt", ports=self.ports).content.decode("utf-8", "replace")
            except NothingThere:
                self.rules[site] = Protego.parse("")
            except NotFetched as error:  # RFC 9309, 2.3.1.4: such a site keeps everything for itself just now.
                self.rules[site] = str(error)
            else:
                self.rules[site] = Protego.parse(said)
        if isinstance(rules := self.rules[site], str):
            raise NotFetched(rules)
        return rules


def crawl(start: str, visitor: Visitor, *, pages: int) -> Iterator[Visit]:
    """The pages of a site from one on, breadth first, at most so many."""
    waiting, known = [start], {_plain(start)}
    for _ in range(pages):
        if not waiting:
            return
        address, came = visitor.visit(waiting.pop(0), onward=True)
        yield address, came
        if isinstance(came, str):
            continue
        for onward in came.pages:
            whole = urljoin(address, onward)
            if same_site(whole, start) and _is_page(whole) and _plain(whole) not in known and len(known) < pages * 20:
                known.add(_plain(whole))
                waiting.append(whole)


def _plain(address: str) -> str:
    return address.partition("#")[0].rstrip("/").partition("://")[2]


def _is_page(address: str) -> bool:
    try:
        return not urlsplit(address).path.lower().endswith(_NO_PAGES)
    except ValueError:
        return False
