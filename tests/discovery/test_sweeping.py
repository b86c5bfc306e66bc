"""Sweeps: what pages link to is kept and compared, and what nobody registered becomes a sighting."""

import csv
import io
import zipfile
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler
from typing import Any

import cast
import pytest
import sqlalchemy as sa
from browser import Browser
from flask import Flask
from markup import words
from websites import Site

from registry import jobs
from registry.accounts.models import State, Visibility
from registry.config import Settings
from registry.db import db
from registry.discovery.models import Glimpse, How, Sighting
from registry.discovery.sweeping import actions, crawling
from registry.discovery.sweeping.apart import Reader
from registry.discovery.sweeping.models import IgnoredLink, Sweep, SweepFile, SweepState

PAGE = "<ul><li>Gritters: <a href='https://x.com/dunmoregrit'>on X</a></li></ul>"


@pytest.fixture
def comms(client: Browser) -> Browser:
    """The comms officer at a browser."""
    return client.as_(cast.comms_officer())


def sweep(browser: Browser, app: Flask, files: dict[str, bytes | str], title: str = "Website") -> str:
    """Hand in files, have the worker read them; where what came of it stands."""
    named = [(io.BytesIO(one.encode() if isinstance(one, str) else one), name) for name, one in files.items()]
    answer = browser.post("/discover/sweeps/new", data={"title": title, "files": named})
    assert answer.status_code == 302, answer.text
    jobs.run(app, jobs.SWEEPS)
    return str(answer.location)


def told(browser: Browser, place: str, part: str) -> list[str]:
    """The addresses of a part of a sweep, as its file has them."""
    text = browser.get(f"{place}?part={part}&format=csv").data.decode("utf-8-sig")
    return [row["url"] for row in csv.DictReader(io.StringIO(text, newline=""))]


def test_a_link_to_what_nobody_registered_becomes_a_sighting(comms: Browser, app: Flask) -> None:
    place = sweep(comms, app, {"contact.html": PAGE})
    sighting = db.session.scalars(sa.select(Sighting)).one()
    glimpse = db.session.scalars(sa.select(Glimpse)).one()
    assert (sighting.url, glimpse.how, glimpse.place, glimpse.quote) == (
        "https://x.com/dunmoregrit", How.SWEEP, "contact.html", "Gritters: on X"
    )  # fmt: skip
    page = comms.get(place).text
    assert ("contact.html" in page, "Gritters: on X" in page, "1 page was read" in page) == (True, True, True)
    assert db.session.scalars(sa.select(SweepFile)).all() == []


def test_what_is_registered_is_no_sighting_and_what_no_page_links_to_is_told(comms: Browser, app: Flask) -> None:
    linked, other = cast.an_account("https://x.com/dunmoregrit"), cast.an_account("https://x.com/dunmorebins")
    gone = cast.an_account("https://x.com/dunmoreold")
    gone.state = State.CLOSED
    db.session.commit()
    old = "<a href='https://x.com/dunmoreold'>a</a><a href='https://plus.google.com/+Dunmore'>G+</a>"
    place = sweep(comms, app, {"contact.html": PAGE + old})
    assert told(comms, place, "unregistered") == ["https://plus.google.com/+Dunmore"]
    assert told(comms, place, "closed") == ["https://plus.google.com/+Dunmore", "https://x.com/dunmoreold"]
    assert told(comms, place, "unlinked") == [other.url]
    assert linked.url in told(comms, place, "all")


def test_what_is_new_since_last_time_is_told(comms: Browser, app: Flask) -> None:
    sweep(comms, app, {"contact.html": PAGE}, title="Another site")
    first = sweep(comms, app, {"contact.html": PAGE})
    second = sweep(comms, app, {"a.html": PAGE, "b.html": "<a href='https://x.com/dunmorebins'>new</a>"})
    assert (told(comms, first, "new"), told(comms, second, "new")) == ([], ["https://x.com/dunmorebins"])
    assert db.session.scalar(sa.select(sa.func.count(Sighting.id))) == 2


def test_what_is_left_out_is_told_no_more_until_it_is_taken_back(comms: Browser, app: Flask) -> None:
    place = sweep(comms, app, {"a.html": PAGE})
    words = {"what": "https://twitter.com/DunmoreGrit", "reason": "A namesake in Ohio."}
    assert comms.post("/discover/sweeps/ignored", data=words).status_code == 302
    assert told(comms, place, "all") == []
    assert told(comms, sweep(comms, app, {"a.html": PAGE}), "all") == []
    assert comms.post("/discover/sweeps/ignored", data=words).status_code == 422
    number = db.session.scalars(sa.select(IgnoredLink.id)).one()
    comms.post(f"/discover/sweeps/ignored/{number}/remove")
    assert told(comms, sweep(comms, app, {"a.html": PAGE}), "all") == ["https://x.com/dunmoregrit"]


