"""The read API: accounts, who answers for them, topics, platforms and lists, as far as a token reaches."""

from typing import Any

from flask import Blueprint, Response, abort, g, jsonify, request
from spectree import Response as Answers

from registry.accounts.platforms import PLATFORMS
from registry.accounts.queries import Filters
from registry.api import door, queries
from registry.api.models import Scope
from registry.api.openapi import Unfit, document, spec
from registry.api.schemas import (
    Account,
    AccountPage,
    AccountsQuery,
    Answerer,
    FollowEntry,
    FollowList,
    FollowLists,
    PageQuery,
    PeoplePage,
    Person,
    Platform,
    Platforms,
    Problem,
    Team,
    Topic,
    Topics,
    WholeFollowList,
)
from registry.lists import models as list_models
from registry.lists import queries as lists
from registry.lists.feeds import feed_of
from registry.outside import problem, share
from registry.web import TOKEN, allow

bp = Blueprint("api", __name__, url_prefix="/api/v1")
#: Seconds that a cache may keep what anybody may read.
KEPT_FOR = 60


class Needs(Exception):
    """What is asked for needs a scope that the token has not."""

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"This needs a token with the scope {scope.value}.")


@bp.before_request
def let_in() -> Response | None:
    """Ask for the token, but not where anybody may read."""
    try:
        g.scopes = door.enter().scopes
    except door.Closed as closed:
        answer = problem(401, "No way in", str(closed))
        answer.headers["WWW-Authenticate"] = 'Bearer realm="Social Account Registry"'
        return answer
    return None


@bp.errorhandler(Needs)
def needs_more(needs: Needs) -> Response:
    """A token is good, but not for this."""
    return problem(403, "Out of reach", str(needs))


@bp.errorhandler(Unfit)
def unfit(fault: Unfit) -> Response:
    """The question is not as expected."""
    detail = "; ".join(f"{one['parameter']}: {one['message']}" for one in fault.faults)
    return problem(422, "We could not read that", detail, errors=fault.faults)


@bp.after_request
def let_keep(answer: Response) -> Response:
    """Nobody but a program that has a token may keep what it was told; it is not sent again while it is the same."""
    if answer.status_code != 200 or answer.is_streamed:
        return answer
    if "Authorization" in request.headers:
        answer.headers["Cache-Control"] = "private, no-cache"
        answer.add_etag()
        answer.make_conditional(request)
    else:
        share(answer, seconds=KEPT_FOR)
    answer.vary.add("Authorization")
    return answer


def _need(scope: Scope) -> None:
    if scope not in g.scopes:
        raise Needs(scope)


def _next(rows: Any, limit: int) -> str | None:
    """The cursor after ``limit`` of ``rows``, of which one more was asked for to see whether there is any."""
    return queries.cursor_after(rows[limit - 1].id) if len(rows) > limit else None


# --- Accounts ---------------------------------------------------------------------------------------------


@bp.get("/accounts")
@allow(TOKEN)
@spec.validate(resp=Answers(HTTP_200=AccountPage, HTTP_403=Problem), tags=["Accounts"])
def accounts(query: AccountsQuery) -> AccountPage:
    """Accounts, some at a time."""
    if query.team or query.signed or query.sole or query.late:
        _need(Scope.ACCOUNTS)
    filters = Filters(
        platform=tuple(query.platform), standing=tuple(query.standing), state=tuple(query.state),
        place=tuple(query.place), team=tuple(query.team), signed=query.signed or "", sole=query.sole, late=query.late,
    )  # fmt: skip
    conditions = [
        *filters.conditions(), *queries.saying(query.q or "", g.scopes), *queries.about(query.topic),
        *queries.in_language(query.language),
    ]  # fmt: skip
    rows = queries.accounts(g.scopes, conditions, after=queries.id_before(query.cursor), limit=query.limit + 1)
    ends = [row.Account for row in rows]
    return AccountPage(items=_told(rows[: query.limit]), next=_next(ends, query.limit))


@bp.get("/accounts/<int:account_id>")
@allow(TOKEN)
@spec.validate(resp=Answers(HTTP_200=Account, HTTP_404=Problem), tags=["Accounts"])
def account(account_id: int) -> Account:
    """One account. One that is out of reach is answered as one that is not there."""
    rows = queries.accounts(g.scopes, queries.is_account(account_id), after=0, limit=1)
    if not rows:
        abort(404)
    return _told(rows)[0]


def _told(rows: Any) -> list[Account]:
    topics = queries.topics_of([row.Account.id for row in rows])
    return [_as_told(row, topics.get(row.Account.id, [])) for row in rows]


