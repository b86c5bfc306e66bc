"""The main job done in a browser as three people: the library officer, the comms officer, the stranger."""

import csv
import io
import re
from collections.abc import Callable

import pytest
from demonstration import enter
from playwright.sync_api import Locator, Page, expect

from registry.accounts.views import OWNER_IS_NOT_TOLD, OWNER_IS_TOLD
from registry.people.views import WRONG

pytestmark = pytest.mark.browser

COMMS_OFFICER = "carys.bowen"
LIBRARY_OFFICER = "lowri.pryce"
AUDITOR = "adaeze.okafor"
LEAVER = "geraint.hughes"
People = Callable[..., Page]


def begin(page: Page, address: str) -> None:
    """From home to the questions about a new account."""
    page.goto("/")
    page.get_by_role("button", name="Register an account").first.click()
    page.get_by_label("What is its address?").fill(address)
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Tell us about it")


def register(page: Page, address: str, title: str) -> str:
    """Register the account of ``address`` as the person of ``page``; the path of its page."""
    begin(page, address)
    page.get_by_text("Filled in for you").click()
    page.get_by_label("Name of the account").fill(title)
    page.get_by_label("What is it for?").fill("Stories for under-fives, every Tuesday.")
    page.get_by_role("radio", name="Semi-official").check()
    page.get_by_role("button", name="Register the account").click()
    if later := page.get_by_role("link", name="Leave it for later").all():
        later[0].click()  # Who has not signed yet is asked to on the way.
    expect(page.get_by_role("heading", level=1)).to_have_text(f"{title} is registered")
    return page.url.removesuffix("/registered")


def test_library_officer_registers_copies_the_bio_and_signs(as_: People) -> None:
    page = as_(LIBRARY_OFFICER, permissions=["clipboard-read", "clipboard-write"])
    begin(page, "https://www.instagram.com/brynmor.storytime/")
    expect(page.locator(".reg-found__name")).to_have_text("@brynmor.storytime")
    page.get_by_text("Filled in for you").click()
    expect(page.get_by_label("Who answers for it?")).to_have_value(LIBRARY_OFFICER)
    page.get_by_label("Name of the account").fill("Brynmor Storytime")
    page.get_by_label("What is it for?").fill("Stories for under-fives, every Tuesday.")
    page.get_by_role("radio", name="Semi-official").check()
    page.get_by_label("Who can take over when they are away?").press_sequentially("iestyn")
    expect(page.locator("#colleagues option[value='iestyn.gwilym']")).to_have_count(1)
    page.get_by_label("Who can take over when they are away?").fill("iestyn.gwilym")
    page.get_by_role("button", name="Register the account").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Social media at Brynmor")
    page.get_by_role("button", name="Sign the guidelines").click()
    expect(page.locator("#agreed-error")).to_have_text("Error: Tick the box to say that you agree.")
    page.get_by_role("radio", name="That you will answer in a private message").check()
    page.locator("#agreed").check()
    page.get_by_role("button", name="Sign the guidelines").click()

    expect(page.get_by_role("heading", level=1)).to_have_text("Brynmor Storytime is registered")
    bio = (
        "Brynmor Storytime, run by the Libraries team of Brynmor County Council. "
        "Staffed Mon–Sat. Answers same day. Not for emergencies: ring 999."
    )
    expect(page.locator("#copy-bio")).to_have_text(bio)
    page.locator(".reg-copy", has=page.locator("#copy-bio")).get_by_role("button").click()
    expect(page.locator(".reg-copy", has=page.locator("#copy-bio")).get_by_role("status")).to_have_text(
        "Copied. You can paste it now."
    )
    assert page.evaluate("navigator.clipboard.readText()") == bio

    page.goto("/guidelines/social-media-at-brynmor")
    expect(page.locator(".reg-done")).to_contain_text("You signed version 2 on")


