"""Every page with axe-core: in light, in dark, at the width of a phone and on paper, with what a browser complains of.

The pages are named here with what fills their addresses; a test compares them with the routes of the app, so that
no page is left out. axe-core finds perhaps half of all barriers: it is the floor, not the ceiling.
"""

import base64
import hmac
import json
import sqlite3
import uuid
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from axe_playwright_python.base import AXE_SCRIPT
from demonstration import NARROW, WIDE, Demo, cookies_of
from flask import Flask
from playwright.sync_api import Browser as Chromium
from playwright.sync_api import Page, expect

from registry.db import today
from registry.people.models import Turn

pytestmark = pytest.mark.browser

COMMS_OFFICER = "carys.bowen"
LIBRARY_OFFICER = "lowri.pryce"
AUDITOR = "adaeze.okafor"
ORGANISER = "tomasz.wojcik"
ADMINISTRATOR = "imran.malik"
ORGANISER = "tomasz.wojcik"
NOBODY = ""
#: What the colours can break; all else is the same in the dark.
CONTRAST = "color-contrast"
COLOURS = (CONTRAST, "link-in-text-block")
#: The first text in each combination of colours and size that the page shows, by that combination.
COMBINATIONS = """() => {
    const above = new Map([[null, ""]]), found = new Map();
    for (const element of document.querySelectorAll("*")) {
        const style = getComputedStyle(element), bold = style.fontWeight >= 700;
        const around = [style.backgroundColor, style.backgroundImage, style.opacity, style.filter, style.position];
        const changed = String(around) === "rgba(0, 0, 0, 0),none,1,none,static" ? "" : ` in ${around}`;
        const parent = above.get(element.parentElement) ?? "";
        above.set(element, parent.endsWith(style.color) && !changed ? parent : `${parent}${changed} ${style.color}`);
        const large = parseFloat(style.fontSize) >= (bold ? 18.66 : 24);
        const way = `${element.matches(":disabled")} ${large} ${style.textDecorationLine}${above.get(element)}`;
        const written = [...element.childNodes].some(({nodeType, data}) => nodeType === 3 && data.trim());
        if ((written || element.matches("input, select, textarea")) && element.checkVisibility() && !found.has(way))
            found.set(way, element);
    }
    return found;
}"""
#: The combinations that were right, in the light or in the dark, which have no colours in common.
RIGHT: set[str] = set()
#: What the width can break: what is too small, cut off, or hidden with its name.
LAYOUT = (
    "target-size", "scrollable-region-focusable", "avoid-inline-spacing", "css-orientation-lock", "bypass",
    "button-name", "link-name", "label", "empty-heading", "empty-table-header", "page-has-heading-one", "region",
    "landmark-one-main", "aria-hidden-focus", "nested-interactive", "meta-viewport",
)  # fmt: skip
RULES = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
#: Routes that answer with something else than a page.
NO_PAGES = {
    "asked.mine", "static", "home.health", "people.sso_begin", "people.sso_back", "accounts.colleagues",
    "public.verify_json",
    "api.accounts", "api.account", "api.people", "api.topics", "api.platforms", "api.follow_lists", "api.follow_list",
    "api.openapi", "differences.text", "network.card", "drop_ins.file", "by_link.file", "calendars.file",
    "calendars.feed",
}  # fmt: skip

