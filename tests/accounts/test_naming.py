"""What an account is called: another handle, a handle that somebody else has, two that look alike, two that are one."""

from datetime import timedelta
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from test_registering import at_once

from registry import audit
from registry.accounts import actions, queries
from registry.accounts.answering.models import Closing, HandOver, Loss, NameFate, OfferState
from registry.accounts.models import (
    Account,
    Alias,
    Contributor,
    Standing,
    State,
    Topic,
    Visibility,
    account_topic,
)
from registry.accounts.naming import merging
from registry.accounts.naming import queries as naming
from registry.accounts.naming.models import FormerName, ToldApart
from registry.accounts.naming.queries import How
from registry.accounts.naming.skeletons import skeleton
from registry.accounts.platforms import Resolved, resolve
from registry.db import db, now, today
from registry.outbox import Message
from registry.people.models import Person

OLD, NEW = "https://x.com/DunmoreLibrary", "https://x.com/DunmoreBooks"


@pytest.fixture
def account_id(app: object) -> int:
    """A live account: Nia's, with Bronwen as the deputy."""
    account = cast.an_account(OLD, title="Dunmore Library", deputy=cast.ward_sister())
    db.session.commit()
    return account.id


def kept(account_id: int) -> Account:
    """The account as the database has it now."""
    db.session.rollback()
    return db.session.get_one(Account, account_id, populate_existing=True)


def leads_to(address: str) -> tuple[int, How] | None:
    """Which account an address leads to, and by what."""
    resolved = resolve(address)
    assert isinstance(resolved, Resolved)
    found = naming.known(resolved, address)
    return (found.account.id, found.how) if found else None


def told(account_id: int) -> list[str]:
    """The sentences of an account's history, the first first."""
    sentences = [event.sentence for event in reversed(audit.history("account", account_id))]
    db.session.rollback()
    return sentences


# Another handle.


def test_renamed_account_is_found_by_both_names(client: Browser, account_id: int) -> None:
    officer = client.as_(cast.library_officer())
    answer = officer.post(f"/accounts/{account_id}/rename", data={"address": "https://twitter.com/dunmorebooks?s=21"})
    assert answer.location == f"/accounts/{account_id}"
    account = kept(account_id)
    assert (account.key, account.url, account.skeleton) == (
        "dunmorebooks", "https://x.com/dunmorebooks", skeleton("x", "dunmorebooks")
    )  # fmt: skip
    assert leads_to(OLD) == (account_id, How.FORMER_NAME)
    assert leads_to(NEW) == (account_id, How.NAME)
    (former,) = naming.former_names(account_id)
    assert (former.handle, former.since_on, former.until_on, former.released_on) == (
        "@DunmoreLibrary", today(), today(), None,
    )  # fmt: skip
    assert told(account_id)[-1] == "Dunmore Library is @dunmorebooks now, said Nia Okafor; it was @DunmoreLibrary"
    for words in ("dunmorelibrary", "dunmorebooks"):
        assert "Dunmore Library" in officer.get(f"/search?q={words}").text, words
    assert "@DunmoreLibrary until" in officer.get(f"/accounts/{account_id}").text
    page = client.as_(cast.stranger()).get("/accounts/new", query_string={"address": OLD})
    assert page.words("h2")[0] == "This account is in the register"
    assert "It was called so before, and is @dunmorebooks now." in page.text
    mails = db.session.scalars(sa.select(Message.to).where(Message.subject.startswith("A new handle"))).all()
    assert mails == ["bronwen.rees@dunmore.example"]


def test_nobody_registers_a_former_name_that_still_leads_somewhere(client: Browser, account_id: int) -> None:
    client.as_(cast.library_officer()).post(f"/accounts/{account_id}/rename", data={"address": NEW})
    form = {"address": OLD, "platform": "", "title": "Mine", "purpose": "Mine.", "standing": "official",
            "owner": "bronwen.rees", "deputy": ""}  # fmt: skip
    answer = client.as_(cast.ward_sister()).post("/accounts/new", data=form)
    assert answer.location == f"/accounts/{account_id}"
    assert db.session.scalar(sa.select(sa.func.count(Account.id))) == 1


