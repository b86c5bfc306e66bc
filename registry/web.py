"""What every page shares: who may see it, its headers, the one error page, filters, static addresses, paging."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property, lru_cache
from typing import Any, Final, Literal, Protocol, TypeVar, cast
from urllib.parse import urlencode

from flask import Flask, Response, abort, current_app, g, redirect, render_template, request, url_for
from flask import Request as FlaskRequest
from flask_login import LoginManager, current_user
from flask_wtf.csrf import CSRFError, CSRFProtect
from sqlalchemy.exc import OperationalError
from werkzeug.datastructures import ImmutableMultiDict, MultiDict
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.wrappers import Response as WerkzeugResponse

from registry import addresses, assets, outside
from registry.db import LONDON
from registry.fields import UNSEEN
from registry.logs import log
from registry.roles import Role

EVERYONE: Final = "everyone"
#: Everybody, where the setting ``public`` says so, else nobody. All are given the same, so nobody is known.
PUBLIC: Final = "public"
#: Programs; the part that answers them asks for their token.
TOKEN: Final = "token"  # noqa: S105 - the name of a door, not what opens it
#: Whoever has a secret address, which says whose it is; the part that it leads to looks whether it is right.
LINK: Final = "link"
PAGE_SIZE: Final = 50
#: How waitress serves: a browser that sends nothing more is let go before others have to wait for its place.
WAITRESS: Final[dict[str, Any]] = {"ident": "registry", "connection_limit": 1000, "channel_timeout": 30}
LARGEST_POST: Final = 16 * 1024 * 1024

CSP: Final = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
HEADERS: Final = {
    "Content-Security-Policy": CSP,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
}

View = TypeVar("View", bound=Callable[..., Any])
Row = TypeVar("Row")
csrf = CSRFProtect()
login = LoginManager()


class ViewWithoutRole(Exception):
    """The app does not start: these views name nobody who may see them."""


class Request(FlaskRequest):
    """A request whose address asks in characters that can be shown: what pages repeat of it is then sound HTML."""

    @cached_property
    def args(self) -> MultiDict[str, str]:
        """The query of the address, without controls, half pairs and text-direction tricks."""
        return ImmutableMultiDict((name, UNSEEN.sub("", value)) for name, value in super().args.items(multi=True))


class Viewer(Protocol):
    """The signed-in person, as far as pages need to know."""

    id: Any
    name: Any
    username: Any

    @property
    def roles(self) -> frozenset[Role]:
        """What they may do."""


def viewer() -> Viewer:
    """The signed-in person; only for views that not everyone may see."""
    return cast(Viewer, current_user._get_current_object())


def may(*roles: Role) -> bool:
    """Whether the person at the other end holds one of ``roles``."""
    return bool(current_user.is_authenticated and viewer().roles & set(roles))


def allow(*roles: Role | Literal["everyone", "public", "token", "link"]) -> Callable[[View], View]:
    """Name who may see a view: one or more roles, or ``EVERYONE`` for people who are not signed in too.

    ``PUBLIC``, ``TOKEN`` and ``LINK`` are for those outside, who are never known by a session.
    """

    def mark(view: View) -> View:
        view.allowed = frozenset(roles)  # type: ignore[attr-defined]
        return view

    return mark


def allowed(app: Flask, endpoint: str) -> frozenset[str]:
    """The roles that the view of ``endpoint`` names; empty where it names none."""
    return cast(frozenset[str], getattr(app.view_functions[endpoint], "allowed", frozenset()))


def check_views(app: Flask) -> None:
    """Raise ``ViewWithoutRole`` unless every view says who may see it."""
    silent = sorted(endpoint for endpoint in app.view_functions if not allowed(app, endpoint))
    if silent:
        raise ViewWithoutRole(f"These views name nobody who may see them, write @allow(…): {', '.join(silent)}")


def _refuse_the_wrong() -> WerkzeugResponse | None:
    if request.endpoint is None or EVERYONE in (names := allowed(current_app, request.endpoint)):
        return None
    if names & {PUBLIC, TOKEN, LINK}:
        g.shared = True
        know_nobody()
        if not names & {TOKEN, LINK} and not current_app.config["SETTINGS"].public:
            abort(404)
        return None
    if not current_user.is_authenticated:
        if request.method == "GET":
            return redirect(url_for("people.sign_in", next=request.full_path.rstrip("?")))
        abort(401)
    if not viewer().roles & names:
        abort(404)
    return None


def know_nobody() -> None:
    """Answer as to somebody who is not signed in, and ask the database for nobody."""
    g.minimal = True  # The frame of the page then asks for nobody either,
    g._login_user = login.anonymous_user()  # nor does Flask-Login, which would look for the sign-in.


def found(row: Row | None) -> Row:
    """``row`` where there is one, else the page that says there is none."""
    if row is None:
        abort(404)
    return row


def whole(text: str | None) -> int | None:
    """A row's id as it came in an address or a form, or ``None`` where it is no such number."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 10 else None


