"""Account links on pages: every one is found, and nothing else is offered as one."""

import csv
import re
from collections import defaultdict
from pathlib import Path

import pytest

from registry.accounts.platforms import resolve
from registry.discovery.sweeping import links, reading
from registry.discovery.sweeping.links import Where

PAGES = Path(__file__).parent.parent / "data" / "pages"
HERE = "https://www.dunmore.example/contact/"


def found(html: str, address: str = HERE) -> list[str]:
    """The keys of what a page links to."""
    return [link.account.key for link in links.in_html(html, address=address).links]


def expected() -> dict[str, set[str]]:
    """The addresses of the accounts that each page links to."""
    wanted: dict[str, set[str]] = defaultdict(set)
    with (PAGES / "expected-links.tsv").open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE):
            wanted[row["file"]] |= {resolve(row["href"]).url.lower()} if row["is_profile"] == "yes" else set()
    return wanted


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.*ml")) + sorted(PAGES.glob("*.md")), ids=lambda path: path.stem)
def test_a_real_page_gives_its_accounts_and_nothing_else(path: Path) -> None:
    harvest = reading.read(path.read_bytes(), name=path.name)
    assert {link.account.url.lower() for link in harvest.links} == expected()[path.name]


def test_the_pages_link_to_as_many_accounts_as_they_should() -> None:
    assert (len(list(PAGES.glob("*.html"))) + len(list(PAGES.glob("*.md"))), sum(map(len, expected().values()))) == (
        10,
        68,
    )


def written() -> list[tuple[str, str, set[str], str]]:
    """Name, address, accounts and content of each page that was written for these tests."""
    told = []
    for page in (PAGES / "written.txt").read_text(encoding="utf-8").split("\n=== ")[1:]:
        head, _, body = page.partition("\n")
        name, _, address = (one.strip() for one in head.partition("|"))
        wanted = set(re.findall(r"^\+ (\S+ \S+)$", body, re.MULTILINE))
        told.append((name, address, wanted, re.sub(r"^\+ \S+ \S+\n", "", body, flags=re.MULTILINE)))
    return told


@pytest.mark.parametrize(("name", "address", "wanted", "content"), written(), ids=[name for name, *_ in written()])
def test_a_written_page_gives_its_accounts_and_nothing_else(
    name: str, address: str, wanted: set[str], content: str
) -> None:
    ending = name.rpartition(".")[2] if "." in name else "html"
    harvest = reading.read(content.encode(), name=f"page.{ending}", address=address)
    assert {f"{link.account.platform} {link.account.key}" for link in harvest.links} == wanted


def test_so_many_pages_were_written() -> None:
    assert (len(written()), sum(len(wanted) for _, _, wanted, _ in written())) == (80, 222)


@pytest.mark.parametrize("trap", (PAGES / "traps.txt").read_text(encoding="utf-8").splitlines())
def test_what_is_no_account_is_not_offered(trap: str) -> None:
    attribute = trap.replace("&", "&amp;").replace('"', "&quot;")
    assert found(f'<p><a class="icon" href="{attribute}">Follow us</a></p>') == []