def test_name_that_comes_back_is_former_no_more(client: Browser, account_id: int) -> None:
    officer = client.as_(cast.library_officer())
    for address in (NEW, OLD):
        assert officer.post(f"/accounts/{account_id}/rename", data={"address": address}).status_code == 302
    assert [name.handle for name in naming.former_names(account_id)] == ["@DunmoreBooks"]
    assert leads_to(OLD) == (account_id, How.NAME)


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("https://x.com/dunmorelibrary", "That is its address already: @DunmoreLibrary."),
        ("https://www.facebook.com/dunmorebooks",
         "That is on Facebook. Register it as an account of its own, and close this one."),
        ("https://x.com/Other", "That address leads to another account of the register."),
        ("https://x.com/KeptClose",
         "The communications team knows this address. It is not open to everybody, so ask them."),
    ],
)  # fmt: skip
def test_name_that_cannot_be_is_refused_in_words(client: Browser, account_id: int, address: str, sentence: str) -> None:
    cast.an_account("https://x.com/Other", title="Other")
    close = cast.an_account("https://x.com/KeptClose", title="Very Secret", owner=cast.stranger())
    close.visibility = Visibility.COMMS
    answer = client.as_(cast.library_officer()).post(f"/accounts/{account_id}/rename", data={"address": address})
    assert (answer.status_code, answer.errors) == (422, {"address": sentence})
    assert ("Very Secret" in answer.text, "Oluwaseun" in answer.text) == (False, False)
    assert kept(account_id).key == "dunmorelibrary"


def test_number_of_the_platform_tells_whose_a_new_handle_is(client: Browser) -> None:
    address = "https://www.facebook.com/people/Dunmore-Library/100012345678901"
    account = cast.an_account("https://www.facebook.com/dunmorelibrary", title="Dunmore Library")
    account.platform_id = "100012345678901"
    page = client.as_(cast.library_officer()).get("/accounts/new", query_string={"address": address})
    assert "Its handle has changed since: it was dunmorelibrary." in page.text
    (link,) = [one.get("href") for one in page.all("a") if "/rename" in (one.get("href") or "")]
    assert link.startswith(f"/accounts/{account.id}/rename?address=")
    assert client.get(link).all("input", name="address")[0].get("value") == address


def test_two_who_rename_to_the_same_at_once_make_one(app: Flask, account_id: int) -> None:
    other = cast.an_account("https://x.com/Other", owner=cast.ward_sister()).id
    browsers = [Browser(app).as_(cast.library_officer()), Browser(app).as_(cast.ward_sister())]
    answers = at_once(app, *(
        (lambda who=who, one=one: browsers[who].post(f"/accounts/{one}/rename", data={"address": NEW}))
        for who, one in ((0, account_id), (1, other))
    ))  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [302, 422]
    assert db.session.scalar(sa.select(sa.func.count(Account.id)).where(Account.key == "dunmorebooks")) == 1


# A handle that somebody else has.


