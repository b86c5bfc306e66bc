"""The public list as files: JSON, a piece of HTML for other sites, the feed. The same bytes until something changes.

A process makes each once and keeps it until the next event; ``registry publish`` writes them into a folder.
"""

import hashlib
import io
import json
import os
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from flask import current_app, render_template

from registry.audit import LAST
from registry.config import ROOT
from registry.db import db
from registry.export import write_csv
from registry.public import atom, queries
from registry.public.changes import changes
from registry.public.queries import PublicAccount

JSON: Final = "application/json"
HTML: Final = "text/html"
CSV: Final = "text/csv"
#: It tells Excel that a CSV file is in UTF-8.
BYTE_ORDER_MARK: Final = b"\xef\xbb\xbf"
CSV_COLUMNS: Final = ("title", "platform", "handle", "url", "standing", "purpose", "language", "topics", "person")


@dataclass(frozen=True, slots=True)
class File:
    """A file as it is sent or written, and a tag that changes with it."""

    body: bytes
    mimetype: str
    etag: str = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "etag", hashlib.sha256(self.body).hexdigest()[:32])


def as_data(account: PublicAccount) -> dict[str, Any]:
    """An account as programs outside are told of it."""
    return {
        "platform": account.platform, "platform_name": account.platform_name, "kind": account.kind,
        "key": account.key, "url": account.url, "handle": account.handle, "title": account.title,
        "purpose": account.purpose, "standing": account.standing.value, "language": account.language,
        "place": account.place, "topics": account.topics, "person": account.person or None,
    }  # fmt: skip


def csv_row(account: PublicAccount) -> tuple[Any, ...]:
    """An account as ``CSV_COLUMNS`` names it."""
    return (
        account.title, account.platform_name, account.handle, account.url, account.standing.value, account.purpose,
        account.language, ", ".join(account.topics), account.person,
    )  # fmt: skip


def _as_json() -> File:
    accounts = [as_data(one) for one in queries.in_stable_order()]
    whole = {"organisation": current_app.config["SETTINGS"].organisation, "accounts": accounts}
    return File((json.dumps(whole, ensure_ascii=False, indent=1) + "\n").encode(), JSON)


def _as_html() -> File:
    accounts = queries.accounts(queries.PublicFilters())
    organisation = current_app.config["SETTINGS"].organisation
    text = render_template("public/embed.html", accounts=accounts, organisation=organisation, style="accounts.css")
    return File(text.encode(), HTML)


def _as_csv() -> File:
    text = io.StringIO(newline="")
    write_csv(text, CSV_COLUMNS, (csv_row(one) for one in queries.accounts(queries.PublicFilters())))
    return File(BYTE_ORDER_MARK + text.getvalue().encode(), CSV)


def _as_style() -> File:
    return File((ROOT / "static" / "embed.css").read_bytes(), "text/css")


def _as_feed() -> File:
    settings = current_app.config["SETTINGS"]
    body = atom.feed(organisation=settings.organisation, address=settings.address, changes=changes())
    return File(body, atom.ATOM)


FILES: Final[dict[str, Callable[[], File]]] = {
    "accounts.json": _as_json, "accounts.csv": _as_csv, "accounts.html": _as_html, "accounts.css": _as_style,
    "changes.atom": _as_feed,
}  # fmt: skip


#: Held while a file is made: of many who ask at once after a change, one makes it and the others wait for that.
_MAKING: Final = threading.Lock()


def file(name: str) -> File:
    """One of ``FILES``, made anew only after the next event: every change of an account records one."""
    kept: dict[str, tuple[Any, File]] = current_app.extensions.setdefault("public files", {})
    last = db.session.scalar(LAST)
    with _MAKING:
        if name not in kept or kept[name][0] != last:
            kept[name] = (last, FILES[name]())
        return kept[name][1]


def publish(folder: Path, *, names: Sequence[str] = tuple(FILES)) -> list[str]:
    """Write the files into ``folder``; the names of those that differ from what was there.

    Each is there whole or not at all, and one that would be the same is left alone with its date.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in names:
        body, place = FILES[name]().body, folder / name
        if place.exists() and hashlib.sha256(place.read_bytes()).digest() == hashlib.sha256(body).digest():
            continue
        _put(place, body)
        written.append(name)
    return written


def _put(place: Path, body: bytes) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(descriptor, "wb") as out:
            out.write(body)
        Path(temporary).chmod(0o644)  # A web server of somebody else's reads it.
        Path(temporary).replace(place)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