def safe_next(address: str | None) -> str:
    """``address`` where it is a path of this app, else the home page: nobody is sent to another site."""
    home = url_for("home.page")
    if not address or not address.startswith("/") or address.startswith("//"):
        return home
    return home if "\\" in address or not address.isprintable() else address


#: Where the app keeps how to wake the worker: the jobs stand above the parts that have pages.
WAKE: Final = "wake"


def wake_worker(job: str) -> None:
    """Have the worker do ``job`` at once rather than within the minute. Call it after the commit."""
    current_app.extensions[WAKE](job)


# --- Dates ------------------------------------------------------------------------------------------------


def day(value: date | datetime | None) -> str:
    """ "21 November 2026", in London."""
    if value is None:
        return ""
    local = value.astimezone(LONDON) if isinstance(value, datetime) else value
    return f"{local.day} {local:%B %Y}"


def moment(value: datetime | None) -> str:
    """ "21 November 2026, 14:05", in London."""
    return f"{day(value)}, {value.astimezone(LONDON):%H:%M}" if value else ""


def london(value: datetime) -> datetime:
    """The moment as London's clocks show it."""
    return value.astimezone(LONDON)


def ago(value: datetime | None) -> str:
    """ "3 days ago", for lists where the exact time does not matter."""
    if value is None:
        return "never"
    seconds = (datetime.now(UTC) - value).total_seconds()
    for length, name in (
        (86400 * 365, "year"),
        (86400 * 30, "month"),
        (86400, "day"),
        (3600, "hour"),
        (60, "minute"),
    ):
        if (count := int(seconds // length)) >= 1:
            return f"{count} {name}{'s' if count > 1 else ''} ago"
    return "just now"


# --- People -----------------------------------------------------------------------------------------------

FACES: Final = 8


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """One or two letters for a circle. A name may be told again in another script: "Tang (唐)" is T."""
    words = name.partition("(")[0].split() or name.split() or ["?"]
    return (words[0][0] + (words[-1][0] if len(words) > 1 else "")).upper()


@lru_cache(maxsize=4096)
def face(name: str) -> int:
    """Which of the eight colours somebody's circle has; it follows from the name, so that they keep it."""
    return sum(name.encode()) % FACES + 1


# --- Lists ------------------------------------------------------------------------------------------------


def href_with(**changes: object) -> str:
    """The address of this page with some of its query changed; ``None`` takes a part away.

    Where a page answers a form that has another address, its view says the page's own as ``g.page_path``.
    """
    pairs = [(key, value) for key, value in request.args.items(multi=True) if key not in changes]
    for key, value in changes.items():
        values = value if isinstance(value, list | tuple) else [value]
        pairs += [(key, str(one)) for one in values if one is not None]
    here = g.get("page_path") or f"{request.script_root}{request.path}"
    return f"{here}?{urlencode(pairs)}" if pairs else here


@dataclass(frozen=True, slots=True)
class Paging:
    """Where a page of a list stands in the whole of it."""

    page: int
    total: int
    size: int = PAGE_SIZE

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))

    @property
    def first(self) -> int:
        return min((self.page - 1) * self.size + 1, self.total)

    @property
    def last(self) -> int:
        return min(self.page * self.size, self.total)

    @property
    def offset(self) -> int:
        return (self.page - 1) * self.size

    @property
    def near(self) -> list[int]:
        """The pages worth a link: the first, the last, this one and its neighbours."""
        last = self.pages
        return sorted({1, last, *(one for one in (self.page - 1, self.page, self.page + 1) if 1 <= one <= last)})

    def href(self, number: int) -> str:
        return href_with(page=number if number > 1 else None)