@pytest.mark.parametrize(
    ("then", "state", "goes_to"),
    [("ask", State.LIVE, "/rename"), ("lost", State.LOST, ""), ("closed", State.CLOSED, "")],
)
def test_handle_that_somebody_else_has_can_be_registered_anew(
    client: Browser, account_id: int, then: str, state: State, goes_to: str
) -> None:
    actions.add_alias(kept(account_id), f"{OLD}?lang=cy")
    officer = client.as_(cast.library_officer())
    answer = officer.post(f"/accounts/{account_id}/handle-taken", data={"since": "1/5/2026", "then": then})
    assert answer.location == f"/accounts/{account_id}{goes_to}"
    account = kept(account_id)
    assert (account.state, account.has_no_address, account.url) == (state, True, "")
    assert (account.closed_at is not None) is (state is State.CLOSED)
    assert (leads_to(OLD), leads_to(f"{OLD}?lang=cy")) == (None, None)
    (former,) = naming.former_names(account_id)
    assert (former.until_on.isoformat(), former.released_on) == ("2026-05-01", former.until_on)
    assert told(account_id)[-1] == (
        "@DunmoreLibrary, which was Dunmore Library, belongs to somebody else since 1 May 2026, said Nia Okafor"
    )
    assert OLD not in officer.get(f"/accounts/{account_id}").text
    home = officer.get("/").text
    assert ("Where is Dunmore Library now?" in home) is (then == "ask")
    assert cast.an_account(OLD, owner=cast.stranger()).key == "dunmorelibrary"
    # And it can come back under a new name.
    assert officer.post(f"/accounts/{account_id}/rename", data={"address": NEW}).status_code == 302
    assert leads_to(NEW) == (account_id, How.NAME)


def test_deputy_may_not_close_it_by_its_handle(client: Browser, account_id: int) -> None:
    deputy = client.as_(cast.ward_sister())
    page = deputy.get(f"/accounts/{account_id}/handle-taken")
    assert [one.get("value") for one in page.all("input", type="radio")] == ["ask", "lost"]
    assert deputy.post(f"/accounts/{account_id}/handle-taken", data={"since": "", "then": "closed"}).status_code == 422
    assert kept(account_id).state is State.LIVE
    deputy.post(f"/accounts/{account_id}/handle-taken", data={"since": "", "then": "lost"})
    assert kept(account_id).state is State.LOST
    assert db.session.get_one(Loss, account_id).tried == "Somebody else has its handle."


def test_what_is_closed_by_its_handle_is_offered_to_nobody_and_nobody_has_to_withdraw(
    client: Browser, account_id: int
) -> None:
    taker = cast.stranger()
    officer = client.as_(cast.library_officer())
    officer.post(f"/accounts/{account_id}/hand-over", data={"colleague": taker.username, "note": ""})
    officer.post(f"/accounts/{account_id}/handle-taken", data={"since": "", "then": "closed"})
    closing = db.session.get_one(Closing, account_id)
    assert (closing.reason, closing.name) == ("Somebody else has its handle.", NameFate.RELEASED)
    assert db.session.scalars(sa.select(HandOver.state)).all() == [OfferState.WITHDRAWN]
    assert "Dunmore Library" not in client.as_(taker).get("/").text
    assert told(account_id)[-3:-1] == [
        "The question whether Oluwaseun Adé takes over Dunmore Library is settled: it was closed",
        "Nia Okafor closed Dunmore Library: Somebody else has its handle. (its name is released)",
    ]


def test_handle_of_a_closed_account_is_let_go_and_why_it_was_closed_stays(client: Browser, account_id: int) -> None:
    officer = client.as_(cast.library_officer())
    officer.post(f"/accounts/{account_id}/close", data={"reason": "We moved to Bluesky.", "name": "kept"})
    closed_at = kept(account_id).closed_at
    lost = officer.post(f"/accounts/{account_id}/handle-taken", data={"since": "", "then": "lost"})
    assert lost.errors == {"then": "This account is closed. Nobody has to get into it."}
    officer.post(f"/accounts/{account_id}/handle-taken", data={"since": "", "then": "closed"})
    closing = db.session.get_one(Closing, account_id)
    assert (closing.reason, closing.name) == ("We moved to Bluesky.", NameFate.RELEASED)
    assert (kept(account_id).closed_at, kept(account_id).has_no_address) == (closed_at, True)


def test_former_name_is_let_go_too(client: Browser, account_id: int) -> None:
    officer = client.as_(cast.library_officer())
    officer.post(f"/accounts/{account_id}/rename", data={"address": NEW})
    (former,) = naming.former_names(account_id)
    address = f"/accounts/{account_id}/former-names/{former.id}/release"
    for _ in range(2):
        assert officer.post(address).location == f"/accounts/{account_id}"
    assert leads_to(OLD) is None
    assert officer.get("/search?q=dunmorelibrary").all("a", href=f"/accounts/{account_id}") == []
    assert len([one for one in told(account_id) if "somebody else" in one]) == 1