#: Who looks, and where. The comms officer sees most; others where a page is another for them.
PAGES = (
    (NOBODY, "/sign-in"),
    (NOBODY, "/privacy"),
    (NOBODY, "/accessibility"),
    (NOBODY, "/verify"),
    (NOBODY, "/verify?url=https://x.com/BrynmorCEO"),
    (NOBODY, "/verify?url=https://x.com/NeverHeardOf"),
    (NOBODY, "/verify?url=https://x.com/BrynmorCEO/status/1"),
    (NOBODY, "/public"),
    (NOBODY, "/public?q=zzzz"),
    (NOBODY, "/public/accounts.html"),
    (NOBODY, "/public/lists"),
    (NOBODY, "/public/lists/begin-with-these-twenty"),
    (LIBRARY_OFFICER, "/lists"),
    (LIBRARY_OFFICER, "/lists/new"),
    (LIBRARY_OFFICER, "/lists/libraries-and-reading"),
    (LIBRARY_OFFICER, "/lists/libraries-and-reading/change"),
    (LIBRARY_OFFICER, "/lists/libraries-and-reading/accounts"),
    (LIBRARY_OFFICER, "/lists/libraries-and-reading/accounts/{live}"),
    (LIBRARY_OFFICER, "/lists/libraries-and-reading/entries/{entry}"),
    (ADMINISTRATOR, "/api-tokens"),
    (ADMINISTRATOR, "/api-tokens/new"),
    (COMMS_OFFICER, "/"),
    (LIBRARY_OFFICER, "/"),
    ("abigail.sowerby", "/"),
    (COMMS_OFFICER, "/overview"),
    (COMMS_OFFICER, "/mail"),
    (COMMS_OFFICER, "/search"),
    (COMMS_OFFICER, "/search?q=library"),
    (COMMS_OFFICER, "/search?q=zzzz"),
    (LIBRARY_OFFICER, "/meetups/calendar"),
    (NOBODY, "/answer/{link}"),
    (NOBODY, "/answer/{full_link}"),
    (COMMS_OFFICER, "/directory"),
    (COMMS_OFFICER, "/directory/1"),
    (ADMINISTRATOR, "/directory/{held}"),
    (COMMS_OFFICER, "/directory/{held}?turn=left"),
    (COMMS_OFFICER, "/directory/{running}"),
    (COMMS_OFFICER, "/accounts"),
    (COMMS_OFFICER, "/accounts?q=library&platform=facebook&sort=-review"),
    (COMMS_OFFICER, "/accounts?q=zzzz"),
    (COMMS_OFFICER, "/accounts?platform=facebook&columns=owner,topics,place,signed&view=1"),
    (LIBRARY_OFFICER, "/accounts?q=library"),
    (COMMS_OFFICER, "/accounts/columns"),
    (COMMS_OFFICER, "/accounts/views/new?platform=facebook&late=yes"),
    (COMMS_OFFICER, "/accounts/views/1"),
    (COMMS_OFFICER, "/accounts/views/1/change"),
    (COMMS_OFFICER, "/accounts/several?account={live}&account={orphaned}"),
    (COMMS_OFFICER, "/accounts/several/{change}"),
    (COMMS_OFFICER, "/accounts/imports"),
    (COMMS_OFFICER, "/accounts/imports/1"),
    (COMMS_OFFICER, "/accounts/imports/1?fate=refused"),
    (COMMS_OFFICER, "/accounts/imports/2"),
    (COMMS_OFFICER, "/accounts/imports/2/columns"),
    (COMMS_OFFICER, "/accounts/{proposed}"),
    (COMMS_OFFICER, "/accounts/{orphaned}"),
    (LIBRARY_OFFICER, "/accounts/{live}"),
    (COMMS_OFFICER, "/accounts/{live}/change"),
    (COMMS_OFFICER, "/accounts/{proposed}/send-back"),
    (COMMS_OFFICER, "/accounts/answering"),
    (COMMS_OFFICER, "/accounts/answering?matter=untold&platform=x"),
    (AUDITOR, "/accounts/answering?matter=lost&platform=website"),
    (COMMS_OFFICER, "/accounts/{live}/people"),
    ("tamsin.wickstead", "/accounts/{posted}/people"),
    ("tamsin.wickstead", "/accounts/{posted}"),
    (LIBRARY_OFFICER, "/accounts/{live}/access"),
    (AUDITOR, "/accounts/{posted}/access"),
    (COMMS_OFFICER, "/accounts/{left}"),
    (COMMS_OFFICER, "/accounts/{left}/withdraw"),
    (COMMS_OFFICER, "/accounts/{left}/custody"),
    (AUDITOR, "/accounts/{left}/withdraw"),
    (COMMS_OFFICER, "/accounts/{live}/withdraw"),
    (COMMS_OFFICER, "/accounts/{live}/lost"),
    (COMMS_OFFICER, "/accounts/{lost}/lost"),
    (COMMS_OFFICER, "/accounts/{lost}"),
    (COMMS_OFFICER, "/accounts/{kept}"),
    (COMMS_OFFICER, "/accounts/{live}/close"),
    (COMMS_OFFICER, "/accounts/{closed}/close"),
    (COMMS_OFFICER, "/accounts/{closed}"),
    (LIBRARY_OFFICER, "/accounts/{live}/hand-over"),
    (COMMS_OFFICER, "/accounts/{offered}/hand-over"),
    (LIBRARY_OFFICER, "/accounts/{offered}/hand-over"),
    (LIBRARY_OFFICER, "/accounts/{offered}/hand-over/decline"),
    ("aled.rowlatt", "/accounts/{with_deputy}/registered"),
    ("sandra.buckle", "/accounts/{alone}/registered"),
    (COMMS_OFFICER, "/accounts/{asleep}"),
    (COMMS_OFFICER, "/accounts/expectations"),
    (COMMS_OFFICER, "/accounts/expectations/not-for"),
    (COMMS_OFFICER, "/accounts/expectations/closures/new"),
    (COMMS_OFFICER, "/accounts/expectations/teams/{team}"),
    (LIBRARY_OFFICER, "/accounts/{live}/expectations"),
    (LIBRARY_OFFICER, "/accounts/{live}/expectations/hours"),
    (LIBRARY_OFFICER, "/accounts/{live}/expectations/reply"),
    (LIBRARY_OFFICER, "/accounts/reviews"),
    (COMMS_OFFICER, "/accounts/reviews"),
    (COMMS_OFFICER, "/accounts/reviews/overdue"),
    (COMMS_OFFICER, "/accounts/reviews/overdue?view=asleep"),
    (COMMS_OFFICER, "/accounts/reviews/overdue?view=soon"),
    (LIBRARY_OFFICER, "/accounts/new"),
    (LIBRARY_OFFICER, "/accounts/new?address="),
    (LIBRARY_OFFICER, "/accounts/new?address=https://www.facebook.com/groups/"),
    (LIBRARY_OFFICER, "/accounts/new?address={url}"),
    (LIBRARY_OFFICER, "/accounts/new?address=https://www.instagram.com/never.registered.account"),
    (COMMS_OFFICER, "/accounts/words"),
    (COMMS_OFFICER, "/accounts/alike"),
    (COMMS_OFFICER, "/accounts/{twin}"),
    (COMMS_OFFICER, "/accounts/{twin}/rename"),
    (COMMS_OFFICER, "/accounts/{twin}/handle-taken"),
    (COMMS_OFFICER, "/accounts/{twin}/merge"),
    (COMMS_OFFICER, "/accounts/{twin}/merge/{live}"),
    (COMMS_OFFICER, "/accounts/{renamed}"),
    (COMMS_OFFICER, "/accounts/{asked}"),
    (COMMS_OFFICER, "/accounts/{asked}/ask"),
    (LIBRARY_OFFICER, "/accounts/{asked}/consent"),
    ("rhiannon.vaughanleigh", "/accounts/{own}/visibility"),
    (COMMS_OFFICER, "/accounts/ask-comms?address={url}"),
    (AUDITOR, "/accounts/new?address={asked_url}"),
    (COMMS_OFFICER, "/accounts/new?address=https://www.facebook.com/brynmormobi1elibrary"),
    (COMMS_OFFICER, "/people"),
    (COMMS_OFFICER, "/people?q=zzzz"),
    (COMMS_OFFICER, "/people?who=all&page=2"),
    (LIBRARY_OFFICER, "/people/{owner}"),
    (COMMS_OFFICER, "/people/{leaver}"),
    (COMMS_OFFICER, "/people/me/profile"),
    (LIBRARY_OFFICER, "/people?q=video&only=new"),
    (ORGANISER, "/people/alone"),
    (LIBRARY_OFFICER, "/people/me/introductions"),
    ("{introduced}", "/people/me/introductions"),
    (COMMS_OFFICER, "/people/voices"),
    (LIBRARY_OFFICER, "/people/voices?trained=yes"),
    (COMMS_OFFICER, "/people/voices/new"),
    (COMMS_OFFICER, "/people/voices/{voice}"),
    (LIBRARY_OFFICER, "/people/me/voice"),
    (LIBRARY_OFFICER, "/people/help"),
    (LIBRARY_OFFICER, "/people/help/{call}"),
    ("{helper}", "/people/help/{call}"),
    (LIBRARY_OFFICER, "/people/drop-ins"),
    (COMMS_OFFICER, "/people/drop-ins/new"),
    (LIBRARY_OFFICER, "/people/drop-ins/{slot}"),
    (COMMS_OFFICER, "/people/drop-ins/{booked}"),
    (COMMS_OFFICER, "/people/same"),
    (COMMS_OFFICER, "/guests"),
    (COMMS_OFFICER, "/guests/new"),
    (COMMS_OFFICER, "/guests/{guest}"),
    (COMMS_OFFICER, "/guests/{guest}/merge"),
    (COMMS_OFFICER, "/guests/{guest}/merge/{owner}"),
    (COMMS_OFFICER, "/people/{guest}"),
    (COMMS_OFFICER, "/people/me/held"),
    (COMMS_OFFICER, "/sign-ins"),
    ("abigail.sowerby", "/people/me/profile"),
    (COMMS_OFFICER, "/discover"),
    (COMMS_OFFICER, "/discover?part=fakes"),
    (COMMS_OFFICER, "/discover?part=registered"),
    (COMMS_OFFICER, "/discover/{seen}"),
    (COMMS_OFFICER, "/discover/{fake}"),
    (COMMS_OFFICER, "/discover/text"),
    (LIBRARY_OFFICER, "/discover/tell"),
    ("liam.tipton", "/discover/yours/{claimed}"),
    (COMMS_OFFICER, "/discover/campaigns"),
    (COMMS_OFFICER, "/discover/campaigns/new"),
    (COMMS_OFFICER, "/discover/campaigns/1"),
    (COMMS_OFFICER, "/discover/sweeps"),
    (COMMS_OFFICER, "/discover/sweeps/new"),
    (COMMS_OFFICER, "/discover/sweeps/2"),
    (COMMS_OFFICER, "/discover/sweeps/2?part=new"),
    (COMMS_OFFICER, "/discover/sweeps/2?part=hints"),
    (COMMS_OFFICER, "/discover/sweeps/2?part=unlinked"),
    (COMMS_OFFICER, "/discover/sweeps/ignored"),
    (COMMS_OFFICER, "/discover/coverage"),
    (NOBODY, "/asked/{asked_link}"),
    (ORGANISER, "/meetups"),
    (LIBRARY_OFFICER, "/meetups/{next_lunch}"),
    (ORGANISER, "/meetups/{full}"),
    (ORGANISER, "/meetups/{last_lunch}"),
    (ORGANISER, "/meetups/{full}/answers"),
    (ORGANISER, "/meetups/{full}/link-of/{owner}"),
    (ORGANISER, "/meetups/{full}/agenda"),
    (ORGANISER, "/meetups/{next_lunch}/invite"),
    (ORGANISER, "/meetups/{full}/invite"),
    (ORGANISER, "/meetups/{next_lunch}/invite/{draft_round}"),
    (COMMS_OFFICER, "/meetups/{next_lunch}/invite/{draft_round}"),
    (ORGANISER, "/meetups/{next_lunch}/invite/{draft_round}/who"),
    (ORGANISER, "/meetups/{next_lunch}/invite/{draft_round}/words"),
    (ORGANISER, "/meetups/{full}/invite/{sent_round}"),
    (ORGANISER, "/meetups/{full}/invite/{sent_round}?which=sent"),
    (ORGANISER, "/meetups/{full}/invite/{sent_round}/people/{in_doubt}/again"),
    (ORGANISER, "/meetups/new"),
    (ORGANISER, "/meetups/{full}/change"),
    (ORGANISER, "/meetups/{full}/call-off"),
    (ORGANISER, "/meetups/series/new"),
    (ORGANISER, "/meetups/series/1"),
    (ORGANISER, "/meetups/series/1/change"),
    (ORGANISER, "/meetups/{next_lunch}/questions"),
    (ORGANISER, "/meetups/{last_lunch}/questions"),
    (ORGANISER, "/meetups/{last_lunch}/questions/3/answer"),
    (ORGANISER, "/meetups/{next_lunch}/door"),
    (LIBRARY_OFFICER, "/meetups/{next_lunch}/here/{code}"),
    (ORGANISER, "/meetups/{last_lunch}/thanks"),
    (LIBRARY_OFFICER, "/meetups/notes"),
    (LIBRARY_OFFICER, "/meetups/notes?q=zzzz"),
    (LIBRARY_OFFICER, "/meetups/cards"),
    (LIBRARY_OFFICER, "/meetups/cards/1"),
    ("tamsin.wickstead", "/meetups/cards/1/change"),
    (LIBRARY_OFFICER, "/meetups/cards/new"),
    (LIBRARY_OFFICER, "/digest"),
    (NOBODY, "/digest/stop/{stop}"),
    (COMMS_OFFICER, "/guidelines"),
    (LIBRARY_OFFICER, "/guidelines/{slug}"),
    (COMMS_OFFICER, "/guidelines/new"),
    (COMMS_OFFICER, "/guidelines/{slug}/draft"),
    (COMMS_OFFICER, "/guidelines/{slug}/preview"),
    (COMMS_OFFICER, "/guidelines/{slug}/preview/throw-away"),
    (COMMS_OFFICER, "/guidelines/{slug}/versions"),
    (COMMS_OFFICER, "/guidelines/{slug}/versions/1"),
    (COMMS_OFFICER, "/guidelines/a-curator-s-brief/versions"),
    (LIBRARY_OFFICER, "/guidelines/{slug}/compare?from=1&to=2"),
    (COMMS_OFFICER, "/guidelines/{slug}/compare"),
    (COMMS_OFFICER, "/guidelines/{slug}/retire"),
    ("delyth.marchant", "/guidelines/{slug}/preview"),
    (LIBRARY_OFFICER, "/guidelines/{slug}/decline"),
    (COMMS_OFFICER, "/guidelines/declines"),
    (COMMS_OFFICER, "/guidelines/declines/{declined}"),
    (COMMS_OFFICER, "/guidelines/{slug}/enter"),
    (AUDITOR, "/guidelines/register"),
    (AUDITOR, "/guidelines/register?q=zzzz"),
    (AUDITOR, "/guidelines/register/{signed}"),
    ("josh.haverstock", "/guidelines/register/{disowned}"),
    ("dewi.santthomas", "/guidelines/register/mine"),
    ("dewi.santthomas", "/guidelines/register/{entered}/not-mine"),
    ("seren.madog", "/guidelines/{slug}"),
    ("aled.rowlatt", "/accounts/{with_deputy}/sign"),
    (COMMS_OFFICER, "/guidelines/{slug}/sign-offs"),
    (COMMS_OFFICER, "/guidelines/{slug}/sign-offs?state=overdue"),
    (COMMS_OFFICER, "/guidelines/{slug}/sign-offs/teams"),
    (COMMS_OFFICER, "/guidelines/sign-offs"),
    (COMMS_OFFICER, "/guidelines/{slug}/who"),
    (AUDITOR, "/history"),
    (COMMS_OFFICER, "/overview/teams"),
    (COMMS_OFFICER, "/overview/teams?without=yes"),
    (COMMS_OFFICER, "/platforms"),
    (LIBRARY_OFFICER, "/platforms"),
    (COMMS_OFFICER, "/platforms/x/decide"),
    (LIBRARY_OFFICER, "/platforms/ask"),
    (COMMS_OFFICER, "/platforms/requests/1"),
    (LIBRARY_OFFICER, "/accounts/bookmark"),
    ("sioned.garmon", "/accounts/{with_deputy}/nod"),
)
#: Forms sent with something wrong in them: who, where, which button.
WRONG_FORMS = (
    (NOBODY, "/sign-in", "Sign in"),
    (
        LIBRARY_OFFICER,
        "/accounts/new?address=https://www.instagram.com/never.registered.account",
        "Register the account",
    ),
    (COMMS_OFFICER, "/accounts/{proposed}/send-back", "Send back"),
    (COMMS_OFFICER, "/accounts/{twin}/rename", "Keep the new address"),
    (COMMS_OFFICER, "/accounts/{twin}/handle-taken", "Let the handle go"),
    (COMMS_OFFICER, "/accounts/{twin}/merge", "Compare"),
    (COMMS_OFFICER, "/accounts/ask-comms", "Send"),
    (LIBRARY_OFFICER, "/accounts/{live}/hand-over", "Ask them"),
    (LIBRARY_OFFICER, "/accounts/{offered}/hand-over/decline", "Decline"),
    (LIBRARY_OFFICER, "/accounts/{live}/people", "Add"),
    ("sandra.buckle", "/accounts/{alone}/access", "Save"),
    (COMMS_OFFICER, "/accounts/{live}/custody", "Take it into custody"),
    (COMMS_OFFICER, "/accounts/{live}/lost", "Report it lost"),
    (COMMS_OFFICER, "/accounts/{live}/close", "Close it"),
    (COMMS_OFFICER, "/guidelines/new", "Save and look at it"),
    (ADMINISTRATOR, "/directory/{held}", "Let them go"),
    (COMMS_OFFICER, "/accounts/imports", "Continue"),
    (COMMS_OFFICER, "/guests/new", "Add the guest"),
    (COMMS_OFFICER, "/platforms/bluesky/decide", "Save"),
    (LIBRARY_OFFICER, "/platforms/ask", "Ask"),
    (LIBRARY_OFFICER, "/lists/new", "Continue"),
    (LIBRARY_OFFICER, "/lists/libraries-and-reading/accounts/{live}", "Put it on the list"),
    (ADMINISTRATOR, "/api-tokens/new", "Make the token"),
    (COMMS_OFFICER, "/guests/{guest}/merge", "Continue"),
    (LIBRARY_OFFICER, "/people/help", "See whom it would reach"),
    (LIBRARY_OFFICER, "/people/drop-ins/{slot}", "Book it"),
    (COMMS_OFFICER, "/people/drop-ins/new", "Offer them"),
    (COMMS_OFFICER, "/people/voices/new", "Ask them"),
    (ADMINISTRATOR, "/people/me/voice", "Yes, list me"),
    (LIBRARY_OFFICER, "/guidelines/{slug}", "Sign the guidelines"),
    (LIBRARY_OFFICER, "/guidelines/{slug}/decline", "Tell comms"),
    (COMMS_OFFICER, "/guidelines/declines/{declined}", "Send the answer"),
    (COMMS_OFFICER, "/guidelines/{slug}/enter", "Continue"),
    (COMMS_OFFICER, "/accounts/views/new?platform=facebook", "Save the view"),
    (COMMS_OFFICER, "/accounts/several?account={live}&account={orphaned}", "See what would change"),
)