def test_what_is_left_out_waits_for_nobody(comms: Browser, app: Flask) -> None:
    sweep(comms, app, {"a.html": PAGE + "<a href='https://x.com/dunmorebins'>b</a>"})
    comms.post("/discover/tell", data={"seen": "https://x.com/dunmorebins", "platform": ""})
    for handle in ("dunmoregrit", "dunmorebins"):
        comms.post("/discover/sweeps/ignored", data={"what": f"https://x.com/{handle}", "reason": "In Ohio."})
    assert states() == {"dunmoregrit": ("not ours", "In Ohio."), "dunmorebins": ("new", "")}
    for number in db.session.scalars(sa.select(IgnoredLink.id)).all():
        comms.post(f"/discover/sweeps/ignored/{number}/remove")
    assert states() == {"dunmoregrit": ("new", ""), "dunmorebins": ("new", "")}


def states() -> dict[str, tuple[str, str]]:
    """Of each sighting: what became of it, and why."""
    db.session.rollback()
    return {one.key: (one.state.value, one.reason) for one in db.session.scalars(sa.select(Sighting))}


def test_what_somebody_decided_about_is_told_as_that(comms: Browser, app: Flask) -> None:
    two = PAGE + "<a href='https://x.com/dunmorebins'>b</a>"
    sweep(comms, app, {"a.html": two, "b.html": two})
    first, second = db.session.scalars(sa.select(Sighting).order_by(Sighting.id)).all()
    comms.post(f"/discover/{first.id}/not-ours", data={"reason": "In Ohio."})
    comms.post(f"/discover/{second.id}/closed")
    place = sweep(comms, app, {"a.html": two, "b.html": two})
    assert told(comms, place, "unregistered") == []
    assert told(comms, place, "closed") == ["https://x.com/dunmorebins"] * 2
    page = comms.get(f"{place}?part=all")
    assert page.words("a", class_="reg-chip") == [
        "Not registered 0", "New since last time 0", "Closed 1", "Worth a look 0", "All 2", "Accounts without a link 0",
    ]  # fmt: skip
    assert page.words("td")[:2] == ["Seen: @dunmorebins on X Closed", "a.html and 1 more"]
    assert comms.get("/discover/sweeps").words("td")[4:6] == ["0", "0"]


def test_whose_posts_a_page_shows_is_told_and_no_account_found(comms: Browser, app: Flask) -> None:
    cast.an_account("https://x.com/dunmorebins")
    db.session.commit()
    posts = "".join(f"<a href='https://x.com/{name}/status/12'>said</a>" for name in ("nia", "dunmorebins", "grit"))
    place = sweep(comms, app, {"a.html": posts, "b.html": "<a href='https://x.com/grit'>Grit</a>"})
    assert (told(comms, place, "hints"), told(comms, place, "all")) == (["https://x.com/nia"], ["https://x.com/grit"])
    assert states() == {"grit": ("new", "")}
    assert told(comms, sweep(comms, app, {"a.html": posts}), "hints") == ["https://x.com/nia"]
    page = comms.get(f"{place}?part=hints")
    [note] = [one for one in page.all("a") if one.attrib["href"].startswith("/discover/tell")]
    assert comms.get(note.attrib["href"]).words("textarea") == ["https://x.com/nia"]
    comms.post("/discover/tell", data={"seen": "https://x.com/nia", "platform": ""})
    assert told(comms, place, "hints") == []


def test_an_account_that_was_taken_out_is_not_named(comms: Browser, app: Flask) -> None:
    account = cast.an_account("https://x.com/dunmoregrit", title="Ann’s own")
    account.visibility = Visibility.NOBODY
    db.session.commit()
    place = sweep(comms, app, {"contact.html": PAGE})
    assert "Ann’s own" not in comms.get(f"{place}?part=all").text + comms.get(f"{place}?part=all&format=csv").text
    assert told(comms, sweep(comms, app, {"a.html": "<p>"}), "unlinked") == []


def test_how_far_a_sweep_is_moves_on_by_itself(comms: Browser, app: Flask) -> None:
    files = [(io.BytesIO(PAGE.encode()), "a.html")]
    place = str(comms.post("/discover/sweeps/new", data={"title": "Website", "files": files}).location)
    [progress] = comms.get(place).all("div", id="progress")
    assert (progress.get("hx-get"), progress.get("hx-trigger")) == (place, "every 2s")
    assert "Look again" in words(progress)
    jobs.run(app, jobs.SWEEPS)
    asked = comms.get(place, headers={"HX-Request": "true"})
    assert "It has ended." in asked.text
    assert ("hx-get" in asked.text, "progress" in comms.get(place).text) == (False, False)


