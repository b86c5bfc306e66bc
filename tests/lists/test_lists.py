"""Lists of whom to follow: made, ordered and shared by colleagues; nobody sees on them what they may not see."""

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask

from registry import audit
from registry.accounts.models import Account, Standing, State, Visibility
from registry.accounts.naming import merging as account_merging
from registry.db import db
from registry.lists import actions, queries
from registry.lists.feeds import FEEDS, feed_of
from registry.lists.models import Audience, FollowEntry, FollowList
from registry.people import merging
from registry.people.models import Person


def a_list(maker: Person | None = None, *, audience: Audience = Audience.COLLEAGUES, **more: str) -> FollowList:
    """A list by the library officer; not committed."""
    words = {"title": "Libraries to follow", "topic": "libraries", "about": "For people who read."} | more
    return actions.make(audience=audience, actor=maker or cast.library_officer(), **words)


def on(follow_list: FollowList, *accounts: Account) -> list[FollowEntry]:
    """Put accounts on a list, each with a sentence of its own."""
    maker = cast.library_officer()
    return [actions.add(follow_list=follow_list, account=one, why=f"Why {one.title}.", actor=maker) for one in accounts]


def titles(follow_list: FollowList) -> list[str]:
    """What is on a list for whoever may see everything, in its order."""
    return [one.title for one in queries.entries(follow_list.id, readers=sa.true(), asker=sa.true())]


def test_a_list_is_made_and_filled_and_read_on_pages(app: Flask, client: Browser) -> None:
    account = cast.an_account(title="Dunmore Reads")
    client.as_(cast.library_officer())
    words = {"title": "Łucja’s libraries", "topic": "", "about": "", "audience": "colleagues"}
    assert client.post("/lists/new", data=words).location == "/lists/lucja-s-libraries/accounts"
    offered = client.get("/lists/lucja-s-libraries/accounts?q=reads")
    assert [one for one in offered.words("h3")] == ["Dunmore Reads"]
    path = f"/lists/lucja-s-libraries/accounts/{account.id}"
    assert client.get(path).heading == "Why follow Dunmore Reads?"
    assert client.post(path, data={"why": ""}).errors == {"why": "Say in a sentence why to follow it."}
    assert client.post(path, data={"why": "They answer."}).status_code == 302
    page = client.as_(cast.stranger()).get("/lists/lucja-s-libraries")
    assert (page.heading, page.words("p", class_="reg-follow__why")) == ("Łucja’s libraries", ["They answer."])
    assert "Change the accounts" not in page.text
    assert client.get("/lists").words("a", class_="reg-tile-card__name") == ["Łucja’s libraries"]


def test_button_pressed_twice_begins_one_list(app: Flask, client: Browser) -> None:
    staff = client.as_(cast.library_officer())
    asked = {"title": "Reading", "topic": "", "about": "", "audience": "maker"}
    leads = [staff.post("/lists/new", data=asked).headers["Location"] for _ in range(2)]
    assert leads == ["/lists/reading/accounts"] * 2
    made = db.session.scalars(sa.select(FollowList)).one()
    actions.add(follow_list=made, account=cast.an_account(), why="It answers.", actor=cast.library_officer())
    db.session.commit()
    assert staff.post("/lists/new", data=asked).headers["Location"] == "/lists/reading-2/accounts"


def test_a_list_is_ordered_with_buttons_that_need_no_script(app: Flask, client: Browser) -> None:
    follow_list = a_list()
    first, second, third = on(follow_list, *(cast.an_account(title=name) for name in ("One", "Two", "Three")))
    client.as_(cast.library_officer())
    path = f"/lists/{follow_list.slug}/entries"
    assert client.post(f"{path}/{third.id}/move", data={"direction": "up"}).location.endswith(f"#entry-{third.id}")
    client.post(f"{path}/{first.id}/move", data={"direction": "down"})
    assert titles(follow_list) == ["Three", "One", "Two"]
    client.post(f"{path}/{third.id}/move", data={"direction": "up"})
    client.post(f"{path}/{second.id}/move", data={"direction": "down"})
    client.post(f"{path}/{second.id}/move", data={"direction": "sideways"})
    assert titles(follow_list) == ["Three", "One", "Two"]
    client.post(f"{path}/{first.id}/take-off")
    assert titles(follow_list) == ["Three", "Two"]
    page = client.get(f"/lists/{follow_list.slug}/accounts")
    assert len(page.all("button", name="direction")) == 2  # The first cannot go up, the last not down.