Visit = Callable[[str, str], Page]


@pytest.fixture(scope="module")
def real(demo: Demo) -> dict[str, Any]:
    """What fills the addresses: ids of the demonstration's own rows."""
    with closing(sqlite3.connect(f"file:{demo.instance / 'registry.sqlite3'}?mode=ro", uri=True)) as rows:

        def one(sql: str) -> Any:
            return rows.execute(sql).fetchone()[0]

        def proposed_by(username: str) -> Any:
            proposer = f"(SELECT id FROM person WHERE username = '{username}')"
            return one(f"SELECT min(id) FROM account WHERE state = 'proposed' AND proposed_by_id = {proposer}")

        def seal(of: str) -> bytes:
            return hmac.digest((demo.instance / "secret_key").read_bytes().strip(), of.encode(), "sha256")

        owner = one(f"SELECT id FROM person WHERE username = '{LIBRARY_OFFICER}'")
        lunch = "SELECT {} FROM meetup WHERE title = 'Account holders’ lunch' AND ends_at {} datetime('now')"
        uid = one(lunch.format("uid", ">") + " ORDER BY begins_at")
        campaign, whom, secret = rows.execute("SELECT campaign_id, person_id, nonce FROM asked").fetchone()
        digest, nonce = rows.execute("SELECT person_id, nonce FROM digest_choice").fetchone()
        return {
            "seen": one("SELECT min(id) FROM sighting WHERE state = 'new'"),
            "fake": one("SELECT min(id) FROM sighting WHERE state = 'spoof'"),
            "claimed": one(
                "SELECT sighting_id FROM claim JOIN person ON person.id = person_id WHERE username = 'liam.tipton'"
            ),
            "asked_link": f"{campaign}.{whom}.{seal(f'asked {campaign} {whom} {secret}').hex()[:32]}",
            "next_lunch": one(lunch.format("id", ">") + " ORDER BY begins_at"),
            "last_lunch": one(lunch.format("id", "<") + " ORDER BY begins_at DESC"),
            "draft_round": one("SELECT id FROM invitation_round WHERE state = 'draft'"),
            "sent_round": one("SELECT id FROM invitation_round WHERE state = 'sent'"),
            "in_doubt": one("SELECT min(person_id) FROM message WHERE state = 'unsure'"),
            "full": one("SELECT meetup_id FROM reply WHERE queued_at IS NOT NULL"),
            "code": base64.b32encode(seal(f"door {uid}"))[:8].decode(),
            "stop": f"{digest}.{seal(f'digest {digest} {nonce}').hex()[:32]}",
            "proposed": one("SELECT min(id) FROM account WHERE state = 'proposed'"),
            "with_deputy": proposed_by("aled.rowlatt"),
            "alone": proposed_by("sandra.buckle"),
            "orphaned": one("SELECT min(id) FROM account WHERE state = 'orphaned'"),
            "live": one(f"SELECT min(id) FROM account WHERE owner_id = {owner} AND state = 'live'"),
            "twin": one("SELECT id FROM account WHERE title = 'Mobile Library, Brynmor'"),
            "renamed": one("SELECT min(account_id) FROM former_name"),
            "asked": one("SELECT id FROM account WHERE consent_asked_at IS NOT NULL"),
            "asked_url": one("SELECT url FROM account WHERE consent_asked_at IS NOT NULL"),
            "own": one("SELECT id FROM account WHERE title = 'Chief Executive of Brynmor'"),
            "asleep": one("SELECT account_id FROM review_watch WHERE stage = 'asleep'"),
            "team": one("SELECT id FROM team WHERE name = 'Libraries'"),
            "posted": one(
                "SELECT min(account_id) FROM contributor WHERE account_id IN (SELECT account_id FROM access_facts"
                " WHERE recovery = 'personal')"
            ),
            "left": one("SELECT min(account_id) FROM withdrawal WHERE settled_at IS NULL"),
            "kept": one("SELECT min(account_id) FROM custody"),
            "lost": one("SELECT min(account_id) FROM loss"),
            "closed": one("SELECT min(account_id) FROM closing"),
            "offered": one(f"SELECT min(account_id) FROM hand_over WHERE state = 'waiting' AND taker_id = {owner}"),
            "change": one("SELECT min(id) FROM bulk_change"),
            "url": one("SELECT url FROM account WHERE state = 'live' ORDER BY id"),
            "owner": owner,
            "link": "1-0",  # Until ``visit`` has invited somebody.
            "full_link": "1-0",
            "guest": owner,  # Until ``visit`` has added one: the demonstration has none.
            "leaver": one("SELECT min(id) FROM person WHERE state = 'left'"),
            "slug": one("SELECT slug FROM document WHERE title = 'Social media at Brynmor'"),
            "entry": one("SELECT max(id) FROM follow_entry"),
            "declined": one("SELECT min(id) FROM decline WHERE settled_at IS NULL"),
            "voice": one("SELECT min(person_id) FROM voice WHERE state = 'yes'"),
            "call": one(f"SELECT min(id) FROM help_call WHERE asker_id = {owner}"),
            "helper": one(
                "SELECT username FROM person JOIN help_asked ON help_asked.person_id = person.id JOIN help_call"
                f" ON help_call.id = help_asked.call_id WHERE help_call.asker_id = {owner} ORDER BY help_asked.id"
            ),
            "introduced": one(
                "SELECT username FROM person JOIN introduction ON alone_id = person.id ORDER BY introduction.id"
            ),
            "slot": one("SELECT min(id) FROM drop_in WHERE booked_by_id IS NULL"),
            "booked": one("SELECT min(id) FROM drop_in WHERE booked_by_id IS NOT NULL"),
            "signed": one("SELECT min(id) FROM sign_off"),
            "entered": one("SELECT min(id) FROM sign_off WHERE entered_by_id IS NOT NULL"),
            "disowned": one("SELECT min(sign_off_id) FROM decline"),
        }