def test_a_whole_host_can_be_left_out(comms: Browser, app: Flask) -> None:
    comms.post("/discover/sweeps/ignored", data={"what": "toot.wales", "reason": "Private people."})
    page = "<a href='https://toot.wales/@nia'>a</a><a href='https://toot.wales.example/@nia'>b</a>"
    assert told(comms, sweep(comms, app, {"a.html": page}), "all") == ["https://toot.wales.example/@nia"]


@pytest.mark.parametrize("what", ["Dunmore", "https://x.com/share", "https://www.dunmore.example/a", "\x00"])
def test_what_is_no_account_and_no_host_cannot_be_left_out(comms: Browser, what: str) -> None:
    answer = comms.post("/discover/sweeps/ignored", data={"what": what, "reason": "No."})
    assert (answer.status_code, db.session.scalars(sa.select(IgnoredLink)).all()) == (422, [])


def test_an_archive_and_what_is_no_page_are_taken_as_they_come(comms: Browser, app: Flask) -> None:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("../a.html", PAGE)
        made.writestr("b.html", b"%PDF-1.7")
    place = sweep(comms, app, {"site.zip": target.getvalue(), "c.zip": b"PK\x03\x04", "list.txt": "x.com/dunmorebins"})
    assert told(comms, place, "all") == ["https://x.com/dunmorebins", "https://x.com/dunmoregrit"]
    done = db.session.scalars(sa.select(Sweep)).one()
    assert (done.state, done.done, done.unread) == (SweepState.DONE, 4, 2)
    assert done.faults == [
        "site.zip/b.html: This is no page but a document or a picture. Save the page as HTML, then take that file.",
        "c.zip: This archive is damaged. Pack the pages again, then take that file.",
    ]


def test_too_much_is_refused_beside_the_field(comms: Browser) -> None:
    files = [(io.BytesIO(b"a"), f"{number}.html") for number in range(501)]
    answer = comms.post("/discover/sweeps/new", data={"title": "Website", "files": files})
    assert answer.errors == {"files": "Choose between one file and 500. Pack more than that as a ZIP."}


def test_too_large_files_are_refused_in_a_sentence(app: Flask) -> None:
    files = [("a.html", b"a" * 8_000_000)] * 2
    with pytest.raises(actions.NoSweep, match=r"^These files have 16 MB, and 15 MB fit\."):
        actions.begin(title="Website", files=files, actor=cast.comms_officer())


def test_a_sweep_that_breaks_off_is_begun_anew_and_given_up_in_the_end(
    comms: Browser, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise OSError("no disk")

    monkeypatch.setattr(Reader, "__enter__", broken)
    sweep(comms, app, {"a.html": PAGE})
    for _ in range(3):
        jobs.run(app, jobs.SWEEPS)
    done = db.session.scalars(sa.select(Sweep)).one()
    assert (done.state, done.attempts) == (SweepState.FAILED, 4)
    assert done.faults == ["The worker broke off 3 times. Tell your administrator, then sweep again."]


# --- A site -----------------------------------------------------------------------------------------------


@pytest.fixture
def walk(site: Site, app: Flask, comms: Browser) -> Callable[..., str]:
    """A function that has a site walked through, with settings that allow it."""

    def go(**more: Any) -> str:
        wanted = {"sweep_sites": (site.url(),), "sweep_delay_seconds": 0.0, "sweep_ports": (site.port,), **more}
        app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=wanted)
        place = str(comms.post("/discover/sweeps/site", data={"site": site.url()}).location)
        jobs.run(app, jobs.SWEEPS)
        return place

    return go


def test_a_site_is_walked_through_within_its_bounds(site: Site, walk: Callable[..., str], comms: Browser) -> None:
    elsewhere = site.url("/x", name="other.example")
    site.page("/", f"<a href='/a#top'>a</a><a href='/b.pdf'>b</a><a href='{elsewhere}'>c</a><a href='/private/p'>p</a>")
    site.page("/a", PAGE + "<a href='/'>back</a><a href='/away'>d</a>")
    site.redirect("/away", elsewhere)
    site.page("/x", "<a href='https://x.com/other'>not ours</a>")
    site.page("/robots.txt", "User-agent: *\nDisallow: /private\n", "text/plain")
    assert told(comms, walk(), "all") == ["https://x.com/dunmoregrit"]
    assert [path for path, _ in site.asked] == ["/robots.txt", "/", "/a", "/away"]
    done = db.session.scalars(sa.select(Sweep)).one()
    assert sorted(done.faults) == [
        f"{site.url('/away')}: It leads to another site.",
        f"{site.url('/private/p')}: The site asks programs not to read this page (robots.txt).",
    ]


def test_no_more_pages_are_read_than_the_settings_say(site: Site, walk: Callable[..., str]) -> None:
    site.page("/", "".join(f"<a href='/{number}'>a</a>" for number in range(20)))
    for number in range(20):
        site.page(f"/{number}", PAGE)
    walk(sweep_pages=5)
    assert len([path for path, _ in site.asked if path != "/robots.txt"]) == 5


