"""The pages for people outside: is this account ours, which are, whom to follow. All that ask are given the same.

Nothing here knows who asks, and nothing that is typed is kept: it is not in the log, which names routes only.
"""

from typing import Any

from flask import Blueprint, Response, abort, current_app, g, jsonify, make_response, render_template, request, url_for

from registry.accounts.platforms import PLATFORMS, Refused, Resolved, name_of, resolve
from registry.lists import queries as lists
from registry.lists.feeds import feed_of
from registry.lists.files import file_of
from registry.lists.models import Audience
from registry.outside import problem, share
from registry.public import files, queries
from registry.public.queries import PublicAccount, PublicFilters
from registry.web import CSP, PUBLIC, allow, found, paging

bp = Blueprint("public", __name__)
#: Seconds that a cache may keep an answer: an account that is lost must soon be nobody's.
CHECKED_FOR = 60
LISTED_FOR = 300
#: The one answer for an account that is unknown, proposed, closed, or for colleagues only.
UNKNOWN = "We do not know this account as one of ours."
#: People outside register nothing, so they are not asked whether they mean to.
NOT_ITSELF = (
    "It is the address of a post, or of something else about an account, and such an address can be made to look like"
    " anybody’s. Open the account itself, then paste its address."
)
NOT_ALONE = "There is more in this than one address. Paste the address of the account alone."
FRAME = ("frame-ancestors 'none'", "frame-ancestors *")


def _page(template: str, seconds: int, **told: Any) -> Any:
    places = [("Our accounts", "public.index"), ("Check an account", "public.verify")]
    if lists.any_for_everyone():
        places.append(("Who to follow", "public.follow_lists"))
    told["navigation"] = [
        {"label": label, "href": url_for(endpoint), "current": request.endpoint == endpoint}
        for label, endpoint in places
    ]
    told |= {"contact": current_app.config["SETTINGS"].public_contact, "platforms": PLATFORMS}
    return share(make_response(render_template(template, minimal=True, **told)), seconds=seconds)


# --- Is this account ours? --------------------------------------------------------------------------------


def _checked() -> PublicAccount | Refused | None:
    """The account that the address of the request asks for, what is wrong with that, or nothing."""
    answer = resolve(request.args.get("url", ""), request.args.get("platform") or None)
    return queries.ours(answer) if isinstance(answer, Resolved) else answer


def _why(refused: Refused) -> str:
    """Why what was typed is no account's address, for people outside."""
    if refused.owner is None:
        return refused.note
    return NOT_ALONE if refused.reason == "a blank" else NOT_ITSELF


@bp.get("/verify")
@allow(PUBLIC)
def verify() -> Any:
    """One field, and an honest answer that does not repeat what was typed."""
    asked = bool(request.args.get("url", "").strip())
    answer = _checked() if asked else None
    refused, account = (answer, None) if isinstance(answer, Refused) else (None, answer)
    return _page(
        "public/verify.html", CHECKED_FOR, asked=asked, account=account, refused=refused and _why(refused),
        unknown=UNKNOWN,
        expects=queries.expectations(account) if account else [],
        named_platforms=[one for one in PLATFORMS.values() if not one.closed],
    )  # fmt: skip


@bp.get("/verify.json")
@allow(PUBLIC)
def verify_json() -> Any:
    """The same for programs."""
    if not request.args.get("url", "").strip():
        return problem(400, "No address", "Ask with ?url= and the address of an account."), 400
    answer = _checked()
    if isinstance(answer, PublicAccount):
        expects = [{"about": about, "words": words} for about, words in queries.expectations(answer)]
        told: dict[str, Any] = {"ours": True, "account": files.as_data(answer) | {"expectations": expects}}
    else:
        told = {"ours": False, "message": _why(answer) if answer else UNKNOWN}
    return share(jsonify(told), seconds=CHECKED_FOR, elsewhere=True)


# --- Which are ours ---------------------------------------------------------------------------------------


@bp.get("/public")
@allow(PUBLIC)
def index() -> Any:
    """The accounts that are for everyone, to search and to take along."""
    filters = PublicFilters(q=request.args.get("q", "").strip(), platform=_known(request.args.get("platform", "")))
    pages = paging(queries.count(filters))
    return _page(
        "public/index.html", LISTED_FOR, filters=filters, paging=pages, counts=queries.platforms(),
        accounts=queries.accounts(filters, limit=pages.size, offset=pages.offset), name_of=name_of,
    )  # fmt: skip


def _known(platform: str) -> str:
    return platform if platform in PLATFORMS else ""


@bp.get("/public/<name>")
@allow(PUBLIC)
def file(name: str) -> Any:
    """The list as a file, for other sites and programs: JSON, CSV, HTML to put into a frame, and a feed of changes."""
    if name not in files.FILES:
        abort(404)
    made = files.file(name)
    answer = Response(made.body, mimetype=made.mimetype)
    answer.set_etag(made.etag)
    if made.mimetype == files.CSV:
        answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    if made.mimetype == files.HTML:
        # It holds links and nothing else, so no other site gains by putting it into a frame.
        answer.headers["Content-Security-Policy"] = CSP.replace(*FRAME)
        g.without_headers = ("X-Frame-Options",)
    return share(answer, seconds=LISTED_FOR, elsewhere=True)


# --- Whom to follow ---------------------------------------------------------------------------------------


@bp.get("/public/lists")
@allow(PUBLIC)
def follow_lists() -> Any:
    """The lists of whom to follow that are for everyone."""
    return _page("public/lists.html", LISTED_FOR, lists=lists.for_audience(Audience.EVERYONE))


@bp.get("/public/lists/<shared_slug>")
@allow(PUBLIC)
def follow_list(shared_slug: str) -> Any:
    """One of them, to read or to take along."""
    one = found(lists.by_slug(shared_slug))
    found(one if one.audience is Audience.EVERYONE else None)
    entries = lists.entries(one.id, readers=lists.seen_by(Audience.EVERYONE))
    if (form := request.args.get("format")) in ("csv", "opml"):
        return share(file_of(one, entries, form), seconds=LISTED_FOR)
    return _page("public/list.html", LISTED_FOR, follow_list=one, entries=entries, feed_of=feed_of)
