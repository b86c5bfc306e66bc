"""The feed of changes, read by a parser that is not ours."""

from datetime import timedelta
from pathlib import Path
from xml.etree import ElementTree

import cast
import feedparser
import sqlalchemy as sa
from browser import Browser
from flask import Flask

from registry.accounts import actions, queries
from registry.accounts.answering import actions as answering
from registry.accounts.answering import hand_overs
from registry.accounts.answering.models import NameFate
from registry.accounts.models import Account, Standing, State, Visibility
from registry.accounts.naming import actions as naming
from registry.accounts.naming import consent
from registry.accounts.platforms import Resolved, resolve
from registry.accounts.spreadsheet import bring_in
from registry.db import db, now, today
from registry.people import queries as people

ATOM = "{http://www.w3.org/2005/Atom}"


def read(client: Browser) -> feedparser.FeedParserDict:
    """The feed as a feed reader sees it; a fault in it fails the test."""
    answer = client.get("/public/changes.atom")
    assert (answer.status_code, answer.mimetype) == (200, "application/atom+xml")
    told = feedparser.parse(answer.data)
    assert (told.bozo, told.version) == (False, "atom10"), told.get("bozo_exception")
    return told


def change(account: Account, **values: object) -> None:
    found = queries.account(account.id, sa.true())
    assert found is not None
    actions.change(account=found, values=values, topics=None, actor=cast.comms_officer())


def test_the_feed_tells_what_went_live_was_renamed_and_was_closed(client: Browser, shown: Account) -> None:
    closed = cast.an_account("https://x.com/dmclosed", title="Dunmore Lido")
    shown.approved_at = closed.approved_at = now() - timedelta(days=3)
    change(shown, title="Dunmore Borough Council")
    renamed = resolve("https://x.com/dunmorebc")
    assert isinstance(renamed, Resolved)
    naming.rename(account=shown, resolved=renamed, typed=renamed.url, actor=cast.comms_officer())
    change(closed, state=State.CLOSED)
    told = read(client)
    assert told.feed.title == "Social media accounts of Dunmore Council"
    assert told.feed.id == "https://registry.dunmore.example/public/changes.atom"
    links = [[link.href for link in one.get("links", [])] for one in told.entries]
    assert [(one.title, one.content[0].value, to) for one, to in zip(told.entries, links, strict=True)] == [
        ("Closed: Dunmore Lido", "Dunmore Lido is closed: it was @dmclosed on X.", []),
        *[
            (
                "New name: Dunmore Borough Council",
                "One of our accounts has another name. It is Dunmore Borough Council now, @dunmorebc on X.",
                ["https://x.com/dunmorebc"],
            )
        ] * 2,  # Its title, then its handle: two entries, each with what it is called today.
        (
            "New: Dunmore Borough Council", "Dunmore Borough Council is one of ours: @dunmorebc on X.",
            ["https://x.com/dunmorebc"],
        ),
    ]  # fmt: skip
    assert told.feed.updated == told.entries[0].updated
    assert len({one.id for one in told.entries}) == 4
    assert all(one.id.startswith("tag:registry.dunmore.example,") for one in told.entries)


def test_the_feed_tells_nothing_of_what_nobody_outside_may_know(client: Browser, hidden: dict[str, Account]) -> None:
    for account in hidden.values():
        if account.state is not State.PROPOSED and account.visibility is not Visibility.NOBODY:
            change(account, title=f"{account.title} again")
    never_live = cast.an_account("https://x.com/dmnever", title="Hidden, never live", live=False)
    change(never_live, state=State.CLOSED)
    shut = cast.an_account("https://x.com/dmshut", title="Hidden, was for colleagues")
    shut.visibility = Visibility.COLLEAGUES
    change(shut, state=State.CLOSED)
    own = cast.an_account("https://x.com/dmown", title="Hidden, was somebody's own", standing=Standing.PERSONAL)
    own.visibility = Visibility.EVERYONE
    change(own, state=State.CLOSED)
    told = read(client)
    # Those that are for everyone and not ours to rely on are told, once it is known when that began; nothing of others.
    taken = "Off the list: Hidden handle is somebody else’s again"
    assert [one.title for one in told.entries] == [taken, "Closed: Hidden closed again", "New: Dunmore Council"]


def off_and_on(client: Browser) -> list[tuple[str, list[str]]]:
    """The title of each entry, and where it links to."""
    return [(one.title, [link.href for link in one.get("links", [])]) for one in read(client).entries]


def test_the_feed_tells_at_once_what_the_check_denies(client: Browser, shown: Account) -> None:
    shown.approved_at = now() - timedelta(days=9)
    listed = [("New: Dunmore Council", ["https://x.com/dunmore"])]
    off, again = ("Off the list: Dunmore Council", []), ("On the list now: Dunmore Council", ["https://x.com/dunmore"])
    told = [off_and_on(client)]
    answering.report_lost(account=shown, tried="The form.", actor=cast.comms_officer())
    lost = read(client)
    told.append(off_and_on(client))
    change(shown, state=State.ORPHANED)
    same = read(client)
    told.append(off_and_on(client))
    change(shown, state=State.LIVE)
    told.append(off_and_on(client))
    change(shown, state=State.DORMANT)
    told.append(off_and_on(client))
    assert told == [listed, [off], [off], [again], [off]]
    assert lost.entries[0].content[0].value == (
        "Dunmore Council, @dunmore on X, is not on our list now. Do not take what it says for ours."
    )
    assert lost.entries == same.entries  # Why is not told, nor that it is another reason by now.
    answer = client.get("/verify.json?url=https://x.com/dunmore").json
    assert (answer["ours"], client.get("/public/accounts.json").json["accounts"]) == (False, [])
    assert len({one.id for one in (*lost.entries, *read(client).entries)}) == 2
    change(shown, state=State.LIVE)
    answering.report_lost(account=shown, tried="The form.", actor=cast.comms_officer())
    answering.recover(account=shown, actor=cast.comms_officer())
    assert off_and_on(client) == [again]