def test_a_list_holds_thirty_accounts_and_says_so(app: Flask, client: Browser) -> None:
    follow_list = a_list()
    on(follow_list, *(cast.an_account() for _ in range(30)))
    more = cast.an_account()
    with pytest.raises(actions.ListIsFull):
        on(follow_list, more)
    client.as_(cast.library_officer())
    answer = client.post(f"/lists/{follow_list.slug}/accounts/{more.id}", data={"why": "It is good."})
    assert answer.errors["why"].startswith("There are 30 accounts on it.")
    assert "There are 30 on it." in client.get(f"/lists/{follow_list.slug}/accounts").text


def test_an_account_is_on_a_list_once(app: Flask, client: Browser) -> None:
    follow_list, account = a_list(), cast.an_account()
    on(follow_list, account)
    with pytest.raises(actions.AlreadyOnTheList):
        on(follow_list, account)
    client.as_(cast.library_officer())
    path = f"/lists/{follow_list.slug}/accounts"
    assert client.post(f"{path}/{account.id}", data={"why": "Twice."}).location == path
    assert len(titles(follow_list)) == 1


@pytest.mark.parametrize(
    ("changes", "hint"),
    [
        ({"state": State.CLOSED}, "Readers no longer see it here: take it off the list."),
        ({"state": State.ORPHANED}, "It is orphaned now, so readers do not see it here."),
        ({"visibility": Visibility.COMMS}, "You may not see this account any more, nor do the readers."),
    ],
)
def test_what_is_no_longer_to_be_followed_is_struck_out_for_its_maker_only(
    app: Flask, client: Browser, changes: dict[str, object], hint: str
) -> None:
    sister = cast.ward_sister()  # Whoever runs an account sees it, whatever else.
    gone, stays = (cast.an_account(title=title, owner=sister) for title in ("Old page", "New page"))
    follow_list = a_list()
    on(follow_list, gone, stays)
    for name, value in changes.items():
        setattr(gone, name, value)
    reader = client.as_(cast.stranger()).get(f"/lists/{follow_list.slug}")
    assert (reader.words("h3"), reader.all("s")) == (["New page"], [])
    assert b"Old page" not in client.get(f"/lists/{follow_list.slug}?format=csv").data
    for path in (f"/lists/{follow_list.slug}", f"/lists/{follow_list.slug}/accounts"):
        page = client.as_(cast.library_officer()).get(path)
        hidden = "visibility" in changes
        assert page.words("s") == ["An account" if hidden else "Old page"]
        assert hint in page.text
        assert ("Old page" in page.text) is not hidden
    assert b"Old page" not in client.get(f"/lists/{follow_list.slug}?format=csv").data


def test_a_maker_cannot_learn_of_an_account_that_is_hidden_from_them(app: Flask, client: Browser) -> None:
    follow_list, hidden = a_list(), cast.an_account(title="Hidden page", owner=cast.ward_sister())
    (entry,) = on(follow_list, hidden)
    other = cast.an_account(title="Another hidden page", owner=cast.ward_sister())
    hidden.visibility = other.visibility = Visibility.COMMS
    client.as_(cast.library_officer())
    assert client.get(f"/lists/{follow_list.slug}/entries/{entry.id}").status_code == 404
    assert client.get(f"/lists/{follow_list.slug}/accounts/{other.id}").status_code == 404
    assert client.post(f"/lists/{follow_list.slug}/accounts/{other.id}", data={"why": "x"}).status_code == 404
    assert "Another hidden page" not in client.get(f"/lists/{follow_list.slug}/accounts?q=hidden").text
    # It can still be taken off, unseen.
    taken = client.post(f"/lists/{follow_list.slug}/entries/{entry.id}/take-off")
    assert (taken.status_code, titles(follow_list)) == (302, [])
    assert "Hidden page" not in client.get(f"/lists/{follow_list.slug}").text