def test_comms_officer_approves_and_everybody_finds_the_account(as_: People) -> None:
    owner, comms = as_("guto.roberts"), as_(COMMS_OFFICER)
    register(owner, "https://www.threads.com/@brynmor.puppetclub", "Puppet Club")

    comms.goto("/")
    waiting = comms.locator("section", has=comms.get_by_role("heading", name="Waiting for comms"))
    waiting.get_by_role("link", name="Puppet Club").first.click()
    comms.get_by_role("button", name="Approve").click()
    expect(comms.locator(".reg-flash__text")).to_have_text(f"Puppet Club is live. {OWNER_IS_NOT_TOLD}")
    expect(comms.locator(".reg-head .reg-tag").first).to_have_text("Live")

    comms.get_by_role("link", name="Accounts", exact=True).first.click()
    comms.get_by_label("Find an account").press_sequentially("puppet cl")
    expect(comms.locator(".reg-bar__count")).to_have_text("1 account")
    expect(comms).to_have_url(re.compile(r"/accounts\?q=puppet(\+|%20)cl$"))
    expect(comms.locator("tbody th a")).to_have_text(["Puppet Club"])
    comms.locator(".reg-facet__link", has_text="Live").click()
    expect(comms.locator(".reg-chip")).to_have_text(["Remove: “puppet cl”", "Remove: Live"])
    assert exported(comms) == [["Puppet Club", "threads", "'@brynmor.puppetclub", "live", "Guto Roberts"]]

    comms.locator(".reg-chip", has_text="puppet").click()
    expect(comms.locator(".reg-chip")).to_have_text(["Remove: Live"])
    expect(comms.get_by_label("Find an account")).to_have_value("")
    assert len(exported(comms)) == int(comms.locator(".reg-bar__count").inner_text().removesuffix(" accounts"))

    owner.goto("/")
    mine = owner.locator("section", has=owner.get_by_role("heading", name="Your accounts"))
    expect(mine.locator(".reg-tile-card", has_text="Puppet Club").locator(".reg-tag")).to_have_text("Live")


def exported(page: Page) -> list[list[str]]:
    """The rows of the file behind the page's link: title, platform, handle (made safe for a sheet), state, owner."""
    href = page.get_by_role("link", name="CSV").get_attribute("href") or ""
    answer = page.request.get(href)
    assert answer.headers["content-type"].startswith("text/csv")
    rows = csv.DictReader(io.StringIO(answer.body().decode("utf-8-sig")))
    return [[row[name] for name in ("title", "platform", "handle", "state", "owner")] for row in rows]


def test_account_sent_back_is_mended_by_its_owner(as_: People) -> None:
    owner, comms = as_("gwenno.owen"), as_(COMMS_OFFICER)
    path = register(owner, "https://www.tiktok.com/@brynmor.knits", "Knit and Natter")

    comms.goto(path)
    comms.get_by_role("button", name="Send back").click()
    comms.get_by_role("button", name="Send back").click()
    expect(comms.locator("#reason-error")).to_have_text("Error: Say what should change, so that they can mend it.")
    comms.get_by_label("What should they change?").fill("Please say which branch it is.")
    comms.get_by_role("button", name="Send back").click()
    expect(comms.locator(".reg-flash__text")).to_have_text(f"Sent back. {OWNER_IS_TOLD}")

    owner.goto("/")
    task = owner.locator(".reg-task", has_text="Mend Knit and Natter")
    expect(task.locator(".reg-task__hint")).to_have_text("Please say which branch it is.")
    task.get_by_role("button").click()
    owner.get_by_label("What is it for?").fill("Knitting at Pontydderw library, Thursdays at two.")
    owner.get_by_role("button", name="Save").click()
    expect(owner.locator(".reg-notice__heading")).to_have_text(["Waiting for comms"])

    comms.goto("/")
    waiting = comms.locator("section", has=comms.get_by_role("heading", name="Waiting for comms"))
    expect(waiting.locator(".reg-tile-card", has_text="Knit and Natter")).to_have_count(1)


