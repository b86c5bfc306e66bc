"""A list as a file: a spreadsheet and OPML hold what its page shows, in its order, whatever is in the words."""

import csv
import io
from xml.etree import ElementTree

import cast
import pytest
from browser import Browser
from flask import Flask
from openpyxl import load_workbook

from registry.accounts.models import Visibility
from registry.lists import actions
from registry.lists.models import Audience, FollowList

NASTY = "=1+1 & <b>\x0b\ufffe “ফরিদা” 🦊"


@pytest.fixture
def follow_list(app: Flask) -> FollowList:
    """Three accounts, one with a feed and one that only comms see."""
    officer = cast.library_officer()
    made = actions.make(title="Libraries & <more>", topic="", about="", audience=Audience.COLLEAGUES, actor=officer)
    rows = (
        ("https://toot.wales/@dunmore", "Dunmore toots", "They answer."),
        ("https://www.facebook.com/dunmorehidden", "Hidden", "Nobody knows."),
        ("https://x.com/dunmore", "Dunmore on X", NASTY),
    )
    for address, title, why in rows:
        account = cast.an_account(address, title=title)
        actions.add(follow_list=made, account=account, why=why, actor=officer)
        if title == "Hidden":
            account.visibility = Visibility.COMMS
    return made


ROWS = [
    ["place", "title", "platform", "handle", "url", "feed", "why"],
    ["1", "Dunmore toots", "Mastodon", "'@dunmore@toot.wales", "https://toot.wales/@dunmore",
     "https://toot.wales/@dunmore.rss", "They answer."],
    ["2", "Dunmore on X", "X", "'@dunmore", "https://x.com/dunmore", "", f"'{NASTY}"],
]  # fmt: skip


def test_the_csv_holds_what_the_page_shows(client: Browser, follow_list: FollowList) -> None:
    answer = client.as_(cast.stranger()).get(f"/lists/{follow_list.slug}?format=csv")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="libraries-more.csv"'
    assert list(csv.reader(io.StringIO(answer.data.decode("utf-8-sig"), newline=""))) == ROWS


def test_the_workbook_holds_the_same(client: Browser, follow_list: FollowList) -> None:
    answer = client.as_(cast.stranger()).get(f"/lists/{follow_list.slug}?format=xlsx")
    (sheet,) = load_workbook(io.BytesIO(answer.data)).worksheets
    titles = [[row[1], row[4]] for row in sheet.iter_rows(values_only=True)]
    assert titles == [[row[1], row[4]] for row in ROWS]


def test_the_opml_names_feeds_where_there_are_and_links_where_not(client: Browser, follow_list: FollowList) -> None:
    answer = client.as_(cast.stranger()).get(f"/lists/{follow_list.slug}?format=opml")
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "text/x-opml", 'attachment; filename="libraries-more.opml"'
    )  # fmt: skip
    root = ElementTree.fromstring(answer.data)
    assert (root.tag, root.get("version"), root.findtext("head/title")) == ("opml", "2.0", "Libraries & <more>")
    assert [dict(one.attrib) for one in root.iter("outline")] == [
        {
            "type": "rss", "text": "Dunmore toots (Mastodon)", "title": "Dunmore toots (Mastodon)",
            "description": "They answer.", "xmlUrl": "https://toot.wales/@dunmore.rss",
            "htmlUrl": "https://toot.wales/@dunmore",
        },
        {
            "type": "link", "text": "Dunmore on X (X)", "title": "Dunmore on X (X)",
            "description": "=1+1 & <b> “ফরিদা” 🦊", "url": "https://x.com/dunmore",
        },
    ]  # fmt: skip