def test_a_list_in_the_making_is_for_its_maker_and_comms(app: Flask, client: Browser) -> None:
    follow_list = a_list(audience=Audience.MAKER)
    paths = (f"/lists/{follow_list.slug}", f"/lists/{follow_list.slug}/accounts", f"/lists/{follow_list.slug}/change")
    told = {
        part.username: [client.as_(cast.play(part)).get(path).status_code for path in paths]
        for part in (cast.LIBRARY_OFFICER, cast.COMMS_OFFICER, cast.STRANGER, cast.AUDITOR)
    }
    assert told == {
        "nia.okafor": [200] * 3, "tomasz.bryk": [200] * 3, "oluwaseun.ade": [404] * 3, "aoife.bhriain": [404] * 3,
    }  # fmt: skip
    assert client.as_(cast.stranger()).get("/lists").words("a", class_="reg-tile-card__name") == []


def test_nobody_changes_the_list_of_another(app: Flask, client: Browser) -> None:
    follow_list, account = a_list(), cast.an_account()
    (entry,) = on(follow_list, account)
    client.as_(cast.stranger())
    base = f"/lists/{follow_list.slug}"
    words = {"title": "Mine", "topic": "", "about": "", "audience": "maker"}
    answers = [
        client.post(f"{base}/change", data=words), client.post(f"{base}/delete"),
        client.post(f"{base}/accounts/{account.id}", data={"why": "x"}),
        client.post(f"{base}/entries/{entry.id}", data={"why": "x"}),
        client.post(f"{base}/entries/{entry.id}/move", data={"direction": "up"}),
        client.post(f"{base}/entries/{entry.id}/take-off"),
    ]  # fmt: skip
    assert [one.status_code for one in answers] == [404] * 6


def test_what_people_outside_read_comms_decide(app: Flask, client: Browser) -> None:
    follow_list = a_list()
    words = {"title": "Libraries to follow", "topic": "", "about": "", "audience": "everyone"}
    path = f"/lists/{follow_list.slug}/change"
    refused = client.as_(cast.library_officer()).post(path, data=words)
    assert (refused.status_code, follow_list.audience) == (422, Audience.COLLEAGUES)
    assert client.get(path).all("input", value="everyone") == []
    assert client.as_(cast.comms_officer()).post(path, data=words).status_code == 302
    db.session.refresh(follow_list)
    assert follow_list.audience is Audience.EVERYONE
    assert client.as_(cast.library_officer()).get(path).status_code == 404


def test_the_address_of_a_list_outlasts_its_title(app: Flask, client: Browser) -> None:
    follow_list, second = a_list(), a_list(topic="reading")
    assert (follow_list.slug, second.slug) == ("libraries-to-follow", "libraries-to-follow-2")
    words = {"title": "All that reads", "topic": "reading", "about": "", "audience": "colleagues"}
    client.as_(cast.library_officer()).post(f"/lists/{follow_list.slug}/change", data=words)
    assert client.get("/lists/libraries-to-follow").heading == "All that reads"
    made = [a_list(title=title).slug for title in ("ফরিদা", "New", "—")]
    assert made == ["list", "new-2", "list-2"]


def test_the_topic_of_a_list_stands_beside_it(app: Flask, client: Browser) -> None:
    a_list()
    a_list(title="Begin here", topic="")
    staff = client.as_(cast.library_officer())
    notes = [one for one in staff.get("/lists").words("p", class_="reg-tile-card__note") if "by " in one]
    assert notes == ["0 accounts · by Nia Okafor", "libraries · 0 accounts · by Nia Okafor"]
    (by,) = staff.get("/lists/libraries-to-follow").words("p", class_="reg-muted")
    assert by.startswith("On libraries. By Nia Okafor")


def test_accounts_about_the_topic_are_offered_first(app: Flask, client: Browser) -> None:
    from registry.accounts.actions import topics_named

    follow_list = a_list(topic="Librairies à suivre")
    about, _other = cast.an_account(title="About it"), cast.an_account(title="Not about it")
    db.session.refresh(about, ["topics"])
    about.topics = topics_named(["librairies a suivre"])
    db.session.flush()
    assert [one.title for one in queries.to_add(follow_list, "")] == ["About it"]