def test_a_site_that_the_settings_do_not_name_is_not_fetched(site: Site, walk: Callable[..., str]) -> None:
    assert walk(sweep_sites=()).endswith("/discover/sweeps/new")
    assert walk(sweep_sites=("https://www.dunmore.example.org",)).endswith("/discover/sweeps/new")
    assert site.asked == []


def test_pages_of_a_list_are_fetched_where_the_settings_name_their_site(
    site: Site, walk: Callable[..., str], comms: Browser, app: Flask
) -> None:
    site.page("/a", PAGE)
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(
        update={"sweep_sites": (site.url(),), "sweep_delay_seconds": 0.0, "sweep_ports": (site.port,)}
    )
    place = sweep(comms, app, {"list.txt": f"{site.url('/a')}\n{site.url('/a', name='other.example')}\n"})
    assert told(comms, place, "all") == ["https://x.com/dunmoregrit"]
    assert [path for path, _ in site.asked] == ["/robots.txt", "/a"]


def test_the_sitemaps_in_a_sitemap_are_followed_within_the_bounds(site: Site, comms: Browser, app: Flask) -> None:
    def sitemap(kind: str, *places: str) -> str:
        return f"<{kind}>{''.join(f'<url><loc>{site.url(one)}</loc></url>' for one in places)}</{kind}>"

    wanted = {"sweep_sites": (site.url(),), "sweep_delay_seconds": 0.0, "sweep_ports": (site.port,), "sweep_pages": 3}
    app.config["SETTINGS"] = app.config["SETTINGS"].model_copy(update=wanted)
    site.page("/pages.xml", sitemap("urlset", "/pages.xml", "/a", "/b", "/c"), "application/xml")
    site.page("/a", PAGE)
    place = sweep(comms, app, {"sitemap.xml": sitemap("sitemapindex", "/pages.xml")})
    assert told(comms, place, "all") == ["https://x.com/dunmoregrit"]
    assert [path for path, _ in site.asked] == ["/robots.txt", "/pages.xml", "/a", "/b"]


def test_there_is_a_pause_between_two_pages_and_a_longer_one_where_the_site_asks(site: Site) -> None:
    pauses: list[float] = []
    site.page("/robots.txt", "User-agent: *\nCrawl-delay: 7\n", "text/plain")
    site.page("/", "<a href='/a'>a</a>")
    site.page("/a", PAGE)
    with Reader() as reader:
        visitor = crawling.Visitor(reader, delay=2.0, ports=(site.port,), wait=pauses.append)
        assert len(list(crawling.crawl(site.url(), visitor, pages=9))) == 2
    assert pauses == [7.0]


def test_others_can_write_while_a_site_lets_us_wait(site: Site, walk: Callable[..., str], app: Flask) -> None:
    free: list[bool] = []

    def answer(handler: BaseHTTPRequestHandler) -> None:
        with app.app_context():
            cast.stranger().title = "Gritter"
            db.session.commit()
        free.append(True)
        handler.send_error(404)

    cast.stranger()
    site.answers["/robots.txt"] = site.answers["/"] = answer
    walk()
    assert free == [True, True]


def test_a_page_leads_nowhere_that_programs_are_asked_not_to_read(site: Site) -> None:
    site.page("/robots.txt", "User-agent: *\nDisallow: /private\n", "text/plain")
    site.redirect("/", "/private/p")
    site.page("/private/p", PAGE)
    with Reader() as reader:
        _, came = crawling.Visitor(reader, delay=0, ports=(site.port,)).visit(site.url())
    assert came == "The site asks programs not to read this page (robots.txt)."
    assert [path for path, _ in site.asked] == ["/robots.txt", "/"]


def test_a_robots_file_that_cannot_be_had_is_asked_for_once(site: Site) -> None:
    site.answers["/robots.txt"] = lambda handler: handler.send_error(503)
    with Reader() as reader:
        visitor = crawling.Visitor(reader, delay=0, ports=(site.port,))
        told = [visitor.visit(site.url(f"/{number}"))[1] for number in range(3)]
    assert (told, len(site.asked)) == (["The site answers with 503 instead of a page."] * 3, 1)


def test_a_site_whose_robots_file_is_broken_is_left_alone(site: Site) -> None:
    site.page("/", PAGE)
    site.answers["/robots.txt"] = lambda handler: handler.send_error(503)
    with Reader() as reader:
        visitor = crawling.Visitor(reader, delay=0, ports=(site.port,))
        assert list(crawling.crawl(site.url(), visitor, pages=9)) == [
            (site.url(), "The site answers with 503 instead of a page.")
        ]


def test_sites_are_off_unless_somebody_names_one(settings: Settings) -> None:
    assert settings.sweep_sites == ()
