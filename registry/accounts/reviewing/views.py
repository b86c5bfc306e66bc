"""What is asked of you about your accounts, and for comms the list of what nobody has looked at."""

from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry.accounts import actions as accounts
from registry.accounts.catalogue_address import STANDING_WORDS
from registry.accounts.models import Account, Standing, State
from registry.accounts.platforms import PLATFORMS
from registry.accounts.reviewing import actions, queries
from registry.accounts.reviewing.queries import Filters
from registry.accounts.seen import changeable_account, seen
from registry.db import db
from registry.export import download
from registry.roles import Role
from registry.web import allow, day, href_with, paging, viewer, whole

bp = Blueprint("reviews", __name__, url_prefix="/accounts")
KEEPERS: Final = (Role.COMMS, Role.ADMIN)
VIEWS: Final = {
    queries.LATE: "Overdue", queries.SOON: "Due within two weeks", queries.UNANSWERED: "Nobody answered",
    queries.ASLEEP: "Set dormant",
}  # fmt: skip
#: How far its people were asked, in the words of the list.
STAGES: Final = {
    None: "Not yet", "before": "Told that it is near", "due": "Once", "again": "Twice", "last": "Three times",
    "comms": "Three times, then comms", "asleep": "Three times, then comms",
}  # fmt: skip


@bp.get("/reviews")
@allow(Role.STAFF)
def mine() -> str:
    """Your accounts that are due or late, each with its button."""
    return render_template("accounts/reviews.html", mine=queries.mine(viewer().id), platforms=PLATFORMS)


@bp.post("/reviews/<int:account_id>")
@allow(Role.STAFF)
def answer(account_id: int) -> Any:
    """ "Still right", or "it is in use" for one that was set dormant: one button, nothing to fill in."""
    account = _own(account_id)
    try:
        if account.state is State.DORMANT:
            actions.wake(account=account, actor=viewer())
        else:
            actions.still_right(account=account, actor=viewer())
    except (actions.NotAsleep, accounts.NothingToReview):
        flash(f"{account.title} is {account.state.value}, so there is nothing to answer.", "info")
    else:
        db.session.commit()
        flash(f"Thank you. We will ask about {account.title} again on {day(account.review_on)}.", "success")
    return redirect(url_for("reviews.mine"))


def _own(account_id: int) -> Account:
    return changeable_account(account_id)


@bp.post("/<int:account_id>/wake")
@allow(Role.STAFF)
def wake(account_id: int) -> Any:
    """It was set dormant as nobody answered, and is in use: from its own page."""
    account = _own(account_id)
    try:
        actions.wake(account=account, actor=viewer())
    except actions.NotAsleep:
        flash(f"{account.title} is {account.state.value}: there is nothing to wake.", "info")
    else:
        db.session.commit()
        flash(f"{account.title} is live again. We will ask again on {day(account.review_on)}.", "success")
    return redirect(url_for("accounts.page", account_id=account_id))


# --- For comms --------------------------------------------------------------------------------------------


def _filters() -> Filters:
    """What the address narrows the list to; what it does not understand narrows nothing."""
    args = request.args
    standing = args.get("standing")
    return Filters(
        seen=seen(),
        view=next((view for view in VIEWS if view == args.get("view")), queries.LATE),
        platform=next((slug for slug in PLATFORMS if slug == args.get("platform")), ""),
        standing=next((one for one in Standing if one == standing), None),
        team=whole(args.get("team")),
    )


@bp.get("/reviews/overdue")
@allow(*KEEPERS)
def overdue() -> Any:
    """Accounts that nobody has looked at in time, narrowed, and the same as a file."""
    filters = _filters()
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return download("reviews", form, queries.COLUMNS, map(_cells, queries.rows(filters)))
    counts = queries.counts(filters)
    pages = paging(counts[filters.view])
    return render_template(
        "accounts/overdue.html", rows=queries.rows(filters, limit=pages.size, offset=pages.offset), paging=pages,
        filters=filters, counts=counts, views=VIEWS, stages=STAGES, platforms=PLATFORMS, teams=queries.teams(seen()),
        standings=STANDING_WORDS, narrowed=bool(filters.platform or filters.standing or filters.team),
    )  # fmt: skip


def _cells(row: Any) -> list[Any]:
    values = [getattr(row, name) for name in queries.COLUMNS[:-1]]
    return [*values, STAGES[row.stage]]


@bp.post("/reviews/overdue")
@allow(*KEEPERS)
def remind() -> Any:
    """Ask the people of the chosen accounts, or of all that the filters show."""
    chosen = [number for number in map(whole, request.form.getlist("account")) if number is not None]
    everybody = request.form.get("whom") == "all"
    told = actions.remind(accounts=queries.to_remind(_filters(), None if everybody else chosen), actor=viewer())
    db.session.commit()
    if not everybody and not chosen:
        flash("Choose an account first, or remind all of them.", "info")
    else:
        flash(_told(told), "success" if told.written else "info")
    return redirect(href_with(format=None))


def _told(told: actions.Reminded) -> str:
    """What became of it, in a sentence or three."""
    people = ("Nobody is", "One person is")[told.written] if told.written < 2 else f"{told.written:,} people are"
    parts = [f"{people} written to."]
    if told.lately:
        some = "One had" if told.lately == 1 else f"{told.lately:,} had"
        parts.append(
            f"{some} a mail about reviews within a week, and {'gets' if told.lately == 1 else 'get'} none now."
        )
    if told.unreachable:
        accounts_left = "one account" if told.unreachable == 1 else f"{told.unreachable:,} accounts"
        parts.append(f"Of {accounts_left} nobody has an address to write to.")
    return " ".join(parts)