def test_a_list_is_written_into_the_history(app: Flask, client: Browser) -> None:
    follow_list, account = a_list(audience=Audience.MAKER), cast.an_account(title="Dunmore Reads")
    (entry,) = on(follow_list, account)
    actor = cast.library_officer()
    actions.reword(follow_list=follow_list, entry=found_entry(follow_list, entry), why="Why not?", actor=actor)
    actions.change(follow_list=follow_list, values={"about": "For all."}, audience=Audience.COLLEAGUES, actor=actor)
    actions.take_off(follow_list=follow_list, entry=found_entry(follow_list, entry), actor=actor)
    actions.delete(follow_list=follow_list, actor=actor)
    assert [one.sentence for one in reversed(audit.history("list", follow_list.id))] == [
        "Nia Okafor began the list “Libraries to follow”",
        "Nia Okafor put Dunmore Reads on the list “Libraries to follow”",
        "Nia Okafor changed the words on Dunmore Reads of the list “Libraries to follow”",
        "Nia Okafor changed the introduction of the list “Libraries to follow”",
        "Nia Okafor shared the list “Libraries to follow” with all colleagues",
        "Nia Okafor took Dunmore Reads off the list “Libraries to follow”",
        "Nia Okafor deleted the list “Libraries to follow”",
    ]


def found_entry(follow_list: FollowList, entry: FollowEntry) -> FollowEntry:
    """The entry with its account, as a page finds it."""
    found = queries.entry(follow_list.id, entry.id)
    assert found is not None
    return found


def test_deleting_a_list_leaves_its_accounts(app: Flask, client: Browser) -> None:
    follow_list, account = a_list(), cast.an_account()
    on(follow_list, account)
    assert client.as_(cast.library_officer()).post(f"/lists/{follow_list.slug}/delete").location == "/lists"
    assert db.session.scalars(sa.select(FollowEntry)).all() == []
    assert db.session.get(Account, account.id) is not None


def test_two_rows_that_are_one_account_are_told_once(app: Flask) -> None:
    follow_list, kept, gone = a_list(), cast.an_account(title="Kept"), cast.an_account(title="Gone")
    on(follow_list, gone, kept)
    account_merging.merge(gone=gone, kept=kept, actor=cast.comms_officer())
    assert titles(follow_list) == ["Kept"]
    readers = queries.seen_by(Audience.COLLEAGUES)
    assert [one.title for one in queries.entries(follow_list.id, readers=readers)] == ["Kept"]


def test_the_lists_of_somebody_who_is_merged_go_with_them(app: Flask) -> None:
    guest, employee = cast.a_person(name="Mair Huws"), cast.a_person(name="Mair Huws")
    follow_list = a_list(guest)
    assert "Lists of whom to follow" in dict(merging.belongings(guest.id))
    column = next(one for one in merging.moving() if one.table.name == "follow_list")
    db.session.execute(sa.update(column.table).where(column == guest.id).values({column: employee.id}))
    db.session.refresh(follow_list)
    assert follow_list.maker_id == employee.id


@pytest.mark.parametrize("feed", FEEDS, ids=[row.example[0] for row in FEEDS])
def test_the_feed_of_each_platform_is_found(feed: object) -> None:
    for row in FEEDS:
        for platform in row.platforms:
            account = Account(platform=platform, url=row.example[0], platform_id=None)
            assert feed_of(account) == row.example[1]


@pytest.mark.parametrize(
    ("platform", "url", "platform_id", "feed"),
    [
        ("youtube", "https://www.youtube.com/@brynmor", None, ""),
        (
            "youtube", "https://www.youtube.com/@brynmor", "UC0123456789abcdefghijkl",
            "https://www.youtube.com/feeds/videos.xml?channel_id=UC0123456789abcdefghijkl",
        ),
        ("x", "https://x.com/brynmor", None, ""),
        ("website", "https://brynmor.example/", None, ""),
        ("website", "https://brynmor.wordpress.com.evil.example/", None, ""),
        ("tumblr", "https://www.tumblr.com/", None, ""),
        ("facebook", "https://brynmor.wordpress.com/", None, ""),
    ],
)  # fmt: skip
def test_an_account_without_a_feed_has_none(platform: str, url: str, platform_id: str | None, feed: str) -> None:
    assert feed_of(Account(platform=platform, url=url, platform_id=platform_id)) == feed


def test_a_personal_account_is_offered_as_far_as_its_owner_lets_it(app: Flask) -> None:
    mine = cast.an_account("https://x.com/niareads", title="Nia reads", standing=Standing.PERSONAL)
    offered = {}
    for visibility in Visibility:
        mine.visibility = visibility
        db.session.flush()
        offered[visibility.value] = [
            len(queries.to_add(a_list(audience=audience), "nia"))
            for audience in (Audience.COLLEAGUES, Audience.EVERYONE)
        ]
    assert offered == {"nobody": [0, 0], "comms": [0, 0], "colleagues": [1, 0], "everyone": [1, 1]}
