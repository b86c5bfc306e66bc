"""The demonstration as the tests in a browser know it: where it is, and how somebody signs in to it."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from markup import parse
from playwright.sync_api import Page

from registry.demo.council import PASSWORD

WIDE = {"width": 1280, "height": 800}
NARROW = {"width": 375, "height": 800}


@dataclass(frozen=True)
class Demo:
    """The demonstration that runs: where it answers and where it keeps its things."""

    address: str
    instance: Path
    #: Cookies by username: the directory is asked once for each person, as it counts failures by address.
    cookies: dict[str, Any] = field(default_factory=dict)


def cookies_of(demo: Demo, username: str) -> Any:
    """The cookies of ``username``, as a browser takes them; at the first call they sign in, without a browser."""
    if username not in demo.cookies:
        with httpx.Client(base_url=demo.address, follow_redirects=True) as client:
            page = parse(client.get("/sign-in").text)
            typed = {one.get("name"): one.get("value", "") for one in page.iter("input") if one.get("name")}
            answer = client.post("/sign-in", data=typed | {"login": username, "password": PASSWORD})
            assert answer.url == f"{demo.address}/", f"{username} cannot sign in"
            demo.cookies[username] = [
                {"name": name, "value": value, "url": demo.address} for name, value in client.cookies.items()
            ]
    return demo.cookies[username]


def enter(page: Page, username: str, password: str = PASSWORD) -> None:
    """Fill in the sign-in page and send it."""
    page.get_by_label("Username or work email address").fill(username)
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.wait_for_load_state()