def test_strangers_to_an_account_change_none_of_its_names(client: Browser, account_id: int) -> None:
    other = cast.an_account("https://x.com/Dunmore_Library", title="Other", owner=cast.ward_sister()).id
    for player in (cast.stranger, cast.auditor, cast.admin, cast.organiser):
        signed_in = client.as_(player())
        for path in ("rename", "handle-taken", "former-names/1/release", f"told-apart/{other}", "merge",
                     f"merge/{other}", "ask"):  # fmt: skip
            assert signed_in.post(f"/accounts/{account_id}/{path}").status_code == 404, path
    for path in ("merge", f"merge/{other}", "ask"):
        assert client.as_(cast.library_officer()).post(f"/accounts/{account_id}/{path}").status_code == 404


# Two that look alike.


@pytest.mark.parametrize(
    ("platform", "one", "other", "same"),
    [
        ("x", "dunmore_library", "dunmore.library", True), ("x", "dunmore-library", "dunmorelibrary", True),
        ("x", "dunmorel1brary", "dunmorelibrary", True), ("x", "dunm0re", "dunmore", True),
        ("x", "dunmorelibraryteam", "dunmorelibrary", True), ("x", "dunmore_official", "dunmore", True),
        ("x", "thedunmorelibrary", "dunmorelibrary", True), ("x", "dunmоre", "dunmore", True),
        ("x", "dunmorelibrary2", "dunmorelibrary", False), ("x", "dunmore", "dunmor", False),
        ("x", "team", "teamteam", True), ("x", "hq", "uk", False), ("x", "dunmore1", "dunmore2", False),
        ("mastodon", "a.b@dunmore.example", "ab@dunmore.example", True),
        ("mastodon", "news@dunmore.example", "news@rees.example", False),
        ("bluesky", "dunmore.bsky.social", "dun-more.bsky.social", True),
        ("website", "dunmore.gov.uk", "dunmore.gov", False), ("x", "łódź", "lodz", True),
    ],
)  # fmt: skip
def test_names_come_down_to_what_they_are_confused_by(platform: str, one: str, other: str, same: bool) -> None:
    assert (skeleton(platform, one) == skeleton(platform, other)) is same


def test_look_alike_is_shown_to_whoever_registers_it_and_to_comms(client: Browser, account_id: int) -> None:
    close = cast.an_account("https://x.com/DunmoreLibrary_", title="Very Secret", owner=cast.stranger())
    close.visibility = Visibility.COMMS
    page = client.as_(cast.ward_sister()).get("/accounts/new", query_string={"address": "x.com/Dunmore_L1brary"})
    assert "Is it one of these?" in page.text
    tiles = page.words("a", class_="reg-tile-card__name")
    assert tiles == ["Dunmore Library"]
    other = cast.an_account("https://x.com/Dunmore_L1brary", title="Dunmore Llbrary", owner=cast.ward_sister()).id
    comms = client.as_(cast.comms_officer())
    assert "3 pairs of accounts look alike" in comms.get("/").text
    assert len(comms.get("/accounts/alike").all("tr")) == 1 + 3
    assert comms.post(f"/accounts/{account_id}/told-apart/{other}?from=alike").location == "/accounts/alike"
    assert comms.post(f"/accounts/{other}/told-apart/{account_id}").status_code == 302
    assert len(comms.get("/accounts/alike").all("tr")) == 1 + 2
    assert db.session.scalar(sa.select(sa.func.count()).select_from(ToldApart)) == 1
    officer = client.as_(cast.library_officer())
    assert "Is this the same as" not in officer.get(f"/accounts/{account_id}").text
    assert told(account_id)[-1] == "Tomasz Bryk said that Dunmore Library and Dunmore Llbrary are two"