def _as_told(row: Any, topics: list[str]) -> Account:
    one, scopes = row.Account, g.scopes
    inside = {} if Scope.ACCOUNTS not in scopes else {
        "visibility": one.visibility.value, "team": Team(id=one.team_id, path=row.team_path) if one.team_id else None,
        "approved_at": one.approved_at, "review_on": one.review_on, "closed_at": one.closed_at,
    }  # fmt: skip
    people = {name: _person(row, name) if Scope.PEOPLE in scopes else None for name in ("owner", "deputy")}
    plain = ("id", "platform", "kind", "key", "url", "handle", "title", "purpose", "standing", "state", "language",
             "place")  # fmt: skip
    nothing: dict[str, Any] = dict.fromkeys(("visibility", "team", "approved_at", "review_on", "closed_at"))
    return Account(
        **{name: getattr(one, name) for name in plain}, topics=topics, **(nothing | inside), **people,
        mailbox=one.mailbox if Scope.MAIL in scopes else None,
    )  # fmt: skip


def _person(row: Any, name: str) -> Person | None:
    if getattr(row, f"{name}_id") is None:
        return None
    told = {part: getattr(row, f"{name}_{part}") for part in ("id", "name", "title", "mail")}
    if Scope.MAIL not in g.scopes:
        told["mail"] = None
    return Person(**told, team=getattr(row, f"{name}_path"))


# --- People -----------------------------------------------------------------------------------------------


@bp.get("/people")
@allow(TOKEN)
@spec.validate(resp=Answers(HTTP_200=PeoplePage, HTTP_403=Problem), tags=["People"])
def people(query: PageQuery) -> PeoplePage:
    """Who answers for the accounts within reach; needs the scope `people`."""
    _need(Scope.PEOPLE)
    rows = queries.people(g.scopes, after=queries.id_before(query.cursor), limit=query.limit + 1)
    run = queries.run_by(g.scopes, [row.id for row in rows])
    with_mail = Scope.MAIL in g.scopes
    items = [
        Answerer(
            id=row.id, name=row.name, title=row.title, team=row.team, mail=row.mail if with_mail else None,
            owns=run[row.id][0], deputises=run[row.id][1],
        )
        for row in rows[: query.limit]
    ]  # fmt: skip
    return PeoplePage(items=items, next=_next(rows, query.limit))


# --- Topics, platforms, lists -----------------------------------------------------------------------------


@bp.get("/topics")
@allow(TOKEN)
@spec.validate(resp=Answers(HTTP_200=Topics), tags=["Topics and platforms"])
def topics() -> Topics:
    """What the accounts within reach are about."""
    return Topics(items=[Topic(name=row.name, accounts=row.accounts) for row in queries.topics(g.scopes)])


@bp.get("/platforms")
@allow(TOKEN)
@spec.validate(resp=Answers(HTTP_200=Platforms), tags=["Topics and platforms"])
def platforms() -> Platforms:
    """The platforms that the register knows."""
    counts = queries.by_platform(g.scopes)
    return Platforms(
        items=[
            Platform(slug=slug, name=one.name, closed=one.closed, accounts=counts.get(slug, 0))
            for slug, one in PLATFORMS.items()
        ]
    )


def _audience() -> list_models.Audience:
    return list_models.Audience.COLLEAGUES if Scope.ACCOUNTS in g.scopes else list_models.Audience.EVERYONE


@bp.get("/lists")
@allow(TOKEN)
@spec.validate(resp=Answers(HTTP_200=FollowLists), tags=["Lists"])
def follow_lists() -> FollowLists:
    """The lists of whom to follow."""
    found = lists.for_audience(_audience())
    return FollowLists(items=[_list(one, count) for one, count in found])


def _list(one: list_models.FollowList, count: int) -> FollowList:
    return FollowList(
        slug=one.slug, title=one.title, topic=one.topic, about=one.about, accounts=count, changed_at=one.changed_at
    )


@bp.get("/lists/<slug>")
@allow(TOKEN)
@spec.validate(resp=Answers(HTTP_200=WholeFollowList, HTTP_404=Problem), tags=["Lists"])
def follow_list(slug: str) -> WholeFollowList:
    """One list, with the accounts on it."""
    one = lists.by_slug(slug)
    if one is None or not lists.is_for(one, _audience()):
        abort(404)
    entries = lists.entries(one.id, readers=lists.seen_by(one.audience))
    told = [
        FollowEntry(
            account_id=entry.account_id, platform=entry.platform, handle=entry.handle, title=entry.title,
            url=entry.url, feed=feed_of(entry) or None, why=entry.why,
        )
        for entry in entries
    ]  # fmt: skip
    return WholeFollowList(**_list(one, len(told)).model_dump(), entries=told)


@bp.get("/openapi.json")
@allow(TOKEN)
def openapi() -> Any:
    """The description of all this (OpenAPI 3.1)."""
    return jsonify(document())
