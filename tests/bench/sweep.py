"""Saved pages a second, and how memory goes, beside two other ways to find the links of a page, in the same run.

    .venv/bin/python tests/bench/sweep.py
    .venv/bin/python tests/bench/sweep.py --pages 1000 --kilobytes 100

Pages are made from the real ones of tests/data: menus and text with links to the site itself, and the footers' and
articles' own links, filled up to the size. The others are BeautifulSoup on Python's parser (put into a folder that is
thrown away; where it cannot be had it is left out), and a search for `href="..."` by a regular expression, which takes
comments and scripts for links; both only list addresses, while ours says which are accounts and with which words.
"""

import argparse
import importlib
import re
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent.parent)]

from pairs import in_turn  # noqa: E402

from registry.discovery.sweeping import reading  # noqa: E402

DATA = HERE.parent / "data" / "pages"
SOUP = ("beautifulsoup4==4.15.0", "soupsieve==2.7", "typing_extensions")
HREF = re.compile(rb"href=[\"']([^\"']+)")
#: What each looks at: the bytes of a page; and how many links it tells of.
Finder = Callable[[bytes], int]


def main() -> None:
    """Make the pages one by one as a sweep would read them, and time each way."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1_000)
    parser.add_argument("--kilobytes", type=int, default=100)
    asked = parser.parse_args()
    whole(asked.pages, asked.kilobytes)
    with tempfile.TemporaryDirectory() as folder:
        finders: dict[str, Finder] = {"registry": ours, "regular expression": by_expression, **soup(Path(folder))}
        some = [page(number, asked.kilobytes) for number in range(30)]
        taken = in_turn(3, {name: over(finder, some) for name, finder in finders.items()}, time.process_time)
    print("30 of them, 3 rounds in turn, medians of processor time")
    for name, seconds in taken.items():
        print(f"  {name:<20} {len(some) / seconds:8,.0f} pages a second   {taken['registry'] / seconds:7.2f} x")


def whole(pages: int, kilobytes: int) -> None:
    """Read all pages once and print how fast, how many links, and what memory did."""
    found, taken, early = 0, 0.0, 0
    for number in range(pages):
        content = page(number, kilobytes)
        began = time.perf_counter()
        found += ours(content)
        taken += time.perf_counter() - began
        if number == pages // 10:
            early = memory()
    print(f"{pages:,} pages of {kilobytes} KB: {pages / taken:,.0f} a second, {found:,} account links")
    print(f"  memory after a tenth {early:,} KB, at the end {memory():,} KB")


def memory() -> int:
    """The most memory that this process had, in KB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def page(number: int, kilobytes: int) -> bytes:
    """A page: menus, paragraphs with links to the site itself, the footers of tests/data; each one differs."""
    menu = "".join(
        f'<li class="nav__item"><a class="nav__link" href="/a/{number}/{n}">Part {n}</a></li>' for n in range(120)
    )
    footer = "".join(
        (DATA / name).read_text(encoding="utf-8") for name in ("tna-footer.html", "digitalgov-footer-template.html")
    )
    own = f'<p>Ask <a href="https://x.com/dunmore{number}">@dunmore{number}</a>, or share <a href="https://x.com/share?url=a">this</a>.</p>'
    words = (
        '<p class="govuk-body">Paragraph {1} of page {0}: gritters, libraries, bins &amp; '
        '<a href="https://www.dunmore.example/{0}/{1}">more about them</a>.</p>'
    )
    text = "".join(words.format(number, n) for n in range(kilobytes * 7))
    head = f"<!doctype html><html lang=en><head><title>Page {number}</title></head><body><ul>{menu}</ul>{own}"
    room = kilobytes * 1_000 - len(head) - len(footer) - 14
    return f"{head}{text[: max(room, 0)].rpartition('<p')[0]}{footer}</body></html>".encode()


def over(finder: Finder, pages: list[bytes]) -> Callable[[], object]:
    """All pages by one way."""
    return lambda: [finder(one) for one in pages]


def ours(content: bytes) -> int:
    """Account links."""
    return len(reading.read(content, name="page.html", address="https://www.dunmore.example/").links)


def by_expression(content: bytes) -> int:
    """Addresses behind `href=`."""
    return len(HREF.findall(content))


def soup(folder: Path) -> dict[str, Finder]:
    """BeautifulSoup, where it can be had."""
    command = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--target", str(folder), *SOUP]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or [f"pip ended with {done.returncode}"])[-1]
        print(f"BeautifulSoup cannot be installed, so it is left out: {last}")
        return {}
    sys.path.append(str(folder))
    made = importlib.import_module("bs4").BeautifulSoup
    return {
        "BeautifulSoup": lambda content: len([one["href"] for one in made(content, "html.parser").find_all(href=True)])
    }


if __name__ == "__main__":
    main()