@pytest.fixture(scope="module")
def heard() -> list[str]:
    """What the browser said in its console, and which scripts broke, since ``visit`` opened a page."""
    return []


@pytest.fixture(scope="module")
def visit(chromium: Chromium, demo: Demo, real: dict[str, Any], heard: list[str]) -> Iterator[Visit]:
    """``visit(who, path)`` opens a page as somebody: all sit at one browser, which takes a while to begin."""
    context = chromium.new_context(base_url=demo.address, reduced_motion="reduce")
    context.set_default_timeout(15_000)
    context.add_init_script(f"{AXE_SCRIPT}; combinations = {COMBINATIONS}")
    page = context.new_page()
    page.on("pageerror", lambda error: heard.append(f"script: {error}"))
    page.on(
        "console", lambda said: heard.append(f"console: {said.text}") if said.type in ("error", "warning") else None
    )

    def go(who: str, path: str) -> Page:
        who = who.format(**real)
        context.clear_cookies()
        if who:
            context.add_cookies(cookies_of(demo, who))
        heard.clear()
        page.set_viewport_size(WIDE)
        page.emulate_media(color_scheme="light", media="screen")
        page.goto(path.format(**real))
        return page

    if real:
        go(COMMS_OFFICER, "/guidelines/{slug}/draft")  # The page that previews a draft needs one.
        page.get_by_role("button", name="Save and look at it").click()
        real["guest"] = add_guest(go(COMMS_OFFICER, "/guests/new"))
        real |= add_readings(demo)
        real |= add_invitations(demo)
    yield go
    context.close()


