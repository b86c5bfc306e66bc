"""Who has signed and who has not: for comms, auditors and administrators; comms remind those who have not."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final

from flask import Blueprint, flash, redirect, render_template, request
from markupsafe import Markup

from registry import audit
from registry.db import db, today
from registry.export import download
from registry.guidelines import chasing, queries, report
from registry.guidelines.models import Document
from registry.guidelines.report import Counts, Filters, TeamCounts
from registry.guidelines.standing import State
from registry.guidelines.writing import WRITERS
from registry.roles import Role
from registry.web import allow, found, href_with, may, paging, sort_from, viewer, whole

bp = Blueprint("sign_offs", __name__, url_prefix="/guidelines")
WATCHERS: Final = (Role.COMMS, Role.ADMIN, Role.AUDITOR)
STATES: Final = {
    State.OVERDUE: "Overdue", State.OWED: "To sign", State.DECLINED: "Declined", State.SIGNED: "Signed",
}  # fmt: skip
TOLD: Final = {report.MANAGER: "Their line manager was told", report.COMMS: "Comms were told"}
#: How a day may be written in the address: as browsers with a calendar send it, and as people type it.
DAYS: Final = ("%Y-%m-%d", "%d/%m/%Y")
TONES: Final = {State.OVERDUE: "amber", State.OWED: "blue", State.DECLINED: "grey", State.SIGNED: "teal"}
COUNTED: Final = ("people", "signed", "to_sign", "overdue", "declined")


def asked_day() -> date | None:
    """The day of the past that the address asks for; ``None`` for now, or where it is no such day."""
    for pattern in DAYS:
        try:
            on = datetime.strptime(request.args.get("as_of", "").strip(), pattern).date()  # noqa: DTZ007 - a day
        except ValueError:
            continue
        return on if on < today() else None
    return None


def _filters(document_id: int) -> Filters:
    """What the address narrows the list to; what it does not understand narrows nothing."""
    args, on, team = request.args, asked_day(), whole(request.args.get("team"))
    return Filters(
        document_id=document_id, on=on, team=team if not team or report.team(team) else None,
        q=args.get("q", "").strip(), state=next((one for one in State if one == args.get("state")), None),
        told="" if on else next((one for one in TOLD if one == args.get("told")), ""),
    )  # fmt: skip


@bp.get("/sign-offs")
@allow(*WATCHERS)
def overview() -> Any:
    """All documents side by side, and the same as a file."""
    on = asked_day()
    counted = report.by_document(on)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        rows = ([document.title, *_numbers(counts)] for document, counts in counted)
        return download("sign-offs", form, ("document", *COUNTED), rows)
    return render_template("guidelines/sign_offs_all.html", counted=counted, on=on, last=today())


def _numbers(counts: Counts) -> list[int]:
    return [counts.people, counts.signed, counts.owed, counts.overdue, counts.declined]


@dataclass(frozen=True, slots=True)
class Shown:
    """The page of one document as all see it who see the same."""

    slug: str
    title: str
    #: The numbers, the teams and the names, in HTML.
    results: Markup
    #: Whether anybody on it can be reminded by whoever looks.
    choosing: bool


@bp.get("/<slug>/sign-offs")
@allow(*WATCHERS)
def page(slug: str) -> Any:
    """How people stand with one document: the rate, the days, the teams, the names; and those as a file."""
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        filters, sort = _filters(found(queries.document(slug)).id), sort_from(report.SORTS)
        people = report.everybody(filters, sort=sort.key, descending=sort.descending)
        return download(f"{slug}-sign-offs", form, report.COLUMNS, (report.cells(one, filters.on) for one in people))
    # All that is on it changes together with an event: who signs, is asked, reminded, renamed or moved.
    key = ("page of sign-offs", request.script_root, request.full_path, may(*WRITERS), today())
    shown = audit.remembered(key, lambda: _shown(found(queries.document(slug))))
    return render_template("guidelines/sign_offs.html", shown=shown)


def _shown(document: Document) -> Shown:
    filters, sort = _filters(document.id), sort_from(report.SORTS)
    counts = report.counts(filters)
    pages = paging(getattr(counts, filters.state.value) if filters.state else counts.people)
    waiting = {State.OWED: counts.owed, State.OVERDUE: counts.overdue, None: counts.owed + counts.overdue}
    choosing = may(*WRITERS) and filters.on is None and bool(waiting.get(filters.state))
    text = render_template(
        "guidelines/sign_offs_results.html", document=document, filters=filters, sort=sort, counts=counts,
        paging=pages, choosing=choosing, team=report.team(filters.team), states=STATES, tones=TONES, told=TOLD,
        people=report.page(filters, sort=sort.key, descending=sort.descending, limit=pages.size, offset=pages.offset),
        last=today(),
        teams=() if filters.narrowed else report.worst_teams(document.id, filters.on),
        days=() if filters.narrowed or filters.on else report.days(document.id),
    )  # fmt: skip
    return Shown(document.slug, document.title, Markup(text), choosing)  # noqa: S704 - a template has just escaped it


@bp.get("/<slug>/sign-offs/teams")
@allow(*WATCHERS)
def teams(slug: str) -> Any:
    """How each team stands with one document, and the same as a file."""
    shown, on = found(queries.document(slug)), asked_day()
    counted = report.by_team(shown.id, on)
    if (form := request.args.get("format")) in ("csv", "xlsx"):
        return download(f"{slug}-teams", form, ("team", *COUNTED), map(_team_cells, counted))
    pages = paging(len(counted))
    some = counted[pages.offset : pages.offset + pages.size]
    return render_template("guidelines/sign_offs_teams.html", document=shown, teams=some, paging=pages, on=on)


def _team_cells(one: TeamCounts) -> list[Any]:
    return [one.path, *_numbers(one.counts)]


@bp.post("/<slug>/sign-offs")
@allow(*WRITERS)
def remind(slug: str) -> Any:
    """Remind the chosen people, or all that the filters show, of what they have to sign."""
    filters = _filters(found(queries.document(slug)).id)
    chosen = [number for number in map(whole, request.form.getlist("person")) if number is not None]
    everybody = request.form.get("whom") == "all"
    ids = report.to_remind(filters, None if everybody else chosen)
    told = chasing.remind(person_ids=ids, actor=viewer())
    db.session.commit()
    if not everybody and not chosen:
        flash("Choose somebody first, or remind all of them.", "info")
    else:
        flash(_told(told), "success" if told.written else "info")
    return redirect(href_with(format=None))


def _told(told: chasing.Reminded) -> str:
    """What became of it, in a few sentences."""
    people = ("Nobody is", "One person is")[told.written] if told.written < 2 else f"{told.written:,} people are"
    parts = [f"{people} written to."]
    if told.today:
        parts.append(f"{told.today:,} had a mail about sign-offs today, and get no second one.")
    if told.unreachable:
        parts.append(f"{told.unreachable:,} have no mail address: have a word with them, or with their manager.")
    if told.left:
        parts.append(f"{told.left:,} are left: press the button again for the next of them.")
    return " ".join(parts)