def paging(total: int, size: int = PAGE_SIZE) -> Paging:
    """The page that the address asks for, kept within what there is."""
    asked = request.args.get("page", "1")
    number = int(asked) if asked.isascii() and asked.isdigit() and len(asked) < 8 else 1
    last = max(1, -(-total // size))
    return Paging(page=min(max(number, 1), last), total=total, size=size)


@dataclass(frozen=True, slots=True)
class Sort:
    """By which column a list is ordered."""

    key: str
    descending: bool

    def href(self, key: str) -> str:
        """The address that sorts by ``key``, or turns the order round where it already does."""
        turned = key == self.key and not self.descending
        return href_with(sort=f"-{key}" if turned else key, page=None)


def sort_from(keys: tuple[str, ...]) -> Sort:
    """The order that the address asks for; the first of ``keys`` where it asks for none of them."""
    asked = request.args.get("sort", "")
    name = asked.removeprefix("-")
    return Sort(name, asked.startswith("-")) if name in keys else Sort(keys[0], False)


# --- Errors -----------------------------------------------------------------------------------------------

WORDS: Final[dict[int, tuple[str, str]]] = {
    400: ("We could not read that", "Something in what your browser sent was not as expected. Go back and try again."),
    401: ("You are signed out", "Nothing was kept. Go back, copy what you typed, then sign in and send it again."),
    404: ("Page not found", "It does not exist, or it is not for your role. Check the address, or begin at home."),
    405: ("That does not work here", "Go back to the page you came from and use its button."),
    413: ("That is too large", "Send less than 16 MB at once."),
    429: ("That was a lot at once", "Wait a minute, then go on."),
    500: ("Something went wrong", "Nothing was changed. It has been noted; try again in a few minutes."),
    503: ("The register is busy", "Nothing was changed. Try again in a minute."),
}  # fmt: skip


def error_page(status: int, heading: str = "", message: str = "") -> tuple[str | Response, int]:
    """The one error page; it runs no query, so that it still works when the database does not."""
    know_nobody()
    usual = WORDS.get(status, WORDS[500] if status >= 500 else WORDS[400])
    if outside.for_programs():
        return outside.problem(status, *outside.WORDS.get(status, usual)), status
    steps = [("Go to the home page", "/")]
    if status == 401:
        steps.insert(0, ("Sign in", "/sign-in"))
    return render_template(
        "error.html", status=status, heading=heading or usual[0], message=message or usual[1], next_steps=steps,
        minimal=True,
    ), status  # fmt: skip


def _on_http_error(error: HTTPException) -> WerkzeugResponse | tuple[str | Response, int, dict[str, str]]:
    if error.code and 300 <= error.code < 400:
        return error.get_response()
    more = {"Retry-After": "60"} if error.code == 429 else {}
    if isinstance(error, MethodNotAllowed) and error.valid_methods:
        more["Allow"] = ", ".join(sorted(error.valid_methods))
    return *error_page(error.code or 500), more


def _on_csrf_error(_error: CSRFError) -> tuple[str | Response, int]:
    return error_page(
        400, "This page is no longer valid", "Go back, copy what you typed, then reload the page and send it again."
    )


def _on_busy_database(error: OperationalError) -> tuple[str | Response, int]:
    told = str(error.orig).lower()
    if not any(word in told for word in ("locked", "lock timeout", "connect")):
        return _on_any_error(error)  # A wrong statement is ours to mend, and trying again does not help.
    log.error("database", problem=str(error.orig))
    return error_page(503)


def _on_any_error(error: Exception) -> tuple[str | Response, int]:
    log.error("unexpected", exc_info=error, route=request.url_rule.rule if request.url_rule else "")
    return error_page(500)


def _add_headers(response: Response) -> Response:
    said = {name.lower() for name, _ in response.headers} | {name.lower() for name in g.get("without_headers", ())}
    response.headers.extend([pair for pair in HEADERS.items() if pair[0].lower() not in said])
    if not request.path.startswith("/static/"):
        response.headers.setdefault("Cache-Control", "no-store")
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers.setdefault("Strict-Transport-Security", f"max-age={assets.A_YEAR}")
    return response


def init_app(app: Flask) -> None:
    """Put on ``app`` what all pages share."""
    app.request_class = Request
    app.session_interface = outside.Sessions()
    app.url_rule_class = addresses.Rule
    app.url_map.converters["int"] = addresses.SmallInteger
    csrf.init_app(app)
    login.init_app(app)
    login.session_protection = None  # The session row is the protection; see people/signin.py.
    app.before_request(_refuse_the_wrong)
    app.after_request(_add_headers)
    app.register_error_handler(CSRFError, _on_csrf_error)
    app.register_error_handler(HTTPException, _on_http_error)
    app.register_error_handler(OperationalError, _on_busy_database)
    app.register_error_handler(Exception, _on_any_error)
    app.jinja_env.filters.update(day=day, moment=moment, ago=ago, london=london, initials=initials, face=face)
    app.jinja_env.globals.update(href_with=href_with, may=may, Role=Role)
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    assets.init_app(app)