def add_readings(demo: Demo) -> dict[str, int]:
    """A reading of the directory that was held, with every kind of line, and one that still runs; their ids."""
    with closing(sqlite3.connect(demo.instance / "registry.sqlite3")) as rows, rows:
        rows.row_factory = sqlite3.Row
        whole = dict(rows.execute("SELECT * FROM sync_run WHERE id = 1").fetchone())
        at = datetime.now(UTC).replace(tzinfo=None).isoformat(" ")
        others = {
            "running": {"result": "running", "read": 300, "expected": 1000, "ended_at": None},
            "held": {"result": "held", "held": 2, "reason": "Two people were not in the directory.", "ended_at": at},
        }
        added = {}
        for name, values in others.items():
            row = {**whole, "began_at": at, **values}
            del row["id"]
            marks = ", ".join("?" * len(row))
            sql = f"INSERT INTO sync_run ({', '.join(row)}) VALUES ({marks})"
            added[name] = int(rows.execute(sql, list(row.values())).lastrowid or 0)
        people = [row["id"] for row in rows.execute("SELECT id FROM person ORDER BY id LIMIT 9")]
        turns = (*Turn, Turn.HELD)
        rows.executemany(
            "INSERT INTO run_line (run_id, person_id, turn, from_team_id, note) VALUES (?, ?, ?, 1, '')",
            [(added["held"], person, turn.value) for person, turn in zip(people, turns, strict=True)],
        )
    return added