@pytest.mark.parametrize(
    ("html", "keys"),
    [
        ('<a href="//x.com/dunmore">X</a>', ["dunmore"]),
        ("<a href=' https://x.com/dun\nmore '>X</a>", ["dunmore"]),
        ('<A HREF="HTTPS://WWW.X.COM/Dunmore">X</A>', ["dunmore"]),
        ('<a href="https://x.com/dunmore?ref_src=a&amp;lang=en#top">X</a>', ["dunmore"]),
        ('<a href="https&#58;//x.com/d&#117;nmore">X</a>', ["dunmore"]),
        ('<a href="https:\\\\x.com\\dunmore">X</a>', ["dunmore"]),
        ('<a href="www.facebook.com/dunmorecouncil">no scheme</a>', ["dunmorecouncil"]),
        ('<base href="https://x.com/"><a href="dunmore">X</a>', ["dunmore"]),
        ('<map><area href="https://x.com/dunmore" alt="X"></map>', ["dunmore"]),
        ('<svg><a xlink:href="https://x.com/dunmore"><text>X</text></a></svg>', ["dunmore"]),
        ('<svg><use xlink:href="https://x.com/dunmore#i"/></svg>', []),
        ('<noscript><a href="https://x.com/dunmore">X</a></noscript>', ["dunmore"]),
        ('<!-- <a href="https://x.com/dunmore">X</a> -->', []),
        ('<div data-href="https://x.com/dunmore"></div>', []),
        ('<div class="fb-page" data-href="https://www.facebook.com/dunmore"></div>', ["dunmore"]),
        ('<div class="fb-like" data-href="https://www.facebook.com/dunmore"></div>', []),
        ("<script>var a = 'https://x.com/dunmore'</script>", []),
        ("<textarea><a href='https://x.com/dunmore'>X</a></textarea>", []),
        ('<template><a href="https://x.com/dunmore">X</a></template>', []),
        ('<p><template shadowrootmode="open"><a href="https://x.com/dunmore">X</a></template></p>', ["dunmore"]),
        ("<p>https://x.com/dunmore</p>", []),
        ('<img src="https://x.com/dunmore"><form action="https://x.com/dunmore"></form>', []),
        ('<link rel="me" href="https://toot.wales/@dunmore">', ["dunmore@toot.wales"]),
        ('<link rel="canonical" href="https://x.com/dunmore"><link rel="preconnect" href="https://x.com/dunmore">', []),
        (
            '<meta name="twitter:site" content="@dunmore"><meta name="twitter:creator" content="@nia">',
            ["dunmore", "nia"],
        ),
        ('<meta property="twitter:site" content="https://x.com/dunmore">', ["dunmore"]),
        ('<meta name="twitter:site" content="@twitter"><meta name="twitter:site" content="">', []),
        ('<meta property="article:publisher" content="https://www.facebook.com/dunmore">', ["dunmore"]),
        ('<meta name="fediverse:creator" content="@dunmore@toot.wales">', ["dunmore@toot.wales"]),
        ('<meta name="description" content="https://x.com/dunmore">', []),
        ('<link itemprop="sameAs" href="https://x.com/dunmore">', ["dunmore"]),
    ],
)
def test_each_way_to_link_counts_or_not(html: str, keys: list[str]) -> None:
    assert found(html) == keys


@pytest.mark.parametrize(
    ("json", "keys"),
    [
        ('{"@type": "Organization", "sameAs": ["https://x.com/dunmore", "https://www.facebook.com/dunmore.wales"]}',
         ["dunmore", "dunmorewales"]),
        ('{"@graph": [{"publisher": {"sameAs": "https://x.com/dunmore"}}, {"url": "https://x.com/b"}]}', ["dunmore"]),
        ('{"schema:sameAs": {"@id": "https://x.com/dunmore"}}', ["dunmore"]),
        ('{"sameAs": ["https://en.wikipedia.org/wiki/Dunmore", 5, null]}', []),
        ('{"sameAs": "https://x.com/dunmore"', []),
        ("[" * 5_000, []),
    ],
)  # fmt: skip
def test_the_same_as_of_structured_data_counts(json: str, keys: list[str]) -> None:
    assert found(f'<script type="application/ld+json">{json}</script>') == keys