def test_history_of_the_open_one_does_not_name_the_one_kept_close(client: Browser, account_id: int) -> None:
    close = cast.an_account("https://x.com/Dunmore_Library", title="Very Secret", owner=cast.library_officer())
    close.visibility = Visibility.COMMS
    client.as_(cast.library_officer()).post(f"/accounts/{account_id}/told-apart/{close.id}")
    assert "Very Secret" not in client.as_(cast.stranger()).get(f"/accounts/{account_id}").text


def test_what_is_closed_or_of_another_platform_is_no_pair(app: object, account_id: int) -> None:
    cast.an_account("https://www.instagram.com/dunmore_library")
    cast.an_account("https://x.com/dunmore_library", live=False).state = State.CLOSED
    db.session.flush()
    assert naming.pairs() == []


# Two that are one.


def two(**more: Any) -> tuple[Account, Account]:
    """The account of Nia and Bronwen, and the same once more, of the stranger."""
    first = cast.an_account(OLD, title="Dunmore Library", purpose="", deputy=cast.ward_sister())
    second = cast.an_account(
        "https://x.com/Dunmore_Library", title="Dunmore Library again", owner=cast.stranger(), **more
    )
    return first, second


def test_merged_account_brings_all_that_points_at_it(client: Browser) -> None:
    one, gone = two(purpose="Books, mostly.")
    books, music = actions.topics_named(["books", "music"])
    pairs = [(one.id, books.id), (gone.id, books.id), (gone.id, music.id)]
    links = [{"account_id": account, "topic_id": topic} for account, topic in pairs]
    db.session.execute(sa.insert(account_topic), links)
    actions.add_alias(gone, "https://x.com/dunmore_library?s=1")
    helper = cast.organiser()
    for account in (one, gone):
        db.session.add(Contributor(account_id=account.id, person_id=helper.id, since_at=now()))
    db.session.add(FormerName(
        account_id=gone.id, platform="x", kind="profile", key="veryold", url="https://x.com/veryold", handle="@veryold",
        since_on=today() - timedelta(days=9), until_on=today(),
    ))  # fmt: skip
    before = cast.an_account("https://x.com/DunmoreLibrary_", title="The third")
    merging.merge(gone=before, kept=gone, actor=cast.comms_officer())
    apart = cast.an_account("https://x.com/DunmoreLibrary1")
    db.session.add(ToldApart(one_id=gone.id, other_id=apart.id, told_at=now()))
    one_id, gone_id, before_id, apart_id = one.id, gone.id, before.id, apart.id
    comms = client.as_(cast.comms_officer())
    assert "Are these two the same account?" in comms.get(f"/accounts/{one_id}/merge/{gone_id}").text
    answer = comms.post(f"/accounts/{gone_id}/merge/{one_id}", data={"keep": "other"})
    assert answer.location == f"/accounts/{one_id}"
    account, buried = kept(one_id), kept(gone_id)
    assert (account.title, account.purpose, account.owner_id) == (
        "Dunmore Library", "Books, mostly.", cast.library_officer().id,
    )  # fmt: skip
    assert (buried.merged_into_id, kept(before_id).merged_into_id) == (one_id, one_id)
    assert (buried.state, buried.visibility, buried.owner_id) == (State.CLOSED, Visibility.NOBODY, None)
    with_topics = sa.select(Topic.name).join(account_topic).where(account_topic.c.account_id == one_id)
    assert sorted(db.session.scalars(with_topics)) == ["books", "music"]
    posting = sa.select(Contributor.person_id).where(Contributor.account_id == one_id)
    assert sorted(db.session.scalars(posting)) == sorted([helper.id, cast.stranger().id])
    assert db.session.scalars(sa.select(Alias.account_id)).all() == [one_id]
    assert [(pair.one_id, pair.other_id) for pair in db.session.scalars(sa.select(ToldApart))] == [(one_id, apart_id)]
    for address in ("x.com/dunmore_library", "https://x.com/veryold", "https://x.com/dunmorelibrary_"):
        found = leads_to(address)
        assert found is not None
        assert found[0] == one_id, address
    sentence = "Tomasz Bryk merged Dunmore Library again into Dunmore Library: the same account, registered twice"
    assert told(one_id)[-1] == sentence
    mails = db.session.scalars(sa.select(Message.to).where(Message.subject.startswith("One account")).distinct()).all()
    assert sorted(mails) == [f"{who}@dunmore.example" for who in ("bronwen.rees", "nia.okafor", "oluwaseun.ade")]


