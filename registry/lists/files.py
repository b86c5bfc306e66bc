"""A list to take along: a spreadsheet, or OPML for a feed reader."""

from collections.abc import Sequence
from typing import Any, Final

from flask import Response

from registry.accounts.platforms import PLATFORMS
from registry.export import download
from registry.lists.feeds import feed_of
from registry.lists.models import FollowList
from registry.lists.opml import OPML, opml
from registry.lists.queries import Entry

COLUMNS: Final = ("place", "title", "platform", "handle", "url", "feed", "why")
FORMATS: Final = ("csv", "xlsx", "opml")


def file_of(follow_list: FollowList, entries: Sequence[Entry], form: str) -> Response:
    """The list as a file to keep; ``form`` is one of ``FORMATS``."""
    if form == "opml":
        body = opml(title=follow_list.title, changed_at=follow_list.changed_at, entries=entries)
        name = f'attachment; filename="{follow_list.slug}.opml"'
        return Response(body, mimetype=OPML, headers={"Content-Disposition": name})
    return download(follow_list.slug, form, COLUMNS, (_row(place, one) for place, one in enumerate(entries, 1)))


def _row(place: int, entry: Entry) -> tuple[Any, ...]:
    platform = PLATFORMS.get(entry.platform)
    name = platform.name if platform else entry.platform
    return place, entry.title, name, entry.handle, entry.url, feed_of(entry), entry.why