@pytest.mark.parametrize(
    ("src", "keys"),
    [
        ("https://www.facebook.com/plugins/page.php?href=https%3A%2F%2Ffacebook.com%2Fdunmore&tabs=x", ["dunmore"]),
        ("https://www.facebook.com/v19.0/plugins/page.php?href=https%3A%2F%2Fwww.facebook.com%2Fdunmore", ["dunmore"]),
        ("//www.facebook.com/plugins/likebox.php?id=124626657695395", ["124626657695395"]),
        ("https://www.facebook.com/plugins/like.php?href=https%3A%2F%2Fwww.facebook.com%2Fdunmore", []),
        ("https://www.facebook.com/plugins/video.php?href=https%3A%2F%2Fwww.facebook.com%2Fdunmore%2Fvideos%2F1", []),
        ("https://www.facebook.com/plugins/page.php?href=https%3A%2F%2Fwww.facebook.com%2Fdunmore%2Fposts%2F1", []),
        ("https://syndication.twitter.com/srv/timeline-profile/screen-name/dunmore?theme=light", ["dunmore"]),
        ("https://platform.twitter.com/widgets/follow_button.html#screen_name=dunmore&size=l", ["dunmore"]),
        ("https://platform.twitter.com/widgets/tweet_button.html#via=dunmore&text=x", []),
        ("https://www.youtube.com/embed?listType=user_uploads&list=dunmorecouncil", ["dunmorecouncil"]),
        ("https://www.youtube.com/embed/dQw4w9WgXcQ", []),
        ("https://www.youtube-nocookie.com/embed/videoseries?list=PL123", []),
        ("https://player.vimeo.com/video/123", []),
        ("https://www.instagram.com/dunmore/embed", ["dunmore"]),
        ("https://www.instagram.com/p/abc/embed", []),
        ("https://www.mastofeed.com/apiv2/feed?userurl=https%3A%2F%2Ftoot.wales%2F%40dunmore", ["dunmore@toot.wales"]),
        ("https://open.spotify.com/embed/episode/6rqhFgbbKwnb9MLmUQDhG6", []),
    ],
)  # fmt: skip
def test_a_box_with_an_account_counts_and_one_with_a_video_does_not(src: str, keys: list[str]) -> None:
    harvest = links.in_html(f'<iframe src="{src.replace("&", "&amp;")}" title="Our posts"></iframe>', address=HERE)
    assert [(one.account.key, one.where, one.text) for one in harvest.links] == [
        (key, Where.BOX, "Our posts") for key in keys
    ]


@pytest.mark.parametrize(
    ("html", "keys"),
    [
        ('<a href="https://social.dunmore.example/@press">Follow</a>', ["press@social.dunmore.example"]),
        ('<a href="/@press">Profile</a>', []),
        ('<a href="/@press" rel="me">Profile</a>', ["press@dunmore.example"]),
        ('<a href="/@press">Our Mastodon</a>', ["press@dunmore.example"]),
        ('<a href="https://maps.example.org/@51.5,-0.1,15z">Map</a>', []),
        ('<a href="https://shop.example.org/@scope/basket/5">Shop</a>', []),
        ('<a href="/leaving?url=https%3A%2F%2Fx.com%2Fdunmore">X</a>', ["dunmore"]),
        (
            '<a href="https://statics.teams.cdn.office.net/safelinks/1/atp-safelinks.html?url=https%3A%2F%2Fx.com%2Fdunmore">X</a>',
            ["dunmore"],
        ),
        ('<a href="https://www.youtube.com/@dunmore/community?lb=UgkxAbc">a post</a>', []),
        ('<a href="/exit.aspx?target=https://x.com/share?url=a">Share</a>', []),
        ('<a href="/share?url=https%3A%2F%2Fx.com%2Fdunmore">Share</a>', []),
        ('<a href="/search?q=https%3A%2F%2Fx.com%2Fdunmore">Search</a>', []),
        ('<a href="https://l.facebook.com/l.php?u=https%3A%2F%2Fx.com%2Fdunmore">X</a>', ["dunmore"]),
    ],
)
def test_a_guess_needs_something_that_speaks_for_it(html: str, keys: list[str]) -> None:
    assert found(html) == keys


def test_a_post_hints_at_its_account_and_is_not_offered() -> None:
    html = '<a href="https://x.com/dunmore/status/12">said</a> <a href="https://x.com/nia/status/1">a</a><a href="https://x.com/nia">b</a>'
    harvest = links.in_html(html)
    assert ([one.account.key for one in harvest.links], [one.account.key for one in harvest.hints]) == (
        ["nia"],
        ["dunmore"],
    )