def test_page_of_the_one_that_went_leads_to_the_one_that_stays(client: Browser) -> None:
    one, gone = two()
    comms = client.as_(cast.comms_officer())
    comms.post(f"/accounts/{one.id}/merge/{gone.id}", data={"keep": "one"})
    one_id, gone_id = one.id, gone.id
    signed_in = client.as_(cast.ward_sister())
    assert signed_in.get(f"/accounts/{gone_id}").location == f"/accounts/{one_id}"
    assert signed_in.get(f"/accounts/{gone_id}/change").status_code == 404
    page = signed_in.get(f"/accounts/{one_id}")
    assert "Oluwaseun Adé registered Dunmore Library again" in page.text
    assert signed_in.get("/accounts?q=dunmore").words("h2", class_="reg-bar__count") == ["1 account"]
    found = signed_in.get("/search?q=dunmore_library").words("a", class_="reg-tile-card__name")
    assert found == ["Dunmore Library"]
    kept(one_id).visibility = Visibility.COMMS
    assert client.as_(cast.auditor()).get(f"/accounts/{gone_id}").status_code == 404


def test_leaver_who_ran_what_was_merged_does_not_post_for_the_other(app: object, account_id: int) -> None:
    here, left = cast.a_person(), cast.leaver()
    gone = cast.an_account(NEW, owner=here, deputy=left)
    merging.merge(gone=gone, kept=db.session.get_one(Account, account_id), actor=cast.comms_officer())
    assert db.session.scalars(sa.select(Contributor.person_id)).all() == [here.id]


def test_account_takes_the_name_of_what_was_merged_into_it(client: Browser, account_id: int) -> None:
    gone_id = cast.an_account(NEW, title="Dunmore Books").id
    db.session.commit()
    merging.merge(gone=kept(gone_id), kept=db.session.get_one(Account, account_id), actor=cast.comms_officer())
    comms = client.as_(cast.comms_officer())
    assert comms.post(f"/accounts/{account_id}/rename", data={"address": NEW}).status_code == 302
    assert (kept(account_id).url, kept(account_id).handle) == (NEW, "@DunmoreBooks")
    assert kept(account_id).other_names == "@DunmoreLibrary"
    assert (leads_to(NEW), leads_to(OLD)) == ((account_id, How.NAME), (account_id, How.FORMER_NAME))
    assert client.get(f"/accounts/{gone_id}").headers["Location"] == f"/accounts/{account_id}"
    comms.post(f"/accounts/{account_id}/rename", data={"address": OLD})
    comms.post(f"/accounts/{account_id}/rename", data={"address": NEW})
    assert (leads_to(NEW), leads_to(OLD)) == ((account_id, How.NAME), (account_id, How.FORMER_NAME))