def test_register_works_with_the_keyboard_alone(as_: People) -> None:
    page = as_("macsen.humphreys")
    page.goto("/")
    reach(page, page.get_by_role("button", name="Register an account").first)
    page.keyboard.press("Enter")
    reach(page, page.get_by_label("What is its address?"))
    page.keyboard.type("https://www.youtube.com/@BrynmorChessClub")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Tell us about it")
    expect(page.get_by_label("Name of the account")).to_have_value("Brynmor Chess Club")
    reach(page, page.get_by_label("What is it for?"))
    page.keyboard.type("Games and lessons at the library.")
    reach(page, page.get_by_role("radio", name="Official", exact=True))
    page.keyboard.press("ArrowDown")
    reach(page, page.get_by_label("Who can take over when they are away?"))
    page.keyboard.type("menna.trefor")
    reach(page, page.get_by_role("button", name="Register the account"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Social media at Brynmor")
    reach(page, page.get_by_role("radio", name="How it stands: they asked"))
    page.keyboard.press("ArrowDown")
    reach(page, page.locator("#agreed"))
    page.keyboard.press("Space")
    reach(page, page.get_by_role("button", name="Sign the guidelines"))
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Brynmor Chess Club is registered")


def reach(page: Page, wanted: Locator) -> None:
    """Press Tab until ``wanted`` has the focus, as somebody without a mouse would."""
    expect(wanted).to_be_visible()
    for _ in range(60):
        page.keyboard.press("Tab")
        if wanted.evaluate("element => element === document.activeElement"):
            return
    pytest.fail(f"Tab does not reach {wanted}")


def test_register_works_without_javascript(as_: People) -> None:
    page = as_("elan.pryce", java_script_enabled=False)
    register(page, "https://bsky.app/profile/storybus.brynmor.example", "Story Bus")
    expect(page.locator("#copy-bio")).to_contain_text("Story Bus, run by the Libraries team")
    expect(page.locator(".reg-copy__button").first).to_be_hidden()
    page.get_by_role("button", name="Read and sign").click()
    page.get_by_role("radio", name="That you will answer in a private message").check()
    page.locator("#agreed").check()
    page.get_by_role("button", name="Sign the guidelines").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Story Bus is registered")
    expect(page.get_by_role("button", name="Read and sign")).to_have_count(0)

    page.goto("/accounts")
    page.get_by_label("Find an account").fill("story bus")
    page.get_by_role("button", name="Find").click()
    expect(page.locator("tbody th a")).to_have_text(["Story Bus"])


def test_address_that_is_no_account_is_answered_before_any_other_question(as_: People) -> None:
    page = as_(LIBRARY_OFFICER)
    page.goto("/accounts/new")
    page.get_by_label("What is its address?").fill("https://www.facebook.com/search/?q=library")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Register an account")
    expect(page.get_by_text("not an account", exact=False).first).to_be_visible()
    page.get_by_label("What is its address?").fill("https://www.facebook.com/brynmor.llanwennol.library")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("link", name="Llanwennol Library")).to_be_visible()
    expect(page.get_by_label("What is it for?")).to_have_count(0)


@pytest.mark.parametrize(
    "path", ["/", "/accounts", "/accounts/1", "/people", "/guidelines", "/overview", "/search?q=a"]
)
def test_stranger_gets_nowhere(as_: People, path: str) -> None:
    page = as_()
    page.goto(path)
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_role("navigation")).to_have_count(0)


@pytest.mark.parametrize(
    ("username", "password"), [(LIBRARY_OFFICER, "wrong"), ("nobody.atall", "x"), (LEAVER, "brynmor")]
)
def test_wrong_password_unknown_name_and_leaver_read_the_same(as_: People, username: str, password: str) -> None:
    page = as_()
    page.goto("/sign-in")
    enter(page, username, password)
    expect(page.locator("#login-error")).to_have_text(f"Error: {WRONG}")
    expect(page.get_by_role("link", name="Home")).to_have_count(0)


def test_sign_in_leads_to_the_page_that_was_asked_for(as_: People) -> None:
    page = as_()
    page.goto("/accounts?platform=facebook")
    enter(page, "iestyn.gwilym")
    expect(page.locator(".reg-chip")).to_have_text(["Remove: Facebook"])
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")


@pytest.mark.parametrize(
    ("username", "path"), [(LIBRARY_OFFICER, "/overview"), (AUDITOR, "/mail"), (AUDITOR, "/guidelines/new")]
)
def test_person_without_the_role_is_told_there_is_no_such_page(as_: People, username: str, path: str) -> None:
    page = as_(username)
    answer = page.goto(path)
    assert answer is not None
    assert answer.status == 404
    expect(page.get_by_role("heading", level=1)).to_have_text("Page not found")
    page.get_by_role("link", name="Go to the home page").click()
    expect(page.get_by_role("link", name="Overview")).to_have_count(0)