def add_invitations(demo: Demo) -> dict[str, str]:
    """Somebody is invited to a meetup that has places, which they come to, and to one that is full; their links."""
    key = (demo.instance / "secret_key").read_text().strip()
    person = f"(SELECT id FROM person WHERE username = '{LIBRARY_OFFICER}')"
    added = {}
    with closing(sqlite3.connect(demo.instance / "registry.sqlite3")) as rows, rows:
        for name, where in (("link", "title LIKE 'Account holders%'"), ("full_link", "title LIKE 'Winter%'")):
            one = f"SELECT {person}, min(id) FROM meetup WHERE {where} AND begins_at > datetime('now')"
            person_id, meetup_id = rows.execute(one).fetchone()
            insert = (
                "INSERT INTO invitation (meetup_id, person_id, invited_at, nonce) VALUES (?, ?, datetime('now'), '1')"
                " ON CONFLICT DO UPDATE SET nonce = '1', revoked_at = NULL RETURNING id"
            )
            (number,) = rows.execute(insert, (meetup_id, person_id)).fetchone()
            about = f"answer {number} {meetup_id} {person_id} 1"
            added[name] = f"{number}-{hmac.digest(key.encode(), about.encode(), 'sha256').hex()[:32]}"
    return added


def add_guest(page: Page) -> str:
    """Fill in the form for a guest, whom nobody has added before; the id of the guest."""
    name = f"Mair Huws {uuid.uuid4().hex[:8]}"
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_label("What do they do?").fill("Path warden")
    page.get_by_role("radio", name="Volunteer").check()
    page.get_by_label("Last day").fill(f"{today() + timedelta(days=10)}")
    page.get_by_role("button", name="Add the guest").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(name)
    return page.url.rpartition("/")[2]


