"""The pages of those who run an account alone, and of introductions to colleagues."""

from collections.abc import Iterator
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request, url_for

from registry import audit
from registry.accounts.forms import ButtonForm
from registry.accounts.platforms import PLATFORMS
from registry.accounts.queries import sight_of
from registry.db import db
from registry.export import download
from registry.network import actions, buddies, introducing, queries
from registry.network.buddies import Suggestion
from registry.network.forms import ChoicesForm
from registry.network.models import PeerChoice
from registry.network.queries import PeerFilters
from registry.network.views import SEE_ALONE, audiences_here
from registry.people.models import Person
from registry.people.queries import person as find_person
from registry.roles import Role
from registry.web import allow, found, paging, viewer, whole

bp = Blueprint("alone", __name__, url_prefix="/people")
COLUMNS: Final = ("name", "title", "team", "platforms", "suggested", "why")


def _filters() -> PeerFilters:
    sight = sight_of(viewer(), viewer().roles)
    return PeerFilters(sight, audiences_here(), only=queries.ALONE, peers=False)


def _plan(filters: PeerFilters) -> dict[int, list[Suggestion]]:
    """Suggestions for all who are alone, so that nobody is suggested too often however many pages there are."""

    def make() -> dict[int, list[Suggestion]]:
        return buddies.suggestions([one.id for one in queries.people(filters, limit=None)], buddies.names())

    return audit.remembered(("buddies", filters.sight), make)


@bp.get("/alone")
@allow(*SEE_ALONE)
def index() -> Any:
    """Who runs an account alone, and whom they could be introduced to."""
    filters = _filters()
    plan = _plan(filters)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return download("alone", form, COLUMNS, _exported(filters, plan))
    pages = paging(queries.count(filters), size=20)
    people = queries.people(filters, limit=pages.size, offset=pages.offset)
    named = buddies.people_named([two.person_id for one in people for two in plan.get(one.id, ())])
    return render_template(
        "network/alone.html", people=people, paging=pages, plan=plan, named=named, platforms=PLATFORMS,
        runs=queries.platforms_of([one.id for one in people], filters.sight), refusing=buddies.refusing(),
        met=buddies.met([one.id for one in people]),
    )  # fmt: skip


def _exported(filters: PeerFilters, plan: dict[int, list[Suggestion]]) -> Iterator[tuple[Any, ...]]:
    people = queries.people(filters, limit=None)
    runs: dict[int, list[str]] = {}
    for start in range(0, len(people), 5_000):
        runs |= queries.platforms_of([one.id for one in people[start : start + 5_000]], filters.sight)
    named = buddies.people_named([two.person_id for some in plan.values() for two in some])
    for one in people:
        some = plan.get(one.id, [])
        row = (one.name, one.title, one.team.path if one.team else "", ", ".join(runs.get(one.id, [])))
        told = "; ".join(named[two.person_id].name for two in some)
        yield *row, told, " | ".join("; ".join(two.reasons) for two in some)


@bp.post("/alone/introduce")
@allow(Role.ORGANISER, Role.COMMS)
def introduce() -> Any:
    """Write to both; nobody is introduced to the same colleague twice."""
    pair = [_person(request.form.get(name)) for name in ("alone", "buddy")]
    if not ButtonForm().validate_on_submit() or None in pair:
        flash("Nobody was introduced. Choose two colleagues from the list.", "error")
        return redirect(url_for("alone.index"))
    alone, buddy = (found(one) for one in pair)
    try:
        introducing.check(alone=alone, buddy=buddy, sight=sight_of(viewer(), viewer().roles))
        introducing.introduce(alone=alone, buddy=buddy, actor=viewer())
    except introducing.CannotIntroduce as reason:
        flash(f"Nobody was introduced. {reason}", "error")
    else:
        db.session.commit()
        flash(_introduced(alone, buddy), "success")
    return redirect(url_for("alone.index", page=request.args.get("page")))


def _introduced(*pair: Person) -> str:
    """What is said then; many on the frontline have no address."""
    told = " and ".join(one.name for one in pair) + " are introduced: "
    if unwritten := [one.name for one in pair if not one.mail]:
        has = "has no mail address and reads" if len(unwritten) == 1 else "have no mail address and read"
        return f"{told}{' and '.join(unwritten)} {has} of it on the home page."
    return f"{told}each gets a mail about the other."


def _person(number: str | None) -> Person | None:
    return find_person(person_id) if (person_id := whole(number)) else None


# --- One's own --------------------------------------------------------------------------------------------


@bp.get("/me/introductions")
@allow(Role.STAFF)
def mine() -> str:
    """Whom one was introduced to, and what peers may ask."""
    choice = db.session.get(PeerChoice, viewer().id)
    form = ChoicesForm(
        formdata=None, introductions=not (choice and choice.no_introductions), calls=not (choice and choice.no_calls)
    )
    return render_template("network/introductions.html", introductions=introducing.mine(viewer().id), form=form)


@bp.post("/me/introductions")
@allow(Role.STAFF)
def choose() -> Any:
    """May colleagues be introduced, may one be asked for help: yes or no to each."""
    form = ChoicesForm()
    if not form.validate_on_submit():
        page = render_template("network/introductions.html", introductions=introducing.mine(viewer().id), form=form)
        return page, 422
    actions.choose(person=viewer(), introductions=form.introductions.data, calls=form.calls.data)
    db.session.commit()
    flash("Kept. It holds from now on.", "success")
    return redirect(url_for("alone.mine"))


@bp.post("/me/introductions/<int:introduction_id>/settled")
@allow(Role.STAFF)
def settled(introduction_id: int) -> Any:
    """Take an introduction off the home page."""
    introduction = found(introducing.mine_only(introduction_id, viewer().id))
    introducing.settle(introduction=introduction, person=viewer())
    db.session.commit()
    flash("Good. It is off your home page.", "success")
    return redirect(url_for("alone.mine"))