@pytest.mark.parametrize(
    ("link", "text"),
    [
        ("<a href='https://x.com/dunmore'>Dunmore \n <b>on X</b></a>", "Dunmore on X"),
        ("<a href='https://x.com/dunmore' aria-label='On X'><svg><path d='M0'/></svg></a>", "On X"),
        ("<a href='https://x.com/dunmore'><img src=a alt='X icon'></a>", "X icon"),
        ("<a href='https://x.com/dunmore'><svg><title>X</title></svg></a>", "X"),
        ("<a href='https://x.com/dunmore'></a><a href='https://twitter.com/Dunmore'>later</a>", "later"),
        (f"<a href='https://x.com/dunmore'>{'long ' * 100}</a>", ("long " * 40)[:199] + "…"),
    ],
)
def test_the_words_of_a_link_are_kept(link: str, text: str) -> None:
    (one,) = links.in_html(f"<p>Gritters: {link}</p>").links
    assert one.text == text


def test_the_words_around_a_link_are_kept() -> None:
    (one,) = links.in_html("<ul><li>Gritters tweet at <a href='https://x.com/dunmore'>@dunmore</a></li></ul>").links
    assert (one.text, one.context) == ("@dunmore", "Gritters tweet at @dunmore")


@pytest.mark.parametrize(
    ("text", "keys"),
    [
        ('See [us](https://x.com/dunmore "X") and <https://www.facebook.com/dunmore>.', ["dunmore", "dunmore"]),
        ("We are at https://x.com/dunmore.", ["dunmore"]),
        ("[us][1]\n\n[1]: https://x.com/dunmore", ["dunmore"]),
        ("* one\n\n        <a href='https://x.com/dunmore'>X</a>", ["dunmore"]),
        ("```\nhttps://x.com/dunmore\n```\n\n`https://x.com/nia`", []),
        ("---\nsource: https://x.com/dunmore\n---\ntext", []),
        ("<!-- [a](https://x.com/dunmore) -->", []),
        ("[tweet](https://x.com/dunmore/status/1) ![](https://x.com/nia)", []),
    ],
)
def test_markdown_is_read_as_the_page_that_it_becomes(text: str, keys: list[str]) -> None:
    assert [one.account.key for one in links.in_markdown(text).links] == keys


def test_a_list_gives_accounts_and_pages() -> None:
    text = "# ours\nhttps://x.com/dunmore\nwww.facebook.com/dunmore; https://www.dunmore.example/a#b\nhttps://x.com/share\nDunmore\n"
    harvest = reading.read(text.encode(), name="list.txt")
    assert ([one.account.key for one in harvest.links], harvest.pages) == (
        ["dunmore", "dunmore"], ["https://www.dunmore.example/a", "https://x.com/share"]
    )  # fmt: skip


def test_a_sitemap_gives_pages() -> None:
    text = "<?xml version='1.0'?><urlset xmlns='a'><url><loc> https://a.example/?a=1&amp;b=2 </loc></url><url><loc>https://x.com/dunmore</loc></url></urlset>"
    harvest = reading.read(text.encode(), media_type="application/xml")
    assert ([one.account.key for one in harvest.links], harvest.pages) == (["dunmore"], ["https://a.example/?a=1&b=2"])


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "utf-32"])
def test_a_page_is_read_in_whatever_encoding_it_comes(encoding: str) -> None:
    html = "<html><body><p>Caffi é</p><a href='https://x.com/dunmore'>Siân</a></body></html>"
    (one,) = reading.read(html.encode(encoding), name="a.html").links
    assert (one.account.key, one.text) == ("dunmore", "Siân")


@pytest.mark.parametrize(
    ("said", "text"),
    [("iso-8859-1", "Siân"), ("utf-8", "Siân"), ("zlib", "Siân"), ("x-none", "Siân"), ("utf-7", "Siân")],
)
def test_what_a_page_says_of_its_encoding_is_taken_with_care(said: str, text: str) -> None:
    encoded = f"<meta charset={said}><a href='https://x.com/dunmore'>Siân</a>".encode("cp1252")
    assert [one.text for one in reading.read(encoded, name="a.html").links] == [text]


@pytest.mark.parametrize("content", [b"%PDF-1.7 a", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", b"<p>" + b"a" * 5_000_001])
def test_what_is_no_page_is_refused_in_a_sentence(content: bytes) -> None:
    with pytest.raises(reading.NoPage, match=r"\.$"):
        reading.read(content, name="a")
