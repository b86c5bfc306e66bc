"""Deny by default: the app does not start while any view names nobody who may see it."""

import pytest
from flask import Blueprint, Flask

from registry import create_app, dashboard
from registry.config import Settings
from registry.roles import Role
from registry.web import EVERYONE, LINK, PUBLIC, TOKEN, ViewWithoutRole, allow, allowed, check_views

#: The only pages for people who are not signed in; a new one needs a reason.
OPEN_TO_EVERYONE = {
    "asked.page", "asked.answer",  # One press in the mail of a campaign answers; the address holds a secret.
    "digest.stop", "digest.stopped",  # Whoever has the link of a digest may end it, in a mail program too.
    "home.accessibility", "home.health", "home.privacy", "people.sign_in", "people.sign_in_now",
    "people.sso_back", "people.sso_begin",  # The way to the organisation's own sign-in page, and back from there.
}  # fmt: skip


def test_every_view_names_who_may_see_it(app: Flask) -> None:
    known = {EVERYONE, LINK, PUBLIC, TOKEN, *Role}
    assert {endpoint: allowed(app, endpoint) - known for endpoint in app.view_functions} == {
        endpoint: frozenset() for endpoint in app.view_functions
    }
    check_views(app)


def test_only_these_views_are_open_to_everyone(app: Flask) -> None:
    assert {name for name in app.view_functions if EVERYONE in allowed(app, name)} == OPEN_TO_EVERYONE


def test_only_these_views_are_open_to_everyone_where_the_register_is_public(app: Flask) -> None:
    assert {name for name in app.view_functions if PUBLIC in allowed(app, name)} == {
        "public.file", "public.follow_list", "public.follow_lists", "public.index", "public.verify",
        "public.verify_json",
    }  # fmt: skip


def test_only_these_views_are_open_to_whoever_has_a_link(app: Flask) -> None:
    assert {name for name in app.view_functions if LINK in allowed(app, name)} == {
        "by_link.answer", "by_link.file", "by_link.page", "calendars.feed",
    }  # fmt: skip


def test_only_the_api_asks_for_a_token_instead(app: Flask) -> None:
    asking = {name for name in app.view_functions if TOKEN in allowed(app, name)}
    assert asking == {name for name in app.view_functions if name.startswith("api.")}


def test_a_view_without_a_role_is_named(app: Flask) -> None:
    app.add_url_rule("/forgotten", "forgotten", lambda: "")
    with pytest.raises(ViewWithoutRole, match=r"forgotten$"):
        check_views(app)


def test_a_view_that_allows_nobody_is_named(app: Flask) -> None:
    app.add_url_rule("/nobody", "nobody", allow()(lambda: ""))
    with pytest.raises(ViewWithoutRole, match=r"nobody$"):
        check_views(app)


def test_the_app_does_not_start_with_such_a_view(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    forgetful = Blueprint("home", __name__)
    forgetful.add_url_rule("/", "page", lambda: "")
    monkeypatch.setattr(dashboard, "bp", forgetful)
    with pytest.raises(ViewWithoutRole, match=r"home\.page$"):
        create_app(settings)