def faults_of(page: Page) -> list[str]:
    """What is wrong with the page that is open, in each of the ways that it can be looked at."""
    faults = [f"light: {fault}" for fault in axe(page, RULES, without=CONTRAST)]
    faults += faults_of_colours(page, "light", (CONTRAST,))
    page.emulate_media(color_scheme="dark")
    faults += faults_of_colours(page, "dark", COLOURS)
    page.emulate_media(color_scheme="light")
    page.set_viewport_size(NARROW)
    faults += [f"narrow: {fault}" for fault in axe(page, LAYOUT)]
    faults += faults_of_colours(page, "narrow", COLOURS)
    width = page.evaluate("document.documentElement.scrollWidth")
    faults += [f"narrow: the page is {width} px wide"] if width > NARROW["width"] else []
    page.emulate_media(media="print")
    shown = page.locator("nav, input[type=search], .govuk-button, .reg-link-button, .reg-footer__links")
    faults += [
        f"print: {one.evaluate('element => element.outerHTML')[:100]}" for one in shown.filter(visible=True).all()
    ]
    page.emulate_media(media="screen")
    return faults


def faults_of_colours(page: Page, way: str, rules: tuple[str, ...]) -> list[str]:
    """What is wrong with the colours of the page as it is looked at now.

    What has the same colours as what was right before, here or on another page, need not be looked at again: axe-core
    takes its time over each text.
    """
    new = [one for one in page.evaluate("[...combinations().keys()]") if one not in RIGHT]
    if not new:
        return []
    some = f"[...combinations()].flatMap(([one, element]) => {json.dumps(new)}.includes(one) ? [element] : [])"
    faults = [f"{way}: {fault}" for fault in axe(page, rules, some)]
    if not faults:
        RIGHT.update(new)
    return faults