def test_website_at_the_address_of_an_account_on_our_own_server_is_merged_with_it(client: Browser) -> None:
    address = "https://photos.dunmore.example/archives"
    named = resolve(address, "pixelfed")
    assert isinstance(named, Resolved)
    photos = cast.an_account("https://pixelfed.social/dunmorephotos", title="Photographs")
    photos.kind, photos.key, photos.url = named.kind, named.key, named.url
    website = cast.an_account("https://archives.dunmore.example/", title="The same, found as a website")
    seen_as = resolve(address)
    assert isinstance(seen_as, Resolved)
    website.platform, website.kind, website.key, website.url = (
        seen_as.platform, seen_as.kind, seen_as.key, seen_as.url,
    )  # fmt: skip
    db.session.commit()
    ids, comms = [photos.id, website.id], client.as_(cast.comms_officer())
    for one, other in (ids, ids[::-1]):
        answer = comms.post(f"/accounts/{one}/merge", data={"address": address})
        assert answer.headers["Location"] == f"/accounts/{one}/merge/{other}"
    comms.post(f"/accounts/{ids[0]}/merge/{ids[1]}", data={"keep": "one"})
    assert kept(ids[1]).merged_into_id == ids[0]


def test_what_is_not_the_same_is_not_merged(client: Browser) -> None:
    one, _ = two()
    other_platform = cast.an_account("https://www.instagram.com/dunmorelibrary")
    own = cast.an_account("https://x.com/Nia", standing=Standing.PERSONAL)
    theirs = cast.an_account("https://x.com/Nia_", standing=Standing.PERSONAL, owner=cast.ward_sister())
    pairs = [(one, one), (one, other_platform), (one, own), (own, one), (own, theirs)]
    numbers = [(first.id, second.id) for first, second in pairs]
    comms = client.as_(cast.comms_officer())
    for first, second in numbers:
        assert "They cannot be merged" in comms.get(f"/accounts/{first}/merge/{second}").text
        comms.post(f"/accounts/{first}/merge/{second}", data={"keep": "one"})
    assert db.session.scalar(sa.select(sa.func.count(Account.merged_into_id))) == 0


def test_merged_account_is_seen_by_no_more_people_than_either(app: object) -> None:
    one, gone = two()
    gone.visibility = Visibility.COMMS
    merging.merge(gone=gone, kept=one, actor=cast.comms_officer())
    assert kept_now(one).visibility is Visibility.COMMS


def kept_now(account: Account) -> Account:
    """The account as this transaction has it."""
    db.session.flush()
    return db.session.get_one(Account, account.id)


def test_two_who_merge_at_once_merge_once(app: Flask) -> None:
    one, gone = two()
    path = f"/accounts/{one.id}/merge/{gone.id}"
    other = cast.a_person("other.comms", roles=cast.COMMS_OFFICER.roles)
    browsers = [Browser(app).as_(cast.comms_officer()), Browser(app).as_(other)]
    answers = at_once(app, *(
        (lambda who=who, keep=keep: browsers[who].post(path, data={"keep": keep}))
        for who, keep in ((0, "one"), (1, "other"))
    ))  # fmt: skip
    assert sorted(answer.status_code for answer in answers) == [302, 404]
    assert db.session.scalar(sa.select(sa.func.count(Account.merged_into_id))) == 1


def test_every_column_that_points_at_an_account_is_moved(app: object) -> None:
    one, gone = two()
    db.session.flush()
    merging.merge(gone=gone, kept=one, actor=cast.comms_officer())
    db.session.flush()
    left = {
        f"{column.table.name}.{column.name}": db.session.scalar(
            sa.select(sa.func.count()).where(column == gone.id).select_from(column.table)
        )
        for column in merging.columns_to(Account.__table__)
    }
    assert left == dict.fromkeys(left, 0)
    assert {"alias.account_id", "contributor.account_id", "account_topic.account_id", "account.merged_into_id"} <= set(
        left
    )


def test_person_who_told_two_apart_can_be_merged_and_forgotten(app: object) -> None:
    assert [column.info["person"].heading for column in ToldApart.__table__.columns if "person" in column.info] == [
        "Accounts told apart"
    ]
    assert Person.__table__.c.id in {link.column for link in ToldApart.__table__.c.told_by_id.foreign_keys}


def test_same_as_follows_every_name(app: object, account_id: int) -> None:
    resolved = resolve(OLD)
    assert isinstance(resolved, Resolved)
    same = queries.same_as(resolved)
    assert same is not None
    assert same.id == account_id