def test_a_name_that_somebody_else_has_is_told_and_the_new_one_is_too(client: Browser, shown: Account) -> None:
    shown.approved_at = now() - timedelta(days=9)
    naming.handle_taken(account=shown, since=today(), state=None, actor=cast.comms_officer())
    assert off_and_on(client) == [("Off the list: Dunmore Council", [])]
    renamed = resolve("https://x.com/dunmorebc")
    assert isinstance(renamed, Resolved)
    naming.rename(account=shown, resolved=renamed, typed=renamed.url, actor=cast.comms_officer())
    to = ["https://x.com/dunmorebc"]
    assert off_and_on(client) == [("New name: Dunmore Council", to), ("New: Dunmore Council", to)]


def test_what_nobody_outside_may_see_any_more_goes_without_a_word(client: Browser, shown: Account) -> None:
    consent.show_to(account=shown, visibility=Visibility.COLLEAGUES, actor=cast.comms_officer())
    own = cast.an_account("https://x.com/niareads", title="Nia reads", standing=Standing.PERSONAL)
    consent.show_to(account=own, visibility=Visibility.EVERYONE, actor=cast.library_officer())
    assert off_and_on(client) == [("On the list now: Nia reads", ["https://x.com/niareads"])]
    change(own, state=State.DORMANT)
    assert off_and_on(client) == []
    consent.show_to(account=shown, visibility=Visibility.EVERYONE, actor=cast.comms_officer())
    assert off_and_on(client) == [("On the list now: Dunmore Council", ["https://x.com/dunmore"])]


def test_who_takes_a_live_account_over_is_no_news_outside(client: Browser, shown: Account) -> None:
    taker, account = people.person(cast.ward_sister().id), queries.account(shown.id, sa.true())
    assert taker is not None
    assert account is not None
    hand_overs.offer(account=account, taker=taker, note="", stays_on=False, actor=cast.library_officer())
    hand_overs.accept(account=account, taker=taker)
    assert off_and_on(client) == [("New: Dunmore Council", ["https://x.com/dunmore"])]


def test_what_became_of_the_name_of_a_closed_account_is_told_as_it_is(client: Browser, tmp_path: Path) -> None:
    file = tmp_path / "old.csv"
    file.write_text("url,state\nhttps://x.com/oldclosed,closed\nhttps://x.com/oldlive,live\n")
    bring_in(file, columns={}, actor=None)
    kept, released, taken = (cast.an_account(f"https://x.com/{name}", title=name) for name in ("aa", "bb", "cc"))
    db.session.execute(sa.update(Account).where(Account.title.in_(("aa", "bb", "cc"))).values(visibility="everyone"))
    for account, fate in ((kept, NameFate.KEPT), (released, NameFate.RELEASED)):
        answering.close(account=account, reason="It is over.", name=fate, actor=cast.comms_officer())
    naming.handle_taken(account=taken, since=today(), state=State.CLOSED, actor=cast.comms_officer())
    told = {one.title: one.content[0].value for one in read(client).entries if one.title.startswith("Closed")}
    assert told == {
        "Closed: aa": "aa is closed. The name @aa on X stays ours.",
        "Closed: bb": "bb is closed: @bb on X is not ours any more.",
        "Closed: cc": "cc is closed: @cc on X is not ours any more.",
    }  # Never the one that a list brought in closed: it was not live here.


def test_a_name_of_before_it_was_for_everyone_is_not_told(client: Browser, app: Flask) -> None:
    account = cast.an_account("https://x.com/dunmore", title="Secret until June")
    account.approved_at = now() - timedelta(days=3)
    change(account, title="Dunmore Lido")
    assert "Secret until June" not in client.get("/public/changes.atom").text


def test_a_feed_with_nothing_in_it_is_one(client: Browser, app: Flask) -> None:
    told = read(client)
    assert (told.entries, told.feed.updated) == ([], "2000-01-01T00:00:00Z")


def test_the_feed_has_what_the_standard_asks_for(client: Browser, shown: Account) -> None:
    """RFC 4287, 4.1.1 and 4.1.2: an author, an id, a title and a moment; a link to itself."""
    root = ElementTree.fromstring(client.get("/public/changes.atom").data)
    entries = root.findall(f"{ATOM}entry")
    counts = {
        name: [len(element.findall(f"{ATOM}{name}")) for element in (root, *entries)]
        for name in ("id", "title", "updated")
    }
    assert [len(one.findall(f"{ATOM}content")) for one in entries] == [1]
    assert counts == {"id": [1, 1], "title": [1, 1], "updated": [1, 1]}
    assert [one.findtext(f"{ATOM}name") for one in root.findall(f"{ATOM}author")] == ["Dunmore Council"]
    links = {one.get("rel"): one.get("href") for one in root.findall(f"{ATOM}link")}
    assert links == {
        "self": "https://registry.dunmore.example/public/changes.atom",
        "alternate": "https://registry.dunmore.example/public",
    }


def test_the_feed_is_short_however_much_has_changed(client: Browser, app: Flask) -> None:
    for number in range(65):
        cast.an_account(f"https://x.com/dm{number}")
    db.session.commit()
    assert len(read(client).entries) == 60


def test_the_feed_is_the_same_until_something_changes(client: Browser, shown: Account) -> None:
    first = client.get("/public/changes.atom")
    cast.an_account("https://x.com/dmcolleagues", live=False)
    again = client.get("/public/changes.atom", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, first.headers["Cache-Control"]) == (304, "public, max-age=300")