def axe(page: Page, rules: tuple[str, ...], where: str = "[document]", *, without: str = "") -> list[str]:
    """What axe-core finds wrong by ``rules`` (their names, or tags of them) but for one: the rule, and where.

    ``where`` makes the list of elements to look at.
    """
    found = page.evaluate(
        f"([runOnly, rules]) => {{ const include = {where}; return include.length === 0 ? [] : axe.run({{include}},"
        " {runOnly, rules, resultTypes: ['violations'], preload: false, iframes: false})"
        ".then(({violations}) => violations.map(({id, help, nodes}) => [id, help, nodes.map(node => node.html)])) }",
        [list(rules), {without: {"enabled": False}} if without else {}],
    )
    return [f"{rule}: {what}: {html[:200]}" for rule, what, places in found for html in places]


@pytest.mark.parametrize(("who", "path"), PAGES, ids=[f"{who or 'nobody'} {path}" for who, path in PAGES])
def test_page_has_no_barrier(visit: Visit, heard: list[str], who: str, path: str) -> None:
    assert faults_of(visit(who, path)) + heard == []


@pytest.mark.parametrize(("who", "path", "button"), WRONG_FORMS, ids=[f"{path} {one}" for _, path, one in WRONG_FORMS])
def test_form_with_errors_has_no_barrier(visit: Visit, who: str, path: str, button: str) -> None:
    page = visit(who, path)
    page.get_by_role("button", name=button, exact=True).click()
    expect(page.locator(".govuk-error-summary")).to_be_focused()
    assert faults_of(page) == []


def test_page_that_is_not_there_has_no_barrier(visit: Visit) -> None:
    page = visit(NOBODY, "/there/is/no/such/page")
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    assert faults_of(page) == []


def test_page_that_says_too_large_has_no_barrier(visit: Visit) -> None:
    page = visit(COMMS_OFFICER, "/people/me/profile")
    page.evaluate(
        "const more = document.createElement('input'); more.type = 'hidden'; more.name = 'more';"
        "more.value = 'x'.repeat(17 * 1024 * 1024); document.querySelector('.reg-form').append(more);"
    )
    page.get_by_role("button", name="Save the profile").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("That is too large")
    assert faults_of(page) == []


def test_every_page_of_the_app_is_looked_at(app: Flask, real: dict[str, Any]) -> None:
    routes = app.url_map.bind("register.example")
    looked_at = {routes.match(path.format(**real).partition("?")[0])[0] for _, path in PAGES}
    pages = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())}
    assert looked_at == pages - NO_PAGES


def test_skip_link_leads_past_the_navigation(visit: Visit) -> None:
    page = visit(COMMS_OFFICER, "/accounts")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to main content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#main")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Register an account")).to_be_focused()


def test_menu_on_a_phone_opens_and_closes_with_the_keyboard(visit: Visit) -> None:
    page = visit(COMMS_OFFICER, "/accounts")
    page.set_viewport_size(NARROW)
    menu, place = page.get_by_role("button", name="Menu"), page.get_by_role("link", name="People", exact=True)
    expect(place).to_be_hidden()
    menu.press("Enter")
    expect(place).to_be_visible()
    place.press("Escape")
    expect(place).to_be_hidden()
    expect(menu).to_be_focused()


@pytest.mark.parametrize("path", ["/accounts", "/people"])
def test_filters_are_folded_on_a_phone(visit: Visit, path: str) -> None:
    page = visit(COMMS_OFFICER, path)
    expect(page.locator(".reg-facets__fold")).to_have_attribute("open", "")
    page.set_viewport_size(NARROW)
    expect(page.locator(".reg-facets__fold")).not_to_have_attribute("open", "")
    page.locator(".reg-facets__fold > summary").press("Enter")
    expect(page.locator(".reg-facets__fold")).to_have_attribute("open", "")


def test_faults_are_found_in_each_way_of_looking(visit: Visit) -> None:
    page = visit(NOBODY, "/privacy")
    page.evaluate("""() => {
        document.getElementById("main").insertAdjacentHTML(
            "beforeend",
            "<nav>Spare</nav><p id=pale>Pale</p><p id=dim>Dim</p><p id=wide>Wide</p><p id=thin>Thin</p><img>"
        );
        const sheet = new CSSStyleSheet();
        sheet.replaceSync("@media screen and (max-width: 500px) { #thin { color: #aaa } }");
        document.adoptedStyleSheets.push(sheet);
        document.getElementById("pale").style.color = "#999";
        document.getElementById("dim").style.color = "#444";
        document.getElementById("wide").style.width = "600px";
    }""")
    found = {tuple(fault.split(": ")[:2]) for fault in faults_of(page)}
    assert {(way, "color-contrast") for way in ("light", "dark", "narrow")} | {("light", "image-alt")} <= found
    assert {way for way, _ in found} == {"light", "dark", "narrow", "print"}
    assert any(what.startswith("the page is ") for _, what in found)
